/*
 * opml.c
 *	  datasens_import_opml(), datasens_export_opml(): feed lists, as every reader has them.
 *
 * Importing goes feed by feed: one that is refused, or is a source already, is a row of the answer
 * and keeps no other out. The folders around a feed become its option "categories", of which the
 * export makes folders again.
 */
#include "postgres.h"

#include "api/api.h"
#include "base/memory.h"
#include "compat.h"
#include "net/guard.h"
#include "parse/opml.h"
#include "source/kind.h"
#include "source/options.h"
#include "store/journal.h"
#include "store/state.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(datasens_import_opml);
PG_FUNCTION_INFO_V1(datasens_export_opml);

/* While a list is read it takes several times its size in memory. */
#define ARENA_FACTOR 16
#define ARENA_FLOOR (1024 * 1024)

/* So many names are tried for a feed whose own name is taken: "Nom (2)" and on. */
#define MAX_NAMES 1000

static Statement known_statement = {
	.sql = "SELECT nom FROM datasens.source WHERE type_source = 'rss'"
		   " AND (url = $1 OR options -> 'flux' ? $1) ORDER BY id_source LIMIT 1",
	.n_args = 1,
	.types = {TEXTOID},
};

static Statement add_statement = {
	.sql = "INSERT INTO datasens.source (type_source, nom, url, options)"
		   " SELECT 'rss', n.nom, $2, $3::pg_catalog.jsonb FROM"
		   "  (SELECT $1 || CASE WHEN i = 1 THEN '' ELSE ' (' || i || ')' END AS nom"
		   "   FROM pg_catalog.generate_series(1, $4) AS i ORDER BY i) AS n"
		   " WHERE NOT EXISTS (SELECT FROM datasens.source s WHERE s.nom = n.nom)"
		   " LIMIT 1 RETURNING nom",
	.n_args = 4,
	.types = {TEXTOID, TEXTOID, TEXTOID, INT4OID},
};

static Statement feeds_statement = {
	.sql = "SELECT s.nom, u.url, c.chemin FROM datasens.source s"
		   " CROSS JOIN LATERAL (SELECT s.url WHERE s.url IS NOT NULL UNION ALL"
		   "  SELECT * FROM pg_catalog.jsonb_array_elements_text(s.options -> 'flux')) AS u (url)"
		   " CROSS JOIN LATERAL (SELECT pg_catalog.string_agg(v, pg_catalog.chr(9) ORDER BY i)"
		   "  FROM pg_catalog.jsonb_array_elements_text(s.options -> 'categories')"
		   "   WITH ORDINALITY AS o (v, i)) AS c (chemin)"
		   " WHERE s.type_source = 'rss' ORDER BY c.chemin NULLS FIRST, s.nom, u.url",
};

/* ---- import ---- */

static char *
entry_options(const OpmlEntry *entry)
{
	char **categories = palloc((entry->n_categories + 1) * sizeof(char *));

	if (entry->n_categories == 0)
		return "{}";
	for (size_t i = 0; i < entry->n_categories; i++)
		categories[i] = memory_server_string(entry->categories[i].data, entry->categories[i].len);
	return options_write_strings("categories", categories, (int) entry->n_categories);
}

/*
 * Adds a feed, unless it is there. Returns what happened, as the result's column says it; *nom is
 * the name by which the feed is known.
 */
static const char *
import_entry(const OpmlEntry *entry, char **nom, char **url, char **detail)
{
	Failure failure = FAILURE_INIT;
	char   *title = memory_server_string(entry->titre.data, entry->titre.len);
	Datum	values[4];

	*url = memory_server_string(entry->url.data, entry->url.len);
	*nom = title;
	if (!guard_check_url(*url, &failure))
	{
		*detail = memory_server_string(failure.detail, strlen(failure.detail));
		return "refusee";
	}
	if (!name_is_printable(title))
	{
		*detail = "the name has control characters";
		return "refusee";
	}
	values[0] = CStringGetTextDatum(*url);
	statement_run(&known_statement, values, NULL, SPI_OK_SELECT);
	if (SPI_processed > 0)
	{
		*nom = row_need_string(CurrentMemoryContext, 0, 1);
		return "existante";
	}
	values[0] = CStringGetTextDatum(strcmp(title, "all") == 0 || kind_find(title) != NULL
										? psprintf("%s (OPML)", title)
										: title);
	values[1] = CStringGetTextDatum(*url);
	values[2] = CStringGetTextDatum(entry_options(entry));
	values[3] = Int32GetDatum(MAX_NAMES);
	statement_run(&add_statement, values, NULL, SPI_OK_INSERT_RETURNING);
	if (SPI_processed == 0)
	{
		*detail = "too many sources have that name";
		return "refusee";
	}
	*nom = row_need_string(CurrentMemoryContext, 0, 1);
	return "ajoutee";
}

/*
 * The sources are planned at once, so that a collector that is woken by the commit finds them due.
 */
