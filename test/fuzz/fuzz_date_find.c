/*
 * fuzz_date_find.c
 *	  date_find: a day within any text for people, at midnight, of the years 1 to 9999.
 */
#include "parse/date.h"

#include "fuzz.h"

#define DAY (INT64_C(86400) * 1000000)
#define FIRST_MICROS (INT64_C(-62135596800) * 1000000)
#define END_MICROS (INT64_C(253402300800) * 1000000)

FUZZ_TARGET(date_find)
{
	int64_t micros;

	if (date_find(input, DAY_ORDER_DAY_FIRST, &micros))
		fuzz_expect(micros % DAY == 0 && micros >= FIRST_MICROS && micros < END_MICROS, "a day");
}
