/*
 * json.c
 *	  The kind json: documents out of any service's answers in JSON.
 *
 * A source's URL is the question to the service.  Options (paths as in parse/json_path.h):
 *
 *		liste		path to the documents, or to an array of them; else the answer is it
 *		champs		{"titre": path, "texte", "url", "auteur", "langue", "date"}: a path, or
 *					several, of which the first with something counts; else their usual names
 *		html		whether texts are HTML; else as each looks
 *		langue		of documents that do not say
 *		pages		how to go on: {"lien": path of an address}, {"jeton": path of a value,
 *					"parametre": name in the query} or {"compteur": name, "debut": 1,
 *					"pas": 1}; "max": 10 of them a run; "recents_d_abord": true where the
 *					newest documents are on the first page
 *		headers		{"X-Api-Key": "secret:name", ...}
 *		parametre_secret	{"apiKey": "secret:name"}: a parameter of the query
 *		appels_par_minute	that the service allows
 *
 * A page that is the one of last time says nothing of those behind it: what a service adds
 * at the end would never be seen.  So they are asked for all the same, unless the newest
 * come first; then the page is asked for with a condition, and the last one if it holds.
 *
 * Secrets go to the URL's own origin only, whatever address a next page has.  Where a
 * run was partial, its cursor has the pages that are still to be asked:
 * {"reste": [...]}.
 */
#include "postgres.h"

#include "base/memory.h"
#include "base/secret_file.h"
#include "base/settings.h"
#include "parse/json_api.h"
#include "parse/url.h"
#include "source/kind.h"
#include "source/options.h"

#include <jansson.h>
#include <stdlib.h>

#include "datatype/timestamp.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#define MAX_HEADERS 20
#define MAX_CALLS 60000

/* Bytes for options and origins. */
#define SCRATCH_MEMORY (1024 * 1024)

#define SECRET_PREFIX "secret:"
#define SECRET_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_"

static const char *const known_options[] = {"liste",
											"champs",
											"html",
											"langue",
											"pages",
											"headers",
											"parametre_secret",
											"appels_par_minute",
											OPTIONS_COMMON,
											NULL};

/* A page of an answer, as parse has made it for emit. */
typedef struct Page
{
	JsonAnswer *answer;
	int			number;	   /* in its run, from 1 */
	int			max_pages; /* of a run */
} Page;

/* ---- options ---- */

/*
 * The name of the secret that an option's value ends with, as in "Bearer secret:name" (palloc'd);
 * NULL where it has none.
 */
static char *
secret_name(const char *value)
{
	const char *found = strstr(value, SECRET_PREFIX);

	if (found == NULL)
		return NULL;
	found += strlen(SECRET_PREFIX);
	if (found[0] == '\0' || strspn(found, SECRET_CHARACTERS) != strlen(found))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("\"%s\" does not name a secret", value),
						errhint("It is written as \"secret:name\", with small letters, digits and "
								"underscores, at the end of the value.")));
	if (!secret_is_for_sources(found))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("the secret \"%s\" is not for sources", found),
						errhint("Set one of another name by datasens_set_secret().")));
	return pstrdup(found);
}

/* Whether the header is the fetcher's own business, and none for options. */
static bool
is_reserved(const char *name)
{
	static const char *const names[] = {"host",
										"connection",
										"content-length",
										"transfer-encoding",
										"accept-encoding",
										"if-none-match",
										"if-modified-since",
										"range",
										"te",
										"upgrade",
										"expect"};

	for (size_t i = 0; i < lengthof(names); i++)
		if (pg_strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

static void
check_header(const Source *source, const char *name, json_t *value)
{
	const char *secret;

	if (!json_is_string(value) || json_string_length(value) == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("header \"%s\" has no value that is a string", name),
						errhint("It is written as in '{\"headers\": {\"X-Api-Key\": "
								"\"secret:name\"}}'.")));
	if (is_reserved(name))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("header \"%s\" cannot be set", name),
						errdetail("Each request has its own, or none."), errhint("Leave it out.")));
	if (!fetch_header_is_sendable(&(FetchHeader){.name = name, .value = json_string_value(value)}))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("header \"%s\" has a character that cannot be sent", name),
						errhint("A header is one line of ASCII; its name has letters, digits and "
								"hyphens.")));
	secret = secret_name(json_string_value(value));
	if (secret != NULL)
		source_check_secret(source, secret);
}

