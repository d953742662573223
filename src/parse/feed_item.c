/*
 * feed_item.c
 *	  From all that a feed says of an entry to the one record that we keep.
 */
#include "parse/feed_parts.h"

#include "parse/date.h"
#include "parse/json_text.h"
#include "parse/url.h"

#include <string.h>

/* Authors beyond this many bytes are left out: papers have thousands. */
#define AUTHORS_SIZE 2048

/* See the header; an empty value is only taken where there is none at all. */
void
choose(Choice *choice, Text value, int rank)
{
	bool better = choice->value.len == 0 || rank < choice->rank;

	if (value.len > 0 ? better : text_present(value) && !text_present(choice->value))
	{
		choice->value = value;
		choice->rank = rank;
	}
}

void
feed_builder_start(FeedBuilder *builder, Arena *arena, Feed *feed, Text url)
{
	memset(builder, 0, sizeof(*builder));
	builder->arena = arena;
	builder->feed = feed;
	builder->own = text_equal(url_redact(arena, url), url) ? TEXT_NULL : url;
	builder_start(&builder->draft.auteurs, arena);
	builder_start(&builder->draft.categories, arena);
	builder_start(&builder->draft.medias, arena);
	builder_start(&builder->meta, arena);
}

void
feed_builder_restart(FeedBuilder *builder)
{
	Feed	   *feed = builder->feed;
	const char *encoding = feed->encoding;

	memset(feed, 0, sizeof(*feed));
	feed->encoding = encoding;
	feed_builder_start(builder, builder->arena, feed, builder->own);
}

/* A link (or what may be one) as it may be kept: without a secret of the feed's own address. */
static Text
feed_link(const FeedBuilder *builder, Text link)
{
	if (!text_present(builder->own) || !url_is_web(link))
		return link;
	return url_without_secrets_of(builder->arena, link, builder->own);
}

void
draft_start(FeedBuilder *builder)
{
	Draft *draft = &builder->draft;
	Draft  empty = {
		 .auteurs = draft->auteurs, .categories = draft->categories, .medias = draft->medias};

	empty.auteurs.len = 0;
	empty.categories.len = 0;
	empty.medias.len = 0;
	*draft = empty;
}

/* An empty summary gives way to the next one, but tells that there was something. */
void
draft_add_summary(Draft *draft, Text text)
{
	if (draft->resumes[0].len == 0 && text_present(text))
		draft->resumes[0] = text;
	else if (text.len > 0 && !text_present(draft->resumes[1]))
		draft->resumes[1] = text;
}

/*
 * Authors of one rank are joined; a better rank replaces them, and a worse one
 * is not heard.  Only the last one is compared: the same name in two elements
 * is a neighbour.
 */
void
draft_add_author(Draft *draft, Text name, int rank)
{
	TextBuilder *auteurs = &draft->auteurs;

	if (name.len == 0 || (auteurs->len > 0 && rank > draft->auteur_rank))
		return;
	if (rank < draft->auteur_rank)
		auteurs->len = 0;
	draft->auteur_rank = rank;
	if (auteurs->len > 0)
	{
		Text last = {auteurs->data + draft->auteur_last, auteurs->len - draft->auteur_last};

		if (auteurs->len + name.len > AUTHORS_SIZE || text_equal(last, name))
			return;
		builder_append(auteurs, ", ", 2);
	}
	draft->auteur_last = auteurs->len;
	builder_append(auteurs, name.data, name.len);
}

void
draft_add_category(Draft *draft, Text category)
{
	if (category.len == 0)
		return;
	if (draft->categories.len > 0)
		builder_append(&draft->categories, ", ", 2);
	json_append_string(&draft->categories, category);
}

/* Whether the text can stand in JSON as a number: digits, no more than an int64 has. */
static bool
is_count(Text text)
{
	if (text.len == 0 || text.len > 18 || (text.data[0] == '0' && text.len > 1))
		return false;
	for (size_t i = 0; i < text.len; i++)
	{
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
	}
	return true;
}

void
draft_add_media(FeedBuilder *builder, Text url, Text type, Text octets)
{
	TextBuilder *medias = &builder->draft.medias;

	url = feed_link(builder, url);
	if (url.len == 0)
		return;
	if (medias->len > 0)
		builder_append(medias, ", ", 2);
	builder_append_char(medias, '{');
	json_append_key(medias, "url");
	json_append_string(medias, url);
	if (type.len > 0)
	{
		json_append_key(medias, "type");
		json_append_string(medias, type);
	}
	if (is_count(octets))
	{
		json_append_key(medias, "octets");
		builder_append(medias, octets.data, octets.len);
	}
	builder_append_char(medias, '}');
}

