/*
 * url.c
 *	  URL references: taking them apart, and putting them together again.
 *
 * Everything here first cleans what it was given and then works on slices of
 * that copy; each function goes over its input a fixed number of times.
 */
#include "parse/url.h"
#include "base/ascii.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

/*
 * RFC 3986, appendix B.  A part that is not there is absent, not empty; the
 * path is always there, if only empty.
 */
typedef struct UrlParts
{
	Text scheme;
	Text authority;
	Text path;
	Text query;
	Text fragment;
} UrlParts;

/*
 * What a parameter's name contains when its value is nobody's business.  They
 * are searched for anywhere in the name: to mask a harmless value costs nothing,
 * to show a key may cost much.
 */
static const char *const secret_names[] = {"key",		"token", "secret", "passw", "pwd",
										   "signature", "appid", "auth",   "sig",	"credential"};

/* Names that have such a word within, but are known to tell of a page. */
static const char *const harmless_names[] = {"keyword", "keywords", "author", "authors",
											 "design",	"sign",		"monkey"};

#define MASK "***"

/* ---- characters and slices ---- */

static void
append_literal(TextBuilder *builder, const char *literal)
{
	builder_append(builder, literal, strlen(literal));
}

/* Appends with ASCII's capitals made small: schemes and hosts have no case (6.2.2.1). */
static void
append_lower(TextBuilder *builder, Text text)
{
	for (size_t i = 0; i < text.len; i++)
		builder_append_char(builder, to_lower(text.data[i]));
}

/* The builder's text; absent rather than cut where memory ran out on the way. */
static Text
built(const TextBuilder *builder)
{
	return arena_exhausted(builder->arena) ? TEXT_NULL : builder_text(builder);
}

/*
 * Trimmed, ASCII's controls out, spaces percent-coded; the text itself where
 * there is nothing to do.  Absent where it is longer than a URL may be.
 */
static Text
clean(Arena *arena, Text url)
{
	Text		trimmed = text_trim(url);
	size_t		good = 0;
	TextBuilder builder;

	if (!text_present(url) || trimmed.len > URL_MAX_LENGTH)
		return TEXT_NULL;
	while (good < trimmed.len && trimmed.data[good] != ' ' && !is_control(trimmed.data[good]))
		good++;
	if (good == trimmed.len)
		return trimmed;
	builder_start(&builder, arena);
	for (size_t i = 0; i < trimmed.len; i++)
	{
		if (trimmed.data[i] == ' ')
			append_literal(&builder, "%20");
		else if (!is_control(trimmed.data[i]))
			builder_append_char(&builder, trimmed.data[i]);
	}
	return built(&builder);
}

/* ---- RFC 3986 ---- */

/* The scheme at the start of the text (3.1), cut off with its colon; else absent. */
static Text
take_scheme(Text *text)
{
	size_t len = 0;
	Text   scheme;

	while (len < text->len &&
		   (is_letter(text->data[len]) ||
			(len > 0 && (is_digit(text->data[len]) || strchr("+-.", text->data[len]) != NULL))))
		len++;
	if (len == 0 || len == text->len || text->data[len] != ':')
		return TEXT_NULL;
	scheme = text_take(text, len);
	(void) text_take(text, 1);
	return scheme;
}

/* The part that the introducing character begins, up to the stops; else absent. */
static Text
take_part(Text *text, char introducer, const char *stops)
{
	if (text->len == 0 || text->data[0] != introducer)
		return TEXT_NULL;
	(void) text_take(text, 1);
	return text_take(text, text_span_until(*text, stops));
}

/*
 * Takes a URL reference apart (RFC 3986, 3 and 4.1; the grammar of appendix B).
 * Every text can be taken apart; without a scheme it is a relative reference.
 */
static UrlParts
split(Text url)
{
	UrlParts parts = {TEXT_NULL, TEXT_NULL, TEXT_LITERAL(""), TEXT_NULL, TEXT_NULL};

	if (!text_present(url))
		return parts;
	parts.scheme = take_scheme(&url);
	if (url.len >= 2 && memcmp(url.data, "//", 2) == 0)
	{
		(void) text_take(&url, 2);
		parts.authority = text_take(&url, text_span_until(url, "/?#"));
	}
	parts.path = text_take(&url, text_span_until(url, "?#"));
	parts.query = take_part(&url, '?', "#");
	parts.fragment = take_part(&url, '#', "");
	return parts;
}

/*
 * Drops "." and ".." segments (5.2.4).  The path is read once; what ".." takes
 * away again was written only once, so that all is linear.
 */
