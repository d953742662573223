/*
 * spool.c
 *	  Records on disk, given back in the order of their keys.
 *
 * A bucket is a buffer and, once that was full, extents: the places in the file
 * where its earlier contents went.  Reading takes a few small buckets at a time.
 * A bucket that is too large (an enormous file, or one of equal records) is read
 * several times, each time for a higher range of its keys: when memory is full,
 * equal keys are dropped, and if that is not enough the upper half waits for the
 * next time.  What was written is read and sorted by a thread, a batch ahead.
 */
#include "base/spool.h"

#include "base/producer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUCKET_BITS 10
#define BUCKETS (1 << BUCKET_BITS)

/* A bucket's buffer grows from the first to the second size. */
#define BUFFER_FIRST 1024
#define BUFFER_SIZE (16 * 1024)

/* Records given at a time, in bytes; twice as much may be in memory before. */
#define BATCH_SIZE (6 * 1024 * 1024)

#define ALIGNED(size) (((size_t) (size) + 7) & ~(size_t) 7)

typedef struct Extent
{
	int64_t offset;
	size_t	size;
} Extent;

typedef struct Bucket
{
	char   *buffer;
	size_t	used;
	size_t	capacity;
	Extent *extents;
	size_t	n_extents;
	size_t	extents_capacity;
	size_t	size; /* of all its records */
} Bucket;

/* A record in memory, while it is put in order. */
typedef struct Entry
{
	uint64_t	 prefix; /* of the key, as a number */
	SpoolRecord *record;
} Entry;

/* A key, as a bound: the records below it. */
typedef struct Bound
{
	bool		  set;
	unsigned char key[SPOOL_KEY_SIZE];
} Bound;

/* A batch: records in memory and, sorted, who they are. */
typedef struct Load
{
	char		 *data; /* records, one after the other */
	size_t		  used;
	size_t		  capacity;
	Entry		 *entries;
	size_t		  n_entries;
	size_t		  entries_capacity;
	SpoolRecord **records;
	size_t		  records_capacity;
} Load;

/* One is given out while the other one is made. */
#define LOADS 2

struct Spool
{
	int		  file;
	int64_t	  max_file;
	int64_t	  file_size;
	int		  error;
	Bucket	  buckets[BUCKETS];
	Bucket	 *large; /* has a record larger than a buffer: the next call writes it */
	int		  at;	 /* the bucket to read next */
	Bound	  lower; /* of it: what is below was given already */
	Bound	  upper; /* of what is loaded: the rest comes later */
	Load	  loads[LOADS];
	Producer *producer; /* makes loads, from spool_rewind on; NULL: the caller does */
};

/* ---- small means ---- */

static uint64_t
key_prefix(const unsigned char *key)
{
	uint64_t prefix = 0;

	for (int i = 0; i < 8; i++)
		prefix = prefix << 8 | key[i];
	return prefix;
}

static int
bucket_of(const unsigned char *key)
{
	return (key[0] << 8 | key[1]) >> (16 - BUCKET_BITS);
}

static size_t
record_size(const SpoolRecord *record)
{
	return ALIGNED(sizeof(SpoolRecord) + record->size);
}

/* Makes room for needed elements in an array; false where memory is out. */
static bool
make_room(Spool *spool, void **array, size_t *capacity, size_t needed, size_t element)
{
	size_t wanted = *capacity * 2 < needed ? needed : *capacity * 2;
	void  *grown;

	if (needed <= *capacity)
		return true;
	grown = realloc(*array, wanted * element);
	if (grown == NULL)
	{
		spool->error = ENOMEM;
		return false;
	}
	*array = grown;
	*capacity = wanted;
	return true;
}

