/*
 * version_log.c
 *	  The journal as markdown, in the form of the users' README_VERSIONNING.md: as a text, and
 *	  appended to a file that may have been written by hand or by others before.
 *
 * To know which lines a file lacks, its end is read; the lines there that look like ours are
 * matched with the journal's, each once.
 */
#include "postgres.h"

#include "base/lock.h"
#include "base/transaction.h"
#include "operate/version_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "storage/fd.h"
#include "utils/builtins.h"

/* So many bytes at the end of a file are looked at, which is some thousand lines. */
#define TAIL_SIZE (256 * 1024)

/* What a line begins with, and what stands before and in its time. */
#define LINE_BEGIN "- **"
#define STAMP_LENGTH 19 /* YYYY-MM-DD HH:MM:SS */

/*
 * The lines of the journal. A line stays one line and moves no cursor, whatever its details hold.
 * $1 and $2: only those from the later of these times on (the second less a day), as a line has
 * them; nulls: all of them.
 */
static Statement lines_statement = {
	.sql = "SELECT '- **' || pg_catalog.to_char(horodatage AT TIME ZONE 'UTC',"
		   "  'YYYY-MM-DD HH24:MI:SS') || ' UTC** | `' || action || '` | '"
		   "  || coalesce(pg_catalog.regexp_replace(details, '[\\x01-\\x1f\\x7f]+', ' ', 'g'), '')"
		   " FROM datasens.journal WHERE $1 IS NULL"
		   "  OR horodatage >= greatest($1::pg_catalog.timestamp,"
		   "   $2::pg_catalog.timestamp - interval '1 day') AT TIME ZONE 'UTC'"
		   " ORDER BY horodatage, id_journal",
	.n_args = 2,
	.types = {TEXTOID, TEXTOID},
};

char *
version_log_text(MemoryContext context)
{
	Datum		   values[] = {(Datum) 0, (Datum) 0};
	MemoryContext  previous = MemoryContextSwitchTo(context);
	StringInfoData lines;

	initStringInfo(&lines);
	statement_run(&lines_statement, values, "nn", SPI_OK_SELECT);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		char *line = row_need_string(context, row, 1);

		appendStringInfo(&lines, "%s%s", row == 0 ? "" : "\n", line);
		pfree(line);
	}
	MemoryContextSwitchTo(previous);
	return lines.data;
}

/* ---- the end of a file ---- */

/* The lines of the journal at the end of a file. */
typedef struct Tail
{
	char  *text;
	char **lines; /* sorted */
	bool  *met;	  /* of each line: it has been found in the journal */
	int	   n;
	char  *first; /* the earliest time, NULL where there is no line */
	char  *last;
	bool   cut; /* the file does not end with a newline */
} Tail;

/* YYYY-MM-DD HH:MM:SS. */
static bool
is_stamp(const char *string)
{
	static const char form[] = "0000-00-00 00:00:00 UTC**";

	for (int i = 0; form[i] != '\0'; i++)
	{
		if (form[i] == '0' ? string[i] < '0' || string[i] > '9' : string[i] != form[i])
			return false;
	}
	return true;
}

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

/* Finds the journal's lines in the text and sorts them, so that equal ones are neighbours. */
static void
split_tail(Tail *tail)
{
	int	  room = 64;
	char *line = tail->text;

	tail->lines = palloc(room * sizeof(char *));
	while (line != NULL && *line != '\0')
	{
		char *end = strchr(line, '\n');

		if (end != NULL)
			*end++ = '\0';
		if (strncmp(line, LINE_BEGIN, strlen(LINE_BEGIN)) == 0 &&
			is_stamp(line + strlen(LINE_BEGIN)))
		{
			if (tail->n == room)
				tail->lines = repalloc(tail->lines, (room *= 2) * sizeof(char *));
			tail->lines[tail->n++] = line;
		}
		line = end;
	}
	qsort(tail->lines, tail->n, sizeof(char *), compare_lines);
	tail->met = palloc0(tail->n + 1);
	if (tail->n > 0)
	{
		tail->first = pnstrdup(tail->lines[0] + strlen(LINE_BEGIN), STAMP_LENGTH);
		tail->last = pnstrdup(tail->lines[tail->n - 1] + strlen(LINE_BEGIN), STAMP_LENGTH);
	}
}

