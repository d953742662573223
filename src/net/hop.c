/*
 * hop.c
 *	  One question to one server: how it is put, and what its answer means.
 *
 * Redirects are followed here and not by libcurl, so that each target passes
 * the guard, waits for a place at its own host, and is asked without the
 * credentials of another.
 */
#include "net/transfer.h"

#include "base/clean.h"
#include "base/settings.h"
#include "base/version.h"
#include "net/easy.h"
#include "net/guard.h"
#include "net/host.h"
#include "parse/url.h"

#include "mb/pg_wchar.h"

#include <stdlib.h>
#include <string.h>

/* Whom a server's log tells of us: the program and its minor version, and who runs it. */
#define USER_AGENT "datasens/" DATASENS_VERSION
#define USER_AGENT_SIZE 512

/*
 * A transfer slower than this for half of the request's time has stalled. A file has no time to be
 * there in, so that this alone ends it.
 */
#define STALL_BYTES_PER_SECOND 16L
#define FILE_STALL_BYTES_PER_SECOND 1024L

/* libcurl's read buffer: most feeds fit in one read. */
#define RECEIVE_BUFFER (64L * 1024)

/* How long a host is left alone that does not say how long it wants to be. */
#define HOLD_SECONDS 10

/* What a message with a URL in it may take to be put together. */
#define MESSAGE_MEMORY (256 * 1024)

/*
 * The question
 */

/*
 * Times are in milliseconds.  A length that is announced beyond the limit ends the
 * transfer before its body; one that is not is met in receive.c.
 */
static void
set_limits(CURL *easy, const Transfer *transfer)
{
	/* The time of all hops together, but never 0, which would mean no limit. */
	int64 left = setting_request_timeout - transfer->response.duration / 1000;
	bool  is_file = transfer->file.descriptor >= 0;

	/* A file may take as long as it takes, as long as it comes. */
	if (!is_file)
		curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long) Max(left, 1));
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long) setting_connect_timeout);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT,
					 is_file ? FILE_STALL_BYTES_PER_SECOND : STALL_BYTES_PER_SECOND);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long) Max(setting_request_timeout / 2000, 1));
	curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t) transfer->max_size);
}

/*
 * The question itself: GET unless there is something to post, in the codings that we can
 * unpack, over HTTP/2 where TLS offers it.  Requests do not wait to see whether a connection
 * that is being made can be shared (CURLOPT_PIPEWAIT): with HTTP/1.1 that would
 * cost a round trip, and later requests find the connection anyway.  False where there is no
 * memory for it.
 */
static bool
set_request(CURL *easy, Transfer *transfer)
{
	const char *agent = setting_user_agent;
	const char *url = transfer->secret_url ? transfer->secret_url : transfer->url;
	char		built_in[USER_AGENT_SIZE];
	char		range[32];
	bool		set;

	if (setting_contact && setting_contact[0])
		snprintf(built_in, sizeof(built_in), USER_AGENT " (+%s)", setting_contact);
	else
		strlcpy(built_in, USER_AGENT " (PostgreSQL " PG_MAJORVERSION ")", sizeof(built_in));
	set = easy_set_text(easy, CURLOPT_URL, url) &&
		  easy_set_text(easy, CURLOPT_USERAGENT, agent && agent[0] ? agent : built_in);
	if (transfer->end_bytes > 0)
	{
		/* Of the file's own bytes: a part of a packed form could not be unpacked. */
		snprintf(range, sizeof(range), "-%lld", (long long) transfer->end_bytes);
		set = set && easy_set_text(easy, CURLOPT_RANGE, range);
	}
	else
		set = set && easy_set_text(easy, CURLOPT_ACCEPT_ENCODING, CONTENT_CODINGS_ACCEPTED);
	/* receive.c unpacks: libcurl does not tell whether the stream that it unpacks has ended. */
	curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER);
	if (transfer->n_headers > 0)
		curl_easy_setopt(easy, CURLOPT_HTTPHEADER, &transfer->headers[0]);
	if (transfer->post)
	{
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) strlen(transfer->post));
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer->post);
	}
	return set;
}

