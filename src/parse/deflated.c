/*
 * deflated.c
 *	  The stream of deflated.h.
 *
 * Bits are taken from a register of 64, filled eight bytes at a time; a symbol is one look
 * into a table that is entered with the next bits, or two where its code is long.  What is
 * put out follows the last 32 KB of what was, so that a copy never needs a second place.
 * Called by archive.c.
 *
 * Bounds: a turn of the loop takes at most IN_TURN bytes and puts out at most OUT_TURN.  It
 * starts only where so many are there: of the packed bytes, whose last ones are followed by
 * zeros, and of room.  Whether zeros were taken for packed bytes is asked at each turn.
 */
#include "parse/deflated.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW 32768
#define IN_SIZE 65536

/* Bytes before the next one, which the register has: a stored block gives some back. */
#define IN_TAKEN 8

/* Three fills of the register and a load; a match of the longest, copied by whole words. */
#define IN_TURN 32
#define OUT_TURN (258 + 32)

/* Put out at a time, and what a turn more may make it. */
#define OUT_SIZE (256 * 1024 - OUT_TURN)

#define MAX_CODE 15
#define N_LENGTHS 288
#define N_DISTANCES 32
#define N_PRECODES 19

/* Bits that a table is entered with; longer codes go on in a part of their own behind it. */
#define LENGTH_BITS 11
#define DISTANCE_BITS 8
#define PRECODE_BITS 7

/*
 * In a complete code at least two codes share each first part, and so a part: no table has
 * more parts than half of its codes, of 2^(MAX_CODE - bits) entries each.
 */
#define LENGTH_ENTRIES ((1 << LENGTH_BITS) + N_LENGTHS / 2 * (1 << (MAX_CODE - LENGTH_BITS)))
#define DISTANCE_ENTRIES                                                                           \
	((1 << DISTANCE_BITS) + N_DISTANCES / 2 * (1 << (MAX_CODE - DISTANCE_BITS)))

typedef enum EntryKind
{
	ENTRY_INVALID, /* zero: what no code leads to */
	ENTRY_LITERAL, /* value: the byte, or a symbol */
	ENTRY_BASE,	   /* value, to which as many extra bits are added */
	ENTRY_PART,	   /* value: where it begins; bits: those it is entered with */
	ENTRY_END
} EntryKind;

typedef struct Entry
{
	uint16_t value;
	uint8_t	 kind;
	uint8_t	 code : 4; /* bits of the code (of those in the part) */
	uint8_t	 bits : 4; /* extra ones */
} Entry;

typedef enum Place
{
	AT_BLOCK,
	IN_STORED,
	IN_CODES,
	AT_END
} Place;

struct Deflated
{
	DeflatedRead		 read;
	void				*arg;
	Place				 place;
	bool				 last;	  /* the block at hand is */
	bool				 ended;	  /* read has no more */
	DeflatedStep		 failure; /* or DEFLATED_GOT */
	uint64_t			 bits;	  /* the next n_bits; what is above them is not to be used */
	unsigned			 n_bits;
	const unsigned char *next; /* of in */
	const unsigned char *end;
	size_t				 stored;  /* bytes that the block still has */
	size_t				 history; /* bytes before those that were given last, up to WINDOW */
	size_t				 len;	  /* of out, history included */
	Entry				 lengths[LENGTH_ENTRIES];
	Entry				 distances[DISTANCE_ENTRIES];
	unsigned char		 in[IN_TAKEN + IN_SIZE + 2 * IN_TURN];
	unsigned char		 out[WINDOW + OUT_SIZE + OUT_TURN];
};

