/*
 * guard.c
 *	  What may be reached.
 *
 * Someone who may name a source must not, by that, reach into the network the
 * server stands in: its own services, its neighbours, its cloud's metadata.  A
 * name says nothing about where it leads, and may lead elsewhere when it is
 * asked again; so the address itself is judged, at the moment a socket for it
 * is made (receive.c), for every hop and every attempt.
 *
 * The tables are IANA's special purpose registries (RFC 6890 and what has been
 * added since): every block that is not "globally reachable" there.
 */
#include "net/guard.h"

#include "base/settings.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

/* Longer ones are refused by many servers (RFC 9110, 4.1, asks for 8,000 at least). */
#define URL_MAX 8192

typedef struct Block4
{
	uint32_t network;
	int		 bits;
} Block4;

typedef struct Block6
{
	uint8_t network[16];
	int		bits;
} Block6;

#define IP4(a, b, c, d) ((uint32_t) (a) << 24 | (b) << 16 | (c) << 8 | (d))

static const Block4 special4[] = {
	{IP4(0, 0, 0, 0), 8},		/* this network: RFC 791 */
	{IP4(10, 0, 0, 0), 8},		/* private: RFC 1918 */
	{IP4(100, 64, 0, 0), 10},	/* carrier grade translation: RFC 6598 */
	{IP4(127, 0, 0, 0), 8},		/* loopback: RFC 1122 */
	{IP4(169, 254, 0, 0), 16},	/* link-local, cloud metadata: RFC 3927 */
	{IP4(172, 16, 0, 0), 12},	/* private: RFC 1918 */
	{IP4(192, 0, 0, 0), 24},	/* protocol assignments: RFC 6890 */
	{IP4(192, 0, 2, 0), 24},	/* documentation: RFC 5737 */
	{IP4(192, 88, 99, 0), 24},	/* 6to4 relays, abandoned: RFC 7526 */
	{IP4(192, 168, 0, 0), 16},	/* private: RFC 1918 */
	{IP4(198, 18, 0, 0), 15},	/* benchmarks: RFC 2544 */
	{IP4(198, 51, 100, 0), 24}, /* documentation: RFC 5737 */
	{IP4(203, 0, 113, 0), 24},	/* documentation: RFC 5737 */
	{IP4(224, 0, 0, 0), 4},		/* multicast: RFC 5771 */
	{IP4(240, 0, 0, 0), 4},		/* reserved, and the broadcast address: RFC 1112 */
};

