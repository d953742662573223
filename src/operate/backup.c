/*
 * backup.c
 *	  Backups of the database: making one. What is kept of them, and for how long, is in
 *	  backup_record.c; their files' names are in backup_files.c.
 *
 * The program runs as a child (base/child.h), for minutes or hours, with no transaction open
 * unless a user asked for it by hand. It is pg_dump of this server's release, and its output is
 * listed by pg_restore before it counts; or it is the administrator's own command, which has to
 * know by itself whether it has succeeded.
 */
#include "postgres.h"

#include "base/child.h"
#include "base/lock.h"
#include "base/settings.h"
#include "base/shared.h"
#include "base/transaction.h"
#include "compat.h"
#include "operate/backup.h"
#include "operate/backup_files.h"
#include "operate/kept_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/pg_authid.h"
#include "commands/dbcommands.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "postmaster/postmaster.h"
#include "storage/fd.h"
#include "storage/ipc.h"
#include "utils/backend_status.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

/* What the view datasens_progress calls it, as it has no source. */
#define PROGRESS_NAME "datasens_backup"

/* The sessions of pg_dump, or of a command, are known by this name (lower_sessions). */
#define APPLICATION_NAME "datasens backup"

/* pg_dump waits at most this long for a table that somebody has locked. */
#define LOCK_WAIT "60s"

static Progress *shown = NULL;

/* ---- beginning ---- */

void
backup_begin(Backup *backup, const char *trigger, const char *note, bool session)
{
	memset(backup, 0, sizeof(*backup));
	if (setting_backup_directory[0] == '\0')
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("there is no directory for backups"),
						errhint("Set datasens.backup_directory to a directory that the server's "
								"user can write to, and reload the configuration.")));
	backup->lock = lock_table("sauvegarde");
	backup->session = session;
	if (!lock_take(backup->lock, 0, session, !session))
		ereport(ERROR, (errcode(ERRCODE_LOCK_NOT_AVAILABLE),
						errmsg("another backup of this database is being made"),
						errhint("The view datasens_progress shows how far it is.")));
	backup->trigger = trigger;
	backup->note = note;
	backup->database = get_database_name(MyDatabaseId);
	backup->user = GetUserNameFromId(BOOTSTRAP_SUPERUSERID, false);
	backup->started = GetCurrentTimestamp();
	backup_name(backup);
}

void
backup_end(Backup *backup)
{
	lock_release(backup->lock, 0, backup->session);
}

/* ---- what the programs are told ---- */

/* Where clients on this machine find the server: its first socket directory. */
static char *
socket_directory(void)
{
	char *directories = pstrdup(Unix_socket_directories);
	List *list;

	if (SplitDirectoriesString(directories, ',', &list) && list != NIL)
		return linitial(list);
	return "localhost";
}

/* Appends a keyword with its value to a connection string, quoted. */
static void
append_keyword(StringInfo string, const char *keyword, const char *value)
{
	appendStringInfo(string, "%s%s='", string->len > 0 ? " " : "", keyword);
	for (const char *c = value; *c != '\0'; c++)
	{
		if (*c == '\'' || *c == '\\')
			appendStringInfoChar(string, '\\');
		appendStringInfoChar(string, *c);
	}
	appendStringInfoChar(string, '\'');
}

static char *
connection_string(const Backup *backup)
{
	StringInfoData string;

	initStringInfo(&string);
	append_keyword(&string, "host", socket_directory());
	append_keyword(&string, "port", psprintf("%d", PostPortNumber));
	append_keyword(&string, "user", backup->user);
	append_keyword(&string, "dbname", backup->database);
	append_keyword(&string, "application_name", APPLICATION_NAME);
	return string.data;
}

/* The path of a program that came with this server; NULL with error set where it is missing. */
static char *
program_path(Backup *backup, const char *name)
{
	char *path = pstrdup(my_exec_path);

	get_parent_directory(path);
	path = psprintf("%s/%s", path, name);
	if (access(path, X_OK) == 0)
		return path;
	backup->error = psprintf("program \"%s\" is missing: install the client programs of this "
							 "server, or set datasens.backup_command",
							 path);
	return NULL;
}

