/*
 * json_path.c
 *	  Paths into JSON: where in an answer something is.
 *
 * A path is read once into steps, which then lead through any number of values. Names are compared
 * as bytes. "[*]" is the one step that branches; everything else leads to one value or none, so
 * that following a path costs as much as what it leads to.
 *
 * Who calls it: json_options.c, when a source is added, and json_api.c, for each answer.
 */
#include "parse/json_path.h"

#include <jansson.h>
#include <string.h>

/* ---- reading a path ---- */

#define MAX_INDEX 1000000
#define MAX_NAME 255

typedef struct PathReader
{
	Text		   text;
	size_t		   at;
	JsonPath	  *path;
	JsonPathError *error;
} PathReader;

static bool
refuse(PathReader *reader, size_t position, const char *message)
{
	reader->error->position = (int) position;
	reader->error->message = message;
	return false;
}

/* The next character, or U+0000 at the end. */
static char
peek(const PathReader *reader)
{
	return reader->at < reader->text.len ? reader->text.data[reader->at] : '\0';
}

static bool
add_step(PathReader *reader, JsonStep step)
{
	if (step.name.len > MAX_NAME)
		return refuse(reader, (size_t) (step.name.data - reader->text.data),
					  "the name is longer than 255 bytes");
	if (reader->path->n_steps == JSON_PATH_MAX_STEPS)
		return refuse(reader, reader->at, "a path has at most 16 steps");
	reader->path->steps[reader->path->n_steps++] = step;
	return true;
}

/* A name without quotes: all up to a dot or bracket. */
static bool
read_name(PathReader *reader)
{
	size_t start = reader->at;
	Text   name;

	while (reader->at < reader->text.len && strchr(".[]\"' \t\n", peek(reader)) == NULL)
		reader->at++;
	name = (Text){reader->text.data + start, reader->at - start};
	if (name.len == 0)
		return refuse(reader, start, "a name is missing");
	if (name.len == 1 && name.data[0] == '*')
		return add_step(reader, (JsonStep){.kind = JSON_STEP_ALL});
	return add_step(reader, (JsonStep){.kind = JSON_STEP_MEMBER, .name = name});
}

/* What stands in quotes, between brackets. */
static bool
read_quoted(PathReader *reader)
{
	char		quote = peek(reader);
	const char *start = reader->text.data + reader->at + 1;
	const char *end = memchr(start, quote, reader->text.len - reader->at - 1);
	Text		name;

	if (end == NULL)
		return refuse(reader, reader->at, "the quote is not closed");
	name = (Text){start, (size_t) (end - start)};
	reader->at += name.len + 2;
	return add_step(reader, (JsonStep){.kind = JSON_STEP_MEMBER, .name = name});
}

static bool
read_index(PathReader *reader)
{
	size_t start = reader->at;
	bool   negative = peek(reader) == '-';
	int	   index = 0;

	reader->at += negative;
	if (peek(reader) < '0' || peek(reader) > '9')
		return refuse(reader, start, "a number, * or a name in quotes is missing");
	while (peek(reader) >= '0' && peek(reader) <= '9' && index <= MAX_INDEX)
		index = index * 10 + (reader->text.data[reader->at++] - '0');
	if (index > MAX_INDEX)
		return refuse(reader, start, "the number is too large");
	return add_step(reader,
					(JsonStep){.kind = JSON_STEP_ELEMENT, .index = negative ? -index : index});
}

/* What stands between brackets, after the first one. */
static bool
read_bracket(PathReader *reader)
{
	bool read;

	if (peek(reader) == '*')
	{
		reader->at++;
		read = add_step(reader, (JsonStep){.kind = JSON_STEP_ALL});
	}
	else if (peek(reader) == '"' || peek(reader) == '\'')
		read = read_quoted(reader);
	else
		read = read_index(reader);
	if (!read)
		return false;
	if (peek(reader) != ']')
		return refuse(reader, reader->at, "a ] is missing");
	reader->at++;
	return true;
}

bool
json_path_parse(Text text, JsonPath *path, JsonPathError *error)
{
	PathReader reader = {.text = text, .path = path, .error = error};
	bool	   first = true;

	path->n_steps = 0;
	if (text.len == 0)
		return refuse(&reader, 0, "the path is empty ($ is the whole)");
	if (peek(&reader) == '$' && (text.len == 1 || text.data[1] == '.' || text.data[1] == '['))
	{
		reader.at++;
		first = false;
	}
	while (reader.at < text.len)
	{
		bool read;

		if (peek(&reader) == '[')
		{
			reader.at++;
			read = read_bracket(&reader);
		}
		else if (first)
			read = read_name(&reader);
		else if (peek(&reader) == '.')
		{
			reader.at++;
			read = read_name(&reader);
		}
		else
			return refuse(&reader, reader.at, "a . or [ is missing");
		if (!read)
			return false;
		first = false;
	}
	return true;
}

JsonPath
json_path_before_all(const JsonPath *path)
{
	JsonPath before = *path;

	before.n_steps = 0;
	while (before.n_steps < path->n_steps && path->steps[before.n_steps].kind != JSON_STEP_ALL)
		before.n_steps++;
	return before;
}

/* ---- following it ---- */

static json_t *
member(const json_t *object, Text name)
{
	char key[MAX_NAME + 1];

	memcpy(key, name.data, name.len);
	key[name.len] = '\0';
	return json_object_get(object, key);
}

/* Where one step that is no wildcard leads; NULL: nowhere. */
static json_t *
follow(const JsonStep *step, const json_t *value)
{
	size_t n = json_array_size(value);
	size_t from_end;

	if (step->kind == JSON_STEP_MEMBER)
		return member(value, step->name);
	if (step->index >= 0)
		return json_array_get(value, (size_t) step->index);
	from_end = (size_t) -step->index;
	return from_end <= n ? json_array_get(value, n - from_end) : NULL;
}

/* The steps from the one given on; as deep as there are steps. */
static bool
visit_from(const JsonPath *path, int at, json_t *value, JsonVisitor visit, void *context)
{
	const char *key;
	size_t		index;
	json_t	   *inside;

	while (value != NULL && at < path->n_steps && path->steps[at].kind != JSON_STEP_ALL)
		value = follow(&path->steps[at++], value);
	if (value == NULL)
		return true;
	if (at == path->n_steps)
		return visit(context, value);
	json_array_foreach(value, index, inside)
	{
		if (!visit_from(path, at + 1, inside, visit, context))
			return false;
	}
	json_object_foreach(value, key, inside)
	{
		if (!visit_from(path, at + 1, inside, visit, context))
			return false;
	}
	return true;
}

bool
json_path_visit(const JsonPath *path, const json_t *root, JsonVisitor visit, void *context)
{
	return visit_from(path, 0, (json_t *) root, visit, context);
}

static bool
take_first(void *context, json_t *value)
{
	*(json_t **) context = value;
	return false;
}

json_t *
json_path_first(const JsonPath *path, const json_t *root)
{
	json_t *found = NULL;

	(void) json_path_visit(path, root, take_first, &found);
	return found;
}
