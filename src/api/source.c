/*
 * source.c
 *	  datasens_add_source() and its sisters: what is collected.
 *
 * Everything is checked before it is stored: type, URL, options, schedule and
 * time zone; what is wrong is an error that names it.
 */
#include "postgres.h"

#include "api/api.h"
#include "base/shared.h"
#include "base/transaction.h"
#include "compat.h"
#include "operate/depot.h"
#include "run/launcher.h"
#include "source/kind.h"
#include "source/options.h"
#include "store/journal.h"
#include "store/slice.h"
#include "store/state.h"

#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(datasens_add_source);
PG_FUNCTION_INFO_V1(datasens_alter_source);
PG_FUNCTION_INFO_V1(datasens_drop_source);
PG_FUNCTION_INFO_V1(datasens_enable_source);
PG_FUNCTION_INFO_V1(datasens_source_allowed);
PG_FUNCTION_INFO_V1(datasens_source_changed);
PG_FUNCTION_INFO_V1(datasens_guard_drop);
PG_FUNCTION_INFO_V1(datasens_installed);

static Statement add_statement = {
	.sql = "INSERT INTO datasens.source (type_source, nom, url, planification, options, fuseau)"
		   " VALUES ($1, $2, $3, $4, $5::pg_catalog.jsonb, $6)"
		   " ON CONFLICT (nom) DO NOTHING RETURNING id_source",
	.n_args = 6,
	.types = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID},
};

/* Not its key: runs may refer to it. */
static Statement find_statement = {
	.sql = "SELECT id_source, nom, type_source, url, planification, options, fuseau"
		   " FROM datasens.source WHERE nom = $1 FOR NO KEY UPDATE",
	.n_args = 1,
	.types = {TEXTOID},
};

static Statement id_statement = {
	.sql = "SELECT id_source FROM datasens.source WHERE nom = $1",
	.n_args = 1,
	.types = {TEXTOID},
};

static Statement alter_statement = {
	.sql = "UPDATE datasens.source SET nom = $2, url = $3, planification = $4,"
		   "  options = $5::pg_catalog.jsonb, fuseau = $6 WHERE id_source = $1",
	.n_args = 6,
	.types = {INT4OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID},
};

/* What was read of another address, or in another way, is no reason not to read. */
static Statement forget_statement = {
	.sql = "DELETE FROM datasens.cache_http WHERE id_source = $1",
	.n_args = 1,
	.types = {INT4OID},
};

static Statement enable_statement = {
	.sql = "UPDATE datasens.source SET actif = $2 WHERE id_source = $1 AND actif <> $2",
	.n_args = 2,
	.types = {INT4OID, BOOLOID},
};

static Statement held_statement = {
	.sql = "SELECT coalesce((SELECT total_docs FROM datasens.etat_source WHERE id_source = $1), 0)",
	.n_args = 1,
	.types = {INT4OID},
};

/* What a source has brought, from each of the tables that have an id_flux. */
#define DROP_RECORDS(table)                                                                        \
	{                                                                                              \
		.sql = "DELETE FROM datasens." table " WHERE id_flux IN"                                   \
			   " (SELECT id_flux FROM datasens.flux WHERE id_source = $1)",                        \
		.n_args = 1, .types = {INT4OID},                                                           \
	}

static Statement drop_records_statements[] = {
	DROP_RECORDS("document"),
	DROP_RECORDS("meteo"),
	DROP_RECORDS("evenement"),
	DROP_RECORDS("document_evenement"),
};

static Statement drop_rejets_statement = {
	.sql = "DELETE FROM datasens.rejet WHERE id_flux IN"
		   " (SELECT id_flux FROM datasens.flux WHERE id_source = $1)",
	.n_args = 1,
	.types = {INT4OID},
};

static Statement drop_flux_statement = {
	.sql = "DELETE FROM datasens.flux WHERE id_source = $1",
	.n_args = 1,
	.types = {INT4OID},
};

static Statement drop_statement = {
	.sql = "DELETE FROM datasens.source WHERE id_source = $1",
	.n_args = 1,
	.types = {INT4OID},
};

/* ---- what the functions share ---- */

static const Kind *
kind_of_name(const char *name)
{
	const Kind *kind = kind_find(name);

	if (kind == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("unknown type of source \"%s\"", name),
						errhint("Valid types are: %s.", kind_names())));
	return kind;
}

