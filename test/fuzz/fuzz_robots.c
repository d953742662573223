/*
 * fuzz_robots.c
 *	  robots_parse and its answers: any bytes as the file, its first line as the URL;
 *	  patterns and sitemaps are ASCII, and a URL in normal form has one answer.
 */
#include "parse/robots.h"

#include "fuzz.h"

static bool
is_ascii(Text text)
{
	for (size_t i = 0; i < text.len; i++)
	{
		if ((unsigned char) text.data[i] >= 0x80)
			return false;
	}
	return text.len > 0;
}

FUZZ_TARGET(robots)
{
	Text	rest = input;
	Text	url = fuzz_line(&rest);
	Robots *robots = robots_parse(arena, input, TEXT_LITERAL("bot"));

	if (!fuzz_given(robots, "the arena suffices"))
		return;
	for (size_t i = 0; i < robots->n_rules; i++)
	{
		const RobotsRule *rule = &robots->rules[i];

		fuzz_expect(is_ascii(rule->pattern) && is_ascii(rule->normal), "patterns are coded");
		fuzz_expect(rule->normal.len <= rule->pattern.len, "a normal form is the shorter one");
		if (i >= 16) /* more tell nothing more, and take long */
			continue;
		(void) robots_allowed(robots, rule->pattern);
		(void) robots_may_fetch(robots, rule->pattern);
	}
	for (size_t i = 0; i < robots->n_sitemaps; i++)
		fuzz_expect(is_ascii(robots->sitemaps[i]), "sitemaps are coded");
	fuzz_expect(robots->crawl_delay >= -1 && robots->crawl_delay <= ROBOTS_MAX_CRAWL_DELAY,
				"the delay is none or within a day");
	(void) robots_allowed(robots, url);
	(void) robots_may_fetch(robots, url);
	(void) robots_directives(url, TEXT_LITERAL("bot"));
	fuzz_expect_unless_scarce(robots->n_rules > 0 || robots_allowed(robots, url),
							  "without rules all is allowed");
}
