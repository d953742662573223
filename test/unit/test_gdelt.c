/*
 * test_gdelt.c
 *	  GDELT's lines: columns and types, what is rejected and why, the document a
 *	  record makes, filters, lists of files.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "parse/gdelt.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "unit.h"

#define ARENA_LIMIT (16 << 20)
#define INSTANT_2015 INT64_C(1424300400) /* 2015-02-18 23:00 UTC */

static Arena *arena;

/* ---- lines ---- */

/* A line of n columns, of which the caller fills some. */
typedef struct Line
{
	int			n;
	const char *columns[GDELT_EVENT_COLUMNS];
} Line;

static Text
line_text(const Line *line)
{
	TextBuilder builder;

	builder_start(&builder, arena);
	for (int i = 0; i < line->n; i++)
	{
		if (i > 0)
			builder_append_char(&builder, '\t');
		if (line->columns[i] != NULL)
			builder_append(&builder, line->columns[i], strlen(line->columns[i]));
	}
	return builder_text(&builder);
}

static const Line event_line = {.n = GDELT_EVENT_COLUMNS,
								.columns = {[0] = "410412347",
											[1] = "20140218",
											[6] = "PRESIDENT",
											[7] = "ZAF",
											[14] = "EDU",
											[25] = "1",
											[26] = "043",
											[30] = "-2.8",
											[31] = "5",
											[32] = "1",
											[33] = "5",
											[34] = "-4.4776119402985",
											[48] = "0",
											[49] = "0",
											[51] = "4",
											[52] = "Waterkloof, Free State, South Africa",
											[53] = "SF",
											[54] = "SF03",
											[56] = "-30.3098",
											[57] = "25.2971",
											[58] = "-1299321",
											[59] = "20150218230000",
											[60] = "http://www.example.co.za/a"}};

static const Line mention_line = {.n = GDELT_MENTION_COLUMNS,
								  .columns = {"410412347", "20150218000000", "20150218230000", "1",
											  "example.cz", "http://example.cz/1", "2", "-1", "746",
											  "718", "1", "100", "3273", "-1.5",
											  "srclc:ces;eng:Moses 2.1.1 / GT-CES 1.0"}};

static const Line record_line = {
	.n = GDELT_RECORD_COLUMNS,
	.columns = {
		[0] = "20150218230000-T3",
		[1] = "20150218230000",
		[2] = "1",
		[3] = "example.fr",
		[4] = "https://example.fr/a",
		[5] = "KILL#4##1#Mali#ML#ML#17#-4#ML;",
		[6] = "ARREST#400#political prisoners#4#Paris, France (General), France#US#FR00#48.8#2.3"
			  "#-1456928#4387;odd#x;",
		[7] = "TAX_FNCACT;TAX_FNCACT_PRESIDENT;WB_678_DIGITAL_GOVERNMENT;PROTEST;",
		[8] = "PROTEST,30;TAX_FNCACT,20;PROTEST,10;CRISISLEX_C03_WELLBEING_HEALTH,5;",
		[9] = "4#Paris, France (General), France#US#FR00#48.8#2.3#-1456928;"
			  "1#Mali#US#ML#17#-4#ML;1#Bad#US#ML#north#-4#ML;too#few",
		[11] = "emmanuel macron;",
		[12] = "Emmanuel Macron,12;Marie-Ange O'Neill,400;Emmanuel Macron,90",
		[13] = "united nations;airbus group",
		[15] = "-1.5,2,3.5,5.5,20,0.5,693",
		[18] = "https://example.fr/i.jpg",
		[22] = "10|5|said|one # two#30|4||say \"no\"",
		[23] = "Channel One,628;Channel One,755",
		[24] = "3,channels, or so,476;x,y,3;",
		[25] = "srclc:fra;eng:GT-FRA 1.0",
	}};

/* ---- events ---- */