/* Everything that can be wrong with a source is an error here. */
static void
check_source(const Source *source)
{
	Schedule schedule;

	if (source->nom[0] == '\0')
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a source needs a name")));
	if (!name_is_printable(source->nom))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a source's name cannot have control characters"),
						errhint("Take out line ends, tabs and escapes.")));
	if (strcmp(source->nom, "all") == 0 || kind_find(source->nom) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_RESERVED_NAME),
				 errmsg("\"%s\" cannot be a source's name", source->nom),
				 errdetail("datasens_collect('%s') means more than one source.", source->nom)));
	schedule_find(&schedule, source->kind, source->planification, source->fuseau);
	source->kind->validate(source);
	(void) options_true(options_read(source->options), OPTION_NOTIFY);
	if (options_true(options_read(source->options), OPTION_ARCHIVE) && !depot_configured())
		ereport(WARNING, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						  errmsg("nothing of source \"%s\" is archived", source->nom),
						  errdetail("datasens.archive_url is not set."),
						  errhint("Set it to \"s3://bucket/prefix\" or \"file:///directory\".")));
}

/* What a function was given replaces what is there: null leaves it, '' takes it away. */
static char *
replaced(char *now, char *given)
{
	if (given == NULL)
		return now;
	return given[0] == '\0' ? NULL : given;
}

static char *
argument_json(FunctionCallInfo fcinfo, int i)
{
	Jsonb *json;

	if (PG_ARGISNULL(i))
		return NULL;
	json = PG_GETARG_JSONB_P(i);
	return JsonbToCString(NULL, &json->root, VARSIZE(json));
}

/*
 * Locks the state of the source of that name, if there is one, which is done before its row is
 * locked; waits before that for its runs, where nothing is to be left for them.
 */
static void
hold_state(const char *nom, bool wait_for_runs)
{
	Datum values[] = {CStringGetTextDatum(nom)};
	int32 id;

	statement_run(&id_statement, values, NULL, SPI_OK_SELECT);
	if (SPI_processed == 0)
		return;
	id = row_int32(0, 1);
	if (wait_for_runs)
	{
		(void) state_lock(id, false, true);
		slice_lock_source(id);
	}
	state_hold(list_make1_int(id));
}

/*
 * Finds a source by name, its row locked; ereports where there is none.  One of a type that is
 * nobody's, as a notebook's may be (datasens_adopt.sql), is found only where that does not matter.
 */
static Source *
find_source(const char *nom, bool any_type)
{
	Datum	values[] = {CStringGetTextDatum(nom)};
	Source *source = palloc0(sizeof(Source));
	char   *type;

	statement_run(&find_statement, values, NULL, SPI_OK_SELECT);
	if (SPI_processed == 0)
		no_such_source(nom);
	source->id = row_int32(0, 1);
	source->nom = row_need_string(CurrentMemoryContext, 0, 2);
	type = row_string(CurrentMemoryContext, 0, 3);
	source->kind = any_type ? kind_find(type) : kind_of_name(type);
	source->url = row_string(CurrentMemoryContext, 0, 4);
	source->planification = row_string(CurrentMemoryContext, 0, 5);
	source->options = row_need_string(CurrentMemoryContext, 0, 6);
	source->fuseau = row_string(CurrentMemoryContext, 0, 7);
	return source;
}

/* ---- the functions ---- */

/*
 * datasens_add_source(type_source, nom, url, planification, options, fuseau)
 * returns id_source.
 */
Datum
datasens_add_source(PG_FUNCTION_ARGS)
{
	Source	   source = {.nom = argument_string(fcinfo, 1)};
	char	  *type = argument_string(fcinfo, 0);
	char	   nulls[] = "      ";
	Datum	   values[6];
	OwnerScope scope;
	int32	   id;

	check_can_write("datasens_add_source");
	if (type == NULL || source.nom == NULL)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("type_source and nom must not be null"),
						errhint("Valid types are: %s.", kind_names())));
	source.kind = kind_of_name(type);
	source.role = GetUserId();
	source.reads_files = state_owner_reads_files();
	source.url = replaced(NULL, argument_string(fcinfo, 2));
	source.planification = replaced(NULL, argument_string(fcinfo, 3));
	source.options = PG_ARGISNULL(4) ? "{}" : argument_json(fcinfo, 4);
	source.fuseau = replaced(NULL, argument_string(fcinfo, 5));
	check_source(&source);

	owner_enter(&scope);
	values[0] = CStringGetTextDatum(type);
	values[1] = CStringGetTextDatum(source.nom);
	values[2] = text_or_null(source.url, &nulls[2]);
	values[3] = text_or_null(source.planification, &nulls[3]);
	values[4] = CStringGetTextDatum(source.options);
	values[5] = text_or_null(source.fuseau, &nulls[5]);
	statement_run(&add_statement, values, nulls, SPI_OK_INSERT_RETURNING);
	if (SPI_processed == 0)
		ereport(ERROR, (errcode(ERRCODE_DUPLICATE_OBJECT),
						errmsg("source \"%s\" already exists", source.nom),
						errhint("Use datasens_alter_source() to change it.")));
	id = row_int32(0, 1);
	(void) state_plan_source(GetCurrentTimestamp(), id);
	journal_write("SOURCE_AJOUTEE", psprintf("%s (%s)", source.nom, type));
	owner_leave(&scope);
	PG_RETURN_INT32(id);
}

