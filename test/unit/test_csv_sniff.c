/*
 * test_csv_sniff.c
 *	  csv_sniff.h: encoding, format, header and names of a file by its first bytes.
 */
#include "parse/csv_sniff.h"

#include "unit.h"

#define BYTES(s) ((Text){"" s, sizeof(s) - 1})

static Arena *arena;

/* The layout as "encoding delimiter quote header width", or the failure's detail. */
static const char *
sniff(Text head, bool whole, const CsvWishes *wishes, CsvLayout *layout)
{
	static char buffer[FAILURE_DETAIL_SIZE];
	Failure		failure = FAILURE_INIT;

	arena_reset(arena);
	if (csv_sniff(arena, head, whole, wishes, layout, &failure))
		snprintf(buffer, sizeof(buffer), "%s%s %c %c %s %zu", layout->encoding,
				 layout->bom ? "+bom" : "",
				 layout->format.delimiter == '\t' ? 't' : layout->format.delimiter,
				 layout->format.quote == '\0' ? '0' : layout->format.quote,
				 layout->header ? "header" : "data", layout->n_names);
	else
		snprintf(buffer, sizeof(buffer), "%s", failure.detail);
	return buffer;
}

static void
check(Text head, const char *want, const char *name)
{
	CsvLayout layout;

	is_str(sniff(head, true, NULL, &layout), want, "%s", name);
}

static void
test_encodings(void)
{
	check(BYTES("titre,texte\na,b\n"), "utf-8 , \" header 2", "ASCII is UTF-8");
	check(BYTES("titre,texte\n\xC3\xA9,b\n"), "utf-8 , \" header 2", "UTF-8");
	check(BYTES("\xEF\xBB\xBFtitre,texte\na,b\n"), "utf-8+bom , \" header 2", "with a mark");
	check(BYTES("\xFF\xFEt\0e\0x\0t\0\n\0a\0\n\0"), "utf-16le+bom , \" header 1", "UTF-16");
	check(BYTES("\xFE\xFF\0t\0e\0x\0t\0\n\0a\0\n"), "utf-16be+bom , \" header 1",
		  "UTF-16, the other way");
	check(BYTES("t\0e\0x\0t\0;\0u\0r\0l\0\n\0a\0;\0b\0\n\0"), "utf-16le ; \" header 2",
		  "UTF-16 without a mark");
	check(BYTES("titre,texte\nl'\x92\xE9t\xE9,\x80\n"), "windows-1252 , \" header 2",
		  "Windows-1252");
	check(BYTES("titre,texte\nl'\xE9t\xE9,\xE0 la mer\n"), "iso-8859-1 , \" header 2", "Latin-1");
	check(BYTES("titre,texte\nd\xE9j\xE0 vu,\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3"
				"\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3"
				"\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\n"),
		  "utf-8 , \" header 2", "UTF-8 with a little damage");
}

static void
test_formats(void)
{
	check(BYTES("titre;texte;n\na;b;1,5\nc;d;2,5\n"), "utf-8 ; \" header 3",
		  "semicolons beside decimal commas");
	check(BYTES("titre\ttexte\na, b, c\td\ne, f, g\th\n"), "utf-8 t \" header 2",
		  "tabs beside commas");
	check(BYTES("titre|texte\na|b\nc|d\n"), "utf-8 | \" header 2", "bars");
	check(BYTES("sep=;\ntitre;texte\na;b\n"), "utf-8 ; \" header 2", "Excel's first line");
	check(BYTES("\n\ntitre,texte\na,b\n"), "utf-8 , \" header 2", "blank lines before");
	check(BYTES("texte\nune phrase; et, une autre\nencore une\n"), "utf-8 t \" header 1",
		  "one column of prose");
	check(BYTES("titre,texte\n\"a;b;c\",\"d;e\"\n\"f;g;h\",\"i;j\"\n"), "utf-8 , \" header 2",
		  "delimiters in quotes are none");
}

/* A field that does not end within the head must not lead to another delimiter. */
static void
test_cut(void)
{
	static char head[CSV_SNIFF_SIZE];
	const char *start = "titre,texte,date\na,b,2026-01-01\nc,d,2026-01-02\ne,\"";
	CsvLayout	layout;

	memset(head, 'x', sizeof(head));
	for (size_t i = 0; i < sizeof(head); i += 50)
		head[i] = '\n';
	memcpy(head, start, strlen(start));
	is_str(sniff((Text){head, sizeof(head)}, false, NULL, &layout), "utf-8 , \" header 3",
		   "a field larger than the head");
	is_str(sniff(BYTES("titre,texte\na,b\nd\xC3"), false, NULL, &layout), "utf-8 , \" header 2",
		   "cut within a character");
}

static void
test_headers(void)
{
	CsvLayout layout;

	is_str(sniff(BYTES("1,2024-01-01,3\n2,2024-01-02,4\n"), true, NULL, &layout),
		   "utf-8 , \" data 3", "figures from the first line on");
	is_text(layout.names[2], "3", "columns without names have numbers");
	is_str(sniff(BYTES("alpha,beta\n1,2\n3,4\n"), true, NULL, &layout), "utf-8 , \" header 2",
		   "words over figures");
	is_text(layout.names[1], "beta", "the names");
	is_str(sniff(BYTES(" Titre , \"Le texte\" \na,b\n"), true, NULL, &layout),
		   "utf-8 , \" header 2", "blanks around names");
	is_text(layout.names[0], "Titre", "are cut off");
}

static void
test_wishes(void)
{
	CsvLayout layout;
	Text	  head = BYTES("titre,texte\na;x,b\nc;x,d\n");

	is_str(sniff(head, true, &(CsvWishes){.delimiter = ';'}, &layout), "utf-8 ; \" header 2",
		   "a delimiter");
	is_str(sniff(head, true, &(CsvWishes){.header = CSV_NO}, &layout), "utf-8 , \" data 2",
		   "no header");
	is_str(sniff(head, true, &(CsvWishes){.encoding = TEXT_LITERAL("latin1")}, &layout),
		   "windows-1252 , \" header 2", "an encoding, as it is meant");
	is_str(sniff(head, true, &(CsvWishes){.quoting = CSV_NO}, &layout), "utf-8 , 0 header 2",
		   "no quoting");
	ok(strstr(sniff(head, true, &(CsvWishes){.encoding = TEXT_LITERAL("ebcdic-of-mars")}, &layout),
			  "ebcdic-of-mars") != NULL,
	   "an encoding that is not known");
}

static void
test_nothing(void)
{
	CsvLayout layout;

	ok(strchr(sniff(BYTES(""), true, NULL, &layout), '"') == NULL, "an empty file is no table");
	ok(strchr(sniff(BYTES("\n\n\n"), true, NULL, &layout), '"') == NULL, "nor are blank lines");
	(void) sniff(BYTES("\0\0\0\0\0\0\0\0"), true, NULL, &layout);
	(void) sniff(BYTES("\xFF\xFE"), true, NULL, &layout);
	ok(true, "NUL bytes and a mark alone are survived");
}

int
main(void)
{
	arena = arena_create(CSV_SNIFF_ARENA_LIMIT);
	test_encodings();
	test_formats();
	test_cut();
	test_headers();
	test_wishes();
	test_nothing();
	arena_free(arena);
	return done_testing();
}
