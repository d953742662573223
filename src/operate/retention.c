/*
 * retention.c
 *	  What grows without end is bounded, what is left is measured, and documents are forgotten
 *	  on demand. The first half is the task "menage", a list of brooms; the second is for
 *	  datasens_forget().
 */
#include "postgres.h"

#include "base/settings.h"
#include "base/shared.h"
#include "base/transaction.h"
#include "operate/archive.h"
#include "operate/payload.h"
#include "operate/retention.h"
#include "operate/stats.h"
#include "parse/warc.h"
#include "store/journal.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* So many rows are deleted in one transaction, which takes a few milliseconds. */
#define BATCH 1000

/*
 * One thing that is removed when it is old. The statement deletes a batch, or marks it to be
 * deleted elsewhere: $1: rows older than
 * this; $2: with an id above this; $3: at most so many. It returns their ids, in any order. Rows
 * that somebody has locked are left for the next time, so that nobody waits for a batch for long,
 * nor a batch for anybody.
 */
typedef struct Broom
{
	const char *what; /* in the journal */
	int		   *keep; /* setting: seconds, 0: for ever */
	Statement	statement;
	int			expected; /* what SPI says of it; 0: that it deletes */
} Broom;

#define BATCH_TYPES .n_args = 3, .types = {TIMESTAMPTZOID, INT8OID, INT4OID}

/*
 * For tables without ids: finds the rows of a batch by where they lie (ctid), which does not
 * change while they are locked.
 */
#define BATCH_OF(table, old)                                                                       \
	"DELETE FROM datasens." table " WHERE ctid = ANY (ARRAY(SELECT ctid FROM datasens." table      \
	" WHERE " old " LIMIT $3 FOR UPDATE SKIP LOCKED)) RETURNING $2"

/*
 * The last flux of a source, which health and the users' queries look at, is the one that began at
 * derniere_collecte, and stays. Fluxes stay a day longer than their rejets, which so have gone
 * before them.
 */
static Broom brooms[] = {
	{.what = "rejets",
	 .keep = &setting_flux_retention,
	 .statement = {.sql = "DELETE FROM datasens.rejet WHERE id_rejet IN"
						  " (SELECT id_rejet FROM datasens.rejet WHERE id_rejet > $2"
						  "  AND date_rejet < $1 ORDER BY id_rejet LIMIT $3"
						  "  FOR UPDATE SKIP LOCKED) RETURNING id_rejet",
				   BATCH_TYPES}},
	{.what = "flux",
	 .keep = &setting_flux_retention,
	 .statement = {.sql = "DELETE FROM datasens.flux WHERE id_flux IN"
						  " (SELECT f.id_flux FROM datasens.flux f WHERE f.id_flux > $2"
						  "  AND f.date_collecte < $1 - interval '1 day'"
						  "  AND f.nb_inseres = f.nb_supprimes"
						  "  AND f.date_collecte < coalesce((SELECT e.derniere_collecte"
						  "   FROM datasens.etat_source e WHERE e.id_source = f.id_source),"
						  "   'infinity')"
						  "  ORDER BY f.id_flux LIMIT $3 FOR UPDATE OF f SKIP LOCKED)"
						  " RETURNING id_flux",
				   BATCH_TYPES}},
	{.what = "archives",
	 .keep = &setting_archive_retention,
	 .statement = {.sql = "WITH anciens AS (SELECT id_flux, manifest_uri FROM datasens.flux"
						  "  WHERE id_flux > $2 AND date_collecte < $1"
						  "   AND manifest_uri LIKE '%" WARC_SUFFIX "'"
						  "  ORDER BY id_flux LIMIT $3 FOR UPDATE SKIP LOCKED),"
						  " retires AS (INSERT INTO datasens.archive (uri)"
						  "  SELECT manifest_uri FROM anciens)"
						  " UPDATE datasens.flux f SET manifest_uri = NULL FROM anciens a"
						  " WHERE f.id_flux = a.id_flux RETURNING f.id_flux",
				   BATCH_TYPES},
	 .expected = SPI_OK_UPDATE_RETURNING},
	{.what = "alertes",
	 .keep = &setting_journal_retention,
	 .statement = {.sql = "DELETE FROM datasens.alerte WHERE id_alerte IN"
						  " (SELECT id_alerte FROM datasens.alerte WHERE id_alerte > $2"
						  "  AND date_alerte < $1 AND prochaine_tentative IS NULL"
						  "  ORDER BY id_alerte LIMIT $3 FOR UPDATE SKIP LOCKED)"
						  " RETURNING id_alerte",
				   BATCH_TYPES}},
	{.what = "sauvegardes disparues",
	 .keep = &setting_journal_retention,
	 .statement = {.sql = "DELETE FROM datasens.sauvegarde WHERE id_sauvegarde IN"
						  " (SELECT id_sauvegarde FROM datasens.sauvegarde"
						  "  WHERE id_sauvegarde > $2 AND date_debut < $1"
						  "  AND (statut = 'echec' OR date_suppression IS NOT NULL)"
						  "  AND archive_statut IS DISTINCT FROM 'archivee'"
						  "  ORDER BY id_sauvegarde LIMIT $3 FOR UPDATE SKIP LOCKED)"
						  " RETURNING id_sauvegarde",
				   BATCH_TYPES}},
	{.what = "lignes du journal",
	 .keep = &setting_journal_retention,
	 .statement = {.sql = "DELETE FROM datasens.journal WHERE id_journal IN"
						  " (SELECT id_journal FROM datasens.journal WHERE id_journal > $2"
						  "  AND horodatage < $1 ORDER BY id_journal LIMIT $3"
						  "  FOR UPDATE SKIP LOCKED)"
						  " RETURNING id_journal",
				   BATCH_TYPES}},
	{.what = "jours de volumetrie",
	 .keep = &setting_journal_retention,
	 .statement = {.sql = BATCH_OF("volumetrie", "jour < $1"), BATCH_TYPES}},
	{.what = "URL en cache",
	 .keep = &setting_flux_retention,
	 .statement = {.sql = BATCH_OF("cache_http", "date_maj < $1"), BATCH_TYPES}},
	{.what = "hotes",
	 .keep = &setting_flux_retention,
	 .statement = {.sql = BATCH_OF("hote", "date_maj < $1 AND (reessayer_apres IS NULL"
										   " OR reessayer_apres < $1)"),
				   BATCH_TYPES}},
};

