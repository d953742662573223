/*
 * page_url.c
 *	  Addresses of pages as a crawl sees them.
 */
#include "parse/page_url.h"

#include "base/ascii.h"
#include "parse/url.h"

#include <string.h>
#include <strings.h>

/* Beyond these a path or a query is the work of a machine that does not stop. */
#define MAX_SEGMENTS 20
#define MAX_REPEATS 3
#define MAX_PARAMETERS 12

/* What is a year in an address, and no number of something. */
#define FIRST_YEAR 1900
#define LAST_YEAR 2199

/* A value of letters and digits of this length is drawn by lot. */
#define MIN_TOKEN 16

/* ---- the parts of an address ---- */

/* What comes up to the next separator, which is dropped. */
static Text
take_item(Text *text, const char *separators)
{
	Text item = text_take(text, text_span_until(*text, separators));

	if (text->len > 0)
		(void) text_take(text, 1);
	return item;
}

/* Path, query and fragment: what follows the origin of an absolute URL. */
static Text
after_authority(Text url)
{
	(void) text_take(&url, text_span_until(url, ":"));
	(void) text_take(&url, url.len < 3 ? url.len : 3);
	(void) text_take(&url, text_span_until(url, "/?#"));
	return url;
}

/* ---- parameters that are no part of the page's name ---- */

/* Names of analytics and advertising: a trailing "*" stands for any rest. */
static const char *const trackers[] = {
	"utm_*",	"at_*",		  "mtm_*",		 "pk_*",	"piwik_*", "matomo_*", "ns_*",	  "hsa_*",
	"gclid",	"gclsrc",	  "dclid",		 "gbraid",	"wbraid",  "fbclid",   "msclkid", "yclid",
	"twclid",	"ttclid",	  "igshid",		 "igsh",	"mc_cid",  "mc_eid",   "_ga",	  "_gl",
	"_hsenc",	"_hsmi",	  "mkt_tok",	 "xtor",	"xtref",   "s_cid",	   "cmpid",	  "wt_mc",
	"wt.mc_id", "oly_enc_id", "oly_anon_id", "vero_id", "__s",	   "srsltid",  "trk_*",
};

/* Names of sessions, whatever the value is. */
static const char *const sessions[] = {
	"jsessionid", "phpsessid", "aspsessionid*", "cfid",	  "cftoken", "sessionid", "session_id",
	"session-id", "sessid",	   "zenid",			"oscsid", "osCsid",	 "cakephp",
};

/* And these where the value is drawn by lot. */
static const char *const maybe_sessions[] = {"sid", "s", "session", "sess", "token", "xid", "ssid"};

static bool
name_in(Text name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
	{
		size_t len = strlen(names[i]);

		if (names[i][len - 1] == '*'
				? name.len >= len - 1 && strncasecmp(name.data, names[i], len - 1) == 0
				: text_is(name, names[i]))
			return true;
	}
	return false;
}

/* Letters and digits, both, and many: no word and no number. */
static bool
is_token(Text value)
{
	size_t digits = 0;

	for (size_t i = 0; i < value.len; i++)
	{
		if (!is_alphanumeric(value.data[i]) && strchr("-_,.", value.data[i]) == NULL)
			return false;
		digits += is_digit(value.data[i]);
	}
	return value.len >= MIN_TOKEN && digits >= 3 && digits < value.len;
}

/* Whether "name=value" says nothing of the page. */
static bool
is_noise(Text parameter)
{
	Text value = parameter;
	Text name = take_item(&value, "=");

	return name_in(name, trackers, lengthof(trackers)) ||
		   name_in(name, sessions, lengthof(sessions)) ||
		   (name_in(name, maybe_sessions, lengthof(maybe_sessions)) && is_token(value));
}

/* ---- one form ---- */

/* The text in one way of percent-coding: only what needs it, in capitals. */
static Text
normal_of(Arena *arena, Text text)
{
	TextBuilder out;

	builder_start(&out, arena);
	for (size_t i = 0; i < text.len; i++)
	{
		unsigned char c = (unsigned char) text.data[i];

		if (c == '%' && text.len - i > 2 && hex_value(text.data[i + 1]) >= 0 &&
			hex_value(text.data[i + 2]) >= 0)
		{
			c = (unsigned char) (hex_value(text.data[i + 1]) << 4 | hex_value(text.data[i + 2]));
			i += 2;
			/* not the dot: a segment of dots would mean something else than before */
			if (is_unreserved((char) c) && c != '.')
				builder_append_char(&out, (char) c);
			else
				url_append_coded(&out, c);
		}
		else if (c <= ' ' || c >= 0x7F || strchr("\"%<>\\^`{|}", c) != NULL)
			url_append_coded(&out, c);
		else
			builder_append_char(&out, (char) c);
	}
	return builder_text(&out);
}

