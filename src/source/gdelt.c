/*
 * gdelt.c
 *	  The kind gdelt: what of GDELT 2.0 is asked for.
 *
 * GDELT publishes a slice every quarter of an hour: a zip file for each of its streams, in
 * English, and translated from other languages. lastupdate.txt names the newest files, with their
 * sizes and MD5s; masterfilelist.txt names all there ever were; the translated streams have lists
 * of their own. A run of the source reads lastupdate.txt and, where slices are missing, as much of
 * the end of masterfilelist.txt as reaches back to them. The slices then have runs of their own
 * (source/slice.h). Options:
 *
 * 	flux		streams: "export" (events), "mentions", "gkg" (documents);
 * 				["export", "gkg"]
 * 	langues		"en": the English streams; "translation", or the codes of other
 * 				languages: the translated ones; ["en"]
 * 	pays, themes, domaine	what is kept: see GdeltFilter
 *
 * The source's URL is that of a mirror; without one it is GDELT's own.
 */
#include "postgres.h"

#include "base/settings.h"
#include "source/gdelt_parts.h"
#include "source/kind.h"
#include "source/options.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/timestamp.h"

#define GDELT_BASE "http://data.gdeltproject.org/gdeltv2"

/* So many slots of a stream are looked up for backfills in one run. */
#define BACKFILL_SLOTS 1000

/*
 * The most bytes that a slot takes in a list of all files; also what such a list may be behind its
 * publisher.
 */
#define SLOT_BYTES 1600
#define LIST_MARGIN (64 * 1024)

/*
 * A slice that claims to be so far ahead is a mistake; if it were believed, all that comes before
 * it would be taken for long known.
 */
#define FUTURE_SLOTS 96

/* So many entries of lastupdate.txt are looked at; it has three. */
#define MAX_UPDATES 32

static const char *const known_options[] = {"flux",	   "langues",	   "pays", "themes",
											"domaine", OPTIONS_COMMON, NULL};

const char *const gdelt_streams[GDELT_N_STREAMS] = {
	"export", "mentions", "gkg", "translation.export", "translation.mentions", "translation.gkg"};

/* What flux.format says of a slice of each stream. */
static const char *const formats[GDELT_STREAMS] = {"gdelt-export", "gdelt-mentions", "gdelt-gkg"};

/* ---- the options ---- */

static bool
is_code(const char *string, size_t max)
{
	size_t len = strspn(string, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return string[len] == '\0' && len >= 2 && len <= max;
}

static void
check_strings(json_t *options, const char *key, bool (*valid)(const char *), const char *hint)
{
	char **strings = options_strings(options, key);

	for (int i = 0; strings && strings[i]; i++)
	{
		if (!valid(strings[i]))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("option \"%s\" cannot have \"%s\"", key, strings[i]),
							errhint("%s", hint)));
	}
}

static bool
is_stream(const char *string)
{
	return strcmp(string, "export") == 0 || strcmp(string, "mentions") == 0 ||
		   strcmp(string, "gkg") == 0;
}

static bool
is_language(const char *string)
{
	return strcmp(string, "translation") == 0 || is_code(string, 3);
}

static bool
is_country(const char *string)
{
	return is_code(string, 2);
}

static bool
is_word(const char *string)
{
	return strpbrk(string, " \t\r\n,;/") == NULL;
}

static void
gdelt_validate(const Source *source)
{
	json_t *options = options_read(source->options);

	options_check_keys(options, known_options);
	check_strings(options, "flux", is_stream, "Streams are: export, mentions, gkg.");
	check_strings(options, "langues", is_language,
				  "Languages are codes of ISO 639 as \"en\" and \"fr\", or \"translation\" for "
				  "all but English.");
	check_strings(options, "pays", is_country,
				  "Countries are codes of FIPS 10-4, of two letters, as \"FR\".");
	check_strings(options, "themes", is_word,
				  "Themes are GDELT's words, as \"PROTEST\"; \"TAX_*\" are all that begin so.");
	check_strings(options, "domaine", is_word, "Domains are names as \"lemonde.fr\".");
	if (source->url)
		options_check_url(source->url, "Give the http:// or https:// address of a mirror's "
									   "directory, or none for GDELT itself.");
}

/* Whether the English, or the translated, streams are wanted. */
static bool
wants_language(json_t *options, bool translated)
{
	char **languages = options_strings(options, "langues");
	bool   wanted = false;

	if (languages == NULL)
		return !translated;
	for (int i = 0; languages[i]; i++)
	{
		Text code = gdelt_language((Text){languages[i], strlen(languages[i])});

		wanted = wanted || text_is(code, "en") != translated;
	}
	return wanted;
}

