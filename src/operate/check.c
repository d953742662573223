/*
 * check.c
 *	  Verifies what is stored: two queries, whose rows are looked at one by one. The one gives
 *	  all documents, whose fingerprints are computed anew; the other gives the faults that a
 *	  query can find by itself.
 */
#include "postgres.h"

#include "base/memory.h"
#include "base/shared.h"
#include "base/transaction.h"
#include "operate/check.h"
#include "operate/stats.h"
#include "store/fingerprint.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/*
 * So many rows are fetched from the cursor at a time. Long texts are toasted, and so stay in the
 * table until they are looked at.
 */
#define FETCH 1000

/* What the check is about, for its progress: it has no source. */
#define PROGRESS_NAME "datasens_check"

/*
 * A document that was adopted (datasens_adopt.sql) may have the fingerprint of something else than
 * its title and text. Then meta has that fingerprint as well, and the document is right as long as
 * the two agree.
 */
static const char documents_sql[] =
	"SELECT id_doc, titre, texte, hash_fingerprint FROM datasens.document"
	" WHERE meta -> 'empreinte_reprise' IS NULL"
	" OR meta ->> 'empreinte_reprise' <> hash_fingerprint::pg_catalog.text";

/*
 * Wrong counts and missing owners, each as a row of the result. The records are counted by flux
 * once (the query in place of %s), and what comes of that is compared with what the fluxes and
 * sources say.
 */
static const char counts_sql[] =
	"WITH par_flux AS MATERIALIZED (%s),"
	" lies AS MATERIALIZED (SELECT f.id_flux, f.id_source, f.nb_inseres - f.nb_supprimes AS dits,"
	"   p.id_flux AS id_compte, coalesce(p.n, 0) AS n"
	"  FROM datasens.flux f FULL JOIN par_flux p ON p.id_flux = f.id_flux)"
	" SELECT 'document', d.id_doc, 'orphelin', 'flux ' || d.id_flux, NULL"
	"  FROM datasens.document d WHERE d.id_flux IN"
	"   (SELECT id_compte FROM lies WHERE id_flux IS NULL)"
	" UNION ALL SELECT 'flux', id_flux, 'compte', dits || ' documents', n::pg_catalog.text"
	"  FROM lies WHERE id_flux IS NOT NULL AND dits <> n"
	" UNION ALL SELECT 'source', s.id_source, 'compte', coalesce(c.n, 0) || ' documents',"
	"   coalesce(e.total_docs, 0)::pg_catalog.text"
	"  FROM datasens.source s LEFT JOIN datasens.etat_source e ON e.id_source = s.id_source"
	"  LEFT JOIN (SELECT id_source, pg_catalog.sum(n) AS n FROM lies GROUP BY id_source) AS c"
	"   ON c.id_source = s.id_source"
	"  WHERE coalesce(c.n, 0) <> coalesce(e.total_docs, 0)"
	" UNION ALL SELECT 'flux', f.id_flux, 'compte', f.nb_lus || ' = nb_lus',"
	"   (f.nb_inseres + f.nb_doublons + f.nb_rejetes)::pg_catalog.text"
	"  FROM datasens.flux f WHERE f.nb_lus <> f.nb_inseres + f.nb_doublons + f.nb_rejetes"
	" UNION ALL SELECT 'flux', f.id_flux, 'orphelin', 'source ' || f.id_source, NULL"
	"  FROM datasens.flux f WHERE NOT EXISTS"
	"   (SELECT FROM datasens.source s WHERE s.id_source = f.id_source)"
	" UNION ALL SELECT 'rejet', r.id_rejet, 'orphelin', 'flux ' || r.id_flux, NULL"
	"  FROM datasens.rejet r WHERE NOT EXISTS"
	"   (SELECT FROM datasens.flux f WHERE f.id_flux = r.id_flux)";

typedef struct Check
{
	Tuplestorestate *store;
	TupleDesc		 desc;
	Oid				 fingerprint; /* the type */
	MemoryContext	 row_context; /* reset after each row */
	Progress		*progress;
	int64			 n_rows;
} Check;

