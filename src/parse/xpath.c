/*
 * xpath.c
 *	  XPath by libxml2, over a document that is built of our own tree.
 *
 * libxml2's HTML parser is not used, for what html_tree.h says of it.  Each libxml2 node
 * holds the number of the node it was made of, so that what is found is read off our tree,
 * as everything else is.  The callbacks note what they are told; they neither jump nor
 * report.
 */
#include "parse/xpath.h"

#include "parse/html_text.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A longer expression is none that somebody wrote. */
#define MAX_EXPRESSION 4000

/* Of one element; further ones are left out.  Each new one is compared with those before. */
#define MAX_ATTRIBUTES 64

/*
 * libxml2 compares each node that a step finds with all that it has found before, so the
 * time of "//a//b" is beyond the square of the page's size: larger pages are refused.
 */
#define MAX_NODES 30000
#define MAX_DEPTH 100

/* Steps of one evaluation: some hundred walks over a large page. */
#define MAX_STEPS 20000000

/* Processor time of one evaluation. */
#define MAX_SECONDS 2

/* Nodes that one expression may find. */
#define MAX_FOUND 10000

/* The letters of names, those beyond ASCII left aside: no function has one. */
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."

/* What libxml2 complained of. */
typedef struct Notes
{
	int code; /* 0: of nothing */
	int at;	  /* where in the expression, from 0 */
} Notes;

struct XPath
{
	xmlXPathCompExprPtr compiled;
};

struct XPathPage
{
	Arena			  *arena;
	const HtmlTree	  *tree;
	xmlDocPtr		   document;
	xmlXPathContextPtr context;
	Notes			   notes;
	struct timespec	   deadline; /* of an evaluation, on the thread's clock */
};

/* ---- errors ---- */

/* What libxml2's error codes mean to who wrote the expression. */
static const char *
reason_of(int code)
{
	switch (code - XML_XPATH_EXPRESSION_OK)
	{
		case XPATH_UNFINISHED_LITERAL_ERROR:
		case XPATH_START_LITERAL_ERROR:
			return "a string is not closed";
		case XPATH_UNDEF_VARIABLE_ERROR:
		case XPATH_VARIABLE_REF_ERROR:
			return "there are no variables";
		case XPATH_INVALID_PREDICATE_ERROR:
			return "a predicate is not closed";
		case XPATH_UNCLOSED_ERROR:
			return "a parenthesis is not closed";
		case XPATH_UNKNOWN_FUNC_ERROR:
			return "there is no such function";
		case XPATH_INVALID_TYPE:
			return "a value is of the wrong type";
		case XPATH_INVALID_ARITY:
			return "a function has too many or too few arguments";
		case XPATH_UNDEF_PREFIX_ERROR:
			return "there are no namespaces";
		default:
			return "syntax error";
	}
}

/* Called by libxml2 instead of printing; keeps the first one. */
static void
note_error(void *data, xmlErrorPtr error)
{
	Notes *notes = data;

	if (notes->code == 0)
	{
		notes->code = error->code;
		notes->at = error->int1;
	}
}

/*
 * Finds what libxml2 would complain of only when it is evaluated, and on stderr: a function
 * that is none, a variable, a prefix.  NULL where there is none.
 */
static const char *
unknown_name(const char *at)
{
	static const char *const known =
		" boolean ceiling concat contains count false floor id lang last local-name name "
		"namespace-uri normalize-space not number position round starts-with string "
		"string-length substring substring-after substring-before sum translate true "
		"comment text node processing-instruction and or div mod ";

	while (*at != '\0')
	{
		char   word[40] = " ";
		size_t len = strspn(at, NAME_CHARACTERS);
		size_t gap = strspn(at + len, " \t\n\r");

		if (len == 0)
		{
			const char *close = *at == '"' || *at == '\'' ? strchr(at + 1, *at) : NULL;

			if (*at == '$')
				return "there are no variables";
			at = close != NULL ? close + 1 : at + 1;
			continue;
		}
		if (at[len] == ':' && at[len + 1] != ':' && strchr("0123456789.-", *at) == NULL)
			return "there are no namespaces";
		if (at[len + gap] == '(')
		{
			if (len > sizeof(word) - 3)
				return "there is no such function";
			memcpy(word + 1, at, len);
			word[len + 1] = ' ';
			if (strstr(known, word) == NULL)
				return "there is no such function";
		}
		at += len;
	}
	return NULL;
}

