/*
 * commit.c
 *	  Finished runs into the tables: everything that a run changed, or nothing of it.
 *
 * Many runs share a transaction, and each statement serves all of them. There are three ways,
 * tried from the fastest to the one that loses least, each try in a subtransaction:
 *
 *   quickly  all runs together, by plain inserts of what the probe finds to be new;
 *   guarded  all together, ON CONFLICT DO NOTHING: somebody else has stored one of the
 *            documents since the probe;
 *   alone    each run by itself, guarded, so that only the one at fault suffers. Where its
 *            records are refused, they are halved again and again until the one that is to
 *            blame stands alone and goes to rejet (insert_halving). Where even its own rows
 *            are refused, only what its source does next is written (store_state).
 *
 * What follows from the records, once they are in, is written by commit_results.c.
 *
 * Called in a transaction of the caller's, inside an owner's scope (base/transaction.h).
 */
#include "postgres.h"

#include "base/memory.h"
#include "compat.h"
#include "run/commit.h"
#include "run/commit_parts.h"
#include "run/keep.h"
#include "run/outcome.h"
#include "run/sink.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

/* What a list of records begins with, be they documents or rows of other tables. */
typedef struct Link
{
	struct Link *next;
} Link;

StaticAssertDecl(offsetof(Document, next) == 0 && offsetof(Row, next) == 0,
				 "lists of records are linked by their first member");

/* Chooses all records of the run that are in memory to be inserted now. */
static void
choose_all(Pending *pending)
{
	pending->documents = pending->run->documents;
	pending->n_documents = pending->run->n_documents;
	pending->rows = pending->run->rows;
}

/* Chooses only the n records of that list instead, rows or documents: see insert_halving. */
static void
choose(Pending *pending, bool rows, Link *first, int64 n)
{
	pending->documents = rows ? NULL : (Document *) first;
	pending->n_documents = rows ? 0 : n;
	pending->rows = rows ? (Row *) first : NULL;
}

/* ---- the statements, for all runs at once ---- */

/* The chosen rows of other tables, of all runs at once. */
static void
insert_rows(Pending *pending, int n)
{
	RowBatch *batches = palloc0(n * sizeof(RowBatch));

	for (int i = 0; i < n; i++)
	{
		batches[i].flux.id_flux = pending[i].flux.id;
		batches[i].first = pending[i].rows;
	}
	row_insert(batches, n);
	for (int i = 0; i < n; i++)
		pending[i].flux.inseres += batches[i].flux.inserted;
}

/* The chosen records of all runs, documents first. Sets each flux.inseres. */
static void
insert_lists(Pending *pending, int n, DocumentWay way)
{
	DocumentBatch *batches = palloc0(n * sizeof(DocumentBatch));

	for (int i = 0; i < n; i++)
	{
		batches[i].flux.id_flux = pending[i].flux.id;
		batches[i].first = pending[i].documents;
		batches[i].n = pending[i].n_documents;
	}
	document_insert(batches, n, way);
	for (int i = 0; i < n; i++)
		pending[i].flux.inseres = batches[i].flux.inserted;
	insert_rows(pending, n);
}

/*
 * Inserts the next batch of a file's documents and returns how many of them were new. *n: how many
 * the batch had; 0: there are no more.
 */
static int64
insert_file_documents(Sink *sink, int64 id_flux, DocumentWay way, int64 *n)
{
	DocumentBatch  batch = {.flux.id_flux = id_flux};
	DocumentProbe *probe = document_probe_begin();

	if (probe != NULL)
	{
		batch.first = sink_next_new(sink, probe, &batch.n, n);
		batch.probed = true;
		document_probe_end(probe);
	}
	else
	{
		batch.first = sink_next(sink, &batch.n);
		*n = batch.n;
	}
	if (batch.n > 0)
		document_insert(&batch, 1, way);
	return batch.flux.inserted;
}

/* The same for the file's rows. */
static int64
insert_file_rows(Sink *sink, int64 id_flux, DocumentWay way, int64 *n)
{
	RowBatch batch = {.flux.id_flux = id_flux, .first = sink_next_rows(sink, n)};

	if (*n > 0)
		row_insert(&batch, 1);
	return batch.flux.inserted;
}

/*
 * Inserts a file's records batch by batch, by one of the two functions above. Each batch has a
 * connection to SPI of its own, with which the memory that it took ends.
 */
