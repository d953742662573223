/*
 * test_html_text.c
 *	  html_text.h and entities.h: tags, references, white space, hostile input.
 */
#include "parse/html_text.h"

#include "parse/entities.h"
#include "unit.h"

static Arena *arena;

/* The text of a fragment, with lines. */
static Text
clean_html(Arena *into, Text fragment)
{
	return text_clean(into, fragment, TEXT_FORM_HTML, false);
}

static void
html(const char *source, const char *text, const char *name)
{
	is_text(clean_html(arena, unit_string(source)), text, "%s", name);
}

static void
test_tags(void)
{
	html("a <b>bold</b> word", "a bold word", "inline elements");
	html("wo<em>rd</em>", "word", "within a word");
	html("<p>one</p><p>two</p>", "one\ntwo", "paragraphs");
	html("one<br>two<BR/>three", "one\ntwo\nthree", "line breaks");
	html("<ul>\n <li>one</li>\n <li>two</li>\n</ul>", "one\ntwo", "a list");
	html("<blockquote>one</blockquote>two", "one\ntwo", "a name longer than a key");
	html("<tr><td>a</td><td>b</td></tr><tr><td>c</td></tr>", "a b\nc", "a table");
	html("a<script>if (b < c) d();</script>e", "ae", "a script");
	html("a<STYLE type='x'>b { }</style >c", "ac", "a style");
	html("a<script src='b'/>c", "ac", "a script that ends itself");
	html("a<script>b", "a", "a script without an end");
	html("a<!-- b <i> --> c", "a c", "a comment");
	html("a<!-->b", "ab", "an empty comment");
	html("a<!-- b > c", "a c", "a comment without an end");
	html("a<?php b ?>c<!DOCTYPE d>e", "ace", "an instruction, a declaration");
	html("<a title=\"x > y\" href='b'>c</a>", "c", "an angle bracket in a value");
	html("<a title=\"x>y</a> z", "y z", "a value without an end");
	html("a < b, c <3 d", "a < b, c <3 d", "angle brackets that are none");
	html("a<b", "a", "a tag that the end cuts");
	html("a</>b</ c>d", "abd", "end tags for nothing");
	html("<unknown>a</unknown>", "a", "an unknown element");
	html("<img alt='no'>", "", "nothing but a picture");
}

static void
test_references(void)
{
	html("&lt;b&gt; &amp;amp; &quot;&apos;", "<b> &amp; \"'", "once, not twice");
	html("&eacute;&Eacute;&rsquo;&hellip;", "\xC3\xA9\xC3\x89\xE2\x80\x99\xE2\x80\xA6", "names");
	html("&NotEqualTilde;", "\xE2\x89\x82\xCC\xB8", "a name for two characters");
	html("&nLt;&nLt;", "\xE2\x89\xAA\xE2\x83\x92\xE2\x89\xAA\xE2\x83\x92", "longer than its name");
	html("&eacute, &copy2 &notit;",
		 "\xC3\xA9, \xC2\xA9"
		 "2 \xC2\xACit;",
		 "old names without a semicolon");
	html("&alpha &nosuch; & &;", "&alpha &nosuch; & &;", "what is none");
	html("&#233;&#xE9;&#XE9;&#233 ", "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9", "numbers");
	html("&#146;&#x80;", "\xE2\x80\x99\xE2\x82\xAC", "numbers of windows-1252");
	html("&#0;&#xD800;&#x110000;&#99999999999999;",
		 "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", "numbers of no character");
	html("&#; &#x; &#xg;", "&#; &#x; &#xg;", "no numbers");
	html("a&#1;&#xFFFE;b&#10;c", "ab c", "numbers of controls");
	is_text(entity_named(TEXT_LITERAL("AElig")), "\xC3\x86", "the first of the table");
	is_text(entity_named(TEXT_LITERAL("zwnj")), "\xE2\x80\x8C", "the last of the table");
	is_text(entity_named(TEXT_LITERAL("CounterClockwiseContourIntegral")), "\xE2\x88\xB3",
			"the longest");
	is_text(entity_named(TEXT_LITERAL("gt")), ">", "a short one");
	is_text(entity_named(TEXT_LITERAL("ac")), "\xE2\x88\xBE", "one that begins others");
	is_text(entity_named(TEXT_LITERAL("")), NULL, "no name");
	is_text(entity_named(TEXT_LITERAL("zzzz")), NULL, "behind the last");
	is_text(entity_named(TEXT_LITERAL("A")), NULL, "before the first");
}

