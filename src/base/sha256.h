/*
 * sha256.h
 *	  SHA-256 (FIPS 180-4) by the processor's own instructions, where it has them.
 *	  Plain C, any thread.
 *
 * OpenSSL 3 looks its implementation up for every message, which costs as much
 * as hashing a short document: the server's SHA-256, which goes through it, is
 * for machines without the instructions.
 *
 * Called by hasher.c alone, which knows what to do elsewhere.
 */
#ifndef DATASENS_BASE_SHA256_H
#define DATASENS_BASE_SHA256_H

#include "base/arena.h"

#include <stdint.h>

#define SHA256_SIZE 32

/* Whether the processor has them: sha256_pieces must not be called elsewhere. */
extern bool sha256_available(void);

/* The digest of the pieces, one after the other. */
extern void sha256_pieces(const Text *pieces, int n, uint8_t digest[SHA256_SIZE]);

#endif
