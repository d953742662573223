/*
 * api.h
 *	  What the SQL-callable functions share.
 *
 * A file of this room has the functions of one subject. Each checks its arguments, calls the rooms
 * below and forms rows; it knows nothing that a collector would have to know, too. Who may call a
 * function is said in the install script (REVOKE, GRANT), not here.
 *
 * Called by the server, through the CREATE FUNCTIONs of the install script. Never: a rule about
 * sources, runs or tables of which a worker has a second copy.
 */
#ifndef DATASENS_API_API_H
#define DATASENS_API_API_H

#include "compat.h"

#include "fmgr.h"
#include "funcapi.h"

#include "base/transaction.h"

/* Text argument i as a palloc'd C string; NULL for a null. */
extern char *argument_string(FunctionCallInfo fcinfo, int i);

/* ereports, naming the function, on a standby and in a read-only transaction. */
extern void check_can_write(const char *function);

/* ereports that there is no source of that name. Does not return. */
pg_noreturn extern void no_such_source(const char *nom);

/*
 * Where there are no sources, or none is collected by itself: a NOTICE with the next step, for who
 * looks at the sources or asks for all of them. Inside an owner's scope.
 */
extern void notice_if_idle(void);

/* A row of what datasens_collect() and datasens_replay() return, for a stored run (collect.c). */
struct Run;
struct Flux;
extern void return_flux(ReturnSetInfo *result, const struct Run *run, const struct Flux *flux);

/*
 * Copies the rows of SPI_tuptable into a materialized result. ereports unless the columns of the
 * two are the same.
 */
extern void return_rows(ReturnSetInfo *result);

#endif