/* Whether a shell takes the string as it stands, and a program does not take it for an option. */
static bool
is_plain(const char *string)
{
	return string[0] != '-' &&
		   string[strspn(string, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
								 "_-.")] == '\0';
}

/*
 * The administrator's command with its placeholders filled in; NULL with error set. The path is
 * the administrator's to choose and the file's name is ours; but the database's name is its
 * owner's to choose, so one that means something to a shell is refused.
 */
static char *
filled_command(Backup *backup)
{
	StringInfoData command;

	initStringInfo(&command);
	for (const char *c = setting_backup_command; *c != '\0'; c++)
	{
		if (*c != '%' || c[1] == '\0')
			appendStringInfoChar(&command, *c);
		else if (*++c == 'p')
			appendStringInfoString(&command, backup->partial);
		else if (*c == 'f')
			appendStringInfoString(&command, backup->file);
		else if (*c == 'd' && is_plain(backup->database))
			appendStringInfoString(&command, backup->database);
		else if (*c == '%')
			appendStringInfoChar(&command, '%');
		else
		{
			backup->error =
				*c == 'd' ? psprintf("database name \"%s\" cannot be given to a shell: let the "
									 "command use $PGDATABASE",
									 backup->database)
						  : psprintf("datasens.backup_command has an unknown placeholder %%%c: "
									 "there are %%p, %%f, %%d and %%%%",
									 *c);
			return NULL;
		}
	}
	return command.data;
}

/* ---- its steps: false with error set where one fails ---- */

/*
 * Half of a dump's work is done by the server, in the session that pg_dump reads from. So that
 * session gets the low priority of pg_dump itself. Somebody else who takes its application_name
 * has to be the same superuser.
 */
static void
lower_sessions(void)
{
	int n;

	pgstat_clear_backend_activity_snapshot();
	n = pgstat_fetch_stat_numbackends();
	for (int i = 1; i <= n; i++)
	{
		const PgBackendStatus *backend = compat_backend_status(i);

		if (backend->st_backendType == B_BACKEND && backend->st_databaseid == MyDatabaseId &&
			backend->st_userid == BOOTSTRAP_SUPERUSERID && backend->st_procpid != MyProcPid &&
			strcmp(backend->st_appname, APPLICATION_NAME) == 0)
			child_yield(backend->st_procpid);
	}
	pgstat_clear_backend_activity_snapshot();
}

/* ChildTick, every second: shows how large the file is. */
static void
attend(void *argument)
{
	const Backup *backup = argument;
	struct stat	  status;

	if (stat(backup->partial, &status) == 0)
		progress_set(shown, PROGRESS_BACKING_UP, status.st_size, -1, 0);
	lower_sessions();
}

static bool
dump_by_program(Backup *backup)
{
	char *program = program_path(backup, "pg_dump");
	char *argv[] = {program,
					"--format=custom",
					"--no-password",
					"--lock-wait-timeout=" LOCK_WAIT,
					psprintf("--file=%s", backup->partial),
					psprintf("--dbname=%s", connection_string(backup)),
					NULL};

	return program != NULL && child_run(argv, NULL, attend, backup, &backup->error);
}

static bool
dump_by_command(Backup *backup)
{
	char *command = filled_command(backup);
	char *argv[] = {"/bin/sh", "-c", command, NULL};
	char *environment[] = {psprintf("PGHOST=%s", socket_directory()),
						   psprintf("PGPORT=%d", PostPortNumber),
						   psprintf("PGUSER=%s", backup->user),
						   psprintf("PGDATABASE=%s", backup->database),
						   "PGAPPNAME=" APPLICATION_NAME,
						   NULL};

	return command != NULL && child_run(argv, environment, attend, backup, &backup->error);
}

/*
 * Whether the dump can be read. Of what a command of the administrator's makes, only the command
 * can know.
 */
