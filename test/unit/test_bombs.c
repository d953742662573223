/*
 * test_bombs.c
 *	  Content made to take all of the time or memory, or to reach for a file or the
 *	  network: every parser of parse/ and time/ stays within bounds.
 *
 * Each bomb is a document of a head, as many of one unit as make up its size, and a
 * tail.  Memory is counted by the sanitizer's allocator, libraries included; time is
 * the processor's, and its bound is wide enough for a busy machine, but not for
 * anything that grows faster than the document.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "parse/archive.h"
#include "parse/article.h"
#include "parse/charset.h"
#include "parse/csv.h"
#include "parse/date.h"
#include "parse/feed.h"
#include "parse/gdelt.h"
#include "parse/html_text.h"
#include "parse/json_value.h"
#include "parse/opml.h"
#include "parse/robots.h"
#include "parse/sitemap.h"
#include "parse/url.h"
#include "parse/weather.h"
#include "time/cron.h"

#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#define KB ((size_t) 1024)
#define MB (KB * KB)

/* What a parse may take: that of a feed of datasens.max_response_size / 4. */
#define ARENA_LIMIT (40 * MB)

/* Beside the arena: what libraries take for themselves, and a copy or two of the document. */
#define LIBRARY_MEMORY (8 * MB)
#define COPIES 4

/* The words of libxml2's last error stay with the thread. */
#define KEPT (4 * KB)

/* Seconds of the processor, for the sanitized and hardly optimized code. */
#define TIME_LIMIT 8.0

/* ---- the allocator's hooks; the compiler's headers do not declare them ---- */

extern int	  __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void *, size_t),
														void (*)(const volatile void *));
extern size_t __sanitizer_get_allocated_size(const volatile void *);

static size_t live;
static size_t peak;

static void
on_malloc(const volatile void *block, size_t size)
{
	if (block == NULL)
		return;
	live += size;
	if (live > peak)
		peak = live;
}

static void
on_free(const volatile void *block)
{
	if (block != NULL)
		live -= __sanitizer_get_allocated_size(block);
}

/* ---- the parsers, in one form: what they make of a document, or NULL ---- */

static Failure failure;

#define URL_TEXT TEXT_LITERAL("http://h/dir/feed")

static const void *
parse_feed(Arena *arena, Text bytes)
{
	return feed_parse(arena, bytes, TEXT_NULL, URL_TEXT, &failure);
}

static const void *
parse_opml(Arena *arena, Text bytes)
{
	return opml_parse(arena, bytes, &failure);
}

static const void *
parse_sitemap(Arena *arena, Text bytes)
{
	return sitemap_parse(arena, bytes, URL_TEXT, &failure);
}

static const void *
parse_page(Arena *arena, Text bytes)
{
	return article_parse(arena, bytes, TEXT_NULL, URL_TEXT, &failure);
}

static const void *
parse_fragment(Arena *arena, Text bytes)
{
	return text_clean(arena, bytes, TEXT_FORM_HTML, false).data;
}

static const void *
parse_robots(Arena *arena, Text bytes)
{
	static char url[16 * KB];
	Robots	   *robots = robots_parse(arena, bytes, TEXT_LITERAL("bot"));

	memset(url, 'a', sizeof(url));
	url[0] = '/';
	if (robots != NULL)
		(void) robots_may_fetch(robots, (Text){url, sizeof(url)});
	return robots;
}

static const void *
parse_date(Arena *arena, Text bytes)
{
	int64_t micros;

	(void) arena;
	return date_parse(bytes, &micros) ? "a date" : NULL;
}

static const void *
parse_cron(Arena *arena, Text bytes)
{
	char	 *expression = malloc(bytes.len + 1);
	Cron	  cron;
	CronError error;
	bool	  parsed;

	(void) arena;
	memcpy(expression, bytes.data, bytes.len);
	expression[bytes.len] = '\0';
	parsed = cron_parse(expression, &cron, &error);
	free(expression);
	return parsed ? "a schedule" : NULL;
}

static const void *
parse_url(Arena *arena, Text bytes)
{
	(void) url_redact(arena, bytes);
	(void) url_origin(arena, bytes);
	return url_resolve(arena, URL_TEXT, bytes).data;
}

static const void *
parse_content_type(Arena *arena, Text bytes)
{
	const char *encoding;
	Text		charset = charset_of_content_type(bytes);

	return charset_decode_xml(arena, TEXT_LITERAL("<a/>"), charset, &encoding).data;
}

