/*
 * links.c
 *	  The addresses that a page's elements lead to.
 */
#include "parse/links.h"

#include "parse/html_text.h"
#include "parse/url.h"

#include <string.h>
#include <strings.h>

/* The attribute that is the element's link; NULL where it is none. */
static const char *
link_attribute(unsigned tag)
{
	switch (tag)
	{
		case HTML_A:
		case HTML_AREA:
			return "href";
		case HTML_IFRAME:
		case HTML_FRAME:
			return "src";
		default:
			return NULL;
	}
}

/* Whether the words of rel forbid to follow. */
static bool
rel_forbids(Text rel)
{
	while ((rel = text_trim(rel)).len > 0)
	{
		size_t len = 0;
		Text   word;

		while (len < rel.len && rel.data[len] > ' ')
			len++;
		word = (Text){rel.data, len};
		if (text_is(word, "nofollow") || text_is(word, "sponsored") || text_is(word, "ugc"))
			return true;
		/* a control character that is no space would stop here for ever */
		rel.data += len < rel.len ? len + 1 : len;
		rel.len -= len < rel.len ? len + 1 : len;
	}
	return false;
}

static bool
is_web(Text url)
{
	return (url.len > 7 && strncasecmp(url.data, "http://", 7) == 0) ||
		   (url.len > 8 && strncasecmp(url.data, "https://", 8) == 0);
}

HtmlLink *
html_links(Arena *arena, const HtmlTree *tree, Text url, size_t *n_links)
{
	Text	  base = html_base_url(arena, tree, url);
	HtmlLink *links = NULL;
	size_t	  room = 0;

	*n_links = 0;
	for (uint32_t i = 1; i < tree->n_nodes && room < HTML_MAX_LINKS; i++)
		room += link_attribute(tree->nodes[i].tag) != NULL;
	links = room == 0 ? NULL : arena_alloc(arena, room * sizeof(HtmlLink));
	for (uint32_t i = 1; links != NULL && i < tree->n_nodes && *n_links < room; i++)
	{
		const HtmlNode *node = &tree->nodes[i];
		const char	   *attribute = link_attribute(node->tag);
		Text			href = attribute == NULL ? TEXT_NULL : html_attribute(node, attribute);
		const char	   *fragment;
		Text			target;

		href = text_present(href) ? text_trim(href) : href;
		if (href.len == 0 || href.data[0] == '#')
			continue;
		target = html_attribute_url(arena, node, attribute, base);
		fragment = target.len > 0 ? memchr(target.data, '#', target.len) : NULL;
		if (fragment != NULL)
			target.len = (size_t) (fragment - target.data);
		if (is_web(target))
			links[(*n_links)++] = (HtmlLink){target, rel_forbids(html_attribute(node, "rel"))};
	}
	return arena_exhausted(arena) ? NULL : links;
}