static void
import_entries(const Opml *opml, ReturnSetInfo *result)
{
	int64 added = 0;

	for (size_t i = 0; i < opml->n_entries; i++)
	{
		char	   *nom;
		char	   *url;
		char	   *detail = NULL;
		const char *status;
		Datum		values[4];
		bool		nulls[4] = {false};

		CHECK_FOR_INTERRUPTS();
		status = import_entry(&opml->entries[i], &nom, &url, &detail);
		added += strcmp(status, "ajoutee") == 0;
		values[0] = CStringGetTextDatum(nom);
		values[1] = CStringGetTextDatum(url);
		values[2] = CStringGetTextDatum(status);
		nulls[3] = detail == NULL;
		values[3] = detail ? CStringGetTextDatum(detail) : (Datum) 0;
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	if (added > 0)
	{
		(void) state_plan(GetCurrentTimestamp(), true);
		journal_write("OPML_IMPORTE", psprintf("+%lld sources", (long long) added));
	}
}

Datum
datasens_import_opml(PG_FUNCTION_ARGS)
{
	text	  *xml = PG_GETARG_TEXT_PP(0);
	char	  *utf8;
	size_t	   len;
	Arena	  *arena;
	Failure	   failure = FAILURE_INIT;
	Opml	  *opml;
	OwnerScope scope;

	check_can_write("datasens_import_opml");
	compat_materialize(fcinfo);
	utf8 = pg_server_to_any(VARDATA_ANY(xml), VARSIZE_ANY_EXHDR(xml), PG_UTF8);
	len = utf8 == VARDATA_ANY(xml) ? VARSIZE_ANY_EXHDR(xml) : strlen(utf8);
	arena = memory_arena(CurrentMemoryContext, len * ARENA_FACTOR + ARENA_FLOOR);
	opml = opml_parse(arena, (Text){utf8, len}, &failure);
	if (opml == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_XML_DOCUMENT), errmsg("not a feed list (OPML)"),
						errdetail("%s", memory_sentence(memory_server_string(
											failure.detail, strlen(failure.detail)))),
						errhint("A feed list begins with <opml>, as feed readers export it.")));
	owner_enter(&scope);
	import_entries(opml, (ReturnSetInfo *) fcinfo->resultinfo);
	owner_leave(&scope);
	return (Datum) 0;
}

/* ---- export ---- */

static Text
text_of_server_string(const char *string)
{
	char *utf8 = pg_server_to_any(string, strlen(string), PG_UTF8);

	return (Text){utf8, strlen(utf8)};
}

static void
append_literal(TextBuilder *xml, const char *literal)
{
	builder_append(xml, literal, strlen(literal));
}

static void
append_attribute(TextBuilder *xml, const char *name, Text value)
{
	append_literal(xml, name);
	append_literal(xml, "=\"");
	opml_append_escaped(xml, value);
	append_literal(xml, "\" ");
}

/* The end of the first part of a path, whose parts are divided by tabs. */
static const char *
part_end(const char *path)
{
	const char *tab = strchr(path, '\t');

	return tab ? tab : path + strlen(path);
}

/*
 * Closes and opens outlines to get from one path of categories to another; returns the new depth.
 */
static int
change_path(TextBuilder *xml, const char *from, const char *to, int depth)
{
	int shared = 0;

	while (*to && *from && part_end(to) - to == part_end(from) - from &&
		   memcmp(to, from, part_end(to) - to) == 0)
	{
		to = part_end(to) + (*part_end(to) == '\t');
		from = part_end(from) + (*part_end(from) == '\t');
		shared++;
	}
	for (; depth > shared; depth--)
		append_literal(xml, "</outline>\n");
	for (; *to; depth++)
	{
		Text name = text_of_server_string(pnstrdup(to, part_end(to) - to));

		append_literal(xml, "<outline ");
		append_attribute(xml, "text", name);
		append_literal(xml, ">\n");
		to = part_end(to) + (*part_end(to) == '\t');
	}
	return depth;
}

/* The rows come in the order of their categories, so that each folder is opened and closed once. */
static void
append_feeds(TextBuilder *xml)
{
	const char *path = "";
	int			depth = 0;

	for (uint64 row = 0; row < SPI_processed; row++)
	{
		char *nom = row_need_string(CurrentMemoryContext, row, 1);
		char *url = row_need_string(CurrentMemoryContext, row, 2);
		char *categories = row_string(CurrentMemoryContext, row, 3);

		depth = change_path(xml, path, categories ? categories : "", depth);
		path = categories ? categories : "";
		append_literal(xml, "<outline type=\"rss\" ");
		append_attribute(xml, "text", text_of_server_string(nom));
		append_attribute(xml, "title", text_of_server_string(nom));
		append_attribute(xml, "xmlUrl", text_of_server_string(url));
		append_literal(xml, "/>\n");
	}
	(void) change_path(xml, path, "", depth);
}

Datum
datasens_export_opml(PG_FUNCTION_ARGS)
{
	Arena	   *arena = memory_arena(CurrentMemoryContext, MaxAllocSize / 2);
	TextBuilder xml;
	OwnerScope	scope;
	Text		built;

	builder_start(&xml, arena);
	append_literal(&xml, "<?xml version=\"1.0\"?>\n<opml version=\"2.0\">\n<head>"
						 "<title>datasens</title></head>\n<body>\n");
	owner_enter(&scope);
	statement_run(&feeds_statement, NULL, NULL, SPI_OK_SELECT);
	append_feeds(&xml);
	owner_leave(&scope);
	append_literal(&xml, "</body>\n</opml>\n");
	built = builder_text(&xml);
	if (arena_exhausted(arena))
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("feed list is too large")));
	PG_RETURN_TEXT_P(
		cstring_to_text(pg_any_to_server(pnstrdup(built.data, built.len), built.len, PG_UTF8)));
}
