# What sources receive, archived and read again: of every kind, out of a directory or S3,
# without the network; the queue when the depot is down, the server crashes, files are lost;
# what is damaged, old, forgotten; and no secret anywhere.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use IO::Uncompress::Gunzip qw(gunzip $GunzipError);
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = PostgreSQL::Test::Utils::tempdir;
my $archive = PostgreSQL::Test::Utils::tempdir . '/archive';
my $web = DatasensWeb->new(root => $root);
my $s3 = DatasensWeb->new(script => 's3.py');
my $key = 'cle-muette/0+';
my $node = DatasensNode::start('main', (map { ("datasens.${_}_schedule" => '0 0 1 1 *') }
		qw(rss json owm scraping gdelt kaggle)), 'datasens.retry_delay' => '1s', 'datasens.max_retries' => 1,
	'datasens.host_delay' => 0, 'datasens.retention_schedule' => '', 'restart_after_crash' => 'on',
	'datasens.archive_url' => "file://$archive", 'datasens.s3_endpoint' => $s3->url(''),
	'datasens.kaggle_api' => $web->url('/api'));
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

sub sql
{
	return $node->safe_psql('postgres', @_);
}

sub error_of
{
	my ($sql) = @_;
	my $err = '';
	$node->psql('postgres', $sql, stderr => \$err);
	return $err;
}

sub wait_for
{
	return DatasensNode::wait_for($node, 'postgres', @_);
}

sub queue_is_empty
{
	return wait_for('SELECT count(*) = 0 FROM datasens.archive', $_[0]);
}

sub set_and_wait
{
	my (%settings) = @_;

	DatasensNode::reload($node, %settings);
	for my $name (keys %settings)
	{
		$node->poll_query_until('postgres', "SELECT current_setting('$name') = '$settings{$name}'") or die $name;
	}
	return;
}

sub add
{
	my ($type, $nom, $url, $options) = @_;
	my $json = encode_json({ archiver => JSON::PP::true, %{ $options || {} } }) =~ s/'/''/gr;
	$url = $url ? "'$url'" : 'NULL';
	return sql("SELECT datasens_add_source('$type', '$nom', $url, options => '$json')");
}

sub page
{
	my ($path, $body) = @_;
	$web->control('set', path => $path, body => $body, type => 'text/html');
	return;
}

# All that is stored, but for the numbers of rows and runs.
sub contents
{
	return sql(q{
		SELECT md5(string_agg(t, '' ORDER BY t COLLATE "C")) FROM (
			SELECT to_jsonb(d) - '{id_doc,id_flux}'::text[] || '{"de": "document"}' FROM datasens.document d
			UNION ALL SELECT to_jsonb(m) - '{id_meteo,id_flux}'::text[] FROM datasens.meteo m
			UNION ALL SELECT to_jsonb(e) - '{id_flux,date_ajout}'::text[] FROM datasens.evenement e) AS x(j),
			LATERAL (SELECT j::text) AS y(t)});
}

