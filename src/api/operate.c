/*
 * operate.c
 *	  datasens_backup(), datasens_report(): what the operator does on schedule, by
 *	  hand.
 */
#include "postgres.h"

#include "api/api.h"
#include "operate/archive.h"
#include "operate/backup.h"
#include "operate/report.h"
#include "run/launcher.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(datasens_backup);
PG_FUNCTION_INFO_V1(datasens_report);

/* The row of the result. archive: why the backup could not be archived, or NULL. */
static Datum
backup_row(FunctionCallInfo fcinfo, const Backup *backup, const char *archive)
{
	Interval  duration = {.time = backup->ended - backup->started};
	bool	  good = backup->error == NULL;
	bool	  nulls[7] = {false,
						  false,
						  !good,
						  !good || !backup->kept,
						  !good || !backup->kept,
						  false,
						  good && archive == NULL};
	Datum	  values[7];
	TupleDesc desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "datasens_backup() returns a row");
	values[0] = Int64GetDatum(backup->id);
	values[1] = CStringGetTextDatum(good ? "succes" : "echec");
	values[2] = good ? CStringGetTextDatum(backup->file) : (Datum) 0;
	values[3] = Int64GetDatum(backup->size);
	values[4] = CStringGetTextDatum(backup->digits);
	values[5] = IntervalPGetDatum(&duration);
	values[6] = nulls[6] ? (Datum) 0 : CStringGetTextDatum(good ? archive : backup->error);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/*
 * Archives what was just recorded. A cancel takes back the transaction and with it the backup's
 * row; then the file has to go, too.
 */
static char *
archive_backup(const Backup *backup)
{
	char *volatile error = NULL;

	PG_TRY();
	{
		error = archive_backup_now(backup);
	}
	PG_CATCH();
	{
		(void) durable_unlink(backup->path, LOG);
		PG_RE_THROW();
	}
	PG_END_TRY();
	launcher_errand_at_commit(); /* this one, or others that were given up, are tried again */
	return error ? psprintf("could not be archived: %s", error) : NULL;
}

/*
 * datasens_backup(note).  A failure is a row and a warning, not an error: so it
 * is written down.
 */
Datum
datasens_backup(PG_FUNCTION_ARGS)
{
	char	  *note = argument_string(fcinfo, 0);
	char	  *archive = NULL;
	Backup	   backup;
	OwnerScope scope;

	check_can_write("datasens_backup");
	backup_begin(&backup, "manuel", note, false);
	backup_make(&backup);
	owner_enter(&scope);
	backup_record(&backup);
	owner_leave(&scope);
	if (backup_is_for_archive(&backup))
		archive = archive_backup(&backup);
	backup_end(&backup);
	if (backup.error)
		ereport(WARNING, (errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
						  errmsg("backup failed: %s", backup.error)));
	if (archive)
		ereport(
			WARNING,
			(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION), errmsg("backup %s", archive),
			 errhint("It is in datasens.backup_directory, and the task archivage tries again.")));
	PG_RETURN_DATUM(backup_row(fcinfo, &backup, archive));
}

/* The form of that name; ereports where there is none. */
static ReportFormat
format_of(const char *name)
{
	static const char *const names[] = {[REPORT_TEXT] = "text",
										[REPORT_MARKDOWN] = "markdown",
										[REPORT_JSON] = "json",
										[REPORT_HTML] = "html"};

	for (size_t i = 0; i < lengthof(names); i++)
	{
		if (strcmp(name, names[i]) == 0)
			return (ReportFormat) i;
	}
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("unknown format \"%s\" of a report", name),
					errhint("Valid formats are: text, markdown, json, html.")));
}

/* datasens_report(format, since). */
Datum
datasens_report(PG_FUNCTION_ARGS)
{
	ReportFormat  format = format_of(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	TimestampTz	  since = PG_GETARG_TIMESTAMPTZ(1);
	MemoryContext context = CurrentMemoryContext;
	OwnerScope	  scope;
	Report		 *report;
	char		 *written;

	if (TIMESTAMP_NOT_FINITE(since))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("since must be a time, not infinity")));
	if (since > GetCurrentTimestamp())
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("since is in the future"),
						errhint("A report is of the time from since until now.")));
	owner_enter(&scope);
	MemoryContextSwitchTo(context);
	report = report_load(since, format);
	MemoryContextSwitchTo(context); /* SPI leaves us in its own */
	written = report_write(report, format);
	owner_leave(&scope);
	PG_RETURN_TEXT_P(cstring_to_text(written));
}
