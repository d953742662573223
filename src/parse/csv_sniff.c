/*
 * csv_sniff.c
 *	  Encoding, delimiter, quoting and header of a CSV file from its beginning.
 *
 * Every candidate is tried with the reader that will read the file.  Called once
 * a file; linear in the head for each of a dozen candidates.
 */
#include "parse/csv_sniff.h"

#include "base/ascii.h"
#include "parse/charset_stream.h"
#include "parse/csv_columns.h"

#include <string.h>

/* Records that are looked at, and the widest that is counted as such. */
#define MAX_RECORDS 2000
#define SHOWN_ENCODING 64 /* bytes of an option that go into a message */
#define MAX_WIDTH 512

/* A name of a column is not longer: what is longer is text. */
#define LONGEST_NAME 80

/* Stands for no delimiter: the unit separator, which no text has. */
#define NO_DELIMITER '\x1F'

/* The likeliest first; the weight is how sure one is to be a delimiter at all. */
static const struct
{
	char   delimiter;
	double weight;
} delimiters[] = {{',', 1.0}, {';', 1.0}, {'\t', 1.0},		   {'|', 1.0},
				  {'^', 0.6}, {'~', 0.6}, {NO_DELIMITER, 0.8}, {':', 0.3}};

/* How the head reads with a format. */
typedef struct Reading
{
	CsvFormat format;
	double	  score;
	size_t	  width; /* of most records */
} Reading;

/* A head as UTF-8, and whether it is all of the file. */
typedef struct Head
{
	Text text;
	bool whole;
} Head;

/* The name of a byte order mark's encoding; NULL without one. */
static const char *
encoding_of_mark(Text head)
{
	static const struct
	{
		const char *bytes;
		size_t		len;
		const char *encoding;
	} marks[] = {{"\xEF\xBB\xBF", 3, "utf-8"},
				 {"\xFF\xFE\0\0", 4, "utf-32le"},
				 {"\0\0\xFE\xFF", 4, "utf-32be"},
				 {"\xFE\xFF", 2, "utf-16be"},
				 {"\xFF\xFE", 2, "utf-16le"}};

	for (size_t i = 0; i < lengthof(marks); i++)
	{
		if (head.len >= marks[i].len && memcmp(head.data, marks[i].bytes, marks[i].len) == 0)
			return marks[i].encoding;
	}
	return NULL;
}

/* UTF-16 without a mark: what is ASCII in it has every other byte zero.  NULL if not so. */
static const char *
encoding_of_nuls(Text head)
{
	size_t nuls[2] = {0, 0};
	size_t pairs = head.len / 2;

	for (size_t i = 0; i < head.len; i++)
		nuls[i % 2] += head.data[i] == '\0';
	if (nuls[1] > pairs / 3 && nuls[0] <= pairs / 20)
		return "utf-16le";
	if (nuls[0] > pairs / 3 && nuls[1] <= pairs / 20)
		return "utf-16be";
	return NULL;
}

/* How often each byte above ASCII is there, and how often next to an ASCII letter. */
static void
count_high_bytes(Text head, size_t all[256], size_t in_words[256])
{
	for (size_t i = 0; i < head.len; i++)
	{
		unsigned char c = (unsigned char) head.data[i];

		if (c < 0x80)
			continue;
		all[c]++;
		in_words[c] += (i > 0 && is_letter(head.data[i - 1])) ||
					   (i + 1 < head.len && is_letter(head.data[i + 1]));
	}
}

static size_t
sum_of(const size_t counts[256], const char *bytes)
{
	size_t sum = 0;

	for (const char *p = bytes; *p != '\0'; p++)
		sum += counts[(unsigned char) *p];
	return sum;
}

/*
 * A one-byte charset by where the accents of French, and the letters beside them,
 * are: at 0xC0 to 0xFF in the ISO and Windows charsets, below in the Macintosh's
 * and the PC's.
 */
