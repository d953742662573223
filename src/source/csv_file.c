/*
 * csv_file.c
 *	  CSV files, packed or not, as documents into a sink.
 *
 *		file -> members of the archive -> UTF-8 -> records -> documents
 *
 * All of it in pieces: nothing is held but a member's first bytes, which tell what
 * it is (encoding, delimiter, header), and one record.
 */
#include "source/csv_file.h"

#include "base/settings.h"
#include "parse/archive.h"
#include "parse/charset_stream.h"
#include "parse/csv.h"
#include "parse/csv_columns.h"
#include "parse/csv_sniff.h"
#include "parse/date.h"
#include "parse/json_text.h"
#include "parse/read_ahead.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * A row larger than this is a reject: most often a quote in it is never closed. A row is in memory
 * several times: here, in the spool, and on its way into the table. With rows of twice this size a
 * collector was measured to take 68 MB more than at its start.
 */
#define MAX_RECORD ((size_t) 4 * 1024 * 1024)

/*
 * Text compresses three to ten fold, columns of equal values a hundred fold, bombs a thousand
 * fold.
 */
#define MAX_RATIO 200
#define MAX_MEMBERS 10000

/* So many bytes of a member's name go into a message. */
#define MAX_NAME 100

/* So many rows may be rejected before the whole file is, unless the option says otherwise. */
#define DEFAULT_REJECTS 1000

/* Memory for the meta of rows; the arena is reset when so much of it has been used. */
#define MAX_SCRATCH ((size_t) 8 * 1024 * 1024)

/* Memory for a member's first bytes, what they tell, and its name. */
#define MEMBER_ARENA (CSV_SNIFF_ARENA_LIMIT + 2 * CSV_SNIFF_SIZE)

/* What the source's options say of all members. */
typedef struct Wishes
{
	json_t	   *options; /* owns the strings */
	const char *pattern; /* of the members; NULL: the usual ones */
	CsvWishes	csv;
	Text		columns[CSV_N_ROLES]; /* absent: to be found out */
	int64		max_rejects;
} Wishes;

/* A member of the archive while it is being read. */
typedef struct Member
{
	Sink		  *sink;
	Failure		  *failure;
	const Wishes  *wishes;
	Text		   name;
	bool		   in_zip; /* beside others, perhaps */
	Arena		  *arena;  /* what lives as long as the member */
	Arena		  *row;	   /* what lives as long as a row */
	CsvLayout	   layout;
	CsvColumns	   columns;
	CharsetStream *stream;
	CsvReader	  *reader;
	bool		   header; /* still to come, and no data */
} Member;

/* ---- the options ---- */

static Text
text_of_json(const json_t *value)
{
	return json_is_string(value) ? (Text){json_string_value(value), json_string_length(value)}
								 : TEXT_NULL;
}

/* Reads the options, which validate has accepted; false where memory is out. */
static bool
read_wishes(Wishes *wishes, const char *parameters)
{
	json_t *columns;
	json_t *quote;
	json_t *header;
	json_t *rejects;
	Text	value;

	memset(wishes, 0, sizeof(*wishes));
	wishes->options = json_loads(parameters, 0, NULL);
	if (wishes->options == NULL)
		return false;
	wishes->pattern = json_string_value(json_object_get(wishes->options, "fichier"));
	wishes->csv.encoding = text_of_json(json_object_get(wishes->options, "encodage"));
	value = text_of_json(json_object_get(wishes->options, "separateur"));
	if (value.len > 0)
		wishes->csv.delimiter = value.data[0];
	quote = json_object_get(wishes->options, "guillemets");
	if (quote != NULL)
		wishes->csv.quoting = json_is_false(quote) ? CSV_NO : CSV_YES;
	value = text_of_json(quote);
	if (value.len > 0)
		wishes->csv.quote = value.data[0];
	header = json_object_get(wishes->options, "entete");
	if (header != NULL)
		wishes->csv.header = json_is_true(header) ? CSV_YES : CSV_NO;
	columns = json_object_get(wishes->options, "colonnes");
	for (CsvRole role = 0; role < CSV_N_ROLES; role++)
		wishes->columns[role] = text_of_json(json_object_get(columns, csv_role_name(role)));
	rejects = json_object_get(wishes->options, "rejets_max");
	wishes->max_rejects = rejects ? json_integer_value(rejects) : DEFAULT_REJECTS;
	return true;
}

