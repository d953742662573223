/*
 * xpath_parse.c
 *	  The text of an expression to a tree of operations (XPath 1.0, sections 2 and 3).
 *
 * Recursive descent, by levels of precedence:
 *
 *		0 or	1 and	2 = !=	3 < <= > >=	4 + -	5 * div mod		- (sign)	6 |
 *
 * and below them paths: what they start from (a call, a string, a number, an expression in
 * parentheses) with its predicates, and steps.  That "*", "div" and the like are operators
 * or names is told by what is wanted where they stand, as section 3.7 has it: an operator
 * only behind an operand.
 *
 * How deep it goes is bounded, for expressions come from users, and so is how many
 * operators stand in a row: evaluation goes down the same tree.  What is wrong is told with
 * its place; after the first fault p->at is at the end, so that all that is open unwinds.
 */
#include "parse/xpath_parts.h"
#include "base/ascii.h"

#include <stdlib.h>
#include <string.h>

/* A longer expression is none that somebody wrote. */
#define MAX_EXPRESSION 4000

/* Parentheses and predicates within each other, and signs before a number. */
#define MAX_NESTING 60

/* Operators of an expression, for the first of a row is evaluated within the last. */
#define MAX_OPERATORS 300

typedef struct Parser
{
	Arena	   *arena;
	const char *start;
	const char *at;
	const char *end;
	int			nesting;
	int			operators; /* so far */
	const char *fault;	   /* what is wrong; NULL: nothing */
	const char *fault_at;
} Parser;

static XPathExpr *parse_binary(Parser *p, int level);

/* ---- tokens ---- */

/* Notes what is wrong, the first time. */
static void
fail(Parser *p, const char *fault)
{
	if (p->fault != NULL)
		return;
	p->fault = fault;
	p->fault_at = p->at;
	p->at = p->end;
}

static void
skip_spaces(Parser *p)
{
	while (p->at < p->end && strchr(" \t\r\n", *p->at) != NULL)
		p->at++;
}

/* Takes the characters, if they are what comes next, white space aside. */
static bool
take(Parser *p, const char *token)
{
	size_t len = strlen(token);

	skip_spaces(p);
	if ((size_t) (p->end - p->at) < len || memcmp(p->at, token, len) != 0)
		return false;
	p->at += len;
	return true;
}

static void
expect(Parser *p, const char *token, const char *fault)
{
	if (!take(p, token))
		fail(p, fault);
}

static bool
is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}

/* The name that comes next, not taken; empty where there is none. */
static Text
peek_name(Parser *p)
{
	const char *at;

	skip_spaces(p);
	at = p->at;
	if (at < p->end && is_name_start(*at))
	{
		while (at < p->end && (is_name_start(*at) || is_digit(*at) || *at == '-' || *at == '.'))
			at++;
	}
	return (Text){p->at, (size_t) (at - p->at)};
}

/* Takes an operator that is a word: "and" of "a and b". */
static bool
take_word(Parser *p, const char *word)
{
	Text name = peek_name(p);

	if (name.len != strlen(word) || memcmp(name.data, word, name.len) != 0)
		return false;
	p->at += name.len;
	return true;
}

/* Whether the characters come behind a name, spaces aside. */
static bool
follows(const Parser *p, Text name, const char *token)
{
	Parser ahead = *p;

	ahead.at = name.data + name.len;
	return take(&ahead, token);
}

static void *
make(Parser *p, size_t size)
{
	void *made = arena_alloc_zero(p->arena, size);

	if (made == NULL)
		fail(p, "too long");
	return made;
}

static XPathExpr *
make_expr(Parser *p, XPathOp op, XPathType type)
{
	XPathExpr *expr = make(p, sizeof(XPathExpr));

	if (expr != NULL)
	{
		expr->op = op;
		expr->type = type;
	}
	return expr;
}

/* ---- paths ---- */

