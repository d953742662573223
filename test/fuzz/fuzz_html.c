/*
 * fuzz_html.c
 *	  html_to_text and text_clean_line: any text; the result is storable, and a
 *	  line is one line.
 */
#include "parse/html_text.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Arena *arena = fuzz_arena();
	Text   html = {(const char *) data, size};
	Text   text;
	Text   line;

	if (!fuzz_storable(html))
		return 0;
	text = html_to_text(arena, html);
	line = text_clean_line(arena, html);
	fuzz_expect_storable(text, "the text is text");
	fuzz_expect_storable(line, "the line is text");
	fuzz_expect(line.len == 0 || memchr(line.data, '\n', line.len) == NULL, "one line");
	fuzz_expect_within_limit(arena);
	return 0;
}
