/*
 * row.c
 *	  Rows of the tables of source/table.h from a run into them, nothing twice.
 *
 * A packed row begins with a byte for each column, which says whether the column has a value,
 * padded to an int. The values follow one after the other: texts with their length words, so that
 * they are text datums where they lie, and numbers in 8 bytes.
 */
#include "postgres.h"

#include "base/epoch.h"
#include "base/memory.h"
#include "base/transaction.h"
#include "store/row.h"
#include "store/rows.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* So many tables may a process meet, each of which has a statement of its own. */
#define MAX_TABLES 16

/* Whether values of the type are packed as texts. */
static bool
is_text(ValueType type)
{
	return type == VALUE_TEXT || type == VALUE_JSON || type == VALUE_HASH;
}

/* The SQL type of a column of that sort. */
static Oid
type_of(ValueType type)
{
	static const Oid types[] = {
		[VALUE_TEXT] = TEXTOID, [VALUE_JSON] = JSONBOID,	   [VALUE_HASH] = InvalidOid,
		[VALUE_INT] = INT4OID,	[VALUE_BIGINT] = INT8OID,	   [VALUE_BOOL] = BOOLOID,
		[VALUE_DATE] = DATEOID, [VALUE_TIME] = TIMESTAMPTZOID, [VALUE_DOUBLE] = FLOAT8OID,
	};

	return type == VALUE_HASH ? fingerprint_type() : types[type];
}

/* ---- packing ---- */

static size_t
value_size(ValueType type, const ColumnValue *value)
{
	if (!value->present)
		return 0;
	return is_text(type) ? INTALIGN(VARHDRSZ + value->text.len) : sizeof(int64);
}

/* The size of the flags, up to where the values begin. */
static size_t
head_size(const Table *table)
{
	return INTALIGN(table->n_columns);
}

size_t
row_size(const Table *table, const ColumnValue *values)
{
	size_t size = head_size(table);

	for (int i = 0; i < table->n_columns; i++)
		size += value_size(table->columns[i].type, &values[i]);
	return size;
}

void
row_pack(const Table *table, const ColumnValue *values, char *packed)
{
	char *at = packed + head_size(table);

	for (int i = 0; i < table->n_columns; i++)
	{
		const ColumnValue *value = &values[i];

		packed[i] = value->present;
		if (!value->present)
			continue;
		if (is_text(table->columns[i].type))
		{
			SET_VARSIZE(at, VARHDRSZ + value->text.len);
			memcpy(VARDATA(at), value->text.data, value->text.len);
		}
		else
			memcpy(at, &value->integer, sizeof(int64));
		at += value_size(table->columns[i].type, value);
	}
}

/*
 * The key is a hash of the table's name and of its key columns, each with its length, so that
 * neighbours cannot run into each other.
 */
bool
row_key(Hasher *hasher, const Table *table, const ColumnValue *values, uint8 key[FINGERPRINT_SIZE])
{
	Text   pieces[2 * TABLE_MAX_COLUMNS + 1];
	uint64 lengths[TABLE_MAX_COLUMNS];
	int	   n = 0;

	pieces[n++] = (Text){table->name, strlen(table->name) + 1};
	for (int i = 0; i < table->n_key; i++)
	{
		bool text = is_text(table->columns[i].type) && values[i].present;

		lengths[i] = text ? values[i].text.len : (uint64) values[i].integer;
		pieces[n++] = (Text){(const char *) &lengths[i], sizeof(lengths[i])};
		if (text)
			pieces[n++] = values[i].text;
	}
	return hasher_pieces(hasher, pieces, n, key);
}

/* ---- unpacking ---- */

/* A packed text as its column's type has it. */
static Datum
datum_of_text(ValueType type, const char *at)
{
	const char *data = VARDATA(at);
	size_t		len = VARSIZE(at) - VARHDRSZ;

	if (type == VALUE_HASH)
	{
		uint8 *fingerprint = palloc(FINGERPRINT_SIZE);

		fingerprint_of((Text){data, len}, fingerprint);
		return PointerGetDatum(fingerprint);
	}
	if (type == VALUE_JSON)
		return DirectFunctionCall1(jsonb_in, CStringGetDatum(memory_server_string(data, len)));
	if (GetDatabaseEncoding() == PG_UTF8)
		return PointerGetDatum(at);
	return PointerGetDatum(memory_server_text((Text){data, len}));
}

