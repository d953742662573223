# Which rows of a file are stored already: whatever became of those that were, whoever
# has them in his hands, and however their pages look.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = PostgreSQL::Test::Utils::tempdir;
chmod 0755, $root;
# Nobody vouches for the visibility of a page until this test does.
my $node = DatasensNode::start('main', 'datasens.kaggle_schedule' => '0 0 1 1 *', 'autovacuum' => 'off');
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

my $number = 0;

# SQL that collects a file of the rows with these numbers, as a new source.
sub collecting
{
	my (@rows) = @_;
	my $nom = 'fichier ' . ++$number;
	open my $out, '>', "$root/$number.csv" or die "$number.csv: $!";
	print $out "titre,texte,langue\n", map { "titre $_,le texte de $_,fr\n" } @rows;
	close $out;
	return "SELECT datasens_add_source('kaggle', '$nom', '$root/$number.csv') \\g /dev/null
		SELECT statut, nb_lus, nb_inseres, nb_doublons FROM datasens_collect('$nom');";
}

sub collect
{
	return $node->safe_psql('postgres', collecting(@_));
}

is(collect(1 .. 3000), 'succes|3000|3000|0', 'all are new');
is(collect(1 .. 3000), 'succes|3000|0|3000', 'none is');

# Deleted, changed, locked, being deleted, never committed.
$node->safe_psql('postgres', "DELETE FROM datasens.document WHERE titre ~ '^titre 1..\$'");
is($node->safe_psql('postgres', 'BEGIN; ' . collecting(3001 .. 3100) . ' ROLLBACK'), 'succes|100|100|0',
	'some are stored and taken back');
$node->safe_psql('postgres', "UPDATE datasens.document SET langue = 'en' WHERE titre ~ '^titre 2..\$';
	UPDATE datasens.document SET hash_fingerprint = hash_fingerprint WHERE titre ~ '^titre 21.\$'");
my $session = $node->background_psql('postgres');
$session->query_safe("BEGIN; SELECT count(*) FROM (SELECT FROM datasens.document WHERE titre ~ '^titre 3..\$' FOR UPDATE) AS d");
$session->query_safe("DELETE FROM datasens.document WHERE titre ~ '^titre 4..\$'");
is(collect(1 .. 3100), 'succes|3100|200|2900', 'new are those that were deleted or never committed');
$session->query_safe('COMMIT');
is(collect(1 .. 3100), 'succes|3100|100|3000', 'and those whose deletion has ended');
$session->quit;

# What the transaction itself has stored and deleted.
is($node->safe_psql('postgres', 'BEGIN; ' . collecting(4001 .. 4200) . "
		DELETE FROM datasens.document WHERE titre ~ '^titre 401.\$'; " . collecting(4001 .. 4200) . ' COMMIT'),
	"succes|200|200|0\nsucces|200|10|190", 'of its own rows a transaction sees what it left');
is($node->safe_psql('postgres', 'BEGIN ISOLATION LEVEL SERIALIZABLE; ' . collecting(1 .. 3100) . ' COMMIT'),
	'succes|3100|0|3100', 'serializable');

# Rows of many transactions side by side, some of them taken back.
$node->safe_psql('postgres',
	join('', map { 'BEGIN; INSERT INTO datasens.document (id_flux, titre, texte, hash_fingerprint)
			SELECT 1, t, s, datasens_hash(t, s)::datasens.fingerprint FROM (VALUES (' . "'titre $_', 'le texte de $_')) AS v(t, s); "
			  . ($_ % 3 ? 'COMMIT; ' : 'ROLLBACK; ') } 5001 .. 5099));
is(collect(5001 .. 5099), 'succes|99|33|66', 'rows of many transactions');

my $all = join('|', 'succes', 3100 + 200 + 99, 0, 3100 + 200 + 99);
is(collect(1 .. 3100, 4001 .. 4200, 5001 .. 5099), $all, 'all are there');
$node->safe_psql('postgres', 'VACUUM datasens.document');
is(collect(1 .. 3100, 4001 .. 4200, 5001 .. 5099), $all, 'and are where the map vouches for the pages');
$node->safe_psql('postgres', 'VACUUM FREEZE datasens.document');
is(collect(1 .. 3100, 4001 .. 4200, 5001 .. 5099), $all, 'or they are frozen');
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT hash_fingerprint) FROM datasens.document'),
	'3399|3399', 'each once');
$node->stop;
done_testing();
