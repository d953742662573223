/*
 * document.c
 *	  Documents that go: datasens_forget(), and what follows whoever deletes them.
 */
#include "postgres.h"

#include "api/api.h"
#include "operate/retention.h"
#include "run/launcher.h"
#include "operate/stats.h"
#include "store/journal.h"

#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(datasens_forget);
PG_FUNCTION_INFO_V1(datasens_forget_ids);
PG_FUNCTION_INFO_V1(datasens_document_removed);

/* The journal tells how many documents were forgotten, not which. */
static void
journal_forgotten(int64 n)
{
	journal_write("DOCUMENTS_OUBLIES", psprintf("-%lld documents", (long long) n));
}

/* datasens_forget(url) */
Datum
datasens_forget(PG_FUNCTION_ARGS)
{
	char	  *pattern = text_to_cstring(PG_GETARG_TEXT_PP(0));
	OwnerScope scope;
	int64	   n;

	check_can_write("datasens_forget");
	if (strspn(pattern, "*") == strlen(pattern))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("an address is needed, or a pattern with a '*'"),
						errhint("As in datasens_forget('https://example.org/people/*').")));
	owner_enter(&scope);
	n = retention_forget(pattern);
	journal_forgotten(n);
	owner_leave(&scope);
	launcher_errand_at_commit(); /* what they were archived in is to be removed */
	PG_RETURN_INT64(n);
}

/* datasens_forget(VARIADIC ids) */
Datum
datasens_forget_ids(PG_FUNCTION_ARGS)
{
	Datum	   ids = PG_GETARG_DATUM(0);
	OwnerScope scope;
	int64	   n;

	check_can_write("datasens_forget");
	owner_enter(&scope);
	n = retention_forget_ids(ids);
	journal_forgotten(n);
	owner_leave(&scope);
	launcher_errand_at_commit(); /* what they were archived in is to be removed */
	PG_RETURN_INT64(n);
}

/*
 * Trigger of any table of records, after DELETE with the transition table "removed", or after
 * TRUNCATE. Only for our own tables: nobody else can create one in our schema. On a table of a
 * stranger's the types of its columns, and the casts between them, are his, and would run as the
 * owner of our tables.
 */
Datum
datasens_document_removed(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	OwnerScope	 scope;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("datasens.document_removed() is called by a trigger only")));
	if (RelationGetNamespace(trigger->tg_relation) != get_namespace_oid("datasens", false))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("datasens.document_removed() is for tables of datasens only"),
						errdetail("Table \"%s\" is none.",
								  RelationGetRelationName(trigger->tg_relation))));
	owner_enter(&scope);
	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		stats_truncated();
	else
	{
		if (SPI_register_trigger_data(trigger) != SPI_OK_TD_REGISTER)
			elog(ERROR, "could not register the deleted documents");
		stats_removed(RelationGetRelid(trigger->tg_relation));
	}
	owner_leave(&scope);
	return PointerGetDatum(NULL);
}
