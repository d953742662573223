/*
 * feed_xml.c
 *	  RSS, RDF and Atom: the events of libxml2's SAX2 interface.
 *
 * libxml2 sees UTF-8 without a prolog: no declaration that could name another
 * encoding, no DOCTYPE, so no entity but those that get_entity() below hands
 * out, which are plain characters.  It is given no way to the network or to
 * files.  The callbacks neither jump nor report: they note what they find.
 */
#include "parse/feed_xml.h"

#include "parse/url.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

/* ---- attributes ---- */

/*
 * The value of the i-th attribute.  As long as it does not replace entities,
 * libxml2 passes an ampersand as "&#38;", and only that.
 */
static Text
attribute_value(Arena *arena, Attributes attributes, int i)
{
	const char *at = (const char *) attributes.list[i * 5 + 3];
	const char *end = (const char *) attributes.list[i * 5 + 4];
	const char *reference = memchr(at, '&', (size_t) (end - at));
	TextBuilder builder;

	if (reference == NULL)
		return (Text){at, (size_t) (end - at)};
	builder_start(&builder, arena);
	while (reference != NULL)
	{
		builder_append(&builder, at, (size_t) (reference + 1 - at));
		at = reference + 1;
		if (end - at >= 4 && memcmp(at, "#38;", 4) == 0)
			at += 4;
		reference = memchr(at, '&', (size_t) (end - at));
	}
	builder_append(&builder, at, (size_t) (end - at));
	return builder_text(&builder);
}

Text
attribute(Arena *arena, Attributes attributes, const char *name)
{
	for (int i = 0; i < attributes.n; i++)
	{
		if (strcasecmp((const char *) attributes.list[i * 5], name) == 0)
			return attribute_value(arena, attributes, i);
	}
	return TEXT_NULL;
}

/*
 * xml:base and xml:lang (XML Base; XML 1.0, section 2.12).
 */
static void
read_xml_attributes(XmlReader *reader, Frame *frame, Attributes attributes)
{
	for (int i = 0; i < attributes.n; i++)
	{
		const char *prefix = (const char *) attributes.list[i * 5 + 1];
		const char *name = (const char *) attributes.list[i * 5];
		Text		value;

		if (prefix == NULL || strcmp(prefix, "xml") != 0)
			continue;
		value = attribute_value(reader->arena, attributes, i);
		if (strcmp(name, "base") == 0)
		{
			value = arena_copy(reader->arena, value.data, value.len);
			value = url_resolve(reader->arena, frame->base, value);
			if (url_is_web(value)) /* others would mislead every link below */
				frame->base = value;
		}
		else if (strcmp(name, "lang") == 0)
		{
			frame->lang = feed_language(reader->arena, value);
			frame->lang_in_item = reader->item_depth > 0;
		}
	}
}

/* ---- gathering text ---- */

/* Text that is written down as HTML: what would be markup there is coded. */
static void
append_escaped(TextBuilder *builder, const char *data, size_t len)
{
	size_t done = 0;

	for (size_t i = 0; i < len; i++)
	{
		if (data[i] != '<' && data[i] != '&')
			continue;
		builder_append(builder, data + done, i - done);
		builder_append(builder, data[i] == '<' ? "&lt;" : "&amp;", data[i] == '<' ? 4 : 5);
		done = i + 1;
	}
	builder_append(builder, data + done, len - done);
}

static void
append_tag(TextBuilder *builder, const char *opening, const xmlChar *name)
{
	builder_append(builder, opening, strlen(opening));
	builder_append(builder, (const char *) name, strlen((const char *) name));
	builder_append_char(builder, '>');
}

void
capture_start(XmlReader *reader, Element element, Coding coding, bool is_text)
{
	Capture *capture = &reader->capture;

	capture->element = element;
	capture->place = reader->frames[reader->depth - 1].place;
	capture->depth = reader->depth;
	capture->coding = coding;
	capture->is_text = is_text;
	capture->part = ELEMENT_UNKNOWN;
	capture->base64 = false;
	capture->is_link = false;
	capture->text.len = 0;
}

/*
 * An element within a text.  Whatever the text was declared as, it is markup
 * then; but for a div around text that is HTML or plain nevertheless.
 */
