/*
 * json_options.c
 *	  What a source's options say of a service's answers.
 */
#include "parse/json_api.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_MAX_PAGES 10
#define MAX_PAGES 10000
#define MAX_COUNTER 1000000000

static const char *const field_names[JSON_N_FIELDS] = {
	[JSON_TITRE] = "titre",	  [JSON_TEXTE] = "texte",	[JSON_URL] = "url",
	[JSON_AUTEUR] = "auteur", [JSON_LANGUE] = "langue", [JSON_DATE] = "date",
};

/* Where services usually have a field, for options that do not say. */
static const char *const usual_paths[JSON_N_FIELDS][JSON_MAX_CHOICES] = {
	[JSON_TITRE] = {"title", "titre", "headline", "name", "nom"},
	[JSON_TEXTE] = {"content", "texte", "text", "body", "description", "summary", "abstract"},
	[JSON_URL] = {"url", "link", "permalink", "page", "uri"},
	[JSON_AUTEUR] = {"author.name", "author", "auteur", "creator", "byline"},
	[JSON_LANGUE] = {"language", "langue", "lang"},
	[JSON_DATE] = {"publishedAt", "published_at", "published", "date", "created_at", "created_utc",
				   "created", "pubDate"},
};

typedef struct OptionsReader
{
	Arena		 *arena;
	JsonApi		 *api;
	JsonApiError *error;
} OptionsReader;

static bool __attribute__((format(printf, 2, 3)))
refuse(OptionsReader *reader, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	failure_write(reader->error->message, sizeof(reader->error->message), format, args);
	va_end(args);
	return false;
}

static bool
refuse_with_hint(OptionsReader *reader, const char *message, const char *hint)
{
	snprintf(reader->error->hint, sizeof(reader->error->hint), "%s", hint);
	return refuse(reader, "%s", message);
}

/* A copy of a string, which outlives the options' tree. */
static Text
copy_of(OptionsReader *reader, const json_t *string)
{
	return arena_copy(reader->arena, json_string_value(string), json_string_length(string));
}

static bool
read_path(OptionsReader *reader, const char *name, const json_t *value, JsonPath *path)
{
	JsonPathError error;

	if (!json_is_string(value))
		return refuse_with_hint(reader, "", "A path is written as \"data.items[0].title\".") ||
			   refuse(reader, "option \"%s\" is not a path", name);
	if (json_path_parse(copy_of(reader, value), path, &error))
		return true;
	return refuse(reader, "option \"%s\": character %d of the path: %s", name, error.position + 1,
				  error.message);
}

/* A path, or an array of paths. */
static bool
read_choices(OptionsReader *reader, JsonField field, const json_t *value)
{
	JsonChoices *choices = &reader->api->fields[field];
	size_t		 index;
	json_t		*element;

	choices->n = 1;
	if (!json_is_array(value))
		return read_path(reader, field_names[field], value, &choices->paths[0]);
	choices->n = (int) json_array_size(value);
	if (choices->n == 0 || choices->n > JSON_MAX_CHOICES)
		return refuse(reader, "option \"%s\" is not a list of 1 to %d paths", field_names[field],
					  JSON_MAX_CHOICES);
	json_array_foreach((json_t *) value, index, element)
	{
		if (!read_path(reader, field_names[field], element, &choices->paths[index]))
			return false;
	}
	return true;
}

static void
set_usual(JsonApi *api, JsonField field)
{
	JsonChoices	 *choices = &api->fields[field];
	JsonPathError error;

	choices->n = 0;
	while (choices->n < JSON_MAX_CHOICES && usual_paths[field][choices->n] != NULL)
	{
		const char *path = usual_paths[field][choices->n];

		(void) json_path_parse((Text){path, strlen(path)}, &choices->paths[choices->n], &error);
		choices->n++;
	}
}

/* Checks the members of an option that is an object; known: NULL-terminated. */
static bool
check_members(OptionsReader *reader, const char *name, const json_t *object,
			  const char *const *known)
{
	const char *key;
	json_t	   *value;

	if (!json_is_object(object))
		return refuse(reader, "option \"%s\" is not an object", name);
	json_object_foreach((json_t *) object, key, value)
	{
		size_t used = 0;
		int	   i = 0;

		while (known[i] != NULL && strcmp(known[i], key) != 0)
			i++;
		if (known[i] != NULL)
			continue;
		for (i = 0; known[i] != NULL && used < sizeof(reader->error->hint); i++)
			used +=
				(size_t) snprintf(reader->error->hint + used, sizeof(reader->error->hint) - used,
								  "%s%s", i == 0 ? "Valid ones are: " : ", ", known[i]);
		return refuse(reader, "unknown member \"%s\" of option \"%s\"", key, name);
	}
	return true;
}

static bool
read_fields(OptionsReader *reader, const json_t *fields)
{
	const char *names[JSON_N_FIELDS + 1] = {NULL};

	memcpy(names, field_names, sizeof(field_names));
	if (fields != NULL && !check_members(reader, "champs", fields, names))
		return false;
	for (JsonField field = 0; field < JSON_N_FIELDS; field++)
	{
		const json_t *value = json_object_get(fields, field_names[field]);

		if (value == NULL)
			set_usual(reader->api, field);
		else if (!read_choices(reader, field, value))
			return false;
	}
	return true;
}

