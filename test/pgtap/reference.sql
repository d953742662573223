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

SELECT * FROM finish();
ROLLBACK;
