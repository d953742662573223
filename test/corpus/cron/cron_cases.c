/*
 * cron_cases.c
 *	  Says what schedules come to, one a line of the input; run.py judges it.
 *
 * A line is "base TAB count TAB zone TAB expression": the answer is the next
 * count due times after base, as seconds since 1970 or "never" for the last, or
 * "error TAB position TAB message".
 */
#include <inttypes.h>
#include <string.h>

#include "libc_zone.h"

/* Cuts the line at its next tab, and gives what was before it. */
static char *
next_column(char **rest)
{
	char *column = *rest;
	char *tab = strchr(column, '\t');

	if (tab == NULL)
	{
		fprintf(stderr, "a column is missing at \"%s\"\n", column);
		exit(2);
	}
	*tab = '\0';
	*rest = tab + 1;
	return column;
}

static void
answer(Instant base, int count, const char *zone_name, const char *expression)
{
	Zone	  zone = libc_zone(zone_name);
	Cron	  cron;
	CronError error;

	if (!cron_parse(expression, &cron, &error))
	{
		printf("error\t%d\t%s\n", error.position, error.message);
		return;
	}
	for (int i = 0; i < count && base != INSTANT_NEVER; i++)
	{
		base = cron_next(&cron, zone, base);
		if (base == INSTANT_NEVER)
			printf("never ");
		else
			printf("%" PRId64 " ", base);
	}
	printf("\n");
}

int
main(void)
{
	char  *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0)
	{
		char	   *rest = line;
		Instant		base;
		int			count;
		const char *zone;

		line[strcspn(line, "\n")] = '\0';
		base = strtoll(next_column(&rest), NULL, 10);
		count = atoi(next_column(&rest));
		zone = next_column(&rest);
		answer(base, count, zone, rest);
	}
	free(line);
	return 0;
}
