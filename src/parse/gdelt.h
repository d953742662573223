/*
 * gdelt.h
 *	  GDELT 2.0: the lines of its files and of the lists that name them.  Plain C.
 *
 * Sources of the rules: "The GDELT Event Database Data Format Codebook V2.0"
 * (events, mentions), "The GDELT Global Knowledge Graph (GKG) Data Format
 * Codebook V2.1", and files as they are published.
 *
 * A file has a record a line, fields parted by tabs, no header, no quoting and no
 * escaping; an empty field is null.  A line is handed in without its newline, as
 * bytes: what is no UTF-8 is read as windows-1252 character by character, NUL
 * bytes become spaces.  What is read points into the line or the arena.  A caller
 * may reset the arena after each line.  Every function is linear in its line.
 *
 * A reader returns false where the line is no record, with *reason the cause in
 * English (static or in the arena): the number of columns, or the column's name
 * and its value, cut to 80 bytes.  The caller rejects the line and goes on.  Where
 * the arena is exhausted the reason says so too, and arena_exhausted() tells.
 *
 * Who calls it: the kind gdelt (source/gdelt*.c), on the parser's thread.
 */
#ifndef DATASENS_PARSE_GDELT_H
#define DATASENS_PARSE_GDELT_H

#include "base/arena.h"

#include <stdint.h>

#define GDELT_EVENT_COLUMNS 61
#define GDELT_MENTION_COLUMNS 16
#define GDELT_RECORD_COLUMNS 27

/* Numbers that may be null: INT64_MIN and INT32_MIN are none, nor is a NaN. */
#define GDELT_NO_INT64 INT64_MIN
#define GDELT_NO_INT INT32_MIN
#define gdelt_has_double(x) ((x) == (x))

/* A place, as events and records have it; everything but type may be absent. */
typedef struct GdeltPlace
{
	int	   type;   /* 1 country, 2 US state, 3 US city, 4 world city, 5 world state; 0 none */
	Text   nom;	   /* "Budapest, Budapest, Hungary" */
	Text   pays;   /* FIPS 10-4, two letters */
	Text   adm1;   /* FIPS 10-4 country and division: "HU05" */
	double lat;	   /* degrees, -90 to 90, or NaN */
	double lon;	   /* degrees, -180 to 180, or NaN; both or none */
	Text   id;	   /* GNS or GNIS feature, a FIPS code for countries and states */
	int	   offset; /* characters into the article; -1: not said */
} GdeltPlace;

/* An actor of an event: the CAMEO codes keep their zeros, so all are texts. */
typedef struct GdeltActor
{
	Text	   code;
	Text	   nom;
	Text	   pays; /* CAMEO, three letters */
	Text	   types[3];
	GdeltPlace lieu;
} GdeltActor;

/* A line of an export file. */
typedef struct GdeltEvent
{
	int64_t	   id_evenement; /* GLOBALEVENTID, always there */
	bool	   has_date;
	int32_t	   date_event;	/* SQLDATE: days since 1970-01-01 */
	GdeltActor acteurs[2];	/* acteur1, acteur2: their nom, which may be absent beside a code */
	bool	   racine;		/* IsRootEvent */
	Text	   code_event;	/* EventCode, CAMEO: "043" */
	int32_t	   classe;		/* QuadClass 1 to 4, or GDELT_NO_INT */
	double	   goldstein;	/* -10 to 10, or NaN */
	int32_t	   nb_mentions; /* these three: 0 or more, or GDELT_NO_INT */
	int32_t	   nb_sources;
	int32_t	   nb_articles;
	double	   avg_tone;   /* -100 to 100, or NaN */
	GdeltPlace lieu;	   /* ActionGeo: lieu, pays, lat, lon of the table */
	Text	   url;		   /* SOURCEURL */
	int64_t	   date_ajout; /* DATEADDED: microseconds since 1970 UTC, or GDELT_NO_INT64 */
	Text	   columns[GDELT_EVENT_COLUMNS]; /* as they stand; absent where empty */
} GdeltEvent;

extern bool gdelt_read_event(Arena *arena, Text line, GdeltEvent *event, Text *reason);

