/*
 * opml.c
 *	  Feed lists (OPML 1.0 and 2.0): a repair of what is commonly wrong with
 *	  them, then libxml2's SAX parser.
 *
 * All that matters in OPML stands in attributes, where libxml2 gives up at the
 * first odd character; so bare ampersands, HTML's entities, stray "<" and
 * control characters are made good before it sees them.  The repair also
 * leaves no reference to a declared entity: nothing can expand.  Files and the
 * network are never touched.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "parse/opml.h"

#include "parse/charset.h"
#include "parse/entities.h"
#include "parse/sax.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

/* Groups deeper than this are read, but no more named as categories. */
#define MAX_CATEGORIES 32

/*
 * The attributes of one element that are read.  libxml2 compares each with all
 * before it, so without a limit a single element could take minutes.
 */
#define MAX_ATTRIBUTES 64

#define LONGEST_REFERENCE 40 /* bytes, the & and ; included */
#define LONGEST_NAME 32		 /* bytes of a root element's name in a message */

/* ---- characters ---- */

/* The bytes at the start of the text that XML 1.0 does not allow (2.2), or 0. */
static size_t
forbidden_length(Text text)
{
	unsigned char c = (unsigned char) text.data[0];

	if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F)
		return 1;
	if (text.len >= 3 &&
		(memcmp(text.data, "\xEF\xBF\xBE", 3) == 0 || memcmp(text.data, "\xEF\xBF\xBF", 3) == 0))
		return 3;
	return 0;
}

static const char *
escape_of(char c)
{
	switch (c)
	{
		case '&':
			return "&amp;";
		case '<':
			return "&lt;";
		case '>':
			return "&gt;";
		case '"':
			return "&quot;";
		case '\'':
			return "&apos;";
	}
	return NULL;
}

void
opml_append_escaped(TextBuilder *builder, Text text)
{
	while (text.len > 0)
	{
		size_t		forbidden = forbidden_length(text);
		const char *escape = escape_of(text.data[0]);

		if (escape != NULL)
			builder_append(builder, escape, strlen(escape));
		else if (forbidden == 0)
			builder_append_char(builder, text.data[0]);
		text.data += forbidden > 0 ? forbidden : 1;
		text.len -= forbidden > 0 ? forbidden : 1;
	}
}

/* ---- the repair ---- */

/*
 * Reads the document once from its start to its end, and knows of where it is
 * only what it must: whether in a tag, and there in which quotes.
 */
typedef struct Repair
{
	TextBuilder out;
	Text		rest;
	char		quote;	/* the one that the value we are in began with, or 0 */
	size_t		value;	/* where in out that value begins */
	bool		in_tag; /* between "<" and ">" */
	int			values; /* begun in this tag */
	bool		changed;
} Repair;

/* Copies the next len bytes as they are. */
static void
keep(Repair *repair, size_t len)
{
	builder_append(&repair->out, repair->rest.data, len);
	repair->rest.data += len;
	repair->rest.len -= len;
}

/* Replaces the next len bytes by the text, escaped. */
static void
replace(Repair *repair, size_t len, Text by)
{
	opml_append_escaped(&repair->out, by);
	repair->rest.data += len;
	repair->rest.len -= len;
	repair->changed = true;
}

/* Whether a reference's name (without & and ;) is XML's own: a number or one of the five. */
static bool
is_xml_reference(Text name)
{
	bool   hex = text_begins(name, "#x");
	size_t first = hex ? 2 : 1;

	if (name.len == 0 || name.data[0] != '#')
		return text_equal(name, TEXT_LITERAL("amp")) || text_equal(name, TEXT_LITERAL("lt")) ||
			   text_equal(name, TEXT_LITERAL("gt")) || text_equal(name, TEXT_LITERAL("quot")) ||
			   text_equal(name, TEXT_LITERAL("apos"));
	for (size_t i = first; i < name.len; i++)
	{
		if (strchr(hex ? "0123456789abcdefABCDEF" : "0123456789", name.data[i]) == NULL)
			return false;
	}
	return name.len > first;
}

/* At an ampersand: keeps what XML knows, resolves what HTML knows, escapes the rest. */
static void
repair_ampersand(Repair *repair)
{
	Text   rest = repair->rest;
	size_t len = 1;
	Text   name;
	Text   meant;

	while (len < rest.len && len < LONGEST_REFERENCE && strchr("; &<>\"'", rest.data[len]) == NULL)
		len++;
	if (len < rest.len && rest.data[len] == ';')
	{
		name = (Text){rest.data + 1, len - 1};
		meant = entity_named(name);
		if (is_xml_reference(name))
			keep(repair, len + 1);
		else if (text_present(meant))
			replace(repair, len + 1, meant);
		else
			replace(repair, 1, TEXT_LITERAL("&"));
		return;
	}
	replace(repair, 1, TEXT_LITERAL("&"));
}

