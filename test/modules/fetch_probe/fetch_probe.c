/*
 * fetch_probe.c
 *	  The fetcher, driven from SQL by its tests.
 *
 * Stands in for settings.c (the settings are fetch_probe.*, of the same kinds
 * and defaults) and for run/ (it starts requests, waits, and takes responses).
 */
#include "postgres.h"

#include "base/settings.h"
#include "net/fetch.h"
#include "net/guard.h"

#include "compat.h"

#include "catalog/pg_type.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <limits.h>
#include <malloc.h>

PG_MODULE_MAGIC;

int	  setting_max_connections = 64;
int	  setting_max_connections_per_host = 4;
int	  setting_connect_timeout = 10000;
int	  setting_request_timeout = 30000;
int	  setting_max_response_size = 10240;
int	  setting_max_download_size = 10240;
int	  setting_max_redirects = 5;
char *setting_user_agent = NULL;
char *setting_contact = NULL;
char *setting_proxy = NULL;
char *setting_ca_file = NULL;
bool  setting_allow_private_networks = true;

/* An IPv4 address of the loopback that is to count as public: a test has no other network. */
static char *public_address = NULL;

void _PG_init(void);

extern bool __real_guard_admits(const struct sockaddr *address);
extern bool __wrap_guard_admits(const struct sockaddr *address);

/* In the place of guard_admits (the linker's --wrap). */
bool
__wrap_guard_admits(const struct sockaddr *address)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *) address;

	if (public_address[0] && address->sa_family == AF_INET &&
		in->sin_addr.s_addr == inet_addr(public_address))
		return true;
	return __real_guard_admits(address);
}

static void
define_int(const char *name, int *variable, int min)
{
	DefineCustomIntVariable(name, "As in datasens.", NULL, variable, *variable, min, INT_MAX,
							PGC_SUSET, 0, NULL, NULL, NULL);
}

static void
define_string(const char *name, char **variable)
{
	DefineCustomStringVariable(name, "As in datasens.", NULL, variable, "", PGC_SUSET, 0, NULL,
							   NULL, NULL);
}

void
_PG_init(void)
{
	define_int("fetch_probe.max_connections", &setting_max_connections, 1);
	define_int("fetch_probe.max_connections_per_host", &setting_max_connections_per_host, 1);
	define_int("fetch_probe.connect_timeout", &setting_connect_timeout, 1);
	define_int("fetch_probe.request_timeout", &setting_request_timeout, 1);
	define_int("fetch_probe.max_response_size", &setting_max_response_size, 1);
	define_int("fetch_probe.max_redirects", &setting_max_redirects, 0);
	define_string("fetch_probe.user_agent", &setting_user_agent);
	define_string("fetch_probe.proxy", &setting_proxy);
	define_string("fetch_probe.ca_file", &setting_ca_file);
	define_string("fetch_probe.public_address", &public_address);
	DefineCustomBoolVariable("fetch_probe.allow_private_networks", "As in datasens.", NULL,
							 &setting_allow_private_networks, true, PGC_SUSET, 0, NULL, NULL, NULL);
}