/* Whether the value of a predicate depends on where in its step a node is. */
static bool
is_positional(const XPathExpr *expr)
{
	if (expr == NULL)
		return false;
	if (expr->op == XPATH_CALL && xpath_function_is_positional(expr->function))
		return true;
	for (int i = 0; i < expr->n_arguments; i++)
	{
		if (is_positional(expr->arguments[i]))
			return true;
	}
	return is_positional(expr->left) || is_positional(expr->right);
}

/* The predicates that come next. */
static XPathPredicate *
parse_predicates(Parser *p)
{
	XPathPredicate	*first = NULL;
	XPathPredicate **last = &first;

	while (p->fault == NULL && take(p, "["))
	{
		XPathPredicate *predicate = make(p, sizeof(XPathPredicate));

		if (predicate == NULL)
			break;
		predicate->expr = parse_binary(p, 0);
		expect(p, "]", "a predicate is not closed");
		if (p->fault != NULL)
			break;
		predicate->positional =
			predicate->expr->type == XPATH_NUMBER || is_positional(predicate->expr);
		*last = predicate;
		last = &predicate->next;
	}
	return first;
}

/*
 * A node test: a name, "*", or a node type, which is a name with parentheses.  A page has
 * neither comments nor instructions, but to ask for them is no fault.
 */
static void
parse_test(Parser *p, XPathStep *step)
{
	static const struct
	{
		const char *name;
		XPathTest	test;
	} types[] = {{"node", TEST_NODE},
				 {"text", TEST_TEXT},
				 {"comment", TEST_NOTHING},
				 {"processing-instruction", TEST_NOTHING}};
	Text name = peek_name(p);

	if (take(p, "*"))
		step->test = TEST_ANY_NAME;
	else if (name.len == 0)
		fail(p, "a name is missing");
	else if (follows(p, name, "("))
	{
		size_t i = 0;

		while (i < 4 && (strlen(types[i].name) != name.len ||
						 memcmp(types[i].name, name.data, name.len) != 0))
			i++;
		if (i == 4)
			fail(p, "there is no such node type");
		else
		{
			p->at += name.len;
			expect(p, "(", "a parenthesis is missing");
			expect(p, ")", "a parenthesis is not closed");
			step->test = types[i].test;
		}
	}
	else if (follows(p, name, ":"))
		fail(p, "there are no namespaces");
	else
	{
		step->test = TEST_NAME;
		step->name = name;
		p->at += name.len;
	}
}

/* An axis, if one is written: its number; the child axis else. */
static XPathAxis
parse_axis(Parser *p)
{
	static const char *const names[N_AXES] = {"child",
											  "descendant",
											  "descendant-or-self",
											  "self",
											  "parent",
											  "ancestor",
											  "ancestor-or-self",
											  "following-sibling",
											  "preceding-sibling",
											  "following",
											  "preceding",
											  "attribute"};
	Text					 name = peek_name(p);

	if (take(p, "@"))
		return AXIS_ATTRIBUTE;
	if (name.len == 0 || !follows(p, name, "::"))
		return AXIS_CHILD;
	for (int i = 0; i < N_AXES; i++)
	{
		if (strlen(names[i]) == name.len && memcmp(names[i], name.data, name.len) == 0)
		{
			p->at += name.len;
			take(p, "::");
			return (XPathAxis) i;
		}
	}
	fail(p, "there is no such axis");
	return AXIS_CHILD;
}

/* A step: "." and "..", or an axis, a test and predicates. */
static XPathStep *
parse_step(Parser *p)
{
	XPathStep *step = make(p, sizeof(XPathStep));

	if (step == NULL)
		return NULL;
	if (take(p, ".."))
	{
		step->axis = AXIS_PARENT;
		step->test = TEST_NODE;
	}
	else if (take(p, "."))
	{
		step->axis = AXIS_SELF;
		step->test = TEST_NODE;
	}
	else
	{
		step->axis = parse_axis(p);
		if (p->fault == NULL)
			parse_test(p, step);
		step->predicates = parse_predicates(p);
	}
	return step;
}

