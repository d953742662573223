/*
 * gdelt_document.c
 *	  The document that a gkg record makes: a title, a readable text, and all else
 *	  as JSON.  Called by the gdelt kind for each record that passes the filter.
 */
#include "parse/gdelt_parts.h"

#include "base/ascii.h"
#include "parse/json_text.h"

#include <string.h>

/* Names of each sort in a title that is made. */
#define TITLE_NAMES 3
#define TITLE_PLACES 2

/* ---- readable names ---- */

/*
 * The taxonomies that themes' names begin with (GDELT's list of themes).  Alone
 * they are headings over the themes beside them, and say nothing.
 */
static const char *const taxonomies[] = {
	"TAX_AIDGROUPS_",
	"TAX_CARTELS_",
	"TAX_DISEASE_",
	"TAX_ECON_",
	"TAX_ETHNICITY_",
	"TAX_FNCACT_",
	"TAX_FOODSTAPLES_",
	"TAX_MILITARY_TITLE_",
	"TAX_PLANTDISEASE_",
	"TAX_POLITICAL_PARTY_",
	"TAX_RELIGION_",
	"TAX_SPECIAL_ISSUE_",
	"TAX_TERROR_GROUP_",
	"TAX_WEAPONS_",
	"TAX_WORLDARACHNIDS_",
	"TAX_WORLDBIRDS_",
	"TAX_WORLDCRUSTACEANS_",
	"TAX_WORLDFISH_",
	"TAX_WORLDINSECTS_",
	"TAX_WORLDLANGUAGES_",
	"TAX_WORLDMAMMALS_",
	"TAX_WORLDREPTILES_",
	"CRISISLEX_",
	"EPU_CATS_",
	"EPU_POLICY_",
	"EPU_",
	"SOC_",
	"UNGP_",
	"USPEC_",
	"WB_",
};

/* A number (WB_678_...) or a letter and a number (CRISISLEX_C03_...) that only counts. */
static Text
without_number(Text name)
{
	size_t at = 0;

	if (name.len > 1 && name.data[0] >= 'A' && name.data[0] <= 'Z' && is_digit(name.data[1]))
		at++;
	while (at < name.len && is_digit(name.data[at]))
		at++;
	if (at == 0 || at + 1 >= name.len || name.data[at] != '_' || !is_digit(name.data[at - 1]))
		return name;
	return (Text){name.data + at + 1, name.len - at - 1};
}

/* The theme's own name; absent for a heading. */
static Text
theme_name(Text theme)
{
	for (size_t i = 0; i < lengthof(taxonomies); i++)
	{
		size_t len = strlen(taxonomies[i]);

		if (theme.len + 1 == len && memcmp(theme.data, taxonomies[i], theme.len) == 0)
			return TEXT_NULL;
		if (theme.len > len && memcmp(theme.data, taxonomies[i], len) == 0)
			return without_number((Text){theme.data + len, theme.len - len});
	}
	return theme;
}

static char
upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char) (c - ('a' - 'A')) : c;
}

/* "GENERAL_GOVERNMENT" as "General government". */
static Text
readable_theme(Arena *arena, Text theme)
{
	Text  name = theme_name(theme);
	Text  copy = arena_copy(arena, name.data, name.len);
	char *data = (char *) copy.data;

	for (size_t i = 0; i < copy.len; i++)
		data[i] = data[i] == '_' ? ' ' : to_lower(data[i]);
	copy = text_trim(copy);
	if (copy.len > 0)
		data[copy.data - data] = upper(copy.data[0]);
	return copy;
}

/* "petro poroshenko", as the first version of the lists has it, as "Petro Poroshenko". */
static Text
readable_name(Arena *arena, Text name)
{
	Text  copy;
	char *data;

	for (size_t i = 0; i < name.len; i++)
	{
		if (name.data[i] >= 'A' && name.data[i] <= 'Z')
			return name;
	}
	copy = arena_copy(arena, name.data, name.len);
	data = (char *) copy.data;
	for (size_t i = 0; i < copy.len; i++)
	{
		if (i == 0 || data[i - 1] == ' ' || data[i - 1] == '-')
			data[i] = upper(data[i]);
	}
	return copy;
}

/* ---- what a document is made of ---- */

typedef struct Draft
{
	Arena			  *arena;
	const GdeltRecord *record;
	GdeltNames		   themes; /* readable, once each; likewise below */
	GdeltNames		   lieux;
	GdeltNames		   personnes;
	GdeltNames		   organisations;
	TextBuilder		   texte;
	TextBuilder		   json;
} Draft;

