/*
 * datasens_adopt.sql
 *	  Takes over what the notebooks have stored: sources, runs and documents, weather and events,
 *	  from tables source, flux, document (...) or t02_source, t03_flux, t04_document (...).
 *
 *	psql -d DATABASE -v schema=notebook -f datasens_adopt.sql
 *
 * schema (public, where it is not said) is where their tables are; fuseau (UTC) the time zone that
 * their times without one are meant in.  Where they are in a schema "datasens", it has to be renamed
 * before CREATE EXTENSION: ALTER SCHEMA datasens RENAME TO notebook.
 *
 * All of it is one transaction, done as the database's owner; collectors wait meanwhile.  Their tables
 * are read only.  Run again, it adopts what has come to them since, and nothing twice:
 *
 * - A source is known by its name.  Of what kind it is, its name, address, type and runs tell.  Feeds
 *   and GDELT go on being collected, where their address is good; other kinds want to be told more than
 *   the notebooks' tables know (places, pages, files), and are adopted inactive, as are unknown ones.
 * - A run is known by its source, date, format and manifest.
 * - A document is known by its fingerprint.  Theirs is kept where it is 64 hexadecimal digits; one that
 *   is missing or something else is made anew (datasens_hash).  The notebooks' are not all of title and
 *   text: one that is of something else is also kept in meta, as empreinte_reprise, by which
 *   datasens_check() knows that it is meant so.
 * - Numbers (id_source, id_flux, id_doc) are kept where they are free, so that other tables of the
 *   notebooks can still be joined.
 * - An event is stored under the negative of its number: positive ones are GDELT's.  The documents
 *   that tell of it have it in meta, as evenements.
 * - What belongs to no run goes to one of a source "notebook" of the type inconnu.
 */
\set stop_before :ON_ERROR_STOP
\set quiet_before :QUIET
\set ON_ERROR_STOP 1
\set QUIET 1
\if :{?schema}
\else
	\set schema public
\endif
\if :{?fuseau}
\else
	\set fuseau UTC
\endif

BEGIN;
SET LOCAL client_min_messages = warning;
SELECT format('SET LOCAL ROLE %I', pg_get_userbyid(datdba)) FROM pg_database WHERE datname = current_database() \gexec
SELECT set_config('timezone', :'fuseau', true), set_config('datasens_adopt.schema', :'schema', true),
	set_config('search_path', format('pg_catalog, pg_temp, %I', nspname), true)
FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'datasens' \g /dev/null

/* ---- what there is to adopt, the same whatever its layout ---- */

-- The first table of these names in their schema; null: there is none.
CREATE FUNCTION pg_temp.ancienne(VARIADIC noms text[]) RETURNS regclass LANGUAGE sql
RETURN (SELECT c.oid::regclass FROM unnest(noms) WITH ORDINALITY AS n (nom, rang)
	JOIN pg_class c ON relname = nom AND relkind IN ('r', 'p', 'v', 'm', 'f')
		AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_setting('datasens_adopt.schema'))
	ORDER BY rang LIMIT 1);

-- The expression for a column, the first there is of those names, as that type.
CREATE FUNCTION pg_temp.champ(relation regclass, type text, noms text[]) RETURNS text LANGUAGE sql
RETURN coalesce(
	(SELECT format(CASE WHEN type = 'timestamptz' AND typcategory = 'S' THEN 'datasens_parse_date(%I::text)'
			ELSE '%I::' || type END, attname)
		FROM pg_attribute JOIN pg_type t ON t.oid = atttypid
		WHERE attrelid = relation AND attname = ANY (noms) AND attnum > 0
		ORDER BY array_position(noms, attname::text) LIMIT 1),
	'NULL::' || type);