/* ---- the task ---- */

static TimestampTz
limit_of(const Broom *broom)
{
	return GetCurrentTimestamp() - *broom->keep * USECS_PER_SEC;
}

/* Deletes a batch of what comes after *last, and moves that on. Returns how many rows went. */
static int64
sweep_batch(Broom *broom, int64 *last)
{
	Datum	   values[] = {TimestampTzGetDatum(limit_of(broom)), Int64GetDatum(*last),
						   Int32GetDatum(BATCH)};
	OwnerScope scope;
	int64	   n = 0;

	if (!transaction_start(&scope))
		return 0;
	statement_run(&broom->statement, values, NULL,
				  broom->expected ? broom->expected : SPI_OK_DELETE_RETURNING);
	n = (int64) SPI_processed;
	for (int64 row = 0; row < n; row++)
	{
		int64 id = row_int64(row, 1);

		*last = Max(*last, id);
	}
	transaction_commit(&scope, false);
	return n;
}

/* Deletes batch after batch; before: how many rows have gone by other brooms, for the progress. */
static int64
sweep(Broom *broom, Progress *shown, int64 before)
{
	int64 last = 0;
	int64 total = 0;
	int64 n;

	do
	{
		CHECK_FOR_INTERRUPTS();
		n = sweep_batch(broom, &last);
		total += n;
		progress_set(shown, PROGRESS_SWEEPING, 0, -1, before + total);
	} while (n == BATCH);
	return total;
}

static void
note(StringInfo line, const Broom *broom, int64 n)
{
	if (n > 0)
		appendStringInfo(line, "%s-%lld %s", line->len > 0 ? ", " : "", (long long) n, broom->what);
}

/* Uses all brooms. line gets what has gone, for the journal. */
static void
sweep_all(StringInfo line, Progress *shown)
{
	int64 gone = 0;
	int64 n;

	for (size_t i = 0; i < lengthof(brooms); i++)
	{
		progress_set(shown, PROGRESS_SWEEPING, 0, -1, gone);
		n = *brooms[i].keep > 0 ? sweep(&brooms[i], shown, gone) : 0;
		note(line, &brooms[i], n);
		gone += n;
	}
}

static void
run_retention(void)
{
	Progress	  *shown = progress_take(0, "menage", "");
	StringInfoData line;
	OwnerScope	   scope;

	initStringInfo(&line);
	PG_TRY();
	{
		sweep_all(&line, shown);
	}
	PG_FINALLY();
	{
		progress_free(shown);
	}
	PG_END_TRY();
	archive_remove_old();
	if (!transaction_start(&scope))
		return;
	stats_record_size();
	if (line.len > 0)
		journal_write("MENAGE", line.data);
	transaction_commit(&scope, false);
}

