/*
 * sax.c
 *	  One run of libxml2's SAX parser.  What it is for is in sax.h.
 */
#include "parse/sax.h"

#include <libxml/parserInternals.h>

/* 2.12: a fault is shown to its handler, and is no longer its to change. */
#if LIBXML_VERSION >= 21200
typedef const xmlError *Fault;
#else
typedef xmlErrorPtr Fault;
#endif

/* Takes the faults that libxml2 finds from its global handlers, which are the server's. */
static void
on_error(void *data, Fault error)
{
	(void) data;
	(void) error;
}

SaxResult
sax_parse(Text document, const xmlSAXHandler *handler, int options, void *data,
		  xmlParserCtxtPtr *parser)
{
	xmlParserCtxtPtr context = xmlCreateMemoryParserCtxt(document.data, (int) document.len);
	SaxResult		 result;

	*parser = context;
	if (context == NULL)
		return SAX_NO_MEMORY;
	*context->sax = *handler;
	context->sax->initialized = XML_SAX2_MAGIC;
	context->sax->serror = on_error;
	context->userData = data;
	(void) xmlCtxtUseOptions(context, XML_PARSE_NONET | options);
	(void) xmlParseDocument(context);
	result = context->wellFormed ? SAX_WELL_FORMED : SAX_BROKEN;
	/* made for what a document declares, whoever handles its elements */
	if (context->myDoc != NULL)
		xmlFreeDoc(context->myDoc);
	xmlFreeParserCtxt(context);
	*parser = NULL;
	return result;
}
