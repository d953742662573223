/*
 * cron.c
 *	  Reads schedules: each field becomes a set of bits.
 *
 * One reader walks over the expression and stops at the first fault, which it
 * names with its place.  The grammar is crontab(5)'s as Debian has it, with what
 * other readers of crontabs agree on besides: a/n, L, d#n and "?".  What we
 * refuse (ranges that run backwards, W, a field of seconds) they disagree on.
 * When a schedule is due is cron_next.c's matter.
 */
#include "time/cron.h"
#include "base/arena.h"
#include "base/ascii.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- the fields ---- */

/* In the order in which they stand. */
typedef enum FieldNumber
{
	MINUTE_FIELD,
	HOUR_FIELD,
	DAY_FIELD,
	MONTH_FIELD,
	WEEKDAY_FIELD
} FieldNumber;

#define FIELDS 5

/*
 * A step may be longer than its field, as in Vixie's cron: star/99 is the field's
 * first value.  The bound only keeps the arithmetic small.
 */
#define MAX_STEP 999999

/*
 * What may stand in a field.  Days of the week go from 0 to 7 in values and
 * ranges, so that both "0-6" and "1-7" are a week; but an open end ("*", "a/n")
 * is Saturday, the seventh of them, or 1/2 would be Sunday too.
 */
typedef struct FieldRule
{
	const char		  *name;
	const char		  *place; /* the same within a message */
	int				   low;
	int				   high;
	int				   end;	  /* the last value of "*" and of "a/n" */
	const char *const *names; /* of the values from low to end, or NULL */
} FieldRule;

static const char *const month_names[] = {"jan", "feb", "mar", "apr", "may", "jun",
										  "jul", "aug", "sep", "oct", "nov", "dec"};

static const char *const weekday_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

static const FieldRule field_rules[FIELDS] = {
	{"minute", "the minute field", 0, 59, 59, NULL},
	{"hour", "the hour field", 0, 23, 23, NULL},
	{"day of month", "the day of month field", 1, 31, 31, NULL},
	{"month", "the month field", 1, 12, 12, month_names},
	{"day of week", "the day of week field", 0, 7, 6, weekday_names},
};

/* What stands in it, bit n being value n. */
typedef struct FieldSet
{
	uint64_t values;
	uint64_t nth;  /* of "d#n": bits as in Cron.weekdays */
	bool	 last; /* L, in the day of month field */
	bool	 star; /* the field begins with one */
} FieldSet;