/* A segment without the parameters that name a session: ";jsessionid=...", "(S(...))". */
static void
append_segment(TextBuilder *out, Text segment)
{
	Text name = text_take(&segment, text_span_until(segment, ";"));
	bool dots = name.len <= 2 && name.len > 0 && memcmp("..", name.data, name.len) == 0;

	builder_append_text(out, name);
	while (segment.len > 0)
	{
		Text parameter;

		(void) text_take(&segment, 1);
		parameter = text_take(&segment, text_span_until(segment, ";"));
		/* nothing that was a name may become a dot segment */
		if (is_noise(parameter) && !dots)
			continue;
		builder_append_char(out, ';');
		builder_append_text(out, parameter);
	}
}

/* ASP.NET's session in the path: "(S(letters and digits))", alone in its segment. */
static bool
is_session_segment(Text segment)
{
	return segment.len > 5 && text_begins(segment, "(S(") && segment.data[segment.len - 1] == ')' &&
		   segment.data[segment.len - 2] == ')';
}

static void
append_path(TextBuilder *out, Text path)
{
	if (path.len > 0)
		(void) text_take(&path, 1);
	builder_append_char(out, '/');
	while (path.len > 0)
	{
		Text segment = text_take(&path, text_span_until(path, "/"));
		bool session = is_session_segment(segment);

		if (!session)
			append_segment(out, segment);
		if (path.len > 0)
		{
			(void) text_take(&path, 1);
			if (!session)
				builder_append_char(out, '/');
		}
	}
}

static void
append_query(TextBuilder *out, Text query)
{
	char separator = '?';

	while (query.len > 0)
	{
		Text parameter = take_item(&query, "&");

		if (parameter.len == 0 || is_noise(parameter))
			continue;
		builder_append_char(out, separator);
		builder_append_text(out, parameter);
		separator = '&';
	}
}

Text
page_url_normalise(Arena *arena, Text url)
{
	Text		resolved = url_resolve(arena, url, url);
	Text		origin = url_origin(arena, resolved);
	Text		rest;
	TextBuilder out;

	if (!text_present(resolved) || !text_present(origin))
		return TEXT_NULL;
	for (size_t i = 0; i < origin.len; i++)
	{
		if ((unsigned char) origin.data[i] >= 0x80)
			return TEXT_NULL;
	}
	rest = after_authority(resolved);
	builder_start(&out, arena);
	builder_append(&out, origin.data, origin.len);
	append_path(&out, normal_of(arena, text_take(&rest, text_span_until(rest, "?#"))));
	if (rest.len > 0 && rest.data[0] == '?')
	{
		(void) text_take(&rest, 1);
		append_query(&out, normal_of(arena, text_take(&rest, text_span_until(rest, "#"))));
	}
	if (arena_exhausted(arena) || out.len > PAGE_URL_MAX)
		return TEXT_NULL;
	return builder_text(&out);
}

/* ---- what is no page ---- */

bool
page_url_is_file(Text url)
{
	static const char *const endings[] = {
		"7z",	"aac", "apk",  "avi",  "avif", "bin", "bmp",  "bz2",   "css", "csv",  "dmg",  "doc",
		"docx", "eot", "epub", "exe",  "flac", "flv", "gif",  "gz",	   "ico", "ics",  "iso",  "jar",
		"jpeg", "jpg", "js",   "json", "m3u8", "m4a", "m4v",  "mjs",   "mkv", "mov",  "mp3",  "mp4",
		"mpeg", "mpg", "msi",  "odp",  "ods",  "odt", "ogg",  "ogv",   "otf", "pdf",  "png",  "ppt",
		"pptx", "ps",  "rar",  "rpm",  "rtf",  "svg", "swf",  "tar",   "tgz", "tif",  "tiff", "ttf",
		"wasm", "wav", "webm", "webp", "wma",  "wmv", "woff", "woff2", "xls", "xlsx", "xz",	  "zip",
	};
	Text   path = after_authority(url);
	size_t start;

	path.len = text_span_until(path, "?#");
	start = path.len;
	while (start > 0 && path.data[start - 1] != '.' && path.data[start - 1] != '/')
		start--;
	if (start == 0 || path.data[start - 1] != '.')
		return false;
	return name_in((Text){path.data + start, path.len - start}, endings, lengthof(endings));
}

