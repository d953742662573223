/*
 * json_text.h
 *	  JSON written piece by piece into a builder (RFC 8259): the meta of documents.
 *	  Plain C.
 *
 * The caller opens and closes the objects and arrays; texts are clean UTF-8
 * without U+0000, so that jsonb accepts what comes out.
 */
#ifndef DATASENS_PARSE_JSON_TEXT_H
#define DATASENS_PARSE_JSON_TEXT_H

#include "base/arena.h"

/* Appends a string with its quotes (section 7). */
extern void json_append_string(TextBuilder *json, Text text);

/* Appends "key": and, where no object has just been opened, the comma before. */
extern void json_append_key(TextBuilder *json, const char *key);

/* Key and string; nothing for an absent or empty one. */
extern void json_append_text(TextBuilder *json, const char *key, Text value);

/* Key and an array of what stands inside its brackets; nothing where that is empty. */
extern void json_append_array(TextBuilder *json, const char *key, const TextBuilder *inside);

/* The comma between the values of an array: nothing where it has just been opened. */
extern void json_append_comma(TextBuilder *json);

/* A finite number, with the fewest digits that read as the same double. */
extern void json_append_number(TextBuilder *json, double number);

#endif
