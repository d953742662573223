/*
 * rows.c
 *	  Rows on their way into a statement.
 *
 * A tuplestore is registered with SPI as an ephemeral named relation, which is what the server
 * does with a trigger's transition tables. The planner is told how many rows there are; it has no
 * other statistics of them.
 */
#include "postgres.h"

#include "store/rows.h"

#include "access/tupdesc.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

void
rows_create(Rows *rows, const char *name, const RowsColumn *columns, int n_columns)
{
	memset(rows, 0, sizeof(*rows));
	rows->desc = CreateTemplateTupleDesc(n_columns);
	for (int i = 0; i < n_columns; i++)
		TupleDescInitEntry(rows->desc, (AttrNumber) (i + 1), columns[i].name, columns[i].type, -1,
						   0);
	rows->store = tuplestore_begin_heap(false, false, work_mem);
	rows->relation.md.name = pstrdup(name);
	rows->relation.md.reliddesc = InvalidOid;
	rows->relation.md.tupdesc = rows->desc;
	rows->relation.md.enrtype = ENR_NAMED_TUPLESTORE;
	rows->relation.reldata = rows->store;
}

void
rows_add(Rows *rows, Datum *values, bool *nulls)
{
	tuplestore_putvalues(rows->store, rows->desc, values, nulls);
	rows->n++;
}

void
rows_register(Rows *rows)
{
	int result;

	rows->relation.md.enrtuples = (double) rows->n;
	result = SPI_register_relation(&rows->relation);
	if (result != SPI_OK_REL_REGISTER)
		elog(ERROR, "could not register \"%s\": %s", rows->relation.md.name,
			 SPI_result_code_string(result));
}

void
rows_free(Rows *rows)
{
	SPI_unregister_relation(rows->relation.md.name);
	tuplestore_end(rows->store);
}

Datum
id_array(List *ids)
{
	Datum	 *elements = palloc((list_length(ids) + 1) * sizeof(Datum));
	int		  n = 0;
	ListCell *cell;

	foreach (cell, ids)
		elements[n++] = Int32GetDatum(lfirst_int(cell));
	return PointerGetDatum(construct_array(elements, n, INT4OID, 4, true, TYPALIGN_INT));
}

Datum
text_array(const char *const *strings, int n)
{
	Datum *elements = palloc(n * sizeof(Datum));

	for (int i = 0; i < n; i++)
		elements[i] = CStringGetTextDatum(strings[i]);
	return PointerGetDatum(construct_array(elements, n, TEXTOID, -1, false, TYPALIGN_INT));
}

Datum
text_array_of(char *const *strings)
{
	int n = 0;

	while (strings[n] != NULL)
		n++;
	return text_array((const char *const *) strings, n);
}
