/*
 * alert_deliver.c
 *	  The task "alertes": brings alerts to the webhook and by mail, at least once.
 *
 * Before an attempt is made it is counted, and the time of the next one is set; only an answer
 * that was good is written down afterwards. So a crash in between costs a second delivery, and
 * never loses one; and an endpoint that takes the process down is not asked again and again
 * without end.
 *
 * No transaction is open while an endpoint is asked.
 */
#include "postgres.h"

#include "base/memory.h"
#include "base/secret_file.h"
#include "base/settings.h"
#include "base/transaction.h"
#include "net/fetch.h"
#include "net/mail.h"
#include "operate/alert.h"
#include "store/retry.h"
#include "store/secret.h"

#include <unistd.h>

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* So many alerts are taken in one transaction, and then delivered one after the other. */
#define BATCH 20

/* An alert is given up after so many attempts, which with doubled delays is more than a week. */
#define MAX_ATTEMPTS 16

#define WAIT_MS 1000

static Statement due_statement = {
	.sql = "SELECT pg_catalog.min(prochaine_tentative) FROM datasens.alerte"
		   " WHERE prochaine_tentative IS NOT NULL",
};

/*
 * texte is the sentence that people read. In the JSON it is called "text", where chat programs
 * look for it. $1: whether it is to be French.
 */
static const char take_sql[] =
	"SELECT a.id_alerte, a.tentatives, pg_catalog.json_build_object('text', t.texte,"
	"  'id_alerte', id_alerte, 'base', pg_catalog.current_database(), 'date', date_alerte,"
	"  'objet', objet, 'nom', nom, 'etat', etat, 'message', message), t.texte,"
	"  'webhook' = ANY (canaux), 'email' = ANY (canaux)"
	" FROM datasens.alerte a, LATERAL (SELECT pg_catalog.concat('datasens (',"
	"   pg_catalog.current_database(), ') : ',"
	"   CASE objet WHEN 'tache' THEN CASE WHEN $1 THEN 'tâche ' ELSE 'task ' END END,"
	"   nom, ' : ', CASE WHEN $1 THEN CASE etat WHEN 'echec' THEN 'en échec'"
	"    WHEN 'obsolete' THEN 'obsolète' WHEN 'lacune' THEN 'tranches manquantes'"
	"    WHEN 'retabli' THEN 'rétabli' ELSE etat END"
	"   ELSE CASE etat WHEN 'echec' THEN 'failing' WHEN 'silence' THEN 'silent'"
	"    WHEN 'lacune' THEN 'missing slices' WHEN 'retabli' THEN 'recovered' ELSE etat END END,"
	"   ' : ' || message) AS texte) AS t"
	" WHERE prochaine_tentative <= pg_catalog.now()"
	" ORDER BY id_alerte LIMIT $2 FOR UPDATE OF a SKIP LOCKED";

/* Its text is take_sql in the database's encoding, put in at its first use. */
static Statement take_statement = {
	.n_args = 2,
	.types = {BOOLOID, INT4OID},
};

static Statement attempt_statement = {
	.sql = "UPDATE datasens.alerte SET tentatives = tentatives + 1, prochaine_tentative = $2"
		   " WHERE id_alerte = $1",
	.n_args = 2,
	.types = {INT8OID, TIMESTAMPTZOID},
};

/* $2: the way that it has gone, which is taken off those that it still has to go. */
static Statement delivered_statement = {
	.sql = "UPDATE datasens.alerte SET canaux = pg_catalog.array_remove(canaux, $2),"
		   "  prochaine_tentative = CASE WHEN pg_catalog.array_remove(canaux, $2) <> '{}'"
		   "   THEN prochaine_tentative END,"
		   "  date_livraison = pg_catalog.now(), derniere_erreur = NULL WHERE id_alerte = $1",
	.n_args = 2,
	.types = {INT8OID, TEXTOID},
};

static Statement failed_statement = {
	.sql = "UPDATE datasens.alerte SET derniere_erreur = $2 WHERE id_alerte = $1",
	.n_args = 2,
	.types = {INT8OID, TEXTOID},
};

