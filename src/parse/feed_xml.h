/*
 * feed_xml.h
 *	  The state of reading an XML feed, between feed_xml.c (libxml2, frames,
 *	  gathering text) and feed_elements.c (what the elements mean).
 *
 * Every open element has a frame: where it is (its place), and the xml:base and
 * xml:lang that hold in it.  Text is gathered for one element at a time, the
 * capture, and only for elements that mean something where they are; within a
 * capture no frames are made.
 */
#ifndef DATASENS_PARSE_FEED_XML_H
#define DATASENS_PARSE_FEED_XML_H

#include "parse/feed_parts.h"
#include "parse/sax.h"

/* libxml2 itself stops at 256. */
#define DEPTH_LIMIT 256

/* Of the name cache: a power of two, some times as many as names in a feed. */
#define CACHE_SIZE 64

/* Where an element stands, which decides what it may mean. */
typedef enum Place
{
	PLACE_OUTSIDE, /* of any feed */
	PLACE_FEED,
	PLACE_ITEM,
	PLACE_MEDIA, /* in a media:group or media:content of an item */
	PLACE_ASIDE	 /* in something that we do not read */
} Place;

typedef struct Frame
{
	Place place;
	Text  base;
	Text  lang;
	bool  lang_in_item; /* lang was declared in the item, not around it */
} Frame;

/* How the text of an element comes and what it is. */
typedef enum Coding
{
	CODING_PLAIN,
	CODING_HTML,
	CODING_GUESS, /* by its looks */
	CODING_MARKUP /* the elements themselves: written down as HTML */
} Coding;

typedef struct Capture
{
	Element		element; /* ELEMENT_UNKNOWN: none */
	Place		place;	 /* of the element around it */
	int			depth;
	Coding		coding;
	bool		is_text; /* may hold markup */
	Element		part;	 /* of a person: the name or address that is being read */
	bool		base64;
	bool		is_link; /* a link to the page; a guid that is one */
	TextBuilder text;
} Capture;

typedef struct XmlReader
{
	FeedBuilder	 *builder;
	Arena		 *arena;
	Entities	 *entities;
	Sax			  sax;
	xmlEntity	  entity;	   /* what get_entity() handed out last */
	bool		  entity_open; /* libxml2 has not passed on its characters yet */
	const Lifted *lifted;	   /* the text that it stands for, or NULL */
	bool		  repaired;	   /* by feed_repair(): it has no reference to an entity */
	bool		  broken;	   /* an attribute has one: what libxml2 makes of it differs */
	Capture		  capture;
	TextBuilder	  decoded; /* of the lifted text that is being taken */
	Text		  name;	   /* of the person that is being read */
	Text		  email;
	int			  item_depth; /* of the open entry; 0: none */
	int			  depth;	  /* of the open element; frames[0] is around the root */
	Frame		  frames[DEPTH_LIMIT + 2];
	struct
	{
		const xmlChar *name; /* libxml2 keeps one copy of each: pointers do */
		const xmlChar *prefix;
		const xmlChar *uri;
		Element		   element;
	} cache[CACHE_SIZE];
} XmlReader;

/* The attributes of an element as libxml2 passes them: five pointers each. */
typedef struct Attributes
{
	const xmlChar **list;
	int				n;
} Attributes;

/* The attribute of that name (in any case), in whichever namespace; absent without one. */
extern Text attribute(Arena *arena, Attributes attributes, const char *name);

/* The element at the current depth has a text worth having. */
extern void capture_start(XmlReader *reader, Element element, Coding coding, bool is_text);

/* ---- feed_elements.c ---- */

/* A root of a feed begins. */
extern void start_feed(XmlReader *reader, Element root, Attributes attributes, const char *uri,
					   const xmlChar **spaces, int n_spaces);

/* An element begins in a place. */
extern void start_in_feed(XmlReader *reader, Element element, Attributes attributes);
extern void start_in_item(XmlReader *reader, Element element, Attributes attributes);
extern void start_in_media(XmlReader *reader, Element element, Attributes attributes);

/* The captured text is whole. */
extern void end_in_feed(XmlReader *reader);
extern void end_in_item(XmlReader *reader);
extern void end_person_part(XmlReader *reader);

#endif