/* As crontab(5) has them, but for @reboot, which is no time. */
static const struct
{
	const char *name;
	const char *fields;
} nicknames[] = {
	{"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
	{"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},	  {"@midnight", "0 0 * * *"},
	{"@hourly", "0 * * * *"},
};

/* In the singular; a plural s is taken off before. */
static const struct
{
	const char *name;
	int64_t		seconds;
} units[] = {{"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86400}};

/*
 * ---- characters ----
 *
 * ASCII whatever the locale: isalpha() of a multibyte character's bytes would
 * depend on the server's LC_CTYPE, and a schedule must not.
 */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Whether len bytes are the word, which is in lower case. */
static bool
is_word(const char *text, size_t len, const char *word)
{
	for (size_t i = 0; i < len; i++)
	{
		if (word[i] == '\0' || to_lower(text[i]) != word[i])
			return false;
	}
	return word[len] == '\0';
}

/* ---- reading ---- */

/*
 * Where we are and where faults go.  Functions that read leave the reader after
 * what they took, and return false where they refused.
 */
typedef struct Reader
{
	const char		*start;
	const char		*at;
	const FieldRule *rule; /* of the field at hand, or NULL */
	CronError		*error;
} Reader;

/*
 * Says what is wrong at the given place, in the reader's field if it is in one:
 * lower case and without a period, as the server's messages are.  Always false,
 * for the caller to return.
 */
static bool __attribute__((format(printf, 3, 4)))
refuse(const Reader *reader, const char *at, const char *format, ...)
{
	CronError *error = reader->error;
	va_list	   args;

	error->position = (int) (at - reader->start);
	error->field = reader->rule ? reader->rule->name : NULL;
	va_start(args, format);
	vsnprintf(error->message, sizeof(error->message), format, args);
	va_end(args);
	return false;
}

/* Where the reader stands, for a message. */
static const char *
place_name(const Reader *reader)
{
	return reader->rule ? reader->rule->place : "the schedule";
}

/* Refuses the character that the reader is at. */
static bool
refuse_character(const Reader *reader)
{
	unsigned char c = (unsigned char) *reader->at;

	if (c == '\0' || is_blank(*reader->at))
		return refuse(reader, reader->at, "%s ends too early", place_name(reader));
	if (c > ' ' && c < 0x7F)
		return refuse(reader, reader->at, "unexpected \"%c\" in %s", c, place_name(reader));
	/* perhaps a part of a character: the message must be valid in any encoding */
	return refuse(reader, reader->at, "unexpected byte 0x%02X in %s", c, place_name(reader));
}

/* Spaces and tabs; a line's end is no part of a schedule. */
static void
skip_blanks(Reader *reader)
{
	while (is_blank(*reader->at))
		reader->at++;
}

/*
 * How many of the bytes from start to the reader's place a message quotes: not a
 * thousand digits.  They have been read, so they are ASCII.
 */
static int
quoted_length(const Reader *reader, const char *start)
{
	return (int) (reader->at - start < 20 ? reader->at - start : 20);
}

/*
 * A number from low to high, leading zeros allowed; what names it in the message.
 * Digits beyond the range are passed over, so any length of them is safe.
 */
static bool
read_number(Reader *reader, const char *what, int64_t low, int64_t high, int64_t *number)
{
	const char *start = reader->at;

	if (!is_digit(*start))
		return refuse_character(reader);
	*number = 0;
	for (; is_digit(*reader->at); reader->at++)
	{
		if (*number <= high)
			*number = *number * 10 + (*reader->at - '0');
	}
	if (*number < low || *number > high)
		return refuse(reader, start, "%s %.*s is out of range in %s (%lld to %lld)", what,
					  quoted_length(reader, start), start, place_name(reader), (long long) low,
					  (long long) high);
	return true;
}

/*
 * One value of the field: a number, or where the field has names one of those in
 * either case.  Longer names are refused, as cron(8) does.
 */
static bool
read_value(Reader *reader, int *value)
{
	const FieldRule *rule = reader->rule;
	const char		*start = reader->at;
	int64_t			 number;

	if (rule->names == NULL || !is_letter(*start))
	{
		if (!read_number(reader, "value", rule->low, rule->high, &number))
			return false;
		*value = (int) number;
		return true;
	}
	while (is_letter(*reader->at))
		reader->at++;
	for (*value = rule->low; *value <= rule->end; (*value)++)
	{
		if (is_word(start, reader->at - start, rule->names[*value - rule->low]))
			return true;
	}
	return refuse(reader, start, "unknown name \"%.*s\" in %s", quoted_length(reader, start), start,
				  place_name(reader));
}

/*
 * "d#n" from the "#" on: the n-th such weekday of the month.  The fifth may be
 * missing from a month, the sixth always is.
 */
static bool
read_nth(Reader *reader, int weekday, FieldSet *set)
{
	int64_t n;

	reader->at++;
	if (!read_number(reader, "week", 1, 5, &n))
		return false;
	set->nth |= UINT64_C(1) << ((n - 1) * 7 + weekday % 7);
	return true;
}

static void
add_values(FieldSet *set, int first, int last, int64_t step)
{
	for (int64_t value = first; value <= last; value += step)
		set->values |= UINT64_C(1) << value;
}

/* Adds the values from first to last in the steps that a "/" gives. */
static bool
read_step(Reader *reader, int first, int last, FieldSet *set)
{
	int64_t step = 1;

	if (*reader->at == '/')
	{
		reader->at++;
		if (!read_number(reader, "step", 1, MAX_STEP, &step))
			return false;
	}
	add_values(set, first, last, step);
	return true;
}

/*
 * One element of a list: "*", "a", "a-b", each with a step, "L", "d#n".  What may
 * not follow it (a range from a star, a step after L) stays unread, and whoever
 * looks for a comma or the field's end finds it there.
 */
static bool
read_element(Reader *reader, FieldSet *set)
{
	const FieldRule *rule = reader->rule;
	const char		*start = reader->at;
	int				 first;
	int				 last;

	if (*start == '*')
	{
		reader->at++;
		return read_step(reader, rule->low, rule->end, set);
	}
	if (rule == &field_rules[DAY_FIELD] && to_lower(*start) == 'l')
	{
		reader->at++;
		set->last = true;
		return true;
	}
	if (!read_value(reader, &first))
		return false;
	if (rule == &field_rules[WEEKDAY_FIELD] && *reader->at == '#')
		return read_nth(reader, first, set);
	last = first;
	if (*reader->at == '-')
	{
		reader->at++;
		if (!read_value(reader, &last))
			return false;
		if (last < first)
			return refuse(reader, start, "range \"%.*s\" runs backwards in %s",
						  quoted_length(reader, start), start, place_name(reader));
	}
	else if (*reader->at == '/' && first < rule->end)
		last = rule->end;
	return read_step(reader, first, last, set);
}

/* Elements with commas between them. */
static bool
read_list(Reader *reader, FieldSet *set)
{
	for (;;)
	{
		if (!read_element(reader, set))
			return false;
		if (*reader->at != ',')
			return true;
		reader->at++;
	}
}

/*
 * A whole field, to the blank or the end after it.  Whether it begins with a star
 * matters by itself, not whether it holds all values: see cron_next, and the rule
 * of the two day fields in cron.h.
 */
static bool
read_field(Reader *reader, FieldNumber number, FieldSet *set)
{
	const FieldRule *rule = &field_rules[number];
	bool			 is_day = number == DAY_FIELD || number == WEEKDAY_FIELD;

	memset(set, 0, sizeof(*set));
	skip_blanks(reader);
	reader->rule = rule;
	if (*reader->at == '\0')
		return refuse(reader, reader->at, "%s is missing", rule->place);
	set->star = *reader->at == '*' || (is_day && *reader->at == '?');
	if (*reader->at == '?' && set->star)
	{
		reader->at++;
		add_values(set, rule->low, rule->end, 1);
	}
	else if (!read_list(reader, set))
		return false;
	if (*reader->at != '\0' && !is_blank(*reader->at))
		return refuse_character(reader);
	return true;
}

/* As Cron has them: the weekdays of all five weeks, and those of one week each. */
static uint64_t
weekday_set(const FieldSet *set)
{
	uint64_t week = (set->values | set->values >> 7) & 0x7F; /* 7 is Sunday */
	uint64_t weekdays = set->nth;

	for (int n = 0; n < 5; n++)
		weekdays |= week << (7 * n);
	return weekdays;
}

/* ---- the three forms ---- */

/* UTC: the question whether a schedule is ever due does not hang on the zone. */
static int
no_offset(const void *zone, Instant at)
{
	(void) zone;
	(void) at;
	return 0;
}

/* Nothing but blanks may follow. */
static bool
read_end(Reader *reader)
{
	skip_blanks(reader);
	return *reader->at == '\0' || refuse_character(reader);
}

/* The five fields, and whether any day fits them. */
static bool
read_fields(Reader *reader, Cron *cron)
{
	FieldSet	sets[FIELDS];
	const char *starts[FIELDS];

	for (int i = 0; i < FIELDS; i++)
	{
		skip_blanks(reader);
		starts[i] = reader->at;
		if (!read_field(reader, (FieldNumber) i, &sets[i]))
			return false;
	}
	reader->rule = NULL;
	skip_blanks(reader);
	if (*reader->at != '\0')
		return refuse(reader, reader->at, "unexpected sixth field: a schedule has five");
	cron->minutes = sets[MINUTE_FIELD].values;
	cron->minute_star = sets[MINUTE_FIELD].star;
	cron->hours = (uint32_t) sets[HOUR_FIELD].values;
	cron->hour_star = sets[HOUR_FIELD].star;
	cron->days = (uint32_t) sets[DAY_FIELD].values;
	cron->last_day = sets[DAY_FIELD].last;
	cron->day_star = sets[DAY_FIELD].star;
	cron->months = (uint16_t) sets[MONTH_FIELD].values;
	cron->weekdays = weekday_set(&sets[WEEKDAY_FIELD]);
	cron->weekday_star = sets[WEEKDAY_FIELD].star;
	/* 30 February would wait for ever without a word: better to hear it now */
	if (cron_next(cron, (Zone){no_offset, NULL}, 0) != INSTANT_NEVER)
		return true;
	reader->rule = &field_rules[DAY_FIELD];
	return refuse(reader, starts[DAY_FIELD], "no day of the given months fits %s",
				  place_name(reader));
}

/*
 * @daily and the like, each a short name of five fields.  Those are read by a
 * reader of their own; they hold no fault it could report.
 */
static bool
read_nickname(Reader *reader, Cron *cron)
{
	const char *start = reader->at;
	Reader		fields = *reader;

	reader->at++;
	while (is_letter(*reader->at))
		reader->at++;
	for (size_t i = 0; i < lengthof(nicknames); i++)
	{
		if (!is_word(start, reader->at - start, nicknames[i].name))
			continue;
		fields.start = fields.at = nicknames[i].fields;
		return read_fields(&fields, cron) && read_end(reader);
	}
	return refuse(reader, start, "unknown name \"%.*s\"", quoted_length(reader, start), start);
}

/*
 * Whether these are two words, a number and a name: five fields that begin so,
 * as "5 L * * *", are better refused as fields.
 */
static bool
looks_like_interval(const char *at)
{
	if (!is_digit(*at))
		return false;
	at += strcspn(at, " \t");
	at += strspn(at, " \t");
	if (!is_letter(*at))
		return false;
	at += strcspn(at, " \t");
	at += strspn(at, " \t");
	return *at == '\0';
}

/* "N seconds" and the like; the bound is checked before the numbers are multiplied. */
static bool
read_interval(Reader *reader, Cron *cron)
{
	const char *number_start = reader->at;
	const char *start;
	int64_t		number;
	size_t		len;

	if (!read_number(reader, "interval", 1, CRON_MAX_INTERVAL, &number))
		return false;
	if (!is_blank(*reader->at))
		return refuse_character(reader);
	skip_blanks(reader);
	start = reader->at;
	while (is_letter(*reader->at))
		reader->at++;
	len = reader->at - start;
	if (len > 0 && to_lower(start[len - 1]) == 's')
		len--;
	for (size_t i = 0; i < lengthof(units); i++)
	{
		if (!is_word(start, len, units[i].name))
			continue;
		if (number > CRON_MAX_INTERVAL / units[i].seconds)
			return refuse(reader, number_start, "the interval is longer than %d days",
						  (int) (CRON_MAX_INTERVAL / 86400));
		cron->interval = number * units[i].seconds;
		return read_end(reader);
	}
	return refuse(reader, start, "unknown unit \"%.*s\" (seconds, minutes, hours or days)",
				  quoted_length(reader, start), start);
}

bool
cron_parse(const char *expression, Cron *cron, CronError *error)
{
	Reader reader = {expression, expression, NULL, error};

	memset(cron, 0, sizeof(*cron));
	if (strnlen(expression, CRON_MAX_LENGTH + 1) > CRON_MAX_LENGTH)
		return refuse(&reader, expression + CRON_MAX_LENGTH, "the schedule is longer than %d bytes",
					  CRON_MAX_LENGTH);
	skip_blanks(&reader);
	if (*reader.at == '@')
		return read_nickname(&reader, cron);
	if (looks_like_interval(reader.at))
		return read_interval(&reader, cron);
	return read_fields(&reader, cron);
}