static const char *
encoding_of_bytes(Text head)
{
	size_t all[256] = {0};
	size_t in_words[256] = {0};
	size_t high = 0;
	size_t controls = 0;
	size_t macintosh;
	size_t pc;

	count_high_bytes(head, all, in_words);
	for (int c = 0xC0; c <= 0xFF; c++)
		high += in_words[c];
	for (int c = 0x80; c < 0xA0; c++)
		controls += all[c];
	/* e acute, e grave, a grave, e circumflex, c cedilla, u grave, i and o circumflex */
	macintosh = sum_of(in_words, "\x8E\x8F\x88\x90\x8D\x9D\x94\x99");
	pc = sum_of(in_words, "\x82\x8A\x85\x88\x87\x97\x8C\x93");
	if (macintosh > 2 * high && macintosh > pc)
		return "macintosh";
	if (pc > 2 * high && in_words[0x82] + in_words[0x8A] > high)
		return "cp850";
	if (controls > 0)
		return "windows-1252";
	/* the euro sign; the ligature oe, which is one half elsewhere */
	if (all[0xA4] > 0 || in_words[0xBD] > 0)
		return "iso-8859-15";
	return "iso-8859-1";
}

/* Whether the head is UTF-8 but for the character that its end cuts. */
static bool
is_utf8(Text head, bool whole)
{
	size_t valid = utf8_valid_prefix(head);

	return valid == head.len || (!whole && head.len - valid < 4) || utf8_mostly(head);
}

static const char *
encoding_of(Text head, bool whole)
{
	const char *encoding = encoding_of_mark(head);

	if (encoding == NULL)
		encoding = encoding_of_nuls(head);
	if (encoding == NULL)
		encoding = is_utf8(head, whole) ? "utf-8" : encoding_of_bytes(head);
	return encoding;
}

/* The head as UTF-8; absent where the encoding is unknown or memory is out. */
static Text
decode(Arena *arena, Text head, bool whole, const char *encoding)
{
	CharsetStream *stream = charset_stream_create(encoding);
	TextBuilder	   builder;
	Text		   piece;

	if (stream == NULL)
		return TEXT_NULL;
	builder_start(&builder, arena);
	charset_stream_feed(stream, head, whole);
	while (charset_stream_next(stream, &piece) && !arena_exhausted(arena))
		builder_append(&builder, piece.data, piece.len);
	charset_stream_free(stream);
	return arena_exhausted(arena) ? TEXT_NULL : builder_text(&builder);
}

/* A cell that holds other delimiters was perhaps not meant as one. */
static bool
is_clean(Text cell, char delimiter)
{
	for (size_t i = 0; i < cell.len; i++)
	{
		char c = cell.data[i];

		if ((c == ';' || c == '\t' || c == '|') && c != delimiter)
			return false;
	}
	return true;
}

/* What the records of a head are when it is read as a format. */
typedef struct Tally
{
	size_t widths[MAX_WIDTH]; /* records of so many fields */
	size_t records;
	size_t cells;
	size_t clean;	/* cells without another delimiter */
	size_t first;	/* the first record's width */
	size_t usual;	/* its fields that are usual names */
	size_t reached; /* the end of the last record */
} Tally;

static void
tally_record(Tally *tally, const CsvRecord *record, char delimiter)
{
	tally->reached = (size_t) record->offset + record->raw.len;
	if (record->n_fields == 0 && record->fault == CSV_SOUND)
		return;
	if (tally->records++ == 0)
	{
		tally->first = record->n_fields;
		for (size_t i = 0; i < record->n_fields; i++)
			tally->usual += csv_columns_usual(record->fields[i]);
	}
	tally->widths[record->n_fields < MAX_WIDTH ? record->n_fields : 0]++;
	tally->cells += record->n_fields;
	for (size_t i = 0; i < record->n_fields; i++)
		tally->clean += is_clean(record->fields[i], delimiter);
}

