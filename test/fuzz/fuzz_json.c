/*
 * fuzz_json.c
 *	  Answers in JSON: the first line of the input is a path, the rest a body, read as a
 *	  service's and as a weather reading.  There is an answer or a failure, what is
 *	  handed out is storable, and what is meant as JSON is JSON.
 */
#include "parse/json_api.h"
#include "parse/weather.h"

#include "fuzz.h"

#include <jansson.h>
#include <math.h>

static void
expect_json(Text text)
{
	json_t *root;

	if (!text_present(text))
		return;
	fuzz_expect_storable(text, "meta is text");
	root = json_loadb(text.data, text.len, 0, NULL);
	fuzz_expect(json_is_object(root), "meta is an object");
	json_decref(root);
}

static void
read_service(Arena *arena, Text path, Text body)
{
	static const char fields[] =
		"{\"champs\": {\"titre\": [\"a\", \"b[*].c\"]}, \"pages\": {\"lien\": \"next\"}, "
		"\"parametre_secret\": {\"cle\": \"secret:x\"}}";
	json_t		 *options = json_loads(fields, 0, NULL);
	Failure		  failure = FAILURE_INIT;
	JsonApi		  api;
	JsonApiError  wrong;
	JsonPathError error;
	JsonAnswer	 *answer;
	bool		  right = json_api_options(arena, options, &api, &wrong);

	json_decref(options);
	fuzz_expect(right, "the options are right");
	if (!json_path_parse(path, &api.list, &error))
	{
		fuzz_expect(error.position >= 0 && (size_t) error.position <= path.len, "a place");
		api.list.n_steps = 0;
	}
	answer = json_api_read(arena, &api, body, TEXT_LITERAL("http://h/q?a=1"), &failure);
	fuzz_expect((answer == NULL) == failure_is(&failure), "an answer or a failure");
	fuzz_expect_storable((Text){failure.detail, strlen(failure.detail)}, "the failure is text");
	for (size_t i = 0; answer != NULL && i < answer->n_items; i++)
	{
		const JsonItem *item = &answer->items[i];

		fuzz_expect_storable(item->titre, "the title is text");
		fuzz_expect_storable(item->texte, "the text is text");
		fuzz_expect_storable(item->url, "the URL is text");
		fuzz_expect_storable(item->auteur, "the author is text");
		fuzz_expect_storable(item->langue, "the language is text");
		expect_json(item->meta);
	}
	if (answer != NULL)
		fuzz_expect_storable(answer->next, "the next page is text");
}

static void
read_weather(Arena *arena, Text body)
{
	Failure	 failure = FAILURE_INIT;
	Weather *weather = weather_parse(arena, body, WEATHER_IMPERIAL, TEXT_LITERAL("fr"), &failure);

	fuzz_expect((weather == NULL) == failure_is(&failure), "a reading or a failure");
	fuzz_expect_storable((Text){failure.detail, strlen(failure.detail)}, "the failure is text");
	if (weather == NULL)
		return;
	fuzz_expect(fabs(weather->lat) <= 90 && fabs(weather->lon) <= 180, "a place on earth");
	fuzz_expect(weather->date_obs > 0, "a time");
	fuzz_expect_storable(weather->ville, "the name is text");
	fuzz_expect_storable(weather->description, "the description is text");
	fuzz_expect_storable(weather->titre, "the title is text");
	fuzz_expect_storable(weather->texte, "the text is text");
	expect_json(weather->meta);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Arena	   *arena = fuzz_arena();
	const char *bytes = (const char *) data;
	const char *line = size > 0 ? memchr(bytes, '\n', size) : NULL;
	size_t		path = line ? (size_t) (line - bytes) : 0;
	size_t		body = line ? path + 1 : 0;

	read_service(arena, (Text){bytes, path}, (Text){bytes + body, size - body});
	arena_reset(arena);
	read_weather(arena, (Text){bytes + body, size - body});
	fuzz_expect_within_limit(arena);
	return 0;
}
