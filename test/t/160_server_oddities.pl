# What a server may do to those who work in it: settings of a database or its owner, commands
# on our tables in the middle of a run, signals, too few descriptors, too little room.  Each
# time the documents are those of an undisturbed database.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my ($major) = qx(postgres --version) =~ /(\d+)/;

# What the database and its owner set, and what this test's own sessions have instead.
my %hostile = (
	'statement_timeout' => [ '1ms', '0' ],
	'lock_timeout' => [ '1ms', '0' ],
	'idle_in_transaction_session_timeout' => [ '1ms', '0' ],
	'idle_session_timeout' => [ '1ms', '0' ],
	'default_transaction_read_only' => [ 'on', 'off' ],
	'default_transaction_deferrable' => [ 'on', 'off' ],
	'default_transaction_isolation' => [ 'serializable', 'read\ committed' ],
	'search_path' => [ 'hostile', 'public' ],
	'DateStyle' => [ 'SQL, DMY', 'ISO' ],
	'IntervalStyle' => [ 'sql_standard', 'postgres' ],
	'TimeZone' => [ 'Pacific/Kiritimati', 'UTC' ],
	'bytea_output' => [ 'escape', 'hex' ],
	'extra_float_digits' => [ '-15', '1' ],
	'standard_conforming_strings' => [ 'off', 'on' ],
	'work_mem' => [ '64kB', '4MB' ],
	'transform_null_equals' => [ 'on', 'off' ],
	'array_nulls' => [ 'off', 'on' ],
	'quote_all_identifiers' => [ 'on', 'off' ],
	'row_security' => [ 'on', 'on' ],
	'client_encoding' => [ 'LATIN1', 'UTF8' ],
	($major < 16 ? 'force_parallel_mode' : 'debug_parallel_query') => [ 'on', 'off' ],
	'plan_cache_mode' => [ 'force_custom_plan', 'auto' ],
	'jit' => [ 'on', 'off' ],
	'jit_above_cost' => [ '0', '100000' ],
	'enable_indexscan' => [ 'off', 'on' ],
	'enable_nestloop' => [ 'off', 'on' ],
	'constraint_exclusion' => [ 'on', 'partition' ],
	'synchronous_commit' => [ 'remote_apply', 'on' ],
	'session_replication_role' => [ 'replica', 'origin' ],
	'xmloption' => [ 'document', 'content' ],
);
$ENV{PGOPTIONS} = join ' ', map { "-c $_=$hostile{$_}[1]" } sort keys %hostile;

my $root = PostgreSQL::Test::Utils::tempdir;
my $web = DatasensWeb->new(root => $root);
my $node = DatasensNode::start('main', 'datasens.rss_schedule' => '0 0 1 1 *',
	'datasens.retry_delay' => '1s', 'datasens.host_delay' => '0');
my $n_feeds = 10;

