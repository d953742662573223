/*
 * weather.h
 *	  The current weather as OpenWeatherMap answers it (/data/2.5/weather).  Plain C.
 *
 * Called by the kind owm, on the parser's thread.
 */
#ifndef DATASENS_PARSE_WEATHER_H
#define DATASENS_PARSE_WEATHER_H

#include "base/arena.h"
#include "base/failure.h"

#include <stdint.h>

/* What the service was asked to answer in. */
typedef enum WeatherUnits
{
	WEATHER_METRIC,	  /* degrees Celsius, metres a second */
	WEATHER_STANDARD, /* kelvins, metres a second */
	WEATHER_IMPERIAL  /* degrees Fahrenheit, miles an hour */
} WeatherUnits;

/* The units of that name, as the service has them; false where there are none. */
extern bool weather_units(Text name, WeatherUnits *units);

/*
 * A reading, in units of our own whatever was asked.  Texts are clean lines; absent
 * and NAN: the answer does not say.
 */
typedef struct Weather
{
	Text	ville;
	Text	pays; /* ISO 3166-1 alpha-2 */
	double	lat;  /* degrees; always there, as the two that follow */
	double	lon;
	int64_t date_obs;	 /* microseconds since 1970 UTC */
	double	temperature; /* degrees Celsius */
	double	ressenti;	 /* degrees Celsius */
	double	humidite;	 /* percent */
	double	vent_kmh;
	double	pression;	 /* hPa at sea level */
	Text	type_meteo;	 /* the group: Clear, Rain, ... */
	Text	description; /* in the language asked; of several conditions all */
	Text	meta;		 /* JSON: what else was said, see weather.c */

	/* The same as a document, in the same units: in French, or else in English. */
	Text titre;
	Text texte;
	Text url; /* the place's page at the service, where it has one */
} Weather;

/*
 * Reads an answer; langue: the service's code of the language asked.  NULL with *failure set
 * where it is none: FAILURE_SECRET, _HTTP_TRANSIENT or _HTTP_PERMANENT where the service says
 * in the body what is wrong, FAILURE_PARSE naming what is missing, else as json_read.
 */
extern Weather *weather_parse(Arena *arena, Text body, WeatherUnits units, Text langue,
							  Failure *failure);

/* The language as documents have it (BCP 47) of the service's code, which differs in some. */
extern Text weather_language(Text code);

#endif
