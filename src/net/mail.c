/*
 * mail.c
 *	  A mail to an SMTP server, by libcurl.
 *
 * The operator sends it outside of transactions, on a loop as of any other transfer, so that a
 * server that does not answer runs into a time limit, and a cancel ends the wait. With a password
 * the connection has to be encrypted and the server's certificate right; without one encryption is
 * taken where it is offered, as mail servers do among themselves. The guard is not asked: the
 * administrator has named the server (datasens.smtp_url).
 *
 * libcurl's callbacks only hand over bytes: no palloc, ereport or interrupts in them.
 */
#include "postgres.h"

#include "base/clean.h"
#include "base/settings.h"
#include "net/easy.h"
#include "net/loop.h"
#include "net/mail.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define WAIT_MS 1000

/* What a transfer needs; freed by a reset callback of the context it is in. */
typedef struct Sending
{
	MemoryContextCallback on_reset;
	Loop				 *loop;
	CURL				 *easy;
	struct curl_slist	 *recipients;
	const char			 *rest; /* of the message */
	char				  error[CURL_ERROR_SIZE];
} Sending;

static void
free_sending(void *argument)
{
	Sending *sending = argument;

	/* Takes itself out of the loop; loop_remove may raise errors, as nothing here may. */
	curl_easy_cleanup(sending->easy);
	curl_slist_free_all(sending->recipients);
}

/* libcurl's callback: the next bytes of the message. */
static size_t
read_message(char *buffer, size_t size, size_t n, void *argument)
{
	Sending *sending = argument;
	size_t	 length = strnlen(sending->rest, size * n);

	memcpy(buffer, sending->rest, length);
	sending->rest += length;
	return length;
}

/* libcurl's callback: a socket that the loop counts. */
static curl_socket_t
open_socket(void *argument, curlsocktype purpose, struct curl_sockaddr *address)
{
	return loop_open_socket(((Sending *) argument)->loop, address);
}

/* How it is sent; false where there is no memory for it. */
static bool
set_server(CURL *easy, const Mail *mail)
{
	bool set = easy_set_safety(easy) && easy_set_text(easy, CURLOPT_URL, mail->server) &&
			   easy_set_text(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps") &&
			   easy_set_text(easy, CURLOPT_PROXY, "") &&
			   (!mail->user || easy_set_text(easy, CURLOPT_USERNAME, mail->user)) &&
			   (!mail->password || easy_set_text(easy, CURLOPT_PASSWORD, mail->password));

	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long) setting_connect_timeout);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long) setting_request_timeout);
	if (mail->password)
		curl_easy_setopt(easy, CURLOPT_USE_SSL, (long) CURLUSESSL_ALL);
	else
	{
		curl_easy_setopt(easy, CURLOPT_USE_SSL, (long) CURLUSESSL_TRY);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	return set;
}

/* All that is to be sent; false likewise. */
static bool
set_message(Sending *sending, const Mail *mail)
{
	for (int i = 0; mail->to[i]; i++)
	{
		struct curl_slist *longer = curl_slist_append(sending->recipients, mail->to[i]);

		if (longer == NULL)
			return false;
		sending->recipients = longer;
	}
	sending->rest = mail->message;
	curl_easy_setopt(sending->easy, CURLOPT_MAIL_RCPT, sending->recipients);
	curl_easy_setopt(sending->easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(sending->easy, CURLOPT_READFUNCTION, read_message);
	curl_easy_setopt(sending->easy, CURLOPT_READDATA, sending);
	curl_easy_setopt(sending->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(sending->easy, CURLOPT_OPENSOCKETDATA, sending);
	curl_easy_setopt(sending->easy, CURLOPT_ERRORBUFFER, sending->error);
	return easy_set_text(sending->easy, CURLOPT_MAIL_FROM, mail->from);
}

/*
 * Runs the transfer to its end. A cancel jumps out of here; free_sending, a reset callback, cleans
 * up.
 */
static CURLcode
await(Sending *sending)
{
	CURLcode result;

	loop_attach(sending->loop, sending->easy);
	loop_add(sending->loop, sending->easy);
	while (loop_next_done(sending->loop, &result) == NULL)
	{
		loop_wait(sending->loop, WAIT_MS);
		CHECK_FOR_INTERRUPTS();
	}
	return result;
}

/* In the words of libcurl, which knows no secret of ours but the login's name, and the server's. */
static char *
describe(const Sending *sending, CURLcode result)
{
	long  code = 0;
	char *message;

	curl_easy_getinfo(sending->easy, CURLINFO_RESPONSE_CODE, &code);
	if (code >= 400)
		return psprintf("the mail server answered with code %ld", code);
	message = psprintf("the mail could not be sent: %s",
					   sending->error[0] ? sending->error : curl_easy_strerror(result));
	clean_line(message, GetDatabaseEncoding());
	return message;
}

char *
mail_send(const Mail *mail)
{
	MemoryContext outer = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(outer, "datasens mail", ALLOCSET_DEFAULT_SIZES);
	Sending		 *sending = MemoryContextAllocZero(context, sizeof(Sending));
	char		 *error = NULL;
	CURLcode	  result;

	sending->loop = loop_create(context, 0);
	sending->on_reset.func = free_sending;
	sending->on_reset.arg = sending;
	MemoryContextRegisterResetCallback(context, &sending->on_reset);
	sending->easy = curl_easy_init();
	if (sending->easy == NULL || !set_message(sending, mail) || !set_server(sending->easy, mail))
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	result = await(sending);
	if (result != CURLE_OK)
		error = describe(sending, result);
	MemoryContextDelete(context);
	return error;
}
