/*
 * entities.h
 *	  The named character references of HTML.  Plain C.
 *
 * Called by the parsers of feeds, pages and lists of feeds.
 */
#ifndef DATASENS_PARSE_ENTITIES_H
#define DATASENS_PARSE_ENTITIES_H

#include "base/arena.h"

/* What the name (without & and ;) stands for, as static UTF-8; absent for no name of HTML's. */
extern Text entity_named(Text name);

/*
 * The reference whose bytes after the "&" begin text, by the rules for text
 * outside of attributes (HTML Living Standard, 13.2.5.73): with its semicolon,
 * or the longest of the old names that may do without.  Stores what it stands
 * for and returns how many bytes it takes, the semicolon too; 0 for none.
 */
extern size_t entity_match(Text text, Text *expansion);

/*
 * The number of a numeric reference, whose bytes after the "&#" begin text: x
 * and hexadecimal digits, or decimal ones.  Returns how many bytes it takes,
 * the semicolon too if it is there; 0 for none.  What is beyond Unicode is some
 * number greater than 0x10FFFF.
 */
extern size_t entity_number(Text text, unsigned *number);

#endif
