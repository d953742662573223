/*
 * alert.c
 *	  Alerts: said once when a source or a task turns bad, and once when it is well again. This
 *	  file writes them; alert_deliver.c brings them to where they are to go.
 *
 * What makes "once" true is the mark of what an alert is about (etat_source.alerte, tache.alerte):
 * it is changed only from the value that was known, in the same transaction that writes the alert.
 * Whoever comes second finds another mark, and says nothing.
 */
#include "postgres.h"

#include "base/settings.h"
#include "base/transaction.h"
#include "operate/alert.h"
#include "operate/health.h"
#include "store/slice.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#define FAILED "echec"
#define SILENT "silence"
#define GAP "lacune"
#define RECOVERED "retabli"

/* What is not marked, or with something less bad than what is to be told now. */
#define UNMARKED "coalesce(e.alerte, '" GAP "') = '" GAP "'"

/*
 * Changes a mark if it is still the one that was known. $1: what it is about; $2: the mark that
 * was known; $3: the new one, null: it is well.
 */
static Statement mark_source_statement = {
	.sql = "UPDATE datasens.etat_source SET alerte = $3 WHERE id_source = $1"
		   " AND alerte IS NOT DISTINCT FROM $2",
	.n_args = 3,
	.types = {INT4OID, TEXTOID, TEXTOID},
};

static Statement mark_task_statement = {
	.sql = "UPDATE datasens.tache SET alerte = $3 WHERE nom = $1"
		   " AND alerte IS NOT DISTINCT FROM $2",
	.n_args = 3,
	.types = {TEXTOID, TEXTOID, TEXTOID},
};

/*
 * $5: the ways that the alert is to be delivered. A notification's payload has to be shorter than
 * 8000 bytes.
 */
static Statement write_statement = {
	.sql = "WITH ecrite AS (INSERT INTO datasens.alerte (objet, nom, etat, message,"
		   "   canaux, prochaine_tentative)"
		   "  VALUES ($1, $2, $3, $4, $5, CASE WHEN"
		   "   $5 <> '{}' THEN pg_catalog.now() END) RETURNING *)"
		   " SELECT pg_catalog.pg_notify('datasens', pg_catalog.json_build_object("
		   "  'id_alerte', id_alerte, 'date', date_alerte, 'objet', objet,"
		   "  'nom', pg_catalog.left(nom, 500), 'etat', etat,"
		   "  'message', pg_catalog.left(message, 500))::pg_catalog.text) FROM ecrite",
	.n_args = 5,
	.types = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID},
};

/*
 * Sources that have brought nothing for more than twice the longest time that they ever took
 * between two runs with news, of the last 60 days.
 */
static Statement quiet_statement = {
	.sql = "SELECT e.id_source, s.nom, e.alerte, pg_catalog.max(f.date_collecte)"
		   " FROM datasens.etat_source e JOIN datasens.source s USING (id_source)"
		   " JOIN (SELECT id_source, date_collecte, date_collecte - pg_catalog.lag(date_collecte)"
		   "   OVER (PARTITION BY id_source ORDER BY date_collecte) AS ecart"
		   "  FROM datasens.flux WHERE nb_inseres > 0"
		   "   AND date_collecte > pg_catalog.now() - interval '60 days') AS f USING (id_source)"
		   " WHERE s.actif AND " UNMARKED " AND e.echecs_consecutifs = 0"
		   " GROUP BY e.id_source, s.nom, e.alerte HAVING pg_catalog.count(*) >= 5"
		   "  AND pg_catalog.now() - pg_catalog.max(f.date_collecte)"
		   "   > greatest(interval '1 day', 2 * pg_catalog.max(f.ecart))"
		   " ORDER BY e.id_source",
};

static Statement unmarked_statement = {
	.sql = "SELECT id_source, nom, e.alerte FROM datasens.etat_source e"
		   " JOIN datasens.source USING (id_source)"
		   " WHERE nom = ANY ($1) AND " UNMARKED " ORDER BY id_source",
	.n_args = 1,
	.types = {TEXTARRAYOID},
};

static bool written = false;

bool
alert_take_written(void)
{
	bool result = written;

	written = false;
	return result;
}

/* The ways that alerts are delivered now, by the settings, as a text[]. */
static Datum
channels(void)
{
	Datum names[2];
	int	  n = 0;

	if (setting_alert_webhook[0] != '\0')
		names[n++] = CStringGetTextDatum(ALERT_BY_WEBHOOK);
	if (setting_alert_email[0] != '\0')
		names[n++] = CStringGetTextDatum(ALERT_BY_EMAIL);
	return PointerGetDatum(construct_array(names, n, TEXTOID, -1, false, TYPALIGN_INT));
}

/*
 * Changes the mark from known to mark (NULL: well) and, if it was still the known one, writes the
 * alert.
 */
static void
alert(Statement *mark_statement, Datum about, const char *objet, const char *nom, const char *known,
	  const char *mark, const char *message)
{
	char  nulls[] = "     ";
	Datum marks[] = {about, text_or_null(known, &nulls[1]), text_or_null(mark, &nulls[2])};
	Datum values[5];

	statement_run(mark_statement, marks, nulls, SPI_OK_UPDATE);
	if (SPI_processed == 0)
		return;
	memset(nulls, ' ', sizeof(nulls) - 1);
	values[0] = CStringGetTextDatum(objet);
	values[1] = text_or_null(nom, &nulls[1]);
	values[2] = CStringGetTextDatum(mark ? mark : RECOVERED);
	values[3] = text_or_null(message, &nulls[3]);
	values[4] = channels();
	statement_run(&write_statement, values, nulls, SPI_OK_SELECT);
	written = true;
}