/* How often the segment comes in the path. */
static int
count_segment(Text path, Text segment)
{
	int n = 0;

	while (path.len > 0)
		n += text_equal(take_item(&path, "/"), segment);
	return n;
}

/*
 * Segments are few where it counts: a path of more than MAX_SEGMENTS is refused by that,
 * so that comparing each with all costs little.
 */
static const char *
path_trap(Text path)
{
	Text rest = path;
	int	 segments = 0;

	while (rest.len > 0)
	{
		(void) take_item(&rest, "/");
		if (++segments > MAX_SEGMENTS)
			return "more segments than paths have";
	}
	for (rest = path; rest.len > 0;)
	{
		Text segment = take_item(&rest, "/");

		if (segment.len > 0 && count_segment(path, segment) > MAX_REPEATS)
			return "a segment that comes again and again";
	}
	return NULL;
}

/* The number at the start of the text, of at most so many digits; -1: none. */
static int
take_number(Text *text, size_t max_digits)
{
	size_t digits = 0;
	int	   number = 0;

	while (digits < text->len && is_digit(text->data[digits]))
	{
		if (digits < max_digits)
			number = number * 10 + (text->data[digits] - '0');
		digits++;
	}
	(void) text_take(text, digits);
	return digits == 0 || digits > max_digits ? -1 : number;
}

/* Whether "/" or "-" and the number of a month begin the text. */
static bool
begins_with_month(Text text)
{
	int month;

	if (text.len < 2 || (text.data[0] != '/' && text.data[0] != '-'))
		return false;
	(void) text_take(&text, 1);
	month = take_number(&text, 2);
	return month >= 1 && month <= 12;
}

static bool
ends_with(const char *start, const char *end, const char *literal)
{
	size_t len = strlen(literal);

	return (size_t) (end - start) >= len && strncasecmp(end - len, literal, len) == 0;
}

/*
 * The last year that the text names: four digits on their own where a month follows
 * ("2031/05", "2031-5"), or as the value of a parameter that says so; 0: none.
 */
static int
last_year(Text text)
{
	const char *start = text.data;
	int			last = 0;

	while (text.len > 0)
	{
		bool named = ends_with(start, text.data, "year=") || ends_with(start, text.data, "annee=");
		int	 year = -1;

		if (is_digit(text.data[0]))
			year = take_number(&text, 4);
		else
			(void) text_take(&text, 1);
		if (year >= FIRST_YEAR && year <= LAST_YEAR && year > last &&
			(named || begins_with_month(text)))
			last = year;
	}
	return last;
}

const char *
page_url_trap(Text url, int this_year)
{
	Text		rest = after_authority(url);
	Text		path = text_take(&rest, text_span_until(rest, "?"));
	Text		query = rest;
	int			parameters = 0;
	const char *trap;

	if (path.len > 0)
		(void) text_take(&path, 1);
	trap = path_trap(path);
	if (trap != NULL)
		return trap;
	while (query.len > 0)
	{
		(void) take_item(&query, "&");
		if (++parameters > MAX_PARAMETERS)
			return "more parameters than queries have";
	}
	if (last_year(path) > this_year + 1 || last_year(rest) > this_year + 1)
		return "a date far off";
	return NULL;
}

/* ---- sites ---- */

/* A host without its "www.", and those before it: so that a site is its own pattern. */
static Text
without_www(Text host)
{
	while (text_begins(host, "www.") && host.len > 4)
		(void) text_take(&host, 4);
	return host;
}

Text
page_url_site(Text url)
{
	(void) text_take(&url, text_span_until(url, ":"));
	(void) text_take(&url, url.len < 3 ? url.len : 3);
	url.len = text_span_until(url, "/?#");
	return without_www(url);
}

/* Host without port. */
static Text
host_of(Text site)
{
	size_t len = site.len;

	while (len > 0 && is_digit(site.data[len - 1]))
		len--;
	if (len > 0 && site.data[len - 1] == ':')
		site.len = len - 1;
	return site;
}

bool
page_url_site_matches(Text site, Text pattern)
{
	size_t colon = text_span_until(pattern, ":");
	Text   host = colon < pattern.len ? site : host_of(site);
	bool   below = text_begins(pattern, "*.");
	Text   domain = without_www(pattern);

	if (pattern.len == 1 && pattern.data[0] == '*')
		return true;
	if (below)
		(void) text_take(&domain, 2);
	if (host.len < domain.len ||
		strncasecmp(host.data + host.len - domain.len, domain.data, domain.len) != 0)
		return false;
	return host.len == domain.len || (below && host.data[host.len - domain.len - 1] == '.');
}
