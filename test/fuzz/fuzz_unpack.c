/*
 * fuzz_unpack.c
 *	  A sitemap's bytes, packed by gzip or not: unpacked within the limit, then read.
 */
#include "parse/sitemap.h"

#include "fuzz.h"

FUZZ_TARGET(unpack)
{
	Failure	 failure = FAILURE_INIT;
	Text	 bytes = sitemap_unpack(arena, input, &failure);
	Sitemap *sitemap;

	fuzz_expect(text_present(bytes) != failure_is(&failure), "bytes or a failure");
	fuzz_expect_message(failure.detail);
	if (!text_present(bytes))
		return;
	fuzz_expect(bytes.len <= SITEMAP_MAX_BYTES, "within the limit");
	sitemap = sitemap_parse(arena, bytes, TEXT_NULL, &failure);
	fuzz_expect((sitemap == NULL) == failure_is(&failure), "a sitemap or a failure");
}
