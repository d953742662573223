/*
 * s3_request.c
 *	  One signed request to an S3 service, and its repetition.
 *
 * A request is made anew for every attempt: its signature holds the time. It is repeated where its
 * failure may pass (may_pass), a few times, with delays that double. While it flies the process
 * waits on its latch too, so that a cancel ends it at once.
 *
 * Path and query are written in their canonical form, as s3_sign.c signs them; keys have no
 * segment "." or "..", which libcurl would resolve.
 *
 * libcurl's callbacks only record: no palloc, ereport or interrupts in them.
 */
#include "postgres.h"

#include "base/clean.h"
#include "base/file_write.h"
#include "base/hasher.h"
#include "base/memory.h"
#include "base/settings.h"
#include "compat.h"
#include "net/easy.h"
#include "net/guard.h"
#include "net/loop.h"
#include "net/s3_parts.h"
#include "parse/s3_answer.h"
#include "parse/url.h"

#include <netinet/in.h>
#include <unistd.h>

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "storage/latch.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"

/* Attempts of a request, and the wait before the second, which doubles with each. */
#define ATTEMPTS 6
#define FIRST_DELAY_MS 250
#define MAX_DELAY_MS 30000

#define TICK_MS 500

/* A list of 1,000 keys is about half a megabyte at most. */
#define MAX_ANSWER (4 * 1024 * 1024)

#define ARENA_SIZE (4 * MAX_ANSWER)

/* Who moves less is stalled (as in net/hop.c). */
#define STALL_BYTES_PER_SECOND 1L

struct S3
{
	MemoryContextCallback on_reset;
	const S3Account		 *account;
	Loop				 *loop;
	CURL				 *easy;
	bool				  flying;
	struct curl_slist	 *headers;
	char				 *userpwd;
	Arena				 *arena;
	void (*tick)(void *argument, int64 moved);
	void *argument;
	int64 moved; /* by the requests before this one */

	/* The attempt under way, for the callbacks. */
	const S3Ask *ask;
	S3Answer	*answer;
	int64		 read;	  /* of the body that is sent */
	int64		 written; /* of the body that came */
	char		*body;	  /* malloc'd */
	size_t		 capacity;
	int			 retry_after; /* seconds; -1: not said */
	int			 file_errno;  /* of reading or writing the file */
	bool		 too_large;
	char		 refused[INET6_ADDRSTRLEN]; /* by the guard; "": nothing */
	char		 error[CURL_ERROR_SIZE];
};

/* ---- libcurl's callbacks ---- */

/*
 * libcurl's callback: the next bytes of what is sent, from memory or from the file. A file that
 * has become shorter meanwhile is an error of reading: the length has been announced.
 */
static size_t
read_body(char *buffer, size_t size, size_t n, void *argument)
{
	S3	   *s3 = argument;
	size_t	length = (size_t) Min((int64) (size * n), s3->ask->size - s3->read);
	ssize_t got = 0;

	if (s3->ask->body)
		memcpy(buffer, s3->ask->body + s3->read, length);
	while (s3->ask->body == NULL && (size_t) got < length)
	{
		ssize_t more =
			pread(s3->ask->file, buffer + got, length - got, s3->ask->offset + s3->read + got);

		if (more < 0 && errno == EINTR)
			continue;
		if (more <= 0)
		{
			s3->file_errno = more == 0 ? EIO : errno;
			return CURL_READFUNC_ABORT;
		}
		got += more;
	}
	s3->read += (int64) length;
	return length;
}

static int
seek_body(void *argument, curl_off_t offset, int origin)
{
	S3 *s3 = argument;

	if (origin != SEEK_SET || offset < 0 || offset > s3->ask->size)
		return CURL_SEEKFUNC_FAIL;
	s3->read = offset;
	return CURL_SEEKFUNC_OK;
}

/* Copies a field of printable ASCII, cut, without quotes around it. */
static void
take_value(char *to, size_t size, Text value)
{
	if (value.len >= 2 && value.data[0] == '"' && value.data[value.len - 1] == '"')
		value = (Text){value.data + 1, value.len - 2};
	value.len = Min(value.len, size - 1);
	for (size_t i = 0; i < value.len; i++)
	{
		if (value.data[i] < ' ' || value.data[i] > '~')
			return;
	}
	memcpy(to, value.data, value.len);
	to[value.len] = '\0';
}

