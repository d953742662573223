/*
 * date_words.c
 *	  The words in dates: days, months, halves of the day, zones.
 *
 * Tables, and looking them up.  They are short, and a text has few words, so
 * they are gone through from the top; where entries overlap, the order tells.
 */
#include "parse/date_words.h"

#include <string.h>

#define SECONDS_PER_HOUR 3600

/*
 * English (three letters decide, as in all mail software), French, Greek and
 * Hungarian.  The first entry that fits counts.  The Greek months 3 and 6 to 8
 * are there with the misspellings of a widespread weblog program.
 */
static const DateWord vocabulary[] = {
	{"mar", WORD_MAR, 3, true},
	{"mard", WORD_WEEKDAY, 0, false},

	{"mon", WORD_WEEKDAY, 0, false},
	{"tue", WORD_WEEKDAY, 0, false},
	{"wed", WORD_WEEKDAY, 0, false},
	{"thu", WORD_WEEKDAY, 0, false},
	{"fri", WORD_WEEKDAY, 0, false},
	{"sat", WORD_WEEKDAY, 0, false},
	{"sun", WORD_WEEKDAY, 0, false},
	{"jan", WORD_MONTH, 1, false},
	{"feb", WORD_MONTH, 2, false},
	{"mar", WORD_MONTH, 3, false},
	{"apr", WORD_MONTH, 4, false},
	{"may", WORD_MONTH, 5, false},
	{"jun", WORD_MONTH, 6, false},
	{"jul", WORD_MONTH, 7, false},
	{"aug", WORD_MONTH, 8, false},
	{"sep", WORD_MONTH, 9, false},
	{"oct", WORD_MONTH, 10, false},
	{"nov", WORD_MONTH, 11, false},
	{"dec", WORD_MONTH, 12, false},

	{"lun", WORD_WEEKDAY, 0, false},
	{"mer", WORD_WEEKDAY, 0, false},
	{"jeu", WORD_WEEKDAY, 0, false},
	{"ven", WORD_WEEKDAY, 0, false},
	{"sam", WORD_WEEKDAY, 0, false},
	{"dim", WORD_WEEKDAY, 0, false},
	{"fév", WORD_MONTH, 2, false},
	{"fev", WORD_MONTH, 2, false},
	{"avr", WORD_MONTH, 4, false},
	{"mai", WORD_MONTH, 5, false},
	{"juin", WORD_MONTH, 6, false},
	{"juil", WORD_MONTH, 7, false},
	{"aoû", WORD_MONTH, 8, false},
	{"aou", WORD_MONTH, 8, false},
	{"déc", WORD_MONTH, 12, false},

	{"δευ", WORD_WEEKDAY, 0, false},
	{"τρι", WORD_WEEKDAY, 0, false},
	{"τρί", WORD_WEEKDAY, 0, false},
	{"τετ", WORD_WEEKDAY, 0, false},
	{"πεμ", WORD_WEEKDAY, 0, false},
	{"πέμ", WORD_WEEKDAY, 0, false},
	{"παρ", WORD_WEEKDAY, 0, false},
	{"σαβ", WORD_WEEKDAY, 0, false},
	{"σάβ", WORD_WEEKDAY, 0, false},
	{"κυρ", WORD_WEEKDAY, 0, false},
	{"ιαν", WORD_MONTH, 1, false},
	{"φεβ", WORD_MONTH, 2, false},
	{"μαρ", WORD_MONTH, 3, false},
	{"μάρ", WORD_MONTH, 3, false},
	{"μαώ", WORD_MONTH, 3, false},
	{"μάώ", WORD_MONTH, 3, false},
	{"απρ", WORD_MONTH, 4, false},
	{"μαι", WORD_MONTH, 5, false},
	{"μάι", WORD_MONTH, 5, false},
	{"μαϊ", WORD_MONTH, 5, false},
	{"μαΐ", WORD_MONTH, 5, false},
	{"ιουν", WORD_MONTH, 6, false},
	{"ιούν", WORD_MONTH, 6, false},
	{"ιον", WORD_MONTH, 6, false},
	{"ιουλ", WORD_MONTH, 7, false},
	{"ιούλ", WORD_MONTH, 7, false},
	{"ιολ", WORD_MONTH, 7, false},
	{"αυγ", WORD_MONTH, 8, false},
	{"αύγ", WORD_MONTH, 8, false},
	{"σεπ", WORD_MONTH, 9, false},
	{"οκτ", WORD_MONTH, 10, false},
	{"νοε", WORD_MONTH, 11, false},
	{"νοέ", WORD_MONTH, 11, false},
	{"δεκ", WORD_MONTH, 12, false},

	{"már", WORD_MONTH, 3, false},
	{"ápr", WORD_MONTH, 4, false},
	{"máj", WORD_MONTH, 5, false},
	{"jún", WORD_MONTH, 6, false},
	{"júl", WORD_MONTH, 7, false},
	{"szep", WORD_MONTH, 9, false},
	{"okt", WORD_MONTH, 10, false},

	{"am", WORD_MERIDIEM, 0, true},
	{"pm", WORD_MERIDIEM, 12, true},
	{"\xEC\x98\xA4\xEC\xA0\x84", WORD_KOREAN_MERIDIEM, 0, true},
	{"\xEC\x98\xA4\xED\x9B\x84", WORD_KOREAN_MERIDIEM, 12, true},

	{"st", WORD_FILLER, 0, true},
	{"nd", WORD_FILLER, 0, true},
	{"rd", WORD_FILLER, 0, true},
	{"th", WORD_FILLER, 0, true},
	{"er", WORD_FILLER, 0, true},
	{"at", WORD_FILLER, 0, true},
	{"of", WORD_FILLER, 0, true},
	{"le", WORD_FILLER, 0, true},
	{"à", WORD_FILLER, 0, true},
};

