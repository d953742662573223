/*
 * crawl.c
 *	  A crawl: pages that are known, asked for and answered.
 *
 * A page waits at its host (CrawlHost.waiting). pump() asks for the next one of a host as soon as
 * that host has answered the one before: so no host waits for another, and the fetcher never holds
 * more than one page of a host that wants to be left alone in between.
 *
 * A crawl is done in legs. After so many pages, bytes or minutes the run asks for nothing more,
 * and ends with all that is left as its cursor (crawl_rest.c): it is committed, and the source
 * goes on at once. So a crash costs some minutes, and memory does not grow with the site.
 */
#include "postgres.h"

#include "base/memory.h"
#include "base/settings.h"
#include "net/queue.h"
#include "parse/page_url.h"
#include "parse/url.h"
#include "source/crawl_parts.h"

#include <time.h>

#include "common/hashfn.h"
#include "utils/memutils.h"

/* What a run may gather before it is committed. */
#define LEG_PAGES 1000
#define LEG_BYTES ((Size) 16 * 1024 * 1024)
#define LEG_SECONDS 300

/* A page is asked for this often in a run while its host says that it is busy. */
#define MAX_TRIES 3

/* A host that fails this often in a row is left alone, and its pages for a retry. */
#define MAX_FAILURES 3

/*
 * How many addresses are remembered, by pages_max: those that cannot be asked for any more are of
 * no use.
 */
#define KNOWN_FACTOR 2
#define KNOWN_SPARE 1000

/* So many refused addresses are named in the journal. */
#define NAMED 5

/* Bytes for one address and what is made of it. */
#define CRAWL_ARENA (256 * 1024)

#define YEAR_ZERO 1900 /* of struct tm */

Text
crawl_agent(void)
{
	const char *agent = setting_user_agent;

	if (agent == NULL || agent[0] == '\0')
		agent = "datasens";
	return (Text){agent, strcspn(agent, " (")};
}

