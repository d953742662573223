/*
 * keep.c
 *	  What a run receives, kept as it came.
 *
 * There are two sorts of objects. A piece (KeepPiece) is one answer: it is packed on the parser's
 * thread, apart from its run, which may end meanwhile, and so has copies of all that it needs. The
 * archive (Keep) belongs to the run, and only the main thread appends to it. Each record is a
 * member of gzip by itself; members one after the other are a gzip file, so that to append a piece
 * is to copy its bytes.
 *
 * An error here never costs the run anything: it is noted in the archive (Packed.error), which
 * then goes on doing nothing, and is told when the run is committed.
 */
#include "postgres.h"

#include "base/epoch.h"
#include "base/file_write.h"
#include "base/memory.h"
#include "base/settings.h"
#include "base/tempfile.h"
#include "base/version.h"
#include "parse/url.h"
#include "parse/warc.h"
#include "run/keep.h"
#include "run/sink.h"
#include "source/options.h"
#include "store/journal.h"
#include "store/secret.h"

#include <errno.h>
#include <unistd.h>

#include "lib/stringinfo.h"
#include "utils/json.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* So much of a body is read and masked at a time. */
#define CHUNK (64 * 1024)

/* An archive that has grown larger than this goes on in a temporary file. */
#define MEMORY_MAX (64 * 1024)

/* The most that the texts of a piece may take, or the masking of an address. */
#define PIECE_MEMORY ((size_t) 1024 * 1024)

/*
 * The level of compression: texts pack well at the least cost. What is packed already is stored
 * (0).
 */
#define LEVEL 1

/* Packed bytes: in memory up to some size, then in the file, if there is one. */
typedef struct Packed
{
	char	   *data; /* malloc'd */
	size_t		len;
	size_t		capacity;
	TempFile	file;
	int64		size; /* of the file */
	int64		max;  /* of both */
	const char *error;
	int			system_error; /* errno, if that is why */
} Packed;

struct KeepPiece
{
	Arena	  *arena;
	WarcRecord record;
	Text	   head; /* of HTTP; absent: none */
	Text	  *secrets;
	int		   n_secrets;
	Packed	   packed;
};

struct Keep
{
	MemoryContextCallback on_reset;
	Packed				  packed;
	int64				  n_answers;
};

/* ---- packed bytes ---- */

/* Notes the first error. Returns false, for the caller to return. */
static bool
fail(Packed *packed, const char *error, int system_error)
{
	if (packed->error == NULL)
	{
		packed->error = error;
		packed->system_error = system_error;
	}
	return false;
}

static bool
append_to_file(Packed *packed, const char *bytes, size_t n)
{
	if (!file_write(packed->file.descriptor, bytes, n, packed->size))
		return fail(packed, "no room in its temporary file", errno);
	packed->size += (int64) n;
	return true;
}

/*
 * WarcOutput: appends to the file if there is one, else to memory. Plain C, as it is called on the
 * parser's thread as well. n may be 0, with data NULL: a piece that went into a file has nothing
 * in memory.
 */
static bool
append(void *context, const void *bytes, size_t n)
{
	Packed *packed = context;

	if ((int64) n > packed->max - packed->size - (int64) packed->len)
		return fail(packed,
					"it is larger than datasens.max_download_size, or temp_file_limit, allows", 0);
	if (packed->file.descriptor >= 0)
		return append_to_file(packed, bytes, n);
	if (packed->len + n > packed->capacity)
	{
		size_t capacity = Max(2 * packed->capacity, packed->len + n);
		char  *data = realloc(packed->data, capacity);

		if (data == NULL)
			return fail(packed, "no memory", 0);
		packed->data = data;
		packed->capacity = capacity;
	}
	if (n > 0)
		memcpy(packed->data + packed->len, bytes, n);
	packed->len += n;
	return true;
}

static void
free_packed(Packed *packed)
{
	free(packed->data);
	packed->data = NULL;
	packed->len = packed->capacity = 0;
	tempfile_close(&packed->file);
}

static void
init_packed(Packed *packed)
{
	memset(packed, 0, sizeof(*packed));
	packed->file = TEMPFILE_NONE;
	packed->max = tempfile_limit((int64) setting_max_download_size * 1024);
}

/*
 * Opens the temporary file and moves what is in memory into it. An error of the server's becomes
 * the archive's (main thread only).
 */
