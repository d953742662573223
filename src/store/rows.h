/*
 * rows.h
 *	  Rows on their way into a statement: a tuplestore that SQL sees as a
 *	  relation, as a trigger sees its transition tables.
 *
 * No limit but the disk's (it spills at work_mem), no arrays to build, no
 * values in the text of the statement.
 *
 * Who calls it: the files of store/ that write many rows with one statement.
 */
#ifndef DATASENS_STORE_ROWS_H
#define DATASENS_STORE_ROWS_H

#include "postgres.h"

#include "utils/queryenvironment.h"
#include "utils/tuplestore.h"

typedef struct RowsColumn
{
	const char *name;
	Oid			type;
} RowsColumn;

typedef struct Rows
{
	TupleDesc				   desc;
	Tuplestorestate			  *store;
	int64					   n;
	EphemeralNamedRelationData relation;
} Rows;

/*
 * Empty rows in the current memory context and resource owner. name is what the statement calls
 * the relation; it has to be the same whenever that Statement is run, as its plan is kept.
 */
extern void rows_create(Rows *rows, const char *name, const RowsColumn *columns, int n_columns);

extern void rows_add(Rows *rows, Datum *values, bool *nulls);

/* Makes the rows visible to the statements of the current SPI connection. */
extern void rows_register(Rows *rows);

/* Takes them out again and frees them. */
extern void rows_free(Rows *rows);

/* Ids (a List of int) as an int4[], for a statement's argument. */
extern Datum id_array(List *ids);

/* n strings as a text[]; or those up to a NULL. */
extern Datum text_array(const char *const *strings, int n);
extern Datum text_array_of(char *const *strings);

#endif
