/*
 * state.c
 *	  What is due, who collects it, and what became of it: etat_source.
 *
 * The statements here are run at every look of a collector, over tables that may hold tens of
 * thousands of sources: each reaches its rows by an index, or stops after the first few.
 */
#include "postgres.h"

#include "base/lock.h"
#include "base/settings.h"
#include "base/transaction.h"
#include "source/kind.h"
#include "store/rows.h"
#include "store/state.h"

#include "catalog/pg_authid.h"
#include "catalog/pg_database.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#define MICROSECONDS(seconds) ((seconds) *USECS_PER_SEC)

/*
 * The sources whose schedule is another than the one that their due time was computed from
 * (planification_appliquee). Also those that the clock left behind when it was set back: they were
 * collected in what is the future now, and planned from there. $1 and $2 are the kinds and their
 * schedules.
 */
#define UNPLANNED_SQL(condition)                                                                   \
	"SELECT s.id_source, s.type_source, s.planification, s.fuseau"                                 \
	" FROM datasens.source s LEFT JOIN datasens.etat_source e USING (id_source),"                  \
	"  ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS k (type_source, planification)" \
	" WHERE k.type_source = s.type_source AND " condition                                          \
	"  AND (e.planification_appliquee IS DISTINCT FROM"                                            \
	"    coalesce(s.planification, k.planification) || ' ' || coalesce(s.fuseau, $3)"              \
	"   OR (e.derniere_collecte > pg_catalog.now() + interval '1 minute'"                          \
	"    AND e.prochaine_collecte > e.derniere_collecte AND e.prochaine_collecte < 'infinity'))"   \
	" ORDER BY s.id_source"

static Statement unplanned_statement = {
	.sql = UNPLANNED_SQL("($4 OR e.id_source IS NULL)"),
	.n_args = 4,
	.types = {TEXTARRAYOID, TEXTARRAYOID, TEXTOID, BOOLOID},
};

static Statement unplanned_source_statement = {
	.sql = UNPLANNED_SQL("s.id_source = $4"),
	.n_args = 4,
	.types = {TEXTARRAYOID, TEXTARRAYOID, TEXTOID, INT4OID},
};

static Statement plan_statement = {
	.sql = "INSERT INTO datasens.etat_source AS e (id_source, prochaine_collecte,"
		   "  planification_appliquee, periode, derniere_erreur)"
		   " SELECT * FROM incoming_plans"
		   " ON CONFLICT (id_source) DO UPDATE SET"
		   "  prochaine_collecte = CASE WHEN e.declencheur = 'manuel'"
		   "   THEN e.prochaine_collecte ELSE EXCLUDED.prochaine_collecte END,"
		   "  planification_appliquee = EXCLUDED.planification_appliquee,"
		   "  periode = EXCLUDED.periode, tentative = 0,"
		   "  derniere_erreur = coalesce(EXCLUDED.derniere_erreur, e.derniere_erreur)",
};

/*
 * A restore brings the rows of a table before it sets the sequence of their key, so meanwhile
 * there are keys that the sequence has not given. The application's name is only believed of
 * somebody who could restore our tables at all; anyone may call himself pg_restore.
 */
static Statement settled_statement = {
	.sql = "SELECT NOT EXISTS (SELECT FROM datasens.source_id_source_seq, datasens.source"
		   "  WHERE id_source > last_value - (NOT is_called)::pg_catalog.int4)"
		   " AND NOT EXISTS (SELECT FROM datasens.flux_id_flux_seq, datasens.flux"
		   "  WHERE id_flux > last_value - (NOT is_called)::pg_catalog.int4)"
		   " AND NOT EXISTS (SELECT FROM datasens.document_id_doc_seq, datasens.document"
		   "  WHERE id_doc > last_value - (NOT is_called)::pg_catalog.int4)"
		   " AND NOT EXISTS (SELECT FROM datasens.meteo_id_meteo_seq, datasens.meteo"
		   "  WHERE id_meteo > last_value - (NOT is_called)::pg_catalog.int4)"
		   " AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity"
		   "  WHERE datname = pg_catalog.current_database() AND application_name = 'pg_restore'"
		   "  AND pg_catalog.pg_has_role(usesysid, 'pg_database_owner', 'USAGE'))",
};

