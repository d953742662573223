/*
 * json_value.c
 *	  Answers in JSON: read within bounds, what is no JSON told apart.
 */
#include "parse/json_value.h"

#include "base/ascii.h"
#include "parse/charset.h"
#include "parse/json_text.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a character in UTF-8. */
#define LONGEST_CHARACTER 4

/* ---- reading ---- */

bool
json_too_many_containers(Text document)
{
	size_t n = 0;

	for (size_t i = 0; i < document.len; i++)
		n += document.data[i] == '{' || document.data[i] == '[';
	return n > JSON_MAX_CONTAINERS;
}

/* Of most of what it does not get jansson tells nothing at all. */
bool
json_starved(const json_error_t *error)
{
	return json_error_code(error) == json_error_out_of_memory || error->text[0] == '\0';
}

/* The fault is where the document ends: in the middle of a container, a word or a character. */
static bool
ends_too_early(Text text, const json_error_t *error)
{
	return (json_error_code(error) == json_error_premature_end_of_input && text.data[0] != '\0') ||
		   ((text.data[0] == '{' || text.data[0] == '[') &&
			(size_t) error->position + LONGEST_CHARACTER > text.len);
}

/* What is no JSON, as far as its beginning and jansson's code tell. */
static void
tell_apart(Text document, const json_error_t *error, Failure *failure)
{
	Text text = text_trim(document);

	if (json_starved(error))
		failure_set(failure, FAILURE_MEMORY, "out of memory");
	else if (text.len == 0)
		failure_set(failure, FAILURE_PARSE, "an empty body instead of JSON");
	else if (text.data[0] == '<')
		failure_set(failure, FAILURE_PARSE, "a web page instead of JSON");
	else if (ends_too_early(text, error))
		failure_set(failure, FAILURE_TRUNCATED, "the JSON ends in its middle, after %zu bytes",
					document.len);
	else
		failure_set(failure, FAILURE_PARSE, "not JSON: line %d, column %d", error->line,
					error->column);
}

bool
json_has_room(Text document)
{
	/* twice the longest string, and while it is copied both the old and the new one */
	void *volatile room = malloc(4 * document.len + 1);
	bool has_room = room != NULL;

	free(room);
	return has_room;
}

/* ---- what can be mended ---- */

/* What a mended document may take: each byte as a character of three, and a copy of that. */
#define MENDED_MEMORY(size) (8 * (size) + 65536)

#define ESCAPE_SIZE 6

