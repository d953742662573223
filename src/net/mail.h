/*
 * mail.h
 *	  A mail to an SMTP server, by libcurl.
 *
 * Who calls it: operate/, for alerts.  The server is the administrator's choice,
 * so the guard of what may be collected from does not apply to it.
 */
#ifndef DATASENS_NET_MAIL_H
#define DATASENS_NET_MAIL_H

#include "postgres.h"

typedef struct Mail
{
	const char *server;	  /* smtp://host:port, smtps://host:port */
	const char *user;	  /* NULL: no login */
	const char *password; /* NULL: none */
	const char *from;	  /* an address; likewise below */
	char	  **to;		  /* NULL-terminated */
	const char *message;  /* as RFC 5322 has it, with CRLF */
} Mail;

/*
 * Sends it and waits for the server's word.  With a password only over TLS with a
 * certificate that is accepted; without one over TLS where the server offers it,
 * whatever its certificate, as mail servers do among themselves.  NULL, or what went
 * wrong (palloc'd).  Waits on the process latch and looks at interrupts; ereports
 * where libcurl or the system refuses.  No transaction is needed.
 */
extern char *mail_send(const Mail *mail);

#endif
