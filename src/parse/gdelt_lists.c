/*
 * gdelt_lists.c
 *	  The lists inside the columns of a gkg line: names, places, counts,
 *	  quotations, amounts.  Called by gdelt_record.c; a list's odd element is left
 *	  out, for the rest of it is worth having.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr */
#endif
#include "parse/gdelt_parts.h"

#include "parse/charset.h"

#include <math.h>
#include <string.h>

/* Names whose hashes fall together are told apart up to this many; then one may come twice. */
#define LONGEST_PROBE 64

/* The fields of a count: its own three, a V1 place's seven, and the enhanced one's offset. */
#define COUNT_FIELDS 3
#define PLACE_FIELDS 7

/* How many elements a list may have, by its separators. */
static size_t
count_elements(Text column, char separator)
{
	size_t n = column.len > 0;

	for (size_t i = 0; i < column.len; i++)
		n += column.data[i] == separator;
	return n;
}

/* An array for n elements, none in it yet; NULL where the arena is exhausted. */
static void *
new_array(Arena *arena, size_t n, size_t size)
{
	return n == 0 ? NULL : arena_alloc(arena, n * size);
}

/* An offset in characters; -1 for anything else. */
static int
read_offset(Text text)
{
	int64_t value;

	return gdelt_read_int(text, &value) && value >= 0 && value <= INT32_MAX ? (int) value : -1;
}

/* Takes the offset off the end of "...,123"; -1 and the text whole where there is none. */
static int
take_offset(Text *text, char separator)
{
	const char *at = text->len > 0 ? memrchr(text->data, separator, text->len) : NULL;
	int			offset = -1;

	if (at != NULL)
	{
		size_t before = (size_t) (at - text->data);

		offset = read_offset((Text){at + 1, text->len - before - 1});
		if (offset >= 0)
			text->len = before;
	}
	return offset;
}

/* ---- names ---- */

bool
gdelt_names_start(GdeltNameSet *set, Arena *arena, GdeltNames *names, size_t n)
{
	size_t size = 4;

	while (size < 2 * n)
		size *= 2;
	*names = (GdeltNames){NULL, 0};
	set->arena = arena;
	set->names = names;
	set->mask = size - 1;
	set->table = arena_alloc_zero(arena, size * sizeof(*set->table));
	names->items = arena_alloc(arena, (n + 1) * sizeof(*names->items));
	return set->table != NULL && names->items != NULL;
}

/* FNV-1a, its high bits folded in. */
static size_t
hash_of(Text text)
{
	uint64_t hash = UINT64_C(0xCBF29CE484222325);

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char) text.data[i]) * UINT64_C(0x100000001B3);
	return (size_t) (hash ^ hash >> 32);
}

/* The probe is bounded, so that no line can make this quadratic. */
GdeltName *
gdelt_names_add(GdeltNameSet *set, Text name)
{
	GdeltNames *names = set->names;
	size_t		at = hash_of(name);
	uint32_t   *place = &set->table[at & set->mask];

	for (int i = 0; i < LONGEST_PROBE && *place != 0; i++)
	{
		if (text_equal(names->items[*place - 1].nom, name))
			return &names->items[*place - 1];
		place = &set->table[++at & set->mask];
	}
	names->items[names->n] = (GdeltName){name, -1, 0};
	*place = (uint32_t) ++names->n;
	return &names->items[names->n - 1];
}

/* Names that have been mentioned count no more where again is false. */
static void
add_names(GdeltNameSet *set, Text column, bool again)
{
	while (text_present(column))
	{
		Text	   name = gdelt_cut(&column, ';');
		int		   offset = take_offset(&name, ',');
		GdeltName *known;

		name = text_trim(name);
		if (name.len == 0)
			continue;
		known = gdelt_names_add(set, name);
		if (known->n == 0 || again)
			known->n++;
		if (offset >= 0 && (known->offset < 0 || offset < known->offset))
			known->offset = offset;
	}
}

void
gdelt_read_names(Arena *arena, Text column, Text more, GdeltNames *names)
{
	GdeltNameSet set;
	size_t		 n = count_elements(column, ';') + count_elements(more, ';');

	*names = (GdeltNames){NULL, 0};
	if (n == 0 || !gdelt_names_start(&set, arena, names, n))
		return;
	add_names(&set, column, true);
	add_names(&set, more, false);
}

/* ---- places ---- */

/* The country that a division's code begins with, or else the field before. */
static Text
country_of(Text division, Text country)
{
	Text code = {division.data, 2};

	/* Two letters: a damaged file may have half a character there. */
	if (division.len >= 2 && ascii_run((const unsigned char *) code.data, code.len) == code.len)
		return code;
	return gdelt_present(country);
}

/*
 * Type, name, country, division, with its own field for the second one in
 * enhanced lists, latitude, longitude, feature.  The country is taken from the
 * division's code, which begins with it: the field before has the country of the
 * record's first place in every place of 2015's files.
 */
