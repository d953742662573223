/*
 * report_html.c
 *	  The report as one self-contained html file: no script, nothing from
 *	  elsewhere; light and dark as the reader has it, on a phone, on paper.
 *
 * A table that is too wide scrolls by itself; on a phone its minor columns are
 * left out.  The chart is drawn here, as inline SVG that grows with the page.
 */
#include "postgres.h"

#include "operate/report.h"

#include "mb/pg_wchar.h"

/* The chart, in its own units. */
#define CHART_WIDTH 960
#define CHART_HEIGHT 240
#define CHART_LEFT 56
#define CHART_BOTTOM 36
#define CHART_TOP 20

/* Days that are written below the bars, at most. */
#define MAX_DAY_LABELS 8

/* Longer names are cut in the legend. */
#define LEGEND_LENGTH 40

static const char style[] =
	":root{color-scheme:light dark;--bg:#fff;--fg:#1c2430;--dim:#5b6675;--line:#dde2e8;"
	"--card:#f5f7f9;--ok:#16794c;--bad:#b3261e;--warn:#8a5a00;"
	"--s0:#3366b8;--s1:#d9822b;--s2:#2a9d6f;--s3:#b04a8f;--s4:#7a6bd0;--s5:#a3a02c;--s6:#8d99a8}"
	"@media(prefers-color-scheme:dark){:root{--bg:#12161c;--fg:#e4e8ee;--dim:#9aa5b4;"
	"--line:#2b333e;--card:#1a2028;--ok:#56c596;--bad:#ff8a80;--warn:#e6b450;"
	"--s0:#6c9ce8;--s1:#eda25a;--s2:#55c79a;--s3:#d982bb;--s4:#a498ee;--s5:#cbc85a;--s6:#7d8999}}"
	"*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--fg);"
	"font:15px/1.5 system-ui,sans-serif}main{max-width:1120px;margin:0 auto;padding:24px 20px 48px}"
	"h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:32px 0 8px}"
	".dim{color:var(--dim)}.cards{display:grid;gap:12px;margin:20px 0;"
	"grid-template-columns:repeat(auto-fit,minmax(140px,1fr))}"
	".card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px 14px}"
	".card b{display:block;font-size:1.5rem;line-height:1.2;font-variant-numeric:tabular-nums}"
	".wide{overflow-x:auto}table{border-collapse:collapse;width:100%}"
	"th,td{text-align:left;padding:6px 10px 6px 0;border-bottom:1px solid var(--line);"
	"vertical-align:top;overflow-wrap:anywhere}th{font-weight:600;color:var(--dim);"
	"white-space:nowrap}.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;"
	"overflow-wrap:normal}td:first-child{min-width:7em}.t{white-space:nowrap;overflow-wrap:normal}"
	".ok{color:var(--ok)}.bad{color:var(--bad)}.warn{color:var(--warn)}"
	"svg{display:block;width:100%;height:auto}svg text{fill:var(--dim);font-size:12px}"
	"svg line{stroke:var(--line)}.s0{fill:var(--s0)}.s1{fill:var(--s1)}.s2{fill:var(--s2)}"
	".s3{fill:var(--s3)}.s4{fill:var(--s4)}.s5{fill:var(--s5)}.s6{fill:var(--s6)}"
	".legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin:8px 0 0;padding:0;list-style:none}"
	".legend svg{display:inline-block;width:11px;height:11px;margin-right:6px}"
	"@media(max-width:640px){main{padding:16px 12px 32px}.minor{display:none}"
	"svg text{font-size:22px}.cards{grid-template-columns:1fr 1fr}td,th{padding-right:8px}th{white-space:normal}}"
	"@media print{:root{color-scheme:light}main{max-width:none;padding:0}"
	".card,tr,svg{break-inside:avoid}.wide{overflow:visible}}";

/* Text that means nothing but itself, in an element or in an attribute's quotes. */
static void
put(StringInfo out, const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
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
				appendStringInfoChar(out, (unsigned char) *c < ' ' || *c == 0x7F ? ' ' : *c);
		}
	}
}

