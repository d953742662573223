/*
 * article_json.c
 *	  What the JSON-LD of a page says of its article (schema.org).
 *
 * Only jansson's reading functions are used.  The graph of objects is searched
 * breadth first through a queue of bounded size.
 */
#include "parse/article_parts.h"

#include "parse/html_text.h"
#include "parse/json_value.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

/* More JSON than this is data for scripts. */
#define JSON_LIMIT (1024 * 1024)

/* Objects looked at in a page. */
#define QUEUE_SIZE 512

/* A list of authors has no more. */
#define MAX_AUTHORS 10

typedef struct JsonPage
{
	ArticleWork *work;
	ArticleJson *found;
	json_t		*queue[QUEUE_SIZE];
	size_t		 n_queued;
	json_t		*article; /* the best object so far */
	int			 rank;
} JsonPage;

/* A string, or the first one of a list, or of an object's member; a clean line or absent. */
static Text
json_line(Arena *arena, json_t *value, const char *member)
{
	Text line;

	for (int i = 0; i < 4; i++)
	{
		if (json_is_array(value))
			value = json_array_get(value, 0);
		else if (json_is_object(value))
			value = json_object_get(value, member);
	}
	if (!json_is_string(value))
		return TEXT_NULL;
	line = text_clean(arena, (Text){json_string_value(value), json_string_length(value)},
					  TEXT_FORM_HTML, true);
	return line.len > 0 ? line : TEXT_NULL;
}

/* How much a type is what is looked for; 0: not at all. */
static int
rank_of_name(const json_t *type)
{
	Text name;

	if (!json_is_string(type))
		return 0;
	name = (Text){json_string_value(type), json_string_length(type)};
	if (name.len >= 7 && strncasecmp(name.data + name.len - 7, "Article", 7) == 0)
		return 4;
	if (text_is(name, "BlogPosting") || text_is(name, "Report") || text_is(name, "Review") ||
		text_is(name, "LiveBlogPosting") || text_is(name, "Recipe") ||
		text_is(name, "SocialMediaPosting") || text_is(name, "DiscussionForumPosting"))
		return 3;
	if (text_is(name, "CreativeWork") || text_is(name, "Book") || text_is(name, "VideoObject"))
		return 2;
	if (text_is(name, "WebPage") || text_is(name, "ItemPage"))
		return 1;
	return 0;
}

/* The same of an object, which may be of several types. */
static int
rank_of_type(const json_t *object)
{
	const json_t *type = json_object_get(object, "@type");
	int			  best = rank_of_name(type);

	for (size_t i = 0; i < json_array_size(type); i++)
	{
		int rank = rank_of_name(json_array_get(type, i));

		best = rank > best ? rank : best;
	}
	return best;
}

static void
enqueue(JsonPage *page, json_t *value)
{
	if (page->n_queued < QUEUE_SIZE && (json_is_object(value) || json_is_array(value)))
		page->queue[page->n_queued++] = value;
}

/* Looks at an object or list, and queues what may hold the article. */
static void
visit(JsonPage *page, json_t *value)
{
	static const char *const holders[] = {"@graph", "mainEntity", "mainEntityOfPage", "hasPart"};
	size_t					 index;
	json_t					*item;
	int						 rank;

	if (json_is_array(value))
	{
		json_array_foreach(value, index, item) enqueue(page, item);
		return;
	}
	rank = rank_of_type(value);
	if (rank > page->rank)
	{
		page->rank = rank;
		page->article = value;
	}
	for (size_t i = 0; i < lengthof(holders); i++)
		enqueue(page, json_object_get(value, holders[i]));
	if (!text_present(page->found->site))
	{
		Text type = json_line(page->work->arena, json_object_get(value, "@type"), "");

		if (text_is(type, "WebSite"))
			page->found->site = json_line(page->work->arena, json_object_get(value, "name"), "");
	}
}

/* The object that an author is: itself, or the one of the graph that it names by its "@id". */
static json_t *
author_object(const JsonPage *page, json_t *author)
{
	const json_t *id = json_object_get(author, "@id");

	if (!json_is_string(id) || json_object_get(author, "name") != NULL)
		return author;
	for (size_t i = 0; i < page->n_queued; i++)
	{
		json_t *object = page->queue[i];

		if (json_object_get(object, "name") != NULL &&
			json_equal(json_object_get(object, "@id"), id))
			return object;
	}
	return author;
}

static bool
is_organization(json_t *author)
{
	static const char word[] = "Organization";
	const json_t	 *type = json_object_get(author, "@type");
	size_t			  len = json_string_length(type);

	return len >= strlen(word) && strcmp(json_string_value(type) + len - strlen(word), word) == 0;
}

