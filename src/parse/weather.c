/*
 * weather.c
 *	  The current weather as OpenWeatherMap answers it.
 *
 * What a column has is taken out of the answer's tree; what remains of it goes to
 * meta.brut.  meta has, where the answer does: ville_id, code_temps, conditions (their
 * groups, where there are several), temp_min and temp_max (degrees Celsius), pluie_1h,
 * pluie_3h, neige_1h, neige_3h (mm), nuages (percent), visibilite (m), vent_direction
 * (degrees), rafale_kmh, lever and coucher of the sun (local time with its zone),
 * decalage (seconds from UTC to local time).
 */
#include "parse/weather.h"

#include "parse/html_text.h"
#include "parse/json_text.h"
#include "parse/json_value.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ZERO_CELSIUS 273.15
#define KM_PER_MILE 1.609344

/* The greatest offset that a zone has, and the time beyond which no reading is (2100). */
#define MAX_SHIFT (15 * 3600)
#define MAX_TIME INT64_C(4102444800)

typedef struct Reader
{
	Arena		*arena;
	json_t		*root;
	WeatherUnits units;
	bool		 french;
	Weather		*weather;
	double		 shift; /* seconds to local time; NAN: not said */
	TextBuilder	 meta;
} Reader;

/* ---- names ---- */

static bool
text_is_exactly(Text text, const char *word)
{
	return text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

bool
weather_units(Text name, WeatherUnits *units)
{
	static const char *const names[] = {
		[WEATHER_METRIC] = "metric",
		[WEATHER_STANDARD] = "standard",
		[WEATHER_IMPERIAL] = "imperial",
	};

	for (WeatherUnits i = WEATHER_METRIC; i <= WEATHER_IMPERIAL; i++)
	{
		if (!text_is_exactly(name, names[i]))
			continue;
		*units = i;
		return true;
	}
	return false;
}

Text
weather_language(Text code)
{
	static const char *const others[][2] = {
		{"al", "sq"}, {"cz", "cs"}, {"kr", "ko"},		{"la", "lv"},		{"sp", "es"},
		{"se", "sv"}, {"ua", "uk"}, {"pt_br", "pt-BR"}, {"zh_cn", "zh-CN"}, {"zh_tw", "zh-TW"},
	};

	for (size_t i = 0; i < lengthof(others); i++)
		if (text_is_exactly(code, others[i][0]))
			return (Text){others[i][1], strlen(others[i][1])};
	return code;
}

/* ---- taking values out of the answer ---- */

static double
take_number(json_t *object, const char *key)
{
	double number;

	if (!json_number_of(json_object_get(object, key), &number))
		return NAN;
	json_object_del(object, key);
	return number;
}

/* One clean line; absent where there is nothing in it. */
static Text
take_line(Reader *reader, json_t *object, const char *key)
{
	Text text = json_text_of(reader->arena, json_object_get(object, key));

	text = text_clean(reader->arena, text, TEXT_FORM_PLAIN, true);
	json_object_del(object, key);
	return text.len > 0 ? text : TEXT_NULL;
}

/* With two decimals, as the service has them, and no negative zero. */
static double
rounded(double number)
{
	return round(number * 100) / 100 + 0.0;
}

static double
celsius(const Reader *reader, double degrees)
{
	if (reader->units == WEATHER_STANDARD)
		degrees -= ZERO_CELSIUS;
	else if (reader->units == WEATHER_IMPERIAL)
		degrees = (degrees - 32) * 5 / 9;
	return rounded(degrees);
}

static double
kmh(const Reader *reader, double speed)
{
	return rounded(speed * (reader->units == WEATHER_IMPERIAL ? KM_PER_MILE : 3.6));
}

static void
add_number(Reader *reader, const char *key, double number)
{
	if (!isfinite(number))
		return;
	json_append_key(&reader->meta, key);
	json_append_number(&reader->meta, number);
}

/* ---- times ---- */

/* The local time of an instant in seconds, or its time in UTC; false where it is none. */
static bool
local_time(const Reader *reader, double instant, struct tm *local)
{
	time_t seconds;

	if (!(instant > 0 && instant < (double) MAX_TIME))
		return false;
	seconds = (time_t) instant + (isfinite(reader->shift) ? (time_t) reader->shift : 0);
	return gmtime_r(&seconds, local) != NULL;
}

/* ISO 8601 with the zone. */
static void
add_time(Reader *reader, const char *key, double instant)
{
	int		  shift = isfinite(reader->shift) ? (int) reader->shift / 60 : 0;
	struct tm local;
	char	  text[64];
	int		  length;

	if (!local_time(reader, instant, &local))
		return;
	length =
		snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d",
				 local.tm_year + 1900, local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min,
				 local.tm_sec, shift < 0 ? '-' : '+', abs(shift) / 60, abs(shift) % 60);
	json_append_text(&reader->meta, key, (Text){text, (size_t) length});
}

