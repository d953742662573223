/*
 * journal.c
 *	  datasens_log(), datasens_version_log(): the journal, written and read.
 */
#include "postgres.h"

#include "api/api.h"
#include "store/journal.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(datasens_log);
PG_FUNCTION_INFO_V1(datasens_version_log);

/* The form of the users' README_VERSIONNING.md; a line stays a line. */
static Statement lines_statement = {
	.sql = "SELECT '- **' || pg_catalog.to_char(horodatage AT TIME ZONE 'UTC',"
		   "  'YYYY-MM-DD HH24:MI:SS') || ' UTC** | `' || action || '` | '"
		   "  || coalesce(pg_catalog.regexp_replace(details, '[\\n\\r]+', ' ', 'g'), '')"
		   " FROM datasens.journal ORDER BY horodatage, id_journal",
};

/* datasens_log(action, details): the action in capitals, as COLLECTE_JOURNALIERE_INIT. */
Datum
datasens_log(PG_FUNCTION_ARGS)
{
	char	  *action = argument_string(fcinfo, 0);
	char	  *details = argument_string(fcinfo, 1);
	OwnerScope scope;

	check_can_write("datasens_log");
	if (action == NULL || action[0] < 'A' || action[0] > 'Z' ||
		strspn(action, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != strlen(action))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid journal action \"%s\"", action ? action : ""),
						errhint("An action is written in capitals, as in COLLECTE_TERMINEE.")));
	owner_enter(&scope);
	journal_write(action, details);
	owner_leave(&scope);
	PG_RETURN_VOID();
}

/* The journal as markdown, oldest line first. */
Datum
datasens_version_log(PG_FUNCTION_ARGS)
{
	MemoryContext  context = CurrentMemoryContext;
	StringInfoData lines;
	OwnerScope	   scope;

	initStringInfo(&lines);
	owner_enter(&scope);
	statement_run(&lines_statement, NULL, NULL, SPI_OK_SELECT);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		char *line = row_string(context, row, 1);

		appendStringInfo(&lines, "%s%s", row == 0 ? "" : "\n", line);
		pfree(line);
	}
	owner_leave(&scope);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(lines.data, lines.len));
}
