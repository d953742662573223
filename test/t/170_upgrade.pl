# A database that was upgraded from a released version is one that was made anew, object by
# object, and keeps every row.
#
# The scripts of released versions are frozen in test/upgrade, and go beside the installed ones
# of the private server.  There is one library only, the new one, as on a server whose package
# was upgraded: a C function that a released version names stays in it (CONTRIBUTING.md,
# "Releases"), for CREATE EXTENSION ... VERSION and pg_upgrade look for it.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use File::Copy qw(copy);
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;

my $scripts = "$FindBin::RealBin/../upgrade";
my $first = '0.1.0';
chomp(my $sharedir = `pg_config --sharedir`);
copy($_, "$sharedir/extension/") or die "could not copy $_: $!" for glob "$scripts/datasens--*.sql";

my $web = DatasensWeb->new;
my $node = DatasensNode::start('main', 'datasens.enabled' => 'off');
my $current = $node->safe_psql('postgres',
	"SELECT default_version FROM pg_available_extensions WHERE name = 'datasens'");

# Runs SQL of a file with the web server's address in :url.
sub run_file
{
	my ($database, $file) = @_;
	return $node->safe_psql($database, slurp_file("$scripts/$file"),
		extra_params => [ '-v', 'url=' . $web->url('') ]);
}

# {type: {identity: definition}}: see test/upgrade/objects.sql.
sub objects_of
{
	my ($database) = @_;
	return decode_json(run_file($database, 'objects.sql'));
}

# The names of a type's objects that differ; each is shown with both definitions.
sub differences
{
	my ($type, $upgraded, $fresh, $show) = @_;
	my %all = map { $_ => 1 } keys %$upgraded, keys %$fresh;
	my @different;

	for my $name (sort keys %all)
	{
		my ($got, $expected) = map { $_->{$name} // 'there is none' } $upgraded, $fresh;
		next if $got eq $expected;
		push @different, $name;
		$show->("$type $name\n--- upgraded:\n$got\n--- fresh:\n$expected\n");
	}
	return @different;
}

# Every row of every table, as {table: [rows]}; without the columns that are new.
sub rows_of
{
	my ($database, $columns) = @_;
	my %rows;

	for my $table (sort keys %$columns)
	{
		$rows{$table} = [ split /\n/, $node->safe_psql($database,
				"SELECT jsonb_build_array($columns->{$table})::text AS r FROM datasens.$table ORDER BY r") ];
	}
	return \%rows;
}

sub columns_of
{
	my ($database) = @_;
	return {
		map { split /=/, $_, 2 } split /\n/, $node->safe_psql($database, q{
			SELECT table_name || '=' || string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)
			FROM information_schema.columns JOIN pg_class c ON c.oid = format('datasens.%I', table_name)::regclass
			WHERE table_schema = 'datasens' AND relkind = 'r' GROUP BY table_name}) };
}

# ---- the upgrade keeps what is there ----

$node->safe_psql('postgres', 'CREATE DATABASE ancienne');
$node->safe_psql('postgres', 'CREATE DATABASE neuve');
$node->safe_psql('ancienne', "CREATE EXTENSION datasens VERSION '$first'");
run_file('ancienne', 'data.sql');
my $columns = columns_of('ancienne');
my $before = rows_of('ancienne', $columns);
is_deeply([ grep { !@{ $before->{$_} } } sort keys %$before ], [], "$first: every table has rows");

my ($out, $err) = ('', '');
$node->psql('ancienne', q{BEGIN;
	CREATE FUNCTION qui() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE WARNING 'as %', current_user; RETURN NEW; END$$;
	CREATE TRIGGER qui BEFORE INSERT ON datasens.journal FOR EACH ROW EXECUTE FUNCTION qui();
	ALTER EXTENSION datasens UPDATE; ROLLBACK}, stderr => \$err);
like($err, qr/\A[^\n]*WARNING:  as pg_database_owner\n?\z/, 'what it writes is written as the owner of the tables, once');
$err = '';
is($node->psql('ancienne', 'ALTER EXTENSION datasens UPDATE', stdout => \$out, stderr => \$err), 0,
	"from $first to $current");
is($err, '', 'without a word');
is($node->safe_psql('ancienne', "SELECT extversion FROM pg_extension WHERE extname = 'datasens'"),
	$current, 'it is the current version');
is($node->safe_psql('ancienne', "DELETE FROM datasens.journal WHERE action = 'EXTENSION_MISE_A_JOUR' RETURNING details"),
	"$first -> $current", 'the journal has it');
my $after = rows_of('ancienne', $columns);
is_deeply($after->{$_}, $before->{$_}, "the rows of $_") for sort keys %$before;
is($node->safe_psql('ancienne', 'SELECT * FROM datasens_check()'), '', 'all of it agrees');

