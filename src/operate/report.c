/*
 * report.c
 *	  The report: loads what it says.  What its tables are is in report_parts.c, how
 *	  they are written in report_words.c, report_text.c, report_html.c and report_charts.c.
 */
#include "postgres.h"

#include "base/memory.h"
#include "base/settings.h"
#include "base/shared.h"
#include "base/transaction.h"
#include "operate/report.h"

#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* What it is called in the progress: it has no source. */
#define PROGRESS_NAME "datasens_report"

/* clang-format off */

/*
 * A row for each bar and series; which sources are a series of their own is decided over the whole
 * time.
 */
static Statement chart_statement = {
	.sql = "WITH jours AS (SELECT ((f.date_collecte AT TIME ZONE $2)::pg_catalog.date"
		"   - ($1 AT TIME ZONE $2)::pg_catalog.date) / $6 AS barre, f.id_source,"
		"   f.nb_inseres AS n FROM datasens.flux f"
		"  WHERE f.date_collecte >= $1 AND f.nb_inseres > 0),"
		" rangs AS (SELECT id_source, pg_catalog.row_number() OVER (ORDER BY"
		"  pg_catalog.sum(n) DESC, id_source) AS rang FROM jours GROUP BY id_source)"
		" SELECT barre::pg_catalog.int4,"
		"  least(rang, " CppAsString2(REPORT_SERIES) ")::pg_catalog.int4 AS serie,"
		"  pg_catalog.sum(n)::pg_catalog.int8, pg_catalog.min(s.nom)"
		" FROM jours JOIN rangs USING (id_source) JOIN datasens.source s USING (id_source)"
		" GROUP BY barre, serie",
	REPORT_ARGS,
};

static Statement bars_statement = {
	.sql = "SELECT pg_catalog.to_char(($1 AT TIME ZONE $2)::pg_catalog.date + i * $6, 'YYYY-MM-DD')"
		" FROM pg_catalog.generate_series(0, $7 - 1) AS i",
	REPORT_ARGS,
};

static Statement span_statement = {
	.sql = "SELECT (pg_catalog.now() AT TIME ZONE $2)::pg_catalog.date"
		" - ($1 AT TIME ZONE $2)::pg_catalog.date + 1, "
			REPORT_TIME("$1") ", " REPORT_TIME("pg_catalog.now()"),
	REPORT_ARGS,
};

static Statement figures_statement = {
	.sql = "SELECT (SELECT pg_catalog.sum(pg_catalog.pg_total_relation_size(c.oid))"
		"  FROM pg_catalog.pg_class c WHERE c.relkind = 'r'"
		"  AND c.relnamespace = 'datasens'::pg_catalog.regnamespace),"
		" (SELECT v.octets FROM datasens.volumetrie v"
		"  WHERE v.jour >= ($1 AT TIME ZONE $2)::pg_catalog.date ORDER BY v.jour LIMIT 1), "
			REPORT_TIME("b.date_debut") ", b.octets,"
		" b.date_debut >= pg_catalog.now() - interval '1 day' - $5 * interval '1 second'"
		" FROM (SELECT) AS toujours LEFT JOIN LATERAL (SELECT g.date_debut, g.octets"
		"  FROM datasens.sauvegarde g WHERE g.statut = 'succes'"
		"  ORDER BY g.date_debut DESC LIMIT 1) AS b ON true",
	REPORT_ARGS,
};

/* clang-format on */

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

/* What the statements have in common while a report is loaded. */
typedef struct Loading
{
	MemoryContext context; /* of the report */
	Datum		  values[REPORT_N_ARGS];
	char		  nulls[REPORT_N_ARGS];
} Loading;

static void
load(Loading *loading, Statement *statement)
{
	statement_run(statement, loading->values, loading->nulls, SPI_OK_SELECT);
}

/*
 * Makes the bars, with their days but empty, and tells the statements how many days a bar stands
 * for.
 */
