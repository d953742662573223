/*
 * hasher.h
 *	  SHA-256 (FIPS 180-4) of what comes in pieces, by the processor's own
 *	  instructions or the server's library.
 *
 * A computation for its caller alone, on any thread: hasher_create ereports,
 * hasher_free takes NULL, and the rest is plain C, false where the server's library
 * fails.
 */
#ifndef DATASENS_BASE_HASHER_H
#define DATASENS_BASE_HASHER_H

#include "postgres.h"

#include "base/arena.h"
#include "base/sha256.h"

typedef struct pg_cryptohash_ctx Hasher;

extern Hasher *hasher_create(void);
extern void	   hasher_free(Hasher *hasher);

/* Of pieces, one after the other. */
extern bool hasher_pieces(Hasher *hasher, const Text *pieces, int n, uint8 hash[SHA256_SIZE]);

/* The process's own, for its first thread. */
extern Hasher *hasher_own(void);

/* The same of what comes bit by bit: begin, add as often as needed, end. */
extern bool hasher_begin(Hasher *hasher);
extern bool hasher_add(Hasher *hasher, const void *bytes, size_t n);
extern bool hasher_end(Hasher *hasher, uint8 hash[SHA256_SIZE]);

#endif