/* Compiles a terminated expression; NULL with *failure set. */
static xmlXPathCompExprPtr
compile(const char *expression, Failure *failure)
{
	Notes				notes = {0, 0};
	const char		   *unknown = unknown_name(expression);
	xmlXPathContextPtr	context = xmlXPathNewContext(NULL);
	xmlXPathCompExprPtr compiled = NULL;

	if (context != NULL && unknown == NULL)
	{
		context->error = note_error;
		context->userData = &notes;
		compiled = xmlXPathCtxtCompile(context, (const xmlChar *) expression);
	}
	xmlXPathFreeContext(context);
	if (unknown != NULL)
		failure_set(failure, FAILURE_PARSE, "not an XPath expression: \"%s\": %s", expression,
					unknown);
	else if (compiled == NULL && notes.code != 0)
		failure_set(failure, FAILURE_PARSE, "not an XPath expression: \"%s\": %s at character %d",
					expression, reason_of(notes.code), notes.at + 1);
	else if (compiled == NULL)
		failure_set(failure, FAILURE_PARSE, "not an XPath expression: \"%s\"", expression);
	return compiled;
}

XPath *
xpath_compile(Text expression, Failure *failure)
{
	XPath *xpath = malloc(sizeof(XPath));
	char  *copy = strndup(expression.data, expression.len);

	xmlInitParser();
	if (xpath == NULL || copy == NULL)
		failure_set(failure, FAILURE_MEMORY, "out of memory");
	else if (expression.len > MAX_EXPRESSION)
		failure_set(failure, FAILURE_PARSE, "XPath expression is longer than %d bytes",
					MAX_EXPRESSION);
	else if ((xpath->compiled = compile(copy, failure)) != NULL)
	{
		free(copy);
		return xpath;
	}
	free(copy);
	free(xpath);
	return NULL;
}

void
xpath_free(XPath *xpath)
{
	if (xpath == NULL)
		return;
	xmlXPathFreeCompExpr(xpath->compiled);
	free(xpath);
}

/* ---- limits ---- */

/* XPath's functions that read texts, which may be as long as the page, in byte order. */
static const struct
{
	const char		*name;
	xmlXPathFunction function;
} text_functions[] = {
	{"concat", xmlXPathConcatFunction},
	{"contains", xmlXPathContainsFunction},
	{"id", xmlXPathIdFunction},
	{"normalize-space", xmlXPathNormalizeFunction},
	{"number", xmlXPathNumberFunction},
	{"starts-with", xmlXPathStartsWithFunction},
	{"string", xmlXPathStringFunction},
	{"string-length", xmlXPathStringLengthFunction},
	{"substring", xmlXPathSubstringFunction},
	{"substring-after", xmlXPathSubstringAfterFunction},
	{"substring-before", xmlXPathSubstringBeforeFunction},
	{"sum", xmlXPathSumFunction},
	{"translate", xmlXPathTranslateFunction},
};

static xmlXPathFunction
text_function(const xmlChar *name)
{
	for (size_t i = 0; i < sizeof(text_functions) / sizeof(text_functions[0]); i++)
	{
		if (xmlStrEqual(name, (const xmlChar *) text_functions[i].name))
			return text_functions[i].function;
	}
	return NULL;
}

static bool
is_late(const struct timespec *deadline)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec > deadline->tv_sec ||
		   (now.tv_sec == deadline->tv_sec && now.tv_nsec > deadline->tv_nsec);
}

