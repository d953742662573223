/*
 * article_words.c
 *	  What the names of classes and ids say of an element.
 *
 * The names are cut into words at what is no letter and at capitals within
 * ("articleBody"), and each word is looked up.  And what a short text's first words
 * say, where it stands in the article but is none of it.
 */
#include "parse/article_parts.h"

#include <string.h>
#include <strings.h>

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
	{"abonn*", WORD_ASIDE}, {"ad", WORD_ASIDE}, {"addthis*", WORD_ASIDE},
	{"addtoany*", WORD_ASIDE}, {"ads", WORD_ASIDE}, {"advert*", WORD_ASIDE},
	{"affiliate*", WORD_ASIDE}, {"also", WORD_ASIDE}, {"anzeige*", WORD_ASIDE},
	{"ariane", WORD_ASIDE}, {"article*", WORD_ARTICLE}, {"articulo*", WORD_ARTICLE},
	{"artikel*", WORD_ARTICLE}, {"aside*", WORD_ASIDE}, {"auteur*", WORD_BYLINE},
	{"author*", WORD_BYLINE}, {"autor*", WORD_BYLINE}, {"axeptio*", WORD_FOOT},
	{"banner*", WORD_ASIDE}, {"bio", WORD_BYLINE}, {"blog", WORD_ARTICLE}, {"body*", WORD_BODY},
	{"bookmark*", WORD_ASIDE}, {"breadcrumb*", WORD_ASIDE}, {"byline*", WORD_BYLINE},
	{"caption*", WORD_CAPTION}, {"card", WORD_LIST}, {"cards", WORD_LIST},
	{"carousel*", WORD_ASIDE}, {"comentario*", WORD_COMMENT}, {"comment*", WORD_COMMENT},
	{"commentary", 0}, {"compartir*", WORD_ASIDE}, {"consent*", WORD_FOOT},
	{"container*", WORD_SHELL}, {"content", WORD_BODY}, {"contents", WORD_BODY},
	{"contenu*", WORD_BODY}, {"cookie*", WORD_FOOT}, {"copyright*", WORD_FOOT},
	{"correlat*", WORD_ASIDE}, {"credit*", WORD_CAPTION}, {"cta", WORD_ASIDE},
	{"date*", WORD_DATE}, {"didomi*", WORD_FOOT}, {"disclaimer*", WORD_ASIDE},
	{"discuss*", WORD_COMMENT}, {"disqus*", WORD_COMMENT}, {"dropdown*", WORD_ASIDE},
	{"dsgvo*", WORD_FOOT}, {"embed*", WORD_EMBED}, {"empfehl*", WORD_ASIDE},
	{"entry*", WORD_ARTICLE}, {"feedback", WORD_ASIDE}, {"fineprint", WORD_ASIDE},
	{"foot", WORD_FOOT}, {"footer*", WORD_FOOT}, {"gdpr*", WORD_FOOT}, {"has", WORD_NOT},
	{"headline*", WORD_TITLE}, {"image", WORD_IMAGE}, {"images", WORD_IMAGE},
	{"img", WORD_IMAGE}, {"inhalt*", WORD_BODY}, {"inscription", WORD_ASIDE},
	{"iscriviti", WORD_ASIDE}, {"iubenda*", WORD_FOOT}, {"jumplink*", WORD_ASIDE},
	{"kommentar*", WORD_COMMENT}, {"legende*", WORD_CAPTION}, {"lgpd*", WORD_FOOT},
	{"lightbox*", WORD_ASIDE}, {"login*", WORD_ASIDE}, {"main", WORD_BODY},
	{"masthead*", WORD_ASIDE}, {"meistgelesen*", WORD_ASIDE}, {"menu*", WORD_ASIDE},
	{"meta", WORD_DATE}, {"metadata", WORD_DATE}, {"mgid*", WORD_ASIDE}, {"modal*", WORD_ASIDE},
	{"mostpopular*", WORD_ASIDE}, {"mostread*", WORD_ASIDE}, {"nav", WORD_ASIDE},
	{"navbar*", WORD_ASIDE}, {"navi*", WORD_ASIDE}, {"news", WORD_ARTICLE},
	{"newsletter*", WORD_ASIDE}, {"no", WORD_NOT}, {"noprint", WORD_ASIDE},
	{"onetrust*", WORD_FOOT}, {"outbrain*", WORD_ASIDE}, {"overlay*", WORD_ASIDE},
	{"page", WORD_SHELL}, {"pager*", WORD_ASIDE}, {"paginat*", WORD_ASIDE},
	{"partage*", WORD_ASIDE}, {"partager", WORD_ASIDE}, {"paywall*", 0},
	{"pinterest", WORD_ASIDE}, {"plista*", WORD_ASIDE}, {"poll", WORD_ASIDE},
	{"popular", WORD_ASIDE}, {"popup*", WORD_ASIDE}, {"post", WORD_ARTICLE}, {"print", 0},
	{"privacy*", WORD_FOOT}, {"promo*", WORD_ASIDE}, {"publicidad*", WORD_ASIDE},
	{"publicite*", WORD_ASIDE}, {"rating*", WORD_ASIDE}, {"reacties", WORD_COMMENT},
	{"reactions", WORD_COMMENT}, {"readmore", WORD_ASIDE}, {"recirc*", WORD_ASIDE},
	{"recommend*", WORD_ASIDE}, {"redactor*", WORD_BYLINE}, {"register*", WORD_ASIDE},
	{"reklam*", WORD_ASIDE}, {"relacionad*", WORD_ASIDE}, {"related*", WORD_ASIDE},
	{"remark*", WORD_COMMENT}, {"replies", WORD_COMMENT}, {"reply*", WORD_COMMENT},
	{"respond", WORD_COMMENT}, {"revcontent*", WORD_ASIDE}, {"rgpd*", WORD_FOOT},
	{"rss", WORD_ASIDE}, {"screenreader*", WORD_ASIDE}, {"share*", WORD_ASIDE},
	{"sharing*", WORD_ASIDE}, {"shoutbox", WORD_ASIDE}, {"sidebar*", WORD_ASIDE},
	{"signup*", WORD_ASIDE}, {"similar*", WORD_ASIDE}, {"site", WORD_SHELL},
	{"skip*", WORD_ASIDE}, {"slideshow*", WORD_ASIDE}, {"social*", WORD_ASIDE},
	{"sponsor*", WORD_ASIDE}, {"story*", WORD_ARTICLE}, {"subscri*", WORD_ASIDE},
	{"subscriber*", 0}, {"suggest*", WORD_ASIDE}, {"suscri*", WORD_ASIDE},
	{"taboola*", WORD_ASIDE}, {"tagcloud", WORD_ASIDE}, {"taglist", WORD_ASIDE},
	{"tags", WORD_ASIDE}, {"tarteaucitron*", WORD_FOOT}, {"teaser*", WORD_LIST},
	{"teilen", WORD_ASIDE}, {"text", WORD_BODY}, {"texte", WORD_BODY}, {"timestamp*", WORD_DATE},
	{"title*", WORD_TITLE}, {"toolbar*", WORD_ASIDE}, {"tools", WORD_ASIDE},
	{"trending*", WORD_ASIDE}, {"tweet*", WORD_EMBED}, {"usercentrics*", WORD_FOOT},
	{"verwandt*", WORD_ASIDE}, {"visuallyhidden", WORD_ASIDE}, {"werbung*", WORD_ASIDE},
	{"whatsapp", WORD_ASIDE}, {"widget*", WORD_ASIDE}, {"with", WORD_NOT}, {"without", WORD_NOT},
	{"wrap*", WORD_SHELL}, {"yarpp*", WORD_ASIDE}, {"zergnet*", WORD_ASIDE},
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

