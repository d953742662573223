/*
 * test_charset.c
 *	  charset.h: names in Content-Types, the order of candidates, damaged bytes.
 */
#include "parse/charset.h"

#include "unit.h"

#define BYTES(s) ((Text){"" s, sizeof(s) - 1})

static Arena *arena;

static void
test_content_type(void)
{
	is_text(charset_of_content_type(BYTES("text/xml; charset=utf-8")), "utf-8", "a charset");
	is_text(charset_of_content_type(BYTES("text/xml;a=b; CharSet = \"ISO-8859-1\" ;c=d")),
			"ISO-8859-1", "in quotes, among others, in any case");
	is_text(charset_of_content_type(BYTES("text/xml; charset='koi8-r'")), "koi8-r",
			"in the wrong quotes");
	is_text(charset_of_content_type(BYTES("text/xml; xcharset=a")), NULL, "another parameter");
	is_text(charset_of_content_type(BYTES("text/xml; charset=")), NULL, "an empty one");
	is_text(charset_of_content_type(TEXT_NULL), NULL, "no Content-Type");
}

static void
test_utf8_valid(void)
{
	ok(utf8_valid(BYTES("")), "nothing is valid");
	ok(utf8_valid(
		   BYTES("d\xC3\xA9j\xC3\xA0 vu, \xE2\x82\xAC, \xF0\x9F\x98\x80, a long tail of it")),
	   "two, three and four bytes");
	ok(!utf8_valid(BYTES("\x80")), "a lone trailing byte");
	ok(!utf8_valid(BYTES("\xC0\xAF")), "an overlong form of two bytes");
	ok(!utf8_valid(BYTES("\xE0\x9F\xBF")), "an overlong form of three");
	ok(!utf8_valid(BYTES("\xF0\x8F\xBF\xBF")), "an overlong form of four");
	ok(!utf8_valid(BYTES("\xED\xA0\x80")), "a surrogate");
	ok(utf8_valid(BYTES("\xEF\xBF\xBF\xF4\x8F\xBF\xBF")), "the last of a plane and of all");
	ok(!utf8_valid(BYTES("\xF4\x90\x80\x80")), "beyond U+10FFFF");
	ok(!utf8_valid(BYTES("a long start of it \xE2\x82")), "cut");
}

static void
check(Text bytes, const char *http, const char *text, const char *encoding, const char *name)
{
	const char *used = NULL;

	is_text(charset_decode_xml(arena, bytes, unit_string(http), &used), text, "%s", name);
	is_str(used, encoding, "%s: encoding", name);
}

static void
test_decode(void)
{
	check(BYTES("<a>\xC3\xA9</a>"), NULL, "<a>\xC3\xA9</a>", "utf-8", "nothing declared");
	check(BYTES("\xEF\xBB\xBF<a/>"), "iso-8859-1", "<a/>", "utf-8", "a mark before HTTP");
	check(BYTES("\xFE\xFF\0<\0a\0\xE9"), NULL, "<a\xC3\xA9", "utf-16be", "UTF-16 with a mark");
	check(BYTES("<\0a\0\xE9\0"), NULL, "<a\xC3\xA9", "utf-16le", "UTF-16 without");
	check(BYTES("<?xml version='1.0' encoding='utf-8'?>\xE9"), "windows-1252",
		  "<?xml version='1.0' encoding='utf-8'?>\xC3\xA9", "windows-1252",
		  "HTTP before the declaration");
	check(BYTES("<?xml version=\"1.0\" encoding = \"koi8-r\" ?>\xC1"), NULL,
		  "<?xml version=\"1.0\" encoding = \"koi8-r\" ?>\xD0\xB0", "koi8-r", "the declaration");
	check(BYTES("<?xml version='1.0' encoding='iso-8859-1'?>\x93"), NULL,
		  "<?xml version='1.0' encoding='iso-8859-1'?>\xE2\x80\x9C", "windows-1252",
		  "Latin-1 means windows-1252");
	check(BYTES("<a>\xE9</a>"), NULL, "<a>\xC3\xA9</a>", "windows-1252",
		  "Latin-1 that declares nothing");
	check(BYTES("<a>\xE9</a>"), "utf-8", "<a>\xC3\xA9</a>", "windows-1252", "UTF-8 that is none");
	check(BYTES("<?xml version='1.0' encoding='utf-16'?><a>\xC3\xA9</a>"), NULL,
		  "<?xml version='1.0' encoding='utf-16'?><a>\xC3\xA9</a>", "utf-8",
		  "UTF-16 that is none, of an even length");
	check(BYTES("\n<a>\xC3\xA9</a>"), "utf-16le", "\n<a>\xC3\xA9</a>", "utf-8", "nor by HTTP");
	check(BYTES("<\0a\0>\0\xE9\0"), "utf-16le", "<a>\xC3\xA9", "utf-16le", "UTF-16 that is");
	check(BYTES("<a>\xC3\xA9</a>"), "no-such-thing", "<a>\xC3\xA9</a>", "utf-8", "an unknown name");
	check(BYTES("<a>\xC3\xA9</a>"), "utf-8//IGNORE", "<a>\xC3\xA9</a>", "utf-8",
		  "a name with options of iconv's");
	check(BYTES("\xC3\xA9\xC3\xA8\xC3\xA0 \xE9"), NULL, "\xC3\xA9\xC3\xA8\xC3\xA0 \xC3\xA9",
		  "utf-8", "UTF-8 with one odd byte");
	check(BYTES("\xB0\xA1"), "gb2312", "\xE5\x95\x8A", "gb18030", "GB2312");
	check(BYTES("\xB0\xA1\xB0"), "gb2312", "\xE5\x95\x8A", "gb18030", "cut in a character");
	check(BYTES(""), NULL, "", "utf-8", "empty");
}

static void
test_limit(void)
{
	Arena	   *small = arena_create(4096);
	static char bytes[8192];
	const char *encoding;

	memset(bytes, 0xE9, sizeof(bytes));
	ok(!text_present(
		   charset_decode_xml(small, (Text){bytes, sizeof(bytes)}, TEXT_NULL, &encoding)) ||
		   arena_exhausted(small),
	   "more than the arena holds");
	arena_free(small);
}

int
main(void)
{
	arena = arena_create(1 << 20);
	test_content_type();
	test_utf8_valid();
	test_decode();
	test_limit();
	arena_free(arena);
	return done_testing();
}
