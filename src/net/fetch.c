/*
 * fetch.c
 *	  Requests wait, fly and finish.
 *
 *	  fetch_start -> queue -> hop in flight -> finished -> fetcher_next -> fetch_free
 *						^			 |
 *						+- redirect -+
 *
 * Places are handed out only inside fetcher_wait: before it sleeps, and after,
 * to those that wait for what has just become free.  Memory of a transfer is
 * malloc'd, since libcurl's callbacks fill it, and known to the fetcher until it
 * is freed: whatever way the fetcher's context ends, nothing is left behind.
 */
#include "net/fetch.h"

#include "base/ascii.h"
#include "base/settings.h"
#include "net/loop.h"
#include "net/queue.h"
#include "net/transfer.h"
#include "parse/url.h"

#include "common/hashfn.h"
#include "storage/fd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Transfers are found by owner; a power of two. */
#define OWNER_BUCKETS 1024

/* For the origin of one URL. */
#define SCRATCH_MEMORY (64 * 1024)

struct Fetcher
{
	Loop				 *loop;
	Queue				 *queue;
	int					  n_waiting;
	int					  n_in_flight;
	dlist_head			  flying; /* hops */
	dlist_head			  idle;	  /* hops */
	dlist_head			  finished;
	dlist_head			  asked;	/* of the supplier */
	FetchSupplier		  supplier; /* NULL: the network */
	void				 *supplier_context;
	dlist_head			  owners[OWNER_BUCKETS]; /* every transfer that is not freed */
	Arena				 *scratch;
	MemoryContextCallback on_reset;
};

/*
 * The list in which all transfers of an owner are: those that wait may be tens of
 * thousands, and a run that ends abandons its own one by one.
 */
static dlist_head *
bucket_of(Fetcher *fetcher, const void *owner)
{
	return &fetcher->owners[murmurhash32((uint32) ((uintptr_t) owner >> 4)) % OWNER_BUCKETS];
}

/*
 * Transfers
 */

/* The end of a transfer in whatever state, once it is in none of the lists but its owners'. */
static void
transfer_free(Transfer *transfer)
{
	FetchResponse *response = &transfer->response;

	dlist_delete(&transfer->owner_node);
	if (transfer->url != response->url)
		free(transfer->url);
	free(transfer->bare_url);
	receive_forget_fields(response);
	(void) receive_set_field(&response->location, NULL, 0);
	free(transfer->body);
	free(transfer->stage);
	tempfile_close(&transfer->file);
	free(transfer);
}

/* Copies name and value one after the other to *end, which moves on. */
static char *
copy_string(char **end, const char *name, const char *value)
{
	char *start = *end;

	*end = stpcpy(stpcpy(start, name), value) + 1;
	return start;
}

/*
 * Adds a header line.  A value that could end the line and begin another one
 * (RFC 9112, 2.2) is left out: validators come from servers, by way of a table.
 * The list of headers needs no memory of its own: libcurl only reads it.
 */
static void
add_header(Transfer *transfer, char **end, const char *name, const char *value)
{
	struct curl_slist *header = &transfer->headers[transfer->n_headers];

	if (value == NULL)
		return;
	for (const char *p = value; *p; p++)
		if (is_control(*p))
			return;
	header->data = copy_string(end, name, value);
	header->next = NULL;
	if (transfer->n_headers++ > 0)
		header[-1].next = header;
}

#define ACCEPT "Accept: "
#define IF_NONE_MATCH "If-None-Match: "
#define IF_MODIFIED_SINCE "If-Modified-Since: "
#define SEPARATOR ": "

static size_t
string_size(const char *name, const char *value)
{
	return value ? strlen(name) + strlen(value) + 1 : 0;
}

/* What must not follow a redirect to somebody else (RFC 9110, 15.4). */
static bool
is_credential(const FetchHeader *header)
{
	static const char *const names[] = {"authorization", "cookie", "proxy-authorization",
										"x-api-key"};

	for (size_t i = 0; i < lengthof(names); i++)
		if (pg_strcasecmp(header->name, names[i]) == 0)
			return true;
	return header->secret;
}