/*
 * At a "<" inside a value: a tag of OPML's own there means that the value's
 * closing quote was lost, and the tag ends without it; any other is meant as a character.
 */
static void
repair_less_than(Repair *repair)
{
	Text after = {repair->rest.data + 1, repair->rest.len - 1};

	if (text_begins(after, "outline") || text_begins(after, "/outline") ||
		text_begins(after, "/body"))
	{
		repair->out.len = repair->value;
		builder_append_char(&repair->out, repair->quote);
		builder_append_char(&repair->out, '>');
		repair->quote = '\0';
		repair->values = 0;
		repair->changed = true;
		keep(repair, 1);
	}
	else
		replace(repair, 1, TEXT_LITERAL("<"));
}

/* At a "<" outside of values: enters a tag, or passes a whole comment. */
static void
repair_markup(Repair *repair)
{
	if (text_begins(repair->rest, "<!--"))
	{
		const char *end = memmem(repair->rest.data, repair->rest.len, "-->", 3);

		keep(repair, end == NULL ? repair->rest.len : (size_t) (end - repair->rest.data) + 3);
		return;
	}
	repair->values = 0;
	repair->in_tag = repair->rest.len > 1 && strchr("!?", repair->rest.data[1]) == NULL;
	keep(repair, 1);
}

/* Any other character: keeps it, and account of where we are. */
static void
repair_plain(Repair *repair)
{
	char c = repair->rest.data[0];

	if (repair->quote != '\0')
	{
		if (c == repair->quote)
			repair->quote = '\0';
	}
	else if (repair->in_tag && (c == '"' || c == '\''))
	{
		repair->quote = c;
		repair->value = repair->out.len + 1;
		if (++repair->values > MAX_ATTRIBUTES)
		{
			/* No list has this many: the document ends here. */
			repair->rest.len = 0;
			repair->changed = true;
			return;
		}
	}
	else if (c == '>')
		repair->in_tag = false;
	keep(repair, 1);
}

/* The document with what libxml2 would stumble over made good; *changed says whether. */
static Text
repair_document(Arena *arena, Text document, bool *changed)
{
	Repair repair = {.rest = document};

	builder_start(&repair.out, arena);
	while (repair.rest.len > 0 && !arena_exhausted(arena))
	{
		char   c = repair.rest.data[0];
		size_t forbidden = forbidden_length(repair.rest);

		if (forbidden > 0)
			replace(&repair, forbidden, TEXT_LITERAL(""));
		else if (c == '&')
			repair_ampersand(&repair);
		else if (c == '<' && repair.quote != '\0')
			repair_less_than(&repair);
		else if (c == '<')
			repair_markup(&repair);
		else
			repair_plain(&repair);
	}
	*changed = repair.changed;
	return builder_text(&repair.out);
}

/* ---- the document ---- */

typedef struct OpmlReader
{
	Arena *arena;
	Sax	   sax;
	Opml  *opml;
	size_t capacity; /* of opml->entries */
	bool   is_opml;	 /* the root element says so */
	Text   root;	 /* what it is called, cut; absent before it comes */
	Text   categories[MAX_CATEGORIES];
	size_t depth; /* open outlines */
} OpmlReader;

/* The attributes of an element as libxml2 passes them: five pointers each. */
typedef struct Attributes
{
	const xmlChar **list;
	int				n;
} Attributes;

/* The value of an attribute, trimmed, whatever the case of its name; absent where there is none. */
static Text
attribute(Attributes attributes, const char *name)
{
	for (int i = 0; i < attributes.n; i++)
	{
		const xmlChar **one = &attributes.list[i * 5]; /* name, prefix, URI, value, its end */

		if (strcasecmp((const char *) one[0], name) == 0)
			return text_trim((Text){(const char *) one[3], (size_t) (one[4] - one[3])});
	}
	return TEXT_NULL;
}

/* title, else text, whichever says something; else absent. */
static Text
title_of(Attributes attributes)
{
	Text title = attribute(attributes, "title");

	if (title.len == 0)
		title = attribute(attributes, "text");
	return title.len == 0 ? TEXT_NULL : title;
}

/* Room for one more entry; it counts when the caller says so.  NULL where memory is out. */
static OpmlEntry *
add_entry(OpmlReader *reader)
{
	Opml *opml = reader->opml;

	if (opml->n_entries == reader->capacity)
	{
		size_t	   capacity = reader->capacity == 0 ? 64 : reader->capacity * 2;
		OpmlEntry *grown =
			arena_grow(reader->arena, opml->entries, reader->capacity * sizeof(OpmlEntry),
					   capacity * sizeof(OpmlEntry));

		if (grown == NULL)
			return NULL;
		opml->entries = grown;
		reader->capacity = capacity;
	}
	return &opml->entries[opml->n_entries];
}

