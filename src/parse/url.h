/*
 * url.h
 *	  URL references: what a relative link in a document means.  Plain C.
 *
 * Called wherever there are URLs.  Never: a secret left in what url_redact gives.
 */
#ifndef DATASENS_PARSE_URL_H
#define DATASENS_PARSE_URL_H

#include "base/arena.h"

/* A longer reference or base is none: it counts as absent. */
#define URL_MAX_LENGTH 16384

/*
 * reference resolved against base (RFC 3986, 5.2), trimmed, ASCII's control
 * characters and newlines out, spaces percent-coded; nothing else is rewritten.
 * base absent or not absolute: the reference as it is.  Absent where reference
 * is absent or the arena exhausted.
 */
extern Text url_resolve(Arena *arena, Text base, Text reference);

/* Whether it begins with http:// or https://, letters in either case, and goes on. */
extern bool url_is_web(Text url);

/*
 * Scheme and host with port, lower case and without user name:
 * "https://host:8080"; without the port where it is the scheme's own.  Absent
 * if not http(s), or where programs might disagree on what the host is.
 */
extern Text url_origin(Arena *arena, Text url);

/*
 * Percent-coded for a query: all but the unreserved characters (RFC 3986, 2.3); for a path,
 * where "/" stays; and a single byte.
 */
extern Text url_encode(Arena *arena, Text value);
extern Text url_encode_path(Arena *arena, Text path);
extern void url_append_coded(TextBuilder *builder, unsigned char byte);

/*
 * The URL with what may be a secret masked, for logs and messages: the
 * user-info, and the values of parameters in query and fragment whose names say
 * key, token, secret, password, signature, appid, auth or the like become "***".
 */
extern Text url_redact(Arena *arena, Text url);

/*
 * A link that was read at the address own, without the secrets of that address: its user-info,
 * and the parameters that url_redact would mask (but for harmless ones: "keyword", "author"),
 * if the link has them with the same value, as a link to the document itself does.  A key that
 * only the link has is the publisher's own, and stays.  Absent where url is absent or the
 * arena is exhausted.
 */
extern Text url_without_secrets_of(Arena *arena, Text url, Text own);

#endif
