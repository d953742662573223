/*
 * delay.c
 *	  A relay that gives every request a latency.
 *
 *	  delay MILLISECONDS HOSTS PORT TARGET
 *
 * listens on PORT of 127.0.0.1 to 127.0.0.HOSTS and passes what it receives to
 * TARGET on the same address: what comes from the client only after the time
 * has gone by, what comes from the server at once.  A request that is sent in one piece,
 * as clients do, is thus answered so much later; a connection in use or not
 * makes no difference.  Prints a line when it is ready, ends with its parent's
 * signal.
 *
 * One process, one epoll loop.  All requests wait equally long, so those that
 * wait form a queue in the order of their due times.  A connection holds one
 * buffer a direction and is not read from while that is full: memory is bounded
 * by the number of connections.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_SIZE 65536
#define MAX_EVENTS 256

typedef struct Pair Pair;

/* One socket: a listener (pair NULL), or an end of a connection, with what it still has to be
 * sent. */
typedef struct End
{
	int		 fd;
	Pair	*pair;
	uint32_t events; /* what epoll watches now */
	size_t	 start;	 /* unsent bytes: buffer[start..length) */
	size_t	 length;
	char	 buffer[BUFFER_SIZE];
} End;

/* A connection relayed.  Waiting: the server's buffer is held until due. */
struct Pair
{
	End		client;
	End		server;
	bool	waiting;
	bool	closed;
	int64_t due;
	Pair   *next; /* in the queue of those that wait, or of those to free */
};

static int		epoll_fd;
static int64_t	latency_us;
static uint16_t target_port;
static Pair	   *waiting_first;
static Pair	  **waiting_last = &waiting_first;
static Pair	   *closed_list;

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void
watch(End *end, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = end};

	if (events != end->events && epoll_ctl(epoll_fd, EPOLL_CTL_MOD, end->fd, &event) < 0)
		die("epoll_ctl");
	end->events = events;
}

/* What each end waits for follows from the buffers: read while the other's is empty. */
static void
watch_both(Pair *pair)
{
	bool to_client = pair->client.length > 0;
	bool to_server = pair->server.length > 0;

	watch(&pair->client, (to_server ? 0 : EPOLLIN) | (to_client ? EPOLLOUT : 0));
	watch(&pair->server, (to_client ? 0 : EPOLLIN) | (to_server && !pair->waiting ? EPOLLOUT : 0));
}

/*
 * Closes both sockets at once.  The memory stays until no event of this turn and
 * no place in the queue can name it.
 */
static void
pair_close(Pair *pair)
{
	if (pair->closed)
		return;
	pair->closed = true;
	close(pair->client.fd);
	close(pair->server.fd);
	if (!pair->waiting)
	{
		pair->next = closed_list;
		closed_list = pair;
	}
}

static void
free_closed(void)
{
	while (closed_list != NULL)
	{
		Pair *pair = closed_list;

		closed_list = pair->next;
		free(pair);
	}
}

/* Sends what the end's buffer holds, as far as the socket takes it; false where it is broken. */
static bool
drain(End *end)
{
	ssize_t n = send(end->fd, end->buffer + end->start, end->length - end->start, MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	end->start += n;
	if (end->start == end->length)
		end->start = end->length = 0;
	return true;
}

/* Reads into the buffer of the other end; false at the end of the stream. */
static bool
fill(End *from, End *to)
{
	ssize_t n = recv(from->fd, to->buffer, BUFFER_SIZE, 0);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	to->length = n;
	return n > 0;
}

/* Puts the pair at the end of the queue: its request goes on when its time is over. */
static void
hold(Pair *pair)
{
	pair->waiting = true;
	pair->due = now_us() + latency_us;
	pair->next = NULL;
	*waiting_last = pair;
	waiting_last = &pair->next;
}

/* Sends on the requests that are due; returns the milliseconds to the next one, -1 for none. */
static int
release_due(void)
{
	int64_t now = now_us();

	while (waiting_first != NULL)
	{
		Pair *pair = waiting_first;

		if (pair->due > now)
			return (int) ((pair->due - now + 999) / 1000);
		waiting_first = pair->next;
		if (waiting_first == NULL)
			waiting_last = &waiting_first;
		pair->waiting = false;
		if (pair->closed)
			free(pair);
		else if (drain(&pair->server))
			watch_both(pair);
		else
			pair_close(pair);
	}
	return -1;
}

static void
prepare(int fd)
{
	int on = 1;

	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ||
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0)
		die("socket");
}

static void
add(End *end, int fd, Pair *pair)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = end};

	end->fd = fd;
	end->pair = pair;
	end->events = EPOLLIN;
	end->start = end->length = 0;
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll_ctl");
}

/* Accepts a client and connects to the target on the address that the client meant. */
static void
pair_open(int listener)
{
	struct sockaddr_in address;
	socklen_t		   length = sizeof(address);
	int				   client = accept(listener, NULL, NULL);
	int				   server = socket(AF_INET, SOCK_STREAM, 0);
	Pair			  *pair = malloc(sizeof(Pair));

	if (client < 0 || server < 0 || pair == NULL)
		die("accept");
	if (getsockname(client, (struct sockaddr *) &address, &length) < 0)
		die("getsockname");
	address.sin_port = htons(target_port);
	if (connect(server, (struct sockaddr *) &address, sizeof(address)) < 0)
		die("connect");
	prepare(client);
	prepare(server);
	pair->waiting = pair->closed = false;
	add(&pair->client, client, pair);
	add(&pair->server, server, pair);
}

/* Something happened on one end of a connection. */
static void
serve(End *end, uint32_t events)
{
	Pair *pair = end->pair;
	End	 *other = end == &pair->client ? &pair->server : &pair->client;
	bool  held = pair->waiting;

	if (pair->closed)
		return;
	if ((events & (EPOLLERR | EPOLLHUP)) != 0 || ((events & EPOLLOUT) != 0 && !drain(end)) ||
		((events & EPOLLIN) != 0 && !fill(end, other)))
	{
		pair_close(pair);
		return;
	}
	if (end == &pair->client && !held && (events & EPOLLIN) != 0 && other->length > 0)
		hold(pair);
	watch_both(pair);
}

static void
listen_on(int host, uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	End				  *end = malloc(sizeof(End));
	int				   on = 1;
	int				   fd = socket(AF_INET, SOCK_STREAM, 0);

	if (end == NULL || fd < 0)
		die("socket");
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + host - 1);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
		bind(fd, (struct sockaddr *) &address, sizeof(address)) < 0 || listen(fd, 1024) < 0)
		die("listen");
	add(end, fd, NULL);
}

static void
loop(void)
{
	struct epoll_event events[MAX_EVENTS];

	for (;;)
	{
		int n = epoll_wait(epoll_fd, events, MAX_EVENTS, release_due());

		for (int i = 0; i < n; i++)
		{
			End *end = events[i].data.ptr;

			if (end->pair == NULL)
				pair_open(end->fd);
			else
				serve(end, events[i].events);
		}
		free_closed();
	}
}

int
main(int argc, char **argv)
{
	if (argc != 5)
	{
		fprintf(stderr, "usage: %s MILLISECONDS HOSTS PORT TARGET\n", argv[0]);
		return 2;
	}
	latency_us = atoll(argv[1]) * 1000;
	target_port = (uint16_t) atoi(argv[4]);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	epoll_fd = epoll_create1(0);
	if (epoll_fd < 0)
		die("epoll_create1");
	for (int host = 1; host <= atoi(argv[2]); host++)
		listen_on(host, (uint16_t) atoi(argv[3]));
	puts("ready");
	fflush(stdout);
	loop();
}
