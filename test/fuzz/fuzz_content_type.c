/*
 * fuzz_content_type.c
 *	  A Content-Type: its charset is a part of it, and the name of a charset stays what it
 *	  is when it is read again.
 */
#include "parse/charset.h"

#include "fuzz.h"

FUZZ_TARGET(content_type)
{
	Text charset = charset_of_content_type(input);
	char meant[CHARSET_NAME_SIZE];
	char again[CHARSET_NAME_SIZE];

	fuzz_expect(charset.len <= input.len, "a part of it");
	if (!text_present(charset) || !charset_meant(charset, meant))
		return;
	fuzz_expect(memchr(meant, '\0', sizeof(meant)) != NULL, "the name ends");
	fuzz_expect(charset_meant((Text){meant, strlen(meant)}, again) && strcmp(meant, again) == 0,
				"a name of its own");
}
