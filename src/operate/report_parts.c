/*
 * report_parts.c
 *	  The report's tables: their statements, and what their columns are called.
 *
 * Who uses it: report.c loads them; the forms only know kinds and shapes.
 */
#include "postgres.h"

#include "operate/health.h"
#include "operate/report.h"

#include "catalog/pg_type.h"
#include "time/plan.h"

/* clang-format off */

#define SECONDS(column) "pg_catalog.round(extract(epoch FROM " column "), 2)"
#define ROUNDED(value) "pg_catalog.round((" value ")::pg_catalog.numeric, 1)"

/* Rows of the tables that rank: nobody reads more of them. */
#define TOP "10"

/* Rows that are drawn, at most. */
#define DRAWN_SOURCES "40"
#define DRAWN_STREAMS "24"
#define DRAWN_PLACES "12"

/* A day in which a run falls, as the number of its bar. */
#define BAR "((f.date_collecte AT TIME ZONE $2)::pg_catalog.date" \
	" - ($1 AT TIME ZONE $2)::pg_catalog.date) / $6"

#define STATUT HEALTH_STATUT("pg_catalog.now()", "$5", CppAsString2(PLAN_MISSED_AFTER))

/*
 * Sources that are not well, or whose last run failed, and tasks whose retries are
 * spent.  What is under way has its failure written down beforehand, so it is left
 * out: a source that is being collected, and the report itself where a task writes it.
 */
static Statement attention_statement = {
	.sql = "SELECT nom, type_source, statut, echecs, " REPORT_TIME("succes") ", "
			REPORT_TIME("suite") ", erreur FROM"
		" (SELECT s.nom, s.type_source, " STATUT " AS statut,"
		"   coalesce(e.echecs_consecutifs, 0) AS echecs, e.dernier_succes AS succes,"
		"   e.prochaine_collecte AS suite, e.derniere_erreur AS erreur"
		"  FROM datasens.source s LEFT JOIN datasens.etat_source e USING (id_source) WHERE s.actif"
		"  UNION ALL SELECT t.nom, 'tache', 'echec', t.echecs_consecutifs, t.dernier_succes,"
		"   t.prochaine_execution, t.derniere_erreur FROM datasens.tache t"
		"  WHERE t.echecs_consecutifs > 0 AND NOT (t.nom = 'rapport' AND EXISTS"
		"   (SELECT FROM pg_catalog.pg_locks l WHERE l.locktype = 'advisory'"
		"    AND l.classid = 'datasens.tache'::pg_catalog.regclass"
		"    AND l.pid = pg_catalog.pg_backend_pid()))) AS q"
		" WHERE statut IN ('echec', 'obsolete', 'retard')"
		"  OR erreur IS NOT NULL AND statut <> 'en_cours'"
		" ORDER BY statut <> 'echec', statut <> 'obsolete', echecs DESC, nom LIMIT $4",
	REPORT_ARGS,
};

static Statement days_statement = {
	.sql = "SELECT (f.date_collecte AT TIME ZONE $2)::pg_catalog.date AS jour, pg_catalog.count(*),"
		" pg_catalog.sum(f.nb_inseres), pg_catalog.sum(f.nb_doublons),"
		" pg_catalog.sum(f.nb_rejetes), pg_catalog.count(*) FILTER (WHERE f.statut = 'echec'),"
		" pg_catalog.sum(f.octets) FROM datasens.flux f"
		" WHERE f.date_collecte >= $1 GROUP BY jour ORDER BY jour DESC LIMIT 31",
	REPORT_ARGS,
};

