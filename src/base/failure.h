/*
 * failure.h
 *	  One vocabulary for everything that can go wrong on the way from a URL to
 *	  a record.
 *
 * A failure is a value, not a jump: libcurl's and libxml2's callbacks, the
 * parsers and the runs hand it on, and only the foreground function or a
 * transaction turns it into a PostgreSQL error.
 *
 * Called by all rooms, in callbacks and on threads too: nothing here allocates or ereports.
 */
#ifndef DATASENS_BASE_FAILURE_H
#define DATASENS_BASE_FAILURE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Ordered as in the table in failure.c, which has each one's word and whether it passes. */
typedef enum FailureClass
{
	FAILURE_NONE = 0,
	/* the network: all transient */
	FAILURE_RESOLVE,   /* the host name has no address (now) */
	FAILURE_CONNECT,   /* refused, unreachable, reset before an answer */
	FAILURE_TIMEOUT,   /* connect_timeout or request_timeout passed */
	FAILURE_TRUNCATED, /* the body ended before its announced end */
	FAILURE_PROTOCOL,  /* broken HTTP, broken TLS stream */
	/* the answer */
	FAILURE_HTTP_TRANSIENT, /* 408, 425, 429, 5xx */
	FAILURE_HTTP_PERMANENT, /* any other status of 400 and above, or an unusable 3xx */
	FAILURE_GONE,			/* 410 */
	/* permanent */
	FAILURE_CERTIFICATE, /* the server's certificate was not accepted */
	FAILURE_REFUSED,	 /* refused by the guard: address, scheme or redirect */
	FAILURE_ROBOTS,		 /* refused by robots.txt */
	FAILURE_TOO_LARGE,	 /* larger than a limit allows */
	FAILURE_URL,		 /* not a URL that can be asked */
	FAILURE_PARSE,		 /* not what the source's kind expects */
	FAILURE_SECRET,		 /* a key or password is missing or was refused */
	FAILURE_FILE,		 /* a server file cannot be opened */
	/* ourselves */
	FAILURE_MEMORY,	  /* the system has no memory: transient */
	FAILURE_STORE,	  /* the transaction failed: transient */
	FAILURE_CANCELLED /* the process was asked to stop: the attempt does not count */
} FailureClass;

#define FAILURE_DETAIL_SIZE 512

typedef struct Failure
{
	FailureClass class;
	int	 retry_after;				  /* seconds the server asked us to wait; -1: it did not say */
	bool host_wide;					  /* retry_after holds for the whole host */
	char detail[FAILURE_DETAIL_SIZE]; /* UTF-8, no secret, no trailing period; may be "" */
} Failure;

#define FAILURE_INIT                                                                               \
	{                                                                                              \
		FAILURE_NONE, -1, false, ""                                                                \
	}

#define failure_is(f) ((f)->class != FAILURE_NONE)

/* Sets class and detail (printf format), cutting the detail at a character's border. */
extern void failure_set(Failure *failure, FailureClass class, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for other messages: writes into the size bytes at message, UTF-8, with a NUL. */
extern void failure_write(char *message, size_t size, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

/* Whether the same request may succeed later by itself. */
extern bool failure_is_transient(FailureClass class);

/* The word for the class, as stored in flux.erreur before the detail: "timeout", "http", ... */
extern const char *failure_word(FailureClass class);

#endif
