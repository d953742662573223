/*
 * depot.c
 *	  Where things are archived: the bucket or the directory that datasens.archive_url names.
 *	  What is done with a directory is in depot_folder.c, with a bucket in net/s3.c; this file
 *	  chooses, and knows names, secrets and progress.
 */
#include "postgres.h"

#include "base/secret_file.h"
#include "base/settings.h"
#include "base/sha256.h"
#include "base/shared.h"
#include "base/transaction.h"
#include "net/s3.h"
#include "operate/depot.h"
#include "operate/depot_folder.h"
#include "operate/kept_files.h"
#include "store/secret.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define FOLDER "file://"
#define BUCKET "s3://"

struct Depot
{
	MemoryContextCallback on_reset;
	Folder				 *folder;  /* a directory; else NULL */
	S3Account			  account; /* of a bucket */
	S3					 *s3;
	char				 *prefix; /* in the bucket, "" or with a '/' at its end */
	Progress			 *progress;
	int64				  total; /* of what is being moved; -1: not known */
};

bool
depot_configured(void)
{
	return setting_archive_url[0] != '\0';
}

/* ---- opening ---- */

/*
 * The secret of that name from wherever it is kept, or NULL. Where a setting names a file for it
 * that cannot be read, *error says so.
 */
static char *
find_secret(List *secrets, const char *name, char **error)
{
	MemoryContext context = CurrentMemoryContext;
	char *volatile value = NULL;

	PG_TRY();
	{
		value = secret_find_anywhere(secrets, name);
	}
	PG_CATCH();
	{
		ErrorData *data;

		MemoryContextSwitchTo(context);
		data = CopyErrorData();
		if (data->sqlerrcode != ERRCODE_CONFIG_FILE_ERROR)
			PG_RE_THROW();
		FlushErrorState();
		*error = data->message;
	}
	PG_END_TRY();
	return value;
}

/* Sets bucket and prefix from "s3://bucket/prefix". */
static void
split_url(Depot *depot)
{
	const char *bucket = setting_archive_url + strlen(BUCKET);
	size_t		length = strcspn(bucket, "/");
	const char *prefix = bucket + length;

	depot->account.bucket = pnstrdup(bucket, length);
	while (*prefix == '/')
		prefix++;
	length = strlen(prefix);
	while (length > 0 && prefix[length - 1] == '/')
		length--;
	depot->prefix = psprintf("%.*s%s", (int) length, prefix, length > 0 ? "/" : "");
}

static char *
open_bucket(Depot *depot, MemoryContext context)
{
	static const char *const needed[] = {"s3_access_key", "s3_secret_key"};
	List					*secrets = secret_load(context);
	char					*error = NULL;

	depot->account.endpoint = pstrdup(setting_s3_endpoint);
	depot->account.region = pstrdup(setting_s3_region);
	depot->account.access_key = find_secret(secrets, needed[0], &error);
	depot->account.secret_key = find_secret(secrets, needed[1], &error);
	depot->account.session_token = find_secret(secrets, "s3_session_token", &error);
	if (error)
		return error;
	if (depot->account.access_key == NULL || depot->account.secret_key == NULL)
	{
		const char *missing = needed[depot->account.access_key != NULL];

		return psprintf("the secret %s is missing; %s", missing, secret_how_to(missing));
	}
	split_url(depot);
	depot->s3 = s3_open(context, &depot->account);
	return NULL;
}

/* Reset callback: the progress entry is not memory, but goes with the depot's. */
static void
hide_progress(void *depot)
{
	progress_free(((Depot *) depot)->progress);
}

Depot *
depot_open(MemoryContext context, char **error)
{
	MemoryContext previous = MemoryContextSwitchTo(context);
	Depot		 *depot = palloc0(sizeof(Depot));

	depot->on_reset.func = hide_progress;
	depot->on_reset.arg = depot;
	MemoryContextRegisterResetCallback(context, &depot->on_reset);
	*error = NULL;
	if (strncmp(setting_archive_url, FOLDER, strlen(FOLDER)) == 0)
		depot->folder = folder_open(context, kept_directory(setting_archive_url + strlen(FOLDER)));
	else
		*error = open_bucket(depot, context);
	MemoryContextSwitchTo(previous);
	return *error ? NULL : depot;
}

/* ---- names ---- */

