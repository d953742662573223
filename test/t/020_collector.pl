# The launcher and its collectors: who is started, when, and when they leave.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $web = DatasensWeb->new;
my $node = DatasensNode::start('main', 'max_prepared_transactions' => 1);

# A running server, a new extension: collected within five seconds.
my $began = time;
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');
my $url = $web->url('/feed/1');
$node->safe_psql('postgres', qq{
	SELECT datasens_add_source('rss', 'un', '$url', '1 second')});
DatasensNode::wait_for($node, 'postgres',
	'SELECT count(*) = 40 FROM datasens.document',
	'a source of a new extension is collected by itself');
cmp_ok(time - $began, '<', 6, 'within five seconds of CREATE EXTENSION, and the schedule\'s one');
is($node->safe_psql('postgres',
		'SELECT statut, nb_lus, nb_inseres, nb_doublons, declencheur FROM datasens.flux
		 ORDER BY id_flux LIMIT 1'),
	'succes|40|40|0|planifie', 'its flux says so');
DatasensNode::wait_for($node, 'postgres',
	"SELECT count(*) > 1 FROM datasens.flux WHERE statut = 'inchange'", 'then nothing is new');
is($node->safe_psql('postgres', 'SELECT count(*) FROM datasens.document'), 40, 'nothing twice');

# A second database, a first with none.
$node->safe_psql('postgres', 'CREATE DATABASE autre');
$node->safe_psql('autre', 'CREATE EXTENSION datasens');
$node->safe_psql('autre', qq{
	SELECT datasens_add_source('rss', 'deux', '@{[$web->url('/feed/2')]}', '1 second')});
DatasensNode::wait_for($node, 'autre', 'SELECT count(*) = 40 FROM datasens.document',
	'another database is collected beside the first');

# Off and on.
DatasensNode::reload($node, 'datasens.enabled', 'off');
DatasensNode::wait_for($node, 'postgres',
	"SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'datasens collector'",
	'datasens.enabled = off sends the collectors home');
my $runs = $node->safe_psql('postgres', 'SELECT count(*) FROM datasens.flux');
DatasensNode::reload($node, 'datasens.enabled', 'on');
DatasensNode::wait_for($node, 'postgres',
	"SELECT count(*) > $runs FROM datasens.flux", 'on calls them back');

# A schedule by setting: a reload re-plans the sources that follow it, no others.
$node->safe_psql('postgres', qq{
	SELECT datasens_add_source('rss', 'trois', '@{[$web->url('/feed/3')]}')});
my $own = "SELECT planification_appliquee FROM datasens.etat_source JOIN datasens.source
	USING (id_source) WHERE nom = ";
my $before = $node->safe_psql('postgres', "$own 'un'");
DatasensNode::reload($node, 'datasens.rss_schedule', '2 seconds');
DatasensNode::wait_for($node, 'postgres',
	"SELECT count(*) > 0 FROM datasens.flux JOIN datasens.source USING (id_source)
	 WHERE nom = 'trois'", 'a changed setting re-plans a source that follows it');
is($node->safe_psql('postgres', "$own 'trois'"), '2 seconds UTC', 'with the new schedule');
is($node->safe_psql('postgres', "$own 'un'"), $before, 'and leaves another alone');
DatasensNode::reload($node, 'datasens.rss_schedule', '0 0 1 1 *');

# Ways out: the extension, the database.
$began = time;
$node->safe_psql('autre', 'SET datasens.allow_drop = on; DROP EXTENSION datasens');
cmp_ok(time - $began, '<', 3, 'DROP EXTENSION is not held up');
$node->safe_psql('autre', 'CREATE EXTENSION datasens');
$node->safe_psql('autre', qq{
	SELECT datasens_add_source('rss', 'deux', '@{[$web->url('/feed/2')]}', '1 second')});
my $dropper = $node->background_psql('autre');
$dropper->query_safe('BEGIN; SET LOCAL datasens.allow_drop = on; DROP EXTENSION datasens');
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) > 0 FROM pg_stat_activity
	WHERE backend_type = 'datasens collector' AND wait_event_type = 'Lock'",
	'a collector waits while the extension is being dropped');
$dropper->query_safe('COMMIT');
$dropper->quit;
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = 0 FROM pg_stat_activity
	WHERE backend_type = 'datasens collector' AND datname = 'autre'", 'and leaves when it is gone');
ok(!$node->log_contains('does not exist'), 'without a word');
$node->safe_psql('autre', 'CREATE EXTENSION datasens');
$node->safe_psql('autre', qq{
	SELECT datasens_add_source('rss', 'tenu', '@{[$web->url('/held/drop')]}', '1 second')});
$node->poll_query_until('autre', 'SELECT count(*) = 1 FROM datasens_progress')
  or die 'the transfer did not start';
$began = time;
$node->safe_psql('postgres', 'DROP DATABASE autre');
cmp_ok(time - $began, '<', 3, 'DROP DATABASE is not held up in the middle of a transfer');
ok($node->log_contains('.') && !$node->log_contains('PANIC|segfault|signal 11'),
	'and nobody was hurt');

# An idle server: no collector, no connection.
$node->safe_psql('postgres', "SELECT datasens_alter_source('un', planification => '0 0 1 1 *')");
DatasensNode::wait_for($node, 'postgres',
	"SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'datasens collector'",
	'with nothing due the collector leaves');
is($node->safe_psql('postgres',
		"SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'datasens launcher'"),
	1, 'the launcher stays');

# Sources of a transaction that another session commits.
$node->safe_psql('postgres', qq{
	BEGIN; INSERT INTO datasens.source (type_source, nom, url, planification)
		VALUES ('rss', 'prepare', '@{[$web->url('/feed/4')]}', '1 second'); PREPARE TRANSACTION 'prepare'});
$node->safe_psql('postgres', "COMMIT PREPARED 'prepare'");
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) > 0 FROM datasens.flux JOIN datasens.source USING (id_source)
	WHERE nom = 'prepare'", 'a source of a prepared transaction is collected');
$node->safe_psql('postgres', "SELECT datasens_drop_source('prepare', true)");

# A clean shutdown in the middle of transfers: quick, and no attempt counted.
$node->safe_psql('postgres', qq{
	SELECT datasens_add_source('rss', 'tenu', '@{[$web->url('/held/stop')]}', '1 second')});
$node->poll_query_until('postgres',
	"SELECT count(*) = 1 FROM datasens_progress WHERE nom = 'tenu'")
  or die 'the transfer did not start';
is($node->safe_psql('postgres', "SELECT statut FROM datasens_health() WHERE nom = 'tenu'"),
	'en_cours', 'health sees the transfer');
$began = time;
$node->stop('fast');
cmp_ok(time - $began, '<', 2, 'a fast shutdown takes less than two seconds');
DatasensNode::configure($node, 'datasens.enabled' => 'off');
$node->append_conf('postgresql.auto.conf', "datasens.enabled = 'off'");
$node->start;
is($node->safe_psql('postgres',
		"SELECT tentative FROM datasens.etat_source JOIN datasens.source USING (id_source)
		 WHERE nom = 'tenu'"),
	0, 'what it interrupted does not count as an attempt');
$node->stop;
done_testing();