static void
take_field(S3 *s3, Text name, Text value)
{
	char seconds[8] = "";

	if (text_is(name, "etag"))
		take_value(s3->answer->etag, sizeof(s3->answer->etag), value);
	else if (text_is(name, "x-amz-meta-sha256"))
		take_value(s3->answer->sha256, sizeof(s3->answer->sha256), value);
	else if (text_is(name, "x-amz-server-side-encryption"))
		s3->answer->keyed = !text_is(value, "aes256");
	else if (text_is(name, "x-amz-server-side-encryption-customer-algorithm"))
		s3->answer->keyed = true;
	else if (text_is(name, "retry-after"))
	{
		take_value(seconds, sizeof(seconds), value);
		if (seconds[0] >= '0' && seconds[0] <= '9')
			s3->retry_after = atoi(seconds);
	}
}

static size_t
take_header(char *data, size_t size, size_t n, void *argument)
{
	Text		line = {data, size * n};
	const char *colon = memchr(line.data, ':', line.len);

	if (colon)
		take_field(argument, (Text){line.data, colon - line.data},
				   text_trim((Text){colon + 1, line.data + line.len - colon - 1}));
	return line.len;
}

/* Into memory, up to its limit. */
static bool
keep(S3 *s3, const char *data, size_t length)
{
	size_t needed = (size_t) s3->written + length;
	char  *body;

	if (needed > MAX_ANSWER)
	{
		s3->too_large = true;
		return false;
	}
	if (needed > s3->capacity)
	{
		size_t capacity = Max(needed, 2 * s3->capacity);

		body = realloc(s3->body, capacity);
		if (body == NULL)
			return false;
		s3->body = body;
		s3->capacity = capacity;
	}
	memcpy(s3->body + s3->written, data, length);
	return true;
}

static bool
write_to_file(S3 *s3, const char *data, size_t length)
{
	s3->too_large = s3->written + (int64) length > s3->ask->max_size;
	if (!s3->too_large && !file_write(s3->ask->target, data, length, s3->written))
	{
		s3->file_errno = errno;
		return false;
	}
	return !s3->too_large;
}

/* Only what answers well goes to the file. */
static size_t
take_body(char *data, size_t size, size_t n, void *argument)
{
	S3	  *s3 = argument;
	size_t length = size * n;
	long   status = 0;
	bool   taken;

	curl_easy_getinfo(s3->easy, CURLINFO_RESPONSE_CODE, &status);
	taken =
		s3->ask->to_file && status < 300 ? write_to_file(s3, data, length) : keep(s3, data, length);
	if (!taken)
		return 0;
	s3->written += (int64) length;
	return length;
}

/* A socket that the loop counts, where the guard allows it. */
static curl_socket_t
open_socket(void *argument, curlsocktype purpose, struct curl_sockaddr *address)
{
	S3 *s3 = argument;

	if (setting_proxy[0] != '\0' || guard_admits(&address->addr))
		return loop_open_socket(s3->loop, address);
	guard_write_address(&address->addr, s3->refused);
	return CURL_SOCKET_BAD;
}

/* ---- an attempt ---- */

/* Amazon's certificates hold for names with one label before the service's. */
static bool
is_path_style(const S3Account *account)
{
	return account->endpoint[0] != '\0' || strchr(account->bucket, '.') != NULL;
}

static char *
url_of(S3 *s3, const S3Ask *ask)
{
	const S3Account *account = s3->account;
	const char		*name = ask->key ? ask->key : "";
	Text			 key = url_encode_path(s3->arena, (Text){name, strlen(name)});
	StringInfoData	 url;

	if (!text_present(key))
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	initStringInfo(&url);
	if (account->endpoint[0] != '\0')
		appendStringInfoString(&url, account->endpoint);
	else if (is_path_style(account))
		appendStringInfo(&url, "https://s3.%s.amazonaws.com", account->region);
	else
		appendStringInfo(&url, "https://%s.s3.%s.amazonaws.com", account->bucket, account->region);
	while (url.len > 0 && url.data[url.len - 1] == '/')
		url.data[--url.len] = '\0';
	if (is_path_style(account))
		appendStringInfo(&url, "/%s", account->bucket);
	appendStringInfo(&url, "/%.*s%s%s", (int) key.len, key.data, ask->query ? "?" : "",
					 ask->query ? ask->query : "");
	return url.data;
}

