/*
 * gdelt_read.c
 *	  The kind gdelt: reads the files of its slices into the sink, on the parser's thread.
 *
 * Before a line is read the file has to be the one that was listed, by size and MD5. Each line is
 * then a record, a reject, or something that the source's options do not want, which is not
 * counted as read. Memory: a line, and what is made of it.
 */
#include "source/gdelt_parts.h"

#include "base/md5.h"
#include "base/settings.h"
#include "parse/archive.h"
#include "parse/charset.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Real lines reach some 100 kB; a longer one than this is a reject. */
#define MAX_LINE ((size_t) 4 * 1024 * 1024)

/* So much of a rejected line is looked at. */
#define MAX_REJECT ((size_t) 64 * 1024)

/* GDELT's text compresses three to eight fold. */
#define MAX_RATIO 200
#define MAX_MEMBERS 100

/* ---- tables ---- */

static const TableColumn evenement_columns[] = {
	{"id_evenement", VALUE_BIGINT},
	{"date_event", VALUE_DATE},
	{"acteur1", VALUE_TEXT},
	{"code_acteur1", VALUE_TEXT},
	{"acteur2", VALUE_TEXT},
	{"code_acteur2", VALUE_TEXT},
	{"code_event", VALUE_TEXT},
	{"classe", VALUE_INT},
	{"racine", VALUE_BOOL},
	{"goldstein", VALUE_DOUBLE},
	{"nb_mentions", VALUE_INT},
	{"nb_sources", VALUE_INT},
	{"nb_articles", VALUE_INT},
	{"avg_tone", VALUE_DOUBLE},
	{"lieu", VALUE_TEXT},
	{"pays", VALUE_TEXT},
	{"lat", VALUE_DOUBLE},
	{"lon", VALUE_DOUBLE},
	{"url", VALUE_TEXT},
	{"date_ajout", VALUE_TIME},
};

static const Table table_evenement = {
	.name = "evenement",
	.columns = evenement_columns,
	.n_columns = lengthof(evenement_columns),
	.n_key = 1,
};

static const TableColumn document_evenement_columns[] = {
	{"id_evenement", VALUE_BIGINT}, {"hash_url", VALUE_HASH},
	{"phrase", VALUE_INT},			{"url", VALUE_TEXT},
	{"site", VALUE_TEXT},			{"type_mention", VALUE_INT},
	{"date_event", VALUE_TIME},		{"date_mention", VALUE_TIME},
	{"confiance", VALUE_INT},		{"tone", VALUE_DOUBLE},
	{"longueur", VALUE_INT},		{"langue", VALUE_TEXT},
};

static const Table table_document_evenement = {
	.name = "document_evenement",
	.columns = document_evenement_columns,
	.n_columns = lengthof(document_evenement_columns),
	.n_key = 3,
};

/* The file of a slice while it is being read. */
typedef struct SliceFile
{
	Sink	   *sink;
	Failure	   *failure;
	Arena	   *arena; /* of a line */
	GdeltFilter filter;
	GdeltStream stream;
	bool		translated;
	int64		line; /* number of the line that is being read */
	char	   *rest; /* malloc'd: what of the line the last piece had */
	size_t		rest_len;
	size_t		rest_capacity;
	bool		too_long; /* inside a line that is */
} SliceFile;

/* ---- a line ---- */

static ColumnValue
value_int(int32_t number)
{
	return (ColumnValue){.present = number != GDELT_NO_INT, .integer = number};
}

static ColumnValue
value_time(int64_t micros)
{
	return (ColumnValue){.present = micros != GDELT_NO_INT64, .integer = micros};
}

static Text
text_or(Text text, Text other)
{
	return text_present(text) ? text : other;
}

