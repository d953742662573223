-- The reference of the README, as markdown, from the comments in the catalog and what pg_settings
-- says: makes the function pg_temp.reference() in a session of a database with datasens, which
-- has to be preloaded.  For docs/reference, which writes it into README.md, and for
-- test/pgtap/reference.sql, which holds that it is there.

-- A text in a cell of a table.
CREATE FUNCTION pg_temp.cell(texte text) RETURNS text LANGUAGE sql
RETURN replace(replace(texte, '|', '\|'), E'\n', ' ');

-- A setting's value as one would write it: with the largest unit that has no fractions.
CREATE FUNCTION pg_temp.amount(value text, type text, base_unit text) RETURNS text LANGUAGE sql
RETURN CASE
	WHEN value = '' THEN ''''''
	WHEN type = 'string' THEN format('''%s''', value)
	WHEN base_unit IS NULL OR value = '0' THEN value
	ELSE (SELECT (value::bigint / size) || unit
		FROM (VALUES ('s', 's', 1), ('s', 'min', 60), ('s', 'h', 3600), ('s', 'd', 86400),
				('ms', 'ms', 1), ('ms', 's', 1000), ('ms', 'min', 60000), ('ms', 'h', 3600000),
				('ms', 'd', 86400000), ('kB', 'kB', 1), ('kB', 'MB', 1024), ('kB', 'GB', 1048576))
			AS u (base, unit, size)
		WHERE base = base_unit AND value::bigint % size = 0 ORDER BY size DESC LIMIT 1)
	END;

-- What values a setting can have, where that is less than what its type can.
CREATE FUNCTION pg_temp.limits(s pg_settings) RETURNS text LANGUAGE sql
RETURN CASE
	WHEN s.vartype = 'enum' THEN format(' One of: %s.', array_to_string(s.enumvals, ', '))
	WHEN s.vartype <> 'integer' THEN NULL
	WHEN s.max_val::bigint <= 100000000 THEN
		format(' From %s to %s.', pg_temp.amount(s.min_val, s.vartype, s.unit),
			pg_temp.amount(s.max_val, s.vartype, s.unit))
	WHEN s.min_val <> '0' THEN format(' At least %s.', pg_temp.amount(s.min_val, s.vartype, s.unit))
	END;

CREATE FUNCTION pg_temp.type_name(type oid) RETURNS text LANGUAGE sql
RETURN replace(format_type(type, NULL), 'timestamp with time zone', 'timestamptz');

-- The arguments of a function: those that go in (with their defaults), or that come out.
CREATE FUNCTION pg_temp.arguments(f oid, outcome boolean) RETURNS text LANGUAGE sql
RETURN (SELECT string_agg(concat(quote_ident(name), ' ', pg_temp.type_name(type),
			CASE WHEN NOT outcome THEN ' = ' || regexp_replace(pg_get_function_arg_default(f, place),
				'^(''.*''|NULL)::\w+$', '\1') END), ', ' ORDER BY n)
	FROM (SELECT n, name, type, mode, count(*) FILTER (WHERE mode <> 'o') OVER (ORDER BY n)::int AS place
		FROM pg_proc p, unnest(coalesce(proallargtypes, proargtypes::oid[]), proargnames, proargmodes)
			WITH ORDINALITY AS a (type, name, given, n),
			coalesce(given, 'i') AS mode
		WHERE p.oid = f) AS a
	WHERE mode = 'b' OR (mode = 'o') = outcome);

