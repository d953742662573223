/* datasens--0.1.0--1.0.0.sql */

-- complain if script is sourced in psql, rather than via ALTER EXTENSION
\echo Use "ALTER EXTENSION datasens UPDATE TO '1.0.0'" to load this file. \quit

-- Readings that are deleted are taken off the counts, as documents are.
CREATE TRIGGER meteo_removed AFTER DELETE ON datasens.meteo
	REFERENCING OLD TABLE AS removed
	FOR EACH STATEMENT EXECUTE FUNCTION datasens.document_removed();
CREATE TRIGGER meteo_truncated AFTER TRUNCATE ON datasens.meteo
	FOR EACH STATEMENT EXECUTE FUNCTION datasens.document_removed();

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
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION datasens.flux_kept() IS
	'trigger: refuses to delete a flux that records refer to';

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

-- A trigger of anyone's own would have document_removed() work as the tables' owner.
REVOKE ALL ON FUNCTION datasens.source_moved(), datasens.document_removed(), datasens.flux_kept(),
	datasens.source_kept(), datasens.source_changed(), datasens.guard_drop() FROM PUBLIC;

-- NULLIF looked for its operator by the caller's path.
CREATE OR REPLACE PROCEDURE datasens_cycle(note text DEFAULT NULL, INOUT bilan text DEFAULT NULL)
LANGUAGE plpgsql AS $$
DECLARE
	avant bigint;
	apres bigint;
	reussis bigint DEFAULT 0;
	echoues bigint DEFAULT 0;
	flux record;
	sauvegarde record;
BEGIN
	avant := (SELECT s.total_docs FROM @extschema@.datasens_stats() s WHERE s.nom IS NULL);
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

	apres := (SELECT s.total_docs FROM @extschema@.datasens_stats() s WHERE s.nom IS NULL);
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
CREATE OR REPLACE VIEW datasens_progress AS
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
		FROM datasens_progress_entries() AS e
		UNION ALL
		SELECT NULL, id_source, nom, 'historique', NULL, NULL, NULL, NULL, NULL, date_demande,
			prevues - attendues, prevues, attendues
		FROM datasens_backfills WHERE statut IN ('en_cours', 'suspendu')) AS p
	CROSS JOIN LATERAL (
		SELECT CASE WHEN tranches_prevues > 0 THEN tranches / tranches_prevues
				WHEN octets_annonces > 0 THEN least(octets::numeric / octets_annonces, 1)
				WHEN nb_connus > 0 THEN least(nb_lus::numeric / nb_connus, 1) END AS part,
			(17 - abs(17 - (coalesce(octets, 0) / 16384 + coalesce(nb_lus, 0)) % 34))::int AS pas) AS q;
COMMENT ON VIEW datasens_progress IS
	'what is under way in this database: process, source or task, phase (attente, telechargement, lecture, enregistrement; verification, sauvegarde, rapport, menage), host, bytes of how many announced, records or pages of how many known, since when; the backfills (phase historique): slices done, of how many; slices that the source or backfill still expects; barre: how far that is, or where that is not known a mark that moves while something comes in';

-- Every update script ends so.  Not an INSERT: our function writes as the owner of the tables,
-- so that a trigger of his does not run as who updates.
SELECT datasens_log('EXTENSION_MISE_A_JOUR', '0.1.0 -> 1.0.0');

/* ---------------------------------------------------------------------------
 * The end: the collectors, which hold off while the versions differ, come back.
 */

SELECT datasens.installed();

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
