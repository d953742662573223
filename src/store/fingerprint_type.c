/*
 * fingerprint_type.c
 *	  The SQL type datasens.fingerprint: 32 bytes, written as 64 hexadecimal
 *	  digits, ordered as bytes, without a collation.
 *
 * A varchar(64) of the digits would take twice the room in table and index and
 * be compared by a collation.  This is uuid's design for a longer value, simpler
 * in one thing: the bytes of a digest are as good as random, so any of them make
 * a hash, and the first eight an abbreviated sort key that is always worth it.
 */
#include "postgres.h"

#include "base/ascii.h"
#include "compat.h"
#include "store/fingerprint.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/sortsupport.h"

PG_FUNCTION_INFO_V1(datasens_fingerprint_in);
PG_FUNCTION_INFO_V1(datasens_fingerprint_out);
PG_FUNCTION_INFO_V1(datasens_fingerprint_recv);
PG_FUNCTION_INFO_V1(datasens_fingerprint_send);
PG_FUNCTION_INFO_V1(datasens_fingerprint_from_bytea);
PG_FUNCTION_INFO_V1(datasens_fingerprint_bytea);
PG_FUNCTION_INFO_V1(datasens_fingerprint_eq);
PG_FUNCTION_INFO_V1(datasens_fingerprint_ne);
PG_FUNCTION_INFO_V1(datasens_fingerprint_lt);
PG_FUNCTION_INFO_V1(datasens_fingerprint_le);
PG_FUNCTION_INFO_V1(datasens_fingerprint_gt);
PG_FUNCTION_INFO_V1(datasens_fingerprint_ge);
PG_FUNCTION_INFO_V1(datasens_fingerprint_cmp);
PG_FUNCTION_INFO_V1(datasens_fingerprint_sortsupport);
PG_FUNCTION_INFO_V1(datasens_fingerprint_hash);
PG_FUNCTION_INFO_V1(datasens_fingerprint_hash_extended);

#define DatumGetFingerprint(datum) ((const uint8 *) DatumGetPointer(datum))
#define PG_GETARG_FINGERPRINT(i) DatumGetFingerprint(PG_GETARG_DATUM(i))

/* ---- in and out ---- */

/* Reads the digits; returns how many there are before the first fault, all of them if none. */
static size_t
read_digits(const char *digits, uint8 fingerprint[FINGERPRINT_SIZE])
{
	size_t i;

	memset(fingerprint, 0, FINGERPRINT_SIZE);
	for (i = 0; i < FINGERPRINT_DIGITS; i++)
	{
		int value = hex_value(digits[i]); /* the terminator is no digit either */

		if (value < 0)
			break;
		fingerprint[i / 2] |= (uint8) (i % 2 == 0 ? value << 4 : value);
	}
	return i;
}

Datum
datasens_fingerprint_in(PG_FUNCTION_ARGS)
{
	char  *string = PG_GETARG_CSTRING(0);
	uint8 *fingerprint = palloc(FINGERPRINT_SIZE);
	size_t n = read_digits(string, fingerprint);
	char   odd = string[n];

	if (n == FINGERPRINT_DIGITS && odd == '\0')
		PG_RETURN_POINTER(fingerprint);
	compat_ereturn(fcinfo->context, (Datum) 0,
				   (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					errmsg("invalid input syntax for type %s: \"%s\"", "fingerprint", string),
					odd == '\0' ? errdetail("It ends after %d digits.", (int) n)
					: n < FINGERPRINT_DIGITS
						? errdetail("Character %d, \"%.*s\", is not a hexadecimal digit.",
									(int) n + 1, pg_mblen(string + n), string + n)
						: errdetail("It goes on after %d digits.", FINGERPRINT_DIGITS),
					errhint("A fingerprint is written as exactly %d hexadecimal digits.",
							FINGERPRINT_DIGITS)));
}

Datum
datasens_fingerprint_out(PG_FUNCTION_ARGS)
{
	char *digits = palloc(FINGERPRINT_DIGITS + 1);

	fingerprint_write(PG_GETARG_FINGERPRINT(0), digits);
	digits[FINGERPRINT_DIGITS] = '\0';
	PG_RETURN_CSTRING(digits);
}

/* The caller refuses a message with something left in it. */
Datum
datasens_fingerprint_recv(PG_FUNCTION_ARGS)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	uint8	  *fingerprint = palloc(FINGERPRINT_SIZE);

	pq_copymsgbytes(message, (char *) fingerprint, FINGERPRINT_SIZE);
	PG_RETURN_POINTER(fingerprint);
}

