/*
 * kaggle.c
 *	  The kind kaggle: data sets of CSV files, from Kaggle or any address.
 *
 * A source's URL is "owner/dataset", a data set of Kaggle's; or an http(s) address, or a path on
 * the server, of a CSV file, plain or in a gzip or zip file. Of a data set the version is asked
 * for first. Its files are downloaded where that is not the version in the cursor, {"version": 3,
 * "pour": "..."}, or where the data set or the options have changed since. The credentials, if
 * there are any, are for the service only: the storage host to which it redirects does not get
 * them. Options:
 *
 * 	fichier		file of the zip, or a pattern; else all that end in .csv, .tsv, .txt
 * 	colonnes	{"titre": "...", "texte", "url", "auteur", "langue", "date"}: names of
 * 				columns, or numbers from 1; else found by their usual names
 * 	encodage, separateur, guillemets, entete	of the CSV; else found by looking at it
 * 	rejets_max	rows that may be rejected before the file is; 1000
 */
#include "postgres.h"

#include "base/memory.h"
#include "base/settings.h"
#include "parse/charset.h"
#include "parse/charset_stream.h"
#include "parse/csv_columns.h"
#include "parse/url.h"
#include "source/address.h"
#include "source/csv_file.h"
#include "source/kind.h"
#include "source/options.h"

#include <jansson.h>

#include "catalog/pg_authid.h"
#include "common/base64.h"
#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "utils/acl.h"

static const char *const known_options[] = {"fichier",	  "colonnes",	  "encodage",
											"separateur", "guillemets",	  "entete",
											"rejets_max", OPTIONS_COMMON, NULL};

/* So many bytes of what the service says go into a message. */
#define SHOWN_MESSAGE 200

/* What an address may be, for hints. */
#define ADDRESSES                                                                                  \
	"Give owner/dataset as in Kaggle's addresses, the http:// or https:// address of a CSV file, " \
	"or the absolute path of one on the server."

/* Bytes for the percent-coded name of a file. */
#define SCRATCH_MEMORY (64 * 1024)

/* What the service says of a data set. */
typedef struct Version
{
	int64 number;
} Version;

static bool
is_address(const char *url)
{
	return strstr(url, "://") != NULL;
}

static bool
is_path(const char *url)
{
	return url[0] == '/';
}

/* ---- validate ---- */

/* Whether the URL is that of a data set's page, as it is copied from the browser. */
static bool
is_page(const char *url)
{
	const char *host = strstr(url, "://") + 3;

	return strncmp(host, "www.kaggle.com/", 15) == 0 && strncmp(host + 15, "api/", 4) != 0;
}

static void
check_address(const char *url)
{
	options_check_url(url, ADDRESSES);
	if (is_page(url))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("URL \"%s\" is a page, not a file", address_shown(url)),
						errhint("Of Kaggle's data sets give owner/dataset only.")));
}

/*
 * The same gate that the server's own COPY and file_fdw have, for who adds or alters the source;
 * run_ask has the gate for its runs.
 */
static void
check_server_file(const Source *source)
{
	if (OidIsValid(source->role) && !has_privs_of_role(source->role, ROLE_PG_READ_SERVER_FILES))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to collect a server file"),
				 errdetail("Only roles with privileges of the role \"%s\" may have a file on the "
						   "server collected.",
						   "pg_read_server_files"),
				 errhint("Anyone may collect from an http:// or https:// address.")));
}

/* Whether it is the name of a data set: letters, digits and "-_." on both sides of one slash. */
static bool
is_handle(const char *url)
{
	const char *slash = strchr(url, '/');

	return slash != NULL && slash > url && slash[1] != '\0' && url[0] != '.' && slash[1] != '.' &&
		   strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./") ==
			   strlen(url) &&
		   strchr(slash + 1, '/') == NULL && strstr(url, "..") == NULL;
}

static void
check_columns(json_t *options)
{
	json_t	   *columns = json_object_get(options, "colonnes");
	const char *roles[CSV_N_ROLES + 1] = {NULL};

	if (columns == NULL)
		return;
	if (!json_is_object(columns))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"colonnes\" is not an object"),
						errhint("It is written as in '{\"colonnes\": {\"texte\": \"review\"}}'.")));
	for (CsvRole role = 0; role < CSV_N_ROLES; role++)
	{
		roles[role] = csv_role_name(role);
		(void) options_string(columns, roles[role]);
	}
	options_check_keys(columns, roles);
}

