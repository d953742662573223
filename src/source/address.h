/*
 * address.h
 *	  URLs as people are shown them, and as documents have them.
 *
 * Who calls it: the kinds, for messages and documents; store/journal.c.
 */
#ifndef DATASENS_SOURCE_ADDRESS_H
#define DATASENS_SOURCE_ADDRESS_H

#include "base/arena.h"

/*
 * The URL for a message or the journal: what may be a secret in it masked
 * (url_redact), and not longer than a message should be.  In the encoding it was
 * given in, palloc'd.
 */
extern char *address_shown(const char *url);

/* The URL as a document has it: without user name and password; palloc'd where it had them. */
extern Text address_bare(Text url);

/*
 * The same without what is secret in the source's own address (url_without_secrets_of);
 * palloc'd where something was.  Absent where it is too long to be looked into.
 */
extern Text address_without_secrets(Text url, const char *own);

#endif
