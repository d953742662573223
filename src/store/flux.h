/*
 * flux.h
 *	  What a run did, as the tables keep it: flux and rejet.
 *
 * Who calls it: run/commit.c.
 */
#ifndef DATASENS_STORE_FLUX_H
#define DATASENS_STORE_FLUX_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* A row of datasens.flux; strings in the database's encoding, NULL for null. */
typedef struct Flux
{
	int64		id; /* from flux_ids */
	int32		id_source;
	TimestampTz date_collecte;
	const char *format;
	const char *manifest; /* the file of a slice */
	int64		origin;	  /* whose answers it read again; 0: its own */
	const char *declencheur;
	int			tentative; /* from 1 */
	const char *statut;
	int			code_http; /* 0: no answer came */
	int64		octets;
	int64		lus;
	int64		inseres;
	int64		doublons;
	int64		rejetes;
	int64		duree; /* microseconds */
	const char *erreur;
} Flux;

/*
 * How many rows a statement has inserted for a flux: the first member of every batch, whatever the
 * batch is of.
 */
typedef struct FluxCount
{
	int64 id_flux;
	int64 inserted; /* out: the rest are duplicates */
} FluxCount;

/*
 * Adds what a statement has counted (in SPI_tuptable: id_flux, number of rows) to the n batches in
 * that array. size is that of a batch in bytes; each begins with its FluxCount, and they are in
 * the order of id_flux.
 */
extern void flux_add_counts(void *batches, int n, size_t size);

/* A row of datasens.rejet: what could not be stored, and why. */
typedef struct Rejet
{
	struct Rejet *next;
	int64		  position; /* in the response, from 1; 0: not known */
	const char	 *motif;
	const char	 *brut; /* cut; may be NULL */
} Rejet;

/* n new values of id_flux, ascending.  Inside an owner's scope, as all here. */
extern void flux_ids(int64 *ids, int n);

extern void flux_insert(const Flux *fluxes, int n);

/* Stores the list of a flux's rejects. */
extern void rejet_insert(int64 id_flux, const Rejet *first);

#endif
