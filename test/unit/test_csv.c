/*
 * test_csv.c
 *	  csv.h: records, lines, faults, and that it makes no difference how the bytes are cut.
 */
#include "parse/csv.h"

#include "unit.h"

#include <stdlib.h>

#define BYTES(s) ((Text){"" s, sizeof(s) - 1})

static const CsvFormat comma = {',', '"'};

/* What a reader made of some bytes: "a|b/c" for two records, "!2" for a fault, "~" for a NUL. */
typedef struct Told
{
	char	 records[4096];
	uint64_t lines[64];
	size_t	 n;
} Told;

static void
tell(Told *told, const char *data, size_t len)
{
	size_t used = strlen(told->records);

	if (used + len + 1 > sizeof(told->records))
		abort();
	memcpy(told->records + used, data, len);
	told->records[used + len] = '\0';
}

static void
tell_record(Told *told, const CsvRecord *record)
{
	char fault[3] = {'!', (char) ('0' + record->fault), '\0'};

	if (told->n > 0)
		tell(told, "/", 1);
	if (told->n < 64)
		told->lines[told->n] = record->line;
	told->n++;
	if (record->fault != CSV_SOUND)
		tell(told, fault, 2);
	if (record->has_nul)
		tell(told, "~", 1);
	for (size_t i = 0; i < record->n_fields; i++)
	{
		if (i > 0)
			tell(told, "|", 1);
		for (size_t j = 0; j < record->fields[i].len; j++)
			tell(told, record->fields[i].data[j] == '\0' ? "0" : record->fields[i].data + j, 1);
	}
}

/* Reads the bytes, chunk of them at a time, each chunk in memory of its own. */
static CsvStep
read_chunks(CsvFormat format, size_t max_record, Text bytes, size_t chunk, Told *told)
{
	CsvReader *reader = csv_create(format, max_record);
	CsvRecord  record;
	CsvStep	   step = CSV_STARVED;

	memset(told, 0, sizeof(*told));
	for (size_t at = 0; step == CSV_STARVED; at += chunk)
	{
		size_t len = at >= bytes.len ? 0 : bytes.len - at < chunk ? bytes.len - at : chunk;
		char  *copy = malloc(len + 1);

		if (len > 0)
			memcpy(copy, bytes.data + at, len);
		csv_feed(reader, (Text){copy, len}, at + len >= bytes.len);
		while ((step = csv_next(reader, &record)) == CSV_RECORD)
			tell_record(told, &record);
		free(copy);
	}
	csv_free(reader);
	return step;
}

static void
check(CsvFormat format, size_t max_record, Text bytes, const char *want, const char *name)
{
	Told told;
	bool same = true;

	is_int(read_chunks(format, max_record, bytes, bytes.len + 1, &told), CSV_END, "%s: ends", name);
	is_str(told.records, want, "%s", name);
	for (size_t chunk = 1; chunk < bytes.len && same; chunk++)
	{
		read_chunks(format, max_record, bytes, chunk, &told);
		same = strcmp(told.records, want) == 0;
	}
	ok(same, "%s: the same in chunks of any size", name);
	if (!same)
		diag("%s", told.records);
}

static void
test_records(void)
{
	check(comma, 1000, BYTES(""), "", "nothing");
	check(comma, 1000, BYTES("a,b\nc,d\n"), "a|b/c|d", "LF");
	check(comma, 1000, BYTES("a,b\r\nc,d\r\n"), "a|b/c|d", "CR LF");
	check(comma, 1000, BYTES("a,b\rc,d\r"), "a|b/c|d", "CR");
	check(comma, 1000, BYTES("a\nb\r\nc\rd"), "a/b/c/d", "mixed, the last without an end");
	check(comma, 1000, BYTES("\n\na\n\r\n\rb\n"), "//a///b", "blank lines are records of no field");
	check(comma, 1000, BYTES(",\n,,\n\"\"\n"), "|/||/", "empty fields");
	check(comma, 1000, BYTES("\"a,b\",\"c\nd\",\"e\r\nf\"\n"), "a,b|c\nd|e\r\nf", "in quotes");
	check(comma, 1000, BYTES("\"a\"\"b\",\"\"\"\",\"\"\"c\"\"\"\n"), "a\"b|\"|\"c\"",
		  "doubled quotes");
	check(comma, 1000, BYTES("a\"b,c\"\"d, \"e\"\n"), "a\"b|c\"\"d| \"e\"", "quotes within");
	check(comma, 1000, BYTES("\"a\"b,\"c\" ,\"d\"e\"f\"\n"), "ab|c |de\"f\"", "after the quote");
	check((CsvFormat){'\t', '\0'}, 1000, BYTES("\"a\tb\"\n\"\n"), "\"a|b\"/\"", "no quoting");
	check((CsvFormat){';', '\''}, 1000, BYTES("'a;b';\"c\n"), "a;b|\"c", "another quote");
	check(comma, 1000, BYTES("a\0b,c\nd\n"), "~a0b|c/d", "NUL is passed on, and told");
}

