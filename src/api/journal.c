/*
 * journal.c
 *	  datasens_log(), datasens_version_log(): the journal, written and read.
 */
#include "postgres.h"

#include "api/api.h"
#include "operate/version_log.h"
#include "store/journal.h"

#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(datasens_log);
PG_FUNCTION_INFO_V1(datasens_version_log);
PG_FUNCTION_INFO_V1(datasens_version_log_append);

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
	MemoryContext context = CurrentMemoryContext;
	OwnerScope	  scope;
	char		 *lines;

	owner_enter(&scope);
	lines = version_log_text(context);
	owner_leave(&scope);
	PG_RETURN_TEXT_P(cstring_to_text(lines));
}

/* datasens_version_log(fichier): what writes a file takes the rights that COPY TO takes. */
Datum
datasens_version_log_append(PG_FUNCTION_ARGS)
{
	char	  *path = text_to_cstring(PG_GETARG_TEXT_PP(0));
	OwnerScope scope;
	int64	   appended;

	if (!has_privs_of_role(GetUserId(), ROLE_PG_WRITE_SERVER_FILES))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to write the journal to a file"),
						errdetail("Only roles with privileges of pg_write_server_files may do it."),
						errhint("datasens_version_log() returns the journal as text.")));
	if (!is_absolute_path(path))
		ereport(ERROR, (errcode(ERRCODE_INVALID_NAME),
						errmsg("relative path not allowed for the file of a journal"),
						errhint("Give the whole path on the server.")));
	canonicalize_path(path);
	owner_enter(&scope);
	appended = version_log_append(path);
	owner_leave(&scope);
	PG_RETURN_INT64(appended);
}
