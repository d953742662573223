# Too little of what a machine has: room for tables, temporary files, WAL, backups and reports;
# descriptors, worker slots, connections.  It is told, nothing is lost, others go on, and when
# there is enough again everything comes back by itself: what is stored in the end is exactly
# what an undisturbed run stores.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use FullDisk;
use MixedLoad;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

my $disk = FullDisk->new;
my $load = MixedLoad->new;
my $files = PostgreSQL::Test::Utils::tempdir;
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => ['--wal-segsize=1']);
DatasensNode::configure($node, $load->settings, 'min_wal_size' => '2MB', 'max_wal_size' => '4MB', 'log_statement' => 'none',
	'datasens.backup_directory' => "$files/sauvegardes", 'datasens.report_directory' => "$files/rapports",
	'datasens.backup_schedule' => '', 'datasens.report_schedule' => '', 'datasens.max_retries' => 1);
$node->start;
my $data = $node->data_dir;

sub sql
{
	my ($base, $query) = @_;
	return $node->safe_psql($base, $query);
}

sub create
{
	my ($base) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $base");
	$load->install($node, $base);
	return;
}

# The lines that the log has got since the position, and what is in them.
sub log_since
{
	my ($position) = @_;
	return substr(slurp_file($node->logfile), $position);
}

sub ends_well
{
	my ($base, $undisturbed, $what) = @_;

	$load->ask($node, $base);
	$load->wait_for_end($node, $base, "$what: with room again, all is collected");
	is($load->contents($node, $base), $undisturbed, "$what: what is stored is that of an undisturbed run");
	is($load->faults($node, $base), '', "$what: nothing is wrong with it");
	return;
}

create('temoin');
$load->ask($node, 'temoin');
$load->wait_for_end($node, 'temoin', 'an undisturbed run');
my $undisturbed = $load->contents($node, 'temoin');

# ---- no room for tables ----

# The places are full while the answers are on their way.
sub fill_in_the_middle
{
	my ($base, @places) = @_;
	my $position = -s $node->logfile;

	$load->web->control('latency', ms => 500);
	$load->ask($node, $base);
	ok($node->poll_query_until($base, 'SELECT count(*) > 0 FROM datasens_progress'), "$base: runs are under way");
	$disk->fill(@places);
	$load->web->control('latency', ms => 0);
	return $position;
}

sub no_collector
{
	my ($base) = @_;
	return $node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity
		WHERE datname = '$base' AND backend_type = 'datasens collector'");
}

create('tables');
my $oid = sql('postgres', "SELECT oid FROM pg_database WHERE datname = 'tables'");
my $position = fill_in_the_middle('tables', "$data/base/$oid/");
ok(no_collector('tables'), 'tables: collectors give up for now');
my @told = log_since($position) =~ /(?:ERROR|LOG):  (.*No space left on device.*)/g;
cmp_ok(scalar @told, '>=', 1, 'tables: the log says why');
cmp_ok(scalar @told, '<=', 5, 'tables: and not over and over') or diag(join "\n", @told);
$disk->fill();
ends_well('tables', $undisturbed, 'tables');

# ---- no room for temporary files: only what needs them fails ----

create('temporaires');
$position = fill_in_the_middle('temporaires', "$data/base/pgsql_tmp/");
DatasensNode::wait_for($node, 'temporaires', "SELECT count(*) FILTER (WHERE statut = 'echec') > 0
	AND count(*) FILTER (WHERE type_source IN ('rss', 'json', 'owm') AND statut = 'succes') >= 28
	FROM datasens.flux JOIN datasens.source USING (id_source)", 'temporaires: small sources are collected, files are not');
is(sql('temporaires', "SELECT string_agg(DISTINCT type_source, ' ' ORDER BY type_source) FROM datasens.flux
		JOIN datasens.source USING (id_source) WHERE statut = 'echec'") =~ s/gdelt //r, 'kaggle', 'temporaires: of those kinds');
is(sql('temporaires', "SELECT count(*) FROM datasens.flux WHERE statut = 'echec' AND erreur !~ 'No space left on device'"), 0,
	'temporaires: and it is said why');
$disk->fill();
ends_well('temporaires', $undisturbed, 'temporaires');

# ---- no room for backups and reports ----

sub set_and_wait
{
	my ($name, $value) = @_;

	DatasensNode::reload($node, $name, $value);
	$node->poll_query_until('temoin', "SELECT current_setting('$name') = '$value'") or die "$name was not set";
	return;
}

sub error_of
{
	my ($query) = @_;
	my ($code, $out, $err) = $node->psql('temoin', $query);
	return $out . $err;
}

$disk->fill("$files/");
like(error_of('SELECT statut, erreur FROM datasens_backup()'), qr/echec\|.*No space left on device/, 'a backup that finds no room says so');
is(join(' ', glob "$files/sauvegardes/*"), '', 'and leaves nothing of a file');
set_and_wait('datasens.report_schedule', '1 second');
DatasensNode::wait_for($node, 'temoin', "SELECT derniere_erreur ~ 'No space left on device' FROM datasens.tache
	WHERE nom = 'rapport'", 'nor does a report');
is(join(' ', glob "$files/rapports/*temoin*"), '', 'which leaves nothing, too');
$disk->fill();
DatasensNode::wait_for($node, 'temoin', "SELECT derniere_erreur IS NULL AND dernier_succes IS NOT NULL FROM datasens.tache
	WHERE nom = 'rapport'", 'with room again it is written');
set_and_wait('datasens.report_schedule', '');
like(error_of('SELECT statut FROM datasens_backup()'), qr/^succes/, 'and a backup made');

# ---- no room for WAL: the server goes down, and is itself again when there is some ----

create('journaux');
$position = fill_in_the_middle('journaux', "$data/pg_wal/");
my $until = time + 60;
usleep(50_000) while -e "$data/postmaster.pid" && time < $until && log_since($position) !~ /PANIC/;
like(log_since($position), qr/PANIC:  could not write to file "pg_wal.*No space left on device/, 'WAL: the server goes down');
$disk->fill();
do
{
	$node->{_pid} = undef;
	usleep(100_000);
	die 'the server does not start' if time > $until + 60;
} until (system('pg_isready', '-q', '-h', $node->host, '-p', $node->port) == 0 || $node->start(fail_ok => 1));
$node->_update_pid(1);
ends_well('journaux', $undisturbed, 'WAL');

# ---- too few descriptors for processes ----

create('descripteurs');
$node->stop;
is(system('prlimit', "--pid=$$", '--nofile=128:'), 0, 'processes may open few files');
$node->start;
is(system('prlimit', "--pid=$$", '--nofile=1024:'), 0, 'those of the server');
$load->ask($node, 'descripteurs');
$load->wait_for_end($node, 'descripteurs', 'with few descriptors all is collected');
is($load->contents($node, 'descripteurs'), $undisturbed, 'and what is stored is that of an undisturbed run');

ok(!$node->log_contains('not closed at end-of-transaction|leak'), 'nothing was left open');
# Not "corrupted": so a server hints that fails for want of room while it recovers.
ok(!$node->log_contains('segfault|TRAP|terminated by signal (7|8|11)|invalid page'), 'nobody was hurt');
$node->stop;
done_testing();