static void
capture_element(Capture *capture, const xmlChar *name)
{
	if (capture->coding != CODING_MARKUP)
	{
		size_t len = capture->text.len;

		if (strcmp((const char *) name, "div") == 0)
			return;
		if (capture->coding == CODING_PLAIN && len > 0)
		{
			append_escaped(&capture->text, capture->text.data, len);
			capture->text.len -= len;
			memmove(capture->text.data, capture->text.data + len, capture->text.len);
		}
		capture->coding = CODING_MARKUP;
	}
	append_tag(&capture->text, "<", name);
}

/* Text where it stands: for the capture, if it is the capture's. */
static void
append_text(XmlReader *reader, const char *text, size_t len)
{
	Capture *capture = &reader->capture;

	if (capture->element == ELEMENT_UNKNOWN)
		return;
	if (capture->coding == CODING_MARKUP)
		append_escaped(&capture->text, text, len);
	else if (capture->is_text || reader->depth == capture->depth ||
			 capture->part != ELEMENT_UNKNOWN)
		builder_append(&capture->text, text, len);
}

/* ---- what libxml2 calls ---- */

/* The element that a name is, asked for once a document. */
static Element
cached_lookup(XmlReader *reader, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	size_t slot = ((size_t) name >> 2 ^ (size_t) prefix >> 4 ^ (size_t) uri >> 6) % CACHE_SIZE;

	if (reader->cache[slot].name != name || reader->cache[slot].prefix != prefix ||
		reader->cache[slot].uri != uri)
	{
		reader->cache[slot].name = name;
		reader->cache[slot].prefix = prefix;
		reader->cache[slot].uri = uri;
		reader->cache[slot].element =
			element_lookup((const char *) name, (const char *) prefix, (const char *) uri);
	}
	return reader->cache[slot].element;
}

/* An element within one whose text is being gathered. */
static void
start_in_capture(XmlReader *reader, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	Capture *capture = &reader->capture;

	if (capture->is_text)
		capture_element(capture, name);
	else if (capture->element >= ELEMENT_AUTHOR && capture->element <= ELEMENT_ITUNES_AUTHOR &&
			 reader->depth == capture->depth + 1)
	{
		Element element = cached_lookup(reader, name, prefix, uri);

		if (element == ELEMENT_NAME || element == ELEMENT_EMAIL)
		{
			capture->part = element;
			capture->text.len = 0;
		}
	}
}

/*
 * An element begins.  In a capture it belongs to the text; else it gets a frame
 * like the one around it, and the place decides what it may mean.
 */
static void
on_start_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
				 int n_spaces, const xmlChar **spaces, int n_attributes, int n_defaulted,
				 const xmlChar **list)
{
	XmlReader *reader = data;
	Attributes attributes = {list, n_attributes};
	Element	   element;
	Frame	  *frame;

	(void) n_defaulted;
	reader->broken |= reader->entity_open;
	if (reader->broken || reader->depth >= DEPTH_LIMIT || arena_exhausted(reader->arena))
	{
		sax_stop(&reader->sax);
		return;
	}
	frame = &reader->frames[++reader->depth];
	if (reader->capture.element != ELEMENT_UNKNOWN)
	{
		start_in_capture(reader, name, prefix, uri);
		return;
	}
	*frame = frame[-1];
	element = cached_lookup(reader, name, prefix, uri);
	if (n_attributes > 0)
		read_xml_attributes(reader, frame, attributes);
	switch (frame->place)
	{
		case PLACE_OUTSIDE:
			if (element >= ELEMENT_RSS && element <= ELEMENT_CHANNEL)
				start_feed(reader, element, attributes, (const char *) uri, spaces, n_spaces);
			break;
		case PLACE_FEED:
			start_in_feed(reader, element, attributes);
			break;
		case PLACE_ITEM:
			start_in_item(reader, element, attributes);
			break;
		case PLACE_MEDIA:
			start_in_media(reader, element, attributes);
			break;
		case PLACE_ASIDE:
			break;
	}
}

/*
 * An element ends: the captured one, one within it, the entry, or one that only
 * made a frame.  The end of the entry is the only place where an item is made,
 * so none is made of an entry that the document does not end.
 */
