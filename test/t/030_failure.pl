# What becomes of failures: retries, statuses, moves, ends, partial runs.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use Test::More;

my $web = DatasensWeb->new;
my $node = DatasensNode::start('main', 'datasens.retry_delay' => '1s',
	'datasens.rss_schedule' => '0 0 1 1 *');
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

sub add
{
	my ($nom, $path) = @_;
	$node->safe_psql('postgres',
		"SELECT datasens_add_source('rss', '$nom', '@{[$web->url($path)]}')");
	return;
}

sub collect
{
	my ($nom) = @_;
	return $node->safe_psql('postgres',
		"SELECT statut, nb_inseres, erreur FROM datasens_collect('$nom')");
}

sub state
{
	my ($nom, $columns) = @_;
	return $node->safe_psql('postgres',
		"SELECT $columns FROM datasens.etat_source JOIN datasens.source USING (id_source)
		 WHERE nom = '$nom'");
}

sub health
{
	return state_of_health($_[0]);
}

sub state_of_health
{
	my ($nom) = @_;
	return $node->safe_psql('postgres',
		"SELECT statut FROM datasens_health() WHERE nom = '$nom'");
}

# A failure that passes: counted, retried by the collectors, forgotten.
add('passe', '/flaky/2/passe');
$node->safe_psql('postgres', "SELECT datasens_collect_async('passe')");
DatasensNode::wait_for($node, 'postgres',
	"SELECT count(*) = 1 FROM datasens.flux JOIN datasens.source USING (id_source)
	 WHERE nom = 'passe' AND statut = 'succes'", 'a failure that passes is retried until it has');
is($node->safe_psql('postgres',
		"SELECT string_agg(declencheur || ' ' || tentative || ' ' || statut, ', '
			ORDER BY id_flux)
		 FROM datasens.flux JOIN datasens.source USING (id_source) WHERE nom = 'passe'"),
	'manuel 1 echec, reprise 2 echec, reprise 3 succes', 'each attempt is logged');
is(state('passe', 'tentative, echecs_consecutifs, derniere_erreur IS NULL'), '0|0|t',
	'and nothing of it is left');

# One that does not pass: retries spent, then the schedule, and health says so.
add('jamais', '/status/500');
DatasensNode::reload($node, 'datasens.max_retries', '1');
$node->safe_psql('postgres', "SELECT datasens_collect_async('jamais')");
DatasensNode::wait_for($node, 'postgres',
	"SELECT echecs_consecutifs = 1 FROM datasens.etat_source JOIN datasens.source
	 USING (id_source) WHERE nom = 'jamais'", 'retries end');
is($node->safe_psql('postgres',
		"SELECT count(*) FROM datasens.flux JOIN datasens.source USING (id_source)
		 WHERE nom = 'jamais'"), 2, 'after as many as datasens.max_retries says');
is(health('jamais'), 'echec', 'health tells');
like(state('jamais', 'derniere_erreur'), qr/500/, 'and why');
DatasensNode::reload($node, 'datasens.max_retries', '3');
DatasensNode::reload($node, 'datasens.retry_delay', '300s');

# Permanent ones are not retried.
add('absent', '/status/404');
like(collect('absent'), qr/^echec\|0\|.*404/, '404 is a failure');
is(state('absent', 'tentative, echecs_consecutifs'), '0|1', 'that is not retried');
add('page', '/status/200?body=%3Chtml%3E%3Cp%3Enon');
like(collect('page'), qr/^echec\|0\|/, 'a page is no feed');
is(state('page', 'tentative, echecs_consecutifs'), '0|1', 'which does not pass either');

# Retry-After.
add('attendre', '/status/503?retry_after=4000');
like(collect('attendre'), qr/^echec\|0\|.*503/, '503 fails');
is(state('attendre', "prochaine_collecte > now() + interval '3900 seconds'
		AND prochaine_collecte < now() + interval '6000 seconds', tentative"),
	't|1', 'and is retried when the server said');
add('meme hote', '/feed/9');
like(collect('meme hote'), qr/^echec\|0\|.*left alone/, 'so is every other URL of the host');
$node->safe_psql('postgres', "DELETE FROM datasens.hote; SELECT datasens_drop_source('attendre', true)");
like(collect('meme hote'), qr/^succes\|40\|/, 'until its time has come');

# What hosts say is written in one order, or two collectors could wait for each other.
$node->safe_psql('postgres', q{CREATE TABLE ordre (n serial, hote text); GRANT ALL ON ordre, ordre_n_seq TO pg_database_owner;
	CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
	$$BEGIN INSERT INTO public.ordre (hote) VALUES (pg_catalog.substring(NEW.hote, 'http://([^:]*)')); RETURN NEW; END$$;
	CREATE TRIGGER note BEFORE INSERT ON datasens.hote FOR EACH ROW EXECUTE FUNCTION note()});
for my $hosts ([ 'localhost', '127.0.0.1' ], [ '127.0.0.1', 'localhost' ])
{
	my $urls = join ', ', map { '"' . $web->url('/status/503?retry_after=4000') =~ s/127\.0\.0\.1/$_/r . '"' } @$hosts;

	$node->safe_psql('postgres', "SELECT datasens_add_source('rss', 'deux hotes', options => '{\"flux\": [$urls]}')");
	like(collect('deux hotes'), qr/^echec\|0\|2 of 2/, "two hosts that want to be left alone: @$hosts");
	$node->safe_psql('postgres', "SELECT datasens_drop_source('deux hotes', true); DELETE FROM datasens.hote");
}
is($node->safe_psql('postgres', 'SELECT string_agg(hote, $$ $$ ORDER BY n) FROM ordre'),
	'127.0.0.1 localhost 127.0.0.1 localhost', 'are written in the order of their names');
$node->safe_psql('postgres', 'DROP TRIGGER note ON datasens.hote');

# Moves and ends.
add('demenage', '/moved-permanently?to=/feed/4');
like(collect('demenage'), qr/^succes\|40\|/, 'a 301 is followed');
is($node->safe_psql('postgres', "SELECT url FROM datasens.source WHERE nom = 'demenage'"),
	$web->url('/feed/4'), 'and remembered');
like($node->safe_psql('postgres', 'SELECT datasens_version_log()'),
	qr/`SOURCE_DEPLACEE` \| demenage: .* -> /, 'and journaled');
like(collect('demenage'), qr/^inchange\|0\|/, 'the new address has its validators');
add('ailleurs', '/redirect?to=/feed/5');
like(collect('ailleurs'), qr/^succes\|40\|/, 'a 302 is followed');
like($node->safe_psql('postgres', "SELECT url FROM datasens.source WHERE nom = 'ailleurs'"),
	qr/redirect/, 'but not remembered');
add('fini', '/gone');
like(collect('fini'), qr/^echec\|0\|.*410/, '410 fails');
is(health('fini'), 'inactif', 'for good');
like($node->safe_psql('postgres', 'SELECT datasens_version_log()'),
	qr/`SOURCE_DESACTIVEE` \| fini: 410 Gone/, 'and is journaled');

# Several URLs: what arrives is kept, the rest is asked again.
my @urls = map { '"' . $web->url($_) . '"' } ('/feed/6', '/flaky/1/part', '/status/404');
$node->safe_psql('postgres', "SELECT datasens_add_source('rss', 'plusieurs',
	options => '{\"flux\": [" . join(',', @urls) . "]}')");
like(collect('plusieurs'), qr/^partiel\|40\|2 of 3 URLs failed/, 'a partial run keeps what it got');
like(state('plusieurs', 'curseur'), qr/flaky/, 'and knows what it did not');
unlike(state('plusieurs', 'curseur'), qr{/status/404|/feed/6}, 'what cannot pass it does not ask again');
$web->control('reset');
like(collect('plusieurs'), qr/^(partiel|echec)\|/, 'the retry asks for the rest');
is(scalar(grep { $_->{path} eq '/feed/6' } @{ $web->log->{requests} }), 0, 'and only for it');
$node->safe_psql('postgres', "SELECT datasens_collect('plusieurs')");

# Servers without validators: the body tells.
add('nu', '/noval/feed');
like(collect('nu'), qr/^succes\|/, 'a server without validators');
like(collect('nu'), qr/^inchange\|0\|/, 'is unchanged when its body is');

# One source's trouble is its own.
add('casse', '/garbage');
add('sain', '/feed/7');
my $all = $node->safe_psql('postgres',
	"SELECT nom, statut FROM datasens_collect('rss') WHERE nom IN ('casse', 'sain') ORDER BY 1");
is($all, "casse|echec\nsain|succes", 'a broken server does not trouble another source');

# A document that the table refuses goes to rejet; the rest is stored.
$node->safe_psql('postgres', q{
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
	$$BEGIN IF NEW.titre ~ '(7|21)' THEN RAISE EXCEPTION 'refused: %', current_user; END IF;
	RETURN NEW; END$$;
	CREATE TRIGGER refuse BEFORE INSERT ON datasens.document FOR EACH ROW EXECUTE FUNCTION refuse();
});
add('refus', '/feed/8');
my ($lus, $inseres, $rejetes) = split /\|/, $node->safe_psql('postgres',
	"SELECT nb_lus, nb_inseres, nb_rejetes FROM datasens_collect('refus')");
cmp_ok($rejetes, '>', 0, 'a trigger refuses some documents');
is($lus, $inseres + $rejetes, 'and the others are stored');
is($node->safe_psql('postgres', "SELECT count(*) FROM datasens.rejet"), $rejetes,
	'each refused one is in rejet');
like($node->safe_psql('postgres', 'SELECT min(motif) FROM datasens.rejet'),
	qr/refused: pg_database_owner/, 'with its reason; and no trigger ran as superuser');

$node->stop;
done_testing();
