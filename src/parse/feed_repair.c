/*
 * feed_repair.c
 *	  A broken XML document to a well-formed one.
 *
 * One pass over the document writes down what its author may have meant:
 * ampersands and angle brackets that open nothing as references, HTML's entities
 * as characters, attributes with quotes, end tags where they were forgotten.
 * What precedes or follows the root is left out, comments and instructions too.
 * It is a tokenizer that refuses nothing: each byte is taken once, and searches
 * that fail are not made again, so it is linear whatever comes.
 *
 * What the end of the document cuts stays open: libxml2 then does not report
 * the end of the entry, and a half entry is never taken for a whole one.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "parse/feed_parts.h"

#include "base/ascii.h"
#include "parse/entities.h"

#include <stdio.h>
#include <string.h>

/* Below libxml2's own limit of 256; elements deeper than this lose their tags. */
#define DEPTH_LIMIT 250

/* More attributes than anything in a feed has; further ones are left out. */
#define ATTRIBUTES_LIMIT 32

typedef struct Repair
{
	TextBuilder		out;
	const Entities *entities;
	const char	   *at;
	const char	   *end;
	bool			no_quote[2]; /* no further ' or " ahead: a search would be in vain */
	bool			cut;		 /* the document ends in the middle of something */
	int				depth;
	Text			open[DEPTH_LIMIT]; /* the names of the open elements */
} Repair;

static bool
is_name_start(char c)
{
	return is_letter(c) || c == '_';
}

static bool
is_name_byte(char c)
{
	return is_name_start(c) || is_digit(c) || c == '-' || c == '.' || c == ':';
}

static bool
begins(const Repair *r, const char *what)
{
	size_t len = strlen(what);

	return (size_t) (r->end - r->at) >= len && memcmp(r->at, what, len) == 0;
}

static void
put(Repair *r, const char *literal)
{
	builder_append(&r->out, literal, strlen(literal));
}

/* ---- characters ---- */

/*
 * How many bytes at p XML does not allow: a control character, U+FFFE, U+FFFF
 * (XML 1.0, section 2.2).  0 where it does.
 */
static size_t
forbidden(const char *p, const char *end)
{
	unsigned char c = (unsigned char) *p;

	if (c < ' ')
		return is_xml_space(*p) ? 0 : 1;
	if (c == 0xEF && end - p >= 3 && (unsigned char) p[1] == 0xBF && (unsigned char) p[2] >= 0xBE)
		return 3;
	return 0;
}

/*
 * Text as the content of an element or a quoted value.  The references are
 * numeric: after a fault libxml2 no longer passes on the named ones.
 */
static void
put_escaped(Repair *r, const char *p, const char *end)
{
	const char *done = p;

	while (p < end)
	{
		size_t		skip = forbidden(p, end);
		const char *reference = *p == '&'	? "&#38;"
								: *p == '<' ? "&#60;"
								: *p == '>' ? "&#62;"
								: *p == '"' ? "&#34;"
											: NULL;

		if (skip == 0 && reference == NULL)
		{
			p++;
			continue;
		}
		builder_append(&r->out, done, (size_t) (p - done));
		if (reference != NULL)
			put(r, reference);
		p += skip > 0 ? skip : 1;
		done = p;
	}
	builder_append(&r->out, done, (size_t) (end - done));
}

/* Whether a reference may name the character. */
static bool
is_xml_character(unsigned c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= ' ' && c < 0xD800) ||
		   (c >= 0xE000 && c < 0xFFFE) || (c >= 0x10000 && c <= 0x10FFFF);
}

/* "&#...": written anew if it names a character.  Returns where it ends; p for no reference. */
static const char *
put_number(Repair *r, const char *p, const char *end)
{
	unsigned number;
	size_t	 len = entity_number((Text){p + 2, (size_t) (end - p - 2)}, &number);
	char	 reference[16];

	if (len == 0)
		return p;
	if (is_xml_character(number))
	{
		snprintf(reference, sizeof(reference), "&#%u;", number);
		put(r, reference);
	}
	return p + 2 + len;
}

/* "&name;": what it stands for.  Returns where it ends; p for no reference. */
static const char *
put_entity(Repair *r, const char *p, const char *end)
{
	const char *at = p + 1;
	Text		value;

	while (at < end && is_name_byte(*at))
		at++;
	if (at == end || *at != ';')
		return p;
	value = entities_resolve(r->entities, (Text){p + 1, (size_t) (at - p - 1)});
	if (!text_present(value))
		return p;
	put_escaped(r, value.data, value.data + value.len);
	return at + 1;
}

