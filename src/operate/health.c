/*
 * health.c
 *	  How each source is.
 */
#include "postgres.h"

#include "base/settings.h"
#include "base/transaction.h"
#include "operate/health.h"
#include "time/plan.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

/* $1: now; $2: seconds of datasens.stale_after; $3: seconds that are late, not merely due. */
static Statement health_statement = {
	.sql = "SELECT s.nom, s.type_source,"
		   " CASE WHEN NOT s.actif THEN 'inactif'"
		   "  WHEN s.id_source IN (SELECT l.objid::pg_catalog.int8 FROM pg_catalog.pg_locks l"
		   "   WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted"
		   "    AND l.classid = 'datasens.source'::pg_catalog.regclass"
		   "    AND l.database = (SELECT oid FROM pg_catalog.pg_database"
		   "     WHERE datname = pg_catalog.current_database())) THEN 'en_cours'"
		   "  WHEN e.echecs_consecutifs > 0 THEN 'echec'"
		   "  WHEN e.dernier_succes IS NULL THEN 'jamais'"
		   "  WHEN $1 - e.dernier_succes > greatest($2 * interval '1 second',"
		   "   coalesce(e.periode, interval '0') * 1.5) THEN 'obsolete'"
		   "  WHEN e.prochaine_collecte < $1 - $3 * interval '1 second' THEN 'retard'"
		   "  ELSE 'ok' END AS statut,"
		   " coalesce(e.total_docs, 0) AS total_docs, e.derniere_collecte,"
		   " $1 - e.derniere_collecte AS age_dernier_flux,"
		   " CASE WHEN s.actif THEN e.prochaine_collecte END AS prochaine_collecte,"
		   " coalesce(e.echecs_consecutifs, 0) AS echecs_consecutifs, e.derniere_erreur"
		   " FROM datasens.source s LEFT JOIN datasens.etat_source e USING (id_source)"
		   " ORDER BY s.nom",
	.n_args = 3,
	.types = {TIMESTAMPTZOID, INT4OID, INT4OID},
};

void
health_query(void)
{
	Datum values[] = {TimestampTzGetDatum(GetCurrentTimestamp()),
					  Int32GetDatum(setting_stale_after), Int32GetDatum(PLAN_MISSED_AFTER)};

	statement_run(&health_statement, values, NULL, SPI_OK_SELECT);
}
