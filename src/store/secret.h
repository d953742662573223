/*
 * secret.h
 *	  Secrets that the database keeps: the table datasens.secret.
 *
 * The table belongs to who created the extension, nobody has rights to it, and row
 * security hides its rows from those who may read every table.  It is read and
 * written here by its storage, not by SQL: no statement, plan or parameter holds
 * a secret, and no right has to be given.  Values are kept as they are: who can read the
 * server's files can read them.
 *
 * Who calls it: the runs (run/secret.c), what archives or mails, datasens_set_secret().
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

/* All of them (a List of Secret *), in the context; in a transaction of its own where there is none. */
extern List *secret_load(MemoryContext context);

/* The value of the secret of that name; NULL where none of them is it. */
extern char *secret_find(List *secrets, const char *name);

/* The same, or from where the administrator keeps secrets (base/secret_file.h); NULL: from nowhere. */
extern char *secret_find_anywhere(List *secrets, const char *name);

/* Sets a secret, NULL: deletes it (false: there was none). */
extern bool secret_store(const char *name, const char *value);

#endif