const Task task_retention = {
	.nom = "menage",
	.setting = "datasens.retention_schedule",
	.schedule = &setting_retention_schedule,
	.run = run_retention,
};

/* ---- forgetting ---- */

/*
 * Deletes documents and remembers their fingerprints. Gives, for each source, how many went and
 * the first flux that had brought one.
 */
#define FORGET_STATEMENT(condition, rejets)                                                        \
	"WITH partis AS (DELETE FROM datasens.document WHERE " condition                               \
	"  RETURNING hash_fingerprint, id_flux, url)" rejets ","                                       \
	" oublies AS (INSERT INTO datasens.oubli (hash_fingerprint)"                                   \
	"  SELECT hash_fingerprint FROM partis ON CONFLICT DO NOTHING)"                                \
	" SELECT pg_catalog.count(*), f.id_source, pg_catalog.min(p.id_flux) FROM partis p"            \
	" LEFT JOIN datasens.flux f ON f.id_flux = p.id_flux GROUP BY f.id_source"

/* $1: an address, or a pattern as LIKE has it. */
static Statement forget_statement = {
	.sql = FORGET_STATEMENT("url = $1", ""), .n_args = 1, .types = {TEXTOID}};
static Statement forget_like_statement = {
	.sql = FORGET_STATEMENT("url LIKE $1", ""), .n_args = 1, .types = {TEXTOID}};

/*
 * $1: ids. Rejects that hold the address of one of these documents go, too; where documents are
 * forgotten by address, forget_rejets_statement does that.
 */
static Statement forget_ids_statement = {
	.sql = FORGET_STATEMENT("id_doc = ANY ($1)",
							", traces AS (DELETE FROM datasens.rejet r USING partis p"
							"  WHERE p.url <> '' AND pg_catalog.strpos(r.brut, p.url) > 0)"),
	.n_args = 1,
	.types = {INT8ARRAYOID}};

/* $1: a pattern. */
static Statement forget_rejets_statement = {
	.sql = "WITH partis AS (DELETE FROM datasens.rejet WHERE brut LIKE '%' || $1 || '%'"
		   "  RETURNING id_flux)"
		   " SELECT pg_catalog.count(*), f.id_source, pg_catalog.min(p.id_flux) FROM partis p"
		   " LEFT JOIN datasens.flux f ON f.id_flux = p.id_flux GROUP BY f.id_source",
	.n_args = 1,
	.types = {TEXTOID},
};

/* The pattern as LIKE has it: a '*' stands for anything, and what is special to LIKE is escaped. */
static char *
like_of(const char *pattern)
{
	StringInfoData like;

	initStringInfo(&like);
	for (const char *c = pattern; *c != '\0'; c++)
	{
		if (*c == '*')
			appendStringInfoChar(&like, '%');
		else
		{
			if (*c == '%' || *c == '_' || *c == '\\')
				appendStringInfoChar(&like, '\\');
			appendStringInfoChar(&like, *c);
		}
	}
	return like.data;
}

/*
 * Runs such a statement and returns how many went. What they were received in goes, too: the
 * archive of the flux that brought them, and those of all later ones of that source, which may
 * hold them again as duplicates.
 */
static int64
forget(Statement *statement, const Datum *values)
{
	uint64 n_sources;
	int64  n = 0;
	int32 *sources;
	int64 *first;

	statement_run(statement, values, NULL, SPI_OK_SELECT);
	n_sources = SPI_processed;
	sources = palloc0((n_sources + 1) * sizeof(int32));
	first = palloc0((n_sources + 1) * sizeof(int64));
	for (uint64 row = 0; row < n_sources; row++)
	{
		n += row_int64(row, 1);
		sources[row] = row_int32(row, 2);
		first[row] = row_int64(row, 3);
	}
	for (uint64 i = 0; i < n_sources; i++)
		payload_forget(sources[i], first[i]);
	return n;
}

int64
retention_forget(const char *pattern)
{
	bool  is_pattern = strchr(pattern, '*') != NULL;
	Datum exact[] = {CStringGetTextDatum(pattern)};
	Datum like[] = {CStringGetTextDatum(like_of(pattern))};
	int64 n;

	owner_plan_freely();
	n = forget(is_pattern ? &forget_like_statement : &forget_statement, is_pattern ? like : exact);
	(void) forget(&forget_rejets_statement, like);
	return n;
}

int64
retention_forget_ids(Datum ids)
{
	owner_plan_freely();
	return forget(&forget_ids_statement, &ids);
}
