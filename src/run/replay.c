/*
 * replay.c
 *	  What a run received, served again.
 *
 * replay_open() reads the whole archive once: that checks it, and makes an index from addresses to
 * the places of their answers in the file. An answer is then read from its place when the run asks
 * for it.
 */
#include "postgres.h"

#include "base/memory.h"
#include "parse/warc.h"
#include "run/keep.h"
#include "run/replay.h"
#include "source/options.h"

#include <errno.h>
#include <unistd.h>

#include <jansson.h>

#include "miscadmin.h"
#include "mb/pg_wchar.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

/* The most answers that one archive may have: a bound on memory. */
#define MAX_ANSWERS 1000000

/*
 * The most bytes that the archive may say of how the run began: a crawl's cursor names thousands
 * of pages.
 */
#define MAX_CONTEXT (64 * 1024 * 1024)

/* An answer in the archive. */
typedef struct Answer
{
	int64 offset;
	bool  given;
} Answer;

/*
 * A way to an answer: one may be found by two addresses, the one that was asked and the one where
 * redirects led.
 */
typedef struct Way
{
	struct Way *next;
	Answer	   *answer;
} Way;

typedef struct Address
{
	const char *url; /* the key is what it points to */
	Way		   *first;
	Way		   *last;
} Address;

struct Replay
{
	MemoryContext		  context;
	MemoryContextCallback on_reset;
	int					  file;
	int64				  at;	  /* of the file: where the reader reads on */
	WarcReader			 *reader; /* or NULL */
	HTAB				 *addresses;
	int					  n_answers;
	char				 *began; /* JSON; NULL: it is not said */
};

/* ---- reading ---- */

/*
 * WarcInput. It may leave by an error, for there is no frame of a foreign library below it
 * (parse/warc_read.c).
 */
static ptrdiff_t
read_input(void *context, void *bytes, size_t n)
{
	Replay *replay = context;
	ssize_t got;

	CHECK_FOR_INTERRUPTS();
	do
		got = pread(replay->file, bytes, n, (off_t) replay->at);
	while (got < 0 && errno == EINTR);
	if (got > 0)
		replay->at += got;
	return got;
}

/* Also the reset callback of the replay's memory context. */
static void
close_reader(void *replay)
{
	warc_reader_free(((Replay *) replay)->reader);
	((Replay *) replay)->reader = NULL;
}

/* Has the reader begin anew at that place of the file, where a record begins. */
static void
read_from(Replay *replay, int64 offset)
{
	close_reader(replay);
	replay->at = offset;
	replay->reader = warc_reader_create(read_input, replay, offset);
	if (replay->reader == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
}

/* Does not return. */
static void
report_damage(const char *what)
{
	ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("the archive is damaged: %s", what),
					errhint("Nothing of it was read again.")));
}

/* All that is left of a record's block, at most max bytes of it, as a palloc'd string. */
static char *
read_block(Replay *replay, const WarcRecord *record, int64 max)
{
	char  *block;
	size_t len = 0;

	if (record->length > max)
		report_damage("what it says of its run is too long");
	block = MemoryContextAllocHuge(replay->context, (Size) record->length + 1);
	while ((int64) len < record->length)
	{
		ptrdiff_t n = warc_read(replay->reader, block + len, (size_t) record->length - len);

		if (n <= 0)
			report_damage(warc_error(replay->reader));
		len += (size_t) n;
	}
	block[len] = '\0';
	return block;
}

/* ---- the index ---- */

/* Enters the answer under that address, behind those that are there already. */
static void
add_way(Replay *replay, Text uri, Answer *answer)
{
	Way		   *way = palloc0(sizeof(Way));
	const char *url = pnstrdup(uri.data, uri.len);
	Address	   *address;
	bool		found;

	way->answer = answer;
	address = hash_search(replay->addresses, &url, HASH_ENTER, &found);
	if (!found)
	{
		address->url = url;
		address->first = way;
	}
	else
		address->last->next = way;
	address->last = way;
}

/*
 * Enters an answer under the address that was asked and under the one where it came from in the
 * end: a source whose address has moved for good asks today where it was led then.
 */
static void
add_answer(Replay *replay, const WarcRecord *record)
{
	Answer *answer = palloc0(sizeof(Answer));

	if (replay->n_answers++ == MAX_ANSWERS)
		report_damage("it has too many answers");
	answer->offset = record->offset;
	add_way(replay, record->uri, answer);
	if (text_present(record->final_uri))
		add_way(replay, record->final_uri, answer);
}

/* What is to be remembered of a record: an answer's place, or how the run began. */
static void
add_record(Replay *replay, const WarcRecord *record)
{
	bool answers = record->type == WARC_RESPONSE || record->type == WARC_RESOURCE;

	if (answers && text_present(record->uri))
		add_answer(replay, record);
	else if (record->type == WARC_METADATA && replay->began == NULL &&
			 text_is(record->content_type, KEEP_CONTEXT_TYPE))
		replay->began = read_block(replay, record, MAX_CONTEXT);
}

