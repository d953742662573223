/*
 * feed_elements.c
 *	  What the elements of RSS, RDF and Atom feeds mean, by the place they are in.
 */
#include "parse/feed_xml.h"

#include "parse/charset.h"
#include "parse/url.h"

#include <string.h>
#include <strings.h>

/* ---- the texts of Atom and RSS ---- */

static bool
ends_with(Text text, const char *suffix)
{
	size_t len = strlen(suffix);

	return text.len >= len && text_is((Text){text.data + text.len - len, len}, suffix);
}

/*
 * Atom means what it says (RFC 4287, 3.1.1.1: text is no markup).  RSS never said
 * whether a title may hold HTML, and they do: there the text itself has to tell.
 */
static Coding
plain_coding(const XmlReader *reader)
{
	return strncmp(reader->builder->feed->format, "atom", 4) == 0 ? CODING_PLAIN : CODING_GUESS;
}

/*
 * What an element's text is where no type says so.  RSS 2.0 has entity-coded HTML
 * in descriptions, and content:encoded is named for it.
 */
static Coding
default_coding(const XmlReader *reader, Element element)
{
	switch (element)
	{
		case ELEMENT_BODY:
			return CODING_MARKUP;
		case ELEMENT_ENCODED:
		case ELEMENT_DESCRIPTION:
		case ELEMENT_MEDIA_DESCRIPTION:
			return CODING_HTML;
		default:
			return plain_coding(reader);
	}
}

/*
 * A text construct or a content begins: its type tells how to read it (RFC 4287,
 * 3.1.1 and 4.1.3.3; media types and "mode" as in Atom 0.3).
 */
static void
start_text(XmlReader *reader, Element element, Attributes attributes)
{
	Text   type = text_trim(attribute(reader->arena, attributes, "type"));
	Text   mode = attribute(reader->arena, attributes, "mode");
	Coding coding = default_coding(reader, element);
	bool   binary = false;

	if (text_is(type, "html") || text_is(type, "text/html"))
		coding = CODING_HTML;
	else if (text_is(type, "text") || text_is(type, "plain") || text_is(type, "text/plain"))
		coding = plain_coding(reader);
	else if (text_is(type, "xhtml") || ends_with(type, "+xml") || ends_with(type, "/xml"))
		coding = CODING_MARKUP;
	else if (type.len > 5 && text_is((Text){type.data, 5}, "text/"))
		coding = CODING_PLAIN;
	else if (type.len > 0 && memchr(type.data, '/', type.len) != NULL)
	{
		binary = true; /* a picture, or an HTML page in disguise: its bytes will tell */
		coding = CODING_GUESS;
	}
	if (text_is(mode, "escaped") && coding == CODING_MARKUP)
		coding = CODING_HTML;
	else if (text_is(mode, "base64"))
	{
		binary = true;
		coding = coding == CODING_HTML || coding == CODING_MARKUP ? CODING_HTML : CODING_GUESS;
	}
	capture_start(reader, element, coding, true);
	reader->capture.base64 = binary;
}

/* Decodes base64 (RFC 4648, section 4; white space ignored) in place; false where it is none. */
static bool
decode_base64(TextBuilder *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned		  bits = 0;
	int				  n_bits = 0;
	size_t			  len = 0;

	for (size_t i = 0; i < text->len && text->data[i] != '='; i++)
	{
		const char *digit = memchr(digits, text->data[i], sizeof(digits) - 1);

		if (digit == NULL && strchr(" \t\n\r", text->data[i]) != NULL)
			continue;
		if (digit == NULL)
			return false;
		bits = (bits << 6 | (unsigned) (digit - digits)) & 0xFFFFFF;
		n_bits += 6;
		if (n_bits >= 8)
		{
			n_bits -= 8;
			text->data[len++] = (char) (bits >> n_bits & 0xFF);
		}
	}
	text->len = len;
	return true;
}

