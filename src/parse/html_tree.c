/*
 * html_tree.c
 *	  The tokenizer and the tree construction, in one pass and without a
 *	  recursion.  Used by whatever reads pages: articles, links.
 *
 * The stack of open elements is bounded, and how often each tag is on it is
 * counted, so that the end tags of what is not open cost nothing.
 */
#include "parse/html_tree.h"
#include "base/ascii.h"
#include "parse/html_name.h"

#include <string.h>
#include <strings.h>

/* No name that is known is longer. */
#define TAG_NAME_SIZE 16

#define HTML_TAG_ROW(name, key, flags) {key, flags},

/* By HtmlTag. */
static const struct
{
	char	key[TAG_KEY] TAG_KEY_BYTES; /* zero bytes behind a shorter name */
	uint8_t flags;
} tags[] = {HTML_TAGS(HTML_TAG_ROW)};

#define N_NAMED lengthof(tags)

typedef struct OpenElement
{
	uint32_t node;
	uint8_t	 tag;
	bool	 ended; /* a formatting element whose end tag came inside of a block of its own */
	bool	 link;	/* an <a> that leads away from where it is */
	uint32_t hash;	/* of the name, for HTML_OTHER */
} OpenElement;

typedef struct Builder
{
	HtmlTree   *tree;
	uint32_t	room; /* nodes allocated */
	const char *at;
	const char *end;
	OpenElement stack[HTML_MAX_DEPTH];
	int			depth;			   /* open elements, the root too */
	int			open[HTML_N_TAGS]; /* of each tag */
	int			links;			   /* <a> open and not ended */
	bool		no_quote[2];	   /* no further ' or " ahead: a search would be in vain */
	bool		no_comment_end;
	bool		head_done;
} Builder;

unsigned
html_tag_flags(unsigned tag)
{
	return tag < N_NAMED ? tags[tag].flags : tag == HTML_ROOT ? HTML_IS_BLOCK | HTML_IS_SCOPE : 0;
}

/* A tag by its name. */
static HtmlTag
tag_of(Text name)
{
	char	 key[TAG_KEY] = {0};
	size_t	 low = 0;
	size_t	 high = N_NAMED;
	uint64_t wanted;

	if (name.len > TAG_NAME_SIZE)
		return HTML_OTHER;
	for (size_t i = 0; i < name.len && i < TAG_KEY; i++)
		key[i] = is_letter(name.data[i]) ? (char) (name.data[i] | 0x20) : name.data[i];
	wanted = key_number(key);
	while (low < high)
	{
		size_t	 middle = (low + high) / 2;
		uint64_t here = key_number(tags[middle].key);

		if (here == wanted)
			return (HtmlTag) middle;
		if (here < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return HTML_OTHER;
}

/* Tells the names of unknown tags apart (FNV-1a, without case). */
static uint32_t
hash_of(Text name)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ (unsigned char) (name.data[i] | 0x20)) * 16777619u;
	return hash;
}

/* ---- attributes ---- */

static void
skip_spaces(Text *rest)
{
	while (rest->len > 0 && (is_space(rest->data[0]) || rest->data[0] == '/'))
	{
		rest->data++;
		rest->len--;
	}
}

/* A value: quoted, or up to white space; a quote that is never closed quotes nothing. */
static Text
take_value(Text *rest)
{
	size_t len = 0;

	if (rest->len > 0 && (rest->data[0] == '"' || rest->data[0] == '\''))
	{
		const char *quote = memchr(rest->data + 1, rest->data[0], rest->len - 1);

		if (quote != NULL)
		{
			Text value = {rest->data + 1, (size_t) (quote - rest->data - 1)};

			text_take(rest, value.len + 2);
			return value;
		}
	}
	while (len < rest->len && !is_space(rest->data[len]))
		len++;
	return text_take(rest, len);
}

