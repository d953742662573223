/*
 * feed.h
 *	  RSS 0.90 to 2.0, RSS 1.0, Atom 0.3 and 1.0, JSON Feed: bytes in, items
 *	  out.  Plain C.
 *
 * Who calls it: the kind rss, a crawl's feeds (source/scraping_page.c), datasens_parse_feed().
 */
#ifndef DATASENS_PARSE_FEED_H
#define DATASENS_PARSE_FEED_H

#include "base/arena.h"
#include "base/failure.h"

#include <stdint.h>

/*
 * One entry.  All texts are clean plain UTF-8 in the arena (or in the bytes
 * that were given); absent where the feed has none.
 */
typedef struct FeedItem
{
	Text	titre;	/* one line, markup removed; empty where it was nothing but markup */
	Text	texte;	/* content:encoded, content or description; else the summary; as titre */
	Text	resume; /* the summary, where there is a content besides */
	Text	url;	/* absolute */
	Text	guid;
	Text	auteur;
	Text	langue; /* BCP 47 as declared: xml:lang, dc:language, the feed's */
	Text	meta;	/* a JSON object: guid, resume, categories, medias; absent if empty */
	bool	has_date;
	int64_t date; /* published (else updated): microseconds since 1970 UTC */
} FeedItem;

typedef struct Feed
{
	const char *format;	   /* "rss20", "rss10", "atom10", "json11", ...: what it was */
	const char *encoding;  /* what the bytes were read as */
	bool		recovered; /* was not well-formed: items up to the fault, repaired where possible */
	Text		titre;
	Text		url; /* the site's */
	Text		langue;
	FeedItem   *items; /* in document order */
	size_t		n_items;
	size_t		n_incomplete; /* entries that the end of a broken document cut: not in items */
} Feed;

/* Once per process, before feed_parse may run on several threads. */
extern void feed_prepare(void);

/*
 * Once per thread but the first, before it reads XML or HTML: has the XML library make what it
 * keeps of a thread.  False where there is no memory for it, which the library itself would
 * not notice.
 */
extern bool feed_prepare_thread(void);

/*
 * Reads a feed.  content_type is the HTTP header's value or absent; url is the
 * final URL, for relative links, or absent.  The Feed and all in it live in the
 * arena.  NULL with *failure set where the bytes are no feed (FAILURE_PARSE,
 * the detail says what they look like: an HTML page, empty, ...) or the arena
 * is exhausted (FAILURE_TOO_LARGE).  Never reads a file or the network,
 * declares no entity, and is linear in the input.
 */
extern Feed *feed_parse(Arena *arena, Text bytes, Text content_type, Text url, Failure *failure);

#endif
