/*
 * fuzz_opml.c
 *	  opml_parse: any bytes; there is a list or a failure, entries have a URL and
 *	  a title, and everything is storable.
 */
#include "parse/opml.h"

#include "fuzz.h"

FUZZ_TARGET(opml)
{
	Failure failure = FAILURE_INIT;
	Opml   *opml = opml_parse(arena, input, &failure);

	fuzz_expect((opml == NULL) == failure_is(&failure), "a list or a failure");
	fuzz_expect_message(failure.detail);
	fuzz_same(arena, &failure, opml != NULL ? opml->n_entries : 0);
	for (size_t i = 0; opml != NULL && i < opml->n_entries; i++)
	{
		const OpmlEntry *entry = &opml->entries[i];

		fuzz_expect(entry->url.len > 0 && entry->titre.len > 0, "URL and title");
		fuzz_expect_storable(entry->url, "the URL is text");
		fuzz_expect_storable(entry->titre, "the title is text");
		fuzz_expect_storable(entry->site, "the site is text");
		fuzz_expect_storable(entry->type, "the type is text");
		for (size_t j = 0; j < entry->n_categories; j++)
			fuzz_expect_storable(entry->categories[j], "the category is text");
	}
}
