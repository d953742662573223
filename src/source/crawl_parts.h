/*
 * crawl_parts.h
 *	  What the files of the crawl share: crawl.c has the pages and the answers,
 *	  crawl_host.c the hosts and their robots, crawl_rest.c the cursor.
 */
#ifndef DATASENS_SOURCE_CRAWL_PARTS_H
#define DATASENS_SOURCE_CRAWL_PARTS_H

#include "parse/robots.h"
#include "source/crawl.h"

#include "lib/ilist.h"
#include "lib/stringinfo.h"
#include "utils/hsearch.h"

typedef enum RobotsState
{
	ROBOTS_UNKNOWN,
	ROBOTS_ASKED,
	ROBOTS_READ,
	ROBOTS_UNREACHABLE
} RobotsState;

/* An origin. */
struct CrawlHost
{
	char	   *origin;
	int			number;
	RobotsState state;
	Robots	   *robots;		/* NULL: all is allowed */
	int64		spacing;	/* microseconds; known with the robots */
	dlist_head	waiting;	/* pages, the next one first */
	int			in_flight;	/* pages asked for and not answered */
	int			n_failures; /* in a row, of the network */
	bool		closed;		/* nothing more is asked of it in this run */
};

/* Without a delay, too, a request is one that waits where its host is busy. */
#define CRAWL_LEAST_SPACING 1

/* An origin's name: that of a host has at most 253 characters. */
#define CRAWL_ORIGIN_SIZE 280

typedef struct HostEntry
{
	char	   origin[CRAWL_ORIGIN_SIZE];
	CrawlHost *host;
} HostEntry;

struct Crawl
{
	Run				 *run;
	const CrawlRules *rules;
	MemoryContext	  context; /* the run's */
	Arena			 *arena;   /* for a moment's needs */
	List			 *sites;   /* of char *: patterns of what may be asked */
	HTAB			 *hosts;   /* of HostEntry, by origin */
	CrawlHost		**by_number;
	int				  n_hosts;
	HTAB			 *seen;	  /* hashes of known addresses */
	HTAB			 *read;	  /* of those whose page was had, since the last commit */
	HTAB			 *copies; /* of visible texts */
	Page			**pages;  /* by number */
	int				  n_pages;
	List			 *left; /* of Page *: failed, may pass */
	List *
		later; /* of Page *: those that were left before an earlier commit; asked again at the end */
	int64		   n_asked; /* pages, through all commits */
	int64		   n_known; /* pages, likewise */
	int64		   n_answered;
	int			   in_flight;	 /* requests, those for robots.txt too */
	int			   leg_answered; /* requests since the last commit */
	bool		   leg_over;
	int			   n_refused; /* by robots.txt */
	int			   n_trapped;
	StringInfoData refused; /* some of them, for the journal */
	StringInfoData trapped;
};

/* crawl_host.c */
extern CrawlHost *crawl_find_host(Crawl *crawl, const char *url);
extern void		  crawl_ask_robots(Crawl *crawl, CrawlHost *host);
extern void		  crawl_hear_robots(Crawl *crawl, CrawlHost *host, const FetchResponse *response);

/* crawl.c */
extern void	 crawl_add_site(Crawl *crawl, const char *pattern);
extern Page *crawl_new_page(Crawl *crawl, PageWhat what, const char *url, int depth);
extern void	 crawl_queue(Crawl *crawl, Page *page, bool first);

/* crawl_rest.c: the JSON that crawl_resume reads. */
extern char *crawl_write_rest(const Crawl *crawl);

#endif
