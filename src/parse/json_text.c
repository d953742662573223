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

void
json_append_number(TextBuilder *json, double number)
{
	char text[40];
	int	 len = snprintf(text, sizeof(text), "%.15g", number);

	if (strtod(text, NULL) != number)
		len = snprintf(text, sizeof(text), "%.17g", number);
	builder_append(json, text, (size_t) len);
}
