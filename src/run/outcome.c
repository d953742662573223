/*
 * outcome.c
 *	  What a run comes to: the row that logs it, and what its source does next.
 *
 * A run is judged by its requests (Tally). None failed: the source waits for its schedule. Some or
 * all failed: "partiel" or "echec"; where a failure may pass and retries are left, the source is
 * due again after a delay that grows, and asks only for what failed; otherwise it waits for its
 * schedule and the failure counts (echecs_consecutifs).
 *
 * Called by the collector and datasens_collect() for leases, by commit.c for what came of them. No
 * table is read or written here: all is computed from the source and its run.
 */
#include "postgres.h"

#include "base/memory.h"
#include "base/settings.h"
#include "run/outcome.h"
#include "source/address.h"
#include "source/options.h"
#include "store/retry.h"
#include "time/plan.h"

#include "lib/stringinfo.h"
#include "utils/timestamp.h"

/* What etat_source.derniere_erreur says while a run is under way, and so after a crash. */
#define INTERRUPTED "interrupted: the collector ended before the run did"

/* Failed URLs that a message names. */
#define MAX_NAMED_FAILURES 3

/* A slice that is collected later than so many seconds after its end counts as made up for. */
#define SLICE_LATE_AFTER 3600

/* How a run's requests ended. */
typedef struct Tally
{
	int done;
	int unchanged;
	int failed;
	int transient;	 /* of the failed ones: may pass */
	int gone;		 /* of the failed ones: 410 */
	int retry_after; /* the longest that was asked for; -1: none */
} Tally;

static Tally
tally_of(const Run *run)
{
	Tally tally = {.retry_after = -1};

	for (const Request *request = run->requests; request; request = request->next)
	{
		const Failure *failure = &request->failure;

		tally.done += request->state == REQUEST_DONE;
		tally.unchanged += request->state == REQUEST_UNCHANGED;
		if (request->state != REQUEST_FAILED)
			continue;
		tally.failed++;
		tally.transient += failure_is_transient(failure->class);
		tally.gone += failure->class == FAILURE_GONE;
		tally.retry_after = Max(tally.retry_after, failure->retry_after);
	}
	return tally;
}

/* ---- the next due time ---- */

/* The schedule in force now; false where the source's columns are wrong. */
static bool
find_schedule(Schedule *schedule, const Source *source)
{
	return schedule_try(schedule, source->kind, source->planification, source->fuseau) == NULL;
}

/*
 * Plans the next scheduled run after one that was due at that time: in the past, and so at once,
 * where missed runs are to be made up for. Never (DT_NOEND) where the source has no schedule or
 * not a valid one.
 */
static void
plan_scheduled(StateChange *change, const Schedule *schedule, bool valid, TimestampTz due,
			   TimestampTz now)
{
	change->attempts = 0;
	change->declencheur = "planifie";
	change->planned = schedule_name(schedule);
	change->next = DT_NOEND;
	if (!valid || schedule->expression[0] == '\0')
		return;
	change->next = timestamp_of(plan_after_success(&schedule->cron, schedule->zone,
												   (MissedRuns) setting_missed_runs,
												   instant_of(due), instant_of(now)));
	if (change->next <= now)
		change->declencheur = "rattrapage";
}

/*
 * Plans a retry where the failure may pass and there are retries left; else the next scheduled
 * run. retry_after: seconds that the server asked for, -1 for none; it is obeyed in both cases.
 */
static void
plan_failed(StateChange *change, const Source *source, TimestampTz now, bool transient,
			int retry_after)
{
	Schedule schedule;
	bool	 valid = find_schedule(&schedule, source);

	if (transient && source->attempts < setting_max_retries)
	{
		int attempt = source->attempts + 1;

		change->attempts = attempt;
		change->declencheur = "reprise";
		change->planned = schedule_name(&schedule);
		change->next = retry_time(now, attempt, retry_after);
		return;
	}
	plan_scheduled(change, &schedule, valid, now, now);
	if (retry_after > 0)
		change->next = Max(change->next, now + retry_after * USECS_PER_SEC);
	change->failures = source->failures + 1;
	change->cursor = NULL;
}

