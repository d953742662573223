/*
 * fuzz_csv.c
 *	  Any bytes as a CSV file: looked at, converted, read in chunks.
 *
 * The first byte picks the chunk's size, the second the longest record.  What must
 * hold: in chunks the records are those of the whole; each begins where the one
 * before ended; names and pieces are storable; nothing is lost but line ends,
 * and what a fault passes over.
 */
#include "fuzz.h"

#include "parse/charset_stream.h"
#include "parse/csv.h"
#include "parse/csv_columns.h"
#include "parse/csv_sniff.h"

/* The bytes as UTF-8, as much as there is room for; *n of them. */
static char *
convert(const char *encoding, Text bytes, size_t chunk, size_t *n)
{
	CharsetStream *stream = charset_stream_create(encoding);
	char		  *text = fuzz_alloc(4 * bytes.len + 16);
	Text		   piece;

	*n = 0;
	if (!fuzz_given(stream, "an encoding that was found is known"))
		return text;
	for (size_t at = 0; at < bytes.len; at += chunk)
	{
		size_t len = bytes.len - at < chunk ? bytes.len - at : chunk;

		charset_stream_feed(stream, (Text){bytes.data + at, len}, at + len == bytes.len);
		while (charset_stream_next(stream, &piece))
		{
			fuzz_expect(piece.len > 0 && utf8_valid(piece), "pieces are UTF-8");
			fuzz_expect(*n + piece.len <= 4 * bytes.len + 16, "text does not grow fourfold");
			memcpy(text + *n, piece.data, piece.len);
			*n += piece.len;
		}
	}
	charset_stream_free(stream);
	return text;
}

/* A digest of all that the records are, and how many there were. */
static uint64_t
digest(CsvFormat format, size_t max_record, Text text, size_t chunk, size_t *n)
{
	CsvReader *reader = csv_create(format, max_record);
	CsvRecord  record;
	CsvStep	   step = CSV_STARVED;
	uint64_t   sum = 0;
	uint64_t   end = 0;

	*n = 0;
	if (!fuzz_given(reader, "a reader"))
		return 0;
	for (size_t at = 0; step == CSV_STARVED; at += chunk)
	{
		size_t len = at >= text.len ? 0 : text.len - at < chunk ? text.len - at : chunk;

		csv_feed(reader, (Text){text.data + (len > 0 ? at : 0), len}, at + len >= text.len);
		while ((step = csv_next(reader, &record)) == CSV_RECORD)
		{
			fuzz_expect(record.offset >= end, "records follow each other");
			fuzz_expect(record.offset + record.raw.len <= text.len, "and are in the text");
			fuzz_expect(memcmp(record.raw.data, text.data + record.offset, record.raw.len) == 0,
						"raw is what was there");
			fuzz_expect(record.raw.len <= max_record || record.fault != CSV_SOUND,
						"and not longer than allowed");
			end = record.offset + record.raw.len;
			sum = sum * 31 + record.line + record.fault * 7 + record.has_nul;
			for (size_t i = 0; i < record.n_fields; i++)
			{
				sum = sum * 31 + record.fields[i].len;
				for (size_t j = 0; j < record.fields[i].len; j++)
					sum = sum * 31 + (unsigned char) record.fields[i].data[j];
			}
			(*n)++;
			fuzz_expect(*n <= text.len, "no more records than bytes");
		}
	}
	fuzz_expect_unless_scarce(step == CSV_END, "the end is found");
	csv_free(reader);
	return sum;
}

/* Whether the reader says the same however the text is cut. */
static void
compare(CsvFormat format, size_t max_record, Text text, size_t chunk)
{
	size_t	 n;
	size_t	 n_cut;
	uint64_t whole = digest(format, max_record, text, text.len + 1, &n);
	uint64_t cut = digest(format, max_record, text, chunk, &n_cut);

	fuzz_expect_unless_scarce(whole == cut && n == n_cut, "chunks make no difference");
}

FUZZ_TARGET(csv)
{
	static const Text nothing_wanted[CSV_N_ROLES];
	Failure			  failure = FAILURE_INIT;
	CsvLayout		  layout;
	CsvColumns		  columns;
	Text			  bytes;
	char			 *text;
	size_t			  len;

	if (input.len < 2)
		return;
	bytes = (Text){input.data + 2, input.len - 2};
	if (!csv_sniff(arena, bytes, true, NULL, &layout, &failure))
	{
		fuzz_expect(failure_is(&failure), "a failure says why");
		fuzz_expect_message(failure.detail);
		return;
	}
	for (size_t i = 0; i < layout.n_names; i++)
		fuzz_expect(utf8_valid(layout.names[i]), "names are UTF-8");
	if (csv_columns_map(layout.names, layout.n_names, nothing_wanted, &columns, &failure))
		fuzz_expect(columns.of[CSV_TEXTE] >= 0, "a text is found");
	text = convert(layout.encoding, bytes, (unsigned char) input.data[0] + 1, &len);
	compare(layout.format, 1 << 20, (Text){text, len}, (unsigned char) input.data[0] + 1);
	compare(layout.format, (unsigned char) input.data[1] + 1, (Text){text, len}, len + 1);
	free(text);
}