/* The code unit of an escape \uXXXX at the start of the text (RFC 8259, 7); -1: there is none. */
static int
escaped_unit(Text text)
{
	int unit = 0;

	if (text.len < ESCAPE_SIZE || text.data[0] != '\\' || text.data[1] != 'u')
		return -1;
	for (int i = 2; i < ESCAPE_SIZE; i++)
	{
		int digit = hex_value(text.data[i]);

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

static bool
is_unit(int unit, int first)
{
	return unit >= first && unit < first + 0x400;
}

/*
 * Escaped halves of a pair that stand alone, as is left where a text was cut between them, become
 * U+FFFD: a copy in the arena; absent where there are none, or no memory.
 */
static Text
mend_surrogates(Arena *arena, Text document)
{
	char *copy = NULL;

	for (size_t i = 0; i + 1 < document.len; i++)
	{
		Text rest = {document.data + i, document.len - i};
		int	 unit = escaped_unit(rest);
		int	 next = -1;

		if (unit >= 0)
			next = escaped_unit((Text){rest.data + ESCAPE_SIZE, rest.len - ESCAPE_SIZE});
		if (unit < 0)
			i += rest.data[0] == '\\'; /* and what it escapes */
		else if (is_unit(unit, 0xD800) && is_unit(next, 0xDC00))
			i += 2 * ESCAPE_SIZE - 1;
		else
		{
			if (is_unit(unit, 0xD800) || is_unit(unit, 0xDC00))
			{
				if (copy == NULL &&
					(copy = (char *) arena_copy(arena, document.data, document.len).data) == NULL)
					return TEXT_NULL;
				memcpy(copy + i, "\\ufffd", ESCAPE_SIZE);
			}
			i += ESCAPE_SIZE - 1;
		}
	}
	return (Text){copy, copy ? document.len : 0};
}

json_t *
json_load_mended(Text document, size_t flags, json_error_t *error)
{
	Arena  *arena = arena_create(MENDED_MEMORY(document.len));
	Text	valid = arena ? utf8_repair(arena, document) : TEXT_NULL;
	Text	mended = text_present(valid) ? mend_surrogates(arena, valid) : TEXT_NULL;
	json_t *root = NULL;

	if (!text_present(mended))
		mended = valid;
	if (text_present(mended) && mended.data != document.data && json_has_room(mended))
		root = json_loadb(mended.data, mended.len, flags, error);
	arena_free(arena);
	return root;
}

/* Integers that are too large for 64 bits make the numbers of their document reals. */
json_t *
json_read(Text document, Failure *failure)
{
	json_error_t error;
	json_error_t other;
	json_t		*root;

	if (json_too_many_containers(document))
	{
		failure_set(failure, FAILURE_TOO_LARGE, "the JSON has more than %d arrays and objects",
					JSON_MAX_CONTAINERS);
		return NULL;
	}
	if (!json_has_room(document))
	{
		failure_set(failure, FAILURE_MEMORY, "out of memory");
		return NULL;
	}
	root = json_loadb(document.data, document.len, JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
	if (root == NULL && json_error_code(&error) == json_error_numeric_overflow)
		root = json_loadb(document.data, document.len,
						  JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, &error);
	if (root == NULL && !json_starved(&error))
		root = json_load_mended(document,
								JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, &other);
	if (root == NULL)
		tell_apart(document, &error, failure);
	return root;
}

/* ---- values ---- */

/* A copy of a string without U+0000. */
static Text
string_of(Arena *arena, const json_t *string)
{
	Text   value = {json_string_value(string), json_string_length(string)};
	char  *copy;
	size_t length = 0;

	if (memchr(value.data, '\0', value.len) == NULL)
		return arena_copy(arena, value.data, value.len);
	copy = arena_alloc(arena, value.len);
	for (size_t i = 0; copy != NULL && i < value.len; i++)
		if (value.data[i] != '\0')
			copy[length++] = value.data[i];
	return (Text){copy, length};
}

static void
append_number(TextBuilder *out, const json_t *number)
{
	char digits[32];
	int	 length;

	if (json_is_real(number))
	{
		json_append_number(out, json_real_value(number));
		return;
	}
	length = snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT, json_integer_value(number));
	builder_append(out, digits, (size_t) length);
}

static Text
scalar_of(Arena *arena, const json_t *value)
{
	TextBuilder out;

	if (json_is_string(value))
		return string_of(arena, value);
	if (json_is_boolean(value))
		return json_is_true(value) ? TEXT_LITERAL("true") : TEXT_LITERAL("false");
	if (!json_is_number(value))
		return TEXT_NULL;
	builder_start(&out, arena);
	append_number(&out, value);
	return builder_text(&out);
}

Text
json_text_of(Arena *arena, const json_t *value)
{
	TextBuilder joined;
	Text		text;
	size_t		index;
	json_t	   *element;

	if (!json_is_array(value))
	{
		text = scalar_of(arena, value);
		return text.len > 0 ? text : TEXT_NULL;
	}
	builder_start(&joined, arena);
	json_array_foreach((json_t *) value, index, element)
	{
		text = scalar_of(arena, element);
		if (text.len == 0)
			continue;
		if (joined.len > 0)
			builder_append(&joined, ", ", 2);
		builder_append(&joined, text.data, text.len);
	}
	return joined.len > 0 ? builder_text(&joined) : TEXT_NULL;
}

bool
json_number_of(const json_t *value, double *number)
{
	char   copy[64];
	char  *end;
	double read;
	Text   text;
	size_t digits;

	if (json_is_number(value))
	{
		*number = json_number_value(value);
		return true;
	}
	if (!json_is_string(value))
		return false;
	text = text_trim((Text){json_string_value(value), json_string_length(value)});
	digits = text.len > 0 && text.data[0] == '-' ? 1 : 0;
	/* Not the hexadecimal numbers, infinities and words that strtod reads. */
	if (text.len == digits || text.len >= sizeof(copy) || text.data[digits] < '0' ||
		text.data[digits] > '9' || memchr(text.data, 'x', text.len) != NULL ||
		memchr(text.data, 'X', text.len) != NULL)
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	read = strtod(copy, &end);
	if (end != copy + text.len || !isfinite(read))
		return false;
	*number = read;
	return true;
}

/* ---- writing ---- */

static void
append_string(TextBuilder *json, Text string)
{
	TextBuilder clean;

	if (memchr(string.data, '\0', string.len) == NULL)
	{
		json_append_string(json, string);
		return;
	}
	builder_start(&clean, json->arena);
	for (size_t i = 0; i < string.len; i++)
		if (string.data[i] != '\0')
			builder_append_char(&clean, string.data[i]);
	json_append_string(json, builder_text(&clean));
}

static void
append_object(TextBuilder *json, const json_t *object)
{
	const char *key;
	json_t	   *value;

	builder_append_char(json, '{');
	json_object_foreach((json_t *) object, key, value)
	{
		if (json->data != NULL && json->len > 0 && json->data[json->len - 1] != '{')
			builder_append(json, ", ", 2);
		append_string(json, (Text){key, strlen(key)});
		builder_append(json, ": ", 2);
		json_append_value(json, value);
	}
	builder_append_char(json, '}');
}

static void
append_array(TextBuilder *json, const json_t *array)
{
	size_t	index;
	json_t *element;

	builder_append_char(json, '[');
	json_array_foreach((json_t *) array, index, element)
	{
		if (index > 0)
			builder_append(json, ", ", 2);
		json_append_value(json, element);
	}
	builder_append_char(json, ']');
}

/* As deep as jansson reads: 2,048 levels. */
void
json_append_value(TextBuilder *json, const json_t *value)
{
	if (json_is_object(value))
		append_object(json, value);
	else if (json_is_array(value))
		append_array(json, value);
	else if (json_is_string(value))
		append_string(json, (Text){json_string_value(value), json_string_length(value)});
	else if (json_is_number(value))
		append_number(json, value);
	else if (json_is_boolean(value))
		builder_append(json, json_is_true(value) ? "true" : "false", json_is_true(value) ? 4 : 5);
	else
		builder_append(json, "null", 4);
}
