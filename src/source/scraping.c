/*
 * scraping.c
 *	  The kind scraping: pages of the web, politely.
 *
 * A source begins at its URL, a page, or at one of these options:
 *
 *		pages		["https://...", ...]: several pages
 *		sitemap		"https://...": the pages of a sitemap, or of an index of them, .gz too
 *		fil			"https://...": the pages of a feed's entries
 *
 * and says which links it follows and what it keeps:
 *
 *		profondeur	links followed from where it begins: 1 for a URL, else 0
 *		suivre		a regular expression that the address of a link matches
 *		suivre_xpath	an XPath expression that finds the links, or elements that hold them
 *		hotes		["*.exemple.fr", ...]: hosts that links may lead to, besides the starts'
 *		garder		a regular expression that the address of a page matches that is stored
 *		pages_max	pages a run; 1000
 *		delai		seconds between two pages of a host, at least; datasens.host_delay
 *		titre, texte, auteur, date	XPath expressions that find them
 *
 * What a page says is found by itself (parse/article.h) where no expression is to find
 * it.  Manners are the crawl's (crawl.h): they are no option.
 */
#include "postgres.h"

#include "base/memory.h"
#include "base/settings.h"
#include "parse/page_url.h"
#include "parse/regex_cost.h"
#include "parse/xpath.h"
#include "source/address.h"
#include "source/crawl.h"
#include "source/kind.h"
#include "source/options.h"
#include "source/scraping_page.h"

#include "catalog/pg_collation_d.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "regex/regex.h"
#include "utils/builtins.h"

#include <time.h>

/* Bytes for one address in two forms. */
#define ADDRESS_ARENA (256 * 1024)

#define PAGES_MAX 1000
#define PAGES_LIMIT 100000
#define DEPTH_LIMIT 100
#define DELAY_LIMIT 3600

/*
 * A regular expression of the largest allowed size was measured to take 0.2 s to compile, and 25
 * ms at most to match with the longest address. Matching all links of a page with the most links
 * could still take minutes, so all of them together are given a second of the processor, which no
 * sensible expression needs.
 */
#define REGEX_SIZE_MAX 1000
#define MATCHING_LIMIT INT64CONST(1000000000)

/* The options that are XPath expressions. */
static const char *const xpath_options[] = {"titre", "texte", "auteur", "date", "suivre_xpath"};

static const char *const known_options[] = {
	"pages", "sitemap",		 "fil",	  "profondeur", "suivre", "hotes", "garder",	   "pages_max",
	"delai", "suivre_xpath", "titre", "texte",		"auteur", "date",  OPTIONS_COMMON, NULL};

/* A run's crawl, and what of its source it needs for each page. */
typedef struct Scraping
{
	Crawl	  *crawl;
	CrawlRules rules;
	text	  *follow;		  /* NULL: all links of the site */
	text	  *keep;		  /* NULL: all pages */
	int64	   matched_since; /* this page's first match, in the processor's nanoseconds */
} Scraping;

/* ---- options ---- */

static void
check_url(const char *url)
{
	Arena *arena = memory_arena(CurrentMemoryContext, ADDRESS_ARENA);

	options_check_url(url, "A page's URL begins with http:// or https:// and a host.");
	if (!text_present(page_url_normalise(arena, (Text){url, strlen(url)})))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("URL \"%s\" cannot be collected", address_shown(url)),
						errdetail("It is longer than %d bytes, or its host is not of ASCII.",
								  PAGE_URL_MAX),
						errhint("An international name is written as \"xn--...\".")));
}

/*
 * Refuses a regular expression that could keep a collector busy for hours, before it is compiled.
 */
static void
check_regex_cost(const char *key, const char *regex)
{
	const char *fault = NULL;
	const char *why = "";
	const char *instead = "";
	RegexCost	cost;

	regex_cost((Text){regex, strlen(regex)}, &cost);
	if (cost.back_reference)
	{
		fault = "a back reference";
		why = "Finding out whether an address matches it can take longer than any crawl.";
		instead = "Write what it is to match once more, in the place of \\1.";
	}
	else if (cost.nested_look)
	{
		fault = "a look-around within a look-around";
		why = "From each place in an address it would look at each other one.";
		instead = "Put them one behind the other, as in (?!.*print)(?=.*article).";
	}
	else if (cost.other_syntax)
	{
		fault = "an option that changes its syntax";
		why = "Of (?b), (?e), (?q) and (?x) it cannot be told beforehand what they take.";
		instead = "(?i) and the other options can be had.";
	}
	else if (cost.size > REGEX_SIZE_MAX)
	{
		fault = "too much to match";
		why = psprintf("With its bounds written out it has more than %d parts.", REGEX_SIZE_MAX);
		instead = "Use smaller numbers in bounds as {1,200}, or + and *.";
	}
	if (fault != NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"%s\" has %s", key, fault), errdetail("%s", why),
						errhint("%s", instead)));
}

