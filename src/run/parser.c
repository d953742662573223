/*
 * parser.c
 *	  Parsing beside the loop.
 *
 * A parser's thread lives while there are bodies to read: it is started with the first and ends
 * with the last, so that a process that only waits has none. One mutex guards the lists of jobs. A
 * job is the thread's alone from when it takes it from the waiting ones until it puts it among the
 * done ones, and the main thread's at all other times.
 *
 * Where an error ends the parser's memory context (a user's statement was cancelled), the reading
 * of a file is stopped and the thread is waited for. At the end of the process the thread is given
 * a moment only; if it is still parsing then, _exit() leaves it behind, so that no library is
 * taken down under it.
 *
 * Never on the thread: anything of the server's but SetLatch(), which is safe in a signal handler
 * and so here.
 */
#include "postgres.h"

#include "base/memory.h"
#include "compat.h"
#include "parse/feed.h"
#include "run/keep.h"
#include "run/parser.h"
#include "run/sink.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "lib/ilist.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "utils/memutils.h"

/* Nanoseconds that the end of the process waits for the threads. */
#define FAREWELL_NS 100000000L

/* So many arenas are kept for the next jobs; beyond that they are made and freed as needed. */
#define KEPT_ARENAS 64

typedef struct JobList
{
	ParseJob  *first;
	ParseJob **end;
} JobList;

struct Parser
{
	MemoryContext	context;
	size_t			arena_limit;
	Arena		   *arenas[KEPT_ARENAS]; /* free ones */
	int				n_arenas;
	bool			threaded;
	dlist_node		node;	/* among those with threads */
	pthread_t		thread; /* the newest, if started */
	bool			started;
	pthread_mutex_t lock;  /* guards what follows */
	pthread_cond_t	ended; /* running has become false */
	bool			running;
	JobList			waiting;
	ParseJob	   *current; /* in the thread's hands */
	JobList			done;
	ParseJob	   *handed; /* with the caller, between parser_next and parser_release */
};

/* The parsers of the process that have threads. */
static dlist_head threaded_parsers = DLIST_STATIC_INIT(threaded_parsers);

static void
list_clear(JobList *list)
{
	list->first = NULL;
	list->end = &list->first;
}

static void
list_append(JobList *list, ParseJob *job)
{
	job->next = NULL;
	*list->end = job;
	list->end = &job->next;
}

static ParseJob *
list_take(JobList *list)
{
	ParseJob *job = list->first;

	if (job != NULL && (list->first = job->next) == NULL)
		list->end = &list->first;
	return job;
}

/*
 * Does the job: on the thread, or in the caller where there is none. ready: whether the thread has
 * what it needs.
 */
static void
parse(ParseJob *job, bool ready)
{
	if (job->piece != NULL)
		keep_pack(job->piece, job->response, job->sink);
	if (!ready)
		failure_set(&job->failure, FAILURE_MEMORY, "out of memory");
	else if (job->sink == NULL)
		job->result = job->kind->parse(job->arena, job->response, &job->failure);
	else if (job->kind->read(job->sink, job->arena, job->response, &job->failure))
		job->result = job->sink;
	if (arena_starved(job->arena))
	{
		failure_set(&job->failure, FAILURE_MEMORY, "out of memory");
		job->result = NULL;
	}
}

/* ---- the thread ---- */

/* The thread's main function: works off the waiting jobs, then ends. */
static void *
parser_main(void *arg)
{
	Parser *parser = arg;
	bool	ready = feed_prepare_thread();

	pthread_mutex_lock(&parser->lock);
	while ((parser->current = list_take(&parser->waiting)) != NULL)
	{
		pthread_mutex_unlock(&parser->lock);
		parse(parser->current, ready);
		pthread_mutex_lock(&parser->lock);
		list_append(&parser->done, parser->current);
		SetLatch(MyLatch);
	}
	parser->running = false;
	pthread_cond_signal(&parser->ended);
	pthread_mutex_unlock(&parser->lock);
	return NULL;
}

/*
 * Has the reading of a file end soon, if the job is one: nobody wants it any more. Under the lock.
 */
static void
stop_job(ParseJob *job)
{
	if (job != NULL && job->sink != NULL)
		sink_stop(job->sink);
}

/* on_proc_exit callback: nothing may be taken down under a thread that still runs. */
static void
await_threads(int code, Datum arg)
{
	struct timespec until;
	dlist_iter		iter;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += FAREWELL_NS;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	dlist_foreach(iter, &threaded_parsers)
	{
		Parser *parser = dlist_container(Parser, node, iter.cur);

		pthread_mutex_lock(&parser->lock);
		list_clear(&parser->waiting);
		stop_job(parser->current);
		while (parser->running)
		{
			if (pthread_cond_timedwait(&parser->ended, &parser->lock, &until) != 0)
				_exit(code);
		}
		pthread_mutex_unlock(&parser->lock);
	}
}

static void
join_thread(Parser *parser)
{
	if (parser->started)
		pthread_join(parser->thread, NULL);
	parser->started = false;
}

/*
 * Starts the thread with all signals blocked, which it inherits: signals are for the main thread.
 * The caller holds the lock. False where the system has no thread to give.
 */
static bool
start_thread(Parser *parser)
{
	sigset_t all;
	sigset_t before;

	join_thread(parser);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	parser->started = pthread_create(&parser->thread, NULL, parser_main, parser) == 0;
	sigprocmask(SIG_SETMASK, &before, NULL);
	parser->running = parser->started;
	return parser->running;
}

