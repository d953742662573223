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
 * What who looks at the sources, or means all of them, ought to know first, as a NOTICE with
 * the next step: that there are none, or that none is collected by itself.  Inside an
 * owner_enter().
 */
extern void notice_if_idle(void);

/* One row of datasens_collect()'s result, and of datasens_replay()'s, for a stored run (collect.c). */
struct Run;
struct Flux;
extern void return_flux(ReturnSetInfo *result, const struct Run *run, const struct Flux *flux);

/* Copies the rows of SPI_tuptable into a materialized result of the same columns. */
extern void return_rows(ReturnSetInfo *result);

#endif
