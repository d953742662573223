/*
 * feed.c
 *	  Feeds of any sort: bytes in, items out.
 *
 * The bytes become UTF-8, and go to the reader that their first character asks
 * for.  XML is read strictly first, which is fast and right for most feeds.
 * What turns out not to be well-formed is written anew by feed_repair() and read
 * once more.
 */
#include "parse/feed_parts.h"

#include "parse/charset.h"

#include <libxml/globals.h>
#include <libxml/parser.h>
#include <libxml/threads.h>
#include <stdlib.h>
#include <string.h>

/* What a document that is no feed looks like, for the message. */
static const char *
describe(Text document)
{
	if (document.len == 0)
		return "the document is empty";
	if (text_begins(document, "<!doctype html") || text_begins(document, "<html"))
		return "the document is an HTML page, not a feed: look there for the address of one,"
			   " or collect pages by the type scraping";
	if (document.data[0] == '{' || document.data[0] == '[')
		return "the document is JSON, but not a JSON Feed: the type json reads any";
	if (document.data[0] == '<')
		return "the document is XML, but not an RSS or Atom feed";
	return "the document is neither XML nor JSON";
}

/* The document without a byte order mark (in UTF-8 by now) and white space around it. */
static Text
trim_document(Text document)
{
	static const char mark[] = "\xEF\xBB\xBF";

	if (document.len >= 3 && memcmp(document.data, mark, 3) == 0)
		document = (Text){document.data + 3, document.len - 3};
	return text_trim(document);
}

static void
read_xml(FeedBuilder *builder, Text document, Text url)
{
	Arena	*arena = builder->arena;
	Entities entities = {.n = 0};
	size_t	 prolog = feed_prolog(arena, document, &entities);
	Text	 root = {document.data + prolog, document.len - prolog};

	root = feed_lift(arena, root, &entities);
	if (arena_exhausted(arena))
		return;
	if (!feed_has_crowded_tag(root) && feed_read_xml(builder, root, &entities, url, false))
		return;
	if (arena_exhausted(arena))
		return;
	feed_builder_restart(builder);
	builder->feed->recovered = true;
	document = feed_repair(arena, document, &entities);
	if (text_present(document))
		feed_read_xml(builder, document, &entities, url, true);
}

/* Entries that say nothing else are in the feed's language. */
static void
inherit_language(Feed *feed)
{
	for (size_t i = 0; i < feed->n_items; i++)
	{
		if (!text_present(feed->items[i].langue))
			feed->items[i].langue = feed->langue;
	}
}

void
feed_prepare(void)
{
	xmlInitParser();
}

/*
 * Before 2.12 the library makes it when it first looks at it, says that it has no memory by way of
 * a function that it looks up there, and uses what it has not got.  A block as large that has just
 * been given back on this thread is there for it; where it is not, all the same, saying so has
 * made it.
 */
bool
feed_prepare_thread(void)
{
#if LIBXML_VERSION >= 21200
	return xmlCheckThreadLocalStorage() == 0;
#else
	void *volatile room = malloc(sizeof(xmlGlobalState)); /* not to be optimized away */

	free(room);
	return room != NULL && (xmlGetGlobalState() != NULL || xmlGetGlobalState() != NULL);
#endif
}

Feed *
feed_parse(Arena *arena, Text bytes, Text content_type, Text url, Failure *failure)
{
	Feed	   *feed = arena_alloc_zero(arena, sizeof(Feed));
	FeedBuilder builder;
	Text		document;

	if (feed == NULL)
	{
		failure_set(failure, FAILURE_TOO_LARGE, "the feed does not fit into the memory it may use");
		return NULL;
	}
	feed_builder_start(&builder, arena, feed, url);
	document =
		charset_decode_xml(arena, bytes, charset_of_content_type(content_type), &feed->encoding);
	document = trim_document(document);
	if (document.len > 0 && document.data[0] == '{')
		feed_read_json(&builder, document, url);
	else if (document.len > 0)
		read_xml(&builder, document, url);
	if (arena_exhausted(arena))
	{
		failure_set(failure, FAILURE_TOO_LARGE, "the feed does not fit into the memory it may use");
		return NULL;
	}
	if (!builder.found)
	{
		failure_set(failure, FAILURE_PARSE, "%s", describe(document));
		return NULL;
	}
	inherit_language(feed);
	return feed;
}