-- A view of a table as it is read below; of each column: its name, its type, what it may be called there.
CREATE FUNCTION pg_temp.lire(vue text, relation regclass, VARIADIC champs text[]) RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
	EXECUTE format('CREATE TEMP VIEW %I AS SELECT %s FROM %s', vue,
		(SELECT string_agg(format('%s AS %I', pg_temp.champ(relation, mots[2], mots[3:]), mots[1]), ', ' ORDER BY n)
			FROM unnest(champs) WITH ORDINALITY AS c (champ, n), string_to_array(champ, ' ') AS mots),
		coalesce(relation::text, '(SELECT WHERE false) AS rien'));
END
$$;

DO $$
DECLARE
	schema text := current_setting('datasens_adopt.schema', true);
	ours regclass;
BEGIN
	IF schema IS NULL THEN
		RAISE EXCEPTION 'the extension datasens is not in this database'
			USING ERRCODE = 'undefined_object', HINT = 'CREATE EXTENSION datasens comes first.';
	ELSIF pg_temp.ancienne('t04_document', 'document') IS NULL THEN
		RAISE EXCEPTION 'there is no table t04_document or document in the schema "%"', schema
			USING ERRCODE = 'undefined_table', HINT = 'Name the schema of the notebook''s tables: psql -v schema=...';
	ELSIF EXISTS (SELECT FROM pg_depend WHERE objid = pg_temp.ancienne('t04_document', 'document') AND deptype = 'e') THEN
		RAISE EXCEPTION 'the tables in the schema "%" are those of the extension itself', schema
			USING ERRCODE = 'invalid_schema_name',
				  HINT = 'Restore the notebook''s tables into another schema, and name that: psql -v schema=...';
	END IF;
	PERFORM
		pg_temp.lire('ancien_type', pg_temp.ancienne('t01_type_donnee', 'type_donnee'),
			'id bigint id_type_donnee', 'libelle text libelle'),
		pg_temp.lire('ancienne_source', pg_temp.ancienne('t02_source', 'source'),
			'id bigint id_source', 'id_type bigint id_type_donnee', 'nom text nom nom_source', 'url text url'),
		pg_temp.lire('ancien_flux', pg_temp.ancienne('t03_flux', 'flux'),
			'id bigint id_flux', 'id_source bigint id_source', 'date_collecte timestamptz date_collecte',
			'format text format', 'manifest_uri text manifest_uri'),
		pg_temp.lire('ancien_document', pg_temp.ancienne('t04_document', 'document'),
			'id bigint id_doc id_document', 'id_flux bigint id_flux', 'titre text titre', 'texte text texte contenu',
			'url text url url_source lien', 'auteur text auteur', 'langue text langue',
			'date_publication timestamptz date_publication', 'empreinte text hash_fingerprint hash_contenu',
			'id_territoire bigint id_territoire'),
		pg_temp.lire('ancien_territoire', pg_temp.ancienne('t17_territoire', 'territoire'),
			'id bigint id_territoire', 'id_commune bigint id_commune', 'ville text ville', 'lat float8 lat', 'lon float8 lon'),
		pg_temp.lire('ancienne_commune', pg_temp.ancienne('t16_commune', 'commune'),
			'id bigint id_commune', 'ville text nom_commune', 'lat float8 lat', 'lon float8 lon'),
		pg_temp.lire('ancien_type_meteo', pg_temp.ancienne('t18_type_meteo', 'type_meteo'),
			'id bigint id_type_meteo', 'libelle text libelle'),
		pg_temp.lire('ancienne_meteo', pg_temp.ancienne('t19_meteo', 'meteo'),
			'id bigint id_meteo', 'id_territoire bigint id_territoire', 'date_obs timestamptz date_obs',
			'temperature float8 temperature', 'humidite float8 humidite', 'vent_kmh float8 vent_kmh',
			'pression float8 pression', 'type text meteo_type', 'id_type bigint id_type_meteo'),
		pg_temp.lire('ancien_evenement', pg_temp.ancienne('t25_evenement', 'evenement'),
			'id bigint id_event', 'date_event timestamptz date_event', 'avg_tone float8 avg_tone'),
		pg_temp.lire('ancien_lien', pg_temp.ancienne('t27_document_evenement', 'document_evenement'),
			'id_doc bigint id_doc', 'id_event bigint id_event');