/* A packed number as its column's type has it; null where it is beyond what the type holds. */
static Datum
datum_of_number(ValueType type, int64 number, bool *isnull)
{
	double real;

	switch (type)
	{
		case VALUE_INT:
			*isnull = number < PG_INT32_MIN || number > PG_INT32_MAX;
			return Int32GetDatum((int32) number);
		case VALUE_BOOL:
			return BoolGetDatum(number != 0);
		case VALUE_DATE:
			number -= EPOCH_DAYS;
			*isnull = number < PG_INT32_MIN || number > PG_INT32_MAX || !IS_VALID_DATE(number);
			return DateADTGetDatum((DateADT) number);
		case VALUE_TIME:
			number -= EPOCH_MICROSECONDS;
			*isnull = !IS_VALID_TIMESTAMP(number);
			return TimestampTzGetDatum(number);
		case VALUE_DOUBLE:
			memcpy(&real, &number, sizeof(real));
			return Float8GetDatum(real);
		default:
			return Int64GetDatum(number);
	}
}

/*
 * Fills values and nulls, one for each column. Texts point into the row where the database's
 * encoding is UTF-8.
 */
static void
unpack(const Row *row, Datum *values, bool *nulls)
{
	const Table *table = row->table;
	const char	*at = row->packed + head_size(table);

	for (int i = 0; i < table->n_columns; i++)
	{
		ValueType type = table->columns[i].type;
		int64	  number;

		values[i] = (Datum) 0;
		nulls[i] = !row->packed[i];
		if (nulls[i])
			continue;
		if (is_text(type))
		{
			values[i] = datum_of_text(type, at);
			at += INTALIGN(VARSIZE(at));
		}
		else
		{
			memcpy(&number, at, sizeof(number));
			values[i] = datum_of_number(type, number, &nulls[i]);
			at += sizeof(number);
		}
	}
}

char *
row_json(const Row *row)
{
	StringInfoData json;
	Datum		   values[TABLE_MAX_COLUMNS];
	bool		   nulls[TABLE_MAX_COLUMNS];

	initStringInfo(&json);
	unpack(row, values, nulls);
	for (int i = 0; i < row->table->n_columns; i++)
	{
		ValueType type = row->table->columns[i].type;
		bool	  plain =
			type == VALUE_JSON || type == VALUE_INT || type == VALUE_BIGINT || type == VALUE_DOUBLE;
		Oid	  output;
		bool  varlena;
		char *value;

		if (nulls[i])
			continue;
		getTypeOutputInfo(type_of(type), &output, &varlena);
		value = OidOutputFunctionCall(output, values[i]);
		appendStringInfo(&json, "%s\"%s\": ", json.len > 0 ? ", " : "{",
						 row->table->columns[i].name);
		if (plain)
			appendStringInfoString(&json, value);
		else if (type == VALUE_BOOL)
			appendStringInfoString(&json, value[0] == 't' ? "true" : "false");
		else
			escape_json(&json, value);
	}
	appendStringInfoString(&json, json.len > 0 ? "}" : "{}");
	return json.data;
}

char *
row_text(const Row *row)
{
	StringInfoData text;
	const char	  *at = row->packed + head_size(row->table);

	initStringInfo(&text);
	for (int i = 0; i < row->table->n_columns; i++)
	{
		ValueType type = row->table->columns[i].type;

		if (!row->packed[i])
			continue;
		if (type == VALUE_TEXT)
		{
			appendStringInfo(&text, "%s=", row->table->columns[i].name);
			appendBinaryStringInfo(&text, VARDATA(at), VARSIZE(at) - VARHDRSZ);
			appendStringInfoChar(&text, '\n');
		}
		at += is_text(type) ? INTALIGN(VARSIZE(at)) : sizeof(int64);
	}
	return text.data;
}

/* ---- the statements ---- */

/* The statement of a table. */
typedef struct Insert
{
	const Table *table;
	char		*relation; /* what the incoming rows are called */
	Statement	 statement;
} Insert;

static void
append_names(StringInfo sql, const Table *table, int n)
{
	for (int i = 0; i < n; i++)
		appendStringInfo(sql, "%s%s", i > 0 ? ", " : "", table->columns[i].name);
}

/*
 * The statement's text. All names in it are constants of ours; the values come from the relation.
 */
static char *
insert_sql(const Table *table, const char *relation)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "WITH inserted AS (INSERT INTO datasens.%s (id_flux, ", table->name);
	append_names(&sql, table, table->n_columns);
	appendStringInfoString(&sql, ") SELECT id_flux, ");
	append_names(&sql, table, table->n_columns);
	appendStringInfo(&sql, " FROM %s ON CONFLICT (", relation);
	append_names(&sql, table, table->n_key);
	appendStringInfoString(&sql, ") DO NOTHING RETURNING id_flux)"
								 " SELECT id_flux, pg_catalog.count(*) FROM inserted"
								 " GROUP BY id_flux");
	return sql.data;
}

