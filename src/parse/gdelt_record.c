/*
 * gdelt_record.c
 *	  Lines of GDELT's gkg files.  Called by the gdelt kind.  The record's own
 *	  fields must be readable; its lists are taken element by element.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "parse/gdelt_parts.h"

#include "parse/html_text.h"
#include "parse/url.h"

#include <math.h>
#include <string.h>

/* The columns of a gkg line, from 0, as the codebook has them. */
enum
{
	GKGRECORDID = 0,
	DATE,
	COLLECTION,
	COMMON_NAME,
	DOCUMENT_IDENTIFIER,
	V1_COUNTS,
	V2_COUNTS,
	V1_THEMES,
	V2_THEMES,
	V1_LOCATIONS,
	V2_LOCATIONS,
	V1_PERSONS,
	V2_PERSONS,
	V1_ORGANIZATIONS,
	V2_ORGANIZATIONS,
	V2_TONE,
	SHARING_IMAGE = 18,
	QUOTATIONS = 22,
	ALL_NAMES,
	AMOUNTS,
	TRANSLATION_INFO,
	EXTRAS
};

/* A three-letter code and some room; what is longer is none. */
#define LONGEST_LANGUAGE 8

/* The value of a key in "srclc:fra;eng:Moses ...": up to the semicolon. */
static Text
info_value(Text info, const char *key)
{
	while (text_present(info))
	{
		Text part = gdelt_cut(&info, ';');
		Text name = gdelt_cut(&part, ':');

		if (text_is(text_trim(name), key))
			return gdelt_present(text_trim(part));
	}
	return TEXT_NULL;
}

static bool
is_language(Text code)
{
	for (size_t i = 0; i < code.len; i++)
	{
		char c = (char) (code.data[i] | 0x20);

		if (c < 'a' || c > 'z')
			return false;
	}
	return code.len > 1 && code.len <= LONGEST_LANGUAGE;
}

Text
gdelt_translation(Text info, Text *translator)
{
	Text code;

	if (translator != NULL)
		*translator = info_value(info, "eng");
	if (text_trim(info).len == 0)
		return TEXT_LITERAL("en");
	code = info_value(info, "srclc");
	return is_language(code) ? gdelt_language(code) : TEXT_NULL;
}

/* Seven numbers parted by commas, or nothing at all. */
static void
read_tone(GdeltLine *line, GdeltTone *tone)
{
	Text	rest = line->columns[V2_TONE];
	double *values[] = {&tone->tone,	 &tone->positive,		  &tone->negative,
						&tone->polarity, &tone->activity_density, &tone->group_density,
						&tone->words};
	bool	readable = true;

	for (size_t i = 0; i < lengthof(values); i++)
	{
		*values[i] = NAN;
		if (text_present(line->columns[V2_TONE]))
			readable = gdelt_read_double(gdelt_cut(&rest, ','), values[i]) && readable;
	}
	if (!readable || rest.len > 0)
		gdelt_wrong(line, V2_TONE, "V2Tone", "seven numbers");
}

/* What stands in a tag of the extras; absent where it is not there. */
static Text
extra(Text extras, const char *open, const char *close)
{
	const char *from = extras.len > 0 ? memmem(extras.data, extras.len, open, strlen(open)) : NULL;
	const char *to;

	if (from == NULL)
		return TEXT_NULL;
	from += strlen(open);
	to = memmem(from, (size_t) (extras.data + extras.len - from), close, strlen(close));
	return to == NULL ? TEXT_NULL : (Text){from, (size_t) (to - from)};
}

static void
read_extras(GdeltLine *line, GdeltRecord *record)
{
	Text	extras = line->columns[EXTRAS];
	Text	title = extra(extras, "<PAGE_TITLE>", "</PAGE_TITLE>");
	Text	authors = extra(extras, "<PAGE_AUTHORS>", "</PAGE_AUTHORS>");
	Text	published = extra(extras, "<PAGE_PRECISEPUBTIMESTAMP>", "</PAGE_PRECISEPUBTIMESTAMP>");
	int64_t seconds = 0;

	record->titre = gdelt_present(text_clean_line(line->arena, title));
	record->auteurs = gdelt_present(text_clean_line(line->arena, authors));
	record->has_parution = gdelt_read_stamp(text_trim(published), &seconds);
	record->parution = seconds * 1000000;
}

/* The column, or where it is empty the one that the first version of the format has. */
static Text
either(const Text *columns, int v2, int v1)
{
	return columns[text_present(columns[v2]) ? v2 : v1];
}

/* Themes are of both columns: in 2015's files only the first one has their last parts. */
static void
read_lists(GdeltLine *line, GdeltRecord *record)
{
	const Text *columns = line->columns;
	Arena	   *arena = line->arena;
	bool		v1_places = text_present(columns[V1_LOCATIONS]);

	gdelt_read_names(arena, columns[V2_THEMES], columns[V1_THEMES], &record->themes);
	gdelt_read_names(arena, either(columns, V2_PERSONS, V1_PERSONS), TEXT_NULL, &record->personnes);
	gdelt_read_names(arena, either(columns, V2_ORGANIZATIONS, V1_ORGANIZATIONS), TEXT_NULL,
					 &record->organisations);
	gdelt_read_names(arena, columns[ALL_NAMES], TEXT_NULL, &record->noms);
	gdelt_read_places(arena, columns[v1_places ? V1_LOCATIONS : V2_LOCATIONS], !v1_places,
					  &record->lieux, &record->n_odd);
	gdelt_read_counts(arena, either(columns, V2_COUNTS, V1_COUNTS), &record->comptes,
					  &record->n_odd);
	gdelt_read_quotes(arena, columns[QUOTATIONS], &record->citations, &record->n_odd);
	gdelt_read_amounts(arena, columns[AMOUNTS], &record->montants, &record->n_odd);
}

bool
gdelt_read_record(Arena *arena, Text line_bytes, GdeltRecord *record, Text *reason)
{
	Text	 *columns = record->columns;
	GdeltLine line = {.arena = arena, .columns = columns};

	if (!gdelt_split(&line, line_bytes, GDELT_RECORD_COLUMNS))
		return gdelt_line_ends(&line, reason);
	gdelt_require(&line, GKGRECORDID, "GKGRECORDID");
	gdelt_require(&line, DATE, "DATE");
	record->id = columns[GKGRECORDID];
	record->date = gdelt_take_stamp(&line, DATE, "DATE");
	record->collection = gdelt_take_int(&line, COLLECTION, "SourceCollectionIdentifier", 0);
	record->source = columns[COMMON_NAME];
	record->identifiant = columns[DOCUMENT_IDENTIFIER];
	record->url = url_is_web(record->identifiant) ? record->identifiant : TEXT_NULL;
	read_tone(&line, &record->tone);
	if (text_present(line.reason))
		return gdelt_line_ends(&line, reason);
	record->n_odd = 0;
	read_lists(&line, record);
	record->image = columns[SHARING_IMAGE];
	record->langue = gdelt_translation(columns[TRANSLATION_INFO], &record->traducteur);
	read_extras(&line, record);
	return gdelt_line_ends(&line, reason);
}
