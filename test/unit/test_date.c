/*
 * test_date.c
 *	  date_parse: each form, its odd relatives, and what is no date; date_find.
 */
#include "parse/date.h"

#include "unit.h"

typedef struct DateCase
{
	const char *text;
	int64_t		seconds; /* since 1970 */
} DateCase;

static const DateCase dates[] = {
	/* in other languages */
	{"Do, 01 Jan 2004 20:48:21 +0100", 1072986501},
	{"jueves, 1 de enero de 2004 19:48:21", 1072986501},
	{"\xD1\x87\xD1\x82, 01 \xD1\x8F\xD0\xBD\xD0\xB2 2004 19:48:21 GMT", 1072986501},
	{"czw, 1 sty 2004 19:48:21 +0000", 1072986501},
	{"martes, 4 de mayo de 2004", 1083628800},
	{"mar, 4 may 2004", 1083628800},
	/* RFC 822, 2822, 5322 */
	{"Thu, 01 Jan 2004 19:48:21 GMT", 1072986501},
	{"Thu, 01 Jan 04 19:48:21 GMT", 1072986501},
	{"01 Jan 2004 19:48:21 GMT", 1072986501},
	{"thu, 1 jan 2004 19:48:21 gmt", 1072986501},
	{"Fri, 01 Jan 2004 19:48:21 GMT", 1072986501},
	{"Thu,01 Jan 2004 19:48:21 -0000", 1072986501},
	{"Thu, 01 January, 2004 19:48:21 UTC", 1072986501},
	{"  Thu, 01 Jan 2004\n\t19:48:21 +0000 (a (nested) comment)  ", 1072986501},
	{"Thu, 01 Jan 2004 19:48:21 Etc/GMT", 1072986501},
	{"Thu, 01 Jan 2004 19:48:21 NOWHERE", 1072986501},
	{"Thu, 01 Jan 2004 14:48:21 EST", 1072986501},
	{"Thu, 01 Jan 2004 15:48:21 AT", 1072986501},
	{"Thu, 01 Jan 2004 20:48:21 MET", 1072986501},
	{"Thu, 01 Jan 2004 21:48:21 CEST", 1072986501},
	{"Thu, 01 Jan 2004 18:48:21 A", 1072986501},
	{"Thu, 01 Jan 2004 20:48:21 N", 1072986501},
	{"Thu, 01 Jan 2004 07:48:21 M", 1072986501},
	{"Fri, 02 Jan 2004 07:48:21 Y", 1072986501},
	{"Thu, 01 Jan 2004 18:47:21 GMT-01:01", 1072986501},
	{"Thu, 01 Jan 2004 18:47:21 -01:01", 1072986501},
	{"Fri, 02 Jan 2004 01:18:21 +0530", 1072986501},
	{"Thu, 01 Jan 2004 21:48:21 0200", 1072986501},
	{"Thu, 01 Jan 2004 7:48:21 PM GMT", 1072986501},
	{"Thu, 01 Jan 2004 7:48:21 p.m.", 1072986501},
	{"Thursday, 01-Jan-04 19:48:21 GMT", 1072986501},
	{"Thu Jan 1 2004 20:48:21 GMT+0100 (CET)", 1072986501},
	{"January 1st, 2004 at 19:48:21", 1072986501},
	{"Thu, 01 Jan 2004 19:48 GMT", 1072986480},
	{"Thu, 01 Jan 2004", 1072915200},
	{"Thu, 01 Jan 2004 (never closed", 1072915200},
	{"Thu, 01 Jan 2004 12:00 AM", 1072915200},
	{"Thu, 01 Jan 2004 12:00 PM", 1072958400},
	{"Mon, 01 Jan 70 00:00:00 GMT", 0},
	{"Mon, 01 Jan 49 00:00:00 GMT", 2493072000},
	{"Sat, 01 Jan 104 00:00:00 GMT", 1072915200},
	{"Thu, 01 Jan 0100 00:00:01 +0100", -59011462799},
	/* ISO 8601, RFC 3339, W3CDTF, XML Schema */
	{"2003-12-31T10:14:55Z", 1072865695},
	{"2003-12-31t10:14:55z", 1072865695},
	{"2003-12-31T10:14:55", 1072865695},
	{"2003-12-31 10:14:55", 1072865695},
	{"2003-12-31T02:14:55-08:00", 1072865695},
	{"2003-12-31T18:14:55+0800", 1072865695},
	{"2003-12-31T18:14:55+08", 1072865695},
	{"2003-12-31 10:14:55 UTC", 1072865695},
	{"20031231T101455Z", 1072865695},
	{"20031231T10:14:55Z", 1072865695},
	{"20031231101455", 1072865695},
	{"2003-365T10:14:55Z", 1072865695},
	{"2003365T101455Z", 1072865695},
	{"2004-W01-3T10:14:55Z", 1072865695},
	{"2004W013T101455Z", 1072865695},
	{"2003-12-31T10:14Z", 1072865640},
	{"2003-12-31T1014", 1072865640},
	{"2003-12-31T10Z", 1072864800},
	{"2003-12-31", 1072828800},
	{"2003-12-31Z", 1072828800},
	{"2003-12-31+01:00", 1072825200},
	{"2003-12-31-01:00", 1072832400},
	{"2003-1-5", 1041724800},
	{"20031231", 1072828800},
	{"2003-12", 1070236800},
	{"2003", 1041379200},
	{"03-12-31", 1072828800},
	{"031231", 1072828800},
	{"03365", 1072828800},
	{"-03-12", 1070236800},
	{"-0312", 1070236800},
	{"2009-W53-7", 1262476800},
	{"2008-W01", 1199059200},
	{"2004-02-29", 1078012800},
	{"2000-02-29", 951782400},
	{"2003-12-31T24:00:00Z", 1072915200},
	{"2016-12-31T23:59:60Z", 1483228800},
	{"0001-01-01", -62135596800},
	{"9999-12-31T23:59:59Z", 253402300799},
	/* asctime, MSSQL, Perforce */
	{"Sun Jan  4 16:29:06 2004", 1073233746},
	{"Sun Jan  4 16:29:06 +0000 2004", 1073233746},
	{"2004-07-08 23:56:58 -00:20", 1089332218},
	{"2004-07-08 23:56:58.0", 1089331018},
	{"Fri, 2006/09/15 08:19:53 EDT", 1158322793},
	/* Greek, Hungarian, Korean, French */
	{"Κυρ, 11 Ιούλ 2004 12:00:00 EST", 1089565200},
	{"ΚΥΡ, 11 ΙΟΥΛ 2004 12:00:00 EST", 1089565200},
	{"2004-július-13T9:15-05:00", 1089728100},
	{"2004-március-3T09:15+00:00", 1078305300},
	{"2004-05-25 오후 11:23:17", 1085494997},
	{"2004-05-25 오전 12:23:17", 1085412197},
	{"2004년 05월 28일  01:31:15", 1085675475},
	{"lun., 05 févr. 2024 10:30:00 +0100", 1707125400},
	{"mar. 5 mars 2024 10:30:00 +0100", 1709631000},
	{"mar, 05 mar 2024 10:30:00 +0100", 1709631000},
	{"mardi 5 mars 2024 à 10h30", 1709634600},
	{"Mercredi 14 Août 2024 10:30", 1723631400},
	{"1er janvier 2024", 1704067200},
	{"jeu. 05 DÉC. 2024 à 10 h", 1733392800},
	/* Unix */
	{"1072865695", 1072865695},
	{" 9999999999\n", 9999999999},
};

