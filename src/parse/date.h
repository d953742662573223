/*
 * date.h
 *	  Dates as feeds write them, and as pages show them.  Plain C.
 *
 * Called by whatever reads dates: feeds, pages, JSON, CSV, headers; datasens_parse_date().
 */
#ifndef DATASENS_PARSE_DATE_H
#define DATASENS_PARSE_DATE_H

#include "base/arena.h"

#include <stdint.h>

/*
 * Reads a date and time: RFC 822/2822/5322 with the field's mistakes (missing
 * day name, two-digit years, named zones, wrong day names), RFC 3339 and ISO
 * 8601 in all its forms (week and ordinal dates, truncated ones, 24:00, leap
 * seconds), W3CDTF, asctime, MSSQL, and the Greek, Hungarian and Korean forms
 * that feeds are known to use, days and months in the languages of date_words.c, Unix
 * timestamps of ten digits.  Without a zone: UTC.  Stores microseconds since 1970-01-01 00:00:00
 * UTC in *micros.  false for anything else, and for years outside 1 to 9999.
 */
extern bool date_parse(Text text, int64_t *micros);

/* Which of two numbers between slashes is the day, where either could be. */
typedef enum DayOrder
{
	DAY_ORDER_UNKNOWN, /* then there is no date */
	DAY_ORDER_DAY_FIRST,
	DAY_ORDER_MONTH_FIRST
} DayOrder;

/*
 * The first day that a text for people names, among whatever other words: "Stand: 5. Februar
 * 2020, 14 Uhr".  In the languages of date_words.c, and in digits.  Stores its beginning, UTC.
 * Linear in the text.
 */
extern bool date_find(Text text, DayOrder order, int64_t *micros);

/*
 * The days from 1970-01-01 to a day of the Gregorian calendar, years 1 to 9999;
 * false where the month has no such day.
 */
extern bool date_day_number(int year, int month, int day, int64_t *days);

#endif
