/*
 * check.h
 *	  Verifies what is stored.
 *
 * Reads every document once to compute its fingerprint anew and once to count,
 * in the caller's snapshot: what collectors commit meanwhile does not disturb
 * it.  Memory is bounded whatever the size of the tables (what has to be sorted
 * spills to disk at work_mem), and a cancel is noticed at each row.
 *
 * Who calls it: datasens_check() (api/health.c).
 */
#ifndef DATASENS_OPERATE_CHECK_H
#define DATASENS_OPERATE_CHECK_H

#include "postgres.h"

#include "utils/tuplestore.h"

/*
 * Puts a row for each fault: objet, id, probleme, attendu, trouve.  Inside an
 * owner's scope.
 *
 * probleme: empreinte, a document's fingerprint is not that of its texts;
 * compte, the documents of a flux or a source, or what a flux says of itself,
 * do not agree; orphelin, what the object belongs to is not there.
 */
extern void check_stored(Tuplestorestate *store, TupleDesc desc);

#endif
