/*
 * test_robots.c
 *	  robots_parse and what it answers; robots_directives.  The corpus has Google's
 *	  cases and real files; here is what these leave out.
 */
#include "parse/robots.h"

#include "unit.h"

#include <stdlib.h>

#define GROUP "User-agent: bot\n"

static Arena *arena;

static Robots *
parse(const char *file, const char *agent)
{
	arena_reset(arena);
	return robots_parse(arena, unit_string(file), unit_string(agent));
}

/* Whether the bot may, by the bytes, and before a request. */
static bool
allowed(const char *file, const char *url)
{
	return robots_allowed(parse(file, "bot"), unit_string(url));
}

static bool
may_fetch(const char *file, const char *url)
{
	return robots_may_fetch(parse(file, "bot"), unit_string(url));
}

static void
test_groups(void)
{
	const char *file =
		"Disallow: /lost\nUser-agent: *\nDisallow: /a\n\nUser-agent: Bot\nUser-agent: "
		"other\nCrawl-delay: 1\nUser-agent: third\nDisallow: /b\n\nuser-agent: "
		"bot/2.0\ndisallow: /c\nUser-agent: botany\nDisallow: /d";

	ok(allowed(file, "/a") && !allowed(file, "/b"),
	   "a group that names the agent, not the common one");
	ok(!allowed(file, "/c"), "groups for the same agent are one");
	ok(allowed(file, "/d"), "the whole name counts");
	ok(!robots_allowed(parse(file, "third"), TEXT_LITERAL("/b")), "a delay does not end a group");
	ok(!robots_allowed(parse(file, "who"), TEXT_LITERAL("/a")), "everyone else");
	ok(robots_allowed(parse(file, "who"), TEXT_LITERAL("/lost")), "rules without a group");
	ok(parse(file, "bot")->named && !parse(file, "who")->named, "named or not");
	ok(parse(file, "")->n_rules == 1 && parse(file, "*")->n_rules == 1, "no name");
	ok(!robots_allowed(parse(GROUP "Disallow: /", "BOT/1.0 (+http://x)"), TEXT_LITERAL("/")),
	   "the version is no part of the name");
	ok(!allowed("User-agent: * # all\nDisallow: /", "/") &&
		   !allowed("User-agent: * x\nDisallow:/", "/"),
	   "a star and more");
	ok(allowed("User-agent: *x\nDisallow: /", "/"), "a star in a name");
	ok(allowed(GROUP "\nUser-agent: *\nDisallow: /x\n", "/y"), "empty lines part nothing");
	ok(!allowed(GROUP "\nUser-agent: *\nDisallow: /x\n", "/x"), "so two agents share a group");
}

static void
test_lines(void)
{
	ok(!allowed("User-agent: bot\rDisallow: /a\r\nDisallow: /b\n\rDisallow: /c", "/a"), "CR");
	ok(!allowed("User-agent: bot\rDisallow: /a\r\nDisallow: /b\n\rDisallow: /c", "/b"), "CR LF");
	ok(!allowed("User-agent: bot\rDisallow: /a\r\nDisallow: /b\n\rDisallow: /c", "/c"), "the last");
	ok(!allowed("\t User-agent \t:\tbot \n dissallow : /a # b\n", "/a"),
	   "white space, comment, typo");
	ok(!allowed("useragent bot\ndisallow /a", "/a"), "forgotten colons");
	ok(allowed(GROUP "Disallow /a b", "/a"), "three words are no record");
	ok(allowed(GROUP ": /a\nDisallow\n:\n#\n\n", "/a"), "half records");
	ok(!allowed("\xEF\xBB\xBFUser-agent: bot\nDisallow: /", "/"), "byte order mark");
	ok(!allowed("\xEFUser-agent: bot\nDisallow: /", "/"), "a piece of one");
	ok(allowed("User-agent: bot\n\xEF\xBB\xBF"
			   "Disallow: /",
			   "/"),
	   "but at the start only");
	arena_reset(arena);
	is_text(robots_parse(arena, (Text){GROUP "Disallow: /a\0b", 30}, TEXT_LITERAL("bot"))
				->rules[0]
				.pattern,
			"/a", "a zero ends a line");
	arena_reset(arena);
	ok(robots_allowed(robots_parse(arena, TEXT_NULL, TEXT_NULL), TEXT_NULL), "nothing at all");
}

