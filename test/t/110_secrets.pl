# Secrets: who may set them, that nobody reads them back, and that the server's log
# has none, however much of statements it is told to log.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = DatasensNode::start('main',
	'log_statement' => 'all',
	'log_min_duration_statement' => 0,
	'log_parameter_max_length_on_error' => -1,
	'log_min_error_statement' => 'debug5',
	'log_error_verbosity' => 'verbose',
	'session_preload_libraries' => 'auto_explain',
	'auto_explain.log_min_duration' => 0,
	'auto_explain.log_nested_statements' => 'on');
$node->safe_psql('postgres', q{
	CREATE ROLE proprietaire LOGIN;
	CREATE ROLE lecteur LOGIN IN ROLE pg_read_all_data, pg_monitor;
	CREATE DATABASE base OWNER proprietaire});
$node->safe_psql('base', 'CREATE EXTENSION datasens');

# What a role's session gets: its output, and the SQLSTATE of its last error.
sub as_role
{
	my ($role, $sql, @parameters) = @_;
	my ($out, $err) = ('', '');
	$node->psql('base', "\\set VERBOSITY verbose\n$sql", stdout => \$out, stderr => \$err,
		extra_params => [ '-U', $role, @parameters ], on_error_stop => 0);
	return $err =~ /ERROR:  (\w+)/ ? $1 : $out;
}

sub stored
{
	return $node->safe_psql('base', "SELECT coalesce(string_agg(nom || '=' || valeur, ' ' ORDER BY nom), '') FROM datasens.secret");
}

# ---- setting ----

is(as_role('proprietaire', q{SELECT datasens_set_secret('owm_api_key', 'muet-1')}), '', 'the owner sets a secret');
is(stored(), 'owm_api_key=muet-1', 'it is kept');
is(as_role('proprietaire', q{SELECT datasens_set_secret('owm_api_key', 'muet-2')}), '', 'and another in its place');
is(as_role('proprietaire', q{BEGIN; SELECT datasens_set_secret('owm_api_key', 'muet-3'); ROLLBACK}), '', 'one that is taken back');
is(as_role('proprietaire', qq{\\set valeur 'muet é''\\\$4'\nSELECT datasens_set_secret('autre_nom2', :'valeur')}), '',
	'by a variable of psql');
