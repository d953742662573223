/*
 * sink.h
 *	  Where the records of a file go: to disk, in the order of their fingerprints.
 *
 * A file may hold more documents than memory does.  While it is read, on the
 * parser's thread, its records go through a sink (source/kind.h has what a kind
 * calls) into a spool; when the run is committed they come out of it as batches
 * of documents, ordered over the whole file, equal ones once.
 *
 * Only what kind.h declares is called on the thread, and it is plain C: the loop
 * does not touch the sink before its reading has ended, but for sink_n_read and
 * sink_stop.
 */
#ifndef DATASENS_RUN_SINK_H
#define DATASENS_RUN_SINK_H

#include "postgres.h"

#include "source/kind.h"
#include "store/document.h"
#include "store/row.h"

/* An empty sink; ereports where the system refuses.  sink_free ends it. */
extern Sink *sink_create(void);
extern void	 sink_free(Sink *sink);

/* Records that were read, rejects among them; also while they are being read. */
extern int64 sink_n_read(Sink *sink);

/* Has the thread that reads end soon (see sink_stopped). */
extern void sink_stop(Sink *sink);

typedef struct SinkReject
{
	struct SinkReject *next;
	int64			   position;
	Text			   reason;
	Text			   raw;
} SinkReject;

/* Those of the rejects that were kept. */
extern const SinkReject *sink_rejects(const Sink *sink);

/* What a list of slices said; its memory is the sink's, its links the caller's to change. */
extern const Listing *sink_listing(const Sink *sink);

/* Begins (again) to take documents and rows out; ereports where the disk fails. */
extern void sink_rewind(Sink *sink);

/*
 * The next documents, ascending over the whole sink: a list of *n, in the current
 * memory context, their values valid until the next call.  NULL at the end.
 */
extern Document *sink_next(Sink *sink, int64 *n);

/*
 * Of the next documents, *n_looked_at of them (0 at the end), those that are new by
 * the probe: nothing is read of the others but their fingerprints.
 */
extern Document *sink_next_new(Sink *sink, DocumentProbe *probe, int64 *n, int64 *n_looked_at);

/* The next rows of another table, ascending by their keys over the whole sink (store/row.h). */
extern Row *sink_next_rows(Sink *sink, int64 *n);

#endif
