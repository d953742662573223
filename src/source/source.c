/*
 * source.c
 *	  When a source is due: its schedule, from its own columns or its kind's
 *	  setting, and time/'s instants as the server's timestamps.  How it may be called, and
 *	  who may have it send the server's secrets.
 */
#include "postgres.h"

#include "base/ascii.h"
#include "base/epoch.h"
#include "base/secret_file.h"
#include "base/settings.h"
#include "source/kind.h"
#include "source/source.h"
#include "source/zone.h"
#include "time/plan.h"

#include "catalog/pg_authid.h"
#include "mb/pg_wchar.h"
#include "utils/acl.h"
#include "utils/timestamp.h"

Instant
instant_of(TimestampTz timestamp)
{
	int64 seconds;

	if (TIMESTAMP_IS_NOEND(timestamp))
		return INSTANT_NEVER;
	seconds = timestamp / USECS_PER_SEC;
	if (timestamp % USECS_PER_SEC < 0) /* towards the past, as clocks round */
		seconds--;
	return seconds + EPOCH_SECONDS;
}

TimestampTz
timestamp_of(Instant instant)
{
	if (instant == INSTANT_NEVER)
		return DT_NOEND;
	return (instant - EPOCH_SECONDS) * USECS_PER_SEC;
}

void
schedule_parse(const char *expression, Cron *cron)
{
	CronError error;

	if (!cron_parse(expression, cron, &error))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid schedule \"%s\"", expression),
				 errdetail("At character %d: %s.", error.position + 1, error.message),
				 errhint("A schedule has five fields (minute hour day-of-month month day-of-week), "
						 "as in \"0 * * * *\", or is a name as @hourly, or an interval as "
						 "\"30 seconds\".")));
}

Zone
schedule_zone(const char *name)
{
	Zone zone;

	if (!zone_find(name, &zone))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("time zone \"%s\" not recognized", name),
						errhint("A time zone is named as \"Europe/Paris\": the view "
								"pg_timezone_names lists them.")));
	return zone;
}

/* Chooses the columns in force, or the setting's; they are not read yet. */
static void
schedule_choose(Schedule *schedule, const Kind *kind, const char *planification, const char *fuseau)
{
	schedule->of_kind = planification == NULL;
	schedule->expression = planification ? planification : kind_schedule(kind);
	schedule->zone_name = fuseau ? fuseau : setting_timezone;
}

void
schedule_find(Schedule *schedule, const Kind *kind, const char *planification, const char *fuseau)
{
	schedule_choose(schedule, kind, planification, fuseau);
	schedule->zone = schedule_zone(schedule->zone_name);
	if (schedule->expression[0] != '\0')
		schedule_parse(schedule->expression, &schedule->cron);
}

char *
schedule_try(Schedule *schedule, const Kind *kind, const char *planification, const char *fuseau)
{
	CronError error;

	schedule_choose(schedule, kind, planification, fuseau);
	if (!zone_find(schedule->zone_name, &schedule->zone))
		return psprintf("time zone \"%s\" not recognized", schedule->zone_name);
	if (schedule->expression[0] != '\0' &&
		!cron_parse(schedule->expression, &schedule->cron, &error))
		return psprintf("invalid schedule \"%s\": %s", schedule->expression, error.message);
	return NULL;
}

char *
schedule_name(const Schedule *schedule)
{
	return psprintf("%s %s", schedule->expression, schedule->zone_name);
}

TimestampTz
schedule_next(const Schedule *schedule, TimestampTz after)
{
	if (schedule->expression[0] == '\0')
		return DT_NOEND;
	return timestamp_of(cron_next(&schedule->cron, schedule->zone, instant_of(after)));
}

int64
schedule_period(const Schedule *schedule, TimestampTz now)
{
	if (schedule->expression[0] == '\0')
		return 0;
	return plan_period(&schedule->cron, schedule->zone, instant_of(now));
}

Source *
source_of_id(List *sources, int32 id)
{
	ListCell *cell;

	foreach (cell, sources)
	{
		Source *source = lfirst(cell);

		if (source->id == id)
			return source;
	}
	return NULL;
}

StreamState *
source_stream(const Source *source, const char *stream)
{
	ListCell *cell;

	foreach (cell, source->streams)
	{
		StreamState *state = lfirst(cell);

		if (strcmp(state->stream, stream) == 0)
			return state;
	}
	return NULL;
}

void
source_check_secret(const Source *source, const char *name)
{
	if (!OidIsValid(source->role) || !source->reads_files || !secret_is_known(name) ||
		has_privs_of_role(source->role, ROLE_PG_READ_SERVER_FILES))
		return;
	ereport(
		ERROR,
		(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
		 errmsg("permission denied to have the secret \"%s\" sent to an address of your choice",
				name),
		 errdetail("In this database it may be the server's own, and only roles with privileges "
				   "of the role \"%s\" may have that sent anywhere.",
				   "pg_read_server_files"),
		 errhint("Set one of another name by datasens_set_secret().")));
}

/* Besides ASCII's control characters, those of C1 where the encoding lets them be seen. */
bool
name_is_printable(const char *nom)
{
	bool utf8 = GetDatabaseEncoding() == PG_UTF8;

	for (const unsigned char *p = (const unsigned char *) nom; *p; p++)
	{
		if (is_control((char) *p) || (utf8 && is_c1(p)))
			return false;
	}
	return true;
}
