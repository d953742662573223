/*
 * html_text.h
 *	  HTML fragments, as feeds carry them, to clean plain text.  Plain C.
 *
 * Called for every text that may hold markup: of feeds, JSON, weather, pages.
 */
#ifndef DATASENS_PARSE_HTML_TEXT_H
#define DATASENS_PARSE_HTML_TEXT_H

#include "base/arena.h"

/* What a text that is to be cleaned is written in. */
typedef enum TextForm
{
	TEXT_FORM_PLAIN,	  /* every byte is meant */
	TEXT_FORM_REFERENCES, /* plain, with character references */
	TEXT_FORM_HTML		  /* with tags too */
} TextForm;

/*
 * The clean text: tags, comments, scripts and styles out, character references
 * resolved (HTML Living Standard, named ones too), both as form tells; C1
 * controls and references to them read as windows-1252 where it has them; white space, the
 * no-break space too, squeezed and trimmed; other controls, U+FEFF and what XML
 * forbids out.  Block elements and <br>, and the line ends of plain text, are a
 * newline; where one_line is set, they are a space.
 *
 * Always a copy.  Linear in the text.  Absent in, absent out; absent also where
 * the arena is exhausted.
 */
extern Text text_clean(Arena *arena, Text text, TextForm form, bool one_line);

/* Plain text with its character references resolved and white space squeezed to one line. */
extern Text text_clean_line(Arena *arena, Text text);

/*
 * Whether text whose writer may have meant either is HTML: it has a reference
 * with its semicolon, or a tag that HTML knows.
 */
extern bool text_looks_like_html(Text text);

#endif