static void
alert_source(int32 id, const char *nom, const char *known, const char *mark, const char *message)
{
	alert(&mark_source_statement, Int32GetDatum(id), "source", nom, known, mark, message);
}

static bool
is_marked(const Source *source, const char *mark)
{
	return source->alert != NULL && strcmp(source->alert, mark) == 0;
}

void
alert_source_failed(const Source *source, const char *error)
{
	if (source->alert == NULL || is_marked(source, GAP))
		alert_source(source->id, source->nom, source->alert, FAILED, error);
}

void
alert_source_succeeded(const Source *source, int64 inserted)
{
	if (source->alert != NULL && (!is_marked(source, SILENT) || inserted > 0))
		alert_source(source->id, source->nom, source->alert, NULL, NULL);
}

/*
 * What there is to say of missing slices, palloc'd, or NULL. open: some have been given up and may
 * still be had; then how many, and why the latest. Else how many stay missing for good.
 */
static char *
describe_gaps(const SliceGaps *gaps, bool open)
{
	if (open)
		return psprintf("slices that were given up: %lld, the latest %s",
						(long long) gaps->given_up, gaps->error);
	if (gaps->lost > 0)
		return psprintf("slices that stay missing: %lld", (long long) gaps->lost);
	return NULL;
}

void
alert_source_slices(const Source *source, SliceNews news, int64 inserted)
{
	SliceGaps gaps = slice_gaps(source->id);
	bool	  gap = is_marked(source, GAP);
	bool	  over = is_marked(source, FAILED)	 ? news == SLICE_NEWS_LISTED
					 : is_marked(source, SILENT) ? inserted > 0
												 : news != SLICE_NEWS_FAILED;

	if (source->alert != NULL && !gap && !over)
		return;
	if (gaps.given_up > 0 && !gap)
		alert_source(source->id, source->nom, source->alert, GAP, describe_gaps(&gaps, true));
	else if (source->alert != NULL && gaps.given_up == 0 && !(gap && gaps.pending > 0))
		alert_source(source->id, source->nom, source->alert, NULL, describe_gaps(&gaps, false));
}

void
alert_task(const char *nom, const char *known, const char *error)
{
	if ((error != NULL) == (known == NULL))
		alert(&mark_task_statement, CStringGetTextDatum(nom), "tache", nom, known,
			  error ? FAILED : NULL, error);
}

/* ---- the watch ---- */

/*
 * Marks the sources that health calls obsolete; in the order of their ids, in which everyone locks
 * them.
 */
static void
watch_obsolete(void)
{
	SPITupleTable *rows;
	Datum		  *names;
	Datum		   values[1];
	int			   n = 0;

	health_query();
	names = palloc((SPI_processed + 1) * sizeof(Datum));
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		if (strcmp(row_need_string(CurrentMemoryContext, row, 3), "obsolete") == 0)
			names[n++] = CStringGetTextDatum(row_need_string(CurrentMemoryContext, row, 1));
	}
	values[0] = PointerGetDatum(construct_array(names, n, TEXTOID, -1, false, TYPALIGN_INT));
	statement_run(&unmarked_statement, values, NULL, SPI_OK_SELECT);
	rows = SPI_tuptable;
	n = (int) SPI_processed;
	for (int row = 0; row < n; row++)
	{
		bool  isnull;
		int32 id = DatumGetInt32(table_datum(rows, row, 1, INT4OID, &isnull));

		alert_source(id, SPI_getvalue(rows->vals[row], rows->tupdesc, 2),
					 SPI_getvalue(rows->vals[row], rows->tupdesc, 3), "obsolete", NULL);
	}
}

/* Marks the sources that have gone quiet, far beyond the longest silence they are known for. */
static void
watch_silent(void)
{
	SPITupleTable *rows;
	uint64		   n;

	owner_plan_freely();
	statement_run(&quiet_statement, NULL, NULL, SPI_OK_SELECT);
	rows = SPI_tuptable;
	n = SPI_processed;
	for (uint64 row = 0; row < n; row++)
	{
		bool  isnull;
		int32 id = DatumGetInt32(table_datum(rows, row, 1, INT4OID, &isnull));
		char *nom = SPI_getvalue(rows->vals[row], rows->tupdesc, 2);
		char *known = SPI_getvalue(rows->vals[row], rows->tupdesc, 3);
		char *since = SPI_getvalue(rows->vals[row], rows->tupdesc, 4);

		alert_source(id, nom, known, SILENT, psprintf("nothing new since %s", since));
	}
}

/* The task "veille". Each look is a transaction of its own, as it locks the sources anew. */
static void
run_watch(void)
{
	void (*const looks[])(void) = {watch_obsolete, watch_silent};
	OwnerScope scope;

	for (size_t i = 0; i < lengthof(looks); i++)
	{
		if (!transaction_start(&scope))
			return;
		looks[i]();
		transaction_commit(&scope, true);
	}
}

const Task task_watch = {
	.nom = "veille",
	.setting = "datasens.alert_schedule",
	.schedule = &setting_alert_schedule,
	.run = run_watch,
};