/* A line of a mentions file. */
typedef struct GdeltMention
{
	int64_t id_evenement;
	int64_t date_event;		/* EventTimeDate: microseconds since 1970 UTC, or GDELT_NO_INT64 */
	int64_t date_mention;	/* MentionTimeDate, the same */
	int32_t type;			/* 1 web, 2 citation, 3 CORE, 4 DTIC, 5 JSTOR, 6 non-textual */
	Text	source;			/* MentionSourceName */
	Text	identifiant;	/* MentionIdentifier */
	Text	url;			/* the same, where it is an http(s) URL */
	int32_t phrase;			/* SentenceID, from 1; integers from here: or GDELT_NO_INT */
	int32_t offset_acteur1; /* -1: not in the text; likewise below */
	int32_t offset_acteur2;
	int32_t offset_action;
	int32_t brut;	   /* InRawText: 1 without rewriting, 0 after it */
	int32_t confiance; /* percent, 0 to 100 */
	int32_t longueur;  /* of the document, in characters */
	double	tone;	   /* MentionDocTone, or NaN */
	Text	langue;	   /* as GdeltRecord's */
	Text	columns[GDELT_MENTION_COLUMNS];
} GdeltMention;

extern bool gdelt_read_mention(Arena *arena, Text line, GdeltMention *mention, Text *reason);

/* A name or theme that a record has, once each, in the order of the list. */
typedef struct GdeltName
{
	Text nom;
	int	 offset; /* of its first mention, in characters; -1: not said */
	int	 n;		 /* mentions */
} GdeltName;

typedef struct GdeltNames
{
	GdeltName *items;
	size_t	   n;
} GdeltNames;

typedef struct GdeltPlaces
{
	GdeltPlace *items;
	size_t		n;
} GdeltPlaces;

/* "400 political prisoners arrested in ..." */
typedef struct GdeltCount
{
	Text	   type; /* a theme: KILL, ARREST, ... */
	int64_t	   nombre;
	Text	   objet; /* of what; may be absent */
	GdeltPlace lieu;  /* type 0: not said */
} GdeltCount;

typedef struct GdeltCounts
{
	GdeltCount *items;
	size_t		n;
} GdeltCounts;

typedef struct GdeltQuote
{
	int	 offset; /* characters; -1: not said */
	Text verbe;
	Text texte;
} GdeltQuote;

typedef struct GdeltQuotes
{
	GdeltQuote *items;
	size_t		n;
} GdeltQuotes;

typedef struct GdeltAmount
{
	double montant;
	Text   objet;
	int	   offset;
} GdeltAmount;

typedef struct GdeltAmounts
{
	GdeltAmount *items;
	size_t		 n;
} GdeltAmounts;

/* V1.5TONE, in its order; percent of words but for the last. */
typedef struct GdeltTone
{
	double tone; /* positive less negative; NaN where the record has no tone: then all are */
	double positive;
	double negative;
	double polarity;
	double activity_density;
	double group_density;
	double words; /* a count */
} GdeltTone;

/*
 * A line of a gkg file.  Persons, organisations and counts are the enhanced
 * columns' (V2), or the first ones' (V1) where those are empty; themes are V2's
 * and then what only V1 has; places are V1's, which has each once and countries by
 * their names, or V2's where that is empty.  An element of a list that cannot be
 * read is left out and counted.
 */
typedef struct GdeltRecord
{
	Text		 id;   /* GKGRECORDID: "20150218230000-12", "...-T12" of the translated stream */
	int64_t		 date; /* V2.1DATE, of the batch: microseconds since 1970 UTC */
	int32_t		 collection;  /* 1 web, 2 citation, ... as GdeltMention's type */
	Text		 source;	  /* SourceCommonName: "bbc.co.uk", "BBC Monitoring" */
	Text		 identifiant; /* DocumentIdentifier */
	Text		 url;		  /* the same, where it is an http(s) URL */
	GdeltNames	 themes;
	GdeltPlaces	 lieux;
	GdeltNames	 personnes;
	GdeltNames	 organisations;
	GdeltNames	 noms; /* V2.1ALLNAMES */
	GdeltCounts	 comptes;
	GdeltQuotes	 citations;
	GdeltAmounts montants;
	GdeltTone	 tone;
	Text		 image;		 /* SharingImage */
	Text		 langue;	 /* ISO 639-1, else 639-3; "en" where nothing was translated */
	Text		 traducteur; /* "Moses 2.1.1 / ..."; absent where nothing was translated */
	Text		 titre;		 /* PAGE_TITLE, one line, references resolved; absent where none */
	Text		 auteurs;	 /* PAGE_AUTHORS, the same */
	bool		 has_parution;
	int64_t		 parution; /* PAGE_PRECISEPUBTIMESTAMP: microseconds since 1970 UTC */
	size_t		 n_odd;	   /* elements of lists that were left out */
	Text		 columns[GDELT_RECORD_COLUMNS];
} GdeltRecord;

extern bool gdelt_read_record(Arena *arena, Text line, GdeltRecord *record, Text *reason);