/* ---- arenas ---- */

/*
 * Frees what the job holds that its memory context does not; its response belongs to the fetcher,
 * which frees it itself.
 */
static void
free_job(ParseJob *job)
{
	sink_free(job->sink);
	keep_free(job->piece);
	arena_free(job->arena);
}

static void
free_jobs(JobList *list)
{
	for (ParseJob *job = list->first; job != NULL; job = job->next)
		free_job(job);
	list_clear(list);
}

/*
 * Ends the thread: waits for the job in its hands, which ends up among the done ones, and drops
 * the waiting ones.
 */
static void
end_thread(Parser *parser)
{
	JobList left;

	pthread_mutex_lock(&parser->lock);
	left = parser->waiting;
	list_clear(&parser->waiting);
	stop_job(parser->current);
	pthread_mutex_unlock(&parser->lock);
	join_thread(parser);
	free_jobs(&left);
	dlist_delete(&parser->node);
}

/* Reset callback of the parser's memory context. */
static void
parser_destroy(void *arg)
{
	Parser *parser = arg;

	if (parser->threaded)
		end_thread(parser);
	while (parser->n_arenas > 0)
		arena_free(parser->arenas[--parser->n_arenas]);
	free_jobs(&parser->done);
	if (parser->handed != NULL)
		free_job(parser->handed);
	pthread_cond_destroy(&parser->ended);
	pthread_mutex_destroy(&parser->lock);
}

static Arena *
take_arena(Parser *parser)
{
	Arena *arena = parser->n_arenas > 0 ? parser->arenas[--parser->n_arenas]
										: arena_create(parser->arena_limit);

	if (arena == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return arena;
}

static void
give_arena(Parser *parser, Arena *arena)
{
	if (parser->n_arenas == KEPT_ARENAS)
		arena_free(arena);
	else
	{
		arena_reset(arena);
		parser->arenas[parser->n_arenas++] = arena;
	}
}

/* ---- the loop's side ---- */

Parser *
parser_create(MemoryContext context, size_t limit, bool threaded)
{
	Parser				  *parser = MemoryContextAllocZero(context, sizeof(Parser));
	MemoryContextCallback *callback = MemoryContextAlloc(context, sizeof(*callback));

	parser->context = context;
	parser->arena_limit = limit;
	parser->threaded = threaded;
	pthread_mutex_init(&parser->lock, NULL);
	pthread_cond_init(&parser->ended, NULL);
	list_clear(&parser->waiting);
	list_clear(&parser->done);
	callback->func = parser_destroy;
	callback->arg = parser;
	MemoryContextRegisterResetCallback(context, callback);
	if (threaded)
	{
		static bool registered = false;

		feed_prepare();
		if (!registered)
			on_proc_exit(await_threads, (Datum) 0);
		registered = true;
		dlist_push_tail(&threaded_parsers, &parser->node);
	}
	return parser;
}

void
parser_submit(Parser *parser, void *owner, const Kind *kind, FetchResponse *response, Sink *sink,
			  KeepPiece *piece)
{
	ParseJob *job = MemoryContextAllocZero(parser->context, sizeof(ParseJob));

	job->owner = owner;
	job->kind = kind;
	job->response = response;
	job->failure = (Failure) FAILURE_INIT;
	job->arena = take_arena(parser);
	job->sink = sink;
	job->piece = piece;
	if (parser->threaded)
	{
		pthread_mutex_lock(&parser->lock);
		list_append(&parser->waiting, job);
		if (parser->running || start_thread(parser))
			job = NULL;
		else
			list_clear(&parser->waiting); /* it held but this one: see below */
		pthread_mutex_unlock(&parser->lock);
	}
	if (job != NULL) /* there is no thread */
	{
		parse(job, true);
		list_append(&parser->done, job);
	}
}

ParseJob *
parser_next(Parser *parser)
{
	ParseJob *job;

	pthread_mutex_lock(&parser->lock);
	job = list_take(&parser->done);
	pthread_mutex_unlock(&parser->lock);
	parser->handed = job;
	return job;
}

void
parser_release(Parser *parser, ParseJob *job)
{
	parser->handed = NULL;
	sink_free(job->sink);
	keep_free(job->piece);
	fetch_free(job->response);
	give_arena(parser, job->arena);
	pfree(job);
}

/* A job whose owner is NULL is finished, but its result goes to nobody. */
static void
abandon(ParseJob *job, const void *owner)
{
	if (job == NULL || job->owner != owner)
		return;
	job->owner = NULL;
	stop_job(job);
}

static void
abandon_in(ParseJob *job, const void *owner)
{
	for (; job != NULL; job = job->next)
		abandon(job, owner);
}

void
parser_abandon(Parser *parser, const void *owner)
{
	pthread_mutex_lock(&parser->lock);
	abandon_in(parser->waiting.first, owner);
	abandon_in(parser->done.first, owner);
	abandon(parser->current, owner);
	pthread_mutex_unlock(&parser->lock);
}

bool
parser_progress(Parser *parser, const void *owner, int64 *n_read)
{
	ParseJob *current;
	bool	  found;

	pthread_mutex_lock(&parser->lock);
	current = parser->current;
	found = current != NULL && current->owner == owner && current->sink != NULL;
	if (found)
		*n_read = sink_n_read(current->sink);
	pthread_mutex_unlock(&parser->lock);
	return found;
}
