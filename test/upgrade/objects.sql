-- What the extension datasens is made of in this database, as JSON: {type: {identity: definition}}.
-- For test/t/170_upgrade.pl, which compares an upgraded database with a fresh one.
--
-- Objects are the extension's members and what depends on these as a part of them (columns,
-- constraints, indexes, operators of a class, ...), found by pg_depend, so none can be forgotten
-- here.  A definition is everything that a catalog says of the object, but for what is no
-- property of it: numbers, statistics, TOAST tables, and the internal triggers of a foreign key
-- (the constraint says it all).  One of a kind that is not known here has a null for it.
SET search_path = pg_catalog;

CREATE FUNCTION pg_temp.rights(type "char", owner oid, acl aclitem[]) RETURNS text LANGUAGE sql AS $$
	SELECT format(E'\nowner: %s\nrights: %s', owner::regrole,
		(SELECT string_agg(a::text, ' ' ORDER BY a::text COLLATE "C")
		 FROM unnest(coalesce(acl, acldefault(type, owner))) AS a))
$$;

-- The column's place is among those that are there: an upgrade may have dropped others.  An
-- option pg_attver is bookkeeping of the server's (from 15.20 on), another in each database.
CREATE TEMP VIEW colonne AS
SELECT attrelid, attnum, atttypid, atttypmod, attcollation, attnotnull, attidentity, attgenerated,
	attstorage, attcompression, attstattarget, attacl,
	(SELECT array_agg(o) FROM unnest(attoptions) AS o WHERE o NOT LIKE 'pg_attver=%') AS attoptions,
	row_number() OVER (PARTITION BY attrelid ORDER BY attnum) AS place
FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped;

CREATE TEMP VIEW objet AS
WITH RECURSIVE membre AS (
	SELECT 'pg_extension'::regclass::oid AS classid, oid AS objid FROM pg_extension
	WHERE extname = 'datasens'
	UNION
	SELECT d.classid, d.objid FROM membre m
	JOIN pg_depend d ON d.refclassid = m.classid AND d.refobjid = m.objid
		AND d.deptype IN ('e', 'i', 'a')
	LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
	LEFT JOIN pg_trigger t ON d.classid = 'pg_trigger'::regclass AND t.oid = d.objid
	WHERE c.relkind IS DISTINCT FROM 't' AND t.tgisinternal IS NOT TRUE
)
SELECT classid, objid, 0 AS objsubid FROM membre
UNION ALL
SELECT classid, objid, a.attnum FROM membre
JOIN pg_attribute a ON a.attrelid = objid AND attnum > 0 AND NOT attisdropped
JOIN pg_class c ON c.oid = attrelid AND relkind IN ('r', 'v', 'c', 'm', 'f', 'p')
WHERE classid = 'pg_class'::regclass;

CREATE TEMP VIEW definition AS
SELECT 'pg_extension'::regclass AS classid, oid AS objid, 0 AS objsubid,
	format(E'version %s in %s, relocatable: %s\ndumped:\n%s', extversion, extnamespace::regnamespace,
		extrelocatable, (SELECT string_agg(format('%s %s', r::regclass, nullif(c, '')), E'\n'
			ORDER BY r::regclass::text COLLATE "C") FROM unnest(extconfig, extcondition) AS u(r, c)))
	AS texte
FROM pg_extension
UNION ALL
SELECT 'pg_namespace'::regclass, oid, 0, pg_temp.rights('n', nspowner, nspacl) FROM pg_namespace
UNION ALL
SELECT 'pg_class'::regclass, c.oid, 0,
	concat_ws(E'\n', format('%s %s %s, options: %s', relkind, relpersistence, amname, reloptions),
		format('row security: %s, forced: %s; replica identity: %s; options of TOAST: %s',
			relrowsecurity, relforcerowsecurity, relreplident,
			(SELECT t.reloptions FROM pg_class t WHERE t.oid = c.reltoastrelid)),
		CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
		CASE WHEN relkind = 'i' THEN (SELECT format('%s; valid: %s, clustered: %s, replica identity: %s',
			pg_get_indexdef(c.oid), indisvalid, indisclustered, indisreplident)
			FROM pg_index WHERE indexrelid = c.oid) END,
		CASE WHEN relkind = 'S' THEN (SELECT format('%s from %s by %s, %s to %s, cache %s, cycles: %s',
			seqtypid::regtype, seqstart, seqincrement, seqmin, seqmax, seqcache, seqcycle)
			FROM pg_sequence WHERE seqrelid = c.oid) END)
	|| pg_temp.rights(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner, relacl)
FROM pg_class c LEFT JOIN pg_am m ON m.oid = relam
UNION ALL
SELECT 'pg_class'::regclass, attrelid, attnum,
	format('%s: %s, collation %s, not null: %s, identity: %s, generated: %s, storage %s, compression %s, '
		'statistics %s, options %s, rights %s', place, format_type(atttypid, atttypmod),
		attcollation::regcollation, attnotnull, attidentity, attgenerated, attstorage, attcompression,
		nullif(attstattarget, -1), attoptions, attacl)
