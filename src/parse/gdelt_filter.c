/*
 * gdelt_filter.c
 *	  Which of GDELT's lines a source wants.  Called by the gdelt kind for each
 *	  line that was read, before anything is made of it.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem, memrchr */
#endif
#include "parse/gdelt_parts.h"

#include <string.h>
#include <strings.h>

static bool
has_word(const GdeltWords *words, Text word)
{
	for (size_t i = 0; i < words->n; i++)
	{
		if (text_same(words->items[i], word))
			return true;
	}
	return false;
}

/* ---- languages ---- */

/* A language that is given by three letters is the one of two. */
static bool
wants_language(const GdeltWords *langues, Text langue)
{
	bool english = text_equal(langue, TEXT_LITERAL("en"));

	for (size_t i = 0; i < langues->n; i++)
	{
		if (text_is(langues->items[i], "translation")
				? !english
				: text_same(gdelt_language(langues->items[i]), langue))
			return true;
	}
	return langues->n == 0;
}

/* Events do not say which language they were translated from: any but English may be it. */
static bool
wants_stream(const GdeltWords *langues, bool translated)
{
	for (size_t i = 0; i < langues->n; i++)
	{
		if (text_equal(gdelt_language(langues->items[i]), TEXT_LITERAL("en")) != translated)
			return true;
	}
	return langues->n == 0;
}

/* ---- domains ---- */

/* The host of an http(s) URL, without user name, port and final dot; absent for anything else. */
static Text
host_of(Text url)
{
	const char *at = url.len > 3 ? memmem(url.data, url.len, "://", 3) : NULL;
	Text		host;
	size_t		len = 0;

	if (at == NULL)
		return TEXT_NULL;
	host = (Text){at + 3, (size_t) (url.data + url.len - at - 3)};
	while (len < host.len && strchr("/?#", host.data[len]) == NULL)
		len++;
	host.len = len;
	at = len > 0 ? memrchr(host.data, '@', len) : NULL;
	if (at != NULL)
		host = (Text){at + 1, (size_t) (host.data + len - at - 1)};
	host = gdelt_cut(&host, ':');
	if (host.len > 0 && host.data[host.len - 1] == '.')
		host.len--;
	return host;
}

/* Whether the host is the domain or lies under it. */
static bool
in_domain(Text host, Text domain)
{
	size_t before;

	if (host.len < domain.len || domain.len == 0)
		return false;
	before = host.len - domain.len;
	return (before == 0 || host.data[before - 1] == '.') &&
		   strncasecmp(host.data + before, domain.data, domain.len) == 0;
}

static bool
wants_domain(const GdeltWords *domaines, Text url, Text source)
{
	Text host = domaines->n > 0 ? host_of(url) : TEXT_NULL;

	for (size_t i = 0; i < domaines->n; i++)
	{
		if (in_domain(host, domaines->items[i]) || in_domain(source, domaines->items[i]))
			return true;
	}
	return domaines->n == 0;
}

/* ---- themes and countries ---- */

static bool
is_theme(Text wanted, Text theme)
{
	if (wanted.len > 0 && wanted.data[wanted.len - 1] == '*')
		return theme.len >= wanted.len - 1 &&
			   strncasecmp(theme.data, wanted.data, wanted.len - 1) == 0;
	return text_same(wanted, theme);
}

static bool
wants_themes(const GdeltWords *wanted, const GdeltNames *themes)
{
	for (size_t i = 0; i < wanted->n; i++)
	{
		for (size_t j = 0; j < themes->n; j++)
		{
			if (is_theme(wanted->items[i], themes->items[j].nom))
				return true;
		}
	}
	return wanted->n == 0;
}

static bool
wants_places(const GdeltWords *pays, const GdeltPlaces *places)
{
	for (size_t i = 0; i < places->n && pays->n > 0; i++)
	{
		if (has_word(pays, places->items[i].pays))
			return true;
	}
	return pays->n == 0;
}

bool
gdelt_event_matches(const GdeltFilter *filter, const GdeltEvent *event, bool translated)
{
	return (filter->pays.n == 0 || has_word(&filter->pays, event->lieu.pays)) &&
		   wants_stream(&filter->langues, translated) &&
		   wants_domain(&filter->domaines, event->url, TEXT_NULL);
}

bool
gdelt_mention_matches(const GdeltFilter *filter, const GdeltMention *mention)
{
	return wants_language(&filter->langues, mention->langue) &&
		   wants_domain(&filter->domaines, mention->url, mention->source);
}

bool
gdelt_record_matches(const GdeltFilter *filter, const GdeltRecord *record)
{
	return wants_language(&filter->langues, record->langue) &&
		   wants_domain(&filter->domaines, record->url, record->source) &&
		   wants_places(&filter->pays, &record->lieux) &&
		   wants_themes(&filter->themes, &record->themes);
}
