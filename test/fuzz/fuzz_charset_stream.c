/*
 * fuzz_charset_stream.c
 *	  Any bytes in any encoding: valid UTF-8 comes out, the same however they are cut.
 *
 * The first byte picks the encoding, the second the chunk's size.
 */
#include "fuzz.h"

#include "parse/charset_stream.h"

static const char *const encodings[] = {"utf-8",	 "windows-1252", "iso-8859-15", "utf-16le",
										"utf-16be",	 "utf-32le",	 "macintosh",	"cp850",
										"shift_jis", "gb18030",		 "euc-kr",		"iso-2022-jp",
										"utf-16",	 "koi8-r",		 "big5"};

#define COUNT (sizeof(encodings) / sizeof(encodings[0]))

/* The bytes converted, chunk of them at a time; *len of them, malloc'd. */
static char *
convert(const char *encoding, Text bytes, size_t chunk, size_t *len)
{
	CharsetStream *stream = charset_stream_create(encoding);
	size_t		   size = 12 * bytes.len + 64;
	char		  *text = fuzz_alloc(size);
	size_t		   at = 0;
	Text		   piece;

	*len = 0;
	if (!fuzz_given(stream, "the encoding is known"))
		return text;
	do
	{
		size_t n = bytes.len - at < chunk ? bytes.len - at : chunk;

		charset_stream_feed(stream, (Text){bytes.data + at, n}, at + n == bytes.len);
		at += n;
		while (charset_stream_next(stream, &piece))
		{
			fuzz_expect(piece.len > 0, "no piece is empty");
			fuzz_expect(utf8_valid(piece), "pieces are UTF-8");
			fuzz_expect(*len + piece.len <= size, "text does not grow without bound");
			memcpy(text + *len, piece.data, piece.len);
			*len += piece.len;
		}
	} while (at < bytes.len);
	charset_stream_free(stream);
	return text;
}

FUZZ_TARGET(charset_stream)
{
	Text		bytes;
	const char *encoding;
	char	   *whole;
	char	   *cut;
	size_t		len;
	size_t		len_cut;

	if (input.len < 2)
		return;
	bytes = (Text){input.data + 2, input.len - 2};
	encoding = encodings[(unsigned char) input.data[0] % COUNT];
	whole = convert(encoding, bytes, bytes.len + 1, &len);
	cut = convert(encoding, bytes, (size_t) (unsigned char) input.data[1] + 1, &len_cut);
	fuzz_expect_unless_scarce(len == len_cut && memcmp(whole, cut, len) == 0,
							  "chunks make no difference");
	free(whole);
	free(cut);
}
