/*
 * zip_directory.c
 *	  What the directory of a zip file says of it (APPNOTE.TXT 4.3; with zip64).
 *
 * libarchive goes by the same directory, but asks neither how many members it has
 * before it has read them all, nor whether two of them are the same bytes.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr */
#endif
#include "parse/zip_directory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The records of the format, without what is of variable length. */
#define END_SIZE 22
#define END64_SIZE 56
#define LOCATOR_SIZE 20
#define ENTRY_SIZE 46
#define LOCAL_SIZE 30
#define MAX_COMMENT 65535

/* Says that the number is in the zip64 field. */
#define IN_ZIP64 UINT32_C(0xFFFFFFFF)
#define ZIP64_FIELD 1

typedef struct Directory
{
	int		 fd;
	uint64_t file_size;
	uint64_t members;
	uint64_t start;
	uint64_t end;
} Directory;

/* What a member takes of the file. */
typedef struct Span
{
	uint64_t start;
	uint64_t end;
} Span;

static uint64_t
number(const unsigned char *p, int bytes)
{
	uint64_t value = 0;

	while (bytes-- > 0)
		value = value << 8 | p[bytes];
	return value;
}

/* All size bytes at offset; false where the file has them not. */
static bool
read_all(const Directory *directory, void *data, size_t size, uint64_t offset)
{
	char *to = data;

	if (offset > directory->file_size || size > directory->file_size - offset)
		return false;
	while (size > 0)
	{
		ssize_t n = pread(directory->fd, to, size, (off_t) offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		to += n;
		size -= (size_t) n;
		offset += (uint64_t) n;
	}
	return true;
}

static bool
damaged(Failure *failure)
{
	failure_set(failure, FAILURE_PARSE, "the zip file's directory is damaged");
	return false;
}

/* The last record that may be the end: its place in the tail, or NULL. */
static const unsigned char *
last_end(const unsigned char *tail, size_t size)
{
	const unsigned char *p = size < END_SIZE ? NULL : tail + size - END_SIZE + 1;

	while (p != NULL && (p = memrchr(tail, 'P', (size_t) (p - tail))) != NULL)
	{
		if (memcmp(p, "PK\5\6", 4) == 0)
			return p;
	}
	return NULL;
}

/* Takes the larger numbers of a file of more than 4 GB or 65535 members, if it is one. */
static bool
read_end64(Directory *directory, uint64_t end)
{
	unsigned char locator[LOCATOR_SIZE];
	unsigned char end64[END64_SIZE];

	if (end < LOCATOR_SIZE || !read_all(directory, locator, LOCATOR_SIZE, end - LOCATOR_SIZE) ||
		memcmp(locator, "PK\6\7", 4) != 0)
		return true;
	if (!read_all(directory, end64, END64_SIZE, number(locator + 8, 8)) ||
		memcmp(end64, "PK\6\6", 4) != 0)
		return false;
	directory->members = number(end64 + 32, 8);
	directory->start = number(end64 + 48, 8);
	directory->end = number(end64 + 40, 8);
	return true;
}

/* Finds the directory: where it starts and ends, and of how many members it is. */
static bool
find_directory(Directory *directory, Failure *failure)
{
	size_t				 size = END_SIZE + MAX_COMMENT;
	unsigned char		*tail;
	const unsigned char *end;
	bool				 whole = false;

	if (size > directory->file_size)
		size = (size_t) directory->file_size;
	tail = malloc(size + 1);
	if (tail == NULL || !read_all(directory, tail, size, directory->file_size - size))
		failure_set(failure, tail == NULL ? FAILURE_MEMORY : FAILURE_STORE,
					"the zip file's end cannot be read");
	else if ((end = last_end(tail, size)) == NULL)
		failure_set(failure, FAILURE_TRUNCATED, "the zip file has no end");
	else
	{
		directory->members = number(end + 10, 2);
		directory->end = number(end + 12, 4);
		directory->start = number(end + 16, 4);
		whole = read_end64(directory, directory->file_size - size + (uint64_t) (end - tail)) &&
				directory->start <= directory->file_size &&
				directory->end <= directory->file_size - directory->start;
		directory->end += directory->start;
		if (!whole)
			(void) damaged(failure);
	}
	free(tail);
	return whole;
}

/* The numbers of an entry that are in its zip64 field: of the extra fields at p. */
static void
take_zip64(const unsigned char *p, size_t len, bool uncompressed, uint64_t *compressed,
		   uint64_t *offset)
{
	while (len >= 4)
	{
		size_t field = (size_t) number(p + 2, 2);

		if (field > len - 4)
			return;
		if (number(p, 2) == ZIP64_FIELD)
		{
			const unsigned char *at = p + 4 + (uncompressed ? 8 : 0);
			const unsigned char *end = p + 4 + field;

			if (*compressed == IN_ZIP64 && at + 8 <= end)
			{
				*compressed = number(at, 8);
				at += 8;
			}
			if (*offset == IN_ZIP64 && at + 8 <= end)
				*offset = number(at, 8);
			return;
		}
		p += 4 + field;
		len -= 4 + field;
	}
}

/* Reads the entry at *at, which moves on to the next one. */
static bool
read_entry(const Directory *directory, uint64_t *at, Span *span)
{
	unsigned char entry[ENTRY_SIZE];
	unsigned char extra[UINT16_MAX];
	uint64_t	  name_len;
	uint64_t	  extra_len;
	uint64_t	  compressed;

	if (*at + ENTRY_SIZE > directory->end || !read_all(directory, entry, ENTRY_SIZE, *at) ||
		memcmp(entry, "PK\1\2", 4) != 0)
		return false;
	name_len = number(entry + 28, 2);
	extra_len = number(entry + 30, 2);
	compressed = number(entry + 20, 4);
	span->start = number(entry + 42, 4);
	if (compressed == IN_ZIP64 || span->start == IN_ZIP64)
	{
		if (!read_all(directory, extra, (size_t) extra_len, *at + ENTRY_SIZE + name_len))
			return false;
		take_zip64(extra, (size_t) extra_len, number(entry + 24, 4) == IN_ZIP64, &compressed,
				   &span->start);
	}
	*at += ENTRY_SIZE + name_len + extra_len + number(entry + 32, 2);
	if (span->start > directory->start || compressed > directory->start - span->start)
		return false;
	span->end = span->start + LOCAL_SIZE + name_len + compressed;
	return span->end <= directory->start;
}

static int
compare_spans(const void *a, const void *b)
{
	const Span *left = a;
	const Span *right = b;

	return (left->start > right->start) - (left->start < right->start);
}

static bool
check_spans(const Directory *directory, Span *spans, size_t n, Failure *failure)
{
	uint64_t at = directory->start;

	for (size_t i = 0; i < n; i++)
	{
		if (!read_entry(directory, &at, &spans[i]))
			return damaged(failure);
	}
	qsort(spans, n, sizeof(Span), compare_spans);
	for (size_t i = 1; i < n; i++)
	{
		if (spans[i].start < spans[i - 1].end)
		{
			failure_set(failure, FAILURE_PARSE, "members of the zip file overlap");
			return false;
		}
	}
	return true;
}

bool
zip_directory_check(int fd, uint64_t file_size, unsigned max_members, Failure *failure)
{
	Directory directory = {.fd = fd, .file_size = file_size};
	Span	 *spans;
	bool	  sound;

	if (!find_directory(&directory, failure))
		return false;
	if (directory.members == 0)
	{
		failure_set(failure, FAILURE_PARSE, "the zip file has no members");
		return false;
	}
	if (directory.members > max_members)
	{
		failure_set(failure, FAILURE_TOO_LARGE, "the zip file has more than %u members",
					max_members);
		return false;
	}
	spans = malloc((size_t) directory.members * sizeof(Span));
	if (spans == NULL)
	{
		failure_set(failure, FAILURE_MEMORY, "out of memory");
		return false;
	}
	sound = check_spans(&directory, spans, (size_t) directory.members, failure);
	free(spans);
	return sound;
}
