/*
 * journal.h
 *	  The journal: what happened that is worth a line, and the source rows that
 *	  such happenings change.
 *
 * All functions run inside an owner's scope.
 *
 * Who calls it: whatever does something that is worth a line.
 */
#ifndef DATASENS_STORE_JOURNAL_H
#define DATASENS_STORE_JOURNAL_H

#include "postgres.h"

#include "datatype/timestamp.h"

/*
 * Writes a line: the action in capitals and in French, as the users have it (SOURCE_AJOUTEE, ...),
 * and details or NULL.
 */
extern void journal_write(const char *action, const char *details);

/*
 * A round of collecting has ended: when it began, how many runs it had, how many of them failed,
 * how many documents they brought. A round that brought no documents is not worth a line: there
 * may be one every few seconds.
 */
extern void journal_round(TimestampTz began, int64 n_runs, int64 n_failed, int64 n_documents);

/* Runs that made up for missed ones: how many, and the name of the first. */
extern void journal_caught_up(int64 n_runs, const char *nom);

/*
 * The source's address has moved for good (301, 308): its url, or the entry in its options.flux,
 * is rewritten.
 */
extern void journal_source_moved(int32 id_source, const char *nom, const char *from,
								 const char *to);

/* The source is gone for good (410): it is disabled. */
extern void journal_source_gone(int32 id_source, const char *nom, const char *url);

#endif