/* ---- a row ---- */

/* The value of the column that has the role; absent where it is empty or not there. */
static Text
value_of(const Member *member, const CsvRecord *record, CsvRole role)
{
	int	 column = member->columns.of[role];
	Text value;

	if (column < 0 || (size_t) column >= record->n_fields)
		return TEXT_NULL;
	value = text_trim(record->fields[column]);
	return value.len > 0 ? value : TEXT_NULL;
}

static bool
has_role(const Member *member, size_t column)
{
	for (CsvRole role = 0; role < CSV_N_ROLES; role++)
	{
		if (member->columns.of[role] == (int) column)
			return true;
	}
	return false;
}

/* What the row's columns without a role say, as a JSON object; absent where that is nothing. */
static Text
meta_of(const Member *member, const CsvRecord *record, bool keep_date)
{
	TextBuilder json;
	size_t		n = Min(record->n_fields, member->layout.n_names);

	builder_start(&json, member->row);
	builder_append_char(&json, '{');
	for (size_t i = 0; i < n; i++)
	{
		bool is_date = (int) i == member->columns.of[CSV_DATE];

		if (record->fields[i].len == 0 || (is_date ? !keep_date : has_role(member, i)))
			continue;
		if (json.len > 1)
			builder_append_char(&json, ',');
		json_append_string(&json, member->layout.names[i]);
		builder_append_char(&json, ':');
		json_append_string(&json, record->fields[i]);
	}
	if (json.len == 1)
		return TEXT_NULL;
	builder_append_char(&json, '}');
	return builder_text(&json);
}

/* Whether the row has values beyond the last column: then its columns have slipped. */
static bool
has_surplus(const Member *member, const CsvRecord *record)
{
	for (size_t i = member->layout.n_names; i < record->n_fields; i++)
	{
		if (record->fields[i].len > 0)
			return true;
	}
	return false;
}

/* Whether the row cannot be a document; why is written into the buffer. */
static bool
is_wrong(const Member *member, const CsvRecord *record, char *reason, size_t size)
{
	if (record->fault != CSV_SOUND)
		csv_fault_detail(member->reader, record->fault, reason, size);
	else if (record->has_nul)
		snprintf(reason, size, "the row has a NUL byte");
	else if (has_surplus(member, record))
		snprintf(reason, size, "the row has %zu fields, the table %zu columns", record->n_fields,
				 member->layout.n_names);
	else if (!text_present(value_of(member, record, CSV_TITRE)) &&
			 !text_present(value_of(member, record, CSV_TEXTE)))
		snprintf(reason, size, "the row has neither a title nor a text");
	else
		return false;
	return true;
}

/* Rejects a row; false with the failure set where it is one too many. */
static bool
reject_row(Member *member, const CsvRecord *record, const char *reason)
{
	const Wishes *wishes = member->wishes;
	Text		  name = text_clip(member->name, MAX_NAME);
	char		  named[MAX_NAME + 256];

	snprintf(named, sizeof(named), "\"%.*s\": %s", (int) name.len, name.data, reason);
	sink_reject(member->sink, (int64) record->line, member->in_zip ? named : reason, record->raw);
	if (sink_n_rejects(member->sink) <= wishes->max_rejects)
		return true;
	failure_set(member->failure, FAILURE_PARSE,
				"more than %lld rows cannot be stored; the last is line %llu of \"%.*s\": %s",
				(long long) wishes->max_rejects, (unsigned long long) record->line, (int) name.len,
				name.data, reason);
	return false;
}

/*
 * Makes a document or a reject of the row; false with the failure set where the file is given up.
 */
