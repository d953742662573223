/*
 * xpath_parts.h
 *	  What the files of XPath share; nobody else includes it.
 *
 * xpath_parse.c makes an expression of its text, xpath_set.c walks the axes, xpath_value.c
 * and xpath_call.c compute, xpath.c is the interface.
 */
#ifndef DATASENS_PARSE_XPATH_PARTS_H
#define DATASENS_PARSE_XPATH_PARTS_H

#include "parse/xpath.h"

#include <stdint.h>

/* ---- expressions ---- */

typedef enum XPathType
{
	XPATH_SET,
	XPATH_STRING,
	XPATH_NUMBER,
	XPATH_TRUTH
} XPathType;

typedef enum XPathOp
{
	/* of two operands, in the order of precedence */
	XPATH_OR,
	XPATH_AND,
	XPATH_EQ,
	XPATH_NE,
	XPATH_LT,
	XPATH_LE,
	XPATH_GT,
	XPATH_GE,
	XPATH_ADD,
	XPATH_SUB,
	XPATH_MUL,
	XPATH_DIV,
	XPATH_MOD,
	XPATH_UNION,
	/* others */
	XPATH_NEGATE,
	XPATH_LITERAL,
	XPATH_CONSTANT,
	XPATH_CALL,
	XPATH_PATH
} XPathOp;

typedef enum XPathAxis
{
	AXIS_CHILD,
	AXIS_DESCENDANT,
	AXIS_DESCENDANT_OR_SELF,
	AXIS_SELF,
	AXIS_PARENT,
	AXIS_ANCESTOR,
	AXIS_ANCESTOR_OR_SELF,
	AXIS_FOLLOWING_SIBLING,
	AXIS_PRECEDING_SIBLING,
	AXIS_FOLLOWING,
	AXIS_PRECEDING,
	AXIS_ATTRIBUTE,
	N_AXES
} XPathAxis;

typedef enum XPathTest
{
	TEST_NAME,
	TEST_ANY_NAME, /* "*" */
	TEST_NODE,
	TEST_TEXT,
	TEST_NOTHING /* comments and instructions, which a page's tree does not keep */
} XPathTest;

typedef struct XPathExpr XPathExpr;

typedef struct XPathPredicate
{
	XPathExpr			  *expr;
	bool				   positional; /* depends on where in its step a node is */
	struct XPathPredicate *next;
} XPathPredicate;

typedef struct XPathStep
{
	XPathAxis		  axis;
	XPathTest		  test;
	Text			  name; /* of TEST_NAME, as written */
	XPathPredicate	 *predicates;
	struct XPathStep *next;
} XPathStep;

/* More arguments has no call but one of concat(). */
#define XPATH_MAX_ARGUMENTS 16

struct XPathExpr
{
	XPathOp	   op;
	XPathType  type; /* of what it gives */
	XPathExpr *left; /* operands; of a path, what its steps start from, if not a node */
	XPathExpr *right;
	Text	   literal;
	double	   number;
	int		   function; /* of a call: xpath_function()'s number */
	int		   n_arguments;
	XPathExpr *arguments[XPATH_MAX_ARGUMENTS];

	/* of a path */
	bool			absolute;
	XPathPredicate *predicates; /* of what it starts from */
	XPathStep	   *steps;
};

struct XPath
{
	Arena	  *arena; /* the expression's own */
	XPathExpr *expr;
};

/* ---- functions ---- */

typedef struct XPathFunction
{
	const char *name;
	int			min; /* arguments */
	int			max;
	XPathType	type;
} XPathFunction;

/* A function's number; -1 where there is none of the name. */
extern int xpath_function(Text name);

/* What is known of a function. */
extern const XPathFunction *xpath_function_info(int function);

/* Whether it is position() or last(). */
extern bool xpath_function_is_positional(int function);

/* ---- pages ---- */

/*
 * A node, or an attribute of one: the node's number, and behind it the attribute's, from 1.
 * Their order is that of the document.
 */
typedef uint64_t XPathItem;

#define ITEM_ATTRIBUTE_BITS 8
#define ITEM_OF_NODE(node) ((XPathItem) (node) << ITEM_ATTRIBUTE_BITS)
#define ITEM_NODE(item) ((uint32_t) ((item) >> ITEM_ATTRIBUTE_BITS))
#define ITEM_ATTRIBUTE(item) ((unsigned) ((item) & ((1u << ITEM_ATTRIBUTE_BITS) - 1)))

/* Attributes of an element that are seen. */
#define XPATH_MAX_ATTRIBUTES 64

/* A node of the page, with the elements that need not be written. */
typedef struct XPathNode
{
	uint32_t origin; /* in the tree; 0 for an element that is not written */
	uint32_t parent; /* 0 is the document */
	uint32_t end;	 /* behind its last descendant */
	uint8_t	 tag;
	Text	 text; /* of a text, clean, once it was asked for */
} XPathNode;

struct XPathPage
{
	Arena		   *arena;	 /* for what is kept */
	Arena		   *scratch; /* for one evaluation */
	const HtmlTree *tree;
	XPathNode	   *nodes;
	uint32_t		n_nodes;
	uint64_t		left; /* steps that the evaluation may still take */
};

typedef struct XPathSet
{
	XPathItem *items; /* in document order, none twice, once it is a result */
	size_t	   n;
	size_t	   room;
} XPathSet;

typedef struct XPathValue
{
	XPathType type;
	XPathSet  set;
	Text	  string;
	double	  number;
	bool	  truth;
} XPathValue;

/* Where an expression is evaluated. */
typedef struct XPathContext
{
	XPathPage *page;
	XPathItem  item;
	size_t	   position; /* from 1 */
	size_t	   size;
} XPathContext;

/* Takes steps off what the evaluation may still take; false when they are used up. */
extern bool xpath_spend(XPathPage *page, uint64_t steps);

/* Adds an item; no more once the evaluation is to stop. */
extern void xpath_set_add(XPathPage *page, XPathSet *set, XPathItem item);

/* Puts the items in document order, each once. */
extern void xpath_set_sort(XPathSet *set);

/* The items of the set that the predicates hold for. */
extern XPathSet xpath_filter(XPathPage *page, XPathSet set, const XPathPredicate *predicates);

/* What a path's steps lead to from the set. */
extern XPathSet xpath_walk(XPathPage *page, XPathSet set, const XPathStep *steps);

/* The name of an element or attribute; empty for others. */
extern Text xpath_name(XPathPage *page, XPathItem item);

/* The attribute of an element at the item's place; false where there is none. */
extern bool xpath_attribute(const XPathPage *page, XPathItem item, Text *name, Text *value);

/* The string-value of an item, from the scratch arena. */
extern Text xpath_string_value(XPathPage *page, XPathItem item);

/* The value of an expression. */
extern XPathValue xpath_evaluate(const XPathContext *context, const XPathExpr *expr);

/* The value of a call, whose arguments are evaluated. */
extern XPathValue xpath_call(const XPathContext *context, const XPathExpr *call,
							 XPathValue *arguments);

/* Conversions (XPath 1.0, section 4). */
extern Text	  xpath_to_string(XPathPage *page, const XPathValue *value);
extern double xpath_to_number(XPathPage *page, const XPathValue *value);
extern bool	  xpath_to_truth(const XPathValue *value);
extern double xpath_number_of_string(Text string);

extern XPathValue xpath_string(Text string);
extern XPathValue xpath_number(double number);
extern XPathValue xpath_truth(bool truth);

#endif
