/*
 * entities.c
 *	  The named character references of HTML (Living Standard, section 13.5).
 *
 * One string holds them all, in the byte order of their names: the name, a
 * byte that is 1 for the old names that may come without a semicolon, the
 * UTF-8 text it stands for, a zero byte.  It needs no relocation, and a process
 * that meets no reference never touches its pages.
 *
 * The table is Python's html.entities.html5, sorted by name and cut into lines;
 * test_html_text.c compares it with samples of the standard.
 */
#include "parse/entities.h"

#include <stdint.h>
#include <string.h>

#define NAME_LONGEST 31	   /* CounterClockwiseContourIntegral */
#define OLD_NAME_LONGEST 6 /* Aacute and its like */
#define OLD_NAME_SHORTEST 2

/* clang-format off */
static const char named_references[] =
	"AElig\1\303\206\0AMP\1&\0Aacute\1\303\201\0Abreve\0\304\202\0Acirc\1\303\202\0"
	"Acy\0\320\220\0Afr\0\360\235\224\204\0Agrave\1\303\200\0Alpha\0\316\221\0Amacr\0\304\200\0"
	"And\0\342\251\223\0Aogon\0\304\204\0Aopf\0\360\235\224\270\0ApplyFunction\0\342\201\241\0"
	"Aring\1\303\205\0Ascr\0\360\235\222\234\0Assign\0\342\211\224\0Atilde\1\303\203\0"
	"Auml\1\303\204\0Backslash\0\342\210\226\0Barv\0\342\253\247\0Barwed\0\342\214\206\0"
	"Bcy\0\320\221\0Because\0\342\210\265\0Bernoullis\0\342\204\254\0Beta\0\316\222\0"
	"Bfr\0\360\235\224\205\0Bopf\0\360\235\224\271\0Breve\0\313\230\0Bscr\0\342\204\254\0"
	"Bumpeq\0\342\211\216\0CHcy\0\320\247\0COPY\1\302\251\0Cacute\0\304\206\0Cap\0\342\213\222\0"
	"CapitalDifferentialD\0\342\205\205\0Cayleys\0\342\204\255\0Ccaron\0\304\214\0"
	"Ccedil\1\303\207\0Ccirc\0\304\210\0Cconint\0\342\210\260\0Cdot\0\304\212\0"
	"Cedilla\0\302\270\0CenterDot\0\302\267\0Cfr\0\342\204\255\0Chi\0\316\247\0"
	"CircleDot\0\342\212\231\0CircleMinus\0\342\212\226\0CirclePlus\0\342\212\225\0"
	"CircleTimes\0\342\212\227\0ClockwiseContourIntegral\0\342\210\262\0"
	"CloseCurlyDoubleQuote\0\342\200\235\0CloseCurlyQuote\0\342\200\231\0Colon\0\342\210\267\0"
	"Colone\0\342\251\264\0Congruent\0\342\211\241\0Conint\0\342\210\257\0"
	"ContourIntegral\0\342\210\256\0Copf\0\342\204\202\0Coproduct\0\342\210\220\0"
	"CounterClockwiseContourIntegral\0\342\210\263\0Cross\0\342\250\257\0Cscr\0\360\235\222\236\0"
	"Cup\0\342\213\223\0CupCap\0\342\211\215\0DD\0\342\205\205\0DDotrahd\0\342\244\221\0"
	"DJcy\0\320\202\0DScy\0\320\205\0DZcy\0\320\217\0Dagger\0\342\200\241\0Darr\0\342\206\241\0"
	"Dashv\0\342\253\244\0Dcaron\0\304\216\0Dcy\0\320\224\0Del\0\342\210\207\0Delta\0\316\224\0"
	"Dfr\0\360\235\224\207\0DiacriticalAcute\0\302\264\0DiacriticalDot\0\313\231\0"
	"DiacriticalDoubleAcute\0\313\235\0DiacriticalGrave\0`\0DiacriticalTilde\0\313\234\0"
	"Diamond\0\342\213\204\0DifferentialD\0\342\205\206\0Dopf\0\360\235\224\273\0Dot\0\302\250\0"
	"DotDot\0\342\203\234\0DotEqual\0\342\211\220\0DoubleContourIntegral\0\342\210\257\0"
	"DoubleDot\0\302\250\0DoubleDownArrow\0\342\207\223\0DoubleLeftArrow\0\342\207\220\0"
	"DoubleLeftRightArrow\0\342\207\224\0DoubleLeftTee\0\342\253\244\0"
	"DoubleLongLeftArrow\0\342\237\270\0DoubleLongLeftRightArrow\0\342\237\272\0"
	"DoubleLongRightArrow\0\342\237\271\0DoubleRightArrow\0\342\207\222\0"
	"DoubleRightTee\0\342\212\250\0DoubleUpArrow\0\342\207\221\0DoubleUpDownArrow\0\342\207\225\0"
	"DoubleVerticalBar\0\342\210\245\0DownArrow\0\342\206\223\0DownArrowBar\0\342\244\223\0"
	"DownArrowUpArrow\0\342\207\265\0DownBreve\0\314\221\0DownLeftRightVector\0\342\245\220\0"
	"DownLeftTeeVector\0\342\245\236\0DownLeftVector\0\342\206\275\0"
	"DownLeftVectorBar\0\342\245\226\0DownRightTeeVector\0\342\245\237\0"
	"DownRightVector\0\342\207\201\0DownRightVectorBar\0\342\245\227\0DownTee\0\342\212\244\0"
	"DownTeeArrow\0\342\206\247\0Downarrow\0\342\207\223\0Dscr\0\360\235\222\237\0"
	"Dstrok\0\304\220\0ENG\0\305\212\0ETH\1\303\220\0Eacute\1\303\211\0Ecaron\0\304\232\0"
	"Ecirc\1\303\212\0Ecy\0\320\255\0Edot\0\304\226\0Efr\0\360\235\224\210\0Egrave\1\303\210\0"
	"Element\0\342\210\210\0Emacr\0\304\222\0EmptySmallSquare\0\342\227\273\0"
	"EmptyVerySmallSquare\0\342\226\253\0Eogon\0\304\230\0Eopf\0\360\235\224\274\0"
	"Epsilon\0\316\225\0Equal\0\342\251\265\0EqualTilde\0\342\211\202\0"
	"Equilibrium\0\342\207\214\0Escr\0\342\204\260\0Esim\0\342\251\263\0Eta\0\316\227\0"
	"Euml\1\303\213\0Exists\0\342\210\203\0ExponentialE\0\342\205\207\0Fcy\0\320\244\0"
	"Ffr\0\360\235\224\211\0FilledSmallSquare\0\342\227\274\0"
	"FilledVerySmallSquare\0\342\226\252\0Fopf\0\360\235\224\275\0ForAll\0\342\210\200\0"
	"Fouriertrf\0\342\204\261\0Fscr\0\342\204\261\0GJcy\0\320\203\0GT\1>\0Gamma\0\316\223\0"
	"Gammad\0\317\234\0Gbreve\0\304\236\0Gcedil\0\304\242\0Gcirc\0\304\234\0Gcy\0\320\223\0"
	"Gdot\0\304\240\0Gfr\0\360\235\224\212\0Gg\0\342\213\231\0Gopf\0\360\235\224\276\0"
	"GreaterEqual\0\342\211\245\0GreaterEqualLess\0\342\213\233\0GreaterFullEqual\0\342\211\247\0"
	"GreaterGreater\0\342\252\242\0GreaterLess\0\342\211\267\0GreaterSlantEqual\0\342\251\276\0"
	"GreaterTilde\0\342\211\263\0Gscr\0\360\235\222\242\0Gt\0\342\211\253\0HARDcy\0\320\252\0"
	"Hacek\0\313\207\0Hat\0^\0Hcirc\0\304\244\0Hfr\0\342\204\214\0HilbertSpace\0\342\204\213\0"
	"Hopf\0\342\204\215\0HorizontalLine\0\342\224\200\0Hscr\0\342\204\213\0Hstrok\0\304\246\0"
	"HumpDownHump\0\342\211\216\0HumpEqual\0\342\211\217\0IEcy\0\320\225\0IJlig\0\304\262\0"
	"IOcy\0\320\201\0Iacute\1\303\215\0Icirc\1\303\216\0Icy\0\320\230\0Idot\0\304\260\0"
	"Ifr\0\342\204\221\0Igrave\1\303\214\0Im\0\342\204\221\0Imacr\0\304\252\0"
	"ImaginaryI\0\342\205\210\0Implies\0\342\207\222\0Int\0\342\210\254\0Integral\0\342\210\253\0"
	"Intersection\0\342\213\202\0InvisibleComma\0\342\201\243\0InvisibleTimes\0\342\201\242\0"
	"Iogon\0\304\256\0Iopf\0\360\235\225\200\0Iota\0\316\231\0Iscr\0\342\204\220\0"
	"Itilde\0\304\250\0Iukcy\0\320\206\0Iuml\1\303\217\0Jcirc\0\304\264\0Jcy\0\320\231\0"
	"Jfr\0\360\235\224\215\0Jopf\0\360\235\225\201\0Jscr\0\360\235\222\245\0Jsercy\0\320\210\0"
	"Jukcy\0\320\204\0KHcy\0\320\245\0KJcy\0\320\214\0Kappa\0\316\232\0Kcedil\0\304\266\0"
	"Kcy\0\320\232\0Kfr\0\360\235\224\216\0Kopf\0\360\235\225\202\0Kscr\0\360\235\222\246\0"
	"LJcy\0\320\211\0LT\1<\0Lacute\0\304\271\0Lambda\0\316\233\0Lang\0\342\237\252\0"
	"Laplacetrf\0\342\204\222\0Larr\0\342\206\236\0Lcaron\0\304\275\0Lcedil\0\304\273\0"
	"Lcy\0\320\233\0LeftAngleBracket\0\342\237\250\0LeftArrow\0\342\206\220\0"
	"LeftArrowBar\0\342\207\244\0LeftArrowRightArrow\0\342\207\206\0LeftCeiling\0\342\214\210\0"
	"LeftDoubleBracket\0\342\237\246\0LeftDownTeeVector\0\342\245\241\0"
	"LeftDownVector\0\342\207\203\0LeftDownVectorBar\0\342\245\231\0LeftFloor\0\342\214\212\0"
	"LeftRightArrow\0\342\206\224\0LeftRightVector\0\342\245\216\0LeftTee\0\342\212\243\0"
	"LeftTeeArrow\0\342\206\244\0LeftTeeVector\0\342\245\232\0LeftTriangle\0\342\212\262\0"
	"LeftTriangleBar\0\342\247\217\0LeftTriangleEqual\0\342\212\264\0"
	"LeftUpDownVector\0\342\245\221\0LeftUpTeeVector\0\342\245\240\0LeftUpVector\0\342\206\277\0"
	"LeftUpVectorBar\0\342\245\230\0LeftVector\0\342\206\274\0LeftVectorBar\0\342\245\222\0"
	"Leftarrow\0\342\207\220\0Leftrightarrow\0\342\207\224\0LessEqualGreater\0\342\213\232\0"
	"LessFullEqual\0\342\211\246\0LessGreater\0\342\211\266\0LessLess\0\342\252\241\0"
	"LessSlantEqual\0\342\251\275\0LessTilde\0\342\211\262\0Lfr\0\360\235\224\217\0"
	"Ll\0\342\213\230\0Lleftarrow\0\342\207\232\0Lmidot\0\304\277\0LongLeftArrow\0\342\237\265\0"
	"LongLeftRightArrow\0\342\237\267\0LongRightArrow\0\342\237\266\0"
	"Longleftarrow\0\342\237\270\0Longleftrightarrow\0\342\237\272\0"
	"Longrightarrow\0\342\237\271\0Lopf\0\360\235\225\203\0LowerLeftArrow\0\342\206\231\0"
	"LowerRightArrow\0\342\206\230\0Lscr\0\342\204\222\0Lsh\0\342\206\260\0Lstrok\0\305\201\0"
	"Lt\0\342\211\252\0Map\0\342\244\205\0Mcy\0\320\234\0MediumSpace\0\342\201\237\0"
	"Mellintrf\0\342\204\263\0Mfr\0\360\235\224\220\0MinusPlus\0\342\210\223\0"
	"Mopf\0\360\235\225\204\0Mscr\0\342\204\263\0Mu\0\316\234\0NJcy\0\320\212\0Nacute\0\305\203\0"
	"Ncaron\0\305\207\0Ncedil\0\305\205\0Ncy\0\320\235\0NegativeMediumSpace\0\342\200\213\0"
	"NegativeThickSpace\0\342\200\213\0NegativeThinSpace\0\342\200\213\0"
	"NegativeVeryThinSpace\0\342\200\213\0NestedGreaterGreater\0\342\211\253\0"
	"NestedLessLess\0\342\211\252\0NewLine\0\012\0Nfr\0\360\235\224\221\0NoBreak\0\342\201\240\0"
	"NonBreakingSpace\0\302\240\0Nopf\0\342\204\225\0Not\0\342\253\254\0"
	"NotCongruent\0\342\211\242\0NotCupCap\0\342\211\255\0NotDoubleVerticalBar\0\342\210\246\0"
	"NotElement\0\342\210\211\0NotEqual\0\342\211\240\0NotEqualTilde\0\342\211\202\314\270\0"
	"NotExists\0\342\210\204\0NotGreater\0\342\211\257\0NotGreaterEqual\0\342\211\261\0"
	"NotGreaterFullEqual\0\342\211\247\314\270\0NotGreaterGreater\0\342\211\253\314\270\0"
	"NotGreaterLess\0\342\211\271\0NotGreaterSlantEqual\0\342\251\276\314\270\0"
	"NotGreaterTilde\0\342\211\265\0NotHumpDownHump\0\342\211\216\314\270\0"
	"NotHumpEqual\0\342\211\217\314\270\0NotLeftTriangle\0\342\213\252\0"
	"NotLeftTriangleBar\0\342\247\217\314\270\0NotLeftTriangleEqual\0\342\213\254\0"
	"NotLess\0\342\211\256\0NotLessEqual\0\342\211\260\0NotLessGreater\0\342\211\270\0"
	"NotLessLess\0\342\211\252\314\270\0NotLessSlantEqual\0\342\251\275\314\270\0"
	"NotLessTilde\0\342\211\264\0NotNestedGreaterGreater\0\342\252\242\314\270\0"
	"NotNestedLessLess\0\342\252\241\314\270\0NotPrecedes\0\342\212\200\0"
	"NotPrecedesEqual\0\342\252\257\314\270\0NotPrecedesSlantEqual\0\342\213\240\0"
	"NotReverseElement\0\342\210\214\0NotRightTriangle\0\342\213\253\0"
	"NotRightTriangleBar\0\342\247\220\314\270\0NotRightTriangleEqual\0\342\213\255\0"
	"NotSquareSubset\0\342\212\217\314\270\0NotSquareSubsetEqual\0\342\213\242\0"
	"NotSquareSuperset\0\342\212\220\314\270\0NotSquareSupersetEqual\0\342\213\243\0"
	"NotSubset\0\342\212\202\342\203\222\0NotSubsetEqual\0\342\212\210\0"
	"NotSucceeds\0\342\212\201\0NotSucceedsEqual\0\342\252\260\314\270\0"
	"NotSucceedsSlantEqual\0\342\213\241\0NotSucceedsTilde\0\342\211\277\314\270\0"
	"NotSuperset\0\342\212\203\342\203\222\0NotSupersetEqual\0\342\212\211\0"
	"NotTilde\0\342\211\201\0NotTildeEqual\0\342\211\204\0NotTildeFullEqual\0\342\211\207\0"
	"NotTildeTilde\0\342\211\211\0NotVerticalBar\0\342\210\244\0Nscr\0\360\235\222\251\0"
	"Ntilde\1\303\221\0Nu\0\316\235\0OElig\0\305\222\0Oacute\1\303\223\0Ocirc\1\303\224\0"
	"Ocy\0\320\236\0Odblac\0\305\220\0Ofr\0\360\235\224\222\0Ograve\1\303\222\0Omacr\0\305\214\0"
	"Omega\0\316\251\0Omicron\0\316\237\0Oopf\0\360\235\225\206\0"
	"OpenCurlyDoubleQuote\0\342\200\234\0OpenCurlyQuote\0\342\200\230\0Or\0\342\251\224\0"
	"Oscr\0\360\235\222\252\0Oslash\1\303\230\0Otilde\1\303\225\0Otimes\0\342\250\267\0"
	"Ouml\1\303\226\0OverBar\0\342\200\276\0OverBrace\0\342\217\236\0OverBracket\0\342\216\264\0"
	"OverParenthesis\0\342\217\234\0PartialD\0\342\210\202\0Pcy\0\320\237\0"
	"Pfr\0\360\235\224\223\0Phi\0\316\246\0Pi\0\316\240\0PlusMinus\0\302\261\0"
	"Poincareplane\0\342\204\214\0Popf\0\342\204\231\0Pr\0\342\252\273\0Precedes\0\342\211\272\0"
	"PrecedesEqual\0\342\252\257\0PrecedesSlantEqual\0\342\211\274\0PrecedesTilde\0\342\211\276\0"
	"Prime\0\342\200\263\0Product\0\342\210\217\0Proportion\0\342\210\267\0"
	"Proportional\0\342\210\235\0Pscr\0\360\235\222\253\0Psi\0\316\250\0QUOT\1\042\0"
	"Qfr\0\360\235\224\224\0Qopf\0\342\204\232\0Qscr\0\360\235\222\254\0RBarr\0\342\244\220\0"
	"REG\1\302\256\0Racute\0\305\224\0Rang\0\342\237\253\0Rarr\0\342\206\240\0"
	"Rarrtl\0\342\244\226\0Rcaron\0\305\230\0Rcedil\0\305\226\0Rcy\0\320\240\0Re\0\342\204\234\0"
	"ReverseElement\0\342\210\213\0ReverseEquilibrium\0\342\207\213\0"
	"ReverseUpEquilibrium\0\342\245\257\0Rfr\0\342\204\234\0Rho\0\316\241\0"
	"RightAngleBracket\0\342\237\251\0RightArrow\0\342\206\222\0RightArrowBar\0\342\207\245\0"
	"RightArrowLeftArrow\0\342\207\204\0RightCeiling\0\342\214\211\0"
	"RightDoubleBracket\0\342\237\247\0RightDownTeeVector\0\342\245\235\0"
	"RightDownVector\0\342\207\202\0RightDownVectorBar\0\342\245\225\0RightFloor\0\342\214\213\0"
	"RightTee\0\342\212\242\0RightTeeArrow\0\342\206\246\0RightTeeVector\0\342\245\233\0"
	"RightTriangle\0\342\212\263\0RightTriangleBar\0\342\247\220\0"
	"RightTriangleEqual\0\342\212\265\0RightUpDownVector\0\342\245\217\0"
	"RightUpTeeVector\0\342\245\234\0RightUpVector\0\342\206\276\0"
	"RightUpVectorBar\0\342\245\224\0RightVector\0\342\207\200\0RightVectorBar\0\342\245\223\0"
	"Rightarrow\0\342\207\222\0Ropf\0\342\204\235\0RoundImplies\0\342\245\260\0"
	"Rrightarrow\0\342\207\233\0Rscr\0\342\204\233\0Rsh\0\342\206\261\0"
	"RuleDelayed\0\342\247\264\0SHCHcy\0\320\251\0SHcy\0\320\250\0SOFTcy\0\320\254\0"
	"Sacute\0\305\232\0Sc\0\342\252\274\0Scaron\0\305\240\0Scedil\0\305\236\0Scirc\0\305\234\0"
	"Scy\0\320\241\0Sfr\0\360\235\224\226\0ShortDownArrow\0\342\206\223\0"
	"ShortLeftArrow\0\342\206\220\0ShortRightArrow\0\342\206\222\0ShortUpArrow\0\342\206\221\0"
	"Sigma\0\316\243\0SmallCircle\0\342\210\230\0Sopf\0\360\235\225\212\0Sqrt\0\342\210\232\0"
	"Square\0\342\226\241\0SquareIntersection\0\342\212\223\0SquareSubset\0\342\212\217\0"
	"SquareSubsetEqual\0\342\212\221\0SquareSuperset\0\342\212\220\0"
	"SquareSupersetEqual\0\342\212\222\0SquareUnion\0\342\212\224\0Sscr\0\360\235\222\256\0"
	"Star\0\342\213\206\0Sub\0\342\213\220\0Subset\0\342\213\220\0SubsetEqual\0\342\212\206\0"
	"Succeeds\0\342\211\273\0SucceedsEqual\0\342\252\260\0SucceedsSlantEqual\0\342\211\275\0"
	"SucceedsTilde\0\342\211\277\0SuchThat\0\342\210\213\0Sum\0\342\210\221\0Sup\0\342\213\221\0"
	"Superset\0\342\212\203\0SupersetEqual\0\342\212\207\0Supset\0\342\213\221\0THORN\1\303\236\0"
	"TRADE\0\342\204\242\0TSHcy\0\320\213\0TScy\0\320\246\0Tab\0\011\0Tau\0\316\244\0"
	"Tcaron\0\305\244\0Tcedil\0\305\242\0Tcy\0\320\242\0Tfr\0\360\235\224\227\0"
	"Therefore\0\342\210\264\0Theta\0\316\230\0ThickSpace\0\342\201\237\342\200\212\0"
	"ThinSpace\0\342\200\211\0Tilde\0\342\210\274\0TildeEqual\0\342\211\203\0"
	"TildeFullEqual\0\342\211\205\0TildeTilde\0\342\211\210\0Topf\0\360\235\225\213\0"
	"TripleDot\0\342\203\233\0Tscr\0\360\235\222\257\0Tstrok\0\305\246\0Uacute\1\303\232\0"
	"Uarr\0\342\206\237\0Uarrocir\0\342\245\211\0Ubrcy\0\320\216\0Ubreve\0\305\254\0"
	"Ucirc\1\303\233\0Ucy\0\320\243\0Udblac\0\305\260\0Ufr\0\360\235\224\230\0Ugrave\1\303\231\0"
	"Umacr\0\305\252\0UnderBar\0_\0UnderBrace\0\342\217\237\0UnderBracket\0\342\216\265\0"
	"UnderParenthesis\0\342\217\235\0Union\0\342\213\203\0UnionPlus\0\342\212\216\0"
	"Uogon\0\305\262\0Uopf\0\360\235\225\214\0UpArrow\0\342\206\221\0UpArrowBar\0\342\244\222\0"
	"UpArrowDownArrow\0\342\207\205\0UpDownArrow\0\342\206\225\0UpEquilibrium\0\342\245\256\0"
	"UpTee\0\342\212\245\0UpTeeArrow\0\342\206\245\0Uparrow\0\342\207\221\0"
	"Updownarrow\0\342\207\225\0UpperLeftArrow\0\342\206\226\0UpperRightArrow\0\342\206\227\0"
	"Upsi\0\317\222\0Upsilon\0\316\245\0Uring\0\305\256\0Uscr\0\360\235\222\260\0"
	"Utilde\0\305\250\0Uuml\1\303\234\0VDash\0\342\212\253\0Vbar\0\342\253\253\0Vcy\0\320\222\0"
	"Vdash\0\342\212\251\0Vdashl\0\342\253\246\0Vee\0\342\213\201\0Verbar\0\342\200\226\0"
	"Vert\0\342\200\226\0VerticalBar\0\342\210\243\0VerticalLine\0|\0"
	"VerticalSeparator\0\342\235\230\0VerticalTilde\0\342\211\200\0VeryThinSpace\0\342\200\212\0"
	"Vfr\0\360\235\224\231\0Vopf\0\360\235\225\215\0Vscr\0\360\235\222\261\0"
	"Vvdash\0\342\212\252\0Wcirc\0\305\264\0Wedge\0\342\213\200\0Wfr\0\360\235\224\232\0"
	"Wopf\0\360\235\225\216\0Wscr\0\360\235\222\262\0Xfr\0\360\235\224\233\0Xi\0\316\236\0"
	"Xopf\0\360\235\225\217\0Xscr\0\360\235\222\263\0YAcy\0\320\257\0YIcy\0\320\207\0"
	"YUcy\0\320\256\0Yacute\1\303\235\0Ycirc\0\305\266\0Ycy\0\320\253\0Yfr\0\360\235\224\234\0"
	"Yopf\0\360\235\225\220\0Yscr\0\360\235\222\264\0Yuml\0\305\270\0ZHcy\0\320\226\0"
	"Zacute\0\305\271\0Zcaron\0\305\275\0Zcy\0\320\227\0Zdot\0\305\273\0"
	"ZeroWidthSpace\0\342\200\213\0Zeta\0\316\226\0Zfr\0\342\204\250\0Zopf\0\342\204\244\0"
	"Zscr\0\360\235\222\265\0aacute\1\303\241\0abreve\0\304\203\0ac\0\342\210\276\0"
	"acE\0\342\210\276\314\263\0acd\0\342\210\277\0acirc\1\303\242\0acute\1\302\264\0"
	"acy\0\320\260\0aelig\1\303\246\0af\0\342\201\241\0afr\0\360\235\224\236\0agrave\1\303\240\0"
	"alefsym\0\342\204\265\0aleph\0\342\204\265\0alpha\0\316\261\0amacr\0\304\201\0"
	"amalg\0\342\250\277\0amp\1&\0and\0\342\210\247\0andand\0\342\251\225\0andd\0\342\251\234\0"
	"andslope\0\342\251\230\0andv\0\342\251\232\0ang\0\342\210\240\0ange\0\342\246\244\0"
	"angle\0\342\210\240\0angmsd\0\342\210\241\0angmsdaa\0\342\246\250\0angmsdab\0\342\246\251\0"
	"angmsdac\0\342\246\252\0angmsdad\0\342\246\253\0angmsdae\0\342\246\254\0"
	"angmsdaf\0\342\246\255\0angmsdag\0\342\246\256\0angmsdah\0\342\246\257\0"
	"angrt\0\342\210\237\0angrtvb\0\342\212\276\0angrtvbd\0\342\246\235\0angsph\0\342\210\242\0"
	"angst\0\303\205\0angzarr\0\342\215\274\0aogon\0\304\205\0aopf\0\360\235\225\222\0"
	"ap\0\342\211\210\0apE\0\342\251\260\0apacir\0\342\251\257\0ape\0\342\211\212\0"
	"apid\0\342\211\213\0apos\0'\0approx\0\342\211\210\0approxeq\0\342\211\212\0aring\1\303\245\0"
	"ascr\0\360\235\222\266\0ast\0*\0asymp\0\342\211\210\0asympeq\0\342\211\215\0"
	"atilde\1\303\243\0auml\1\303\244\0awconint\0\342\210\263\0awint\0\342\250\221\0"
	"bNot\0\342\253\255\0backcong\0\342\211\214\0backepsilon\0\317\266\0backprime\0\342\200\265\0"
	"backsim\0\342\210\275\0backsimeq\0\342\213\215\0barvee\0\342\212\275\0barwed\0\342\214\205\0"
	"barwedge\0\342\214\205\0bbrk\0\342\216\265\0bbrktbrk\0\342\216\266\0bcong\0\342\211\214\0"
	"bcy\0\320\261\0bdquo\0\342\200\236\0becaus\0\342\210\265\0because\0\342\210\265\0"
	"bemptyv\0\342\246\260\0bepsi\0\317\266\0bernou\0\342\204\254\0beta\0\316\262\0"
	"beth\0\342\204\266\0between\0\342\211\254\0bfr\0\360\235\224\237\0bigcap\0\342\213\202\0"
	"bigcirc\0\342\227\257\0bigcup\0\342\213\203\0bigodot\0\342\250\200\0bigoplus\0\342\250\201\0"
	"bigotimes\0\342\250\202\0bigsqcup\0\342\250\206\0bigstar\0\342\230\205\0"
	"bigtriangledown\0\342\226\275\0bigtriangleup\0\342\226\263\0biguplus\0\342\250\204\0"
	"bigvee\0\342\213\201\0bigwedge\0\342\213\200\0bkarow\0\342\244\215\0"
	"blacklozenge\0\342\247\253\0blacksquare\0\342\226\252\0blacktriangle\0\342\226\264\0"
	"blacktriangledown\0\342\226\276\0blacktriangleleft\0\342\227\202\0"
	"blacktriangleright\0\342\226\270\0blank\0\342\220\243\0blk12\0\342\226\222\0"
	"blk14\0\342\226\221\0blk34\0\342\226\223\0block\0\342\226\210\0bne\0=\342\203\245\0"
	"bnequiv\0\342\211\241\342\203\245\0bnot\0\342\214\220\0bopf\0\360\235\225\223\0"
	"bot\0\342\212\245\0bottom\0\342\212\245\0bowtie\0\342\213\210\0boxDL\0\342\225\227\0"
	"boxDR\0\342\225\224\0boxDl\0\342\225\226\0boxDr\0\342\225\223\0boxH\0\342\225\220\0"
	"boxHD\0\342\225\246\0boxHU\0\342\225\251\0boxHd\0\342\225\244\0boxHu\0\342\225\247\0"
	"boxUL\0\342\225\235\0boxUR\0\342\225\232\0boxUl\0\342\225\234\0boxUr\0\342\225\231\0"
	"boxV\0\342\225\221\0boxVH\0\342\225\254\0boxVL\0\342\225\243\0boxVR\0\342\225\240\0"
	"boxVh\0\342\225\253\0boxVl\0\342\225\242\0boxVr\0\342\225\237\0boxbox\0\342\247\211\0"
	"boxdL\0\342\225\225\0boxdR\0\342\225\222\0boxdl\0\342\224\220\0boxdr\0\342\224\214\0"
	"boxh\0\342\224\200\0boxhD\0\342\225\245\0boxhU\0\342\225\250\0boxhd\0\342\224\254\0"
	"boxhu\0\342\224\264\0boxminus\0\342\212\237\0boxplus\0\342\212\236\0boxtimes\0\342\212\240\0"
	"boxuL\0\342\225\233\0boxuR\0\342\225\230\0boxul\0\342\224\230\0boxur\0\342\224\224\0"
	"boxv\0\342\224\202\0boxvH\0\342\225\252\0boxvL\0\342\225\241\0boxvR\0\342\225\236\0"
	"boxvh\0\342\224\274\0boxvl\0\342\224\244\0boxvr\0\342\224\234\0bprime\0\342\200\265\0"
	"breve\0\313\230\0brvbar\1\302\246\0bscr\0\360\235\222\267\0bsemi\0\342\201\217\0"
	"bsim\0\342\210\275\0bsime\0\342\213\215\0bsol\0\134\0bsolb\0\342\247\205\0"
	"bsolhsub\0\342\237\210\0bull\0\342\200\242\0bullet\0\342\200\242\0bump\0\342\211\216\0"
	"bumpE\0\342\252\256\0bumpe\0\342\211\217\0bumpeq\0\342\211\217\0cacute\0\304\207\0"
	"cap\0\342\210\251\0capand\0\342\251\204\0capbrcup\0\342\251\211\0capcap\0\342\251\213\0"
	"capcup\0\342\251\207\0capdot\0\342\251\200\0caps\0\342\210\251\357\270\200\0"
	"caret\0\342\201\201\0caron\0\313\207\0ccaps\0\342\251\215\0ccaron\0\304\215\0"
	"ccedil\1\303\247\0ccirc\0\304\211\0ccups\0\342\251\214\0ccupssm\0\342\251\220\0"
	"cdot\0\304\213\0cedil\1\302\270\0cemptyv\0\342\246\262\0cent\1\302\242\0"
	"centerdot\0\302\267\0cfr\0\360\235\224\240\0chcy\0\321\207\0check\0\342\234\223\0"
	"checkmark\0\342\234\223\0chi\0\317\207\0cir\0\342\227\213\0cirE\0\342\247\203\0"
	"circ\0\313\206\0circeq\0\342\211\227\0circlearrowleft\0\342\206\272\0"
	"circlearrowright\0\342\206\273\0circledR\0\302\256\0circledS\0\342\223\210\0"
	"circledast\0\342\212\233\0circledcirc\0\342\212\232\0circleddash\0\342\212\235\0"
	"cire\0\342\211\227\0cirfnint\0\342\250\220\0cirmid\0\342\253\257\0cirscir\0\342\247\202\0"
	"clubs\0\342\231\243\0clubsuit\0\342\231\243\0colon\0:\0colone\0\342\211\224\0"
	"coloneq\0\342\211\224\0comma\0,\0commat\0@\0comp\0\342\210\201\0compfn\0\342\210\230\0"
	"complement\0\342\210\201\0complexes\0\342\204\202\0cong\0\342\211\205\0"
	"congdot\0\342\251\255\0conint\0\342\210\256\0copf\0\360\235\225\224\0coprod\0\342\210\220\0"
	"copy\1\302\251\0copysr\0\342\204\227\0crarr\0\342\206\265\0cross\0\342\234\227\0"
	"cscr\0\360\235\222\270\0csub\0\342\253\217\0csube\0\342\253\221\0csup\0\342\253\220\0"
	"csupe\0\342\253\222\0ctdot\0\342\213\257\0cudarrl\0\342\244\270\0cudarrr\0\342\244\265\0"
	"cuepr\0\342\213\236\0cuesc\0\342\213\237\0cularr\0\342\206\266\0cularrp\0\342\244\275\0"
	"cup\0\342\210\252\0cupbrcap\0\342\251\210\0cupcap\0\342\251\206\0cupcup\0\342\251\212\0"
	"cupdot\0\342\212\215\0cupor\0\342\251\205\0cups\0\342\210\252\357\270\200\0"
	"curarr\0\342\206\267\0curarrm\0\342\244\274\0curlyeqprec\0\342\213\236\0"
	"curlyeqsucc\0\342\213\237\0curlyvee\0\342\213\216\0curlywedge\0\342\213\217\0"
	"curren\1\302\244\0curvearrowleft\0\342\206\266\0curvearrowright\0\342\206\267\0"
	"cuvee\0\342\213\216\0cuwed\0\342\213\217\0cwconint\0\342\210\262\0cwint\0\342\210\261\0"
	"cylcty\0\342\214\255\0dArr\0\342\207\223\0dHar\0\342\245\245\0dagger\0\342\200\240\0"
	"daleth\0\342\204\270\0darr\0\342\206\223\0dash\0\342\200\220\0dashv\0\342\212\243\0"
	"dbkarow\0\342\244\217\0dblac\0\313\235\0dcaron\0\304\217\0dcy\0\320\264\0dd\0\342\205\206\0"
	"ddagger\0\342\200\241\0ddarr\0\342\207\212\0ddotseq\0\342\251\267\0deg\1\302\260\0"
	"delta\0\316\264\0demptyv\0\342\246\261\0dfisht\0\342\245\277\0dfr\0\360\235\224\241\0"
	"dharl\0\342\207\203\0dharr\0\342\207\202\0diam\0\342\213\204\0diamond\0\342\213\204\0"
	"diamondsuit\0\342\231\246\0diams\0\342\231\246\0die\0\302\250\0digamma\0\317\235\0"
	"disin\0\342\213\262\0div\0\303\267\0divide\1\303\267\0divideontimes\0\342\213\207\0"
	"divonx\0\342\213\207\0djcy\0\321\222\0dlcorn\0\342\214\236\0dlcrop\0\342\214\215\0"
	"dollar\0$\0dopf\0\360\235\225\225\0dot\0\313\231\0doteq\0\342\211\220\0"
	"doteqdot\0\342\211\221\0dotminus\0\342\210\270\0dotplus\0\342\210\224\0"
	"dotsquare\0\342\212\241\0doublebarwedge\0\342\214\206\0downarrow\0\342\206\223\0"
	"downdownarrows\0\342\207\212\0downharpoonleft\0\342\207\203\0"
	"downharpoonright\0\342\207\202\0drbkarow\0\342\244\220\0drcorn\0\342\214\237\0"
	"drcrop\0\342\214\214\0dscr\0\360\235\222\271\0dscy\0\321\225\0dsol\0\342\247\266\0"
	"dstrok\0\304\221\0dtdot\0\342\213\261\0dtri\0\342\226\277\0dtrif\0\342\226\276\0"
	"duarr\0\342\207\265\0duhar\0\342\245\257\0dwangle\0\342\246\246\0dzcy\0\321\237\0"
	"dzigrarr\0\342\237\277\0eDDot\0\342\251\267\0eDot\0\342\211\221\0eacute\1\303\251\0"
	"easter\0\342\251\256\0ecaron\0\304\233\0ecir\0\342\211\226\0ecirc\1\303\252\0"
	"ecolon\0\342\211\225\0ecy\0\321\215\0edot\0\304\227\0ee\0\342\205\207\0efDot\0\342\211\222\0"
	"efr\0\360\235\224\242\0eg\0\342\252\232\0egrave\1\303\250\0egs\0\342\252\226\0"
	"egsdot\0\342\252\230\0el\0\342\252\231\0elinters\0\342\217\247\0ell\0\342\204\223\0"
	"els\0\342\252\225\0elsdot\0\342\252\227\0emacr\0\304\223\0empty\0\342\210\205\0"
	"emptyset\0\342\210\205\0emptyv\0\342\210\205\0emsp\0\342\200\203\0emsp13\0\342\200\204\0"
	"emsp14\0\342\200\205\0eng\0\305\213\0ensp\0\342\200\202\0eogon\0\304\231\0"
	"eopf\0\360\235\225\226\0epar\0\342\213\225\0eparsl\0\342\247\243\0eplus\0\342\251\261\0"
	"epsi\0\316\265\0epsilon\0\316\265\0epsiv\0\317\265\0eqcirc\0\342\211\226\0"
	"eqcolon\0\342\211\225\0eqsim\0\342\211\202\0eqslantgtr\0\342\252\226\0"
	"eqslantless\0\342\252\225\0equals\0=\0equest\0\342\211\237\0equiv\0\342\211\241\0"
	"equivDD\0\342\251\270\0eqvparsl\0\342\247\245\0erDot\0\342\211\223\0erarr\0\342\245\261\0"
	"escr\0\342\204\257\0esdot\0\342\211\220\0esim\0\342\211\202\0eta\0\316\267\0eth\1\303\260\0"
	"euml\1\303\253\0euro\0\342\202\254\0excl\0!\0exist\0\342\210\203\0"
	"expectation\0\342\204\260\0exponentiale\0\342\205\207\0fallingdotseq\0\342\211\222\0"
	"fcy\0\321\204\0female\0\342\231\200\0ffilig\0\357\254\203\0fflig\0\357\254\200\0"
	"ffllig\0\357\254\204\0ffr\0\360\235\224\243\0filig\0\357\254\201\0fjlig\0fj\0"
	"flat\0\342\231\255\0fllig\0\357\254\202\0fltns\0\342\226\261\0fnof\0\306\222\0"
	"fopf\0\360\235\225\227\0forall\0\342\210\200\0fork\0\342\213\224\0forkv\0\342\253\231\0"
	"fpartint\0\342\250\215\0frac12\1\302\275\0frac13\0\342\205\223\0frac14\1\302\274\0"
	"frac15\0\342\205\225\0frac16\0\342\205\231\0frac18\0\342\205\233\0frac23\0\342\205\224\0"
	"frac25\0\342\205\226\0frac34\1\302\276\0frac35\0\342\205\227\0frac38\0\342\205\234\0"
	"frac45\0\342\205\230\0frac56\0\342\205\232\0frac58\0\342\205\235\0frac78\0\342\205\236\0"
	"frasl\0\342\201\204\0frown\0\342\214\242\0fscr\0\360\235\222\273\0gE\0\342\211\247\0"
	"gEl\0\342\252\214\0gacute\0\307\265\0gamma\0\316\263\0gammad\0\317\235\0gap\0\342\252\206\0"
	"gbreve\0\304\237\0gcirc\0\304\235\0gcy\0\320\263\0gdot\0\304\241\0ge\0\342\211\245\0"
	"gel\0\342\213\233\0geq\0\342\211\245\0geqq\0\342\211\247\0geqslant\0\342\251\276\0"
	"ges\0\342\251\276\0gescc\0\342\252\251\0gesdot\0\342\252\200\0gesdoto\0\342\252\202\0"
	"gesdotol\0\342\252\204\0gesl\0\342\213\233\357\270\200\0gesles\0\342\252\224\0"
	"gfr\0\360\235\224\244\0gg\0\342\211\253\0ggg\0\342\213\231\0gimel\0\342\204\267\0"
	"gjcy\0\321\223\0gl\0\342\211\267\0glE\0\342\252\222\0gla\0\342\252\245\0glj\0\342\252\244\0"
	"gnE\0\342\211\251\0gnap\0\342\252\212\0gnapprox\0\342\252\212\0gne\0\342\252\210\0"
	"gneq\0\342\252\210\0gneqq\0\342\211\251\0gnsim\0\342\213\247\0gopf\0\360\235\225\230\0"
	"grave\0`\0gscr\0\342\204\212\0gsim\0\342\211\263\0gsime\0\342\252\216\0gsiml\0\342\252\220\0"
	"gt\1>\0gtcc\0\342\252\247\0gtcir\0\342\251\272\0gtdot\0\342\213\227\0gtlPar\0\342\246\225\0"
	"gtquest\0\342\251\274\0gtrapprox\0\342\252\206\0gtrarr\0\342\245\270\0gtrdot\0\342\213\227\0"
	"gtreqless\0\342\213\233\0gtreqqless\0\342\252\214\0gtrless\0\342\211\267\0"
	"gtrsim\0\342\211\263\0gvertneqq\0\342\211\251\357\270\200\0gvnE\0\342\211\251\357\270\200\0"
	"hArr\0\342\207\224\0hairsp\0\342\200\212\0half\0\302\275\0hamilt\0\342\204\213\0"
	"hardcy\0\321\212\0harr\0\342\206\224\0harrcir\0\342\245\210\0harrw\0\342\206\255\0"
	"hbar\0\342\204\217\0hcirc\0\304\245\0hearts\0\342\231\245\0heartsuit\0\342\231\245\0"
	"hellip\0\342\200\246\0hercon\0\342\212\271\0hfr\0\360\235\224\245\0hksearow\0\342\244\245\0"
	"hkswarow\0\342\244\246\0hoarr\0\342\207\277\0homtht\0\342\210\273\0"
	"hookleftarrow\0\342\206\251\0hookrightarrow\0\342\206\252\0hopf\0\360\235\225\231\0"
	"horbar\0\342\200\225\0hscr\0\360\235\222\275\0hslash\0\342\204\217\0hstrok\0\304\247\0"
	"hybull\0\342\201\203\0hyphen\0\342\200\220\0iacute\1\303\255\0ic\0\342\201\243\0"
	"icirc\1\303\256\0icy\0\320\270\0iecy\0\320\265\0iexcl\1\302\241\0iff\0\342\207\224\0"
	"ifr\0\360\235\224\246\0igrave\1\303\254\0ii\0\342\205\210\0iiiint\0\342\250\214\0"
	"iiint\0\342\210\255\0iinfin\0\342\247\234\0iiota\0\342\204\251\0ijlig\0\304\263\0"
	"imacr\0\304\253\0image\0\342\204\221\0imagline\0\342\204\220\0imagpart\0\342\204\221\0"
	"imath\0\304\261\0imof\0\342\212\267\0imped\0\306\265\0in\0\342\210\210\0"
	"incare\0\342\204\205\0infin\0\342\210\236\0infintie\0\342\247\235\0inodot\0\304\261\0"
	"int\0\342\210\253\0intcal\0\342\212\272\0integers\0\342\204\244\0intercal\0\342\212\272\0"
	"intlarhk\0\342\250\227\0intprod\0\342\250\274\0iocy\0\321\221\0iogon\0\304\257\0"
	"iopf\0\360\235\225\232\0iota\0\316\271\0iprod\0\342\250\274\0iquest\1\302\277\0"
	"iscr\0\360\235\222\276\0isin\0\342\210\210\0isinE\0\342\213\271\0isindot\0\342\213\265\0"
	"isins\0\342\213\264\0isinsv\0\342\213\263\0isinv\0\342\210\210\0it\0\342\201\242\0"
	"itilde\0\304\251\0iukcy\0\321\226\0iuml\1\303\257\0jcirc\0\304\265\0jcy\0\320\271\0"
	"jfr\0\360\235\224\247\0jmath\0\310\267\0jopf\0\360\235\225\233\0jscr\0\360\235\222\277\0"
	"jsercy\0\321\230\0jukcy\0\321\224\0kappa\0\316\272\0kappav\0\317\260\0kcedil\0\304\267\0"
	"kcy\0\320\272\0kfr\0\360\235\224\250\0kgreen\0\304\270\0khcy\0\321\205\0kjcy\0\321\234\0"
	"kopf\0\360\235\225\234\0kscr\0\360\235\223\200\0lAarr\0\342\207\232\0lArr\0\342\207\220\0"
	"lAtail\0\342\244\233\0lBarr\0\342\244\216\0lE\0\342\211\246\0lEg\0\342\252\213\0"
	"lHar\0\342\245\242\0lacute\0\304\272\0laemptyv\0\342\246\264\0lagran\0\342\204\222\0"
	"lambda\0\316\273\0lang\0\342\237\250\0langd\0\342\246\221\0langle\0\342\237\250\0"
	"lap\0\342\252\205\0laquo\1\302\253\0larr\0\342\206\220\0larrb\0\342\207\244\0"
	"larrbfs\0\342\244\237\0larrfs\0\342\244\235\0larrhk\0\342\206\251\0larrlp\0\342\206\253\0"
	"larrpl\0\342\244\271\0larrsim\0\342\245\263\0larrtl\0\342\206\242\0lat\0\342\252\253\0"
	"latail\0\342\244\231\0late\0\342\252\255\0lates\0\342\252\255\357\270\200\0"
	"lbarr\0\342\244\214\0lbbrk\0\342\235\262\0lbrace\0{\0lbrack\0[\0lbrke\0\342\246\213\0"
	"lbrksld\0\342\246\217\0lbrkslu\0\342\246\215\0lcaron\0\304\276\0lcedil\0\304\274\0"
	"lceil\0\342\214\210\0lcub\0{\0lcy\0\320\273\0ldca\0\342\244\266\0ldquo\0\342\200\234\0"
	"ldquor\0\342\200\236\0ldrdhar\0\342\245\247\0ldrushar\0\342\245\213\0ldsh\0\342\206\262\0"
	"le\0\342\211\244\0leftarrow\0\342\206\220\0leftarrowtail\0\342\206\242\0"
	"leftharpoondown\0\342\206\275\0leftharpoonup\0\342\206\274\0leftleftarrows\0\342\207\207\0"
	"leftrightarrow\0\342\206\224\0leftrightarrows\0\342\207\206\0"
	"leftrightharpoons\0\342\207\213\0leftrightsquigarrow\0\342\206\255\0"
	"leftthreetimes\0\342\213\213\0leg\0\342\213\232\0leq\0\342\211\244\0leqq\0\342\211\246\0"
	"leqslant\0\342\251\275\0les\0\342\251\275\0lescc\0\342\252\250\0lesdot\0\342\251\277\0"
	"lesdoto\0\342\252\201\0lesdotor\0\342\252\203\0lesg\0\342\213\232\357\270\200\0"
	"lesges\0\342\252\223\0lessapprox\0\342\252\205\0lessdot\0\342\213\226\0"
	"lesseqgtr\0\342\213\232\0lesseqqgtr\0\342\252\213\0lessgtr\0\342\211\266\0"
	"lesssim\0\342\211\262\0lfisht\0\342\245\274\0lfloor\0\342\214\212\0lfr\0\360\235\224\251\0"
	"lg\0\342\211\266\0lgE\0\342\252\221\0lhard\0\342\206\275\0lharu\0\342\206\274\0"
	"lharul\0\342\245\252\0lhblk\0\342\226\204\0ljcy\0\321\231\0ll\0\342\211\252\0"
	"llarr\0\342\207\207\0llcorner\0\342\214\236\0llhard\0\342\245\253\0lltri\0\342\227\272\0"
	"lmidot\0\305\200\0lmoust\0\342\216\260\0lmoustache\0\342\216\260\0lnE\0\342\211\250\0"
	"lnap\0\342\252\211\0lnapprox\0\342\252\211\0lne\0\342\252\207\0lneq\0\342\252\207\0"
	"lneqq\0\342\211\250\0lnsim\0\342\213\246\0loang\0\342\237\254\0loarr\0\342\207\275\0"
	"lobrk\0\342\237\246\0longleftarrow\0\342\237\265\0longleftrightarrow\0\342\237\267\0"
	"longmapsto\0\342\237\274\0longrightarrow\0\342\237\266\0looparrowleft\0\342\206\253\0"
	"looparrowright\0\342\206\254\0lopar\0\342\246\205\0lopf\0\360\235\225\235\0"
	"loplus\0\342\250\255\0lotimes\0\342\250\264\0lowast\0\342\210\227\0lowbar\0_\0"
	"loz\0\342\227\212\0lozenge\0\342\227\212\0lozf\0\342\247\253\0lpar\0(\0"
	"lparlt\0\342\246\223\0lrarr\0\342\207\206\0lrcorner\0\342\214\237\0lrhar\0\342\207\213\0"
	"lrhard\0\342\245\255\0lrm\0\342\200\216\0lrtri\0\342\212\277\0lsaquo\0\342\200\271\0"
	"lscr\0\360\235\223\201\0lsh\0\342\206\260\0lsim\0\342\211\262\0lsime\0\342\252\215\0"
	"lsimg\0\342\252\217\0lsqb\0[\0lsquo\0\342\200\230\0lsquor\0\342\200\232\0lstrok\0\305\202\0"
	"lt\1<\0ltcc\0\342\252\246\0ltcir\0\342\251\271\0ltdot\0\342\213\226\0lthree\0\342\213\213\0"
	"ltimes\0\342\213\211\0ltlarr\0\342\245\266\0ltquest\0\342\251\273\0ltrPar\0\342\246\226\0"
	"ltri\0\342\227\203\0ltrie\0\342\212\264\0ltrif\0\342\227\202\0lurdshar\0\342\245\212\0"
	"luruhar\0\342\245\246\0lvertneqq\0\342\211\250\357\270\200\0lvnE\0\342\211\250\357\270\200\0"
	"mDDot\0\342\210\272\0macr\1\302\257\0male\0\342\231\202\0malt\0\342\234\240\0"
	"maltese\0\342\234\240\0map\0\342\206\246\0mapsto\0\342\206\246\0mapstodown\0\342\206\247\0"
	"mapstoleft\0\342\206\244\0mapstoup\0\342\206\245\0marker\0\342\226\256\0"
	"mcomma\0\342\250\251\0mcy\0\320\274\0mdash\0\342\200\224\0measuredangle\0\342\210\241\0"
	"mfr\0\360\235\224\252\0mho\0\342\204\247\0micro\1\302\265\0mid\0\342\210\243\0midast\0*\0"
	"midcir\0\342\253\260\0middot\1\302\267\0minus\0\342\210\222\0minusb\0\342\212\237\0"
	"minusd\0\342\210\270\0minusdu\0\342\250\252\0mlcp\0\342\253\233\0mldr\0\342\200\246\0"
	"mnplus\0\342\210\223\0models\0\342\212\247\0mopf\0\360\235\225\236\0mp\0\342\210\223\0"
	"mscr\0\360\235\223\202\0mstpos\0\342\210\276\0mu\0\316\274\0multimap\0\342\212\270\0"
	"mumap\0\342\212\270\0nGg\0\342\213\231\314\270\0nGt\0\342\211\253\342\203\222\0"
	"nGtv\0\342\211\253\314\270\0nLeftarrow\0\342\207\215\0nLeftrightarrow\0\342\207\216\0"
	"nLl\0\342\213\230\314\270\0nLt\0\342\211\252\342\203\222\0nLtv\0\342\211\252\314\270\0"
	"nRightarrow\0\342\207\217\0nVDash\0\342\212\257\0nVdash\0\342\212\256\0nabla\0\342\210\207\0"
	"nacute\0\305\204\0nang\0\342\210\240\342\203\222\0nap\0\342\211\211\0"
	"napE\0\342\251\260\314\270\0napid\0\342\211\213\314\270\0napos\0\305\211\0"
	"napprox\0\342\211\211\0natur\0\342\231\256\0natural\0\342\231\256\0naturals\0\342\204\225\0"
	"nbsp\1\302\240\0nbump\0\342\211\216\314\270\0nbumpe\0\342\211\217\314\270\0"
	"ncap\0\342\251\203\0ncaron\0\305\210\0ncedil\0\305\206\0ncong\0\342\211\207\0"
	"ncongdot\0\342\251\255\314\270\0ncup\0\342\251\202\0ncy\0\320\275\0ndash\0\342\200\223\0"
	"ne\0\342\211\240\0neArr\0\342\207\227\0nearhk\0\342\244\244\0nearr\0\342\206\227\0"
	"nearrow\0\342\206\227\0nedot\0\342\211\220\314\270\0nequiv\0\342\211\242\0"
	"nesear\0\342\244\250\0nesim\0\342\211\202\314\270\0nexist\0\342\210\204\0"
	"nexists\0\342\210\204\0nfr\0\360\235\224\253\0ngE\0\342\211\247\314\270\0nge\0\342\211\261\0"
	"ngeq\0\342\211\261\0ngeqq\0\342\211\247\314\270\0ngeqslant\0\342\251\276\314\270\0"
	"nges\0\342\251\276\314\270\0ngsim\0\342\211\265\0ngt\0\342\211\257\0ngtr\0\342\211\257\0"
	"nhArr\0\342\207\216\0nharr\0\342\206\256\0nhpar\0\342\253\262\0ni\0\342\210\213\0"
	"nis\0\342\213\274\0nisd\0\342\213\272\0niv\0\342\210\213\0njcy\0\321\232\0"
	"nlArr\0\342\207\215\0nlE\0\342\211\246\314\270\0nlarr\0\342\206\232\0nldr\0\342\200\245\0"
	"nle\0\342\211\260\0nleftarrow\0\342\206\232\0nleftrightarrow\0\342\206\256\0"
	"nleq\0\342\211\260\0nleqq\0\342\211\246\314\270\0nleqslant\0\342\251\275\314\270\0"
	"nles\0\342\251\275\314\270\0nless\0\342\211\256\0nlsim\0\342\211\264\0nlt\0\342\211\256\0"
	"nltri\0\342\213\252\0nltrie\0\342\213\254\0nmid\0\342\210\244\0nopf\0\360\235\225\237\0"
	"not\1\302\254\0notin\0\342\210\211\0notinE\0\342\213\271\314\270\0"
	"notindot\0\342\213\265\314\270\0notinva\0\342\210\211\0notinvb\0\342\213\267\0"
	"notinvc\0\342\213\266\0notni\0\342\210\214\0notniva\0\342\210\214\0notnivb\0\342\213\276\0"
	"notnivc\0\342\213\275\0npar\0\342\210\246\0nparallel\0\342\210\246\0"
	"nparsl\0\342\253\275\342\203\245\0npart\0\342\210\202\314\270\0npolint\0\342\250\224\0"
	"npr\0\342\212\200\0nprcue\0\342\213\240\0npre\0\342\252\257\314\270\0nprec\0\342\212\200\0"
	"npreceq\0\342\252\257\314\270\0nrArr\0\342\207\217\0nrarr\0\342\206\233\0"
	"nrarrc\0\342\244\263\314\270\0nrarrw\0\342\206\235\314\270\0nrightarrow\0\342\206\233\0"
	"nrtri\0\342\213\253\0nrtrie\0\342\213\255\0nsc\0\342\212\201\0nsccue\0\342\213\241\0"
	"nsce\0\342\252\260\314\270\0nscr\0\360\235\223\203\0nshortmid\0\342\210\244\0"
	"nshortparallel\0\342\210\246\0nsim\0\342\211\201\0nsime\0\342\211\204\0"
	"nsimeq\0\342\211\204\0nsmid\0\342\210\244\0nspar\0\342\210\246\0nsqsube\0\342\213\242\0"
	"nsqsupe\0\342\213\243\0nsub\0\342\212\204\0nsubE\0\342\253\205\314\270\0"
	"nsube\0\342\212\210\0nsubset\0\342\212\202\342\203\222\0nsubseteq\0\342\212\210\0"
	"nsubseteqq\0\342\253\205\314\270\0nsucc\0\342\212\201\0nsucceq\0\342\252\260\314\270\0"
	"nsup\0\342\212\205\0nsupE\0\342\253\206\314\270\0nsupe\0\342\212\211\0"
	"nsupset\0\342\212\203\342\203\222\0nsupseteq\0\342\212\211\0"
	"nsupseteqq\0\342\253\206\314\270\0ntgl\0\342\211\271\0ntilde\1\303\261\0ntlg\0\342\211\270\0"
	"ntriangleleft\0\342\213\252\0ntrianglelefteq\0\342\213\254\0ntriangleright\0\342\213\253\0"
	"ntrianglerighteq\0\342\213\255\0nu\0\316\275\0num\0#\0numero\0\342\204\226\0"
	"numsp\0\342\200\207\0nvDash\0\342\212\255\0nvHarr\0\342\244\204\0"
	"nvap\0\342\211\215\342\203\222\0nvdash\0\342\212\254\0nvge\0\342\211\245\342\203\222\0"
	"nvgt\0>\342\203\222\0nvinfin\0\342\247\236\0nvlArr\0\342\244\202\0"
	"nvle\0\342\211\244\342\203\222\0nvlt\0<\342\203\222\0nvltrie\0\342\212\264\342\203\222\0"
	"nvrArr\0\342\244\203\0nvrtrie\0\342\212\265\342\203\222\0nvsim\0\342\210\274\342\203\222\0"
	"nwArr\0\342\207\226\0nwarhk\0\342\244\243\0nwarr\0\342\206\226\0nwarrow\0\342\206\226\0"
	"nwnear\0\342\244\247\0oS\0\342\223\210\0oacute\1\303\263\0oast\0\342\212\233\0"
	"ocir\0\342\212\232\0ocirc\1\303\264\0ocy\0\320\276\0odash\0\342\212\235\0odblac\0\305\221\0"
	"odiv\0\342\250\270\0odot\0\342\212\231\0odsold\0\342\246\274\0oelig\0\305\223\0"
	"ofcir\0\342\246\277\0ofr\0\360\235\224\254\0ogon\0\313\233\0ograve\1\303\262\0"
	"ogt\0\342\247\201\0ohbar\0\342\246\265\0ohm\0\316\251\0oint\0\342\210\256\0"
	"olarr\0\342\206\272\0olcir\0\342\246\276\0olcross\0\342\246\273\0oline\0\342\200\276\0"
	"olt\0\342\247\200\0omacr\0\305\215\0omega\0\317\211\0omicron\0\316\277\0omid\0\342\246\266\0"
	"ominus\0\342\212\226\0oopf\0\360\235\225\240\0opar\0\342\246\267\0operp\0\342\246\271\0"
	"oplus\0\342\212\225\0or\0\342\210\250\0orarr\0\342\206\273\0ord\0\342\251\235\0"
	"order\0\342\204\264\0orderof\0\342\204\264\0ordf\1\302\252\0ordm\1\302\272\0"
	"origof\0\342\212\266\0oror\0\342\251\226\0orslope\0\342\251\227\0orv\0\342\251\233\0"
	"oscr\0\342\204\264\0oslash\1\303\270\0osol\0\342\212\230\0otilde\1\303\265\0"
	"otimes\0\342\212\227\0otimesas\0\342\250\266\0ouml\1\303\266\0ovbar\0\342\214\275\0"
	"par\0\342\210\245\0para\1\302\266\0parallel\0\342\210\245\0parsim\0\342\253\263\0"
	"parsl\0\342\253\275\0part\0\342\210\202\0pcy\0\320\277\0percnt\0%\0period\0.\0"
	"permil\0\342\200\260\0perp\0\342\212\245\0pertenk\0\342\200\261\0pfr\0\360\235\224\255\0"
	"phi\0\317\206\0phiv\0\317\225\0phmmat\0\342\204\263\0phone\0\342\230\216\0pi\0\317\200\0"
	"pitchfork\0\342\213\224\0piv\0\317\226\0planck\0\342\204\217\0planckh\0\342\204\216\0"
	"plankv\0\342\204\217\0plus\0+\0plusacir\0\342\250\243\0plusb\0\342\212\236\0"
	"pluscir\0\342\250\242\0plusdo\0\342\210\224\0plusdu\0\342\250\245\0pluse\0\342\251\262\0"
	"plusmn\1\302\261\0plussim\0\342\250\246\0plustwo\0\342\250\247\0pm\0\302\261\0"
	"pointint\0\342\250\225\0popf\0\360\235\225\241\0pound\1\302\243\0pr\0\342\211\272\0"
	"prE\0\342\252\263\0prap\0\342\252\267\0prcue\0\342\211\274\0pre\0\342\252\257\0"
	"prec\0\342\211\272\0precapprox\0\342\252\267\0preccurlyeq\0\342\211\274\0"
	"preceq\0\342\252\257\0precnapprox\0\342\252\271\0precneqq\0\342\252\265\0"
	"precnsim\0\342\213\250\0precsim\0\342\211\276\0prime\0\342\200\262\0primes\0\342\204\231\0"
	"prnE\0\342\252\265\0prnap\0\342\252\271\0prnsim\0\342\213\250\0prod\0\342\210\217\0"
	"profalar\0\342\214\256\0profline\0\342\214\222\0profsurf\0\342\214\223\0prop\0\342\210\235\0"
	"propto\0\342\210\235\0prsim\0\342\211\276\0prurel\0\342\212\260\0pscr\0\360\235\223\205\0"
	"psi\0\317\210\0puncsp\0\342\200\210\0qfr\0\360\235\224\256\0qint\0\342\250\214\0"
	"qopf\0\360\235\225\242\0qprime\0\342\201\227\0qscr\0\360\235\223\206\0"
	"quaternions\0\342\204\215\0quatint\0\342\250\226\0quest\0\077\0questeq\0\342\211\237\0"
	"quot\1\042\0rAarr\0\342\207\233\0rArr\0\342\207\222\0rAtail\0\342\244\234\0"
	"rBarr\0\342\244\217\0rHar\0\342\245\244\0race\0\342\210\275\314\261\0racute\0\305\225\0"
	"radic\0\342\210\232\0raemptyv\0\342\246\263\0rang\0\342\237\251\0rangd\0\342\246\222\0"
	"range\0\342\246\245\0rangle\0\342\237\251\0raquo\1\302\273\0rarr\0\342\206\222\0"
	"rarrap\0\342\245\265\0rarrb\0\342\207\245\0rarrbfs\0\342\244\240\0rarrc\0\342\244\263\0"
	"rarrfs\0\342\244\236\0rarrhk\0\342\206\252\0rarrlp\0\342\206\254\0rarrpl\0\342\245\205\0"
	"rarrsim\0\342\245\264\0rarrtl\0\342\206\243\0rarrw\0\342\206\235\0ratail\0\342\244\232\0"
	"ratio\0\342\210\266\0rationals\0\342\204\232\0rbarr\0\342\244\215\0rbbrk\0\342\235\263\0"
	"rbrace\0}\0rbrack\0]\0rbrke\0\342\246\214\0rbrksld\0\342\246\216\0rbrkslu\0\342\246\220\0"
	"rcaron\0\305\231\0rcedil\0\305\227\0rceil\0\342\214\211\0rcub\0}\0rcy\0\321\200\0"
	"rdca\0\342\244\267\0rdldhar\0\342\245\251\0rdquo\0\342\200\235\0rdquor\0\342\200\235\0"
	"rdsh\0\342\206\263\0real\0\342\204\234\0realine\0\342\204\233\0realpart\0\342\204\234\0"
	"reals\0\342\204\235\0rect\0\342\226\255\0reg\1\302\256\0rfisht\0\342\245\275\0"
	"rfloor\0\342\214\213\0rfr\0\360\235\224\257\0rhard\0\342\207\201\0rharu\0\342\207\200\0"
	"rharul\0\342\245\254\0rho\0\317\201\0rhov\0\317\261\0rightarrow\0\342\206\222\0"
	"rightarrowtail\0\342\206\243\0rightharpoondown\0\342\207\201\0rightharpoonup\0\342\207\200\0"
	"rightleftarrows\0\342\207\204\0rightleftharpoons\0\342\207\214\0"
	"rightrightarrows\0\342\207\211\0rightsquigarrow\0\342\206\235\0"
	"rightthreetimes\0\342\213\214\0ring\0\313\232\0risingdotseq\0\342\211\223\0"
	"rlarr\0\342\207\204\0rlhar\0\342\207\214\0rlm\0\342\200\217\0rmoust\0\342\216\261\0"
	"rmoustache\0\342\216\261\0rnmid\0\342\253\256\0roang\0\342\237\255\0roarr\0\342\207\276\0"
	"robrk\0\342\237\247\0ropar\0\342\246\206\0ropf\0\360\235\225\243\0roplus\0\342\250\256\0"
	"rotimes\0\342\250\265\0rpar\0)\0rpargt\0\342\246\224\0rppolint\0\342\250\222\0"
	"rrarr\0\342\207\211\0rsaquo\0\342\200\272\0rscr\0\360\235\223\207\0rsh\0\342\206\261\0"
	"rsqb\0]\0rsquo\0\342\200\231\0rsquor\0\342\200\231\0rthree\0\342\213\214\0"
	"rtimes\0\342\213\212\0rtri\0\342\226\271\0rtrie\0\342\212\265\0rtrif\0\342\226\270\0"
	"rtriltri\0\342\247\216\0ruluhar\0\342\245\250\0rx\0\342\204\236\0sacute\0\305\233\0"
	"sbquo\0\342\200\232\0sc\0\342\211\273\0scE\0\342\252\264\0scap\0\342\252\270\0"
	"scaron\0\305\241\0sccue\0\342\211\275\0sce\0\342\252\260\0scedil\0\305\237\0"
	"scirc\0\305\235\0scnE\0\342\252\266\0scnap\0\342\252\272\0scnsim\0\342\213\251\0"
	"scpolint\0\342\250\223\0scsim\0\342\211\277\0scy\0\321\201\0sdot\0\342\213\205\0"
	"sdotb\0\342\212\241\0sdote\0\342\251\246\0seArr\0\342\207\230\0searhk\0\342\244\245\0"
	"searr\0\342\206\230\0searrow\0\342\206\230\0sect\1\302\247\0semi\0;\0seswar\0\342\244\251\0"
	"setminus\0\342\210\226\0setmn\0\342\210\226\0sext\0\342\234\266\0sfr\0\360\235\224\260\0"
	"sfrown\0\342\214\242\0sharp\0\342\231\257\0shchcy\0\321\211\0shcy\0\321\210\0"
	"shortmid\0\342\210\243\0shortparallel\0\342\210\245\0shy\1\302\255\0sigma\0\317\203\0"
	"sigmaf\0\317\202\0sigmav\0\317\202\0sim\0\342\210\274\0simdot\0\342\251\252\0"
	"sime\0\342\211\203\0simeq\0\342\211\203\0simg\0\342\252\236\0simgE\0\342\252\240\0"
	"siml\0\342\252\235\0simlE\0\342\252\237\0simne\0\342\211\206\0simplus\0\342\250\244\0"
	"simrarr\0\342\245\262\0slarr\0\342\206\220\0smallsetminus\0\342\210\226\0"
	"smashp\0\342\250\263\0smeparsl\0\342\247\244\0smid\0\342\210\243\0smile\0\342\214\243\0"
	"smt\0\342\252\252\0smte\0\342\252\254\0smtes\0\342\252\254\357\270\200\0softcy\0\321\214\0"
	"sol\0/\0solb\0\342\247\204\0solbar\0\342\214\277\0sopf\0\360\235\225\244\0"
	"spades\0\342\231\240\0spadesuit\0\342\231\240\0spar\0\342\210\245\0sqcap\0\342\212\223\0"
	"sqcaps\0\342\212\223\357\270\200\0sqcup\0\342\212\224\0sqcups\0\342\212\224\357\270\200\0"
	"sqsub\0\342\212\217\0sqsube\0\342\212\221\0sqsubset\0\342\212\217\0"
	"sqsubseteq\0\342\212\221\0sqsup\0\342\212\220\0sqsupe\0\342\212\222\0"
	"sqsupset\0\342\212\220\0sqsupseteq\0\342\212\222\0squ\0\342\226\241\0square\0\342\226\241\0"
	"squarf\0\342\226\252\0squf\0\342\226\252\0srarr\0\342\206\222\0sscr\0\360\235\223\210\0"
	"ssetmn\0\342\210\226\0ssmile\0\342\214\243\0sstarf\0\342\213\206\0star\0\342\230\206\0"
	"starf\0\342\230\205\0straightepsilon\0\317\265\0straightphi\0\317\225\0strns\0\302\257\0"
	"sub\0\342\212\202\0subE\0\342\253\205\0subdot\0\342\252\275\0sube\0\342\212\206\0"
	"subedot\0\342\253\203\0submult\0\342\253\201\0subnE\0\342\253\213\0subne\0\342\212\212\0"
	"subplus\0\342\252\277\0subrarr\0\342\245\271\0subset\0\342\212\202\0subseteq\0\342\212\206\0"
	"subseteqq\0\342\253\205\0subsetneq\0\342\212\212\0subsetneqq\0\342\253\213\0"
	"subsim\0\342\253\207\0subsub\0\342\253\225\0subsup\0\342\253\223\0succ\0\342\211\273\0"
	"succapprox\0\342\252\270\0succcurlyeq\0\342\211\275\0succeq\0\342\252\260\0"
	"succnapprox\0\342\252\272\0succneqq\0\342\252\266\0succnsim\0\342\213\251\0"
	"succsim\0\342\211\277\0sum\0\342\210\221\0sung\0\342\231\252\0sup\0\342\212\203\0"
	"sup1\1\302\271\0sup2\1\302\262\0sup3\1\302\263\0supE\0\342\253\206\0supdot\0\342\252\276\0"
	"supdsub\0\342\253\230\0supe\0\342\212\207\0supedot\0\342\253\204\0suphsol\0\342\237\211\0"
	"suphsub\0\342\253\227\0suplarr\0\342\245\273\0supmult\0\342\253\202\0supnE\0\342\253\214\0"
	"supne\0\342\212\213\0supplus\0\342\253\200\0supset\0\342\212\203\0supseteq\0\342\212\207\0"
	"supseteqq\0\342\253\206\0supsetneq\0\342\212\213\0supsetneqq\0\342\253\214\0"
	"supsim\0\342\253\210\0supsub\0\342\253\224\0supsup\0\342\253\226\0swArr\0\342\207\231\0"
	"swarhk\0\342\244\246\0swarr\0\342\206\231\0swarrow\0\342\206\231\0swnwar\0\342\244\252\0"
	"szlig\1\303\237\0target\0\342\214\226\0tau\0\317\204\0tbrk\0\342\216\264\0tcaron\0\305\245\0"
	"tcedil\0\305\243\0tcy\0\321\202\0tdot\0\342\203\233\0telrec\0\342\214\225\0"
	"tfr\0\360\235\224\261\0there4\0\342\210\264\0therefore\0\342\210\264\0theta\0\316\270\0"
	"thetasym\0\317\221\0thetav\0\317\221\0thickapprox\0\342\211\210\0thicksim\0\342\210\274\0"
	"thinsp\0\342\200\211\0thkap\0\342\211\210\0thksim\0\342\210\274\0thorn\1\303\276\0"
	"tilde\0\313\234\0times\1\303\227\0timesb\0\342\212\240\0timesbar\0\342\250\261\0"
	"timesd\0\342\250\260\0tint\0\342\210\255\0toea\0\342\244\250\0top\0\342\212\244\0"
	"topbot\0\342\214\266\0topcir\0\342\253\261\0topf\0\360\235\225\245\0topfork\0\342\253\232\0"
	"tosa\0\342\244\251\0tprime\0\342\200\264\0trade\0\342\204\242\0triangle\0\342\226\265\0"
	"triangledown\0\342\226\277\0triangleleft\0\342\227\203\0trianglelefteq\0\342\212\264\0"
	"triangleq\0\342\211\234\0triangleright\0\342\226\271\0trianglerighteq\0\342\212\265\0"
	"tridot\0\342\227\254\0trie\0\342\211\234\0triminus\0\342\250\272\0triplus\0\342\250\271\0"
	"trisb\0\342\247\215\0tritime\0\342\250\273\0trpezium\0\342\217\242\0tscr\0\360\235\223\211\0"
	"tscy\0\321\206\0tshcy\0\321\233\0tstrok\0\305\247\0twixt\0\342\211\254\0"
	"twoheadleftarrow\0\342\206\236\0twoheadrightarrow\0\342\206\240\0uArr\0\342\207\221\0"
	"uHar\0\342\245\243\0uacute\1\303\272\0uarr\0\342\206\221\0ubrcy\0\321\236\0"
	"ubreve\0\305\255\0ucirc\1\303\273\0ucy\0\321\203\0udarr\0\342\207\205\0udblac\0\305\261\0"
	"udhar\0\342\245\256\0ufisht\0\342\245\276\0ufr\0\360\235\224\262\0ugrave\1\303\271\0"
	"uharl\0\342\206\277\0uharr\0\342\206\276\0uhblk\0\342\226\200\0ulcorn\0\342\214\234\0"
	"ulcorner\0\342\214\234\0ulcrop\0\342\214\217\0ultri\0\342\227\270\0umacr\0\305\253\0"
	"uml\1\302\250\0uogon\0\305\263\0uopf\0\360\235\225\246\0uparrow\0\342\206\221\0"
	"updownarrow\0\342\206\225\0upharpoonleft\0\342\206\277\0upharpoonright\0\342\206\276\0"
	"uplus\0\342\212\216\0upsi\0\317\205\0upsih\0\317\222\0upsilon\0\317\205\0"
	"upuparrows\0\342\207\210\0urcorn\0\342\214\235\0urcorner\0\342\214\235\0"
	"urcrop\0\342\214\216\0uring\0\305\257\0urtri\0\342\227\271\0uscr\0\360\235\223\212\0"
	"utdot\0\342\213\260\0utilde\0\305\251\0utri\0\342\226\265\0utrif\0\342\226\264\0"
	"uuarr\0\342\207\210\0uuml\1\303\274\0uwangle\0\342\246\247\0vArr\0\342\207\225\0"
	"vBar\0\342\253\250\0vBarv\0\342\253\251\0vDash\0\342\212\250\0vangrt\0\342\246\234\0"
	"varepsilon\0\317\265\0varkappa\0\317\260\0varnothing\0\342\210\205\0varphi\0\317\225\0"
	"varpi\0\317\226\0varpropto\0\342\210\235\0varr\0\342\206\225\0varrho\0\317\261\0"
	"varsigma\0\317\202\0varsubsetneq\0\342\212\212\357\270\200\0"
	"varsubsetneqq\0\342\253\213\357\270\200\0varsupsetneq\0\342\212\213\357\270\200\0"
	"varsupsetneqq\0\342\253\214\357\270\200\0vartheta\0\317\221\0vartriangleleft\0\342\212\262\0"
	"vartriangleright\0\342\212\263\0vcy\0\320\262\0vdash\0\342\212\242\0vee\0\342\210\250\0"
	"veebar\0\342\212\273\0veeeq\0\342\211\232\0vellip\0\342\213\256\0verbar\0|\0vert\0|\0"
	"vfr\0\360\235\224\263\0vltri\0\342\212\262\0vnsub\0\342\212\202\342\203\222\0"
	"vnsup\0\342\212\203\342\203\222\0vopf\0\360\235\225\247\0vprop\0\342\210\235\0"
	"vrtri\0\342\212\263\0vscr\0\360\235\223\213\0vsubnE\0\342\253\213\357\270\200\0"
	"vsubne\0\342\212\212\357\270\200\0vsupnE\0\342\253\214\357\270\200\0"
	"vsupne\0\342\212\213\357\270\200\0vzigzag\0\342\246\232\0wcirc\0\305\265\0"
	"wedbar\0\342\251\237\0wedge\0\342\210\247\0wedgeq\0\342\211\231\0weierp\0\342\204\230\0"
	"wfr\0\360\235\224\264\0wopf\0\360\235\225\250\0wp\0\342\204\230\0wr\0\342\211\200\0"
	"wreath\0\342\211\200\0wscr\0\360\235\223\214\0xcap\0\342\213\202\0xcirc\0\342\227\257\0"
	"xcup\0\342\213\203\0xdtri\0\342\226\275\0xfr\0\360\235\224\265\0xhArr\0\342\237\272\0"
	"xharr\0\342\237\267\0xi\0\316\276\0xlArr\0\342\237\270\0xlarr\0\342\237\265\0"
	"xmap\0\342\237\274\0xnis\0\342\213\273\0xodot\0\342\250\200\0xopf\0\360\235\225\251\0"
	"xoplus\0\342\250\201\0xotime\0\342\250\202\0xrArr\0\342\237\271\0xrarr\0\342\237\266\0"
	"xscr\0\360\235\223\215\0xsqcup\0\342\250\206\0xuplus\0\342\250\204\0xutri\0\342\226\263\0"
	"xvee\0\342\213\201\0xwedge\0\342\213\200\0yacute\1\303\275\0yacy\0\321\217\0"
	"ycirc\0\305\267\0ycy\0\321\213\0yen\1\302\245\0yfr\0\360\235\224\266\0yicy\0\321\227\0"
	"yopf\0\360\235\225\252\0yscr\0\360\235\223\216\0yucy\0\321\216\0yuml\1\303\277\0"
	"zacute\0\305\272\0zcaron\0\305\276\0zcy\0\320\267\0zdot\0\305\274\0zeetrf\0\342\204\250\0"
	"zeta\0\316\266\0zfr\0\360\235\224\267\0zhcy\0\320\266\0zigrarr\0\342\207\235\0"
	"zopf\0\360\235\225\253\0zscr\0\360\235\223\217\0zwj\0\342\200\215\0zwnj\0\342\200\214\0";

