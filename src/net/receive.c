/*
 * receive.c
 *	  libcurl's callbacks: what arrives is taken in, up to its limits.
 *
 * All of this runs with libcurl's frames on the stack: no palloc, no ereport, no
 * interrupts.  A callback that has had enough records why in hop->failure and
 * returns a short count, on which libcurl ends the transfer.
 */
#include "net/transfer.h"

#include "base/file_write.h"
#include "net/guard.h"
#include "parse/retry_after.h"

#include "common/base64.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

/* Real headers are a few kB of a few dozen lines. */
#define MAX_HEADER_BYTES (64 * 1024)
#define MAX_HEADER_LINES 200

/* Validators and types are short; longer ones are not worth their place in a table. */
#define MAX_FIELD 1024
#define MAX_LOCATION 8192

/* The first block for a body whose length was not announced. */
#define BODY_INITIAL (32 * 1024)

/*
 * A file is written in pieces of this size: what libcurl gives at a time is small and begins
 * anywhere in a page, which costs the system four times as much.
 */
#define STAGE_SIZE ((size_t) 256 * 1024)

/*
 * Beyond this many decoded bytes a body may be at most so many times larger than
 * what was received.  Markup of machines compresses 10 to 50 fold, a bomb 1,000.
 */
#define BOMB_SIZE (1024 * 1024)
#define BOMB_RATIO 200

/* Digits of 16 bytes in base64. */
#define BASE64_MD5_SIZE 24

/* The body of an error or redirect is read up to here, to keep the connection. */
#define MAX_UNWANTED (64 * 1024)

/*
 * Header
 */

/* A header field may hold any byte (RFC 9110, 5.5); what is not plain ASCII is taken as absent. */
static bool
is_plain(const char *value, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (value[i] < ' ' || value[i] > '~')
			return false;
	return true;
}

bool
receive_set_field(const char **field, const char *value, size_t length)
{
	free((char *) *field);
	*field = value ? strndup(value, length) : NULL;
	return *field != NULL || value == NULL;
}

void
receive_forget_fields(FetchResponse *response)
{
	(void) receive_set_field(&response->content_type, NULL, 0);
	(void) receive_set_field(&response->etag, NULL, 0);
	(void) receive_set_field(&response->last_modified, NULL, 0);
	(void) receive_set_field(&response->robots_tag, NULL, 0);
}

/* What fields said; before a hop, and again before each header of it. */
static void
forget_fields(Hop *hop)
{
	hop->retry_after = -1;
	hop->codings = (ContentCodings){.n = 0};
	hop->has_md5 = false;
	(void) receive_set_field(&hop->location, NULL, 0);
	receive_forget_fields(&hop->transfer->response);
}

/*
 * A status line (RFC 9112, 4): what an interim answer (1xx; RFC 9110, 15.2) said
 * before it does not hold for this one.  libcurl has checked its form, but newer versions
 * pass over what follows the third digit.  False where that is more digits.
 */
static bool
start_head(Hop *hop, Text line)
{
	const char *end = line.data + line.len;
	const char *p = memchr(line.data, ' ', line.len);

	forget_fields(hop);
	hop->status = 0;
	for (p = p ? p + 1 : end; p < end && *p >= '0' && *p <= '9' && hop->status < 100; p++)
		hop->status = hop->status * 10 + (*p - '0');
	if (p < end && *p >= '0' && *p <= '9')
	{
		failure_set(&hop->failure, FAILURE_PROTOCOL, "status of more than three digits");
		return false;
	}
	return true;
}

/* X-Robots-Tag adds up over its lines, up to the size of a field. */
static bool
add_robots_tag(FetchResponse *response, Text value)
{
	const char *before = response->robots_tag;
	char		joined[MAX_FIELD + 1];

	snprintf(joined, sizeof(joined), "%s%s%.*s", before ? before : "", before ? ", " : "",
			 (int) value.len, value.data);
	return receive_set_field(&response->robots_tag, joined, strlen(joined));
}

/*
 * x-goog-hash: "crc32c=...,md5=..." in base64, in one line or in several; what
 * Google's storage, and so Kaggle's, has of a file.
 */
