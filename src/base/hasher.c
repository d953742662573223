/*
 * hasher.c
 *	  SHA-256 of what comes in pieces.  Called by store/ and net/.
 *
 * The processor's instructions for SHA-256 are used, where it has none the server's
 * own SHA-256.  Its context costs more to make than a short text costs to hash, so a
 * process makes one and keeps it.
 */
#include "postgres.h"

#include "base/hasher.h"

#include "common/cryptohash.h"
#include "utils/resowner.h"

/* Set by the first hasher_create, before there is a thread. */
static bool by_processor = false;

/*
 * The server ties a context to the current resource owner, which goes with its
 * transaction or is not there at all; ours stays.
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
