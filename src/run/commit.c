/*
 * commit.c
 *	  Finished runs into the tables: everything that a run changed, or nothing
 *	  of it.
 *
 * Many runs share a transaction, and each statement is one for all of them:
 * that is the fast way, tried first, inside a subtransaction; where somebody
 * else stored one of the documents at the same moment, the guarded way.  Where
 * something is refused, the runs are stored one by one, so that only the one concerned
 * suffers; and where a run's records are refused, they are halved until the
 * one that is to blame stands alone and goes to rejet.
 */
#include "postgres.h"

#include "base/memory.h"
#include "compat.h"
#include "operate/alert.h"
#include "run/commit.h"
#include "run/keep.h"
#include "run/outcome.h"
#include "run/sink.h"
#include "source/options.h"
#include "store/journal.h"
#include "store/slice.h"
#include "store/state.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

/* A run on its way into the tables, and those of its records in memory that are to be inserted now. */
typedef struct Pending
{
	Run		   *run;
	Document   *documents;
	int64		n_documents;
	Row		   *rows;
	Flux		flux;
	Payload		payload; /* its archive; id_flux 0: none */
	StateChange change;	 /* of a run of the source */
	SliceEnd	slice;	 /* of a run of a slice */
} Pending;

/* What a list of records begins with, be they documents or rows of other tables. */
typedef struct Link
{
	struct Link *next;
} Link;

StaticAssertDecl(offsetof(Document, next) == 0 && offsetof(Row, next) == 0,
				 "lists of records are linked by their first member");

/* Chooses all records of the run to be inserted now. */
static void
choose_all(Pending *pending)
{
	pending->documents = pending->run->documents;
	pending->n_documents = pending->run->n_documents;
	pending->rows = pending->run->rows;
}

/* Chooses only the n records of that list, which are rows or documents. */
static void
choose(Pending *pending, bool rows, Link *first, int64 n)
{
	pending->documents = rows ? NULL : (Document *) first;
	pending->n_documents = rows ? 0 : n;
	pending->rows = rows ? (Row *) first : NULL;
}

/* ---- the statements, for all runs at once ---- */

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

/* The records that are in memory. */
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

/* Inserts the next documents of a file, *n of them; returns how many were new. */
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

/* The same for its rows. */
static int64
insert_file_rows(Sink *sink, int64 id_flux, DocumentWay way, int64 *n)
{
	RowBatch batch = {.flux.id_flux = id_flux, .first = sink_next_rows(sink, n)};

	if (*n > 0)
		row_insert(&batch, 1);
	return batch.flux.inserted;
}

/* Inserts a file's records batch by batch.  What a batch takes ends with SPI's connection. */
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
 * The records of a run's files: documents in the order of their fingerprints, then
 * rows.  Several files of a run come one after the other.
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

/* What servers told us: validators to send next time, moves, ends, waits. */
static void
store_requests(const Run *run)
{
	const Source *source = run->source;
	int			  gone = 0;
	int			  n = 0;
	const char	 *gone_url = NULL;
	ListCell	 *cell;

	for (const Request *request = run->requests; request; request = request->next)
	{
		const Failure *failure = &request->failure;

		n += request->state != REQUEST_HEARD; /* a robots.txt is not what the source is about */
		if (request->moved_to && request->state != REQUEST_FAILED && !request->once)
			journal_source_moved(source->id, source->nom, request->url, request->moved_to);
		if (request->state == REQUEST_DONE && !request->once)
		{
			if (request->moved_to)
				request->remember->url = request->moved_to;
			cache_store(request->remember);
		}
		if (request->state != REQUEST_FAILED)
			continue;
		if (failure->class == FAILURE_GONE)
		{
			gone++;
			gone_url = request->url;
		}
		if (failure->host_wide && failure->retry_after > 0 && request->host)
			host_store(request->host, run->ended + failure->retry_after * USECS_PER_SEC);
	}
	robots_store(run->robots);
	foreach (cell, run->notes)
	{
		const Note *note = lfirst(cell);

		journal_write(note->action, note->details);
	}
	if (gone > 0 && gone == n && source->slice == NULL)
		journal_source_gone(source->id, source->nom, gone_url);
}