static Text
remove_dot_segments(Arena *arena, Text path)
{
	TextBuilder out;

	builder_start(&out, arena);
	while (path.len > 0)
	{
		size_t slash = path.data[0] == '/';
		Text   rest = {path.data + slash, path.len - slash};
		Text   segment = {rest.data, text_span_until(rest, "/")};
		bool   last = segment.len == rest.len;
		bool   one_dot = segment.len == 1 && segment.data[0] == '.';
		bool   two_dots = segment.len == 2 && memcmp(segment.data, "..", 2) == 0;

		(void) text_take(&path, slash + segment.len);
		if (!one_dot && !two_dots)
		{
			builder_append(&out, segment.data - slash, slash + segment.len);
			continue;
		}
		if (slash == 0 && !last) /* "../" or "./" before the first segment */
			(void) text_take(&path, 1);
		if (two_dots && slash == 1)
		{
			while (out.len > 0 && out.data[--out.len] != '/')
				continue;
		}
		if (last && slash == 1)
			builder_append_char(&out, '/');
	}
	return built(&out);
}

/* The path of the reference in the place of the base's last segment (5.2.3). */
static Text
merge(Arena *arena, const UrlParts *base, Text path)
{
	TextBuilder out;
	size_t		len = base->path.len;

	builder_start(&out, arena);
	if (text_present(base->authority) && len == 0)
		builder_append_char(&out, '/');
	while (len > 0 && base->path.data[len - 1] != '/')
		len--;
	builder_append(&out, base->path.data, len);
	builder_append_text(&out, path);
	return built(&out);
}

/*
 * The parts of the target (5.2.2, strict): the reference's own from the first
 * one that it has, what comes before from the base.
 */
static UrlParts
target_of(Arena *arena, const UrlParts *base, UrlParts reference)
{
	/* A rootless path after a scheme ("mailto:", "data:") is no hierarchy. */
	bool hierarchical = !text_present(reference.scheme) || text_present(reference.authority) ||
						(reference.path.len > 0 && reference.path.data[0] == '/');

	if (!text_present(reference.scheme))
	{
		reference.scheme = base->scheme;
		if (!text_present(reference.authority))
		{
			reference.authority = base->authority;
			if (reference.path.len == 0)
			{
				reference.path = base->path;
				if (!text_present(reference.query))
					reference.query = base->query;
				return reference;
			}
			if (reference.path.data[0] != '/')
				reference.path = merge(arena, base, reference.path);
		}
	}
	if (hierarchical)
		reference.path = remove_dot_segments(arena, reference.path);
	return reference;
}

/* Puts the parts together again (5.3). */
static Text
join(Arena *arena, const UrlParts *parts)
{
	TextBuilder out;

	builder_start(&out, arena);
	builder_append_text(&out, parts->scheme);
	builder_append_char(&out, ':');
	if (text_present(parts->authority))
	{
		append_literal(&out, "//");
		builder_append_text(&out, parts->authority);
	}
	else if (parts->path.len >= 2 && memcmp(parts->path.data, "//", 2) == 0)
		append_literal(&out, "/."); /* or the path would be read as an authority */
	builder_append_text(&out, parts->path);
	if (text_present(parts->query))
	{
		builder_append_char(&out, '?');
		builder_append_text(&out, parts->query);
	}
	if (text_present(parts->fragment))
	{
		builder_append_char(&out, '#');
		builder_append_text(&out, parts->fragment);
	}
	return built(&out);
}

bool
url_is_web(Text url)
{
	return (url.len > 7 && text_is((Text){url.data, 7}, "http://")) ||
		   (url.len > 8 && text_is((Text){url.data, 8}, "https://"));
}

Text
url_resolve(Arena *arena, Text base, Text reference)
{
	Text	 cleaned = clean(arena, reference);
	UrlParts base_parts = split(clean(arena, base));
	UrlParts target;

	if (!text_present(cleaned) || arena_exhausted(arena))
		return TEXT_NULL;
	if (!text_present(base_parts.scheme))
		return cleaned;
	target = target_of(arena, &base_parts, split(cleaned));
	if (arena_exhausted(arena))
		return TEXT_NULL;
	return join(arena, &target);
}

/* ---- origins ---- */

/* Cuts the user-info with its "@" off an authority. */
static Text
without_userinfo(Text authority)
{
	size_t len = authority.len;

	while (len > 0 && authority.data[len - 1] != '@')
		len--;
	(void) text_take(&authority, len);
	return authority;
}

/*
 * The host at the start of host[:port] (3.2.2), cut off: an IPv6 address in
 * brackets, or a name, which may be one beyond ASCII.  Absent where it cannot
 * be one.
 */
