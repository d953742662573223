# Backups: made by hand and on schedule, verified, restored, removed when old; and what
# goes wrong leaves a clear word and no file.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use Digest::SHA;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

my $web = DatasensWeb->new;
my $node = DatasensNode::start('main', 'datasens.rss_schedule' => '0 0 1 1 *',
	'datasens.retry_delay' => '1s', 'datasens.max_retries' => 0, 'restart_after_crash' => 'on');
my $directory = PostgreSQL::Test::Utils::tempdir . '/sauvegardes';
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

sub sql
{
	return $node->safe_psql('postgres', $_[0]);
}

sub error_of
{
	my ($query, $database) = @_;
	my $err = '';

	$node->psql($database || 'postgres', "\\set VERBOSITY verbose\n$query", stderr => \$err);
	return $err;
}

# A setting as every session that begins from now on has it.
sub set_and_wait
{
	my ($name, $value) = @_;

	DatasensNode::reload($node, $name, $value);
	$node->poll_query_until('postgres', "SELECT current_setting('$name') = '$value'")
	  or die "$name was not set";
	return;
}

sub files
{
	return join ' ', map { s{.*/}{}r } sort glob "$directory/*";
}

# Whether a process of that number is gone, within ten seconds.
sub is_gone
{
	my ($pid) = @_;

	for (1 .. DatasensNode::patience(100))
	{
		return 1 unless kill 0, $pid;
		usleep(100_000);
	}
	return 0;
}

sub wait_for_file
{
	my ($pattern) = @_;

	for (1 .. DatasensNode::patience(200))
	{
		my ($file) = glob $pattern;
		return $file if $file && -s $file;
		usleep(50_000);
	}
	die "there is no $pattern";
}

$node->safe_psql('postgres',
	"SELECT datasens_add_source('rss', 'une', '@{[$web->url('/feed/1')]}'); SELECT datasens_collect()");

# ---- by hand ----

like(error_of('SELECT datasens_backup()'), qr/ERROR:  55000: .*no directory.*HINT: .*backup_directory/s,
	'without a directory there is none');
is(sql("SELECT origine, prochaine_collecte IS NULL FROM datasens_schedule() WHERE nom = 'sauvegarde'"),
	'datasens.backup_schedule|t', 'nor on schedule');
set_and_wait('datasens.backup_directory', $directory);
my ($statut, $file, $size, $digits) = split /\|/,
  sql("SELECT statut, fichier, octets, sha256 FROM datasens_backup('avant la mise à jour')");
is($statut, 'succes', 'by hand');
like($file, qr/^postgres_\d{8}T\d{6}Z\.dump$/, 'its name tells the database and the time');
is(files(), $file, 'the directory is made, and holds nothing else');
is(-s "$directory/$file", $size, 'of the size that is told');
is(Digest::SHA->new(256)->addfile("$directory/$file", 'b')->hexdigest, $digits, 'and the SHA-256');
is((stat "$directory/$file")[2] & 07777, 0600, 'for nobody else to read');
is(sql('SELECT declencheur, statut, fichier, octets, sha256, note, erreur IS NULL, duree > interval ?
		FROM datasens.sauvegarde' =~ s/\?/'0'/r),
	"manuel|succes|$file|$size|$digits|avant la mise à jour|t|t", 'it is written down');
is(sql("SELECT details FROM datasens.journal WHERE action = 'PG_SNAPSHOT'"),
	"$file, $size octets, sha256 $digits : avant la mise à jour", 'and in the journal');

$node->safe_psql('postgres', 'CREATE DATABASE copie');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('copie'), "$directory/$file" ],
	'it can be restored');
is($node->safe_psql('copie', 'SELECT count(*) FROM datasens.document'), 40, 'with every document');
is($node->safe_psql('copie', 'SELECT count(*) FROM datasens_check()'), 0, 'and nothing is wrong in it');
$web->control('set', path => '/feed/1', type => 'application/rss+xml', body =>
	'<rss version="2.0"><channel><item><title>Nouveau</title></item></channel></rss>');
is($node->safe_psql('copie', 'SELECT nb_inseres FROM datasens_collect()'), 1, 'it collects on');
$node->safe_psql('postgres', 'DROP DATABASE copie');

# ---- on schedule, and for how long ----

