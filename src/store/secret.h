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

/*
 * All secrets of the database (a List of Secret *), in the context. Where there is no transaction
 * it starts one for itself.
 */
extern List *secret_load(MemoryContext context);

/* The value of the secret of that name; NULL where the list has none. */
extern char *secret_find(List *secrets, const char *name);

/*
 * The same, or what the server's administrator keeps under that name (base/secret_file.h); NULL:
 * nobody has it.
 */
extern char *secret_find_anywhere(List *secrets, const char *name);

/* Sets a secret; value NULL deletes it. False: there was none of that name. */
extern bool secret_store(const char *name, const char *value);

#endif
