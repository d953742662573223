/*
 * dump.h
 *	  What the programs share that print what a parser reads as JSON lines.
 */
#ifndef DATASENS_TEST_DUMP_H
#define DATASENS_TEST_DUMP_H

#include "base/arena.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static Text
read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	char *data = NULL;
	long  size;

	if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 ||
		fseek(file, 0, SEEK_SET) != 0 || (data = malloc((size_t) size + 1)) == NULL ||
		fread(data, 1, (size_t) size, file) != (size_t) size)
	{
		fprintf(stderr, "could not read %s\n", path);
		exit(2);
	}
	fclose(file);
	return (Text){data, (size_t) size};
}

static Text
argument(const char *value)
{
	return *value == '\0' ? TEXT_NULL : (Text){value, strlen(value)};
}

/* JSON's null where the text is absent.  json_stringn() refuses what is not UTF-8: so must we. */
static json_t *
json_text(Text text)
{
	json_t *value = text_present(text) ? json_stringn(text.data, text.len) : json_null();

	if (value == NULL || (text_present(text) && memchr(text.data, '\0', text.len) != NULL))
	{
		fprintf(stderr, "a text is not UTF-8 or has a zero byte\n");
		exit(3);
	}
	return value;
}

/* As RFC 3339 has it; JSON's null where there is none. */
static json_t *
json_date(bool has_date, int64_t date)
{
	time_t	  seconds = (time_t) (date / 1000000 - (date % 1000000 < 0));
	char	  text[32];
	struct tm utc;

	if (!has_date || gmtime_r(&seconds, &utc) == NULL)
		return json_null();
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	return json_string(text);
}

/* Sets the member "meta" of the object to a record's, where it has one. */
static void
set_meta(json_t *object, Text text)
{
	json_error_t error;
	json_t		*meta;

	if (!text_present(text))
		return;
	meta = json_loadb(text.data, text.len, 0, &error);
	if (meta == NULL)
	{
		fprintf(stderr, "meta is no JSON: %s\n", error.text);
		exit(3);
	}
	json_object_set_new(object, "meta", meta);
}

#endif
