/*
 * article_date.c
 *	  When a page's article was published: what the page declares, before its markup, its
 *	  address and what it shows to its readers.  Called by article_meta.c.
 *
 * A date that is shown stands with the title, or in an element that is named for it; the dates
 * of teasers and other things beside the article are looked at last.
 */
#include "parse/article_parts.h"

#include "base/ascii.h"
#include "parse/date.h"
#include "parse/html_text.h"

#include <stdlib.h>
#include <string.h>

/* An element of as many nodes, or as many bytes of text, is no date. */
#define DATE_NODES 12
#define DATE_TEXT 2000

/* A date that is shown with the title is so many nodes away, in a text of fewer bytes. */
#define TITLE_DISTANCE 40
#define DATE_LINE 120

/* A text of fewer bytes in which there is a date says little else. */
#define DATE_ALONE 40

/* A heading of more nodes is not read. */
#define HEADING_NODES 60

/* Days that zones can be apart. */
#define ZONES (INT64_C(36) * 3600 * 1000000)

typedef struct DateSearch
{
	const ArticleWork *work;
	Article			  *article;
	DayOrder		   order;
	bool			   everywhere; /* in what stands beside the article, too */
	int64_t			   address;	   /* the day in the page's address */
	bool			   has_address;
} DateSearch;

/* ---- one date ---- */

/* Takes a date if there is none yet; one that its address belies is none. */
static bool
take(DateSearch *search, int64_t date)
{
	Article *article = search->article;

	if (article->has_date)
		return true;
	if (search->has_address && llabs(date - search->address) > ZONES)
		return false;
	article->date = date;
	article->has_date = true;
	return true;
}

/* Takes the date that a value is. */
static bool
take_value(DateSearch *search, Text value)
{
	int64_t date;

	return value.len > 0 && date_parse(text_trim(value), &date) && take(search, date);
}

/* Takes the date that a text is, or that is named in it. */
static bool
take_shown(DateSearch *search, Text text)
{
	int64_t date;

	return take_value(search, text) ||
		   (text.len > 0 && date_find(text, search->order, &date) && take(search, date));
}

/* Takes the date that an element's text is or has, if it is so short that it may be one. */
static void
take_text(DateSearch *search, uint32_t element)
{
	const HtmlTree *tree = search->work->tree;
	uint32_t		end = tree->nodes[element].end;
	size_t			len = 0;

	if (end - element >= DATE_NODES)
		return;
	for (uint32_t i = element; i < end; i++)
		len += tree->nodes[i].tag == HTML_TEXT ? tree->nodes[i].data.len : 0;
	if (len < DATE_TEXT)
		(void) take_shown(search, html_node_line(search->work->arena, tree, element));
}

/* ---- the page's elements ---- */

/* The first node behind i that may have the date: behind all that stands beside the article. */
static uint32_t
next_node(const DateSearch *search, uint32_t i)
{
	const ArticleNode *mark = &search->work->nodes[i];
	bool			   comment = (mark->words & WORD_COMMENT) != 0;
	bool			   timed = (mark->words & (WORD_DATE | WORD_BYLINE | WORD_TIME)) != 0;

	if (mark->dropped && (comment || (!timed && !search->everywhere)))
		return search->work->tree->nodes[i].end;
	return i + 1;
}

/* What the markup says to be a date: itemprop, <time>. */
static void
find_marked(DateSearch *search)
{
	const HtmlTree *tree = search->work->tree;

	for (uint32_t i = 1; i < tree->n_nodes && !search->article->has_date; i = next_node(search, i))
	{
		const HtmlNode *node = &tree->nodes[i];

		if (search->work->nodes[i].declares &&
			html_list_has(html_attribute(node, "itemprop"), "datePublished"))
		{
			if (!take_value(search, html_attribute(node, "content")) &&
				!take_value(search, html_attribute(node, "datetime")))
				take_text(search, i);
		}
		else if (node->tag == HTML_TIME)
			(void) take_value(search, html_attribute(node, "datetime"));
	}
}

/* What elements that are named as dates show. */
static void
find_named(DateSearch *search, unsigned words)
{
	const HtmlTree *tree = search->work->tree;

	for (uint32_t i = 1; i < tree->n_nodes && !search->article->has_date; i = next_node(search, i))
	{
		if (tree->nodes[i].tag == HTML_TIME || (search->work->nodes[i].words & words) != 0)
			take_text(search, i);
	}
}

static void
find_in_markup(DateSearch *search)
{
	find_marked(search);
	find_named(search, WORD_DATE);
	find_named(search, WORD_TIME);
}

/* ---- the page's address ---- */

/* A number of so many digits at most in the address at *at; -1 where there is none. */
static int
take_number(Text url, size_t *at, size_t digits)
{
	size_t start = *at;
	int	   number = 0;

	while (*at < url.len && *at - start < digits && is_digit(url.data[*at]))
		number = number * 10 + (url.data[(*at)++] - '0');
	if (*at == start || (*at < url.len && is_digit(url.data[*at])))
		return -1;
	return number;
}

