/*
 * article_blocks.c
 *	  What of a page may be text of its article, cut into blocks.
 */
#include "parse/article_parts.h"

#include "base/ascii.h"

#include <string.h>
#include <strings.h>

/* A byline, or the lines about an author, are shorter. */
#define BYLINE_LIMIT 600

/* Whether the inline style hides the element. */
static bool
style_hides(Text style)
{
	for (size_t i = 0; i + 4 <= style.len; i++)
	{
		Text rest = {style.data + i, style.len - i};
		bool display = to_lower(*rest.data) == 'd' && text_begins(rest, "display:");
		bool visibility = to_lower(*rest.data) == 'v' && text_begins(rest, "visibility:");

		if (!display && !visibility)
			continue;
		(void) text_take(&rest, text_span_until(rest, ":") + 1);
		if (text_begins(text_trim(rest), display ? "none" : "hidden"))
			return true;
	}
	return false;
}

/* Whether the role says that the element is no content (WAI-ARIA 1.2, landmarks and others). */
static bool
role_is_aside(Text role)
{
	static const char *const roles[] = {"navigation", "complementary", "contentinfo", "search",
										"dialog",	  "alertdialog",   "banner",	  "menu",
										"menubar",	  "toolbar",	   "tooltip",	  "alert"};

	for (size_t i = 0; i < lengthof(roles); i++)
	{
		if (text_is(role, roles[i]))
			return true;
	}
	return false;
}

/*
 * Whether an element of that tag holds prose: hidden from those who listen to a page, it is
 * text that a script uncovers, and no ornament.
 */
static bool
is_prose(unsigned tag)
{
	return tag == HTML_P || tag == HTML_BLOCKQUOTE || (tag >= HTML_H2 && tag <= HTML_H6);
}

/* Reads an attribute that says something of the element; most others are told by their length. */
static void
read_attribute(unsigned tag, Text name, Text value, ArticleNode *mark)
{
	switch (name.len)
	{
		case 2:
			if (text_is(name, "id"))
				mark->words |= (uint16_t) article_words(value, true);
			break;
		case 3:
			mark->declares |= text_is(name, "rel");
			break;
		case 4:
			if (text_is(name, "role"))
				mark->dropped |= role_is_aside(value);
			break;
		case 5:
			if (text_is(name, "class"))
				mark->words |= (uint16_t) article_words(value, false);
			else if (text_is(name, "style"))
				mark->dropped |= style_hides(value);
			break;
		case 6:
			if (text_is(name, "hidden"))
				mark->dropped |= !text_is(value, "false");
			break;
		case 8:
			if (!text_is(name, "itemprop"))
				break;
			mark->declares = true;
			if (text_is(value, "articleBody"))
				mark->words |= WORD_MAIN;
			break;
		case 11:
			if (text_is(name, "aria-hidden"))
				mark->dropped |= text_is(value, "true") && !is_prose(tag);
			break;
		default:
			break;
	}
}

/* Reads an element's attributes: its words, and whether they take it out. */
static void
read_attributes(const HtmlNode *node, ArticleNode *mark)
{
	Text rest = node->data;
	Text name;
	Text value;

	while (html_next_attribute(&rest, &name, &value))
		read_attribute(node->tag, name, value, mark);
}

/* What the guard against taking out too much goes by. */
typedef struct Weight
{
	uint32_t chars;	 /* of longer texts that are not in links, silent elements left out */
	uint32_t nested; /* of these, in <article> elements below it that are parts of it */
	bool	 has_h1;
	bool	 has_quote;
	bool	 has_link;	 /* a text in a link */
	bool	 is_teasing; /* a heading that is a link, or a permalink: to another page */
} Weight;

/* Whether the element, with what it holds, is out by its tag and words. */
static bool
is_aside(const HtmlNode *node, const ArticleNode *mark, const Weight *weight)
{
	unsigned words = mark->words;

	switch (node->tag)
	{
		case HTML_NAV:
		case HTML_ASIDE:
		case HTML_FOOTER:
		case HTML_MENU:
		case HTML_HEAD:
		case HTML_FIGCAPTION:
			return true;
		case HTML_HTML:
		case HTML_BODY:
		case HTML_MAIN:
			return false;
		case HTML_ARTICLE:
			return (words & WORD_COMMENT) != 0;
		default:
			break;
	}
	if ((words & WORD_MAIN) != 0)
		return false;
	if ((words & WORD_WIDGET) != 0 && !mark->in_body)
		words |= WORD_ASIDE;
	if ((words & WORD_EMBED) != 0 && weight->has_quote)
		words &= ~(unsigned) WORD_ASIDE;
	if ((words & (WORD_BYLINE | WORD_DATE)) != 0 && weight->chars < BYLINE_LIMIT)
		return true;
	return (words & (WORD_ASIDE | WORD_FOOT | WORD_COMMENT | WORD_CAPTION)) != 0;
}

