/*
 * html_tree.h
 *	  An HTML page as a tree of elements and texts.  Plain C.
 *
 * The nodes lie in one array in document order, so that a walk over a subtree,
 * in either direction, is a loop and never a recursion.  The tree is what a
 * browser would build (HTML Living Standard, 13.2) but for the cases that cost
 * it its order: misnested formatting and what is misplaced in a table stay
 * where they are written.
 *
 * libxml2's parser is not used here: it drops what is nested deeper than 256
 * elements, compares each attribute of a tag with all before it, and knows
 * HTML 4 only.
 *
 * Who calls it: the extraction of articles, links and XPath.
 */
#ifndef DATASENS_PARSE_HTML_TREE_H
#define DATASENS_PARSE_HTML_TREE_H

#include "base/arena.h"

#include <stdint.h>

/* No more elements are open at a time; what is nested deeper is put in beside. */
#define HTML_MAX_DEPTH 512

/* A page with more nodes is cut there. */
#define HTML_MAX_NODES 400000

/* How a tag behaves: for the tree (13.2.6) and for the text. */
#define HTML_IS_VOID 0x01		/* has no content and no end tag */
#define HTML_IS_RAW 0x02		/* its content is no markup */
#define HTML_IS_BLOCK 0x04		/* on lines of its own */
#define HTML_ENDS_P 0x08		/* ends an open paragraph */
#define HTML_IS_SCOPE 0x10		/* end tags of others inside do not reach beyond */
#define HTML_IN_HEAD 0x20		/* may be in the head */
#define HTML_IS_FORMATTING 0x40 /* an end tag must not take blocks with it */
#define HTML_IS_SILENT 0x80		/* its content is no text of the page */