static Statement due_statement = {
	.sql = "SELECT e.id_source FROM datasens.etat_source e WHERE e.prochaine_collecte <= $1"
		   " AND (SELECT s.actif FROM datasens.source s WHERE s.id_source = e.id_source)"
		   " ORDER BY e.prochaine_collecte, e.id_source LIMIT $2",
	.n_args = 2,
	.types = {TIMESTAMPTZOID, INT4OID},
};

/* Sorted first: whether a source is active is then asked of the earliest ones only. */
static Statement next_due_statement = {
	.sql = "SELECT e.prochaine_collecte FROM"
		   " (SELECT id_source, prochaine_collecte FROM datasens.etat_source"
		   "  ORDER BY prochaine_collecte OFFSET 0) AS e"
		   " WHERE (SELECT s.actif FROM datasens.source s WHERE s.id_source = e.id_source) LIMIT 1",
};

static Statement named_statement = {
	.sql = "SELECT id_source FROM datasens.source"
		   " WHERE nom = $1 OR (actif AND ($1 = 'all' OR type_source = $1)) ORDER BY id_source",
	.n_args = 1,
	.types = {TEXTOID},
};

#define LOAD_COLUMNS                                                                               \
	"SELECT s.id_source, s.nom, s.type_source, s.url, s.planification, s.fuseau, s.options,"       \
	" e.prochaine_collecte, e.declencheur, e.tentative, e.echecs_consecutifs,"                     \
	" e.derniere_erreur, e.curseur, e.planification_appliquee, e.alerte"                           \
	" FROM datasens.etat_source e JOIN datasens.source s USING (id_source)"                        \
	" WHERE e.id_source = ANY ($1)"

static Statement load_due_statement = {
	.sql = LOAD_COLUMNS " AND s.actif AND e.prochaine_collecte <= $2"
						" ORDER BY e.prochaine_collecte FOR UPDATE OF e SKIP LOCKED",
	.n_args = 2,
	.types = {INT4ARRAYOID, TIMESTAMPTZOID},
};

static Statement load_statement = {
	.sql = LOAD_COLUMNS " ORDER BY e.id_source FOR UPDATE OF e",
	.n_args = 1,
	.types = {INT4ARRAYOID},
};

static Statement read_statement = {
	.sql = LOAD_COLUMNS,
	.n_args = 1,
	.types = {INT4ARRAYOID},
};

static Statement hold_statement = {
	.sql = "SELECT FROM datasens.etat_source WHERE id_source = ANY ($1)"
		   " ORDER BY id_source FOR UPDATE",
	.n_args = 1,
	.types = {INT4ARRAYOID},
};

static Statement request_statement = {
	.sql = "UPDATE datasens.etat_source SET prochaine_collecte = pg_catalog.now(), tentative = 0,"
		   "  declencheur = 'manuel' WHERE id_source = ANY ($1)",
	.n_args = 1,
	.types = {INT4ARRAYOID},
};

/*
 * What somebody has asked for while the run was under way (another schedule, a run now) stands;
 * only a lease (bail) overrides it.
 */