/* ---- the head ---- */

static void
put_card(StringInfo out, const char *label, int64 number, const char *class)
{
	const ReportColumn column = {.kind = KIND_NUMBER};

	appendStringInfo(out, "<div class=\"card\"><b class=\"%s\">%s</b>", class,
					 report_cell(&column, psprintf("%lld", (long long) number)));
	put(out, label);
	appendStringInfoString(out, "</div>");
}

static void
put_head(StringInfo out, const Report *report)
{
	const Summary *summary = &report->summary;

	appendStringInfo(out, "<!DOCTYPE html><html lang=\"%s\"><head><meta charset=\"utf-8\">",
					 report_word("fr", "en"));
	appendStringInfoString(
		out, "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
			 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
			 "style-src 'unsafe-inline'\"><title>datasens: ");
	put(out, report->database);
	appendStringInfo(out, "</title><style>%s</style></head><body><main><h1>datasens: ", style);
	put(out, report->database);
	appendStringInfo(out, "</h1><p class=\"dim\">%s &ndash; %s</p><div class=\"cards\">",
					 report->since, report->until);
	put_card(out, report_word("documents", "documents"), summary->documents, "");
	put_card(out, report_word("de la dernière collecte", "of the last runs"), summary->growth, "");
	put_card(out, report_word("sources actives", "active sources"), summary->active, "");
	put_card(out, report_word("en échec", "failing"), summary->failing,
			 summary->failing > 0 ? "bad" : "ok");
	put_card(out, report_word("obsolètes", "obsolete"), summary->obsolete,
			 summary->obsolete > 0 ? "warn" : "ok");
	appendStringInfoString(out, "</div>");
}

/* ---- the chart ---- */

static int64
bar_total(const ReportBar *bar)
{
	int64 total = 0;

	for (int i = 0; i < REPORT_SERIES; i++)
		total += bar->documents[i];
	return total;
}

/* A round number that is not less: 1, 2 or 5 and zeros. */
static int64
round_up(int64 number)
{
	int64 step = 1;

	while (step * 10 < number)
		step *= 10;
	if (number <= step * 2)
		return step * 2;
	return number <= step * 5 ? step * 5 : step * 10;
}

/* Lines at the top, the middle and the bottom with what they stand for. */
static void
put_scale(StringInfo out, int64 top)
{
	const ReportColumn column = {.kind = KIND_NUMBER};
	const int		   height = CHART_HEIGHT - CHART_TOP - CHART_BOTTOM;

	for (int i = 0; i <= 2; i++)
	{
		int y = CHART_TOP + height * i / 2;

		appendStringInfo(out, "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>", CHART_LEFT,
						 CHART_WIDTH, y, y);
		appendStringInfo(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>",
						 CHART_LEFT - 6, y + 4,
						 report_cell(&column, psprintf("%lld", (long long) (top * (2 - i) / 2))));
	}
}

/* One bar, its series above each other; its numbers show where the pointer rests. */
static void
put_bar(StringInfo out, const Report *report, int i, int64 top)
{
	const ReportBar *bar = &report->bars[i];
	const double	 height = CHART_HEIGHT - CHART_TOP - CHART_BOTTOM;
	const double	 step = (double) (CHART_WIDTH - CHART_LEFT) / report->n_bars;
	const double	 width = Min(step * 0.8, 48);
	const double	 left = CHART_LEFT + step * i + (step - width) / 2;
	double			 y = CHART_TOP + height;

	appendStringInfo(out, "<g><title>%s : %lld</title>", bar->day, (long long) bar_total(bar));
	for (int series = 0; series < REPORT_SERIES; series++)
	{
		double part = height * bar->documents[series] / top;

		if (bar->documents[series] == 0)
			continue;
		y -= part;
		appendStringInfo(out,
						 "<rect class=\"s%d\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\""
						 " height=\"%.1f\"/>",
						 series, left, y, width, part);
	}
	appendStringInfoString(out, "</g>");
	if (i % ((report->n_bars + MAX_DAY_LABELS - 1) / MAX_DAY_LABELS) == 0)
		appendStringInfo(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
						 left + width / 2, CHART_HEIGHT - 8, bar->day + strlen("YYYY-"));
}