static bool
add_event(SliceFile *file, const GdeltEvent *event)
{
	const GdeltActor *one = &event->acteurs[0];
	const GdeltActor *two = &event->acteurs[1];
	const ColumnValue values[] = {
		value_integer(event->id_evenement),
		{.present = event->has_date, .integer = event->date_event},
		value_text(text_or(one->nom, one->code)),
		value_text(one->code),
		value_text(text_or(two->nom, two->code)),
		value_text(two->code),
		value_text(event->code_event),
		value_int(event->classe),
		value_integer(event->racine),
		value_real(event->goldstein),
		value_int(event->nb_mentions),
		value_int(event->nb_sources),
		value_int(event->nb_articles),
		value_real(event->avg_tone),
		value_text(event->lieu.nom),
		value_text(event->lieu.pays),
		value_real(event->lieu.lat),
		value_real(event->lieu.lon),
		value_text(event->url),
		value_time(event->date_ajout),
	};

	return sink_add_row(file->sink, file->line, &table_evenement, values, file->failure);
}

static bool
add_mention(SliceFile *file, const GdeltMention *mention)
{
	Text			  document = text_or(mention->url, mention->identifiant);
	const ColumnValue values[] = {
		value_integer(mention->id_evenement),
		value_text(document),
		value_integer(mention->phrase == GDELT_NO_INT ? 0 : mention->phrase),
		value_text(document),
		value_text(mention->source),
		value_int(mention->type),
		value_time(mention->date_event),
		value_time(mention->date_mention),
		value_int(mention->confiance),
		value_real(mention->tone),
		value_int(mention->longueur),
		value_text(mention->langue),
	};

	return sink_add_row(file->sink, file->line, &table_document_evenement, values, file->failure);
}

static bool
add_document(SliceFile *file, const GdeltDocument *document)
{
	const Record record = {
		.titre = document->titre,
		.texte = document->texte,
		.url = document->url,
		.auteur = document->auteur,
		.langue = document->langue,
		.meta = document->meta,
		.has_date = true,
		.date = document->date,
	};

	return sink_add(file->sink, file->line, &record, file->failure);
}

static bool
reject(SliceFile *file, Text line, Text reason)
{
	char motif[256];

	snprintf(motif, sizeof(motif), "%.*s", (int) reason.len, reason.data);
	line.len = line.len < MAX_REJECT ? line.len : MAX_REJECT;
	arena_reset(file->arena);
	sink_reject(file->sink, file->line, motif, utf8_repair(file->arena, line));
	return true;
}

static bool
read_event(SliceFile *file, Text line)
{
	GdeltEvent event;
	Text	   reason;

	if (!gdelt_read_event(file->arena, line, &event, &reason))
		return reject(file, line, reason);
	return !gdelt_event_matches(&file->filter, &event, file->translated) || add_event(file, &event);
}

static bool
read_mention(SliceFile *file, Text line)
{
	GdeltMention mention;
	Text		 reason;

	if (!gdelt_read_mention(file->arena, line, &mention, &reason))
		return reject(file, line, reason);
	if (!text_present(text_or(mention.url, mention.identifiant)))
		return reject(file, line, TEXT_LITERAL("the mention names no document"));
	return !gdelt_mention_matches(&file->filter, &mention) || add_mention(file, &mention);
}

static bool
read_record(SliceFile *file, Text line)
{
	GdeltRecord	  record;
	GdeltDocument document;
	Text		  reason;

	if (!gdelt_read_record(file->arena, line, &record, &reason))
		return reject(file, line, reason);
	if (!gdelt_record_matches(&file->filter, &record))
		return true;
	if (!gdelt_make_document(file->arena, &record, &document))
		return reject(file, line, TEXT_LITERAL("memory limit reached"));
	return add_document(file, &document);
}

static bool
read_line(SliceFile *file, Text line)
{
	static bool (*const readers[GDELT_STREAMS])(SliceFile *, Text) = {read_event, read_mention,
																	  read_record};

	file->line++;
	if (line.len == 0)
		return true;
	arena_reset(file->arena);
	return readers[file->stream](file, line);
}

/* ---- lines out of pieces ---- */

