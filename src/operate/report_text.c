/*
 * report_text.c
 *	  The report as plain text, as markdown and as JSON.
 */
#include "postgres.h"

#include "operate/report.h"

#include "mb/pg_wchar.h"
#include "utils/json.h"

/* A column of plain text is not wider. */
#define MAX_WIDTH 60

#define BAR_WIDTH 50

/* What a line may hold: no control characters. */
static char *
plain(char *value)
{
	for (char *c = value; *c != '\0'; c++)
	{
		if ((unsigned char) *c < ' ' || *c == 0x7F)
			*c = ' ';
	}
	return value;
}

static bool
is_right(const ReportColumn *column)
{
	return column->kind == KIND_NUMBER || column->kind == KIND_BYTES ||
		   column->kind == KIND_SECONDS;
}

static void
put_title(StringInfo out, const Report *report, const char *before, const char *after)
{
	appendStringInfo(out, "%s%s%s\n", before, plain(pstrdup(report->database)), after);
	appendStringInfo(out, "%s - %s\n", report->since, report->until);
}

/* ---- plain text ---- */

/* The value at its place, cut and filled up to the width. */
static void
put_cell(StringInfo out, const char *value, int width, bool right)
{
	int length = pg_mbcharcliplen(value, (int) strlen(value), width);
	int shown = pg_mbstrlen_with_len(value, length);

	if (right)
		appendStringInfoSpaces(out, width - shown);
	appendBinaryStringInfo(out, value, length);
	if (!right)
		appendStringInfoSpaces(out, width - shown);
}

static void
trim_line(StringInfo out)
{
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
	appendStringInfoChar(out, '\n');
}

static void
put_text_table(StringInfo out, const ReportTable *table)
{
	int			widths[REPORT_MAX_COLUMNS];
	const char *heads[REPORT_MAX_COLUMNS];

	for (int i = 0; i < table->n_columns; i++)
	{
		heads[i] = report_word(table->columns[i].french, table->columns[i].english);
		widths[i] = pg_mbstrlen(heads[i]);
		for (int row = 0; row < table->n_rows; row++)
		{
			char *cell = report_cell(&table->columns[i], table->cells[row][i]);

			widths[i] = Min(Max(widths[i], pg_mbstrlen(cell)), MAX_WIDTH);
		}
	}
	appendStringInfo(out, "\n%s\n", report_word(table->french, table->english));
	for (int row = -1; row < table->n_rows; row++)
	{
		for (int i = 0; i < table->n_columns; i++)
		{
			const ReportColumn *column = &table->columns[i];
			char *cell = row < 0 ? pstrdup(heads[i]) : report_cell(column, table->cells[row][i]);

			appendStringInfoString(out, "  ");
			put_cell(out, plain(cell), widths[i], is_right(column));
		}
		trim_line(out);
	}
}

/* The documents of a bar. */
static int64
bar_total(const ReportBar *bar)
{
	int64 total = 0;

	for (int i = 0; i < REPORT_SERIES; i++)
		total += bar->documents[i];
	return total;
}

static void
put_text_chart(StringInfo out, const Report *report)
{
	int64 most = 1;

	for (int i = 0; i < report->n_bars; i++)
		most = Max(most, bar_total(&report->bars[i]));
	appendStringInfo(out, "\n%s\n", report_word("Documents par jour", "Documents a day"));
	for (int i = 0; i < report->n_bars; i++)
	{
		int64 total = bar_total(&report->bars[i]);

		appendStringInfo(out, "  %s  ", report->bars[i].day);
		for (int64 j = 0; j < (total * BAR_WIDTH + most - 1) / most; j++)
			appendStringInfoChar(out, '#');
		appendStringInfo(out, " %lld\n", (long long) total);
	}
}

