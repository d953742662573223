/*
 * spool.c
 *	  Records on disk, given back in the order of their keys.
 *
 * A bucket has two parts: keys and data. A part is a buffer in memory and, once that was full,
 * extents: the places in the file where its earlier contents went. Reading takes the keys of as
 * many neighbouring buckets as make a batch, sorts them, and then reads the data of those that are
 * wanted, an extent at a time. A bucket that is too large for that (an enormous file, or one of
 * equal records) is read several times, each time for a higher range of its keys: when memory is
 * full, equal keys are dropped, and if that is not enough the upper ones wait for the next time.
 *
 * What was written is read and sorted by a thread (base/producer.h), a batch ahead of who takes
 * it. The data is read ahead, too, where much of the batch before was wanted.
 */
#include "base/spool.h"

#include "base/file_write.h"
#include "base/producer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUCKET_BITS 10
#define BUCKETS (1 << BUCKET_BITS)

/* A part's buffer grows from the first of these sizes up to that of its sort. */
#define BUFFER_FIRST 512
#define KEYS_BUFFER (4 * 1024)
#define DATA_BUFFER (16 * 1024)

/*
 * Full buffers are gathered in the stage and go to the file together: a system writes pages in
 * large pieces at a third of what they cost one by one, and the difference is larger still where
 * pieces begin in the middle of a page.
 */
#define STAGE_SIZE (256 * 1024)

/* The bytes of a batch: its records, with what is kept in memory about each. */
#define BATCH_SIZE (6 * 1024 * 1024)

/* So many keys are in memory before those that make a batch are picked out of them. */
#define MAX_KEYS (2 * BATCH_SIZE / RECORD_COST)
#define RECORD_COST (sizeof(SpoolRecord) + sizeof(Entry) + sizeof(SpoolRecord *))

/* The data is read ahead where at least one in so many records of the batch before was wanted. */
#define AHEAD_FROM 8

#define ALIGNED(size) (((size_t) (size) + 7) & ~(size_t) 7)

typedef struct Extent
{
	int64_t offset;
	size_t	size;
} Extent;

typedef struct Part
{
	char	*buffer;
	size_t	 used;
	size_t	 capacity;
	Extent	*extents;
	size_t	 n_extents;
	size_t	 extents_capacity;
	uint64_t size; /* of the extents and the buffer */
} Part;

typedef struct Bucket
{
	Part keys; /* SpoolRecords */
	Part data; /* each record's at its offset; none lies in two extents */
} Bucket;

/* A record while it is being sorted. */
typedef struct Entry
{
	uint64_t	 prefix; /* of the key, as a number */
	SpoolRecord *record;
} Entry;

/* A bound of a range of keys: the records below it, all of them where it is not set. */
typedef struct Bound
{
	bool		  set;
	unsigned char key[SPOOL_KEY_SIZE];
} Bound;

/* A batch: its records as they were added, bucket by bucket (keys), and in order (entries). */
typedef struct Load
{
	SpoolRecord	 *keys;
	size_t		  n_keys;
	size_t		  keys_capacity;
	Entry		 *entries;
	size_t		  n_entries;
	size_t		  entries_capacity;
	SpoolRecord **records; /* those of the entries */
	size_t		  records_capacity;
	size_t		  n_wanted; /* of them, by spool_load */
	char		 *data;
	size_t		  data_capacity;
	bool		  has_data; /* of all records */
} Load;

/* One is given out while the other one is made. */
#define LOADS 2

