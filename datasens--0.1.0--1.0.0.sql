/* datasens--0.1.0--1.0.0.sql */

-- complain if script is sourced in psql, rather than via ALTER EXTENSION
\echo Use "ALTER EXTENSION datasens UPDATE TO '1.0.0'" to load this file. \quit

-- Readings that are deleted are taken off the counts, as documents are.
CREATE TRIGGER meteo_removed AFTER DELETE ON datasens.meteo
	REFERENCING OLD TABLE AS removed
	FOR EACH STATEMENT EXECUTE FUNCTION datasens.document_removed();
CREATE TRIGGER meteo_truncated AFTER TRUNCATE ON datasens.meteo
	FOR EACH STATEMENT EXECUTE FUNCTION datasens.document_removed();

-- A new address locks in the order of the runs.
CREATE OR REPLACE FUNCTION datasens.source_moved() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- in the order of the runs: a source's state, then its addresses
	UPDATE datasens.etat_source SET curseur = NULL
	WHERE id_source = NEW.id_source AND curseur IS NOT NULL;
	DELETE FROM datasens.cache_http WHERE id_source = NEW.id_source;
	RETURN NULL;
END
$$;

-- The server's files and secrets are for sources of those only who may read them.
CREATE FUNCTION datasens.source_allowed() RETURNS trigger
AS 'MODULE_PATHNAME', 'datasens_source_allowed' LANGUAGE C;
COMMENT ON FUNCTION datasens.source_allowed() IS
	'trigger: refuses a row by which its writer would get at files or secrets of the server that are not for him';
CREATE TRIGGER source_allowed AFTER INSERT OR UPDATE OF type_source, url, options ON datasens.source
	FOR EACH ROW EXECUTE FUNCTION datasens.source_allowed();

-- A flux stays while records refer to it.
CREATE OR REPLACE FUNCTION datasens.flux_kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	kept bigint;
	lowest bigint;
	highest bigint;
	how_many bigint;
	nom_table text;
	condition text DEFAULT '';
BEGIN
	SELECT min(id_flux), max(id_flux), count(*) INTO lowest, highest, how_many FROM removed;
	-- flux that are neighbours: their records are, too, and are looked at once
	IF highest - lowest < 20 * how_many THEN
		condition := 'WHERE d.id_flux BETWEEN $1 AND $2';
	END IF;
	FOREACH nom_table IN ARRAY ARRAY['document', 'meteo', 'evenement', 'document_evenement'] LOOP
		EXECUTE format('SELECT d.id_flux FROM removed JOIN datasens.%I d USING (id_flux) %s LIMIT 1',
			nom_table, condition) INTO kept USING lowest, highest;
		IF kept IS NOT NULL THEN
			RAISE EXCEPTION 'cannot delete flux %: rows of datasens.% refer to it', kept, nom_table
				USING ERRCODE = 'foreign_key_violation',
					  HINT = 'Delete these rows first, or use datasens_drop_source().';
		END IF;
	END LOOP;
	-- what was archived of them goes with them
	INSERT INTO datasens.archive (uri)
	SELECT manifest_uri FROM removed WHERE manifest_uri LIKE '%.warc.gz';
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION datasens.flux_kept() IS
	'trigger: refuses to delete a flux that records refer to, and has what was archived of it removed';

-- How it grows: a row a day, written by the task menage.
CREATE TABLE datasens.volumetrie (
	jour date PRIMARY KEY,
	octets bigint NOT NULL,
	documents bigint NOT NULL
);
ALTER TABLE datasens.volumetrie OWNER TO pg_database_owner;
SELECT pg_catalog.pg_extension_config_dump('datasens.volumetrie', '');
COMMENT ON TABLE datasens.volumetrie IS 'how large the tables were, day by day';
COMMENT ON COLUMN datasens.volumetrie.jour IS 'in UTC';
COMMENT ON COLUMN datasens.volumetrie.octets IS 'bytes of all tables of the schema datasens with their indexes';
COMMENT ON COLUMN datasens.volumetrie.documents IS 'records that all sources have brought and that are there';

-- Documents without an address can be forgotten, too.
CREATE FUNCTION datasens_forget(VARIADIC ids bigint[]) RETURNS bigint
AS 'MODULE_PATHNAME', 'datasens_forget_ids' LANGUAGE C STRICT;
COMMENT ON FUNCTION datasens_forget(bigint[]) IS
	'removes the documents of these id_doc, which need no address, and keeps their fingerprints, so that they are not collected again; returns how many';
