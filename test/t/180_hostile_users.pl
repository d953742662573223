# Users and texts that are hostile: what an owner attaches to any table, whatever function a
# superuser then calls; names, options and feeds that hold SQL, HTML, escapes; and every door
# that could lead a request into the server's own network.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use FakeNetwork;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;

my $network = FakeNetwork->new;
my $web = DatasensWeb->new;
my $port = $web->port;
my $node = DatasensNode::start('main', 'datasens.allow_private_networks' => 'off',
	'datasens.rss_schedule' => '0 0 1 1 *', 'datasens.retry_delay' => '1h', 'datasens.host_delay' => '0');
$node->safe_psql('postgres', 'CREATE ROLE proprietaire LOGIN; CREATE DATABASE base OWNER proprietaire');
$node->safe_psql('base', 'CREATE EXTENSION datasens');

sub as_role
{
	my ($role, $sql) = @_;
	return DatasensNode::as_role($node, 'base', $role, $sql);
}

sub url
{
	my ($path, $host) = @_;
	return 'http://' . ($host || 'bon.test') . ":$port$path";
}

# Every column of every table, as "where: value".
my $texts = q{
	SELECT t.relname || '.' || v.key || ': ' || v.value FROM pg_class t, LATERAL (
		SELECT r.key, r.value FROM xmltable('/table/row' PASSING query_to_xml(
			format('SELECT to_jsonb(x) AS j FROM datasens.%I x', t.relname), false, false, '')
			COLUMNS j jsonb PATH 'j') AS rows, jsonb_each_text(rows.j) AS r) AS v
	WHERE t.relnamespace = 'datasens'::regnamespace AND t.relkind = 'r'};

# ---- a superuser calls everything while the owner's code hangs on every table ----

# One table after the other, and what needs the strongest lock first: who holds a weak lock on a
# table that somebody reads and then wants a stronger one, or locks several tables in an order of
# his own, waits for writers that wait for him, and the server ends one of them.  So does who drops
# a schema on which several of our tables depend.
#
# Each command with the table for %1$s, its first column for %2$I and a name for %3$I.
sub on_each_table
{
	my $execute = join "\n", map { "EXECUTE format(\$f\$$_\$f\$, t, premiere, 'piege_' || nom);" } @_;

	return "DO \$\$
		DECLARE
			t regclass;
			premiere name;
			nom name;
		BEGIN
			FOR t, premiere, nom IN SELECT c.oid, attname, relname FROM pg_class c
				JOIN pg_attribute ON attrelid = c.oid AND attnum = 1
				WHERE relnamespace = 'datasens'::regnamespace AND relkind = 'r' AND pg_has_role('proprietaire', relowner, 'USAGE')
			LOOP
				$execute
				COMMIT;
			END LOOP;
		END \$\$;\n";
}

