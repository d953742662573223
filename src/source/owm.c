/*
 * owm.c
 *	  The kind owm: the current weather of places, from OpenWeatherMap.
 *
 * A source has no URL; each place is one request, and its reading one row of
 * datasens.meteo, however often it is asked.  Needs the secret owm_api_key.  Options:
 *
 *		villes		the places: "Paris,FR", {"lat": 45.76, "lon": 4.84}, {"id": 2988507}
 *		unites		what the service answers in: metric, standard or imperial; the table
 *					has degrees Celsius and km/h whatever it is
 *		langue		of the descriptions; fr
 *		appels_par_minute	that the account allows; 60
 *		documents	true: a document a reading, too
 *		api			address of the service; OpenWeatherMap's
 *
 * Where a run was partial, its cursor has the URLs that are still to be asked:
 * {"reste": [...]}.
 */
#include "postgres.h"

#include "base/memory.h"
#include "base/secret_file.h"
#include "base/settings.h"
#include "parse/url.h"
#include "parse/weather.h"
#include "source/kind.h"
#include "source/options.h"
#include "compat.h"

#include <jansson.h>

#include "datatype/timestamp.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#define OWM_API "https://api.openweathermap.org/data/2.5"
#define OWM_KEY "owm_api_key"

#define DEFAULT_CALLS 60
#define MAX_CALLS 60000

/*
 * Seconds to wait after the service has said that its limit, which counts by the minute, is
 * reached, without saying for how long.
 */
#define LIMIT_WAIT 60

/* So many bytes of a place's name go into a message. */
#define SHOWN_PLACE 100

/* Bytes for the names of places. */
#define SCRATCH_MEMORY (1024 * 1024)

static const char *const known_options[] = {
	"villes", "unites", "langue", "appels_par_minute", "documents", "api", OPTIONS_COMMON, NULL};

/* What parse has to know of a request; it is in its parameters. */
typedef struct Question
{
	WeatherUnits units;
	bool		 documents;
	Text		 langue;
	Text		 place; /* as the options have it */
} Question;

/* A reading, as parse has made it for emit. */
typedef struct Answer
{
	Question question;
	Weather *weather;
} Answer;

/* ---- the table ---- */

enum
{
	METEO_LAT,
	METEO_LON,
	METEO_DATE_OBS,
	METEO_VILLE,
	METEO_PAYS,
	METEO_TEMPERATURE,
	METEO_RESSENTI,
	METEO_HUMIDITE,
	METEO_VENT_KMH,
	METEO_PRESSION,
	METEO_TYPE_METEO,
	METEO_DESCRIPTION,
	METEO_META,
	METEO_COLUMNS
};

static const TableColumn meteo_columns[METEO_COLUMNS] = {
	[METEO_LAT] = {"lat", VALUE_DOUBLE},
	[METEO_LON] = {"lon", VALUE_DOUBLE},
	[METEO_DATE_OBS] = {"date_obs", VALUE_TIME},
	[METEO_VILLE] = {"ville", VALUE_TEXT},
	[METEO_PAYS] = {"pays", VALUE_TEXT},
	[METEO_TEMPERATURE] = {"temperature", VALUE_DOUBLE},
	[METEO_RESSENTI] = {"ressenti", VALUE_DOUBLE},
	[METEO_HUMIDITE] = {"humidite", VALUE_DOUBLE},
	[METEO_VENT_KMH] = {"vent_kmh", VALUE_DOUBLE},
	[METEO_PRESSION] = {"pression", VALUE_DOUBLE},
	[METEO_TYPE_METEO] = {"type_meteo", VALUE_TEXT},
	[METEO_DESCRIPTION] = {"description", VALUE_TEXT},
	[METEO_META] = {"meta", VALUE_JSON},
};

static const Table meteo = {
	.name = "meteo", .columns = meteo_columns, .n_columns = METEO_COLUMNS, .n_key = 3};

/* ---- options ---- */

pg_noreturn static void
refuse_place(size_t place)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("element %zu of option \"villes\" is not a place", place + 1),
			 errhint("A place is written as \"Paris,FR\", {\"lat\": 45.76, \"lon\": 4.84} or "
					 "{\"id\": 2988507}.")));
}

/* Reads a coordinate of a place; false where it is none. */
static bool
coordinate(json_t *place, const char *key, double limit, double *degrees)
{
	json_t *value = json_object_get(place, key);

	*degrees = json_number_value(value);
	return json_is_number(value) && *degrees >= -limit && *degrees <= limit;
}

/*
 * The part of the query that asks for a place, in UTF-8. *shown: what messages call the place.
 * ereports where it is no place.
 */
