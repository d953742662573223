/*
 * gdelt_list.c
 *	  The kind gdelt: finds in a list of all files what is looked for, on the parser's thread.
 *
 * Such a list names every file there ever was, one on a line, millions of them; its end is enough
 * where that reaches back far enough. What is looked for and found goes to the sink as listed, and
 * so does how far the list was looked through: what is expected there and was not found is absent.
 * Memory: a piece of the list, and a bit for each slot that is looked for.
 */
#include "source/gdelt_parts.h"

#include <stdio.h>
#include <string.h>

/* The slots that are looked for in a list, and what was seen of it. */
typedef struct ListFile
{
	Sink	*sink;
	Failure *failure;
	bool	 partial; /* its end only */
	Slot	 first;	  /* of a partial one: the slot that it begins in */
	bool	 begun;
	SlotSet *wanted[GDELT_N_STREAMS]; /* NULL: none */
	bool	 seen[GDELT_N_STREAMS];
	Slot	 newest[GDELT_N_STREAMS]; /* valid if seen */
} ListFile;

static bool
visit_file(void *context, const GdeltFile *entry)
{
	ListFile   *file = context;
	int			stream = gdelt_stream_number(entry->stream, entry->translated);
	ListedSlice slice = {
		.stream = gdelt_streams[stream], .slot = slot_of(entry->slot), .size = entry->size};

	if (!file->begun)
		file->first = slice.slot;
	file->begun = true;
	if (!file->seen[stream] || slice.slot > file->newest[stream])
		file->newest[stream] = slice.slot;
	file->seen[stream] = true;
	if (file->wanted[stream] == NULL || !slot_set_has(file->wanted[stream], slice.slot))
		return true;
	memcpy(slice.md5, entry->md5, sizeof(slice.md5));
	return sink_list_slice(file->sink, &slice, file->failure);
}

/* The next line of the parameters; false at their end. */
static bool
next_wanted(const char **parameters, int *stream, SlotRange *range)
{
	int length = 0;
	int n = sscanf(*parameters, "%d %d %d\n%n", stream, &range->first, &range->last, &length);

	*parameters += length;
	return n == 3 && *stream >= 0 && *stream < GDELT_N_STREAMS;
}

/*
 * Makes the sets of slots that are looked for; the parameters are read twice, as a set has to know
 * its bounds first.
 */
static bool
read_wanted(ListFile *file, Arena *arena, const char *parameters)
{
	SlotRange	bounds[GDELT_N_STREAMS];
	const char *at = parameters;
	SlotRange	range;
	int			stream;

	for (int i = 0; i < GDELT_N_STREAMS; i++)
		bounds[i] = (SlotRange){SLOT_MAX, SLOT_MIN};
	while (next_wanted(&at, &stream, &range))
	{
		bounds[stream].first = Min(bounds[stream].first, range.first);
		bounds[stream].last = Max(bounds[stream].last, range.last);
	}
	for (int i = 0; i < GDELT_N_STREAMS; i++)
	{
		if (slot_range_empty(bounds[i]))
			continue;
		file->wanted[i] = slot_set_create(arena, bounds[i]);
		if (file->wanted[i] == NULL)
			return false;
	}
	for (at = parameters; next_wanted(&at, &stream, &range);)
		slot_set_add_range(file->wanted[stream], range);
	return true;
}

/*
 * Tells the sink which part of the ranges the list covers: from where it begins up to the stream's
 * newest entry.
 */
static bool
note_looked(const ListFile *file, const char *parameters)
{
	SlotRange range;
	int		  stream;

	while (next_wanted(&parameters, &stream, &range))
	{
		SlotRange covered = {file->partial ? file->first + 1 : SLOT_MIN, file->newest[stream]};

		if (!file->seen[stream])
			continue;
		range = slot_range_common(range, covered);
		if (!slot_range_empty(range) &&
			!sink_looked(file->sink, gdelt_streams[stream], range, file->failure))
			return false;
	}
	return true;
}

/* Feeds the file to the list's reader, without the cut line that a partial list begins with. */
static bool
feed_list(GdeltList *list, const ListFile *file, Arena *arena, int descriptor)
{
	char   *piece = arena_alloc(arena, GDELT_PIECE);
	bool	skip = file->partial;
	off_t	offset = 0;
	ssize_t got = 0;

	if (piece == NULL)
	{
		failure_set(file->failure, FAILURE_MEMORY, "no memory to read the list");
		return false;
	}
	while ((got = gdelt_read_piece(descriptor, piece, offset, file->failure)) > 0)
	{
		const char *from = skip ? memchr(piece, '\n', (size_t) got) : piece;

		offset += got;
		if (from == NULL)
			continue;
		skip = false;
		if (!gdelt_list_feed(list, from, (size_t) (piece + got - from)))
			return false;
	}
	return got == 0 && gdelt_list_end(list);
}

bool
gdelt_read_list(Sink *sink, Arena *arena, const FetchResponse *response, Failure *failure)
{
	const char *wanted = strchr(response->parameters, '\n') + 1;
	ListFile	file = {.sink = sink, .failure = failure, .partial = response->status == 206};
	GdeltList	list = {.visit = visit_file, .context = &file};

	if (!read_wanted(&file, arena, wanted))
	{
		failure_set(failure, FAILURE_MEMORY, "no memory for what is looked for");
		return false;
	}
	if (!feed_list(&list, &file, arena, response->file))
		return false;
	if (list.n_files == 0)
	{
		failure_set(failure, FAILURE_PARSE, "the list names no batch of GDELT's");
		return false;
	}
	return note_looked(&file, wanted);
}
