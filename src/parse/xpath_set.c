/*
 * xpath_set.c
 *	  Sets of nodes: the axes, node tests and predicates of XPath.
 *
 * A step is taken from each node of a set in turn, the results are sorted and each kept
 * once.  Every node that is looked at is a step off what the evaluation may take, so that
 * no expression takes for ever, whatever the page: the loops stop once there are none left,
 * and what they have by then is not used.
 *
 * The nodes lie in document order in one array, each with the number behind its last
 * descendant, so every axis is a range of them, or a chain of parents.
 */
#include "parse/xpath_parts.h"

#include "parse/html_text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool
xpath_spend(XPathPage *page, uint64_t steps)
{
	page->left = page->left > steps ? page->left - steps : 0;
	return page->left > 0;
}

void
xpath_set_add(XPathPage *page, XPathSet *set, XPathItem item)
{
	if (set->n == set->room)
	{
		size_t	   room = set->room == 0 ? 4 : 2 * set->room;
		XPathItem *grown = arena_grow(page->scratch, set->items, set->room * sizeof(XPathItem),
									  room * sizeof(XPathItem));

		if (grown == NULL)
		{
			page->left = 0;
			return;
		}
		set->items = grown;
		set->room = room;
	}
	set->items[set->n++] = item;
}

static int
compare_items(const void *a, const void *b)
{
	XPathItem left = *(const XPathItem *) a;
	XPathItem right = *(const XPathItem *) b;

	return left < right ? -1 : left > right;
}

void
xpath_set_sort(XPathSet *set)
{
	size_t kept = 0;
	bool   sorted = true;

	for (size_t i = 1; i < set->n && sorted; i++)
		sorted = set->items[i - 1] < set->items[i];
	if (sorted)
		return;
	qsort(set->items, set->n, sizeof(XPathItem), compare_items);
	for (size_t i = 0; i < set->n; i++)
	{
		if (kept == 0 || set->items[kept - 1] != set->items[i])
			set->items[kept++] = set->items[i];
	}
	set->n = kept;
}

/* ---- names and attributes ---- */

bool
xpath_attribute(const XPathPage *page, XPathItem item, Text *name, Text *value)
{
	const XPathNode *node = &page->nodes[ITEM_NODE(item)];
	unsigned		 number = ITEM_ATTRIBUTE(item);
	Text			 rest;

	if (node->origin == 0 || node->tag == HTML_TEXT || number == 0)
		return false;
	rest = page->tree->nodes[node->origin].data;
	for (unsigned i = 0; i < number; i++)
	{
		if (!html_next_attribute(&rest, name, value))
			return false;
	}
	return true;
}

Text
xpath_name(XPathPage *page, XPathItem item)
{
	const XPathNode *node = &page->nodes[ITEM_NODE(item)];
	Text			 name;
	Text			 value;

	if (ITEM_ATTRIBUTE(item) > 0)
		return xpath_attribute(page, item, &name, &value) ? name : TEXT_LITERAL("");
	if (node->tag == HTML_HTML)
		return TEXT_LITERAL("html");
	if (node->tag == HTML_HEAD)
		return TEXT_LITERAL("head");
	if (node->tag == HTML_BODY)
		return TEXT_LITERAL("body");
	return html_element_name(page->tree, node->origin);
}

static bool
same_name(Text a, Text b)
{
	return a.len == b.len && strncasecmp(a.data, b.data, a.len) == 0;
}

/* Whether a node is what the step's test wants. */
static bool
passes(XPathPage *page, const XPathStep *step, uint32_t number)
{
	unsigned tag = page->nodes[number].tag;

	switch (step->test)
	{
		case TEST_NODE:
			return true;
		case TEST_TEXT:
			return tag == HTML_TEXT;
		case TEST_ANY_NAME:
			return tag != HTML_TEXT && number > 0;
		case TEST_NAME:
			return tag != HTML_TEXT && number > 0 &&
				   same_name(step->name, xpath_name(page, ITEM_OF_NODE(number)));
		default:
			return false;
	}
}

/* ---- axes ---- */

/* Looks at a node: adds it if it is wanted.  False once the evaluation is to stop. */
static bool
look_at(XPathPage *page, const XPathStep *step, XPathSet *set, uint32_t number)
{
	if (!xpath_spend(page, 1))
		return false;
	if (passes(page, step, number))
		xpath_set_add(page, set, ITEM_OF_NODE(number));
	return true;
}

/* The nodes from first on, before end; those below each other too where deep is set. */
static void
look_along(XPathPage *page, const XPathStep *step, XPathSet *set, uint32_t first, uint32_t end,
		   bool deep)
{
	for (uint32_t i = first; i < end && look_at(page, step, set, i);)
		i = deep ? i + 1 : page->nodes[i].end;
}

