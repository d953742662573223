/*
 * commit_results.c
 *	  What follows from a run's records, once they are in the tables: the row of flux that logs
 *	  it, its source's next due time, what servers told us, the ledger of slices, alerts.
 *
 * All locks on rows are taken in one order, whoever commits: the sources' states first, by their
 * ids, the ledgers last. So two transactions never wait for each other.
 *
 * Called by commit.c, in its subtransactions; an error here takes back the records, too.
 */
#include "postgres.h"

#include "operate/alert.h"
#include "run/commit_parts.h"
#include "source/options.h"
#include "store/journal.h"

#include "utils/timestamp.h"

/*
 * Stores what servers told us: validators to send next time, addresses that have moved or are gone
 * for good. And the lines that the kind wants in the journal. What concerns whole hosts, waits and
 * robots.txt files, is added to *hosts, for host_store.
 */
static void
store_requests(const Run *run, List **hosts)
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
			host_add_wait(hosts, request->host, run->ended + failure->retry_after * USECS_PER_SEC);
	}
	host_add_robots(hosts, run->robots);
	foreach (cell, run->notes)
	{
		const Note *note = lfirst(cell);

		journal_write(note->action, note->details);
	}
	if (gone > 0 && gone == n && source->slice == NULL)
		journal_source_gone(source->id, source->nom, gone_url);
}

/* One line of the journal for all runs here that make up for missed ones. */
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
 * Raises an alert where a failure is not followed by a retry, and ends it on a success. Whether
 * the failure of a slice is an alert depends on the other slices of its source; slices of a past
 * that was asked for are counted elsewhere (datasens_backfills) and raise none.
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

/* NOTIFY of new documents, where the source has the option for it. */
static void
store_notification(const Pending *pending)
{
	const Source *source = pending->run->source;

	if (pending->flux.inseres > 0 && options_have(source->options, OPTION_NOTIFY))
		document_notify(pending->flux.id, source->nom, pending->flux.inseres);
}

/* For qsort of Pending *: by the source's id. */
static int
compare_sources(const void *a, const void *b)
{
	const Pending *left = *(const Pending *const *) a;
	const Pending *right = *(const Pending *const *) b;

	return (left->run->source->id > right->run->source->id) -
		   (left->run->source->id < right->run->source->id);
}

/*
 * Writes what a run says of slices into its source's ledger: what a list announced, or how the
 * slice itself ended.
 */
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

/*
 * The ledgers of all runs that concern one, in the order of their sources, and last of all: see
 * store/slice.h.
 */
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
 * Of a replay only its records, its flux and their count: what servers said then is not how things
 * are now, so the source's state is left alone.
 */
static void
store_replay(const Pending *pending)
{
	if (!state_add_documents(pending->run->source->id, pending->flux.inseres))
		ereport(ERROR, (errcode(SOURCE_GONE), errmsg("the source has been dropped")));
	store_notification(pending);
}

/* What servers said, and what goes to the archive. */
static void
store_run(const Pending *pending, List **hosts)
{
	store_requests(pending->run, hosts);
	store_notification(pending);
	if (pending->payload.id_flux != 0)
		payload_insert(&pending->payload);
}

/*
 * Locks the states of all runs' sources in one statement, in order. state_write would do, were it
 * not for slices, whose sources' states are written later, one by one.
 */
static void
hold_states(const Pending *pending, int n)
{
	List *ids = NIL;

	for (int i = 0; i < n; i++)
		ids = lappend_int(ids, pending[i].run->source->id);
	state_hold(ids);
}

/* All that follows from the records: called with flux.inseres set. */
void
commit_results(Pending *pending, int n)
{
	Flux		*fluxes = palloc(n * sizeof(Flux));
	StateChange *changes = palloc(n * sizeof(StateChange));
	int			 n_changes = 0;
	List		*hosts = NIL;

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
			store_run(&pending[i], &hosts);
	}
	host_store(hosts);
	store_ledgers(pending, n);
	for (int i = 0; i < n; i++)
	{
		if (pending[i].run->origin == 0)
			store_alert(&pending[i]);
	}
}
