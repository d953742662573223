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

INSERT INTO datasens.journal (action, details) VALUES ('EXTENSION_MISE_A_JOUR', '0.1.0 -> 1.0.0');

/* ---------------------------------------------------------------------------
 * The end: the collectors, which hold off while the versions differ, come back.
 */

SELECT datasens.installed();