static bool
open_file(Packed *packed)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool opened = true;

	PG_TRY();
	{
		packed->file = tempfile_open();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		FlushErrorState();
		opened = fail(packed, "no temporary file could be opened", 0);
	}
	PG_END_TRY();
	if (!opened || !append_to_file(packed, packed->data, packed->len))
		return false;
	free(packed->data);
	packed->data = NULL;
	packed->len = packed->capacity = 0;
	return true;
}

/* ---- addresses ---- */

/*
 * Overwrites each byte of a secret with a '*': the length, which has been written already, does
 * not change.
 */
static void
mask_bytes(char *bytes, size_t len, const Text *secrets, int n_secrets)
{
	for (int i = 0; i < n_secrets; i++)
	{
		char *at = bytes;
		char *found;

		while ((found = memmem(at, (size_t) (bytes + len - at), secrets[i].data, secrets[i].len)) !=
			   NULL)
		{
			memset(found, '*', secrets[i].len);
			at = found + secrets[i].len;
		}
	}
}

/*
 * The run's secrets that are long enough to be masked, in the arena; *n of them. NULL where memory
 * is out.
 */
static Text *
copy_secrets(Arena *arena, const Run *run, int *n)
{
	Text	 *secrets = arena_alloc(arena, (list_length(run->secrets) + 1) * sizeof(Text));
	ListCell *cell;

	*n = 0;
	foreach (cell, run->secrets)
	{
		const char *value = ((const Secret *) lfirst(cell))->value;
		Text		copy;

		if (secrets == NULL || strlen(value) < RUN_MASK_MIN)
			continue;
		copy = arena_copy(arena, value, strlen(value));
		if (text_present(copy))
			secrets[(*n)++] = copy;
	}
	return secrets;
}

/*
 * The URL without secrets: neither those that its form shows (url_redact) nor the run's. In the
 * arena; NULL where memory is out.
 */
static char *
mask_address(Arena *arena, const char *url, const Text *secrets, int n_secrets)
{
	Text  shown = url_redact(arena, (Text){url, strlen(url)});
	char *masked;

	if (!text_present(shown))
		return NULL;
	masked = arena_cstring(arena, shown);
	if (masked != NULL)
		mask_bytes(masked, shown.len, secrets, n_secrets);
	return masked;
}

char *
keep_address(const Run *run, const char *url)
{
	Arena *arena = arena_create(PIECE_MEMORY);
	int	   n = 0;
	Text  *secrets = arena ? copy_secrets(arena, run, &n) : NULL;
	char  *masked = arena ? mask_address(arena, url, secrets, n) : NULL;
	char  *address = pstrdup(masked ? masked : "***");

	arena_free(arena);
	return address;
}

/* ---- a piece ---- */

static Text
copy_string(Arena *arena, const char *string)
{
	return string ? arena_copy(arena, string, strlen(string)) : TEXT_NULL;
}

/* The same as a Text for a record; TEXT_NULL for NULL. */
static Text
copy_address(KeepPiece *piece, const char *url)
{
	char *masked = url ? mask_address(piece->arena, url, piece->secrets, piece->n_secrets) : NULL;

	return masked ? (Text){masked, strlen(masked)} : TEXT_NULL;
}

static bool
make_id(WarcRecord *record)
{
	return pg_strong_random(record->id, sizeof(record->id));
}

/*
 * Fills the record's head with what is known of the answer, copied into the piece's arena. What
 * came without HTTP (a file of the server's) is a "resource" in WARC's terms, an answer of HTTP a
 * "response".
 */
static void
describe(KeepPiece *piece, const Request *request, const FetchResponse *response)
{
	WarcRecord *record = &piece->record;
	WarcHttp	http = {
		   .status = (int) response->status,
		   .content_type = copy_string(piece->arena, response->content_type),
		   .etag = copy_string(piece->arena, response->etag),
		   .last_modified = copy_string(piece->arena, response->last_modified),
		   .robots_tag = copy_string(piece->arena, response->robots_tag),
		   .location = copy_address(piece, response->location),
	   };

	record->uri = copy_address(piece, request->url);
	record->final_uri = copy_address(piece, response->final_url);
	if (text_equal(record->uri, record->final_uri))
		record->final_uri = TEXT_NULL;
	record->date = GetCurrentTimestamp() + EPOCH_MICROSECONDS;
	record->length = response->size;
	record->type = WARC_RESOURCE;
	if (response->status > 0)
	{
		record->type = WARC_RESPONSE;
		record->content_type = TEXT_LITERAL("application/http; msgtype=response");
		piece->head = warc_http_head(piece->arena, &http, response->size);
		record->length += (int64) piece->head.len;
	}
}

/*
 * An empty piece; NULL where memory is out. It is malloc'd throughout, as the thread adds to it.
 */