static bool
take_row(Member *member, const CsvRecord *record)
{
	Record document;
	Text   date = value_of(member, record, CSV_DATE);
	char   reason[256];

	if (record->n_fields == 0 && record->fault == CSV_SOUND) /* a blank line */
		return true;
	if (is_wrong(member, record, reason, sizeof(reason)))
		return reject_row(member, record, reason);
	if (arena_used(member->row) > MAX_SCRATCH / 2)
		arena_reset(member->row);
	/* every field is set: to have them all zeroed before costs as much as to find the row's end */
	document.titre = value_of(member, record, CSV_TITRE);
	document.texte = value_of(member, record, CSV_TEXTE);
	document.url = value_of(member, record, CSV_URL);
	document.auteur = value_of(member, record, CSV_AUTEUR);
	document.langue = value_of(member, record, CSV_LANGUE);
	document.date = 0;
	document.has_date = text_present(date) && date_parse(date, &document.date);
	document.meta = meta_of(member, record, text_present(date) && !document.has_date);
	if (arena_exhausted(member->row))
	{
		arena_reset(member->row);
		return reject_row(member, record, "the columns without a role are too large together");
	}
	return sink_add(member->sink, (int64) record->line, &document, member->failure);
}

/* ---- a member ---- */

/* Takes all rows that a piece of UTF-8 completes. */
static bool
take_rows(Member *member, Text piece, bool last)
{
	CsvRecord record;
	CsvStep	  step;

	csv_feed(member->reader, piece, last);
	while ((step = csv_next(member->reader, &record)) == CSV_RECORD)
	{
		if (member->header)
			member->header = false;
		else if (!take_row(member, &record))
			return false;
	}
	if (step == CSV_NO_MEMORY)
		failure_set(member->failure, FAILURE_MEMORY, "no memory for a row");
	return step != CSV_NO_MEMORY;
}

/* Takes raw bytes of the member. */
static bool
take_bytes(Member *member, Text bytes, bool last)
{
	Text piece;

	charset_stream_feed(member->stream, bytes, last);
	while (charset_stream_next(member->stream, &piece))
	{
		if (!take_rows(member, piece, false))
			return false;
	}
	return !last || take_rows(member, (Text){"", 0}, true);
}

/*
 * Whether these bytes are what servers send in the place of a file, with status 200: a page, or an
 * error as JSON.
 */
static bool
is_answer(Text head, Failure *failure)
{
	static const char *const starts[] = {"<!doctype html", "<html", "{\""};

	head = text_trim(head);
	for (size_t i = 0; i < lengthof(starts); i++)
	{
		if (!text_begins(head, starts[i]))
			continue;
		head.len = utf8_valid_prefix((Text){head.data, Min(head.len, 200)});
		failure_set(failure, FAILURE_PARSE, "this is no table: %.*s", (int) head.len, head.data);
		return true;
	}
	return false;
}

/* Finds out what the member is by its first bytes, and makes ready to read it. */
static bool
prepare(Member *member, Text head, bool whole)
{
	if (is_answer(head, member->failure) ||
		!csv_sniff(member->arena, head, whole, &member->wishes->csv, &member->layout,
				   member->failure) ||
		!csv_columns_map(member->layout.names, member->layout.n_names, member->wishes->columns,
						 &member->columns, member->failure))
		return false;
	member->header = member->layout.header;
	member->stream = charset_stream_create(member->layout.encoding);
	member->reader = csv_create(member->layout.format, MAX_RECORD);
	if (member->stream == NULL || member->reader == NULL)
	{
		failure_set(member->failure, FAILURE_MEMORY, "no memory to read the table");
		return false;
	}
	return true;
}

/* Gathers the member's first bytes in head. *rest: what was read beyond them. */
static UnpackStep
read_head(ReadAhead *ahead, char *head, size_t *len, Text *rest, Failure *failure)
{
	UnpackStep step = UNPACK_GOT;

	*len = 0;
	*rest = (Text){"", 0};
	while (*len < CSV_SNIFF_SIZE && (step = read_ahead(ahead, rest, failure)) == UNPACK_GOT)
	{
		size_t taken = Min(rest->len, CSV_SNIFF_SIZE - *len);

		memcpy(head + *len, rest->data, taken);
		*len += taken;
		*rest = (Text){rest->data + taken, rest->len - taken};
	}
	return step;
}

