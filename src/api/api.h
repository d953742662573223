/*
 * api.h
 *	  What the SQL-callable functions share.
 */
#ifndef DATASENS_API_API_H
#define DATASENS_API_API_H

#include "compat.h"

#include "fmgr.h"
#include "funcapi.h"

#include "base/transaction.h"

/* A text argument as a palloc'd C string, NULL for a null. */
extern char *argument_string(FunctionCallInfo fcinfo, int i);

/* ereports on a standby and in a read-only transaction. */
extern void check_can_write(const char *function);

/* ereports that there is no source of that name. */
pg_noreturn extern void no_such_source(const char *nom);

/*
 * A NOTICE with the next step, for whoever looks at the sources or asks for all of them, where
 * there are none or none is collected by itself.  Inside an owner's scope.
 */
extern void notice_if_idle(void);

/* A row of what datasens_collect() and datasens_replay() return, for a stored run (collect.c). */
struct Run;
struct Flux;
extern void return_flux(ReturnSetInfo *result, const struct Run *run, const struct Flux *flux);

/* Copies the rows of SPI_tuptable into a materialized result; ereports unless its columns are the same. */
extern void return_rows(ReturnSetInfo *result);

#endif