static void
test_space(void)
{
	html("  a \t\n b  ", "a b", "squeezed and trimmed");
	html("a\xC2\xA0 b&nbsp;&nbsp;c", "a b c", "no-break spaces");
	html("a\xE2\x80\x89"
		 "b",
		 "a\xE2\x80\x89"
		 "b",
		 "a thin space stays");
	html("a \x01\x1F\x7F b", "a b", "controls");
	html("\xEF\xBB\xBF"
		 "a\xEF\xBF\xBE",
		 "a", "a mark and what is no character");
	html("caf\xC3\xA9 \xC2\xAB x \xC2\xBB", "caf\xC3\xA9 \xC2\xAB x \xC2\xBB", "letters");
	html("\xC2\x93q\xC2\x94", "\xE2\x80\x9Cq\xE2\x80\x9D", "C1 controls are windows-1252");
	html(" <p> </p> ", "", "nothing left");
	html("a ", "a", "a space at the end");
	is_text(clean_html(arena, TEXT_NULL), NULL, "absent");
	is_text(text_clean_line(arena, TEXT_LITERAL(" a\n<b> &amp;  c ")), "a <b> & c", "a line");
	is_text(text_clean(arena, TEXT_LITERAL("a\n \n b &amp; <i>"), TEXT_FORM_PLAIN, false),
			"a\nb &amp; <i>", "plain text has lines");
	is_text(text_clean(arena, TEXT_LITERAL("a<p>b"), TEXT_FORM_HTML, true), "a b",
			"HTML on a line");
}

static void
test_looks(void)
{
	ok(text_looks_like_html(TEXT_LITERAL("a <b>c</b>")), "a tag");
	ok(text_looks_like_html(TEXT_LITERAL("a<br/>")), "a tag alone");
	ok(text_looks_like_html(TEXT_LITERAL("R&amp;D")), "a reference");
	ok(text_looks_like_html(TEXT_LITERAL("&#8217;")), "a number");
	ok(!text_looks_like_html(TEXT_LITERAL("vector<int> &copy x, R&D; a < b <")), "none of HTML's");
	ok(!text_looks_like_html(TEXT_LITERAL("")), "nothing");
}

/* A megabyte of something that a careless search would read over and over. */
static void
hostile(const char *unit, const char *name)
{
	TextBuilder builder;

	arena_reset(arena);
	builder_start(&builder, arena);
	while (builder.len < 1 << 20)
		builder_append(&builder, unit, strlen(unit));
	ok(text_present(clean_html(arena, builder_text(&builder))), "a megabyte of %s", name);
	text_looks_like_html(builder_text(&builder));
}

int
main(void)
{
	Arena *small = arena_create(64);

	arena = arena_create(16 << 20);
	test_tags();
	test_references();
	test_space();
	test_looks();
	hostile("<", "angle brackets");
	hostile("<a", "tags without an end");
	hostile("<a b=\"", "quotes without an end");
	hostile("<!--", "comments without an end");
	hostile("<script>", "scripts without an end");
	hostile("</", "end tags without a name");
	hostile("&nLt;", "references that grow");
	hostile("\xC2\x80", "C1 controls");
	hostile("&", "ampersands");
	hostile("&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "names of nothing");
	is_text(clean_html(small, TEXT_LITERAL("more than sixty-four bytes of text, which an arena "
										   "of sixty-four cannot hold")),
			NULL, "the arena's limit");
	arena_free(small);
	arena_free(arena);
	return done_testing();
}
