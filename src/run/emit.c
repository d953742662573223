/*
 * emit.c
 *	  What a run takes from its kind: documents, rows of other tables, rejects, and what lists
 *	  say of slices; one by one (run_emit and its like, of source/kind.h), or all at once as the
 *	  sink of a file.
 *
 * All of it is kept in the run's memory context until the run is committed. Called in the main
 * thread only; what a kind's read function hands over on the parser's thread goes to sink.c.
 */
#include "compat.h"

#include "run/run.h"
#include "run/sink.h"

#include "mb/pg_wchar.h"
#include "utils/memutils.h"

/* At most this many bytes of a rejected record are kept, to show what it was. */
#define REJET_RAW_SIZE 4096

/* ---- documents, rows, rejects ---- */

/*
 * A text datum of the value, in the run's memory; NULL for an absent value. It counts towards the
 * memory that waits for a commit.
 */
static struct varlena *
varlena_of(Run *run, Text value)
{
	struct varlena *result;

	if (!text_present(value))
		return NULL;
	result = MemoryContextAlloc(run->context, VARHDRSZ + value.len);
	SET_VARSIZE(result, VARHDRSZ + value.len);
	memcpy(VARDATA(result), value.data, value.len);
	run->document_bytes += VARHDRSZ + value.len;
	return result;
}

void
run_emit(Run *run, const Record *record)
{
	Document *document = MemoryContextAllocZero(run->context, sizeof(Document));

	fingerprint_of_document(record->titre, record->texte, document->fingerprint);
	document->position = ++run->n_read;
	document->titre = varlena_of(run, record->titre);
	document->texte = varlena_of(run, record->texte);
	document->url = varlena_of(run, record->url);
	document->auteur = varlena_of(run, record->auteur);
	document->langue = varlena_of(run, record->langue);
	if (text_present(record->meta))
	{
		char *meta = MemoryContextAlloc(run->context, record->meta.len + 1);

		memcpy(meta, record->meta.data, record->meta.len);
		meta[record->meta.len] = '\0';
		document->meta = meta;
		run->document_bytes += record->meta.len;
	}
	document_set_date(document, record->has_date, record->date);
	*run->documents_end = document;
	run->documents_end = &document->next;
	run->n_documents++;
	run->document_bytes += sizeof(Document);
}

void
run_emit_row(Run *run, const Table *table, const ColumnValue *values)
{
	size_t size = row_size(table, values);
	Row	  *row = MemoryContextAllocZero(run->context, sizeof(Row));
	char  *packed = MemoryContextAllocZero(run->context, size);

	if (!row_key(hasher_own(), table, values, row->key))
		elog(ERROR, "could not compute SHA-256");
	row_pack(table, values, packed);
	row->table = table;
	row->position = ++run->n_read;
	row->packed = packed;
	*run->rows_end = row;
	run->rows_end = &row->next;
	run->document_bytes += sizeof(Row) + size;
}

/*
 * Adds a reject to the run's list, in the current memory context (the run's). A secret in the
 * reason or in the record itself is masked.
 */
static void
keep_reject(Run *run, int64 position, const char *reason, size_t reason_len, Text raw)
{
	Rejet *rejet = palloc0(sizeof(Rejet));

	rejet->position = position;
	rejet->motif = run_masked(run, reason, reason_len);
	if (text_present(raw))
		rejet->brut = run_masked(run, raw.data,
								 pg_encoding_mbcliplen(PG_UTF8, raw.data, raw.len, REJET_RAW_SIZE));
	rejet->next = run->rejets;
	run->rejets = rejet;
}

void
run_reject(Run *run, int64 position, const char *reason, Text raw)
{
	MemoryContext previous = MemoryContextSwitchTo(run->context);

	run->n_read++;
	run->n_rejets++;
	if (run->n_rejets <= REJET_MAX)
		keep_reject(run, position, reason, strlen(reason), raw);
	MemoryContextSwitchTo(previous);
}

/* ---- slices ---- */

void
run_newest_slice(Run *run, const char *stream, Slot newest)
{
	StreamSlots *slots = MemoryContextAlloc(run->context, sizeof(StreamSlots));

	*slots = (StreamSlots){run->listing.newest, stream, {newest, newest}};
	run->listing.newest = slots;
}

void
run_list_slice(Run *run, const ListedSlice *slice)
{
	ListedSlice *copy = MemoryContextAlloc(run->context, sizeof(ListedSlice));

	*copy = *slice;
	copy->next = run->listing.slices;
	run->listing.slices = copy;
}

/*
 * Appends what a list in a file said of slices to what the run has already. The links are moved,
 * not copied: the sink's memory lives as long as the run does.
 */
static void
take_listing(Run *run, const Listing *listing)
{
	ListedSlice **slices = &run->listing.slices;
	StreamSlots **looked = &run->listing.looked;

	while (*slices != NULL)
		slices = &(*slices)->next;
	*slices = listing->slices;
	while (*looked != NULL)
		looked = &(*looked)->next;
	*looked = listing->looked;
}

/* ---- files ---- */

static void
free_sink(void *sink)
{
	sink_free(sink);
}

void
run_take_rejects(Run *run, const Sink *sink)
{
	run->n_rejets += sink_n_rejects(sink);
	for (const SinkReject *reject = sink_rejects(sink); reject; reject = reject->next)
		keep_reject(run, reject->position, reject->reason.data, reject->reason.len, reject->raw);
}

/*
 * The sink is freed with the run's memory from here on, so that it lives until the commit has read
 * it.
 */
void
run_take_sink(Run *run, ParseJob *job)
{
	MemoryContextCallback *callback = palloc(sizeof(*callback));

	run->n_read += sink_n_read(job->sink);
	run_take_rejects(run, job->sink);
	take_listing(run, sink_listing(job->sink));
	run->sinks = lappend(run->sinks, job->sink);
	callback->func = free_sink;
	callback->arg = job->sink;
	MemoryContextRegisterResetCallback(run->context, callback);
	job->sink = NULL;
}
