/*
 * scraping_page.h
 *	  What the kind scraping finds in an answer: a page, or addresses of pages.
 *
 * Who calls it: the parser's thread.  Plain C over an arena, as every kind's parse.
 */
#ifndef DATASENS_SOURCE_SCRAPING_PAGE_H
#define DATASENS_SOURCE_SCRAPING_PAGE_H

#include "parse/article.h"
#include "parse/links.h"
#include "source/crawl.h"

#include "base/failure.h"
#include "net/fetch.h"

typedef struct ScrapedPage
{
	PageWhat what;
	int		 number; /* of the crawl's page */

	/* of a page */
	Article	 *article;
	HtmlLink *links; /* where they are to be followed */
	size_t	  n_links;
	uint64	  text_hash; /* of all that is to be read on it */

	/* of a sitemap or feed: the addresses that it names */
	Text  *urls;
	size_t n_urls;
	bool   of_sitemaps; /* they are those of further sitemaps */
} ScrapedPage;

/* Kind.parse: parameters as crawl.c writes them, "what number follows options", the last where
 * they have XPath expressions. */
extern void *scraping_parse(Arena *arena, const FetchResponse *response, Failure *failure);

#endif