static bool
read_place(const Text *fields, bool enhanced, GdeltPlace *place)
{
	int64_t type;

	if (!gdelt_read_int(fields[0], &type) || type < 0 || type > 9)
		return false;
	place->type = (int) type;
	place->nom = gdelt_present(text_trim(fields[1]));
	place->adm1 = gdelt_present(fields[3]);
	place->pays = country_of(fields[3], fields[2]);
	place->id = gdelt_present(fields[6 + enhanced]);
	place->offset = -1;
	return gdelt_read_position(fields[4 + enhanced], fields[5 + enhanced], place);
}

/* The fields of an element; what is beyond max is counted only. */
static size_t
split_fields(Text element, Text *fields, size_t max)
{
	size_t n = 0;

	while (text_present(element))
	{
		Text field = gdelt_cut(&element, '#');

		if (n < max)
			fields[n] = field;
		n++;
	}
	return n;
}

void
gdelt_read_places(Arena *arena, Text column, bool enhanced, GdeltPlaces *places, size_t *n_odd)
{
	Text   fields[PLACE_FIELDS + 2];
	size_t n_fields = PLACE_FIELDS + 2 * (size_t) enhanced;

	places->n = 0;
	places->items = new_array(arena, count_elements(column, ';'), sizeof(GdeltPlace));
	if (places->items == NULL)
		return;
	while (text_present(column))
	{
		Text		element = gdelt_cut(&column, ';');
		GdeltPlace *place = &places->items[places->n];

		if (element.len == 0)
			continue;
		if (split_fields(element, fields, n_fields) != n_fields ||
			!read_place(fields, enhanced, place))
		{
			(*n_odd)++;
			continue;
		}
		if (enhanced)
			place->offset = read_offset(fields[n_fields - 1]);
		places->n += text_present(place->nom);
	}
}

/* ---- counts ---- */

static bool
read_count(Text element, GdeltCount *count)
{
	Text   fields[COUNT_FIELDS + PLACE_FIELDS + 1];
	size_t n = split_fields(element, fields, COUNT_FIELDS + PLACE_FIELDS + 1);

	if (n < COUNT_FIELDS + PLACE_FIELDS || n > COUNT_FIELDS + PLACE_FIELDS + 1 ||
		fields[0].len == 0 || !gdelt_read_int(fields[1], &count->nombre))
		return false;
	count->type = fields[0];
	count->objet = gdelt_present(text_trim(fields[2]));
	if (fields[COUNT_FIELDS].len == 0)
		fields[COUNT_FIELDS] = TEXT_LITERAL("0");
	if (!read_place(fields + COUNT_FIELDS, false, &count->lieu))
		return false;
	if (n > COUNT_FIELDS + PLACE_FIELDS)
		count->lieu.offset = read_offset(fields[n - 1]);
	return true;
}

void
gdelt_read_counts(Arena *arena, Text column, GdeltCounts *counts, size_t *n_odd)
{
	counts->n = 0;
	counts->items = new_array(arena, count_elements(column, ';'), sizeof(GdeltCount));
	if (counts->items == NULL)
		return;
	while (text_present(column))
	{
		Text element = gdelt_cut(&column, ';');

		if (element.len == 0)
			continue;
		if (read_count(element, &counts->items[counts->n]))
			counts->n++;
		else
			(*n_odd)++;
	}
}

/* ---- quotations and amounts ---- */

/* "offset|length|verb|quotation" */
static bool
read_quote(Text element, GdeltQuote *quote)
{
	Text	offset = gdelt_cut(&element, '|');
	Text	length = gdelt_cut(&element, '|');
	int64_t ignored;

	quote->offset = read_offset(offset);
	quote->verbe = gdelt_present(text_trim(gdelt_cut(&element, '|')));
	quote->texte = text_trim(element);
	return quote->offset >= 0 && gdelt_read_int(length, &ignored) && quote->texte.len > 0;
}

/* What a "#" parts and is no quotation of its own belongs to the one before. */
void
gdelt_read_quotes(Arena *arena, Text column, GdeltQuotes *quotes, size_t *n_odd)
{
	quotes->n = 0;
	quotes->items = new_array(arena, count_elements(column, '#'), sizeof(GdeltQuote));
	if (quotes->items == NULL)
		return;
	while (text_present(column))
	{
		Text		element = gdelt_cut(&column, '#');
		GdeltQuote *quote = &quotes->items[quotes->n];

		if (element.len == 0)
			continue;
		if (read_quote(element, quote))
			quotes->n++;
		else if (quotes->n > 0)
			quote[-1].texte.len = (size_t) (element.data + element.len - quote[-1].texte.data);
		else
			(*n_odd)++;
	}
}

/* "amount,of what,offset;..." */
void
gdelt_read_amounts(Arena *arena, Text column, GdeltAmounts *amounts, size_t *n_odd)
{
	amounts->n = 0;
	amounts->items = new_array(arena, count_elements(column, ';'), sizeof(GdeltAmount));
	if (amounts->items == NULL)
		return;
	while (text_present(column))
	{
		Text		 element = gdelt_cut(&column, ';');
		GdeltAmount *amount = &amounts->items[amounts->n];

		if (element.len == 0)
			continue;
		amount->offset = take_offset(&element, ',');
		if (gdelt_read_double(gdelt_cut(&element, ','), &amount->montant))
		{
			amount->objet = gdelt_present(text_trim(element));
			amounts->n++;
		}
		else
			(*n_odd)++;
	}
}
