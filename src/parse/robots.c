/*
 * robots.c
 *	  robots.txt, X-Robots-Tag and the meta robots: what a site asks of us.
 *
 * Called for each host before its pages are asked for, by datasens_robots_allowed(),
 * and for each page that came.  The input is a stranger's: nothing here recurses, no
 * pattern backtracks, each line is read once.  Where a file is unclear the
 * answers are those of Google's matcher, which sites test their files with.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "parse/robots.h"

#include "base/ascii.h"
#include "parse/url.h"

#include <string.h>
#include <strings.h>

/* Bytes of a line that count: eight times the longest URL that browsers used to take. */
#define LINE_LIMIT (2083 * 8 - 1)

/* ---- characters ---- */

/* RFC 9309, 2.2.1: the characters of a product token. */
static bool
is_token_character(char c)
{
	return is_letter(c) || c == '-' || c == '_';
}

/* "name/version" without its version. */
static Text
product_token(Text agent)
{
	agent = text_trim(agent);
	agent.len = text_span_until(agent, "/");
	return agent;
}

/* ---- percent-coding ---- */

/* The byte that text begins with in its coded form; -1 where it does not. */
static int
coded_byte(Text text)
{
	if (text.len < 3 || text.data[0] != '%' || hex_value(text.data[1]) < 0 ||
		hex_value(text.data[2]) < 0)
		return -1;
	return hex_value(text.data[1]) << 4 | hex_value(text.data[2]);
}

/*
 * Appends the text with bytes beyond ASCII coded and all codes in capitals; with
 * decode, codes that are not needed become what they stand for.
 */
static void
append_normal(TextBuilder *builder, Text text, bool decode)
{
	while (text.len > 0)
	{
		int byte = coded_byte(text);

		if (byte >= 0 && decode && is_unreserved((char) byte))
			builder_append_char(builder, (char) byte);
		else if (byte >= 0)
			url_append_coded(builder, (unsigned char) byte);
		else if ((unsigned char) text.data[0] >= 0x80)
			url_append_coded(builder, (unsigned char) text.data[0]);
		else
			builder_append_char(builder, text.data[0]);
		(void) text_take(&text, byte >= 0 ? 3 : 1);
	}
}

/* ---- the file ---- */

typedef enum Key
{
	KEY_AGENT,
	KEY_ALLOW,
	KEY_DISALLOW,
	KEY_SITEMAP,
	KEY_CRAWL_DELAY,
	KEY_UNKNOWN
} Key;

/* What a record's name begins with; some are misspelt in thousands of files. */
static const struct
{
	const char *name;
	Key			key;
} keys[] = {
	{"user-agent", KEY_AGENT},		  {"useragent", KEY_AGENT},
	{"user agent", KEY_AGENT},		  {"allow", KEY_ALLOW},
	{"disallow", KEY_DISALLOW},		  {"dissallow", KEY_DISALLOW},
	{"dissalow", KEY_DISALLOW},		  {"disalow", KEY_DISALLOW},
	{"diasllow", KEY_DISALLOW},		  {"disallaw", KEY_DISALLOW},
	{"sitemap", KEY_SITEMAP},		  {"site-map", KEY_SITEMAP},
	{"crawl-delay", KEY_CRAWL_DELAY}, {"crawldelay", KEY_CRAWL_DELAY},
	{"crawl delay", KEY_CRAWL_DELAY},
};

/* What the groups of one sort say. */
typedef struct Group
{
	RobotsRule *rules;
	size_t		n_rules;
	size_t		capacity;
	int64_t		crawl_delay;
} Group;

typedef struct RobotsReader
{
	Arena	   *arena;
	Robots	   *robots;
	size_t		capacity; /* of robots->sitemaps */
	Text		agent;
	Group		ours;	   /* groups that name the agent */
	Group		everyones; /* groups for "*" */
	bool		in_ours;   /* the lines that come belong to such a group */
	bool		in_everyones;
	bool		ruled;	 /* the group has a rule: the next User-agent begins another */
	TextBuilder builder; /* of the text that is being coded */
} RobotsReader;

static Key
key_of(Text name)
{
	for (size_t i = 0; i < lengthof(keys); i++)
	{
		if (text_begins(name, keys[i].name))
			return keys[i].key;
	}
	return KEY_UNKNOWN;
}

/* A copy in the arena, normal as append_normal says. */
static Text
copy_normal(RobotsReader *reader, Text text, bool decode)
{
	reader->builder.len = 0;
	append_normal(&reader->builder, text, decode);
	return arena_copy(reader->arena, reader->builder.data, reader->builder.len);
}

