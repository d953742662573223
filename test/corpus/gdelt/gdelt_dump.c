/*
 * gdelt_dump.c
 *	  Reads a file of GDELT's and writes what each line holds as a line of JSON, or
 *	  times the reading.  Used by run.py.
 *
 *		gdelt_dump KIND FILE             KIND: export, mentions, gkg, list
 *		gdelt_dump --time N KIND FILE
 */
#include "parse/gdelt.h"
#include "parse/json_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ARENA_LIMIT (64 << 20)

/* Reads one line; writes it where json is not NULL.  false with the reason. */
typedef bool (*LineReader)(Arena *arena, Text line, TextBuilder *json, Text *reason);

/* ---- JSON ---- */

static void
append_text(TextBuilder *json, const char *key, Text text)
{
	json_append_key(json, key);
	if (text_present(text))
		json_append_string(json, text);
	else
		builder_append(json, "null", 4);
}

static void
append_int(TextBuilder *json, const char *key, int64_t value, int64_t none)
{
	char text[32];
	int	 len = snprintf(text, sizeof(text), "%lld", (long long) value);

	json_append_key(json, key);
	if (value == none)
		builder_append(json, "null", 4);
	else
		builder_append(json, text, (size_t) len);
}

static void
append_double(TextBuilder *json, const char *key, double value)
{
	json_append_key(json, key);
	if (gdelt_has_double(value))
		json_append_number(json, value);
	else
		builder_append(json, "null", 4);
}

static void
append_columns(TextBuilder *json, const Text *columns, size_t n)
{
	builder_append_char(json, '{');
	json_append_key(json, "columns");
	builder_append_char(json, '[');
	for (size_t i = 0; i < n; i++)
	{
		json_append_comma(json);
		json_append_string(json, text_present(columns[i]) ? columns[i] : TEXT_LITERAL(""));
	}
	builder_append_char(json, ']');
}

/* ---- the kinds ---- */

static bool
read_event(Arena *arena, Text line, TextBuilder *json, Text *reason)
{
	GdeltEvent event;

	if (!gdelt_read_event(arena, line, &event, reason))
		return false;
	if (json == NULL)
		return true;
	append_columns(json, event.columns, GDELT_EVENT_COLUMNS);
	append_int(json, "id", event.id_evenement, GDELT_NO_INT64);
	append_int(json, "day", event.has_date ? event.date_event : GDELT_NO_INT, GDELT_NO_INT);
	append_text(json, "acteur1", event.acteurs[0].nom);
	append_text(json, "acteur2", event.acteurs[1].nom);
	append_text(json, "type23", event.acteurs[1].types[2]);
	append_text(json, "code_event", event.code_event);
	append_int(json, "racine", event.racine, -1);
	append_int(json, "classe", event.classe, GDELT_NO_INT);
	append_double(json, "goldstein", event.goldstein);
	append_int(json, "nb_mentions", event.nb_mentions, GDELT_NO_INT);
	append_int(json, "nb_sources", event.nb_sources, GDELT_NO_INT);
	append_int(json, "nb_articles", event.nb_articles, GDELT_NO_INT);
	append_double(json, "avg_tone", event.avg_tone);
	append_text(json, "lieu1", event.acteurs[0].lieu.nom);
	append_double(json, "lat2", event.acteurs[1].lieu.lat);
	append_text(json, "lieu", event.lieu.nom);
	append_text(json, "pays", event.lieu.pays);
	append_double(json, "lat", event.lieu.lat);
	append_double(json, "lon", event.lieu.lon);
	append_text(json, "feature", event.lieu.id);
	append_text(json, "url", event.url);
	append_int(json, "date_ajout", event.date_ajout, GDELT_NO_INT64);
	return true;
}

static bool
read_mention(Arena *arena, Text line, TextBuilder *json, Text *reason)
{
	GdeltMention mention;

	if (!gdelt_read_mention(arena, line, &mention, reason))
		return false;
	if (json == NULL)
		return true;
	append_columns(json, mention.columns, GDELT_MENTION_COLUMNS);
	append_int(json, "id", mention.id_evenement, GDELT_NO_INT64);
	append_int(json, "date_event", mention.date_event, GDELT_NO_INT64);
	append_int(json, "date_mention", mention.date_mention, GDELT_NO_INT64);
	append_int(json, "type", mention.type, GDELT_NO_INT);
	append_text(json, "source", mention.source);
	append_text(json, "identifiant", mention.identifiant);
	append_int(json, "phrase", mention.phrase, GDELT_NO_INT);
	append_int(json, "offset1", mention.offset_acteur1, GDELT_NO_INT);
	append_int(json, "offset2", mention.offset_acteur2, GDELT_NO_INT);
	append_int(json, "offset", mention.offset_action, GDELT_NO_INT);
	append_int(json, "brut", mention.brut, GDELT_NO_INT);
	append_int(json, "confiance", mention.confiance, GDELT_NO_INT);
	append_int(json, "longueur", mention.longueur, GDELT_NO_INT);
	append_double(json, "tone", mention.tone);
	append_text(json, "langue", mention.langue);
	return true;
}

/* The number of mentions in a list of names. */
static int64_t
mentions_in(const GdeltNames *names)
{
	int64_t n = 0;

	for (size_t i = 0; i < names->n; i++)
		n += names->items[i].n;
	return n;
}

