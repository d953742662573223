/*
 * loop.c
 *	  libcurl's multi interface, driven by the server's wait events.
 *
 * libcurl tells us through one callback which sockets it waits for, through
 * another when it wants to be called next.  The sockets go into an epoll set of
 * our own, whose descriptor is one member of a WaitEventSet, beside the latch
 * and the postmaster's death: a WaitEventSet cannot forget a socket, an epoll
 * set can, and so nothing is ever rebuilt.
 *
 * Three rules hold throughout:
 * - A callback only records.  libcurl's frames are on the stack, so nothing in
 *	 it may jump (ereport), allocate (palloc) or look for interrupts.  What went
 *	 wrong is kept in the loop and raised when libcurl has returned.
 * - Signals are blocked around each call that lets libcurl work: it may start
 *	 a thread for a name lookup, which inherits the mask, so the server's handlers
 *	 never run on a thread that is not the server's.
 * - The descriptors libcurl opens are reported to fd.c, as they come out of the
 *	 same budget as the server's own files.
 */
#include "net/loop.h"

#include "compat.h"

#include "miscadmin.h"
#include "pgstat.h"
#include "storage/fd.h"
#include "storage/latch.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Ready sockets that are handled after one wait; more are found by the next. */
#define READY_MAX 128

/* The latch, the postmaster and the epoll set. */
#define WAIT_MEMBERS 3

struct Loop
{
	CURLM				 *multi;
	int					  epoll;		/* libcurl's sockets; -1: none yet */
	WaitEventSet		 *wait;			/* latch, postmaster, epoll */
	int64				  deadline;		/* when libcurl wants to be called; -1: it does not */
	int					  sockets;		/* open, counted in callbacks */
	int					  reported;		/* how many of them fd.c knows of */
	int					  socket_errno; /* why a callback failed; 0: none did */
	MemoryContextCallback on_reset;
};

/* CLOCK_MONOTONIC: neither an administrator nor NTP can move it. */
int64
loop_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/*
 * Callbacks of libcurl
 */

/* libcurl starts, changes or ends its interest in a socket; known: we have it in the set. */
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	Loop			  *loop = arg;
	struct epoll_event event = {.events = 0, .data = {.fd = fd}};
	int				   operation = known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	(void) easy;
	if (what == CURL_POLL_REMOVE)
	{
		/* It may be closed already, which took it out of the set. */
		epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		event.events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		event.events |= EPOLLOUT;

	/* A number that was closed and given out again may be known falsely, or not be known. */
	if (epoll_ctl(loop->epoll, operation, fd, &event) < 0)
	{
		operation = errno == ENOENT ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
		if (epoll_ctl(loop->epoll, operation, fd, &event) < 0)
		{
			loop->socket_errno = errno;
			return -1;
		}
	}
	curl_multi_assign(loop->multi, fd, loop);
	return 0;
}

/* libcurl has one timer; -1 stops it. */
static int
on_timer(CURLM *multi, long milliseconds, void *arg)
{
	Loop *loop = arg;

	(void) multi;
	loop->deadline = milliseconds < 0 ? -1 : loop_now() + (int64) milliseconds * 1000;
	return 0;
}

/*
 * SOCK_CLOEXEC, as the server starts programs (COPY ... PROGRAM, archive_command).
 * libcurl itself makes the socket non-blocking.
 */
curl_socket_t
loop_open_socket(Loop *loop, const struct curl_sockaddr *address)
{
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

	if (fd < 0)
		return CURL_SOCKET_BAD;
	loop->sockets++;
	return fd;
}

/* The counterpart, also for connections that outlive the transfer they were made for. */
static int
on_close_socket(void *arg, curl_socket_t fd)
{
	Loop *loop = arg;

	loop->sockets--;
	return close(fd);
}

/*
 * Entering and leaving libcurl
 */

/* To be paired with leave(): no signal from here, on this thread or those it starts. */
static void
enter(sigset_t *saved)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, saved);
}

/* fd.c may close a file of its own to make room, and so may log: not in a callback. */
static void
report_sockets(Loop *loop)
{
	for (; loop->reported < loop->sockets; loop->reported++)
		ReserveExternalFD();
	for (; loop->reported > loop->sockets; loop->reported--)
		ReleaseExternalFD();
}

