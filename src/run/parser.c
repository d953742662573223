/*
 * parser.c
 *	  Parsing beside the loop.
 *
 * The thread lives while there are bodies to read: it is started with the first
 * and ends with the last, so that a process that only waits has none.  One mutex
 * guards the lists; a job belongs to the thread between waiting and done, and to
 * the loop otherwise.  At the end of the process the thread is given a moment;
 * one that still parses is left behind by _exit, so that no library is taken
 * down under it.
 */
#include "postgres.h"

#include "base/memory.h"
#include "compat.h"
#include "parse/feed.h"
#include "run/parser.h"
#include "run/sink.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "miscadmin.h"
#include "storage/ipc.h"
#include "utils/memutils.h"

/* How long the end of the process waits for the thread. */
#define FAREWELL_NS 100000000L

/* Arenas kept for the next jobs; more than that are made and freed as needed. */
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
	pthread_mutex_t lock;  /* guards what follows */
	pthread_cond_t	ended; /* running has become false */
	bool			running;
	JobList			waiting;
	ParseJob	   *current; /* in the thread's hands */
	JobList			done;
	ParseJob	   *handed; /* with the caller, between parser_next and parser_release */
};

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

static void
parse(ParseJob *job)
{
	if (job->sink == NULL)
		job->result = job->kind->parse(job->arena, job->response, &job->failure);
	else if (job->kind->read(job->sink, job->arena, job->response, &job->failure))
		job->result = job->sink;
}

/* ---- the thread ---- */

static void *
parser_main(void *arg)
{
	Parser *parser = arg;

	pthread_mutex_lock(&parser->lock);
	while ((parser->current = list_take(&parser->waiting)) != NULL)
	{
		pthread_mutex_unlock(&parser->lock);
		parse(parser->current);
		pthread_mutex_lock(&parser->lock);
		list_append(&parser->done, parser->current);
		SetLatch(MyLatch);
	}
	parser->running = false;
	pthread_cond_signal(&parser->ended);
	pthread_mutex_unlock(&parser->lock);
	return NULL;
}

/* on_proc_exit: nothing may be taken down under a thread that still runs. */
static void
await_thread(int code, Datum arg)
{
	Parser		   *parser = (Parser *) DatumGetPointer(arg);
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += FAREWELL_NS;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&parser->lock);
	list_clear(&parser->waiting);
	while (parser->running)
	{
		if (pthread_cond_timedwait(&parser->ended, &parser->lock, &until) != 0)
			_exit(code);
	}
	pthread_mutex_unlock(&parser->lock);
}

/*
 * Starts the thread with all signals blocked: they are the process's own
 * business.  The caller holds the lock.  False where the system has no room.
 */
static bool
start_thread(Parser *parser)
{
	pthread_t thread;
	sigset_t  all;
	sigset_t  before;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	parser->running = pthread_create(&thread, NULL, parser_main, parser) == 0;
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (parser->running)
		pthread_detach(thread);
	return parser->running;
}

/* ---- arenas ---- */

/* What a job has that the parser's context does not free; its response is the fetcher's. */
static void
free_job(ParseJob *job)
{
	sink_free(job->sink);
	arena_free(job->arena);
}

/* Where an error ends a user's statement, no thread is there to hold any of them. */
static void
free_arenas(void *arg)
{
	Parser *parser = arg;

	while (parser->n_arenas > 0)
		arena_free(parser->arenas[--parser->n_arenas]);
	for (ParseJob *job = parser->done.first; job != NULL; job = job->next)
		free_job(job);
	if (parser->handed != NULL)
		free_job(parser->handed);
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
	callback->func = free_arenas;
	callback->arg = parser;
	MemoryContextRegisterResetCallback(context, callback);
	if (threaded)
	{
		feed_prepare();
		on_proc_exit(await_thread, PointerGetDatum(parser));
	}
	return parser;
}

void
parser_submit(Parser *parser, void *owner, const Kind *kind, FetchResponse *response, Sink *sink)
{
	ParseJob *job = MemoryContextAllocZero(parser->context, sizeof(ParseJob));

	job->owner = owner;
	job->kind = kind;
	job->response = response;
	job->failure = (Failure) FAILURE_INIT;
	job->arena = take_arena(parser);
	job->sink = sink;
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
	if (job != NULL) /* no thread to be had */
	{
		parse(job);
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
	fetch_free(job->response);
	give_arena(parser, job->arena);
	pfree(job);
}

static void
abandon_in(ParseJob *job, const void *owner)
{
	for (; job != NULL; job = job->next)
	{
		if (job->owner == owner)
			job->owner = NULL;
	}
}

void
parser_abandon(Parser *parser, const void *owner)
{
	pthread_mutex_lock(&parser->lock);
	abandon_in(parser->waiting.first, owner);
	abandon_in(parser->done.first, owner);
	if (parser->current != NULL && parser->current->owner == owner)
		parser->current->owner = NULL;
	pthread_mutex_unlock(&parser->lock);
}