/* The day at a place in an address: "2024/8/5", "2024-08-05". */
static bool
read_address(Text url, size_t at, int64_t *date)
{
	int		year = take_number(url, &at, 4);
	char	separator = at < url.len ? url.data[at] : ' ';
	int		month;
	int		day;
	size_t	day_at;
	int64_t days;

	if (year < 1990 || year > 2100 || (separator != '/' && separator != '-'))
		return false;
	at++;
	month = take_number(url, &at, 2);
	if (month < 0 || at >= url.len || url.data[at] != separator)
		return false;
	day_at = ++at;
	day = take_number(url, &at, 2);
	if (separator == '-' && at - day_at < 2)
		return false;
	if (at < url.len && is_letter(url.data[at]))
		return false;
	if (!date_day_number(year, month, day, &days))
		return false;
	*date = days * INT64_C(86400000000);
	return true;
}

/* The first day in the page's address, between what are no digits. */
static void
find_address(DateSearch *search)
{
	Text url = search->article->url;

	for (size_t i = 1; i < url.len && !search->has_address; i++)
	{
		if (is_digit(url.data[i]) && strchr("/-_=", url.data[i - 1]) != NULL)
			search->has_address = read_address(url, i, &search->address);
	}
}

/* ---- what is shown ---- */

/* The heading that is the title, else the first of the highest level; 0 for none. */
static uint32_t
title_heading(const ArticleWork *work, uint32_t h1)
{
	const HtmlNode *nodes = work->tree->nodes;

	for (uint32_t i = 1; i < work->tree->n_nodes && text_present(work->titre); i++)
	{
		if (nodes[i].tag >= HTML_H1 && nodes[i].tag <= HTML_H3 &&
			nodes[i].end - i < HEADING_NODES &&
			text_equal(html_node_line(work->arena, work->tree, i), work->titre))
			return i;
	}
	return h1;
}

/* A text that may show a date to the readers. */
static void
take_line(DateSearch *search, uint32_t i)
{
	const HtmlNode *node = &search->work->tree->nodes[i];
	int64_t			date;

	if (node->tag == HTML_TEXT && node->data.len < DATE_LINE &&
		date_find(node->data, search->order, &date))
		(void) take(search, date);
}

/* A date that stands with the title: behind it, or else before it. */
static void
find_by_title(DateSearch *search, uint32_t title)
{
	uint32_t n_nodes = search->work->tree->n_nodes;
	uint32_t first = title > TITLE_DISTANCE ? title - TITLE_DISTANCE : 1;

	if (title == 0)
		return;
	for (uint32_t i = title; i < n_nodes && i < title + 2 * TITLE_DISTANCE; i++)
		take_line(search, i);
	for (uint32_t i = title; i-- > first;)
		take_line(search, i);
}

/* The only day that stands by itself anywhere with the article. */
static void
find_only(DateSearch *search)
{
	const HtmlTree *tree = search->work->tree;
	bool			found = false;
	int64_t			only = 0;

	for (uint32_t i = 1; i < tree->n_nodes; i = next_node(search, i))
	{
		const HtmlNode *node = &tree->nodes[i];
		int64_t			date;

		if (node->tag != HTML_TEXT || node->data.len >= DATE_ALONE ||
			!date_find(node->data, search->order, &date))
			continue;
		if (found && date != only)
			return;
		found = true;
		only = date;
	}
	if (found)
		(void) take(search, only);
}

/* ---- all of it ---- */

/* Whether day or month comes first in digits, by the language; in English, by the country. */
static DayOrder
order_of(Text langue)
{
	if (langue.len < 2)
		return DAY_ORDER_UNKNOWN;
	if (!text_begins(langue, "en"))
		return DAY_ORDER_DAY_FIRST;
	if (langue.len == 2)
		return DAY_ORDER_UNKNOWN;
	return text_is(langue, "en-US") ? DAY_ORDER_MONTH_FIRST : DAY_ORDER_DAY_FIRST;
}

void
article_find_date(ArticleWork *work, uint32_t h1, const ArticleDates *declared)
{
	Article	  *article = work->article;
	DateSearch search = {.work = work, .article = article, .order = DAY_ORDER_UNKNOWN};

	if (take_shown(&search, declared->published[0]) || take_shown(&search, declared->published[1]))
		return;
	search.order = order_of(article->langue); /* a reader's; what is declared, a program wrote */
	find_address(&search);
	find_in_markup(&search);
	if (search.has_address)
		(void) take(&search, search.address);
	if (!article->has_date)
		find_by_title(&search, title_heading(work, h1));
	if (take_shown(&search, declared->modified[0]) || take_shown(&search, declared->modified[1]))
		return;
	find_only(&search);
	search.everywhere = true;
	find_in_markup(&search);
}
