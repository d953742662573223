/*
 * date_find.c
 *	  A day among other words, as pages show it to people: "Stand: 5. Februar 2020",
 *	  "Nov 18, 2019 | 3 min".  Called for pages that declare no date.
 *
 * Unlike date_parse(), which reads the whole of a text and guesses nothing, this takes the
 * first whole date that it sees, and only the day of it: shown times come without a zone.
 * Day and month between slashes are told apart where one of them can be no month, or the
 * caller knows who writes so.
 */
#include "parse/date.h"

#include "base/ascii.h"
#include "parse/date_words.h"

#include <string.h>
#include <strings.h>

/* Bytes of the longest name of a month, in two-byte letters. */
#define LONGEST_MONTH 24

/* Years that pages are from. */
#define FIRST_YEAR 1990
#define LAST_YEAR 2100

typedef struct Scanner
{
	const char *at;
	const char *end;
	const char *text; /* where it begins */
} Scanner;

/* Takes a run of digits: how many, and their number if they are at most four. */
static int
take_digits(Scanner *s, int *number)
{
	int n = 0;

	*number = 0;
	for (; s->at < s->end && is_digit(*s->at); s->at++, n++)
		*number = n < 4 ? *number * 10 + (*s->at - '0') : *number;
	return n;
}

/* Takes a run of letters. */
static Text
take_word(Scanner *s)
{
	const char *start = s->at;

	while (s->at < s->end && is_word_letter(*s->at))
		s->at++;
	return (Text){start, (size_t) (s->at - start)};
}

/* The month that a word names, 0 for another word. */
static int
month_of(Text word)
{
	char			folded[LONGEST_MONTH];
	const DateWord *entry;

	if (word.len < 3 || word.len > sizeof(folded))
		return 0;
	memcpy(folded, word.data, word.len);
	date_fold(folded, word.len);
	entry = date_word((Text){folded, word.len});
	if (entry == NULL || (entry->kind != WORD_MONTH && entry->kind != WORD_MAR))
		return 0;
	return entry->value;
}

static bool
take(Scanner *s, const char *token)
{
	size_t len = strlen(token);

	if ((size_t) (s->end - s->at) < len || strncasecmp(s->at, token, len) != 0)
		return false;
	s->at += len;
	return true;
}

/* Takes what may stand between the words of a date: spaces, a point, a comma, "de". */
static void
take_gap(Scanner *s)
{
	static const char *const gaps[] = {" de ",	   " del ", " of ", " ",
									   "\xC2\xA0", ".",		",",	"\xC2\xBA"};

	for (size_t i = 0; i < lengthof(gaps);)
		i = take(s, gaps[i]) ? 0 : i + 1;
}

static bool
take_year(Scanner *s, int *year)
{
	return take_digits(s, year) == 4 && *year >= FIRST_YEAR && *year <= LAST_YEAR;
}

/* The endings of ordinal numbers. */
static void
take_ordinal(Scanner *s)
{
	static const char *const endings[] = {"st", "nd", "rd", "th", "er"};

	for (size_t i = 0; i < lengthof(endings); i++)
	{
		if (take(s, endings[i]))
			return;
	}
}

static bool
set_day(int year, int month, int day, int64_t *micros)
{
	int64_t days;

	if (!date_day_number(year, month, day, &days))
		return false;
	*micros = days * INT64_C(86400000000);
	return true;
}

/* Takes what may stand between the numbers of a date; blanks may follow a point. */
static bool
take_separator(Scanner *s, char separator)
{
	if (s->at == s->end || *s->at != separator)
		return false;
	s->at++;
	while (separator == '.' && s->at < s->end && *s->at == ' ')
		s->at++;
	return true;
}

/* Year, month and day as East Asia writes them, each with its unit; the year has been taken. */
static bool
read_units(Scanner s, int year, int64_t *micros)
{
	static const char *const units[][2] = {{"\xE5\xB9\xB4", "\xEB\x85\x84"},
										   {"\xE6\x9C\x88", "\xEC\x9B\x94"},
										   {"\xE6\x97\xA5", "\xEC\x9D\xBC"}};
	int						 numbers[3] = {year};

	for (int i = 0; i < 3; i++)
	{
		while (take(&s, " "))
			continue;
		if (i > 0 && take_digits(&s, &numbers[i]) == 0)
			return false;
		while (take(&s, " "))
			continue;
		if (!take(&s, units[i][0]) && !take(&s, units[i][1]))
			return false;
	}
	return year >= FIRST_YEAR && year <= LAST_YEAR && set_day(year, numbers[1], numbers[2], micros);
}