/* A field name is a token (RFC 9110, 5.6.2), and a value is one line. */
bool
fetch_header_is_sendable(const FetchHeader *header)
{
	static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
								"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t			  length = strlen(header->name);

	if (length == 0 || strspn(header->name, token) != length)
		return false;
	for (const char *p = header->value; *p; p++)
		if (is_control(*p))
			return false;
	return true;
}

/* Adds those of the request's headers that are credentials, or those that are not. */
static void
add_headers(Transfer *transfer, char **end, const FetchRequest *request, bool credentials)
{
	for (int i = 0; i < request->n_headers; i++)
	{
		const FetchHeader *header = &request->headers[i];
		char			  *name = *end;

		if (is_credential(header) != credentials || !fetch_header_is_sendable(header))
			continue;
		*end = stpcpy(stpcpy(name, header->name), SEPARATOR);
		add_header(transfer, end, "", header->value);
		transfer->headers[transfer->n_headers - 1].data = name;
	}
}

/* The request's Accept, unless it has a header of that name. */
static const char *
accept_of(const FetchRequest *request)
{
	for (int i = 0; i < request->n_headers; i++)
		if (pg_strcasecmp(request->headers[i].name, "accept") == 0)
			return NULL;
	return request->accept;
}

/* The URL with the secret part of its query; a fragment is not sent anyway. */
static const char *
make_secret_url(char **end, const FetchRequest *request)
{
	char *start = *end;
	char *p;

	if (request->secret_query == NULL)
		return NULL;
	p = stpcpy(start, request->url);
	p = start + strcspn(start, "#");
	*p = memchr(start, '?', p - start) ? '&' : '?';
	*end = stpcpy(p + 1, request->secret_query) + 1;
	return start;
}

/* Room for all that is copied from the request. */
static size_t
strings_size(const FetchRequest *request)
{
	size_t size = string_size("", request->url) + string_size(ACCEPT, request->accept) +
				  string_size(IF_NONE_MATCH, request->etag) +
				  string_size(IF_MODIFIED_SINCE, request->last_modified) +
				  string_size("", request->parameters) + string_size("", request->post);

	if (request->secret_query)
		size += string_size("?", request->url) + strlen(request->secret_query);
	for (int i = 0; i < request->n_headers; i++)
		size +=
			string_size(request->headers[i].name, request->headers[i].value) + strlen(SEPARATOR);
	return size;
}

static int64
default_max_size(const FetchRequest *request)
{
	if (request->to_file)
		return tempfile_limit((int64) setting_max_download_size * 1024);
	return (int64) setting_max_response_size * 1024;
}

/*
 * The transfer and copies of all that was asked, in one block: ten thousand that
 * wait cost ten thousand calls of malloc and about 10 MB.
 */
static Transfer *
transfer_create(const FetchRequest *request, bool supplied)
{
	int		  n_headers = TRANSFER_HEADERS + request->n_headers;
	size_t	  size = n_headers * sizeof(struct curl_slist) + strings_size(request);
	bool	  to_file = request->to_file && (supplied || !request->from_file);
	TempFile  file = to_file ? tempfile_open() : TEMPFILE_NONE;
	Transfer *transfer = malloc(sizeof(Transfer) + size);
	char	 *end;

	if (transfer == NULL)
	{
		tempfile_close(&file);
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	}
	memset(transfer, 0, sizeof(Transfer));
	transfer->file = file;
	end = (char *) &transfer->headers[n_headers];
	transfer->url = copy_string(&end, "", request->url);
	transfer->secret_url = make_secret_url(&end, request);
	add_header(transfer, &end, ACCEPT, accept_of(request));
	add_header(transfer, &end, IF_NONE_MATCH, request->etag);
	add_header(transfer, &end, IF_MODIFIED_SINCE, request->last_modified);
	add_headers(transfer, &end, request, false);
	transfer->n_public = transfer->n_headers;
	add_headers(transfer, &end, request, true);
	transfer->conditional = request->etag || request->last_modified;
	transfer->stay = request->stay;
	transfer->entry.spacing = request->spacing;
	transfer->entry.alone = request->alone;
	transfer->end_bytes = request->end_bytes;
	transfer->moved = true;
	transfer->max_size = request->max_size > 0 ? request->max_size : default_max_size(request);
	if (request->post)
		transfer->post = copy_string(&end, "", request->post);
	if (request->parameters)
		transfer->response.parameters = copy_string(&end, "", request->parameters);
	transfer->response.file = file.descriptor;
	transfer->response.owner = request->owner;
	transfer->response.url = transfer->url;
	transfer->response.failure.retry_after = -1;
	return transfer;
}