/* The clean text of a text construct; absent where there is nothing, empty where no words are. */
static Text
finish_text(XmlReader *reader, bool one_line)
{
	Capture *capture = &reader->capture;
	Text	 text = builder_text(&capture->text);
	TextForm form = TEXT_FORM_HTML;

	if (!text_present(text)) /* the arena is exhausted */
		return TEXT_NULL;
	if (capture->base64 && capture->coding != CODING_MARKUP)
	{
		bool decoded = decode_base64(&capture->text);

		text = builder_text(&capture->text);
		if (!decoded || !utf8_valid(text) || memchr(text.data, '\0', text.len) != NULL)
			return TEXT_NULL;
	}
	if (capture->coding == CODING_PLAIN ||
		(capture->coding == CODING_GUESS && !text_looks_like_html(text)))
		form = TEXT_FORM_PLAIN;
	text = text_trim(text);
	return text.len == 0 ? TEXT_NULL : text_clean(reader->arena, text, form, one_line);
}

/* ---- links and other values in attributes ---- */

/* Whether rel says what we look for, by its name or by its registered URI (RFC 4287, 4.2.7.2). */
static bool
is_relation(Text rel, const char *name)
{
	size_t len = strlen(name);

	rel = text_trim(rel);
	return text_is(rel, name) ||
		   (rel.len > len && rel.data[rel.len - len - 1] == '/' && ends_with(rel, name));
}

/*
 * A URL as written, absolute: against the xml:base around it, which begins with
 * the URL the feed was got from.  A copy; absent where nothing is left of it.
 */
static Text
resolve(XmlReader *reader, Text reference)
{
	reference = text_clean(reader->arena, reference, TEXT_FORM_PLAIN, true);
	if (reference.len == 0)
		return TEXT_NULL;
	return url_resolve(reader->arena, reader->frames[reader->depth].base, reference);
}

/* A plain value, on one line and without what is no text.  A copy. */
static Text
clean_value(XmlReader *reader, Text value)
{
	return text_clean(reader->arena, value, TEXT_FORM_PLAIN, true);
}

/* An enclosure, a media:content, or a link to one. */
static void
add_media(XmlReader *reader, Attributes attributes, const char *url_name, const char *octets_name)
{
	Arena *arena = reader->arena;

	draft_add_media(reader->builder, resolve(reader, attribute(arena, attributes, url_name)),
					clean_value(reader, attribute(arena, attributes, "type")),
					text_trim(attribute(arena, attributes, octets_name)));
}

/*
 * A link to the page of the feed or of the entry.  The first one is kept: where
 * there are several, the others are translations or copies.
 */
static void
add_page(XmlReader *reader, Place place, Text reference)
{
	Text url = resolve(reader, reference);

	if (place == PLACE_ITEM)
		choose(&reader->builder->draft.url, url, 0);
	else if (!text_present(reader->builder->feed->url) && url.len > 0)
		reader->builder->feed->url = url;
}

/*
 * RSS has the URL as the element's text, Atom in href; dialects mix them.  The
 * page is the alternate that is HTML.
 */
static void
start_link(XmlReader *reader, Place place, Attributes attributes)
{
	Arena *arena = reader->arena;
	Text   rel = attribute(arena, attributes, "rel");
	Text   type = text_trim(attribute(arena, attributes, "type"));
	Text   href = attribute(arena, attributes, "href");
	bool   page = (!text_present(rel) || is_relation(rel, "alternate")) &&
				(!text_present(type) || text_is(type, "text/html") || text_is(type, "html") ||
				 text_is(type, "application/xhtml+xml") || text_is(type, "xhtml"));

	if (!text_present(href))
	{
		capture_start(reader, ELEMENT_LINK, CODING_PLAIN, false);
		reader->capture.is_link = page;
	}
	else if (page)
		add_page(reader, place, href);
	else if (place == PLACE_ITEM && is_relation(rel, "enclosure"))
		add_media(reader, attributes, "href", "length");
	else if (place == PLACE_ITEM && is_relation(rel, "replies"))
		reader->builder->draft.commentaires = resolve(reader, href);
}

/* ---- elements by place ---- */

/* RSS by its version attribute, which says "2.0" or, in practice, "2.0.1" or "2". */
static const char *
rss_format(Text version)
{
	static const char *const formats[][2] = {{"0.90", "rss090"}, {"0.91", "rss091"},
											 {"0.92", "rss092"}, {"0.93", "rss093"},
											 {"0.94", "rss094"}, {"2", "rss20"}};

	for (size_t i = 0; i < lengthof(formats); i++)
	{
		size_t len = strlen(formats[i][0]);

		if (version.len >= len && memcmp(version.data, formats[i][0], len) == 0)
			return formats[i][1];
	}
	return "rss";
}

