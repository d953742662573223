/*
 * child.c
 *	  A program that runs as a child of this process, to its end.
 *
 * Between fork and exec the child calls only what is safe in the child of a process with threads
 * (async-signal-safe functions): whatever needs memory has been made before the fork.
 *
 * The parent learns of the child's end by the end of its standard error, on which it waits beside
 * its latch. A child that closes its standard error before its end is asked for now and then.
 */
#include "postgres.h"

#include "base/child.h"
#include "base/clean.h"
#include "compat.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "utils/wait_event.h"

extern char **environ;

/* Of what the child writes to standard error, so many bytes are kept, from the end. */
#define KEEP_BYTES 2048

/* What is taken of it before the parent looks at interrupts again: it may have no end. */
#define LISTEN_BYTES (64 * 1024)

#define TICK_MS 1000
#define REAP_MS 20

/* How long a child may take to end after SIGTERM, before SIGKILL follows. */
#define END_MS 3000

/* The status of a child whose end was not seen, as a shell has it for a program that is missing. */
#define UNKNOWN_STATUS 127

/*
 * A child yields to all other processes: on the processors, and on disks as well, since Linux
 * derives the one priority from the other.
 */
#define NICENESS 10

typedef struct Child
{
	pid_t		   pid;	   /* 0: there is none, or it has been waited for */
	int			   errors; /* what it writes to standard error; -1: closed */
	int			   status;
	StringInfoData said;
} Child;

/* ---- the environment ---- */

/* Whether two entries of the environment, "NAME=value", have the same name. */
static bool
same_name(const char *a, const char *b)
{
	size_t n = strcspn(a, "=") + 1;

	return strncmp(a, b, n) == 0;
}

/* The server's environment with the additions, which replace entries of the same name. */
static char **
merged_environment(char *const additions[])
{
	int	   n_own = 0;
	int	   n_added = 0;
	int	   n = 0;
	char **merged;

	while (environ[n_own] != NULL)
		n_own++;
	while (additions && additions[n_added] != NULL)
		n_added++;
	merged = palloc((n_own + n_added + 1) * sizeof(char *));
	for (int i = 0; i < n_own; i++)
	{
		int j = 0;

		while (j < n_added && !same_name(additions[j], environ[i]))
			j++;
		if (j == n_added)
			merged[n++] = environ[i];
	}
	for (int j = 0; j < n_added; j++)
		merged[n++] = additions[j];
	merged[n] = NULL;
	return merged;
}

/* ---- its start ---- */

/* In the child, after the fork: becomes the program. Does not return. */
static void
become(char *const argv[], char *const environment[], int null, int errors, pid_t parent)
{
	static const char cannot[] = "the program cannot be run";
	sigset_t		  none;

	(void) setpgid(0, 0);
	(void) prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	for (int i = 1; i < NSIG; i++)
		(void) signal(i, SIG_DFL);
	(void) dup2(null, STDIN_FILENO);
	(void) dup2(null, STDOUT_FILENO);
	(void) dup2(errors, STDERR_FILENO);
#ifdef SYS_close_range
	if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0) != 0)
#endif
	{
		for (long i = sysconf(_SC_OPEN_MAX) - 1; i > STDERR_FILENO; i--)
			(void) close((int) i);
	}
	(void) umask(S_IRWXG | S_IRWXO);
	(void) setpriority(PRIO_PROCESS, 0, NICENESS);
	sigemptyset(&none);
	(void) sigprocmask(SIG_SETMASK, &none, NULL);
	(void) execve(argv[0], argv, environment);
	if (write(STDERR_FILENO, cannot, sizeof(cannot) - 1) < 0)
		_exit(126);
	_exit(127);
}

/*
 * Starts the child. All signals are blocked over the fork: until they are back at their defaults
 * in the child, a handler there would act on what is the parent's (its latch, its shared memory).
 */
static void
start(Child *child, char *const argv[], char *const environment[])
{
	int		 ends[2];
	int		 null = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t	 parent = getpid();
	sigset_t all;
	sigset_t before;

	if (null < 0 || pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
	{
		int saved_errno = errno;

		if (null >= 0)
			close(null);
		errno = saved_errno;
		ereport(ERROR, (errcode_for_file_access(),
						errmsg("could not make a pipe for program \"%s\": %m", argv[0])));
	}
	(void) fcntl(ends[1], F_SETFL, 0); /* its end blocks, as programs expect */
	sigfillset(&all);
	(void) sigprocmask(SIG_SETMASK, &all, &before);
	child->pid = fork();
	if (child->pid == 0)
		become(argv, environment, null, ends[1], parent);
	(void) sigprocmask(SIG_SETMASK, &before, NULL);
	close(null);
	close(ends[1]);
	child->errors = ends[0];
	if (child->pid < 0)
	{
		int saved_errno = errno;

		close(ends[0]);
		child->pid = 0;
		errno = saved_errno;
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_RESOURCES),
						errmsg("could not start program \"%s\": %m", argv[0])));
	}
	/* Also here, so that it is true whoever of the two comes first. */
	(void) setpgid(child->pid, child->pid);
}

