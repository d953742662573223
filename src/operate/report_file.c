/*
 * report_file.c
 *	  The task "rapport": the report of a day as a file.
 */
#include "postgres.h"

#include "base/memory.h"
#include "base/settings.h"
#include "base/transaction.h"
#include "operate/kept_files.h"
#include "operate/report.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/fd.h"
#include "storage/ipc.h"
#include "utils/timestamp.h"

#define SUFFIX "_rapport.html"

/* What a report that is made on schedule looks back upon. */
#define SPAN_DAYS 30

/* In PG_ENSURE_ERROR_CLEANUP, and after a failure: nothing is left behind. */
static void
clean_up(int code, Datum path)
{
	(void) unlink((const char *) DatumGetPointer(path));
}

/* Does not return. */
static void
write_failed(const char *path)
{
	ereport(ERROR, (errcode_for_file_access(), errmsg("could not write report \"%s\": %m", path)));
}

/*
 * Others may read the file: it is made to be looked at. No transaction is open whose end would
 * close it after an error, so that is done here.
 */
static void
write_file(const char *path, const char *partial, Text html)
{
	mode_t mask = umask(S_IWGRP | S_IWOTH);
	int	   file = OpenTransientFilePerm(partial, O_WRONLY | O_CREAT | O_TRUNC | PG_BINARY, 0666);
	size_t done = 0;

	umask(mask);
	if (file < 0)
		write_failed(partial);
	while (done < html.len)
	{
		ssize_t n = write(file, html.data + done, html.len - done);

		if (n < 0 && errno != EINTR)
		{
			int saved_errno = errno;

			(void) CloseTransientFile(file);
			errno = saved_errno;
			write_failed(partial);
		}
		done += Max(n, 0);
	}
	if (CloseTransientFile(file) != 0)
		write_failed(partial);
	(void) durable_rename(partial, path, ERROR);
}

/*
 * The report in UTF-8, as its head says, in the current context; the database's name in *database.
 * An absent text where the extension is gone.
 */
static Text
make_report(char **database)
{
	MemoryContext context = CurrentMemoryContext;
	TimestampTz	  since = GetCurrentTimestamp() - SPAN_DAYS * USECS_PER_DAY;
	OwnerScope	  scope;
	Report		 *report;
	char		 *html;
	Text		  utf8;

	if (!transaction_start(&scope))
		return TEXT_NULL;
	report = report_load(since, REPORT_HTML);
	MemoryContextSwitchTo(context); /* SPI leaves us in its own */
	html = report_write(report, REPORT_HTML);
	utf8 = memory_utf8(html, strlen(html));
	*database = pstrdup(report->database);
	transaction_commit(&scope, false);
	return utf8;
}

/*
 * The report is made in a transaction, but written outside of it, to a name of its own that is
 * changed at the end: whoever looks finds a whole file or none. Old ones are removed only after a
 * new one is there.
 */
static void
run_report(void)
{
	TimestampTz now = GetCurrentTimestamp();
	char	   *directory = kept_directory(setting_report_directory);
	char	   *database = NULL;
	Text		html = make_report(&database);
	char	   *wrong;
	char	   *path;
	char	   *partial;

	if (!text_present(html))
		return;
	wrong = kept_prepare(directory, database, SUFFIX);
	if (wrong)
		ereport(ERROR, (errcode(ERRCODE_IO_ERROR), errmsg("report failed: %s", wrong)));
	path = psprintf("%s/%s", directory, kept_name(directory, database, now, SUFFIX));
	partial = psprintf("%s" KEPT_PARTIAL, path);
	PG_ENSURE_ERROR_CLEANUP(clean_up, PointerGetDatum(partial));
	{
		write_file(path, partial, html);
	}
	PG_END_ENSURE_ERROR_CLEANUP(clean_up, PointerGetDatum(partial));
	if (setting_backup_retention > 0)
		kept_remove_older(directory, database, SUFFIX,
						  now - setting_backup_retention * USECS_PER_SEC);
}

static bool
report_possible(void)
{
	return setting_report_directory[0] != '\0';
}

const Task task_report = {
	.nom = "rapport",
	.setting = "datasens.report_schedule",
	.schedule = &setting_report_schedule,
	.possible = report_possible,
	.run = run_report,
};