/* RDF by the namespace of the elements it is to hold, which its root declares. */
static const char *
rdf_format(const xmlChar **spaces, int n_spaces)
{
	for (int i = 0; i < n_spaces; i++)
	{
		const char *uri = (const char *) spaces[i * 2 + 1];

		if (strstr(uri, "rdf/simple/0.9") != NULL)
			return "rss090";
		if (strcmp(uri, "http://purl.org/rss/1.0/") == 0)
			return "rss10";
	}
	return "rss";
}

/* Atom 1.0 by its namespace (RFC 4287, section 2), the drafts before it by a version. */
static const char *
atom_format(const char *uri, Text version)
{
	if (uri != NULL && strcasecmp(uri, "http://www.w3.org/2005/Atom") == 0)
		return "atom10";
	return text_is(version, "0.3") ? "atom03" : "atom";
}

/*
 * The feed itself begins: the rest is read as its content.  Documents are told
 * apart by their root alone.
 */
void
start_feed(XmlReader *reader, Element root, Attributes attributes, const char *uri,
		   const xmlChar **spaces, int n_spaces)
{
	Text  version = text_trim(attribute(reader->arena, attributes, "version"));
	Feed *feed = reader->builder->feed;

	reader->builder->found = true;
	reader->frames[reader->depth].place = PLACE_FEED;
	feed->langue = reader->frames[reader->depth].lang;
	if (root == ELEMENT_FEED)
		feed->format = atom_format(uri, version);
	else if (root == ELEMENT_RDF)
		feed->format = rdf_format(spaces, n_spaces);
	else
		feed->format = root == ELEMENT_RSS ? rss_format(version) : "cdf";
}

/* An entry begins; RDF has its identifier in an attribute, CDF its link and date. */
static void
start_item(XmlReader *reader, Attributes attributes)
{
	Draft *draft = &reader->builder->draft;
	Text   about = attribute(reader->arena, attributes, "about");
	Text   href = attribute(reader->arena, attributes, "href");
	Text   modified = attribute(reader->arena, attributes, "lastmod");

	draft_start(reader->builder);
	reader->frames[reader->depth].place = PLACE_ITEM;
	reader->item_depth = reader->depth;
	if (about.len > 0)
	{
		choose(&draft->guid, clean_value(reader, about), 1);
		draft->guid_is_url = true;
	}
	if (text_present(href))
		choose(&draft->url, resolve(reader, href), 1);
	if (text_present(modified))
		draft_set_date(draft, DRAFT_UPDATED, modified);
}

/*
 * Around the entries: what describes the feed.  An unknown element counts as
 * nothing at all, so that entries are found in whatever wraps them.
 */
void
start_in_feed(XmlReader *reader, Element element, Attributes attributes)
{
	switch (element)
	{
		case ELEMENT_ITEM:
			start_item(reader, attributes);
			break;
		case ELEMENT_TITLE:
			start_text(reader, element, attributes);
			break;
		case ELEMENT_LINK:
			start_link(reader, PLACE_FEED, attributes);
			break;
		case ELEMENT_LANGUAGE:
			capture_start(reader, element, CODING_PLAIN, false);
			break;
		case ELEMENT_UNKNOWN:
		case ELEMENT_CHANNEL:
			break;
		default:
			reader->frames[reader->depth].place = PLACE_ASIDE;
	}
}

/* Atom has a category's name in attributes, RSS as text; itunes:category in "text". */
static void
start_category(XmlReader *reader, Element element, Attributes attributes)
{
	static const char *const names[] = {"term", "label", "text"};
	Text					 category = TEXT_NULL;

	for (int i = 0; i < 3 && category.len == 0; i++)
		category = clean_value(reader, attribute(reader->arena, attributes, names[i]));
	draft_add_category(&reader->builder->draft, category);
	capture_start(reader, element, CODING_PLAIN, false);
}

/*
 * In an entry: each known element, of whichever format, is read as what it means.
 * An unknown one is stepped over with all that is in it, lest the title of
 * something else become the entry's.
 */