typedef struct Delivery
{
	int64 id;
	char *json; /* UTF-8; likewise below */
	char *text;
	bool  by_webhook; /* is to go this way; after an attempt: has gone */
	bool  by_email;
	char *error; /* of the last way that failed */
} Delivery;

/* How mails are sent, by the settings and secrets. */
typedef struct Mailing
{
	char  *server;
	char  *user; /* NULL: none; likewise below */
	char  *password;
	char  *from;
	char **to;
} Mailing;

/* When the next delivery is due; inside an owner's scope. */
static TimestampTz
deliveries_due(void)
{
	return statement_time(&due_statement);
}

/*
 * When an alert is tried again after so many attempts that failed; *null is 'n' after the last,
 * for a time that never comes would be looked at for ever.
 */
static Datum
next_attempt(int attempts, TimestampTz now, char *null)
{
	*null = attempts >= MAX_ATTEMPTS ? 'n' : ' ';
	return TimestampTzGetDatum(retry_time(now, attempts, -1));
}

/* A column of a result as UTF-8, in the context. */
static char *
utf8_column(MemoryContext context, SPITupleTable *rows, int row, int column)
{
	char *value = SPI_getvalue(rows->vals[row], rows->tupdesc, column);

	return MemoryContextStrdup(context, pg_server_to_any(value, (int) strlen(value), PG_UTF8));
}

/*
 * Takes what is due, each attempt written down. Returns the deliveries, in the context; *n of
 * them.
 */
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
	if (take_statement.sql == NULL)
		take_statement.sql =
			MemoryContextStrdup(TopMemoryContext, memory_server_string(take_sql, strlen(take_sql)));
	statement_run(&take_statement, limits, NULL, SPI_OK_SELECT);
	rows = SPI_tuptable;
	*n = (int) SPI_processed;
	for (int i = 0; i < *n; i++)
	{
		bool  isnull;
		Datum id = table_datum(rows, i, 1, INT8OID, &isnull);
		int	  attempts = DatumGetInt32(table_datum(rows, i, 2, INT4OID, &isnull));
		char  nulls[] = "  ";
		Datum values[2];

		deliveries[i].id = DatumGetInt64(id);
		deliveries[i].json = utf8_column(context, rows, i, 3);
		deliveries[i].text = utf8_column(context, rows, i, 4);
		deliveries[i].by_webhook = DatumGetBool(table_datum(rows, i, 5, BOOLOID, &isnull));
		deliveries[i].by_email = DatumGetBool(table_datum(rows, i, 6, BOOLOID, &isnull));
		values[0] = id;
		values[1] = next_attempt(attempts + 1, GetCurrentTimestamp(), &nulls[1]);
		statement_run(&attempt_statement, values, nulls, SPI_OK_UPDATE);
	}
	transaction_commit(&scope, true);
	return deliveries;
}

/* ---- by webhook ---- */

/*
 * Posts one alert. False, with its error, where the endpoint did not take it. The error does not
 * name the address, which may hold a password.
 */
static bool
post(Fetcher *fetcher, Delivery *delivery)
{
	static const FetchHeader json = {"Content-Type", "application/json", false};
	FetchRequest			 request = {.url = setting_alert_webhook,
										.headers = &json,
										.n_headers = 1,
										.post = delivery->json,
										.owner = delivery};
	FetchResponse			*response;
	bool					 taken;

	fetch_start(fetcher, &request);
	while ((response = fetcher_next(fetcher)) == NULL)
	{
		fetcher_wait(fetcher, WAIT_MS);
		CHECK_FOR_INTERRUPTS();
	}
	taken = !failure_is(&response->failure);
	if (!taken && response->status > 0)
		delivery->error = psprintf("the webhook answered with HTTP status %ld", response->status);
	else if (!taken)
		delivery->error =
			psprintf("the webhook could not be reached: %s", failure_word(response->failure.class));
	fetch_free(response);
	return taken;
}

/* ---- by mail ---- */