END
$$;

CREATE TEMP VIEW ancien_lieu AS
SELECT t.id, coalesce(t.ville, c.ville) AS ville, coalesce(t.lat, c.lat) AS lat, coalesce(t.lon, c.lon) AS lon
FROM ancien_territoire t LEFT JOIN ancienne_commune c ON c.id = t.id_commune;

/* ---- sources ---- */

LOCK TABLE datasens.source, datasens.flux, datasens.document, datasens.meteo, datasens.evenement IN EXCLUSIVE MODE;

-- Numbers that are made up from here on are beyond theirs.
SELECT setval(pg_get_serial_sequence('datasens.source', 'id_source'), max(id))
FROM (SELECT id FROM ancienne_source UNION ALL SELECT id_source FROM datasens.source
	UNION ALL SELECT nextval(pg_get_serial_sequence('datasens.source', 'id_source'))) AS n \g /dev/null
SELECT setval(pg_get_serial_sequence('datasens.flux', 'id_flux'), max(id))
FROM (SELECT id FROM ancien_flux UNION ALL SELECT max(id_flux) FROM datasens.flux
	UNION ALL SELECT nextval(pg_get_serial_sequence('datasens.flux', 'id_flux'))) AS n \g /dev/null
SELECT setval(pg_get_serial_sequence('datasens.document', 'id_doc'), max(id))
FROM (SELECT id FROM ancien_document UNION ALL SELECT max(id_doc) FROM datasens.document
	UNION ALL SELECT nextval(pg_get_serial_sequence('datasens.document', 'id_doc'))) AS n \g /dev/null

-- A name that several of theirs have is one source.
CREATE TEMP TABLE adopte_source ON COMMIT DROP AS
SELECT a.id AS ancien, a.nom, nullif(btrim(a.url), '') AS url, lower(concat_ws(' ', a.nom, a.url)) AS indice,
	lower(t.libelle) AS libelle, f.format, s.id_source AS id, s.id_source IS NULL AND a.rang = 1 AS neuve
FROM (SELECT id, id_type, url, coalesce(nullif(btrim(nom), ''), 'source ' || id) AS nom,
		row_number() OVER (PARTITION BY coalesce(nullif(btrim(nom), ''), 'source ' || id) ORDER BY id) AS rang
		FROM ancienne_source) AS a
	LEFT JOIN ancien_type t ON t.id = a.id_type
	LEFT JOIN datasens.source s ON s.nom = a.nom
	LEFT JOIN LATERAL (SELECT lower(format) AS format FROM ancien_flux f WHERE f.id_source = a.id
		GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1) AS f ON true;

-- Of what kind they are.
ALTER TABLE adopte_source ADD type_source text;
UPDATE adopte_source SET type_source = CASE
	WHEN indice ~ 'gdelt' THEN 'gdelt'
	WHEN indice ~ 'openweather|\mowm\M|m[eé]t[eé]o' THEN 'owm'
	WHEN indice ~ 'kaggle' THEN 'kaggle'
	WHEN indice ~ '\mrss\M|\matom\M' THEN 'rss'
	WHEN indice ~ 'scrap' THEN 'scraping'
	WHEN libelle ~ 'rss' OR format ~ 'rss|atom' THEN 'rss'
	WHEN libelle ~ 'scrap' OR format ~ 'html' THEN 'scraping'
	WHEN libelle ~ 'fichier|csv' OR format ~ 'csv' THEN 'kaggle'
	WHEN libelle ~ 'api' OR format ~ 'json' THEN 'json'
	ELSE 'inconnu' END;

