/*
 * article_author.c
 *	  The names of a page's authors, out of the lines that show them.  Called by
 *	  article_meta.c for what the page does not declare, and to clean what it does.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "parse/article_parts.h"

#include "base/ascii.h"
#include "parse/html_text.h"

#include <string.h>
#include <strings.h>

/* A longer name is something else. */
#define AUTHOR_LIMIT 150

/* So is what stands in so many bytes of markup. */
#define AUTHOR_TEXT 2000

/* So many digits are of a date, or of an account. */
#define AUTHOR_DIGITS 4

/* Without what introduces a name, in the languages that write it so; empty where that is all. */
static Text
without_by(Text name)
{
	static const char *const words[] = {
		"written by", "posted by", "published by", "by",   "author", "view all posts by",
		"von",		  "autor",	   "autorin",	   "par",  "auteur", "text",
		"por",		  "di",		   "interview",	   "door", "av",	 "reported by"};
	bool again = true;

	while (again)
	{
		again = false;
		for (size_t i = 0; i < lengthof(words); i++)
		{
			size_t len = strlen(words[i]);

			if (name.len < len || strncasecmp(name.data, words[i], len) != 0 ||
				(name.len > len && strchr(" :", name.data[len]) == NULL))
				continue;
			name = text_trim((Text){name.data + len, name.len - len});
			again = true;
		}
		if (name.len > 0 && strchr(":,;|-", name.data[0]) != NULL)
		{
			name = text_trim((Text){name.data + 1, name.len - 1});
			again = true;
		}
	}
	return name;
}

/* What of a line is the name: a date, an address or a note may follow. */
static Text
name_part(Text line)
{
	static const char *const ends[] = {" - ", " | ", " (", " \xE2\x80\xA2 ", " \xE2\x80\x93 "};

	for (size_t i = 0; i < lengthof(ends); i++)
	{
		const char *end = memmem(line.data, line.len, ends[i], strlen(ends[i]));

		if (end != NULL)
			line.len = (size_t) (end - line.data);
	}
	return line;
}

/* Whether a text is no name by its characters: an address, a date, an account's number. */
static bool
is_no_name(Text text)
{
	size_t digits = 0;

	for (size_t i = 0; i < text.len; i++)
		digits += is_digit(text.data[i]);
	if (digits >= AUTHOR_DIGITS || memmem(text.data, text.len, "://", 3) != NULL)
		return true;
	return text.len > 0 && memchr(text.data + 1, '@', text.len - 1) != NULL &&
		   memchr(text.data, ' ', text.len) == NULL;
}

Text
article_author_name(Text name)
{
	if (name.len == 0)
		return TEXT_NULL;
	name = name_part(without_by(name));
	while (name.len > 0 && strchr(",;|-:", name.data[name.len - 1]) != NULL)
		name = text_trim((Text){name.data, name.len - 1});
	if (name.len < 2 || name.len > AUTHOR_LIMIT || is_no_name(name))
		return TEXT_NULL;
	return name;
}

/* Whether a link leads to the page of an author, by its address: "/author/jane-doe". */
static bool
leads_to_author(const HtmlNode *link)
{
	static const char *const words[] = {"author/", "authors/", "auteur/", "auteurs/",
										"autor/",  "autoren/", "autores/"};
	Text					 href = html_attribute(link, "href");
	const char				*at = href.len > 0 ? memmem(href.data, href.len, "/aut", 4) : NULL;
	Text					 path;

	if (at == NULL)
		return false;
	path = (Text){at + 1, (size_t) (href.data + href.len - at) - 1};
	for (size_t i = 0; i < lengthof(words); i++)
	{
		if (text_begins(path, words[i]))
			return path.len > strlen(words[i]);
	}
	return false;
}

/* How well an element's markup says that it holds an author's name; 0: not at all. */
static int
byline_rank(const ArticleWork *work, uint32_t i)
{
	const HtmlNode *node = &work->tree->nodes[i];
	unsigned		words = work->nodes[i].words;

	if (work->nodes[i].declares && (html_list_has(html_attribute(node, "rel"), "author") ||
									html_list_has(html_attribute(node, "itemprop"), "author")))
		return 3;
	if ((words & WORD_BYLINE) != 0)
		return (words & WORD_COMMENT) == 0 ? 2 : 0;
	return 0;
}

