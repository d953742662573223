/*
 * report_charts.c
 *	  What the report draws: the documents of each day, the sources at a glance, the
 *	  ledger of slices, the weather, the growth.
 *
 * Inline SVG, stretched to whatever room there is; words stand beside it as html,
 * so that they are not stretched, and what a piece says besides shows where the
 * pointer rests on it.  Each drawing has as many pieces as the report has places
 * on its axis, whatever there is in the tables.
 */
#include "postgres.h"

#include "operate/report.h"

/* Days that are written below the bars, at most. */
#define MAX_DAY_LABELS 8

/* The chart and the curves, in their own units. */
#define HEIGHT 100

/* Sources in the mosaic, at most. */
#define MAX_TILES 600

/* ---- documents a day ---- */

/* A round number that is not less and has a half: 2, 4, 6, 8, 10, 12, 16, 20, 30 ... */
static int64
round_up(int64 number)
{
	static const int64 rounds[] = {10, 12, 16, 20, 30, 40, 50, 60, 80, 100};
	int64			   step = 1;

	if (number <= 10)
		return Max(number + number % 2, 2);
	while (step * 100 < number)
		step *= 10;
	for (size_t i = 0; i < lengthof(rounds); i++)
	{
		if (number <= rounds[i] * step)
			return rounds[i] * step;
	}
	return number;
}

/* What stands between a name and what is said of it. */
static const char *
colon(void)
{
	return report_word("&nbsp;: ", ": ");
}

/* One bar, its series above each other. */
static void
put_bar(StringInfo out, const Report *report, int i, int64 top)
{
	const ReportBar *bar = &report->bars[i];
	double			 y = HEIGHT;

	appendStringInfo(out, "<g><title>%s%s%s", report_date(bar->day, true), colon(),
					 report_number(report_bar_total(bar)));
	for (int series = 0; series < REPORT_SERIES; series++)
	{
		if (bar->documents[series] == 0)
			continue;
		appendStringInfoString(out, "\n");
		report_put(out, report->series[series]);
		appendStringInfo(out, "%s%s", colon(), report_number(bar->documents[series]));
	}
	appendStringInfoString(out, "</title>");
	for (int series = 0; series < REPORT_SERIES; series++)
	{
		double part = (double) HEIGHT * bar->documents[series] / top;

		if (bar->documents[series] == 0)
			continue;
		y -= part;
		appendStringInfo(out,
						 "<rect class=\"s%d\" x=\"%.2f\" y=\"%.2f\" width=\".76\""
						 " height=\"%.2f\"/>",
						 series, i + 0.12, y, part);
	}
	appendStringInfoString(out, "</g>");
}

/* A word at a place of an axis, in hundredths. */
static void
put_label(StringInfo out, double place, const char *word, bool minor)
{
	appendStringInfo(out, "<span%s style=\"left:%.1f%%\">%s</span>",
					 minor ? " class=\"minor\"" : "", place, word);
}

/* The days below the bars; on a phone every other one. */
static void
put_days(StringInfo out, const Report *report)
{
	int step = (report->n_bars + MAX_DAY_LABELS - 1) / MAX_DAY_LABELS;

	appendStringInfoString(out, "<div class=\"axis\">");
	for (int i = 0; i < report->n_bars; i += step)
		put_label(out, 100 * (i + 0.5) / report->n_bars, report_date(report->bars[i].day, false),
				  i / step % 2 == 1);
	appendStringInfoString(out, "</div>");
}

static void
put_legend(StringInfo out, const Report *report)
{
	appendStringInfoString(out, "<ul class=\"legend\">");
	for (int series = 0; series < REPORT_SERIES; series++)
	{
		int64 total = 0;

		if (report->series[series] == NULL)
			continue;
		for (int i = 0; i < report->n_bars; i++)
			total += report->bars[i].documents[series];
		appendStringInfo(out,
						 "<li><svg viewBox=\"0 0 10 10\"><rect class=\"s%d\" width=\"10\""
						 " height=\"10\" rx=\"2\"/></svg><bdi>",
						 series);
		report_put(out, report->series[series]);
		appendStringInfo(out, "</bdi><span>%s</span></li>", report_number(total));
	}
	appendStringInfoString(out, "</ul>");
}

