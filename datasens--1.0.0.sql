/* datasens--1.0.0.sql */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION datasens" to load this file. \quit

/*
 * Tables, types and operators live in the schema datasens, whatever schema the
 * functions are created in.
 */
CREATE SCHEMA datasens;
GRANT USAGE ON SCHEMA datasens TO PUBLIC;
COMMENT ON SCHEMA datasens IS 'what datasens collects, from where, and how it went';

/* ---------------------------------------------------------------------------
 * The fingerprint: 32 bytes, written as 64 hexadecimal digits.  Type and
 * functions are in the schema datasens; the operators are in the extension's, as
 * every type's are, so that = is found by whoever finds datasens_hash().
 */

CREATE TYPE datasens.fingerprint;

CREATE FUNCTION datasens.fingerprint_in(cstring) RETURNS datasens.fingerprint
AS 'MODULE_PATHNAME', 'datasens_fingerprint_in'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION datasens.fingerprint_out(datasens.fingerprint) RETURNS cstring
AS 'MODULE_PATHNAME', 'datasens_fingerprint_out'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION datasens.fingerprint_recv(internal) RETURNS datasens.fingerprint
AS 'MODULE_PATHNAME', 'datasens_fingerprint_recv'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION datasens.fingerprint_send(datasens.fingerprint) RETURNS bytea
AS 'MODULE_PATHNAME', 'datasens_fingerprint_send'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE datasens.fingerprint (
	INPUT = datasens.fingerprint_in, OUTPUT = datasens.fingerprint_out,
	RECEIVE = datasens.fingerprint_recv, SEND = datasens.fingerprint_send,
	INTERNALLENGTH = 32, ALIGNMENT = char, STORAGE = plain
);
COMMENT ON TYPE datasens.fingerprint IS
	'SHA-256 of a document: 32 bytes, written as 64 hexadecimal digits';

CREATE FUNCTION datasens.fingerprint_eq(datasens.fingerprint, datasens.fingerprint) RETURNS boolean
AS 'MODULE_PATHNAME', 'datasens_fingerprint_eq'
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION datasens.fingerprint_ne(datasens.fingerprint, datasens.fingerprint) RETURNS boolean
AS 'MODULE_PATHNAME', 'datasens_fingerprint_ne'
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION datasens.fingerprint_lt(datasens.fingerprint, datasens.fingerprint) RETURNS boolean
AS 'MODULE_PATHNAME', 'datasens_fingerprint_lt'
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION datasens.fingerprint_le(datasens.fingerprint, datasens.fingerprint) RETURNS boolean
AS 'MODULE_PATHNAME', 'datasens_fingerprint_le'
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION datasens.fingerprint_gt(datasens.fingerprint, datasens.fingerprint) RETURNS boolean
AS 'MODULE_PATHNAME', 'datasens_fingerprint_gt'
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION datasens.fingerprint_ge(datasens.fingerprint, datasens.fingerprint) RETURNS boolean
AS 'MODULE_PATHNAME', 'datasens_fingerprint_ge'
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION datasens.fingerprint_cmp(datasens.fingerprint, datasens.fingerprint) RETURNS int
AS 'MODULE_PATHNAME', 'datasens_fingerprint_cmp'
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION datasens.fingerprint_sortsupport(internal) RETURNS void
AS 'MODULE_PATHNAME', 'datasens_fingerprint_sortsupport'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION datasens.fingerprint_hash(datasens.fingerprint) RETURNS int
AS 'MODULE_PATHNAME', 'datasens_fingerprint_hash'
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION datasens.fingerprint_hash_extended(datasens.fingerprint, bigint) RETURNS bigint
AS 'MODULE_PATHNAME', 'datasens_fingerprint_hash_extended'
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;

