# Kills, stops and restarts at random moments of a load of all kinds, with backups, reports and
# retention at work beside it: what is stored in the end is exactly that of an undisturbed run.
#
# KILLS (8 unless set) faults, in batches of BATCH (4): each batch has a database of its own,
# a copy of one that has collected nothing.  SEED repeats a sequence of faults.  Each of the
# faults is followed by asking for everything again; each batch ends with the comparison.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use List::Util qw(max shuffle);
use MixedLoad;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

my $kills = $ENV{KILLS} || 8;
my $batch = $ENV{BATCH} || 4;
my $seed = $ENV{SEED} || int(time * 1000) % 1_000_000;
srand($seed);
note("SEED=$seed");

# A server is to be back so many seconds after its start began.
my $max_start = 5;

my $load = MixedLoad->new;
my $files = PostgreSQL::Test::Utils::tempdir;
my $node = DatasensNode::start('main', $load->settings,
	'datasens.backup_directory' => "$files/sauvegardes", 'datasens.report_directory' => "$files/rapports",
	'datasens.backup_schedule' => '2 seconds', 'datasens.report_schedule' => '1 second',
	'datasens.retention_schedule' => '1 second', 'datasens.max_databases' => 10, 'log_statement' => 'none');

# ---- databases ----

# Nobody looks into the model: where no connection is allowed, no collector is sent.
$node->safe_psql('postgres', 'CREATE DATABASE modele');
$load->install($node, 'modele');
$node->safe_psql('postgres', 'ALTER DATABASE modele ALLOW_CONNECTIONS false');

sub create
{
	my ($base) = @_;
	return $node->safe_psql('postgres', "CREATE DATABASE $base TEMPLATE modele");
}

# ---- the server ----

my @starts;

sub answers
{
	return system('pg_isready', '-q', '-h', $node->host, '-p', $node->port) == 0;
}

sub wait_until_back
{
	my ($began) = @_;

	until (answers())
	{
		die 'the server did not come back' if time - $began > 60;
		usleep(20_000);
	}
	push @starts, time - $began;
	return;
}

# After a stop, or a kill: its children notice and leave; until then the shared memory is theirs.
sub start_again
{
	my $until = time + 60;
	my $began;

	do
	{
		die 'the server does not start' if time > $until;
		$node->{_pid} = undef;
		usleep(50_000) if $began;
		$began = time;
	} until ($node->start(fail_ok => 1));
	wait_until_back($began);
	return;
}

# ---- faults ----

# A process of the server's: collector, launcher or operator; the next one to come, within a second.
sub pid_of
{
	my ($type) = @_;
	my $until = time + 1;
	my $pid;

	do
	{
		$pid = $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens $type'
			ORDER BY random() LIMIT 1");
	} until ($pid || time > $until);
	return $pid;
}

# Kills the process, if there is one, which takes all others down.
sub kill_process
{
	my ($type) = @_;
	my $pid = pid_of($type) or return 0;
	my $began = time;

	kill('KILL', $pid) or return 0;
	usleep(10_000) while kill(0, $pid);
	wait_until_back($began);
	return 1;
}

sub terminate
{
	my ($type) = @_;
	my $pid = pid_of($type) or return 0;
	return kill('TERM', $pid);
}

sub hold
{
	my ($pid) = @_;

	$pid && kill('STOP', $pid) or return 0;
	usleep(int(rand(300_000)));
	return kill('CONT', $pid);
}

sub stop_and_start
{
	my ($mode) = @_;

	$node->stop($mode);
	start_again();
	return 1;
}

sub postmaster
{
	return (split /\n/, slurp_file($node->data_dir . '/postmaster.pid'))[0];
}

