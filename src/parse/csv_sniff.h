/*
 * csv_sniff.h
 *	  What a CSV file is, by looking at its beginning.  Plain C.
 *
 * Who calls it: source/csv_file.c.
 */
#ifndef DATASENS_PARSE_CSV_SNIFF_H
#define DATASENS_PARSE_CSV_SNIFF_H

#include "base/arena.h"
#include "base/failure.h"
#include "parse/charset.h"
#include "parse/csv.h"

/* How much of a file is worth having; more is not looked at. */
#define CSV_SNIFF_SIZE (256 * 1024)

/* An arena of this limit is enough for csv_sniff. */
#define CSV_SNIFF_ARENA_LIMIT (4 << 20)

typedef enum CsvChoice
{
	CSV_UNKNOWN = 0, /* to be found out */
	CSV_NO,
	CSV_YES
} CsvChoice;

/* What the user said of the file; all zero: nothing. */
typedef struct CsvWishes
{
	Text	  encoding;	 /* absent: to be found out */
	char	  delimiter; /* '\0': to be found out */
	CsvChoice quoting;
	char	  quote; /* '\0': the usual one, " */
	CsvChoice header;
} CsvWishes;

typedef struct CsvLayout
{
	char		encoding[CHARSET_NAME_SIZE]; /* for charset_stream_create: "utf-8", ... */
	bool		bom;
	CsvFormat	format;
	unsigned	preamble; /* first records, blank ones not counted, to pass over: "sep=;" */
	bool		header;	  /* the record after them names the columns, and is no data */
	/*
	 * The columns' names, trimmed, in the arena: the header's, else "1", "2", ...
	 * as many as most of the first records have fields.
	 */
	const Text *names;
	size_t		n_names;
} CsvLayout;

/*
 * Looks at the first bytes of a file (whole: they are all of it).  Encoding: a
 * byte order mark; UTF-16 by its NUL bytes; UTF-8 where that is what the bytes
 * are, but for a little damage; else by where its accents are macintosh, cp850,
 * iso-8859-15, windows-1252 or, where no byte tells it from that, iso-8859-1.
 * Delimiter and quoting: those under which most of the first records have the
 * same number of fields, quotes respected.  Header: the first record has usual
 * names (see csv_columns.h), or else names unlike the values below.  wishes (may
 * be NULL) win.  False with *failure set where there is no record or an encoding
 * is unknown (FAILURE_PARSE), or memory is out (FAILURE_MEMORY).
 */
extern bool csv_sniff(Arena *arena, Text head, bool whole, const CsvWishes *wishes,
					  CsvLayout *layout, Failure *failure);

#endif
