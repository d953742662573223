/*
 * csv_dump.c
 *	  Reads archives of CSV files as a run would, unpacker to records, and writes
 *	  what each member is as a line of JSON.  Used by run.py.
 *
 *		csv_dump CHUNK ARCHIVE...	CHUNK: bytes fed at a time
 */
#include "parse/archive.h"
#include "parse/charset_stream.h"
#include "parse/csv.h"
#include "parse/csv_columns.h"
#include "parse/csv_sniff.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEMBER_LIMIT (32 << 20)
#define MAX_RECORD (16 << 20)

static char	 *bytes; /* the member at hand */
static size_t n_bytes;

/* The rest of a member's reading: its records, written one a line. */
typedef struct Dump
{
	CharsetStream *stream;
	CsvReader	  *reader;
	json_t		  *records;
} Dump;

static void
dump_records(Dump *dump)
{
	CsvRecord record;

	while (csv_next(dump->reader, &record) == CSV_RECORD)
	{
		json_t *fields = json_array();

		for (size_t i = 0; i < record.n_fields; i++)
			json_array_append_new(fields,
								  json_stringn(record.fields[i].data, record.fields[i].len));
		json_array_append_new(dump->records, fields);
		if (record.fault != CSV_SOUND)
			json_array_append_new(fields, json_null());
	}
}

static json_t *
records_of(const CsvLayout *layout, size_t chunk)
{
	Dump dump = {charset_stream_create(layout->encoding), csv_create(layout->format, MAX_RECORD),
				 json_array()};
	Text piece;

	for (size_t at = 0; at < n_bytes; at += chunk)
	{
		size_t len = n_bytes - at < chunk ? n_bytes - at : chunk;

		charset_stream_feed(dump.stream, (Text){bytes + at, len}, at + len == n_bytes);
		while (charset_stream_next(dump.stream, &piece))
		{
			csv_feed(dump.reader, piece, false);
			dump_records(&dump);
		}
	}
	csv_feed(dump.reader, TEXT_LITERAL(""), true);
	dump_records(&dump);
	charset_stream_free(dump.stream);
	csv_free(dump.reader);
	return dump.records;
}

static json_t *
names_of(const CsvLayout *layout)
{
	json_t *names = json_array();

	for (size_t i = 0; i < layout->n_names; i++)
		json_array_append_new(names, json_stringn(layout->names[i].data, layout->names[i].len));
	return names;
}

static json_t *
columns_of(const CsvLayout *layout)
{
	static const Text wanted[CSV_N_ROLES];
	CsvColumns		  columns;
	Failure			  failure = FAILURE_INIT;
	json_t			 *object = json_pack("{}");

	(void) csv_columns_map(layout->names, layout->n_names, wanted, &columns, &failure);
	for (int role = 0; role < CSV_N_ROLES; role++)
		json_object_set_new(object, csv_role_name((CsvRole) role), json_integer(columns.of[role]));
	return object;
}

static void
dump_member(Text name, size_t chunk)
{
	Arena	 *arena = arena_create(CSV_SNIFF_ARENA_LIMIT);
	CsvLayout layout;
	Failure	  failure = FAILURE_INIT;
	char	  separator[2] = "";
	json_t	 *object;

	if (csv_sniff(arena, (Text){bytes, n_bytes}, true, NULL, &layout, &failure))
	{
		separator[0] = layout.format.delimiter;
		object = json_pack("{s:o, s:s, s:b, s:s, s:b, s:b, s:o, s:o, s:o}", "nom",
						   json_stringn(name.data, name.len), "encodage", layout.encoding, "bom",
						   layout.bom, "separateur", separator, "guillemets",
						   layout.format.quote != '\0', "entete", layout.header, "noms",
						   names_of(&layout), "colonnes", columns_of(&layout), "enregistrements",
						   records_of(&layout, chunk));
	}
	else
		object = json_pack("{s:o, s:s}", "nom", json_stringn(name.data, name.len), "erreur",
						   failure.detail);
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
	arena_free(arena);
}

static void
dump_archive(const char *path, size_t chunk_size)
{
	UnpackLimits limits = {MEMBER_LIMIT, 1000, 1000};
	Failure		 failure = FAILURE_INIT;
	int			 fd = open(path, O_RDONLY);
	const char	*slash = strrchr(path, '/');
	Unpacker *unpacker = unpack_open(fd, slash != NULL ? slash + 1 : path, NULL, &limits, &failure);
	UnpackStep step = UNPACK_FAILED;
	Text	   name;
	Text	   chunk;

	while (unpacker != NULL && (step = unpack_member(unpacker, &name, &failure)) == UNPACK_GOT)
	{
		n_bytes = 0;
		while ((step = unpack_read(unpacker, &chunk, &failure)) == UNPACK_GOT)
		{
			memcpy(bytes + n_bytes, chunk.data, chunk.len);
			n_bytes += chunk.len;
		}
		if (step == UNPACK_FAILED)
			break;
		dump_member(name, chunk_size);
	}
	if (step == UNPACK_FAILED)
		printf("{\"erreur\": \"%s\"}\n", failure.detail);
	unpack_close(unpacker);
	close(fd);
}

int
main(int argc, char **argv)
{
	size_t chunk = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;

	bytes = malloc(MEMBER_LIMIT);
	if (chunk == 0 || bytes == NULL)
		return 1;
	for (int i = 2; i < argc; i++)
		dump_archive(argv[i], chunk);
	free(bytes);
	return 0;
}
