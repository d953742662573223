/*
 * report.h
 *	  The report: what came in, how the sources are, what failed.
 *
 * It is made of tables, each a statement and the names of its columns, and of one
 * chart, the documents of each day by source.  What it says is loaded once and
 * written in one of four forms.  Whatever comes from a source is only ever text:
 * each form escapes all of it.
 */
#ifndef DATASENS_OPERATE_REPORT_H
#define DATASENS_OPERATE_REPORT_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "lib/stringinfo.h"
#include "operate/stats.h"
#include "operate/task.h"

typedef enum ReportFormat
{
	REPORT_TEXT,
	REPORT_MARKDOWN,
	REPORT_JSON,
	REPORT_HTML
} ReportFormat;

/* What a column holds: how it is written and where it stands. */
typedef enum ReportKind
{
	KIND_TEXT,
	KIND_STATUS, /* a word of the model: coloured in html */
	KIND_TIME,
	KIND_NUMBER,
	KIND_BYTES,
	KIND_SECONDS
} ReportKind;

typedef struct ReportColumn
{
	const char *key; /* in JSON */
	const char *french;
	const char *english;
	ReportKind	kind;
	bool		minor; /* left out where there is little room */
} ReportColumn;

#define REPORT_MAX_COLUMNS 8

/* A table of the report; what it holds is in cells, NULL for a null. */
typedef struct ReportTable
{
	const char	*key;
	const char	*french;
	const char	*english;
	ReportColumn columns[REPORT_MAX_COLUMNS];
	int			 n_columns;
	int			 n_rows;
	char	  ***cells; /* [row][column] */
} ReportTable;

/* The chart has the sources that brought most, and the others as one. */
#define REPORT_SERIES 7
#define REPORT_MAX_BARS 92

/* A bar: some days, usually one. */
typedef struct ReportBar
{
	char *day; /* the first of them, YYYY-MM-DD */
	int64 documents[REPORT_SERIES];
} ReportBar;

typedef struct Report
{
	const char	*database;
	char		*since; /* as KIND_TIME is written; likewise below */
	char		*until;
	Summary		 summary;
	ReportTable *tables;
	int			 n_tables;
	char		*series[REPORT_SERIES]; /* names; NULL: not in use; the last: all others */
	ReportBar	*bars;
	int			 n_bars;
} Report;

/* Loads what there is since then, in the current memory context; inside an owner's scope. */
extern Report *report_load(TimestampTz since, ReportFormat format);

/* The report in that form, palloc'd, in the database's encoding; inside a transaction. */
extern char *report_write(const Report *report, ReportFormat format);

/* Of the two the one in the language of the reports, in the database's encoding. */
extern const char *report_word(const char *french, const char *english);

/* A cell for people: "12 345", "3.4 MB", "1.2 s"; "" for NULL. */
extern char *report_cell(const ReportColumn *column, const char *value);

/* The forms. */
extern void report_write_text(StringInfo out, const Report *report);
extern void report_write_markdown(StringInfo out, const Report *report);
extern void report_write_json(StringInfo out, const Report *report);
extern void report_write_html(StringInfo out, const Report *report);

/* The task "rapport": the html as a file of datasens.report_directory. */
extern const Task task_report;

#endif
