# What a process that collects takes is flat over its runs: memory of the server's contexts and of
# malloc, files, threads, mappings.  One collector does RUNS runs (600), then one session a tenth of
# that, of every kind and of every sort of failure, with data that is new, known, unchanged, refused.
#
# What a run leaves behind, however little, adds up; what caches keep, once, does not.  So what is
# taken in the middle third of the runs is held against what is taken in the last:
# RUNS=10000 make test T=test/t/210_flat_memory.pl finds a leak of 50 bytes a run.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Cwd qw(abs_path);
use DatasensNode;
use FakeNetwork;
use List::Util qw(max min);
use MixedLoad;
use PostgreSQL::Test::Utils;
use Test::More;

my $runs = $ENV{RUNS} || 600;

# What may be left of a run; and what two measurements differ by anyway: caches that had not met a
# thing before, connections that are kept for the next request, and the grain and the holes of what
# malloc has of the system: a piece of 1 MB that is kept once may come late in a short run.
my $bytes_a_run = 50;
my %slack = (contexts => 500_000, malloc => 1_500_000, anonymous => 30_000_000, files => 0, sockets => 10, threads => 1, mappings => 30);

my $module = abs_path("$FindBin::RealBin/../modules/malloc_probe") . '/malloc_probe';
my $network = FakeNetwork->new;
my $load = MixedLoad->new;
my $web = $load->web;
my $port = $web->port;
my $node = DatasensNode::start('main', MixedLoad->settings, 'datasens.workers' => 1, 'datasens.linger' => '1h',
	'shared_preload_libraries' => "datasens, $module",
	'datasens.connect_timeout' => '300ms', 'datasens.request_timeout' => '500ms',
	'datasens.max_response_size' => '1MB', 'datasens.max_download_size' => '2MB', 'datasens.retry_delay' => '1h',
	'datasens.max_connections_per_host' => 8, 'datasens.missed_runs' => 'skip');

sub sql
{
	return $node->safe_psql('postgres', @_);
}

# ---- the sources ----

# Sources whose runs come to no good end, each at a host of its own: kind, path (or URL), options.
my @faults = (
	(map { [ 'rss', $_ ] }
		qw(/hang /hang-head /stall /drip?interval=0.2 /silent /reset /cut-head /reset-head /truncated /reset-body
		/chunked-cut /garbage /http09 /badgzip /coding/cut /coding/sum /coding/many /status/404 /status/304
		/status/503?retry_after=1 /status/429 /chain/100 /loop /redirect?to=file:///etc/passwd /huge?mb=3
		/announce?bytes=99999999 /headers?n=0 /header-line?size=0 /interim?n=0 /trailers?n=0 /bomb?mb=20 /broken
		/length?is=2 /auth /bareamp /latin1 /etag404 /cookie),
		'/bomb?coding=gzip,+gzip&mb=16', '/chunk-size?is=zz', 'http://absent.invalid/', 'http://refuse.test:1/',
		"https://clair.test:$port/feed/1"),
	(map { [ 'json', $_, { liste => 'a' } ] } qw(/hang /truncated /status/500 /json/cut /json/other /bomb?mb=20)),
	[ 'json', '/json/pages', { liste => 'a', pages => { lien => 'b' } } ],
	(map { [ 'owm', undef, { api => "http://owm.test:$port$_", villes => ['a', 'b'], appels_par_minute => 60000 } ] }
		qw(/status/401 /hang /json/cut)),
	(map { [ 'scraping', undef, { pages => [ map { "http://pages.test:$port$_" } @$_ ] } ] }
		[ '/files/1.html', '/status/404', '/hang', '/truncated' ], [ '/huge?mb=3', '/loop' ]),
	[ 'scraping', '/files/1.html', { profondeur => 2, titre => '//h1', texte => 'string(//p[1])' } ],
	(map { [ 'gdelt', "/$_/" ] } qw(status/404 truncated)),
	(map { [ 'kaggle', $_ ] } qw(/hang /truncated /status/403 /huge?mb=4 /files/rows.csv /files/cut.zip /files/none.csv)));

append_to_file("$load->{root}/rows.csv", join '', "titre,texte\n",
	map { $_ % 3 ? "t$_,texte $_\n" : $_ % 2 ? "t$_,\"a\"b\n" : "\xff\xfe,x,y,z\n" } 1 .. 2000);