static bool
wants_stream(json_t *options, GdeltStream stream)
{
	char **streams = options_strings(options, "flux");

	if (streams == NULL)
		return stream != GDELT_MENTIONS;
	for (int i = 0; streams[i]; i++)
	{
		if (strcmp(streams[i], gdelt_stream_name(stream)) == 0)
			return true;
	}
	return false;
}

/* Which of the streams, by number, the source has. */
static void
choose_streams(const Source *source, bool chosen[GDELT_N_STREAMS])
{
	json_t *options = options_read(source->options);

	for (int i = 0; i < GDELT_N_STREAMS; i++)
		chosen[i] = wants_stream(options, (GdeltStream) (i % GDELT_STREAMS)) &&
					wants_language(options, i >= GDELT_STREAMS);
}

static char **
gdelt_source_streams(const Source *source)
{
	char **streams = palloc0((GDELT_N_STREAMS + 1) * sizeof(char *));
	bool   chosen[GDELT_N_STREAMS];
	int	   n = 0;

	choose_streams(source, chosen);
	for (int i = 0; i < GDELT_N_STREAMS; i++)
	{
		if (chosen[i])
			streams[n++] = pstrdup(gdelt_streams[i]);
	}
	return streams;
}

/* An address below the source's. */
static char *
address(const Source *source, const char *name)
{
	const char *base = source->url ? source->url : GDELT_BASE;
	size_t		len = strlen(base);

	while (len > 0 && base[len - 1] == '/')
		len--;
	return psprintf("%.*s/%s", (int) len, base, name);
}

/* ---- a run of the source: lists ---- */

static void
gdelt_begin(Run *run)
{
	const Source *source = run_source(run);
	json_t		 *options = options_read(source->options);

	if (wants_language(options, false))
		run_ask(run, &(Ask){.url = address(source, "lastupdate.txt"), .once = true});
	if (wants_language(options, true))
		run_ask(run, &(Ask){.url = address(source, "lastupdate-translation.txt"), .once = true});
}

/*
 * What lastupdate.txt says. The text is in the arena of the parse, which is gone in emit, so the
 * URLs of its files must not be used there.
 */
typedef struct Updates
{
	int		  n;
	GdeltFile files[MAX_UPDATES];
} Updates;

static bool
take_update(void *context, const GdeltFile *file)
{
	Updates *updates = context;

	updates->files[updates->n++] = *file;
	return updates->n < MAX_UPDATES;
}

static void *
gdelt_parse(Arena *arena, const FetchResponse *response, Failure *failure)
{
	Updates	 *updates = arena_alloc_zero(arena, sizeof(Updates));
	GdeltList list = {.visit = take_update, .context = updates};

	if (updates == NULL)
	{
		failure_set(failure, FAILURE_MEMORY, "no memory for the list");
		return NULL;
	}
	(void) (gdelt_list_feed(&list, response->body.data, response->body.len) &&
			gdelt_list_end(&list));
	if (updates->n > 0)
		return updates;
	failure_set(failure, FAILURE_PARSE, "the list names no batch of GDELT's");
	return NULL;
}

/* What is to be looked up in a list of all files. */
typedef struct Lookup
{
	StringInfoData parameters;
	Slot		   oldest;
	bool		   any;
} Lookup;

static void
look_up(Lookup *lookup, int stream, SlotRange range)
{
	if (slot_range_empty(range))
		return;
	appendStringInfo(&lookup->parameters, "%d %d %d\n", stream, range.first, range.last);
	lookup->oldest = lookup->any ? Min(lookup->oldest, range.first) : range.first;
	lookup->any = true;
}

/*
 * Looks up what a stream lacks, the newest first: what came between the newest slot that was known
 * and the newest now, what has been expected for longer, and the next part of what backfills want.
 */
static void
look_up_stream(Lookup *lookup, const Source *source, int stream, Slot newest)
{
	const StreamState *state = source_stream(source, gdelt_streams[stream]);
	int64			   left = setting_gdelt_max_catchup;
	int64			   backfill_left = BACKFILL_SLOTS;
	SlotRange		   range;
	ListCell		  *cell;

	if (state == NULL)
		return;
	if (state->known)
	{
		range = slot_range_expected(state->newest, newest - 1, left);
		left -= slot_range_count(range);
		look_up(lookup, stream, range);
	}
	foreach (cell, state->wanted)
	{
		const WantedSlots *wanted = lfirst(cell);
		int64			  *limit = wanted->backfill ? &backfill_left : &left;

		range = wanted->range;
		if (!wanted->late)
		{
			range = slot_range_take(&range, *limit);
			*limit -= slot_range_count(range);
		}
		look_up(lookup, stream, range);
	}
}

