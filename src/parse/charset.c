/*
 * charset.c
 *	  Which encoding a document is in, and the way from there to UTF-8.
 *
 * Candidates are tried in the order that the header tells; the first one under
 * which every byte makes sense wins.  The conversion itself is iconv's.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "parse/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* How far into a document its XML declaration may reach. */
#define DECLARATION_SIZE 512

/* How far into a page its <meta> may be: the standard's 1024 are too few for many. */
#define PRESCAN_SIZE 16384

/*
 * Names that do not mean what they say: the WHATWG Encoding Standard (section
 * 4.2) reads them as the superset that their writers use.
 */
static const struct
{
	const char *declared;
	const char *meant;
} encoding_aliases[] = {
	{"utf8", "utf-8"},
	{"unicode-1-1-utf-8", "utf-8"},
	{"iso-8859-1", "windows-1252"},
	{"iso8859-1", "windows-1252"},
	{"latin1", "windows-1252"},
	{"l1", "windows-1252"},
	{"x-cp1252", "windows-1252"},
	{"cp1252", "windows-1252"},
	{"iso-8859-9", "windows-1254"},
	{"tis-620", "cp874"},
	{"windows-874", "cp874"},
	{"gb2312", "gb18030"},
	{"gb_2312-80", "gb18030"},
	{"gbk", "gb18030"},
	{"x-gbk", "gb18030"},
	{"euc-kr", "cp949"},
	{"ks_c_5601-1987", "cp949"},
	{"shift_jis", "cp932"},
	{"shift-jis", "cp932"},
	{"sjis", "cp932"},
	{"x-sjis", "cp932"},
	{"windows-31j", "cp932"},
	{"x-euc-jp", "euc-jp"},
	{"big5", "big5-hkscs"},
	{"x-mac-roman", "macintosh"},
	{"x-mac-cyrillic", "mac-cyrillic"},
	{"u16", "utf-16"},
	{"u32", "utf-32"},
};

/* The first bytes that give an encoding away; marks come before look-alikes. */
static const struct
{
	const char *bytes;
	size_t		len;
	size_t		mark_len; /* of these, how many are a mark and no text */
	const char *encoding;
} first_bytes[] = {
	{"\xEF\xBB\xBF", 3, 3, "utf-8"},
	{"\xFF\xFE\0\0", 4, 4, "utf-32le"},
	{"\0\0\xFE\xFF", 4, 4, "utf-32be"},
	{"\xFE\xFF", 2, 2, "utf-16be"},
	{"\xFF\xFE", 2, 2, "utf-16le"},
	{"<\0\0\0", 4, 0, "utf-32le"},
	{"\0\0\0<", 4, 0, "utf-32be"},
	{"<\0", 2, 0, "utf-16le"},
	{"\0<", 2, 0, "utf-16be"},
	{"\x4C\x6F\xA7\x94", 4, 0, "cp037"}, /* "<?xm" in EBCDIC: XML 1.0, appendix F */
};

/* The parameter's value without its quotes, whichever sort; servers use both. */
static Text
unquote(Text value)
{
	value = text_trim(value);
	if (value.len >= 2 && (value.data[0] == '"' || value.data[0] == '\'') &&
		value.data[value.len - 1] == value.data[0])
		return text_trim((Text){value.data + 1, value.len - 2});
	return value;
}

Text
charset_of_content_type(Text content_type)
{
	Text rest = content_type;

	while (text_present(rest))
	{
		const char *semicolon = memchr(rest.data, ';', rest.len);
		const char *end;
		const char *equals;
		Text		parameter;

		if (semicolon == NULL)
			return TEXT_NULL;
		rest.len -= (size_t) (semicolon + 1 - rest.data);
		rest.data = semicolon + 1;
		end = memchr(rest.data, ';', rest.len);
		parameter = (Text){rest.data, end == NULL ? rest.len : (size_t) (end - rest.data)};
		equals = memchr(parameter.data, '=', parameter.len);
		if (equals != NULL)
		{
			size_t name_len = (size_t) (equals - parameter.data);
			Text   name = text_trim((Text){parameter.data, name_len});
			Text   value = unquote((Text){equals + 1, parameter.len - name_len - 1});

			if (text_is(name, "charset") && value.len > 0)
				return value;
		}
	}
	return TEXT_NULL;
}

