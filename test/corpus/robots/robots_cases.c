/*
 * robots_cases.c
 *	  robots_parse and robots_allowed as a filter: reads JSON objects, one a line:
 *	  "robots", a file in hexadecimal, and "cas", each a "user_agent" and a "url".
 *	  Writes for each its cases' answers, "allowed", and how many rules ("regles")
 *	  and which sitemaps there are for the agent.  Used by run.py.
 */
#include "parse/robots.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static Text
text_of(json_t *object, const char *key)
{
	json_t *string = json_object_get(object, key);

	return (Text){json_string_value(string), json_string_length(string)};
}

/* The bytes that the digits stand for; the caller frees them. */
static char *
bytes_of(Text hexadecimal)
{
	char *bytes = malloc(hexadecimal.len / 2 + 1);

	for (size_t i = 0; bytes != NULL && i < hexadecimal.len / 2; i++)
	{
		unsigned byte;

		sscanf(hexadecimal.data + 2 * i, "%2x", &byte);
		bytes[i] = (char) byte;
	}
	return bytes;
}

static json_t *
answer(Arena *arena, Text bytes, json_t *one)
{
	Robots *robots;
	json_t *sitemaps = json_array();

	arena_reset(arena);
	robots = robots_parse(arena, bytes, text_of(one, "user_agent"));
	if (robots == NULL)
		exit(1);
	for (size_t i = 0; i < robots->n_sitemaps; i++)
		json_array_append_new(sitemaps,
							  json_stringn(robots->sitemaps[i].data, robots->sitemaps[i].len));
	return json_pack("{s:b, s:I, s:o}", "allowed", robots_allowed(robots, text_of(one, "url")),
					 "regles", (json_int_t) robots->n_rules, "sitemaps", sitemaps);
}

int
main(void)
{
	Arena		*arena = arena_create(ROBOTS_ARENA_LIMIT);
	json_t		*object;
	json_error_t error;

	while ((object = json_loadf(stdin, JSON_DISABLE_EOF_CHECK, &error)) != NULL)
	{
		Text	hexadecimal = text_of(object, "robots");
		char   *bytes = bytes_of(hexadecimal);
		json_t *answers = json_array();
		json_t *one;
		size_t	i;

		json_array_foreach(json_object_get(object, "cas"), i, one)
			json_array_append_new(answers, answer(arena, (Text){bytes, hexadecimal.len / 2}, one));
		json_dumpf(answers, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(answers);
		json_decref(object);
		free(bytes);
	}
	arena_free(arena);
	return 0;
}
