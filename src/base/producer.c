/*
 * producer.c
 *	  A thread that makes things ahead of who needs them.
 *
 * There is one mutex. Slots are counted and not marked: those from taken to filled are full, and
 * the first of these belongs to the taker while he is holding it.
 */
#include "base/producer.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct Producer
{
	int				n;
	FillFunction	fill;
	void		   *arg;
	bool			threaded;
	pthread_t		thread;
	pthread_mutex_t lock;	 /* guards what follows */
	pthread_cond_t	changed; /* for the one of the two who waits */
	size_t			filled;	 /* slots so far */
	size_t			taken;	 /* of them, those that the taker is through with */
	bool			holding; /* slot taken is with the taker */
	bool			ended;	 /* fill was false */
	bool			stopping;
};

/* Waits until there is a slot to fill; false: no more are wanted. */
static bool
await_room(Producer *producer)
{
	bool wanted;

	pthread_mutex_lock(&producer->lock);
	while (producer->filled - producer->taken == (size_t) producer->n && !producer->stopping)
		pthread_cond_wait(&producer->changed, &producer->lock);
	wanted = !producer->stopping;
	pthread_mutex_unlock(&producer->lock);
	return wanted;
}

/* The thread's main function. */
static void *
produce(void *arg)
{
	Producer *producer = arg;
	bool	  more = true;

	/* only this thread changes filled, so it may read it so */
	while (more && await_room(producer))
	{
		more = producer->fill(producer->arg, (int) (producer->filled % (size_t) producer->n));
		pthread_mutex_lock(&producer->lock);
		producer->filled += more;
		producer->ended = !more;
		pthread_cond_signal(&producer->changed);
		pthread_mutex_unlock(&producer->lock);
	}
	return NULL;
}

Producer *
producer_start(int n, FillFunction fill, void *arg)
{
	Producer *producer = malloc(sizeof(Producer));
	sigset_t  all;
	sigset_t  before;

	if (producer == NULL)
		return NULL;
	memset(producer, 0, sizeof(*producer));
	producer->n = n;
	producer->fill = fill;
	producer->arg = arg;
	pthread_mutex_init(&producer->lock, NULL);
	pthread_cond_init(&producer->changed, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	producer->threaded = pthread_create(&producer->thread, NULL, produce, producer) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return producer;
}

int
producer_next(Producer *producer)
{
	int slot = -1;

	if (!producer->threaded)
	{
		producer->ended = producer->ended || !producer->fill(producer->arg, 0);
		return producer->ended ? -1 : 0;
	}
	pthread_mutex_lock(&producer->lock);
	if (producer->holding)
	{
		producer->taken++;
		pthread_cond_signal(&producer->changed);
	}
	while (producer->filled == producer->taken && !producer->ended)
		pthread_cond_wait(&producer->changed, &producer->lock);
	producer->holding = producer->filled > producer->taken;
	if (producer->holding)
		slot = (int) (producer->taken % (size_t) producer->n);
	pthread_mutex_unlock(&producer->lock);
	return slot;
}

void
producer_stop(Producer *producer)
{
	if (producer == NULL)
		return;
	if (producer->threaded)
	{
		pthread_mutex_lock(&producer->lock);
		producer->stopping = true;
		pthread_cond_signal(&producer->changed);
		pthread_mutex_unlock(&producer->lock);
		pthread_join(producer->thread, NULL);
	}
	pthread_cond_destroy(&producer->changed);
	pthread_mutex_destroy(&producer->lock);
	free(producer);
}