static const uint16_t offsets[] = {
	0, 70, 152, 234, 313, 405, 494, 635, 753, 828, 919, 1042, 1201, 1371, 1532, 1645, 1715, 1822,
	1914, 2023, 2091, 2203, 2300, 2398, 2471, 2553, 2654, 2726, 2796, 2872, 2991, 3141, 3293, 3434,
	3539, 3690, 3769, 3845, 4001, 4100, 4248, 4424, 4586, 4770, 4943, 5103, 5183, 5276, 5363, 5455,
	5574, 5661, 5736, 5845, 5994, 6141, 6296, 6389, 6461, 6580, 6722, 6838, 6928, 6994, 7108, 7193,
	7268, 7376, 7499, 7594, 7669, 7787, 7861, 7931, 8003, 8085, 8151, 8226, 8303, 8405, 8494, 8565,
	8643, 8743, 8827, 8911, 9006, 9121, 9252, 9334, 9414, 9493, 9574, 9656, 9740, 9820, 9898, 9978,
	10065, 10145, 10222, 10331, 10431, 10514, 10600, 10678, 10766, 10860, 10973, 11056, 11132,
	11212, 11297, 11382, 11480, 11599, 11675, 11758, 11828, 11900, 11985, 12058, 12151, 12236,
	12309, 12403, 12480, 12565, 12652, 12729, 12797, 12876, 12954, 13023, 13098, 13179, 13282,
	13362, 13449, 13551, 13627, 13699, 13783, 13860, 13949, 14028, 14099, 14175, 14247, 14321,
	14402, 14489, 14570, 14650, 14728, 14878, 14977, 15077, 15162, 15241, 15328, 15413, 15538,
	15617, 15700, 15775, 15854, 15948, 16030, 16124, 16200, 16280, 16362, 16467, 16551, 16638,
	16716, 16806, 16893, 16965, 17037, 17140, 17218, 17315, 17406, 17502, 17595, 17681, 17782,
	17884, 17988, 18079, 18174, 18248, 18325, 18397, 18476, 18550, 18627, 18706, 18782, 18859,
	18940, 19028, 19100, 19201, 19286, 19370, 19458, 19534, 19618, 19701, 19791, 19873, 19949,
	20029, 20110, 20272, 20361, 20441, 20521, 20608, 20679, 20759, 20838, 20916, 21001, 21077,
	21173, 21247, 21336, 21433, 21518, 21610, 21695, 21796, 21900, 21970, 22062, 22161, 22248,
	22320, 22412, 22495, 22577, 22685, 22792, 22885, 22972, 23049, 23130, 23232, 23321, 23400,
	23490, 23595, 23714, 23794, 23889, 23976, 24049, 24123, 24204, 24283, 24350, 24421,
};
/* clang-format on */