FROM colonne
UNION ALL
SELECT 'pg_attrdef'::regclass, oid, 0, pg_get_expr(adbin, adrelid) FROM pg_attrdef
UNION ALL
SELECT 'pg_constraint'::regclass, oid, 0, pg_get_constraintdef(oid) FROM pg_constraint
UNION ALL
SELECT 'pg_trigger'::regclass, oid, 0, format('%s; enabled: %s', pg_get_triggerdef(oid), tgenabled)
FROM pg_trigger
UNION ALL
SELECT 'pg_event_trigger'::regclass, oid, 0, format('%s %s %s; enabled: %s, owner: %s', evtevent,
	evttags, evtfoid::regprocedure, evtenabled, evtowner::regrole) FROM pg_event_trigger
UNION ALL
SELECT 'pg_rewrite'::regclass, oid, 0, format('%s; enabled: %s', pg_get_ruledef(oid), ev_enabled)
FROM pg_rewrite
UNION ALL
SELECT 'pg_policy'::regclass, oid, 0, format('%s permissive: %s, for %s, using %s, check %s', polcmd,
	polpermissive, polroles::regrole[], pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
FROM pg_policy
UNION ALL
SELECT 'pg_proc'::regclass, oid, 0, pg_get_functiondef(oid) || pg_temp.rights('f', proowner, proacl)
FROM pg_proc WHERE prokind <> 'a'
UNION ALL
SELECT 'pg_type'::regclass, oid, 0,
	format('%s, length %s, by value: %s, alignment %s, storage %s, delimiter %s, category %s, '
		'preferred: %s, defined: %s, not null: %s, base %s %s, default %s, collation %s', typtype, typlen,
		typbyval, typalign, typstorage, typdelim, typcategory, typispreferred, typisdefined, typnotnull,
		typbasetype::regtype, typtypmod, typdefault, typcollation::regcollation)
	|| format(E'\nelement %s, subscripts %s, in %s, out %s, receive %s, send %s, modifier %s %s, analyze %s',
		typelem::regtype, typsubscript, typinput, typoutput, typreceive, typsend, typmodin, typmodout,
		typanalyze)
	|| (SELECT coalesce(E'\n' || string_agg(enumlabel, ', ' ORDER BY enumsortorder), '')
		FROM pg_enum WHERE enumtypid = t.oid)
	|| pg_temp.rights('T', typowner, typacl)
FROM pg_type t
UNION ALL
SELECT 'pg_operator'::regclass, oid, 0,
	format('%s returns %s, commutator %s, negator %s, restrict %s, join %s, merges: %s, hashes: %s, owner: %s',
		oprcode, oprresult::regtype, oprcom::regoperator, oprnegate::regoperator, oprrest, oprjoin,
		oprcanmerge, oprcanhash, oprowner::regrole) FROM pg_operator
UNION ALL
SELECT 'pg_opclass'::regclass, c.oid, 0, format('for %s, family %s, default: %s, key %s, owner: %s',
	opcintype::regtype, opfname, opcdefault, opckeytype::regtype, opcowner::regrole)
FROM pg_opclass c JOIN pg_opfamily f ON f.oid = opcfamily
UNION ALL
SELECT 'pg_opfamily'::regclass, oid, 0, format('owner: %s', opfowner::regrole) FROM pg_opfamily
UNION ALL
SELECT 'pg_amop'::regclass, oid, 0, format('%s, purpose %s', amopopr::regoperator, amoppurpose) FROM pg_amop
UNION ALL
SELECT 'pg_amproc'::regclass, oid, 0, amproc::regprocedure::text FROM pg_amproc
UNION ALL
SELECT 'pg_cast'::regclass, oid, 0, format('%s, context %s, method %s', castfunc::regprocedure,
	castcontext, castmethod) FROM pg_cast;

SELECT json_object_agg(type, objets) FROM (
	SELECT type, json_object_agg(identity, d.texte
		|| coalesce(E'\ncomment: ' || (SELECT description FROM pg_description c
			WHERE c.classoid = o.classid AND c.objoid = o.objid AND c.objsubid = o.objsubid), '')
		|| coalesce(E'\nrights at first: ' || (SELECT string_agg(a::text, ' ' ORDER BY a::text COLLATE "C")
			FROM pg_init_privs p, unnest(initprivs) AS a
			WHERE p.classoid = o.classid AND p.objoid = o.objid AND p.objsubid = o.objsubid), '')
		ORDER BY identity COLLATE "C") AS objets
	FROM objet o
	CROSS JOIN pg_identify_object(classid, objid, objsubid)
	LEFT JOIN definition d USING (classid, objid, objsubid)
	GROUP BY type) AS t;
