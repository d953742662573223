/*
 * zip_directory.c
 *	  What the directory of a zip file says of it (APPNOTE.TXT 4.3; with zip64).
 *
 * libarchive goes by the same directory, but asks neither how many members it has
 * before it has read them all, nor whether two of them are the same bytes; and it does not
 * tell where a member's bytes are.
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

/* Where the directory is. */
typedef struct Place
{
	int		 fd;
	uint64_t file_size;
	uint64_t members;
	uint64_t start;
	uint64_t end;
} Place;

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
read_all(const Place *place, void *data, size_t size, uint64_t offset)
{
	char *to = data;

	if (offset > place->file_size || size > place->file_size - offset)
		return false;
	while (size > 0)
	{
		ssize_t n = pread(place->fd, to, size, (off_t) offset);

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
read_end64(Place *place, uint64_t end)
{
	unsigned char locator[LOCATOR_SIZE];
	unsigned char end64[END64_SIZE];

	if (end < LOCATOR_SIZE || !read_all(place, locator, LOCATOR_SIZE, end - LOCATOR_SIZE) ||
		memcmp(locator, "PK\6\7", 4) != 0)
		return true;
	if (!read_all(place, end64, END64_SIZE, number(locator + 8, 8)) ||
		memcmp(end64, "PK\6\6", 4) != 0)
		return false;
	place->members = number(end64 + 32, 8);
	place->start = number(end64 + 48, 8);
	place->end = number(end64 + 40, 8);
	return true;
}

/* Finds the directory: where it starts and ends, and of how many members it is. */
static bool
find_directory(Place *place, Failure *failure)
{
	size_t				 size = END_SIZE + MAX_COMMENT;
	unsigned char		*tail;
	const unsigned char *end;
	bool				 whole = false;

	if (size > place->file_size)
		size = (size_t) place->file_size;
	tail = malloc(size + 1);
	if (tail == NULL || !read_all(place, tail, size, place->file_size - size))
		failure_set(failure, tail == NULL ? FAILURE_MEMORY : FAILURE_STORE,
					"the zip file's end cannot be read");
	else if ((end = last_end(tail, size)) == NULL)
		failure_set(failure, FAILURE_TRUNCATED, "the zip file has no end");
	else
	{
		place->members = number(end + 10, 2);
		place->end = number(end + 12, 4);
		place->start = number(end + 16, 4);
		whole = read_end64(place, place->file_size - size + (uint64_t) (end - tail)) &&
				place->start <= place->file_size && place->end <= place->file_size - place->start;
		place->end += place->start;
		if (!whole)
			(void) damaged(failure);
	}
	free(tail);
	return whole;
}

/* The numbers of an entry that are in its zip64 field: of the extra fields at p. */
static void
take_zip64(const unsigned char *p, size_t len, ZipMember *member)
{
	while (len >= 4)
	{
		size_t field = (size_t) number(p + 2, 2);

		if (field > len - 4)
			return;
		if (number(p, 2) == ZIP64_FIELD)
		{
			uint64_t *const		 numbers[] = {&member->size, &member->packed, &member->start};
			const unsigned char *at = p + 4;

			for (int i = 0; i < 3; i++)
			{
				if (*numbers[i] != IN_ZIP64 || at + 8 > p + 4 + field)
					continue;
				*numbers[i] = number(at, 8);
				at += 8;
			}
			return;
		}
		p += 4 + field;
		len -= 4 + field;
	}
}

/* Reads the entry at *at, which moves on to the next one. */
static bool
read_entry(const Place *place, uint64_t *at, ZipMember *member)
{
	unsigned char entry[ENTRY_SIZE];
	unsigned char extra[UINT16_MAX];
	uint64_t	  name_len;
	uint64_t	  extra_len;

	if (*at + ENTRY_SIZE > place->end || !read_all(place, entry, ENTRY_SIZE, *at) ||
		memcmp(entry, "PK\1\2", 4) != 0)
		return false;
	name_len = number(entry + 28, 2);
	extra_len = number(entry + 30, 2);
	member->method = (uint16_t) number(entry + 10, 2);
	member->crc = (uint32_t) number(entry + 16, 4);
	member->packed = number(entry + 20, 4);
	member->size = number(entry + 24, 4);
	member->start = number(entry + 42, 4);
	if (member->size == IN_ZIP64 || member->packed == IN_ZIP64 || member->start == IN_ZIP64)
	{
		if (!read_all(place, extra, (size_t) extra_len, *at + ENTRY_SIZE + name_len))
			return false;
		take_zip64(extra, (size_t) extra_len, member);
	}
	*at += ENTRY_SIZE + name_len + extra_len + number(entry + 32, 2);
	if (member->start > place->start || member->packed > place->start - member->start)
		return false;
	member->end = member->start + LOCAL_SIZE + name_len + member->packed;
	return member->end <= place->start;
}

static int
compare_members(const void *a, const void *b)
{
	const ZipMember *left = a;
	const ZipMember *right = b;

	return (left->start > right->start) - (left->start < right->start);
}

static bool
read_members(const Place *place, ZipMember *members, size_t n, Failure *failure)
{
	uint64_t at = place->start;

	for (size_t i = 0; i < n; i++)
	{
		if (!read_entry(place, &at, &members[i]))
			return damaged(failure);
	}
	qsort(members, n, sizeof(ZipMember), compare_members);
	for (size_t i = 1; i < n; i++)
	{
		if (members[i].start < members[i - 1].end)
		{
			failure_set(failure, FAILURE_PARSE, "members of the zip file overlap");
			return false;
		}
	}
	return true;
}

bool
zip_directory_read(ZipDirectory *directory, int fd, uint64_t file_size, unsigned max_members,
				   Failure *failure)
{
	Place place = {.fd = fd, .file_size = file_size};

	*directory = (ZipDirectory){NULL, 0};
	if (!find_directory(&place, failure))
		return false;
	if (place.members == 0)
	{
		failure_set(failure, FAILURE_PARSE, "the zip file has no members");
		return false;
	}
	if (place.members > max_members)
	{
		failure_set(failure, FAILURE_TOO_LARGE, "the zip file has more than %u members",
					max_members);
		return false;
	}
	directory->n = (size_t) place.members;
	directory->members = malloc(directory->n * sizeof(ZipMember));
	if (directory->members == NULL)
	{
		failure_set(failure, FAILURE_MEMORY, "out of memory");
		return false;
	}
	return read_members(&place, directory->members, directory->n, failure);
}

const ZipMember *
zip_directory_member(const ZipDirectory *directory, int fd, uint64_t position)
{
	unsigned char	 local[LOCAL_SIZE];
	const ZipMember *member;
	size_t			 low = 0;
	size_t			 high = directory->n;
	Place			 place = {.fd = fd, .file_size = position};

	while (low < high)
	{
		size_t middle = low + (high - low) / 2;

		if (directory->members[middle].start < position)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return NULL;
	member = &directory->members[low - 1];
	if (!read_all(&place, local, LOCAL_SIZE, member->start) || memcmp(local, "PK\3\4", 4) != 0 ||
		member->start + LOCAL_SIZE + number(local + 26, 2) + number(local + 28, 2) != position)
		return NULL;
	return member;
}