static const char *const no_dates[] = {
	"",
	" ",
	"-",
	"T",
	"now",
	"13",
	"013",
	"107286569",
	"10728656955",
	"99999999999999999999999999",
	"2003-13-01",
	"2003-00-01",
	"2003-02-29",
	"1900-02-29",
	"2003-02-00",
	"2003-366",
	"2003-000",
	"2003-W54-1",
	"2008-W53-1",
	"2009-W00-1",
	"2009-W01-8",
	"2003-12-31T25:14:55Z",
	"2003-12-31T10:60:55Z",
	"2003-12-31T10:14:61Z",
	"2003-12-31T24:00:01Z",
	"2003-12-31T24:00:00.1Z",
	"2003-12-31T",
	"2013-01-27-01",
	"2013-01-28T09:00:00+00:xx",
	"2013-01-28T09:00:00+24:00",
	"2013-01-28T09:00:00+01:60",
	"2013-01-28T09:00:00+",
	"12-31-2003",
	"0000-01-01",
	"0001-01-01T00:00:00+01:00",
	"9999-12-31T23:59:59-00:01",
	"9999-12-31T23:59:60Z",
	"10000-01-01",
	"Sun, 16 Dec 2012 1:2:3:4 GMT",
	"Sun, 16 zzz 2012 11:47:32 GMT",
	"Sun, Dec x 2012 11:47:32 GMT",
	"Sun, 16 Dec zz 11:47:32 GMT",
	"Sun, 16 Dec 2012 11:47:32 +zz:00",
	"Sun, 16 Dec 2012 11:47:32 +00:zz",
	"Sun, 99 Jun 2009 12:00:00 GMT",
	"31 Dec 9999 23:59:59 -9999",
	"16 Dec Jan 2012",
	"2012-351 16 Dec",
	"2012-W50-7 Dec",
	"16 17 Dec 2012",
	"Dec 2012",
	"16 Dec",
	"2012-12-16 17 Dec 2012",
	"(",
	"<b>16 Dec 2012</b>",
};

