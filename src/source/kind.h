/*
 * kind.h
 *	  What a kind of source is, and what it can ask of a run.
 *
 * A kind is one file here, which has a DEFINE_KIND(name), and one line in the table of
 * kind_list.h. It never sees the database or the network: it asks for URLs and emits records, and
 * the run joins the two.
 *
 * Who calls it: a run calls a kind's functions. A kind calls the functions of the second part,
 * which are in run/: run_ask and the like in run.c, run_emit in emit.c, sink_add in sink.c, what
 * is kept besides records in more.c, secrets in secret.c.
 *
 * The order of calls in a run is: validate, begin; for each answer hear; then, where the answer is
 * good and new, parse and emit (or read, for a file), and where it failed, explain; finish when
 * nothing is in flight. An error in any of them is a failure of that request, or of the run, and
 * of no other source. All but parse and read run in the main thread, with the run's memory context
 * as the current one, and may ereport.
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
 * Reads a response's body. The result is in the arena; NULL with *failure set where the body is
 * not what the kind expects. Plain C that touches nothing but its arguments, as it runs beside the
 * loop, on another thread (run/parser.h).
 */
typedef void *(*ParseFunction)(Arena *arena, const FetchResponse *response, Failure *failure);

/* Where the records of a file go while it is read (run/sink.h). */
typedef struct Sink Sink;

/*
 * Reads the file of a response (Ask.to_file) record by record into the sink, in bounded memory,
 * with the arena for what it needs. False with *failure set where the file as a whole is not to be
 * used: then nothing of it is stored. Plain C on the parser's thread, too; what it has to know is
 * in response->parameters.
 */
typedef bool (*ReadFunction)(Sink *sink, Arena *arena, const FetchResponse *response,
							 Failure *failure);

typedef struct Kind
{
	const char *name;	  /* type_source */
	const char *schedule; /* what its setting datasens.<name>_schedule is unless set */
	const char *accept;	  /* the Accept header of its requests */

	/*
	 * Checks URL and options of a source that is added or altered, and again before each run;
	 * ereports, naming what is wrong.
	 */
	void (*validate)(const Source *source);

	/* Asks for the first URLs, by run_ask. */
	void (*begin)(Run *run);

	/* Reads a response that has a new body. */
	ParseFunction parse;

	/* Emits the records of what parse has made; may ask for more URLs. */
	void (*emit)(Run *run, const void *parsed);

	/* Reads a file; NULL where the kind asks for none. */
	ReadFunction read;

	/*
	 * Tells in the kind's own words why a request failed, by changing *failure: what a status
	 * means to that service, and what can be done about it. FAILURE_SECRET ends the run: a service
	 * that refuses a key once refuses it always. NULL: the kind has nothing to add.
	 */
	void (*explain)(const FetchResponse *response, Failure *failure);

	/*
	 * Is given each answer before anything else is done with it, failures too, and may ask for
	 * more. True: the kind has dealt with the answer; it is not parsed, and counts neither as done
	 * nor as failed. NULL: the kind looks only at answers that it parses.
	 */
	bool (*hear)(Run *run, const FetchResponse *response);

	/*
	 * Nothing is in flight any more: the kind's last word, by run_rest or run_fail. It may also
	 * ask for more. NULL: it has none.
	 */
	void (*finish)(Run *run);

	bool robots; /* its sources come with the robots.txt of their hosts */

	/*
	 * Of a kind with slices (source/slice.h): asks for the file of the slice that the run is of,
	 * run_source(run)->slice. NULL: the kind has no slices.
	 */
	void (*begin_slice)(Run *run);

	/*
	 * Of a kind with slices: the names of the streams that a source has (palloc'd, ends with a
	 * NULL); and the earliest slot that was ever published.
	 */
	char **(*streams)(const Source *source);
	Slot first_slot;
} Kind;

/* How many kinds there are. */
enum
{
	N_KINDS = 0
#define KIND(name) +1
#include "source/kind_list.h"
#undef KIND
};

/* Defines kind_<name>, as in DEFINE_KIND(rss) = {...}. Only kind.c refers to it, by kind_list.h. */
#define DEFINE_KIND(name)                                                                          \
	extern const Kind kind_##name;                                                                 \
	const Kind		  kind_##name

/* Makes a setting of each kind's schedule. In _PG_init, after settings_define(). */
extern void kinds_define_schedules(void);

/* The schedule of the kind's sources that have none of their own; "": never. */
extern const char *kind_schedule(const Kind *kind);

/* The kind of that name; NULL where there is none of it, or name is NULL. */
extern const Kind *kind_find(const char *name);

/* Their names, for hints: "rss, ..." (palloc'd). */
extern char *kind_names(void);

/* The kinds one after the other: NULL gives the first, and is what comes after the last. */
extern const Kind *kind_next(const Kind *kind);

