/*
 * csv.c
 *	  The reader of csv.h: one pass, in place.
 *
 * A record is scanned where its bytes are: in the chunk, or, where the end of a
 * chunk cut it, in the carry, to which it is then moved with what the next chunk
 * has of it.  The scan remembers where it is (Scan), so that no byte is scanned
 * twice however small the chunks are.  Called by the kinds whose payloads are
 * tables; never allocates by the number of fields or records.
 */
#include "parse/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The carry's first size, and the least that is moved to it at once. */
#define CARRY_STEP 4096

/* As much of a faulty record is given. */
#define RAW_SIZE 4096

typedef enum Place
{
	AT_FIELD, /* before a field's first byte */
	IN_PLAIN, /* in what is read as it stands */
	IN_QUOTES,
	AFTER_QUOTE /* of a quoted field: a closing one, or the first of two */
} Place;

/* What is known of the record at hand. */
typedef struct Scan
{
	size_t	 at;	/* bytes of it that were looked at */
	size_t	 field; /* where the field at hand starts, after its quote */
	Place	 place;
	bool	 rewritten; /* the field at hand must be unquoted */
	size_t	 n_fields;
	size_t	 n_rewritten;
	size_t	 rewritten_size; /* of their bytes */
	uint64_t ends;			 /* ends of line within quotes */
} Scan;

typedef struct Span
{
	size_t start; /* from the record's first byte */
	size_t len;
} Span;

struct CsvReader
{
	CsvFormat format;
	size_t	  max_record;
	Text	  chunk;
	size_t	  chunk_at; /* the first byte of it that is neither read nor in the carry */
	bool	  last;
	bool	  maybe_nul; /* there may be a NUL in what is to be read */
	bool	  after_cr;	 /* a LF to come belongs to the end of line before it */
	bool	  skipping;	 /* to the end of a line that was too long */
	char	 *carry;	 /* carry_at to carry_len come before the chunk */
	size_t	  carry_size;
	size_t	  carry_at;
	size_t	  carry_len;
	size_t	  borrowed; /* bytes at the carry's end that are in the chunk, too */
	char	 *unquoted; /* the fields of the last record that could not stay in place */
	size_t	  unquoted_size;
	uint64_t  line; /* of the record at hand */
	uint64_t  offset;
	uint64_t  rewind_from; /* the next offset from which going back is allowed */
	Scan	  scan;
	unsigned  rewritten[CSV_MAX_FIELDS];
	Span	  spans[CSV_MAX_FIELDS]; /* the fields found so far, which may yet move */
	Text	  fields[CSV_MAX_FIELDS];
};

/* The bytes from which the record at hand starts. */
typedef struct Window
{
	const char *data;
	size_t		len;
} Window;

/*
 * The first of p to end that is one of three bytes, or end.  Fields are short:
 * one comparison of 16 bytes finds most ends.
 */
static inline const char *
find_any(const char *p, const char *end, char a, char b, char c)
{
#ifdef __SSE2__
	__m128i as = _mm_set1_epi8(a);
	__m128i bs = _mm_set1_epi8(b);
	__m128i cs = _mm_set1_epi8(c);

	for (; end - p >= 16; p += 16)
	{
		__m128i block = _mm_loadu_si128((const __m128i *) p);
		__m128i found = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, as), //
												  _mm_cmpeq_epi8(block, bs)),
									 _mm_cmpeq_epi8(block, cs));
		int		mask = _mm_movemask_epi8(found);

		if (mask != 0)
			return p + __builtin_ctz((unsigned) mask);
	}
#else
	/* Words without any of them are passed over: the borrow trick for a zero byte. */
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t highs = UINT64_C(0x8080808080808080);
	uint64_t	   patterns[3] = {ones * (unsigned char) a, ones * (unsigned char) b,
								  ones * (unsigned char) c};

	for (; end - p >= 8; p += 8)
	{
		uint64_t word;
		uint64_t found = 0;

		memcpy(&word, p, 8);
		for (int i = 0; i < 3; i++)
			found |= ((word ^ patterns[i]) - ones) & ~(word ^ patterns[i]) & highs;
		if (found != 0)
			break;
	}
#endif
	while (p < end && *p != a && *p != b && *p != c)
		p++;
	return p;
}

CsvReader *
csv_create(CsvFormat format, size_t max_record)
{
	CsvReader *reader = malloc(sizeof(CsvReader));

	if (reader == NULL)
		return NULL;
	memset(reader, 0, offsetof(CsvReader, rewritten));
	reader->format = format;
	reader->max_record = max_record;
	reader->line = 1;
	return reader;
}