bool
html_next_attribute(Text *rest, Text *name, Text *value)
{
	size_t len = 1; /* a name may begin with "=" */

	skip_spaces(rest);
	if (rest->len == 0)
		return false;
	while (len < rest->len && rest->data[len] != '=' && rest->data[len] != '/' &&
		   !is_space(rest->data[len]))
		len++;
	*name = text_take(rest, len);
	*value = (Text){name->data + len, 0};
	while (rest->len > 0 && is_space(rest->data[0]))
		text_take(rest, 1);
	if (rest->len > 0 && rest->data[0] == '=')
	{
		text_take(rest, 1);
		while (rest->len > 0 && is_space(rest->data[0]))
			text_take(rest, 1);
		*value = take_value(rest);
	}
	return true;
}

Text
html_attribute(const HtmlNode *node, const char *name)
{
	Text   rest = node->data;
	size_t len = strlen(name);
	Text   found;
	Text   value;

	if (node->tag == HTML_TEXT || rest.len < len)
		return TEXT_NULL;
	while (html_next_attribute(&rest, &found, &value))
	{
		if (found.len == len && strncasecmp(found.data, name, len) == 0)
			return value;
	}
	return TEXT_NULL;
}

/* ---- the tree ---- */

/* Adds a node below the innermost open element; false where the page is to be cut. */
static bool
add_node(Builder *b, HtmlTag tag, Text data)
{
	HtmlNode *node;

	if (b->tree->n_nodes == b->room)
	{
		b->at = b->end;
		return false;
	}
	node = &b->tree->nodes[b->tree->n_nodes++];
	node->tag = (uint8_t) tag;
	node->linked = b->links > 0;
	node->parent = b->depth > 0 ? b->stack[b->depth - 1].node : 0;
	node->end = b->tree->n_nodes;
	node->data = data;
	return true;
}

/* Whether an <a> is a link, and no mark or a link to a place in the page ("#place"). */
static bool
leads_away(const HtmlNode *node)
{
	Text href = html_attribute(node, "href");

	return text_present(href) && (href.len < 2 || href.data[0] != '#');
}

static void
push(Builder *b, HtmlTag tag, uint32_t hash)
{
	bool link = tag == HTML_A && leads_away(&b->tree->nodes[b->tree->n_nodes - 1]);

	if (b->depth == HTML_MAX_DEPTH)
		return;
	b->stack[b->depth++] = (OpenElement){b->tree->n_nodes - 1, (uint8_t) tag, false, link, hash};
	b->open[tag]++;
	b->links += link;
}

/* Closes the innermost element, and those around it down to a depth; never the root. */
static void
pop_to(Builder *b, int depth)
{
	while (b->depth > depth && b->depth > 1)
	{
		OpenElement *element = &b->stack[--b->depth];

		b->tree->nodes[element->node].end = b->tree->n_nodes;
		b->open[element->tag]--;
		if (element->link && !element->ended)
			b->links--;
	}
}

/* Where the innermost open element of the tag is on the stack, not beyond a scope; 0: nowhere. */
static int
find_open(const Builder *b, HtmlTag tag, uint32_t hash)
{
	bool beyond = tag == HTML_TABLE || tag == HTML_BODY || tag == HTML_HTML;

	if (b->open[tag] == 0)
		return 0;
	for (int i = b->depth - 1; i > 0; i--)
	{
		const OpenElement *element = &b->stack[i];

		if (element->tag == tag && !element->ended && (tag != HTML_OTHER || element->hash == hash))
			return i;
		if ((html_tag_flags(element->tag) & HTML_IS_SCOPE) != 0 && !beyond)
			return 0;
	}
	return 0;
}

/* The same within a table: the cells and rows of it, not those of a table around it. */
static int
find_in_table(const Builder *b, HtmlTag first, HtmlTag second)
{
	if (b->open[first] + b->open[second] == 0)
		return 0;
	for (int i = b->depth - 1; i > 0 && b->stack[i].tag != HTML_TABLE; i--)
	{
		if (b->stack[i].tag == first || b->stack[i].tag == second)
			return i;
	}
	return 0;
}

