/*
 * robots.h
 *	  robots.txt, X-Robots-Tag and the meta robots: what a site asks of us.
 *	  Plain C.
 *
 * Who calls it: the crawl (source/crawl.c, crawl_host.c), article_meta.c, and
 * datasens_robots_allowed().
 */
#ifndef DATASENS_PARSE_ROBOTS_H
#define DATASENS_PARSE_ROBOTS_H

#include "base/arena.h"

#include <stdint.h>

/* Bytes of a file that are read (RFC 9309, 2.5: at least that many). */
#define ROBOTS_SIZE_LIMIT (500 * 1024)

/* What an arena must be able to give for any file and any agent. */
#define ROBOTS_ARENA_LIMIT (32 * 1024 * 1024)

/* Longer delays than a day count as one. */
#define ROBOTS_MAX_CRAWL_DELAY (INT64_C(86400) * 1000000)

typedef struct RobotsRule
{
	Text pattern; /* bytes beyond ASCII percent-coded, hexadecimal digits in capitals */
	Text normal;  /* besides, what need not be coded is not (RFC 3986, 6.2.2) */
	bool allow;
} RobotsRule;

/* What a file says to one agent. */
typedef struct Robots
{
	RobotsRule *rules; /* of all groups for the agent, or else of those for all; in their order */
	size_t		n_rules;
	bool		named;		 /* a group names the agent */
	int64_t		crawl_delay; /* microseconds between requests; -1: not said */
	Text	   *sitemaps;	 /* in their order, as written, bytes beyond ASCII percent-coded */
	size_t		n_sitemaps;
	TextBuilder scratch; /* the path that is being looked at */
} Robots;

/*
 * Reads a robots.txt (RFC 9309) for an agent: its product token, "name", of which
 * "name/version" is a longer form.  bytes are of any encoding and size; read are
 * the whole lines of the first ROBOTS_SIZE_LIMIT.  There is no such thing as a
 * fault: what is no record is ignored, so a page in the place of the file allows
 * all.  Beyond the RFC, as Google's parser: a byte order mark, in part too; a
 * space in the place of the colon; the usual misspellings of the names; an Allow
 * of index.htm(l) allows the directory; of a line 16,663 bytes count.
 *
 * Everything is copied to the arena.  NULL where that is exhausted, which one of
 * ROBOTS_ARENA_LIMIT is not.
 */
extern Robots *robots_parse(Arena *arena, Text bytes, Text agent);

/*
 * Whether the agent may ask for the URL: the longest pattern that matches decides,
 * Allow where two are equally long; without one it may.  Compared byte by byte, as
 * Google's matcher does, with a URL in the form in which it is requested: not even
 * "%7E" is "~".  What has no path ("host", "") stands for "/".
 *
 * Takes time linear in the URL for each rule; memory (the scratch) only if the URL
 * has a query but no path.  False where the arena is exhausted.
 */
extern bool robots_allowed(Robots *robots, Text url);

/*
 * The same by the letter of RFC 9309 (2.2.2): pattern and URL are both brought
 * to one form, so however a link is written, the answer is that for the page behind
 * it.  This is what one asks before a request.
 */
extern bool robots_may_fetch(Robots *robots, Text url);

/* What a page asks of those who have it. */
typedef struct RobotsDirectives
{
	bool noindex;  /* not to be stored */
	bool nofollow; /* its links not to be followed */
} RobotsDirectives;

/*
 * Reads the value of an X-Robots-Tag header (of several: one by one, or joined by
 * commas) or of a meta element whose name is "robots" or the agent's: words like
 * noindex, nofollow, none (both), parted by commas, semicolons or spaces, without
 * case.  "name:" before words makes them, up to the next name, hold for that agent
 * only.  What holds for all and what holds for the agent add up.  agent is as for
 * robots_parse.  Unknown words mean nothing; an absent value asks for nothing.
 */
extern RobotsDirectives robots_directives(Text value, Text agent);

#endif
