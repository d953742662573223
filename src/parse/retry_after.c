/*
 * retry_after.c
 *	  The field Retry-After: a number of seconds, or a date.
 *
 * A date is read as leniently as a feed's, for servers write it in other forms than HTTP's,
 * too; a number of however many digits is a wait and never a date.
 */
#include "parse/retry_after.h"

#include "parse/date.h"

#define MICROS_PER_SECOND 1000000

/* Longer values are no date. */
#define MAX_LENGTH 64

/* Whether the value is digits alone; they say *seconds, as far as these matter. */
static bool
read_seconds(Text value, int64_t *seconds)
{
	*seconds = 0;
	for (size_t i = 0; i < value.len; i++)
	{
		if (value.data[i] < '0' || value.data[i] > '9')
			return false;
		if (*seconds <= RETRY_AFTER_MAX)
			*seconds = *seconds * 10 + (value.data[i] - '0');
	}
	return value.len > 0;
}

int
retry_after_read(Text value, int64_t now)
{
	int64_t seconds;
	int64_t micros;

	if (!read_seconds(value, &seconds))
	{
		if (value.len == 0 || value.len > MAX_LENGTH || !date_parse(value, &micros))
			return -1;
		seconds = micros / MICROS_PER_SECOND - now;
	}
	if (seconds < 0)
		return 0;
	return seconds > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : (int) seconds;
}
