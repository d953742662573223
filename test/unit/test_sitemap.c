/*
 * test_sitemap.c
 *	  sitemap_parse: XML that is right, broken and hostile; indexes; lists of URLs.
 */
#include "parse/sitemap.h"

#include "unit.h"

#include <zlib.h>

#include <stdlib.h>

#define ARENA_LIMIT (64 << 20)
#define HEAD                                                                                       \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                                 \
	"<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" "                               \
	"xmlns:image=\"http://www.google.com/schemas/sitemap-image/1.1\" "                             \
	"xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\">"
#define TAIL "</urlset>"

static Arena  *arena;
static Failure failure;

static Sitemap *
parse_bytes(Text bytes, const char *url)
{
	failure = (Failure) FAILURE_INIT;
	arena_reset(arena);
	return sitemap_parse(arena, bytes, unit_string(url), &failure);
}

static Sitemap *
parse(const char *document)
{
	return parse_bytes(unit_string(document), "http://h/dir/sitemap.xml");
}

/* The URLs of a document, a space behind each; NULL where it is no sitemap. */
static const char *
urls(const char *document)
{
	static char text[1000];
	Sitemap	   *sitemap = parse(document);
	size_t		len = 0;

	text[0] = '\0';
	for (size_t i = 0; sitemap != NULL && i < sitemap->n_urls && len < sizeof(text); i++)
		len += (size_t) snprintf(text + len, sizeof(text) - len, "%.*s ",
								 (int) sitemap->urls[i].len, sitemap->urls[i].data);
	return sitemap == NULL ? NULL : text;
}

static void
test_entries(void)
{
	Sitemap *sitemap =
		parse(HEAD "\n <url>\n  <loc>\n https://h/a?b=1&amp;c=2 </loc><lastmod>"
				   "2024-08-05T14:30:00+02:00</lastmod><priority>0.5</priority></url>"
				   "<url><lastmod>hier</lastmod><loc><![CDATA[http://h/b&c]]></loc>"
				   "</url><url><loc></loc></url><url/><url><loc>mailto:x</loc></url>" TAIL);

	if (!ok(sitemap != NULL && sitemap->n_urls == 2, "two entries"))
		return;
	ok(!sitemap->is_index && !sitemap->recovered && !sitemap->truncated, "a whole urlset");
	is_text(sitemap->urls[0], "https://h/a?b=1&c=2", "location");
	is_text(sitemap->urls[1], "http://h/b&c", "CDATA");
}

static void
test_forms(void)
{
	Sitemap *sitemap =
		parse("<sitemapindex><sitemap><loc>http://h/1.xml.gz</loc><lastmod>2024-08</lastmod>"
			  "</sitemap><sitemap><loc>/2.xml</loc></sitemap></sitemapindex>");

	ok(sitemap != NULL && sitemap->is_index && sitemap->n_urls == 2, "an index");
	is_text(sitemap->urls[1], "http://h/2.xml", "a relative location");
	is_str(urls("<s:URLSET xmlns:s='x'><s:url><s:loc>http://h/</s:loc></s:url></s:URLSET>"),
		   "http://h/ ", "a prefix, capitals");
	is_str(
		urls(HEAD
			 "<url><image:image><image:loc>http://i/</image:loc></image:image><news:loc>http://n/"
			 "</news:loc><loc>http://h/</loc><loc>http://second/</loc></url>" TAIL),
		"http://h/ ", "the locations of others");
	is_str(
		urls(
			"<!DOCTYPE urlset [<!ENTITY a 'http://h/'>]><urlset><url><loc>http://h/&eacute;</loc></url>"
			"</urlset>"),
		"http://h/é ", "an entity of HTML's");
	is_str(
		urls(
			"<?xml version='1.0' encoding='iso-8859-1'?><urlset><url><loc>http://h/\xE9</loc></url>"
			"</urlset>"),
		"http://h/é ", "another encoding");
	is_str(urls(HEAD "<url><loc>http://h/a b\n c</loc></url>" TAIL), "http://h/a%20b%20c ",
		   "spaces within");
	is_str(urls(HEAD TAIL), "", "an empty one");
	is_text(parse_bytes(TEXT_LITERAL("<urlset><url><loc>http://h/</loc></url></urlset>"), NULL)
				->urls[0],
			"http://h/", "without an address of its own");
}

