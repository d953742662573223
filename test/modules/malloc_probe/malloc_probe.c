/*
 * malloc_probe.c
 *	  What a process of the server's has of malloc, told in the log.
 *
 * pg_log_backend_memory_contexts() has any process write what its memory contexts take; to the last
 * line of that this library, preloaded, adds what malloc has given out, contexts and all: what
 * libraries hold is in no context.  For test/t/210_flat_memory.pl.
 */
#include "postgres.h"

#include <malloc.h>

#include "fmgr.h"
#include "utils/elog.h"

PG_MODULE_MAGIC;

void _PG_init(void);

static emit_log_hook_type previous_hook = NULL;

static void
add_malloc(ErrorData *error)
{
	if (error->message != NULL && strncmp(error->message, "Grand total:", 12) == 0)
	{
		struct mallinfo2 info = mallinfo2();

		error->message =
			psprintf("%s; malloc: %zu bytes", error->message, info.uordblks + info.hblkhd);
	}
	if (previous_hook)
		previous_hook(error);
}

void
_PG_init(void)
{
	previous_hook = emit_log_hook;
	emit_log_hook = add_malloc;
}