/* What is public lies in 2000::/3 (RFC 4291), but for these. */
static const Block6 global6 = {{0x20}, 3};
static const Block6 special6[] = {
	{{0x20, 0x01, 0x00}, 23},		/* protocol assignments: RFC 2928 */
	{{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation: RFC 3849 */
	{{0x3f, 0xff}, 20},				/* documentation: RFC 9637 */
};

/* Where an IPv4 address is written inside an IPv6 one: the address that is really reached. */
static const struct
{
	Block6	block;
	int		offset; /* of the first of its four bytes */
	uint8_t mask;	/* each byte is written exclusive-or this */
} embeddings[] = {
	{{{0}, 96}, 12, 0},									 /* compatible: RFC 4291, 2.5.5.1 */
	{{{[10] = 0xff, [11] = 0xff}, 96}, 12, 0},			 /* mapped: RFC 4291, 2.5.5.2 */
	{{{[1] = 0x64, [2] = 0xff, [3] = 0x9b}, 96}, 12, 0}, /* NAT64: RFC 6052 */
	{{{0x20, 0x02}, 16}, 2, 0},							 /* 6to4: RFC 3056 */
	{{{0x20, 0x01, 0x00, 0x00}, 32}, 12, 0xff},			 /* Teredo: RFC 4380, 4 */
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Host byte order. */
static bool
is_public4(uint32_t address)
{
	for (size_t i = 0; i < LENGTH(special4); i++)
		if ((address ^ special4[i].network) >> (32 - special4[i].bits) == 0)
			return false;
	return true;
}

static bool
in_block6(const uint8_t *address, const Block6 *block)
{
	int bytes = block->bits / 8;
	int rest = block->bits % 8;

	if (memcmp(address, block->network, bytes) != 0)
		return false;
	return rest == 0 || (address[bytes] ^ block->network[bytes]) >> (8 - rest) == 0;
}

/*
 * What is written inside is judged first: those blocks are not public by
 * themselves, or (6to4) lead where the address inside says.
 */
static bool
is_public6(const uint8_t *address)
{
	for (size_t i = 0; i < LENGTH(embeddings); i++)
		if (in_block6(address, &embeddings[i].block))
		{
			const uint8_t *in = address + embeddings[i].offset;
			uint8_t		   mask = embeddings[i].mask;

			return is_public4(IP4(in[0] ^ mask, in[1] ^ mask, in[2] ^ mask, in[3] ^ mask));
		}
	for (size_t i = 0; i < LENGTH(special6); i++)
		if (in_block6(address, &special6[i]))
			return false;
	return in_block6(address, &global6);
}

/* Copied out: the caller's address need not be aligned for its family's type. */
bool
guard_address_is_public(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
	{
		struct sockaddr_in in;

		memcpy(&in, address, sizeof(in));
		return is_public4(ntohl(in.sin_addr.s_addr));
	}
	if (address->sa_family == AF_INET6)
	{
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof(in6));
		return is_public6(in6.sin6_addr.s6_addr);
	}
	return false;
}

/* Only the Internet's families, whatever the setting says. */
bool
guard_admits(const struct sockaddr *address)
{
	if (address->sa_family != AF_INET && address->sa_family != AF_INET6)
		return false;
	return setting_allow_private_networks || guard_address_is_public(address);
}

void
guard_write_address(const struct sockaddr *address, char text[INET6_ADDRSTRLEN])
{
	const void *bytes = &((const struct sockaddr_in *) address)->sin_addr;

	if (address->sa_family == AF_INET6)
		bytes = &((const struct sockaddr_in6 *) address)->sin6_addr;
	text[0] = '\0';
	(void) inet_ntop(address->sa_family, bytes, text, INET6_ADDRSTRLEN);
}

/* The length of "name:" at the start of a URL, without the colon (RFC 3986, 3.1); 0: none. */
static size_t
scheme_length(const char *url)
{
	size_t length = 0;

	if (!isalpha((unsigned char) url[0]))
		return 0;
	while (isalnum((unsigned char) url[length]) || (url[length] && strchr("+-.", url[length])))
		length++;
	return url[length] == ':' ? length : 0;
}

/*
 * Whether the authority at the start of rest (RFC 3986, 3.2) names a host.  What
 * kind of name it is, and whether its port is a number, libcurl will say.
 */
static bool
has_host(const char *rest)
{
	const char *end = rest + strcspn(rest, "/?#");
	const char *host = rest;

	/* The user-info ends at the last at sign. */
	for (const char *p = rest; p < end; p++)
		if (*p == '@')
			host = p + 1;
	return host < end && *host != ':';
}

bool
guard_check_url(const char *url, Failure *failure)
{
	size_t length = strnlen(url, URL_MAX + 1);
	size_t scheme;

	if (length > URL_MAX)
		failure_set(failure, FAILURE_URL, "the URL is longer than %d bytes", URL_MAX);
	else if ((scheme = scheme_length(url)) == 0)
		failure_set(failure, FAILURE_URL, "the URL has no scheme, such as https://");
	else if (!(scheme == 4 && strncasecmp(url, "http", 4) == 0) &&
			 !(scheme == 5 && strncasecmp(url, "https", 5) == 0))
		failure_set(failure, FAILURE_REFUSED, "the scheme \"%.*s\" is not http or https",
					(int) (scheme > 32 ? 32 : scheme), url);
	else if (strncmp(url + scheme, "://", 3) != 0 || !has_host(url + scheme + 3))
		failure_set(failure, FAILURE_URL, "the URL names no host");
	else
	{
		for (const char *p = url; *p; p++)
			if ((unsigned char) *p <= ' ' || *p == 0x7F)
			{
				failure_set(failure, FAILURE_URL,
							"the URL has a space or control character at position %d",
							(int) (p - url) + 1);
				return false;
			}
		return true;
	}
	return false;
}
