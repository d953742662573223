/*
 * sitemap.h
 *	  Sitemaps: the pages that a site has, or the sitemaps that name them
 *	  (sitemaps.org, protocol 0.9).  Plain C.
 *
 * Who calls it: source/scraping_page.c.
 */
#ifndef DATASENS_PARSE_SITEMAP_H
#define DATASENS_PARSE_SITEMAP_H

#include "base/arena.h"
#include "base/failure.h"

#include <stdint.h>

/* The entries that the protocol allows a file. */
#define SITEMAP_MAX_ENTRIES 50000

typedef struct Sitemap
{
	bool   is_index;  /* the URLs are of further sitemaps, not of pages */
	bool   recovered; /* was not well-formed */
	bool   truncated; /* there are more than SITEMAP_MAX_ENTRIES; the rest is ignored */
	Text  *urls;	  /* http(s), absolute; in the file's order */
	size_t n_urls;
} Sitemap;

/*
 * Reads a sitemap: XML (urlset, sitemapindex; of an entry its loc, whatever
 * stands beside it) or text (a URL a line, other lines ignored).  bytes are
 * uncompressed, of any encoding; a broken XML file is read as far as it goes, an
 * entry that its end cuts is none.  url is that of the sitemap, for locations that are
 * relative, or absent.
 *
 * NULL with *failure set: FAILURE_PARSE where it is something else (a feed, too,
 * which feed_parse() reads), FAILURE_TOO_LARGE where the arena is exhausted (sixteen
 * times the bytes and a megabyte are enough), FAILURE_MEMORY where the system has none.
 */
extern Sitemap *sitemap_parse(Arena *arena, Text bytes, Text url, Failure *failure);

/* Bytes that a packed sitemap may unpack to: the protocol's 50 MB (and its 10 MB of old). */
#define SITEMAP_MAX_BYTES ((size_t) 50 * 1024 * 1024)

/*
 * The bytes of a sitemap, unpacked where they are gzip's, in the arena: sitemaps come as
 * .xml.gz files.  Of what is damaged or goes on beyond SITEMAP_MAX_BYTES the
 * part before is the result.  Absent with *failure set where nothing can be had.
 */
extern Text sitemap_unpack(Arena *arena, Text bytes, Failure *failure);

#endif
