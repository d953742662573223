/*
 * fake_network.c
 *	  A network of names and public addresses for tests that must not have one.
 *
 * A server that is started with LD_PRELOAD=fake_network.so and FAKE_NETWORK=DIRECTORY
 * finds every name under .test at a public address, and reaches the web server of the
 * tests on the loopback interface when it connects there.  So what guards private
 * networks is tested as it is, switched on, by the real collectors:
 *
 *	DIRECTORY/hosts		lines "name address ...": other addresses for a name, read at
 *						each lookup
 *	DIRECTORY/connects	every IP address that was connected to by a stream, a line each, appended
 *
 * Only getaddrinfo() and connect() are replaced.  Never: anything in the C library that
 * takes a lock of the caller's, as lookups run on threads of libcurl's.
 */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* Where all of .test is, and what is led to the loopback interface: 93.184.215.0/24. */
#define PUBLIC_ADDRESS "93.184.215.14"
#define PUBLIC_NETWORK 0x5DB8D700u
#define PUBLIC_MASK 0xFFFFFF00u

/* Likewise 2606:2800::/32. */
static const unsigned char public_network6[4] = {0x26, 0x06, 0x28, 0x00};

typedef int (*GetAddrInfo)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
typedef int (*Connect)(int, const struct sockaddr *, socklen_t);

/* Opens a file of the directory; -1 where there is none. */
static int
open_file(const char *name, int flags)
{
	const char *directory = getenv("FAKE_NETWORK");
	char		path[4096];

	if (directory == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return open(path, flags | O_CLOEXEC, 0666);
}

/* The line of the file of hosts that is about the name, without it; false where there is none. */
static bool
find_host(const char *name, char *addresses, size_t size)
{
	int	  fd = open_file("hosts", O_RDONLY);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	bool  found = false;
	char  line[1024];

	if (file == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), file) != NULL)
	{
		size_t len = strcspn(line, " ");

		found = len == strlen(name) && strncasecmp(line, name, len) == 0;
		if (found)
			snprintf(addresses, size, "%s", line + len);
	}
	fclose(file);
	return found;
}

static bool
ends_in_test(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && strcasecmp(name + len - 5, ".test") == 0;
}

/* Appends what one address means, as the C library sees it, to the list at *end. */
static struct addrinfo **
add_address(struct addrinfo **end, const char *address, const char *service,
			const struct addrinfo *hints)
{
	GetAddrInfo		real = (GetAddrInfo) dlsym(RTLD_NEXT, "getaddrinfo");
	struct addrinfo numeric = hints ? *hints : (struct addrinfo){0};

	numeric.ai_flags |= AI_NUMERICHOST;
	numeric.ai_flags &= ~AI_ADDRCONFIG;
	if (real(address, service, &numeric, end) != 0)
		*end = NULL;
	while (*end != NULL)
		end = &(*end)->ai_next;
	return end;
}

int
getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
			struct addrinfo **result)
{
	GetAddrInfo		  real = (GetAddrInfo) dlsym(RTLD_NEXT, "getaddrinfo");
	struct addrinfo	 *list = NULL;
	struct addrinfo **end = &list;
	char			  addresses[1024] = PUBLIC_ADDRESS;
	char			 *rest = NULL;

	if (name == NULL || (!find_host(name, addresses, sizeof(addresses)) && !ends_in_test(name)))
		return real(name, service, hints, result);
	for (char *address = strtok_r(addresses, " \n", &rest); address != NULL;
		 address = strtok_r(NULL, " \n", &rest))
		end = add_address(end, address, service, hints);
	*result = list;
	return list == NULL ? EAI_NONAME : 0;
}

/* Writes down where a process goes to. */
static void
note_address(int family, const void *bytes)
{
	char	text[INET6_ADDRSTRLEN + 1];
	int		fd;
	ssize_t written = 0;

	if (inet_ntop(family, bytes, text, INET6_ADDRSTRLEN) == NULL)
		return;
	strcat(text, "\n");
	fd = open_file("connects", O_WRONLY | O_CREAT | O_APPEND);
	if (fd < 0)
		return;
	written = write(fd, text, strlen(text));
	if (written != (ssize_t) strlen(text))
		abort(); /* a test that does not see everything sees nothing */
	close(fd);
}

/* Server 14 has its statistics sent over one, on the loopback interface. */
static bool
is_datagram(int fd)
{
	int		  type = 0;
	socklen_t size = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM;
}

int
connect(int fd, const struct sockaddr *address, socklen_t length)
{
	Connect real = (Connect) dlsym(RTLD_NEXT, "connect");

	if (is_datagram(fd))
		return real(fd, address, length);
	if (address->sa_family == AF_INET)
	{
		struct sockaddr_in in;

		memcpy(&in, address, sizeof(in));
		note_address(AF_INET, &in.sin_addr);
		if ((ntohl(in.sin_addr.s_addr) & PUBLIC_MASK) == PUBLIC_NETWORK)
			in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return real(fd, (struct sockaddr *) &in, sizeof(in));
	}
	if (address->sa_family == AF_INET6)
	{
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof(in6));
		note_address(AF_INET6, &in6.sin6_addr);
		if (memcmp(&in6.sin6_addr, public_network6, sizeof(public_network6)) == 0)
			inet_pton(AF_INET6, "::ffff:127.0.0.1", &in6.sin6_addr);
		return real(fd, (struct sockaddr *) &in6, sizeof(in6));
	}
	return real(fd, address, length);
}
