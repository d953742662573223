/*
 * article_words.c
 *	  What the names of classes and ids say of an element.
 *
 * The names are cut into words at what is no letter and at capitals within
 * ("articleBody"), and each word is looked up.
 */
#include "parse/article_parts.h"

#include <string.h>

/* A longer word says nothing. */
#define WORD_SIZE 24

/* An attribute's value is read no further. */
#define VALUE_LIMIT 512

/* An id of more words is a sentence. */
#define ID_WORDS 4

/* In byte order; a star stands for any end. */
static const struct
{
	const char *word;
	unsigned	bits;
} known_words[] = {
	/* clang-format off */
	{"ad", WORD_ASIDE}, {"ads", WORD_ASIDE}, {"advert*", WORD_ASIDE}, {"also", WORD_ASIDE},
	{"article*", WORD_ARTICLE}, {"articulo*", WORD_ARTICLE}, {"artikel*", WORD_ARTICLE},
	{"author*", WORD_BYLINE}, {"autor*", WORD_BYLINE}, {"banner*", WORD_ASIDE},
	{"bio", WORD_BYLINE}, {"blog", WORD_ARTICLE}, {"body*", WORD_BODY}, {"bookmark*", WORD_ASIDE},
	{"breadcrumb*", WORD_ASIDE}, {"byline*", WORD_BYLINE}, {"caption*", WORD_CAPTION},
	{"card", WORD_LIST}, {"cards", WORD_LIST}, {"carousel*", WORD_ASIDE},
	{"comment*", WORD_COMMENT}, {"commentary", 0}, {"consent*", WORD_FOOT},
	{"container*", WORD_SHELL}, {"content", WORD_BODY}, {"contents", WORD_BODY},
	{"contenu*", WORD_BODY}, {"cookie*", WORD_FOOT}, {"copyright*", WORD_FOOT},
	{"credit*", WORD_CAPTION}, {"date*", WORD_DATE}, {"discuss*", WORD_COMMENT},
	{"disqus*", WORD_COMMENT}, {"dsgvo*", WORD_FOOT}, {"entry*", WORD_ARTICLE}, {"feedback", WORD_ASIDE},
	{"fineprint", WORD_ASIDE}, {"foot", WORD_FOOT}, {"footer*", WORD_FOOT},
	{"gdpr*", WORD_FOOT}, {"has", WORD_NOT}, {"headline*", WORD_TITLE},
	{"inhalt*", WORD_BODY}, {"jumplink*", WORD_ASIDE},
	{"kommentar*", WORD_COMMENT}, {"legende*", WORD_CAPTION}, {"login*", WORD_ASIDE},
	{"main", WORD_BODY}, {"masthead*", WORD_ASIDE}, {"menu*", WORD_ASIDE},
	{"modal*", WORD_ASIDE}, {"nav", WORD_ASIDE}, {"navbar*", WORD_ASIDE},
	{"navi*", WORD_ASIDE}, {"news", WORD_ARTICLE}, {"newsletter*", WORD_ASIDE},
	{"no", WORD_NOT}, {"noprint", WORD_ASIDE}, {"outbrain*", WORD_ASIDE},
	{"page", WORD_SHELL}, {"pager*", WORD_ASIDE}, {"paginat*", WORD_ASIDE},
	{"paywall*", 0}, {"popular", WORD_ASIDE}, {"popup*", WORD_ASIDE},
	{"post", WORD_ARTICLE}, {"print", 0}, {"privacy*", WORD_FOOT}, {"promo*", WORD_ASIDE}, {"rating*", WORD_ASIDE},
	{"readmore", WORD_ASIDE}, {"recirc*", WORD_ASIDE}, {"recommend*", WORD_ASIDE},
	{"register*", WORD_ASIDE}, {"related*", WORD_ASIDE}, {"remark*", WORD_COMMENT},
	{"replies", WORD_COMMENT}, {"reply*", WORD_COMMENT}, {"respond", WORD_COMMENT},
	{"rss", WORD_ASIDE}, {"screenreader*", WORD_ASIDE}, {"share*", WORD_ASIDE},
	{"sharing*", WORD_ASIDE}, {"shoutbox", WORD_ASIDE}, {"sidebar*", WORD_ASIDE},
	{"signup*", WORD_ASIDE}, {"similar*", WORD_ASIDE}, {"site", WORD_SHELL},
	{"skip*", WORD_ASIDE}, {"social*", WORD_ASIDE}, {"sponsor*", WORD_ASIDE},
	{"story*", WORD_ARTICLE}, {"subscri*", WORD_ASIDE}, {"subscriber*", 0},
	{"taboola*", WORD_ASIDE}, {"tagcloud", WORD_ASIDE}, {"taglist", WORD_ASIDE},
	{"tags", WORD_ASIDE}, {"teaser*", WORD_LIST}, {"text", WORD_BODY},
	{"texte", WORD_BODY}, {"timestamp*", WORD_DATE}, {"title*", WORD_TITLE},
	{"toolbar*", WORD_ASIDE}, {"tools", WORD_ASIDE}, {"trending*", WORD_ASIDE},
	{"widget*", WORD_ASIDE}, {"with", WORD_NOT}, {"without", WORD_NOT}, {"wrap*", WORD_SHELL},
	/* clang-format on */
};

