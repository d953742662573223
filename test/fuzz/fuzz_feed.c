/*
 * fuzz_feed.c
 *	  feed_parse: any bytes, under one of a few Content-Types; there is a feed or
 *	  a failure, everything is storable, and meta is a JSON object.
 */
#include "parse/feed.h"

#include "fuzz.h"

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
	fuzz_expect_json(item->meta);
}

FUZZ_TARGET(feed)
{
	static const Text types[] = {{NULL, 0},
								 TEXT_LITERAL("text/xml; charset=iso-8859-1"),
								 TEXT_LITERAL("application/json"),
								 TEXT_LITERAL("text/html; charset=\"utf-16\"")};
	Failure			  failure = FAILURE_INIT;
	Feed			 *feed =
		feed_parse(arena, input, types[input.len % 4], TEXT_LITERAL("http://h/a/b"), &failure);

	fuzz_expect((feed == NULL) == failure_is(&failure), "a feed or a failure");
	fuzz_expect_message(failure.detail);
	fuzz_same(arena, &failure, feed != NULL ? feed->n_items : 0);
	if (feed != NULL)
	{
		fuzz_expect(feed->format != NULL && feed->encoding != NULL, "what it was");
		fuzz_expect_storable(feed->titre, "the feed's title is text");
		fuzz_expect_storable(feed->url, "the feed's URL is text");
		fuzz_expect_storable(feed->langue, "the feed's language is text");
		for (size_t i = 0; i < feed->n_items; i++)
			expect_item(&feed->items[i]);
	}
}
