/*
 * gdelt_values.c
 *	  GDELT's lines to columns, and columns to numbers, times and positions.
 *	  Called by the readers of the three kinds of lines.
 */
#include "parse/gdelt_parts.h"

#include "parse/charset.h"
#include "parse/date.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a value that a reason shows. */
#define SHOWN_VALUE 80

/* Longer numbers are none. */
#define LONGEST_NUMBER 63

/* ---- lines ---- */

/* The line as text: UTF-8 without U+0000, without the CR of a foreign line end. */
static Text
repair_line(Arena *arena, Text bytes)
{
	Text text = utf8_repair(arena, bytes);

	if (text.len > 0 && memchr(text.data, '\0', text.len) != NULL)
	{
		text = arena_copy(arena, text.data, text.len);
		for (size_t i = 0; i < text.len; i++)
		{
			if (text.data[i] == '\0')
				((char *) text.data)[i] = ' ';
		}
	}
	if (text.len > 0 && text.data[text.len - 1] == '\r')
		text.len--;
	return text;
}

/* A formatted reason, in the arena; a static one where that is exhausted. */
static void
set_reason(GdeltLine *line, const char *text)
{
	line->reason = arena_copy(line->arena, text, strlen(text));
	if (!text_present(line->reason))
		line->reason = TEXT_LITERAL("memory limit reached");
}

Text
gdelt_present(Text text)
{
	return text.len > 0 ? text : TEXT_NULL;
}

Text
gdelt_cut(Text *rest, char separator)
{
	const char *at = rest->len > 0 ? memchr(rest->data, separator, rest->len) : NULL;
	Text		first = *rest;

	if (at == NULL)
		*rest = TEXT_NULL;
	else
	{
		first.len = (size_t) (at - first.data);
		*rest = (Text){at + 1, rest->len - first.len - 1};
	}
	return first;
}

bool
gdelt_split(GdeltLine *line, Text bytes, int n)
{
	Text rest = repair_line(line->arena, bytes);
	int	 n_found = 0;
	char text[80];

	if (!text_present(rest))
	{
		set_reason(line, "memory limit reached");
		return false;
	}
	for (; text_present(rest); n_found++)
	{
		Text column = gdelt_cut(&rest, '\t');

		if (n_found < n)
			line->columns[n_found] = gdelt_present(column);
	}
	if (n_found == n)
		return true;
	snprintf(text, sizeof(text), "%d columns instead of %d", n_found, n);
	set_reason(line, text);
	return false;
}

bool
gdelt_line_ends(const GdeltLine *line, Text *reason)
{
	if (text_present(line->reason))
		*reason = line->reason;
	else if (arena_exhausted(line->arena))
		*reason = TEXT_LITERAL("memory limit reached");
	else
		return true;
	return false;
}

void
gdelt_wrong(GdeltLine *line, int column, const char *name, const char *what)
{
	Text value = text_clip(line->columns[column], SHOWN_VALUE);
	bool cut = value.len < line->columns[column].len;
	char text[SHOWN_VALUE + 120];

	if (text_present(line->reason))
		return;
	snprintf(text, sizeof(text), "%s is not %s: \"%.*s\"%s", name, what, (int) value.len,
			 value.len > 0 ? value.data : "", cut ? "..." : "");
	set_reason(line, text);
}

void
gdelt_require(GdeltLine *line, int column, const char *name)
{
	if (!text_present(line->columns[column]))
		gdelt_wrong(line, column, name, "there");
}

/* ---- numbers ---- */

bool
gdelt_read_int(Text text, int64_t *value)
{
	bool	negative = text.len > 0 && text.data[0] == '-';
	int64_t number = 0;

	if (text.len == (size_t) negative || text.len > LONGEST_NUMBER)
		return false;
	for (size_t i = negative; i < text.len; i++)
	{
		int digit = text.data[i] - '0';

		if (digit < 0 || digit > 9 || __builtin_mul_overflow(number, 10, &number) ||
			__builtin_add_overflow(number, digit, &number))
			return false;
	}
	*value = negative ? -number : number;
	return true;
}

/* The digits from *at on; up to 19 of them are kept in *number. */
static int
read_digits(Text text, size_t *at, uint64_t *number)
{
	int n = 0;

	while (*at < text.len && text.data[*at] >= '0' && text.data[*at] <= '9')
	{
		*number = *number * 10 + (uint64_t) (text.data[*at] - '0');
		(*at)++;
		n++;
	}
	return n;
}

/* Whether an exponent ("e-5") stands at *at, which then is after it. */
static bool
skip_exponent(Text text, size_t *at)
{
	uint64_t ignored = 0;

	if (text.data[*at] != 'e' && text.data[*at] != 'E')
		return false;
	(*at)++;
	if (*at < text.len && (text.data[*at] == '-' || text.data[*at] == '+'))
		(*at)++;
	return read_digits(text, at, &ignored) > 0;
}

