/*
 * charset.h
 *	  Bytes of any encoding to UTF-8 that PostgreSQL accepts.  Plain C.
 *
 * Called by every parser of bytes from elsewhere, first of all.
 */
#ifndef DATASENS_PARSE_CHARSET_H
#define DATASENS_PARSE_CHARSET_H

#include "base/arena.h"

/*
 * The charset parameter of a Content-Type (RFC 9110, 8.3.2), unquoted; absent
 * where there is none.
 */
extern Text charset_of_content_type(Text content_type);

/* Whether every byte belongs to a UTF-8 character (RFC 3629: no surrogates, no overlong forms). */
extern bool utf8_valid(Text bytes);

/* Bytes at the start that are whole and valid UTF-8 characters. */
extern size_t utf8_valid_prefix(Text bytes);

/*
 * Whether the bytes are UTF-8 but for some damage: more characters of several
 * bytes than bytes that belong to none.
 */
extern bool utf8_mostly(Text bytes);

/*
 * Length of the UTF-8 character at p, of which left bytes (at least one) are
 * there: RFC 3629, section 4.  0 where there is none.
 */
extern size_t utf8_length(const unsigned char *p, size_t left);

/* Bytes at the start of p that are ASCII. */
extern size_t ascii_run(const unsigned char *p, size_t len);

/* Longest encoding name we pass on, and a NUL; the longest registered one has 45 characters. */
#define CHARSET_NAME_SIZE 64

/*
 * The name of an encoding in lower case and as its users mean it: the superset
 * that the WHATWG Encoding Standard reads it as.  False where it can be no name.
 */
extern bool charset_meant(Text name, char meant[CHARSET_NAME_SIZE]);

/*
 * Bytes that are meant as UTF-8: themselves where that is true, else a copy with
 * each byte that belongs to no character read as windows-1252.  NUL bytes stay.
 * Absent where the arena is exhausted.
 */
extern Text utf8_repair(Arena *arena, Text bytes);

/*
 * The character that a byte stands for in windows-1252; the five bytes without
 * one stand for the C1 control of their value.
 */
extern unsigned windows_1252_codepoint(unsigned char byte);

/* The same as UTF-8: how many bytes were put. */
extern size_t windows_1252_as_utf8(unsigned char byte, char to[3]);

/*
 * An XML document as UTF-8 (WHATWG decode and RFC 7303 order): a byte order
 * mark; then the HTTP charset; then the XML declaration; then UTF-8.  What is
 * declared but not true (invalid bytes, unknown name) gives way to the next
 * candidate.  Where none is true, damaged UTF-8 has its odd bytes read as
 * windows-1252, and else the whole is windows-1252, which every byte string is.
 * *encoding gets the name that was used (a static or arena string).  The result
 * is without BOM; it is the input itself where nothing had to change.  Absent
 * where the arena is exhausted.
 */
extern Text charset_decode_xml(Arena *arena, Text bytes, Text http_charset, const char **encoding);

/*
 * An HTML page as UTF-8 (HTML Living Standard, 13.2.3): a byte order mark; then the HTTP
 * charset; then the first <meta> that names one; then UTF-8, and windows-1252 at last, as
 * charset_decode_xml.  Bytes beyond ASCII that are UTF-8 throughout are UTF-8 whatever
 * is declared: no other text looks like it by chance.
 */
extern Text charset_decode_html(Arena *arena, Text bytes, Text http_charset, const char **encoding);

#endif