static Statement write_statement = {
	.sql =
		"UPDATE datasens.etat_source e SET"
		"  prochaine_collecte = CASE WHEN r.planification = e.planification_appliquee"
		"   AND (r.bail OR e.declencheur <> 'manuel') THEN r.prochaine"
		"   ELSE e.prochaine_collecte END,"
		"  declencheur = CASE WHEN r.bail OR e.declencheur <> 'manuel' THEN r.declencheur"
		"   ELSE e.declencheur END,"
		"  tentative = r.tentative, echecs_consecutifs = r.echecs, derniere_erreur = r.erreur,"
		"  curseur = r.curseur::pg_catalog.jsonb,"
		"  derniere_collecte = coalesce(r.collecte, e.derniere_collecte),"
		"  dernier_succes = coalesce(r.succes, e.dernier_succes),"
		"  dernier_apport = CASE WHEN r.collecte IS NULL THEN e.dernier_apport ELSE r.inseres END,"
		"  total_docs = e.total_docs + r.inseres"
		" FROM incoming_states r WHERE e.id_source = r.id_source",
};

static Statement add_statement = {
	.sql = "UPDATE datasens.etat_source SET total_docs = total_docs + $2 WHERE id_source = $1",
	.n_args = 2,
	.types = {INT4OID, INT8OID},
};

StateChange
state_unchanged(const Source *source)
{
	return (StateChange){
		.id = source->id,
		.planned = source->planned,
		.next = source->due,
		.declencheur = source->declencheur,
		.attempts = source->attempts,
		.failures = source->failures,
		.error = source->last_error,
		.cursor = source->cursor,
		.collected = DT_NOBEGIN,
		.succeeded = DT_NOBEGIN,
	};
}

/* ---- planning ---- */

static Datum
interval_of_seconds(int64 seconds)
{
	Interval *interval = palloc0(sizeof(Interval));

	interval->time = MICROSECONDS(seconds);
	return IntervalPGetDatum(interval);
}

/*
 * Adds the plan of one source, which is a row of an unplanned statement. A schedule that is wrong
 * becomes the source's error.
 */
static void
add_plan(Rows *rows, uint64 row, TimestampTz now)
{
	int32		id = row_int32(row, 1);
	char	   *type = row_string(CurrentMemoryContext, row, 2);
	char	   *planification = row_string(CurrentMemoryContext, row, 3);
	char	   *fuseau = row_string(CurrentMemoryContext, row, 4);
	Schedule	schedule;
	char	   *wrong = schedule_try(&schedule, kind_find(type), planification, fuseau);
	TimestampTz next = wrong ? DT_NOEND : schedule_next(&schedule, now);
	int64		period = wrong ? 0 : schedule_period(&schedule, now);
	Datum		values[] = {Int32GetDatum(id), TimestampTzGetDatum(next),
							CStringGetTextDatum(schedule_name(&schedule)), interval_of_seconds(period),
						wrong ? CStringGetTextDatum(wrong) : (Datum) 0};
	bool		nulls[] = {false, false, false, period == 0, wrong == NULL};

	rows_add(rows, values, nulls);
}

/*
 * Plans the sources that the statement finds; "which" is its argument $4. False where a restore is
 * under way: nothing was done then.
 */
static bool
plan_unplanned(Statement *statement, Datum which, TimestampTz now)
{
	static const RowsColumn columns[] = {{"id_source", INT4OID},
										 {"prochaine_collecte", TIMESTAMPTZOID},
										 {"planification_appliquee", TEXTOID},
										 {"periode", INTERVALOID},
										 {"derniere_erreur", TEXTOID}};
	const char			   *names[N_KINDS];
	const char			   *schedules[N_KINDS];
	int						n = 0;
	Datum					values[4];
	bool					settled;
	Rows					rows;

	for (const Kind *kind = kind_next(NULL); kind; kind = kind_next(kind))
	{
		names[n] = kind->name;
		schedules[n++] = kind_schedule(kind);
	}
	values[0] = text_array(names, n);
	values[1] = text_array(schedules, n);
	values[2] = CStringGetTextDatum(setting_timezone);
	values[3] = which;
	statement_run(statement, values, NULL, SPI_OK_SELECT);
	if (SPI_processed == 0)
		return true;

	rows_create(&rows, "incoming_plans", columns, lengthof(columns));
	for (uint64 row = 0; row < SPI_processed; row++)
		add_plan(&rows, row, now);
	rows_register(&rows);
	settled = state_settled();
	if (settled)
		statement_run(&plan_statement, NULL, NULL, SPI_OK_INSERT);
	rows_free(&rows);
	return settled;
}

