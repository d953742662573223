/*
 * secret_file.h
 *	  Secrets that the server's administrator keeps outside of the database: in
 *	  files that settings name, and in the server's environment.
 *
 * Who calls it: run/, where the database has no secret of that name.  Only the
 * names of the table in secret_file.c can be had this way: a source's options may name
 * any secret, and the environment holds more than what is meant for us.  Where a source may send
 * them is said with run_secret (source/kind.h).
 * Never: a secret, or a piece of one, in a message.
 */
#ifndef DATASENS_BASE_SECRET_FILE_H
#define DATASENS_BASE_SECRET_FILE_H

/*
 * The secret of that name, palloc'd, without the blanks and newlines around it; NULL where
 * neither a setting nor the environment has it.  ereports (F0000) where its file
 * cannot be read or has no secret.
 */
extern char *secret_from_outside(const char *name);

/* Whether sources may ask for the secret of that name, wherever it is kept. */
extern bool secret_is_for_sources(const char *name);

/* Whether the administrator may keep a secret of that name. */
extern bool secret_is_known(const char *name);

/* How the secret of that name is set, as the rest of a sentence (palloc'd). */
extern char *secret_how_to(const char *name);

/* The names of the table, for hints: "owm_api_key, ..." (palloc'd). */
extern char *secret_names(void);

/*
 * Whether the name is none of the table but begins as one does, up to its "_": most likely it is
 * mistyped.
 */
extern bool secret_is_like_known(const char *name);

#endif
