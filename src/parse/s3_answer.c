/*
 * s3_answer.c
 *	  What an S3 service writes into its answers.
 */
#include "parse/s3_answer.h"

#include <stdlib.h>
#include <string.h>

/* The place of "<name>" or "</name>" in xml from place on; its length if there is none. */
static size_t
find_tag(Text xml, const char *slash, const char *name, size_t place)
{
	size_t name_len = strlen(name);
	size_t len = strlen(slash) + name_len + 2;

	while (place + len <= xml.len)
	{
		const char *open = memchr(xml.data + place, '<', xml.len - place);
		const char *word;

		if (open == NULL || (size_t) (open - xml.data) + len > xml.len)
			break;
		word = open + 1 + strlen(slash);
		if (memcmp(open + 1, slash, strlen(slash)) == 0 && memcmp(word, name, name_len) == 0 &&
			word[name_len] == '>')
			return (size_t) (open - xml.data);
		place = (size_t) (open - xml.data) + 1;
	}
	return xml.len;
}

Text
s3_element(Text xml, const char *name, size_t *place)
{
	size_t start = find_tag(xml, "", name, *place);
	size_t end;

	if (start == xml.len)
		return TEXT_NULL;
	start += strlen(name) + 2;
	end = find_tag(xml, "/", name, start);
	if (end == xml.len)
		return TEXT_NULL;
	*place = end + strlen(name) + 3;
	return (Text){xml.data + start, end - start};
}

/* One of the named characters at p, which ends at end: its length, 0 where it is none. */
static size_t
named_character(const char *p, const char *end, char *character)
{
	static const struct
	{
		const char *name;
		char		character;
	} names[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};

	for (size_t i = 0; i < lengthof(names); i++)
	{
		size_t len = strlen(names[i].name);

		if (len <= (size_t) (end - p) && memcmp(p, names[i].name, len) == 0)
		{
			*character = names[i].character;
			return len;
		}
	}
	return 0;
}

/* A numeric one of ASCII, "&#34;" or "&#x22;": others stay as they stand. */
static size_t
numeric_character(const char *p, const char *end, char *character)
{
	const char *digits = p + 2;
	int			base = 10;
	long		code = 0;

	if (end - p < 4 || p[1] != '#')
		return 0;
	if (*digits == 'x')
	{
		base = 16;
		digits++;
	}
	for (p = digits; p < end && *p != ';' && code < 128; p++)
	{
		int digit = *p >= '0' && *p <= '9'	 ? *p - '0'
					: *p >= 'a' && *p <= 'f' ? *p - 'a' + 10
					: *p >= 'A' && *p <= 'F' ? *p - 'A' + 10
											 : 16;

		if (digit >= base)
			return 0;
		code = code * base + digit;
	}
	if (p == digits || p == end || *p != ';' || code < 1 || code > 127)
		return 0;
	*character = (char) code;
	return (size_t) (p - digits) + (base == 16 ? 4 : 3);
}

Text
s3_text(Arena *arena, Text content)
{
	char	   *copy = arena_alloc(arena, content.len + 1);
	const char *p = content.data;
	const char *end = content.data + content.len;
	size_t		n = 0;

	if (copy == NULL)
		return TEXT_NULL;
	while (p < end)
	{
		size_t len = *p == '&' ? named_character(p, end, &copy[n]) : 0;

		if (len == 0 && *p == '&')
			len = numeric_character(p, end, &copy[n]);
		if (len == 0)
		{
			copy[n] = *p;
			len = 1;
		}
		n++;
		p += len;
	}
	copy[n] = '\0';
	return (Text){copy, n};
}