/* What the words of a whole name say together. */
static unsigned
name_bits(unsigned words)
{
	unsigned both = WORD_ARTICLE | WORD_BODY;

	if ((words & both) == both &&
		(words & (WORD_ASIDE | WORD_FOOT | WORD_BYLINE | WORD_CAPTION)) == 0)
		words |= WORD_MAIN;
	return words;
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
		n_words++;
		if (gap)
		{
			all |= name_bits(name);
			name = 0;
		}
		if ((name & WORD_NOT) == 0)
			name |= bits_of(word);
	}
	return is_id && n_words > ID_WORDS ? 0 : all | name_bits(name);
}

/* How lines begin that point elsewhere, in the languages that write so. */
static const char *const pointers[] = {
	/* clang-format off */
	"advertisement", "also read", "click here to", "continue reading", "follow us",
	"more from ", "more on this", "photo by ", "photo credit", "photo:", "read also", "read more",
	"read next", "read:", "recommended for you", "related:", "related articles", "related content",
	"related news", "related posts", "related stories", "see also:", "share this", "sign up for",
	"subscribe to", "you may also", "you might also",
	"anzeige", "auch interessant", "bild:", "das könnte sie auch", "foto:", "lesen sie auch",
	"lesen sie mehr", "mehr dazu", "mehr zum thema", "titelbild:", "weiterlesen", "werbung",
	"zum newsletter", "zum thema",
	"a lire aussi", "crédit photo", "lire aussi", "lire la suite", "publicité", "sur le même sujet",
	"voir aussi", "à lire",
	"lea también", "lee también", "leer más", "leer también", "publicidad", "te puede interesar",
	"ver también",
	"leia mais", "leia também", "publicidade", "veja também", "foto de ",
	"leggi anche", "potrebbe interessarti", "pubblicità",
	"lees ook", "les også", "læs også", "läs också", "läs även",
	"czytaj także", "czytaj też", "czytaj więcej", "zobacz też",
	/* clang-format on */
};

/* How the lines behind an article begin: who worked on it, whose it is. */
static const char *const closers[] = {
	/* clang-format off */
	"(additional reporting by", "(editing by", "(reporting by", "additional reporting by",
	"all rights reserved", "citation:", "copyright ", "editing by ", "filed under", "have a tip",
	"posted in ", "reporting by ", "this document is subject to copyright", "tags:",
	"\xC2\xA9",
	/* clang-format on */
};

static bool
begins_with(Text text, const char *const *beginnings, size_t n_beginnings)
{
	text = text_trim(text);
	for (size_t i = 0; i < n_beginnings; i++)
	{
		size_t len = strlen(beginnings[i]);

		if (text.len >= len && strncasecmp(text.data, beginnings[i], len) == 0)
			return true;
	}
	return false;
}

bool
article_points_elsewhere(Text text)
{
	return begins_with(text, pointers, sizeof(pointers) / sizeof(pointers[0]));
}

bool
article_closes(Text text)
{
	return begins_with(text, closers, sizeof(closers) / sizeof(closers[0]));
}
