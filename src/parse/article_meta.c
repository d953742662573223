/*
 * article_meta.c
 *	  What a page says of its article besides the text: JSON-LD before meta
 *	  elements (OpenGraph, Dublin Core and others) before its markup.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "parse/article_parts.h"

#include "parse/html_text.h"
#include "parse/json_text.h"
#include "parse/robots.h"
#include "parse/url.h"

#include <string.h>
#include <strings.h>

/* A longer title is something else. */
#define TITLE_LIMIT 1000

typedef enum MetaField
{
	META_TITLE,
	META_AUTHOR,
	META_DATE,
	META_MODIFIED,
	META_LOCALE,
	META_URL,
	META_SITE,
	META_DESCRIPTION,
	META_IMAGE,
	META_TYPE,
	META_KEYWORDS,
	META_ROBOTS,
	N_META_FIELDS
} MetaField;

/* The names of meta elements; of those of a field the one with the lowest rank counts. */
static const struct
{
	const char *name;
	MetaField	field;
	int			rank;
} meta_names[] = {
	{"og:title", META_TITLE, 1},
	{"twitter:title", META_TITLE, 2},
	{"dc.title", META_TITLE, 3},
	{"dcterms.title", META_TITLE, 3},
	{"citation_title", META_TITLE, 3},
	{"parsely-title", META_TITLE, 4},
	{"sailthru.title", META_TITLE, 4},
	{"author", META_AUTHOR, 1},
	{"article:author_name", META_AUTHOR, 1},
	{"dc.creator", META_AUTHOR, 2},
	{"dc:creator", META_AUTHOR, 2},
	{"dcterms.creator", META_AUTHOR, 2},
	{"article:author", META_AUTHOR, 3},
	{"parsely-author", META_AUTHOR, 3},
	{"sailthru.author", META_AUTHOR, 3},
	{"citation_author", META_AUTHOR, 3},
	{"byl", META_AUTHOR, 3},
	{"article:published_time", META_DATE, 1},
	{"og:article:published_time", META_DATE, 1},
	{"datepublished", META_DATE, 2},
	{"parsely-pub-date", META_DATE, 2},
	{"sailthru.date", META_DATE, 3},
	{"dc.date.issued", META_DATE, 3},
	{"dcterms.issued", META_DATE, 3},
	{"dcterms.created", META_DATE, 3},
	{"dc.date", META_DATE, 4},
	{"dcterms.date", META_DATE, 4},
	{"citation_publication_date", META_DATE, 4},
	{"pubdate", META_DATE, 4},
	{"publishdate", META_DATE, 4},
	{"publish-date", META_DATE, 4},
	{"publication_date", META_DATE, 4},
	{"article_date_original", META_DATE, 4},
	{"date", META_DATE, 5},
	{"article:modified_time", META_MODIFIED, 1},
	{"og:updated_time", META_MODIFIED, 2},
	{"datemodified", META_MODIFIED, 2},
	{"last-modified", META_MODIFIED, 3},
	{"og:locale", META_LOCALE, 1},
	{"content-language", META_LOCALE, 2},
	{"language", META_LOCALE, 3},
	{"dc.language", META_LOCALE, 3},
	{"og:url", META_URL, 1},
	{"og:site_name", META_SITE, 1},
	{"application-name", META_SITE, 2},
	{"og:description", META_DESCRIPTION, 1},
	{"description", META_DESCRIPTION, 2},
	{"twitter:description", META_DESCRIPTION, 3},
	{"og:image", META_IMAGE, 1},
	{"twitter:image", META_IMAGE, 2},
	{"og:type", META_TYPE, 1},
	{"article:section", META_KEYWORDS, 1},
	{"keywords", META_KEYWORDS, 2},
	{"news_keywords", META_KEYWORDS, 2},
	{"robots", META_ROBOTS, 1},
	{"datasens", META_ROBOTS, 1},
};

typedef struct MetaPage
{
	ArticleWork *work;
	ArticleJson	 json;
	Text		 values[N_META_FIELDS];
	int			 ranks[N_META_FIELDS];
	Text		 canonical;
	Text		 html_lang;
	Text		 base;			 /* what addresses are relative to */
	Text		 document_title; /* <title> */
	uint32_t	 h1;			 /* the first one that has text, 0: none */
} MetaPage;

/* ---- the head ---- */