#define STEP 8
#define N_OFFSETS lengthof(offsets)

/* An entry of the table, taken apart. */
typedef struct Reference
{
	bool		old; /* may do without a semicolon */
	Text		expansion;
	const char *next;
} Reference;

static Reference
reference_at(const char *at)
{
	Reference reference;

	while (*at > '\1')
		at++;
	reference.old = *at == '\1';
	reference.expansion.data = at + 1;
	reference.expansion.len = strlen(at + 1);
	reference.next = reference.expansion.data + reference.expansion.len + 1;
	return reference;
}

/*
 * How the name of the entry at at compares to name, in byte order.  What ends
 * it in the table is less than every letter.
 */
static int
compare(const char *at, Text name)
{
	size_t i = 0;

	while (i < name.len && at[i] == name.data[i])
		i++;
	if (i == name.len)
		return at[i] > '\1';
	return (unsigned char) at[i] < (unsigned char) name.data[i] ? -1 : 1;
}

/* Finds the name: by halves among every eighth one, then from there on. */
static bool
find(Text name, Reference *found)
{
	size_t		low = 0;
	size_t		high = N_OFFSETS;
	const char *at;

	if (name.len < OLD_NAME_SHORTEST || name.len > NAME_LONGEST)
		return false;
	while (high - low > 1)
	{
		size_t middle = (low + high) / 2;

		if (compare(named_references + offsets[middle], name) <= 0)
			low = middle;
		else
			high = middle;
	}
	at = named_references + offsets[low];
	for (int i = 0; i < STEP && at < named_references + sizeof(named_references) - 1; i++)
	{
		int order = compare(at, name);

		*found = reference_at(at);
		if (order >= 0)
			return order == 0;
		at = found->next;
	}
	return false;
}