static bool
read_rows(Member *member, ReadAhead *ahead, char *head)
{
	size_t	   len;
	Text	   bytes;
	UnpackStep step = read_head(ahead, head, &len, &bytes, member->failure);

	if (step == UNPACK_END && len == 0) /* a table without a row, as archives have them */
		return true;
	if (step == UNPACK_FAILED || !prepare(member, (Text){head, len}, step == UNPACK_END) ||
		!take_bytes(member, (Text){head, len}, false))
		return false;
	while (step == UNPACK_GOT)
	{
		if (sink_stopped(member->sink))
		{
			failure_set(member->failure, FAILURE_CANCELLED, "the reading was stopped");
			return false;
		}
		if (bytes.len > 0 && !take_bytes(member, bytes, false))
			return false;
		step = read_ahead(ahead, &bytes, member->failure);
	}
	return step == UNPACK_END && take_bytes(member, (Text){"", 0}, true);
}

/*
 * Names the member in a failure, where the archive has several members or its name says something.
 */
static void
name_member(Failure *failure, Text name)
{
	char detail[FAILURE_DETAIL_SIZE];

	if (name.len == 0)
		return;
	name = text_clip(name, MAX_NAME);
	strlcpy(detail, failure->detail, sizeof(detail));
	failure_set(failure, failure->class, "\"%.*s\": %s", (int) name.len, name.data, detail);
}

/*
 * Reads one table: the file itself, or one in its archive. Whatever the end, all of it is freed
 * here; the sink alone keeps what was read.
 */
static bool
read_member(Sink *sink, Unpacker *unpacker, const Wishes *wishes, Text name, Failure *failure)
{
	Member member = {
		.sink = sink, .failure = failure, .wishes = wishes, .in_zip = unpack_is_zip(unpacker)};
	ReadAhead *ahead = NULL;
	char	  *head = NULL;
	bool	   done = false;

	member.arena = arena_create(MEMBER_ARENA);
	member.row = arena_create(MAX_SCRATCH);
	if (member.arena != NULL && member.row != NULL)
	{
		member.name = arena_copy(member.arena, name.data, name.len);
		head = arena_alloc(member.arena, CSV_SNIFF_SIZE);
	}
	if (head != NULL)
		ahead = read_ahead_create(unpacker);
	if (ahead == NULL)
		failure_set(failure, FAILURE_MEMORY, "no memory to read a file");
	else
		done = read_rows(&member, ahead, head);
	read_ahead_free(ahead);
	if (!done)
		name_member(failure, member.name);
	arena_free(member.arena);
	csv_free(member.reader);
	charset_stream_free(member.stream);
	arena_free(member.row);
	return done;
}

/* ---- the file ---- */

/* The last part of a URL's path. */
static const char *
file_name(Arena *arena, const char *url)
{
	size_t		len = strcspn(url, "?#");
	const char *slash = memrchr(url, '/', len);

	return slash == NULL ? "" : arena_cstring(arena, (Text){slash + 1, url + len - slash - 1});
}

bool
csv_file_read(Sink *sink, Arena *arena, const FetchResponse *response, Failure *failure)
{
	UnpackLimits limits = {.max_size = (uint64_t) setting_max_download_size * 1024,
						   .max_ratio = MAX_RATIO,
						   .max_members = MAX_MEMBERS};
	Wishes		 wishes;
	Unpacker	*unpacker;
	UnpackStep	 step = UNPACK_GOT;
	Text		 name;

	if (!read_wishes(&wishes, response->parameters))
	{
		failure_set(failure, FAILURE_MEMORY, "no memory for the options");
		return false;
	}
	unpacker = unpack_open(response->file, file_name(arena, response->final_url), wishes.pattern,
						   &limits, failure);
	while (unpacker != NULL && step == UNPACK_GOT)
	{
		step = unpack_member(unpacker, &name, failure);
		if (step == UNPACK_GOT && !read_member(sink, unpacker, &wishes, name, failure))
			step = UNPACK_FAILED;
	}
	unpack_close(unpacker);
	json_decref(wishes.options);
	return step == UNPACK_END;
}
