/*
 * run.c
 *	  A run: one source, from its first request to what is to be committed.
 *
 * Its kind's functions run here, each guarded: an error in one becomes the failure of the request
 * that it was about, or of the run (failure_of_error), so that no other run notices. Only a cancel
 * is thrown on. What is allocated comes from the run's memory context and goes with it.
 *
 * The way of a request: run_ask() hands it to the fetcher; run_respond() takes the response, and
 * ends the request or submits the body to a parser; run_parsed() takes what was parsed and has the
 * kind emit it. A run ends when n_pending is 0.
 */
#include "postgres.h"

#include "base/memory.h"
#include "base/settings.h"
#include "base/transaction.h"
#include "compat.h"
#include "parse/url.h"
#include "run/keep.h"
#include "run/replay.h"
#include "run/run.h"
#include "run/sink.h"

#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* ---- what a run does for its kind ---- */

const Source *
run_source(const Run *run)
{
	return run->source;
}

void
run_format(Run *run, const char *format)
{
	run->format = format;
}

/* A URL that was collected before; the key is what it points to. */
typedef struct CachedUrl
{
	const char		 *url;
	const CacheEntry *entry;
} CachedUrl;

/*
 * Builds the table of what is known of the source's URLs, at the first question: a crawl asks for
 * thousands of URLs, and knows as many.
 */
static void
index_cached(Run *run)
{
	ListCell *cell;

	run->cached = memory_string_table(run->context, "datasens cached URLs", sizeof(CachedUrl),
									  list_length(run->source->cached));
	foreach (cell, run->source->cached)
	{
		const CacheEntry *entry = lfirst(cell);
		CachedUrl		 *cached = hash_search(run->cached, &entry->url, HASH_ENTER, NULL);

		cached->entry = entry;
	}
}

/* What is known of the URL since it was collected last, or NULL. */
static const CacheEntry *
find_cached(Run *run, const char *url)
{
	const CachedUrl *cached;

	if (run->source->cached == NIL)
		return NULL;
	if (run->cached == NULL)
		index_cached(run);
	cached = hash_search(run->cached, &url, HASH_FIND, NULL);
	return cached ? cached->entry : NULL;
}

/*
 * The origin of a URL (scheme, host, port) as a string of the run's; NULL where the URL is
 * unusable.
 */
static char *
origin_of(Run *run, const char *url)
{
	Text origin;

	arena_reset(run->means->arena);
	origin = url_origin(run->means->arena, (Text){url, strlen(url)});
	if (!text_present(origin))
		return NULL;
	return pnstrdup(origin.data, origin.len);
}

/* For how many seconds the host still asks to be left alone; -1: it does not. */
static int
host_wait(const Run *run, const char *host)
{
	ListCell *cell;

	foreach (cell, run->means->host_waits)
	{
		const HostWait *wait = lfirst(cell);

		if (host != NULL && strcmp(wait->host, host) == 0 && wait->until > run->started)
			return (int) ((wait->until - run->started) / USECS_PER_SEC) + 1;
	}
	return -1;
}

/* Ends a request by a failure, in whose detail the run's secrets are masked. */
static void
request_failed(Request *request, const Failure *failure)
{
	request->state = REQUEST_FAILED;
	request->failure = *failure;
	run_mask(request->run, request->failure.detail);
}

/*
 * "name=value" of the parameter that the URL lacks because it is a secret, or NULL. Only the
 * fetcher sees it.
 */
static char *
secret_query(Run *run, const Ask *ask)
{
	Text value;

	if (ask->secret == NULL)
		return NULL;
	arena_reset(run->means->arena);
	value = url_encode(run->means->arena, (Text){ask->secret, strlen(ask->secret)});
	if (!text_present(value))
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return psprintf("%s=%.*s", ask->secret_parameter, (int) value.len, value.data);
}

static char *
copy_or_null(const char *string)
{
	return string ? pstrdup(string) : NULL;
}

/* Adds a request for the URL to the run's. */
static Request *
add_request(Run *run, const Ask *ask)
{
	Request *request = palloc0(sizeof(Request));

	request->run = run;
	request->url = pstrdup(ask->url);
	request->once = ask->once;
	request->cached = ask->once ? NULL : find_cached(run, ask->url);
	request->host = origin_of(run, ask->url);
	*run->requests_end = request;
	run->requests_end = &request->next;
	return request;
}

