/*
 * more.c
 *	  What a run keeps for its kind besides records: the kind's own state, robots.txt files,
 *	  lines for the journal, what is left to do. The declarations are in source/kind.h, which
 *	  says what each function is for.
 */
#include "postgres.h"

#include "run/run.h"

#include "utils/memutils.h"
#include "utils/timestamp.h"

void
run_set_state(Run *run, void *state)
{
	run->state = state;
}

void *
run_state(const Run *run)
{
	return run->state;
}

bool
run_known(const Run *run)
{
	return run->known;
}

Size
run_bytes(const Run *run)
{
	return run->document_bytes;
}

int64
run_seconds(const Run *run)
{
	return (GetCurrentTimestamp() - run->started) / USECS_PER_SEC;
}

void
run_pages(Run *run, int64 done, int64 known)
{
	run->pages_done = done;
	run->pages_known = known;
	progress_set_known(run->progress, known);
}

void
run_robots(Run *run, const char *host, int status, Text body)
{
	MemoryContext previous = MemoryContextSwitchTo(run->context);
	RobotsFile	 *robots = palloc(sizeof(RobotsFile));

	robots->host = pstrdup(host);
	robots->status = status;
	robots->body = TEXT_NULL;
	if (text_present(body))
	{
		char *copy = palloc(body.len + 1);

		memcpy(copy, body.data, body.len);
		robots->body = (Text){copy, body.len};
	}
	run->robots = lappend(run->robots, robots);
	MemoryContextSwitchTo(previous);
}

/*
 * Requests that are still in line behind their host, not those that have been sent: see
 * fetcher_recall.
 */
void
run_recall(Run *run, void (*recalled)(Run *run, const char *parameters))
{
	for (Request *request = run->requests; request; request = request->next)
	{
		if (request->state != REQUEST_PENDING || !fetcher_recall(run->means->fetcher, request))
			continue;
		request->state = REQUEST_HEARD;
		run->n_pending--;
		recalled(run, request->parameters);
	}
}

void
run_note(Run *run, const char *action, const char *details)
{
	MemoryContext previous = MemoryContextSwitchTo(run->context);
	Note		 *note = palloc(sizeof(Note));

	note->action = pstrdup(action);
	note->details = pstrdup(details);
	run_mask(run, note->details);
	run->notes = lappend(run->notes, note);
	MemoryContextSwitchTo(previous);
}

void
run_rest(Run *run, const char *rest, bool goes_on)
{
	run->rest = MemoryContextStrdup(run->context, rest);
	run->goes_on = goes_on;
}