static Text
text_of(const char *string)
{
	return (Text){string, strlen(string)};
}

static void
test_fractions(void)
{
	int64_t micros = 0;

	ok(date_parse(text_of("2003-12-31T10:14:55.1234Z"), &micros), "a fraction of a second");
	is_int(micros, 1072865695123400, "is kept to the microsecond");
	ok(date_parse(text_of("2003-12-31T10:14:55,000000999999Z"), &micros), "a comma, many digits");
	is_int(micros, 1072865695000000, "nanoseconds are cut, not rounded");
	ok(date_parse(text_of("2003-12-31T10:14.5Z"), &micros), "a fraction of a minute");
	is_int(micros, 1072865670000000, "half a minute");
	ok(date_parse(text_of("2003-12-31T10,25Z"), &micros), "a fraction of an hour");
	is_int(micros, 1072865700000000, "a quarter of an hour");
	ok(date_parse(text_of("1969-12-31T23:59:59.75Z"), &micros), "a fraction before 1970");
	is_int(micros, -250000, "counts forward");
}

/* Long inputs are refused at once, and nothing is read behind the end. */
static void
test_bounds(void)
{
	char	zeros[100000];
	int64_t micros = 42;

	memset(zeros, '0', sizeof(zeros));
	ok(!date_parse((Text){zeros, sizeof(zeros)}, &micros), "a hundred thousand zeros");
	memset(zeros, '(', sizeof(zeros));
	ok(!date_parse((Text){zeros, sizeof(zeros)}, &micros), "a hundred thousand parentheses");
	ok(!date_parse(TEXT_NULL, &micros), "no value");
	is_int(micros, 42, "what is no date leaves the result alone");
	ok(date_parse((Text){"2003-12-31T10:14:55Z", 10}, &micros), "a slice of a longer text");
	is_int(micros, 1072828800000000, "is read to its end only");
}

