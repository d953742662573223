/*
 * gdelt_parts.h
 *	  What the readers of GDELT's lines share; nobody else includes it.
 *
 *	gdelt_values.c	  lines to columns, columns to numbers, times and places
 *	gdelt_event.c	  events and mentions
 *	gdelt_lists.c	  the lists inside a gkg column
 *	gdelt_record.c	  gkg records
 *	gdelt_document.c  the document that a record makes
 *	gdelt_language.c  codes of languages
 *	gdelt_filter.c	  what of it is wanted
 *	gdelt_files.c	  the lists of files
 */
#ifndef DATASENS_PARSE_GDELT_PARTS_H
#define DATASENS_PARSE_GDELT_PARTS_H

#include "parse/gdelt.h"

/* ---- gdelt_values.c ---- */

/* A line that is being read. */
typedef struct GdeltLine
{
	Arena *arena;
	Text  *columns;
	Text   reason; /* the first thing that is wrong with it; absent: nothing so far */
} GdeltLine;

/* Repairs the bytes and parts them; false with line->reason where the number is not n. */
extern bool gdelt_split(GdeltLine *line, Text bytes, int n);

/* Whether nothing is wrong; else *reason is what. */
extern bool gdelt_line_ends(const GdeltLine *line, Text *reason);

/* Notes that the column's value is not what, if nothing was wrong before. */
extern void gdelt_wrong(GdeltLine *line, int column, const char *name, const char *what);

/*
 * The values of a column (counted from 0): none where it is empty; where it
 * cannot be read, none and the reason set.
 */
extern int32_t gdelt_take_int(GdeltLine *line, int column, const char *name, int32_t least);
extern int64_t gdelt_take_int64(GdeltLine *line, int column, const char *name);
extern double  gdelt_take_double(GdeltLine *line, int column, const char *name);
extern int64_t gdelt_take_stamp(GdeltLine *line, int column, const char *name);

/* The same for a column that may not be empty. */
extern void gdelt_require(GdeltLine *line, int column, const char *name);

/* Numbers of JSON's and C's syntax, sign "-" only, no white space; finite. */
extern bool gdelt_read_int(Text text, int64_t *value);
extern bool gdelt_read_double(Text text, double *value);

/*
 * Two numbers as a position in degrees: both there and in range, or both absent
 * and NaN; else false.
 */
extern bool gdelt_read_position(Text lat, Text lon, GdeltPlace *place);

/* The text, or absent where it is empty. */
extern Text gdelt_present(Text text);

/* The text up to the separator, which *rest then begins after; else all, and *rest is absent. */
extern Text gdelt_cut(Text *rest, char separator);

/* The language of a translation info ("srclc:fra;eng:..."), "en" for none; see GdeltRecord. */
extern Text gdelt_translation(Text info, Text *translator);

/* ---- gdelt_lists.c ---- */

/* Names, once each, that are gathered one by one. */
typedef struct GdeltNameSet
{
	Arena	   *arena;
	GdeltNames *names;
	uint32_t   *table; /* indexes into names->items + 1, at the hash of the name */
	size_t		mask;
} GdeltNameSet;

/* Makes room for at most n names; false where the arena is exhausted. */
extern bool gdelt_names_start(GdeltNameSet *set, Arena *arena, GdeltNames *names, size_t n);

/* The name in the set, which is new there where it has no mentions. */
extern GdeltName *gdelt_names_add(GdeltNameSet *set, Text name);

/*
 * "name,offset;name,offset;..." or "name;name;...", then what only the second
 * column has; the names stay in the columns.
 */
extern void gdelt_read_names(Arena *arena, Text column, Text more, GdeltNames *names);

/* The lists of places and counts, enhanced (V2) or not; what cannot be read adds to *n_odd. */
extern void gdelt_read_places(Arena *arena, Text column, bool enhanced, GdeltPlaces *places,
							  size_t *n_odd);
extern void gdelt_read_counts(Arena *arena, Text column, GdeltCounts *counts, size_t *n_odd);
extern void gdelt_read_quotes(Arena *arena, Text column, GdeltQuotes *quotes, size_t *n_odd);
extern void gdelt_read_amounts(Arena *arena, Text column, GdeltAmounts *amounts, size_t *n_odd);

#endif
