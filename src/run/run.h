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

/* What all runs of a round share: the means to fetch and to parse. */
typedef struct RunMeans
{
	Fetcher *fetcher;
	Parser	*parser;
	Parser	*file_parser; /* for bodies in files, which take longer than others should wait */
	Arena	*arena;		  /* scratch: reset by each who uses it */
	List	*host_waits;  /* of HostWait *: hosts that are to be left alone */
	List	*secrets;	  /* of Secret *: those of the database */
	Replay	*replay;	  /* where answers come from (run/replay.h); NULL: from the network */
} RunMeans;

/*
 * So many rejects of one run are kept, which is enough to see what is wrong with its source; those
 * beyond are only counted.
 */
#define REJET_MAX 1000

typedef enum RequestState
{
	REQUEST_PENDING,
	REQUEST_DONE,	   /* its records were emitted */
	REQUEST_UNCHANGED, /* 304, or the same body as last time */
	REQUEST_HEARD,	   /* the kind has taken note of it (hear), and there was nothing to read */
	REQUEST_FAILED
} RequestState;

/* A URL that the run asked for. */
typedef struct Request
{
	struct Request	 *next;
	Run				 *run;
	char			 *url;	  /* database encoding */
	const CacheEntry *cached; /* from when it was collected last; NULL: never */
	RequestState	  state;
	Failure			  failure;	  /* of REQUEST_FAILED */
	char			 *moved_to;	  /* where permanent redirects alone (301, 308) led; else NULL */
	CacheEntry		 *remember;	  /* validators of the answer, stored if REQUEST_DONE */
	char			 *host;		  /* the URL's origin; NULL where it is unusable */
	bool			  whole;	  /* asked without conditions, and read even if nothing is new */
	bool			  same;		  /* the body is that of last time */
	char			 *parameters; /* the kind's, or NULL */
	bool			  once;		  /* nothing of the answer is kept for next time */
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
	MemoryContext context; /* holds everything of the run, this struct too */
	RunMeans	 *means;
	Source		 *source;
	const char	 *trigger; /* flux.declencheur */
	int64		  origin;  /* of a replay: the flux whose answers it reads again; else 0 */
	Request		 *requests;
	Request		**requests_end;
	int			  n_pending; /* requests in REQUEST_PENDING; 0: the run can be finished */
	TimestampTz	  started;
	TimestampTz	  ended; /* when the last request ended, so far */
	const char	 *format;
	long		  status; /* HTTP status of the last answer; 0: none */
	int64		  octets; /* received, as they came over the network */
	int64		  n_read; /* records, emitted and rejected */
	Document	 *documents;
	Document	**documents_end;
	int64		  n_documents;
	Size		  document_bytes; /* what documents and rows take in memory */
	Row			 *rows;			  /* of other tables */
	Row			**rows_end;
	List		 *sinks;	 /* of Sink *: the documents and rows of files */
	Listing		  listing;	 /* what its lists said of slices */
	const char	 *cursor;	 /* where the kind goes on next time; NULL: it keeps no cursor */
	bool		  unchanged; /* the answer being emitted has no news */
	bool		  led;		 /* the answer being emitted only led to another URL */
	Rejet		 *rejets;
	int64		  n_rejets;
	List		 *secrets;	/* of Secret *: those that its kind asked for */
	Progress	 *progress; /* NULL: not shown */

	void	   *state;		/* the kind's */
	bool		known;		/* the answer being emitted is the one of last time */
	int64		pages_done; /* of a kind that counts pages; else both are 0 */
	int64		pages_known;
	Keep	   *keep;	  /* its archive (run/keep.h); NULL: it has none */
	int			n_absent; /* of a replay: requests that the archive has no answer for */
	const char *absent;	  /* the URL of the first of them */
	List	   *robots;	  /* of RobotsFile *: those that were fetched */
	List	   *notes;	  /* of Note * */
	const char *rest;	  /* the cursor of what the run has left to do, or NULL */
	bool		goes_on;  /* it ends only to be committed: the source is due again at once */
	HTAB	   *cached;	  /* of CachedUrl: source->cached by URL; NULL until it is needed */
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

/*
 * Once nothing is in flight: calls the kind's finish, which may ask for more URLs. Look at
 * run_finished again.
 */
extern void run_finish(Run *run);

/* Nothing is left in flight: the run can be committed. */
extern bool run_finished(const Run *run);

/* Whether the run has documents in files, and so is committed in a transaction of its own. */
extern bool run_is_bulk(const Run *run);

/* Cancels what is in flight and frees the run with its source. */
extern void run_free(Run *run);

#endif
