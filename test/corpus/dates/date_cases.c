/*
 * date_cases.c
 *	  date_parse as a filter: reads JSON objects, one a line, with the date as
 *	  "entree"; writes a line each, microseconds since 1970 or null.  Used by run.py.
 */
#include "parse/date.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

int
main(void)
{
	json_t		*object;
	json_error_t error;

	while ((object = json_loadf(stdin, JSON_DISABLE_EOF_CHECK, &error)) != NULL)
	{
		json_t *input = json_object_get(object, "entree");
		Text	text = {json_string_value(input), json_string_length(input)};
		int64_t micros;

		if (date_parse(text, &micros))
			printf("%" PRId64 "\n", micros);
		else
			puts("null");
		json_decref(object);
	}
	return 0;
}
