/*
 * report_html.c
 *	  The report as one self-contained html file: no script, nothing from
 *	  elsewhere; light and dark as the reader has it, on a phone, on paper.
 *
 * First what is to be known (is all well?), then what came in, then the rest.  A
 * table that is too wide scrolls by itself; on a phone its minor columns are left
 * out.  What is drawn is in report_charts.c.
 */
#include "postgres.h"

#include "operate/report.h"

#include "mb/pg_wchar.h"

/* Characters of a text, at most; those of an error of a server have no end. */
#define MAX_LENGTH 240

/* Rows that are not folded. */
#define OPEN_ROWS 10
#define OPEN_SOURCES 30

/* More sources than these are shown as a mosaic, too. */
#define FEW_SOURCES 12

/* ---- text ---- */

/* Text that means nothing but itself, in an element or in an attribute's quotes. */
void
report_put(StringInfo out, const char *text)
{
	int	  length;
	char *shown;

	if (text == NULL)
		return;
	length = pg_mbcharcliplen(text, (int) strlen(text), MAX_LENGTH);
	shown = report_plain(pnstrdup(text, length));

	for (const char *c = shown; *c != '\0'; c++)
	{
		switch (*c)
		{
			case '&':
				appendStringInfoString(out, "&amp;");
				break;
			case '<':
				appendStringInfoString(out, "&lt;");
				break;
			case '>':
				appendStringInfoString(out, "&gt;");
				break;
			case '"':
				appendStringInfoString(out, "&quot;");
				break;
			case '\'':
				appendStringInfoString(out, "&#39;");
				break;
			default:
				appendStringInfoChar(out, *c);
		}
	}
	if (text[length] != '\0')
		appendStringInfoString(out, "&hellip;");
	pfree(shown);
}

/* ---- the head ---- */

static const ReportTable *
find_table(const Report *report, const char *key)
{
	for (int i = 0; i < report->n_tables; i++)
	{
		if (strcmp(report->tables[i].key, key) == 0)
			return &report->tables[i];
	}
	elog(ERROR, "the report has no table \"%s\"", key);
}

/* A figure, what it is, and what is to be said of it. */
static void
put_card(StringInfo out, const char *figure, const char *label, const char *class, const char *more)
{
	appendStringInfo(out, "<div class=\"card\"><b>%s</b><span class=\"label\">%s</span>", figure,
					 label);
	appendStringInfo(out, "<span class=\"more %s\">%s</span></div>", class, more);
}

/* The counts of a card that are not zero, with commas between them. */
static void
add_count(StringInfo list, int64 number, const char *word)
{
	if (number > 0)
		appendStringInfo(list, "%s%lld %s", list->len > 0 ? ", " : "", (long long) number, word);
}

static void
put_source_card(StringInfo out, const Summary *summary)
{
	const char *class = summary->active == 0 ? "dim" : "ok";
	StringInfoData more;

	initStringInfo(&more);
	add_count(&more, summary->failing, report_word("en échec", "failing"));
	add_count(&more, summary->obsolete,
			  report_is_one(summary->obsolete) ? report_word("obsolète", "obsolete")
											   : report_word("obsolètes", "obsolete"));
	add_count(&more, summary->late, report_word("en retard", "late"));
	if (more.len > 0)
		class = summary->failing > 0 ? "bad" : "warn";
	else if (summary->active > 0)
		appendStringInfoString(&more, report_word("toutes vont bien", "all are well"));
	else
		appendStringInfoString(&more, report_word("rien à collecter", "nothing to collect"));
	put_card(out,
			 psprintf("%s / %s", report_number(summary->active), report_number(summary->sources)),
			 report_is_one(summary->sources) ? report_word("source active", "active source")
											 : report_word("sources actives", "active sources"),
			 class, more.data);
}

static void
put_size_card(StringInfo out, const ReportFigures *figures)
{
	const char *more = "";

	if (figures->size != NULL && figures->size_before != NULL)
	{
		int64 growth = strtoll(figures->size, NULL, 10) - strtoll(figures->size_before, NULL, 10);

		more = psprintf("%s%s %s", growth < 0 ? "&minus;" : "+",
						report_bytes(psprintf("%lld", (long long) (growth < 0 ? -growth : growth))),
						report_word("sur la période", "in this time"));
	}
	put_card(out, report_bytes(figures->size), report_word("sur le disque", "on disk"), "dim",
			 more);
}

static void
put_backup_card(StringInfo out, const ReportFigures *figures)
{
	const char *label = report_word("dernière sauvegarde", "last backup");

	if (figures->backup == NULL)
		put_card(out, "&ndash;", label, "warn", report_word("aucune", "none"));
	else
		put_card(out, report_date(figures->backup, true), label,
				 strcmp(figures->backup_fresh, "t") == 0 ? "ok" : "bad",
				 psprintf("%s, %s", figures->backup + strlen("YYYY-MM-DD "),
						  report_bytes(figures->backup_size)));
}

