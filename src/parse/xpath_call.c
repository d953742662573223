/*
 * xpath_call.c
 *	  The functions of XPath 1.0 (section 4), all of them but namespace-uri().
 *
 * Texts are counted in characters, not bytes.  A text that is searched or copied has been
 * paid for in steps by xpath_to_string(), so none of these needs a limit of its own but
 * translate(), which goes over its second argument for each character of the first.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "parse/xpath_parts.h"

#include "parse/html_text.h"

#include <math.h>
#include <string.h>
#include <strings.h>

typedef enum FunctionNumber
{
	FUNCTION_BOOLEAN,
	FUNCTION_CEILING,
	FUNCTION_CONCAT,
	FUNCTION_CONTAINS,
	FUNCTION_COUNT,
	FUNCTION_FALSE,
	FUNCTION_FLOOR,
	FUNCTION_ID,
	FUNCTION_LANG,
	FUNCTION_LAST,
	FUNCTION_LOCAL_NAME,
	FUNCTION_NAME,
	FUNCTION_NORMALIZE_SPACE,
	FUNCTION_NOT,
	FUNCTION_NUMBER,
	FUNCTION_POSITION,
	FUNCTION_ROUND,
	FUNCTION_STARTS_WITH,
	FUNCTION_STRING,
	FUNCTION_STRING_LENGTH,
	FUNCTION_SUBSTRING,
	FUNCTION_SUBSTRING_AFTER,
	FUNCTION_SUBSTRING_BEFORE,
	FUNCTION_SUM,
	FUNCTION_TRANSLATE,
	FUNCTION_TRUE
} FunctionNumber;

/* By FunctionNumber. */
static const XPathFunction functions[] = {
	{"boolean", 1, 1, XPATH_TRUTH},
	{"ceiling", 1, 1, XPATH_NUMBER},
	{"concat", 2, XPATH_MAX_ARGUMENTS, XPATH_STRING},
	{"contains", 2, 2, XPATH_TRUTH},
	{"count", 1, 1, XPATH_NUMBER},
	{"false", 0, 0, XPATH_TRUTH},
	{"floor", 1, 1, XPATH_NUMBER},
	{"id", 1, 1, XPATH_SET},
	{"lang", 1, 1, XPATH_TRUTH},
	{"last", 0, 0, XPATH_NUMBER},
	{"local-name", 0, 1, XPATH_STRING},
	{"name", 0, 1, XPATH_STRING},
	{"normalize-space", 0, 1, XPATH_STRING},
	{"not", 1, 1, XPATH_TRUTH},
	{"number", 0, 1, XPATH_NUMBER},
	{"position", 0, 0, XPATH_NUMBER},
	{"round", 1, 1, XPATH_NUMBER},
	{"starts-with", 2, 2, XPATH_TRUTH},
	{"string", 0, 1, XPATH_STRING},
	{"string-length", 0, 1, XPATH_NUMBER},
	{"substring", 2, 3, XPATH_STRING},
	{"substring-after", 2, 2, XPATH_STRING},
	{"substring-before", 2, 2, XPATH_STRING},
	{"sum", 1, 1, XPATH_NUMBER},
	{"translate", 3, 3, XPATH_STRING},
	{"true", 0, 0, XPATH_TRUTH},
};

#define N_FUNCTIONS ((int) lengthof(functions))

int
xpath_function(Text name)
{
	for (int i = 0; i < N_FUNCTIONS; i++)
	{
		if (strlen(functions[i].name) == name.len &&
			memcmp(functions[i].name, name.data, name.len) == 0)
			return i;
	}
	return -1;
}

const XPathFunction *
xpath_function_info(int function)
{
	return &functions[function];
}

bool
xpath_function_is_positional(int function)
{
	return function == FUNCTION_POSITION || function == FUNCTION_LAST;
}

/* ---- texts ---- */

/* Bytes of the character at the start of the text, which is not empty and UTF-8. */
static size_t
character_length(Text text)
{
	size_t len = 1;

	while (len < text.len && ((unsigned char) text.data[len] & 0xC0) == 0x80)
		len++;
	return len;
}

static double
count_characters(Text text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += ((unsigned char) text.data[i] & 0xC0) != 0x80;
	return (double) count;
}

/* The characters whose places, from 1, are at least first and less than end. */
static Text
substring(Text text, double first, double end)
{
	Text   found = {text.data, 0};
	double place = 1;

	for (size_t at = 0; at < text.len; place++)
	{
		size_t len = character_length((Text){text.data + at, text.len - at});

		if (place >= first && place < end)
		{
			if (found.len == 0)
				found.data = text.data + at;
			found.len += len;
		}
		at += len;
	}
	return found;
}

