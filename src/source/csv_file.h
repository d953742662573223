/*
 * csv_file.h
 *	  CSV files, packed or not, as documents into a sink.
 *
 * Who calls it: the file kinds' read, on the parser's thread.  Plain C, in
 * bounded memory whatever the file is.
 */
#ifndef DATASENS_SOURCE_CSV_FILE_H
#define DATASENS_SOURCE_CSV_FILE_H

#include "source/kind.h"

/*
 * Reads the response's file: CSV, gzip or a zip of one or many.  Its parameters
 * are the source's options in UTF-8 (see kaggle.c).  Each row is a document or a
 * reject; false with *failure set where the archive or a table as a whole cannot
 * be read, or where more rows are rejected than the option allows.
 */
extern bool csv_file_read(Sink *sink, Arena *arena, const FetchResponse *response,
						  Failure *failure);

#endif