size_t
utf8_length(const unsigned char *p, size_t left)
{
	unsigned char lowest = 0x80;
	unsigned char highest = 0xBF;
	size_t		  len;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xC2 || p[0] > 0xF4)
		return 0;
	len = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	if (left < len)
		return 0;
	if (p[0] == 0xE0)
		lowest = 0xA0;
	else if (p[0] == 0xED)
		highest = 0x9F;
	else if (p[0] == 0xF0)
		lowest = 0x90;
	else if (p[0] == 0xF4)
		highest = 0x8F;
	if (p[1] < lowest || p[1] > highest)
		return 0;
	for (size_t i = 2; i < len; i++)
	{
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	}
	return len;
}

/* In steps of a word. */
size_t
ascii_run(const unsigned char *p, size_t len)
{
	size_t i = 0;

	for (; len - i >= 8; i += 8)
	{
		uint64_t word;

		memcpy(&word, p + i, 8);
		word &= UINT64_C(0x8080808080808080);
		if (word != 0)
		{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
			return i + (size_t) __builtin_ctzll(word) / 8;
#else
			return i + (size_t) __builtin_clzll(word) / 8;
#endif
		}
	}
	while (i < len && p[i] < 0x80)
		i++;
	return i;
}

size_t
utf8_valid_prefix(Text bytes)
{
	const unsigned char *p = (const unsigned char *) bytes.data;
	size_t				 at = 0;

	while ((at += ascii_run(p + at, bytes.len - at)) < bytes.len)
	{
		size_t step = utf8_length(p + at, bytes.len - at);

		if (step == 0)
			break;
		at += step;
	}
	return at;
}

bool
utf8_valid(Text bytes)
{
	return utf8_valid_prefix(bytes) == bytes.len;
}

bool
utf8_mostly(Text bytes)
{
	const unsigned char *p = (const unsigned char *) bytes.data;
	size_t				 good = 0;
	size_t				 bad = 0;

	for (size_t at = 0; at < bytes.len;)
	{
		size_t step = utf8_length(p + at, bytes.len - at);

		if (step == 0)
			bad++;
		else if (step > 1)
			good++;
		at += step == 0 ? 1 : step;
	}
	return good > bad;
}