INSERT INTO adopte_source (nom, type_source, id, neuve)
SELECT 'notebook', 'inconnu', s.id_source, s.id_source IS NULL
FROM (VALUES ('notebook')) AS n (nom) LEFT JOIN datasens.source s USING (nom)
WHERE EXISTS (SELECT FROM ancien_document d LEFT JOIN ancien_flux f ON f.id = d.id_flux
		LEFT JOIN ancienne_source s ON s.id = f.id_source WHERE s.id IS NULL)
	OR EXISTS (SELECT FROM ancienne_meteo) OR EXISTS (SELECT FROM ancien_evenement);

UPDATE adopte_source a SET id = CASE
	WHEN ancien IS NULL OR EXISTS (SELECT FROM datasens.source s WHERE s.id_source = ancien)
	THEN nextval(pg_get_serial_sequence('datasens.source', 'id_source')) ELSE ancien END
WHERE neuve;
UPDATE adopte_source a SET id = n.id FROM adopte_source n WHERE n.neuve AND n.nom = a.nom AND a.id IS NULL;

INSERT INTO datasens.source (id_source, nom, type_source, url, actif) OVERRIDING SYSTEM VALUE
SELECT id, nom, type_source, url, false FROM adopte_source WHERE neuve;

-- What is enough to go on collecting is checked as if it were added now.
ALTER TABLE adopte_source ADD remarque text;
UPDATE adopte_source SET remarque = CASE
	WHEN NOT neuve THEN 'was there'
	WHEN type_source = 'inconnu' THEN 'inactive: of no known kind'
	ELSE 'inactive until it has options' END;
DO $$
DECLARE
	s record;
BEGIN
	FOR s IN SELECT * FROM adopte_source WHERE neuve AND url ~ '^https?://' AND type_source IN ('rss', 'gdelt') ORDER BY id
	LOOP
		BEGIN
			PERFORM datasens_alter_source(s.nom, url => s.url);
			PERFORM datasens_enable_source(s.nom);
			UPDATE adopte_source SET remarque = 'collected from now on' WHERE id = s.id;
		EXCEPTION WHEN invalid_parameter_value THEN
			UPDATE adopte_source SET remarque = 'inactive: ' || SQLERRM WHERE id = s.id;
		END;
	END LOOP;
END
$$;

/* ---- runs ---- */

-- Runs that are alike are told apart by their order.
CREATE TEMP TABLE adopte_flux ON COMMIT DROP AS
WITH ancien AS (
	SELECT f.id AS ancien, s.id AS id_source, coalesce(f.date_collecte, 'epoch') AS date_collecte, f.format, f.manifest_uri
	FROM ancien_flux f JOIN adopte_source s ON s.ancien = f.id_source
	UNION ALL
	SELECT NULL, s.id, coalesce((SELECT date_collecte FROM datasens.flux WHERE id_source = s.id LIMIT 1), now()), 'adoption', NULL
	FROM adopte_source s WHERE s.ancien IS NULL
), a AS (
	SELECT *, row_number() OVER (PARTITION BY id_source, date_collecte, format, manifest_uri ORDER BY ancien) AS rang FROM ancien
), l AS (
	SELECT *, row_number() OVER (PARTITION BY id_source, date_collecte, format, manifest_uri ORDER BY id_flux) AS rang
	FROM datasens.flux WHERE id_source IN (SELECT id FROM adopte_source)
)
SELECT a.*, l.id_flux AS id, l.id_flux IS NULL AS neuf
FROM a LEFT JOIN l ON l.id_source = a.id_source AND l.date_collecte = a.date_collecte AND l.rang = a.rang
	AND l.format IS NOT DISTINCT FROM a.format AND l.manifest_uri IS NOT DISTINCT FROM a.manifest_uri;

UPDATE adopte_flux a SET id = CASE
	WHEN ancien IS NULL OR EXISTS (SELECT FROM datasens.flux f WHERE f.id_flux = ancien)
	THEN nextval(pg_get_serial_sequence('datasens.flux', 'id_flux')) ELSE ancien END
WHERE neuf;

