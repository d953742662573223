/*
 * parse.c
 *	  datasens_hash(), datasens_parse_date(), datasens_parse_feed(),
 *	  datasens_robots_allowed(), datasens_extract_article(): the parsers by
 *	  themselves, as collecting uses them.
 */
#include "postgres.h"

#include "api/api.h"
#include "base/epoch.h"
#include "base/memory.h"
#include "base/settings.h"
#include "compat.h"
#include "parse/article.h"
#include "parse/date.h"
#include "parse/feed.h"
#include "parse/robots.h"
#include "store/fingerprint.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(datasens_hash);
PG_FUNCTION_INFO_V1(datasens_hash_document);
PG_FUNCTION_INFO_V1(datasens_parse_date);
PG_FUNCTION_INFO_V1(datasens_parse_feed);
PG_FUNCTION_INFO_V1(datasens_robots_allowed);
PG_FUNCTION_INFO_V1(datasens_robots_allowed_bytes);
PG_FUNCTION_INFO_V1(datasens_extract_article);

/*
 * Parsing may take so many times the size of what is parsed: a feed's texts are copied with and
 * without their markup, and a page of nothing but tags takes many times its size.
 */
#define ARENA_FACTOR 16
#define ARENA_FLOOR (64 * 1024 * 1024)

/* A text argument as UTF-8; absent for a null. */
static Text
argument_utf8(FunctionCallInfo fcinfo, int i)
{
	return PG_ARGISNULL(i) ? TEXT_NULL : memory_utf8_of_text(PG_GETARG_TEXT_PP(i));
}

/* The bytes of argument 0, and an arena for what is read of them. what: how an error calls them. */
static Arena *
argument_bytes(FunctionCallInfo fcinfo, const char *what, Text *bytes)
{
	bytea *content = PG_GETARG_BYTEA_PP(0);

	*bytes = (Text){VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content)};
	if (bytes->len > (size_t) setting_max_response_size * 1024)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("%s of %zu bytes is too large", what, bytes->len),
						errdetail("The largest response that is collected (setting \"%s\") has %d "
								  "kB.",
								  "datasens.max_response_size", setting_max_response_size)));
	return memory_arena(CurrentMemoryContext, bytes->len * ARENA_FACTOR + ARENA_FLOOR);
}

/* ereports why the bytes could not be read into that arena. Does not return. */
static _Noreturn void
report_unread(const char *what, const Arena *arena, const Failure *failure, const char *hint)
{
	if (arena_starved(arena))
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"),
						errdetail("Failed while reading a %s.", what)));
	ereport(ERROR, (errcode(failure->class == FAILURE_TOO_LARGE ? ERRCODE_PROGRAM_LIMIT_EXCEEDED
							: failure->class == FAILURE_MEMORY	? ERRCODE_OUT_OF_MEMORY
																: ERRCODE_DATA_EXCEPTION),
					errmsg("could not read %s: %s", what,
						   memory_server_string(failure->detail, strlen(failure->detail))),
					errhint("%s", hint)));
}

/* ---- hash ---- */

static text *
digits_of(const uint8 *fingerprint)
{
	char digits[FINGERPRINT_DIGITS];

	fingerprint_write(fingerprint, digits);
	return cstring_to_text_with_len(digits, FINGERPRINT_DIGITS);
}

Datum
datasens_hash(PG_FUNCTION_ARGS)
{
	uint8 fingerprint[FINGERPRINT_SIZE];

	fingerprint_of(argument_utf8(fcinfo, 0), fingerprint);
	PG_RETURN_TEXT_P(digits_of(fingerprint));
}

/* datasens_hash(titre, texte): a null counts as empty, but two make a null. */
Datum
datasens_hash_document(PG_FUNCTION_ARGS)
{
	uint8 fingerprint[FINGERPRINT_SIZE];

	if (PG_ARGISNULL(0) && PG_ARGISNULL(1))
		PG_RETURN_NULL();
	fingerprint_of_document(argument_utf8(fcinfo, 0), argument_utf8(fcinfo, 1), fingerprint);
	PG_RETURN_TEXT_P(digits_of(fingerprint));
}

/* ---- date ---- */

/*
 * Null for what is no date, and not an error: feeds are full of such, and a query over them is to
 * go on.
 */
Datum
datasens_parse_date(PG_FUNCTION_ARGS)
{
	int64_t micros;

	if (!date_parse(argument_utf8(fcinfo, 0), &micros))
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(micros - EPOCH_MICROSECONDS);
}

/* ---- feed ---- */

/* Reads the feed, or ereports why it cannot be read. */
static Feed *
read_feed(FunctionCallInfo fcinfo)
{
	Text	bytes;
	Arena  *arena = argument_bytes(fcinfo, "feed", &bytes);
	Failure failure = FAILURE_INIT;
	Feed   *feed;

	feed = feed_parse(arena, bytes, argument_utf8(fcinfo, 1), argument_utf8(fcinfo, 2), &failure);
	if (feed == NULL)
		report_unread("feed", arena, &failure, "A feed is RSS (0.9 to 2.0), Atom or JSON Feed.");
	return feed;
}

static Datum
text_datum(Text utf8, bool *isnull)
{
	text *value = memory_server_text(utf8);

	*isnull = value == NULL;
	return PointerGetDatum(value);
}

