# Two who store the same rows of a table at the same time wait for each other, and never in
# a circle: all go through them in one order, however many batches their files are.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(sha256);
use PostgreSQL::Test::Utils;
use Test::More;

my $root = PostgreSQL::Test::Utils::tempdir;
my $web = DatasensWeb->new(root => $root);
my $node = DatasensNode::start('main', 'datasens.gdelt_schedule' => '0 0 1 1 *',
	'deadlock_timeout' => '100ms', 'log_lock_waits' => 'on');
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

my $stamp = '20240101000000';
my $name = "$stamp.export.CSV";

# An event of 61 columns, all but these empty.
sub event
{
	my ($id, $url) = @_;
	return join("\t", $id, '20240101', '202401', '2024', '2024.0027', ('') x 20,
		'1', '010', '010', '01', '1', '0.0', '1', '1', '1', '0.0', ('') x 24, $stamp, $url) . "\n";
}

# A source whose only slice holds these events.
sub add_source
{
	my ($nom, @events) = @_;
	mkdir "$root/$nom" or die "$nom: $!";
	open my $out, '>', "$root/$name" or die "$name: $!";
	print $out @events;
	close $out;
	system('python3', '-m', 'zipfile', '-c', "$root/$nom/$name.zip", "$root/$name") == 0 or die 'no zip';
	my $zip = slurp_file("$root/$nom/$name.zip");
	open my $list, '>', "$root/$nom/lastupdate.txt" or die "lastupdate.txt: $!";
	print $list length($zip), ' ', md5_hex($zip), " http://data.gdeltproject.org/gdeltv2/$name.zip\n";
	close $list;
	return $node->safe_psql('postgres', "SELECT datasens_add_source('gdelt', '$nom',
		'@{[$web->url(\"/files/$nom/\")]}', options => '{\"flux\": [\"export\"]}')");
}

# Where an event comes in the order of the hashes, of all from 0 to 1.
sub place
{
	my ($id) = @_;
	return unpack('N', sha256("evenement\0" . pack('q<', $id))) / 2**32;
}

# The first event from that one on whose place is between these.
sub event_between
{
	my ($id, $from, $to) = @_;
	$id++ until place($id) > $from && place($id) < $to;
	return $id;
}

# The two that both have: one that comes late by its hash and early by its number, and one of
# which the contrary is true.  Between them, by both, is one of the first file's alone, where
# its writer is held up.  The second file's rows are so large that it has a batch for each half
# of the hashes, the first one's are one batch.
my $late = event_between(1_000_001, 0.8, 0.9);
my $middle = event_between($late + 1, 0.2, 0.3);
my $early = event_between($middle + 1, 0, 0.1);
my $long = 'http://long.test/' . 'x' x 1500;
add_source('petit', map { event($_, "http://court.test/$_") } 1_000_001 .. 1_002_000);
add_source('grand', map { event($_, "$long/$_") } $late, $early, 2_000_001 .. 2_008_000);
cmp_ok($early, '<=', 1_002_000, 'the events are there');

$node->safe_psql('postgres', qq{
	CREATE FUNCTION attendre() RETURNS trigger LANGUAGE plpgsql
		AS \$\$BEGIN PERFORM pg_advisory_xact_lock_shared(77); RETURN NEW; END\$\$;
	CREATE TRIGGER attendre BEFORE INSERT ON datasens.evenement FOR EACH ROW
		WHEN (NEW.id_evenement = $middle) EXECUTE FUNCTION attendre()});
my $holder = $node->background_psql('postgres');
$holder->query_safe('SELECT pg_advisory_lock(77)');

# A session that collects a source.
sub collect
{
	my ($nom) = @_;
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	$session->query_until(qr/begun/, "\\echo begun\nSELECT statut, nb_lus, nb_inseres, nb_doublons, nb_rejetes
		FROM datasens_collect('$nom') WHERE nb_lus > 0;\n");
	return $session;
}

sub wait_for_waiter
{
	my ($nom, $event) = @_;
	DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = 1 FROM pg_stat_activity
		WHERE query ~ 'collect..$nom' AND pid <> pg_backend_pid() AND wait_event = '$event'",
		"$nom waits for $event");
	return;
}

my $small = collect('petit');
wait_for_waiter('petit', 'advisory');
my $large = collect('grand');
wait_for_waiter('grand', 'transactionid');
$holder->quit;
is($small->query('SELECT 1'), "succes|2000|2000|0|0\n1", 'who came first stores all his rows');
is($large->query('SELECT 1'), "succes|8002|8000|2|0\n1", 'who waited for him has two of them, too');
$_->quit for $small, $large;
ok(!$node->log_contains('deadlock'), 'nobody was in a circle');
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT id_evenement) FROM datasens.evenement'),
	'10000|10000', 'every row is there once');
$node->stop;
done_testing();
