/*
 * html_text.c
 *	  HTML fragments to plain text in one pass.
 *
 * This is a tokenizer after the HTML Living Standard, section 13.2.5, without
 * a tree: a text has no use for one.  Most bytes of a feed pass through here,
 * so the bytes that need thought are told apart by a table, and what lies
 * between them is copied in runs.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "parse/html_text.h"

#include "base/ascii.h"
#include "parse/charset.h"
#include "parse/entities.h"
#include "parse/html_name.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

typedef enum ByteClass
{
	BYTE_PLAIN = 0,
	BYTE_SPACE,
	BYTE_CONTROL,	/* left out */
	BYTE_TAG,		/* "<" */
	BYTE_REFERENCE, /* "&" */
	BYTE_LEAD_C2,	/* of U+0080 to U+00BF: C1 controls, the no-break space */
	BYTE_LEAD_EF	/* of U+F000 to U+FFFF: U+FEFF, U+FFFE, U+FFFF */
} ByteClass;

static const unsigned char byte_classes[256] = {
	[0x00 ... 0x08] = BYTE_CONTROL,
	[0x09 ... 0x0D] = BYTE_SPACE,
	[0x0E ... 0x1F] = BYTE_CONTROL,
	[' '] = BYTE_SPACE,
	['<'] = BYTE_TAG,
	['&'] = BYTE_REFERENCE,
	[0x7F] = BYTE_CONTROL,
	[0xC2] = BYTE_LEAD_C2,
	[0xEF] = BYTE_LEAD_EF,
};

/* The same for take_run(): 0 for plain bytes. */
#define MARK_STOP 1
#define MARK_SPACE 2

static const unsigned char byte_marks[256] = {
	[0x00 ... 0x1F] = MARK_STOP, [' '] = MARK_SPACE, ['<'] = MARK_STOP,	 ['&'] = MARK_STOP,
	[0x7F] = MARK_STOP,			 [0xC2] = MARK_STOP, [0xEF] = MARK_STOP,
};

/* What a tag is to the text around it. */
typedef enum TagKind
{
	TAG_UNKNOWN = 0,
	TAG_INLINE, /* nothing */
	TAG_CELL,	/* apart by a space */
	TAG_BLOCK,	/* on lines of its own */
	TAG_RAW		/* with its content no text at all, and no markup either */
} TagKind;

/* No name is longer; one that seems to be is not read further, lest it be read often. */
#define TAG_NAME_SIZE 16

/* The elements that texts are made of, in the byte order of their keys. */
static const struct
{
	char	key[TAG_KEY] TAG_KEY_BYTES; /* zero bytes behind a shorter name */
	TagKind kind;
} tags[] = {
	/* clang-format off */
	{"a", TAG_INLINE}, {"abbr", TAG_INLINE}, {"acronym", TAG_INLINE}, {"address", TAG_BLOCK},
	{"article", TAG_BLOCK}, {"aside", TAG_BLOCK}, {"audio", TAG_INLINE}, {"b", TAG_INLINE},
	{"bdi", TAG_INLINE}, {"bdo", TAG_INLINE}, {"big", TAG_INLINE}, {"blink", TAG_INLINE},
	{"blockquo", TAG_BLOCK}, {"body", TAG_BLOCK}, {"br", TAG_BLOCK}, {"button", TAG_INLINE},
	{"caption", TAG_BLOCK}, {"center", TAG_BLOCK}, {"cite", TAG_INLINE}, {"code", TAG_INLINE},
	{"col", TAG_INLINE}, {"data", TAG_INLINE}, {"dd", TAG_BLOCK}, {"del", TAG_INLINE},
	{"details", TAG_BLOCK}, {"dfn", TAG_INLINE}, {"dialog", TAG_BLOCK}, {"dir", TAG_BLOCK},
	{"div", TAG_BLOCK}, {"dl", TAG_BLOCK}, {"dt", TAG_BLOCK}, {"em", TAG_INLINE},
	{"embed", TAG_INLINE}, {"fieldset", TAG_BLOCK}, {"figcapti", TAG_BLOCK},
	{"figure", TAG_BLOCK}, {"font", TAG_INLINE}, {"footer", TAG_BLOCK}, {"form", TAG_BLOCK},
	{"frameset", TAG_BLOCK}, {"h1", TAG_BLOCK}, {"h2", TAG_BLOCK}, {"h3", TAG_BLOCK},
	{"h4", TAG_BLOCK}, {"h5", TAG_BLOCK}, {"h6", TAG_BLOCK}, {"head", TAG_BLOCK},
	{"header", TAG_BLOCK}, {"hgroup", TAG_BLOCK}, {"hr", TAG_BLOCK}, {"html", TAG_BLOCK},
	{"i", TAG_INLINE}, {"iframe", TAG_INLINE}, {"img", TAG_INLINE}, {"input", TAG_INLINE},
	{"ins", TAG_INLINE}, {"kbd", TAG_INLINE}, {"label", TAG_INLINE}, {"legend", TAG_BLOCK},
	{"li", TAG_BLOCK}, {"link", TAG_BLOCK}, {"main", TAG_BLOCK}, {"map", TAG_INLINE},
	{"mark", TAG_INLINE}, {"menu", TAG_BLOCK}, {"meta", TAG_BLOCK}, {"nav", TAG_BLOCK},
	{"object", TAG_INLINE}, {"ol", TAG_BLOCK}, {"optgroup", TAG_BLOCK}, {"option", TAG_BLOCK},
	{"p", TAG_BLOCK}, {"picture", TAG_INLINE}, {"pre", TAG_BLOCK}, {"q", TAG_INLINE},
	{"rp", TAG_INLINE}, {"rt", TAG_INLINE}, {"ruby", TAG_INLINE}, {"s", TAG_INLINE},
	{"samp", TAG_INLINE}, {"script", TAG_RAW}, {"search", TAG_BLOCK}, {"section", TAG_BLOCK},
	{"small", TAG_INLINE}, {"source", TAG_INLINE}, {"span", TAG_INLINE}, {"strike", TAG_INLINE},
	{"strong", TAG_INLINE}, {"style", TAG_RAW}, {"sub", TAG_INLINE}, {"summary", TAG_BLOCK},
	{"sup", TAG_INLINE}, {"svg", TAG_INLINE}, {"table", TAG_BLOCK}, {"tbody", TAG_BLOCK},
	{"td", TAG_CELL}, {"template", TAG_INLINE}, {"textarea", TAG_INLINE}, {"tfoot", TAG_BLOCK},
	{"th", TAG_CELL}, {"thead", TAG_BLOCK}, {"time", TAG_INLINE}, {"title", TAG_BLOCK},
	{"tr", TAG_BLOCK}, {"tt", TAG_INLINE}, {"u", TAG_INLINE}, {"ul", TAG_BLOCK},
	{"var", TAG_INLINE}, {"video", TAG_INLINE}, {"wbr", TAG_INLINE},
	/* clang-format on */
};