/* Keeps a meta element's value if it is the best of its field so far. */
static void
take_meta(MetaPage *page, const HtmlNode *node, const char *key)
{
	Text name = text_trim(html_attribute(node, key));

	for (size_t i = 0; name.len > 0 && i < lengthof(meta_names); i++)
	{
		MetaField field = meta_names[i].field;
		Text	  value;

		if (!text_is(name, meta_names[i].name))
			continue;
		if (text_present(page->values[field]) && page->ranks[field] <= meta_names[i].rank)
			return;
		value = html_attribute_line(page->work->arena, node, "content");
		if (!text_present(value))
			return;
		if (field == META_AUTHOR && !text_present(article_author_name(value)))
			return; /* a profile's address */
		page->values[field] = value;
		page->ranks[field] = meta_names[i].rank;
		return;
	}
}

/* Robots meta elements add up: any of them may forbid. */
static void
take_robots(MetaPage *page, const HtmlNode *node)
{
	Article			*article = page->work->article;
	Text			 name = text_trim(html_attribute(node, "name"));
	Text			 content = html_attribute(node, "content");
	RobotsDirectives directives;

	if (!text_is(name, "robots") && !text_is(name, "datasens"))
		return;
	directives = robots_directives(content, name);
	article->noindex |= directives.noindex;
	article->nofollow |= directives.nofollow;
}

/*
 * Takes from an element what may say something of the article. Of most the first one in the page
 * wins.
 */
static void
take_element(MetaPage *page, uint32_t i)
{
	Arena		   *arena = page->work->arena;
	const HtmlTree *tree = page->work->tree;
	const HtmlNode *node = &tree->nodes[i];

	if (node->tag == HTML_META)
	{
		take_robots(page, node);
		take_meta(page, node, "property");
		take_meta(page, node, "name");
		take_meta(page, node, "itemprop");
		take_meta(page, node, "http-equiv");
	}
	else if (node->tag == HTML_LINK && !text_present(page->canonical))
	{
		if (html_list_has(html_attribute(node, "rel"), "canonical"))
			page->canonical = html_attribute_url(arena, node, "href", page->base);
	}
	else if (node->tag == HTML_HTML && !text_present(page->html_lang))
	{
		page->html_lang = html_attribute_line(arena, node, "lang");
		if (!text_present(page->html_lang))
			page->html_lang = html_attribute_line(arena, node, "xml:lang");
	}
	else if (node->tag == HTML_TITLE && !text_present(page->document_title))
	{
		Text title = node->end - i > 1 ? text_clean_line(arena, node[1].data) : TEXT_NULL;

		if (title.len > 0 && title.len <= TITLE_LIMIT)
			page->document_title = title;
	}
	else if (node->tag == HTML_H1 && page->h1 == 0 && node->end > i + 1)
		page->h1 = i;
}

/* One walk over the page; what stands in a picture has a title of its own. */
static void
read_elements(MetaPage *page)
{
	const HtmlTree *tree = page->work->tree;

	for (uint32_t i = 1; i < tree->n_nodes;)
	{
		unsigned tag = tree->nodes[i].tag;

		take_element(page, i);
		i = tag == HTML_SVG || tag == HTML_TEMPLATE ? tree->nodes[i].end : i + 1;
	}
}

/* ---- title ---- */

static bool
contains(Text text, Text part)
{
	return part.len > 0 && part.len <= text.len &&
		   memmem(text.data, text.len, part.data, part.len) != NULL;
}

/* Where the last separator of a title's parts begins, spaces too; its length in *len; else 0. */
static size_t
last_separator(Text title, size_t *len)
{
	static const char *const separators[] = {" | ",		  " - ", " \xE2\x80\x93 ", " \xE2\x80\x94 ",
											 " / ",		  " > ", " \xC2\xBB ",	   " \\ ",
											 " \xC2\xB7 "};
	size_t					 best = 0;

	for (size_t i = 0; i < lengthof(separators); i++)
	{
		size_t size = strlen(separators[i]);

		for (size_t at = title.len; at-- > best + size;)
		{
			if (memcmp(title.data + at - size + 1, separators[i], size) == 0)
			{
				best = at - size + 1;
				*len = size;
				break;
			}
		}
	}
	return best;
}

static int
count_words(Text text)
{
	int words = text.len > 0;

	for (size_t i = 0; i < text.len; i++)
		words += text.data[i] == ' ';
	return words;
}

