# A dump takes everything along, and what is restored collects on by itself; the
# extension is not dropped by accident; a server without the preload works by hand.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my @tables = qw(source etat_source flux document meteo evenement document_evenement historique tranche
	cache_http hote rejet journal oubli sauvegarde alerte);
my @sequences = qw(source_id_source_seq flux_id_flux_seq document_id_doc_seq meteo_id_meteo_seq
	historique_id_historique_seq tranche_id_tranche_seq rejet_id_rejet_seq journal_id_journal_seq
	sauvegarde_id_sauvegarde_seq alerte_id_alerte_seq);

my $web = DatasensWeb->new;
my $node = DatasensNode::start('main', 'datasens.rss_schedule' => '0 0 1 1 *',
	'datasens.enabled' => 'off');

# All rows of a table and how many they are, as one line.
sub contents
{
	my ($database, $table) = @_;
	return $node->safe_psql($database,
		"SELECT count(*), md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM datasens.$table t");
}

sub same_contents
{
	my ($copy, $what) = @_;

	for my $table (@tables)
	{
		is(contents($copy, $table), contents('origine', $table), "$what: the rows of $table");
	}
	for my $sequence (@sequences)
	{
		my $query = "SELECT last_value, is_called FROM datasens.$sequence";
		is($node->safe_psql($copy, $query), $node->safe_psql('origine', $query),
			"$what: the value of $sequence");
	}
	return;
}

sub add
{
	my ($node_of, $database, $nom, $path) = @_;
	return $node_of->safe_psql($database,
		"SELECT datasens_add_source('rss', '$nom', '@{[$web->url($path)]}')");
}

# One psql session's answer: exit code, output, and the errors with their SQLSTATE.
sub session
{
	my ($node_of, $database, @commands) = @_;
	my ($out, $err) = ('', '');
	my $code = $node_of->psql($database, join(";\n", "\\set VERBOSITY verbose\n" . shift @commands, @commands),
		stdout => \$out, stderr => \$err);
	return ($code, $out, $err);
}

sub drop_is_refused
{
	my ($node_of, $database, $command, $what) = @_;
	my ($code, $out, $err) = session($node_of, $database, $command);

	like($err, qr/ERROR:  2BP01: .*datasens.*holds collected documents/, "$what is refused");
	like($err, qr/HINT:  .*datasens\.allow_drop/, "$what: the hint says how");
	return;
}

# Something in every table.
$node->safe_psql('postgres', 'CREATE DATABASE origine');
$node->safe_psql('origine', 'CREATE EXTENSION datasens');
add($node, 'origine', 'a retirer', '/feed/9');
add($node, 'origine', "source $_", "/feed/$_") for 1 .. 3;
add($node, 'origine', 'sans validateurs', '/noval/feed?n=4');
add($node, 'origine', 'absente', '/status/404');
$web->control('set', path => '/vide', type => 'application/rss+xml',
	body => '<rss version="2.0"><channel><item><link>http://a.test/</link></item>'
	  . '<item><title>L\'été, "entre\\guillemets"</title></item></channel></rss>');
