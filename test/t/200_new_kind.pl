# A new kind of source is one file and one line: test/kinds/ical.c, of less than 150 lines,
# which test/run has built into a library of its own (build_kind).
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use Encode qw(decode_utf8);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

cmp_ok(scalar(() = slurp_file("$FindBin::RealBin/../kinds/ical.c") =~ /\n/g),
	'<', 150, 'a whole kind in less than 150 lines');
$ENV{KIND_INSTALL} or die 'its build failed: test/run has shown why';

my $web = DatasensWeb->new;
my $node = DatasensNode::of_install('main', $ENV{KIND_INSTALL});
$node->init;
DatasensNode::configure($node);
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

sub serve
{
	my ($path, @lines) = @_;
	$web->control('set', path => $path, type => 'text/calendar', headers => { ETag => '"1"' },
		body => decode_utf8(join("\r\n", @lines, '')));
	return $web->url($path);
}

sub add
{
	my ($nom, $arguments) = @_;
	my ($out, $err) = ('', '');
	$node->psql('postgres', "SELECT datasens_add_source('ical', '$nom', $arguments)",
		stdout => \$out, stderr => \$err);
	return $err;
}

sub collect
{
	my ($nom) = @_;
	return $node->safe_psql('postgres', "SELECT statut, nb_lus, nb_inseres, nb_doublons, nb_rejetes,
		erreur FROM datasens_collect('$nom')");
}

my $agenda = serve('/agenda.ics',
	'BEGIN:VCALENDAR', 'VERSION:2.0',
	'BEGIN:VEVENT', 'UID:1', 'SUMMARY;LANGUAGE="fr:x;y":Fête de la musique\, place',
	'  du marché', 'DESCRIPTION:Deux lignes :\nla seconde', 'URL:https://ville.test/fete',
	'DTSTART:20260621T170000Z', 'SANS DEUX-POINTS', '',
	'BEGIN:VALARM', 'DESCRIPTION:Rappel', 'END:VALARM', 'END:VEVENT',
	'SUMMARY:hors de tout événement',
	'BEGIN:VEVENT', 'UID:2', 'DTSTART;VALUE=DATE:20260714', 'SUMMARY:Bal', 'END:VEVENT',
	'BEGIN:VEVENT', 'UID:3', 'END:VEVENT',
	'END:VCALENDAR');
is(add('agenda', "'$agenda'"), '', 'a source of the new kind');
is($node->safe_psql('postgres', 'SHOW datasens.ical_schedule'), '0 5 * * *',
	'its schedule is a setting');
is($node->safe_psql('postgres', "SELECT origine FROM datasens_schedule() WHERE nom = 'agenda'"),
	'datasens.ical_schedule', 'which the source follows');
is($node->safe_psql('postgres', "SELECT titre FROM datasens_preview('ical', '$agenda') WHERE motif IS NULL"),
	"Fête de la musique, place du marché\nBal", 'a preview');
is(collect('agenda'), 'succes|3|2|0|1|', 'collected');
is($node->safe_psql('postgres', q{SELECT titre, texte, url, date_publication AT TIME ZONE 'UTC'
		FROM datasens.document ORDER BY texte}),
	"Fête de la musique, place du marché|Deux lignes :\nla seconde|https://ville.test/fete|2026-06-21 17:00:00\n"
	  . 'Bal|||2026-07-14 00:00:00', 'each field in its place');
is($node->safe_psql('postgres', 'SELECT position, motif FROM datasens.rejet'),
	'3|the event has neither a title nor a text', 'and what cannot be stored is told');
is(collect('agenda'), 'inchange|0|0|0|0|', 'asked again on a condition');
add('page', "'" . serve('/page.ics', '<html>') . "'");
like(collect('page'), qr/^echec\|.*BEGIN:VCALENDAR/, 'what is no calendar');
like(add('sans', 'NULL'), qr/source "sans" needs the URL of a calendar/, 'a source without a URL');
like(add('autre', qq{'$agenda', options => '{"cle": 1}'}), qr/"cle".*HINT: .*notifier/s,
	'an option that it does not know');
$node->safe_psql('postgres', "UPDATE datasens.etat_source SET prochaine_collecte = now()
	WHERE id_source = 1; SELECT datasens_collect_async('agenda')");
DatasensNode::wait_for($node, 'postgres', 'SELECT count(*) = 4 FROM datasens.flux',
	'the collectors take it, too');
$node->stop;
done_testing();