/*
 * Zones by name: those of RFC 822, 5.1 (with the four military letters that it
 * explains), the North American ones without their season, and Europe's.
 */
static const struct
{
	const char *name;
	int			hours; /* east of UTC */
} zones[] = {
	{"ut", 0},	 {"utc", 0},  {"gmt", 0},  {"z", 0},	{"at", -4},	 {"ast", -4}, {"adt", -3},
	{"et", -5},	 {"est", -5}, {"edt", -4}, {"ct", -6},	{"cst", -6}, {"cdt", -5}, {"mt", -7},
	{"mst", -7}, {"mdt", -6}, {"pt", -8},  {"pst", -8}, {"pdt", -7}, {"a", -1},	  {"m", -12},
	{"n", 1},	 {"y", 12},	  {"wet", 0},  {"west", 1}, {"bst", 1},	 {"met", 1},  {"mest", 2},
	{"cet", 1},	 {"cest", 2}, {"mez", 1},  {"mesz", 2}, {"eet", 2},	 {"eest", 3}, {"msk", 3},
};

void
date_fold(char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
	{
		unsigned char first = (unsigned char) word[i];
		unsigned	  codepoint;

		if (first >= 'A' && first <= 'Z')
			word[i] |= 0x20;
		if ((first & 0xE0) != 0xC0 || i + 1 == len)
			continue;
		codepoint = (first & 0x1Fu) << 6 | ((unsigned char) word[i + 1] & 0x3Fu);
		if ((codepoint >= 0xC0 && codepoint <= 0xDE) || (codepoint >= 0x391 && codepoint <= 0x3A9))
		{
			codepoint += 0x20;
			word[i] = (char) (0xC0 | codepoint >> 6);
			word[i + 1] = (char) (0x80 | (codepoint & 0x3F));
		}
		i++;
	}
}

const DateWord *
date_word(Text word)
{
	for (size_t i = 0; i < lengthof(vocabulary); i++)
	{
		const DateWord *entry = &vocabulary[i];
		size_t			len = strlen(entry->name);

		if ((entry->exact ? word.len == len : word.len >= len) &&
			memcmp(word.data, entry->name, len) == 0)
			return entry;
	}
	return NULL;
}

bool
date_zone(Text word, int *offset)
{
	for (size_t i = 0; i < lengthof(zones); i++)
	{
		if (text_is(word, zones[i].name))
		{
			*offset = zones[i].hours * SECONDS_PER_HOUR;
			return true;
		}
	}
	return false;
}