#define N_WORDS (sizeof(known_words) / sizeof(known_words[0]))

/* How the word compares to an entry: 0 where the entry stands for it. */
static int
compare(const char *word, const char *entry)
{
	size_t len = strlen(entry);

	if (entry[len - 1] == '*')
		return strncmp(word, entry, len - 1);
	return strcmp(word, entry);
}

/* The bits of the longest entry that stands for the word. */
static unsigned
bits_of(const char *word)
{
	size_t low = 0;
	size_t high = N_WORDS;

	/* the first entry that is greater; what stands for the word is just before */
	while (low < high)
	{
		size_t middle = (low + high) / 2;

		if (strcmp(known_words[middle].word, word) <= 0 ||
			compare(word, known_words[middle].word) == 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t back = 0; back < 4 && back < low; back++)
	{
		if (compare(word, known_words[low - 1 - back].word) == 0)
			return known_words[low - 1 - back].bits;
	}
	return 0;
}

/* The next word at *at, in small letters; false at the end of the value. *gap: a space was passed. */
static bool
next_word(Text value, size_t *at, char *word, bool *gap)
{
	size_t len = 0;

	*gap = false;
	while (*at < value.len)
	{
		char c = value.data[*at];

		if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
			break;
		*gap = *gap || c == ' ' || (c >= '\t' && c <= '\r');
		(*at)++;
	}
	for (; *at < value.len; (*at)++)
	{
		char c = value.data[*at];
		bool capital = c >= 'A' && c <= 'Z';

		if ((c | 0x20) < 'a' || (c | 0x20) > 'z')
			break;
		if (capital && len > 0 && value.data[*at - 1] >= 'a')
			break;
		if (len < WORD_SIZE - 1)
			word[len++] = (char) (c | 0x20);
	}
	word[len] = '\0';
	return len > 0;
}

unsigned
article_words(Text value, bool is_id)
{
	char	 word[WORD_SIZE];
	unsigned all = 0;
	int		 n_words = 0;
	unsigned name = 0; /* of the present name: what lies between spaces */
	size_t	 at = 0;
	bool	 gap;

	if (value.len > VALUE_LIMIT)
		value.len = VALUE_LIMIT;
	while (next_word(value, &at, word, &gap))
	{
		unsigned bits = bits_of(word);

		n_words++;
		if (gap)
			name = 0;
		if ((name & WORD_NOT) != 0)
			continue;
		name |= bits;
		if ((name & WORD_ARTICLE) != 0 && (name & WORD_BODY) != 0 &&
			(name & (WORD_ASIDE | WORD_FOOT)) == 0)
			name |= WORD_MAIN;
		all |= name;
	}
	return is_id && n_words > ID_WORDS ? 0 : all;
}