/*
 * What table document wants of a record; url, auteur and langue may be absent.
 * titre is the page's, else the persons, organisations and places (else themes)
 * that it names and its source.  texte has a line each for themes, places,
 * persons, organisations and the source, with French labels; where the page's
 * title is not known the document's identifier stands beside the source, so that
 * articles that name the same are not taken for one.  meta is a JSON object that
 * jsonb accepts, in GDELT's own words: guid, source, collection, citation (where
 * the identifier is no URL), themes, tone, locations, counts, persons,
 * organisations, quotations, image, translation, unreadable (n_odd); keys
 * without a value are left out.
 */
typedef struct GdeltDocument
{
	Text	titre;
	Text	texte;
	Text	url;
	Text	auteur;
	Text	langue;
	int64_t date; /* the page's where it is known, else the batch's */
	Text	meta;
} GdeltDocument;

/* false where the arena is exhausted. */
extern bool gdelt_make_document(Arena *arena, const GdeltRecord *record, GdeltDocument *document);

/*
 * The two-letter code (ISO 639-1) of a language by its three-letter one (ISO
 * 639-2, T or B, or 639-3); the code itself, as it is, where it has none.
 */
extern Text gdelt_language(Text code);

/* ---- filters ---- */

/*
 * What of a source is wanted; an empty list (n 0) lets all pass, lists are
 * joined by "and", their values by "or".  Letters' case does not matter.
 *	pays	  FIPS 10-4 codes: an event's ActionGeo, any place of a record
 *	langues	  ISO 639-1 or 639-3 codes; "translation": whatever is not English
 *	themes	  GKG themes; "TAX_FNCACT*": those that begin so
 *	domaines  "bbc.co.uk": the URL's host or one under it, or the source's name
 * What a kind of line does not say is not asked of it: themes of events and
 * mentions, pays of mentions, langues of events (see translated).
 */
typedef struct GdeltWords
{
	const Text *items;
	size_t		n;
} GdeltWords;

typedef struct GdeltFilter
{
	GdeltWords pays;
	GdeltWords langues;
	GdeltWords themes;
	GdeltWords domaines;
} GdeltFilter;

/*
 * An event of the translated stream passes langues where any but English is
 * wanted, one of the English stream where English is.
 */
extern bool gdelt_event_matches(const GdeltFilter *filter, const GdeltEvent *event,
								bool translated);
extern bool gdelt_mention_matches(const GdeltFilter *filter, const GdeltMention *mention);
extern bool gdelt_record_matches(const GdeltFilter *filter, const GdeltRecord *record);

/* ---- lists of files: lastupdate.txt, masterfilelist.txt, their translation twins ---- */

typedef enum GdeltStream
{
	GDELT_EXPORT,
	GDELT_MENTIONS,
	GDELT_GKG
} GdeltStream;

#define GDELT_STREAMS 3

/* "export", "mentions", "gkg". */
extern const char *gdelt_stream_name(GdeltStream stream);

#define GDELT_STAMP_DIGITS 14
#define GDELT_MD5_DIGITS 32

/* Longer lines of a list are none of its entries (bytes). */
#define GDELT_LIST_LINE_SIZE 1024

/* "<bytes of the zip> <md5> <url>" */
typedef struct GdeltFile
{
	int64_t		slot; /* the batch's time: seconds since 1970 UTC, a multiple of 900 */
	GdeltStream stream;
	bool		translated;
	int64_t		size;					   /* bytes, 1 or more */
	char		md5[GDELT_MD5_DIGITS + 1]; /* lower case */
	Text		url;					   /* in the line; printable ASCII, http or https */
} GdeltFile;

/*
 * Reads a line (without newline; a CR at its end is none of it).  false for one
 * that names no batch of the three streams: not three fields, no size, no MD5,
 * another file name, a time off the quarters of an hour.
 */
extern bool gdelt_read_file_line(Text line, GdeltFile *file);

/* Called for each entry, in order; false ends the reading. */
typedef bool (*GdeltFileVisit)(void *context, const GdeltFile *file);

/*
 * A list read in pieces of any size, with fixed memory: zero it but for visit and
 * context, feed what comes, end it.  Lines that name no batch are counted; empty
 * ones are nothing.
 */
typedef struct GdeltList
{
	GdeltFileVisit visit;
	void		  *context;
	int64_t		   n_files;
	int64_t		   n_odd;
	bool		   stopped;	 /* visit returned false */
	bool		   too_long; /* inside a line longer than rest */
	size_t		   rest_len; /* of the line that the last piece cut */
	char		   rest[GDELT_LIST_LINE_SIZE];
} GdeltList;

/* false once visit has ended it. */
extern bool gdelt_list_feed(GdeltList *list, const char *data, size_t len);
extern bool gdelt_list_end(GdeltList *list);

/* The time that YYYYMMDDHHMMSS (UTC) says, in seconds since 1970; false for anything else. */
extern bool gdelt_read_stamp(Text stamp, int64_t *seconds);

#endif