/* The elements that matter, in the byte order of the names' first eight letters. */
#define HTML_TAGS(X)                                                                               \
	X(A, "a", HTML_IS_FORMATTING)                                                                  \
	X(ADDRESS, "address", HTML_IS_BLOCK | HTML_ENDS_P)                                             \
	X(AREA, "area", HTML_IS_VOID)                                                                  \
	X(ARTICLE, "article", HTML_IS_BLOCK | HTML_ENDS_P)                                             \
	X(ASIDE, "aside", HTML_IS_BLOCK | HTML_ENDS_P)                                                 \
	X(AUDIO, "audio", HTML_IS_SILENT)                                                              \
	X(B, "b", HTML_IS_FORMATTING)                                                                  \
	X(BASE, "base", HTML_IS_VOID | HTML_IN_HEAD)                                                   \
	X(BLOCKQUOTE, "blockquo", HTML_IS_BLOCK | HTML_ENDS_P)                                         \
	X(BODY, "body", HTML_IS_BLOCK)                                                                 \
	X(BR, "br", HTML_IS_VOID)                                                                      \
	X(BUTTON, "button", HTML_IS_SCOPE | HTML_IS_SILENT)                                            \
	X(CANVAS, "canvas", HTML_IS_SILENT)                                                            \
	X(CAPTION, "caption", HTML_IS_BLOCK | HTML_IS_SCOPE)                                           \
	X(CENTER, "center", HTML_IS_BLOCK | HTML_ENDS_P)                                               \
	X(CODE, "code", HTML_IS_FORMATTING)                                                            \
	X(COL, "col", HTML_IS_VOID)                                                                    \
	X(DATALIST, "datalist", HTML_IS_SILENT)                                                        \
	X(DD, "dd", HTML_IS_BLOCK | HTML_ENDS_P)                                                       \
	X(DETAILS, "details", HTML_IS_BLOCK | HTML_ENDS_P)                                             \
	X(DIALOG, "dialog", HTML_IS_BLOCK | HTML_ENDS_P | HTML_IS_SILENT)                              \
	X(DIR, "dir", HTML_IS_BLOCK | HTML_ENDS_P)                                                     \
	X(DIV, "div", HTML_IS_BLOCK | HTML_ENDS_P)                                                     \
	X(DL, "dl", HTML_IS_BLOCK | HTML_ENDS_P)                                                       \
	X(DT, "dt", HTML_IS_BLOCK | HTML_ENDS_P)                                                       \
	X(EM, "em", HTML_IS_FORMATTING)                                                                \
	X(EMBED, "embed", HTML_IS_VOID)                                                                \
	X(FIELDSET, "fieldset", HTML_IS_BLOCK | HTML_ENDS_P)                                           \
	X(FIGCAPTION, "figcapti", HTML_IS_BLOCK | HTML_ENDS_P)                                         \
	X(FIGURE, "figure", HTML_IS_BLOCK | HTML_ENDS_P)                                               \
	X(FONT, "font", HTML_IS_FORMATTING)                                                            \
	X(FOOTER, "footer", HTML_IS_BLOCK | HTML_ENDS_P)                                               \
	X(FORM, "form", HTML_IS_BLOCK | HTML_ENDS_P)                                                   \
	X(FRAME, "frame", HTML_IS_VOID)                                                                \
	X(H1, "h1", HTML_IS_BLOCK | HTML_ENDS_P)                                                       \
	X(H2, "h2", HTML_IS_BLOCK | HTML_ENDS_P)                                                       \
	X(H3, "h3", HTML_IS_BLOCK | HTML_ENDS_P)                                                       \
	X(H4, "h4", HTML_IS_BLOCK | HTML_ENDS_P)                                                       \
	X(H5, "h5", HTML_IS_BLOCK | HTML_ENDS_P)                                                       \
	X(H6, "h6", HTML_IS_BLOCK | HTML_ENDS_P)                                                       \
	X(HEAD, "head", HTML_IS_BLOCK)                                                                 \
	X(HEADER, "header", HTML_IS_BLOCK | HTML_ENDS_P)                                               \
	X(HGROUP, "hgroup", HTML_IS_BLOCK | HTML_ENDS_P)                                               \
	X(HR, "hr", HTML_IS_VOID | HTML_IS_BLOCK | HTML_ENDS_P)                                        \
	X(HTML, "html", HTML_IS_BLOCK | HTML_IS_SCOPE)                                                 \
	X(I, "i", HTML_IS_FORMATTING)                                                                  \
	X(IFRAME, "iframe", HTML_IS_RAW | HTML_IS_SILENT)                                              \
	X(IMG, "img", HTML_IS_VOID)                                                                    \
	X(INPUT, "input", HTML_IS_VOID)                                                                \
	X(LABEL, "label", 0)                                                                           \
	X(LI, "li", HTML_IS_BLOCK | HTML_ENDS_P)                                                       \
	X(LINK, "link", HTML_IS_VOID | HTML_IN_HEAD)                                                   \
	X(MAIN, "main", HTML_IS_BLOCK | HTML_ENDS_P)                                                   \
	X(MATH, "math", HTML_IS_SCOPE)                                                                 \
	X(MENU, "menu", HTML_IS_BLOCK | HTML_ENDS_P)                                                   \
	X(META, "meta", HTML_IS_VOID | HTML_IN_HEAD)                                                   \
	X(NAV, "nav", HTML_IS_BLOCK | HTML_ENDS_P)                                                     \
	X(NOEMBED, "noembed", HTML_IS_RAW | HTML_IS_SILENT)                                            \
	X(NOFRAMES, "noframes", HTML_IS_RAW | HTML_IN_HEAD | HTML_IS_SILENT)                           \
	X(NOSCRIPT, "noscript", HTML_IN_HEAD | HTML_IS_SILENT)                                         \
	X(OBJECT, "object", HTML_IS_SCOPE | HTML_IS_SILENT)                                            \
	X(OL, "ol", HTML_IS_BLOCK | HTML_ENDS_P)                                                       \
	X(OPTGROUP, "optgroup", HTML_IS_BLOCK)                                                         \
	X(OPTION, "option", HTML_IS_BLOCK)                                                             \
	X(P, "p", HTML_IS_BLOCK | HTML_ENDS_P)                                                         \
	X(PARAM, "param", HTML_IS_VOID)                                                                \
	X(PRE, "pre", HTML_IS_BLOCK | HTML_ENDS_P)                                                     \
	X(Q, "q", 0)                                                                                   \
	X(RP, "rp", HTML_IS_SILENT)                                                                    \
	X(RT, "rt", HTML_IS_SILENT)                                                                    \
	X(S, "s", HTML_IS_FORMATTING)                                                                  \
	X(SCRIPT, "script", HTML_IS_RAW | HTML_IN_HEAD | HTML_IS_SILENT)                               \
	X(SECTION, "section", HTML_IS_BLOCK | HTML_ENDS_P)                                             \
	X(SELECT, "select", HTML_IS_SILENT)                                                            \
	X(SMALL, "small", HTML_IS_FORMATTING)                                                          \
	X(SOURCE, "source", HTML_IS_VOID)                                                              \
	X(SPAN, "span", 0)                                                                             \
	X(STRIKE, "strike", HTML_IS_FORMATTING)                                                        \
	X(STRONG, "strong", HTML_IS_FORMATTING)                                                        \
	X(STYLE, "style", HTML_IS_RAW | HTML_IN_HEAD | HTML_IS_SILENT)                                 \
	X(SUMMARY, "summary", HTML_IS_BLOCK | HTML_ENDS_P)                                             \
	X(SVG, "svg", HTML_IS_SCOPE | HTML_IS_SILENT)                                                  \
	X(TABLE, "table", HTML_IS_BLOCK | HTML_ENDS_P | HTML_IS_SCOPE)                                 \
	X(TBODY, "tbody", HTML_IS_BLOCK)                                                               \
	X(TD, "td", HTML_IS_BLOCK | HTML_IS_SCOPE)                                                     \
	X(TEMPLATE, "template", HTML_IS_SCOPE | HTML_IN_HEAD | HTML_IS_SILENT)                         \
	X(TEXTAREA, "textarea", HTML_IS_RAW | HTML_IS_SILENT)                                          \
	X(TFOOT, "tfoot", HTML_IS_BLOCK)                                                               \
	X(TH, "th", HTML_IS_BLOCK | HTML_IS_SCOPE)                                                     \
	X(THEAD, "thead", HTML_IS_BLOCK)                                                               \
	X(TIME, "time", 0)                                                                             \
	X(TITLE, "title", HTML_IS_RAW | HTML_IN_HEAD | HTML_IS_SILENT)                                 \
	X(TR, "tr", HTML_IS_BLOCK)                                                                     \
	X(TRACK, "track", HTML_IS_VOID)                                                                \
	X(TT, "tt", HTML_IS_FORMATTING)                                                                \
	X(U, "u", HTML_IS_FORMATTING)                                                                  \
	X(UL, "ul", HTML_IS_BLOCK | HTML_ENDS_P)                                                       \
	X(VIDEO, "video", HTML_IS_SILENT)                                                              \
	X(WBR, "wbr", HTML_IS_VOID)                                                                    \
	X(XMP, "xmp", HTML_IS_RAW | HTML_IS_BLOCK | HTML_ENDS_P)