add($node, 'origine', 'incomplete', '/vide');
$node->safe_psql('origine', 'SELECT datasens_collect()');
add($node, 'origine', 'plus tard', '/status/503?retry_after=4000');
$node->safe_psql('origine', "SELECT datasens_collect('plus tard')");
$node->safe_psql('origine', q{
	DELETE FROM datasens.hote;
	INSERT INTO datasens.hote VALUES ('http://attendre.test', now() + interval '1 day');
	INSERT INTO datasens.meteo (id_flux, lat, lon, date_obs, ville)
	SELECT max(id_flux), 48.85, 2.35, now(), 'Paris' FROM datasens.flux;
	INSERT INTO datasens.evenement (id_evenement, id_flux, acteur1, date_ajout)
	SELECT 1, max(id_flux), 'FRANCE', now() FROM datasens.flux;
	INSERT INTO datasens.document_evenement (id_evenement, hash_url, phrase, id_flux, url)
	SELECT 1, datasens_hash('http://a.test/')::datasens.fingerprint, 2, max(id_flux), 'http://a.test/'
	FROM datasens.flux;
	INSERT INTO datasens.historique (id_source, periode)
	SELECT max(id_source), '[2024-01-01,2024-01-02)' FROM datasens.source;
	INSERT INTO datasens.tranche (id_source, flux, periode, statut, id_historique)
	SELECT id_source, 'gkg', periode, 'attendue', id_historique FROM datasens.historique;
	SELECT datasens_drop_source('a retirer', true);
	INSERT INTO datasens.sauvegarde (date_debut, duree, declencheur, statut, fichier)
	VALUES (now(), '1s', 'manuel', 'succes', 'origine_20260101T000000Z.dump');
	INSERT INTO datasens.alerte (objet, nom, etat, message) VALUES ('source', 'absente', 'obsolete', 'x');
	INSERT INTO datasens.oubli VALUES (datasens_hash('oublie'));
	SELECT datasens_log('SAUVEGARDE', E'deux\nlignes');
	SELECT datasens_alter_source('source 2', planification => '0 6 1 1 *', fuseau => 'Europe/Paris');
	UPDATE datasens.etat_source SET prochaine_collecte = now() - interval '10 seconds'
	WHERE id_source = (SELECT id_source FROM datasens.source WHERE nom = 'source 1')});
for my $table (@tables)
{
	unlike(contents('origine', $table), qr/^0\|/, "$table holds something to dump");
}

# Dump and restore.
my $dump = PostgreSQL::Test::Utils::tempdir . '/origine.dump';
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr('origine') ], 'pg_dump');
$node->safe_psql('postgres', 'CREATE DATABASE copie');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('copie'), $dump ],
	'pg_restore into an empty database');
