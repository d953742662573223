-- The report in its four forms: figures, and that nothing of a source is anything but text.
BEGIN;
SELECT no_plan();
SET LOCAL datasens.report_language = 'en';

-- with nothing in it
SELECT matches(datasens_report(), 'active sources: 0 of 0', 'a report of nothing');
SELECT matches(datasens_report('html'), 'Nothing new\.', 'as html');
SELECT is((SELECT (datasens_report('json')::jsonb -> 'resume' ->> 'documents')::int), 0, 'as JSON');
SELECT lives_ok($$SELECT datasens_report('markdown')$$, 'as markdown');
SELECT throws_matching($$SELECT datasens_report('pdf')$$, 'unknown format "pdf"', 'there is no other form');
SELECT throws_ok($$SELECT datasens_report('text', '-infinity')$$, '22023', NULL, 'nor an endless time');

-- names, errors, reasons and notes that would like to be more than text
CREATE TEMP TABLE mechant AS SELECT E'<script>alert("1")</script>|\n`x` [a](http://b) \\ ''&amp; #'::text AS m;
SELECT datasens_add_source('rss', 'a', 'http://a.test/') AS a \gset
UPDATE datasens.source SET nom = m FROM mechant WHERE id_source = :a;
SELECT datasens_add_source('rss', 'calme', 'http://c.test/') AS c \gset
INSERT INTO datasens.flux (id_source, statut, date_collecte, nb_lus, nb_inseres, nb_doublons, octets, duree)
SELECT :a, 'succes', now() - interval '1 hour', 12, 12, 0, 1500, interval '1.5 s'
UNION ALL SELECT :c, 'succes', now() - interval '2 days', 1334, 1234, 100, 2500000, interval '0.5 s'
UNION ALL SELECT :c, 'echec', now() - interval '2 days', 0, 0, 0, 0, interval '0.1 s'
UNION ALL SELECT :c, 'succes', now() - interval '20 days', 5, 5, 0, 0, NULL;
UPDATE datasens.etat_source SET derniere_erreur = m, echecs_consecutifs = 1, total_docs = 12 FROM mechant WHERE id_source = :a;
UPDATE datasens.etat_source SET total_docs = 1239, dernier_succes = now() WHERE id_source = :c;
INSERT INTO datasens.rejet (id_flux, motif) SELECT 1, m FROM mechant;
INSERT INTO datasens.alerte (objet, nom, etat, message) SELECT 'source', m, 'echec', m FROM mechant;
INSERT INTO datasens.sauvegarde (date_debut, duree, declencheur, statut, erreur) SELECT now(), '1s', 'manuel', 'echec', m FROM mechant;

CREATE TEMP TABLE r AS SELECT f, datasens_report(f) AS t FROM unnest(ARRAY['text', 'markdown', 'json', 'html']) AS f;
SELECT ok(t !~ '<script|<b>|[^\\](&amp;|&) #' AND t ~ '&lt;script&gt;alert\(&quot;1&quot;\)&lt;/script&gt;\| `x`' AND t ~ '&#39;&amp;amp; #',
	'html: escaped') FROM r WHERE f = 'html';
SELECT ok(t !~* '(src=|href=|url\(|@import|<link|<iframe|\son[a-z]+=)', 'html: nothing from elsewhere') FROM r WHERE f = 'html';
SELECT is((SELECT count(*) FROM regexp_matches(t, '<(table|tr|td|th|ul|li|svg|g|div|main|body)[ >]', 'g')),
	(SELECT count(*) FROM regexp_matches(t, '</(table|tr|td|th|ul|li|svg|g|div|main|body)>', 'g')), 'html: every element is closed')
FROM r WHERE f = 'html';
SELECT ok(t !~ '[^\\][<>`\[]', 'markdown: escaped') FROM r WHERE f = 'markdown';
SELECT is_empty($$SELECT l FROM r, regexp_split_to_table(t, E'\n') AS l WHERE f = 'markdown' AND l LIKE '|%' AND l !~ '\|$'$$,
	'markdown: a row stays a row');
SELECT is(t::jsonb -> 'sources' -> 0 ->> 'nom', m, 'json: as it is') FROM r, mechant WHERE f = 'json';
SELECT is_empty($$SELECT l FROM r, regexp_split_to_table(t, E'\n') AS l WHERE f = 'text' AND l ~ '[[:cntrl:]]'$$, 'text: no control characters');

-- figures
SELECT is(t::jsonb #> '{sources,1}' ->> 'nouveaux', '1234', 'what is new since then')
FROM r WHERE f = 'json';
SELECT results_eq($$SELECT (j ->> 'flux')::int, (j ->> 'documents')::int, (j ->> 'doublons')::int, (j ->> 'echecs')::int
	FROM r, jsonb_array_elements(t::jsonb -> 'jours') AS j WHERE f = 'json' ORDER BY j ->> 'jour'$$,
	'VALUES (2, 1234, 100, 1), (1, 12, 0, 0)', 'day by day');
SELECT matches(t, 'calme +rss +ok +1 239 +1 234', 'numbers for people') FROM r WHERE f = 'text';
SELECT matches(t, '2\.5 MB', 'sizes, too') FROM r WHERE f = 'text';
SELECT is((SELECT count(*) FROM regexp_matches(t, '<rect class="s[01]" x', 'g')), 2::bigint, 'a piece of a bar a day and source')
FROM r WHERE f = 'html';
SELECT matches(datasens_report('json', now() - interval '30 days'), '"nouveaux": 1239', 'further back');

-- more sources than the chart has colours, more days than bars
SELECT datasens_add_source('rss', 's' || i, 'http://s.test/') FROM generate_series(1, 20) AS i \g /dev/null
INSERT INTO datasens.flux (id_source, statut, date_collecte, nb_lus, nb_inseres)
SELECT id_source, 'succes', now() - d * interval '1 day', 100, 100 FROM datasens.source, generate_series(0, 299) AS d WHERE nom LIKE 's%';
CREATE TEMP TABLE grand AS SELECT datasens_report('html', now() - interval '300 days') AS t;
SELECT is((SELECT count(*) FROM regexp_matches(t, '<li>', 'g')), 7::bigint, 'six sources and the others') FROM grand;
SELECT matches(t, '>others</li>', 'by that name') FROM grand;
SELECT cmp_ok((SELECT count(*) FROM regexp_matches(t, '<g>', 'g')), '<=', 92::bigint, 'days go together in bars') FROM grand;
SELECT is((SELECT sum(m[1]::bigint) FROM regexp_matches(t, '<title>[-0-9]{10} : (\d+)</title>', 'g') AS m), (SELECT sum(nb_inseres) FROM datasens.flux),
	'which have all documents') FROM grand;
SET LOCAL datasens.report_language = 'fr';
SELECT matches(datasens_report('html'), '<html lang="fr">.*>Dernière erreur<', 'in French');

SELECT * FROM finish();
ROLLBACK;
