/*
 * fuzz_date.c
 *	  date_parse: any bytes; a date lies in the years 1 to 9999.
 */
#include "parse/date.h"

#include "fuzz.h"

#define FIRST_MICROS (INT64_C(-62135596800) * 1000000)
#define END_MICROS (INT64_C(253402300800) * 1000000)

FUZZ_TARGET(date)
{
	int64_t micros;

	if (date_parse(input, &micros))
		fuzz_expect(micros >= FIRST_MICROS && micros < END_MICROS, "the date's range");
}
