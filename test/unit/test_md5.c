/*
 * test_md5.c
 *	  MD5: the test suite of RFC 1321, pieces of any size.
 */
#include "base/md5.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>

static void
digits_of(const char *data, size_t len, size_t piece, char *digits)
{
	unsigned char digest[MD5_SIZE];
	Md5			  md5;

	md5_start(&md5);
	for (size_t at = 0; at < len; at += piece)
		md5_add(&md5, data + at, len - at < piece ? len - at : piece);
	md5_end(&md5, digest);
	for (int i = 0; i < MD5_SIZE; i++)
		snprintf(digits + 2 * i, 3, "%02x", digest[i]);
}

static void
test_suite(void)
{
	static const char *const cases[][2] = {
		{"", "d41d8cd98f00b204e9800998ecf8427e"},
		{"a", "0cc175b9c0f1b6a831c399e269772661"},
		{"abc", "900150983cd24fb0d6963f7d28e17f72"},
		{"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
		{"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
		{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
		 "d174ab98d277d9f5a5611c2c9f419d9f"},
		{"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
		 "57edf4a22be3c955ac49da2e2107b67a"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		char digits[2 * MD5_SIZE + 1];

		digits_of(cases[i][0], strlen(cases[i][0]), 1000, digits);
		ok(strcmp(digits, cases[i][1]) == 0, "\"%s\"", cases[i][0]);
	}
}

/* However it is cut, also at the borders of blocks and of the padding. */
static void
test_pieces(void)
{
	char data[300];
	bool same = true;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char) (i * 7 + 3);
	for (size_t len = 0; len <= sizeof(data); len++)
	{
		char whole[2 * MD5_SIZE + 1];
		char pieces[2 * MD5_SIZE + 1];

		digits_of(data, len, sizeof(data), whole);
		for (size_t piece = 1; piece <= 130; piece += 3)
		{
			digits_of(data, len, piece, pieces);
			same = same && strcmp(whole, pieces) == 0;
		}
	}
	ok(same, "pieces of any size give what the whole gives");
}

int
main(void)
{
	test_suite();
	test_pieces();
	return done_testing();
}
