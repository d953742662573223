/*
 * xpath.c
 *	  What expressions find in a page: the interface of XPath.
 *
 * libxml2's XPath is not used: its time is beyond the square of a page's size ("//a//b"
 * compares each node it finds with all that it has found before), and it cannot be
 * stopped, so that a hostile page could hold up whoever collects it.
 */
#include "parse/xpath_parts.h"

#include "parse/html_text.h"

/* Steps that one evaluation may take: some hundred walks over a large page, a second or so. */
#define MAX_STEPS 20000000

/* Memory for one evaluation. */
#define SCRATCH_LIMIT ((size_t) 64 << 20)

/* Nodes that one expression may find. */
#define MAX_FOUND 10000

/* ---- the page ---- */

/* The parts of a page that are being put together. */
typedef struct Frame
{
	uint32_t html;
	uint32_t head;
	uint32_t body;		 /* 0 until it begins */
	uint32_t body_start; /* the first node of the tree that is in the body */
} Frame;

/* Whether a node is one of the page's own three elements. */
static bool
is_frame(unsigned tag)
{
	return tag == HTML_HTML || tag == HTML_HEAD || tag == HTML_BODY;
}

/* The first node that is in the body: <body>, or what can stand in no head. */
static uint32_t
find_body_start(const HtmlTree *tree)
{
	for (uint32_t i = 1; i < tree->n_nodes;)
	{
		const HtmlNode *node = &tree->nodes[i];
		bool			blank = node->tag == HTML_TEXT && text_trim(node->data).len == 0;

		if (node->tag == HTML_BODY)
			return i;
		if (node->tag == HTML_HTML)
			i++;
		else if (node->tag == HTML_HEAD || blank || (html_tag_flags(node->tag) & HTML_IN_HEAD) != 0)
			i = node->end;
		else
			return i;
	}
	return tree->n_nodes;
}

static uint32_t
add_node(XPathPage *page, uint32_t origin, uint32_t parent, unsigned tag)
{
	XPathNode *node = &page->nodes[page->n_nodes];

	*node = (XPathNode){.origin = origin, .parent = parent, .tag = (uint8_t) tag};
	return page->n_nodes++;
}

/* Copies the tree's nodes below html, head and body, whether these are written or not. */
static void
copy_nodes(XPathPage *page, uint32_t *made)
{
	const HtmlTree *tree = page->tree;
	Frame			frame = {.body_start = find_body_start(tree)};

	add_node(page, 0, 0, HTML_ROOT);
	frame.html = add_node(page, 0, 0, HTML_HTML);
	frame.head = add_node(page, 0, frame.html, HTML_HEAD);
	for (uint32_t i = 1; i <= tree->n_nodes; i++)
	{
		const HtmlNode *node = &tree->nodes[i < tree->n_nodes ? i : 0];
		uint32_t		place;

		if (i == frame.body_start)
			frame.body = add_node(page, 0, frame.html, HTML_BODY);
		if (i == tree->n_nodes)
			break;
		if (is_frame(node->tag))
		{
			uint32_t part = node->tag == HTML_HTML	 ? frame.html
							: node->tag == HTML_HEAD ? frame.head
													 : frame.body;

			if (page->nodes[part].origin == 0)
				page->nodes[part].origin = i;
			continue;
		}
		place = frame.body > 0 ? frame.body : frame.head;
		if (node->parent > 0 && !is_frame(tree->nodes[node->parent].tag))
			place = made[node->parent];
		made[i] = add_node(page, i, place, node->tag);
	}
}

/* Builds the page's nodes; false where memory is out. */
static bool
build(XPathPage *page)
{
	uint32_t  n = page->tree->n_nodes;
	uint32_t *made = arena_alloc(page->arena, n * sizeof(uint32_t));

	/* the three elements may all be missing, and the document has a node of its own */
	page->nodes = arena_alloc(page->arena, (n + 4) * sizeof(XPathNode));
	if (made == NULL || page->nodes == NULL)
		return false;
	copy_nodes(page, made);
	for (uint32_t i = 0; i < page->n_nodes; i++)
		page->nodes[i].end = i + 1;
	for (uint32_t i = page->n_nodes; i-- > 1;)
	{
		XPathNode *parent = &page->nodes[page->nodes[i].parent];

		if (parent->end < page->nodes[i].end)
			parent->end = page->nodes[i].end;
	}
	return true;
}

XPathPage *
xpath_page_create(Arena *arena, const HtmlTree *tree, Failure *failure)
{
	XPathPage *page = arena_alloc_zero(arena, sizeof(XPathPage));

	if (page != NULL)
	{
		page->arena = arena;
		page->tree = tree;
		page->scratch = arena_create(SCRATCH_LIMIT);
		if (page->scratch == NULL)
			arena_starve(arena);
		else if (build(page))
			return page;
		xpath_page_free(page);
	}
	failure_set(failure, FAILURE_TOO_LARGE, "page too large for XPath");
	return NULL;
}

void
xpath_page_free(XPathPage *page)
{
	if (page == NULL)
		return;
	arena_free(page->scratch);
	page->scratch = NULL;
}

/* ---- evaluation ---- */