static void
test_event(void)
{
	GdeltEvent event;
	Text	   reason = TEXT_NULL;

	ok(gdelt_read_event(arena, line_text(&event_line), &event, &reason), "an event");
	is_int(event.id_evenement, 410412347, "id");
	ok(event.has_date, "day");
	is_int(event.date_event, 16119, "2014-02-18");
	is_text(event.acteurs[0].nom, "PRESIDENT", "acteur1");
	is_text(event.acteurs[0].pays, "ZAF", "its country");
	is_text(event.acteurs[0].types[2], "EDU", "its third type");
	is_text(event.acteurs[1].nom, NULL, "no acteur2");
	is_int(event.racine, true, "root event");
	is_text(event.code_event, "043", "codes keep their zeros");
	is_int(event.classe, GDELT_NO_INT, "no class");
	ok(event.goldstein == -2.8, "goldstein");
	is_int(event.nb_mentions, 5, "mentions");
	is_int(event.nb_sources, 1, "sources");
	is_int(event.nb_articles, 5, "articles");
	ok(event.avg_tone == -4.4776119402985, "tone");
	ok(!gdelt_has_double(event.acteurs[0].lieu.lat), "no place");
	ok(event.acteurs[1].lieu.lat == 0 && event.acteurs[1].lieu.lon == 0, "zero is a place");
	is_text(event.lieu.nom, "Waterkloof, Free State, South Africa", "lieu");
	is_text(event.lieu.pays, "SF", "pays");
	ok(event.lieu.lat == -30.3098 && event.lieu.lon == 25.2971, "position");
	is_text(event.lieu.id, "-1299321", "feature");
	is_int(event.date_ajout, INSTANT_2015 * 1000000, "date_ajout");
	is_text(event.url, "http://www.example.co.za/a", "url");
}

/* The event with one column changed: the reason, or NULL where it is read. */
static const char *
event_reason(int column, const char *value)
{
	Line	   line = event_line;
	GdeltEvent event;
	Text	   reason;

	line.columns[column] = value;
	if (gdelt_read_event(arena, line_text(&line), &event, &reason))
		return NULL;
	return arena_cstring(arena, reason);
}

static void
test_event_reasons(void)
{
	Line		line = event_line;
	GdeltEvent	event;
	Text		reason;
	char		longer[200];
	const char *text;

	is_str(event_reason(0, NULL), "GLOBALEVENTID is not there: \"\"", "no id");
	is_str(event_reason(0, "12a"), "GLOBALEVENTID is not a whole number: \"12a\"", "a bad id");
	is_str(event_reason(0, "9223372036854775808"),
		   "GLOBALEVENTID is not a whole number: \"9223372036854775808\"", "beyond int64");
	is_str(event_reason(1, "20150229"), "SQLDATE is not a day as YYYYMMDD: \"20150229\"", "a day");
	is_str(event_reason(1, "2015"), "SQLDATE is not a day as YYYYMMDD: \"2015\"", "a year");
	is_str(event_reason(1, NULL), NULL, "no day");
	is_str(event_reason(31, "-1"), "NumMentions is not a count: \"-1\"", "a negative count");
	is_str(event_reason(31, "2147483648"), "NumMentions is not a count: \"2147483648\"",
		   "a count beyond int32");
	is_str(event_reason(31, "1.0"), "NumMentions is not a count: \"1.0\"", "a fraction");
	is_str(event_reason(30, "1,5"), "GoldsteinScale is not a number: \"1,5\"", "a comma");
	is_str(event_reason(30, "nan"), "GoldsteinScale is not a number: \"nan\"", "nan");
	is_str(event_reason(30, "1e999"), "GoldsteinScale is not a number: \"1e999\"", "infinite");
	is_str(event_reason(30, "-1.5E+0"), NULL, "an exponent");
	is_str(event_reason(30, "-0.30000000000000004441"), NULL, "many digits");
	is_str(event_reason(30, "--1"), "GoldsteinScale is not a number: \"--1\"", "two signs");
	is_str(event_reason(30, "-"), "GoldsteinScale is not a number: \"-\"", "a sign");
	is_str(event_reason(56, "91"), "ActionGeo_Lat/Long is not a position: \"91\"", "latitude");
	is_str(event_reason(57, NULL), "ActionGeo_Lat/Long is not a position: \"-30.3098\"",
		   "half a position");
	is_str(event_reason(48, "#"), "Actor2Geo_Lat/Long is not a position: \"#\"", "an actor's");
	is_str(event_reason(59, "20150218240000"),
		   "DATEADDED is not a time as YYYYMMDDHHMMSS: \"20150218240000\"", "an hour");
	is_str(event_reason(60, "a\tb"), "62 columns instead of 61", "a column more");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	memcpy(longer + 79, "\xC3\xA9", 2);
	text = event_reason(0, longer);
	ok(strlen(text) == strlen("GLOBALEVENTID is not a whole number: \"\"...") + 79,
	   "a long value is cut between characters");
	line.n = 58;
	ok(!gdelt_read_event(arena, line_text(&line), &event, &reason), "GDELT 1.0");
	is_text(reason, "58 columns instead of 61", "its reason");
	ok(!gdelt_read_event(arena, TEXT_LITERAL(""), &event, &reason), "an empty line");
	is_text(reason, "1 columns instead of 61", "its reason");
}