/*
 * Whether the file has the line. Where the file has it several times, each answers for one line of
 * the journal.
 */
static bool
tail_takes(Tail *tail, const char *line)
{
	int low = 0;
	int high = tail->n;

	while (low < high)
	{
		int middle = (low + high) / 2;

		if (strcmp(tail->lines[middle], line) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low < tail->n && strcmp(tail->lines[low], line) == 0)
	{
		if (!tail->met[low])
			return tail->met[low] = true;
		low++;
	}
	return false;
}

/* Does not return. */
static _Noreturn void
file_failed(const char *doing, const char *path)
{
	ereport(ERROR,
			(errcode_for_file_access(), errmsg("could not %s file \"%s\": %m", doing, path)));
}

/*
 * Reads the last bytes of the file. The first line of these is most often cut, and then does not
 * look like one of ours.
 */
static void
read_tail(Tail *tail, int file, const char *path)
{
	struct stat status;
	off_t		start;
	ssize_t		n;

	if (fstat(file, &status) != 0)
		file_failed("stat", path);
	if (!S_ISREG(status.st_mode))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is not a regular file", path)));
	start = Max(status.st_size - TAIL_SIZE, 0);
	tail->text = palloc(TAIL_SIZE + 1);
	n = pg_pread(file, tail->text, TAIL_SIZE, start);
	if (n < 0)
		file_failed("read", path);
	tail->text[n] = '\0';
	tail->cut = n > 0 && tail->text[n - 1] != '\n';
	split_tail(tail);
}

/* ---- appending ---- */

/* Appends the lines that the file lacks to missing; *n of them. */
static void
missing_lines(StringInfo missing, Tail *tail, int64 *n)
{
	Datum values[] = {tail->first ? CStringGetTextDatum(tail->first) : (Datum) 0,
					  tail->last ? CStringGetTextDatum(tail->last) : (Datum) 0};

	*n = 0;
	if (tail->cut)
		appendStringInfoChar(missing, '\n');
	statement_run(&lines_statement, values, tail->n > 0 ? "  " : "nn", SPI_OK_SELECT);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		char *line = row_need_string(CurrentMemoryContext, row, 1);

		if (!tail_takes(tail, line))
		{
			appendStringInfo(missing, "%s\n", line);
			(*n)++;
		}
		pfree(line);
	}
}

static void
write_all(int file, const char *path, const char *data, size_t size)
{
	while (size > 0)
	{
		ssize_t n = write(file, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			file_failed("write to", path);
		data += n;
		size -= n;
	}
}

int64
version_log_append(const char *path)
{
	Tail		   tail = {0};
	StringInfoData missing;
	mode_t		   mask;
	int			   file;
	int64		   n;

	(void) lock_take(lock_table("journal"), 0, false, true);
	/* As COPY does: others may read it, nobody else write it. */
	mask = umask(S_IWGRP | S_IWOTH);
	file = OpenTransientFilePerm(path, O_RDWR | O_CREAT | O_APPEND | PG_BINARY, 0666);
	umask(mask);
	if (file < 0)
		file_failed("open", path);
	read_tail(&tail, file, path);
	initStringInfo(&missing);
	missing_lines(&missing, &tail, &n);
	if (n > 0)
	{
		write_all(file, path, missing.data, missing.len);
		if (pg_fsync(file) != 0)
			file_failed("fsync", path);
	}
	if (CloseTransientFile(file) != 0)
		file_failed("close", path);
	return n;
}
