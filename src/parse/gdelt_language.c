/*
 * gdelt_language.c
 *	  Codes of languages: GDELT's translation info has ISO 639-2 and 639-3, the
 *	  documents of all kinds ISO 639-1.  Called by the readers and the filter.
 */
#include "parse/gdelt_parts.h"

#include <stdlib.h>
#include <string.h>

#define CODE_LENGTH 3

/*
 * Three letters of ISO 639-2 (T and B) or 639-3, then the two of ISO 639-1; in
 * order.  Standard Arabic, Mandarin and their like count as the languages that
 * ISO 639-3 has them in.
 */
static const char codes[][CODE_LENGTH + 3] = {
	"aaraa", "abkab", "afraf", "akaak", "albsq", "alssq", "amham", "araar", "arbar", "argan",
	"armhy", "asmas", "avaav", "aveae", "aymay", "azeaz", "azjaz", "bakba", "bambm", "baqeu",
	"belbe", "benbn", "bihbh", "bisbi", "bodbo", "bosbs", "brebr", "bulbg", "burmy", "catca",
	"cescs", "chach", "chece", "chizh", "chucu", "chvcv", "cmnzh", "corkw", "cosco", "crecr",
	"cymcy", "czecs", "danda", "deude", "divdv", "dutnl", "dzodz", "ekket", "ellel", "engen",
	"epoeo", "estet", "euseu", "eweee", "faofo", "fasfa", "fijfj", "finfi", "frafr", "frefr",
	"fryfy", "fulff", "geoka", "gerde", "glagd", "glega", "glggl", "glvgv", "greel", "grngn",
	"gujgu", "hatht", "hauha", "hbssh", "hebhe", "herhz", "hinhi", "hmoho", "hrvhr", "hunhu",
	"hyehy", "iboig", "iceis", "idoio", "iiiii", "ikuiu", "ileie", "inaia", "indid", "ipkik",
	"islis", "itait", "javjv", "jpnja", "kalkl", "kankn", "kasks", "katka", "kaukr", "kazkk",
	"khkmn", "khmkm", "kikki", "kinrw", "kirky", "komkv", "konkg", "korko", "kuakj", "kurku",
	"laolo", "latla", "lavlv", "limli", "linln", "litlt", "ltzlb", "lublu", "luglg", "lvslv",
	"macmk", "mahmh", "malml", "maomi", "marmr", "mayms", "mkdmk", "mlgmg", "mltmt", "monmn",
	"mrimi", "msams", "myamy", "nauna", "navnv", "nblnr", "ndend", "ndong", "nepne", "nldnl",
	"nnonn", "nobnb", "norno", "npine", "nyany", "ocioc", "ojioj", "orior", "ormom", "oryor",
	"ossos", "panpa", "pbups", "perfa", "pesfa", "plipi", "polpl", "porpt", "pusps", "quequ",
	"rohrm", "ronro", "rumro", "runrn", "rusru", "sagsg", "sansa", "sinsi", "slksk", "slosk",
	"slvsl", "smese", "smosm", "snasn", "sndsd", "somso", "sotst", "spaes", "sqisq", "srdsc",
	"srpsr", "sswss", "sunsu", "swasw", "swesv", "swhsw", "tahty", "tamta", "tattt", "telte",
	"tgktg", "tgltl", "thath", "tibbo", "tirti", "tonto", "tsntn", "tsots", "tuktk", "turtr",
	"twitw", "uigug", "ukruk", "urdur", "uzbuz", "uznuz", "venve", "vievi", "volvo", "welcy",
	"wlnwa", "wolwo", "xhoxh", "yddyi", "yidyi", "yoryo", "zhaza", "zhozh", "zsmms", "zulzu",
};

static int
compare_codes(const void *wanted, const void *code)
{
	return memcmp(wanted, code, CODE_LENGTH);
}

Text
gdelt_language(Text code)
{
	char		wanted[CODE_LENGTH];
	const char *found;

	if (code.len != CODE_LENGTH)
		return code;
	for (int i = 0; i < CODE_LENGTH; i++)
		wanted[i] = (char) (code.data[i] | 0x20);
	found = bsearch(wanted, codes, lengthof(codes), sizeof(codes[0]), compare_codes);
	return found == NULL ? code : (Text){found + CODE_LENGTH, 2};
}
