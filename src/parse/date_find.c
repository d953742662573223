/*
 * date_find.c
 *	  A day among other words, as pages show it to people: "Stand: 5. Februar 2020",
 *	  "Nov 18, 2019 | 3 min".  Called for pages that declare no date.
 *
 * Unlike date_parse(), which reads the whole of a text and guesses nothing, this takes the
 * first whole date that it sees, and only the day of it: shown times come without a zone.
 * Day and month between slashes are told apart only where one of them can be no month.
 */
#include "parse/date.h"
#include "base/ascii.h"

#include <string.h>
#include <strings.h>

/* Years that pages are from. */
#define FIRST_YEAR 1990
#define LAST_YEAR 2100

typedef struct Scanner
{
	const char *at;
	const char *end;
} Scanner;

/* How months begin, in the languages of western Europe. */
static const struct
{
	const char *stem;
	int			month;
} months[] = {
	{"jan", 1},
	{"j\xC3\xA4n", 1},
	{"gen", 1},
	{"ene", 1},
	{"feb", 2},
	{"f\xC3\xA9v", 2},
	{"fev", 2},
	{"mar", 3},
	{"m\xC3\xA4r", 3},
	{"mrz", 3},
	{"maa", 3},
	{"apr", 4},
	{"avr", 4},
	{"abr", 4},
	{"may", 5},
	{"mai", 5},
	{"mei", 5},
	{"mag", 5},
	{"maj", 5},
	{"jun", 6},
	{"juin", 6},
	{"giu", 6},
	{"jul", 7},
	{"juil", 7},
	{"lug", 7},
	{"aug", 8},
	{"ao\xC3\xBB", 8},
	{"aou", 8},
	{"ago", 8},
	{"sep", 9},
	{"set", 9},
	{"oct", 10},
	{"okt", 10},
	{"ott", 10},
	{"out", 10},
	{"nov", 11},
	{"dec", 12},
	{"dez", 12},
	{"d\xC3\xA9"
	 "c",
	 12},
	{"dic", 12},
};

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

/* Takes a run of letters: the month that it names, 0 for another word. */
static int
take_month(Scanner *s)
{
	const char *word = s->at;

	while (s->at < s->end && is_word_letter(*s->at))
		s->at++;
	for (size_t i = 0; i < lengthof(months); i++)
	{
		size_t len = strlen(months[i].stem);

		if ((size_t) (s->at - word) >= len && (size_t) (s->at - word) <= 12 &&
			strncasecmp(word, months[i].stem, len) == 0)
			return months[i].month;
	}
	return 0;
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
	static const char *const gaps[] = {" de ", " of ", " ", "\xC2\xA0", ".", ",", "\xC2\xBA"};

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

/* Day, month and year in digits, in one of their orders; the first number has been taken. */
static bool
read_digits(Scanner s, int n, int first, int64_t *micros)
{
	char separator = s.at < s.end ? *s.at : ' ';
	int	 second;
	int	 third;
	int	 n_second;

	if (separator != '.' && separator != '-' && separator != '/')
		return false;
	s.at++;
	n_second = take_digits(&s, &second);
	if (n_second < 1 || n_second > 2 || s.at == s.end || *s.at != separator)
		return false;
	s.at++;
	if (n == 4)
		return first >= FIRST_YEAR && first <= LAST_YEAR && take_digits(&s, &third) <= 2 &&
			   set_day(first, second, third, micros);
	if (!take_year(&s, &third))
		return false;
	if (separator == '/' && second > 12)
		return set_day(third, first, second, micros);
	if (separator == '/' && first <= 12 && first != second)
		return false;
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
	month = take_month(&s);
	take_gap(&s);
	return month > 0 && take_year(&s, &year) && set_day(year, month, day, micros);
}

/* A month's name, which has been taken, a day and a year. */
static bool
read_month_first(Scanner s, int month, int64_t *micros)
{
	int day;
	int year;
	int n;

	take_gap(&s);
	n = take_digits(&s, &day);
	if (n < 1 || n > 2)
		return false;
	take_ordinal(&s);
	take_gap(&s);
	return take_year(&s, &year) && set_day(year, month, day, micros);
}

bool
date_find(Text text, int64_t *micros)
{
	Scanner s = {text.data, text.data + text.len};

	while (s.at < s.end)
	{
		if (is_digit(*s.at))
		{
			int number;
			int n = take_digits(&s, &number);

			if ((n <= 2 || n == 4) && read_digits(s, n, number, micros))
				return true;
			if (n <= 2 && read_day_first(s, number, micros))
				return true;
		}
		else if (is_word_letter(*s.at))
		{
			int month = take_month(&s);

			if (month > 0 && read_month_first(s, month, micros))
				return true;
		}
		else
			s.at++;
	}
	return false;
}