/* The text with the characters of from replaced by those of to, or left out. */
static Text
translate(XPathPage *page, Text text, Text from, Text to)
{
	TextBuilder builder;

	builder_start(&builder, page->scratch);
	for (size_t at = 0; at < text.len && xpath_spend(page, 1 + from.len / 16);)
	{
		size_t len = character_length((Text){text.data + at, text.len - at});
		Text   rest = from;
		Text   other = to;
		bool   found = false;

		while (rest.len > 0 && !found)
		{
			size_t rest_len = character_length(rest);
			size_t other_len = other.len > 0 ? character_length(other) : 0;

			found = rest_len == len && memcmp(rest.data, text.data + at, len) == 0;
			if (found)
				builder_append(&builder, other.data, other_len);
			rest = (Text){rest.data + rest_len, rest.len - rest_len};
			other = (Text){other.data + other_len, other.len - other_len};
		}
		if (!found)
			builder_append(&builder, text.data + at, len);
		at += len;
	}
	return builder.len > 0 ? builder_text(&builder) : TEXT_LITERAL("");
}

static Text
concat(XPathPage *page, const XPathValue *arguments, int n_arguments)
{
	TextBuilder builder;

	builder_start(&builder, page->scratch);
	for (int i = 0; i < n_arguments; i++)
	{
		Text part = xpath_to_string(page, &arguments[i]);

		builder_append(&builder, part.data, part.len);
	}
	return builder.len > 0 ? builder_text(&builder) : TEXT_LITERAL("");
}

/* Functions that search for a part in a text; an empty part is found at its start. */
static XPathValue
call_on_texts(int function, Text text, Text part)
{
	const char *at = part.len == 0 ? text.data : memmem(text.data, text.len, part.data, part.len);
	size_t		before = at == NULL ? 0 : (size_t) (at - text.data);

	if (function == FUNCTION_CONTAINS)
		return xpath_truth(at != NULL);
	if (function == FUNCTION_STARTS_WITH)
		return xpath_truth(text.len >= part.len && memcmp(text.data, part.data, part.len) == 0);
	if (at == NULL)
		return xpath_string(TEXT_LITERAL(""));
	if (function == FUNCTION_SUBSTRING_BEFORE)
		return xpath_string((Text){text.data, before});
	return xpath_string((Text){at + part.len, text.len - before - part.len});
}

/* ---- numbers and nodes ---- */

/* Half-way numbers go up, as XPath has it. */
static double
round_up(double number)
{
	return isfinite(number) ? floor(number + 0.5) : number;
}

static double
sum(XPathPage *page, XPathSet set)
{
	double total = 0;

	for (size_t i = 0; i < set.n && page->left > 0; i++)
		total += xpath_number_of_string(xpath_string_value(page, set.items[i]));
	return total;
}

/* The elements whose ids are in the list, white space between. */
static XPathSet
elements_by_id(XPathPage *page, Text ids)
{
	XPathSet found = {NULL, 0, 0};

	for (uint32_t i = 1; i < page->n_nodes && xpath_spend(page, 1); i++)
	{
		const XPathNode *node = &page->nodes[i];
		Text			 rest = ids;
		Text			 id;

		if (node->origin == 0 || node->tag == HTML_TEXT)
			continue;
		id = text_trim(html_attribute(&page->tree->nodes[node->origin], "id"));
		while (id.len > 0 && (rest = text_trim(rest)).len > 0)
		{
			size_t len = 0;

			while (len < rest.len && (unsigned char) rest.data[len] > ' ')
				len++;
			if (len == id.len && memcmp(id.data, rest.data, len) == 0)
			{
				xpath_set_add(page, &found, ITEM_OF_NODE(i));
				break;
			}
			len += len == 0;
			rest = (Text){rest.data + len, rest.len - len};
			xpath_spend(page, 1);
		}
	}
	return found;
}

/* Whether the language that holds where the item is, is the given one or a kind of it. */
static bool
is_lang(XPathPage *page, XPathItem item, Text lang)
{
	for (uint32_t i = ITEM_NODE(item); i > 0; i = page->nodes[i].parent)
	{
		const XPathNode *node = &page->nodes[i];
		Text			 here = TEXT_NULL;

		if (node->origin > 0)
			here = html_attribute(&page->tree->nodes[node->origin], "lang");
		if (text_present(here))
			return here.len >= lang.len && strncasecmp(here.data, lang.data, lang.len) == 0 &&
				   (here.len == lang.len || here.data[lang.len] == '-');
	}
	return false;
}