static void
test_bytes(void)
{
	Line	   line = event_line;
	GdeltEvent event;
	Text	   reason;
	Text	   bytes;

	line.columns[6] = "caf\xE9 \xC3\xA9";
	line.columns[60] = "http://x.fr/?\r";
	ok(gdelt_read_event(arena, line_text(&line), &event, &reason), "bytes that are no UTF-8");
	is_text(event.acteurs[0].nom, "caf\xC3\xA9 \xC3\xA9", "are windows-1252");
	is_text(event.url, "http://x.fr/?", "a CR at the end");
	line.columns[6] = "a?b";
	bytes = line_text(&line);
	*(char *) memchr(bytes.data, '?', bytes.len) = '\0';
	ok(gdelt_read_event(arena, bytes, &event, &reason), "a NUL");
	is_text(event.acteurs[0].nom, "a b", "is a space");
}

/* What strtod says of the same text. */
static void
test_doubles(void)
{
	bool same = true;

	srand(7);
	for (int i = 0; i < 20000; i++)
	{
		Line	   line = event_line;
		char	   text[64];
		GdeltEvent event;
		Text	   reason;
		double	   random = ((double) rand() / RAND_MAX - 0.5) * pow(10, rand() % 12 - 5);

		snprintf(text, sizeof(text), rand() % 8 == 0 ? "%.*e" : "%.*f", rand() % 19, random);
		line.columns[34] = text;
		same = same && gdelt_read_event(arena, line_text(&line), &event, &reason) &&
			   event.avg_tone == strtod(text, NULL);
		arena_reset(arena);
	}
	ok(same, "numbers as strtod reads them");
}

/* ---- mentions ---- */

static void
test_mention(void)
{
	Line		 line = mention_line;
	GdeltMention mention;
	Text		 reason;

	ok(gdelt_read_mention(arena, line_text(&line), &mention, &reason), "a mention");
	is_int(mention.id_evenement, 410412347, "id");
	is_int(mention.date_event, INT64_C(1424217600000000), "date_event");
	is_int(mention.date_mention, INSTANT_2015 * 1000000, "date_mention");
	is_int(mention.type, 1, "type");
	is_text(mention.source, "example.cz", "source");
	is_text(mention.url, "http://example.cz/1", "url");
	is_int(mention.offset_acteur1, -1, "an offset that is none");
	is_int(mention.offset_action, 718, "an offset");
	is_int(mention.confiance, 100, "confidence");
	is_int(mention.longueur, 3273, "length");
	ok(mention.tone == -1.5, "tone");
	is_text(mention.langue, "cs", "language");
	line.columns[14] = NULL;
	line.columns[5] = "BBC Monitoring";
	ok(gdelt_read_mention(arena, line_text(&line), &mention, &reason), "a citation");
	is_text(mention.url, NULL, "is no url");
	is_text(mention.identifiant, "BBC Monitoring", "but an identifier");
	is_text(mention.langue, "en", "nothing translated");
	line.columns[11] = "high";
	ok(!gdelt_read_mention(arena, line_text(&line), &mention, &reason), "a bad confidence");
	is_text(reason, "Confidence is not a count: \"high\"", "its reason");
}

/* ---- records ---- */

