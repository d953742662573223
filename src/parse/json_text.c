/*
 * json_text.c
 *	  JSON written piece by piece into a builder.  Called by the parsers that
 *	  make a document's meta; never by code that has a whole tree to write.
 */
#include "parse/json_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
json_append_string(TextBuilder *json, Text text)
{
	static const char hex[] = "0123456789abcdef";
	size_t			  done = 0;

	builder_append_char(json, '"');
	for (size_t i = 0; i < text.len; i++)
	{
		unsigned char c = (unsigned char) text.data[i];

		if (c >= ' ' && c != '"' && c != '\\')
			continue;
		builder_append(json, text.data + done, i - done);
		done = i + 1;
		if (c == '\n')
			builder_append(json, "\\n", 2);
		else if (c < ' ')
		{
			char escape[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

			builder_append(json, escape, sizeof(escape));
		}
		else
		{
			builder_append_char(json, '\\');
			builder_append_char(json, (char) c);
		}
	}
	builder_append(json, text.data + done, text.len - done);
	builder_append_char(json, '"');
}

void
json_append_key(TextBuilder *json, const char *key)
{
	if (json->len > 0 && json->data[json->len - 1] != '{')
		builder_append(json, ", ", 2);
	builder_append_char(json, '"');
	builder_append(json, key, strlen(key));
	builder_append(json, "\": ", 3);
}

void
json_append_text(TextBuilder *json, const char *key, Text value)
{
	if (value.len == 0)
		return;
	json_append_key(json, key);
	json_append_string(json, value);
}

void
json_append_array(TextBuilder *json, const char *key, const TextBuilder *inside)
{
	if (inside->len == 0)
		return;
	json_append_key(json, key);
	builder_append_char(json, '[');
	builder_append(json, inside->data, inside->len);
	builder_append_char(json, ']');
}

void
json_append_comma(TextBuilder *json)
{
	if (json->len > 0 && json->data[json->len - 1] != '[')
		builder_append(json, ", ", 2);
}

/*
 * Writes a number backwards from end that has few decimals, as those have that somebody wrote
 * down, and returns where it begins; end where it has too many.  Its digits and the power of
 * ten are exact, so that their quotient is the double that they read as.
 */
static char *
write_decimal(char *end, double number)
{
	double	size = number < 0 ? -number : number;
	double	power = 1;
	int		decimals = 0;
	int64_t digits;
	char   *at = end;

	if (!(size >= 1e-4 && size < 1e15))
		return end;
	while ((double) (digits = (int64_t) (size * power + 0.5)) / power != size)
	{
		power *= 10;
		decimals++;
		if (size * power >= 1e15)
			return end;
	}
	for (int i = 0; digits > 0 || i <= decimals; i++)
	{
		if (i == decimals && decimals > 0)
			*--at = '.';
		*--at = (char) ('0' + digits % 10);
		digits /= 10;
	}
	if (number < 0)
		*--at = '-';
	return at;
}

void
json_append_number(TextBuilder *json, double number)
{
	char  text[40];
	char *end = text + sizeof(text);
	char *begin = write_decimal(end, number);
	int	  len;

	if (begin < end)
	{
		builder_append(json, begin, (size_t) (end - begin));
		return;
	}
	len = snprintf(text, sizeof(text), "%.15g", number);
	if (strtod(text, NULL) != number)
		len = snprintf(text, sizeof(text), "%.17g", number);
	builder_append(json, text, (size_t) len);
}