/* The addresses of a list with commas between them; an array that ends with a NULL. */
static char **
addresses(const char *list)
{
	char  *copy = pstrdup(list);
	char **all = palloc((strlen(list) / 2 + 2) * sizeof(char *));
	char  *rest = NULL;
	int	   n = 0;

	for (char *word = strtok_r(copy, ", ", &rest); word; word = strtok_r(NULL, ", ", &rest))
		all[n++] = word;
	all[n] = NULL;
	return all;
}

/* Takes the user out of smtp://user@host. Without a user, nobody logs in. */
static void
split_server(Mailing *mailing)
{
	char *start = strstr(setting_smtp_url, "://");
	char *at = start ? strrchr(start, '@') : NULL;

	mailing->server = pstrdup(setting_smtp_url);
	if (at == NULL)
		return;
	start += strlen("://");
	mailing->user = pnstrdup(start, at - start);
	mailing->server =
		psprintf("%.*s%s", (int) (start - setting_smtp_url), setting_smtp_url, at + 1);
}

static char *
sender(void)
{
	char host[256] = "localhost";

	if (setting_alert_email_from[0] != '\0')
		return pstrdup(setting_alert_email_from);
	(void) gethostname(host, sizeof(host) - 1);
	return psprintf("datasens@%s", host);
}

static Mailing *
prepare_mailing(MemoryContext context)
{
	Mailing *mailing = palloc0(sizeof(Mailing));

	split_server(mailing);
	if (mailing->user)
	{
		List *secrets = secret_load(context);

		mailing->password = secret_find_anywhere(secrets, "smtp_password");
	}
	mailing->from = sender();
	mailing->to = addresses(setting_alert_email);
	return mailing;
}

static bool
send_mail(const Mailing *mailing, Delivery *delivery)
{
	Mail  mail = {.server = mailing->server,
				  .user = mailing->user,
				  .password = mailing->password,
				  .from = mailing->from,
				  .to = mailing->to,
				  .message =
					  alert_mail(delivery->id, mailing->from, setting_alert_email, delivery->text)};
	char *error;

	if (mailing->to[0] == NULL)
		error = "datasens.alert_email has no address";
	else if (mailing->user && mailing->password == NULL)
		error = psprintf("the password of the mail server is missing; %s",
						 secret_how_to("smtp_password"));
	else
		error = mail_send(&mail);
	if (error)
		delivery->error = error;
	return error == NULL;
}

/* ---- all of them ---- */

/* Writes down what became of a delivery that way. */
static void
record(const Delivery *delivery, const char *channel, bool gone)
{
	OwnerScope scope;
	Datum	   values[2];

	if (!transaction_start(&scope))
		return;
	values[0] = Int64GetDatum(delivery->id);
	values[1] = CStringGetTextDatum(gone ? channel : delivery->error);
	statement_run(gone ? &delivered_statement : &failed_statement, values, NULL, SPI_OK_UPDATE);
	transaction_commit(&scope, true);
}

/*
 * Delivers an alert in all ways that it is to go. A way that has been turned off meanwhile counts
 * as gone, or the alert would wait for it for ever.
 */
static void
deliver(Fetcher *fetcher, const Mailing *mailing, Delivery *delivery)
{
	if (delivery->by_webhook)
		record(delivery, ALERT_BY_WEBHOOK,
			   setting_alert_webhook[0] == '\0' || post(fetcher, delivery));
	if (delivery->by_email)
		record(delivery, ALERT_BY_EMAIL,
			   setting_alert_email[0] == '\0' || send_mail(mailing, delivery));
}

static void
run_deliver(void)
{
	MemoryContext context = CurrentMemoryContext;
	Fetcher		 *fetcher = fetcher_create(context);
	Mailing		 *mailing = prepare_mailing(context);
	Delivery	 *deliveries;
	int			  n;

	do
	{
		deliveries = take(context, &n);
		for (int i = 0; i < n; i++)
			deliver(fetcher, mailing, &deliveries[i]);
	} while (n == BATCH);
}

const Task task_deliver = {
	.nom = "alertes",
	.due = deliveries_due,
	.run = run_deliver,
};