StateChange
outcome_of_lease(const Source *source, TimestampTz now)
{
	StateChange change = state_unchanged(source);

	plan_failed(&change, source, now, true, -1);
	change.lease = true;
	change.error = INTERRUPTED;
	return change;
}

StateChange
outcome_of_return(const Source *source, TimestampTz now)
{
	StateChange change = state_unchanged(source);
	Schedule	schedule;

	(void) find_schedule(&schedule, source);
	change.planned = schedule_name(&schedule);
	return change;
}

bool
outcome_of_missed(const Source *source, TimestampTz now, StateChange *change)
{
	Schedule schedule;
	Instant	 next;

	if (strcmp(source->declencheur, "planifie") != 0 || !find_schedule(&schedule, source) ||
		schedule.expression[0] == '\0' ||
		plan_admit(&schedule.cron, schedule.zone, (MissedRuns) setting_missed_runs,
				   instant_of(source->due), instant_of(now), &next))
		return false;
	*change = state_unchanged(source);
	change->lease = true;
	change->planned = schedule_name(&schedule);
	change->next = timestamp_of(next);
	return true;
}

const char *
outcome_trigger(const Source *source, TimestampTz now)
{
	if (source->slice)
	{
		TimestampTz end = timestamp_of(slot_start(source->slice->slot + 1));

		if (source->slice->attempts > 0)
			return "reprise";
		return end + SLICE_LATE_AFTER * USECS_PER_SEC < now ? "rattrapage" : "planifie";
	}
	if (strcmp(source->declencheur, "planifie") == 0 &&
		source->due < now - PLAN_MISSED_AFTER * USECS_PER_SEC)
		return "rattrapage";
	return source->declencheur;
}

/* ---- slices ---- */

/* How a failed attempt at a slice ends: with a retry, or given up. */
static SliceEnd
slice_failed(const Slice *slice, bool transient, int retry_after, const char *error)
{
	int attempt = slice->attempts + 1;

	return (SliceEnd){
		.given_up = !transient || attempt > setting_max_retries,
		.next = retry_time(GetCurrentTimestamp(), attempt, retry_after),
		.error = error,
	};
}

SliceEnd
outcome_of_slice(const Run *run, const Flux *flux)
{
	Tally tally = tally_of(run);

	if (tally.failed == 0)
		return (SliceEnd){.collected = true, .next = run->ended};
	return slice_failed(run->source->slice, tally.transient > 0, tally.retry_after, flux->erreur);
}

SliceEnd
outcome_of_refused_slice(const Source *source, const char *error)
{
	return slice_failed(source->slice, true, -1, error);
}

/* ---- what is told of it ---- */

/*
 * What failed, in words (palloc'd, database encoding), or NULL where nothing did: the failures of
 * the first few URLs, and how many there were.
 */
static char *
describe_failures(const Run *run, const Tally *tally)
{
	StringInfoData message;
	int			   named = 0;
	int			   n = tally->done + tally->unchanged + tally->failed;

	if (tally->failed == 0)
		return NULL;
	initStringInfo(&message);
	if (n > 1)
		appendStringInfo(&message, "%d of %d URLs failed; ", tally->failed, n);
	for (const Request *request = run->requests; request && named < MAX_NAMED_FAILURES;
		 request = request->next)
	{
		const Failure *failure = &request->failure;

		if (request->state != REQUEST_FAILED)
			continue;
		appendStringInfo(&message, "%s%s%s%s", named++ == 0 ? "" : "; ",
						 failure_word(failure->class), failure->detail[0] ? ": " : "",
						 failure->detail);
	}
	if (tally->failed > named)
		appendStringInfoString(&message, "; ...");
	return memory_server_string(message.data, message.len);
}