is(stored(), q{autre_nom2=muet é'$4 owm_api_key=muet-2}, 'both are kept');
is(as_role('proprietaire', q{SELECT datasens_set_secret('autre_nom2', NULL)}), '', 'null deletes');
is(stored(), 'owm_api_key=muet-2', 'only that');
is(as_role('proprietaire', q{SELECT datasens_set_secret('autre_nom2', NULL)}), '', 'and does no harm twice');
is($node->safe_psql('base', "SELECT string_agg(action || ' ' || details, ', ' ORDER BY id_journal) FROM datasens.journal
		WHERE action ~ 'SECRET'"),
	'SECRET_DEFINI owm_api_key, SECRET_DEFINI owm_api_key, SECRET_DEFINI autre_nom2, SECRET_SUPPRIME autre_nom2',
	'the journal has their names');

for my $case (
	[ q{'muet-5', 'x'} => 22023, 'a name that is none' ],
	[ q{'', 'muet-5'} => 22023, 'an empty one' ],
	[ q{'é', 'muet-5'} => 22023, 'one beyond ASCII' ],
	[ qq{'@{['n' x 64]}', 'muet-5'} => 22023, 'a long one' ],
	[ q{NULL, 'muet-5'} => 22004, 'no name' ],
	[ q{'owm_api_key', ''} => 22023, 'an empty secret' ],
	[ q{'owm_api_key', E'muet-5\nX: y'} => 22023, 'one that would inject' ],
	[ q{'owm_api_key', 'muet-5' || repeat('x', 9000)} => 22023, 'one that no header has room for' ],
	[ q{'owm_api_key', 'muet-5', 'muet-6'} => 42883, 'one too many' ],
	[ q{'owm_api_key', 'muet-5'::int::text} => '22P02', 'an expression that fails' ])
{
	is(as_role('proprietaire', "SELECT datasens_set_secret($case->[0])"), $case->[1], "refused: $case->[2]");
}
is(stored(), 'owm_api_key=muet-2', 'what is refused changes nothing');
is(as_role('proprietaire', q{BEGIN READ ONLY; SELECT datasens_set_secret('owm_api_key', 'muet-7')}), 25006,
	'nor does a read-only transaction');

# ---- reading ----

for my $role (qw(proprietaire lecteur))
{
	isnt(as_role($role, 'TABLE datasens.secret'), 'owm_api_key', "$role");
	unlike(as_role($role, "SELECT s::text FROM datasens.secret s"), qr/muet/, "$role reads nothing");
	is(as_role($role, "UPDATE datasens.secret SET valeur = 'x'"), 42501, "$role changes nothing");
}
is(as_role('proprietaire', 'TABLE datasens.secret'), 42501, 'the owner may not look');
is(as_role('lecteur', 'TABLE datasens.secret'), '', 'who may read all sees no row');
is(as_role('lecteur', q{SELECT datasens_set_secret('owm_api_key', 'muet-8')}), 42501, 'nor may set one');
for my $command ('CREATE TRIGGER t AFTER INSERT ON datasens.secret FOR EACH ROW EXECUTE FUNCTION f()',
	'ALTER TABLE datasens.secret DISABLE ROW LEVEL SECURITY', 'GRANT SELECT ON datasens.secret TO PUBLIC',
	'DROP TABLE datasens.secret', 'TRUNCATE datasens.secret', 'BEGIN; LOCK TABLE datasens.secret',
	'CREATE INDEX ON datasens.secret (valeur)', 'COPY datasens.secret TO STDOUT')
{
	is(as_role('proprietaire', $command), 42501, "the owner may not $command");
}
$node->safe_psql('base', 'ANALYZE datasens.secret');
is($node->safe_psql('base', "SELECT count(*) FROM pg_statistic WHERE starelid = 'datasens.secret'::regclass AND staattnum = 2"),
	0, 'statistics have no value');
my ($dump, $errors) = run_command([ 'pg_dump', '-d', $node->connstr('base') ]);
unlike($dump, qr/muet/, 'nor has a dump');
like($dump, qr/COPY datasens\.journal/, 'which is one');

# ---- what is seen of the call ----

is($node->safe_psql('base', q{SELECT datasens_set_secret('owm_api_key', 'muet-2');
	SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()}) =~ /muet/, '', 'pg_stat_activity is silent');
is(as_role('proprietaire', q{DO $$BEGIN PERFORM datasens_set_secret('owm_api_key', 'muet-10'); PERFORM 1/0; END$$}),
	22012, 'a block that fails');
is(as_role('proprietaire', q{DO 'BEGIN PERFORM datasens_set_secret(NULL, $x$muet-11$x$); END'}), 22004, 'in the function');
is(as_role('proprietaire', q{SELECT datasens_set_secret('owm_api_key', 'muet-12' FROM)}), 42601, 'a syntax error');
is(as_role('proprietaire', q{SELECT Datasens_Set_Secret('owm_api_key', $$muet-13$$) + 1}), 42883, 'a type error');
is(as_role('proprietaire', q{WITH cle AS (SELECT 'muet-14' AS v) SELECT datasens_set_secret('x', v || 1/0) FROM cle}), 22012,
	'an error before the call');
is(as_role('proprietaire', q{PREPARE p AS SELECT datasens_set_secret($1, $2)}), '', 'a prepared statement');
is(as_role('proprietaire', q{SET client_min_messages = error;
	SELECT datasens_set_secret('inconnu', NULL), 'muet-15'}), '|muet-15', 'a notice');
is(as_role('proprietaire', q{SELECT datasens_set_secret('x', '...'), datasens_set_secret('x', 'muet-16')}), '|', 'beside what is advice');
is(as_role('proprietaire', q{SELECT datasens_set_secret('x', '...' || 'muet-17')}), '', 'or what looks like it');
is(as_role('lecteur', q{DO $$BEGIN /* datasens_set_secret */ RAISE EXCEPTION 'l''apostrophe muet-18'; END$$}), 'P0001', 'a single quote');
is(as_role('lecteur', q{DO $$BEGIN /* datasens_set_secret */ RAISE EXCEPTION 'la derniere'''; END$$}), 'P0001', 'or one at the end');
my ($code, $out, $told) = $node->psql('base', q{SELECT datasens_set_secret('owm_api_key', NULL);
	SELECT datasens_add_source('owm', 'sans clef', options => '{"villes": ["Paris"]}');
	CALL datasens_cycle()});
like($told, qr/set it by SELECT datasens_set_secret\('owm_api_key', '\.\.\.'\), by a file that datasens\.owm_api_key_file names/,
	'the advice how to set one is told whole');
my $log = slurp_file($node->logfile);
unlike($log, qr/muet/, 'the log is silent');
like($log, qr/statement: SELECT datasens_set_secret\('\*\*\*'\)/, 'it has the statement without the secret');
like($log, qr/ERROR:  P0001: l'\*\*\*$/m, 'of what follows a single quote nothing');
like($log, qr/ERROR:  P0001: la derniere'$/m, 'which is not doubled');
like($log, qr/permission denied for function datasens_set_secret/, 'and what does no harm');
$node->stop;
done_testing();
