/*
 * test_json.c
 *	  Answers in JSON: paths, the parameters of next pages, options, documents.
 */
#include "parse/charset.h"
#include "parse/json_api.h"
#include "parse/json_path.h"
#include "parse/json_text.h"
#include "parse/url_query.h"

#include <jansson.h>

#include "unit.h"

static Arena *arena;

static Text
text_of(const char *string)
{
	return (Text){string, strlen(string)};
}

/* ---- reading ---- */

/* What is read, as JSON; else the failure. */
static Text
read_as(Text document)
{
	Failure		failure = FAILURE_INIT;
	json_t	   *root = json_read(document, &failure);
	TextBuilder out;

	builder_start(&out, arena);
	if (root != NULL)
		json_append_value(&out, root);
	else
		builder_append(&out, failure.detail, strlen(failure.detail));
	json_decref(root);
	return builder_text(&out);
}

/* What was cut or coded wrongly in one text does not cost the others. */
static void
test_mended(void)
{
	static const char *const cases[][2] = {
		{"[\"a\\ud83d\", \"b\"]", "[\"a\xEF\xBF\xBD\", \"b\"]"},
		{"[\"\\udc00\\uD83D\\ude00\\ud83d\\u0041\"]", "[\"\xEF\xBF\xBD\xF0\x9F\x98\x80\xEF\xBF\xBD"
													  "A\"]"},
		{"[\"\\\\ud83d\", \"\\ud83d\"]", "[\"\\\\ud83d\", \"\xEF\xBF\xBD\"]"},
		{"[\"\\ud83d\\ud83d\\ude00\"]", "[\"\xEF\xBF\xBD\xF0\x9F\x98\x80\"]"},
		{"[\"\xE9t\xE9\"]", "[\"\xC3\xA9t\xC3\xA9\"]"},
		{"[\"a\xFF\\udc00\"]", "[\"a\xC3\xBF\xEF\xBF\xBD\"]"},
		{"[\"\\ud83d\"", "the JSON ends in its middle, after 9 bytes"},
		{"[1, \xFF]   , \"a long way to the end\"", "not JSON: line 1, column 4"},
		{"\\", "not JSON: line 1, column 1"},
		{"\\ud83", "not JSON: line 1, column 1"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_text(read_as(text_of(cases[i][0])), cases[i][1], "JSON that is mended: %s", cases[i][0]);
	is_text(read_as((Text){"\0\0\0\0\0\0\0\0", 8}), "not JSON: line 1, column 1",
			"NUL is no JSON, nor cut");
	is_text(read_as((Text){"[\"a\", \0\0\0\0", 10}), "the JSON ends in its middle, after 10 bytes",
			"but what it fills up is");
}

/* ---- paths ---- */

static bool
append_value(void *context, json_t *value)
{
	TextBuilder *out = context;

	if (out->len > 0)
		builder_append_char(out, ' ');
	json_append_value(out, value);
	return true;
}

/* What the path leads to in the document, one after the other. */
static Text
found(const char *path_text, const char *document)
{
	json_t		 *root = json_loads(document, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	JsonPath	  path;
	JsonPathError error;
	TextBuilder	  out;

	builder_start(&out, arena);
	if (json_path_parse(text_of(path_text), &path, &error))
		(void) json_path_visit(&path, root, append_value, &out);
	else
		builder_append(&out, error.message, strlen(error.message));
	json_decref(root);
	return builder_text(&out);
}

static void
test_paths(void)
{
	static const char document[] =
		"{\"a\": {\"b\": [{\"c\": 1}, {\"c\": 2.5}, {\"d\": 3}], \"e.f\": true, \"*\": \"star\"}, "
		"\"n\": null, \"\": 7, \"x\": [[1, 2], [3]]}";
	static const char *const cases[][2] = {
		{"a.b[0].c", "1"},
		{"$.a.b[1].c", "2.5"},
		{"a.b[-1].d", "3"},
		{"a.b[-3].c", "1"},
		{"a.b[-4]", ""},
		{"a.b[3]", ""},
		{"a.b[*].c", "1 2.5"},
		{"a.b.*.c", "1 2.5"},
		{"a[\"e.f\"]", "true"},
		{"a['e.f']", "true"},
		{"$['a'].b[2]", "{\"d\": 3}"},
		{"a[\"*\"]", "\"star\""},
		{"x[*][0]", "1 3"},
		{"x[*][*]", "1 2 3"},
		{"n", "null"},
		{"n.a", ""},
		{"n[0]", ""},
		{"a.b.c", ""},
		{"[\"\"]", "7"},
		{"a.b[0][\"c\"]", "1"},
		{"$x", ""},
		{"a.é", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_text(found(cases[i][0], document), cases[i][1], "path %s", cases[i][0]);
	is_text(found("$", "[1]"), "[1]", "the whole");
	is_text(found("[1]", "[1, 2]"), "2", "an element of the whole");
	is_text(found("*", "{\"a\": 1, \"b\": 2}"), "1 2", "all members");
}

static void
test_path_errors(void)
{
	static const struct
	{
		const char *path;
		int			position;
		const char *message;
	} cases[] = {
		{"", 0, "the path is empty ($ is the whole)"},
		{".a", 0, "a name is missing"},
		{"a.", 2, "a name is missing"},
		{"a..b", 2, "a name is missing"},
		{"a[", 2, "a number, * or a name in quotes is missing"},
		{"a[]", 2, "a number, * or a name in quotes is missing"},
		{"a[b]", 2, "a number, * or a name in quotes is missing"},
		{"a[1", 3, "a ] is missing"},
		{"a[1x]", 3, "a ] is missing"},
		{"a[\"b]", 2, "the quote is not closed"},
		{"a[\"b\"", 5, "a ] is missing"},
		{"a[99999999999]", 2, "the number is too large"},
		{"a[0]b", 4, "a . or [ is missing"},
		{"a b", 1, "a . or [ is missing"},
		{"a]", 1, "a . or [ is missing"},
		{"$a.", 3, "a name is missing"},
		{"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a", 33, "a path has at most 16 steps"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		JsonPath	  path;
		JsonPathError error = {-1, NULL};

		ok(!json_path_parse(text_of(cases[i].path), &path, &error), "no path: \"%s\"",
		   cases[i].path);
		is_int(error.position, cases[i].position, "\"%s\": where", cases[i].path);
		is_str(error.message, cases[i].message, "\"%s\": why", cases[i].path);
	}
}

/* ---- parameters ---- */

static Text
with(const char *url, const char *name, const char *value)
{
	return url_query_set(arena, text_of(url), text_of(name), unit_string(value));
}

static void
test_parameters(void)
{
	is_text(url_query_value(text_of("http://h/p?a=1&b=2#c=3"), text_of("b")), "2", "a value");
	is_text(url_query_value(text_of("http://h/p?ab=1&b"), text_of("b")), "", "an empty one");
	is_text(url_query_value(text_of("http://h/p?b="), text_of("b")), "", "another");
	is_text(url_query_value(text_of("http://h/p#?b=1"), text_of("b")), NULL, "none in a fragment");
	is_text(url_query_value(text_of("http://h/b=1"), text_of("b")), NULL, "none in a path");
	is_text(with("http://h/p", "a", "é &"), "http://h/p?a=%C3%A9%20%26", "the first one");
	is_text(with("http://h/p?", "a", "1"), "http://h/p?a=1", "after a question mark");
	is_text(with("http://h/p?b=2#c", "a", "1"), "http://h/p?b=2&a=1#c", "before a fragment");
	is_text(with("http://h/p?a=0&b=2&a=3&c", "a", "1"), "http://h/p?a=1&b=2&c", "in its place");
	is_text(with("http://h/p?a=0&b=2", "a", NULL), "http://h/p?b=2", "taken out");
	is_text(with("http://h/p?a=0", "a", NULL), "http://h/p", "the only one");
	is_text(with("http://h/p?aa=0", "a", NULL), "http://h/p?aa=0", "none to take out");
}

/* ---- options and answers ---- */

/* "message|hint" of the options, or "" where they are right. */
static Text
wrong(const char *options_text)
{
	json_t		*options = json_loads(options_text, 0, NULL);
	JsonApi		 api;
	JsonApiError error;
	TextBuilder	 out;

	builder_start(&out, arena);
	if (!json_api_options(arena, options, &api, &error))
	{
		builder_append(&out, error.message, strlen(error.message));
		builder_append_char(&out, '|');
		builder_append(&out, error.hint, strlen(error.hint));
	}
	json_decref(options);
	return builder_text(&out);
}

static void
test_options(void)
{
	static const char *const cases[][2] = {
		{"{}", ""},
		{"{\"liste\": 1}",
		 "option \"liste\" is not a path|A path is written as \"data.items[0].title\"."},
		{"{\"liste\": \"a..b\"}", "option \"liste\": character 3 of the path: a name is missing|"},
		{"{\"champs\": []}", "option \"champs\" is not an object|"},
		{"{\"champs\": {\"title\": \"a\"}}",
		 "unknown member \"title\" of option \"champs\"|Valid ones are: "
		 "titre, texte, url, auteur, langue, date"},
		{"{\"champs\": {\"titre\": []}}", "option \"titre\" is not a list of 1 to 8 paths|"},
		{"{\"champs\": {\"titre\": [\"a\", \"b[\"]}}",
		 "option \"titre\": character 3 of the path: a number, * or a name in quotes is missing|"},
		{"{\"html\": 1}", "option \"html\" is not true or false|"},
		{"{\"langue\": \"\"}", "option \"langue\" is not a string|"},
		{"{\"pages\": {}}", "option \"pages\" does not say how to go on|It is {\"lien\": path}, "
							"{\"jeton\": path, \"parametre\": name} or {\"compteur\": name}."},
		{"{\"pages\": {\"lien\": \"a\", \"compteur\": \"b\"}}",
		 "option \"pages\" does not say how to go on|"
		 "It is {\"lien\": path}, {\"jeton\": path, \"parametre\": name} or {\"compteur\": name}."},
		{"{\"pages\": {\"jeton\": \"a\"}}",
		 "option \"pages\" does not name a parameter of the query|"},
		{"{\"pages\": {\"compteur\": \"a&b\"}}",
		 "option \"pages\" does not name a parameter of the query|"},
		{"{\"pages\": {\"compteur\": \"a\", \"max\": 0}}",
		 "member \"max\" of option \"pages\" is not a number from 1 to 10000|"},
		{"{\"pages\": {\"compteur\": \"page\", \"debut\": 0, \"pas\": 50, \"max\": 3}}", ""},
		{"{\"pages\": {\"compteur\": \"page\", \"recents_d_abord\": true}}", ""},
		{"{\"pages\": {\"compteur\": \"page\", \"recents_d_abord\": 1}}",
		 "member \"recents_d_abord\" of option \"pages\" is not true or false|"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_text(wrong(cases[i][0]), cases[i][1], "options %s", cases[i][0]);
	ok(utf8_valid(wrong("{\"pages\": {\"a" ACCENTS ACCENTS "\": 1}}")) &&
		   utf8_valid(wrong("{\"pages\": {\"" ACCENTS ACCENTS "\": 1}}")),
	   "a long name is cut between characters");
}

static JsonAnswer *
answer_of(const char *options_text, const char *url, const char *body, Failure *failure)
{
	json_t		*options = json_loads(options_text, 0, NULL);
	JsonApi		 api;
	JsonApiError error;
	bool		 right = json_api_options(arena, options, &api, &error);

	json_decref(options);
	*failure = (Failure) FAILURE_INIT;
	return right ? json_api_read(arena, &api, text_of(body), text_of(url), failure) : NULL;
}

static void
test_documents(void)
{
	Failure		failure;
	JsonAnswer *answer = answer_of(
		"{\"liste\": \"d[*].data\", \"champs\": {\"texte\": [\"a.b\", \"t\"], \"auteur\": \"who[*].n\"}, "
		"\"langue\": \"fr\"}",
		"http://h/q?x=1",
		"{\"d\": [{\"data\": {\"title\": \" Un \\u0000 titre\\n \", \"a\": {\"b\": \"\"}, \"t\": \"<p>Le "
		"<b>texte</b> &amp; plus</p>\", \"url\": \"/r/1\", \"created_utc\": 1700000000.0, \"score\": 3, "
		"\"nul\": \"a\\u0000b\", \"grand\": 12345678901234567890}}, {\"data\": {\"a\": {\"b\": \"x\"}, "
		"\"date\": \"2024-05-01T10:00:00+02:00\", \"created\": 0, \"language\": \"en\", \"who\": [{\"n\": "
		"\"A\"}, {\"n\": \"B\"}]}}, {\"data\": null}, {\"data\": \"un texte\"}]}",
		&failure);

	if (!ok(answer != NULL, "an answer (%s)", failure.detail))
		return;
	is_int((int64_t) answer->n_items, 3, "three documents");
	is_text(answer->items[0].titre, "Un titre", "a title, clean");
	is_text(answer->items[0].texte, "Le texte & plus", "a text, of the second choice");
	is_text(answer->items[0].url, "http://h/r/1", "an absolute address");
	is_int(answer->items[0].date, INT64_C(1700000000000000), "a date in seconds");
	is_text(answer->items[0].langue, "fr", "the language of the options");
	is_text(
		answer->items[0].meta,
		"{\"a\": {\"b\": \"\"}, \"score\": 3, \"nul\": \"ab\", \"grand\": 1.2345678901234567e+19}",
		"the rest");
	is_text(answer->items[1].texte, "x", "a text within");
	is_int(answer->items[1].date, INT64_C(1714550400000000), "a date");
	is_text(answer->items[1].langue, "en", "a language of its own");
	is_text(answer->items[1].auteur, "A", "an author");
	is_text(answer->items[2].texte, "un texte", "a text is a document");
	is_text(answer->next, NULL, "and no further page");
}

static void
test_failures(void)
{
	static const char *const cases[][3] = {
		{"{\"liste\": \"articles\"}", "{\"status\": \"error\", \"code\": \"x\\n\"}",
		 "option \"liste\" leads nowhere in the answer, which has status, code"},
		{"{\"liste\": \"a.b[*].c\"}", "{\"a\": 1}",
		 "option \"liste\" leads nowhere in the answer, which has a"},
		{"{\"liste\": \"a\"}", "[]",
		 "option \"liste\" leads nowhere in the answer, which has no members"},
		{"{}", "<html>", "a web page instead of JSON"},
		{"{}", " ", "an empty body instead of JSON"},
		{"{}", "[{\"title\": \"a\"}, {", "the JSON ends in its middle, after 18 bytes"},
		{"{}", "hello, world", "not JSON: line 1, column 5"},
	};
	Failure failure;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		ok(answer_of(cases[i][0], "http://h/", cases[i][1], &failure) == NULL, "no answer: %s",
		   cases[i][1]);
		is_str(failure.detail, cases[i][2], "which is said");
	}
	ok(answer_of("{\"liste\": \"a[*].b\"}", "http://h/", "{\"a\": []}", &failure) != NULL,
	   "an empty list is an answer");
}

/* The address of the page after the one at url. */
static Text
next_of(const char *pages, const char *url, const char *body)
{
	char		options[400];
	Failure		failure;
	JsonAnswer *answer;

	snprintf(options, sizeof(options),
			 "{\"liste\": \"a\", \"pages\": %s, \"parametre_secret\": {\"cle\": \"secret:x\"}}",
			 pages);
	answer = answer_of(options, url, body, &failure);
	return answer ? answer->next : TEXT_LITERAL("(failed)");
}

static void
test_paging(void)
{
	static const char *const cases[][4] = {
		{"{\"lien\": \"next\"}", "http://h/q", "{\"a\": [1], \"next\": \"/q?page=2&cle=muet\"}",
		 "http://h/q?page=2"},
		{"{\"lien\": \"next\"}", "http://h/q", "{\"a\": [1], \"next\": null}", NULL},
		{"{\"lien\": \"next\"}", "http://h/q", "{\"a\": [1], \"next\": \"\"}", NULL},
		{"{\"lien\": \"next\"}", "http://h/q", "{\"a\": [1]}", NULL},
		{"{\"lien\": \"next\"}", "http://h/q", "{\"a\": [1], \"next\": \"http://h/q\"}", NULL},
		{"{\"lien\": \"next\"}", "http://h/q", "{\"a\": [], \"next\": \"/q?page=2\"}", NULL},
		{"{\"jeton\": \"after\", \"parametre\": \"after\"}", "http://h/q?n=2",
		 "{\"a\": [1], \"after\": \"t 1\"}", "http://h/q?n=2&after=t%201"},
		{"{\"jeton\": \"after\", \"parametre\": \"after\"}", "http://h/q?after=t1&n=2",
		 "{\"a\": [1], \"after\": \"t2\"}", "http://h/q?after=t2&n=2"},
		{"{\"jeton\": \"after\", \"parametre\": \"after\"}", "http://h/q?after=t1",
		 "{\"a\": [1], \"after\": null}", NULL},
		{"{\"compteur\": \"page\"}", "http://h/q", "{\"a\": [1]}", "http://h/q?page=2"},
		{"{\"compteur\": \"page\"}", "http://h/q?page=9&n=2", "{\"a\": [1]}",
		 "http://h/q?page=10&n=2"},
		{"{\"compteur\": \"start\", \"debut\": 0, \"pas\": 50}", "http://h/q", "{\"a\": [1]}",
		 "http://h/q?start=50"},
		{"{\"compteur\": \"page\"}", "http://h/q?page=9", "{\"a\": []}", NULL},
		{"{\"compteur\": \"page\"}", "http://h/q?page=x", "{\"a\": [1]}", NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_text(next_of(cases[i][0], cases[i][1], cases[i][2]), cases[i][3], "%s after %s: %s",
				cases[i][0], cases[i][1], cases[i][2]);
}

/* ---- numbers and texts ---- */

static void
test_values(void)
{
	static const struct
	{
		const char *json;
		bool		is_number;
		double		number;
		const char *text;
	} cases[] = {
		{"1", true, 1, "1"},
		{"-2.5", true, -2.5, "-2.5"},
		{"\" 12.5 \"", true, 12.5, " 12.5 "},
		{"\"-3\"", true, -3, "-3"},
		{"\"1e3\"", true, 1000, "1e3"},
		{"\"\"", false, 0, NULL},
		{"\"-\"", false, 0, "-"},
		{"\"12 km\"", false, 0, "12 km"},
		{"\"0x10\"", false, 0, "0x10"},
		{"\"nan\"", false, 0, "nan"},
		{"\"inf\"", false, 0, "inf"},
		{"\"1e999\"", false, 0, "1e999"},
		{"true", false, 0, "true"},
		{"null", false, 0, NULL},
		{"{}", false, 0, NULL},
		{"[\"a\", null, 1, \"\"]", false, 0, "a, 1"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		json_t *value = json_loads(cases[i].json, JSON_DECODE_ANY, NULL);
		double	number = 0;

		ok(json_number_of(value, &number) == cases[i].is_number && number == cases[i].number,
		   "%s as a number", cases[i].json);
		is_text(json_text_of(arena, value), cases[i].text, "%s as text", cases[i].json);
		json_decref(value);
	}
}

/* How a number is to be written: by printf, with 15 digits where they are enough. */
static const char *
by_printf(double number)
{
	static char text[40];

	snprintf(text, sizeof(text), "%.15g", number);
	if (strtod(text, NULL) != number)
		snprintf(text, sizeof(text), "%.17g", number);
	return text;
}

static bool
is_written_so(double number)
{
	TextBuilder json;

	arena_reset(arena);
	builder_start(&json, arena);
	json_append_number(&json, number);
	if (json.len == strlen(by_printf(number)) &&
		memcmp(json.data, by_printf(number), json.len) == 0)
		return true;
	diag("%.*s for %s", (int) json.len, json.data, by_printf(number));
	return false;
}

static void
test_numbers(void)
{
	static const double ends[] = {0,
								  -0.0,
								  1,
								  -1,
								  0.1,
								  0.3,
								  0.1 + 0.2,
								  1e-4,
								  9.9e-5,
								  1e-5,
								  0.5,
								  1e14,
								  999999999999999,
								  1e15,
								  1e16,
								  1e22,
								  1e300,
								  5e-324,
								  -1e-7,
								  1.0 / 3,
								  123.456,
								  8.41,
								  -90.0,
								  180.0};
	uint64_t			state = 1;
	bool				same = true;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		same = is_written_so(ends[i]) && same;
	for (int i = 0; i < 300000; i++)
	{
		double number;

		state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		number = (double) (int64_t) (state >> (11 + i % 50)) * (i % 2 ? 1 : -1);
		for (int power = i % 17; power > 0; power--)
			number /= 10;
		same = is_written_so(number) && same;
	}
	ok(same, "numbers are written as printf does");
}

int
main(void)
{
	arena = arena_create(16 << 20);
	test_numbers();
	test_mended();
	test_paths();
	test_path_errors();
	test_parameters();
	test_options();
	test_documents();
	test_failures();
	test_paging();
	test_values();
	arena_free(arena);
	return done_testing();
}