static bool
write_all(Spool *spool, const char *data, size_t size)
{
	if (spool->file_size + (int64_t) size > spool->max_file)
	{
		spool->error = EFBIG;
		return false;
	}
	while (size > 0)
	{
		ssize_t written = pwrite(spool->file, data, size, spool->file_size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
		{
			spool->error = written == 0 ? ENOSPC : errno;
			return false;
		}
		data += written;
		size -= written;
		spool->file_size += written;
	}
	return true;
}

static bool
read_all(Spool *spool, char *data, size_t size, int64_t offset)
{
	while (size > 0)
	{
		ssize_t got = pread(spool->file, data, size, offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
		{
			spool->error = got == 0 ? EIO : errno;
			return false;
		}
		data += got;
		size -= got;
		offset += got;
	}
	return true;
}

/* ---- adding ---- */

Spool *
spool_create(int file, int64_t max_file)
{
	Spool *spool = calloc(1, sizeof(Spool));

	if (spool == NULL)
		return NULL;
	spool->file = file;
	spool->max_file = max_file;
	return spool;
}

void
spool_free(Spool *spool)
{
	if (spool == NULL)
		return;
	producer_stop(spool->producer);
	for (int i = 0; i < BUCKETS; i++)
	{
		free(spool->buckets[i].buffer);
		free(spool->buckets[i].extents);
	}
	for (int i = 0; i < LOADS; i++)
	{
		free(spool->loads[i].data);
		free(spool->loads[i].entries);
		free(spool->loads[i].records);
	}
	free(spool);
}

/* Writes the bucket's buffer to the file; one that a large record made large is given back. */
static bool
flush(Spool *spool, Bucket *bucket)
{
	Extent extent = {spool->file_size, bucket->used};

	if (bucket->used > 0)
	{
		if (!make_room(spool, (void **) &bucket->extents, &bucket->extents_capacity,
					   bucket->n_extents + 1, sizeof(Extent)) ||
			!write_all(spool, bucket->buffer, bucket->used))
			return false;
		bucket->extents[bucket->n_extents++] = extent;
		bucket->used = 0;
	}
	if (bucket->capacity > BUFFER_SIZE)
	{
		free(bucket->buffer);
		bucket->buffer = NULL;
		bucket->capacity = 0;
	}
	return true;
}

void *
spool_add(Spool *spool, const unsigned char key[SPOOL_KEY_SIZE], int64_t position, uint32_t size)
{
	Bucket		*bucket = &spool->buckets[bucket_of(key)];
	size_t		 needed = ALIGNED(sizeof(SpoolRecord) + size);
	SpoolRecord *record;

	if (spool->error != 0 || (spool->large != NULL && !flush(spool, spool->large)))
		return NULL;
	spool->large = needed > BUFFER_SIZE ? bucket : NULL;
	if (bucket->used + needed > BUFFER_SIZE && !flush(spool, bucket))
		return NULL;
	if (bucket->capacity == 0 && needed < BUFFER_FIRST)
	{
		if (!make_room(spool, (void **) &bucket->buffer, &bucket->capacity, BUFFER_FIRST, 1))
			return NULL;
	}
	else if (!make_room(spool, (void **) &bucket->buffer, &bucket->capacity, bucket->used + needed,
						1))
		return NULL;
	record = (SpoolRecord *) (bucket->buffer + bucket->used);
	memcpy(record->key, key, SPOOL_KEY_SIZE);
	record->position = position;
	record->size = size;
	record->unused = 0;
	bucket->used += needed;
	bucket->size += needed;
	return record->data;
}

/* ---- reading ---- */

static int
compare_entries(const void *a, const void *b)
{
	const Entry *left = a;
	const Entry *right = b;
	int			 order;

	if (left->prefix != right->prefix)
		return left->prefix < right->prefix ? -1 : 1;
	order = memcmp(left->record->key, right->record->key, SPOOL_KEY_SIZE);
	if (order == 0)
		order = (left->record->position > right->record->position) -
				(left->record->position < right->record->position);
	return order;
}

/* Puts the loaded records in order, the later ones of equal keys left out. */
static bool
sort_load(Spool *spool, Load *load)
{
	char  *end = load->data + load->used;
	size_t n = 0;

	for (char *at = load->data; at < end; at += record_size((SpoolRecord *) at))
	{
		if (!make_room(spool, (void **) &load->entries, &load->entries_capacity, n + 1,
					   sizeof(Entry)))
			return false;
		load->entries[n].record = (SpoolRecord *) at;
		load->entries[n++].prefix = key_prefix(((SpoolRecord *) at)->key);
	}
	if (n > 1)
		qsort(load->entries, n, sizeof(Entry), compare_entries);
	load->n_entries = 0;
	for (size_t i = 0; i < n; i++)
	{
		const Entry *entry = &load->entries[i];
		const Entry *before = i > 0 ? &load->entries[load->n_entries - 1] : NULL;

		if (before != NULL && entry->prefix == before->prefix &&
			memcmp(entry->record->key, before->record->key, SPOOL_KEY_SIZE) == 0)
			continue;
		load->entries[load->n_entries++] = *entry;
	}
	return true;
}

/*
 * Makes room among the loaded records of a bucket: equal ones go, and where that
 * is not enough, those of the upper half of the keys, whose turn comes later.
 */
static bool
shrink_load(Spool *spool, Load *load)
{
	size_t kept = 0;
	size_t used = 0;
	char  *data;

	if (!sort_load(spool, load))
		return false;
	while (kept < load->n_entries &&
		   (used == 0 || used + record_size(load->entries[kept].record) <= BATCH_SIZE))
		used += record_size(load->entries[kept++].record);
	if (kept < load->n_entries)
	{
		spool->upper.set = true;
		memcpy(spool->upper.key, load->entries[kept].record->key, SPOOL_KEY_SIZE);
	}
	data = malloc(used);
	if (data == NULL)
	{
		spool->error = ENOMEM;
		return false;
	}
	load->used = 0;
	for (size_t i = 0; i < kept; i++)
	{
		size_t size = record_size(load->entries[i].record);

		memcpy(data + load->used, load->entries[i].record, size);
		load->used += size;
	}
	free(load->data);
	load->data = data;
	load->capacity = used;
	return true;
}

/* Of the size bytes at the end of the loaded ones, keeps the records within the bounds. */
static void
keep_within_bounds(const Spool *spool, Load *load, size_t size)
{
	char *at = load->data + load->used;
	char *end = at + size;

	if (!spool->lower.set && !spool->upper.set)
	{
		load->used += size;
		return;
	}
	while (at < end)
	{
		const SpoolRecord *record = (SpoolRecord *) at;
		size_t			   length = record_size(record);

		if ((!spool->lower.set || memcmp(record->key, spool->lower.key, SPOOL_KEY_SIZE) >= 0) &&
			(!spool->upper.set || memcmp(record->key, spool->upper.key, SPOOL_KEY_SIZE) < 0))
		{
			if (at != load->data + load->used)
				memmove(load->data + load->used, at, length);
			load->used += length;
		}
		at += length;
	}
}

/* Loads a piece of a bucket: from memory, or from the file where data is NULL. */
static bool
load_piece(Spool *spool, Load *load, const char *data, size_t size, int64_t offset)
{
	if (load->used + size > 2 * BATCH_SIZE && load->used > 0 && !shrink_load(spool, load))
		return false;
	if (!make_room(spool, (void **) &load->data, &load->capacity, load->used + size, 1))
		return false;
	if (data != NULL)
		memcpy(load->data + load->used, data, size);
	else if (!read_all(spool, load->data + load->used, size, offset))
		return false;
	keep_within_bounds(spool, load, size);
	return true;
}

static bool
load_bucket(Spool *spool, Load *load, const Bucket *bucket)
{
	for (size_t i = 0; i < bucket->n_extents; i++)
	{
		if (!load_piece(spool, load, NULL, bucket->extents[i].size, bucket->extents[i].offset))
			return false;
	}
	return bucket->used == 0 || load_piece(spool, load, bucket->buffer, bucket->used, 0);
}

/* Loads the next buckets that fit together, or as much of the next one as fits. */
static bool
load_next(Spool *spool, Load *load)
{
	size_t size = 0;

	load->used = 0;
	spool->upper.set = false;
	do
	{
		const Bucket *bucket = &spool->buckets[spool->at];

		if (!load_bucket(spool, load, bucket))
			return false;
		size += bucket->size;
		spool->lower = spool->upper;
		if (spool->upper.set)
			return true; /* the same bucket again, from there on */
		spool->at++;
	} while (spool->at < BUCKETS && size + spool->buckets[spool->at].size <= BATCH_SIZE);
	return true;
}

/* Makes the next batch in the load of that number; false at the end, or with the error set. */
static bool
fill(void *arg, int number)
{
	Spool *spool = arg;
	Load  *load = &spool->loads[number];

	load->n_entries = 0;
	while (load->n_entries == 0 && spool->at < BUCKETS)
	{
		if (spool->error != 0 || !load_next(spool, load) || !sort_load(spool, load))
			return false;
	}
	if (!make_room(spool, (void **) &load->records, &load->records_capacity, load->n_entries,
				   sizeof(SpoolRecord *)))
		return false;
	for (size_t i = 0; i < load->n_entries; i++)
		load->records[i] = load->entries[i].record;
	return load->n_entries > 0;
}

bool
spool_rewind(Spool *spool)
{
	producer_stop(spool->producer);
	spool->producer = NULL;
	if (spool->error != 0)
		return false;
	spool->at = 0;
	spool->lower.set = false;
	if (spool->file_size == 0)
		return true;
	for (int i = 0; i < BUCKETS; i++)
	{
		Bucket *bucket = &spool->buckets[i];

		if (!flush(spool, bucket))
			return false;
		free(bucket->buffer);
		bucket->buffer = NULL;
		bucket->capacity = 0;
	}
	spool->producer = producer_start(LOADS, fill, spool);
	if (spool->producer == NULL)
		spool->error = ENOMEM;
	return spool->producer != NULL;
}

bool
spool_next(Spool *spool, SpoolRecord ***records, size_t *n)
{
	int number = spool->producer != NULL ? producer_next(spool->producer) : fill(spool, 0) ? 0 : -1;

	*n = 0;
	if (number < 0)
		return spool->error == 0;
	*records = spool->loads[number].records;
	*n = spool->loads[number].n_entries;
	return true;
}

int
spool_error(const Spool *spool)
{
	return spool->error;
}
