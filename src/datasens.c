/*
 * datasens.c
 *	  _PG_init: what the library does when it is loaded.
 *
 * In the postmaster (shared_preload_libraries) it asks for shared memory and
 * registers the launcher; in a backend it only defines its settings and hooks.
 * Nothing foreign is initialised here: libcurl and libxml2 start in the process
 * that uses them.
 */
#include "postgres.h"

#include "base/log_mask.h"
#include "base/settings.h"
#include "base/shared.h"
#include "compat.h"
#include "net/host.h"
#include "run/hooks.h"
#include "run/launcher.h"
#include "source/kind.h"
#include "time/cron.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

/* The check of the schedule settings: base/ may not call time/ itself. */
static bool
check_schedule(const char *expression, const char **detail)
{
	static char message[CRON_MESSAGE_SIZE + 40];
	CronError	error;
	Cron		cron;

	if (cron_parse(expression, &cron, &error))
		return true;
	snprintf(message, sizeof(message), "At character %d: %s.", error.position + 1, error.message);
	*detail = message;
	return false;
}

void
_PG_init(void)
{
	settings_define(check_schedule);
	kinds_define_schedules();
	settings_reserve();
	hooks_install();
	log_mask_install();
	if (process_shared_preload_libraries_in_progress)
	{
		shared_install();
		host_install();
		launcher_register();
	}
}