/*
 * The URL that the links of a document are relative to: without the user name and
 * password, which must not come into a table by them.
 */
static void
set_final_url(Transfer *transfer)
{
	char	   *authority = strstr(transfer->url, "://");
	size_t		length = 0;
	const char *at = NULL;

	if (authority != NULL)
	{
		authority += strlen("://");
		length = strcspn(authority, "/?#");
		at = memrchr(authority, '@', length);
	}
	if (at == NULL)
		transfer->response.final_url = transfer->url;
	else
	{
		size_t before = authority - transfer->url;

		transfer->bare_url = malloc(strlen(transfer->url) + 1);
		if (transfer->bare_url != NULL)
		{
			memcpy(transfer->bare_url, transfer->url, before);
			strcpy(transfer->bare_url + before, at + 1);
		}
		else if (!failure_is(&transfer->response.failure))
			transfer_fail(transfer, FAILURE_MEMORY, "no memory for the address");
		transfer->response.final_url = transfer->bare_url ? transfer->bare_url : "";
	}
}

/*
 * What the callbacks and hops left is made the response.  The body of a failure
 * is of no use, and is given back now and not when the caller comes around to it.
 */
static void
finish(Fetcher *fetcher, Transfer *transfer)
{
	FetchResponse *response = &transfer->response;

	set_final_url(transfer);
	if (failure_is(&response->failure))
	{
		free(transfer->body);
		transfer->body = NULL;
		transfer->body_len = 0;
		free(transfer->stage);
		transfer->stage = NULL;
		tempfile_close(&transfer->file);
		response->file = -1;
	}
	else if (transfer->moved && transfer->redirects > 0)
		response->moved_url = transfer->url;
	response->size = (int64) transfer->body_len;
	response->body =
		(Text){transfer->body ? transfer->body : "", transfer->body ? transfer->body_len : 0};
	transfer->state = TRANSFER_FINISHED;
	dlist_push_tail(&fetcher->finished, &transfer->node);
}

/*
 * Lines up at the host of its URL; one that was redirected before those that
 * have not started yet, since its connections and its time are being spent.
 */
static void
wait_for_place(Fetcher *fetcher, Transfer *transfer)
{
	Text origin;

	arena_reset(fetcher->scratch);
	origin = url_origin(fetcher->scratch, (Text){transfer->url, strlen(transfer->url)});
	if (!text_present(origin))
	{
		if (arena_starved(fetcher->scratch))
			transfer_fail(transfer, FAILURE_MEMORY, "no memory to read the URL");
		else
			transfer_fail(transfer, FAILURE_URL, "not a URL that can be asked");
		finish(fetcher, transfer);
		return;
	}
	queue_push(fetcher->queue, &transfer->entry, origin, transfer->redirects > 0);
	transfer->state = TRANSFER_WAITING;
	fetcher->n_waiting++;
}

/*
 * A file of the server's: an answer without a question.  Its validator is made of
 * what changes with it.
 */
static void
open_file(Transfer *transfer, const char *known)
{
	FetchResponse *response = &transfer->response;
	struct stat	   status;
	char		   etag[100];

	transfer->file = tempfile_borrow(transfer->url);
	response->file = transfer->file.descriptor;
	if (response->file < 0 || fstat(response->file, &status) != 0)
	{
		failure_set(&response->failure,
					errno == EMFILE || errno == ENFILE ? FAILURE_STORE : FAILURE_FILE,
					"could not open file \"%s\": %s", transfer->url,
					errno == EINVAL ? "it is not a regular file" : strerror(errno));
		return;
	}
	snprintf(etag, sizeof(etag), "%llu-%lld-%lld.%09ld", (unsigned long long) status.st_ino,
			 (long long) status.st_size, (long long) status.st_mtim.tv_sec,
			 (long) status.st_mtim.tv_nsec);
	(void) receive_set_field(&response->etag, etag, strlen(etag)); /* without it it is read again */
	transfer->body_len = (size_t) status.st_size;
	if (known != NULL && strcmp(known, etag) == 0)
		response->status = 304;
}