/* What the expression gives; false with *failure set where it may take no more steps. */
static bool
evaluate(XPathPage *page, const XPath *xpath, XPathValue *value, Failure *failure)
{
	XPathContext context = {page, ITEM_OF_NODE(0), 1, 1};

	arena_reset(page->scratch);
	page->left = MAX_STEPS;
	*value = xpath_evaluate(&context, xpath->expr);
	if (arena_starved(page->scratch))
		arena_starve(page->arena);
	if (page->left == 0 || arena_exhausted(page->scratch))
		failure_set(failure, FAILURE_TOO_LARGE, "XPath expression takes too long on this page");
	else if (value->type == XPATH_SET && value->set.n > MAX_FOUND)
		failure_set(failure, FAILURE_TOO_LARGE, "XPath expression finds more than %d nodes",
					MAX_FOUND);
	else
		return true;
	return false;
}

/* Whether an item is an element; of attributes and texts, the string-value is the text. */
static bool
is_element(const XPathPage *page, XPathItem item)
{
	return ITEM_ATTRIBUTE(item) == 0 && page->nodes[ITEM_NODE(item)].tag != HTML_TEXT;
}

/* A string that was computed or found, clean, as lines or as one line. */
static Text
clean_string(XPathPage *page, Text string, bool lines)
{
	return text_clean(page->arena, string, TEXT_FORM_PLAIN, !lines);
}

/* The text of an item, as lines or as one line. */
static Text
text_of_item(XPathPage *page, XPathItem item, bool lines)
{
	const XPathNode *node = &page->nodes[ITEM_NODE(item)];

	if (!is_element(page, item))
		return clean_string(page, xpath_string_value(page, item), lines);
	if (node->tag == HTML_HEAD)
		return TEXT_NULL; /* nothing of it is text, and it may be none of the tree's nodes */
	return lines ? html_node_text(page->arena, page->tree, node->origin)
				 : html_node_line(page->arena, page->tree, node->origin);
}

/*
 * Whether an item is within an element that was found before it, and so already read; *end is
 * behind the last such one.  The items come in document order, so that all are read once.
 */
static bool
is_covered(const XPathPage *page, XPathItem item, uint32_t *end)
{
	if (ITEM_ATTRIBUTE(item) > 0)
		return false;
	if (ITEM_NODE(item) < *end)
		return true;
	if (is_element(page, item))
		*end = page->nodes[ITEM_NODE(item)].end;
	return false;
}

static Text
text_of_set(XPathPage *page, XPathSet set, XPathForm form)
{
	TextBuilder text;
	uint32_t	covered = 0;

	builder_start(&text, page->arena);
	for (size_t i = 0; i < set.n; i++)
	{
		Text one;

		if (is_covered(page, set.items[i], &covered))
			continue;
		one = text_of_item(page, set.items[i], form == XPATH_PARAGRAPHS);
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
	XPathValue value;
	Text	   text;

	if (!evaluate(page, xpath, &value, failure))
		return TEXT_NULL;
	if (value.type == XPATH_SET)
		text = text_of_set(page, value.set, form);
	else
		text = clean_string(page, xpath_to_string(page, &value), form == XPATH_PARAGRAPHS);
	if (arena_exhausted(page->arena))
		failure_set(failure, FAILURE_TOO_LARGE, "what the XPath expression finds is too large");
	return text.len > 0 ? text : TEXT_NULL;
}

/* ---- links ---- */

/* Adds the links of an item; an attribute's is resolved as an href is. */
static void
add_links(XPathPage *page, XPathItem item, HtmlLinks *links)
{
	const HtmlNode *nodes = page->tree->nodes;
	uint32_t		origin = page->nodes[ITEM_NODE(item)].origin;
	uint32_t		end = nodes[origin].end;
	Text			name;
	Text			value;

	if (ITEM_ATTRIBUTE(item) > 0)
	{
		if (xpath_attribute(page, item, &name, &value))
			html_add_link(links, &nodes[origin], arena_cstring(page->scratch, name));
		return;
	}
	if (!is_element(page, item) || page->nodes[ITEM_NODE(item)].tag == HTML_HEAD)
		return;
	for (uint32_t i = origin; i < end; i++)
		html_add_link(links, &nodes[i], NULL);
}

HtmlLink *
xpath_links(XPathPage *page, const XPath *xpath, Text base, size_t *n_links, Failure *failure)
{
	HtmlLinks  links = {.arena = page->arena, .base = base};
	uint32_t   covered = 0;
	XPathValue value;

	*n_links = 0;
	if (!evaluate(page, xpath, &value, failure))
		return NULL;
	if (value.type != XPATH_SET)
	{
		failure_set(failure, FAILURE_PARSE,
					"XPath expression gives a value where links are wanted: let it find elements "
					"or attributes");
		return NULL;
	}
	for (size_t i = 0; i < value.set.n; i++)
	{
		if (!is_covered(page, value.set.items[i], &covered))
			add_links(page, value.set.items[i], &links);
	}
	if (arena_exhausted(page->arena))
		failure_set(failure, FAILURE_TOO_LARGE, "what the XPath expression finds is too large");
	*n_links = links.n;
	return links.data;
}
