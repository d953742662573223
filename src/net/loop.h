/*
 * loop.h
 *	  libcurl's multi interface, driven by the server's wait events.
 *
 * Who calls it: fetch.c, s3_request.c and mail.c.  The loop knows easy handles, sockets and
 * timers; it knows nothing of requests.  Linux only: libcurl's sockets live in an epoll set.
 */
#ifndef DATASENS_NET_LOOP_H
#define DATASENS_NET_LOOP_H

#include "postgres.h"

#include <curl/curl.h>

typedef struct Loop Loop;

/*
 * A loop that keeps at most max_idle connections open for reuse.  It goes with
 * the context (a reset callback); easy handles must be out of it, or be cleaned
 * up, by then: register your own callback after this call, it then runs first.
 * ereports where libcurl or the system refuses.
 */
extern Loop *loop_create(MemoryContext context, int max_idle);

/*
 * Sets what ties an easy handle's sockets to the loop (to be called again after
 * curl_easy_reset), and starts or ends its transfer.  Not from a callback.
 */
extern void loop_attach(Loop *loop, CURL *easy);
extern void loop_add(Loop *loop, CURL *easy);
extern void loop_remove(Loop *loop, CURL *easy);

/* A socket for CURLOPT_OPENSOCKETFUNCTION, counted by the loop; or CURL_SOCKET_BAD. */
extern curl_socket_t loop_open_socket(Loop *loop, const struct curl_sockaddr *address);

/*
 * Sleeps until a socket or a timer of libcurl, the process latch (which is
 * reset) or timeout milliseconds (-1: no limit), then lets libcurl work.
 */
extern void loop_wait(Loop *loop, long timeout);

/* The next easy handle whose transfer has ended, taken out of the loop; or NULL. */
extern CURL *loop_next_done(Loop *loop, CURLcode *result);

/*
 * How often libcurl has asked for memory in this process and was given none.  It looks at most of
 * such denials, but not at all: from a URL that it could not copy it leaves out a part.  Who
 * finds more than there were when a request began does not send it.
 */
extern unsigned loop_denials(void);

/* Microseconds of a clock that never jumps. */
extern int64 loop_now(void);

#endif
