/*
 * sink.c
 *	  Where the records of a file go: to disk, in the order of their fingerprints.
 *
 * A document lies in the spool as the table will have it: the texts, with their
 * length words, one after the other, so that a document out of the spool points
 * into it and nothing is copied.
 */
#include "run/sink.h"

#include "base/settings.h"
#include "base/spool.h"
#include "base/tempfile.h"
#include "store/fingerprint.h"

#include <string.h>

/* Of the rejects so many are kept, and of each so much. */
#define MAX_REJECTS 1000
#define MAX_RAW 4096
#define REJECT_MEMORY (16 * 1024 * 1024)

/* What the columns of a row may take together. */
#define MAX_SIZE ((size_t) 0x3FFFFFFF)

enum
{
	FIELD_TITRE,
	FIELD_TEXTE,
	FIELD_URL,
	FIELD_AUTEUR,
	FIELD_LANGUE,
	FIELD_META, /* a C string; the others are values of type text */
	N_FIELDS
};

/* The head of a stored document; the fields that are there follow. */
typedef struct Packed
{
	int64 date;
	uint8 has_date;
	uint8 has[N_FIELDS];
} Packed;

struct Sink
{
	TempFile	 file;
	Spool		*spool;
	Hasher		*hasher;
	Arena		*arena; /* of the rejects */
	SinkReject	*rejects;
	SinkReject **rejects_end;
	int64		 n_rejects;
};

/* ---- its life ---- */

Sink *
sink_create(void)
{
	Sink *sink = malloc(sizeof(Sink));

	if (sink == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	memset(sink, 0, sizeof(Sink));
	sink->file = TEMPFILE_NONE;
	sink->rejects_end = &sink->rejects;
	PG_TRY();
	{
		sink->file = tempfile_open();
		sink->hasher = hasher_create();
		sink->spool = spool_create(sink->file.descriptor,
								   tempfile_limit((int64) setting_max_download_size * 1024 * 2));
		sink->arena = arena_create(REJECT_MEMORY);
		if (sink->spool == NULL || sink->arena == NULL)
			ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	}
	PG_CATCH();
	{
		sink_free(sink);
		PG_RE_THROW();
	}
	PG_END_TRY();
	return sink;
}

void
sink_free(Sink *sink)
{
	if (sink == NULL)
		return;
	spool_free(sink->spool);
	arena_free(sink->arena);
	hasher_free(sink->hasher);
	tempfile_close(&sink->file);
	free(sink);
}

/* ---- in: on the parser's thread ---- */

static size_t
field_size(Text value, bool is_text)
{
	if (!text_present(value))
		return 0;
	return INTALIGN(is_text ? VARHDRSZ + value.len : value.len + 1);
}

/* Writes a field and returns where the next one goes. */
static char *
put_field(char *at, Text value, bool is_text)
{
	if (!text_present(value))
		return at;
	if (is_text)
	{
		SET_VARSIZE(at, VARHDRSZ + value.len);
		memcpy(VARDATA(at), value.data, value.len);
	}
	else
	{
		memcpy(at, value.data, value.len);
		at[value.len] = '\0';
	}
	return at + field_size(value, is_text);
}

bool
sink_add(Sink *sink, int64 position, const Record *record, Failure *failure)
{
	const Text fields[N_FIELDS] = {record->titre,  record->texte,  record->url,
								   record->auteur, record->langue, record->meta};
	uint8	   fingerprint[FINGERPRINT_SIZE];
	size_t	   size = sizeof(Packed);
	Packed	  *packed = NULL;
	char	  *at;

	for (int i = 0; i < N_FIELDS; i++)
		size += field_size(fields[i], i != FIELD_META);
	if (size > MAX_SIZE)
	{
		sink_reject(sink, position, "the record is larger than 1 GB", TEXT_NULL);
		return true;
	}
	if (!hasher_document(sink->hasher, record->titre, record->texte, fingerprint))
		failure_set(failure, FAILURE_STORE, "could not compute SHA-256");
	else if ((packed = spool_add(sink->spool, fingerprint, position, (uint32) size)) == NULL)
		failure_set(failure, FAILURE_STORE, "no room for the documents of the file: %s",
					strerror(spool_error(sink->spool)));
	if (packed == NULL)
		return false;
	packed->date = record->date;
	packed->has_date = record->has_date;
	at = (char *) (packed + 1);
	for (int i = 0; i < N_FIELDS; i++)
	{
		packed->has[i] = text_present(fields[i]);
		at = put_field(at, fields[i], i != FIELD_META);
	}
	return true;
}

void
sink_reject(Sink *sink, int64 position, const char *reason, Text raw)
{
	SinkReject *reject;

	if (sink->n_rejects++ >= MAX_REJECTS)
		return;
	reject = arena_alloc_zero(sink->arena, sizeof(SinkReject));
	if (reject == NULL)
		return;
	reject->position = position;
	reject->reason = arena_copy(sink->arena, reason, strlen(reason));
	reject->raw = arena_copy(sink->arena, raw.data, Min(raw.len, MAX_RAW));
	*sink->rejects_end = reject;
	sink->rejects_end = &reject->next;
}

int64
sink_n_rejects(const Sink *sink)
{
	return sink->n_rejects;
}

/* ---- out ---- */

int64
sink_n_read(const Sink *sink)
{
	return spool_count(sink->spool) + sink->n_rejects;
}

const SinkReject *
sink_rejects(const Sink *sink)
{
	return sink->rejects;
}

static void
report_disk(const Sink *sink)
{
	errno = spool_error(sink->spool);
	ereport(ERROR,
			(errcode_for_file_access(), errmsg("could not read the documents of a file back: %m")));
}

void
sink_rewind(Sink *sink)
{
	if (!spool_rewind(sink->spool))
		report_disk(sink);
}

/* The value of a text field, or NULL; *at moves on to the next field. */
static struct varlena *
take_text(const Packed *packed, int field, char **at)
{
	struct varlena *value = (struct varlena *) *at;

	if (!packed->has[field])
		return NULL;
	*at += INTALIGN(VARSIZE(value));
	return value;
}

static void
unpack(Document *document, SpoolRecord *record)
{
	const Packed *packed = (const Packed *) record->data;
	char		 *at = record->data + sizeof(Packed);

	memcpy(document->fingerprint, record->key, FINGERPRINT_SIZE);
	document->position = record->position;
	document->titre = take_text(packed, FIELD_TITRE, &at);
	document->texte = take_text(packed, FIELD_TEXTE, &at);
	document->url = take_text(packed, FIELD_URL, &at);
	document->auteur = take_text(packed, FIELD_AUTEUR, &at);
	document->langue = take_text(packed, FIELD_LANGUE, &at);
	document->meta = packed->has[FIELD_META] ? at : NULL;
	document_set_date(document, packed->has_date, packed->date);
	document->next = NULL;
}

Document *
sink_next(Sink *sink, int64 *n)
{
	SpoolRecord **records;
	Document	 *documents;
	size_t		  n_records;

	if (!spool_next(sink->spool, &records, &n_records))
		report_disk(sink);
	*n = (int64) n_records;
	if (n_records == 0)
		return NULL;
	documents = palloc_extended(n_records * sizeof(Document), MCXT_ALLOC_HUGE);
	for (size_t i = 0; i < n_records; i++)
	{
		unpack(&documents[i], records[i]);
		if (i > 0)
			documents[i - 1].next = &documents[i];
	}
	return documents;
}
