/*
 * alert_deliver.c
 *	  The task "alertes": brings alerts to the webhook, at least once.
 *
 * An attempt is counted, and the next one set, before it is made; what answered
 * well is marked afterwards.  So a crash in between costs a second delivery, never
 * one that is lost, and an endpoint that takes the process down is not asked
 * without end.
 */
#include "postgres.h"

#include "base/settings.h"
#include "base/transaction.h"
#include "compat.h"
#include "net/fetch.h"
#include "operate/alert.h"
#include "time/plan.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* Delivered in one go, one after the other. */
#define BATCH 20

/* Attempts after which an alert is given up: with doubled delays more than a week. */
#define MAX_ATTEMPTS 16

#define WAIT_MS 1000

static Statement due_statement = {
	.sql = "SELECT pg_catalog.min(prochaine_tentative) FROM datasens.alerte"
		   " WHERE prochaine_tentative IS NOT NULL",
};

/* text is what chat programs show.  $1: French. */
static Statement take_statement = {
	.sql = "SELECT id_alerte, tentatives, pg_catalog.json_build_object("
		   "  'text', pg_catalog.concat('datasens (', pg_catalog.current_database(), ') : ',"
		   "   CASE objet WHEN 'tache' THEN CASE WHEN $1 THEN 'tâche ' ELSE 'task ' END END,"
		   "   nom, ' : ', CASE WHEN $1 THEN CASE etat WHEN 'echec' THEN 'en échec'"
		   "    WHEN 'obsolete' THEN 'obsolète' WHEN 'retabli' THEN 'rétabli' ELSE etat END"
		   "   ELSE CASE etat WHEN 'echec' THEN 'failing' WHEN 'silence' THEN 'silent'"
		   "    WHEN 'retabli' THEN 'recovered' ELSE etat END END,"
		   "   ' : ' || message),"
		   "  'id_alerte', id_alerte, 'base', pg_catalog.current_database(), 'date', date_alerte,"
		   "  'objet', objet, 'nom', nom, 'etat', etat, 'message', message)"
		   " FROM datasens.alerte WHERE prochaine_tentative <= pg_catalog.now()"
		   " ORDER BY id_alerte LIMIT $2 FOR UPDATE SKIP LOCKED",
	.n_args = 2,
	.types = {BOOLOID, INT4OID},
};

static Statement attempt_statement = {
	.sql = "UPDATE datasens.alerte SET tentatives = tentatives + 1, prochaine_tentative = $2"
		   " WHERE id_alerte = $1",
	.n_args = 2,
	.types = {INT8OID, TIMESTAMPTZOID},
};

static Statement delivered_statement = {
	.sql = "UPDATE datasens.alerte SET prochaine_tentative = NULL, date_livraison = $2,"
		   "  derniere_erreur = NULL WHERE id_alerte = $1",
	.n_args = 2,
	.types = {INT8OID, TIMESTAMPTZOID},
};

static Statement failed_statement = {
	.sql = "UPDATE datasens.alerte SET derniere_erreur = $2 WHERE id_alerte = $1",
	.n_args = 2,
	.types = {INT8OID, TEXTOID},
};

typedef struct Delivery
{
	int64 id;
	char *body; /* JSON, UTF-8 */
	char *error;
} Delivery;

/* When the next delivery is due; inside an owner's scope. */
static TimestampTz
deliveries_due(void)
{
	bool  isnull;
	Datum due;

	if (setting_alert_webhook[0] == '\0')
		return DT_NOEND;
	statement_run(&due_statement, NULL, NULL, SPI_OK_SELECT);
	due = row_datum(0, 1, &isnull);
	return isnull ? DT_NOEND : DatumGetTimestampTz(due);
}

/* When an alert is tried again after attempts that failed; an infinity would never end. */
static Datum
next_attempt(int attempts, TimestampTz now, char *null)
{
	*null = attempts >= MAX_ATTEMPTS ? 'n' : ' ';
	return TimestampTzGetDatum(
		now + plan_retry_delay(setting_retry_delay, attempts, -1, compat_random_fraction()) *
				  USECS_PER_SEC);
}

