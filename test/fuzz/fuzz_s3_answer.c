/*
 * fuzz_s3_answer.c
 *	  What an S3 service answers, searched for the elements that are asked for.
 */
#include "parse/s3_answer.h"

#include "fuzz.h"

FUZZ_TARGET(s3_answer)
{
	static const char *const names[] = {"Upload", "Key", "UploadId", "Code", "Message"};

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