static const void *
parse_json(Arena *arena, Text bytes)
{
	json_t *root = json_read(bytes, &failure);

	(void) arena;
	json_decref(root);
	return root != NULL ? "a value" : NULL;
}

static const void *
parse_weather(Arena *arena, Text bytes)
{
	return weather_parse(arena, bytes, WEATHER_METRIC, TEXT_LITERAL("fr"), &failure);
}

/* All records, of at most 4 MB, from chunks as a download brings them. */
static const void *
parse_csv(Arena *arena, Text bytes)
{
	CsvReader *reader = csv_create((CsvFormat){',', '"'}, 4 * MB);
	CsvRecord  record;
	CsvStep	   step = CSV_STARVED;

	(void) arena;
	for (Text rest = bytes; step == CSV_STARVED;)
	{
		Text chunk = text_take(&rest, rest.len < 64 * KB ? rest.len : 64 * KB);

		csv_feed(reader, chunk, rest.len == 0);
		while ((step = csv_next(reader, &record)) == CSV_RECORD)
			;
	}
	csv_free(reader);
	return step == CSV_END ? "records" : NULL;
}

static const void *
parse_gdelt(Arena *arena, Text bytes)
{
	GdeltEvent	  event;
	GdeltMention  mention;
	GdeltRecord	  record;
	GdeltDocument document;
	Text		  reason;

	(void) gdelt_read_event(arena, bytes, &event, &reason);
	(void) gdelt_read_mention(arena, bytes, &mention, &reason);
	if (!gdelt_read_record(arena, bytes, &record, &reason))
		return NULL;
	return gdelt_make_document(arena, &record, &document) ? "a document" : NULL;
}

/* The bytes as a file that is unpacked within a download's limits. */
static const void *
parse_archive(Arena *arena, Text bytes)
{
	static const UnpackLimits limits = {100 * MB, 200, 1000};
	int						  file = memfd_create("bomb", 0);
	Unpacker				 *unpacker;
	UnpackStep				  step = UNPACK_FAILED;
	Text					  text;

	(void) arena;
	if (file < 0 || write(file, bytes.data, bytes.len) != (ssize_t) bytes.len)
		abort();
	unpacker = unpack_open(file, "a.csv", NULL, &limits, &failure);
	while (unpacker != NULL && (step = unpack_member(unpacker, &text, &failure)) == UNPACK_GOT)
	{
		while ((step = unpack_read(unpacker, &text, &failure)) == UNPACK_GOT)
			;
		if (step == UNPACK_FAILED)
			break;
	}
	unpack_close(unpacker);
	close(file);
	return step == UNPACK_END ? "members" : NULL;
}

/* ---- bombs ---- */

typedef struct Bomb
{
	const char *name;
	const void *(*parse)(Arena *arena, Text bytes);
	const char *head;
	const char *unit;
	const char *tail;
	size_t		size;
} Bomb;

#define RSS "<rss><channel><item>"
#define END "</item></channel></rss>"
#define JSON "{\"version\":\"https://jsonfeed.org/version/1\",\"items\":["
#define ITEM RSS "<title>t</title>"

/* Ten entities, each of ten of the one before. */
#define TEN(x) x x x x x x x x x x
#define LAUGHS                                                                                                                                                       \
	"<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '" TEN("&a;") "'><!ENTITY c '" TEN("&b;") "'><!ENTITY d '" TEN("&c;") "'><!ENTITY e '" TEN("&d;") "'><!ENTITY f '" TEN( \
		"&e;") "'><!ENTITY g '" TEN("&f;") "'><!ENTITY h '" TEN("&g;") "'><!ENTITY i '" TEN("&h;") "'><!ENTITY j '" TEN("&i;") "'>]>"

/* The first columns of a record of GDELT's, up to the themes. */
#define GKG "20240101000000-1\t20240101000000\t1\th\thttp://h/a\t\t\t"

