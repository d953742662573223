/*
 * url_query.c
 *	  Parameters in the query of a URL.
 */
#include "parse/url_query.h"

#include "parse/url.h"

#include <string.h>

/* The length up to a character, or all of it. */
static size_t
until(Text text, char c)
{
	const char *at = memchr(text.data, c, text.len);

	return at ? (size_t) (at - text.data) : text.len;
}

/* What is behind the question mark, before a fragment; absent where there is no query. */
static Text
query_of(Text url)
{
	size_t start;

	url.len = until(url, '#');
	start = until(url, '?');
	return start < url.len ? (Text){url.data + start + 1, url.len - start - 1} : TEXT_NULL;
}

/* The next parameter of the query, which loses it and the "&" behind. */
static Text
take_parameter(Text *query)
{
	Text   parameter = {query->data, until(*query, '&')};
	size_t used = parameter.len < query->len ? parameter.len + 1 : parameter.len;

	query->data += used;
	query->len -= used;
	return parameter;
}

static bool
is_named(Text parameter, Text name)
{
	return text_equal((Text){parameter.data, until(parameter, '=')}, name);
}

Text
url_query_value(Text url, Text name)
{
	Text query = query_of(url);

	while (query.len > 0)
	{
		Text parameter = take_parameter(&query);
		Text value = {parameter.data + name.len + 1, 0};

		if (!is_named(parameter, name))
			continue;
		value.len = parameter.len > name.len ? parameter.len - name.len - 1 : 0;
		return value.len > 0 ? value : TEXT_LITERAL("");
	}
	return TEXT_NULL;
}

/* Appends "?" or "&" and the parameter. */
static void
append_parameter(TextBuilder *out, bool *first, Text name, Text value)
{
	builder_append_char(out, *first ? '?' : '&');
	*first = false;
	builder_append(out, name.data, name.len);
	if (!text_present(value))
		return;
	builder_append_char(out, '=');
	value = url_encode(out->arena, value);
	builder_append(out, value.data, value.len);
}

Text
url_query_set(Arena *arena, Text url, Text name, Text value)
{
	size_t		fragment = until(url, '#');
	size_t		path = until((Text){url.data, fragment}, '?');
	Text		query = query_of(url);
	bool		first = true;
	bool		done = !text_present(value);
	TextBuilder out;

	builder_start(&out, arena);
	builder_append(&out, url.data, path);
	while (query.len > 0)
	{
		Text parameter = take_parameter(&query);

		if (!is_named(parameter, name))
			append_parameter(&out, &first, parameter, TEXT_NULL);
		else if (!done)
		{
			append_parameter(&out, &first, name, value);
			done = true;
		}
	}
	if (!done)
		append_parameter(&out, &first, name, value);
	builder_append(&out, url.data + fragment, url.len - fragment);
	return arena_exhausted(arena) ? TEXT_NULL : builder_text(&out);
}
