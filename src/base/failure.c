/*
 * failure.c
 *	  The table of failure classes, and messages that fit where they are kept.
 *
 * vsnprintf cuts between bytes. A table that holds half a character can be dumped but not
 * restored, so what it cut is cut back to the last whole one.
 */
#include "base/failure.h"

#include <stdio.h>

static const struct
{
	const char *word;
	bool		transient;
} classes[] = {
	[FAILURE_NONE] = {"", false},
	[FAILURE_RESOLVE] = {"resolve", true},
	[FAILURE_CONNECT] = {"connect", true},
	[FAILURE_TIMEOUT] = {"timeout", true},
	[FAILURE_TRUNCATED] = {"truncated", true},
	[FAILURE_PROTOCOL] = {"protocol", true},
	[FAILURE_HTTP_TRANSIENT] = {"http", true},
	[FAILURE_HTTP_PERMANENT] = {"http", false},
	[FAILURE_GONE] = {"gone", false},
	[FAILURE_CERTIFICATE] = {"certificate", false},
	[FAILURE_REFUSED] = {"refused", false},
	[FAILURE_ROBOTS] = {"robots", false},
	[FAILURE_TOO_LARGE] = {"too large", false},
	[FAILURE_URL] = {"url", false},
	[FAILURE_PARSE] = {"parse", false},
	[FAILURE_SECRET] = {"secret", false},
	[FAILURE_FILE] = {"file", false},
	[FAILURE_MEMORY] = {"memory", true},
	[FAILURE_STORE] = {"store", true},
	[FAILURE_CANCELLED] = {"cancelled", true},
};

/* The length of the string without a last character of UTF-8 that was cut. */
static int
whole_characters(const char *string, int length)
{
	int			  start = length;
	unsigned char lead;
	int			  width;

	while (start > 0 && ((unsigned char) string[start - 1] & 0xC0) == 0x80)
		start--;
	if (start == 0)
		return length;
	lead = (unsigned char) string[start - 1];
	width = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
	return start - 1 + width > length ? start - 1 : length;
}

void
failure_write(char *message, size_t size, const char *format, va_list args)
{
	int length = vsnprintf(message, size, format, args);

	if (length < 0)
		message[0] = '\0';
	else if ((size_t) length >= size)
		message[whole_characters(message, (int) size - 1)] = '\0';
}

void
failure_set(Failure *failure, FailureClass class, const char *format, ...)
{
	va_list args;

	failure->class = class;
	va_start(args, format);
	failure_write(failure->detail, sizeof(failure->detail), format, args);
	va_end(args);
}

bool
failure_is_transient(FailureClass class)
{
	return classes[class].transient;
}

const char *
failure_word(FailureClass class)
{
	return classes[class].word;
}