void
report_put_chart(StringInfo out, const Report *report)
{
	const char *title = report_word("Documents par jour", "Documents a day");
	int64		most = 0;
	int64		top;

	for (int i = 0; i < report->n_bars; i++)
		most = Max(most, report_bar_total(&report->bars[i]));
	appendStringInfo(out, "<section><h2>%s</h2>", title);
	if (most == 0)
	{
		appendStringInfo(out, "<p class=\"dim\">%s</p></section>",
						 report_word("Rien de nouveau.", "Nothing new."));
		return;
	}
	top = round_up(most);
	appendStringInfoString(out, "<figure class=\"chart\"><div class=\"scale\">");
	for (int i = 2; i >= 0; i--)
		appendStringInfo(out, "<span>%s</span>", report_number(top * i / 2));
	appendStringInfo(out,
					 "</div><div class=\"plot\"><svg viewBox=\"0 0 %d %d\" role=\"img\""
					 " preserveAspectRatio=\"none\" aria-label=\"%s\">",
					 report->n_bars, HEIGHT, title);
	for (int i = 0; i <= 2; i++)
		appendStringInfo(out, "<line x1=\"0\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>", report->n_bars,
						 HEIGHT * i / 2, HEIGHT * i / 2);
	for (int i = 0; i < report->n_bars; i++)
		put_bar(out, report, i, top);
	appendStringInfoString(out, "</svg></div>");
	put_days(out, report);
	appendStringInfoString(out, "</figure>");
	put_legend(out, report);
	appendStringInfoString(out, "</section>");
}

/* ---- numbers with commas between them ---- */

typedef struct Numbers
{
	double *values;
	bool   *known;
	int		n;
	double	least;
	double	most;
} Numbers;

/* NULL gives none. */
static Numbers
read_numbers(const char *text)
{
	Numbers numbers = {.least = 0, .most = 0};
	bool	first = true;

	if (text == NULL)
		return numbers;
	numbers.values = palloc0((strlen(text) + 1) * sizeof(double));
	numbers.known = palloc0(strlen(text) + 1);
	for (const char *c = text;; c++)
	{
		size_t length = strcspn(c, ",");
		int	   i = numbers.n++;

		if (length > 0)
		{
			numbers.values[i] = strtod(c, NULL);
			numbers.known[i] = true;
			numbers.least = first ? numbers.values[i] : Min(numbers.least, numbers.values[i]);
			numbers.most = first ? numbers.values[i] : Max(numbers.most, numbers.values[i]);
			first = false;
		}
		c += length;
		if (*c == '\0')
			return numbers;
	}
}

/* The bars of a source, in a line of text; the greatest is told. */
void
report_put_bars(StringInfo out, const char *text)
{
	Numbers numbers = read_numbers(text);

	appendStringInfo(out,
					 "<svg class=\"spark\" viewBox=\"0 0 %d 10\" preserveAspectRatio=\"none\">"
					 "<title>%s %s</title><path d=\"",
					 numbers.n, report_word("au plus", "at most"),
					 report_number((int64) numbers.most));
	for (int i = 0; i < numbers.n; i++)
	{
		if (numbers.values[i] > 0)
			appendStringInfo(out, "M%d 10v-%.1fh.8V10z", i,
							 Max(10 * numbers.values[i] / numbers.most, 0.6));
	}
	appendStringInfoString(out, "\"/></svg>");
}