static void
take_goog_hash(Hop *hop, Text value)
{
	const char *md5 = memmem(value.data, value.len, "md5=", 4);
	const char *end = value.data + value.len;
	const char *comma;
	char		decoded[MD5_SIZE + 2];

	if (md5 == NULL)
		return;
	md5 += 4;
	comma = memchr(md5, ',', end - md5);
	end = comma ? comma : end;
	if (end - md5 != BASE64_MD5_SIZE ||
		pg_b64_decode(md5, (int) (end - md5), (void *) decoded, sizeof(decoded)) != MD5_SIZE)
		return;
	memcpy(hop->md5, decoded, MD5_SIZE);
	hop->has_md5 = true;
}

/*
 * A field of the header; where another comes twice the last holds.  Location may be of
 * other bytes than ASCII, which are percent-coded when it is resolved.  False where there is
 * no memory for it: without it the answer would be another one.
 */
static bool
take_field(Hop *hop, Text name, Text value)
{
	FetchResponse *response = &hop->transfer->response;

	if (text_is(name, "location"))
		return value.len > MAX_LOCATION || value.len == 0 ||
			   receive_set_field(&hop->location, value.data, value.len);
	if (value.len > MAX_FIELD || !is_plain(value.data, value.len))
		return true;
	if (text_is(name, "content-type"))
		return receive_set_field(&response->content_type, value.data, value.len);
	if (text_is(name, "etag"))
		return receive_set_field(&response->etag, value.data, value.len);
	if (text_is(name, "last-modified"))
		return receive_set_field(&response->last_modified, value.data, value.len);
	if (text_is(name, "x-robots-tag"))
		return add_robots_tag(response, value);
	if (text_is(name, "retry-after"))
		hop->retry_after = retry_after_read(value, time(NULL));
	else if (text_is(name, "content-encoding"))
		content_codings_add(&hop->codings, value);
	else if (text_is(name, "x-goog-hash"))
		take_goog_hash(hop, value);
	return true;
}

/*
 * One line of a header, of a trailer or of an interim answer, with its line end;
 * all count, or a server could go on for ever.  An empty line ends the header; the
 * rest of a folded line (RFC 9112, 5.2, obsolete) begins with a space and so is no
 * field that we know.
 */
static size_t
on_header(char *data, size_t size, size_t count, void *arg)
{
	Hop		   *hop = arg;
	Text		line = {data, size * count};
	const char *colon;

	hop->header_bytes += line.len;
	hop->header_lines++;
	if (hop->header_bytes > MAX_HEADER_BYTES || hop->header_lines > MAX_HEADER_LINES)
	{
		failure_set(&hop->failure, FAILURE_TOO_LARGE, "header of more than %d lines or %d kB",
					MAX_HEADER_LINES, MAX_HEADER_BYTES / 1024);
		return 0;
	}
	/* After the final header come trailers, which say nothing that we ask for. */
	if (hop->head_ended)
		return line.len;
	colon = memchr(line.data, ':', line.len);
	if (line.len > 5 && memcmp(line.data, "HTTP/", 5) == 0)
		return start_head(hop, line) ? line.len : 0;
	if (line.len > 0 && (line.data[0] == '\r' || line.data[0] == '\n'))
		hop->head_ended = hop->status >= 200;
	else if (colon != NULL &&
			 !take_field(hop, (Text){line.data, colon - line.data},
						 text_trim((Text){colon + 1, line.data + line.len - colon - 1})))
	{
		failure_set(&hop->failure, FAILURE_MEMORY, "no memory for the header");
		return 0;
	}
	return line.len;
}

/*
 * Body
 */

static bool
fits(const Transfer *transfer, size_t length)
{
	return length <= (size_t) transfer->max_size - transfer->body_len;
}

/*
 * Room for length more bytes: what was announced at once, else by doubling, and
 * never beyond the limit.  An announcement costs nothing before bytes arrive, and
 * then only address space; the announced length of a compressed body is that of
 * its packed form, a first guess.
 */
