/*
 * fingerprint.c
 *	  What a document is known by: SHA-256 of its UTF-8 text.
 *
 * The processor's instructions for SHA-256 are used, where it has none the server's
 * own SHA-256.  Its context costs more to make than a short text costs to hash, so a
 * process makes one and keeps it.
 */
#include "postgres.h"

#include "base/sha256.h"
#include "compat.h"
#include "store/fingerprint.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "common/cryptohash.h"
#include "utils/builtins.h"
#include "utils/resowner.h"
#include "utils/syscache.h"

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
hasher_end(Hasher *hasher, uint8 fingerprint[FINGERPRINT_SIZE])
{
	return pg_cryptohash_final(hasher, fingerprint, FINGERPRINT_SIZE) == 0;
}

bool
hasher_pieces(Hasher *hasher, const Text *pieces, int n, uint8 fingerprint[FINGERPRINT_SIZE])
{
	bool done;

	if (by_processor)
	{
		sha256_pieces(pieces, n, fingerprint);
		return true;
	}
	done = hasher_begin(hasher);
	for (int i = 0; i < n && done; i++)
		done = hasher_add(hasher, pieces[i].data, pieces[i].len);
	return done && hasher_end(hasher, fingerprint);
}

bool
hasher_document(Hasher *hasher, Text titre, Text texte, uint8 fingerprint[FINGERPRINT_SIZE])
{
	const Text pieces[] = {titre, TEXT_LITERAL(" "), texte};

	return hasher_pieces(hasher, pieces, lengthof(pieces), fingerprint);
}

Hasher *
hasher_own(void)
{
	static Hasher *hasher = NULL;

	if (hasher == NULL)
		hasher = hasher_create();
	return hasher;
}

static void
report_hash(Hasher *hasher)
{
	elog(ERROR, "could not compute SHA-256: %s", compat_cryptohash_error(hasher));
}

void
fingerprint_of(Text bytes, uint8 fingerprint[FINGERPRINT_SIZE])
{
	if (!hasher_pieces(hasher_own(), &bytes, 1, fingerprint))
		report_hash(hasher_own());
}

void
fingerprint_of_document(Text titre, Text texte, uint8 fingerprint[FINGERPRINT_SIZE])
{
	if (!hasher_document(hasher_own(), titre, texte, fingerprint))
		report_hash(hasher_own());
}

void
fingerprint_write(const uint8 fingerprint[FINGERPRINT_SIZE], char digits[FINGERPRINT_DIGITS])
{
	(void) hex_encode((const char *) fingerprint, FINGERPRINT_SIZE, digits);
}

Oid
fingerprint_type(void)
{
	Oid namespace = get_namespace_oid("datasens", false);
	Oid type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("fingerprint"),
							   ObjectIdGetDatum(namespace));

	if (!OidIsValid(type))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("type \"%s\" does not exist", "datasens.fingerprint"),
						errhint("CREATE EXTENSION datasens makes it.")));
	return type;
}
