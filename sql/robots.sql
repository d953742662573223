--
-- datasens_robots_allowed: what a robots.txt lets whom ask for.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS datasens;
RESET client_min_messages;
SET client_encoding = 'UTF8';

CREATE TEMP TABLE robots (contenu text);
INSERT INTO robots VALUES ($$# tous
User-agent: *
Disallow: /prive/
Allow: /prive/public$
Disallow: /*.pdf$
Disallow: /été
Crawl-delay: 2
Sitemap: https://exemple.fr/plan.xml

User-agent: DataSens
User-Agent: autre
Disallow: /interdit

User-agent: datasens
Allow: /interdit/sauf
$$);

SELECT url, datasens_robots_allowed(contenu, 'Robot', url) AS "Robot",
	datasens_robots_allowed(contenu, 'DataSens', url) AS "DataSens",
	datasens_robots_allowed(contenu, 'DATASENS/1.0', url) AS "DATASENS/1.0",
	datasens_robots_allowed(contenu, 'AUTRE', url) AS "AUTRE"
FROM robots, (VALUES (1, 'https://exemple.fr/'), (2, 'https://exemple.fr/prive/x'),
	(3, 'https://exemple.fr/prive/public'), (4, 'https://exemple.fr/prive/public/x'),
	(5, 'https://exemple.fr/a.pdf'), (6, 'https://exemple.fr/a.pdf?b'), (7, '/%C3%A9t%C3%A9/2024'),
	(8, 'https://exemple.fr/interdit'), (9, 'https://exemple.fr/interdit/sauf#fin'), (10, 'exemple.fr'),
	(11, '')) AS u (n, url)
ORDER BY n;

-- nothing said, all allowed; a page is no robots.txt
SELECT datasens_robots_allowed('', 'a', '/x') AS vide, datasens_robots_allowed('<html>404</html>', 'a', '/x') AS page,
	datasens_robots_allowed(E'User-agent: *\nDisallow:', 'a', '/x') AS libre,
	datasens_robots_allowed(E'User-agent: *\nDisallow: /', 'a', '/x') AS interdit;

-- bytes that are no text: a mark, Latin-1, zeros
SELECT datasens_robots_allowed('\xefbbbf'::bytea || 'User-agent: *
Disallow: /x', 'a', '/x') AS marque,
	datasens_robots_allowed('User-agent: *
Disallow: /'::bytea || '\xe9'::bytea, 'a', '/%E9') AS latin1,
	datasens_robots_allowed('\xfffe550073006500'::bytea, 'a', '/x') AS utf16;

-- no argument may be missing
SELECT datasens_robots_allowed(NULL::text, 'a', '/') AS robots, datasens_robots_allowed('', NULL, '/') AS agent,
	datasens_robots_allowed('', 'a', NULL) AS url;

-- the first 500 KiB count, in whole lines; patterns without end end
SELECT datasens_robots_allowed(E'User-agent: *\n' || repeat(E'#23456789\n', 51190) || 'Disallow: /', 'a', '/') AS dedans,
	datasens_robots_allowed(E'User-agent: *\n' || repeat(E'#23456789\n', 51198) || 'Disallow: /', 'a', '/') AS coupe,
	datasens_robots_allowed(E'User-agent: *\nDisallow: /' || repeat('*a', 8000) || '$', 'a', '/' || repeat('a', 100000) || 'b') AS etoiles;