sub archived_bytes
{
	my ($id) = @_;
	my $uri = sql("SELECT manifest_uri FROM datasens.flux WHERE id_flux = $id");
	return unless $uri =~ m{^file://(.*)};
	return slurp_file($1);
}

sub unpacked
{
	my $packed = $_[0];
	my $text;
	gunzip \$packed => \$text, MultiStream => 1 or die $GunzipError;
	return $text;
}

# How every source is: what a replay leaves alone.
sub states
{
	return sql(q{SELECT md5(string_agg(to_jsonb(e)::text, '' ORDER BY id_source)) FROM datasens.etat_source e})
	  . sql(q{SELECT md5(coalesce(string_agg(to_jsonb(c)::text, '' ORDER BY id_source, url), '')) FROM datasens.cache_http c})
	  . sql(q{SELECT md5(coalesce(string_agg(to_jsonb(t)::text, '' ORDER BY id_tranche), '')) FROM datasens.tranche t})
	  . sql(q{SELECT md5(coalesce(string_agg(to_jsonb(h)::text, '' ORDER BY hote), '')) FROM datasens.hote h});
}

# ---- sources of every kind, with secrets in all places where they may be ----

my $weather = decode_json((grep { decode_json($_)->{id} == 9 }
		split /\n/, slurp_file("$FindBin::RealBin/../corpus/owm/responses.jsonl"))[0])->{body};
sql("SELECT datasens_set_secret('owm_api_key', '$key'), datasens_set_secret('service', 'cle-du-service')");
add('rss', 'fils', undef, { flux => [ $web->url('/feed/1?items=3'), $web->url('/moved-permanently?to=/feed/2'),
			$web->url('/status/404'), $web->url('/auth?user=moi&password=sesame&feed=3') =~ s{//}{//moi:sesame@}r ] });
$web->control('set', path => '/service?q=1&cle=cle-du-service', type => 'application/json',
	body => '{"items": [{"title": "un", "url": "/1", "note": "x"}], "echo": "cle-du-service", "next": "/service?q=2"}');
$web->control('set', path => '/service?q=2&cle=cle-du-service', type => 'application/json', header => 'Set-Cookie: session=biscuit',
	body => '{"items": [{"title": "deux", "url": "/2", "note": "y"}]}');
add('json', 'service', $web->url('/service?q=1'), { liste => 'items', pages => { lien => 'next' },
		parametre_secret => { cle => 'secret:service' } });
$web->control('set', path => '/data/weather?q=Paris%2CFR&units=metric&lang=fr&appid=cle-muette%2F0%2B',
	body => $weather, type => 'application/json');
add('owm', 'meteo', undef, { api => $web->url('/data'), villes => ['Paris,FR'], documents => JSON::PP::true });
page('/site', '<html><title>Entrée</title><body><p>' . ('Le texte de la page. ' x 20)
	  . '</p><a href="/site/a">a</a> <a href="/site/b">b</a> <a href="/interdit/c">c</a></body>');
page("/site/$_", "<html><title>Page $_</title><body><p>" . ("Le texte de $_. " x 20) . '</p></body>') for qw(a c);
$web->control('set', path => '/site/b', status => 302, header => 'Location: /site/c');
$web->control('set', path => '/robots.txt', body => "User-agent: *\nDisallow: /interdit/\n", type => 'text/plain');
add('scraping', 'site', $web->url('/site'));
append_to_file("$root/avis.csv", join "\n", 'titre,texte', map { "avis $_,le texte de l'avis $_" } 1 .. 500);
$web->control('set', path => '/api/datasets/view/equipe/avis', body => '{"currentVersionNumber": 3}', type => 'application/json');
$web->control('set', path => '/api/datasets/download/equipe/avis?datasetVersionNumber=3', status => 302,
	header => 'Location: ' . $web->url('/files/avis.csv?X-Goog-Signature=signe'));
sql("SELECT datasens_set_secret('kaggle_username', 'moi-meme'), datasens_set_secret('kaggle_key', 'cle-kaggle')");
add('kaggle', 'avis', 'equipe/avis');
{
	my @lines = split /^/, `python3 @{[abs_path("$FindBin::RealBin/../web/gdelt.py")]} --rows 5 --streams export,gkg $root 20240101000000`;
	append_to_file("$root/lastupdate.txt", join '', @lines);
	append_to_file("$root/masterfilelist.txt", join '', @lines);
}
add('gdelt', 'monde', $web->url('/files/'));

my $before_all = contents();
like(sql('SELECT string_agg(statut, \' \' ORDER BY statut) FROM datasens_collect()'),
	qr/^partiel( succes){7}$/, 'all is collected');
queue_is_empty('and what was received is archived');
is(sql("SELECT string_agg(nom || coalesce(' ' || format, ''), ', ' ORDER BY nom, format) FROM datasens.flux JOIN datasens.source USING (id_source)
	WHERE manifest_uri LIKE 'file://$archive/%/reponses/%.warc.gz'"),
	'avis, fils rss20, meteo owm, monde gdelt-export, monde gdelt-gkg, service json, site html',
	'a file a run, but for the lists of slices');
is(sql("SELECT count(*) FROM pg_ls_dir('datasens_archive')"), 0, 'nothing is left in the queue');

# ---- what is in them ----

my %flux = map { split /\|/ } split /\n/, sql("SELECT nom, max(id_flux) FROM datasens.flux JOIN datasens.source USING (id_source)
	WHERE manifest_uri LIKE '%.warc.gz' GROUP BY nom");
my $all = join '', map { unpacked(archived_bytes($_)) } values %flux;
is(scalar(() = $all =~ /^WARC\/1\.1\r$/mg), 2 * 6 + 3 + 2 + 1 + 5 + 2 + 1, 'what the file is, how the run began, and each answer');
for my $secret ($key, 'cle-muette', 'cle-du-service', 'sesame', 'cle-kaggle', 'signe', 'biscuit',
	'Authorization', 'Set-Cookie')
{
	unlike($all, qr/\Q$secret\E/, "nothing of $secret");
}
like($all, qr/"echo": "\*{14}"/, 'what a service echoes is masked, byte by byte');
like(unpacked(archived_bytes($flux{fils})), qr{WARC-Type:\ response\r\n.*?
	WARC-Target-URI:\ \S+/moved-permanently\?to=/feed/2\r\nDatasens-Final-URI:\ \S+/feed/2\r\n
	Content-Type:\ application/http;\ msgtype=response\r\n\r\nHTTP/1.1\ 200\ \r\nContent-Type:\ application/rss\+xml.*?\r\n\r\n<}xs,
	'an answer as the standard has it');

# ---- read again ----

my $collected = contents();
my $states = states();
$web->reset;
for my $id (sort { $a <=> $b } values %flux)
{
	my ($lus, $inseres, $doublons, $statut, $source) = split /\|/, sql(
		"SELECT nb_lus, nb_inseres, nb_doublons, statut, nom FROM datasens_replay($id)");
	is("$lus $inseres $doublons $statut", "$lus 0 $lus succes", "$source: all are there already");
}
is(contents(), $collected, 'nothing is there twice');
is(states(), $states, 'and every source is as it was');
is(scalar @{ $web->log->{requests} }, 0, 'nobody was asked');
is(sql('SELECT count(*) FROM datasens_check()'), 0, 'all is in order');
$web->stop;
my @all = split /\n/, sql("SELECT id_flux FROM datasens.flux WHERE manifest_uri LIKE '%.warc.gz' ORDER BY id_flux");
sql('TRUNCATE datasens.document, datasens.meteo, datasens.evenement, datasens.document_evenement');
is(contents(), $before_all, 'all is gone, the web server, too');
sql("SELECT datasens_replay($_)") for @all;
is(contents(), $collected, 'and all is there again, the same');
is(sql("SELECT string_agg(nb_inseres::text, ' ' ORDER BY id_flux) FROM unnest(ARRAY[@{[join ',', @all]}]) AS i, datasens_replay(i)"),
	'0 0 0 0 0 0 0', 'once');
is(sql('SELECT count(*) FROM datasens_check()'), 0, 'in order');
is(sql("SELECT DISTINCT declencheur, tentative, manifest_uri IS NULL OR nom = 'monde' FROM datasens.flux JOIN datasens.source USING (id_source)
	WHERE id_flux_origine IS NOT NULL"), 'rejeu|1|t', 'what a replay is called');
is(sql("SELECT count(*) FROM datasens.flux r, datasens.flux f WHERE r.id_flux_origine = f.id_flux AND r.id_source = f.id_source"),
	3 * @all - 1, 'and whose answers it had');
my ($again) = sql("SELECT max(id_flux) FROM datasens.flux WHERE id_flux_origine = $flux{fils}");
my $second = sql("SELECT id_flux FROM datasens_replay($again)");
is(sql("SELECT id_flux_origine FROM datasens.flux WHERE id_flux = $second"), $flux{fils},
	'the replay of a replay is that of the same');

# Options of today: what they find besides is new.
sql(q{SELECT datasens_alter_source('service', options => '{"archiver": true, "liste": "items", "champs": {"texte": "note"}, "pages": {"lien": "next"}}')});
is(sql("SELECT nb_inseres, nb_doublons FROM datasens_replay($flux{service})"), '2|0', 'other options, other documents');
sql("SELECT datasens_alter_source('site', url => 'http://ailleurs.test/')");
like(error_of("SELECT datasens_replay($flux{site})"), qr/NOTICE:  \d addresses are not in the archive/, 'a source that has moved');
like(sql("SELECT statut, erreur FROM datasens_replay($flux{site})"),
	qr{^echec\|file: the archive has no answer from http://ailleurs.test/robots.txt$}, 'finds nothing, and says so');

# ---- what cannot be read again ----

like(error_of('SELECT datasens_replay(0)'), qr/there is no flux 0/, 'no flux');
my $list = sql("SELECT id_flux FROM datasens.flux WHERE format = 'gdelt-list' LIMIT 1");
like(error_of("SELECT datasens_replay($list)"), qr/what flux $list received was not archived, or is no longer kept.*HINT:  Sources with the option "archiver"/s,
	'one without an archive');
my ($path) = sql("SELECT manifest_uri FROM datasens.flux WHERE id_flux = $flux{fils}") =~ m{^file://(.*)};
my $bytes = slurp_file($path);
my $count = contents();
for my $case ([ substr($bytes, 0, -20), 'cut short' ], [ substr($bytes, 0, 900) . 'X' . substr($bytes, 901), 'changed' ], [ '', 'emptied' ],
	[ "$bytes$bytes" . 'x', 'with something behind it' ])
{
	open my $out, '>:raw', $path or die;
	print $out $case->[0];
	close $out;
	like(error_of("SELECT datasens_replay($flux{fils})"), qr/ERROR:  the archive is damaged: /, "an archive that is $case->[1]");
}
is(contents(), $count, 'nothing of it is stored');
unlink $path;
like(error_of("SELECT datasens_replay($flux{fils})"), qr/could not read the archive of flux $flux{fils}: could not open .*No such file/, 'one that is lost');
sql("UPDATE datasens.flux SET manifest_uri = 'file://$archive/../../../etc/passwd' WHERE id_flux = $flux{fils}");
like(error_of("SELECT datasens_replay($flux{fils})"), qr/was not archived, or is no longer kept/, 'a path to elsewhere is no archive');
# The queue is the database owner's to write: it puts nothing where what others have is.
$web = DatasensWeb->new(root => $root);
set_and_wait('datasens.enabled' => 'off');
my @elsewhere = map { "$_/evade.warc.gz" } '../..', 'reponses/../../..', 'sauvegardes', '/..';
for my $n (0 .. $#elsewhere)
{
	add('rss', "evade $n", $web->url("/feed/@{[30 + $n]}"));
	sql("SELECT datasens_collect('evade $n')");
	sql("UPDATE datasens.archive SET nom = '$elsewhere[$n]' WHERE id_archive = (SELECT max(id_archive) FROM datasens.archive)");
}
set_and_wait('datasens.enabled' => 'on');
queue_is_empty('names of elsewhere are worked off');
is(sql("SELECT count(*) FROM datasens.journal WHERE action = 'ARCHIVE_PERDUE'"), scalar @elsewhere, 'as lost');
is(join(' ', split /\n/, `find '@{[dirname($archive)]}' -name evade.warc.gz`), '', 'nothing is put there');
sql("DELETE FROM datasens.journal WHERE action = 'ARCHIVE_PERDUE'");
like(error_of(q{SELECT datasens_add_source('rss', 'x', 'http://x.test/', options => '{"archiver": 1}')}),
	qr/option "archiver" is neither true nor false/, 'an option that is none');

# ---- S3: down, and back ----

$web = DatasensWeb->new(root => $root);
set_and_wait('datasens.archive_url' => 's3://seau/brut');
sql(q{SELECT datasens_set_secret('s3_access_key', 'cle-publique'), datasens_set_secret('s3_secret_key', 'cle/secrete+1')});
$s3->control('fault', kind => 'denied', times => 100, method => 'PUT');
add('rss', 'seau', $web->url('/feed/7'));
is(sql("SELECT statut, nb_inseres FROM datasens_collect('seau')"), 'succes|40', 'S3 is down: collected all the same');
wait_for("SELECT count(*) = 1 FROM datasens.alerte WHERE nom = 'archivage' AND etat = 'echec' AND message ~ 'AccessDenied'", 'which is told');
my $id = sql('SELECT max(id_flux) FROM datasens.flux');
is(sql("SELECT manifest_uri IS NULL FROM datasens.flux WHERE id_flux = $id"), 't', 'it is not said to be there');
is(sql("SELECT nb_doublons FROM datasens_replay($id)"), 40, 'out of the queue, it can be read again');

# A crash loses nothing of the queue.
$node->stop('immediate');
$node->start;
is(sql("SELECT count(*) FROM datasens.archive WHERE id_flux = $id"), 1, 'it waits after a crash');
$s3->reset;
sql("UPDATE datasens.archive SET prochaine = now(); SELECT datasens_enable_source('seau')");
queue_is_empty('S3 is back');
is(sql("SELECT manifest_uri ~ '^s3://seau/brut/postgres-\\d+/reponses/\\d{4}-\\d\\d-\\d\\d/seau-$id.warc.gz\$' FROM datasens.flux WHERE id_flux = $id"),
	't', 'it is there');
is(sql("SELECT string_agg(etat, ' ' ORDER BY id_alerte) FROM datasens.alerte WHERE nom = 'archivage'"), 'echec retabli', 'which is told, too');
$web->stop;
is(sql("SELECT nb_lus, nb_doublons FROM datasens_replay($id)"), '40|40', 'out of S3');
$s3->control('fault', kind => 'hold', method => 'GET');
like(error_of("SET statement_timeout = '1s'; SELECT datasens_replay($id)"), qr/canceling statement due to statement timeout/, 'a replay can be cancelled');
$s3->control('release');
$s3->reset;

# Brought there and not written down; a file that is lost; one that is damaged.
$web = DatasensWeb->new(root => $root);
set_and_wait('datasens.enabled' => 'off');
for my $n (8, 9, 10)
{
	add('rss', "perdu $n", $web->url("/feed/$n"));
	sql("SELECT datasens_collect('perdu $n')");
}
my @queued = split /\n/, sql('SELECT id_flux FROM datasens.archive ORDER BY id_flux');
my ($oid) = sql("SELECT oid FROM pg_database WHERE datname = 'postgres'");
my $queue = $node->data_dir . '/datasens_archive';
my ($system) = sql('SELECT system_identifier FROM pg_control_system()');
my $object = "brut/postgres-$system/" . sql("SELECT nom FROM datasens.archive WHERE id_flux = $queued[0]");
$s3->{http}->post($s3->url('/control/put?' . $s3->{http}->www_form_urlencode({ key => $object })),
	{ content => slurp_file("$queue/$oid.$queued[0].warc.gz") });
unlink "$queue/$oid.$queued[0].warc.gz", "$queue/$oid.$queued[1].warc.gz";
open(my $damaged, '+<', "$queue/$oid.$queued[2].warc.gz") or die;
print $damaged 'x';
close $damaged;
append_to_file("$queue/$oid.$_.warc.gz", 'x') for (4_000_000_001, 4_000_000_002);
append_to_file("$queue/999999999.1.warc.gz", 'x');
utime 0, 0, "$queue/$oid.4000000001.warc.gz", "$queue/999999999.1.warc.gz";
set_and_wait('datasens.enabled' => 'on');
queue_is_empty('the queue is worked off');
is(sql("SELECT string_agg((manifest_uri IS NOT NULL)::text, ' ' ORDER BY id_flux) FROM datasens.flux WHERE id_flux IN (@{[join ',', @queued]})"),
	'true false false', 'what was there already is, what is lost is not');
is(sql("SELECT count(*) FROM datasens.journal WHERE action = 'ARCHIVE_PERDUE'"), 2, 'which the journal says');
wait_for("SELECT string_agg(f, ' ') = '$oid.4000000002.warc.gz' FROM pg_ls_dir('datasens_archive') AS f",
	'what nobody needs is cleared away, once it is old');
unlink "$queue/$oid.4000000002.warc.gz";

# A queue that is full: what is received is not kept, and the rest goes on.
set_and_wait('datasens.archive_queue_size' => '0');
add('rss', 'plein', $web->url('/feed/11'));
is(sql("SELECT statut, nb_inseres FROM datasens_collect('plein')"), 'succes|40', 'no room in the queue: collected');
is(sql("SELECT details FROM datasens.journal WHERE action = 'ARCHIVE_ERREUR'"), 'plein: the queue has reached datasens.archive_queue_size', 'and said');
set_and_wait('datasens.archive_queue_size' => '1GB');

# What is not new is not archived again.
is(sql("SELECT statut FROM datasens_collect('plein')"), 'inchange', 'nothing new');
is(sql('SELECT count(*) FROM datasens.archive'), 0, 'nothing to archive');

# ---- what goes ----

my $objects = sub { return grep { m{/reponses/} } keys %{ $s3->control('state')->{objects} } };
is(scalar $objects->(), 2, 'two objects');
is(sql(q{SELECT datasens_forget((SELECT document.url FROM datasens.document JOIN datasens.flux USING (id_flux)
	JOIN datasens.source USING (id_source) WHERE nom = 'seau' ORDER BY id_doc LIMIT 1))}), 1, 'a document is forgotten');
queue_is_empty('and what it was received in is removed');
is(scalar $objects->(), 1, 'it is gone');
like(error_of("SELECT datasens_replay($id)"), qr/was not archived, or is no longer kept/, 'and cannot be read again');
set_and_wait('datasens.enabled' => 'off');
add('rss', 'oubli', $web->url('/feed/12'));
sql("SELECT datasens_collect('oubli')");
sql(q{SELECT datasens_forget((SELECT url FROM datasens.document ORDER BY id_doc DESC LIMIT 1))});
like(error_of('SELECT datasens_replay((SELECT max(id_flux) FROM datasens.flux))'), qr/was not archived, or is no longer kept/, 'nor out of the queue');
set_and_wait('datasens.enabled' => 'on');
queue_is_empty('from which it goes');
is(scalar $objects->(), 1, 'it is brought nowhere');
sql("UPDATE datasens.flux SET date_collecte = date_collecte - interval '91 days' WHERE manifest_uri LIKE 's3://%'");
set_and_wait('datasens.retention_schedule' => '1 second');
wait_for("SELECT count(*) = 0 FROM datasens.flux WHERE manifest_uri LIKE 's3://%'", 'what is old goes');
set_and_wait('datasens.retention_schedule' => '');
queue_is_empty('from the depot, too');
is(scalar $objects->(), 0, 'it is gone');
add('rss', 'fin', $web->url('/feed/13'));
sql("SELECT datasens_collect('fin')");
queue_is_empty('one more');
is(scalar $objects->(), 1, 'is archived');
sql("SELECT datasens_drop_source('fin', true)");
sql('SELECT datasens_collect_async()');
queue_is_empty('and goes with its source');
is(scalar $objects->(), 0, 'it is gone');

# What comes while the task is at work on something else does not wait for its next attempt.
$s3->control('fault', kind => 'hold', method => 'PUT');
add('rss', 'tenu', $web->url('/feed/14'));
add('rss', 'suivant', $web->url('/feed/15'));
sql("SELECT datasens_collect('tenu')");
select undef, undef, undef, 0.1 until $s3->control('state')->{held} > 0;
is(sql("BEGIN; SELECT count(*) FROM datasens_collect('suivant'); SELECT prochaine = now() FROM datasens.archive
	ORDER BY id_archive DESC LIMIT 1; COMMIT"), "1\nt", 'the task is at work: another is due at once');
$s3->control('release');
queue_is_empty('both are archived');
is(scalar $objects->(), 2, 'and there');

# A task that cannot even count its attempts is left alone for a while, not tried without end.
sql(q{CREATE FUNCTION non() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'archive tenue'; END$$;
	CREATE TRIGGER non BEFORE UPDATE ON datasens.archive EXECUTE FUNCTION non()});
add('rss', 'refus', $web->url('/feed/16'));
sql("SELECT datasens_collect('refus')");
select undef, undef, undef, 0.1 until $node->log_contains('ERROR:  archive tenue');
$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'datasens operator'") or die 'busy';
cmp_ok(scalar(() = slurp_file($node->logfile) =~ /ERROR:  archive tenue/g), '<', 5, 'what fails altogether is tried no more than it is asked for');
sql('DROP TRIGGER non ON datasens.archive');
sql("SELECT datasens_collect_async('refus')");
queue_is_empty('and when there is something new to do');

unlike(slurp_file($node->logfile), qr/cle-du-service|cle-muette|cle\/secrete|Signature=|cle-kaggle/, 'the log has no key');
$node->stop;
done_testing();
