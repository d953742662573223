/*
 * test_charset_stream.c
 *	  charset_stream.h: any encoding in chunks of any size to valid UTF-8; damage is repaired.
 */
#include "parse/charset_stream.h"

#include "parse/charset.h"

#include "unit.h"

#include <stdlib.h>

#define BYTES(s) ((Text){"" s, sizeof(s) - 1})

/* What came out, and whether each piece was valid and none was empty. */
typedef struct Converted
{
	char   text[8192];
	size_t len;
	bool   sound;
} Converted;

static void
convert(const char *encoding, Text bytes, size_t chunk, Converted *out)
{
	CharsetStream *stream = charset_stream_create(encoding);
	size_t		   at = 0;
	Text		   piece;

	out->len = 0;
	out->sound = stream != NULL;
	do
	{
		size_t len = bytes.len - at < chunk ? bytes.len - at : chunk;
		char  *copy = malloc(len + 1);

		memcpy(copy, bytes.data + at, len);
		at += len;
		charset_stream_feed(stream, (Text){copy, len}, at == bytes.len);
		while (charset_stream_next(stream, &piece))
		{
			out->sound = out->sound && piece.len > 0 && utf8_valid(piece) &&
						 out->len + piece.len <= sizeof(out->text);
			if (!out->sound)
				break;
			memcpy(out->text + out->len, piece.data, piece.len);
			out->len += piece.len;
		}
		free(copy);
	} while (at < bytes.len && out->sound);
	charset_stream_free(stream);
}

static void
check(const char *encoding, Text bytes, Text want, const char *name)
{
	Converted out;
	bool	  same = true;

	for (size_t chunk = 1; chunk <= bytes.len + 1 && same; chunk++)
	{
		convert(encoding, bytes, chunk, &out);
		same = out.sound && out.len == want.len && memcmp(out.text, want.data, want.len) == 0;
	}
	ok(same, "%s", name);
	if (!same)
		diag("%.*s", (int) out.len, out.text);
}

static void
test_encodings(void)
{
	check("utf-8", BYTES(""), BYTES(""), "nothing");
	check("UTF-8", BYTES("d\xC3\xA9j\xC3\xA0 \xE2\x82\xAC \xF0\x9F\xA6\x84."),
		  BYTES("d\xC3\xA9j\xC3\xA0 \xE2\x82\xAC \xF0\x9F\xA6\x84."), "UTF-8");
	check("utf-8",
		  BYTES("\xEF\xBB\xBF"
				"a\xEF\xBB\xBF"),
		  BYTES("a\xEF\xBB\xBF"), "a mark is left out at the beginning only");
	check("utf-8", BYTES("a\0b"), BYTES("a\0b"), "NUL is passed on");
	check("windows-1252", BYTES("l\x92\xE9t\xE9 \x80"),
		  BYTES("l\xE2\x80\x99\xC3\xA9t\xC3\xA9 \xE2\x82\xAC"), "Windows-1252");
	check("iso-8859-1", BYTES("\xE9\xE0"), BYTES("\xC3\xA9\xC3\xA0"), "Latin-1");
	check("iso-8859-15", BYTES("c\xBDur \xA4"), BYTES("c\xC5\x93ur \xE2\x82\xAC"), "Latin-9");
	check("utf-16le", BYTES("\xFF\xFE\xE9\0a\0\xAC\x20"),
		  BYTES("\xC3\xA9"
				"a\xE2\x82\xAC"),
		  "UTF-16 with a mark");
	check("utf-16be", BYTES("\0a\xD8\x3E\xDD\x84"), BYTES("a\xF0\x9F\xA6\x84"),
		  "UTF-16 beyond the first plane");
	check("shift_jis", BYTES("\x93\xFA\x96{"), BYTES("\xE6\x97\xA5\xE6\x9C\xAC"), "Shift JIS");
	ok(charset_stream_create("ebcdic-of-mars") == NULL, "an unknown encoding");
	ok(charset_stream_create("utf-8//IGNORE") == NULL, "options of iconv's are none");
	charset_stream_free(NULL);
}

static void
test_damage(void)
{
	check("utf-8",
		  BYTES("a\xE9"
				"b"),
		  BYTES("a\xC3\xA9"
				"b"),
		  "a byte of another charset");
	check("utf-8", BYTES("a\xE2\x82"), BYTES("a\xC3\xA2\xE2\x80\x9A"),
		  "a character that the end cuts");
	check("utf-8", BYTES("\xC0\xAF"), BYTES("\xC3\x80\xC2\xAF"), "an overlong form");
	check("utf-16le",
		  BYTES("a\0\x3E\xD8"
				"b\0"),
		  BYTES("a\xEF\xBF\xBD"
				"b"),
		  "half a surrogate pair");
	check("utf-16le", BYTES("a\0b"), BYTES("a\xEF\xBF\xBD"), "half a character");
}

/* Damage everywhere, over many chunks: what comes out is what one chunk makes of it. */
static void
test_large(void)
{
	static Converted whole;
	static Converted cut;
	char			 bytes[2000];
	bool			 same = true;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = "\xC3\xA9x\xE2\x82\xAC\xE9\xF0\x9F"[i % 9];
	convert("utf-8", (Text){bytes, sizeof(bytes)}, sizeof(bytes), &whole);
	for (size_t chunk = 1; chunk < 100; chunk++)
	{
		convert("utf-8", (Text){bytes, sizeof(bytes)}, chunk, &cut);
		same = same && cut.sound && cut.len == whole.len &&
			   memcmp(cut.text, whole.text, whole.len) == 0;
	}
	ok(same && whole.len > sizeof(bytes), "damage everywhere, in chunks of any size");
}

int
main(void)
{
	test_encodings();
	test_damage();
	test_large();
	return done_testing();
}
