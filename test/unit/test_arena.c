/*
 * test_arena.c
 *	  The arena, its text builder and the failures: limits, growth, borders.
 */
#include "base/arena.h"
#include "base/failure.h"

#include "unit.h"

static void
test_limit(void)
{
	Arena *arena = arena_create(1000);

	ok(arena_alloc(arena, 1000 & ~15) != NULL, "all of the limit");
	ok(!arena_exhausted(arena), "is not too much");
	ok(arena_alloc(arena, 16) == NULL, "more is refused");
	ok(arena_exhausted(arena), "and noted");
	ok(arena_alloc(arena, SIZE_MAX) == NULL, "the largest size does not wrap around");
	ok(arena_alloc(arena, SIZE_MAX - 8) == NULL, "nor does one near it");
	arena_reset(arena);
	ok(!arena_exhausted(arena), "a reset lifts the mark");
	is_int((int64_t) arena_used(arena), 0, "and gives all back");
	ok(arena_alloc(arena, 100) != NULL, "so that there is room again");
	arena_free(arena);
	arena_free(NULL);
}

static void
test_blocks(void)
{
	Arena *arena = arena_create(1 << 20);
	char  *first = arena_alloc_zero(arena, 10);
	char  *second = arena_alloc(arena, 10);
	char  *large = arena_alloc(arena, 200000);

	ok(first[0] == 0 && first[9] == 0, "zeroed");
	is_int((int64_t) ((uintptr_t) second % _Alignof(max_align_t)), 0, "aligned");
	memset(first, 'a', 10);
	memset(second, 'b', 10);
	memset(large, 'c', 200000);
	ok(first[9] == 'a' && second[0] == 'b' && second[9] == 'b', "blocks do not overlap");
	arena_free(arena);
}

static void
test_grow(void)
{
	Arena *arena = arena_create(1000);
	char  *block = arena_grow(arena, NULL, 0, 8);
	char  *grown;

	memcpy(block, "1234567", 8);
	grown = arena_grow(arena, block, 8, 100);
	ok(grown == block, "the newest block grows in place");
	is_str(grown, "1234567", "and keeps its bytes");
	(void) arena_alloc(arena, 1);
	grown = arena_grow(arena, block, 100, 200);
	ok(grown != block, "an older one moves");
	is_str(grown, "1234567", "and keeps its bytes, too");
	ok(arena_grow(arena, grown, 200, 2000) == NULL, "not over the limit");
	ok(arena_exhausted(arena), "which is noted");
	is_str(grown, "1234567", "the old block stays");
	arena_reset(arena);
	block = arena_grow(arena, NULL, 0, 960);
	grown = arena_grow(arena, block, 960, 999);
	ok(grown == NULL, "what fits the limit but for its alignment does not grow");
	ok(arena_alloc(arena, 16) != block, "and is not given to another");
	arena_free(arena);
}

static void
test_copies(void)
{
	Arena *arena = arena_create(1000);

	is_text(arena_copy(arena, "abc", 2), "ab", "a copy");
	is_text(arena_copy(arena, NULL, 0), NULL, "of nothing");
	is_text(arena_copy(arena, "", 0), "", "of an empty text");
	is_str(arena_cstring(arena, (Text){"abc", 2}), "ab", "a C string");
	is_str(arena_cstring(arena, TEXT_NULL), "", "of nothing");
	(void) arena_alloc(arena, 5000);
	is_text(arena_copy(arena, "abcdefghijklmnopqrstuvwxyz", 2000), NULL, "without memory");
	arena_free(arena);
}

/* The UTF-8 of one code point, as a builder writes it. */
static Text
encoded(Arena *arena, unsigned codepoint)
{
	TextBuilder builder;

	builder_start(&builder, arena);
	builder_append_codepoint(&builder, codepoint);
	return builder_text(&builder);
}

