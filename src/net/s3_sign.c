/*
 * s3_sign.c
 *	  Amazon's Signature Version 4 of a request, for s3_request.c.
 *
 * libcurl can sign, too, but not alike in its versions: some refuse a path that is to stay
 * as it is, some sign a "+" in a query for a space.  Never: the key, or what is derived from
 * it, in a message.
 */
#include "postgres.h"

#include "base/hasher.h"
#include "net/s3_parts.h"

#include "lib/stringinfo.h"

#define BLOCK 64 /* bytes, of SHA-256 */

static void
digest(const Text *pieces, int n, uint8 hash[SHA256_SIZE])
{
	if (!hasher_pieces(hasher_own(), pieces, n, hash))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not compute SHA-256")));
}

static Text
text_of(const char *string)
{
	return (Text){string, strlen(string)};
}

/* HMAC-SHA256 (RFC 2104); result may be the key. */
static void
authenticate(Text key, const char *message, uint8 result[SHA256_SIZE])
{
	uint8 short_key[SHA256_SIZE];
	uint8 inner[BLOCK] = {0};
	uint8 outer[BLOCK];
	uint8 hash[SHA256_SIZE];

	if (key.len > BLOCK)
	{
		digest(&key, 1, short_key);
		key = (Text){(char *) short_key, SHA256_SIZE};
	}
	memcpy(inner, key.data, key.len);
	for (int i = 0; i < BLOCK; i++)
	{
		outer[i] = inner[i] ^ 0x5c;
		inner[i] ^= 0x36;
	}
	digest((Text[]){{(char *) inner, BLOCK}, text_of(message)}, 2, hash);
	digest((Text[]){{(char *) outer, BLOCK}, {(char *) hash, SHA256_SIZE}}, 2, result);
}

static void
append_hex(StringInfo out, const uint8 hash[SHA256_SIZE])
{
	char digits[HASHER_DIGITS + 1];

	hasher_write_digits(hash, digits);
	appendStringInfoString(out, digits);
}

/* The names of the signed headers: "host;x-amz-date". */
static char *
names_of(const S3Header *headers, int n)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < n; i++)
		appendStringInfo(&names, "%s%s", i ? ";" : "", headers[i].name);
	return names.data;
}

/* The SHA-256 of the canonical request. */
static void
hash_request(const char *method, const char *target, const S3Header *headers, int n,
			 const uint8 *body, uint8 hash[SHA256_SIZE])
{
	StringInfoData canonical;
	size_t		   path = strcspn(target, "?");

	initStringInfo(&canonical);
	appendStringInfo(&canonical, "%s\n%.*s\n%s\n", method, (int) path, target,
					 target[path] ? target + path + 1 : "");
	for (int i = 0; i < n; i++)
		appendStringInfo(&canonical, "%s:%s\n", headers[i].name, headers[i].value);
	appendStringInfo(&canonical, "\n%s\n", names_of(headers, n));
	append_hex(&canonical, body);
	digest(&(Text){canonical.data, (size_t) canonical.len}, 1, hash);
}

char *
s3_authorization(const S3Account *account, const char *method, const char *target,
				 const S3Header *headers, int n, const uint8 *body, const char *stamp)
{
	char		  *scope = psprintf("%.8s/%s/s3/aws4_request", stamp, account->region);
	char		  *secret = psprintf("AWS4%s", account->secret_key);
	uint8		   hash[SHA256_SIZE];
	Text		   key = {(char *) hash, SHA256_SIZE};
	StringInfoData message;
	StringInfoData result;

	initStringInfo(&message);
	appendStringInfo(&message, "AWS4-HMAC-SHA256\n%s\n%s\n", stamp, scope);
	hash_request(method, target, headers, n, body, hash);
	append_hex(&message, hash);
	authenticate(text_of(secret), pnstrdup(stamp, 8), hash);
	explicit_bzero(secret, strlen(secret));
	authenticate(key, account->region, hash);
	authenticate(key, "s3", hash);
	authenticate(key, "aws4_request", hash);
	authenticate(key, message.data, hash);
	initStringInfo(&result);
	appendStringInfo(&result, "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=",
					 account->access_key, scope, names_of(headers, n));
	append_hex(&result, hash);
	return result.data;
}