/* Adds what a node weighs to its parent. */
static void
weigh_on(const HtmlNode *node, const Weight *weight, Weight *parent)
{
	bool heading = node->tag >= HTML_H1 && node->tag <= HTML_H6;

	parent->chars += weight->chars;
	if (node->tag == HTML_ARTICLE)
		parent->nested += weight->is_teasing ? 0 : weight->chars;
	else
		parent->nested += weight->nested;
	parent->has_h1 |= weight->has_h1 || node->tag == HTML_H1;
	parent->has_quote |= weight->has_quote || node->tag == HTML_BLOCKQUOTE;
	parent->has_link |= weight->has_link;
	parent->is_teasing |=
		weight->is_teasing || (heading && weight->has_link) ||
		(node->tag == HTML_A && html_list_has(html_attribute(node, "rel"), "bookmark"));
}

/* Weighs each node with all below it. */
static void
weigh(const ArticleWork *work, Weight *weights)
{
	const HtmlTree *tree = work->tree;

	for (uint32_t i = tree->n_nodes; i-- > 1;)
	{
		const HtmlNode *node = &tree->nodes[i];

		if (node->tag == HTML_TEXT)
		{
			Text text = text_trim(node->data);

			weights[i].has_link = node->linked && text.len > 0;
			if (!node->linked && text.len >= 40)
				weights[i].chars = (uint32_t) (text.len < 100000 ? text.len : 100000);
		}
		if ((html_tag_flags(node->tag) & HTML_IS_SILENT) == 0)
			weigh_on(node, &weights[i], &weights[node->parent]);
	}
}

/*
 * Whether an element holds so much of the page that its name or style cannot mean what
 * it seems to: a page whose body a script shows, or that is called "has-sidebar".
 */
static bool
is_most(const Weight *weight, const Weight *page, const ArticleNode *mark)
{
	uint32_t tenths = mark->dropped ? 6 : 4; /* its attributes hide it: more certain than words */

	if (weight->has_h1 && weight->chars > page->chars / 4)
		return true;
	if ((mark->words & (WORD_COMMENT | WORD_FOOT)) != 0)
		tenths = 9;
	return weight->chars > page->chars / 10 * tenths;
}

bool
article_mark_nodes(ArticleWork *work)
{
	const HtmlTree *tree = work->tree;
	Weight		   *weights = article_room(work, ROOM_WEIGHTS, tree->n_nodes * sizeof(Weight));

	work->n_blocks = 0;
	work->nodes = article_room(work, ROOM_NODES, tree->n_nodes * sizeof(ArticleNode));
	if (weights == NULL || work->nodes == NULL)
		return false;
	weigh(work, weights);
	for (uint32_t i = 1; i < tree->n_nodes; i++)
	{
		const HtmlNode *node = &tree->nodes[i];
		ArticleNode	   *mark = &work->nodes[i];
		unsigned		flags = html_tag_flags(node->tag);
		bool			nested = false;

		mark->block = work->nodes[node->parent].block;
		mark->in_article = work->nodes[node->parent].in_article;
		mark->in_body = work->nodes[node->parent].in_body;
		mark->in_code = work->nodes[node->parent].in_code || node->tag == HTML_PRE;
		if (node->tag == HTML_TEXT)
			continue;
		if ((flags & HTML_IS_BLOCK) != 0)
			mark->block = i;
		if ((flags & HTML_IS_SILENT) != 0)
			mark->dropped = true;
		else if ((flags & HTML_IS_VOID) == 0)
		{
			if (node->data.len > 4 && !mark->in_code)
				read_attributes(node, mark);
			mark->words &= (uint16_t) ~work->ignored;
			if (node->tag == HTML_ARTICLE)
			{
				/* in another: a comment, a teaser; but not where they are all that it has */
				nested = mark->in_article;
				mark->in_article = weights[i].nested < weights[i].chars / 2;
			}
			if (mark->dropped || nested || is_aside(node, mark, &weights[i]))
				mark->dropped = !is_most(&weights[i], &weights[0], mark);
			mark->in_body |= node->tag == HTML_ARTICLE || (mark->words & WORD_MAIN) != 0;
		}
	}
	return true;
}

/* ---- blocks ---- */