static char *
place_query(Arena *arena, json_t *place, size_t number, char **shown)
{
	double lat;
	double lon;
	Text   name;

	if (json_is_string(place))
	{
		name = text_trim((Text){json_string_value(place), json_string_length(place)});
		if (name.len == 0 || memchr(name.data, '\0', name.len) || memchr(name.data, '\n', name.len))
			refuse_place(number);
		*shown = pnstrdup(name.data, name.len);
		arena_reset(arena);
		name = url_encode(arena, name);
		if (!text_present(name))
			refuse_place(number);
		return psprintf("q=%.*s", (int) name.len, name.data);
	}
	if (!json_is_object(place))
		refuse_place(number);
	if (json_object_size(place) == 1 && json_is_integer(json_object_get(place, "id")) &&
		json_integer_value(json_object_get(place, "id")) > 0)
	{
		*shown = psprintf("id=%lld", (long long) json_integer_value(json_object_get(place, "id")));
		return *shown;
	}
	if (json_object_size(place) != 2 || !coordinate(place, "lat", 90, &lat) ||
		!coordinate(place, "lon", 180, &lon))
		refuse_place(number);
	*shown = psprintf("lat=%.10g&lon=%.10g", lat, lon);
	return *shown;
}

/* The places, checked: an array of one or more. */
static json_t *
places_of(json_t *options)
{
	json_t *places = json_object_get(options, "villes");

	if (json_array_size(places) == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"villes\" is not a list of places"),
						errhint("It is written as in '{\"villes\": [\"Paris,FR\", {\"lat\": 45.76, "
								"\"lon\": 4.84}, {\"id\": 2988507}]}'.")));
	return places;
}

/*
 * The name of units or of a language: small letters only, as it becomes a part of the URL and of
 * the parameters.
 */
static const char *
word_option(json_t *options, const char *key, const char *otherwise)
{
	const char *word = options_string(options, key);

	if (word && strspn(word, "abcdefghijklmnopqrstuvwxyz_") != strlen(word))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"%s\" is not a word of small letters", key)));
	return word ? word : otherwise;
}

static const char *
units_option(json_t *options)
{
	const char	*name = word_option(options, "unites", "metric");
	WeatherUnits units;

	if (!weather_units((Text){name, strlen(name)}, &units))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"unites\" is \"%s\"", name),
						errhint("Valid values are: metric, standard, imperial.")));
	return name;
}

static int64
calls_option(json_t *options)
{
	int64 calls = DEFAULT_CALLS;

	(void) options_integer(options, "appels_par_minute", 1, MAX_CALLS, &calls);
	return calls;
}

static void
owm_validate(const Source *source)
{
	json_t	   *options = options_read(source->options);
	Arena	   *arena = memory_arena(CurrentMemoryContext, SCRATCH_MEMORY);
	json_t	   *places;
	json_t	   *place;
	size_t		number;
	const char *api;
	char	   *shown;

	options_check_keys(options, known_options);
	places = places_of(options);
	json_array_foreach(places, number, place)(void) place_query(arena, place, number, &shown);
	(void) units_option(options);
	(void) word_option(options, "langue", NULL);
	(void) calls_option(options);
	(void) options_true(options, "documents");
	api = options_string(options, "api");
	if (api != NULL)
	{
		options_check_url(api, "The address of a service begins with http:// or https://.");
		source_check_secret(source, OWM_KEY);
	}
	if (source->url != NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("source \"%s\" of type owm has a URL", source->nom),
						errhint("Give the places as option \"villes\", and no URL.")));
}

/* ---- asking ---- */

/* Whether a retry leaves the URL out. rest: what a retry is to ask for, or NULL for all. */
static bool
left_out(char *const *rest, const char *url)
{
	if (rest == NULL)
		return false;
	for (int i = 0; rest[i] != NULL; i++)
		if (strcmp(rest[i], url) == 0)
			return false;
	return true;
}

/* "metric fr documents Paris,FR": see read_question. */
static char *
parameters_of(json_t *options, const char *place)
{
	return psprintf("%s %s %s %s", units_option(options), word_option(options, "langue", "fr"),
					options_true(options, "documents") ? "documents" : "-", place);
}

/*
 * One request for each place, spaced as the service's limit wants it. After a failure the cursor
 * names the requests that are left ("reste"); the others have been answered and are not asked
 * again.
 */
static void
owm_begin(Run *run)
{
	const Source *source = run_source(run);
	json_t		 *options = options_read(source->options);
	Arena		 *arena = memory_arena(CurrentMemoryContext, SCRATCH_MEMORY);
	const char	 *api = options_string(options, "api");
	const char	 *key = run_need_secret(run, OWM_KEY, api != NULL);
	char		**rest = NULL;
	json_t		 *place;
	size_t		  number;

	if (source->cursor)
		rest = options_strings(options_read(source->cursor), "reste");
	json_array_foreach(places_of(options), number, place)
	{
		char *shown;
		char *query = place_query(arena, place, number, &shown);
		char *url = psprintf("%s/weather?%s&units=%s&lang=%s", api ? api : OWM_API, query,
							 units_option(options), word_option(options, "langue", "fr"));

		if (!left_out(rest, url))
			run_ask(run, &(Ask){.url = url,
								.parameters = parameters_of(options, shown),
								.spacing = USECS_PER_MINUTE / calls_option(options),
								.secret_parameter = "appid",
								.secret = key});
	}
}