# A database with sources of feeds 1 to 10, in an encoding.
sub create
{
	my ($base, $encoding) = @_;

	$node->safe_psql('postgres', "CREATE ROLE chef_$base LOGIN");
	$node->safe_psql('postgres', "CREATE DATABASE $base OWNER chef_$base TEMPLATE template0
		ENCODING '$encoding' LC_COLLATE 'C' LC_CTYPE 'C'");
	return fill($base);
}

sub fill
{
	my ($base) = @_;

	$node->safe_psql($base, 'CREATE EXTENSION datasens');
	$node->safe_psql($base, "SELECT datasens_add_source('rss', 'source ' || i, '@{[$web->url('/feed/')]}' || i)
		FROM generate_series(2, $n_feeds) AS i");
	$node->safe_psql($base, "SELECT datasens_add_source('rss', 'source 1', options => '{\"flux\": [\"@{[$web->url('/feed/1')]}\"]}')");
	return;
}

sub ask
{
	my ($base, $sql) = @_;
	return $node->safe_psql($base, $sql);
}

# What is stored, but for identities and the time of it.
sub contents
{
	my ($base) = @_;
	return ask($base, q{SELECT count(*), md5(convert_to(string_agg(concat_ws('|', titre, texte, url, auteur,
			langue, date_publication, hash_fingerprint::text, meta::text), E'\n'
			ORDER BY hash_fingerprint::text), 'UTF8'))
		FROM datasens.document});
}

sub collect_all
{
	my ($base, $what) = @_;

	ask($base, "SELECT datasens_collect_async('all')");
	$node->poll_query_until($base, "SELECT count(*) = 0 FROM datasens.etat_source
		WHERE declencheur = 'manuel' OR tentative > 0") or diag("$what: not all has been collected");
	is(ask($base, "SELECT string_agg(DISTINCT statut || coalesce(erreur, ''), ', ') FROM datasens.flux"), 'succes',
		"$what: collected");
	return;
}

# ---- settings ----

create('temoin', 'UTF8');
collect_all('temoin', 'undisturbed');
my $expected = contents('temoin');
like($expected, qr/^400\|/, 'four hundred documents');

for my $isolation ('serializable', 'repeatable read', 'read uncommitted')
{
	my $base = $isolation =~ s/ /_/r;

	create($base, 'UTF8');
	for my $setting (sort keys %hostile)
	{
		my $value = $setting eq 'DateStyle' ? $hostile{$setting}[0] : "'$hostile{$setting}[0]'";

		$value = "'$isolation'" if $setting eq 'default_transaction_isolation';
		$node->safe_psql('postgres', "ALTER DATABASE $base SET $setting = $value;
			ALTER ROLE chef_$base SET $setting = $value; ALTER ROLE chef_$base IN DATABASE $base SET $setting = $value");
	}
	collect_all($base, "settings and $isolation");
	is(contents($base), $expected, "settings and $isolation: the same documents");
}
$node->safe_psql('postgres', 'ALTER DATABASE repeatable_read CONNECTION LIMIT 0');
ask('repeatable_read', 'DELETE FROM datasens.cache_http; DELETE FROM datasens.document; DELETE FROM datasens.flux');
collect_all('repeatable_read', 'no connection to be had');
is(contents('repeatable_read'), $expected, 'no connection to be had: the same documents');

# In the foreground, in transactions of each kind.
create('avant', 'UTF8');
my $i = 0;
for my $begin ('ISOLATION LEVEL SERIALIZABLE', 'ISOLATION LEVEL REPEATABLE READ')
{
	$i++;
	is(ask('avant', "BEGIN $begin; SELECT statut, nb_inseres FROM datasens_collect('source $i'); COMMIT"),
		'succes|40', "$begin, in the foreground");
}
my ($code, $out, $err) = $node->psql('avant', "BEGIN READ ONLY; SELECT datasens_collect('source 3')");
like($err, qr/ERROR:  cannot execute datasens_collect\(\) in a read-only transaction/, 'READ ONLY is told');

# ---- other encodings ----

for my $encoding (qw(LATIN1 SQL_ASCII))
{
	my $base = lc $encoding;

	create($base, $encoding);
	collect_all($base, $encoding);
	is(contents($base), $expected, "$encoding: the same documents");
}

# ---- another locale: that of Turkish, whose small I has no dot ----

SKIP:
{
	skip 'a database has no ICU locale before 15', 2 if $major < 15;
	$node->safe_psql('postgres', "CREATE ROLE chef_turc LOGIN; CREATE DATABASE turc OWNER chef_turc TEMPLATE template0
		ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'tr'");
	fill('turc');
	collect_all('turc', 'a Turkish database');
	is(contents('turc'), $expected, 'a Turkish database: the same documents');
}

# ---- row security ----

create('rangs', 'UTF8');
ask('rangs', 'ALTER TABLE datasens.document ENABLE ROW LEVEL SECURITY;
	CREATE POLICY rien ON datasens.document USING (false)');
collect_all('rangs', 'row security');
is(contents('rangs'), $expected, 'row security: does not concern the owner');
ask('rangs', 'DELETE FROM datasens.cache_http; DELETE FROM datasens.document;
	ALTER TABLE datasens.document FORCE ROW LEVEL SECURITY');
is(ask('rangs', "SELECT statut, nb_lus, nb_rejetes FROM datasens_collect('source 1')"), 'succes|40|40',
	'forced upon him, it keeps out what he collects');
like(ask('rangs', 'SELECT DISTINCT motif FROM datasens.rejet'),
	qr/^query would be affected by row-level security policy for table "document"/, 'and the rejects say so');

# ---- commands on the tables in the middle of a run ----

create('milieu', 'UTF8');
my @commands = ('TRUNCATE datasens.document', 'VACUUM FULL datasens.document', 'REINDEX TABLE datasens.document',
	'VACUUM FULL datasens.etat_source', 'REINDEX TABLE datasens.etat_source', 'CLUSTER datasens.flux USING flux_pkey',
	'ALTER TABLE datasens.document ADD COLUMN note text', 'ANALYZE', 'DISCARD ALL',
	'CREATE INDEX ON datasens.document (titre)', 'ALTER TABLE datasens.document SET UNLOGGED',
	'REASSIGN OWNED BY chef_milieu TO chef_temoin', 'DROP OWNED BY chef_milieu',
	'ALTER DATABASE milieu OWNER TO chef_rangs', 'TRUNCATE datasens.cache_http, datasens.hote, datasens.rejet',
	'ALTER EXTENSION datasens UPDATE');
for my $n (0 .. $#commands)
{
	ask('milieu', "SELECT datasens_add_source('rss', 'tenue $n', '@{[$web->url(\"/held/$n?then=/feed/\" . (20 + $n))]}');
		SELECT datasens_collect_async('tenue $n')");
	ok($web->wait_held($n, 1), "a run is under way: $commands[$n]");
	ask('milieu', $commands[$n]);
	$web->control('release', name => $n);
	DatasensNode::wait_for($node, 'milieu', "SELECT count(*) = 1 FROM datasens.flux JOIN datasens.source USING (id_source)
		WHERE nom = 'tenue $n' AND statut = 'succes' AND nb_inseres = 40", 'and ends as it should');
}

# What it has then is what a database has that was left in peace.
create('calme', 'UTF8');
ask('calme', "SELECT datasens_add_source('rss', 'tenue ' || i, '@{[$web->url('/feed/')]}' || 20 + i)
	FROM generate_series(0, $#commands) AS i");
collect_all('calme', 'in peace');
ask('milieu', 'DELETE FROM datasens.cache_http');
collect_all('milieu', 'all of it again');
is(contents('milieu'), contents('calme'), 'in the end it has what is collected in peace');
for my $base (qw(temoin serializable repeatable_read read_uncommitted avant latin1 sql_ascii milieu calme),
	$major < 15 ? () : 'turc')
{
	is(ask($base, "SELECT string_agg(c::text, ', ') FROM datasens_check() AS c"), '', "$base: nothing is wrong with what is stored");
}
ask('milieu', 'DELETE FROM datasens.cache_http');

# The extension is dropped while a run is under way, and comes again.
create('partie', 'UTF8');
ask('partie', "SELECT datasens_add_source('rss', 'tenue', '@{[$web->url('/held/partie?then=/feed/80')]}');
	SELECT datasens_collect_async('tenue')");
ok($web->wait_held('partie', 1), 'a run is under way: DROP EXTENSION');
my $position = -s $node->logfile;
ask('partie', 'SET datasens.allow_drop = on; DROP EXTENSION datasens');
$web->control('release', name => 'partie');
ok($node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = 'partie'"), 'its collector leaves');
unlike(substr(slurp_file($node->logfile), $position), qr/(?:WARNING|ERROR|FATAL|PANIC):/, 'without a word');
fill('partie');
collect_all('partie', 'the extension is there again');
is(contents('partie'), $expected, 'the extension is there again: the same documents');

# A lock that is held for long: the run waits for it, another database's does not.
ask('milieu', "SELECT datasens_add_source('rss', 'barree', '@{[$web->url('/feed/50')]}')");
my $session = $node->background_psql('milieu');
$session->query_safe('BEGIN; LOCK TABLE datasens.flux IN ACCESS EXCLUSIVE MODE');
ask('milieu', "SELECT datasens_collect_async('barree')");
ok($node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_stat_activity
	WHERE backend_type = 'datasens collector' AND datname = 'milieu' AND wait_event_type = 'Lock'"), 'a lock is waited for');
ask('temoin', "SELECT datasens_add_source('rss', 'autre', '@{[$web->url('/feed/51')]}'), datasens_collect_async('autre')");
DatasensNode::wait_for($node, 'temoin', "SELECT count(*) = 1 FROM datasens.flux JOIN datasens.source USING (id_source)
	WHERE nom = 'autre' AND statut = 'succes'", 'which is nothing to another database');
$session->query_safe('COMMIT');
$session->quit;
DatasensNode::wait_for($node, 'milieu', "SELECT count(*) = 1 FROM datasens.flux JOIN datasens.source USING (id_source)
	WHERE nom = 'barree' AND statut = 'succes' AND nb_inseres = 40", 'and the run ends when it is free');

# ---- signals ----

sub pids
{
	my ($type, $base) = @_;
	return $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens $type'"
		  . ($base ? " AND datname = '$base'" : ''));
}

sub hold
{
	my ($name, $feed) = @_;

	ask('milieu', "SELECT datasens_add_source('rss', '$name', '@{[$web->url(\"/held/$name?then=/feed/$feed\")]}');
		SELECT datasens_collect_async('$name')");
	ok($web->wait_held($name, 1), "a run is under way: $name");
	return;
}

sub ends_well
{
	my ($name, $what) = @_;

	$web->control('release', name => $name);
	DatasensNode::wait_for($node, 'milieu', "SELECT count(*) > 0 FROM datasens.flux JOIN datasens.source USING (id_source)
		WHERE nom = '$name' AND statut IN ('succes', 'inchange')", $what);
	is(ask('milieu', "SELECT count(*), sum(nb_inseres) FROM datasens.flux JOIN datasens.source USING (id_source)
			WHERE nom = '$name' AND statut <> 'inchange'"), '1|40', "$what, once");
	return;
}

hold('terminee', 60);
my $pid = pids('collector', 'milieu');
$node->safe_psql('postgres', "SELECT pg_terminate_backend($pid)");
ok($node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid"),
	'a collector that is terminated ends');
ends_well('terminee', 'another takes up its run');

hold('arretee', 61);
$pid = pids('collector', 'milieu');
kill STOP => $pid;
is(ask('milieu', "SELECT statut FROM datasens_health() WHERE nom = 'arretee'"), 'en_cours', 'a collector that is stopped');
is(ask('milieu', "SELECT statut FROM datasens_collect('source 2')"), 'succes', 'stops nobody else');
kill CONT => $pid;
ends_well('arretee', 'and goes on');

$pid = pids('launcher');
kill STOP => $pid;
is(ask('milieu', "SELECT statut FROM datasens_collect('source 3')"), 'succes', 'nor does a launcher that is stopped');
kill CONT => $pid;
$node->safe_psql('postgres', "SELECT pg_terminate_backend($pid)");
ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity
	WHERE backend_type = 'datasens launcher' AND pid <> $pid"), 'a launcher that is terminated is started again');
hold('relancee', 62);
ends_well('relancee', 'and starts collectors');

# One that fails with a collector's place taken, and no collector started yet.
ask('milieu', "SELECT datasens_add_source('rss', 'replacee', '@{[$web->url('/feed/64')]}', '1 second')");
ask('milieu', "UPDATE datasens.source SET actif = false WHERE nom = 'replacee'");
ok($node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity
	WHERE backend_type = 'datasens collector' AND datname = 'milieu'"), 'nothing to do');
my $user = $node->background_psql('milieu');
my $locker = $node->background_psql('postgres');
my $waits = "SELECT count(*) FROM pg_locks WHERE relation = 'pg_database'::regclass AND NOT granted";
$pid = pids('launcher');
$locker->query_safe('BEGIN; LOCK TABLE pg_database IN ACCESS EXCLUSIVE MODE');
$user->query_safe("UPDATE datasens.source SET actif = true WHERE nom = 'replacee'");
my $patience = time + 60;
usleep(20_000) until time > $patience || $locker->query_safe($waits) eq 1;
cmp_ok(time, '<=', $patience, 'a launcher waits for a lock');
$user->query_safe("SELECT pg_cancel_backend($pid)");
usleep(20_000) until time > $patience || $locker->query_safe($waits) eq 0;
cmp_ok(time, '<=', $patience, 'and is cancelled');
$locker->query_safe('COMMIT');
$_->quit for $user, $locker;
ends_well('replacee', 'the next one takes the place again');

# Nobody new comes in while the postmaster stands still, but who is there goes on.
hold('figee', 63);
my $watcher = $node->background_psql('milieu');
my ($postmaster) = slurp_file($node->data_dir . '/postmaster.pid') =~ /^(\d+)/;
kill STOP => $postmaster;
$web->control('release', name => 'figee');
my $until = time + 60;
usleep(20_000) until time > $until || $watcher->query_safe("SELECT count(*) FROM datasens.flux
	JOIN datasens.source USING (id_source) WHERE nom = 'figee' AND statut = 'succes' AND nb_inseres = 40") > 0;
kill CONT => $postmaster;
cmp_ok(time, '<=', $until, 'a postmaster that is stopped stops no run');
$watcher->quit;

# ---- a database that lets nobody in ----

ask('milieu', "SELECT datasens_add_source('rss', 'souvent', '@{[$web->url('/feed/70')]}', '1 second')");
ask('temoin', "SELECT datasens_add_source('rss', 'souvent', '@{[$web->url('/noval/feed?n=71')]}', '1 second')");
$node->safe_psql('postgres', 'ALTER DATABASE milieu ALLOW_CONNECTIONS false');
$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'milieu'");
my $runs = ask('temoin', 'SELECT max(id_flux) FROM datasens.flux');
DatasensNode::wait_for($node, 'temoin', "SELECT max(id_flux) >= $runs + 4 FROM datasens.flux",
	'while a database lets nobody in, another is collected');
my $refusals = () = slurp_file($node->logfile) =~ /FATAL:  database "milieu" is not currently accepting connections/g;
cmp_ok($refusals, '<=', 2, 'and it is not tried again and again');
# ---- a database that comes with the extension in it ----

# Its commit is held up, long enough for the launcher to look too early.
$node->safe_psql('postgres', 'ALTER DATABASE milieu ALLOW_CONNECTIONS false');
DatasensNode::reload($node, 'synchronous_standby_names', 'nobody');
my $creating = $node->background_psql('postgres');
$creating->query_until(qr/commence/, "\\echo commence\nCREATE DATABASE jumelle TEMPLATE milieu;\n");
ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity
	WHERE wait_event = 'SyncRep' AND query ~ '^CREATE DATABASE jumelle'"), 'a copy of a database is about to be made');
ok($node->poll_query_until('postgres', "SELECT wait_event = 'Extension' FROM pg_stat_activity
	WHERE backend_type = 'datasens launcher'"), 'which the launcher does not see yet');
DatasensNode::reload($node, 'synchronous_standby_names', '');
ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_database WHERE datname = 'jumelle'"), 'when it is there');
$creating->quit;
$runs = ask('jumelle', 'SELECT max(id_flux) FROM datasens.flux');
DatasensNode::wait_for($node, 'jumelle', "SELECT max(id_flux) > $runs FROM datasens.flux", 'it is collected by itself');
$node->safe_psql('postgres', 'DROP DATABASE jumelle; ALTER DATABASE milieu ALLOW_CONNECTIONS true');
$runs = ask('milieu', 'SELECT max(id_flux) FROM datasens.flux');
DatasensNode::wait_for($node, 'milieu', "SELECT max(id_flux) > $runs FROM datasens.flux", 'as is one that lets people in again');

# ---- too little room ----

append_to_file("$root/grand.csv", "titre,texte\n" . join '', map { "titre $_," . 'texte ' x 50 . "$_\n" } 1 .. 5000);
DatasensNode::reload($node, 'temp_file_limit', '300kB');
ask('temoin', "SELECT datasens_add_source('kaggle', 'grand', '@{[$web->url('/files/grand.csv')]}', options => '{}')");
like(ask('temoin', "SELECT statut, nb_inseres, erreur FROM datasens_collect('grand')"), qr/^echec\|0\|.*(room|limit|large)/,
	'temp_file_limit is kept and told');
DatasensNode::reload($node, 'temp_file_limit', '-1');
is(ask('temoin', "SELECT statut, nb_inseres FROM datasens_collect('grand')"), 'succes|5000', 'with room it is stored');

ok(!$node->log_contains('PANIC|segfault|terminated by signal|TRAP'), 'nobody was hurt');
$node->stop;

# ---- too few descriptors ----

my $narrow = DatasensNode::start('narrow', 'max_files_per_process' => 64, 'datasens.rss_schedule' => '0 0 1 1 *',
	'datasens.max_connections' => 1000, 'datasens.max_connections_per_host' => 1000, 'datasens.host_delay' => '0',
	'datasens.backup_directory' => "$root/sauvegardes", 'max_connections' => 6);
$narrow->safe_psql('postgres', 'CREATE EXTENSION datasens');
$narrow->safe_psql('postgres', "SELECT count(datasens_add_source('rss', 'source ' || i, '@{[$web->url('/feed/')]}' || i))
	FROM generate_series(100, 299) AS i");
$narrow->safe_psql('postgres', "SELECT datasens_collect_async('all')");
DatasensNode::wait_for($narrow, 'postgres', 'SELECT count(*) = 8000 FROM datasens.document',
	'with 64 descriptors all of two hundred sources are collected');
is($narrow->safe_psql('postgres', 'SELECT string_agg(DISTINCT statut, $$,$$) FROM datasens.flux'), 'succes',
	'each at its first attempt');

# ---- all connections taken: a backup has none, collectors need none ----

my @taken = map { $narrow->background_psql('postgres') } 1 .. 6;
$taken[0]->query_safe('SET client_min_messages = error');
like($taken[0]->query_safe('SELECT statut, erreur FROM datasens_backup()'),
	qr/^echec\|.*(?:too many clients|remaining connection slots)/, 'with all connections taken a backup says so');
$taken[0]->query_safe("SELECT datasens_collect_async('source 101')");
my $end = time + 60;
usleep(20_000) until time > $end || $taken[0]->query_safe("SELECT count(*) FROM datasens.flux") > 200;
cmp_ok(time, '<=', $end, 'a collector collects');
$_->quit for @taken;
$narrow->poll_query_until('postgres', 'SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = $$client backend$$') or die;
is($narrow->safe_psql('postgres', 'SELECT statut FROM datasens_backup()'), 'succes', 'with one it is made');

# ---- our own tables closed to us ----

my $closed = 'datasens cannot %s in database "postgres": query would be affected by row-level security policy for table "document"';
my $log = $narrow->logfile;

sub told
{
	my ($text) = @_;
	return scalar(() = slurp_file($log) =~ /\Q$text\E/g);
}

sub wait_told
{
	my ($text, $least, $what) = @_;
	for (1 .. 200)
	{
		return pass($what) if told($text) >= $least;
		usleep(50_000);
	}
	return fail("$what: $text");
}

DatasensNode::reload($narrow, 'log_min_messages', 'debug1');
$narrow->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type ~ '^datasens (coll|oper)'") or die;
$narrow->safe_psql('postgres', 'ALTER TABLE datasens.document ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
	UPDATE datasens.source SET actif = actif');
wait_told(sprintf($closed, 'collect'), 1, 'what keeps a collector from its work is told');
wait_told('datasens still cannot collect: tries again in ', 1, 'it tries again');
$narrow->safe_psql('postgres', "UPDATE datasens.source SET nom = 'autre' WHERE nom = 'source 100'");
wait_told('datasens still cannot collect: tries again in ', 2, 'at once when something has been changed');
my @waits = slurp_file($log) =~ /datasens still cannot collect: tries again in (\d+) ms/g;
cmp_ok($waits[1], '>', 15_000, 'later each time');
is(told(sprintf($closed, 'collect')), 1, 'but tells it once');
like(slurp_file($log), qr/HINT:  To disable the policy .* NO FORCE ROW LEVEL SECURITY\. It tries again, less/, 'with a hint');
unlike(slurp_file($log), qr/ERROR:  query would be affected/, 'in one line');
$narrow->safe_psql('postgres', "ALTER TABLE datasens.document NO FORCE ROW LEVEL SECURITY;
	SELECT datasens_collect_async('autre')");
DatasensNode::wait_for($narrow, 'postgres', 'SELECT count(*) = 202 FROM datasens.flux', 'when that has gone it collects');
wait_told('datasens can collect again', 1, 'and says so');

# ---- no room for locks: those that a collector has taken it gives back, and what it has planned it plans anew ----

DatasensNode::reload($narrow, 'datasens.linger' => '1h', 'datasens.workers' => 1);
my $hog = $narrow->background_psql('postgres', on_error_stop => 0);
$narrow->safe_psql('postgres', "SELECT datasens_collect_async('source 101')");
DatasensNode::wait_for($narrow, 'postgres', "SELECT count(*) = 1 AND NOT EXISTS (SELECT FROM datasens_progress)
	AND NOT EXISTS (SELECT FROM datasens.etat_source WHERE declencheur = 'manuel')
	FROM pg_stat_activity WHERE backend_type = 'datasens collector'", 'a collector is there and waits');
my $busy = $narrow->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens collector'");
$hog->query('SELECT count(pg_advisory_lock(i)) FROM generate_series(1, 1000000) AS i');
is($hog->query("SELECT count(pg_advisory_unlock(i)) FROM generate_series(1, 80) AS i"), 80, 'all locks are taken, but for some');
$narrow->safe_psql('postgres', "INSERT INTO datasens.source (type_source, nom, url, planification)
		VALUES ('rss', 'nouvelle', '@{[$web->url('/feed/300')]}', '1 second');
	SELECT datasens_collect_async('all')");
my $full = time + 60;
usleep(20_000) until time > $full || slurp_file($narrow->logfile) =~ /datasens cannot collect in database "postgres": out of shared memory/;
cmp_ok(time, '<=', $full, 'which is told');
usleep(20_000) until time > $full
  || $hog->query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = $busy") == 0;
cmp_ok(time, '<=', $full, 'none is kept');
$hog->quit;
DatasensNode::wait_for($narrow, 'postgres', "SELECT count(*) > 0 FROM datasens.flux JOIN datasens.source USING (id_source)
	WHERE nom = 'nouvelle'", 'a source that was new then is collected');
is($narrow->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens collector'"), $busy, 'by the same collector');
$narrow->stop;
$web->stop;
done_testing();
