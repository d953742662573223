/*
 * memory.h
 *	  Between what must not know the server and the server: arenas that end
 *	  with a memory context, and text in UTF-8 and in the database's encoding.
 *
 * What parse/, net/ and the runs pass around is UTF-8; what SQL sees is in the
 * database's encoding.  The functions about text belong inside a transaction
 * (conversions are in a catalog), look at interrupts and may ereport, so they
 * have no place in a callback of a foreign library.
 *
 * Called by all rooms that know the server.
 */
#ifndef DATASENS_BASE_MEMORY_H
#define DATASENS_BASE_MEMORY_H

#include "postgres.h"

#include "base/arena.h"
#include "utils/hsearch.h"

/*
 * An arena of at most limit bytes that is freed when the context is reset or
 * deleted, in the normal course of things or by an error.  Nobody else frees
 * it.  ereports where the system has no memory.
 */
extern Arena *memory_arena(MemoryContext context, size_t limit);

/*
 * A table in the context whose entries begin with their key: a const char *, which is
 * compared by the string that it points to.  n: how many there may be, for its size.
 */
extern HTAB *memory_string_table(MemoryContext context, const char *name, Size entry_size, long n);

/*
 * UTF-8 in the database's encoding, palloc'd and terminated; a character that
 * the encoding does not have becomes a '?'.  NULL for NULL.  The same bytes in
 * a UTF-8 database, and in SQL_ASCII, which takes all.
 */
extern char *memory_server_string(const char *utf8, size_t len);

/* A failure's detail, in the database's encoding, as a sentence for errdetail(): palloc'd. */
extern char *memory_sentence(const char *detail);

/* The same as an SQL text. */
extern text *memory_server_text(Text utf8);

/*
 * A string in the database's encoding as UTF-8: the string itself, or palloc'd.
 * ereports where it cannot be converted, as in an SQL_ASCII database that holds
 * something else.
 */
extern Text memory_utf8(const char *string, size_t len);

/* The same for an SQL text. */
extern Text memory_utf8_of_text(const text *value);

#endif
