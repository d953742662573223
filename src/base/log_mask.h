/*
 * log_mask.h
 *	  Keeps what datasens_set_secret() is given out of the server's log.
 *
 * Who calls it: datasens_set_secret() (api/secret.c), and _PG_init.
 */
#ifndef DATASENS_BASE_LOG_MASK_H
#define DATASENS_BASE_LOG_MASK_H

/* Called from _PG_init: installs the hook that sees messages before the log does. */
extern void log_mask_install(void);

/* Takes the call that runs now out of pg_stat_activity. */
extern void log_mask_activity(void);

#endif