/* Where an open item is that a new one of its list ends, for the stack; 0: nowhere. */
static int
find_item(const Builder *b, HtmlTag first, HtmlTag second)
{
	if (b->open[first] + b->open[second] == 0)
		return 0;
	for (int i = b->depth - 1; i > 0; i--)
	{
		unsigned tag = b->stack[i].tag;

		if (tag == first || tag == second)
			return i;
		if (tag == HTML_UL || tag == HTML_OL || tag == HTML_DL || tag == HTML_MENU ||
			(html_tag_flags(tag) & HTML_IS_SCOPE) != 0)
			return 0;
	}
	return 0;
}

static void
close_if(Builder *b, int depth)
{
	if (depth > 0)
		pop_to(b, depth);
}

/*
 * An <a> within an <a> ends the outer one.  Where blocks were opened between them
 * they stay open, and the outer one is only noted as ended.
 */
static void
end_formatting(Builder *b, int depth)
{
	bool blocks = false;

	if (depth == 0)
		return;
	for (int i = depth + 1; i < b->depth; i++)
		blocks = blocks || (html_tag_flags(b->stack[i].tag) & HTML_IS_BLOCK) != 0;
	if (!blocks)
		pop_to(b, depth);
	else
	{
		b->stack[depth].ended = true;
		b->links -= b->stack[depth].link;
	}
}

/* Closes what a start tag closes by itself. */
static void
close_implied(Builder *b, HtmlTag tag)
{
	unsigned flags = html_tag_flags(tag);
	unsigned current = b->stack[b->depth - 1].tag;

	if ((flags & HTML_ENDS_P) != 0)
		close_if(b, find_open(b, HTML_P, 0));
	if (tag == HTML_LI)
		close_if(b, find_item(b, HTML_LI, HTML_LI));
	else if (tag == HTML_DD || tag == HTML_DT)
		close_if(b, find_item(b, HTML_DD, HTML_DT));
	else if ((tag == HTML_OPTION || tag == HTML_OPTGROUP) && current == HTML_OPTION)
		pop_to(b, b->depth - 1);
	else if (tag == HTML_TD || tag == HTML_TH)
		close_if(b, find_in_table(b, HTML_TD, HTML_TH));
	else if (tag == HTML_TR)
		close_if(b, find_in_table(b, HTML_TR, HTML_CAPTION));
	else if (tag == HTML_TBODY || tag == HTML_THEAD || tag == HTML_TFOOT)
	{
		close_if(b, find_in_table(b, HTML_TBODY, HTML_CAPTION));
		close_if(b, find_in_table(b, HTML_THEAD, HTML_TFOOT));
		close_if(b, find_in_table(b, HTML_TR, HTML_TR));
	}
	else if (tag == HTML_A)
		end_formatting(b, find_open(b, HTML_A, 0));
	else if (tag >= HTML_H1 && tag <= HTML_H6 && current >= HTML_H1 && current <= HTML_H6)
		pop_to(b, b->depth - 1);
}

/* What cannot be in the head ends it. */
static void
leave_head(Builder *b)
{
	if (b->head_done)
		return;
	for (int i = 1; i < b->depth; i++)
	{
		if (b->stack[i].tag == HTML_HEAD)
		{
			pop_to(b, i);
			b->head_done = true;
			return;
		}
	}
}

/* ---- the tokenizer ---- */

/*
 * To behind the ">" of a tag whose name has been passed; the attributes.  A ">" in a
 * quoted value is none; a quote that is never closed quotes nothing.
 */
static Text
take_attributes(Builder *b)
{
	const char *start = b->at;
	bool		value_next = false;
	Text		attributes;

	while (b->at < b->end && *b->at != '>')
	{
		char byte = *b->at++;

		if (value_next && (byte == '"' || byte == '\'') && !b->no_quote[byte == '"'])
		{
			const char *quote = memchr(b->at, byte, (size_t) (b->end - b->at));

			if (quote == NULL)
				b->no_quote[byte == '"'] = true;
			else
				b->at = quote + 1;
		}
		if (!is_space(byte))
			value_next = byte == '=';
	}
	attributes = (Text){start, (size_t) (b->at - start)};
	if (b->at < b->end)
		b->at++;
	return attributes;
}

