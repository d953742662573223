# Who may do what, and as whom things run: what users attach to the tables never
# runs as a superuser, whoever collects.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use Test::More;

my $web = DatasensWeb->new;
my $node = DatasensNode::start('main', 'datasens.rss_schedule' => '0 0 1 1 *');
$node->safe_psql('postgres', q{
	CREATE ROLE proprietaire LOGIN;
	CREATE ROLE moniteur LOGIN IN ROLE pg_monitor;
	CREATE ROLE personne LOGIN;
	CREATE DATABASE base OWNER proprietaire});
$node->safe_psql('base', 'CREATE EXTENSION datasens');

sub as_role
{
	my ($role, $sql) = @_;
	return DatasensNode::as_role($node, 'base', $role, $sql);
}

sub collect
{
	my ($nom) = @_;
	return $node->safe_psql('base',
		"SELECT statut, nb_lus, nb_inseres, nb_rejetes FROM datasens_collect('$nom')");
}

sub add
{
	my ($nom, $path) = @_;
	return as_role('proprietaire',
		"SELECT datasens_add_source('rss', '$nom', '@{[$web->url($path)]}')");
}

# ---- privileges ----

# Functions of the extension that a role may call, by name; not the type's own nor triggers.
my $callable = q{
	SELECT string_agg(DISTINCT proname, ' ' ORDER BY proname) FROM pg_proc p
	JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
	JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'datasens'
	WHERE prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
		AND proname !~ '^fingerprint_' AND has_function_privilege('%s', p.oid, 'EXECUTE')};
my $everyones = 'datasens_cron_next datasens_extract_article datasens_hash datasens_parse_date '
  . 'datasens_parse_feed datasens_robots_allowed';
is($node->safe_psql('base', sprintf($callable, 'personne')), $everyones,
	'everyone may call what only computes, and nothing else');
is($node->safe_psql('base', sprintf($callable, 'moniteur')),
	'datasens_cron_next datasens_extract_article datasens_hash datasens_health datasens_metrics '
	  . 'datasens_parse_date datasens_parse_feed datasens_progress_entries datasens_robots_allowed datasens_schedule '
	  . 'datasens_stats datasens_summary',
	'pg_monitor may see how things are besides');
is($node->safe_psql('base', q{
		SELECT count(*) FROM pg_class c, unnest(ARRAY['personne', 'moniteur']) AS r,
			unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']) AS p
		WHERE relnamespace = 'datasens'::regnamespace AND relkind = 'r'
			AND has_table_privilege(r, c.oid, p)}),
	0, 'nobody but the owner may touch a table');
is($node->safe_psql('base', q{
		SELECT count(*) FROM pg_class c, unnest(ARRAY['personne', 'moniteur']) AS r
		WHERE relnamespace = 'datasens'::regnamespace AND relkind = 'S'
			AND has_sequence_privilege(r, c.oid, 'USAGE, SELECT, UPDATE')}),
	0, 'nor a sequence');
is($node->safe_psql('base', q{
		SELECT count(*) FROM unnest(ARRAY['personne', 'moniteur', 'proprietaire']) AS r
		WHERE has_schema_privilege(r, 'datasens', 'CREATE') OR pg_has_role(r, 'postgres', 'USAGE')}),
	0, 'nor make something in the schema');
