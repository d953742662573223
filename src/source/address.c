/*
 * address.c
 *	  URLs as people are shown them, and as documents have them.
 */
#include "postgres.h"

#include "base/memory.h"
#include "parse/url.h"
#include "source/address.h"

#include "mb/pg_wchar.h"

/* Of a longer one the beginning tells enough. */
#define SHOWN_LENGTH 1000

/* Masking takes a few times the URL; one that is longer than that is not looked into. */
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
