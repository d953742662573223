/*
 * crawl.h
 *	  A crawl: which pages are known, which are asked next, and with which manners.
 *
 * Who calls it: the kind scraping (scraping.c).  A crawl knows hosts and addresses, and
 * nothing of what is on the pages.  It asks for the robots.txt of an origin before anything
 * else of it, for one page of a host at a time and with the host's spacing, and for no
 * page twice.  All of it lives in the run's memory context.
 */
#ifndef DATASENS_SOURCE_CRAWL_H
#define DATASENS_SOURCE_CRAWL_H

#include "source/kind.h"

#include "lib/ilist.h"

typedef struct Crawl	 Crawl;
typedef struct CrawlHost CrawlHost;

/* What is asked for: a page, or what names pages. */
typedef enum PageWhat
{
	PAGE_PAGE = 'p',
	PAGE_SITEMAP = 's',
	PAGE_FEED = 'f',
	PAGE_ROBOTS = 'r' /* in requests only */
} PageWhat;

/* What a source allows; strings live as long as the crawl. */
typedef struct CrawlRules
{
	int			 pages_max; /* asked for in a run, through all its commits */
	int			 depth;		/* links followed from a start */
	int64		 delay;		/* microseconds between requests to a host, at least */
	char *const *hosts; /* patterns of hosts besides the starts' own, NULL-terminated; or NULL */
	void (*recalled)(Run *run, const char *parameters); /* calls crawl_recalled */
	const char *options; /* handed to the parser with each page, UTF-8; or NULL */
} CrawlRules;

typedef struct Page
{
	dlist_node node; /* among those that wait at its host */
	int		   number;
	PageWhat   what;
	char	  *url; /* normalised, ASCII */
	CrawlHost *host;
	int		   depth;
	int		   tries;
	int		   redirects;
	bool	   is_start; /* the source names it */
	bool	   noindex;	 /* X-Robots-Tag; once it was answered */
	bool	   nofollow;
} Page;

extern Crawl *crawl_create(Run *run, const CrawlRules *rules);

/* Begins with an address that the source names; its site becomes one of the crawl's. */
extern void crawl_start(Crawl *crawl, PageWhat what, const char *url);

/* Goes on where an earlier run has left off: cursor as that run gave it to run_rest. */
extern void crawl_resume(Crawl *crawl, const char *cursor);

/* Asks for all that may be asked for now. */
extern void crawl_go(Crawl *crawl);

/* Adds a page (or sitemap) that a sitemap or feed names, unless it is known. */
extern void crawl_want(Crawl *crawl, PageWhat what, Text url);

/*
 * Whether links of the page are followed; and adds one of them, unless it is known, leads out of
 * the crawl's sites, or into a trap.
 */
extern bool crawl_follows(const Crawl *crawl, const Page *page);
extern void crawl_link(Crawl *crawl, const Page *from, Text url);

/*
 * canonical: the address that the page gives as its own. Returns the address to store the page
 * under: that one if it is of the same site, else the page's. *done: a page was read under that
 * address, so this one is not to be stored.
 */
extern Text crawl_alias(Crawl *crawl, const Page *page, Text canonical, bool *done);

/*
 * Whether a page of this host with the same visible text (by its hash) was met before in this
 * crawl.
 */
extern bool crawl_is_copy(Crawl *crawl, const Page *page, uint64 text_hash);

/* For run_recall: the request with these parameters was taken back before it was sent. */
extern void crawl_recalled(Crawl *crawl, const char *parameters);

/* The kind's hear and finish. */
extern bool crawl_hear(Crawl *crawl, const FetchResponse *response);
extern void crawl_finish(Crawl *crawl);

/* The page that an answer belongs to, by the number in its parameters; NULL: there is none. */
extern Page *crawl_page(const Crawl *crawl, int number);

/* The name by which robots.txt files know us: the product of the User-Agent. */
extern Text crawl_agent(void);

#endif
