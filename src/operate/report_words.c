/*
 * report_words.c
 *	  What the report says as its readers do: in their language, with their numbers, sizes,
 *	  dates and plurals.
 *
 * Who uses it: all forms but JSON, which has everything as the tables have it.
 */
#include "postgres.h"

#include "base/memory.h"
#include "base/settings.h"
#include "operate/report.h"

static bool
is_french(void)
{
	return setting_report_language == LANGUAGE_FRENCH;
}

const char *
report_word(const char *french, const char *english)
{
	const char *word = is_french() ? french : english;

	return memory_server_string(word, strlen(word));
}

bool
report_is_one(int64 number)
{
	return is_french() ? number < 2 : number == 1;
}

/* ---- numbers ---- */

/* Digits, perhaps with a point, as they are written: 12 345,6 or 12,345.6. */
static char *
grouped(const char *digits)
{
	size_t		   whole = strcspn(digits, ".");
	StringInfoData out;

	initStringInfo(&out);
	for (size_t i = 0; digits[i] != '\0'; i++)
	{
		if (i > 0 && i < whole && (whole - i) % 3 == 0 && digits[i - 1] != '-')
			appendStringInfoChar(&out, is_french() ? ' ' : ',');
		appendStringInfoChar(&out, digits[i] == '.' && is_french() ? ',' : digits[i]);
	}
	return out.data;
}

/* Bytes with a unit of a power of 1000. */
static char *
sized(const char *bytes)
{
	static const char *const units[][2] = {{"o", "B"},	 {"ko", "kB"}, {"Mo", "MB"}, {"Go", "GB"},
										   {"To", "TB"}, {"Po", "PB"}, {"Eo", "EB"}};
	double					 size = strtod(bytes, NULL);
	size_t					 unit = 0;

	while (size >= 999.5 && unit + 1 < lengthof(units))
	{
		size /= 1000;
		unit++;
	}
	return psprintf("%s %s", grouped(psprintf(size < 9.95 && unit > 0 ? "%.1f" : "%.0f", size)),
					is_french() ? units[unit][0] : units[unit][1]);
}

char *
report_number(int64 number)
{
	return grouped(psprintf("%lld", (long long) number));
}

char *
report_bytes(const char *bytes)
{
	return bytes ? sized(bytes) : "";
}

/* ---- dates and words of the model ---- */

char *
report_date(const char *iso, bool year)
{
	static const char *const months[][2] = {{"janv.", "Jan"}, {"févr.", "Feb"}, {"mars", "Mar"},
											{"avr.", "Apr"},  {"mai", "May"},	{"juin", "Jun"},
											{"juil.", "Jul"}, {"août", "Aug"},	{"sept.", "Sep"},
											{"oct.", "Oct"},  {"nov.", "Nov"},	{"déc.", "Dec"}};
	bool					 is_date = iso != NULL && strlen(iso) >= strlen("YYYY-MM-DD");
	int						 month = is_date ? atoi(iso + strlen("YYYY-")) : 0;
	int						 day = is_date ? atoi(iso + strlen("YYYY-MM-")) : 0;

	if (month < 1 || month > 12)
		return pstrdup(iso ? iso : "");
	return psprintf("%d%s %s%s%.*s", day, day == 1 && is_french() ? "er" : "",
					report_word(months[month - 1][0], months[month - 1][1]), year ? " " : "",
					year ? 4 : 0, iso);
}

/* The states of sources, runs, alerts and backups. */
static const char *
state_word(const char *state)
{
	static const struct
	{
		const char *state;
		const char *french;
		const char *english;
	} words[] = {
		{"echec", "échec", "failed"},		 {"en_cours", "en cours", "running"},
		{"inactif", "inactive", "inactive"}, {"jamais", "jamais", "never"},
		{"lacune", "lacune", "gap"},		 {"obsolete", "obsolète", "obsolete"},
		{"retabli", "rétabli", "recovered"}, {"retard", "en retard", "late"},
		{"silence", "silence", "silent"},	 {"succes", "succès", "success"},
	};

	for (size_t i = 0; i < lengthof(words); i++)
	{
		if (strcmp(words[i].state, state) == 0)
			return report_word(words[i].french, words[i].english);
	}
	return state;
}

/* ---- cells ---- */

bool
report_is_drawn(const ReportColumn *column)
{
	return column->kind == KIND_BARS || column->kind == KIND_CURVE;
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
			return psprintf("%s s", grouped(value));
		case KIND_STATUS:
			return pstrdup(state_word(value));
		case KIND_BARS:
		case KIND_CURVE:
			return "";
		case KIND_TEXT:
		case KIND_TIME:
		case KIND_STRIP:
			break;
	}
	return pstrdup(value);
}
