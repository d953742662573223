/*
 * s3_answer.h
 *	  What an S3 service writes into its answers.  Plain C.
 *	  Called by net/s3.c.
 *
 * The answers are small documents of machines, all of one kind: elements with text in
 * them, no attribute that matters, no mixed content.  So they are searched for the
 * elements that are wanted, from front to back, and nothing is ever expanded but the
 * five named and the numeric characters.
 */
#ifndef DATASENS_PARSE_S3_ANSWER_H
#define DATASENS_PARSE_S3_ANSWER_H

#include "base/arena.h"

/*
 * The content of the next element of that name in xml after *place, which moves behind
 * it; TEXT_NULL where there is none, and *place stays.  The content is as it stands there.
 */
extern Text s3_element(Text xml, const char *name, size_t *place);

/* A content as text: its characters unescaped, copied into the arena; TEXT_NULL: no memory. */
extern Text s3_text(Arena *arena, Text content);

#endif
