/*
 * article_score.c
 *	  Which element of the page holds the article, and which blocks in it are its text.
 */
#include "parse/article_parts.h"

#include "parse/html_text.h"

#include <string.h>

/* A block of so many characters is a paragraph, if most of it is no link. */
#define PARAGRAPH 80

/* So many, if it has a sentence in it. */
#define SENTENCE 25

static bool
is_paragraph(const Block *block)
{
	if (block->heading || block->linked * 3 > block->chars)
		return false;
	return block->chars >= PARAGRAPH ||
		   (block->chars >= SENTENCE && block->stops + block->commas > 0);
}

/* What a block adds to the elements around it. */
static double
value_of(const Block *block)
{
	if (is_paragraph(block))
		return block->chars - block->linked;
	if (block->heading)
		return 0;
	return -(10.0 + (double) block->linked / 2);
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
		if (value > best_value)
		{
			best = i;
			best_value = value;
		}
	}
	return best;
}

void
article_choose_blocks(ArticleWork *work)
{
	uint32_t body = find_body(work);
	uint32_t end = work->tree->nodes[body].end;

	for (uint32_t i = 0; i < work->n_blocks; i++)
	{
		Block *block = &work->blocks[i];

		if (block->element < body || block->element >= end)
			continue;
		block->kept = block->linked * 2 <= block->chars;
	}
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
			builder_append(text, clean.data, clean.len);
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
