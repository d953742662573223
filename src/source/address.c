/*
 * address.c
 *	  URLs as people are shown them, and as documents have them.
 */
#include "postgres.h"

#include "base/memory.h"
#include "parse/url.h"
#include "source/address.h"

#include "mb/pg_wchar.h"
#include "utils/memutils.h"

/* Of a longer URL its beginning tells enough. */
#define SHOWN_LENGTH 1000

/*
 * Masking takes a few times the URL's length. A URL for which this does not suffice is not shown
 * at all.
 */
#define MASKING_MEMORY (URL_MAX_LENGTH * 4)

char *
address_shown(const char *url)
{
	Arena *arena = memory_arena(CurrentMemoryContext, MASKING_MEMORY);
	Text   masked = url_redact(arena, (Text){url, strlen(url)});

	if (!text_present(masked))
		return "***";
	return pnstrdup(masked.data, pg_mbcliplen(masked.data, masked.len, SHOWN_LENGTH));
}

Text
address_without_secrets(Text url, const char *own)
{
	MemoryContext scratch =
		AllocSetContextCreate(CurrentMemoryContext, "datasens address", ALLOCSET_DEFAULT_SIZES);
	Arena *arena = memory_arena(scratch, MASKING_MEMORY);
	Text   kept = url_without_secrets_of(arena, url, (Text){own, strlen(own)});

	if (text_equal(kept, url))
		kept = url;
	else if (text_present(kept))
		kept.data = pnstrdup(kept.data, kept.len);
	MemoryContextDelete(scratch);
	return kept;
}

Text
address_bare(Text url)
{
	const char *end = url.data + url.len;
	const char *authority = url.len > 0 ? memmem(url.data, url.len, "://", 3) : NULL;
	const char *path;
	const char *at;
	char	   *bare;
	size_t		before;

	if (authority == NULL)
		return url;
	authority += 3;
	path = authority;
	while (path < end && *path != '/' && *path != '?' && *path != '#')
		path++;
	at = memrchr(authority, '@', path - authority);
	if (at == NULL)
		return url;
	before = authority - url.data;
	bare = palloc(url.len);
	memcpy(bare, url.data, before);
	memcpy(bare + before, at + 1, end - at - 1);
	return (Text){bare, before + (end - at - 1)};
}