/* ---- its end ---- */

/*
 * Whether the child has ended; then status is set. A child that somebody else has waited for has
 * not ended well.
 */
static bool
reap(Child *child)
{
	pid_t ended = child->pid == 0 ? 0 : waitpid(child->pid, &child->status, WNOHANG);

	if (ended < 0 && errno == ECHILD)
		child->status = W_EXITCODE(UNKNOWN_STATUS, 0);
	if (ended == child->pid || (ended < 0 && errno == ECHILD))
		child->pid = 0;
	return child->pid == 0;
}

/*
 * Cleanup callback of PG_ENSURE_ERROR_CLEANUP: ends the child and all that it has started, which
 * is in its process group.
 */
static void
end_child(int code, Datum argument)
{
	Child *child = (Child *) DatumGetPointer(argument);

	if (child->errors >= 0)
		close(child->errors);
	child->errors = -1;
	if (child->pid == 0)
		return;
	(void) kill(-child->pid, SIGTERM);
	for (int waited = 0; waited < END_MS && !reap(child); waited += REAP_MS)
		pg_usleep(REAP_MS * 1000);
	if (child->pid != 0)
	{
		(void) kill(-child->pid, SIGKILL);
		(void) waitpid(child->pid, &child->status, 0);
		child->pid = 0;
	}
}

/* ---- while it runs ---- */

/*
 * Takes what the child has written to standard error, LISTEN_BYTES of it at most, and keeps the end
 * of it.
 */
static void
listen_to(Child *child)
{
	char	buffer[1024];
	ssize_t n = 1;

	for (int taken = 0; taken < LISTEN_BYTES; taken += n)
	{
		n = read(child->errors, buffer, sizeof(buffer));
		if (n <= 0)
			break;
		appendBinaryStringInfo(&child->said, buffer, n);
		if (child->said.len > KEEP_BYTES)
		{
			int surplus = child->said.len - KEEP_BYTES;

			memmove(child->said.data, child->said.data + surplus, KEEP_BYTES + 1);
			child->said.len = KEEP_BYTES;
		}
	}
	if (n == 0)
	{
		close(child->errors);
		child->errors = -1;
	}
}

/* Waits for the child's end, looks at interrupts and calls tick about every second. */
static void
wait_for_end(Child *child, ChildTick tick, void *argument)
{
	while (!reap(child))
	{
		if (child->errors >= 0)
			(void) WaitLatchOrSocket(
				MyLatch, WL_LATCH_SET | WL_SOCKET_READABLE | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
				child->errors, TICK_MS, PG_WAIT_EXTENSION);
		else
			(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, REAP_MS,
							 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		if (child->errors >= 0)
			listen_to(child);
		if (tick)
			tick(argument);
	}
	if (child->errors >= 0)
		listen_to(child);
}

/* How the child ended and what it said last, as one line (palloc'd). */
static char *
describe(const char *program, Child *child)
{
	StringInfoData line;

	initStringInfo(&line);
	if (WIFSIGNALED(child->status))
		appendStringInfo(&line, "%s was ended by signal %d", program, WTERMSIG(child->status));
	else
		appendStringInfo(&line, "%s ended with status %d", program, WEXITSTATUS(child->status));
	while (child->said.len > 0 && child->said.data[child->said.len - 1] == '\n')
		child->said.data[--child->said.len] = '\0';
	if (child->said.len > 0)
		appendStringInfo(&line, ": %s", child->said.data);
	clean_line(line.data, GetDatabaseEncoding());
	return line.data;
}

bool
child_run(char *const argv[], char *const environment[], ChildTick tick, void *argument,
		  char **message)
{
	Child  child = {.errors = -1};
	char **merged = merged_environment(environment);

	initStringInfo(&child.said);
	PG_ENSURE_ERROR_CLEANUP(end_child, PointerGetDatum(&child));
	{
		start(&child, argv, merged);
		wait_for_end(&child, tick, argument);
	}
	PG_END_ENSURE_ERROR_CLEANUP(end_child, PointerGetDatum(&child));
	end_child(0, PointerGetDatum(&child));
	if (child.status == 0)
		return true;
	*message = describe(argv[0], &child);
	return false;
}

void
child_yield(pid_t pid)
{
	if (getpriority(PRIO_PROCESS, pid) < NICENESS)
		(void) setpriority(PRIO_PROCESS, pid, NICENESS);
}
