/*
 * article_score.c
 *	  Which element of the page holds the article, and which blocks in it are its text.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "parse/article_parts.h"

#include "parse/html_text.h"

#include <string.h>

/* A block of so many characters is a paragraph, if most of it is no link. */
#define PARAGRAPH 80

/* So many, if it has a sentence in it. */
#define SENTENCE 25

/* A teaser has no more paragraphs. */
#define TEASER 2

/* Whether most of a block's text is links, in parts of ten. */
static bool
is_linked(const Block *block, uint32_t tenths)
{
	return block->linked * 10 > block->chars * tenths;
}

static bool
is_paragraph(const Block *block)
{
	if (block->heading != 0 || is_linked(block, 3))
		return false;
	return block->chars >= PARAGRAPH ||
		   (block->chars >= SENTENCE && block->stops + block->commas > 0);
}

/* Whether a heading's text is the page's title, or a part of it. */
static bool
is_title(ArticleWork *work, const Block *block)
{
	Text line = html_node_line(work->arena, work->tree, block->element);

	return line.len > 0 && line.len <= work->titre.len &&
		   memmem(work->titre.data, work->titre.len, line.data, line.len) != NULL;
}

/*
 * Marks what stands under a heading that is a link, up to the next heading and not out of
 * the element around the heading's own: another article's first words.  More than a few
 * paragraphs are no teaser.
 */
static void
mark_teaser(ArticleWork *work, uint32_t heading)
{
	const HtmlNode *nodes = work->tree->nodes;
	uint32_t		parent = nodes[work->blocks[heading].element].parent;
	uint32_t		end = nodes[nodes[parent].parent].end;
	uint32_t		last = heading + 1;
	uint32_t		paragraphs = 0;

	for (; last < work->n_blocks && work->blocks[last].heading == 0 &&
		   work->blocks[last].element < end && paragraphs <= TEASER;
		 last++)
		paragraphs += work->blocks[last].good;
	for (uint32_t i = heading; i < last && paragraphs <= TEASER; i++)
		work->blocks[i].teaser = true;
}

/* Says which blocks are paragraphs, and which belong to other articles, if there are several. */
static void
classify(ArticleWork *work)
{
	uint32_t headings = 0;

	for (uint32_t i = 0; i < work->n_blocks; i++)
	{
		Block *block = &work->blocks[i];

		block->good = is_paragraph(block);
		headings += block->heading != 0 && is_linked(block, 8);
	}
	for (uint32_t i = 0; i < work->n_blocks && headings > 1; i++)
	{
		Block *block = &work->blocks[i];

		if (block->heading != 0 && is_linked(block, 8) && !is_title(work, block))
			mark_teaser(work, i);
	}
}

/* What a block adds to the elements around it. */
static double
value_of(const Block *block)
{
	if (block->good && block->teaser)
		return -(double) block->chars / 2;
	if (block->good)
		return block->chars - block->linked;
	if (block->heading != 0)
		return 0;
	return -(10.0 + (double) block->linked / 2);
}

/* Whether an element of that tag may hold an article; a paragraph holds a part of one. */
static bool
may_be_body(unsigned tag)
{
	return (html_tag_flags(tag) & HTML_IS_BLOCK) != 0 && tag != HTML_P && tag != HTML_LI &&
		   tag != HTML_BLOCKQUOTE && tag != HTML_PRE && tag != HTML_UL && tag != HTML_OL &&
		   tag != HTML_TR && tag != HTML_DD && tag != HTML_DT;
}

