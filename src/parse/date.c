/*
 * date.c
 *	  Dates as feeds write them.
 *
 * One reader walks once over the text and fills fields: a number goes where it
 * fits, a word is looked up in a vocabulary, and what is written in digits and
 * separators only (ISO 8601 and its relatives, times, offsets) is matched
 * against tables of shapes.  Nothing is guessed from the clock or the locale;
 * what has no place makes the whole text no date.
 *
 * Sources: RFC 822 5, RFC 850, RFC 2822 and 5322 (3.3, and 4.3 for the obsolete
 * forms), RFC 3339, ISO 8601:1988 (whose truncated forms are still met), ISO
 * 8601:2004, XML Schema part 2, W3C NOTE-datetime, asctime of C.
 */
#include "parse/date.h"

#include "base/ascii.h"
#include "parse/date_words.h"

#include <string.h>

#define LONGEST_DATE 128 /* bytes; nothing that is a date comes near */
#define LONGEST_WORD 24	 /* bytes of a word that are looked at */
#define UNSET (-1)

#define MICROS_PER_SECOND INT64_C(1000000)
#define SECONDS_PER_MINUTE 60
#define SECONDS_PER_HOUR 3600
#define SECONDS_PER_DAY 86400
#define KOREAN_OFFSET (9 * SECONDS_PER_HOUR)

/* The seconds at which the years 1 and 10000 begin. */
#define FIRST_SECOND INT64_C(-62135596800)
#define END_SECOND INT64_C(253402300800)

typedef enum Field
{
	YEAR,
	MONTH,
	DAY,
	ORDINAL, /* day of the year */
	WEEK,	 /* of ISO 8601 */
	WEEKDAY, /* 1 (Monday) to 7; only with WEEK */
	HOUR,
	MINUTE,
	SECOND,
	N_FIELDS
} Field;

/* What the offset is known from: a later one counts for more. */
typedef enum ZoneSource
{
	ZONE_NONE,
	ZONE_COUNTRY,	   /* the form is used in one country only */
	ZONE_UNKNOWN_NAME, /* RFC 5322, 4.3: as if it were UTC */
	ZONE_NAME,
	ZONE_OFFSET
} ZoneSource;

typedef struct Reader
{
	const char *start;
	const char *at;
	const char *end;
	int			fields[N_FIELDS];
	int64_t		fraction;	  /* microseconds besides the fields */
	int			meridiem;	  /* hours to add to one of 1 to 11: 0 or 12, or UNSET */
	bool		month_unsure; /* the month may have been a French Tuesday */
	bool		after_t;	  /* "T" was read: the time may be without colons */
	ZoneSource	zone;
	int			offset; /* seconds east of UTC */
} Reader;

/*
 * Shapes.  A capital letter stands for one digit of its field, a small one for
 * one digit or two; a space for any white space or none; an apostrophe makes
 * the letter after it stand for itself, in either case; anything else is
 * itself.  No digit may follow a shape, and no letter one that ends in a letter.
 */
static const char shape_letters[N_FIELDS + 1] = "YMDONKHIS";

/* The first one that fits counts. */
static const char *const date_shapes[] = {
	"YYYY-m-d", /* W3CDTF, RFC 3339, MSSQL; Nate's */
	"YYYY/m/d", /* Perforce */
	"YYYY.m.d",
	"YYYY-OOO",	   /* ordinal date */
	"YYYY-'WNN-K", /* week date */
	"YYYY-'WNN",
	"YYYY'WNNK",
	"YYYY'WNN",
	"YYYYMMDDHHIISS", /* the basic format with its T left out */
	"YYYYMMDDHHII",
	"YYYYMMDD",
	"YYYYOOO",
	"YYYY-m",	/* reduced: the first of the month */
	"YY-MM-DD", /* truncated: the century left out */
	"YY-OOO",
	"YYMMDD",
	"YYOOO",
	"-YY-MM",
	"-YYMM",
	"YYYY\xEB\x85\x84 m\xEC\x9B\x94 d\xEC\x9D\xBC", /* Korean: year, month, day; OnBlog's */
};

static const char *const time_shapes[] = {
	"h:i:s",
	"h:i",
	"h 'h II", /* French */
	"h 'h",
};

/* Only after a "T", where they cannot be anything else. */
static const char *const basic_time_shapes[] = {"HHIISS", "HHII", "HH"};

static const char *const offset_shapes[] = {"h:II", "HHII", "HII", "h"};

/* ---- characters ---- */