/* RFC 1951, 3.2.5. */
static const uint16_t length_bases[] = {3,	4,	5,	6,	 7,	  8,   9,	10,	 11, 13,
										15, 17, 19, 23,	 27,  31,  35,	43,	 51, 59,
										67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint8_t  length_bits[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
									   2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
static const uint16_t distance_bases[] = {
	1,	 2,	  3,   4,	5,	 7,	   9,	 13,   17,	 25,   33,	 49,   65,	  97,	 129,
	193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
static const uint8_t distance_bits[] = {0, 0, 0, 0, 1, 1, 2, 2,	 3,	 3,	 4,	 4,	 5,	 5,	 6,
										6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

Deflated *
deflated_create(DeflatedRead read, void *arg)
{
	Deflated *deflated = malloc(sizeof(Deflated));

	if (deflated == NULL)
		return NULL;
	memset(deflated, 0, offsetof(Deflated, lengths));
	memset(deflated->in, 0, IN_TAKEN);
	deflated->read = read;
	deflated->arg = arg;
	deflated->next = deflated->end = deflated->in + IN_TAKEN;
	deflated->len = WINDOW;
	return deflated;
}

void
deflated_free(Deflated *deflated)
{
	free(deflated);
}

static bool
fail(Deflated *deflated, DeflatedStep why)
{
	deflated->failure = why;
	return false;
}

/* ---- bits ---- */

/*
 * Makes sure that a turn's bytes are there, or zeros in their place; false where zeros were
 * taken for packed bytes, or nothing can be read.
 */
static bool
load(Deflated *deflated)
{
	unsigned char *start = deflated->in + IN_TAKEN;
	size_t		   left;

	if (deflated->ended)
		return deflated->next <= deflated->end + sizeof(uint64_t) || fail(deflated, DEFLATED_SHORT);
	left = (size_t) (deflated->end - deflated->next);
	memmove(start - IN_TAKEN, deflated->next - IN_TAKEN, left + IN_TAKEN);
	deflated->next = start;
	while (left < IN_TURN && !deflated->ended)
	{
		ssize_t got = deflated->read(deflated->arg, start + left, IN_SIZE - left);

		if (got < 0)
			return fail(deflated, DEFLATED_UNREAD);
		left += (size_t) got;
		deflated->ended = got == 0;
	}
	deflated->end = start + left;
	if (deflated->ended)
		memset(start + left, 0, 2 * IN_TURN);
	return true;
}

/* Where the next turn has to load first. */
static inline bool
needs_load(const Deflated *deflated, const unsigned char *next)
{
	return next + IN_TURN > deflated->end;
}

/* At least 56 bits; what lies above n_bits is or'ed once more by the next fill, and is the same. */
static inline void
fill(uint64_t *bits, unsigned *n_bits, const unsigned char **next)
{
	const unsigned char *p = *next;
	uint64_t			 word;

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	memcpy(&word, p, sizeof(word));
#else
	word = 0;
	for (int i = 7; i >= 0; i--)
		word = word << 8 | p[i];
#endif
	*bits |= word << *n_bits;
	*next += (63 - *n_bits) >> 3;
	*n_bits |= 56;
}

/* The next count bits, at most 16; false where there are none. */
static bool
take_bits(Deflated *deflated, unsigned count, unsigned *value)
{
	if (needs_load(deflated, deflated->next) && !load(deflated))
		return false;
	fill(&deflated->bits, &deflated->n_bits, &deflated->next);
	*value = (unsigned) (deflated->bits & ((UINT64_C(1) << count) - 1));
	deflated->bits >>= count;
	deflated->n_bits -= count;
	return true;
}

/* Whether all that was taken had been there. */
static bool
is_within(Deflated *deflated)
{
	return deflated->next - deflated->n_bits / 8 <= deflated->end || fail(deflated, DEFLATED_SHORT);
}

/* ---- codes ---- */

/* Whether so many codes of each length are a code: complete, of none, or with one of one bit. */
static bool
is_code(const unsigned count[MAX_CODE + 1], bool with_one)
{
	int left = 1;
	int max = 0;

	for (int len = 1; len <= MAX_CODE; len++)
	{
		left = left * 2 - (int) count[len];
		if (left < 0)
			return false;
		if (count[len] > 0)
			max = len;
	}
	return left == 0 || max == 0 || (max == 1 && with_one);
}

static unsigned
reversed(unsigned code, int len)
{
	unsigned result = 0;

	while (len-- > 0)
	{
		result = result << 1 | (code & 1);
		code >>= 1;
	}
	return result;
}

/* Puts a code's entry wherever the bits lead that begin with it; *n_entries grows by parts. */
static void
put_code(Entry *table, int table_bits, int max, unsigned *n_entries, unsigned code, int len,
		 Entry entry)
{
	unsigned bits = reversed(code, len);
	Entry	*part = &table[bits & ((1U << table_bits) - 1)];
	Entry	*to = table;
	int		 to_bits = table_bits;

	if (len > table_bits)
	{
		if (part->kind != ENTRY_PART)
		{
			*part = (Entry){(uint16_t) *n_entries, ENTRY_PART, (uint8_t) table_bits,
							(uint8_t) (max - table_bits)};
			*n_entries += 1U << (max - table_bits);
		}
		to = table + part->value;
		to_bits = part->bits;
		bits >>= table_bits;
		len -= table_bits;
	}
	entry.code = (uint8_t) len;
	for (; bits < 1U << to_bits; bits += 1U << len)
		to[bits] = entry;
}

static Entry
length_entry(int symbol)
{
	int i = symbol - 257;

	if (symbol < 256)
		return (Entry){.value = (uint16_t) symbol, .kind = ENTRY_LITERAL};
	if (symbol == 256)
		return (Entry){.kind = ENTRY_END};
	if (i >= (int) (sizeof(length_bits) / sizeof(length_bits[0])))
		return (Entry){.kind = ENTRY_INVALID};
	return (Entry){.value = length_bases[i], .kind = ENTRY_BASE, .bits = length_bits[i] & 15};
}

static Entry
distance_entry(int symbol)
{
	if (symbol >= (int) (sizeof(distance_bits) / sizeof(distance_bits[0])))
		return (Entry){.kind = ENTRY_INVALID};
	return (Entry){
		.value = distance_bases[symbol], .kind = ENTRY_BASE, .bits = distance_bits[symbol] & 15};
}

static Entry
precode_entry(int symbol)
{
	return (Entry){.value = (uint16_t) symbol, .kind = ENTRY_LITERAL};
}

/* Makes the table of a code from the lengths of n symbols' codes; entry_of: what they mean. */
static bool
make_table(Entry *table, int table_bits, const uint8_t *lengths, int n, Entry (*entry_of)(int))
{
	unsigned count[MAX_CODE + 1] = {0};
	unsigned next[MAX_CODE + 2] = {0};
	unsigned n_entries = 1U << table_bits;
	int		 max = 0;

	for (int i = 0; i < n; i++)
		count[lengths[i]]++;
	count[0] = 0;
	/* zlib takes a single code where what it means may be the end, or the only distance */
	if (!is_code(count, entry_of != precode_entry))
		return false;
	for (int len = 1; len <= MAX_CODE; len++)
	{
		next[len + 1] = (next[len] + count[len]) << 1;
		if (count[len] > 0)
			max = len;
	}
	memset(table, 0, n_entries * sizeof(Entry));
	for (int i = 0; i < n; i++)
	{
		if (lengths[i] > 0)
			put_code(table, table_bits, max, &n_entries, next[lengths[i]]++, lengths[i],
					 entry_of(i));
	}
	return true;
}

static bool
make_tables(Deflated *deflated, const uint8_t *lengths, int n_lengths, int n_distances)
{
	/* without an end the block would have none */
	return (lengths[256] > 0 &&
			make_table(deflated->lengths, LENGTH_BITS, lengths, n_lengths, length_entry) &&
			make_table(deflated->distances, DISTANCE_BITS, lengths + n_lengths, n_distances,
					   distance_entry)) ||
		   fail(deflated, DEFLATED_DAMAGED);
}

/* RFC 1951, 3.2.6. */
static bool
fixed_tables(Deflated *deflated)
{
	uint8_t lengths[N_LENGTHS + N_DISTANCES];

	memset(lengths, 8, 144);
	memset(lengths + 144, 9, 112);
	memset(lengths + 256, 7, 24);
	memset(lengths + 280, 8, 8);
	memset(lengths + N_LENGTHS, 5, N_DISTANCES);
	return make_tables(deflated, lengths, N_LENGTHS, N_DISTANCES);
}

/* The code in which the lengths of the codes come. */
static bool
read_precode(Deflated *deflated, Entry table[1 << PRECODE_BITS])
{
	static const uint8_t order[N_PRECODES] = {16, 17, 18, 0, 8,	 7, 9,	6, 10, 5,
											  11, 4,  12, 3, 13, 2, 14, 1, 15};
	uint8_t				 lengths[N_PRECODES] = {0};
	unsigned			 n;
	unsigned			 value;

	if (!take_bits(deflated, 4, &n))
		return false;
	for (unsigned i = 0; i < n + 4; i++)
	{
		if (!take_bits(deflated, 3, &value))
			return false;
		lengths[order[i]] = (uint8_t) value;
	}
	return make_table(table, PRECODE_BITS, lengths, N_PRECODES, precode_entry) ||
		   fail(deflated, DEFLATED_DAMAGED);
}

/* The next length, or how often one comes again: *repeat of *value. */
static bool
read_length(Deflated *deflated, const Entry *table, uint8_t before, uint8_t *value,
			unsigned *repeat)
{
	static const struct
	{
		unsigned bits;
		unsigned least;
	} repeats[] = {{2, 3}, {3, 3}, {7, 11}};
	Entry	 entry;
	unsigned bits;

	if (!take_bits(deflated, 0, &bits))
		return false;
	entry = table[deflated->bits & ((1U << PRECODE_BITS) - 1)];
	deflated->bits >>= entry.code;
	deflated->n_bits -= entry.code;
	if (entry.kind == ENTRY_INVALID)
		return fail(deflated, DEFLATED_DAMAGED);
	*repeat = 1;
	*value = (uint8_t) entry.value;
	if (entry.value < 16)
		return true;
	*value = entry.value == 16 ? before : 0;
	if (!take_bits(deflated, repeats[entry.value - 16].bits, &bits))
		return false;
	*repeat = repeats[entry.value - 16].least + bits;
	return true;
}

/* The tables of a block with codes of its own (RFC 1951, 3.2.7). */
static bool
read_tables(Deflated *deflated)
{
	Entry	 precode[1 << PRECODE_BITS];
	uint8_t	 lengths[N_LENGTHS + N_DISTANCES];
	unsigned n_lengths;
	unsigned n_distances;
	unsigned n = 0;

	if (!take_bits(deflated, 5, &n_lengths) || !take_bits(deflated, 5, &n_distances))
		return false;
	n_lengths += 257;
	n_distances += 1;
	if (n_lengths > 286 || n_distances > 30)
		return fail(deflated, DEFLATED_DAMAGED);
	if (!read_precode(deflated, precode))
		return false;
	while (n < n_lengths + n_distances)
	{
		unsigned repeat;
		uint8_t	 value;

		/* 255: there is none before, which no code may ask for */
		if (!read_length(deflated, precode, n > 0 ? lengths[n - 1] : 255, &value, &repeat))
			return false;
		if (value == 255 || n + repeat > n_lengths + n_distances)
			return fail(deflated, DEFLATED_DAMAGED);
		memset(lengths + n, value, repeat);
		n += repeat;
	}
	return make_tables(deflated, lengths, (int) n_lengths, (int) n_distances);
}

/* ---- blocks ---- */

/* A block of bytes as they are: begins at a byte. */
static bool
begin_stored(Deflated *deflated)
{
	unsigned len;
	unsigned check;
	unsigned pad;

	if (!take_bits(deflated, deflated->n_bits % 8, &pad) || !take_bits(deflated, 16, &len) ||
		!take_bits(deflated, 16, &check))
		return false;
	if (len != (check ^ 0xFFFF))
		return fail(deflated, DEFLATED_DAMAGED);
	/* what was taken ahead is given back */
	deflated->next -= deflated->n_bits / 8;
	deflated->bits = 0;
	deflated->n_bits = 0;
	deflated->stored = len;
	deflated->place = IN_STORED;
	return deflated->next <= deflated->end || fail(deflated, DEFLATED_SHORT);
}

static bool
begin_block(Deflated *deflated)
{
	unsigned head;

	if (!take_bits(deflated, 3, &head))
		return false;
	deflated->last = head & 1;
	deflated->place = IN_CODES;
	switch (head >> 1)
	{
		case 0:
			return begin_stored(deflated);
		case 1:
			return fixed_tables(deflated);
		case 2:
			return read_tables(deflated);
		default:
			return fail(deflated, DEFLATED_DAMAGED);
	}
}

static bool
end_block(Deflated *deflated)
{
	deflated->place = deflated->last ? AT_END : AT_BLOCK;
	return is_within(deflated);
}

/* As many of a stored block's bytes as are there and have room. */
static bool
copy_stored(Deflated *deflated)
{
	size_t room = WINDOW + OUT_SIZE - deflated->len;
	size_t n = deflated->stored < room ? deflated->stored : room;
	size_t left;

	if (n > 0 && deflated->next == deflated->end)
	{
		if (deflated->ended)
			return fail(deflated, DEFLATED_SHORT);
		if (!load(deflated))
			return false;
	}
	left = (size_t) (deflated->end - deflated->next);
	n = n < left ? n : left;
	memcpy(deflated->out + deflated->len, deflated->next, n);
	deflated->next += n;
	deflated->len += n;
	deflated->stored -= n;
	return deflated->stored > 0 || end_block(deflated);
}

/* Copies len bytes from that distance before to, by words: up to 15 bytes too many. */
static inline void
copy_match(unsigned char *to, size_t distance, size_t len)
{
	const unsigned char *from = to - distance;
	unsigned char		*end = to + len;

	if (distance >= 16)
	{
		for (; to < end; to += 16, from += 16)
			memcpy(to, from, 16);
	}
	else if (distance >= 8)
	{
		for (; to < end; to += 8, from += 8)
			memcpy(to, from, 8);
	}
	else if (distance == 1)
		memset(to, *from, len);
	else
	{
		while (to < end)
			*to++ = *from++;
	}
}

/* The entry that the next bits lead to; its code is taken. */
static inline Entry
take_entry(const Entry *table, unsigned table_bits, uint64_t *bits, unsigned *n_bits)
{
	Entry entry = table[*bits & ((1U << table_bits) - 1)];

	*bits >>= entry.code;
	*n_bits -= entry.code;
	if (__builtin_expect(entry.kind == ENTRY_PART, 0))
	{
		entry = table[entry.value + (*bits & ((1U << entry.bits) - 1))];
		*bits >>= entry.code;
		*n_bits -= entry.code;
	}
	return entry;
}

/* Its value with its extra bits, which are taken. */
static inline size_t
take_value(Entry entry, uint64_t *bits, unsigned *n_bits)
{
	size_t value = entry.value + (*bits & ((1U << entry.bits) - 1));

	*bits >>= entry.bits;
	*n_bits -= entry.bits;
	return value;
}

/* Puts out two literals, if there are; what comes then.  56 bits are enough, with 5 extra ones. */
static inline Entry
put_literals(const Entry *table, uint64_t *bits, unsigned *n_bits, unsigned char **out)
{
	Entry entry = take_entry(table, LENGTH_BITS, bits, n_bits);

	for (int i = 0; i < 2 && entry.kind == ENTRY_LITERAL; i++)
	{
		*(*out)++ = (unsigned char) entry.value;
		entry = take_entry(table, LENGTH_BITS, bits, n_bits);
	}
	return entry;
}

/* Puts out what the block's codes mean, up to its end or the end of the room. */
static bool
read_codes(Deflated *deflated)
{
	unsigned char		*out = deflated->out + deflated->len;
	unsigned char		*limit = deflated->out + WINDOW + OUT_SIZE;
	const unsigned char *start = deflated->out + (WINDOW - deflated->history);
	const unsigned char *next = deflated->next;
	uint64_t			 bits = deflated->bits;
	unsigned			 n_bits = deflated->n_bits;
	DeflatedStep		 failure = DEFLATED_GOT;
	bool				 ended = false;

	while (out < limit)
	{
		Entry  entry;
		size_t len;
		size_t distance;

		if (next + IN_TURN > deflated->end)
		{
			deflated->next = next;
			if (!load(deflated))
				return false;
			next = deflated->next;
		}
		fill(&bits, &n_bits, &next);
		entry = put_literals(deflated->lengths, &bits, &n_bits, &out);
		if (entry.kind == ENTRY_LITERAL)
		{
			*out++ = (unsigned char) entry.value;
			continue;
		}
		if (entry.kind != ENTRY_BASE)
		{
			ended = entry.kind == ENTRY_END;
			failure = ended ? DEFLATED_GOT : DEFLATED_DAMAGED;
			break;
		}
		len = take_value(entry, &bits, &n_bits);
		fill(&bits, &n_bits, &next);
		entry = take_entry(deflated->distances, DISTANCE_BITS, &bits, &n_bits);
		distance = take_value(entry, &bits, &n_bits);
		if (entry.kind != ENTRY_BASE || distance > (size_t) (out - start))
		{
			failure = DEFLATED_DAMAGED;
			break;
		}
		copy_match(out, distance, len);
		out += len;
	}
	deflated->next = next;
	deflated->bits = bits & ((UINT64_C(1) << n_bits) - 1);
	deflated->n_bits = n_bits;
	deflated->len = (size_t) (out - deflated->out);
	if (failure != DEFLATED_GOT)
		return fail(deflated, failure);
	return !ended || end_block(deflated);
}

/* ---- the stream ---- */

/* Makes room: what was given is history, of which the last bytes stay. */
static void
slide(Deflated *deflated)
{
	size_t given = deflated->len - WINDOW;
	size_t kept = deflated->history + given < WINDOW ? deflated->history + given : WINDOW;

	memmove(deflated->out + WINDOW - kept, deflated->out + deflated->len - kept, kept);
	deflated->history = kept;
	deflated->len = WINDOW;
}

static bool
go_on(Deflated *deflated)
{
	switch (deflated->place)
	{
		case AT_BLOCK:
			return begin_block(deflated);
		case IN_STORED:
			return copy_stored(deflated);
		case IN_CODES:
			return read_codes(deflated);
		case AT_END:
			break;
	}
	return false;
}

DeflatedStep
deflated_next(Deflated *deflated, Text *chunk)
{
	slide(deflated);
	while (deflated->failure == DEFLATED_GOT && deflated->place != AT_END &&
		   deflated->len < WINDOW + OUT_SIZE && go_on(deflated))
		;
	*chunk = (Text){(const char *) deflated->out + WINDOW, deflated->len - WINDOW};
	if (chunk->len > 0)
		return DEFLATED_GOT;
	if (deflated->failure == DEFLATED_GOT)
		return DEFLATED_END;
	/* zeros behind the end mislead */
	if (deflated->failure == DEFLATED_DAMAGED && deflated->ended && !is_within(deflated))
		return DEFLATED_SHORT;
	return deflated->failure;
}
