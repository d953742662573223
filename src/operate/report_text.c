/*
 * report_text.c
 *	  The report as plain text, as markdown and as JSON.
 */
#include "postgres.h"

#include "base/ascii.h"
#include "operate/report.h"

#include "mb/pg_wchar.h"
#include "utils/json.h"

/* A column of plain text is not wider; the last, which nothing stands behind, may be. */
#define MAX_WIDTH 60
#define MAX_LAST_WIDTH 300

#define BAR_WIDTH 50

/*
 * How many bytes at c are a character that is more than text where it is shown (see report_plain);
 * 0: none.
 */
static int
beyond_text(const unsigned char *c, int encoding)
{
	if (is_control((char) *c))
		return 1;
	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII)
	{
		if (is_c1(c))
			return 2;
		if (c[0] == 0xE2 && c[1] == 0x80 && c[2] >= 0xA8 && c[2] <= 0xAE)
			return 3; /* U+2028, U+2029, U+202A to U+202E */
		if (c[0] == 0xE2 && c[1] == 0x81 && c[2] >= 0xA6 && c[2] <= 0xA9)
			return 3; /* U+2066 to U+2069 */
	}
	else if ((encoding >= PG_LATIN1 && encoding <= PG_LATIN10) ||
			 (encoding >= PG_ISO_8859_5 && encoding <= PG_ISO_8859_8))
		return *c >= 0x80 && *c <= 0x9F ? 1 : 0;
	return 0;
}

char *
report_plain(char *value)
{
	int encoding = GetDatabaseEncoding();

	for (unsigned char *c = (unsigned char *) value; *c != '\0'; c++)
	{
		int n = beyond_text(c, encoding);

		if (n > 0)
			memset(c, ' ', n);
	}
	return value;
}

static bool
is_right(const ReportColumn *column)
{
	return column->kind == KIND_NUMBER || column->kind == KIND_BYTES ||
		   column->kind == KIND_SECONDS;
}

/* ---- plain text ---- */

/* Puts the value into a column, cut or filled up to its width. */
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

/* Ends the line, without spaces at its end. */
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

			widths[i] = Min(Max(widths[i], pg_mbstrlen(cell)),
							i == table->n_columns - 1 ? MAX_LAST_WIDTH : MAX_WIDTH);
		}
	}
	appendStringInfo(out, "\n%s\n", report_word(table->french, table->english));
	for (int row = -1; row < table->n_rows; row++)
	{
		for (int i = 0; i < table->n_columns; i++)
		{
			const ReportColumn *column = &table->columns[i];
			char *cell = row < 0 ? pstrdup(heads[i]) : report_cell(column, table->cells[row][i]);

			if (report_is_drawn(column))
				continue;
			appendStringInfoString(out, "  ");
			put_cell(out, report_plain(cell), widths[i], is_right(column));
		}
		trim_line(out);
	}
}

static void
put_text_chart(StringInfo out, const Report *report)
{
	int64 most = 1;

	for (int i = 0; i < report->n_bars; i++)
		most = Max(most, report_bar_total(&report->bars[i]));
	appendStringInfo(out, "\n%s\n", report_word("Documents par jour", "Documents a day"));
	for (int i = 0; i < report->n_bars; i++)
	{
		int64 total = report_bar_total(&report->bars[i]);

		appendStringInfo(out, "  %s  ", report->bars[i].day);
		for (int64 j = 0; j < (total * BAR_WIDTH + most - 1) / most; j++)
			appendStringInfoChar(out, '#');
		appendStringInfo(out, " %lld\n", (long long) total);
	}
}

void
report_write_text(StringInfo out, const Report *report)
{
	appendStringInfo(out, "datasens: %s\n%s - %s\n%s\n", report_plain(pstrdup(report->database)),
					 report->since, report->until, summary_line(&report->summary));
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
	for (const char *c = report_plain(value); *c != '\0'; c++)
	{
		if (strchr("\\`*_{}[]<>|#~&!", *c) != NULL)
			appendStringInfoChar(out, '\\');
		appendStringInfoChar(out, *c);
	}
}

/* In markdown spaces do not count, so a strip would say nothing. */
static bool
is_written(const ReportColumn *column)
{
	return !report_is_drawn(column) && column->kind != KIND_STRIP;
}

static void
put_markdown_table(StringInfo out, const ReportTable *table)
{
	appendStringInfo(out, "\n## %s\n\n|", report_word(table->french, table->english));
	for (int i = 0; i < table->n_columns; i++)
	{
		if (is_written(&table->columns[i]))
			appendStringInfo(out, " %s |",
							 report_word(table->columns[i].french, table->columns[i].english));
	}
	appendStringInfoString(out, "\n|");
	for (int i = 0; i < table->n_columns; i++)
	{
		if (is_written(&table->columns[i]))
			appendStringInfoString(out, is_right(&table->columns[i]) ? " ---: |" : " --- |");
	}
	appendStringInfoChar(out, '\n');
	for (int row = 0; row < table->n_rows; row++)
	{
		appendStringInfoChar(out, '|');
		for (int i = 0; i < table->n_columns; i++)
		{
			if (!is_written(&table->columns[i]))
				continue;
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

/* Numbers with commas between them; a gap is a null. */
static void
put_json_numbers(StringInfo out, const char *numbers)
{
	appendStringInfoChar(out, '[');
	for (const char *c = numbers;; c++)
	{
		size_t length = strcspn(c, ",");

		if (length == 0)
			appendStringInfoString(out, "null");
		appendBinaryStringInfo(out, c, (int) length);
		c += length;
		if (*c == '\0')
			break;
		appendStringInfoChar(out, ',');
	}
	appendStringInfoChar(out, ']');
}

/* NaN and infinity are none, and neither is what a column of another type has. */
static bool
is_json_number(const char *value)
{
	return value[0] != '\0' && value[strspn(value, "-0123456789.e+")] == '\0';
}

static void
put_json_value(StringInfo out, const ReportColumn *column, const char *value)
{
	if (value == NULL)
		appendStringInfoString(out, "null");
	else if (report_is_drawn(column))
		put_json_numbers(out, value);
	else if (is_right(column) && is_json_number(value))
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