/* Looks at a row of SPI_tuptable, in check->row_context. */
typedef void (*CheckRow)(Check *check, uint64 row);

/* ---- the fingerprints ---- */

/* A text column as UTF-8; absent for a null. */
static Text
text_of_column(uint64 row, int column)
{
	bool  isnull;
	Datum value = row_datum(row, column, TEXTOID, &isnull);

	return isnull ? TEXT_NULL : memory_utf8_of_text(DatumGetTextPP(value));
}

static Datum
digits(const uint8 *fingerprint)
{
	char written[FINGERPRINT_DIGITS];

	fingerprint_write(fingerprint, written);
	return PointerGetDatum(cstring_to_text_with_len(written, FINGERPRINT_DIGITS));
}

static void
check_fingerprint(Check *check, uint64 row)
{
	uint8 computed[FINGERPRINT_SIZE];
	bool  nulls[5] = {false};
	Datum stored = row_datum(row, 4, check->fingerprint, &nulls[4]);
	Datum values[5];

	fingerprint_of_document(text_of_column(row, 2), text_of_column(row, 3), computed);
	if (!nulls[4] && memcmp(computed, DatumGetPointer(stored), FINGERPRINT_SIZE) == 0)
		return;
	values[0] = CStringGetTextDatum("document");
	values[1] = row_datum(row, 1, INT8OID, &nulls[1]);
	values[2] = CStringGetTextDatum("empreinte");
	values[3] = digits(computed);
	values[4] = nulls[4] ? (Datum) 0 : digits((const uint8 *) DatumGetPointer(stored));
	tuplestore_putvalues(check->store, check->desc, values, nulls);
}

/* ---- the counts ---- */

/* Passes a row on that is a fault already. */
static void
put_fault(Check *check, uint64 row)
{
	Datum values[5];
	bool  nulls[5];

	for (int i = 0; i < 5; i++)
		values[i] = row_datum(row, i + 1, TupleDescAttr(check->desc, i)->atttypid, &nulls[i]);
	tuplestore_putvalues(check->store, check->desc, values, nulls);
}

/* ---- reading ---- */

/*
 * Looks at each row of the query; in a memory context that is reset after it, so that memory does
 * not grow with the tables.
 */
static void
each_row(Check *check, const char *sql, CheckRow look)
{
	Portal portal =
		SPI_cursor_open_with_args(NULL, sql, 0, NULL, NULL, NULL, true, CURSOR_OPT_NO_SCROLL);

	for (;;)
	{
		SPI_cursor_fetch(portal, true, FETCH);
		if (SPI_processed == 0)
			break;
		for (uint64 row = 0; row < SPI_processed; row++)
		{
			MemoryContext previous = MemoryContextSwitchTo(check->row_context);

			CHECK_FOR_INTERRUPTS();
			look(check, row);
			MemoryContextSwitchTo(previous);
			MemoryContextReset(check->row_context);
		}
		check->n_rows += (int64) SPI_processed;
		progress_set(check->progress, PROGRESS_CHECKING, 0, -1, check->n_rows);
		SPI_freetuptable(SPI_tuptable);
	}
	SPI_cursor_close(portal);
}

void
check_stored(Tuplestorestate *store, TupleDesc desc)
{
	Check check = {.store = store, .desc = desc, .fingerprint = fingerprint_type()};

	check.row_context =
		AllocSetContextCreate(CurrentMemoryContext, "datasens check", ALLOCSET_DEFAULT_SIZES);
	owner_plan_freely();
	check.progress = progress_take(0, PROGRESS_NAME, "");
	PG_TRY();
	{
		each_row(&check, documents_sql, check_fingerprint);
		each_row(&check, psprintf(counts_sql, stats_counts_query()), put_fault);
	}
	PG_FINALLY();
	{
		progress_free(check.progress);
	}
	PG_END_TRY();
}
