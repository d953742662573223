/*
 * stats.c
 *	  Figures: how many documents there are, and how many are new. The second half keeps the
 *	  counts true when rows are deleted, by triggers on the tables.
 */
#include "postgres.h"

#include "base/lock.h"
#include "base/memory.h"
#include "base/settings.h"
#include "base/transaction.h"
#include "operate/health.h"
#include "operate/stats.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/timestamp.h"

static Statement stats_statement = {
	.sql = "WITH chiffres AS (SELECT s.nom, s.type_source,"
		   "  coalesce(e.total_docs, 0) AS total_docs, coalesce(f.nouveaux, 0) AS nouveaux,"
		   "  coalesce(e.dernier_apport, 0) AS croissance, e.derniere_collecte"
		   " FROM datasens.source s LEFT JOIN datasens.etat_source e USING (id_source)"
		   " LEFT JOIN (SELECT id_source, pg_catalog.sum(nb_inseres) AS nouveaux"
		   "  FROM datasens.flux WHERE date_collecte >= $1 GROUP BY id_source) f"
		   "  USING (id_source))"
		   " SELECT nom, type_source, total_docs, nouveaux::pg_catalog.int8, croissance,"
		   "  pg_catalog.date_trunc('second', derniere_collecte)"
		   " FROM (SELECT 1 AS rang, * FROM chiffres UNION ALL"
		   "  SELECT 2, NULL, NULL, coalesce(pg_catalog.sum(total_docs), 0)::pg_catalog.int8,"
		   "   coalesce(pg_catalog.sum(nouveaux), 0),"
		   "   coalesce(pg_catalog.sum(croissance), 0)::pg_catalog.int8,"
		   "   pg_catalog.max(derniere_collecte) FROM chiffres) AS lignes"
		   " ORDER BY rang, nom",
	.n_args = 1,
	.types = {TIMESTAMPTZOID},
};

static Statement growth_statement = {
	.sql = "SELECT coalesce(pg_catalog.sum(dernier_apport), 0)::pg_catalog.int8"
		   " FROM datasens.etat_source",
};

/* The day is UTC's: one row a day, whatever datasens.timezone has been meanwhile. */
static Statement size_statement = {
	.sql = "INSERT INTO datasens.volumetrie AS v (jour, octets, documents)"
		   " SELECT (pg_catalog.now() AT TIME ZONE 'UTC')::pg_catalog.date,"
		   "  pg_catalog.sum(pg_catalog.pg_total_relation_size(c.oid)),"
		   "  (SELECT coalesce(pg_catalog.sum(total_docs), 0) FROM datasens.etat_source)"
		   " FROM pg_catalog.pg_class c"
		   " WHERE c.relnamespace = 'datasens'::pg_catalog.regnamespace AND c.relkind = 'r'"
		   " ON CONFLICT (jour) DO UPDATE SET octets = EXCLUDED.octets,"
		   "  documents = EXCLUDED.documents",
};

/* A flux is never changed by a run that did not make it, so no order of locks is needed here. */
static const char removed_sql[] =
	"WITH moins AS (UPDATE datasens.flux f SET nb_supprimes = f.nb_supprimes + r.n"
	"  FROM (SELECT id_flux, pg_catalog.count(*) AS n FROM removed GROUP BY id_flux) AS r"
	"  WHERE f.id_flux = r.id_flux RETURNING f.id_source, r.n)"
	" SELECT id_source, pg_catalog.sum(n)::pg_catalog.int8 FROM moins GROUP BY id_source"
	" ORDER BY id_source";

/*
 * The transition table "removed" has the columns of the table whose rows have been deleted. A plan
 * is made for these, so each table has a statement of its own.
 */
#define MAX_TABLES 8

static struct
{
	Oid		  table;
	Statement statement;
} removed_statements[MAX_TABLES];

/* The tables that records go into; what flux counts. Some may not be there. */
static const char *const counted_tables[] = {"document", "meteo", "evenement",
											 "document_evenement"};

static Statement less_statement = {
	.sql = "UPDATE datasens.etat_source SET total_docs = total_docs - $2 WHERE id_source = $1",
	.n_args = 2,
	.types = {INT4OID, INT8OID},
};

/* The result of stats_counts_query() goes in the place of %s. */
static const char recount_flux_sql[] =
	"WITH comptes AS MATERIALIZED (%s) UPDATE datasens.flux f"
	" SET nb_supprimes = f.nb_inseres - coalesce(c.n, 0) FROM datasens.flux g"
	" LEFT JOIN comptes c ON c.id_flux = g.id_flux"
	" WHERE g.id_flux = f.id_flux AND f.nb_supprimes <> f.nb_inseres - coalesce(c.n, 0)";

