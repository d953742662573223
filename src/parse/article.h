/*
 * article.h
 *	  What a web page says: the article's text without what stands around it, and
 *	  title, author, date, language, address and site.  Plain C.
 *
 * Who calls it: the kind scraping, on the parser's thread; datasens_extract_article().
 */
#ifndef DATASENS_PARSE_ARTICLE_H
#define DATASENS_PARSE_ARTICLE_H

#include "base/arena.h"
#include "base/failure.h"
#include "parse/html_tree.h"

#include <stdint.h>

/* All texts are clean plain UTF-8 in the arena; absent where the page has none. */
typedef struct Article
{
	const char *encoding; /* what the bytes were read as */
	Text		titre;	  /* one line */
	Text		texte;	  /* a line a paragraph, heading, list item or table row */
	Text		auteur;	  /* one line, several names with commas between */
	Text		langue;	  /* BCP 47 as declared */
	Text		url;	  /* the canonical one, absolute; else the one that was given */
	Text		site;	  /* the site's name */
	Text		meta;	  /* a JSON object: resume, image, type, categories; absent if empty */
	bool		noindex;  /* robots meta: the page is not to be kept */
	bool		nofollow; /* robots meta: its links are not to be followed */
	bool		has_date;
	int64_t		date; /* published (else modified): microseconds since 1970 UTC */
} Article;

/*
 * The tree of a page's bytes, decoded as charset_decode_html tells; *encoding gets the
 * name.  NULL with *failure set where there is no markup in them (FAILURE_PARSE) or the
 * arena is exhausted (FAILURE_TOO_LARGE).
 */
extern HtmlTree *article_read_page(Arena *arena, Text bytes, Text content_type,
								   const char **encoding, Failure *failure);

/*
 * What the page says, a pure function of its tree and its final URL (which may be
 * absent).  Linear in the page; no recursion.  NULL where the arena is exhausted.
 */
extern Article *article_extract(Arena *arena, const HtmlTree *tree, Text url);

/* Both in one; content_type is the HTTP header's value or absent. */
extern Article *article_parse(Arena *arena, Text bytes, Text content_type, Text url,
							  Failure *failure);

#endif
