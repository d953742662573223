/*
 * s3.h
 *	  Objects in a bucket of an S3 service: Amazon's, MinIO's or another's.
 *
 * Who calls it: operate/, for what is archived.  Requests are signed
 * (Signature Version 4, s3_sign.c) over the SHA-256 of what is sent, so that a service takes
 * no byte that is not ours, whatever the transport.  What may pass by itself is tried
 * again, a few times, with growing delays; each function returns NULL, or what went
 * wrong (palloc'd) and what to do about it, without a key or a signature in it.
 *
 * The functions block: they wait on the process latch and look at interrupts, and so
 * may ereport.  No transaction is needed, and none should be open.  Addresses pass the
 * guard of the sources (net/guard.h).
 */
#ifndef DATASENS_NET_S3_H
#define DATASENS_NET_S3_H

#include "postgres.h"

#include "base/hasher.h"

typedef struct S3 S3;

/* Where a bucket is, and who asks; the strings live as long as the S3. */
typedef struct S3Account
{
	const char *endpoint; /* "https://host:port"; "": Amazon's of the region */
	const char *region;
	const char *bucket;
	const char *access_key;
	const char *secret_key;
	const char *session_token; /* or NULL */
} S3Account;

/* Long enough for any service's. */
#define S3_ETAG_SIZE 128

typedef struct S3Object
{
	bool  there;
	int64 size;
	char  etag[S3_ETAG_SIZE];		 /* without quotes; "": not said */
	char  sha256[HASHER_DIGITS + 1]; /* as s3_put_file noted it; "": not said */
} S3Object;

/* An open service; it goes with the context. */
extern S3 *s3_open(MemoryContext context, const S3Account *account);

/* Has the function called about every half second with the bytes moved so far. */
extern void s3_watch(S3 *s3, void (*tick)(void *argument, int64 moved), void *argument);

/*
 * Puts size bytes of an open file there, in parts where there are many, and makes
 * sure: each part's ETag is its MD5 where the service's ETags are that, and the object
 * that is there in the end has its size, its ETag and its digest.  What was begun in
 * parts and failed is taken back.  digits: SHA-256 of the file.
 */
extern char *s3_put_file(S3 *s3, const char *key, int file, int64 size, const char *digits);

/* What is there under the key. */
extern char *s3_head(S3 *s3, const char *key, S3Object *object);

/* Writes an object, of at most max bytes, into an open file from its start; *size of them. */
extern char *s3_get(S3 *s3, const char *key, int file, int64 max, int64 *size);

/* Removes it; one that is not there is no error. */
extern char *s3_delete(S3 *s3, const char *key);

/* Takes back all that was begun in parts under the prefix and not ended. */
extern char *s3_abort_all(S3 *s3, const char *prefix);

#endif
