/*
 * address.h
 *	  URLs as people are shown them.
 */
#ifndef DATASENS_SOURCE_ADDRESS_H
#define DATASENS_SOURCE_ADDRESS_H

/*
 * The URL for a message or the journal: what may be a secret in it masked
 * (url_redact), and not longer than a message should be.  In the encoding it was
 * given in, palloc'd.
 */
extern char *address_shown(const char *url);

#endif
