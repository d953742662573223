# The daily round: what collectors and functions leave in the journal and in files.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use PostgreSQL::Test::Utils;
use Test::More;

my $web = DatasensWeb->new;
my $node = DatasensNode::start('main', 'datasens.rss_schedule' => '0 0 1 1 *');
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

sub sql
{
	return $node->safe_psql('postgres', $_[0]);
}

# The SQLSTATE and the rest of an error, or ''.
sub error_of
{
	my ($query, @parameters) = @_;
	my $err = '';

	$node->psql('postgres', "\\set VERBOSITY verbose\n$query", stderr => \$err,
		extra_params => [@parameters]);
	return $err =~ /ERROR:  (.*)/s ? $1 : '';
}

sub add
{
	my ($nom, $path, @more) = @_;
	return sql("SELECT datasens_add_source(" . join(', ', "'rss'", "'$nom'", "'@{[$web->url($path)]}'", @more) . ')');
}

# ---- the journal: rounds and catch-up ----

add('un', '/feed/1?items=3');
add('deux', '/feed/2?items=4');
add('absente', '/status/404');
sql("SELECT datasens_collect_async('all')");
DatasensNode::wait_for($node, 'postgres', 'SELECT count(*) = 3 FROM datasens.flux', 'a round of three sources');
like(sql("SELECT string_agg(details, '/') FROM datasens.journal WHERE action = 'COLLECTE_TERMINEE'"),
	qr/^\+7 documents, 3 flux, 1 echec, depuis \d\d:\d\d:\d\d UTC$/, 'leaves a line, with when it began');
sql("SELECT datasens_collect('un')");
is(sql("SELECT count(*) FROM datasens.journal WHERE action = 'COLLECTE_TERMINEE'"), 1,
	'one that brings nothing leaves none');
is(sql('SELECT total_docs, nouveaux, croissance FROM datasens_stats() WHERE nom IS NULL'), '7|7|4',
	'the figures agree');
