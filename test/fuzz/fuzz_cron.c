/*
 * fuzz_cron.c
 *	  cron_parse and cron_next: the first eight bytes are the time after which,
 *	  the rest an expression; what is due next is later, and a refusal names a
 *	  place in the expression.
 */
#include "time/cron.h"

#include "fuzz.h"

#define LONGEST_EXPRESSION 255
#define SECONDS_PER_HOUR 3600

/* A zone whose clock is turned by an hour every half year, about as Europe's is. */
static int
turning_offset(const void *zone, Instant at)
{
	(void) zone;
	return (at / (183 * 24 * SECONDS_PER_HOUR)) % 2 == 0 ? SECONDS_PER_HOUR : 2 * SECONDS_PER_HOUR;
}

FUZZ_TARGET(cron)
{
	char	  expression[LONGEST_EXPRESSION + 1];
	Cron	  cron;
	CronError error;
	uint64_t  bits;
	Instant	  after;

	if (input.len < sizeof(bits) || input.len - sizeof(bits) > LONGEST_EXPRESSION)
		return;
	memcpy(&bits, input.data, sizeof(bits));
	after = (Instant) (bits % INT64_C(253402300800));
	memcpy(expression, input.data + sizeof(bits), input.len - sizeof(bits));
	expression[input.len - sizeof(bits)] = '\0';

	if (cron_parse(expression, &cron, &error))
		fuzz_expect(cron_next(&cron, (Zone){turning_offset, NULL}, after) > after, "later");
	else
	{
		fuzz_expect(error.position >= 0 && (size_t) error.position <= strlen(expression),
					"the fault's place");
		fuzz_expect(memchr(error.message, '\0', sizeof(error.message)) != NULL, "the message ends");
	}
}