static Text
take_host(Text *host_port)
{
	size_t len = 0;

	if (host_port->len > 0 && host_port->data[0] == '[')
	{
		len = text_span_until(*host_port, "]") + 1;
		if (len > host_port->len)
			return TEXT_NULL;
		for (size_t i = 1; i + 1 < len; i++)
		{
			char c = host_port->data[i];

			if (hex_value(c) < 0 && c != ':' && c != '.')
				return TEXT_NULL;
		}
		return text_take(host_port, len);
	}
	len = text_span_until(*host_port, ":%<>\"^`{|}[]");
	if (len == 0 || (len < host_port->len && host_port->data[len] != ':'))
		return TEXT_NULL;
	return text_take(host_port, len);
}

/* ":port" (or nothing) as a number; 0 for none, -1 for what is no port. */
static long
port_of(Text text)
{
	long port = 0;

	if (text.len > 0 && text.data[0] != ':')
		return -1;
	for (size_t i = 1; i < text.len; i++)
	{
		if (!is_digit(text.data[i]))
			return -1;
		port = port * 10 + (text.data[i] - '0');
		if (port > 65535)
			return -1;
	}
	return port;
}

Text
url_origin(Arena *arena, Text url)
{
	UrlParts	parts = split(clean(arena, url));
	Text		host_port;
	Text		host;
	long		port;
	bool		https = text_is(parts.scheme, "https");
	TextBuilder out;

	if ((!https && !text_is(parts.scheme, "http")) || !text_present(parts.authority))
		return TEXT_NULL;
	/* Browsers read a backslash as a slash, others do not: such a host is nobody's. */
	if (memchr(parts.authority.data, '\\', parts.authority.len) != NULL)
		return TEXT_NULL;
	host_port = without_userinfo(parts.authority);
	host = take_host(&host_port);
	port = port_of(host_port);
	if (!text_present(host) || port < 0)
		return TEXT_NULL;
	builder_start(&out, arena);
	append_literal(&out, https ? "https://" : "http://");
	append_lower(&out, host);
	if (port != 0 && port != (https ? 443 : 80))
	{
		/* The digits as they are, less leading zeros: ":" and the port's own length. */
		while (host_port.data[1] == '0')
			(void) text_take(&host_port, 1);
		builder_append_char(&out, ':');
		builder_append(&out, host_port.data + 1, host_port.len - 1);
	}
	return built(&out);
}

void
url_append_coded(TextBuilder *builder, unsigned char byte)
{
	static const char digits[] = "0123456789ABCDEF";
	char			  code[3] = {'%', digits[byte >> 4], digits[byte & 15]};

	builder_append(builder, code, sizeof(code));
}

static Text
encode(Arena *arena, Text value, bool is_path)
{
	TextBuilder out;

	builder_start(&out, arena);
	for (size_t i = 0; i < value.len; i++)
	{
		char c = value.data[i];

		if (is_unreserved(c) || (is_path && c == '/'))
			builder_append_char(&out, c);
		else
			url_append_coded(&out, (unsigned char) c);
	}
	return built(&out);
}

Text
url_encode(Arena *arena, Text value)
{
	return encode(arena, value, false);
}

Text
url_encode_path(Arena *arena, Text path)
{
	return encode(arena, path, true);
}

/* ---- secrets ---- */

/* Whether a parameter's name, percent-decoded, contains one of the telling words. */
static bool
name_is_secret(Arena *arena, Text name)
{
	char  *decoded = arena_alloc(arena, name.len + 1);
	size_t len = 0;

	if (decoded == NULL)
		return true;
	for (size_t i = 0; i < name.len; i++)
	{
		char c = name.data[i];

		if (c == '%' && name.len - i > 2 && hex_value(name.data[i + 1]) >= 0 &&
			hex_value(name.data[i + 2]) >= 0)
		{
			c = (char) (hex_value(name.data[i + 1]) << 4 | hex_value(name.data[i + 2]));
			i += 2;
		}
		if (c != '\0')
			decoded[len++] = to_lower(c);
	}
	decoded[len] = '\0';
	for (size_t i = 0; i < lengthof(secret_names); i++)
	{
		if (strstr(decoded, secret_names[i]) != NULL)
			return true;
	}
	return false;
}