static const Bomb bombs[] = {
	{"a feed: elements within each other", parse_feed, "<rss>", "<a>", "", MB},
	{"a feed: entries within each other", parse_feed, RSS, "<item>", "", MB},
	{"a feed: prefixes within each other", parse_feed, RSS, "<a:b xmlns:a='x'>", "", MB},
	{"a feed: a million entries", parse_feed, "<rss><channel>", "<item/>", "</channel></rss>",
	 7 * MB},
	{"a feed: entries with a text", parse_feed, "<rss><channel>", "<item><title>t</title></item>",
	 "</channel></rss>", 4 * MB},
	{"a feed: a title of 100 MB", parse_feed, RSS "<title>", "0123456789abcdef", "</title>" END,
	 100 * MB},
	{"a feed: a title of 9 MB", parse_feed, RSS "<title>", "0123456789abcdef", "</title>" END,
	 9 * MB},
	{"a feed: a title of markup", parse_feed, RSS "<title>", "&lt;b&gt;", "</title>" END, 4 * MB},
	{"a feed: a text of references", parse_feed, RSS "<description>", "&amp;#65;",
	 "</description>" END, 4 * MB},
	{"a feed: a huge attribute", parse_feed, RSS "<enclosure url='", "0123456789abcdef", "'/>" END,
	 9 * MB},
	{"a feed: a huge name", parse_feed, RSS "<", "abcdefgh", "/>" END, 4 * MB},
	{"a feed: attributes", parse_feed, RSS "<a", " b='c'", "/>" END, 2 * MB},
	{"a feed: namespaces", parse_feed, "<rss", " xmlns:a='b'", "/>", 2 * MB},
	{"a feed: bases within each other", parse_feed, ITEM, "<a xml:base='a/b/c/'>", "", 2 * MB},
	{"a feed: bases that lead back", parse_feed, ITEM, "<a xml:base='../../feed'>", "", 2 * MB},
	{"a feed: categories", parse_feed, RSS, "<category>a</category>", END, 2 * MB},
	{"a feed: entities declared", parse_feed, "<!DOCTYPE rss [", "<!ENTITY a 'b'>", "]><rss/>",
	 4 * MB},
	{"a feed: references to one entity", parse_feed,
	 "<!DOCTYPE rss [<!ENTITY a '0123456789012345678901234567890123456789'>]>" RSS "<title>", "&a;",
	 "</title>" END, 4 * MB},
	{"a feed: entities ten deep", parse_feed, LAUGHS RSS "<title>", "&j;", "</title>" END, 2 * MB},
	{"a feed: an attribute of entities ten deep", parse_feed, LAUGHS RSS "<enclosure url='", "&j;",
	 "'/>" END, 2 * MB},
	{"a feed list: entities ten deep", parse_opml, LAUGHS "<opml><body><outline xmlUrl='u' text='",
	 "&j;", "'/></body></opml>", 2 * MB},
	{"a sitemap: entities ten deep", parse_sitemap, LAUGHS "<urlset><url><loc>http://h/", "&j;",
	 "</loc></url></urlset>", 2 * MB},
	{"a feed: parameter entities", parse_feed, "<!DOCTYPE rss [<!ENTITY % a 'b'>",
	 "<!ENTITY % a '%a;%a;%a;'> %a;", "]><rss/>", 4 * MB},
	{"a feed: sections", parse_feed, RSS "<title>", "<![CDATA[a]]>", "</title>" END, 2 * MB},
	{"a feed: instructions", parse_feed, "", "<?a b?>", "<rss/>", 2 * MB},
	{"a feed: comments", parse_feed, RSS, "<!--a-->", END, 2 * MB},
	{"a feed: ampersands", parse_feed, RSS "<title>", "&", "</title>" END, 2 * MB},
	{"a feed: angle brackets", parse_feed, "<rss>", "<", "", 2 * MB},
	{"a feed: quotes", parse_feed, "<rss a=", "\"'", "", 2 * MB},
	{"a feed: NUL", parse_feed, "<rss>", "\x01", "", 2 * MB},
	{"a feed: white space", parse_feed, "", " ", "<rss/>", 9 * MB},
	{"a feed: white space in an entry", parse_feed, RSS "<title>a", " ", "b</title>" END, 9 * MB},
	{"a JSON feed: lists within each other", parse_feed, JSON, "[", "", 100 * KB},
	{"a JSON feed: objects within each other", parse_feed, JSON, "{\"a\":", "", MB},
	{"a JSON feed: a million entries", parse_feed, JSON "{}", ",{}", "]}", 3 * MB},
	{"a JSON feed: keys", parse_feed, JSON "{\"a\":1", ",\"a\":1", "}]}", 2 * MB},
	{"a JSON feed: a number without end", parse_feed, JSON, "9", "]}", 2 * MB},
	{"a JSON feed: a text of escapes", parse_feed, JSON "{\"title\":\"", "\\u0041", "\"}]}",
	 4 * MB},
	{"a JSON feed: a text of nothing", parse_feed, JSON "{\"title\":\"", "\\u0000", "\"}]}",
	 4 * MB},
	{"a feed list: outlines within each other", parse_opml, "<opml><body>", "<outline text='a'>",
	 "", 2 * MB},
	{"a feed list: a million outlines", parse_opml, "<opml><body>", "<outline/>", "</body></opml>",
	 9 * MB},
	{"a feed list: feeds", parse_opml, "<opml><body>", "<outline xmlUrl='u'/>", "</body></opml>",
	 2 * MB},
	{"a feed list: a huge name", parse_opml, "<opml><body><outline xmlUrl='u' text='", "abcdefgh",
	 "'/></body></opml>", 9 * MB},
	{"a feed list: entities", parse_opml, "<!DOCTYPE opml [", "<!ENTITY a '&a;&a;'>", "]><opml/>",
	 2 * MB},
	{"a sitemap: addresses", parse_sitemap, "<urlset>", "<url><loc>http://h/</loc></url>",
	 "</urlset>", 4 * MB},
	{"a sitemap: elements within each other", parse_sitemap, "<urlset>", "<url>", "", 2 * MB},
	{"a sitemap: one address", parse_sitemap, "<urlset><url><loc>http://h/", "abcdefgh",
	 "</loc></url></urlset>", 9 * MB},
	{"a sitemap: lines", parse_sitemap, "", "http://h/\n", "", 4 * MB},
	{"a sitemap: one line", parse_sitemap, "http://h/", "abcdefgh", "", 9 * MB},
	{"a page: elements within each other", parse_page, "<html><body>", "<div>", "", 4 * MB},
	{"a page: open tags of a kind", parse_page, "<html><body>", "<b><i>", "", 10 * MB},
	{"a page: tables within each other", parse_page, "<html><body>",
	 "<table><tr><td colspan=999999999>", "", 4 * MB},
	{"a page: lists within each other", parse_page, "<html><body>", "<ul><li>", "", 4 * MB},
	{"a page: end tags", parse_page, "<html><body><p>", "</p></b>", "", 4 * MB},
	{"a page: attributes", parse_page, "<html><body><p", " a=b", ">", 4 * MB},
	{"a page: paragraphs", parse_page, "<html><body>", "<p>a phrase, of some words.", "", 4 * MB},
	{"a page: links", parse_page, "<html><body>", "<a href='x'>y</a>", "", 4 * MB},
	{"a page: JSON within each other", parse_page,
	 "<html><head><script type='application/ld+json'>", "[", "</script>", 4 * MB},
	{"a page: scripts", parse_page, "<html><head>",
	 "<script type='application/ld+json'>{}</script>", "", 2 * MB},
	{"a page: metas", parse_page, "<html><head>", "<meta name=author content=a>", "", 4 * MB},
	{"a page: comments without an end", parse_page, "<html>", "<!--", "", 4 * MB},
	{"a page: angle brackets", parse_page, "<html>", "<", "", 4 * MB},
	{"a fragment: elements within each other", parse_fragment, "", "<div>", "", 4 * MB},
	{"a fragment: references", parse_fragment, "", "&nbsp;&#x41;", "", 4 * MB},
	{"a fragment: half references", parse_fragment, "", "&#", "", 4 * MB},
	{"a fragment: half tags", parse_fragment, "", "<a ", "", 4 * MB},
	{"a fragment: half comments", parse_fragment, "", "<!--", "", 4 * MB},
	{"a fragment: scripts without an end", parse_fragment, "", "<script>", "", 4 * MB},
	{"JSON: lists within each other", parse_json, "", "[", "", 100 * KB},
	{"JSON: objects within each other", parse_json, "", "{\"a\":", "", 600 * KB},
	{"JSON: a text", parse_json, "\"", "0123456789abcdef", "\"", 20 * MB},
	{"weather: lists within each other", parse_weather, "{\"weather\":", "[", "", 100 * KB},
	{"weather: conditions", parse_weather, "{\"weather\":[{}", ",{}", "]}", 300 * KB},
	{"a CSV file: a quote without an end", parse_csv, "a,b\n\"", "abcd,efg\n", "", 20 * MB},
	{"a CSV file: a quote without an end nor lines", parse_csv, "\"", "abcdefgh", "", 20 * MB},
	{"a CSV file: a quote on each line", parse_csv, "a,b\n", "\"a\n", "", 8 * MB},
	{"a CSV file: quotes", parse_csv, "", "\"", "", 20 * MB},
	{"a CSV file: fields", parse_csv, "", ",", "", 20 * MB},
	{"a CSV file: empty lines", parse_csv, "", "\n", "", 8 * MB},
	{"GDELT: a row of 100 MB", parse_gdelt, "1", "0123456789abcdef", "", 100 * MB},
	{"GDELT: a row of tabs", parse_gdelt, "", "\t", "", MB},
	{"GDELT: a column of 100 MB", parse_gdelt, "1\t20240101\t", "0123456789abcdef", "\ta",
	 100 * MB},
	{"GDELT: themes", parse_gdelt, GKG "\t", "A,1;", "\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t",
	 4 * MB},
	{"GDELT: separators", parse_gdelt, GKG, "#;", "\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t",
	 4 * MB},
	{"robots: rules of stars", parse_robots, "User-agent: *\n", "Disallow: /*a*aa*aaa*b$\n", "",
	 500 * KB},
	{"robots: a rule of stars", parse_robots, "User-agent: *\nDisallow: /", "*a", "*b", 500 * KB},
	{"robots: agents", parse_robots, "", "User-agent: bot\n", "Disallow: /\n", 9 * MB},
	{"robots: sitemaps", parse_robots, "", "Sitemap: x\n", "", 9 * MB},
	{"robots: one line", parse_robots, "User-agent: ", "bot", "", 9 * MB},
	{"a date: digits", parse_date, "", "1", "", 4 * MB},
	{"a date: names of days", parse_date, "", "Mon, ", "1 Jan 2000", 4 * MB},
	{"a date: comments within each other", parse_date, "1 Jan 2000 00:00:00 ", "(", "", 4 * MB},
	{"a date: white space", parse_date, "1 Jan", " ", "2000", 4 * MB},
	{"a date: signs", parse_date, "2000-01-01T00:00:00", "+", "", 4 * MB},
	{"a date: fractions", parse_date, "2000-01-01T00:00:00.", "9", "Z", 4 * MB},
	{"a schedule: fields", parse_cron, "", "* ", "", 4 * MB},
	{"a schedule: lists", parse_cron, "1", ",1", " * * * *", 4 * MB},
	{"a schedule: a number", parse_cron, "", "9", " seconds", 4 * MB},
	{"a URL: ways up", parse_url, "http://h/", "../", "", 4 * MB},
	{"a URL: ways up within its limit", parse_url, "http://h/", "a/../", "", 16 * KB},
	{"a URL: user names", parse_url, "http://", "a@", "h/", 4 * MB},
	{"a URL: parameters", parse_url, "http://h/?", "key=a&", "", 16 * KB},
	{"a Content-Type: parameters", parse_content_type, "text/xml", ";a=\"b\"", "", 4 * MB},
	{"a Content-Type: a charset", parse_content_type, "text/xml; charset=", "utf-8", "", 4 * MB},
	{"a Content-Type: a quote without an end", parse_content_type, "text/xml; charset=\"", "\\\"",
	 "", 4 * MB},
};

