/*
 * fuzz_gdelt_list.c
 *	  GDELT's lists of files, in pieces of any size: the same files however they are cut,
 *	  each of a whole quarter of an hour.  The first byte is the pieces' size.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "parse/gdelt.h"
#include "time/slots.h"

#include "fuzz.h"

static bool
visit(void *context, const GdeltFile *file)
{
	uint64_t *sum = context;
	char	  name[SLOT_NAME_SIZE];

	fuzz_expect(file->slot % SLOT_SECONDS == 0, "a quarter of an hour");
	fuzz_expect(file->size > 0 && strlen(file->md5) == GDELT_MD5_DIGITS, "size and digest");
	fuzz_expect_storable(file->url, "the URL is text");
	fuzz_expect(gdelt_stream_name(file->stream) != NULL, "one of the streams");
	slot_name(slot_of(file->slot), name);
	fuzz_expect(memmem(file->url.data, file->url.len, name, strlen(name)) != NULL, "its name");
	*sum = *sum * 31 + (uint64_t) file->slot + (uint64_t) file->size * 7 + file->url.len;
	return true;
}

static uint64_t
read_list(Text text, size_t piece, int64_t *n_files, int64_t *n_odd)
{
	uint64_t   sum = 0;
	GdeltList *list = fuzz_alloc(sizeof(GdeltList));

	memset(list, 0, sizeof(*list));
	list->visit = visit;
	list->context = &sum;
	for (size_t at = 0; at < text.len; at += piece)
		fuzz_expect(
			gdelt_list_feed(list, text.data + at, text.len - at < piece ? text.len - at : piece),
			"nobody has ended it");
	fuzz_expect(gdelt_list_end(list), "nobody has ended it");
	*n_files = list->n_files;
	*n_odd = list->n_odd;
	free(list);
	return sum;
}

FUZZ_TARGET(gdelt_list)
{
	int64_t n_files[2];
	int64_t n_odd[2];
	size_t	piece;
	bool	same;

	if (input.len < 1)
		return;
	piece = (size_t) (unsigned char) input.data[0] + 1;
	input = (Text){input.data + 1, input.len - 1};
	same = read_list(input, input.len + 1, &n_files[0], &n_odd[0]) ==
		   read_list(input, piece, &n_files[1], &n_odd[1]);
	fuzz_expect(same && n_files[0] == n_files[1] && n_odd[0] == n_odd[1],
				"pieces make no difference");
}