/*
 * The work on one text.  The output never outgrows the room: what is left of it
 * is at least what is left of the input, but for the few characters that take
 * more bytes than they were written in, and they see to it.
 */
typedef struct Cleaner
{
	Arena	   *arena;
	const char *at;
	const char *end;
	char	   *out;
	size_t		len;
	size_t		room;
	char		gap;	 /* what goes before the next character: 0, a space or newline */
	char		newline; /* how a line's end is written */
	TextForm	form;
	bool		no_quote[2]; /* no further ' or " ahead: a search would be in vain */
	bool		no_comment_end;
} Cleaner;

/* White space and block borders wait here, so that none is written at either end. */
static void
add_gap(Cleaner *c, char gap)
{
	if (c->gap != c->newline)
		c->gap = gap;
}

/*
 * Writes bytes, behind the gap that waits.  There is always room for them and for
 * all the input that is left; the few characters that grow make the room grow.
 */
static void
emit(Cleaner *c, const char *data, size_t len)
{
	size_t needed = len + (size_t) (c->end - c->at) + 2;

	if (c->room - c->len < needed)
	{
		size_t room = c->len + needed + c->room / 8 + 16;
		char  *grown = arena_grow(c->arena, c->out, c->room, room);

		if (grown == NULL)
			return;
		c->out = grown;
		c->room = room;
	}
	if (c->gap != 0 && c->len > 0)
		c->out[c->len++] = c->gap;
	c->gap = 0;
	memcpy(c->out + c->len, data, len);
	c->len += len;
}

/*
 * A character that came as a number, or whose first byte may begin a special one.
 * Zero is the replacement character, as the standard has it for references;
 * what XML forbids, and so no feed could carry on, is left out.
 */
static void
emit_codepoint(Cleaner *c, unsigned codepoint)
{
	char		bytes[4];
	TextBuilder builder = {c->arena, bytes, 0, sizeof(bytes)};

	if (codepoint == 0)
		codepoint = 0xFFFD;
	else if (codepoint >= 0x80 && codepoint < 0xA0)
		codepoint = windows_1252_codepoint((unsigned char) codepoint);
	if (codepoint == ' ' || (codepoint >= '\t' && codepoint <= '\r') || codepoint == 0xA0)
		add_gap(c, ' ');
	else if (codepoint < ' ' || codepoint == 0x7F || codepoint == 0xFEFF || codepoint == 0xFFFE ||
			 codepoint == 0xFFFF)
		return;
	else
	{
		builder_append_codepoint(&builder, codepoint);
		emit(c, bytes, builder.len);
	}
}