static void
insert_batches(Pending *pending, Sink *sink, DocumentWay way,
			   int64 (*insert)(Sink *, int64, DocumentWay, int64 *))
{
	const Run *run = pending->run;
	int64	   n_done = 0;
	int64	   n;

	progress_set_known(run->progress, run->n_read);
	do
	{
		CHECK_FOR_INTERRUPTS();
		if (SPI_connect() != SPI_OK_CONNECT)
			elog(ERROR, "could not connect to SPI");
		pending->flux.inseres += insert(sink, pending->flux.id, way, &n);
		if (SPI_finish() != SPI_OK_FINISH)
			elog(ERROR, "could not finish SPI");
		n_done += n;
		progress_set(run->progress, PROGRESS_STORING, run->octets, -1, n_done);
	} while (n > 0);
}

/*
 * The records that are in a run's files: the documents of a file in the order of their
 * fingerprints, then its rows. Several files come one after the other.
 */
static void
insert_files(Pending *pending, DocumentWay way)
{
	ListCell *cell;

	foreach (cell, pending->run->sinks)
	{
		sink_rewind(lfirst(cell));
		insert_batches(pending, lfirst(cell), way, insert_file_documents);
		insert_batches(pending, lfirst(cell), way, insert_file_rows);
	}
}

/* All records of all runs, those in memory and those in files. */
static void
insert_documents(Pending *pending, int n, DocumentWay way)
{
	insert_lists(pending, n, way);
	for (int i = 0; i < n; i++)
	{
		if (run_is_bulk(pending[i].run))
			insert_files(&pending[i], way);
	}
}

/* ---- inside a subtransaction ---- */

typedef void (*Attempt)(Pending *pending, int n);

/*
 * Errors that would meet every run alike, so that there is no use in trying them one by one. A
 * lock that cannot be had now belongs here, as each try would wait for it again.
 */
static bool
concerns_all(int sqlerrcode)
{
	return sqlerrcode == ERRCODE_QUERY_CANCELED || sqlerrcode == ERRCODE_ADMIN_SHUTDOWN ||
		   sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ||
		   ERRCODE_TO_CATEGORY(sqlerrcode) == ERRCODE_INSUFFICIENT_RESOURCES ||
		   ERRCODE_TO_CATEGORY(sqlerrcode) == ERRCODE_IO_ERROR;
}

/*
 * Makes an attempt in a subtransaction and with a connection to SPI of its own, which takes along
 * the rows that were registered for its statements. NULL: it succeeded. Else it was rolled back,
 * and the error (in the current memory context) says why. An error that concerns all runs is
 * thrown on.
 */
static ErrorData *
try(Attempt attempt, Pending *pending, int n)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		if (SPI_connect() != SPI_OK_CONNECT)
			elog(ERROR, "could not connect to SPI");
		attempt(pending, n);
		if (SPI_finish() != SPI_OK_FINISH)
			elog(ERROR, "could not finish SPI");
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	if (error && concerns_all(error->sqlerrcode))
		ReThrowError(error);
	return error;
}

/* Attempt: see the head of this file. */
static void
store_quickly(Pending *pending, int n)
{
	insert_documents(pending, n, DOCUMENT_QUICK);
	commit_results(pending, n);
}

/* Attempt: see the head of this file. */
static void
store_guarded(Pending *pending, int n)
{
	insert_documents(pending, n, DOCUMENT_GUARDED);
	commit_results(pending, n);
}

/* Attempt, of insert_halving: the chosen records only. */
static void
insert_guarded(Pending *pending, int n)
{
	insert_lists(pending, n, DOCUMENT_GUARDED);
}

/* ---- one run alone ---- */

/* What a refused document is recognized by in rejet: its title and its URL (palloc'd, UTF-8). */
static char *
document_text(const Document *document)
{
	StringInfoData text;

	initStringInfo(&text);
	if (document->titre)
		appendBinaryStringInfo(&text, VARDATA(document->titre),
							   VARSIZE(document->titre) - VARHDRSZ);
	if (document->url)
	{
		appendStringInfoChar(&text, '\n');
		appendBinaryStringInfo(&text, VARDATA(document->url), VARSIZE(document->url) - VARHDRSZ);
	}
	return text.data;
}

/*
 * Adds a refused record to its run's rejects. The caller takes care that the record itself is not
 * inserted.
 */
static void
refuse(Run *run, bool is_row, const Link *record, const ErrorData *error)
{
	MemoryContext	previous;
	Rejet		   *rejet;
	const Row	   *row = (const Row *) record;
	const Document *document = (const Document *) record;
	char		   *raw;

	if (++run->n_rejets > REJET_MAX)
		return;
	previous = MemoryContextSwitchTo(run->context);
	rejet = palloc0(sizeof(Rejet));
	raw = is_row ? row_text(row) : document_text(document);
	rejet->position = is_row ? row->position : document->position;
	rejet->motif =
		psprintf("%s (SQLSTATE %s)", error->message, unpack_sql_state(error->sqlerrcode));
	rejet->brut = memory_server_string(raw, strlen(raw));
	rejet->next = run->rejets;
	run->rejets = rejet;
	MemoryContextSwitchTo(previous);
}

