/*
 * test_content_coding.c
 *	  Bodies packed by HTTP's codings: whole, cut at every byte, damaged, followed by more,
 *	  packed twice; in chunks of any size.
 */
#include "parse/content_coding.h"

#include "unit.h"

#include <stdlib.h>
#include <zlib.h>

#define KB ((size_t) 1024)
#define MB (KB * KB)

/* Room for what is packed here, and for what comes out again. */
static unsigned char packed[4 * 1024 * 1024];
static char			 unpacked[4 * 1024 * 1024];

/* Appends the text, packed with zlib's window bits, at packed[at]; the end of it. */
static size_t
pack(size_t at, Text text, int bits)
{
	z_stream zlib = {0};

	if (deflateInit2(&zlib, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	zlib.next_in = (unsigned char *) (uintptr_t) text.data;
	zlib.avail_in = (unsigned) text.len;
	zlib.next_out = packed + at;
	zlib.avail_out = (unsigned) (sizeof(packed) - at);
	if (deflate(&zlib, Z_FINISH) != Z_STREAM_END)
		abort();
	at = sizeof(packed) - zlib.avail_out;
	deflateEnd(&zlib);
	return at;
}

#define GZIP 31
#define ZLIB 15
#define RAW (-15)

typedef struct Result
{
	DecodeStep step; /* the last one */
	bool	   whole;
	Text	   text;
} Result;

/* What comes of the first len packed bytes in the coding, chunk of them at a time. */
static Result
decode(const char *coding, size_t len, size_t chunk)
{
	ContentCodings	codings = {0};
	Result			result = {DECODE_STARVED, false, {unpacked, 0}};
	ContentDecoder *decoder;
	Text			piece;

	content_codings_add(&codings, unit_string(coding));
	decoder = content_decoder_create(&codings);
	for (size_t at = 0; at < len && result.step == DECODE_STARVED; at += chunk)
	{
		Text part = {(char *) packed + at, len - at < chunk ? len - at : chunk};

		content_decoder_feed(decoder, part);
		while ((result.step = content_decoder_next(decoder, &piece)) == DECODE_PIECE)
		{
			if (result.text.len + piece.len > sizeof(unpacked))
				abort();
			memcpy(unpacked + result.text.len, piece.data, piece.len);
			result.text.len += piece.len;
		}
	}
	result.whole = content_decoder_is_whole(decoder);
	content_decoder_free(decoder);
	return result;
}

#define WORDS "un texte, et encore un texte, et encore un texte"

static void
test_whole(void)
{
	static const struct
	{
		const char *coding;
		int			bits;
	} forms[] = {{"gzip", GZIP}, {"x-gzip", GZIP}, {"deflate", ZLIB}, {"deflate", RAW}};
	static const size_t chunks[] = {1, 2, 7, MB};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
	{
		size_t len = pack(0, TEXT_LITERAL(WORDS), forms[i].bits);
		bool   cut_is_told = true;

		for (size_t j = 0; j < sizeof(chunks) / sizeof(chunks[0]); j++)
		{
			Result result = decode(forms[i].coding, len, chunks[j]);

			is_text(result.text, WORDS, "%s %d in chunks of %zu", forms[i].coding, forms[i].bits,
					chunks[j]);
			ok(result.step == DECODE_STARVED && result.whole, "and it is whole");
		}
		for (size_t cut = 1; cut < len; cut++)
		{
			Result result = decode(forms[i].coding, cut, MB);

			cut_is_told = cut_is_told && result.step == DECODE_STARVED && !result.whole;
		}
		ok(cut_is_told, "cut at any byte it is not");
		ok(decode(forms[i].coding, 0, MB).whole, "nothing at all is whole");
	}
}

/* More than one piece has room for. */
static void
test_long(void)
{
	static char text[MB + 1];
	size_t		len;
	Result		result;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char) ('a' + i * i % 23);
	len = pack(0, (Text){text, sizeof(text)}, GZIP);
	result = decode("gzip", len, 100);
	ok(result.whole && unit_same(result.text, (Text){text, sizeof(text)}), "a megabyte and a byte");
	ok(!decode("gzip", len - 1, len).whole, "cut by its last byte it is not whole");
}

static void
test_followed(void)
{
	size_t len = pack(0, TEXT_LITERAL("un, "), GZIP);
	size_t both = pack(len, TEXT_LITERAL("deux"), GZIP);
	Result result = decode("gzip", both, 3);

	is_text(result.text, "un, deux", "two members are one stream");
	ok(result.whole, "and whole");
	ok(!decode("gzip", both - 1, MB).whole, "the second one cut");
	memcpy(packed + len, "\r\n", 2);
	result = decode("gzip", len + 2, 1);
	is_text(result.text, "un, ", "something else behind it");
	ok(result.step == DECODE_STARVED && result.whole, "is ignored");
}

static void
test_damaged(void)
{
	size_t len = pack(0, TEXT_LITERAL(WORDS), GZIP);

	packed[len - 8] ^= 1;
	is_int(decode("gzip", len, MB).step, DECODE_DAMAGED, "a wrong checksum");
	packed[len - 8] ^= 1;
	packed[len - 1] ^= 1;
	is_int(decode("gzip", len, MB).step, DECODE_DAMAGED, "a wrong length");
	memcpy(packed, WORDS, sizeof(WORDS));
	is_int(decode("gzip", sizeof(WORDS), 1).step, DECODE_DAMAGED, "gzip that is none");
	is_int(decode("deflate", sizeof(WORDS), 1).step, DECODE_DAMAGED, "deflate that is none");
}

static void
test_twice(void)
{
	static char inner[MB];
	size_t		len = pack(0, TEXT_LITERAL(WORDS), GZIP);
	Result		result;

	memcpy(inner, packed, len);
	len = pack(0, (Text){inner, len}, ZLIB);
	result = decode("gzip, deflate", len, 1);
	is_text(result.text, WORDS, "packed twice");
	ok(result.whole, "and whole");
	ok(!decode("gzip, deflate", len - 1, MB).whole, "cut outside");

	/* a million of empty members, which say nothing and take long */
	len = pack(0, TEXT_NULL, GZIP);
	for (size_t i = 0; i < sizeof(inner); i++)
		inner[i] = (char) packed[i % len];
	len = pack(0, (Text){inner, sizeof(inner) / len * len}, GZIP);
	for (size_t copy = 1; copy < 8; copy++)
		memcpy(packed + copy * len, packed, len);
	is_int(decode("gzip, gzip", 8 * len, MB).step, DECODE_BOMB, "nothing but packing");
}

static void
test_names(void)
{
	ContentCodings codings = {0};

	content_codings_add(&codings, TEXT_LITERAL(" GZIP ,, identity"));
	content_codings_add(&codings, TEXT_LITERAL("Deflate"));
	ok(codings.n == 2 && codings.list[0] == CODING_GZIP && codings.list[1] == CODING_DEFLATE &&
		   !codings.unknown,
	   "two codings in two lines");
	content_codings_add(&codings, TEXT_LITERAL("gzip,gzip"));
	ok(codings.n == CONTENT_CODINGS_MAX && codings.unknown, "too many");
	codings = (ContentCodings){0};
	content_codings_add(&codings, TEXT_LITERAL("br"));
	ok(codings.unknown, "one that was not asked for");
	codings = (ContentCodings){0};
	content_codings_add(&codings, TEXT_LITERAL(""));
	content_codings_add(&codings, TEXT_NULL);
	ok(codings.n == 0 && !codings.unknown, "none");
}

int
main(void)
{
	test_whole();
	test_long();
	test_followed();
	test_damaged();
	test_twice();
	test_names();
	return done_testing();
}
