/*
 * test_s3_answer.c
 *	  What an S3 service writes into its answers.
 */
#include "unit.h"

#include "parse/s3_answer.h"

#include <stdlib.h>
#include <string.h>

static Arena *arena;

static const char listing[] =
	"<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
	"<KeyCount>2</KeyCount><Contents><Key>a&amp;b/c &#34;d&#x22;</Key><Size>1</Size></Contents>"
	"<Contents><Key>&unknown;&#233;</Key><Size>23</Size></Contents></ListBucketResult>";

static bool
reads(Text content, const char *expected)
{
	Text text = s3_text(arena, content);

	return text_present(text) && text.len == strlen(expected) &&
		   memcmp(text.data, expected, text.len) == 0;
}

static void
test_elements(void)
{
	Text   xml = {listing, strlen(listing)};
	size_t place = 0;
	size_t inside = 0;
	Text   contents = s3_element(xml, "Contents", &place);

	ok(reads(s3_element(contents, "Size", &inside), "1"), "an element in an element");
	ok(!text_present(s3_element(contents, "Size", &inside)), "there is one of them");
	inside = 0;
	ok(reads(s3_element(contents, "Key", &inside), "a&b/c \"d\""), "its characters are unescaped");
	contents = s3_element(xml, "Contents", &place);
	inside = 0;
	ok(reads(s3_element(contents, "Key", &inside), "&unknown;&#233;"), "others stay");
	ok(!text_present(s3_element(xml, "Contents", &place)), "there are two");
	place = 0;
	ok(!text_present(s3_element(xml, "Content", &place)) && place == 0, "a name is meant whole");
}

static void
test_broken(void)
{
	static const char *const broken[] = {
		"", "<", "<Key", "<Key>", "<Key>x", "<Key>x</Key", "</Key><Key>", "Key>x</Key>", "<Key/>"};

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
	{
		/* A copy of its own, so that a byte too far is seen. */
		char  *copy = strndup(broken[i], strlen(broken[i]));
		size_t place = 0;

		ok(!text_present(s3_element((Text){copy, strlen(broken[i])}, "Key", &place)),
		   "nothing in \"%s\"", broken[i]);
		free(copy);
	}
	ok(reads((Text){"&amp", 4}, "&amp") && reads((Text){"&#", 2}, "&#") &&
		   reads((Text){"&#x;", 4}, "&#x;") && reads((Text){"&#0;", 4}, "&#0;") &&
		   reads((Text){"&#99999999999;", 14}, "&#99999999999;"),
	   "what is no character stays");
}

int
main(void)
{
	arena = arena_create(1024 * 1024);
	test_elements();
	test_broken();
	arena_free(arena);
	return done_testing();
}