/* The high half of windows-1252 (Encoding Standard, index-windows-1252), 0x80 to 0x9F. */
static const uint16_t windows_1252[32] = {
	0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
	0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
	0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

unsigned
windows_1252_codepoint(unsigned char byte)
{
	return byte >= 0x80 && byte < 0xA0 ? windows_1252[byte - 0x80] : byte;
}

size_t
windows_1252_as_utf8(unsigned char byte, char to[3])
{
	unsigned codepoint = windows_1252_codepoint(byte);
	size_t	 len = 0;

	if (codepoint < 0x80)
	{
		to[0] = (char) codepoint;
		return 1;
	}
	if (codepoint < 0x800)
		to[len++] = (char) (0xC0 | codepoint >> 6);
	else
	{
		to[len++] = (char) (0xE0 | codepoint >> 12);
		to[len++] = (char) (0x80 | (codepoint >> 6 & 0x3F));
	}
	to[len++] = (char) (0x80 | (codepoint & 0x3F));
	return len;
}

/*
 * Every byte that starts no UTF-8 character, or every byte above ASCII where
 * utf8 is false, read as windows-1252.  This never fails.
 */
static Text
decode_windows_1252(Arena *arena, Text bytes, bool utf8)
{
	const unsigned char *p = (const unsigned char *) bytes.data;
	TextBuilder			 builder;

	builder_start(&builder, arena);
	for (size_t at = 0; at < bytes.len && !arena_exhausted(arena);)
	{
		size_t run = ascii_run(p + at, bytes.len - at);

		builder_append(&builder, bytes.data + at, run);
		at += run;
		if (at == bytes.len)
			break;
		run = utf8 ? utf8_length(p + at, bytes.len - at) : 0;
		if (run > 0)
			builder_append(&builder, bytes.data + at, run);
		else
			builder_append_codepoint(&builder, windows_1252_codepoint(p[at]));
		at += run > 0 ? run : 1;
	}
	return builder_text(&builder);
}

Text
utf8_repair(Arena *arena, Text bytes)
{
	return utf8_valid(bytes) ? bytes : decode_windows_1252(arena, bytes, true);
}

/*
 * Converts by iconv; absent where iconv does not know the name, or more than
 * one byte in a thousand does not fit.  Fewer are damage: U+FFFD each.
 */
static Text
decode_iconv(Arena *arena, Text bytes, const char *encoding)
{
	iconv_t		conversion = iconv_open("UTF-8", encoding);
	char		buffer[8192];
	char	   *in = (char *) bytes.data;
	size_t		in_left = bytes.len;
	size_t		misfits_left = bytes.len / 1000 + 1;
	TextBuilder builder;

	if (conversion == (iconv_t) -1)
	{
		if (errno == ENOMEM)
			arena_starve(arena);
		return TEXT_NULL;
	}
	builder_start(&builder, arena);
	while (in_left > 0 && misfits_left > 0 && !arena_exhausted(arena))
	{
		char  *out = buffer;
		size_t out_left = sizeof(buffer);
		bool   stuck = iconv(conversion, &in, &in_left, &out, &out_left) == (size_t) -1;

		builder_append(&builder, buffer, (size_t) (out - buffer));
		if (stuck && errno == EILSEQ)
		{
			builder_append_codepoint(&builder, 0xFFFD);
			in++;
			in_left--;
			misfits_left--;
		}
		else if (stuck && errno == EINVAL)
			in_left = 0; /* the end cut the last character */
	}
	iconv_close(conversion);
	/* some of its converters pass on what is no character */
	if (misfits_left == 0 || arena_exhausted(arena) || !utf8_valid(builder_text(&builder)))
		return TEXT_NULL;
	return builder_text(&builder);
}

/* A slash is no part of a name, but would give iconv options ("//IGNORE"). */
bool
charset_meant(Text name, char meant[CHARSET_NAME_SIZE])
{
	if (!text_present(name) || name.len == 0 || name.len >= CHARSET_NAME_SIZE)
		return false;
	memcpy(meant, name.data, name.len);
	meant[name.len] = '\0';
	for (size_t i = 0; i < name.len; i++)
	{
		if (meant[i] >= 'A' && meant[i] <= 'Z')
			meant[i] = (char) (meant[i] - 'A' + 'a');
		else if (meant[i] <= ' ' || meant[i] == '/' || meant[i] > '~')
			return false;
	}
	for (size_t i = 0; i < lengthof(encoding_aliases); i++)
	{
		if (strcmp(meant, encoding_aliases[i].declared) == 0)
		{
			strcpy(meant, encoding_aliases[i].meant);
			break;
		}
	}
	return true;
}

/* The same, in the arena; NULL where there is none. */
static const char *
encoding_meant(Arena *arena, Text name)
{
	char meant[CHARSET_NAME_SIZE];

	return charset_meant(name, meant) ? arena_cstring(arena, (Text){meant, strlen(meant)}) : NULL;
}

/* The encoding that an XML declaration names (XML 1.0, section 4.3.3); absent without one. */
static Text
declared_encoding(Text document)
{
	static const char key[] = "encoding";
	const char		 *end;
	const char		 *at;

	document = text_trim(document);
	if (document.len > DECLARATION_SIZE)
		document.len = DECLARATION_SIZE;
	if (document.len < 5 || memcmp(document.data, "<?xml", 5) != 0)
		return TEXT_NULL;
	end = memchr(document.data, '>', document.len);
	if (end == NULL)
		return TEXT_NULL;
	at = memmem(document.data, (size_t) (end - document.data), key, sizeof(key) - 1);
	if (at == NULL)
		return TEXT_NULL;
	at += sizeof(key) - 1;
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r' || *at == '='))
		at++;
	if (at < end && (*at == '"' || *at == '\''))
	{
		const char *quote = memchr(at + 1, *at, (size_t) (end - at - 1));

		if (quote != NULL)
			return text_trim((Text){at + 1, (size_t) (quote - at - 1)});
	}
	return TEXT_NULL;
}

/* The document read as encoding, or absent where it cannot be. */
static Text
decode_as(Arena *arena, Text bytes, const char *encoding)
{
	if (strcmp(encoding, "utf-8") == 0 || strcmp(encoding, "us-ascii") == 0)
		return utf8_valid(bytes) ? bytes : TEXT_NULL;
	if (strcmp(encoding, "windows-1252") == 0)
		return decode_windows_1252(arena, bytes, false);
	return decode_iconv(arena, bytes, encoding);
}

/*
 * The document by its first bytes: a mark decides, an unmarked "<" with zero
 * bytes around it nearly so.  Absent where they say nothing or are not true.
 */
static Text
decode_by_first_bytes(Arena *arena, Text *bytes, const char **encoding)
{
	for (size_t i = 0; i < lengthof(first_bytes); i++)
	{
		if (bytes->len >= first_bytes[i].len &&
			memcmp(bytes->data, first_bytes[i].bytes, first_bytes[i].len) == 0)
		{
			bytes->data += first_bytes[i].mark_len;
			bytes->len -= first_bytes[i].mark_len;
			*encoding = first_bytes[i].encoding;
			return decode_as(arena, *bytes, first_bytes[i].encoding);
		}
	}
	return TEXT_NULL;
}

/* Whether the encoding has more than one byte for each of ASCII's characters. */
static bool
is_wide(const char *encoding)
{
	return strncmp(encoding, "utf-16", 6) == 0 || strncmp(encoding, "utf-32", 6) == 0 ||
		   strncmp(encoding, "ucs-", 4) == 0;
}

/* Whether markup begins in single bytes. */
static bool
is_narrow(Text bytes)
{
	Text document = text_trim(bytes);

	return document.len > 1 && document.data[0] == '<' && document.data[1] > ' ' &&
		   document.data[1] <= '~';
}

/*
 * The bytes as one of two declarations has them, or as UTF-8.  A charset that HTTP
 * states but the bytes deny is common: servers state it for everything.  So is UTF-16,
 * written by programs that hold their strings so, before UTF-8.
 */
static Text
decode_declared(Arena *arena, Text bytes, Text first, Text second, const char **encoding)
{
	const char *candidates[3] = {encoding_meant(arena, first), encoding_meant(arena, second),
								 "utf-8"};
	Text		result;

	for (int i = 0; i < 3; i++)
	{
		if (candidates[i] == NULL || (is_wide(candidates[i]) && is_narrow(bytes)))
			continue;
		*encoding = candidates[i];
		result = decode_as(arena, bytes, candidates[i]);
		if (text_present(result) || arena_exhausted(arena))
			return result;
	}
	if (utf8_mostly(bytes))
		return decode_windows_1252(arena, bytes, true);
	*encoding = "windows-1252";
	return decode_windows_1252(arena, bytes, false);
}

Text
charset_decode_xml(Arena *arena, Text bytes, Text http_charset, const char **encoding)
{
	Text result = decode_by_first_bytes(arena, &bytes, encoding);

	if (text_present(result))
		return result;
	return decode_declared(arena, bytes, http_charset, declared_encoding(bytes), encoding);
}

/* The charset that a <meta> tag's bytes name, as an attribute or within content. */
static Text
charset_of_meta(Text tag)
{
	static const char key[] = "charset";
	const char		 *end = tag.data + tag.len;

	for (const char *at = tag.data; end - at > (ptrdiff_t) sizeof(key); at++)
	{
		const char *start;

		if (strncasecmp(at, key, sizeof(key) - 1) != 0)
			continue;
		start = at + sizeof(key) - 1;
		while (start < end && (*start == ' ' || (*start >= '\t' && *start <= '\r')))
			start++;
		if (start == end || *start != '=')
			continue;
		start++;
		while (start < end && (*start == ' ' || *start == '"' || *start == '\''))
			start++;
		at = start;
		while (at<end && * at> ' ' && strchr("\"';/>", *at) == NULL)
			at++;
		return at > start ? (Text){start, (size_t) (at - start)} : TEXT_NULL;
	}
	return TEXT_NULL;
}

/*
 * The charset that the first <meta> with one names: HTML Living Standard, 13.2.3.2.
 * UTF-16 can only be a mistake there, as the tag was read byte by byte.
 */
static Text
prescan(Text bytes)
{
	const char *end = bytes.data + (bytes.len < PRESCAN_SIZE ? bytes.len : PRESCAN_SIZE);
	const char *at = bytes.data;

	while (at < end && (at = memchr(at, '<', (size_t) (end - at))) != NULL)
	{
		Text		rest = {at, (size_t) (end - at)};
		bool		comment = rest.len >= 4 && memcmp(at, "<!--", 4) == 0;
		const char *close =
			comment ? memmem(at + 2, rest.len - 2, "-->", 3) : memchr(at, '>', rest.len);
		Text charset = TEXT_NULL;

		if (close == NULL)
			return TEXT_NULL;
		if (!comment && rest.len > 5 && strncasecmp(at + 1, "meta", 4) == 0)
			charset = charset_of_meta((Text){at, (size_t) (close - at)});
		if (text_begins(charset, "utf-16"))
			return TEXT_LITERAL("utf-8");
		if (text_present(charset))
			return charset;
		at = comment ? close + 3 : at + 1;
	}
	return TEXT_NULL;
}

Text
charset_decode_html(Arena *arena, Text bytes, Text http_charset, const char **encoding)
{
	Text result = decode_by_first_bytes(arena, &bytes, encoding);
	bool ascii;

	if (text_present(result))
		return result;
	ascii = ascii_run((const unsigned char *) bytes.data, bytes.len) == bytes.len;
	if (!ascii && utf8_valid(bytes))
	{
		*encoding = "utf-8";
		return bytes;
	}
	return decode_declared(arena, bytes, http_charset, prescan(bytes), encoding);
}
