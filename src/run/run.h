/*
 * run.h
 *	  A run: one source, from its first request to what is to be committed.
 *
 * Who calls it: round.c, which gives it responses, and commit.c, which reads
 * what it gathered.  A run touches neither tables nor transactions, so its
 * errors are caught and become its failure, and no other run notices.
 */
#ifndef DATASENS_RUN_RUN_H
#define DATASENS_RUN_RUN_H

#include "postgres.h"

#include "base/shared.h"
#include "lib/ilist.h"
#include "utils/hsearch.h"
#include "run/parser.h"
#include "source/kind.h"
#include "store/cache.h"
#include "store/document.h"
#include "store/flux.h"
#include "store/row.h"

typedef struct Keep	  Keep;
typedef struct Replay Replay;

/* What a run has from its round: the means to fetch and to parse. */
typedef struct RunMeans
{
	Fetcher *fetcher;
	Parser	*parser;
	Parser	*file_parser; /* of bodies in files, which take longer */
	Arena	*arena;		  /* for a moment's needs */
	List	*host_waits;  /* of HostWait *: hosts that are to be left alone */
	List	*secrets;	  /* of Secret *: those of the database */
	Replay	*replay;	  /* whose answers they are (run/replay.h); NULL: the network's */
} RunMeans;

/* Rejects kept of one run: enough to see what is wrong with a source; the others are counted. */
#define REJET_MAX 1000

typedef enum RequestState
{
	REQUEST_PENDING,
	REQUEST_DONE,	   /* its records were emitted */
	REQUEST_UNCHANGED, /* 304, or the same body as last time */
	REQUEST_HEARD,	   /* the kind has heard it, and that was all */
	REQUEST_FAILED
} RequestState;

/* A URL that the run asked for. */
typedef struct Request
{
	struct Request	 *next;
	Run				 *run;
	char			 *url;	  /* database encoding */
	const CacheEntry *cached; /* NULL: never collected */
	RequestState	  state;
	Failure			  failure;	  /* of REQUEST_FAILED */
	char			 *moved_to;	  /* answered well after only 301 and 308; else NULL */
	CacheEntry		 *remember;	  /* what the answer is known by: stored if REQUEST_DONE */
	char			 *host;		  /* origin; NULL where the URL is unusable */
	bool			  whole;	  /* asked without conditions, read also where it is the same */
	bool			  same;		  /* and it is */
	char			 *parameters; /* the kind's, or NULL */
	bool			  once;		  /* its answer is not remembered */
} Request;

/* A line for the journal. */
typedef struct Note
{
	char *action;
	char *details;
} Note;

struct Run
{
	dlist_node	  node;	   /* in one of the round's lists */
	MemoryContext context; /* everything of the run, itself too */
	RunMeans	 *means;
	Source		 *source;
	const char	 *trigger; /* flux.declencheur */
	int64		  origin;  /* of a replay: whose answers it reads again; else 0 */
	Request		 *requests;
	Request		**requests_end;
	int			  n_pending;
	TimestampTz	  started;
	TimestampTz	  ended;
	const char	 *format;
	long		  status; /* HTTP, of the last answer */
	int64		  octets;
	int64		  n_read; /* records: emitted and rejected */
	Document	 *documents;
	Document	**documents_end;
	int64		  n_documents;
	Size		  document_bytes; /* of the rows, too */
	Row			 *rows;			  /* of other tables */
	Row			**rows_end;
	List		 *sinks;	 /* of Sink *: the documents and rows of files */
	Listing		  listing;	 /* what its lists said of slices */
	const char	 *cursor;	 /* of a kind that keeps one; NULL: what a retry is to ask */
	bool		  unchanged; /* the answer being emitted has no news */
	bool		  led;		 /* the answer being emitted was but the way to another */
	Rejet		 *rejets;
	int64		  n_rejets;
	List		 *secrets;	/* of Secret *: those that its kind asked for */
	Progress	 *progress; /* NULL: not shown */

	void	   *state;		/* the kind's */
	bool		known;		/* the answer being emitted is the one of last time */
	int64		pages_done; /* of a kind that counts pages: else both are 0 */
	int64		pages_known;
	Keep	   *keep;	  /* its archive (run/keep.h); NULL: it has none */
	int			n_absent; /* of a replay: what it asked for and the archive has not */
	const char *absent;	  /* the first of them */
	List	   *robots;	  /* of RobotsFile *: those that were fetched */
	List	   *notes;	  /* of Note * */
	const char *rest;	  /* the cursor of what is left to do, or NULL */
	bool		goes_on;  /* the source is due again at once */
	HTAB	   *cached;	  /* of CachedUrl: source->cached by URL; NULL before it is asked for */
};

/*
 * Starts a run of a source, whose memory context becomes the run's: run_free
 * deletes it.  trigger: flux.declencheur, a constant or the source's.
 */
extern Run *run_start(RunMeans *means, Source *source, const char *trigger);

/*
 * Takes a response to one of the run's requests, for good: it frees it or gives
 * it to the parser, whose job run_parsed then takes.
 */
extern void run_respond(Request *request, FetchResponse *response);
extern void run_parsed(Request *request, ParseJob *job);

/* Shorter secrets are not masked: they would be found in every other word. */
#define RUN_MASK_MIN 4

/* Puts "***" in the place of the run's secrets; the same in a palloc'd copy (run/secret.c). */
extern void	 run_mask(const Run *run, char *text);
extern char *run_masked(const Run *run, const char *string, size_t len);

/*
 * Takes over the records that the job read from a file; only what was rejected of one
 * that was given up (run/emit.c).  In the run's memory context.
 */
extern void run_take_sink(Run *run, ParseJob *job);
extern void run_take_rejects(Run *run, const Sink *sink);

/* Lets the kind say its last word, once nothing is in flight; it may ask for more. */
extern void run_finish(Run *run);

/* Nothing is left in flight: the run can be committed. */
extern bool run_finished(const Run *run);

/* Has documents in files, and so wants a transaction of its own. */
extern bool run_is_bulk(const Run *run);

/* Gives up what is in flight and frees the run. */
extern void run_free(Run *run);

#endif
