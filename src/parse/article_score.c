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

/* A heading of so many characters is a paragraph in large letters. */
#define LONG_HEADING 200

/* So many blocks may stand between the title and the body, the lead among them. */
#define LEAD_DISTANCE 16

/* What stands with the title is worth so many times as much: texts elsewhere may be long, too. */
#define NEAR_TITLE 2

/* A paragraph has as many words. */
#define WORDS 4

/* A line that leads to something else has fewer characters. */
#define POINTER 80

/* The body has one paragraph's character of so many at least. */
#define BODY_SHARE 3

/* A heading of so many words says something by itself. */
#define HEADING_WORDS 6

/* A teaser has no more paragraphs, nor so many characters in them. */
#define TEASER 2
#define TEASER_CHARS 260

/* Whether most of a block's text is links, in parts of ten. */
static bool
is_linked(const Block *block, uint32_t tenths)
{
	return block->linked * 10 > block->chars * tenths;
}

static bool
is_paragraph(const ArticleWork *work, const Block *block)
{
	bool p = work->tree->nodes[block->element].tag == HTML_P;

	if (block->heading != 0 && block->chars < LONG_HEADING)
		return false;
	if (is_linked(block, 3) || block->words < WORDS)
		return false;
	if (block->chars >= PARAGRAPH)
		return true;
	return block->chars >= SENTENCE && (block->ends || (p && block->stops + block->commas > 0));
}

/*
 * Whether a heading's text is the page's title, or a part of it.  Only its own text is looked
 * at, so that headings within headings are not read again and again.
 */
static bool
is_title(ArticleWork *work, const Block *block)
{
	TextBuilder builder;
	Text		line;

	if (block->chars > work->titre.len)
		return false;
	builder_start(&builder, work->arena);
	for (uint32_t i = block->first; i < block->end; i++)
	{
		const HtmlNode *node = &work->tree->nodes[i];

		if (node->tag == HTML_TEXT)
			builder_append(&builder, node->data.data, node->data.len);
		else if (node->tag == HTML_BR)
			builder_append_char(&builder, ' ');
	}
	line = text_clean_line(work->arena, builder_text(&builder));
	return line.len > 0 && line.len <= work->titre.len &&
		   memmem(work->titre.data, work->titre.len, line.data, line.len) != NULL;
}

/*
 * Marks a heading that is a link and what stands with it in an element that has no other
 * heading: another article's first words.  More than a few paragraphs, or a long one, are no
 * teaser: headings are links in lists, too, of what the article is about.
 */
static void
mark_teaser(ArticleWork *work, uint32_t heading, uint32_t previous, uint32_t next)
{
	const HtmlNode *nodes = work->tree->nodes;
	uint32_t		scope = work->blocks[heading].element;
	uint32_t		first = heading;
	uint32_t		end = heading;
	uint32_t		paragraphs = 0;
	uint32_t		chars = 0;

	while (nodes[scope].parent > previous && nodes[nodes[scope].parent].end <= next)
		scope = nodes[scope].parent;
	while (first > 0 && work->blocks[first - 1].element >= scope)
		first--;
	while (end < work->n_blocks && work->blocks[end].element < nodes[scope].end)
		end++;
	for (uint32_t i = first; i < end; i++)
	{
		paragraphs += work->blocks[i].good;
		chars += work->blocks[i].good ? work->blocks[i].chars : 0;
	}
	for (; first < end && paragraphs <= TEASER && chars < TEASER_CHARS; first++)
		work->blocks[first].teaser = true;
}

static void
mark_teasers(ArticleWork *work)
{
	uint32_t previous = 0; /* the elements of the headings before and after */
	uint32_t next = work->tree->n_nodes;

	for (uint32_t i = 0, j; i < work->n_blocks; i = j)
	{
		const Block *block = &work->blocks[i];

		for (j = i + 1; j < work->n_blocks && work->blocks[j].heading == 0;)
			j++;
		if (block->heading == 0)
			continue;
		next = j < work->n_blocks ? work->blocks[j].element : work->tree->n_nodes;
		if (is_linked(block, 8) && !block->title)
			mark_teaser(work, i, previous, next);
		previous = block->element;
	}
}

