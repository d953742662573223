/*
 * html_read.c
 *	  What is read off a page's tree: names, attributes, texts, its base.
 *
 * A node keeps a piece of the page as it was written, and each value is decoded only when somebody
 * asks for it: of a page's thousands of attributes a few dozens are. Everything here is linear in
 * the piece that it reads.
 *
 * Who calls it: what finds the article, XPath, the reader of links.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "parse/html_tree.h"

#include "parse/entities.h"
#include "parse/html_text.h"
#include "parse/url.h"

#include <string.h>
#include <strings.h>

bool
html_list_has(Text list, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i + len <= list.len; i++)
	{
		bool starts = i == 0 || strchr(" ,\t\n", list.data[i - 1]) != NULL;
		bool ends = i + len == list.len || strchr(" ,\t\n", list.data[i + len]) != NULL;

		if (starts && ends && strncasecmp(list.data + i, word, len) == 0)
			return true;
	}
	return false;
}

Text
html_attribute_line(Arena *arena, const HtmlNode *node, const char *name)
{
	Text line = text_clean_line(arena, html_attribute(node, name));

	return line.len > 0 ? line : TEXT_NULL;
}

/*
 * In an address a named reference counts only with its semicolon: without it the "&" is nearly
 * always that of a query, as in "?a=1&copy=2" (HTML Living Standard, 13.2.5.73).
 */
Text
html_attribute_url(Arena *arena, const HtmlNode *node, const char *name, Text base)
{
	Text		value = html_attribute(node, name);
	TextBuilder builder;

	if (!text_present(value))
		return TEXT_NULL;
	builder_start(&builder, arena);
	for (size_t at = 0; at < value.len; at++)
	{
		Text	 rest = {value.data + at + 1, value.len - at - 1};
		Text	 expansion = TEXT_NULL;
		unsigned number;
		size_t	 len = 0;

		if (value.data[at] == '&')
			len = entity_match(rest, &expansion);
		if (len > 0 && rest.data[len - 1] == ';')
			builder_append(&builder, expansion.data, expansion.len);
		else if (value.data[at] == '&' && rest.len > 1 && rest.data[0] == '#' &&
				 (len = entity_number((Text){rest.data + 1, rest.len - 1}, &number)) > 0)
		{
			if (number > ' ')
				builder_append_codepoint(&builder, number);
			len++;
		}
		else
		{
			len = 0;
			builder_append_char(&builder, value.data[at]);
		}
		at += len;
	}
	return url_resolve(arena, base, builder_text(&builder));
}

Text
html_element_name(const HtmlTree *tree, uint32_t element)
{
	const HtmlNode *node = &tree->nodes[element];
	const char	   *start = node->data.data;

	if (node->tag == HTML_BR) /* may have been made of an end tag, whose name is elsewhere */
		return TEXT_LITERAL("br");
	if (node->tag == HTML_TEXT || node->tag == HTML_ROOT)
		return TEXT_LITERAL("");
	while (start[-1] != '<')
		start--;
	return (Text){start, (size_t) (node->data.data - start)};
}

/* Appends raw text, clean and without soft hyphens, behind the separator. */
static void
append_line(TextBuilder *text, Text raw, char separator)
{
	Text		line = text_clean_line(text->arena, raw);
	const char *hyphen;

	if (!text_present(line)) /* the arena is exhausted */
		return;
	if (line.len > 0 && text->len > 0)
		builder_append_char(text, separator);
	while ((hyphen = memmem(line.data, line.len, "\xC2\xAD", 2)) != NULL)
	{
		builder_append(text, line.data, (size_t) (hyphen - line.data));
		line.len -= (size_t) (hyphen + 2 - line.data);
		line.data = hyphen + 2;
	}
	builder_append(text, line.data, line.len);
}

void
html_append_line(TextBuilder *text, Text raw)
{
	append_line(text, raw, '\n');
}

/* Ends a line that is being gathered: appends it clean, behind the separator. */
static void
end_line(TextBuilder *text, TextBuilder *line, char separator)
{
	if (line->len > 0)
		append_line(text, builder_text(line), separator);
	line->len = 0;
}

/* The text of a subtree, with the separator between what different blocks and <br> part. */
static Text
subtree_text(Arena *arena, const HtmlTree *tree, uint32_t node, char separator)
{
	const HtmlNode *nodes = tree->nodes;
	uint32_t		block = node; /* the innermost block around what is next */
	TextBuilder		text;
	TextBuilder		line;

	builder_start(&text, arena);
	builder_start(&line, arena);
	for (uint32_t i = node + 1; i < nodes[node].end;)
	{
		unsigned flags = html_tag_flags(nodes[i].tag);
		bool	 silent = (flags & HTML_IS_SILENT) != 0;

		while (block > node && nodes[block].end <= i)
		{
			end_line(&text, &line, separator);
			do
				block = nodes[block].parent;
			while (block > node && (html_tag_flags(nodes[block].tag) & HTML_IS_BLOCK) == 0);
		}
		if (nodes[i].tag == HTML_TEXT)
			builder_append(&line, nodes[i].data.data, nodes[i].data.len);
		else if ((flags & HTML_IS_BLOCK) != 0 || nodes[i].tag == HTML_BR)
		{
			end_line(&text, &line, separator);
			if ((flags & HTML_IS_VOID) == 0 && !silent)
				block = i;
		}
		i = silent ? nodes[i].end : i + 1;
	}
	end_line(&text, &line, separator);
	return builder_text(&text);
}

Text
html_node_text(Arena *arena, const HtmlTree *tree, uint32_t node)
{
	return subtree_text(arena, tree, node, '\n');
}

Text
html_node_line(Arena *arena, const HtmlTree *tree, uint32_t node)
{
	return subtree_text(arena, tree, node, ' ');
}

Text
html_base_url(Arena *arena, const HtmlTree *tree, Text url)
{
	for (uint32_t i = 1; i < tree->n_nodes; i++)
	{
		if (tree->nodes[i].tag == HTML_BASE && html_attribute(&tree->nodes[i], "href").len > 0)
			return html_attribute_url(arena, &tree->nodes[i], "href", url);
	}
	return url;
}