void
fetch_start(Fetcher *fetcher, const FetchRequest *request)
{
	Transfer *transfer = transfer_create(request, fetcher->supplier != NULL);
	Failure	  why = FAILURE_INIT;

	dlist_push_tail(bucket_of(fetcher, request->owner), &transfer->owner_node);
	if (fetcher->supplier != NULL)
	{
		transfer->state = TRANSFER_ASKED;
		dlist_push_tail(&fetcher->asked, &transfer->node);
		fetcher->n_waiting++;
		return;
	}
	if (request->from_file)
	{
		open_file(transfer, request->etag);
		finish(fetcher, transfer);
		return;
	}
	for (int i = 0; i < request->n_headers && !failure_is(&why); i++)
		if (!fetch_header_is_sendable(&request->headers[i]))
			failure_set(&why, FAILURE_REFUSED, "header %d has a character that cannot be sent",
						i + 1);
	if (!failure_is(&why) && hop_may_begin(transfer->url, &why))
		wait_for_place(fetcher, transfer);
	else
	{
		transfer_fail(transfer, why.class, why.detail);
		finish(fetcher, transfer);
	}
}

/*
 * Flight
 */

/*
 * Gives back the place and the hop of one whose easy handle is out of the loop.
 * The hop used last is used next: its memory is warm.
 */
static void
land(Fetcher *fetcher, Transfer *transfer)
{
	Hop *hop = transfer->hop;

	dlist_delete(&hop->node);
	dlist_push_head(&fetcher->idle, &hop->node);
	hop->transfer = NULL;
	transfer->hop = NULL;
	queue_release(fetcher->queue, &transfer->entry, loop_now());
	fetcher->n_in_flight--;
}

/* A hop for one that got its place.  No memory for it is the request's failure, not an error. */
static void
launch(Fetcher *fetcher, Transfer *transfer)
{
	Hop *hop;

	fetcher->n_waiting--;
	if (dlist_is_empty(&fetcher->idle))
		hop = hop_create(fetcher->loop);
	else
		hop = dlist_container(Hop, node, dlist_pop_head_node(&fetcher->idle));
	if (hop == NULL)
	{
		queue_release(fetcher->queue, &transfer->entry, loop_now());
		transfer_fail(transfer, FAILURE_MEMORY, "no memory for the request");
		finish(fetcher, transfer);
		return;
	}
	dlist_push_tail(&fetcher->flying, &hop->node);
	fetcher->n_in_flight++;
	transfer->hop = hop;
	transfer->state = TRANSFER_IN_FLIGHT;
	if (hop_begin(hop, transfer))
		loop_add(fetcher->loop, hop->easy);
	else
	{
		transfer_fail(transfer, FAILURE_MEMORY, "no memory for the request");
		land(fetcher, transfer);
		finish(fetcher, transfer);
	}
}

/*
 * As many at once as the settings and the descriptors of the process allow: a third
 * of them is what fd.c grants to all that is not its own (AcquireExternalFD), and half
 * of that is for the files that what is fetched goes into.
 */
static int
places(void)
{
	return Max(1, Min(setting_max_connections, max_safe_fds / 6));
}

/* Its host wants to be left alone for so many microseconds still: it does not start. */
static void
turn_away(Fetcher *fetcher, Transfer *transfer, int64 held)
{
	Failure *failure = &transfer->response.failure;
	int		 seconds = (int) (held / 1000000) + 1;

	fetcher->n_waiting--;
	queue_release(fetcher->queue, &transfer->entry, loop_now());
	failure_set(failure, FAILURE_HTTP_TRANSIENT,
				"the host asked to be left alone for %d more seconds", seconds);
	failure->retry_after = seconds;
	finish(fetcher, transfer);
}

