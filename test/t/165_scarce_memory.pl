# Memory that the server asks for and does not get (test/modules/scarce_memory): in a session
# and in a collector, for each kind of source, the first of all that it asks for is denied, then
# the second, and so on until a run asks for no more.  Each time what is told is "out of memory",
# nobody dies, nothing is left open, and in the end what is stored is that of an undisturbed run.
#
# The first STEPS (4 unless set) places are tried one by one, then about one in every STEPSth
# part of the way so far: STEPS=1000000 tries them all.  Of a collector,
# which waits longer after each failure, half as many.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use MixedLoad;
use PostgreSQL::Test::Utils;
use ScarceMemory;
use Test::More;
use Time::HiRes qw(time usleep);

plan skip_all => 'a sanitizer gives out memory of its own' if DatasensNode::is_instrumented();

my $steps = $ENV{STEPS} || 4;
my $memory = ScarceMemory->new;
my $load = MixedLoad->new;
my $node = DatasensNode::start('main', $load->settings, 'datasens.linger' => '1h', 'datasens.workers' => 1,
	'log_statement' => 'none', 'datasens.retry_delay' => '1h');

for my $base (qw(temoin scene))
{
	$node->safe_psql('postgres', "CREATE DATABASE $base");
	$load->install($node, $base);
}
$load->ask($node, 'temoin');
$load->wait_for_end($node, 'temoin', 'an undisturbed run');
my $undisturbed = $load->contents($node, 'temoin');

# The places to try.
sub next_place
{
	my ($place, $steps) = @_;
	return $place + 1 + int($place / $steps);
}

