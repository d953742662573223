# The tables are their owner's to alter: a column of another type, without a value, with a value
# that nothing of ours would write, rows that his trigger keeps out.  Whatever he does, it is
# answered by an error: no process of the server follows what is no pointer, or falls over a null.
#
# ALTERED=all tries every column of every table with every function (two minutes).
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use PostgreSQL::Test::Utils;
use Test::More;

my $web = DatasensWeb->new;
my $archive = PostgreSQL::Test::Utils::tempdir();
my $node = DatasensNode::start('main', 'datasens.host_delay' => '0', 'datasens.retry_delay' => '1h',
	'datasens.archive_url' => "file://$archive", 'datasens.backup_directory' => 'sauvegardes', 'datasens.backup_command' => 'echo x > %p', 'datasens.backup_schedule' => '',
	map { ("datasens.${_}_schedule" => '0 0 1 1 *') } qw(rss json owm scraping gdelt kaggle));
$node->safe_psql('postgres', 'CREATE ROLE proprietaire LOGIN; CREATE DATABASE base OWNER proprietaire');
$node->safe_psql('base', 'CREATE EXTENSION datasens; GRANT CREATE ON SCHEMA public TO proprietaire');

sub as_owner
{
	my ($sql) = @_;
	my ($out, $err) = ('', '');

	$node->psql('base', $sql, stdout => \$out, stderr => \$err, extra_params => [ '-U', 'proprietaire' ], on_error_stop => 0);
	return ($out, $err);
}

sub sql
{
	my ($query) = @_;
	return $node->safe_psql('base', $query);
}

sub stays_up
{
	my ($what) = @_;
	ok(!$node->log_contains('was terminated by signal'), "no process fell: $what");
	return;
}

$web->control('set', path => '/robots.txt', type => 'text/plain', body => "User-agent: *\nDisallow: /non\n");
$web->control('set', path => '/page', type => 'text/html', body => '<html><head><title>Une page</title></head><body><article>'
	  . '<p>Une phrase assez longue, avec des mots, et encore quelques mots de plus pour la lire.</p>' x 5 . '</article></body></html>');
my ($feed, $page, $gone) = map { $web->url($_) } '/feed/1?items=2', '/page', '/status/404';
sql(qq{SELECT datasens_add_source('rss', 'une', '$feed', options => '{"archiver": true}'),
	datasens_add_source('scraping', 'page', '$page'), datasens_add_source('rss', 'deux', '$gone'),
	datasens_add_source('gdelt', 'tranches', '@{[$web->url('/gdelt/')]}')});
sql("SELECT datasens_collect('une'), datasens_collect('page'), datasens_collect('deux')");
sql("SELECT datasens_backup(), datasens_log('ICI', 'x'), datasens_backfill('tranches', '2024-01-01', '2024-01-02')");
sql("UPDATE datasens.tranche SET octets = 1, md5 = repeat('0', 32)");

# ---- each column in turn, within a transaction: as another type, and without a value ----

my $all = ($ENV{ALTERED} || '') eq 'all';
my @calls = map { "datasens_$_" } 'health()', 'stats()', 'metrics()', 'check()', 'schedule(2)', 'version_log()', 'export_opml()',
	"report('html')", "collect('une')", "collect('page')", 'backfill_pause(1)', 'replay(1)', "enable_source('une')",
	!$all ? () : ('summary()', "report('json')", "report('text')", 'backup()', "log('X', 'y')", "forget('http://x/*')",
		'forget(1::bigint)', "collect_async('all')", "alter_source('une', fuseau => 'Europe/Paris')", "enable_source('une', false)",
		"backfill('tranches', '2024-01-03', '2024-01-04')", 'backfill_resume(1)', 'backfill_cancel(1)', "collect('tranches')",
		"add_source('rss', 'neuf', '$feed')", "drop_source('une', true)",
		"import_opml('<opml><body><outline xmlUrl=\"$feed\" text=\"une\"/></body></opml>')");