static bool
has_positional(const XPathStep *step)
{
	for (const XPathPredicate *p = step->predicates; p != NULL; p = p->next)
	{
		if (p->positional)
			return true;
	}
	return false;
}

/*
 * The steps of a path.  "//x" is short for descendant-or-self::node()/child::x, which is
 * descendant::x where it does not matter which child of its parent a node is.
 */
static XPathStep *
parse_steps(Parser *p, bool deep)
{
	XPathStep  *first = NULL;
	XPathStep **last = &first;

	do
	{
		XPathStep *step;

		deep = deep || take(p, "/");
		step = parse_step(p);
		if (step == NULL || p->fault != NULL)
			break;
		if (deep && step->axis == AXIS_CHILD && !has_positional(step))
			step->axis = AXIS_DESCENDANT;
		else if (deep)
		{
			XPathStep *any = make(p, sizeof(XPathStep));

			if (any == NULL)
				break;
			*any = (XPathStep){.axis = AXIS_DESCENDANT_OR_SELF, .test = TEST_NODE};
			*last = any;
			last = &any->next;
		}
		*last = step;
		last = &step->next;
		deep = false;
	} while (take(p, "/"));
	return first;
}

/* Whether a step may come next. */
static bool
at_step(Parser *p)
{
	Text name = peek_name(p);

	return name.len > 0 || (p->at < p->end && strchr(".@*", *p->at) != NULL);
}

/* ---- expressions ---- */

/* A string, in either kind of quotes; there is no way to quote a quote. */
static XPathExpr *
parse_literal(Parser *p)
{
	XPathExpr  *expr = make_expr(p, XPATH_LITERAL, XPATH_STRING);
	char		quote = *p->at;
	const char *text = p->at + 1;
	const char *close = text < p->end ? memchr(text, quote, (size_t) (p->end - text)) : NULL;

	if (close == NULL)
		fail(p, "a string is not closed");
	else if (expr != NULL)
	{
		expr->literal = (Text){text, (size_t) (close - text)};
		p->at = close + 1;
	}
	return expr;
}

/* A number: digits and perhaps a point; a sign is an operator. */
static XPathExpr *
parse_number(Parser *p)
{
	XPathExpr  *expr = make_expr(p, XPATH_CONSTANT, XPATH_NUMBER);
	const char *start = p->at;

	while (p->at < p->end && is_digit(*p->at))
		p->at++;
	if (p->at < p->end && *p->at == '.')
		p->at++;
	while (p->at < p->end && is_digit(*p->at))
		p->at++;
	if (expr != NULL)
		expr->number = xpath_number_of_string((Text){start, (size_t) (p->at - start)});
	return expr;
}

/* Whether the arguments are as the function wants them; notes what is wrong. */
static void
check_call(Parser *p, const XPathExpr *call)
{
	const XPathFunction *info = xpath_function_info(call->function);

	if (call->n_arguments < info->min || call->n_arguments > info->max)
		fail(p, "a function has too many or too few arguments");
	else if (call->n_arguments > 0 && call->arguments[0]->type != XPATH_SET &&
			 (strcmp(info->name, "count") == 0 || strcmp(info->name, "sum") == 0 ||
			  strcmp(info->name, "name") == 0 || strcmp(info->name, "local-name") == 0))
		fail(p, "a function is given a value, not nodes");
}

