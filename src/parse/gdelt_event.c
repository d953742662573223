/*
 * gdelt_event.c
 *	  Lines of GDELT's export and mentions files.  Called by the gdelt kind;
 *	  each column has its documented type, and one that has not rejects the line.
 */
#include "parse/gdelt_parts.h"

#include "parse/url.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The columns of an export line, from 0, as the codebook has them. */
enum
{
	GLOBALEVENTID = 0,
	SQLDATE = 1, /* then MonthYear, Year and FractionDate: the same day in other forms */
	ACTOR1 = 5,	 /* ten columns */
	ACTOR2 = 15,
	IS_ROOT_EVENT = 25,
	EVENT_CODE,
	EVENT_BASE_CODE,
	EVENT_ROOT_CODE,
	QUAD_CLASS,
	GOLDSTEIN_SCALE,
	NUM_MENTIONS,
	NUM_SOURCES,
	NUM_ARTICLES,
	AVG_TONE,
	ACTOR1_GEO, /* eight columns */
	ACTOR2_GEO = 43,
	ACTION_GEO = 51,
	DATEADDED = 59,
	SOURCEURL
};

/* ---- events ---- */

static void
read_actor(const Text *columns, GdeltActor *actor)
{
	actor->code = columns[0];
	actor->nom = columns[1];
	actor->pays = columns[2];
	memcpy(actor->types, columns + 7, sizeof(actor->types)); /* behind the groups and religions */
}

/* Type, full name, country, first and second division, latitude, longitude, feature. */
static void
read_place(GdeltLine *line, int column, const char *prefix, GdeltPlace *place)
{
	const Text *columns = line->columns + column;
	char		name[40];
	int32_t		type;

	snprintf(name, sizeof(name), "%sGeo_Type", prefix);
	type = gdelt_take_int(line, column, name, 0);
	place->type = type == GDELT_NO_INT ? 0 : type;
	place->nom = columns[1];
	place->pays = columns[2];
	place->adm1 = columns[3];
	place->id = columns[7];
	place->offset = -1;
	if (gdelt_read_position(columns[5], columns[6], place))
		return;
	snprintf(name, sizeof(name), "%sGeo_Lat/Long", prefix);
	gdelt_wrong(line, text_present(columns[5]) ? column + 5 : column + 6, name, "a position");
}

/* The day YYYYMMDD: read as its midnight. */
static void
read_day(GdeltLine *line, GdeltEvent *event)
{
	Text	day = line->columns[SQLDATE];
	char	stamp[GDELT_STAMP_DIGITS];
	int64_t seconds;

	event->has_date = false;
	event->date_event = 0;
	if (!text_present(day))
		return;
	memset(stamp, '0', sizeof(stamp));
	if (day.len == 8)
		memcpy(stamp, day.data, day.len);
	event->has_date = gdelt_read_stamp((Text){stamp, sizeof(stamp)}, &seconds);
	if (event->has_date)
		event->date_event = (int32_t) (seconds / 86400 - (seconds % 86400 < 0));
	else
		gdelt_wrong(line, SQLDATE, "SQLDATE", "a day as YYYYMMDD");
}

bool
gdelt_read_event(Arena *arena, Text line_bytes, GdeltEvent *event, Text *reason)
{
	Text	 *columns = event->columns;
	GdeltLine line = {.arena = arena, .columns = columns};

	if (!gdelt_split(&line, line_bytes, GDELT_EVENT_COLUMNS))
		return gdelt_line_ends(&line, reason);
	gdelt_require(&line, GLOBALEVENTID, "GLOBALEVENTID");
	event->id_evenement = gdelt_take_int64(&line, GLOBALEVENTID, "GLOBALEVENTID");
	read_day(&line, event);
	read_actor(columns + ACTOR1, &event->acteurs[0]);
	read_actor(columns + ACTOR2, &event->acteurs[1]);
	event->racine = gdelt_take_int(&line, IS_ROOT_EVENT, "IsRootEvent", 0) == 1;
	event->code_event = columns[EVENT_CODE];
	event->classe = gdelt_take_int(&line, QUAD_CLASS, "QuadClass", 0);
	event->goldstein = gdelt_take_double(&line, GOLDSTEIN_SCALE, "GoldsteinScale");
	event->nb_mentions = gdelt_take_int(&line, NUM_MENTIONS, "NumMentions", 0);
	event->nb_sources = gdelt_take_int(&line, NUM_SOURCES, "NumSources", 0);
	event->nb_articles = gdelt_take_int(&line, NUM_ARTICLES, "NumArticles", 0);
	event->avg_tone = gdelt_take_double(&line, AVG_TONE, "AvgTone");
	read_place(&line, ACTOR1_GEO, "Actor1", &event->acteurs[0].lieu);
	read_place(&line, ACTOR2_GEO, "Actor2", &event->acteurs[1].lieu);
	read_place(&line, ACTION_GEO, "Action", &event->lieu);
	event->date_ajout = gdelt_take_stamp(&line, DATEADDED, "DATEADDED");
	event->url = columns[SOURCEURL];
	return gdelt_line_ends(&line, reason);
}

/* ---- mentions ---- */

bool
gdelt_read_mention(Arena *arena, Text line_bytes, GdeltMention *mention, Text *reason)
{
	Text	 *columns = mention->columns;
	GdeltLine line = {.arena = arena, .columns = columns};

	if (!gdelt_split(&line, line_bytes, GDELT_MENTION_COLUMNS))
		return gdelt_line_ends(&line, reason);
	gdelt_require(&line, 0, "GLOBALEVENTID");
	mention->id_evenement = gdelt_take_int64(&line, 0, "GLOBALEVENTID");
	mention->date_event = gdelt_take_stamp(&line, 1, "EventTimeDate");
	mention->date_mention = gdelt_take_stamp(&line, 2, "MentionTimeDate");
	mention->type = gdelt_take_int(&line, 3, "MentionType", 0);
	mention->source = columns[4];
	mention->identifiant = columns[5];
	mention->url = url_is_web(columns[5]) ? columns[5] : TEXT_NULL;
	mention->phrase = gdelt_take_int(&line, 6, "SentenceID", INT32_MIN + 1);
	mention->offset_acteur1 = gdelt_take_int(&line, 7, "Actor1CharOffset", INT32_MIN + 1);
	mention->offset_acteur2 = gdelt_take_int(&line, 8, "Actor2CharOffset", INT32_MIN + 1);
	mention->offset_action = gdelt_take_int(&line, 9, "ActionCharOffset", INT32_MIN + 1);
	mention->brut = gdelt_take_int(&line, 10, "InRawText", 0);
	mention->confiance = gdelt_take_int(&line, 11, "Confidence", 0);
	mention->longueur = gdelt_take_int(&line, 12, "MentionDocLen", 0);
	mention->tone = gdelt_take_double(&line, 13, "MentionDocTone");
	mention->langue = gdelt_translation(columns[14], NULL);
	return gdelt_line_ends(&line, reason);
}
