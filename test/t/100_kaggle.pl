# Files of CSV as sources: data sets of Kaggle's, addresses; what is read, rejected,
# refused; memory; a collector killed in the middle.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use Digest::MD5 qw(md5);
use Digest::SHA qw(sha256_hex);
use Encode qw(encode);
use IO::Compress::Gzip qw(gzip);
use MIME::Base64 qw(encode_base64);
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = PostgreSQL::Test::Utils::tempdir;
my $web = DatasensWeb->new(root => $root);
my $storage = DatasensWeb->new(root => $root);	# another origin
my $node = DatasensNode::start('main', 'datasens.kaggle_schedule' => '0 0 1 1 *',
	'datasens.retry_delay' => '1s', 'datasens.kaggle_api' => $web->url('/api'),
	'restart_after_crash' => 'on');
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

sub file
{
	my ($name, $bytes) = @_;
	open my $out, '>:raw', "$root/$name" or die "$name: $!";
	print $out $bytes;
	close $out;
	return $web->url("/files/$name");
}

sub zip_of
{
	my ($name, %members) = @_;
	my @names = sort keys %members;
	file($_, $members{$_}) for @names;
	system('python3', '-m', 'zipfile', '-c', "$root/$name", map { "$root/$_" } @names) == 0
	  or die "no zip: $name";
	return $web->url("/files/$name");
}

my $number = 0;
my $nom;

# Adds a source with the URL and options, collects it and returns what came of it.
sub collect
{
	my ($url, $options) = @_;
	$nom = 'fichier ' . ++$number;
	$options //= '{}';
	$node->safe_psql('postgres', "SELECT datasens_add_source('kaggle', '$nom', '$url', options => '$options')");
	return $node->safe_psql('postgres',
		"SELECT statut, nb_lus, nb_inseres, nb_doublons, nb_rejetes FROM datasens_collect('$nom')");
}

# The last run of that source: retries of others may have come after it.
my $last = q{(SELECT f.* FROM datasens.flux f JOIN datasens.source s USING (id_source)
	WHERE s.nom = '%s' ORDER BY id_flux DESC LIMIT 1) AS last};

sub last_error
{
	return $node->safe_psql('postgres', sprintf("SELECT erreur FROM $last", $nom));
}