is(as_role('personne', 'SELECT * FROM datasens_progress'), 42501, 'the progress is not for everyone');
is(as_role('moniteur', 'SELECT count(*) FROM datasens_progress'), 0, 'but for pg_monitor');
is(as_role('personne', 'SELECT * FROM datasens_backfills'), 42501, 'nor are the backfills');
is(as_role('moniteur', 'SELECT count(*) FROM datasens_backfills'), 0, 'but for pg_monitor');
is(as_role('moniteur', 'SELECT count(*) FROM datasens_health()'), 0, 'as is datasens_health()');
is(as_role('moniteur', "SELECT count(*) FROM datasens_schedule() WHERE type_source <> 'tache'"), 0, 'as is datasens_schedule()');
for my $call ('datasens_collect()', 'datasens_collect_async()', "datasens_log('X')",
	"datasens_add_source('rss', 'x', 'http://x.test/')", 'datasens_version_log()',
	"datasens_enable_source('x')", "datasens_alter_source('x')", "datasens_drop_source('x')",
	"datasens_preview('rss', 'http://x.test/')",
	"datasens_import_opml('<opml/>')", "datasens_set_secret('x', 'y')", 'datasens_export_opml()', 'datasens.installed()',
	'datasens_check()', "datasens_version_log('/tmp/x')", "datasens_forget('x')", 'datasens_forget(1)', 'datasens_backup()', 'datasens_report()',
	"datasens_backfill('x', '2020-01-01')", 'datasens_backfill_pause(1)', 'datasens_backfill_resume(1)',
	'datasens_backfill_cancel(1)')
{
	is(as_role($_, "SELECT $call"), 42501, "$_ may not call $call") for qw(personne moniteur);
}
for my $setting (qw(backup_command backup_directory archive_url s3_endpoint s3_secret_key_file allow_private_networks allow_drop proxy user_agent ca_file max_response_size))
{
	like(as_role('proprietaire', "SET datasens.$setting = 'on'"), qr/^(42501|55P02)$/,
		"who is no superuser cannot set datasens.$setting");
}

# ---- the database's owner, who is no superuser, may do everything ----

like(add('une', '/feed/1'), qr/^1$/, 'the owner adds a source');
is(as_role('proprietaire', "SELECT datasens_alter_source('une', nouveau_nom => 'un')"), '', 'alters it');
is(as_role('proprietaire', "SELECT datasens_enable_source('un', false), datasens_enable_source('un')"),
	'|', 'switches it off and on');
is(as_role('proprietaire', "SELECT statut, nb_inseres FROM datasens_collect('un')"), 'succes|40',
	'collects');
is(as_role('proprietaire', "SELECT datasens_collect_async('un')"), 1, 'asks for it');
DatasensNode::wait_for($node, 'base', "SELECT count(*) = 2 FROM datasens.flux", 'which happens');
is(as_role('proprietaire', "SELECT statut FROM datasens_health()"), 'ok', 'sees how it is');
is(as_role('proprietaire', "SELECT count(*) FROM datasens_schedule(3) WHERE type_source <> 'tache'"), 3, 'and will be');
is(as_role('proprietaire', "SELECT count(*) FROM datasens_progress"), 0, 'and is just now');
is(as_role('proprietaire', "SELECT total_docs FROM datasens_stats() WHERE nom IS NULL"), 40,
	'and how many they are');
