/*
 * fuzz.c
 *	  libFuzzer's entry: gives each input to the targets that were asked for.
 *
 *		[DATASENS_FUZZ_SCARCE=N] fuzz NAME[,NAME...] [libFuzzer's options and directories]
 *
 * Several targets share the inputs and what these reach: for those that read the same
 * form.  The names go on in the environment, for the processes that libFuzzer starts.
 *
 * With DATASENS_FUZZ_SCARCE each input is given to them again and again: one memory that
 * they, or the libraries below, ask for is denied each time, then all from there on; then
 * their arena is too small.  The first N steps are the smallest, later ones an Nth part of
 * the way so far.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dladdr */
#endif
#include "fuzz.h"

#include "parse/feed.h"

#include <dlfcn.h>
#include <sanitizer/asan_interface.h>
#include <stdatomic.h>

bool fuzz_scarce = false;

#define DECLARE(name) extern void fuzz_##name(Arena *arena, Text input);
FUZZ_TARGETS(DECLARE)

typedef struct Target
{
	const char *name;
	void (*run)(Arena *arena, Text input);
} Target;

#define ROW(name) {#name, fuzz_##name},
static const Target targets[] = {FUZZ_TARGETS(ROW)};

#define N_TARGETS (sizeof(targets) / sizeof(targets[0]))
#define NAMES_VARIABLE "DATASENS_FUZZ_TARGETS"
/* Some targets empty their arena as they go: up to here it is not seen whether it sufficed. */
#define NARROW (64 * 1024)

#define SCARCE_VARIABLE "DATASENS_FUZZ_SCARCE"

static const Target *chosen[N_TARGETS];
static size_t		 n_chosen;

static void
choose(const char *name, size_t len)
{
	for (size_t i = 0; i < N_TARGETS; i++)
	{
		if (strlen(targets[i].name) == len && memcmp(targets[i].name, name, len) == 0 &&
			n_chosen < N_TARGETS)
		{
			chosen[n_chosen++] = &targets[i];
			return;
		}
	}
	fprintf(stderr, "fuzz: no target \"%.*s\"; there are:", (int) len, name);
	for (size_t i = 0; i < N_TARGETS; i++)
		fprintf(stderr, " %s", targets[i].name);
	fprintf(stderr, "\n");
	exit(2);
}

/* ---- memory that is denied ---- */

/*
 * The program's malloc takes the place of the sanitizer's, for the libraries, too, and hands
 * on to it.  While memory is scarce the nth one asked for is denied, and where it is to stay
 * so, each after it.
 */
extern void *__interceptor_malloc(size_t size);
extern void *__interceptor_calloc(size_t n, size_t size);
extern void *__interceptor_realloc(void *block, size_t size);

static atomic_size_t asked; /* by the parsers' threads, too */
static size_t		 denied_at;
static bool			 denied_on;
static size_t		 n_denials;

static void
tell_denials(void)
{
	fprintf(stderr, "memory was denied %zu times\n", n_denials);
}

/* What the report of a finding does not say. */
static void
tell_place(const char *report)
{
	(void) report;
	if (denied_at > 0)
		fprintf(stderr, "memory %zu of %zu was denied%s\n", denied_at, (size_t) asked,
				denied_on ? ", and all after it" : "");
}

void
fuzz_break(const char *what)
{
	fuzz_scarce = false;
	fprintf(stderr, "broken invariant: %s\n", what);
	tell_place(NULL);
	abort();
}

/*
 * libarchive ends the process when it gets no memory, or writes to where there is none, and
 * jansson beyond its buffer; the C library's iconv_open says that it does not know the name.
 * Nothing is to be learned from them of who uses them.
 */
static bool
is_exempt(const void *caller)
{
	static const char *const exempt[] = {"/libarchive.so", "/libjansson.so", "/libc.so",
										 "/ld-linux", "/gconv/"};
	Dl_info					 library;
	bool					 found = false;

	if (dladdr(caller, &library) == 0)
		return false;
	for (size_t i = 0; i < sizeof(exempt) / sizeof(exempt[0]); i++)
		found = found || strstr(library.dli_fname, exempt[i]) != NULL;
	return found;
}

/* Not inlined: malloc is called before the sanitizer is ready for what is done here. */
static bool __attribute__((noinline)) is_denied(const void *caller)
{
	size_t n;

	if (is_exempt(caller))
		return false;
	n = atomic_fetch_add(&asked, 1) + 1;
	return n == denied_at || (denied_on && n > denied_at);
}

