# Many at once: collectors beside each other, foreground collects beside them,
# cancels, slow servers, too few processes, other encodings.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $web = DatasensWeb->new;
my $node = DatasensNode::start('main', 'datasens.rss_schedule' => '0 0 1 1 *',
	'datasens.workers' => 4, 'datasens.max_connections_per_host' => 16,
	'datasens.retry_delay' => '1s', 'deadlock_timeout' => '100ms', 'log_lock_waits' => 'on');
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

sub add
{
	my ($nom, $path) = @_;
	return $node->safe_psql('postgres',
		"SELECT datasens_add_source('rss', '$nom', '@{[$web->url($path)]}')");
}

# What must hold whenever nobody is at work.
sub counts_are_right
{
	my ($what) = @_;
	is($node->safe_psql('postgres', q{
			SELECT (SELECT sum(nb_inseres) FROM datasens.flux) - (SELECT count(*) FROM datasens.document),
				(SELECT count(*) FROM datasens.flux WHERE nb_lus <> nb_inseres + nb_doublons + nb_rejetes),
				(SELECT sum(total_docs) FROM datasens.etat_source) - (SELECT count(*) FROM datasens.document),
				(SELECT count(*) - count(DISTINCT hash_fingerprint) FROM datasens.document),
				(SELECT count(*) FROM datasens.flux f LEFT JOIN LATERAL (SELECT count(*) AS n
					FROM datasens.document d WHERE d.id_flux = f.id_flux) d ON true
				 WHERE d.n <> f.nb_inseres)}),
		'0|0|0|0|0', "$what: every count is right");
	return;
}