/* Back from libcurl: what the callbacks recorded is acted on, and what failed is raised. */
static void
leave(Loop *loop, const sigset_t *saved, CURLMcode result)
{
	sigprocmask(SIG_SETMASK, saved, NULL);
	report_sockets(loop);
	if (loop->socket_errno != 0)
	{
		errno = loop->socket_errno;
		loop->socket_errno = 0;
		ereport(ERROR, (errcode_for_socket_access(), errmsg("could not wait for a socket: %m")));
	}
	if (result != CURLM_OK)
		ereport(ERROR, (errcode(result == CURLM_OUT_OF_MEMORY ? ERRCODE_OUT_OF_MEMORY
															  : ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
						errmsg("could not drive libcurl: %s", curl_multi_strerror(result))));
}

void
loop_attach(Loop *loop, CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, loop);
}

void
loop_add(Loop *loop, CURL *easy)
{
	sigset_t  saved;
	CURLMcode result;

	enter(&saved);
	result = curl_multi_add_handle(loop->multi, easy);
	leave(loop, &saved, result);
}

void
loop_remove(Loop *loop, CURL *easy)
{
	sigset_t  saved;
	CURLMcode result;

	enter(&saved);
	result = curl_multi_remove_handle(loop->multi, easy);
	leave(loop, &saved, result);
}

/* Messages other than of an end do not exist yet, but may one day. */
CURL *
loop_next_done(Loop *loop, CURLcode *result)
{
	CURLMsg *message;
	int		 left;

	while ((message = curl_multi_info_read(loop->multi, &left)) != NULL)
	{
		CURL *easy = message->easy_handle;

		if (message->msg != CURLMSG_DONE)
			continue;
		/* The message does not outlive the removal. */
		*result = message->data.result;
		loop_remove(loop, easy);
		return easy;
	}
	return NULL;
}

/*
 * Waiting
 */

/* The shorter of the caller's timeout and libcurl's, in milliseconds, rounded up. */
static long
sleep_time(const Loop *loop, long timeout)
{
	int64 until;

	if (loop->deadline < 0)
		return timeout;
	until = (loop->deadline - loop_now() + 999) / 1000;
	if (until < 0)
		until = 0;
	if (until > INT_MAX)
		until = INT_MAX;
	return timeout < 0 || until < timeout ? (long) until : timeout;
}

/*
 * Tells libcurl of each socket that is ready.  It may close, in doing so, one that
 * comes later in the list: it knows its sockets and passes over others.  Errors and
 * hang-ups are told as such, and libcurl finds out by reading.
 */
static CURLMcode
handle_sockets(Loop *loop)
{
	struct epoll_event ready[READY_MAX];
	int				   count = epoll_wait(loop->epoll, ready, READY_MAX, 0);
	CURLMcode		   result = CURLM_OK;
	int				   running;

	for (int i = 0; i < count && result == CURLM_OK; i++)
	{
		int what = 0;

		if (ready[i].events & EPOLLIN)
			what |= CURL_CSELECT_IN;
		if (ready[i].events & EPOLLOUT)
			what |= CURL_CSELECT_OUT;
		if (ready[i].events & (EPOLLERR | EPOLLHUP))
			what |= CURL_CSELECT_ERR;
		result = curl_multi_socket_action(loop->multi, ready[i].data.fd, what, &running);
	}
	return result;
}