/* The days of those that brought most are drawn, too. */
static Statement sources_statement = {
	.sql = "WITH jours AS MATERIALIZED (SELECT f.id_source, " BAR " AS barre,"
		"  pg_catalog.sum(f.nb_inseres) AS n FROM datasens.flux f"
		"  WHERE f.date_collecte >= $1 AND f.nb_inseres > 0 GROUP BY f.id_source, barre),"
		" sommes AS (SELECT id_source, pg_catalog.sum(n) AS n, pg_catalog.row_number()"
		"   OVER (ORDER BY pg_catalog.sum(n) DESC, id_source) AS rang"
		"  FROM jours GROUP BY id_source),"
		" dessins AS (SELECT o.id_source, pg_catalog.string_agg("
		"   coalesce(j.n, 0)::pg_catalog.text, ',' ORDER BY i) AS barres"
		"  FROM sommes o CROSS JOIN pg_catalog.generate_series(0, $7 - 1) AS i"
		"  LEFT JOIN jours j ON j.id_source = o.id_source AND j.barre = i"
		"  WHERE o.rang <= " DRAWN_SOURCES " GROUP BY o.id_source)"
		" SELECT s.nom, s.type_source, " STATUT ", coalesce(e.total_docs, 0),"
		"  coalesce(o.n, 0), d.barres, " REPORT_TIME("e.derniere_collecte") ", "
			REPORT_TIME("CASE WHEN s.actif THEN e.prochaine_collecte END")
		" FROM datasens.source s LEFT JOIN datasens.etat_source e USING (id_source)"
		" LEFT JOIN sommes o USING (id_source) LEFT JOIN dessins d USING (id_source)"
		" ORDER BY s.actif DESC, o.n DESC NULLS LAST, s.nom LIMIT $4",
	REPORT_ARGS,
};

/*
 * The ledger of the last day, a letter a slice: '#' collected, '.' expected, '-'
 * absent at the source, '!' failed, ' ' nobody asked for it.
 */
static Statement ledger_statement = {
	.sql = "WITH bornes AS (SELECT pg_catalog.date_bin('15 minutes', pg_catalog.now(),"
		"  '2000-01-01 00:00:00+00') - interval '1 day' AS debut),"
		" fils AS (SELECT DISTINCT t.id_source, t.flux FROM datasens.tranche t, bornes b"
		"  WHERE t.periode && pg_catalog.tstzrange(b.debut, b.debut + interval '1 day'))"
		" SELECT s.nom, f.flux, " REPORT_TIME("b.debut") ","
		"  pg_catalog.count(*) FILTER (WHERE t.statut = 'collectee'),"
		"  pg_catalog.count(*) FILTER (WHERE t.statut = 'attendue'),"
		"  pg_catalog.count(*) FILTER (WHERE t.statut = 'absente'),"
		"  pg_catalog.count(*) FILTER (WHERE t.statut = 'echec'),"
		"  pg_catalog.string_agg(CASE t.statut WHEN 'collectee' THEN '#' WHEN 'attendue' THEN '.'"
		"   WHEN 'absente' THEN '-' WHEN 'echec' THEN '!' ELSE ' ' END, '' ORDER BY i)"
		" FROM fils f JOIN datasens.source s USING (id_source) CROSS JOIN bornes b"
		" CROSS JOIN pg_catalog.generate_series(0, " CppAsString2(REPORT_SLICES) " - 1) AS i"
		" LEFT JOIN datasens.tranche t ON t.id_source = f.id_source AND t.flux = f.flux"
		"  AND t.periode @> (b.debut + i * interval '15 minutes')"
		" GROUP BY s.nom, f.flux, b.debut ORDER BY s.nom, f.flux LIMIT " DRAWN_STREAMS,
	REPORT_ARGS,
};

#define CURVE(value) \
	"pg_catalog.string_agg(coalesce(" ROUNDED(value) "::pg_catalog.text, ''), ',' ORDER BY i)"

/*
 * The readings of a place: the newest, and how they went, as means of equal parts
 * of the time.  Readings of before the first flux since then are not looked at.
 */
