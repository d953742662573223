/*
 * fingerprint.c
 *	  What a document is known by: SHA-256 of its UTF-8 text.
 *
 * The server's own SHA-256 is used (with OpenSSL it runs on the processor's SHA
 * instructions).  Its context costs more to make than a short text costs to
 * hash, so a process makes one and keeps it.
 */
#include "postgres.h"

#include "compat.h"
#include "store/fingerprint.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "common/cryptohash.h"
#include "utils/builtins.h"
#include "utils/resowner.h"
#include "utils/syscache.h"

/* Starts a computation on the process's context. */
static pg_cryptohash_ctx *
sha256_start(void)
{
	static ResourceOwner	  owner = NULL;
	static pg_cryptohash_ctx *context = NULL;

	if (context == NULL)
	{
		ResourceOwner current = CurrentResourceOwner;

		/*
		 * The server ties a context to the current resource owner, which goes
		 * with its transaction or is not there at all; ours stays.
		 */
		if (owner == NULL)
			owner = ResourceOwnerCreate(NULL, "datasens fingerprint");
		CurrentResourceOwner = owner;
		context = pg_cryptohash_create(PG_SHA256);
		CurrentResourceOwner = current;
		if (context == NULL)
			ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	}
	if (pg_cryptohash_init(context) < 0)
		elog(ERROR, "could not start SHA-256: %s", compat_cryptohash_error(context));
	return context;
}

static void
sha256_add(pg_cryptohash_ctx *context, Text bytes)
{
	if (pg_cryptohash_update(context, (const uint8 *) bytes.data, bytes.len) < 0)
		elog(ERROR, "could not compute SHA-256: %s", compat_cryptohash_error(context));
}

static void
sha256_end(pg_cryptohash_ctx *context, uint8 fingerprint[FINGERPRINT_SIZE])
{
	if (pg_cryptohash_final(context, fingerprint, FINGERPRINT_SIZE) < 0)
		elog(ERROR, "could not finish SHA-256: %s", compat_cryptohash_error(context));
}

void
fingerprint_of(Text bytes, uint8 fingerprint[FINGERPRINT_SIZE])
{
	pg_cryptohash_ctx *context = sha256_start();

	sha256_add(context, bytes);
	sha256_end(context, fingerprint);
}

void
fingerprint_of_document(Text titre, Text texte, uint8 fingerprint[FINGERPRINT_SIZE])
{
	pg_cryptohash_ctx *context = sha256_start();

	sha256_add(context, titre);
	sha256_add(context, TEXT_LITERAL(" "));
	sha256_add(context, texte);
	sha256_end(context, fingerprint);
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
