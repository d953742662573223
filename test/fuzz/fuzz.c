/*
 * fuzz.c
 *	  libFuzzer's entry: gives each input to the targets that were asked for.
 *
 *		fuzz NAME[,NAME...] [libFuzzer's options and directories]
 *
 * Several targets share the inputs and what these reach: for those that read the same
 * form.  The names go on in the environment, for the processes that libFuzzer starts.
 */
#include "fuzz.h"

#include "parse/feed.h"

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
	return 0;
}

/* The same arena each time: what one input leaves in it must not matter to the next. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static Arena *arena = NULL;

	if (arena == NULL && (arena = arena_create(FUZZ_ARENA_LIMIT)) == NULL)
		abort();
	for (size_t i = 0; i < n_chosen; i++)
	{
		arena_reset(arena);
		chosen[i]->run(arena, (Text){(const char *) data, size});
		fuzz_expect(arena_used(arena) <= FUZZ_ARENA_LIMIT, "the arena's limit");
	}
	return 0;
}