/*
 * How well the head reads so: the share of records as wide as most, more for
 * many columns than for few, less for a first record of another width, for cells
 * with other delimiters in them, and for what a lost quote has swallowed.  A first
 * record that parts into usual names is no chance, whatever the rest looks like.
 * False where memory is out.
 */
static bool
read_as(Head head, CsvFormat format, double weight, Reading *reading)
{
	CsvReader *reader = csv_create(format, head.text.len + 1);
	CsvRecord  record;
	CsvStep	   step = CSV_RECORD;
	Tally	   tally = {0};
	size_t	   most = 1;
	double	   share;

	if (reader == NULL)
		return false;
	csv_feed(reader, head.text, head.whole);
	while (tally.records < MAX_RECORDS && (step = csv_next(reader, &record)) == CSV_RECORD)
		tally_record(&tally, &record, format.delimiter);
	csv_free(reader);
	if (step == CSV_NO_MEMORY)
		return false;
	for (size_t i = 2; i < MAX_WIDTH; i++)
	{
		if (tally.widths[i] > tally.widths[most])
			most = i;
	}
	*reading = (Reading){format, 0.0, most};
	if (tally.records == 0)
		return true;
	share = (double) tally.widths[most] / (double) tally.records;
	reading->score = share * share * weight * (most == 1 ? 0.3 : 1.0 - 1.0 / (double) (most + 1));
	if (tally.first != most && tally.first + 1 != most)
		reading->score *= 0.5;
	if (tally.cells > 0)
		reading->score *= 0.5 + 0.5 * (double) tally.clean / (double) tally.cells;
	if (tally.records < MAX_RECORDS && head.text.len > 0)
		reading->score *= 0.2 + 0.8 * (double) tally.reached / (double) head.text.len;
	if (tally.usual > 1)
		reading->score *= 100.0;
	return true;
}

/*
 * The best format.  Without quoting is taken only where it is clearly better: most
 * files have quotes somewhere, and texts with quotes in the middle read the same.
 */
static bool
find_format(Head head, const CsvWishes *wishes, Reading *best)
{
	char quote = wishes->quote != '\0' ? wishes->quote : '"';
	bool has_quote = memchr(head.text.data, quote, head.text.len) != NULL;

	*best = (Reading){{',', quote}, 0.0, 1};
	for (int quoted = 1; quoted >= 0; quoted--)
	{
		if (wishes->quoting == (quoted == 1 ? CSV_NO : CSV_YES) ||
			(quoted == 0 && !has_quote && wishes->quoting == CSV_UNKNOWN))
			continue;
		for (size_t i = 0; i < lengthof(delimiters); i++)
		{
			CsvFormat format = {delimiters[i].delimiter, quoted == 1 ? quote : '\0'};
			double	  weight = delimiters[i].weight;
			Reading	  reading;

			if (wishes->delimiter != '\0')
			{
				format.delimiter = wishes->delimiter;
				weight = 1.0;
			}
			if (!read_as(head, format, weight, &reading))
				return false;
			if (reading.score > best->score * (quoted == 1 ? 1.0 : 1.15) || best->score == 0.0)
				*best = reading;
			if (wishes->delimiter != '\0')
				break;
		}
	}
	return true;
}

/* Whether a cell is a number, a date or the like: it has digits, and no word. */
static bool
is_figure(Text cell)
{
	bool digits = false;

	cell = text_trim(cell);
	for (size_t i = 0; i < cell.len; i++)
	{
		char c = cell.data[i];

		if (c >= '0' && c <= '9')
			digits = true;
		else if (strchr("+-.,:/%TZeE ", c) == NULL || c == '\0')
			return false;
	}
	return digits;
}

/* What the records after the first say of a column of it. */
typedef struct ColumnSeen
{
	Text   first;
	size_t filled;
	size_t figures;
	size_t repeats; /* of the first one's value */
	size_t bytes;
} ColumnSeen;