Replay *
replay_open(MemoryContext context, int file)
{
	MemoryContext previous = MemoryContextSwitchTo(context);
	Replay		 *replay = palloc0(sizeof(Replay));
	WarcRecord	  record;
	WarcStep	  step;

	replay->context = context;
	replay->file = file;
	replay->on_reset.func = close_reader;
	replay->on_reset.arg = replay;
	MemoryContextRegisterResetCallback(context, &replay->on_reset);
	replay->addresses =
		memory_string_table(context, "datasens archived answers", sizeof(Address), 64);
	read_from(replay, 0);
	while ((step = warc_next(replay->reader, &record)) == WARC_RECORD)
		add_record(replay, &record);
	if (step == WARC_DAMAGED)
		report_damage(warc_error(replay->reader));
	if (replay->n_answers == 0)
		report_damage("there is no answer in it");
	MemoryContextSwitchTo(previous);
	return replay;
}

/* ---- how the run began ---- */

/*
 * The slice that the run was of, as keep.c's context_json() wrote it: its stream, its number, its
 * file.
 */
static Slice *
read_slice(const json_t *json)
{
	const char *stream = json_string_value(json_object_get(json, "flux"));
	const char *md5 = json_string_value(json_object_get(json, "md5"));
	Slice	   *slice = palloc0(sizeof(Slice));

	if (stream == NULL || md5 == NULL)
		report_damage("it does not say which slice it is of");
	slice->stream = pstrdup(stream);
	slice->md5 = pstrdup(md5);
	slice->slot = (Slot) json_integer_value(json_object_get(json, "numero"));
	slice->size = json_integer_value(json_object_get(json, "octets"));
	return slice;
}

void
replay_prepare(const Replay *replay, Source *source)
{
	MemoryContext previous = MemoryContextSwitchTo(source->context);
	json_t		 *began = replay->began ? options_read(replay->began) : NULL;
	json_t		 *cursor = json_object_get(began, KEEP_CURSOR);
	json_t		 *slice = json_object_get(began, KEEP_SLICE);
	char		 *text = json_is_object(cursor) ? json_dumps(cursor, JSON_COMPACT) : NULL;

	source->cursor = text ? pg_any_to_server(text, strlen(text), PG_UTF8) : NULL;
	if (text != NULL)
	{
		if (source->cursor == text)
			source->cursor = pstrdup(text);
		free(text);
	}
	source->slice = NULL;
	if (json_is_object(slice) && source->kind->begin_slice != NULL)
		source->slice = read_slice(slice);
	MemoryContextSwitchTo(previous);
}

/* ---- answers ---- */

/* The read function of a FetchSupply: the next bytes of the body, 0 at its end. */
static size_t
read_body(void *context, void *bytes, size_t n)
{
	Replay	 *replay = context;
	ptrdiff_t got = warc_read(replay->reader, bytes, n);

	if (got < 0)
		report_damage(warc_error(replay->reader));
	return (size_t) got;
}

/*
 * The next answer from the address that was not given yet; NULL: there is none. An answer that was
 * found by another address is passed over.
 */
static Answer *
take_answer(Replay *replay, const char *url)
{
	Address *address = hash_search(replay->addresses, &url, HASH_FIND, NULL);
	Answer	*answer;

	if (address == NULL)
		return NULL;
	while (address->first != NULL && address->first->answer->given)
		address->first = address->first->next;
	if (address->first == NULL)
		return NULL;
	answer = address->first->answer;
	answer->given = true;
	return answer;
}

/*
 * Describes the answer at which the reader is. The texts are the reader's, and valid until it goes
 * on to another record.
 */
static void
fill_supply(Replay *replay, FetchSupply *supply)
{
	WarcRecord record;
	WarcHttp   http = {.status = 0};

	if (warc_next(replay->reader, &record) != WARC_RECORD ||
		(record.type == WARC_RESPONSE && !warc_read_http(replay->reader, &http)))
		report_damage(warc_error(replay->reader));
	supply->status = http.status;
	supply->final_url = record.final_uri;
	supply->content_type = http.content_type;
	supply->etag = http.etag;
	supply->last_modified = http.last_modified;
	supply->robots_tag = http.robots_tag;
	supply->location = http.location;
	supply->read = read_body;
	supply->context = replay;
}

void
replay_supply(void *context, const FetchResponse *asked, FetchSupply *supply)
{
	Replay		  *replay = context;
	const Request *request = asked->owner;
	char		  *url = keep_address(request->run, asked->url);
	Answer		  *answer = take_answer(replay, url);

	pfree(url);
	supply->absent = answer == NULL;
	if (answer == NULL)
		return;
	read_from(replay, answer->offset);
	fill_supply(replay, supply);
}