Text
entity_named(Text name)
{
	Reference found;

	return find(name, &found) ? found.expansion : TEXT_NULL;
}

static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

size_t
entity_match(Text text, Text *expansion)
{
	Reference found;
	size_t	  len = 0;

	while (len < text.len && len <= NAME_LONGEST && is_name_byte(text.data[len]))
		len++;
	if (len < text.len && text.data[len] == ';' && find((Text){text.data, len}, &found))
	{
		*expansion = found.expansion;
		return len + 1;
	}
	if (len > OLD_NAME_LONGEST)
		len = OLD_NAME_LONGEST;
	for (; len >= OLD_NAME_SHORTEST; len--)
	{
		if (find((Text){text.data, len}, &found) && found.old)
		{
			*expansion = found.expansion;
			return len;
		}
	}
	return 0;
}

size_t
entity_number(Text text, unsigned *number)
{
	bool   hex = text.len > 0 && (text.data[0] | 0x20) == 'x';
	size_t len = hex;

	*number = 0;
	for (; len < text.len; len++)
	{
		char	 c = text.data[len];
		unsigned digit;

		if (c >= '0' && c <= '9')
			digit = (unsigned) (c - '0');
		else if (hex && (c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (unsigned) ((c | 0x20) - 'a') + 10;
		else
			break;
		if (*number <= 0x10FFFF)
			*number = *number * (hex ? 16 : 10) + digit;
	}
	if (len == (size_t) hex)
		return 0;
	return len + (len < text.len && text.data[len] == ';');
}
