/*
 * test_xpath.c
 *	  xpath.h: what expressions find in a page, and that none takes for ever.
 */
#include "parse/xpath.h"

#include "unit.h"

#include <stdlib.h>
#include <time.h>

static Arena *arena;

/* What an expression finds in a page; class gets the failure's. */
static Text
find(const char *html, const char *expression, XPathForm form, FailureClass *class)
{
	Failure	   failure = FAILURE_INIT;
	HtmlTree  *tree = html_tree_parse(arena, unit_string(html));
	XPathPage *page = xpath_page_create(arena, tree, &failure);
	XPath	  *xpath = xpath_compile(unit_string(expression), &failure);
	Text	   text = TEXT_NULL;

	if (page != NULL && xpath != NULL)
		text = xpath_text(page, xpath, form, &failure);
	if (failure_is(&failure))
		diag("%s", failure.detail);
	*class = failure.class;
	xpath_free(xpath);
	xpath_page_free(page);
	return text;
}

#define PAGE                                                                                       \
	"<html lang=fr><head><title>T&eacute;moin</title><meta name=author content='Zo&eacute; &amp; " \
	"Max'></head><body><h1 class='big title'> Un   titre\n</h1><div id=b><p>Un <b>mot</b> de "     \
	"trop.<p>Deux.<ul><li>a<li>b</ul><script>var x = '<p>';</script></div><span class=who>Zo"      \
	"\xC3\xA9</span><span class=who>Max</span><table><tr><td>1<td>2</table></body>"

