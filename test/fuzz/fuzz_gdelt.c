/*
 * fuzz_gdelt.c
 *	  Lines of GDELT's files, each read as an event, a mention and a record: what is read is
 *	  storable and in range, and a refusal says why.
 */
#include "parse/gdelt.h"

#include "fuzz.h"

static const Text fr[] = {TEXT_LITERAL("fr")};
static const Text themes[] = {TEXT_LITERAL("TAX_*"), TEXT_LITERAL("KILL")};
static const Text hosts[] = {TEXT_LITERAL("bbc.co.uk")};

static const GdeltFilter filter = {{fr, 1}, {fr, 1}, {themes, 2}, {hosts, 1}};

static void
expect_reason(bool read, Text reason)
{
	if (!read)
		fuzz_expect_unless_scarce(text_present(reason) && reason.len > 0, "a refusal says why");
	fuzz_expect_storable(reason, "the reason is text");
}

static void
expect_place(const GdeltPlace *place)
{
	fuzz_expect_storable(place->nom, "a place's name is text");
	fuzz_expect_storable(place->pays, "a place's country is text");
	fuzz_expect(gdelt_has_double(place->lat) == gdelt_has_double(place->lon), "both or none");
	fuzz_expect(!gdelt_has_double(place->lat) || (place->lat >= -90 && place->lat <= 90 &&
												  place->lon >= -180 && place->lon <= 180),
				"a place on earth");
}

static void
expect_columns(const Text *columns, int n)
{
	for (int i = 0; i < n; i++)
		fuzz_expect_storable(columns[i], "a column is text");
}

static void
read_event(Arena *arena, Text line)
{
	GdeltEvent event;
	Text	   reason = TEXT_NULL;
	bool	   read = gdelt_read_event(arena, line, &event, &reason);

	expect_reason(read, reason);
	if (!read)
		return;
	expect_columns(event.columns, GDELT_EVENT_COLUMNS);
	expect_place(&event.lieu);
	expect_place(&event.acteurs[0].lieu);
	(void) gdelt_event_matches(&filter, &event, true);
}

static void
read_mention(Arena *arena, Text line)
{
	GdeltMention mention;
	Text		 reason = TEXT_NULL;
	bool		 read = gdelt_read_mention(arena, line, &mention, &reason);

	expect_reason(read, reason);
	if (!read)
		return;
	expect_columns(mention.columns, GDELT_MENTION_COLUMNS);
	fuzz_expect_storable(mention.langue, "the language is text");
	(void) gdelt_mention_matches(&filter, &mention);
}

static void
read_record(Arena *arena, Text line)
{
	GdeltRecord	  record;
	GdeltDocument document;
	Text		  reason = TEXT_NULL;
	bool		  read = gdelt_read_record(arena, line, &record, &reason);

	expect_reason(read, reason);
	if (!read)
		return;
	expect_columns(record.columns, GDELT_RECORD_COLUMNS);
	for (size_t i = 0; i < record.lieux.n; i++)
		expect_place(&record.lieux.items[i]);
	(void) gdelt_record_matches(&filter, &record);
	if (!gdelt_make_document(arena, &record, &document))
		return;
	fuzz_expect(text_present(document.titre) && text_present(document.texte), "a document");
	fuzz_expect_storable(document.titre, "the title is text");
	fuzz_expect_storable(document.texte, "the text is text");
	fuzz_expect_storable(document.url, "the URL is text");
	fuzz_expect_storable(document.auteur, "the author is text");
	fuzz_expect_storable(document.langue, "the language is text");
	fuzz_expect_json(document.meta);
}

FUZZ_TARGET(gdelt)
{
	while (input.len > 0)
	{
		const char *before = input.data;
		Text		line = fuzz_line(&input);

		if (input.data == before) /* the last line has no newline */
		{
			line = input;
			input.len = 0;
		}
		read_event(arena, line);
		arena_reset(arena);
		read_mention(arena, line);
		arena_reset(arena);
		read_record(arena, line);
		arena_reset(arena);
	}
}
