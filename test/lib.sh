# shellcheck shell=bash
#
# What demo/demo, test/run and test/sandbox share, to be sourced by bash: a scratch
# directory, a private copy of the server with datasens in it, and private clusters.
#
# Nothing outside the scratch directory is written, and no system cluster is touched.
# Servers listen on a socket that only their owner can use, so no port is taken.  Run by
# root, they run as an unprivileged user: the one who called sudo, else postgres.
#
# Variables: ROOT, the checkout; SCRATCH, the scratch directory (after scratch_create);
# BINDIR, the private server's programs (after server_create).  Where the caller has set
# SERVER_BINDIR, these are the programs of a private server that he has made: nothing is built.
# Where he has set SERVER_UNDER, that program stands for the server's, which is postgres.bin
# beside it, and runs it.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export PG_CONFIG=${PG_CONFIG:-pg_config}

# A server that the caller's environment points to is not ours.  Nor is his language: messages
# are compared, and the locale that he came with may not be installed.
for variable in ${!PG@} ${!LC_@} LANGUAGE
do
	[[ $variable == PG_* ]] || unset "$variable"
done
export LANG=C.UTF-8

die()
{
	printf '%s\n' "$*" >&2
	exit 1
}

# as USER COMMAND...: runs it as that user (a number), where we are root and he is not.
as()
{
	local user=$1
	shift
	if [ "$(id -u)" = 0 ] && [ "$user" != 0 ]
	then
		setpriv --reuid="$user" --regid="$(id -g "$user" 2> /dev/null || echo "$user")" \
			--clear-groups -- env HOME=/nonexistent "$@"
	else
		"$@"
	fi
}

# The user that servers and tests run as; postgres is there when the packages are.
server_user()
{
	if [ "$(id -u)" != 0 ]
	then
		id -u
	elif [ "${SUDO_UID:-0}" != 0 ]
	then
		echo "$SUDO_UID"
	else
		id -u postgres 2> /dev/null || id -u nobody
	fi
}

as_server()
{
	as "$(server_user)" "$@"
}

# What is built in the checkout belongs to whom the checkout belongs to.
as_owner()
{
	as "$(stat -c %u "$ROOT")" "$@"
}

# scratch_create NAME: a directory for the server's user, and the working directory from now on,
# for he may not be allowed where the caller is.  It is removed at the end, with all that still
# runs in it; scratch_keep takes that back.  Sockets are made in it, and their names may have
# 107 bytes, so a long TMPDIR will not do, nor one that the user cannot enter.
scratch_create()
{
	local parent=${TMPDIR:-/tmp}
	{ [ ${#parent} -le 60 ] && as_server test -w "$parent" -a -x "$parent"; } || parent=/tmp
	SCRATCH=$(as_server mktemp -d "$parent/datasens-$1.XXXXXX")
	as_server chmod 755 "$SCRATCH"
	cd "$SCRATCH"
	trap scratch_remove EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

scratch_keep()
{
	trap - EXIT
}

# Stops what runs in SCRATCH: the job of run_job, the programs whose numbers are in *.pid there
# (and that were given a path in it, for numbers are used again), the servers; removes all.
scratch_remove()
{
	local file
	trap '' INT TERM HUP
	[ -z "${JOB:-}" ] || kill -- "-$JOB" 2> /dev/null || true
	for file in "$SCRATCH"/*.pid
	do
		grep -qsF "$SCRATCH" "/proc/$(cat "$file" 2> /dev/null)/cmdline" || continue
		kill "$(cat "$file")" || true
	done
	find "$SCRATCH" -name postmaster.pid | while read -r file
	do
		as_server "$BINDIR/pg_ctl" -s -D "${file%/*}" -m immediate stop > /dev/null 2>&1 || true
	done
	rm -rf "$SCRATCH"
}

# run_job COMMAND...: runs it as a process group, so that the end of ours is the end of it.
run_job()
{
	local status=0
	set -m
	"$@" < /dev/null &
	JOB=$!
	set +m
	wait "$JOB" || status=$?
	JOB=
	return "$status"
}

# run_logged FILE COMMAND...: the output goes to the file; the end of it is shown on failure.
run_logged()
{
	local log=$1
	shift
	"$@" > "$log" 2>&1 && return
	tail -40 "$log" >&2
	return 1
}

# Builds the extension in the checkout.  Bitcode is for JIT, of no use here, and as long in
# the making as all the rest.
extension_build()
{
	[ -z "${SERVER_BINDIR:-}" ] || return 0
	as_owner make -s "-j$(nproc)" -C "$ROOT" with_llvm=no "$@"
}

# A copy of the server that the user may write to.  PostgreSQL finds its files relative to
# its programs, so these are copied (they look through links) and the rest is linked; the
# paths stay the same below SCRATCH/server, where "make install DESTDIR=" puts datasens.
server_create()
{
	local tree=$SCRATCH/server dir
	if [ -n "${SERVER_BINDIR:-}" ]
	then
		BINDIR=$SERVER_BINDIR
		return
	fi
	as_server mkdir "$tree"
	for dir in bindir pkglibdir sharedir
	do
		dir=$("$PG_CONFIG" --$dir)
		as_server mkdir -p "$tree${dir%/*}"
		if [ "$dir" = "$("$PG_CONFIG" --bindir)" ]
		then
			as_server cp -rL "$dir" "$tree${dir%/*}"
			BINDIR=$tree$dir
		else
			as_server cp -rs "$dir" "$tree${dir%/*}"
		fi
	done
	find "$tree" -name 'datasens*' -prune -exec rm -rf {} +
	make -s -C "$ROOT" with_llvm=no install DESTDIR="$tree"
	[ -n "${SERVER_UNDER:-}" ] || return 0
	as_server mv "$BINDIR/postgres" "$BINDIR/postgres.bin"
	as_server cp "$SERVER_UNDER" "$BINDIR/postgres"
}

# cluster_create DIRECTORY LINE...: with the lines in its postgresql.conf.  The superuser is
# postgres, the encoding UTF-8; the socket is in SCRATCH, whose name the port only completes.
cluster_create()
{
	local data=$1 output
	shift
	output=$(as_server "$BINDIR/initdb" -D "$data" -U postgres -A trust -E UTF8 \
		--locale=C.UTF-8 --no-sync 2>&1) || { echo "$output" >&2; return 1; }
	printf '%s\n' "listen_addresses = ''" 'port = 5432' "unix_socket_directories = '$SCRATCH'" \
		'unix_socket_permissions = 0700' 'fsync = off' "$@" |
		as_server tee -a "$data/postgresql.conf" > /dev/null
}

# The server's log is DIRECTORY.log.
cluster_start()
{
	as_server "$BINDIR/pg_ctl" -s -w -D "$1" -l "$1.log" start > /dev/null ||
		{ tail -20 "$1.log" >&2; return 1; }
}
