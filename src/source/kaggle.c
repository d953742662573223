/*
 * kaggle.c
 *	  The kind kaggle: data sets of CSV files, from Kaggle or any address.
 *
 * A source's URL is "owner/dataset", a data set of Kaggle's, or the http(s) address
 * of a CSV file, plain or in a gzip or zip file.  Of a data set the version is asked
 * first; its files are downloaded where it is not the one in the cursor,
 * {"version": 3}.  Options:
 *
 *		fichier		file of the zip, or a pattern; else all that end in .csv, .tsv, .txt
 *		colonnes	{"titre": "...", "texte", "url", "auteur", "langue", "date"}: names of
 *					columns, or numbers from 1; else found by their usual names
 *		encodage, separateur, entete	of the CSV; else found by looking at it
 *		rejets_max	rows that may be rejected before the file is; 1000
 *		api			address of the service; Kaggle's
 */
#include "postgres.h"

#include "base/settings.h"
#include "net/guard.h"
#include "parse/csv_columns.h"
#include "source/csv_file.h"
#include "source/kaggle.h"
#include "source/options.h"

#include <jansson.h>

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#define KAGGLE_API "https://www.kaggle.com/api/v1"

static const char *const known_options[] = {"fichier", "colonnes",	 "encodage", "separateur",
											"entete",  "rejets_max", "api",		 NULL};

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

/* ---- validate ---- */

static void
check_address(const char *url)
{
	Failure failure = FAILURE_INIT;

	if (!guard_check_url(url, &failure))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("URL \"%s\" cannot be collected", url), errdetail("%s.", failure.detail),
				 errhint("Give owner/dataset as in Kaggle's addresses, or the http:// or https:// "
						 "address of a CSV file.")));
}

/* The name of a data set: letters, digits and "-_." on both sides of one slash. */
static bool
is_handle(const char *url)
{
	const char *slash = strchr(url, '/');

	return slash != NULL && slash > url && slash[1] != '\0' &&
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
kaggle_validate(const Source *source)
{
	json_t	   *options = options_read(source->options);
	json_t	   *header = json_object_get(options, "entete");
	const char *api;
	int64		rejects;

	options_check_keys(options, known_options);
	check_columns(options);
	check_separator(options);
	(void) options_string(options, "fichier");
	(void) options_string(options, "encodage");
	(void) options_integer(options, "rejets_max", 0, PG_INT32_MAX, &rejects);
	if (header != NULL && !json_is_boolean(header))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"entete\" is not true or false")));
	api = options_string(options, "api");
	if (api != NULL)
		check_address(api);
	if (source->url == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("source \"%s\" needs a data set or an address", source->nom),
						errhint("Give owner/dataset as in Kaggle's addresses, or the http:// or "
								"https:// address of a CSV file.")));
	if (!is_handle(source->url))
		check_address(source->url);
}

/* ---- collecting ---- */

/* An address of the service for the source's data set. */
static char *
service_address(const Source *source, const char *method)
{
	const char *api = options_string(options_read(source->options), "api");

	return psprintf("%s/datasets/%s/%s", api ? api : KAGGLE_API, method, source->url);
}

static char *
parameters_of(const Source *source)
{
	return pg_server_to_any(source->options, strlen(source->options), PG_UTF8);
}

static void
kaggle_begin(Run *run)
{
	const Source *source = run_source(run);

	if (is_address(source->url))
		run_ask(run,
				&(Ask){.url = source->url, .to_file = true, .parameters = parameters_of(source)});
	else
		run_ask(run, &(Ask){.url = service_address(source, "view")});
}

/* The service's answer; an error may come with status 200. */
static void *
kaggle_parse(Arena *arena, const FetchResponse *response, Failure *failure)
{
	json_t	  *answer = json_loadb(response->body.data, response->body.len, 0, NULL);
	json_int_t code = json_integer_value(json_object_get(answer, "code"));
	json_t	  *number = json_object_get(answer, "currentVersionNumber");
	Version	  *version = NULL;

	if (answer == NULL)
		failure_set(failure, FAILURE_PARSE, "the service did not answer with JSON");
	else if (code >= 400)
		failure_set(failure,
					code >= 500 || code == 429 ? FAILURE_HTTP_TRANSIENT : FAILURE_HTTP_PERMANENT,
					"the service says %lld: %.200s", (long long) code,
					json_is_string(json_object_get(answer, "message"))
						? json_string_value(json_object_get(answer, "message"))
						: "no reason");
	else if (!json_is_integer(number))
		failure_set(failure, FAILURE_PARSE, "the service's answer has no currentVersionNumber");
	else if ((version = arena_alloc(arena, sizeof(Version))) == NULL)
		failure_set(failure, FAILURE_MEMORY, "no memory for the answer");
	else
		version->number = json_integer_value(number);
	json_decref(answer);
	return version;
}

/* Asks for the files where the version is another than the stored one. */
static void
kaggle_emit(Run *run, const void *parsed)
{
	const Version *version = parsed;
	const Source  *source = run_source(run);
	int64		   stored = 0;

	if (source->cursor)
		(void) options_integer(options_read(source->cursor), "version", 0, PG_INT64_MAX, &stored);
	run_set_cursor(run, psprintf("{\"version\": %lld}", (long long) version->number));
	run_unchanged(run);
	if (version->number != stored)
		run_ask(run, &(Ask){.url = psprintf("%s?datasetVersionNumber=%lld",
											service_address(source, "download"),
											(long long) version->number),
							.to_file = true,
							.parameters = parameters_of(source)});
}

const Kind kind_kaggle = {
	.name = "kaggle",
	.schedule = &setting_kaggle_schedule,
	.accept = "*/*",
	.validate = kaggle_validate,
	.begin = kaggle_begin,
	.parse = kaggle_parse,
	.emit = kaggle_emit,
	.read = csv_file_read,
};