/* Whether all is well, in a sentence. */
static void
put_verdict(StringInfo out, const Report *report)
{
	int n = find_table(report, "attention")->n_rows;

	if (report->summary.sources == 0)
		appendStringInfo(out,
						 "<p class=\"verdict dim\">%s <code>SELECT datasens_add_source("
						 "'rss', 'Le Monde', 'https://...')</code></p>",
						 report_word("Aucune source encore.", "No source yet."));
	else if (n == 0)
		appendStringInfo(out, "<p class=\"verdict ok\">%s</p>",
						 report_word("Tout va bien.", "All is well."));
	else if (n == 1)
		appendStringInfo(out, "<p class=\"verdict bad\">%s</p>",
						 report_word("Une source ou tâche demande votre attention.",
									 "One source or task needs a look."));
	else
		appendStringInfo(out, "<p class=\"verdict bad\">%s %s</p>", report_number(n),
						 report_word("sources ou tâches demandent votre attention.",
									 "sources or tasks need a look."));
}

static void
put_head(StringInfo out, const Report *report)
{
	int64 came = 0;

	for (int i = 0; i < report->n_bars; i++)
		came += report_bar_total(&report->bars[i]);
	appendStringInfo(out, "<!DOCTYPE html><html lang=\"%s\"><head><meta charset=\"utf-8\">",
					 report_word("fr", "en"));
	appendStringInfoString(
		out, "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
			 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
			 "style-src 'unsafe-inline'\"><title>datasens: ");
	report_put(out, report->database);
	appendStringInfo(out, "</title><style>%s</style></head><body><main><header>", report_style);
	appendStringInfoString(out, "<p class=\"brand\">datasens</p><h1><bdi>");
	report_put(out, report->database);
	appendStringInfo(out, "</bdi></h1><p class=\"dim\">%s &ndash; %s, %s (",
					 report_date(report->since, strncmp(report->since, report->until, 4) != 0),
					 report_date(report->until, true), report->until + strlen("YYYY-MM-DD "));
	report_put(out, report->zone);
	appendStringInfoString(out, ")</p></header>");
	put_verdict(out, report);
	appendStringInfoString(out, "<div class=\"cards\">");
	put_card(
		out, report_number(report->summary.documents),
		report_is_one(report->summary.documents) ? report_word("document", "document")
												 : report_word("documents", "documents"),
		"dim",
		psprintf("+%s %s", report_number(came), report_word("sur la période", "in this time")));
	put_source_card(out, &report->summary);
	put_size_card(out, &report->figures);
	put_backup_card(out, &report->figures);
	appendStringInfoString(out, "</div>");
}

/* ---- tables ---- */

const char *
report_status_class(const char *word)
{
	static const char *const good[] = {"ok", "succes", "retabli", "en_cours"};
	static const char *const bad[] = {"echec"};
	static const char *const odd[] = {"obsolete", "silence", "lacune", "jamais", "retard"};

	for (size_t i = 0; i < lengthof(good); i++)
		if (strcmp(word, good[i]) == 0)
			return "ok";
	for (size_t i = 0; i < lengthof(bad); i++)
		if (strcmp(word, bad[i]) == 0)
			return "bad";
	for (size_t i = 0; i < lengthof(odd); i++)
		if (strcmp(word, odd[i]) == 0)
			return "warn";
	return "dim";
}

/* What a column's cells have in common: how they align, how wide they are. */
static const char *
column_class(const ReportColumn *column)
{
	static const char *const classes[] = {
		[KIND_TEXT] = "k",	 [KIND_STATUS] = "w", [KIND_TIME] = "t",
		[KIND_NUMBER] = "n", [KIND_BYTES] = "n",  [KIND_SECONDS] = "n",
		[KIND_STRIP] = "v",	 [KIND_BARS] = "v",	  [KIND_CURVE] = "v"};

	return psprintf("%s%s%s", classes[column->kind], column->minor ? " minor" : "",
					column->meter ? " meter" : "");
}

/* How a value compares with the greatest of its column, as a line below it. */
static void
put_meter(StringInfo out, const ReportTable *table, int column, const char *value)
{
	double most = 0;

	for (int row = 0; row < table->n_rows; row++)
	{
		if (table->cells[row][column] != NULL)
			most = Max(most, strtod(table->cells[row][column], NULL));
	}
	if (most > 0)
		appendStringInfo(out, "<i style=\"width:%.0f%%\"></i>", 80 * strtod(value, NULL) / most);
}

