# What is under way, as datasens_progress shows it: how far, and that it moves.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use List::Util qw(min);
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $web = DatasensWeb->new;
my $node = DatasensNode::start('main', 'datasens.kaggle_schedule' => '', 'datasens.rss_schedule' => '');
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

sub sql
{
	return $node->safe_psql('postgres', $_[0]);
}

# Waits until the progress of that name is so.
sub wait_progress
{
	my ($nom, $condition, $what) = @_;
	return ok($node->poll_query_until('postgres',
			"SELECT count(*) = 1 FROM datasens_progress WHERE nom = '$nom' AND $condition"), $what);
}

sub collect
{
	my ($nom, $path) = @_;
	sql("SELECT datasens_add_source('kaggle', '$nom', '@{[$web->url($path)]}');
		SELECT datasens_collect_async('$nom')");
	return;
}

# ---- a long download ----

collect('annonce', '/drip?bytes=2000&interval=0.05');
wait_progress('annonce', 'octets_annonces >= 2000 AND octets > 0', 'how many bytes of how many');
is(sql(q{SELECT pid = (SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens collector'), phase, hote LIKE '%127.0.0.1%',
		nb_lus, depuis BETWEEN now() - interval '1 minute' AND now(), tranches_restantes IS NULL
		FROM datasens_progress WHERE nom = 'annonce'}), 't|telechargement|t|0|t|t', 'process, phase, host, rows, since when');
my @took;
for my $change (1 .. 3)
{
	my $began = time;
	my $octets = sql("SELECT octets FROM datasens_progress WHERE nom = 'annonce'");
	wait_progress('annonce', "octets > $octets", "it changes, $change");
	push @took, time - $began;
}
# The quickest: a busy machine makes some late, not all.
cmp_ok(min(@took), '<', 2, 'about every second');
is(sql(q{SELECT barre = format('[%s%s] %s %%', repeat('#', n), repeat('-', 20 - n), lpad((100 * octets / octets_annonces)::text, 3))
		FROM (SELECT *, (20 * octets / octets_annonces)::int AS n FROM datasens_progress WHERE nom = 'annonce') AS p}),
	't', 'the bar has the same numbers');

# ---- one whose length nobody knows ----

collect('sans fin', '/drip?bytes=2000&interval=0.05&length=0');
wait_progress('sans fin', "octets > 0 AND octets_annonces IS NULL AND barre ~ '^\\[-*<=>-*\\]   \\? %\$'",
	'without a length the bar has a mark');
is(sql(q{SELECT string_agg(DISTINCT length(barre)::text, ' ') FROM datasens_progress}), '28', 'and the same width');

# ---- the scheduled tasks, and the same by hand: something is in their way ----

my $holder = $node->background_psql('postgres');
$holder->query_safe('BEGIN; LOCK datasens.rejet');
my $reader = $node->background_psql('postgres');
$reader->query_until(qr/begun/, "\\echo begun\nSELECT length(datasens_report('html'));\n");
wait_progress('datasens_report', "phase = 'rapport' AND nb_lus = 0 AND nb_connus > 5 AND id_source IS NULL
	AND barre = '[--------------------]   0 %'", 'a report');
DatasensNode::reload($node, 'datasens.retention_schedule', '1 second');
wait_progress('menage', "phase = 'menage' AND pid = (SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens operator')",
	'the retention');
DatasensNode::reload($node, 'datasens.retention_schedule', '');
$holder->query_safe('ROLLBACK');
$holder->quit;
$reader->quit;
ok($node->poll_query_until('postgres', "SELECT count(*) = 0 FROM datasens_progress WHERE id_source IS NULL"), 'they leave nothing');

my $directory = PostgreSQL::Test::Utils::tempdir;
DatasensNode::reload($node, 'datasens.backup_directory', $directory, 'datasens.backup_command',
	"head -c 500000 /dev/zero > %p; until [ -e $directory/go ]; do sleep 0.1; done");
$node->poll_query_until('postgres', "SELECT current_setting('datasens.backup_command') <> ''") or die;
my $backup = $node->background_psql('postgres');
$backup->query_until(qr/begun/, "\\echo begun\nSELECT statut FROM datasens_backup();\n");
wait_progress('datasens_backup', "phase = 'sauvegarde' AND octets = 500000 AND barre ~ '^\\[-+<=>-*\\]   \\? %\$'", 'a backup');
append_to_file("$directory/go", '');
$backup->quit;
ok($node->poll_query_until('postgres', "SELECT count(*) = 0 FROM datasens_progress WHERE id_source IS NULL"), 'which ends');

$node->stop;
done_testing();
