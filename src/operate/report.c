/*
 * report.c
 *	  The report: what it says.  How that is written is in report_text.c and
 *	  report_html.c.
 */
#include "postgres.h"

#include "base/memory.h"
#include "base/settings.h"
#include "base/transaction.h"
#include "operate/report.h"

#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* A time as the form wants it: $2 is its zone, $3 how it is written. */
#define TIME(column)                                                                               \
	"CASE WHEN pg_catalog.isfinite(" column ") THEN"                                               \
	" pg_catalog.to_char((" column ") AT TIME ZONE $2, $3) END"

#define SECONDS(column) "pg_catalog.round(extract(epoch FROM " column "), 2)"

/* Rows of tables that could grow without end. */
#define TOP "10"

/* The same arguments for all of them: since when, the zone and the form of times. */
#define REPORT_ARGS .n_args = 3, .types = {TIMESTAMPTZOID, TEXTOID, TEXTOID}

/* The tables' statements give a column each as the table has them. */
static Statement sources_statement = {
	.sql =
		"SELECT s.nom, s.type_source, CASE WHEN NOT s.actif THEN 'inactif'"
		"  WHEN e.echecs_consecutifs > 0 THEN 'echec'"
		"  WHEN e.dernier_succes IS NULL THEN 'jamais'"
		"  WHEN e.alerte IS NOT NULL THEN e.alerte ELSE 'ok' END,"
		" coalesce(e.total_docs, 0), coalesce(f.n, 0), " TIME("e.derniere_collecte") ", " TIME(
			"CASE WHEN s.actif THEN e.prochaine_collecte END") ", e.derniere_erreur"
															   " FROM datasens.source s LEFT JOIN datasens.etat_source e USING (id_source)"
															   " LEFT JOIN (SELECT id_source, pg_catalog.sum(nb_inseres) AS n FROM datasens.flux"
															   "  WHERE date_collecte >= $1 GROUP BY id_source) AS f USING (id_source)"
															   " ORDER BY s.actif DESC, coalesce(e.echecs_consecutifs, 0) > 0 DESC, f.n DESC NULLS LAST,"
															   "  s.nom",
	REPORT_ARGS,
};

static Statement days_statement = {
	.sql = "SELECT (f.date_collecte AT TIME ZONE $2)::pg_catalog.date AS jour, pg_catalog.count(*),"
		   " pg_catalog.sum(f.nb_inseres), pg_catalog.sum(f.nb_doublons),"
		   " pg_catalog.sum(f.nb_rejetes), pg_catalog.count(*) FILTER (WHERE f.statut = 'echec'),"
		   " pg_catalog.sum(f.octets) FROM datasens.flux f"
		   " WHERE f.date_collecte >= $1 AND $3 <> '' GROUP BY jour ORDER BY jour DESC LIMIT 31",
	REPORT_ARGS,
};

static Statement slow_statement = {
	.sql = "SELECT s.nom, " SECONDS("pg_catalog.avg(f.duree)") ", " SECONDS(
		"pg_catalog.max(f.duree)") ", pg_catalog.sum(f.octets), pg_catalog.count(*) FROM datasens.flux f"
								   " JOIN datasens.source s USING (id_source) WHERE f.date_collecte >= $1"
								   "  AND f.duree IS NOT NULL AND $2 <> '' AND $3 <> ''"
								   " GROUP BY s.nom ORDER BY pg_catalog.avg(f.duree) DESC LIMIT 5",
	REPORT_ARGS,
};

static Statement rejects_statement = {
	.sql = "SELECT r.motif, pg_catalog.count(*), " TIME(
		"pg_catalog.max(r.date_rejet)") " FROM datasens.rejet r WHERE r.date_rejet >= $1"
										" GROUP BY r.motif ORDER BY pg_catalog.count(*) DESC, r.motif LIMIT " TOP,
	REPORT_ARGS,
};

static Statement alerts_statement = {
	.sql =
		"SELECT " TIME("date_alerte") ", nom, etat, message FROM datasens.alerte"
									  " WHERE date_alerte >= $1 ORDER BY id_alerte DESC LIMIT " TOP,
	REPORT_ARGS,
};