/* The path of a curve between least and most; an area goes down to the ground. */
static void
put_path(StringInfo out, const Numbers *numbers, double least, double most, const char *class)
{
	bool area = strcmp(class, "area") == 0;
	int	 last = -1;
	char pen = 'M';

	appendStringInfo(out, "<path class=\"%s\" d=\"", class);
	for (int i = 0; i < numbers->n; i++)
	{
		double part = most > least ? (numbers->values[i] - least) / (most - least) : 0.5;

		if (!numbers->known[i])
			continue;
		if (last < 0 && area)
			appendStringInfo(out, "M%d %dL", i, HEIGHT);
		else
			appendStringInfoChar(out, pen);
		appendStringInfo(out, "%d %.1f", i, HEIGHT * (0.96 - 0.92 * part));
		last = i;
		pen = 'L';
	}
	if (area && last >= 0)
		appendStringInfo(out, "L%d %dz", last, HEIGHT);
	else if (last >= 0)
		appendStringInfoString(out, "h.01"); /* a single place is a dot */
	appendStringInfoString(out, "\"/>");
}

/* A curve, and where there is one another that belongs to it; title may be NULL. */
static void
put_curve(StringInfo out, const Numbers *curve, const Numbers *second, const char *class,
		  const char *title)
{
	double least = second && second->n > 0 ? Min(curve->least, second->least) : curve->least;
	double most = second && second->n > 0 ? Max(curve->most, second->most) : curve->most;

	appendStringInfo(out,
					 "<svg class=\"curve %s\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\""
					 " role=\"img\"><title>",
					 class, Max(curve->n - 1, 1), HEIGHT);
	report_put(out, title);
	appendStringInfoString(out, "</title>");
	if (class[0] == '\0')
		put_path(out, curve, least, most, "area");
	if (second && second->n > 0)
		put_path(out, second, least, most, "second");
	put_path(out, curve, least, most, "first");
	appendStringInfoString(out, "</svg>");
}

/* ---- the sources at a glance ---- */

/* The tiles of a class; counts them into the words of the key. */
static int
put_tiles(StringInfo out, const ReportTable *sources, const char *class, int room)
{
	int n = 0;

	for (int row = 0; row < sources->n_rows; row++)
	{
		const char *status = sources->cells[row][2];

		if (strcmp(report_status_class(status), class) != 0 || n++ >= room)
			continue;
		appendStringInfo(out, "<i class=\"%s\" title=\"", class);
		report_put(out, sources->cells[row][0]);
		appendStringInfo(out, "%s%s\"></i>", colon(), report_cell(&sources->columns[2], status));
	}
	return n;
}

/* A tile a source, those first that need a look. */
void
report_put_mosaic(StringInfo out, const ReportTable *sources)
{
	static const struct
	{
		const char *class;
		const char *french[2]; /* of one, of several */
		const char *english[2];
	} classes[] = {
		{"bad", {"en échec", "en échec"}, {"failing", "failing"}},
		{"warn",
		 {"en retard, obsolète ou jamais collectée", "en retard, obsolètes ou jamais collectées"},
		 {"late, obsolete or never collected", "late, obsolete or never collected"}},
		{"ok", {"va bien", "vont bien"}, {"is well", "are well"}},
		{"dim", {"inactive", "inactives"}, {"inactive", "inactive"}},
	};
	int counts[lengthof(classes)];
	int room = MAX_TILES;

	appendStringInfoString(out, "<div class=\"mosaic\">");
	for (size_t i = 0; i < lengthof(classes); i++)
	{
		counts[i] = put_tiles(out, sources, classes[i].class, room);
		room = Max(room - counts[i], 0);
	}
	appendStringInfoString(out, "</div><ul class=\"key\">");
	for (size_t i = 0; i < lengthof(classes); i++)
	{
		int several = report_is_one(counts[i]) ? 0 : 1;

		if (counts[i] > 0)
			appendStringInfo(out, "<li><span class=\"%s\">%s</span> %s</li>", classes[i].class,
							 report_number(counts[i]),
							 report_word(classes[i].french[several], classes[i].english[several]));
	}
	appendStringInfoString(out, "</ul>");
}

/* ---- the ledger ---- */

