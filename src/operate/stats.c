/*
 * stats.c
 *	  Figures: how many documents there are, and how many are new.
 */
#include "postgres.h"

#include "base/memory.h"
#include "base/settings.h"
#include "base/transaction.h"
#include "operate/health.h"
#include "operate/stats.h"

#include "catalog/pg_type.h"
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
		   "  derniere_collecte FROM (SELECT 1 AS rang, * FROM chiffres UNION ALL"
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

/* A flux is never changed by a run that did not make it, so no order of locks is needed. */
static Statement removed_statement = {
	.sql = "WITH moins AS (UPDATE datasens.flux f SET nb_supprimes = f.nb_supprimes + r.n"
		   "  FROM (SELECT id_flux, pg_catalog.count(*) AS n FROM removed GROUP BY id_flux) AS r"
		   "  WHERE f.id_flux = r.id_flux RETURNING f.id_source, r.n)"
		   " SELECT id_source, pg_catalog.sum(n)::pg_catalog.int8 FROM moins GROUP BY id_source"
		   " ORDER BY id_source",
};

static Statement less_statement = {
	.sql = "UPDATE datasens.etat_source SET total_docs = total_docs - $2 WHERE id_source = $1",
	.n_args = 2,
	.types = {INT4OID, INT8OID},
};

static Statement truncated_statement = {
	.sql = "WITH moins AS (UPDATE datasens.flux SET nb_supprimes = nb_inseres"
		   "  WHERE nb_supprimes <> nb_inseres)"
		   " UPDATE datasens.etat_source SET total_docs = 0 WHERE total_docs <> 0",
};

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
	bool isnull;

	memset(summary, 0, sizeof(*summary));
	statement_run(&growth_statement, NULL, NULL, SPI_OK_SELECT);
	summary->growth = DatumGetInt64(row_datum(0, 1, &isnull));
	health_query();
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		char *statut = row_string(CurrentMemoryContext, row, 3);

		summary->sources++;
		summary->active += strcmp(statut, "inactif") != 0;
		summary->obsolete += strcmp(statut, "obsolete") == 0;
		summary->failing += strcmp(statut, "echec") == 0;
		summary->late += strcmp(statut, "retard") == 0;
		summary->documents += DatumGetInt64(row_datum(row, 4, &isnull));
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

/*
 * The sources' rows are updated one by one in the order of their ids, as everyone
 * does who changes several.
 */
void
stats_removed(void)
{
	SPITupleTable *rows;
	uint64		   n;

	owner_plan_freely();
	statement_run(&removed_statement, NULL, NULL, SPI_OK_SELECT);
	rows = SPI_tuptable;
	n = SPI_processed;
	for (uint64 row = 0; row < n; row++)
	{
		bool  isnull;
		Datum values[] = {SPI_getbinval(rows->vals[row], rows->tupdesc, 1, &isnull),
						  SPI_getbinval(rows->vals[row], rows->tupdesc, 2, &isnull)};

		statement_run(&less_statement, values, NULL, SPI_OK_UPDATE);
	}
}

void
stats_truncated(void)
{
	owner_plan_freely();
	statement_run(&truncated_statement, NULL, NULL, SPI_OK_UPDATE);
}
