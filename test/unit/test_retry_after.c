/*
 * test_retry_after.c
 *	  Retry-After in every form that servers write, and in none.
 */
#include "parse/retry_after.h"

#include "unit.h"

/* Sun, 06 Nov 1994 08:49:37 GMT: RFC 9110's example. */
#define NOW INT64_C(784111777)

int
main(void)
{
	static const struct
	{
		const char *value;
		int			seconds;
	} cases[] = {
		{"0", 0},
		{"120", 120},
		{"0120", 120},
		{"86400", 86400},
		{"86401", 86400},
		{"99999999999999999999999999999999999999999999999999", 86400},
		{"1700000000", 86400}, /* ten digits are no date here */
		{"Sun, 06 Nov 1994 08:50:37 GMT", 60},
		{"Sunday, 06-Nov-94 08:50:37 GMT", 60},
		{"Sun Nov  6 08:50:37 1994", 60},
		{"Sun, 06 Nov 1994 09:50:37 +0100", 60},
		{"1994-11-06T08:50:37Z", 60},
		{"Sun, 06 Nov 1994 08:49:37 GMT", 0},
		{"Sun, 06 Nov 1994 08:00:00 GMT", 0},
		{"Thu, 01 Jan 1970 00:00:00 GMT", 0},
		{"Fri, 31 Dec 9999 23:59:59 GMT", 86400},
		{"", -1},
		{"-1", -1},
		{"1.5", -1},
		{"120 seconds", -1},
		{"soon", -1},
		{"Sun, 31 Feb 1994 08:50:37 GMT", -1},
		{"\xFF\xFE", -1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_int(retry_after_read(unit_string(cases[i].value), NOW), cases[i].seconds, "\"%s\"",
			   cases[i].value);
	is_int(retry_after_read(TEXT_NULL, NOW), -1, "none");
	return done_testing();
}
