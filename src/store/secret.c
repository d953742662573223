/*
 * secret.c
 *	  Secrets that the database keeps: the table datasens.secret.
 */
#include "postgres.h"

#include "base/memory.h"
#include "base/secret_file.h"
#include "base/transaction.h"
#include "store/secret.h"

#include "access/genam.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

/* The columns of the table, in its order. */
enum
{
	SECRET_NOM = 1,
	SECRET_VALEUR,
	SECRET_DATE_MAJ,
	SECRET_COLUMNS = SECRET_DATE_MAJ
};

static Relation
open_table(LOCKMODE lock)
{
	Oid schema = get_namespace_oid("datasens", false);

	return table_open(get_relname_relid("secret", schema), lock);
}

static char *
column_string(Relation table, HeapTuple tuple, int column)
{
	bool  isnull;
	Datum value = heap_getattr(tuple, column, RelationGetDescr(table), &isnull);

	return isnull ? pstrdup("") : TextDatumGetCString(value);
}

/* All secrets, in the context. Inside a transaction. */
static List *
load(MemoryContext context)
{
	Relation	table = open_table(AccessShareLock);
	SysScanDesc scan = systable_beginscan(table, InvalidOid, false, GetActiveSnapshot(), 0, NULL);
	List	   *secrets = NIL;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		char		 *name = column_string(table, tuple, SECRET_NOM);
		char		 *value = column_string(table, tuple, SECRET_VALEUR);
		Text		  utf8 = memory_utf8(value, strlen(value));
		MemoryContext previous = MemoryContextSwitchTo(context);
		Secret		 *secret = palloc(sizeof(Secret));

		secret->name = pstrdup(name);
		secret->value = pnstrdup(utf8.data, utf8.len);
		secrets = lappend(secrets, secret);
		MemoryContextSwitchTo(previous);
	}
	systable_endscan(scan);
	table_close(table, AccessShareLock);
	return secrets;
}

List *
secret_load(MemoryContext context)
{
	OwnerScope scope;
	List	  *secrets;

	if (IsTransactionState())
		return load(context);
	if (!transaction_start(&scope))
		return NIL;
	secrets = load(context);
	transaction_commit(&scope, false);
	return secrets;
}

char *
secret_find(List *secrets, const char *name)
{
	ListCell *cell;

	foreach (cell, secrets)
	{
		const Secret *secret = lfirst(cell);

		if (strcmp(secret->name, name) == 0)
			return secret->value;
	}
	return NULL;
}

char *
secret_find_anywhere(List *secrets, const char *name)
{
	char *value = secret_find(secrets, name);

	return value ? value : secret_from_outside(name);
}

/* Changes the row, or makes one; old: the row that is there, or NULL. */
static void
put(Relation table, HeapTuple old, const char *name, const char *value)
{
	Datum values[SECRET_COLUMNS] = {CStringGetTextDatum(name), CStringGetTextDatum(value),
									TimestampTzGetDatum(GetCurrentTimestamp())};
	bool  nulls[SECRET_COLUMNS] = {false};
	HeapTuple new = heap_form_tuple(RelationGetDescr(table), values, nulls);

	if (old == NULL)
		CatalogTupleInsert(table, new);
	else
		CatalogTupleUpdate(table, &old->t_self, new);
}

/* The lock is held to the end of the transaction, so that writers come one after the other. */
bool
secret_store(const char *name, const char *value)
{
	Relation	table = open_table(ShareRowExclusiveLock);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	old;
	bool		found;

	ScanKeyInit(&key, SECRET_NOM, BTEqualStrategyNumber, F_TEXTEQ, CStringGetTextDatum(name));
	key.sk_collation = C_COLLATION_OID;
	scan = systable_beginscan(table, InvalidOid, false, snapshot, 1, &key);
	old = systable_getnext(scan);
	found = HeapTupleIsValid(old);
	if (value != NULL)
		put(table, old, name, value);
	else if (found)
		CatalogTupleDelete(table, &old->t_self);
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(table, NoLock);
	return found;
}
