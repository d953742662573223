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

/* Room for one more; false where there is none. */
static bool
make_room(HtmlLinks *links)
{
	size_t	  room = links->room == 0 ? 64 : 2 * links->room;
	HtmlLink *grown;

	if (links->n < links->room)
		return true;
	if (links->n >= HTML_MAX_LINKS)
		return false;
	grown = arena_grow(links->arena, links->data, links->room * sizeof(HtmlLink),
					   room * sizeof(HtmlLink));
	if (grown == NULL)
		return false;
	links->data = grown;
	links->room = room;
	return true;
}

void
html_add_link(HtmlLinks *links, const HtmlNode *node, const char *attribute)
{
	const char *name = attribute != NULL ? attribute : link_attribute(node->tag);
	Text		href = name == NULL ? TEXT_NULL : html_attribute(node, name);
	const char *fragment;
	Text		target;

	href = text_present(href) ? text_trim(href) : href;
	if (href.len == 0 || href.data[0] == '#')
		return;
	target = html_attribute_url(links->arena, node, name, links->base);
	fragment = target.len > 0 ? memchr(target.data, '#', target.len) : NULL;
	if (fragment != NULL)
		target.len = (size_t) (fragment - target.data);
	if (url_is_web(target) && make_room(links))
		links->data[links->n++] = (HtmlLink){target, rel_forbids(html_attribute(node, "rel"))};
}

HtmlLink *
html_links(Arena *arena, const HtmlTree *tree, Text url, size_t *n_links)
{
	HtmlLinks links = {.arena = arena, .base = html_base_url(arena, tree, url)};

	for (uint32_t i = 1; i < tree->n_nodes && links.n < HTML_MAX_LINKS; i++)
		html_add_link(&links, &tree->nodes[i], NULL);
	*n_links = arena_exhausted(arena) ? 0 : links.n;
	return arena_exhausted(arena) ? NULL : links.data;
}