# What a process has open but for files, of which the server keeps what tables it has read.
sub descriptors
{
	my ($pid) = @_;
	return scalar(grep { (readlink($_) // '') =~ /^(socket|pipe|anon_inode):/ } glob "/proc/$pid/fd/*");
}

# What may be told of a denial.  Others have names of their own for it: the resolver knows no
# host, and the server's parser of a setting says that it is wrong.
my @told = (qr/^(?:succes|inchange)\|/, qr/^53200 /, qr/out of memory$/i, qr/^(?:echec|partiel)\|.*memory/,
	qr/^(?:echec|partiel)\|(?:.*; )?resolve: /, qr/^22023 invalid value for parameter/);

# ---- in a session ----

my $session = $node->background_psql('scene', on_error_stop => 0);
my $pid = $session->query('SELECT pg_backend_pid()');
my $denials = 0;

# A run that is taken back, for the next one to be the same; what it ended with.
sub run_denied
{
	my ($nom, $place, $size) = @_;
	my $outcome;

	$session->query('BEGIN');
	$memory->deny($pid, $place, $size);
	$outcome = $session->query("SELECT statut, erreur FROM datasens_collect('$nom');\n"
		  . '\if :ERROR' . "\n" . '\echo :SQLSTATE :LAST_ERROR_MESSAGE' . "\n\\endif");
	my $denied = $memory->end;
	$session->query('ROLLBACK');
	return ($denied, $outcome);
}

for my $nom ('fil 2', 'service 1', 'meteo', 'pages', 'monde', 'fichier 0')
{
	my %outcomes;
	my @others;
	my ($denied, $outcome) = run_denied($nom, 0);
	my $before = descriptors($pid);
	my $tried = 0;

	for (my $place = 1; ; $place = next_place($place, $steps))
	{
		($denied, $outcome) = run_denied($nom, $place);
		last unless $denied;
		$tried++;
		$outcomes{ $outcome =~ /^(\w+)/ ? $1 : '' }++;
		push @others, "place $place: $outcome" unless grep { $outcome =~ $_ } @told;
	}
	$denials += $tried;
	is($session->query('SELECT pg_backend_pid()'), $pid, "$nom: the session lives");
	cmp_ok($tried, '>', 10, "$nom: memory was denied, at last no more");
	is(join("\n", @others), '', "$nom: out of memory is all that is told");
	cmp_ok(descriptors($pid), '<=', $before, "$nom: nothing is left open");
	note("$nom: $tried denials: ", join ', ', map { "$_ $outcomes{$_}" } sort keys %outcomes);
}

# libcurl does not notice that it has no copy of a URL's query: a request without it is not sent.
sub questions
{
	return map { $_->{target} } grep { $_->{path} eq '/data/weather' } @{ $load->web->log->{requests} };
}
my $question = (questions())[-1];
my $asked = questions();
my $places = 0;
for (my $place = 1; ; $place++)
{
	my ($denied, $outcome) = run_denied('meteo', $place, length($question =~ s/.*\?//r) + 1);
	last unless $denied;
	$places++;
	like($outcome, qr/^echec\|.*memory|^partiel\|.*memory|^53200 /, "without the query, place $place: out of memory");
}
cmp_ok($places, '>', 2, 'it was denied');
is(join(' ', grep { $_ !~ /\?q=Ville\d&units=metric&lang=fr&appid=cle$/ } (questions())[ $asked .. questions() - 1 ]), '',
	'nothing else was asked for');
$session->quit;
note("$denials in all");

# ---- in a collector ----

sub collector
{
	return $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity
		WHERE datname = 'scene' AND backend_type = 'datasens collector'");
}

sub runs
{
	my ($which) = @_;
	return "(SELECT count(*) FROM datasens.flux JOIN datasens.source USING (id_source) WHERE nom = 'fil 2' AND $which)";
}

# Asks for a run that reads the answer anew.
sub ask
{
	return $node->safe_psql('scene', "DELETE FROM datasens.cache_http; SELECT datasens_collect_async('fil 2')");
}

# A run that ends well, whatever was denied before.
sub collects
{
	my $before = $node->safe_psql('scene', 'SELECT ' . runs("statut = 'succes'"));

	ask();
	return $node->poll_query_until('scene', 'SELECT ' . runs("statut = 'succes'") . " > $before
		AND NOT EXISTS (SELECT FROM datasens.etat_source WHERE declencheur = 'manuel')
		AND NOT EXISTS (SELECT FROM datasens_progress WHERE id_source IS NOT NULL)");
}

# Who has to come again soon stays.
ok(collects(), 'a collector collects');
$node->safe_psql('scene', "SELECT datasens_add_source('rss', 'veille', '@{[$load->web->url('/feed/1')]}', '20 seconds')");
ok(collects(), 'and stays');
my ($tried, $failed) = (0, 0);
my $position = -s $node->logfile;
for (my $place = 1; !$failed; $place = next_place($place, $steps / 2))
{
	my $before = $node->safe_psql('scene', 'SELECT ' . runs('true'));

	usleep(20_000) until collector();
	$memory->deny(collector(), $place);
	ask();
	usleep(20_000) until $memory->denied || $node->safe_psql('scene', 'SELECT ' . runs('true')) > $before;
	last unless $memory->end;
	$tried++;
	$failed++ unless collects();
}

# What libxml2 2.9 keeps of a thread (xmlGlobalState, of a size that nothing else has): without it,
# it would take the process down.
for my $place (1, 2)
{
	my $before = $node->safe_psql('scene', 'SELECT ' . runs('true'));

	usleep(20_000) until collector();
	$memory->deny(collector(), $place, 968);
	ask();
	usleep(20_000) until $memory->denied || $node->safe_psql('scene', 'SELECT ' . runs('true')) > $before;
	$tried++ if $memory->end;
	ok(collects(), "nor has a thread of libxml2's, place $place");
}
my @lines = grep { /(?:ERROR|WARNING|LOG|FATAL):  .*memory/ } split /\n/, substr(slurp_file($node->logfile), $position);
cmp_ok($tried, '>', 5, 'memory is denied to a collector, at last no more');
is($failed, 0, 'each time it collects afterwards');
cmp_ok(scalar @lines, '<=', $tried, 'the log has a line for each at most') or diag(join "\n", @lines);
note("$tried denials, ", scalar @lines, ' lines');
$node->safe_psql('scene', "SELECT datasens_drop_source('veille', true)");

# ---- end ----

$load->ask($node, 'scene');
$load->wait_for_end($node, 'scene', 'with memory all is collected');
is($load->contents($node, 'scene'), $undisturbed, 'what is stored is that of an undisturbed run');
is($load->faults($node, 'scene'), '', 'nothing is wrong with it');
ok(!$node->log_contains('PANIC|segfault|TRAP|terminated by signal|leak'), 'nobody was hurt');
$node->stop;
done_testing();