static const char recount_sources_sql[] =
	"WITH totaux AS MATERIALIZED (SELECT f.id_source, pg_catalog.sum(f.nb_inseres - f.nb_supprimes)"
	"  AS n FROM datasens.flux f GROUP BY f.id_source),"
	" retenus AS (SELECT id_source FROM datasens.etat_source ORDER BY id_source FOR UPDATE)"
	" UPDATE datasens.etat_source e SET total_docs = coalesce(t.n, 0) FROM retenus r"
	" LEFT JOIN totaux t ON t.id_source = r.id_source"
	" WHERE r.id_source = e.id_source AND e.total_docs <> coalesce(t.n, 0)";

void
stats_query(TimestampTz since)
{
	Datum values[] = {TimestampTzGetDatum(since)};

	owner_plan_freely();
	statement_run(&stats_statement, values, NULL, SPI_OK_SELECT);
}

void
summary_load(Summary *summary)
{
	memset(summary, 0, sizeof(*summary));
	statement_run(&growth_statement, NULL, NULL, SPI_OK_SELECT);
	summary->growth = row_int64(0, 1);
	health_query();
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		char *statut = row_need_string(CurrentMemoryContext, row, 3);

		summary->sources++;
		summary->active += strcmp(statut, "inactif") != 0;
		summary->obsolete += strcmp(statut, "obsolete") == 0;
		summary->failing += strcmp(statut, "echec") == 0;
		summary->late += strcmp(statut, "retard") == 0;
		summary->documents += row_int64(row, 4);
		pfree(statut);
	}
}

char *
summary_line(const Summary *summary)
{
	const char *format =
		setting_report_language == LANGUAGE_FRENCH
			? "sources actives : %lld sur %lld, obsolètes : %lld, en échec : %lld ; "
			  "documents : %lld (+%lld)"
			: "active sources: %lld of %lld, obsolete: %lld, failing: %lld; "
			  "documents: %lld (+%lld)";
	char *line = psprintf(format, (long long) summary->active, (long long) summary->sources,
						  (long long) summary->obsolete, (long long) summary->failing,
						  (long long) summary->documents, (long long) summary->growth);

	return memory_server_string(line, strlen(line));
}

/* The statement for that table. The oldest gives way: its table may have been dropped long ago. */
static Statement *
removed_statement(Oid table)
{
	static int next = 0;
	int		   i = 0;

	while (i < MAX_TABLES && removed_statements[i].table != table)
		i++;
	if (i == MAX_TABLES)
	{
		i = next;
		next = (next + 1) % MAX_TABLES;
		if (removed_statements[i].statement.plan)
			SPI_freeplan(removed_statements[i].statement.plan);
		removed_statements[i].statement = (Statement){.sql = removed_sql};
		removed_statements[i].table = table;
	}
	return &removed_statements[i].statement;
}

/*
 * The sources' rows are changed one by one in the order of their ids, as by everyone who changes
 * several.
 */
void
stats_removed(Oid table)
{
	SPITupleTable *rows;
	uint64		   n;

	owner_plan_freely();
	statement_run(removed_statement(table), NULL, NULL, SPI_OK_SELECT);
	rows = SPI_tuptable;
	n = SPI_processed;
	for (uint64 row = 0; row < n; row++)
	{
		bool  isnull;
		Datum values[] = {table_datum(rows, row, 1, INT4OID, &isnull),
						  table_datum(rows, row, 2, INT8OID, &isnull)};

		statement_run(&less_statement, values, NULL, SPI_OK_UPDATE);
	}
}

void
stats_record_size(void)
{
	statement_run(&size_statement, NULL, NULL, SPI_OK_INSERT);
}

/* The names in it are constants of ours. */
char *
stats_counts_query(void)
{
	StringInfoData counts;

	initStringInfo(&counts);
	for (size_t i = 0; i < lengthof(counted_tables); i++)
	{
		if (OidIsValid(lock_table(counted_tables[i])))
			appendStringInfo(&counts,
							 "%sSELECT id_flux, pg_catalog.count(*) AS n FROM datasens.%s"
							 " GROUP BY id_flux",
							 counts.len > 0 ? " UNION ALL " : "", counted_tables[i]);
	}
	return psprintf("SELECT id_flux, pg_catalog.sum(n) AS n FROM (%s) AS comptes GROUP BY id_flux",
					counts.data);
}

/* No plan is kept, as this is rare and reads the tables whole. */
static void
recount(const char *sql)
{
	if (SPI_execute(sql, false, 0) != SPI_OK_UPDATE)
		elog(ERROR, "could not count anew");
}

void
stats_truncated(void)
{
	owner_plan_freely();
	recount(psprintf(recount_flux_sql, stats_counts_query()));
	recount(recount_sources_sql);
}