void
csv_free(CsvReader *reader)
{
	if (reader == NULL)
		return;
	free(reader->carry);
	free(reader->unquoted);
	free(reader);
}

void
csv_feed(CsvReader *reader, Text chunk, bool last)
{
	bool has_nul = chunk.len > 0 && memchr(chunk.data, '\0', chunk.len) != NULL;

	reader->maybe_nul = has_nul || (reader->maybe_nul && reader->carry_len > reader->carry_at);
	reader->chunk = chunk.data != NULL ? chunk : TEXT_LITERAL("");
	reader->chunk_at = 0;
	reader->borrowed = 0;
	reader->last = last;
}

static inline bool
carried(const CsvReader *reader)
{
	return reader->carry_len > reader->carry_at;
}

/* At most one byte more than a record may have. */
static inline Window
window_of(const CsvReader *reader)
{
	Window window =
		carried(reader)
			? (Window){reader->carry + reader->carry_at, reader->carry_len - reader->carry_at}
			: (Window){reader->chunk.data + reader->chunk_at, reader->chunk.len - reader->chunk_at};

	if (window.len > reader->max_record)
		window.len = reader->max_record + 1;
	return window;
}

/* Ends the field at hand; those beyond the limit are counted only. */
static inline void
add_field(CsvReader *reader, size_t end)
{
	Scan *scan = &reader->scan;

	if (scan->n_fields < CSV_MAX_FIELDS)
	{
		reader->spans[scan->n_fields] = (Span){scan->field, end - scan->field};
		if (scan->rewritten)
		{
			reader->rewritten[scan->n_rewritten++] = (unsigned) scan->n_fields;
			scan->rewritten_size += end - scan->field;
		}
	}
	scan->n_fields++;
	scan->rewritten = false;
}

/* From within the quotes to after the next one; false where the window ends before. */
static inline bool
scan_quoted(CsvReader *reader, Window window)
{
	Scan	   *scan = &reader->scan;
	char		quote = reader->format.quote;
	const char *end = window.data + window.len;
	const char *p = window.data + scan->at;

	while ((p = find_any(p, end, quote, '\n', '\r')) < end && *p != quote)
	{
		/* the byte before is at least the quote */
		scan->ends += *p == '\r' || p[-1] != '\r';
		p++;
	}
	scan->at = (size_t) (p - window.data);
	if (p == end)
		return false;
	scan->at++;
	return true;
}

/*
 * Goes on with the record at hand; true where it ends within the window, at
 * scan.at, with the end of line there.
 */
static bool
scan_record(CsvReader *reader, Window window)
{
	Scan	   *scan = &reader->scan;
	char		delimiter = reader->format.delimiter;
	char		quote = reader->format.quote;
	const char *base = window.data;
	const char *end = base + window.len;
	const char *p;

	while (scan->at < window.len)
	{
		switch (scan->place)
		{
			case AT_FIELD:
				scan->place = IN_PLAIN;
				scan->field = scan->at;
				if (base[scan->at] != quote || quote == '\0')
					break;
				scan->place = IN_QUOTES;
				scan->field = ++scan->at;
				break;
			case IN_QUOTES:
				if (scan_quoted(reader, window))
					scan->place = AFTER_QUOTE;
				break;
			case AFTER_QUOTE:
				p = base + scan->at;
				if (*p != delimiter && *p != '\n' && *p != '\r')
				{
					scan->rewritten = true;
					scan->place = *p == quote ? IN_QUOTES : IN_PLAIN;
					scan->at += *p == quote;
					break;
				}
				add_field(reader, scan->rewritten ? scan->at : scan->at - 1);
				if (*p != delimiter)
					return true;
				scan->at++;
				scan->place = AT_FIELD;
				break;
			case IN_PLAIN:
				p = find_any(base + scan->at, end, delimiter, '\n', '\r');
				scan->at = (size_t) (p - base);
				if (p == end)
					break;
				add_field(reader, scan->at);
				if (*p != delimiter)
					return true;
				scan->at++;
				scan->place = AT_FIELD;
				break;
		}
	}
	return false;
}

