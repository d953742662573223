/*
 * supply.c
 *	  Answers from elsewhere than a network: fields and body of a transfer, within the
 *	  limits of any other.  Called by fetch.c, in no callback.
 */
#include "net/transfer.h"

#include "miscadmin.h"

#include <string.h>

#define CHUNK (64 * 1024)

static bool
set_field(const char **field, Text value)
{
	return receive_set_field(field, value.data, value.len);
}

/* What the answer's header says; false where there is no memory for it. */
static bool
take_header(Transfer *transfer, const FetchSupply *supply)
{
	FetchResponse *response = &transfer->response;
	char		  *url;

	if (!set_field(&response->content_type, supply->content_type) ||
		!set_field(&response->etag, supply->etag) ||
		!set_field(&response->last_modified, supply->last_modified) ||
		!set_field(&response->robots_tag, supply->robots_tag) ||
		!set_field(&response->location, supply->location))
		return false;
	if (!text_present(supply->final_url))
		return true;
	url = strndup(supply->final_url.data, supply->final_url.len);
	if (url != NULL)
		transfer->url = url;
	return url != NULL;
}

static void
take_body(Transfer *transfer, const FetchSupply *supply)
{
	Failure *failure = &transfer->response.failure;
	char	*chunk = palloc(CHUNK);
	size_t	 n;

	while ((n = supply->read(supply->context, chunk, CHUNK)) > 0)
	{
		CHECK_FOR_INTERRUPTS();
		if (!receive_piece(transfer, chunk, n, -1, failure))
			break;
	}
	if (!failure_is(failure))
		(void) receive_rest(transfer, failure);
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
	if (!take_header(transfer, supply))
		transfer_fail(transfer, FAILURE_MEMORY, "no memory for the header");
	else if (supply->absent)
		transfer_fail(transfer, FAILURE_HTTP_PERMANENT, "not in the archive");
	else if (supply->read != NULL)
		take_body(transfer, supply);
}