/* The document, malloc'd, of the exact size, so that the sanitizer sees a read beyond it. */
static Text
build(const Bomb *bomb)
{
	size_t unit = strlen(bomb->unit);
	size_t count = bomb->size / unit;
	size_t len = strlen(bomb->head) + count * unit + strlen(bomb->tail);
	char  *bytes = malloc(len);
	char  *at = bytes + strlen(bomb->head);

	memcpy(bytes, bomb->head, strlen(bomb->head));
	for (size_t i = 0; i < count; i++, at += unit)
		memcpy(at, bomb->unit, unit);
	memcpy(at, bomb->tail, strlen(bomb->tail));
	return (Text){bytes, len};
}

static double
seconds_used(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/* The document, which is freed, stays within bounds. */
static void
explode(const char *name, const void *(*parse)(Arena *, Text), Text document)
{
	size_t before = live;
	double began = seconds_used();
	double took;
	Arena *arena = arena_create(ARENA_LIMIT);

	peak = live;
	failure = (Failure) FAILURE_INIT;
	(void) parse(arena, document);
	arena_free(arena);
	took = seconds_used() - began;
	if (!ok(peak - before <= ARENA_LIMIT + LIBRARY_MEMORY + COPIES * document.len &&
				took < TIME_LIMIT &&
				(failure.class == FAILURE_NONE || failure.class == FAILURE_PARSE ||
				 failure.class == FAILURE_TOO_LARGE) &&
				(failure.class == FAILURE_NONE) == (failure.detail[0] == '\0'),
			"%s", name))
		diag("%.1f s, %zu MB, %s: %s", took, (peak - before) / MB, failure_word(failure.class),
			 failure.detail);
	ok(live <= before + KEPT, "%s: all is given back", name);
	free((char *) document.data);
}

/* ---- archives of zeros ---- */

#define ZEROS 1024 /* MB, when unpacked */

/* What a MB of zeros deflates to, as often as that: each piece ends on a byte, and needs no other. */
static Text
deflate_zeros(size_t before, size_t after)
{
	char		 *zeros = calloc(1, MB);
	unsigned char piece[8 * KB];
	z_stream	  stream = {0};
	size_t		  len;
	char		 *bytes;

	if (deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	stream.next_in = (unsigned char *) zeros;
	stream.avail_in = MB;
	stream.next_out = piece;
	stream.avail_out = sizeof(piece);
	if (deflate(&stream, Z_FULL_FLUSH) != Z_OK || stream.avail_in > 0)
		abort();
	len = sizeof(piece) - stream.avail_out;
	deflateEnd(&stream);
	free(zeros);
	bytes = calloc(1, before + ZEROS * len + after);
	for (size_t i = 0; i < ZEROS; i++)
		memcpy(bytes + before + i * len, piece, len);
	return (Text){bytes, before + ZEROS * len + after};
}

static void
put(char *at, uint32_t value, int n)
{
	for (int i = 0; i < n; i++)
		at[i] = (char) (value >> 8 * i);
}

/* A gzip file, or a zip file of one member "a.csv"; what their ends would say is not reached. */
static Text
archive_of_zeros(bool zip)
{
	size_t header = zip ? 35 : 10;
	size_t end = zip ? 51 + 22 : 8;
	Text   file = deflate_zeros(header, end);
	char  *bytes = (char *) file.data;
	char  *directory = bytes + file.len - end;
	size_t packed = file.len - header - end;

	if (!zip)
	{
		memcpy(bytes, "\x1f\x8b\x08", 3);
		return file;
	}
	memcpy(bytes, "PK\3\4\x14\0\0\0\x08", 9);
	put(bytes + 18, (uint32_t) packed, 4);
	put(bytes + 22, ZEROS * MB, 4);
	put(bytes + 26, 5, 2);
	memcpy(bytes + 30, "a.csv", 5);
	memcpy(directory, "PK\1\2\x14\0\x14\0\0\0\x08", 11);
	memcpy(directory + 16, bytes + 14, 12);
	put(directory + 28, 5, 2);
	memcpy(directory + 46, "a.csv", 5);
	memcpy(directory + 51, "PK\5\6\0\0\0\0\1\0\1", 11);
	put(directory + 51 + 12, 51, 4);
	put(directory + 51 + 16, (uint32_t) (file.len - end), 4);
	return file;
}

static void
test_zeros(bool zip)
{
	const char *name = zip ? "a zip file of a GB of zeros" : "a gzip file of a GB of zeros";
	Text		file = archive_of_zeros(zip);

	explode(name, parse_archive, file);
	ok(failure.class == FAILURE_TOO_LARGE, "%s is too large", name);
}

/* ---- files and the network ---- */

#define SECRET "the text of the file"

/* A socket that would see who connects; its port in *port. */
static int
listen_somewhere(int *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t		   len = sizeof(address);
	int				   fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *) &address, len) != 0 || listen(fd, 5) != 0 ||
		getsockname(fd, (struct sockaddr *) &address, &len) != 0)
		return -1;
	*port = ntohs(address.sin_port);
	return fd;
}