/* ---- what a run does for a kind ---- */

extern const Source *run_source(const Run *run);

/* What to ask for, and how. All but the URL may be left out (zero). Everything is copied. */
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

/* Asks for it. A URL that cannot be asked is a failure of the request, not an error. */
extern void run_ask(Run *run, const Ask *ask);

/*
 * The secret of that name, in UTF-8, in the run's memory. Where it is not set, run_secret gives
 * NULL, and run_need_secret ereports and says how to set it. Whatever a run stores or shows has
 * "***" in the place of every secret that it has asked for.
 *
 * anywhere: the secret is to be sent to an address that the source names, and not to a service
 * that it is for. Then what the server's administrator keeps outside of the database is only given
 * out where the tables' owner could read the server's files himself.
 */
extern const char *run_secret(Run *run, const char *name, bool anywhere);
extern const char *run_need_secret(Run *run, const char *name, bool anywhere);

/* What a kind keeps during a run, allocated in begin or later; NULL at first. */
extern void	 run_set_state(Run *run, void *state);
extern void *run_state(const Run *run);

/* Whether the answer that is being emitted is the same as last time (Ask.whole). */
extern bool run_known(const Run *run);

/*
 * Takes back the requests that are still waiting for their host's time. Each is told to the
 * function by its parameters, and counts neither as done nor as failed.
 */
extern void run_recall(Run *run, void (*recalled)(Run *run, const char *parameters));

/* Adds a failure, of something that could not be asked for at all. */
extern void run_fail(Run *run, const char *url, const Failure *failure);

/* How many bytes of records are waiting for the commit; how many seconds ago the run began. */
extern Size	 run_bytes(const Run *run);
extern int64 run_seconds(const Run *run);

/* For datasens_progress: how many pages are done, of how many that are known. */
extern void run_pages(Run *run, int64 done, int64 known);

/*
 * Keeps a robots.txt that was fetched, for a day, for all sources (copied). body: absent where the
 * host has none.
 */
extern void run_robots(Run *run, const char *host, int status, Text body);

/* Writes a line into the journal when the run is committed (copied; secrets are masked). */
extern void run_note(Run *run, const char *action, const char *details);

/*
 * What is left to do: a JSON object (copied). It is the cursor of a retry, where something has
 * failed that may pass. goes_on: the run ends only to be committed, and the source is due again at
 * once, with that cursor.
 */
extern void run_rest(Run *run, const char *rest, bool goes_on);

/* The answer that is being emitted brings nothing new: it counts as "inchange". */
extern void run_unchanged(Run *run);

/* The answer that is being emitted only led to what is asked for now: it counts as nothing. */
extern void run_led(Run *run);

/*
 * Where the source's collecting stands after this run, if nothing of it fails: a JSON object
 * (copied), which the next run finds as source->cursor.
 */
extern void run_set_cursor(Run *run, const char *cursor);

/*
 * Of a kind with slices: the newest slot of a stream that is published; a slice that a list names;
 * and, for lists in files, that and which slots were looked for there. The last two are false with
 * *failure set where no more can be taken. stream is a constant of the kind's.
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

/*
 * Emits a document; its texts are copied. An error in emit takes back all that the response has
 * brought.
 */
extern void run_emit(Run *run, const Record *record);

/*
 * Emits a row of another table (source/table.h), with a value for each column; its texts are
 * copied. Likewise.
 */
extern void run_emit_row(Run *run, const Table *table, const ColumnValue *values);

/*
 * Adds a record of a file, or a row of another table; position: its line. A record that does not
 * fit is rejected; false with *failure set where no more can be taken. Plain C.
 *
 * The rows of a file are all of one table. The records of a file are stored in the order of their
 * keys, so that two writers of the same records never wait in a circle. Several files of a run are
 * stored one after the other, each in that order: so a run whose files may have records in common
 * with another run's must ask for one file only.
 */
extern bool sink_add(Sink *sink, int64 position, const Record *record, Failure *failure);
extern bool sink_add_row(Sink *sink, int64 position, const Table *table, const ColumnValue *values,
						 Failure *failure);

/*
 * Adds a reject: a record of the file that cannot be stored, and why. raw is what it was, cut. And
 * how many rejects there were so far.
 */
extern void	 sink_reject(Sink *sink, int64 position, const char *reason, Text raw);
extern int64 sink_n_rejects(const Sink *sink);

/*
 * Nobody wants the records any more: the reading is to end soon, with any failure. To be asked
 * often.
 */
extern bool sink_stopped(Sink *sink);

/*
 * Adds a reject: a record that cannot be stored, why, its place in the response (from 1; 0: not
 * known), and what it was.
 */
extern void run_reject(Run *run, int64 position, const char *reason, Text raw);

/* Says what was received, for flux.format; a static string. */
extern void run_format(Run *run, const char *format);

#endif
