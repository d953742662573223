/*
 * options.c
 *	  The JSON that a source carries: its options and its cursor.
 *
 * A source has its options as text. Whoever wants one reads the whole object again: options are
 * small, and read once a run. What jansson allocates is released with the memory context in which
 * it was read, on an error too. All that is wrong is the user's to mend, so every refusal is an
 * error that names the option and shows how it is written.
 *
 * jansson works in UTF-8, the server in the database's encoding: strings are converted on the way
 * in and out.
 */
#include "postgres.h"

#include "base/memory.h"
#include "net/guard.h"
#include "source/address.h"
#include "source/options.h"

#include <jansson.h>

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/json.h"
#include "utils/memutils.h"

static void
release_json(void *json)
{
	json_decref(json);
}

json_t *
options_read(const char *json)
{
	MemoryContextCallback *callback = palloc(sizeof(*callback));
	char				  *utf8 = pg_server_to_any(json, strlen(json), PG_UTF8);
	json_error_t		   error;
	json_t *object = json_loads(utf8, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

	if (object == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_JSON_TEXT), errmsg("options are not valid JSON"),
						errdetail("At character %d: %s.", error.position,
								  pg_any_to_server(error.text, strlen(error.text), PG_UTF8)),
						errhint("Options are written as in '{\"flux\": [\"https://...\"]}'.")));
	callback->func = release_json;
	callback->arg = object;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
	if (!json_is_object(object))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("options are not a JSON object"),
				 errhint("Options are written as in '{\"flux\": [\"https://...\"]}'.")));
	return object;
}

void
options_check_keys(json_t *object, const char *const *known)
{
	const char	  *key;
	json_t		  *value;
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; known[i] != NULL; i++)
		appendStringInfo(&names, "%s%s", i == 0 ? "" : ", ", known[i]);

	json_object_foreach(object, key, value)
	{
		int i = 0;

		while (known[i] != NULL && strcmp(known[i], key) != 0)
			i++;
		if (known[i] == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown option \"%s\"", pg_any_to_server(key, strlen(key), PG_UTF8)),
					 errhint("Valid options are: %s.", names.data)));
	}
}

char **
options_strings(json_t *object, const char *key)
{
	json_t *array = json_object_get(object, key);
	size_t	n = json_array_size(array);
	char  **strings;

	if (array == NULL)
		return NULL;
	if (n == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"%s\" is not a list of strings", key),
						errhint("It is written as in '{\"%s\": [\"...\", \"...\"]}'.", key)));
	strings = palloc0((n + 1) * sizeof(char *));
	for (size_t i = 0; i < n; i++)
	{
		const char *string = json_string_value(json_array_get(array, i));

		if (string == NULL || string[0] == '\0')
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("element %zu of option \"%s\" is not a string", i + 1, key)));
		strings[i] = pstrdup(pg_any_to_server(string, strlen(string), PG_UTF8));
	}
	return strings;
}

const char *
options_string(json_t *object, const char *key)
{
	json_t	   *value = json_object_get(object, key);
	const char *string = json_string_value(value);

	if (value == NULL)
		return NULL;
	if (string == NULL || string[0] == '\0')
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"%s\" is not a string", key),
						errhint("It is written as in '{\"%s\": \"...\"}'.", key)));
	return pg_any_to_server(string, strlen(string), PG_UTF8);
}

bool
options_integer(json_t *object, const char *key, int64 min, int64 max, int64 *value)
{
	json_t *number = json_object_get(object, key);

	if (number == NULL)
		return false;
	if (!json_is_integer(number) || json_integer_value(number) < min ||
		json_integer_value(number) > max)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"%s\" is not a number from %lld to %lld", key,
							   (long long) min, (long long) max)));
	*value = json_integer_value(number);
	return true;
}

bool
options_true(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	if (value != NULL && !json_is_boolean(value))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"%s\" is neither true nor false", key)));
	return json_is_true(value);
}

/*
 * Nearly no source has such an option, and every run asks for it: the text is looked at before it
 * is parsed.
 */
bool
options_have(const char *options, const char *key)
{
	return strstr(options, psprintf("\"%s\"", key)) != NULL &&
		   options_true(options_read(options), key);
}

void
options_check_url(const char *url, const char *hint)
{
	Failure failure = FAILURE_INIT;

	if (!guard_check_url(url, &failure))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("URL \"%s\" cannot be collected", address_shown(url)),
						errdetail("%s", memory_sentence(failure.detail)), errhint("%s", hint)));
}

char *
options_write_strings(const char *key, char *const *strings, int n)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	escape_json(&json, key);
	appendStringInfoString(&json, ": [");
	for (int i = 0; i < n; i++)
	{
		if (i > 0)
			appendStringInfoString(&json, ", ");
		escape_json(&json, strings[i]);
	}
	appendStringInfoString(&json, "]}");
	return json.data;
}