static void
check_headers(const Source *source, json_t *options)
{
	json_t	   *headers = json_object_get(options, "headers");
	const char *name;
	json_t	   *value;

	if (headers == NULL)
		return;
	if (!json_is_object(headers) || json_object_size(headers) > MAX_HEADERS)
		ereport(
			ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"headers\" is not an object of at most %d headers", MAX_HEADERS),
			 errhint("It is written as in '{\"headers\": {\"X-Api-Key\": \"secret:name\"}}'.")));
	json_object_foreach(headers, name, value) check_header(source, name, value);
}

/*
 * Returns the name of the secret that option parametre_secret names, *parameter the parameter that
 * it is sent as; NULL where there is no such option.
 */
static char *
secret_parameter(json_t *options, const char **parameter)
{
	json_t	   *object = json_object_get(options, "parametre_secret");
	void	   *first = json_object_iter(object);
	const char *value = first ? json_string_value(json_object_iter_value(first)) : NULL;

	if (object == NULL)
		return NULL;
	if (json_object_size(object) != 1 || value == NULL ||
		strncmp(value, SECRET_PREFIX, strlen(SECRET_PREFIX)) != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"parametre_secret\" is not one parameter with a secret"),
						errhint("It is written as in '{\"parametre_secret\": {\"apiKey\": "
								"\"secret:name\"}}'.")));
	*parameter = json_object_iter_key(first);
	if ((*parameter)[0] == '\0' || strpbrk(*parameter, "&=#? ") != NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("\"%s\" is not the name of a parameter", *parameter),
						errhint("It has one character at least, and none of \"&\", \"=\", "
								"\"#\", \"?\" and space.")));
	return secret_name(value);
}

/* Checks the options about the answers; ereports where one is wrong. */
static void
check_answers(Arena *arena, json_t *options)
{
	JsonApi		 api;
	JsonApiError error;

	if (!json_api_options(arena, options, &api, &error))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s", pg_any_to_server(error.message, strlen(error.message), PG_UTF8)),
				 error.hint[0] ? errhint("%s", error.hint) : 0));
}

/* ---- asking ---- */

static bool
is_own_origin(Arena *arena, const Source *source, const char *url)
{
	Text own;

	arena_reset(arena);
	own = url_origin(arena, (Text){source->url, strlen(source->url)});
	return text_present(own) && text_equal(own, url_origin(arena, (Text){url, strlen(url)}));
}

/* Makes the headers that the options name, with the secrets in them; returns how many there are. */
static int
make_headers(Run *run, json_t *options, FetchHeader *headers)
{
	const char *name;
	json_t	   *value;
	int			n = 0;

	json_object_foreach(json_object_get(options, "headers"), name, value)
	{
		const char *string = json_string_value(value);
		char	   *secret = secret_name(string);

		if (n == MAX_HEADERS)
			break;
		if (secret != NULL)
			string = psprintf("%.*s%s", (int) (strstr(string, SECRET_PREFIX) - string), string,
							  run_need_secret(run, secret, true));
		headers[n++] = (FetchHeader){.name = name, .value = string, .secret = secret != NULL};
	}
	return n;
}

/*
 * Whether the next page is wanted even where this one is the same as last time: see the head of
 * this file.
 */
static bool
wants_all_pages(json_t *options)
{
	json_t *pages = json_object_get(options, "pages");

	return pages != NULL && !json_is_true(json_object_get(pages, "recents_d_abord"));
}

/* Asks for a page; number counts from 1. */
static void
ask_page(Run *run, const char *url, int number)
{
	const Source *source = run_source(run);
	json_t		 *options = options_read(source->options);
	Arena		 *arena = memory_arena(CurrentMemoryContext, SCRATCH_MEMORY);
	FetchHeader	  headers[MAX_HEADERS];
	Ask			  ask = {.url = url, .headers = headers, .whole = wants_all_pages(options)};
	int64		  calls;
	char		 *secret;

	ask.parameters = psprintf("%d %s", number,
							  pg_server_to_any(source->options, strlen(source->options), PG_UTF8));
	if (is_own_origin(arena, source, url))
	{
		ask.n_headers = make_headers(run, options, headers);
		secret = secret_parameter(options, &ask.secret_parameter);
		ask.secret = secret ? run_need_secret(run, secret, true) : NULL;
	}
	if (options_integer(options, "appels_par_minute", 1, MAX_CALLS, &calls))
		ask.spacing = USECS_PER_MINUTE / calls;
	run_ask(run, &ask);
}

