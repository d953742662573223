-- What deploy/github/collecte.yml collects where nothing was collected yet: to be made one's own.
SELECT datasens_add_source('rss', 'Presse', options => '{"flux": [
	"https://www.lemonde.fr/rss/une.xml", "https://www.francetvinfo.fr/titres.rss"]}');
SELECT datasens_add_source('owm', 'Météo', options => '{"villes": [
	"Paris,FR", "Lyon,FR", "Marseille,FR"]}');
SELECT datasens_add_source('gdelt', 'GDELT France', options => '{"pays": ["FR"]}');