/* The table's statement, which is made at its first use in the process and kept. */
static Insert *
insert_of(const Table *table)
{
	static Insert inserts[MAX_TABLES];
	int			  i = 0;

	while (i < MAX_TABLES && inserts[i].table != NULL && inserts[i].table != table)
		i++;
	if (i == MAX_TABLES)
		elog(ERROR, "no statement left for table \"%s\"", table->name);
	if (inserts[i].table == NULL)
	{
		MemoryContext previous = MemoryContextSwitchTo(TopMemoryContext);

		inserts[i].relation = psprintf("incoming_%s", table->name);
		inserts[i].statement = (Statement){.sql = insert_sql(table, inserts[i].relation)};
		inserts[i].table = table;
		MemoryContextSwitchTo(previous);
	}
	return &inserts[i];
}

/* Empty rows with the table's columns, behind the flux. */
static void
create_rows(Rows *rows, const Insert *insert)
{
	const Table *table = insert->table;
	RowsColumn	 columns[TABLE_MAX_COLUMNS + 1];

	columns[0] = (RowsColumn){"id_flux", INT8OID};
	for (int i = 0; i < table->n_columns; i++)
		columns[i + 1] = (RowsColumn){table->columns[i].name, type_of(table->columns[i].type)};
	rows_create(rows, insert->relation, columns, table->n_columns + 1);
}

/* ---- inserting ---- */

/* A row and the batch it belongs to, while they are sorted. */
typedef struct Entry
{
	uint64	  prefix; /* the key's first bytes: decides nearly always */
	Row		 *row;
	RowBatch *batch;
} Entry;

int
row_compare(const Row *left, const Row *right)
{
	int order = strcmp(left->table->name, right->table->name);

	return order != 0 ? order : memcmp(left->key, right->key, FINGERPRINT_SIZE);
}

/*
 * In the order that row_insert promises; of equal rows the first in the order of fluxes, and of
 * the records in a flux.
 */
static int
compare_entries(const void *a, const void *b)
{
	const Entry *left = a;
	const Entry *right = b;
	int			 order;

	if (left->row->table == right->row->table && left->prefix != right->prefix)
		return left->prefix < right->prefix ? -1 : 1;
	order = row_compare(left->row, right->row);
	if (order == 0)
		order = (left->batch->flux.id_flux > right->batch->flux.id_flux) -
				(left->batch->flux.id_flux < right->batch->flux.id_flux);
	if (order == 0)
		order = (left->row->position > right->row->position) -
				(left->row->position < right->row->position);
	return order;
}

/* All rows of all batches in order; *n of them. */
static Entry *
sort_rows(RowBatch *batches, int n_batches, int64 *n)
{
	Entry *entries;
	int64  filled = 0;

	*n = 0;
	for (int i = 0; i < n_batches; i++)
	{
		for (Row *row = batches[i].first; row; row = row->next)
			++*n;
	}
	entries = palloc_extended((*n + 1) * sizeof(Entry), MCXT_ALLOC_HUGE);
	for (int i = 0; i < n_batches; i++)
	{
		for (Row *row = batches[i].first; row; row = row->next)
			entries[filled++] = (Entry){fingerprint_prefix(row->key), row, &batches[i]};
	}
	qsort(entries, *n, sizeof(Entry), compare_entries);
	return entries;
}

/* Inserts n rows of one table, which are in order. */
static void
insert_table(const Entry *entries, int64 n, RowBatch *batches, int n_batches)
{
	Insert *insert = insert_of(entries[0].row->table);
	Datum	values[TABLE_MAX_COLUMNS + 1];
	bool	nulls[TABLE_MAX_COLUMNS + 1];
	Rows	rows;

	create_rows(&rows, insert);
	for (int64 i = 0; i < n; i++)
	{
		if (i > 0 && memcmp(entries[i].row->key, entries[i - 1].row->key, FINGERPRINT_SIZE) == 0)
			continue;
		values[0] = Int64GetDatum(entries[i].batch->flux.id_flux);
		nulls[0] = false;
		unpack(entries[i].row, values + 1, nulls + 1);
		rows_add(&rows, values, nulls);
	}
	rows_register(&rows);
	statement_run(&insert->statement, NULL, NULL, SPI_OK_SELECT);
	flux_add_counts(batches, n_batches, sizeof(RowBatch));
	rows_free(&rows);
}

void
row_insert(RowBatch *batches, int n_batches)
{
	int64  n;
	int64  end;
	Entry *entries = sort_rows(batches, n_batches, &n);

	for (int i = 0; i < n_batches; i++)
		batches[i].flux.inserted = 0;
	for (int64 from = 0; from < n; from = end)
	{
		for (end = from + 1; end < n && entries[end].row->table == entries[from].row->table;)
			end++;
		insert_table(entries + from, end - from, batches, n_batches);
	}
	pfree(entries);
}