/* The element whose blocks are worth most. */
static uint32_t
find_body(ArticleWork *work)
{
	const HtmlTree *tree = work->tree;
	double		   *values = arena_alloc_zero(work->arena, tree->n_nodes * sizeof(double));
	uint32_t		best = 0;
	double			best_value = 0;

	if (values == NULL)
		return 0;
	for (uint32_t i = 0; i < work->n_blocks; i++)
		values[work->blocks[i].element] += value_of(&work->blocks[i]);
	for (uint32_t i = tree->n_nodes; i-- > 0;)
	{
		double	 value = values[i];
		unsigned words = work->nodes[i].words;

		if (i > 0)
			values[tree->nodes[i].parent] += value;
		if ((words & WORD_MAIN) != 0)
			value *= 1.5;
		else if ((words & (WORD_BODY | WORD_ARTICLE)) != 0 || tree->nodes[i].tag == HTML_ARTICLE ||
				 tree->nodes[i].tag == HTML_MAIN)
			value *= 1.2;
		if (value > best_value && may_be_body(tree->nodes[i].tag))
		{
			best = i;
			best_value = value;
		}
	}
	return best;
}

/* Leaves out headings with nothing under them: of a list of links, of what was left out. */
static void
drop_bare_headings(ArticleWork *work)
{
	uint8_t below = 0; /* level of the heading that is kept below, 7 for a text; 0: nothing */

	for (uint32_t i = work->n_blocks; i-- > 0;)
	{
		Block *block = &work->blocks[i];

		if (!block->kept)
			continue;
		if (block->heading == 0)
			below = 7;
		else if (below > block->heading)
			below = block->heading;
		else
			block->kept = false;
	}
}

/* Whether a block before the first paragraph is none of the text: title, byline, date, buttons. */
static bool
is_lead(const ArticleWork *work, const Block *block)
{
	unsigned tag = work->tree->nodes[block->element].tag;
	unsigned words = work->nodes[block->element].words;

	return (tag != HTML_P && tag != HTML_LI) || (words & (WORD_BYLINE | WORD_DATE)) != 0;
}

static void
drop_lead(ArticleWork *work)
{
	for (uint32_t i = 0; i < work->n_blocks; i++)
	{
		Block *block = &work->blocks[i];

		if (block->kept && block->good)
			return;
		block->kept = block->kept && !is_lead(work, block);
	}
}

void
article_choose_blocks(ArticleWork *work)
{
	uint32_t body;
	uint32_t end;

	classify(work);
	body = find_body(work);
	end = work->tree->nodes[body].end;
	for (uint32_t i = 0; i < work->n_blocks; i++)
	{
		Block *block = &work->blocks[i];

		if (block->element < body || block->element >= end || block->teaser)
			continue;
		block->kept = !is_linked(block, 5);
	}
	drop_lead(work);
	drop_bare_headings(work);
}

/* Appends a text without its soft hyphens, which say only where a line may break. */
static void
append_visible(TextBuilder *text, Text line)
{
	const char *hyphen;

	while ((hyphen = memmem(line.data, line.len, "\xC2\xAD", 2)) != NULL)
	{
		builder_append(text, line.data, (size_t) (hyphen - line.data));
		line.len -= (size_t) (hyphen + 2 - line.data);
		line.data = hyphen + 2;
	}
	builder_append(text, line.data, line.len);
}

/* Appends a block's text: a line, or several where it has line breaks. */
static void
append_block(ArticleWork *work, TextBuilder *text, const Block *block)
{
	const HtmlTree *tree = work->tree;
	TextBuilder		line;

	builder_start(&line, work->arena);
	for (uint32_t i = block->first; i <= block->end; i++)
	{
		bool last = i == block->end;

		if (last || tree->nodes[i].tag == HTML_BR)
		{
			Text clean = text_clean_line(work->arena, builder_text(&line));

			if (clean.len > 0 && text->len > 0)
				builder_append_char(text, '\n');
			append_visible(text, clean);
			line.len = 0;
		}
		else if (work->nodes[i].dropped)
			i = tree->nodes[i].end - 1;
		else if (tree->nodes[i].tag == HTML_TEXT)
			builder_append(&line, tree->nodes[i].data.data, tree->nodes[i].data.len);
	}
}

Text
article_text(ArticleWork *work)
{
	TextBuilder text;

	builder_start(&text, work->arena);
	for (uint32_t i = 0; i < work->n_blocks; i++)
	{
		if (work->blocks[i].kept)
			append_block(work, &text, &work->blocks[i]);
	}
	return text.len > 0 ? builder_text(&text) : TEXT_NULL;
}