/* ---- paging ---- */

static bool
read_number(OptionsReader *reader, const json_t *pages, const char *key, int64_t min, int64_t max,
			int64_t *number)
{
	const json_t *value = json_object_get(pages, key);

	if (value == NULL)
		return true;
	if (!json_is_integer(value) || json_integer_value(value) < min ||
		json_integer_value(value) > max)
		return refuse(reader, "member \"%s\" of option \"pages\" is not a number from %lld to %lld",
					  key, (long long) min, (long long) max);
	*number = json_integer_value(value);
	return true;
}

/* A parameter's name: what needs no coding in a query. */
static bool
read_parameter(OptionsReader *reader, const json_t *value)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
								"-._~[]";

	reader->api->parameter = TEXT_NULL;
	if (!json_is_string(value) || json_string_length(value) == 0 ||
		strspn(json_string_value(value), plain) != json_string_length(value))
		return refuse(reader, "option \"pages\" does not name a parameter of the query");
	reader->api->parameter = copy_of(reader, value);
	return true;
}

/*
 * One of {"lien"}, {"jeton", "parametre"}, {"compteur", "debut", "pas"}, and "max"; what
 * "recents_d_abord" means is for who asks.
 */
static bool
read_pages(OptionsReader *reader, const json_t *pages)
{
	static const char *const known[] = {"lien", "jeton", "parametre",		"compteur", "debut",
										"pas",	"max",	 "recents_d_abord", NULL};
	JsonApi					*api = reader->api;
	const json_t			*link = json_object_get(pages, "lien");
	const json_t			*token = json_object_get(pages, "jeton");
	const json_t			*counter = json_object_get(pages, "compteur");
	const json_t			*newest_first = json_object_get(pages, "recents_d_abord");
	int64_t					 max = DEFAULT_MAX_PAGES;

	api->counter_start = 1;
	api->counter_step = 1;
	if (pages == NULL)
		return true;
	if (!check_members(reader, "pages", pages, known) ||
		!read_number(reader, pages, "max", 1, MAX_PAGES, &max) ||
		!read_number(reader, pages, "debut", 0, MAX_COUNTER, &api->counter_start) ||
		!read_number(reader, pages, "pas", 1, MAX_COUNTER, &api->counter_step))
		return false;
	if (newest_first != NULL && !json_is_boolean(newest_first))
		return refuse(reader,
					  "member \"recents_d_abord\" of option \"pages\" is not true or false");
	api->max_pages = (int) max;
	if ((link != NULL) + (token != NULL) + (counter != NULL) != 1)
		return refuse_with_hint(reader, "option \"pages\" does not say how to go on",
								"It is {\"lien\": path}, {\"jeton\": path, \"parametre\": name} "
								"or {\"compteur\": name}.");
	if (link != NULL)
	{
		api->paging = JSON_PAGING_LINK;
		return read_path(reader, "lien", link, &api->next);
	}
	if (counter != NULL)
	{
		api->paging = JSON_PAGING_COUNTER;
		return read_parameter(reader, counter);
	}
	api->paging = JSON_PAGING_TOKEN;
	return read_path(reader, "jeton", token, &api->next) &&
		   read_parameter(reader, json_object_get(pages, "parametre"));
}

/* ---- all of it ---- */

static bool
read_rest(OptionsReader *reader, const json_t *options)
{
	const json_t *html = json_object_get(options, "html");
	const json_t *langue = json_object_get(options, "langue");
	json_t		 *secret = json_object_get(options, "parametre_secret");
	void		 *first = json_object_iter(secret);

	if (html != NULL && !json_is_boolean(html))
		return refuse(reader, "option \"html\" is not true or false");
	if (html != NULL)
		reader->api->markup = json_is_true(html) ? JSON_MARKUP_HTML : JSON_MARKUP_NONE;
	if (langue != NULL && (!json_is_string(langue) || json_string_length(langue) == 0))
		return refuse(reader, "option \"langue\" is not a string");
	if (langue != NULL)
		reader->api->langue = copy_of(reader, langue);
	if (first != NULL)
	{
		const char *key = json_object_iter_key(first);

		reader->api->secret_parameter = arena_copy(reader->arena, key, strlen(key));
	}
	return true;
}

bool
json_api_options(Arena *arena, const json_t *options, JsonApi *api, JsonApiError *error)
{
	OptionsReader reader = {arena, api, error};
	const json_t *list = json_object_get(options, "liste");

	memset(api, 0, sizeof(*api));
	memset(error, 0, sizeof(*error));
	if (list != NULL && !read_path(&reader, "liste", list, &api->list))
		return false;
	if (!read_fields(&reader, json_object_get(options, "champs")) ||
		!read_pages(&reader, json_object_get(options, "pages")) || !read_rest(&reader, options))
		return false;
	if (arena_exhausted(arena))
		return refuse(&reader, "the options are too large");
	return true;
}