/* Days that are named among other words; 0 where there is none. */
static void
test_find(void)
{
	static const DateCase cases[] = {
		{"06.12.2022", 1670284800},
		{"Stand: 5. Februar 2020, 14:30 Uhr", 1580860800},
		{"Mittwoch, 03. November 2021 | 3 Min.", 1635897600},
		{"21. Jan. 2015", 1421798400},
		{"Publi\xC3\xA9 le 1er ao\xC3\xBBt 2020 \xC3\xA0 10h30", 1596240000},
		{"7 mai\xC2\xA0"
		 "2020",
		 1588809600},
		{"3 de noviembre de 2021", 1635897600},
		{"Updated: Nov 18, 2019 3:45 pm ET", 1574035200},
		{"on November 18th, 2019", 1574035200},
		{"18 November 2019, by X", 1574035200},
		{"26/02/2020", 1582675200},
		{"02/26/2020", 1582675200},
		{"03/03/2020", 1583193600},
		{"id 12 of 2020-02-26T10:00", 1582675200},
		{"26-2-2020", 1582675200},
		{"3/4/2020", 0},
		{"Heute, 8.5.12 um drei", 1336435200},
		{"26. 2. 2020", 1582675200},
		{"von 10.45.11 bis 1.2.10.14, 8.5.12.1, v8.5.12, 8.5.1", 0},
		{"\xE7\x99\xBC\xE5\xB8\x83: 2020\xE5\xB9\xB4 2\xE6\x9C\x88"
		 "26\xE6\x97\xA5 \xE4\xB8\x8A",
		 1582675200},
		{"2020\xEB\x85\x84 02\xEC\x9B\x94 26\xEC\x9D\xBC", 1582675200},
		{"2020. febru\xC3\xA1r 26.", 1582675200},
		{"26 \xD0\xA4\xD0\xB5\xD0\xB2\xD1\x80\xD0\xB0\xD0\xBB\xD1\x8F 2020, 13:43", 1582675200},
		{"\xC5\x9Eubat 26, 2020", 1582675200},
		{"26 de febrero del 2020", 1582675200},
		{"26. \xC3\xBAnora 2020", 1582675200},
		{"marted\xC3\xAC 26 maggio 2020", 1590451200},
		{"31.02.2020", 0},
		{"99.99.2020", 0},
		{"5 mars 1850", 0},
		{"12345.12.2020", 0},
		{"Version 1.2.3 in May", 0},
		{"5. Februar", 0},
		{"", 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		int64_t micros = 0;

		ok(date_find(text_of(cases[i].text), DAY_ORDER_UNKNOWN, &micros) == (cases[i].seconds != 0),
		   "in: %s", cases[i].text);
		is_int(micros, cases[i].seconds * 1000000, "its day");
	}
}

/* What is the day between slashes. */
static void
test_order(void)
{
	int64_t micros;

	ok(date_find(text_of("3/4/2020"), DAY_ORDER_DAY_FIRST, &micros), "day first");
	is_int(micros, INT64_C(1585872000) * 1000000, "in April");
	ok(date_find(text_of("3/4/2020"), DAY_ORDER_MONTH_FIRST, &micros), "month first");
	is_int(micros, INT64_C(1583280000) * 1000000, "in March");
	ok(date_find(text_of("26/02/2020"), DAY_ORDER_MONTH_FIRST, &micros), "no month first");
	is_int(micros, INT64_C(1582675200) * 1000000, "in February");
}

int
main(void)
{
	test_find();
	test_order();
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++)
	{
		int64_t micros = 0;

		ok(date_parse(text_of(dates[i].text), &micros), "a date: %s", dates[i].text);
		is_int(micros, dates[i].seconds * 1000000, "its moment");
	}
	for (size_t i = 0; i < sizeof(no_dates) / sizeof(no_dates[0]); i++)
	{
		int64_t micros;

		ok(!date_parse(text_of(no_dates[i]), &micros), "no date: \"%s\"", no_dates[i]);
	}
	test_fractions();
	test_bounds();
	return done_testing();
}