static void
put_cell(StringInfo out, const ReportTable *table, int row, int i)
{
	const ReportColumn *column = &table->columns[i];
	const char		   *value = table->cells[row][i];
	bool				zero = value != NULL && column->kind == KIND_NUMBER && atof(value) == 0;

	appendStringInfo(out, "<td class=\"%s%s\">", column_class(column), zero ? " z" : "");
	if (value == NULL && column->kind != KIND_TEXT)
		appendStringInfoString(out, "<span class=\"none\">&ndash;</span>");
	else if (value == NULL)
		;
	else if (column->kind == KIND_STATUS)
	{
		appendStringInfo(out, "<span class=\"%s\">", report_status_class(value));
		report_put(out, report_cell(column, value));
		appendStringInfoString(out, "</span>");
	}
	else if (column->kind == KIND_BARS)
		report_put_bars(out, value);
	else
	{
		appendStringInfoString(out, column->kind == KIND_TEXT ? "<bdi class=\"text\">" : "<bdi>");
		report_put(out, report_cell(column, value));
		appendStringInfoString(out, "</bdi>");
		if (column->meter)
			put_meter(out, table, i, value);
	}
	appendStringInfoString(out, "</td>");
}

/* Curves and strips are drawn elsewhere. */
static bool
is_shown(const ReportColumn *column)
{
	return column->kind != KIND_CURVE && column->kind != KIND_STRIP;
}

static void
put_rows(StringInfo out, const ReportTable *table, int first_row, int last_row, const char *class)
{
	appendStringInfo(out, "<div class=\"wide\"><table class=\"%s\"><thead><tr>", class);
	for (int i = 0; i < table->n_columns; i++)
	{
		const ReportColumn *column = &table->columns[i];

		if (is_shown(column))
			appendStringInfo(out, "<th class=\"%s\">%s</th>", column_class(column),
							 report_word(column->french, column->english));
	}
	appendStringInfoString(out, "</tr></thead><tbody>");
	for (int row = first_row; row < last_row; row++)
	{
		appendStringInfoString(out, "<tr>");
		for (int i = 0; i < table->n_columns; i++)
		{
			if (is_shown(&table->columns[i]))
				put_cell(out, table, row, i);
		}
		appendStringInfoString(out, "</tr>");
	}
	appendStringInfoString(out, "</tbody></table></div>");
}

void
report_put_table(StringInfo out, const ReportTable *table, int first_row, int last_row)
{
	put_rows(out, table, first_row, last_row, "");
}

/* Behind a line that opens it. */
static void
put_folded(StringInfo out, const ReportTable *table, int first_row, const char *summary,
		   const char *class)
{
	appendStringInfo(out, "<details><summary>%s</summary>", summary);
	put_rows(out, table, first_row, table->n_rows, class);
	appendStringInfoString(out, "</details>");
}

/* So many rows, and the others folded. */
static void
put_open(StringInfo out, const ReportTable *table, int open, const char *class)
{
	int n = table->n_rows - open;

	put_rows(out, table, 0, Min(table->n_rows, open), class);
	if (n > 0)
		put_folded(out, table, open,
				   psprintf(report_word("%s de plus", "%s more"), report_number(n)), class);
}

static void
put_part(StringInfo out, const ReportTable *table)
{
	switch (table->shape)
	{
		case SHAPE_SOURCES:
			if (table->n_rows > FEW_SOURCES)
				report_put_mosaic(out, table);
			put_open(out, table, OPEN_SOURCES, "rows");
			break;
		case SHAPE_LEDGER:
			report_put_ledger(out, table);
			break;
		case SHAPE_PLACES:
			report_put_places(out, table);
			break;
		case SHAPE_GROWTH:
			report_put_growth(out, table);
			break;
		case SHAPE_WIDE:
			put_open(out, table, OPEN_ROWS, "stack");
			break;
		case SHAPE_HALF:
		case SHAPE_FOLDED:
			put_rows(out, table, 0, table->n_rows, "");
			break;
	}
}

static void
put_section(StringInfo out, const ReportTable *table)
{
	const char *title = report_word(table->french, table->english);

	/* a single day has not grown */
	if (table->n_rows < (table->shape == SHAPE_GROWTH ? 2 : 1))
		return;
	if (table->shape == SHAPE_FOLDED)
	{
		put_folded(out, table, 0, title, "");
		return;
	}
	appendStringInfo(out, "<section%s><h2>%s</h2>",
					 strcmp(table->key, "attention") == 0 ? " class=\"alarm\"" : "", title);
	put_part(out, table);
	appendStringInfoString(out, "</section>");
}

void
report_write_html(StringInfo out, const Report *report)
{
	bool paired = false;

	put_head(out, report);
	for (int i = 0; i < report->n_tables; i++)
	{
		const ReportTable *table = &report->tables[i];

		if (paired != (table->shape == SHAPE_HALF))
		{
			appendStringInfoString(out, paired ? "</div>" : "<div class=\"pair\">");
			paired = !paired;
		}
		/* the numbers of the chart are behind it */
		if (table->shape == SHAPE_FOLDED)
			report_put_chart(out, report);
		put_section(out, table);
	}
	appendStringInfo(out, "%s</main></body></html>\n", paired ? "</div>" : "");
}