/*
 * Inserts n documents, or rows, from first on. Where they are refused it halves them, and each
 * half in turn; what is refused alone goes to the run's rejects. Adds to flux.inseres what was
 * inserted.
 *
 * The recursion is as deep as n has bits. Each refused record costs about as many attempts; the
 * list itself is only cut at the end of the n for the time of an attempt. A deadlock and the like
 * are no fault of a record: they are thrown on, and the run is repeated later.
 */
static void
insert_halving(Pending *pending, bool rows, Link *first, int64 n)
{
	Link	  *last = first;
	Link	  *rest;
	ErrorData *error;
	int64	   inserted = pending->flux.inseres;

	CHECK_FOR_INTERRUPTS();
	for (int64 i = 1; i < n; i++)
		last = last->next;
	rest = last->next;
	last->next = NULL;
	choose(pending, rows, first, n);
	error = try(insert_guarded, pending, 1);
	last->next = rest;
	if (error && ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_TRANSACTION_ROLLBACK)
		ReThrowError(error);
	if (error == NULL)
		pending->flux.inseres += inserted;
	else
	{
		pending->flux.inseres = inserted;
		if (n == 1)
			refuse(pending->run, rows, first, error);
		FreeErrorData(error);
		if (n > 1)
		{
			Link *middle = first;

			for (int64 i = 0; i < n / 2; i++)
				middle = middle->next;
			insert_halving(pending, rows, first, n / 2);
			insert_halving(pending, rows, middle, n - n / 2);
		}
	}
}

/*
 * The list of n records in the order in which everyone inserts, which is what keeps two collectors
 * from a deadlock.
 */
static Link *
in_order(Link *first, int64 n, int (*compare)(const void *, const void *))
{
	Link **links = palloc_extended((n + 1) * sizeof(Link *), MCXT_ALLOC_HUGE);
	int64  filled = 0;

	for (Link *link = first; link; link = link->next)
		links[filled++] = link;
	Assert(filled == n);
	qsort(links, n, sizeof(Link *), compare);
	links[n] = NULL;
	for (int64 i = 0; i < n; i++)
		links[i]->next = links[i + 1];
	first = links[0];
	pfree(links);
	return first;
}

/* By fingerprint; of equal ones the first of the run comes first, and is the one that stays. */
static int
compare_documents(const void *a, const void *b)
{
	const Document *left = *(const Document *const *) a;
	const Document *right = *(const Document *const *) b;
	int				order = memcmp(left->fingerprint, right->fingerprint, FINGERPRINT_SIZE);

	if (order == 0)
		order = (left->position > right->position) - (left->position < right->position);
	return order;
}

static int
compare_rows(const void *a, const void *b)
{
	const Row *left = *(const Row *const *) a;
	const Row *right = *(const Row *const *) b;
	int		   order = row_compare(left, right);

	if (order == 0)
		order = (left->position > right->position) - (left->position < right->position);
	return order;
}

/* Inserts the records of the run that are in memory, by halving. */
static void
halve_lists(Pending *pending)
{
	Run	 *run = pending->run;
	int64 n_rows = 0;

	for (const Row *row = run->rows; row; row = row->next)
		n_rows++;
	run->documents =
		(Document *) in_order((Link *) run->documents, run->n_documents, compare_documents);
	run->rows = (Row *) in_order((Link *) run->rows, n_rows, compare_rows);
	if (run->n_documents > 0)
		insert_halving(pending, false, (Link *) run->documents, run->n_documents);
	if (n_rows > 0)
		insert_halving(pending, true, (Link *) run->rows, n_rows);
}

/* The same for the records in its files, batch by batch. */
static void
halve_files(Pending *pending)
{
	Run		 *run = pending->run;
	ListCell *cell;

	foreach (cell, run->sinks)
	{
		void *first;
		int64 n;

		sink_rewind(lfirst(cell));
		while ((first = sink_next(lfirst(cell), &n)) != NULL)
			insert_halving(pending, false, first, n);
		while ((first = sink_next_rows(lfirst(cell), &n)) != NULL)
			insert_halving(pending, true, first, n);
	}
}

/* Attempt, of a run alone whose records were refused as a whole. */
static void
store_halving(Pending *pending, int n)
{
	Assert(n == 1);
	pending->flux.inseres = 0;
	halve_lists(pending);
	halve_files(pending);
	choose_all(pending);
	commit_results(pending, 1);
}

/*
 * Attempt, the last one: only what the source, or the slice, does next. The run's own rows (flux,
 * journal, cache) were refused, so nothing of it is logged.
 */
