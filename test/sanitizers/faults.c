/*
 * faults.c
 *	  Faults on purpose: what a sanitizer that is at work must find.
 *
 * test/instrument puts this file into src/ of the checkout that it builds, so that the faults
 * are in the library as any of its own would be; no other build has it.  test/sanitizers/faults.pl
 * calls the functions.
 */
#include "postgres.h"

#include <limits.h>

#include "fmgr.h"

PG_FUNCTION_INFO_V1(datasens_fault_overflow);
PG_FUNCTION_INFO_V1(datasens_fault_heap);

/* int -> int: one more than that; undefined for the largest. */
Datum
datasens_fault_overflow(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(PG_GETARG_INT32(0) + 1);
}

/* int -> int: writes to that place of an array of eight and reads it back. */
Datum
datasens_fault_heap(PG_FUNCTION_ARGS)
{
	volatile char *bytes = malloc(8);
	char		   result;

	if (bytes == NULL)
		ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"));
	bytes[PG_GETARG_INT32(0)] = 'x';
	result = bytes[PG_GETARG_INT32(0)];
	free((void *) bytes);
	PG_RETURN_INT32(result);
}