/* A set of hashes, in the current memory context. */
static HTAB *
create_hashes(const char *name)
{
	HASHCTL control = {
		.keysize = sizeof(uint64), .entrysize = sizeof(uint64), .hcxt = CurrentMemoryContext};

	return hash_create(name, 1024, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

Crawl *
crawl_create(Run *run, const CrawlRules *rules)
{
	Crawl  *crawl = palloc0(sizeof(Crawl));
	HASHCTL hosts = {
		.keysize = CRAWL_ORIGIN_SIZE, .entrysize = sizeof(HostEntry), .hcxt = CurrentMemoryContext};

	crawl->run = run;
	crawl->rules = rules;
	crawl->context = CurrentMemoryContext;
	crawl->arena = memory_arena(CurrentMemoryContext, CRAWL_ARENA);
	crawl->hosts =
		hash_create("datasens crawl hosts", 64, &hosts, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	crawl->seen = create_hashes("datasens known pages");
	crawl->read = create_hashes("datasens read pages");
	crawl->copies = create_hashes("datasens page texts");
	initStringInfo(&crawl->refused);
	initStringInfo(&crawl->trapped);
	for (int i = 0; rules->hosts && rules->hosts[i]; i++)
		crawl_add_site(crawl, rules->hosts[i]);
	return crawl;
}

/* ---- what is known ---- */

static uint64
hash_of(Text url)
{
	return hash_bytes_extended((const unsigned char *) url.data, (int) url.len, 0);
}

/*
 * Adds an address to a list of names for the journal, if it is one of the first few. n: how many
 * there were before.
 */
static void
name_one(StringInfo names, int n, const char *url, const char *why)
{
	if (n < NAMED)
		appendStringInfo(names, "%s%s%s%s%s", n > 0 ? ", " : "", url, why ? " (" : "",
						 why ? why : "", why ? ")" : "");
	else if (n == NAMED)
		appendStringInfoString(names, ", ...");
}

/* Whether the hash is new to the table; then it is known from now on. */
static bool
is_new_hash(HTAB *table, uint64 hash)
{
	bool found;

	(void) hash_search(table, &hash, HASH_ENTER, &found);
	return !found;
}

static bool
has_hash(HTAB *table, uint64 hash)
{
	return hash_search(table, &hash, HASH_FIND, NULL) != NULL;
}

/* Whether the address was not known before; it is from now on. */
static bool
is_new(Crawl *crawl, Text url)
{
	return is_new_hash(crawl->seen, hash_of(url));
}

void
crawl_add_site(Crawl *crawl, const char *pattern)
{
	ListCell *cell;

	foreach (cell, crawl->sites)
	{
		if (strcmp(lfirst(cell), pattern) == 0)
			return;
	}
	crawl->sites = lappend(crawl->sites, MemoryContextStrdup(crawl->context, pattern));
}

static bool
is_of_site(const Crawl *crawl, Text url)
{
	Text	  site = page_url_site(url);
	ListCell *cell;

	foreach (cell, crawl->sites)
	{
		const char *pattern = lfirst(cell);

		if (page_url_site_matches(site, (Text){pattern, strlen(pattern)}))
			return true;
	}
	return false;
}

Page *
crawl_page(const Crawl *crawl, int number)
{
	return number >= 0 && number < crawl->n_pages ? crawl->pages[number] : NULL;
}

/*
 * Makes a page with a number, which waits nowhere yet; NULL where its host would be one too many.
 */
Page *
crawl_new_page(Crawl *crawl, PageWhat what, const char *url, int depth)
{
	CrawlHost *host = crawl_find_host(crawl, url);
	Page	  *page;

	if (host == NULL)
		return NULL;
	page = MemoryContextAllocZero(crawl->context, sizeof(Page));
	page->what = what;
	page->url = MemoryContextStrdup(crawl->context, url);
	page->host = host;
	page->depth = depth;
	page->number = crawl->n_pages;
	if ((crawl->n_pages & (crawl->n_pages - 1)) == 0)
		crawl->pages = crawl->pages == NULL
						   ? MemoryContextAlloc(crawl->context, sizeof(Page *))
						   : repalloc_huge(crawl->pages, crawl->n_pages * 2 * sizeof(Page *));
	crawl->pages[crawl->n_pages++] = page;
	return page;
}

void
crawl_queue(Crawl *crawl, Page *page, bool first)
{
	if (first)
		dlist_push_head(&page->host->waiting, &page->node);
	else
		dlist_push_tail(&page->host->waiting, &page->node);
}

/*
 * Makes a page of a normalised address and has it wait at its host. NULL: it is known already, or
 * one too many.
 */
static Page *
add_page(Crawl *crawl, PageWhat what, Text url, int depth)
{
	int64 limit = (int64) crawl->rules->pages_max * KNOWN_FACTOR + KNOWN_SPARE;
	Page *page;

	if (crawl->n_known >= limit || !is_new(crawl, url))
		return NULL;
	page = crawl_new_page(crawl, what, pnstrdup(url.data, url.len), depth);
	if (page == NULL)
		return NULL;
	crawl->n_known += what == PAGE_PAGE;
	crawl_queue(crawl, page, false);
	return page;
}

/* ---- where pages come from ---- */

void
crawl_start(Crawl *crawl, PageWhat what, const char *url)
{
	Failure failure = FAILURE_INIT;
	Text	normal;
	Text	site;
	Page   *page;

	arena_reset(crawl->arena);
	normal = page_url_normalise(crawl->arena, (Text){url, strlen(url)});
	if (!text_present(normal))
	{
		failure_set(&failure, FAILURE_URL, "not a page's address: %s", url);
		run_fail(crawl->run, url, &failure);
		return;
	}
	site = page_url_site(normal);
	crawl_add_site(crawl, pnstrdup(site.data, site.len));
	page = add_page(crawl, what, normal, 0);
	if (page != NULL)
		page->is_start = true;
}

void
crawl_want(Crawl *crawl, PageWhat what, Text url)
{
	Text normal;

	arena_reset(crawl->arena);
	normal = page_url_normalise(crawl->arena, url);
	if (text_present(normal))
		(void) add_page(crawl, what, normal, 0);
}

bool
crawl_follows(const Crawl *crawl, const Page *page)
{
	return page->depth < crawl->rules->depth;
}

static int
this_year(void)
{
	time_t	  now = time(NULL);
	struct tm parts;

	return gmtime_r(&now, &parts) ? parts.tm_year + YEAR_ZERO : 0;
}

void
crawl_link(Crawl *crawl, const Page *from, Text url)
{
	Text		normal;
	const char *trap;

	arena_reset(crawl->arena);
	normal = page_url_normalise(crawl->arena, url);
	if (!text_present(normal) || page_url_is_file(normal) || !is_of_site(crawl, normal))
		return;
	trap = page_url_trap(normal, this_year());
	if (trap == NULL)
		(void) add_page(crawl, PAGE_PAGE, normal, from->depth + 1);
	else if (is_new(crawl, normal))
		name_one(&crawl->trapped, crawl->n_trapped++, pnstrdup(normal.data, normal.len), trap);
}

/*
 * An address that ends with '/' is often the front page, which some sites give as the own address
 * of all their pages; that is not believed.
 */
Text
crawl_alias(Crawl *crawl, const Page *page, Text canonical, bool *done)
{
	Text normal;

	*done = false;
	arena_reset(crawl->arena);
	normal = page_url_normalise(crawl->arena, canonical);
	if (!text_present(normal) || !is_of_site(crawl, normal) ||
		text_equal(normal, (Text){page->url, strlen(page->url)}))
		return (Text){page->url, strlen(page->url)};
	if (is_new(crawl, normal))
		(void) is_new_hash(crawl->read, hash_of(normal));
	else
		*done = has_hash(crawl->read, hash_of(normal)) && normal.data[normal.len - 1] != '/';
	return normal;
}

bool
crawl_is_copy(Crawl *crawl, const Page *page, uint64 text_hash)
{
	const char *origin = page->host->origin;

	return !is_new_hash(crawl->copies,
						hash_combine64(text_hash, hash_of((Text){origin, strlen(origin)})));
}

/* ---- asking ---- */

/*
 * Whether the run is to be committed before more is asked for. What is still waiting for a host's
 * time is then taken back, so that no slow host holds up the commit, and with it the others. Each
 * leg answers at least one request, so that the crawl comes to its end.
 */
static bool
leg_is_over(Crawl *crawl)
{
	bool full = crawl->leg_answered >= LEG_PAGES || run_bytes(crawl->run) >= LEG_BYTES ||
				run_seconds(crawl->run) >= LEG_SECONDS;

	if (full && crawl->leg_answered > 0 && !crawl->leg_over)
	{
		crawl->leg_over = true;
		run_recall(crawl->run, crawl->rules->recalled);
	}
	return crawl->leg_over;
}

static void
refuse(Crawl *crawl, const Page *page)
{
	Failure failure = FAILURE_INIT;

	if (page->is_start)
	{
		failure_set(&failure, FAILURE_ROBOTS, "the robots.txt of %s forbids %s", page->host->origin,
					page->url);
		run_fail(crawl->run, page->url, &failure);
	}
	name_one(&crawl->refused, crawl->n_refused++, page->url, NULL);
}

static void
ask(Crawl *crawl, Page *page)
{
	bool		follows = crawl_follows(crawl, page);
	const char *options = crawl->rules->options;
	Ask			request = {
				.url = page->url,
				.parameters = psprintf("%c %d %d %s", page->what, page->number, follows,
							   page->what == PAGE_PAGE && options ? options : ""),
				.spacing = Max(page->host->spacing, CRAWL_LEAST_SPACING),
				.alone = page->host->spacing > 0,
				.stay = true,
				.whole = follows || page->what != PAGE_PAGE,
	};

	page->host->in_flight++;
	crawl->in_flight++;
	if (page->what == PAGE_PAGE && page->tries == 0)
		crawl->n_asked++;
	page->tries++;
	run_ask(crawl->run, &request);
}

/* Whether the host may be asked for one more page now. */
static bool
has_room(const Crawl *crawl, const CrawlHost *host)
{
	int limit = host->spacing > 0 ? 1 : setting_max_connections_per_host;

	return !host->closed && host->in_flight < limit &&
		   !dlist_is_empty((dlist_head *) &host->waiting);
}

/* Asks for the next of a host: its robots.txt first, then pages that this allows. */
static void
pump(Crawl *crawl, CrawlHost *host)
{
	if (host->closed || leg_is_over(crawl) || dlist_is_empty(&host->waiting))
		return;
	if (host->state == ROBOTS_UNKNOWN)
		crawl_ask_robots(crawl, host);
	if (host->state != ROBOTS_READ)
		return;
	while (has_room(crawl, host) && !leg_is_over(crawl))
	{
		Page *page = dlist_container(Page, node, dlist_pop_head_node(&host->waiting));
		Text  url = {page->url, strlen(page->url)};

		if (host->robots != NULL && !robots_may_fetch(host->robots, url))
			refuse(crawl, page);
		else if (page->what != PAGE_PAGE || page->tries > 0 ||
				 crawl->n_asked < crawl->rules->pages_max)
			ask(crawl, page);
	}
}

void
crawl_go(Crawl *crawl)
{
	for (int i = 0; i < crawl->n_hosts; i++)
		pump(crawl, crawl->by_number[i]);
	run_pages(crawl->run, crawl->n_answered, Max(crawl->n_known, 1));
}

/* ---- answers ---- */

/*
 * Where a redirect leads is a page of its own, at the same depth. True: that was all there is to
 * the answer.
 */
static bool
hear_redirect(Crawl *crawl, const Page *page, const FetchResponse *response)
{
	Failure failure = FAILURE_INIT;
	Text	normal;
	Page   *target;

	arena_reset(crawl->arena);
	normal =
		page_url_normalise(crawl->arena, (Text){response->location, strlen(response->location)});
	if (page->redirects >= setting_max_redirects)
	{
		failure_set(&failure, FAILURE_REFUSED,
					"more redirects than datasens.max_redirects allows: %s", page->url);
		run_fail(crawl->run, page->url, &failure);
	}
	if (!text_present(normal) || page->redirects >= setting_max_redirects)
		return true;
	if (page->is_start && !is_of_site(crawl, normal))
	{
		Text site = page_url_site(normal);

		crawl_add_site(crawl, pnstrdup(site.data, site.len));
	}
	if (!is_of_site(crawl, normal) && page->depth > 0)
		return true;
	target = add_page(crawl, page->what, normal, page->depth);
	if (target != NULL)
	{
		target->redirects = page->redirects + 1;
		target->is_start = page->is_start;
		pump(crawl, target->host);
	}
	return true;
}

/* Leaves the page, or all pages of its host, for a retry. */
static void
leave(Crawl *crawl, Page *page, bool host)
{
	crawl->left = lappend(crawl->left, page);
	if (host)
		page->host->closed = true;
}

/*
 * A busy host is asked for the page again, before all others, when its time has come. A host that
 * does not answer is given up after a few pages. True: nothing has failed yet.
 */
static bool
hear_failure(Crawl *crawl, Page *page, const Failure *failure, long status)
{
	bool busy = status == 429 || status == 503;
	bool soon = failure->retry_after * INT64CONST(1000000) <= QUEUE_PATIENCE;

	if (!failure_is_transient(failure->class))
	{
		page->host->n_failures = 0;
		return false;
	}
	if (busy && soon && page->tries < MAX_TRIES)
	{
		crawl_queue(crawl, page, true);
		return true;
	}
	page->host->n_failures++;
	leave(crawl, page, busy || !soon || page->host->n_failures >= MAX_FAILURES);
	return false;
}

/* Whether the Content-Type may be that of a page with text; an absent one may. */
static bool
is_page_type(const char *type)
{
	static const char *const types[] = {"text/html", "application/xhtml", "text/plain",
										"application/xml", "text/xml"};

	if (type == NULL)
		return true;
	for (size_t i = 0; i < lengthof(types); i++)
	{
		if (pg_strncasecmp(type, types[i], strlen(types[i])) == 0)
			return true;
	}
	return false;
}

/* True: what was linked as a page turns out to be none, and is passed over. */
static bool
hear_page(Crawl *crawl, Page *page, const FetchResponse *response)
{
	RobotsDirectives directives = {false, false};
	const char		*tag = response->robots_tag;

	page->host->n_failures = 0;
	(void) is_new_hash(crawl->read, hash_of((Text){page->url, strlen(page->url)}));
	if (tag != NULL)
		directives = robots_directives((Text){tag, strlen(tag)}, crawl_agent());
	page->noindex = directives.noindex;
	page->nofollow = directives.nofollow;

	/* What turns out to be no page, and was only linked, is none of ours. */
	return page->what == PAGE_PAGE && !page->is_start && response->status != 304 &&
		   !is_page_type(response->content_type);
}

static bool
hear_answer(Crawl *crawl, Page *page, const FetchResponse *response)
{
	page->host->in_flight--;
	crawl->in_flight--;
	crawl->leg_answered++;
	if (failure_is(&response->failure))
		return hear_failure(crawl, page, &response->failure, response->status);
	crawl->n_answered += page->what == PAGE_PAGE;
	if (response->location != NULL)
		return hear_redirect(crawl, page, response);
	return hear_page(crawl, page, response);
}

bool
crawl_hear(Crawl *crawl, const FetchResponse *response)
{
	char	   what = response->parameters[0];
	int		   number = atoi(response->parameters + 2);
	bool	   heard = true;
	CrawlHost *host;

	if (what == PAGE_ROBOTS)
	{
		host = crawl->by_number[number];
		crawl_hear_robots(crawl, host, response);
	}
	else
	{
		Page *page = crawl_page(crawl, number);

		host = page->host;
		heard = hear_answer(crawl, page, response);
	}
	pump(crawl, host);
	run_pages(crawl->run, crawl->n_answered, Max(crawl->n_known, 1));
	return heard;
}

void
crawl_recalled(Crawl *crawl, const char *parameters)
{
	int number = atoi(parameters + 2);

	crawl->in_flight--;
	if (parameters[0] == PAGE_ROBOTS)
		crawl->by_number[number]->state = ROBOTS_UNKNOWN;
	else
	{
		Page *page = crawl_page(crawl, number);

		page->host->in_flight--;
		if (--page->tries == 0 && page->what == PAGE_PAGE)
			crawl->n_asked--;
		crawl_queue(crawl, page, true);
	}
}

/* ---- the end ---- */

/* Tells the journal what was left out, and why: that is no failure, but nothing to hide either. */
static void
tell(Crawl *crawl)
{
	const char *nom = run_source(crawl->run)->nom;

	if (crawl->n_refused > 0)
		run_note(crawl->run, "ROBOTS_REFUS",
				 psprintf("%s: robots.txt forbids %d pages: %s", nom, crawl->n_refused,
						  crawl->refused.data));
	if (crawl->n_trapped > 0)
		run_note(crawl->run, "PAGES_ECARTEES",
				 psprintf("%s: %d addresses look endless: %s", nom, crawl->n_trapped,
						  crawl->trapped.data));
}

/*
 * Whether pages wait at hosts that may be asked now; closed: at those that may be asked only after
 * a while.
 */
static bool
someone_waits(const Crawl *crawl, bool closed)
{
	for (int i = 0; i < crawl->n_hosts; i++)
	{
		if (!dlist_is_empty(&crawl->by_number[i]->waiting) && crawl->by_number[i]->closed == closed)
			return true;
	}
	return false;
}

/* Pages that failed before an earlier commit get their second chance when all else is done. */
static void
ask_later(Crawl *crawl)
{
	ListCell *cell;

	foreach (cell, crawl->later)
		crawl_queue(crawl, lfirst(cell), false);
	crawl->later = NIL;
	crawl_go(crawl);
}

void
crawl_finish(Crawl *crawl)
{
	bool goes_on;

	if (!someone_waits(crawl, false))
		ask_later(crawl);
	if (crawl->in_flight > 0)
		return;
	goes_on =
		crawl->leg_over && someone_waits(crawl, false) && crawl->n_asked < crawl->rules->pages_max;
	tell(crawl);
	if (goes_on || crawl->left != NIL || someone_waits(crawl, true))
		run_rest(crawl->run, crawl_write_rest(crawl), goes_on);
}