/* The cursor of a partial run: a JSON object with the URLs that a retry is to ask for. */
static char *
describe_rest(const Run *run, const Tally *tally)
{
	char **urls = palloc((tally->transient + 1) * sizeof(char *));
	int	   n = 0;

	for (const Request *request = run->requests; request; request = request->next)
	{
		if (request->state == REQUEST_FAILED && failure_is_transient(request->failure.class))
			urls[n++] = request->url;
	}
	return options_write_strings("reste", urls, n);
}

static const char *
status_of(const Tally *tally)
{
	if (tally->failed > 0)
		return tally->done + tally->unchanged > 0 ? "partiel" : "echec";
	return tally->done > 0 ? "succes" : "inchange";
}

static void
fill_flux(Flux *flux, const Run *run, const Tally *tally)
{
	memset(flux, 0, sizeof(*flux));
	flux->id_source = run->source->id;
	flux->date_collecte = run->started;
	flux->format = run->format;
	flux->declencheur = run->trigger;
	flux->tentative =
		(run->source->slice ? run->source->slice->attempts : run->source->attempts) + 1;
	if (run->source->slice && run->requests)
		flux->manifest = address_shown(run->requests->url);
	if (run->origin != 0)
		flux->tentative = 1;
	flux->origin = run->origin;
	flux->statut = status_of(tally);
	flux->code_http = (int) run->status;
	flux->octets = run->octets;
	flux->lus = run->n_read;
	flux->duree = run->ended - run->started;
	flux->erreur = describe_failures(run, tally);
}

/*
 * Whether the kind has ended the run only to have it committed, and is due again at once. Not
 * where everything has failed: such a run is retried like any other.
 */
static bool
goes_on(const Run *run, const Tally *tally)
{
	return run->goes_on && (tally->failed == 0 || tally->done + tally->unchanged > 0);
}

/* The state of a source whose run goes on: due now, from the cursor that says what is left. */
static void
plan_at_once(StateChange *change, const Run *run)
{
	Schedule schedule;

	(void) find_schedule(&schedule, run->source);
	change->planned = schedule_name(&schedule);
	change->next = run->ended;
	change->declencheur = "reprise";
	change->attempts = 0;
	change->failures = 0;
	change->cursor = run->rest;
}

/*
 * What the source does next. cursor: kept for a retry, which asks for the rest only, and else
 * removed, so that the next scheduled run asks for everything.
 */
static void
fill_change(StateChange *change, const Run *run, const Tally *tally, const char *error)
{
	const Source *source = run->source;
	bool		  some = tally->done + tally->unchanged > 0;
	Schedule	  schedule;

	*change = state_unchanged(source);
	change->error = error;
	change->collected = run->started;
	if (some)
		change->succeeded = run->ended;
	if (goes_on(run, tally))
	{
		plan_at_once(change, run);
		return;
	}
	if (tally->failed == 0)
	{
		bool		valid = find_schedule(&schedule, source);
		bool		manual = strcmp(run->trigger, "manuel") == 0;
		TimestampTz due = manual ? run->ended : source->due;

		plan_scheduled(change, &schedule, valid, due, run->ended);
		change->failures = 0;
		change->cursor = NULL;
		return;
	}
	plan_failed(change, source, run->ended, tally->transient > 0, tally->retry_after);
	if (change->attempts > 0 && run->rest)
		change->cursor = run->rest;
	else if (change->attempts > 0 && some)
		change->cursor = describe_rest(run, tally);
	if (some)
		change->failures = 0;
}

void
outcome_of_run(const Run *run, Flux *flux, StateChange *change)
{
	Tally tally = tally_of(run);

	fill_flux(flux, run, &tally);
	fill_change(change, run, &tally, flux->erreur);
	if (run->cursor)
		change->cursor = tally.failed == 0 ? run->cursor : run->source->cursor;
}

bool
outcome_goes_on(const Run *run)
{
	Tally tally = tally_of(run);

	return goes_on(run, &tally);
}
