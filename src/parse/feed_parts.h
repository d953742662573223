/*
 * feed_parts.h
 *	  What the files of the feed parser share, also with sitemap.c, which reads its
 *	  XML as they do.  Plain C.
 *
 *	  feed.c		  bytes to UTF-8, and to the reader that they are for
 *	  feed_prolog.c	  what precedes the root of an XML document: out
 *	  feed_lift.c	  long texts: past libxml2, which is slow over them
 *	  feed_xml.c	  libxml2's events: elements, where they are, and their texts
 *	  feed_names.c	  which element a name in a namespace is
 *	  feed_elements.c what the elements of RSS, RDF and Atom say of the entry
 *	  feed_repair.c	  what is not well-formed to what is
 *	  feed_json.c	  JSON Feed
 *	  feed_item.c	  a draft, the many things a feed says of an entry, to a FeedItem
 */
#ifndef DATASENS_PARSE_FEED_PARTS_H
#define DATASENS_PARSE_FEED_PARTS_H

#include "parse/feed.h"
#include "parse/html_text.h"

/* ---- feed_item.c: drafts to items ---- */

/* A value of which a feed may give several: the lowest rank wins, of a rank the first. */
typedef struct Choice
{
	Text value;
	int	 rank;
} Choice;

/* The dates of an entry, the best first. */
typedef enum DraftDate
{
	DRAFT_PUBLISHED,
	DRAFT_UPDATED,
	DRAFT_CREATED,
	DRAFT_DATES
} DraftDate;

/*
 * What has been said of the entry that is being read.  The builders are
 * emptied, not freed, between entries: an entry takes no memory but for what is
 * kept of it.
 */
typedef struct Draft
{
	Choice		titre;
	Choice		texte;		/* of the contents */
	Text		resumes[2]; /* of the descriptions and summaries, in their order */
	Choice		legende;	/* what describes a medium; the text of last resort */
	Choice		url;
	Choice		guid;
	bool		guid_is_url; /* guid may stand in for a missing link */
	Text		langue;		 /* of the text, where declared within the entry */
	Text		langue_dc;	 /* of the entry */
	Text		commentaires;
	int64_t		dates[DRAFT_DATES];
	bool		has_date[DRAFT_DATES];
	int			auteur_rank;
	size_t		auteur_last; /* where the last one begins in auteurs */
	TextBuilder auteurs;	 /* joined by ", " */
	TextBuilder categories;	 /* the inside of a JSON array */
	TextBuilder medias;		 /* the same */
} Draft;

/* A feed in the making. */
typedef struct FeedBuilder
{
	Arena	   *arena;
	Feed	   *feed;
	size_t		capacity; /* of feed->items */
	Draft		draft;
	TextBuilder meta;
	Text		own;   /* the feed's address, where it has a secret; else absent */
	bool		found; /* whether there was a feed at all */
} FeedBuilder;

extern void feed_builder_start(FeedBuilder *builder, Arena *arena, Feed *feed, Text url);

/* Forgets what was built, for another try with better bytes. */
extern void feed_builder_restart(FeedBuilder *builder);

/* Begins an entry; what was said of an earlier one that did not end is lost. */
extern void draft_start(FeedBuilder *builder);

/* Appends the entry to the feed. */
extern void draft_end(FeedBuilder *builder);

/*
 * Takes value, unless a better one is there.  An empty value is worse than any,
 * but tells that there was one without words: a picture for a title.
 */
extern void choose(Choice *choice, Text value, int rank);

/* The next description or summary; texts may be absent or empty. */
extern void draft_add_summary(Draft *draft, Text text);
extern void draft_add_author(Draft *draft, Text name, int rank);
extern void draft_add_category(Draft *draft, Text category);

/* url is absolute; type and octets (a number as text) may be absent. */
extern void draft_add_media(FeedBuilder *builder, Text url, Text type, Text octets);

/* Takes the date if it can be read and none of a better sort is there; the last of a sort wins. */
extern void draft_set_date(Draft *draft, DraftDate which, Text date);

/* BCP 47 as feeds write it: "en_US" becomes "en-US"; absent for an empty one. */
extern Text feed_language(Arena *arena, Text language);

/* ---- feed_names.c: names to elements ---- */