/* Room for one more element of size bytes behind n in an array; NULL where memory is out. */
static void *
make_room(Arena *arena, void *array, size_t n, size_t *capacity, size_t size)
{
	size_t wanted = *capacity == 0 ? 16 : *capacity * 2;
	void  *grown = array;

	if (n == *capacity)
	{
		grown = arena_grow(arena, array, *capacity * size, wanted * size);
		if (grown != NULL)
			*capacity = wanted;
	}
	return grown;
}

/* A User-agent line: of a group's several, each may add whom the group is for. */
static void
take_agent(RobotsReader *reader, Text value)
{
	size_t len = 0;

	if (reader->ruled)
		reader->in_ours = reader->in_everyones = reader->ruled = false;
	if (value.len > 0 && value.data[0] == '*' &&
		(value.len == 1 || text_trim((Text){value.data + 1, 1}).len == 0))
	{
		reader->in_everyones = true;
		return;
	}
	while (len < value.len && is_token_character(value.data[len]))
		len++;
	if (text_same((Text){value.data, len}, reader->agent))
		reader->in_ours = reader->robots->named = true;
}

/* Where the lines that come belong; NULL for no group of ours. */
static Group *
group_of(RobotsReader *reader)
{
	if (reader->in_ours)
		return &reader->ours;
	return reader->in_everyones ? &reader->everyones : NULL;
}

static void
add_rule(RobotsReader *reader, Group *group, Text pattern, bool allow)
{
	RobotsRule *rule;
	void	   *rules = make_room(reader->arena, group->rules, group->n_rules, &group->capacity,
								  sizeof(RobotsRule));

	if (rules == NULL)
		return;
	group->rules = rules;
	rule = &group->rules[group->n_rules];
	rule->allow = allow;
	rule->pattern = copy_normal(reader, pattern, false);
	rule->normal = rule->pattern;
	if (memchr(pattern.data, '%', pattern.len) != NULL)
		rule->normal = copy_normal(reader, pattern, true);
	if (!arena_exhausted(reader->arena))
		group->n_rules++;
}

/* Who allows "x/index.html" means "x/" too, which is the same page. */
static void
add_directory(RobotsReader *reader, Group *group, Text pattern)
{
	const char *slash = memrchr(pattern.data, '/', pattern.len);
	size_t		len = slash == NULL ? 0 : (size_t) (slash - pattern.data) + 1;
	char	   *directory;

	if (slash == NULL || pattern.len - len < strlen("index.htm") ||
		memcmp(slash + 1, "index.htm", strlen("index.htm")) != 0)
		return;
	directory = arena_alloc(reader->arena, len + 1);
	if (directory == NULL)
		return;
	memcpy(directory, pattern.data, len);
	directory[len] = '$';
	add_rule(reader, group, (Text){directory, len + 1}, true);
}

/*
 * An Allow or Disallow line.  An empty pattern matches nothing (RFC 9309, 2.2.2), so
 * it is only the sign that the group has rules.
 */
static void
take_rule(RobotsReader *reader, Text value, bool allow)
{
	Group *group = group_of(reader);

	if (group == NULL)
		return;
	reader->ruled = true;
	if (value.len == 0)
		return;
	add_rule(reader, group, value, allow);
	if (allow)
		add_directory(reader, group, value);
}

static void
take_sitemap(RobotsReader *reader, Text value)
{
	Robots *robots = reader->robots;
	void   *sitemaps;

	if (value.len == 0)
		return;
	sitemaps = make_room(reader->arena, robots->sitemaps, robots->n_sitemaps, &reader->capacity,
						 sizeof(Text));
	if (sitemaps == NULL)
		return;
	robots->sitemaps = sitemaps;
	robots->sitemaps[robots->n_sitemaps] = copy_normal(reader, value, false);
	if (!arena_exhausted(reader->arena))
		robots->n_sitemaps++;
}

/*
 * Seconds, with decimals or without, as microseconds; -1 where the value does not
 * begin with a number.
 */
static int64_t
delay_of(Text value)
{
	int64_t micros = 0;
	int64_t unit = 1000000;
	bool	fraction = false;
	bool	found = false;

	for (size_t i = 0; i < value.len && unit > 0; i++)
	{
		if (is_digit(value.data[i]) && micros <= ROBOTS_MAX_CRAWL_DELAY)
		{
			if (fraction)
				unit /= 10;
			else
				micros *= 10;
			micros += (value.data[i] - '0') * unit;
			found = true;
		}
		else if (value.data[i] == '.' && !fraction)
			fraction = true;
		else
			break;
	}
	if (!found)
		return -1;
	return micros < ROBOTS_MAX_CRAWL_DELAY ? micros : ROBOTS_MAX_CRAWL_DELAY;
}