static Datum
json_datum(Text utf8, bool *isnull)
{
	char *json = memory_server_string(utf8.data, utf8.len);

	*isnull = json == NULL;
	return json ? DirectFunctionCall1(jsonb_in, CStringGetDatum(json)) : (Datum) 0;
}

/*
 * The fingerprint of the item as it would be stored: in a database whose encoding lacks some of
 * its characters, that of what is left.
 */
static void
fingerprint_of_item(const FeedItem *item, uint8 *fingerprint)
{
	Text titre = item->titre;
	Text texte = item->texte;

	if (GetDatabaseEncoding() != PG_UTF8)
	{
		if (text_present(titre))
			titre = memory_utf8_of_text(memory_server_text(titre));
		if (text_present(texte))
			texte = memory_utf8_of_text(memory_server_text(texte));
	}
	fingerprint_of_document(titre, texte, fingerprint);
}

static void
put_item(ReturnSetInfo *result, const FeedItem *item, int position)
{
	uint8 fingerprint[FINGERPRINT_SIZE];
	Datum values[11];
	bool  nulls[lengthof(values)] = {false};
	int	  n = 0;
	Text  texts[] = {item->titre, item->texte,	item->resume, item->url,
					 item->guid,  item->auteur, item->langue};

	values[n++] = Int32GetDatum(position);
	for (size_t i = 0; i < lengthof(texts); i++, n++)
		values[n] = text_datum(texts[i], &nulls[n]);
	nulls[n] = !item->has_date;
	values[n++] = TimestampTzGetDatum(item->date - EPOCH_MICROSECONDS);
	fingerprint_of_item(item, fingerprint);
	values[n++] = PointerGetDatum(fingerprint);
	values[n] = json_datum(item->meta, &nulls[n]);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* datasens_parse_feed(contenu, content_type, url): a row an entry, in the feed's order. */
Datum
datasens_parse_feed(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext  previous;
	MemoryContext  feed_context;
	MemoryContext  item_context;
	Feed		  *feed;

	compat_materialize(fcinfo);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	feed_context =
		AllocSetContextCreate(CurrentMemoryContext, "datasens feed", ALLOCSET_DEFAULT_SIZES);
	item_context =
		AllocSetContextCreate(feed_context, "datasens feed item", ALLOCSET_DEFAULT_SIZES);
	previous = MemoryContextSwitchTo(feed_context);
	feed = read_feed(fcinfo);
	MemoryContextSwitchTo(item_context);
	for (size_t i = 0; i < feed->n_items; i++)
	{
		CHECK_FOR_INTERRUPTS();
		put_item(result, &feed->items[i], (int) i + 1);
		MemoryContextReset(item_context);
	}
	MemoryContextSwitchTo(previous);
	MemoryContextDelete(feed_context);
	return (Datum) 0;
}

/* ---- robots.txt ---- */

static bool
allowed_by(Text file, Text agent, Text url)
{
	Arena  *arena = memory_arena(CurrentMemoryContext, ROBOTS_ARENA_LIMIT);
	Robots *robots = robots_parse(arena, file, agent);
	bool	allowed = robots != NULL && robots_allowed(robots, url);

	if (arena_exhausted(arena))
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"),
						errdetail("Failed while reading a robots.txt of %zu bytes.", file.len)));
	return allowed;
}

/* datasens_robots_allowed(robots text, agent, url) */
Datum
datasens_robots_allowed(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(
		allowed_by(argument_utf8(fcinfo, 0), argument_utf8(fcinfo, 1), argument_utf8(fcinfo, 2)));
}

/* datasens_robots_allowed(robots bytea, agent, url): the file as it came, whatever its encoding. */
Datum
datasens_robots_allowed_bytes(PG_FUNCTION_ARGS)
{
	bytea *file = PG_GETARG_BYTEA_PP(0);
	Text   bytes = {VARDATA_ANY(file), VARSIZE_ANY_EXHDR(file)};

	PG_RETURN_BOOL(allowed_by(bytes, argument_utf8(fcinfo, 1), argument_utf8(fcinfo, 2)));
}

/* ---- article ---- */

/* datasens_extract_article(page, content_type, url): one row. */
Datum
datasens_extract_article(PG_FUNCTION_ARGS)
{
	Failure	  failure = FAILURE_INIT;
	TupleDesc descriptor;
	Datum	  values[8];
	bool	  nulls[lengthof(values)] = {false};
	int		  n = 0;
	Text	  bytes;
	Arena	 *arena;
	Article	 *article;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	arena = argument_bytes(fcinfo, "page", &bytes);
	article =
		article_parse(arena, bytes, argument_utf8(fcinfo, 1), argument_utf8(fcinfo, 2), &failure);
	if (article == NULL)
		report_unread("page", arena, &failure, "A page is HTML.");
	values[n] = text_datum(article->titre, &nulls[n]);
	n++;
	values[n] = text_datum(article->texte, &nulls[n]);
	n++;
	values[n] = text_datum(article->auteur, &nulls[n]);
	n++;
	nulls[n] = !article->has_date;
	values[n++] = TimestampTzGetDatum(article->date - EPOCH_MICROSECONDS);
	values[n] = text_datum(article->langue, &nulls[n]);
	n++;
	values[n] = text_datum(article->url, &nulls[n]);
	n++;
	values[n] = text_datum(article->site, &nulls[n]);
	n++;
	values[n] = json_datum(article->meta, &nulls[n]);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(descriptor, values, nulls)));
}
