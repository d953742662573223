/*
 * sax.h
 *	  One run of libxml2's SAX parser over a document in memory, for feeds, sitemaps and
 *	  lists of feeds; and every difference between libxml2's versions.  Plain C.
 *
 * The handlers are called on the parser's thread: they must neither allocate from the
 * server nor jump.  Files and the network are never touched, nothing is expanded, and
 * libxml2's limits (names, depth, text of 10 MB) stay on: no XML_PARSE_HUGE.
 */
#ifndef DATASENS_PARSE_SAX_H
#define DATASENS_PARSE_SAX_H

#include "base/arena.h"

#include <libxml/parser.h>

typedef enum SaxResult
{
	SAX_WELL_FORMED, /* as far as it was read */
	SAX_BROKEN,		 /* what the handlers were called for is there nevertheless */
	SAX_NO_MEMORY	 /* sooner or later: the handlers were not called for all that there is */
} SaxResult;

/* A run, valid while sax_parse() is at work. */
typedef struct Sax
{
	xmlParserCtxtPtr context;
	SaxResult		 result; /* so far, of what was stopped */
	bool			 stopped;
	bool			 starved;
} Sax;

/*
 * Parses the document, of at most INT_MAX bytes and not empty, with XML_PARSE_NONET and
 * the options.  The handlers are called with data; faults are told by the result only.
 * What libxml2 takes is freed.
 */
extern SaxResult sax_parse(Sax *sax, Text document, const xmlSAXHandler *handler, int options,
						   void *data);

/* Called by a handler: none is called any more, and what follows is not read. */
extern void sax_stop(Sax *sax);

#endif
