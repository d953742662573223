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
	int64_t batches;
	bool	ordered;
	bool	intact;
	int64_t positions;
} Seen;

/* Reads everything. */
static Seen
read_all_records(Spool *spool)
{
	Seen		  seen = {.ordered = true, .intact = true};
	unsigned char last[SPOOL_KEY_SIZE];
	SpoolRecord **records;
	size_t		  n;

	if (!spool_rewind(spool))
		return seen;
	while (spool_next(spool, &records, &n) && n > 0)
	{
		seen.batches++;
		for (size_t i = 0; i < n; i++)
		{
			const SpoolRecord *record = records[i];
			unsigned char	   byte = record->key[SPOOL_KEY_SIZE - 1];

			if (seen.n > 0 && memcmp(last, record->key, SPOOL_KEY_SIZE) >= 0)
				seen.ordered = false;
			for (uint32_t k = 0; k < record->size; k++)
				seen.intact = seen.intact && (unsigned char) record->data[k] == byte;
			memcpy(last, record->key, SPOOL_KEY_SIZE);
			seen.positions += record->position;
			seen.n++;
		}
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
	for (int round = 0; round < 2; round++)
	{
		Seen seen = read_all_records(spool);

		is_int(seen.n, wanted, "%s: every key once", what);
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
	check_all("equal keys", 60000, 0, 700, 1, true);
	check_all("few different keys in one bucket", 60000, 1, 700, 256, true);
	check_all("without data", 5000, SPOOL_KEY_SIZE, 0, 5000, false);
	test_errors();
	return done_testing();
}
