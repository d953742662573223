/*
 * read_ahead.c
 *	  A member of an archive, unpacked by a thread ahead of its reader.
 *
 * What the unpacker gives is copied into the slot at hand, in several ones where it is
 * larger.  Called by what reads files of archives.
 */
#include "parse/read_ahead.h"

#include "base/producer.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 4

/* What libarchive and zlib give at a time fits. */
#define SLOT_SIZE (256 * 1024)

typedef struct Slot
{
	size_t len;
	char   data[SLOT_SIZE];
} Slot;

struct ReadAhead
{
	Producer  *producer;
	Unpacker  *unpacker; /* from here to the slots all is the thread's */
	Text	   chunk;	 /* what is left of the unpacker's last piece */
	UnpackStep end;		 /* of the member; good when the producer has ended */
	Failure	   failure;
	Slot	   slots[SLOTS];
};

static bool
fill(void *arg, int number)
{
	ReadAhead *ahead = arg;
	Slot	  *slot = &ahead->slots[number];

	if (ahead->chunk.len == 0)
	{
		ahead->end = unpack_read(ahead->unpacker, &ahead->chunk, &ahead->failure);
		if (ahead->end != UNPACK_GOT)
			return false;
	}
	slot->len = ahead->chunk.len < SLOT_SIZE ? ahead->chunk.len : SLOT_SIZE;
	memcpy(slot->data, ahead->chunk.data, slot->len);
	ahead->chunk.data += slot->len;
	ahead->chunk.len -= slot->len;
	return true;
}

ReadAhead *
read_ahead_create(Unpacker *unpacker)
{
	ReadAhead *ahead = malloc(sizeof(ReadAhead));

	if (ahead == NULL)
		return NULL;
	memset(ahead, 0, offsetof(ReadAhead, slots));
	ahead->unpacker = unpacker;
	ahead->failure = (Failure) FAILURE_INIT;
	ahead->producer = producer_start(SLOTS, fill, ahead);
	if (ahead->producer == NULL)
	{
		free(ahead);
		return NULL;
	}
	return ahead;
}

UnpackStep
read_ahead(ReadAhead *ahead, Text *chunk, Failure *failure)
{
	int slot = producer_next(ahead->producer);

	if (slot >= 0)
	{
		*chunk = (Text){ahead->slots[slot].data, ahead->slots[slot].len};
		return UNPACK_GOT;
	}
	if (ahead->end == UNPACK_FAILED)
		*failure = ahead->failure;
	return ahead->end;
}

void
read_ahead_free(ReadAhead *ahead)
{
	if (ahead == NULL)
		return;
	producer_stop(ahead->producer);
	free(ahead);
}
