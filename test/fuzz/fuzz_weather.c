/*
 * fuzz_weather.c
 *	  A weather service's answer, in the units and the language that its length picks: a
 *	  reading of this earth, or a failure.
 */
#include "parse/weather.h"

#include "fuzz.h"

#include <math.h>

FUZZ_TARGET(weather)
{
	static const WeatherUnits units[] = {WEATHER_METRIC, WEATHER_STANDARD, WEATHER_IMPERIAL};
	static const Text		  languages[] = {TEXT_LITERAL("fr"), TEXT_LITERAL("en")};
	Failure					  failure = FAILURE_INIT;
	Weather					 *weather =
		weather_parse(arena, input, units[input.len % 3], languages[input.len % 2], &failure);

	fuzz_expect((weather == NULL) == failure_is(&failure), "a reading or a failure");
	fuzz_expect_message(failure.detail);
	fuzz_same(arena, &failure, weather != NULL ? weather->meta.len : 0);
	if (weather == NULL)
		return;
	fuzz_expect(fabs(weather->lat) <= 90 && fabs(weather->lon) <= 180, "a place on earth");
	fuzz_expect(weather->date_obs > 0, "a time");
	fuzz_expect_storable(weather->ville, "the name is text");
	fuzz_expect_storable(weather->pays, "the country is text");
	fuzz_expect_storable(weather->type_meteo, "the group is text");
	fuzz_expect_storable(weather->description, "the description is text");
	fuzz_expect_storable(weather->titre, "the title is text");
	fuzz_expect_storable(weather->texte, "the text is text");
	fuzz_expect_storable(weather->url, "the URL is text");
	fuzz_expect_json(weather->meta);
}