# ---- and makes of it what is made anew ----

$node->safe_psql('neuve', 'CREATE EXTENSION datasens');
my ($upgraded, $fresh) = map { objects_of($_) } 'ancienne', 'neuve';
cmp_ok(scalar map({ keys %$_ } values %$fresh), '>', 300, 'hundreds of objects are compared');
my %types = (%$upgraded, %$fresh);
for my $type (sort keys %types)
{
	my $known = grep { !defined } map { values %{ $_->{$type} || {} } } $upgraded, $fresh;
	is($known, 0, "test/upgrade/objects.sql knows what a $type is");
	is_deeply([ differences($type, $upgraded->{$type} || {}, $fresh->{$type} || {}, \&diag) ], [],
		"upgraded and fresh have the same: $type");
}

# The comparison sees what it is for.
my %sabotage = (
	'ALTER TABLE datasens.flux ALTER octets SET DEFAULT 1' =>
	  'default value|for datasens.flux.octets',
	'ALTER TABLE datasens.flux ALTER duree SET NOT NULL' => 'table column|datasens.flux.duree',
	'ALTER TABLE datasens.meteo RESET (fillfactor), SET (fillfactor = 50)' => 'table|datasens.meteo',
	q{COMMENT ON TABLE datasens.rejet IS 'autre'} => 'table|datasens.rejet',
	'GRANT SELECT ON datasens.journal TO PUBLIC' => 'table|datasens.journal',
	'ALTER TABLE datasens.source DISABLE TRIGGER source_moved' =>
	  'trigger|source_moved on datasens.source',
	'ALTER FUNCTION datasens.flux_kept() COST 7' => 'function|datasens.flux_kept()',
	'GRANT EXECUTE ON FUNCTION datasens_health() TO PUBLIC' => 'function|public.datasens_health()',
	'ALTER INDEX datasens.flux_date_collecte_idx SET (pages_per_range = 4)' =>
	  'index|datasens.flux_date_collecte_idx',
	'ALTER SEQUENCE datasens.rejet_id_rejet_seq CACHE 5' => 'sequence|datasens.rejet_id_rejet_seq',
	'ALTER EXTENSION datasens DROP VIEW datasens_backfills' => 'view|public.datasens_backfills',
	q{UPDATE pg_extension SET extcondition[1] = 'WHERE false' WHERE extname = 'datasens'} =>
	  'extension|datasens');
for my $sql (sort keys %sabotage)
{
	$node->safe_psql('ancienne', $sql);
	my ($type, $name) = split /\|/, $sabotage{$sql};
	my $changed = objects_of('ancienne');
	is_deeply([ differences($type, $changed->{$type}, $upgraded->{$type}, sub { }) ], [$name],
		"it would be seen: $sql");
	$upgraded = $changed;
}

# ---- between the package's upgrade and the database's nothing is done with the wrong tables ----

DatasensNode::reload($node, 'datasens.enabled', 'on');
$node->safe_psql('postgres', 'CREATE DATABASE entre');
$node->safe_psql('entre', "CREATE EXTENSION datasens VERSION '$first'");
$node->safe_psql('entre', "INSERT INTO datasens.source (nom, type_source, url)
	VALUES ('depeches', 'rss', '@{[$web->url('/feed/1')]}')");
ok($node->wait_for_log(qr/LOG:  extension datasens is of version \Q$first\E in this database, its library of version \Q$current\E\n.*HINT:  Run ALTER EXTENSION datasens UPDATE/),
	'a collector says that the upgrade is due');
($out, $err) = ('', '');
$node->psql('entre', "\\set VERBOSITY verbose\nSELECT datasens_collect()", stdout => \$out, stderr => \$err);
like($err, qr/ERROR:  55000: extension datasens is of version \Q$first\E .*HINT:  Run ALTER EXTENSION/s,
	'so does a function');
is($node->safe_psql('entre', 'SELECT (SELECT count(*) FROM datasens.flux), length(datasens_hash(nom)) FROM datasens.source'),
	'0|64', 'nothing was collected; what only computes goes on');
$node->safe_psql('entre', 'ALTER EXTENSION datasens UPDATE');
DatasensNode::wait_for($node, 'entre', 'SELECT count(*) = 1 FROM datasens.etat_source',
	'then collectors take it up by themselves');

# ---- it collects on ----

is($node->safe_psql('neuve', q{SELECT count(*) FROM datasens.flux}), 0, 'the fresh one is empty');
my $line = $node->safe_psql('ancienne',
	"SELECT statut, nb_lus, nb_inseres FROM datasens_collect('depeches')");
is($line, 'succes|40|40', 'a source that came along is collected');
is($node->safe_psql('ancienne', 'SELECT * FROM datasens_check()'), '', 'and all of it agrees');
$node->stop;
done_testing();