static uint16_t
add_up(uint16_t sum, uint32_t more)
{
	return sum + more > UINT16_MAX ? UINT16_MAX : (uint16_t) (sum + more);
}

/* Whether a text's last character ends a sentence, or is what may follow its end. */
static bool
ends_sentence(Text text)
{
	static const char *const ends[] = {
		/* clang-format off */
		".", "!", "?", ":", "\"", "'", ")",
		"\xE2\x80\x9D", "\xE2\x80\x9C", "\xE2\x80\x99", "\xC2\xBB", /* quotes */
		"\xE2\x80\xA6",											   /* the ellipsis */
		"\xE3\x80\x82", "\xE3\x80\x8D", "\xEF\xBC\x81", "\xEF\xBC\x9F", /* East Asian */
		"\xE0\xA5\xA4", "\xDB\x94", "\xD8\x9F",					   /* Indic, Arabic */
		/* clang-format on */
	};

	text = text_trim(text);
	for (size_t i = 0; i < lengthof(ends); i++)
	{
		size_t len = strlen(ends[i]);

		if (text.len >= len && memcmp(text.data + text.len - len, ends[i], len) == 0)
			return true;
	}
	return false;
}

/* Adds a text's characters to a block. */
static void
count_characters(Block *block, const HtmlNode *node)
{
	uint32_t chars = 0;
	uint32_t words = 0;
	uint32_t wide = 0;
	uint32_t commas = 0;
	uint32_t stops = 0;

	for (size_t i = 0; i < node->data.len; i++)
	{
		unsigned char c = (unsigned char) node->data.data[i];
		unsigned char next = i + 1 < node->data.len ? (unsigned char) node->data.data[i + 1] : ' ';

		chars += c > ' ' && (c & 0xC0) != 0x80;
		words += c > ' ' && next <= ' ';
		wide += c >= 0xE3 && c <= 0xED;				 /* U+3000 to U+DFFF */
		if (c == ',' || (c == 0xEF && next == 0xBC)) /* a full-width form: a comma, mostly */
			commas++;
		else if ((c == '.' || c == '!' || c == '?') && next <= ' ')
			stops++;
		else if (c == 0xE3 && next == 0x80) /* an ideographic stop or comma */
			stops++;
	}
	chars += wide; /* which say as much as two letters */
	block->chars += chars;
	block->linked += node->linked ? chars : 0;
	block->words += words + wide / 2;
	block->commas = add_up(block->commas, commas);
	block->stops = add_up(block->stops, stops);
	block->ends = ends_sentence(node->data);
}

static bool
is_blank(Text text)
{
	return text_trim(text).len == 0;
}

/* The number of blocks there can be: texts that are not blank. */
static uint32_t
count_texts(const HtmlTree *tree)
{
	uint32_t count = 0;

	for (uint32_t i = 1; i < tree->n_nodes; i++)
		count += tree->nodes[i].tag == HTML_TEXT;
	return count;
}

/* The level of the heading that an element is; 0 for none. */
static uint8_t
heading_level(const ArticleWork *work, uint32_t element)
{
	unsigned tag = work->tree->nodes[element].tag;

	return tag >= HTML_H1 && tag <= HTML_H6 ? (uint8_t) (tag - HTML_H1 + 1) : 0;
}

bool
article_cut_blocks(ArticleWork *work)
{
	const HtmlTree *tree = work->tree;
	Block		   *block = NULL;
	int				breaks = 0; /* <br> since the last text */

	work->blocks = article_room(work, ROOM_BLOCKS, (count_texts(tree) + 1) * sizeof(Block));
	if (work->blocks == NULL)
		return false;
	for (uint32_t i = 1; i < tree->n_nodes;)
	{
		const HtmlNode *node = &tree->nodes[i];
		uint32_t		element = work->nodes[i].block;

		if (work->nodes[i].dropped)
		{
			if ((html_tag_flags(node->tag) & HTML_IS_BLOCK) != 0)
				block = NULL;
			i = node->end;
			continue;
		}
		if (node->tag == HTML_BR && ++breaks > 1)
			block = NULL;
		else if (node->tag != HTML_TEXT && element == i)
			block = NULL;
		else if (node->tag == HTML_TEXT && !is_blank(node->data))
		{
			if (block == NULL || block->element != element)
			{
				block = &work->blocks[work->n_blocks++];
				*block = (Block){.first = i, .element = element};
				block->heading = heading_level(work, element);
			}
			block->end = i + 1;
			breaks = 0;
			count_characters(block, node);
		}
		i++;
	}
	return true;
}
