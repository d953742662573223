/*
 * health.h
 *	  How each source is.
 *
 * Who calls it: datasens_health(); the rule is also in the report, the metrics, the figures and
 * the watch for silence, which so never say anything else.
 */
#ifndef DATASENS_OPERATE_HEALTH_H
#define DATASENS_OPERATE_HEALTH_H

#include "postgres.h"

#include "base/lock.h"

/*
 * Leaves one row a source in SPI_tuptable, by name: nom, type_source, statut,
 * total_docs, derniere_collecte, age_dernier_flux, prochaine_collecte,
 * echecs_consecutifs, derniere_erreur.  Inside an owner's scope.
 *
 * statut, the first that holds:
 *	  inactif   switched off, by datasens_enable_source() or a 410
 *	  en_cours  somebody holds its lock: it is being collected
 *	  echec     the last run failed, its retries are spent
 *	  jamais    never collected with success
 *	  obsolete  no success for longer than datasens.stale_after and one and a
 *				half of its schedule's periods
 *	  retard    due for more than a minute, and nobody collects it
 *	  ok
 */
extern void health_query(void);

/*
 * That statut as SQL, for source s and its etat_source e; now, the seconds of
 * datasens.stale_after and those that are late, not merely due, as SQL.
 */
#define HEALTH_STATUT(now, stale, late)                                                            \
	" CASE WHEN NOT s.actif THEN 'inactif'"                                                        \
	"  WHEN s.id_source IN (SELECT l.objid::pg_catalog.int8 FROM pg_catalog.pg_locks l"            \
	"   WHERE l.locktype = 'advisory' AND l.objsubid = " CppAsString2(                             \
		LOCK_TABLE_CLASS) " AND l.granted"                                                         \
						  "    AND l.classid = 'datasens.source'::pg_catalog.regclass"             \
						  "    AND l.database = (SELECT oid FROM pg_catalog.pg_database"           \
						  "     WHERE datname = pg_catalog.current_database())) THEN 'en_cours'"   \
						  "  WHEN e.echecs_consecutifs > 0 THEN 'echec'"                           \
						  "  WHEN e.dernier_succes IS NULL THEN 'jamais'"                          \
						  "  WHEN " now " - e.dernier_succes > greatest(" stale                    \
						  " * interval '1 second',"                                                \
						  "   coalesce(e.periode, interval '0') * 1.5) THEN 'obsolete'"            \
						  "  WHEN e.prochaine_collecte < " now " - " late                          \
						  " * interval '1 second' THEN 'retard'"                                   \
						  "  ELSE 'ok' END"

#endif