/* Stands in for each of them: libxml2 counts the steps, but not how long the texts are. */
static void
timed_function(xmlXPathParserContextPtr parser, int n_arguments)
{
	XPathPage *page = parser->context->funcLookupData;

	if (is_late(&page->deadline))
	{
		xmlXPathErr(parser, XPATH_OP_LIMIT_EXCEEDED);
		return;
	}
	text_function(parser->context->function)(parser, n_arguments);
}

static xmlXPathFunction
look_up(void *data, const xmlChar *name, const xmlChar *namespace)
{
	(void) data;
	return namespace == NULL && text_function(name) != NULL ? timed_function : NULL;
}

/* ---- the document ---- */

/* Puts a node at the end of its parent's.  xmlAddChild() would join texts, in quadratic time. */
static void
append(xmlNodePtr parent, xmlNodePtr node)
{
	node->parent = parent;
	node->prev = parent->last;
	if (parent->last == NULL)
		parent->children = node;
	else
		parent->last->next = node;
	parent->last = node;
}

/* A name in small letters; NULL where memory is out. */
static char *
small_letters(Arena *arena, Text name)
{
	char *copy = arena_cstring(arena, name);

	for (char *c = copy; c != NULL && *c != '\0'; c++)
	{
		if (*c >= 'A' && *c <= 'Z')
			*c |= 0x20;
	}
	return copy;
}

static bool
add_attributes(XPathPage *page, xmlNodePtr element, const HtmlNode *node)
{
	Text rest = node->data;
	Text name;
	Text value;

	for (int i = 0; i < MAX_ATTRIBUTES && html_next_attribute(&rest, &name, &value); i++)
	{
		char	  *key = small_letters(page->arena, name);
		char	  *clean = arena_cstring(page->arena, text_clean_line(page->arena, value));
		xmlAttrPtr attribute;

		if (key == NULL || clean == NULL)
			return false;
		if (xmlHasProp(element, (xmlChar *) key) != NULL)
			continue;
		attribute = xmlNewProp(element, (xmlChar *) key, (xmlChar *) clean);
		if (attribute == NULL)
			return false;
		if (strcmp(key, "id") == 0)
			xmlAddID(NULL, page->document, (xmlChar *) clean, attribute);
	}
	return true;
}

static xmlNodePtr
add_element(XPathPage *page, xmlNodePtr parent, const char *name, uint32_t number)
{
	xmlNodePtr element = xmlNewDocNode(page->document, NULL, (const xmlChar *) name, NULL);

	if (element == NULL)
		return NULL;
	element->_private = (void *) (uintptr_t) number;
	append(parent, element);
	return element;
}

/* A text with its white space squeezed; spaces stay at its ends, for others may stand beside. */
static bool
add_text(XPathPage *page, xmlNodePtr parent, uint32_t number)
{
	Text		raw = page->tree->nodes[number].data;
	Text		clean = text_clean_line(page->arena, raw);
	TextBuilder text;
	xmlNodePtr	node;

	builder_start(&text, page->arena);
	if (raw.len > 0 && (unsigned char) raw.data[0] <= ' ')
		builder_append_char(&text, ' ');
	builder_append(&text, clean.data, clean.len);
	if (clean.len > 0 && (unsigned char) raw.data[raw.len - 1] <= ' ')
		builder_append_char(&text, ' ');
	if (arena_exhausted(page->arena) || text.len > INT32_MAX)
		return false;
	node = xmlNewDocTextLen(page->document, (xmlChar *) text.data, (int) text.len);
	if (node == NULL)
		return false;
	node->_private = (void *) (uintptr_t) number;
	append(parent, node);
	return true;
}

/* The elements that every page has, whether they are written or not. */
typedef struct Frame
{
	xmlNodePtr html;
	xmlNodePtr head;
	xmlNodePtr body;
} Frame;

/*
 * Where a node goes that stands outside of head and body: NULL where memory is out.  A body
 * that is not written stands for the whole page, a head for its first element.
 */
