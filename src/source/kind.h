/*
 * kind.h
 *	  What a kind of source is, and what it can ask of a run.
 *
 * A kind is one file here, which has a DEFINE_KIND(name), and one line in the table of
 * kind_list.h.  It never sees the database or the network: it asks for URLs and emits
 * records, and the run joins the two.
 *
 * Who calls it: a run calls a kind's functions; a kind calls those of the second part, which
 * run/ has: run_ask and the like in run.c, run_emit in emit.c, sink_add in sink.c, what is
 * kept besides records in more.c, secrets in secret.c.
 */
#ifndef DATASENS_SOURCE_KIND_H
#define DATASENS_SOURCE_KIND_H

#include "postgres.h"

#include "base/arena.h"
#include "base/failure.h"
#include "net/fetch.h"
#include "source/source.h"
#include "source/table.h"

typedef struct Run Run;

/*
 * Reads a response's body: the result is in the arena, NULL with *failure set
 * where it is not what the kind expects.  Plain C that touches nothing but its
 * arguments: it runs beside the loop, on another thread (run/parser.h).
 */
typedef void *(*ParseFunction)(Arena *arena, const FetchResponse *response, Failure *failure);

/* Where the records of a file go while it is read. */
typedef struct Sink Sink;

/*
 * Reads the file of a response (FetchRequest.to_file) record by record into the
 * sink, in bounded memory, with the arena for what it needs.  False with *failure
 * set where the file as a whole is not to be used: nothing of it is stored then.
 * On the parser's thread, too; what it has to know is in response->parameters.
 */
typedef bool (*ReadFunction)(Sink *sink, Arena *arena, const FetchResponse *response,
							 Failure *failure);

typedef struct Kind
{
	const char *name;	  /* type_source */
	const char *schedule; /* what its setting datasens.<name>_schedule is unless set */
	const char *accept;	  /* the Accept header of its requests */

	/* Checks URL and options of a new or altered source; ereports, naming what is wrong. */
	void (*validate)(const Source *source);

	/* Asks for the first URLs, by run_ask. */
	void (*begin)(Run *run);

	/* Reads a response with a new body. */
	ParseFunction parse;

	/* Emits the records of what parse made of it; may ask for more URLs. */
	void (*emit)(Run *run, const void *parsed);

	/* Reads a file; NULL where the kind asks for none. */
	ReadFunction read;

	/*
	 * Tells in the kind's own words why a request failed, changing failure: what a
	 * status means there, what to do about it.  FAILURE_SECRET ends the run: what
	 * refuses a key once refuses it always.  NULL: nothing to add.
	 */
	void (*explain)(const FetchResponse *response, Failure *failure);

	/*
	 * Is given each answer before anything else is done with it, failures too, and may ask for
	 * more.  true: the answer is dealt with, is not parsed, and counts neither as done nor as
	 * failed.  NULL: the kind looks at no answer but those that it parses.
	 */
	bool (*hear)(Run *run, const FetchResponse *response);

	/* Nothing is in flight any more: the last word, as run_rest's or run_fail's.  Or NULL. */
	void (*finish)(Run *run);

	bool robots; /* its sources come with the robots.txt of their hosts */

	/* Of a kind with slices: asks for the file of one (run_source(run)->slice). */
	void (*begin_slice)(Run *run);

	/* The streams that a source of the kind has: palloc'd, NULL-terminated; the earliest slot. */
	char **(*streams)(const Source *source);
	Slot first_slot;
} Kind;

/* Defines kind_<name>, as in DEFINE_KIND(rss) = {...}; kind.c alone refers to it, by kind_list.h. */
#define DEFINE_KIND(name)                                                                          \
	extern const Kind kind_##name;                                                                 \
	const Kind		  kind_##name

/* The kinds' schedules become settings; in _PG_init, after settings_define(). */
extern void kinds_define_schedules(void);

/* The schedule of the kind's sources that have none of their own; "": never. */
extern const char *kind_schedule(const Kind *kind);

/* The kind of that name, or NULL; of NULL there is none. */
extern const Kind *kind_find(const char *name);

/* Their names, for hints: "rss, ..." (palloc'd). */
extern char *kind_names(void);

/* The kinds one after the other: NULL begins, NULL ends. */
extern const Kind *kind_next(const Kind *kind);

/* ---- what a run does for a kind ---- */

extern const Source *run_source(const Run *run);

/* What to ask for, and how; all but the URL may be left out.  All is copied. */
typedef struct Ask
{
	const char *url; /* as it is stored and shown: without secrets, in the database's encoding */
	bool		to_file;		/* the body goes to disk and then through read */
	bool		from_file;		/* url is a file on the server, which goes through read */
	const char *parameters;		/* UTF-8: what parse or read has to know, as response->parameters */
	const FetchHeader *headers; /* n_headers of them, in UTF-8 */
	int				   n_headers;
	bool			   once;	  /* neither asked with nor remembered for a condition */
	int64			   end_bytes; /* of a file: only so many bytes of its end, if the server can */

	/* Manners: microseconds until the next spaced request to the host, of whomever; 0: none. */
	int64 spacing;
	bool  alone; /* with a spacing: counted from its end, and one at a time */
	bool  stay;	 /* a redirect is the answer, which hear gets */
	bool  whole; /* the body is wanted even where it is the one of last time (run_known) */

	/* A secret that is sent in the URL's query, under that name: NULL where there is none. */
	const char *secret_parameter;
	const char *secret;
} Ask;

