/*
 * source.h
 *	  A source: what to collect, from where, when.
 *
 * This is the source's row and its state as they were when the source was leased, or named by the
 * caller: nobody looks at the tables again while it runs. Strings are in the database's encoding
 * and live where the Source does; NULL stands for SQL's null.
 *
 * Who calls it: store/state.c fills sources; kinds, runs and tasks read them.
 */
#ifndef DATASENS_SOURCE_SOURCE_H
#define DATASENS_SOURCE_SOURCE_H

#include "postgres.h"

#include "base/arena.h"
#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "source/slice.h"
#include "time/cron.h"

struct Kind;

/* A robots.txt that was fetched less than a day ago. */
typedef struct RobotsFile
{
	char *host;	  /* origin */
	int	  status; /* HTTP */
	Text  body;	  /* as it came; absent where the host has none */
} RobotsFile;

typedef struct Source
{
	MemoryContext context; /* of the source and all it points to; a run makes it its own */

	/* datasens.source */
	int32			   id;
	char			  *nom;
	const struct Kind *kind;
	char			  *url;
	char			  *planification; /* NULL: the kind's */
	char			  *fuseau;		  /* NULL: datasens.timezone */
	char			  *options;		  /* JSON object */

	/* datasens.etat_source */
	TimestampTz due;
	char	   *declencheur; /* why it is due: planifie, manuel, ... */
	int			attempts;	 /* failed so far since it was due */
	int			failures;	 /* runs in a row that failed for good */
	char	   *last_error;
	char	   *cursor;	 /* JSON object or NULL */
	char	   *alert;	 /* its mark (operate/alert.h), or NULL */
	char	   *planned; /* the schedule that due comes from, as schedule_name gives it */

	List *cached; /* of CacheEntry *, by cache_load */
	List *robots; /* of RobotsFile *, by cache_load, where the kind wants them */

	Oid	   role;		/* who writes the source, for validate; InvalidOid: it is a run's */
	bool   reads_files; /* the tables' owner, who may write any source, may read server files */
	List  *streams;		/* of StreamState *, by slice_load */
	Slice *slice;		/* what a run of a slice is to collect; NULL: a run of the source */
} Source;

/* When a source runs: the expression and the zone that are in force. */
typedef struct Schedule
{
	const char *expression; /* "": never */
	const char *zone_name;
	bool		of_kind; /* the expression is the kind's setting */
	Cron		cron;	 /* valid unless the expression is "" */
	Zone		zone;
} Schedule;

/*
 * The schedule in force for a source with these columns (NULL: not set), which the result points
 * to. schedule_find ereports where the expression or the zone is wrong (SQLSTATE 22023);
 * schedule_try returns what is wrong (palloc'd), or NULL.
 */
extern void	 schedule_find(Schedule *schedule, const struct Kind *kind, const char *planification,
						   const char *fuseau);
extern char *schedule_try(Schedule *schedule, const struct Kind *kind, const char *planification,
						  const char *fuseau);

/*
 * Expression and zone as one string (palloc'd). Two schedules with the same name are always due
 * together, so it tells whether a due time still holds.
 */
extern char *schedule_name(const Schedule *schedule);

/* The due time after the given one; DT_NOEND where there is none. */
extern TimestampTz schedule_next(const Schedule *schedule, TimestampTz after);

/* The usual time between two runs, in seconds; 0 where there are none. */
extern int64 schedule_period(const Schedule *schedule, TimestampTz now);

/* Reads an expression; ereports with the place of the fault (SQLSTATE 22023). */
extern void schedule_parse(const char *expression, Cron *cron);

/* Finds a time zone by its name; ereports where there is none (SQLSTATE 22023). */
extern Zone schedule_zone(const char *name);

/* Instants of time/ and timestamps of the server; never and infinity agree. */
extern Instant	   instant_of(TimestampTz timestamp);
extern TimestampTz timestamp_of(Instant instant);

/*
 * The source of that id in a List of Source *; the state of that stream of a source. NULL: it is
 * not there.
 */
extern Source	   *source_of_id(List *sources, int32 id);
extern StreamState *source_stream(const Source *source, const char *stream);

/*
 * For validate: ereports where the source's address would be sent a secret of that name that the
 * administrator may keep, and who writes the source may not read the server's files, as the owner
 * of the tables may.
 */
extern void source_check_secret(const Source *source, const char *name);

/*
 * Whether a source may have that name (database encoding): one without control
 * characters, which would move the cursor of a terminal that shows it.
 */
extern bool name_is_printable(const char *nom);

#endif
