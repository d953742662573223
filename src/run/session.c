/*
 * session.c
 *	  What the sessions of our background workers have in common: their settings, and how they
 *	  go on after an error.
 */
#include "postgres.h"

#include "base/shared.h"
#include "run/session.h"

#include "access/xact.h"
#include "commands/dbcommands.h"
#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* A worker never waits longer than this for a lock that some user holds on the tables. */
#define LOCK_TIMEOUT "30s"

/* An error that comes again and again is logged again after this long. */
#define SAY_AGAIN_MS (60 * 1000)

/*
 * Lets the server convert to and from UTF-8 outside of a transaction, where runs read and write
 * it: it can do that only for the client's encoding, whose conversion it has looked up before, in
 * a transaction.
 */
static void
pin_encoding(void)
{
	const char *name = GetDatabaseEncodingName();

	StartTransactionCommand();
	if (PrepareClientEncoding(PG_UTF8) == 0)
		name = pg_encoding_to_char(PG_UTF8);
	SetConfigOption("client_encoding", name, PGC_SUSET, PGC_S_OVERRIDE);
	CommitTransactionCommand();
}

void
session_pin(const char *name)
{
	static const char *const settings[][2] = {
		{"statement_timeout", "0"},
		{"lock_timeout", LOCK_TIMEOUT},
		{"idle_in_transaction_session_timeout", "0"},
		{"default_transaction_read_only", "off"},
		{"default_transaction_isolation", "read committed"},
		{"default_transaction_deferrable", "off"},
		{"max_parallel_workers_per_gather", "0"},
		{"session_replication_role", "origin"},
		{"work_mem", "32MB"}, /* rows on their way into a table stay in memory */
	};

	for (size_t i = 0; i < lengthof(settings); i++)
		SetConfigOption(settings[i][0], settings[i][1], PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("application_name", name, PGC_SUSET, PGC_S_OVERRIDE);
	pin_encoding();
}

/* Aborts the transaction that an error has broken, if there is one, and forgets the error. */
static void
forget_error(MemoryContext context)
{
	AbortCurrentTransaction();
	FlushErrorState();
	MemoryContextSwitchTo(context);
}

void
session_abandon(MemoryContext context)
{
	MemoryContextSwitchTo(context);
	HOLD_INTERRUPTS();
	EmitErrorReport();
	forget_error(context);
	RESUME_INTERRUPTS();
}

/* The name of our database, in the given context, which becomes the current one. */
static char *
database_name(MemoryContext context)
{
	char *name;

	StartTransactionCommand();
	name = MemoryContextStrdup(context, get_database_name(MyDatabaseId));
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	return name;
}

/* One line of the log, for the error and what follows from it. */
static void
tell_trouble(MemoryContext context, const char *what, const ErrorData *error)
{
	ereport(LOG, (errcode(error->sqlerrcode),
				  errmsg("datasens cannot %s in database \"%s\": %s", what, database_name(context),
						 error->message),
				  error->detail ? errdetail("%s", error->detail) : 0,
				  errhint("%s%sIt tries again, less and less often, and at once when a source is "
						  "changed or the configuration is reloaded.",
						  error->hint ? error->hint : "", error->hint ? " " : ""),
				  error->context ? errcontext("%s", error->context) : 0));
}

TimestampTz
session_trouble(MemoryContext context, const char *what)
{
	MemoryContext own = AllocSetContextCreate(context, "datasens error", ALLOCSET_SMALL_SIZES);
	TimestampTz	  retry_at;
	ErrorData	 *error;
	bool		  is_new;

	MemoryContextSwitchTo(own);
	HOLD_INTERRUPTS();
	error = CopyErrorData();
	forget_error(own);
	RESUME_INTERRUPTS();
	retry_at = shared_trouble(
		hash_bytes((const unsigned char *) error->message, (int) strlen(error->message)), &is_new);
	if (is_new)
		tell_trouble(own, what, error);
	else
		ereport(DEBUG1, (errmsg_internal(
							"datasens still cannot %s: tries again in %ld ms", what,
							TimestampDifferenceMilliseconds(GetCurrentTimestamp(), retry_at))));
	MemoryContextSwitchTo(context);
	MemoryContextDelete(own);
	return retry_at;
}

void
session_trouble_over(const char *what)
{
	if (shared_trouble_over())
		ereport(LOG, (errmsg("datasens can %s again", what)));
}

/*
 * Whether the error that is being handled has another message than the last one, or the last one
 * was logged long ago.
 */
static bool
error_is_news(void)
{
	static uint32	   last = 0;
	static TimestampTz said_at = 0;
	ErrorData		  *error = CopyErrorData();
	TimestampTz		   now = GetCurrentTimestamp();
	uint32 hash = hash_bytes((const unsigned char *) error->message, (int) strlen(error->message));
	bool   news = hash != last || TimestampDifferenceExceeds(said_at, now, SAY_AGAIN_MS);

	FreeErrorData(error);
	last = hash;
	if (news)
		said_at = now;
	return news;
}

void
session_abandon_once(MemoryContext context)
{
	MemoryContextSwitchTo(context);
	if (error_is_news())
		session_abandon(context);
	else
	{
		HOLD_INTERRUPTS();
		forget_error(context);
		RESUME_INTERRUPTS();
	}
}