static void
load_bars(Report *report, Loading *loading)
{
	int n_days;
	int days;

	load(loading, &span_statement);
	n_days = row_int32(0, 1);
	report->since = row_string(loading->context, 0, 2);
	report->until = row_string(loading->context, 0, 3);
	days = Max((n_days + REPORT_MAX_BARS - 1) / REPORT_MAX_BARS, 1);
	report->n_bars = (n_days + days - 1) / days;
	report->bars =
		MemoryContextAllocZero(loading->context, (report->n_bars + 1) * sizeof(ReportBar));
	loading->values[5] = Int32GetDatum(days);
	loading->values[6] = Int32GetDatum(report->n_bars);
	load(loading, &bars_statement);
	for (int i = 0; i < report->n_bars && i < (int) SPI_processed; i++)
		report->bars[i].day = row_string(loading->context, i, 1);
}

static void
load_chart(Report *report, Loading *loading)
{
	load(loading, &chart_statement);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		int bar = row_int32(row, 1);
		int series = row_int32(row, 2) - 1;

		if (bar < 0 || bar >= report->n_bars)
			continue;
		report->bars[bar].documents[series] += row_int64(row, 3);
		if (series < REPORT_SERIES - 1 && report->series[series] == NULL)
			report->series[series] = row_string(loading->context, row, 4);
		else if (series == REPORT_SERIES - 1)
			report->series[series] =
				MemoryContextStrdup(loading->context, report_word("autres", "others"));
	}
}

static void
load_figures(ReportFigures *figures, Loading *loading)
{
	load(loading, &figures_statement);
	figures->size = row_string(loading->context, 0, 1);
	figures->size_before = row_string(loading->context, 0, 2);
	figures->backup = row_string(loading->context, 0, 3);
	figures->backup_size = row_string(loading->context, 0, 4);
	figures->backup_fresh = row_string(loading->context, 0, 5);
}

/* Loads everything, and shows how far it is. */
static void
load_all(Report *report, Loading *loading)
{
	Progress *shown = progress_take(0, PROGRESS_NAME, "");

	progress_set_known(shown, report_n_parts);
	progress_set(shown, PROGRESS_REPORTING, 0, -1, 0);
	PG_TRY();
	{
		summary_load(&report->summary);
		owner_plan_freely();
		load_bars(report, loading);
		load_figures(&report->figures, loading);
		load_chart(report, loading);
		for (int i = 0; i < report_n_parts; i++)
		{
			report->tables[i] = report_parts[i].table;
			load(loading, report_parts[i].statement);
			load_table(&report->tables[i], loading->context);
			progress_set(shown, PROGRESS_REPORTING, 0, -1, i + 1);
		}
	}
	PG_FINALLY();
	{
		progress_free(shown);
	}
	PG_END_TRY();
}

Report *
report_load(TimestampTz since, ReportFormat format)
{
	bool	json = format == REPORT_JSON;
	Report *report = palloc0(sizeof(Report));
	Loading loading = {
		.context = CurrentMemoryContext,
		.values = {TimestampTzGetDatum(since), CStringGetTextDatum(json ? "UTC" : setting_timezone),
				   CStringGetTextDatum(json ? "YYYY-MM-DD\"T\"HH24:MI:SS\"Z\""
											: "YYYY-MM-DD HH24:MI"),
				   Int32GetDatum(REPORT_ROWS), Int32GetDatum(setting_stale_after), Int32GetDatum(1),
				   Int32GetDatum(1)},
	};

	memset(loading.nulls, ' ', sizeof(loading.nulls));
	if (json)
		loading.nulls[3] = 'n';
	report->database = get_database_name(MyDatabaseId);
	report->zone = pstrdup(json ? "UTC" : setting_timezone);
	report->n_tables = report_n_parts;
	report->tables = palloc(report_n_parts * sizeof(ReportTable));
	load_all(report, &loading);
	return report;
}

/* ---- for the forms ---- */

int64
report_bar_total(const ReportBar *bar)
{
	int64 total = 0;

	for (int i = 0; i < REPORT_SERIES; i++)
		total += bar->documents[i];
	return total;
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