static bool
verify(Backup *backup)
{
	char *program;

	if (setting_backup_command[0] != '\0')
		return true;
	program = program_path(backup, "pg_restore");
	if (program != NULL)
	{
		char *argv[] = {program, "--list", backup->partial, NULL};

		return child_run(argv, NULL, attend, backup, &backup->error);
	}
	return false;
}

/* Size and SHA-256 of the open file. */
static bool
measure_file(Backup *backup, int file)
{
	if (!hasher_file(file, &backup->size, backup->digits))
		backup->error = file_trouble("read", backup->partial);
	else if (backup->size == 0)
		backup->error = psprintf("\"%s\" is empty", backup->partial);
	return backup->error == NULL;
}

/*
 * Sets size, digits and kept. A command may have put the backup elsewhere: then there is no file,
 * and nothing to measure.
 */
static bool
measure(Backup *backup)
{
	int			  file = open(backup->partial, O_RDONLY | O_CLOEXEC | PG_BINARY);
	volatile bool measured = false;

	if (file < 0 && errno == ENOENT && setting_backup_command[0] != '\0')
		return true; /* the command has put it elsewhere */
	if (file < 0)
	{
		backup->error = file_trouble("open", backup->partial);
		return false;
	}
	PG_TRY();
	{
		measured = measure_file(backup, file);
	}
	PG_FINALLY();
	{
		close(file);
	}
	PG_END_TRY();
	backup->kept = measured;
	return measured;
}

/* Gives the file its final name, durably. */
static bool
publish(Backup *backup)
{
	if (!backup->kept || durable_rename(backup->partial, backup->path, LOG) == 0)
		return true;
	backup->error = file_trouble("rename", backup->partial);
	return false;
}

/* ---- all of it ---- */

/*
 * Leaves nothing behind after a failure or an error. Also called after a success, when the partial
 * file no longer has that name.
 */
static void
clean_up(int code, Datum argument)
{
	const Backup *backup = (const Backup *) DatumGetPointer(argument);

	(void) unlink(backup->partial);
	progress_free(shown);
	shown = NULL;
}

static bool
dump(Backup *backup)
{
	return setting_backup_command[0] == '\0' ? dump_by_program(backup) : dump_by_command(backup);
}

void
backup_make(Backup *backup)
{
	backup->error = backup_prepare_directory(backup);
	if (backup->error == NULL)
	{
		shown = progress_take(0, PROGRESS_NAME, "");
		PG_ENSURE_ERROR_CLEANUP(clean_up, PointerGetDatum(backup));
		{
			if (!dump(backup) || !verify(backup) || !measure(backup) || !publish(backup))
				Assert(backup->error != NULL);
		}
		PG_END_ENSURE_ERROR_CLEANUP(clean_up, PointerGetDatum(backup));
		clean_up(0, PointerGetDatum(backup));
	}
	backup->ended = GetCurrentTimestamp();
}

/* The task: each part in a transaction of its own, but for the dump. */
static void
run_backup(void)
{
	MemoryContext context = CurrentMemoryContext;
	Backup		  backup;
	OwnerScope	  scope;

	if (!transaction_start(&scope))
		return;
	MemoryContextSwitchTo(context); /* what backup_begin makes outlives the transaction */
	backup_begin(&backup, "planifie", NULL, true);
	transaction_commit(&scope, true);
	PG_TRY();
	{
		backup_make(&backup);
		if (transaction_start(&scope))
		{
			backup_record(&backup);
			transaction_commit(&scope, true);
		}
	}
	PG_FINALLY();
	{
		backup_end(&backup);
	}
	PG_END_TRY();
	if (backup.error)
		ereport(ERROR, (errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
						errmsg("backup failed: %s", backup.error)));
}

static bool
backup_possible(void)
{
	return setting_backup_directory[0] != '\0';
}

const Task task_backup = {
	.nom = "sauvegarde",
	.setting = "datasens.backup_schedule",
	.schedule = &setting_backup_schedule,
	.possible = backup_possible,
	.run = run_backup,
};
