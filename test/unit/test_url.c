/*
 * test_url.c
 *	  url_resolve by all examples of RFC 3986, 5.4; origins; masked secrets.
 */
#include "parse/url.h"

#include "unit.h"

#define ARENA_LIMIT (1 << 20)

typedef struct Pair
{
	const char *in;
	const char *out;
} Pair;

/* RFC 3986, 5.4.1 and 5.4.2 (the strict reading of the last one). */
static const Pair rfc3986[] = {
	{"g:h", "g:h"},
	{"g", "http://a/b/c/g"},
	{"./g", "http://a/b/c/g"},
	{"g/", "http://a/b/c/g/"},
	{"/g", "http://a/g"},
	{"//g", "http://g"},
	{"?y", "http://a/b/c/d;p?y"},
	{"g?y", "http://a/b/c/g?y"},
	{"#s", "http://a/b/c/d;p?q#s"},
	{"g#s", "http://a/b/c/g#s"},
	{"g?y#s", "http://a/b/c/g?y#s"},
	{";x", "http://a/b/c/;x"},
	{"g;x", "http://a/b/c/g;x"},
	{"g;x?y#s", "http://a/b/c/g;x?y#s"},
	{"", "http://a/b/c/d;p?q"},
	{".", "http://a/b/c/"},
	{"./", "http://a/b/c/"},
	{"..", "http://a/b/"},
	{"../", "http://a/b/"},
	{"../g", "http://a/b/g"},
	{"../..", "http://a/"},
	{"../../", "http://a/"},
	{"../../g", "http://a/g"},
	{"../../../g", "http://a/g"},
	{"../../../../g", "http://a/g"},
	{"/./g", "http://a/g"},
	{"/../g", "http://a/g"},
	{"g.", "http://a/b/c/g."},
	{".g", "http://a/b/c/.g"},
	{"g..", "http://a/b/c/g.."},
	{"..g", "http://a/b/c/..g"},
	{"./../g", "http://a/b/g"},
	{"./g/.", "http://a/b/c/g/"},
	{"g/./h", "http://a/b/c/g/h"},
	{"g/../h", "http://a/b/c/h"},
	{"g;x=1/./y", "http://a/b/c/g;x=1/y"},
	{"g;x=1/../y", "http://a/b/c/y"},
	{"g?y/./x", "http://a/b/c/g?y/./x"},
	{"g?y/../x", "http://a/b/c/g?y/../x"},
	{"g#s/./x", "http://a/b/c/g#s/./x"},
	{"g#s/../x", "http://a/b/c/g#s/../x"},
	{"http:g", "http:g"},
	/* and what feeds have besides */
	{"  g \n", "http://a/b/c/g"},
	{"g\nh\ti\x7Fj", "http://a/b/c/ghij"},
	{"une page", "http://a/b/c/une%20page"},
	{"été?é=à", "http://a/b/c/été?é=à"},
	{"HTTPS://B/x/../y", "HTTPS://B/y"},
	{"mailto:a/../b", "mailto:a/../b"},
	{"data:,a/../b", "data:,a/../b"},
	{"//u:p@h:1/../x", "http://u:p@h:1/x"},
	{"1:2", "http://a/b/c/1:2"},
	{":", "http://a/b/c/:"},
};

static const Pair origins[] = {
	{"http://example.org", "http://example.org"},
	{"HTTP://User:Secret@Example.ORG:8080/Path?q#f", "http://example.org:8080"},
	{"https://example.org:443/", "https://example.org"},
	{"http://example.org:80/", "http://example.org"},
	{"http://example.org:443/", "http://example.org:443"},
	{"http://example.org:/", "http://example.org"},
	{"http://example.org:0080/", "http://example.org"},
	{"http://example.org:08080/", "http://example.org:8080"},
	{"http://[::1]:81/", "http://[::1]:81"},
	{"http://a@b@c/", "http://c"},
	{"http://münchen.example/", "http://münchen.example"},
	{"http://[::1/", NULL},
	{"http://[::1]x/", NULL},
	{"http://[v1.x]/", NULL},
	{"http://evil\\@good/", NULL},
	{"http://good\\.evil/", NULL},
	{"http://a b/", NULL},
	{"http://example.org:65536/", NULL},
	{"http://example.org:99999999999999999999/", NULL},
	{"http://example.org:x/", NULL},
	{"http://user@/", NULL},
	{"http:///path", NULL},
	{"http:example.org", NULL},
	{"ftp://example.org/", NULL},
	{"example.org", NULL},
	{"", NULL},
};

static const Pair secrets[] = {
	{"http://example.org/a?b=c#d", "http://example.org/a?b=c#d"},
	{"http://user:pw@example.org/a@b", "http://***@example.org/a@b"},
	{"http://us@er:pw@example.org/", "http://***@example.org/"},
	{"//user@example.org", "//***@example.org"},
	{"http:/user:pw@example.org/", "http:/***@example.org/"},
	{"http:\\\\user:pw@example.org\\", "http:\\\\***@example.org\\"},
	{"https://api/?q=Paris&appid=0123&units=m", "https://api/?q=Paris&appid=***&units=m"},
	{"https://api/?API_KEY=1;access_token=2", "https://api/?API_KEY=***;access_token=***"},
	{"https://api/?X-Amz-Signature=1&oauth=2", "https://api/?X-Amz-Signature=***&oauth=***"},
	{"https://api/?client%5Fs%65cret=1", "https://api/?client%5Fs%65cret=***"},
	{"https://api/?password", "https://api/?password"},
	{"https://api/?token=a=b", "https://api/?token=***"},
	{"https://api/?a=1?key=2", "https://api/?a=1?key=***"},
	{"https://api/#access_token=1&x=2", "https://api/#access_token=***&x=2"},
	{"https://api/?x=1\nkey=2", "https://api/?x=1key=2"},
	{"not a url", "not%20a%20url"},
	{"", ""},
};