/* A node and those around it, innermost first, up to the document. */
static void
look_up(XPathPage *page, const XPathStep *step, XPathSet *set, uint32_t number)
{
	for (;; number = page->nodes[number].parent)
	{
		if (!look_at(page, step, set, number) || number == 0)
			return;
	}
}

/* What stands before a node and is none of its ancestors. */
static void
look_before(XPathPage *page, const XPathStep *step, XPathSet *set, uint32_t number)
{
	for (uint32_t i = 1; i < number && xpath_spend(page, 1); i++)
	{
		if (page->nodes[i].end <= number && passes(page, step, i))
			xpath_set_add(page, set, ITEM_OF_NODE(i));
	}
}

/* The attributes of an element; of a name, the first counts. */
static void
look_at_attributes(XPathPage *page, const XPathStep *step, XPathSet *set, uint32_t number)
{
	const XPathNode *node = &page->nodes[number];
	Text			 rest;
	Text			 name;
	Text			 value;

	if (node->origin == 0 || node->tag == HTML_TEXT)
		return;
	rest = page->tree->nodes[node->origin].data;
	for (unsigned i = 1; i <= XPATH_MAX_ATTRIBUTES && html_next_attribute(&rest, &name, &value);
		 i++)
	{
		if (!xpath_spend(page, 1))
			return;
		if (step->test == TEST_NODE || step->test == TEST_ANY_NAME)
			xpath_set_add(page, set, ITEM_OF_NODE(number) + i);
		else if (step->test == TEST_NAME && same_name(step->name, name))
		{
			xpath_set_add(page, set, ITEM_OF_NODE(number) + i);
			return;
		}
	}
}

static void
reverse(XPathSet *set)
{
	for (size_t i = 0; i < set->n / 2; i++)
	{
		XPathItem item = set->items[i];

		set->items[i] = set->items[set->n - 1 - i];
		set->items[set->n - 1 - i] = item;
	}
}

/* What a step of an attribute leads to: it has a parent and ancestors, and itself. */
static void
step_from_attribute(XPathPage *page, const XPathStep *step, XPathSet *set, XPathItem item)
{
	uint32_t number = ITEM_NODE(item);
	bool	 self = step->axis == AXIS_SELF || step->axis == AXIS_DESCENDANT_OR_SELF ||
				step->axis == AXIS_ANCESTOR_OR_SELF;

	if (self && step->test == TEST_NODE)
		xpath_set_add(page, set, item);
	if (step->axis == AXIS_PARENT)
		look_at(page, step, set, number);
	else if (step->axis == AXIS_ANCESTOR || step->axis == AXIS_ANCESTOR_OR_SELF)
		look_up(page, step, set, number);
	else if (step->axis == AXIS_FOLLOWING)
		look_along(page, step, set, number + 1, page->n_nodes, true);
	else if (step->axis == AXIS_PRECEDING)
		look_before(page, step, set, number);
}

/* What a step leads to from one node, in the axis's order, predicates aside. */
static void
step_from(XPathPage *page, const XPathStep *step, XPathSet *set, uint32_t number)
{
	const XPathNode *node = &page->nodes[number];
	uint32_t		 parent = node->parent;

	switch (step->axis)
	{
		case AXIS_CHILD:
			look_along(page, step, set, number + 1, node->end, false);
			break;
		case AXIS_DESCENDANT:
			look_along(page, step, set, number + 1, node->end, true);
			break;
		case AXIS_DESCENDANT_OR_SELF:
			look_along(page, step, set, number, node->end, true);
			break;
		case AXIS_SELF:
			look_at(page, step, set, number);
			break;
		case AXIS_PARENT:
			if (number > 0)
				look_at(page, step, set, parent);
			break;
		case AXIS_ANCESTOR:
			if (number > 0)
				look_up(page, step, set, parent);
			break;
		case AXIS_ANCESTOR_OR_SELF:
			look_up(page, step, set, number);
			break;
		case AXIS_FOLLOWING_SIBLING:
			if (number > 0)
				look_along(page, step, set, node->end, page->nodes[parent].end, false);
			break;
		case AXIS_PRECEDING_SIBLING:
			if (number > 0)
				look_along(page, step, set, parent + 1, number, false);
			reverse(set);
			break;
		case AXIS_FOLLOWING:
			look_along(page, step, set, node->end, page->n_nodes, true);
			break;
		case AXIS_PRECEDING:
			look_before(page, step, set, number);
			reverse(set);
			break;
		default:
			look_at_attributes(page, step, set, number);
			break;
	}
}

/*
 * The predicates apply one after the other, each to what the one before has left; a number
 * is the place in it (2.4).
 */