static xmlNodePtr
place_in_frame(XPathPage *page, Frame *frame, uint32_t number)
{
	const HtmlNode *node = &page->tree->nodes[number];
	bool			in_head = (html_tag_flags(node->tag) & HTML_IN_HEAD) != 0 ||
				   (node->tag == HTML_TEXT && text_trim(node->data).len == 0);

	if (in_head && frame->body == NULL)
	{
		if (frame->head == NULL)
			frame->head = add_element(page, frame->html, "head", number);
		return frame->head;
	}
	if (frame->body == NULL)
		frame->body = add_element(page, frame->html, "body", 0);
	return frame->body;
}

/* One of the frame's own elements, as the page writes it. */
static xmlNodePtr
take_frame(XPathPage *page, Frame *frame, uint32_t number)
{
	unsigned	tag = page->tree->nodes[number].tag;
	xmlNodePtr *element = tag == HTML_HTML	 ? &frame->html
						  : tag == HTML_HEAD ? &frame->head
											 : &frame->body;

	if (*element == NULL)
		*element = add_element(page, frame->html, tag == HTML_HEAD ? "head" : "body", number);
	else if ((*element)->_private == NULL)
		(*element)->_private = (void *) (uintptr_t) number;
	return *element;
}

/* Adds a node of the tree below the libxml2 node of its parent; false where memory is out. */
static bool
add_node(XPathPage *page, Frame *frame, xmlNodePtr *made, uint32_t number)
{
	const HtmlNode *node = &page->tree->nodes[number];
	xmlNodePtr		parent = made[node->parent];

	if (node->tag == HTML_HTML || node->tag == HTML_HEAD || node->tag == HTML_BODY)
	{
		made[number] = take_frame(page, frame, number);
		return made[number] != NULL && add_attributes(page, made[number], node);
	}
	if (parent == frame->html)
		parent = place_in_frame(page, frame, number);
	if (parent == NULL)
		return false;
	if (node->tag == HTML_TEXT)
		return add_text(page, parent, number);
	made[number] = add_element(
		page, parent, small_letters(page->arena, html_element_name(page->tree, number)), number);
	return made[number] != NULL && add_attributes(page, made[number], node);
}

/* Builds the document; false where memory is out. */
static bool
build(XPathPage *page)
{
	xmlNodePtr *made = arena_alloc(page->arena, page->tree->n_nodes * sizeof(xmlNodePtr));
	Frame		frame = {NULL, NULL, NULL};

	page->document = xmlNewDoc((const xmlChar *) "1.0");
	if (page->document == NULL || made == NULL)
		return false;
	page->document->dict = xmlDictCreate(); /* a name is kept once */
	frame.html = xmlNewDocNode(page->document, NULL, (const xmlChar *) "html", NULL);
	if (frame.html == NULL)
		return false;
	append((xmlNodePtr) page->document, frame.html);
	made[0] = frame.html;
	for (uint32_t i = 1; i < page->tree->n_nodes; i++)
	{
		if (!add_node(page, &frame, made, i))
			return false;
	}
	return true;
}

/* Whether the page is small enough to be searched in bounded time. */
static bool
is_small(const HtmlTree *tree, Arena *arena)
{
	uint8_t *depths = arena_alloc_zero(arena, tree->n_nodes);

	if (tree->n_nodes > MAX_NODES || depths == NULL)
		return false;
	for (uint32_t i = 1; i < tree->n_nodes; i++)
	{
		depths[i] = depths[tree->nodes[i].parent] + 1;
		if (depths[i] > MAX_DEPTH)
			return false;
	}
	return true;
}

