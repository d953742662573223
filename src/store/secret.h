/*
 * secret.h
 *	  Secrets that the database keeps: the table datasens.secret.
 *
 * The table belongs to who created the extension, nobody has rights to it, and row
 * security hides its rows from those who may read every table.  It is read and
 * written here by its storage, not by SQL: no statement, plan or parameter holds
 * a secret, and no right has to be given.  Values are kept as they are: who can read the
 * server's files can read them.
 */
#ifndef DATASENS_STORE_SECRET_H
#define DATASENS_STORE_SECRET_H

#include "postgres.h"

#include "nodes/pg_list.h"

typedef struct Secret
{
	char *name;
	char *value; /* UTF-8 */
} Secret;

/* All of them (a List of Secret *), in the context; inside a transaction. */
extern List *secret_load(MemoryContext context);

/* Sets a secret, NULL: deletes it (false: there was none). */
extern bool secret_store(const char *name, const char *value);

#endif