INSERT INTO datasens.flux (id_flux, id_source, date_collecte, format, manifest_uri, declencheur, statut)
OVERRIDING SYSTEM VALUE
SELECT id, id_source, date_collecte, format, manifest_uri, 'manuel', 'succes' FROM adopte_flux WHERE neuf ORDER BY id;

CREATE TEMP VIEW flux_des_restes AS SELECT id FROM adopte_flux WHERE ancien IS NULL;

/* ---- documents ---- */

CREATE TEMP TABLE adopte_document ON COMMIT DROP AS
SELECT d.id AS ancien, coalesce(f.id, r.id) AS id_flux, d.titre, d.texte, d.url, d.auteur, d.langue, d.date_publication,
	p.empreinte::datasens.fingerprint AS empreinte,
	nullif(jsonb_strip_nulls(jsonb_build_object('territoire', l.ville, 'evenements', e.numeros,
		'empreinte_reprise', CASE WHEN p.empreinte IS DISTINCT FROM h.calculee THEN p.empreinte END)), '{}') AS meta
FROM ancien_document d
	LEFT JOIN adopte_flux f ON f.ancien = d.id_flux
	LEFT JOIN flux_des_restes r ON true
	LEFT JOIN ancien_lieu l ON l.id = d.id_territoire
	LEFT JOIN (SELECT id_doc, jsonb_agg(-id_event ORDER BY id_event) AS numeros FROM ancien_lien GROUP BY id_doc) AS e
		ON e.id_doc = d.id
	CROSS JOIN LATERAL (SELECT datasens_hash(d.titre, d.texte) AS calculee) AS h
	CROSS JOIN LATERAL (SELECT CASE WHEN btrim(d.empreinte) ~ '^[0-9A-Fa-f]{64}$' THEN lower(btrim(d.empreinte))
		ELSE h.calculee END AS empreinte) AS p;

-- What is there already, was forgotten, or has nothing to be known by, is not adopted.
CREATE TEMP TABLE neuf_document ON COMMIT DROP AS
SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY empreinte ORDER BY ancien) AS rang FROM adopte_document) AS a
WHERE rang = 1 AND empreinte IS NOT NULL
	AND NOT EXISTS (SELECT FROM datasens.document d WHERE d.hash_fingerprint = a.empreinte)
	AND NOT EXISTS (SELECT FROM datasens.oubli o WHERE o.hash_fingerprint = a.empreinte);

INSERT INTO datasens.document (id_doc, id_flux, titre, texte, url, auteur, langue, date_publication, hash_fingerprint, meta)
OVERRIDING SYSTEM VALUE
SELECT CASE WHEN EXISTS (SELECT FROM datasens.document d WHERE d.id_doc = n.ancien)
		THEN nextval(pg_get_serial_sequence('datasens.document', 'id_doc')) ELSE n.ancien END,
	id_flux, titre, texte, url, auteur, langue, date_publication, empreinte, meta
FROM neuf_document n ORDER BY empreinte;

/* ---- weather and events ---- */

CREATE TEMP TABLE neuve_meteo ON COMMIT DROP AS
SELECT r.id AS id_flux, l.ville, l.lat, l.lon, m.date_obs, m.temperature, m.humidite, m.vent_kmh, m.pression,
	coalesce(m.type, t.libelle) AS type_meteo
FROM ancienne_meteo m JOIN ancien_lieu l ON l.id = m.id_territoire LEFT JOIN ancien_type_meteo t ON t.id = m.id_type
	CROSS JOIN flux_des_restes r
WHERE l.lat IS NOT NULL AND l.lon IS NOT NULL AND m.date_obs IS NOT NULL;
WITH inseree AS (
	INSERT INTO datasens.meteo (id_flux, ville, lat, lon, date_obs, temperature, humidite, vent_kmh, pression, type_meteo)
	SELECT id_flux, ville, lat, lon, date_obs, temperature, humidite, vent_kmh, pression, type_meteo FROM neuve_meteo
	ON CONFLICT DO NOTHING RETURNING 1
) SELECT count(*) AS n_meteo FROM inseree \gset