static Statement backups_statement = {
	.sql = "SELECT " TIME("date_debut") ", statut, coalesce(fichier, erreur), octets, " SECONDS(
		"duree") " FROM datasens.sauvegarde WHERE date_debut >= $1"
				 " ORDER BY date_debut DESC LIMIT " TOP,
	REPORT_ARGS,
};

static Statement disk_statement = {
	.sql = "SELECT c.relname, greatest(c.reltuples, 0)::pg_catalog.int8,"
		   " pg_catalog.pg_total_relation_size(c.oid) FROM pg_catalog.pg_class c"
		   " WHERE c.relnamespace = 'datasens'::pg_catalog.regnamespace AND c.relkind = 'r'"
		   "  AND $1 IS NOT NULL AND $2 <> '' AND $3 <> ''"
		   " ORDER BY 3 DESC LIMIT 5",
	REPORT_ARGS,
};

/* $4: days in a bar.  The series are counted over the whole time. */
static Statement chart_statement = {
	.sql =
		"WITH jours AS (SELECT (f.date_collecte AT TIME ZONE $2)::pg_catalog.date AS jour,"
		"  f.id_source, f.nb_inseres AS n FROM datasens.flux f"
		"  WHERE f.date_collecte >= $1 AND f.nb_inseres > 0),"
		" rangs AS (SELECT id_source, pg_catalog.row_number() OVER (ORDER BY"
		"  pg_catalog.sum(n) DESC, id_source) AS rang FROM jours GROUP BY id_source)"
		" SELECT ((jour - ($1 AT TIME ZONE $2)::pg_catalog.date) / $4)::pg_catalog.int4 AS barre,"
		"  least(rang, $5)::pg_catalog.int4 AS serie, pg_catalog.sum(n)::pg_catalog.int8,"
		"  pg_catalog.min(s.nom) FROM jours JOIN rangs USING (id_source)"
		"  JOIN datasens.source s USING (id_source) WHERE $3 <> '' GROUP BY barre, serie",
	.n_args = 5,
	.types = {TIMESTAMPTZOID, TEXTOID, TEXTOID, INT4OID, INT4OID},
};

static Statement bars_statement = {
	.sql = "SELECT pg_catalog.to_char(($1 AT TIME ZONE $2)::pg_catalog.date + i * $3, 'YYYY-MM-DD')"
		   " FROM pg_catalog.generate_series(0, $4 - 1) AS i",
	.n_args = 4,
	.types = {TIMESTAMPTZOID, TEXTOID, INT4OID, INT4OID},
};

static Statement span_statement = {
	.sql =
		"SELECT (pg_catalog.now() AT TIME ZONE $2)::pg_catalog.date"
		" - ($1 AT TIME ZONE $2)::pg_catalog.date + 1, " TIME("$1") ", " TIME("pg_catalog.now()"),
	REPORT_ARGS,
};

