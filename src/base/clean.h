/*
 * clean.h
 *	  Messages of others, fit for a log, a table and a terminal.
 *
 * Who calls it: whoever makes an error of what a library, a server or a program has said.
 */
#ifndef DATASENS_BASE_CLEAN_H
#define DATASENS_BASE_CLEAN_H

/*
 * Makes one line of that encoding (a server's number for it), in place: control characters
 * become spaces, what is not of the encoding question marks.
 */
extern void clean_line(char *message, int encoding);

#endif