static void
json_validate(const Source *source)
{
	json_t	   *options = options_read(source->options);
	const char *parameter;
	const char *secret;
	int64		calls;

	options_check_keys(options, known_options);
	check_headers(source, options);
	secret = secret_parameter(options, &parameter);
	if (secret != NULL)
		source_check_secret(source, secret);
	(void) options_integer(options, "appels_par_minute", 1, MAX_CALLS, &calls);
	check_answers(memory_arena(CurrentMemoryContext, SCRATCH_MEMORY), options);
	if (source->url == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("source \"%s\" needs a URL", source->nom),
				 errhint("Give the http:// or https:// address that the service answers at.")));
	options_check_url(source->url,
					  "The address of a service begins with http:// or https:// and a host.");
}

static void
json_begin(Run *run)
{
	const Source *source = run_source(run);
	char		**rest = NULL;

	if (source->cursor)
		rest = options_strings(options_read(source->cursor), "reste");
	if (rest == NULL)
		ask_page(run, source->url, 1);
	for (int i = 0; rest && rest[i]; i++)
		ask_page(run, rest[i], 1);
}

/* ---- answers ---- */

/*
 * On the parser's thread: the number of the page and the source's options stand in the request's
 * parameters, since a run is not to be touched here.
 */
static void *
json_parse(Arena *arena, const FetchResponse *response, Failure *failure)
{
	Page		*page = arena_alloc_zero(arena, sizeof(Page));
	char		*rest;
	JsonApi		 api;
	JsonApiError error;
	json_t		*options;
	bool		 read;

	if (page == NULL)
	{
		failure_set(failure, FAILURE_MEMORY, "no memory for the answer");
		return NULL;
	}
	page->number = (int) strtol(response->parameters, &rest, 10);
	options = json_loads(rest, 0, NULL);
	read = json_api_options(arena, options, &api, &error);
	json_decref(options);
	if (!read)
	{
		failure_set(failure, FAILURE_PARSE, "%s", error.message);
		return NULL;
	}
	page->max_pages = api.max_pages;
	page->answer = json_api_read(arena, &api, response->body,
								 (Text){response->url, strlen(response->url)}, failure);
	return page->answer ? page : NULL;
}

static void
emit_item(Run *run, const JsonItem *item, int64 position)
{
	Record record = {
		.titre = item->titre,
		.texte = item->texte,
		.url = item->url,
		.auteur = item->auteur,
		.langue = item->langue,
		.meta = item->meta,
		.has_date = item->has_date,
		.date = item->date,
	};

	if (text_present(item->titre) || text_present(item->texte))
		run_emit(run, &record);
	else
		run_reject(run, position, "the document has neither a title nor a text: see option champs",
				   item->meta);
}

static void
json_emit(Run *run, const void *parsed)
{
	const Page		 *page = parsed;
	const JsonAnswer *answer = page->answer;

	run_format(run, "json");
	if (run_known(run))
		run_unchanged(run);
	for (size_t i = 0; i < answer->n_items && !run_known(run); i++)
		emit_item(run, &answer->items[i], (int64) i + 1);
	if (text_present(answer->next) && page->number < page->max_pages)
		ask_page(run, pnstrdup(answer->next.data, answer->next.len), page->number + 1);
}

/* A service that wants a key says so by status 401 or 403. */
static void
json_explain(const FetchResponse *response, Failure *failure)
{
	char detail[FAILURE_DETAIL_SIZE];

	if (response->status != 401 && response->status != 403)
		return;
	strlcpy(detail, failure->detail, sizeof(detail));
	failure_set(failure, response->status == 401 ? FAILURE_SECRET : failure->class,
				"the service wants a key, or refuses the one it got (see options headers and "
				"parametre_secret): %s",
				detail);
}

DEFINE_KIND(json) = {
	.name = "json",
	.schedule = "0 * * * *",
	.accept = "application/json, */*;q=0.5",
	.validate = json_validate,
	.begin = json_begin,
	.parse = json_parse,
	.emit = json_emit,
	.explain = json_explain,
};
