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
 * Hungarian; then German, Dutch and Scandinavian, the other Romance and the Slavic languages,
 * Finnish, Turkish, Indonesian and Arabic.  The first entry that fits counts.  The Greek
 * months 3 and 6 to 8 are there with the misspellings of a widespread weblog program.
 */
static const DateWord vocabulary[] = {
	{"mar", WORD_MAR, 3, true},
	{"mard", WORD_WEEKDAY, 0, false},
	{"marte", WORD_WEEKDAY, 0, false},
	{"maand", WORD_WEEKDAY, 0, false},
	{"marras", WORD_MONTH, 11, false},

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

	{"mo", WORD_WEEKDAY, 0, true},
	{"di", WORD_WEEKDAY, 0, true},
	{"mi", WORD_WEEKDAY, 0, true},
	{"do", WORD_WEEKDAY, 0, true},
	{"fr", WORD_WEEKDAY, 0, true},
	{"sa", WORD_WEEKDAY, 0, true},
	{"so", WORD_WEEKDAY, 0, true},
	{"ma", WORD_WEEKDAY, 0, true},
	{"wo", WORD_WEEKDAY, 0, true},
	{"vr", WORD_WEEKDAY, 0, true},
	{"za", WORD_WEEKDAY, 0, true},
	{"zo", WORD_WEEKDAY, 0, true},
	{"dien", WORD_WEEKDAY, 0, false},
	{"mitt", WORD_WEEKDAY, 0, false},
	{"don", WORD_WEEKDAY, 0, false},
	{"fre", WORD_WEEKDAY, 0, false},
	{"son", WORD_WEEKDAY, 0, false},
	{"din", WORD_WEEKDAY, 0, false},
	{"woe", WORD_WEEKDAY, 0, false},
	{"vri", WORD_WEEKDAY, 0, false},
	{"zat", WORD_WEEKDAY, 0, false},
	{"zon", WORD_WEEKDAY, 0, false},
	{"mand", WORD_WEEKDAY, 0, false},
	{"mån", WORD_WEEKDAY, 0, false},
	{"tis", WORD_WEEKDAY, 0, false},
	{"tir", WORD_WEEKDAY, 0, false},
	{"ons", WORD_WEEKDAY, 0, false},
	{"tor", WORD_WEEKDAY, 0, false},
	{"lör", WORD_WEEKDAY, 0, false},
	{"lør", WORD_WEEKDAY, 0, false},
	{"sön", WORD_WEEKDAY, 0, false},
	{"søn", WORD_WEEKDAY, 0, false},
	{"jän", WORD_MONTH, 1, false},
	{"mär", WORD_MONTH, 3, false},
	{"mrz", WORD_MONTH, 3, false},
	{"mrt", WORD_MONTH, 3, false},
	{"maa", WORD_MONTH, 3, false},
	{"maj", WORD_MONTH, 5, false},
	{"mei", WORD_MONTH, 5, false},
	{"des", WORD_MONTH, 12, false},
	{"dez", WORD_MONTH, 12, false},

	{"jue", WORD_WEEKDAY, 0, false},
	{"vie", WORD_WEEKDAY, 0, false},
	{"mié", WORD_WEEKDAY, 0, false},
	{"sáb", WORD_WEEKDAY, 0, false},
	{"sab", WORD_WEEKDAY, 0, false},
	{"dom", WORD_WEEKDAY, 0, false},
	{"gio", WORD_WEEKDAY, 0, false},
	{"seg", WORD_WEEKDAY, 0, false},
	{"ter", WORD_WEEKDAY, 0, false},
	{"qua", WORD_WEEKDAY, 0, false},
	{"qui", WORD_WEEKDAY, 0, false},
	{"sex", WORD_WEEKDAY, 0, false},
	{"ene", WORD_MONTH, 1, false},
	{"gen", WORD_MONTH, 1, false},
	{"ian", WORD_MONTH, 1, false},
	{"abr", WORD_MONTH, 4, false},
	{"mag", WORD_MONTH, 5, false},
	{"giu", WORD_MONTH, 6, false},
	{"iun", WORD_MONTH, 6, false},
	{"lug", WORD_MONTH, 7, false},
	{"iul", WORD_MONTH, 7, false},
	{"ago", WORD_MONTH, 8, false},
	{"set", WORD_MONTH, 9, false},
	{"ott", WORD_MONTH, 10, false},
	{"out", WORD_MONTH, 10, false},
	{"noiem", WORD_MONTH, 11, false},
	{"dic", WORD_MONTH, 12, false},

	{"пн", WORD_WEEKDAY, 0, true},
	{"вт", WORD_WEEKDAY, 0, true},
	{"ср", WORD_WEEKDAY, 0, true},
	{"чт", WORD_WEEKDAY, 0, true},
	{"пт", WORD_WEEKDAY, 0, true},
	{"сб", WORD_WEEKDAY, 0, true},
	{"вс", WORD_WEEKDAY, 0, true},
	{"пон", WORD_WEEKDAY, 0, false},
	{"вто", WORD_WEEKDAY, 0, false},
	{"сред", WORD_WEEKDAY, 0, false},
	{"чет", WORD_WEEKDAY, 0, false},
	{"пят", WORD_WEEKDAY, 0, false},
	{"суб", WORD_WEEKDAY, 0, false},
	{"вос", WORD_WEEKDAY, 0, false},
	{"pon", WORD_WEEKDAY, 0, false},
	{"wto", WORD_WEEKDAY, 0, false},
	{"śro", WORD_WEEKDAY, 0, false},
	{"czw", WORD_WEEKDAY, 0, false},
	{"pią", WORD_WEEKDAY, 0, false},
	{"sob", WORD_WEEKDAY, 0, false},
	{"niedz", WORD_WEEKDAY, 0, false},
	{"янв", WORD_MONTH, 1, false},
	{"фев", WORD_MONTH, 2, false},
	{"мар", WORD_MONTH, 3, false},
	{"апр", WORD_MONTH, 4, false},
	{"мая", WORD_MONTH, 5, false},
	{"май", WORD_MONTH, 5, false},
	{"июн", WORD_MONTH, 6, false},
	{"июл", WORD_MONTH, 7, false},
	{"авг", WORD_MONTH, 8, false},
	{"сен", WORD_MONTH, 9, false},
	{"окт", WORD_MONTH, 10, false},
	{"ноя", WORD_MONTH, 11, false},
	{"дек", WORD_MONTH, 12, false},
	{"січ", WORD_MONTH, 1, false},
	{"лют", WORD_MONTH, 2, false},
	{"берез", WORD_MONTH, 3, false},
	{"квіт", WORD_MONTH, 4, false},
	{"трав", WORD_MONTH, 5, false},
	{"черв", WORD_MONTH, 6, false},
	{"лип", WORD_MONTH, 7, false},
	{"серп", WORD_MONTH, 8, false},
	{"верес", WORD_MONTH, 9, false},
	{"жовт", WORD_MONTH, 10, false},
	{"листоп", WORD_MONTH, 11, false},
	{"груд", WORD_MONTH, 12, false},
	{"sty", WORD_MONTH, 1, false},
	{"lut", WORD_MONTH, 2, false},
	{"kwi", WORD_MONTH, 4, false},
	{"cze", WORD_MONTH, 6, false},
	{"lip", WORD_MONTH, 7, false},
	{"sie", WORD_MONTH, 8, false},
	{"wrz", WORD_MONTH, 9, false},
	{"paź", WORD_MONTH, 10, false},
	{"lis", WORD_MONTH, 11, false},
	{"gru", WORD_MONTH, 12, false},
	{"led", WORD_MONTH, 1, false},
	{"úno", WORD_MONTH, 2, false},
	{"bře", WORD_MONTH, 3, false},
	{"dub", WORD_MONTH, 4, false},
	{"kvě", WORD_MONTH, 5, false},
	{"červenc", WORD_MONTH, 7, false},
	{"červ", WORD_MONTH, 6, false},
	{"srp", WORD_MONTH, 8, false},
	{"zář", WORD_MONTH, 9, false},
	{"říj", WORD_MONTH, 10, false},
	{"pros", WORD_MONTH, 12, false},

	{"tammi", WORD_MONTH, 1, false},
	{"helmi", WORD_MONTH, 2, false},
	{"huhti", WORD_MONTH, 4, false},
	{"touko", WORD_MONTH, 5, false},
	{"kesä", WORD_MONTH, 6, false},
	{"heinä", WORD_MONTH, 7, false},
	{"elo", WORD_MONTH, 8, false},
	{"syys", WORD_MONTH, 9, false},
	{"loka", WORD_MONTH, 10, false},
	{"joulu", WORD_MONTH, 12, false},
	{"oca", WORD_MONTH, 1, false},
	{"şub", WORD_MONTH, 2, false},
	{"nis", WORD_MONTH, 4, false},
	{"haz", WORD_MONTH, 6, false},
	{"tem", WORD_MONTH, 7, false},
	{"ağu", WORD_MONTH, 8, false},
	{"eyl", WORD_MONTH, 9, false},
	{"eki", WORD_MONTH, 10, false},
	{"kas", WORD_MONTH, 11, false},
	{"ara", WORD_MONTH, 12, false},
	{"agu", WORD_MONTH, 8, false},
	{"يناير", WORD_MONTH, 1, false},
	{"فبراير", WORD_MONTH, 2, false},
	{"مارس", WORD_MONTH, 3, false},
	{"أبريل", WORD_MONTH, 4, false},
	{"ابريل", WORD_MONTH, 4, false},
	{"مايو", WORD_MONTH, 5, false},
	{"يونيو", WORD_MONTH, 6, false},
	{"يوليو", WORD_MONTH, 7, false},
	{"أغسطس", WORD_MONTH, 8, false},
	{"اغسطس", WORD_MONTH, 8, false},
	{"سبتمبر", WORD_MONTH, 9, false},
	{"أكتوبر", WORD_MONTH, 10, false},
	{"اكتوبر", WORD_MONTH, 10, false},
	{"نوفمبر", WORD_MONTH, 11, false},
	{"ديسمبر", WORD_MONTH, 12, false},

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
	{"de", WORD_FILLER, 0, true},
	{"del", WORD_FILLER, 0, true},
	{"den", WORD_FILLER, 0, true},
	{"um", WORD_FILLER, 0, true},
	{"kl", WORD_FILLER, 0, true},
	{"г", WORD_FILLER, 0, true},
	{"года", WORD_FILLER, 0, true},
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
		if ((codepoint >= 0xC0 && codepoint <= 0xDE) ||
			(codepoint >= 0x391 && codepoint <= 0x3A9) ||
			(codepoint >= 0x410 && codepoint <= 0x42F))
			codepoint += 0x20;
		else if ((codepoint >= 0x100 && codepoint <= 0x137) ||
				 (codepoint >= 0x14A && codepoint <= 0x177))
			codepoint |= 1;
		else if (codepoint >= 0x179 && codepoint <= 0x17E)
			codepoint += codepoint & 1;
		word[i] = (char) (0xC0 | codepoint >> 6);
		word[i + 1] = (char) (0x80 | (codepoint & 0x3F));
		i++;
	}
}

const DateWord *
date_word(Text word)
{
	for (size_t i = 0; i < lengthof(vocabulary); i++)
	{
		const DateWord *entry = &vocabulary[i];
		size_t			len;

		if (word.len == 0 || entry->name[0] != word.data[0])
			continue;
		len = strlen(entry->name);
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
