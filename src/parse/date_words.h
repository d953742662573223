/*
 * date_words.h
 *	  The words in dates: days, months, halves of the day, zones.  Plain C; used
 *	  by date.c and date_find.c only.
 */
#ifndef DATASENS_PARSE_DATE_WORDS_H
#define DATASENS_PARSE_DATE_WORDS_H

#include "base/arena.h"

typedef enum DateWordKind
{
	WORD_WEEKDAY,
	WORD_MONTH,	   /* value: 1 to 12 */
	WORD_MAR,	   /* value: 3; mardi, mars or March */
	WORD_MERIDIEM, /* value: hours to add to 1 to 11 */
	WORD_KOREAN_MERIDIEM,
	WORD_FILLER /* before the time: means nothing */
} DateWordKind;

typedef struct DateWord
{
	const char	*name; /* folded */
	DateWordKind kind;
	int			 value;
	bool		 exact; /* else every word that begins so is meant */
} DateWord;

/* Makes small letters of the capitals of ASCII, Latin, Greek and Cyrillic, in place. */
extern void date_fold(char *word, size_t len);

/* What a folded word means in a date, or NULL. */
extern const DateWord *date_word(Text word);

/* The seconds east of UTC of a zone's name; false where it is not known. */
extern bool date_zone(Text word, int *offset);

#endif
