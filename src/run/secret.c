/*
 * secret.c
 *	  The secrets of a run: where they come from, and that nobody sees them.
 *
 * They come from, in this order: the database (datasens_set_secret), a file that a setting names,
 * the server's environment. Each run asks anew, so a changed secret holds from the next run on.
 *
 * What a run has asked for is remembered in it, so that run_mask() can take it out of every
 * message, address and record that leaves the run. Never: a secret in an error of this file's.
 */
#include "postgres.h"

#include "base/secret_file.h"
#include "parse/url.h"
#include "run/run.h"
#include "store/secret.h"

#include "utils/memutils.h"

#define MASK "***"

/* Adds a secret to the run's. */
static void
remember(Run *run, const char *name, const char *value)
{
	Secret *secret = palloc(sizeof(Secret));

	secret->name = pstrdup(name);
	secret->value = pstrdup(value);
	run->secrets = lappend(run->secrets, secret);
}

/* Remembers it as it is and, under no name, as it is written in a URL: both are masked. */
static void
remember_both(Run *run, const char *name, const char *value)
{
	Text coded;

	remember(run, name, value);
	arena_reset(run->means->arena);
	coded = url_encode(run->means->arena, (Text){value, strlen(value)});
	if (text_present(coded) &&
		(coded.len != strlen(value) || strncmp(coded.data, value, coded.len) != 0))
		remember(run, "", pnstrdup(coded.data, coded.len));
}

/*
 * Whether the run may have secrets that the server's administrator keeps outside of the database.
 * anywhere: the source's row says where the secret is sent, so it could be sent to whoever wrote
 * that row; then the owner of the sources needs the rights to read the server's files.
 */
static bool
sends_outside(const Run *run, bool anywhere)
{
	return !anywhere || run->source->reads_files;
}

const char *
run_secret(Run *run, const char *name, bool anywhere)
{
	MemoryContext previous = MemoryContextSwitchTo(run->context);

	if (!secret_is_for_sources(name))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("the secret \"%s\" is not for sources", name)));
	if (secret_find(run->secrets, name) == NULL)
	{
		const char *value = sends_outside(run, anywhere)
								? secret_find_anywhere(run->means->secrets, name)
								: secret_find(run->means->secrets, name);

		if (value != NULL)
			remember_both(run, name, value);
	}
	MemoryContextSwitchTo(previous);
	return secret_find(run->secrets, name);
}

const char *
run_need_secret(Run *run, const char *name, bool anywhere)
{
	const char *value = run_secret(run, name, anywhere);

	if (value == NULL && run->means->replay != NULL)
		return MASK; /* nobody is shown it */
	if (value == NULL && !sends_outside(run, anywhere))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("the secret \"%s\" is missing; set it by SELECT "
							   "datasens_set_secret('%s', '...'), as the server's own is not sent "
							   "to addresses that sources name",
							   name, name)));
	if (value == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("the secret \"%s\" is missing; %s", name, secret_how_to(name))));
	return value;
}

/*
 * In place: the text gets shorter, as MASK is shorter than any value that is masked
 * (RUN_MASK_MIN).
 */
static void
mask_value(char *text, const char *value)
{
	size_t length = strlen(value);

	if (length < RUN_MASK_MIN)
		return;
	while ((text = strstr(text, value)) != NULL)
	{
		memmove(text + strlen(MASK), text + length, strlen(text + length) + 1);
		memcpy(text, MASK, strlen(MASK));
		text += strlen(MASK);
	}
}

void
run_mask(const Run *run, char *text)
{
	ListCell *cell;

	foreach (cell, run->secrets)
		mask_value(text, ((const Secret *) lfirst(cell))->value);
}

char *
run_masked(const Run *run, const char *string, size_t len)
{
	char *copy = pnstrdup(string, len);

	run_mask(run, copy);
	return copy;
}