static void
add_header(S3 *s3, const char *name, const char *value)
{
	char			  *line = psprintf("%s: %s", name, value);
	struct curl_slist *longer = curl_slist_append(s3->headers, line);

	pfree(line);
	if (longer == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	s3->headers = longer;
}

static const char *
method_of(const S3Ask *ask)
{
	static const char *const names[] = {"GET", "HEAD", "PUT", "POST", "DELETE"};

	return names[ask->method];
}

/* The signed headers of a request for the URL, and the signature. */
static void
set_headers(S3 *s3, const S3Ask *ask, const char *url)
{
	const char	 *host = strstr(url, "://") + 3;
	size_t		  length = strcspn(host, "/");
	pg_time_t	  now = (pg_time_t) time(NULL);
	MemoryContext own =
		AllocSetContextCreate(CurrentMemoryContext, "datasens signature", ALLOCSET_SMALL_SIZES);
	MemoryContext previous = MemoryContextSwitchTo(own);
	char		  digits[HASHER_DIGITS + 1];
	char		  stamp[32];
	S3Header	  headers[5];
	int			  n = 0;

	curl_slist_free_all(s3->headers);
	s3->headers = NULL;
	hasher_write_digits(ask->hash, digits);
	pg_strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", pg_gmtime(&now));
	headers[n++] = (S3Header){"host", pnstrdup(host, length)};
	headers[n++] = (S3Header){"x-amz-content-sha256", digits};
	headers[n++] = (S3Header){"x-amz-date", stamp};
	if (ask->note)
		headers[n++] = (S3Header){"x-amz-meta-sha256", ask->note};
	if (s3->account->session_token)
		headers[n++] = (S3Header){"x-amz-security-token", s3->account->session_token};
	for (int i = 0; i < n; i++)
		add_header(s3, headers[i].name, headers[i].value);
	if (ask->method == S3_POST)
		add_header(s3, "Content-Type", "application/octet-stream");
	add_header(
		s3, "Authorization",
		s3_authorization(s3->account, method_of(ask), host + length, headers, n, ask->hash, stamp));
	curl_easy_setopt(s3->easy, CURLOPT_HTTPHEADER, s3->headers);
	MemoryContextSwitchTo(previous);
	MemoryContextDelete(own);
}

/* What libcurl has no memory for is an error. */
static void
need(bool set)
{
	if (!set)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
}

static void
set_method(S3 *s3, const S3Ask *ask)
{
	CURL *easy = s3->easy;

	switch (ask->method)
	{
		case S3_GET:
			break;
		case S3_HEAD:
			curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
			break;
		case S3_DELETE:
			need(easy_set_text(easy, CURLOPT_CUSTOMREQUEST, "DELETE"));
			break;
		case S3_PUT:
			curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
			curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t) ask->size);
			break;
		case S3_POST:
			curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) ask->size);
			curl_easy_setopt(easy, CURLOPT_POSTFIELDS, ask->body ? ask->body : "");
			break;
	}
}

static void
set_connection(S3 *s3, const S3Ask *ask)
{
	CURL *easy = s3->easy;

	need(easy_set_safety(easy));
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long) setting_connect_timeout);
	/* What is large may take as long as it takes, as long as it moves. */
	if (ask->size == 0 && !ask->to_file)
		curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long) setting_request_timeout);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, STALL_BYTES_PER_SECOND);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long) Max(setting_request_timeout / 1000, 1));
}

static void
set_callbacks(S3 *s3)
{
	CURL *easy = s3->easy;

	curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_body);
	curl_easy_setopt(easy, CURLOPT_READDATA, s3);
	curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, seek_body);
	curl_easy_setopt(easy, CURLOPT_SEEKDATA, s3);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, s3);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, s3);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, s3);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, s3->error);
}

static void
set_up(S3 *s3, const S3Ask *ask, S3Answer *answer)
{
	char *url;

	memset(answer, 0, sizeof(*answer));
	s3->ask = ask;
	s3->answer = answer;
	s3->read = 0;
	s3->written = 0;
	s3->retry_after = -1;
	s3->file_errno = 0;
	s3->too_large = false;
	s3->refused[0] = '\0';
	s3->error[0] = '\0';
	arena_reset(s3->arena);
	if (s3->flying) /* an interrupt has ended the one before */
		loop_remove(s3->loop, s3->easy);
	s3->flying = false;
	curl_easy_reset(s3->easy);
	url = url_of(s3, ask);
	need(easy_set_text(s3->easy, CURLOPT_URL, url));
	set_method(s3, ask);
	set_headers(s3, ask, url);
	set_connection(s3, ask);
	set_callbacks(s3);
	loop_attach(s3->loop, s3->easy);
	pfree(url);
}

