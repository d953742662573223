/*
 * test_deflated.c
 *	  Streams of deflate: all that zlib packs, in every way that it can; cut, damaged, with
 *	  codes that are none.  zlib is the measure: what it takes is taken, with the same bytes,
 *	  and what it refuses is refused.
 */
#include "parse/deflated.h"

#include "unit.h"

#include <stdlib.h>
#include <zlib.h>

#define KB ((size_t) 1024)
#define SIZE (600 * KB)

static unsigned char plain[SIZE];
static unsigned char packed[2 * SIZE];
static char			 by_us[4 * SIZE];
static char			 by_zlib[4 * SIZE];

/* Packed bytes on their way, step of them at a time; fails: they end in an error. */
typedef struct Source
{
	const unsigned char *data;
	size_t				 len;
	size_t				 step;
	bool				 fails;
} Source;

static ssize_t
read_source(void *arg, void *data, size_t size)
{
	Source *source = arg;
	size_t	n = source->len < source->step ? source->len : source->step;

	n = n < size ? n : size;
	if (n == 0 && source->fails)
		return -1;
	memcpy(data, source->data, n);
	source->data += n;
	source->len -= n;
	return (ssize_t) n;
}

/* What comes of a stream; *len bytes in by_us. */
static DeflatedStep
unpack(Source source, size_t *len)
{
	Deflated	*deflated = deflated_create(read_source, &source);
	DeflatedStep step;
	Text		 chunk;

	if (deflated == NULL)
		abort();
	*len = 0;
	while ((step = deflated_next(deflated, &chunk)) == DEFLATED_GOT &&
		   *len + chunk.len <= sizeof(by_us))
	{
		memcpy(by_us + *len, chunk.data, chunk.len);
		*len += chunk.len;
	}
	deflated_free(deflated);
	return step;
}

/* The same by zlib: Z_STREAM_END, Z_BUF_ERROR where it is cut, Z_DATA_ERROR. */
static int
unpack_by_zlib(const unsigned char *data, size_t n, size_t *len)
{
	z_stream zlib = {0};
	int		 result;

	if (inflateInit2(&zlib, -15) != Z_OK)
		abort();
	zlib.next_in = (unsigned char *) (uintptr_t) data;
	zlib.avail_in = (unsigned) n;
	zlib.next_out = (unsigned char *) by_zlib;
	zlib.avail_out = sizeof(by_zlib);
	result = inflate(&zlib, Z_FINISH);
	*len = sizeof(by_zlib) - zlib.avail_out;
	inflateEnd(&zlib);
	return result;
}

/* Packs len plain bytes; the size. */
static size_t
pack(size_t len, int level, int strategy, int memory, size_t flush_each)
{
	z_stream zlib = {0};
	size_t	 at = 0;

	if (deflateInit2(&zlib, level, Z_DEFLATED, -15, memory, strategy) != Z_OK)
		abort();
	zlib.next_out = packed;
	zlib.avail_out = sizeof(packed);
	do
	{
		size_t n = flush_each > 0 && flush_each < len - at ? flush_each : len - at;
		int	   flush = at + n == len ? Z_FINISH : at % 3 == 0 ? Z_FULL_FLUSH : Z_SYNC_FLUSH;

		zlib.next_in = plain + at;
		zlib.avail_in = (unsigned) n;
		if (deflate(&zlib, flush) == Z_STREAM_ERROR || zlib.avail_in > 0)
			abort();
		at += n;
	} while (at < len);
	deflateEnd(&zlib);
	return sizeof(packed) - zlib.avail_out;
}

static uint64_t random_state = 1;

static unsigned
random_below(unsigned n)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned) (random_state >> 33) % n;
}

/* What plain may be: noise, few letters, words, one byte over and over, copies from far away. */
enum
{
	NOISE,
	LETTERS,
	WORDS,
	ONE_BYTE,
	COPIES,
	N_CONTENTS
};

static void
make(int content)
{
	for (size_t i = 0; i < SIZE; i++)
	{
		unsigned char byte = 0;

		switch (content)
		{
			case NOISE:
				byte = (unsigned char) random_below(256);
				break;
			case LETTERS:
				byte = (unsigned char) ('a' + random_below(1 + random_below(20)));
				break;
			case WORDS:
				byte = i < 50 || random_below(30) == 0 ? (unsigned char) random_below(128)
													   : plain[i - 1 - random_below(40)];
				break;
			case ONE_BYTE:
				byte = 'x';
				break;
			case COPIES:
				byte = i < 32768 || random_below(300) == 0 ? (unsigned char) random_below(256)
														   : plain[i - 32768];
				break;
		}
		plain[i] = byte;
	}
}

