/*
 * json_value.h
 *	  Answers in JSON: read within bounds, what is no JSON told apart, and values as
 *	  clean text.  Plain C; called by the readers of services' answers.
 *
 * Trees are jansson's: json_decref ends them.  Their strings are valid UTF-8, but may
 * hold U+0000 and controls, which the functions below leave out.
 */
#ifndef DATASENS_PARSE_JSON_VALUE_H
#define DATASENS_PARSE_JSON_VALUE_H

#include "base/arena.h"
#include "base/failure.h"

#include <stddef.h>

/* jansson's; its header and the server's each declare a json_object() of their own. */
typedef struct json_t		json_t;
typedef struct json_error_t json_error_t;

/*
 * jansson needs some 300 bytes for the two of an empty object: what has more than this many
 * containers is no answer of a service.
 */
#define JSON_MAX_CONTAINERS 200000

extern bool json_too_many_containers(Text document);

/*
 * Whether the system has what jansson's buffer may grow to for the document.  jansson does
 * not look whether it grew, and writes beyond it: to be asked just before it is given one.
 */
extern bool json_has_room(Text document);

/*
 * jansson's json_loadb for a document that it refused: bytes that are no UTF-8 are read as
 * windows-1252, and escaped surrogates that stand alone as U+FFFD.  NULL where that was not all,
 * or where there is no memory for it.
 */
extern json_t *json_load_mended(Text document, size_t flags, json_error_t *error);

/* Whether jansson, which made nothing of a document, had no memory. */
extern bool json_starved(const json_error_t *error);

/*
 * Reads a document; NULL with *failure set: cut (FAILURE_TRUNCATED: it may come whole
 * the next time), too large, a web page, or no JSON (FAILURE_PARSE).
 */
extern json_t *json_read(Text document, Failure *failure);

/*
 * The value as text, in the arena: a string as it is written, less U+0000; a number or
 * boolean by its digits or word; of an array its texts joined by ", ".  Absent for
 * null, an object, and where nothing remains.
 */
extern Text json_text_of(Arena *arena, const json_t *value);

/*
 * The value as a number: also of a string that is one (RFC 8259, 6, with white space
 * around it).  False where it is none, or not finite.
 */
extern bool json_number_of(const json_t *value, double *number);

/* Appends the value as JSON that jsonb accepts. */
extern void json_append_value(TextBuilder *json, const json_t *value);

#endif
