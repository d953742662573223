# Who may do what, cell by cell: every function, table, view, sequence and type of the extension and
# every setting, against everyone, pg_monitor, pg_read_server_files, the database's owner and a
# superuser.  What there is comes from the catalogs: an object without a row here is a failure, and
# so is a row without an object.
#
# A function's cell is X where it may be called.  A table's are the privileges as \dp has them, and
# - for none.  A setting's are r where it is seen, s where SET works, and - for none.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use PostgreSQL::Test::Cluster;
use Test::More;

my @roles = qw(personne moniteur lecteur proprietaire postgres);
my $rows = do { local $/ = undef; <DATA> };

my $node = DatasensNode::start('main');
$node->safe_psql('postgres', q{
	CREATE ROLE personne LOGIN;
	CREATE ROLE moniteur LOGIN IN ROLE pg_monitor;
	CREATE ROLE lecteur LOGIN IN ROLE pg_read_server_files;
	CREATE ROLE proprietaire LOGIN;
	CREATE DATABASE base OWNER proprietaire});
$node->safe_psql('base', 'CREATE EXTENSION datasens');

# The rows of a kind as "object: cell cell cell cell cell", in the C order.
sub rows
{
	my ($kind) = @_;
	my ($block) = $rows =~ /^# $kind\n((?:[^#\n].*\n)*)/m or die "no rows of $kind";
	return join '', map { "$_\n" } sort map { s/\s+/ /gr =~ s/ $//r } split /^/, $block;
}

# What the catalogs give: the query yields an object and, for role r, its cell.
sub cells
{
	my ($query) = @_;
	my $values = join ', ', map { "($_, '$roles[$_]')" } 0 .. $#roles;
	return join '', map { "$_\n" } sort split /\n/, $node->safe_psql('base',
		"SELECT o || ': ' || string_agg(cell, ' ' ORDER BY n) FROM (VALUES $values) AS roles (n, r), LATERAL ($query) AS q (o, cell) GROUP BY o");
}

# The extension's own objects of a catalog.
sub members
{
	my ($catalog) = @_;
	return "(SELECT objid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'datasens'
		WHERE d.classid = '$catalog'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e')";
}

is(cells("SELECT p.oid::regprocedure::text, CASE WHEN has_function_privilege(r, p.oid, 'EXECUTE') THEN 'X' ELSE '-' END
	FROM pg_proc p WHERE p.oid IN @{[members('pg_proc')]} AND p.proname !~ '^fingerprint_'"), rows('functions'), 'functions');
is($node->safe_psql('base', "SELECT count(*) FROM pg_proc p WHERE p.oid IN @{[members('pg_proc')]} AND proname ~ '^fingerprint_'
		AND NOT (provolatile = 'i' AND proisstrict AND (prolang = (SELECT oid FROM pg_language WHERE lanname = 'c')
			OR prosqlbody IS NOT NULL))
		AND proname <> 'fingerprint_sortsupport'"), 0, 'those of the type fingerprint only compute');
is($node->safe_psql('base', "SELECT string_agg(p.oid::regprocedure::text, ' ') FROM pg_proc p WHERE p.oid IN @{[members('pg_proc')]}
		AND (prosecdef OR proname !~ '^fingerprint_' AND prokind = 'f' AND prolang <> (SELECT oid FROM pg_language WHERE lanname = 'c')
			AND NOT coalesce(array_to_string(proconfig, ' '), '') LIKE '%search_path=pg_catalog%')"), '',
	'no function runs as its owner, and those in SQL have a search_path of their own; procedures cannot');
my $letters = "string_agg(CASE WHEN has_table_privilege(r, c.oid, p[1]) THEN p[2] ELSE '' END, '' ORDER BY p[2])";
is(cells("SELECT c.oid::regclass::text, coalesce(nullif($letters, ''), '-') FROM pg_class c,
			(VALUES (ARRAY['SELECT', 'r']), (ARRAY['INSERT', 'a']), (ARRAY['UPDATE', 'w']), (ARRAY['DELETE', 'd']),
				(ARRAY['TRUNCATE', 'D']), (ARRAY['REFERENCES', 'x']), (ARRAY['TRIGGER', 't'])) AS v (p)
		WHERE c.oid IN @{[members('pg_class')]} AND c.relkind IN ('r', 'v', 'm', 'p', 'f') GROUP BY c.oid"),
	rows('tables and views'), 'tables and views');
is($node->safe_psql('base', "SELECT string_agg(DISTINCT c.relname || ' ' || r, ', ') FROM pg_class c, unnest(ARRAY['personne', 'moniteur', 'lecteur']) AS r
		WHERE relnamespace = 'datasens'::regnamespace AND (relkind = 'S' AND has_sequence_privilege(r, c.oid, 'USAGE, SELECT, UPDATE')
			OR relkind = 'r' AND has_any_column_privilege(r, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))"), '',
	'no column and no sequence is open to them');
is(cells("SELECT n.nspname::text, CASE WHEN has_schema_privilege(r, n.oid, 'USAGE') THEN 'U' ELSE '-' END
			|| CASE WHEN has_schema_privilege(r, n.oid, 'CREATE') THEN 'C' ELSE '' END
		FROM pg_namespace n WHERE n.oid IN @{[members('pg_namespace')]}"), rows('schemas'), 'schemas');

# ---- settings: seen and set by really logging in ----

sub as_role
{
	my ($role, $sql) = @_;
	my ($out, $err) = ('', '');

	$node->psql('base', "\\set VERBOSITY sqlstate\n$sql", stdout => \$out, stderr => \$err, on_error_stop => 0,
		extra_params => [ '-U', $role ]);
	return ($out, $err);
}

my %value = map { /(.*?)\|(.*)/s } split /\n/, $node->safe_psql('base',
	"SELECT name, quote_literal(current_setting(name)) FROM pg_settings WHERE name LIKE 'datasens.%'");
my @settings = sort keys %value;
my %cells;
for my $role (@roles)
{
	my ($seen) = as_role($role, "SELECT name FROM pg_settings WHERE name LIKE 'datasens.%'");
	my %seen = map { $_ => 1 } split /\n/, $seen;
	my ($set) = as_role($role, join '', map { "SET $_ = $value{$_};\n\\if :ERROR\n\\else\n\\echo $_\n\\endif\n" } @settings);
	my %set = map { $_ => 1 } split /\n/, $set;

	push @{ $cells{$_} }, ($seen{$_} ? 'r' : '') . ($set{$_} ? 's' : '') || '-' for @settings;
}
is(join('', map { "$_: @{$cells{$_}}\n" } sort @settings), rows('settings'), 'settings');
my @settable = grep {
	my ($out, $err) = as_role('proprietaire', "ALTER DATABASE base SET $_ = $value{$_};
		ALTER ROLE proprietaire SET $_ = $value{$_}; ALTER SYSTEM SET $_ = $value{$_}");
	3 != (() = $err =~ /ERROR:/g)
} @settings;
is("@settable", '', 'the owner sets none for his database, himself or all');

$node->stop;
done_testing();

__DATA__
# functions
datasens.document_removed():                                               -  -  -  -  X
datasens.flux_kept():                                                      -  -  -  -  X
datasens.guard_drop():                                                     -  -  -  -  X
datasens.installed():                                                      -  -  -  -  X
datasens.source_allowed():                                                 -  -  -  -  X
datasens.source_changed():                                                 -  -  -  -  X
datasens.source_kept():                                                    -  -  -  -  X
datasens.source_moved():                                                   -  -  -  -  X
datasens_add_default_sources(text):                                        -  -  -  X  X
datasens_add_source(text,text,text,text,jsonb,text):                       -  -  -  X  X
datasens_alter_source(text,text,text,jsonb,text,text):                     -  -  -  X  X
datasens_backfill(text,timestamp with time zone,timestamp with time zone): -  -  -  X  X
datasens_backfill_cancel(integer):                                         -  -  -  X  X
datasens_backfill_pause(integer):                                          -  -  -  X  X
datasens_backfill_resume(integer):                                         -  -  -  X  X
datasens_backup(text):                                                     -  -  -  X  X
datasens_check():                                                          -  -  -  X  X
datasens_collect(text):                                                    -  -  -  X  X
datasens_collect_async(text):                                              -  -  -  X  X
datasens_cron_next(text,timestamp with time zone,text,integer):            X  X  X  X  X
datasens_cycle(text,text):                                                 -  -  -  X  X
datasens_drop_source(text,boolean):                                        -  -  -  X  X
datasens_enable_source(text,boolean):                                      -  -  -  X  X
datasens_export_opml():                                                    -  -  -  X  X
datasens_extract_article(bytea,text,text):                                 X  X  X  X  X
datasens_forget(bigint[]):                                                 -  -  -  X  X
datasens_forget(text):                                                     -  -  -  X  X
datasens_hash(text):                                                       X  X  X  X  X
datasens_hash(text,text):                                                  X  X  X  X  X
datasens_health():                                                         -  X  -  X  X
datasens_import_opml(text):                                                -  -  -  X  X
datasens_log(text,text):                                                   -  -  -  X  X
datasens_metrics():                                                        -  X  -  X  X
datasens_parse_date(text):                                                 X  X  X  X  X
datasens_parse_feed(bytea,text,text):                                      X  X  X  X  X
datasens_preview(text,text,jsonb):                                         -  -  -  X  X
datasens_progress_entries():                                               -  X  -  X  X
datasens_replay(bigint):                                                   -  -  -  X  X
datasens_report(text,timestamp with time zone):                            -  -  -  X  X
datasens_robots_allowed(bytea,text,text):                                  X  X  X  X  X
datasens_robots_allowed(text,text,text):                                   X  X  X  X  X
datasens_schedule(integer):                                                -  X  -  X  X
datasens_set_secret(text,text):                                            -  -  -  X  X
datasens_stats(timestamp with time zone):                                  -  X  -  X  X
datasens_summary():                                                        -  X  -  X  X
datasens_version_log():                                                    -  -  -  X  X
datasens_version_log(text):                                                -  -  -  X  X
# tables and views
datasens.alerte:             -        -        -        Dadrtwx  Dadrtwx
datasens.archive:            -        -        -        Dadrtwx  Dadrtwx
datasens.cache_http:         -        -        -        Dadrtwx  Dadrtwx
datasens.document:           -        -        -        Dadrtwx  Dadrtwx
datasens.document_evenement: -        -        -        Dadrtwx  Dadrtwx
datasens.etat_source:        -        -        -        Dadrtwx  Dadrtwx
datasens.evenement:          -        -        -        Dadrtwx  Dadrtwx
datasens.flux:               -        -        -        Dadrtwx  Dadrtwx
datasens.historique:         -        -        -        Dadrtwx  Dadrtwx
datasens.hote:               -        -        -        Dadrtwx  Dadrtwx
datasens.journal:            -        -        -        Dadrtwx  Dadrtwx
datasens.meteo:              -        -        -        Dadrtwx  Dadrtwx
datasens.oubli:              -        -        -        Dadrtwx  Dadrtwx
datasens.rejet:              -        -        -        Dadrtwx  Dadrtwx
datasens.sauvegarde:         -        -        -        Dadrtwx  Dadrtwx
datasens.secret:             -        -        -        -        Dadrtwx
datasens.source:             -        -        -        Dadrtwx  Dadrtwx
datasens.tache:              -        -        -        Dadrtwx  Dadrtwx
datasens.tranche:            -        -        -        Dadrtwx  Dadrtwx
datasens.volumetrie:         -        -        -        Dadrtwx  Dadrtwx
datasens_backfills:          -        r        -        r        Dadrtwx
datasens_progress:           -        r        -        r        Dadrtwx
# schemas
datasens: U  U  U  U  UC
# settings
datasens.alert_email:              r  r  r  r  r
datasens.alert_email_from:         r  r  r  r  r
datasens.alert_schedule:           r  r  r  r  r
datasens.alert_webhook:            -  r  -  -  r
datasens.allow_drop:               r  r  r  r  rs
datasens.allow_private_networks:   r  r  r  r  rs
datasens.archive_queue_size:       r  r  r  r  r
datasens.archive_retention:        r  r  r  r  r
datasens.archive_url:              r  r  r  r  r
datasens.backup_command:           -  r  -  -  r
datasens.backup_directory:         r  r  r  r  r
datasens.backup_retention:         r  r  r  r  r
datasens.backup_schedule:          r  r  r  r  r
datasens.ca_file:                  r  r  r  r  r
datasens.connect_timeout:          r  r  r  r  rs
datasens.contact:                  r  r  r  r  r
datasens.enabled:                  r  r  r  r  r
datasens.flux_retention:           r  r  r  r  r
datasens.gdelt_max_catchup:        r  r  r  r  r
datasens.gdelt_schedule:           r  r  r  r  r
datasens.host_delay:               r  r  r  r  r
datasens.journal_retention:        r  r  r  r  r
datasens.json_schedule:            r  r  r  r  r
datasens.kaggle_api:               r  r  r  r  r
datasens.kaggle_file:              r  r  r  r  r
datasens.kaggle_schedule:          r  r  r  r  r
datasens.linger:                   r  r  r  r  r
datasens.max_connections:          r  r  r  r  r
datasens.max_connections_per_host: r  r  r  r  r
datasens.max_databases:            r  r  r  r  r
datasens.max_download_size:        r  r  r  r  rs
datasens.max_redirects:            r  r  r  r  rs
datasens.max_response_size:        r  r  r  r  rs
datasens.max_retries:              r  r  r  r  r
datasens.missed_runs:              r  r  r  r  r
datasens.owm_api_key_file:         r  r  r  r  r
datasens.owm_schedule:             r  r  r  r  r
datasens.proxy:                    -  r  -  -  r
datasens.report_directory:         r  r  r  r  r
datasens.report_language:          r  r  r  r  rs
datasens.report_schedule:          r  r  r  r  r
datasens.request_timeout:          r  r  r  r  rs
datasens.retention_schedule:       r  r  r  r  r
datasens.retry_delay:              r  r  r  r  r
datasens.rss_schedule:             r  r  r  r  r
datasens.s3_access_key_file:       r  r  r  r  r
datasens.s3_endpoint:              r  r  r  r  r
datasens.s3_region:                r  r  r  r  r
datasens.s3_secret_key_file:       r  r  r  r  r
datasens.scraping_schedule:        r  r  r  r  r
datasens.smtp_password_file:       r  r  r  r  r
datasens.smtp_url:                 -  r  -  -  r
datasens.stale_after:              r  r  r  r  r
datasens.timezone:                 r  r  r  r  r
datasens.user_agent:               r  r  r  r  r
datasens.workers:                  r  r  r  r  r