static Statement places_statement = {
	.sql = "WITH releves AS MATERIALIZED (SELECT m.*, pg_catalog.floor("
		"   extract(epoch FROM m.date_obs - $1) * " CppAsString2(REPORT_CURVE)
		"   / greatest(extract(epoch FROM pg_catalog.now() - $1), 1)) AS place"
		"  FROM datasens.meteo m WHERE m.date_obs BETWEEN $1 AND pg_catalog.now()"
		"  AND m.id_flux >= (SELECT pg_catalog.min(f.id_flux) FROM datasens.flux f"
		"   WHERE f.date_collecte >= $1)),"
		" lieux AS (SELECT lat, lon, pg_catalog.max(date_obs) AS dernier,"
		"   pg_catalog.min(temperature) AS plus_bas, pg_catalog.max(temperature) AS plus_haut,"
		"   pg_catalog.row_number() OVER (ORDER BY pg_catalog.count(*) DESC, lat, lon) AS rang"
		"  FROM releves GROUP BY lat, lon),"
		" moyennes AS (SELECT lat, lon, place, pg_catalog.avg(temperature) AS temperature,"
		"   pg_catalog.avg(ressenti) AS ressenti, pg_catalog.avg(humidite) AS humidite,"
		"   pg_catalog.avg(vent_kmh) AS vent FROM releves GROUP BY lat, lon, place),"
		" courbes AS (SELECT l.lat, l.lon, " CURVE("m.temperature") " AS temperatures,"
		"   " CURVE("m.ressenti") " AS ressentis, " CURVE("m.humidite") " AS humidites,"
		"   " CURVE("m.vent") " AS vents FROM lieux l"
		"  CROSS JOIN pg_catalog.generate_series(0, " CppAsString2(REPORT_CURVE) " - 1) AS i"
		"  LEFT JOIN moyennes m ON m.lat = l.lat AND m.lon = l.lon AND m.place = i"
		"  WHERE l.rang <= " DRAWN_PLACES " GROUP BY l.lat, l.lon)"
		" SELECT coalesce(pg_catalog.concat_ws(', ', nullif(r.ville, ''), nullif(r.pays, '')),"
		"   pg_catalog.concat_ws(' ', r.lat, r.lon)), "
			ROUNDED("r.temperature") ", " ROUNDED("l.plus_bas") ", " ROUNDED("l.plus_haut") ","
		"  " ROUNDED("r.humidite") ", " ROUNDED("r.vent_kmh") ", r.description, "
			REPORT_TIME("r.date_obs") ","
		"  c.temperatures, c.ressentis, c.humidites, c.vents"
		" FROM lieux l JOIN releves r ON r.lat = l.lat AND r.lon = l.lon AND r.date_obs = l.dernier"
		" LEFT JOIN courbes c ON c.lat = l.lat AND c.lon = l.lon ORDER BY l.rang LIMIT $4",
	REPORT_ARGS,
};

static Statement slow_statement = {
	.sql = "SELECT s.nom, " SECONDS("pg_catalog.avg(f.duree)") ", " SECONDS("pg_catalog.max(f.duree)")
		", pg_catalog.sum(f.octets), pg_catalog.count(*) FROM datasens.flux f"
		" JOIN datasens.source s USING (id_source) WHERE f.date_collecte >= $1"
		"  AND f.duree IS NOT NULL GROUP BY s.nom ORDER BY pg_catalog.avg(f.duree) DESC, s.nom"
		" LIMIT " TOP,
	REPORT_ARGS,
};

static Statement dropped_statement = {
	.sql = "SELECT s.nom, pg_catalog.sum(f.nb_lus), pg_catalog.sum(f.nb_inseres),"
		"  pg_catalog.sum(f.nb_doublons), pg_catalog.sum(f.nb_rejetes)"
		" FROM datasens.flux f JOIN datasens.source s USING (id_source)"
		" WHERE f.date_collecte >= $1 AND f.nb_doublons + f.nb_rejetes > 0 GROUP BY s.nom"
		" ORDER BY pg_catalog.sum(f.nb_doublons + f.nb_rejetes) DESC, s.nom LIMIT " TOP,
	REPORT_ARGS,
};

static Statement rejects_statement = {
	.sql = "SELECT r.motif, pg_catalog.count(*), " REPORT_TIME("pg_catalog.max(r.date_rejet)")
		" FROM datasens.rejet r WHERE r.date_rejet >= $1"
		" GROUP BY r.motif ORDER BY pg_catalog.count(*) DESC, r.motif LIMIT " TOP,
	REPORT_ARGS,
};

static Statement alerts_statement = {
	.sql = "SELECT " REPORT_TIME("date_alerte") ", nom, etat, message FROM datasens.alerte"
		" WHERE date_alerte >= $1 ORDER BY id_alerte DESC LIMIT " TOP,
	REPORT_ARGS,
};

static Statement backups_statement = {
	.sql = "SELECT " REPORT_TIME("date_debut") ", statut, coalesce(fichier, erreur), octets, "
			SECONDS("duree") " FROM datasens.sauvegarde WHERE date_debut >= $1"
		" ORDER BY date_debut DESC LIMIT " TOP,
	REPORT_ARGS,
};

static Statement disk_statement = {
	.sql = "SELECT c.relname, CASE WHEN c.reltuples >= 0 THEN c.reltuples::pg_catalog.int8 END,"
		" pg_catalog.pg_total_relation_size(c.oid) FROM pg_catalog.pg_class c"
		" WHERE c.relnamespace = 'datasens'::pg_catalog.regnamespace AND c.relkind = 'r'"
		" ORDER BY 3 DESC LIMIT 8",
	REPORT_ARGS,
};

