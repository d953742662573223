/*
 * test_page_url.c
 *	  Addresses of pages: one form for one page, files, traps, sites.
 */
#include "parse/page_url.h"

#include "unit.h"

#define ARENA_LIMIT (1 << 20)

typedef struct Pair
{
	const char *in;
	const char *out; /* NULL: absent */
} Pair;

static const Pair forms[] = {
	{"HTTP://WWW.Example.FR:80", "http://www.example.fr/"},
	{"https://user:secret@example.fr:443/a/./b/../c#part", "https://example.fr/a/c"},
	{"http://example.fr/%7euser/%e9t%C3%A9 x", "http://example.fr/~user/%E9t%C3%A9%20x"},
	{"http://example.fr/\xC3\xA9t\xC3\xA9?q=\xC3\xA9", "http://example.fr/%C3%A9t%C3%A9?q=%C3%A9"},
	{"http://example.fr/a%2fb%3F", "http://example.fr/a%2Fb%3F"},
	{"http://example.fr/a/%2e%2E/b", "http://example.fr/a/%2E%2E/b"},
	{"http://example.fr/100%", "http://example.fr/100%25"},
	{"http://example.fr/%%36x", "http://example.fr/%256x"},
	{"http://example.fr/a?%75tm_source=x", "http://example.fr/a"},
	{"http://example.fr/a/..;jsessionid=1/b", "http://example.fr/a/..;jsessionid=1/b"},
	{"http://example.fr/?", "http://example.fr/"},
	{"http://example.fr/a?&&x=1&", "http://example.fr/a?x=1"},
	{"http://example.fr/a?b=2&a=1", "http://example.fr/a?b=2&a=1"},
	{"http://example.fr/a?utm_source=x&id=7&fbclid=y&UTM_Medium=z", "http://example.fr/a?id=7"},
	{"http://example.fr/a?xtor=RSS-1", "http://example.fr/a"},
	{"http://example.fr/a?PHPSESSID=1&p=2", "http://example.fr/a?p=2"},
	{"http://example.fr/a?sid=12", "http://example.fr/a?sid=12"},
	{"http://example.fr/a?sid=0123456789abcdef0123", "http://example.fr/a"},
	{"http://example.fr/a?s=le-mot-cherche-ici", "http://example.fr/a?s=le-mot-cherche-ici"},
	{"http://example.fr/a;jsessionid=0F3A.node1?x=1", "http://example.fr/a?x=1"},
	{"http://example.fr/a;v=2/b", "http://example.fr/a;v=2/b"},
	{"http://example.fr/(S(lit3py55t21z5v55vlm25s55))/a", "http://example.fr/a"},
	{"http://example.fr/a//b/", "http://example.fr/a//b/"},
	{"http://[::1]:8080/x", "http://[::1]:8080/x"},
	{"mailto:a@example.fr", NULL},
	{"/a", NULL},
	{"http://\xC3\xA9.fr/", NULL},
};

static void
test_forms(Arena *arena)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
	{
		Text url = page_url_normalise(arena, unit_string(forms[i].in));

		is_text(url, forms[i].out, "one form of \"%s\"", forms[i].in);
		if (forms[i].out != NULL)
			is_text(page_url_normalise(arena, url), forms[i].out, "which stays");
	}
}

static const char *const traps[] = {
	"http://e.fr/a/b/a/c/a/d/a/e",
	"http://e.fr/x/x/x/x",
	"http://e.fr/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21",
	"http://e.fr/?a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9&j=10&k=11&l=12&m=13",
	"http://e.fr/agenda/2030/05/",
	"http://e.fr/agenda/2030-5",
	"http://e.fr/agenda?annee=2031&mois=4",
};

static const char *const pages[] = {
	"http://e.fr/",
	"http://e.fr/2026/01/01/2026-01-01-voeux",
	"http://e.fr/a/b/a/c/a",
	"http://e.fr/agenda/2027/12/",
	"http://e.fr/article/2031",
	"http://e.fr/forum/5123/12",
	"http://e.fr/objet/20310512",
	"http://e.fr/annee?page=2031",
};

static void
test_traps(void)
{
	for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++)
		ok(page_url_trap(unit_string(traps[i]), 2026) != NULL, "a trap: %s", traps[i]);
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		ok(page_url_trap(unit_string(pages[i]), 2026) == NULL, "none: %s", pages[i]);
}

static void
test_files(void)
{
	ok(page_url_is_file(unit_string("http://e.fr/a.PDF?x=1")), "file: http://e.fr/a.PDF?x=1");
	ok(page_url_is_file(unit_string("http://e.fr/a/b.jpeg")), "file: http://e.fr/a/b.jpeg");
	ok(!page_url_is_file(unit_string("http://e.fr/a.html")), "!file: http://e.fr/a.html");
	ok(!page_url_is_file(unit_string("http://e.fr/a.php?file=x.pdf")),
	   "!file: http://e.fr/a.php?file=x.pdf");
	ok(!page_url_is_file(unit_string("http://e.pdf/pdf")), "!file: http://e.pdf/pdf");
}

static bool
matches(const char *url, const char *pattern)
{
	return page_url_site_matches(page_url_site(unit_string(url)), unit_string(pattern));
}

static void
test_sites(void)
{
	is_text(page_url_site(unit_string("https://www.e.fr:8080/x")), "e.fr:8080", "site");
	ok(matches("http://www.e.fr/", "e.fr"), "matches: http://www.e.fr/ e.fr");
	ok(matches("http://e.fr/", "www.e.fr"), "matches: http://e.fr/ www.e.fr");
	ok(matches("http://www.www.e.fr/", "www.e.fr"), "matches: http://www.www.e.fr/ www.e.fr");
	ok(matches("http://e.fr:8080/", "e.fr"), "matches: http://e.fr:8080/ e.fr");
	ok(!matches("http://e.fr:8080/", "e.fr:80"), "!matches: http://e.fr:8080/ e.fr:80");
	ok(!matches("http://autre.fr/", "e.fr"), "!matches: http://autre.fr/ e.fr");
	ok(!matches("http://a.e.fr/", "e.fr"), "!matches: http://a.e.fr/ e.fr");
	ok(matches("http://a.b.e.fr/", "*.e.fr"), "matches: http://a.b.e.fr/ *.e.fr");
	ok(matches("http://e.fr/", "*.e.fr"), "matches: http://e.fr/ *.e.fr");
	ok(!matches("http://pire.fr/", "*.re.fr"), "!matches: http://pire.fr/ *.re.fr");
	ok(matches("http://x/", "*"), "matches: http://x/ *");
}

int
main(void)
{
	Arena *arena = arena_create(ARENA_LIMIT);

	test_forms(arena);
	test_traps();
	test_files();
	test_sites();
	arena_free(arena);
	return done_testing();
}