static void
test_text(void)
{
	is_str(urls("\xEF\xBB\xBFhttp://h/1\r\n https://h/2 \n\n# comment\nrelative\nhttp://h/3"),
		   "http://h/1 https://h/2 http://h/3 ", "a list of URLs");
	ok(!parse("http://h/")->is_index, "of pages");
	is_str(urls("Sitemap:\nhttp://h/"), "http://h/ ", "other lines");
	is_str(urls("Warning: x in y\n" HEAD "<url><loc>http://h/</loc></url>" TAIL), "http://h/ ",
		   "a warning is no list");
}

static void
test_repairs(void)
{
	is_str(urls(HEAD "<url><loc>http://h/?a=1&b=2&amp;c</loc></url>" TAIL), "http://h/?a=1&b=2&c ",
		   "bare ampersands");
	ok(parse(HEAD "<url><loc>http://h/?a=1&b=2</loc></url>" TAIL)->recovered, "are told");
	is_str(
		urls(
			HEAD
			"<url><loc>http://h/1</loc></url><url><loc>http://h/2</loc></url><url><loc>http://h/3"),
		"http://h/1 http://h/2 ", "a file that was cut");
	is_str(
		urls(
			HEAD
			"<url><loc>http://h/1</loc><url><loc>http://h/2</loc><url><loc>http://h/3</loc></url>" TAIL),
		"http://h/1 http://h/2 http://h/3 ", "forgotten ends");
	is_str(urls(HEAD "<url><loc>http://h/1</url><url><loc>http://h/2</loc></url>" TAIL),
		   "http://h/1 http://h/2 ", "forgotten ends of a location");
	is_str(urls(HEAD "<url><loc>http://h/\x01"
					 "1</loc></url>" TAIL),
		   "http://h/1 ", "control characters");
	is_str(urls("\n\n  " HEAD "<url><loc>http://h/</loc></url>" TAIL "</x>more"), "http://h/ ",
		   "what precedes and follows");
	is_str(
		urls(
			"<urlset><image:url xmlns='x'><loc>http://no/</loc></image:url><url><loc>http://h/</loc>"
			"</url></urlset>"),
		"http://h/ ", "a prefix that nobody declared");
}

static void
test_refusals(void)
{
	ok(parse("") == NULL && failure.class == FAILURE_PARSE, "empty");
	is_str(failure.detail, "the sitemap is empty", "says so");
	ok(parse("hello") == NULL && failure.class == FAILURE_PARSE, "some text");
	ok(parse("<!DOCTYPE html><html><body>404 http://h/") == NULL, "HTML");
	is_str(failure.detail, "not a sitemap: the root element is <html>", "says what it is");
	ok(parse("<rss><channel><url><loc>http://h/</loc></url></channel></rss>") == NULL, "a feed");
	is_str(failure.detail, "not a sitemap: the root element is <rss>", "is named");
	ok(parse("<rss><channel>&") == NULL, "a broken feed");
	ok(parse("<ééééééééééééééééééééé/>") == NULL, "a long name");
	is_str(failure.detail, "not a sitemap: the root element is <éééééééééééééééé>", "is cut");
	ok(parse("<") == NULL && parse("<urlset") == NULL && parse("<!--") == NULL, "no element");
}

