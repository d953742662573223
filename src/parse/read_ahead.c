/*
 * read_ahead.c
 *	  A member of an archive unpacked beside who reads it.
 *
 * A ring of slots under one mutex.  A slot is the thread's while it is filled and the
 * reader's from read_ahead to the next one; what is said of it (len) is written
 * before, and read after, the mutex.  Called by what reads files of archives.
 */
#include "parse/read_ahead.h"

#include <pthread.h>
#include <signal.h>
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
	Unpacker	   *unpacker;
	bool			threaded;
	pthread_t		thread;
	pthread_mutex_t lock;	 /* guards what follows, but for the slots */
	pthread_cond_t	changed; /* for whom waits: there is one at most */
	size_t			filled;	 /* slots so far */
	size_t			taken;	 /* of them, those that the reader is through with */
	bool			stopping;
	UnpackStep		end;	 /* why no more are filled; UNPACK_GOT: they are */
	Failure			failure; /* of the end */
	bool			holding; /* the reader has slot taken */
	Slot			slots[SLOTS];
};

/* Waits for a slot to fill; NULL: no more are wanted. */
static Slot *
free_slot(ReadAhead *ahead)
{
	Slot *slot = NULL;

	pthread_mutex_lock(&ahead->lock);
	while (ahead->filled - ahead->taken == SLOTS && !ahead->stopping)
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	if (!ahead->stopping)
		slot = &ahead->slots[ahead->filled % SLOTS];
	pthread_mutex_unlock(&ahead->lock);
	return slot;
}

static void
give(ReadAhead *ahead, UnpackStep end)
{
	pthread_mutex_lock(&ahead->lock);
	if (end == UNPACK_GOT)
		ahead->filled++;
	ahead->end = end;
	pthread_cond_signal(&ahead->changed);
	pthread_mutex_unlock(&ahead->lock);
}

static void *
unpack_all(void *arg)
{
	ReadAhead *ahead = arg;
	UnpackStep step;
	Text	   chunk;

	while ((step = unpack_read(ahead->unpacker, &chunk, &ahead->failure)) == UNPACK_GOT)
	{
		while (chunk.len > 0)
		{
			Slot *slot = free_slot(ahead);

			if (slot == NULL)
				return NULL;
			slot->len = chunk.len < SLOT_SIZE ? chunk.len : SLOT_SIZE;
			memcpy(slot->data, chunk.data, slot->len);
			chunk.data += slot->len;
			chunk.len -= slot->len;
			give(ahead, UNPACK_GOT);
		}
	}
	give(ahead, step);
	return NULL;
}

/* Signals are the process's own business. */
static void
start_thread(ReadAhead *ahead)
{
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ahead->threaded = pthread_create(&ahead->thread, NULL, unpack_all, ahead) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

ReadAhead *
read_ahead_create(Unpacker *unpacker)
{
	ReadAhead *ahead = malloc(sizeof(ReadAhead));

	if (ahead == NULL)
		return NULL;
	memset(ahead, 0, offsetof(ReadAhead, slots));
	ahead->unpacker = unpacker;
	ahead->end = UNPACK_GOT;
	ahead->failure = (Failure) FAILURE_INIT;
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->changed, NULL);
	start_thread(ahead);
	return ahead;
}

/* Gives back the slot of the last call and takes the next one. */
static UnpackStep
next_slot(ReadAhead *ahead, Text *chunk, Failure *failure)
{
	UnpackStep step = UNPACK_GOT;

	pthread_mutex_lock(&ahead->lock);
	if (ahead->holding)
	{
		ahead->taken++;
		pthread_cond_signal(&ahead->changed);
	}
	while (ahead->filled == ahead->taken && ahead->end == UNPACK_GOT)
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	ahead->holding = ahead->filled > ahead->taken;
	if (ahead->holding)
	{
		Slot *slot = &ahead->slots[ahead->taken % SLOTS];

		*chunk = (Text){slot->data, slot->len};
	}
	else
	{
		step = ahead->end;
		if (step == UNPACK_FAILED)
			*failure = ahead->failure;
	}
	pthread_mutex_unlock(&ahead->lock);
	return step;
}

UnpackStep
read_ahead(ReadAhead *ahead, Text *chunk, Failure *failure)
{
	if (!ahead->threaded)
		return unpack_read(ahead->unpacker, chunk, failure);
	return next_slot(ahead, chunk, failure);
}

void
read_ahead_free(ReadAhead *ahead)
{
	if (ahead == NULL)
		return;
	if (ahead->threaded)
	{
		pthread_mutex_lock(&ahead->lock);
		ahead->stopping = true;
		pthread_cond_signal(&ahead->changed);
		pthread_mutex_unlock(&ahead->lock);
		pthread_join(ahead->thread, NULL);
	}
	pthread_cond_destroy(&ahead->changed);
	pthread_mutex_destroy(&ahead->lock);
	free(ahead);
}