REVOKE ALL ON FUNCTION datasens_forget(bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION datasens_forget(bigint[]) TO pg_database_owner;

-- A row that changes with each edition finds room for the new one beside it.
ALTER TABLE datasens.cache_http SET (fillfactor = 60);

-- A trigger of anyone's own would have document_removed() work as the tables' owner.
REVOKE ALL ON FUNCTION datasens.source_moved(), datasens.document_removed(), datasens.flux_kept(),
	datasens.source_kept(), datasens.source_allowed(), datasens.source_changed(),
	datasens.guard_drop() FROM PUBLIC;

-- Sources to begin with.
CREATE FUNCTION datasens_add_default_sources(preset text DEFAULT 'france',
	OUT nom text, OUT type_source text, OUT statut text)
RETURNS SETOF record LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	url text;
	options jsonb;
BEGIN
	IF preset IS DISTINCT FROM 'france' THEN
		RAISE EXCEPTION 'unknown preset of sources "%"', preset
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Valid presets are: france.';
	END IF;
	FOR nom, type_source, url, options IN
		VALUES ('Presse', 'rss', NULL, jsonb '{"flux": ["https://www.francetvinfo.fr/titres.rss",
				"https://www.20minutes.fr/feeds/rss-une.xml", "https://www.lemonde.fr/rss/une.xml"]}'),
			('GDELT France', 'gdelt', NULL, '{"pays": ["FR"]}'),
			('OpenWeatherMap', 'owm', NULL, '{"villes": ["Paris,FR", "Lyon,FR", "Marseille,FR", "Toulouse,FR"]}'),
			('Vie publique', 'scraping', NULL, '{"fil": "https://www.vie-publique.fr/rss"}'),
			('Avis', 'kaggle', 'djilax/allocine-french-movie-reviews',
				'{"fichier": "test.csv", "colonnes": {"texte": "review"}}')
	LOOP
		BEGIN
			PERFORM @extschema@.datasens_add_source(type_source, nom, url, NULL::text, options, NULL::text);
			statut := 'ajoutee';
		EXCEPTION WHEN duplicate_object THEN
			statut := 'existante';
		END;
		RETURN NEXT;
	END LOOP;
END
$$;
COMMENT ON FUNCTION datasens_add_default_sources(text) IS
	'adds five sources to begin with, one of each kind; preset: france; statut: ajoutee, or existante where there is one of that name';