static void
put_legend(StringInfo out, const Report *report)
{
	appendStringInfoString(out, "<ul class=\"legend\">");
	for (int i = 0; i < REPORT_SERIES; i++)
	{
		const char *name = report->series[i];
		int			length;

		if (name == NULL)
			continue;
		length = pg_mbcharcliplen(name, (int) strlen(name), LEGEND_LENGTH);
		appendStringInfo(out,
						 "<li><svg viewBox=\"0 0 10 10\"><rect class=\"s%d\" width=\"10\""
						 " height=\"10\" rx=\"2\"/></svg>",
						 i);
		put(out, pnstrdup(name, length));
		appendStringInfo(out, "%s</li>", name[length] != '\0' ? "&hellip;" : "");
	}
	appendStringInfoString(out, "</ul>");
}

static void
put_chart(StringInfo out, const Report *report)
{
	const char *title = report_word("Documents par jour", "Documents a day");
	int64		most = 0;
	int64		top;

	for (int i = 0; i < report->n_bars; i++)
		most = Max(most, bar_total(&report->bars[i]));
	appendStringInfo(out, "<h2>%s</h2>", title);
	if (most == 0)
	{
		appendStringInfo(out, "<p class=\"dim\">%s</p>",
						 report_word("Rien de nouveau.", "Nothing new."));
		return;
	}
	top = round_up(most);
	appendStringInfo(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">", CHART_WIDTH,
					 CHART_HEIGHT, title);
	put_scale(out, top);
	for (int i = 0; i < report->n_bars; i++)
		put_bar(out, report, i, top);
	appendStringInfoString(out, "</svg>");
	put_legend(out, report);
}

/* ---- tables ---- */

/* The class of a word of the model. */
static const char *
status_class(const char *word)
{
	static const char *const good[] = {"ok", "succes", "retabli"};
	static const char *const bad[] = {"echec"};
	static const char *const odd[] = {"obsolete", "silence", "jamais", "retard"};

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

static void
put_cell(StringInfo out, const ReportColumn *column, const char *element, const char *value,
		 const char *class)
{
	static const char *const classes[] = {
		[KIND_TEXT] = "",	 [KIND_STATUS] = "t", [KIND_TIME] = "t",
		[KIND_NUMBER] = "n", [KIND_BYTES] = "n",  [KIND_SECONDS] = "n"};

	appendStringInfo(out, "<%s class=\"%s %s%s\">", element, classes[column->kind], class,
					 column->minor ? " minor" : "");
	put(out, value);
	appendStringInfo(out, "</%s>", element);
}

static void
put_table(StringInfo out, const ReportTable *table)
{
	appendStringInfo(out, "<h2>%s</h2><div class=\"wide\"><table><thead><tr>",
					 report_word(table->french, table->english));
	for (int i = 0; i < table->n_columns; i++)
		put_cell(out, &table->columns[i], "th",
				 report_word(table->columns[i].french, table->columns[i].english), "");
	appendStringInfoString(out, "</tr></thead><tbody>");
	for (int row = 0; row < table->n_rows; row++)
	{
		appendStringInfoString(out, "<tr>");
		for (int i = 0; i < table->n_columns; i++)
		{
			const ReportColumn *column = &table->columns[i];
			const char		   *value = table->cells[row][i];

			put_cell(out, column, "td", report_cell(column, value),
					 column->kind == KIND_STATUS && value ? status_class(value) : "");
		}
		appendStringInfoString(out, "</tr>");
	}
	appendStringInfoString(out, "</tbody></table></div>");
}

void
report_write_html(StringInfo out, const Report *report)
{
	put_head(out, report);
	put_chart(out, report);
	for (int i = 0; i < report->n_tables; i++)
	{
		if (report->tables[i].n_rows > 0)
			put_table(out, &report->tables[i]);
	}
	appendStringInfoString(out, "</main></body></html>\n");
}