static void
test_record(void)
{
	GdeltRecord record;
	Text		reason;

	ok(gdelt_read_record(arena, line_text(&record_line), &record, &reason), "a record");
	is_text(record.id, "20150218230000-T3", "id");
	is_int(record.date, INSTANT_2015 * 1000000, "date");
	is_text(record.url, "https://example.fr/a", "url");
	is_text(record.langue, "fr", "language");
	is_text(record.traducteur, "GT-FRA 1.0", "translator");
	is_int((int64_t) record.themes.n, 5, "themes of both columns");
	is_text(record.themes.items[0].nom, "PROTEST", "the first");
	is_int(record.themes.items[0].n, 2, "its mentions");
	is_int(record.themes.items[0].offset, 10, "its first offset");
	is_text(record.themes.items[3].nom, "TAX_FNCACT_PRESIDENT", "the first of V1 alone");
	is_int(record.themes.items[3].offset, -1, "no offset there");
	is_int((int64_t) record.lieux.n, 2, "places that can be read");
	is_text(record.lieux.items[0].pays, "FR", "the country of the division");
	ok(record.lieux.items[1].lat == 17 && record.lieux.items[1].lon == -4, "a position");
	is_int((int64_t) record.personnes.n, 2, "persons once");
	is_text(record.organisations.items[1].nom, "airbus group", "V1 where there is no V2");
	is_int((int64_t) record.comptes.n, 1, "counts of V2");
	is_int(record.comptes.items[0].nombre, 400, "a count");
	is_int(record.comptes.items[0].lieu.offset, 4387, "its offset");
	is_text(record.comptes.items[0].lieu.nom, "Paris, France (General), France", "its place");
	is_int((int64_t) record.citations.n, 2, "quotations");
	is_text(record.citations.items[0].texte, "one # two", "with the separator inside");
	is_text(record.citations.items[0].verbe, "said", "its verb");
	is_text(record.citations.items[1].texte, "say \"no\"", "the second");
	is_int((int64_t) record.montants.n, 1, "amounts");
	is_text(record.montants.items[0].objet, "channels, or so", "of what");
	is_int((int64_t) record.n_odd, 4, "what cannot be read is counted");
	ok(record.tone.tone == -1.5 && record.tone.words == 693, "tone");
	is_text(record.titre, NULL, "no title");
	is_int((int64_t) record.noms.n, 1, "all names");
}

static void
check_record_reason(int column, const char *value, const char *want)
{
	Line		line = record_line;
	GdeltRecord record;
	Text		reason = TEXT_NULL;

	line.columns[column] = value;
	is_int(gdelt_read_record(arena, line_text(&line), &record, &reason), want == NULL,
		   "column %d: %s", column, value == NULL ? "empty" : value);
	is_text(reason, want, "its reason");
}

static void
test_record_reasons(void)
{
	check_record_reason(0, NULL, "GKGRECORDID is not there: \"\"");
	check_record_reason(1, NULL, "DATE is not there: \"\"");
	check_record_reason(1, "20150218", "DATE is not a time as YYYYMMDDHHMMSS: \"20150218\"");
	check_record_reason(2, "web", "SourceCollectionIdentifier is not a count: \"web\"");
	check_record_reason(15, "1,2,3", "V2Tone is not seven numbers: \"1,2,3\"");
	check_record_reason(15, "1,2,3,4,5,6,7,8", "V2Tone is not seven numbers: \"1,2,3,4,5,6,7,8\"");
	check_record_reason(15, NULL, NULL);
	check_record_reason(26, "a\tb", "28 columns instead of 27");
}