static void
test_patterns(void)
{
	ok(!allowed(GROUP "Disallow: /a*b*c$", "/axbxbxc"), "stars");
	ok(allowed(GROUP "Disallow: /a*b*c$", "/axbxbxcx"), "an end");
	ok(!allowed(GROUP "Disallow: /a*c$", "/acxc"), "the last of two places is the end");
	ok(allowed(GROUP "Disallow: /a*ab$", "/ab"), "pieces do not overlap");
	ok(!allowed(GROUP "Disallow: /a*ba$", "/aba"), "but may touch");
	ok(allowed(GROUP "Disallow: /a$b", "/a") && !allowed(GROUP "Disallow: /a$b", "/a$b"),
	   "a dollar elsewhere is one");
	ok(!allowed(GROUP "Disallow: *", "") && !allowed(GROUP "Disallow: ***$", "http://h"),
	   "only stars");
	ok(allowed(GROUP "Disallow: $", "/"), "only a dollar");
	ok(allowed(GROUP "Disallow: a", "/a") && allowed(GROUP "Disallow: a", "a"),
	   "a path begins with a slash");
	ok(allowed(GROUP "Disallow: /a\nAllow: /a", "/a"), "Allow where two are equally long");
	ok(allowed(GROUP "Allow: /a\nDisallow: /a", "/a"), "in either order");
	ok(!allowed(GROUP "Allow: /a\nDisallow: /*a", "/a"), "the star counts for the length");
	ok(allowed(GROUP "Disallow: /\nAllow: /x/index.html", "/x/"), "an index is its directory");
	ok(!allowed(GROUP "Disallow: /\nAllow: /x/index.html", "/x/y"), "and no more than that");
	ok(!allowed(GROUP "Disallow: /\nAllow: /x/index.php", "/x/"), "if it is one");
	ok(!allowed(GROUP "Disallow: /A", "/A") && allowed(GROUP "Disallow: /A", "/a"),
	   "paths have case");
}

static void
test_urls(void)
{
	ok(!allowed(GROUP "Disallow: /?a=/", "http://h?a=/b"), "a query without a path");
	ok(!allowed(GROUP "Disallow: /;a", "http://h;a"), "parameters without a path");
	ok(!allowed(GROUP "Disallow: /a$", "http://h/a#b/c"), "without fragment");
	ok(!allowed(GROUP "Disallow: /$", "http://h#/a"), "a slash in the fragment is no path");
	ok(!allowed(GROUP "Disallow: /a", "//h/a"), "without scheme");
	ok(!allowed(GROUP "Disallow: /x:8/http://a", "h:80/x:8/http://a"),
	   "a scheme elsewhere is none");
	ok(!allowed(GROUP "Disallow: /a", "http://u:p@h:80/a"), "user and port");
}

