/*
 * fuzz_content_coding.c
 *	  Any bytes as a body that HTTP has packed: the same comes out however they are cut.
 *
 * The first line is the Content-Encoding, the byte after it the chunks' size.
 */
#include "parse/content_coding.h"

#include "fuzz.h"

/* What comes out beyond this is not looked at. */
#define MOST (256 * 1024)

typedef struct Outcome
{
	uint64_t   sum;
	size_t	   len;
	DecodeStep step;
	bool	   whole;
} Outcome;

static Outcome
decode(const ContentCodings *codings, Text bytes, size_t chunk)
{
	ContentDecoder *decoder = content_decoder_create(codings);
	Outcome			outcome = {0, 0, DECODE_STARVED, false};
	Text			piece;

	if (!fuzz_given(decoder, "a decoder"))
		return outcome;
	for (size_t at = 0; at < bytes.len && outcome.step == DECODE_STARVED; at += chunk)
	{
		size_t len = bytes.len - at < chunk ? bytes.len - at : chunk;

		content_decoder_feed(decoder, (Text){bytes.data + at, len});
		while (outcome.len < MOST &&
			   (outcome.step = content_decoder_next(decoder, &piece)) == DECODE_PIECE)
		{
			fuzz_expect(piece.len > 0, "no piece is empty");
			for (size_t i = 0; i < piece.len; i++)
				outcome.sum = outcome.sum * 31 + (unsigned char) piece.data[i];
			outcome.len += piece.len;
		}
	}
	outcome.whole = content_decoder_is_whole(decoder);
	content_decoder_free(decoder);
	return outcome;
}

FUZZ_TARGET(content_coding)
{
	ContentCodings codings = {0};
	Outcome		   whole;
	Outcome		   cut;

	content_codings_add(&codings, fuzz_line(&input));
	fuzz_expect(codings.n >= 0 && codings.n <= CONTENT_CODINGS_MAX, "not too many");
	if (codings.n == 0 || input.len < 1)
		return;
	whole = decode(&codings, (Text){input.data + 1, input.len - 1}, input.len);
	cut = decode(&codings, (Text){input.data + 1, input.len - 1},
				 (size_t) (unsigned char) input.data[0] + 1);
	if (whole.len >= MOST || cut.len >= MOST || whole.step == DECODE_BOMB ||
		cut.step == DECODE_BOMB)
		return;
	fuzz_expect_unless_scarce(whole.step == cut.step, "the same end");
	if (whole.step == DECODE_STARVED)
		fuzz_expect_unless_scarce(whole.whole == cut.whole && whole.len == cut.len &&
									  whole.sum == cut.sum,
								  "and the same bytes");
}