# Each returns whether there was somebody to strike.
my %faults = (
	'SIGKILL of a collector' => sub { kill_process('collector') },
	'SIGKILL of the launcher' => sub { kill_process('launcher') },
	'SIGKILL of an operator' => sub { kill_process('operator') },
	'SIGKILL of the postmaster' => sub { $node->kill9; start_again(); 1 },
	'SIGTERM of a collector' => sub { terminate('collector') },
	'SIGTERM of the launcher' => sub { terminate('launcher') },
	'SIGTERM of an operator' => sub { terminate('operator') },
	'SIGSTOP of a collector' => sub { hold(pid_of('collector')) },
	'SIGSTOP of the launcher' => sub { hold(pid_of('launcher')) },
	'SIGSTOP of an operator' => sub { hold(pid_of('operator')) },
	'SIGSTOP of the postmaster' => sub { hold(postmaster()) },
	'pg_ctl stop -m fast' => sub { stop_and_start('fast') },
	'pg_ctl stop -m immediate' => sub { stop_and_start('immediate') },
	'pg_ctl stop -m smart' => sub { stop_and_start('smart') });

# The faults in a random order, all of them before one comes again.
my @next;

sub next_fault
{
	@next = shuffle(sort keys %faults) unless @next;
	return shift @next;
}

# ---- an undisturbed run ----

# Answers take their time, so that there is one to be struck in.
$load->web->control('latency', ms => 60);
create('temoin');
my $began = time;
$load->ask($node, 'temoin');
$load->wait_for_end($node, 'temoin', 'an undisturbed run collects every source');
my $duration = time - $began;
my $undisturbed = $load->contents($node, 'temoin');
is($load->faults($node, 'temoin'), '', 'with nothing wrong');
like($undisturbed, qr/gdelt 1080, json 120, kaggle 9000, owm 12, rss 480, scraping 10/, 'sources of every kind');
$node->safe_psql('postgres', 'DROP DATABASE temoin');

# ---- the faults ----

my (%struck, $at_work);

for my $first (map { 1 + $_ * $batch } 0 .. ($kills - 1) / $batch)
{
	my $last = $first + $batch - 1 < $kills ? $first + $batch - 1 : $kills;
	my $base = "base_$first";

	create($base);
	$load->ask($node, $base);
	for (my $kill = $first; $kill <= $last;)
	{
		my $fault = next_fault();

		usleep(int(rand($duration * 500_000)));
		my $busy = $node->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity
			WHERE backend_type ~ 'datasens (collector|operator)' AND datname = '$base' LIMIT 1");
		next unless $faults{$fault}->();
		$kill++;
		$struck{$fault}++;
		$at_work++ if $busy;
		$load->ask($node, $base);
	}
	$load->wait_for_end($node, $base, "faults $first to $last: every source is collected, none is stuck") or last;
	is($load->contents($node, $base), $undisturbed, "faults $first to $last: what is stored is that of an undisturbed run");
	is($load->faults($node, $base), '', "faults $first to $last: and nothing is wrong with it");
	$node->safe_psql('postgres', "DROP DATABASE $base");
}
note("$struck{$_} $_") for sort keys %struck;
note(sprintf 'at work when it happened: %d of %d', $at_work || 0, $kills);
my $slowest = max(0, @starts);
cmp_ok($slowest, '<', $max_start, sprintf('the slowest of %d starts took %.2f s', scalar @starts, $slowest));

# ---- what the operators left ----

# A database without a load: its backup is the first after the last fault, and is whole.
create('derniere');
ok($node->poll_query_until('derniere', "SELECT count(*) > 0 FROM datasens.sauvegarde WHERE statut = 'succes'
	AND declencheur = 'planifie'"), 'backups go on');
ok($node->poll_query_until('derniere', "SELECT count(*) = 0 FROM datasens.tache WHERE nom IN ('rapport', 'menage')
	AND dernier_succes IS NULL"), 'as do reports and retention');
my $dump = $node->safe_psql('derniere', "SELECT fichier FROM datasens.sauvegarde WHERE statut = 'succes' LIMIT 1");
$node->command_ok([ 'pg_restore', '--list', '-f', '/dev/null', "$files/sauvegardes/$dump" ], 'and what they make can be read');
ok(!$node->log_contains('PANIC|segfault|TRAP|terminated by signal (6|7|8|11)|corrupt'), 'nobody was hurt but by us');

$node->stop;
done_testing();
