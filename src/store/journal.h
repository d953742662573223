/*
 * journal.h
 *	  The journal: what happened that is worth a line, and the source rows that
 *	  such happenings change.
 *
 * All functions run inside an owner's scope.
 */
#ifndef DATASENS_STORE_JOURNAL_H
#define DATASENS_STORE_JOURNAL_H

#include "postgres.h"

/* Writes a line: the action in capitals (SOURCE_AJOUTEE, ...), details or NULL. */
extern void journal_write(const char *action, const char *details);

/* The source's address has moved for good (301, 308): url or its entry in options.flux. */
extern void journal_source_moved(int32 id_source, const char *nom, const char *from,
								 const char *to);

/* The source is gone for good (410): it is disabled. */
extern void journal_source_gone(int32 id_source, const char *nom, const char *url);

#endif
