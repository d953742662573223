/*
 * round.c
 *	  Many runs at once: one fetcher, one parser, one wait.
 *
 * A run is in one of two lists: active, while it has requests under way, or finished, while it
 * waits for its commit. round_work() waits once for all of them, and hands each response to its
 * run, the body to a parser, and what was parsed back to the run.
 *
 * A round touches neither tables nor transactions; nor do the runs.
 */
#include "postgres.h"

#include "base/memory.h"
#include "base/settings.h"
#include "net/host.h"
#include "run/replay.h"
#include "run/round.h"
#include "store/secret.h"

#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/*
 * Parsing takes a few times the size of what is parsed: texts, their copies without markup, the
 * items. A feed that takes more than this times datasens.max_response_size is refused.
 */
#define ARENA_FACTOR 8

/* Bytes for the reading of a file, which does not take more however large the file is. */
#define FILE_ARENA ((size_t) 48 * 1024 * 1024)

/* Bytes for what has to be done with a URL. */
#define ARENA_SMALL (256 * 1024)

/*
 * So many responses are handled before round_work() returns, so that its caller can look at
 * interrupts and commit.
 */
#define MAX_RESPONSES 64

/*
 * Microseconds between two updates of what the progress view shows: a user looks about every
 * second.
 */
#define PROGRESS_EVERY (USECS_PER_SEC / 2)

struct Round
{
	MemoryContext context;
	RunMeans	  means;
	MemoryContext waits_context;   /* of means.host_waits */
	MemoryContext secrets_context; /* of means.secrets */
	HTAB		 *sources;		   /* id_source of every run in the lists */
	dlist_head	  active;
	dlist_head	  finished;
	int			  n_active;
	int			  n_finished;
	int			  n_slices;
	Size		  finished_bytes;
	TimestampTz	  finished_since;
	TimestampTz	  progress_shown;
	bool		  backlog; /* more responses are there than were handled */
};

