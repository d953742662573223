/*
 * test_spool.c
 *	  The spool: everything comes back once, in order, whatever its size and keys.
 */
#include "base/spool.h"

#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* A small generator of numbers, the same in every run. */
static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* An empty file without a name. */
static int
scratch_file(void)
{
	char name[] = "/tmp/datasens-spool-XXXXXX";
	int	 file = mkstemp(name);

	unlink(name);
	return file;
}

/* Adds n records of size bytes; of the key all but the first `random` bytes are equal. */
static void
add_records(Spool *spool, int n, int random, uint32_t size, uint64_t *state)
{
	for (int i = 0; i < n; i++)
	{
		unsigned char key[SPOOL_KEY_SIZE] = {7, 7};
		char		 *data;

		for (int k = 0; k < random; k++)
			key[SPOOL_KEY_SIZE - 1 - k] = (unsigned char) next_random(state);
		if (random == SPOOL_KEY_SIZE)
			key[0] = key[SPOOL_KEY_SIZE - 1];
		data = spool_add(spool, key, i, size);
		if (data == NULL)
			return;
		memset(data, key[SPOOL_KEY_SIZE - 1], size);
	}
}

typedef struct Seen
{
	int64_t n;
	bool	ordered;
	bool	intact;
	int64_t positions;
} Seen;

/* Loads the data of every step-th of the records. */
static void
load_some(Spool *spool, SpoolRecord **records, size_t n, size_t step, Seen *seen)
{
	size_t n_wanted = 0;

	for (size_t i = 0; i < n; i += step)
		records[n_wanted++] = records[i];
	seen->intact = spool_load(spool, records, n_wanted) && seen->intact;
	for (size_t i = 0; i < n_wanted && seen->intact; i++)
	{
		unsigned char byte = records[i]->key[SPOOL_KEY_SIZE - 1];

		for (uint32_t k = 0; k < records[i]->size; k++)
			seen->intact = seen->intact && (unsigned char) records[i]->data[k] == byte;
	}
}

/* Reads everything, of every step-th record the data. */
static Seen
read_all_records(Spool *spool, size_t step)
{
	Seen		  seen = {.ordered = true, .intact = true};
	unsigned char last[SPOOL_KEY_SIZE];
	SpoolRecord **records;
	size_t		  n;

	if (!spool_rewind(spool))
		return seen;
	while (spool_next(spool, &records, &n) && n > 0)
	{
		for (size_t i = 0; i < n; i++)
		{
			if (seen.n > 0 && memcmp(last, records[i]->key, SPOOL_KEY_SIZE) >= 0)
				seen.ordered = false;
			memcpy(last, records[i]->key, SPOOL_KEY_SIZE);
			seen.positions += records[i]->position;
			seen.n++;
		}
		load_some(spool, records, n, step, &seen);
	}
	return seen;
}

static void
check_all(const char *what, int n, int random, uint32_t size, int64_t wanted, bool spills)
{
	int		 file = scratch_file();
	Spool	*spool = spool_create(file, INT64_C(1) << 40);
	uint64_t state = 88172645463325252;

	add_records(spool, n, random, size, &state);
	for (size_t step = 1; step <= 100; step *= 100)
	{
		Seen seen = read_all_records(spool, step);

		is_int(seen.n, wanted, "%s, data of one in %zu: every key once", what, step);
		ok(seen.ordered, "%s: in order", what);
		ok(seen.intact, "%s: as they were", what);
		if (wanted == 1)
			is_int(seen.positions, 0, "%s: the first of equal ones", what);
	}
	is_int(lseek(file, 0, SEEK_END) > 0, spills, "%s: on disk or not", what);
	is_int(spool_error(spool), 0, "%s: no error", what);
	spool_free(spool);
	close(file);
}

static void
test_errors(void)
{
	int			  file = scratch_file();
	Spool		 *spool = spool_create(file, 100000);
	uint64_t	  state = 1;
	SpoolRecord **records;
	size_t		  n;

	add_records(spool, 10000, SPOOL_KEY_SIZE, 8000, &state);
	is_int(spool_error(spool), EFBIG, "a full spool says so");
	ok(!spool_rewind(spool), "and is not read");
	spool_free(spool);
	close(file);

	spool = spool_create(-1, INT64_C(1) << 40);
	add_records(spool, 10000, SPOOL_KEY_SIZE, 8000, &state);
	is_int(spool_error(spool), EBADF, "what the system says is passed on");
	spool_free(spool);

	file = scratch_file();
	spool = spool_create(file, INT64_C(1) << 40);
	add_records(spool, 60000, SPOOL_KEY_SIZE, 700, &state);
	ok(spool_rewind(spool) && ftruncate(file, 0) == 0, "a file that loses what was written");
	while (spool_next(spool, &records, &n) && n > 0)
	{
		if (!spool_load(spool, records, n / 100))
			break;
	}
	is_int(spool_error(spool), EIO, "is told of, wherever it was met");
	ok(!spool_next(spool, &records, &n), "and nothing comes after that");
	spool_free(spool);
	close(file);

	spool = spool_create(-1, 0);
	ok(spool_rewind(spool) && spool_next(spool, &records, &n) && n == 0,
	   "an empty one has nothing");
	spool_free(spool);
	spool_free(NULL);
}

int
main(void)
{
	check_all("few", 1000, SPOOL_KEY_SIZE, 100, 1000, false);
	check_all("many", 60000, SPOOL_KEY_SIZE, 700, 60000, true);
	check_all("large records", 30, SPOOL_KEY_SIZE, 3000000, 30, true);
	check_all("one bucket", 60000, 20, 700, 60000, true);
	check_all("one bucket of many keys", 400000, 20, 0, 400000, true);
	check_all("many equal keys", 400000, 0, 1, 1, true);
	check_all("equal keys", 60000, 0, 700, 1, true);
	check_all("few different keys in one bucket", 60000, 1, 700, 256, true);
	check_all("without data", 5000, SPOOL_KEY_SIZE, 0, 5000, false);
	test_errors();
	return done_testing();
}
