/*
 * crawl_host.c
 *	  The hosts of a crawl, and what their robots.txt says.
 *
 * RFC 9309, 2.3.1: nothing of an origin is asked for before its robots.txt. A file that is not
 * there (4xx, too many redirects) allows everything. One that cannot be had now (5xx, 429, no
 * answer) forbids everything for now, so the origin's pages are left for a retry.
 */
#include "postgres.h"

#include "base/memory.h"
#include "base/settings.h"
#include "net/host.h"
#include "parse/url.h"
#include "source/crawl_parts.h"

#include "utils/memutils.h"

/* The longest wait between two pages of a host, in microseconds; longer Crawl-delays are cut. */
#define MAX_SPACING (INT64CONST(600) * 1000000)

/* The most hosts that one crawl may meet. */
#define MAX_HOSTS 10000

/* The spacing that holds whatever a robots.txt says. */
static int64
least_spacing(const Crawl *crawl)
{
	return Max(setting_host_delay * INT64CONST(1000), crawl->rules->delay);
}

static void
read_robots(Crawl *crawl, CrawlHost *host, Text body)
{
	int64 spacing = least_spacing(crawl);

	if (text_present(body))
	{
		Arena *arena = memory_arena(crawl->context, ROBOTS_ARENA_LIMIT);

		host->robots = robots_parse(arena, body, crawl_agent());
		if (host->robots == NULL)
			ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
		spacing = Max(spacing, host->robots->crawl_delay);
	}
	host->spacing = Min(spacing, MAX_SPACING);
	host->state = ROBOTS_READ;
}

/* Whether the status, of an earlier day or of today, means that there is no such file. */
static bool
means_none(int status)
{
	return status >= 300 && status < 500 && status != 429;
}

/* Uses what was fetched less than a day ago, by any source; false where nothing was. */
static bool
use_stored_robots(Crawl *crawl, CrawlHost *host)
{
	ListCell *cell;

	foreach (cell, run_source(crawl->run)->robots)
	{
		const RobotsFile *file = lfirst(cell);

		if (strcmp(file->host, host->origin) != 0)
			continue;
		read_robots(crawl, host, file->body);
		return true;
	}
	return false;
}

/* The host of a normalised address; NULL where the crawl has too many already. */
CrawlHost *
crawl_find_host(Crawl *crawl, const char *url)
{
	char	   origin[CRAWL_ORIGIN_SIZE] = {0};
	size_t	   len = strcspn(strstr(url, "://") + 3, "/?#") + (strstr(url, "://") + 3 - url);
	HostEntry *entry;
	CrawlHost *host;
	bool	   found;

	if (len >= sizeof(origin))
		return NULL;
	memcpy(origin, url, len);
	entry = hash_search(crawl->hosts, origin, HASH_FIND, NULL);
	if (entry != NULL)
		return entry->host;
	if (crawl->n_hosts == MAX_HOSTS)
		return NULL;

	host = MemoryContextAllocZero(crawl->context, sizeof(CrawlHost));
	host->origin = MemoryContextStrdup(crawl->context, origin);
	host->number = crawl->n_hosts;
	dlist_init(&host->waiting);
	if ((crawl->n_hosts & (crawl->n_hosts - 1)) == 0) /* a power of two, or none yet: doubled */
		crawl->by_number =
			crawl->by_number == NULL
				? MemoryContextAlloc(crawl->context, sizeof(CrawlHost *))
				: repalloc(crawl->by_number, crawl->n_hosts * 2 * sizeof(CrawlHost *));
	crawl->by_number[crawl->n_hosts++] = host;
	entry = hash_search(crawl->hosts, origin, HASH_ENTER, &found);
	entry->host = host;
	(void) use_stored_robots(crawl, host);
	return host;
}

void
crawl_ask_robots(Crawl *crawl, CrawlHost *host)
{
	Ask ask = {
		.url = psprintf("%s/robots.txt", host->origin),
		.parameters = psprintf("%c %d", PAGE_ROBOTS, host->number),
		.spacing = Max(least_spacing(crawl), CRAWL_LEAST_SPACING),
		.alone = true,
		.whole = true,
	};

	host->state = ROBOTS_ASKED;
	crawl->in_flight++;
	run_ask(crawl->run, &ask);
}

/*
 * Nothing more of the host is asked for in this run. Its first page stands for all of them in what
 * is told of the run.
 */
static void
close_host(Crawl *crawl, CrawlHost *host, const Failure *why)
{
	Failure failure = *why;

	host->state = ROBOTS_UNREACHABLE;
	host->closed = true;
	failure_set(&failure, why->class, "nothing of %s is asked now, as its robots.txt cannot be: %s",
				host->origin, why->detail);
	run_fail(crawl->run, host->origin, &failure);
}

void
crawl_hear_robots(Crawl *crawl, CrawlHost *host, const FetchResponse *response)
{
	Text body = TEXT_NULL;

	crawl->in_flight--;
	if (failure_is(&response->failure) && !means_none((int) response->status))
	{
		close_host(crawl, host, &response->failure);
		return;
	}
	if (!failure_is(&response->failure))
		body = (Text){response->body.data, Min(response->body.len, ROBOTS_SIZE_LIMIT)};
	run_robots(crawl->run, host->origin, (int) response->status, body);
	read_robots(crawl, host, body);
	/* What it asks for holds from now on. */
	host_hold(host_key((Text){host->origin, strlen(host->origin)}), host->spacing);
}
