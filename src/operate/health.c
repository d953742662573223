/*
 * health.c
 *	  How each source is. The rule itself is HEALTH_STATUT in health.h, so that the report, the
 *	  metrics and the watch for silence use the very same.
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
	.sql = "SELECT s.nom, s.type_source," HEALTH_STATUT(
		"$1", "$2",
		"$3") " AS statut,"
			  " coalesce(e.total_docs, 0) AS total_docs,"
			  " pg_catalog.date_trunc('second', e.derniere_collecte) AS derniere_collecte,"
			  " pg_catalog.date_trunc('second', $1 - e.derniere_collecte) AS age_dernier_flux,"
			  " CASE WHEN s.actif THEN pg_catalog.date_trunc('second', e.prochaine_collecte) END"
			  "  AS prochaine_collecte,"
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