/* The bytes of white space at p: ASCII's, U+00A0 and U+202F (before French units). */
static size_t
blank_length(const char *p, const char *end)
{
	if (p < end && (*p == ' ' || (*p >= '\t' && *p <= '\r')))
		return 1;
	if (end - p >= 2 && memcmp(p, "\xC2\xA0", 2) == 0)
		return 2;
	if (end - p >= 3 && memcmp(p, "\xE2\x80\xAF", 3) == 0)
		return 3;
	return 0;
}

static const char *
skip_blanks(const char *p, const char *end)
{
	size_t len;

	while ((len = blank_length(p, end)) > 0)
		p += len;
	return p;
}

/* ---- shapes ---- */

/*
 * Reads the digits that one letter's run in a shape stands for; returns where
 * they end, or NULL where they are not there.
 */
static const char *
match_digits(const char *at, const char *end, int fewest, int most, int *value)
{
	int count = 0;

	*value = 0;
	while (count < most && at < end && is_digit(*at))
	{
		*value = *value * 10 + (*at++ - '0');
		count++;
	}
	return count >= fewest ? at : NULL;
}

/* Matches one character of a shape that stands for itself, or a blank. */
static const char *
match_literal(const char *at, const char *end, const char **shape)
{
	bool quoted = **shape == '\'';

	if (quoted)
		(*shape)++;
	else if (**shape == ' ')
	{
		(*shape)++;
		return skip_blanks(at, end);
	}
	if (at == end || (*at != **shape && !(quoted && (*at | 0x20) == (**shape | 0x20))))
		return NULL;
	(*shape)++;
	return at + 1;
}

/*
 * Where the text from at on has the shape, stores the values of its fields and
 * returns the end of it; else returns NULL and leaves the fields alone.
 */
static const char *
match_shape(const char *at, const char *end, const char *shape, int *fields)
{
	int	 found[N_FIELDS];
	bool quoted = false;

	if (at < end && is_word_letter(*at) && is_word_letter(*shape))
		return NULL; /* most shapes begin with a field, and a field with a digit */
	memcpy(found, fields, sizeof(found));
	while (*shape != '\0' && at != NULL)
	{
		bool		optional = *shape >= 'a' && *shape <= 'z';
		const char *letter = strchr(shape_letters, optional ? *shape - 0x20 : *shape);
		int			run = 1;

		quoted = *shape == '\'';
		if (letter == NULL)
		{
			at = match_literal(at, end, &shape);
			continue;
		}
		while (shape[run] == *shape)
			run++;
		at = match_digits(at, end, run, optional ? 2 : run, &found[letter - shape_letters]);
		shape += run;
	}
	if (at == NULL || (at < end && (is_digit(*at) || (quoted && is_word_letter(*at)))))
		return NULL;
	memcpy(fields, found, sizeof(found));
	return at;
}

/* The first of the shapes that fits, or NULL. */
static const char *
match_shapes(Reader *reader, const char *const *shapes, size_t n_shapes, int *fields)
{
	for (size_t i = 0; i < n_shapes; i++)
	{
		const char *end = match_shape(reader->at, reader->end, shapes[i], fields);

		if (end != NULL)
		{
			reader->at = end;
			return shapes[i];
		}
	}
	return NULL;
}

/* ---- the parts of a date ---- */

/* Whether there is anything of a date yet: a date in digits comes whole, or not at all. */
static bool
date_begun(const Reader *reader)
{
	return reader->fields[YEAR] != UNSET || reader->fields[MONTH] != UNSET ||
		   reader->fields[DAY] != UNSET;
}

static bool
date_complete(const Reader *reader)
{
	return reader->fields[YEAR] != UNSET && reader->fields[MONTH] != UNSET &&
		   reader->fields[DAY] != UNSET;
}

static bool
time_seen(const Reader *reader)
{
	return reader->fields[HOUR] != UNSET;
}

/* Notes an offset, in seconds east of UTC, if nothing better is known. */
static void
set_zone(Reader *reader, ZoneSource source, int offset)
{
	if (source <= reader->zone)
		return;
	reader->zone = source;
	reader->offset = offset;
}

/* RFC 5322, 4.3: two digits are 1950 to 2049, three are counted from 1900. */
static int
full_year(int year, int digits)
{
	if (digits >= 4)
		return year;
	if (digits == 3 || year >= 50)
		return 1900 + year;
	return 2000 + year;
}

/*
 * A date in digits.  What a reduced one leaves out is 1 (and so is what an
 * ordinal or a week date has no use for: no second date may follow it).
 */