static bool
is_proxied(void)
{
	return setting_proxy && setting_proxy[0];
}

bool
hop_may_begin(const char *url, Failure *failure)
{
	return guard_check_url(url, failure) && (!is_proxied() || guard_check_proxied(url, failure));
}

bool
hop_begin(Hop *hop, Transfer *transfer)
{
	hop->transfer = transfer;
	hop->proxied = is_proxied();
	hop->started = loop_now();
	hop->denials = loop_denials();
	receive_reset(hop);

	/* Keeps the handle's memory; connections are the loop's. */
	curl_easy_reset(hop->easy);
	curl_easy_setopt(hop->easy, CURLOPT_PRIVATE, hop);
	set_limits(hop->easy, transfer);
	receive_attach(hop);
	loop_attach(hop->loop, hop->easy);
	return easy_set_safety(hop->easy) && set_request(hop->easy, transfer);
}

/*
 * What went wrong, in one failure
 */

/* Costs an arena and a search for secrets: nothing that a success ever pays. */
void
transfer_fail(Transfer *transfer, FailureClass class, const char *message)
{
	Failure *failure = &transfer->response.failure;
	Arena	*arena = arena_create(MESSAGE_MEMORY);
	Text	 url = TEXT_NULL;

	if (arena != NULL)
		url = url_redact(arena, (Text){transfer->url, strlen(transfer->url)});
	if (text_present(url))
		failure_set(failure, class, "%s: %.*s", message, (int) url.len, url.data);
	else
		failure_set(failure, class, "%s", message);
	arena_free(arena);
	clean_line(failure->detail, PG_UTF8);
}

/* libcurl's codes; those not named are broken HTTP or TLS. */
static const struct
{
	CURLcode code;
	FailureClass class;
} code_classes[] = {
	{CURLE_COULDNT_RESOLVE_HOST, FAILURE_RESOLVE},
	{CURLE_COULDNT_RESOLVE_PROXY, FAILURE_RESOLVE},
	{CURLE_COULDNT_CONNECT, FAILURE_CONNECT},
	{CURLE_GOT_NOTHING, FAILURE_CONNECT},
	{CURLE_RECV_ERROR, FAILURE_CONNECT},
	{CURLE_SEND_ERROR, FAILURE_CONNECT},
	{CURLE_OPERATION_TIMEDOUT, FAILURE_TIMEOUT},
	{CURLE_PARTIAL_FILE, FAILURE_TRUNCATED},
	{CURLE_PEER_FAILED_VERIFICATION, FAILURE_CERTIFICATE},
	{CURLE_SSL_CACERT_BADFILE, FAILURE_CERTIFICATE},
	{CURLE_SSL_ISSUER_ERROR, FAILURE_CERTIFICATE},
	{CURLE_SSL_INVALIDCERTSTATUS, FAILURE_CERTIFICATE},
	{CURLE_URL_MALFORMAT, FAILURE_URL},
	{CURLE_FILESIZE_EXCEEDED, FAILURE_TOO_LARGE},
#if LIBCURL_VERSION_NUM >= 0x080600
	{CURLE_TOO_LARGE, FAILURE_TOO_LARGE},
#endif
	{CURLE_OUT_OF_MEMORY, FAILURE_MEMORY},
	{CURLE_FAILED_INIT, FAILURE_MEMORY},
};

static FailureClass
class_of_code(const Hop *hop, CURLcode code)
{
	FailureClass class = FAILURE_PROTOCOL;

	for (size_t i = 0; i < lengthof(code_classes); i++)
		if (code_classes[i].code == code)
			class = code_classes[i].class;

	/* A connection or stream that breaks after the header cuts the body short. */
	if (hop->head_ended &&
		(class == FAILURE_CONNECT || code == CURLE_HTTP2_STREAM || code == CURLE_HTTP2))
		class = FAILURE_TRUNCATED;
	return class;
}

/*
 * The failure that libcurl reports.  Its own words are kept, as they name the host, the
 * certificate's fault or the system's error, but for those that would mislead or have ours.
 */
