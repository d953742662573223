/*
 * md5.c
 *	  MD5 (RFC 1321); the names of the steps are the RFC's.
 *
 * It checks what others have published (the lists of GDELT, the ETags of a storage service), and
 * protects nothing. The server's own would palloc, which neither a parser's thread nor a callback
 * of libcurl's may do.
 */
#include "base/md5.h"

#include <string.h>

#define BLOCK 64

/* 2^32 times the absolute sine of 1 to 64. */
static const uint32_t sines[64] = {
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
	0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
	0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
	0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
	0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
	0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
	0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
	0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

/* By how much each step rotates; four steps repeat in each of the four rounds. */
static const unsigned char shifts[4][4] = {
	{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

static uint32_t
rotate(uint32_t value, unsigned by)
{
	return value << by | value >> (32 - by);
}

static uint32_t
word_at(const unsigned char *p)
{
	return (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16 | (uint32_t) p[3] << 24;
}

/*
 * The round's function of the three words (F, G, H, I of RFC 1321, 3.4), and in *word which word
 * of the block the step takes.
 */
static uint32_t
mix(unsigned step, uint32_t b, uint32_t c, uint32_t d, unsigned *word)
{
	switch (step / 16)
	{
		case 0:
			*word = step;
			return (b & c) | (~b & d);
		case 1:
			*word = (5 * step + 1) % 16;
			return (d & b) | (~d & c);
		case 2:
			*word = (3 * step + 5) % 16;
			return b ^ c ^ d;
		default:
			*word = (7 * step) % 16;
			return c ^ (b | ~d);
	}
}

static void
add_block(Md5 *md5, const unsigned char *block)
{
	uint32_t a = md5->state[0];
	uint32_t b = md5->state[1];
	uint32_t c = md5->state[2];
	uint32_t d = md5->state[3];

#pragma GCC unroll 64
	for (unsigned step = 0; step < 64; step++)
	{
		unsigned word;
		uint32_t mixed = mix(step, b, c, d, &word);
		uint32_t sum = a + mixed + sines[step] + word_at(block + 4 * word);

		a = d;
		d = c;
		c = b;
		b += rotate(sum, shifts[step / 16][step % 4]);
	}
	md5->state[0] += a;
	md5->state[1] += b;
	md5->state[2] += c;
	md5->state[3] += d;
}

void
md5_start(Md5 *md5)
{
	md5->state[0] = 0x67452301;
	md5->state[1] = 0xefcdab89;
	md5->state[2] = 0x98badcfe;
	md5->state[3] = 0x10325476;
	md5->length = 0;
}

void
md5_add(Md5 *md5, const void *data, size_t len)
{
	const unsigned char *at = data;
	size_t				 used = md5->length % BLOCK;

	md5->length += len;
	if (used > 0)
	{
		size_t taken = len < BLOCK - used ? len : BLOCK - used;

		memcpy(md5->block + used, at, taken);
		at += taken;
		len -= taken;
		if (used + taken < BLOCK)
			return;
		add_block(md5, md5->block);
	}
	for (; len >= BLOCK; len -= BLOCK, at += BLOCK)
		add_block(md5, at);
	if (len > 0)
		memcpy(md5->block, at, len);
}

void
md5_end(Md5 *md5, unsigned char digest[MD5_SIZE])
{
	static const unsigned char padding[BLOCK] = {0x80};
	uint64_t				   bits = md5->length * 8;
	size_t					   used = md5->length % BLOCK;
	unsigned char			   length[8];

	for (int i = 0; i < 8; i++)
		length[i] = (unsigned char) (bits >> (8 * i));
	md5_add(md5, padding, (used < 56 ? 56 : 120) - used);
	md5_add(md5, length, sizeof(length));
	for (int i = 0; i < MD5_SIZE; i++)
		digest[i] = (unsigned char) (md5->state[i / 4] >> (8 * (i % 4)));
}