/*
 * datasens_alter_source(nom, url, planification, options, fuseau, nouveau_nom):
 * null leaves a value, '' takes it away.
 */
Datum
datasens_alter_source(PG_FUNCTION_ARGS)
{
	char	  *nom = argument_string(fcinfo, 0);
	char	   nulls[] = "      ";
	Datum	   values[6];
	Source	  *source;
	OwnerScope scope;
	Oid		   role = GetUserId();

	check_can_write("datasens_alter_source");
	if (nom == NULL)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("nom must not be null"),
						errhint("datasens_health() lists the sources.")));
	owner_enter(&scope);
	hold_state(nom, false);
	source = find_source(nom, false);
	source->role = role;
	source->reads_files = state_owner_reads_files();
	source->url = replaced(source->url, argument_string(fcinfo, 1));
	source->planification = replaced(source->planification, argument_string(fcinfo, 2));
	if (!PG_ARGISNULL(3))
		source->options = argument_json(fcinfo, 3);
	source->fuseau = replaced(source->fuseau, argument_string(fcinfo, 4));
	if (!PG_ARGISNULL(5))
		source->nom = argument_string(fcinfo, 5);
	check_source(source);
	values[0] = Int32GetDatum(source->id);
	values[1] = CStringGetTextDatum(source->nom);
	values[2] = text_or_null(source->url, &nulls[2]);
	values[3] = text_or_null(source->planification, &nulls[3]);
	values[4] = CStringGetTextDatum(source->options);
	values[5] = text_or_null(source->fuseau, &nulls[5]);
	statement_run(&alter_statement, values, nulls, SPI_OK_UPDATE);
	if (!PG_ARGISNULL(1) || !PG_ARGISNULL(3))
		statement_run(&forget_statement, values, NULL, SPI_OK_DELETE);
	(void) state_plan_source(GetCurrentTimestamp(), source->id);
	journal_write("SOURCE_MODIFIEE", source->nom);
	owner_leave(&scope);
	PG_RETURN_VOID();
}

/* datasens_drop_source(nom, cascade): with its documents only where that is said. */
Datum
datasens_drop_source(PG_FUNCTION_ARGS)
{
	char	  *nom = text_to_cstring(PG_GETARG_TEXT_PP(0));
	bool	   cascade = PG_GETARG_BOOL(1);
	Source	  *source;
	Datum	   values[1];
	OwnerScope scope;
	int64	   held;

	check_can_write("datasens_drop_source");
	owner_enter(&scope);
	hold_state(nom, true);
	source = find_source(nom, true);
	values[0] = Int32GetDatum(source->id);
	statement_run(&held_statement, values, NULL, SPI_OK_SELECT);
	held = row_int64(0, 1);
	if (held > 0 && !cascade)
		ereport(ERROR, (errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
						errmsg("cannot drop source \"%s\": it has brought documents", nom),
						errdetail("%lld documents would be dropped with it.", (long long) held),
						errhint("Use datasens_enable_source(nom, false) to stop collecting it, or "
								"datasens_drop_source(nom, true) to drop it with its documents.")));
	for (size_t i = 0; i < lengthof(drop_records_statements); i++)
		statement_run(&drop_records_statements[i], values, NULL, SPI_OK_DELETE);
	statement_run(&drop_rejets_statement, values, NULL, SPI_OK_DELETE);
	statement_run(&drop_flux_statement, values, NULL, SPI_OK_DELETE);
	statement_run(&drop_statement, values, NULL, SPI_OK_DELETE);
	journal_write("SOURCE_SUPPRIMEE", psprintf("%s (%lld documents)", nom, (long long) held));
	owner_leave(&scope);
	launcher_errand_at_commit(); /* what was archived of it is to be removed */
	PG_RETURN_VOID();
}

