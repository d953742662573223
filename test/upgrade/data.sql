-- Rows in every table of datasens 0.1.0, as its users may have them when they upgrade: plain
-- INSERTs, for the library under test is not that of 0.1.0.  (:url is the test web server's.)
-- What agrees here must agree for datasens_check() afterwards.
SET search_path = datasens, public;

INSERT INTO source (nom, type_source, url, planification, fuseau, options, date_creation) VALUES
	('depeches', 'rss', :'url' || '/feed/1', '0 6 * * *', 'Europe/Paris', '{}', '2025-01-01 00:00Z'),
	('reseau', 'rss', NULL, NULL, NULL, jsonb_build_object('flux',
		jsonb_build_array(:'url' || '/feed/2', :'url' || '/feed/3')), '2025-01-02 00:00Z'),
	('evenements', 'gdelt', :'url' || '/gdeltv2', '', NULL, '{"tables": ["export", "mentions"]}',
		'2025-01-03 00:00Z'),
	('a l''arret', 'rss', :'url' || '/status/410', NULL, NULL, '{}', '2025-01-04 00:00Z');
UPDATE source SET actif = false WHERE nom = 'a l''arret';

INSERT INTO flux (id_source, date_collecte, format, manifest_uri, declencheur, statut, code_http,
	octets, nb_lus, nb_inseres, nb_doublons, nb_rejetes, duree, erreur) VALUES
	(1, '2025-02-01 06:00Z', 'rss20', :'url' || '/feed/1', 'planifie', 'succes', 200, 4321, 4, 2, 1, 1,
		'0.25 s', NULL),
	(2, '2025-02-01 06:00Z', 'atom10', NULL, 'manuel', 'partiel', 200, 999, 2, 2, 0, 0, '1 s',
		'HTTP 503'),
	(3, '2025-02-01 06:15Z', 'gdelt', NULL, 'rattrapage', 'succes', 200, 12345, 2, 2, 0, 0, '2 s', NULL),
	(4, '2025-02-01 07:00Z', NULL, NULL, 'reprise', 'echec', 410, 0, 0, 0, 0, 0, '1 ms', 'HTTP 410');

INSERT INTO document (id_flux, titre, texte, url, auteur, langue, date_publication, hash_fingerprint, meta)
SELECT id_flux, titre, texte, 'http://journal.test/' || n, 'Léa', 'fr', '2025-02-01 05:00Z',
	datasens_hash(titre, texte), jsonb_build_object('guid', n)
FROM (VALUES (1, 1, 'Le marché', 'ouvre samedi'), (2, 1, 'Sans texte', NULL), (3, 2, NULL, 'Sans titre'))
	AS t (n, id_flux, titre, texte);

INSERT INTO meteo (id_flux, ville, pays, lat, lon, date_obs, temperature, type_meteo, meta)
VALUES (2, 'Paris', 'FR', 48.85, 2.35, '2025-02-01 06:00Z', 7.5, 'Clouds', '{"nuages": 90}');
INSERT INTO evenement (id_evenement, id_flux, date_event, acteur1, code_event, goldstein, url, date_ajout)
VALUES (1218, 3, '2025-02-01', 'FRANCE', '043', 2.8, 'http://journal.test/1', '2025-02-01 06:15Z');
INSERT INTO document_evenement (id_evenement, hash_url, phrase, id_flux, url, type_mention, date_mention)
VALUES (1218, datasens_hash('http://journal.test/1')::fingerprint, 1, 3, 'http://journal.test/1', 1,
	'2025-02-01 06:15Z');
INSERT INTO historique (id_source, periode, statut, date_fin)
VALUES (3, '[2025-01-01 00:00Z, 2025-01-02 00:00Z)', 'termine', '2025-02-02 00:00Z');
INSERT INTO tranche (id_source, flux, periode, statut, id_historique) VALUES
	(3, 'export', '[2025-01-01 00:00Z, 2025-01-02 00:00Z)', 'collectee', 1),
	(3, 'mentions', '[2025-01-01 00:00Z, 2025-01-02 00:00Z)', 'absente', 1);

INSERT INTO etat_source (id_source, prochaine_collecte, derniere_collecte, dernier_succes, total_docs,
	dernier_apport, echecs_consecutifs, derniere_erreur, alerte, curseur) VALUES
	(1, 'infinity', '2025-02-01 06:00Z', '2025-02-01 06:00Z', 2, 2, 0, NULL, NULL, NULL),
	(2, 'infinity', '2025-02-01 06:00Z', NULL, 2, 1, 1, 'HTTP 503', 'echec',
		jsonb_build_object('urls', jsonb_build_array(:'url' || '/feed/3'))),
	(3, 'infinity', '2025-02-01 06:15Z', '2025-02-01 06:15Z', 2, 2, 0, NULL, NULL, NULL),
	(4, 'infinity', '2025-02-01 07:00Z', NULL, 0, 0, 1, 'HTTP 410', NULL, NULL);

INSERT INTO cache_http (id_source, url, etag) VALUES (1, :'url' || '/feed/1', '"ancien"');
INSERT INTO hote (hote, robots, robots_statut, robots_date)
VALUES ('http://journal.test', 'User-agent: *', 200, '2025-02-01 06:00Z');
INSERT INTO rejet (id_flux, position, motif, brut) VALUES (1, 4, 'neither a title nor a text', '<item/>');
INSERT INTO journal (action, details) VALUES ('INITIALISATION', E'deux\nlignes');
INSERT INTO secret VALUES ('owm_api_key', 'cle', '2025-02-01 06:00Z');
INSERT INTO oubli VALUES (datasens_hash('oublie'), '2025-02-01 06:00Z');
INSERT INTO sauvegarde (date_debut, duree, declencheur, statut, fichier, octets)
VALUES ('2025-02-01 02:30Z', '3 s', 'planifie', 'succes', 'base_20250201T023000Z.dump', 1024);
INSERT INTO alerte (objet, nom, etat, message, canaux) VALUES ('source', 'reseau', 'echec', 'HTTP 503',
	'{webhook}');
INSERT INTO tache (nom, planification_appliquee, derniere_execution)
VALUES ('sauvegarde', '30 2 * * * UTC', '2025-02-01 02:30Z');
