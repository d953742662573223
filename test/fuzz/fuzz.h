/*
 * fuzz.h
 *	  What the fuzzers share: the arena, and what must hold for every result.
 *
 * Each fuzzer is one entry point for libFuzzer.  A broken invariant aborts, as
 * a sanitizer's finding does, and the input is kept beside the binary.
 */
#ifndef DATASENS_TEST_FUZZ_H
#define DATASENS_TEST_FUZZ_H

#include "base/arena.h"
#include "parse/charset.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUZZ_ARENA_LIMIT (16 << 20)

/* An empty arena, the same memory each time. */
static inline Arena *
fuzz_arena(void)
{
	static Arena *arena = NULL;

	if (arena == NULL && (arena = arena_create(FUZZ_ARENA_LIMIT)) == NULL)
		abort();
	arena_reset(arena);
	return arena;
}

static inline void
fuzz_expect(bool held, const char *what)
{
	if (held)
		return;
	fprintf(stderr, "broken invariant: %s\n", what);
	abort();
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

static inline void
fuzz_expect_within_limit(const Arena *arena)
{
	fuzz_expect(arena_used(arena) <= FUZZ_ARENA_LIMIT, "the arena's limit");
}

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