/* What the letters of a strip mean; each has a height of its own, not only a colour. */
static const struct
{
	char		letter;
	int			height; /* of 20 */
	const char *french;
	const char *english;
} slices[] = {
	{'#', 20, "collectée", "collected"},
	{'.', 5, "attendue", "expected"},
	{'-', 10, "absente à la source", "absent at the source"},
	{'!', 20, "en échec", "failed"},
	{' ', 2, "non demandée", "not asked for"},
};

/* All slices of a meaning as one path: a strip has few pieces, however it looks. */
static void
put_strip(StringInfo out, const char *strip)
{
	appendStringInfo(out,
					 "<svg viewBox=\"0 0 %d 20\" preserveAspectRatio=\"none\" role=\"img\""
					 " aria-label=\"%s\">",
					 REPORT_SLICES,
					 report_word("une case par quart d&#39;heure", "a cell a quarter of an hour"));
	for (size_t i = 0; i < lengthof(slices); i++)
	{
		if (strchr(strip, slices[i].letter) == NULL)
			continue;
		appendStringInfo(out, "<path class=\"c%d\" d=\"", (int) i);
		for (int place = 0; strip[place] != '\0'; place++)
		{
			if (strip[place] == slices[i].letter)
				appendStringInfo(out, "M%d 20v-%dh.8v%dz", place, slices[i].height,
								 slices[i].height);
		}
		appendStringInfo(out, "\"><title>%s</title></path>",
						 report_word(slices[i].french, slices[i].english));
	}
	appendStringInfoString(out, "</svg>");
}

/* The hours below the strips, of the zone that the report's times are in. */
static void
put_hours(StringInfo out, const char *since)
{
	int hour = atoi(since + strlen("YYYY-MM-DD "));
	int minute = atoi(since + strlen("YYYY-MM-DD HH:"));

	appendStringInfoString(out, "<div class=\"axis\">");
	for (int i = 1; i <= 24; i++)
	{
		double place = 100.0 * (i * 60 - minute) / (24 * 60);

		if ((hour + i) % 3 == 0 && place < 98)
			put_label(out, place, psprintf("%02d:00", (hour + i) % 24), (hour + i) % 6 != 0);
	}
	appendStringInfoString(out, "</div>");
}

/* Which columns these are is known to report_parts.c and to here. */
void
report_put_ledger(StringInfo out, const ReportTable *ledger)
{
	appendStringInfoString(out, "<div class=\"ledger\">");
	for (int row = 0; row < ledger->n_rows; row++)
	{
		char **cells = ledger->cells[row];

		appendStringInfoString(out, "<div class=\"name\"><bdi>");
		report_put(out, cells[0]);
		appendStringInfoString(out, "</bdi><small>");
		report_put(out, cells[1]);
		appendStringInfoString(out, "</small></div>");
		appendStringInfo(out, "<div class=\"count%s\">%s / %d</div>",
						 strcmp(cells[6], "0") == 0 ? "" : " bad", cells[3], REPORT_SLICES);
		put_strip(out, cells[7]);
	}
	put_hours(out, ledger->cells[0][2]);
	appendStringInfoString(out, "</div><ul class=\"key\">");
	for (size_t i = 0; i < lengthof(slices); i++)
		appendStringInfo(out,
						 "<li><svg viewBox=\"0 0 10 20\"><rect class=\"c%d\" y=\"%d\" width=\"10\""
						 " height=\"%d\"/></svg>%s</li>",
						 (int) i, 20 - slices[i].height, slices[i].height,
						 report_word(slices[i].french, slices[i].english));
	appendStringInfoString(out, "</ul>");
}

/* ---- the weather ---- */

