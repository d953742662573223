-- Feed lists: in, out, and in again.
BEGIN;
SELECT no_plan();

CREATE TEMP TABLE liste (xml text);
INSERT INTO liste VALUES ('<?xml version="1.0"?>
<opml version="2.0"><head><title>Lectures</title></head><body>
<outline text="Seule" type="rss" xmlUrl="http://seule.test/feed"/>
<outline text="Presse"><outline text="France &amp; Monde">
	<outline text="L''été &lt;b&gt; &quot;vu&quot;" title="L''été" type="rss" xmlUrl="http://ete.test/?a=1&amp;b=2"/>
	<outline text="Double" type="rss" xmlUrl="http://double.test/1"/></outline>
	<outline text="Double" type="rss" xmlUrl="http://double.test/2"/></outline>
<outline text="Seule encore" type="rss" xmlUrl="http://seule.test/feed"/>
<outline text="Refusee" type="rss" xmlUrl="ftp://refusee.test/"/>
<outline text="all" type="rss" xmlUrl="http://all.test/"/>
<outline type="rss" xmlUrl="http://anonyme.test/"/>
</body></opml>');

SELECT results_eq(
	'SELECT i.nom, i.url, i.statut, i.detail IS NOT NULL FROM liste, datasens_import_opml(xml) AS i',
	$$VALUES ('Seule', 'http://seule.test/feed', 'ajoutee', false),
		('L''été', 'http://ete.test/?a=1&b=2', 'ajoutee', false),
		('Double', 'http://double.test/1', 'ajoutee', false),
		('Double (2)', 'http://double.test/2', 'ajoutee', false),
		('Seule', 'http://seule.test/feed', 'existante', false),
		('Refusee', 'ftp://refusee.test/', 'refusee', true),
		('all (OPML)', 'http://all.test/', 'ajoutee', false),
		('http://anonyme.test/', 'http://anonyme.test/', 'ajoutee', false)$$,
	'each feed is said what became of');
SELECT is((SELECT count(*) FROM datasens.source), 6::bigint, 'the new ones are sources');
SELECT is((SELECT options FROM datasens.source WHERE nom = 'L''été'),
	'{"categories": ["Presse", "France & Monde"]}'::jsonb, 'that know their place');
SELECT is((SELECT count(*) FROM datasens.etat_source WHERE prochaine_collecte > now()), 6::bigint,
	'and are planned');
SELECT is((SELECT details FROM datasens.journal WHERE action = 'OPML_IMPORTE'), '+6 sources', 'and journaled');

-- out
SELECT datasens_export_opml() AS liste \gset
SELECT ok(xml_is_well_formed_document(:'liste'), 'the export is well-formed');
SELECT is((xpath('/opml/@version', :'liste'::xml))[1]::text, '2.0', 'and of version 2.0');
SELECT is(cardinality(xpath('//outline[@xmlUrl]', :'liste'::xml)), 6, 'with every feed');
SELECT is((xpath('/opml/body/outline[@text="Presse"]/outline/outline[1]/@xmlUrl', :'liste'::xml))[1]::text,
	'http://double.test/1', 'each in its nested place');
SELECT is(cardinality(xpath('/opml/body/outline[@text="Presse"]', :'liste'::xml)), 1,
	'one outline for a category');
SELECT is(cardinality(xpath('/opml/body/outline[@text="Presse"]/outline[@xmlUrl="http://double.test/2"]',
	:'liste'::xml)), 1, 'beside its inner ones');

-- in again
SELECT is((SELECT array_agg(DISTINCT statut) FROM datasens_import_opml(:'liste')), ARRAY['existante'],
	'importing the export adds nothing');
CREATE TEMP TABLE avant AS SELECT nom, url, options FROM datasens.source;
DELETE FROM datasens.source;
SELECT is((SELECT array_agg(DISTINCT statut) FROM datasens_import_opml(:'liste')), ARRAY['ajoutee'],
	'where there was nothing it adds all');
SELECT set_eq('SELECT nom, url, options FROM datasens.source', 'SELECT * FROM avant', 'as it was');
SELECT is(datasens_export_opml(), :'liste', 'and is exported the same');
DELETE FROM datasens.source;
SELECT datasens_add_source('rss', 'plusieurs', options => '{"flux": ["http://a.test/", "http://b.test/"]}') AS x \gset
SELECT is(cardinality(xpath('//outline[@text="plusieurs"]', datasens_export_opml()::xml)), 2,
	'a source of several feeds is several outlines');
SELECT is((SELECT array_agg(statut) FROM datasens_import_opml(datasens_export_opml())),
	ARRAY['existante', 'existante'], 'which are known');
DELETE FROM datasens.source;
SELECT ok(xml_is_well_formed_document(datasens_export_opml()), 'nothing is a list, too');
SELECT is((SELECT count(*) FROM datasens_import_opml(datasens_export_opml())), 0::bigint, 'an empty one');

-- what is none
SELECT throws_ok(format('SELECT * FROM datasens_import_opml(%L)', x), '2200M', 'not a feed list (OPML)', left(x, 20))
FROM unnest(ARRAY['', 'bonjour', '<rss version="2.0"/>', '{}', '<html><body/></html>']) AS x;
SELECT is((SELECT count(*) FROM datasens_import_opml(NULL)), 0::bigint, 'null gives nothing');
SELECT is((SELECT nom FROM datasens_import_opml('<opml><body><outline text="a" xmlUrl="http://a.test/"/><outline')),
	'a', 'a broken list gives what can be read');

SELECT * FROM finish();
ROLLBACK;
