/*
 * fuzz_feed.c
 *	  feed_parse: any bytes, under one of a few Content-Types; there is a feed or
 *	  a failure, everything is storable, and meta is a JSON object.
 */
#include "parse/feed.h"

#include "fuzz.h"

#include <jansson.h>

static void
expect_item(const FeedItem *item)
{
	fuzz_expect_storable(item->titre, "the title is text");
	fuzz_expect_storable(item->texte, "the content is text");
	fuzz_expect_storable(item->resume, "the summary is text");
	fuzz_expect_storable(item->url, "the URL is text");
	fuzz_expect_storable(item->guid, "the guid is text");
	fuzz_expect_storable(item->auteur, "the author is text");
	fuzz_expect_storable(item->langue, "the language is text");
	fuzz_expect_storable(item->meta, "meta is text");
	if (text_present(item->meta))
	{
		json_t *meta = json_loadb(item->meta.data, item->meta.len, 0, NULL);

		fuzz_expect(json_is_object(meta), "meta is a JSON object");
		json_decref(meta);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const Text types[] = {{NULL, 0},
								 TEXT_LITERAL("text/xml; charset=iso-8859-1"),
								 TEXT_LITERAL("application/json"),
								 TEXT_LITERAL("text/html; charset=\"utf-16\"")};
	Arena			 *arena = fuzz_arena();
	Failure			  failure = FAILURE_INIT;
	Text			  bytes = {(const char *) data, size};
	Feed *feed = feed_parse(arena, bytes, types[size % 4], TEXT_LITERAL("http://h/a/b"), &failure);

	fuzz_expect((feed == NULL) == failure_is(&failure), "a feed or a failure");
	fuzz_expect_storable((Text){failure.detail, strlen(failure.detail)}, "the failure is text");
	if (feed != NULL)
	{
		fuzz_expect(feed->format != NULL && feed->encoding != NULL, "what it was");
		fuzz_expect_storable(feed->titre, "the feed's title is text");
		fuzz_expect_storable(feed->url, "the feed's URL is text");
		fuzz_expect_storable(feed->langue, "the feed's language is text");
		for (size_t i = 0; i < feed->n_items; i++)
			expect_item(&feed->items[i]);
	}
	fuzz_expect_within_limit(arena);
	return 0;
}
