/*
 * xpath_value.c
 *	  Values of XPath: conversions, comparisons, arithmetic (XPath 1.0, sections 3 and 4).
 */
#include "parse/xpath_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

XPathValue
xpath_string(Text string)
{
	return (XPathValue){.type = XPATH_STRING, .string = string};
}

XPathValue
xpath_number(double number)
{
	return (XPathValue){.type = XPATH_NUMBER, .number = number};
}

XPathValue
xpath_truth(bool truth)
{
	return (XPathValue){.type = XPATH_TRUTH, .truth = truth};
}

/* ---- conversions ---- */

/* A number as a string (4.2): no exponent for what a page may hold, no sign before a zero. */
static Text
string_of_number(XPathPage *page, double number)
{
	char text[64];

	if (isnan(number))
		return TEXT_LITERAL("NaN");
	if (isinf(number))
		return number > 0 ? TEXT_LITERAL("Infinity") : TEXT_LITERAL("-Infinity");
	if (number == floor(number) && fabs(number) < 1e15)
		snprintf(text, sizeof(text), "%.0f", number == 0 ? 0 : number);
	else
		snprintf(text, sizeof(text), "%.15g", number);
	return arena_copy(page->scratch, text, strlen(text));
}

/*
 * Digits with at most one point among them, a minus before them, and white space around (4.4):
 * no plus, no exponent, no hexadecimal, which strtod() would take.
 */
double
xpath_number_of_string(Text string)
{
	char   copy[64];
	size_t digits = 0;
	size_t points = 0;

	string = text_trim(string);
	if (string.len == 0 || string.len >= sizeof(copy))
		return NAN;
	for (size_t i = string.data[0] == '-'; i < string.len; i++)
	{
		if (string.data[i] == '.')
			points++;
		else if (string.data[i] >= '0' && string.data[i] <= '9')
			digits++;
		else
			return NAN;
	}
	if (digits == 0 || points > 1)
		return NAN;
	memcpy(copy, string.data, string.len);
	copy[string.len] = '\0';
	return strtod(copy, NULL);
}

/* The string of a value, whatever its length. */
static Text
string_of(XPathPage *page, const XPathValue *value)
{
	switch (value->type)
	{
		case XPATH_SET:
			return value->set.n > 0 ? xpath_string_value(page, value->set.items[0])
									: TEXT_LITERAL("");
		case XPATH_NUMBER:
			return string_of_number(page, value->number);
		case XPATH_TRUTH:
			return value->truth ? TEXT_LITERAL("true") : TEXT_LITERAL("false");
		default:
			return value->string;
	}
}

Text
xpath_to_string(XPathPage *page, const XPathValue *value)
{
	Text string = string_of(page, value);

	xpath_spend(page, string.len / 64); /* it is going to be searched or copied */
	return string;
}

double
xpath_to_number(XPathPage *page, const XPathValue *value)
{
	if (value->type == XPATH_NUMBER)
		return value->number;
	if (value->type == XPATH_TRUTH)
		return value->truth;
	return xpath_number_of_string(xpath_to_string(page, value));
}

bool
xpath_to_truth(const XPathValue *value)
{
	switch (value->type)
	{
		case XPATH_SET:
			return value->set.n > 0;
		case XPATH_NUMBER:
			return value->number != 0 && !isnan(value->number);
		case XPATH_TRUTH:
			return value->truth;
		default:
			return value->string.len > 0;
	}
}

/* ---- comparisons ---- */

static bool
compare_numbers(XPathOp op, double left, double right)
{
	switch (op)
	{
		case XPATH_EQ:
			return left == right;
		case XPATH_NE:
			return left != right;
		case XPATH_LT:
			return left < right;
		case XPATH_LE:
			return left <= right;
		case XPATH_GT:
			return left > right;
		default:
			return left >= right;
	}
}

/*
 * Compares values none of which is a set (3.4): by "=" and "!=", as truths if either is one,
 * else as numbers if either is one, else as strings; by the others always as numbers.
 */
static bool
compare_values(XPathPage *page, XPathOp op, const XPathValue *left, const XPathValue *right)
{
	bool equality = op == XPATH_EQ || op == XPATH_NE;
	bool equal;

	if (!equality || left->type == XPATH_NUMBER || right->type == XPATH_NUMBER)
	{
		if (equality && (left->type == XPATH_TRUTH || right->type == XPATH_TRUTH))
			equal = xpath_to_truth(left) == xpath_to_truth(right);
		else
			return compare_numbers(op, xpath_to_number(page, left), xpath_to_number(page, right));
	}
	else if (left->type == XPATH_TRUTH || right->type == XPATH_TRUTH)
		equal = xpath_to_truth(left) == xpath_to_truth(right);
	else
		equal = text_equal(xpath_to_string(page, left), xpath_to_string(page, right));
	return equal == (op == XPATH_EQ);
}

