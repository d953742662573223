/*
 * sitemap.c
 *	  Sitemaps: XML by libxml2's SAX2 interface, text by lines.
 *
 * As with feeds, libxml2 reads strictly first, without a prolog: no DOCTYPE, so
 * nothing can expand; what turns out not to be well-formed is written anew by
 * feed_repair() and read once more.  Files and the network are never touched.
 */
#include "parse/sitemap.h"

#include "parse/charset.h"
#include "parse/feed_parts.h"
#include "parse/sax.h"
#include "parse/url.h"

#include <limits.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#define LONGEST_NAME 32 /* bytes of a root element's name in a message */

typedef struct SitemapReader
{
	Arena		  *arena;
	Sitemap		  *sitemap;
	size_t		   capacity; /* of sitemap->urls */
	Text		   base;
	Sax			   sax;
	Text		   root;		/* what it is called, cut; absent before it comes */
	bool		   is_known;	/* the root is a sitemap's */
	int			   depth;		/* of the open element; the root's is 1 */
	int			   entry_depth; /* of the open entry; 0: none */
	const xmlChar *prefix;		/* of the open entry's element */
	bool		   in_location; /* whose text is being gathered */
	TextBuilder	   text;
	Text		   url; /* of the open entry; absent: it has none yet */
} SitemapReader;

/* ---- entries ---- */

static void
start_entry(SitemapReader *reader)
{
	reader->url = TEXT_NULL;
	reader->in_location = false;
}

/* Room for one more entry; false where memory is out. */
static bool
make_room(SitemapReader *reader)
{
	Sitemap *sitemap = reader->sitemap;
	size_t	 capacity = reader->capacity == 0 ? 64 : reader->capacity * 2;
	Text	*grown;

	if (sitemap->n_urls < reader->capacity)
		return true;
	grown = arena_grow(reader->arena, sitemap->urls, reader->capacity * sizeof(Text),
					   capacity * sizeof(Text));
	if (grown == NULL)
		return false;
	sitemap->urls = grown;
	reader->capacity = capacity;
	return true;
}

/* The entry is whole.  Says whether there may be more. */
static bool
end_entry(SitemapReader *reader)
{
	Sitemap *sitemap = reader->sitemap;

	if (url_is_web(reader->url))
	{
		if (sitemap->n_urls == SITEMAP_MAX_ENTRIES)
			sitemap->truncated = true;
		else if (make_room(reader))
			sitemap->urls[sitemap->n_urls++] = reader->url;
	}
	return !sitemap->truncated && !arena_exhausted(reader->arena);
}

/* A location: the first one of an entry counts. */
static void
set_location(SitemapReader *reader, Text location)
{
	Text url;

	location = text_trim(location);
	if (text_present(reader->url) || location.len == 0)
		return;
	url = url_resolve(reader->arena, reader->base, location);
	reader->url = arena_copy(reader->arena, url.data, url.len);
}

/* ---- what libxml2 calls ---- */

static bool
is_named(const xmlChar *name, const char *wanted)
{
	return strcasecmp((const char *) name, wanted) == 0;
}

static void
start_root(SitemapReader *reader, const xmlChar *name)
{
	size_t len = strlen((const char *) name);

	reader->root =
		arena_copy(reader->arena, (const char *) name, len < LONGEST_NAME ? len : LONGEST_NAME);
	while (reader->root.len > 0 && !utf8_valid(reader->root))
		reader->root.len--;
	reader->sitemap->is_index = is_named(name, "sitemapindex");
	reader->is_known = reader->sitemap->is_index || is_named(name, "urlset");
}

/*
 * An element begins.  Only those below an entry itself, in its namespace, speak of the
 * page: an image or a piece of news has a loc of its own.
 */
static void
on_start(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_spaces,
		 const xmlChar **spaces, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
	SitemapReader *reader = data;
	bool		   is_entry;

	(void) uri;
	(void) n_spaces;
	(void) spaces;
	(void) n_attributes;
	(void) n_defaulted;
	(void) attributes;
	if (++reader->depth == 1)
		start_root(reader, name);
	if (!reader->is_known || arena_exhausted(reader->arena))
	{
		sax_stop(&reader->sax);
		return;
	}
	is_entry = is_named(name, "url") || is_named(name, "sitemap");
	if (is_entry && reader->depth == reader->entry_depth + 1)
	{
		/* the end of the one before was forgotten */
		(void) end_entry(reader);
		reader->entry_depth = 0;
	}
	if (is_entry && reader->entry_depth == 0)
	{
		reader->entry_depth = reader->depth;
		reader->prefix = prefix;
		start_entry(reader);
	}
	else if (reader->depth == reader->entry_depth + 1 && xmlStrEqual(prefix, reader->prefix))
	{
		reader->in_location = is_named(name, "loc");
		reader->text.len = 0;
	}
}

static void
on_end(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	SitemapReader *reader = data;

	(void) name;
	(void) prefix;
	(void) uri;
	if (reader->in_location && reader->depth == reader->entry_depth + 1)
	{
		set_location(reader, builder_text(&reader->text));
		reader->in_location = false;
	}
	else if (reader->depth == reader->entry_depth)
	{
		reader->entry_depth = 0;
		if (!end_entry(reader))
			sax_stop(&reader->sax);
	}
	reader->depth--;
}

static void
on_characters(void *data, const xmlChar *text, int len)
{
	SitemapReader *reader = data;

	if (reader->in_location)
		builder_append(&reader->text, (const char *) text, (size_t) len);
}

