/*
 * arena.h
 *	  Memory and text for the code that must not know the server.
 *
 * The rooms parse/ and time/ run inside callbacks of foreign libraries, in unit
 * tests and in fuzzers, where neither palloc nor ereport exists.  They take
 * their memory from an arena: malloc'd chunks, freed as one.  Nothing taken
 * from an arena is freed singly.
 *
 * Called by all rooms, from any thread, for one arena by one at a time.
 */
#ifndef DATASENS_BASE_ARENA_H
#define DATASENS_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/* As the server's headers have it, for what does not include them. */
#ifndef lengthof
#define lengthof(array) (sizeof(array) / sizeof((array)[0]))
#endif

/*
 * A run of bytes: not terminated, not owned.  Unless a comment says otherwise
 * the bytes are valid UTF-8 without U+0000.  "No value" is data == NULL; an
 * empty value has data != NULL and len == 0.
 */
typedef struct Text
{
	const char *data;
	size_t		len;
} Text;

#define TEXT_NULL ((Text){NULL, 0})
#define TEXT_LITERAL(s) ((Text){"" s, sizeof(s) - 1})
#define text_present(t) ((t).data != NULL)

/*
 * As much of the beginning of the text as fits into max bytes without cutting a character. A
 * message that shows a part of a text goes through here: half a character in a table is a dump
 * that cannot be restored.
 */
static inline Text
text_clip(Text text, size_t max)
{
	if (text.len <= max)
		return text;
	while (max > 0 && ((unsigned char) text.data[max] & 0xC0) == 0x80)
		max--;
	return (Text){text.data, max};
}

typedef struct Arena Arena;

/*
 * A new arena that hands out at most limit bytes (its own overhead not
 * counted); NULL when the system has no memory.
 */
extern Arena *arena_create(size_t limit);

/* Gives everything back but the first chunk, and lifts the marks. */
extern void arena_reset(Arena *arena);

/* Gives everything back, the arena too.  NULL is allowed. */
extern void arena_free(Arena *arena);

/*
 * size bytes, aligned for any type; NULL when the limit is reached or the system has no memory.
 * The arena then stays exhausted until it is reset: a parser may go on with what it has, as long
 * as it reports FAILURE_TOO_LARGE at its end. Whoever called the parser makes that FAILURE_MEMORY
 * where the arena is starved. arena_alloc_zero fills the bytes with zeroes.
 */
extern void *arena_alloc(Arena *arena, size_t size);
extern void *arena_alloc_zero(Arena *arena, size_t size);

/*
 * Makes the block of old_size bytes at ptr one of new_size bytes; in place where it is the newest
 * block and there is room behind it, else by copying. NULL as arena_alloc; then the old block is
 * still valid. ptr NULL: a new block.
 */
extern void *arena_grow(Arena *arena, void *ptr, size_t old_size, size_t new_size);

/* A copy of len bytes. An absent text where memory is out, or where data is NULL. */
extern Text arena_copy(Arena *arena, const char *data, size_t len);

/* The same with a terminating NUL, as a C string; NULL where memory is out. */
extern char *arena_cstring(Arena *arena, Text text);

/* Whether an allocation has failed since the creation or the last reset. */
extern bool arena_exhausted(const Arena *arena);

/*
 * Whether it is exhausted because the system had no memory, not because of the limit: then what
 * was read is less than there is by no fault of its own, and another time it may be read.
 * arena_starve says so of a library that allocates by itself for whoever fills the arena.
 */
extern bool arena_starved(const Arena *arena);
extern void arena_starve(Arena *arena);

/* Bytes handed out since the creation or the last reset. */
extern size_t arena_used(const Arena *arena);

/*
 * A growing string in an arena.  After a failed append the arena is exhausted
 * and the string stays as it was.
 */
typedef struct TextBuilder
{
	Arena *arena;
	char  *data;
	size_t len;
	size_t capacity;
} TextBuilder;

extern void builder_start(TextBuilder *builder, Arena *arena);
extern void builder_append(TextBuilder *builder, const char *data, size_t len);
extern void builder_append_char(TextBuilder *builder, char c);

/* Appends the code point as UTF-8; U+FFFD for what is no scalar value. */
extern void builder_append_codepoint(TextBuilder *builder, unsigned codepoint);

extern void builder_append_text(TextBuilder *builder, Text text);

/* What was built; data is never NULL unless the arena is exhausted. */
extern Text builder_text(const TextBuilder *builder);

/* Bytes equal; two absent texts are equal, an absent and an empty one are not. */
extern bool text_equal(Text a, Text b);

/* Whether it is the literal, or begins with it; ASCII letters compared without case. */
extern bool text_is(Text a, const char *literal);
extern bool text_begins(Text a, const char *literal);

/* Whether two texts are the same word, none of them empty; likewise without case. */
extern bool text_same(Text a, Text b);

/* Cuts the first len bytes off the text and returns them. */
extern Text text_take(Text *text, size_t len);

/* How many bytes of the text come before the first of the stop characters. */
extern size_t text_span_until(Text text, const char *stops);

/* Without leading and trailing ASCII white space (space, \t, \n, \v, \f, \r). */
extern Text text_trim(Text text);

#endif