/* Whether anything of a feed, a list or a sitemap that the document may be holds the secret. */
static bool
reveals(Text document)
{
	Arena	*arena = arena_create(ARENA_LIMIT);
	Feed	*feed = feed_parse(arena, document, TEXT_NULL, URL_TEXT, &failure);
	Opml	*opml = opml_parse(arena, document, &failure);
	Sitemap *sitemap = sitemap_parse(arena, document, URL_TEXT, &failure);
	bool	 found = false;

#define HOLDS(text)                                                                                \
	((text).data != NULL && memmem((text).data, (text).len, SECRET, strlen(SECRET)) != NULL)
	for (size_t i = 0; feed && i < feed->n_items; i++)
		found = found || HOLDS(feed->items[i].titre) || HOLDS(feed->items[i].texte) ||
				HOLDS(feed->items[i].url) || HOLDS(feed->items[i].meta);
	for (size_t i = 0; opml && i < opml->n_entries; i++)
		found = found || HOLDS(opml->entries[i].titre) || HOLDS(opml->entries[i].url);
	for (size_t i = 0; sitemap && i < sitemap->n_urls; i++)
		found = found || HOLDS(sitemap->urls[i]);
#undef HOLDS
	arena_free(arena);
	return found;
}

/* Each way that XML has to name something outside; %1$s is where it is. */
static const char *const reaches[] = {
	"<!DOCTYPE x [<!ENTITY f SYSTEM '%1$s'>]>%2$s",
	"<!DOCTYPE x [<!ENTITY f PUBLIC '-//a//b' '%1$s'>]>%2$s",
	"<!DOCTYPE x [<!ENTITY %% p SYSTEM '%1$s'> %%p;]>%2$s",
	"<!DOCTYPE x [<!ENTITY %% p '<!ENTITY f SYSTEM \"%1$s\">'> %%p;]>%2$s",
	"<!DOCTYPE x SYSTEM '%1$s'>%2$s",
	"<!DOCTYPE x PUBLIC '-//a//b' '%1$s' [<!ENTITY f '&g;'>]>%2$s",
	"<!DOCTYPE x [<!NOTATION n SYSTEM '%1$s'><!ENTITY f SYSTEM '%1$s' NDATA n>]>%2$s",
	"<?xml-stylesheet href='%1$s'?><?xml-model href='%1$s'?>%2$s",
};