append_to_file("$load->{root}/cut.zip", "PK\3\4\24\0\0\0\10\0" . 'x' x 500);
append_to_file("$load->{root}/none.csv", '');
$web->control('set', path => '/json/cut', type => 'application/json', body => '{"a": [1, 2');
$web->control('set', path => '/json/other', type => 'application/json', body => '{"b": [1, 2]}');
$web->control('set', path => '/json/pages', type => 'application/json', body => '{"a": [{"id": 1}], "b": "/json/pages"}');
for my $i (0 .. $#faults)
{
	my ($kind, $where, $options) = @{ $faults[$i] };
	$where = "http://u:p\@fault$i.test:$port$where" if defined $where && $where =~ m{^/};
	$load->add($kind, "faute $i", $where, $options);
}
# Rows that the table has no room for, and a feed that is new each time.
$load->add('rss', 'neuf', $web->url('/neuf'));
$load->add('rss', 'refuse', $web->url('/neuf'));
$load->install($node, 'postgres');
sql(q{CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF NEW.titre ~ '[37]$' THEN RAISE 'no room for %', NEW.titre; END IF; RETURN NEW; END $$;
	CREATE TRIGGER refuse BEFORE INSERT ON datasens.document FOR EACH ROW EXECUTE FUNCTION refuse();
	ALTER TABLE datasens.document OWNER TO pg_database_owner});
my $n_sources = @{ $load->{sources} };

# What is new in this round, and what is forgotten, so that it is read again.
sub renew
{
	my ($round) = @_;

	$web->control('set', path => '/neuf', type => 'application/rss+xml', body => '<rss><channel>'
		  . join('', map { "<item><title>neuf $round $_</title><guid>$round/$_</guid></item>" } 1 .. 20)
		  . '</channel></rss>');
	sql('DELETE FROM datasens.cache_http') if $round % 2;
	sql("DELETE FROM datasens.document WHERE titre ~ '5'") if $round % 3 == 0;
	sql('DELETE FROM datasens.hote; UPDATE datasens.source SET actif = true WHERE NOT actif');
	return;
}

# ---- measuring ----

# What its files are, without the database's, whose number follows what is asked.
sub of_files
{
	my ($pid) = @_;
	my $data = $node->data_dir;
	return grep { defined && !m{^(\Q$data\E/)?(base|global|pg_wal|pg_xact)/} } map { readlink } glob "/proc/$pid/fd/*";
}

# What a process takes, in bytes or numbers, after so many runs.  Its contexts it tells in the log.
sub measure
{
	my ($pid, $done) = @_;
	my $from = -s $node->logfile;
	my @files = of_files($pid);
	my $sockets = grep { /^socket:/ } @files;
	my %taken = (runs => $done, files => @files - $sockets, sockets => $sockets, threads => scalar(() = glob "/proc/$pid/task/*"),
		mappings => scalar(() = slurp_file("/proc/$pid/maps") =~ /\n/g));

	$taken{anonymous} = 1024 * $1 if slurp_file("/proc/$pid/status") =~ /^RssAnon:\s+(\d+) kB/m;
	sql("SELECT pg_log_backend_memory_contexts($pid)");
	for (1 .. 600)
	{
		@taken{qw(contexts malloc)} = ($1, $2)
		  if slurp_file($node->logfile, $from) =~ /\[$pid\].*Grand total: (\d+) bytes.*; malloc: (\d+) bytes/;
		return \%taken if exists $taken{malloc};
		select undef, undef, undef, 0.05;
	}
	die "process $pid did not log its contexts";
}

sub median
{
	my @sorted = sort { $a <=> $b } @_;
	return $sorted[ @sorted / 2 ];
}

# Tests of the measurements: the least of the last third beside that of the one before it.  What leaks
# is in all of them; what is only under way when the process is asked is not.
sub is_flat
{
	my ($who, @measured) = @_;
	my $total = $measured[-1]{runs};
	my @early = grep { $_->{runs} * 3 > $total && $_->{runs} * 3 <= 2 * $total } @measured;
	my @late = grep { $_->{runs} * 3 > 2 * $total } @measured;
	my $between = median(map { $_->{runs} } @late) - median(map { $_->{runs} } @early);

	for my $what (sort keys %slack)
	{
		my ($before, $after) = map { my $third = $_; min(map { $_->{$what} } @$third) } \@early, \@late;
		my $allowed = $slack{$what} + ($what =~ /^(contexts|malloc|anonymous)$/ ? $bytes_a_run * $between : 0);

		if ($what eq 'anonymous')
		{
			DatasensNode::takes_at_most($after - $before, $allowed, "$who: $what");
		}
		else
		{
			cmp_ok($after - $before, '<=', $allowed, "$who: $what");
		}
		note(sprintf '%s, %s: %d, and %d after %d runs more: %.1f a run', $who, $what, $before, $after, $between,
			($after - $before) / $between);
	}
	return;
}

# ---- a collector ----

sub collector
{
	return sql("SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens collector'");
}

# Whether all that was asked for after that time has been done.
sub ended
{
	my ($since) = @_;
	return "SELECT NOT EXISTS (SELECT FROM datasens.etat_source WHERE derniere_collecte IS NULL OR derniere_collecte < '$since')
		AND NOT EXISTS (SELECT FROM datasens_progress WHERE pid IS NOT NULL AND id_source IS NOT NULL)";
}

my (@measured, $pid);
my $rounds = max(6, int($runs / $n_sources));
for my $round (1 .. $rounds)
{
	renew($round);
	my $since = sql('SELECT clock_timestamp()');
	$load->ask($node, 'postgres');
	$node->poll_query_until('postgres', ended($since)) or die 'a round did not end: ' . sql('TABLE datasens_progress');
	$pid //= collector();
	push @measured, measure($pid, $round * $n_sources);
}
is(collector(), $pid, 'one collector has done it all');
is_flat('a collector', @measured);
like(sql('SELECT string_agg(DISTINCT statut, \' \' ORDER BY statut) FROM datasens.flux'), qr/^echec inchange partiel succes$/,
	'of every outcome there were some');
note(sql(q{SELECT string_agg(format('%s %s: %s', type_source, statut, n), ', ') FROM (SELECT type_source, statut, count(*)
	FROM datasens.flux JOIN datasens.source USING (id_source) GROUP BY 1, 2 ORDER BY 1, 2) AS t (type_source, statut, n)}));
note(sql(q{SELECT string_agg(format('%s: %s', w, n), ', ') FROM (SELECT split_part(erreur, ':', 1), count(*)
	FROM datasens.flux WHERE erreur IS NOT NULL GROUP BY 1 ORDER BY 1) AS t (w, n)}));
cmp_ok(sql('SELECT count(*) FROM datasens.rejet'), '>', 0, 'and rows that could not be stored');

# ---- a session ----

# Sources one by one, as users do; some are cancelled, some are in a transaction that ends in an error.
sub statements_of
{
	my ($i) = @_;
	my $nom = $load->{sources}[ $i % $n_sources ][1];
	my $collect = "SELECT count(*) FROM datasens_collect('$nom');";

	return "SET statement_timeout = '30ms'; $collect RESET statement_timeout;" if $i % 7 == 3;
	return "BEGIN; $collect SELECT 1 / 0; ROLLBACK;" if $i % 11 == 5;
	return "BEGIN; SAVEPOINT a; $collect ROLLBACK TO a; $collect COMMIT;" if $i % 13 == 6;
	return "SELECT datasens_collect('$nom') LIMIT 0;" if $i % 17 == 7;
	return "SELECT datasens_collect('nobody');" if $i % 19 == 8;
	return $collect;
}

DatasensNode::reload($node, 'datasens.enabled', 'off');
my $session = $node->background_psql('postgres', on_error_stop => 0);
my $backend = $session->query('SELECT pg_backend_pid()');
my $of_session = max(100, $ENV{RUNS} ? int($runs / 10) : 0);
@measured = ();
for my $i (1 .. $of_session)
{
	renew($i) if $i % $n_sources == 1;
	$session->query(statements_of($i));
	$session->{stderr} = '';
	push @measured, measure($backend, $i) if $i % int($of_session / 20) == 0;
}
is_flat('a session', @measured);
$session->quit;

is(join(' ', map { grep { !/^\./ } slurp_dir($_) } grep { -d } glob $node->data_dir . '/base/pgsql_tmp*'), '', 'no temporary file is left');
is($load->faults($node, 'postgres'), '', 'all is in order');

$node->stop;
$web->stop;

done_testing();
