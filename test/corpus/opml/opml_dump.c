/*
 * opml_dump.c
 *	  Reads OPML files with opml_parse and writes what each holds as a line of
 *	  JSON.  Used by run.py.
 */
#include "parse/opml.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define FILE_LIMIT (16 << 20)
#define ARENA_LIMIT (64 << 20)

static json_t *
json_of(Text text)
{
	return text_present(text) ? json_stringn(text.data, text.len) : json_null();
}

static json_t *
entry_object(const OpmlEntry *entry)
{
	json_t *categories = json_array();

	for (size_t i = 0; i < entry->n_categories; i++)
		json_array_append_new(categories, json_of(entry->categories[i]));
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "titre", json_of(entry->titre), "url",
					 json_of(entry->url), "site", json_of(entry->site), "categorie", categories,
					 "type", json_of(entry->type));
}

static json_t *
opml_object(const Opml *opml)
{
	json_t *entries = json_array();

	for (size_t i = 0; i < opml->n_entries; i++)
		json_array_append_new(entries, entry_object(&opml->entries[i]));
	return json_pack("{s:b, s:o}", "bien_forme", !opml->recovered, "flux", entries);
}

static void
dump(const char *path, char *buffer)
{
	FILE   *file = fopen(path, "rb");
	Arena  *arena = arena_create(ARENA_LIMIT);
	Failure failure = FAILURE_INIT;
	Opml   *opml;
	json_t *object;

	if (file == NULL || arena == NULL)
	{
		perror(path);
		exit(1);
	}
	opml = opml_parse(arena, (Text){buffer, fread(buffer, 1, FILE_LIMIT, file)}, &failure);
	object = opml != NULL ? opml_object(opml) : json_pack("{s:s}", "erreur", failure.detail);
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
	arena_free(arena);
	fclose(file);
}

int
main(int argc, char **argv)
{
	char *buffer = malloc(FILE_LIMIT);

	if (buffer == NULL)
		return 1;
	for (int i = 1; i < argc; i++)
		dump(argv[i], buffer);
	free(buffer);
	return 0;
}