static bool
read_date_shape(Reader *reader)
{
	const char *shape = match_shapes(reader, date_shapes, lengthof(date_shapes), reader->fields);

	if (shape == NULL)
	{
		/* A year alone is a date only where there is nothing else. */
		if (reader->at != reader->start || reader->end - reader->at != 4 ||
			match_shapes(reader, (const char *const[]){"YYYY"}, 1, reader->fields) == NULL)
			return false;
		shape = "YYYY";
	}
	if (strstr(shape, "YYYY") == NULL)
		reader->fields[YEAR] = full_year(reader->fields[YEAR], 2);
	if (strchr(shape, ' ') != NULL)
		set_zone(reader, ZONE_COUNTRY, KOREAN_OFFSET);
	if (reader->fields[MONTH] == UNSET)
		reader->fields[MONTH] = 1;
	if (reader->fields[DAY] == UNSET)
		reader->fields[DAY] = 1;
	return true;
}

/* ISO 8601: the last unit may have a decimal fraction, after a comma or a point. */
static void
read_fraction(Reader *reader, int64_t unit_micros)
{
	int64_t value = 0;
	int64_t scale = 1;

	if (reader->end - reader->at < 2 || (*reader->at != '.' && *reader->at != ',') ||
		!is_digit(reader->at[1]))
		return;
	for (reader->at++; reader->at < reader->end && is_digit(*reader->at); reader->at++)
	{
		if (scale >= 1000000000)
			continue;
		value = value * 10 + (*reader->at - '0');
		scale *= 10;
	}
	reader->fraction = value * unit_micros / scale;
}

/* A time of day, with as many of its units as are there. */
static bool
read_time(Reader *reader)
{
	const char *shape = NULL;
	int			unit = SECONDS_PER_HOUR;

	shape = match_shapes(reader, time_shapes, lengthof(time_shapes), reader->fields);
	if (shape == NULL && reader->after_t)
		shape =
			match_shapes(reader, basic_time_shapes, lengthof(basic_time_shapes), reader->fields);
	if (shape == NULL)
		return false;
	if (reader->fields[SECOND] != UNSET)
		unit = 1;
	else if (reader->fields[MINUTE] != UNSET)
		unit = SECONDS_PER_MINUTE;
	read_fraction(reader, unit * MICROS_PER_SECOND);
	return true;
}

/*
 * The digits of an offset, after its sign: "+01:00" and "+01" (ISO 8601),
 * "+0100" (RFC 822), and what is met besides ("+1", "+530").
 */
static bool
read_offset(Reader *reader, int sign)
{
	int fields[N_FIELDS] = {0};

	if (match_shapes(reader, offset_shapes, lengthof(offset_shapes), fields) == NULL ||
		fields[HOUR] > 23 || fields[MINUTE] > 59)
		return false;
	set_zone(reader, ZONE_OFFSET,
			 sign * (fields[HOUR] * SECONDS_PER_HOUR + fields[MINUTE] * SECONDS_PER_MINUTE));
	return true;
}

/*
 * A number that stands by itself.  The first one of one or two digits is the
 * day, the next one the year, whichever way round ("04 Jan 2004", "Jan 4 04",
 * "2004 Jan 4").  Four digits after the time that have no other use are an
 * offset whose "+" was lost, as it is where a form's encoding is undone twice.
 */
static bool
read_number(Reader *reader)
{
	const char *start = reader->at;
	int			value;
	int			digits;

	reader->at = match_digits(start, reader->end, 1, 4, &value);
	digits = (int) (reader->at - start);
	if (reader->at < reader->end && is_digit(*reader->at))
		return false;
	if (digits <= 2 && reader->fields[DAY] == UNSET)
		reader->fields[DAY] = value;
	else if (reader->fields[YEAR] == UNSET)
		reader->fields[YEAR] = full_year(value, digits);
	else if (digits == 4 && time_seen(reader) && reader->zone < ZONE_OFFSET)
	{
		reader->at = start;
		return read_offset(reader, 1);
	}
	else
		return false;
	return true;
}

/* At a digit: the longest reading first, a lone number last. */
static bool
read_digits(Reader *reader)
{
	if (!date_begun(reader) && read_date_shape(reader))
		return true;
	if (!time_seen(reader) && read_time(reader))
		return true;
	return read_number(reader);
}

/*
 * "+" begins an offset.  "-" does so after the time, and after a date where
 * hours and minutes follow (XML Schema's date); else it stands between parts.
 */
