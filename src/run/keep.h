/*
 * keep.h
 *	  What a run receives, kept as it came: its archive, while that is being made.
 *
 * Where a source has the option "archiver" and datasens.archive_url is set, each answer
 * with something to read goes into an archive (parse/warc.h), packed by the parser's
 * thread before it is read.  What brought nothing (304, the body of last time, a failure)
 * is not in it, and a run of which nothing is to be read again has none.  Bodies are kept
 * decoded; of a header only what a list names (WarcHttp).  No secret is in it: addresses
 * are masked as everywhere, and each byte of a secret that the run asked for becomes
 * a '*', in addresses and in bodies.
 *
 * An archive grows in memory, then in a temporary file, within datasens.max_download_size.
 * When the run is committed it goes to the queue (operate/payload.h); what is in the way of
 * that costs the archive, never the documents.
 *
 * Who calls it: run.c, parser.c, commit.c; replay.c reads what is written here.
 */
#ifndef DATASENS_RUN_KEEP_H
#define DATASENS_RUN_KEEP_H

#include "postgres.h"

#include "operate/payload.h"
#include "run/run.h"

/* The block of the archive's first record of this type is JSON: what else the run began with. */
#define KEEP_CONTEXT_TYPE "application/json"
#define KEEP_CURSOR "curseur"
#define KEEP_SLICE "tranche"

/* Begins to keep what the run receives, where that is wanted. */
extern void keep_begin(Run *run);

/* Keeps an answer that no parser gets, such as a robots.txt. */
extern void keep_heard(Run *run, const Request *request, const FetchResponse *response);

/* An answer on its way into the archive; NULL: it is not kept. */
extern KeepPiece *keep_piece(Run *run, const Request *request, const FetchResponse *response);

/* Packs it: plain C, on the parser's thread.  It stops as soon as the sink (or NULL) is stopped. */
extern void keep_pack(KeepPiece *piece, const FetchResponse *response, Sink *sink);

/* Takes a packed answer into the archive, and frees it; NULL is taken, too. */
extern void keep_take(Run *run, KeepPiece *piece);
extern void keep_free(KeepPiece *piece);

/* Runs' archives on their way into the queue; zeroes begin one. */
typedef struct KeepQueue
{
	bool		asked; /* the queue has that much room left, and is worked off then: */
	int64		room;
	TimestampTz due;
	int			n_failed; /* archives that could not be */
	const char *nom;	  /* of the first one's source */
	char	   *why;
} KeepQueue;

/*
 * Puts the run's archive into the queue under payload->id_flux; false: it has none, or that
 * could not be done.  Inside an owner's scope, as the other.
 */
extern bool keep_queue(KeepQueue *queue, Run *run, Payload *payload);

/* Tells in one line of the journal what could not be done. */
extern void keep_queue_end(const KeepQueue *queue);

/* What an address is called in an archive: without secrets (palloc'd). */
extern char *keep_address(const Run *run, const char *url);

#endif
