/*
 * feed_prolog.c
 *	  What libxml2 is not to see of an XML document: all that precedes its root,
 *	  and CDATA sections.
 *
 * The document type of RSS 0.91 is common, and is of no use to a reader; one
 * with entities that expand to each other is an attack.  So no DOCTYPE ever
 * reaches libxml2.  Of its declarations we keep those that name a short plain
 * text: such a value cannot expand any further.
 */
#include "parse/feed_parts.h"

#include "parse/entities.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Longest value of a declared entity: a handful of references may not fill the arena. */
#define VALUE_SIZE 128

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

Text
entities_resolve(const Entities *entities, Text name)
{
	for (int i = 0; i < entities->n; i++)
	{
		if (text_equal(entities->declared[i].name, name))
			return entities->declared[i].value;
	}
	return entity_named(name);
}

/* Behind the next occurrence of what, or end. */
static const char *
skip_past(const char *at, const char *end, const char *what)
{
	size_t		len = strlen(what);
	const char *last = end - len;

	for (; at <= last; at++)
	{
		at = memchr(at, what[0], (size_t) (last + 1 - at));
		if (at == NULL)
			return end;
		if (memcmp(at, what, len) == 0)
			return at + len;
	}
	return end;
}

static bool
begins(const char *at, const char *end, const char *what)
{
	size_t len = strlen(what);

	return (size_t) (end - at) >= len && strncasecmp(at, what, len) == 0;
}

/*
 * A declaration "<!ENTITY name "value">", at behind its keyword (XML 1.0,
 * section 4.2).  The value must end in a zero byte for libxml2's sake.
 */
static void
keep_entity(Arena *arena, Entities *entities, const char *at, const char *end)
{
	Text		name;
	Text		value;
	const char *quote;
	char	   *copy;

	while (at < end && is_space(*at))
		at++;
	name = (Text){at, 0};
	while (at < end && !is_space(*at) && *at != '"' && *at != '\'' && *at != '>')
		at++;
	name.len = (size_t) (at - name.data);
	while (at < end && is_space(*at))
		at++;
	if (name.len == 0 || name.data[0] == '%' || at == end || (*at != '"' && *at != '\''))
		return;
	quote = memchr(at + 1, *at, (size_t) (end - at - 1));
	if (quote == NULL)
		return;
	value = (Text){at + 1, (size_t) (quote - at - 1)};
	if (value.len > VALUE_SIZE || memchr(value.data, '&', value.len) != NULL ||
		memchr(value.data, '<', value.len) != NULL || memchr(value.data, '%', value.len) != NULL ||
		entities->n == sizeof(entities->declared) / sizeof(entities->declared[0]))
		return;
	copy = arena_cstring(arena, value);
	if (copy == NULL)
		return;
	entities->declared[entities->n].name = name;
	entities->declared[entities->n].value = (Text){copy, value.len};
	entities->n++;
}

/* Behind the document type that begins at at, or end (XML 1.0, section 2.8). */
static const char *
skip_doctype(Arena *arena, Entities *entities, const char *at, const char *end)
{
	bool inside = false; /* of the internal subset */

	at += strlen("<!DOCTYPE");
	while (at < end)
	{
		if (*at == '"' || *at == '\'')
		{
			at = memchr(at + 1, *at, (size_t) (end - at - 1));
			if (at == NULL)
				return end;
			at++;
		}
		else if (inside && begins(at, end, "<!--"))
			at = skip_past(at, end, "-->");
		else if (inside && begins(at, end, "<?"))
			at = skip_past(at, end, "?>");
		else if (inside && begins(at, end, "<!ENTITY"))
		{
			at += strlen("<!ENTITY");
			keep_entity(arena, entities, at, end);
		}
		else if (*at == '>' && !inside)
			return at + 1;
		else
		{
			if (*at == '[' || *at == ']')
				inside = *at == '[';
			at++;
		}
	}
	return end;
}

size_t
feed_prolog(Arena *arena, Text document, Entities *entities)
{
	const char *at = document.data;
	const char *end = document.data + document.len;

	while (at < end)
	{
		if (is_space(*at))
			at++;
		else if (begins(at, end, "<?"))
			at = skip_past(at, end, "?>");
		else if (begins(at, end, "<!--"))
			at = skip_past(at, end, "-->");
		else if (begins(at, end, "<!DOCTYPE"))
			at = skip_doctype(arena, entities, at, end);
		else if (*at == '<')
			break;
		else
			return document.len;
	}
	return (size_t) (at - document.data);
}

/* Appends "&_number;" to the document, and the section to the list. */
static void
lift_section(TextBuilder *document, Entities *entities, Text section)
{
	char   reference[32];
	size_t n = entities->n_sections;
	size_t size = n * sizeof(Text);

	if ((n & (n - 1)) == 0) /* a power of two: full */
	{
		Text *grown =
			arena_grow(document->arena, entities->sections, size, n == 0 ? sizeof(Text) : size * 2);

		if (grown == NULL)
			return;
		entities->sections = grown;
	}
	entities->sections[entities->n_sections++] = section;
	builder_append(document, reference,
				   (size_t) snprintf(reference, sizeof(reference), "&_%zu;", n));
}

Text
feed_lift_sections(Arena *arena, Text document, Entities *entities)
{
	static const char opening[] = "<![CDATA[";
	const char		 *end = document.data + document.len;
	const char		 *done = document.data;
	const char		 *at = document.data + 2;
	TextBuilder		  builder;

	builder_start(&builder, arena);
	while (at < end && (at = memchr(at, '[', (size_t) (end - at))) != NULL)
	{
		const char *start = at - 2;
		const char *close;

		at++;
		if (start < done || !begins(start, end, opening))
			continue;
		close = skip_past(start + strlen(opening), end, "]]>");
		if (close == end)
			break; /* cut, or no root around it */
		if (builder.data == NULL)
		{
			builder.data = arena_alloc(arena, document.len);
			if (builder.data == NULL)
				return TEXT_NULL;
			builder.capacity = document.len;
		}
		builder_append(&builder, done, (size_t) (start - done));
		start += strlen(opening);
		lift_section(&builder, entities, (Text){start, (size_t) (close - strlen("]]>") - start)});
		done = at = close;
	}
	if (builder.data == NULL)
		return document;
	builder_append(&builder, done, (size_t) (end - done));
	return builder_text(&builder);
}

Text
entities_take_section(Entities *entities, Text name)
{
	size_t number = 0;

	if (name.len < 2 || name.data[0] != '_')
		return TEXT_NULL;
	for (size_t i = 1; i < name.len; i++)
	{
		if (name.data[i] < '0' || name.data[i] > '9' || number > entities->n_sections)
			return TEXT_NULL;
		number = number * 10 + (size_t) (name.data[i] - '0');
	}
	if (number < entities->n_taken || number >= entities->n_sections)
		return TEXT_NULL;
	entities->n_taken = number + 1;
	return entities->sections[number];
}