/*
 * Whether the comparison holds for any item of a set, or for any pair of items of two: so
 * that "=" and "!=" may both hold, and neither does for an empty set.  A set and a truth are
 * compared as truths.
 */
static bool
compare(XPathPage *page, XPathOp op, const XPathValue *left, const XPathValue *right)
{
	if (left->type == XPATH_SET && right->type != XPATH_TRUTH)
	{
		for (size_t i = 0; i < left->set.n && xpath_spend(page, 1); i++)
		{
			XPathValue one = xpath_string(xpath_string_value(page, left->set.items[i]));

			if (compare(page, op, &one, right))
				return true;
		}
		return false;
	}
	if (right->type == XPATH_SET && left->type != XPATH_TRUTH)
	{
		for (size_t i = 0; i < right->set.n && xpath_spend(page, 1); i++)
		{
			XPathValue one = xpath_string(xpath_string_value(page, right->set.items[i]));

			if (compare_values(page, op, left, &one))
				return true;
		}
		return false;
	}
	return compare_values(page, op, left, right);
}

/* ---- expressions ---- */

static double
compute(XPathOp op, double left, double right)
{
	switch (op)
	{
		case XPATH_ADD:
			return left + right;
		case XPATH_SUB:
			return left - right;
		case XPATH_MUL:
			return left * right;
		case XPATH_DIV:
			return left / right;
		default:
			return fmod(left, right);
	}
}

/*
 * A path: from the document, from what an expression gives, or from the node that is
 * evaluated for; its steps lead from set to set.
 */
static XPathValue
evaluate_path(const XPathContext *context, const XPathExpr *path)
{
	XPathPage *page = context->page;
	XPathValue value = {.type = XPATH_SET};

	if (path->left != NULL)
	{
		value = xpath_evaluate(context, path->left);
		value.set = xpath_filter(page, value.set, path->predicates);
	}
	else
		xpath_set_add(page, &value.set, path->absolute ? ITEM_OF_NODE(0) : context->item);
	value.set = xpath_walk(page, value.set, path->steps);
	return value;
}

static XPathValue
evaluate_union(const XPathContext *context, const XPathExpr *expr)
{
	XPathValue left = xpath_evaluate(context, expr->left);
	XPathValue right = xpath_evaluate(context, expr->right);
	XPathValue both = {.type = XPATH_SET};

	for (size_t i = 0; i < left.set.n; i++)
		xpath_set_add(context->page, &both.set, left.set.items[i]);
	for (size_t i = 0; i < right.set.n; i++)
		xpath_set_add(context->page, &both.set, right.set.items[i]);
	xpath_set_sort(&both.set);
	return both;
}

/* An operator of two operands, the right one of which "or" and "and" may not need. */
static XPathValue
evaluate_binary(const XPathContext *context, const XPathExpr *expr)
{
	XPathValue left = xpath_evaluate(context, expr->left);
	XPathValue right;

	if ((expr->op == XPATH_OR || expr->op == XPATH_AND) &&
		xpath_to_truth(&left) == (expr->op == XPATH_OR))
		return xpath_truth(expr->op == XPATH_OR);
	right = xpath_evaluate(context, expr->right);
	if (expr->op == XPATH_OR || expr->op == XPATH_AND)
		return xpath_truth(xpath_to_truth(&right));
	if (expr->type == XPATH_TRUTH)
		return xpath_truth(compare(context->page, expr->op, &left, &right));
	return xpath_number(compute(expr->op, xpath_to_number(context->page, &left),
								xpath_to_number(context->page, &right)));
}

static XPathValue
evaluate_call(const XPathContext *context, const XPathExpr *call)
{
	XPathValue arguments[XPATH_MAX_ARGUMENTS];

	for (int i = 0; i < call->n_arguments; i++)
		arguments[i] = xpath_evaluate(context, call->arguments[i]);
	return xpath_call(context, call, arguments);
}

XPathValue
xpath_evaluate(const XPathContext *context, const XPathExpr *expr)
{
	XPathValue operand;

	xpath_spend(context->page, 1);
	switch (expr->op)
	{
		case XPATH_LITERAL:
			return xpath_string(expr->literal);
		case XPATH_CONSTANT:
			return xpath_number(expr->number);
		case XPATH_PATH:
			return evaluate_path(context, expr);
		case XPATH_UNION:
			return evaluate_union(context, expr);
		case XPATH_NEGATE:
			operand = xpath_evaluate(context, expr->left);
			return xpath_number(-xpath_to_number(context->page, &operand));
		case XPATH_CALL:
			return evaluate_call(context, expr);
		default:
			return evaluate_binary(context, expr);
	}
}