static void
test_text(void)
{
	static const struct
	{
		const char *expression;
		XPathForm	form;
		const char *found;
	} cases[] = {
		{"//h1", XPATH_LINE, "Un titre"},
		{"/html/body/h1", XPATH_LINE, "Un titre"},
		{"//title", XPATH_LINE, "T\xC3\xA9moin"},
		{"//meta[@name='author']/@content", XPATH_LINE, "Zo\xC3\xA9 & Max"},
		{"string(//meta[@name='author']/@content)", XPATH_LINE, "Zo\xC3\xA9 & Max"},
		{"/html/@lang", XPATH_LINE, "fr"},
		{"//h1[contains(concat(' ', @class, ' '), ' title ')]/text()", XPATH_LINE, "Un titre"},
		{"//span[@class='who']", XPATH_NAMES, "Zo\xC3\xA9, Max"},
		{"//span[@class='who']", XPATH_LINE, "Zo\xC3\xA9"},
		{"//div[@id='b']", XPATH_PARAGRAPHS, "Un mot de trop.\nDeux.\na\nb"},
		{"id('b')/p", XPATH_PARAGRAPHS, "Un mot de trop.\nDeux."},
		{"//div | //li | //p", XPATH_PARAGRAPHS, "Un mot de trop.\nDeux.\na\nb"},
		{"//p[. = 'Un mot de trop.']", XPATH_LINE, "Un mot de trop."},
		{"//td[2]", XPATH_LINE, "2"},
		{"//li[last()]/preceding-sibling::li", XPATH_LINE, "a"},
		{"count(//p)", XPATH_LINE, "2"},
		{"//article", XPATH_LINE, NULL},
		{"//li[1] | //li[2]", XPATH_NAMES, "a, b"},
		{"(//td)[2]", XPATH_LINE, "2"},
		{"//*[@class='who'][position() = last()]", XPATH_LINE, "Max"},
		{"//span[following::td and not(preceding-sibling::span)]", XPATH_LINE, "Zo\xC3\xA9"},
		{"//b/ancestor::div/@id", XPATH_LINE, "b"},
		{"//p/../ul/li[2]", XPATH_LINE, "b"},
		{"name(//ul/..)", XPATH_LINE, "div"},
		{"//*[self::h1 or self::title]", XPATH_NAMES, "T\xC3\xA9moin, Un titre"},
		{"//td[. > 1]", XPATH_LINE, "2"},
		{"//td[. != //td[1]]", XPATH_LINE, "2"},
		{"sum(//td) * 2 - 10 div 4 + 7 mod 4", XPATH_LINE, "6.5"},
		{"-count(//td) < 0 and true()", XPATH_LINE, "true"},
		{"substring('12345', 2, 3)", XPATH_LINE, "234"},
		{"substring('12345', 1.5, 2.6)", XPATH_LINE, "234"},
		{"substring('12345', 0, 3)", XPATH_LINE, "12"},
		{"substring-before('1999/04/01', '/')", XPATH_LINE, "1999"},
		{"substring-after('1999/04/01', '/')", XPATH_LINE, "04/01"},
		{"concat('a', \"b\", 1 div 0)", XPATH_LINE, "abInfinity"},
		{"translate('bar', 'abc', 'AB')", XPATH_LINE, "BAr"},
		{"string-length('\xC3\xA9t\xC3\xA9')", XPATH_LINE, "3"},
		{"round(2.5) + floor(-1.5) + ceiling(1.2)", XPATH_LINE, "3"},
		{"number('x')", XPATH_LINE, "NaN"},
		{"normalize-space(//h1)", XPATH_LINE, "Un titre"},
		{"starts-with(//h1, ' Un')", XPATH_LINE, "true"},
		{"boolean(//p[lang('fr')])", XPATH_LINE, "true"},
		{"//div/descendant-or-self::*[@id]/child::p[last()]", XPATH_LINE, "Deux."},
		{"//comment()", XPATH_LINE, NULL},
		{"/", XPATH_LINE, "Un titre Un mot de trop. Deux. a b Zo\xC3\xA9Max 1 2"},
		{"//head", XPATH_PARAGRAPHS, NULL},
		{"count(//@*)", XPATH_LINE, "7"},
		{"//h1/attribute::node()", XPATH_LINE, "big title"},
		{"//h1/@class/..", XPATH_LINE, "Un titre"},
		{"name(//div/@id/ancestor::*[1])", XPATH_LINE, "div"},
		{"name(//div/@id/ancestor-or-self::*[last()])", XPATH_LINE, "html"},
		{"//div/@id/self::node()", XPATH_LINE, "b"},
		{"//div/@id/following::li[1]", XPATH_LINE, "a"},
		{"//div/@id/preceding::h1", XPATH_LINE, "Un titre"},
		{"//span[1]/preceding::p[1]", XPATH_LINE, "Deux."},
		{"//td[2]/preceding::td", XPATH_LINE, "1"},
		{"//b/ancestor-or-self::*[1]", XPATH_LINE, "mot"},
		{"//div/@id/child::node()", XPATH_LINE, NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		FailureClass class;

		is_text(find(PAGE, cases[i].expression, cases[i].form, &class), cases[i].found, "%s",
				cases[i].expression);
		is_int(class, FAILURE_NONE, "without failure");
	}
}

/* A page that leaves out what may be left out is the page that it stands for. */
static void
test_implied(void)
{
	const char *page = "<title>T</title><P Class=X>a<br>b</P><x-y>c</x-y> tail";
	FailureClass class;

	is_text(find(page, "/html/head/title", XPATH_LINE, &class), "T", "the head that is not there");
	is_text(find(page, "/html/body/p[@class='X']", XPATH_PARAGRAPHS, &class), "a\nb", "the body");
	is_text(find(page, "//x-y", XPATH_LINE, &class), "c", "an element of the page's own");
	is_text(find(page, "//body", XPATH_LINE, &class), "a b c tail", "all of the body");
	is_text(find(page, "count(/html/body)", XPATH_LINE, &class), "1", "one body");
}

static void
test_invalid(void)
{
	static const char *const wrong[] = {
		"",		  "//h1[",	   "h1 h2", "//p[foo()]",	 "$x",	 "a:b",
		"//p/@",  "//p['x]",   "a and", "document('/')", "(//p", "//p]",
		"foo::p", "count(1)",  "'a'/b", "1 | 2",		 "//",	 "text(1)",
		"a/",	  "last()[1]", "p[]",	"contains('a')", "..a",	 "@@a"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
	{
		FailureClass class;

		is_text(find(PAGE, wrong[i], XPATH_LINE, &class), NULL, "\"%s\" finds nothing", wrong[i]);
		is_int(class, FAILURE_PARSE, "and fails");
	}
}

static void
test_links(void)
{
	Failure	  failure = FAILURE_INIT;
	HtmlTree *tree = html_tree_parse(
		arena, TEXT_LITERAL("<a href=/no>n</a><div class=l><a href='a?x=1&amp;y=2'>a</a><p><a rel="
							"nofollow href=b>b</a></div><link rel=next href='?p=2'><a href=#x>x"));
	XPathPage *page = xpath_page_create(arena, tree, &failure);
	XPath	  *all = xpath_compile(TEXT_LITERAL("//div[@class='l']"), &failure);
	XPath	  *href = xpath_compile(TEXT_LITERAL("//link/@href | //a[2] | //a/@id"), &failure);
	XPath	  *value = xpath_compile(TEXT_LITERAL("string(//a/@href)"), &failure);
	Text	   base = TEXT_LITERAL("https://exemple.fr/d/");
	size_t	   n;
	HtmlLink  *links = xpath_links(page, all, base, &n, &failure);

	is_int(n, 2, "links within an element");
	is_text(links[0].url, "https://exemple.fr/d/a?x=1&y=2", "absolute");
	ok(!links[0].nofollow && links[1].nofollow, "nofollow");
	links = xpath_links(page, href, base, &n, &failure);
	is_int(n, 1, "an attribute");
	is_text(links[0].url, "https://exemple.fr/d/?p=2", "is a link");
	is_int(failure.class, FAILURE_NONE, "no failure");
	ok(xpath_links(page, value, base, &n, &failure) == NULL && n == 0, "a string is no link");
	is_int(failure.class, FAILURE_PARSE, "and says so");
	xpath_free(all);
	xpath_free(href);
	xpath_free(value);
	xpath_page_free(page);
}

/* A page of count times what is given; to be freed. */
static char *
repeat(const char *what, size_t count)
{
	size_t len = strlen(what);
	char  *page = malloc(len * count + 1);

	for (size_t i = 0; i < count; i++)
		memcpy(page + i * len, what, len);
	page[len * count] = '\0';
	return page;
}

/* Pages and expressions that are made to hurt each end, with what they find or with a limit. */
static void
test_hostile(void)
{
	static const struct
	{
		const char *what;
		size_t		count;
		const char *expression;
		FailureClass class;
	} cases[] = {
		{"<div>x", 100000, "//div//div//div//div[. = //p]", FAILURE_TOO_LARGE},
		{"<div>x", 100000, "//div//div//div[@id]", FAILURE_NONE},
		{"<div>some text ", 100000, "//div[contains(., 'never')]", FAILURE_TOO_LARGE},
		{"<p>some text ", 100000, "//p[contains(string(/), 'never')]", FAILURE_TOO_LARGE},
		{"<li>x", 100000, "//li/preceding-sibling::li[. = 'y']", FAILURE_TOO_LARGE},
		{"<li>x", 100000, "//li[. = //li]", FAILURE_TOO_LARGE},
		{"<p>x", 60000, "//p", FAILURE_TOO_LARGE},
		{"<!-->x<!-->", 300000, "//text()[contains(., 'y')]", FAILURE_NONE},
		{"<b><p>", 9000, "//b//p", FAILURE_NONE},
		{"<p a='xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'>", 50000, "//p[contains(//@a, 'y')]",
		 FAILURE_TOO_LARGE},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		char   *page = repeat(cases[i].what, cases[i].count);
		clock_t start = clock();
		FailureClass class;

		find(page, cases[i].expression, XPATH_PARAGRAPHS, &class);
		diag("%.2f s", (double) (clock() - start) / CLOCKS_PER_SEC);
		ok((clock() - start) / CLOCKS_PER_SEC < 20, "%s ends", cases[i].expression);
		is_int(class, cases[i].class, "and says whether it was cut short");
		free(page);
		arena_reset(arena);
	}
}

/* Expressions that would take too much of the stack, or are too long, are refused. */
static void
test_long(void)
{
	static const struct
	{
		const char *what;
		size_t		count;
		const char *name;
	} cases[] = {{"(", 3000, "parentheses"}, {"//a[", 900, "predicates"}, {"-", 3000, "signs"},
				 {"1+", 1900, "operators"},	 {"//a", 3000, "bytes"},	  {"not(", 900, "calls"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		char   *expression = repeat(cases[i].what, cases[i].count);
		Failure failure = FAILURE_INIT;

		ok(xpath_compile(unit_string(expression), &failure) == NULL, "too many %s", cases[i].name);
		is_int(failure.class, FAILURE_PARSE, "and why: %.60s", failure.detail);
		free(expression);
	}
}

int
main(void)
{
	arena = arena_create((size_t) 512 << 20);
	test_text();
	test_implied();
	test_invalid();
	test_links();
	test_hostile();
	test_long();
	arena_free(arena);
	return done_testing();
}