/* The elements that mean something to us, whatever their format calls them. */
typedef enum Element
{
	ELEMENT_UNKNOWN = 0,
	/* the frame */
	ELEMENT_RSS,
	ELEMENT_RDF,
	ELEMENT_FEED,
	ELEMENT_CHANNEL,
	ELEMENT_ITEM,
	/* about others than the feed and its entries: image, source, textInput, contributor */
	ELEMENT_ASIDE,
	/* texts, which may hold markup */
	ELEMENT_TITLE,
	ELEMENT_MEDIA_TITLE,
	ELEMENT_CONTENT, /* Atom's, of any type */
	ELEMENT_ENCODED, /* HTML in RSS: content:encoded, fullitem */
	ELEMENT_BODY,	 /* inline XHTML */
	ELEMENT_DESCRIPTION,
	ELEMENT_SUMMARY,
	ELEMENT_MEDIA_DESCRIPTION,
	/* people */
	ELEMENT_AUTHOR,
	ELEMENT_CREATOR,
	ELEMENT_ITUNES_AUTHOR,
	ELEMENT_NAME,
	ELEMENT_EMAIL,
	/* plain values */
	ELEMENT_LINK,
	ELEMENT_GUID,
	ELEMENT_COMMENTS,
	ELEMENT_PUBLISHED,
	ELEMENT_UPDATED,
	ELEMENT_CREATED,
	ELEMENT_LANGUAGE,
	ELEMENT_CATEGORY,
	ELEMENT_KEYWORDS, /* categories, comma between them */
	/* values in attributes */
	ELEMENT_ENCLOSURE,
	ELEMENT_MEDIA_GROUP
} Element;

/*
 * The element of that local name; prefix and uri may be NULL.  A namespace that
 * nobody knows counts as the one its prefix is used for, if any.
 */
extern Element element_lookup(const char *name, const char *prefix, const char *uri);

/* ---- the readers ---- */

/* A text that libxml2 does not see, a slice of the document. */
typedef struct Lifted
{
	Text text;
	bool coded; /* has references; CDATA has none */
} Lifted;

/* What the named references of a document stand for, beside HTML's names. */
typedef struct Entities
{
	struct
	{
		Text name;
		Text value; /* plain text: no markup, no reference */
	} declared[32];
	int n;

	Lifted *lifted; /* &_0; and so on, in the order of the document */
	size_t	n_lifted;
	size_t	n_taken; /* of these; each is for one reference */
} Entities;

/* Longer names mean nothing to us: the & and semicolon of HTML's longest one around it fit. */
#define ENTITY_NAME_SIZE 64

/* The text of a declared name or one of HTML's, a zero byte behind it.  Absent for none. */
extern Text entities_resolve(const Entities *entities, Text name);

/*
 * How long the part of an XML document is that precedes its root: white space,
 * declarations, comments, the DOCTYPE, of which entities are kept.  This is the
 * whole length where something else is in the way or the root is missing.
 */
extern size_t feed_prolog(Arena *arena, Text document, Entities *entities);

/*
 * The document with a reference in the place of each long text (feed_lift.c
 * tells why).  Absent where the arena is exhausted.
 */
extern Text feed_lift(Arena *arena, Text document, Entities *entities);

/* The lifted text of that name, the first time it is asked for; NULL else. */
extern const Lifted *entities_take_lifted(Entities *entities, Text name);

/* Appends a coded text with its references resolved; what is none stays as it is. */
extern void feed_decode(TextBuilder *builder, const Entities *entities, Text text);

/*
 * Whether some tag may have so many attributes that libxml2 would take minutes
 * over it.  A long text full of equals signs may pass for one.
 */
extern bool feed_has_crowded_tag(Text document);

/*
 * Reads an XML document without prolog.  False where it is not well-formed;
 * what could be read till there is in the builder, and with recover, what can be
 * read beyond the fault too.
 */
extern bool feed_read_xml(FeedBuilder *builder, Text document, Entities *entities, Text url,
						  bool recover);

/*
 * The same document well-formed: what an author may have meant.  Absent where
 * there is no feed (nor sitemap) to be seen in it, or the arena is exhausted.
 */
extern Text feed_repair(Arena *arena, Text document, const Entities *entities);

/* Reads a JSON Feed; false where it is no JSON. */
extern bool feed_read_json(FeedBuilder *builder, Text document, Text url);

#endif