static Text
lower_case_name(XPathPage *page, XPathItem item)
{
	Text  name = xpath_name(page, item);
	char *copy = arena_cstring(page->scratch, name);

	if (copy == NULL || name.len == 0)
		return TEXT_LITERAL("");
	for (size_t i = 0; i < name.len; i++)
	{
		if (copy[i] >= 'A' && copy[i] <= 'Z')
			copy[i] |= 0x20;
	}
	return (Text){copy, name.len};
}

/* Functions of a number. */
static XPathValue
call_on_number(int function, double number)
{
	if (function == FUNCTION_FLOOR)
		return xpath_number(floor(number));
	if (function == FUNCTION_CEILING)
		return xpath_number(ceil(number));
	return xpath_number(round_up(number));
}

/* substring(): places are rounded, and a length that is not given is no end. */
static XPathValue
call_substring(XPathPage *page, const XPathValue *arguments, int n_arguments)
{
	double first = round_up(xpath_to_number(page, &arguments[1]));
	double end = INFINITY;

	if (n_arguments == 3)
		end = first + round_up(xpath_to_number(page, &arguments[2]));
	return xpath_string(substring(xpath_to_string(page, &arguments[0]), first, end));
}

/* Functions of nodes. */
static XPathValue
call_on_nodes(const XPathContext *context, int function, XPathSet set)
{
	XPathPage *page = context->page;

	if (function == FUNCTION_COUNT)
		return xpath_number((double) set.n);
	if (function == FUNCTION_SUM)
		return xpath_number(sum(page, set));
	/* there are no namespaces: name() and local-name() are the same */
	return xpath_string(set.n == 0 ? TEXT_LITERAL("") : lower_case_name(page, set.items[0]));
}

/* Functions of texts that are no searches in them. */
static XPathValue
call_on_text(const XPathContext *context, const XPathExpr *call, const XPathValue *arguments)
{
	XPathPage *page = context->page;
	Text	   text = xpath_to_string(page, &arguments[0]);
	XPathValue found = {.type = XPATH_SET};

	switch (call->function)
	{
		case FUNCTION_STRING:
			return xpath_string(text);
		case FUNCTION_STRING_LENGTH:
			return xpath_number(count_characters(text));
		case FUNCTION_NORMALIZE_SPACE:
			return xpath_string(text_clean(page->scratch, text, TEXT_FORM_PLAIN, true));
		case FUNCTION_CONCAT:
			return xpath_string(concat(page, arguments, call->n_arguments));
		case FUNCTION_SUBSTRING:
			return call_substring(page, arguments, call->n_arguments);
		case FUNCTION_TRANSLATE:
			return xpath_string(translate(page, text, xpath_to_string(page, &arguments[1]),
										  xpath_to_string(page, &arguments[2])));
		case FUNCTION_LANG:
			return xpath_truth(is_lang(page, context->item, text));
		default:
			found.set = elements_by_id(page, text);
			return found;
	}
}

XPathValue
xpath_call(const XPathContext *context, const XPathExpr *call, XPathValue *arguments)
{
	XPathPage *page = context->page;
	XPathValue self = {.type = XPATH_SET};

	if (call->n_arguments == 0 && functions[call->function].max > 0)
	{
		/* the functions that may be called without are then of the node itself */
		xpath_set_add(page, &self.set, context->item);
		arguments = &self;
	}
	switch (call->function)
	{
		case FUNCTION_TRUE:
		case FUNCTION_FALSE:
			return xpath_truth(call->function == FUNCTION_TRUE);
		case FUNCTION_LAST:
			return xpath_number((double) context->size);
		case FUNCTION_POSITION:
			return xpath_number((double) context->position);
		case FUNCTION_BOOLEAN:
		case FUNCTION_NOT:
			return xpath_truth(xpath_to_truth(&arguments[0]) ==
							   (call->function == FUNCTION_BOOLEAN));
		case FUNCTION_NUMBER:
			return xpath_number(xpath_to_number(page, &arguments[0]));
		case FUNCTION_CEILING:
		case FUNCTION_FLOOR:
		case FUNCTION_ROUND:
			return call_on_number(call->function, xpath_to_number(page, &arguments[0]));
		case FUNCTION_COUNT:
		case FUNCTION_SUM:
		case FUNCTION_LOCAL_NAME:
		case FUNCTION_NAME:
			return call_on_nodes(context, call->function, arguments[0].set);
		case FUNCTION_CONTAINS:
		case FUNCTION_STARTS_WITH:
		case FUNCTION_SUBSTRING_AFTER:
		case FUNCTION_SUBSTRING_BEFORE:
			return call_on_texts(call->function, xpath_to_string(page, &arguments[0]),
								 xpath_to_string(page, &arguments[1]));
		default:
			return call_on_text(context, call, arguments);
	}
}
