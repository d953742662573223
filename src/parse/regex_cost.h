/*
 * regex_cost.h
 *	  What a regular expression may cost to compile and to match, before either is done.
 *	  Plain C.
 *
 * The server's engine takes time linear in what is matched, but for two constructs: with a
 * back reference it tries every way to divide the text, and a look-around within a look-around
 * looks from each place at each other one.  Compiling takes the cube of what the bounds come
 * to when they are written out: "(x?y?z?){255}" has 12 seconds' worth in 13 characters.
 *
 * Who calls it: source/scraping.c, before it takes a pattern from a user.
 */
#ifndef DATASENS_PARSE_REGEX_COST_H
#define DATASENS_PARSE_REGEX_COST_H

#include "base/arena.h"

typedef struct RegexCost
{
	size_t size;		   /* of it with its bounds written out; SIZE_MAX beyond all reason */
	bool   back_reference; /* \1 */
	bool   nested_look;	   /* (?=a(?=b)) */
	bool   other_syntax;   /* (?b), (?e), (?q) or (?x), in which the rest was not read */
} RegexCost;

/*
 * Estimates an "advanced" regular expression in any encoding whose bytes below 128 are ASCII.
 * One that is wrong gets some estimate or other: it is the compiler's to refuse.
 */
extern void regex_cost(Text pattern, RegexCost *cost);

#endif
