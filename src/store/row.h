/*
 * row.h
 *	  Rows of the tables of source/table.h from a run into them, nothing twice.
 *
 * Who calls it: run/, which packs what a kind emits and inserts it when the run is
 * committed.
 */
#ifndef DATASENS_STORE_ROW_H
#define DATASENS_STORE_ROW_H

#include "postgres.h"

#include "source/table.h"
#include "store/fingerprint.h"
#include "store/flux.h"

/* A row that waits for its commit: UTF-8, as it was emitted. */
typedef struct Row
{
	struct Row	*next;
	const Table *table;
	uint8		key[FINGERPRINT_SIZE]; /* of its table and key values: equal rows have equal ones */
	int64		position;			   /* in its run: the first of equal ones is stored */
	const char *packed;				   /* the values, by row_pack */
} Row;

/*
 * Packing, plain C for any thread.  row_size is what row_pack will write (at most
 * 2^31); row_key returns false where the server's library cannot hash.
 */
extern size_t row_size(const Table *table, const ColumnValue *values);
extern void	  row_pack(const Table *table, const ColumnValue *values, char *packed);
extern bool	  row_key(Hasher *hasher, const Table *table, const ColumnValue *values,
					  uint8 key[FINGERPRINT_SIZE]);

/* The rows of one flux, of any tables, and what became of them. */
typedef struct RowBatch
{
	FluxCount flux;
	Row		 *first;
} RowBatch;

/*
 * Inserts the rows of several fluxes with one statement a table: table by table in the
 * order of their names, and in each by key, as they come out of a file, too (run/sink.h).
 * So two writers of the same rows never wait in a circle.  The order of the tables' own keys
 * would not do: the batches of a file come one after the other in this order.  A key that
 * is there already, or twice among these, is a duplicate.  The batches come in the order
 * of id_flux.  Inside an owner's scope; ereports what a table or a trigger
 * of it refuses.
 */
extern void row_insert(RowBatch *batches, int n_batches);

/* That order: less than 0 where the left one comes first, 0 where they are equal. */
extern int row_compare(const Row *left, const Row *right);

/* The row as a JSON object (palloc'd, database encoding), without members for nulls. */
extern char *row_json(const Row *row);

/*
 * The row's texts, one on a line, from which one can tell which row was refused (palloc'd, UTF-8).
 */
extern char *row_text(const Row *row);

#endif