/* A field after its opening quote, as it is meant; its length. */
static size_t
unquote(char *to, Text field, char quote)
{
	const char *p = field.data;
	const char *end = p + field.len;
	char	   *start = to;
	const char *found;

	while (p < end && (found = memchr(p, quote, (size_t) (end - p))) != NULL)
	{
		memcpy(to, p, (size_t) (found - p));
		to += found - p;
		p = found + 1;
		if (p == end || *p != quote)
			break; /* the closing one: what follows is taken as it stands */
		*to++ = quote;
		p++;
	}
	memcpy(to, p, (size_t) (end - p));
	return (size_t) (to - start) + (size_t) (end - p);
}

/* The spans as fields: where they are in the record, or unquoted. */
static bool
place_fields(CsvReader *reader, const char *base)
{
	char *to;

	for (size_t i = 0; i < reader->scan.n_fields; i++)
		reader->fields[i] = (Text){base + reader->spans[i].start, reader->spans[i].len};
	if (reader->scan.rewritten_size > reader->unquoted_size)
	{
		size_t size = reader->scan.rewritten_size + CARRY_STEP;

		free(reader->unquoted);
		reader->unquoted = malloc(size);
		reader->unquoted_size = reader->unquoted != NULL ? size : 0;
		if (reader->unquoted == NULL)
			return false;
	}
	to = reader->unquoted;
	for (size_t i = 0; i < reader->scan.n_rewritten; i++)
	{
		Text  *field = &reader->fields[reader->rewritten[i]];
		size_t len = unquote(to, *field, reader->format.quote);

		*field = (Text){to, len};
		to += len;
	}
	return true;
}

/*
 * Takes len bytes off.  What the carry has borrowed of the chunk and not needed
 * is read from the chunk itself.
 */
static void
consume(CsvReader *reader, size_t len)
{
	size_t rest;

	reader->offset += len;
	if (!carried(reader))
	{
		reader->chunk_at += len;
		return;
	}
	reader->carry_at += len;
	rest = reader->carry_len - reader->carry_at;
	if (rest <= reader->borrowed)
	{
		reader->chunk_at -= rest;
		reader->carry_at = reader->carry_len = reader->borrowed = 0;
	}
}

/* The record at hand, that ends before the end of line at scan.at or with the data. */
static CsvStep
give_record(CsvReader *reader, Window window, CsvRecord *record)
{
	Scan  *scan = &reader->scan;
	size_t len = scan->at;

	record->fields = reader->fields;
	record->n_fields = scan->n_fields;
	record->line = reader->line;
	record->offset = reader->offset;
	record->fault = CSV_SOUND;
	record->raw = (Text){window.data, len};
	record->has_nul = reader->maybe_nul && memchr(window.data, '\0', len) != NULL;
	if (len == 0)
		record->n_fields = 0;
	else if (scan->n_fields > CSV_MAX_FIELDS)
	{
		record->fault = CSV_TOO_MANY_FIELDS;
		record->n_fields = 0;
		record->raw.len = len > RAW_SIZE ? RAW_SIZE : len;
	}
	else if (!place_fields(reader, window.data))
		return CSV_NO_MEMORY;
	reader->line += scan->ends;
	if (len < window.len)
	{
		reader->after_cr = window.data[len] == '\r';
		reader->line++;
		len++;
	}
	*scan = (Scan){0};
	consume(reader, len);
	return CSV_RECORD;
}

/*
 * Gives the window as a faulty record and goes on with its second line.  Going
 * back is allowed once in a quarter of the longest record, so that bytes are
 * read five times at worst; else, and where it is one line, what follows the
 * window is passed over to its next end of line.
 */
static CsvStep
give_fault(CsvReader *reader, Window window, CsvFault fault, CsvRecord *record)
{
	const char *end = window.data + window.len;
	const char *line_end = find_any(window.data, end, '\n', '\r', '\n');
	bool		back = line_end < end && reader->offset >= reader->rewind_from;
	size_t		len = (size_t) (line_end - window.data);

	record->fields = reader->fields;
	record->n_fields = 0;
	record->line = reader->line;
	record->offset = reader->offset;
	record->fault = fault;
	record->raw = (Text){window.data, len > RAW_SIZE ? RAW_SIZE : len};
	record->has_nul = reader->maybe_nul && memchr(window.data, '\0', len) != NULL;
	if (back)
	{
		reader->rewind_from = reader->offset + reader->max_record / 4;
		reader->after_cr = *line_end == '\r';
		reader->line++;
		len++;
	}
	else
	{
		reader->line += reader->scan.ends;
		reader->skipping = true;
		len = window.len;
	}
	reader->scan = (Scan){0};
	consume(reader, len);
	return CSV_RECORD;
}