/* The same page, however it is written, before a request; by the bytes as they are. */
static void
test_coding(void)
{
	const char *forms[] = {"/caf\xC3\xA9/~a", "/caf%C3%A9/%7Ea", "/caf%c3%a9/%7ea",
						   "/%63af%c3%A9/~%61"};

	for (size_t i = 0; i < 4; i++)
	{
		char file[100];

		snprintf(file, sizeof(file), GROUP "Disallow: %s", forms[i]);
		for (size_t j = 0; j < 4; j++)
			ok(!may_fetch(file, forms[j]), "%s is %s", forms[j], forms[i]);
	}
	ok(!allowed(GROUP "Disallow: /\xC3\xA9", "/%C3%A9"), "a pattern is coded");
	ok(!allowed(GROUP "Disallow: /%c3%a9", "/%C3%A9"), "in capitals");
	ok(allowed(GROUP "Disallow: /%7Ea", "/~a"), "but not decoded");
	ok(allowed(GROUP "Disallow: /\xC3\xA9", "/\xC3\xA9"), "and the URL is not coded");
	ok(may_fetch(GROUP "Disallow: /a%2Fb", "/a/b"), "a coded slash is none");
	ok(may_fetch(GROUP "Disallow: /a%2A", "/ab") && !may_fetch(GROUP "Disallow: /a%2a", "/a%2A"),
	   "a coded star is none");
	ok(!may_fetch(GROUP "Disallow: /%", "/%zz") && !may_fetch(GROUP "Disallow: /%4", "/%4"),
	   "half a code is text");
	ok(!may_fetch(GROUP "Disallow: /?b", "http://h?b") &&
		   !may_fetch(GROUP "Disallow: /$", "http://h"),
	   "no path");
}

static void
test_delays(void)
{
	is_int(parse(GROUP "Crawl-delay: 10", "bot")->crawl_delay, 10000000, "seconds");
	is_int(parse(GROUP "Crawl-delay: .5 # s", "bot")->crawl_delay, 500000, "a part of one");
	is_int(parse(GROUP "crawl-delay:2.25s", "bot")->crawl_delay, 2250000, "a unit");
	is_int(parse(GROUP "Crawl-delay: 0.00000019", "bot")->crawl_delay, 0, "finer than we count");
	is_int(parse(GROUP "Crawl-delay: 99999999999999999999999", "bot")->crawl_delay,
		   ROBOTS_MAX_CRAWL_DELAY, "a day at most");
	is_int(parse(GROUP "Crawl-delay: 1\nDisallow:\n" GROUP "Crawl-delay: 3\nCrawl-delay: 2", "bot")
			   ->crawl_delay,
		   3000000, "the longest");
	is_int(parse(GROUP "Disallow: /\nUser-agent: *\nCrawl-delay: 3", "bot")->crawl_delay, -1,
		   "of another group");
	is_int(parse("User-agent: *\nCrawl-delay: 3", "bot")->crawl_delay, 3000000, "of all");
	is_int(parse("Crawl-delay: 3", "bot")->crawl_delay, -1, "of no group");
	is_int(parse(GROUP "Crawl-delay: -3\nCrawl-delay:\nCrawl-delay: .\nCrawl-delay: x", "bot")
			   ->crawl_delay,
		   -1, "no numbers");
}

static void
test_sitemaps(void)
{
	Robots *robots =
		parse("Sitemap: http://h/a#x\n" GROUP "sitemap:http://h/\xC3\xA9%e9\nSitemap:\n"
			  "Disallow: /x\nSite-map: /c",
			  "other");

	if (is_int((int64_t) robots->n_sitemaps, 3, "sitemaps belong to no group"))
	{
		is_text(robots->sitemaps[0], "http://h/a", "without comment");
		is_text(robots->sitemaps[1], "http://h/%C3%A9%E9", "coded");
		is_text(robots->sitemaps[2], "/c", "as written");
	}
	ok(!allowed("User-agent: x\nSitemap: y\n" GROUP "Sitemap: z\nDisallow: /", "/"),
	   "nor do they end one");
}

