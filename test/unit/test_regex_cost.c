/*
 * test_regex_cost.c
 *	  What regular expressions cost, and which of them explode.
 */
#include "parse/regex_cost.h"

#include "unit.h"

#include <stdlib.h>

static RegexCost
cost_of(const char *pattern)
{
	RegexCost cost;

	regex_cost(unit_string(pattern), &cost);
	return cost;
}

static void
test_sizes(void)
{
	static const struct
	{
		const char *pattern;
		int			size;
	} cases[] = {
		{"", 0},
		{"abc", 3},
		{"a*", 3},
		{"a*?b??", 6},
		{"ab?c", 5},
		{"[^]a-z[:alpha:][.].]\\]]x", 2},
		{"[", 1},
		{"[[:", 1},
		{"\\d\\.\\", 3},
		{"(abc)", 4},
		{"(abc){3}", 12},
		{"(a(b){10}){10}", 220},
		{"a{2,5}", 11},
		{"a{2,5}?", 11},
		{"a{2,}", 5},
		{"a{0}", 0},
		{"a{b", 3},
		{"a{,5}", 5},
		{"(?:a|b)+", 5},
		{"(?#a comment)b", 1},
		{"***=(a{9})*\\1", 13},
		{"***:(?i)a", 1},
		{"(?ins)abc", 3},
		{"((((", 4},
		{"a))))", 5},
		{"{5}", 0},
		{"/article/[0-9]+", 11},
		{"(x?y?z?){80}", 800},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_int((int64_t) cost_of(cases[i].pattern).size, cases[i].size, "the size of \"%s\"",
			   cases[i].pattern);
	ok(cost_of("((((((((((a{255}){255}){255}){255}){255}){255}){255}){255}){255}){255})").size ==
		   SIZE_MAX,
	   "beyond all numbers");
	ok(cost_of("a{99999999999999999999999999999}").size > 255, "a bound without end");
}

static void
test_constructs(void)
{
	static const struct
	{
		const char *pattern;
		const char *has;
	} cases[] = {
		{"(a)\\1", "back reference"},
		{"(a)\\19", "back reference"},
		{"((?:(a)\\2))", "back reference"},
		{"(a)\\0\\\\1[\\1]", ""},
		{"(?=a(?=b))", "nested look"},
		{"(?!(a|(b(?<=c))))", "nested look"},
		{"(?<!(?:a(?!b)))", "nested look"},
		{"(?=a)(?=b)", ""},
		{"((?=a)|(?!b))(?<=c)(?<!d)", ""},
		{"(?=[(?=])", ""},
		{"(?=\\(?=)", ""},
		{"(?x)a", "other syntax"},
		{"(?b)a", "other syntax"},
		{"***:(?iq)a", "other syntax"},
		{"a(?x)", ""},
		{"(?i)a", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		RegexCost cost = cost_of(cases[i].pattern);

		is_str(cost.back_reference ? "back reference"
			   : cost.nested_look  ? "nested look"
			   : cost.other_syntax ? "other syntax"
								   : "",
			   cases[i].has, "what is in \"%s\"", cases[i].pattern);
	}
}

/* Every pattern of a few characters that matter, each at the end of its memory. */
static void
test_every_short_one(void)
{
	static const char letters[] = "a\\1([)]{?=*:";
	size_t			  n = sizeof(letters) - 1;
	size_t			  all = n * n * n * n * n;
	RegexCost		  cost;
	size_t			  sum = 0;

	for (size_t i = 0; i < all; i++)
	{
		char  *pattern = malloc(5);
		size_t rest = i;

		for (int j = 0; j < 5; j++, rest /= n)
			pattern[j] = letters[rest % n];
		regex_cost((Text){pattern, 5}, &cost);
		sum += cost.size > 0;
		free(pattern);
	}
	ok(sum > all / 2, "any pattern is read to its end");
}

int
main(void)
{
	test_sizes();
	test_constructs();
	test_every_short_one();
	return done_testing();
}
