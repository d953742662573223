/*
 * xpath.h
 *	  XPath 1.0 over a page, for the sources that name what they want with it.
 *	  Plain C.
 *
 * The page is html_tree.h's, not one of libxml2's HTML parser: names are in small letters,
 * what browsers add (html, head and body, but not tbody) is there, white space in texts is
 * squeezed to single spaces, references are resolved.  There are no namespaces, no
 * variables and no functions but XPath's own; nothing reaches files or the network.
 *
 * Evaluation is bounded: in the length of an expression, the steps and the memory that one
 * expression may take over one page, whatever the page; and it depends on nothing else.
 *
 * Who calls it: source/scraping_page.c for pages; source/scraping.c to check an expression.
 */
#ifndef DATASENS_PARSE_XPATH_H
#define DATASENS_PARSE_XPATH_H

#include "base/arena.h"
#include "base/failure.h"
#include "parse/html_tree.h"
#include "parse/links.h"

/* An expression, compiled; to be used by one thread at a time. */
typedef struct XPath XPath;

/* A page as expressions see it. */
typedef struct XPathPage XPathPage;

/* How what was found becomes a text. */
typedef enum XPathForm
{
	XPATH_LINE,		 /* the first that is not blank, as one line */
	XPATH_NAMES,	 /* each as one line, commas between: authors */
	XPATH_PARAGRAPHS /* all: a line a paragraph, heading, list item, table row */
} XPathForm;

/*
 * The compiled expression, to be freed with xpath_free; NULL with *failure set, class
 * FAILURE_PARSE, where it is none: the detail says why and where.
 */
extern XPath *xpath_compile(Text expression, Failure *failure);
extern void	  xpath_free(XPath *xpath);

/*
 * A page for expressions, to be freed with xpath_page_free before the arena, which the
 * tree lives in too, and which the results are taken from.  NULL with *failure set.
 */
extern XPathPage *xpath_page_create(Arena *arena, const HtmlTree *tree, Failure *failure);
extern void		  xpath_page_free(XPathPage *page);

/*
 * The text of what the expression finds: elements, attributes, texts, or a string or number
 * that it computes.  Absent where it finds nothing or only blanks; then *failure says
 * whether it could not be evaluated: FAILURE_TOO_LARGE where a limit was met.
 */
extern Text xpath_text(XPathPage *page, const XPath *xpath, XPathForm form, Failure *failure);

/*
 * The links of what the expression finds, as html_links has them: of an <a> or attribute its
 * own, of another element those within.  base is html_base_url's.  NULL with *n_links 0 where
 * there are none, or *failure is set.
 */
extern HtmlLink *xpath_links(XPathPage *page, const XPath *xpath, Text base, size_t *n_links,
							 Failure *failure);

#endif
