/*
 * alert_mail.c
 *	  An alert as a mail: what it looks like (RFC 5322, RFC 2047, RFC 2045).
 *
 * Called by alert_deliver.c. Addresses come from settings, whose check hook refuses what would be
 * a header of its own; the text is base64, whatever is in it.
 */
#include "postgres.h"

#include "operate/alert.h"

#include <time.h>
#include <unistd.h>

#include "common/base64.h"
#include "lib/stringinfo.h"

/*
 * So many bytes make a line of 76 characters of base64 (RFC 2045, 6.8), and a coded word that fits
 * into a header's line with the header's name (RFC 2047, 2).
 */
#define LINE_BYTES 57
#define WORD_BYTES 39

static void
append_base64(StringInfo out, const char *bytes, int n)
{
	int room = pg_b64_enc_len(n) + 1;
	int length;

	enlargeStringInfo(out, room);
	length = pg_b64_encode((const void *) bytes, n, out->data + out->len, room);
	out->len += Max(length, 0);
	out->data[out->len] = '\0';
}

/*
 * The length of the longest beginning of the string that has at most max bytes and ends at a
 * character's end. UTF-8.
 */
static int
whole_bytes(const char *utf8, int max)
{
	int n = (int) strnlen(utf8, max + 1);

	if (n <= max)
		return n;
	n = max;
	while (n > 1 && ((unsigned char) utf8[n] & 0xC0) == 0x80)
		n--;
	return n;
}

/*
 * The subject as coded words (RFC 2047), each of which has only whole characters, as section 5
 * demands.
 */
static void
append_subject(StringInfo out, const char *text)
{
	appendStringInfoString(out, "Subject:");
	while (*text != '\0')
	{
		int n = whole_bytes(text, WORD_BYTES);

		appendStringInfoString(out, " =?utf-8?B?");
		append_base64(out, text, n);
		text += n;
		appendStringInfoString(out, *text != '\0' ? "?=\r\n" : "?=");
	}
	appendStringInfoString(out, "\r\n");
}

static void
append_date(StringInfo out)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
										 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t					 now = time(NULL);
	struct tm				 utc;

	gmtime_r(&now, &utc);
	appendStringInfo(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[utc.tm_wday],
					 utc.tm_mday, months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
					 utc.tm_sec);
}

/*
 * The Message-ID comes from the alert's id, so that mail programs know a second delivery as the
 * same mail.
 */
char *
alert_mail(int64 id, const char *from, const char *to, const char *text)
{
	StringInfoData out;
	size_t		   length = strlen(text);

	initStringInfo(&out);
	append_date(&out);
	appendStringInfo(&out, "From: %s\r\nTo: %s\r\nMessage-ID: <datasens-alerte-%lld-%s>\r\n", from,
					 to, (long long) id, from);
	append_subject(&out, text);
	appendStringInfoString(&out, "MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n"
								 "Content-Type: text/plain; charset=utf-8\r\n"
								 "Content-Transfer-Encoding: base64\r\n\r\n");
	for (size_t i = 0; i < length; i += LINE_BYTES)
	{
		append_base64(&out, text + i, (int) Min(length - i, LINE_BYTES));
		appendStringInfoString(&out, "\r\n");
	}
	return out.data;
}
