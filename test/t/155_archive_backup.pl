# Backups in S3, or in a directory: signed, verified, retried, taken back, restored, removed
# when old; and what goes wrong is told, while the dump stays where it was made.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use Digest::SHA;
use Encode qw(decode_utf8 encode_utf8);
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $web = DatasensWeb->new;
my $s3 = DatasensWeb->new(script => 's3.py', arguments => [ '--page', '3' ]);
my $directory = PostgreSQL::Test::Utils::tempdir . '/sauvegardes';
my $node = DatasensNode::start('main', 'datasens.rss_schedule' => '0 0 1 1 *',
	'datasens.retry_delay' => '1s', 'datasens.max_retries' => 1, 'restart_after_crash' => 'on',
	'datasens.backup_directory' => $directory, 'datasens.backup_schedule' => '',
	'datasens.s3_endpoint' => $s3->url(''));
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

sub sql
{
	return $node->safe_psql('postgres', $_[0]);
}

# Settings as every session that begins from now on has them.
sub set_and_wait
{
	my (%settings) = @_;

	DatasensNode::reload($node, %settings);
	for my $name (keys %settings)
	{
		$node->poll_query_until('postgres', "SELECT current_setting('$name') = '$settings{$name}'")
		  or die "$name was not set";
	}
	return;
}

# What is in the service; keys are bytes, as everything here.
sub state
{
	my $state = $s3->control('state');

	$state->{objects} = { map { encode_utf8($_) => $state->{objects}{$_} } keys %{ $state->{objects} } };
	return $state;
}

sub keys_there
{
	return sort keys %{ state()->{objects} };
}