bool
state_plan(TimestampTz now, bool all)
{
	return plan_unplanned(&unplanned_statement, BoolGetDatum(all), now);
}

bool
state_plan_source(TimestampTz now, int32 id_source)
{
	return plan_unplanned(&unplanned_source_statement, Int32GetDatum(id_source), now);
}

bool
state_settled(void)
{
	statement_run(&settled_statement, NULL, NULL, SPI_OK_SELECT);
	return row_bool(0, 1);
}

/* ---- what is due ---- */

/* The first column of the result as a List of int. */
static List *
result_ids(void)
{
	List *ids = NIL;

	for (uint64 row = 0; row < SPI_processed; row++)
		ids = lappend_int(ids, row_int32(row, 1));
	return ids;
}

List *
state_due(TimestampTz now, int limit)
{
	Datum values[] = {TimestampTzGetDatum(now), Int32GetDatum(limit)};

	statement_run(&due_statement, values, NULL, SPI_OK_SELECT);
	return result_ids();
}

TimestampTz
state_next_due(void)
{
	statement_run(&next_due_statement, NULL, NULL, SPI_OK_SELECT);
	return SPI_processed == 0 ? DT_NOEND : row_time(0, 1);
}

List *
state_named(const char *what)
{
	Datum values[] = {CStringGetTextDatum(what)};

	statement_run(&named_statement, values, NULL, SPI_OK_SELECT);
	return result_ids();
}

/* ---- locks ---- */

/*
 * OID of datasens.source, as the last state_lock found it: state_unlock also runs outside of a
 * transaction, where it cannot be looked up.
 */
static Oid source_relation = InvalidOid;

bool
state_lock(int32 id, bool session, bool wait)
{
	source_relation = lock_table("source");
	return lock_take(source_relation, id, session, wait);
}

void
state_unlock(int32 id, bool session)
{
	lock_release(source_relation, id, session);
}

/* ---- loading and writing ---- */

/*
 * Whether sources may name files of the server: whoever may write the table of sources can write a
 * path into it, so a file is read only where the owner of the tables could read it himself.
 */
bool
state_owner_reads_files(void)
{
	HeapTuple tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(MyDatabaseId));
	bool	  reads;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for database %u", MyDatabaseId);
	reads =
		has_privs_of_role(((Form_pg_database) GETSTRUCT(tuple))->datdba, ROLE_PG_READ_SERVER_FILES);
	ReleaseSysCache(tuple);
	return reads;
}

/* A Source of a row of one of the load statements, in a memory context of its own below parent. */
static Source *
load_source(MemoryContext parent, uint64 row)
{
	MemoryContext context =
		AllocSetContextCreate(parent, "datasens source", ALLOCSET_DEFAULT_SIZES);
	Source *source = MemoryContextAllocZero(context, sizeof(Source));

	source->context = context;
	source->id = row_int32(row, 1);
	source->nom = row_need_string(context, row, 2);
	source->kind = kind_find(row_string(context, row, 3));
	source->url = row_string(context, row, 4);
	source->planification = row_string(context, row, 5);
	source->fuseau = row_string(context, row, 6);
	source->options = row_need_string(context, row, 7);
	source->due = row_time(row, 8);
	source->declencheur = row_need_string(context, row, 9);
	source->attempts = row_int32(row, 10);
	source->failures = row_int32(row, 11);
	source->last_error = row_string(context, row, 12);
	source->cursor = row_string(context, row, 13);
	source->planned = row_string(context, row, 14);
	source->alert = row_string(context, row, 15);
	source->reads_files = state_owner_reads_files();
	return source;
}

