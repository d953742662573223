/*
 * sha256.c
 *	  SHA-256 by the processor's own instructions (Intel's SHA extensions).
 *
 * Never called where sha256_available() is false.
 */
#include "base/sha256.h"

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#define HAVE_SHA_NI
#include <cpuid.h>
#include <immintrin.h>
#endif

#ifdef HAVE_SHA_NI

#define BLOCK 64

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/*
 * The first 32 bits of the fractional parts of the square roots of the first 8 primes, in the
 * order in which the instructions want the state: ABEF, CDGH.
 */
static const uint32_t initial[2][4] = {{0x9b05688c, 0x510e527f, 0xbb67ae85, 0x6a09e667},
									   {0x5be0cd19, 0x1f83d9ab, 0xa54ff53a, 0x3c6ef372}};

typedef struct State
{
	__m128i abef;
	__m128i cdgh;
} State;

bool
sha256_available(void)
{
	unsigned a;
	unsigned b;
	unsigned c;
	unsigned d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || (c & bit_SSE4_1) == 0 || (c & bit_SSSE3) == 0)
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA) != 0;
}

/*
 * Each pass of the inner loop does four rounds; the message's words are computed four passes
 * ahead.
 */
__attribute__((target("sha,sse4.1,ssse3"))) static void
add_blocks(State *state, const uint8_t *data, size_t blocks)
{
	const __m128i swap = _mm_set_epi64x(INT64_C(0x0c0d0e0f08090a0b), INT64_C(0x0405060700010203));
	__m128i		  words[4];

	for (; blocks > 0; blocks--, data += BLOCK)
	{
		__m128i abef = state->abef;
		__m128i cdgh = state->cdgh;

		for (int i = 0; i < 4; i++)
			words[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *) (data + 16 * i)), swap);
#pragma GCC unroll 16
		for (int i = 0; i < 16; i++)
		{
			__m128i word = words[i % 4];
			__m128i sum = _mm_add_epi32(word, _mm_loadu_si128((const __m128i *) &constants[4 * i]));

			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
			abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));
			if (i < 12)
			{
				__m128i last = words[(i + 3) % 4];
				__m128i seven = _mm_alignr_epi8(last, words[(i + 2) % 4], 4);

				word = _mm_add_epi32(_mm_sha256msg1_epu32(word, words[(i + 1) % 4]), seven);
				words[i % 4] = _mm_sha256msg2_epu32(word, last);
			}
		}
		state->abef = _mm_add_epi32(state->abef, abef);
		state->cdgh = _mm_add_epi32(state->cdgh, cdgh);
	}
}

static void
put_word(uint8_t *to, uint32_t word)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t) (word >> (24 - 8 * i));
}

/* Pads the rest of the message, which is used bytes of a block, and writes the digest. */
static void
finish(State *state, uint8_t *block, size_t used, uint64_t length, uint8_t digest[SHA256_SIZE])
{
	uint32_t out[2][4];

	block[used++] = 0x80;
	if (used > BLOCK - 8)
	{
		memset(block + used, 0, BLOCK - used);
		add_blocks(state, block, 1);
		used = 0;
	}
	memset(block + used, 0, BLOCK - 8 - used);
	put_word(block + BLOCK - 8, (uint32_t) (length >> 29));
	put_word(block + BLOCK - 4, (uint32_t) (length << 3));
	add_blocks(state, block, 1);

	_mm_storeu_si128((__m128i *) out[0], state->abef);
	_mm_storeu_si128((__m128i *) out[1], state->cdgh);
	for (int i = 0; i < 4; i++)
	{
		/* A and B, C and D, E and F, G and H */
		put_word(digest + 8 * i, out[i % 2][i < 2 ? 3 : 1]);
		put_word(digest + 8 * i + 4, out[i % 2][i < 2 ? 2 : 0]);
	}
}

void
sha256_pieces(const Text *pieces, int n, uint8_t digest[SHA256_SIZE])
{
	State	 state = {_mm_loadu_si128((const __m128i *) initial[0]),
					  _mm_loadu_si128((const __m128i *) initial[1])};
	uint8_t	 block[BLOCK];
	size_t	 used = 0;
	uint64_t length = 0;

	for (int i = 0; i < n; i++)
	{
		const uint8_t *data = (const uint8_t *) pieces[i].data;
		size_t		   len = pieces[i].len;
		size_t		   taken = len < BLOCK - used ? len : BLOCK - used;

		length += len;
		if (used > 0 || len < BLOCK)
		{
			if (taken > 0)
				memcpy(block + used, data, taken);
			used += taken;
			data += taken;
			len -= taken;
			if (used < BLOCK)
				continue;
			add_blocks(&state, block, 1);
		}
		add_blocks(&state, data, len / BLOCK);
		used = len % BLOCK;
		if (used > 0)
			memcpy(block, data + len - used, used);
	}
	finish(&state, block, used, length, digest);
}

#else

bool
sha256_available(void)
{
	return false;
}

void
sha256_pieces(const Text *pieces, int n, uint8_t digest[SHA256_SIZE])
{
	(void) pieces;
	(void) n;
	(void) digest;
	abort();
}

#endif