sub nothing_is_left
{
	my ($what) = @_;
	is($node->safe_psql('postgres', q{
			SELECT (SELECT count(*) FROM datasens_progress),
				(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')}),
		'0|0', "$what leaves no lock and no progress");
	return;
}

# A session that begins something and goes on in the background.
sub begin_session
{
	my ($sql) = @_;
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	$session->query_until(qr/commence/, "\\echo commence\n$sql\n");
	return $session;
}

# ---- the same documents by many hands ----

# Sixty sources over thirty feeds, which overlap: each has 30 of its 40 entries from the next.
add("source $_", '/feed/' . int($_ / 6) . '?items=40&first=' . 10 * ($_ % 6)) for 1 .. 60;
my $documents = $node->safe_psql('postgres', q{
	SELECT count(*) FROM (SELECT DISTINCT i / 6, 10 * (i % 6) + k
		FROM generate_series(1, 60) AS i, generate_series(0, 39) AS k) AS entries});
for my $round (1 .. 3)
{
	my @sessions = map { begin_session("SELECT count(*) FROM datasens_collect('all');\n\\echo fini") } 1 .. 3;
	$node->safe_psql('postgres', 'SELECT datasens_collect_async()');
	$_->query_until(qr/fini/, '') for @sessions;
	$_->quit for @sessions;
	DatasensNode::wait_for($node, 'postgres',
		"SELECT count(*) = 60 FROM datasens.etat_source WHERE declencheur = 'planifie'
			AND dernier_succes IS NOT NULL AND tentative = 0", "round $round ends");
	DatasensNode::wait_for($node, 'postgres', 'SELECT count(*) = 0 FROM datasens_progress',
		"round $round: nobody is at work");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM datasens.document'), $documents,
		"round $round: every document, once");
	counts_are_right("round $round");
	is($node->safe_psql('postgres', "SELECT count(*) FROM datasens.flux
			WHERE statut NOT IN ('succes', 'inchange')"), 0, "round $round: no failure");
	# So that the next one reads everything anew, and stores a part of it.
	$node->safe_psql('postgres', q{
		DELETE FROM datasens.cache_http;
		DELETE FROM datasens.document; DELETE FROM datasens.flux;
		UPDATE datasens.etat_source SET total_docs = 0, dernier_succes = NULL}) if $round < 3;
}
ok(!$node->log_contains('deadlock'), 'no deadlock');
is($node->safe_psql('postgres', "SELECT deadlocks FROM pg_stat_database WHERE datname = 'postgres'"), 0,
	'none in the statistics');
$node->safe_psql('postgres', "SELECT datasens_drop_source(nom, true) FROM datasens.source");

# ---- rows are locked in the order of the sources, wherever they lie ----

$node->safe_psql('postgres', 'ALTER SYSTEM SET datasens.enabled = off; SELECT pg_reload_conf()');
my @ids = map { add("rang $_", '/feed/200') } 1 .. 3;
$node->safe_psql('postgres',
	"UPDATE datasens.etat_source SET tentative = 0 WHERE id_source = $_") for reverse @ids;
my $holder = $node->background_psql('postgres');
$holder->query_safe("BEGIN; SELECT FROM datasens.etat_source WHERE id_source = $ids[0] FOR UPDATE");
my $asking = begin_session('SELECT datasens_collect_async();');
ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity
		WHERE query LIKE '%datasens_collect_async()%' AND wait_event_type = 'Lock'"),
	'datasens_collect_async() waits for the first source');
is($node->safe_psql('postgres', "SELECT count(*) FROM (SELECT FROM datasens.etat_source
		WHERE id_source <> $ids[0] FOR UPDATE NOWAIT) AS free"), 2, 'and holds no other meanwhile');
$holder->quit;
$asking->quit;
$node->safe_psql('postgres', "SELECT datasens_drop_source(nom, true) FROM datasens.source");
$node->safe_psql('postgres', 'ALTER SYSTEM RESET datasens.enabled; SELECT pg_reload_conf()');

# ---- a foreground collect waits for who has the source ----

add('tenue', '/held/tenue?then=/feed/200');
$node->safe_psql('postgres', "SELECT datasens_collect_async('tenue')");
ok($web->wait_held('tenue', 1), 'a collector has a source');
my $session = begin_session("SELECT 'obtenu', statut, nb_lus, nb_inseres FROM datasens_collect('tenue');");
ok($node->poll_query_until('postgres',
		"SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"),
	'a foreground collect waits for it');
$web->control('release', name => 'tenue');
my $answer = $session->query_until(qr/obtenu.*\n/, '');
like($answer, qr/obtenu\|(inchange\|0|succes\|40)\|0/, 'and then collects it, after the other');
$session->quit;
is($node->safe_psql('postgres', "SELECT string_agg(declencheur || ' ' || nb_inseres, ', ' ORDER BY id_flux)
		FROM datasens.flux"), 'manuel 40, manuel 0', 'each has its flux');
counts_are_right('after waiting');

# ---- a source is changed while a session collects it ----

# The run locks the source's state, and at its end writes what it knows of the source's addresses:
# who changes the source locks in that order, too, and waits for the run, not the run for him.
my $log_end = -s $node->logfile;
my $n_changes = 0;
for my $change ("datasens_alter_source('changee', planification => '\@daily')",
	"datasens_alter_source('changee', url => '@{[$web->url('/feed/201')]}')",
	"datasens_alter_source('changee', nouveau_nom => 'autre')", "datasens_drop_source('changee', true)",
	"UPDATE datasens.source SET url = '@{[$web->url('/feed/202')]}' WHERE nom = 'changee'")
{
	my $held = 'changee' . ++$n_changes;
	my $id = add('changee', "/held/$held?then=/feed/200");
	# what an address that changes takes with it
	$node->safe_psql('postgres', "UPDATE datasens.etat_source SET curseur = '{}' WHERE id_source = $id;
		INSERT INTO datasens.cache_http (id_source, url, etag)
		SELECT id_source, url, 'e' FROM datasens.source WHERE id_source = $id") if $change =~ /url =/;
	my $collecting = begin_session("SELECT statut FROM datasens_collect('changee');\n\\echo fini");
	ok($web->wait_held($held, 1), "a session collects, then $change");
	my $changing = begin_session(($change =~ /^UPDATE/ ? '' : 'SELECT ') . "$change;\n\\echo fini");
	ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity
			WHERE query LIKE '%changee%' AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()"), 'waits');
	$web->control('release', name => $held);
	like($collecting->query_until(qr/fini/, ''), qr/succes/, 'for the run, which succeeds');
	$changing->query_until(qr/fini/, '');
	unlike($changing->{stderr}, qr/ERROR/, 'and is done');
	$_->quit for $collecting, $changing;
	$node->safe_psql('postgres', "SELECT datasens_drop_source(nom, true) FROM datasens.source WHERE id_source = $id");
}
ok(!$node->log_contains('deadlock', $log_end), 'without a deadlock');

# ---- ends before the end ----

add('suspendue', '/held/suspendue');
my $before = $node->safe_psql('postgres', "SELECT e::text FROM datasens.etat_source e
	JOIN datasens.source USING (id_source) WHERE nom = 'suspendue'");
my $began = time;
my ($code, $out, $err) = $node->psql('postgres',
	"\\set VERBOSITY verbose\nSET statement_timeout = '500ms'; SELECT datasens_collect('suspendue')");
like($err, qr/ERROR:  57014:/, 'statement_timeout ends a foreground collect');
cmp_ok(time - $began, '<', 2, 'within a second');
nothing_is_left('a time-out');

$session = begin_session("SELECT datasens_collect('suspendue');\nSELECT 'apres';");
ok($node->poll_query_until('postgres',
		"SELECT count(*) = 1 FROM datasens_progress WHERE nom = 'suspendue'"), 'progress shows a collect');
$began = time;
$node->safe_psql('postgres', "SELECT pg_cancel_backend(pid) FROM datasens_progress");
$session->query_until(qr/apres/, '');
cmp_ok(time - $began, '<', 1.5, 'pg_cancel_backend() ends it, within a second');
like($session->{stderr}, qr/canceling statement due to user request/, 'as it ends every statement');
nothing_is_left('a cancel');
$session->quit;

$session = begin_session("SELECT datasens_collect('suspendue');\nSELECT 'apres';");
ok($node->poll_query_until('postgres',
		"SELECT count(*) = 1 FROM datasens_progress WHERE nom = 'suspendue'"), 'another collect');
$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM datasens_progress");
ok($node->poll_query_until('postgres', 'SELECT count(*) = 0 FROM datasens_progress'), 'ends with its session');
nothing_is_left('a terminated session');
eval { $session->quit };
is($node->safe_psql('postgres', "SELECT e::text FROM datasens.etat_source e
		JOIN datasens.source USING (id_source) WHERE nom = 'suspendue'"),
	$before, 'none of them has left anything in the tables');

add('annulee', '/feed/300');
$node->safe_psql('postgres', "BEGIN; SELECT datasens_collect('annulee'); ROLLBACK");
is($node->safe_psql('postgres', "SELECT (SELECT count(*) FROM datasens.flux JOIN datasens.source USING (id_source)
			WHERE nom = 'annulee'),
		(SELECT count(*) FROM datasens.cache_http WHERE url LIKE '%/feed/300'),
		(SELECT count(*) FROM datasens.document WHERE url LIKE '%feed300.%'), total_docs, derniere_collecte
		FROM datasens.etat_source JOIN datasens.source USING (id_source) WHERE nom = 'annulee'"),
	'0|0|0|0|', 'ROLLBACK of a collect leaves nothing');
nothing_is_left('ROLLBACK');
is($node->safe_psql('postgres', "BEGIN; SAVEPOINT s; SELECT statut FROM datasens_collect('annulee');
		ROLLBACK TO s; SELECT statut, nb_inseres FROM datasens_collect('annulee'); COMMIT"),
	"succes\nsucces|40", 'nor does ROLLBACK TO a savepoint, and it can be done again');
counts_are_right('after roll-backs');

# ---- one slow server among fast ones ----

add("rapide $_", "/feed/" . (400 + $_) . '?items=5') for 1 .. 100;
add('lente', '/held/lente?then=/feed/600');
$node->safe_psql('postgres', "SELECT datasens_drop_source('suspendue')");
$node->safe_psql('postgres', 'SELECT datasens_collect_async()');
$began = time;
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = 500 FROM datasens.document d
	WHERE url ~ 'feed(4[0-9][0-9]|500)\\.'", 'the documents of a hundred fast sources are there');
note(sprintf 'after %.2f s', time - $began);
is($node->safe_psql('postgres', "SELECT string_agg(nom, ',') FROM datasens_progress"), 'lente',
	'while a slow one is still being fetched');
$web->control('release', name => 'lente');
DatasensNode::wait_for($node, 'postgres',
	"SELECT count(*) = 40 FROM datasens.document WHERE url ~ 'feed600\\.'", 'its own come, too');
counts_are_right('after a slow server');

# ---- other encodings ----

$web->control('set', path => '/exotique', type => 'application/rss+xml; charset=utf-8',
	body => '<rss version="2.0"><channel><language>fr</language>'
	  . '<item><title>&#201;t&#233; &#8364; &#26085;&#26412;</title><author>&#321;ukasz</author>'
	  . '<description>na&#239;ve &#128512; fin</description><category>&#1078;</category></item>'
	  . '<item><title>Tout simple</title><description>c\'est &#233;gal</description></item>'
	  . '</channel></rss>');
for my $encoding (qw(LATIN1 SQL_ASCII))
{
	my $base = 'base_' . lc $encoding;
	my $dump = PostgreSQL::Test::Utils::tempdir . "/$base.dump";
	my $in_utf8 = $encoding eq 'LATIN1' ? "SET client_encoding = 'UTF8'; " : '';

	$node->safe_psql('postgres', "CREATE DATABASE $base TEMPLATE template0 ENCODING '$encoding'
		LC_COLLATE 'C' LC_CTYPE 'C'");
	my ($status, $said, $notices) = $node->psql($base, 'CREATE EXTENSION datasens');
	($encoding eq 'SQL_ASCII' ? \&like : \&unlike)->($notices,
		qr/NOTICE:  the encoding of this database is SQL_ASCII.*\nHINT: .* ENCODING 'UTF8'/, "$encoding: what CREATE EXTENSION says");
	$node->safe_psql($base, "SELECT datasens_add_source('rss', 'exotique', '@{[$web->url('/exotique')]}')");
	$node->safe_psql($base, "SELECT datasens_add_source('rss', 'declaree', '@{[$web->url('/latin1')]}')");
	is($node->safe_psql($base,
			"SELECT statut, nb_lus, nb_inseres, nb_rejetes FROM datasens_collect('exotique')"),
		'succes|2|2|0', "$encoding: a feed with characters from outside is stored");
	is($node->safe_psql($base,
			$in_utf8 . "SELECT titre, texte FROM datasens.document WHERE texte LIKE '%fin'"),
		"\xc3\x89t\xc3\xa9 \xe2\x82\xac \xe6\x97\xa5\xe6\x9c\xac|na\xc3\xafve \xf0\x9f\x98\x80 fin",
		"$encoding: as UTF-8") if $encoding eq 'SQL_ASCII';
	is($node->safe_psql($base,
			$in_utf8 . "SELECT titre, texte FROM datasens.document WHERE titre LIKE '%?%'"),
		"\xc3\x89t\xc3\xa9 ? ??|na\xc3\xafve ? fin", "$encoding: a ? for what it lacks")
	  if $encoding eq 'LATIN1';
	is($node->safe_psql($base, "SELECT statut, nb_inseres FROM datasens_collect('declaree')"),
		'succes|1', "$encoding: a Latin-1 feed");
	$node->safe_psql($base, 'DELETE FROM datasens.cache_http');
	is($node->safe_psql($base,
			"SELECT sum(nb_lus), sum(nb_inseres), sum(nb_doublons) FROM datasens_collect()"),
		'3|0|3', "$encoding: known again");
	my $hashes = 'SELECT count(*), count(*) FILTER (WHERE hash_fingerprint
		= datasens_hash(titre, texte)::datasens.fingerprint) FROM datasens.document';
	is($node->safe_psql($base, $hashes), '3|3', "$encoding: fingerprints are those of what is stored");
	$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr($base) ], "$encoding: pg_dump");
	$node->safe_psql('postgres', "CREATE DATABASE ${base}_copie TEMPLATE template0 ENCODING '$encoding'
		LC_COLLATE 'C' LC_CTYPE 'C'");
	$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr("${base}_copie"), $dump ],
		"$encoding: pg_restore");
	is($node->safe_psql("${base}_copie", $hashes), '3|3', "$encoding: all is there");
}
ok(!$node->log_contains('PANIC|segfault|terminated by signal'), 'nobody was hurt');
$node->stop;

# ---- too few processes ----

# The launcher has a place, the logical replication's has one: none is left for a collector.
my $narrow = DatasensNode::start('narrow', 'max_worker_processes' => 2);
my $from = -s $narrow->logfile;
$narrow->safe_psql('postgres', 'CREATE EXTENSION datasens');
$narrow->safe_psql('postgres', "SELECT datasens_add_source('rss', 'une', '@{[$web->url('/feed/1')]}', '1 second')");
ok($narrow->poll_query_until('postgres',
		"SELECT pg_read_file(current_setting('data_directory') || '/postmaster.pid') <> ''"), 'a narrow server runs');
$narrow->wait_for_log(qr/out of background worker slots; collecting is delayed/);
my $launcher = $narrow->safe_psql('postgres',
	"SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens launcher'");

# How often the launcher has waited.
sub waits
{
	return slurp_file("/proc/$launcher/status") =~ /^voluntary_ctxt_switches:\s+(\d+)/m ? $1 : 0;
}
SKIP:
{
	skip 'no /proc', 1 unless -r "/proc/$launcher/status";
	my $waits = waits();
	$narrow->safe_psql('postgres', 'SELECT pg_sleep(3)');
	cmp_ok(waits() - $waits, '<', 15, 'the launcher does not spin');
}
my $log = slurp_file($narrow->logfile);
is(scalar(() = $log =~ /out of background worker slots; collecting is delayed/g), 1, 'it says so once');
like($log, qr/collecting is delayed\n.*HINT:  Increase max_worker_processes/, 'with a hint');
is($narrow->safe_psql('postgres', "SELECT statut FROM datasens_collect('une')"), 'succes',
	'collecting by hand goes on');
$narrow->stop;
DatasensNode::configure($narrow);
$narrow->start;
DatasensNode::wait_for($narrow, 'postgres',
	"SELECT count(*) > 0 FROM datasens.flux WHERE declencheur <> 'manuel'", 'with more places it collects');
$narrow->stop;
done_testing();
