/*
 * test_opml.c
 *	  opml_parse: lists that are right, wrong and hostile; the escaping.
 */
#include "parse/opml.h"

#include "unit.h"

#include <stdlib.h>

#define ARENA_LIMIT (4 << 20)
#define HEAD "<opml version=\"2.0\"><head><title>t</title></head><body>"
#define TAIL "</body></opml>"

static Arena  *arena;
static Failure failure;

static Opml *
parse(const char *document)
{
	failure = (Failure) FAILURE_INIT;
	arena_reset(arena);
	return opml_parse(arena, (Text){document, strlen(document)}, &failure);
}

/* The only entry of a document that must be readable; an empty one where there is no or more. */
static OpmlEntry
only_entry(const char *document, bool recovered)
{
	Opml	 *opml = parse(document);
	OpmlEntry none = {.n_categories = 0};

	ok(opml != NULL && opml->recovered == recovered, recovered ? "recovered" : "well-formed");
	ok(opml != NULL && opml->n_entries == 1, "one entry");
	return opml != NULL && opml->n_entries == 1 ? opml->entries[0] : none;
}

static void
test_entries(void)
{
	OpmlEntry entry = only_entry(HEAD "<outline text='A'><outline title='B' text='b'><outline>"
									  "<outline type='rss' text=' T ' title='' xmlUrl=' http://f ' "
									  "htmlUrl='http://s'/></outline></outline></outline>" TAIL,
								 false);

	is_text(entry.titre, "T", "an empty title gives way to the text");
	is_text(entry.url, "http://f", "trimmed URL");
	is_text(entry.site, "http://s", "site");
	is_text(entry.type, "rss", "type");
	if (is_int((int64_t) entry.n_categories, 2, "a group without a name does not count"))
	{
		is_text(entry.categories[0], "A", "outermost first");
		is_text(entry.categories[1], "B", "the title before the text");
	}

	entry = only_entry("<OPML><Outline XMLURL='u'/></OPML>", false);
	is_text(entry.titre, "u", "without a title: the URL");
	is_text(entry.site, NULL, "no site");
	is_text(entry.type, NULL, "no type");

	entry = only_entry("<?xml version='1.0' encoding='iso-8859-1'?><opml><outline text='\xE9t\xE9' "
					   "xmlUrl='u'/></opml>",
					   false);
	is_text(entry.titre, "été", "another encoding");

	entry = only_entry("<opml><outline text='&lt;a&amp;b&#233;&#xe9;&quot;&apos;&gt;' xmlUrl='u'/>"
					   "</opml>",
					   false);
	is_text(entry.titre, "<a&béé\"'>", "references");
}

static void
test_repairs(void)
{
	is_text(
		only_entry("<opml><outline text='a & b &c; &amp; &#; &#xZ;' xmlUrl='?x&y=1'/></opml>", true)
			.titre,
		"a & b &c; & &#; &#xZ;", "bare ampersands");
	is_text(only_entry("<opml><outline text='caf&eacute;' xmlUrl='u'/></opml>", true).titre, "café",
			"an entity of HTML's");
	is_text(only_entry("<opml><outline text='1 < 2 <b>' xmlUrl='u'/></opml>", true).titre,
			"1 < 2 <b>", "a bare less-than sign");
	is_text(
		only_entry("<opml><outline text='a\x01\x0C\xEF\xBF\xBF z' xmlUrl='u'/></opml>", true).titre,
		"a z", "forbidden characters");
	is_text(only_entry("<opml><body><outline text='t' xmlUrl='u'/><outline tex", true).titre, "t",
			"a document that was cut");
	is_text(
		only_entry("<opml><outline text='lost><outline text='t' xmlUrl='u'/></opml>", true).titre,
		"t", "a lost quote costs its own outline only");
	is_text(only_entry("<opml><!-- <outline xmlUrl='no'/> & ' --><outline text='t' xmlUrl='u'/>"
					   "</opml>",
					   false)
				.titre,
			"t", "comments are left alone");
	is_text(only_entry("<opml><group><outline text='t' xmlUrl='u'></group></opml>", true).titre,
			"t", "wrong nesting");
}

