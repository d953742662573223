/*
 * fuzz_url_query.c
 *	  Parameters of a query: a URL, a name and a value, each on a line.  What was set is
 *	  found, what was taken out is not, and what may be secret is masked after all.
 */
#include "parse/url.h"
#include "parse/url_query.h"

#include "fuzz.h"

FUZZ_TARGET(url_query)
{
	Text url = fuzz_line(&input);
	Text name = fuzz_line(&input);
	Text coded;
	Text set;

	if (!fuzz_storable(url) || !fuzz_storable(name) || !fuzz_storable(input))
		return;
	(void) url_query_value(url, name);
	name = url_encode(arena, name);
	coded = url_encode(arena, input);
	if (!text_present(coded) || !text_present(name) || name.len == 0)
		return;
	set = url_query_set(arena, url, name, input);
	if (!fuzz_given(set.data, "the arena suffices"))
		return;
	fuzz_expect_storable(set, "the URL is text");
	fuzz_expect(text_equal(url_query_value(set, name), coded), "what was set is there");
	set = url_query_set(arena, set, name, TEXT_NULL);
	if (fuzz_given(set.data, "the arena suffices"))
		fuzz_expect(!text_present(url_query_value(set, name)), "what was taken out is not");
}