same_contents('copie', 'restored');
is($node->safe_psql('copie',
		'SELECT count(*) FROM datasens.document
		 WHERE hash_fingerprint <> datasens_hash(titre, texte)::datasens.fingerprint'),
	0, 'restored: every fingerprint is that of its document');
is($node->safe_psql('copie', "SELECT pg_get_userbyid(relowner) FROM pg_class
		WHERE oid = 'datasens.document'::regclass"),
	'pg_database_owner', 'restored: the owner');

# The copy collects on: what was due by itself, nothing twice, with new numbers.
my $documents = $node->safe_psql('copie', 'SELECT count(*) FROM datasens.document');
$web->control('set', path => '/feed/1', type => 'application/rss+xml', body =>
	'<rss version="2.0"><channel><item><title>Nouveau</title></item></channel></rss>');
DatasensNode::reload($node, 'datasens.enabled', 'on');
DatasensNode::wait_for($node, 'copie',
	"SELECT count(*) = 1 FROM datasens.document WHERE titre = 'Nouveau'",
	'the copy collects on by itself');
is($node->safe_psql('copie', "SELECT nb_lus, nb_inseres, nb_doublons FROM datasens.flux
		ORDER BY id_flux DESC LIMIT 1"), '1|1|0', 'it counts right');
$node->safe_psql('copie', "SELECT datasens_collect_async('source 3');
	SELECT datasens_collect_async('sans validateurs')");
DatasensNode::wait_for($node, 'copie',
	"SELECT count(*) = 2 FROM (SELECT DISTINCT ON (nom) nom, statut, f.declencheur
		FROM datasens.flux f JOIN datasens.source USING (id_source)
		WHERE nom IN ('source 3', 'sans validateurs') ORDER BY nom, id_flux DESC) AS dernier
	 WHERE statut = 'inchange'",
	'the copy knows what it has seen: validators and the hash of a body came along');
is($node->safe_psql('copie', 'SELECT count(*), count(DISTINCT hash_fingerprint) FROM datasens.document'),
	join('|', ($documents + 1) x 2), 'nothing twice');
is($node->safe_psql('copie', 'SELECT sum(total_docs) FROM datasens.etat_source'), $documents + 1,
	'and the totals follow');

# While a restore is under way collectors hold off: its rows come first.  Here it stands still
# just before the sequences are set, which is what tells that the rows are there.
sub looks
{
	my ($database) = @_;
	return $node->safe_psql('postgres',
		"SELECT xact_commit FROM pg_stat_database WHERE datname = '$database'");
}

# A collector has looked at the database and gone on waiting: twice, to be sure.
sub wait_for_looks
{
	my ($database, $what) = @_;
	my $before = looks($database);
	ok($node->poll_query_until('postgres',
			"SELECT xact_commit >= $before + 4 FROM pg_stat_database WHERE datname = '$database'"), $what);
	return;
}

# Restores a plain dump of $from up to its sequences, then the rest.
sub restore_in_two
{
	my ($from, $to) = @_;
	my $plain = PostgreSQL::Test::Utils::tempdir . "/$from.sql";

	DatasensNode::reload($node, 'datasens.enabled', 'off');
	$node->poll_query_until('postgres',
		"SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'datasens collector'")
	  or die 'the collectors did not leave';
	$node->safe_psql($from,
		"UPDATE datasens.etat_source SET prochaine_collecte = now() - interval '10 seconds'");
	$node->command_ok([ 'pg_dump', '-f', $plain, $node->connstr($from) ], "pg_dump of $from as SQL");
	$node->safe_psql('postgres', "CREATE DATABASE $to");
	DatasensNode::reload($node, 'datasens.enabled', 'on');
	# In two sessions, so without what later pg_dumps lock a session with.
	my $sql = slurp_file($plain) =~ s/^\\(un)?restrict .*$//gmr;
	my ($rows, $rest) = $sql =~ /\A(.*?)(^SELECT pg_catalog\.setval.*)\z/ms;
	$node->safe_psql($to, $rows);
	wait_for_looks($to, "$to: a collector looks while the restore stands still");
	is($node->safe_psql($to, "SELECT count(*) FROM datasens.etat_source
			WHERE prochaine_collecte > now()"), 0, "$to: and collects nothing");
	ok($node->log_contains('datasens waits for the end of a restore'), "$to: which the log tells");
	my $runs = $node->safe_psql($to, 'SELECT count(*) FROM datasens.flux');
	$node->safe_psql($to, $rest);
	DatasensNode::wait_for($node, $to, "SELECT count(*) > $runs FROM datasens.flux",
		"$to: when it has ended, what is due is collected");
	is($node->safe_psql($to, 'SELECT count(*) = count(DISTINCT hash_fingerprint) FROM datasens.document'),
		't', "$to: nothing twice");
	return;
}
restore_in_two('origine', 'en_deux');

# The same with a single source, whose number a new sequence would give, too.
$node->safe_psql('postgres', 'CREATE DATABASE seule');
$node->safe_psql('seule', 'CREATE EXTENSION datasens');
add($node, 'seule', 'unique', '/feed/5');
$node->safe_psql('seule', "SELECT datasens_collect('unique')");
restore_in_two('seule', 'seule_en_deux');

# pg_restore keeps its name while it loads and indexes, in whatever order.
{
	local $ENV{PGAPPNAME} = 'pg_restore';
	my $restoring = $node->background_psql('copie');
	$restoring->query_safe('SELECT 1');
	$node->safe_psql('copie', "SELECT datasens_collect_async('source 3')");
	wait_for_looks('copie', 'a collector looks while pg_restore is connected');
	is($node->safe_psql('copie', "SELECT declencheur FROM datasens.etat_source
			JOIN datasens.source USING (id_source) WHERE nom = 'source 3'"),
		'manuel', 'and collects nothing');
	$restoring->quit;
}
DatasensNode::wait_for($node, 'copie', "SELECT declencheur = 'planifie' FROM datasens.etat_source
	JOIN datasens.source USING (id_source) WHERE nom = 'source 3'",
	'when pg_restore has gone, it does');

# A restore that begins just when a collector is about to look: its rows are not taken for new ones.
$node->safe_psql('postgres', 'CREATE DATABASE course');
$node->safe_psql('course', 'CREATE EXTENSION datasens');
{
	my $restoring = $node->background_psql('course');
	$restoring->query_safe('BEGIN; LOCK TABLE datasens.source IN ACCESS EXCLUSIVE MODE');
	$node->reload;
	ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_locks JOIN pg_stat_activity
			USING (pid) WHERE NOT granted AND backend_type = 'datasens collector'"),
		'a collector waits to see the sources');
	$restoring->query_safe("SET application_name = 'pg_restore';
		INSERT INTO datasens.source (id_source, nom, type_source, url) OVERRIDING SYSTEM VALUE
		VALUES (1, 'course', 'rss', '@{[$web->url('/feed/7')]}'); COMMIT");
	wait_for_looks('course', 'it looks while the restore goes on');
	$restoring->query_safe("INSERT INTO datasens.etat_source (id_source, prochaine_collecte, declencheur)
		VALUES (1, now(), 'manuel'); SELECT setval('datasens.source_id_source_seq', 1)");
	pass('and leaves the state to the restore');
	$restoring->quit;
}
DatasensNode::wait_for($node, 'course', 'SELECT count(*) = 1 FROM datasens.flux',
	'then it collects what is due');

# Collected documents are not dropped by accident.
drop_is_refused($node, 'copie', 'DROP EXTENSION datasens', 'DROP EXTENSION');
drop_is_refused($node, 'copie', 'DROP SCHEMA public CASCADE', 'DROP SCHEMA of the functions');
my ($code, $out, $err) = session($node, 'copie', 'SET datasens.allow_drop = on',
	'DROP EXTENSION datasens');
is($code, 0, 'datasens.allow_drop lifts it');
is($node->safe_psql('copie', "SELECT count(*) FROM pg_namespace WHERE nspname = 'datasens'"), 0,
	'then nothing is left');
$node->safe_psql('copie', 'CREATE EXTENSION datasens; DROP EXTENSION datasens');
pass('without documents nothing is asked');
$node->stop;

# A server that does not preload the library.
my $plain = PostgreSQL::Test::Cluster->new('plain');
$plain->init;
$plain->append_conf('postgresql.conf', 'datasens.allow_private_networks = on');
$plain->start;
($code, $out, $err) = session($plain, 'postgres', 'CREATE EXTENSION datasens');
is($code, 0, 'CREATE EXTENSION without the preload');
like($err, qr/NOTICE: .*not preloaded.*HINT: .*shared_preload_libraries/s,
	'says what it needs for schedules');
add($plain, 'postgres', 'a la main', '/feed/6');
is($plain->safe_psql('postgres',
		"SELECT statut, nb_lus, nb_inseres, nb_doublons FROM datasens_collect('a la main')"),
	'succes|40|40|0', 'collecting by hand works');
is($plain->safe_psql('postgres', "SELECT statut FROM datasens_collect()"), 'inchange',
	'and again, without news');
($code, $out, $err) = $plain->psql('postgres', 'SELECT nom, statut, total_docs FROM datasens_health()');
is($out, 'a la main|ok|40', 'so do the other functions');
like($err, qr/NOTICE: .*nothing is collected on schedule.*not preloaded.*HINT: .*shared_preload_libraries/s,
	'datasens_health() says what does not');
is($plain->safe_psql('postgres', 'SELECT count(*) FROM datasens_progress'), 0, 'and the view');
($code, $out, $err) = session($plain, 'postgres', 'SELECT datasens_collect_async()');
like($err, qr/ERROR:  55000: .*not preloaded.*HINT: .*shared_preload_libraries/s,
	'datasens_collect_async() says why it cannot');
drop_is_refused($plain, 'postgres', 'DROP EXTENSION datasens', 'without the preload, DROP EXTENSION');
drop_is_refused($plain, 'postgres', 'DROP SCHEMA public CASCADE', 'without the preload, DROP SCHEMA');
($code, $out, $err) = session($plain, 'postgres', 'SET datasens.allow_drop = on',
	'DROP EXTENSION datasens');
is($code, 0, 'without the preload, datasens.allow_drop lifts it, too');
$plain->stop;
done_testing();