static const struct
{
	Statement  *statement;
	ReportTable table;
} parts[] = {
	{&sources_statement,
	 {"sources",
	  "Sources",
	  "Sources",
	  {{"nom", "Source", "Source", KIND_TEXT, false},
	   {"type_source", "Type", "Type", KIND_TEXT, true},
	   {"statut", "État", "State", KIND_STATUS, false},
	   {"total_docs", "Documents", "Documents", KIND_NUMBER, true},
	   {"nouveaux", "Nouveaux", "New", KIND_NUMBER, false},
	   {"derniere_collecte", "Dernière collecte", "Last run", KIND_TIME, true},
	   {"prochaine_collecte", "Prochaine", "Next run", KIND_TIME, true},
	   {"derniere_erreur", "Dernière erreur", "Last error", KIND_TEXT, false}},
	  8,
	  0,
	  NULL}},
	{&days_statement,
	 {"jours",
	  "Jour par jour",
	  "Day by day",
	  {{"jour", "Jour", "Day", KIND_TEXT, false},
	   {"flux", "Collectes", "Runs", KIND_NUMBER, false},
	   {"documents", "Documents", "Documents", KIND_NUMBER, false},
	   {"doublons", "Doublons", "Duplicates", KIND_NUMBER, true},
	   {"rejets", "Rejets", "Rejects", KIND_NUMBER, true},
	   {"echecs", "Échecs", "Failures", KIND_NUMBER, false},
	   {"octets", "Reçu", "Received", KIND_BYTES, true}},
	  7,
	  0,
	  NULL}},
	{&slow_statement,
	 {"lentes",
	  "Les plus lentes",
	  "The slowest",
	  {{"nom", "Source", "Source", KIND_TEXT, false},
	   {"duree_moyenne", "En moyenne", "On average", KIND_SECONDS, false},
	   {"duree_max", "Au plus", "At most", KIND_SECONDS, false},
	   {"octets", "Reçu", "Received", KIND_BYTES, true},
	   {"flux", "Collectes", "Runs", KIND_NUMBER, true}},
	  5,
	  0,
	  NULL}},
	{&rejects_statement,
	 {"rejets",
	  "Rejets",
	  "Rejects",
	  {{"motif", "Motif", "Reason", KIND_TEXT, false},
	   {"nombre", "Nombre", "Number", KIND_NUMBER, false},
	   {"dernier", "Dernier", "Last", KIND_TIME, true}},
	  3,
	  0,
	  NULL}},
	{&alerts_statement,
	 {"alertes",
	  "Alertes",
	  "Alerts",
	  {{"date", "Date", "Date", KIND_TIME, false},
	   {"nom", "Objet", "About", KIND_TEXT, false},
	   {"etat", "État", "State", KIND_STATUS, false},
	   {"message", "Message", "Message", KIND_TEXT, false}},
	  4,
	  0,
	  NULL}},
	{&backups_statement,
	 {"sauvegardes",
	  "Sauvegardes",
	  "Backups",
	  {{"date", "Date", "Date", KIND_TIME, false},
	   {"statut", "État", "State", KIND_STATUS, false},
	   {"fichier", "Fichier", "File", KIND_TEXT, false},
	   {"octets", "Taille", "Size", KIND_BYTES, false},
	   {"duree", "Durée", "Duration", KIND_SECONDS, true}},
	  5,
	  0,
	  NULL}},
	{&disk_statement,
	 {"disque",
	  "Place sur le disque",
	  "Disk space",
	  {{"table", "Table", "Table", KIND_TEXT, false},
	   {"lignes", "Lignes (estimées)", "Rows (estimated)", KIND_NUMBER, false},
	   {"octets", "Taille", "Size", KIND_BYTES, false}},
	  3,
	  0,
	  NULL}},
};

/* ---- loading ---- */

static void
load_table(ReportTable *table, MemoryContext context)
{
	table->n_rows = (int) SPI_processed;
	table->cells = MemoryContextAlloc(context, (table->n_rows + 1) * sizeof(char **));
	for (int row = 0; row < table->n_rows; row++)
	{
		table->cells[row] = MemoryContextAlloc(context, table->n_columns * sizeof(char *));
		for (int column = 0; column < table->n_columns; column++)
			table->cells[row][column] = row_string(context, row, column + 1);
	}
}

/* The bars with their days, empty; days: how many a bar stands for. */
static void
load_bars(Report *report, MemoryContext context, Datum *arguments, int n_days, int *days)
{
	Datum values[4] = {arguments[0], arguments[1]};

	*days = Max((n_days + REPORT_MAX_BARS - 1) / REPORT_MAX_BARS, 1);
	report->n_bars = (n_days + *days - 1) / *days;
	report->bars = MemoryContextAllocZero(context, (report->n_bars + 1) * sizeof(ReportBar));
	values[2] = Int32GetDatum(*days);
	values[3] = Int32GetDatum(report->n_bars);
	statement_run(&bars_statement, values, NULL, SPI_OK_SELECT);
	for (int i = 0; i < report->n_bars && i < (int) SPI_processed; i++)
		report->bars[i].day = row_string(context, i, 1);
}

