/*
 * document.c
 *	  Documents from a run into the table, nothing twice.
 *
 * The cost of a bulk insert is that of the unique index on the fingerprint, and it is lowest where
 * the index is filled in its own order. So all documents are sorted by fingerprint, those that are
 * stored already are taken out by a probe that walks along the index in the same order (probe.c),
 * and the rest is inserted by one statement that takes the rows as they come.
 *
 * What makes sure that nothing is stored twice is the index alone; the sorting and the probe only
 * spare it work.
 */
#include "postgres.h"

#include "base/epoch.h"
#include "base/memory.h"
#include "base/transaction.h"
#include "compat.h"
#include "store/document.h"
#include "store/probe.h"
#include "store/rows.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/*
 * A document is known where it is stored, or was deleted on purpose: then table oubli has its
 * fingerprint.
 */
struct DocumentProbe
{
	Probe *stored;
	Probe *forgotten;
};

/* A document and the batch it belongs to, while they are sorted. */
typedef struct Entry
{
	uint64		   prefix; /* the fingerprint's first bytes: decides nearly always */
	Document	  *document;
	DocumentBatch *batch;
} Entry;

/*
 * The rows are inserted as they come: the tuplestore keeps the order in which
 * the fingerprints were sorted.
 */
#define INSERT_ROWS(conflicts)                                                                     \
	"INSERT INTO datasens.document (id_flux, titre, texte, url, auteur, langue,"                   \
	" date_publication, hash_fingerprint, meta)"                                                   \
	" SELECT id_flux, titre, texte, url, auteur, langue, date_publication, hash_fingerprint,"      \
	" meta FROM incoming_documents" conflicts
#define GUARD " ON CONFLICT (hash_fingerprint) DO NOTHING"
#define COUNT(insert)                                                                              \
	"WITH inserted AS (" insert " RETURNING id_flux)"                                              \
	" SELECT id_flux, pg_catalog.count(*) FROM inserted GROUP BY id_flux"

/*
 * For the documents of one flux, where the number of inserted rows needs no counting by flux; and
 * below for those of several.
 */
static Statement insert_one[] = {
	[DOCUMENT_QUICK] = {.sql = INSERT_ROWS("")},
	[DOCUMENT_GUARDED] = {.sql = INSERT_ROWS(GUARD)},
};

static Statement insert_several[] = {
	[DOCUMENT_QUICK] = {.sql = COUNT(INSERT_ROWS(""))},
	[DOCUMENT_GUARDED] = {.sql = COUNT(INSERT_ROWS(GUARD))},
};

/* A notification's payload has to be shorter than 8000 bytes, so a long name is cut. */
static Statement notify_statement = {
	.sql = "SELECT pg_catalog.pg_notify('datasens_documents', pg_catalog.json_build_object("
		   "  'id_flux', $1, 'nom', pg_catalog.left($2, 1000), 'nb_inseres', $3,"
		   "  'premier', pg_catalog.min(id_doc), 'dernier', pg_catalog.max(id_doc)"
		   " )::pg_catalog.text) FROM datasens.document WHERE id_flux = $1",
	.n_args = 3,
	.types = {INT8OID, TEXTOID, INT8OID},
};

void
document_set_date(Document *document, bool has_date, int64 date)
{
	document->date = date - EPOCH_MICROSECONDS;
	document->has_date = has_date && IS_VALID_TIMESTAMP(document->date);
}

/*
 * A text of a document as the database's encoding has it. *utf8 is the same in UTF-8 again, for
 * its fingerprint: characters that the encoding lacks are lost by then.
 */
static struct varlena *
converted(struct varlena *utf8_text, Text *utf8)
{
	text *result;

	*utf8 = TEXT_NULL;
	if (utf8_text == NULL)
		return NULL;
	result = memory_server_text((Text){VARDATA(utf8_text), VARSIZE(utf8_text) - VARHDRSZ});
	*utf8 = memory_utf8_of_text(result);
	return result;
}

Document *
document_stored_form(Document *document)
{
	Document *copy;
	Text	  titre;
	Text	  texte;
	Text	  other;

	if (GetDatabaseEncoding() == PG_UTF8)
		return document;
	copy = palloc(sizeof(Document));
	*copy = *document;
	copy->titre = converted(document->titre, &titre);
	copy->texte = converted(document->texte, &texte);
	copy->url = converted(document->url, &other);
	copy->auteur = converted(document->auteur, &other);
	copy->langue = converted(document->langue, &other);
	if (document->meta)
		copy->meta = memory_server_string(document->meta, strlen(document->meta));
	fingerprint_of_document(titre, texte, copy->fingerprint);
	return copy;
}

static DocumentProbe *
begin_probe(void)
{
	DocumentProbe *probe = palloc(sizeof(DocumentProbe));

	probe->stored = probe_begin("document");
	probe->forgotten = probe_begin("oubli");
	return probe;
}

DocumentProbe *
document_probe_begin(void)
{
	return GetDatabaseEncoding() == PG_UTF8 ? begin_probe() : NULL;
}

bool
document_probe_new(DocumentProbe *probe, const uint8 *fingerprint)
{
	return !probe_finds(probe->stored, fingerprint) && !probe_finds(probe->forgotten, fingerprint);
}

void
document_probe_end(DocumentProbe *probe)
{
	probe_end(probe->forgotten);
	probe_end(probe->stored);
	pfree(probe);
}