/* A document's title without the site's name at its end. */
static Text
without_site(Text title, Text site)
{
	size_t len;
	size_t at = last_separator(title, &len);
	Text   head = {title.data, at};
	Text   tail;

	if (at == 0)
		return title;
	tail = (Text){title.data + at + len, title.len - at - len};
	if (text_present(site) && text_equal(tail, site))
		return head;
	if (text_present(site) && text_equal(head, site))
		return tail;
	if (count_words(head) < 3 || count_words(tail) > 5)
		return title;
	return head;
}

/* A title, or the page's heading where that is most of it: then the rest is about the site. */
static Text
without_more(Text title, Text h1)
{
	return h1.len * 2 > title.len && count_words(h1) > 2 && contains(title, h1) ? h1 : title;
}

static Text
find_title(MetaPage *page)
{
	Arena *arena = page->work->arena;
	Text   h1 = TEXT_NULL;
	Text   title = page->json.headline;

	if (page->h1 != 0)
		h1 = html_node_line(arena, page->work->tree, page->h1);
	if (!text_present(title) || title.len > TITLE_LIMIT)
		title = page->values[META_TITLE];
	if (text_present(title))
		return without_more(title, h1);
	if (!text_present(page->document_title))
		return h1.len > 0 ? h1 : TEXT_NULL;
	if (h1.len > 0 && count_words(h1) > 2 && contains(page->document_title, h1))
		return h1;
	return without_site(page->document_title, page->work->article->site);
}

/* ---- the rest ---- */

/* A language tag as BCP 47 writes it: letters, digits and hyphens; else absent. */
static Text
language_of(Arena *arena, Text declared)
{
	Text tag = arena_copy(arena, declared.data, declared.len);

	if (tag.len < 2 || tag.len > 35)
		return TEXT_NULL;
	for (size_t i = 0; i < tag.len; i++)
	{
		char *c = (char *) tag.data + i;

		if (*c == '_')
			*c = '-';
		if (!((*c | 0x20) >= 'a' && (*c | 0x20) <= 'z') && !(*c >= '0' && *c <= '9') && *c != '-')
			return TEXT_NULL;
	}
	return tag;
}

static Text
first_of(Text a, Text b)
{
	return text_present(a) ? a : b;
}

/* The address that the page gives itself; one of another host only where ours is not known. */
static Text
find_url(MetaPage *page)
{
	ArticleWork *work = page->work;
	Text		 found = page->canonical;

	if (!text_present(found) && text_present(page->values[META_URL]))
		found = url_resolve(work->arena, page->base, page->values[META_URL]);
	if (!text_present(url_origin(work->arena, found)))
		found = work->url;
	return first_of(found, work->url);
}

static void
add_member(TextBuilder *json, const char *key, Text value)
{
	if (!text_present(value))
		return;
	json_append_key(json, key);
	json_append_string(json, value);
}

static Text
build_meta(MetaPage *page)
{
	TextBuilder json;
	Text		image = first_of(page->values[META_IMAGE], page->json.image);

	builder_start(&json, page->work->arena);
	builder_append_char(&json, '{');
	add_member(&json, "resume", first_of(page->values[META_DESCRIPTION], page->json.description));
	add_member(&json, "image", url_resolve(page->work->arena, page->base, image));
	add_member(&json, "type", first_of(page->json.type, page->values[META_TYPE]));
	add_member(&json, "categories", first_of(page->json.keywords, page->values[META_KEYWORDS]));
	builder_append_char(&json, '}');
	return json.len > 2 ? builder_text(&json) : TEXT_NULL;
}

void
article_read_meta(ArticleWork *work)
{
	MetaPage page = {.work = work};
	Article *article = work->article;

	page.base = html_base_url(work->arena, work->tree, work->url);
	read_elements(&page);
	article_read_json(work, &page.json);
	article->site = first_of(page.values[META_SITE], page.json.site);
	article->url = find_url(&page);
	article->titre = find_title(&page);
	article->langue = language_of(work->arena, page.html_lang);
	if (!text_present(article->langue))
		article->langue =
			language_of(work->arena, first_of(page.json.language, page.values[META_LOCALE]));
	article->auteur = article_author(work, &page.json, page.values[META_AUTHOR]);
	work->titre = article->titre;
	article_find_date(work, page.h1,
					  &(ArticleDates){{page.json.published, page.values[META_DATE]},
									  {page.json.modified, page.values[META_MODIFIED]}});
	article->meta = build_meta(&page);
	work->body = page.json.body;
}