Datum
datasens_fingerprint_send(PG_FUNCTION_ARGS)
{
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendbytes(&message, (const char *) PG_GETARG_FINGERPRINT(0), FINGERPRINT_SIZE);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

Datum
datasens_fingerprint_from_bytea(PG_FUNCTION_ARGS)
{
	bytea *bytes = PG_GETARG_BYTEA_PP(0);
	uint8 *fingerprint = palloc(FINGERPRINT_SIZE);

	if (VARSIZE_ANY_EXHDR(bytes) != FINGERPRINT_SIZE)
		ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
						errmsg("a fingerprint has %d bytes, not %d", FINGERPRINT_SIZE,
							   (int) VARSIZE_ANY_EXHDR(bytes))));
	memcpy(fingerprint, VARDATA_ANY(bytes), FINGERPRINT_SIZE);
	PG_RETURN_POINTER(fingerprint);
}

Datum
datasens_fingerprint_bytea(PG_FUNCTION_ARGS)
{
	bytea *bytes = palloc(VARHDRSZ + FINGERPRINT_SIZE);

	SET_VARSIZE(bytes, VARHDRSZ + FINGERPRINT_SIZE);
	memcpy(VARDATA(bytes), PG_GETARG_FINGERPRINT(0), FINGERPRINT_SIZE);
	PG_RETURN_BYTEA_P(bytes);
}

/* ---- order ---- */

static int
compare(const uint8 *a, const uint8 *b)
{
	return memcmp(a, b, FINGERPRINT_SIZE);
}

#define COMPARISON(name, test)                                                                     \
	Datum name(PG_FUNCTION_ARGS)                                                                   \
	{                                                                                              \
		PG_RETURN_BOOL(compare(PG_GETARG_FINGERPRINT(0), PG_GETARG_FINGERPRINT(1)) test 0);        \
	}

COMPARISON(datasens_fingerprint_eq, ==)
COMPARISON(datasens_fingerprint_ne, !=)
COMPARISON(datasens_fingerprint_lt, <)
COMPARISON(datasens_fingerprint_le, <=)
COMPARISON(datasens_fingerprint_gt, >)
COMPARISON(datasens_fingerprint_ge, >=)

Datum
datasens_fingerprint_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare(PG_GETARG_FINGERPRINT(0), PG_GETARG_FINGERPRINT(1)));
}

static int
compare_datums(Datum a, Datum b, SortSupport support)
{
	return compare(DatumGetFingerprint(a), DatumGetFingerprint(b));
}

static int
compare_abbreviated(Datum a, Datum b, SortSupport support)
{
	return (a > b) - (a < b);
}

/* The highest bits of the prefix, as many as a Datum has, in its own order. */
static Datum
abbreviate(Datum original, SortSupport support)
{
	return (Datum) (fingerprint_prefix(DatumGetFingerprint(original)) >>
					(64 - BITS_PER_BYTE * SIZEOF_DATUM));
}

/* Digests differ in their first bytes or not at all, so there is nothing to estimate. */
static bool
abbreviation_fails(int n, SortSupport support)
{
	return false;
}

Datum
datasens_fingerprint_sortsupport(PG_FUNCTION_ARGS)
{
	SortSupport support = (SortSupport) PG_GETARG_POINTER(0);

	support->comparator = compare_datums;
	if (support->abbreviate)
	{
		support->comparator = compare_abbreviated;
		support->abbrev_converter = abbreviate;
		support->abbrev_abort = abbreviation_fails;
		support->abbrev_full_comparator = compare_datums;
	}
	PG_RETURN_VOID();
}

/* ---- hash ---- */

/*
 * The last bytes, not the first: rows are often sorted or divided by the first
 * ones, and a hash table filled with such rows would then be filled in part.
 */
static uint64
hash_of(const uint8 *fingerprint)
{
	uint64 hash;

	memcpy(&hash, fingerprint + FINGERPRINT_SIZE - sizeof(hash), sizeof(hash));
	return pg_ntoh64(hash); /* the same on every machine, for partitions in a dump */
}

Datum
datasens_fingerprint_hash(PG_FUNCTION_ARGS)
{
	PG_RETURN_UINT32((uint32) hash_of(PG_GETARG_FINGERPRINT(0)));
}

/* With seed 0 the low half is datasens_fingerprint_hash's value, as hash functions promise. */
Datum
datasens_fingerprint_hash_extended(PG_FUNCTION_ARGS)
{
	uint64 hash = hash_of(PG_GETARG_FINGERPRINT(0));
	uint64 seed = PG_GETARG_INT64(1);

	PG_RETURN_UINT64(seed == 0 ? hash : hash_combine64(hash, seed));
}