/* Lengths beyond any sense, a file and patterns made to take long, an arena too small. */
static void
test_bounds(void)
{
	size_t	size = 2 * ROBOTS_SIZE_LIMIT;
	char   *file = malloc(size);
	char   *url = malloc(100002);
	size_t	len;
	Robots *robots;

	len = (size_t) snprintf(file, size, GROUP "Disallow: /");
	memset(file + len, 'a', 20000);
	memcpy(file + len + 20000, "\n", 2);
	robots = parse(file, "bot");
	ok(robots->n_rules == 1 && robots->rules[0].pattern.len == 16663 - 10, "a long line is cut");

	len = (size_t) snprintf(file, size, GROUP);
	while (len + 12 < size)
		len += (size_t) snprintf(file + len, size - len, "Allow: /a\n");
	robots = parse(file, "bot");
	is_int((int64_t) robots->n_rules, (ROBOTS_SIZE_LIMIT - 16) / 10, "a long file is cut");

	/* thousands of rules of many stars each, none of which matches till the end */
	memset(url, 'a', 100001);
	url[0] = '/';
	url[100001] = '\0';
	len = (size_t) snprintf(file, size, GROUP "Disallow: /");
	while (len < 16000)
		len += (size_t) snprintf(file + len, size - len, "*a");
	len += (size_t) snprintf(file + len, size - len, "*b\n");
	for (int i = 0; i < 1000; i++)
		len += (size_t) snprintf(file + len, size - len, "Disallow: /*a*aa*aaa*b$\n");
	ok(allowed(file, url), "stars without end");

	len = (size_t) snprintf(file, size, GROUP);
	for (size_t i = len; i < size - 1; i++)
		file[i] = (i - len) % 8 == 7 ? '\n' : "allow \xC3\xA9"[(i - len) % 8];
	file[size - 1] = '\0';
	ok(parse(file, "bot") != NULL, "the file with the most rules fits into the arena");
	free(file);
	free(url);

	arena_free(arena);
	arena = arena_create(500);
	ok(parse(GROUP "Disallow: /\nDisallow: /\nDisallow: /", "bot") == NULL, "an exhausted arena");
	arena_free(arena);
	arena = arena_create(4000);
	robots = parse(GROUP, "bot");
	ok(robots_may_fetch(robots, TEXT_LITERAL("/a")), "an arena that does");
	len = 8000;
	url = malloc(len);
	memset(url, '/', len);
	ok(!robots_may_fetch(robots, (Text){url, len}), "and one that does not: better not");
	free(url);
}

/* "i" for noindex, "f" for nofollow. */
static const char *
directives(const char *value)
{
	RobotsDirectives found = robots_directives(unit_string(value), TEXT_LITERAL("Bot/1.0"));

	return found.noindex ? (found.nofollow ? "if" : "i") : (found.nofollow ? "f" : "");
}

static void
test_directives(void)
{
	is_str(directives(NULL), "", "absent");
	is_str(directives(" "), "", "empty");
	is_str(directives("index, follow, all"), "", "all allowed");
	is_str(directives("NoIndex"), "i", "without case");
	is_str(directives("noarchive,nofollow"), "f", "one of several");
	is_str(directives("noindex;nofollow"), "if", "semicolon");
	is_str(directives("noindex nofollow"), "if", "space");
	is_str(directives("none"), "if", "none");
	is_str(directives("noindexing, xnone"), "", "other words");
	is_str(directives("bot: noindex"), "i", "ours");
	is_str(directives("googlebot: noindex"), "", "another's");
	is_str(directives("googlebot: noindex, nofollow, BOT : nofollow"), "f", "up to the next name");
	is_str(directives("nofollow, googlebot: noindex"), "f", "for all, then for another");
	is_str(directives("*: none"), "if", "for all by a star");
	is_str(directives("unavailable_after: 25 Jun 2010 15:00:00 PST, noindex"), "i",
		   "a date is no name");
	is_str(directives("max-snippet:-1, max-image-preview:large, nofollow"), "f", "nor are values");
	is_str(directives("googlebot: max-snippet:20, noindex"), "", "a value after a name");
	is_str(directives(",,:,;bot:,"), "", "nothing but marks");
}

int
main(void)
{
	arena = arena_create(ROBOTS_ARENA_LIMIT);
	test_groups();
	test_lines();
	test_patterns();
	test_urls();
	test_coding();
	test_delays();
	test_sitemaps();
	test_directives();
	test_bounds();
	arena_free(arena);
	return done_testing();
}