/*
 * Keeps the beginning of a line that the next piece continues. A line that gets too long becomes a
 * reject, and the rest of it is skipped.
 */
static bool
keep_rest(SliceFile *file, const char *data, size_t len)
{
	size_t needed = file->rest_len + len;

	if (file->too_long)
		return true;
	if (needed > MAX_LINE)
	{
		file->too_long = true;
		file->line++;
		(void) reject(file, (Text){file->rest ? file->rest : data, file->rest_len},
					  TEXT_LITERAL("the line is longer than 4 MB"));
		file->rest_len = 0;
		return true;
	}
	if (needed > file->rest_capacity)
	{
		size_t capacity = needed * 2 < MAX_LINE ? needed * 2 : MAX_LINE;
		char  *grown = realloc(file->rest, capacity);

		if (grown == NULL)
		{
			failure_set(file->failure, FAILURE_MEMORY, "no memory for a line");
			return false;
		}
		file->rest = grown;
		file->rest_capacity = capacity;
	}
	memcpy(file->rest + file->rest_len, data, len);
	file->rest_len = needed;
	return true;
}

/* Takes the end of a line, which may have begun in earlier pieces. */
static bool
end_line(SliceFile *file, const char *data, size_t len)
{
	if (file->rest_len == 0 && !file->too_long)
		return read_line(file, (Text){data, len});
	if (!keep_rest(file, data, len))
		return false;
	len = file->rest_len;
	file->rest_len = 0;
	if (!file->too_long)
		return read_line(file, (Text){file->rest, len});
	file->too_long = false;
	return true;
}

/*
 * Reads the lines of a piece. The one that its end cuts is kept until the next piece completes it;
 * all others are read where they lie.
 */
static bool
read_piece(SliceFile *file, Text piece)
{
	const char *end = piece.data + piece.len;
	const char *newline;

	if (sink_stopped(file->sink))
	{
		failure_set(file->failure, FAILURE_CANCELLED, "the reading was stopped");
		return false;
	}
	while ((newline = memchr(piece.data, '\n', (size_t) (end - piece.data))) != NULL)
	{
		if (!end_line(file, piece.data, (size_t) (newline - piece.data)))
			return false;
		piece.data = newline + 1;
	}
	return piece.data == end || keep_rest(file, piece.data, (size_t) (end - piece.data));
}

/* Reads the lines of the archive's first member, which is its only one. */
static bool
read_lines(SliceFile *file, int descriptor)
{
	UnpackLimits limits = {.max_size = (uint64_t) setting_max_download_size * 1024,
						   .max_ratio = MAX_RATIO,
						   .max_members = MAX_MEMBERS};
	Unpacker	*unpacker = unpack_open(descriptor, NULL, "*", &limits, file->failure);
	UnpackStep	 step = UNPACK_FAILED;
	Text		 name;
	Text		 piece;

	if (unpacker != NULL && unpack_member(unpacker, &name, file->failure) == UNPACK_GOT)
	{
		while ((step = unpack_read(unpacker, &piece, file->failure)) == UNPACK_GOT)
		{
			if (!read_piece(file, piece))
			{
				step = UNPACK_FAILED;
				break;
			}
		}
	}
	unpack_close(unpacker);
	if (step == UNPACK_END && (file->rest_len > 0 || file->too_long) && !end_line(file, "", 0))
		step = UNPACK_FAILED;
	free(file->rest);
	return step == UNPACK_END;
}

/* ---- the file of a slice ---- */

ssize_t
gdelt_read_piece(int descriptor, char *piece, off_t offset, Failure *failure)
{
	ssize_t got;

	do
		got = pread(descriptor, piece, GDELT_PIECE, offset);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		failure_set(failure, FAILURE_STORE, "could not read the file back: %s", strerror(errno));
	return got;
}