static void
append_record(TextBuilder *json, const GdeltRecord *record)
{
	append_columns(json, record->columns, GDELT_RECORD_COLUMNS);
	append_text(json, "id", record->id);
	append_int(json, "date", record->date, GDELT_NO_INT64);
	append_int(json, "collection", record->collection, GDELT_NO_INT);
	append_text(json, "source", record->source);
	append_text(json, "identifiant", record->identifiant);
	append_int(json, "theme_mentions", mentions_in(&record->themes), -1);
	append_int(json, "name_mentions", mentions_in(&record->noms), -1);
	append_int(json, "names", (int64_t) record->noms.n, -1);
	append_int(json, "amounts", (int64_t) record->montants.n, -1);
	append_int(json, "odd", (int64_t) record->n_odd, -1);
	append_text(json, "langue", record->langue);
	append_text(json, "image", record->image);
}

static bool
read_record(Arena *arena, Text line, TextBuilder *json, Text *reason)
{
	GdeltRecord	  record;
	GdeltDocument document;

	if (!gdelt_read_record(arena, line, &record, reason))
		return false;
	if (!gdelt_make_document(arena, &record, &document))
		return false;
	if (json == NULL)
		return true;
	append_record(json, &record);
	append_text(json, "titre", document.titre);
	append_text(json, "texte", document.texte);
	append_text(json, "url", document.url);
	append_text(json, "auteur", document.auteur);
	append_int(json, "parution", document.date, GDELT_NO_INT64);
	json_append_key(json, "meta");
	builder_append(json, document.meta.data, document.meta.len);
	return true;
}

/* ---- files ---- */

static void
write_line(TextBuilder *json)
{
	builder_append(json, "}\n", 2);
	fwrite(json->data, 1, json->len, stdout);
}

static void
read_lines(Arena *arena, Text bytes, LineReader reader, bool write)
{
	const char *end = bytes.data + bytes.len;

	for (const char *at = bytes.data; at < end;)
	{
		const char *newline = memchr(at, '\n', (size_t) (end - at));
		Text		line = {at, (size_t) ((newline == NULL ? end : newline) - at)};
		Text		reason = TEXT_NULL;
		TextBuilder json;

		arena_reset(arena);
		builder_start(&json, arena);
		if (!reader(arena, line, write ? &json : NULL, &reason))
		{
			builder_append_char(&json, '{');
			append_text(&json, "reason", reason);
		}
		if (write)
			write_line(&json);
		at += line.len + 1;
	}
}

static bool
write_file(void *context, const GdeltFile *file)
{
	Arena	   *arena = context;
	TextBuilder json;

	if (arena == NULL)
		return true;
	arena_reset(arena);
	builder_start(&json, arena);
	builder_append_char(&json, '{');
	append_int(&json, "slot", file->slot, -1);
	append_text(&json, "stream",
				(Text){gdelt_stream_name(file->stream), strlen(gdelt_stream_name(file->stream))});
	append_int(&json, "translated", file->translated, -1);
	append_int(&json, "size", file->size, -1);
	append_text(&json, "md5", (Text){file->md5, GDELT_MD5_DIGITS});
	append_text(&json, "url", file->url);
	write_line(&json);
	return true;
}

static void
read_list(Arena *arena, Text bytes, bool write)
{
	GdeltList list = {.visit = write_file, .context = write ? arena : NULL};

	gdelt_list_feed(&list, bytes.data, bytes.len);
	gdelt_list_end(&list);
}

static void
read_all(Arena *arena, const char *kind, Text bytes, bool write)
{
	if (strcmp(kind, "export") == 0)
		read_lines(arena, bytes, read_event, write);
	else if (strcmp(kind, "mentions") == 0)
		read_lines(arena, bytes, read_mention, write);
	else if (strcmp(kind, "gkg") == 0)
		read_lines(arena, bytes, read_record, write);
	else
		read_list(arena, bytes, write);
}

static Text
load(const char *path)
{
	FILE *file = fopen(path, "rb");
	long  size;
	char *data;

	if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
	{
		perror(path);
		exit(1);
	}
	rewind(file);
	data = malloc((size_t) size + 1);
	if (data == NULL || fread(data, 1, (size_t) size, file) != (size_t) size)
		exit(1);
	fclose(file);
	return (Text){data, (size_t) size};
}

static double
seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	Arena *arena = arena_create(ARENA_LIMIT);
	bool   timed = argc == 5 && strcmp(argv[1], "--time") == 0;
	int	   rounds = timed ? atoi(argv[2]) : 1;
	Text   bytes;
	double start;

	if (arena == NULL || (argc != 3 && !timed))
	{
		fprintf(stderr, "usage: gdelt_dump [--time N] export|mentions|gkg|list FILE\n");
		return 2;
	}
	bytes = load(argv[argc - 1]);
	start = seconds_now();
	for (int i = 0; i < rounds; i++)
		read_all(arena, argv[argc - 2], bytes, !timed);
	if (timed)
		printf("%.0f MB/s\n", (double) bytes.len * rounds / (seconds_now() - start) / 1e6);
	free((char *) bytes.data);
	arena_free(arena);
	return 0;
}
