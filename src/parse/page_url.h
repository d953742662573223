/*
 * page_url.h
 *	  Addresses of pages as a crawl sees them: which are the same page, which are
 *	  none, and which lead on for ever.  Plain C.
 *
 * Who calls it: the crawl (source/crawl.c).
 */
#ifndef DATASENS_PARSE_PAGE_URL_H
#define DATASENS_PARSE_PAGE_URL_H

#include "base/arena.h"

#include <stdint.h>

/* Longer addresses are no page's. */
#define PAGE_URL_MAX 2000

/*
 * The one form of a page's address: scheme and host in small letters, without the
 * scheme's own port, user name and fragment; dot segments resolved; all that is not
 * ASCII percent-coded, what need not be coded is not, digits of codes in capitals (RFC
 * 3986, 6.2.2); a path of "/" at least; the query without parameters that only track
 * the reader or name the session, path without ";jsessionid=" and the like.  ASCII.
 * Absent for what is no http(s) URL, is longer than PAGE_URL_MAX, has a host beyond
 * ASCII, or where the arena is exhausted.
 */
extern Text page_url_normalise(Arena *arena, Text url);

/* The functions below want an address as page_url_normalise gives it. */

/* Whether the path ends as files do that are no pages: .pdf, .jpg, .zip, ... */
extern bool page_url_is_file(Text url);

/*
 * Why the address looks like one of a site's endless ones, or NULL: a segment of the
 * path that comes again and again, more segments or parameters than pages have, a
 * date further off than the year after this one (months of a calendar).
 */
extern const char *page_url_trap(Text url, int this_year);

/* Host and port of an address or an origin, without "www.". */
extern Text page_url_site(Text url);

/* Whether a site is that of the pattern: the same, or below "*.exemple.fr"; "*" is all. */
extern bool page_url_site_matches(Text site, Text pattern);

#endif
