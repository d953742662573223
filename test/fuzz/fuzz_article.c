/*
 * fuzz_article.c
 *	  Whatever is read off a page: article, links, XPath.  Any bytes, under one of a few
 *	  Content-Types; everything is storable, links are of the web, meta is a JSON object, and
 *	  the same bytes give the same text.
 */
#include "parse/article.h"
#include "parse/links.h"
#include "parse/xpath.h"

#include "fuzz.h"

#include <strings.h>

#define PAGE_URL TEXT_LITERAL("http://h/a/b")

static void
expect_article(const Article *article)
{
	fuzz_expect_storable(article->titre, "the title is text");
	fuzz_expect_storable(article->texte, "the body is text");
	fuzz_expect_storable(article->auteur, "the author is text");
	fuzz_expect_storable(article->langue, "the language is text");
	fuzz_expect_storable(article->url, "the URL is text");
	fuzz_expect_storable(article->site, "the site is text");
	fuzz_expect(article->titre.len == 0 ||
					memchr(article->titre.data, '\n', article->titre.len) == NULL,
				"the title is one line");
	fuzz_expect_json(article->meta);
}

static void
expect_links(const HtmlLink *links, size_t n_links)
{
	for (size_t i = 0; i < n_links; i++)
	{
		fuzz_expect_storable(links[i].url, "a link is text");
		fuzz_expect(links[i].url.len > 7 && strncasecmp(links[i].url.data, "http", 4) == 0,
					"a link is of the web");
	}
}

/* What an expression finds; it may be none. */
static void
evaluate(XPathPage *page, Text expression)
{
	Failure	  failure = FAILURE_INIT;
	XPath	 *xpath = xpath_compile(expression, &failure);
	HtmlLink *links;
	size_t	  n_links;

	fuzz_expect((xpath == NULL) == failure_is(&failure), "an expression or a failure");
	if (xpath != NULL)
	{
		fuzz_expect_storable(xpath_text(page, xpath, XPATH_PARAGRAPHS, &failure), "it finds text");
		fuzz_expect_storable(xpath_text(page, xpath, XPATH_NAMES, &failure), "it finds names");
		links = xpath_links(page, xpath, PAGE_URL, &n_links, &failure);
		expect_links(links, n_links);
	}
	xpath_free(xpath);
}

/* What a source's expressions find, and one that the page ends with. */
static void
evaluate_all(Arena *arena, const HtmlTree *tree, Text bytes)
{
	static const Text expressions[] = {TEXT_LITERAL("//p"), TEXT_LITERAL("//div//a/@href"),
									   TEXT_LITERAL("string(//h1[1])"),
									   TEXT_LITERAL("//*[contains(., 'a')][last()] | //text()")};
	Failure			  failure = FAILURE_INIT;
	XPathPage		 *page = xpath_page_create(arena, tree, &failure);
	size_t			  len = bytes.len < 60 ? bytes.len : 60;
	Text			  tail = {bytes.data + bytes.len - len, len};

	if (page != NULL)
	{
		evaluate(page, expressions[bytes.len / 4 % 4]);
		if (fuzz_storable(tail))
			evaluate(page, tail);
	}
	xpath_page_free(page);
}

FUZZ_TARGET(article)
{
	static const Text types[] = {{NULL, 0},
								 TEXT_LITERAL("text/html; charset=iso-8859-1"),
								 TEXT_LITERAL("text/html; charset=\"utf-16\""),
								 TEXT_LITERAL("text/html; charset=shift_jis")};
	Failure			  failure = FAILURE_INIT;
	const char		 *encoding;
	HtmlTree *tree = article_read_page(arena, input, types[input.len % 4], &encoding, &failure);
	Article	 *article;
	Article	 *again;
	HtmlLink *links;
	size_t	  n_links;

	fuzz_expect((tree == NULL) == failure_is(&failure), "a page or a failure");
	if (tree == NULL)
		return;
	article = article_extract(arena, tree, PAGE_URL);
	again = article_extract(arena, tree, PAGE_URL);
	if (article != NULL && again != NULL)
	{
		expect_article(article);
		fuzz_same(arena, &failure, article->texte.len + article->meta.len);
		fuzz_expect_unless_scarce(text_equal(article->texte, again->texte), "the same text twice");
	}
	links = html_links(arena, tree, PAGE_URL, &n_links);
	expect_links(links, n_links);
	evaluate_all(arena, tree, input);
}