List *
state_load(MemoryContext parent, List *ids, TimestampTz due_by)
{
	Datum values[] = {id_array(ids), TimestampTzGetDatum(due_by)};
	List *sources = NIL;

	statement_run(due_by == DT_NOEND ? &load_statement : &load_due_statement, values, NULL,
				  SPI_OK_SELECT);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		Source *source = load_source(parent, row);

		if (source->kind != NULL)
			sources = lappend(sources, source);
		else /* of a newer version, or written by hand */
			MemoryContextDelete(source->context);
	}
	return sources;
}

/* Adds a change as a row of incoming_states. */
static void
add_change(Rows *rows, const StateChange *change)
{
	Datum values[] = {
		Int32GetDatum(change->id),
		BoolGetDatum(change->lease),
		change->planned ? CStringGetTextDatum(change->planned) : (Datum) 0,
		TimestampTzGetDatum(change->next),
		CStringGetTextDatum(change->declencheur),
		Int32GetDatum(change->attempts),
		Int32GetDatum(change->failures),
		change->error ? CStringGetTextDatum(change->error) : (Datum) 0,
		change->cursor ? CStringGetTextDatum(change->cursor) : (Datum) 0,
		TimestampTzGetDatum(change->collected),
		TimestampTzGetDatum(change->succeeded),
		Int64GetDatum(change->inserted),
	};
	bool nulls[lengthof(values)] = {false};

	nulls[2] = change->planned == NULL;
	nulls[7] = change->error == NULL;
	nulls[8] = change->cursor == NULL;
	nulls[9] = TIMESTAMP_IS_NOBEGIN(change->collected);
	nulls[10] = TIMESTAMP_IS_NOBEGIN(change->succeeded);
	rows_add(rows, values, nulls);
}

Source *
state_read(MemoryContext parent, int32 id)
{
	Datum	values[] = {id_array(list_make1_int(id))};
	Source *source;

	statement_run(&read_statement, values, NULL, SPI_OK_SELECT);
	if (SPI_processed == 0)
		return NULL;
	source = load_source(parent, 0);
	if (source->kind != NULL)
		return source;
	MemoryContextDelete(source->context);
	return NULL;
}

void
state_hold(List *ids)
{
	Datum values[] = {id_array(ids)};

	statement_run(&hold_statement, values, NULL, SPI_OK_SELECT);
}

int64
state_request(List *ids)
{
	Datum values[] = {id_array(ids)};

	state_hold(ids);
	statement_run(&request_statement, values, NULL, SPI_OK_UPDATE);
	return (int64) SPI_processed;
}

bool
state_add_documents(int32 id, int64 n)
{
	Datum values[] = {Int32GetDatum(id), Int64GetDatum(n)};

	statement_run(&add_statement, values, NULL, SPI_OK_UPDATE);
	return SPI_processed == 1;
}

int
state_write(const StateChange *changes, int n)
{
	static const RowsColumn columns[] = {
		{"id_source", INT4OID},		   {"bail", BOOLOID},		   {"planification", TEXTOID},
		{"prochaine", TIMESTAMPTZOID}, {"declencheur", TEXTOID},   {"tentative", INT4OID},
		{"echecs", INT4OID},		   {"erreur", TEXTOID},		   {"curseur", TEXTOID},
		{"collecte", TIMESTAMPTZOID},  {"succes", TIMESTAMPTZOID}, {"inseres", INT8OID}};
	List *ids = NIL;
	Rows  rows;
	int	  written;

	if (n == 0)
		return 0;
	rows_create(&rows, "incoming_states", columns, lengthof(columns));
	for (int i = 0; i < n; i++)
	{
		add_change(&rows, &changes[i]);
		ids = lappend_int(ids, changes[i].id);
	}
	if (n > 1)
		state_hold(ids);
	rows_register(&rows);
	statement_run(&write_statement, NULL, NULL, SPI_OK_UPDATE);
	written = (int) SPI_processed;
	rows_free(&rows);
	return written;
}