/* A character whose first byte is 0xC2 or 0xEF. */
static void
take_character(Cleaner *c)
{
	const unsigned char *p = (const unsigned char *) c->at;
	size_t				 left = (size_t) (c->end - c->at);

	if (p[0] == 0xC2 && left >= 2)
	{
		c->at += 2;
		emit_codepoint(c, p[1]);
	}
	else if (left >= 3 && p[0] == 0xEF)
	{
		c->at += 3;
		emit_codepoint(c, 0xF000u | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu));
	}
	else
		c->at = c->end;
}

/* A reference, or an ampersand that begins none. */
static void
take_reference(Cleaner *c)
{
	Text   rest = {c->at + 1, (size_t) (c->end - c->at - 1)};
	Text   expansion;
	size_t len;

	if (rest.len > 0 && rest.data[0] == '#')
	{
		unsigned number;

		len = entity_number((Text){rest.data + 1, rest.len - 1}, &number);
		if (len > 0)
		{
			c->at += 2 + len;
			emit_codepoint(c, number);
			return;
		}
	}
	len = entity_match(rest, &expansion);
	c->at += 1 + len;
	if (len == 0)
		emit(c, "&", 1);
	else if (expansion.len == 2 && memcmp(expansion.data, "\xC2\xA0", 2) == 0)
		add_gap(c, ' ');
	else if (byte_classes[(unsigned char) expansion.data[0]] == BYTE_SPACE)
		add_gap(c, expansion.data[0] == '\n' ? c->newline : ' ');
	else
		emit(c, expansion.data, expansion.len);
}

