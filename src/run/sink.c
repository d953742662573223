/*
 * sink.c
 *	  Where the records of a file go: to disk, in the order of their fingerprints.
 *
 * There is a pile of documents and a pile of rows of another table, each a spool (base/spool.h) on
 * a temporary file. A document lies in its pile as the table will have it: the texts, with their
 * length words, one after the other, so that a document that comes out of the spool points into
 * it, and nothing is copied.
 *
 * The first half of the file runs on the parser's thread and is plain C; sink_create and what
 * reads the records back are for the main thread, and ereport.
 */
#include "compat.h"

#include "run/sink.h"

#include "base/settings.h"
#include "base/spool.h"
#include "base/tempfile.h"
#include "store/fingerprint.h"

#include "port/atomics.h"

#include <string.h>

/* So many rejects are kept, and so many bytes of each; the others are only counted. */
#define MAX_REJECTS 1000
#define MAX_RAW 4096
#define ARENA_MEMORY (16 * 1024 * 1024)

/*
 * The most bytes that the columns of a row may take together: the server's own limit
 * (MaxAllocSize).
 */
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

/* A spool and its file. */
typedef struct Pile
{
	TempFile file;
	Spool	*spool;
} Pile;

struct Sink
{
	Pile		 documents;
	Pile		 rows;
	const Table *table; /* of the rows; NULL: there is none yet */
	Hasher		*hasher;
	Arena		*arena; /* of the rejects and the listing */
	Listing		 listing;
	SinkReject	*rejects;
	SinkReject **rejects_end;
	int64		 n_rejects;

	/* Between the thread that reads and the loop. */
	pg_atomic_uint64 n_read;
	pg_atomic_uint32 stopped;
};

/* ---- its life ---- */