/* Whether the file is the one that was listed. */
static bool
check_file(Arena *arena, const FetchResponse *response, int64 size, const char *md5,
		   Failure *failure)
{
	char		 *piece = arena_alloc(arena, GDELT_PIECE);
	unsigned char digest[MD5_SIZE];
	char		  digits[2 * MD5_SIZE + 1];
	off_t		  offset = 0;
	ssize_t		  got = 0;
	Md5			  sum;

	if (response->size != size)
	{
		failure_set(failure, FAILURE_TRUNCATED, "the file has %lld bytes, listed are %lld",
					(long long) response->size, (long long) size);
		return false;
	}
	md5_start(&sum);
	while (piece != NULL && (got = gdelt_read_piece(response->file, piece, offset, failure)) > 0)
	{
		md5_add(&sum, piece, (size_t) got);
		offset += got;
	}
	if (piece == NULL)
		failure_set(failure, FAILURE_MEMORY, "no memory to read the file");
	if (piece == NULL || got < 0)
		return false;
	md5_end(&sum, digest);
	for (int i = 0; i < MD5_SIZE; i++)
		snprintf(digits + 2 * i, 3, "%02x", digest[i]);
	if (strcmp(digits, md5) != 0)
		failure_set(failure, FAILURE_TRUNCATED, "the file has the MD5 %s, listed is %s", digits,
					md5);
	return strcmp(digits, md5) == 0;
}

/* The words under that key of the options. The array is in the arena, the texts are the JSON's. */
static bool
read_words(Arena *arena, const json_t *options, const char *key, GdeltWords *words)
{
	const json_t *array = json_object_get(options, key);
	size_t		  n = json_array_size(array);
	Text		 *items = arena_alloc(arena, (n + 1) * sizeof(Text));

	if (items == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
	{
		const json_t *item = json_array_get(array, i);

		items[i] = (Text){json_string_value(item), json_string_length(item)};
	}
	*words = (GdeltWords){items, n};
	return true;
}

static bool
read_filter(Arena *arena, const json_t *options, GdeltFilter *filter, Failure *failure)
{
	if (options != NULL && read_words(arena, options, "pays", &filter->pays) &&
		read_words(arena, options, "langues", &filter->langues) &&
		read_words(arena, options, "themes", &filter->themes) &&
		read_words(arena, options, "domaine", &filter->domaines))
		return true;
	failure_set(failure, FAILURE_MEMORY, "no memory for the options");
	return false;
}

/*
 * Reads the file of one slice: what the list says of it, then its lines. Its parameters are "slice
 * STREAM SIZE MD5", and the source's options behind a line's end; a stream's number above the
 * others' is its translated one.
 */
static bool
read_slice(Sink *sink, Arena *arena, const FetchResponse *response, Failure *failure)
{
	SliceFile file = {.sink = sink, .failure = failure, .arena = arena_create(MAX_LINE * 8)};
	char	  md5[GDELT_MD5_DIGITS + 1];
	long long size;
	int		  stream;
	int		  end = 0;
	json_t	 *options = NULL;
	bool	  read = false;

	if (sscanf(response->parameters, "slice %d %lld %32s\n%n", &stream, &size, md5, &end) < 3)
		failure_set(failure, FAILURE_PARSE, "no parameters");
	else if (check_file(arena, response, size, md5, failure))
	{
		file.stream = (GdeltStream) (stream % GDELT_STREAMS);
		file.translated = stream >= GDELT_STREAMS;
		options = json_loads(response->parameters + end, 0, NULL);
		read = file.arena != NULL && read_filter(arena, options, &file.filter, failure) &&
			   read_lines(&file, response->file);
		if (file.arena == NULL)
			failure_set(failure, FAILURE_MEMORY, "no memory for a line");
	}
	json_decref(options);
	arena_free(file.arena);
	return read;
}

bool
gdelt_read(Sink *sink, Arena *arena, const FetchResponse *response, Failure *failure)
{
	if (strncmp(response->parameters, "list\n", 5) == 0)
		return gdelt_read_list(sink, arena, response, failure);
	return read_slice(sink, arena, response, failure);
}