/* Whether n packed bytes are what the first len plain ones were made of, however they come. */
static bool
is_plain_again(size_t n, size_t len)
{
	static const size_t steps[] = {1000000, 65536, 1000, 1};
	bool				good = true;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && good; i++)
	{
		size_t got;

		good = unpack((Source){packed, n, steps[i], false}, &got) == DEFLATED_END && got == len &&
			   memcmp(by_us, plain, len) == 0;
	}
	return good;
}

static void
test_whole(void)
{
	static const char *const contents[] = {"noise", "letters", "words", "one byte", "copies"};
	static const size_t		 lens[] = {0, 1, 100, 32768, 262144, SIZE};

	for (int content = 0; content < N_CONTENTS; content++)
	{
		bool good = true;

		make(content);
		for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
		{
			for (int level = 0; level <= 9; level += 3)
				good =
					good && is_plain_again(pack(lens[i], level, Z_DEFAULT_STRATEGY, 8, 0), lens[i]);
			for (int strategy = Z_FILTERED; strategy <= Z_FIXED; strategy++)
				good = good && is_plain_again(pack(lens[i], 6, strategy, 1 + strategy, 0), lens[i]);
			good = good && is_plain_again(pack(lens[i], 6, Z_DEFAULT_STRATEGY, 9, 777), lens[i]);
		}
		ok(good, "%s, by every level and strategy, at every length", contents[content]);
	}
}

/* Whether a stream that may be anything is taken as zlib takes it. */
static bool
is_taken_alike(size_t n)
{
	size_t		 len;
	size_t		 zlib_len;
	DeflatedStep step = unpack((Source){packed, n, 1000000, false}, &len);
	int			 result = unpack_by_zlib(packed, n, &zlib_len);

	if (step == DEFLATED_GOT || result == Z_OK) /* too large for this test */
		return true;
	if (result == Z_STREAM_END)
		return step == DEFLATED_END && len == zlib_len && memcmp(by_us, by_zlib, len) == 0;
	/* of a stream that is both cut and damaged the one or the other may be seen first */
	return step == DEFLATED_SHORT || step == DEFLATED_DAMAGED;
}

static void
test_damaged(void)
{
	bool good = true;

	for (int content = 0; content < N_CONTENTS; content++)
	{
		make(content);
		for (int round = 0; round < 400 && good; round++)
		{
			size_t n = pack(20 + random_below(3000), (int) random_below(10), round % 5, 9,
							round % 2 * 500);

			for (unsigned i = random_below(4); i > 0; i--)
				packed[random_below((unsigned) n)] ^= (unsigned char) (1U << random_below(8));
			good = is_taken_alike(n - random_below(4) / 3);
		}
	}
	ok(good, "damaged streams are refused where zlib refuses them, and mean the same elsewhere");
	good = true;
	for (int round = 0; round < 20000 && good; round++)
	{
		size_t n = 1 + random_below(100);

		for (size_t i = 0; i < n; i++)
			packed[i] = (unsigned char) random_below(256);
		packed[0] = (unsigned char) ((packed[0] & ~7U) | 1 | (round % 4) << 1);
		good = is_taken_alike(n);
	}
	ok(good, "so is noise, as every type of block");
}

static void
test_cut(void)
{
	size_t n;
	size_t len;
	bool   good = true;

	make(WORDS);
	n = pack(5000, 6, Z_DEFAULT_STRATEGY, 8, 0);
	for (size_t cut = 0; cut < n; cut++)
		good = good && unpack((Source){packed, cut, 1000000, false}, &len) == DEFLATED_SHORT;
	ok(good, "cut at every byte");
	n = pack(5000, 0, Z_DEFAULT_STRATEGY, 8, 0);
	good = true;
	for (size_t cut = 0; cut < n; cut++)
		good = good && unpack((Source){packed, cut, 1000000, false}, &len) == DEFLATED_SHORT;
	ok(good, "stored bytes, cut at every byte");
	ok(unpack((Source){packed, 2000, 100, true}, &len) == DEFLATED_UNREAD,
	   "bytes that cannot be read");
	n = pack(5000, 6, Z_DEFAULT_STRATEGY, 8, 0);
	memset(packed + n, 0xAA, 100);
	ok(unpack((Source){packed, n + 100, 1000000, false}, &len) == DEFLATED_END && len == 5000,
	   "what follows the end is not looked at");
}

int
main(void)
{
	test_whole();
	test_damaged();
	test_cut();
	return done_testing();
}