/* The names of one author or of a list, commas between. */
static Text
read_authors(JsonPage *page, json_t *authors)
{
	Arena	   *arena = page->work->arena;
	TextBuilder builder;
	size_t		count = json_is_array(authors) ? json_array_size(authors) : 1;

	builder_start(&builder, arena);
	for (size_t i = 0; i < count && i < MAX_AUTHORS; i++)
	{
		json_t *one =
			author_object(page, json_is_array(authors) ? json_array_get(authors, i) : authors);
		Text name = json_line(arena, one, "name");

		if (!text_present(name))
			continue;
		if (builder.len > 0)
			builder_append(&builder, ", ", 2);
		builder_append(&builder, name.data, name.len);
		page->found->people |= !is_organization(one);
	}
	return builder.len > 0 ? builder_text(&builder) : TEXT_NULL;
}

static void
choose_line(Arena *arena, Text *field, json_t *object, const char *key, const char *member)
{
	if (!text_present(*field))
		*field = json_line(arena, json_object_get(object, key), member);
}

/* The fields of the object that was found to be the article. */
static void
read_object(JsonPage *page, json_t *object)
{
	Arena		*arena = page->work->arena;
	ArticleJson *found = page->found;
	json_t		*body = json_object_get(object, "articleBody");

	choose_line(arena, &found->headline, object, "headline", "");
	if (page->rank > 1)
		choose_line(arena, &found->headline, object, "name", "");
	if (!text_present(found->author))
		found->author = read_authors(page, json_object_get(object, "author"));
	if (!text_present(found->author))
		found->author = read_authors(page, json_object_get(object, "creator"));
	choose_line(arena, &found->published, object, "datePublished", "");
	choose_line(arena, &found->published, object, "dateCreated", "");
	choose_line(arena, &found->published, object, "uploadDate", "");
	choose_line(arena, &found->modified, object, "dateModified", "");
	choose_line(arena, &found->language, object, "inLanguage", "name");
	choose_line(arena, &found->site, object, "publisher", "name");
	choose_line(arena, &found->url, object, "mainEntityOfPage", "@id");
	choose_line(arena, &found->url, object, "url", "");
	choose_line(arena, &found->description, object, "description", "");
	choose_line(arena, &found->image, object, "image", "url");
	choose_line(arena, &found->type, object, "@type", "");
	choose_line(arena, &found->keywords, object, "articleSection", "");
	if (!text_present(found->body) && json_is_string(body))
	{
		Text	 text = {json_string_value(body), json_string_length(body)};
		TextForm form =
			memchr(text.data, '<', text.len) != NULL ? TEXT_FORM_HTML : TEXT_FORM_REFERENCES;

		found->body = text_clean(arena, text, form, false);
	}
}

/* The script's bytes as JSON has them: no control characters, no wrapping in comments. */
static json_t *
load(Arena *arena, Text script)
{
	char		*copy = arena_cstring(arena, script);
	const char	*start;
	size_t		 len = script.len;
	json_error_t error = {.text = ""};
	json_t		*loaded;
	Text		 text;

	if (copy == NULL)
		return NULL;
	for (size_t i = 0; i < len; i++)
	{
		if ((unsigned char) copy[i] < ' ')
			copy[i] = ' ';
	}
	start = strpbrk(copy, "{[");
	/* the "[" of a CDATA section's begin is none */
	if (start != NULL && start > copy && strncasecmp(start, "[CDATA[", 7) == 0)
		start = strpbrk(start + 7, "{[");
	if (start == NULL)
		return NULL;
	text = (Text){start, len - (size_t) (start - copy)};
	loaded = json_has_room(text)
				 ? json_loadb(text.data, text.len, JSON_DISABLE_EOF_CHECK | JSON_DECODE_INT_AS_REAL,
							  &error)
				 : NULL;
	if (loaded == NULL && json_starved(&error))
		arena_starve(arena);
	return loaded;
}

static void
read_script(ArticleWork *work, ArticleJson *found, Text script)
{
	JsonPage page = {.work = work, .found = found};
	json_t	*root = load(work->arena, script);

	if (root == NULL)
		return;
	enqueue(&page, root);
	for (size_t i = 0; i < page.n_queued; i++)
		visit(&page, page.queue[i]);
	if (page.article != NULL)
		read_object(&page, page.article);
	json_decref(root);
}

void
article_read_json(ArticleWork *work, ArticleJson *json)
{
	const HtmlTree *tree = work->tree;
	size_t			left = JSON_LIMIT;

	for (uint32_t i = 1; i + 1 < tree->n_nodes; i++)
	{
		const HtmlNode *node = &tree->nodes[i];
		Text			type;

		if (node->tag != HTML_SCRIPT || node->end != i + 2 || node[1].data.len > left)
			continue;
		type = text_trim(html_attribute(node, "type"));
		if (text_begins(type, "application/ld+json"))
		{
			left -= node[1].data.len;
			read_script(work, json, node[1].data);
		}
	}
}