/* Fills the free places, the hosts taking turns. */
static void
launch_waiting(Fetcher *fetcher)
{
	int			limit = places();
	int64		now = loop_now();
	int64		held;
	QueueEntry *entry;

	while (fetcher->n_in_flight < limit &&
		   (entry = queue_take(fetcher->queue, setting_max_connections_per_host, now, &held)) !=
			   NULL)
	{
		Transfer *transfer = dlist_container(Transfer, entry.node, &entry->node);

		if (held > 0)
			turn_away(fetcher, transfer, held);
		else
			launch(fetcher, transfer);
	}
}

/*
 * The earlier of the caller's timeout and the end of a host's rest, if there is a place
 * for who waits there: milliseconds, -1: none.
 */
static long
sleep_time(const Fetcher *fetcher, long timeout)
{
	int64 rest = queue_rest(fetcher->queue, loop_now());

	if (!dlist_is_empty((dlist_head *) &fetcher->finished) ||
		!dlist_is_empty((dlist_head *) &fetcher->asked))
		return 0;
	if (rest < 0 || fetcher->n_in_flight >= places())
		return timeout;
	rest = (rest + 999) / 1000;
	return timeout < 0 || rest < timeout ? (long) rest : timeout;
}

/* What libcurl is through with goes on to its next hop, or is finished. */
static void
land_done(Fetcher *fetcher)
{
	CURL	*easy;
	CURLcode result;

	while ((easy = loop_next_done(fetcher->loop, &result)) != NULL)
	{
		Hop		 *hop;
		Transfer *transfer;
		bool	  goes_on;

		curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **) &hop);
		transfer = hop->transfer;
		goes_on = hop_end(hop, result);
		land(fetcher, transfer);
		if (goes_on)
			wait_for_place(fetcher, transfer);
		else
			finish(fetcher, transfer);
	}
}

void
fetcher_supply(Fetcher *fetcher, FetchSupplier supplier, void *context)
{
	fetcher->supplier = supplier;
	fetcher->supplier_context = context;
}

/* One at a time, and only when the one before has been taken: bodies do not pile up. */
static void
answer_asked(Fetcher *fetcher)
{
	FetchSupply supply = {.absent = false};
	Transfer   *transfer;

	if (dlist_is_empty(&fetcher->asked) || !dlist_is_empty(&fetcher->finished))
		return;
	transfer = dlist_head_element(Transfer, node, &fetcher->asked);
	fetcher->supplier(fetcher->supplier_context, &transfer->response, &supply);
	supply_answer(transfer, &supply);
	dlist_delete(&transfer->node);
	fetcher->n_waiting--;
	finish(fetcher, transfer);
}

/* Does not sleep on responses that wait to be taken. */
void
fetcher_wait(Fetcher *fetcher, long timeout)
{
	answer_asked(fetcher);
	launch_waiting(fetcher);
	loop_wait(fetcher->loop, sleep_time(fetcher, timeout));
	land_done(fetcher);
	launch_waiting(fetcher);
}

/*
 * What the caller asks
 */

FetchResponse *
fetcher_next(Fetcher *fetcher)
{
	Transfer *transfer;

	if (dlist_is_empty(&fetcher->finished))
		return NULL;
	transfer = dlist_container(Transfer, node, dlist_pop_head_node(&fetcher->finished));
	transfer->state = TRANSFER_TAKEN;
	return &transfer->response;
}

