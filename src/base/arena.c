/*
 * arena.c
 *	  Chunks of malloc'd memory that are freed as one; text on top of them.
 *
 * The newest chunk is the one that is filled. What does not fit into it gets a new chunk, of its
 * own size where it is larger than a usual one; the rest of the old chunk is lost. A block cannot
 * be freed, but the newest one can grow in place (arena_grow), which is what a text that is being
 * built nearly always is. The oldest chunk outlives a reset: a parser that resets its arena after
 * each record makes no system call for it.
 *
 * Nothing here jumps: where memory is out the caller gets NULL, and the arena remembers (see
 * arena.h). Called on the parser's thread and in libraries' callbacks.
 */
#include "base/arena.h"
#include "base/ascii.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CHUNK_SIZE 65536
#define ALIGNMENT _Alignof(max_align_t)

typedef struct Chunk
{
	struct Chunk *previous;
	size_t		  size; /* of data */
	size_t		  used;
	_Alignas(max_align_t) char data[];
} Chunk;

struct Arena
{
	Chunk *chunk; /* the newest; the oldest one has no previous */
	size_t limit;
	size_t used;
	bool   exhausted;
	bool   starved;
};

/* malloc, not mmap or palloc: a parser's thread must not touch the server's memory contexts. */
static Chunk *
chunk_create(Chunk *previous, size_t size)
{
	Chunk *chunk = malloc(sizeof(Chunk) + size);

	if (chunk == NULL)
		return NULL;
	chunk->previous = previous;
	chunk->size = size;
	chunk->used = 0;
	return chunk;
}

Arena *
arena_create(size_t limit)
{
	Arena *arena = malloc(sizeof(Arena));

	if (arena == NULL)
		return NULL;
	arena->chunk = chunk_create(NULL, CHUNK_SIZE);
	if (arena->chunk == NULL)
	{
		free(arena);
		return NULL;
	}
	arena->limit = limit;
	arena->used = 0;
	arena->exhausted = false;
	arena->starved = false;
	return arena;
}

void
arena_reset(Arena *arena)
{
	while (arena->chunk->previous != NULL)
	{
		Chunk *previous = arena->chunk->previous;

		free(arena->chunk);
		arena->chunk = previous;
	}
	arena->chunk->used = 0;
	arena->used = 0;
	arena->exhausted = false;
	arena->starved = false;
}

void
arena_free(Arena *arena)
{
	if (arena == NULL)
		return;
	arena_reset(arena);
	free(arena->chunk);
	free(arena);
}

void *
arena_alloc(Arena *arena, size_t size)
{
	Chunk *chunk = arena->chunk;
	size_t padded = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	void  *result;

	if (padded < size || padded > arena->limit - arena->used)
	{
		arena->exhausted = true;
		return NULL;
	}
	if (padded > chunk->size - chunk->used)
	{
		chunk = chunk_create(chunk, padded > CHUNK_SIZE ? padded : CHUNK_SIZE);
		if (chunk == NULL)
		{
			arena_starve(arena);
			return NULL;
		}
		arena->chunk = chunk;
	}
	result = chunk->data + chunk->used;
	chunk->used += padded;
	arena->used += padded;
	return result;
}

void *
arena_alloc_zero(Arena *arena, size_t size)
{
	void *result = arena_alloc(arena, size);

	if (result != NULL)
		memset(result, 0, size);
	return result;
}

