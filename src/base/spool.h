/*
 * spool.h
 *	  Records on disk, given back in the order of their keys.
 *
 * For what is too large for memory and has to be in order: the documents of a
 * file on their way into the table.  Keys are fingerprints, as good as random, so
 * records are dealt out to many buckets by their first bits; a bucket is small
 * enough to be sorted in memory.  Keys and data are kept apart, so that of records
 * that turn out not to be wanted the data is written, but never read.  Everything
 * is written once and read once, in large pieces; what is small never reaches the
 * disk.
 *
 * Plain C, one thread at a time; it reads with a thread of its own.  Memory: at most
 * about 48 MB, and the largest record four times.
 *
 * Who calls it: run/sink.c.
 */
#ifndef DATASENS_BASE_SPOOL_H
#define DATASENS_BASE_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPOOL_KEY_SIZE 32

/* A record; what is not explained is the spool's own. */
typedef struct SpoolRecord
{
	unsigned char key[SPOOL_KEY_SIZE];
	int64_t		  position; /* of equal keys the least is kept */
	uint64_t	  offset;
	char		 *data; /* size bytes, aligned to 8: after spool_load */
	uint32_t	  size;
	uint32_t	  kept;
} SpoolRecord;

typedef struct Spool Spool;

/*
 * An empty spool on an open, empty file, which stays the caller's and is only
 * written (from its start) where memory does not suffice, up to max_file bytes.
 * NULL where the system has no memory.
 */
extern Spool *spool_create(int file, int64_t max_file);
extern void	  spool_free(Spool *spool);

/*
 * Adds a record: where its size bytes of data are to be written, valid until the
 * next call; NULL where spool_error says why.  Not after spool_rewind.
 */
extern void *spool_add(Spool *spool, const unsigned char key[SPOOL_KEY_SIZE], int64_t position,
					   uint32_t size);

/* Ends the adding, or the reading, and begins (again) to read; false as above. */
extern bool spool_rewind(Spool *spool);

/*
 * The next records in ascending order of their keys, each key once, some
 * megabytes of them: *n of them, without their data, valid until the next call; *n
 * is 0 at the end.  False as above.
 */
extern bool spool_next(Spool *spool, SpoolRecord ***records, size_t *n);

/*
 * Loads the data of n of the records that spool_next has given: of all that are
 * wanted, in one call.  Cheap where most are, or where few are.  False as above.
 */
extern bool spool_load(Spool *spool, SpoolRecord **records, size_t n);

/* errno of what failed, EFBIG where max_file was reached; 0: nothing. */
extern int spool_error(const Spool *spool);

#endif
