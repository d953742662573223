/*
 * fuzz_charset.c
 *	  Whole documents of any encoding: the first line is the charset that HTTP told, the rest
 *	  the bytes.  They become UTF-8, and valid UTF-8 repaired is itself.
 */
#include "parse/charset.h"

#include "fuzz.h"

static void
expect_decoded(Text text, const char *encoding)
{
	if (!fuzz_given(text.data, "the arena suffices"))
		return;
	fuzz_expect(utf8_valid(text), "it is UTF-8");
	fuzz_expect(encoding != NULL && encoding[0] != '\0', "of some encoding");
}

FUZZ_TARGET(charset)
{
	Text		charset = fuzz_line(&input);
	const char *encoding = NULL;
	Text		text;

	if (charset.len == 0)
		charset = TEXT_NULL;
	text = charset_decode_xml(arena, input, charset, &encoding);
	expect_decoded(text, encoding);
	arena_reset(arena);
	text = charset_decode_html(arena, input, charset, &encoding);
	expect_decoded(text, encoding);
	arena_reset(arena);
	text = utf8_repair(arena, input);
	if (!fuzz_given(text.data, "the arena suffices"))
		return;
	fuzz_expect(utf8_valid(text), "repaired, it is UTF-8");
	fuzz_expect(!utf8_valid(input) || text_equal(text, input), "what is whole stays as it is");
	fuzz_expect(utf8_valid_prefix(input) <= input.len, "a prefix is no longer");
	(void) utf8_mostly(input);
}
