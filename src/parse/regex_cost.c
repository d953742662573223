/*
 * regex_cost.c
 *	  Reads a regular expression for what it may cost.
 *
 * A character, a class or a "[...]" costs 1, a group what is in it and 1.  What may be left
 * out (?, *, the second number of a bound) costs three times as much, since ways around it
 * are made from everywhere before it to everywhere behind.
 */
#include "parse/regex_cost.h"

#include <stdint.h>
#include <string.h>

/* Groups within each other; more cost too much. */
#define MAX_DEPTH 100

/* More than this in a bound is no regular expression. */
#define MAX_BOUND 255

#define OPTIONAL 3

typedef struct Group
{
	size_t size; /* of what is in it, but for the last atom */
	bool   looks;
} Group;

typedef struct Reader
{
	Text	   rest;
	size_t	   atom; /* what a quantifier would repeat */
	int		   depth;
	Group	   groups[MAX_DEPTH + 1];
	RegexCost *cost;
} Reader;

static size_t
add(size_t a, size_t b)
{
	return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

static size_t
times(size_t a, size_t b)
{
	return b > 0 && a > SIZE_MAX / b ? SIZE_MAX : a * b;
}

static bool
at(const Reader *reader, const char *what)
{
	size_t len = strlen(what);

	return reader->rest.len >= len && memcmp(reader->rest.data, what, len) == 0;
}

static bool
is_digit(Text text)
{
	return text.len > 0 && text.data[0] >= '0' && text.data[0] <= '9';
}

/* What came before is done with; the next atom is of that size. */
static void
begin_atom(Reader *reader, size_t size)
{
	Group *group = &reader->groups[reader->depth];

	group->size = add(group->size, reader->atom);
	reader->atom = size;
}

/* "[...]", in which "]" is a character at its beginning, and "[:", "[." and "[=" have ends. */
static void
read_brackets(Reader *reader)
{
	(void) text_take(&reader->rest, at(reader, "[^") ? 2 : 1);
	if (at(reader, "]"))
		(void) text_take(&reader->rest, 1);
	while (reader->rest.len > 0 && !at(reader, "]"))
	{
		const char end[] = {reader->rest.len > 1 ? reader->rest.data[1] : '\0', ']', '\0'};

		if (at(reader, "[:") || at(reader, "[.") || at(reader, "[="))
		{
			(void) text_take(&reader->rest, 2);
			while (reader->rest.len > 0 && !at(reader, end))
				(void) text_take(&reader->rest, 1);
			(void) text_take(&reader->rest, reader->rest.len < 2 ? reader->rest.len : 2);
		}
		else
			(void) text_take(&reader->rest, at(reader, "\\") && reader->rest.len > 1 ? 2 : 1);
	}
	(void) text_take(&reader->rest, reader->rest.len > 0 ? 1 : 0);
}

/* A backslash and what it says. */
static void
read_escape(Reader *reader)
{
	(void) text_take(&reader->rest, 1);
	if (is_digit(reader->rest) && reader->rest.data[0] != '0')
		reader->cost->back_reference = true;
	(void) text_take(&reader->rest, reader->rest.len > 0 ? 1 : 0);
}

static void
open_group(Reader *reader)
{
	static const char *const looks[] = {"(?=", "(?!", "(?<=", "(?<!"};
	bool					 outer = reader->groups[reader->depth].looks;
	Group					 group = {0, outer};
	size_t					 len = at(reader, "(?:") ? 3 : 1;

	for (size_t i = 0; i < lengthof(looks); i++)
	{
		if (!at(reader, looks[i]))
			continue;
		reader->cost->nested_look = reader->cost->nested_look || outer;
		group.looks = true;
		len = strlen(looks[i]);
	}
	(void) text_take(&reader->rest, len);
	begin_atom(reader, 0);
	if (reader->depth == MAX_DEPTH)
		reader->groups[0].size = SIZE_MAX;
	else
		reader->groups[++reader->depth] = group;
}

static void
close_group(Reader *reader)
{
	size_t size = add(reader->groups[reader->depth].size, add(reader->atom, 1));

	if (reader->depth > 0)
	{
		reader->depth--;
		reader->atom = size;
	}
	else
		begin_atom(reader, 1);
}

/* The number there, at most one more than a bound may be. */
static size_t
read_number(Reader *reader)
{
	size_t number = 0;

	for (; is_digit(reader->rest); (void) text_take(&reader->rest, 1))
	{
		if (number <= MAX_BOUND)
			number = number * 10 + (size_t) (reader->rest.data[0] - '0');
	}
	return number;
}

/* Whatever quantifier came before it, a question mark makes it a lazy one. */
static void
skip_lazy(Reader *reader)
{
	(void) text_take(&reader->rest, at(reader, "?") ? 1 : 0);
}

/* "{2}", "{2,}" or "{2,5}". */
static void
read_bound(Reader *reader)
{
	size_t least;
	size_t most;

	(void) text_take(&reader->rest, 1);
	least = most = read_number(reader);
	if (at(reader, ","))
	{
		(void) text_take(&reader->rest, 1);
		most = is_digit(reader->rest) ? read_number(reader) : least + 1;
	}
	if (at(reader, "}"))
		(void) text_take(&reader->rest, 1);
	if (most > least)
		reader->atom = times(reader->atom, least + OPTIONAL * (most - least));
	else
		reader->atom = times(reader->atom, least);
	skip_lazy(reader);
}

/* "(?#...)", which says nothing. */
static void
skip_comment(Reader *reader)
{
	size_t len = text_span_until(reader->rest, ")");

	(void) text_take(&reader->rest, len < reader->rest.len ? len + 1 : len);
}

/*
 * The next thing in the expression: an atom, a group's beginning or end, or what says how often
 * the last atom may come. What is not known for anything else is an atom of one character.
 */
static void
read_next(Reader *reader)
{
	if (at(reader, "\\"))
	{
		begin_atom(reader, 1);
		read_escape(reader);
	}
	else if (at(reader, "["))
	{
		begin_atom(reader, 1);
		read_brackets(reader);
	}
	else if (at(reader, "(?#"))
		skip_comment(reader);
	else if (at(reader, "("))
		open_group(reader);
	else if (at(reader, ")"))
	{
		(void) text_take(&reader->rest, 1);
		close_group(reader);
	}
	else if (at(reader, "{") && is_digit((Text){reader->rest.data + 1, reader->rest.len - 1}))
		read_bound(reader);
	else if (at(reader, "*") || at(reader, "?"))
	{
		(void) text_take(&reader->rest, 1);
		reader->atom = times(reader->atom, OPTIONAL);
		skip_lazy(reader);
	}
	else
	{
		begin_atom(reader, 1);
		(void) text_take(&reader->rest, 1);
	}
}

/* The options at its beginning, "(?i)"; and whether the rest is to be taken literally. */
static bool
read_director(Reader *reader)
{
	size_t letters = 2;

	if (at(reader, "***="))
		return true;
	if (at(reader, "***:"))
		(void) text_take(&reader->rest, 4);
	if (!at(reader, "(?"))
		return false;
	while (letters < reader->rest.len && reader->rest.data[letters] >= 'a' &&
		   reader->rest.data[letters] <= 'z')
		letters++;
	if (letters == reader->rest.len || reader->rest.data[letters] != ')')
		return false;
	for (size_t i = 2; i < letters; i++)
	{
		if (strchr("beqx", reader->rest.data[i]) != NULL)
			reader->cost->other_syntax = true;
	}
	(void) text_take(&reader->rest, letters + 1);
	return false;
}

void
regex_cost(Text pattern, RegexCost *cost)
{
	Reader reader = {.rest = pattern, .cost = cost};

	*cost = (RegexCost){0};
	if (read_director(&reader))
		cost->size = pattern.len;
	if (cost->size > 0 || cost->other_syntax)
		return;
	while (reader.rest.len > 0)
		read_next(&reader);
	while (reader.depth > 0)
		close_group(&reader);
	cost->size = add(reader.groups[0].size, reader.atom);
}