void
start_in_item(XmlReader *reader, Element element, Attributes attributes)
{
	Frame *frame = &reader->frames[reader->depth];

	switch (element)
	{
		case ELEMENT_TITLE:
		case ELEMENT_MEDIA_TITLE:
		case ELEMENT_CONTENT:
		case ELEMENT_ENCODED:
		case ELEMENT_BODY:
		case ELEMENT_DESCRIPTION:
		case ELEMENT_SUMMARY:
		case ELEMENT_MEDIA_DESCRIPTION:
			start_text(reader, element, attributes);
			break;
		case ELEMENT_AUTHOR:
		case ELEMENT_CREATOR:
		case ELEMENT_ITUNES_AUTHOR:
			reader->name = reader->email = TEXT_NULL;
			capture_start(reader, element, CODING_PLAIN, false);
			break;
		case ELEMENT_LINK:
			start_link(reader, PLACE_ITEM, attributes);
			break;
		case ELEMENT_GUID:
		{
			Text permalink = attribute(reader->arena, attributes, "isPermaLink");

			capture_start(reader, element, CODING_PLAIN, false);
			reader->capture.is_link = !text_present(permalink) || text_is(permalink, "true");
			break;
		}
		case ELEMENT_CATEGORY:
		case ELEMENT_KEYWORDS:
			start_category(reader, element, attributes);
			break;
		case ELEMENT_COMMENTS:
		case ELEMENT_PUBLISHED:
		case ELEMENT_UPDATED:
		case ELEMENT_CREATED:
		case ELEMENT_LANGUAGE:
			capture_start(reader, element, CODING_PLAIN, false);
			break;
		case ELEMENT_ENCLOSURE:
			add_media(reader, attributes, "url",
					  text_present(attribute(reader->arena, attributes, "length")) ? "length"
																				   : "fileSize");
			frame->place = PLACE_MEDIA;
			break;
		case ELEMENT_MEDIA_GROUP:
			frame->place = PLACE_MEDIA;
			break;
		default:
			frame->place = PLACE_ASIDE;
	}
}

/* Within a medium only media elements speak of the entry. */
void
start_in_media(XmlReader *reader, Element element, Attributes attributes)
{
	switch (element)
	{
		case ELEMENT_MEDIA_TITLE:
		case ELEMENT_MEDIA_DESCRIPTION:
		case ELEMENT_ENCLOSURE:
		case ELEMENT_MEDIA_GROUP:
		case ELEMENT_KEYWORDS:
			start_in_item(reader, element, attributes);
			break;
		default:
			reader->frames[reader->depth].place = PLACE_ASIDE;
	}
}

/* ---- the ends of elements ---- */

/* A person's name with the address behind it, as far as they are known. */
static void
end_person(XmlReader *reader, Text text)
{
	static const int rank_of[] = {
		[ELEMENT_CREATOR] = 0, [ELEMENT_AUTHOR] = 1, [ELEMENT_ITUNES_AUTHOR] = 2};
	TextBuilder both;

	if (reader->name.len > 0 && reader->email.len > 0)
	{
		builder_start(&both, reader->arena);
		builder_append(&both, reader->name.data, reader->name.len);
		builder_append(&both, " (", 2);
		builder_append(&both, reader->email.data, reader->email.len);
		builder_append_char(&both, ')');
		text = builder_text(&both);
	}
	else if (reader->name.len > 0)
		text = reader->name;
	else if (reader->email.len > 0)
		text = reader->email;
	draft_add_author(&reader->builder->draft, text, rank_of[reader->capture.element]);
}

/*
 * An identifier.  RSS says that a guid is a link unless isPermaLink denies it, and
 * Atom that an id is an IRI; so one without a scheme is a relative reference.
 * One with a scheme stays as written: identifiers are compared byte by byte
 * (RFC 4287, 4.2.6.1).
 */
static void
end_guid(XmlReader *reader, Text text)
{
	Draft *draft = &reader->builder->draft;
	size_t scheme = 0;

	if (text.len == 0)
		return;
	while (scheme < text.len && strchr(":/?#", text.data[scheme]) == NULL)
		scheme++;
	if (reader->capture.is_link && (scheme == text.len || text.data[scheme] != ':'))
		text = resolve(reader, text);
	if (!text_present(draft->guid.value) || draft->guid.rank > 0)
		draft->guid_is_url = reader->capture.is_link;
	choose(&draft->guid, text, 0);
}