Datum
datasens_enable_source(PG_FUNCTION_ARGS)
{
	char	  *nom = text_to_cstring(PG_GETARG_TEXT_PP(0));
	bool	   enable = PG_GETARG_BOOL(1);
	Datum	   values[2];
	OwnerScope scope;

	check_can_write("datasens_enable_source");
	owner_enter(&scope);
	values[0] = Int32GetDatum(find_source(nom, !enable)->id);
	values[1] = BoolGetDatum(enable);
	statement_run(&enable_statement, values, NULL, SPI_OK_UPDATE);
	if (SPI_processed > 0)
		journal_write(enable ? "SOURCE_ACTIVEE" : "SOURCE_DESACTIVEE", nom);
	owner_leave(&scope);
	PG_RETURN_VOID();
}

/* A column's value in the row that a trigger was fired for; NULL where there is none. */
static char *
column_of(const TriggerData *trigger, const char *name)
{
	HeapTuple row =
		TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple;
	int column = SPI_fnumber(trigger->tg_relation->rd_att, name);

	return column > 0 ? SPI_getvalue(row, trigger->tg_relation->rd_att, column) : NULL;
}

/*
 * Trigger on datasens.source, after a row was written.  What a source may have of the server is
 * what the tables' owner may.  Who was given the right to write rows, and may not have it himself,
 * is looked at as closely as datasens_add_source() does; what comes by way of our functions is
 * written as the owner, and has been looked at.
 */
Datum
datasens_source_allowed(PG_FUNCTION_ARGS)
{
	const TriggerData *trigger = (const TriggerData *) fcinfo->context;
	Source			   source = {.role = GetUserId(), .reads_files = true};

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("datasens.source_allowed() is a trigger of datasens.source")));
	if (source.role == ROLE_PG_DATABASE_OWNER ||
		has_privs_of_role(source.role, ROLE_PG_READ_SERVER_FILES) || !state_owner_reads_files())
		return PointerGetDatum(NULL);
	source.kind = kind_find(column_of(trigger, "type_source"));
	source.nom = column_of(trigger, "nom");
	source.url = column_of(trigger, "url");
	source.options = column_of(trigger, "options");
	if (source.kind != NULL && source.options != NULL)
		source.kind->validate(&source);
	return PointerGetDatum(NULL);
}

/* Trigger on datasens.source: whoever changes it, the launcher hears of it at commit. */
Datum
datasens_source_changed(PG_FUNCTION_ARGS)
{
	launcher_poke_at_commit();
	return PointerGetDatum(NULL);
}

/* Event trigger before DROP EXTENSION and its like: being called loads the library's hooks. */
Datum
datasens_guard_drop(PG_FUNCTION_ARGS)
{
	PG_RETURN_NULL();
}

static bool notice_pending = false;

/* CREATE EXTENSION keeps notices back while its script runs: these come just before its end. */
static void
tell_what_lacks(XactEvent event, void *arg)
{
	bool tell = notice_pending && event == XACT_EVENT_PRE_COMMIT;

	notice_pending = false;
	if (tell && !shared_available())
		ereport(NOTICE,
				(errmsg("datasens is not preloaded: its functions work, schedules do not run"),
				 errhint("Add datasens to shared_preload_libraries and restart the server.")));
	if (tell && GetDatabaseEncoding() == PG_SQL_ASCII)
		ereport(NOTICE,
				(errmsg("the encoding of this database is SQL_ASCII: to it an accented letter is"
						" several characters"),
				 errhint("Collect into a database that has been created with TEMPLATE template0"
						 " ENCODING 'UTF8'.")));
}

/* The end of CREATE EXTENSION: wakes the launcher, or says why nothing will run. */
Datum
datasens_installed(PG_FUNCTION_ARGS)
{
	static bool registered = false;

	if (!shared_available() || GetDatabaseEncoding() == PG_SQL_ASCII)
	{
		if (!registered)
			RegisterXactCallback(tell_what_lacks, NULL);
		registered = true;
		notice_pending = true;
	}
	launcher_poke_at_commit();
	PG_RETURN_VOID();
}