static bool
reserve(Transfer *transfer, size_t length, int64 announced)
{
	size_t needed = transfer->body_len + length;
	size_t capacity = transfer->body_capacity * 2;
	char  *body;

	if (needed <= transfer->body_capacity)
		return true;
	if (capacity == 0)
		capacity = announced > 0 ? (size_t) announced : BODY_INITIAL;
	if (capacity > (size_t) transfer->max_size)
		capacity = (size_t) transfer->max_size;
	if (capacity < needed)
		capacity = needed;
	body = realloc(transfer->body, capacity);
	if (body == NULL)
		return false;
	transfer->body = body;
	transfer->body_capacity = capacity;
	return true;
}

/* The size that the server announced, or -1. */
static int64
announced_size(Hop *hop)
{
	curl_off_t announced = -1;

	curl_easy_getinfo(hop->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
	return announced;
}

/* SIZE_DOWNLOAD is what came over the wire, before it was unpacked. */
static bool
is_bomb(Hop *hop, size_t decoded)
{
	curl_off_t received = 0;

	if (decoded <= BOMB_SIZE)
		return false;
	curl_easy_getinfo(hop->easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
	return (curl_off_t) decoded / BOMB_RATIO > received;
}

/* Writes what is in the stage to the end of the transfer's file; false where the system refuses. */
static bool
write_stage(Transfer *transfer)
{
	if (!file_write(transfer->file.descriptor, transfer->stage, transfer->staged,
					(int64) transfer->in_file))
		return false;
	transfer->in_file += transfer->staged;
	transfer->staged = 0;
	return true;
}

/* Appends to the transfer's file by way of the stage; false likewise, or where memory is out. */
static bool
append_to_file(Transfer *transfer, const char *data, size_t length)
{
	if (transfer->stage == NULL && (transfer->stage = malloc(STAGE_SIZE)) == NULL)
		return false;
	while (length > 0)
	{
		size_t taken = Min(length, STAGE_SIZE - transfer->staged);

		memcpy(transfer->stage + transfer->staged, data, taken);
		transfer->staged += taken;
		if (transfer->staged == STAGE_SIZE && !write_stage(transfer))
			return false;
		data += taken;
		length -= taken;
	}
	return true;
}

static void
file_failed(Failure *failure)
{
	failure_set(failure, FAILURE_STORE, "no room in the temporary file: %s", strerror(errno));
}

bool
receive_piece(Transfer *transfer, const char *data, size_t length, int64 announced,
			  Failure *failure)
{
	if (!fits(transfer, length))
		failure_set(failure, FAILURE_TOO_LARGE, "body of more than %lld bytes",
					(long long) transfer->max_size);
	else if (transfer->file.descriptor >= 0)
	{
		if (!append_to_file(transfer, data, length))
			file_failed(failure);
	}
	else if (!reserve(transfer, length, announced))
		failure_set(failure, FAILURE_MEMORY, "no memory for the body");
	else
		memcpy(transfer->body + transfer->body_len, data, length);
	if (failure_is(failure))
		return false;
	transfer->body_len += length;
	return true;
}

bool
receive_rest(Transfer *transfer, Failure *failure)
{
	bool written = write_stage(transfer);

	if (!written)
		file_failed(failure);
	free(transfer->stage);
	transfer->stage = NULL;
	return written;
}

/* Adds a piece of the body to its digest, where the server has told one of the same bytes. */
static void
add_to_sum(Hop *hop, const char *data, size_t length)
{
	Transfer *transfer = hop->transfer;

	if (!hop->has_md5 || hop->codings.n > 0)
		return;
	if (transfer->body_len == 0)
		md5_start(&transfer->sum);
	md5_add(&transfer->sum, data, length);
}

/* Takes in a piece of the body, unpacked; false with hop->failure where it cannot be. */
static bool
take_body(Hop *hop, const char *data, size_t length)
{
	Transfer *transfer = hop->transfer;

	if (fits(transfer, length) && is_bomb(hop, transfer->body_len + length))
	{
		failure_set(&hop->failure, FAILURE_TOO_LARGE,
					"body that unpacks to more than %d times its size", BOMB_RATIO);
		return false;
	}
	add_to_sum(hop, data, length);
	return receive_piece(transfer, data, length,
						 transfer->body_capacity == 0 ? announced_size(hop) : -1, &hop->failure);
}

/* Takes in what the bytes are when they are unpacked; false as take_body. */
static bool
unpack_body(Hop *hop, Text packed)
{
	DecodeStep step;
	Text	   piece;

	if (hop->codings.unknown)
	{
		failure_set(
			&hop->failure, FAILURE_PROTOCOL,
			"body in an encoding that was not asked for, which was " CONTENT_CODINGS_ACCEPTED);
		return false;
	}
	if (hop->decoder == NULL && (hop->decoder = content_decoder_create(&hop->codings)) == NULL)
	{
		failure_set(&hop->failure, FAILURE_MEMORY, "no memory to unpack the body with");
		return false;
	}
	content_decoder_feed(hop->decoder, packed);
	while ((step = content_decoder_next(hop->decoder, &piece)) == DECODE_PIECE)
		if (!take_body(hop, piece.data, piece.len))
			return false;
	if (step == DECODE_DAMAGED)
		failure_set(&hop->failure, FAILURE_PROTOCOL,
					"body that is not in the encoding that it is said to be in");
	else if (step == DECODE_BOMB)
		failure_set(&hop->failure, FAILURE_TOO_LARGE,
					"body that unpacks to more than %d times its size", BOMB_RATIO);
	else if (step == DECODE_NO_MEMORY)
		failure_set(&hop->failure, FAILURE_MEMORY, "no memory to unpack the body with");
	return step == DECODE_STARVED;
}

/* A piece of the body as it came.  Of a part of a file the packed form would be of no use. */
static size_t
on_body(char *data, size_t size, size_t count, void *arg)
{
	Hop	  *hop = arg;
	size_t length = size * count;
	bool   taken;

	if (hop->status >= 300)
	{
		hop->unwanted += length;
		return hop->unwanted > MAX_UNWANTED ? 0 : length;
	}
	if (hop->transfer->end_bytes > 0 || (hop->codings.n == 0 && !hop->codings.unknown))
		taken = take_body(hop, data, length);
	else
		taken = unpack_body(hop, (Text){data, length});
	return taken ? length : 0;
}

/*
 * Sockets
 */

/*
 * libcurl is about to connect to an address, one of those a name may have.
 * Refusing it lets libcurl try the next; no packet has left yet.
 */
static curl_socket_t
on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	Hop *hop = arg;

	(void) purpose;
	if (hop->proxied || guard_admits(&address->addr))
	{
		hop->admitted = true;
		return loop_open_socket(hop->loop, address);
	}
	guard_write_address(&address->addr, hop->refused_address);
	return CURL_SOCKET_BAD;
}

/*
 * libcurl is connected and about to send the request.  What it had no memory for it may have
 * left out of it: such a request is not sent.
 */
static int
on_ready(void *arg, char *address, char *local, int port, int local_port)
{
	Hop *hop = arg;

	(void) address, (void) local, (void) port, (void) local_port;
	if (hop->denials == loop_denials())
		return CURL_PREREQFUNC_OK;
	failure_set(&hop->failure, FAILURE_MEMORY, "no memory for the request");
	return CURL_PREREQFUNC_ABORT;
}

/* Before each hop: nothing of the one before it may be taken for this one's. */
void
receive_reset(Hop *hop)
{
	hop->status = 0;
	hop->head_ended = false;
	hop->header_bytes = 0;
	hop->header_lines = 0;
	forget_fields(hop);
	content_decoder_free(hop->decoder);
	hop->decoder = NULL;
	hop->unwanted = 0;
	hop->admitted = false;
	hop->refused_address[0] = '\0';
	hop->failure.class = FAILURE_NONE;
	hop->error[0] = '\0';
}

void
receive_attach(Hop *hop)
{
	curl_easy_setopt(hop->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(hop->easy, CURLOPT_HEADERDATA, hop);
	curl_easy_setopt(hop->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(hop->easy, CURLOPT_WRITEDATA, hop);
	curl_easy_setopt(hop->easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(hop->easy, CURLOPT_OPENSOCKETDATA, hop);
	curl_easy_setopt(hop->easy, CURLOPT_PREREQFUNCTION, on_ready);
	curl_easy_setopt(hop->easy, CURLOPT_PREREQDATA, hop);
	curl_easy_setopt(hop->easy, CURLOPT_ERRORBUFFER, hop->error);
}
