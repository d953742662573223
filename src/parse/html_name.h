/*
 * html_name.h
 *	  The first bytes of a tag's name as a key that tables of tags are sorted and searched by.
 *	  Plain C.
 *
 * Who includes it: html_text.c and html_tree.c, each with a table of its own.
 */
#ifndef DATASENS_PARSE_HTML_NAME_H
#define DATASENS_PARSE_HTML_NAME_H

#include <stdint.h>
#include <string.h>

/* What tells tags apart: as many of their first letters. */
#define TAG_KEY 8

/* A key is as long as its array, and need not end in a zero byte. */
#ifdef __has_attribute
#if __has_attribute(nonstring)
#define TAG_KEY_BYTES __attribute__((nonstring))
#endif
#endif
#ifndef TAG_KEY_BYTES
#define TAG_KEY_BYTES
#endif

/* A key as a number, in the same order. */
static inline uint64_t
key_number(const char *key)
{
	uint64_t number;

	memcpy(&number, key, TAG_KEY);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	number = __builtin_bswap64(number);
#endif
	return number;
}

#endif
