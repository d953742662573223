/*
 * feed_prolog.c
 *	  What libxml2 is not to see of an XML document: all that precedes its root,
 *	  and tags that it would take too long over.
 *
 * The document type of RSS 0.91 is common, and is of no use to a reader; one
 * with entities that expand to each other is an attack.  So no DOCTYPE ever
 * reaches libxml2.  Of its declarations we keep those that name a short plain
 * text: such a value cannot expand any further.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr */
#endif
#include "parse/feed_parts.h"

#include "base/ascii.h"
#include "parse/entities.h"

#include <string.h>
#include <strings.h>

/* Longest value of a declared entity: a handful of references may not fill the arena. */
#define VALUE_SIZE 128

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

	while (at < end && is_xml_space(*at))
		at++;
	name = (Text){at, 0};
	while (at < end && !is_xml_space(*at) && *at != '"' && *at != '\'' && *at != '>')
		at++;
	name.len = (size_t) (at - name.data);
	while (at < end && is_xml_space(*at))
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
		if (is_xml_space(*at))
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

/*
 * No "<" in so many bytes: a long text, or a tag with more attributes than
 * libxml2 compares in reasonable time, each with each.
 */
#define GAP_SIZE 4096
#define ATTRIBUTES_LIMIT 256

/* Goes on to the next "<" or the end; true where so many attributes may lie on the way. */
static bool
pass_crowd(const char **at, const char *end)
{
	int n = 0;

	while (n < ATTRIBUTES_LIMIT && *at < end && **at != '<')
		n += *(*at)++ == '=';
	return n == ATTRIBUTES_LIMIT;
}

bool
feed_has_crowded_tag(Text document)
{
	const char *at = document.data;
	const char *end = document.data + document.len;

	while (end - at > GAP_SIZE)
	{
		const char *next = memrchr(at + 1, '<', GAP_SIZE);

		if (next != NULL)
			at = next;
		else
		{
			at++;
			if (pass_crowd(&at, end))
				return true;
		}
	}
	return false;
}
