/*
 * parser.h
 *	  Parsing beside the loop: a thread that reads bodies while the loop waits
 *	  for the network or for the tables.
 *
 * The thread runs the parse functions of the kinds (source/kind.h) and nothing
 * else.  They are plain C over an arena: no server function, no palloc, no
 * ereport, no signal (all are blocked in it).  So the second core parses while
 * the first one inserts, and a hostile feed that takes seconds holds up nobody.
 *
 * In a user's backend only files are read by a thread, so that he can cancel; other
 * bodies are parsed at once, in the caller.
 *
 * Who calls it: round.c takes what is done, run.c submits.
 */
#ifndef DATASENS_RUN_PARSER_H
#define DATASENS_RUN_PARSER_H

#include "postgres.h"

#include "base/arena.h"
#include "base/failure.h"
#include "net/fetch.h"
#include "source/kind.h"

typedef struct Parser	 Parser;
typedef struct KeepPiece KeepPiece;

/* A body on its way through the parser. */
typedef struct ParseJob
{
	struct ParseJob *next;
	void			*owner; /* the caller's; NULL: given up */
	const Kind		*kind;
	FetchResponse	*response; /* the job's own */
	Arena			*arena;	   /* holds the result */
	void			*result;   /* NULL: failure says why */
	Sink			*sink;	   /* of a file: the result; the caller may take it, leaving NULL */
	KeepPiece		*piece; /* what of it is kept (run/keep.h); the caller may take it; or NULL */
	Failure			 failure;
} ParseJob;

/*
 * A parser in the memory context, whose arenas hand out at most limit bytes each.
 * The end of the context stops what is being read, and waits for that.
 */
extern Parser *parser_create(MemoryContext context, size_t limit, bool threaded);

/*
 * Queues a body, or a file and its sink, and what is to be kept of it, or NULL: they are
 * the parser's from here on.  The latch is set when it is done.
 */
extern void parser_submit(Parser *parser, void *owner, const Kind *kind, FetchResponse *response,
						  Sink *sink, KeepPiece *piece);

/* The next job that is done, in the order of submission, or NULL. */
extern ParseJob *parser_next(Parser *parser);

/* Gives back a job that parser_next returned, with its response and result. */
extern void parser_release(Parser *parser, ParseJob *job);

/* Nobody wants the results for that owner any more. */
extern void parser_abandon(Parser *parser, const void *owner);

/* Records read so far of the file of that owner; false where none is being read. */
extern bool parser_progress(Parser *parser, const void *owner, int64 *n_read);

#endif
