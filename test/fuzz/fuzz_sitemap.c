/*
 * fuzz_sitemap.c
 *	  sitemap_parse: any bytes; there is a sitemap or a failure, entries have a URL
 *	  that can be asked, and everything is storable.
 */
#include "parse/sitemap.h"

#include "fuzz.h"

#include <strings.h>

FUZZ_TARGET(sitemap)
{
	Failure	 failure = FAILURE_INIT;
	Sitemap *sitemap =
		sitemap_parse(arena, input, TEXT_LITERAL("http://h/a/sitemap.xml"), &failure);

	fuzz_expect((sitemap == NULL) == failure_is(&failure), "a sitemap or a failure");
	fuzz_expect_unless_scarce(failure.class != FAILURE_TOO_LARGE, "the arena suffices");
	fuzz_expect_message(failure.detail);
	fuzz_same(arena, &failure, sitemap != NULL ? sitemap->n_urls : 0);
	fuzz_expect(sitemap == NULL || sitemap->n_urls <= SITEMAP_MAX_ENTRIES, "bounded");
	for (size_t i = 0; sitemap != NULL && i < sitemap->n_urls; i++)
	{
		Text url = sitemap->urls[i];

		fuzz_expect(url.len > 7 && strncasecmp(url.data, "http", 4) == 0, "a URL");
		fuzz_expect_storable(url, "the URL is text");
	}
}
