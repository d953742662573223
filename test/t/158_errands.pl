# Where the library is not preloaded there is no launcher: what datasens_collect() leaves to be
# archived, removed there or delivered is done by a worker that comes when it has committed, and
# never before; what had to wait is done with the next collecting.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $archive = PostgreSQL::Test::Utils::tempdir . '/archive';
my $web = DatasensWeb->new;
my $s3 = DatasensWeb->new(script => 's3.py');
my $node = DatasensNode::start('main', 'shared_preload_libraries' => '', 'datasens.retry_delay' => '1s',
	'datasens.max_retries' => 0, 'datasens.archive_url' => "file://$archive",
	'datasens.s3_endpoint' => $s3->url(''), 'datasens.alert_webhook' => $web->url('/flaky/1/crochet'));
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

sub sql
{
	return $node->safe_psql('postgres', $_[0]);
}

sub wait_for
{
	return DatasensNode::wait_for($node, 'postgres', @_);
}

sub warning_of
{
	my $err = '';

	$node->psql('postgres', $_[0], stderr => \$err);
	return $err =~ /WARNING:  (.*)/s ? $1 : '';
}

sub objects
{
	my @files = sort split /\n/, -d $archive ? `find '$archive' -type f` : '';
	return @files;
}

sub waits
{
	return sql('SELECT count(*) FROM datasens.archive');
}

sub set_and_wait
{
	my ($name, $value) = @_;

	DatasensNode::reload($node, $name => $value);
	$node->poll_query_until('postgres', "SELECT current_setting('$name') = '$value'") or die $name;
	return;
}

# No worker is there, nor on its way.
sub wait_idle
{
	$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'datasens operator'")
	  or die 'busy';
	return;
}

sub add
{
	my ($nom, $path) = @_;
	return sql("SELECT datasens_add_source('rss', '$nom', '@{[$web->url($path)]}', options => '{\"archiver\": true}')");
}

# ---- when it commits, and not before ----

add('fil', '/feed/1');
sql('BEGIN; SELECT datasens_collect(); ROLLBACK');
is(waits() . scalar objects(), '00', 'what is rolled back is archived nowhere');
{
	my $session = $node->background_psql('postgres');

	$session->query_safe('BEGIN; SELECT datasens_collect()');
	is(scalar objects(), 0, 'before the commit nothing is archived');
	$session->query_safe('COMMIT');
	$session->quit;
}
wait_for('SELECT count(*) = 1 FROM datasens.flux WHERE manifest_uri IS NOT NULL', 'after it, it is');
my @first = objects();
is(scalar @first, 1, 'one object');
wait_idle();

# Of what is rolled back nothing is removed, and what is said to be there is there.
sql(q{BEGIN; SELECT datasens_forget((SELECT url FROM datasens.document ORDER BY id_doc LIMIT 1)); SELECT datasens_collect(); ROLLBACK});
add('autre', '/feed/2');
sql('SELECT datasens_collect()');
wait_for('SELECT count(*) = 2 FROM datasens.flux WHERE manifest_uri IS NOT NULL', 'another one');
ok(-e $first[0], 'a forgetting that was rolled back has removed nothing');
is(sql("SELECT nb_doublons FROM datasens_replay((SELECT min(id_flux) FROM datasens.flux WHERE manifest_uri IS NOT NULL))"), 40,
	'it can be read again');
sql(q{SELECT datasens_forget((SELECT url FROM datasens.document ORDER BY id_doc LIMIT 1))});
wait_for('SELECT count(*) = 0 FROM datasens.archive', 'one that was committed');
ok(!-e $first[0], 'has');
sql("SELECT datasens_drop_source('autre', true)");
wait_for('SELECT count(*) = 0 FROM datasens.archive', 'and so has a source that was dropped');
is(scalar objects(), 0, 'nothing is left');
wait_idle();

# ---- a depot that does not answer is nobody's wait but the worker's ----

set_and_wait('datasens.archive_url', 's3://seau');
sql(q{SELECT datasens_set_secret('s3_access_key', 'cle-publique'), datasens_set_secret('s3_secret_key', 'cle/secrete+1')});
$s3->control('fault', kind => 'hold', method => 'PUT');
add('lent', '/feed/3');
is(sql("SELECT statut FROM datasens_collect('lent')"), 'succes', 'S3 does not answer: collected');
usleep(100_000) until $s3->control('state')->{held} > 0;
is(sql("SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND pid <> pg_backend_pid()"), 0,
	'while it does not, no transaction is open');
$s3->control('release');
wait_for("SELECT count(*) = 1 FROM datasens.flux WHERE manifest_uri LIKE 's3://seau/%'", 'it has arrived');
wait_idle();

# ---- alerts ----

sql("SELECT datasens_add_source('rss', 'morte', '@{[$web->url('/status/404')]}')");
sql("SELECT datasens_collect('morte')");
wait_for('SELECT count(*) = 1 FROM datasens.alerte WHERE date_livraison IS NOT NULL', 'an alert is delivered, at the second attempt');
sql("SELECT datasens_drop_source('morte')");
wait_idle();

# ---- no room for a worker ----

$node->append_conf('postgresql.conf', 'max_worker_processes = 0');
$node->restart;
add('plein', '/feed/4');
like(warning_of("SELECT datasens_collect('plein')"), qr/what is to be archived or delivered has to wait: out of background worker slots
DETAIL: .*datasens_collect\(\).*HINT: .*max_worker_processes/s, 'no room for a worker: that is said');
is(waits(), 1, 'it waits');
$node->append_conf('postgresql.conf', 'max_worker_processes = 8');
$node->restart;
is(sql("SELECT statut FROM datasens_collect('plein')"), 'inchange', 'the next collecting brings nothing');
wait_for('SELECT count(*) = 0 FROM datasens.archive', 'but has it done');
is(sql("SELECT count(*) FROM datasens.flux WHERE manifest_uri LIKE 's3://seau/%'"), 2, 'it is there');
is(sql("SELECT count(*) FROM datasens.tache WHERE prochaine_execution < 'infinity'"), 0, 'nothing was planned, as nobody would do it');
is(sql('SELECT count(*) FROM datasens_check()'), 0, 'all is in order');

$node->stop;
done_testing();