void
run_ask(Run *run, const Ask *ask)
{
	MemoryContext previous = MemoryContextSwitchTo(run->context);
	FetchRequest  fetch = {.to_file = ask->to_file,
						   .from_file = ask->from_file,
						   .parameters = ask->parameters,
						   .end_bytes = ask->end_bytes,
						   .headers = ask->headers,
						   .n_headers = ask->n_headers,
						   .spacing = ask->spacing,
						   .alone = ask->alone,
						   .stay = ask->stay,
						   .secret_query = secret_query(run, ask)};
	Request		 *request = add_request(run, ask);
	int			  wait;

	/* Requests with a spacing wait for the host, if it is not for too long (net/host.h). */
	wait = ask->spacing > 0 || run->means->replay ? -1 : host_wait(run, request->host);
	request->whole = ask->whole;
	request->parameters = copy_or_null(ask->parameters);
	if (wait >= 0)
	{
		failure_set(&request->failure, FAILURE_HTTP_TRANSIENT,
					"the host asked to be left alone for %d more seconds", wait);
		request->failure.retry_after = wait;
		request->state = REQUEST_FAILED;
	}
	else if (ask->from_file && !run->source->reads_files)
	{
		failure_set(&request->failure, FAILURE_REFUSED,
					"the owner of the database, whose table of sources this is, has not the "
					"privileges of the role pg_read_server_files");
		request->state = REQUEST_FAILED;
	}
	else
	{
		fetch.url = request->url;
		fetch.owner = request;
		fetch.accept = run->source->kind->accept;
		if (request->cached && !request->whole)
		{
			fetch.etag = request->cached->etag;
			fetch.last_modified = request->cached->last_modified;
		}
		fetch_start(run->means->fetcher, &fetch);
		run->n_pending++;
	}
	MemoryContextSwitchTo(previous);
}

/* ---- what it says of an answer ---- */

void
run_set_cursor(Run *run, const char *cursor)
{
	run->cursor = MemoryContextStrdup(run->context, cursor);
}

void
run_unchanged(Run *run)
{
	run->unchanged = true;
}

void
run_led(Run *run)
{
	run->led = true;
}

/* ---- from start to end ---- */

static FailureClass
class_of_error(int sqlerrcode)
{
	switch (sqlerrcode)
	{
		case ERRCODE_OUT_OF_MEMORY:
			return FAILURE_MEMORY;
		case ERRCODE_UNDEFINED_OBJECT: /* see secret.c */
		case ERRCODE_CONFIG_FILE_ERROR:
			return FAILURE_SECRET;
		case ERRCODE_INSUFFICIENT_PRIVILEGE:
			return FAILURE_REFUSED;
		default:
			return FAILURE_PARSE;
	}
}

/* What an error inside a kind's function becomes: the failure of the request or of the run. */
static void
failure_of_error(Failure *failure)
{
	MemoryContext context = CurrentMemoryContext;
	ErrorData	 *error = CopyErrorData();

	if (error->sqlerrcode == ERRCODE_QUERY_CANCELED)
	{
		FreeErrorData(error);
		PG_RE_THROW();
	}
	FlushErrorState();
	failure_set(failure, class_of_error(error->sqlerrcode), "%s", error->message);
	FreeErrorData(error);
	MemoryContextSwitchTo(context);
}

/* Like a request that was asked and has failed. */
void
run_fail(Run *run, const char *url, const Failure *failure)
{
	Request *request = MemoryContextAllocZero(run->context, sizeof(Request));

	request->run = run;
	request->url = MemoryContextStrdup(run->context, url);
	request_failed(request, failure);
	*run->requests_end = request;
	run->requests_end = &request->next;
}

