/*
 * ical.c
 *	  The kind ical: the events of a calendar (iCalendar, RFC 5545), a document each.
 *
 * A whole kind as an example, which test/t/200_new_kind.pl collects with.  SUMMARY is the title,
 * DESCRIPTION the text, DTSTART the date (a local time counts as UTC).
 */
#include "postgres.h"

#include "parse/charset.h"
#include "parse/date.h"
#include "source/kind.h"
#include "source/options.h"

#define BEGIN "BEGIN:VCALENDAR"

typedef struct Event
{
	struct Event *next; /* in the calendar's order */
	Record		  record;
} Event;

static void
ical_validate(const Source *source)
{
	options_check_keys(options_read(source->options), (const char *[]){OPTIONS_COMMON, NULL});
	if (source->url == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("source \"%s\" needs the URL of a calendar", source->nom)));
	options_check_url(source->url, "A calendar's URL begins with http:// or https:// and a host.");
}

static void
ical_begin(Run *run)
{
	run_ask(run, &(Ask){.url = run_source(run)->url});
}

/* The text with one line a property: what goes on in the next line is joined (section 3.1). */
static Text
unfold(Arena *arena, Text text)
{
	TextBuilder builder;

	builder_start(&builder, arena);
	for (size_t i = 0; i < text.len; i++)
	{
		char c = text.data[i], next = i + 1 < text.len ? text.data[i + 1] : '\0';

		if (c == '\n' && (next == ' ' || next == '\t'))
			i++;
		else if (c != '\r' && c != '\0')
			builder_append_char(&builder, c);
	}
	return builder_text(&builder);
}

/* A value without its escapes (section 3.3.11). */
static Text
unescape(Arena *arena, Text value)
{
	TextBuilder builder;

	builder_start(&builder, arena);
	for (size_t i = 0; i < value.len; i++)
	{
		bool escaped = value.data[i] == '\\' && i + 1 < value.len;
		char c = value.data[escaped ? ++i : i];

		builder_append_char(&builder, escaped && (c == 'n' || c == 'N') ? '\n' : c);
	}
	return builder_text(&builder);
}

/* Keeps a property if it is of use; quoted parameters may stand before the value. */
static void
take(Arena *arena, Record *record, Text line)
{
	bool   quoted = false;
	size_t len = 0, colon;
	Text   name, value;

	while (len < line.len && line.data[len] != ';' && line.data[len] != ':')
		len++;
	for (colon = len; colon < line.len && (quoted || line.data[colon] != ':'); colon++)
		quoted ^= line.data[colon] == '"';
	if (colon == line.len)
		return;
	name = (Text){line.data, len};
	value = unescape(arena, (Text){line.data + colon + 1, line.len - colon - 1});
	if (text_is(name, "SUMMARY"))
		record->titre = value;
	else if (text_is(name, "DESCRIPTION"))
		record->texte = value;
	else if (text_is(name, "URL"))
		record->url = value;
	else if (text_is(name, "DTSTART"))
		record->has_date = date_parse(value, &record->date);
}

/* A list of events, of which the first is empty. */
static void *
ical_parse(Arena *arena, const FetchResponse *response, Failure *failure)
{
	Text   text = unfold(arena, text_trim(utf8_repair(arena, response->body)));
	Event *first = arena_alloc_zero(arena, sizeof(Event)), *last = first, *inside = NULL;

	if (text.len < strlen(BEGIN) || !text_is((Text){text.data, strlen(BEGIN)}, BEGIN))
		failure_set(failure, FAILURE_PARSE, "it does not begin with " BEGIN);
	for (size_t at = 0, len; at < text.len && !arena_exhausted(arena); at += len + 1)
	{
		const char *end = memchr(text.data + at, '\n', text.len - at);
		Text		line = {text.data + at, len = end ? end - text.data - at : text.len - at};

		if (text_is(line, "BEGIN:VEVENT"))
			inside = last->next = arena_alloc_zero(arena, sizeof(Event));
		else if (text_is(line, "BEGIN:VALARM") || text_is(line, "END:VEVENT"))
			inside = NULL; /* an alarm has a DESCRIPTION of its own */
		else if (inside != NULL)
			take(arena, &inside->record, line);
		last = inside ? inside : last;
	}
	if (arena_exhausted(arena))
		failure_set(failure, FAILURE_TOO_LARGE, "the calendar is too large");
	return failure_is(failure) ? NULL : first;
}

static void
ical_emit(Run *run, const void *parsed)
{
	const Event *event = parsed;

	run_format(run, "icalendar");
	for (int64 position = 1; (event = event->next) != NULL; position++)
		if (text_present(event->record.titre) || text_present(event->record.texte))
			run_emit(run, &event->record);
		else
			run_reject(run, position, "the event has neither a title nor a text", TEXT_NULL);
}

DEFINE_KIND(ical) = {
	.name = "ical",
	.schedule = "0 5 * * *",
	.accept = "text/calendar",
	.validate = ical_validate,
	.begin = ical_begin,
	.parse = ical_parse,
	.emit = ical_emit,
};