static bool
read_sign(Reader *reader)
{
	char		sign = *reader->at;
	const char *next = skip_blanks(reader->at + 1, reader->end);
	bool		digit_follows = next < reader->end && is_digit(*next);
	int			unused[N_FIELDS] = {0};

	if (sign == '-' && !date_begun(reader) && read_date_shape(reader))
		return true;
	if (sign == '+' || (digit_follows && time_seen(reader)) ||
		(date_complete(reader) && match_shape(next, reader->end, "HH:II", unused) != NULL))
	{
		reader->at = next;
		return (time_seen(reader) || date_complete(reader)) && digit_follows &&
			   read_offset(reader, sign == '+' ? 1 : -1);
	}
	reader->at++;
	return true;
}

/* Comments in parentheses, which may be nested (RFC 822, 3.4.3). */
static void
skip_comment(Reader *reader)
{
	int depth = 0;

	do
	{
		if (*reader->at == '(')
			depth++;
		else if (*reader->at == ')')
			depth--;
		reader->at++;
	} while (depth > 0 && reader->at < reader->end);
}

/* ---- words ---- */

/*
 * The month.  "mar" is one only as long as no other word is ("mar. 5 mars"):
 * then it was the weekday, as it is where the month was known before.
 */
static bool
set_month(Reader *reader, int month, bool unsure)
{
	if (reader->fields[MONTH] != UNSET && !reader->month_unsure)
		return unsure;
	reader->fields[MONTH] = month;
	reader->month_unsure = unsure;
	return true;
}

/*
 * Takes a word that the vocabulary has no other use for: ISO 8601's "T" before
 * the time; a "Z" right after a date (XML Schema); after the time a zone, of
 * which the first name that is known counts ("Etc/GMT").
 */
static bool
take_other_word(Reader *reader, Text word)
{
	int offset = 0;

	if (time_seen(reader))
	{
		if (date_zone(word, &offset))
			set_zone(reader, ZONE_NAME, offset);
		else
			set_zone(reader, ZONE_UNKNOWN_NAME, 0);
	}
	else if (text_is(word, "t") && reader->at < reader->end && is_digit(*reader->at))
		reader->after_t = true;
	else if (text_is(word, "z") && date_complete(reader))
		set_zone(reader, ZONE_NAME, 0);
	else
		return false;
	return true;
}

/* Puts a folded word where it belongs; false where it belongs nowhere. */
static bool
take_word(Reader *reader, Text word)
{
	const DateWord *entry = date_word(word);

	if (entry == NULL)
		return take_other_word(reader, word);
	switch (entry->kind)
	{
		case WORD_WEEKDAY:
			return true; /* says nothing that the date does not, and is often wrong */
		case WORD_MONTH:
			return set_month(reader, entry->value, false) || take_other_word(reader, word);
		case WORD_MAR:
			return set_month(reader, entry->value, true);
		case WORD_KOREAN_MERIDIEM:
			set_zone(reader, ZONE_COUNTRY, KOREAN_OFFSET);
			reader->meridiem = entry->value;
			return true;
		case WORD_MERIDIEM:
			reader->meridiem = entry->value;
			return true;
		case WORD_FILLER:
			return !time_seen(reader) || take_other_word(reader, word);
	}
	return false;
}

/* A run of letters; points inside it ("a.m.") are passed over. */
static bool
read_word(Reader *reader)
{
	char   word[LONGEST_WORD];
	size_t len = 0;

	while (reader->at < reader->end)
	{
		bool inner_point = *reader->at == '.' && len == 1 && reader->end - reader->at > 1 &&
						   is_word_letter(reader->at[1]);

		if (blank_length(reader->at, reader->end) > 0 ||
			(!is_word_letter(*reader->at) && !inner_point))
			break;
		if (!inner_point && len < sizeof(word))
			word[len++] = *reader->at;
		reader->at++;
	}
	date_fold(word, len);
	return take_word(reader, (Text){word, len});
}

/* ---- the whole ---- */

/* Reads one part, whatever it is, and moves on by a byte at least; false where it is none. */
static bool
read_part(Reader *reader)
{
	char c = *reader->at;

	if (is_digit(c))
		return read_digits(reader);
	if (is_word_letter(c))
		return read_word(reader);
	if (c == '+' || c == '-')
		return read_sign(reader);
	if (c == '(')
	{
		skip_comment(reader);
		return true;
	}
	reader->at++;
	return c == ',' || c == '.' || c == '/';
}

/* Ten digits: seconds since 1970, from 2001 to 2286. */
static bool
read_timestamp(Text text, int64_t *seconds)
{
	*seconds = 0;
	if (text.len != 10)
		return false;
	for (size_t i = 0; i < text.len; i++)
	{
		if (!is_digit(text.data[i]))
			return false;
		*seconds = *seconds * 10 + (text.data[i] - '0');
	}
	return true;
}