/* ---- the blocks of the answer ---- */

static void
read_main(Reader *reader)
{
	Weather *weather = reader->weather;
	json_t	*block = json_object_get(reader->root, "main");

	weather->temperature = celsius(reader, take_number(block, "temp"));
	weather->ressenti = celsius(reader, take_number(block, "feels_like"));
	weather->humidite = take_number(block, "humidity");
	weather->pression = take_number(block, "pressure");
	add_number(reader, "temp_min", celsius(reader, take_number(block, "temp_min")));
	add_number(reader, "temp_max", celsius(reader, take_number(block, "temp_max")));
}

/* Rain or snow: the amount of the last hour, and of the last three. */
static void
read_fall(Reader *reader, const char *name, const char *key_1h, const char *key_3h)
{
	json_t *block = json_object_get(reader->root, name);

	add_number(reader, key_1h, take_number(block, "1h"));
	add_number(reader, key_3h, take_number(block, "3h"));
}

static void
read_wind(Reader *reader)
{
	json_t *block = json_object_get(reader->root, "wind");

	reader->weather->vent_kmh = kmh(reader, take_number(block, "speed"));
	add_number(reader, "vent_direction", take_number(block, "deg"));
	add_number(reader, "rafale_kmh", kmh(reader, take_number(block, "gust")));
}

/* The conditions: the first one counts, what the others describe is added. */
static void
read_conditions(Reader *reader)
{
	Weather	   *weather = reader->weather;
	json_t	   *block = json_object_get(reader->root, "weather");
	TextBuilder groups;
	TextBuilder described;
	size_t		index;
	json_t	   *condition;

	builder_start(&groups, reader->arena);
	builder_start(&described, reader->arena);
	json_array_foreach(block, index, condition)
	{
		Text group = take_line(reader, condition, "main");
		Text description = take_line(reader, condition, "description");

		if (index == 0)
		{
			weather->type_meteo = group;
			add_number(reader, "code_temps", take_number(condition, "id"));
		}
		if (text_present(group))
		{
			json_append_comma(&groups);
			json_append_string(&groups, group);
		}
		if (described.len > 0 && text_present(description))
			builder_append(&described, ", ", 2);
		builder_append(&described, description.data, description.len);
	}
	weather->description = described.len > 0 ? builder_text(&described) : TEXT_NULL;
	if (json_array_size(block) > 1)
		json_append_array(&reader->meta, "conditions", &groups);
}

