/*
 * fuzz_json.c
 *	  A service's answers in JSON: the first line of the input is a path, the rest a body.
 *	  There is an answer or a failure, what is handed out is storable, and what is meant as
 *	  JSON is JSON.
 */
#include "parse/json_api.h"

#include "fuzz.h"

#include <jansson.h>

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
	bool		  right = options != NULL && json_api_options(arena, options, &api, &wrong);

	json_decref(options);
	fuzz_expect_unless_scarce(right, "the options are right");
	if (!right)
		return;
	if (!json_path_parse(path, &api.list, &error))
	{
		fuzz_expect(error.position >= 0 && (size_t) error.position <= path.len, "a place");
		api.list.n_steps = 0;
	}
	answer = json_api_read(arena, &api, body, TEXT_LITERAL("http://h/q?a=1"), &failure);
	fuzz_expect((answer == NULL) == failure_is(&failure), "an answer or a failure");
	fuzz_expect_message(failure.detail);
	fuzz_same(arena, &failure, answer != NULL ? answer->n_items : 0);
	for (size_t i = 0; answer != NULL && i < answer->n_items; i++)
	{
		const JsonItem *item = &answer->items[i];

		fuzz_expect_storable(item->titre, "the title is text");
		fuzz_expect_storable(item->texte, "the text is text");
		fuzz_expect_storable(item->url, "the URL is text");
		fuzz_expect_storable(item->auteur, "the author is text");
		fuzz_expect_storable(item->langue, "the language is text");
		fuzz_expect_json(item->meta);
	}
	if (answer != NULL)
		fuzz_expect_storable(answer->next, "the next page is text");
}

FUZZ_TARGET(json)
{
	Text path = fuzz_line(&input);

	read_service(arena, path, input);
}
