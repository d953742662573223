/*
 * metrics.c
 *	  How things are, for Prometheus and its like.
 *
 * A statement gives rows of labels and columns of figures; each column is a
 * metric, and all samples of a metric stand together, as the format wants it.
 */
#include "postgres.h"

#include "base/settings.h"
#include "base/transaction.h"
#include "operate/health.h"
#include "operate/metrics.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* A time as the format has it: seconds since 1970-01-01 UTC. */
#define SECONDS(column) "extract(epoch FROM " column ")"

/* Infinity is no time, and so no sample. */
#define FINITE(column) "CASE WHEN pg_catalog.isfinite(" column ") THEN " SECONDS(column) " END"

/* Labels come first, under their names; then one column for each metric. */
static Statement sources_statement = {
	.sql =
		"SELECT s.nom AS source, s.type_source AS type, coalesce(e.total_docs, 0),"
		"  coalesce(e.dernier_apport, 0), " SECONDS("e.derniere_collecte") ", " SECONDS(
			"e.dernier_succes") ", " FINITE("e.prochaine_collecte") ","
																	"  coalesce(e.echecs_consecutifs, 0), s.actif::pg_catalog.int4"
																	" FROM datasens.source s LEFT JOIN datasens.etat_source e USING (id_source)"
																	" ORDER BY s.nom",
};

static Statement tasks_statement = {
	.sql =
		"SELECT nom AS task, " SECONDS("derniere_execution") ", " SECONDS("dernier_succes") ", " FINITE(
			"prochaine_execution") ", echecs_consecutifs FROM datasens.tache ORDER BY nom",
};

static Statement backup_statement = {
	.sql = "SELECT " SECONDS("date_debut") ", octets, " SECONDS(
		"duree") " FROM datasens.sauvegarde WHERE statut = 'succes'"
				 " ORDER BY date_debut DESC, id_sauvegarde DESC LIMIT 1",
};

/* A metric of a column.  Its name ends with its unit where it has one. */
typedef struct Metric
{
	const char *name;
	const char *unit;
	const char *help;
} Metric;

static const Metric source_metrics[] = {
	{"datasens_source_documents", NULL, "Documents that the source has brought."},
	{"datasens_source_last_run_documents", NULL, "Documents that its last run brought."},
	{"datasens_source_last_run_timestamp_seconds", "seconds", "When its last run began."},
	{"datasens_source_last_success_timestamp_seconds", "seconds", "When it last succeeded."},
	{"datasens_source_next_run_timestamp_seconds", "seconds", "When it is due."},
	{"datasens_source_consecutive_failures", NULL, "Runs in a row that failed with their retries."},
	{"datasens_source_active", NULL, "Whether it is collected on schedule."},
};

static const Metric task_metrics[] = {
	{"datasens_task_last_run_timestamp_seconds", "seconds", "When the task last began."},
	{"datasens_task_last_success_timestamp_seconds", "seconds", "When it last succeeded."},
	{"datasens_task_next_run_timestamp_seconds", "seconds", "When it is due."},
	{"datasens_task_consecutive_failures", NULL, "Failures in a row, with their retries."},
};

static const Metric backup_metrics[] = {
	{"datasens_backup_timestamp_seconds", "seconds", "When the last good backup began."},
	{"datasens_backup_size_bytes", "bytes", "Its size."},
	{"datasens_backup_duration_seconds", "seconds", "How long it took."},
};

static void
put_head(StringInfo text, const Metric *metric)
{
	appendStringInfo(text, "# TYPE %s gauge\n", metric->name);
	if (metric->unit)
		appendStringInfo(text, "# UNIT %s %s\n", metric->name, metric->unit);
	appendStringInfo(text, "# HELP %s %s\n", metric->name, metric->help);
}

/* A label's value with its quotes. */
static void
put_quoted(StringInfo text, const char *value)
{
	appendStringInfoChar(text, '"');
	for (const char *c = value; *c != '\0'; c++)
	{
		if (*c == '\n')
			appendStringInfoString(text, "\\n");
		else
		{
			if (*c == '"' || *c == '\\')
				appendStringInfoChar(text, '\\');
			appendStringInfoChar(text, *c);
		}
	}
	appendStringInfoChar(text, '"');
}

/* The labels are the first n_labels columns of the row. */
static void
put_labels(StringInfo text, uint64 row, int n_labels)
{
	for (int i = 1; i <= n_labels; i++)
	{
		char *value = row_need_string(CurrentMemoryContext, row, i);

		appendStringInfo(text, "%c%s=", i == 1 ? '{' : ',', SPI_fname(SPI_tuptable->tupdesc, i));
		put_quoted(text, value);
		pfree(value);
	}
	if (n_labels > 0)
		appendStringInfoChar(text, '}');
}

/* The metrics of the statement's columns behind its labels. A null is no sample. */
static void
put_metrics(StringInfo text, Statement *statement, int n_labels, const Metric *metrics, int n)
{
	statement_run(statement, NULL, NULL, SPI_OK_SELECT);
	for (int i = 0; i < n; i++)
	{
		put_head(text, &metrics[i]);
		for (uint64 row = 0; row < SPI_processed; row++)
		{
			char *value = row_string(CurrentMemoryContext, row, n_labels + i + 1);

			if (value == NULL)
				continue;
			appendStringInfoString(text, metrics[i].name);
			put_labels(text, row, n_labels);
			appendStringInfo(text, " %s\n", value);
			pfree(value);
		}
	}
}

/* How many sources health finds in each state. */
static void
put_statuses(StringInfo text)
{
	static const char *const words[] = {"inactif",	"en_cours", "echec", "jamais",
										"obsolete", "retard",	"ok"};
	static const Metric metric = {"datasens_sources", NULL, "Sources by what health says of them."};
	int64				counts[lengthof(words)] = {0};

	health_query();
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		char *statut = row_need_string(CurrentMemoryContext, row, 3);

		for (size_t i = 0; i < lengthof(words); i++)
			counts[i] += strcmp(statut, words[i]) == 0;
		pfree(statut);
	}
	put_head(text, &metric);
	for (size_t i = 0; i < lengthof(words); i++)
		appendStringInfo(text, "%s{status=\"%s\"} %lld\n", metric.name, words[i],
						 (long long) counts[i]);
}

char *
metrics_text(MemoryContext context)
{
	MemoryContext  previous = MemoryContextSwitchTo(context);
	StringInfoData text;

	initStringInfo(&text);
	MemoryContextSwitchTo(previous);
	put_statuses(&text);
	put_metrics(&text, &sources_statement, 2, source_metrics, lengthof(source_metrics));
	put_metrics(&text, &tasks_statement, 1, task_metrics, lengthof(task_metrics));
	put_metrics(&text, &backup_statement, 0, backup_metrics, lengthof(backup_metrics));
	appendStringInfoString(&text, "# EOF\n");
	return text.data;
}
