/*
 * fuzz_retry_after.c
 *	  The value of a Retry-After: no wait, or one of at most a day.
 */
#include "parse/retry_after.h"

#include "fuzz.h"

FUZZ_TARGET(retry_after)
{
	int seconds = retry_after_read(input, INT64_C(784111777)); /* RFC 9110's example */

	fuzz_expect(seconds >= -1 && seconds <= RETRY_AFTER_MAX, "none, or within a day");
}
