/*
 * fingerprint.h
 *	  What a document is known by: SHA-256 of its UTF-8 text, 32 bytes.
 *
 * A value of the SQL type datasens.fingerprint is just these bytes, passed by
 * reference, so a Datum of it points to FINGERPRINT_SIZE bytes anywhere.  The
 * type's own functions are in fingerprint_type.c.
 *
 * Who calls it: whatever stores a document or a row, or looks for one; datasens_hash().
 */
#ifndef DATASENS_STORE_FINGERPRINT_H
#define DATASENS_STORE_FINGERPRINT_H

#include "postgres.h"

#include "base/arena.h"
#include "base/hasher.h"
#include "port/pg_bswap.h"

#define FINGERPRINT_SIZE 32
#define FINGERPRINT_DIGITS (2 * FINGERPRINT_SIZE)

/*
 * SHA-256 (FIPS 180-4) of the bytes; absent counts as empty.  ereports where the
 * server's library fails, so not for a foreign library's callback; needs no
 * transaction.
 */
extern void fingerprint_of(Text bytes, uint8 fingerprint[FINGERPRINT_SIZE]);

/* The same of titre, a space, texte: what documents are deduplicated by. */
extern void fingerprint_of_document(Text titre, Text texte, uint8 fingerprint[FINGERPRINT_SIZE]);

/* The same by a computation of one's own (base/hasher.h), for another thread. */
extern bool hasher_document(Hasher *hasher, Text titre, Text texte,
							uint8 fingerprint[FINGERPRINT_SIZE]);

/* Writes the lower-case digits, without a terminator. */
extern void fingerprint_write(const uint8 fingerprint[FINGERPRINT_SIZE],
							  char		  digits[FINGERPRINT_DIGITS]);

/* The type's OID, inside a transaction; ereports where the extension is not there. */
extern Oid fingerprint_type(void);

/* The first bytes as a number: in nearly every comparison they decide. */
static inline uint64
fingerprint_prefix(const uint8 fingerprint[FINGERPRINT_SIZE])
{
	uint64 prefix;

	memcpy(&prefix, fingerprint, sizeof(prefix));
	return pg_ntoh64(prefix);
}

#endif