XPathSet
xpath_filter(XPathPage *page, XPathSet set, const XPathPredicate *predicates)
{
	for (; predicates != NULL; predicates = predicates->next)
	{
		XPathSet kept = {NULL, 0, 0};

		for (size_t i = 0; i < set.n && xpath_spend(page, 1); i++)
		{
			XPathContext context = {page, set.items[i], i + 1, set.n};
			XPathValue	 value = xpath_evaluate(&context, predicates->expr);

			if (value.type == XPATH_NUMBER ? value.number == (double) (i + 1)
										   : xpath_to_truth(&value))
				xpath_set_add(page, &kept, set.items[i]);
		}
		set = kept;
	}
	return set;
}

/* Whether all that a step finds from a node it has found already, from one around it. */
static bool
is_covered(const XPathPage *page, const XPathStep *step, XPathItem item, uint32_t *end)
{
	if ((step->axis != AXIS_DESCENDANT && step->axis != AXIS_DESCENDANT_OR_SELF) ||
		ITEM_ATTRIBUTE(item) > 0)
		return false;
	for (const XPathPredicate *p = step->predicates; p != NULL; p = p->next)
	{
		if (p->positional)
			return false;
	}
	if (ITEM_NODE(item) < *end)
		return true;
	*end = page->nodes[ITEM_NODE(item)].end;
	return false;
}

/*
 * What one step leads to from a set.  Predicates see the nodes of one start at a time, in the
 * order of the axis; the result is in document order again.
 */
static XPathSet
walk_step(XPathPage *page, XPathSet set, const XPathStep *step)
{
	XPathSet all = {NULL, 0, 0};
	uint32_t covered = 0;

	for (size_t i = 0; i < set.n && page->left > 0; i++)
	{
		XPathSet found = {NULL, 0, 0};

		if (is_covered(page, step, set.items[i], &covered))
			continue;
		if (ITEM_ATTRIBUTE(set.items[i]) > 0)
			step_from_attribute(page, step, &found, set.items[i]);
		else
			step_from(page, step, &found, ITEM_NODE(set.items[i]));
		found = xpath_filter(page, found, step->predicates);
		if (set.n == 1)
			all = found;
		for (size_t j = 0; j < found.n && set.n > 1; j++)
			xpath_set_add(page, &all, found.items[j]);
	}
	xpath_set_sort(&all);
	return all;
}

XPathSet
xpath_walk(XPathPage *page, XPathSet set, const XPathStep *steps)
{
	for (; steps != NULL && set.n > 0; steps = steps->next)
		set = walk_step(page, set, steps);
	return set;
}

/* ---- string-values ---- */

/* A text with its white space squeezed; spaces stay at its ends, for others may stand beside. */
static Text
text_of(XPathPage *page, uint32_t number)
{
	XPathNode  *node = &page->nodes[number];
	Text		raw = page->tree->nodes[node->origin].data;
	TextBuilder text;
	Text		clean;

	if (text_present(node->text))
		return node->text;
	clean = text_clean_line(page->arena, raw);
	builder_start(&text, page->arena);
	if (raw.len > 0 && (unsigned char) raw.data[0] <= ' ')
		builder_append_char(&text, ' ');
	builder_append(&text, clean.data, clean.len);
	if (clean.len > 0 && (unsigned char) raw.data[raw.len - 1] <= ' ')
		builder_append_char(&text, ' ');
	node->text = text.len > 0 ? builder_text(&text) : TEXT_LITERAL("");
	return node->text;
}

/*
 * Of an element: all texts in it, scripts too (5.2).  A text is cleaned once a page, and kept;
 * what is put together of several is the evaluation's.
 */
Text
xpath_string_value(XPathPage *page, XPathItem item)
{
	uint32_t	number = ITEM_NODE(item);
	TextBuilder text;
	Text		name;
	Text		value;

	if (ITEM_ATTRIBUTE(item) > 0)
	{
		value = xpath_attribute(page, item, &name, &value) ? value : TEXT_LITERAL("");
		xpath_spend(page, value.len / 16);
		value = text_clean_line(page->scratch, value);
		return text_present(value) ? value : TEXT_LITERAL("");
	}
	if (page->nodes[number].tag == HTML_TEXT)
		return text_of(page, number);
	builder_start(&text, page->scratch);
	for (uint32_t i = number; i < page->nodes[number].end; i++)
	{
		if (page->nodes[i].tag != HTML_TEXT)
			continue;
		value = text_of(page, i);
		builder_append(&text, value.data, value.len);
		if (!xpath_spend(page, 1 + value.len / 16))
			break;
	}
	return text.len > 0 ? builder_text(&text) : TEXT_LITERAL("");
}
