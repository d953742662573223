/*
 * preview.c
 *	  datasens_preview(): what a source would yield, without there being one.
 *
 * It is the very run that would collect the source, in the caller's backend; but what it has
 * gathered is returned instead of stored. No table is written, and no cache is either read or
 * written: the next preview asks anew. Hosts that want to be left alone are left alone, and
 * secrets are sent as they would be. Of a kind with slices the newest ones are shown.
 */
#include "postgres.h"

#include "api/api.h"
#include "base/memory.h"
#include "compat.h"
#include "run/outcome.h"
#include "run/round.h"
#include "run/sink.h"
#include "source/kind.h"
#include "store/secret.h"
#include "store/state.h"

#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "utils/acl.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(datasens_preview);

/* What datasens_progress calls the run, and messages the source. */
#define PREVIEW_NAME "datasens_preview"

/* A cancel is noticed at least this often. */
#define WAIT_MS 1000

/* The columns of the result. */
enum
{
	PREVIEW_POSITION,
	PREVIEW_VERS,
	PREVIEW_TITRE,
	PREVIEW_TEXTE,
	PREVIEW_URL,
	PREVIEW_AUTEUR,
	PREVIEW_LANGUE,
	PREVIEW_DATE_PUBLICATION,
	PREVIEW_HASH_FINGERPRINT,
	PREVIEW_META,
	PREVIEW_MOTIF,
	PREVIEW_COLUMNS
};

typedef struct PreviewRow
{
	Datum values[PREVIEW_COLUMNS];
	bool  nulls[PREVIEW_COLUMNS];
} PreviewRow;

/* ---- rows ---- */

static PreviewRow
empty_row(int64 position, const char *table)
{
	PreviewRow row;

	memset(row.nulls, true, sizeof(row.nulls));
	row.values[PREVIEW_POSITION] = Int64GetDatum(position);
	row.nulls[PREVIEW_POSITION] = false;
	row.values[PREVIEW_VERS] = CStringGetTextDatum(table);
	row.nulls[PREVIEW_VERS] = false;
	return row;
}

static void
set_text(PreviewRow *row, int column, const struct varlena *value)
{
	row->values[column] = PointerGetDatum(value);
	row->nulls[column] = value == NULL;
}

static void
set_json(PreviewRow *row, int column, const char *json)
{
	row->nulls[column] = json == NULL;
	if (json != NULL)
		row->values[column] = DirectFunctionCall1(jsonb_in, CStringGetDatum(json));
}

static void
put_row(ReturnSetInfo *result, PreviewRow *row)
{
	tuplestore_putvalues(result->setResult, result->setDesc, row->values, row->nulls);
}

static void
put_document(ReturnSetInfo *result, Document *emitted)
{
	const Document *document = document_stored_form(emitted);
	PreviewRow		row = empty_row(document->position, "document");

	set_text(&row, PREVIEW_TITRE, document->titre);
	set_text(&row, PREVIEW_TEXTE, document->texte);
	set_text(&row, PREVIEW_URL, document->url);
	set_text(&row, PREVIEW_AUTEUR, document->auteur);
	set_text(&row, PREVIEW_LANGUE, document->langue);
	set_json(&row, PREVIEW_META, document->meta);
	row.values[PREVIEW_DATE_PUBLICATION] = TimestampTzGetDatum(document->date);
	row.nulls[PREVIEW_DATE_PUBLICATION] = !document->has_date;
	row.values[PREVIEW_HASH_FINGERPRINT] = PointerGetDatum(document->fingerprint);
	row.nulls[PREVIEW_HASH_FINGERPRINT] = false;
	put_row(result, &row);
}

/* A row of another table than document: all of it is in the column meta. */
static void
put_other(ReturnSetInfo *result, const Row *other)
{
	PreviewRow row = empty_row(other->position, other->table->name);

	set_json(&row, PREVIEW_META, row_json(other));
	put_row(result, &row);
}

static void
put_reject(ReturnSetInfo *result, const Rejet *rejet)
{
	PreviewRow row = empty_row(rejet->position, "rejet");

	if (rejet->brut)
		set_text(&row, PREVIEW_TEXTE, memory_server_text((Text){rejet->brut, strlen(rejet->brut)}));
	set_text(&row, PREVIEW_MOTIF, memory_server_text((Text){rejet->motif, strlen(rejet->motif)}));
	put_row(result, &row);
}