static void
store_state(Pending *pending, int n)
{
	pending->change.inserted = 0;
	if (pending->run->origin != 0)
		return;
	if (pending->run->source->slice)
		(void) slice_end(pending->run->source, &pending->slice);
	else
		(void) state_write(&pending->change, n);
}

/*
 * Stores one run by itself, as much of it as can be. False where nothing was logged of it: its
 * source is gone, or even its flux was refused. Then its state says so, as for a failure that may
 * pass, and the server's log has a warning.
 */
static bool
store_alone(Pending *pending)
{
	ErrorData *error = try(store_guarded, pending, 1);
	Failure	   failure = FAILURE_INIT;

	if (error && error->sqlerrcode != SOURCE_GONE &&
		(pending->run->n_documents > 0 || pending->run->rows != NULL || run_is_bulk(pending->run)))
		error = try(store_halving, pending, 1);
	if (error == NULL)
		return true;
	if (error->sqlerrcode == SOURCE_GONE)
		return false;
	ereport(WARNING,
			(errcode(error->sqlerrcode), errmsg("run of source \"%s\" could not be stored: %s",
												pending->run->source->nom, error->message)));
	failure_set(&failure, FAILURE_STORE, "%s", error->message);
	pending->change = outcome_of_lease(pending->run->source, GetCurrentTimestamp());
	pending->change.lease = false;
	pending->change.error = psprintf("%s: %s", failure_word(failure.class), error->message);
	if (pending->run->source->slice)
		pending->slice = outcome_of_refused_slice(pending->run->source, pending->change.error);
	error = try(store_state, pending, 1);
	if (error)
		ereport(WARNING, (errcode(error->sqlerrcode),
						  errmsg("state of source \"%s\" could not be stored: %s",
								 pending->run->source->nom, error->message)));
	return false;
}

/*
 * When the run's source needs a collector again: at once where it has listed slices, which can be
 * claimed as soon as they are committed.
 */
static TimestampTz
next_due_of(const Pending *pending)
{
	if (pending->run->source->slice)
		return pending->slice.next;
	return pending->run->listing.slices ? pending->run->ended : pending->change.next;
}

/*
 * Puts the runs' archives into the queue's directory; the rows that name them are written with the
 * runs, by commit_results.c.
 */
static void
queue_archives(Pending *pending, int n)
{
	KeepQueue queue = {.n_failed = 0};

	for (int i = 0; i < n; i++)
	{
		pending[i].payload.id_flux = pending[i].flux.id;
		if (!keep_queue(&queue, pending[i].run, &pending[i].payload))
			pending[i].payload.id_flux = 0;
	}
	keep_queue_end(&queue);
}

List *
commit_runs(List *runs, MemoryContext context, TimestampTz *next_due)
{
	int		  n = list_length(runs);
	Pending	 *pending = palloc0(n * sizeof(Pending));
	int64	 *ids = palloc(n * sizeof(int64));
	bool	 *stored = palloc(n * sizeof(bool));
	List	 *fluxes = NIL;
	ListCell *cell;
	int		  i = 0;
	bool	  together;

	flux_ids(ids, n);
	foreach (cell, runs)
	{
		pending[i].run = lfirst(cell);
		choose_all(&pending[i]);
		outcome_of_run(pending[i].run, &pending[i].flux, &pending[i].change);
		if (pending[i].run->source->slice)
			pending[i].slice = outcome_of_slice(pending[i].run, &pending[i].flux);
		pending[i].flux.id = ids[i];
		i++;
	}
	queue_archives(pending, n);
	together = try(store_quickly, pending, n) == NULL || try(store_guarded, pending, n) == NULL;
	*next_due = DT_NOEND;
	for (i = 0; i < n; i++)
	{
		stored[i] = together || store_alone(&pending[i]);
		*next_due = Min(*next_due, next_due_of(&pending[i]));
		if (!stored[i] && pending[i].payload.id_flux != 0)
			payload_discard(pending[i].payload.id_flux);
	}

	for (i = 0; i < n; i++)
	{
		MemoryContext previous = MemoryContextSwitchTo(context);
		Flux		 *flux = NULL;

		if (stored[i])
		{
			flux = palloc(sizeof(Flux));
			*flux = pending[i].flux;
			flux->erreur = flux->erreur ? pstrdup(flux->erreur) : NULL;
		}
		fluxes = lappend(fluxes, flux);
		MemoryContextSwitchTo(previous);
	}
	return fluxes;
}

void
commit_count(CommitTally *tally, List *fluxes)
{
	ListCell *cell;

	foreach (cell, fluxes)
	{
		const Flux *flux = lfirst(cell);

		tally->n_runs++;
		tally->n_failed += flux == NULL || strcmp(flux->statut, "echec") == 0;
		tally->n_documents += flux ? flux->inseres : 0;
	}
}