/* Has the kind do that; an error of it is a failure like that of a source's only URL. */
static void
guarded(Run *run, void (*step)(Run *run))
{
	MemoryContext previous = MemoryContextSwitchTo(run->context);

	PG_TRY();
	{
		step(run);
	}
	PG_CATCH();
	{
		Failure failure = FAILURE_INIT;

		MemoryContextSwitchTo(run->context);
		failure_of_error(&failure);
		run_fail(run, run->source->url ? run->source->url : "", &failure);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(previous);
}

/* Checked as when it was added: its row may have been written by hand since. */
static void
begin(Run *run)
{
	const Source *source = run->source;

	source->kind->validate(source);
	if (source->slice)
		source->kind->begin_slice(run);
	else
		source->kind->begin(run);
}

/* The progress entry is not memory, but goes with the run's. */
static void
hide_progress(void *run)
{
	progress_free(((Run *) run)->progress);
}

static void
show_progress(Run *run)
{
	MemoryContextCallback *callback = MemoryContextAlloc(run->context, sizeof(*callback));
	const char			  *host = run->requests ? run->requests->host : NULL;

	run->progress = progress_take(run->source->id, run->source->nom, host ? host : "");
	callback->func = hide_progress;
	callback->arg = run;
	MemoryContextRegisterResetCallback(run->context, callback);
}

Run *
run_start(RunMeans *means, Source *source, const char *trigger)
{
	Run *run = MemoryContextAllocZero(source->context, sizeof(Run));

	run->context = source->context;
	run->means = means;
	run->source = source;
	run->trigger = trigger;
	run->requests_end = &run->requests;
	run->documents_end = &run->documents;
	run->rows_end = &run->rows;
	run->started = GetCurrentTimestamp();
	run->ended = run->started;
	guarded(run, keep_begin);
	guarded(run, begin);
	show_progress(run);
	return run;
}

/* Whether the body is the one that was collected last. */
static bool
same_body(const Request *request, const CacheEntry *now)
{
	return now->has_hash && request->cached && request->cached->has_hash &&
		   memcmp(now->hash, request->cached->hash, FINGERPRINT_SIZE) == 0;
}

/* Where the URL has moved to for good; an address with a secret in it is not to be kept. */
static char *
moved_to(Run *run, const FetchResponse *response)
{
	const char *url = response->moved_url;
	char	   *shown = url ? run_masked(run, url, strlen(url)) : NULL;

	return shown && strcmp(shown, url) == 0 ? shown : NULL;
}

/* The request has failed; the kind may know what that means. */
static void
explain(Request *request, FetchResponse *response)
{
	Run	   *run = request->run;
	Failure failure = response->failure;

	if (run->source->kind->explain)
		run->source->kind->explain(response, &failure);
	request_failed(request, &failure);
}

/*
 * What the answer is to be known by next time.  A server that names neither an
 * ETag nor a date has its body's hash taken instead.
 */
static CacheEntry *
entry_of_response(const Request *request, const FetchResponse *response)
{
	CacheEntry *entry = palloc0(sizeof(CacheEntry));

	entry->id_source = request->run->source->id;
	entry->url = request->url;
	entry->etag = copy_or_null(response->etag);
	entry->last_modified = copy_or_null(response->last_modified);
	entry->has_hash = ((entry->etag == NULL && entry->last_modified == NULL) || request->whole) &&
					  response->file < 0;
	if (entry->has_hash)
		fingerprint_of(response->body, entry->hash);
	return entry;
}

/* Ends a request that is under way, wherever it is: nobody wants its answer. */
static void
abandon(Request *request)
{
	const RunMeans *means = request->run->means;

	fetcher_cancel(means->fetcher, request);
	parser_abandon(means->parser, request);
	parser_abandon(means->file_parser, request);
}

/* Gives up the requests that are still under way, for the same reason as one that failed. */
static void
give_up(Request *failed)
{
	Run *run = failed->run;

	for (Request *request = run->requests; request; request = request->next)
	{
		if (request == failed || request->state != REQUEST_PENDING)
			continue;
		abandon(request);
		request_failed(request, &failed->failure);
		run->n_pending--;
	}
}

/* The request has come to its end. */
static void
request_ended(Request *request)
{
	Run *run = request->run;

	if (request->state == REQUEST_FAILED && request->failure.class == FAILURE_SECRET)
		give_up(request);
	run->n_pending--;
	run->ended = GetCurrentTimestamp();
	progress_set(run->progress, run->n_pending > 0 ? PROGRESS_FETCHING : PROGRESS_STORING,
				 run->octets, -1, run->pages_known > 0 ? run->pages_done : run->n_read);
}

/* A sink for the file of a response; NULL with *failure set where the system has no room. */
static Sink *
make_sink(Run *run, Failure *failure)
{
	Sink *volatile sink = NULL;

	PG_TRY();
	{
		sink = sink_create();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(run->context);
		failure_of_error(failure);
		failure->class = FAILURE_STORE;
	}
	PG_END_TRY();
	return sink;
}

/* Gives the body to a parser, whose job comes back as run_parsed. */
static void
submit(Request *request, FetchResponse *response)
{
	Run	   *run = request->run;
	Failure failure = FAILURE_INIT;
	Sink   *sink = NULL;

	if (response->file >= 0 && (sink = make_sink(run, &failure)) == NULL)
	{
		request_failed(request, &failure);
		fetch_free(response);
		request_ended(request);
	}
	else
		parser_submit(sink ? run->means->file_parser : run->means->parser, request,
					  run->source->kind, response, sink, keep_piece(run, request, response));
}

/* Has the kind emit what was read.  What it emitted before an error is taken back. */
static bool
emit(Request *request, const void *parsed, Failure *failure)
{
	Run			 *run = request->run;
	const Run	  before = *run;
	volatile bool emitted = true;

	run->unchanged = false;
	run->led = false;
	run->known = request->same;
	PG_TRY();
	{
		run->source->kind->emit(run, parsed);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(run->context);
		failure_of_error(failure);
		emitted = false;
	}
	PG_END_TRY();
	if (!emitted)
	{
		run->documents_end = before.documents_end;
		*run->documents_end = NULL;
		run->rows_end = before.rows_end;
		*run->rows_end = NULL;
		run->n_documents = before.n_documents;
		run->document_bytes = before.document_bytes;
		run->n_read = before.n_read;
		run->listing = before.listing;
		run->rejets = before.rejets;
		run->n_rejets = before.n_rejets;
	}
	return emitted;
}

/* Lets the kind hear the answer; true where that was all. */
static bool
hear(Request *request, const FetchResponse *response)
{
	Run			 *run = request->run;
	volatile bool heard = false;
	Failure		  failure = FAILURE_INIT;

	if (run->source->kind->hear == NULL)
		return false;
	PG_TRY();
	{
		heard = run->source->kind->hear(run, response);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(run->context);
		failure_of_error(&failure);
		run_fail(run, request->url, &failure);
		heard = true;
	}
	PG_END_TRY();
	return heard;
}

/* A server that says "not modified" to one who never had it has said nothing. */
static void
respond_not_modified(Request *request)
{
	Failure failure = FAILURE_INIT;

	if (request->cached && (request->cached->etag || request->cached->last_modified))
		request->state = REQUEST_UNCHANGED;
	else
	{
		failure_set(&failure, FAILURE_HTTP_PERMANENT,
					"HTTP status 304 for a request without a condition");
		request_failed(request, &failure);
	}
}

void
run_respond(Request *request, FetchResponse *response)
{
	Run			 *run = request->run;
	MemoryContext previous = MemoryContextSwitchTo(run->context);

	run->octets += response->octets;
	run->status = response->status;
	if (response->absent && run->n_absent++ == 0)
		run->absent = keep_address(run, request->url);
	request->moved_to = moved_to(run, response);
	if (hear(request, response))
	{
		request->state = REQUEST_HEARD;
		keep_heard(run, request, response);
	}
	else if (response->absent)
		request->state = REQUEST_HEARD;
	else if (failure_is(&response->failure))
		explain(request, response);
	else if (response->status == 304)
		respond_not_modified(request);
	else
	{
		request->remember = entry_of_response(request, response);
		request->same = same_body(request, request->remember);
		if (request->same && !request->whole)
			request->state = REQUEST_UNCHANGED;
	}
	if (request->state == REQUEST_PENDING)
		submit(request, response);
	else
	{
		fetch_free(response);
		request_ended(request);
	}
	MemoryContextSwitchTo(previous);
}

void
run_parsed(Request *request, ParseJob *job)
{
	Run			 *run = request->run;
	MemoryContext previous = MemoryContextSwitchTo(run->context);
	Failure		  failure = job->failure;

	keep_take(run, job->piece);
	job->piece = NULL;
	if (job->result != NULL && job->sink != NULL)
	{
		run_take_sink(run, job);
		request->state = REQUEST_DONE;
	}
	else if (job->result != NULL && emit(request, job->result, &failure))
		request->state = run->led		  ? REQUEST_HEARD
						 : run->unchanged ? REQUEST_UNCHANGED
										  : REQUEST_DONE;
	else
		request_failed(request, &failure);
	if (job->sink != NULL) /* not taken: the file is not used */
	{
		run->n_read += sink_n_rejects(job->sink);
		run_take_rejects(run, job->sink);
	}
	request_ended(request);
	MemoryContextSwitchTo(previous);
}

/*
 * An archive has what was new; what else a replay asks for is as if it had not been
 * asked for.  Where nothing of it is there, the archive is another source's, or the source
 * is another than it was.
 */
static void
check_absent(Run *run)
{
	Failure failure = FAILURE_INIT;

	for (const Request *request = run->requests; request; request = request->next)
	{
		if (request->state != REQUEST_HEARD)
			return;
	}
	failure_set(&failure, FAILURE_FILE, "the archive has no answer from %s", run->absent);
	run_fail(run, run->absent, &failure);
}

void
run_finish(Run *run)
{
	if (run->source->kind->finish != NULL && run->state != NULL)
		guarded(run, run->source->kind->finish);
	if (run_finished(run) && run->n_absent > 0)
		check_absent(run);
}

bool
run_finished(const Run *run)
{
	return run->n_pending == 0;
}

bool
run_is_bulk(const Run *run)
{
	return run->sinks != NIL;
}

void
run_free(Run *run)
{
	for (Request *request = run->requests; request && run->n_pending > 0; request = request->next)
	{
		if (request->state == REQUEST_PENDING)
			abandon(request);
	}
	MemoryContextDelete(run->context);
}