/* Where and when: false with *failure set where the answer does not say. */
static bool
read_place(Reader *reader, Failure *failure)
{
	Weather *weather = reader->weather;
	json_t	*coord = json_object_get(reader->root, "coord");
	json_t	*sys = json_object_get(reader->root, "sys");
	double	 instant = take_number(reader->root, "dt");

	weather->lat = take_number(coord, "lat") + 0.0;
	weather->lon = take_number(coord, "lon") + 0.0;
	weather->ville = take_line(reader, reader->root, "name");
	weather->pays = take_line(reader, sys, "country");
	reader->shift = take_number(reader->root, "timezone");
	if (!(fabs(reader->shift) <= MAX_SHIFT))
		reader->shift = NAN;
	if (!(fabs(weather->lat) <= 90 && fabs(weather->lon) <= 180))
		failure_set(failure, FAILURE_PARSE, "the answer has no coordinates (coord)");
	else if (!(instant > 0 && instant < (double) MAX_TIME))
		failure_set(failure, FAILURE_PARSE, "the answer has no time (dt)");
	else
		weather->date_obs = (int64_t) instant * 1000000;
	add_number(reader, "decalage", reader->shift);
	add_time(reader, "lever", take_number(sys, "sunrise"));
	add_time(reader, "coucher", take_number(sys, "sunset"));
	return !failure_is(failure);
}

/* What has not been taken, in the objects of the answer that still have something. */
static void
add_rest(Reader *reader)
{
	static const char *const blocks[] = {"coord", "main", "wind", "rain", "snow", "clouds", "sys"};

	for (size_t i = 0; i < lengthof(blocks); i++)
	{
		json_t *block = json_object_get(reader->root, blocks[i]);

		if (json_is_object(block) && json_object_size(block) == 0)
			json_object_del(reader->root, blocks[i]);
	}
	json_object_del(reader->root, "cod");
	if (json_object_size(reader->root) == 0)
		return;
	json_append_key(&reader->meta, "brut");
	json_append_value(&reader->meta, reader->root);
}

/* ---- the document ---- */

static void
append_words(TextBuilder *texte, const char *words)
{
	builder_append(texte, words, strlen(words));
}

/* " Label: 12.3 unit." */
static void
append_measure(TextBuilder *texte, const char *label, double number, const char *unit)
{
	if (!isfinite(number))
		return;
	append_words(texte, label);
	json_append_number(texte, number);
	append_words(texte, unit);
}

static void
append_when(Reader *reader, TextBuilder *texte)
{
	bool	  known = isfinite(reader->shift);
	struct tm local;
	char	  text[80];

	(void) local_time(reader, (double) (reader->weather->date_obs / 1000000), &local);
	if (reader->french)
		snprintf(text, sizeof(text), ", le %02d/%02d/%04d à %02d:%02d (%s)", local.tm_mday,
				 local.tm_mon + 1, local.tm_year + 1900, local.tm_hour, local.tm_min,
				 known ? "heure locale" : "UTC");
	else
		snprintf(text, sizeof(text), ", %04d-%02d-%02d %02d:%02d (%s)", local.tm_year + 1900,
				 local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min,
				 known ? "local time" : "UTC");
	append_words(texte, text);
}

static void
append_place(Reader *reader, TextBuilder *out)
{
	const Weather *weather = reader->weather;

	if (text_present(weather->ville))
	{
		builder_append(out, weather->ville.data, weather->ville.len);
		return;
	}
	json_append_number(out, weather->lat);
	append_words(out, ", ");
	json_append_number(out, weather->lon);
}

/* The time is part of it, so that two readings of the same values are two documents. */
static Text
make_texte(Reader *reader)
{
	const Weather *weather = reader->weather;
	bool		   french = reader->french;
	TextBuilder	   texte;

	builder_start(&texte, reader->arena);
	append_place(reader, &texte);
	append_when(reader, &texte);
	if (text_present(weather->description))
	{
		append_words(&texte, french ? " : " : ": ");
		builder_append(&texte, weather->description.data, weather->description.len);
	}
	append_words(&texte, ".");
	append_measure(&texte, french ? " Température : " : " Temperature: ", weather->temperature,
				   " °C.");
	append_measure(&texte, french ? " Ressenti : " : " Feels like: ", weather->ressenti, " °C.");
	append_measure(&texte, french ? " Humidité : " : " Humidity: ", weather->humidite, " %.");
	append_measure(&texte, french ? " Pression : " : " Pressure: ", weather->pression, " hPa.");
	append_measure(&texte, french ? " Vent : " : " Wind: ", weather->vent_kmh, " km/h.");
	return builder_text(&texte);
}

