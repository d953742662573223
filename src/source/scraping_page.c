/*
 * scraping_page.c
 *	  What the kind scraping finds in an answer: an article, by itself or by the XPaths of the
 *	  options, links to further pages, a sitemap's or a feed's addresses.
 *
 * It runs on the parser's thread, with an arena and a failure, and nothing of the server's.
 */
#include "source/scraping_page.h"

#include "parse/date.h"
#include "parse/feed.h"
#include "parse/sitemap.h"
#include "parse/xpath.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static Text
text_of(const char *string)
{
	return string ? (Text){string, strlen(string)} : TEXT_NULL;
}

/* FNV-1a. */
static uint64
hash_text(Text text)
{
	uint64 hash = UINT64CONST(14695981039346656037);

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char) text.data[i]) * UINT64CONST(1099511628211);
	return hash;
}

/*
 * Finds the text on the page by the source's expression of that name, in *text; which may be
 * nothing. False where the source has no such expression, or *failure is set.
 */
static bool
find_text(XPathPage *page, json_t *options, const char *name, XPathForm form, Text *text,
		  Failure *failure)
{
	const char *expression = json_string_value(json_object_get(options, name));
	XPath	   *xpath;

	if (expression == NULL || failure_is(failure))
		return false;
	xpath = xpath_compile(text_of(expression), failure);
	if (xpath == NULL)
		return false;
	*text = xpath_text(page, xpath, form, failure);
	xpath_free(xpath);
	return !failure_is(failure);
}

static void
find_links(XPathPage *page, json_t *options, Text base, ScrapedPage *scraped, Failure *failure)
{
	const char *expression = json_string_value(json_object_get(options, "suivre_xpath"));
	XPath	   *xpath;

	if (expression == NULL || failure_is(failure))
		return;
	xpath = xpath_compile(text_of(expression), failure);
	if (xpath != NULL)
		scraped->links = xpath_links(page, xpath, base, &scraped->n_links, failure);
	xpath_free(xpath);
}

/* Replaces what was found by itself by what the source's expressions find. */
static void
apply_xpaths(Arena *arena, ScrapedPage *scraped, const HtmlTree *tree, const char *json, Text base,
			 bool follows, Failure *failure)
{
	Article	  *article = scraped->article;
	json_t	  *options = json_loads(json, 0, NULL);
	XPathPage *page = xpath_page_create(arena, tree, failure);
	Text	   date;

	if (page != NULL)
	{
		(void) find_text(page, options, "titre", XPATH_LINE, &article->titre, failure);
		(void) find_text(page, options, "texte", XPATH_PARAGRAPHS, &article->texte, failure);
		(void) find_text(page, options, "auteur", XPATH_NAMES, &article->auteur, failure);
		if (find_text(page, options, "date", XPATH_LINE, &date, failure))
			article->has_date = text_present(date) && date_parse(date, &article->date);
		if (follows)
			find_links(page, options, base, scraped, failure);
		xpath_page_free(page);
	}
	json_decref(options);
}

static bool
read_page(Arena *arena, ScrapedPage *page, bool follows, const char *xpaths,
		  const FetchResponse *response, Failure *failure)
{
	Text		url = text_of(response->url);
	const char *encoding;
	HtmlTree   *tree = article_read_page(arena, response->body, text_of(response->content_type),
										 &encoding, failure);

	if (tree == NULL)
		return false;
	page->article = article_extract(arena, tree, url);
	if (follows)
		page->links = html_links(arena, tree, url, &page->n_links);
	page->text_hash = hash_text(html_node_line(arena, tree, 0));
	if (page->article != NULL && xpaths[0] != '\0')
		apply_xpaths(arena, page, tree, xpaths, html_base_url(arena, tree, url), follows, failure);
	if (failure_is(failure))
		return false;
	if (page->article != NULL && !arena_exhausted(arena))
		return true;
	failure_set(failure, FAILURE_TOO_LARGE, "the page is larger than memory allows for it");
	return false;
}

static bool
read_sitemap(Arena *arena, ScrapedPage *page, const FetchResponse *response, Failure *failure)
{
	Text	 bytes = sitemap_unpack(arena, response->body, failure);
	Sitemap *sitemap = NULL;

	if (text_present(bytes))
		sitemap = sitemap_parse(arena, bytes, text_of(response->url), failure);
	if (sitemap == NULL)
		return false;
	page->of_sitemaps = sitemap->is_index;
	page->urls = sitemap->urls;
	page->n_urls = sitemap->n_urls;
	return true;
}

static bool
read_feed(Arena *arena, ScrapedPage *page, const FetchResponse *response, Failure *failure)
{
	Feed *feed = feed_parse(arena, response->body, text_of(response->content_type),
							text_of(response->url), failure);

	if (feed == NULL)
		return false;
	page->urls = arena_alloc(arena, (feed->n_items + 1) * sizeof(Text));
	for (size_t i = 0; page->urls != NULL && i < feed->n_items; i++)
	{
		if (text_present(feed->items[i].url))
			page->urls[page->n_urls++] = feed->items[i].url;
	}
	return true;
}

void *
scraping_parse(Arena *arena, const FetchResponse *response, Failure *failure)
{
	char		*rest;
	ScrapedPage *page = arena_alloc_zero(arena, sizeof(ScrapedPage));
	bool		 follows;
	bool		 good = false;

	if (page == NULL)
	{
		failure_set(failure, FAILURE_MEMORY, "no memory for the page");
		return NULL;
	}
	page->what = (PageWhat) response->parameters[0];
	page->number = (int) strtol(response->parameters + 2, &rest, 10);
	follows = strtol(rest, &rest, 10) != 0;
	switch (page->what)
	{
		case PAGE_PAGE:
			good = read_page(arena, page, follows, rest + strspn(rest, " "), response, failure);
			break;
		case PAGE_SITEMAP:
			good = read_sitemap(arena, page, response, failure);
			break;
		case PAGE_FEED:
			good = read_feed(arena, page, response, failure);
			break;
		case PAGE_ROBOTS: /* is heard, not read */
			break;
	}
	return good ? page : NULL;
}
