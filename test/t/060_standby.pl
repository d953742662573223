# A standby is silent; promoted, it collects on by itself.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use PostgreSQL::Test::Cluster;
use Test::More;
use Time::HiRes qw(time);

my $web = DatasensWeb->new;
my $primary = DatasensNode::start('primary');
$primary->safe_psql('postgres', 'CREATE EXTENSION datasens');
$primary->safe_psql('postgres', qq{
	SELECT datasens_add_source('rss', 'suivie', '@{[$web->url('/feed/1')]}', '1 second');
	SELECT datasens_add_source('rss', 'annuelle', '@{[$web->url('/feed/2')]}', '0 0 1 1 *')});
DatasensNode::wait_for($primary, 'postgres', 'SELECT count(*) = 40 FROM datasens.document',
	'the primary collects');
$primary->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'copy', has_streaming => 1);
$standby->start;
my $runs = $primary->safe_psql('postgres', 'SELECT count(*) FROM datasens.flux');
DatasensNode::wait_for($standby, 'postgres', "SELECT count(*) > $runs + 1 FROM datasens.flux",
	'the standby follows');

# Silent: no process, and nothing that writes.
is($standby->safe_psql('postgres',
		"SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'datasens%'"),
	0, 'the standby has neither launcher nor collector');
for my $call ("datasens_collect('annuelle')", 'datasens_collect_async()',
	"datasens_add_source('rss', 'x', 'http://x.test/')",
	"datasens_alter_source('suivie', fuseau => 'UTC')",
	"datasens_enable_source('suivie', false)", "datasens_drop_source('suivie')",
	"datasens_import_opml('<opml/>')", "datasens_log('X')")
{
	my ($code, $out, $err) = $standby->psql('postgres', "\\set VERBOSITY verbose\nSELECT $call");
	like($err, qr/ERROR:  25006: .*recovery/, "$call is refused on it");
}
is($standby->safe_psql('postgres', 'SELECT nom, total_docs FROM datasens_health() ORDER BY nom'),
	"annuelle|0\nsuivie|40", 'what reads works: datasens_health()');
is($standby->safe_psql('postgres', 'SELECT count(*) FROM datasens_schedule(3) WHERE type_source = \'rss\''), 6,
	'datasens_schedule()');
like($standby->safe_psql('postgres', 'SELECT datasens_version_log()'), qr/SOURCE_AJOUTEE/,
	'datasens_version_log()');
is($standby->safe_psql('postgres', 'SELECT count(*) FROM datasens_progress'), 0, 'datasens_progress');
like($standby->safe_psql('postgres', 'SELECT datasens_export_opml()'), qr/<opml/,
	'datasens_export_opml()');

# Promotion: nobody tells it to.
$primary->stop;
my $documents = $standby->safe_psql('postgres', 'SELECT count(*) FROM datasens.document');
my $last = $standby->safe_psql('postgres', 'SELECT max(id_flux) FROM datasens.flux');
my $began = time;
$standby->promote;
DatasensNode::wait_for($standby, 'postgres',
	"SELECT count(*) > 0 FROM datasens.flux WHERE id_flux > $last", 'promoted, it collects by itself');
cmp_ok(time - $began, '<', 10, 'within seconds');
is($standby->safe_psql('postgres',
		"SELECT DISTINCT statut FROM datasens.flux WHERE id_flux > $last"),
	'inchange', 'it goes on where the primary stood');
is($standby->safe_psql('postgres', 'SELECT count(*) FROM datasens.document'), $documents,
	'and stores nothing twice');
$standby->safe_psql('postgres', "SELECT datasens_collect_async('annuelle')");
DatasensNode::wait_for($standby, 'postgres', 'SELECT count(*) = 80 FROM datasens.document',
	'new documents come, too');
$standby->stop;
done_testing();
