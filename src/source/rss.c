/*
 * rss.c
 *	  The kind rss: feeds of every format (RSS, RDF, Atom, JSON Feed).
 *
 * A source has one URL, or several that count as one source: options
 * {"flux": ["https://...", ...]}; {"categories": [...]} keeps its place in a
 * feed list.  Where a run was partial, its cursor has the
 * URLs that are still to be asked: {"reste": [...]}.
 */
#include "postgres.h"

#include "base/settings.h"
#include "parse/feed.h"
#include "source/kind.h"
#include "source/options.h"

static const char *const known_options[] = {"flux", "categories", OPTIONS_COMMON, NULL};

#define URL_HINT "A feed's URL begins with http:// or https:// and a host."

static void
rss_validate(const Source *source)
{
	json_t *options = options_read(source->options);
	char  **urls;

	options_check_keys(options, known_options);
	urls = options_strings(options, "flux");
	(void) options_strings(options, "categories");
	if ((source->url == NULL) == (urls == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("source \"%s\" needs either a URL or a list of feeds", source->nom),
				 errhint("Give url, or options as in '{\"flux\": [\"https://...\", ...]}'.")));
	if (source->url)
		options_check_url(source->url, URL_HINT);
	for (int i = 0; urls && urls[i]; i++)
		options_check_url(urls[i], URL_HINT);
}

static void
rss_begin(Run *run)
{
	const Source *source = run_source(run);
	char		**urls = NULL;

	if (source->cursor)
		urls = options_strings(options_read(source->cursor), "reste");
	if (urls == NULL && source->url == NULL)
		urls = options_strings(options_read(source->options), "flux");
	if (urls == NULL)
		run_ask(run, &(Ask){.url = source->url});
	for (int i = 0; urls && urls[i]; i++)
		run_ask(run, &(Ask){.url = urls[i]});
}

/* A value that was only markup is nothing. */
static Text
null_if_empty(Text value)
{
	return value.len == 0 ? TEXT_NULL : value;
}

static void
emit_item(Run *run, const FeedItem *item, int64 position)
{
	Record record = {
		.titre = null_if_empty(item->titre),
		.texte = null_if_empty(item->texte),
		.url = item->url,
		.auteur = item->auteur,
		.langue = item->langue,
		.meta = item->meta,
		.has_date = item->has_date,
		.date = item->date,
	};

	/* What a document is known by is its title and text. */
	if (!text_present(record.titre) && !text_present(record.texte))
		run_reject(run, position, "the entry has neither a title nor a text",
				   text_present(item->url) ? item->url : item->guid);
	else
		run_emit(run, &record);
}

static Text
text_of_cstring(const char *string)
{
	return string ? (Text){string, strlen(string)} : TEXT_NULL;
}

static void *
rss_parse(Arena *arena, const FetchResponse *response, Failure *failure)
{
	return feed_parse(arena, response->body, text_of_cstring(response->content_type),
					  text_of_cstring(response->final_url), failure);
}

static void
rss_emit(Run *run, const void *parsed)
{
	const Feed *feed = parsed;

	run_format(run, feed->format);
	for (size_t i = 0; i < feed->n_items; i++)
		emit_item(run, &feed->items[i], (int64) i + 1);
	for (size_t i = 0; i < feed->n_incomplete; i++)
		run_reject(run, (int64) (feed->n_items + i) + 1,
				   "the end of the broken document cut the entry", TEXT_NULL);
}

DEFINE_KIND(rss) = {
	.name = "rss",
	.schedule = "0 * * * *",
	.accept = "application/atom+xml, application/rss+xml, application/rdf+xml, "
			  "application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
	.validate = rss_validate,
	.begin = rss_begin,
	.parse = rss_parse,
	.emit = rss_emit,
};
