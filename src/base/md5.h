/*
 * md5.h
 *	  MD5 (RFC 1321), for files whose publisher names them by it: downloads, GDELT's
 *	  slices, parts of objects in S3.  Plain C, any thread; the server's own needs the
 *	  server, and is not there in FIPS mode.
 *
 * Called by net/ and the kind gdelt.  Never for what somebody may have forged: it shows
 * damage, not intent.
 */
#ifndef DATASENS_BASE_MD5_H
#define DATASENS_BASE_MD5_H

#include <stddef.h>
#include <stdint.h>

#define MD5_SIZE 16

typedef struct Md5
{
	uint32_t	  state[4];
	uint64_t	  length; /* bytes so far */
	unsigned char block[64];
} Md5;

extern void md5_start(Md5 *md5);
extern void md5_add(Md5 *md5, const void *data, size_t len);
extern void md5_end(Md5 *md5, unsigned char digest[MD5_SIZE]);

#endif
