/*
 * unit.h
 *	  The harness of the unit tests: each one a program that prints TAP.
 *
 * A test file includes this once, calls the checks below and ends main() with
 * "return done_testing();".  Every check takes a printf format that names it,
 * gives back whether it held, and goes on either way.  After one that did not
 * hold come lines with what was found, what was wanted, and where.
 */
#ifndef DATASENS_TEST_UNIT_H
#define DATASENS_TEST_UNIT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

/* 60 characters of two bytes: a name that is too long for a message. */
#define ACCENTS                                                                                    \
	"éééééééééééééééééééé"                                                     \
	"éééééééééééééééééééé"                                                     \
	"éééééééééééééééééééé"

/* Checks made so far, and those of them that did not hold. */
static int unit_run;
static int unit_failed;

/* Prints "# " before each line of a diagnostic, as TAP wants it. */
static inline void __attribute__((format(printf, 1, 2))) diag(const char *format, ...)
{
	char	text[2000];
	char   *line = text;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (;;)
	{
		size_t len = strcspn(line, "\n");

		printf("# %.*s\n", (int) len, line);
		if (line[len] == '\0')
			break;
		line += len + 1;
	}
}

/*
 * The line "ok N - name", or "not ok" and the place.  Flushed at once: should the
 * test crash, the last line tells after which check.
 */
static inline bool __attribute__((format(printf, 4, 5)))
unit_check(const char *file, int line, bool held, const char *format, ...)
{
	char	name[500];
	va_list args;

	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	/* a "#" or a line's end within the name would mean something to a TAP reader */
	for (char *p = name; *p != '\0'; p++)
	{
		if (*p == '#' || *p == '\n' || *p == '\r')
			*p = ' ';
	}
	printf("%s %d - %s\n", held ? "ok" : "not ok", ++unit_run, name);
	if (!held)
	{
		unit_failed++;
		diag("at %s line %d", file, line);
	}
	fflush(stdout);
	return held;
}

/* The two lines after a comparison that did not hold. */
static inline bool
unit_note(bool held, Text got, Text want)
{
	if (!held)
	{
		diag("  got:  %s%.*s", got.data == NULL ? "no value" : "", (int) got.len,
			 got.data == NULL ? "" : got.data);
		diag("  want: %s%.*s", want.data == NULL ? "no value" : "", (int) want.len,
			 want.data == NULL ? "" : want.data);
	}
	return held;
}

static inline bool
unit_note_int(bool held, int64_t got, int64_t want)
{
	if (!held)
	{
		diag("  got:  %lld", (long long) got);
		diag("  want: %lld", (long long) want);
	}
	return held;
}

/* A C string as a Text; NULL is no value. */
static inline Text
unit_string(const char *string)
{
	return string == NULL ? TEXT_NULL : (Text){string, strlen(string)};
}

/* As text_equal, so that a test need not link the arena. */
static inline bool
unit_same(Text a, Text b)
{
	if (a.data == NULL || b.data == NULL)
		return a.data == b.data;
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

/* The condition holds. */
#define ok(condition, ...) unit_check(__FILE__, __LINE__, (condition), __VA_ARGS__)

/* Integers of any kind, compared as int64. */
#define is_int(got, want, ...)                                                                     \
	__extension__({                                                                                \
		int64_t unit_got = (got);                                                                  \
		int64_t unit_want = (want);                                                                \
		bool	unit_held = unit_got == unit_want;                                                 \
		unit_note_int(unit_check(__FILE__, __LINE__, unit_held, __VA_ARGS__), unit_got,            \
					  unit_want);                                                                  \
	})

/* C strings, either of which may be NULL. */
#define is_str(got, want, ...)                                                                     \
	__extension__({                                                                                \
		Text unit_got = unit_string(got);                                                          \
		Text unit_want = unit_string(want);                                                        \
		bool unit_held = unit_same(unit_got, unit_want);                                           \
		unit_note(unit_check(__FILE__, __LINE__, unit_held, __VA_ARGS__), unit_got, unit_want);    \
	})

/* A Text and the C string it should equal; want NULL: no value. */
#define is_text(got, want, ...)                                                                    \
	__extension__({                                                                                \
		Text unit_got = (got);                                                                     \
		Text unit_want = unit_string(want);                                                        \
		bool unit_held = unit_same(unit_got, unit_want);                                           \
		unit_note(unit_check(__FILE__, __LINE__, unit_held, __VA_ARGS__), unit_got, unit_want);    \
	})

/* The plan, and the exit status of the program. */
static inline int
done_testing(void)
{
	printf("1..%d\n", unit_run);
	if (unit_failed > 0)
		diag("%d of %d failed", unit_failed, unit_run);
	return unit_failed > 0 ? 1 : 0;
}

#endif