typedef struct Table
{
	ColumnSeen *columns;
	size_t		width;	   /* of the first record */
	unsigned	preamble;  /* records before it */
	size_t		n_records; /* after the first */
	size_t		most;	   /* fields that most records have */
} Table;

/* Excel's first line: the delimiter, and no data. */
static bool
is_sep_line(const CsvRecord *record)
{
	return record->raw.len >= 5 && record->raw.len <= 6 &&
		   text_is((Text){record->raw.data, 4}, "sep=");
}

static bool
keep_first(Arena *arena, const CsvRecord *record, Table *table)
{
	table->width = record->n_fields;
	table->columns = arena_alloc_zero(arena, record->n_fields * sizeof(ColumnSeen));
	if (table->columns == NULL)
		return false;
	for (size_t i = 0; i < record->n_fields; i++)
	{
		table->columns[i].first = arena_copy(arena, record->fields[i].data, record->fields[i].len);
	}
	return !arena_exhausted(arena);
}

/* Reads the head into a Table; false where memory is out. */
static bool
look_at_columns(Arena *arena, Head head, CsvFormat format, Table *table)
{
	CsvReader *reader = csv_create(format, head.text.len + 1);
	CsvRecord  record;
	CsvStep	   step = CSV_RECORD;
	bool	   fine = reader != NULL;

	if (!fine)
		return false;
	csv_feed(reader, head.text, true);
	while (fine && table->n_records < MAX_RECORDS &&
		   (step = csv_next(reader, &record)) == CSV_RECORD)
	{
		if (table->columns == NULL && is_sep_line(&record))
			table->preamble++;
		else if (table->columns == NULL && record.n_fields == 0)
			table->preamble += record.fault != CSV_SOUND;
		else if (table->columns == NULL)
			fine = keep_first(arena, &record, table);
		else
		{
			table->n_records += record.n_fields > 0;
			for (size_t i = 0; i < record.n_fields && i < table->width; i++)
			{
				ColumnSeen *column = &table->columns[i];

				column->filled += record.fields[i].len > 0;
				column->figures += is_figure(record.fields[i]);
				column->repeats += text_equal(record.fields[i], column->first);
				column->bytes += record.fields[i].len;
			}
		}
	}
	csv_free(reader);
	return fine && step != CSV_NO_MEMORY;
}

/* Whether the first record could be names at all: short, in one line, told apart. */
static bool
may_be_names(const Table *table)
{
	size_t figures = 0;

	for (size_t i = 0; i < table->width; i++)
	{
		Text name = text_trim(table->columns[i].first);

		if (name.len > LONGEST_NAME)
			return false;
		figures += is_figure(name);
		for (size_t j = 0; j < i && j < 64 && name.len > 0; j++)
		{
			if (text_equal(name, text_trim(table->columns[j].first)))
				return false;
		}
	}
	return figures * 2 <= table->width;
}

/* Usual names decide; then figures below words; then values that come again below. */
static bool
has_header(const Table *table)
{
	int votes = 0;

	if (!may_be_names(table))
		return false;
	for (size_t i = 0; i < table->width; i++)
	{
		if (csv_columns_usual(table->columns[i].first))
			return true;
	}
	for (size_t i = 0; i < table->width; i++)
	{
		const ColumnSeen *column = &table->columns[i];

		if (column->figures > 0 && column->figures * 10 >= column->filled * 8)
			votes += is_figure(column->first) ? -1 : 2;
		else if (column->repeats > 0 && column->first.len > 0)
			votes--;
		else if (column->filled > 0 && column->bytes / column->filled > 3 * column->first.len)
			votes++;
	}
	return votes >= 0;
}