static void
test_document(void)
{
	Line		  line = record_line;
	GdeltRecord	  record;
	GdeltDocument document;
	Text		  reason;
	json_t		 *meta;

	gdelt_read_record(arena, line_text(&line), &record, &reason);
	ok(gdelt_make_document(arena, &record, &document), "a document");
	is_text(
		document.titre,
		"Emmanuel Macron, Marie-Ange O'Neill, United Nations, Airbus Group, Paris, Mali \xE2\x80"
		"\x93 example.fr",
		"a title of what it names");
	is_text(document.texte,
			"Th\xC3\xA8mes : Protest, Wellbeing health, President, Digital government\n"
			"Lieux : Paris, France (General), France ; Mali\n"
			"Personnes : Emmanuel Macron, Marie-Ange O'Neill\n"
			"Organisations : United Nations, Airbus Group\n"
			"Source : example.fr, https://example.fr/a",
			"a text");
	is_int(document.date, INSTANT_2015 * 1000000, "the batch's date");
	meta = json_loadb(document.meta.data, document.meta.len, 0, NULL);
	ok(meta != NULL, "meta is JSON");
	is_int((int64_t) json_array_size(json_object_get(meta, "themes")), 5, "themes");
	is_int((int64_t) json_array_size(json_object_get(meta, "locations")), 2, "locations");
	is_int((int64_t) json_array_size(json_object_get(meta, "counts")), 1, "counts");
	is_int(json_integer_value(json_object_get(meta, "unreadable")), 4, "unreadable");
	ok(json_real_value(json_object_get(json_object_get(meta, "tone"), "tone")) == -1.5, "tone");
	json_decref(meta);
	line.columns[26] = "<PAGE_LINKS>x</PAGE_LINKS><PAGE_PRECISEPUBTIMESTAMP>20150218221500"
					   "</PAGE_PRECISEPUBTIMESTAMP><PAGE_AUTHORS>A. B.</PAGE_AUTHORS>"
					   "<PAGE_TITLE> L&#x2019;&eacute;t&eacute;  &amp; nous </PAGE_TITLE>";
	gdelt_read_record(arena, line_text(&line), &record, &reason);
	gdelt_make_document(arena, &record, &document);
	is_text(document.titre, "L\xE2\x80\x99\xC3\xA9t\xC3\xA9 & nous", "the page's title");
	is_text(document.auteur, "A. B.", "its authors");
	is_int(document.date, INSTANT_2015 * 1000000 - INT64_C(2700000000), "its date");
	ok(memmem(document.texte.data, document.texte.len, "https", 5) == NULL, "no URL in the text");
}

static void
test_bare_document(void)
{
	Line		  line = {.n = GDELT_RECORD_COLUMNS,
						  .columns = {[0] = "20150218230000-1", [1] = "20150218230000"}};
	GdeltRecord	  record;
	GdeltDocument document;
	Text		  reason;
	Arena		 *small = arena_create(200);

	ok(gdelt_read_record(arena, line_text(&line), &record, &reason), "a bare record");
	ok(gdelt_make_document(arena, &record, &document), "makes a document");
	is_text(document.titre, "20150218230000-1", "its title");
	is_text(document.texte, "", "its text");
	is_text(document.url, NULL, "no url");
	is_text(document.langue, "en", "English");
	is_text(document.meta, "{\"guid\": \"20150218230000-1\"}", "its meta");
	line.columns[2] = "2";
	line.columns[3] = "BBC Monitoring";
	line.columns[4] = "as listed";
	gdelt_read_record(arena, line_text(&line), &record, &reason);
	gdelt_make_document(arena, &record, &document);
	is_text(document.titre, "as listed \xE2\x80\x93 BBC Monitoring", "a citation's title");
	is_text(document.meta,
			"{\"guid\": \"20150218230000-1\", \"source\": \"BBC Monitoring\", \"collection\": 2, "
			"\"citation\": \"as listed\"}",
			"its meta");
	ok(!gdelt_read_record(small, line_text(&record_line), &record, &reason) &&
		   arena_exhausted(small),
	   "an arena too small");
	is_text(reason, "memory limit reached", "its reason");
	arena_free(small);
}

static void
test_languages(void)
{
	is_text(gdelt_language(TEXT_LITERAL("fra")), "fr", "639-2 T");
	is_text(gdelt_language(TEXT_LITERAL("fre")), "fr", "639-2 B");
	is_text(gdelt_language(TEXT_LITERAL("ZHO")), "zh", "in capitals");
	is_text(gdelt_language(TEXT_LITERAL("cmn")), "zh", "one of a macrolanguage");
	is_text(gdelt_language(TEXT_LITERAL("aar")), "aa", "the first");
	is_text(gdelt_language(TEXT_LITERAL("zul")), "zu", "the last");
	is_text(gdelt_language(TEXT_LITERAL("ceb")), "ceb", "none of two letters");
	is_text(gdelt_language(TEXT_LITERAL("fr")), "fr", "two letters");
}