/*
 * Text whose references are to be kept.  An ampersand that begins none was meant
 * as itself: "R&D", "?a=1&b=2".
 */
static void
put_text(Repair *r, const char *p, const char *end)
{
	while (p < end)
	{
		const char *reference = memchr(p, '&', (size_t) (end - p));
		const char *behind;

		if (reference == NULL)
			reference = end;
		put_escaped(r, p, reference);
		p = reference;
		if (p == end)
			return;
		behind = p + 1 < end && p[1] == '#' ? put_number(r, p, end) : put_entity(r, p, end);
		if (behind == p)
			put(r, "&#38;");
		p = behind == p ? p + 1 : behind;
	}
}

/* ---- elements ---- */

/* The name without its prefix. */
static Text
local_name(Text name)
{
	const char *colon = memchr(name.data, ':', name.len);

	if (colon == NULL)
		return name;
	return (Text){colon + 1, name.len - (size_t) (colon + 1 - name.data)};
}

static bool
is_item(Text name)
{
	return text_is(name, "item") || text_is(name, "entry");
}

/* Ends the open elements down to the one at level, which is ended too. */
static void
close_to(Repair *r, int level)
{
	while (r->depth > level)
	{
		Text name = r->open[--r->depth];

		put(r, "</");
		builder_append(&r->out, name.data, name.len);
		put(r, ">");
	}
}

/* The level of the innermost open element that is the named one; -1 for none. */
static int
find_open(const Repair *r, Text name)
{
	int level = r->depth - 1;

	while (level >= 0 && !text_equal(r->open[level], name))
		level--;
	return level;
}

static Text
take_name(Repair *r)
{
	Text name = {r->at, 0};

	while (r->at < r->end && is_name_byte(*r->at))
		r->at++;
	name.len = (size_t) (r->at - name.data);
	return name;
}

static void
skip_space(Repair *r)
{
	while (r->at < r->end && is_xml_space(*r->at))
		r->at++;
}

/*
 * The value behind an equals sign, with quotes around it or without.  A quote
 * that is never closed quotes nothing, and is not searched for again.
 */
static Text
take_value(Repair *r)
{
	Text value;

	skip_space(r);
	if (r->at < r->end && (*r->at == '"' || *r->at == '\'') && !r->no_quote[*r->at == '"'])
	{
		const char *quote = memchr(r->at + 1, *r->at, (size_t) (r->end - r->at - 1));

		if (quote != NULL)
		{
			value = (Text){r->at + 1, (size_t) (quote - r->at - 1)};
			r->at = quote + 1;
			return value;
		}
		r->no_quote[*r->at == '"'] = true;
	}
	if (r->at < r->end && (*r->at == '"' || *r->at == '\''))
		r->at++;
	value = (Text){r->at, 0};
	while (r->at < r->end && !is_xml_space(*r->at) && *r->at != '>')
		r->at++;
	value.len = (size_t) (r->at - value.data);
	return value;
}

/*
 * The attributes up to the end of the tag, each name once.  Returns whether the
 * tag ends its element; sets cut where the document ends first.
 */
static bool
put_attributes(Repair *r)
{
	Text names[ATTRIBUTES_LIMIT];
	int	 n = 0;
	bool empty = false;

	for (;;)
	{
		Text name;
		Text value;
		bool known = false;

		skip_space(r);
		if (r->at == r->end || *r->at == '>' || *r->at == '<')
			break;
		empty = *r->at == '/';
		name = is_name_start(*r->at) ? take_name(r) : TEXT_NULL;
		if (name.len == 0)
		{
			r->at++;
			continue;
		}
		value = name;
		skip_space(r);
		if (r->at < r->end && *r->at == '=')
		{
			r->at++;
			value = take_value(r);
		}
		for (int i = 0; i < n && !known; i++)
			known = text_equal(names[i], name);
		if (known || n == ATTRIBUTES_LIMIT)
			continue;
		names[n++] = name;
		put(r, " ");
		builder_append(&r->out, name.data, name.len);
		put(r, "=\"");
		put_text(r, value.data, value.data + value.len);
		put(r, "\"");
	}
	r->cut = r->at == r->end;
	if (!r->cut && *r->at == '>')
		r->at++;
	return empty;
}