/* ---- the calendar: Gregorian throughout, as ISO 8601 has it ---- */

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1970-01-01 to the first of January of a year from 1 to 10000. */
static int64_t
days_to_year(int year)
{
	int64_t past = year - 1;

	return past * 365 + past / 4 - past / 100 + past / 400 - 719162;
}

/* 1 (Monday) to 7 for a day counted from 1970-01-01, which was a Thursday. */
static int
weekday_of(int64_t day)
{
	return (int) (((day + 3) % 7 + 7) % 7) + 1;
}

bool
date_day_number(int year, int month, int day, int64_t *days)
{
	/* The days before each month, and the year's, where it is not a leap year. */
	static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
	int				 leap_day = is_leap(year);

	if (month < 1 || month > 12 || day < 1 ||
		day > before[month] - before[month - 1] + (month == 2 ? leap_day : 0))
		return false;
	*days = days_to_year(year) + before[month - 1] + (month > 2 ? leap_day : 0) + day - 1;
	return true;
}

/* ISO 8601: week 1 has the year's first Thursday; the last week its last one. */
static bool
week_to_days(int year, int week, int weekday, int64_t *days)
{
	int64_t fourth = days_to_year(year) + 3;
	int64_t thursday = fourth - weekday_of(fourth) + 4 + (week - 1) * 7;

	if (week < 1 || weekday < 1 || weekday > 7 || thursday >= days_to_year(year + 1))
		return false;
	*days = thursday + weekday - 4;
	return true;
}

/* The day of whichever kind of date was read, counted from 1970-01-01. */
static bool
date_to_days(const int *fields, int64_t *days)
{
	int year = fields[YEAR];

	if (year < 1 || year > 9999)
		return false;
	if (fields[WEEK] != UNSET)
		return week_to_days(year, fields[WEEK], fields[WEEKDAY] == UNSET ? 1 : fields[WEEKDAY],
							days);
	if (fields[ORDINAL] != UNSET)
	{
		*days = days_to_year(year) + fields[ORDINAL] - 1;
		return fields[ORDINAL] >= 1 && fields[ORDINAL] <= 365 + is_leap(year);
	}
	return date_day_number(year, fields[MONTH], fields[DAY], days);
}

/*
 * Seconds since midnight.  24:00 is the end of the day (ISO 8601); second 60,
 * wherever it stands, the moment after second 59 (as POSIX counts leap
 * seconds).
 */
static bool
time_to_seconds(const Reader *reader, int64_t *seconds)
{
	int hour = time_seen(reader) ? reader->fields[HOUR] : 0;
	int minute = reader->fields[MINUTE] == UNSET ? 0 : reader->fields[MINUTE];
	int second = reader->fields[SECOND] == UNSET ? 0 : reader->fields[SECOND];

	if (reader->meridiem != UNSET && hour <= 12)
		hour = hour % 12 + reader->meridiem;
	if (hour > 24 || minute > 59 || second > 60)
		return false;
	if (hour == 24 && (minute > 0 || second > 0 || reader->fraction > 0))
		return false;
	*seconds = hour * SECONDS_PER_HOUR + minute * SECONDS_PER_MINUTE + second;
	return true;
}

/* Reads part after part, and then sees whether they make a moment in our years. */
static bool
read_date(Reader *reader, int64_t *micros)
{
	int64_t days;
	int64_t seconds;

	for (int i = 0; i < N_FIELDS; i++)
		reader->fields[i] = UNSET;
	while ((reader->at = skip_blanks(reader->at, reader->end)) < reader->end)
	{
		if (!read_part(reader))
			return false;
	}
	if (!date_complete(reader) || !date_to_days(reader->fields, &days) ||
		!time_to_seconds(reader, &seconds))
		return false;
	seconds += days * SECONDS_PER_DAY - reader->offset;
	*micros = seconds * MICROS_PER_SECOND + reader->fraction;
	return seconds >= FIRST_SECOND && *micros < END_SECOND * MICROS_PER_SECOND;
}

bool
date_parse(Text text, int64_t *micros)
{
	Text	trimmed = text_trim(text);
	Reader	reader = {.start = trimmed.data, .at = trimmed.data, .meridiem = UNSET};
	int64_t result;

	if (trimmed.len == 0 || trimmed.len > LONGEST_DATE)
		return false;
	reader.end = trimmed.data + trimmed.len;
	if (read_timestamp(trimmed, &result))
		result *= MICROS_PER_SECOND;
	else if (!read_date(&reader, &result))
		return false;
	*micros = result;
	return true;
}
