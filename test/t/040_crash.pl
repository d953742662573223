# Crashes at random moments of a collection under load: after a restart and one
# more round the documents are exactly those of an undisturbed run.
#
# ROUNDS (4 unless set) crashes, in turn of a collector and of the whole server;
# SEED repeats a sequence.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use Test::More;
use Time::HiRes qw(time usleep);

my $rounds = $ENV{ROUNDS} || 4;
my $seed = $ENV{SEED} || int(time * 1000) % 1_000_000;
my $n_sources = 150;
srand($seed);
note("SEED=$seed");

my $web = DatasensWeb->new;
my $node = DatasensNode::start('main', 'datasens.retry_delay' => '1s',
	'datasens.rss_schedule' => '0 0 1 1 *', 'datasens.workers' => 2,
	'datasens.max_connections_per_host' => 16, 'restart_after_crash' => 'on');
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');
# Every feed is collected by two sources: half of what is read are duplicates.
$node->safe_psql('postgres',
	"SELECT datasens_add_source('rss', 'source ' || i, '@{[$web->url('/feed/')]}' || i / 2)
	 FROM generate_series(2, $n_sources + 1) AS i");

sub everything
{
	return $node->safe_psql('postgres',
		'SELECT count(*), count(DISTINCT hash_fingerprint),
			md5(string_agg(hash_fingerprint::text, \'\' ORDER BY hash_fingerprint::text))
		 FROM datasens.document');
}

sub forget
{
	$node->safe_psql('postgres',
		'TRUNCATE datasens.document, datasens.flux, datasens.cache_http;
		 UPDATE datasens.etat_source SET total_docs = 0, tentative = 0, derniere_collecte = NULL,
			dernier_succes = NULL, echecs_consecutifs = 0, curseur = NULL');
	return;
}

sub round
{
	$node->safe_psql('postgres', "SELECT datasens_collect_async('all')");
	return;
}

sub wait_for_all
{
	my ($what) = @_;
	return DatasensNode::wait_for($node, 'postgres',
		"SELECT count(*) = $n_sources FROM datasens.etat_source
		 WHERE dernier_succes IS NOT NULL AND tentative = 0 AND prochaine_collecte > now()
		   AND declencheur = 'planifie'", $what);
}

sub crash_collector
{
	my $pid = $node->safe_psql('postgres',
		"SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens collector' LIMIT 1");

	return 0 unless $pid;
	DatasensNode::kill_and_await($node, $pid);
	return 1;
}

sub crash_server
{
	my $until = time + 60;

	$node->kill9;
	# Its children notice and leave; until then the shared memory is theirs.
	while (!$node->start(fail_ok => 1))
	{
		die 'the server does not start' if time > $until;
		$node->{_pid} = undef;
		usleep(100_000);
	}
	return;
}

my $began = time;
round();
wait_for_all('an undisturbed run collects every source');
my $duration = time - $began;
my $undisturbed = everything();
my $expected = $n_sources / 2 * 40;
like($undisturbed, qr/^$expected\|$expected\|/, 'every document once');

for my $i (1 .. $rounds)
{
	forget();
	round();
	usleep(int(rand($duration * 1_000_000)));
	my $victim = $i % 2 ? 'a collector' : 'the server';
	$i % 2 ? crash_collector() : crash_server();
	round();
	wait_for_all("round $i: after a crash of $victim every source is collected");
	is(everything(), $undisturbed, "round $i: the documents are those of an undisturbed run");
	is($node->safe_psql('postgres',
			'SELECT (SELECT count(*) FROM datasens.document WHERE id_flux NOT IN
				(SELECT id_flux FROM datasens.flux)),
			 (SELECT sum(nb_inseres) FROM datasens.flux) - (SELECT count(*) FROM datasens.document),
			 (SELECT sum(total_docs) FROM datasens.etat_source)
				- (SELECT count(*) FROM datasens.document)'),
		'0|0|0', "round $i: no orphan, and every count is right");
}

$node->stop;
done_testing();