void
report_write_text(StringInfo out, const Report *report)
{
	put_title(out, report, "datasens: ", "");
	appendStringInfo(out, "%s\n", summary_line(&report->summary));
	put_text_chart(out, report);
	for (int i = 0; i < report->n_tables; i++)
	{
		if (report->tables[i].n_rows > 0)
			put_text_table(out, &report->tables[i]);
	}
}

/* ---- markdown ---- */

/* Text that means nothing but itself, on one line. */
static void
put_markdown(StringInfo out, char *value)
{
	for (const char *c = plain(value); *c != '\0'; c++)
	{
		if (strchr("\\`*_{}[]<>|#~&!", *c) != NULL)
			appendStringInfoChar(out, '\\');
		appendStringInfoChar(out, *c);
	}
}

static void
put_markdown_table(StringInfo out, const ReportTable *table)
{
	appendStringInfo(out, "\n## %s\n\n|", report_word(table->french, table->english));
	for (int i = 0; i < table->n_columns; i++)
		appendStringInfo(out, " %s |",
						 report_word(table->columns[i].french, table->columns[i].english));
	appendStringInfoString(out, "\n|");
	for (int i = 0; i < table->n_columns; i++)
		appendStringInfoString(out, is_right(&table->columns[i]) ? " ---: |" : " --- |");
	appendStringInfoChar(out, '\n');
	for (int row = 0; row < table->n_rows; row++)
	{
		appendStringInfoChar(out, '|');
		for (int i = 0; i < table->n_columns; i++)
		{
			appendStringInfoChar(out, ' ');
			put_markdown(out, report_cell(&table->columns[i], table->cells[row][i]));
			appendStringInfoString(out, " |");
		}
		appendStringInfoChar(out, '\n');
	}
}

void
report_write_markdown(StringInfo out, const Report *report)
{
	appendStringInfoString(out, "# datasens: ");
	put_markdown(out, pstrdup(report->database));
	appendStringInfo(out, "\n\n%s - %s\n\n%s\n", report->since, report->until,
					 summary_line(&report->summary));
	for (int i = 0; i < report->n_tables; i++)
	{
		if (report->tables[i].n_rows > 0)
			put_markdown_table(out, &report->tables[i]);
	}
}

/* ---- JSON ---- */

static void
put_json_value(StringInfo out, const ReportColumn *column, const char *value)
{
	if (value == NULL)
		appendStringInfoString(out, "null");
	else if (is_right(column))
		appendStringInfoString(out, value);
	else
		escape_json(out, value);
}

static void
put_json_table(StringInfo out, const ReportTable *table)
{
	appendStringInfo(out, ", \"%s\": [", table->key);
	for (int row = 0; row < table->n_rows; row++)
	{
		appendStringInfoString(out, row > 0 ? ", {" : "{");
		for (int i = 0; i < table->n_columns; i++)
		{
			appendStringInfo(out, "%s\"%s\": ", i > 0 ? ", " : "", table->columns[i].key);
			put_json_value(out, &table->columns[i], table->cells[row][i]);
		}
		appendStringInfoChar(out, '}');
	}
	appendStringInfoChar(out, ']');
}

void
report_write_json(StringInfo out, const Report *report)
{
	const Summary *summary = &report->summary;

	appendStringInfoString(out, "{\"base\": ");
	escape_json(out, report->database);
	appendStringInfo(out, ", \"depuis\": \"%s\", \"jusqu_a\": \"%s\"", report->since,
					 report->until);
	appendStringInfo(out,
					 ", \"resume\": {\"sources\": %lld, \"actives\": %lld, \"obsoletes\": %lld,"
					 " \"en_echec\": %lld, \"documents\": %lld, \"croissance\": %lld}",
					 (long long) summary->sources, (long long) summary->active,
					 (long long) summary->obsolete, (long long) summary->failing,
					 (long long) summary->documents, (long long) summary->growth);
	for (int i = 0; i < report->n_tables; i++)
		put_json_table(out, &report->tables[i]);
	appendStringInfoChar(out, '}');
}