/* ---- documents ---- */

/* Forgets what was read, for another try with a better document. */
static void
restart(SitemapReader *reader)
{
	*reader->sitemap = (Sitemap){.urls = reader->sitemap->urls};
	reader->root = TEXT_NULL;
	reader->is_known = false;
	reader->depth = reader->entry_depth = 0;
	reader->in_location = false;
}

/*
 * One parse of a document without prolog.  False where it is not well-formed, and where
 * the system has no memory, with *failure set.
 */
static bool
read_document(SitemapReader *reader, Text document, bool recover, Failure *failure)
{
	static const xmlSAXHandler handler = {
		.startElementNs = on_start,
		.endElementNs = on_end,
		.characters = on_characters,
		.ignorableWhitespace = on_characters,
		.cdataBlock = on_characters,
	};
	SaxResult result;

	restart(reader);
	if (document.len == 0)
		return false;
	result = sax_parse(&reader->sax, document, &handler, recover ? XML_PARSE_RECOVER : 0, reader);
	if (result == SAX_NO_MEMORY)
		failure_set(failure, FAILURE_MEMORY, "out of memory");
	return result == SAX_WELL_FORMED || reader->sitemap->truncated;
}

static void
read_xml(SitemapReader *reader, Text document, Failure *failure)
{
	Entities entities = {.n = 0};
	size_t	 prolog = feed_prolog(reader->arena, document, &entities);
	Text	 root = {document.data + prolog, document.len - prolog};

	if (!feed_has_crowded_tag(root) && read_document(reader, root, false, failure))
		return;
	if (failure_is(failure) || arena_exhausted(reader->arena))
		return;
	document = feed_repair(reader->arena, document, &entities);
	if (!text_present(document) || document.len > INT_MAX)
		return;
	(void) read_document(reader, document, true, failure);
	reader->sitemap->recovered = true;
}

/* A URL a line; whatever else there is is no sitemap's. */
static void
read_text(SitemapReader *reader, Text document)
{
	bool more = true;

	while (more && document.len > 0)
	{
		size_t len = 0;
		Text   line;

		while (len < document.len && document.data[len] != '\n' && document.data[len] != '\r')
			len++;
		line = text_trim((Text){document.data, len});
		if (url_is_web(line))
		{
			start_entry(reader);
			set_location(reader, line);
			more = end_entry(reader);
		}
		len += len < document.len;
		document = (Text){document.data + len, document.len - len};
	}
	reader->is_known = reader->sitemap->n_urls > 0;
}

/* Why there is no sitemap. */
static void
refuse(const SitemapReader *reader, Text document, Failure *failure)
{
	if (arena_exhausted(reader->arena) || document.len > INT_MAX)
		failure_set(failure, FAILURE_TOO_LARGE, "the sitemap is too large");
	else if (document.len == 0)
		failure_set(failure, FAILURE_PARSE, "the sitemap is empty");
	else if (text_present(reader->root))
		failure_set(failure, FAILURE_PARSE, "not a sitemap: the root element is <%.*s>",
					(int) reader->root.len, reader->root.data);
	else
		failure_set(failure, FAILURE_PARSE, "not a sitemap: neither its XML nor a list of URLs");
}

Sitemap *
sitemap_parse(Arena *arena, Text bytes, Text url, Failure *failure)
{
	SitemapReader reader = {.arena = arena, .base = url};
	const char	 *encoding;
	Text		  document = text_trim(charset_decode_xml(arena, bytes, TEXT_NULL, &encoding));

	reader.sitemap = arena_alloc_zero(arena, sizeof(Sitemap));
	builder_start(&reader.text, arena);
	if (!arena_exhausted(arena) && document.len > 0 && document.len <= INT_MAX)
	{
		if (document.data[0] != '<')
			read_text(&reader, document);
		if (!reader.is_known)
			read_xml(&reader, document, failure);
	}
	if (failure_is(failure))
		return NULL;
	if (arena_exhausted(arena) || !reader.is_known)
	{
		refuse(&reader, document, failure);
		return NULL;
	}
	return reader.sitemap;
}

/* ---- packed sitemaps ---- */

#define UNPACK_CHUNK 16384

Text
sitemap_unpack(Arena *arena, Text bytes, Failure *failure)
{
	char		chunk[UNPACK_CHUNK];
	z_stream	stream = {0};
	TextBuilder out;
	int			result = Z_OK;

	if (bytes.len < 2 || memcmp(bytes.data, "\x1F\x8B", 2) != 0)
		return bytes;
	if (inflateInit2(&stream, MAX_WBITS + 16) != Z_OK)
	{
		failure_set(failure, FAILURE_MEMORY, "no memory to unpack the sitemap");
		return TEXT_NULL;
	}
	builder_start(&out, arena);
	stream.next_in = (Bytef *) bytes.data;
	stream.avail_in = (uInt) bytes.len;
	while (result == Z_OK && out.len < SITEMAP_MAX_BYTES && !arena_exhausted(arena))
	{
		stream.next_out = (Bytef *) chunk;
		stream.avail_out = UNPACK_CHUNK;
		result = inflate(&stream, Z_NO_FLUSH);
		builder_append(&out, chunk, UNPACK_CHUNK - stream.avail_out);
	}
	(void) inflateEnd(&stream);
	if (out.len > 0)
		return builder_text(&out);
	failure_set(failure, FAILURE_PARSE, "the gzip file of the sitemap is damaged");
	return TEXT_NULL;
}