static void
test_refusals(void)
{
	ok(parse("") == NULL && failure.class == FAILURE_PARSE, "empty");
	ok(parse("hello") == NULL && failure.class == FAILURE_PARSE, "no XML");
	ok(parse("<html><body>x</body></html>") == NULL && failure.class == FAILURE_PARSE, "HTML");
	is_str(failure.detail, "not OPML: the root element is <html>", "says what it is");
	ok(parse("<x\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
			 "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9/>") == NULL,
	   "a long name");
	is_str(failure.detail, "not OPML: the root element is <xééééééééééééééé>",
		   "is cut between characters");
	ok(parse("<opml/>") != NULL && !failure_is(&failure), "an empty list is a list");
}

/* Nested entities, an external one and a defaulted attribute: none of them may have an effect. */
static void
test_doctype(void)
{
	OpmlEntry entry = only_entry(
		"<!DOCTYPE opml [<!ENTITY a 'xxxxxxxxxx'><!ENTITY b '&a;&a;&a;'><!ENTITY f SYSTEM "
		"'file:///etc/passwd'><!ATTLIST outline type CDATA 'defaulted'>]>"
		"<opml><outline text='&b;&f;' xmlUrl='u'/></opml>",
		true);

	is_text(entry.titre, "&b;&f;", "entities are not expanded");
	is_text(entry.type, NULL, "attributes are not defaulted");
}

/* Deep nesting ends somewhere, without harm; an exhausted arena is reported. */
static void
test_bounds(void)
{
	size_t size = 400000;
	char  *document = malloc(size);
	size_t len = 0;
	Opml  *opml;

	len += (size_t) snprintf(document, size, "<opml>");
	for (int i = 0; i < 100; i++)
		len += (size_t) snprintf(document + len, size - len, "<outline text='%d'>", i);
	len += (size_t) snprintf(document + len, size - len, "<outline xmlUrl='u'/>");
	opml = parse(document);
	ok(opml != NULL && opml->n_entries == 1 && opml->entries[0].n_categories == 32,
	   "categories are bounded");
	while (len + 40 < size)
		len += (size_t) snprintf(document + len, size - len, "<outline>");
	opml = parse(document);
	ok(opml != NULL && opml->recovered && opml->n_entries == 1, "bottomless nesting");
	memset(document, '<', size - 1);
	document[size - 1] = '\0';
	ok(parse(document) == NULL, "nothing but less-than signs");
	memset(document, '&', size - 1);
	memcpy(document, "<opml a='", 9);
	(void) parse(document);
	ok(!arena_exhausted(arena) && arena_used(arena) <= ARENA_LIMIT, "nothing but ampersands");
	len = (size_t) snprintf(document, size, HEAD "<outline xmlUrl='u'/><outline ");
	for (int i = 0; len + 40 < size; i++)
		len += (size_t) snprintf(document + len, size - len, "a%d='' ", i);
	opml = parse(document);
	ok(opml != NULL && opml->recovered && opml->n_entries == 1, "attributes without end");
	free(document);

	arena_free(arena);
	arena = arena_create(2000);
	ok(parse("<opml><outline text='t' xmlUrl='u'/></opml>") == NULL &&
		   failure.class == FAILURE_TOO_LARGE,
	   "an exhausted arena");
}

static void
test_escaping(void)
{
	TextBuilder builder;

	builder_start(&builder, arena);
	opml_append_escaped(&builder, TEXT_LITERAL("<é&\"'>\x01\x0B\xEF\xBF\xBE\t\n"));
	is_text(builder_text(&builder), "&lt;é&amp;&quot;&apos;&gt;\t\n", "escaped");
}

int
main(void)
{
	arena = arena_create(ARENA_LIMIT);
	test_entries();
	test_repairs();
	test_refusals();
	test_doctype();
	test_escaping();
	test_bounds();
	arena_free(arena);
	return done_testing();
}