static void
ask_for_list(Run *run, Lookup *lookup, bool translated, Slot newest)
{
	const char *name = translated ? "masterfilelist-translation.txt" : "masterfilelist.txt";
	int64		back = (int64) Max(newest, lookup->oldest) - lookup->oldest + 8;

	run_ask(run, &(Ask){.url = address(run_source(run), name),
						.parameters = lookup->parameters.data,
						.to_file = true,
						.once = true,
						.end_bytes = back * SLOT_BYTES + LIST_MARGIN});
}

static void
list_update(Run *run, const GdeltFile *file, int stream, Slot slot)
{
	ListedSlice slice = {.stream = gdelt_streams[stream], .slot = slot, .size = file->size};

	StaticAssertStmt(SLICE_MD5_DIGITS == GDELT_MD5_DIGITS, "an MD5 is an MD5");
	memcpy(slice.md5, file->md5, sizeof(slice.md5));
	run_newest_slice(run, slice.stream, slot);
	run_list_slice(run, &slice);
}

/* Takes in the newest files, and asks for a list of all files where some are missing. */
static void
gdelt_emit(Run *run, const void *parsed)
{
	const Updates *updates = parsed;
	const Source  *source = run_source(run);
	Lookup		   lookup = {.any = false};
	bool		   chosen[GDELT_N_STREAMS];
	bool		   news = false;
	bool		   translated = false;
	Slot		   newest = SLOT_MIN;
	Slot		   latest = slot_of(instant_of(GetCurrentTimestamp())) + FUTURE_SLOTS;

	choose_streams(source, chosen);
	initStringInfo(&lookup.parameters);
	appendStringInfoString(&lookup.parameters, "list\n");
	for (int i = 0; i < updates->n; i++)
	{
		const GdeltFile	  *file = &updates->files[i];
		int				   stream = gdelt_stream_number(file->stream, file->translated);
		Slot			   slot = slot_of(file->slot);
		const StreamState *state = source_stream(source, gdelt_streams[stream]);

		if (!chosen[stream] || slot > latest)
			continue;
		translated = file->translated;
		newest = Max(newest, slot);
		news = news || state == NULL || !state->known || slot > state->newest;
		list_update(run, file, stream, slot);
		look_up_stream(&lookup, source, stream, slot);
	}
	run_format(run, "gdelt-list");
	if (lookup.any)
		ask_for_list(run, &lookup, translated, newest);
	else if (!news)
		run_unchanged(run);
}

/* ---- a run of a slice ---- */

static int
number_of(const char *stream)
{
	for (int i = 0; i < GDELT_N_STREAMS; i++)
	{
		if (strcmp(gdelt_streams[i], stream) == 0)
			return i;
	}
	ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("GDELT has no stream \"%s\"", stream)));
}

static void
gdelt_begin_slice(Run *run)
{
	const Source *source = run_source(run);
	const Slice	 *slice = source->slice;
	int			  number = number_of(slice->stream);
	GdeltStream	  stream = (GdeltStream) (number % GDELT_STREAMS);
	char		  stamp[SLOT_NAME_SIZE];
	char		 *name;

	slot_name(slice->slot, stamp);
	name = psprintf("%s.%s.%s.zip", stamp, slice->stream, stream == GDELT_GKG ? "csv" : "CSV");
	run_format(run, formats[stream]);
	run_ask(run, &(Ask){.url = address(source, name),
						.parameters = psprintf(
							"slice %d %lld %s\n%s", number, (long long) slice->size, slice->md5,
							pg_server_to_any(source->options, strlen(source->options), PG_UTF8)),
						.to_file = true,
						.once = true});
}

/*
 * A file that is listed but not there yet will come, and so will one of which only a part is
 * there.
 */
static void
gdelt_explain(const FetchResponse *response, Failure *failure)
{
	char detail[FAILURE_DETAIL_SIZE];

	if (response->status != 404 || response->parameters == NULL ||
		strncmp(response->parameters, "slice ", 6) != 0)
		return;
	strlcpy(detail, failure->detail, sizeof(detail));
	failure_set(failure, FAILURE_HTTP_TRANSIENT, "the file is listed but not there: %s", detail);
}

DEFINE_KIND(gdelt) = {
	.name = "gdelt",
	.schedule = "*/15 * * * *",
	.accept = "*/*",
	.validate = gdelt_validate,
	.begin = gdelt_begin,
	.parse = gdelt_parse,
	.emit = gdelt_emit,
	.read = gdelt_read,
	.explain = gdelt_explain,
	.begin_slice = gdelt_begin_slice,
	.streams = gdelt_source_streams,
	.first_slot = SLOT_FIRST,
};
