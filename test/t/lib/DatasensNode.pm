# DatasensNode: a cluster with datasens preloaded, for the tests of test/t.
#
#	my $node = DatasensNode::start('main', 'datasens.retry_delay' => '1s');
#	DatasensNode::wait_for($node, 'postgres', 'SELECT ...', 'what is waited for');
#
# What a server under a sanitizer or valgrind (test/instrument) cannot be held to is told here, too.
package DatasensNode;

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# Settings that tests of background work share; the caller's come after them.
my @settings = (
	'shared_preload_libraries' => 'datasens',
	'max_worker_processes' => 16,
	'datasens.allow_private_networks' => 'on',
	'datasens.linger' => '2s',
	'log_min_messages' => 'info');

sub configure
{
	my ($node, @more) = @_;
	my @pairs = (@settings, @more);

	while (my ($name, $value) = splice(@pairs, 0, 2))
	{
		$node->append_conf('postgresql.conf', "$name = '$value'");
	}
	return;
}

# A cluster of the programs below that directory.  (Server 14's new() takes options for a host.)
sub of_install
{
	my ($name, $path) = @_;
	my $class = 'PostgreSQL::Test::Cluster';
	my $make = $class->can('get_new_node') || $class->can('new');

	return $class->$make($name, install_path => $path);
}

# A started cluster of that name, without the extension.
sub start
{
	my ($name, @more) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(allows_streaming => 1);
	configure($node, @more);
	$node->start;
	return $node;
}

# Changes settings and reloads.
sub reload
{
	my ($node, @pairs) = @_;

	while (my ($name, $value) = splice(@pairs, 0, 2))
	{
		$node->safe_psql('postgres', "ALTER SYSTEM SET $name = '$value'");
	}
	$node->reload;
	return;
}

# A test: the query gives 't' before the time is up; else what it gave last is shown.
sub wait_for
{
	my ($node, $database, $query, $what) = @_;
	my $came = $node->poll_query_until($database, $query);

	ok($came, $what);
	diag($node->safe_psql($database,
			'SELECT * FROM datasens_health(); SELECT * FROM datasens.flux ORDER BY id_flux')) unless $came;
	return $came;
}

sub is_instrumented
{
	return defined $ENV{SERVER_UNDER};
}

# A limit of time, in any unit: an instrumented server gets longer.
sub patience
{
	my ($time) = @_;
	return $time * ($ENV{SERVER_SLOWER} || 1);
}

# A test: what a process took is no more than that; but a sanitizer keeps what was freed.
sub takes_at_most
{
	my ($taken, $most, $what) = @_;

  SKIP:
	{
		skip 'a sanitizer keeps what was freed', 1 if is_instrumented();
		cmp_ok($taken, '<=', $most, $what);
	}
	return;
}

# What a role is answered; an error as its SQLSTATE.
sub as_role
{
	my ($node, $database, $role, $sql) = @_;
	my ($out, $err) = ('', '');

	$node->psql($database, "\\set VERBOSITY sqlstate\n$sql", stdout => \$out, stderr => \$err,
		extra_params => [ '-U', $role ]);
	return $err =~ /ERROR:  (\w+)/ ? $1 : $out;
}

# Kills a process of the server's, which takes everyone down, and waits until it is back.
# (A session that asks meanwhile may break off, and with it the test.)
sub kill_and_await
{
	my ($node, $pid) = @_;
	my $until = time + 60;

	kill('KILL', $pid);
	while (kill(0, $pid) || system('pg_isready', '-q', '-h', $node->host, '-p', $node->port) != 0)
	{
		die 'the server did not come back' if time > $until;
		select undef, undef, undef, 0.05;
	}
	return;
}

1;
