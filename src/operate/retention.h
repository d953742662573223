/*
 * retention.h
 *	  What grows without end is bounded: flux that brought nothing, rejects, the
 *	  journal, what is remembered of URLs and hosts.  And documents that people
 *	  want forgotten.
 *
 * Who calls it: the operator; datasens_forget() (api/document.c).
 */
#ifndef DATASENS_OPERATE_RETENTION_H
#define DATASENS_OPERATE_RETENTION_H

#include "postgres.h"

#include "operate/task.h"

/*
 * The task "menage".  Rows go in batches, each in a transaction of its own, in
 * the order of their ids: it holds few locks for milliseconds, and what a crash
 * leaves is done the next time.  Kept are every flux with documents, and the last
 * one of each source, so that health and the users' queries see no difference.
 */
extern const Task task_retention;

/*
 * Removes the documents at that address, or at those that a pattern with '*'
 * means, and their traces in rejet; their fingerprints are kept in oubli, so
 * that they are not collected again.  Returns how many documents there were.
 * Inside an owner's scope.
 */
extern int64 retention_forget(const char *pattern);

/* The same of the documents with these ids (a bigint[]), which need no address. */
extern int64 retention_forget_ids(Datum ids);

#endif
