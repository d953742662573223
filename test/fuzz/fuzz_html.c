/*
 * fuzz_html.c
 *	  text_clean and text_clean_line: any text; the result is storable, and a
 *	  line is one line.
 */
#include "parse/html_text.h"

#include "fuzz.h"

FUZZ_TARGET(html)
{
	Text text;
	Text line;

	if (!fuzz_storable(input))
		return;
	text = text_clean(arena, input, TEXT_FORM_HTML, false);
	line = text_clean_line(arena, input);
	fuzz_expect_storable(text, "the text is text");
	fuzz_expect_storable(line, "the line is text");
	fuzz_expect(line.len == 0 || memchr(line.data, '\n', line.len) == NULL, "one line");
}