/* Not in the RFC, where it is a record that does not end a group.  The longest of several holds. */
static void
take_delay(RobotsReader *reader, Text value)
{
	int64_t delay = delay_of(value);

	if (reader->in_ours && reader->ours.crawl_delay < delay)
		reader->ours.crawl_delay = delay;
	if (reader->in_everyones && reader->everyones.crawl_delay < delay)
		reader->everyones.crawl_delay = delay;
}

/*
 * Takes "name: value" apart, without comment and white space around.  Where the
 * colon was forgotten white space will do, if there are just two words.
 */
static bool
split_record(Text line, Text *name, Text *value)
{
	size_t len;

	line.len = text_span_until(line, "#");
	line = text_trim(line);
	len = text_span_until(line, ":");
	if (len == line.len)
	{
		Text rest;

		len = text_span_until(line, " \t");
		rest = text_trim((Text){line.data + len, line.len - len});
		if (len == line.len || text_span_until(rest, " \t") < rest.len)
			return false;
	}
	*name = text_trim((Text){line.data, len});
	*value = text_trim((Text){line.data + len + 1, line.len - len - 1});
	return name->len > 0;
}

static void
take_line(RobotsReader *reader, Text line)
{
	Text		name;
	Text		value;
	const char *zero;

	if (line.len > LINE_LIMIT)
		line.len = LINE_LIMIT;
	zero = line.len > 0 ? memchr(line.data, '\0', line.len) : NULL;
	if (zero != NULL) /* as of a file in UTF-16, which says nothing then */
		line.len = (size_t) (zero - line.data);
	if (!split_record(line, &name, &value))
		return;
	switch (key_of(name))
	{
		case KEY_AGENT:
			take_agent(reader, value);
			break;
		case KEY_ALLOW:
			take_rule(reader, value, true);
			break;
		case KEY_DISALLOW:
			take_rule(reader, value, false);
			break;
		case KEY_SITEMAP:
			take_sitemap(reader, value);
			break;
		case KEY_CRAWL_DELAY:
			take_delay(reader, value);
			break;
		case KEY_UNKNOWN:
			break;
	}
}

/* What there is of a byte order mark out; what the limit cuts is no line. */
static Text
readable_part(Text bytes)
{
	static const char mark[] = "\xEF\xBB\xBF";

	if (bytes.len > ROBOTS_SIZE_LIMIT)
	{
		bytes.len = ROBOTS_SIZE_LIMIT;
		while (bytes.len > 0 && strchr("\r\n", bytes.data[bytes.len - 1]) == NULL)
			bytes.len--;
	}
	for (size_t i = 0; i < strlen(mark) && bytes.len > 0 && bytes.data[0] == mark[i]; i++)
		(void) text_take(&bytes, 1);
	return bytes;
}

Robots *
robots_parse(Arena *arena, Text bytes, Text agent)
{
	RobotsReader reader = {.arena = arena, .agent = product_token(agent)};
	Text		 rest = readable_part(bytes);
	Group		*group;

	reader.robots = arena_alloc_zero(arena, sizeof(Robots));
	if (reader.robots == NULL)
		return NULL;
	reader.ours.crawl_delay = reader.everyones.crawl_delay = -1;
	builder_start(&reader.builder, arena);
	while (rest.len > 0 && !arena_exhausted(arena))
	{
		take_line(&reader, text_take(&rest, text_span_until(rest, "\r\n")));
		(void) text_take(&rest, rest.len > 0);
	}
	group = reader.robots->named ? &reader.ours : &reader.everyones;
	reader.robots->rules = group->rules;
	reader.robots->n_rules = group->n_rules;
	reader.robots->crawl_delay = group->crawl_delay;
	builder_start(&reader.robots->scratch, arena);
	return arena_exhausted(arena) ? NULL : reader.robots;
}

/* ---- the answer ---- */

/* Where the scheme and the slashes before a host end. */
static size_t
authority_start(Text url)
{
	size_t slashes = text_begins(url, "//") ? 2 : 0;
	Text   rest = {url.data + slashes, url.len - slashes};
	size_t scheme = text_span_until(rest, "/?;:");

	/* a "://" behind a slash or a query is no scheme's */
	while (scheme < rest.len && rest.data[scheme] == ':')
	{
		if (text_begins((Text){rest.data + scheme, rest.len - scheme}, "://"))
			return slashes + scheme + 3;
		rest.data += scheme + 1;
		rest.len -= scheme + 1;
		slashes += scheme + 1;
		scheme = text_span_until(rest, "/?;:");
	}
	return text_begins(url, "//") ? 2 : 0;
}

/* Path and query of a URL, which may lack the slash that a path begins with. */
static Text
path_of(Text url)
{
	Text path;

	if (url.len == 0)
		return TEXT_LITERAL("");
	url.len = text_span_until(url, "#");
	path = url;
	(void) text_take(&path, authority_start(url));
	(void) text_take(&path, text_span_until(path, "/?;"));
	return path;
}