/* By fingerprint; of equal ones the first in the order of fluxes, and of the records in a flux. */
static int
compare_entries(const void *a, const void *b)
{
	const Entry *left = a;
	const Entry *right = b;
	int			 order;

	if (left->prefix != right->prefix)
		return left->prefix < right->prefix ? -1 : 1;
	order = memcmp(left->document->fingerprint, right->document->fingerprint, FINGERPRINT_SIZE);
	if (order == 0)
		order = (left->batch->flux.id_flux > right->batch->flux.id_flux) -
				(left->batch->flux.id_flux < right->batch->flux.id_flux);
	if (order == 0)
		order = (left->document->position > right->document->position) -
				(left->document->position < right->document->position);
	return order;
}

/* All documents of all batches in the order of their fingerprints; *n of them. */
static Entry *
sort_documents(DocumentBatch *batches, int n_batches, int64 *n)
{
	Entry *entries;
	int64  filled = 0;

	*n = 0;
	for (int i = 0; i < n_batches; i++)
		*n += batches[i].n;
	entries = palloc_extended((*n + 1) * sizeof(Entry), MCXT_ALLOC_HUGE);
	for (int i = 0; i < n_batches; i++)
	{
		for (Document *document = batches[i].first; document; document = document->next)
		{
			entries[filled].document = document_stored_form(document);
			entries[filled].prefix = fingerprint_prefix(entries[filled].document->fingerprint);
			entries[filled].batch = &batches[i];
			filled++;
		}
	}
	Assert(filled == *n);
	qsort(entries, *n, sizeof(Entry), compare_entries);
	return entries;
}

/* In the order of the columns that the statement's relation is declared with. */
static void
add_row(Rows *rows, const DocumentBatch *batch, const Document *document)
{
	Datum values[] = {
		Int64GetDatum(batch->flux.id_flux),
		PointerGetDatum(document->titre),
		PointerGetDatum(document->texte),
		PointerGetDatum(document->url),
		PointerGetDatum(document->auteur),
		PointerGetDatum(document->langue),
		TimestampTzGetDatum(document->date),
		PointerGetDatum(document->fingerprint),
		document->meta ? DirectFunctionCall1(jsonb_in, CStringGetDatum(document->meta)) : (Datum) 0,
	};
	bool nulls[] = {
		false,
		document->titre == NULL,
		document->texte == NULL,
		document->url == NULL,
		document->auteur == NULL,
		document->langue == NULL,
		!document->has_date,
		false,
		document->meta == NULL,
	};

	rows_add(rows, values, nulls);
}

/* Fills the rows in order, without what is a duplicate here, is stored, or is forgotten. */
static void
fill_rows(Rows *rows, const Entry *entries, int64 n)
{
	DocumentProbe *probe = begin_probe();

	for (int64 i = 0; i < n; i++)
	{
		const uint8 *fingerprint = entries[i].document->fingerprint;

		if (i > 0 && entries[i].prefix == entries[i - 1].prefix &&
			memcmp(fingerprint, entries[i - 1].document->fingerprint, FINGERPRINT_SIZE) == 0)
			continue;
		if (entries[i].batch->probed || document_probe_new(probe, fingerprint))
			add_row(rows, entries[i].batch, entries[i].document);
	}
	document_probe_end(probe);
}

/* Inserts the registered rows, and sets for each batch how many there were of it. */
static void
insert_rows(DocumentBatch *batches, int n_batches, DocumentWay way)
{
	if (n_batches == 1)
	{
		statement_run(&insert_one[way], NULL, NULL, SPI_OK_INSERT);
		batches[0].flux.inserted = (int64) SPI_processed;
		return;
	}
	statement_run(&insert_several[way], NULL, NULL, SPI_OK_SELECT);
	flux_add_counts(batches, n_batches, sizeof(DocumentBatch));
}

void
document_insert(DocumentBatch *batches, int n_batches, DocumentWay way)
{
	RowsColumn columns[] = {
		{"id_flux", INT8OID},
		{"titre", TEXTOID},
		{"texte", TEXTOID},
		{"url", TEXTOID},
		{"auteur", TEXTOID},
		{"langue", TEXTOID},
		{"date_publication", TIMESTAMPTZOID},
		{"hash_fingerprint", fingerprint_type()},
		{"meta", JSONBOID},
	};
	Rows   rows;
	int64  n;
	Entry *entries;

	for (int i = 0; i < n_batches; i++)
	{
		Assert(i == 0 || batches[i - 1].flux.id_flux < batches[i].flux.id_flux);
		batches[i].flux.inserted = 0;
	}
	entries = sort_documents(batches, n_batches, &n);
	if (n > 0)
	{
		rows_create(&rows, "incoming_documents", columns, lengthof(columns));
		fill_rows(&rows, entries, n);
		if (rows.n > 0)
		{
			rows_register(&rows);
			insert_rows(batches, n_batches, way);
		}
		rows_free(&rows);
	}
	pfree(entries);
}

void
document_notify(int64 id_flux, const char *nom, int64 n)
{
	Datum values[] = {Int64GetDatum(id_flux), CStringGetTextDatum(nom), Int64GetDatum(n)};

	statement_run(&notify_statement, values, NULL, SPI_OK_SELECT);
}