/* The names as they are to be read, those that then are the same once. */
static void
make_readable(Draft *draft, const GdeltNames *from, Text (*readable)(Arena *arena, Text name),
			  GdeltNames *to)
{
	GdeltNameSet set;

	if (!gdelt_names_start(&set, draft->arena, to, from->n))
		return;
	for (size_t i = 0; i < from->n; i++)
	{
		Text name = readable(draft->arena, from->items[i].nom);

		if (name.len > 0)
			gdelt_names_add(&set, name);
	}
}

/* Of a place that is no country the first part may do: "Odessa" of "Odessa, Texas, ...". */
static void
name_places(Draft *draft, bool brief, GdeltNames *to)
{
	const GdeltPlaces *places = &draft->record->lieux;
	GdeltNameSet	   set;

	if (!gdelt_names_start(&set, draft->arena, to, places->n))
		return;
	for (size_t i = 0; i < places->n; i++)
	{
		Text nom = places->items[i].nom;

		gdelt_names_add(&set, brief && places->items[i].type > 1 ? gdelt_cut(&nom, ',') : nom);
	}
}

/* ---- title and text ---- */

/* The first max names of the list, commas between, and before the first if some stand there. */
static void
append_some(TextBuilder *titre, const GdeltNames *names, size_t max)
{
	for (size_t i = 0; i < names->n && i < max; i++)
	{
		if (titre->len > 0)
			builder_append_text(titre, TEXT_LITERAL(", "));
		builder_append_text(titre, names->items[i].nom);
	}
}

/* The page's title; else who and what it names, else its themes, and where it appeared. */
static Text
make_title(Draft *draft)
{
	const GdeltRecord *record = draft->record;
	TextBuilder		   titre;
	Text			   source = record->source;
	GdeltNames		   lieux;

	if (text_present(record->titre))
		return record->titre;
	builder_start(&titre, draft->arena);
	append_some(&titre, &draft->personnes, TITLE_NAMES);
	append_some(&titre, &draft->organisations, TITLE_NAMES);
	name_places(draft, true, &lieux);
	append_some(&titre, &lieux, TITLE_PLACES);
	if (titre.len == 0)
		append_some(&titre, &draft->themes, TITLE_NAMES);
	if (titre.len == 0)
		builder_append_text(&titre,
							text_present(record->identifiant) ? record->identifiant : record->id);
	if (text_present(source))
	{
		builder_append_text(&titre, TEXT_LITERAL(" \xE2\x80\x93 ")); /* an en dash */
		builder_append_text(&titre, source);
	}
	return builder_text(&titre);
}

static void
append_line(TextBuilder *texte, const char *label)
{
	if (texte->len > 0)
		builder_append_char(texte, '\n');
	builder_append(texte, label, strlen(label));
}

static void
append_names(TextBuilder *texte, const char *label, const GdeltNames *names)
{
	if (names->n == 0)
		return;
	append_line(texte, label);
	for (size_t i = 0; i < names->n; i++)
	{
		if (i > 0)
			builder_append_text(texte, TEXT_LITERAL(", "));
		builder_append_text(texte, names->items[i].nom);
	}
}

/* Places have commas in them, so that they are parted by semicolons. */
static void
append_places(TextBuilder *texte, const GdeltNames *lieux)
{
	for (size_t i = 0; i < lieux->n; i++)
	{
		if (i == 0)
			append_line(texte, "Lieux : ");
		else
			builder_append_text(texte, TEXT_LITERAL(" ; "));
		builder_append_text(texte, lieux->items[i].nom);
	}
}

static void
append_source(TextBuilder *texte, const GdeltRecord *record)
{
	bool whole = !text_present(record->titre) && text_present(record->identifiant);

	if (!text_present(record->source) && !whole)
		return;
	append_line(texte, "Source : ");
	builder_append_text(texte, record->source);
	if (text_present(record->source) && whole)
		builder_append_text(texte, TEXT_LITERAL(", "));
	if (whole)
		builder_append_text(texte, record->identifiant);
}

static Text
make_text(Draft *draft)
{
	TextBuilder *texte = &draft->texte;

	builder_start(texte, draft->arena);
	append_names(texte, "Th\xC3\xA8mes : ", &draft->themes);
	append_places(texte, &draft->lieux);
	append_names(texte, "Personnes : ", &draft->personnes);
	append_names(texte, "Organisations : ", &draft->organisations);
	append_source(texte, draft->record);
	return builder_text(texte);
}

/* ---- meta ---- */

static void
append_number(TextBuilder *json, const char *key, double number)
{
	json_append_key(json, key);
	json_append_number(json, number);
}

static void
open_array(TextBuilder *json, const char *key)
{
	json_append_key(json, key);
	builder_append_char(json, '[');
}

