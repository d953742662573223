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

/* This thread's run.  Before 2.13 faults of buffers and URIs come without its context. */
static _Thread_local Sax *running;

/*
 * Takes the faults that libxml2 finds from its global handlers, which are the server's.  After
 * a lack of memory libxml2 may go on, and leave something out.
 */
static void
on_error(void *data, Fault error)
{
	(void) data;
	if (error->code == XML_ERR_NO_MEMORY)
		running->starved = true;
}

static void
parse(xmlParserCtxtPtr context)
{
#if LIBXML_VERSION < 21300
	xmlStructuredErrorFunc handler = xmlStructuredError;
	void				  *handler_data = xmlStructuredErrorContext;

	xmlSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc) on_error);
	(void) xmlParseDocument(context);
	xmlSetStructuredErrorFunc(handler_data, handler);
#else
	(void) xmlParseDocument(context);
#endif
}

static SaxResult
result_so_far(const Sax *sax)
{
	return sax->context->wellFormed ? SAX_WELL_FORMED : SAX_BROKEN;
}

/* To newer versions of libxml2 a document that was stopped is a broken one. */
void
sax_stop(Sax *sax)
{
	if (!sax->stopped)
		sax->result = result_so_far(sax);
	sax->stopped = true;
	xmlStopParser(sax->context);
}

SaxResult
sax_parse(Sax *sax, Text document, const xmlSAXHandler *handler, int options, void *data)
{
	xmlParserCtxtPtr context = xmlCreateMemoryParserCtxt(document.data, (int) document.len);

	if (context == NULL)
		return SAX_NO_MEMORY;
	sax->context = context;
	sax->stopped = false;
	sax->starved = false;
	running = sax;
	*context->sax = *handler;
	context->sax->initialized = XML_SAX2_MAGIC;
	context->sax->serror = on_error;
	context->userData = data;
	(void) xmlCtxtUseOptions(context, XML_PARSE_NONET | options);
	parse(context);
	if (!sax->stopped)
		sax->result = result_so_far(sax);
	/* made for what a document declares, whoever handles its elements */
	if (context->myDoc != NULL)
		xmlFreeDoc(context->myDoc);
	xmlFreeParserCtxt(context);
	return sax->starved ? SAX_NO_MEMORY : sax->result;
}