CREATE OPERATOR @extschema@.= (
	LEFTARG = datasens.fingerprint, RIGHTARG = datasens.fingerprint,
	FUNCTION = datasens.fingerprint_eq, COMMUTATOR = OPERATOR(@extschema@.=),
	NEGATOR = OPERATOR(@extschema@.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR @extschema@.<> (
	LEFTARG = datasens.fingerprint, RIGHTARG = datasens.fingerprint,
	FUNCTION = datasens.fingerprint_ne, COMMUTATOR = OPERATOR(@extschema@.<>),
	NEGATOR = OPERATOR(@extschema@.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR @extschema@.< (
	LEFTARG = datasens.fingerprint, RIGHTARG = datasens.fingerprint,
	FUNCTION = datasens.fingerprint_lt, COMMUTATOR = OPERATOR(@extschema@.>),
	NEGATOR = OPERATOR(@extschema@.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR @extschema@.<= (
	LEFTARG = datasens.fingerprint, RIGHTARG = datasens.fingerprint,
	FUNCTION = datasens.fingerprint_le, COMMUTATOR = OPERATOR(@extschema@.>=),
	NEGATOR = OPERATOR(@extschema@.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR @extschema@.> (
	LEFTARG = datasens.fingerprint, RIGHTARG = datasens.fingerprint,
	FUNCTION = datasens.fingerprint_gt, COMMUTATOR = OPERATOR(@extschema@.<),
	NEGATOR = OPERATOR(@extschema@.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR @extschema@.>= (
	LEFTARG = datasens.fingerprint, RIGHTARG = datasens.fingerprint,
	FUNCTION = datasens.fingerprint_ge, COMMUTATOR = OPERATOR(@extschema@.<=),
	NEGATOR = OPERATOR(@extschema@.<), RESTRICT = scalargesel, JOIN = scalargejoinsel
);

COMMENT ON OPERATOR @extschema@.= (datasens.fingerprint, datasens.fingerprint) IS 'the same fingerprint';
COMMENT ON OPERATOR @extschema@.<> (datasens.fingerprint, datasens.fingerprint) IS 'another fingerprint';
COMMENT ON OPERATOR @extschema@.< (datasens.fingerprint, datasens.fingerprint) IS 'before it, as bytes';
COMMENT ON OPERATOR @extschema@.<= (datasens.fingerprint, datasens.fingerprint) IS 'before it or the same, as bytes';
COMMENT ON OPERATOR @extschema@.> (datasens.fingerprint, datasens.fingerprint) IS 'after it, as bytes';
COMMENT ON OPERATOR @extschema@.>= (datasens.fingerprint, datasens.fingerprint) IS 'after it or the same, as bytes';

CREATE OPERATOR CLASS datasens.fingerprint_ops DEFAULT FOR TYPE datasens.fingerprint USING btree AS
	OPERATOR 1 @extschema@.<, OPERATOR 2 @extschema@.<=, OPERATOR 3 @extschema@.=,
	OPERATOR 4 @extschema@.>=, OPERATOR 5 @extschema@.>,
	FUNCTION 1 datasens.fingerprint_cmp(datasens.fingerprint, datasens.fingerprint),
	FUNCTION 2 datasens.fingerprint_sortsupport(internal),
	FUNCTION 4 pg_catalog.btequalimage(oid);

CREATE OPERATOR CLASS datasens.fingerprint_ops DEFAULT FOR TYPE datasens.fingerprint USING hash AS
	OPERATOR 1 @extschema@.=,
	FUNCTION 1 datasens.fingerprint_hash(datasens.fingerprint),
	FUNCTION 2 datasens.fingerprint_hash_extended(datasens.fingerprint, bigint);

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

/*
 * What is written as text becomes a fingerprint where it meets one, so that the
 * index serves.  The other way only an assignment or a cast goes: if both were
 * implicit, neither of the two meanings of = would win.
 */
CREATE CAST (text AS datasens.fingerprint) WITH INOUT AS IMPLICIT;
CREATE CAST (varchar AS datasens.fingerprint) WITH INOUT AS IMPLICIT;
CREATE CAST (datasens.fingerprint AS text) WITH INOUT AS ASSIGNMENT;
CREATE CAST (datasens.fingerprint AS varchar) WITH INOUT AS ASSIGNMENT;

CREATE FUNCTION datasens.fingerprint_bytea(datasens.fingerprint) RETURNS bytea
AS 'MODULE_PATHNAME', 'datasens_fingerprint_bytea'
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION datasens.fingerprint_from_bytea(bytea) RETURNS datasens.fingerprint
AS 'MODULE_PATHNAME', 'datasens_fingerprint_from_bytea'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE CAST (datasens.fingerprint AS bytea) WITH FUNCTION datasens.fingerprint_bytea(datasens.fingerprint);
CREATE CAST (bytea AS datasens.fingerprint) WITH FUNCTION datasens.fingerprint_from_bytea(bytea);
COMMENT ON FUNCTION datasens.fingerprint_bytea(datasens.fingerprint) IS 'cast: its 32 bytes';
COMMENT ON FUNCTION datasens.fingerprint_from_bytea(bytea) IS 'cast: the fingerprint of these 32 bytes';
COMMENT ON CAST (text AS datasens.fingerprint) IS '64 hexadecimal digits as a fingerprint';
COMMENT ON CAST (varchar AS datasens.fingerprint) IS '64 hexadecimal digits as a fingerprint';
COMMENT ON CAST (datasens.fingerprint AS text) IS 'a fingerprint as 64 hexadecimal digits';
COMMENT ON CAST (datasens.fingerprint AS varchar) IS 'a fingerprint as 64 hexadecimal digits';
COMMENT ON CAST (datasens.fingerprint AS bytea) IS 'a fingerprint as 32 bytes';
COMMENT ON CAST (bytea AS datasens.fingerprint) IS '32 bytes as a fingerprint';

-- A pattern is matched with the digits.
CREATE FUNCTION datasens.fingerprint_like(datasens.fingerprint, text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN $1::text OPERATOR(pg_catalog.~~) $2;
CREATE FUNCTION datasens.fingerprint_not_like(datasens.fingerprint, text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN $1::text OPERATOR(pg_catalog.!~~) $2;
CREATE OPERATOR @extschema@.~~ (
	LEFTARG = datasens.fingerprint, RIGHTARG = text, FUNCTION = datasens.fingerprint_like,
	NEGATOR = OPERATOR(@extschema@.!~~), RESTRICT = likesel, JOIN = likejoinsel
);
CREATE OPERATOR @extschema@.!~~ (
	LEFTARG = datasens.fingerprint, RIGHTARG = text, FUNCTION = datasens.fingerprint_not_like,
	NEGATOR = OPERATOR(@extschema@.~~), RESTRICT = nlikesel, JOIN = nlikejoinsel
);
COMMENT ON FUNCTION datasens.fingerprint_like(datasens.fingerprint, text) IS
	'implementation of ~~ operator';
COMMENT ON FUNCTION datasens.fingerprint_not_like(datasens.fingerprint, text) IS
	'implementation of !~~ operator';
COMMENT ON OPERATOR @extschema@.~~ (datasens.fingerprint, text) IS 'its digits are LIKE the pattern';
COMMENT ON OPERATOR @extschema@.!~~ (datasens.fingerprint, text) IS 'its digits are not LIKE the pattern';

/* ---------------------------------------------------------------------------
 * The parsers by themselves.
 */

CREATE FUNCTION datasens_hash(valeur text) RETURNS text
AS 'MODULE_PATHNAME', 'datasens_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION datasens_hash(text) IS
	'SHA-256 (FIPS 180-4) of the text in UTF-8, whatever the database''s encoding, as 64 lower-case hexadecimal digits';

CREATE FUNCTION datasens_hash(titre text, texte text) RETURNS text
AS 'MODULE_PATHNAME', 'datasens_hash_document' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION datasens_hash(text, text) IS
	'what document is deduplicated by: datasens_hash(titre || '' '' || texte), a null counting as empty; null where both are';

CREATE FUNCTION datasens_parse_date(valeur text) RETURNS timestamptz
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION datasens_parse_date(text) IS
	'a date as feeds write them (RFC 5322, RFC 3339, ISO 8601, and what else is met); without a zone: UTC; null where it is no date';

CREATE FUNCTION datasens_parse_feed(contenu bytea, content_type text DEFAULT NULL,
	url_base text DEFAULT NULL,
	OUT "position" int, OUT titre text, OUT texte text, OUT resume text, OUT url text,
	OUT guid text, OUT auteur text, OUT langue text, OUT date_publication timestamptz,
	OUT hash_fingerprint datasens.fingerprint, OUT meta jsonb)
RETURNS SETOF record AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 10000 ROWS 40;
COMMENT ON FUNCTION datasens_parse_feed(bytea, text, text) IS
	'the entries of a feed (RSS, RDF, Atom, JSON Feed), as they would be stored; content_type: the HTTP header; url_base: for relative links';

CREATE FUNCTION datasens_robots_allowed(robots text, agent text, url text) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION datasens_robots_allowed(text, text, text) IS
	'whether a robots.txt (RFC 9309) lets the agent, a name or name/version, ask for the URL, which is percent-coded as in a request';

CREATE FUNCTION datasens_robots_allowed(robots bytea, agent text, url text) RETURNS boolean
AS 'MODULE_PATHNAME', 'datasens_robots_allowed_bytes' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION datasens_robots_allowed(bytea, text, text) IS
	'the same for a robots.txt as it came, whatever its encoding';

CREATE FUNCTION datasens_extract_article(page bytea, content_type text DEFAULT NULL,
	url text DEFAULT NULL,
	OUT titre text, OUT texte text, OUT auteur text, OUT date_publication timestamptz,
	OUT langue text, OUT url text, OUT site text, OUT meta jsonb)
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION datasens_extract_article(bytea, text, text) IS
	'the article of a web page without what stands around it; content_type: the HTTP header; url: the page''s, for relative links';

CREATE FUNCTION datasens_cron_next(expr text, after timestamptz DEFAULT now(),
	timezone text DEFAULT NULL, n int DEFAULT 1)
RETURNS SETOF timestamptz AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE ROWS 1;
COMMENT ON FUNCTION datasens_cron_next(text, timestamptz, text, int) IS
	'the n times after the given one that a schedule means, in that time zone (null: datasens.timezone)';
/* ---------------------------------------------------------------------------
 * Tables.  They belong to pg_database_owner, and all that datasens does with
 * them is done as that role: a trigger that a user puts on one of them never
 * runs as a superuser.
 *
 * Functions and operators are the server's own: others may have made some of the same
 * names, which fit better, in the schema that the extension goes into.
 */
SET LOCAL search_path = pg_catalog, pg_temp;

CREATE TABLE datasens.source (
	id_source int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	nom text NOT NULL UNIQUE CHECK (nom <> ''),
	type_source text NOT NULL,
	url text,
	planification text,
	fuseau text,
	actif boolean NOT NULL DEFAULT true,
	options jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(options) = 'object'),
	date_creation timestamptz NOT NULL DEFAULT now()
);

-- Every run writes its source's row here, so it has room for heap-only updates
-- and no index but the key.
CREATE TABLE datasens.etat_source (
	id_source int PRIMARY KEY REFERENCES datasens.source ON DELETE CASCADE,
	prochaine_collecte timestamptz NOT NULL DEFAULT 'infinity',
	planification_appliquee text,
	periode interval,
	declencheur text NOT NULL DEFAULT 'planifie',
	tentative int NOT NULL DEFAULT 0,
	echecs_consecutifs int NOT NULL DEFAULT 0,
	derniere_collecte timestamptz,
	dernier_succes timestamptz,
	derniere_erreur text,
	total_docs bigint NOT NULL DEFAULT 0,
	dernier_apport bigint NOT NULL DEFAULT 0,
	alerte text,
	curseur jsonb
) WITH (fillfactor = 40, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

CREATE TABLE datasens.flux (
	id_flux bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id_source int NOT NULL,
	date_collecte timestamptz NOT NULL DEFAULT now(),
	format text,
	manifest_uri text,
	declencheur text NOT NULL DEFAULT 'manuel'
		CHECK (declencheur IN ('planifie', 'manuel', 'reprise', 'rattrapage', 'rejeu')),
	tentative int NOT NULL DEFAULT 1,
	statut text NOT NULL CHECK (statut IN ('succes', 'inchange', 'partiel', 'echec')),
	code_http int,
	octets bigint NOT NULL DEFAULT 0,
	nb_lus bigint NOT NULL DEFAULT 0,
	nb_inseres bigint NOT NULL DEFAULT 0,
	nb_doublons bigint NOT NULL DEFAULT 0,
	nb_rejetes bigint NOT NULL DEFAULT 0,
	nb_supprimes bigint NOT NULL DEFAULT 0,
	duree interval,
	erreur text,
	id_flux_origine bigint
);
CREATE INDEX flux_date_collecte_idx ON datasens.flux USING brin (date_collecte);

-- No foreign key to flux: it would be checked row by row for rows that the same
-- transaction made.  The guard on flux below keeps what documents refer to.
CREATE TABLE datasens.document (
	id_doc bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id_flux bigint NOT NULL,
	titre text,
	texte text,
	url text,
	auteur text,
	langue text,
	date_publication timestamptz,
	hash_fingerprint datasens.fingerprint NOT NULL UNIQUE,
	meta jsonb
);
-- Summarized by autovacuum when enough is new: asked for page range by page range
-- (autosummarize), a bulk run would fill the server's log with refusals.
CREATE INDEX document_id_flux_idx ON datasens.document
	USING brin (id_flux) WITH (pages_per_range = 32);
CREATE INDEX document_date_publication_idx ON datasens.document
	USING brin (date_publication) WITH (pages_per_range = 32);

-- What GDELT says of an event; the same event comes once, whichever source brings it.
CREATE TABLE datasens.evenement (
	id_evenement bigint PRIMARY KEY,
	id_flux bigint NOT NULL,
	date_event date,
	acteur1 text,
	code_acteur1 text,
	acteur2 text,
	code_acteur2 text,
	code_event text,
	classe int,
	racine boolean,
	goldstein double precision,
	nb_mentions int,
	nb_sources int,
	nb_articles int,
	avg_tone double precision,
	lieu text,
	pays text,
	lat double precision,
	lon double precision,
	url text,
	date_ajout timestamptz
);
CREATE INDEX evenement_id_flux_idx ON datasens.evenement
	USING brin (id_flux) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX evenement_date_ajout_idx ON datasens.evenement
	USING brin (date_ajout) WITH (pages_per_range = 32, autosummarize = on);

-- A mention names its document by the URL: it may come before the document, or without
-- one.  The key has the URL's hash, since URLs may be longer than an index entry.
CREATE TABLE datasens.document_evenement (
	id_evenement bigint NOT NULL,
	hash_url datasens.fingerprint NOT NULL,
	phrase int NOT NULL,
	id_flux bigint NOT NULL,
	url text NOT NULL,
	site text,
	type_mention int,
	date_event timestamptz,
	date_mention timestamptz,
	confiance int,
	tone double precision,
	longueur int,
	langue text,
	PRIMARY KEY (id_evenement, hash_url, phrase)
);
CREATE INDEX document_evenement_id_flux_idx ON datasens.document_evenement
	USING brin (id_flux) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX document_evenement_date_mention_idx ON datasens.document_evenement
	USING brin (date_mention) WITH (pages_per_range = 32, autosummarize = on);

-- The pasts that were queued (datasens_backfill).
CREATE TABLE datasens.historique (
	id_historique int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id_source int NOT NULL REFERENCES datasens.source ON DELETE CASCADE,
	periode tstzrange NOT NULL,
	statut text NOT NULL DEFAULT 'en_cours'
		CHECK (statut IN ('en_cours', 'suspendu', 'annule', 'termine')),
	date_demande timestamptz NOT NULL DEFAULT now(),
	date_fin timestamptz
);

-- The ledger: periods of neighbours that have the same status, never two of one stream
-- that overlap (every change is made under the source's ledger lock).  A slice that is
-- about to be collected has a row of its own, with what its file is to be.
CREATE TABLE datasens.tranche (
	id_tranche bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id_source int NOT NULL REFERENCES datasens.source ON DELETE CASCADE,
	flux text NOT NULL,
	periode tstzrange NOT NULL CHECK (lower_inc(periode) AND NOT upper_inc(periode)
		AND NOT lower_inf(periode) AND NOT upper_inf(periode)),
	statut text NOT NULL CHECK (statut IN ('attendue', 'collectee', 'absente', 'echec')),
	id_historique int REFERENCES datasens.historique,
	octets bigint,
	md5 text,
	tentative int NOT NULL DEFAULT 0,
	pas_avant timestamptz,
	erreur text,
	date_maj timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE UNIQUE INDEX tranche_periode_idx ON datasens.tranche (id_source, flux, lower(periode));
CREATE INDEX tranche_historique_idx ON datasens.tranche (id_historique)
	WHERE id_historique IS NOT NULL;

-- A place is where it lies: the same one may be asked by its name, its number, its place.
CREATE TABLE datasens.meteo (
	id_meteo bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id_flux bigint NOT NULL,
	ville text,
	pays text,
	lat double precision NOT NULL,
	lon double precision NOT NULL,
	date_obs timestamptz NOT NULL,
	temperature double precision,
	ressenti double precision,
	humidite double precision,
	vent_kmh double precision,
	pression double precision,
	type_meteo text,
	description text,
	meta jsonb,
	UNIQUE (lat, lon, date_obs)
);
CREATE INDEX meteo_id_flux_idx ON datasens.meteo
	USING brin (id_flux) WITH (pages_per_range = 32, autosummarize = on);

CREATE TABLE datasens.cache_http (
	id_source int NOT NULL REFERENCES datasens.source ON DELETE CASCADE,
	url text NOT NULL,
	etag text,
	last_modified text,
	hash_corps datasens.fingerprint,
	date_maj timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (id_source, url)
) WITH (fillfactor = 60);

CREATE TABLE datasens.hote (
	hote text PRIMARY KEY,
	reessayer_apres timestamptz,
	date_maj timestamptz NOT NULL DEFAULT now(),
	robots bytea,
	robots_statut int,
	robots_date timestamptz
);

CREATE TABLE datasens.rejet (
	id_rejet bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id_flux bigint NOT NULL,
	position bigint,
	motif text NOT NULL,
	brut text,
	date_rejet timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE datasens.journal (
	id_journal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	horodatage timestamptz NOT NULL DEFAULT clock_timestamp(),
	action text NOT NULL CHECK (action ~ '^[A-Z][A-Z0-9_]*$'),
	details text
);

-- Read and written by the library only, which asks for no rights: it stays its
-- creator's, out of the dumps, without statistics of its values, and its rows are
-- hidden from pg_read_all_data.
CREATE TABLE datasens.secret (
	nom text COLLATE "C" PRIMARY KEY,
	valeur text NOT NULL,
	date_maj timestamptz NOT NULL
);
ALTER TABLE datasens.secret ENABLE ROW LEVEL SECURITY;
ALTER TABLE datasens.secret ALTER COLUMN valeur SET STATISTICS 0;
REVOKE ALL ON datasens.secret FROM PUBLIC;
-- What is not to be collected again.
CREATE TABLE datasens.oubli (
	hash_fingerprint datasens.fingerprint PRIMARY KEY,
	date_oubli timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE datasens.sauvegarde (
	id_sauvegarde bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	date_debut timestamptz NOT NULL,
	duree interval NOT NULL,
	declencheur text NOT NULL CHECK (declencheur IN ('planifie', 'manuel')),
	statut text NOT NULL CHECK (statut IN ('succes', 'echec')),
	fichier text,
	octets bigint,
	sha256 text,
	note text,
	erreur text,
	date_suppression timestamptz,
	archive_uri text,
	archive_statut text CHECK (archive_statut IN ('attendue', 'archivee', 'echec', 'supprimee')),
	archive_tentatives int NOT NULL DEFAULT 0,
	archive_prochaine timestamptz,
	archive_erreur text
);

-- What runs received, on its way to datasens.archive_url, and what is to be removed there.
-- Its files are no part of a dump, and neither are its rows.
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
ALTER TABLE datasens.archive OWNER TO pg_database_owner;

-- What was told, and still is to be delivered.
CREATE TABLE datasens.alerte (
	id_alerte bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	date_alerte timestamptz NOT NULL DEFAULT clock_timestamp(),
	objet text NOT NULL CHECK (objet IN ('source', 'tache')),
	nom text NOT NULL,
	etat text NOT NULL CHECK (etat IN ('echec', 'obsolete', 'silence', 'lacune', 'retabli')),
	message text,
	canaux text[] NOT NULL DEFAULT '{}',
	tentatives int NOT NULL DEFAULT 0,
	prochaine_tentative timestamptz,
	date_livraison timestamptz,
	derniere_erreur text
);
CREATE INDEX alerte_prochaine_tentative_idx ON datasens.alerte (prochaine_tentative)
	WHERE prochaine_tentative IS NOT NULL;

-- How it grows: a row a day, written by the task menage.
CREATE TABLE datasens.volumetrie (
	jour date PRIMARY KEY,
	octets bigint NOT NULL,
	documents bigint NOT NULL
);

-- A row a task, planned anew where it is missing: nothing that a dump has to take along.
CREATE TABLE datasens.tache (
	nom text PRIMARY KEY,
	prochaine_execution timestamptz NOT NULL DEFAULT 'infinity',
	planification_appliquee text,
	tentative int NOT NULL DEFAULT 0,
	echecs_consecutifs int NOT NULL DEFAULT 0,
	derniere_execution timestamptz,
	dernier_succes timestamptz,
	derniere_erreur text,
	alerte text
);
ALTER TABLE datasens.tache OWNER TO pg_database_owner;

DO $$
DECLARE
	nom_table text;
BEGIN
	FOREACH nom_table IN ARRAY ARRAY['source', 'etat_source', 'flux', 'document', 'meteo',
									 'evenement', 'document_evenement', 'historique', 'tranche', 'cache_http',
									 'hote', 'rejet', 'journal', 'oubli', 'sauvegarde',
									 'alerte', 'volumetrie']
	LOOP
		EXECUTE format('ALTER TABLE datasens.%I OWNER TO pg_database_owner', nom_table);
		PERFORM pg_catalog.pg_extension_config_dump(format('datasens.%I', nom_table), '');
	END LOOP;
	FOREACH nom_table IN ARRAY ARRAY['source_id_source_seq', 'flux_id_flux_seq',
									 'document_id_doc_seq', 'meteo_id_meteo_seq',
									 'historique_id_historique_seq',
									 'tranche_id_tranche_seq', 'rejet_id_rejet_seq',
									 'journal_id_journal_seq', 'sauvegarde_id_sauvegarde_seq',
									 'alerte_id_alerte_seq']
	LOOP
		PERFORM pg_catalog.pg_extension_config_dump(format('datasens.%I', nom_table), '');
	END LOOP;
END
$$;

/* ---------------------------------------------------------------------------
 * Guards: what keeps the tables consistent, whoever changes them.
 */

-- A source that is asked elsewhere has nothing in the cache and no rest to fetch.
CREATE FUNCTION datasens.source_moved() RETURNS trigger
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
COMMENT ON FUNCTION datasens.source_moved() IS
	'trigger: forgets what is known of a source''s old addresses';

CREATE TRIGGER source_moved AFTER UPDATE OF url, options ON datasens.source
	FOR EACH ROW WHEN (OLD.url IS DISTINCT FROM NEW.url OR OLD.options <> NEW.options)
	EXECUTE FUNCTION datasens.source_moved();

-- What is deleted is taken off the counts; nothing is counted on the way in but by the runs.
CREATE FUNCTION datasens.document_removed() RETURNS trigger
AS 'MODULE_PATHNAME', 'datasens_document_removed' LANGUAGE C;
COMMENT ON FUNCTION datasens.document_removed() IS
	'trigger: takes deleted documents off etat_source.total_docs and notes them in flux.nb_supprimes';

CREATE TRIGGER document_removed AFTER DELETE ON datasens.document
	REFERENCING OLD TABLE AS removed
	FOR EACH STATEMENT EXECUTE FUNCTION datasens.document_removed();
CREATE TRIGGER meteo_removed AFTER DELETE ON datasens.meteo
	REFERENCING OLD TABLE AS removed
	FOR EACH STATEMENT EXECUTE FUNCTION datasens.document_removed();
CREATE TRIGGER evenement_removed AFTER DELETE ON datasens.evenement
	REFERENCING OLD TABLE AS removed
	FOR EACH STATEMENT EXECUTE FUNCTION datasens.document_removed();
CREATE TRIGGER document_evenement_removed AFTER DELETE ON datasens.document_evenement
	REFERENCING OLD TABLE AS removed
	FOR EACH STATEMENT EXECUTE FUNCTION datasens.document_removed();
CREATE TRIGGER document_truncated AFTER TRUNCATE ON datasens.document
	FOR EACH STATEMENT EXECUTE FUNCTION datasens.document_removed();
CREATE TRIGGER meteo_truncated AFTER TRUNCATE ON datasens.meteo
	FOR EACH STATEMENT EXECUTE FUNCTION datasens.document_removed();
CREATE TRIGGER evenement_truncated AFTER TRUNCATE ON datasens.evenement
	FOR EACH STATEMENT EXECUTE FUNCTION datasens.document_removed();
CREATE TRIGGER document_evenement_truncated AFTER TRUNCATE ON datasens.document_evenement
	FOR EACH STATEMENT EXECUTE FUNCTION datasens.document_removed();

-- A flux stays while records refer to it.
CREATE FUNCTION datasens.flux_kept() RETURNS trigger
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

CREATE TRIGGER flux_kept AFTER DELETE ON datasens.flux
	REFERENCING OLD TABLE AS removed
	FOR EACH STATEMENT EXECUTE FUNCTION datasens.flux_kept();

-- Likewise a source that flux refer to.
CREATE FUNCTION datasens.source_kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	kept text;
BEGIN
	SELECT r.nom INTO kept FROM removed r JOIN datasens.flux f USING (id_source) LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'cannot delete source "%": it has been collected', kept
			USING ERRCODE = 'foreign_key_violation',
				  HINT = 'Use datasens_enable_source(nom, false) to stop collecting it, '
						 'or datasens_drop_source(nom, true) to drop it with its documents.';
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION datasens.source_kept() IS
	'trigger: refuses to delete a source that has been collected';

CREATE TRIGGER source_kept AFTER DELETE ON datasens.source
	REFERENCING OLD TABLE AS removed
	FOR EACH STATEMENT EXECUTE FUNCTION datasens.source_kept();

-- The server's files and secrets are for sources of those only who may read them.
CREATE FUNCTION datasens.source_allowed() RETURNS trigger
AS 'MODULE_PATHNAME', 'datasens_source_allowed' LANGUAGE C;
COMMENT ON FUNCTION datasens.source_allowed() IS
	'trigger: refuses a row by which its writer would get at files or secrets of the server that are not for him';

CREATE TRIGGER source_allowed AFTER INSERT OR UPDATE OF type_source, url, options ON datasens.source
	FOR EACH ROW EXECUTE FUNCTION datasens.source_allowed();

-- The launcher hears of every change of what is to be collected.
CREATE FUNCTION datasens.source_changed() RETURNS trigger
AS 'MODULE_PATHNAME', 'datasens_source_changed' LANGUAGE C;
COMMENT ON FUNCTION datasens.source_changed() IS
	'trigger: tells the launcher, when the transaction commits, that sources have changed';

CREATE TRIGGER source_changed AFTER INSERT OR UPDATE OR DELETE ON datasens.source
	FOR EACH STATEMENT EXECUTE FUNCTION datasens.source_changed();

-- The guard against DROP EXTENSION is a hook of the library: this loads it.
CREATE FUNCTION datasens.guard_drop() RETURNS event_trigger
AS 'MODULE_PATHNAME', 'datasens_guard_drop' LANGUAGE C;
COMMENT ON FUNCTION datasens.guard_drop() IS
	'event trigger: loads the library, whose hook keeps DROP EXTENSION from collected documents';

CREATE EVENT TRIGGER datasens_guard_drop ON ddl_command_start
	WHEN TAG IN ('DROP EXTENSION', 'DROP SCHEMA', 'DROP OWNED')
	EXECUTE FUNCTION datasens.guard_drop();
COMMENT ON EVENT TRIGGER datasens_guard_drop IS 'keeps DROP EXTENSION from collected documents';
SET LOCAL search_path = @extschema@, pg_temp;

/* ---------------------------------------------------------------------------
 * Sources.
 */

CREATE FUNCTION datasens_add_source(type_source text, nom text, url text DEFAULT NULL,
	planification text DEFAULT NULL, options jsonb DEFAULT '{}', fuseau text DEFAULT NULL)
RETURNS int AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION datasens_add_source(text, text, text, text, jsonb, text) IS
	'adds a source and returns its id_source; type_source: rss, json, scraping, owm, kaggle, gdelt; planification: a schedule of its own, null for the setting of its type; fuseau: the time zone that it is meant in';

CREATE FUNCTION datasens_alter_source(nom text, url text DEFAULT NULL,
	planification text DEFAULT NULL, options jsonb DEFAULT NULL, fuseau text DEFAULT NULL,
	nouveau_nom text DEFAULT NULL)
RETURNS void AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION datasens_alter_source(text, text, text, jsonb, text, text) IS
	'changes a source: null leaves a value as it is, an empty string takes it away';

CREATE FUNCTION datasens_drop_source(nom text, cascade boolean DEFAULT false)
RETURNS void AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION datasens_drop_source(text, boolean) IS
	'drops a source; one that has brought documents only with cascade, and then with them';

CREATE FUNCTION datasens_enable_source(nom text, actif boolean DEFAULT true)
RETURNS void AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION datasens_enable_source(text, boolean) IS
	'switches the collecting of a source on or off; what it has brought stays';

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

CREATE FUNCTION datasens_import_opml(xml text,
	OUT nom text, OUT url text, OUT statut text, OUT detail text)
RETURNS SETOF record AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION datasens_import_opml(text) IS
	'adds the feeds of a list (OPML) as sources; statut: ajoutee, existante or refusee (detail says why)';

CREATE FUNCTION datasens_export_opml() RETURNS text AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION datasens_export_opml() IS 'the feeds of all sources as a list (OPML 2.0)';

/* ---------------------------------------------------------------------------
 * Collecting.
 */

CREATE FUNCTION datasens_collect(what text DEFAULT 'all',
	OUT id_flux bigint, OUT nom text, OUT type_source text, OUT statut text,
	OUT nb_lus bigint, OUT nb_inseres bigint, OUT nb_doublons bigint, OUT nb_rejetes bigint,
	OUT octets bigint, OUT duree interval, OUT erreur text)
RETURNS SETOF record AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION datasens_collect(text) IS
	'collects now, in this transaction: all active sources, those of a type, or the one of that name; one row a flux';

CREATE FUNCTION datasens_replay("flux" bigint,
	OUT id_flux bigint, OUT nom text, OUT type_source text, OUT statut text,
	OUT nb_lus bigint, OUT nb_inseres bigint, OUT nb_doublons bigint, OUT nb_rejetes bigint,
	OUT octets bigint, OUT duree interval, OUT erreur text)
RETURNS SETOF record AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION datasens_replay(bigint) IS
	'reads again what that flux received (option "archiver"), by today''s parsers and the source''s options of today, without asking its servers; what is stored already is a duplicate; one row, of a new flux with declencheur rejeu; the source''s state stays as it is';

CREATE FUNCTION datasens_preview(type_source text, url text DEFAULT NULL, options jsonb DEFAULT '{}',
	OUT "position" bigint, OUT vers text, OUT titre text, OUT texte text, OUT url text,
	OUT auteur text, OUT langue text, OUT date_publication timestamptz,
	OUT hash_fingerprint datasens.fingerprint, OUT meta jsonb, OUT motif text)
RETURNS SETOF record AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION datasens_preview(text, text, jsonb) IS
	'what such a source would yield now, stored nowhere; vers: the table that a row would go to (of others than document all is in meta), or rejet, with its motif';

CREATE FUNCTION datasens_collect_async(what text DEFAULT 'all')
RETURNS bigint AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION datasens_collect_async(text) IS
	'makes sources due now, for the collectors to take when this transaction has committed; returns how many';

CREATE FUNCTION datasens_set_secret(nom text, valeur text) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION datasens_set_secret(text, text) IS
	'sets a key or password that collectors need (owm_api_key, kaggle_username, kaggle_key, kaggle_token, or a name of yours); null deletes it; no SQL reads it back';
CREATE FUNCTION datasens_forget(url text) RETURNS bigint AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION datasens_forget(text) IS
	'removes the documents at that address, or at those that a pattern with * means, and keeps their fingerprints, so that they are not collected again; returns how many';
CREATE FUNCTION datasens_forget(VARIADIC ids bigint[]) RETURNS bigint
AS 'MODULE_PATHNAME', 'datasens_forget_ids' LANGUAGE C STRICT;
COMMENT ON FUNCTION datasens_forget(bigint[]) IS
	'removes the documents of these id_doc, which need no address, and keeps their fingerprints, so that they are not collected again; returns how many';

CREATE FUNCTION datasens_backfill(nom text, "from" timestamptz, "to" timestamptz DEFAULT now())
RETURNS int AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION datasens_backfill(text, timestamptz, timestamptz) IS
	'queues the slices of a source''s past that begin in [from, to), but for those that it has; the collectors work them off; returns the id_historique (see the view datasens_backfills)';

CREATE FUNCTION datasens_backfill_pause(id_historique int)
RETURNS void AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION datasens_backfill_pause(int) IS
	'pauses a backfill: slices under way are ended, no new ones are begun';

CREATE FUNCTION datasens_backfill_resume(id_historique int)
RETURNS void AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION datasens_backfill_resume(int) IS 'goes on with a backfill that was paused';

CREATE FUNCTION datasens_backfill_cancel(id_historique int)
RETURNS bigint AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION datasens_backfill_cancel(int) IS
	'ends a backfill; what it has brought stays; returns how many slices are no more expected';

/* ---------------------------------------------------------------------------
 * How it goes.
 */

CREATE FUNCTION datasens_health(
	OUT nom text, OUT type_source text, OUT statut text, OUT total_docs bigint,
	OUT derniere_collecte timestamptz, OUT age_dernier_flux interval,
	OUT prochaine_collecte timestamptz, OUT echecs_consecutifs int, OUT derniere_erreur text)
RETURNS SETOF record AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION datasens_health() IS
	'how each source is; statut: inactif, en_cours, echec, jamais, obsolete, retard or ok';

CREATE FUNCTION datasens_stats(since timestamptz DEFAULT now() - interval '1 day',
	OUT nom text, OUT type_source text, OUT total_docs bigint, OUT nouveaux bigint,
	OUT croissance bigint, OUT derniere_collecte timestamptz)
RETURNS SETOF record AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION datasens_stats(timestamptz) IS
	'documents of each source, and of all (nom null): in total, new since then (null: ever), and what the last run brought';

CREATE FUNCTION datasens_summary() RETURNS text AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION datasens_summary() IS
	'one line in the language of datasens.report_language: sources active, obsolete and failing, documents and what the last runs brought';

CREATE FUNCTION datasens_metrics() RETURNS text AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION datasens_metrics() IS
	'how sources, tasks and backups are, as OpenMetrics text for Prometheus';

CREATE FUNCTION datasens_check(
	OUT objet text, OUT id bigint, OUT probleme text, OUT attendu text, OUT trouve text)
RETURNS SETOF record AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION datasens_check() IS
	'verifies what is stored, a row a fault: empreinte (neither that of the text nor the one that it was adopted with), compte (counts that do not agree), orphelin (what it belongs to is not there); reads every document';

CREATE FUNCTION datasens_schedule(n int DEFAULT 1,
	OUT nom text, OUT type_source text, OUT planification text, OUT fuseau text, OUT origine text,
	OUT prochaine_collecte timestamptz)
RETURNS SETOF record AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION datasens_schedule(int) IS
	'the next n times of each source and, with type_source tache, of each scheduled task; origine: the source itself or the setting that its schedule comes from';

CREATE FUNCTION datasens_log(action text, details text DEFAULT NULL)
RETURNS void AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION datasens_log(text, text) IS
	'writes a line into the journal; action is written in capitals, as in COLLECTE_TERMINEE';

CREATE FUNCTION datasens_version_log() RETURNS text AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION datasens_version_log() IS 'the journal as markdown, a line a happening, in UTC';

CREATE FUNCTION datasens_version_log(fichier text) RETURNS bigint
AS 'MODULE_PATHNAME', 'datasens_version_log_append' LANGUAGE C STRICT;
COMMENT ON FUNCTION datasens_version_log(text) IS
	'appends what it lacks of the journal to a file of the server, and returns how many lines; needs pg_write_server_files';

CREATE FUNCTION datasens_progress_entries(
	OUT pid int, OUT id_source int, OUT nom text, OUT phase text, OUT hote text,
	OUT octets bigint, OUT octets_annonces bigint, OUT nb_lus bigint, OUT nb_connus bigint,
	OUT depuis timestamptz)
RETURNS SETOF record AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION datasens_progress_entries() IS
	'the runs under way in this database (see the view datasens_progress)';

-- Views ask as they were read: by a name of somebody else's, for whoever looks at them.
SET LOCAL search_path = pg_catalog, pg_temp;
-- A slice of GDELT's is a quarter of an hour.
CREATE VIEW @extschema@.datasens_backfills AS
	SELECT h.id_historique, h.id_source, s.nom, lower(h.periode) AS debut, upper(h.periode) AS fin,
		h.statut, coalesce(t.prevues, 0) AS prevues, coalesce(t.collectees, 0) AS collectees,
		coalesce(t.absentes, 0) AS absentes, coalesce(t.echecs, 0) AS echecs,
		coalesce(t.attendues, 0) AS attendues, h.date_demande, h.date_fin
	FROM datasens.historique h JOIN datasens.source s USING (id_source)
	LEFT JOIN LATERAL (
		SELECT sum(n) AS prevues,
			sum(n) FILTER (WHERE q.statut = 'collectee') AS collectees,
			sum(n) FILTER (WHERE q.statut = 'absente') AS absentes,
			sum(n) FILTER (WHERE q.statut = 'echec') AS echecs,
			sum(n) FILTER (WHERE q.statut = 'attendue') AS attendues
		FROM (SELECT statut, (extract(epoch FROM upper(periode) - lower(periode)) / 900)::bigint AS n
			FROM datasens.tranche WHERE id_historique = h.id_historique) AS q) AS t ON true;
COMMENT ON VIEW @extschema@.datasens_backfills IS
	'the pasts that were queued: source, period, statut (en_cours, suspendu, annule, termine), slices of all streams in all, collected, absent at the source, failed, still expected';

CREATE VIEW @extschema@.datasens_progress AS
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

/* ---------------------------------------------------------------------------
 * Keeping.
 */

CREATE FUNCTION datasens_backup(note text DEFAULT NULL,
	OUT id_sauvegarde bigint, OUT statut text, OUT fichier text, OUT octets bigint,
	OUT sha256 text, OUT duree interval, OUT erreur text)
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION datasens_backup(text) IS
	'backs the database up now, into datasens.backup_directory; a failure is a row with statut echec, and a warning';

CREATE FUNCTION datasens_report(format text DEFAULT 'text',
	since timestamptz DEFAULT now() - interval '7 days')
RETURNS text AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION datasens_report(text, timestamptz) IS
	'what came in since then, how the sources are, what failed; format: text, markdown, json, or html (one file, with a chart); in the language of datasens.report_language';

/*
 * Commits between its steps, so that nothing is held over the network and the
 * backup has what was collected; a procedure that commits has no settings of its
 * own, hence the full names.
 */
-- A search path of its own would keep it from committing: every name and operator is qualified
-- (NULLIF and its like look for an operator by the caller's path).
CREATE PROCEDURE datasens_cycle(note text DEFAULT NULL, INOUT bilan text DEFAULT NULL)
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
COMMENT ON PROCEDURE datasens_cycle(text, text) IS
	'the daily round as one CALL: figures, collecting of all active sources, figures and health, backup where there is a directory; a line in the journal before and after';

/* ---------------------------------------------------------------------------
 * Rights: nothing that fetches or writes is for everyone.  The database's owner
 * does as the tables' owner does; the rest is granted by hand.
 */

SET LOCAL search_path = pg_catalog, pg_temp;
DO $$
DECLARE
	f regprocedure;
BEGIN
	FOR f IN
		SELECT p.oid::regprocedure FROM pg_catalog.pg_proc p
		JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::regclass
			AND d.objid = p.oid AND d.deptype = 'e'
		JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid AND e.extname = 'datasens'
		WHERE p.proname IN ('datasens_add_source', 'datasens_alter_source',
			'datasens_drop_source', 'datasens_enable_source', 'datasens_import_opml',
			'datasens_add_default_sources', 'datasens_preview', 'datasens_replay',
			'datasens_export_opml', 'datasens_collect', 'datasens_collect_async', 'datasens_log',
			'datasens_set_secret', 'datasens_version_log', 'datasens_health', 'datasens_schedule',
			'datasens_progress_entries',
			'datasens_stats', 'datasens_summary', 'datasens_metrics', 'datasens_check',
			'datasens_forget', 'datasens_backup', 'datasens_cycle', 'datasens_report',
			'datasens_backfill', 'datasens_backfill_pause', 'datasens_backfill_resume',
			'datasens_backfill_cancel')
	LOOP
		EXECUTE format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', f);
		EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO pg_database_owner', f);
	END LOOP;
END
$$;
SET LOCAL search_path = @extschema@, pg_temp;
GRANT EXECUTE ON FUNCTION datasens_health(), datasens_stats(timestamptz), datasens_summary(), datasens_metrics(),
	datasens_schedule(int), datasens_progress_entries() TO pg_monitor;
GRANT SELECT ON datasens_progress, datasens_backfills TO pg_monitor, pg_database_owner;
-- A trigger of anyone's own would have document_removed() work as the tables' owner.
REVOKE ALL ON FUNCTION datasens.source_moved(), datasens.document_removed(), datasens.flux_kept(),
	datasens.source_kept(), datasens.source_allowed(), datasens.source_changed(),
	datasens.guard_drop() FROM PUBLIC;

/* ---------------------------------------------------------------------------
 * What things are.
 */

COMMENT ON TABLE datasens.source IS 'what is collected, from where, and when';
COMMENT ON COLUMN datasens.source.id_source IS 'its number, as datasens_add_source() returned it';
COMMENT ON COLUMN datasens.source.nom IS 'its name, as functions take it';
COMMENT ON COLUMN datasens.source.type_source IS 'the kind of source: rss, json, scraping, owm, kaggle, gdelt';
COMMENT ON COLUMN datasens.source.url IS 'address; null where options name several';
COMMENT ON COLUMN datasens.source.planification IS 'schedule; null: the setting of the kind';
COMMENT ON COLUMN datasens.source.fuseau IS 'time zone of the schedule; null: datasens.timezone';
COMMENT ON COLUMN datasens.source.actif IS 'whether it is collected on schedule';
COMMENT ON COLUMN datasens.source.options IS 'what the kind wants to know besides';
COMMENT ON COLUMN datasens.source.date_creation IS 'when it was added';

COMMENT ON TABLE datasens.etat_source IS 'the state of each source: when it is due, what became of it';
COMMENT ON COLUMN datasens.etat_source.id_source IS 'the source';
COMMENT ON COLUMN datasens.etat_source.prochaine_collecte IS 'when it is due; infinity: never';
COMMENT ON COLUMN datasens.etat_source.planification_appliquee IS 'the schedule and time zone that the due time comes from';
COMMENT ON COLUMN datasens.etat_source.periode IS 'the longest gap between its next scheduled runs';
COMMENT ON COLUMN datasens.etat_source.declencheur IS 'why the next run will take place: planifie, manuel, reprise, rattrapage';
COMMENT ON COLUMN datasens.etat_source.tentative IS 'attempts that have failed since it was due';
COMMENT ON COLUMN datasens.etat_source.echecs_consecutifs IS 'runs in a row that failed with all their retries';
COMMENT ON COLUMN datasens.etat_source.derniere_collecte IS 'when it was last collected, whatever became of it';
COMMENT ON COLUMN datasens.etat_source.dernier_succes IS 'when it was last collected without failing';
COMMENT ON COLUMN datasens.etat_source.derniere_erreur IS 'why its last run failed; null: it did not';
COMMENT ON COLUMN datasens.etat_source.total_docs IS 'records that it has brought and that are there: documents, and rows of the other tables';
COMMENT ON COLUMN datasens.etat_source.dernier_apport IS 'documents that its last run brought';
COMMENT ON COLUMN datasens.etat_source.alerte IS 'what was told of it and still holds: echec, obsolete, silence, lacune; null: it is well';
COMMENT ON COLUMN datasens.etat_source.curseur IS 'what a retry is still to fetch';

COMMENT ON TABLE datasens.flux IS 'the log of runs: one row each';
COMMENT ON COLUMN datasens.flux.id_flux IS 'its number, by which the rows that it brought name it';
COMMENT ON COLUMN datasens.flux.id_source IS 'the source';
COMMENT ON COLUMN datasens.flux.date_collecte IS 'when the run began';
COMMENT ON COLUMN datasens.flux.format IS 'what was received: rss20, atom10, ...';
COMMENT ON COLUMN datasens.flux.manifest_uri IS 'where what it received is archived (option archiver), once it is there; else the address of a slice''s file (GDELT), null for other kinds';
COMMENT ON COLUMN datasens.flux.declencheur IS 'why it took place: planifie, manuel, reprise (a retry), rattrapage (missed before), rejeu (datasens_replay())';
COMMENT ON COLUMN datasens.flux.tentative IS 'which attempt it was, from 1';
COMMENT ON COLUMN datasens.flux.statut IS 'succes, inchange (nothing new at the source), partiel (some of its URLs failed) or echec';
COMMENT ON COLUMN datasens.flux.code_http IS 'HTTP status of the last response; null where there was none';
COMMENT ON COLUMN datasens.flux.octets IS 'bytes received, headers included';
COMMENT ON COLUMN datasens.flux.nb_lus IS 'records read = inserted + duplicates + rejected';
COMMENT ON COLUMN datasens.flux.nb_inseres IS 'of these, how many were new and stored';
COMMENT ON COLUMN datasens.flux.nb_doublons IS 'of these, how many were there before';
COMMENT ON COLUMN datasens.flux.nb_rejetes IS 'of these, how many could not be stored (see rejet)';
COMMENT ON COLUMN datasens.flux.nb_supprimes IS 'of the inserted ones, how many have been deleted since';
COMMENT ON COLUMN datasens.flux.duree IS 'time that the run took';
COMMENT ON COLUMN datasens.flux.id_flux_origine IS 'of a replay: the flux whose responses it read again';
COMMENT ON COLUMN datasens.flux.erreur IS 'why it failed, or what of it did; null: all went well';

COMMENT ON TABLE datasens.document IS 'what was collected, nothing twice';
COMMENT ON COLUMN datasens.document.id_doc IS 'its number, in the order of storing';
COMMENT ON COLUMN datasens.document.id_flux IS 'the run that brought it';
COMMENT ON COLUMN datasens.document.titre IS 'title, as plain text';
COMMENT ON COLUMN datasens.document.texte IS 'text, as plain text, without markup';
COMMENT ON COLUMN datasens.document.url IS 'address of the document, absolute';
COMMENT ON COLUMN datasens.document.auteur IS 'author, as named by the source';
COMMENT ON COLUMN datasens.document.langue IS 'language as declared (BCP 47)';
COMMENT ON COLUMN datasens.document.date_publication IS 'when it was published, as the source says; null where it does not';
COMMENT ON COLUMN datasens.document.hash_fingerprint IS 'SHA-256 of titre, a space, texte (datasens_hash)';
COMMENT ON COLUMN datasens.document.meta IS 'what else was said: guid, resume, categories, medias';

COMMENT ON TABLE datasens.evenement IS 'GDELT''s events';
COMMENT ON COLUMN datasens.evenement.id_evenement IS 'GLOBALEVENTID';
COMMENT ON COLUMN datasens.evenement.id_flux IS 'the run that brought it';
COMMENT ON COLUMN datasens.evenement.date_event IS 'the day of the event (SQLDATE)';
COMMENT ON COLUMN datasens.evenement.acteur1 IS 'who acted: name, or the CAMEO code where there is none';
COMMENT ON COLUMN datasens.evenement.code_acteur1 IS 'CAMEO code of acteur1';
COMMENT ON COLUMN datasens.evenement.acteur2 IS 'whom it was done to, likewise';
COMMENT ON COLUMN datasens.evenement.code_acteur2 IS 'CAMEO code of acteur2';
COMMENT ON COLUMN datasens.evenement.code_event IS 'CAMEO code of what happened, a text: "043"';
COMMENT ON COLUMN datasens.evenement.classe IS 'QuadClass: 1 verbal and 2 material cooperation, 3 verbal and 4 material conflict';
COMMENT ON COLUMN datasens.evenement.racine IS 'IsRootEvent: it was in the lead of the article';
COMMENT ON COLUMN datasens.evenement.goldstein IS 'GoldsteinScale: effect on a country''s stability, from -10 to 10';
COMMENT ON COLUMN datasens.evenement.nb_mentions IS 'NumMentions: mentions in the first quarter of an hour';
COMMENT ON COLUMN datasens.evenement.nb_sources IS 'NumSources: sources that mentioned it then';
COMMENT ON COLUMN datasens.evenement.nb_articles IS 'NumArticles: articles that mentioned it then';
COMMENT ON COLUMN datasens.evenement.avg_tone IS 'AvgTone of these articles, from -100 to 100';
COMMENT ON COLUMN datasens.evenement.lieu IS 'name of the place (ActionGeo)';
COMMENT ON COLUMN datasens.evenement.pays IS 'FIPS 10-4 code of the place (ActionGeo)';
COMMENT ON COLUMN datasens.evenement.lat IS 'latitude of the place, in degrees';
COMMENT ON COLUMN datasens.evenement.lon IS 'longitude of the place, in degrees';
COMMENT ON COLUMN datasens.evenement.url IS 'the first article that told of it';
COMMENT ON COLUMN datasens.evenement.date_ajout IS 'DATEADDED: the slice that it came with';

COMMENT ON TABLE datasens.document_evenement IS 'GDELT''s mentions: which document tells of which event; the document is named by its URL, and need not have been collected';
COMMENT ON COLUMN datasens.document_evenement.id_evenement IS 'the event, which need not have been collected';
COMMENT ON COLUMN datasens.document_evenement.hash_url IS 'SHA-256 of the URL';
COMMENT ON COLUMN datasens.document_evenement.phrase IS 'the sentence, from 1; 0: not said';
COMMENT ON COLUMN datasens.document_evenement.id_flux IS 'the run that brought it';
COMMENT ON COLUMN datasens.document_evenement.url IS 'document.url of the document; of a citation its text';
COMMENT ON COLUMN datasens.document_evenement.site IS 'who published the document: a domain';
COMMENT ON COLUMN datasens.document_evenement.type_mention IS '1 web, 2 citation, 3 CORE, 4 DTIC, 5 JSTOR, 6 not a text';
COMMENT ON COLUMN datasens.document_evenement.date_event IS 'when the event was first recorded';
COMMENT ON COLUMN datasens.document_evenement.date_mention IS 'when the mention was recorded';
COMMENT ON COLUMN datasens.document_evenement.confiance IS 'in percent';
COMMENT ON COLUMN datasens.document_evenement.tone IS 'of the document, from -100 to 100';
COMMENT ON COLUMN datasens.document_evenement.longueur IS 'of the document, in characters';
COMMENT ON COLUMN datasens.document_evenement.langue IS 'language that the document was translated from; null: it was not';

COMMENT ON TABLE datasens.historique IS 'pasts that were queued by datasens_backfill()';
COMMENT ON COLUMN datasens.historique.id_historique IS 'its number, as datasens_backfill() returned it';
COMMENT ON COLUMN datasens.historique.id_source IS 'the source';
COMMENT ON COLUMN datasens.historique.periode IS 'the past that is asked for, without its end';
COMMENT ON COLUMN datasens.historique.statut IS 'en_cours, suspendu, annule or termine';
COMMENT ON COLUMN datasens.historique.date_demande IS 'when it was queued';
COMMENT ON COLUMN datasens.historique.date_fin IS 'when it ended; null: it has not';

COMMENT ON TABLE datasens.tranche IS 'the ledger of slices: what of a source''s streams is expected, collected, absent or failed';
COMMENT ON COLUMN datasens.tranche.id_tranche IS 'its number';
COMMENT ON COLUMN datasens.tranche.id_source IS 'the source';
COMMENT ON COLUMN datasens.tranche.flux IS 'the stream: export, mentions, gkg; translation.export, ...';
COMMENT ON COLUMN datasens.tranche.periode IS 'one slice or neighbours: from the begin of the first to the end of the last';
COMMENT ON COLUMN datasens.tranche.statut IS 'attendue, collectee, absente (not in the list of files; looked for again) or echec';
COMMENT ON COLUMN datasens.tranche.id_historique IS 'the backfill that asked for it; null: it came with time';
COMMENT ON COLUMN datasens.tranche.octets IS 'bytes of the slice''s file, as listed';
COMMENT ON COLUMN datasens.tranche.md5 IS 'MD5 of the slice''s file, as listed';
COMMENT ON COLUMN datasens.tranche.tentative IS 'attempts that were begun';
COMMENT ON COLUMN datasens.tranche.pas_avant IS 'when the next attempt may begin';
COMMENT ON COLUMN datasens.tranche.erreur IS 'why the last attempt failed';
COMMENT ON COLUMN datasens.tranche.date_maj IS 'when the row was changed';

COMMENT ON TABLE datasens.meteo IS 'weather readings: one row a place and time of observation';
COMMENT ON COLUMN datasens.meteo.id_meteo IS 'its number, in the order of storing';
COMMENT ON COLUMN datasens.meteo.id_flux IS 'the run that brought it';
COMMENT ON COLUMN datasens.meteo.ville IS 'name of the place, as the service gives it';
COMMENT ON COLUMN datasens.meteo.pays IS 'country of the place (ISO 3166-1, two letters)';
COMMENT ON COLUMN datasens.meteo.lat IS 'latitude, in degrees';
COMMENT ON COLUMN datasens.meteo.lon IS 'longitude, in degrees';
COMMENT ON COLUMN datasens.meteo.date_obs IS 'when it was observed, as the service says';
COMMENT ON COLUMN datasens.meteo.temperature IS 'degrees Celsius, whatever units were asked';
COMMENT ON COLUMN datasens.meteo.ressenti IS 'what it feels like, in degrees Celsius';
COMMENT ON COLUMN datasens.meteo.humidite IS 'percent';
COMMENT ON COLUMN datasens.meteo.vent_kmh IS 'speed of the wind in kilometres an hour';
COMMENT ON COLUMN datasens.meteo.pression IS 'hectopascals at sea level';
COMMENT ON COLUMN datasens.meteo.type_meteo IS 'group of the first condition: Clear, Clouds, Rain, ...';
COMMENT ON COLUMN datasens.meteo.description IS 'the conditions, in the language that was asked';
COMMENT ON COLUMN datasens.meteo.meta IS 'what else was said: pluie_1h, neige_1h (mm), nuages (percent), visibilite (m), lever, coucher, rafale_kmh, temp_min, temp_max; brut: the rest of the answer';

COMMENT ON TABLE datasens.cache_http IS 'what is sent to ask whether a URL has changed';
COMMENT ON COLUMN datasens.cache_http.id_source IS 'the source that asks';
COMMENT ON COLUMN datasens.cache_http.url IS 'the address';
COMMENT ON COLUMN datasens.cache_http.etag IS 'ETag of the last response';
COMMENT ON COLUMN datasens.cache_http.last_modified IS 'Last-Modified of the last response';
COMMENT ON COLUMN datasens.cache_http.hash_corps IS 'SHA-256 of the last body, where the server gives neither ETag nor Last-Modified';
COMMENT ON COLUMN datasens.cache_http.date_maj IS 'when the row was changed';

COMMENT ON TABLE datasens.hote IS 'what hosts asked for: to be left alone for a while, their robots.txt';
COMMENT ON COLUMN datasens.hote.hote IS 'the host as scheme, name and port: https://example.org';
COMMENT ON COLUMN datasens.hote.reessayer_apres IS 'until when it wants to be left alone (Retry-After)';
COMMENT ON COLUMN datasens.hote.date_maj IS 'when the row was changed';
COMMENT ON COLUMN datasens.hote.robots IS 'robots.txt as it came; null where there is none';
COMMENT ON COLUMN datasens.hote.robots_statut IS 'HTTP status that it came with';
COMMENT ON COLUMN datasens.hote.robots_date IS 'when it was fetched: it holds for a day';

COMMENT ON TABLE datasens.rejet IS 'records that could not be stored, and why';
COMMENT ON COLUMN datasens.rejet.id_rejet IS 'its number';
COMMENT ON COLUMN datasens.rejet.id_flux IS 'the run that met it';
COMMENT ON COLUMN datasens.rejet.position IS 'place in the response, from 1';
COMMENT ON COLUMN datasens.rejet.motif IS 'why it could not be stored';
COMMENT ON COLUMN datasens.rejet.brut IS 'the record, cut';
COMMENT ON COLUMN datasens.rejet.date_rejet IS 'when';

COMMENT ON TABLE datasens.secret IS 'keys and passwords: set by datasens_set_secret(), read by collectors only';
COMMENT ON COLUMN datasens.secret.nom IS 'its name, as owm_api_key';
COMMENT ON COLUMN datasens.secret.valeur IS 'the key or password';
COMMENT ON COLUMN datasens.secret.date_maj IS 'when it was set';

COMMENT ON TABLE datasens.journal IS 'what happened that is worth a line';
COMMENT ON COLUMN datasens.journal.id_journal IS 'its number';
COMMENT ON COLUMN datasens.journal.horodatage IS 'when it happened';
COMMENT ON COLUMN datasens.journal.action IS 'what happened, in capitals: COLLECTE_TERMINEE';
COMMENT ON COLUMN datasens.journal.details IS 'the rest of the line';

COMMENT ON TABLE datasens.oubli IS 'fingerprints of documents that are not to be collected again (datasens_forget)';
COMMENT ON COLUMN datasens.oubli.hash_fingerprint IS 'fingerprint of the document';
COMMENT ON COLUMN datasens.oubli.date_oubli IS 'when it was forgotten';

COMMENT ON TABLE datasens.sauvegarde IS 'backups of this database: what was made, and what failed';
COMMENT ON COLUMN datasens.sauvegarde.id_sauvegarde IS 'its number';
COMMENT ON COLUMN datasens.sauvegarde.date_debut IS 'when it began';
COMMENT ON COLUMN datasens.sauvegarde.duree IS 'how long it took';
COMMENT ON COLUMN datasens.sauvegarde.declencheur IS 'why it was made: planifie or manuel';
COMMENT ON COLUMN datasens.sauvegarde.statut IS 'succes or echec';
COMMENT ON COLUMN datasens.sauvegarde.fichier IS 'name in datasens.backup_directory';
COMMENT ON COLUMN datasens.sauvegarde.octets IS 'bytes of the file';
COMMENT ON COLUMN datasens.sauvegarde.sha256 IS 'of the file, as sha256sum prints it';
COMMENT ON COLUMN datasens.sauvegarde.note IS 'what datasens_backup() was told';
COMMENT ON COLUMN datasens.sauvegarde.erreur IS 'why it failed; null: it did not';
COMMENT ON COLUMN datasens.sauvegarde.date_suppression IS 'when the file was removed after datasens.backup_retention, or found missing';
COMMENT ON COLUMN datasens.sauvegarde.archive_uri IS 'where it is besides, below datasens.archive_url';
COMMENT ON COLUMN datasens.sauvegarde.archive_statut IS 'attendue (to be archived, or tried again), archivee, echec (retries are spent), supprimee (removed there after datasens.backup_retention); null: nowhere to archive it';
COMMENT ON COLUMN datasens.sauvegarde.archive_tentatives IS 'attempts that were begun';
COMMENT ON COLUMN datasens.sauvegarde.archive_prochaine IS 'when it is tried (again); null: not';
COMMENT ON COLUMN datasens.sauvegarde.archive_erreur IS 'why the last attempt failed';
COMMENT ON COLUMN datasens.tache.alerte IS 'the same: echec';

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

COMMENT ON TABLE datasens.alerte IS 'what was told, once when a source or a task turned bad and once when it was well again';
COMMENT ON COLUMN datasens.alerte.id_alerte IS 'its number';
COMMENT ON COLUMN datasens.alerte.date_alerte IS 'when it was raised';
COMMENT ON COLUMN datasens.alerte.objet IS 'what it is of: source or tache';
COMMENT ON COLUMN datasens.alerte.nom IS 'name of the source or task';
COMMENT ON COLUMN datasens.alerte.etat IS 'echec (retries are spent), obsolete, silence (nothing new for far longer than usual), lacune (slices were given up) or retabli';
COMMENT ON COLUMN datasens.alerte.message IS 'what is wrong, for people, in the language of datasens.report_language';
COMMENT ON COLUMN datasens.alerte.canaux IS 'where it is still to go: webhook, email';
COMMENT ON COLUMN datasens.alerte.tentatives IS 'deliveries that were begun';
COMMENT ON COLUMN datasens.alerte.prochaine_tentative IS 'when it is to be delivered (again); null: nothing is to be done';
COMMENT ON TABLE datasens.volumetrie IS 'how large the tables were, day by day';
COMMENT ON COLUMN datasens.volumetrie.jour IS 'in UTC';
COMMENT ON COLUMN datasens.volumetrie.octets IS 'bytes of all tables of the schema datasens with their indexes';
COMMENT ON COLUMN datasens.volumetrie.documents IS 'records that all sources have brought and that are there';
COMMENT ON COLUMN datasens.alerte.date_livraison IS 'when it was last delivered';
COMMENT ON COLUMN datasens.alerte.derniere_erreur IS 'why the last delivery failed';

COMMENT ON TABLE datasens.tache IS 'scheduled tasks beside the collecting: when each is due, what became of it';
COMMENT ON COLUMN datasens.tache.nom IS 'its name: sauvegarde, rapport, veille, menage';
COMMENT ON COLUMN datasens.tache.prochaine_execution IS 'when it is due; infinity: never';
COMMENT ON COLUMN datasens.tache.planification_appliquee IS 'the schedule and time zone that the due time comes from';
COMMENT ON COLUMN datasens.tache.tentative IS 'attempts that have failed since it was due';
COMMENT ON COLUMN datasens.tache.echecs_consecutifs IS 'failures in a row, each with all its retries';
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

/* ---------------------------------------------------------------------------
 * The end: collecting begins when this commits, or a notice says what it needs.
 */

CREATE FUNCTION datasens.installed() RETURNS void
AS 'MODULE_PATHNAME', 'datasens_installed' LANGUAGE C;
COMMENT ON FUNCTION datasens.installed() IS
	'tells the launcher of this database, or the user what to set for schedules to run';
REVOKE ALL ON FUNCTION datasens.installed() FROM PUBLIC;
SELECT datasens.installed();