char *
depot_database(void)
{
	MemoryContext context = CurrentMemoryContext;
	char		 *database;
	OwnerScope	  scope;

	if (IsTransactionState())
		return get_database_name(MyDatabaseId);
	if (!transaction_start(&scope))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("the extension is not there")));
	MemoryContextSwitchTo(context);
	database = get_database_name(MyDatabaseId);
	transaction_commit(&scope, false);
	return database;
}

char *
depot_own(void)
{
	return psprintf("%s-" UINT64_FORMAT "/", kept_database(depot_database()),
					GetSystemIdentifier());
}

/* The length of the setting without the '/' at its end. */
static int
base_length(void)
{
	size_t length = strlen(setting_archive_url);

	while (length > 0 && setting_archive_url[length - 1] == '/')
		length--;
	return (int) length;
}

char *
depot_uri(const char *name)
{
	return psprintf("%.*s/%s", base_length(), setting_archive_url, name);
}

char *
depot_name(const char *uri)
{
	int length = base_length();

	if (!depot_configured() || strncmp(uri, setting_archive_url, length) != 0 || uri[length] != '/')
		return NULL;
	return pstrdup(uri + length + 1);
}

bool
depot_is_ours(const char *name, const char *own)
{
	size_t stem = strrchr(own, '-') - own + 1;
	size_t digits;

	if (strncmp(name, own, stem) != 0)
		return false;
	digits = strspn(name + stem, "0123456789");
	return digits > 0 && name[stem + digits] == '/' && strstr(name, "..") == NULL;
}

/* ---- progress ---- */

/* Called as bytes are moved. */
static void
show(void *argument, int64 moved)
{
	const Depot *depot = argument;

	progress_set(depot->progress, PROGRESS_ARCHIVING, moved, depot->total, 0);
}

/* Where the transfer goes to, as the view shows it. */
static const char *
place_of(const Depot *depot)
{
	return depot->folder				? ""
		   : depot->account.endpoint[0] ? depot->account.endpoint
										: depot->account.bucket;
}

void
depot_show(Depot *depot, const char *what)
{
	progress_free(depot->progress);
	depot->progress = what ? progress_take(0, what, place_of(depot)) : NULL;
	if (depot->s3)
		s3_watch(depot->s3, depot->progress ? show : NULL, depot);
}

/* ---- the one or the other ---- */

/* The object's key in the bucket. */
static char *
key_of(const Depot *depot, const char *name)
{
	return psprintf("%s%s", depot->prefix, name);
}

bool
depot_can_be(int64 size, const char *digits)
{
	return size >= 0 && digits != NULL && strlen(digits) == 2 * SHA256_SIZE &&
		   strspn(digits, "0123456789abcdef") == 2 * SHA256_SIZE;
}

char *
depot_put(Depot *depot, const char *name, int file, int64 size, const char *digits)
{
	depot->total = size;
	if (depot->folder)
		return folder_put(depot->folder, name, file, size, digits, depot->progress ? show : NULL,
						  depot);
	return s3_put_file(depot->s3, key_of(depot, name), file, size, digits);
}

/* What is put into a bucket is there at once; a directory has to be synced. */
char *
depot_settle(Depot *depot)
{
	return depot->folder ? folder_settle(depot->folder) : NULL;
}

char *
depot_check(Depot *depot, const char *name, int64 size, bool *there)
{
	S3Object object;
	char	*error;

	if (depot->folder)
		return folder_check(depot->folder, name, size, there);
	error = s3_head(depot->s3, key_of(depot, name), &object);
	*there = object.there && object.size == size;
	return error;
}

char *
depot_get(Depot *depot, const char *name, int file, int64 max, int64 *size)
{
	depot->total = -1;
	if (depot->folder)
		return folder_get(depot->folder, name, file, max, size);
	return s3_get(depot->s3, key_of(depot, name), file, max, size);
}

char *
depot_remove(Depot *depot, const char *name)
{
	if (depot->folder)
		return folder_remove(depot->folder, name);
	return s3_delete(depot->s3, key_of(depot, name));
}

char *
depot_clear(Depot *depot)
{
	char *own = depot_own();

	if (depot->folder)
		return folder_clear(depot->folder, own);
	return s3_abort_all(depot->s3, key_of(depot, own));
}