# What the last backup's row says of its archive.
sub archived
{
	return sql('SELECT archive_statut, archive_erreur FROM datasens.sauvegarde
		ORDER BY id_sauvegarde DESC LIMIT 1');
}

# Its warning, if it has one.
sub backup
{
	my $err = '';

	$node->psql('postgres', 'SELECT datasens_backup()', stderr => \$err);
	return $err =~ /WARNING:  (.*)/ ? $1 : '';
}

sub wait_for
{
	return DatasensNode::wait_for($node, 'postgres', @_);
}

sub wait_idle
{
	$node->poll_query_until('postgres',
		"SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'datasens operator'") or die 'busy';
	return;
}

sql("SELECT datasens_add_source('rss', 'une', '@{[$web->url('/feed/1')]}')");
sql('SELECT datasens_collect()');

# ---- what the settings take ----

for my $value ('s3://', 's3://ab', 's3://Seau/x', 's3://seau/../x', 's3://seau//x', 'https://seau/', 'file://x',
	'file:///a/../b', '/var/archive')
{
	my $err = '';
	$node->psql('postgres', "ALTER SYSTEM SET datasens.archive_url = '$value'", stderr => \$err);
	like($err, qr/invalid value.*HINT:  It is written as in/s, "archive_url cannot be $value");
}
for my $value ('minio:9000', 'https://user:password@minio', 'https://minio/?x')
{
	my $err = '';
	$node->psql('postgres', "ALTER SYSTEM SET datasens.s3_endpoint = '$value'", stderr => \$err);
	like($err, qr/invalid value/, "s3_endpoint cannot be $value");
}

# ---- by hand ----

set_and_wait('datasens.archive_url' => 's3://seau/été 1/d+s');
like(backup(), qr/^backup could not be archived: the secret s3_access_key is missing; set it by/, 'without keys');
wait_idle();
sql(q{SELECT datasens_set_secret('s3_access_key', 'cle-publique'), datasens_set_secret('s3_secret_key', 'fausse-cle')});
like(backup(), qr/HTTP status 403, SignatureDoesNotMatch: the secret s3_secret_key is not that/, 'with a wrong key');
is(sql("SELECT count(*) FROM datasens.sauvegarde WHERE statut = 'succes'"), 2, 'the dumps stay');
is(scalar(glob("$directory/*.dump") ? 1 : 0), 1, 'where they were made');
wait_for("SELECT count(*) = 2 FROM datasens.sauvegarde WHERE archive_statut = 'echec'",
	'the task tries until its retries are spent');
is(sql("SELECT string_agg(etat || ' ' || (message ~ 'SignatureDoesNotMatch'), ', ') FROM datasens.alerte
		WHERE nom = 'archivage'"), 'echec true', 'and tells once');
wait_idle();
sql(q{SELECT datasens_set_secret('s3_secret_key', 'cle/secrete+1')});
my ($system) = sql('SELECT system_identifier FROM pg_control_system()');
my $prefix = "été 1/d+s/postgres-$system/sauvegardes/";
is(backup(), '', 'with the right one');
my ($file, $size, $digits, $uri) = split /\|/, sql("SELECT fichier, octets, sha256, archive_uri
	FROM datasens.sauvegarde ORDER BY id_sauvegarde DESC LIMIT 1");
is(archived(), 'archivee|', 'it is archived');
is($uri, "s3://seau/$prefix$file", 'which is written down');
wait_for("SELECT count(*) = 3 FROM datasens.sauvegarde WHERE archive_statut = 'archivee'",
	'the others follow');
is(join(' ', map { $_ // '' } map { @{$_}{qw(size sha256 note)} } state()->{objects}{"$prefix$file"}),
	"$size $digits $digits", 'the object is the file, and has its digest');
is(sql("SELECT string_agg(etat, ' ' ORDER BY id_alerte) FROM datasens.alerte WHERE nom = 'archivage'"),
	'echec retabli', 'the alert is taken back');
wait_idle();

# ---- restored from there ----

{
	my $copy = PostgreSQL::Test::Utils::tempdir . '/copie.dump';
	my $bytes = $s3->{http}->get($s3->url('/control/object?'
			. $s3->{http}->www_form_urlencode({ key => decode_utf8("$prefix$file") })))->{content};

	open my $handle, '>:raw', $copy or die;
	print $handle $bytes;
	close $handle or die;
	$node->safe_psql('postgres', 'CREATE DATABASE copie');
	$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('copie'), $copy ],
		'the object can be restored');
	is($node->safe_psql('copie', 'SELECT count(*) FROM datasens.document'), 40, 'with every document');
	is($node->safe_psql('copie', 'SELECT count(*) FROM datasens_check()'), 0, 'and nothing is wrong in it');
	$node->safe_psql('postgres', 'DROP DATABASE copie');
}

# ---- what passes by itself ----

for my $kind (qw(500 slowdown reset lost))
{
	$s3->reset;
	$s3->control('fault', kind => $kind, times => 2, method => 'PUT');
	is(backup(), '', "$kind: tried again");
	is(archived(), 'archivee|', "$kind: archived");
	is(scalar(grep { $_->[0] eq 'PUT' && $_->[2] == 200 } @{ state()->{log} }), 1, "$kind: once");
}

# A service that does not list what was begun in parts (s3rver).
$s3->reset;
$s3->control('fault', kind => 'unknown', method => 'GET', target => 'uploads=');
is(backup(), '', 'a service that has no list of uploads is used all the same');

# ---- what does not ----

for my $case ([ etag => 'PUT', qr/has not arrived as it was sent: its ETag is [0-9a-f]+, its MD5/ ],
	[ short => 'PUT', qr/was put with \d+ bytes and has \d+/ ],
	[ denied => 'PUT', qr/HTTP status 403, AccessDenied: the key must be allowed/ ],
	[ skewed => 'PUT', qr/RequestTimeTooSkewed: set the clock of this machine/ ],
	[ slowdown => 'PUT', qr/HTTP status 503, SlowDown/, 6 ])
{
	my ($kind, $method, $expected, $times) = @$case;

	set_and_wait('datasens.enabled' => 'off');
	$s3->reset;
	$s3->control('fault', kind => $kind, method => $method, times => $times || 1);
	like(backup(), $expected, "$kind: said");
	like(archived(), qr/^attendue\|.*$expected/, "$kind: written down");
	set_and_wait('datasens.enabled' => 'on');
	wait_for("SELECT count(*) = 0 FROM datasens.sauvegarde WHERE archive_statut = 'attendue'", "$kind: made up for");
	wait_idle();
}
set_and_wait('datasens.archive_url' => 's3://autre');
like(backup(), qr/HTTP status 404, NoSuchBucket: create the bucket, or correct datasens.archive_url/, 'another bucket');
set_and_wait('datasens.allow_private_networks' => 'off');
like(backup(), qr/127\.0\.0\.1 is not a public address/, 'the guard holds for it');
set_and_wait('datasens.allow_private_networks' => 'on', 'datasens.s3_region' => 'eu-west-3');
like(backup(), qr/AuthorizationHeaderMalformed: set datasens.s3_region/, 'another region');
sql(q{SELECT datasens_set_secret('s3_secret_key', NULL)});
set_and_wait('datasens.s3_region' => 'us-east-1', 'datasens.archive_url' => 's3://seau', 'datasens.s3_secret_key_file' => '/nulle/part');
like(backup(), qr/could not read file "\/nulle\/part", which datasens.s3_secret_key_file names: No such file/, 'a key in a file that is not there');
wait_for("SELECT derniere_erreur ~ '^could not read file' FROM datasens.tache WHERE nom = 'archivage'", 'which is told of the task, too');
sql(q{SELECT datasens_set_secret('s3_secret_key', 'cle/secrete+1')});
set_and_wait('datasens.s3_secret_key_file' => '');
wait_for("SELECT count(*) = 0 FROM datasens.sauvegarde WHERE archive_statut = 'attendue'", 'all of it is made up for');
wait_idle();

# ---- in parts ----

set_and_wait('datasens.backup_command' => 'head -c 40000000 /dev/urandom > %p', 'datasens.archive_url' => 's3://seau/parts');
$s3->reset;
$s3->control('fault', kind => 'reset', method => 'PUT', target => 'partNumber=2', times => 2);
$s3->control('fault', kind => '500', method => 'POST', target => 'uploadId');
$s3->control('fault', kind => 'late-error', method => 'POST', target => 'uploadId');
$s3->control('fault', kind => 'lost', method => 'POST', target => 'uploadId');
is(backup(), '', 'a large one, through all sorts of trouble');
($file, $digits) = split /\|/, sql('SELECT fichier, sha256 FROM datasens.sauvegarde ORDER BY id_sauvegarde DESC LIMIT 1');
is(join(' ', map { $_ // '' } map { @{$_}{qw(size sha256 note)} } state()->{objects}{"parts/postgres-$system/sauvegardes/$file"}),
	"40000000 $digits $digits", 'is put together rightly');
like(state()->{objects}{"parts/postgres-$system/sauvegardes/$file"}{etag}, qr/-3$/, 'of three parts');
is(scalar @{ state()->{uploads} }, 0, 'and nothing is left');
$s3->reset;
set_and_wait('datasens.enabled' => 'off');
$s3->control('fault', kind => 'etag', method => 'PUT', target => 'partNumber=3', times => 1);
like(backup(), qr/has not arrived as it was sent/, 'a part that did not arrive');
is(scalar @{ state()->{uploads} }, 0, 'has all taken back');
set_and_wait('datasens.enabled' => 'on');
wait_for("SELECT count(*) = 0 FROM datasens.sauvegarde WHERE archive_statut = 'attendue'", 'and is made up for');
wait_idle();

# ---- interrupted ----

$s3->reset;
$s3->control('fault', kind => 'hold', method => 'PUT', target => 'partNumber=2');
{
	my $before = join ' ', glob "$directory/*";
	my $asking = $node->background_psql('postgres', on_error_stop => 0);

	$asking->query_until(qr/commence/, "\\echo commence\nSELECT datasens_backup();\n\\echo fini\n");
	usleep(100_000) until state()->{held} > 0;
	sql("SELECT pg_cancel_backend(pid) FROM datasens_progress WHERE nom = 'datasens_backup'");
	$asking->query_until(qr/fini/, '');
	like($asking->{stderr}, qr/canceling statement due to user request/, 'it can be cancelled');
	$asking->quit;
	is(join(' ', glob "$directory/*"), $before, 'which leaves no file without a row');
	is(scalar @{ state()->{uploads} }, 1, 'there are parts left');
	$s3->control('release');
}
$s3->control('fault', kind => 'hold', method => 'PUT', target => 'partNumber=2');
set_and_wait('datasens.backup_schedule' => '1 second');
wait_for("SELECT count(*) = 1 FROM datasens_progress WHERE nom = 'datasens_backup' AND phase = 'archivage'
	AND octets >= 16777216 AND octets_annonces = 40000000", 'its progress is shown');
set_and_wait('datasens.backup_schedule' => '');
usleep(100_000) until state()->{held} > 0;
is(sql("SELECT archive_statut, archive_tentatives FROM datasens.sauvegarde WHERE declencheur = 'planifie'
		ORDER BY id_sauvegarde DESC LIMIT 1"), 'attendue|1', 'the attempt is counted beforehand');
DatasensNode::kill_and_await($node, sql("SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens operator'"));
$s3->control('release');
wait_for("SELECT count(*) > 0 FROM datasens.sauvegarde WHERE declencheur = 'planifie' AND archive_statut = 'archivee'
	AND archive_tentatives > 1", 'killed half-way, it is archived at last');
wait_for("SELECT count(*) = 0 FROM datasens.sauvegarde WHERE archive_statut = 'attendue'", 'like all of them');
wait_idle();
is(scalar @{ state()->{uploads} }, 0, 'and the parts of both are gone');

# ---- removed when old ----

set_and_wait('datasens.backup_command' => 'echo %f > %p');
my @before = grep { m{^parts/} } keys_there();
cmp_ok(scalar @before, '>=', 3, 'there are some');
sql("UPDATE datasens.sauvegarde SET date_debut = now() - interval '40 days' - id_sauvegarde * interval '1 s'");
sql("UPDATE datasens.sauvegarde SET archive_uri = 's3://seau/parts/autre-1/sauvegardes/x' WHERE id_sauvegarde = 1");
sql("INSERT INTO datasens.sauvegarde (date_debut, duree, declencheur, statut, fichier, octets, archive_statut, archive_prochaine)
	VALUES (now() - interval '90 days', '1s', 'manuel', 'succes', '../../PG_VERSION', 3, 'attendue', now())");
$s3->control('put', key => 'parts/autre-1/sauvegardes/x');
is(backup(), '', 'a new one');
wait_for("SELECT count(*) = 1 FROM datasens.sauvegarde WHERE archive_statut = 'echec'
	AND archive_erreur ~ 'it is no backup that is in datasens.backup_directory'", 'a name out of the table is no path to anything else');
set_and_wait('datasens.backup_schedule' => '1 second');
wait_for("SELECT count(*) > 0 FROM datasens.sauvegarde WHERE archive_statut = 'supprimee'", 'old ones are removed');
set_and_wait('datasens.backup_schedule' => '');
wait_idle();
my %there = map { $_ => 1 } keys_there();
is(scalar(grep { $there{$_} } @before), 0, 'all of them, as there are newer ones');
ok($there{'parts/autre-1/sauvegardes/x'}, 'but nobody else\'s');
is(sql("SELECT count(*) FROM datasens.sauvegarde WHERE archive_statut = 'archivee' AND archive_uri LIKE '%/parts/postgres%'"),
	scalar(grep { m{^parts/postgres} } keys %there), 'the rows say what is there');

# The last good one stays, however old.
sql("UPDATE datasens.sauvegarde SET date_debut = now() - interval '40 days' - id_sauvegarde * interval '1 s'");
sql(q{SELECT datasens_set_secret('s3_secret_key', 'fausse-cle')});
like(backup(), qr/SignatureDoesNotMatch/, 'while nothing new arrives');
wait_for("SELECT count(*) = 0 FROM datasens.sauvegarde WHERE archive_statut = 'attendue'", 'and that is given up');
wait_idle();
is(scalar(grep { m{^parts/postgres} } keys_there()), scalar(grep { m{^parts/postgres} } keys %there), 'nothing is removed');
sql(q{SELECT datasens_set_secret('s3_secret_key', 'cle/secrete+1')});

# Where nothing new is to be archived, sweeping removes what is old.
sql("UPDATE datasens.sauvegarde SET date_debut = now() - interval '40 days' - id_sauvegarde * interval '1 s'");
is(backup(), '', 'a new one, by hand');
cmp_ok(scalar(grep { m{^parts/postgres} } keys_there()), '>', 1, 'beside old ones');
set_and_wait('datasens.retention_schedule' => '1 second');
wait_for("SELECT count(*) = 1 FROM datasens.sauvegarde WHERE archive_statut = 'archivee' AND archive_uri LIKE '%/parts/postgres%'",
	'is the last one after a sweeping');
set_and_wait('datasens.retention_schedule' => '');
wait_idle();
is(scalar(grep { m{^parts/postgres} } keys_there()), 1, 'there, too');

# ---- a directory ----

my $archive = PostgreSQL::Test::Utils::tempdir . '/archive';
set_and_wait('datasens.archive_url' => "file://$archive/");
is(backup(), '', 'into a directory');
($file, $digits, $uri) = split /\|/, sql('SELECT fichier, sha256, archive_uri FROM datasens.sauvegarde ORDER BY id_sauvegarde DESC LIMIT 1');
is($uri, "file://$archive/postgres-$system/sauvegardes/$file", 'it is written down');
is(Digest::SHA->new(256)->addfile("$archive/postgres-$system/sauvegardes/$file", 'b')->hexdigest, $digits, 'and there');
append_to_file("$archive/postgres-$system/partiels/reste", 'x');
# What is there already is not looked at: of a million files that would take its time.
mkdir "$archive/postgres-$system/$_", 0755 or die for 'reponses', 'reponses/2020-01-01';
chmod 0, "$archive/postgres-$system/reponses/2020-01-01";
set_and_wait('datasens.archive_url' => 'file:///proc/nulle/part');
like(backup(), qr/could not create directory "\/proc\/nulle/, 'where none can be made');
set_and_wait('datasens.archive_url' => "file://$archive");
wait_for("SELECT count(*) = 0 FROM datasens.sauvegarde WHERE archive_statut = 'attendue'", 'it follows');
wait_idle();
ok(!-e "$archive/postgres-$system/partiels/reste", 'what was left is cleared away');
unlike(sql("SELECT derniere_erreur FROM datasens.tache WHERE nom = 'archivage'") . slurp_file($node->logfile), qr/2020-01-01/,
	'and nobody has walked through the rest');
chmod 0700, "$archive/postgres-$system/reponses/2020-01-01";

# ---- secrets ----

my $log = slurp_file($node->logfile);
unlike($log, qr/cle\/secrete|fausse-cle|cle-publique|Signature=/, 'the log has no key and no signature');
is(sql("SELECT count(*) FROM datasens.journal WHERE details ~ 'cle-publique|secrete'"), 0, 'nor has the journal');
is(sql("SELECT count(*) FROM datasens.alerte WHERE message ~ 'cle-publique|secrete'"), 0, 'nor have alerts');

$node->stop;
done_testing();
