/*
 * weather_dump.c
 *	  weather_dump UNITS LANGUAGE < BODY: the reading as one line of JSON, numbers with
 *	  all their digits; or "class: detail" of the failure.  Called by run.py.
 */
#include "parse/json_text.h"
#include "parse/weather.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void
put_number(TextBuilder *out, const char *key, double number)
{
	json_append_key(out, key);
	if (isnan(number))
		builder_append(out, "null", 4);
	else
		json_append_number(out, number);
}

static void
put_text(TextBuilder *out, const char *key, Text text)
{
	json_append_key(out, key);
	if (text_present(text))
		json_append_string(out, text);
	else
		builder_append(out, "null", 4);
}

static void
put_weather(TextBuilder *out, const Weather *weather)
{
	builder_append_char(out, '{');
	put_text(out, "ville", weather->ville);
	put_text(out, "pays", weather->pays);
	put_number(out, "lat", weather->lat);
	put_number(out, "lon", weather->lon);
	put_number(out, "date_obs", (double) (weather->date_obs / 1000000));
	put_number(out, "temperature", weather->temperature);
	put_number(out, "ressenti", weather->ressenti);
	put_number(out, "humidite", weather->humidite);
	put_number(out, "vent_kmh", weather->vent_kmh);
	put_number(out, "pression", weather->pression);
	put_text(out, "type_meteo", weather->type_meteo);
	put_text(out, "description", weather->description);
	put_text(out, "titre", weather->titre);
	put_text(out, "texte", weather->texte);
	put_text(out, "url", weather->url);
	json_append_key(out, "meta");
	builder_append(out, weather->meta.data, weather->meta.len);
	builder_append_char(out, '}');
}

int
main(int argc, char **argv)
{
	static char	 body[1 << 20];
	Arena		*arena = arena_create(8 << 20);
	Text		 bytes = {body, fread(body, 1, sizeof(body), stdin)};
	Failure		 failure = FAILURE_INIT;
	TextBuilder	 out;
	WeatherUnits units;
	Weather		*weather;

	if (argc != 3 || !weather_units((Text){argv[1], strlen(argv[1])}, &units))
		return 2;
	weather = weather_parse(arena, bytes, units, (Text){argv[2], strlen(argv[2])}, &failure);
	builder_start(&out, arena);
	if (weather != NULL)
	{
		put_weather(&out, weather);
		printf("%.*s\n", (int) out.len, out.data);
	}
	else
		printf("%s: %s\n", failure_word(failure.class), failure.detail);
	arena_free(arena);
	return 0;
}
