/*
 * stats.h
 *	  Figures: how many documents there are, and how many are new.
 *
 * None of it reads document: the totals are kept by the runs and by the trigger
 * on what is deleted, the rest is in flux.  All inside an owner's scope.
 *
 * Who calls it: datasens_stats(), datasens_summary(), the report; triggers on deletion.
 */
#ifndef DATASENS_OPERATE_STATS_H
#define DATASENS_OPERATE_STATS_H

#include "postgres.h"

#include "datatype/timestamp.h"

/*
 * Leaves in SPI_tuptable one row a source, by name, and one of their sums at the
 * end, with nom and type_source null: nom, type_source, total_docs, nouveaux
 * (inserted by the runs that began at since or later), croissance (inserted by
 * the last run), derniere_collecte.  since DT_NOBEGIN: ever.
 */
extern void stats_query(TimestampTz since);

/* What there is of sources and documents, in numbers. */
typedef struct Summary
{
	int64 sources;
	int64 active;	/* not switched off */
	int64 obsolete; /* by health's statut; likewise below */
	int64 failing;
	int64 late;
	int64 documents;
	int64 growth; /* brought by the last run of each source */
} Summary;

extern void summary_load(Summary *summary);

/* The summary as a line in the language of the reports, palloc'd, in the database's encoding. */
extern char *summary_line(const Summary *summary);

/*
 * Records were deleted: takes those of the transition table "removed" of that table
 * off the counts; or, after a TRUNCATE, counts what there is anew.
 */
extern void stats_removed(Oid table);
extern void stats_truncated(void);

/* Writes down how large the tables are today: a row a day, the day's last. */
extern void stats_record_size(void);

/* A query (palloc'd) of how many records there are by flux: id_flux, n. */
extern char *stats_counts_query(void);

#endif
