/*
 * probe.c
 *	  Which fingerprints are stored: asked in order, straight from the index.
 *
 * The scan stands at an entry of the index. For the next fingerprint it goes forward by a few
 * entries, which costs little, and where that was not enough it descends anew from the root.
 *
 * An entry of the index may belong to a row that is dead or not ours to see, so the table has to
 * be asked, too. Where the visibility map does not vouch for the whole page, that is done by the
 * row's header. The rows of a bulk run come from one transaction and lie in the index's order:
 * once one of them has been judged by the server's own rules (index_fetch_heap), the transaction
 * is remembered as one whose rows we see, and its other rows are known by their headers alone. The
 * server's rules would set hint bits in every row, and so cause each page to be written to disk;
 * this way, pages that are only passed over stay clean, and they do not drive other pages out of
 * the buffers.
 */
#include "postgres.h"

#include "compat.h"
#include "store/fingerprint.h"
#include "store/probe.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/relscan.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/visibilitymap.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "storage/bufmgr.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* After so many entries it is cheaper to descend from the root. */
#define MAX_STEPS 8

/*
 * So many transactions are remembered as ones whose rows we see; each in the place that its number
 * gives.
 */
#define KNOWN_TRANSACTIONS 16

/*
 * So many pages of the table are read in the normal way, before they go through a small ring of
 * buffers.
 */
#define PAGES_UNRINGED 8

struct Probe
{
	Relation		table;
	Relation		index; /* NULL: there is none */
	IndexScanDesc	scan;
	TupleTableSlot *slot;
	Buffer			map;  /* page of the visibility map */
	Buffer			page; /* of the table, the last one that was looked at */
	int				n_pages;
	bool			by_header; /* headers may be judged */
	TransactionId	known[KNOWN_TRANSACTIONS];
	ScanKeyData		key; /* what the scan began at: >= a fingerprint */
	bool			started;
	bool			standing; /* at an entry; else the scan is at its end */
};

/*
 * The unique index on that column alone, locked; NULL where there is none. The table is its
 * owner's to alter: what else he may have made of the column is not looked into.
 */
static Relation
find_index(Relation table, AttrNumber column)
{
	List	 *indexes = RelationGetIndexList(table);
	Relation  found = NULL;
	ListCell *cell;

	foreach (cell, indexes)
	{
		Relation index = index_open(lfirst_oid(cell), AccessShareLock);

		if (index->rd_index->indisunique && index->rd_index->indisvalid &&
			index->rd_index->indnkeyatts == 1 && index->rd_index->indkey.values[0] == column &&
			index->rd_rel->relam == BTREE_AM_OID && index->rd_opcintype[0] == fingerprint_type() &&
			RelationGetIndexPredicate(index) == NIL)
		{
			found = index;
			break;
		}
		index_close(index, AccessShareLock);
	}
	list_free(indexes);
	return found;
}

/* Prepares the key of a scan that begins at a fingerprint; descend() puts the fingerprint in. */
static void
set_key(Probe *probe)
{
	Oid type = probe->index->rd_opcintype[0];
	Oid at_least =
		get_opfamily_member(probe->index->rd_opfamily[0], type, type, BTGreaterEqualStrategyNumber);

	ScanKeyEntryInitialize(&probe->key, 0, 1, BTGreaterEqualStrategyNumber, InvalidOid, InvalidOid,
						   get_opcode(at_least), (Datum) 0);
}

Probe *
probe_begin(const char *table)
{
	Probe *probe = palloc0(sizeof(Probe));
	Oid	   schema = get_namespace_oid("datasens", false);

	/* What this transaction has written is seen, too. */
	CommandCounterIncrement();
	PushCopiedSnapshot(GetTransactionSnapshot());
	UpdateActiveSnapshotCommandId();
	probe->map = InvalidBuffer;
	probe->page = InvalidBuffer;
	probe->table = table_open(get_relname_relid(table, schema), AccessShareLock);
	if (probe->table->rd_rel->relkind == RELKIND_RELATION)
		probe->index = find_index(probe->table,
								  get_attnum(RelationGetRelid(probe->table), "hash_fingerprint"));
	if (probe->index != NULL)
	{
		set_key(probe);
		probe->slot = table_slot_create(probe->table, NULL);
		probe->scan = compat_index_beginscan(probe->table, probe->index, GetActiveSnapshot(), 1);
		probe->scan->xs_want_itup = true;
		/* a serializable transaction has to be told of each row that is read */
		probe->by_header =
			probe->table->rd_tableam == GetHeapamTableAmRoutine() && !IsolationIsSerializable();
	}
	return probe;
}

/* Goes to the first entry that is not below the fingerprint. */
static void
descend(Probe *probe, const uint8 *fingerprint)
{
	probe->key.sk_argument = PointerGetDatum(fingerprint);
	index_rescan(probe->scan, &probe->key, 1, NULL, 0);
	probe->standing = index_getnext_tid(probe->scan, ForwardScanDirection) != NULL;
	probe->started = true;
}

/* Compares the entry at which the scan stands with the fingerprint. */
static int
compare_entry(const Probe *probe, const uint8 *fingerprint)
{
	bool  isnull;
	Datum value = index_getattr(probe->scan->xs_itup, 1, probe->scan->xs_itupdesc, &isnull);

	return memcmp(DatumGetPointer(value), fingerprint, FINGERPRINT_SIZE);
}