/* The content of a raw element: a text, up to its end tag, which is passed, or to the end. */
static void
take_raw(Builder *b, Text name)
{
	const char *start = b->at;

	while (b->at < b->end)
	{
		const char *close = memchr(b->at, '<', (size_t) (b->end - b->at));

		if (close == NULL)
			b->at = b->end;
		else if ((size_t) (b->end - close) > name.len + 2 && close[1] == '/' &&
				 strncasecmp(close + 2, name.data, name.len) == 0 &&
				 !is_letter(close[name.len + 2]))
		{
			if (close > start)
				add_node(b, HTML_TEXT, (Text){start, (size_t) (close - start)});
			b->at = close + 2 + name.len;
			take_attributes(b);
			return;
		}
		else
			b->at = close + 1;
	}
	if (b->at > start)
		add_node(b, HTML_TEXT, (Text){start, (size_t) (b->at - start)});
}

/*
 * A start tag, whose attributes come next. It is dropped where its element can only be there once;
 * what it implies is closed first; then its element is opened, unless it is a void one. "/>"
 * closes only foreign elements (SVG, MathML). The content of a raw element (script, style, ...) is
 * no markup, and is taken here at once.
 */
static void
start_tag(Builder *b, Text name)
{
	HtmlTag	 tag = tag_of(name);
	unsigned flags = html_tag_flags(tag);
	Text	 attributes = take_attributes(b);
	bool	 closed = attributes.len > 0 && attributes.data[attributes.len - 1] == '/';
	bool	 foreign = b->open[HTML_SVG] + b->open[HTML_MATH] > 0;

	if ((tag == HTML_BODY || tag == HTML_HTML || tag == HTML_HEAD) && b->open[tag] > 0)
		return;
	if ((flags & HTML_IN_HEAD) == 0 && tag != HTML_HEAD && tag != HTML_HTML)
		leave_head(b);
	if (!foreign)
		close_implied(b, tag);
	if (!add_node(b, tag, attributes) || (flags & HTML_IS_VOID) != 0)
		return;
	if (closed && (foreign || tag == HTML_SVG || tag == HTML_MATH))
		return;
	if ((flags & HTML_IS_RAW) == 0)
		push(b, tag, tag == HTML_OTHER ? hash_of(name) : 0);
	else
	{
		int depth = b->depth;

		push(b, tag, 0);
		take_raw(b, name);
		pop_to(b, depth);
	}
}

static void
end_tag(Builder *b, Text name)
{
	HtmlTag tag = tag_of(name);
	int		depth;

	take_attributes(b);
	if (tag == HTML_BODY || tag == HTML_HTML)
		return; /* what follows still belongs to the body */
	if (tag == HTML_BR)
	{
		add_node(b, HTML_BR, TEXT_LITERAL(""));
		return;
	}
	if (tag >= HTML_H1 && tag <= HTML_H6)
	{
		/* any heading's end tag ends the heading that is open */
		unsigned current = b->stack[b->depth - 1].tag;

		if (current >= HTML_H1 && current <= HTML_H6)
			tag = (HtmlTag) current;
	}
	if (tag == HTML_TD || tag == HTML_TH || tag == HTML_TR || tag == HTML_TBODY ||
		tag == HTML_THEAD || tag == HTML_TFOOT)
		depth = find_in_table(b, tag, tag);
	else
		depth = find_open(b, tag, tag == HTML_OTHER ? hash_of(name) : 0);
	if ((html_tag_flags(tag) & (HTML_IS_BLOCK | HTML_IS_SCOPE)) != 0)
		close_if(b, depth);
	else
		end_formatting(b, depth);
}