Round *
round_create(MemoryContext parent, bool threaded)
{
	MemoryContext context = AllocSetContextCreate(parent, "datasens round", ALLOCSET_DEFAULT_SIZES);
	Round		 *round = MemoryContextAllocZero(context, sizeof(Round));
	HASHCTL		  control = {.keysize = sizeof(int32), .entrysize = sizeof(int32), .hcxt = context};

	round->context = context;
	dlist_init(&round->active);
	dlist_init(&round->finished);
	round->sources = hash_create("datasens sources under way", 256, &control,
								 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	round->waits_context =
		AllocSetContextCreate(context, "datasens host waits", ALLOCSET_SMALL_SIZES);
	round->secrets_context =
		AllocSetContextCreate(context, "datasens secrets", ALLOCSET_SMALL_SIZES);
	round->means.fetcher = fetcher_create(context);
	round->means.parser =
		parser_create(context, (size_t) setting_max_response_size * 1024 * ARENA_FACTOR, threaded);
	round->means.file_parser = parser_create(context, FILE_ARENA, true);
	round->means.arena = memory_arena(context, ARENA_SMALL);
	return round;
}

void
round_free(Round *round)
{
	MemoryContextDelete(round->context);
}

/* The run has nothing under way any more: it waits for its commit now. */
static void
finish(Round *round, Run *run)
{
	dlist_push_tail(&round->finished, &run->node);
	if (round->n_finished++ == 0)
		round->finished_since = GetCurrentTimestamp();
	if (run_is_bulk(run))
		round->finished_since = DT_NOBEGIN;
	round->finished_bytes += run->document_bytes;
}

/*
 * Starts a run and puts it into one of the lists: it may be finished at once, as one whose URL was
 * refused. origin: the flux that it replays, or 0.
 */
static void
start(Round *round, Source *source, const char *trigger, int64 origin)
{
	Run *run;

	MemoryContextSetParent(source->context, round->context);
	run = run_start(&round->means, source, trigger);
	run->origin = origin;
	if (run_finished(run))
		run_finish(run);
	if (source->slice)
		round->n_slices++;
	else
		(void) hash_search(round->sources, &source->id, HASH_ENTER, NULL);
	if (run_finished(run))
		finish(round, run);
	else
	{
		dlist_push_tail(&round->active, &run->node);
		round->n_active++;
	}
}

void
round_start(Round *round, Source *source, const char *trigger)
{
	start(round, source, trigger, 0);
}

void
round_start_replay(Round *round, Source *source, int64 id_flux)
{
	start(round, source, "rejeu", id_flux);
}

void
round_set_host_waits(Round *round, List *waits)
{
	MemoryContext previous;
	List		 *copies = NIL;
	ListCell	 *cell;

	MemoryContextReset(round->waits_context);
	previous = MemoryContextSwitchTo(round->waits_context);
	foreach (cell, waits)
	{
		const HostWait *wait = lfirst(cell);
		HostWait	   *copy = palloc(sizeof(HostWait));

		copy->host = pstrdup(wait->host);
		copy->until = wait->until;
		copies = lappend(copies, copy);
		host_hold(host_key((Text){wait->host, strlen(wait->host)}),
				  wait->until - GetCurrentTimestamp());
	}
	round->means.host_waits = copies;
	MemoryContextSwitchTo(previous);
}

void
round_set_secrets(Round *round, List *secrets)
{
	MemoryContext previous;
	List		 *copies = NIL;
	ListCell	 *cell;

	MemoryContextReset(round->secrets_context);
	previous = MemoryContextSwitchTo(round->secrets_context);
	foreach (cell, secrets)
	{
		const Secret *secret = lfirst(cell);
		Secret		 *copy = palloc(sizeof(Secret));

		copy->name = pstrdup(secret->name);
		copy->value = pstrdup(secret->value);
		copies = lappend(copies, copy);
	}
	round->means.secrets = copies;
	MemoryContextSwitchTo(previous);
}

void
round_set_replay(Round *round, Replay *replay)
{
	round->means.replay = replay;
	fetcher_supply(round->means.fetcher, replay_supply, replay);
}

bool
round_has(const Round *round, int32 id_source)
{
	return hash_search(round->sources, &id_source, HASH_FIND, NULL) != NULL;
}

int
round_n_active(const Round *round)
{
	return round->n_active;
}

int
round_n_finished(const Round *round)
{
	return round->n_finished;
}

int
round_n_slices(const Round *round)
{
	return round->n_slices;
}

Size
round_finished_bytes(const Round *round)
{
	return round->finished_bytes;
}

TimestampTz
round_finished_since(const Round *round)
{
	return round->finished_since;
}

/*
 * Moves a run to the finished ones if that was the last of its requests. Its kind is asked first,
 * and may ask for more (run_finish).
 */
static void
look_at(Round *round, Run *run)
{
	if (run_finished(run))
		run_finish(run);
	if (!run_finished(run))
		return;
	dlist_delete(&run->node);
	round->n_active--;
	finish(round, run);
}

static void
respond(Round *round, FetchResponse *response)
{
	Request *request = response->owner;

	run_respond(request, response);
	look_at(round, request->run);
}

/*
 * Gives the parser's next job to its run, or to nobody where that run has ended; false where there
 * is no job.
 */
static bool
take_parsed(Round *round, Parser *parser)
{
	ParseJob *job = parser_next(parser);
	Request	 *request;

	if (job == NULL)
		return false;
	request = job->owner;
	if (request != NULL)
	{
		run_parsed(request, job);
		look_at(round, request->run);
	}
	parser_release(parser, job);
	return true;
}

/*
 * Updates the run's progress entry. How many bytes there will be is known only while all that the
 * run waits for is on its way and has been announced with its length.
 */
static void
show_run(Round *round, Run *run)
{
	ProgressPhase phase = PROGRESS_FETCHING;
	int64		  bytes = run->octets;
	int64		  total = -1;
	int64		  items = run->pages_known > 0 ? run->pages_done : run->n_read;
	bool		  announced = true;

	for (Request *request = run->requests; request; request = request->next)
	{
		int64 n = 0;
		int64 length = -1;

		if (request->state != REQUEST_PENDING)
			continue;
		if (fetcher_progress(round->means.fetcher, request, &n, &length))
			bytes += n;
		else if (parser_progress(round->means.file_parser, request, &n))
		{
			phase = PROGRESS_READING;
			items += n;
		}
		announced = announced && length >= 0;
		total = (total < 0 ? run->octets : total) + length;
	}
	progress_set(run->progress, phase, bytes, announced ? total : -1, items);
}

/* Updates the progress entries of all runs, if it is time to. */
static void
show_progress(Round *round)
{
	TimestampTz now = GetCurrentTimestamp();
	dlist_iter	iter;

	if (now - round->progress_shown < PROGRESS_EVERY)
		return;
	round->progress_shown = now;
	dlist_foreach(iter, &round->active)
	{
		Run *run = dlist_container(Run, node, iter.cur);

		if (run->progress != NULL)
			show_run(round, run);
	}
}

void
round_work(Round *round, long timeout)
{
	fetcher_wait(round->means.fetcher, round->backlog ? 0 : timeout);
	round->backlog = true;
	for (int i = 0; i < MAX_RESPONSES && round->backlog; i++)
	{
		FetchResponse *response = fetcher_next(round->means.fetcher);
		bool		   parsed;

		if (response)
			respond(round, response);
		parsed = take_parsed(round, round->means.parser);
		if (take_parsed(round, round->means.file_parser))
			parsed = true;
		round->backlog = response || parsed;
	}
	show_progress(round);
}

/* Empties a list; its runs are the caller's from here on, and no longer the round's. */
static List *
take_all(Round *round, dlist_head *head)
{
	List			  *runs = NIL;
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, head)
	{
		Run *run = dlist_container(Run, node, iter.cur);

		dlist_delete(iter.cur);
		if (run->source->slice)
			round->n_slices--;
		else
			(void) hash_search(round->sources, &run->source->id, HASH_REMOVE, NULL);
		runs = lappend(runs, run);
	}
	return runs;
}

List *
round_take_finished(Round *round)
{
	round->n_finished = 0;
	round->finished_bytes = 0;
	return take_all(round, &round->finished);
}

List *
round_take_active(Round *round)
{
	round->n_active = 0;
	return take_all(round, &round->active);
}