/* Entities that grow, files that are not read, depth, too many entries, too little memory. */
static void
test_bounds(void)
{
	size_t	 size = 4 << 20;
	char	*document = malloc(size);
	size_t	 len = 0;
	Sitemap *sitemap;

	is_str(
		urls("<!DOCTYPE urlset [<!ENTITY a 'xxxxxxxxxx'><!ENTITY b '&a;&a;&a;'><!ENTITY f SYSTEM "
			 "'file:///etc/passwd'>]><urlset><url><loc>http://h/&b;&f;</loc></url></urlset>"),
		"http://h/&b;&f; ", "nothing expands");
	len = (size_t) snprintf(document, size, HEAD);
	for (int i = 0; i < SITEMAP_MAX_ENTRIES; i++)
		len +=
			(size_t) snprintf(document + len, size - len, "<url><loc>http://h/%d</loc></url>", i);
	snprintf(document + len, size - len, TAIL);
	sitemap = parse(document);
	ok(sitemap != NULL && sitemap->n_urls == SITEMAP_MAX_ENTRIES && !sitemap->truncated,
	   "as many entries as may be");
	snprintf(document + len, size - len, "<url><loc>http://h/x</loc></url><url><loc>");
	sitemap = parse(document);
	ok(sitemap != NULL && sitemap->n_urls == SITEMAP_MAX_ENTRIES && sitemap->truncated,
	   "and one more");

	size = 1 << 20;
	len = (size_t) snprintf(document, size, HEAD "<url><loc>http://h/</loc></url>");
	while (len + 20 < size)
		len += (size_t) snprintf(document + len, size - len, "<url>");
	sitemap = parse(document);
	ok(sitemap != NULL && sitemap->recovered && sitemap->n_urls == 1, "bottomless nesting");
	len = (size_t) snprintf(document, size, HEAD "<url><loc>http://h/</loc></url><url ");
	for (int i = 0; len + 40 < size; i++)
		len += (size_t) snprintf(document + len, size - len, "a%d='' ", i);
	sitemap = parse(document);
	ok(sitemap != NULL && sitemap->n_urls == 1, "attributes without end");
	memset(document, '<', size - 1);
	ok(parse(document) == NULL, "nothing but less-than signs");
	memset(document, '&', size - 1);
	memcpy(document, "<urlset>", 8);
	(void) parse(document);
	ok(arena_used(arena) <= ARENA_LIMIT, "nothing but ampersands");
	free(document);

	arena_free(arena);
	arena = arena_create(1000);
	ok(parse(HEAD "<url><loc>http://h/</loc></url>" TAIL) == NULL &&
		   failure.class == FAILURE_TOO_LARGE,
	   "an exhausted arena");
}

/* The bytes as a gzip file, in a buffer of the test's. */
static Text
packed(Text bytes)
{
	static char out[4096];
	z_stream	stream = {0};

	(void) deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
	stream.next_in = (Bytef *) bytes.data;
	stream.avail_in = (uInt) bytes.len;
	stream.next_out = (Bytef *) out;
	stream.avail_out = sizeof(out);
	(void) deflate(&stream, Z_FINISH);
	(void) deflateEnd(&stream);
	return (Text){out, sizeof(out) - stream.avail_out};
}

static void
test_packed(void)
{
	Text text = unit_string(HEAD "<url><loc>http://h/</loc></url>" TAIL);
	Text gzip = packed(text);
	Text cut = {gzip.data, gzip.len - 8};

	arena_free(arena);
	arena = arena_create(ARENA_LIMIT);
	ok(text_equal(sitemap_unpack(arena, text, &failure), text), "what is not packed stays");
	ok(text_equal(sitemap_unpack(arena, gzip, &failure), text), "a gzip file is unpacked");
	failure = (Failure) FAILURE_INIT;
	text = sitemap_unpack(arena, cut, &failure);
	ok(text.len > 0 && sitemap_parse(arena, text, TEXT_NULL, &failure) != NULL,
	   "one without its end, too");
	ok(!text_present(sitemap_unpack(arena, unit_string("\x1F\x8Bnothing"), &failure)) &&
		   failure.class == FAILURE_PARSE,
	   "a damaged one is none");
}

int
main(void)
{
	arena = arena_create(ARENA_LIMIT);
	test_entries();
	test_forms();
	test_text();
	test_repairs();
	test_refusals();
	test_bounds();
	test_packed();
	arena_free(arena);
	return done_testing();
}