static void
fail_by_code(Hop *hop, CURLcode code)
{
	FailureClass class = class_of_code(hop, code);
	char   message[CURL_ERROR_SIZE];
	size_t length;

	strlcpy(message, hop->error[0] ? hop->error : curl_easy_strerror(code), sizeof(message));
	length = strlen(message);
	while (length > 0 && (message[length - 1] == '.' || message[length - 1] == '\n'))
		message[--length] = '\0';

	if (class == FAILURE_CONNECT && hop->refused_address[0] && !hop->admitted)
	{
		class = FAILURE_REFUSED;
		snprintf(message, sizeof(message), GUARD_REFUSAL, hop->refused_address);
	}
	else if (hop->denials != loop_denials())
	{
		/* Whatever it says then: that a host is not known, or a line too long. */
		class = FAILURE_MEMORY;
		strlcpy(message, "out of memory", sizeof(message));
	}
	else if ((class == FAILURE_MEMORY || class == FAILURE_TOO_LARGE) &&
			 code != CURLE_FILESIZE_EXCEEDED && hop->status > 0 && !hop->head_ended)
	{
		/* A header line beyond libcurl's own limit, 100 kB; libcurl 7 reports it as lack of memory. */
		class = FAILURE_TOO_LARGE;
		strlcpy(message, "header line of more than 100 kB", sizeof(message));
	}
	else if (code == CURLE_FILESIZE_EXCEEDED) /* before it arrives, or as it does */
		snprintf(message, sizeof(message), "body of more than %lld bytes",
				 (long long) hop->transfer->max_size);
	transfer_fail(hop->transfer, class, message);
}

/*
 * Too many requests and an overloaded server concern all of the host's URLs, and all
 * who ask for them.
 */
static void
hold_host(Hop *hop)
{
	Failure *failure = &hop->transfer->response.failure;
	int64	 seconds = hop->retry_after >= 0 ? hop->retry_after : HOLD_SECONDS;
	Arena	*arena = arena_create(MESSAGE_MEMORY);
	Text	 url = {hop->transfer->url, strlen(hop->transfer->url)};
	Text	 origin = arena ? url_origin(arena, url) : TEXT_NULL;

	if (text_present(origin))
		host_hold(host_key(origin), seconds * 1000000);
	arena_free(arena);
	failure->host_wide = hop->retry_after >= 0;
}

/*
 * The failure that the server reports.  What may pass by itself: 408 (RFC 9110,
 * 15.5.9), 425 (RFC 8470), 429 (RFC 6585) and the server's own errors, 5xx.
 */
static void
fail_by_status(Hop *hop)
{
	Failure *failure = &hop->transfer->response.failure;
	int		 status = hop->status;
	FailureClass class = FAILURE_HTTP_PERMANENT;
	char message[64];

	if (status == 410)
		class = FAILURE_GONE;
	else if (status == 408 || status == 425 || status == 429 || status >= 500)
		class = FAILURE_HTTP_TRANSIENT;
	snprintf(message, sizeof(message), "HTTP status %d", status);
	transfer_fail(hop->transfer, class, message);

	failure->retry_after = hop->retry_after;
	if (status == 429 || status == 503)
		hold_host(hop);
}

/*
 * Redirects (RFC 9110, 15.4)
 */

static bool
is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Sets *same to whether they are of one origin; false where there is no memory to tell. */
static bool
compare_origins(const char *from, const char *to, bool *same)
{
	Arena *arena = arena_create(MESSAGE_MEMORY);
	bool   told = arena != NULL;

	if (told)
	{
		*same = text_equal(url_origin(arena, (Text){from, strlen(from)}),
						   url_origin(arena, (Text){to, strlen(to)}));
		told = !arena_starved(arena);
	}
	arena_free(arena);
	return told;
}

/* From here on without the credentials in the request's headers. */
static void
drop_credentials(Transfer *transfer)
{
	transfer->n_headers = transfer->n_public;
	if (transfer->n_headers > 0)
		transfer->headers[transfer->n_headers - 1].next = NULL;
}

/*
 * The parts of URLs by libcurl's parser, which is the one that will read the result.  Each step
 * adds to *code, and does nothing once one has failed.
 */

