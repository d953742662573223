/*
 * article_parts.h
 *	  What the files of the article extraction share; nobody else includes it but their test.
 *
 * article_words.c reads class names, article_blocks.c cuts the page into blocks,
 * article_score.c finds the body and what of it is kept, article_json.c,
 * article_author.c, article_date.c and article_meta.c read what the page says of itself,
 * article.c puts it together.
 */
#ifndef DATASENS_PARSE_ARTICLE_PARTS_H
#define DATASENS_PARSE_ARTICLE_PARTS_H

#include "parse/article.h"

/* What the words of an element's class, id and the like say it is. */
#define WORD_ASIDE 0x0001	/* no part of the article: related links, advertising, ... */
#define WORD_COMMENT 0x0002 /* readers' comments */
#define WORD_BODY 0x0004	/* content, body, text */
#define WORD_ARTICLE 0x0008 /* article, post, entry, story */
#define WORD_CAPTION 0x0010
#define WORD_BYLINE 0x0020
#define WORD_DATE 0x0040
#define WORD_MAIN 0x0080	/* article and body in one name: article-body, entry-content */
#define WORD_NOT 0x0100		/* no, has, without: what follows is not meant */
#define WORD_FOOT 0x0200	/* footers, cookie banners: no article, however long they are */
#define WORD_IMAGE 0x0400	/* a picture, with what may be said of it */
#define WORD_EMBED 0x0800	/* of another site, but quoted here: "social-media-embed" */
#define WORD_WIDGET 0x1000	/* stands beside the article, if not in it */
#define WORD_BUILDER 0x2000 /* within a name only: of a program that makes pages of widgets */
#define WORD_TIME 0x4000	/* may show when, but more than that, too */

/* What is known of a node. */
typedef struct ArticleNode
{
	uint16_t words;
	bool	 dropped;	 /* its text is none of the article's */
	bool	 in_article; /* within an <article> */
	bool	 in_body;	 /* within what is the article by its tag or name */
	bool	 in_code;	 /* within a program's text, whose names are of its syntax */
	bool	 declares;	 /* has rel or itemprop: may say what it holds */
	uint32_t block;		 /* innermost block element around it, or itself */
} ArticleNode;

/* A run of text that nothing interrupts: a paragraph, a heading, a list item. */
typedef struct Block
{
	uint32_t first;	  /* node */
	uint32_t end;	  /* behind the last node */
	uint32_t element; /* the block element whose text it is */
	uint32_t chars;	  /* characters that are no white space; wide ones, East Asian, count twice */
	uint32_t linked;  /* of these, in links */
	uint32_t words;	  /* parted by white space; a character of a script without it is half a word */
	uint16_t commas;
	uint16_t stops;	  /* ends of sentences */
	bool	 ends;	  /* with the end of a sentence, or what may follow it */
	uint8_t	 heading; /* 1 to 6 within h1 to h6, else 0 */
	bool	 good;	  /* a paragraph: long enough, or with a sentence, and no list of links */
	bool	 title;	  /* a heading that is the page's title, or a part of it */
	bool	 teaser;  /* of another article: its heading is a link */
	bool	 kept;
} Block;

/* What is kept of each node or block, in memory that further looks at the page use again. */
typedef enum ArticleRoom
{
	ROOM_WEIGHTS,
	ROOM_NODES,
	ROOM_BLOCKS,
	ROOM_VALUES,
	ROOM_CHARS,
	ROOM_NEAR,
	N_ROOMS
} ArticleRoom;

typedef struct ArticleWork
{
	Arena		   *arena;
	const HtmlTree *tree;
	Text			url;	 /* the page's, may be absent */
	Text			titre;	 /* once found */
	Text			body;	 /* JSON-LD's articleBody, clean, if any */
	uint16_t		ignored; /* words that count for nothing this time */
	void		   *rooms[N_ROOMS];
	ArticleNode	   *nodes; /* as many as the tree has */
	Block		   *blocks;
	uint32_t		n_blocks;
	Article		   *article;
} ArticleWork;

/* Zeroed memory of the same size each time; NULL where there is none. */
extern void *article_room(ArticleWork *work, ArticleRoom room, size_t size);

/*
 * The WORD_ bits of a class or id attribute's value.  An id of many words says nothing:
 * it is made of a heading.
 */
extern unsigned article_words(Text value, bool is_id);

/* Whether a short text's first words say that it leads to something else ("Read more"). */
extern bool article_points_elsewhere(Text text);

/* Whether a text behind the article begins as what is said about it there ("Reporting by"). */
extern bool article_closes(Text text);

/* Reads classes and marks what is no text of the article; false where memory is out. */
extern bool article_mark_nodes(ArticleWork *work);

/* Cuts what is not marked into blocks; false where memory is out. */
extern bool article_cut_blocks(ArticleWork *work);

/* Marks the blocks that are the article's; how many characters they have. */
extern uint32_t article_choose_blocks(ArticleWork *work);

/* The text of the blocks that are kept. */
extern Text article_text(ArticleWork *work);

/* What JSON-LD, meta elements and the page's markup say: everything of the article but the text. */
extern void article_read_meta(ArticleWork *work);

/* What a page's JSON-LD says of its article; absent where it does not. */
typedef struct ArticleJson
{
	Text headline;
	Text author;
	bool people; /* the author, or one of several */
	Text published;
	Text modified;
	Text language;
	Text url;
	Text site;
	Text body;
	Text description;
	Text image;
	Text type;
	Text keywords;
} ArticleJson;

/* Reads every JSON-LD script of the page. */
extern void article_read_json(ArticleWork *work, ArticleJson *json);

/* A name as it is shown, without what introduces it and follows it; absent where it can be none. */
extern Text article_author_name(Text name);

/*
 * The author: declared in JSON-LD or a meta element (which may be absent), else shown with the
 * article.  Where an organization declares itself, a person goes before it.
 */
extern Text article_author(const ArticleWork *work, const ArticleJson *json, Text declared);

/* The dates that a page declares, in the order in which they are believed; absent ones too. */
typedef struct ArticleDates
{
	Text published[2];
	Text modified[2];
} ArticleDates;

/*
 * The article's date: declared, in the page's markup or address, or shown; h1 is the first
 * heading of that level, 0 for none.  The title, the address and the language are known.
 */
extern void article_find_date(ArticleWork *work, uint32_t h1, const ArticleDates *declared);

#endif