/* Puts the records of a file batch by batch; batch is a memory context that is reset after each. */
static void
put_file(ReturnSetInfo *result, Sink *sink, MemoryContext batch)
{
	Document *documents;
	Row		 *rows;
	int64	  n;

	sink_rewind(sink);
	while ((documents = sink_next(sink, &n)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		for (Document *document = documents; document; document = document->next)
			put_document(result, document);
		MemoryContextReset(batch);
	}
	while ((rows = sink_next_rows(sink, &n)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		for (Row *row = rows; row; row = row->next)
			put_other(result, row);
		MemoryContextReset(batch);
	}
}

static void
put_run(ReturnSetInfo *result, const Run *run)
{
	MemoryContext batch =
		AllocSetContextCreate(CurrentMemoryContext, "datasens preview", ALLOCSET_DEFAULT_SIZES);
	MemoryContext previous = MemoryContextSwitchTo(batch);
	ListCell	 *cell;

	for (Document *document = run->documents; document; document = document->next)
		put_document(result, document);
	for (const Row *row = run->rows; row; row = row->next)
		put_other(result, row);
	for (const Rejet *rejet = run->rejets; rejet; rejet = rejet->next)
		put_reject(result, rejet);
	foreach (cell, run->sinks)
		put_file(result, lfirst(cell), batch);
	MemoryContextSwitchTo(previous);
	MemoryContextDelete(batch);
}

/* ---- the run ---- */

/* The source that does not exist, checked as one that is added. */
static Source *
make_source(FunctionCallInfo fcinfo)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "datasens source", ALLOCSET_SMALL_SIZES);
	MemoryContext previous = MemoryContextSwitchTo(context);
	Source		 *source = palloc0(sizeof(Source));
	char		 *type = argument_string(fcinfo, 0);
	Jsonb		 *options = PG_ARGISNULL(2) ? NULL : PG_GETARG_JSONB_P(2);

	source->context = context;
	source->nom = PREVIEW_NAME;
	source->kind = type ? kind_find(type) : NULL;
	source->url = argument_string(fcinfo, 1);
	if (source->url != NULL && source->url[0] == '\0')
		source->url = NULL;
	source->options =
		options ? JsonbToCString(NULL, &options->root, VARSIZE(options)) : pstrdup("{}");
	source->declencheur = "manuel";
	source->due = DT_NOEND;
	source->role = GetUserId();
	source->reads_files = has_privs_of_role(source->role, ROLE_PG_READ_SERVER_FILES);
	if (source->kind == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						type ? errmsg("unknown type of source \"%s\"", type)
							 : errmsg("type_source must not be null"),
						errhint("Valid types are: %s.", kind_names())));
	source->kind->validate(source);
	MemoryContextSwitchTo(previous);
	return source;
}

/* Gives the round what runs of sources have from the database: waits of hosts, and secrets. */
static void
set_up(Round *round)
{
	OwnerScope scope;

	owner_enter(&scope);
	round_set_host_waits(round, host_load(CurrentMemoryContext, GetCurrentTimestamp()));
	round_set_secrets(round, secret_load(CurrentMemoryContext));
	owner_leave(&scope);
}

static Run *
collect(Round *round, Source *source)
{
	round_start(round, source, "manuel");
	while (round_n_active(round) > 0)
	{
		CHECK_FOR_INTERRUPTS();
		round_work(round, WAIT_MS);
	}
	return linitial(round_take_finished(round));
}

/* A run that failed is an error; one that failed in part is a warning. */
static void
report_failures(const Run *run)
{
	Flux		flux;
	StateChange change;

	outcome_of_run(run, &flux, &change);
	if (flux.erreur == NULL)
		return;
	ereport(strcmp(flux.statut, "echec") == 0 ? ERROR : WARNING,
			(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
			 errmsg("could not collect: %s", flux.erreur)));
}

/* A copy of the source, for a run of one of its slices. */
static Source *
source_of_slice(const Source *source, const ListedSlice *listed)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "datasens source", ALLOCSET_SMALL_SIZES);
	MemoryContext previous = MemoryContextSwitchTo(context);
	Source		 *copy = palloc0(sizeof(Source));

	copy->context = context;
	copy->nom = PREVIEW_NAME;
	copy->kind = source->kind;
	copy->url = source->url ? pstrdup(source->url) : NULL;
	copy->options = pstrdup(source->options);
	copy->declencheur = "manuel";
	copy->due = DT_NOEND;
	copy->role = source->role;
	copy->reads_files = source->reads_files;
	copy->slice = palloc0(sizeof(Slice));
	copy->slice->stream = pstrdup(listed->stream);
	copy->slice->slot = listed->slot;
	copy->slice->size = listed->size;
	copy->slice->md5 = pstrdup(listed->md5);
	MemoryContextSwitchTo(previous);
	return copy;
}

/* Collects the source, and then the slices that it has listed. */
static void
preview(ReturnSetInfo *result, Round *round, Source *source)
{
	Run *run = collect(round, source);

	report_failures(run);
	put_run(result, run);
	for (const ListedSlice *listed = run->listing.slices; listed; listed = listed->next)
	{
		Run *of_slice = collect(round, source_of_slice(source, listed));

		report_failures(of_slice);
		put_run(result, of_slice);
		run_free(of_slice);
	}
	run_free(run);
}

/* datasens_preview(type_source, url, options): a row a record, in the order they came. */
Datum
datasens_preview(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Source		  *source;
	Round		  *round;

	compat_materialize(fcinfo);
	source = make_source(fcinfo);
	round = round_create(CurrentMemoryContext, false);
	set_up(round);
	preview(result, round, source);
	round_free(round);
	return (Datum) 0;
}
