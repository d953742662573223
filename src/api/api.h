/*
 * api.h
 *	  What the SQL-callable functions share.
 */
#ifndef DATASENS_API_API_H
#define DATASENS_API_API_H

#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"

#include "base/transaction.h"

/* A text argument as a palloc'd C string, NULL for a null. */
extern char *argument_string(FunctionCallInfo fcinfo, int i);

/* ereports on a standby and in a read-only transaction. */
extern void check_can_write(const char *function);

/* Copies the rows of SPI_tuptable into a materialized result of the same columns. */
extern void return_rows(ReturnSetInfo *result);

#endif