/* Of many days some, evenly, and the last. */
static Statement growth_statement = {
	.sql = "SELECT jour, octets, documents FROM (SELECT v.*,"
		"  pg_catalog.row_number() OVER (ORDER BY jour DESC) - 1 AS rang,"
		"  pg_catalog.count(*) OVER () / " CppAsString2(REPORT_MAX_BARS) " + 1 AS pas"
		"  FROM datasens.volumetrie v WHERE jour >= ($1 AT TIME ZONE $2)::pg_catalog.date) AS q"
		" WHERE rang % pas = 0 ORDER BY jour",
	REPORT_ARGS,
};

const ReportPart report_parts[] = {
	{&attention_statement,
	 {"attention", "À regarder", "Needs attention", SHAPE_WIDE,
	  {{"nom", "Source ou tâche", "Source or task", .kind = KIND_TEXT},
	   {"type_source", "Type", "Type", .kind = KIND_TEXT, .minor = true},
	   {"statut", "État", "State", .kind = KIND_STATUS},
	   {"echecs_consecutifs", "Échecs", "Failures", .kind = KIND_NUMBER, .minor = true},
	   {"dernier_succes", "Dernier succès", "Last success", .kind = KIND_TIME, .minor = true},
	   {"prochaine_collecte", "Prochain essai", "Next attempt", .kind = KIND_TIME, .minor = true},
	   {"derniere_erreur", "Dernière erreur", "Last error", .kind = KIND_TEXT}}, .n_columns = 7}},
	{&days_statement,
	 {"jours", "Jour par jour", "Day by day", SHAPE_FOLDED,
	  {{"jour", "Jour", "Day", .kind = KIND_TIME},
	   {"flux", "Collectes", "Runs", .kind = KIND_NUMBER, .minor = true},
	   {"documents", "Documents", "Documents", .kind = KIND_NUMBER, .meter = true},
	   {"doublons", "Doublons", "Duplicates", .kind = KIND_NUMBER},
	   {"rejets", "Rejets", "Rejects", .kind = KIND_NUMBER},
	   {"echecs", "Échecs", "Failures", .kind = KIND_NUMBER},
	   {"octets", "Reçu", "Received", .kind = KIND_BYTES, .minor = true}}, .n_columns = 7}},
	{&sources_statement,
	 {"sources", "Sources", "Sources", SHAPE_SOURCES,
	  {{"nom", "Source", "Source", .kind = KIND_TEXT},
	   {"type_source", "Type", "Type", .kind = KIND_TEXT, .minor = true},
	   {"statut", "État", "State", .kind = KIND_STATUS},
	   {"total_docs", "Documents", "Documents", .kind = KIND_NUMBER, .minor = true},
	   {"nouveaux", "Nouveaux", "New", .kind = KIND_NUMBER},
	   {"par_jour", "Jour après jour", "Day after day", .kind = KIND_BARS, .minor = true},
	   {"derniere_collecte", "Dernière collecte", "Last run", .kind = KIND_TIME, .minor = true},
	   {"prochaine_collecte", "Prochaine", "Next run", .kind = KIND_TIME, .minor = true}}, .n_columns = 8}},
	{&ledger_statement,
	 {"tranches", "GDELT, les dernières 24 heures", "GDELT, the last 24 hours", SHAPE_LEDGER,
	  {{"nom", "Source", "Source", .kind = KIND_TEXT},
	   {"flux", "Flux", "Stream", .kind = KIND_TEXT},
	   {"debut", "Depuis", "Since", .kind = KIND_TIME, .minor = true},
	   {"collectees", "Collectées", "Collected", .kind = KIND_NUMBER},
	   {"attendues", "Attendues", "Expected", .kind = KIND_NUMBER},
	   {"absentes", "Absentes", "Absent", .kind = KIND_NUMBER},
	   {"echecs", "Échecs", "Failures", .kind = KIND_NUMBER},
	   {"quarts_d_heure", "Quarts d'heure", "Quarters of an hour", .kind = KIND_STRIP}}, .n_columns = 8}},
	{&places_statement,
	 {"meteo", "Météo", "Weather", SHAPE_PLACES,
	  {{"lieu", "Lieu", "Place", .kind = KIND_TEXT},
	   {"temperature", "°C", "°C", .kind = KIND_NUMBER},
	   {"minimum", "Minimum", "Minimum", .kind = KIND_NUMBER},
	   {"maximum", "Maximum", "Maximum", .kind = KIND_NUMBER},
	   {"humidite", "Humidité, %", "Humidity, %", .kind = KIND_NUMBER, .minor = true},
	   {"vent_kmh", "Vent, km/h", "Wind, km/h", .kind = KIND_NUMBER, .minor = true},
	   {"description", "Temps", "Conditions", .kind = KIND_TEXT, .minor = true},
	   {"date_obs", "Relevé", "Observed", .kind = KIND_TIME, .minor = true},
	   {"temperatures", "Température", "Temperature", .kind = KIND_CURVE},
	   {"ressentis", "Ressenti", "Feels like", .kind = KIND_CURVE},
	   {"humidites", "Humidité", "Humidity", .kind = KIND_CURVE},
	   {"vents", "Vent", "Wind", .kind = KIND_CURVE}}, .n_columns = 12}},
	{&slow_statement,
	 {"lentes", "Les plus lentes", "The slowest", SHAPE_HALF,
	  {{"nom", "Source", "Source", .kind = KIND_TEXT},
	   {"duree_moyenne", "En moyenne", "On average", .kind = KIND_SECONDS, .meter = true},
	   {"duree_max", "Au plus", "At most", .kind = KIND_SECONDS},
	   {"octets", "Reçu", "Received", .kind = KIND_BYTES, .minor = true},
	   {"flux", "Collectes", "Runs", .kind = KIND_NUMBER, .minor = true}}, .n_columns = 5}},
	{&dropped_statement,
	 {"ecartes", "Doublons et rejets", "Duplicates and rejects", SHAPE_HALF,
	  {{"nom", "Source", "Source", .kind = KIND_TEXT},
	   {"lus", "Lus", "Read", .kind = KIND_NUMBER, .minor = true},
	   {"nouveaux", "Nouveaux", "New", .kind = KIND_NUMBER, .minor = true},
	   {"doublons", "Doublons", "Duplicates", .kind = KIND_NUMBER, .meter = true},
	   {"rejets", "Rejets", "Rejects", .kind = KIND_NUMBER}}, .n_columns = 5}},
	{&rejects_statement,
	 {"rejets", "Motifs des rejets", "Reasons of rejects", SHAPE_HALF,
	  {{"motif", "Motif", "Reason", .kind = KIND_TEXT},
	   {"nombre", "Nombre", "Number", .kind = KIND_NUMBER, .meter = true},
	   {"dernier", "Dernier", "Last", .kind = KIND_TIME, .minor = true}}, .n_columns = 3}},
	{&disk_statement,
	 {"disque", "Place sur le disque", "Disk space", SHAPE_HALF,
	  {{"table", "Table", "Table", .kind = KIND_TEXT},
	   {"lignes", "Lignes (estimées)", "Rows (estimated)", .kind = KIND_NUMBER},
	   {"octets", "Taille", "Size", .kind = KIND_BYTES, .meter = true}}, .n_columns = 3}},
	{&growth_statement,
	 {"croissance", "Croissance", "Growth", SHAPE_GROWTH,
	  {{"jour", "Jour", "Day", .kind = KIND_TIME},
	   {"octets", "Taille", "Size", .kind = KIND_BYTES},
	   {"documents", "Documents", "Documents", .kind = KIND_NUMBER}}, .n_columns = 3}},
	{&alerts_statement,
	 {"alertes", "Alertes", "Alerts", SHAPE_WIDE,
	  {{"date", "Date", "Date", .kind = KIND_TIME},
	   {"nom", "Objet", "About", .kind = KIND_TEXT},
	   {"etat", "État", "State", .kind = KIND_STATUS},
	   {"message", "Message", "Message", .kind = KIND_TEXT}}, .n_columns = 4}},
	{&backups_statement,
	 {"sauvegardes", "Sauvegardes", "Backups", SHAPE_WIDE,
	  {{"date", "Date", "Date", .kind = KIND_TIME},
	   {"statut", "État", "State", .kind = KIND_STATUS},
	   {"fichier", "Fichier", "File", .kind = KIND_TEXT},
	   {"octets", "Taille", "Size", .kind = KIND_BYTES, .meter = true},
	   {"duree", "Durée", "Duration", .kind = KIND_SECONDS, .minor = true}}, .n_columns = 5}},
};

/* clang-format on */

const int report_n_parts = lengthof(report_parts);
