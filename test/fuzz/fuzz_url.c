/*
 * fuzz_url.c
 *	  url_resolve, url_origin and url_redact: a base and a reference, each on a
 *	  line; results are storable, and stay what they are when done again.
 *	  url_encode: any bytes.
 */
#include "parse/url.h"

#include "base/ascii.h"

#include "fuzz.h"

static void
expect_coded(Text coded, size_t len, bool is_path)
{
	fuzz_expect(coded.len <= 3 * len, "three characters a byte at most");
	for (size_t i = 0; i < coded.len; i++)
		fuzz_expect(is_unreserved(coded.data[i]) || coded.data[i] == '%' ||
						(is_path && coded.data[i] == '/'),
					"nothing that has a meaning in a request");
}

FUZZ_TARGET(url)
{
	Text base;
	Text resolved;
	Text redacted;
	Text origin;

	expect_coded(url_encode(arena, input), input.len, false);
	expect_coded(url_encode_path(arena, input), input.len, true);
	if (!fuzz_storable(input))
		return;
	base = fuzz_line(&input);
	resolved = url_resolve(arena, base, input);
	redacted = url_redact(arena, resolved);
	origin = url_origin(arena, resolved);
	fuzz_expect_storable(resolved, "the URL is text");
	fuzz_expect_storable(redacted, "the masked URL is text");
	fuzz_expect_storable(origin, "the origin is text");
	fuzz_expect(resolved.len <= 8 * URL_MAX_LENGTH, "the URL's length");
	if (text_present(origin))
		fuzz_expect_unless_scarce(text_equal(origin, url_origin(arena, origin)),
								  "an origin is its own origin");
	if (redacted.len > 0 && redacted.len <= URL_MAX_LENGTH)
		fuzz_expect_unless_scarce(text_equal(redacted, url_redact(arena, redacted)),
								  "masking twice is masking");
}