/* A call, whose name comes next. */
static XPathExpr *
parse_call(Parser *p, Text name)
{
	int		   function = xpath_function(name);
	XPathExpr *call;

	if (function < 0)
	{
		fail(p, "there is no such function");
		return NULL;
	}
	call = make_expr(p, XPATH_CALL, xpath_function_info(function)->type);
	if (call == NULL)
		return NULL;
	call->function = function;
	p->at += name.len;
	take(p, "(");
	while (p->fault == NULL && !take(p, ")"))
	{
		if (call->n_arguments == XPATH_MAX_ARGUMENTS)
			fail(p, "a function has too many or too few arguments");
		else if (call->n_arguments > 0)
			expect(p, ",", "a comma or a parenthesis is missing");
		if (p->fault == NULL)
			call->arguments[call->n_arguments++] = parse_binary(p, 0);
	}
	if (p->fault == NULL)
		check_call(p, call);
	return call;
}

/* What a path may start from instead of a node; NULL where nothing of the kind comes next. */
static XPathExpr *
parse_primary(Parser *p)
{
	Text	   name = peek_name(p);
	XPathExpr *expr = NULL;

	if (p->at == p->end)
		return NULL;
	if (*p->at == '"' || *p->at == '\'')
		return parse_literal(p);
	if (is_digit(*p->at) || (*p->at == '.' && p->at + 1 < p->end && is_digit(p->at[1])))
		return parse_number(p);
	if (*p->at == '$')
		fail(p, "there are no variables");
	else if (take(p, "("))
	{
		expr = parse_binary(p, 0);
		expect(p, ")", "a parenthesis is not closed");
	}
	else if (name.len > 0 && follows(p, name, "("))
	{
		static const char *const types = " node text comment processing-instruction ";
		char					 word[32] = " ";

		if (name.len < sizeof(word) - 2)
		{
			memcpy(word + 1, name.data, name.len);
			word[name.len + 1] = ' ';
		}
		if (word[1] == '\0' || strstr(types, word) == NULL)
			expr = parse_call(p, name);
	}
	return expr;
}

/*
 * A path, or what could be its start by itself: "(//a)[1]" has predicates, "id('x')/p" has
 * steps, "'x'" has neither and may have none.  "/" alone is the document.
 */
static XPathExpr *
parse_path(Parser *p)
{
	XPathExpr *path;
	XPathExpr *primary = parse_primary(p);
	bool	   deep;

	if (p->fault != NULL)
		return NULL;
	skip_spaces(p);
	if (primary != NULL && (p->at == p->end || strchr("/[", *p->at) == NULL))
		return primary;
	if (primary != NULL && primary->type != XPATH_SET)
	{
		fail(p, "a value has no nodes below it");
		return NULL;
	}
	path = make_expr(p, XPATH_PATH, XPATH_SET);
	if (path == NULL)
		return NULL;
	path->left = primary;
	path->predicates = primary != NULL ? parse_predicates(p) : NULL;
	if (take(p, "/"))
	{
		path->absolute = primary == NULL;
		deep = take(p, "/");
		if (deep || primary != NULL || at_step(p))
			path->steps = parse_steps(p, deep);
	}
	else if (primary == NULL)
	{
		if (!at_step(p))
			fail(p, "syntax error");
		else
			path->steps = parse_steps(p, false);
	}
	return path;
}

/* A minus, or several, before a union of paths. */
static XPathExpr *
parse_unary(Parser *p)
{
	XPathExpr *expr;

	if (!take(p, "-"))
		return parse_binary(p, 6);
	if (++p->nesting > MAX_NESTING)
		fail(p, "nested too deeply");
	expr = make_expr(p, XPATH_NEGATE, XPATH_NUMBER);
	if (expr != NULL && p->fault == NULL)
		expr->left = parse_unary(p);
	p->nesting--;
	return expr;
}