/* Moves *at, the first letter of a tag's name, behind the name, and tells what it is. */
static TagKind
take_name(const char **at, const char *end)
{
	char	 key[TAG_KEY] = {0};
	size_t	 len = 0;
	size_t	 low = 0;
	size_t	 high = lengthof(tags);
	uint64_t wanted;

	for (; *at < end && **at != '>' && **at != '/' && len < TAG_NAME_SIZE; (*at)++)
	{
		if (byte_classes[(unsigned char) **at] == BYTE_SPACE)
			break;
		if (len < TAG_KEY)
			key[len] = is_letter(**at) ? (char) (**at | 0x20) : **at;
		len++;
	}
	wanted = key_number(key);
	while (low < high)
	{
		size_t	 middle = (low + high) / 2;
		uint64_t here = key_number(tags[middle].key);

		if (here == wanted)
			return tags[middle].kind;
		if (here < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return TAG_UNKNOWN;
}

/* To behind the next occurrence of what; false and to the end where there is none. */
static bool
skip_past(Cleaner *c, const char *what, size_t len)
{
	const char *found = memmem(c->at, (size_t) (c->end - c->at), what, len);

	c->at = found == NULL ? c->end : found + len;
	return found != NULL;
}

/* A comment ends at "-->"; one that never does hides no more than up to a ">". */
static void
skip_comment(Cleaner *c)
{
	const char *start = c->at;

	c->at += 2; /* "<!-->" is a whole comment */
	if (!c->no_comment_end && skip_past(c, "-->", 3))
		return;
	c->no_comment_end = true;
	c->at = start;
	skip_past(c, ">", 1);
}

/*
 * To behind the ">" of a tag whose name has been passed.  A ">" in a quoted
 * value is none; a quote that is never closed quotes nothing.
 */
static void
skip_attributes(Cleaner *c)
{
	bool value_next = false;

	while (c->at < c->end && *c->at != '>')
	{
		char byte = *c->at++;

		if (value_next && (byte == '"' || byte == '\'') && !c->no_quote[byte == '"'])
		{
			const char *quote = memchr(c->at, byte, (size_t) (c->end - c->at));

			if (quote == NULL)
				c->no_quote[byte == '"'] = true;
			else
				c->at = quote + 1;
		}
		if (byte_classes[(unsigned char) byte] != BYTE_SPACE)
			value_next = byte == '=';
	}
	if (c->at < c->end)
		c->at++;
}

/* To behind the end tag of the raw element whose name is given, or to the end. */
static void
skip_raw(Cleaner *c, Text name)
{
	while (c->at < c->end)
	{
		skip_past(c, "</", 2);
		if ((size_t) (c->end - c->at) >= name.len && strncasecmp(c->at, name.data, name.len) == 0)
		{
			skip_attributes(c);
			return;
		}
	}
}

/* A start or end tag, whose name begins at name. */
static void
take_tag(Cleaner *c, const char *name)
{
	bool	closing = name[-1] == '/';
	TagKind kind;

	c->at = name;
	kind = take_name(&c->at, c->end);
	if (kind == TAG_RAW && !closing)
	{
		Text raw = {name, (size_t) (c->at - name)};

		skip_attributes(c);
		if (c->at[-2] != '/') /* HTML knows no "<script/>", but those who write it mean it */
			skip_raw(c, raw);
		return;
	}
	skip_attributes(c);
	if (kind == TAG_BLOCK)
		add_gap(c, c->newline);
	else if (kind == TAG_CELL)
		add_gap(c, ' ');
}

/* "<" and what it opens. */
static void
take_markup(Cleaner *c)
{
	size_t		left = (size_t) (c->end - c->at);
	bool		closing = left > 1 && c->at[1] == '/';
	const char *letter = c->at + (closing ? 2 : 1);

	if (letter < c->end && is_letter(*letter))
		take_tag(c, letter);
	else if (left >= 4 && memcmp(c->at, "<!--", 4) == 0)
		skip_comment(c);
	else if (closing ? letter < c->end : left > 1 && (c->at[1] == '!' || c->at[1] == '?'))
		skip_past(c, ">", 1); /* a declaration, an instruction, "</>": all comments to HTML */
	else
	{
		c->at++;
		emit(c, "<", 1);
	}
}

/*
 * The bytes up to the next one that needs thought, from a plain one on.  A single
 * space needs none: words are short, and to stop at each would cost more than
 * all the rest.  A second space in a row does, and a last one is a gap.
 */
static void
take_run(Cleaner *c)
{
	const char	 *run = c->at;
	const char	 *at = run;
	unsigned char before = 0;

	for (; at < c->end; at++)
	{
		unsigned char here = byte_marks[(unsigned char) *at];

		if ((here & MARK_STOP) != 0 || (here & before) != 0)
			break;
		before = here;
	}
	c->at = at;
	if (before != 0)
	{
		emit(c, run, (size_t) (at - run) - 1);
		add_gap(c, ' ');
	}
	else
		emit(c, run, (size_t) (at - run));
}

/* The whole text, byte class by byte class.  Every branch moves on by one byte at least. */
static void
clean(Cleaner *c)
{
	while (c->at < c->end)
	{
		ByteClass class = byte_classes[(unsigned char) *c->at];

		if (class == BYTE_PLAIN)
			take_run(c);
		else if (class == BYTE_SPACE)
		{
			bool line_end = *c->at == '\n' && c->form != TEXT_FORM_HTML;

			add_gap(c, line_end ? c->newline : ' ');
			c->at++;
		}
		else if (class == BYTE_TAG && c->form == TEXT_FORM_HTML)
			take_markup(c);
		else if (class == BYTE_REFERENCE && c->form != TEXT_FORM_PLAIN)
			take_reference(c);
		else if (class == BYTE_LEAD_C2 || class == BYTE_LEAD_EF)
			take_character(c);
		else
		{
			c->at++;
			if (class != BYTE_CONTROL)
				emit(c, c->at - 1, 1);
		}
	}
}

Text
text_clean(Arena *arena, Text text, TextForm form, bool one_line)
{
	Cleaner c = {.arena = arena, .form = form, .newline = one_line ? ' ' : '\n'};

	text = text_trim(text);
	if (!text_present(text))
		return TEXT_NULL;
	c.at = text.data;
	c.end = text.data + text.len;
	c.room = text.len + 2;
	c.out = arena_alloc(arena, c.room);
	if (c.out == NULL)
		return TEXT_NULL;
	clean(&c);
	return arena_exhausted(arena) ? TEXT_NULL : (Text){c.out, c.len};
}

Text
text_clean_line(Arena *arena, Text text)
{
	return text_clean(arena, text, TEXT_FORM_REFERENCES, true);
}

/* Whether a whole reference, semicolon and all, begins at the "&" at p. */
static bool
is_reference(const char *p, const char *end)
{
	Text	 rest = {p + 1, (size_t) (end - p - 1)};
	Text	 ignored;
	unsigned number;
	size_t	 len;

	if (rest.len > 1 && rest.data[0] == '#')
	{
		len = entity_number((Text){rest.data + 1, rest.len - 1}, &number);
		return len > 0 && rest.data[len] == ';';
	}
	len = entity_match(rest, &ignored);
	return len > 0 && rest.data[len - 1] == ';';
}

bool
text_looks_like_html(Text text)
{
	const char *end = text.data + text.len;

	for (const char *at = text.data; at < end; at++)
	{
		if (*at == '&' && is_reference(at, end))
			return true;
		if (*at == '<' && end - at > 2)
		{
			const char *letter = at + (at[1] == '/' ? 2 : 1);

			if (is_letter(*letter) && take_name(&letter, end) != TAG_UNKNOWN)
				return true;
		}
	}
	return false;
}