static void
test_codepoints(void)
{
	static const struct
	{
		unsigned	codepoint;
		const char *utf8;
	} cases[] = {
		{0x7F, "\x7F"},
		{0x80, "\xC2\x80"},
		{0x7FF, "\xDF\xBF"},
		{0x800, "\xE0\xA0\x80"},
		{0xD7FF, "\xED\x9F\xBF"},
		{0xD800, "\xEF\xBF\xBD"}, /* surrogates are no scalar values */
		{0xDFFF, "\xEF\xBF\xBD"},
		{0xE000, "\xEE\x80\x80"},
		{0xFFFF, "\xEF\xBF\xBF"},
		{0x10000, "\xF0\x90\x80\x80"},
		{0x10FFFF, "\xF4\x8F\xBF\xBF"},
		{0x110000, "\xEF\xBF\xBD"},
		{0xFFFFFFFF, "\xEF\xBF\xBD"},
	};
	Arena *arena = arena_create(10000);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_text(encoded(arena, cases[i].codepoint), cases[i].utf8, "U+%X", cases[i].codepoint);
	arena_free(arena);
}

static void
test_builder(void)
{
	Arena	   *arena = arena_create(2000);
	TextBuilder builder;

	builder_start(&builder, arena);
	is_text(builder_text(&builder), "", "nothing built is empty, not absent");
	for (int i = 0; i < 300; i++)
		builder_append(&builder, "ab", 2);
	is_int((int64_t) builder_text(&builder).len, 600, "grown");
	ok(memcmp(builder_text(&builder).data + 590, "ababababab", 10) == 0, "with its bytes");
	for (int i = 0; i < 900; i++)
		builder_append(&builder, "ab", 2);
	ok(arena_exhausted(arena), "over the limit");
	ok(builder.len >= 600 && builder.len <= 2000 && builder.len % 2 == 0,
	   "a failed append leaves it as it was");
	builder_start(&builder, arena);
	is_text(builder_text(&builder), NULL, "nothing built with nothing left is absent");
	arena_free(arena);
}

static void
test_texts(void)
{
	ok(text_equal(TEXT_NULL, TEXT_NULL), "two absent texts are equal");
	ok(!text_equal(TEXT_NULL, TEXT_LITERAL("")), "an absent and an empty one are not");
	ok(text_equal(TEXT_LITERAL("a"), TEXT_LITERAL("a")), "bytes");
	ok(!text_equal(TEXT_LITERAL("a"), TEXT_LITERAL("A")), "count");
	ok(text_is(TEXT_LITERAL("RSS"), "rss"), "case does not");
	ok(!text_is(TEXT_LITERAL("rss2"), "rss"), "length does");
	ok(!text_is(TEXT_NULL, ""), "absent is not empty");
	is_text(text_trim(TEXT_LITERAL(" \t\n\v\f\ra b\r\n ")), "a b", "trimmed");
	is_text(text_trim(TEXT_LITERAL(" \n ")), "", "nothing left");
	is_text(text_trim(TEXT_NULL), NULL, "absent stays absent");
}

static void
test_failures(void)
{
	Failure failure = FAILURE_INIT;
	char	text[600];

	ok(!failure_is(&failure), "none at first");
	failure_set(&failure, FAILURE_TIMEOUT, "after %d s", 30);
	ok(failure_is(&failure), "set");
	is_str(failure.detail, "after 30 s", "with its detail");
	is_str(failure_word(failure.class), "timeout", "and its word");
	ok(failure_is_transient(FAILURE_TIMEOUT), "a timeout passes");
	ok(!failure_is_transient(FAILURE_PARSE), "nonsense does not");

	/* Cut at each place that a character of two, three or four bytes can straddle. */
	for (int shift = 0; shift < 4; shift++)
	{
		static const char *const characters[] = {"é", "€", "😀"};

		for (size_t i = 0; i < 3; i++)
		{
			size_t size = strlen(characters[i]);
			size_t len = 0;

			memset(text, 'x', (size_t) shift);
			for (len = (size_t) shift; len + size < sizeof(text); len += size)
				memcpy(text + len, characters[i], size);
			text[len] = '\0';
			failure_set(&failure, FAILURE_PARSE, "%s", text);
			len = strlen(failure.detail);
			ok(len <= FAILURE_DETAIL_SIZE - 1 && len + size > FAILURE_DETAIL_SIZE - 1 &&
				   (len - (size_t) shift) % size == 0,
			   "cut between characters of %zu bytes, %d before", size, shift);
		}
	}
}

int
main(void)
{
	test_limit();
	test_blocks();
	test_grow();
	test_copies();
	test_codepoints();
	test_builder();
	test_texts();
	test_failures();
	return done_testing();
}
