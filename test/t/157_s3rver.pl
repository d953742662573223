# Archiving in an S3 service that others wrote: npm's s3rver.  It is no Debian package, so this
# test is for machines that have it:
#
#	npm install --prefix DIRECTORY s3rver
#	S3RVER=DIRECTORY make test T=test/t/157_s3rver.pl
#
# It looks at what is signed how, but does not reckon signatures of version 4 anew: that, and what
# a service may do wrong, is held by 155_archive_backup.pl with a service of our own.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use Digest::SHA qw(sha256_hex);
use PostgreSQL::Test::Utils;
use Test::More;

my $modules = ($ENV{S3RVER} // '/usr/local/lib') . '/node_modules';
plan skip_all => "no s3rver in $modules (see the head of this test)" unless -d "$modules/s3rver";

my $bucket = PostgreSQL::Test::Utils::tempdir;
my $s3 = DatasensWeb->new(interpreter => $ENV{NODE} || 'node', script => 's3rver.js', arguments => [ $modules, $bucket ]);
my $web = DatasensWeb->new;
my $directory = PostgreSQL::Test::Utils::tempdir . '/sauvegardes';
my $node = DatasensNode::start('main', 'datasens.rss_schedule' => '0 0 1 1 *', 'datasens.retry_delay' => '1s',
	'datasens.backup_directory' => $directory, 'datasens.backup_schedule' => '', 'datasens.retention_schedule' => '',
	'datasens.archive_url' => 's3://seau/été 1/d+s', 'datasens.s3_endpoint' => $s3->url(''));
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

sub sql
{
	return $node->safe_psql('postgres', $_[0]);
}

sub wait_for
{
	return DatasensNode::wait_for($node, 'postgres', @_);
}

# Its warning, if it has one.
sub backup
{
	my $err = '';

	$node->psql('postgres', 'SELECT datasens_backup()', stderr => \$err);
	return $err =~ /WARNING:  (.*)/ ? $1 : '';
}

sub set_and_wait
{
	my ($name, $value) = @_;

	DatasensNode::reload($node, $name => $value);
	$node->poll_query_until('postgres', "SELECT current_setting('$name') = '$value'") or die $name;
	return;
}

# s3rver keeps an object's bytes in a file that is named like it.
sub objects
{
	my @files = sort split /\n/, `find '$bucket' -name '*._S3rver_object'`;
	return @files;
}

# ---- who asks ----

sql(q{SELECT datasens_set_secret('s3_access_key', 'une-autre'), datasens_set_secret('s3_secret_key', 'S3RVER')});
like(backup(), qr/HTTP status 403, InvalidAccessKeyId/, 'a key that it does not know');
is(scalar objects(), 0, 'nothing is there');
sql(q{SELECT datasens_set_secret('s3_access_key', 'S3RVER')});

# ---- backups, at once and in parts ----

is(backup(), '', 'a backup, with the right key');
wait_for("SELECT count(*) = 2 FROM datasens.sauvegarde WHERE archive_statut = 'archivee'", 'and the one before');
my %digests = map { $_ => 1 } split /\n/, sql('SELECT sha256 FROM datasens.sauvegarde');
is_deeply({ map { sha256_hex(slurp_file($_)) => 1 } objects() }, \%digests, 'are there, byte by byte');
set_and_wait('datasens.backup_command', 'head -c 40000000 /dev/urandom > %p');
is(backup(), '', 'a large one');
my ($digest, $uri) = split /\|/, sql('SELECT sha256, archive_uri FROM datasens.sauvegarde ORDER BY id_sauvegarde DESC LIMIT 1');
is(scalar(grep { sha256_hex(slurp_file($_)) eq $digest } objects()), 1, 'is put together rightly of its parts');
like($uri, qr{^s3://seau/été 1/d\+s/postgres-\d+/sauvegardes/}, 'which is written down');

# ---- what sources receive: there, read again, removed ----

my $before = objects();
sql("SELECT datasens_add_source('rss', 'fil', '@{[$web->url('/feed/1')]}', options => '{\"archiver\": true}')");
sql('SELECT datasens_collect()');
wait_for('SELECT count(*) = 1 FROM datasens.flux WHERE manifest_uri IS NOT NULL', 'what a feed answered is archived');
is(scalar objects(), $before + 1, 'an object more');
sql('TRUNCATE datasens.document');
is(sql('SELECT nb_inseres FROM datasens_replay((SELECT min(id_flux) FROM datasens.flux))'), 40, 'and is read again');
sql("SELECT datasens_drop_source('fil', true)");
wait_for('SELECT count(*) = 0 FROM datasens.archive', 'dropped with its source');
is(scalar objects(), $before, 'it is gone');

# ---- old backups ----

set_and_wait('datasens.backup_command', 'echo %f > %p');
sql("UPDATE datasens.sauvegarde SET date_debut = now() - interval '40 days' - id_sauvegarde * interval '1 s'");
is(backup(), '', 'a new backup');
set_and_wait('datasens.retention_schedule', '1 second');
wait_for("SELECT count(*) = 1 FROM datasens.sauvegarde WHERE archive_statut = 'archivee'", 'takes the place of the old ones');
is(scalar objects(), 1, 'there, too');

unlike(slurp_file($node->logfile), qr/une-autre|Signature=/, 'the log has no key and no signature');
$node->stop;
done_testing();