WITH insere AS (
	INSERT INTO datasens.evenement (id_evenement, id_flux, date_event, avg_tone)
	SELECT -e.id, r.id, e.date_event::date, e.avg_tone FROM ancien_evenement e CROSS JOIN flux_des_restes r
	ON CONFLICT DO NOTHING RETURNING 1
) SELECT count(*) AS n_evenement FROM insere \gset

/* ---- counts, as the runs would have kept them ---- */

CREATE TEMP TABLE compte ON COMMIT DROP AS
SELECT f.id, f.id_source, f.date_collecte, n.n FROM adopte_flux f JOIN (
	SELECT id_flux, count(*) AS n FROM neuf_document GROUP BY 1
	UNION ALL SELECT id, :n_meteo + :n_evenement FROM flux_des_restes) AS n ON n.id_flux = f.id;
UPDATE datasens.flux f SET nb_lus = nb_lus + n, nb_inseres = nb_inseres + n
FROM (SELECT id, sum(n) AS n FROM compte GROUP BY id) AS c WHERE c.id = f.id_flux;
INSERT INTO datasens.etat_source AS e (id_source, total_docs, derniere_collecte, dernier_succes)
SELECT s.id, coalesce(c.n, 0), f.derniere, f.derniere
FROM (SELECT DISTINCT id FROM adopte_source) AS s
	LEFT JOIN (SELECT id_source, sum(n) AS n FROM compte GROUP BY 1) AS c ON c.id_source = s.id
	LEFT JOIN (SELECT id_source, max(date_collecte) AS derniere
		FROM adopte_flux GROUP BY 1) AS f ON f.id_source = s.id
ON CONFLICT (id_source) DO UPDATE SET total_docs = e.total_docs + EXCLUDED.total_docs,
	derniere_collecte = greatest(e.derniere_collecte, EXCLUDED.derniere_collecte),
	dernier_succes = greatest(e.dernier_succes, EXCLUDED.dernier_succes);

/* ---- what was done ---- */

CREATE TEMP TABLE bilan ON COMMIT DROP AS
SELECT * FROM (VALUES
	(1, 'source', (SELECT count(*) FROM ancienne_source), (SELECT count(*) FROM adopte_source WHERE neuve AND ancien IS NOT NULL)),
	(2, 'flux', (SELECT count(*) FROM ancien_flux), (SELECT count(*) FROM adopte_flux WHERE neuf AND ancien IS NOT NULL)),
	(3, 'document', (SELECT count(*) FROM ancien_document), (SELECT count(*) FROM neuf_document)),
	(4, 'meteo', (SELECT count(*) FROM ancienne_meteo), :n_meteo),
	(5, 'evenement', (SELECT count(*) FROM ancien_evenement), :n_evenement)) AS b (n, objet, lus, adoptes);
SELECT datasens_log('ADOPTION', format('schema %s: %s', current_setting('datasens_adopt.schema'),
	string_agg(format('%s %s', adoptes, objet), ', ' ORDER BY n)))
FROM bilan HAVING sum(adoptes) > 0 \g /dev/null
SELECT nom, type_source, remarque FROM adopte_source WHERE neuve ORDER BY id;
SELECT objet, lus, adoptes, lus - adoptes AS ecartes FROM bilan ORDER BY n;
DROP VIEW ancien_type, ancienne_source, ancien_flux, ancien_document, ancien_lieu, ancien_territoire, ancienne_commune,
	ancien_type_meteo, ancienne_meteo, ancien_evenement, ancien_lien, flux_des_restes;
DROP FUNCTION pg_temp.lire, pg_temp.champ, pg_temp.ancienne;
COMMIT;
\set ON_ERROR_STOP :stop_before
\set QUIET :quiet_before