static KeepPiece *
make_piece(Run *run)
{
	KeepPiece *piece = calloc(1, sizeof(KeepPiece));

	if (piece == NULL)
		return NULL;
	init_packed(&piece->packed);
	piece->arena = arena_create(PIECE_MEMORY);
	if (piece->arena == NULL || !make_id(&piece->record))
	{
		keep_free(piece);
		return NULL;
	}
	piece->secrets = copy_secrets(piece->arena, run, &piece->n_secrets);
	return piece;
}

KeepPiece *
keep_piece(Run *run, const Request *request, const FetchResponse *response)
{
	KeepPiece *piece;

	if (run->keep == NULL || run->keep->packed.error != NULL)
		return NULL;
	piece = make_piece(run);
	if (piece == NULL)
	{
		fail(&run->keep->packed, "no memory", 0);
		return NULL;
	}
	describe(piece, request, response);
	if (arena_exhausted(piece->arena))
		fail(&piece->packed, "no memory", 0);
	else if (response->file >= 0)
		(void) open_file(&piece->packed);
	return piece;
}

void
keep_free(KeepPiece *piece)
{
	if (piece == NULL)
		return;
	free_packed(&piece->packed);
	arena_free(piece->arena);
	free(piece);
}

/* ---- packing: on the parser's thread ---- */

/*
 * Reads n bytes of the body at the offset, from memory or from its file: fewer at its end, 0
 * behind it, -1 where they cannot be read.
 */
static ssize_t
read_body(const FetchResponse *response, char *bytes, size_t n, int64 offset)
{
	ssize_t got;

	if ((int64) n > response->size - offset)
		n = (size_t) (response->size - offset);
	if (response->file < 0)
	{
		memcpy(bytes, response->body.data + offset, n);
		return (ssize_t) n;
	}
	do
		got = pread(response->file, bytes, n, (off_t) offset);
	while (got < 0 && errno == EINTR);
	return got;
}

static size_t
longest_secret(const KeepPiece *piece)
{
	size_t longest = 1;

	for (int i = 0; i < piece->n_secrets; i++)
		longest = Max(longest, piece->secrets[i].len);
	return longest;
}

/*
 * Writes the body into the record, its secrets masked. A secret may lie across the border of two
 * chunks, so the end of each, as long as the longest secret but one byte, is kept back and
 * searched again as the beginning of the next.
 */
static bool
add_body(KeepPiece *piece, WarcWriter *writer, const FetchResponse *response, char *chunk,
		 size_t size, Sink *sink)
{
	size_t kept = longest_secret(piece) - 1;
	size_t have = 0;
	int64  offset = 0;

	while (offset < response->size)
	{
		ssize_t n = read_body(response, chunk + have, size - have, offset);
		size_t	ready;

		if (n <= 0)
			return fail(&piece->packed, "its body could not be read", n < 0 ? errno : 0);
		if (sink != NULL && sink_stopped(sink))
			return fail(&piece->packed, "its run was given up", 0);
		offset += n;
		have += (size_t) n;
		mask_bytes(chunk, have, piece->secrets, piece->n_secrets);
		ready = offset == response->size ? have : have - Min(have, kept);
		if (!warc_add(writer, chunk, ready))
			return false;
		memmove(chunk, chunk + ready, have - ready);
		have -= ready;
	}
	return true;
}

