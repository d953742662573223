/*
 * s3_parts.h
 *	  What s3.c and s3_request.c share: one signed request and its answer.
 */
#ifndef DATASENS_NET_S3_PARTS_H
#define DATASENS_NET_S3_PARTS_H

#include "base/arena.h"
#include "base/md5.h"
#include "base/sha256.h"
#include "net/s3.h"

typedef enum S3Method
{
	S3_GET,
	S3_HEAD,
	S3_PUT,
	S3_POST,
	S3_DELETE
} S3Method;

/* A request.  Its body is in memory or part of a file; it has none where size is 0. */
typedef struct S3Ask
{
	S3Method	method;
	const char *key;   /* NULL: the bucket itself */
	const char *query; /* canonical: sorted and coded; or NULL */
	const char *note;  /* x-amz-meta-sha256, or NULL */
	const char *body;
	int			file; /* where body is NULL */
	int64		offset;
	int64		size;
	uint8		hash[SHA256_SIZE]; /* of the body */
	bool		to_file;		   /* the answer's body goes there */
	int			target;
	int64		max_size;
} S3Ask;

/* The answer to the last attempt. */
typedef struct S3Answer
{
	long  status; /* 0: there was none */
	int64 length; /* as announced, or received; -1: not known */
	char  etag[S3_ETAG_SIZE];
	char  sha256[HASHER_DIGITS + 1];
	bool  keyed;	/* encrypted with a key of its own: ETags are no MD5 then */
	Text  body;		/* what is in memory of it: valid until the next request */
	char  code[64]; /* of an error: the service's word for it, "" for none */
} S3Answer;

/*
 * Asks, again where that may help, until an answer is final: NULL for one of success
 * (2xx), else what went wrong ("could not WHAT: ..."), with the answer as far as it came.
 */
extern char *s3_ask(S3 *s3, const S3Ask *ask, const char *what, S3Answer *answer);

/* A header that is signed; the name is in small letters. */
typedef struct S3Header
{
	const char *name;
	const char *value;
} S3Header;

/*
 * The value of the header Authorization, palloc'd, for a request of that method and target
 * (path and query, both canonical), with the headers in the order of their names, a body of
 * that hash, at the time of the stamp ("20251125T120000Z").
 */
extern char *s3_authorization(const S3Account *account, const char *method, const char *target,
							  const S3Header *headers, int n, const uint8 *body, const char *stamp);

/* The hash of nothing, for requests without a body. */
extern void s3_hash_nothing(uint8 hash[SHA256_SIZE]);

/* An arena for a moment's needs, reset by each s3_ask. */
extern Arena *s3_arena(S3 *s3);

/* Bytes that earlier requests have moved: s3_watch is told of those that follow on top of them. */
extern void s3_moved(S3 *s3, int64 bytes);

#endif
