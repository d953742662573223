--
-- What a newcomer gets wrong, and how each answer leads to the next step.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS datasens;
RESET client_min_messages;
SET search_path = datasens, public;

-- no sources yet
SELECT count(*) FROM datasens_health();
SELECT count(*) FROM datasens_collect();
SELECT datasens_collect_async();
SELECT count(*) FROM datasens_collect('Le Monde');
SELECT datasens_add_default_sources('espagne');

-- a wrong kind, address, schedule, option
SELECT datasens_add_source('rs', 'Le Monde', 'https://www.lemonde.fr/rss/une.xml');
SELECT datasens_add_source('rss', 'Le Monde', 'www.lemonde.fr/rss/une.xml');
SELECT datasens_add_source('rss', 'Le Monde', 'file:///srv/une.xml');
SELECT datasens_add_source('rss', 'Le Monde', 'https://www.lemonde.fr/rss/une.xml', '0 25 * * *');
SELECT datasens_add_source('rss', 'Le Monde', 'https://www.lemonde.fr/rss/une.xml', 'every hour');
SELECT datasens_add_source('rss', 'Le Monde', 'https://www.lemonde.fr/rss/une.xml', fuseau => 'Paris');
SELECT datasens_add_source('rss', 'Le Monde', options => '{"feeds": ["https://www.lemonde.fr/rss/une.xml"]}');
SELECT datasens_add_source('owm', 'Météo', options => '{"villes": "Paris"}');
SELECT datasens_add_source('json', 'API', 'https://api.example.org/', options => '{"headers": {"Host": "x"}}');
SELECT datasens_alter_source('Le Monde', planification => '@daily');

-- no key, a key under a name that nobody asks for, no name at all
SELECT datasens_add_source('owm', 'Météo', planification => '@yearly', options => '{"villes": ["Paris,FR"]}') > 0 AS ajoutee;
SELECT statut, erreur FROM datasens_collect('Météo');
SELECT datasens_set_secret('owm_key', 'x');
SELECT datasens_set_secret('OWM_API_KEY', 'x');
SELECT datasens_set_secret('owm_api_key', '');

-- an address that is not public
SELECT datasens_add_source('rss', 'Intranet', 'http://127.0.0.1:1/feed', '@yearly') > 0 AS ajoutee;
SET datasens.allow_private_networks = off;
SELECT statut, erreur FROM datasens_collect('Intranet');
RESET datasens.allow_private_networks;

-- nowhere to put a backup, a report of another form
SELECT datasens_backup();
SELECT datasens_report('pdf');

DROP EXTENSION datasens;