static const char *const documents[] = {
	"<rss xmlns:xi='http://www.w3.org/2001/XInclude' xmlns:x='http://www.w3.org/1999/xlink'>"
	"<channel><item><title>a&f;&p;</title><description>&f;<xi:include href='%1$s' parse='text'/>"
	"</description><enclosure url='&f;'/><link x:href='%1$s' xml:base='%1$s'>&f;</link></item>"
	"</channel></rss>",
	"<opml><body><outline text='&f;' xmlUrl='u&f;'/></body></opml>",
	"<urlset><url><loc>http://h/&f;</loc></url></urlset>",
};

static void
test_reaches(void)
{
	char name[] = "/tmp/datasens-bombs-XXXXXX";
	int	 file = mkstemp(name);
	int	 port = 0;
	int	 listener = listen_somewhere(&port);
	char places[2][100];

	if (!ok(file >= 0 && listener >= 0 && write(file, SECRET, strlen(SECRET)) > 0,
			"a file and a socket"))
		return;
	snprintf(places[0], sizeof(places[0]), "file://%s", name);
	snprintf(places[1], sizeof(places[1]), "http://127.0.0.1:%d/f", port);
	for (size_t i = 0; i < sizeof(reaches) / sizeof(reaches[0]); i++)
	{
		bool found = false;

		for (size_t j = 0; j < sizeof(documents) / sizeof(documents[0]) * 2; j++)
		{
			char body[2000];
			char document[4000];

			snprintf(body, sizeof(body), documents[j / 2], places[j % 2]);
			snprintf(document, sizeof(document), reaches[i], places[j % 2], body);
			found = found || reveals(unit_string(document));
		}
		ok(!found, "no file is read: %.60s", reaches[i]);
	}
	ok(accept(listener, NULL, NULL) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK),
	   "nobody is connected to");
	close(listener);
	close(file);
	unlink(name);
}

int
main(void)
{
	feed_prepare();
	ok(__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) != 0, "memory is counted");
	for (size_t i = 0; i < sizeof(bombs) / sizeof(bombs[0]); i++)
		explode(bombs[i].name, bombs[i].parse, build(&bombs[i]));
	test_zeros(false);
	test_zeros(true);
	test_reaches();
	return done_testing();
}
