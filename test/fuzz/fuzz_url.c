/*
 * fuzz_url.c
 *	  url_resolve, url_origin and url_redact: a base and a reference, each on a
 *	  line; results are storable, and stay what they are when done again.  So does
 *	  the one form of a page's address.
 */
#include "parse/page_url.h"
#include "parse/url.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Arena	   *arena = fuzz_arena();
	Text		base = {(const char *) data, size};
	const char *newline = size == 0 ? NULL : memchr(data, '\n', size);
	Text		reference;
	Text		resolved;
	Text		redacted;
	Text		origin;
	Text		page;

	if (newline == NULL || !fuzz_storable(base))
		return 0;
	base.len = (size_t) (newline - base.data);
	reference = (Text){newline + 1, size - base.len - 1};

	resolved = url_resolve(arena, base, reference);
	redacted = url_redact(arena, resolved);
	origin = url_origin(arena, resolved);
	fuzz_expect_storable(resolved, "the URL is text");
	fuzz_expect_storable(redacted, "the masked URL is text");
	fuzz_expect_storable(origin, "the origin is text");
	fuzz_expect(resolved.len <= 8 * URL_MAX_LENGTH, "the URL's length");
	if (text_present(origin))
		fuzz_expect(text_equal(origin, url_origin(arena, origin)), "an origin is its own origin");
	if (redacted.len > 0 && redacted.len <= URL_MAX_LENGTH)
		fuzz_expect(text_equal(redacted, url_redact(arena, redacted)), "masking twice is masking");
	page = page_url_normalise(arena, resolved);
	if (text_present(page))
	{
		fuzz_expect(page.len <= PAGE_URL_MAX, "the page address's length");
		fuzz_expect(text_equal(page, page_url_normalise(arena, page)), "one form of an address");
		(void) page_url_is_file(page);
		(void) page_url_trap(page, 2026);
		fuzz_expect(page_url_site(page).len > 0, "a page has a site");
	}
	fuzz_expect_within_limit(arena);
	return 0;
}
