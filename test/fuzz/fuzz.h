/*
 * fuzz.h
 *	  What the targets share: how one is written, and what must hold for every result.
 *
 * A target is a file fuzz_NAME.c with one FUZZ_TARGET(NAME): a function of any bytes.  It
 * returns where all is well; a broken invariant aborts, as a sanitizer's finding does, and
 * libFuzzer keeps the input.  fuzz.c calls the targets, where the harness says so with memory
 * denied to them.
 */
#ifndef DATASENS_TEST_FUZZ_H
#define DATASENS_TEST_FUZZ_H

#include "base/arena.h"
#include "base/failure.h"
#include "parse/charset.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUZZ_ARENA_LIMIT (16 << 20)

/*
 * Defines a target.  The arena is empty and may be reset; the input ends where its memory
 * does, so that a read beyond it is found.
 */
#define FUZZ_TARGET(name)                                                                          \
	extern void fuzz_##name(Arena *arena, Text input);                                             \
	void		fuzz_##name(Arena *arena __attribute__((unused)), Text input)

/* Memory is being denied: only then may what is sure to succeed fail. */
extern bool fuzz_scarce;

/* Says what does not hold, and aborts. */
extern void fuzz_break(const char *what) __attribute__((noreturn));

static inline void
fuzz_expect(bool held, const char *what)
{
	if (!held)
		fuzz_break(what);
}

/* What holds as long as there is memory. */
static inline void
fuzz_expect_unless_scarce(bool held, const char *what)
{
	fuzz_expect(held || fuzz_scarce, what);
}

/*
 * How many things were read of the input, or why none: it must be as it is when there is
 * memory, unless the arena or the failure says that there was none.
 */
extern void fuzz_same(const Arena *arena, const Failure *failure, uint64_t n);

/* Whether there is a result, which only a lack of memory excuses. */
static inline bool
fuzz_given(const void *result, const char *what)
{
	fuzz_expect_unless_scarce(result != NULL, what);
	return result != NULL;
}

/* Memory for the target itself, which is never denied. */
static inline void *
fuzz_alloc(size_t size)
{
	bool  scarce = fuzz_scarce;
	void *result;

	fuzz_scarce = false;
	result = malloc(size > 0 ? size : 1);
	fuzz_scarce = scarce;
	if (result == NULL)
		abort();
	return result;
}

/* Takes the input's first line, without its newline, off it: what a target is asked besides. */
static inline Text
fuzz_line(Text *input)
{
	const char *end = input->len > 0 ? memchr(input->data, '\n', input->len) : NULL;
	Text		line = {input->data, end == NULL ? 0 : (size_t) (end - input->data)};

	if (end != NULL)
		*input = (Text){end + 1, input->len - line.len - 1};
	return line;
}

/* What PostgreSQL can store: no value, or valid UTF-8 without U+0000. */
static inline bool
fuzz_storable(Text text)
{
	return !text_present(text) ||
		   (utf8_valid(text) && (text.len == 0 || memchr(text.data, 0, text.len) == NULL));
}

static inline void
fuzz_expect_storable(Text text, const char *what)
{
	fuzz_expect(fuzz_storable(text), what);
}

/* What documents have as meta: a JSON object, or nothing. */
static inline void
fuzz_expect_json(Text meta)
{
	bool	scarce = fuzz_scarce;
	json_t *object;

	if (!text_present(meta))
		return;
	fuzz_expect_storable(meta, "meta is text");
	fuzz_scarce = false;
	object = json_loadb(meta.data, meta.len, 0, NULL);
	fuzz_expect(json_is_object(object), "meta is a JSON object");
	json_decref(object);
	fuzz_scarce = scarce;
}

/* A C string: a failure's detail. */
static inline void
fuzz_expect_message(const char *message)
{
	fuzz_expect_storable((Text){message, strlen(message)}, "the failure is text");
}

#endif