REVOKE ALL ON FUNCTION datasens_add_default_sources(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION datasens_add_default_sources(text) TO pg_database_owner;

-- NULLIF looked for its operator by the caller's path.
CREATE OR REPLACE PROCEDURE datasens_cycle(note text DEFAULT NULL, INOUT bilan text DEFAULT NULL)
LANGUAGE plpgsql AS $$
DECLARE
	avant bigint;
	apres bigint;
	reussis bigint DEFAULT 0;
	echoues bigint DEFAULT 0;
	flux pg_catalog.record;
	sauvegarde pg_catalog.record;
BEGIN
	avant := (SELECT s.total_docs FROM @extschema@.datasens_stats(pg_catalog.now()) s WHERE s.nom IS NULL);
	PERFORM @extschema@.datasens_log('COLLECTE_JOURNALIERE_INIT',
		pg_catalog.concat_ws(' : ', pg_catalog.format('%s documents', avant), note));
	RAISE INFO 'documents: %', avant;
	COMMIT;

	FOR flux IN SELECT * FROM @extschema@.datasens_collect('all') LOOP
		RAISE INFO '%: %, +% documents (% duplicates, % rejects)%', flux.nom, flux.statut,
			flux.nb_inseres, flux.nb_doublons, flux.nb_rejetes,
			CASE WHEN flux.erreur OPERATOR(pg_catalog.<>) '' THEN pg_catalog.concat(': ', flux.erreur) ELSE '' END;
		IF flux.statut OPERATOR(pg_catalog.=) 'echec' THEN
			echoues := echoues OPERATOR(pg_catalog.+) 1;
		ELSE
			reussis := reussis OPERATOR(pg_catalog.+) 1;
		END IF;
	END LOOP;
	COMMIT;

	apres := (SELECT s.total_docs FROM @extschema@.datasens_stats(pg_catalog.now()) s WHERE s.nom IS NULL);
	RAISE INFO '%', @extschema@.datasens_summary();
	IF coalesce(pg_catalog.current_setting('datasens.backup_directory', true), '')
		OPERATOR(pg_catalog.<>) '' THEN
		sauvegarde := (SELECT b FROM @extschema@.datasens_backup(note) b);
		RAISE INFO 'backup: %', coalesce(sauvegarde.erreur, sauvegarde.fichier);
		COMMIT;
	END IF;
	RAISE INFO '%', @extschema@.datasens_report('text', pg_catalog.now() OPERATOR(pg_catalog.-) interval '1 day');

	bilan := pg_catalog.format('+%s documents (%s), %s sources, %s en echec',
		apres OPERATOR(pg_catalog.-) avant, apres, reussis OPERATOR(pg_catalog.+) echoues, echoues);
	PERFORM @extschema@.datasens_log('COLLECTE_JOURNALIERE_FIN', bilan);
	COMMIT;
END
$$;

-- The progress has a bar, and the slices that are left.
SET LOCAL search_path = pg_catalog, pg_temp;
CREATE OR REPLACE VIEW @extschema@.datasens_progress AS
	SELECT p.*, CASE
		WHEN part IS NOT NULL THEN format('[%s%s] %s %%', repeat('#', floor(20 * part)::int),
			repeat('-', 20 - floor(20 * part)::int), lpad(floor(100 * part)::text, 3))
		ELSE format('[%s<=>%s]   ? %%', repeat('-', pas), repeat('-', 17 - pas)) END AS barre
	FROM (
		SELECT e.pid, e.id_source, e.nom, e.phase, e.hote, e.octets, e.octets_annonces, e.nb_lus,
			e.nb_connus, e.depuis, NULL::numeric AS tranches, NULL::numeric AS tranches_prevues,
			(SELECT sum((extract(epoch FROM upper(t.periode) - lower(t.periode)) / 900)::bigint)
				FROM datasens.tranche t WHERE t.id_source = e.id_source AND t.statut = 'attendue'
					AND t.id_historique IS NULL) AS tranches_restantes
		FROM @extschema@.datasens_progress_entries() AS e
		UNION ALL
		SELECT NULL, id_source, nom, 'historique', NULL, NULL, NULL, NULL, NULL, date_demande,
			prevues - attendues, prevues, attendues
		FROM @extschema@.datasens_backfills WHERE statut IN ('en_cours', 'suspendu')) AS p
	CROSS JOIN LATERAL (
		SELECT CASE WHEN tranches_prevues > 0 THEN tranches / tranches_prevues
				WHEN octets_annonces > 0 THEN least(octets::numeric / octets_annonces, 1)
				WHEN nb_connus > 0 THEN least(nb_lus::numeric / nb_connus, 1) END AS part,
			(17 - abs(17 - (coalesce(octets, 0) / 16384 + coalesce(nb_lus, 0)) % 34))::int AS pas) AS q;
SET LOCAL search_path = @extschema@, pg_temp;
COMMENT ON VIEW datasens_progress IS
	'what is under way in this database: process, source or task, phase (attente, telechargement, lecture, enregistrement; verification, sauvegarde, rapport, menage), host, bytes of how many announced, records or pages of how many known, since when; the backfills (phase historique): slices done, of how many; slices that the source or backfill still expects; barre: how far that is, or where that is not known a mark that moves while something comes in';

-- Backups are archived, too (datasens.archive_url).
ALTER TABLE datasens.sauvegarde
	ADD COLUMN archive_uri text,
	ADD COLUMN archive_statut text
		CHECK (archive_statut IN ('attendue', 'archivee', 'echec', 'supprimee')),
	ADD COLUMN archive_tentatives int NOT NULL DEFAULT 0,
	ADD COLUMN archive_prochaine timestamptz,
	ADD COLUMN archive_erreur text;
COMMENT ON COLUMN datasens.sauvegarde.archive_uri IS 'where it is besides, below datasens.archive_url';
COMMENT ON COLUMN datasens.sauvegarde.archive_statut IS 'attendue (to be archived, or tried again), archivee, echec (retries are spent), supprimee (removed there after datasens.backup_retention); null: nowhere to archive it';
COMMENT ON COLUMN datasens.sauvegarde.archive_tentatives IS 'attempts that were begun';
COMMENT ON COLUMN datasens.sauvegarde.archive_prochaine IS 'when it is tried (again); null: not';
COMMENT ON COLUMN datasens.sauvegarde.archive_erreur IS 'why the last attempt failed';

-- What sources receive is archived and read again, too.
ALTER TABLE datasens.flux ADD COLUMN id_flux_origine bigint,
	DROP CONSTRAINT flux_declencheur_check,
	ADD CHECK (declencheur IN ('planifie', 'manuel', 'reprise', 'rattrapage', 'rejeu'));
-- What runs received, on its way to datasens.archive_url, and what is to be removed there.
-- Its files are no part of a dump, and neither are its rows.
SET LOCAL search_path = pg_catalog, pg_temp;
CREATE TABLE datasens.archive (
	id_archive bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id_flux bigint,
	nom text,
	octets bigint,
	sha256 text,
	uri text,
	retiree boolean NOT NULL DEFAULT false,
	tentatives int NOT NULL DEFAULT 0,
	prochaine timestamptz NOT NULL DEFAULT now(),
	erreur text,
	CHECK ((uri IS NULL) = (num_nulls(id_flux, nom, octets, sha256) = 0))
);
SET LOCAL search_path = @extschema@, pg_temp;
ALTER TABLE datasens.archive OWNER TO pg_database_owner;
COMMENT ON TABLE datasens.archive IS 'what runs received, on its way to datasens.archive_url, and what is to be removed there; the task archivage works it off';
COMMENT ON COLUMN datasens.archive.id_archive IS 'its number';
COMMENT ON COLUMN datasens.archive.id_flux IS 'the flux that received it; null: something is to be removed';
COMMENT ON COLUMN datasens.archive.nom IS 'its name below datasens.archive_url and what this database has there';
COMMENT ON COLUMN datasens.archive.octets IS 'bytes of its file, which is in datasens_archive of the data directory';
COMMENT ON COLUMN datasens.archive.sha256 IS 'SHA-256 of its file';
COMMENT ON COLUMN datasens.archive.uri IS 'what is to be removed';
COMMENT ON COLUMN datasens.archive.retiree IS 'whether it is not wanted any more (datasens_forget())';
COMMENT ON COLUMN datasens.archive.tentatives IS 'attempts that were begun';
COMMENT ON COLUMN datasens.archive.prochaine IS 'when it is tried (again)';
COMMENT ON COLUMN datasens.archive.erreur IS 'why the last attempt failed';

CREATE FUNCTION datasens_replay("flux" bigint,
	OUT id_flux bigint, OUT nom text, OUT type_source text, OUT statut text,
	OUT nb_lus bigint, OUT nb_inseres bigint, OUT nb_doublons bigint, OUT nb_rejetes bigint,
	OUT octets bigint, OUT duree interval, OUT erreur text)
RETURNS SETOF record AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION datasens_replay(bigint) IS
	'reads again what that flux received (option "archiver"), by today''s parsers and the source''s options of today, without asking its servers; what is stored already is a duplicate; one row, of a new flux with declencheur rejeu; the source''s state stays as it is';
REVOKE ALL ON FUNCTION datasens_replay(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION datasens_replay(bigint) TO pg_database_owner;

-- Comments that 0.1.0 lacks, or has otherwise.
COMMENT ON FUNCTION datasens.fingerprint_in(cstring) IS 'I/O: reads 64 hexadecimal digits';
COMMENT ON FUNCTION datasens.fingerprint_out(datasens.fingerprint) IS 'I/O: writes 64 hexadecimal digits';
COMMENT ON FUNCTION datasens.fingerprint_recv(internal) IS 'I/O: receives 32 bytes';
COMMENT ON FUNCTION datasens.fingerprint_send(datasens.fingerprint) IS 'I/O: sends 32 bytes';
COMMENT ON FUNCTION datasens.fingerprint_eq(datasens.fingerprint, datasens.fingerprint) IS
	'implementation of = operator';
COMMENT ON FUNCTION datasens.fingerprint_ne(datasens.fingerprint, datasens.fingerprint) IS
	'implementation of <> operator';
COMMENT ON FUNCTION datasens.fingerprint_lt(datasens.fingerprint, datasens.fingerprint) IS
	'implementation of < operator';
COMMENT ON FUNCTION datasens.fingerprint_le(datasens.fingerprint, datasens.fingerprint) IS
	'implementation of <= operator';
COMMENT ON FUNCTION datasens.fingerprint_gt(datasens.fingerprint, datasens.fingerprint) IS
	'implementation of > operator';
COMMENT ON FUNCTION datasens.fingerprint_ge(datasens.fingerprint, datasens.fingerprint) IS
	'implementation of >= operator';
COMMENT ON FUNCTION datasens.fingerprint_cmp(datasens.fingerprint, datasens.fingerprint) IS 'less-equal-greater';
COMMENT ON FUNCTION datasens.fingerprint_sortsupport(internal) IS 'sort support';
COMMENT ON FUNCTION datasens.fingerprint_hash(datasens.fingerprint) IS 'hash';
COMMENT ON FUNCTION datasens.fingerprint_hash_extended(datasens.fingerprint, bigint) IS 'hash with a seed';
COMMENT ON OPERATOR FAMILY datasens.fingerprint_ops USING btree IS 'order of fingerprints, as bytes';
COMMENT ON OPERATOR CLASS datasens.fingerprint_ops USING btree IS 'order of fingerprints, as bytes';
COMMENT ON OPERATOR FAMILY datasens.fingerprint_ops USING hash IS 'hashing of fingerprints';
COMMENT ON OPERATOR CLASS datasens.fingerprint_ops USING hash IS 'hashing of fingerprints';
COMMENT ON FUNCTION datasens.fingerprint_bytea(datasens.fingerprint) IS 'cast: its 32 bytes';
COMMENT ON FUNCTION datasens.fingerprint_from_bytea(bytea) IS 'cast: the fingerprint of these 32 bytes';
COMMENT ON CAST (text AS datasens.fingerprint) IS '64 hexadecimal digits as a fingerprint';
COMMENT ON CAST (varchar AS datasens.fingerprint) IS '64 hexadecimal digits as a fingerprint';
COMMENT ON CAST (datasens.fingerprint AS text) IS 'a fingerprint as 64 hexadecimal digits';
COMMENT ON CAST (datasens.fingerprint AS varchar) IS 'a fingerprint as 64 hexadecimal digits';
COMMENT ON CAST (datasens.fingerprint AS bytea) IS 'a fingerprint as 32 bytes';
COMMENT ON CAST (bytea AS datasens.fingerprint) IS '32 bytes as a fingerprint';
COMMENT ON FUNCTION datasens.fingerprint_like(datasens.fingerprint, text) IS
	'implementation of ~~ operator';
COMMENT ON FUNCTION datasens.fingerprint_not_like(datasens.fingerprint, text) IS
	'implementation of !~~ operator';
COMMENT ON EVENT TRIGGER datasens_guard_drop IS 'keeps DROP EXTENSION from collected documents';
COMMENT ON FUNCTION datasens_check() IS
	'verifies what is stored, a row a fault: empreinte (neither that of the text nor the one that it was adopted with), compte (counts that do not agree), orphelin (what it belongs to is not there); reads every document';
COMMENT ON FUNCTION datasens_add_source(text, text, text, text, jsonb, text) IS
	'adds a source and returns its id_source; type_source: rss, json, scraping, owm, kaggle, gdelt; planification: a schedule of its own, null for the setting of its type; fuseau: the time zone that it is meant in';
COMMENT ON COLUMN datasens.source.id_source IS 'its number, as datasens_add_source() returned it';
COMMENT ON COLUMN datasens.source.nom IS 'its name, as functions take it';
COMMENT ON COLUMN datasens.source.type_source IS 'the kind of source: rss, json, scraping, owm, kaggle, gdelt';
COMMENT ON COLUMN datasens.source.date_creation IS 'when it was added';
COMMENT ON COLUMN datasens.etat_source.id_source IS 'the source';
COMMENT ON COLUMN datasens.etat_source.derniere_collecte IS 'when it was last collected, whatever became of it';
COMMENT ON COLUMN datasens.etat_source.dernier_succes IS 'when it was last collected without failing';
COMMENT ON COLUMN datasens.etat_source.derniere_erreur IS 'why its last run failed; null: it did not';
COMMENT ON COLUMN datasens.flux.id_flux IS 'its number, by which the rows that it brought name it';
COMMENT ON COLUMN datasens.flux.id_source IS 'the source';
COMMENT ON COLUMN datasens.flux.manifest_uri IS 'where what it received is archived (option archiver), once it is there; else the address of a slice''s file (GDELT), null for other kinds';
COMMENT ON COLUMN datasens.flux.code_http IS 'HTTP status of the last response; null where there was none';
COMMENT ON COLUMN datasens.flux.nb_inseres IS 'of these, how many were new and stored';
COMMENT ON COLUMN datasens.flux.nb_doublons IS 'of these, how many were there before';
COMMENT ON COLUMN datasens.flux.nb_rejetes IS 'of these, how many could not be stored (see rejet)';
COMMENT ON COLUMN datasens.flux.duree IS 'time that the run took';
COMMENT ON COLUMN datasens.flux.declencheur IS 'why it took place: planifie, manuel, reprise (a retry), rattrapage (missed before), rejeu (datasens_replay())';
COMMENT ON COLUMN datasens.flux.id_flux_origine IS 'of a replay: the flux whose responses it read again';
COMMENT ON COLUMN datasens.flux.erreur IS 'why it failed, or what of it did; null: all went well';
COMMENT ON COLUMN datasens.document.id_doc IS 'its number, in the order of storing';
COMMENT ON COLUMN datasens.document.id_flux IS 'the run that brought it';
COMMENT ON COLUMN datasens.document.titre IS 'title, as plain text';
COMMENT ON COLUMN datasens.document.texte IS 'text, as plain text, without markup';
COMMENT ON COLUMN datasens.document.url IS 'address of the document, absolute';
COMMENT ON COLUMN datasens.document.auteur IS 'author, as named by the source';
COMMENT ON COLUMN datasens.document.date_publication IS 'when it was published, as the source says; null where it does not';
COMMENT ON COLUMN datasens.evenement.id_flux IS 'the run that brought it';
COMMENT ON COLUMN datasens.evenement.acteur1 IS 'who acted: name, or the CAMEO code where there is none';
COMMENT ON COLUMN datasens.evenement.code_acteur1 IS 'CAMEO code of acteur1';
COMMENT ON COLUMN datasens.evenement.acteur2 IS 'whom it was done to, likewise';
COMMENT ON COLUMN datasens.evenement.code_acteur2 IS 'CAMEO code of acteur2';
COMMENT ON COLUMN datasens.evenement.goldstein IS 'GoldsteinScale: effect on a country''s stability, from -10 to 10';
COMMENT ON COLUMN datasens.evenement.nb_mentions IS 'NumMentions: mentions in the first quarter of an hour';
COMMENT ON COLUMN datasens.evenement.nb_sources IS 'NumSources: sources that mentioned it then';
COMMENT ON COLUMN datasens.evenement.nb_articles IS 'NumArticles: articles that mentioned it then';
COMMENT ON COLUMN datasens.evenement.avg_tone IS 'AvgTone of these articles, from -100 to 100';
COMMENT ON COLUMN datasens.evenement.lieu IS 'name of the place (ActionGeo)';
COMMENT ON COLUMN datasens.evenement.lat IS 'latitude of the place, in degrees';
COMMENT ON COLUMN datasens.evenement.lon IS 'longitude of the place, in degrees';
COMMENT ON COLUMN datasens.document_evenement.id_evenement IS 'the event, which need not have been collected';
COMMENT ON COLUMN datasens.document_evenement.id_flux IS 'the run that brought it';
COMMENT ON COLUMN datasens.document_evenement.site IS 'who published the document: a domain';
COMMENT ON COLUMN datasens.document_evenement.date_event IS 'when the event was first recorded';
COMMENT ON COLUMN datasens.document_evenement.date_mention IS 'when the mention was recorded';
COMMENT ON COLUMN datasens.document_evenement.langue IS 'language that the document was translated from; null: it was not';
COMMENT ON COLUMN datasens.historique.id_historique IS 'its number, as datasens_backfill() returned it';
COMMENT ON COLUMN datasens.historique.id_source IS 'the source';
COMMENT ON COLUMN datasens.historique.periode IS 'the past that is asked for, without its end';
COMMENT ON COLUMN datasens.historique.date_demande IS 'when it was queued';
COMMENT ON COLUMN datasens.historique.date_fin IS 'when it ended; null: it has not';
COMMENT ON COLUMN datasens.tranche.id_tranche IS 'its number';
COMMENT ON COLUMN datasens.tranche.id_source IS 'the source';
COMMENT ON COLUMN datasens.tranche.octets IS 'bytes of the slice''s file, as listed';
COMMENT ON COLUMN datasens.tranche.md5 IS 'MD5 of the slice''s file, as listed';
COMMENT ON COLUMN datasens.tranche.erreur IS 'why the last attempt failed';
COMMENT ON COLUMN datasens.tranche.date_maj IS 'when the row was changed';
COMMENT ON COLUMN datasens.meteo.id_meteo IS 'its number, in the order of storing';
COMMENT ON COLUMN datasens.meteo.id_flux IS 'the run that brought it';
COMMENT ON COLUMN datasens.meteo.ville IS 'name of the place, as the service gives it';
COMMENT ON COLUMN datasens.meteo.pays IS 'country of the place (ISO 3166-1, two letters)';
COMMENT ON COLUMN datasens.meteo.lat IS 'latitude, in degrees';
COMMENT ON COLUMN datasens.meteo.lon IS 'longitude, in degrees';
COMMENT ON COLUMN datasens.cache_http.id_source IS 'the source that asks';
COMMENT ON COLUMN datasens.cache_http.url IS 'the address';
COMMENT ON COLUMN datasens.cache_http.etag IS 'ETag of the last response';
COMMENT ON COLUMN datasens.cache_http.last_modified IS 'Last-Modified of the last response';
COMMENT ON COLUMN datasens.cache_http.date_maj IS 'when the row was changed';
COMMENT ON COLUMN datasens.hote.hote IS 'the host as scheme, name and port: https://example.org';
COMMENT ON COLUMN datasens.hote.reessayer_apres IS 'until when it wants to be left alone (Retry-After)';
COMMENT ON COLUMN datasens.hote.date_maj IS 'when the row was changed';
COMMENT ON COLUMN datasens.rejet.id_rejet IS 'its number';
COMMENT ON COLUMN datasens.rejet.id_flux IS 'the run that met it';
COMMENT ON COLUMN datasens.rejet.motif IS 'why it could not be stored';
COMMENT ON COLUMN datasens.rejet.date_rejet IS 'when';
COMMENT ON COLUMN datasens.secret.nom IS 'its name, as owm_api_key';
COMMENT ON COLUMN datasens.secret.valeur IS 'the key or password';
COMMENT ON COLUMN datasens.secret.date_maj IS 'when it was set';
COMMENT ON COLUMN datasens.journal.id_journal IS 'its number';
COMMENT ON COLUMN datasens.journal.horodatage IS 'when it happened';
COMMENT ON COLUMN datasens.journal.action IS 'what happened, in capitals: COLLECTE_TERMINEE';
COMMENT ON COLUMN datasens.journal.details IS 'the rest of the line';
COMMENT ON COLUMN datasens.oubli.hash_fingerprint IS 'fingerprint of the document';
COMMENT ON COLUMN datasens.oubli.date_oubli IS 'when it was forgotten';
COMMENT ON COLUMN datasens.sauvegarde.id_sauvegarde IS 'its number';
COMMENT ON COLUMN datasens.sauvegarde.date_debut IS 'when it began';
COMMENT ON COLUMN datasens.sauvegarde.duree IS 'how long it took';
COMMENT ON COLUMN datasens.sauvegarde.declencheur IS 'why it was made: planifie or manuel';
COMMENT ON COLUMN datasens.sauvegarde.statut IS 'succes or echec';
COMMENT ON COLUMN datasens.sauvegarde.octets IS 'bytes of the file';
COMMENT ON COLUMN datasens.sauvegarde.note IS 'what datasens_backup() was told';
COMMENT ON COLUMN datasens.sauvegarde.erreur IS 'why it failed; null: it did not';
COMMENT ON COLUMN datasens.alerte.id_alerte IS 'its number';
COMMENT ON COLUMN datasens.alerte.date_alerte IS 'when it was raised';
COMMENT ON COLUMN datasens.alerte.objet IS 'what it is of: source or tache';
COMMENT ON COLUMN datasens.alerte.nom IS 'name of the source or task';
ALTER TABLE datasens.alerte DROP CONSTRAINT alerte_etat_check,
	ADD CONSTRAINT alerte_etat_check CHECK (etat IN ('echec', 'obsolete', 'silence', 'lacune', 'retabli'));
COMMENT ON COLUMN datasens.alerte.etat IS 'echec (retries are spent), obsolete, silence (nothing new for far longer than usual), lacune (slices were given up) or retabli';
COMMENT ON COLUMN datasens.etat_source.alerte IS 'what was told of it and still holds: echec, obsolete, silence, lacune; null: it is well';
COMMENT ON COLUMN datasens.alerte.message IS 'what is wrong, for people, in the language of datasens.report_language';
COMMENT ON COLUMN datasens.alerte.tentatives IS 'deliveries that were begun';
COMMENT ON COLUMN datasens.alerte.date_livraison IS 'when it was last delivered';
COMMENT ON COLUMN datasens.alerte.derniere_erreur IS 'why the last delivery failed';
COMMENT ON COLUMN datasens.tache.nom IS 'its name: sauvegarde, rapport, veille, menage';
COMMENT ON COLUMN datasens.tache.derniere_execution IS 'when it last ran, whatever became of it';
COMMENT ON COLUMN datasens.tache.dernier_succes IS 'when it last ran without failing';
COMMENT ON COLUMN datasens.tache.derniere_erreur IS 'why it failed the last time; null: it did not';
COMMENT ON COLUMN datasens.tache.alerte IS 'what was told of it and still holds: echec; null: it is well';
COMMENT ON COLUMN datasens_backfills.id_historique IS 'its number, as datasens_backfill() returned it';
COMMENT ON COLUMN datasens_backfills.id_source IS 'the source';
COMMENT ON COLUMN datasens_backfills.nom IS 'name of the source';
COMMENT ON COLUMN datasens_backfills.debut IS 'begin of the past that is asked for';
COMMENT ON COLUMN datasens_backfills.fin IS 'its end, which is not asked for';
COMMENT ON COLUMN datasens_backfills.statut IS 'en_cours, suspendu, annule or termine';
COMMENT ON COLUMN datasens_backfills.prevues IS 'slices of all streams, in all';
COMMENT ON COLUMN datasens_backfills.collectees IS 'of these, collected';
COMMENT ON COLUMN datasens_backfills.absentes IS 'of these, absent at the source';
COMMENT ON COLUMN datasens_backfills.echecs IS 'of these, failed';
COMMENT ON COLUMN datasens_backfills.attendues IS 'of these, still expected';
COMMENT ON COLUMN datasens_backfills.date_demande IS 'when it was queued';
COMMENT ON COLUMN datasens_backfills.date_fin IS 'when it ended; null: it has not';
COMMENT ON COLUMN datasens_progress.pid IS 'process that is at work';
COMMENT ON COLUMN datasens_progress.id_source IS 'the source; null for tasks';
COMMENT ON COLUMN datasens_progress.nom IS 'name of the source or task';
COMMENT ON COLUMN datasens_progress.phase IS 'attente, telechargement, lecture, enregistrement; verification, sauvegarde; historique (a backfill)';
COMMENT ON COLUMN datasens_progress.hote IS 'host that is being asked';
COMMENT ON COLUMN datasens_progress.octets IS 'bytes received';
COMMENT ON COLUMN datasens_progress.octets_annonces IS 'bytes that the server announced; null: it did not';
COMMENT ON COLUMN datasens_progress.nb_lus IS 'records or pages read';
COMMENT ON COLUMN datasens_progress.nb_connus IS 'records or pages known; null: not known';
COMMENT ON COLUMN datasens_progress.depuis IS 'when it began';
COMMENT ON COLUMN datasens_progress.tranches IS 'of a backfill: slices done';
COMMENT ON COLUMN datasens_progress.tranches_prevues IS 'of a backfill: slices in all';
COMMENT ON COLUMN datasens_progress.tranches_restantes IS 'slices that the source or backfill still expects; null: it has none';
COMMENT ON COLUMN datasens_progress.barre IS 'how far that is, drawn; where no total is known, a mark that moves while something comes in';

-- Every update script ends so.  Not an INSERT: our function writes as the owner of the tables,
-- so that a trigger of his does not run as who updates.
SELECT datasens_log('EXTENSION_MISE_A_JOUR', '0.1.0 -> 1.0.0');

/* ---------------------------------------------------------------------------
 * The end: the collectors, which hold off while the versions differ, come back.
 */

SELECT datasens.installed();
