/*
 * compat.h
 *	  Every difference between server versions 14 to 18 that we meet.
 */
#ifndef DATASENS_COMPAT_H
#define DATASENS_COMPAT_H

#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/guc.h"

#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#include "varatt.h"
#endif
#if PG_VERSION_NUM >= 180000
#include "storage/waiteventset.h"
#endif

/* 15: shared memory is asked for in a hook of its own. */
#if PG_VERSION_NUM >= 150000
#define HAVE_SHMEM_REQUEST_HOOK 1
#endif

/* 15: an extension's prefix can be reserved. */
#if PG_VERSION_NUM < 150000
#define MarkGUCPrefixReserved(prefix) EmitWarningsOnPlaceholders(prefix)
#endif

/* 15: a set-returning function that fills a tuplestore has a helper, renamed in 16. */
#if PG_VERSION_NUM >= 160000
#define compat_materialize(fcinfo) InitMaterializedSRF(fcinfo, 0)
#elif PG_VERSION_NUM >= 150000
#define compat_materialize(fcinfo) SetSingleFuncCall(fcinfo, 0)
#else
#include "utils/memutils.h"
#include "utils/tuplestore.h"
static inline void
compat_materialize(FunctionCallInfo fcinfo)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext  previous;

	if (result == NULL || !IsA(result, ReturnSetInfo) ||
		(result->allowedModes & SFRM_Materialize) == 0)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("a set-returning function is called where it cannot be")));
	previous = MemoryContextSwitchTo(result->econtext->ecxt_per_query_memory);
	if (get_call_result_type(fcinfo, NULL, &result->setDesc) != TYPEFUNC_COMPOSITE)
		result->setDesc = CreateTupleDescCopy(result->expectedDesc);
	result->setResult = tuplestore_begin_heap((result->allowedModes & SFRM_Materialize_Random) != 0,
											  false, work_mem);
	result->returnMode = SFRM_Materialize;
	MemoryContextSwitchTo(previous);
}
#endif

/* 15: the server's random numbers have a generator of their own. */
#if PG_VERSION_NUM >= 150000
#include "common/pg_prng.h"
#define compat_random_fraction() pg_prng_double(&pg_global_prng_state)
#else
#define compat_random_fraction() ((double) random() / ((double) MAX_RANDOM_VALUE + 1))
#endif

/* 15: a failed hash computation says why. */
#if PG_VERSION_NUM >= 150000
#define compat_cryptohash_error(context) pg_cryptohash_error(context)
#else
#define compat_cryptohash_error(context) "unknown failure"
#endif

/* 16: an input function returns its error where the caller has a place for it. */
#if PG_VERSION_NUM >= 160000
#define compat_ereturn(escontext, value, ...) ereturn(escontext, value, __VA_ARGS__)
#else
#define compat_ereturn(escontext, value, ...) ereport(ERROR, __VA_ARGS__)
#endif

/* 16: one function tells the owner of any object. */
#if PG_VERSION_NUM >= 160000
#define compat_owns_database(database, role) object_ownercheck(DatabaseRelationId, database, role)
#else
#define compat_owns_database(database, role) pg_database_ownercheck(database, role)
#endif

/* 16: what a backend does is looked up under another name. */
#if PG_VERSION_NUM >= 160000
#define compat_backend_status(number) (&pgstat_get_local_beentry_by_index(number)->backendStatus)
#else
#define compat_backend_status(number) (&pgstat_fetch_stat_local_beentry(number)->backendStatus)
#endif

/* 17: a wait event set hangs on a resource owner instead of a memory context. */
#if PG_VERSION_NUM >= 170000
#define compat_create_wait_event_set(context, n) CreateWaitEventSet(NULL, n)
#else
#define compat_create_wait_event_set(context, n) CreateWaitEventSet(context, n)
#endif

/* 18: what does not return says so in front. */
#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

/* 18: a scan of an index can count what it does. */
#if PG_VERSION_NUM >= 180000
#define compat_index_beginscan(table, index, snapshot, n_keys)                                     \
	index_beginscan(table, index, snapshot, NULL, n_keys, 0)
#else
#define compat_index_beginscan(table, index, snapshot, n_keys)                                     \
	index_beginscan(table, index, snapshot, n_keys, 0)
#endif

#endif
