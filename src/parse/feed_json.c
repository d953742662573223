/*
 * feed_json.c
 *	  JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1).
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "parse/feed_parts.h"

#include "parse/json_value.h"
#include "parse/url.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

typedef struct JsonReader
{
	FeedBuilder *builder;
	Arena		*arena;
	Text		 url;
} JsonReader;

/* The value as text, a copy; absent where it is neither a string nor a whole number. */
static Text
text_of(JsonReader *reader, const json_t *value, TextForm form, bool one_line)
{
	char number[32];

	if (json_is_integer(value))
	{
		int len =
			snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));

		return arena_copy(reader->arena, number, (size_t) len);
	}
	if (!json_is_string(value))
		return TEXT_NULL;
	return text_clean(reader->arena, (Text){json_string_value(value), json_string_length(value)},
					  form, one_line);
}

/* A member that is one line of plain text. */
static Text
line(JsonReader *reader, const json_t *object, const char *key)
{
	Text text = text_of(reader, json_object_get(object, key), TEXT_FORM_PLAIN, true);

	return text.len > 0 ? text : TEXT_NULL;
}

/* A member that is a URL, absolute. */
static Text
link_of(JsonReader *reader, const json_t *object, const char *key)
{
	Text url = line(reader, object, key);

	return text_present(url) ? url_resolve(reader->arena, reader->url, url) : TEXT_NULL;
}

/* 1.1 has a list of authors, 1.0 had one. */
static void
read_authors(JsonReader *reader, const json_t *item)
{
	const json_t *authors = json_object_get(item, "authors");
	size_t		  index;
	json_t		 *author;

	if (json_array_size(authors) == 0)
		draft_add_author(&reader->builder->draft,
						 line(reader, json_object_get(item, "author"), "name"), 0);
	json_array_foreach((json_t *) authors, index, author)
		draft_add_author(&reader->builder->draft, line(reader, author, "name"), 0);
}

/* Tags and attachments. */
static void
read_lists(JsonReader *reader, const json_t *item)
{
	Draft  *draft = &reader->builder->draft;
	size_t	index;
	json_t *one;

	json_array_foreach(json_object_get(item, "tags"), index, one)
		draft_add_category(draft, text_of(reader, one, TEXT_FORM_PLAIN, true));
	json_array_foreach(json_object_get(item, "attachments"), index, one)
		draft_add_media(reader->builder, link_of(reader, one, "url"),
						line(reader, one, "mime_type"), line(reader, one, "size_in_bytes"));
}

/* An entry.  HTML wins over plain text, as it says more; the page over what it is about. */
static void
read_item(JsonReader *reader, const json_t *item)
{
	Draft *draft = &reader->builder->draft;
	Text   date;

	draft_start(reader->builder);
	choose(&draft->titre, line(reader, item, "title"), 0);
	choose(&draft->guid, line(reader, item, "id"), 0);
	draft->guid_is_url = true;
	choose(&draft->url, link_of(reader, item, "url"), 0);
	choose(&draft->url, link_of(reader, item, "external_url"), 1);
	choose(&draft->texte,
		   text_of(reader, json_object_get(item, "content_html"), TEXT_FORM_HTML, false), 0);
	choose(&draft->texte,
		   text_of(reader, json_object_get(item, "content_text"), TEXT_FORM_PLAIN, false), 1);
	draft_add_summary(draft,
					  text_of(reader, json_object_get(item, "summary"), TEXT_FORM_PLAIN, false));
	draft->langue = feed_language(reader->arena, line(reader, item, "language"));
	date = line(reader, item, "date_published");
	if (text_present(date))
		draft_set_date(draft, DRAFT_PUBLISHED, date);
	date = line(reader, item, "date_modified");
	if (text_present(date))
		draft_set_date(draft, DRAFT_UPDATED, date);
	read_authors(reader, item);
	read_lists(reader, item);
	draft_end(reader->builder);
}

/* The feed, if it says that it is one: the version is the only member that must be there. */
static void
read_feed(JsonReader *reader, const json_t *root)
{
	Feed		 *feed = reader->builder->feed;
	const json_t *items = json_object_get(root, "items");
	Text		  version = line(reader, root, "version");
	size_t		  index;
	json_t		 *item;

	if (!json_is_array(items) || !text_present(version) ||
		memmem(version.data, version.len, "jsonfeed.org/version/", 21) == NULL)
		return;
	reader->builder->found = true;
	feed->format = version.data[version.len - 1] == '1' && version.data[version.len - 2] == '.'
					   ? "json11"
					   : "json10";
	feed->titre = line(reader, root, "title");
	feed->url = link_of(reader, root, "home_page_url");
	feed->langue = feed_language(reader->arena, line(reader, root, "language"));
	json_array_foreach((json_t *) items, index, item)
	{
		if (json_is_object(item))
			read_item(reader, item);
	}
}

/* jansson's values are freed at the end: all that is kept has been copied to the arena. */
bool
feed_read_json(FeedBuilder *builder, Text document, Text url)
{
	JsonReader	 reader = {builder, builder->arena, url};
	json_error_t error = {.text = ""};
	json_t		*root;

	if (json_too_many_containers(document))
		return false;
	root = json_has_room(document) ? json_loadb(document.data, document.len, JSON_ALLOW_NUL, &error)
								   : NULL;
	if (root == NULL && !json_starved(&error))
		root = json_load_mended(document, JSON_ALLOW_NUL, &error);
	if (root == NULL)
	{
		if (json_starved(&error))
			arena_starve(builder->arena);
		return false;
	}
	read_feed(&reader, root);
	json_decref(root);
	return true;
}