XPathPage *
xpath_page_create(Arena *arena, const HtmlTree *tree, Failure *failure)
{
	XPathPage *page = arena_alloc_zero(arena, sizeof(XPathPage));

	xmlInitParser();
	if (page != NULL && is_small(tree, arena))
	{
		page->arena = arena;
		page->tree = tree;
		if (build(page) && (page->context = xmlXPathNewContext(page->document)) != NULL)
		{
			page->context->error = note_error;
			page->context->userData = &page->notes;
			page->context->opLimit = MAX_STEPS;
			xmlXPathRegisterFuncLookup(page->context, look_up, page);
			/* document order is told by numbers, not by walks */
			xmlXPathOrderDocElems(page->document);
			return page;
		}
		xpath_page_free(page);
	}
	failure_set(failure, FAILURE_TOO_LARGE,
				"page too large for XPath: more than %d nodes, or %d elements within each other",
				MAX_NODES, MAX_DEPTH);
	return NULL;
}

void
xpath_page_free(XPathPage *page)
{
	if (page == NULL)
		return;
	xmlXPathFreeContext(page->context);
	xmlFreeDoc(page->document);
	page->context = NULL;
	page->document = NULL;
}

/* ---- evaluation ---- */

/* What the expression gives; NULL with *failure set where it gives nothing to be used. */
static xmlXPathObjectPtr
evaluate(XPathPage *page, const XPath *xpath, Failure *failure)
{
	xmlXPathObjectPtr result;

	page->notes = (Notes){0, 0};
	page->context->opCount = 0;
	page->context->node = (xmlNodePtr) page->document;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &page->deadline);
	page->deadline.tv_sec += MAX_SECONDS;
	result = xmlXPathCompiledEval(xpath->compiled, page->context);
	if (result != NULL && result->type == XPATH_NODESET && result->nodesetval != NULL &&
		result->nodesetval->nodeNr > MAX_FOUND)
	{
		xmlXPathFreeObject(result);
		failure_set(failure, FAILURE_TOO_LARGE, "XPath expression finds more than %d nodes",
					MAX_FOUND);
		return NULL;
	}
	if (result != NULL)
		return result;
	if (page->notes.code == XML_XPATH_EXPRESSION_OK + XPATH_OP_LIMIT_EXCEEDED ||
		page->notes.code == XML_XPATH_EXPRESSION_OK + XPATH_RECURSION_LIMIT_EXCEEDED)
		failure_set(failure, FAILURE_TOO_LARGE, "XPath expression takes too long on this page");
	else
		failure_set(failure, FAILURE_PARSE, "XPath expression cannot be evaluated: %s",
					reason_of(page->notes.code));
	return NULL;
}

/* The number of our node that a node was made of. */
static uint32_t
number_of(const xmlNode *node)
{
	return (uint32_t) (uintptr_t) node->_private;
}

/* The text of a node that was found, as lines or as one line. */
static Text
text_of_node(XPathPage *page, xmlNodePtr node, bool lines)
{
	xmlChar *content;
	Text	 text;

	if (node->type == XML_ELEMENT_NODE && strcmp((const char *) node->name, "head") == 0)
		return TEXT_NULL; /* nothing of it is text; and it may be none of the page's nodes */
	if (node->type == XML_ELEMENT_NODE)
		return lines ? html_node_text(page->arena, page->tree, number_of(node))
					 : html_node_line(page->arena, page->tree, number_of(node));
	content = xmlNodeGetContent(node);
	if (content == NULL)
		return TEXT_NULL;
	text = text_clean(page->arena, (Text){(char *) content, strlen((char *) content)},
					  TEXT_FORM_PLAIN, !lines);
	xmlFree(content);
	return text;
}

/* The text of a string, number or truth. */
static Text
text_of_value(XPathPage *page, xmlXPathObjectPtr value, bool lines)
{
	xmlChar *string = xmlXPathCastToString(value);
	Text	 text;

	if (string == NULL)
		return TEXT_NULL;
	text = text_clean(page->arena, (Text){(char *) string, strlen((char *) string)},
					  TEXT_FORM_PLAIN, !lines);
	xmlFree(string);
	return text;
}