static void
check_encoding(json_t *options)
{
	const char	  *name = options_string(options, "encodage");
	char		   meant[CHARSET_NAME_SIZE];
	CharsetStream *stream = NULL;

	if (name == NULL)
		return;
	if (charset_meant((Text){name, strlen(name)}, meant))
		stream = charset_stream_create(meant);
	if (stream == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"encodage\" cannot have \"%s\"", name),
						errhint("Encodings are called as iconv and web pages call them: \"utf-8\", "
								"\"windows-1252\", \"iso-8859-15\", \"utf-16le\".")));
	charset_stream_free(stream);
}

static void
check_separator(json_t *options)
{
	const char *separator = options_string(options, "separateur");

	if (separator != NULL && (strlen(separator) != 1 || strchr("\"\r\n", separator[0]) != NULL ||
							  (unsigned char) separator[0] >= 0x80))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"separateur\" is not a single ASCII character"),
						errhint("Usual ones are \",\", \";\", \"|\" and \"\\t\".")));
}

static void
check_quote(json_t *options)
{
	const char *quote;

	if (json_is_false(json_object_get(options, "guillemets")))
		return;
	quote = options_string(options, "guillemets");
	if (quote != NULL &&
		(quote[1] != '\0' || strchr("\r\n", quote[0]) != NULL || (unsigned char) quote[0] >= 0x80))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"guillemets\" is not a single ASCII character"),
						errhint("The usual one is '\"'; false means that there are none.")));
}

/*
 * Options are checked before the address, so that what is said first is what stands first in the
 * call. A file of the server's is for those only who may read it (check_server_file).
 */
static void
kaggle_validate(const Source *source)
{
	json_t *options = options_read(source->options);
	json_t *header = json_object_get(options, "entete");
	int64	rejects;

	options_check_keys(options, known_options);
	check_columns(options);
	check_separator(options);
	check_quote(options);
	(void) options_string(options, "fichier");
	check_encoding(options);
	(void) options_integer(options, "rejets_max", 0, PG_INT32_MAX, &rejects);
	if (header != NULL && !json_is_boolean(header))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"entete\" is not true or false")));
	if (source->url == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("source \"%s\" needs a data set or an address", source->nom),
						errhint(ADDRESSES)));
	if (is_path(source->url))
		check_server_file(source);
	else if (!is_handle(source->url))
		check_address(source->url);
}

/* ---- collecting ---- */

/* What Basic authentication sends (RFC 7617). */
static char *
basic_credentials(const char *username, const char *key)
{
	char *pair = psprintf("%s:%s", username, key);
	int	  size = pg_b64_enc_len((int) strlen(pair)) + 1;
	char *coded = palloc0(size);

	if (pg_b64_encode((void *) pair, (int) strlen(pair), coded, size) < 0)
		elog(ERROR, "could not encode credentials");
	return psprintf("Basic %s", coded);
}

/* An address of the service for the source's data set. */
static char *
service_address(const Source *source, const char *method)
{
	return psprintf("%s/datasets/%s/%s", setting_kaggle_api, method, source->url);
}

/*
 * "/" and the name of the one file that the options mean, percent-coded for a URL; "" where they
 * mean several, or the name would lead to another part of the service (RFC 3986, 5.2.4).
 */
static char *
file_path(const Source *source)
{
	json_t	   *options = options_read(source->options);
	const char *file = json_string_value(json_object_get(options, "fichier")); /* UTF-8 */
	Arena	   *arena;
	Text		coded;

	if (file == NULL || strpbrk(file, "*?[/\\") != NULL || strcmp(file, ".") == 0 ||
		strcmp(file, "..") == 0)
		return "";
	arena = memory_arena(CurrentMemoryContext, SCRATCH_MEMORY);
	coded = url_encode(arena, (Text){file, strlen(file)});
	return text_present(coded) ? psprintf("/%.*s", (int) coded.len, coded.data) : "";
}

static char *
parameters_of(const Source *source)
{
	return pg_server_to_any(source->options, strlen(source->options), PG_UTF8);
}

/*
 * The value of the Authorization header, by a token or by user and key; NULL: no such secret is
 * set.
 */
static const char *
credentials(Run *run)
{
	const char *token = run_secret(run, "kaggle_token", false);
	const char *username;
	const char *key;

	if (token != NULL)
		return psprintf("Bearer %s", token);
	username = run_secret(run, "kaggle_username", false);
	key = run_secret(run, "kaggle_key", false);
	return username != NULL && key != NULL ? basic_credentials(username, key) : NULL;
}

/*
 * Asks the service with the credentials that there are; without any it knows public data sets
 * only.
 */
static void
ask_service(Run *run, Ask ask)
{
	FetchHeader header = {.name = "Authorization", .value = credentials(run), .secret = true};

	if (header.value != NULL)
	{
		ask.headers = &header;
		ask.n_headers = 1;
	}
	run_ask(run, &ask);
}

