/*
 * report.h
 *	  The report: what came in, how the sources are, what failed.
 *
 * It is made of tables, each a statement and the names of its columns, and of one
 * chart, the documents of each day by source.  Some columns are drawings: a letter
 * or a number a place on an axis, which html draws and the other forms write or
 * leave out.  What it says is loaded once and written in one of four forms.
 * Whatever comes from a source is only ever text: each form escapes all of it.  In
 * none but JSON a table has more than REPORT_ROWS rows.
 *
 * Who calls it: datasens_report() (api/operate.c) and the task; the rest is for its own files.
 */
#ifndef DATASENS_OPERATE_REPORT_H
#define DATASENS_OPERATE_REPORT_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "base/transaction.h"
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
	KIND_SECONDS,
	KIND_STRIP, /* a letter a slice, as report_parts.c has them */
	KIND_BARS,	/* numbers with commas between them, one a bar of the chart */
	KIND_CURVE	/* likewise, from the begin to the end of the report; nothing: a gap */
} ReportKind;

/* How html lays a table out. */
typedef enum ReportShape
{
	SHAPE_WIDE,	   /* the first rows, and the rest folded */
	SHAPE_HALF,	   /* beside another one, where there is room */
	SHAPE_FOLDED,  /* behind a heading that opens it: the numbers of a chart */
	SHAPE_SOURCES, /* as SHAPE_WIDE; many of them as a mosaic, too */
	SHAPE_LEDGER,  /* a strip a row */
	SHAPE_PLACES,  /* a card a row with curves; the rest as a table */
	SHAPE_GROWTH   /* a curve of its numbers of bytes */
} ReportShape;

typedef struct ReportColumn
{
	const char *key; /* in JSON */
	const char *french;
	const char *english;
	ReportKind	kind;
	bool		minor; /* left out where there is little room */
	bool		meter; /* html draws how it compares with the column's greatest */
} ReportColumn;

#define REPORT_MAX_COLUMNS 12

/* A table of the report; what it holds is in cells, NULL for a null. */
typedef struct ReportTable
{
	const char	*key;
	const char	*french;
	const char	*english;
	ReportShape	 shape;
	ReportColumn columns[REPORT_MAX_COLUMNS];
	int			 n_columns;
	int			 n_rows;
	char	  ***cells; /* [row][column] */
} ReportTable;

/* Rows of a table, but in JSON. */
#define REPORT_ROWS 1000

/* The chart has the sources that brought most, and the others as one. */
#define REPORT_SERIES 7
#define REPORT_MAX_BARS 92

/* Places on the axis of a curve. */
#define REPORT_CURVE 84

/* Slices of a strip: a day of quarters of an hour. */
#define REPORT_SLICES 96

/* A bar: some days, usually one. */
typedef struct ReportBar
{
	char *day; /* the first of them, YYYY-MM-DD */
	int64 documents[REPORT_SERIES];
} ReportBar;

/* Single figures, as SQL writes them; NULL where there is none. */
typedef struct ReportFigures
{
	char *size;			/* of all tables, in bytes */
	char *size_before;	/* at the first day of the report that one was written down */
	char *backup;		/* when the last good backup began; a time */
	char *backup_size;	/* in bytes */
	char *backup_fresh; /* "t": it is not older than datasens.stale_after and a day */
} ReportFigures;

typedef struct Report
{
	const char	 *database;
	char		 *since; /* as KIND_TIME is written; likewise below */
	char		 *until;
	char		 *zone; /* that these are in */
	Summary		  summary;
	ReportFigures figures;
	ReportTable	 *tables;
	int			  n_tables;
	char		 *series[REPORT_SERIES]; /* names; NULL: not in use; the last: all others */
	ReportBar	 *bars;
	int			  n_bars;
} Report;

/* Loads what there is since then, in the current memory context; inside an owner's scope. */
extern Report *report_load(TimestampTz since, ReportFormat format);

/* The report in that form, palloc'd, in the database's encoding; inside a transaction. */
extern char *report_write(const Report *report, ReportFormat format);

/* Of the two the one in the language of the reports, in the database's encoding. */
extern const char *report_word(const char *french, const char *english);

/* Whether so many are said in the singular: in French none, too. */
extern bool report_is_one(int64 number);

/* A cell for people: "12 345", "3,4 Mo", "1,2 s", "échec"; "" for NULL and for drawings. */
extern char *report_cell(const ReportColumn *column, const char *value);

/* The day that a time as KIND_TIME begins with: "3 févr.", with the year "3 févr. 2026". */
extern char *report_date(const char *iso, bool year);

/* The same for a number by itself. */
extern char *report_number(int64 number);
extern char *report_bytes(const char *bytes);

/* Whether a column is written in text and markdown: drawings are not. */
extern bool report_is_drawn(const ReportColumn *column);

/* The documents of a bar. */
extern int64 report_bar_total(const ReportBar *bar);

/*
 * Replaces, in place, what would be more than text where it is shown, by spaces:
 * control characters, those of C1 and separators of lines, too, and the marks that
 * turn the direction of writing for what comes after.
 */
extern char *report_plain(char *value);

/* The forms. */
extern void report_write_text(StringInfo out, const Report *report);
extern void report_write_markdown(StringInfo out, const Report *report);
extern void report_write_json(StringInfo out, const Report *report);
extern void report_write_html(StringInfo out, const Report *report);

/* ---- inside of the report ---- */

/* The tables, in their order, empty, and what fills them (report_parts.c). */
typedef struct ReportPart
{
	Statement  *statement;
	ReportTable table;
} ReportPart;

extern const ReportPart report_parts[];
extern const int		report_n_parts;

/* Their statements have the same arguments. */
#define REPORT_N_ARGS 7
#define REPORT_ARGS                                                                                \
	.n_args = REPORT_N_ARGS, .types = {TIMESTAMPTZOID /* $1 since when */,                         \
									   TEXTOID /* $2 zone */,                                      \
									   TEXTOID /* $3 how times are written */,                     \
									   INT4OID /* $4 rows at most; null: all */,                   \
									   INT4OID /* $5 seconds of datasens.stale_after */,           \
									   INT4OID /* $6 days in a bar */,                             \
									   INT4OID /* $7 bars */}

/* A time as the form wants it, as SQL. */
#define REPORT_TIME(column)                                                                        \
	"CASE WHEN pg_catalog.isfinite(" column ") THEN"                                               \
	" pg_catalog.to_char((" column ") AT TIME ZONE $2, $3) END"

/* The style sheet of the html (report_style.c). */
extern const char report_style[];

/* Its pieces: text that means nothing but itself; an element with it (report_html.c). */
extern void report_put(StringInfo out, const char *text);
extern void report_put_table(StringInfo out, const ReportTable *table, int first_row, int last_row);

/* The class of a word of the model: ok, warn, bad or dim. */
extern const char *report_status_class(const char *word);

/* What is drawn (report_charts.c). */
extern void report_put_chart(StringInfo out, const Report *report);
extern void report_put_mosaic(StringInfo out, const ReportTable *sources);
extern void report_put_ledger(StringInfo out, const ReportTable *ledger);
extern void report_put_places(StringInfo out, const ReportTable *places);
extern void report_put_growth(StringInfo out, const ReportTable *growth);
extern void report_put_bars(StringInfo out, const char *numbers);

/* The task "rapport": the html as a file of datasens.report_directory. */
extern const Task task_report;

#endif