/* Makes room for len bytes in all, which are no more than max_record and one. */
static bool
grow_carry(CsvReader *reader, size_t len)
{
	size_t size = reader->carry_size * 2;
	char  *carry;

	if (len <= reader->carry_size)
		return true;
	if (size > reader->max_record)
		size = reader->max_record + 1;
	if (size < len)
		size = len;
	carry = realloc(reader->carry, size);
	if (carry == NULL)
		return false;
	reader->carry = carry;
	reader->carry_size = size;
	return true;
}

/*
 * The record at hand goes on after the window: gets more of it into the carry.
 * CSV_RECORD where the scan can go on.
 */
static CsvStep
extend(CsvReader *reader, Window window)
{
	size_t rest;
	size_t step;

	if (!carried(reader))
	{
		if (!grow_carry(reader, window.len))
			return CSV_NO_MEMORY;
		reader->chunk_at = reader->chunk.len;
		reader->carry_len = window.len;
		if (window.len > 0)
			memcpy(reader->carry, window.data, window.len);
		return CSV_STARVED;
	}
	rest = reader->chunk.len - reader->chunk_at;
	if (rest == 0)
		return CSV_STARVED;
	if (reader->carry_at > 0)
		memmove(reader->carry, window.data, window.len);
	reader->carry_at = 0;
	reader->carry_len = window.len;
	step = reader->carry_len > CARRY_STEP ? reader->carry_len : CARRY_STEP;
	if (step > rest)
		step = rest;
	if (step > reader->max_record + 1 - reader->carry_len)
		step = reader->max_record + 1 - reader->carry_len;
	if (!grow_carry(reader, reader->carry_len + step))
		return CSV_NO_MEMORY;
	memcpy(reader->carry + reader->carry_len, reader->chunk.data + reader->chunk_at, step);
	reader->carry_len += step;
	reader->chunk_at += step;
	reader->borrowed += step;
	return CSV_RECORD;
}

/* Passes over the rest of a line that was too long; false where more is needed. */
static bool
skip_line(CsvReader *reader)
{
	while (reader->skipping)
	{
		Window		window = window_of(reader);
		const char *end = window.data + window.len;
		const char *line_end = find_any(window.data, end, '\n', '\r', '\n');

		if (window.len == 0)
			return false;
		if (line_end < end)
		{
			reader->skipping = false;
			reader->after_cr = *line_end == '\r';
			reader->line++;
			line_end++;
		}
		consume(reader, (size_t) (line_end - window.data));
	}
	return true;
}

/* The data ends with the window. */
static CsvStep
finish(CsvReader *reader, Window window, CsvRecord *record)
{
	Scan *scan = &reader->scan;

	if (window.len == 0)
		return CSV_END;
	if (scan->place == IN_QUOTES)
		return give_fault(reader, window, CSV_UNTERMINATED, record);
	if (scan->place == AT_FIELD)
		scan->field = scan->at;
	add_field(reader, scan->place == AFTER_QUOTE && !scan->rewritten ? scan->at - 1 : scan->at);
	return give_record(reader, window, record);
}

CsvStep
csv_next(CsvReader *reader, CsvRecord *record)
{
	CsvStep step;

	if (!skip_line(reader))
		return reader->last ? CSV_END : CSV_STARVED;
	do
	{
		Window window = window_of(reader);

		if (reader->after_cr && window.len > 0)
		{
			reader->after_cr = false;
			if (window.data[0] == '\n')
			{
				consume(reader, 1);
				window = window_of(reader);
			}
		}
		if (scan_record(reader, window))
			return give_record(reader, window, record);
		if (window.len > reader->max_record)
			return give_fault(reader, window, CSV_TOO_LONG, record);
		if (reader->last && (!carried(reader) || reader->chunk_at == reader->chunk.len))
			return finish(reader, window, record);
		step = extend(reader, window);
	} while (step == CSV_RECORD);
	return step;
}

void
csv_fault_detail(const CsvReader *reader, CsvFault fault, char *buffer, size_t size)
{
	switch (fault)
	{
		case CSV_SOUND:
			snprintf(buffer, size, "no fault");
			break;
		case CSV_TOO_LONG:
			snprintf(buffer, size,
					 "a record of more than %zu bytes; perhaps a quote that is never closed",
					 reader->max_record);
			break;
		case CSV_TOO_MANY_FIELDS:
			snprintf(buffer, size, "a record of more than %d fields", CSV_MAX_FIELDS);
			break;
		case CSV_UNTERMINATED:
			snprintf(buffer, size, "the data ends within a quoted field");
			break;
	}
}
