/*
 * log_mask.c
 *	  Keeps what datasens_set_secret() is given out of the server's log.
 *
 * A statement gets into the log in many ways (log_statement, log_min_duration_statement, an
 * error's STATEMENT, CONTEXT or parameters, auto_explain), in some of them before it has been
 * parsed. All of them pass emit_log_hook. There, where a text calls the function, its literals are
 * taken out: everything from the first quote to the last.
 *
 * The hook is in every backend where datasens is preloaded, and elsewhere in those that have
 * called one of its functions before.
 */
#include "postgres.h"

#include "base/log_mask.h"

#include <string.h>

#include "pgstat.h"
#include "tcop/tcopprot.h"
#include "utils/elog.h"

#define FUNCTION "datasens_set_secret"
#define MASK "***"
#define ADVICE "', '...')"

static emit_log_hook_type previous_hook = NULL;

/* Whether the arguments are those that our own hints show (secret_how_to): ('name', '...'). */
static bool
are_advice(const char *arguments)
{
	const char *p = arguments;

	if (*p++ != '(' || *p++ != '\'')
		return false;
	p += strcspn(p, "'");
	return strncmp(p, ADVICE, strlen(ADVICE)) == 0;
}

/*
 * Whether the text may have a secret in it. A hint of ours that says how to set one has none, and
 * is to be read whole.
 */
static bool
calls_function(const char *text)
{
	const char *p = text ? strcasestr(text, FUNCTION) : NULL;

	for (; p != NULL; p = strcasestr(p, FUNCTION))
	{
		p += strlen(FUNCTION);
		if (!are_advice(p))
			return true;
	}
	return false;
}

/*
 * Whether a literal may begin or end here: at a quote, or at the dollar of a dollar quote (not of
 * a parameter, $1). Messages also put values into double quotes.
 */
static bool
is_quote(const char *p, bool message)
{
	return *p == '\'' || (*p == '"' && message) || (*p == '$' && !(p[1] >= '0' && p[1] <= '9'));
}

/* Overwrites the text, which is ours to write on, and makes it no longer. */
static void
mask_literals(char *text, bool message)
{
	char *first = NULL;
	char *last = NULL;
	char *to;

	for (char *p = text; p && *p; p++)
	{
		if (!is_quote(p, message))
			continue;
		first = first ? first : p;
		last = p;
	}
	if (first == NULL)
		return;

	/* A literal that does not end goes to the end of the text. */
	to = first + 1;
	if (last == first)
		last = to + strlen(to);
	if (last - to >= (int) strlen(MASK))
		to = stpcpy(to, MASK);
	memmove(to, last, strlen(last) + 1);
}

/*
 * emit_log_hook. The texts of the report are palloc'd for it. Parameters come in the detail of a
 * message that names the statement; an error in a statement that calls the function may be about
 * its argument, and quote it.
 */
static void
mask_report(ErrorData *error)
{
	char *const texts[] = {error->message, error->detail, error->detail_log, error->context,
						   error->internalquery};
	bool		statement = calls_function(debug_query_string);
	bool		failed = statement && error->elevel >= ERROR;
	bool		calls = failed;

	for (size_t i = 0; i < lengthof(texts); i++)
		calls = calls || calls_function(texts[i]);
	for (size_t i = 0; calls && i < lengthof(texts); i++)
		mask_literals(texts[i], failed);
	if (failed)
		error->hide_ctx = true;
	if (statement)
		error->hide_stmt = true;
	if (previous_hook)
		previous_hook(error);
}

void
log_mask_install(void)
{
	previous_hook = emit_log_hook;
	emit_log_hook = mask_report;
}

void
log_mask_activity(void)
{
	pgstat_report_activity(STATE_RUNNING, "SELECT " FUNCTION "(" MASK ")");
}