/*
 * A ring of buffers for the pages that come after a probe's first ones. One serves the whole
 * process: a bulk run has many probes, and a new ring begins by writing out what others have
 * changed.
 */
static BufferAccessStrategy
ring(void)
{
	static BufferAccessStrategy kept = NULL;

	if (kept == NULL)
	{
		MemoryContext previous = MemoryContextSwitchTo(TopMemoryContext);

		kept = GetAccessStrategy(BAS_BULKREAD);
		MemoryContextSwitchTo(previous);
	}
	return kept;
}

/* Pins the page of the table in place of the one before. */
static void
hold_page(Probe *probe, BlockNumber block)
{
	bool first = probe->n_pages < PAGES_UNRINGED;

	if (BufferIsValid(probe->page) && BufferGetBlockNumber(probe->page) == block)
		return;
	if (BufferIsValid(probe->page))
		ReleaseBuffer(probe->page);
	probe->n_pages += first;
	probe->page =
		ReadBufferExtended(probe->table, MAIN_FORKNUM, block, RBM_NORMAL, first ? NULL : ring());
}

/*
 * Whether the row was inserted for good, nobody has begun to delete it, and no VACUUM FULL of an
 * ancient server has moved it.
 */
static bool
is_plain(HeapTupleHeader header)
{
	uint16 invalid = header->t_infomask & (HEAP_XMIN_INVALID | HEAP_XMAX_INVALID | HEAP_MOVED);

	return invalid == HEAP_XMAX_INVALID;
}

/* The place where that transaction is remembered, or another with the same remainder. */
static TransactionId *
known_of(Probe *probe, TransactionId transaction)
{
	return &probe->known[transaction % KNOWN_TRANSACTIONS];
}

/*
 * Whether the row's header is enough to say that we see the row. False: the server has to be
 * asked.
 */
static bool
is_known(Probe *probe, ItemPointer tid)
{
	Page			page;
	ItemId			item;
	HeapTupleHeader header;
	bool			known = false;

	hold_page(probe, ItemPointerGetBlockNumber(tid));
	LockBuffer(probe->page, BUFFER_LOCK_SHARE);
	page = BufferGetPage(probe->page);
	if (ItemPointerGetOffsetNumber(tid) <= PageGetMaxOffsetNumber(page))
	{
		item = PageGetItemId(page, ItemPointerGetOffsetNumber(tid));
		if (ItemIdIsNormal(item))
		{
			header = (HeapTupleHeader) PageGetItem(page, item);
			known = is_plain(header) && *known_of(probe, HeapTupleHeaderGetRawXmin(header)) ==
											HeapTupleHeaderGetRawXmin(header);
		}
	}
	LockBuffer(probe->page, BUFFER_LOCK_UNLOCK);
	return known;
}

/*
 * Remembers the transaction of a row that we see: we see its other rows, too. Not our own
 * transaction, some of whose rows may be newer than our snapshot.
 */
static void
learn(Probe *probe)
{
	HeapTuple	  tuple = ExecFetchSlotHeapTuple(probe->slot, false, NULL);
	TransactionId transaction = HeapTupleHeaderGetRawXmin(tuple->t_data);

	if (is_plain(tuple->t_data) && TransactionIdIsNormal(transaction) &&
		!TransactionIdIsCurrentTransactionId(transaction))
		*known_of(probe, transaction) = transaction;
}

/* Whether we see the row that the entry points to. */
static bool
is_visible(Probe *probe)
{
	ItemPointer tid = &probe->scan->xs_heaptid;

	if (VM_ALL_VISIBLE(probe->table, ItemPointerGetBlockNumber(tid), &probe->map))
		return true;
	if (probe->by_header && is_known(probe, tid))
		return true;
	if (!index_fetch_heap(probe->scan, probe->slot))
		return false;
	if (probe->by_header)
		learn(probe);
	ExecClearTuple(probe->slot);
	return true;
}

bool
probe_finds(Probe *probe, const uint8 *fingerprint)
{
	int steps = 0;
	int order;

	if (probe->index == NULL)
		return false;
	if (!probe->started)
		descend(probe, fingerprint);
	while (probe->standing)
	{
		order = compare_entry(probe, fingerprint);
		if (order > 0)
			return false;
		if (order == 0 && is_visible(probe))
			return true;
		if (order < 0 && steps++ == MAX_STEPS)
			descend(probe, fingerprint);
		else
			probe->standing = index_getnext_tid(probe->scan, ForwardScanDirection) != NULL;
	}
	return false;
}

void
probe_end(Probe *probe)
{
	if (probe->index != NULL)
	{
		index_endscan(probe->scan);
		ExecDropSingleTupleTableSlot(probe->slot);
		index_close(probe->index, AccessShareLock);
	}
	if (BufferIsValid(probe->map))
		ReleaseBuffer(probe->map);
	if (BufferIsValid(probe->page))
		ReleaseBuffer(probe->page);
	table_close(probe->table, AccessShareLock);
	PopActiveSnapshot();
	pfree(probe);
}