is(as_role('proprietaire', q{
	CREATE SCHEMA piege;
	GRANT USAGE ON SCHEMA piege TO pg_database_owner;
	CREATE TABLE piege.temoin (quoi text, qui text, chemin text);
	GRANT INSERT ON piege.temoin TO pg_database_owner;
	CREATE FUNCTION piege.temoigne(quoi text) RETURNS boolean LANGUAGE plpgsql AS $$
	BEGIN
		IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
			RAISE EXCEPTION 'superuser: %', quoi;
		END IF;
		INSERT INTO piege.temoin VALUES (quoi, current_user, current_setting('search_path'));
		RETURN true;
	END $$;
	CREATE FUNCTION piege.declenche() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		PERFORM piege.temoigne(TG_TABLE_NAME || ' ' || TG_OP);
		RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
	END $$;
	CREATE FUNCTION piege.calcule(valeur anyelement) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
	BEGIN
		IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
			RAISE EXCEPTION 'superuser: expression';
		END IF;
		RETURN current_user || ' ' || current_setting('search_path');
	END $$;
	CREATE DOMAIN piege.texte AS text CHECK (piege.temoigne('domaine'));
	ALTER TABLE datasens.flux ADD COLUMN avec_domaine piege.texte DEFAULT 'x';
	CREATE POLICY regle ON datasens.journal USING (piege.temoigne('politique'));
	ALTER TABLE datasens.journal ENABLE ROW LEVEL SECURITY;
	CREATE RULE aussi AS ON INSERT TO datasens.journal DO ALSO
		INSERT INTO piege.temoin VALUES ('regle', current_user, current_setting('search_path'));}
	  . on_each_table(
		q{ALTER TABLE %s ADD COLUMN piege1 boolean DEFAULT piege.temoigne('defaut'),
			ADD COLUMN piege2 text GENERATED ALWAYS AS (piege.calcule(%2$I)) STORED,
			ADD CONSTRAINT piege CHECK (piege.temoigne('contrainte')) NOT VALID},
		'CREATE TRIGGER piege1 BEFORE INSERT OR UPDATE OR DELETE ON %s
			FOR EACH ROW EXECUTE FUNCTION piege.declenche()',
		'CREATE TRIGGER piege2 AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s
			FOR EACH STATEMENT EXECUTE FUNCTION piege.declenche()')), '',
	'the owner attaches code to every table');
is(as_role('proprietaire', 'CREATE INDEX ON datasens.flux (piege.calcule(id_flux))'), 42501, 'but no index, where he may make nothing');
is(as_role('postgres', on_each_table('CREATE INDEX %3$I ON %1$s (piege.calcule(%2$I)) WHERE piege.calcule(%2$I) <> %2$L')
	  . 'TRUNCATE piege.temoin'), '', 'a superuser makes them for him');
is(as_role('proprietaire', 'CREATE EVENT TRIGGER evt ON ddl_command_end EXECUTE FUNCTION piege.declenche()'),
	42501, 'nor may he attach any to an event');
is(as_role('proprietaire', 'CREATE TABLE datasens.source2 ()'), 42501, 'nor may he make something beside them');
is(as_role('proprietaire', 'CREATE CAST (text AS datasens.fingerprint) WITH INOUT AS IMPLICIT'), 42501, 'nor cast');
is(as_role('proprietaire', 'CREATE OR REPLACE FUNCTION datasens.source_moved() RETURNS trigger LANGUAGE plpgsql
		AS $$BEGIN RETURN NULL; END$$'), 42501, 'nor replace our functions');
for my $call ("datasens_add_source('rss', 'une', '@{[url('/feed/1')]}')", "datasens_alter_source('une', nouveau_nom => 'un')",
	"datasens_enable_source('un', false)", "datasens_enable_source('un')", "datasens_collect('un')",
	"datasens_import_opml('<opml><body><outline xmlUrl=\"@{[url('/feed/2')]}\" text=\"deux\"/></body></opml>')",
	'datasens_export_opml()', 'datasens_health()', 'datasens_schedule(2)', "datasens_log('X', 'y')",
	'datasens_version_log()', "datasens_collect_async('deux')")
{
	my ($code, $out, $err) = $node->psql('base', "SELECT count(*) FROM $call");
	unlike($err, qr/superuser/, "a superuser calls $call") or diag($err);
}
DatasensNode::wait_for($node, 'base', "SELECT count(*) = 1 FROM datasens.flux f JOIN datasens.source USING (id_source)
	WHERE nom = 'deux' AND f.nb_inseres = 40", 'and a collector collects');
$node->safe_psql('base', "SELECT datasens_drop_source('un', true)");
is($node->safe_psql('base', 'SELECT string_agg(DISTINCT qui || $$ $$ || chemin, $$, $$) FROM piege.temoin'),
	'pg_database_owner pg_catalog, pg_temp', 'all of it ran, as pg_database_owner, with the pinned search_path');
like($node->safe_psql('base', "SELECT string_agg(DISTINCT quoi, ', ' ORDER BY quoi) FROM piege.temoin"),
	qr/cache_http INSERT.*contrainte.*defaut.*document DELETE.*domaine.*etat_source UPDATE.*journal INSERT.*regle.*source INSERT/,
	'on table after table');
is($node->safe_psql('base', "SELECT DISTINCT piege2 FROM (SELECT piege2 FROM datasens.document UNION ALL SELECT piege2 FROM datasens.flux
		UNION ALL SELECT piege2 FROM datasens.cache_http UNION ALL SELECT piege2 FROM datasens.source WHERE nom = 'deux') AS t"),
	'pg_database_owner pg_catalog, pg_temp', 'expressions too');
ok(!$node->log_contains('ERROR:  superuser'), 'nothing of it as a superuser');
is(as_role('proprietaire', on_each_table('DROP TRIGGER piege1 ON %s', 'DROP TRIGGER piege2 ON %s',
		'DROP INDEX datasens.%3$I', 'ALTER TABLE %s DROP CONSTRAINT piege, DROP COLUMN piege1, DROP COLUMN piege2') . q{
	ALTER TABLE datasens.flux DROP COLUMN avec_domaine;
	DROP POLICY regle ON datasens.journal;
	ALTER TABLE datasens.journal DISABLE ROW LEVEL SECURITY;
	DROP RULE aussi ON datasens.journal;
	DROP SCHEMA piege CASCADE}), '', 'away with it');

# ---- a stranger's table with our trigger on it: his casts would run as the tables' owner ----

is(as_role('postgres', 'CREATE ROLE inconnu LOGIN; CREATE SCHEMA inconnu AUTHORIZATION inconnu'), '', 'a stranger with a schema');
my $lure = q{
	CREATE TYPE leurre AS (x int);
	CREATE FUNCTION en_nombre(leurre) RETURNS bigint LANGUAGE plpgsql AS $$
		BEGIN RAISE EXCEPTION 'ran as %', current_user; END $$;
	CREATE CAST (leurre AS bigint) WITH FUNCTION en_nombre(leurre) AS IMPLICIT;
	CREATE TABLE appat (id_flux leurre);
	INSERT INTO appat VALUES (ROW(1));
	GRANT SELECT ON appat TO PUBLIC};
my $trap = 'CREATE TRIGGER t AFTER DELETE ON inconnu.appat REFERENCING OLD TABLE AS removed
	FOR EACH STATEMENT EXECUTE FUNCTION datasens.document_removed()';
is(as_role('inconnu', $lure), '', 'a table whose column is what he says');
is(as_role('inconnu', $trap), 42501, 'he cannot have our trigger on it');
is(as_role('inconnu', 'CREATE TRIGGER t AFTER DELETE ON inconnu.appat EXECUTE FUNCTION datasens.source_changed()'), 42501,
	'nor another of ours');
is(as_role('postgres', $trap), '', 'where a superuser has made it for him');
is(as_role('inconnu', 'DELETE FROM inconnu.appat'), 42501, 'it does nothing');
ok(!$node->log_contains('ran as pg_database_owner'), 'and nothing of his runs as somebody else');

# ---- what fits better than the server's own, in the schema that the extension goes into ----

$node->safe_psql('postgres', 'CREATE DATABASE partagee');
$node->safe_psql('partagee', 'CREATE SCHEMA commun; GRANT USAGE, CREATE ON SCHEMA commun TO inconnu');
my $trap_body = q{LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RAISE EXCEPTION 'piege: %', current_user; END$$};
my @lures = map { "CREATE FUNCTION commun.$_ $trap_body" } 'format(text, text) RETURNS text', 'format(text, text, text) RETURNS text',
	'format(text, text, text, text) RETURNS text', 'num_nulls(bigint, text, bigint, text) RETURNS int',
	(map { "$_(tstzrange) RETURNS timestamptz" } qw(lower upper)),
	(map { "$_(tstzrange) RETURNS boolean" } qw(lower_inc upper_inc lower_inf upper_inf)),
	'egal(oid, regclass) RETURNS boolean', 'plus(numeric, int) RETURNS boolean', 'fois(int, numeric) RETURNS numeric',
	'part(numeric, bigint) RETURNS numeric', 'part(numeric, int) RETURNS numeric';
push @lures, 'CREATE OPERATOR commun.= (LEFTARG = oid, RIGHTARG = regclass, FUNCTION = commun.egal)',
	'CREATE OPERATOR commun.> (LEFTARG = numeric, RIGHTARG = int, FUNCTION = commun.plus)',
	'CREATE OPERATOR commun.* (LEFTARG = int, RIGHTARG = numeric, FUNCTION = commun.fois)',
	'CREATE OPERATOR commun./ (LEFTARG = numeric, RIGHTARG = bigint, FUNCTION = commun.part)',
	'CREATE OPERATOR commun./ (LEFTARG = numeric, RIGHTARG = int, FUNCTION = commun.part)';
$node->safe_psql('partagee', join(";\n", @lures), extra_params => [ '-U', 'inconnu' ]);
# Beside functions of ours with defaults, ones that do without.
my @shadows = map { "CREATE FUNCTION commun.$_ $trap_body" } 'datasens_stats() RETURNS TABLE (nom text, total_docs bigint)',
	'datasens_add_source(type_source text, nom text, url text, options jsonb) RETURNS int';
push @shadows, 'CREATE TYPE commun.record AS (x int)';
is(as_role('postgres', "\\c partagee\nCREATE EXTENSION datasens SCHEMA commun"), '', 'CREATE EXTENSION meets nothing of it');
is($node->safe_psql('partagee', q{SELECT string_agg(pg_describe_object(d.classid, d.objid, d.objsubid), ', ') FROM pg_depend d
		JOIN pg_proc p ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid
		WHERE p.proowner = 'inconnu'::regrole AND d.classid <> 'pg_operator'::regclass AND d.deptype = 'n'}), '', 'nor what it has made');
$node->safe_psql('partagee', join(";\n", @shadows), extra_params => [ '-U', 'inconnu' ]);
is($node->safe_psql('partagee', "SET client_min_messages = error; SET search_path = commun, pg_catalog;
		SELECT count(*) FROM commun.datasens_add_default_sources(); UPDATE datasens.source SET actif = false;
		CALL commun.datasens_cycle(); SELECT count(*) FROM commun.datasens_progress") =~ s/\n.*documents.*\n/\n/r, "5\n0", 'nor by who uses it');

# ---- names and options ----

my $sql = "x''); DROP TABLE datasens.document; --";
for my $name ($sql, '<script>alert(1)</script>', '$$; SELECT 1', '%s%n%d', '\\x', "a\\''b", '"', '${x}', 'x' x 5000)
{
	like(as_role('proprietaire', "SELECT datasens_add_source('rss', '$name', '@{[url('/feed/3')]}')"), qr/^\d+$/,
		'a name is only a name: ' . substr($name, 0, 40));
	is(as_role('proprietaire', "SELECT statut FROM datasens_collect('$name')"), 'succes', 'and collected by it');
	is(as_role('proprietaire', "SELECT datasens_alter_source('$name', nouveau_nom => '$name.'), datasens_drop_source('$name.', true)"),
		'|', 'altered and dropped by it');
}
for my $name ("\e[2J", "a\nb", "a\x07", "\xc2\x9b2J", "\x7f")
{
	is(as_role('proprietaire', "SELECT datasens_add_source('rss', '$name', '@{[url('/feed/3')]}')"), 22023,
		'a name with control characters is refused: ' . unpack('H*', $name));
	is(as_role('proprietaire', "SELECT datasens_alter_source('deux', nouveau_nom => '$name')"), 22023, 'also a new one');
}
for my $options ("{\"flux\": [\"$sql\"]}", '{"flux": ["javascript:alert(1)"]}', '{"flux": ["file:///etc/passwd"]}',
	"{\"$sql\": 1}", '{"categories": [1]}', '{"flux": {}}', '{"flux": []}', '{"flux": [null]}')
{
	is(as_role('proprietaire', "SELECT datasens_add_source('rss', 'o', NULL, options => '$options')"), 22023,
		"options are refused: $options");
}
for my $url ("http://user:hush\@bon.test:$port/a b", 'http://user:hush@/', 'ftp://user:hush@bon.test/',
	'http://user:hush@bon.test/' . 'x' x 9000)
{
	my ($code, $out, $err) = $node->psql('base', "SELECT datasens_add_source('rss', 'u', '$url')");
	like($err, qr/ERROR:  URL .* cannot be collected/, 'a URL that is none is refused');
	unlike($err =~ s/^LINE.*//mgr, qr/hush/, 'and its password not told');
}

# ---- XPath ----

$web->control('set', path => '/xpath', type => 'text/html', body => '<html><head><title>Un titre</title></head><body>'
	  . '<p>Une phrase assez longue, avec des mots, et encore quelques mots de plus pour la lire.</p>' x 5 . '</body></html>');
for my $case (
	[ q{"); DROP TABLE datasens.document; --} => 22023, 'SQL is no XPath' ],
	[ q{document('file:///etc/passwd')} => 22023, 'nor are functions of XSLT' ],
	[ q{unparsed-text('file:///etc/passwd')} => 22023, 'nor those of later versions' ],
	[ q{concat("'); DROP TABLE datasens.document; --", //title)} => qr/^\d+$/, 'a text in XPath is a text' ])
{
	my ($expression, $expected, $what) = @$case;
	my $json = JSON::PP->new->encode({ titre => $expression }) =~ s/'/''/gr;
	like(as_role('proprietaire', "SELECT datasens_add_source('scraping', 'xpath', '@{[url('/xpath')]}', options => '$json')"),
		ref $expected ? $expected : qr/^$expected$/, $what);
}
is(as_role('proprietaire', "SELECT statut, nb_inseres FROM datasens_collect('xpath')"), 'succes|1', 'that is collected');
is(as_role('proprietaire', "SELECT titre FROM datasens.document WHERE url = '@{[url('/xpath')]}'"),
	"'); DROP TABLE datasens.document; --Un titre", 'as it says');

# ---- lines within headers ----

my $lines = '{"headers": {"X-Cle": "a\\r\\nX-Intrus: b"}}';
is(as_role('proprietaire', "SELECT datasens_add_source('json', 'o', '@{[url('/feed/3')]}', options => '$lines')"), 22023,
	'a header of two lines is refused');
is(as_role('proprietaire', "SELECT datasens_add_source('json', 'o', '@{[url('/feed/3')]}',
		options => '{\"headers\": {\"X\\r\\nX-Intrus\": \"b\"}}')"), 22023, 'also one of such a name');
is(as_role('postgres', "SELECT datasens_set_secret('cle', E'a\\r\\nX-Intrus: b')"), 22023, 'a secret of two lines, too');
as_role('proprietaire', "SELECT datasens_add_source('json', 'intrus', '@{[url('/feed/3')]}')");
is(as_role('proprietaire', "UPDATE datasens.source SET options = '$lines' WHERE nom = 'intrus'"), '', 'written into the table');
$web->reset;
like(as_role('proprietaire', "SELECT erreur FROM datasens_collect('intrus')"),
	qr/: header "X-Cle" has a character that cannot be sent/, 'it is not sent');
is(scalar @{ $web->log->{requests} }, 0, 'nor anything else');

# ---- the administrator's secrets ----

my $directory = PostgreSQL::Test::Utils::tempdir();
append_to_file("$directory/cle", 'cle-du-serveur');
DatasensNode::reload($node, map { ("datasens.${_}_file" => "$directory/cle") } qw(owm_api_key s3_secret_key smtp_password));
$node->poll_query_until('base', "SELECT current_setting('datasens.smtp_password_file') <> ''") or die 'reload';
$web->reset;
for my $name (qw(s3_secret_key s3_access_key s3_session_token smtp_password))
{
	my $options = "{\"headers\": {\"X-Cle\": \"secret:$name\"}}";

	is(as_role('proprietaire', "SELECT datasens_preview('json', '@{[url('/vol')]}', '$options')"), 42501, "a source cannot name $name");
	is(as_role('proprietaire', "UPDATE datasens.source SET url = '@{[url('/vol')]}', options = '$options' WHERE nom = 'intrus'"), '', 'but by hand');
	like(as_role('proprietaire', "SELECT erreur FROM datasens_collect('intrus')"), qr/^refused: the secret "$name" is not for sources/, 'it is not sent');
}
for my $source ([ 'json', "'@{[url('/vol')]}'", '{"parametre_secret": {"cle": "secret:owm_api_key"}}' ],
	[ 'owm', 'NULL', "{\"villes\": [\"Paris\"], \"api\": \"@{[url('/vol')]}\"}" ])
{
	my ($kind, $url, $options) = @$source;

	is(as_role('proprietaire', "SELECT count(*) FROM datasens_preview('$kind', $url, '$options')"), '38000',
		"$kind: nor is the key of a service sent elsewhere");
	like(as_role('proprietaire', "SELECT datasens_add_source('$kind', 'vol $kind', $url, options => '$options') > 0;
			SELECT erreur FROM datasens_collect('vol $kind')"), qr/secret: the secret "owm_api_key" is missing; .*the server's own is not sent/,
		'nor when it is collected');
}
is(scalar @{ $web->log->{requests} }, 0, 'nothing was asked');
is(as_role('proprietaire', "SELECT datasens_set_secret('owm_api_key', 'la-sienne')"), '', 'a key of the database');
$web->control('set', path => '/vol?cle=la-sienne', type => 'application/json', body => '[{"title": "Un titre", "text": "x"}]');
is(as_role('proprietaire', "SELECT statut FROM datasens_collect('vol json')"), 'succes', 'goes where its owner says');
DatasensNode::reload($node, map { ("datasens.${_}_file" => '') } qw(owm_api_key s3_secret_key smtp_password));

# ---- those who have no rights at all ----

is(as_role('postgres', "CREATE ROLE personne LOGIN"), '', 'somebody who may connect');
my $stranger = $node->background_psql('base', extra_params => [ '-U', 'personne' ]);
$stranger->query_safe("SET application_name = 'pg_restore'");
my ($source, $tasks, $id) = split /\|/, $node->safe_psql('base', "SELECT 'datasens.source'::regclass::oid, 'datasens.tache'::regclass::oid, id_source
	FROM datasens.source WHERE nom = 'deux'");
$stranger->query_safe("SELECT pg_advisory_lock($source, $id), pg_advisory_lock_shared($source, $id), pg_advisory_lock(i, $id), pg_advisory_lock($tasks, j)
	FROM generate_series(3, 6) AS i, generate_series(0, 9) AS j");
is(as_role('proprietaire', "SELECT statut FROM datasens_health() WHERE nom = 'deux'"), 'ok', 'who takes locks like ours is not taken for a collector');
$node->safe_psql('base', "SELECT datasens_collect_async('deux')");
DatasensNode::wait_for($node, 'base', "SELECT count(*) = 2 FROM datasens.flux JOIN datasens.source USING (id_source) WHERE nom = 'deux'",
	'nor does he, called pg_restore, keep one from collecting');
$stranger->quit;

# ---- passwords in the URLs of pages ----

$web->control('set', path => '/page', type => 'text/html', body => '<html><head><title>Une page</title></head><body><article>'
	  . '<p>Une phrase assez longue, avec des mots, et encore quelques mots de plus pour la lire.</p>' x 5 . '</article></body></html>');
as_role('proprietaire', "SELECT datasens_add_source('scraping', 'page', 'http://user:hush\@bon.test:$port/page')");
is(as_role('proprietaire', "SELECT statut, nb_inseres FROM datasens_collect('page')"), 'succes|1', 'a page behind a password');
is(as_role('proprietaire', "SELECT url FROM datasens.document WHERE titre = 'Une page'"), url('/page'),
	'is known by its address without it');

# ---- texts of feeds ----

my @bad = ("\e[2J", '&#27;[2J', "\xc2\x9b2J", '&#155;2J', "\x07", '&#x202e;', "'); DROP TABLE datasens.document; --");
my $items = join '', map { my $t = $_; "<item><title>t $t</title><link>http://h/$t</link><guid>$t</guid>"
	  . "<author>$t</author><category>$t</category><description>d $t &lt;script&gt;x&lt;/script&gt;</description></item>" } @bad;
$web->control('set', path => '/mauvais', body => "<rss version='2.0'><channel><language>\e[2J</language>$items</channel></rss>");
$web->control('set', path => '/vers', status => 302, header => "Location: gop\e[2Jher://x/");
$web->control('set', path => '/racine', body => "<\xc2\x9b2J\e[2J>x");
for my $path (qw(mauvais vers racine))
{
	as_role('proprietaire', "SELECT datasens_add_source('rss', '$path', '@{[url(\"/$path\")]}')");
	note($path, ': ', as_role('proprietaire', "SELECT statut, nb_lus, nb_inseres, erreur FROM datasens_collect('$path')"));
}
is(as_role('proprietaire', "SELECT statut, nb_lus - nb_rejetes - nb_inseres - nb_doublons FROM datasens.flux
		JOIN datasens.source USING (id_source) WHERE nom = 'mauvais'"), 'succes|0', 'a feed of bad texts is stored');
is($node->safe_psql('base', "SELECT t FROM ($texts) AS x (t) WHERE t ~ '[\\x01-\\x08\\x0B-\\x1F\\x7F-\\u009F]'"), '',
	'no control character is in any table');
is($node->safe_psql('base', "SELECT count(*) FROM (SELECT h::text FROM datasens_health() h) AS x (t)
		WHERE t ~ '[\\x01-\\x1F\\x7F-\\u009F]'"), 0, 'nor in what health tells');
is(as_role('proprietaire', "SELECT datasens_log('VRAI', E'vrai\\n- 2026-01-01 00:00:00 | `FAUX` | faux\\r\\e[2J')"), '',
	'a line of the journal');
is($node->safe_psql('base', "SELECT count(*) FROM regexp_split_to_table(datasens_version_log(), '[\\n\\r]') AS l
		WHERE l ~ '^[^`]*`FAUX`' OR l ~ '[\\x01-\\x1F\\x7F-\\u009F]'"), 0, 'does not become two');

# ---- doors to the server's own network ----

my @inside = ("http://127.0.0.1:$port/feed/1", "http://localhost:$port/feed/1", "http://[::1]:$port/feed/1",
	"http://0x7f000001:$port/feed/1", 'http://inside.test/', 'http://169.254.169.254/latest/meta-data/');
$network->hosts('inside.test' => '10.0.0.1');
$web->reset;
my $outlines = join '', map { "<outline text=\"dedans\" xmlUrl=\"$_\"/>" } @inside, 'file:///etc/passwd', 'gopher://x/', 'dict://x:1/';
is(as_role('proprietaire', "SELECT string_agg(statut, ' ') FROM datasens_import_opml('<opml><body>$outlines</body></opml>')"),
	'ajoutee ' x @inside . 'refusee refusee refusee', 'a feed list brings URLs, but no other schemes');
is(as_role('proprietaire', "SELECT count(*), string_agg(DISTINCT f.erreur ~ '^refused: ', '') FROM (SELECT (datasens_collect(nom)).*
		FROM datasens.source WHERE nom LIKE 'dedans%') AS f" =~ s/string_agg\(DISTINCT f.erreur ~ '\^refused: ', ''\)/bool_and(f.erreur ~ '^refused: ')/r),
	@inside . '|t', 'none of which is reached');
my $links = join '', map { "<item><title>lien $_</title><link>$_</link><enclosure url='$_'/><comments>$_</comments></item>" } @inside;
$web->control('set', path => '/liens', body => "<?xml-stylesheet href='$inside[0]'?><rss version='2.0' xml:base='$inside[0]'>"
	  . "<channel><link>$inside[0]</link><image><url>$inside[0]</url></image><cloud domain='127.0.0.1' port='$port' path='/'/>$links</channel></rss>");
as_role('proprietaire', "SELECT datasens_add_source('rss', 'liens', '@{[url('/liens')]}')");
is(as_role('proprietaire', "SELECT statut, nb_inseres FROM datasens_collect('liens')"), 'succes|6', 'links are stored');
is(join(' ', map { $_->{path} } @{ $web->log->{requests} }), '/liens', 'and nothing but the feed is asked for');
my %connects = $network->connects;
is(join(' ', sort keys %connects), '93.184.215.14', 'only a public address was connected to');

$node->stop;
$web->stop;
done_testing();