#define HTML_TAG_ENUM(name, key, flags) HTML_##name,

typedef enum HtmlTag
{
	HTML_TAGS(HTML_TAG_ENUM) HTML_OTHER, /* any other element */
	HTML_ROOT,							 /* the page itself: node 0 */
	HTML_TEXT,							 /* no element */
	HTML_N_TAGS
} HtmlTag;

typedef struct HtmlNode
{
	uint8_t	 tag;	 /* HtmlTag */
	bool	 linked; /* a text within an open <a> that leads away from where it is */
	uint32_t parent; /* the root's is 0 */
	uint32_t end;	 /* behind its last descendant; its first child is the next node, if any */
	Text	 data;	 /* a text's bytes, an element's attributes: as written, references too */
} HtmlNode;

typedef struct HtmlTree
{
	HtmlNode *nodes;
	uint32_t  n_nodes;
} HtmlTree;

/* HTML_IS_VOID and the like of a tag. */
extern unsigned html_tag_flags(unsigned tag);

/*
 * The tree of a page, which is UTF-8.  Texts are slices of html, which must live as
 * long as the tree.  Never fails but for memory: NULL where the arena is exhausted.
 * Time and memory are linear in the page.
 */
extern HtmlTree *html_tree_parse(Arena *arena, Text html);

/* An element's name as written; empty for a text and the root. */
extern Text html_element_name(const HtmlTree *tree, uint32_t element);

/*
 * The next attribute in what is left of an element's data: its name as written and its
 * value without quotes, references unresolved.  false at the end.
 */
extern bool html_next_attribute(Text *rest, Text *name, Text *value);

/* An element's attribute, as written; absent where it has none, empty where it has no value. */
extern Text html_attribute(const HtmlNode *node, const char *name);

/* Whether a list, white space or commas between its words, has this one in any case. */
extern bool html_list_has(Text list, const char *word);

/* An attribute's value as one clean line; absent where there is none, or nothing in it. */
extern Text html_attribute_line(Arena *arena, const HtmlNode *node, const char *name);

/*
 * An attribute that is a URL: references resolved as attributes have them (13.2.5.73:
 * "&copy=" is none), absolute where base is.  Absent where there is none.
 */
extern Text html_attribute_url(Arena *arena, const HtmlNode *node, const char *name, Text base);

/* The text of a subtree, scripts and the like left out, as one clean line. */
extern Text html_node_line(Arena *arena, const HtmlTree *tree, uint32_t node);

/*
 * The text of a subtree, scripts and the like left out: a line a block or <br>, clean,
 * none of them blank.
 */
extern Text html_node_text(Arena *arena, const HtmlTree *tree, uint32_t node);

/*
 * Appends raw text as a clean line of its own, without soft hyphens, which say only where
 * a line may break; nothing where it is blank.
 */
extern void html_append_line(TextBuilder *text, Text raw);

/* The page's base URL: <base href> resolved against url, else url, which may be absent. */
extern Text html_base_url(Arena *arena, const HtmlTree *tree, Text url);

#endif
