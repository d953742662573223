/*
 * json_api.c
 *	  Documents out of any service's answers in JSON.
 *
 * Of a document the fields are looked up first; a member of it that was one as a whole
 * is taken out, and what remains is its meta.
 */
#include "parse/json_api.h"

#include "base/ascii.h"
#include "parse/date.h"
#include "parse/html_text.h"
#include "parse/url.h"
#include "parse/url_query.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From this on a number is in milliseconds: as seconds it would be the year 5138. */
#define MILLISECONDS_FROM 1e11

/* Members that a failure names. */
#define MAX_NAMED 12

typedef struct AnswerReader
{
	Arena		  *arena;
	const JsonApi *api;
	Text		   url;
	JsonAnswer	  *answer;
	size_t		   capacity;
} AnswerReader;

/* ---- a document ---- */

/*
 * The first value of a field that has a text.  A member of the document that it is as a whole is
 * taken out of it.
 */
static Text
take_text(AnswerReader *reader, json_t *document, JsonField field)
{
	const JsonChoices *choices = &reader->api->fields[field];

	for (int i = 0; i < choices->n; i++)
	{
		const JsonPath *path = &choices->paths[i];
		Text			text = json_text_of(reader->arena, json_path_first(path, document));
		char		   *key;

		if (text.len == 0)
			continue;
		if (path->n_steps == 1 && path->steps[0].kind == JSON_STEP_MEMBER &&
			(key = arena_cstring(reader->arena, path->steps[0].name)) != NULL)
			json_object_del(document, key);
		return text;
	}
	return TEXT_NULL;
}

static Text
clean(AnswerReader *reader, Text text, bool one_line)
{
	bool html;

	if (!text_present(text))
		return TEXT_NULL;
	html = reader->api->markup == JSON_MARKUP_HTML ||
		   (reader->api->markup == JSON_MARKUP_LOOK && text_looks_like_html(text));
	text = text_clean(reader->arena, text, html ? TEXT_FORM_HTML : TEXT_FORM_PLAIN, one_line);
	return text.len > 0 ? text : TEXT_NULL;
}

/* A date as text, or as the number of seconds or milliseconds since 1970. */
static bool
read_date(Text text, int64_t *micros)
{
	char   digits[32];
	char  *end;
	double number;

	if (date_parse(text, micros))
		return true;
	if (text.len == 0 || text.len >= sizeof(digits) || text.data[0] < '0' || text.data[0] > '9')
		return false;
	memcpy(digits, text.data, text.len);
	digits[text.len] = '\0';
	number = strtod(digits, &end);
	if (end != digits + text.len || !isfinite(number))
		return false;
	number *= number >= MILLISECONDS_FROM ? 1e3 : 1e6;
	*micros = (int64_t) fmin(number, 9e18);
	return true;
}

static Text
rest_of(AnswerReader *reader, const json_t *document)
{
	TextBuilder meta;

	if (json_object_size(document) == 0)
		return TEXT_NULL;
	builder_start(&meta, reader->arena);
	json_append_value(&meta, document);
	return builder_text(&meta);
}

static void
read_document(AnswerReader *reader, json_t *document, JsonItem *item)
{
	Text url = take_text(reader, document, JSON_URL);
	Text date = take_text(reader, document, JSON_DATE);

	item->titre = clean(reader, take_text(reader, document, JSON_TITRE), true);
	item->texte = clean(reader, take_text(reader, document, JSON_TEXTE), false);
	item->auteur = clean(reader, take_text(reader, document, JSON_AUTEUR), true);
	item->langue = clean(reader, take_text(reader, document, JSON_LANGUE), true);
	if (!text_present(item->langue))
		item->langue = reader->api->langue;
	if (text_present(url))
		item->url = url_without_secrets_of(
			reader->arena, url_resolve(reader->arena, reader->url, url), reader->url);
	item->has_date = text_present(date) && read_date(text_trim(date), &item->date);
	item->meta = rest_of(reader, document);
}

/* ---- the list ---- */

/* Adds a document to the answer; false where memory is out. */
static bool
add_document(AnswerReader *reader, json_t *document)
{
	JsonAnswer *answer = reader->answer;
	JsonItem   *item;

	if (answer->n_items == reader->capacity)
	{
		size_t	  capacity = reader->capacity == 0 ? 64 : reader->capacity * 2;
		JsonItem *grown =
			arena_grow(reader->arena, answer->items, reader->capacity * sizeof(JsonItem),
					   capacity * sizeof(JsonItem));

		if (grown == NULL)
			return false;
		answer->items = grown;
		reader->capacity = capacity;
	}
	item = &answer->items[answer->n_items++];
	memset(item, 0, sizeof(*item));
	if (json_is_object(document))
		read_document(reader, document, item);
	else
		item->texte = clean(reader, json_text_of(reader->arena, document), false);
	return !arena_exhausted(reader->arena);
}

