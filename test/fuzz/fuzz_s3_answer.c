/*
 * fuzz_s3_answer.c
 *	  What an S3 service answers, searched for the elements that are asked for; and a
 *	  value, on the first line, as a request has it.
 */
#include "parse/s3_answer.h"

#include <ctype.h>

#include "fuzz.h"

static void
encode(Arena *arena, Text value, bool is_path)
{
	char *string = arena_alloc(arena, value.len + 1);
	Text  coded;

	if (string == NULL)
		return;
	memcpy(string, value.data, value.len);
	string[value.len] = '\0';
	coded = s3_encode(arena, string, is_path);
	fuzz_expect(coded.len <= 3 * value.len, "three characters a byte at most");
	for (size_t i = 0; i < coded.len; i++)
		fuzz_expect(isalnum((unsigned char) coded.data[i]) ||
						(strchr("-_.~%", coded.data[i]) != NULL && coded.data[i] != '\0') ||
						(is_path && coded.data[i] == '/'),
					"nothing that has a meaning in a request");
}

FUZZ_TARGET(s3_answer)
{
	static const char *const names[] = {"Upload", "Key", "UploadId", "Code", "Message"};
	Text					 value = fuzz_line(&input);

	encode(arena, value, false);
	encode(arena, value, true);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		size_t place = 0;
		size_t before = 0;
		Text   content;

		while (text_present(content = s3_element(input, names[i], &place)))
		{
			Text text = s3_text(arena, content);

			fuzz_expect(place > before && place <= input.len, "it goes forward");
			fuzz_expect(content.data >= input.data &&
							content.data + content.len <= input.data + place,
						"the content is in the answer");
			fuzz_expect(text.len <= content.len, "a text is no longer than it stands there");
			before = place;
		}
	}
}