static Datum
sha256_of(Text body)
{
	bytea			  *digest = palloc(VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
	pg_cryptohash_ctx *hash = pg_cryptohash_create(PG_SHA256);

	SET_VARSIZE(digest, VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
	if (pg_cryptohash_init(hash) < 0 ||
		pg_cryptohash_update(hash, (const uint8 *) body.data, body.len) < 0 ||
		pg_cryptohash_final(hash, (uint8 *) VARDATA(digest), PG_SHA256_DIGEST_LENGTH) < 0)
		elog(ERROR, "could not compute a hash: %s", compat_cryptohash_error(hash));
	pg_cryptohash_free(hash);
	return PointerGetDatum(digest);
}

#define COLUMNS 19

static void
put_text(Datum *values, bool *nulls, int column, const char *value)
{
	nulls[column] = value == NULL;
	if (value != NULL)
		values[column] = CStringGetTextDatum(value);
}

static void
put_response(ReturnSetInfo *result, const FetchResponse *response)
{
	Datum		   values[COLUMNS];
	bool		   nulls[COLUMNS] = {false};
	const Failure *failure = &response->failure;

	values[0] = Int32GetDatum((int) (intptr_t) response->owner);
	put_text(values, nulls, 1, response->url);
	put_text(values, nulls, 2, response->final_url);
	put_text(values, nulls, 3, response->moved_url);
	values[4] = Int32GetDatum(response->status);
	put_text(values, nulls, 5, failure_is(failure) ? failure_word(failure->class) : "");
	put_text(values, nulls, 6, failure->detail);
	values[7] = BoolGetDatum(failure_is_transient(failure->class));
	values[8] = Int32GetDatum(failure->retry_after);
	values[9] = BoolGetDatum(failure->host_wide);
	put_text(values, nulls, 10, response->content_type);
	put_text(values, nulls, 11, response->etag);
	put_text(values, nulls, 12, response->last_modified);
	values[13] = Int64GetDatum((int64) response->body.len);
	values[14] = Int64GetDatum(response->octets);
	values[15] = sha256_of(response->body);
	values[16] = Float8GetDatum(response->duration / 1e6);
	put_text(values, nulls, 17, response->robots_tag);
	put_text(values, nulls, 18, response->location);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* The header lines "name: value" of the argument; one that begins with "!" is secret. */
static void
set_headers(FetchRequest *request, ArrayType *lines)
{
	FetchHeader *headers;
	Datum		*elements;

	deconstruct_array(lines, TEXTOID, -1, false, TYPALIGN_INT, &elements, NULL,
					  &request->n_headers);
	headers = palloc0(request->n_headers * sizeof(FetchHeader) + 1);
	for (int i = 0; i < request->n_headers; i++)
	{
		char *line = TextDatumGetCString(elements[i]);
		char *colon = strstr(line, ": ");

		*colon = '\0';
		headers[i].secret = line[0] == '!';
		headers[i].name = line + (headers[i].secret ? 1 : 0);
		headers[i].value = colon + 2;
	}
	request->headers = headers;
}

static void
start_all(Fetcher *fetcher, FunctionCallInfo fcinfo, Datum *urls, int n_urls)
{
	FetchRequest request = {.accept = "application/rss+xml, */*;q=0.5"};

	if (!PG_ARGISNULL(1))
		request.etag = text_to_cstring(PG_GETARG_TEXT_PP(1));
	if (!PG_ARGISNULL(2))
		request.last_modified = text_to_cstring(PG_GETARG_TEXT_PP(2));
	if (!PG_ARGISNULL(3))
		request.max_size = PG_GETARG_INT64(3);
	if (!PG_ARGISNULL(5))
		set_headers(&request, PG_GETARG_ARRAYTYPE_P(5));
	if (!PG_ARGISNULL(6))
		request.secret_query = text_to_cstring(PG_GETARG_TEXT_PP(6));
	request.spacing = (int64) PG_GETARG_INT32(7) * 1000;
	request.alone = PG_GETARG_BOOL(8);
	request.stay = PG_GETARG_BOOL(9);
	for (int i = 0; i < n_urls; i++)
	{
		char *url = TextDatumGetCString(urls[i]);

		request.url = url;
		request.owner = (void *) (intptr_t) (i + 1);
		fetch_start(fetcher, &request);
		pfree(url);
	}
}

/*
 * fetch_probe(urls text[], etag text, last_modified text, max_size bigint,
 *			   abandon int, headers text[], secret_query text, spacing int, alone bool,
 *			   stay bool): one row a response, in the order they finished; spacing in
 * milliseconds.
 * abandon n: with the first response, every nth request is cancelled; n < 0: an
 * error is raised instead.
 */
PG_FUNCTION_INFO_V1(fetch_probe);
Datum
fetch_probe(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	int			   abandon = PG_ARGISNULL(4) ? 0 : PG_GETARG_INT32(4);
	MemoryContext  context;
	Fetcher		  *fetcher;
	FetchResponse *response;
	Datum		  *urls;
	int			   n_urls;
	int			   n_pending; /* neither answered nor cancelled */
	bool		  *over;	  /* of the others, by owner */

	compat_materialize(fcinfo);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false, TYPALIGN_INT, &urls, NULL,
					  &n_urls);
	n_pending = n_urls;
	over = palloc0((n_urls + 1) * sizeof(bool));
	context = AllocSetContextCreate(CurrentMemoryContext, "fetch_probe", ALLOCSET_DEFAULT_SIZES);
	fetcher = fetcher_create(context);
	start_all(fetcher, fcinfo, urls, n_urls);
	for (;;)
	{
		while ((response = fetcher_next(fetcher)) != NULL)
		{
			if (abandon < 0)
				elog(ERROR, "abandoned");
			n_pending -= !over[(intptr_t) response->owner];
			over[(intptr_t) response->owner] = true;
			for (int i = abandon; abandon > 0 && i <= n_urls; i += abandon)
			{
				fetcher_cancel(fetcher, (void *) (intptr_t) i);
				n_pending -= !over[i];
				over[i] = true;
			}
			abandon = 0;
			put_response(result, response);
			fetch_free(response);
		}
		if (n_pending == 0)
			break;
		fetcher_wait(fetcher, -1);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextDelete(context);
	return (Datum) 0;
}

/*
 * fetch_probe_progress(url text): bytes received and announced, as seen at the
 * first moment when some had arrived; the request is then left in flight.
 */
PG_FUNCTION_INFO_V1(fetch_probe_progress);
Datum
fetch_probe_progress(PG_FUNCTION_ARGS)
{
	FetchRequest  request = {.url = text_to_cstring(PG_GETARG_TEXT_PP(0))};
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "fetch_probe", ALLOCSET_DEFAULT_SIZES);
	Fetcher *fetcher = fetcher_create(context);
	int64	 received = 0;
	int64	 total = -1;

	request.owner = fetcher;
	fetch_start(fetcher, &request);
	while (received == 0 && fetcher_next(fetcher) == NULL)
	{
		fetcher_wait(fetcher, -1);
		CHECK_FOR_INTERRUPTS();
		fetcher_progress(fetcher, fetcher, &received, &total);
	}
	MemoryContextDelete(context);
	PG_RETURN_ARRAYTYPE_P(construct_array((Datum[]){Int64GetDatum(received), Int64GetDatum(total)},
										  2, INT8OID, sizeof(int64), true, TYPALIGN_DOUBLE));
}

/* Open descriptors of this process (and two for the directory's own entries). */
PG_FUNCTION_INFO_V1(fetch_probe_descriptors);
Datum
fetch_probe_descriptors(PG_FUNCTION_ARGS)
{
	DIR *directory = opendir("/proc/self/fd");
	int	 count = 0;

	while (readdir(directory) != NULL)
		count++;
	closedir(directory);
	PG_RETURN_INT32(count);
}

/* Bytes malloc'd by this process. */
PG_FUNCTION_INFO_V1(fetch_probe_memory);
Datum
fetch_probe_memory(PG_FUNCTION_ARGS)
{
	struct mallinfo2 info = mallinfo2();

	PG_RETURN_INT64((int64) (info.uordblks + info.hblkhd));
}