void
draft_set_date(Draft *draft, DraftDate which, Text date)
{
	int64_t micros;

	for (DraftDate better = 0; better < which; better++)
	{
		if (draft->has_date[better])
			return;
	}
	if (date_parse(date, &micros))
	{
		draft->dates[which] = micros;
		draft->has_date[which] = true;
	}
}

Text
feed_language(Arena *arena, Text language)
{
	Text copy;

	language = text_trim(language);
	if (language.len == 0)
		return TEXT_NULL;
	copy = text_clean(arena, language, TEXT_FORM_PLAIN, true);
	for (size_t i = 0; i < copy.len; i++)
	{
		if (copy.data[i] == '_')
			((char *) copy.data)[i] = '-';
	}
	return copy;
}

/*
 * All else that is worth keeping, as a JSON object with the keys of the data
 * model; absent where there is nothing.  It is put together in one builder for
 * all entries, so that the arena gets no more than the finished text.
 */
static Text
make_meta(FeedBuilder *builder, const FeedItem *item)
{
	const Draft *draft = &builder->draft;
	TextBuilder *json = &builder->meta;

	json->len = 0;
	builder_append_char(json, '{');
	json_append_text(json, "guid", item->guid);
	json_append_text(json, "resume", item->resume);
	json_append_array(json, "categories", &draft->categories);
	json_append_array(json, "medias", &draft->medias);
	json_append_text(json, "commentaires", draft->commentaires);
	builder_append_char(json, '}');
	return json->len > 2 ? arena_copy(builder->arena, json->data, json->len) : TEXT_NULL;
}

/*
 * The text and the summary.  A content is the text, and a summary beside it the
 * summary.  Of two summaries without a content the first is the summary and the
 * second the text, as feedparser has it.  One summary alone is the text.  Where
 * none of them has a word, an empty one tells that there was something.
 */
static void
set_texts(const Draft *draft, FeedItem *item)
{
	Text content = draft->texte.value;
	Text first = draft->resumes[0];
	Text second = draft->resumes[1];

	if (content.len > 0 || second.len > 0)
	{
		item->texte = content.len > 0 ? content : second;
		if (first.len > 0 && !text_equal(first, item->texte))
			item->resume = first;
	}
	else if (first.len > 0)
		item->texte = first;
	else if (text_present(draft->legende.value))
		item->texte = draft->legende.value;
	else
		item->texte = text_present(content) ? content : first;
}

/* The best date there is: when it appeared, else was changed, else was written. */
static void
set_date(const Draft *draft, FeedItem *item)
{
	for (int i = 0; i < DRAFT_DATES && !item->has_date; i++)
	{
		item->has_date = draft->has_date[i];
		item->date = draft->dates[i];
	}
}

/*
 * A free item at the end of the feed's; NULL where memory is out.  The array
 * grows by doubling, so the arena holds at most twice what is needed.
 */
static FeedItem *
new_item(FeedBuilder *builder)
{
	Feed *feed = builder->feed;

	if (feed->n_items == builder->capacity)
	{
		size_t	  capacity = builder->capacity == 0 ? 32 : builder->capacity * 2;
		FeedItem *grown =
			arena_grow(builder->arena, feed->items, builder->capacity * sizeof(FeedItem),
					   capacity * sizeof(FeedItem));

		if (grown == NULL)
			return NULL;
		feed->items = grown;
		builder->capacity = capacity;
	}
	memset(&feed->items[feed->n_items], 0, sizeof(FeedItem));
	return &feed->items[feed->n_items++];
}

/*
 * The entry is whole.  A guid that is a link stands in for a missing one, but only
 * if it can be asked: "urn:uuid:..." is an identifier and no page.
 */
void
draft_end(FeedBuilder *builder)
{
	Draft	 *draft = &builder->draft;
	FeedItem *item = new_item(builder);

	if (item == NULL)
		return;
	item->titre = draft->titre.value;
	item->guid = feed_link(builder, draft->guid.value);
	item->url = feed_link(builder, draft->url.value);
	if (!text_present(item->url) && draft->guid_is_url && url_is_web(item->guid))
		item->url = item->guid;
	if (draft->auteurs.len > 0)
		item->auteur = arena_copy(builder->arena, draft->auteurs.data, draft->auteurs.len);
	item->langue = text_present(draft->langue) ? draft->langue : draft->langue_dc;
	set_texts(draft, item);
	set_date(draft, item);
	item->meta = make_meta(builder, item);
	draft_start(builder);
}
