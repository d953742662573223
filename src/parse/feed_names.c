/*
 * feed_names.c
 *	  Which element a name in a namespace is.
 *
 * Feeds have been written in many namespaces for the same things, and some in
 * none, so the namespaces are gathered in families first.  The formats are told
 * apart by their root alone: an atom:link in an RSS channel is a link.
 */
#include "parse/feed_parts.h"

#include <string.h>
#include <strings.h>

typedef enum Family
{
	FAMILY_CORE = 1, /* RSS and Atom, and no namespace */
	FAMILY_RDF = 2,
	FAMILY_XHTML = 4,
	FAMILY_CONTENT = 8,
	FAMILY_DC = 16,
	FAMILY_DCTERMS = 32,
	FAMILY_MEDIA = 64,
	FAMILY_ITUNES = 128,
	FAMILY_OTHER = 256
} Family;

#define URI(s)                                                                                     \
	{                                                                                              \
		s, sizeof(s) - 1                                                                           \
	}

static const struct
{
	Text   uri; /* compared without case and without a slash at the end */
	Family family;
} namespaces[] = {
	{URI("http://www.w3.org/2005/Atom"), FAMILY_CORE},
	{URI("http://purl.org/atom/ns#"), FAMILY_CORE},
	{URI("http://purl.org/rss/1.0"), FAMILY_CORE},
	{URI("http://my.netscape.com/rdf/simple/0.9"), FAMILY_CORE},
	{URI("http://channel.netscape.com/rdf/simple/0.9"), FAMILY_CORE},
	{URI("http://backend.userland.com/rss"), FAMILY_CORE},
	{URI("http://backend.userland.com/rss2"), FAMILY_CORE},
	{URI("http://blogs.law.harvard.edu/tech/rss"), FAMILY_CORE},
	{URI("http://purl.org/rss/1.0/modules/rss091#"), FAMILY_CORE},
	{URI("http://purl.org/rss/1.0/modules/rss091"), FAMILY_CORE},
	{URI("http://www.w3.org/1999/02/22-rdf-syntax-ns#"), FAMILY_RDF},
	{URI("http://www.w3.org/1999/xhtml"), FAMILY_XHTML},
	{URI("http://purl.org/rss/1.0/modules/content"), FAMILY_CONTENT},
	{URI("http://purl.org/dc/elements/1.1"), FAMILY_DC},
	{URI("http://purl.org/dc/elements/1.0"), FAMILY_DC},
	{URI("http://purl.org/dc/terms"), FAMILY_DCTERMS},
	{URI("http://search.yahoo.com/mrss"), FAMILY_MEDIA},
	{URI("http://www.itunes.com/dtds/podcast-1.0.dtd"), FAMILY_ITUNES},
	{URI("http://www.itunes.com/dtds/podcast-1.0"), FAMILY_ITUNES},
	{URI("http://purl.org/rss/1.0/modules/syndication"), FAMILY_OTHER},
	{URI("http://purl.org/rss/1.0/modules/slash"), FAMILY_OTHER},
	{URI("http://www.w3.org/2000/svg"), FAMILY_OTHER},
	{URI("http://www.w3.org/1999/xlink"), FAMILY_OTHER},
	{URI("http://www.w3.org/1998/Math/MathML"), FAMILY_OTHER},
};

/* The prefixes that stand for their families where the URI is missing or a variant. */
static const struct
{
	const char *prefix;
	Family		family;
} prefixes[] = {
	{"atom", FAMILY_CORE},		 {"rss", FAMILY_CORE},		  {"rdf", FAMILY_RDF},
	{"xhtml", FAMILY_XHTML},	 {"content", FAMILY_CONTENT}, {"dc", FAMILY_DC},
	{"dcterms", FAMILY_DCTERMS}, {"media", FAMILY_MEDIA},	  {"itunes", FAMILY_ITUNES},
	{"sy", FAMILY_OTHER},
};