static CURLU *
url_open(CURLUcode *code)
{
	CURLU *url = curl_url();

	if (url == NULL)
		*code = CURLUE_OUT_OF_MEMORY;
	return url;
}

static void
url_set(CURLU *url, CURLUPart part, const char *value, unsigned flags, CURLUcode *code)
{
	if (*code == CURLUE_OK)
		*code = curl_url_set(url, part, value, flags);
}

/* To be freed by curl_free; NULL where there is no such part. */
static char *
url_get(CURLU *url, CURLUPart part, CURLUcode *code)
{
	char *value = NULL;

	if (*code == CURLUE_OK)
		*code = curl_url_get(url, part, &value, 0);
	if (*code == CURLUE_NO_USER || *code == CURLUE_NO_PASSWORD)
		*code = CURLUE_OK;
	return value;
}

/*
 * Takes user name and password from where we were if the origin is the same, else
 * drops them, along with any that the server wrote into the target.
 */
static void
set_credentials(CURLU *target, const char *from, const char *to, CURLUcode *code)
{
	CURLU *base = url_open(code);
	char  *user = NULL;
	char  *password = NULL;
	bool   same = false;

	if (*code == CURLUE_OK && !compare_origins(from, to, &same))
		*code = CURLUE_OUT_OF_MEMORY;
	if (same)
	{
		url_set(base, CURLUPART_URL, from, 0, code);
		user = url_get(base, CURLUPART_USER, code);
		password = url_get(base, CURLUPART_PASSWORD, code);
	}
	url_set(target, CURLUPART_USER, user, 0, code);
	url_set(target, CURLUPART_PASSWORD, password, 0, code);
	curl_free(user);
	curl_free(password);
	curl_url_cleanup(base);
}

/*
 * The Location field seen from the URL it was met at (RFC 3986, 5.2): malloc'd, or NULL where
 * *code says why it makes no URL.  Any scheme passes here; the guard names the one it refuses.
 */
static char *
resolve_location(const char *from, const char *location, CURLUcode *code)
{
	CURLU *target = url_open(code);
	char  *to;
	char  *result = NULL;

	url_set(target, CURLUPART_URL, from, 0, code);
	url_set(target, CURLUPART_URL, location, CURLU_URLENCODE | CURLU_NON_SUPPORT_SCHEME, code);
	to = url_get(target, CURLUPART_URL, code);
	if (*code == CURLUE_OK)
		set_credentials(target, from, to, code);
	curl_free(to);
	to = url_get(target, CURLUPART_URL, code);
	if (*code == CURLUE_OK && (result = strdup(to)) == NULL)
		*code = CURLUE_OUT_OF_MEMORY;
	curl_free(to);
	curl_url_cleanup(target);
	return result;
}

/* The target of the transfer's redirect, malloc'd; NULL with its failure where there is none. */
static char *
find_target(Hop *hop)
{
	Transfer *transfer = hop->transfer;
	CURLUcode code = CURLUE_OK;
	char	 *target = resolve_location(transfer->url, hop->location, &code);

	if (code == CURLUE_OUT_OF_MEMORY)
		transfer_fail(transfer, FAILURE_MEMORY, "no memory for the redirect from");
	else if (target == NULL)
		transfer_fail(transfer, FAILURE_HTTP_PERMANENT,
					  "redirect to something that is no URL, from");
	return target;
}

/* From here on to the target, without another origin's credentials; false where memory is out. */
static bool
turn_to(Transfer *transfer, char *target)
{
	bool same = false;

	if (!compare_origins(transfer->url, target, &same))
	{
		free(target);
		transfer_fail(transfer, FAILURE_MEMORY, "no memory for the redirect from");
		return false;
	}
	if (!same)
		drop_credentials(transfer);
	if (transfer->url != transfer->response.url)
		free(transfer->url);
	transfer->url = target;
	transfer->secret_url = NULL;
	transfer->redirects++;
	return true;
}

/*
 * Turns the transfer to where the answer points; false, with its failure, where it may
 * not go, or where the answer is all that was wanted.
 */