/*
 * Whether the path begins as the pattern says (RFC 9309, 2.2.3): "*" is any bytes,
 * "$" at the end is the path's end.  Each piece between stars is searched for
 * behind the one before; if the first place will not do, no later one will, so the
 * path is gone through once.
 */
static bool
matches(Text pattern, Text path)
{
	bool whole = pattern.len > 0 && pattern.data[pattern.len - 1] == '$';
	bool anchored = true;

	pattern.len -= whole;
	for (;;)
	{
		Text   piece = text_take(&pattern, text_span_until(pattern, "*"));
		bool   last = pattern.len == 0;
		size_t skip = 0;

		if (piece.len > path.len)
			return false;
		if (last && whole && !anchored)
			skip = path.len - piece.len;
		else if (!anchored && piece.len > 0)
		{
			const char *found = memmem(path.data, path.len, piece.data, piece.len);

			if (found == NULL)
				return false;
			skip = (size_t) (found - path.data);
		}
		if (memcmp(path.data + skip, piece.data, piece.len) != 0)
			return false;
		(void) text_take(&path, skip + piece.len);
		if (last)
			return !whole || path.len == 0;
		(void) text_take(&pattern, 1);
		anchored = false;
	}
}

/* The verdict of the rules on a path; the longest pattern counts, Allow before Disallow. */
static bool
judge(const Robots *robots, Text path, bool normal)
{
	size_t longest = 0;
	bool   allowed = true;

	for (size_t i = 0; i < robots->n_rules; i++)
	{
		const RobotsRule *rule = &robots->rules[i];
		Text			  pattern = normal ? rule->normal : rule->pattern;

		if ((pattern.len > longest || (pattern.len == longest && rule->allow && !allowed)) &&
			matches(pattern, path))
		{
			longest = pattern.len;
			allowed = rule->allow;
		}
	}
	return allowed;
}

bool
robots_allowed(Robots *robots, Text url)
{
	Text path = path_of(url);

	if (path.len == 0)
		path = TEXT_LITERAL("/");
	if (path.data[0] != '/')
	{
		robots->scratch.len = 0;
		builder_append_char(&robots->scratch, '/');
		builder_append(&robots->scratch, path.data, path.len);
		path = builder_text(&robots->scratch);
	}
	return !arena_exhausted(robots->scratch.arena) && judge(robots, path, false);
}

bool
robots_may_fetch(Robots *robots, Text url)
{
	Text path = path_of(url);

	robots->scratch.len = 0;
	if (path.len == 0 || path.data[0] != '/')
		builder_append_char(&robots->scratch, '/');
	append_normal(&robots->scratch, path, true);
	return !arena_exhausted(robots->scratch.arena) &&
		   judge(robots, builder_text(&robots->scratch), true);
}

/* ---- pages ---- */

/* Directives with a value, which otherwise would look like the name of an agent. */
static bool
has_value(Text name)
{
	return text_is(name, "unavailable_after") || text_is(name, "max-snippet") ||
		   text_is(name, "max-image-preview") || text_is(name, "max-video-preview");
}

/*
 * Cuts an agent's name with its colon off the part and tells whether what follows
 * is for us; true without such a name where it was so before.
 */
static bool
take_scope(Text *part, Text agent, bool before)
{
	Text name = {part->data, text_span_until(*part, ":")};
	bool plausible = name.len < part->len;

	name = text_trim(name);
	for (size_t i = 0; i < name.len; i++)
		plausible &=
			is_token_character(name.data[i]) || is_digit(name.data[i]) || name.data[i] == '*';
	if (!plausible || name.len == 0 || has_value(name))
		return before;
	(void) text_take(part, text_span_until(*part, ":") + 1);
	return text_same(name, agent) || text_is(name, "*") || text_is(name, "robots");
}

static void
add_directives(RobotsDirectives *directives, Text words)
{
	while (words.len > 0)
	{
		Text word = text_take(&words, text_span_until(words, " \t"));
		bool none = text_is(word, "none");

		directives->noindex |= none || text_is(word, "noindex");
		directives->nofollow |= none || text_is(word, "nofollow");
		(void) text_take(&words, words.len > 0);
	}
}

RobotsDirectives
robots_directives(Text value, Text agent)
{
	RobotsDirectives directives = {false, false};
	bool			 ours = true;

	agent = product_token(agent);
	while (value.len > 0)
	{
		Text part = text_trim(text_take(&value, text_span_until(value, ",;\r\n")));

		(void) text_take(&value, value.len > 0);
		ours = take_scope(&part, agent, ours);
		if (ours)
			add_directives(&directives, text_trim(part));
	}
	return directives;
}
