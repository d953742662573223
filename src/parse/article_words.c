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

/* Room for a word's letters that are looked at; longer words end there. */
#define WORD_SIZE 24

/* Room for a known word. */
#define KEY_SIZE 16

/* So many entries can begin with the same letters as a word and yet not stand for it. */
#define NEIGHBOURS 5

/* An attribute's value is read no further. */
#define VALUE_LIMIT 512

/* An id of more words is a sentence. */
#define ID_WORDS 4

/* How an entry stands for a word. */
#define WHOLE false
#define STEM true /* with any end */

/* In byte order, none longer than fifteen letters. */
static const struct
{
	char	 word[KEY_SIZE]; /* zero bytes behind a shorter one */
	bool	 stem;
	uint16_t bits;
} known_words[] = {
	/* clang-format off */
	{"abonn", STEM, WORD_ASIDE}, {"ad", WHOLE, WORD_ASIDE}, {"addthis", STEM, WORD_ASIDE},
	{"addtoany", STEM, WORD_ASIDE}, {"ads", WHOLE, WORD_ASIDE}, {"advert", STEM, WORD_ASIDE},
	{"affiliate", STEM, WORD_ASIDE}, {"also", WHOLE, WORD_ASIDE}, {"anzeige", STEM, WORD_ASIDE},
	{"ariane", WHOLE, WORD_ASIDE}, {"article", STEM, WORD_ARTICLE},
	{"articulo", STEM, WORD_ARTICLE}, {"artikel", STEM, WORD_ARTICLE}, {"aside", STEM, WORD_ASIDE},
	{"auteur", STEM, WORD_BYLINE}, {"author", STEM, WORD_BYLINE}, {"autor", STEM, WORD_BYLINE},
	{"axeptio", STEM, WORD_FOOT}, {"banner", STEM, WORD_ASIDE}, {"bio", WHOLE, WORD_BYLINE},
	{"blog", WHOLE, WORD_ARTICLE}, {"body", STEM, WORD_BODY}, {"bookmark", STEM, WORD_ASIDE},
	{"breadcrumb", STEM, WORD_ASIDE}, {"byline", STEM, WORD_BYLINE},
	{"caption", STEM, WORD_CAPTION}, {"carousel", STEM, WORD_ASIDE},
	{"comentario", STEM, WORD_COMMENT}, {"comment", STEM, WORD_COMMENT}, {"commentary", WHOLE, 0},
	{"compartir", STEM, WORD_ASIDE}, {"consent", STEM, WORD_FOOT}, {"content", WHOLE, WORD_BODY},
	{"contents", WHOLE, WORD_BODY}, {"contenu", STEM, WORD_BODY}, {"cookie", STEM, WORD_FOOT},
	{"copyright", STEM, WORD_FOOT}, {"correlat", STEM, WORD_ASIDE}, {"created", WHOLE, WORD_TIME},
	{"credit", STEM, WORD_CAPTION}, {"cta", WHOLE, WORD_ASIDE}, {"date", STEM, WORD_DATE},
	{"datetime", STEM, WORD_DATE}, {"datum", STEM, WORD_DATE}, {"didomi", STEM, WORD_FOOT},
	{"disclaimer", STEM, WORD_ASIDE}, {"discuss", STEM, WORD_COMMENT},
	{"disqus", STEM, WORD_COMMENT}, {"dropdown", STEM, WORD_ASIDE}, {"dsgvo", STEM, WORD_FOOT},
	{"elementor", WHOLE, WORD_BUILDER}, {"embed", STEM, WORD_EMBED}, {"empfehl", STEM, WORD_ASIDE},
	{"entry", STEM, WORD_ARTICLE}, {"fecha", STEM, WORD_DATE}, {"feedback", WHOLE, WORD_ASIDE},
	{"fineprint", WHOLE, WORD_ASIDE}, {"foot", WHOLE, WORD_FOOT}, {"footer", STEM, WORD_FOOT},
	{"gdpr", STEM, WORD_FOOT}, {"has", WHOLE, WORD_NOT}, {"image", WHOLE, WORD_IMAGE},
	{"images", WHOLE, WORD_IMAGE}, {"img", WHOLE, WORD_IMAGE}, {"inhalt", STEM, WORD_BODY},
	{"inscription", WHOLE, WORD_ASIDE}, {"iscriviti", WHOLE, WORD_ASIDE},
	{"iubenda", STEM, WORD_FOOT}, {"jumplink", STEM, WORD_ASIDE}, {"kommentar", STEM, WORD_COMMENT},
	{"legende", STEM, WORD_CAPTION}, {"lgpd", STEM, WORD_FOOT}, {"lightbox", STEM, WORD_ASIDE},
	{"login", STEM, WORD_ASIDE}, {"main", WHOLE, WORD_BODY}, {"masthead", STEM, WORD_ASIDE},
	{"meistgelesen", STEM, WORD_ASIDE}, {"menu", STEM, WORD_ASIDE}, {"meta", WHOLE, WORD_DATE},
	{"metadata", WHOLE, WORD_DATE}, {"mgid", STEM, WORD_ASIDE}, {"modal", STEM, WORD_ASIDE},
	{"mostpopular", STEM, WORD_ASIDE}, {"mostread", STEM, WORD_ASIDE}, {"nav", WHOLE, WORD_ASIDE},
	{"navbar", STEM, WORD_ASIDE}, {"navi", STEM, WORD_ASIDE}, {"news", WHOLE, WORD_ARTICLE},
	{"newsletter", STEM, WORD_ASIDE}, {"no", WHOLE, WORD_NOT}, {"noprint", WHOLE, WORD_ASIDE},
	{"onetrust", STEM, WORD_FOOT}, {"outbrain", STEM, WORD_ASIDE}, {"overlay", STEM, WORD_ASIDE},
	{"pager", STEM, WORD_ASIDE}, {"paginat", STEM, WORD_ASIDE}, {"partage", STEM, WORD_ASIDE},
	{"partager", WHOLE, WORD_ASIDE}, {"paywall", STEM, 0}, {"pinterest", WHOLE, WORD_ASIDE},
	{"plista", STEM, WORD_ASIDE}, {"poll", WHOLE, WORD_ASIDE}, {"popular", WHOLE, WORD_ASIDE},
	{"popup", STEM, WORD_ASIDE}, {"post", WHOLE, WORD_ARTICLE}, {"posted", WHOLE, WORD_TIME},
	{"print", WHOLE, 0}, {"privacy", STEM, WORD_FOOT}, {"promo", STEM, WORD_ASIDE},
	{"pubdate", STEM, WORD_DATE}, {"publicado", STEM, WORD_TIME}, {"publication", STEM, WORD_TIME},
	{"publicidad", STEM, WORD_ASIDE}, {"publicite", STEM, WORD_ASIDE}, {"publie", STEM, WORD_TIME},
	{"publish", STEM, WORD_TIME}, {"rating", STEM, WORD_ASIDE}, {"reacties", WHOLE, WORD_COMMENT},
	{"reactions", WHOLE, WORD_COMMENT}, {"readmore", WHOLE, WORD_ASIDE},
	{"recirc", STEM, WORD_ASIDE}, {"recommend", STEM, WORD_ASIDE}, {"redactor", STEM, WORD_BYLINE},
	{"register", STEM, WORD_ASIDE}, {"reklam", STEM, WORD_ASIDE}, {"relacionad", STEM, WORD_ASIDE},
	{"related", STEM, WORD_ASIDE}, {"remark", STEM, WORD_COMMENT}, {"replies", WHOLE, WORD_COMMENT},
	{"reply", STEM, WORD_COMMENT}, {"respond", WHOLE, WORD_COMMENT},
	{"revcontent", STEM, WORD_ASIDE}, {"rgpd", STEM, WORD_FOOT}, {"rss", WHOLE, WORD_ASIDE},
	{"screenreader", STEM, WORD_ASIDE}, {"share", STEM, WORD_ASIDE}, {"sharing", STEM, WORD_ASIDE},
	{"shoutbox", WHOLE, WORD_ASIDE}, {"sidebar", STEM, WORD_ASIDE}, {"signup", STEM, WORD_ASIDE},
	{"similar", STEM, WORD_ASIDE}, {"slideshow", STEM, WORD_ASIDE},
	{"social", STEM, WORD_ASIDE}, {"sponsor", STEM, WORD_ASIDE}, {"stand", WHOLE, WORD_TIME},
	{"story", STEM, WORD_ARTICLE}, {"submitted", WHOLE, WORD_TIME}, {"subscri", STEM, WORD_ASIDE},
	{"subscriber", STEM, 0}, {"suggest", STEM, WORD_ASIDE}, {"suscri", STEM, WORD_ASIDE},
	{"taboola", STEM, WORD_ASIDE}, {"tagcloud", WHOLE, WORD_ASIDE}, {"taglist", WHOLE, WORD_ASIDE},
	{"tags", WHOLE, WORD_ASIDE}, {"tarteaucitron", STEM, WORD_FOOT}, {"teilen", WHOLE, WORD_ASIDE},
	{"text", WHOLE, WORD_BODY}, {"texte", WHOLE, WORD_BODY}, {"time", WHOLE, WORD_TIME},
	{"timeago", STEM, WORD_TIME}, {"timestamp", STEM, WORD_DATE}, {"toolbar", STEM, WORD_ASIDE},
	{"tools", WHOLE, WORD_ASIDE}, {"trending", STEM, WORD_ASIDE}, {"tweet", STEM, WORD_EMBED},
	{"usercentrics", STEM, WORD_FOOT}, {"verwandt", STEM, WORD_ASIDE},
	{"visuallyhidden", WHOLE, WORD_ASIDE}, {"werbung", STEM, WORD_ASIDE},
	{"whatsapp", WHOLE, WORD_ASIDE}, {"widget", STEM, WORD_WIDGET}, {"with", WHOLE, WORD_NOT},
	{"without", WHOLE, WORD_NOT}, {"yarpp", STEM, WORD_ASIDE}, {"zergnet", STEM, WORD_ASIDE},
	/* clang-format on */
};

