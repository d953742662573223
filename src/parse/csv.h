/*
 * csv.h
 *	  CSV as it is in the world: chunks of bytes in, records out.  Plain C.
 *
 * RFC 4180, read as leniently as its users write it: any one-byte delimiter;
 * lines ending in CR LF, LF or CR, also mixed; a quote opens a quoted field only
 * as its first byte, is doubled inside it, and what follows the closing quote up
 * to the delimiter belongs to the field as it stands; a quote elsewhere is a
 * character.  The bytes must be an encoding in which these five characters are
 * single ASCII bytes: UTF-8 (see charset_stream.h) or a one-byte charset.
 *
 *		csv_feed(reader, chunk, last);
 *		while ((step = csv_next(reader, &record)) == CSV_RECORD)
 *			...
 *		step is CSV_STARVED: feed the next chunk; CSV_END: all was read
 *
 * Who calls it: source/csv_file.c, and csv_sniff.c for the beginning of a file.
 */
#ifndef DATASENS_PARSE_CSV_H
#define DATASENS_PARSE_CSV_H

#include "base/arena.h"

#include <stdint.h>

typedef struct CsvFormat
{
	char delimiter; /* any ASCII byte but CR and LF */
	char quote;		/* '\0': fields are never quoted, quotes are characters (as in GDELT's files) */
} CsvFormat;

/* Fields that a record may have at most: beyond, it is CSV_TOO_MANY_FIELDS. */
#define CSV_MAX_FIELDS 20000

/* What is wrong with a record as a whole; the word for it: csv_fault_detail. */
typedef enum CsvFault
{
	CSV_SOUND = 0,
	CSV_TOO_LONG,		 /* larger than max_record; often a quote that is never closed */
	CSV_TOO_MANY_FIELDS, /* more than CSV_MAX_FIELDS */
	CSV_UNTERMINATED	 /* the data ended within a quoted field */
} CsvFault;

typedef struct CsvRecord
{
	/*
	 * Valid until the next call with this reader; bytes as given, maybe with NUL
	 * (has_nul).  Each field is present.  A blank line is a record of no field.
	 * There is no field where fault is not CSV_SOUND.
	 */
	const Text *fields;
	size_t		n_fields;
	uint64_t	line;	/* where the record starts, from 1, every end of line counted */
	uint64_t	offset; /* of its first byte in all that was fed, from 0 */
	CsvFault	fault;
	bool		has_nul;
	/*
	 * The bytes as they were read, without the end of line; of a faulty record the
	 * first line's, cut after some KB: what a table of rejected rows may keep.
	 */
	Text		raw;
} CsvRecord;

typedef enum CsvStep
{
	CSV_RECORD,	 /* *record is one */
	CSV_STARVED, /* the chunk is used up */
	CSV_END,	 /* the last chunk is used up */
	CSV_NO_MEMORY
} CsvStep;

typedef struct CsvReader CsvReader;

/*
 * A reader of records of up to max_record bytes each (quotes and delimiters
 * counted).  It keeps at most one record: at most twice max_record and a
 * constant are allocated, however the data is.  NULL where memory is out.
 * Freed with csv_free, which NULL is allowed for.
 */
extern CsvReader *csv_create(CsvFormat format, size_t max_record);
extern void		  csv_free(CsvReader *reader);

/*
 * The next bytes, any number of them.  They are used in place: they must stay
 * until csv_next has said CSV_STARVED or CSV_END.  last: no more will come.
 */
extern void csv_feed(CsvReader *reader, Text chunk, bool last);

/*
 * The next record.  After one that is too long or unterminated, reading goes on
 * with the line after the one it started in, so that a lost quote costs its own
 * line only; data that would make that quadratic lose up to max_record bytes to
 * such a record instead.
 */
extern CsvStep csv_next(CsvReader *reader, CsvRecord *record);

/* What a fault is, for a message: "a record of more than 16777216 bytes, ...". */
extern void csv_fault_detail(const CsvReader *reader, CsvFault fault, char *buffer, size_t size);

#endif
