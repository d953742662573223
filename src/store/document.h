/*
 * document.h
 *	  Documents from a run into the table, nothing twice.
 *
 * Who calls it: run/commit.c, with what run/emit.c and run/sink.c have made.
 */
#ifndef DATASENS_STORE_DOCUMENT_H
#define DATASENS_STORE_DOCUMENT_H

#include "postgres.h"

#include "store/fingerprint.h"
#include "store/flux.h"

/*
 * A document that waits for its commit: UTF-8, as it was emitted; NULL for
 * null.  In a database of another encoding document_insert replaces the texts
 * by what can be stored there, and the fingerprint by theirs.
 */
typedef struct Document
{
	struct Document *next;
	uint8			 fingerprint[FINGERPRINT_SIZE];
	int64			 position; /* in its run, from 1: the first of equal ones is stored */
	struct varlena	*titre;	   /* text; likewise below */
	struct varlena	*texte;
	struct varlena	*url;
	struct varlena	*auteur;
	struct varlena	*langue;
	const char		*meta; /* a JSON object */
	bool			 has_date;
	TimestampTz		 date;
} Document;

/*
 * Sets the date, given in microseconds since 1970-01-01 UTC; a date that timestamptz cannot hold
 * becomes none.
 */
extern void document_set_date(Document *document, bool has_date, int64 date);

/* The document as it is stored: itself in a UTF-8 database, else a converted copy (palloc'd). */
extern Document *document_stored_form(Document *document);

/*
 * Tells which documents are new, that is neither stored nor forgotten, by their fingerprints
 * alone, before the documents themselves are at hand. The fingerprints have to come in ascending
 * order. document_probe_begin returns NULL in a database that is not in UTF-8, where fingerprints
 * change on the way into the table (document_stored_form). It lives in the current memory context
 * and resource owner, until document_probe_end.
 */
typedef struct DocumentProbe DocumentProbe;

extern DocumentProbe *document_probe_begin(void);
extern bool			  document_probe_new(DocumentProbe *probe, const uint8 *fingerprint);
extern void			  document_probe_end(DocumentProbe *probe);

/* The documents of one flux, on their way into the table, and how many of them got there. */
typedef struct DocumentBatch
{
	FluxCount flux;
	Document *first;
	int64	  n;	  /* documents in the list */
	bool	  probed; /* all are new: document_probe_new has said so in this transaction */
} DocumentBatch;

/*
 * Inserts the documents of several fluxes with one statement, in the order of
 * their fingerprints, and sets inserted of each batch; the batches come in the
 * order of id_flux.  A fingerprint that is there already, or twice among these,
 * is a duplicate.  Everyone inserts in this order, so two writers of the same
 * documents wait for each other, and never in a circle.  Inside an owner's
 * scope; ereports what the table or a trigger of it refuses.
 *
 * What is stored already is taken out by an ordered probe.  The rest is inserted
 * in one of two ways: the quick one fails (unique_violation) where somebody else
 * stores one of the same documents at the same moment; the guarded one never
 * does, at the price of ON CONFLICT for each row.
 */
typedef enum DocumentWay
{
	DOCUMENT_QUICK,
	DOCUMENT_GUARDED
} DocumentWay;

extern void document_insert(DocumentBatch *batches, int n_batches, DocumentWay way);

/*
 * Notifies the channel datasens_documents, when the transaction commits, that a flux of that
 * source has added n documents, with the first and the last id_doc of it. Inside an owner's scope.
 */
extern void document_notify(int64 id_flux, const char *nom, int64 n);

#endif