/* Names for the columns: the header's; for what has none, its number. */
static bool
name_columns(Arena *arena, const Table *table, CsvLayout *layout)
{
	size_t n = table->width > table->most ? table->width : table->most;
	/* R leaves out the name of the first column, which has the rows' names */
	size_t shift = layout->header && table->width + 1 == table->most ? 1 : 0;
	Text  *names = arena_alloc(arena, n * sizeof(Text));

	for (size_t i = 0; i < n && names != NULL; i++)
	{
		TextBuilder builder;
		char		digits[24];
		size_t		at = sizeof(digits);

		names[i] = TEXT_LITERAL("");
		if (layout->header && i >= shift && i - shift < table->width)
			names[i] = text_trim(table->columns[i - shift].first);
		if (names[i].len > 0)
			continue;
		for (size_t number = i + 1; number > 0; number /= 10)
			digits[--at] = (char) ('0' + number % 10);
		builder_start(&builder, arena);
		builder_append(&builder, digits + at, sizeof(digits) - at);
		names[i] = builder_text(&builder);
	}
	layout->names = names;
	layout->n_names = n;
	return !arena_exhausted(arena);
}

/* The text from Excel's "sep=;" on, and what that says. */
static void
heed_sep_line(Head *head, CsvWishes *wishes)
{
	const char *end = memchr(head->text.data, '\n', head->text.len < 8 ? head->text.len : 8);

	if (end == NULL || head->text.len < 6 || !text_is((Text){head->text.data, 4}, "sep=") ||
		head->text.data[4] == '\r' || head->text.data[4] == '\n')
		return;
	if (wishes->delimiter == '\0')
		wishes->delimiter = head->text.data[4];
	head->text.len -= (size_t) (end + 1 - head->text.data);
	head->text.data = end + 1;
}

/* Which encoding, and the head in UTF-8; false with *failure set. */
static bool
settle_encoding(Arena *arena, Text bytes, const CsvWishes *wishes, CsvLayout *layout, Head *head,
				Failure *failure)
{
	const char *mark = encoding_of_mark(bytes);
	Text		shown = text_clip(wishes->encoding, SHOWN_ENCODING);

	layout->bom = mark != NULL;
	if (text_present(wishes->encoding))
	{
		if (!charset_meant(wishes->encoding, layout->encoding))
			layout->encoding[0] = '\0';
	}
	else
		strcpy(layout->encoding, encoding_of(bytes, head->whole));
	head->text = decode(arena, bytes, head->whole, layout->encoding);
	if (text_present(head->text))
		return true;
	/* A name that nobody gave is one that we know. */
	if (arena_exhausted(arena) || !text_present(wishes->encoding))
		failure_set(failure, FAILURE_MEMORY, "out of memory");
	else
		failure_set(failure, FAILURE_PARSE, "the encoding \"%.*s\" is not known", (int) shown.len,
					shown.data);
	return false;
}

bool
csv_sniff(Arena *arena, Text bytes, bool whole, const CsvWishes *wishes, CsvLayout *layout,
		  Failure *failure)
{
	CsvWishes said = wishes != NULL ? *wishes : (CsvWishes){0};
	Head	  head = {TEXT_LITERAL(""), whole && bytes.len <= CSV_SNIFF_SIZE};
	Head	  body;
	Reading	  reading;
	Table	  table = {0};

	*layout = (CsvLayout){0};
	if (bytes.len > CSV_SNIFF_SIZE)
		bytes.len = CSV_SNIFF_SIZE;
	if (!settle_encoding(arena, bytes, &said, layout, &head, failure))
		return false;
	body = head;
	heed_sep_line(&body, &said);
	if (!find_format(body, &said, &reading))
	{
		failure_set(failure, FAILURE_MEMORY, "out of memory");
		return false;
	}
	layout->format = reading.format;
	table.most = reading.width;
	if (look_at_columns(arena, head, reading.format, &table))
	{
		if (table.columns == NULL)
		{
			failure_set(failure, FAILURE_PARSE, "there is no record in the file");
			return false;
		}
		layout->preamble = table.preamble;
		layout->header = said.header == CSV_UNKNOWN ? has_header(&table) : said.header == CSV_YES;
		if (name_columns(arena, &table, layout))
			return true;
	}
	failure_set(failure, FAILURE_MEMORY, "out of memory");
	return false;
}