static const struct
{
	const char *name;
	int			families;
	Element		element;
} elements[] = {
	{"author", FAMILY_CORE | FAMILY_DC, ELEMENT_AUTHOR},
	{"author", FAMILY_ITUNES, ELEMENT_ITUNES_AUTHOR},
	{"body", FAMILY_CORE | FAMILY_XHTML, ELEMENT_BODY},
	{"category", FAMILY_CORE | FAMILY_MEDIA | FAMILY_ITUNES, ELEMENT_CATEGORY},
	{"channel", FAMILY_CORE | FAMILY_RDF, ELEMENT_CHANNEL},
	{"comments", FAMILY_CORE, ELEMENT_COMMENTS},
	{"content", FAMILY_CORE, ELEMENT_CONTENT},
	{"content", FAMILY_MEDIA, ELEMENT_ENCLOSURE},
	{"contributor", FAMILY_CORE | FAMILY_DC, ELEMENT_ASIDE},
	{"created", FAMILY_CORE | FAMILY_DCTERMS, ELEMENT_CREATED},
	{"creator", FAMILY_DC, ELEMENT_CREATOR},
	{"date", FAMILY_DC | FAMILY_CORE, ELEMENT_UPDATED},
	{"description", FAMILY_CORE | FAMILY_DC | FAMILY_ITUNES, ELEMENT_DESCRIPTION},
	{"abstract", FAMILY_CORE | FAMILY_DCTERMS, ELEMENT_DESCRIPTION},
	{"description", FAMILY_MEDIA, ELEMENT_MEDIA_DESCRIPTION},
	{"email", FAMILY_CORE | FAMILY_ITUNES, ELEMENT_EMAIL},
	{"enclosure", FAMILY_CORE, ELEMENT_ENCLOSURE},
	{"encoded", FAMILY_CONTENT, ELEMENT_ENCODED},
	{"entry", FAMILY_CORE, ELEMENT_ITEM},
	{"feed", FAMILY_CORE, ELEMENT_FEED},
	{"fullitem", FAMILY_CORE, ELEMENT_ENCODED},
	{"group", FAMILY_MEDIA, ELEMENT_MEDIA_GROUP},
	{"guid", FAMILY_CORE, ELEMENT_GUID},
	{"id", FAMILY_CORE, ELEMENT_GUID},
	{"image", FAMILY_CORE, ELEMENT_ASIDE},
	{"issued", FAMILY_CORE | FAMILY_DCTERMS, ELEMENT_PUBLISHED},
	{"item", FAMILY_CORE, ELEMENT_ITEM},
	{"keywords", FAMILY_MEDIA | FAMILY_ITUNES, ELEMENT_KEYWORDS},
	{"keywords", FAMILY_CORE, ELEMENT_CATEGORY},
	{"language", FAMILY_CORE | FAMILY_DC, ELEMENT_LANGUAGE},
	{"link", FAMILY_CORE, ELEMENT_LINK},
	{"modified", FAMILY_CORE | FAMILY_DCTERMS, ELEMENT_UPDATED},
	{"name", FAMILY_CORE, ELEMENT_NAME},
	{"owner", FAMILY_ITUNES, ELEMENT_ASIDE},
	{"pubdate", FAMILY_CORE, ELEMENT_PUBLISHED},
	{"published", FAMILY_CORE, ELEMENT_PUBLISHED},
	{"RDF", FAMILY_CORE | FAMILY_RDF, ELEMENT_RDF},
	{"rss", FAMILY_CORE, ELEMENT_RSS},
	{"source", FAMILY_CORE, ELEMENT_ASIDE},
	{"subject", FAMILY_DC, ELEMENT_CATEGORY},
	{"summary", FAMILY_CORE | FAMILY_ITUNES, ELEMENT_SUMMARY},
	{"textinput", FAMILY_CORE, ELEMENT_ASIDE},
	{"title", FAMILY_CORE | FAMILY_DC, ELEMENT_TITLE},
	{"title", FAMILY_MEDIA, ELEMENT_MEDIA_TITLE},
	{"updated", FAMILY_CORE, ELEMENT_UPDATED},
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/*
 * The family of a namespace.  Without a prefix an unknown one is taken for a
 * core namespace: drafts and dialects have had many.
 */
static Family
family_of(const char *prefix, const char *uri)
{
	size_t len = uri == NULL ? 0 : strlen(uri);

	if (len > 0 && uri[len - 1] == '/')
		len--;
	for (size_t i = 0; i < LENGTH(namespaces) && len > 0; i++)
	{
		if (namespaces[i].uri.len == len && strncasecmp(namespaces[i].uri.data, uri, len) == 0)
			return namespaces[i].family;
	}
	if (prefix == NULL)
		return FAMILY_CORE;
	for (size_t i = 0; i < LENGTH(prefixes); i++)
	{
		if (strcasecmp(prefixes[i].prefix, prefix) == 0)
			return prefixes[i].family;
	}
	return FAMILY_OTHER;
}

/*
 * A look through the whole table.  It is asked once for each name of a document
 * (feed_xml.c keeps the answers), so a search tree would be no gain.
 */
Element
element_lookup(const char *name, const char *prefix, const char *uri)
{
	int family = (int) family_of(prefix, uri);
	int first = name[0] | 0x20; /* most names are told apart by it */

	for (size_t i = 0; i < LENGTH(elements); i++)
	{
		if ((elements[i].families & family) != 0 && (elements[i].name[0] | 0x20) == first &&
			strcasecmp(elements[i].name, name) == 0)
			return elements[i].element;
	}
	return ELEMENT_UNKNOWN;
}