/* Appends name=value pairs, which "&" and ";" part, with secret values masked. */
static void
append_parameters(TextBuilder *out, Text parameters)
{
	while (parameters.len > 0)
	{
		Text parameter = text_take(&parameters, text_span_until(parameters, "&;"));
		Text name = text_take(&parameter, text_span_until(parameter, "="));

		builder_append_text(out, name);
		if (parameter.len > 0 && name_is_secret(out->arena, name))
			append_literal(out, "=" MASK);
		else
			builder_append_text(out, parameter);
		builder_append_text(out, text_take(&parameters, parameters.len > 0));
	}
}

Text
url_redact(Arena *arena, Text url)
{
	Text		rest = clean(arena, url);
	Text		cleaned = rest;
	Text		authority;
	Text		host;
	TextBuilder out;

	if (!text_present(rest))
		return TEXT_NULL;
	builder_start(&out, arena);

	/* However few or many slashes: what asks for the URL may be as lenient. */
	(void) take_scheme(&rest);
	while (rest.len > 0 && (rest.data[0] == '/' || rest.data[0] == '\\'))
		(void) text_take(&rest, 1);
	builder_append(&out, cleaned.data, cleaned.len - rest.len);
	authority = text_take(&rest, text_span_until(rest, "/\\?#"));
	host = without_userinfo(authority);
	if (host.len < authority.len)
		append_literal(&out, MASK "@");
	builder_append_text(&out, host);

	builder_append_text(&out, text_take(&rest, text_span_until(rest, "?#")));
	while (rest.len > 0) /* a fragment may hold parameters as well */
	{
		builder_append_text(&out, text_take(&rest, 1));
		append_parameters(&out, text_take(&rest, text_span_until(rest, "?#")));
	}
	return built(&out);
}

/* Whether the parameter, name and value, is one of the URL's. */
static bool
has_parameter(Text url, Text parameter)
{
	(void) text_take(&url, text_span_until(url, "?#"));
	while (url.len > 0)
	{
		(void) text_take(&url, 1);
		if (text_equal(text_take(&url, text_span_until(url, "?#&;")), parameter))
			return true;
	}
	return false;
}

static bool
is_secret_of(Arena *arena, Text parameter, Text own)
{
	Text name = {parameter.data, text_span_until(parameter, "=")};

	if (name.len == parameter.len || !has_parameter(own, parameter))
		return false;
	for (size_t i = 0; i < lengthof(harmless_names); i++)
	{
		if (text_is(name, harmless_names[i]))
			return false;
	}
	return name_is_secret(arena, name);
}

/* Appends the parameters but for own's secrets; what introduces them stands before them. */
static void
append_without_secrets(TextBuilder *out, Text parameters, Text own)
{
	char before = *text_take(&parameters, 1).data;
	bool all = true;

	for (Text rest = parameters; rest.len > 0; (void) text_take(&rest, rest.len > 0))
		all = all && !is_secret_of(out->arena, text_take(&rest, text_span_until(rest, "&;")), own);
	if (all)
	{
		builder_append_char(out, before);
		builder_append_text(out, parameters);
		return;
	}
	while (parameters.len > 0)
	{
		Text parameter = text_take(&parameters, text_span_until(parameters, "&;"));
		Text after = text_take(&parameters, parameters.len > 0);

		if (is_secret_of(out->arena, parameter, own))
			continue;
		builder_append_char(out, before);
		builder_append_text(out, parameter);
		before = after.len > 0 ? *after.data : '&';
	}
}

/* The user-info of a URL, with its "@"; empty where there is none. */
static Text
userinfo_of(Text url)
{
	Text authority;

	(void) take_scheme(&url);
	while (url.len > 0 && (url.data[0] == '/' || url.data[0] == '\\'))
		(void) text_take(&url, 1);
	authority = text_take(&url, text_span_until(url, "/\\?#"));
	return (Text){authority.data, authority.len - without_userinfo(authority).len};
}

Text
url_without_secrets_of(Arena *arena, Text url, Text own)
{
	Text		rest = clean(arena, url);
	Text		userinfo;
	TextBuilder out;

	own = clean(arena, own);
	if (!text_present(rest) || !text_present(own))
		return rest;
	builder_start(&out, arena);
	userinfo = userinfo_of(rest);
	if (userinfo.len > 0 && text_equal(userinfo, userinfo_of(own)))
	{
		builder_append_text(&out, text_take(&rest, (size_t) (userinfo.data - rest.data)));
		(void) text_take(&rest, userinfo.len);
	}
	builder_append_text(&out, text_take(&rest, text_span_until(rest, "?#")));
	while (rest.len > 0)
		append_without_secrets(
			&out, text_take(&rest, 1 + text_span_until((Text){rest.data + 1, rest.len - 1}, "?#")),
			own);
	return built(&out);
}