/* The keywords of one element, comma between them. */
static void
end_keywords(XmlReader *reader, Text text)
{
	while (text.len > 0)
	{
		const char *comma = memchr(text.data, ',', text.len);
		size_t		len = comma == NULL ? text.len : (size_t) (comma - text.data);

		draft_add_category(&reader->builder->draft, text_trim((Text){text.data, len}));
		len += comma != NULL;
		text = (Text){text.data + len, text.len - len};
	}
}

/*
 * The captured element of an entry has ended.  Texts go through finish_text(),
 * which knows how they were written; the other values are plain.  Falls out of
 * the switch for the texts that tell the entry's language.
 */
void
end_in_item(XmlReader *reader)
{
	Draft  *draft = &reader->builder->draft;
	Frame  *frame = &reader->frames[reader->depth];
	Element element = reader->capture.element;
	Text	raw = builder_text(&reader->capture.text);

	switch (element)
	{
		case ELEMENT_TITLE:
		case ELEMENT_MEDIA_TITLE:
			choose(&draft->titre, finish_text(reader, true), element == ELEMENT_MEDIA_TITLE);
			return;
		case ELEMENT_MEDIA_DESCRIPTION:
			choose(&draft->legende, finish_text(reader, false), 0);
			return;
		case ELEMENT_CONTENT:
		case ELEMENT_ENCODED:
		case ELEMENT_BODY:
			choose(&draft->texte, finish_text(reader, false), reader->capture.base64);
			break;
		case ELEMENT_DESCRIPTION:
		case ELEMENT_SUMMARY:
			draft_add_summary(draft, finish_text(reader, false));
			break;
		case ELEMENT_PUBLISHED:
			draft_set_date(draft, DRAFT_PUBLISHED, raw);
			return;
		case ELEMENT_UPDATED:
			draft_set_date(draft, DRAFT_UPDATED, raw);
			return;
		case ELEMENT_CREATED:
			draft_set_date(draft, DRAFT_CREATED, raw);
			return;
		case ELEMENT_LINK:
			if (reader->capture.is_link)
				add_page(reader, PLACE_ITEM, raw);
			return;
		case ELEMENT_GUID:
			end_guid(reader, clean_value(reader, raw));
			return;
		case ELEMENT_COMMENTS:
			draft->commentaires = resolve(reader, raw);
			return;
		case ELEMENT_LANGUAGE:
			draft->langue_dc = feed_language(reader->arena, raw);
			return;
		case ELEMENT_KEYWORDS:
			end_keywords(reader, clean_value(reader, raw));
			return;
		case ELEMENT_CATEGORY:
			draft_add_category(draft, text_clean_line(reader->arena, raw));
			return;
		default:
			end_person(reader, text_clean_line(reader->arena, raw));
			return;
	}
	if (frame->lang_in_item && !text_present(draft->langue))
		draft->langue = frame->lang;
}

/* The captured element of the feed itself has ended. */
void
end_in_feed(XmlReader *reader)
{
	Feed *feed = reader->builder->feed;
	Text  raw = builder_text(&reader->capture.text);
	Text  text;

	switch (reader->capture.element)
	{
		case ELEMENT_TITLE:
			text = finish_text(reader, true);
			if (!text_present(feed->titre) && text.len > 0)
				feed->titre = text;
			break;
		case ELEMENT_LINK:
			if (reader->capture.is_link)
				add_page(reader, PLACE_FEED, raw);
			break;
		case ELEMENT_LANGUAGE:
			text = feed_language(reader->arena, raw);
			if (text.len > 0)
				feed->langue = text;
			break;
		default:
			break;
	}
}

/*
 * A name or an address within a person has ended.  What is gathered for the
 * person begins anew: between its parts there is but white space.
 */
void
end_person_part(XmlReader *reader)
{
	Text text = text_clean_line(reader->arena, builder_text(&reader->capture.text));

	if (reader->capture.part == ELEMENT_NAME)
		reader->name = text;
	else
		reader->email = text;
	reader->capture.part = ELEMENT_UNKNOWN;
	reader->capture.text.len = 0;
}
