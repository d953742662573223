/*
 * test_sha256.c
 *	  sha256.h: known digests, and that it makes no difference how a message is cut.
 */
#include "base/sha256.h"

#include "unit.h"

static const char *
digest_of(const Text *pieces, int n)
{
	static char digits[2 * SHA256_SIZE + 1];
	uint8_t		digest[SHA256_SIZE];

	sha256_pieces(pieces, n, digest);
	for (int i = 0; i < SHA256_SIZE; i++)
		snprintf(digits + 2 * i, 3, "%02x", digest[i]);
	return digits;
}

/* Those of FIPS 180-4's examples, and the lengths around which the padding changes. */
static void
test_known(void)
{
	static char as[1000000];
	static const struct
	{
		size_t		len;
		const char *digest;
	} lengths[] = {{0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
				   {55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
				   {56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
				   {63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
				   {64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
				   {65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"},
				   {1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"}};

	memset(as, 'a', sizeof(as));
	is_str(digest_of(&TEXT_LITERAL("abc"), 1),
		   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "abc");
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		is_str(digest_of(&(Text){as, lengths[i].len}, 1), lengths[i].digest, "%zu times a",
			   lengths[i].len);
	is_str(digest_of(NULL, 0), lengths[0].digest, "no piece at all");
	is_str(digest_of(&TEXT_NULL, 1), lengths[0].digest, "a piece that is absent");
}

static void
test_pieces(void)
{
	char whole[2 * SHA256_SIZE + 1];
	char bytes[300];
	bool same = true;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char) (i * 7);
	strcpy(whole, digest_of(&(Text){bytes, sizeof(bytes)}, 1));
	for (size_t a = 0; a <= sizeof(bytes); a += 3)
	{
		for (size_t b = a; b <= sizeof(bytes); b += 5)
		{
			Text pieces[] = {{bytes, a}, {bytes + a, b - a}, {bytes + b, sizeof(bytes) - b}};

			same = same && strcmp(digest_of(pieces, 3), whole) == 0;
		}
	}
	ok(same, "three pieces are the whole, wherever it is cut");
}

int
main(void)
{
	if (sha256_available())
	{
		test_known();
		test_pieces();
	}
	else
		ok(true, "nothing to test: the processor has no such instructions");
	return done_testing();
}