# Those that are more than a number to us.
my %read = map { $_ => 1 } qw(document.hash_fingerprint document.titre document.id_doc cache_http.hash_corps cache_http.url
	hote.robots hote.hote source.nom source.type_source source.options source.id_source etat_source.declencheur
	etat_source.id_source tranche.flux tranche.statut flux.manifest_uri flux.id_flux journal.action volumetrie.jour alerte.etat
	historique.statut);
my $calls = join ', ', map { my $call = s/'/''/gr; "'$call'" } @calls;
my $script = qq{
	CREATE TABLE public.essai (colonne text, essai text, appel text, etat text, message text);
	CREATE PROCEDURE public.appelle(colonne text, essai text) LANGUAGE plpgsql AS \$\$
	DECLARE
		appel text;
	BEGIN
		FOREACH appel IN ARRAY ARRAY[$calls] LOOP
			BEGIN
				EXECUTE 'SELECT count(*) FROM public.' || appel;
			EXCEPTION WHEN OTHERS THEN
				INSERT INTO public.essai VALUES (colonne, essai, appel, SQLSTATE, SQLERRM);
			END;
		END LOOP;
	END \$\$;
};
as_owner($script);
my @columns = split /\n/, sql(q{SELECT c.relname || ' ' || a.attname || ' ' || format_type(a.atttypid, NULL) || '|' || (t.typbyval AND a.atttypid <> 'float8'::regtype)
	FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
	WHERE c.relnamespace = 'datasens'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
		AND pg_get_userbyid(c.relowner) = 'pg_database_owner' AND c.relname !~ 'evenement' ORDER BY 1});
cmp_ok(scalar @columns, '>', 100, 'the tables have columns');
@columns = grep { /^(\S+) (\S+) / && ($all || delete $read{"$1.$2"}) } @columns;
is(join(' ', $all ? () : sort keys %read), '', 'those that are tried are there');
my @script = ("SET client_min_messages = error;\n");
for my $entry (@columns)
{
	my ($table, $column, $type, $by_value) = $entry =~ /^(\S+) (\S+) (.*)\|(true|false)$/ or die $entry;
	my %new = ('autre type' => $by_value eq 'true' ? q{text DEFAULT 'x'} : 'bigint DEFAULT 4096', 'nul' => $type);

	push @script, map { qq{
		BEGIN;
		DO 'BEGIN ALTER TABLE datasens.$table ALTER $column DROP IDENTITY IF EXISTS, ALTER $column DROP NOT NULL;
			EXCEPTION WHEN OTHERS THEN NULL; END';
		ALTER TABLE datasens.$table RENAME $column TO ancienne;
		ALTER TABLE datasens.$table ADD COLUMN $column $new{$_};
		CALL public.appelle('$table.$column', '$_');
		COPY public.essai TO STDOUT;
		ROLLBACK;} } sort keys %new;
}
my ($told, $err) = as_owner(join '', @script);
is($err, '', 'each column was altered');
stays_up('with the columns altered in turn');
my %states = map { (split /\t/)[3] => 1 } split /\n/, $told;
note(join ' ', sort keys %states);
my @internal = grep { (split /\t/)[3] eq 'XX000' } split /\n/, $told;
is(join("\n", @internal), '', 'errors have a code that says what is wrong');
like($told, qr/document\.hash_fingerprint\tautre type\tdatasens_check\(\)\t42804/, 'a number is not taken for a fingerprint');
like($told, qr/source\.nom\tautre type\tdatasens_health\(\)\t42804/, 'nor for a text');

# ---- rows that nothing of ours would write ----

my @values = ('null', '1', '"secret:x"', '[]', '[null]', '{}', '{"a": 1}', 'true');
my @rows = map { [ 'rss', $_, '{}' ] } 'NULL', "''", "'x'", "'/etc/passwd'", "'file:///etc/passwd'", "'http://'";
for my $kind (qw(rss json scraping owm kaggle gdelt))
{
	(undef, my $hint) = as_owner("SELECT public.datasens_add_source('$kind', 'x', '$feed', options => '{\"?\": 1}')");
	my ($keys) = $hint =~ /Valid options are: (.*)\./ or die $hint;

	# Without a URL those of gdelt would go to the publisher; with one crawls wait from page to page.
	push @rows, [ $kind, 'NULL', '{}' ] if $kind ne 'gdelt';
	for my $key (split /, /, $keys)
	{
		for my $url ($kind eq 'gdelt' ? () : 'NULL', $kind =~ /^(?:owm|scraping)$/ ? () : "'$feed'")
		{
			push @rows, map { [ $kind, $url, "{\"$key\": $_}" ] } @values;
		}
	}
}
my $n = 0;
my $inserts = join ', ', map { $n++; "('m$n', '$_->[0]', $_->[1], '$_->[2]')" } @rows;
(undef, $err) = as_owner(qq{
	UPDATE datasens.source SET actif = false;
	INSERT INTO datasens.source (nom, type_source, url, options) VALUES $inserts;
	SELECT count(*) FROM public.datasens_collect('all')});
is($err =~ s/^.*WARNING.*\n//mgr, '', 'sources written by hand are collected');
is(sql("SELECT count(DISTINCT id_source) FROM datasens.flux JOIN datasens.source USING (id_source) WHERE nom ~ '^m[0-9]'"), $n,
	'each had its run');
for my $cursor (@values, map { "{\"reste\": $_, \"version\": $_, \"pour\": $_, \"vues\": $_, \"attente\": $_}" } @values)
{
	(undef, $err) = as_owner("UPDATE datasens.etat_source SET curseur = '$cursor' WHERE id_source IN (SELECT id_source FROM datasens.source
		WHERE nom IN ('une', 'page')); SELECT public.datasens_collect('une'); SELECT public.datasens_collect('page')");
	is($err, '', "a cursor written by hand: $cursor");
}
stays_up('with rows written by hand');
as_owner("DELETE FROM datasens.etat_source WHERE id_source IN (SELECT id_source FROM datasens.source WHERE nom ~ '^m[0-9]');
	UPDATE datasens.source SET actif = nom !~ '^m[0-9]'");

# ---- what the background processes meet ----

my ($flux) = split /\n/, sql("SELECT min(id_flux) FROM datasens.flux");
my $file = 'base_20260101T000000Z.dump';
append_to_file($node->data_dir . "/sauvegardes/$file", 'x');
(undef, $err) = as_owner(qq{
	ALTER TABLE datasens.archive DROP CONSTRAINT archive_check;
	INSERT INTO datasens.archive (id_flux, nom, octets, sha256) VALUES ($flux, 'reponses/a.warc.gz', 1, NULL),
		($flux, 'reponses/b.warc.gz', -1, repeat('0', 64)), ($flux, 'reponses/c.warc.gz', 1, E'x\r\nX-Intrus: y'), ($flux, NULL, 1, 'x');
	INSERT INTO datasens.sauvegarde (date_debut, duree, declencheur, statut, fichier, octets, sha256, archive_statut, archive_prochaine)
		SELECT now(), '0', 'manuel', 'succes', '$file', o, h, 'attendue', now() FROM (VALUES (-1, repeat('0', 64)), (1, NULL), (1, 'x')) AS v (o, h);
	INSERT INTO datasens.alerte (objet, nom, etat, message, canaux, prochaine_tentative)
		VALUES ('tache', 'x', 'echec', repeat('x', 100000), '{webhook,email,null}', '-infinity')});
is($err, '', 'rows that the operator is to work off');
sql("SELECT datasens_collect_async('deux')");
DatasensNode::wait_for($node, 'base', "SELECT count(*) = 0 FROM datasens.archive WHERE prochaine <= now()", 'it is through with the queue');
is(sql("SELECT count(*) FROM datasens.journal WHERE action = 'ARCHIVE_PERDUE'"), 4, 'none of it is an archive');
DatasensNode::wait_for($node, 'base', "SELECT count(*) = 3 FROM datasens.sauvegarde WHERE archive_erreur ~ 'no backup that is in'",
	'nor a backup');
for my $change ('cache_http ALTER hash_corps TYPE bigint USING 4096', 'hote ALTER robots TYPE bigint USING 4096', 'source ALTER nom DROP NOT NULL')
{
	my $offset;

	# One that is at work would meet it where it writes.
	$node->poll_query_until('base', "SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'datasens collector'") or die $change;
	$offset = -s $node->logfile;
	(undef, $err) = as_owner("BEGIN; ALTER TABLE datasens.$change; COMMIT; UPDATE datasens.source SET nom = NULL WHERE '$change' ~ 'nom' AND nom = 'deux';
		INSERT INTO datasens.cache_http (id_source, url, hash_corps) SELECT id_source, 'http://x/', 4096 FROM datasens.source WHERE '$change' ~ 'hash';
		UPDATE datasens.hote SET robots_date = now()");
	# A run that was under way before may still plan its source anew: until it is said.
	my $said = qr/datasens cannot .*column "(hash_corps|robots|nom)" of a table in schema datasens is/;
	for (1 .. 600)
	{
		sql('UPDATE datasens.etat_source SET prochaine_collecte = now(); UPDATE datasens.source SET date_creation = now()');
		last if slurp_file($node->logfile, $offset) =~ $said;
		select undef, undef, undef, 0.1;
	}
	like(slurp_file($node->logfile, $offset), $said, "a collector says what is wrong: $change") or diag($err);
	as_owner("DELETE FROM datasens.cache_http; ALTER TABLE datasens.cache_http ALTER hash_corps TYPE datasens.fingerprint USING NULL;
		UPDATE datasens.hote SET robots = NULL; ALTER TABLE datasens.hote ALTER robots TYPE bytea USING NULL;
		UPDATE datasens.source SET nom = 'deux' WHERE nom IS NULL");
}
as_owner(q{CREATE FUNCTION public.rien() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'});
for my $table (qw(sauvegarde tache historique flux document etat_source))
{
	(my $out, $err) = as_owner("\\set VERBOSITY sqlstate\nCREATE TRIGGER rien BEFORE INSERT OR UPDATE ON datasens.$table FOR EACH ROW EXECUTE FUNCTION public.rien();
		SELECT public.datasens_backfill('tranches', '2024-01-05', '2024-01-06'); SELECT public.datasens_collect('une');
		@{[$table eq 'sauvegarde' ? 'SELECT public.datasens_backup();' : '']} DROP TRIGGER rien ON datasens.$table");
	unlike($err, qr/server closed|XX000/, "rows that a trigger keeps out: $table");
}
sql("SELECT datasens_collect_async('all')");
DatasensNode::wait_for($node, 'base', "SELECT bool_and(declencheur <> 'manuel') FROM datasens.etat_source JOIN datasens.source USING (id_source) WHERE actif",
	'and all is well again');
stays_up('in the background');

# ---- a database whose name is like another's ----

$node->safe_psql('postgres', 'CREATE DATABASE jumelle_a');
$node->safe_psql('postgres', 'CREATE DATABASE "jumelle.a" OWNER proprietaire');
$node->safe_psql($_, 'CREATE EXTENSION datasens') for 'jumelle_a', 'jumelle.a';
my $kept = $node->safe_psql('jumelle_a', 'SELECT fichier FROM datasens_backup()');
$node->safe_psql('jumelle.a', 'SELECT datasens_backup()');
$node->psql('jumelle.a', "INSERT INTO datasens.sauvegarde (date_debut, duree, declencheur, statut, fichier, octets)
	VALUES ('2000-01-01', '0', 'manuel', 'succes', '$kept', 2)", extra_params => [ '-U', 'proprietaire' ]);
$node->safe_psql('jumelle.a', 'SELECT datasens_backup()');
ok(-e $node->data_dir . "/sauvegardes/$kept", 'its owner cannot have the backups of the other removed');

$node->stop;
$web->stop;
done_testing();