/* A small curve with its name and its newest value. */
static void
put_twin(StringInfo out, const ReportTable *places, int curve, const char *numbers,
		 const char *newest, const char *unit)
{
	const char *name = report_word(places->columns[curve].french, places->columns[curve].english);
	Numbers		values = read_numbers(numbers);

	appendStringInfo(out, "<div>%s <b>%s</b>&nbsp;%s", name,
					 newest ? psprintf("%.0f", strtod(newest, NULL)) : "&ndash;", unit);
	put_curve(out, &values, NULL, "small",
			  psprintf("%s, %.0f - %.0f %s", name, values.least, values.most, unit));
	appendStringInfoString(out, "</div>");
}

/* A number of that column; a dash where there is none. */
static const char *
number_of(const ReportTable *places, char **cells, int column)
{
	return cells[column] ? report_cell(&places->columns[column], cells[column]) : "&ndash;";
}

static void
put_place(StringInfo out, const ReportTable *places, char **cells)
{
	Numbers temperatures = read_numbers(cells[8]);
	Numbers feels = read_numbers(cells[9]);

	appendStringInfoString(out, "<div class=\"place\"><h3><bdi>");
	report_put(out, cells[0]);
	appendStringInfo(out, "</bdi><b>%s&nbsp;&deg;C</b></h3><p>", number_of(places, cells, 1));
	report_put(out, cells[6] ? cells[6] : "");
	appendStringInfoString(out, "</p>");
	put_curve(out, &temperatures, &feels, "",
			  report_word("température ; en pointillé : ressenti",
						  "temperature; dotted: what it feels like"));
	appendStringInfo(out, "<div class=\"ends\"><span>%s %s&nbsp;&deg;C</span>",
					 report_word("min.", "min."), number_of(places, cells, 2));
	appendStringInfo(out, "<span>%s %s&nbsp;&deg;C</span></div><div class=\"twins\">",
					 report_word("max.", "max."), number_of(places, cells, 3));
	put_twin(out, places, 10, cells[10], cells[4], "%");
	put_twin(out, places, 11, cells[11], cells[5], "km/h");
	appendStringInfoString(out, "</div></div>");
}

/* Which columns these are is known to report_parts.c and to here. */
void
report_put_places(StringInfo out, const ReportTable *places)
{
	int drawn = 0;

	appendStringInfoString(out, "<div class=\"places\">");
	while (drawn < places->n_rows && places->cells[drawn][8] != NULL)
		put_place(out, places, places->cells[drawn++]);
	appendStringInfoString(out, "</div>");
	if (drawn == places->n_rows)
		return;
	appendStringInfo(out, "<details><summary>%s</summary>",
					 psprintf(report_is_one(places->n_rows - drawn)
								  ? report_word("%d lieu de plus", "%d more place")
								  : report_word("%d lieux de plus", "%d more places"),
							  places->n_rows - drawn));
	report_put_table(out, places, drawn, places->n_rows);
	appendStringInfoString(out, "</details>");
}

/* ---- the growth ---- */

/* The second column's numbers of bytes, a place a row: the days are about evenly apart. */
void
report_put_growth(StringInfo out, const ReportTable *growth)
{
	char		 **first = growth->cells[0];
	char		 **last = growth->cells[growth->n_rows - 1];
	StringInfoData numbers;
	Numbers		   sizes;

	initStringInfo(&numbers);
	for (int row = 0; row < growth->n_rows; row++)
		appendStringInfo(&numbers, "%s%s", row > 0 ? "," : "", growth->cells[row][1]);
	sizes = read_numbers(numbers.data);
	sizes.least = 0; /* what has grown by a tenth is not to look as if it had doubled */
	appendStringInfoString(out, "<figure style=\"margin:0\">");
	put_curve(out, &sizes, NULL, "",
			  psprintf("%s - %s", report_bytes(first[1]), report_bytes(last[1])));
	appendStringInfoString(out, "<div class=\"ends\"><span>");
	report_put(out, report_date(first[0], true));
	appendStringInfo(out, "%s%s</span><span>", colon(), report_bytes(first[1]));
	report_put(out, report_date(last[0], true));
	appendStringInfo(out, "%s%s</span></div></figure>", colon(), report_bytes(last[1]));
}