/*
 * The regular expression under that key, compiled once to see that it can be; NULL where there is
 * none.
 */
static text *
read_regex(json_t *options, const char *key)
{
	const char *regex = options_string(options, key);
	text	   *pattern;

	if (regex == NULL)
		return NULL;
	check_regex_cost(key, regex);
	pattern = cstring_to_text(regex);
	PG_TRY();
	{
		(void) RE_compile_and_cache(pattern, REG_ADVANCED, C_COLLATION_OID);
	}
	PG_CATCH();
	{
		errcontext("option \"%s\"", key);
		PG_RE_THROW();
	}
	PG_END_TRY();
	return pattern;
}

static void
check_xpath(json_t *options, const char *key)
{
	const char *expression = options_string(options, key);
	Failure		failure = FAILURE_INIT;
	XPath	   *xpath;

	if (expression == NULL)
		return;
	xpath = xpath_compile(memory_utf8(expression, strlen(expression)), &failure);
	xpath_free(xpath);
	if (xpath == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"%s\" is not an XPath expression", key),
						errdetail("%s", memory_sentence(failure.detail)),
						errhint("It is written as in '{\"%s\": \"//h1\"}'.", key)));
}

/*
 * The time that this thread has used, in nanoseconds: neither another thread's nor that of a
 * stopped process counts.
 */
static int64
processor_time(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0)
		elog(ERROR, "could not read the processor's clock: %m");
	return (int64) now.tv_sec * 1000000000 + now.tv_nsec;
}

/*
 * Whether the address matches. ereports, naming the option, where this page has been matched for
 * too long.
 */
static bool
matches(const Scraping *scraping, const char *key, text *pattern, const char *url)
{
	CHECK_FOR_INTERRUPTS();
	if (processor_time() - scraping->matched_since > MATCHING_LIMIT)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("option \"%s\" takes too long to match the page's links", key),
						errhint("Make the regular expression simpler.")));
	return RE_compile_and_execute(pattern, (char *) url, (int) strlen(url), REG_ADVANCED,
								  C_COLLATION_OID, 0, NULL);
}

/* Checks that the source begins at exactly one of these. */
static void
check_starts(const Source *source, json_t *options)
{
	char	  **pages = options_strings(options, "pages");
	const char *sitemap = options_string(options, "sitemap");
	const char *feed = options_string(options, "fil");

	if ((source->url != NULL) + (pages != NULL) + (sitemap != NULL) + (feed != NULL) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("source \"%s\" needs one place to begin at", source->nom),
				 errhint("Give a page as url, or one of the options \"pages\", \"sitemap\" and "
						 "\"fil\", as in '{\"sitemap\": \"https://.../sitemap.xml\"}'.")));
	if (source->url)
		check_url(source->url);
	for (int i = 0; pages && pages[i]; i++)
		check_url(pages[i]);
	if (sitemap)
		check_url(sitemap);
	if (feed)
		check_url(feed);
}

static void
read_rules(Scraping *scraping, const Source *source, json_t *options)
{
	int64 depth = source->url ? 1 : 0;
	int64 pages_max = PAGES_MAX;
	int64 delay = 0;

	(void) options_integer(options, "profondeur", 0, DEPTH_LIMIT, &depth);
	(void) options_integer(options, "pages_max", 1, PAGES_LIMIT, &pages_max);
	(void) options_integer(options, "delai", 0, DELAY_LIMIT, &delay);
	scraping->rules.depth = (int) depth;
	scraping->rules.pages_max = (int) pages_max;
	scraping->rules.delay = delay * 1000000;
	scraping->rules.hosts = options_strings(options, "hotes");
	scraping->follow = read_regex(options, "suivre");
	scraping->keep = read_regex(options, "garder");
	for (size_t i = 0; i < lengthof(xpath_options); i++)
	{
		if (options_string(options, xpath_options[i]) != NULL)
			scraping->rules.options =
				pg_server_to_any(source->options, strlen(source->options), PG_UTF8);
	}
}

static void
scraping_validate(const Source *source)
{
	json_t	*options = options_read(source->options);
	Scraping scraping = {0};

	options_check_keys(options, known_options);
	for (size_t i = 0; i < lengthof(xpath_options); i++)
		check_xpath(options, xpath_options[i]);
	check_starts(source, options);
	read_rules(&scraping, source, options);
}

/* ---- collecting ---- */

static void
scraping_recalled(Run *run, const char *parameters)
{
	Scraping *scraping = run_state(run);

	crawl_recalled(scraping->crawl, parameters);
}

/*
 * A crawl that was interrupted, or that has more pages than a run may ask for, goes on where the
 * cursor says; else it begins at the addresses of the source.
 */