/* What the path to the list leads to: an array of documents, or one. */
static bool
visit_list(void *context, json_t *value)
{
	size_t	index;
	json_t *document;

	if (!json_is_array(value))
		return json_is_null(value) || add_document(context, value);
	json_array_foreach(value, index, document)
	{
		if (!add_document(context, document))
			return false;
	}
	return true;
}

/* The names of the members that an object has, for a message. */
static void
name_members(Failure *failure, const json_t *root)
{
	char		names[300] = "";
	size_t		used = 0;
	int			n = 0;
	const char *key;
	json_t	   *value;

	json_object_foreach((json_t *) root, key, value)
	{
		if (n++ < MAX_NAMED && used + strlen(key) + 3 < sizeof(names))
			used += (size_t) snprintf(names + used, sizeof(names) - used, "%s%s",
									  used == 0 ? "" : ", ", key);
	}
	for (char *p = names; *p; p++)
		if (is_control(*p))
			*p = ' ';
	failure_set(failure, FAILURE_PARSE,
				"option \"liste\" leads nowhere in the answer, which has %s",
				used > 0 ? names : "no members");
}

/* A list is there, even if it is empty. */
static bool
has_list(const JsonApi *api, const json_t *root)
{
	JsonPath before = json_path_before_all(&api->list);

	return json_path_first(&before, root) != NULL;
}

/* ---- the next page ---- */

static Text
next_counter(AnswerReader *reader)
{
	const JsonApi *api = reader->api;
	Text		   value = url_query_value(reader->url, api->parameter);
	int64_t		   now = api->counter_start;
	char		   digits[32];
	int			   length;

	if (text_present(value) && value.len < 19 && value.len > 0)
	{
		now = 0;
		for (size_t i = 0; i < value.len; i++)
		{
			if (value.data[i] < '0' || value.data[i] > '9')
				return TEXT_NULL;
			now = now * 10 + (value.data[i] - '0');
		}
	}
	length = snprintf(digits, sizeof(digits), "%lld", (long long) (now + api->counter_step));
	return url_query_set(reader->arena, reader->url, api->parameter,
						 arena_copy(reader->arena, digits, (size_t) length));
}

/* The address of the next page, without the secret, which the service may have put there. */
static Text
next_page(AnswerReader *reader, const json_t *root)
{
	const JsonApi *api = reader->api;
	Text		   next = TEXT_NULL;
	Text		   value;

	if (api->paging == JSON_PAGING_NONE || reader->answer->n_items == 0)
		return TEXT_NULL;
	if (api->paging == JSON_PAGING_COUNTER)
		next = next_counter(reader);
	else
	{
		value = json_text_of(reader->arena, json_path_first(&api->next, root));
		if (!text_present(value))
			return TEXT_NULL;
		if (api->paging == JSON_PAGING_LINK)
			next = url_resolve(reader->arena, reader->url, value);
		else
			next = url_query_set(reader->arena, reader->url, api->parameter, value);
	}
	if (text_present(next) && text_present(api->secret_parameter))
		next = url_query_set(reader->arena, next, api->secret_parameter, TEXT_NULL);
	return text_equal(next, reader->url) ? TEXT_NULL : next;
}

/* ---- the answer as a whole ---- */

JsonAnswer *
json_api_read(Arena *arena, const JsonApi *api, Text body, Text url, Failure *failure)
{
	AnswerReader reader = {.arena = arena, .api = api, .url = url};
	json_t		*root = json_read(body, failure);

	if (root == NULL)
		return NULL;
	reader.answer = arena_alloc_zero(arena, sizeof(JsonAnswer));
	if (reader.answer == NULL)
		failure_set(failure, FAILURE_MEMORY, "no memory for the answer");
	else if (!has_list(api, root))
		name_members(failure, root);
	else
	{
		(void) json_path_visit(&api->list, root, visit_list, &reader);
		reader.answer->next = next_page(&reader, root);
		if (arena_exhausted(arena))
			failure_set(failure, FAILURE_TOO_LARGE, "the answer is too large");
	}
	json_decref(root);
	return failure_is(failure) ? NULL : reader.answer;
}