/* Missed runs that are made up for are worth a line. */
static void
store_catch_up(const Pending *pending, int n)
{
	const char *first = NULL;
	int64		caught_up = 0;

	for (int i = 0; i < n; i++)
	{
		if (pending[i].run->source->slice || strcmp(pending[i].flux.declencheur, "rattrapage") != 0)
			continue;
		if (caught_up++ == 0)
			first = pending[i].run->source->nom;
	}
	journal_caught_up(caught_up, first);
}

/*
 * A failure that is not followed by a retry, or a success, may be an alert.  That of a
 * slice depends on the others of its source; slices of a past that was asked for are
 * counted there (datasens_backfills) and no alert.
 */
static void
store_alert(const Pending *pending)
{
	const Source	  *source = pending->run->source;
	const StateChange *change = &pending->change;

	if (source->slice)
	{
		if (source->alert != NULL || (pending->slice.given_up && source->slice->backfill == 0))
			alert_source_slices(source,
								pending->slice.collected ? SLICE_NEWS_COLLECTED : SLICE_NEWS_FAILED,
								pending->flux.inseres);
	}
	else if (change->failures > 0)
		alert_source_failed(source, change->error);
	else if (TIMESTAMP_IS_NOBEGIN(change->succeeded))
		return;
	else if (source->kind->begin_slice)
		alert_source_slices(source, SLICE_NEWS_LISTED, pending->flux.inseres);
	else
		alert_source_succeeded(source, pending->flux.inseres);
}

/* Tells those who listen of new documents, where the source is to do so. */
static void
store_notification(const Pending *pending)
{
	const Source *source = pending->run->source;

	if (pending->flux.inseres > 0 && options_have(source->options, OPTION_NOTIFY))
		document_notify(pending->flux.id, source->nom, pending->flux.inseres);
}

/* The source of at least one run is no longer there, or its slice no longer expected. */
#define SOURCE_GONE ERRCODE_NO_DATA_FOUND

static int
compare_sources(const void *a, const void *b)
{
	const Pending *left = *(const Pending *const *) a;
	const Pending *right = *(const Pending *const *) b;

	return (left->run->source->id > right->run->source->id) -
		   (left->run->source->id < right->run->source->id);
}

static void
store_ledger(Pending *pending)
{
	const Source *source = pending->run->source;

	pending->slice.inserted = pending->change.inserted;
	if (source->slice == NULL)
		slice_store_listing(source, &pending->run->listing);
	else if (!slice_end(source, &pending->slice))
		ereport(ERROR, (errcode(SOURCE_GONE), errmsg("the slice is no longer expected")));
}

/* The ledgers come last, in the order of their sources: see store/slice.h. */
static void
store_ledgers(Pending *pending, int n)
{
	Pending **concerned = palloc(n * sizeof(Pending *));
	int		  n_concerned = 0;

	for (int i = 0; i < n; i++)
	{
		if (pending[i].run->origin == 0 &&
			(pending[i].run->source->slice || pending[i].run->listing.newest))
			concerned[n_concerned++] = &pending[i];
	}
	qsort(concerned, n_concerned, sizeof(Pending *), compare_sources);
	for (int i = 0; i < n_concerned; i++)
		store_ledger(concerned[i]);
}

/*
 * Of a replay only its records, its flux and their count: what servers said then is not how
 * things are now.
 */
static void
store_replay(const Pending *pending)
{
	if (!state_add_documents(pending->run->source->id, pending->flux.inseres))
		ereport(ERROR, (errcode(SOURCE_GONE), errmsg("the source has been dropped")));
	store_notification(pending);
}

/* What servers said, and what is archived of it. */
static void
store_run(const Pending *pending)
{
	store_requests(pending->run);
	store_notification(pending);
	if (pending->payload.id_flux != 0)
		payload_insert(&pending->payload);
}

