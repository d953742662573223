/*
 * article.c
 *	  From a page's bytes to its article.  Called by the SQL function and by
 *	  whatever scrapes; never reads a file or the network.
 */
#include "parse/article.h"

#include "parse/article_parts.h"
#include "parse/charset.h"
#include "parse/html_text.h"

#include <string.h>

/*
 * A page with fewer characters of text is looked at again, as a discussion: its posts, which
 * are named as comments are, may be all that it has.
 */
#define FORUM_LIMIT 100

/*
 * One with fewer has no article but in what its names take out: layouts are called after what
 * stands beside the article, too ("sidebar-grid"), one for each part of it.
 */
#define SENTENCE_LIMIT 25

/*
 * The text that the page's JSON-LD declares stands for the article where it has so many bytes
 * and is twice as long as what was found: scripts show it, or it is shown to subscribers.
 */
#define DECLARED_LIMIT 500

HtmlTree *
article_read_page(Arena *arena, Text bytes, Text content_type, const char **encoding,
				  Failure *failure)
{
	Text html = charset_decode_html(arena, bytes, charset_of_content_type(content_type), encoding);
	HtmlTree *tree = text_present(html) ? html_tree_parse(arena, html) : NULL;

	if (tree == NULL)
	{
		failure_set(failure, FAILURE_TOO_LARGE, "page too large to be read");
		return NULL;
	}
	for (uint32_t i = 1; i < tree->n_nodes; i++)
	{
		if (tree->nodes[i].tag < HTML_OTHER)
			return tree;
	}
	failure_set(failure, FAILURE_PARSE, "not an HTML page");
	return NULL;
}

void *
article_room(ArticleWork *work, ArticleRoom room, size_t size)
{
	if (work->rooms[room] == NULL)
		work->rooms[room] = arena_alloc(work->arena, size);
	if (work->rooms[room] != NULL)
		memset(work->rooms[room], 0, size);
	return work->rooms[room];
}

/* Chooses the blocks anew, without those words; false where memory is out. */
static bool
look_again(ArticleWork *work, unsigned ignored, uint32_t *chars)
{
	work->ignored = (uint16_t) ignored;
	if (!article_mark_nodes(work) || !article_cut_blocks(work))
		return false;
	*chars = article_choose_blocks(work);
	return true;
}

Article *
article_extract(Arena *arena, const HtmlTree *tree, Text url)
{
	ArticleWork work = {.arena = arena, .tree = tree, .url = url};
	uint32_t	chars;

	work.article = arena_alloc_zero(arena, sizeof(Article));
	if (work.article == NULL || !article_mark_nodes(&work))
		return NULL;
	article_read_meta(&work);
	if (!article_cut_blocks(&work))
		return NULL;
	chars = article_choose_blocks(&work);
	if (chars < FORUM_LIMIT && !look_again(&work, WORD_COMMENT, &chars))
		return NULL;
	if (chars < SENTENCE_LIMIT &&
		!look_again(&work, WORD_COMMENT | WORD_ASIDE | WORD_WIDGET, &chars))
		return NULL;
	work.article->texte = article_text(&work);
	if (work.body.len > DECLARED_LIMIT && work.body.len / 2 > work.article->texte.len)
		work.article->texte = work.body;
	return arena_exhausted(arena) ? NULL : work.article;
}

Article *
article_parse(Arena *arena, Text bytes, Text content_type, Text url, Failure *failure)
{
	const char *encoding;
	HtmlTree   *tree = article_read_page(arena, bytes, content_type, &encoding, failure);
	Article	   *article;

	if (tree == NULL)
		return NULL;
	article = article_extract(arena, tree, url);
	if (article == NULL)
		failure_set(failure, FAILURE_TOO_LARGE, "page too large to be read");
	else
		article->encoding = encoding;
	return article;
}