/* ---- answers ---- */

/* The next word, up to a blank; *rest moves behind it. */
static Text
take_word(const char **rest)
{
	const char *start = *rest;
	size_t		length = strcspn(start, " ");

	*rest = start + length + (start[length] == ' ' ? 1 : 0);
	return (Text){start, length};
}

static Question
read_question(const char *parameters)
{
	Question question = {.units = WEATHER_METRIC};

	(void) weather_units(take_word(&parameters), &question.units);
	question.langue = take_word(&parameters);
	question.documents = take_word(&parameters).len > 1;
	question.place = (Text){parameters, strlen(parameters)};
	return question;
}

/* Puts the name of the place before what is wrong. */
static void
name_place(Failure *failure, Text place)
{
	char detail[FAILURE_DETAIL_SIZE];

	place = text_clip(place, SHOWN_PLACE);
	strlcpy(detail, failure->detail, sizeof(detail));
	failure_set(failure, failure->class, "%.*s: %s", (int) place.len, place.data, detail);
}

static void *
owm_parse(Arena *arena, const FetchResponse *response, Failure *failure)
{
	Answer *answer = arena_alloc_zero(arena, sizeof(Answer));

	if (answer == NULL)
	{
		failure_set(failure, FAILURE_MEMORY, "no memory for the answer");
		return NULL;
	}
	answer->question = read_question(response->parameters);
	answer->weather = weather_parse(arena, response->body, answer->question.units,
									answer->question.langue, failure);
	if (answer->weather != NULL)
		return answer;
	name_place(failure, answer->question.place);
	return NULL;
}

static void
emit_reading(Run *run, const Weather *weather)
{
	ColumnValue values[METEO_COLUMNS] = {
		[METEO_LAT] = value_real(weather->lat),
		[METEO_LON] = value_real(weather->lon),
		[METEO_DATE_OBS] = value_integer(weather->date_obs),
		[METEO_VILLE] = value_text(weather->ville),
		[METEO_PAYS] = value_text(weather->pays),
		[METEO_TEMPERATURE] = value_real(weather->temperature),
		[METEO_RESSENTI] = value_real(weather->ressenti),
		[METEO_HUMIDITE] = value_real(weather->humidite),
		[METEO_VENT_KMH] = value_real(weather->vent_kmh),
		[METEO_PRESSION] = value_real(weather->pression),
		[METEO_TYPE_METEO] = value_text(weather->type_meteo),
		[METEO_DESCRIPTION] = value_text(weather->description),
		[METEO_META] = value_text(weather->meta),
	};

	run_emit_row(run, &meteo, values);
}

static void
owm_emit(Run *run, const void *parsed)
{
	const Answer  *answer = parsed;
	const Weather *weather = answer->weather;

	run_format(run, "owm");
	emit_reading(run, weather);
	if (answer->question.documents)
		run_emit(run, &(Record){.titre = weather->titre,
								.texte = weather->texte,
								.url = weather->url,
								.langue = weather_language(answer->question.langue),
								.meta = weather->meta,
								.has_date = true,
								.date = weather->date_obs});
}

/*
 * What a status means to this service. Its limit is one of the account and not of a URL: so its
 * whole host is left alone, for the minute by which the limit counts.
 */
static void
owm_explain(const FetchResponse *response, Failure *failure)
{
	Question question = read_question(response->parameters);

	if (response->status == 401)
	{
		failure_set(failure, FAILURE_SECRET,
					"the service refuses the key (HTTP status 401; a new key takes up to two "
					"hours); if it is wrong, %s",
					secret_how_to(OWM_KEY));
		return;
	}
	if (response->status == 404)
		failure_set(failure, failure->class, "the service knows no such place (HTTP status 404)");
	else if (response->status == 429)
	{
		failure_set(failure, failure->class,
					"more calls than the account allows (HTTP status 429): see option "
					"appels_par_minute");
		if (failure->retry_after < 0)
			failure->retry_after = LIMIT_WAIT;
		failure->host_wide = true;
	}
	name_place(failure, question.place);
}

DEFINE_KIND(owm) = {
	.name = "owm",
	.schedule = "0 0,6,12,18 * * *",
	.accept = "application/json",
	.validate = owm_validate,
	.begin = owm_begin,
	.parse = owm_parse,
	.emit = owm_emit,
	.explain = owm_explain,
};