/* The names of the groups we are in; those without one say nothing. */
static bool
copy_categories(OpmlReader *reader, OpmlEntry *entry)
{
	size_t depth = reader->depth < MAX_CATEGORIES ? reader->depth : MAX_CATEGORIES;

	entry->n_categories = 0;
	entry->categories = arena_alloc(reader->arena, depth * sizeof(Text));
	if (entry->categories == NULL)
		return false;
	for (size_t i = 0; i < depth; i++)
	{
		if (text_present(reader->categories[i]))
			entry->categories[entry->n_categories++] = reader->categories[i];
	}
	return true;
}

static Text
copy(OpmlReader *reader, Text text)
{
	return arena_copy(reader->arena, text.data, text.len);
}

/* An outline: an entry where it has a feed's URL, else a group of entries. */
static void
start_outline(OpmlReader *reader, Attributes attributes)
{
	Text	   url = attribute(attributes, "xmlUrl");
	Text	   title = copy(reader, title_of(attributes));
	OpmlEntry *entry;

	if (reader->depth < MAX_CATEGORIES)
		reader->categories[reader->depth] = url.len == 0 ? title : TEXT_NULL;
	if (url.len > 0 && (entry = add_entry(reader)) != NULL && copy_categories(reader, entry))
	{
		entry->url = copy(reader, url);
		entry->titre = text_present(title) ? title : entry->url;
		entry->site = copy(reader, attribute(attributes, "htmlUrl"));
		entry->type = copy(reader, attribute(attributes, "type"));
		reader->opml->n_entries++;
	}
	reader->depth++;
}

/* An element's name for a message, cut between characters where it is long. */
static Text
copy_name(Arena *arena, const char *name)
{
	size_t len = strlen(name);

	if (len > LONGEST_NAME)
	{
		len = LONGEST_NAME;
		while (len > 0 && (name[len] & 0xC0) == 0x80)
			len--;
	}
	return arena_copy(arena, name, len);
}

/* libxml2's callback: must neither allocate from the server nor jump. */
static void
on_start(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_spaces,
		 const xmlChar **spaces, int n_attributes, int n_defaulted, const xmlChar **list)
{
	/* What a DOCTYPE gives by default comes last, and does not count. */
	Attributes	attributes = {list, n_attributes - n_defaulted};
	OpmlReader *reader = data;

	(void) prefix;
	(void) uri;
	(void) n_spaces;
	(void) spaces;
	if (!text_present(reader->root))
	{
		reader->is_opml = strcasecmp((const char *) name, "opml") == 0;
		reader->root = copy_name(reader->arena, (const char *) name);
	}
	if (strcasecmp((const char *) name, "outline") == 0)
		start_outline(reader, attributes);
	if (arena_exhausted(reader->arena))
		sax_stop(&reader->sax);
}

/* The end of an element, which libxml2 makes up where the document lacks it. */
static void
on_end(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	OpmlReader *reader = data;

	(void) prefix;
	(void) uri;
	if (strcasecmp((const char *) name, "outline") == 0 && reader->depth > 0)
		reader->depth--;
}

/* Runs the parser over the document; false where the system has no memory. */
static bool
read_document(OpmlReader *reader, Text document)
{
	static const xmlSAXHandler handler = {.startElementNs = on_start, .endElementNs = on_end};
	/* Replacing entities concerns the predefined ones only: no other can be declared. */
	SaxResult				   result =
		sax_parse(&reader->sax, document, &handler,
				  XML_PARSE_RECOVER | XML_PARSE_IGNORE_ENC | XML_PARSE_NOENT, reader);

	if (result == SAX_BROKEN)
		reader->opml->recovered = true;
	return result != SAX_NO_MEMORY;
}

/*
 * The root's name is looked at only where nothing was found: a list whose root
 * is called otherwise is a list nevertheless.
 */
Opml *
opml_parse(Arena *arena, Text bytes, Failure *failure)
{
	OpmlReader	reader = {.arena = arena};
	const char *encoding;
	Text		document = charset_decode_xml(arena, bytes, TEXT_NULL, &encoding);
	bool		read = true;

	reader.opml = arena_alloc_zero(arena, sizeof(Opml));
	if (reader.opml != NULL && text_present(document) && document.len > 0)
	{
		document = repair_document(arena, document, &reader.opml->recovered);
		if (!arena_exhausted(arena) && document.len > 0 && document.len <= INT_MAX)
			read = read_document(&reader, document);
	}
	if (arena_exhausted(arena) || document.len > INT_MAX)
		failure_set(failure, FAILURE_TOO_LARGE, "the feed list is too large");
	else if (!read)
		failure_set(failure, FAILURE_MEMORY, "out of memory");
	else if (!text_present(reader.root))
		failure_set(failure, FAILURE_PARSE, "no XML element found, not OPML");
	else if (!reader.is_opml && reader.opml->n_entries == 0)
		failure_set(failure, FAILURE_PARSE, "not OPML: the root element is <%.*s>",
					(int) reader.root.len, reader.root.data);
	else
		return reader.opml;
	return NULL;
}
