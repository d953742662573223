# A clock that is set: forward, and what was missed is made up for once; back, and nobody waits
# for a time that was planned by the wrong one.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use FakeClock;
use Test::More;

my $days = 24 * 60 * 60;
my $clock = FakeClock->new(time + 1);
my $web = DatasensWeb->new;
my $node = DatasensNode::start('main', 'datasens.linger' => '0', 'datasens.retention_schedule' => '2 seconds',
	'datasens.report_directory' => 'rapports', 'datasens.report_schedule' => '0 7 * * *');
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');
$node->safe_psql('postgres', "SELECT datasens_add_source('rss', 'heure', '@{[$web->url('/feed/1')]}', '\@hourly'),
	datasens_add_source('rss', 'seconde', '@{[$web->url('/noval/feed?n=2')]}', '2 seconds')");

sub runs
{
	my ($nom) = @_;
	return $node->safe_psql('postgres', "SELECT count(*) FROM datasens.flux JOIN datasens.source USING (id_source) WHERE nom = '$nom'");
}

sub launcher
{
	return $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens launcher'");
}

sub goes_on
{
	my ($what) = @_;
	my $before = runs('seconde');

	DatasensNode::wait_for($node, 'postgres', "SELECT count(*) >= $before + 2 FROM datasens.flux JOIN datasens.source USING (id_source)
		WHERE nom = 'seconde'", "$what: what is collected every other second goes on");
	DatasensNode::wait_for($node, 'postgres', "SELECT prochaine_collecte BETWEEN now() AND now() + interval '1 hour 10 seconds'
		FROM datasens.etat_source JOIN datasens.source USING (id_source) WHERE nom = 'heure'", "$what: the hourly one is due within the hour");
	my $swept = $node->safe_psql('postgres', "SELECT coalesce(max(derniere_execution), 'infinity') FROM datasens.tache WHERE nom = 'menage'");
	DatasensNode::wait_for($node, 'postgres', "SELECT derniere_execution <> '$swept' AND derniere_execution < now() + interval '10 seconds'
		FROM datasens.tache WHERE nom = 'menage'", "$what: so does a task");
	DatasensNode::wait_for($node, 'postgres', "SELECT prochaine_execution BETWEEN now() AND now() + interval '1 day 10 seconds'
		FROM datasens.tache WHERE nom = 'rapport'", "$what: the report is due within the day");
	return;
}

goes_on('undisturbed');
my $hourly = runs('heure');
$clock->step(2 * $days, launcher());
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = $hourly + 1 FROM datasens.flux JOIN datasens.source USING (id_source)
	WHERE nom = 'heure'", 'two days forward: what was missed is made up for');
goes_on('two days forward');
is(runs('heure'), $hourly + 1, 'once');
$clock->step(-2 * $days, launcher());
goes_on('two days back');
ok($node->log_contains('datasens: the clock was set back by 172[78]\d\d seconds'), 'which the log tells');
$node->stop;
$clock->step(2 * $days);
$node->start;
goes_on('two days forward while the server is down');
$node->stop;
$clock->step(-2 * $days);
$node->start;
goes_on('two days back while the server is down');
is($node->safe_psql('postgres', 'SELECT count(*) FROM datasens_check()'), 0, 'what is stored is right');

$node->stop;
done_testing();