sql("UPDATE datasens.etat_source SET prochaine_collecte = now() - interval '1 hour'
	WHERE id_source = (SELECT id_source FROM datasens.source WHERE nom = 'deux');
	UPDATE datasens.source SET actif = actif");
DatasensNode::wait_for($node, 'postgres',
	"SELECT count(*) = 1 FROM datasens.journal WHERE action = 'RATTRAPAGE' AND details = 'deux'",
	'a missed run that is made up for leaves a line');
sql("SELECT datasens_alter_source('deux', options => '{}')");
is(sql("SELECT string_agg(action || ' ' || details, '/' ORDER BY id_journal) FROM datasens.journal WHERE action LIKE 'SOURCE%'"),
	'SOURCE_AJOUTEE un (rss)/SOURCE_AJOUTEE deux (rss)/SOURCE_AJOUTEE absente (rss)/SOURCE_MODIFIEE deux',
	'and each source that is added or changed');
is(sql('SELECT count(*) FROM datasens_check()'), 0, 'what is stored is right');

# ---- the journal as a file ----

my $directory = PostgreSQL::Test::Utils::tempdir;
my $file = "$directory/README_VERSIONNING.md";

sub append
{
	return sql("SELECT datasens_version_log('$file')");
}

my $lines = sql('SELECT count(*) FROM datasens.journal');
is(append(), $lines, 'the journal goes into a new file');
is(slurp_file($file), sql('SELECT datasens_version_log()') . "\n", 'as datasens_version_log() has it');
is(append(), 0, 'a second time there is nothing to add');
sql("SELECT datasens_log('PG_SNAPSHOT', E'un\\ndeux') FROM generate_series(1, 2)");
is(append(), 2, 'later only what is new, equal lines too');
is(append(), 0, 'once');
is(slurp_file($file), sql('SELECT datasens_version_log()') . "\n", 'line for line');
append_to_file($file, "\n## Notes\n\nÀ la main, sans fin de ligne");
sql("INSERT INTO datasens.journal (horodatage, action) SELECT min(horodatage), 'TARDIVE' FROM datasens.journal");
is(append(), 1, 'a line of a transaction that ended late is not forgotten');
like(slurp_file($file), qr/sans fin de ligne\n- \*\*[-0-9]{10} [:0-9]{8} UTC\*\* \| `TARDIVE` \| \n\z/,
	'what was written by hand stays, and ours begins a line');
is((stat $file)[2] & 07777, 0644, 'others may read it');
like(error_of("SELECT datasens_version_log('relatif.md')"), qr/^42602: .*relative path.*HINT/s,
	'a relative path is refused');
like(error_of("SELECT datasens_version_log('$directory')"), qr/^42809: .*\Q$directory\E/,
	'a directory is none');
like(error_of("SELECT datasens_version_log('$directory/absent/x')"), qr/^58P01: .*absent/, 'nor is nothing');
sql("CREATE ROLE chef LOGIN; GRANT EXECUTE ON FUNCTION datasens_version_log(text) TO chef");
like(error_of("SELECT datasens_version_log('$file')", '-U', 'chef'),
	qr/^42501: .*DETAIL: .*pg_write_server_files/s, 'who may not write files is told so');
sql('GRANT pg_write_server_files TO chef');
is(error_of("SELECT datasens_version_log('$file')", '-U', 'chef'), '', 'who may, may');

# ---- scheduled tasks, by the example of the retention ----

sub task
{
	my ($what) = @_;
	return sql("SELECT $what FROM datasens.tache WHERE nom = 'menage'");
}

is(sql("SELECT type_source, planification, fuseau, origine, count(*), min(prochaine_collecte) FROM datasens_schedule(3)
		WHERE nom = 'menage' GROUP BY 1, 2, 3, 4"),
	join('|', 'tache', '0 4 * * *', 'UTC', 'datasens.retention_schedule', 3,
		sql("SELECT datasens_cron_next('0 4 * * *', timezone => 'UTC')")),
	'the schedule shows the tasks');
is(task('prochaine_execution'), sql("SELECT datasens_cron_next('0 4 * * *', timezone => 'UTC')"), 'it is planned');

# Old rows of every sort, beside those that stay: the last of a source, and those with documents.
sql(q{
	INSERT INTO datasens.flux (id_source, statut, date_collecte)
	SELECT id_source, 'inchange', now() - interval '10 days' FROM datasens.source, generate_series(1, 1500);
	INSERT INTO datasens.flux (id_source, statut, date_collecte, nb_lus, nb_inseres, nb_supprimes)
	SELECT id_source, 'succes', now() - interval '10 days', 1, 1, 1 FROM datasens.source WHERE nom = 'un';
	INSERT INTO datasens.flux (id_source, statut, date_collecte)
	SELECT id_source, 'inchange', now() - interval '6 hours' FROM datasens.source;
	UPDATE datasens.flux SET date_collecte = now() - interval '20 days' WHERE nb_inseres > 1;
	SELECT datasens_add_source('rss', 'ancienne', 'http://ancienne.test/');
	INSERT INTO datasens.flux (id_source, statut, date_collecte)
	SELECT id_source, 'echec', now() - interval '30 days' - i * interval '1 hour'
	FROM datasens.source, generate_series(0, 1) AS i WHERE nom = 'ancienne';
	UPDATE datasens.source SET actif = false WHERE nom = 'ancienne';
	UPDATE datasens.etat_source e SET derniere_collecte = (SELECT max(date_collecte) FROM datasens.flux f
		WHERE f.id_source = e.id_source);
	DELETE FROM datasens.journal;
	INSERT INTO datasens.rejet (id_flux, motif, date_rejet)
	SELECT min(id_flux), 'vieux', now() - interval '10 days' FROM datasens.flux WHERE statut = 'inchange'
	UNION ALL SELECT max(id_flux), 'recent', now() FROM datasens.flux WHERE nb_inseres > 1;
	INSERT INTO datasens.journal (action, horodatage) VALUES ('VIEUX', now() - interval '10 days'), ('RECENT', now());
	INSERT INTO datasens.cache_http (id_source, url, date_maj)
	SELECT min(id_source), 'http://oubliee.test/' || i, now() - interval '10 days' FROM datasens.source, generate_series(1, 2500) AS i
	GROUP BY i;
	INSERT INTO datasens.alerte (objet, nom, etat, date_alerte, prochaine_tentative)
	VALUES ('source', 'dite', 'echec', now() - interval '10 days', NULL),
		('source', 'à dire', 'echec', now() - interval '10 days', now() + interval '1 day');
	INSERT INTO datasens.hote VALUES ('http://vieux.test', now() - interval '9 days', now() - interval '10 days'),
		('http://attendre.test', now() + interval '1 day', now() - interval '10 days')});
my $health = sql('SELECT nom, statut, total_docs FROM datasens_health()');
# Somebody is at work in the same tables, with one of the old rows.
my $worker = $node->background_psql('postgres');
$worker->query_safe(q{BEGIN; SELECT id_flux AS pris FROM datasens.flux WHERE statut = 'inchange' AND date_collecte < now() - interval '9 days'
	ORDER BY id_flux LIMIT 1 FOR UPDATE \gset
	INSERT INTO datasens.journal (action) VALUES ('EN_COURS')});
DatasensNode::reload($node, 'datasens.flux_retention', '2d', 'datasens.journal_retention', '2d',
	'datasens.retention_schedule', '1 second');
DatasensNode::wait_for($node, 'postgres',
	"SELECT count(*) = 1 FROM datasens.journal WHERE action = 'MENAGE'", 'a task runs when it is due');
is(sql("SELECT details FROM datasens.journal WHERE action = 'MENAGE'"),
	'-1 rejets, -4501 flux, -1 alertes, -1 lignes du journal, -2500 URL en cache, -1 hotes',
	'it tells what has gone, in batches; what somebody works with waits for the next time');
$worker->query_safe("UPDATE datasens.flux SET duree = '1s' WHERE id_flux = :pris; COMMIT");
$worker->quit;
DatasensNode::wait_for($node, 'postgres',
	"SELECT string_agg(details, '/' ORDER BY id_journal) LIKE '%/-1 flux' FROM datasens.journal WHERE action = 'MENAGE'", 'which is soon');
is(sql("SELECT string_agg(nom, '-') FROM datasens.alerte WHERE nom LIKE '%di%'"), 'à dire', 'an alert stays until it has been delivered');
is(sql(q{SELECT nom, count(*) FILTER (WHERE nb_inseres > 1), count(*) FILTER (WHERE nb_inseres = 0)
		FROM datasens.flux JOIN datasens.source USING (id_source) GROUP BY nom ORDER BY nom}),
	"absente|0|2\nancienne|0|1\ndeux|1|2\nun|1|2", 'what brought documents stays, what is recent, and the last of each');
is(sql('SELECT string_agg(motif, ?) FROM datasens.rejet' =~ s/\?/'-'/r), 'recent', 'rejects likewise');
is(sql("SELECT string_agg(action, '-') FROM datasens.journal WHERE action <> 'MENAGE'"), 'RECENT-EN_COURS', 'the journal');
is(sql('SELECT string_agg(hote, ?) FROM datasens.hote' =~ s/\?/'-'/r), 'http://attendre.test', 'the hosts');
is(sql('SELECT nom, statut, total_docs FROM datasens_health()'), $health, 'health sees no difference');
is(sql("SELECT count(*) FROM datasens_check() WHERE probleme <> 'compte'"), 0, 'there is no orphan');
is(sql(q{SELECT count(*), bool_and(jour = (now() AT TIME ZONE 'UTC')::date), bool_and(octets > pg_total_relation_size('datasens.flux')),
		bool_and(documents = (SELECT sum(total_docs) FROM datasens_health())) FROM datasens.volumetrie}),
	'1|t|t|t', 'and how large everything is today');
DatasensNode::wait_for($node, 'postgres', "SELECT dernier_succes IS NOT NULL AND derniere_erreur IS NULL AND tentative = 0
	FROM datasens.tache WHERE nom = 'menage'", 'the table of tasks says so');

# A task that fails is retried, and says why.
DatasensNode::reload($node, 'datasens.retry_delay', '1s', 'datasens.max_retries', 1);
sql(q{
	CREATE FUNCTION non() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'non' USING DETAIL = 'parce que'; END$$;
	CREATE TRIGGER non BEFORE DELETE ON datasens.rejet EXECUTE FUNCTION non();
	INSERT INTO datasens.rejet (id_flux, motif, date_rejet) SELECT max(id_flux), 'vieux', now() - interval '10 days' FROM datasens.flux});
DatasensNode::wait_for($node, 'postgres',
	"SELECT echecs_consecutifs > 0 AND derniere_erreur = 'non: parce que' FROM datasens.tache WHERE nom = 'menage'",
	'a failure is counted when its retries are spent, with its reason');
ok($node->log_contains('ERROR:  non'), 'and is in the log');
sql('DROP TRIGGER non ON datasens.rejet');
DatasensNode::wait_for($node, 'postgres',
	"SELECT echecs_consecutifs = 0 AND derniere_erreur IS NULL FROM datasens.tache WHERE nom = 'menage'", 'it recovers');
DatasensNode::reload($node, 'datasens.retention_schedule', '', 'datasens.flux_retention', '90d');
DatasensNode::wait_for($node, 'postgres',
	"SELECT prochaine_execution = 'infinity' FROM datasens.tache WHERE nom = 'menage'", 'an empty schedule turns it off');
is(sql("SELECT prochaine_collecte IS NULL FROM datasens_schedule(2) WHERE nom = 'menage'"), 't', 'the schedule says so');
$node->poll_query_until('postgres',
	"SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'datasens operator'") or die 'it did not leave';
pass('nobody stays for it');

# ---- documents that are to be forgotten ----

my $documents = sql('SELECT count(*) FROM datasens.document');
my $url = sql('SELECT url FROM datasens.document ORDER BY id_doc LIMIT 1');
is(sql("SELECT datasens_forget('http://ailleurs.test/')"), 0, 'what is not there');
is(sql("SELECT datasens_forget('$url')"), 1, 'a document by its address');
is(sql("SELECT datasens_forget('http://feed2.test/*')"), 4, 'several by a pattern');
is(sql("SELECT datasens_forget('http_//%')"), 0, 'in which only the star is special');
is(sql('SELECT count(*) FROM datasens.document'), $documents - 5, 'they are gone');
like(error_of("SELECT datasens_forget('*')"), qr/^22023: .*HINT/s, 'not everything by a slip');
sql('DELETE FROM datasens.cache_http');
is(sql("SELECT nom, nb_lus, nb_inseres FROM datasens_collect('rss') WHERE nom IN ('un', 'deux') ORDER BY nom"),
	"deux|4|0\nun|3|0", 'collected again they do not come back');
is(sql('SELECT count(*) FROM datasens.document'), $documents - 5, 'none of them');
is(sql("SELECT count(*) FROM datasens_check() WHERE probleme <> 'compte'"), 0, 'and what is stored is right');

# Those that have no address are named by their ids.
$web->control('set', path => '/sans', type => 'application/rss+xml', body => '<rss version="2.0"><channel>'
	. join('', map { "<item><title>Sans adresse $_</title></item>" } 1 .. 3) . '</channel></rss>');
add('sans adresse', '/sans');
is(sql("SELECT nb_inseres FROM datasens_collect('sans adresse')"), 3, 'documents without an address');
is(sql("SELECT datasens_forget(id_doc, id_doc) FROM datasens.document WHERE titre = 'Sans adresse 1'"), 1, 'one by its id');
is(sql("SELECT datasens_forget(VARIADIC ARRAY(SELECT id_doc FROM datasens.document WHERE titre LIKE 'Sans adresse _'))"), 2,
	'what a query finds');
is(sql("SELECT datasens_forget(VARIADIC '{}') + datasens_forget(-1) + datasens_forget(NULL::bigint)"), 0, 'none');
is(sql("SELECT coalesce(datasens_forget(VARIADIC NULL::bigint[]), -1)"), -1, 'a null means nothing');
is(sql("SELECT string_agg(details, ' ' ORDER BY id_journal DESC) FROM (SELECT * FROM datasens.journal
		WHERE action = 'DOCUMENTS_OUBLIES' ORDER BY id_journal DESC OFFSET 3 LIMIT 2) AS j"), '-2 documents -1 documents',
	'the journal tells how many');
sql('DELETE FROM datasens.cache_http');
is(sql("SELECT nb_lus, nb_inseres FROM datasens_collect('sans adresse')"), '3|0', 'they do not come back');
sql("INSERT INTO datasens.rejet (id_flux, motif, brut) SELECT id_flux, 'essai', 'titre' || chr(10) || url FROM datasens.document
	WHERE url IS NOT NULL ORDER BY id_doc LIMIT 2");
is(sql("SELECT datasens_forget(min(id_doc)) FROM datasens.document WHERE url IS NOT NULL"), 1, 'one that has an address');
is(sql("SELECT count(*) FROM datasens.rejet WHERE motif = 'essai'"), 1, 'is gone from the rejects, too');
sql("SELECT datasens_drop_source('sans adresse', true)");

# ---- the daily round as one call ----

my $backups = PostgreSQL::Test::Utils::tempdir;
$web->control('set', path => '/jour', type => 'application/rss+xml', body =>
	'<rss version="2.0"><channel><item><title>Un</title></item><item><title>Deux</title></item></channel></rss>');
add('du jour', '/jour');
sql('DELETE FROM datasens.journal');
my $there = sql('SELECT sum(total_docs) FROM datasens.etat_source');
my ($code, $bilan, $said) = $node->psql('postgres', "CALL datasens_cycle('à la main')");
is($bilan, '+2 documents (' . ($there + 2) . '), 4 sources, 1 en echec', 'a round tells what it brought');
like($said, qr/INFO:  documents: $there\n.*INFO:  du jour: succes, \+2 documents.*INFO:  sources actives/s, 'and what it does');
is(sql("SELECT string_agg(action || ' ' || regexp_replace(details, ', depuis [0-9:]{8} UTC', ''), '/' ORDER BY id_journal) FROM datasens.journal"),
	"COLLECTE_JOURNALIERE_INIT $there documents : à la main/COLLECTE_TERMINEE +2 documents, 4 flux, 1 echec/"
	  . "COLLECTE_JOURNALIERE_FIN $bilan", 'the journal has its beginning and its end');
DatasensNode::reload($node, 'datasens.backup_directory', $backups, 'datasens.backup_schedule', '');
$node->poll_query_until('postgres', "SELECT current_setting('datasens.backup_directory') <> ''") or die;
$node->psql('postgres', 'CALL datasens_cycle()', on_error_die => 1);
my ($dump) = glob "$backups/*.dump";
$node->command_like([ 'pg_restore', '-f', '-', '-t', 'document', $dump ], qr/\tDeux\t/,
	'with a directory for backups it makes one, of what was collected, too');
is(sql("SELECT string_agg(action, ' ' ORDER BY id_journal) FROM datasens.journal WHERE action ~ '^(PG|COLLECTE_J)'"),
	'COLLECTE_JOURNALIERE_INIT COLLECTE_JOURNALIERE_FIN COLLECTE_JOURNALIERE_INIT PG_SNAPSHOT COLLECTE_JOURNALIERE_FIN',
	'in the order of the notebook');
like(error_of('BEGIN; CALL datasens_cycle()'), qr/^2D000/, 'not inside a transaction, for it commits between its steps');

# ---- in a database of another encoding ----

$node->safe_psql('postgres', "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
$node->safe_psql('latin', "SET client_encoding = UTF8; CREATE EXTENSION datasens; SELECT datasens_add_source('rss', 'l''été', '@{[$web->url('/latin1')]}')");
is($node->safe_psql('latin', "SELECT statut FROM datasens_collect()"), 'succes', 'a database in LATIN1 collects');
is($node->safe_psql('latin', 'SET client_encoding = UTF8; SELECT datasens_summary()'),
	'sources actives : 1 sur 1, obsolètes : 0, en échec : 0 ; documents : 1 (+1)', 'and tells it in its own encoding');
like($node->safe_psql('latin', "SET client_encoding = UTF8; SELECT datasens_report('html')"),
	qr/>l&#39;été<.*Dernière collecte/s, 'as does its report');
is($node->safe_psql('latin', 'SELECT count(*) FROM datasens_check()'), 0, 'its fingerprints are those of UTF-8');

# ---- a report on schedule ----

my $reports = PostgreSQL::Test::Utils::tempdir . '/rapports';
mkdir $reports;
my @others = map { "$reports/$_" } 'postgres_20200101T000000Z_rapport.html', 'autre_20200101T000000Z_rapport.html',
  'postgres_20200101T000000Z_rapport.html.partial', 'postgres_rapport.html';
append_to_file($_, 'x') for @others;
DatasensNode::reload($node, 'datasens.report_directory', $reports, 'datasens.report_schedule', '1 second');
DatasensNode::wait_for($node, 'postgres', "SELECT dernier_succes IS NOT NULL FROM datasens.tache WHERE nom = 'rapport'",
	'a report is written on schedule');
DatasensNode::reload($node, 'datasens.report_schedule', '');
my ($report) = grep { !/2020/ } glob "$reports/postgres_2*Z_rapport.html $reports/postgres_2*Za_rapport.html";
like(slurp_file($report), qr{^<!DOCTYPE html>.*<h2>Documents par jour</h2>.*<bdi>du jour</bdi>.*</html>\n\z}s, 'it is whole');
unlike(slurp_file($report), qr{<bdi>rapport</bdi>}, 'and does not tell of itself as of a task that has failed');
is((stat $report)[2] & 07777, 0644, 'others may read it');
is(join(' ', map { -e $_ ? 1 : 0 } @others), '0 1 0 1', 'old ones of this database are removed, and what a crash has left');

# A database whose name would lead elsewhere.
my $elsewhere = '../ailleurs/x';
$node->safe_psql('postgres', qq{CREATE DATABASE "$elsewhere"});
$node->safe_psql($elsewhere, 'CREATE EXTENSION datasens');
DatasensNode::reload($node, 'datasens.report_schedule', '1 second');
DatasensNode::wait_for($node, $elsewhere, "SELECT dernier_succes IS NOT NULL FROM datasens.tache WHERE nom = 'rapport'",
	'a database with the name of a path has its report');
DatasensNode::reload($node, 'datasens.report_schedule', '');
isnt(join(' ', glob "$reports/___ailleurs_x.*_2*Z_rapport.html"), '', 'among the others');
is(join(' ', map { s{.*/}{}r } glob "$reports/../*"), 'rapports', 'and nowhere else');

$node->stop;
done_testing();