/* By strtod, which rounds rightly whatever comes; the syntax has been checked. */
static bool
read_hard_double(Text text, double *value)
{
	char copy[LONGEST_NUMBER + 1];

	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	*value = strtod(copy, NULL);
	return isfinite(*value);
}

/*
 * Up to 15 digits and a power of ten up to 22 are exact doubles, so that one
 * division rounds rightly (as strtod's first way); nearly all numbers are such.
 */
bool
gdelt_read_double(Text text, double *value)
{
	static const double powers[] = {1e0, 1e1, 1e2,	1e3,  1e4,	1e5,  1e6,	1e7,
									1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	uint64_t			number = 0;
	size_t				at = text.len > 0 && text.data[0] == '-';
	bool				negative = at > 0;
	int					whole;
	int					decimals = 0;

	if (text.len > LONGEST_NUMBER)
		return false;
	whole = read_digits(text, &at, &number);
	if (at < text.len && text.data[at] == '.')
	{
		at++;
		decimals = read_digits(text, &at, &number);
	}
	if (whole + decimals == 0)
		return false;
	if (at < text.len && (!skip_exponent(text, &at) || at < text.len))
		return false;
	if (whole + decimals > 15 || text.data[text.len - 1] == '.' ||
		memchr(text.data, 'e', text.len) != NULL || memchr(text.data, 'E', text.len) != NULL)
		return read_hard_double(text, value);
	*value = (double) number / powers[decimals];
	if (negative)
		*value = -*value;
	return true;
}

int64_t
gdelt_take_int64(GdeltLine *line, int column, const char *name)
{
	int64_t value = GDELT_NO_INT64;

	if (text_present(line->columns[column]) && !gdelt_read_int(line->columns[column], &value))
		gdelt_wrong(line, column, name, "a whole number");
	return value;
}

int32_t
gdelt_take_int(GdeltLine *line, int column, const char *name, int32_t least)
{
	int64_t value;

	if (!text_present(line->columns[column]))
		return GDELT_NO_INT;
	if (gdelt_read_int(line->columns[column], &value) && value >= least && value <= INT32_MAX)
		return (int32_t) value;
	gdelt_wrong(line, column, name, least < 0 ? "a whole number" : "a count");
	return GDELT_NO_INT;
}

double
gdelt_take_double(GdeltLine *line, int column, const char *name)
{
	double value;

	if (!text_present(line->columns[column]))
		return NAN;
	if (gdelt_read_double(line->columns[column], &value))
		return value;
	gdelt_wrong(line, column, name, "a number");
	return NAN;
}

bool
gdelt_read_position(Text lat, Text lon, GdeltPlace *place)
{
	place->lat = NAN;
	place->lon = NAN;
	if (lat.len == 0 && lon.len == 0)
		return true;
	if (gdelt_read_double(lat, &place->lat) && gdelt_read_double(lon, &place->lon) &&
		fabs(place->lat) <= 90 && fabs(place->lon) <= 180)
		return true;
	place->lat = NAN;
	place->lon = NAN;
	return false;
}

/* ---- times ---- */

/* Two digits; -1 for anything else. */
static int
two_digits(const char *at)
{
	if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
		return -1;
	return (at[0] - '0') * 10 + at[1] - '0';
}

/* Years from 1000 on: no file has others, and "0" in them is a value that is missing. */
bool
gdelt_read_stamp(Text stamp, int64_t *seconds)
{
	int		parts[GDELT_STAMP_DIGITS / 2];
	int64_t days;

	if (stamp.len != GDELT_STAMP_DIGITS)
		return false;
	for (int i = 0; i < GDELT_STAMP_DIGITS / 2; i++)
	{
		parts[i] = two_digits(stamp.data + 2 * i);
		if (parts[i] < 0)
			return false;
	}
	if (parts[0] < 10 || parts[4] > 23 || parts[5] > 59 || parts[6] > 59 ||
		!date_day_number(parts[0] * 100 + parts[1], parts[2], parts[3], &days))
		return false;
	*seconds = days * 86400 + parts[4] * 3600 + parts[5] * 60 + parts[6];
	return true;
}

int64_t
gdelt_take_stamp(GdeltLine *line, int column, const char *name)
{
	int64_t seconds;

	if (!text_present(line->columns[column]))
		return GDELT_NO_INT64;
	if (gdelt_read_stamp(line->columns[column], &seconds))
		return seconds * 1000000;
	gdelt_wrong(line, column, name, "a time as YYYYMMDDHHMMSS");
	return GDELT_NO_INT64;
}
