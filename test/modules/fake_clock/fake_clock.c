/*
 * fake_clock.c
 *	  A clock that a test sets, for months of schedules in minutes.
 *
 * A process that is started with LD_PRELOAD=fake_clock.so and FAKE_CLOCK=FILE, and all that
 * it starts, sees the time of day moved on by as many microseconds as FILE holds: a 64-bit
 * number in the machine's order, which the test writes over at any moment.  So server,
 * pg_dump and web server are of the same time, and what is tested has no clock of its own
 * for tests.
 *
 * The time of day only: clocks that measure how long something takes (CLOCK_MONOTONIC), and
 * so all waits, are as they are.  Who waits for a time of day has to be woken when it is
 * moved (FakeClock.pm does it).  Never: a lock, an allocation, anything but reading memory
 * once the file is mapped, as this runs in signal handlers, too.
 */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef int (*ClockGetTime)(clockid_t, struct timespec *);

static ClockGetTime			   real_clock_gettime;
static volatile const int64_t *moved; /* microseconds; NULL: not at all */

__attribute__((constructor)) static void
map_clock(void)
{
	const char *path = getenv("FAKE_CLOCK");
	int			fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void	   *memory;

	real_clock_gettime = (ClockGetTime) dlsym(RTLD_NEXT, "clock_gettime");
	if (fd < 0)
		return;
	memory = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (memory == MAP_FAILED)
		abort(); /* a test at the wrong time is none */
	moved = memory;
}

/* Another library's constructor may ask for the time before ours has run. */
int
clock_gettime(clockid_t clock, struct timespec *now)
{
	int64_t nanoseconds;
	int		result;

	if (real_clock_gettime == NULL)
		map_clock();
	result = real_clock_gettime(clock, now);
	if (result != 0 || moved == NULL || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE))
		return result;
	nanoseconds = now->tv_nsec + *moved % 1000000 * 1000;
	now->tv_sec += *moved / 1000000 + nanoseconds / 1000000000;
	now->tv_nsec = nanoseconds % 1000000000;
	return 0;
}

int
gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec precise;

	(void) zone;
	if (clock_gettime(CLOCK_REALTIME, &precise) != 0)
		return -1;
	now->tv_sec = precise.tv_sec;
	now->tv_usec = precise.tv_nsec / 1000;
	return 0;
}

time_t
time(time_t *now)
{
	struct timespec precise;

	if (clock_gettime(CLOCK_REALTIME, &precise) != 0)
		return -1;
	if (now != NULL)
		*now = precise.tv_sec;
	return precise.tv_sec;
}