is(as_role('proprietaire', 'SELECT count(*) FROM datasens_check()'), 0, 'checks what is stored');
is(as_role('proprietaire', "SELECT datasens_version_log('/tmp/x')"), 42501, 'but writes no file');
like(as_role('proprietaire', 'SELECT datasens_report()'), qr/^datasens: base\n/, 'reads the report');
is(as_role('personne', 'CALL datasens_cycle()'), 42501, 'nobody else makes a daily round');
is(as_role('proprietaire', 'CALL datasens_cycle()') =~ s/ .*//r, '+0', 'the owner does');
is(as_role('proprietaire', "SELECT datasens_backup()"), 55000, 'backs up where there is a directory');
is(as_role('proprietaire', "SELECT datasens_log('X', 'y')"), '', 'writes the journal');
like(as_role('proprietaire', "SELECT datasens_version_log()"), qr/`X` \| y/, 'reads it');
like(as_role('proprietaire', "SELECT statut FROM datasens_import_opml(datasens_export_opml())"),
	qr/^existante$/, 'exports and imports');
is(as_role('proprietaire', 'SELECT count(*) FROM datasens.document; DELETE FROM datasens.rejet'), 40,
	'works in the tables');
is(as_role('proprietaire', "SELECT datasens_forget('http://feed1.test/article/1*')"), 11, 'forgets documents');
is(as_role('proprietaire', "SELECT datasens_drop_source('un')"), '2BP01', 'is warned');
is(as_role('proprietaire', "SELECT datasens_drop_source('un', true)"), '', 'and drops it');

# ---- what users attach to the tables ----

# Each piece says as whom and with which search_path it ran; as a superuser it refuses.
as_role('proprietaire', q{
	CREATE SCHEMA piege;
	GRANT USAGE ON SCHEMA piege TO pg_database_owner;
	CREATE TABLE piege.temoin (quoi text, qui text, chemin text, essai text);
	GRANT INSERT ON piege.temoin TO pg_database_owner;
	CREATE FUNCTION piege.temoigne(quoi text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE
		tried text := '';
		command text;
	BEGIN
		IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
			RAISE EXCEPTION 'superuser';
		END IF;
		FOREACH command IN ARRAY ARRAY['SET ROLE postgres', 'RESET ROLE',
			'SET SESSION AUTHORIZATION DEFAULT', 'RESET SESSION AUTHORIZATION',
			'SELECT set_config(''role'', ''postgres'', false)',
			'ALTER ROLE proprietaire SUPERUSER', 'CREATE TEMP TABLE t ()',
			'SET datasens.allow_drop = on']
		LOOP
			BEGIN
				EXECUTE command;
				tried := tried || command || ' ';
			EXCEPTION WHEN OTHERS THEN
				NULL;
			END;
		END LOOP;
		INSERT INTO piege.temoin
		VALUES (quoi, current_user, current_setting('search_path'), tried);
		RETURN current_user;
	END $$;
	CREATE FUNCTION piege.declenche() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		PERFORM piege.temoigne(TG_ARGV[0]);
		RETURN NEW;
	END $$;
	CREATE FUNCTION piege.defini() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
	BEGIN
		PERFORM piege.temoigne('definisseur');
		RETURN NEW;
	END $$;
	CREATE FUNCTION piege.calcul(titre text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
	BEGIN
		IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
			RAISE EXCEPTION 'superuser';
		END IF;
		RETURN current_user || ' ' || current_setting('search_path');
	END $$;
	ALTER TABLE datasens.document ADD COLUMN defaut text;
	ALTER TABLE datasens.document ALTER COLUMN defaut SET DEFAULT piege.temoigne('defaut');
	ALTER TABLE datasens.document ADD COLUMN genere text
		GENERATED ALWAYS AS (piege.calcul(titre)) STORED;
	ALTER TABLE datasens.document ADD CHECK (piege.calcul(titre) = 'pg_database_owner pg_catalog, pg_temp')
		NOT VALID;
	CREATE TRIGGER t1 BEFORE INSERT ON datasens.document FOR EACH ROW
		EXECUTE FUNCTION piege.declenche('avant');
	CREATE TRIGGER t2 AFTER INSERT ON datasens.document FOR EACH ROW
		EXECUTE FUNCTION piege.declenche('apres');
	CREATE TRIGGER t3 AFTER INSERT ON datasens.document FOR EACH STATEMENT
		EXECUTE FUNCTION piege.declenche('ordre');
	CREATE TRIGGER t4 AFTER INSERT ON datasens.document FOR EACH ROW
		EXECUTE FUNCTION piege.defini();
	CREATE TRIGGER t5 AFTER INSERT ON datasens.flux FOR EACH ROW
		EXECUTE FUNCTION piege.declenche('flux');
	CREATE TRIGGER t6 AFTER INSERT OR UPDATE ON datasens.etat_source FOR EACH ROW
		EXECUTE FUNCTION piege.declenche('etat');
	CREATE TRIGGER t7 AFTER INSERT ON datasens.cache_http FOR EACH ROW
		EXECUTE FUNCTION piege.declenche('cache')});
$node->safe_psql('base', q{
	CREATE INDEX piege_idx ON datasens.document (piege.calcul(titre)) WHERE piege.calcul(titre) <> ''});
is($node->safe_psql('base', "SELECT count(*) FROM pg_trigger WHERE tgname ~ '^t[0-9]'"), 7,
	'the owner attaches triggers, a default, an index, a check');

sub witnesses
{
	my ($who) = @_;
	is($node->safe_psql('base',
			"SELECT string_agg(DISTINCT quoi, ' ' ORDER BY quoi) FROM piege.temoin"),
		'apres avant cache defaut definisseur etat flux ordre', "$who: all of it ran");
	is($node->safe_psql('base', "SELECT DISTINCT qui FROM piege.temoin WHERE quoi <> 'definisseur'"),
		'pg_database_owner', "$who: as pg_database_owner");
	is($node->safe_psql('base', "SELECT DISTINCT qui FROM piege.temoin WHERE quoi = 'definisseur'"),
		'proprietaire', "$who: security definer as its owner");
	is($node->safe_psql('base', 'SELECT DISTINCT chemin FROM piege.temoin'), 'pg_catalog, pg_temp',
		"$who: with the pinned search_path");
	is($node->safe_psql('base', 'SELECT DISTINCT genere FROM datasens.document'),
		'pg_database_owner pg_catalog, pg_temp', "$who: expressions, too");
	is($node->safe_psql('base', "SELECT count(*) FROM piege.temoin WHERE essai <> ''"), 0,
		"$who: every try to become another fails");
	is($node->safe_psql('base', "SELECT rolsuper FROM pg_roles WHERE rolname = 'proprietaire'"), 'f',
		"$who: and none has left something");
	$node->safe_psql('base', 'TRUNCATE piege.temoin; TRUNCATE datasens.document');
	return;
}

add('deux', '/feed/2');
is(collect('deux'), 'succes|40|40|0', 'a superuser collects');
witnesses('in the foreground');
add('trois', '/feed/3');
$node->safe_psql('base', "SELECT datasens_collect_async('trois')");
DatasensNode::wait_for($node, 'base',
	"SELECT count(*) = 1 FROM datasens.flux JOIN datasens.source USING (id_source)
	 WHERE nom = 'trois' AND nb_inseres = 40", 'a collector collects');
witnesses('in a collector');

# Put off to the end of the transaction, a trigger would run as whoever ends it.
as_role('proprietaire', q{
	CREATE CONSTRAINT TRIGGER t8 AFTER INSERT ON datasens.document DEFERRABLE INITIALLY DEFERRED
		FOR EACH ROW EXECUTE FUNCTION piege.declenche('differe')});
add('quatre', '/feed/4?items=3');
$node->psql('base', "SELECT datasens_collect('quatre')");
add('cinq', '/feed/5?items=3');
$node->safe_psql('base', "SELECT datasens_collect_async('cinq')");
DatasensNode::wait_for($node, 'base',
	"SELECT count(*) = 1 FROM datasens.flux JOIN datasens.source USING (id_source)
	 WHERE nom = 'cinq'", 'a deferred trigger does not stop collecting');
is($node->safe_psql('base',
		"SELECT count(*) FROM piege.temoin WHERE quoi = 'differe' AND qui <> 'pg_database_owner'"),
	0, 'a deferred trigger does not run as anyone else');
ok(!$node->log_contains('ERROR:  superuser'), 'let alone as a superuser');
is($node->safe_psql('base', "SELECT DISTINCT motif FROM datasens.rejet"),
	'cannot fire deferred trigger within security-restricted operation (SQLSTATE 42501)',
	'its documents are rejected, with the reason');
as_role('proprietaire', q{
	DROP TRIGGER t8 ON datasens.document; DELETE FROM datasens.rejet;
	DROP SCHEMA piege CASCADE; ALTER TABLE datasens.document DROP COLUMN defaut});

# ---- objects that are named like ours or like the server's ----

as_role('proprietaire', q{
	ALTER DATABASE base SET search_path = public, pg_catalog;
	GRANT CREATE ON SCHEMA public TO PUBLIC});
is(as_role('personne', q{
	CREATE FUNCTION public.boum() RETURNS boolean LANGUAGE plpgsql AS
		$$BEGIN RAISE EXCEPTION 'hostile: %', current_user; END$$;
	CREATE TABLE public.source (nom text); CREATE TABLE public.document (titre text);
	CREATE TABLE public.flux (x int); CREATE TABLE public.etat_source (x int);
	CREATE TABLE public.incoming_documents (x int); CREATE TABLE public.incoming_states (x int);
	CREATE VIEW public.pg_locks AS SELECT public.boum();
	CREATE VIEW public.pg_stat_activity AS SELECT public.boum();
	CREATE DOMAIN public.text AS pg_catalog.text CHECK (public.boum());
	CREATE DOMAIN public.fingerprint AS pg_catalog.text CHECK (public.boum());
	CREATE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT public.boum()::pg_catalog.text::timestamptz';
	CREATE FUNCTION public.count(pg_catalog.int8) RETURNS int8 LANGUAGE sql AS 'SELECT public.boum()::int::int8';
	CREATE FUNCTION public.unnest(pg_catalog.text[]) RETURNS pg_catalog.text LANGUAGE sql AS 'SELECT public.boum()::pg_catalog.text';
	CREATE FUNCTION public.egal(pg_catalog.text, pg_catalog.text) RETURNS boolean LANGUAGE sql AS 'SELECT public.boum()';
	CREATE OPERATOR public.= (LEFTARG = pg_catalog.text, RIGHTARG = pg_catalog.text, FUNCTION = public.egal);
	CREATE FUNCTION public.egal(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT public.boum()';
	CREATE OPERATOR public.= (LEFTARG = int, RIGHTARG = int, FUNCTION = public.egal);
	CREATE FUNCTION public.apres(timestamptz, timestamptz) RETURNS boolean LANGUAGE sql AS 'SELECT public.boum()';
	CREATE OPERATOR public.<= (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = public.apres)}),
	'', 'hostile objects in public');
is(as_role('proprietaire', qq{
	SELECT datasens_add_source('rss', 'six', '@{[$web->url('/feed/6')]}') > 0 AS x \\gset
	SELECT datasens_add_source('rss', 'sept', '@{[$web->url('/feed/7')]}') > 0 AS x \\gset
	CREATE TEMP TABLE source (x int); CREATE TEMP TABLE incoming_documents (x int);
	CREATE TEMP TABLE incoming_states (x int); CREATE TEMP TABLE incoming_plans (x int);
	CREATE TEMP TABLE pg_locks (x int); CREATE TEMP TABLE pg_database (x int);
	SELECT statut, nb_inseres, nb_rejetes, erreur FROM datasens_collect('six')}),
	'succes|40|0|', 'do no harm in the foreground, nor do temporary ones');
is(as_role('proprietaire', q{
	SELECT datasens_alter_source('six', fuseau => 'Europe/Paris'), datasens_enable_source('six', false),
		datasens_log('X')}), '||', 'nor to the other functions');
is(as_role('proprietaire', "SELECT nom, statut FROM datasens_health() ORDER BY nom USING OPERATOR(pg_catalog.<) LIMIT 2"),
	"cinq|ok\ndeux|ok", 'nor to health');
is(as_role('proprietaire', "SELECT datasens_collect_async('sept')"), 1, 'a collector is asked');
DatasensNode::wait_for($node, 'base',
	"SELECT pg_catalog.count(*) OPERATOR(pg_catalog.=) 1::bigint FROM datasens.flux JOIN datasens.source s
	 ON s.id_source OPERATOR(pg_catalog.=) flux.id_source
	 WHERE s.nom OPERATOR(pg_catalog.=) 'sept' AND nb_inseres OPERATOR(pg_catalog.=) 40::bigint",
	'nor in a collector');
is(as_role('proprietaire', "SELECT datasens_drop_source('six', true)"), '', 'nor to dropping');
add('absente', '/status/404');
is(scalar $node->psql('base', 'CALL datasens_cycle()'), 0, 'nor to the daily round of a superuser');
ok(!$node->log_contains('ERROR:  hostile'), 'nothing of it ran');

# A source's own trigger of ours runs with its own search_path, also from plain SQL.
as_role('proprietaire', q{
	UPDATE datasens.source SET url = url WHERE nom OPERATOR(pg_catalog.=) 'sept';
	UPDATE datasens.source SET options = '{"categories": ["x"]}' WHERE nom OPERATOR(pg_catalog.=) 'sept'});
is($node->safe_psql('base', q{
		SET search_path = pg_catalog;
		SELECT count(*) FROM datasens.cache_http JOIN datasens.source USING (id_source) WHERE nom = 'sept'}),
	0, 'and the guards work');

$node->stop;
done_testing();
