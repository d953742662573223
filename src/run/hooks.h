/*
 * hooks.h
 *	  What the server's own commands mean to us: databases that come, go or are
 *	  moved, and a DROP that would take the collected documents along.
 *
 * Who calls it: _PG_init; the server calls the hooks, in every backend.
 */
#ifndef DATASENS_RUN_HOOKS_H
#define DATASENS_RUN_HOOKS_H

#include "postgres.h"

/* Called from _PG_init. */
extern void hooks_install(void);

#endif