void *
arena_grow(Arena *arena, void *ptr, size_t old_size, size_t new_size)
{
	Chunk *chunk = arena->chunk;
	size_t old_padded = (old_size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	size_t new_padded = (new_size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	void  *result;

	if (ptr != NULL && new_size <= old_padded)
		return ptr;

	/*
	 * The newest block can be given back, and taken again in place if it then fits: for
	 * sure, as it is still in use by who gets nothing larger.
	 */
	if (ptr != NULL && old_padded <= chunk->used &&
		(char *) ptr == chunk->data + chunk->used - old_padded && new_padded >= new_size &&
		new_padded <= chunk->size - (chunk->used - old_padded) &&
		new_padded - old_padded <= arena->limit - arena->used)
	{
		chunk->used -= old_padded;
		arena->used -= old_padded;
		return arena_alloc(arena, new_size);
	}
	result = arena_alloc(arena, new_size);
	if (result != NULL && ptr != NULL)
		memcpy(result, ptr, old_size);
	return result;
}

Text
arena_copy(Arena *arena, const char *data, size_t len)
{
	char *copy;

	if (data == NULL)
		return TEXT_NULL;
	copy = arena_alloc(arena, len);
	if (copy == NULL)
		return TEXT_NULL;
	memcpy(copy, data, len);
	return (Text){copy, len};
}

char *
arena_cstring(Arena *arena, Text text)
{
	char *copy = arena_alloc(arena, text.len + 1);

	if (copy == NULL)
		return NULL;
	if (text.len > 0)
		memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	return copy;
}

bool
arena_exhausted(const Arena *arena)
{
	return arena->exhausted;
}

bool
arena_starved(const Arena *arena)
{
	return arena->starved;
}

void
arena_starve(Arena *arena)
{
	arena->exhausted = true;
	arena->starved = true;
}

size_t
arena_used(const Arena *arena)
{
	return arena->used;
}

void
builder_start(TextBuilder *builder, Arena *arena)
{
	builder->arena = arena;
	builder->data = NULL;
	builder->len = 0;
	builder->capacity = 0;
}

/*
 * The capacity doubles, so that a text that is built byte by byte costs no more than twice its
 * length.
 */
void
builder_append(TextBuilder *builder, const char *data, size_t len)
{
	if (len > builder->capacity - builder->len)
	{
		size_t capacity = builder->capacity * 2;
		char  *grown;

		if (capacity - builder->len < len)
			capacity = builder->len + len;
		if (capacity < 64)
			capacity = 64;
		grown = arena_grow(builder->arena, builder->data, builder->capacity, capacity);
		if (grown == NULL)
			return;
		builder->data = grown;
		builder->capacity = capacity;
	}
	if (len > 0)
		memcpy(builder->data + builder->len, data, len);
	builder->len += len;
}

void
builder_append_text(TextBuilder *builder, Text text)
{
	builder_append(builder, text.data, text.len);
}

void
builder_append_char(TextBuilder *builder, char c)
{
	builder_append(builder, &c, 1);
}

void
builder_append_codepoint(TextBuilder *builder, unsigned codepoint)
{
	char bytes[4];

	if (codepoint > 0x10FFFF || (codepoint >= 0xD800 && codepoint <= 0xDFFF))
		codepoint = 0xFFFD;
	if (codepoint < 0x80)
		builder_append_char(builder, (char) codepoint);
	else if (codepoint < 0x800)
	{
		bytes[0] = (char) (0xC0 | codepoint >> 6);
		bytes[1] = (char) (0x80 | (codepoint & 0x3F));
		builder_append(builder, bytes, 2);
	}
	else if (codepoint < 0x10000)
	{
		bytes[0] = (char) (0xE0 | codepoint >> 12);
		bytes[1] = (char) (0x80 | (codepoint >> 6 & 0x3F));
		bytes[2] = (char) (0x80 | (codepoint & 0x3F));
		builder_append(builder, bytes, 3);
	}
	else
	{
		bytes[0] = (char) (0xF0 | codepoint >> 18);
		bytes[1] = (char) (0x80 | (codepoint >> 12 & 0x3F));
		bytes[2] = (char) (0x80 | (codepoint >> 6 & 0x3F));
		bytes[3] = (char) (0x80 | (codepoint & 0x3F));
		builder_append(builder, bytes, 4);
	}
}

Text
builder_text(const TextBuilder *builder)
{
	if (builder->data == NULL && !arena_exhausted(builder->arena))
		return TEXT_LITERAL("");
	return (Text){builder->data, builder->len};
}

bool
text_equal(Text a, Text b)
{
	if (!text_present(a) || !text_present(b))
		return text_present(a) == text_present(b);
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

bool
text_is(Text a, const char *literal)
{
	return text_present(a) && strlen(literal) == a.len && strncasecmp(a.data, literal, a.len) == 0;
}

bool
text_begins(Text a, const char *literal)
{
	size_t len = strlen(literal);

	return a.len >= len && strncasecmp(a.data, literal, len) == 0;
}

bool
text_same(Text a, Text b)
{
	return a.len == b.len && a.len > 0 && strncasecmp(a.data, b.data, a.len) == 0;
}

Text
text_trim(Text text)
{
	while (text.len > 0 && is_space(text.data[0]))
	{
		text.data++;
		text.len--;
	}
	while (text.len > 0 && is_space(text.data[text.len - 1]))
		text.len--;
	return text;
}

Text
text_take(Text *text, size_t len)
{
	Text taken = {text->data, len};

	text->data += len;
	text->len -= len;
	return taken;
}

size_t
text_span_until(Text text, const char *stops)
{
	uint64_t set[4] = {0}; /* a bit for each byte that stops */
	size_t	 len = 0;

	for (const unsigned char *stop = (const unsigned char *) stops; *stop != '\0'; stop++)
		set[*stop / 64] |= UINT64_C(1) << *stop % 64;
	while (len < text.len)
	{
		unsigned char c = (unsigned char) text.data[len];

		if (set[c / 64] >> c % 64 & 1)
			break;
		len++;
	}
	return len;
}
