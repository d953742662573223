--
-- Sources: what one sees on the ordinary path, without a network.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS datasens;
RESET client_min_messages;
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';

-- some sources; the year's first minute is far enough for this test
SELECT datasens_add_source('rss', 'Le Monde', 'https://www.lemonde.fr/rss/une.xml', '0 0 1 1 *') > 0 AS ajoutee;
SELECT datasens_add_source('rss', 'Presse', planification => '@yearly', fuseau => 'Europe/Paris',
	options => '{"flux": ["https://www.francetvinfo.fr/titres.rss", "https://www.20minutes.fr/feeds/rss-une.xml"]}') > 0 AS ajoutee;
SELECT nom, type_source, url, planification, fuseau, actif, options FROM datasens.source ORDER BY nom;

-- wrong ones
SELECT datasens_add_source('rsss', 'x', 'https://x.test/');
SELECT datasens_add_source('rss', 'x', 'gopher://x.test/');
SELECT datasens_add_source('rss', 'x', '/tmp/feed.xml');
SELECT datasens_add_source('rss', 'x');
SELECT datasens_add_source('rss', 'x', 'https://x.test/', options => '{"flot": []}');
SELECT datasens_add_source('rss', 'x', 'https://x.test/', '0 25 * * *');
SELECT datasens_add_source('rss', 'x', 'https://x.test/', fuseau => 'Paris');
SELECT datasens_add_source('rss', 'all', 'https://x.test/');
SELECT datasens_add_source('rss', 'Le Monde', 'https://x.test/');
SELECT datasens_alter_source(NULL);
SELECT datasens_collect('Le Monde diplomatique');

-- changed, switched off
SELECT datasens_alter_source('Le Monde', nouveau_nom => 'Monde', fuseau => 'Europe/Paris');
SELECT datasens_enable_source('Presse', false);
SELECT nom, statut, total_docs, echecs_consecutifs, derniere_erreur FROM datasens_health();
SELECT nom, planification, fuseau, origine, to_char(prochaine_collecte, 'MM-DD HH24:MI') AS fois
FROM datasens_schedule() WHERE type_source <> 'tache';
SELECT datasens_export_opml();

-- the journal, without its times
SELECT regexp_replace(datasens_version_log(), '\*\*[-0-9: ]+ UTC\*\*', '**...**', 'g');

-- gone
SELECT datasens_drop_source('Monde'), datasens_drop_source('Presse');
SELECT count(*) FROM datasens_health();
SELECT datasens_drop_source('Monde');
DROP EXTENSION datasens;
