/*
 * html_text.h
 *	  HTML fragments, as feeds carry them, to clean plain text.  Plain C.
 */
#ifndef DATASENS_PARSE_HTML_TEXT_H
#define DATASENS_PARSE_HTML_TEXT_H

#include "base/arena.h"

/*
 * The text of an HTML fragment: tags, comments, scripts and styles out,
 * character references resolved (HTML Living Standard, named ones too; the
 * windows-1252 reading of 128 to 159), block elements and <br> apart by a
 * newline, white space squeezed, controls and U+0000 out, trimmed.  Linear in
 * the input.  Absent in, absent out; absent also where the arena is exhausted.
 */
extern Text html_to_text(Arena *arena, Text html);

/* Plain text with its character references resolved and white space squeezed to one line. */
extern Text text_clean_line(Arena *arena, Text text);

#endif
