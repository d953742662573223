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
 * usual), retabli.  What is bad already is not told again until it is well.
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