static void
test_faults(void)
{
	CsvReader *reader = csv_create(comma, 16);
	char	   detail[200];

	check(comma, 1000, BYTES("a,b\n\"c,d\ne,f\ng"), "a|b/!3/e|f/g",
		  "a quote that is never closed costs its line");
	check(comma, 16, BYTES("a\n0123456789abcdefghijklmnop\nb\n"), "a/!1/b", "a line too long");
	check(comma, 16, BYTES("a\n\"b\nc\n0123456789abcdef\nd\n"), "a/!1/c/0123456789abcdef/d",
		  "a lost quote before more than a record");
	check(comma, 4, BYTES("abcd\nabcde\n"), "abcd/!1", "as long as allowed, and one more");
	csv_fault_detail(reader, CSV_TOO_LONG, detail, sizeof(detail));
	ok(strstr(detail, "more than 16 bytes") != NULL, "the detail says how long");
	csv_fault_detail(reader, CSV_UNTERMINATED, detail, sizeof(detail));
	ok(strstr(detail, "quoted") != NULL, "and what else is wrong");
	csv_free(reader);
}

static void
test_many_fields(void)
{
	char *bytes = malloc(CSV_MAX_FIELDS * 2 + 3);
	Told  told;

	memset(bytes, ',', CSV_MAX_FIELDS * 2);
	memcpy(bytes + CSV_MAX_FIELDS * 2, "\nb", 2);
	read_chunks(comma, 1 << 20, (Text){bytes, CSV_MAX_FIELDS * 2 + 2}, 1000, &told);
	is_str(told.records, "!2/b", "too many fields are a fault, and the next record is read");
	free(bytes);
}

static void
test_places(void)
{
	Text	   bytes = BYTES("a\r\n\"b\nc\",d\n\ne\n");
	CsvReader *reader = csv_create(comma, 100);
	CsvRecord  record;
	Told	   told;

	read_chunks(comma, 100, bytes, 3, &told);
	is_int(told.lines[0], 1, "the first line");
	is_int(told.lines[1], 2, "the second");
	is_int(told.lines[2], 4, "lines in quotes count");
	is_int(told.lines[3], 5, "blank ones, too");
	csv_feed(reader, bytes, true);
	csv_next(reader, &record);
	csv_next(reader, &record);
	is_int(record.offset, 3, "where a record starts");
	is_text(record.raw, "\"b\nc\",d", "and what it was");
	csv_free(reader);
}

/* However long the quote is open, reading stays linear: each byte a few times at most. */
static void
test_hostile(void)
{
	size_t	   len = 4 << 20;
	char	  *bytes = malloc(len);
	CsvReader *reader = csv_create(comma, 1 << 16);
	CsvRecord  record;
	size_t	   n = 0;

	for (size_t i = 0; i < len; i++)
		bytes[i] = "\"a\n"[i % 3];
	bytes[len - 1] = 'x';
	csv_feed(reader, (Text){bytes, len}, true);
	while (csv_next(reader, &record) == CSV_RECORD)
		n++;
	ok(n > 0, "quotes at the start of every line end (%zu records)", n);
	csv_free(reader);
	free(bytes);
}

int
main(void)
{
	test_records();
	test_faults();
	test_many_fields();
	test_places();
	test_hostile();
	return done_testing();
}