static CURLMcode
handle_timer(Loop *loop)
{
	int running;

	if (loop->deadline < 0 || loop_now() < loop->deadline)
		return CURLM_OK;
	/* libcurl sets the next one, where it wants one, in this call. */
	loop->deadline = -1;
	return curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

/*
 * The latch is reset before libcurl works and before the caller looks at what it
 * was set for, so that one set meanwhile ends the next sleep at once.  The
 * postmaster's death ends the process inside WaitEventSetWait.
 */
void
loop_wait(Loop *loop, long timeout)
{
	WaitEvent events[WAIT_MEMBERS];
	int		  count;
	sigset_t  saved;
	CURLMcode result;

	count = WaitEventSetWait(loop->wait, sleep_time(loop, timeout), events, WAIT_MEMBERS,
							 PG_WAIT_EXTENSION);
	for (int i = 0; i < count; i++)
		if (events[i].events & WL_LATCH_SET)
			ResetLatch(MyLatch);

	enter(&saved);
	result = handle_sockets(loop);
	if (result == CURLM_OK)
		result = handle_timer(loop);
	leave(loop, &saved, result);
}

/*
 * Making and unmaking
 */

/*
 * Takes down what there is, in any state that loop_create may have been left in.
 * Closing the multi handle closes the connections kept for reuse; nothing here
 * may raise an error, as a reset callback must not.
 */
static void
loop_destroy(void *arg)
{
	Loop *loop = arg;

	if (loop->multi != NULL)
		curl_multi_cleanup(loop->multi);
	report_sockets(loop);
	if (loop->wait != NULL)
		FreeWaitEventSet(loop->wait);
	if (loop->epoll >= 0)
	{
		close(loop->epoll);
		ReleaseExternalFD();
	}
}

/*
 * Memory for libcurl, also on the threads of name lookups.  The C library's own, as what one
 * of these gives another may free.
 */

static atomic_uint denials;

static void *
counted(void *memory)
{
	if (memory == NULL)
		atomic_fetch_add(&denials, 1);
	return memory;
}

static void *
counted_malloc(size_t size)
{
	return counted(malloc(size));
}

static void *
counted_calloc(size_t n, size_t size)
{
	return counted(calloc(n, size));
}

static void *
counted_realloc(void *block, size_t size)
{
	return counted(realloc(block, size));
}

static char *
counted_strdup(const char *string)
{
	return counted(strdup(string));
}

unsigned
loop_denials(void)
{
	return atomic_load(&denials);
}

/*
 * Once in a process, and never in the postmaster: libcurl and the libraries under
 * it are not made to be forked.  Where another library of the process was first, libcurl keeps
 * that one's memory functions, and no denial is counted.
 */
static void
initialize_libcurl(void)
{
	static bool done = false;

	if (done)
		return;
	if (MyProcPid == PostmasterPid)
		elog(ERROR, "libcurl must not be used in the postmaster");
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, counted_malloc, free, counted_realloc,
							 counted_strdup, counted_calloc) != CURLE_OK)
		ereport(ERROR, (errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
						errmsg("could not initialize libcurl")));
	done = true;
}

/* Multiplexing: several requests share one HTTP/2 connection. */
static void
create_multi(Loop *loop, int max_idle)
{
	loop->multi = curl_multi_init();
	if (loop->multi == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
	curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
	curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, (long) max_idle);
	curl_multi_setopt(loop->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
}

/*
 * The callback comes first, so that whatever fails after it leaves nothing behind.
 * The epoll descriptor is counted by fd.c by itself; those of the WaitEventSet and
 * of libcurl's sockets are counted where they are made.
 */
Loop *
loop_create(MemoryContext context, int max_idle)
{
	Loop *loop;

	initialize_libcurl();
	loop = MemoryContextAllocZero(context, sizeof(Loop));
	loop->epoll = -1;
	loop->deadline = -1;
	loop->on_reset.func = loop_destroy;
	loop->on_reset.arg = loop;
	MemoryContextRegisterResetCallback(context, &loop->on_reset);

	create_multi(loop, max_idle);
	if (!AcquireExternalFD())
		ereport(ERROR, (errcode_for_socket_access(), errmsg("could not wait for sockets: %m")));
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0)
	{
		ReleaseExternalFD();
		ereport(ERROR, (errcode_for_socket_access(), errmsg("could not wait for sockets: %m")));
	}
	loop->wait = compat_create_wait_event_set(context, WAIT_MEMBERS);
	AddWaitEventToSet(loop->wait, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
	AddWaitEventToSet(loop->wait, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, NULL, NULL);
	AddWaitEventToSet(loop->wait, WL_SOCKET_READABLE, loop->epoll, NULL, NULL);
	return loop;
}
