/*
 * feed_lift.c
 *	  Long texts past libxml2.
 *
 * libxml2 looks at a text character by character where it is CDATA, not ASCII or
 * full of references, which the texts of feeds are: that took longer than all
 * else together.  So it is given a document in which a reference of our own,
 * "&_0;", "&_1;" and so on, stands for each long text, and when it asks what
 * that means, the text is taken from the original.  It still sees every tag.
 *
 * To find the texts no more is looked at than angle brackets.  Where that errs,
 * no harm is done: a reference in a comment is never asked for, and one in an
 * attribute's value makes the document a broken one, which is repaired from the
 * original.
 */
#include "parse/feed_parts.h"

#include "parse/entities.h"

#include <stdio.h>
#include <string.h>

/* Shorter texts are not worth their reference. */
#define LONG_TEXT 96

/*
 * Further texts stay where they are: libxml2's dictionary of names, where the
 * references go, is slow where it is large.  Feeds have some hundreds.
 */
#define LIFTED_LIMIT 16384

static const char cdata_start[] = "<![CDATA[";
static const char cdata_end[] = "]]>";

/* What a call of feed_lift() has done so far. */
typedef struct Lift
{
	Entities   *entities;
	TextBuilder out;
	const char *done; /* up to here the document is in out, or lifted */
	const char *end;
} Lift;

/*
 * Lifts the text, which stands in the document between start and end, markup of
 * a section included.  The references take less room than what they replace, so
 * the builder that has the document's size never grows.
 */
static void
lift(Lift *l, Text text, bool coded, const char *start, const char *end)
{
	Entities *entities = l->entities;
	size_t	  n = entities->n_lifted;
	size_t	  size = n * sizeof(Lifted);
	char	  reference[32];

	if ((n & (n - 1)) == 0) /* at 0 and each power of two there is no more room */
	{
		Lifted *grown =
			arena_grow(l->out.arena, entities->lifted, size, n == 0 ? sizeof(Lifted) : size * 2);

		if (grown == NULL)
			return;
		entities->lifted = grown;
	}
	entities->lifted[entities->n_lifted++] = (Lifted){text, coded};
	builder_append(&l->out, l->done, (size_t) (start - l->done));
	builder_append(&l->out, reference,
				   (size_t) snprintf(reference, sizeof(reference), "&_%zu;", n));
	l->done = end;
}

/* Lifts the section that begins at at, and returns its end; end where it has none. */
static const char *
lift_section(Lift *l, const char *at)
{
	const char *text = at + strlen(cdata_start);
	const char *close = text;

	while ((close = memchr(close, ']', (size_t) (l->end - close))) != NULL)
	{
		if (l->end - close >= 3 && memcmp(close, cdata_end, 3) == 0)
		{
			lift(l, (Text){text, (size_t) (close - text)}, false, at, close + 3);
			return close + 3;
		}
		close++;
	}
	return l->end;
}

Text
feed_lift(Arena *arena, Text document, Entities *entities)
{
	Lift		l = {.entities = entities, .done = document.data};
	const char *at = document.data;

	l.end = document.data + document.len;
	builder_start(&l.out, arena);
	l.out.data = arena_alloc(arena, document.len);
	l.out.capacity = document.len;
	if (l.out.data == NULL)
		return TEXT_NULL;
	while (at < l.end && (at = memchr(at, '<', (size_t) (l.end - at))) != NULL)
	{
		const char *next;

		if (entities->n_lifted == LIFTED_LIMIT)
			break;
		if ((size_t) (l.end - at) > strlen(cdata_start) &&
			memcmp(at, cdata_start, strlen(cdata_start)) == 0)
		{
			at = lift_section(&l, at);
			continue;
		}
		next = memchr(at + 1, '<', (size_t) (l.end - at - 1));
		if (next != NULL && next - at > LONG_TEXT)
		{
			const char *text = memchr(at, '>', (size_t) (next - at));

			if (text != NULL && next - ++text > LONG_TEXT)
				lift(&l, (Text){text, (size_t) (next - text)}, true, text, next);
		}
		at = next == NULL ? l.end : next;
	}
	builder_append(&l.out, l.done, (size_t) (l.end - l.done));
	return builder_text(&l.out);
}

const Lifted *
entities_take_lifted(Entities *entities, Text name)
{
	size_t number = 0;

	if (name.len < 2 || name.data[0] != '_')
		return NULL;
	for (size_t i = 1; i < name.len; i++)
	{
		if (name.data[i] < '0' || name.data[i] > '9' || number > entities->n_lifted)
			return NULL;
		number = number * 10 + (size_t) (name.data[i] - '0');
	}
	if (number < entities->n_taken || number >= entities->n_lifted)
		return NULL;
	entities->n_taken = number + 1;
	return &entities->lifted[number];
}

/* Appends what the reference at at stands for, and returns its end; at for no reference. */
static const char *
append_reference(TextBuilder *builder, const Entities *entities, const char *at, const char *end)
{
	static const struct
	{
		const char *name;
		size_t		len;
		char		character;
	} predefined[] = {{"&lt;", 4, '<'},
					  {"&gt;", 4, '>'},
					  {"&amp;", 5, '&'},
					  {"&quot;", 6, '"'},
					  {"&apos;", 6, '\''}};
	size_t		left = (size_t) (end - at);
	const char *semicolon;
	Text		value;

	for (size_t i = 0; i < lengthof(predefined); i++)
	{
		if (left >= predefined[i].len && memcmp(at, predefined[i].name, predefined[i].len) == 0)
		{
			builder_append_char(builder, predefined[i].character);
			return at + predefined[i].len;
		}
	}
	if (left > 2 && at[1] == '#')
	{
		unsigned number;
		size_t	 len = entity_number((Text){at + 2, left - 2}, &number);

		if (len > 0 && number != 0)
			builder_append_codepoint(builder, number);
		return len == 0 ? at : at + 2 + len;
	}
	semicolon = memchr(at, ';', left < ENTITY_NAME_SIZE ? left : ENTITY_NAME_SIZE);
	if (semicolon == NULL)
		return at;
	value = entities_resolve(entities, (Text){at + 1, (size_t) (semicolon - at - 1)});
	if (!text_present(value))
		return at;
	builder_append(builder, value.data, value.len);
	return semicolon + 1;
}

void
feed_decode(TextBuilder *builder, const Entities *entities, Text text)
{
	const char *at = text.data;
	const char *end = text.data + text.len;

	for (;;)
	{
		const char *reference = memchr(at, '&', (size_t) (end - at));
		const char *behind;

		if (reference == NULL)
			break;
		builder_append(builder, at, (size_t) (reference - at));
		behind = append_reference(builder, entities, reference, end);
		if (behind == reference)
			builder_append_char(builder, *behind++);
		at = behind;
	}
	builder_append(builder, at, (size_t) (end - at));
}
