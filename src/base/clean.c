/*
 * clean.c
 *	  Messages of others, fit for a log, a table and a terminal.
 */
#include "postgres.h"

#include "base/ascii.h"
#include "base/clean.h"

#include "mb/pg_wchar.h"

void
clean_line(char *message, int encoding)
{
	bool valid = pg_verify_mbstr(encoding, message, (int) strlen(message), true);

	for (unsigned char *p = (unsigned char *) message; *p; p++)
	{
		if (is_control((char) *p))
			*p = ' ';
		else if (*p >= 0x80 && !valid)
			*p = '?';
		else if (encoding == PG_UTF8 && is_c1(p))
		{
			p[0] = ' ';
			*++p = ' ';
		}
	}
}