/*
 * Whether a node is within an element that was found before it, and so already read; *end is
 * behind the last such one.  The nodes come in document order, so that all are read once.
 */
static bool
is_covered(const XPathPage *page, const xmlNode *node, uint32_t *end)
{
	if (node->type == XML_ATTRIBUTE_NODE)
		return false;
	if (number_of(node) < *end)
		return true;
	if (node->type == XML_ELEMENT_NODE)
		*end = page->tree->nodes[number_of(node)].end;
	return false;
}

static Text
text_of_nodes(XPathPage *page, xmlNodeSetPtr nodes, XPathForm form)
{
	TextBuilder text;
	uint32_t	covered = 0;

	builder_start(&text, page->arena);
	for (int i = 0; nodes != NULL && i < nodes->nodeNr; i++)
	{
		xmlNodePtr node = nodes->nodeTab[i];
		Text	   one;

		if (is_covered(page, node, &covered))
			continue;
		one = text_of_node(page, node, form == XPATH_PARAGRAPHS);
		if (one.len == 0)
			continue;
		if (form == XPATH_LINE)
			return one;
		if (text.len > 0)
			builder_append(&text, form == XPATH_NAMES ? ", " : "\n", form == XPATH_NAMES ? 2 : 1);
		builder_append(&text, one.data, one.len);
	}
	return text.len > 0 ? builder_text(&text) : TEXT_NULL;
}

Text
xpath_text(XPathPage *page, const XPath *xpath, XPathForm form, Failure *failure)
{
	xmlXPathObjectPtr result = evaluate(page, xpath, failure);
	Text			  text;

	if (result == NULL)
		return TEXT_NULL;
	if (result->type == XPATH_NODESET)
	{
		xmlXPathNodeSetSort(result->nodesetval);
		text = text_of_nodes(page, result->nodesetval, form);
	}
	else
		text = text_of_value(page, result, form == XPATH_PARAGRAPHS);
	xmlXPathFreeObject(result);
	if (arena_exhausted(page->arena))
		failure_set(failure, FAILURE_TOO_LARGE, "what the XPath expression finds is too large");
	return text.len > 0 ? text : TEXT_NULL;
}

/* ---- links ---- */

/* Adds the links of a node that was found; an attribute's is resolved as an href is. */
static void
add_links(XPathPage *page, const xmlNode *node, HtmlLinks *links)
{
	if (node->type == XML_ELEMENT_NODE)
	{
		uint32_t number = number_of(node);
		uint32_t end = page->tree->nodes[number].end;

		for (uint32_t i = number; i < end; i++)
			html_add_link(links, &page->tree->nodes[i], NULL);
	}
	else if (node->type == XML_ATTRIBUTE_NODE)
		html_add_link(links, &page->tree->nodes[number_of(node->parent)], (char *) node->name);
}

HtmlLink *
xpath_links(XPathPage *page, const XPath *xpath, Text base, size_t *n_links, Failure *failure)
{
	xmlXPathObjectPtr result = evaluate(page, xpath, failure);
	HtmlLinks		  links = {.arena = page->arena, .base = base};
	uint32_t		  covered = 0;

	*n_links = 0;
	if (result == NULL)
		return NULL;
	if (result->type == XPATH_NODESET && result->nodesetval != NULL)
	{
		xmlXPathNodeSetSort(result->nodesetval);
		for (int i = 0; i < result->nodesetval->nodeNr; i++)
		{
			if (!is_covered(page, result->nodesetval->nodeTab[i], &covered))
				add_links(page, result->nodesetval->nodeTab[i], &links);
		}
	}
	else if (result->type != XPATH_NODESET)
		failure_set(failure, FAILURE_PARSE,
					"XPath expression gives a value where links are wanted: let it find elements "
					"or attributes");
	xmlXPathFreeObject(result);
	if (arena_exhausted(page->arena))
		failure_set(failure, FAILURE_TOO_LARGE, "what the XPath expression finds is too large");
	*n_links = links.n;
	return links.data;
}
