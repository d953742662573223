/*
 * address.c
 *	  URLs as people are shown them.
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