CREATE FUNCTION pg_temp.reference() RETURNS text LANGUAGE sql SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH member AS (
		SELECT classid, objid, obj_description(objid, classid::regclass::text) AS comment
		FROM pg_depend JOIN pg_extension e ON e.oid = refobjid AND extname = 'datasens'
		WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
			-- from 17 on the types of rows and of arrays are members, too
			AND NOT (classid = 'pg_type'::regclass AND EXISTS (
				SELECT FROM pg_type t WHERE t.oid = objid AND (typrelid <> 0 OR typelem <> 0)))
	), routine AS (
		SELECT p.oid, p.proname AS name, p.prokind, p.proretset, p.prorettype, comment,
			pronamespace = 'datasens'::regnamespace AS internal
		FROM member JOIN pg_proc p ON classid = 'pg_proc'::regclass AND objid = p.oid
	), relation AS (
		SELECT c.oid, relname AS name, relkind AS kind, comment
		FROM member JOIN pg_class c ON classid = 'pg_class'::regclass AND objid = c.oid
	), line AS (
		SELECT 10 AS part, '' AS name, 0 AS n, E'### Functions\n\n| function | what |\n| --- | --- |' AS texte
		UNION ALL
		SELECT 11, name, row_number() OVER (ORDER BY name COLLATE "C", oid::regprocedure::text COLLATE "C"),
			format('| `%s%s(%s)%s` | %s%s |', CASE prokind WHEN 'p' THEN 'CALL ' END, name,
				pg_temp.cell(pg_temp.arguments(oid, false)),
				CASE WHEN results IS NULL THEN
					concat(' → ', CASE WHEN proretset THEN 'setof ' END, pg_temp.type_name(prorettype)) END,
				pg_temp.cell(comment), '<br>' || CASE WHEN proretset THEN 'Rows' ELSE 'Row' END || ': `' || results || '`')
		FROM routine, pg_temp.arguments(oid, true) AS results WHERE NOT internal
		UNION ALL
		SELECT 12, '', 0, E'\n<details><summary>Functions of the schema datasens, which triggers and the type '
			'fingerprint call</summary>\n\n| function | what |\n| --- | --- |'
		UNION ALL
		SELECT 13, name, row_number() OVER (ORDER BY name COLLATE "C", oid::regprocedure::text COLLATE "C"),
			format('| `%s` | %s |', name, pg_temp.cell(comment))
		FROM routine WHERE internal
		UNION ALL
		SELECT 14, '', 0, E'\n</details>'
		UNION ALL
		SELECT 20, '', 0, E'\n### Views'
		UNION ALL
		SELECT 30, '', 0, E'\n### Tables\n\nIn the schema `datasens`.'
		UNION ALL
		SELECT CASE kind WHEN 'v' THEN 21 ELSE 31 END, name, 0,
			format(E'\n#### %s\n\n%s\n\n| column | type | what |\n| --- | --- | --- |', name, comment)
		FROM relation WHERE kind IN ('r', 'v')
		UNION ALL
		SELECT CASE kind WHEN 'v' THEN 21 ELSE 31 END, name, attnum,
			format('| `%s` | `%s` | %s |', attname, pg_temp.type_name(atttypid),
				pg_temp.cell(col_description(attrelid, attnum)))
		FROM relation r JOIN pg_attribute a ON attrelid = r.oid AND attnum > 0 AND NOT attisdropped
		WHERE kind IN ('r', 'v')
		UNION ALL
		SELECT 40, '', 0, E'\n### Types and operators\n\n| type, operator | what |\n| --- | --- |'
		UNION ALL
		SELECT 41, typname, 0, format('| `%s` | %s |', pg_temp.type_name(t.oid), pg_temp.cell(comment))
		FROM member JOIN pg_type t ON classid = 'pg_type'::regclass AND objid = t.oid
		UNION ALL
		SELECT 42, oprname, 0, format('| `%s %s %s` | %s |', pg_temp.type_name(oprleft), oprname,
			pg_temp.type_name(oprright), pg_temp.cell(comment))
		FROM member JOIN pg_operator o ON classid = 'pg_operator'::regclass AND objid = o.oid
		UNION ALL
		SELECT 50, '', 0, E'\n### Settings\n\n| setting | default | set | what |\n| --- | --- | --- | --- |'
		UNION ALL
		SELECT 51, s.name, 0, format('| `%s` | `%s` | %s | %s |', s.name,
			pg_temp.amount(boot_val, vartype, unit),
			CASE context WHEN 'postmaster' THEN 'restart' WHEN 'sighup' THEN 'reload' ELSE context END,
			pg_temp.cell(concat_ws(' ', short_desc, extra_desc) || coalesce(pg_temp.limits(s), '')))
		FROM pg_settings s WHERE s.name LIKE 'datasens.%'
	)
	SELECT string_agg(texte, E'\n' ORDER BY part, name COLLATE "C", n) FROM line;
END;
