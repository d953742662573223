/*
 * links.h
 *	  The links of a page, for whoever follows them.  Plain C.
 *
 * Who calls it: source/scraping_page.c; xpath.c for the links that an expression names.
 */
#ifndef DATASENS_PARSE_LINKS_H
#define DATASENS_PARSE_LINKS_H

#include "parse/html_tree.h"

/* A page with more links is cut there. */
#define HTML_MAX_LINKS 20000

typedef struct HtmlLink
{
	Text url;	   /* absolute, http or https, without its fragment */
	bool nofollow; /* rel says nofollow, sponsored or ugc */
} HtmlLink;

/* Links that are being gathered. */
typedef struct HtmlLinks
{
	Arena	 *arena;
	Text	  base; /* html_base_url's */
	HtmlLink *data;
	size_t	  n;
	size_t	  room;
} HtmlLinks;

/*
 * Adds the link that a node is, if it is one as html_links has them.  attribute: the one that
 * has the address, as written in small letters; NULL for the element's usual one.
 */
extern void html_add_link(HtmlLinks *links, const HtmlNode *node, const char *attribute);

/*
 * Where the page's <a> and <area> elements (and frames) lead, in the page's order, repeated
 * where the page repeats them; relative ones resolved against <base href> or else url.
 * Left out: other schemes, the page's own fragments.  NULL with *n_links 0 where there are
 * none or the arena is exhausted.
 */
extern HtmlLink *html_links(Arena *arena, const HtmlTree *tree, Text url, size_t *n_links);

#endif