/* Asks for it (the URL is checked when it is asked). */
extern void run_ask(Run *run, const Ask *ask);

/*
 * A secret by its name, in UTF-8, of the run's; run_secret gives NULL where it is
 * not set, run_need_secret ereports, saying how it is.  What runs store and show has
 * "***" in the place of every secret that was asked for.
 *
 * anywhere: it is sent to an address that the source names.  What the administrator keeps
 * outside of the database goes there only where the tables' owner may read the server's files
 * himself; else to the service that it is for.
 */
extern const char *run_secret(Run *run, const char *name, bool anywhere);
extern const char *run_need_secret(Run *run, const char *name, bool anywhere);

/* What a kind keeps during a run, in the current memory context of begin; NULL at first. */
extern void	 run_set_state(Run *run, void *state);
extern void *run_state(const Run *run);

/* The answer that is being emitted is the one of last time (Ask.whole). */
extern bool run_known(const Run *run);

/*
 * Takes back what was asked for and waits still for its host: each is told to the
 * function by its parameters, and counts neither as done nor as failed.
 */
extern void run_recall(Run *run, void (*recalled)(Run *run, const char *parameters));

/* A failure of what could not be asked at all. */
extern void run_fail(Run *run, const char *url, const Failure *failure);

/* Bytes of what was emitted so far; seconds since the run began. */
extern Size	 run_bytes(const Run *run);
extern int64 run_seconds(const Run *run);

/* How many pages are done, of how many that are known: for datasens_progress. */
extern void run_pages(Run *run, int64 done, int64 known);

/* A robots.txt that was fetched: the host's for a day (copied).  body: absent where there is none. */
extern void run_robots(Run *run, const char *host, int status, Text body);

/* A line for the journal (copied). */
extern void run_note(Run *run, const char *action, const char *details);

/*
 * What is left to do, a JSON object (copied): the cursor of a retry, where something
 * failed that may pass.  goes_on: the run ends only to be committed, and the source is
 * due again at once.
 */
extern void run_rest(Run *run, const char *rest, bool goes_on);

/* Nothing new is in the answer that is being emitted: it counts as unchanged. */
extern void run_unchanged(Run *run);

/* The answer that is being emitted only led to what is asked for now: it counts as nothing. */
extern void run_led(Run *run);

/* Where the source's collecting stands after this run, if nothing fails: a JSON object (copied). */
extern void run_set_cursor(Run *run, const char *cursor);

/*
 * Of a kind with slices: the newest slice of a stream that is published, and slices
 * that are listed.  The latter may come from a list in a file, too, as may what was
 * looked for there: false with *failure set where no more can be taken.
 */
extern void run_newest_slice(Run *run, const char *stream, Slot newest);
extern void run_list_slice(Run *run, const ListedSlice *slice);
extern bool sink_list_slice(Sink *sink, const ListedSlice *slice, Failure *failure);
extern bool sink_looked(Sink *sink, const char *stream, SlotRange range, Failure *failure);

/* What a document is made of: UTF-8; absent for null. */
typedef struct Record
{
	Text  titre;
	Text  texte;
	Text  url;
	Text  auteur;
	Text  langue;
	Text  meta; /* a JSON object */
	bool  has_date;
	int64 date; /* microseconds since 1970 UTC */
} Record;

/* Emits a document; its texts are copied.  An error takes back all of the response. */
extern void run_emit(Run *run, const Record *record);

/* Emits a row of another table, a value a column; its texts are copied.  Likewise. */
extern void run_emit_row(Run *run, const Table *table, const ColumnValue *values);

/*
 * Adds a record of a file, or a row of another table; position: its line.  What does
 * not fit is rejected; false with *failure set where no more can be taken.  Plain C.
 * The rows of a file are all of one table.  A file's records are stored in the order of their
 * keys, so that two writers of the same ones never wait in a circle.  Several files of a run are
 * stored one after the other, each in that order: so a run whose files may have records in
 * common with another run's asks for one file only.
 */
extern bool sink_add(Sink *sink, int64 position, const Record *record, Failure *failure);
extern bool sink_add_row(Sink *sink, int64 position, const Table *table, const ColumnValue *values,
						 Failure *failure);

/* A record of a file that cannot be stored; how many there were so far. */
extern void	 sink_reject(Sink *sink, int64 position, const char *reason, Text raw);
extern int64 sink_n_rejects(const Sink *sink);

/* Nobody wants the records any more: the reading should end, with any failure.  Ask often. */
extern bool sink_stopped(Sink *sink);

/* A record that cannot be stored: why, its place in the response (from 1), what it was. */
extern void run_reject(Run *run, int64 position, const char *reason, Text raw);

/* The format of what was received, as flux.format has it: a static string. */
extern void run_format(Run *run, const char *format);

#endif
