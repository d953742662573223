/*
 * options.h
 *	  The JSON that a source carries: its options and its cursor.
 *
 * Who calls it: the kinds' validate and begin; run/ for the options that all kinds have.
 */
#ifndef DATASENS_SOURCE_OPTIONS_H
#define DATASENS_SOURCE_OPTIONS_H

#include "postgres.h"

/*
 * jansson's; its header and the server's each declare a json_object() of their
 * own, so the one is only included where the other is not.
 */
typedef struct json_t json_t;

/*
 * Reads a JSON object (database encoding).  It is released with the current
 * memory context.  ereports where it is none.
 */
extern json_t *options_read(const char *json);

/*
 * Checks that the object has no other keys than those of the list, which ends with a NULL;
 * ereports (SQLSTATE 22023), naming the first unknown one and giving the known ones as a hint.
 */
extern void options_check_keys(json_t *object, const char *const *known);

/*
 * The strings of the array under that key, palloc'd and NULL-terminated, in the
 * database's encoding; NULL where the key is not there.  ereports where it is
 * not an array of one or more non-empty strings.
 */
extern char **options_strings(json_t *object, const char *key);

/*
 * The string under that key, in the database's encoding; NULL where the key is not there.
 * options_integer: whether there is a number, and in *value which. Both ereport where the key has
 * something else, or a number is out of bounds.
 */
extern const char *options_string(json_t *object, const char *key);
extern bool options_integer(json_t *object, const char *key, int64 min, int64 max, int64 *value);

/* Whether there is a true under that key; ereports where it is neither true nor false. */
extern bool options_true(json_t *object, const char *key);

/*
 * The options that every kind takes, to be added to its list of known keys. "notifier": whether
 * each commit that has added documents is told to those who listen; "archiver": whether what is
 * received is kept where datasens.archive_url says.
 */
#define OPTION_NOTIFY "notifier"
#define OPTION_ARCHIVE "archiver"
#define OPTIONS_COMMON OPTION_NOTIFY, OPTION_ARCHIVE

/*
 * Whether the option is true, in a source's options as they are stored. Costs little where the key
 * is not there.
 */
extern bool options_have(const char *options, const char *key);

/* ereports, with that hint, where the URL cannot be asked. */
extern void options_check_url(const char *url, const char *hint);

/* A JSON object with one key that holds an array of those strings (palloc'd). */
extern char *options_write_strings(const char *key, char *const *strings, int n);

#endif
