/*
 * ascii.h
 *	  ASCII's characters, whatever the locale says.
 *
 * Called by the parsers and by time/, for each character: nothing here may be slow.
 */
#ifndef DATASENS_BASE_ASCII_H
#define DATASENS_BASE_ASCII_H

#include <stdbool.h>

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Space, \t, \n, \v, \f, \r. */
static inline bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* What is no character of a line: the end of one, a tab, an escape. */
static inline bool
is_control(char c)
{
	return (unsigned char) c < ' ' || c == 0x7F;
}

/* Whether a control of C1 (U+0080 to U+009F, which terminals obey) begins there, in UTF-8. */
static inline bool
is_c1(const unsigned char *p)
{
	return p[0] == 0xC2 && p[1] >= 0x80 && p[1] <= 0x9F;
}

/* XML's white space (section 2.3). */
static inline bool
is_xml_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A letter; every byte beyond ASCII counts as part of one. */
static inline bool
is_word_letter(char c)
{
	return is_letter(c) || (c & 0x80) != 0;
}

static inline bool
is_alphanumeric(char c)
{
	return is_letter(c) || is_digit(c);
}

/* What needs no percent-code in a URL (RFC 3986, 2.3). */
static inline bool
is_unreserved(char c)
{
	return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static inline char
to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c + 0x20) : c;
}

/* The value of a hexadecimal digit, or -1. */
static inline int
hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	return to_lower(c) >= 'a' && to_lower(c) <= 'f' ? to_lower(c) - 'a' + 10 : -1;
}

#endif