static void
on_end_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	XmlReader *reader = data;
	Capture	  *capture = &reader->capture;

	(void) prefix;
	(void) uri;
	if (capture->element != ELEMENT_UNKNOWN && reader->depth == capture->depth)
	{
		if (capture->place == PLACE_FEED)
			end_in_feed(reader);
		else
			end_in_item(reader);
		capture->element = ELEMENT_UNKNOWN;
	}
	else if (capture->element != ELEMENT_UNKNOWN)
	{
		if (capture->coding == CODING_MARKUP)
			append_tag(&capture->text, "</", name);
		else if (capture->part != ELEMENT_UNKNOWN && reader->depth == capture->depth + 1)
			end_person_part(reader);
	}
	else if (reader->depth == reader->item_depth)
	{
		Draft *draft = &reader->builder->draft;

		if (!text_present(draft->langue) && !text_present(draft->langue_dc))
			draft->langue = reader->frames[reader->depth].lang;
		draft_end(reader->builder);
		reader->item_depth = 0;
	}
	reader->depth--;
}

/* A text that libxml2 has not seen takes its place, if anyone wants it. */
static void
on_lifted(XmlReader *reader, const Lifted *lifted)
{
	Text text = lifted->text;

	if (reader->capture.element == ELEMENT_UNKNOWN)
		return;
	if (lifted->coded)
	{
		reader->decoded.len = 0;
		feed_decode(&reader->decoded, reader->entities, text);
		text = builder_text(&reader->decoded);
	}
	append_text(reader, text.data, text.len);
}

/* The characters of a reference come as get_entity() gave them, by the same pointer. */
static void
on_characters(void *data, const xmlChar *text, int len)
{
	XmlReader *reader = data;

	if (reader->entity_open && text == reader->entity.content)
	{
		reader->entity_open = false;
		if (reader->lifted != NULL)
			on_lifted(reader, reader->lifted);
	}
	append_text(reader, (const char *) text, (size_t) len);
}

/*
 * A named reference.  What is returned as a predefined entity libxml2 passes on as
 * characters, without parsing it; a lifted text takes the place of characters that are none.
 * Of an attribute's value libxml2 does not pass on anything before the element begins, by
 * which on_start_element() knows.
 */
static xmlEntityPtr
get_entity(void *data, const xmlChar *name)
{
	XmlReader *reader = data;
	Text	   wanted = {(const char *) name, strlen((const char *) name)};
	Text	   value = TEXT_LITERAL("");

	if (reader->repaired)
		return NULL;
	reader->lifted = entities_take_lifted(reader->entities, wanted);
	if (reader->lifted == NULL)
		value = entities_resolve(reader->entities, wanted);
	if (!text_present(value))
		return NULL;
	reader->entity_open = true;
	reader->entity.etype = XML_INTERNAL_PREDEFINED_ENTITY;
	reader->entity.name = name;
	reader->entity.content = (xmlChar *) value.data;
	reader->entity.length = (int) value.len;
	return &reader->entity;
}

/* One parse of a document in memory.  Our memory is the arena's. */
bool
feed_read_xml(FeedBuilder *builder, Text document, Entities *entities, Text url, bool recover)
{
	/* one handler for white space too: libxml2 then need not tell what is ignorable */
	static const xmlSAXHandler handler = {
		.startElementNs = on_start_element,
		.endElementNs = on_end_element,
		.characters = on_characters,
		.ignorableWhitespace = on_characters,
		.cdataBlock = on_characters,
		.getEntity = get_entity,
	};
	XmlReader reader;
	SaxResult result;

	if (document.len == 0 || document.len > INT_MAX)
		return false;
	memset(&reader, 0, offsetof(XmlReader, frames));
	memset(&reader.cache, 0, sizeof(reader.cache));
	reader.builder = builder;
	reader.arena = builder->arena;
	reader.entities = entities;
	reader.repaired = recover;
	reader.frames[0] = (Frame){.place = PLACE_OUTSIDE, .base = url};
	builder_start(&reader.capture.text, builder->arena);
	builder_start(&reader.decoded, builder->arena);
	result = sax_parse(&reader.sax, document, &handler, recover ? XML_PARSE_RECOVER : 0, &reader);

	/* an entry that is open at the end has not been handed on, and never will be */
	builder->feed->n_incomplete = reader.item_depth > 0;
	if (result == SAX_NO_MEMORY)
		arena_starve(reader.arena);
	return result == SAX_WELL_FORMED && !reader.broken;
}