sub documents
{
	my ($columns) = @_;
	return $node->safe_psql('postgres', sprintf("SELECT $columns FROM datasens.document
		JOIN $last USING (id_flux) ORDER BY titre", $nom));
}

# ---- what a file may be ----

my $table = "title,text,language,date,stars\r\n"
  . "Un,\"Le premier, avec\r\nune ligne\",fr,2024-05-01,5\r\n"
  . "Deux,Le second,fr,pas une date,\r\n"
  . "Un,\"Le premier, avec\r\nune ligne\",fr,2024-05-01,5\r\n";
is(collect(file('plain.csv', $table)), 'succes|3|2|1|0', 'a plain file');
is(documents('titre, langue, date_publication AT TIME ZONE $$UTC$$, meta::text'),
	qq(Deux|fr||{"date": "pas une date"}\nUn|fr|2024-05-01 00:00:00|{"stars": "5"}),
	'columns by their usual names, the others in meta');
my $gz = '';
gzip(\($table =~ s/Un|Deux/gzip/gr) => \$gz);
is(collect(file('table.csv.gz', $gz)), 'succes|3|2|1|0', 'gzip');
file("$_.headers", 'Content-Encoding: gzip') for qw(packed.csv cut.csv);
is(collect(file('packed.csv', $gz)), 'succes|3|0|3|0', 'a table that HTTP has packed');
is(collect(file('cut.csv', substr($gz, 0, -20))), 'echec|0|0|0|0', 'the same, cut short, is not half a table');
like(last_error(), qr/^truncated: body that ends before its encoding does/, 'and is asked for again');
is(collect(zip_of('two.zip', 'a.csv' => "titre;texte\nA;un\nB;deux\n", 'b.csv' => "titre;texte\nB;deux\nC;trois\n",
			'lisez-moi.md' => 'rien')),
	'succes|4|3|1|0', 'a zip of two tables');
is(collect($web->url('/files/two.zip'), '{"fichier": "b*"}'), 'succes|2|0|2|0', 'one of them');
is(collect(file('utf16.csv', encode('UTF-16', "titre\ttexte\n\x{c9}t\x{e9}\tna\x{ef}f\n"))),
	'succes|1|1|0|0', 'UTF-16 with tabs');
is(collect(file('latin.csv', "titre;texte\nl'\x92\xe9t\xe9;\x80uro \xe0 payer\n")), 'succes|1|1|0|0',
	'Windows-1252');
is(documents('texte'), "\xe2\x82\xacuro \xc3\xa0 payer", 'in UTF-8');
is(collect(file('named.csv', "un;deux\nx;y\n"), '{"colonnes": {"titre": "un", "texte": "2"}}'),
	'succes|1|1|0|0', 'columns by name and by number');

is(collect(file('quotes.csv', "titre,texte\n'A,b',c\n\"d\",e\n"), q({"guillemets": "''"})), 'succes|2|2|0|0',
	'quotes as the options say');
is(documents('titre'), qq("d"\nA,b), 'and no others');
is(collect(file('bare.csv', "titre,texte\n\"A\",b\n"), '{"guillemets": false}'), 'succes|1|1|0|0', 'or none');
is(documents('titre'), '"A"', 'so they are text');
is(collect(zip_of('hollow.zip', 'a.csv' => "titre,texte\nA,vide\n", 'b.csv' => '')), 'succes|1|1|0|0',
	'an empty file in a zip has no row');

# ---- rejects ----

is(collect(file('bad.csv', "titre,texte\nA,b\n,\nC,d,trop\nD,n\0l\nE,f\n")), 'succes|5|2|0|3',
	'rows that cannot be stored');
is($node->safe_psql('postgres', q{SELECT position, motif FROM datasens.rejet ORDER BY position}),
	"3|the row has neither a title nor a text\n4|the row has 3 fields, the table 2 columns\n5|the row has a NUL byte",
	'are rejects, with their lines');
is(collect($web->url('/files/bad.csv'), '{"rejets_max": 2}'), 'echec|3|0|0|3', 'too many of them');
like(last_error(), qr/^parse: "bad\.csv": more than 2 rows cannot be stored; the last is line 5/,
	'fail the run, which says so');
is($node->safe_psql('postgres', sprintf("SELECT array_agg(position ORDER BY position) FROM datasens.rejet
		JOIN $last USING (id_flux)", $nom)), '{3,4,5}', 'and keeps what it rejected');
is(collect(zip_of('long.zip', 'a' . "\xc3\xa9" x 60 . '.csv' => "titre,texte\nNom,long\n,\n")), 'succes|2|1|0|1',
	'a file with a long name');
is($node->safe_psql('postgres', sprintf(q{SELECT motif = '"a' || repeat(E'\\u00e9', 49) || '": the row has neither a title nor a text'
		FROM datasens.rejet JOIN %s USING (id_flux)}, sprintf($last, $nom))), 't', 'is named up to a whole character');
is(collect(file('endless.csv', "titre,texte\nA,b\nB,\"" . 'x' x 17_000_000 . "\nC,d\n")), 'succes|3|1|1|1',
	'an endless quote is one reject');
is(collect(file('nothing.csv', "alpha,beta\n1,2\n3,4\n")), 'echec|0|0|0|0', 'no column of text');
like(last_error(), qr/alpha.*beta/, 'names the columns that are there');

is(collect(file('erreur.csv', '{"code": 403, "message": "consent needed"}')), 'echec|0|0|0|0', 'an error in the place of a file');
like(last_error(), qr/^parse: .*this is no table: .*consent needed/, 'is told');

# ---- archives that are refused ----

is(collect(file('empty.zip', '')), 'echec|0|0|0|0', 'an empty file');
is(collect(zip_of('none.zip', 'x.bin' => 'rien')), 'echec|0|0|0|0', 'a zip without tables');
like(last_error(), qr/x\.bin/, 'names what is there');
my $whole = slurp_file("$root/two.zip");
is(collect(file('cut.zip', substr($whole, 0, 100))), 'echec|0|0|0|0', 'a zip that was cut');
is(collect(zip_of('bomb.zip', 'a.csv' => "titre,texte\n" . "a,b\n" x 5_000_000)), 'echec|0|0|0|0',
	'a bomb');
like(last_error(), qr/^too large: /, 'is told as one');
my $no_file = 'SELECT count(*) = 0 FROM pg_ls_tmpdir()';
# Retries of what may pass take their files now and then.
DatasensNode::wait_for($node, 'postgres', $no_file, 'no temporary file is left');

# ---- options ----

for my $case (
	[ '{"colonnes": {"texte": 3}}', qr/option "texte" is not a string/ ],
	[ '{"colonnes": {"text": "x"}}', qr/unknown option "text".*titre, texte, url/s ],
	[ '{"separateur": ";;"}', qr/option "separateur" is not a single ASCII character/ ],
	[ '{"guillemets": ""}', qr/option "guillemets" is not a string/ ],
	[ '{"guillemets": "<<"}', qr/option "guillemets" is not a single ASCII character/ ],
	[ '{"entete": "oui"}', qr/option "entete" is not true or false/ ],
	[ '{"rejets_max": -1}', qr/option "rejets_max" is not a number/ ],
	[ '{"pages": 3}', qr/unknown option "pages".*fichier, colonnes/s ])
{
	my ($code, $out, $err) = $node->psql('postgres',
		"SELECT datasens_add_source('kaggle', 'faux', 'a/b', options => '$case->[0]')");
	like($err, $case->[1], "refused: $case->[0]");
}
for my $url ('rien', 'a/b/c', 'ftp://x/y.csv', '../b', './b', 'a/.', 'a/..', 'dossier/../y.csv')
{
	my ($code, $out, $err) = $node->psql('postgres', "SELECT datasens_add_source('kaggle', 'faux', '$url')");
	like($err, qr/cannot be collected.*HINT:  Give owner\/dataset/s, "refused: $url");
}

# ---- a data set of Kaggle's ----

sub service
{
	my ($path, $status, $body, %more) = @_;
	return $web->control('set', path => "/api/datasets/$path", status => $status, body => $body,
		type => 'application/json', %more);
}

sub requests
{
	my ($server, $path) = @_;
	return grep { $_->{target} =~ $path } @{ $server->log->{requests} };
}

sub cursor_version
{
	return $node->safe_psql('postgres', "SELECT curseur ->> 'version' FROM datasens.etat_source
		JOIN datasens.source USING (id_source) WHERE nom = '$nom'");
}

sub again
{
	return $node->safe_psql('postgres', "SELECT statut, nb_lus FROM datasens_collect('$nom')");
}

service('view/equipe/avis', 200, '{"id": 1, "currentVersionNumber": 3}');
service('download/equipe/avis', 302, '', header => 'Location: ' . $storage->url('/files/two.zip'));
$node->safe_psql('postgres', 'DELETE FROM datasens.document');
is(collect('equipe/avis'), 'succes|4|3|1|0', 'a data set is downloaded');
is(scalar(requests($web, qr{/download/equipe/avis\?datasetVersionNumber=3$})), 1, 'in the version that was told');
is(cursor_version(), 3, 'its version is kept');
is(again(), 'inchange|0', 'the same version is not downloaded again');
service('view/equipe/avis', 200, '{"id": 1, "currentVersionNumber": 4}');
service('download/equipe/avis', 503, '');
is(again(), 'echec|0', 'a new one that cannot be had is a failure');
is(cursor_version(), 3, 'and not taken for collected');
service('download/equipe/avis', 302, '', header => 'Location: ' . $storage->url('/files/plain.csv'));
is(again(), 'succes|3', 'and is collected when it can');
$node->safe_psql('postgres', "SELECT datasens_alter_source('$nom', options => '{\"rejets_max\": 7}')");
is(again(), 'succes|3', 'other options have the same version read again');
service('download/equipe/avis/plain%20b.csv', 302, '', header => 'Location: ' . $storage->url('/files/plain.csv'));
$node->safe_psql('postgres', "SELECT datasens_alter_source('$nom', options => '{\"fichier\": \"plain b.csv\"}')");
is(again(), 'succes|3', 'of one file only that is downloaded');
service('download/equipe/avis', 302, '', header => 'Location: ' . $storage->url('/files/two.zip'));
for my $file ('..', '.', '../..', '..\\\\..', '/etc/passwd')
{
	my $asked = @{ $web->log->{requests} };
	$node->safe_psql('postgres', "SELECT datasens_alter_source('$nom', options => '{\"fichier\": \"$file\"}')");
	is(again(), 'echec|0', "a file that is none of the data set: $file");
	my @since = splice @{ $web->log->{requests} }, $asked;
	is(join(' ', map { $_->{path} =~ m{^/api/datasets/(.*)} ? $1 : () } @since), 'view/equipe/avis download/equipe/avis',
		'is looked for in it only');
}
$node->safe_psql('postgres', "SELECT datasens_alter_source('$nom', options => '{\"fichier\": \"plain b.csv\"}')");
service('view/equipe/avis', 200, '{"code": 403, "message": "consent needed"}');
is(again(), 'echec|0', 'an error with status 200');
like(last_error(), qr/^http: .*403: consent needed/, 'is told');
service('view/equipe/avis', 401, '{"code": 401, "message": "Unauthenticated"}');
is(again(), 'echec|0', 'without credentials');
like(last_error(), qr/^secret: .*kaggle_username and kaggle_key.*401/, 'it is told which are missing');

# ---- with credentials, which the storage host does not get ----

$node->safe_psql('postgres', "SELECT datasens_set_secret('kaggle_username', 'equipe'),
	datasens_set_secret('kaggle_key', 'clef-muette')");
service('view/equipe/avis', 200, '{"id": 1, "currentVersionNumber": 5}');
is(again(), 'succes|3', 'with credentials');
my @asked = requests($web, qr{^/api/});
is($asked[$_]{headers}{authorization}, 'Basic ZXF1aXBlOmNsZWYtbXVldHRl', 'they are sent to the service')
  for -1, -2;
my @stored = requests($storage, qr{^/files/});
ok(@stored > 0, 'the storage host was asked');
is(scalar(grep { exists $_->{headers}{authorization} } @stored), 0, 'and never got them');
is(collect($storage->url('/files/two.zip') . '?x'), 'succes|4|0|4|0', 'nor does any other address');
is(scalar(grep { exists $_->{headers}{authorization} } requests($storage, qr{^/files/})), 0, 'get them');
$node->safe_psql('postgres', "SELECT datasens_set_secret('kaggle_token', 'jeton-muet')");
$nom = "fichier " . ($number - 1);
is(again(), 'inchange|0', 'with a token');
@asked = requests($web, qr{^/api/});
is($asked[-1]{headers}{authorization}, 'Bearer jeton-muet', 'that is sent');
$node->safe_psql('postgres', "SELECT datasens_set_secret('kaggle_token', NULL)");
$nom = "fichier $number";
ok(!$node->log_contains('clef-muette|jeton-muet|ZXF1aXBlOmNsZWYtbXVldHRl'), 'the log has none');

# ---- what the storage host says of the file ----

my $digest = encode_base64(pack('H*', '5d41402abc4b2a76b9719d911017c592'), '');
$storage->control('set', path => '/digest', status => 200, body => "titre,texte\nA,digest\n",
	header => "x-goog-hash: crc32c=AAAAAA==,md5=$digest");
is(collect($storage->url('/digest')), 'echec|0|0|0|0', 'a file of another MD5 than announced');
like(last_error(), qr/^truncated: the body's MD5 is another/, 'is not read');
$digest = encode_base64(md5("titre,texte\nA,digest\n"), '');
$storage->control('set', path => '/digest', status => 200, body => "titre,texte\nA,digest\n",
	header => "x-goog-hash: crc32c=AAAAAA==,md5=$digest");
is(again(), 'succes|1', 'one of the same is');

# ---- a file on the server ----

chmod 0755, $root;
is(collect("$root/plain.csv"), 'succes|3|0|3|0', 'a file on the server');
is(again(), 'inchange|0', 'is not read again');
file('plain.csv', $table . "Trois,Le dernier,fr,,\r\n");
is(again(), 'succes|4', 'before it is another');
is(collect("$root/two.zip", '{"fichier": "a.csv"}'), 'succes|2|0|2|0', 'a zip on the server');
is(collect("$root/absent.csv"), 'echec|0|0|0|0', 'one that is not there');
like(last_error(), qr/^file: could not open file ".*absent\.csv": No such file/, 'is told');
POSIX::mkfifo("$root/tube", 0644);
is(collect("$root/tube"), 'echec|0|0|0|0', 'what is no regular file');
like(last_error(), qr/it is not a regular file/, 'is not waited for');
is(collect($root), 'echec|0|0|0|0', 'nor is a directory read');

$node->safe_psql('postgres', q{
	CREATE ROLE operateur LOGIN; CREATE ROLE proprietaire LOGIN;
	GRANT EXECUTE ON FUNCTION datasens_add_source, datasens_alter_source TO operateur;
	CREATE DATABASE base OWNER proprietaire});
for my $call ("datasens_add_source('kaggle', 'vol', '/etc/passwd')",
	"datasens_alter_source('$nom', options => '{}')", "datasens_alter_source('fichier 1', '/etc/passwd')")
{
	my ($code, $out, $err) = $node->psql('postgres', "SELECT $call", extra_params => [ '-U', 'operateur' ]);
	like($err, qr/permission denied to collect a server file.*pg_read_server_files/s,
		"whoever may not read server files cannot have them collected: $call");
}

# Nor where he may write the table itself.
sub as_operator
{
	my ($sql) = @_;
	my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY sqlstate\n$sql", extra_params => [ '-U', 'operateur' ]);
	return $err =~ /ERROR:  (\w+)/ ? $1 : $out;
}
$node->safe_psql('postgres', 'GRANT SELECT, INSERT, UPDATE ON datasens.source TO operateur');
for my $write ("INSERT INTO datasens.source (type_source, nom, url) VALUES ('kaggle', 'vol', '/etc/passwd')",
	"UPDATE datasens.source SET url = '/etc/passwd' WHERE nom = 'fichier 1'",
	"UPDATE datasens.source SET options = '{\"fichier\": \"b.csv\"}' WHERE nom = '$nom'",
	"INSERT INTO datasens.source (type_source, nom, url) VALUES ('autre', 'vol', '/etc/passwd');
	 UPDATE datasens.source SET type_source = 'kaggle' WHERE nom = 'vol'",
	"INSERT INTO datasens.source (type_source, nom, url) VALUES ('kaggle', 'fichier 1', 'a/b')
	 ON CONFLICT (nom) DO UPDATE SET url = '/etc/passwd'",
	"INSERT INTO datasens.source (type_source, nom, url, options) VALUES ('json', 'envoi', 'https://example.org/',
		'{\"headers\": {\"X\": \"secret:owm_api_key\"}}')",
	"INSERT INTO datasens.source (type_source, nom, url, options) VALUES ('json', 'envoi', 'https://example.org/',
		'{\"parametre_secret\": {\"k\": \"secret:kaggle_key\"}}')",
	"INSERT INTO datasens.source (type_source, nom, options) VALUES ('owm', 'envoi',
		'{\"villes\": [\"Paris\"], \"api\": \"https://example.org/\"}')",
	"SELECT datasens_add_source('json', 'envoi', 'https://example.org/', options => '{\"headers\": {\"X\": \"secret:owm_api_key\"}}')",
	"SELECT datasens_add_source('owm', 'envoi', options => '{\"villes\": [\"Paris\"], \"api\": \"https://example.org/\"}')")
{
	is(as_operator($write), 42501, "nor by $write");
}
is(as_operator("INSERT INTO datasens.source (type_source, nom, url) VALUES ('kaggle', 'adresse', 'https://example.org/x.csv'), ('autre', 'autre', '/etc/passwd');
	INSERT INTO datasens.source (type_source, nom, url, options) VALUES ('json', 'envoi', 'https://example.org/',
		'{\"headers\": {\"X\": \"secret:la_mienne\"}}');
	UPDATE datasens.source SET actif = false WHERE nom IN ('adresse', 'envoi', 'autre', '$nom');
	UPDATE datasens.source SET actif = true WHERE nom = '$nom'"), '', 'what is not the server\'s he may write');
is($node->safe_psql('postgres', "DELETE FROM datasens.source WHERE nom IN ('adresse', 'envoi', 'autre', 'vol');
		INSERT INTO datasens.source (type_source, nom, url) VALUES ('kaggle', 'main', '$root/plain.csv');
		SELECT statut FROM datasens_collect('main')"), 'succes', 'a superuser writes what he likes');
$node->safe_psql('postgres', 'GRANT pg_read_server_files TO operateur');
is(as_operator("INSERT INTO datasens.source (type_source, nom, url) VALUES ('kaggle', 'main 2', '$root/plain.csv')"), '',
	'who may read server files may write it');
is($node->safe_psql('postgres', "SELECT datasens_add_source('kaggle', 'permis', '$root/plain.csv') > 0",
		extra_params => [ '-U', 'operateur' ]), 't', 'a member of pg_read_server_files may');

# The owner of the database can write what he likes into the table of sources.
$node->safe_psql('base', 'CREATE EXTENSION datasens');
$node->safe_psql('base', "SELECT datasens_add_source('kaggle', 'x', 'https://example.org/x.csv');
	UPDATE datasens.source SET url = '$root/plain.csv'", extra_params => [ '-U', 'proprietaire' ]);
my $forged = 'SELECT statut, erreur FROM datasens_collect($$x$$)';
like($node->safe_psql('base', $forged), qr/^echec\|refused: the owner of the database/,
	'a path that the database\'s owner wrote is not read');
$node->safe_psql('postgres', 'GRANT pg_read_server_files TO proprietaire');
is($node->safe_psql('base', $forged), 'succes|', 'unless he may read such files himself');

# ---- a database of another encoding ----

$node->safe_psql('postgres', q{CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0});
$node->safe_psql('latin', 'CREATE EXTENSION datasens');
file('accents.csv', "titre,texte,note\n\xc3\xa9t\xc3\xa9,\xc3\xa0 la mer,\xc3\xa7a\n"
	  . "prix,30 \xe2\x82\xac,\nprix,30 \xe2\x82\xb9,\n");
$node->safe_psql('latin', "SELECT datasens_add_source('kaggle', 'accents', '$root/accents.csv')");
is($node->safe_psql('latin', "SELECT statut, nb_lus, nb_inseres, nb_doublons, nb_rejetes
		FROM datasens_collect('accents')"), 'succes|3|2|1|0', 'into Latin-1');
is($node->safe_psql('latin', q{SET client_encoding = 'UTF8'; SELECT titre, texte, meta FROM datasens.document ORDER BY titre DESC}),
	qq({\xc3\xa9t\xc3\xa9|\xc3\xa0 la mer|{"note": "\xc3\xa7a"}\nprix|30 ?|) =~ s/^\{//r,
	'what it has not becomes a question mark');
is($node->safe_psql('latin', 'SELECT count(*) FROM datasens.document WHERE hash_fingerprint <>
		datasens_hash(titre, texte)::datasens.fingerprint'), 0, 'and fingerprints are those of what is stored');

# ---- many rows, by a collector ----

# As few as need the disk and several batches.
my $rows = 24_000;
my $csv = "titre,texte\n" . join('', map { "titre $_," . sha256_hex($_) x 13 . "\n" } 1 .. $rows);
zip_of('many.zip', 'many.csv' => $csv);
$node->safe_psql('postgres', "DELETE FROM datasens.document;
	SELECT datasens_add_source('kaggle', 'beaucoup', '@{[$web->url('/files/many.zip')]}')");
$node->safe_psql('postgres', "SELECT datasens_collect_async('beaucoup')");
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = 1 FROM datasens_progress WHERE nom = 'beaucoup'",
	'progress shows it');
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = 1 FROM datasens.flux JOIN datasens.source
	USING (id_source) WHERE nom = 'beaucoup' AND statut = 'succes'", 'a collector collects it');
is($node->safe_psql('postgres', "SELECT count(*), count(DISTINCT hash_fingerprint),
		count(*) FILTER (WHERE hash_fingerprint = datasens_hash(titre, texte)::datasens.fingerprint),
		bool_and(dans_l_ordre) FROM (SELECT titre, texte, hash_fingerprint,
			hash_fingerprint >= coalesce(lag(hash_fingerprint) OVER (ORDER BY id_doc), hash_fingerprint)
				AS dans_l_ordre FROM datasens.document) AS d"),
	"$rows|$rows|$rows|t", 'every row, in the order of the fingerprints');

$node->safe_psql('postgres', q{DELETE FROM datasens.document;
	DELETE FROM datasens.cache_http;
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
		AS $$BEGIN RAISE EXCEPTION 'refused here'; END$$;
	CREATE TRIGGER refuse BEFORE INSERT ON datasens.document FOR EACH ROW
		WHEN (NEW.titre = 'titre 77') EXECUTE FUNCTION refuse()});
is($node->safe_psql('postgres', "SELECT statut, nb_lus, nb_inseres, nb_doublons, nb_rejetes
		FROM datasens_collect('beaucoup')"),
	"succes|$rows|" . ($rows - 1) . '|0|1', 'what a trigger refuses is a reject');
like($node->safe_psql('postgres', "SELECT motif FROM datasens.rejet ORDER BY id_rejet DESC LIMIT 1"),
	qr/^refused here/, 'with its reason');
# ---- a collector that is killed in the middle ----

$node->safe_psql('postgres', q{DROP TRIGGER refuse ON datasens.document;
	DELETE FROM datasens.document; DELETE FROM datasens.cache_http; DELETE FROM datasens.flux;
	CREATE FUNCTION attendre() RETURNS trigger LANGUAGE plpgsql
		AS $$BEGIN PERFORM pg_advisory_xact_lock_shared(77); RETURN NEW; END$$;
	CREATE TRIGGER attendre BEFORE INSERT ON datasens.document FOR EACH ROW
		WHEN (NEW.titre = 'titre 77') EXECUTE FUNCTION attendre()});
my $holder = $node->background_psql('postgres');
$holder->query_safe('SELECT pg_advisory_lock(77)');
$node->safe_psql('postgres', "SELECT datasens_collect_async('beaucoup')");
my $waiting = "FROM pg_stat_activity WHERE backend_type = 'datasens collector' AND wait_event = 'advisory'";
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = 1 $waiting", 'a collector is in the middle of its rows');
DatasensNode::kill_and_await($node, $node->safe_psql('postgres', "SELECT pid $waiting"));
eval { $holder->quit };
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = 1 FROM datasens.flux JOIN datasens.source
	USING (id_source) WHERE nom = 'beaucoup' AND statut = 'succes'", 'the next one collects it');
is($node->safe_psql('postgres', "SELECT count(*), count(DISTINCT hash_fingerprint),
		(SELECT sum(nb_inseres) FROM datasens.flux JOIN datasens.source USING (id_source) WHERE nom = 'beaucoup')
		FROM datasens.document"),
	"$rows|$rows|$rows", 'every row once');
DatasensNode::wait_for($node, 'postgres', $no_file, 'no file of the dead one is left');

# ---- two who store the same rows at the same time ----

$node->safe_psql('postgres', "DELETE FROM datasens.document; DELETE FROM datasens.cache_http;
	SELECT datasens_add_source('kaggle', 'le même', '$root/many.zip')");
$holder = $node->background_psql('postgres');
$holder->query_safe('SELECT pg_advisory_lock(77)');
$node->safe_psql('postgres', "SELECT datasens_collect_async('beaucoup')");
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = 1 $waiting", 'one is in the middle of its rows');
my $other = $node->background_psql('postgres');
$other->query_until(qr/begun/, "\\echo begun\nSELECT statut, nb_lus, nb_inseres, nb_doublons, nb_rejetes
	FROM datasens_collect('le même');\n");
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = 1 FROM pg_stat_activity
	WHERE query ~ 'le même' AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()", 'another waits for him');
$holder->quit;
is($other->query('SELECT 1'), "succes|$rows|0|$rows|0\n1", 'what the one has stored are duplicates of the other');
$other->quit;
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = $rows AND count(DISTINCT hash_fingerprint) = $rows
	FROM datasens.document", 'and every row is there once');

# What is to be forgotten does not come back with the next version of a file.
my $list = "titre,texte,url\n" . join '', map { "avis $_,texte $_,http://avis.test/$_\n" } 1 .. 3;
is(collect(file('avis.csv', $list)), 'succes|3|3|0|0', 'a file of pages');
is($node->safe_psql('postgres', "SELECT datasens_forget('http://avis.test/2')"), 1, 'one of which is to be forgotten');
file('avis.csv', "${list}avis 4,texte 4,http://avis.test/4\n");
is($node->safe_psql('postgres', "SELECT statut, nb_lus, nb_inseres, nb_doublons FROM datasens_collect('$nom')"), 'succes|4|1|3',
	'the next version brings what is new');
is($node->safe_psql('postgres', "SELECT string_agg(titre, ', ' ORDER BY titre) FROM datasens.document WHERE titre LIKE 'avis%'"),
	'avis 1, avis 3, avis 4', 'and not what is forgotten');

# ---- a file that takes its time, in a user's session ----

# The same rows over and over: long in the reading, quick in the making.
my $part = '';
gzip(\join('', map { "titre $_," . sha256_hex($_ % 10) x 12 . "\n" } 1 .. 8_000) => \$part);
my $long = file('long.csv.gz', $part x 200);
$node->safe_psql('postgres', "SELECT datasens_add_source('kaggle', 'long', '$long',
	options => '{\"entete\": false, \"colonnes\": {\"titre\": \"1\", \"texte\": \"2\"}}')");
my $session = $node->background_psql('postgres', on_error_stop => 0);
my $pid = $session->query_safe('SELECT pg_backend_pid()');
$session->query_until(qr/begun/, "\\echo begun\nSELECT statut FROM datasens_collect('long');\n");
DatasensNode::wait_for($node, 'postgres', "SELECT phase = 'lecture' AND nb_lus > 0 FROM datasens_progress
	WHERE nom = 'long'", 'progress shows how much of a file is read');
my $before = time;
is($node->safe_psql('postgres', "SELECT pg_cancel_backend($pid)"), 't', 'it can be cancelled');
$session->query('SELECT 1');
like($session->{stderr}, qr/canceling statement due to user request/, 'and says so');
$session->{stderr} = '';
cmp_ok(time - $before, '<=', 2, 'at once');
is($node->safe_psql('postgres', "SELECT count(*) FROM datasens_progress WHERE nom = 'long'"), 0,
	'and nothing is left of it');
DatasensNode::wait_for($node, 'postgres', $no_file, 'nor of its files');
is($session->query_safe('SELECT 2'), 2, 'the session goes on');
$session->quit;

ok(!$node->log_contains('PANIC|signal 11|signal 6'), 'nobody was hurt');
$node->stop;
done_testing();
