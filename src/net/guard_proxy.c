/*
 * guard_proxy.c
 *	  What may be asked of the administrator's proxy.
 *
 * A proxy makes the connections, so the guard sees no socket but the proxy's own.  What
 * a name leads to is then the proxy's to find out and to judge.  An address leads where it
 * says, though, and so does localhost: those are judged here, before anything is asked.
 *
 * Who calls it: the fetcher, for every URL and every redirect.  Never: a look-up of a name.
 */
#include "net/guard.h"

#include "base/settings.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

/* The form that libcurl would send: of ASCII letters, where it knows how to write them. */
#ifdef CURLU_PUNYCODE
#define HOST_FLAGS CURLU_PUNYCODE
#else
#define HOST_FLAGS 0
#endif

typedef union Address
{
	struct sockaddr		any;
	struct sockaddr_in	in;
	struct sockaddr_in6 in6;
} Address;

/* "localhost" and all below it are this machine (RFC 6761, 6.3), with or without a last dot. */
static bool
is_localhost(const char *host)
{
	static const char name[] = "localhost";
	size_t			  length = strlen(host);
	const char		 *start;

	if (length > 0 && host[length - 1] == '.')
		length--;
	if (length < strlen(name))
		return false;
	start = host + length - strlen(name);
	return strncasecmp(start, name, strlen(name)) == 0 && (start == host || start[-1] == '.');
}

/*
 * The address that the host of a URL is, as who connects would read it: of less than four
 * numbers, hexadecimal or octal ones too, and without the zone of one in brackets.
 */
static bool
read_address(const char *host, Address *address)
{
	char   inner[INET6_ADDRSTRLEN];
	size_t length;

	memset(address, 0, sizeof(*address));
	if (host[0] == '[')
	{
		length = strcspn(host + 1, "]%");
		if (length >= sizeof(inner))
			return false;
		memcpy(inner, host + 1, length);
		inner[length] = '\0';
		address->in6.sin6_family = AF_INET6;
		return inet_pton(AF_INET6, inner, &address->in6.sin6_addr) == 1;
	}
	address->in.sin_family = AF_INET;
	if (is_localhost(host))
	{
		address->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return true;
	}
	return inet_aton(host, &address->in.sin_addr) != 0;
}

bool
guard_check_proxied(const char *url, Failure *failure)
{
	CURLU	 *parsed = curl_url();
	CURLUcode code = CURLUE_OUT_OF_MEMORY;
	char	 *host = NULL;
	Address	  address;

	if (parsed != NULL)
		code = curl_url_set(parsed, CURLUPART_URL, url, 0);
	if (code == CURLUE_OK)
		code = curl_url_get(parsed, CURLUPART_HOST, &host, HOST_FLAGS);

	/* What libcurl does not read it does not ask for either, and says so itself. */
	if (code == CURLUE_OUT_OF_MEMORY)
		failure_set(failure, FAILURE_MEMORY, "no memory to read the URL");
	else if (code == CURLUE_OK && read_address(host, &address) && !guard_admits(&address.any))
		failure_set(failure, FAILURE_REFUSED, GUARD_REFUSAL, host);
	curl_free(host);
	curl_url_cleanup(parsed);
	return !failure_is(failure);
}