bool
fetcher_progress(const Fetcher *fetcher, const void *owner, int64 *received, int64 *total)
{
	dlist_head *flying = (dlist_head *) &fetcher->flying;
	dlist_iter	iter;

	dlist_foreach(iter, flying)
	{
		Hop		  *hop = dlist_container(Hop, node, iter.cur);
		curl_off_t now = 0;
		curl_off_t announced = -1;

		if (hop->transfer->response.owner != owner)
			continue;
		curl_easy_getinfo(hop->easy, CURLINFO_SIZE_DOWNLOAD_T, &now);
		curl_easy_getinfo(hop->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
		*received = now;
		*total = announced;
		return true;
	}
	return false;
}

/* One that the caller has taken is the caller's, and stays. */
static void
cancel(Fetcher *fetcher, Transfer *transfer)
{
	switch (transfer->state)
	{
		case TRANSFER_WAITING:
			queue_remove(fetcher->queue, &transfer->entry);
			fetcher->n_waiting--;
			break;
		case TRANSFER_ASKED:
			dlist_delete(&transfer->node);
			fetcher->n_waiting--;
			break;
		case TRANSFER_IN_FLIGHT:
			loop_remove(fetcher->loop, transfer->hop->easy);
			land(fetcher, transfer);
			break;
		case TRANSFER_FINISHED:
			dlist_delete(&transfer->node);
			break;
		case TRANSFER_TAKEN:
			return;
	}
	transfer_free(transfer);
}

void
fetcher_cancel(Fetcher *fetcher, const void *owner)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, bucket_of(fetcher, owner))
	{
		Transfer *transfer = dlist_container(Transfer, owner_node, iter.cur);

		if (transfer->response.owner == owner)
			cancel(fetcher, transfer);
	}
}

bool
fetcher_recall(Fetcher *fetcher, const void *owner)
{
	dlist_iter iter;

	dlist_foreach(iter, bucket_of(fetcher, owner))
	{
		Transfer *transfer = dlist_container(Transfer, owner_node, iter.cur);

		if (transfer->response.owner == owner &&
			(transfer->state == TRANSFER_WAITING || transfer->state == TRANSFER_ASKED) &&
			transfer->redirects == 0)
		{
			cancel(fetcher, transfer);
			return true;
		}
	}
	return false;
}

void
fetch_free(FetchResponse *response)
{
	transfer_free((Transfer *) response);
}

/*
 * The fetcher
 */

static void
free_hops(dlist_head *hops)
{
	while (!dlist_is_empty(hops))
		hop_free(dlist_container(Hop, node, dlist_pop_head_node(hops)));
}

/*
 * Runs before the loop's own callback, as it was registered after it, so the easy
 * handles are gone when the multi handle goes.  Lookups that are still under way are
 * left to their threads (CURLOPT_QUICK_EXIT).  The memory of the queue is the context's.
 */
static void
fetcher_destroy(void *arg)
{
	Fetcher	  *fetcher = arg;
	dlist_iter iter;

	/* Hosts are not to wait for the end of what has no end. */
	dlist_foreach(iter, &fetcher->flying)
	{
		Transfer *transfer = dlist_container(Hop, node, iter.cur)->transfer;

		queue_release(fetcher->queue, &transfer->entry, loop_now());
	}
	free_hops(&fetcher->flying);
	free_hops(&fetcher->idle);
	for (int i = 0; i < OWNER_BUCKETS; i++)
		while (!dlist_is_empty(&fetcher->owners[i]))
			transfer_free(dlist_head_element(Transfer, owner_node, &fetcher->owners[i]));
	arena_free(fetcher->scratch);
}

/*
 * Each step leaves the fetcher in a state that fetcher_destroy, or before it is
 * registered the loop's own callback, can take down.
 */
Fetcher *
fetcher_create(MemoryContext context)
{
	Fetcher *fetcher = MemoryContextAllocZero(context, sizeof(Fetcher));

	dlist_init(&fetcher->flying);
	dlist_init(&fetcher->idle);
	dlist_init(&fetcher->finished);
	dlist_init(&fetcher->asked);
	for (int i = 0; i < OWNER_BUCKETS; i++)
		dlist_init(&fetcher->owners[i]);
	fetcher->loop = loop_create(context, places());
	fetcher->on_reset.func = fetcher_destroy;
	fetcher->on_reset.arg = fetcher;
	MemoryContextRegisterResetCallback(context, &fetcher->on_reset);
	fetcher->queue = queue_create(context);
	fetcher->scratch = arena_create(SCRATCH_MEMORY);
	if (fetcher->scratch == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return fetcher;
}
