/*
 * url_query.h
 *	  Parameters in the query of a URL: "?name=value&name=value".  Plain C.
 *
 * Who calls it: json_api.c, for the address of the next page.
 */
#ifndef DATASENS_PARSE_URL_QUERY_H
#define DATASENS_PARSE_URL_QUERY_H

#include "base/arena.h"

/* The value of the first parameter of that name, still percent-coded; absent where there is none. */
extern Text url_query_value(Text url, Text name);

/*
 * The URL with the parameter set to the value, which is percent-coded: in the place of the
 * first one of that name, others taken out, or at the end.  value absent: without it.
 * Names are compared as they are written.  Absent where the arena is exhausted.
 */
extern Text url_query_set(Arena *arena, Text url, Text name, Text value);

#endif
