/*
 * secret_file.c
 *	  Secrets that the server's administrator keeps outside of the database. The table below
 *	  says for each where it may be: in a file that a setting names, or in a variable of the
 *	  environment.
 */
#include "postgres.h"

#include "base/secret_file.h"
#include "base/settings.h"

#include <ctype.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/stringinfo.h"

/* So many bytes of a file are read; one that is larger does not hold a secret. */
#define MAX_FILE (64 * 1024)

static const struct
{
	const char *name;
	char	  **file; /* the setting's variable; NULL: there is none */
	const char *setting;
	const char *member; /* of the JSON object in the file; NULL: the file is the secret */
	const char *variable;
	bool		for_sources;
} outside[] = {
	{"owm_api_key", &setting_owm_api_key_file, "datasens.owm_api_key_file", NULL, "OWM_API_KEY",
	 true},
	{"smtp_password", &setting_smtp_password_file, "datasens.smtp_password_file", NULL,
	 "SMTP_PASSWORD", false},
	{"kaggle_username", &setting_kaggle_file, "datasens.kaggle_file", "username", "KAGGLE_USERNAME",
	 true},
	{"kaggle_key", &setting_kaggle_file, "datasens.kaggle_file", "key", "KAGGLE_KEY", true},
	{"kaggle_token", NULL, NULL, NULL, "KAGGLE_API_TOKEN", true},
	{"s3_access_key", &setting_s3_access_key_file, "datasens.s3_access_key_file", NULL,
	 "AWS_ACCESS_KEY_ID", false},
	{"s3_secret_key", &setting_s3_secret_key_file, "datasens.s3_secret_key_file", NULL,
	 "AWS_SECRET_ACCESS_KEY", false},
	{"s3_session_token", NULL, NULL, NULL, "AWS_SESSION_TOKEN", false},
};

/* The place of that name in the table, or -1. */
static int
find(const char *name)
{
	for (size_t i = 0; i < lengthof(outside); i++)
		if (strcmp(outside[i].name, name) == 0)
			return (int) i;
	return -1;
}

/* The file's bytes, palloc'd and terminated. */
static char *
read_file(const char *path, const char *setting)
{
	char   *bytes = palloc(MAX_FILE + 1);
	int		file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = 0;
	ssize_t n = -1;

	while (file >= 0 && length < MAX_FILE &&
		   (n = read(file, bytes + length, MAX_FILE - length)) > 0)
		length += n;
	if (n < 0)
	{
		int saved_errno = errno;

		if (file >= 0)
			close(file);
		errno = saved_errno;
		ereport(ERROR, (errcode(ERRCODE_CONFIG_FILE_ERROR),
						errmsg("could not read file \"%s\", which %s names: %m", path, setting)));
	}
	close(file);
	bytes[length] = '\0';
	return bytes;
}

/*
 * The string under that key of a JSON object, palloc'd, or NULL. What jansson says of broken JSON
 * is not shown, as it would quote it.
 */
static char *
member_of(const char *json, const char *key)
{
	json_t	   *object = json_loads(json, 0, NULL);
	const char *value = json_string_value(json_object_get(object, key));
	char	   *copy = value ? pstrdup(value) : NULL;

	json_decref(object);
	return copy;
}

/* Without blanks and newlines around it, in place. */
static char *
trim(char *string)
{
	size_t length;

	while (isspace((unsigned char) *string))
		string++;
	length = strlen(string);
	while (length > 0 && isspace((unsigned char) string[length - 1]))
		length--;
	string[length] = '\0';
	return string;
}

char *
secret_from_outside(const char *name)
{
	int			i = find(name);
	const char *path = i >= 0 && outside[i].file != NULL ? *outside[i].file : NULL;
	char	   *value;

	if (i < 0)
		return NULL;
	if (path == NULL || path[0] == '\0')
	{
		value = getenv(outside[i].variable);
		value = value ? trim(pstrdup(value)) : NULL;
		return value && value[0] ? value : NULL;
	}
	value = read_file(path, outside[i].setting);
	if (outside[i].member)
		value = member_of(value, outside[i].member);
	value = value ? trim(value) : NULL;
	if (value == NULL || value[0] == '\0')
		ereport(ERROR, (errcode(ERRCODE_CONFIG_FILE_ERROR),
						outside[i].member ? errmsg("file \"%s\", which %s names, has no \"%s\"",
												   path, outside[i].setting, outside[i].member)
										  : errmsg("file \"%s\", which %s names, is empty", path,
												   outside[i].setting)));
	return value;
}

char *
secret_how_to(const char *name)
{
	int i = find(name);

	if (i < 0)
		return psprintf("set it by SELECT datasens_set_secret('%s', '...')", name);
	if (outside[i].file == NULL)
		return psprintf("set it by SELECT datasens_set_secret('%s', '...'), or by %s in the "
						"server's environment",
						name, outside[i].variable);
	return psprintf("set it by SELECT datasens_set_secret('%s', '...'), by a file that %s names, "
					"or by %s in the server's environment",
					name, outside[i].setting, outside[i].variable);
}

bool
secret_is_for_sources(const char *name)
{
	int i = find(name);

	return i < 0 || outside[i].for_sources;
}

bool
secret_is_known(const char *name)
{
	return find(name) >= 0;
}

char *
secret_names(void)
{
	StringInfoData names;

	initStringInfo(&names);
	for (size_t i = 0; i < lengthof(outside); i++)
		appendStringInfo(&names, "%s%s", i ? ", " : "", outside[i].name);
	return names.data;
}

bool
secret_is_like_known(const char *name)
{
	if (secret_is_known(name))
		return false;
	for (size_t i = 0; i < lengthof(outside); i++)
		if (strncmp(outside[i].name, name, strcspn(outside[i].name, "_") + 1) == 0)
			return true;
	return false;
}