sql(q{UPDATE datasens.sauvegarde SET date_debut = now() - interval '40 days';
	INSERT INTO datasens.sauvegarde (date_debut, duree, declencheur, statut, fichier, octets)
	VALUES (now() - interval '50 days', '1s', 'manuel', 'succes', '../temoin.dump', 6),
		(now() - interval '50 days', '1s', 'manuel', 'succes', 'autre_20260101T000000Z.dump', 6),
		(now() - interval '50 days', '1s', 'manuel', 'succes', 'postgres_20260101T000000Z.dump', 6)});
my @witnesses = ("$directory/../temoin.dump", "$directory/autre_20260101T000000Z.dump");
append_to_file($_, "temoin") for @witnesses;
set_and_wait('datasens.backup_command', 'exit 1');
is(sql('SELECT statut FROM datasens_backup()'), 'echec', 'a failure');
is(files(), "autre_20260101T000000Z.dump $file", 'removes nothing');
set_and_wait('datasens.backup_command', '');
set_and_wait('datasens.backup_schedule', '1 second');
DatasensNode::wait_for($node, 'postgres',
	"SELECT count(*) > 0 FROM datasens.sauvegarde WHERE declencheur = 'planifie' AND statut = 'succes'",
	'on schedule');
set_and_wait('datasens.backup_schedule', '');
DatasensNode::wait_for($node, 'postgres',
	"SELECT prochaine_execution = 'infinity' AND dernier_succes IS NOT NULL FROM datasens.tache
	 WHERE nom = 'sauvegarde'", 'and off');
$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity
	WHERE backend_type = 'datasens operator' OR application_name = 'datasens backup'") or die 'busy';
ok(!-e "$directory/$file", 'the old one is removed when there is a newer one');
is(sql("SELECT date_suppression IS NOT NULL FROM datasens.sauvegarde WHERE fichier = '$file'"), 't',
	'which is written down');
ok(-e $_, 'a name out of the table is no path to anything else') for @witnesses;
unlink @witnesses;
my @kept = split ' ', files();
is(sql("SELECT count(*) FROM datasens.sauvegarde WHERE statut = 'succes' AND date_suppression IS NULL
		AND fichier LIKE 'postgres%'"), scalar @kept, 'the others are there');

# The last good one stays, however old.
sql("UPDATE datasens.sauvegarde SET date_debut = now() - interval '90 days' - id_sauvegarde * interval '1 s'");
set_and_wait('datasens.backup_retention', '1d');
sql("SELECT datasens_backup()");
is(files(), sql("SELECT fichier FROM datasens.sauvegarde WHERE date_suppression IS NULL AND statut = 'succes'
		AND fichier LIKE 'postgres%'"), 'all old ones go, for the new one is good');
sql("UPDATE datasens.sauvegarde SET date_debut = now() - interval '90 days' WHERE date_suppression IS NULL");
my $last = files();
set_and_wait('datasens.backup_command', 'true');
is(sql('SELECT statut, octets IS NULL FROM datasens_backup()'), 'succes|t',
	'what a command has put elsewhere is its own affair');
is(files(), $last, 'and makes nobody remove the last one that is here');

# ---- a command ----

set_and_wait('datasens.backup_command',
	'test %%p = "%%p" && printf "%%s" "$PGDATABASE %d %f" > %p && psql -Xqc "SELECT 1" > /dev/null');
$file = sql('SELECT coalesce(fichier, erreur) FROM datasens_backup()');
is(-e "$directory/$file" && slurp_file("$directory/$file"), "postgres postgres $file",
	'a command gets names, and the way to the server');
set_and_wait('datasens.backup_command', 'pg_dump %z');
is(sql('SELECT erreur FROM datasens_backup()'),
	'datasens.backup_command has an unknown placeholder %z: there are %p, %f, %d and %%', 'a wrong placeholder');

# The sessions that it opens yield to the others, as it does itself.
sub niceness
{
	return (split ' ', slurp_file("/proc/$_[0]/stat") =~ s/.*\) //sr)[16];
}
{
	my $gate = $node->background_psql('postgres');
	$gate->query_safe('SELECT pg_advisory_lock(77)');
	set_and_wait('datasens.backup_command', 'psql -Xqc "SELECT pg_advisory_lock(77)" > /dev/null; echo x > %p');
	my $maker = $node->background_psql('postgres');
	$maker->query_until(qr/begun/, "\\echo begun\nSELECT 'made ' || statut FROM datasens_backup();\n");
	my $session;
	DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = 1 FROM pg_stat_activity
		WHERE application_name = 'datasens backup' AND wait_event = 'advisory'", 'its session');
	$session = sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'datasens backup'");
	for (1 .. 100)
	{
		last if niceness($session) == 10;
		usleep(50_000);
	}
	is(niceness($session), 10, 'its session yields to others');
	is(niceness(sql("SELECT pid FROM pg_stat_activity
			WHERE query LIKE '%datasens_backup()%' AND pid <> pg_backend_pid()")), niceness($$),
		'the one that waits for it does not');
	$gate->query_safe('SELECT pg_advisory_unlock(77)');
	like($maker->query_safe('SELECT 1'), qr/made succes/, 'and it ends');
	$_->quit for $gate, $maker;
}

# ---- what goes wrong ----

sub fails
{
	my ($command, $expected, $what) = @_;
	my $before = files();

	set_and_wait('datasens.backup_command', $command);
	my $err = error_of("SELECT datasens_backup('$what')");
	like($err, qr/WARNING:  38000: backup failed: $expected/, $what);
	is(files(), $before, "$what: nothing is left behind");
	like(sql("SELECT statut, erreur, fichier IS NULL FROM datasens.sauvegarde ORDER BY id_sauvegarde DESC LIMIT 1"),
		qr/^echec\|$expected\|t$/, "$what: it is written down");
	like(sql("SELECT details FROM datasens.journal WHERE action = 'PG_SNAPSHOT_ERROR'
			ORDER BY id_journal DESC LIMIT 1"), qr/^$expected : \Q$what\E$/, "$what: and in the journal");
	return;
}
fails('echo une >&2; echo deux >&2; echo x > %p; exit 3', '/bin/sh ended with status 3: une deux', 'a failing command');
fails('printf "a\\033[2Jb\\302\\233c\\177d" >&2; exit 3', '/bin/sh ended with status 3: a \[2Jb  c d', 'a command that writes escapes');
fails('printf "\\303\\251t\\351" >&2; exit 3', '/bin/sh ended with status 3: \?\?t\?', 'one of another encoding');
fails('echo x > %p; kill -KILL $$', '/bin/sh was ended by signal 9', 'a killed command');
fails(': > %p', '".*\.partial" is empty', 'an empty file');
fails('ulimit -f 1; trap "" XFSZ; pg_dump -Fc -f %p', '/bin/sh ended with status 1: .*pg_dump: error: .*File too large.*',
	'a full disk');
set_and_wait('datasens.backup_directory', '/proc/nulle/part');
fails('', 'could not create directory "/proc/nulle/part": .*', 'no directory');
set_and_wait('datasens.backup_directory', $directory);

# pg_dump itself, in a copy of the private server, whose programs may be broken.
{
	my $server = PostgreSQL::Test::Utils::tempdir . '/server';
	my ($top, $below) = qx(pg_config --bindir) =~ m{^(.*?/server)(/.*)/bin$} or die 'no private server';
	my $program = "$server$below/bin/pg_dump";

	system_or_bail('cp', '-a', $top, $server);
	rename $program, "$program.real" or die "$program: $!";
	my $other = DatasensNode::of_install('broken', "$server$below");
	$other->init;
	DatasensNode::configure($other, 'datasens.backup_directory' => $server, 'datasens.backup_schedule' => '');
	$other->start;
	$other->safe_psql('postgres', 'CREATE EXTENSION datasens');
	for my $case (
		[ undef, 'program ".*/bin/pg_dump" is missing: install the client programs of this server, or set datasens.backup_command',
			'without pg_dump' ],
		[ 'echo "pg_dump: error: aborting because of server version mismatch" >&2; exit 1',
			'.*pg_dump ended with status 1: .*server version mismatch', 'of another version' ],
		[ 'ulimit -f 1; trap "" XFSZ; exec "$0.real" "$@"', '.*pg_dump ended with status 1: .*File too large.*', 'on a full disk' ],
		[ '"$0.real" "$@"; kill -KILL $$', '.*pg_dump was ended by signal 9', 'killed half-way' ])
	{
		my ($script, $expected, $what) = @$case;
		unlink $program;
		append_to_file($program, "#!/bin/sh\n$script\n") if $script;
		chmod 0755, $program;
		like($other->safe_psql('postgres', 'SET client_min_messages = error; SELECT statut, erreur FROM datasens_backup()'),
			qr/^echec\|$expected$/, $what);
		is(join(' ', glob "$server/postgres_*"), '', "$what: nothing is left behind");
	}
	$other->stop;
}

# A cancel in the middle: here pg_dump waits for a table that somebody has locked.
{
	my $locker = $node->background_psql('postgres');
	$locker->query_safe('BEGIN; LOCK TABLE datasens.document');
	my $before = files();
	my $began = time;
	like(error_of("SET statement_timeout = '1s'; SELECT datasens_backup()"), qr/ERROR:  57014/,
		'it can be cancelled');
	cmp_ok(time - $began, '<', 4, 'at once');
	is(files(), $before, 'and leaves nothing behind');
	ok($node->poll_query_until('postgres',
			"SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'datasens backup'"),
		'nor anybody');
	$locker->quit;
}

# One that never stops to say something.
set_and_wait('datasens.backup_command', 'exec yes >&2');
like(error_of("SET statement_timeout = '1s'; SELECT datasens_backup()"), qr/ERROR:  57014/, 'one that says something without end, too');

# The operator is told to end, the server, and both are killed.
sub begin_long_one
{
	set_and_wait('datasens.backup_command', 'echo $$ > %p; exec sleep 1000');
	set_and_wait('datasens.backup_schedule', '1 second');
	my $partial = wait_for_file("$directory/*.partial");
	return ($partial, slurp_file($partial) + 0);
}

sub end_operators
{
	my $all = "FROM (SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens operator' OFFSET 0) AS o";

	sql("SELECT pg_terminate_backend(pid) $all");
	$node->poll_query_until('postgres', "SELECT count(*) = 0 $all") or die 'the operator did not end';
	return;
}

my ($partial, $pid) = begin_long_one();
ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM datasens_progress
		WHERE nom = 'datasens_backup' AND phase = 'sauvegarde' AND octets > 0 AND id_source IS NULL"), 'its progress is shown');
is(sql("SELECT nb_lus FROM datasens_collect('une')"), 1, 'collecting goes on beside it');
like(error_of("SET lock_timeout = '100ms'; SELECT datasens_backup()"), qr/55P03/, 'a second one waits for it');
DatasensNode::reload($node, 'datasens.backup_schedule', '');
end_operators();
ok(is_gone($pid), 'when its process is ended, so is what it runs');
ok(!-e $partial, 'and the unfinished file is gone');

($partial, $pid) = begin_long_one();
my $began = time;
$node->stop('fast');
cmp_ok(time - $began, '<', 4, 'a shutdown does not wait for it');
ok(is_gone($pid), 'it ends with the server');
ok(!-e $partial, 'and leaves nothing behind');
$node->start;

($partial, $pid) = begin_long_one();
my $operator = sql("SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens operator'");
DatasensNode::kill_and_await($node, $operator);
ok(is_gone($pid), 'when its process is killed, so is what it runs');
is(sql("SELECT tentative + echecs_consecutifs > 0 FROM datasens.tache WHERE nom = 'sauvegarde'"), 't',
	'the attempt was counted beforehand');
set_and_wait('datasens.backup_schedule', '');
set_and_wait('datasens.backup_command', '');
end_operators();
is(sql('SELECT statut FROM datasens_backup()'), 'succes', 'the next one');
unlike(files(), qr/partial/, 'clears away what was left');

# A name that is hard on shells and connection strings.
my $hard = q{l'été "$(touch x)"; a=b};
$node->safe_psql('postgres', 'CREATE DATABASE "' . $hard =~ s/"/""/gr . '"');
my $conn = $node->connstr($hard);
$node->command_ok([ 'psql', '-Xqd', $conn, '-c', 'CREATE EXTENSION datasens' ], 'a database with a hard name');
$node->command_like([ 'psql', '-XqAtd', $conn, '-c', 'SELECT statut, fichier FROM datasens_backup()' ],
	qr/^succes\|l__+t___+touch_x____a_b\.[0-9a-f]{16}_\d{8}T\d{6}Z\.dump$/, 'is backed up');
set_and_wait('datasens.backup_command', 'echo %d > %p');
$node->command_like([ 'psql', '-XqAtd', $conn, '-c', 'SET client_min_messages = error',
		'-c', 'SELECT erreur FROM datasens_backup()' ],
	qr/cannot be given to a shell.*\$PGDATABASE/, 'but its name is given to no shell');

$node->stop;
done_testing();