static void
kaggle_begin(Run *run)
{
	const Source *source = run_source(run);

	if (is_path(source->url) || is_address(source->url))
		run_ask(run, &(Ask){.url = source->url,
							.to_file = true,
							.from_file = is_path(source->url),
							.parameters = parameters_of(source)});
	else
		ask_service(run, (Ask){.url = service_address(source, "view")});
}

/* Reads the service's answer. It may be an error although the status is 200. */
static void *
kaggle_parse(Arena *arena, const FetchResponse *response, Failure *failure)
{
	json_t	  *answer = json_loadb(response->body.data, response->body.len, 0, NULL);
	json_int_t code = json_integer_value(json_object_get(answer, "code"));
	json_t	  *message = json_object_get(answer, "message");
	Text	   reason = TEXT_LITERAL("no reason");
	json_t	  *number = json_object_get(answer, "currentVersionNumber");
	Version	  *version = NULL;

	if (json_is_string(message))
		reason = text_clip((Text){json_string_value(message), json_string_length(message)},
						   SHOWN_MESSAGE);
	if (answer == NULL)
		failure_set(failure, FAILURE_PARSE, "the service did not answer with JSON");
	else if (code >= 400)
		failure_set(failure,
					code >= 500 || code == 429 ? FAILURE_HTTP_TRANSIENT : FAILURE_HTTP_PERMANENT,
					"the service says %lld: %.*s", (long long) code, (int) reason.len, reason.data);
	else if (!json_is_integer(number))
		failure_set(failure, FAILURE_PARSE, "the service's answer has no currentVersionNumber");
	else if ((version = arena_alloc(arena, sizeof(Version))) == NULL)
		failure_set(failure, FAILURE_MEMORY, "no memory for the answer");
	else
		version->number = json_integer_value(number);
	json_decref(answer);
	return version;
}

/* The data set and the options in a few digits: for what purpose a version was collected. */
static char *
purpose_of(const Source *source)
{
	char *purpose = psprintf("%s %s", source->url, source->options);

	return psprintf("%016llx", (unsigned long long) hash_bytes_extended((unsigned char *) purpose,
																		(int) strlen(purpose), 0));
}

/* The version that was collected last for the same purpose; 0: none. */
static int64
stored_version(const Source *source)
{
	json_t	   *cursor = source->cursor ? options_read(source->cursor) : NULL;
	const char *purpose = json_string_value(json_object_get(cursor, "pour"));

	if (purpose == NULL || strcmp(purpose, purpose_of(source)) != 0)
		return 0;
	return json_integer_value(json_object_get(cursor, "version"));
}

/* Asks for the files, where their version is not the stored one. */
static void
kaggle_emit(Run *run, const void *parsed)
{
	const Version *version = parsed;
	const Source  *source = run_source(run);

	run_set_cursor(run, psprintf("{\"version\": %lld, \"pour\": \"%s\"}",
								 (long long) version->number, purpose_of(source)));
	if (version->number == stored_version(source))
	{
		run_unchanged(run);
		return;
	}
	run_led(run);
	ask_service(run, (Ask){.url = psprintf("%s%s?datasetVersionNumber=%lld",
										   service_address(source, "download"), file_path(source),
										   (long long) version->number),
						   .to_file = true,
						   .parameters = parameters_of(source)});
}

/* Puts words before what the failure says already. */
static void
explain(Failure *failure, FailureClass class, const char *what)
{
	char detail[FAILURE_DETAIL_SIZE];

	strlcpy(detail, failure->detail, sizeof(detail));
	failure_set(failure, class, "%s (%s)", what, detail);
}

/* What the service means by its status codes. */
static void
kaggle_explain(const FetchResponse *response, Failure *failure)
{
	const char *what = NULL;
	long		status = response->status;

	if (strncmp(response->url, setting_kaggle_api, strlen(setting_kaggle_api)) != 0)
		return;
	if (status == 401)
		what =
			"Kaggle wants the secrets kaggle_username and kaggle_key, or kaggle_token, or does not "
			"accept them";
	else if (status == 403)
		what = "the data set is private, or its terms are to be accepted on its page, or Kaggle "
			   "wants the secrets kaggle_username and kaggle_key";
	else if (status == 404)
		what = "there is no such data set or file for those who ask with the secrets "
			   "kaggle_username and kaggle_key as they are";
	if (what != NULL)
		explain(failure, status == 401 ? FAILURE_SECRET : failure->class, what);
}

DEFINE_KIND(kaggle) = {
	.name = "kaggle",
	.schedule = "0 3 * * 0",
	.accept = "*/*",
	.validate = kaggle_validate,
	.begin = kaggle_begin,
	.parse = kaggle_parse,
	.emit = kaggle_emit,
	.read = csv_file_read,
	.explain = kaggle_explain,
};
