/*
 * fuzz_xpath.c
 *	  XPath: the first line is an expression, the rest a page.  It is refused, finds text
 *	  and links, or runs into a limit; and finds the same twice.
 */
#include "parse/article.h"
#include "parse/xpath.h"

#include "fuzz.h"

static void
evaluate(XPathPage *page, const XPath *xpath)
{
	static const XPathForm forms[] = {XPATH_LINE, XPATH_NAMES, XPATH_PARAGRAPHS};
	Failure				   failure = FAILURE_INIT;
	HtmlLink			  *links;
	size_t				   n_links;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
	{
		Text found = xpath_text(page, xpath, forms[i], &failure);
		Text again = xpath_text(page, xpath, forms[i], &failure);

		fuzz_expect_storable(found, "what is found is text");
		fuzz_expect_unless_scarce(text_equal(found, again), "the same twice");
	}
	links = xpath_links(page, xpath, TEXT_LITERAL("http://h/a/b"), &n_links, &failure);
	for (size_t i = 0; i < n_links; i++)
		fuzz_expect_storable(links[i].url, "a link is text");
	fuzz_expect_message(failure.detail);
}

FUZZ_TARGET(xpath)
{
	Text		expression = fuzz_line(&input);
	Failure		failure = FAILURE_INIT;
	XPath	   *xpath = fuzz_storable(expression) ? xpath_compile(expression, &failure) : NULL;
	const char *encoding;
	HtmlTree   *tree;
	XPathPage  *page;

	fuzz_expect_message(failure.detail);
	if (xpath == NULL)
		return;
	tree = article_read_page(arena, input, TEXT_NULL, &encoding, &failure);
	page = tree == NULL ? NULL : xpath_page_create(arena, tree, &failure);
	if (page != NULL)
		evaluate(page, xpath);
	xpath_page_free(page);
	xpath_free(xpath);
}