static void
load_chart(Report *report, MemoryContext context, Datum *arguments, int n_days)
{
	Datum values[5] = {arguments[0], arguments[1], arguments[2]};
	int	  days;
	bool  isnull;

	load_bars(report, context, arguments, n_days, &days);
	values[3] = Int32GetDatum(days);
	values[4] = Int32GetDatum(REPORT_SERIES);
	statement_run(&chart_statement, values, NULL, SPI_OK_SELECT);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		int bar = DatumGetInt32(row_datum(row, 1, &isnull));
		int series = DatumGetInt32(row_datum(row, 2, &isnull)) - 1;

		if (bar < 0 || bar >= report->n_bars)
			continue;
		report->bars[bar].documents[series] += DatumGetInt64(row_datum(row, 3, &isnull));
		if (series < REPORT_SERIES - 1 && report->series[series] == NULL)
			report->series[series] = row_string(context, row, 4);
		else if (series == REPORT_SERIES - 1)
			report->series[series] = MemoryContextStrdup(context, report_word("autres", "others"));
	}
}

Report *
report_load(TimestampTz since, ReportFormat format)
{
	MemoryContext context = CurrentMemoryContext;
	Report		 *report = palloc0(sizeof(Report));
	bool		  json = format == REPORT_JSON;
	Datum		  arguments[] = {
				TimestampTzGetDatum(since), CStringGetTextDatum(json ? "UTC" : setting_timezone),
				CStringGetTextDatum(json ? "YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"" : "YYYY-MM-DD HH24:MI")};
	bool isnull;
	int	 n_days;

	report->database = get_database_name(MyDatabaseId);
	report->n_tables = lengthof(parts);
	report->tables = palloc(lengthof(parts) * sizeof(ReportTable));
	summary_load(&report->summary);
	owner_plan_freely();
	statement_run(&span_statement, arguments, NULL, SPI_OK_SELECT);
	n_days = DatumGetInt32(row_datum(0, 1, &isnull));
	report->since = row_string(context, 0, 2);
	report->until = row_string(context, 0, 3);
	for (size_t i = 0; i < lengthof(parts); i++)
	{
		report->tables[i] = parts[i].table;
		statement_run(parts[i].statement, arguments, NULL, SPI_OK_SELECT);
		load_table(&report->tables[i], context);
	}
	load_chart(report, context, arguments, n_days);
	return report;
}

/* ---- for the forms ---- */

const char *
report_word(const char *french, const char *english)
{
	const char *word = setting_report_language == LANGUAGE_FRENCH ? french : english;

	return memory_server_string(word, strlen(word));
}

/* A whole number with a space between its thousands. */
static char *
grouped(const char *digits)
{
	size_t		   whole = strcspn(digits, ".");
	StringInfoData out;

	initStringInfo(&out);
	for (size_t i = 0; digits[i] != '\0'; i++)
	{
		if (i > 0 && i < whole && (whole - i) % 3 == 0 && digits[i - 1] != '-')
			appendStringInfoChar(&out, ' ');
		appendStringInfoChar(&out, digits[i]);
	}
	return out.data;
}

/* Bytes with a unit of a power of 1000. */
static char *
sized(const char *bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	double					 size = strtod(bytes, NULL);
	size_t					 unit = 0;

	while (size >= 999.5 && unit + 1 < lengthof(units))
	{
		size /= 1000;
		unit++;
	}
	return psprintf(size < 9.95 && unit > 0 ? "%.1f %s" : "%.0f %s", size, units[unit]);
}

char *
report_cell(const ReportColumn *column, const char *value)
{
	if (value == NULL)
		return "";
	switch (column->kind)
	{
		case KIND_NUMBER:
			return grouped(value);
		case KIND_BYTES:
			return sized(value);
		case KIND_SECONDS:
			return psprintf("%s s", value);
		case KIND_TEXT:
		case KIND_STATUS:
		case KIND_TIME:
			break;
	}
	return pstrdup(value);
}

char *
report_write(const Report *report, ReportFormat format)
{
	StringInfoData out;

	initStringInfo(&out);
	switch (format)
	{
		case REPORT_TEXT:
			report_write_text(&out, report);
			break;
		case REPORT_MARKDOWN:
			report_write_markdown(&out, report);
			break;
		case REPORT_JSON:
			report_write_json(&out, report);
			break;
		case REPORT_HTML:
			report_write_html(&out, report);
			break;
	}
	return out.data;
}