#define N_WORDS lengthof(known_words)

/* The first eight letters as a number, in the order of the words. */
static uint64_t
number_of(const char *word)
{
	uint64_t number;

	memcpy(&number, word, sizeof(number));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	number = __builtin_bswap64(number);
#endif
	return number;
}

/* Whether the entry stands for the word, of that many letters. */
static bool
stands_for(size_t entry, const char *word, size_t len)
{
	size_t known = strnlen(known_words[entry].word, KEY_SIZE);

	return (known_words[entry].stem ? known <= len : known == len) &&
		   memcmp(known_words[entry].word, word, known) == 0;
}

/* The bits of the longest entry that stands for the word, which zero bytes follow. */
static unsigned
bits_of(const char *word, size_t len)
{
	uint64_t wanted = number_of(word);
	size_t	 low = 0;
	size_t	 high = N_WORDS;

	/* the first entry that is greater; what stands for the word is just before */
	while (low < high)
	{
		size_t middle = (low + high) / 2;

		if (number_of(known_words[middle].word) <= wanted)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t back = 0; back < NEIGHBOURS && back < low; back++)
	{
		if (stands_for(low - 1 - back, word, len))
			return known_words[low - 1 - back].bits;
	}
	return 0;
}

/* The next word at *at, in small letters: its length, 0 at the end.  *gap: a space was passed. */
static size_t
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
	memset(word + len, 0, WORD_SIZE - len);
	return len;
}