static void
scraping_begin(Run *run)
{
	const Source *source = run_source(run);
	json_t		 *options = options_read(source->options);
	Scraping	 *scraping = palloc0(sizeof(Scraping));
	char		**pages = options_strings(options, "pages");
	const char	 *sitemap = options_string(options, "sitemap");
	const char	 *feed = options_string(options, "fil");

	read_rules(scraping, source, options);
	scraping->rules.recalled = scraping_recalled;
	scraping->crawl = crawl_create(run, &scraping->rules);
	run_set_state(run, scraping);
	run_format(run, "html");
	if (source->cursor)
		crawl_resume(scraping->crawl, source->cursor);
	else
	{
		if (source->url)
			crawl_start(scraping->crawl, PAGE_PAGE, source->url);
		for (int i = 0; pages && pages[i]; i++)
			crawl_start(scraping->crawl, PAGE_PAGE, pages[i]);
		if (sitemap)
			crawl_start(scraping->crawl, PAGE_SITEMAP, sitemap);
		if (feed)
			crawl_start(scraping->crawl, PAGE_FEED, feed);
	}
	crawl_go(scraping->crawl);
}

static bool
scraping_hear(Run *run, const FetchResponse *response)
{
	Scraping *scraping = run_state(run);

	return crawl_hear(scraping->crawl, response);
}

static void
scraping_finish(Run *run)
{
	Scraping *scraping = run_state(run);

	crawl_finish(scraping->crawl);
}

/* ---- what was read ---- */

static void
follow_links(Scraping *scraping, const Page *page, const ScrapedPage *scraped)
{
	for (size_t i = 0; i < scraped->n_links; i++)
	{
		const HtmlLink *link = &scraped->links[i];

		if (link->nofollow)
			continue;
		if (scraping->follow)
		{
			char *url = pnstrdup(link->url.data, link->url.len);
			bool  wanted = matches(scraping, "suivre", scraping->follow, url);

			pfree(url);
			if (!wanted)
				continue;
		}
		crawl_link(scraping->crawl, page, link->url);
	}
}

static void
emit_article(Run *run, const Article *article, Text url)
{
	Record record = {
		.titre = article->titre,
		.texte = article->texte,
		.url = url,
		.auteur = article->auteur,
		.langue = article->langue,
		.meta = article->meta,
		.has_date = article->has_date,
		.date = article->date,
	};

	run_emit(run, &record);
}

/* Whether the page is one that the source names, and not only for its links. */
static bool
is_meant(const Scraping *scraping, const Page *page)
{
	return page->depth == 0 && !crawl_follows(scraping->crawl, page);
}

/* A page that is known, a copy, or not to be kept brings nothing new. */
static void
emit_page(Run *run, Scraping *scraping, const Page *page, const ScrapedPage *scraped)
{
	const Article *article = scraped->article;
	bool		   copy = crawl_is_copy(scraping->crawl, page, scraped->text_hash);
	bool		   alias;
	Text		   url = address_bare(crawl_alias(scraping->crawl, page, article->url, &alias));
	const char	  *own = run_source(run)->url;
	bool		   empty = !text_present(article->texte) || article->texte.len == 0;

	if (own != NULL && text_present(url))
		url = address_without_secrets(url, own);
	if (copy || alias || run_known(run) || page->noindex || article->noindex ||
		(empty && !is_meant(scraping, page)) ||
		(scraping->keep && !matches(scraping, "garder", scraping->keep, page->url)))
		run_unchanged(run);
	else if (empty)
		run_reject(run, page->number + 1, "no text was found on the page", url);
	else
		emit_article(run, article, url);
	if (!copy && !page->nofollow && !article->nofollow)
		follow_links(scraping, page, scraped);
}

static void
scraping_emit(Run *run, const void *parsed)
{
	const ScrapedPage *scraped = parsed;
	Scraping		  *scraping = run_state(run);
	const Page		  *page = crawl_page(scraping->crawl, scraped->number);

	scraping->matched_since = processor_time();
	if (scraped->what == PAGE_PAGE)
		emit_page(run, scraping, page, scraped);
	else
		run_unchanged(run);
	for (size_t i = 0; i < scraped->n_urls; i++)
		crawl_want(scraping->crawl, scraped->of_sitemaps ? PAGE_SITEMAP : PAGE_PAGE,
				   scraped->urls[i]);
	crawl_go(scraping->crawl);
}

DEFINE_KIND(scraping) = {
	.name = "scraping",
	.schedule = "0 2 * * *",
	.accept = "text/html, application/xhtml+xml, */*;q=0.5",
	.validate = scraping_validate,
	.begin = scraping_begin,
	.parse = scraping_parse,
	.emit = scraping_emit,
	.hear = scraping_hear,
	.finish = scraping_finish,
	.robots = true,
};