/* Whether a text only joins two names. */
static bool
joins_names(Text text)
{
	static const char *const words[] = {",", "and", "&", "und", "et", "y", "e", "en", "och", "og"};

	for (size_t i = 0; i < lengthof(words); i++)
	{
		if (text_is(text, words[i]))
			return true;
	}
	return false;
}

/*
 * The name in a byline: its first text that can be one, for what follows in other elements
 * is a date, a portrait's words or a button; and further ones that are joined to it.
 */
static Text
name_within(const ArticleWork *work, uint32_t i)
{
	const HtmlTree *tree = work->tree;
	TextBuilder		names;
	bool			joined = true;

	builder_start(&names, work->arena);
	for (uint32_t j = i + 1; j < tree->nodes[i].end;)
	{
		const HtmlNode *node = &tree->nodes[j];
		bool			silent = (html_tag_flags(node->tag) & HTML_IS_SILENT) != 0;
		Text			line = TEXT_NULL;
		Text			name;

		if (node->tag == HTML_TEXT && node->data.len > AUTHOR_TEXT)
			break;
		if (node->tag == HTML_TEXT)
			line = text_clean_line(work->arena, node->data);
		j = silent ? node->end : j + 1;
		name = article_author_name(line);
		if (line.len == 0)
			continue;
		if (joins_names(line))
			joined = true;
		else if (!joined)
			break;
		else if (text_present(name))
		{
			if (names.len > 0)
				builder_append(&names, ", ", 2);
			builder_append(&names, name.data, name.len);
			joined = false;
		}
	}
	return article_author_name(builder_text(&names));
}

/* The author by the page's markup: the best byline, the first of the best; absent where none is. */
static Text
find_byline(const ArticleWork *work)
{
	const HtmlTree *tree = work->tree;
	Text			best = TEXT_NULL;
	int				best_rank = 0;

	for (uint32_t i = 1; i < tree->n_nodes;)
	{
		const HtmlNode *node = &tree->nodes[i];
		unsigned		words = work->nodes[i].words;
		int				rank = node->tag == HTML_TEXT ? 0 : byline_rank(work, i);
		bool			small = node->end - i < 60;

		if (best_rank == 0 && node->tag == HTML_A && rank == 0)
			rank = leads_to_author(node);
		if (rank > best_rank && small)
		{
			Text name = name_within(work, i);

			if (text_present(name))
			{
				best = name;
				best_rank = rank;
			}
		}
		i = (words & WORD_COMMENT) != 0 && work->nodes[i].dropped ? node->end : i + 1;
	}
	return best;
}

/* Whether a name is the site's own. */
static bool
is_site(const ArticleWork *work, Text name)
{
	Text site = work->article->site;

	return name.len == site.len && strncasecmp(name.data, site.data, name.len) == 0;
}

/*
 * Whether a name is written as a person's: several words with capitals, but for short ones as
 * "van"; or in another script.
 */
static bool
is_person(Text name)
{
	size_t words = 0;

	while (name.len > 0)
	{
		size_t len = text_span_until(name, " ");
		char   first = name.data[0];

		if (len > 3 && first >= 'a' && first <= 'z')
			return false;
		words += (first & 0x80) != 0 ? 2 : len > 0;
		(void) text_take(&name, len < name.len ? len + 1 : len);
	}
	return words > 1;
}

Text
article_author(const ArticleWork *work, const ArticleJson *json, Text declared)
{
	Text graph = article_author_name(json->author);
	Text meta = article_author_name(declared);
	bool own_graph = !text_present(graph) || is_site(work, graph);
	bool own_meta = !text_present(meta) || is_site(work, meta);
	Text byline;

	if (!own_graph && json->people)
		return graph;
	if (!own_meta && (own_graph || is_person(meta)))
		return meta;
	if (!own_graph)
		return graph;
	byline = find_byline(work);
	if (!text_present(graph))
		graph = meta;
	return text_present(byline) && (!text_present(graph) || is_person(byline)) ? byline : graph;
}