/* Says which blocks are paragraphs, and which belong to other articles, if there are several. */
static void
classify(ArticleWork *work)
{
	uint32_t headings = 0;

	for (uint32_t i = 0; i < work->n_blocks; i++)
	{
		Block *block = &work->blocks[i];

		block->good = is_paragraph(work, block);
		block->title = block->heading != 0 && is_title(work, block);
		headings += block->heading != 0 && is_linked(block, 8);
	}
	if (headings > 1)
		mark_teasers(work);
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

/*
 * Marks in near[] what has a part of the page in common with its title: elements around the
 * title, up to the body, and all within them.
 */
static void
mark_near(ArticleWork *work, bool *near)
{
	const HtmlNode *nodes = work->tree->nodes;
	uint32_t		title = 0;

	for (uint32_t i = 0; i < work->n_blocks && title == 0; i++)
	{
		const Block *block = &work->blocks[i];

		if (block->heading == 1 || block->title)
			title = block->element;
	}
	for (; title > 0 && nodes[title].tag != HTML_BODY; title = nodes[title].parent)
		near[title] = true;
	for (uint32_t i = 1; i < work->tree->n_nodes; i++)
		near[i] = near[i] || near[nodes[i].parent];
}

/*
 * The element whose blocks are worth most; or one around it, where most paragraphs of the page
 * are elsewhere: then it was a section, as long as the others, but with fewer links.
 */
static uint32_t
find_body(ArticleWork *work)
{
	const HtmlTree *tree = work->tree;
	double		   *values = article_room(work, ROOM_VALUES, tree->n_nodes * sizeof(double));
	bool		   *near = article_room(work, ROOM_NEAR, tree->n_nodes * sizeof(bool));
	uint32_t	   *chars = article_room(work, ROOM_CHARS, tree->n_nodes * sizeof(uint32_t));
	uint32_t		best = 0;
	double			best_value = 0;

	if (values == NULL || near == NULL || chars == NULL)
		return 0;
	mark_near(work, near);
	for (uint32_t i = 0; i < work->n_blocks; i++)
	{
		const Block *block = &work->blocks[i];

		values[block->element] += value_of(block);
		if (block->good && !block->teaser)
			chars[block->element] += block->chars - block->linked;
	}
	for (uint32_t i = tree->n_nodes; i-- > 0;)
	{
		double	 value = values[i];
		unsigned words = work->nodes[i].words;

		if (i > 0)
		{
			values[tree->nodes[i].parent] += value;
			chars[tree->nodes[i].parent] += chars[i];
		}
		if (near[i])
			value *= NEAR_TITLE;
		if ((words & WORD_MAIN) != 0)
			value *= 2;
		else if ((words & (WORD_BODY | WORD_ARTICLE)) != 0 || tree->nodes[i].tag == HTML_ARTICLE ||
				 tree->nodes[i].tag == HTML_MAIN)
			value *= 1.2;
		if (value > best_value && may_be_body(tree->nodes[i].tag))
		{
			best = i;
			best_value = value;
		}
	}
	while (best > 0 && chars[best] < chars[0] / BODY_SHARE)
		best = tree->nodes[best].parent;
	return best;
}

/*
 * Leaves out headings with nothing under them: of a list of links, of what was left out.  But
 * not a sentence of a list in which every heading has but a picture under it.
 */
static void
drop_bare_headings(ArticleWork *work)
{
	uint8_t below = 0; /* level of the heading that is kept below, 7 for a text; 0: nothing */

	for (uint32_t i = work->n_blocks; i-- > 0;)
	{
		Block *block = &work->blocks[i];

		if (!block->kept)
			continue;
		if (block->heading == 0 || block->good)
			below = 7;
		else if (below > block->heading ||
				 (below == block->heading && block->words >= HEADING_WORDS && block->linked == 0))
			below = block->heading;
		else
			block->kept = false;
	}
}

/* Whether such elements hold text for readers; a short text in another one is a button or a label. */
static bool
is_text_element(unsigned tag)
{
	return tag == HTML_P || tag == HTML_LI || tag == HTML_BLOCKQUOTE || tag == HTML_PRE ||
		   tag == HTML_TD || tag == HTML_TH || tag == HTML_DD || tag == HTML_DT;
}

/* Whether the article may end with the block. */
static bool
is_last_text(const ArticleWork *work, const Block *block)
{
	return block->kept && block->good && !article_closes(work->tree->nodes[block->first].data);
}

/*
 * Leaves out what stands before the first paragraph and after the last one and is none
 * itself: title, byline, date, buttons.
 */
static void
drop_ends(ArticleWork *work)
{
	const HtmlNode *nodes = work->tree->nodes;
	uint32_t		first = 0;
	uint32_t		last = work->n_blocks;

	while (first < last && !(work->blocks[first].kept && work->blocks[first].good))
	{
		Block *block = &work->blocks[first++];

		block->kept = block->kept && is_text_element(nodes[block->element].tag);
	}
	while (last > first && !is_last_text(work, &work->blocks[last - 1]))
	{
		Block	*block = &work->blocks[--last];
		unsigned tag = nodes[block->element].tag;

		block->kept =
			block->kept && !block->good && is_text_element(tag) && (tag != HTML_P || block->ends);
	}
}

/* Whether a block of the body is text of the article. */
static bool
is_text(ArticleWork *work, const Block *block)
{
	unsigned tag = work->tree->nodes[block->element].tag;

	if (block->teaser || is_linked(block, 5))
		return false;
	if (block->chars < POINTER && article_points_elsewhere(work->tree->nodes[block->first].data))
		return false;
	if (block->good || is_text_element(tag))
		return true;
	if (block->heading != 0)
		return !block->title;
	return block->chars >= SENTENCE;
}

/* Whether a block before the body is its lead: a sentence, and none of a picture's. */
static bool
is_lead(const ArticleWork *work, const Block *block)
{
	const ArticleNode *element = &work->nodes[block->element];
	const ArticleNode *parent = &work->nodes[work->tree->nodes[block->element].parent];

	return block->good && !block->teaser && block->heading == 0 && block->ends &&
		   block->stops > 0 && ((element->words | parent->words) & WORD_IMAGE) == 0;
}

/*
 * Takes in the lead: paragraphs that stand between the page's title and the body, but not in
 * the body's element.
 */
static void
keep_lead(ArticleWork *work)
{
	uint32_t first = 0;
	uint32_t title;

	while (first < work->n_blocks && !work->blocks[first].kept)
		first++;
	if (first == work->n_blocks)
		return;
	title = first;
	while (title > 0 && first - title < LEAD_DISTANCE && work->blocks[title].heading != 1 &&
		   !work->blocks[title].title)
		title--;
	if (work->blocks[title].heading != 1 && !work->blocks[title].title)
		return;
	for (uint32_t i = title; i < first; i++)
		work->blocks[i].kept = is_lead(work, &work->blocks[i]);
}

uint32_t
article_choose_blocks(ArticleWork *work)
{
	uint32_t chars = 0;
	uint32_t body;
	uint32_t end;

	classify(work);
	body = find_body(work);
	end = work->tree->nodes[body].end;
	for (uint32_t i = 0; i < work->n_blocks; i++)
	{
		Block *block = &work->blocks[i];

		block->kept = block->element >= body && block->element < end && is_text(work, block);
	}
	drop_ends(work);
	keep_lead(work);
	drop_bare_headings(work);
	for (uint32_t i = 0; i < work->n_blocks; i++)
		chars += work->blocks[i].kept ? work->blocks[i].chars : 0;
	return chars;
}

/* Appends what a block has between line breaks; in preformatted text, line ends are such, too. */
static void
append_part(const ArticleWork *work, TextBuilder *text, const Block *block, Text raw)
{
	Text lines;

	if (work->tree->nodes[block->element].tag != HTML_PRE)
	{
		html_append_line(text, raw);
		return;
	}
	lines = text_clean(work->arena, raw, TEXT_FORM_REFERENCES, false);
	if (lines.len > 0 && text->len > 0)
		builder_append_char(text, '\n');
	builder_append(text, lines.data, lines.len);
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
			append_part(work, text, block, builder_text(&line));
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
