/*
 * memory.c
 *	  Arenas on memory contexts, tables in them; text in UTF-8 and in the database's encoding.
 */
#include "postgres.h"

#include "base/memory.h"
#include "compat.h"

#include "catalog/namespace.h"
#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/*
 * So many bytes are converted at a time: the room that is needed for the result is a multiple of
 * it.
 */
#define PIECE_SIZE 8192

/* ---- arenas ---- */

static void
free_arena(void *arena)
{
	arena_free(arena);
}

Arena *
memory_arena(MemoryContext context, size_t limit)
{
	/* The callback first: if there is no memory for it, there is no arena yet to lose. */
	MemoryContextCallback *callback = MemoryContextAlloc(context, sizeof(MemoryContextCallback));
	Arena				  *arena = arena_create(limit);

	if (arena == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"),
						errdetail("Failed on creating an arena.")));
	callback->func = free_arena;
	callback->arg = arena;
	MemoryContextRegisterResetCallback(context, callback);
	return arena;
}

/* ---- tables ---- */

static uint32
hash_string_at(const void *key, Size size)
{
	const char *string = *(const char *const *) key;

	return hash_bytes((const unsigned char *) string, (int) strlen(string));
}

static int
compare_strings_at(const void *a, const void *b, Size size)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

HTAB *
memory_string_table(MemoryContext context, const char *name, Size entry_size, long n)
{
	HASHCTL control = {.keysize = sizeof(const char *),
					   .entrysize = entry_size,
					   .hash = hash_string_at,
					   .match = compare_strings_at,
					   .hcxt = context};

	return hash_create(name, n, &control, HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
}

/* ---- text ---- */

/* Whether the database stores UTF-8, or whatever it is given. */
static bool
server_takes_utf8(void)
{
	return GetDatabaseEncoding() == PG_UTF8 || GetDatabaseEncoding() == PG_SQL_ASCII;
}

/*
 * Appends as many of the len bytes as can be converted, up to the first character that the
 * encoding does not have; returns how many bytes these were.
 */
static int
append_converted(StringInfo out, Oid conversion, const char *utf8, int len)
{
	int room = len * MAX_CONVERSION_GROWTH + 1;
	int used;

	enlargeStringInfo(out, room);
	used = pg_do_encoding_conversion_buf(conversion, PG_UTF8, GetDatabaseEncoding(),
										 (unsigned char *) unconstify(char *, utf8), len,
										 (unsigned char *) out->data + out->len, room, true);
	out->len += (int) strlen(out->data + out->len);
	return used;
}

/*
 * Appends the text in the encoding of a database that is not in UTF-8. Linear in len, however many
 * characters have to be replaced.
 */
static void
append_server(StringInfo out, const char *utf8, size_t len)
{
	Oid conversion = FindDefaultConversionProc(PG_UTF8, GetDatabaseEncoding());

	while (len > 0)
	{
		int piece = pg_encoding_mbcliplen(PG_UTF8, utf8, (int) Min(len, PIECE_SIZE), PIECE_SIZE);
		int used = 0;

		CHECK_FOR_INTERRUPTS();
		if (OidIsValid(conversion))
			used = append_converted(out, conversion, utf8, piece);
		else if (!IS_HIGHBIT_SET(*utf8)) /* every encoding of the server has ASCII */
		{
			appendStringInfoChar(out, *utf8);
			used = 1;
		}
		if (used == 0)
		{
			appendStringInfoChar(out, '?');
			used = (int) Min(len, (size_t) pg_utf_mblen((const unsigned char *) utf8));
		}
		utf8 += used;
		len -= used;
	}
}

char *
memory_server_string(const char *utf8, size_t len)
{
	StringInfoData out;

	if (utf8 == NULL)
		return NULL;
	if (server_takes_utf8())
		return pnstrdup(utf8, len);
	initStringInfo(&out);
	append_server(&out, utf8, len);
	return out.data;
}

char *
memory_sentence(const char *detail)
{
	char *sentence = psprintf("%s.", detail);

	sentence[0] = (char) pg_toupper((unsigned char) sentence[0]);
	return sentence;
}

text *
memory_server_text(Text utf8)
{
	StringInfoData out;

	if (!text_present(utf8))
		return NULL;
	if (server_takes_utf8())
		return cstring_to_text_with_len(utf8.data, (int) utf8.len);
	initStringInfo(&out);
	append_server(&out, utf8.data, utf8.len);
	return cstring_to_text_with_len(out.data, out.len);
}

Text
memory_utf8(const char *string, size_t len)
{
	char *utf8 = pg_server_to_any(string, (int) len, PG_UTF8);

	return (Text){utf8, utf8 == string ? len : strlen(utf8)};
}

Text
memory_utf8_of_text(const text *value)
{
	return memory_utf8(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}
