/*
 * secret.c
 *	  datasens_set_secret(): keys and passwords, for the collectors only.
 *
 * No message of ours holds the value, and log_mask.c keeps the statement out of
 * the log.  What cannot be kept from anyone who may look there: the client's own
 * history, and what travels between client and server without TLS.
 */
#include "postgres.h"

#include "api/api.h"
#include "base/log_mask.h"
#include "base/secret_file.h"
#include "store/journal.h"
#include "store/secret.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(datasens_set_secret);

/* Names are written in options, as secret:name, and in SQL. */
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_"
#define NAME_LENGTH 63

/* It is to fit into a header line. */
#define MAX_VALUE 8192

static void
check_name(const char *name)
{
	size_t length = strlen(name);

	/* What is no name may be a value in the wrong place: it is not repeated. */
	if (length == 0 || length > NAME_LENGTH || strspn(name, NAME_CHARACTERS) != length)
		ereport(
			ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("not a name for a secret"),
			 errdetail("A name has at most %d small letters, digits and underscores.", NAME_LENGTH),
			 errhint("Names that datasens knows: %s; others are those that sources name as "
					 "\"secret:name\".",
					 secret_names())));
}

/* A name that begins as one of ours, and is none, is more likely mistyped than a source's. */
static void
notice_mistyped(const char *name)
{
	if (secret_is_like_known(name))
		ereport(
			NOTICE,
			(errmsg("datasens itself does not ask for a secret \"%s\"", name),
			 errhint("Names that it knows: %s. It is for sources that name it as \"secret:%s\".",
					 secret_names(), name)));
}

static void
check_value(const char *value)
{
	size_t length = strlen(value);

	if (length == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the secret is empty"),
						errhint("Give null to delete it.")));
	if (length > MAX_VALUE)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the secret is longer than %d bytes", MAX_VALUE)));
	for (const char *p = value; *p; p++)
		if ((unsigned char) *p < ' ' || *p == 0x7F)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the secret has a control character"),
					 errdetail("The character at place %d could not be sent in a header line.",
							   (int) (p - value) + 1),
					 errhint("Look for a newline at the end of what was pasted.")));
}

/* datasens_set_secret(name, value): null deletes it. */
Datum
datasens_set_secret(PG_FUNCTION_ARGS)
{
	char	  *name = argument_string(fcinfo, 0);
	char	  *value = argument_string(fcinfo, 1);
	OwnerScope scope;
	bool	   found;

	log_mask_activity();
	check_can_write("datasens_set_secret");
	if (name == NULL)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("name must not be null")));
	check_name(name);
	if (value)
	{
		check_value(value);
		notice_mistyped(name);
	}
	owner_enter(&scope);
	found = secret_store(name, value);
	if (value || found)
		journal_write(value ? "SECRET_DEFINI" : "SECRET_SUPPRIME", name);
	else
		ereport(NOTICE, (errmsg("there is no secret \"%s\"", name)));
	owner_leave(&scope);
	PG_RETURN_VOID();
}
