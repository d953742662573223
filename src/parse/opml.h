/*
 * opml.h
 *	  Feed lists (OPML 1.0 and 2.0).  Plain C.
 *
 * Who calls it: datasens_import_opml(), datasens_export_opml() (api/opml.c).
 */
#ifndef DATASENS_PARSE_OPML_H
#define DATASENS_PARSE_OPML_H

#include "base/arena.h"
#include "base/failure.h"

typedef struct OpmlEntry
{
	Text   titre;	   /* title, else text, else the URL */
	Text   url;		   /* xmlUrl */
	Text   site;	   /* htmlUrl; may be absent */
	Text   type;	   /* as written; may be absent */
	Text  *categories; /* the outlines around it, outermost first */
	size_t n_categories;
} OpmlEntry;

typedef struct Opml
{
	bool	   recovered; /* was not well-formed */
	OpmlEntry *entries;
	size_t	   n_entries;
} Opml;

/* Reads a feed list; NULL with *failure set as feed_parse. */
extern Opml *opml_parse(Arena *arena, Text bytes, Failure *failure);

/* Appends text with XML's five characters escaped and what XML 1.0 forbids left out. */
extern void opml_append_escaped(TextBuilder *builder, Text text);

#endif
