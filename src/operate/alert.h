/*
 * alert.h
 *	  Alerts: said once when a source or a task turns bad, and once when it is
 *	  well again.
 *
 * An alert is a row of the table alerte, written by the transaction that found
 * out, together with the mark of what it is about (etat_source.alerte,
 * tache.alerte) and a NOTIFY datasens: all of it or nothing.  The table is the
 * outbox, too: the task "alertes" delivers what is to go elsewhere, at least once.
 *
 * etat: echec (retries are spent), obsolete (no success for longer than health
 * allows), silence (runs succeed, but nothing new has come for far longer than
 * usual), lacune (the source runs, but slices of it were given up), retabli.  What is bad
 * already is not told again until it is well; only a gap may get worse.
 *
 * Who calls it: run/commit.c for sources, task.c for tasks.
 */
#ifndef DATASENS_OPERATE_ALERT_H
#define DATASENS_OPERATE_ALERT_H

#include "postgres.h"

#include "operate/task.h"
#include "source/source.h"

/* ---- inside an owner's scope ---- */

/*
 * A run of the source has ended: failed, its retries spent (error says why), or
 * with some success, with so many new documents.  A retry that is pending is
 * neither, and not told here.
 */
extern void alert_source_failed(const Source *source, const char *error);
extern void alert_source_succeeded(const Source *source, int64 inserted);

/*
 * Of a source with slices: its own run has succeeded, or a slice of it has ended, and the
 * ledger is written.  However many slices are given up, that is one alert; it is over when
 * nothing that came with time is given up or failing any more.  A slice that is collected
 * is no end of an echec, which is the source's own.
 */
typedef enum SliceNews
{
	SLICE_NEWS_LISTED, /* a run of the source has succeeded */
	SLICE_NEWS_COLLECTED,
	SLICE_NEWS_FAILED
} SliceNews;

extern void alert_source_slices(const Source *source, SliceNews news, int64 inserted);

/* The same for a task whose mark was known. */
extern void alert_task(const char *nom, const char *known, const char *error);

/* Whether this process has written alerts since it was asked last: deliveries are due then. */
extern bool alert_take_written(void);

/* The ways that they are delivered, as alerte.canaux has them. */
#define ALERT_BY_WEBHOOK "webhook"
#define ALERT_BY_EMAIL "email"

/* A mail of that text as RFC 5322 has it (UTF-8, palloc'd). */
extern char *alert_mail(int64 id, const char *from, const char *to, const char *text);

/* The tasks "veille", which looks for sources that have gone quiet, and "alertes". */
extern const Task task_watch;
extern const Task task_deliver;

#endif
