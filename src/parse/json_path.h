/*
 * json_path.h
 *	  Paths into JSON: where in an answer something is.  Plain C.
 *
 *		data.children[0].title	members and elements, [-1] the last one
 *		[*] or .*				all elements of an array, all members of an object
 *		["odd.name"]			a member whose name has other characters
 *		$						the whole; may begin any path ("$.data")
 *
 * Who calls it: the reader of services' answers and the check of a source's options.
 */
#ifndef DATASENS_PARSE_JSON_PATH_H
#define DATASENS_PARSE_JSON_PATH_H

#include "parse/json_value.h"

#define JSON_PATH_MAX_STEPS 16

typedef enum JsonStepKind
{
	JSON_STEP_MEMBER,
	JSON_STEP_ELEMENT,
	JSON_STEP_ALL
} JsonStepKind;

typedef struct JsonStep
{
	JsonStepKind kind;
	Text		 name;	/* of a member: a part of the path's text */
	int			 index; /* of an element; negative: from the end */
} JsonStep;

typedef struct JsonPath
{
	JsonStep steps[JSON_PATH_MAX_STEPS];
	int		 n_steps;
} JsonPath;

/* Where and why a text is no path; position counts bytes from 0. */
typedef struct JsonPathError
{
	int			position;
	const char *message; /* static */
} JsonPathError;

/* Reads a path, which points into the text.  False with *error set. */
extern bool json_path_parse(Text text, JsonPath *path, JsonPathError *error);

/* The first value that the path leads to, borrowed from the tree; NULL where it leads nowhere. */
extern json_t *json_path_first(const JsonPath *path, const json_t *root);

/*
 * Hands every value that the path leads to to the function, in the document's order, until that
 * returns false.  Each value of the tree is met at most once a step.
 */
typedef bool (*JsonVisitor)(void *context, json_t *value);

extern bool json_path_visit(const JsonPath *path, const json_t *root, JsonVisitor visit,
							void *context);

/* The part of the path before its first [*]: the whole path where it has none. */
extern JsonPath json_path_before_all(const JsonPath *path);

#endif