/*
 * What the words of a whole name say together.  A widget stands beside the article; but page
 * builders make the article itself of widgets, too.
 */
static unsigned
name_bits(unsigned words)
{
	unsigned both = WORD_ARTICLE | WORD_BODY;
	bool	 own = (words & both) == both;
	bool	 widget = (words & WORD_WIDGET) != 0 && (words & WORD_BUILDER) == 0;

	if ((words & WORD_BUILDER) != 0 || own)
		words &= ~(unsigned) WORD_WIDGET;
	if (own && !widget && (words & (WORD_ASIDE | WORD_FOOT | WORD_BYLINE | WORD_CAPTION)) == 0)
		words |= WORD_MAIN;
	return words & ~(unsigned) WORD_BUILDER;
}

unsigned
article_words(Text value, bool is_id)
{
	char	 word[WORD_SIZE];
	unsigned all = 0;
	int		 n_words = 0;
	unsigned name = 0; /* of the present name: what lies between spaces */
	size_t	 at = 0;
	size_t	 len;
	bool	 gap;

	if (value.len > VALUE_LIMIT)
		value.len = VALUE_LIMIT;
	while ((len = next_word(value, &at, word, &gap)) > 0)
	{
		n_words++;
		if (gap)
		{
			all |= name_bits(name);
			name = 0;
		}
		if ((name & WORD_NOT) == 0)
			name |= bits_of(word, len);
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
		if (text_begins(text, beginnings[i]))
			return true;
	}
	return false;
}

bool
article_points_elsewhere(Text text)
{
	return begins_with(text, pointers, lengthof(pointers));
}

bool
article_closes(Text text)
{
	return begins_with(text, closers, lengthof(closers));
}
