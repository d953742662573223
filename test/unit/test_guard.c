/*
 * test_guard.c
 *	  What may be reached: addresses at the borders of each special block, and
 *	  URLs.  Links guard.c and failure.c, nothing of the server.
 */
#include "base/settings.h"
#include "net/guard.h"

#include "unit.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/un.h>

bool setting_allow_private_networks = false;

static struct sockaddr_storage
address_of(const char *text)
{
	struct sockaddr_storage storage;
	struct sockaddr_in	   *in = (struct sockaddr_in *) &storage;
	struct sockaddr_in6	   *in6 = (struct sockaddr_in6 *) &storage;

	memset(&storage, 0, sizeof(storage));
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1)
		in->sin_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1)
		in6->sin6_family = AF_INET6;
	else
	{
		printf("Bail out! not an address: %s\n", text);
		exit(1);
	}
	return storage;
}

static void
check_address(const char *text, bool public)
{
	struct sockaddr_storage address = address_of(text);

	ok(guard_address_is_public((struct sockaddr *) &address) == public, "%s is %s", text,
	   public ? "public" : "not public");
}

/* Both ends of each block, and their neighbours. */
static const char *const public_addresses[] = {
	"1.0.0.0",		   "9.255.255.255",
	"11.0.0.0",		   "100.63.255.255",
	"100.128.0.0",	   "126.255.255.255",
	"128.0.0.0",	   "169.253.255.255",
	"169.255.0.0",	   "172.15.255.255",
	"172.32.0.0",	   "191.255.255.255",
	"192.0.1.0",	   "192.0.3.0",
	"192.167.255.255", "192.169.0.0",
	"198.17.255.255",  "198.20.0.0",
	"198.51.99.255",   "198.51.101.0",
	"203.0.112.255",   "203.0.114.0",
	"223.255.255.255", "2000::1",
	"2001:200::1",	   "2001:db7:ffff::1",
	"2001:db9::1",	   "2606:4700::1111",
	"3ffe:ffff::1",	   "::ffff:8.8.8.8",
	"::8.8.8.8",	   "64:ff9b::8.8.8.8",
	"2002:808:808::1", "2001:0:4136:e378:8000:63bf:f7f7:f7f7", /* Teredo: 8.8.8.8, inverted */
};

static const char *const special_addresses[] = {
	"0.0.0.0",
	"0.255.255.255",
	"10.0.0.0",
	"10.255.255.255",
	"100.64.0.0",
	"100.127.255.255",
	"127.0.0.1",
	"127.255.255.255",
	"169.254.0.0",
	"169.254.169.254",
	"169.254.255.255",
	"172.16.0.0",
	"172.31.255.255",
	"192.0.0.0",
	"192.0.0.255",
	"192.0.2.1",
	"192.88.99.1",
	"192.168.0.0",
	"192.168.255.255",
	"198.18.0.0",
	"198.19.255.255",
	"198.51.100.7",
	"203.0.113.7",
	"224.0.0.1",
	"239.255.255.255",
	"240.0.0.1",
	"255.255.255.255",
	"::",
	"::1",
	"::127.0.0.1",
	"::ffff:127.0.0.1",
	"::ffff:10.1.2.3",
	"::ffff:0:8.8.8.8",
	"64:ff9b::10.0.0.1",
	"64:ff9b::169.254.169.254",
	"64:ff9b:1::8.8.8.8",
	"100::1",
	"1fff:ffff::1",
	"2001:2::1",
	"2001:10::1",
	"2001:db8::1",
	"2001:db8:ffff::1",
	"2002:a00:1::1",
	"2002:7f00:1::1",
	"2002:c0a8:101::1",
	"2001:0:4136:e378:8000:63bf:80ff:fffe", /* Teredo: 127.0.0.1 */
	"3fff::1",
	"3fff:fff:ffff::1",
	"4000::1",
	"5f00::1",
	"fc00::1",
	"fd12:3456::1",
	"fdff:ffff::1",
	"fe80::1",
	"febf::1",
	"fec0::1",
	"ff02::1",
	"ff0e::1",
};

static void
test_addresses(void)
{
	struct sockaddr_un		local = {.sun_family = AF_UNIX, .sun_path = "/tmp/x"};
	struct sockaddr_storage loopback = address_of("127.0.0.1");
	struct sockaddr_storage public_one = address_of("8.8.8.8");

	for (size_t i = 0; i < sizeof(public_addresses) / sizeof(char *); i++)
		check_address(public_addresses[i], true);
	for (size_t i = 0; i < sizeof(special_addresses) / sizeof(char *); i++)
		check_address(special_addresses[i], false);

	ok(!guard_address_is_public((struct sockaddr *) &local), "a local socket is not public");
	ok(guard_admits((struct sockaddr *) &public_one), "a public address is admitted");
	ok(!guard_admits((struct sockaddr *) &loopback), "the loopback is not admitted");
	setting_allow_private_networks = true;
	ok(guard_admits((struct sockaddr *) &loopback), "but is where private networks are");
	ok(!guard_admits((struct sockaddr *) &local), "a local socket is not even then");
	setting_allow_private_networks = false;
}

static void
check_url(const char *url, FailureClass expected)
{
	Failure failure = FAILURE_INIT;
	bool	passes = guard_check_url(url, &failure);

	ok(passes == (expected == FAILURE_NONE) && failure.class == expected &&
		   (passes || failure.detail[0] != '\0'),
	   "%.100s: %s", url, passes ? "passes" : failure_word(expected));
}

static void
test_urls(void)
{
	char *url = malloc(8192 + 2);

	check_url("http://example.org", FAILURE_NONE);
	check_url("https://example.org/feed?x=1#f", FAILURE_NONE);
	check_url("HTTPS://EXAMPLE.ORG/", FAILURE_NONE);
	check_url("http://user:secret@example.org:8080/", FAILURE_NONE);
	check_url("http://[::1]:80/", FAILURE_NONE);
	check_url("http://example.org/\xc3\xa9t\xc3\xa9", FAILURE_NONE);

	check_url("", FAILURE_URL);
	check_url("example.org/feed", FAILURE_URL);
	check_url("//example.org/feed", FAILURE_URL);
	check_url("://example.org", FAILURE_URL);
	check_url("http:/example.org", FAILURE_URL);
	check_url("http:example.org", FAILURE_URL);
	check_url("http://", FAILURE_URL);
	check_url("http:///path", FAILURE_URL);
	check_url("http://?x", FAILURE_URL);
	check_url("http://:80/", FAILURE_URL);
	check_url("http://user@/", FAILURE_URL);
	check_url("http://user@:80/", FAILURE_URL);
	check_url("http://example.org/a b", FAILURE_URL);
	check_url("http://example.org/\r\nX: y", FAILURE_URL);
	check_url("http://example.org/\x7f", FAILURE_URL);
	check_url(" http://example.org/", FAILURE_URL);

	check_url("file:///etc/passwd", FAILURE_REFUSED);
	check_url("ftp://example.org/", FAILURE_REFUSED);
	check_url("gopher://example.org/", FAILURE_REFUSED);
	check_url("httpx://example.org/", FAILURE_REFUSED);
	check_url("javascript:alert(1)", FAILURE_REFUSED);

	memset(url, 'a', 8193);
	memcpy(url, "http://h/", 9);
	url[8192] = '\0';
	check_url(url, FAILURE_NONE);
	url[8192] = 'a';
	url[8193] = '\0';
	check_url(url, FAILURE_URL);
	free(url);
}

int
main(void)
{
	test_addresses();
	test_urls();
	return done_testing();
}
