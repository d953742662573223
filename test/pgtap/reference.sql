-- The README's reference is what the catalog says.
BEGIN;
SELECT no_plan();

\ir ../../docs/reference.sql
\set readme `cat README.md`

CREATE TEMP VIEW ecrit AS
SELECT n, ligne FROM regexp_split_to_table(btrim(substring(:'readme', '<!-- reference[^\n]*-->\n(.*)<!-- end of reference'),
	E'\n'), E'\n') WITH ORDINALITY AS t (ligne, n);
CREATE TEMP VIEW attendu AS
SELECT n, ligne FROM regexp_split_to_table(pg_temp.reference(), E'\n') WITH ORDINALITY AS t (ligne, n);

SELECT cmp_ok((SELECT count(*) FROM attendu), '>', 300::bigint, 'it says a lot');
SELECT is_empty('SELECT ligne FROM attendu EXCEPT SELECT ligne FROM ecrit',
	'README.md: nothing is missing from its reference ("make reference" writes it)');
SELECT is_empty('SELECT ligne FROM ecrit EXCEPT SELECT ligne FROM attendu', 'nor is there more');
SELECT results_eq('SELECT ligne FROM ecrit ORDER BY n', 'SELECT ligne FROM attendu ORDER BY n', 'nor in another order');

-- In French each has a line, too, which is written by hand: what it says cannot be held, that it is there can.
\set page `cat README.fr.md`
CREATE TEMP VIEW nomme AS
SELECT m[1] AS nom FROM regexp_matches(substring(:'page', '<!-- référence(.*)<!-- fin de la référence'), '^\| `([^`]*)` \|', 'gn') AS m;
CREATE TEMP VIEW objet AS
WITH membre AS (
	SELECT classid, objid FROM pg_depend JOIN pg_extension e ON e.oid = refobjid AND extname = 'datasens'
	WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
)
SELECT proname::text AS nom FROM membre JOIN pg_proc p ON classid = 'pg_proc'::regclass AND objid = p.oid
WHERE pronamespace <> 'datasens'::regnamespace
UNION SELECT relname FROM membre JOIN pg_class c ON classid = 'pg_class'::regclass AND objid = c.oid AND relkind IN ('r', 'v')
UNION SELECT name FROM pg_settings WHERE name LIKE 'datasens.%';

SELECT is_empty('SELECT nom FROM objet EXCEPT SELECT nom FROM nomme',
	'README.fr.md: every function, view, table and setting has its line in French (write it by hand)');
SELECT is_empty('SELECT nom FROM nomme EXCEPT SELECT nom FROM objet', 'README.fr.md: and nothing else has');
SELECT is_empty('SELECT nom FROM nomme GROUP BY nom HAVING count(*) > 1', 'README.fr.md: nor twice');

SELECT * FROM finish();
ROLLBACK;