/* Whether a number of n digits, which has been taken, begins as one of a version or an address. */
static bool
goes_on(const Scanner *s, int n)
{
	const char *before = s->at - n - 1;

	return before >= s->text && (*before == '.' || is_letter(*before));
}

/* A year of four digits, or of two, where nothing follows that makes a version of it. */
static bool
take_short_year(Scanner *s, bool may_be_short, int *year)
{
	int n = take_digits(s, year);

	if (n == 2 && may_be_short && *year < 70 &&
		!(s->end - s->at > 1 && *s->at == '.' && is_digit(s->at[1])))
		*year += 2000;
	else if (n != 4)
		return false;
	return *year >= FIRST_YEAR && *year <= LAST_YEAR;
}

/* Day, month and year in digits, in one of their orders; the first number has been taken. */
static bool
read_digits(Scanner s, int n, int first, DayOrder order, int64_t *micros)
{
	char separator = s.at < s.end ? *s.at : ' ';
	bool may_be_short = separator == '.' && !goes_on(&s, n);
	int	 second;
	int	 third;
	int	 n_second;

	if ((separator != '.' && separator != '-' && separator != '/') ||
		!take_separator(&s, separator))
		return false;
	n_second = take_digits(&s, &second);
	if (n_second < 1 || n_second > 2 || !take_separator(&s, separator))
		return false;
	if (n == 4)
		return first >= FIRST_YEAR && first <= LAST_YEAR && take_digits(&s, &third) <= 2 &&
			   set_day(first, second, third, micros);
	if (!take_short_year(&s, may_be_short, &third))
		return false;
	if (separator == '/' && first <= 12 && second <= 12 && first != second &&
		order == DAY_ORDER_UNKNOWN)
		return false;
	if (separator == '/' && (second > 12 || (first <= 12 && order == DAY_ORDER_MONTH_FIRST)))
		return set_day(third, first, second, micros);
	return set_day(third, second, first, micros);
}

/* A day, a month's name and a year; the day has been taken. */
static bool
read_day_first(Scanner s, int day, int64_t *micros)
{
	int month;
	int year;

	take_ordinal(&s);
	take_gap(&s);
	month = month_of(take_word(&s));
	take_gap(&s);
	return month > 0 && take_year(&s, &year) && set_day(year, month, day, micros);
}

/* A year, which has been taken, a month's name and a day. */
static bool
read_year_first(Scanner s, int year, int64_t *micros)
{
	int month;
	int day;
	int n;

	take_gap(&s);
	month = month_of(take_word(&s));
	take_gap(&s);
	n = take_digits(&s, &day);
	return month > 0 && (n == 1 || n == 2) && year >= FIRST_YEAR && year <= LAST_YEAR &&
		   set_day(year, month, day, micros);
}

/* A month's name, which is the word that has been taken, a day and a year. */
static bool
read_month_first(Scanner s, Text word, int64_t *micros)
{
	int month;
	int day;
	int year;
	int n;

	take_gap(&s);
	n = take_digits(&s, &day);
	if (n < 1 || n > 2)
		return false;
	take_ordinal(&s);
	take_gap(&s);
	if (!take_year(&s, &year))
		return false;
	month = month_of(word);
	return month > 0 && set_day(year, month, day, micros);
}

/* Any date that begins with a number, of n digits, which has been taken. */
static bool
read_number(Scanner s, int n, int number, DayOrder order, int64_t *micros)
{
	if (n == 4)
		return read_digits(s, n, number, order, micros) || read_units(s, number, micros) ||
			   read_year_first(s, number, micros);
	return n <= 2 &&
		   (read_digits(s, n, number, order, micros) || read_day_first(s, number, micros));
}

bool
date_find(Text text, DayOrder order, int64_t *micros)
{
	Scanner s = {text.data, text.data + text.len, text.data};

	while (s.at < s.end)
	{
		if (is_digit(*s.at))
		{
			int number;
			int n = take_digits(&s, &number);

			if (read_number(s, n, number, order, micros))
				return true;
		}
		else if (is_word_letter(*s.at))
		{
			Text word = take_word(&s);

			if (read_month_first(s, word, micros))
				return true;
		}
		else
			s.at++;
	}
	return false;
}
