/*
 * supply.c
 *	  Answers from elsewhere than a network: fields and body of a transfer, within the
 *	  limits of any other.  Called by fetch.c, in no callback.
 */
#include "net/transfer.h"

#include "miscadmin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK (64 * 1024)

static void
set_field(const char **field, Text value)
{
	receive_set_field(field, value.data, value.len);
}

/* Appends to the transfer's file, in pieces that are large enough; false where the system refuses. */
static bool
append_to_file(Transfer *transfer, const char *data, size_t length)
{
	while (length > 0)
	{
		ssize_t n = pwrite(transfer->file.descriptor, data, length, (off_t) transfer->in_file);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		transfer->in_file += (size_t) n;
		data += n;
		length -= (size_t) n;
	}
	return true;
}

/* Takes in a piece of the body; false with the transfer's failure where it cannot be. */
static bool
take_piece(Transfer *transfer, const char *data, size_t length)
{
	Failure *failure = &transfer->response.failure;

	if (length > (size_t) transfer->max_size - transfer->body_len)
		failure_set(failure, FAILURE_TOO_LARGE, "body of more than %lld bytes",
					(long long) transfer->max_size);
	else if (transfer->file.descriptor >= 0)
	{
		if (!append_to_file(transfer, data, length))
			failure_set(failure, FAILURE_STORE, "no room in the temporary file: %s",
						strerror(errno));
	}
	else if (!receive_reserve(transfer, length, -1))
		failure_set(failure, FAILURE_MEMORY, "no memory for the body");
	else
		memcpy(transfer->body + transfer->body_len, data, length);
	if (failure_is(failure))
		return false;
	transfer->body_len += length;
	return true;
}

static void
take_body(Transfer *transfer, const FetchSupply *supply)
{
	char  *chunk = palloc(CHUNK);
	size_t n;

	while ((n = supply->read(supply->context, chunk, CHUNK)) > 0)
	{
		CHECK_FOR_INTERRUPTS();
		if (!take_piece(transfer, chunk, n))
			break;
	}
	pfree(chunk);
	transfer->response.octets = (int64) transfer->body_len;
}

void
supply_answer(Transfer *transfer, const FetchSupply *supply)
{
	FetchResponse *response = &transfer->response;

	transfer->moved = false; /* it did, but then */
	response->absent = supply->absent;
	response->status = supply->absent ? 404 : supply->status;
	set_field(&response->content_type, supply->content_type);
	set_field(&response->etag, supply->etag);
	set_field(&response->last_modified, supply->last_modified);
	set_field(&response->robots_tag, supply->robots_tag);
	set_field(&response->location, supply->location);
	if (text_present(supply->final_url))
	{
		char *url = strndup(supply->final_url.data, supply->final_url.len);

		if (url != NULL)
			transfer->url = url;
	}
	if (supply->absent)
		transfer_fail(transfer, FAILURE_HTTP_PERMANENT, "not in the archive");
	else if (supply->read != NULL)
		take_body(transfer, supply);
}