/* To behind the next occurrence of what; false and to the end where there is none. */
static bool
skip_past(Builder *b, const char *what, size_t len)
{
	const char *last = what + len - 1;

	for (const char *at = b->at; at < b->end; at++)
	{
		at = memchr(at, *last, (size_t) (b->end - at));
		if (at == NULL)
			break;
		if ((size_t) (at - b->at) >= len - 1 && memcmp(at - (len - 1), what, len) == 0)
		{
			b->at = at + 1;
			return true;
		}
	}
	b->at = b->end;
	return false;
}

/* A comment ends at "-->"; one that never does hides no more than up to a ">". */
static void
skip_comment(Builder *b)
{
	const char *start = b->at;

	b->at += 2; /* "<!-->" is a whole comment */
	if (!b->no_comment_end && skip_past(b, "-->", 3))
		return;
	b->no_comment_end = true;
	b->at = start;
	skip_past(b, ">", 1);
}

/* The name of a tag that begins at b->at, which is moved behind it. */
static Text
take_name(Builder *b)
{
	const char *start = b->at;

	while (b->at < b->end && *b->at != '>' && *b->at != '/' && !is_space(*b->at))
		b->at++;
	return (Text){start, (size_t) (b->at - start)};
}

/* "<" and what it opens; false where it is only a character. */
static bool
take_markup(Builder *b)
{
	size_t left = (size_t) (b->end - b->at);

	if (left > 1 && is_letter(b->at[1]))
	{
		b->at++;
		start_tag(b, take_name(b));
	}
	else if (left > 2 && b->at[1] == '/' && is_letter(b->at[2]))
	{
		b->at += 2;
		end_tag(b, take_name(b));
	}
	else if (left >= 4 && memcmp(b->at, "<!--", 4) == 0)
		skip_comment(b);
	else if (left > 1 && (b->at[1] == '!' || b->at[1] == '?' || (b->at[1] == '/' && left > 2)))
		skip_past(b, ">", 1); /* a declaration, an instruction, "</>": all comments to HTML */
	else
		return false;
	return true;
}

/* The text up to the next markup. */
static void
take_text(Builder *b)
{
	const char *start = b->at;
	bool		blank;

	b->at += *b->at == '<';
	while (b->at < b->end && *b->at != '<')
	{
		const char *next = memchr(b->at, '<', (size_t) (b->end - b->at));

		b->at = next == NULL ? b->end : next;
	}
	blank = text_trim((Text){start, (size_t) (b->at - start)}).len == 0;
	if (!blank)
		leave_head(b);
	if (!blank || b->depth > 1)
		add_node(b, HTML_TEXT, (Text){start, (size_t) (b->at - start)});
}

/* As many nodes as the page can have: an element and a text for each "<", and the root. */
static uint32_t
count_nodes(Text html)
{
	size_t count = 1;

	for (size_t i = 0; i < html.len && count < HTML_MAX_NODES / 2; i++, count++)
	{
		const char *found = memchr(html.data + i, '<', html.len - i);

		if (found == NULL)
			break;
		i = (size_t) (found - html.data);
	}
	return (uint32_t) (2 * count + 1);
}

HtmlTree *
html_tree_parse(Arena *arena, Text html)
{
	Builder	 *b = arena_alloc_zero(arena, sizeof(Builder));
	HtmlTree *tree = arena_alloc_zero(arena, sizeof(HtmlTree));

	if (b == NULL || tree == NULL)
		return NULL;
	b->tree = tree;
	b->room = count_nodes(html);
	tree->nodes = arena_alloc(arena, b->room * sizeof(HtmlNode));
	if (tree->nodes == NULL)
		return NULL;
	b->at = html.data;
	b->end = html.data + html.len;
	add_node(b, HTML_ROOT, TEXT_LITERAL(""));
	push(b, HTML_ROOT, 0);
	while (b->at < b->end)
	{
		if (*b->at != '<' || !take_markup(b))
			take_text(b);
	}
	pop_to(b, 1);
	tree->nodes[0].end = tree->n_nodes;
	return tree;
}