static int64
moved_now(const S3 *s3)
{
	curl_off_t sent = 0;

	curl_easy_getinfo(s3->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
	return s3->moved + sent + (s3->ask->to_file ? s3->written : 0);
}

static CURLcode
fly(S3 *s3)
{
	CURLcode result;

	loop_add(s3->loop, s3->easy);
	s3->flying = true;
	while (loop_next_done(s3->loop, &result) == NULL)
	{
		loop_wait(s3->loop, TICK_MS);
		CHECK_FOR_INTERRUPTS();
		if (s3->tick)
			s3->tick(s3->argument, moved_now(s3));
	}
	s3->flying = false;
	return result;
}

/* ---- what came of it ---- */

/* Puts the service's word for an error into the answer: letters and digits, as they all are. */
static void
find_code(S3 *s3, S3Answer *answer)
{
	size_t place = 0;
	Text   code = s3_element(answer->body, "Code", &place);

	if (!text_present(code))
		return;
	take_value(answer->code, sizeof(answer->code), code);
	if (answer->code[strspn(answer->code, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
										  "0123456789._-")] != '\0')
		answer->code[0] = '\0';
}

static void
complete(S3 *s3, S3Answer *answer)
{
	curl_off_t length = -1;

	curl_easy_getinfo(s3->easy, CURLINFO_RESPONSE_CODE, &answer->status);
	curl_easy_getinfo(s3->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	answer->length = length;
	if (s3->ask->to_file && answer->status < 300)
		answer->length = s3->written;
	else
		answer->body = (Text){s3->body ? s3->body : "", s3->body ? (size_t) s3->written : 0};
	/* A completion may answer 200 before it is one, and be none. */
	if (answer->status >= 300 || s3->ask->method == S3_POST)
		find_code(s3, answer);
}

static bool
succeeded(const S3Answer *answer, CURLcode result)
{
	return result == CURLE_OK && answer->status >= 200 && answer->status < 300 &&
		   answer->code[0] == '\0';
}

/*
 * Whether the same request may succeed a moment later: the service is busy, or the network has
 * failed. What we are to blame for, what is refused or what is too large will not.
 */
static bool
may_pass(const S3 *s3, const S3Answer *answer, CURLcode result)
{
	static const char *const codes[] = {"RequestTimeout", "SlowDown", "InternalError",
										"ServiceUnavailable", "OperationAborted"};

	if (s3->file_errno != 0 || s3->too_large || s3->refused[0] != '\0')
		return false;
	for (size_t i = 0; i < lengthof(codes); i++)
	{
		if (strcmp(answer->code, codes[i]) == 0)
			return true;
	}
	if (answer->status >= 300)
		return answer->status == 408 || answer->status == 429 ||
			   (answer->status >= 500 && answer->status != 501);
	switch (result)
	{
		case CURLE_COULDNT_RESOLVE_HOST:
		case CURLE_COULDNT_CONNECT:
		case CURLE_OPERATION_TIMEDOUT:
		case CURLE_GOT_NOTHING:
		case CURLE_SEND_ERROR:
		case CURLE_RECV_ERROR:
		case CURLE_PARTIAL_FILE:
			return true;
		default:
			return false;
	}
}

/* What to do about an error that services know by that word; NULL: nothing is known. */
static const char *
advice(const char *code)
{
	static const struct
	{
		const char *code;
		const char *advice;
	} known[] = {
		{"SignatureDoesNotMatch", "the secret s3_secret_key is not that of s3_access_key"},
		{"InvalidAccessKeyId", "the secret s3_access_key is not known there"},
		{"InvalidToken", "the secret s3_session_token is not valid"},
		{"ExpiredToken", "the secret s3_session_token has expired"},
		{"AccessDenied", "the key must be allowed to list the bucket, and to get, put and delete "
						 "its objects"},
		{"NoSuchBucket", "create the bucket, or correct datasens.archive_url"},
		{"RequestTimeTooSkewed", "set the clock of this machine"},
		{"AuthorizationHeaderMalformed", "set datasens.s3_region to the region of the bucket"},
		{"PermanentRedirect", "set datasens.s3_region to the region of the bucket"},
		{"EntityTooLarge", "the service takes no object of that size"},
		{"QuotaExceeded", "there is no more room in the bucket"},
		{"XMinioStorageFull", "there is no more room on the service's disks"},
	};

	for (size_t i = 0; i < lengthof(known); i++)
	{
		if (strcmp(known[i].code, code) == 0)
			return known[i].advice;
	}
	return NULL;
}

static char *
describe(const S3 *s3, const S3Answer *answer, CURLcode result, const char *what)
{
	const char *advised = advice(answer->code);
	char	   *message;

	if (s3->file_errno != 0)
		message = psprintf("could not %s: %s", what, strerror(s3->file_errno));
	else if (s3->refused[0] != '\0')
		message = psprintf("could not %s: " GUARD_REFUSAL, what, s3->refused);
	else if (s3->too_large)
		message = psprintf("could not %s: the answer is too large", what);
	else if (answer->code[0] != '\0')
		message = psprintf("could not %s: HTTP status %ld, %s%s%s", what, answer->status,
						   answer->code, advised ? ": " : "", advised ? advised : "");
	else if (answer->status >= 300)
		message = psprintf("could not %s: HTTP status %ld", what, answer->status);
	else
		message = psprintf("could not %s: %s", what,
						   s3->error[0] ? s3->error : curl_easy_strerror(result));
	clean_line(message, PG_UTF8);
	return message;
}

/* Half a delay for sure, half by chance, so that many do not come back at once. */
static long
delay_of(const S3 *s3, int attempt)
{
	long delay = Min(FIRST_DELAY_MS << attempt, MAX_DELAY_MS);

	delay = (long) ((double) delay * (0.5 + 0.5 * compat_random_fraction()));
	return Max(delay, Min(s3->retry_after * 1000L, MAX_DELAY_MS));
}

/* Waits without a transaction's or a lock's help; a cancel ends it. */
static void
pause_for(long milliseconds)
{
	int64 until = loop_now() + milliseconds * 1000;

	while (milliseconds > 0)
	{
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, milliseconds,
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		milliseconds = (long) ((until - loop_now()) / 1000);
	}
}

char *
s3_ask(S3 *s3, const S3Ask *ask, const char *what, S3Answer *answer)
{
	CURLcode result;

	for (int attempt = 0;; attempt++)
	{
		set_up(s3, ask, answer);
		result = fly(s3);
		complete(s3, answer);
		if (succeeded(answer, result))
			return NULL;
		if (attempt + 1 == ATTEMPTS || !may_pass(s3, answer, result))
			return describe(s3, answer, result, what);
		pause_for(delay_of(s3, attempt));
	}
}

/* ---- the service ---- */

void
s3_hash_nothing(uint8 hash[SHA256_SIZE])
{
	Text nothing = TEXT_LITERAL("");

	if (!hasher_pieces(hasher_own(), &nothing, 1, hash))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not compute SHA-256")));
}

Arena *
s3_arena(S3 *s3)
{
	return s3->arena;
}

void
s3_moved(S3 *s3, int64 bytes)
{
	s3->moved = bytes;
}

void
s3_watch(S3 *s3, void (*tick)(void *argument, int64 moved), void *argument)
{
	s3->tick = tick;
	s3->argument = argument;
	s3->moved = 0;
}

static void
free_s3(void *argument)
{
	S3 *s3 = argument;

	/* Takes itself out of the loop; loop_remove may raise errors, as nothing here may. */
	curl_easy_cleanup(s3->easy);
	curl_slist_free_all(s3->headers);
	free(s3->body);
}

S3 *
s3_open(MemoryContext context, const S3Account *account)
{
	S3 *s3 = MemoryContextAllocZero(context, sizeof(S3));

	s3->account = account;
	s3->loop = loop_create(context, 1);
	s3->arena = memory_arena(context, ARENA_SIZE);
	s3->on_reset.func = free_s3;
	s3->on_reset.arg = s3;
	MemoryContextRegisterResetCallback(context, &s3->on_reset);
	s3->easy = curl_easy_init();
	if (s3->easy == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return s3;
}
