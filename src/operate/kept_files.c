/*
 * kept_files.c
 *	  Files that are made again and again and kept for a while. What is removed is decided by
 *	  the name alone (kept_is_ours): never by what a table says.
 */
#include "postgres.h"

#include "base/hasher.h"
#include "operate/kept_files.h"

#include <unistd.h>

#include "common/file_perm.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* The form of the time in a name, as in 20261125T023000Z: 0 stands for a digit. */
#define STAMP_FORM "00000000T000000Z"

char *
file_trouble(const char *verb, const char *path)
{
	return psprintf("could not %s \"%s\": %s", verb, path, strerror(errno));
}

char *
kept_directory(const char *setting)
{
	char *path = is_absolute_path(setting) ? pstrdup(setting) : psprintf("%s/%s", DataDir, setting);

	canonicalize_path(path);
	return path;
}

char *
kept_stem(const char *name)
{
	char *stem = pstrdup(name);

	for (char *c = stem; *c != '\0'; c++)
	{
		if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
			  *c == '-' || *c == '_'))
			*c = '_';
	}
	return stem;
}

/* A name that begins with '-' would be an option to the program that gets it. */
char *
kept_database(const char *database)
{
	Text  bytes = {database, strlen(database)};
	char *stem = kept_stem(database);
	uint8 hash[SHA256_SIZE];
	char  digits[2 * SHA256_SIZE];

	if (stem[0] == '-')
		stem[0] = '_';
	if (strcmp(stem, database) == 0)
		return stem;
	if (!hasher_pieces(hasher_own(), &bytes, 1, hash))
		elog(ERROR, "could not compute SHA-256");
	(void) hex_encode((const char *) hash, SHA256_SIZE, digits);
	return psprintf("%s.%.16s", stem, digits);
}

/* The time as it stands in a name. */
static char *
stamp_of(TimestampTz at)
{
	pg_time_t	  seconds = timestamptz_to_time_t(at);
	struct pg_tm *utc = pg_gmtime(&seconds);

	return psprintf("%04d%02d%02dT%02d%02d%02dZ", utc->tm_year + 1900, utc->tm_mon + 1,
					utc->tm_mday, utc->tm_hour, utc->tm_min, utc->tm_sec);
}

/* Of several files of the same second, all but the first have a letter behind the time. */
bool
kept_is_ours(const char *name, const char *database, const char *suffix)
{
	const char *stem = kept_database(database);
	size_t		length = strlen(stem);

	if (strncmp(name, stem, length) != 0 || name[length] != '_')
		return false;
	name += length + 1;
	for (const char *form = STAMP_FORM; *form != '\0'; form++, name++)
	{
		if (*form == '0' ? *name < '0' || *name > '9' : *name != *form)
			return false;
	}
	if (*name >= 'a' && *name <= 'z')
		name++;
	return strcmp(name, suffix) == 0;
}

char *
kept_name(const char *directory, const char *database, TimestampTz at, const char *suffix)
{
	char *start = psprintf("%s_%s", kept_database(database), stamp_of(at));
	char  letter[2] = "";
	char *name;

	do
	{
		name = psprintf("%s%s%s", start, letter, suffix);
		letter[0] = letter[0] == '\0' ? 'a' : letter[0] + 1;
	} while (letter[0] <= 'z' && access(psprintf("%s/%s", directory, name), F_OK) == 0);
	return name;
}

/*
 * Removes the files with that suffix whose times come before limit (as STAMP_FORM); NULL: all of
 * them.
 */
static void
sweep(const char *directory, const char *database, const char *suffix, const char *limit)
{
	size_t		   start = strlen(kept_database(database)) + 1;
	DIR			  *dir = AllocateDir(directory);
	struct dirent *entry;

	while ((entry = ReadDirExtended(dir, directory, LOG)) != NULL)
	{
		if (kept_is_ours(entry->d_name, database, suffix) &&
			(limit == NULL || strncmp(entry->d_name + start, limit, strlen(limit)) < 0))
			(void) unlink(psprintf("%s/%s", directory, entry->d_name));
	}
	if (dir != NULL)
		FreeDir(dir);
}

char *
kept_prepare(const char *directory, const char *database, const char *suffix)
{
	if (MakePGDirectory(directory) != 0 && errno != EEXIST)
		return file_trouble("create directory", directory);
	if (access(directory, R_OK | W_OK | X_OK) != 0)
		return file_trouble("write to directory", directory);
	sweep(directory, database, psprintf("%s" KEPT_PARTIAL, suffix), NULL);
	return NULL;
}

void
kept_remove_older(const char *directory, const char *database, const char *suffix,
				  TimestampTz limit)
{
	sweep(directory, database, suffix, stamp_of(limit));
}