/* ---- filters ---- */

static GdeltWords
words(const Text *one)
{
	return (GdeltWords){one, 1};
}

static bool
record_passes(GdeltFilter filter)
{
	GdeltRecord record;
	Text		reason;

	return gdelt_read_record(arena, line_text(&record_line), &record, &reason) &&
		   gdelt_record_matches(&filter, &record);
}

/* An event of South Africa, from www.example.co.za. */
static bool
event_passes(GdeltFilter filter, bool translated)
{
	GdeltEvent event;
	Text	   reason;

	return gdelt_read_event(arena, line_text(&event_line), &event, &reason) &&
		   gdelt_event_matches(&filter, &event, translated);
}

#define ONE(word) words(&(const Text){word, sizeof(word) - 1})

static void
test_filters(void)
{
	GdeltFilter	 all = {.pays = {NULL, 0}};
	GdeltMention mention;
	Text		 reason;

	ok(record_passes(all) && event_passes(all, false), "no filter");
	ok(record_passes((GdeltFilter){.pays = ONE("ml")}), "a place's country");
	ok(!record_passes((GdeltFilter){.pays = ONE("US")}), "another");
	ok(record_passes((GdeltFilter){.langues = ONE("fr")}), "its language");
	ok(record_passes((GdeltFilter){.langues = ONE("fra")}), "by three letters");
	ok(record_passes((GdeltFilter){.langues = ONE("translation")}), "any that is translated");
	ok(!record_passes((GdeltFilter){.langues = ONE("en")}), "English");
	ok(record_passes((GdeltFilter){.themes = ONE("protest")}), "a theme");
	ok(record_passes((GdeltFilter){.themes = ONE("TAX_FNCACT_*")}), "themes that begin so");
	ok(!record_passes((GdeltFilter){.themes = ONE("TAX_FNC")}), "half a theme");
	ok(record_passes((GdeltFilter){.domaines = ONE("Example.fr")}), "its domain");
	ok(!record_passes((GdeltFilter){.domaines = ONE("ample.fr")}), "half a domain");
	ok(!record_passes((GdeltFilter){.pays = ONE("FR"), .themes = ONE("KILL")}), "both are asked");
	ok(event_passes((GdeltFilter){.pays = ONE("SF")}, false), "an event's country");
	ok(!event_passes((GdeltFilter){.pays = ONE("FR")}, false), "another");
	ok(event_passes((GdeltFilter){.domaines = ONE("example.co.za")}, false), "under a domain");
	ok(event_passes((GdeltFilter){.themes = ONE("KILL")}, false), "events have no themes");
	ok(event_passes((GdeltFilter){.langues = ONE("eng")}, false), "the English stream");
	ok(!event_passes((GdeltFilter){.langues = ONE("en")}, true), "the translated one");
	ok(event_passes((GdeltFilter){.langues = ONE("fr")}, true), "may be French");
	ok(!event_passes((GdeltFilter){.langues = ONE("translation")}, false), "not translated");
	gdelt_read_mention(arena, line_text(&mention_line), &mention, &reason);
	ok(gdelt_mention_matches(&(GdeltFilter){.langues = ONE("cs")}, &mention), "a mention");
	ok(!gdelt_mention_matches(&(GdeltFilter){.domaines = ONE("example.fr")}, &mention),
	   "of another domain");
}

/* ---- lists ---- */

#define MD5 "297a16b493de7cf6ca809a7cc31d0b93"
#define BASE "http://data.gdeltproject.org/gdeltv2/"

