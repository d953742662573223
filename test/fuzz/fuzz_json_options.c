/*
 * fuzz_json_options.c
 *	  A source's options for answers in JSON, and paths into these: what is refused is told
 *	  why, and at which place of a path.
 */
#include "parse/json_api.h"

#include "fuzz.h"

FUZZ_TARGET(json_options)
{
	Failure		  failure = FAILURE_INIT;
	json_t		 *options = json_read(input, &failure);
	JsonApi		  api;
	JsonApiError  wrong;
	JsonPath	  path;
	JsonPathError error;

	fuzz_expect((options == NULL) == failure_is(&failure), "a value or a failure");
	fuzz_expect_message(failure.detail);
	if (json_is_object(options) && !json_api_options(arena, options, &api, &wrong))
	{
		fuzz_expect_unless_scarce(wrong.message[0] != '\0', "a refusal says why");
		fuzz_expect_message(wrong.message);
		fuzz_expect_message(wrong.hint);
	}
	json_decref(options);
	if (!fuzz_storable(input))
		return;
	if (json_path_parse(input, &path, &error))
		fuzz_expect(path.n_steps <= JSON_PATH_MAX_STEPS, "no more steps than there is room for");
	else
		fuzz_expect(error.position >= 0 && (size_t) error.position <= input.len, "a place");
}
