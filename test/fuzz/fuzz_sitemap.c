/*
 * fuzz_sitemap.c
 *	  sitemap_parse: any bytes; there is a sitemap or a failure, entries have a URL
 *	  that can be asked, and everything is storable.
 */
#include "parse/sitemap.h"

#include "fuzz.h"

#include <strings.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Arena	*arena = fuzz_arena();
	Failure	 failure = FAILURE_INIT;
	Sitemap *sitemap = sitemap_parse(arena, (Text){(const char *) data, size},
									 TEXT_LITERAL("http://h/a/sitemap.xml"), &failure);

	fuzz_expect((sitemap == NULL) == failure_is(&failure), "a sitemap or a failure");
	fuzz_expect(failure.class != FAILURE_TOO_LARGE, "the arena suffices");
	fuzz_expect_storable((Text){failure.detail, strlen(failure.detail)}, "the failure is text");
	fuzz_expect(sitemap == NULL || sitemap->n_entries <= SITEMAP_MAX_ENTRIES, "bounded");
	for (size_t i = 0; sitemap != NULL && i < sitemap->n_entries; i++)
	{
		const SitemapEntry *entry = &sitemap->entries[i];

		fuzz_expect(entry->url.len > 7 && strncasecmp(entry->url.data, "http", 4) == 0, "a URL");
		fuzz_expect_storable(entry->url, "the URL is text");
	}
	fuzz_expect_within_limit(arena);
	return 0;
}