/* Whether the body is compressed already, by its first bytes (zip, gzip). */
static bool
is_packed(const FetchResponse *response)
{
	static const char *const beginnings[] = {"PK\003\004", "\037\213\010"};
	char					 start[4] = {0};

	if (response->size < (int64) sizeof(start) ||
		read_body(response, start, sizeof(start), 0) != (ssize_t) sizeof(start))
		return false;
	for (size_t i = 0; i < lengthof(beginnings); i++)
	{
		if (memcmp(start, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	}
	return false;
}

/*
 * Reads what describe() has prepared and nothing of the run. An error is noted in the piece, and
 * found by keep_take.
 */
void
keep_pack(KeepPiece *piece, const FetchResponse *response, Sink *sink)
{
	size_t		size = CHUNK + longest_secret(piece);
	char	   *chunk = malloc(size);
	WarcWriter *writer =
		warc_writer_create(append, &piece->packed, is_packed(response) ? 0 : LEVEL, response->size);

	if (piece->packed.error == NULL &&
		!(chunk != NULL && writer != NULL && warc_begin(writer, &piece->record) &&
		  (!text_present(piece->head) || warc_add(writer, piece->head.data, piece->head.len)) &&
		  add_body(piece, writer, response, chunk, size, sink) && warc_end(writer)))
		(void) fail(&piece->packed, "no memory", 0);
	warc_writer_free(writer);
	free(chunk);
}

/* ---- the archive ---- */

/* Reset callback of the run's memory: closes the temporary file. */
static void
release(void *keep)
{
	free_packed(&((Keep *) keep)->packed);
}

/*
 * Whether the run's answers are to be kept: the source has the option, and there is an archive to
 * go to.
 */
static bool
is_wanted(const Run *run)
{
	const Source *source = run->source;

	/* a preview's source has no number; lists of slices bring no documents */
	return source->id != 0 && run->means->replay == NULL && payload_configured() &&
		   (source->kind->begin_slice == NULL || source->slice != NULL) &&
		   options_have(source->options, OPTION_ARCHIVE);
}

void
keep_begin(Run *run)
{
	Keep *keep;

	if (!is_wanted(run))
		return;
	keep = palloc0(sizeof(Keep));
	init_packed(&keep->packed);
	keep->on_reset.func = release;
	keep->on_reset.arg = keep;
	MemoryContextRegisterResetCallback(run->context, &keep->on_reset);
	run->keep = keep;
}

/*
 * How the run began, which a replay needs besides the answers: its source, its cursor, its slice.
 * palloc'd; addresses in it are not masked yet.
 */
static char *
context_json(const Run *run)
{
	const Source  *source = run->source;
	const Slice	  *slice = source->slice;
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfo(&json, "{\"id_source\": %d, \"nom\": ", source->id);
	escape_json(&json, source->nom);
	appendStringInfo(&json, ", \"type_source\": \"%s\"", source->kind->name);
	if (source->cursor)
		appendStringInfo(&json, ", \"" KEEP_CURSOR "\": %s", source->cursor);
	if (slice)
	{
		appendStringInfo(&json, ", \"" KEEP_SLICE "\": {\"flux\": ");
		escape_json(&json, slice->stream);
		appendStringInfo(&json, ", \"numero\": %d, \"octets\": %lld, \"md5\": ", (int) slice->slot,
						 (long long) slice->size);
		escape_json(&json, slice->md5 ? slice->md5 : "");
		appendStringInfoChar(&json, '}');
	}
	appendStringInfoChar(&json, '}');
	return json.data;
}

/*
 * The end of the JSON string that begins behind a '"': at its closing quote, or at the end of the
 * text.
 */
static const char *
string_end(const char *at)
{
	while (*at != '"' && *at != '\0')
		at += at[0] == '\\' && at[1] != '\0' ? 2 : 1;
	return at;
}

/* Appends the JSON with each string that holds an address masked as one. */
static void
mask_addresses(StringInfo masked, const char *json)
{
	Arena *arena = memory_arena(CurrentMemoryContext, PIECE_MEMORY);

	while (*json != '\0')
	{
		size_t		before = strcspn(json, "\"");
		const char *start = json + before + (json[before] == '"');
		const char *end = string_end(start);
		Text		string = {start, (size_t) (end - start)};

		arena_reset(arena);
		if (string.len > 0 && memmem(string.data, string.len, "://", 3) != NULL)
			string = url_redact(arena, string);
		appendBinaryStringInfo(masked, json, (int) (start - json));
		appendBinaryStringInfo(masked, string.data, (int) string.len);
		json = end;
		if (*json == '"')
			appendStringInfoChar(masked, *json++);
	}
}

/* Appends a small record of our own to the archive, which is not an answer. */
static bool
add_record(Run *run, WarcType type, Text content_type, const char *block)
{
	Packed	   *packed = &run->keep->packed;
	size_t		len = strlen(block);
	WarcWriter *writer = warc_writer_create(append, packed, LEVEL, (int64) len);
	WarcRecord	record = {.type = type,
						  .content_type = content_type,
						  .date = run->started + EPOCH_MICROSECONDS,
						  .length = (int64) len};
	bool		added = writer != NULL && make_id(&record) && warc_begin(writer, &record) &&
				 warc_add(writer, block, len) && warc_end(writer);

	warc_writer_free(writer);
	return added || fail(packed, "no memory", 0);
}

/* Begins the archive: who made it (warcinfo), and how the run began (metadata). */
static bool
add_beginning(Run *run)
{
	int			   n;
	Arena		  *arena = arena_create(PIECE_MEMORY);
	Text		  *secrets = arena ? copy_secrets(arena, run, &n) : NULL;
	StringInfoData context;
	bool		   added;

	initStringInfo(&context);
	mask_addresses(&context, context_json(run));
	if (secrets != NULL)
		mask_bytes(context.data, context.len, secrets, n);
	added = secrets != NULL &&
			add_record(run, WARC_INFO, TEXT_LITERAL("application/warc-fields"),
					   psprintf("software: datasens/%s\r\nformat: WARC File Format 1.1\r\n"
								"conformsTo: http://iipc.github.io/warc-specifications/"
								"specifications/warc-format/warc-1.1/\r\n",
								DATASENS_VERSION)) &&
			add_record(run, WARC_METADATA, TEXT_LITERAL(KEEP_CONTEXT_TYPE), context.data);
	arena_free(arena);
	return added || fail(&run->keep->packed, "no memory", 0);
}

/* Appends what the piece has in its temporary file to the archive. */
static bool
append_piece_file(Packed *packed, const Packed *piece)
{
	char *chunk = palloc(CHUNK);
	int64 offset = 0;
	bool  appended = true;

	while (appended && offset < piece->size)
	{
		ssize_t n = pread(piece->file.descriptor, chunk, CHUNK, (off_t) offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			appended = fail(packed, "its temporary file could not be read", n < 0 ? errno : 0);
		else
			appended = append(packed, chunk, (size_t) n);
		offset += n;
	}
	pfree(chunk);
	return appended;
}

void
keep_take(Run *run, KeepPiece *piece)
{
	MemoryContext previous = MemoryContextSwitchTo(run->context);
	Packed		 *packed;

	if (piece != NULL && run->keep != NULL && run->keep->packed.error == NULL)
	{
		packed = &run->keep->packed;
		if (piece->packed.error != NULL)
			(void) fail(packed, piece->packed.error, piece->packed.system_error);
		else if ((run->keep->n_answers++ > 0 || add_beginning(run)) &&
				 append(packed, piece->packed.data, piece->packed.len) &&
				 (piece->packed.size == 0 || packed->file.descriptor >= 0 || open_file(packed)) &&
				 append_piece_file(packed, &piece->packed) && packed->len > MEMORY_MAX)
			(void) open_file(packed);
	}
	keep_free(piece);
	MemoryContextSwitchTo(previous);
}

/*
 * Only redirects and texts, such as a robots.txt, are needed again; a page that turned out to be a
 * picture is not.
 */
void
keep_heard(Run *run, const Request *request, const FetchResponse *response)
{
	bool text = response->status == 200 && response->content_type != NULL &&
				pg_strncasecmp(response->content_type, "text/", 5) == 0;
	KeepPiece *piece;

	if (run->keep == NULL || (!text && response->location == NULL))
		return;
	piece = keep_piece(run, request, response);
	if (piece != NULL)
		keep_pack(piece, response, NULL);
	keep_take(run, piece);
}

static char *
describe_error(const Packed *packed)
{
	if (packed->system_error == 0)
		return pstrdup(packed->error);
	return psprintf("%s: %s", packed->error, strerror(packed->system_error));
}

/* Moves the archive into the queue. Returns NULL, or what was in the way (palloc'd). */
static char *
store(KeepQueue *queue, Run *run, Payload *payload)
{
	const Packed *packed = &run->keep->packed;
	char		 *error;

	if (packed->error != NULL)
		return describe_error(packed);
	if (packed->size + (int64) packed->len > queue->room)
		return pstrdup("the queue has reached datasens.archive_queue_size");
	payload->due = queue->due;
	error = payload_write(payload, run->source->nom, run->started,
						  (Text){packed->data ? packed->data : "", packed->len},
						  packed->file.descriptor, packed->size);
	queue->room -= error ? 0 : payload->size;
	return error;
}

bool
keep_queue(KeepQueue *queue, Run *run, Payload *payload)
{
	const Keep *keep = run->keep;
	char	   *error;

	if (keep == NULL || (keep->n_answers == 0 && keep->packed.error == NULL))
		return false;
	if (!queue->asked)
		queue->room = payload_room(&queue->due);
	queue->asked = true;
	error = store(queue, run, payload);
	if (error != NULL && queue->n_failed++ == 0)
	{
		queue->nom = run->source->nom;
		queue->why = error;
	}
	return error == NULL;
}

void
keep_queue_end(const KeepQueue *queue)
{
	if (queue->n_failed > 1)
		journal_write("ARCHIVE_ERREUR",
					  psprintf("%s (+%d): %s", queue->nom, queue->n_failed - 1, queue->why));
	else if (queue->n_failed == 1)
		journal_write("ARCHIVE_ERREUR", psprintf("%s: %s", queue->nom, queue->why));
}