static void
test_file_line(void)
{
	static const char *const odd[] = {
		"",
		"150383",
		"150383 " MD5,
		"150383 " MD5 " ",
		"150383 " MD5 " " BASE "20150218230000.export.CSV.zip more",
		"0 " MD5 " " BASE "20150218230000.export.CSV.zip",
		"-5 " MD5 " " BASE "20150218230000.export.CSV.zip",
		"150383 297a16b493de7cf6ca809a7cc31d0b9 " BASE "20150218230000.export.CSV.zip",
		"150383 297a16b493de7cf6ca809a7cc31d0b9x " BASE "20150218230000.export.CSV.zip",
		"150383 " MD5 " ftp://data.gdeltproject.org/20150218230000.export.CSV.zip",
		"150383 " MD5 " " BASE "20150218230100.export.CSV.zip",
		"150383 " MD5 " " BASE "20150231230000.export.CSV.zip",
		"150383 " MD5 " " BASE "20150218230000.exports.CSV.zip",
		"150383 " MD5 " " BASE "20150218230000.export.CSV",
		"150383 " MD5 " " BASE "20150218230000.translation.zip",
		"150383 " MD5 " " BASE "20150218230000",
		"150383 " MD5 " " BASE "caf\xC3\xA9/20150218230000.export.CSV.zip",
	};
	GdeltFile file;

	ok(gdelt_read_file_line(TEXT_LITERAL("150383 " MD5 " " BASE "20150218230000.export.CSV.zip\r"),
							&file),
	   "a line");
	is_int(file.slot, INSTANT_2015, "slot");
	is_int(file.stream, GDELT_EXPORT, "stream");
	is_int(file.translated, false, "English");
	is_int(file.size, 150383, "size");
	is_str(file.md5, MD5, "md5");
	is_text(file.url, BASE "20150218230000.export.CSV.zip", "url");
	ok(gdelt_read_file_line(
		   TEXT_LITERAL("10768507\t297A16B493DE7CF6CA809A7CC31D0B93  https://x.org/"
						"20150218230000.translation.gkg.csv.zip"),
		   &file),
	   "a translated one");
	is_int(file.stream, GDELT_GKG, "stream");
	is_int(file.translated, true, "translated");
	is_str(file.md5, MD5, "md5 in capitals");
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		ok(!gdelt_read_file_line(unit_string(odd[i]), &file), "none: %s", odd[i]);
}

/* Counts what comes; ends after as many as context says. */
static bool
count_file(void *context, const GdeltFile *file)
{
	int64_t *left = context;

	return file->size > 0 && --*left > 0;
}

static void
test_list(void)
{
	Text		last = TEXT_LITERAL("1 " MD5 " " BASE "20150218231500.gkg.csv.zip");
	TextBuilder list;
	char		longer[GDELT_LIST_LINE_SIZE + 100];
	int64_t		left;

	memset(longer, 'x', sizeof(longer));
	builder_start(&list, arena);
	for (int i = 0; i < 20; i++)
	{
		Text line = TEXT_LITERAL("150383 " MD5 " " BASE "20150218230000.export.CSV.zip\n\n"
								 "318084 " MD5 " " BASE "20150218230000.mentions.CSV.zip\r\nodd\n");

		builder_append(&list, line.data, line.len);
		builder_append(&list, longer, i % 2 == 0 ? sizeof(longer) : 0);
		builder_append_char(&list, '\n');
	}
	builder_append(&list, last.data, last.len);
	for (size_t piece = 1; piece < 3000; piece = piece * 3 / 2 + 1)
	{
		GdeltList reader = {.visit = count_file, .context = &left};

		left = 1000;
		for (size_t at = 0; at < list.len; at += piece)
			gdelt_list_feed(&reader, list.data + at, list.len - at < piece ? list.len - at : piece);
		ok(gdelt_list_end(&reader) && reader.n_files == 41 && reader.n_odd == 30 && left == 959,
		   "a list in pieces of %d", (int) piece);
	}
	{
		GdeltList reader = {.visit = count_file, .context = &left};

		left = 7;
		ok(!gdelt_list_feed(&reader, list.data, list.len) && !gdelt_list_end(&reader) &&
			   reader.n_files == 7,
		   "a list that is ended");
	}
}

int
main(void)
{
	arena = arena_create(ARENA_LIMIT);
	test_event();
	test_event_reasons();
	test_bytes();
	test_doubles();
	test_mention();
	test_record();
	test_record_reasons();
	test_document();
	test_bare_document();
	test_languages();
	test_filters();
	test_file_line();
	test_list();
	arena_free(arena);
	return done_testing();
}
