/*
 * fetch.h
 *	  One request and its answer, through redirects and retries of addresses,
 *	  within every limit.
 *
 * Who calls it: run/.  A fetch belongs to the Fetcher it was started on, and
 * its memory to itself (malloc: it is filled in libcurl's callbacks).  Never:
 * palloc, ereport or an interrupt check inside a callback.
 */
#ifndef DATASENS_NET_FETCH_H
#define DATASENS_NET_FETCH_H

#include "postgres.h"

#include "base/arena.h"
#include "base/failure.h"

typedef struct Fetcher Fetcher;

/*
 * A header line of the request.  Credentials (Authorization, Cookie, X-Api-Key, and
 * what is marked secret) go to the origin of the URL that was asked, not to where a
 * redirect leads.
 */
typedef struct FetchHeader
{
	const char *name;  /* a token (RFC 9110, 5.1); Accept replaces the request's */
	const char *value; /* no control character: else the request fails */
	bool		secret;
} FetchHeader;

/* Whether name and value can be sent as one line, and no more than that. */
extern bool fetch_header_is_sendable(const FetchHeader *header);

/* What to ask.  Strings need to live only until fetch_start returns. */
typedef struct FetchRequest
{
	const char *url;
	const char
		*secret_query; /* "name=value" added to the URL that is sent, seen nowhere; or NULL */
	const FetchHeader *headers; /* n_headers of them */
	int				   n_headers;
	const char		  *etag;		  /* If-None-Match, or NULL */
	const char		  *last_modified; /* If-Modified-Since, as the server wrote it, or NULL */
	const char		  *accept;		  /* Accept, or NULL for anything */
	const char		  *post;	  /* body of a POST, which no redirect is followed for; NULL: GET */
	int64			   end_bytes; /* ask only for so many bytes of its end; 0: for all of it */
	int64			   max_size;  /* decoded bytes; 0: datasens.max_response_size */
	bool		to_file;	/* the body goes to a file; max_size 0: datasens.max_download_size */
	bool		from_file;	/* url is a regular file on the server, read where it is: no network */
	const char *parameters; /* handed back with the response, or NULL */
	int64		spacing;	/* microseconds until the next spaced request to the host; 0: none */
	bool		alone;		/* with a spacing: counted from its end, one at a time */
	bool		stay;		/* a redirect is the answer, and not followed */
	void	   *owner;		/* the caller's, handed back with the response */
} FetchRequest;

/*
 * The answer.  Valid until fetch_free or the end of the fetcher, whichever is
 * first.  Where failure is set the rest holds what was known when it happened
 * (status 0: the last hop had no answer).  content_type, etag and last_modified
 * are of printable ASCII and at most 1 kB; what is not is taken as not sent.  url
 * and moved_url may hold the user name and password they were asked with: url_redact
 * them before they are shown.
 */
typedef struct FetchResponse
{
	void	   *owner;
	Failure		failure;
	bool		absent;		  /* a failure: the supplier has no such answer */
	long		status;		  /* HTTP status of the last hop; 304 is no failure; 0: a file's */
	const char *url;		  /* as asked */
	const char *final_url;	  /* after redirects, without user name; on failure where it happened */
	const char *moved_url;	  /* where a chain of only 301 and 308 led, else NULL */
	const char *content_type; /* or NULL; likewise below */
	const char *etag;
	const char *last_modified;
	const char *robots_tag; /* X-Robots-Tag, several joined by commas */
	const char *location; /* of a redirect that is the answer: absolute, a URL that may be asked */
	const char *parameters; /* as asked */
	Text		body;		/* bytes, decoded (gzip, ...); empty on failure, or in the file */
	int			file;		/* -1: none; else a descriptor, at no particular place */
	int64		size;		/* of the body, in memory or in the file */
	int64		octets;		/* received on the wire, headers and redirects included */
	int64		duration;	/* microseconds from start to end, waiting for a place not counted */
} FetchResponse;

/*
 * A fetcher: libcurl's multi handle (connection pool, DNS cache) on the
 * server's wait events, and the queue of requests that wait for a place.  It is
 * freed with the memory context, transfers in flight are then abandoned.
 * ereports where libcurl or the system refuses.
 */
extern Fetcher *fetcher_create(MemoryContext context);

/*
 * Queues a request: it starts when its host and the fetcher have a place
 * (datasens.max_connections, datasens.max_connections_per_host), and with a spacing
 * when the host may be asked again (net/host.h).  Never blocks, never waits for a
 * name server.  What is wrong with the URL comes as a response, too; so does that
 * a host wants to be left alone for longer than a spaced request waits.
 */
extern void fetch_start(Fetcher *fetcher, const FetchRequest *request);

/*
 * An answer from elsewhere than a network: what was received before.  Texts are copied.
 * read brings the next bytes of the body, 0 at its end, and ereports where it cannot.
 */
typedef struct FetchSupply
{
	bool absent; /* there is none: the request fails, as by a status of 404 */
	long status;
	Text final_url; /* absent: as asked; the others: not said */
	Text content_type;
	Text etag;
	Text last_modified;
	Text robots_tag;
	Text location;
	size_t (*read)(void *context, void *bytes, size_t n);
	void *context; /* of read */
} FetchSupply;

/* Fills the supply, which is zeroed, for what is asked.  May ereport. */
typedef void (*FetchSupplier)(void *context, const FetchResponse *asked, FetchSupply *supply);

/*
 * Has all requests from now on answered by the supplier, one in each fetcher_wait: nothing
 * is asked of the network, nor of a file.  The sizes that a request allows hold.
 */
extern void fetcher_supply(Fetcher *fetcher, FetchSupplier supplier, void *context);

/*
 * Sleeps until something happened: a transfer moved, the latch was set, or
 * timeout milliseconds went by (-1: no limit).  The process latch is reset;
 * the caller checks for interrupts and configuration after each return.  Does
 * not sleep while responses wait to be taken.  ereports where libcurl or the
 * system refuses to go on, which is no fault of a single request.
 */
extern void fetcher_wait(Fetcher *fetcher, long timeout);

/* The next finished request, in the order of finishing, or NULL. */
extern FetchResponse *fetcher_next(Fetcher *fetcher);

/*
 * Bytes of the body received so far for the request of that owner, packed where it
 * comes packed; total -1: not announced.  false where it is not in flight.
 */
extern bool fetcher_progress(const Fetcher *fetcher, const void *owner, int64 *received,
							 int64 *total);

/* Abandons the requests of that owner, queued, in flight or finished (not taken). */
extern void fetcher_cancel(Fetcher *fetcher, const void *owner);

/* Takes back a request of that owner that waits and has not begun; false where there is none. */
extern bool fetcher_recall(Fetcher *fetcher, const void *owner);

extern void fetch_free(FetchResponse *response);

#endif
