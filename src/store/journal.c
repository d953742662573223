/*
 * journal.c
 *	  The journal, and the source rows that its happenings change.
 *
 * What changes a source and the line that tells of it are written together, and the line only
 * where a row has really changed: two runs may find the same address moved.
 */
#include "postgres.h"

#include "base/transaction.h"
#include "source/address.h"
#include "store/journal.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

static Statement write_statement = {
	.sql = "INSERT INTO datasens.journal (action, details) VALUES ($1, $2)",
	.n_args = 2,
	.types = {TEXTOID, TEXTOID},
};

static Statement moved_statement = {
	.sql = "UPDATE datasens.source SET"
		   "  url = CASE WHEN url = $2 THEN $3 ELSE url END,"
		   "  options = CASE WHEN options -> 'flux' ? $2"
		   "   THEN pg_catalog.jsonb_set(options, '{flux}',"
		   "    (SELECT pg_catalog.jsonb_agg(CASE WHEN u = $2 THEN $3 ELSE u END ORDER BY i)"
		   "     FROM pg_catalog.jsonb_array_elements_text(options -> 'flux')"
		   "     WITH ORDINALITY AS f (u, i)))"
		   "   ELSE options END"
		   " WHERE id_source = $1 AND (url = $2 OR options -> 'flux' ? $2)",
	.n_args = 3,
	.types = {INT4OID, TEXTOID, TEXTOID},
};

static Statement disable_statement = {
	.sql = "UPDATE datasens.source SET actif = false WHERE id_source = $1 AND actif",
	.n_args = 1,
	.types = {INT4OID},
};

void
journal_write(const char *action, const char *details)
{
	char  nulls[] = {' ', details ? ' ' : 'n'};
	Datum values[] = {CStringGetTextDatum(action),
					  details ? CStringGetTextDatum(details) : (Datum) 0};

	statement_run(&write_statement, values, nulls, SPI_OK_INSERT);
}

static Statement round_statement = {
	.sql = "INSERT INTO datasens.journal (action, details) VALUES ('COLLECTE_TERMINEE',"
		   " $1 || pg_catalog.to_char($2 AT TIME ZONE 'UTC', ', \"depuis\" HH24:MI:SS \"UTC\"'))",
	.n_args = 2,
	.types = {TEXTOID, TIMESTAMPTZOID},
};

void
journal_round(TimestampTz began, int64 n_runs, int64 n_failed, int64 n_documents)
{
	char *failed = n_failed > 0 ? psprintf(", %lld echec", (long long) n_failed) : "";
	Datum values[] = {
		CStringGetTextDatum(psprintf("+%lld documents, %lld flux%s", (long long) n_documents,
									 (long long) n_runs, failed)),
		TimestampTzGetDatum(began)};

	if (n_documents > 0)
		statement_run(&round_statement, values, NULL, SPI_OK_INSERT);
}

void
journal_caught_up(int64 n_runs, const char *nom)
{
	if (n_runs == 1)
		journal_write("RATTRAPAGE", nom);
	else if (n_runs > 1)
		journal_write("RATTRAPAGE", psprintf("%s ... (%lld sources)", nom, (long long) n_runs));
}

void
journal_source_moved(int32 id_source, const char *nom, const char *from, const char *to)
{
	Datum values[] = {Int32GetDatum(id_source), CStringGetTextDatum(from), CStringGetTextDatum(to)};

	statement_run(&moved_statement, values, NULL, SPI_OK_UPDATE);
	if (SPI_processed > 0)
		journal_write("SOURCE_DEPLACEE",
					  psprintf("%s: %s -> %s", nom, address_shown(from), address_shown(to)));
}

void
journal_source_gone(int32 id_source, const char *nom, const char *url)
{
	Datum values[] = {Int32GetDatum(id_source)};

	statement_run(&disable_statement, values, NULL, SPI_OK_UPDATE);
	if (SPI_processed > 0)
		journal_write("SOURCE_DESACTIVEE", psprintf("%s: 410 Gone: %s", nom, address_shown(url)));
}