/* The operators, by level of precedence; longer ones before those that they begin with. */
static const struct
{
	int			level;
	const char *token;
	XPathOp		op;
	XPathType	type;
} operators[] = {
	{0, "or", XPATH_OR, XPATH_TRUTH},	 {1, "and", XPATH_AND, XPATH_TRUTH},
	{2, "!=", XPATH_NE, XPATH_TRUTH},	 {2, "=", XPATH_EQ, XPATH_TRUTH},
	{3, "<=", XPATH_LE, XPATH_TRUTH},	 {3, "<", XPATH_LT, XPATH_TRUTH},
	{3, ">=", XPATH_GE, XPATH_TRUTH},	 {3, ">", XPATH_GT, XPATH_TRUTH},
	{4, "+", XPATH_ADD, XPATH_NUMBER},	 {4, "-", XPATH_SUB, XPATH_NUMBER},
	{5, "*", XPATH_MUL, XPATH_NUMBER},	 {5, "div", XPATH_DIV, XPATH_NUMBER},
	{5, "mod", XPATH_MOD, XPATH_NUMBER}, {6, "|", XPATH_UNION, XPATH_SET},
};

#define N_OPERATORS lengthof(operators)

/* Takes an operator of the level: its place in the table, N_OPERATORS where there is none. */
static size_t
take_operator(Parser *p, int level)
{
	for (size_t i = 0; i < N_OPERATORS; i++)
	{
		const char *token = operators[i].token;

		if (operators[i].level == level &&
			(is_name_start(token[0]) ? take_word(p, token) : take(p, token)))
			return i;
	}
	return N_OPERATORS;
}

/* An operand of the operators of a level: an expression of the next one, a sign between 5 and 6. */
static XPathExpr *
parse_operand(Parser *p, int level)
{
	return level == 6 ? parse_path(p) : level == 5 ? parse_unary(p) : parse_binary(p, level + 1);
}

/* Operands of one level of precedence and what is between them; level 0 is a whole expression. */
static XPathExpr *
parse_binary(Parser *p, int level)
{
	XPathExpr *left;
	size_t	   i;

	if (level == 0 && ++p->nesting > MAX_NESTING)
		fail(p, "nested too deeply");
	left = p->fault == NULL ? parse_operand(p, level) : NULL;
	while (p->fault == NULL && (i = take_operator(p, level)) < N_OPERATORS)
	{
		XPathExpr *expr = make_expr(p, operators[i].op, operators[i].type);

		if (++p->operators > MAX_OPERATORS)
			fail(p, "too many operators");
		if (expr == NULL || p->fault != NULL)
			break;
		expr->left = left;
		expr->right = parse_operand(p, level);
		if (p->fault == NULL && expr->op == XPATH_UNION &&
			(expr->left->type != XPATH_SET || expr->right->type != XPATH_SET))
			fail(p, "a union is of nodes");
		left = expr;
	}
	if (level == 0)
		p->nesting--;
	return left;
}

XPath *
xpath_compile(Text expression, Failure *failure)
{
	Arena *arena = arena_create((size_t) 4 << 20);
	XPath *xpath = arena == NULL ? NULL : arena_alloc_zero(arena, sizeof(XPath));
	char  *copy = xpath == NULL ? NULL : arena_cstring(arena, expression);
	Parser p;

	if (copy == NULL)
		failure_set(failure, FAILURE_MEMORY, "out of memory");
	else if (expression.len > MAX_EXPRESSION)
		failure_set(failure, FAILURE_PARSE, "XPath expression is longer than %d bytes",
					MAX_EXPRESSION);
	else
	{
		p = (Parser){.arena = arena, .start = copy, .at = copy, .end = copy + expression.len};
		xpath->arena = arena;
		xpath->expr = parse_binary(&p, 0);
		skip_spaces(&p);
		if (p.fault == NULL && p.at < p.end)
			fail(&p, "syntax error");
		if (p.fault == NULL)
			return xpath;
		failure_set(failure, FAILURE_PARSE, "%s at character %d of the XPath expression \"%s\"",
					p.fault, (int) (p.fault_at - p.start) + 1, copy);
	}
	arena_free(arena);
	return NULL;
}

void
xpath_free(XPath *xpath)
{
	if (xpath != NULL)
		arena_free(xpath->arena);
}
