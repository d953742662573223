/*
 * flux.c
 *	  What a run did, as the tables keep it: flux and rejet.
 *
 * A commit stores hundreds of runs at once. Their ids are drawn before anything is stored, as
 * documents and other rows carry them; the rows of flux themselves are written when it is known
 * how much was inserted, and go in by one statement, from a relation in memory (rows.h).
 */
#include "postgres.h"

#include "base/transaction.h"
#include "store/flux.h"
#include "store/rows.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

static Statement ids_statement = {
	.sql = "SELECT pg_catalog.nextval('datasens.flux_id_flux_seq')"
		   " FROM pg_catalog.generate_series(1, $1)",
	.n_args = 1,
	.types = {INT4OID},
};

static Statement flux_statement = {
	.sql =
		"INSERT INTO datasens.flux (id_flux, id_source, date_collecte, format, manifest_uri,"
		"  declencheur, tentative, statut, code_http, octets, nb_lus, nb_inseres, nb_doublons, nb_rejetes,"
		"  duree, erreur, id_flux_origine)"
		" OVERRIDING SYSTEM VALUE SELECT * FROM incoming_fluxes",
};

static Statement rejet_statement = {
	.sql = "INSERT INTO datasens.rejet (id_flux, position, motif, brut) VALUES ($1, $2, $3, $4)",
	.n_args = 4,
	.types = {INT8OID, INT8OID, TEXTOID, TEXTOID},
};

static int
compare_ids(const void *a, const void *b)
{
	int64 left = *(const int64 *) a;
	int64 right = *(const int64 *) b;

	return (left > right) - (left < right);
}

/*
 * They are sorted because the sequence may have been altered to run downwards, or to cycle, and
 * flux_add_counts searches by halves.
 */
void
flux_ids(int64 *ids, int n)
{
	Datum values[] = {Int32GetDatum(n)};

	statement_run(&ids_statement, values, NULL, SPI_OK_SELECT);
	for (int i = 0; i < n; i++)
		ids[i] = row_int64(i, 1);
	qsort(ids, n, sizeof(int64), compare_ids);
}

/* The Datum of a string, or the null that it is where it is NULL. */
static Datum
text_value(const char *string, bool *isnull)
{
	*isnull = string == NULL;
	return string ? CStringGetTextDatum(string) : (Datum) 0;
}

/* In the order of the table's columns, as flux_insert declares them. */
static void
add_flux(Rows *rows, const Flux *flux)
{
	Interval duration = {.time = flux->duree};
	bool	 nulls[17] = {false};
	Datum	 values[17];
	int		 i = 0;

	values[i++] = Int64GetDatum(flux->id);
	values[i++] = Int32GetDatum(flux->id_source);
	values[i++] = TimestampTzGetDatum(flux->date_collecte);
	values[i] = text_value(flux->format, &nulls[i]);
	i++;
	values[i] = text_value(flux->manifest, &nulls[i]);
	i++;
	values[i++] = CStringGetTextDatum(flux->declencheur);
	values[i++] = Int32GetDatum(flux->tentative);
	values[i++] = CStringGetTextDatum(flux->statut);
	nulls[i] = flux->code_http == 0;
	values[i++] = Int32GetDatum(flux->code_http);
	values[i++] = Int64GetDatum(flux->octets);
	values[i++] = Int64GetDatum(flux->lus);
	values[i++] = Int64GetDatum(flux->inseres);
	values[i++] = Int64GetDatum(flux->doublons);
	values[i++] = Int64GetDatum(flux->rejetes);
	values[i++] = IntervalPGetDatum(&duration);
	values[i] = text_value(flux->erreur, &nulls[i]);
	i++;
	nulls[i] = flux->origin == 0;
	values[i] = Int64GetDatum(flux->origin);
	rows_add(rows, values, nulls);
}

void
flux_insert(const Flux *fluxes, int n)
{
	static const RowsColumn columns[] = {
		{"id_flux", INT8OID},	  {"id_source", INT4OID},	   {"date_collecte", TIMESTAMPTZOID},
		{"format", TEXTOID},	  {"manifest_uri", TEXTOID},   {"declencheur", TEXTOID},
		{"tentative", INT4OID},	  {"statut", TEXTOID},		   {"code_http", INT4OID},
		{"octets", INT8OID},	  {"nb_lus", INT8OID},		   {"nb_inseres", INT8OID},
		{"nb_doublons", INT8OID}, {"nb_rejetes", INT8OID},	   {"duree", INTERVALOID},
		{"erreur", TEXTOID},	  {"id_flux_origine", INT8OID}};
	Rows rows;

	rows_create(&rows, "incoming_fluxes", columns, lengthof(columns));
	for (int i = 0; i < n; i++)
		add_flux(&rows, &fluxes[i]);
	rows_register(&rows);
	statement_run(&flux_statement, NULL, NULL, SPI_OK_INSERT);
	rows_free(&rows);
}

void
rejet_insert(int64 id_flux, const Rejet *first)
{
	for (const Rejet *rejet = first; rejet; rejet = rejet->next)
	{
		char  nulls[] = {' ', rejet->position == 0 ? 'n' : ' ', ' ', rejet->brut ? ' ' : 'n'};
		Datum values[] = {Int64GetDatum(id_flux), Int64GetDatum(rejet->position),
						  CStringGetTextDatum(rejet->motif),
						  rejet->brut ? CStringGetTextDatum(rejet->brut) : (Datum) 0};

		statement_run(&rejet_statement, values, nulls, SPI_OK_INSERT);
	}
}

void
flux_add_counts(void *batches, int n, size_t size)
{
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		int64	   id_flux = row_int64(row, 1);
		int		   low = 0;
		int		   high = n - 1;
		FluxCount *count;

		while (low < high)
		{
			int middle = (low + high) / 2;

			count = (FluxCount *) ((char *) batches + middle * size);
			if (count->id_flux < id_flux)
				low = middle + 1;
			else
				high = middle;
		}
		count = (FluxCount *) ((char *) batches + low * size);
		Assert(count->id_flux == id_flux);
		count->inserted += row_int64(row, 2);
	}
}
