/*
 * hasher.c
 *	  SHA-256 by whatever is quickest here: the processor's own instructions, or where it has
 *	  none the server's SHA-256. The server's context costs more to make than a short text costs
 *	  to hash, so a process makes one and keeps it.
 */
#include "postgres.h"

#include "base/hasher.h"

#include <unistd.h>

#include "common/cryptohash.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/resowner.h"

/* So much of a file is read at a time. */
#define CHUNK (256 * 1024)

/* Set by the first hasher_create, which comes before any thread. */
static bool by_processor = false;

/*
 * The server ties such a context to the current resource owner, which ends with its transaction,
 * or is not there at all. Ours is to stay, so it gets an owner of its own.
 */
Hasher *
hasher_create(void)
{
	static ResourceOwner owner = NULL;
	ResourceOwner		 current = CurrentResourceOwner;
	Hasher				*hasher;

	by_processor = sha256_available();
	if (owner == NULL)
		owner = ResourceOwnerCreate(NULL, "datasens fingerprint");
	CurrentResourceOwner = owner;
	hasher = pg_cryptohash_create(PG_SHA256);
	CurrentResourceOwner = current;
	if (hasher == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return hasher;
}

void
hasher_free(Hasher *hasher)
{
	pg_cryptohash_free(hasher);
}

bool
hasher_begin(Hasher *hasher)
{
	return pg_cryptohash_init(hasher) == 0;
}

bool
hasher_add(Hasher *hasher, const void *bytes, size_t n)
{
	return pg_cryptohash_update(hasher, bytes, n) == 0;
}

bool
hasher_end(Hasher *hasher, uint8 hash[SHA256_SIZE])
{
	return pg_cryptohash_final(hasher, hash, SHA256_SIZE) == 0;
}

bool
hasher_pieces(Hasher *hasher, const Text *pieces, int n, uint8 hash[SHA256_SIZE])
{
	bool done;

	if (by_processor)
	{
		sha256_pieces(pieces, n, hash);
		return true;
	}
	done = hasher_begin(hasher);
	for (int i = 0; i < n && done; i++)
		done = hasher_add(hasher, pieces[i].data, pieces[i].len);
	return done && hasher_end(hasher, hash);
}

Hasher *
hasher_own(void)
{
	static Hasher *hasher = NULL;

	if (hasher == NULL)
		hasher = hasher_create();
	return hasher;
}

void
hasher_write_digits(const uint8 hash[SHA256_SIZE], char digits[HASHER_DIGITS + 1])
{
	digits[hex_encode((const char *) hash, SHA256_SIZE, digits)] = '\0';
}

bool
hasher_file(int file, int64 *size, char digits[HASHER_DIGITS + 1])
{
	Hasher *hasher = hasher_own();
	char   *chunk = palloc(CHUNK);
	bool	hashed = hasher_begin(hasher);
	uint8	hash[SHA256_SIZE];
	ssize_t n;

	*size = 0;
	while ((n = pread(file, chunk, CHUNK, (off_t) *size)) != 0)
	{
		CHECK_FOR_INTERRUPTS();
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		hashed = hashed && hasher_add(hasher, chunk, (size_t) n);
		*size += n;
	}
	pfree(chunk);
	if (!hashed || !hasher_end(hasher, hash))
		elog(ERROR, "could not compute SHA-256");
	hasher_write_digits(hash, digits);
	return n == 0;
}