static void
open_pile(Pile *pile)
{
	pile->file = tempfile_open();
	pile->spool = spool_create(pile->file.descriptor,
							   tempfile_limit((int64) setting_max_download_size * 1024 * 2));
	if (pile->spool == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
}

static void
close_pile(Pile *pile)
{
	spool_free(pile->spool);
	tempfile_close(&pile->file);
}

Sink *
sink_create(void)
{
	Sink *sink = malloc(sizeof(Sink));

	if (sink == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	memset(sink, 0, sizeof(Sink));
	sink->documents.file = TEMPFILE_NONE;
	sink->rows.file = TEMPFILE_NONE;
	sink->rejects_end = &sink->rejects;
	pg_atomic_init_u64(&sink->n_read, 0);
	pg_atomic_init_u32(&sink->stopped, 0);
	PG_TRY();
	{
		sink->hasher = hasher_create();
		open_pile(&sink->documents);
		open_pile(&sink->rows);
		sink->arena = arena_create(ARENA_MEMORY);
		if (sink->arena == NULL)
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
	close_pile(&sink->documents);
	close_pile(&sink->rows);
	arena_free(sink->arena);
	hasher_free(sink->hasher);
	free(sink);
}

/* ---- in: on the parser's thread ---- */

/*
 * The bytes that a field takes, padded for the next one; 0 for an absent one. is_text: a text
 * datum, else a C string.
 */
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

/* False where the record is too large for a row; then it has been rejected. */
static bool
fits(Sink *sink, int64 position, size_t size)
{
	if (size > MAX_SIZE)
		sink_reject(sink, position, "the record is larger than 1 GB", TEXT_NULL);
	return size <= MAX_SIZE;
}

/*
 * Adds a record to the pile and returns where its size bytes are to be written; NULL with *failure
 * set. key NULL: SHA-256 could not be computed.
 */
static void *
add(Pile *pile, const uint8 *key, int64 position, size_t size, Failure *failure)
{
	void *data = key ? spool_add(pile->spool, key, position, (uint32) size) : NULL;

	if (key == NULL)
		failure_set(failure, FAILURE_STORE, "could not compute SHA-256");
	else if (data == NULL)
		failure_set(failure, FAILURE_STORE, "no room for the records of the file: %s",
					strerror(spool_error(pile->spool)));
	return data;
}

/* Only the reading thread writes the counter, so that a plain write of it will do. */
static void
count_read(Sink *sink)
{
	pg_atomic_write_u64(&sink->n_read, pg_atomic_read_u64(&sink->n_read) + 1);
}

bool
sink_add(Sink *sink, int64 position, const Record *record, Failure *failure)
{
	const Text fields[N_FIELDS] = {record->titre,  record->texte,  record->url,
								   record->auteur, record->langue, record->meta};
	uint8	   fingerprint[FINGERPRINT_SIZE];
	size_t	   size = sizeof(Packed);
	Packed	  *packed;
	char	  *at;

	for (int i = 0; i < N_FIELDS; i++)
		size += field_size(fields[i], i != FIELD_META);
	if (!fits(sink, position, size))
		return true;
	packed =
		add(&sink->documents,
			hasher_document(sink->hasher, record->titre, record->texte, fingerprint) ? fingerprint
																					 : NULL,
			position, size, failure);
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
	count_read(sink);
	return true;
}

bool
sink_add_row(Sink *sink, int64 position, const Table *table, const ColumnValue *values,
			 Failure *failure)
{
	size_t size = row_size(table, values);
	uint8  key[FINGERPRINT_SIZE];
	char  *packed;

	if (sink->table == NULL)
		sink->table = table;
	if (sink->table != table)
	{
		failure_set(failure, FAILURE_STORE, "a file with rows of two tables, \"%s\" and \"%s\"",
					sink->table->name, table->name);
		return false;
	}
	if (!fits(sink, position, size))
		return true;
	packed = add(&sink->rows, row_key(sink->hasher, table, values, key) ? key : NULL, position,
				 size, failure);
	if (packed == NULL)
		return false;
	row_pack(table, values, packed);
	count_read(sink);
	return true;
}

void
sink_reject(Sink *sink, int64 position, const char *reason, Text raw)
{
	SinkReject *reject;

	count_read(sink);
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

/* Room for an element of the listing; NULL with *failure set where there is none. */
static void *
listing_element(Sink *sink, size_t size, Failure *failure)
{
	void *element = arena_alloc(sink->arena, size);

	if (element == NULL)
		failure_set(failure, FAILURE_TOO_LARGE, "the list names too many slices");
	return element;
}

bool
sink_list_slice(Sink *sink, const ListedSlice *slice, Failure *failure)
{
	ListedSlice *copy = listing_element(sink, sizeof(ListedSlice), failure);

	if (copy == NULL)
		return false;
	*copy = *slice;
	copy->next = sink->listing.slices;
	sink->listing.slices = copy;
	return true;
}

bool
sink_looked(Sink *sink, const char *stream, SlotRange range, Failure *failure)
{
	StreamSlots *looked = listing_element(sink, sizeof(StreamSlots), failure);

	if (looked == NULL)
		return false;
	*looked = (StreamSlots){sink->listing.looked, stream, range};
	sink->listing.looked = looked;
	return true;
}

const Listing *
sink_listing(const Sink *sink)
{
	return &sink->listing;
}

int64
sink_n_rejects(const Sink *sink)
{
	return sink->n_rejects;
}

bool
sink_stopped(Sink *sink)
{
	return pg_atomic_read_u32(&sink->stopped) != 0;
}

/* ---- out ---- */

int64
sink_n_read(Sink *sink)
{
	return (int64) pg_atomic_read_u64(&sink->n_read);
}

void
sink_stop(Sink *sink)
{
	pg_atomic_write_u32(&sink->stopped, 1);
}

const SinkReject *
sink_rejects(const Sink *sink)
{
	return sink->rejects;
}

/* Does not return. */
static void
report_disk(const Pile *pile)
{
	errno = spool_error(pile->spool);
	ereport(ERROR,
			(errcode_for_file_access(), errmsg("could not read the records of a file back: %m")));
}

void
sink_rewind(Sink *sink)
{
	if (!spool_rewind(sink->documents.spool))
		report_disk(&sink->documents);
	if (!spool_rewind(sink->rows.spool))
		report_disk(&sink->rows);
}

/* The keys of the pile's next records, *n of them, without their data. */
static SpoolRecord **
next_records(Pile *pile, int64 *n)
{
	SpoolRecord **records = NULL;
	size_t		  n_records;

	if (!spool_next(pile->spool, &records, &n_records))
		report_disk(pile);
	*n = (int64) n_records;
	return records;
}

/* Brings the data of those that are wanted, all in one call. */
static void
load_records(Pile *pile, SpoolRecord **records, int64 n)
{
	if (n > 0 && !spool_load(pile->spool, records, (size_t) n))
		report_disk(pile);
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

/* Makes a document of a record: its values point into the record. */
static void
unpack(Document *document, const SpoolRecord *record)
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
}

/* The documents of n records. */
static Document *
take_documents(Sink *sink, SpoolRecord **records, int64 n)
{
	Document *documents;

	load_records(&sink->documents, records, n);
	if (n == 0)
		return NULL;
	documents = palloc_extended(n * sizeof(Document), MCXT_ALLOC_HUGE);
	for (int64 i = 0; i < n; i++)
	{
		unpack(&documents[i], records[i]);
		documents[i].next = i + 1 < n ? &documents[i + 1] : NULL;
	}
	return documents;
}

Document *
sink_next(Sink *sink, int64 *n)
{
	SpoolRecord **records = next_records(&sink->documents, n);

	return take_documents(sink, records, *n);
}

Document *
sink_next_new(Sink *sink, DocumentProbe *probe, int64 *n, int64 *n_looked_at)
{
	SpoolRecord **records = next_records(&sink->documents, n_looked_at);

	*n = 0;
	for (int64 i = 0; i < *n_looked_at; i++)
	{
		if (document_probe_new(probe, records[i]->key))
			records[(*n)++] = records[i];
	}
	return take_documents(sink, records, *n);
}

Row *
sink_next_rows(Sink *sink, int64 *n)
{
	SpoolRecord **records = next_records(&sink->rows, n);
	Row			 *rows;

	load_records(&sink->rows, records, *n);
	if (*n == 0)
		return NULL;
	rows = palloc_extended(*n * sizeof(Row), MCXT_ALLOC_HUGE);
	for (int64 i = 0; i < *n; i++)
	{
		memcpy(rows[i].key, records[i]->key, FINGERPRINT_SIZE);
		rows[i].table = sink->table;
		rows[i].position = records[i]->position;
		rows[i].packed = records[i]->data;
		rows[i].next = i + 1 < *n ? &rows[i + 1] : NULL;
	}
	return rows;
}
