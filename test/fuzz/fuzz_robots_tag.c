/*
 * fuzz_robots_tag.c
 *	  The value of an X-Robots-Tag: what adds up over values is in each.
 */
#include "parse/robots.h"

#include "fuzz.h"

FUZZ_TARGET(robots_tag)
{
	Text			 agent = TEXT_LITERAL("datasens");
	Text			 first = fuzz_line(&input);
	RobotsDirectives one = robots_directives(first, agent);
	RobotsDirectives all = robots_directives(TEXT_LITERAL("none"), agent);

	fuzz_expect(all.noindex && all.nofollow, "none is both");
	(void) one;
	(void) robots_directives(input, agent);
}