void *
malloc(size_t size)
{
	return fuzz_scarce && is_denied(__builtin_return_address(0)) ? NULL
																 : __interceptor_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return fuzz_scarce && is_denied(__builtin_return_address(0)) ? NULL
																 : __interceptor_calloc(n, size);
}

void *
realloc(void *block, size_t size)
{
	return fuzz_scarce && is_denied(__builtin_return_address(0))
			   ? NULL
			   : __interceptor_realloc(block, size);
}

/* ---- libFuzzer ---- */

extern int LLVMFuzzerInitialize(int *argc, char ***argv);
extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first argument is ours: taken out before libFuzzer looks. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *names = getenv(NAMES_VARIABLE);

	if (names == NULL && *argc > 1)
	{
		names = (*argv)[1];
		if (setenv(NAMES_VARIABLE, names, 1) != 0)
			abort();
		memmove(&(*argv)[1], &(*argv)[2], (size_t) (*argc - 1) * sizeof(char *));
		(*argc)--;
	}
	for (size_t len; names != NULL && *names != '\0'; names += len + (names[len] == ','))
	{
		len = strcspn(names, ",");
		choose(names, len);
	}
	if (n_chosen == 0)
		choose("", 0);
	feed_prepare();
	if (getenv(SCARCE_VARIABLE) != NULL)
	{
		atexit(tell_denials);
		__asan_set_error_report_callback(tell_place);
	}
	return 0;
}

/* The values of the input's run with all the memory there is. */
static uint64_t values[1000];
static size_t	n_values;
static size_t	n_compared;

void
fuzz_same(const Arena *arena, const Failure *failure, uint64_t n)
{
	uint64_t value = n * 100 + failure->class;

	if (fuzz_scarce)
	{
		fuzz_expect(arena_exhausted(arena) || failure->class == FAILURE_MEMORY ||
						n_compared >= n_values || values[n_compared] == value,
					"nothing is left out in silence");
		n_compared++;
	}
	else if (n_values < sizeof(values) / sizeof(values[0]))
		values[n_values++] = value;
}

static void
run(const Target *target, Arena *arena, Text input)
{
	arena_reset(arena);
	n_compared = 0;
	target->run(arena, input);
	fuzz_expect(arena_used(arena) <= FUZZ_ARENA_LIMIT, "the arena's limit");
}

/* Again and again, with one memory after the other denied, until there are no more of them. */
static void
run_scarce(const Target *target, Arena *arena, Text input, bool on, size_t rest)
{
	bool   reached = true;
	size_t next = 1;

	denied_on = on;
	while (reached)
	{
		denied_at = next;
		arena_reset(arena);
		asked = 0;
		fuzz_scarce = true;
		run(target, arena, input);
		fuzz_scarce = false;
		n_denials++;
		reached = asked >= denied_at;
		next += 1 + denied_at / rest;
	}
	denied_at = 0;
}

/* The same with arenas that are too small, by ever less, until one suffices. */
static void
run_narrow(const Target *target, Text input, size_t rest)
{
	bool exhausted = true;

	denied_on = false;
	for (size_t limit = 0; limit < NARROW || exhausted; limit += 16 + limit / rest)
	{
		Arena *arena = arena_create(limit);

		fuzz_expect(arena != NULL, "an arena");
		fuzz_scarce = true;
		run(target, arena, input);
		fuzz_scarce = false;
		n_denials++;
		exhausted = arena_exhausted(arena);
		arena_free(arena);
	}
}

/* All of it; the first rest steps are the smallest, later ones a rest-th of the way so far. */
static void
run_poorly(const Target *target, Arena *arena, Text input, size_t rest)
{
	run_scarce(target, arena, input, false, rest);
	run_scarce(target, arena, input, true, rest);
	run_narrow(target, input, rest);
}

/* The same arena each time: what one input leaves in it must not matter to the next. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static Arena *arena = NULL;
	const char	 *rest = getenv(SCARCE_VARIABLE);
	Text		  input = {(const char *) data, size};

	if (arena == NULL && (arena = arena_create(FUZZ_ARENA_LIMIT)) == NULL)
		abort();
	for (size_t i = 0; i < n_chosen; i++)
	{
		n_values = 0;
		run(chosen[i], arena, input);
		if (rest != NULL)
			run_poorly(chosen[i], arena, input, strtoul(rest, NULL, 10));
	}
	return 0;
}
