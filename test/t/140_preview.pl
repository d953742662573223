# datasens_preview(): what a source would yield, and that nothing of it stays.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use Digest::MD5 qw(md5_hex);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = PostgreSQL::Test::Utils::tempdir;
my $web = DatasensWeb->new(root => $root);
my $node = DatasensNode::start('main');
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

sub sql
{
	return $node->safe_psql('postgres', @_);
}

# What a preview fails with: SQLSTATE and message.
sub fails
{
	my ($arguments) = @_;
	my ($code, $out, $err) = $node->psql('postgres',
		"\\set VERBOSITY verbose\nSELECT count(*) FROM datasens_preview($arguments)");
	return $err =~ /ERROR:  (.*)/ ? $1 : $out;
}

# Rows and pages of all tables, and the sequences: what would change if something was written.
sub state
{
	return sql(q{SELECT string_agg(relname || ' ' || query_to_xml(CASE relkind WHEN 'S'
			THEN format('SELECT last_value, is_called FROM datasens.%I', relname)
			ELSE format('SELECT count(*) FROM datasens.%I', relname) END, true, false, '')::text, ' ' ORDER BY relname)
		FROM pg_class WHERE relnamespace = 'datasens'::regnamespace AND relkind IN ('r', 'S')});
}

sql("SELECT datasens_set_secret('owm_api_key', 'cle-muette')");
# The collector that looks into a new database writes down when the tasks are due.
DatasensNode::wait_for($node, 'postgres', 'SELECT count(*) > 0 FROM datasens.tache', 'the tasks are planned');
my $before = state();
my $feed = $web->url('/feed/7');
is(sql("SELECT count(*), count(DISTINCT hash_fingerprint), min(position), max(position), bool_and(hash_fingerprint = datasens_hash(titre, texte)),
		string_agg(DISTINCT vers, ' ') FROM datasens_preview('rss', '$feed')"), '40|40|1|40|t|document', 'a feed');
is(sql("SELECT titre, url, date_publication IS NOT NULL, meta ->> 'guid' FROM datasens_preview('rss', '$feed') LIMIT 1"),
	"Flux 7, article 0 : \xc3\xa9t\xc3\xa9 & hiver|http://feed7.test/article/0|t|tag:feed7,0", 'its entries');
is(sql("SELECT count(*) FROM datasens_preview('rss', options => '{\"flux\": [\"$feed\", \"@{[$web->url('/feed/8')]}\"]}')"),
	80, 'several feeds');
$web->control('set', path => '/vide', body => '<rss version="2.0"><channel><item><link>http://a.test/</link></item><item>'
	  . '<title>Un</title></item></channel></rss>');
is(sql("SELECT vers, titre, texte, motif FROM datasens_preview('rss', '@{[$web->url('/vide')]}')"),
	"document|Un||\nrejet||http://a.test/|the entry has neither a title nor a text", 'what would be rejected, and why');

open my $out, '>', "$root/avis.csv" or die;
print $out "titre,texte,note\nUn,premier,5\nDeux,second,3\nUn,premier,5\n,,1\n";
close $out;
is(sql("SELECT position, vers, titre, texte, meta, motif FROM datasens_preview('kaggle', '@{[$web->url('/files/avis.csv')]}') ORDER BY position"),
	"2|document|Un|premier|{\"note\": \"5\"}|\n3|document|Deux|second|{\"note\": \"3\"}|\n"
	  . '5|rejet||,,1||the row has neither a title nor a text', 'a file');

my $body = '{"coord": {"lat": 48.85, "lon": 2.35}, "dt": 1645270937, "name": "Paris", "main": {"temp": 8.72}}';
$web->control('set', path => '/data/weather', body => $body, type => 'application/json');
is(sql("SELECT vers, meta ->> 'ville', meta -> 'temperature', meta ->> 'date_obs', meta -> 'lat' FROM datasens_preview('owm', options =>
		'{\"villes\": [\"Paris\"], \"api\": \"@{[$web->url('/data')]}\"}')") =~ s/\+\d\d\|/|/r, 'meteo|Paris|8.72|2022-02-19 11:42:17|48.85',
	'rows of another table');
$web->control('set', path => '/liste', body => '{"data": [{"title": "a", "note": 1}, {"title": "b"}]}', type => 'application/json');
is(sql("SELECT titre, meta FROM datasens_preview('json', '@{[$web->url('/liste')]}', '{\"liste\": \"data\"}')"),
	"a|{\"note\": 1}\nb|", 'a service');

# The newest slices of GDELT's, from a mirror.
my $stamp = '20150218230000';
my $list = '';
for my $name ("$stamp.export.CSV.zip", "$stamp.mentions.CSV.zip", "$stamp.gkg.csv.zip")
{
	my $zip = slurp_file("$FindBin::RealBin/../corpus/gdelt/$name");
	open my $copy, '>:raw', "$root/$name" or die;
	print $copy $zip;
	close $copy;
	$list .= length($zip) . ' ' . md5_hex($zip) . " http://data.gdeltproject.org/gdeltv2/$name\n";
}
open my $lastupdate, '>', "$root/lastupdate.txt" or die;
print $lastupdate $list;
close $lastupdate;
my $gdelt = "datasens_preview('gdelt', '@{[$web->url('/files/')]}', '{\"flux\": [\"export\", \"gkg\"]}')";
is(sql("SELECT string_agg(DISTINCT vers, ' ' ORDER BY vers), count(*) FILTER (WHERE vers = 'document') > 0,
		count(*) FILTER (WHERE vers = 'evenement') > 0 FROM $gdelt"), 'document evenement|t|t', 'the newest slices');
like(sql("SELECT meta ->> 'id_evenement' FROM $gdelt WHERE vers = 'evenement' LIMIT 1"), qr/^\d+$/, 'their events');
is(state(), $before, 'nothing has been written');
is(sql("BEGIN READ ONLY; SELECT count(*) FROM datasens_preview('rss', '$feed'); COMMIT"), 40, 'nor need it be possible');

# ---- failures ----

like(fails("'rss', '@{[$web->url('/status/404')]}'"), qr/^38000: could not collect: http: HTTP status 404: /, 'a failure is an error');
my ($code, $stdout, $stderr) = $node->psql('postgres', "SELECT count(*) FROM datasens_preview('rss', options => '{\"flux\": [\"$feed\", \"@{[$web->url('/status/404')]}\"]}')");
is($stdout, 40, 'one in part is none');
like($stderr, qr/WARNING:  could not collect: 1 of 2 URLs failed; http: HTTP status 404/, 'but a warning');
like(fails("'flux', 'http://x.test/'"), qr/^22023: unknown type of source "flux"/, 'an unknown type');
like(fails("NULL, 'http://x.test/'"), qr/^22023: type_source must not be null/, 'none');
like(fails("'rss', 'x'"), qr/^22023: URL "x" cannot be collected/, 'a URL that is none');
like(fails("'rss', '$feed', '{\"flot\": 1}'"), qr/^22023: unknown option "flot"/, 'an unknown option');
like(fails("'rss', '$feed', NULL"), qr/^40$/, 'no options');
($code, $stdout, $stderr) = $node->psql('postgres', "SET statement_timeout = '500ms'; SELECT count(*) FROM datasens_preview('rss', '@{[$web->url('/held/x')]}')");
like($stderr, qr/statement timeout/, 'it can be cancelled');
is(sql('SELECT count(*) FROM datasens_progress'), 0, 'and leaves no trace');
$web->control('release');
is(sql("SELECT count(*) FROM pg_ls_tmpdir()"), 0, 'nor a file');
is(state(), $before, 'nor anything else');
ok(!$node->log_contains('PANIC|segfault|terminated by signal'), 'nobody was hurt');
$node->stop;
done_testing();
