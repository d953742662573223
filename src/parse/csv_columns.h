/*
 * csv_columns.h
 *	  Which column of a table is a document's title, text, ...  Plain C.
 *
 * Who calls it: source/csv_file.c for a file; source/kaggle.c for what a user may name.
 */
#ifndef DATASENS_PARSE_CSV_COLUMNS_H
#define DATASENS_PARSE_CSV_COLUMNS_H

#include "base/arena.h"
#include "base/failure.h"

/* What a column may be of a document, in the order of csv_role_name. */
typedef enum CsvRole
{
	CSV_TITRE,
	CSV_TEXTE,
	CSV_URL,
	CSV_AUTEUR,
	CSV_LANGUE,
	CSV_DATE,
	CSV_N_ROLES
} CsvRole;

/* Each role's column, from 0, or -1. */
typedef struct CsvColumns
{
	int of[CSV_N_ROLES];
} CsvColumns;

/* "titre", "texte", "url", "auteur", "langue", "date". */
extern const char *csv_role_name(CsvRole role);

/*
 * Maps the n names (csv_sniff's, or any table's) to roles.  wanted[role] is the
 * name that the user gave or absent, and wins: compared exactly, then without
 * case, accents and punctuation; a number counts from 1 where no column has it
 * as its name.  Other roles go to the columns with their usual names in French
 * and English, the most telling name first; a column has one role only, and of
 * two alike the first has it.  False with *failure set (FAILURE_PARSE, the
 * detail lists the columns) where a wanted column is not there or no column is
 * the text.
 */
extern bool csv_columns_map(const Text *names, size_t n, const Text wanted[CSV_N_ROLES],
							CsvColumns *columns, Failure *failure);

/* Whether a column of this name alone tells what it is: one of the usual names. */
extern bool csv_columns_usual(Text name);

#endif