/* A link that was read at OWN, and what of it may be kept. */
#define OWN "https://u:p@h/feed?id=3&key=abc;token=x#auth=y"

static const Pair links[] = {
	{OWN, "https://h/feed?id=3"},
	{"https://h/feed?id=3&key=abc#part", "https://h/feed?id=3#part"},
	{"https://h/feed?key=abc", "https://h/feed"},
	{"https://h/feed?key=abc&b=1", "https://h/feed?b=1"},
	{"https://h/feed?a=1&key=abc&b=2;token=x", "https://h/feed?a=1&b=2"},
	{"https://h/other?key=abd&token=z", "https://h/other?key=abd&token=z"},
	{"https://other/?key=abc", "https://other/"},
	{"https://v:p@h/?id=3&&;", "https://v:p@h/?id=3&&;"},
	{"https://h/?", "https://h/?"},
	{"#auth=y", ""},
	{"#x", "#x"},
	{"", ""},
};

static Text
text_of(const char *string)
{
	return (Text){string, strlen(string)};
}

static void
test_resolve(Arena *arena)
{
	Text base = TEXT_LITERAL("http://a/b/c/d;p?q");

	for (size_t i = 0; i < sizeof(rfc3986) / sizeof(rfc3986[0]); i++)
		is_text(url_resolve(arena, base, text_of(rfc3986[i].in)), rfc3986[i].out, "resolve \"%s\"",
				rfc3986[i].in);
	is_text(url_resolve(arena, TEXT_NULL, TEXT_LITERAL(" a b ")), "a%20b", "without a base");
	is_text(url_resolve(arena, TEXT_LITERAL("/x/y"), TEXT_LITERAL("z")), "z", "base not absolute");
	is_text(url_resolve(arena, base, TEXT_NULL), NULL, "no reference");
	is_text(url_resolve(arena, TEXT_LITERAL("http://h"), TEXT_LITERAL("g")), "http://h/g",
			"base without a path");
	is_text(url_resolve(arena, TEXT_LITERAL("http://h?q"), TEXT_LITERAL("")), "http://h?q",
			"the base again");
	is_text(url_resolve(arena, TEXT_LITERAL("x:/a"), TEXT_LITERAL("/..//b")), "x:/.//b",
			"a path must not become an authority");
}

static void
test_bounds(Arena *arena)
{
	static char long_url[URL_MAX_LENGTH + 1];
	Arena	   *small = arena_create(64);
	Text		base = TEXT_LITERAL("http://a/");
	Text		resolved;

	memset(long_url, '/', sizeof(long_url));
	is_text(url_resolve(arena, base, (Text){long_url, sizeof(long_url)}), NULL, "too long");
	for (size_t i = 0; i + 3 <= URL_MAX_LENGTH; i += 3)
		memcpy(long_url + i, "/..", 3);
	resolved = url_resolve(arena, base, (Text){long_url, URL_MAX_LENGTH});
	ok(resolved.len > 0 && resolved.len < 20, "thousands of segments are taken back");
	memset(long_url, ' ', sizeof(long_url));
	long_url[0] = long_url[URL_MAX_LENGTH - 1] = 'x';
	resolved = url_resolve(arena, base, (Text){long_url, URL_MAX_LENGTH});
	is_int((int64_t) resolved.len, 9 + 2 + 3 * (URL_MAX_LENGTH - 2), "thousands of spaces");
	is_text(url_resolve(small, base, (Text){long_url, URL_MAX_LENGTH}), NULL, "arena exhausted");
	ok(arena_exhausted(small), "and it says so");
	arena_free(small);
}

int
main(void)
{
	Arena *arena = arena_create(ARENA_LIMIT);

	test_resolve(arena);
	for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++)
		is_text(url_origin(arena, text_of(origins[i].in)), origins[i].out, "origin of \"%s\"",
				origins[i].in);
	is_text(url_origin(arena, TEXT_NULL), NULL, "origin of no value");
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		is_text(url_redact(arena, text_of(secrets[i].in)), secrets[i].out, "redact \"%s\"",
				secrets[i].in);
	is_text(url_redact(arena, TEXT_NULL), NULL, "redact no value");
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		is_text(url_without_secrets_of(arena, text_of(links[i].in), TEXT_LITERAL(OWN)),
				links[i].out, "\"%s\" without secrets", links[i].in);
	is_text(url_without_secrets_of(arena, text_of(OWN), TEXT_NULL), OWN, "nothing is secret");
	is_text(url_without_secrets_of(arena, TEXT_NULL, text_of(OWN)), NULL, "no value");
	is_text(url_encode(arena, text_of("Saint-Étienne,FR ~a_b.c&d=%")),
			"Saint-%C3%89tienne%2CFR%20~a_b.c%26d%3D%25", "coded for a query");
	is_text(url_encode(arena, text_of("")), "", "nothing to code");
	is_text(url_encode(arena, text_of("a/b=c&d")), "a%2Fb%3Dc%26d", "a slash in a query");
	is_text(url_encode_path(arena, text_of("a b/\xC3\xA9+~")), "a%20b/%C3%A9%2B~", "a path");
	test_bounds(arena);
	arena_free(arena);
	return done_testing();
}
