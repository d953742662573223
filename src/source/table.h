/*
 * table.h
 *	  Tables besides document that a record may go to, and the values of its columns.
 *
 * A kind describes its tables as constants, beside the code that fills them, and emits rows of
 * them; store/row.c makes the statement from the description and inserts what is new. Every such
 * table also has a column id_flux, and a unique index on its key, by which nothing is stored
 * twice.
 *
 * Who uses it: the kinds gdelt and owm, run/emit.c and run/sink.c, store/row.c.
 */
#ifndef DATASENS_SOURCE_TABLE_H
#define DATASENS_SOURCE_TABLE_H

#include "base/arena.h"

#include <stdint.h>

typedef enum ValueType
{
	VALUE_TEXT, /* text */
	VALUE_JSON, /* text: jsonb */
	VALUE_HASH, /* text: its SHA-256, a datasens.fingerprint */
	VALUE_INT,	/* integer: int; likewise below */
	VALUE_BIGINT,
	VALUE_BOOL,	 /* 0 or 1 */
	VALUE_DATE,	 /* days since 1970-01-01 */
	VALUE_TIME,	 /* timestamptz: microseconds since 1970 UTC */
	VALUE_DOUBLE /* real: double precision */
} ValueType;

/* A value, of the type that its column has; zeroed: null. */
typedef struct ColumnValue
{
	bool present;
	union
	{
		Text	text;
		int64_t integer;
		double	real;
	};
} ColumnValue;

typedef struct TableColumn
{
	const char *name;
	ValueType	type;
} TableColumn;

#define TABLE_MAX_COLUMNS 40

typedef struct Table
{
	const char		  *name; /* in the schema datasens */
	const TableColumn *columns;
	int				   n_columns;
	int				   n_key; /* the first so many columns are the key, and never null */
} Table;

static inline ColumnValue
value_text(Text text)
{
	return (ColumnValue){.present = text_present(text), .text = text};
}

static inline ColumnValue
value_integer(int64_t integer)
{
	return (ColumnValue){.present = true, .integer = integer};
}

/* A NaN is null. */
static inline ColumnValue
value_real(double real)
{
	return (ColumnValue){.present = real == real, .real = real};
}

#endif
