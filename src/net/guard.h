/*
 * guard.h
 *	  What may be reached.  Plain C but for the setting.
 *
 * Who calls it: net/receive.c before each socket, net/fetch.c and net/hop.c for each URL, and
 * whoever takes an address from a user, to refuse it at once.  Never: a decision by a host's
 * name, which may resolve to something else a moment later.
 */
#ifndef DATASENS_NET_GUARD_H
#define DATASENS_NET_GUARD_H

#include "base/failure.h"

#include <netinet/in.h>
#include <stdbool.h>

struct sockaddr;

/*
 * Whether an address is public: not private, loopback, link-local, carrier
 * grade, multicast, documentation, benchmark or reserved, by the special
 * purpose registries (RFC 6890), IPv4 inside IPv6 (mapped, compatible, NAT64,
 * 6to4, Teredo) unwrapped.
 */
extern bool guard_address_is_public(const struct sockaddr *address);

/* Whether it may be reached now: public, or datasens.allow_private_networks. */
extern bool guard_admits(const struct sockaddr *address);

/* Writes an address, of IPv4 or IPv6, as people do; without its port. */
extern void guard_write_address(const struct sockaddr *address, char text[INET6_ADDRSTRLEN]);

/*
 * Whether a URL may be asked at all: http or https, a host, no control
 * character, at most 8 kB.  On false *failure is FAILURE_URL or FAILURE_REFUSED
 * and says what is wrong.
 */
extern bool guard_check_url(const char *url, Failure *failure);

/*
 * Whether the administrator's proxy may be asked for a URL that passed the other check: not
 * where its host is an address that may not be reached (*failure is FAILURE_REFUSED).
 */
extern bool guard_check_proxied(const char *url, Failure *failure);

/* What is told of an address, as text, that is refused. */
#define GUARD_REFUSAL "%s is not a public address, and datasens.allow_private_networks is off"

#endif