static Text
make_titre(Reader *reader)
{
	TextBuilder titre;

	builder_start(&titre, reader->arena);
	append_words(&titre, reader->french ? "Météo " : "Weather ");
	append_place(reader, &titre);
	return builder_text(&titre);
}

/* The place's page, by its number; places at sea have none. */
static void
read_number(Reader *reader)
{
	double number = take_number(reader->root, "id");
	char   url[80];
	int	   length;

	if (!(number >= 1 && number < 1e15))
		return;
	add_number(reader, "ville_id", number);
	length = snprintf(url, sizeof(url), "https://openweathermap.org/city/%.0f", number);
	reader->weather->url = arena_copy(reader->arena, url, (size_t) length);
}

/* ---- the answer as a whole ---- */

/* What the service says is wrong, in the body: its code is a number or a string. */
static bool
check_code(Reader *reader, Failure *failure)
{
	double code;
	Text   message;
	FailureClass class = FAILURE_HTTP_PERMANENT;

	if (!json_is_object(reader->root))
	{
		failure_set(failure, FAILURE_PARSE, "the answer is not a JSON object");
		return false;
	}
	if (!json_number_of(json_object_get(reader->root, "cod"), &code) || code == 200)
		return true;
	if (code == 401)
		class = FAILURE_SECRET;
	else if (code == 429 || code >= 500)
		class = FAILURE_HTTP_TRANSIENT;
	message = take_line(reader, reader->root, "message");
	failure_set(failure, class, "the service says %.0f: %.*s", code, (int) message.len,
				text_present(message) ? message.data : "");
	return false;
}

/*
 * The members of meta are written in this order, and the texts are made of what has been read: the
 * one after the other.
 */
static bool
read_answer(Reader *reader, Failure *failure)
{
	json_t *root = reader->root;

	if (!check_code(reader, failure))
		return false;
	if (!json_is_object(json_object_get(root, "main")) &&
		json_array_size(json_object_get(root, "weather")) == 0)
	{
		failure_set(failure, FAILURE_PARSE, "the answer has no reading (main, weather)");
		return false;
	}
	builder_append_char(&reader->meta, '{');
	read_number(reader);
	if (!read_place(reader, failure))
		return false;
	read_conditions(reader);
	read_main(reader);
	read_wind(reader);
	read_fall(reader, "rain", "pluie_1h", "pluie_3h");
	read_fall(reader, "snow", "neige_1h", "neige_3h");
	add_number(reader, "nuages", take_number(json_object_get(root, "clouds"), "all"));
	add_number(reader, "visibilite", take_number(root, "visibility"));
	add_rest(reader);
	builder_append_char(&reader->meta, '}');
	reader->weather->meta = builder_text(&reader->meta);
	reader->weather->titre = make_titre(reader);
	reader->weather->texte = make_texte(reader);
	return true;
}

Weather *
weather_parse(Arena *arena, Text body, WeatherUnits units, Text langue, Failure *failure)
{
	Reader reader = {.arena = arena, .units = units, .french = text_is_exactly(langue, "fr")};
	bool   read;

	reader.root = json_read(body, failure);
	if (reader.root == NULL)
		return NULL;
	reader.weather = arena_alloc_zero(arena, sizeof(Weather));
	builder_start(&reader.meta, arena);
	read = reader.weather != NULL && read_answer(&reader, failure);
	json_decref(reader.root);
	if (arena_exhausted(arena))
		failure_set(failure, FAILURE_TOO_LARGE, "the answer is too large");
	return read && !failure_is(failure) ? reader.weather : NULL;
}