/* The states of all, also those of slices' sources, which are written later. */
static void
hold_states(const Pending *pending, int n)
{
	List *ids = NIL;

	for (int i = 0; i < n; i++)
		ids = lappend_int(ids, pending[i].run->source->id);
	state_hold(ids);
}

/* All that follows from the records: called with flux.inseres set. */
static void
store_results(Pending *pending, int n)
{
	Flux		*fluxes = palloc(n * sizeof(Flux));
	StateChange *changes = palloc(n * sizeof(StateChange));
	int			 n_changes = 0;

	for (int i = 0; i < n; i++)
	{
		Flux *flux = &pending[i].flux;

		flux->rejetes = pending[i].run->n_rejets;
		flux->doublons = flux->lus - flux->inseres - flux->rejetes;
		pending[i].change.inserted = flux->inseres;
		fluxes[i] = *flux;
		if (pending[i].run->source->slice == NULL && pending[i].run->origin == 0)
			changes[n_changes++] = pending[i].change;
	}
	if (n > 1 && n_changes < n)
		hold_states(pending, n);
	if (state_write(changes, n_changes) < n_changes)
		ereport(ERROR, (errcode(SOURCE_GONE), errmsg("the source has been dropped")));
	flux_insert(fluxes, n);
	store_catch_up(pending, n);
	for (int i = 0; i < n; i++)
	{
		rejet_insert(pending[i].flux.id, pending[i].run->rejets);
		if (pending[i].run->origin != 0)
			store_replay(&pending[i]);
		else
			store_run(&pending[i]);
	}
	store_ledgers(pending, n);
	for (int i = 0; i < n; i++)
	{
		if (pending[i].run->origin == 0)
			store_alert(&pending[i]);
	}
}

/* ---- inside a subtransaction ---- */

typedef void (*Attempt)(Pending *pending, int n);

/*
 * Errors that would meet every run alike: no use in trying them one by one.  A lock that
 * cannot be had now would be waited for in every try.
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
 * Runs an attempt in a subtransaction and a SPI connection of its own, which
 * takes its registered rows along.  NULL: done; else it was rolled back, and
 * the error says why (in the current memory context).
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

static void
store_quickly(Pending *pending, int n)
{
	insert_documents(pending, n, DOCUMENT_QUICK);
	store_results(pending, n);
}

static void
store_guarded(Pending *pending, int n)
{
	insert_documents(pending, n, DOCUMENT_GUARDED);
	store_results(pending, n);
}

static void
insert_guarded(Pending *pending, int n)
{
	insert_lists(pending, n, DOCUMENT_GUARDED);
}

/* ---- one run alone ---- */

/* What a document is told by: title and URL (palloc'd, UTF-8). */
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

/* Takes a refused record out of its run: the caller's list is without it. */
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
 * Inserts n documents, or rows, from first on, halving them where they are refused;
 * what is refused alone goes to the run's rejects.  Adds to flux.inseres.  The
 * recursion is as deep as n has bits.  A deadlock and its like are no fault of a
 * record: the run is repeated.
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

/* The list in the order in which everyone inserts; n of them. */
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

/* The same with the records of a run that are in memory. */
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

/* The same with the batches of a run's files. */
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

static void
store_halving(Pending *pending, int n)
{
	Assert(n == 1);
	pending->flux.inseres = 0;
	halve_lists(pending);
	halve_files(pending);
	choose_all(pending);
	store_results(pending, 1);
}

/* Only what the source, or the slice, does next: the run's own rows were refused. */
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

/* Stores a run by itself, as much of it as can be; false where nothing was logged of it. */
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

/* When the run's source is due: at once, where slices that were listed can be claimed. */
static TimestampTz
next_due_of(const Pending *pending)
{
	if (pending->run->source->slice)
		return pending->slice.next;
	return pending->run->listing.slices ? pending->run->ended : pending->change.next;
}

/* Puts the runs' archives into the queue, which their rows are in when the runs are committed. */
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
