/*
 * gdelt_files.c
 *	  The lists that name GDELT's files, line by line and in pieces.  Called by
 *	  the gdelt kind; a list of all files has millions of lines, so nothing is kept.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr */
#endif
#include "parse/gdelt_parts.h"

#include "parse/url.h"

#include <string.h>

#define SECONDS_PER_SLOT 900

const char *
gdelt_stream_name(GdeltStream stream)
{
	static const char *const names[GDELT_STREAMS] = {"export", "mentions", "gkg"};

	return names[stream];
}

/* ---- a line ---- */

/* The next field of the line, up to blanks. */
static Text
take_field(Text *rest)
{
	Text field;

	while (rest->len > 0 && (rest->data[0] == ' ' || rest->data[0] == '\t'))
	{
		rest->data++;
		rest->len--;
	}
	field = *rest;
	field.len = 0;
	while (field.len < rest->len && rest->data[field.len] != ' ' && rest->data[field.len] != '\t')
		field.len++;
	rest->data += field.len;
	rest->len -= field.len;
	return field;
}

/* Lower-case hexadecimal digits of it into md5; false for anything else. */
static bool
read_md5(Text text, char *md5)
{
	if (text.len != GDELT_MD5_DIGITS)
		return false;
	for (size_t i = 0; i < GDELT_MD5_DIGITS; i++)
	{
		char c = text.data[i];

		if (c >= 'A' && c <= 'F')
			c = (char) (c + ('a' - 'A'));
		if ((c < '0' || c > '9') && (c < 'a' || c > 'f'))
			return false;
		md5[i] = c;
	}
	md5[GDELT_MD5_DIGITS] = '\0';
	return true;
}

/* Whether the text begins with the word and a dot; then it is cut off. */
static bool
take_word(Text *rest, const char *word)
{
	size_t len = strlen(word);

	if (rest->len <= len || rest->data[len] != '.' || !text_is((Text){rest->data, len}, word))
		return false;
	rest->data += len + 1;
	rest->len -= len + 1;
	return true;
}

/* "YYYYMMDDHHMMSS[.translation].STREAM.csv.zip", the time on a quarter of an hour. */
static bool
read_file_name(Text name, GdeltFile *file)
{
	int stream = 0;

	if (name.len <= GDELT_STAMP_DIGITS || name.data[GDELT_STAMP_DIGITS] != '.' ||
		!gdelt_read_stamp((Text){name.data, GDELT_STAMP_DIGITS}, &file->slot) ||
		file->slot % SECONDS_PER_SLOT != 0)
		return false;
	name.data += GDELT_STAMP_DIGITS + 1;
	name.len -= GDELT_STAMP_DIGITS + 1;
	file->translated = take_word(&name, "translation");
	while (stream < GDELT_STREAMS && !take_word(&name, gdelt_stream_name((GdeltStream) stream)))
		stream++;
	file->stream = (GdeltStream) stream;
	return stream < GDELT_STREAMS && text_is(name, "csv.zip");
}

/* An http(s) URL of printable ASCII; *name is what stands after its last slash. */
static bool
read_url(Text url, Text *name)
{
	const char *slash = url.len > 0 ? memrchr(url.data, '/', url.len) : NULL;

	if (slash == NULL || !url_is_web(url))
		return false;
	for (size_t i = 0; i < url.len; i++)
	{
		if (url.data[i] <= ' ' || url.data[i] > '~')
			return false;
	}
	*name = (Text){slash + 1, (size_t) (url.data + url.len - slash - 1)};
	return true;
}

bool
gdelt_read_file_line(Text line, GdeltFile *file)
{
	Text rest = text_trim(line);
	Text size = take_field(&rest);
	Text md5 = take_field(&rest);
	Text name;

	file->url = take_field(&rest);
	return rest.len == 0 && gdelt_read_int(size, &file->size) && file->size > 0 &&
		   read_md5(md5, file->md5) && read_url(file->url, &name) && read_file_name(name, file);
}

/* ---- a list ---- */

static void
take_line(GdeltList *list, Text line)
{
	GdeltFile file;

	if (text_trim(line).len == 0)
		return;
	if (!gdelt_read_file_line(line, &file))
	{
		list->n_odd++;
		return;
	}
	list->n_files++;
	list->stopped = !list->visit(list->context, &file);
}

/* Keeps the begin of a line whose end is still to come. */
static void
keep_rest(GdeltList *list, const char *data, size_t len)
{
	if (len > GDELT_LIST_LINE_SIZE - list->rest_len)
		list->too_long = true;
	if (list->too_long)
		return;
	memcpy(list->rest + list->rest_len, data, len);
	list->rest_len += len;
}

/* The kept line is whole. */
static void
take_rest(GdeltList *list)
{
	if (list->too_long)
		list->n_odd++;
	else
		take_line(list, (Text){list->rest, list->rest_len});
	list->too_long = false;
	list->rest_len = 0;
}

bool
gdelt_list_feed(GdeltList *list, const char *data, size_t len)
{
	while (len > 0 && !list->stopped)
	{
		const char *newline = memchr(data, '\n', len);
		size_t		n = newline == NULL ? len : (size_t) (newline - data);

		if (newline == NULL || list->rest_len > 0 || list->too_long)
			keep_rest(list, data, n);
		else if (n > GDELT_LIST_LINE_SIZE)
			list->n_odd++;
		else
			take_line(list, (Text){data, n});
		if (newline == NULL)
			break;
		if (list->rest_len > 0 || list->too_long)
			take_rest(list);
		data += n + 1;
		len -= n + 1;
	}
	return !list->stopped;
}

bool
gdelt_list_end(GdeltList *list)
{
	if (!list->stopped)
		take_rest(list);
	return !list->stopped;
}