static void
append_json_names(TextBuilder *json, const char *key, const GdeltNames *names)
{
	if (names->n == 0)
		return;
	open_array(json, key);
	for (size_t i = 0; i < names->n; i++)
	{
		json_append_comma(json);
		json_append_string(json, names->items[i].nom);
	}
	builder_append_char(json, ']');
}

/* The keys of a place, into an open object. */
static void
append_json_place(TextBuilder *json, const GdeltPlace *place)
{
	json_append_text(json, "country", place->pays);
	json_append_text(json, "adm1", place->adm1);
	if (place->type > 0)
		append_number(json, "type", place->type);
	if (gdelt_has_double(place->lat))
	{
		append_number(json, "lat", place->lat);
		append_number(json, "lon", place->lon);
	}
	json_append_text(json, "id", place->id);
}

static void
append_locations(TextBuilder *json, const GdeltPlaces *places)
{
	if (places->n == 0)
		return;
	open_array(json, "locations");
	for (size_t i = 0; i < places->n; i++)
	{
		json_append_comma(json);
		builder_append_char(json, '{');
		json_append_text(json, "name", places->items[i].nom);
		append_json_place(json, &places->items[i]);
		builder_append_char(json, '}');
	}
	builder_append_char(json, ']');
}

static void
append_counts(TextBuilder *json, const GdeltCounts *counts)
{
	if (counts->n == 0)
		return;
	open_array(json, "counts");
	for (size_t i = 0; i < counts->n; i++)
	{
		const GdeltCount *count = &counts->items[i];

		json_append_comma(json);
		builder_append_char(json, '{');
		json_append_text(json, "theme", count->type);
		append_number(json, "number", (double) count->nombre);
		json_append_text(json, "object", count->objet);
		json_append_text(json, "location", count->lieu.nom);
		append_json_place(json, &count->lieu);
		builder_append_char(json, '}');
	}
	builder_append_char(json, ']');
}

static void
append_tone(TextBuilder *json, const GdeltTone *tone)
{
	if (!gdelt_has_double(tone->tone))
		return;
	json_append_key(json, "tone");
	builder_append_char(json, '{');
	append_number(json, "tone", tone->tone);
	append_number(json, "positive", tone->positive);
	append_number(json, "negative", tone->negative);
	append_number(json, "polarity", tone->polarity);
	append_number(json, "activity_density", tone->activity_density);
	append_number(json, "group_density", tone->group_density);
	append_number(json, "words", tone->words);
	builder_append_char(json, '}');
}

static void
append_quotations(TextBuilder *json, const GdeltQuotes *quotes)
{
	if (quotes->n == 0)
		return;
	open_array(json, "quotations");
	for (size_t i = 0; i < quotes->n; i++)
	{
		json_append_comma(json);
		builder_append_char(json, '{');
		json_append_text(json, "verb", quotes->items[i].verbe);
		json_append_text(json, "text", quotes->items[i].texte);
		builder_append_char(json, '}');
	}
	builder_append_char(json, ']');
}

static Text
make_meta(Draft *draft)
{
	const GdeltRecord *record = draft->record;
	TextBuilder		  *json = &draft->json;

	builder_start(json, draft->arena);
	builder_append_char(json, '{');
	json_append_text(json, "guid", record->id);
	json_append_text(json, "source", record->source);
	if (record->collection != GDELT_NO_INT)
		append_number(json, "collection", record->collection);
	if (!text_present(record->url))
		json_append_text(json, "citation", record->identifiant);
	append_json_names(json, "themes", &record->themes);
	append_tone(json, &record->tone);
	append_locations(json, &record->lieux);
	append_counts(json, &record->comptes);
	append_json_names(json, "persons", &draft->personnes);
	append_json_names(json, "organisations", &draft->organisations);
	append_quotations(json, &record->citations);
	json_append_text(json, "image", record->image);
	json_append_text(json, "translation", record->traducteur);
	if (record->n_odd > 0)
		append_number(json, "unreadable", (double) record->n_odd);
	builder_append_char(json, '}');
	return builder_text(json);
}

bool
gdelt_make_document(Arena *arena, const GdeltRecord *record, GdeltDocument *document)
{
	Draft draft = {.arena = arena, .record = record};

	make_readable(&draft, &record->themes, readable_theme, &draft.themes);
	make_readable(&draft, &record->personnes, readable_name, &draft.personnes);
	make_readable(&draft, &record->organisations, readable_name, &draft.organisations);
	name_places(&draft, false, &draft.lieux);
	document->titre = make_title(&draft);
	document->texte = make_text(&draft);
	document->url = record->url;
	document->auteur = record->auteurs;
	document->langue = record->langue;
	document->date = record->has_parution ? record->parution : record->date;
	document->meta = make_meta(&draft);
	return !arena_exhausted(arena);
}