static bool
follow(Hop *hop)
{
	Transfer *transfer = hop->transfer;
	Failure	  why = FAILURE_INIT;
	char	 *target;

	if (transfer->post)
	{
		transfer_fail(transfer, FAILURE_HTTP_PERMANENT, "redirect of what was posted");
		return false;
	}
	if (!transfer->stay && transfer->redirects >= setting_max_redirects)
	{
		transfer_fail(transfer, FAILURE_REFUSED,
					  "more redirects than datasens.max_redirects allows");
		return false;
	}
	target = find_target(hop);
	if (transfer->stay)
		transfer->response.location = target;
	if (target == NULL || transfer->stay || !turn_to(transfer, target))
		return false;
	transfer->moved = transfer->moved && (hop->status == 301 || hop->status == 308);
	if (!hop_may_begin(target, &why))
	{
		transfer_fail(transfer, why.class, why.detail);
		return false;
	}
	return true;
}

/*
 * The answer
 */

/* Adds what this hop cost to what the transfer has cost so far. */
static void
account(Hop *hop)
{
	FetchResponse *response = &hop->transfer->response;
	curl_off_t	   body = 0;
	long		   header = 0;

	curl_easy_getinfo(hop->easy, CURLINFO_SIZE_DOWNLOAD_T, &body);
	curl_easy_getinfo(hop->easy, CURLINFO_HEADER_SIZE, &header);
	response->octets += body + header;
	response->duration += loop_now() - hop->started;
	response->status = hop->status;
}

/* Whether the body is what the server says it is: all of it, and unchanged. */
static bool
is_sound(Hop *hop)
{
	Transfer	 *transfer = hop->transfer;
	unsigned char digest[MD5_SIZE];

	if (!hop->has_md5 || hop->codings.n > 0 || hop->status != 200)
		return true;
	if (transfer->body_len == 0)
		md5_start(&transfer->sum);
	md5_end(&transfer->sum, digest);
	return memcmp(digest, hop->md5, MD5_SIZE) == 0;
}

/*
 * In the order of who knows best: a limit of ours that ended the transfer, then
 * the status, then libcurl.  Once the header of an error or a redirect is complete
 * it makes no difference whether its body arrived.
 */
bool
hop_end(Hop *hop, CURLcode result)
{
	Transfer *transfer = hop->transfer;
	int		  status = hop->status;

	account(hop);
	if (hop->failure.class != FAILURE_NONE)
		transfer_fail(transfer, hop->failure.class, hop->failure.detail);
	else if (hop->head_ended && is_redirect(status) && hop->location != NULL)
		return follow(hop);
	else if (hop->head_ended && status >= 300 && !(status == 304 && transfer->conditional))
		fail_by_status(hop);
	else if (result != CURLE_OK)
		fail_by_code(hop, result);
	else if (!hop->head_ended)
		/* libcurl takes the end of the connection for the end of the header. */
		transfer_fail(transfer, FAILURE_TRUNCATED, "header without an end");
	else if (hop->decoder != NULL && !content_decoder_is_whole(hop->decoder))
		/* As long as announced, but what was packed is not all there (RFC 1952, 2.3.1). */
		transfer_fail(transfer, FAILURE_TRUNCATED, "body that ends before its encoding does");
	else if (!is_sound(hop))
		transfer_fail(transfer, FAILURE_TRUNCATED,
					  "the body's MD5 is another than the server's x-goog-hash");
	else if (!receive_rest(transfer, &hop->failure))
		transfer_fail(transfer, hop->failure.class, hop->failure.detail);
	return false;
}

Hop *
hop_create(Loop *loop)
{
	Hop *hop = calloc(1, sizeof(Hop));

	if (hop == NULL)
		return NULL;
	hop->loop = loop;
	hop->easy = curl_easy_init();
	if (hop->easy == NULL)
	{
		free(hop);
		return NULL;
	}
	return hop;
}

void
hop_free(Hop *hop)
{
	curl_easy_cleanup(hop->easy);
	(void) receive_set_field(&hop->location, NULL, 0);
	content_decoder_free(hop->decoder);
	free(hop);
}