/*
 * A start tag.  An entry within an entry tells that the end of that was forgotten:
 * feeds do not nest them.  The tag is written while it is read, and taken back
 * where the document ends in it or the elements are nested too deep.
 */
static void
take_start_tag(Repair *r)
{
	size_t before;
	Text   name;
	bool   kept;

	r->at++;
	name = take_name(r);
	if (is_item(local_name(name)))
	{
		int level = r->depth - 1;

		while (level >= 0 && !is_item(local_name(r->open[level])))
			level--;
		if (level >= 0)
			close_to(r, level);
	}
	kept = r->depth < DEPTH_LIMIT;
	before = r->out.len;
	put(r, "<");
	builder_append(&r->out, name.data, name.len);
	if (put_attributes(r))
		put(r, "/>");
	else
	{
		put(r, ">");
		if (kept)
			r->open[r->depth++] = name;
	}
	if (!kept || r->cut)
		r->out.len = before;
}

/*
 * An end tag ends what was opened within its element too, as HTML's forgotten ones
 * in a description that is not coded.  One for nothing that is open is left out.
 */
static void
take_end_tag(Repair *r)
{
	const char *close;
	Text		name;
	int			level;

	r->at += 2;
	name = take_name(r);
	close = memchr(r->at, '>', (size_t) (r->end - r->at));
	r->cut = close == NULL;
	if (r->cut)
		return;
	r->at = close + 1;
	level = find_open(r, name);
	if (level >= 0)
		close_to(r, level);
}

/* To behind the next occurrence of what; the document is cut where there is none. */
static void
skip_past(Repair *r, const char *what)
{
	const char *found = memmem(r->at, (size_t) (r->end - r->at), what, strlen(what));

	r->cut = found == NULL;
	r->at = r->cut ? r->end : found + strlen(what);
}

/* A CDATA section becomes text: what it may hold that XML may not is then escaped. */
static void
take_cdata(Repair *r)
{
	const char *start = r->at + strlen("<![CDATA[");

	skip_past(r, "]]>");
	if (!r->cut)
		put_escaped(r, start, r->at - strlen("]]>"));
}

/* "<" and what it opens. */
static void
take_markup(Repair *r)
{
	if (begins(r, "<![CDATA["))
		take_cdata(r);
	else if (begins(r, "<!--"))
		skip_past(r, "-->");
	else if (begins(r, "<?") || begins(r, "<!"))
		skip_past(r, ">");
	else if (begins(r, "</"))
		take_end_tag(r);
	else if (r->end - r->at > 1 && is_name_start(r->at[1]))
		take_start_tag(r);
	else
	{
		put(r, "&#60;");
		r->at++;
	}
}

/*
 * The root of a feed or sitemap in the document, whatever stands before it: warnings of the
 * program that made it, a second declaration, half an HTML page.  NULL for none.
 */
static const char *
find_root(Text document)
{
	const char *end = document.data + document.len;
	const char *at = document.data;

	while ((at = memchr(at, '<', (size_t) (end - at))) != NULL)
	{
		Text name = {++at, 0};

		while (name.data + name.len < end && name.len < 16 && is_name_byte(at[name.len]))
			name.len++;
		if (text_is(name, "rss") || text_is(name, "feed") || text_is(name, "channel") ||
			text_is(local_name(name), "RDF") || text_is(local_name(name), "urlset") ||
			text_is(local_name(name), "sitemapindex"))
			return at - 1;
	}
	return NULL;
}

/*
 * Text and markup take turns until the root ends, the document does, or memory is
 * out.  What is open then is not closed: see the head of the file.
 */
Text
feed_repair(Arena *arena, Text document, const Entities *entities)
{
	const char *root = find_root(document);
	Repair	   *r = arena_alloc_zero(arena, sizeof(Repair));

	if (root == NULL || r == NULL)
		return TEXT_NULL;
	r->entities = entities;
	r->at = root;
	r->end = document.data + document.len;
	builder_start(&r->out, arena);
	do
	{
		const char *markup = memchr(r->at, '<', (size_t) (r->end - r->at));

		put_text(r, r->at, markup == NULL ? r->end : markup);
		r->at = markup;
		if (markup != NULL)
			take_markup(r);
	} while (r->at != NULL && !r->cut && r->depth > 0 && !arena_exhausted(arena));
	return builder_text(&r->out);
}
