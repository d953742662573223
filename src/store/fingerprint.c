/*
 * fingerprint.c
 *	  What a document is known by: SHA-256 of its UTF-8 text.
 */
#include "postgres.h"

#include "compat.h"
#include "store/fingerprint.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "common/cryptohash.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

bool
hasher_document(Hasher *hasher, Text titre, Text texte, uint8 fingerprint[FINGERPRINT_SIZE])
{
	const Text pieces[] = {titre, TEXT_LITERAL(" "), texte};

	return hasher_pieces(hasher, pieces, lengthof(pieces), fingerprint);
}

/* Does not return. */
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
