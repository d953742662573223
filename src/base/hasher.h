/*
 * hasher.h
 *	  SHA-256 (FIPS 180-4) of texts, of what comes bit by bit, and of files, by the
 *	  processor's own instructions or the server's library.
 *
 * Who calls it: store/ for fingerprints, net/ and operate/ for what is archived.  A
 * Hasher is used by one thread at a time, any thread.  hasher_create and hasher_file
 * ereport, hasher_free takes NULL; the rest is plain C, and false where the server's
 * library fails.
 */
#ifndef DATASENS_BASE_HASHER_H
#define DATASENS_BASE_HASHER_H

#include "postgres.h"

#include "base/arena.h"
#include "base/sha256.h"

/* A hash in hexadecimal, as sha256sum prints it. */
#define HASHER_DIGITS (2 * SHA256_SIZE)

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

/* Writes a hash's digits and a NUL. */
extern void hasher_write_digits(const uint8 hash[SHA256_SIZE], char digits[HASHER_DIGITS + 1]);

/*
 * The size of an open file and the digits of its hash, wherever its position is.  False with
 * errno set where it cannot be read.  Looks at interrupts; for the first thread only.
 */
extern bool hasher_file(int file, int64 *size, char digits[HASHER_DIGITS + 1]);

#endif