/* Takes what is due, each attempt written down; the deliveries in context, *n of them. */
static Delivery *
take(MemoryContext context, int *n)
{
	Delivery	  *deliveries = MemoryContextAllocZero(context, BATCH * sizeof(Delivery));
	Datum		   limits[] = {BoolGetDatum(setting_report_language == LANGUAGE_FRENCH),
							   Int32GetDatum(BATCH)};
	OwnerScope	   scope;
	SPITupleTable *rows;

	*n = 0;
	if (!transaction_start(&scope))
		return deliveries;
	statement_run(&take_statement, limits, NULL, SPI_OK_SELECT);
	rows = SPI_tuptable;
	*n = (int) SPI_processed;
	for (int i = 0; i < *n; i++)
	{
		bool  isnull;
		Datum id = SPI_getbinval(rows->vals[i], rows->tupdesc, 1, &isnull);
		int	  attempts = DatumGetInt32(SPI_getbinval(rows->vals[i], rows->tupdesc, 2, &isnull));
		char *body = SPI_getvalue(rows->vals[i], rows->tupdesc, 3);
		char  nulls[] = "  ";
		Datum values[2];

		deliveries[i].id = DatumGetInt64(id);
		deliveries[i].body =
			MemoryContextStrdup(context, pg_server_to_any(body, (int) strlen(body), PG_UTF8));
		values[0] = id;
		values[1] = next_attempt(attempts + 1, GetCurrentTimestamp(), &nulls[1]);
		statement_run(&attempt_statement, values, nulls, SPI_OK_UPDATE);
	}
	transaction_commit(&scope, true);
	return deliveries;
}

/* Posts one; its error in context, NULL where the endpoint took it.  The address is not told. */
static void
post(Fetcher *fetcher, Delivery *delivery, MemoryContext context)
{
	static const FetchHeader json = {"Content-Type", "application/json", false};
	FetchRequest			 request = {.url = setting_alert_webhook,
										.headers = &json,
										.n_headers = 1,
										.post = delivery->body,
										.owner = delivery};
	FetchResponse			*response;

	fetch_start(fetcher, &request);
	while ((response = fetcher_next(fetcher)) == NULL)
	{
		fetcher_wait(fetcher, WAIT_MS);
		CHECK_FOR_INTERRUPTS();
	}
	if (failure_is(&response->failure))
		delivery->error = MemoryContextStrdup(
			context, response->status > 0
						 ? psprintf("the webhook answered with HTTP status %ld", response->status)
						 : psprintf("the webhook could not be reached: %s",
									failure_word(response->failure.class)));
	fetch_free(response);
}

/* Writes down what became of them. */
static void
record(const Delivery *deliveries, int n)
{
	OwnerScope scope;

	if (n == 0 || !transaction_start(&scope))
		return;
	for (int i = 0; i < n; i++)
	{
		Datum values[] = {Int64GetDatum(deliveries[i].id),
						  deliveries[i].error ? CStringGetTextDatum(deliveries[i].error)
											  : TimestampTzGetDatum(GetCurrentTimestamp())};

		statement_run(deliveries[i].error ? &failed_statement : &delivered_statement, values, NULL,
					  SPI_OK_UPDATE);
	}
	transaction_commit(&scope, true);
}

static void
run_deliver(void)
{
	MemoryContext context = CurrentMemoryContext;
	Fetcher		 *fetcher = fetcher_create(context);
	Delivery	 *deliveries;
	int			  n;

	do
	{
		deliveries = take(context, &n);
		MemoryContextSwitchTo(context);
		for (int i = 0; i < n; i++)
			post(fetcher, &deliveries[i], context);
		record(deliveries, n);
		MemoryContextSwitchTo(context);
	} while (n == BATCH);
}

const Task task_deliver = {
	.nom = "alertes",
	.due = deliveries_due,
	.run = run_deliver,
};