struct Spool
{
	int		  file;
	int64_t	  max_file;
	int64_t	  file_size; /* with what is still in the stage: the end of it */
	char	 *stage;	 /* NULL: nothing was written yet, or all is */
	size_t	  staged;
	int		  error; /* the producer's, while there is one */
	Bucket	  buckets[BUCKETS];
	Part	 *large; /* has a record larger than a buffer: the next call writes it */
	int		  at;	 /* the bucket to read next */
	Bound	  lower; /* of it: what is below was given already */
	Bound	  upper; /* of what is loaded: the rest comes later */
	Load	  loads[LOADS];
	Load	 *given;	/* the one that was given out */
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

/* What a record of a batch takes in memory, with its data. */
static size_t
record_cost(const SpoolRecord *record)
{
	return RECORD_COST + ALIGNED(record->size);
}

static size_t
bucket_cost(const Bucket *bucket)
{
	return bucket->keys.size / sizeof(SpoolRecord) * RECORD_COST + bucket->data.size;
}

/* Makes room for needed elements in an array; false with *error set where memory is out. */
static bool
make_room(int *error, void **array, size_t *capacity, size_t needed, size_t element)
{
	size_t wanted = *capacity * 2 < needed ? needed : *capacity * 2;
	void  *grown;

	if (needed <= *capacity)
		return true;
	grown = realloc(*array, wanted * element);
	if (grown == NULL)
	{
		*error = ENOMEM;
		return false;
	}
	*array = grown;
	*capacity = wanted;
	return true;
}

static bool
write_all(Spool *spool, const char *data, size_t size, int64_t offset)
{
	if (!file_write(spool->file, data, size, offset))
	{
		spool->error = errno;
		return false;
	}
	return true;
}

/* Writes what is in the stage to the end of the file. */
static bool
write_stage(Spool *spool)
{
	size_t size = spool->staged;

	spool->staged = 0;
	return write_all(spool, spool->stage, size, spool->file_size - (int64_t) size);
}

/* Puts data at the end of the file, by way of the stage unless it is larger than that. */
static bool
put(Spool *spool, const char *data, size_t size)
{
	if (spool->file_size + (int64_t) size > spool->max_file)
	{
		spool->error = EFBIG;
		return false;
	}
	if (spool->stage == NULL && (spool->stage = malloc(STAGE_SIZE)) == NULL)
	{
		spool->error = ENOMEM;
		return false;
	}
	if (spool->staged + size > STAGE_SIZE && !write_stage(spool))
		return false;
	if (size > STAGE_SIZE && !write_all(spool, data, size, spool->file_size))
		return false;
	if (size <= STAGE_SIZE)
	{
		memcpy(spool->stage + spool->staged, data, size);
		spool->staged += size;
	}
	spool->file_size += (int64_t) size;
	return true;
}

/* Writes the rest of the stage, and gives its memory back. */
static bool
end_writing(Spool *spool)
{
	if (spool->staged > 0 && !write_stage(spool))
		return false;
	free(spool->stage);
	spool->stage = NULL;
	return true;
}

static bool
read_all(const Spool *spool, int *error, void *to, size_t size, int64_t offset)
{
	char *data = to;

	while (size > 0)
	{
		ssize_t got = pread(spool->file, data, size, offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
		{
			*error = got == 0 ? EIO : errno;
			return false;
		}
		data += got;
		size -= got;
		offset += got;
	}
	return true;
}

/* ---- its life ---- */

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

static void
free_buffer(Part *part)
{
	free(part->buffer);
	part->buffer = NULL;
	part->capacity = 0;
}

void
spool_free(Spool *spool)
{
	if (spool == NULL)
		return;
	producer_stop(spool->producer);
	free(spool->stage);
	for (int i = 0; i < BUCKETS; i++)
	{
		free(spool->buckets[i].keys.buffer);
		free(spool->buckets[i].keys.extents);
		free(spool->buckets[i].data.buffer);
		free(spool->buckets[i].data.extents);
	}
	for (int i = 0; i < LOADS; i++)
	{
		free(spool->loads[i].keys);
		free(spool->loads[i].entries);
		free(spool->loads[i].records);
		free(spool->loads[i].data);
	}
	free(spool);
}

/* ---- adding ---- */

/* Writes the part's buffer to the file, as an extent. */
static bool
flush(Spool *spool, Part *part)
{
	Extent extent = {spool->file_size, part->used};

	if (part->used == 0)
		return true;
	if (!make_room(&spool->error, (void **) &part->extents, &part->extents_capacity,
				   part->n_extents + 1, sizeof(Extent)) ||
		!put(spool, part->buffer, part->used))
		return false;
	part->extents[part->n_extents++] = extent;
	part->used = 0;
	return true;
}

/*
 * Makes room for size bytes at the end of a part, and returns it. The buffer is written to the
 * file before, where it has reached full bytes.
 */
static void *
append(Spool *spool, Part *part, size_t size, size_t full)
{
	size_t needed;
	size_t capacity = part->capacity == 0 ? BUFFER_FIRST : part->capacity;

	if (part->used + size > full && !flush(spool, part))
		return NULL;
	needed = part->used + size;
	while (capacity < needed && capacity < full)
		capacity *= 2;
	if (capacity < needed)
		capacity = needed;
	if (!make_room(&spool->error, (void **) &part->buffer, &part->capacity, capacity, 1))
		return NULL;
	part->used += size;
	part->size += size;
	return part->buffer + part->used - size;
}

/* Writes a buffer that one large record has made large, and gives its memory back. */
static bool
flush_large(Spool *spool)
{
	if (!flush(spool, spool->large))
		return false;
	free_buffer(spool->large);
	spool->large = NULL;
	return true;
}

void *
spool_add(Spool *spool, const unsigned char key[SPOOL_KEY_SIZE], int64_t position, uint32_t size)
{
	Bucket		*bucket = &spool->buckets[bucket_of(key)];
	SpoolRecord *record;
	char		*data;

	if (spool->error != 0 || (spool->large != NULL && !flush_large(spool)))
		return NULL;
	record = append(spool, &bucket->keys, sizeof(SpoolRecord), KEYS_BUFFER);
	if (record == NULL)
		return NULL;
	memcpy(record->key, key, SPOOL_KEY_SIZE);
	record->position = position;
	record->offset = bucket->data.size;
	record->data = NULL;
	record->size = size;
	record->kept = 0;
	if (ALIGNED(size) > DATA_BUFFER)
		spool->large = &bucket->data;
	data = append(spool, &bucket->data, ALIGNED(size), DATA_BUFFER);
	/* What the memory held before is nothing for a file. */
	if (data != NULL)
		memset(data + size, 0, ALIGNED(size) - size);
	return data;
}

/* ---- reading: the keys of a batch ---- */

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

/* Sorts the loaded keys into entries; of equal keys only the first stays. */
static bool
sort_keys(int *error, Load *load)
{
	size_t n = load->n_keys;

	if (!make_room(error, (void **) &load->entries, &load->entries_capacity, n, sizeof(Entry)))
		return false;
	for (size_t i = 0; i < n; i++)
		load->entries[i] = (Entry){key_prefix(load->keys[i].key), &load->keys[i]};
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
 * Sorts the loaded keys and keeps as many of the lowest as make a batch; upper is then the bound
 * of those that come later.
 */
static bool
pick_lowest(Spool *spool, Load *load)
{
	size_t kept = 0;
	size_t cost = 0;

	if (!sort_keys(&spool->error, load))
		return false;
	while (kept < load->n_entries &&
		   (kept == 0 || cost + record_cost(load->entries[kept].record) <= BATCH_SIZE))
		cost += record_cost(load->entries[kept++].record);
	if (kept < load->n_entries)
	{
		spool->upper.set = true;
		memcpy(spool->upper.key, load->entries[kept].record->key, SPOOL_KEY_SIZE);
	}
	load->n_entries = kept;
	return true;
}

/* Makes room among the loaded keys: only those stay that pick_lowest has picked. */
static bool
drop_keys(Spool *spool, Load *load)
{
	size_t n = 0;

	if (!pick_lowest(spool, load))
		return false;
	for (size_t i = 0; i < load->n_entries; i++)
		load->entries[i].record->kept = 1;
	for (size_t i = 0; i < load->n_keys; i++)
	{
		if (!load->keys[i].kept)
			continue;
		load->keys[n] = load->keys[i];
		load->keys[n++].kept = 0;
	}
	load->n_keys = n;
	return true;
}

static bool
is_within_bounds(const Spool *spool, const unsigned char *key)
{
	return (!spool->lower.set || memcmp(key, spool->lower.key, SPOOL_KEY_SIZE) >= 0) &&
		   (!spool->upper.set || memcmp(key, spool->upper.key, SPOOL_KEY_SIZE) < 0);
}

/*
 * Loads a piece of a bucket's keys; from memory, or from that place of the file where data is
 * NULL.
 */
static bool
load_piece(Spool *spool, Load *load, const char *data, size_t size, int64_t offset)
{
	size_t n = size / sizeof(SpoolRecord);
	size_t end;

	if (load->n_keys + n > MAX_KEYS && load->n_keys > 0 && !drop_keys(spool, load))
		return false;
	if (!make_room(&spool->error, (void **) &load->keys, &load->keys_capacity, load->n_keys + n,
				   sizeof(SpoolRecord)))
		return false;
	if (data != NULL)
		memcpy(&load->keys[load->n_keys], data, size);
	else if (!read_all(spool, &spool->error, &load->keys[load->n_keys], size, offset))
		return false;
	end = load->n_keys + n;
	if (!spool->lower.set && !spool->upper.set)
		load->n_keys = end;
	for (size_t i = load->n_keys; i < end; i++)
	{
		if (is_within_bounds(spool, load->keys[i].key))
			load->keys[load->n_keys++] = load->keys[i];
	}
	return true;
}

static bool
load_keys(Spool *spool, Load *load, const Part *keys)
{
	for (size_t i = 0; i < keys->n_extents; i++)
	{
		if (!load_piece(spool, load, NULL, keys->extents[i].size, keys->extents[i].offset))
			return false;
	}
	return keys->used == 0 || load_piece(spool, load, keys->buffer, keys->used, 0);
}

/*
 * Loads the keys of the next buckets, as many as make a batch; or of the next one alone, where
 * that is too large, those from lower on that fit.
 */
static bool
load_next(Spool *spool, Load *load)
{
	int	   first = spool->at;
	size_t cost = 0;

	load->n_keys = 0;
	spool->upper.set = false;
	do
	{
		const Bucket *bucket = &spool->buckets[spool->at++];

		if (!load_keys(spool, load, &bucket->keys))
			return false;
		cost += bucket_cost(bucket);
	} while (spool->at < BUCKETS && cost + bucket_cost(&spool->buckets[spool->at]) <= BATCH_SIZE);
	if (!pick_lowest(spool, load))
		return false;
	if (spool->upper.set) /* only where it is one bucket: once more, from there on */
		spool->at = first;
	spool->lower = spool->upper;
	return true;
}

/* ---- reading: the data of a batch ---- */

/*
 * Reads the data of those records from first to end that want it (data is not NULL). All of them
 * lie in this extent, which begins at offset start of the bucket's data.
 */
static bool
read_extent(const Spool *spool, int *error, const Extent *extent, uint64_t start,
			const SpoolRecord *first, const SpoolRecord *end)
{
	char buffer[DATA_BUFFER];

	if (extent->size <= sizeof(buffer) &&
		!read_all(spool, error, buffer, extent->size, extent->offset))
		return false;
	for (const SpoolRecord *record = first; record < end; record++)
	{
		size_t at = record->offset - start;

		if (record->data == NULL)
			continue;
		if (extent->size <= sizeof(buffer))
			memcpy(record->data, buffer + at, record->size);
		else if (!read_all(spool, error, record->data, record->size, extent->offset + (int64_t) at))
			return false;
	}
	return true;
}

/* The same for the records of one bucket, which are in the order of their offsets. */
static bool
read_bucket(const Spool *spool, int *error, const Part *data, const SpoolRecord *first,
			const SpoolRecord *end)
{
	uint64_t start = 0;

	for (size_t i = 0; i < data->n_extents && first < end; i++)
	{
		const Extent	  *extent = &data->extents[i];
		const SpoolRecord *next;
		bool			   wanted = false;

		for (next = first; next < end && next->offset < start + extent->size; next++)
			wanted = wanted || next->data != NULL;
		if (wanted && !read_extent(spool, error, extent, start, first, next))
			return false;
		first = next;
		start += extent->size;
	}
	return true;
}

/* Loads the data of n of the load's records, into one piece of memory. */
static bool
load_data(const Spool *spool, int *error, Load *load, SpoolRecord **records, size_t n)
{
	const SpoolRecord *end = load->keys + load->n_keys;
	const SpoolRecord *next;
	size_t			   size = 1; /* so that there is an array */
	char			  *at;

	for (size_t i = 0; i < n; i++)
		size += ALIGNED(records[i]->size);
	if (!make_room(error, (void **) &load->data, &load->data_capacity, size, 1))
		return false;
	at = load->data;
	for (size_t i = 0; i < n; i++)
	{
		records[i]->data = at;
		at += ALIGNED(records[i]->size);
	}
	for (const SpoolRecord *first = load->keys; first < end; first = next)
	{
		int bucket = bucket_of(first->key);

		for (next = first; next < end && bucket_of(next->key) == bucket;)
			next++;
		if (!read_bucket(spool, error, &spool->buckets[bucket].data, first, next))
			return false;
	}
	return true;
}

/* Where nothing was written to the file, the data is in the buffers, where it was put. */
static void
point_to_data(Spool *spool, SpoolRecord **records, size_t n)
{
	for (size_t i = 0; i < n; i++)
		records[i]->data =
			spool->buckets[bucket_of(records[i]->key)].data.buffer + records[i]->offset;
}

/* ---- reading ---- */

/*
 * FillFunction of the producer: makes the next batch in the load of that number. False at the end,
 * or with the error set.
 */
static bool
fill(void *arg, int number)
{
	Spool *spool = arg;
	Load  *load = &spool->loads[number];
	bool   ahead = spool->file_size > 0 && load->n_wanted * AHEAD_FROM >= load->n_entries;

	load->n_entries = 0;
	load->n_wanted = 0;
	while (load->n_entries == 0 && spool->at < BUCKETS)
	{
		if (spool->error != 0 || !load_next(spool, load))
			return false;
	}
	if (!make_room(&spool->error, (void **) &load->records, &load->records_capacity,
				   load->n_entries, sizeof(SpoolRecord *)))
		return false;
	for (size_t i = 0; i < load->n_entries; i++)
		load->records[i] = load->entries[i].record;
	load->has_data = ahead;
	if (ahead && !load_data(spool, &spool->error, load, load->records, load->n_entries))
		return false;
	return load->n_entries > 0;
}

bool
spool_rewind(Spool *spool)
{
	producer_stop(spool->producer);
	spool->producer = NULL;
	spool->given = NULL;
	if (spool->error != 0)
		return false;
	spool->at = 0;
	spool->lower.set = false;
	for (int i = 0; i < LOADS; i++)
		spool->loads[i].n_entries = 0;
	if (spool->file_size == 0)
		return true;
	for (int i = 0; i < BUCKETS; i++)
	{
		Bucket *bucket = &spool->buckets[i];

		if (!flush(spool, &bucket->keys) || !flush(spool, &bucket->data))
			return false;
		free_buffer(&bucket->keys);
		free_buffer(&bucket->data);
	}
	if (!end_writing(spool))
		return false;
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
	spool->given = &spool->loads[number];
	*records = spool->given->records;
	*n = spool->given->n_entries;
	return true;
}

bool
spool_load(Spool *spool, SpoolRecord **records, size_t n)
{
	int error = 0;

	spool->given->n_wanted = n;
	if (spool->file_size == 0)
		point_to_data(spool, records, n);
	else if (n > 0 && !spool->given->has_data &&
			 !load_data(spool, &error, spool->given, records, n))
	{
		producer_stop(spool->producer);
		spool->producer = NULL;
		spool->error = error;
		return false;
	}
	return true;
}

int
spool_error(const Spool *spool)
{
	return spool->error;
}
