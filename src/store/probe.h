/*
 * probe.h
 *	  Which fingerprints are stored: asked in order, straight from the index.
 *
 * Where nearly all are stored the probe walks along the index's leaves, where
 * few are it descends for each.  What the map of visible pages vouches for needs
 * no look into the table.
 *
 * Who calls it: document.c.
 */
#ifndef DATASENS_STORE_PROBE_H
#define DATASENS_STORE_PROBE_H

#include "postgres.h"

typedef struct Probe Probe;

/*
 * Begins to ask the table of that name in schema datasens, which has a column hash_fingerprint, as
 * a statement that starts now would see it. The probe lives in the current memory context and
 * resource owner; probe_end ends it, or the end of the (sub)transaction. A table whose
 * fingerprints have no index of their own (it is distributed, say) answers "not stored" to
 * everything.
 */
extern Probe *probe_begin(const char *table);

/* Whether the fingerprint is stored; each must be higher than the one before. */
extern bool probe_finds(Probe *probe, const uint8 *fingerprint);

extern void probe_end(Probe *probe);

#endif
