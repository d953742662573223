# datasens_adopt.sql: databases of the notebooks, in both of their layouts, taken over.
use strict;
use warnings;

use Cwd qw(abs_path);
use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $script = abs_path("$FindBin::RealBin/../../datasens_adopt.sql");
my $node = DatasensNode::start('adopt', 'datasens.enabled' => 'off', 'datasens.allow_private_networks' => 'off');
$ENV{PGTZ} = 'UTC';

# What stands in for values that the notebooks computed: the fingerprint of title and text, of the
# text alone (Kaggle's), of its first 500 characters (pages').
sub fingerprint
{
	return sha256_hex(join ' ', @_);
}

my $long = 'Le texte d\'une page. ' x 40;
my @documents = (	# id_doc, id_flux, titre, texte, langue, date_publication, hash_fingerprint
	[ 1, 1, 'Un avis', 'Très bon produit', 'fr', '2025-10-30 10:00:00', fingerprint('Très bon produit') ],
	[ 2, 2, 'La une', 'Le premier article', 'fr', '2025-10-31 08:30:00', fingerprint('La une', 'Le premier article') ],
	[ 3, 2, 'La suite', 'Le second article', 'fr', undef, uc fingerprint('La suite', 'Le second article') ],
	[ 4, 3, 'Une page', $long, 'fr', '2025-11-01 12:00:00', fingerprint(substr $long, 0, 500) ],
	[ 7, 4, 'GDELT FR', 'TAX_FNCACT;PROTEST', 'en', '2025-11-02', fingerprint('TAX_FNCACT') ],
	[ 8, 2, 'Sans empreinte', 'mais avec un texte', 'fr', undef, undef ],
	[ 9, 2, 'Une empreinte', 'qui n\'en est pas une', 'fr', undef, 'd41d8cd98f00b204e9800998ecf8427e' ],
	[ 10, undef, 'Orphelin', 'dont le flux a été supprimé', 'fr', undef, fingerprint('Orphelin', 'dont le flux a été supprimé') ],
	[ 11, 2, undef, undef, 'fr', undef, undef ]);

# Rows as the values of an INSERT.
sub rows
{
	return join ', ', map { '(' . join(', ', map { defined $_ ? "'" . s/'/''/gr . "'" : 'NULL' } @$_) . ')' } @_;
}

# The notebooks' tables, as their DDL has them; p is the prefix of each.
sub notebook
{
	my ($database, $schema, %p) = @_;
	my $sql = "CREATE SCHEMA IF NOT EXISTS $schema; SET search_path = $schema;\n";

	$sql .= <<"SQL";
CREATE TABLE $p{type_donnee} (id_type_donnee serial PRIMARY KEY, libelle varchar(100) NOT NULL);
CREATE TABLE $p{source} (id_source serial PRIMARY KEY, id_type_donnee int REFERENCES $p{type_donnee},
	nom varchar(100) NOT NULL, url text, fiabilite float);
CREATE TABLE $p{flux} (id_flux serial PRIMARY KEY, id_source int NOT NULL REFERENCES $p{source} ON DELETE CASCADE,
	date_collecte timestamp NOT NULL DEFAULT now(), format varchar(20), manifest_uri text);
SQL
	$sql .= $p{commune} ? <<"SQL" : <<"SQL";
CREATE TABLE $p{commune} (id_commune serial PRIMARY KEY, code_insee varchar(10) UNIQUE, nom_commune varchar(100),
	lat float, lon float, population int);
CREATE TABLE $p{territoire} (id_territoire serial PRIMARY KEY, id_commune int NOT NULL REFERENCES $p{commune});
CREATE TABLE t18_type_meteo (id_type_meteo serial PRIMARY KEY, libelle varchar(50) UNIQUE, description text);
CREATE TABLE $p{meteo} (id_meteo serial PRIMARY KEY, id_territoire int NOT NULL REFERENCES $p{territoire},
	id_type_meteo int REFERENCES t18_type_meteo, date_obs timestamp NOT NULL, temperature float, humidite float,
	vent_kmh float, pression float);
INSERT INTO $p{commune} (nom_commune, lat, lon) VALUES ('Paris', 48.85, 2.35), ('Nulle part', NULL, NULL);
INSERT INTO $p{territoire} (id_commune) VALUES (1), (2);
INSERT INTO t18_type_meteo (libelle) VALUES ('Clouds');
INSERT INTO $p{meteo} (id_territoire, id_type_meteo, date_obs, temperature, humidite, vent_kmh, pression) VALUES
	(1, 1, '2025-10-30 12:00', 11.5, 80, 14.4, 1013), (1, 1, '2025-10-30 18:00', 9.5, 85, 10.8, 1012),
	(2, 1, '2025-10-30 12:00', 1, 1, 1, 1);
SQL
CREATE TABLE $p{territoire} (id_territoire serial PRIMARY KEY, ville varchar(120), code_insee varchar(10), lat float, lon float);
CREATE TABLE $p{meteo} (id_meteo serial PRIMARY KEY, id_territoire int NOT NULL REFERENCES $p{territoire} ON DELETE CASCADE,
	date_obs timestamp NOT NULL, temperature float, humidite float, vent_kmh float, pression float, meteo_type varchar(50));
INSERT INTO $p{territoire} (ville, lat, lon) VALUES ('Paris', 48.85, 2.35), ('Nulle part', NULL, NULL);
INSERT INTO $p{meteo} (id_territoire, date_obs, temperature, humidite, vent_kmh, pression, meteo_type) VALUES
	(1, '2025-10-30 12:00', 11.5, 80, 14.4, 1013, 'Clouds'), (1, '2025-10-30 18:00', 9.5, 85, 10.8, 1012, 'Clouds'),
	(2, '2025-10-30 12:00', 1, 1, 1, 1, 'Clouds');
SQL
	$sql .= <<"SQL";
CREATE TABLE $p{document} (id_doc serial PRIMARY KEY, id_flux int REFERENCES $p{flux} ON DELETE SET NULL,
	id_territoire int REFERENCES $p{territoire} ON DELETE SET NULL, titre text, texte text, langue varchar(10),
	date_publication timestamp, hash_fingerprint varchar(64) UNIQUE);
CREATE TABLE $p{evenement} (id_event serial PRIMARY KEY, id_theme int, date_event timestamp, avg_tone float,
	source_event varchar(50));
CREATE TABLE $p{document_evenement} (id_doc int REFERENCES $p{document} ON DELETE CASCADE,
	id_event int REFERENCES $p{evenement} ON DELETE CASCADE, PRIMARY KEY (id_doc, id_event));
INSERT INTO $p{type_donnee} (libelle) VALUES ('Fichier plat'), ('API'), ('Web Scraping'), ('Big Data'), ('Baromètre DataSens');
INSERT INTO $p{source} (id_source, id_type_donnee, nom, url, fiabilite) VALUES
	(1, 1, 'Kaggle CSV', 'https://www.kaggle.com', 0.8),
	(2, 2, 'OpenWeatherMap', 'https://openweathermap.org/api', 0.9),
	(3, 2, 'Flux RSS Multi-Sources', 'https://www.francetvinfo.fr/titres.rss', 0.95),
	(4, 3, 'Web Scraping Multi-Sources', 'https://www.data.gouv.fr', 0.85),
	(5, 4, 'GDELT GKG', 'http://data.gdeltproject.org/gdeltv2/', 0.9),
	(6, 5, 'Baromètre politique', '', 0.8), (7, 2, 'Flux RSS Multi-Sources', '', 0.8);
INSERT INTO $p{flux} (id_flux, id_source, date_collecte, format, manifest_uri) VALUES
	(1, 1, '2025-10-30 09:00:00.5', 'csv', 's3://datasens-raw/kaggle/k.csv'),
	(2, 3, '2025-10-31 09:00', 'rss', 's3://datasens-raw/rss/r.csv'), (3, 4, '2025-11-01 09:00', 'html', NULL),
	(4, 5, '2025-11-02 09:00', 'csv', NULL), (5, 3, '2025-11-03 09:00', 'rss', NULL), (6, 3, '2025-11-03 09:00', 'rss', NULL),
	(7, 7, '2025-11-04 09:00', 'rss', NULL);
INSERT INTO $p{document} (id_doc, id_flux, titre, texte, langue, date_publication, hash_fingerprint) VALUES @{[ rows(@documents) ]};
UPDATE $p{document} SET id_territoire = 1 WHERE id_doc = 2;
INSERT INTO $p{evenement} (date_event, avg_tone, source_event) VALUES ('2025-11-02', -3.5, 'GDELT'), ('2025-11-02', 1.25, 'GDELT');
INSERT INTO $p{document_evenement} VALUES (7, 1), (7, 2);
SQL
	$node->safe_psql($database, $sql);
	return;
}

sub sql
{
	my ($database, $sql) = @_;
	return $node->safe_psql($database, $sql);
}

# Everything in their schema.
sub contents
{
	my ($database, $schema) = @_;
	return sql($database, "SELECT query_to_xml(format('SELECT * FROM %s ORDER BY 1', c.oid::regclass), true, true, '')
		FROM pg_class c WHERE relnamespace = '$schema'::regnamespace AND relkind = 'r' AND relname !~ '^(pg_|datasens)'
		ORDER BY relname");
}

# Runs the script, and returns its error output and what it shows.
sub adopt
{
	my ($database, $schema, @more) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ 'psql', '-XAt', '-h', $node->host, '-p', $node->port, '-d', $database, '-v', "schema=$schema", @more, '-f', $script ],
		'>', \$out, '2>', \$err);
	return ($err, $out);
}

my $nothing = "source|7|0|7\nflux|7|0|7\ndocument|9|0|9\nmeteo|3|0|3\nevenement|2|0|2\n";
my %plain = map { $_ => $_ } qw(type_donnee source flux document territoire meteo evenement document_evenement);
my %numbered = (type_donnee => 't01_type_donnee', source => 't02_source', flux => 't03_flux', document => 't04_document',
	commune => 't16_commune', territoire => 't17_territoire', meteo => 't19_meteo', evenement => 't25_evenement',
	document_evenement => 't27_document_evenement');

for my $case ([ 'plain', 'public', \%plain ], [ 'numbered', 'notebook', \%numbered ])
{
	my ($database, $schema, $tables) = @$case;
	sql('postgres', "CREATE DATABASE $database");
	notebook($database, $schema eq 'notebook' ? 'datasens' : $schema, %$tables);
	if ($schema eq 'notebook')
	{
		my ($code, $out, $err) = $node->psql($database, 'CREATE EXTENSION datasens');
		like($err, qr/schema "datasens" already exists/, "$database: their schema is in the way of ours");
		sql($database, 'ALTER SCHEMA datasens RENAME TO notebook');
	}
	sql($database, 'CREATE EXTENSION datasens');
	my $before = contents($database, $schema);

	my ($err, $out) = adopt($database, $schema);
	is($err, '', "$database: adopted");
	is($out, <<'OUT', "$database: what became of each source, and how many of what");
Kaggle CSV|kaggle|inactive until it has options
OpenWeatherMap|owm|inactive until it has options
Flux RSS Multi-Sources|rss|collected from now on
Web Scraping Multi-Sources|scraping|inactive until it has options
GDELT GKG|gdelt|collected from now on
Baromètre politique|inconnu|inactive: of no known kind
notebook|inconnu|inactive: of no known kind
source|7|6|1
flux|7|7|0
document|9|8|1
meteo|3|2|1
evenement|2|2|0
OUT
	is(contents($database, $schema), $before, "$database: their tables are as they were");
	is(sql($database, 'SELECT * FROM datasens_check()'), '', "$database: datasens_check() finds nothing wrong");

	# Queries of the notebooks: the same numbers from theirs and from ours.
	my $counts = q{SELECT s.nom, count(d.id_doc), max(f.date_collecte AT TIME ZONE 'UTC') FROM %s s LEFT JOIN %s f ON s.id_source = f.id_source
		LEFT JOIN %s d ON f.id_flux = d.id_flux AND (titre, texte) IS DISTINCT FROM (NULL, NULL)
		WHERE nom <> 'notebook' GROUP BY s.nom ORDER BY s.nom};
	my $theirs = sql($database, sprintf($counts =~ s/ AT TIME ZONE 'UTC'//r, map { "$schema.$tables->{$_}" } qw(source flux document)));
	is(sql($database, sprintf($counts, map { "datasens.$_" } qw(source flux document))), $theirs, "$database: documents of each source");
	is(sql($database, "SELECT id_doc FROM $schema.$tables->{document} o WHERE NOT EXISTS (SELECT FROM datasens.document d
			WHERE d.id_doc = o.id_doc AND d.titre = o.titre AND d.texte = o.texte AND d.langue = o.langue
				AND d.date_publication IS NOT DISTINCT FROM o.date_publication AT TIME ZONE 'UTC')"),
		11, "$database: every document with its number, but that which is empty");
	is(sql($database, 'SELECT id_doc, hash_fingerprint FROM datasens.document ORDER BY id_doc'),
		join("\n", map { "$_->[0]|" . (defined $_->[6] && length $_->[6] == 64 ? lc $_->[6] : fingerprint(@$_[ 2, 3 ])) }
			  grep { defined $_->[2] } @documents),
		"$database: fingerprints as they were; made where there was none");
	is(sql($database, q{SELECT id_doc FROM datasens.document WHERE meta ->> 'empreinte_reprise' = hash_fingerprint::text ORDER BY 1}),
		"1\n4\n7", "$database: those of something else than title and text are marked");
	is(sql($database, q{SELECT meta ->> 'territoire' FROM datasens.document WHERE id_doc = 2}), 'Paris', "$database: the place");
	is(sql($database, q{SELECT id_evenement, date_event, avg_tone FROM datasens.document, jsonb_array_elements_text(meta -> 'evenements') AS n
			JOIN datasens.evenement ON id_evenement = n::bigint WHERE id_doc = 7}),
		"-1|2025-11-02|-3.5\n-2|2025-11-02|1.25", "$database: events, and what tells of them");
	is(sql($database, q{SELECT ville, lat, lon, date_obs, temperature, vent_kmh, type_meteo FROM datasens.meteo ORDER BY date_obs}),
		"Paris|48.85|2.35|2025-10-30 12:00:00+00|11.5|14.4|Clouds\nParis|48.85|2.35|2025-10-30 18:00:00+00|9.5|10.8|Clouds",
		"$database: the weather");
	is(sql($database, q{SELECT nom, total_docs, derniere_collecte FROM datasens_health() WHERE nom IN ('notebook', 'GDELT GKG') ORDER BY nom}) =~
		  s/\|[^|]*$//r, "GDELT GKG|1|2025-11-02 09:00:00+00\nnotebook|5", "$database: counted");
	is(sql($database, q{SELECT details FROM datasens.journal WHERE action = 'ADOPTION'}),
		"schema $schema: 6 source, 7 flux, 8 document, 2 meteo, 2 evenement", "$database: a line in the journal");

	($err, $out) = adopt($database, $schema);
	is($err . $out, $nothing, "$database: a second time nothing");
	is(sql($database, q{SELECT count(*) FROM datasens.journal WHERE action = 'ADOPTION'}), 1, "$database: which is no line");

	# The notebook runs once more.
	sql($database, "SET search_path = $schema; INSERT INTO $tables->{flux} (id_flux, id_source, date_collecte, format)
			VALUES (20, 3, '2025-11-05 09:00', 'rss');
		INSERT INTO $tables->{document} (id_doc, id_flux, titre, texte, hash_fingerprint) VALUES
			(20, 20, 'Du nouveau', 'sous le soleil', '@{[ fingerprint('Du nouveau', 'sous le soleil') ]}'),
			(21, 2, 'Un retard', 'du même flux', '@{[ fingerprint('Un retard', 'du même flux') ]}'),
			(22, 5, 'La une', 'Le premier article', NULL)");
	sql($database, q{SELECT datasens_add_source('rss', 'Une autre', 'https://example.org/rss')});
	($err, $out) = adopt($database, $schema);
	is($err . $out, "source|7|0|7\nflux|8|1|7\ndocument|12|2|10\nmeteo|3|0|3\nevenement|2|0|2\n", "$database: what has come since");
	is(sql($database, q{SELECT id_flux, nb_lus, nb_inseres FROM datasens.flux WHERE id_flux IN (2, 20) ORDER BY 1}), "2|5|5\n20|1|1",
		"$database: in its runs");
	is(sql($database, 'SELECT * FROM datasens_check()'), '', "$database: and all is right");
	is(sql($database, q{SELECT id_source FROM datasens.source WHERE nom = 'Une autre'}) > 7 ? 1 : 0, 1, "$database: new numbers are beyond theirs");
}

# Numbers that are taken, names that are known, what was forgotten; times of another zone; as the
# database's owner, who is no superuser.
sql('postgres', 'CREATE ROLE proprietaire LOGIN; CREATE DATABASE mixed OWNER proprietaire');
notebook('mixed', 'carnet', %plain);
sql('mixed', q{CREATE EXTENSION datasens;
	GRANT USAGE ON SCHEMA carnet TO proprietaire; GRANT SELECT ON ALL TABLES IN SCHEMA carnet TO proprietaire;
	SELECT datasens_add_source('gdelt', 'Monde'), datasens_add_source('owm', 'OpenWeatherMap', options => '{"villes": ["Paris"]}');
	INSERT INTO datasens.flux (id_source, statut, nb_lus, nb_inseres) VALUES (1, 'succes', 1, 1);
	INSERT INTO datasens.document (id_flux, titre, texte, hash_fingerprint) VALUES (1, 'a', 'b', datasens_hash('a', 'b'));
	UPDATE datasens.etat_source SET total_docs = 1 WHERE id_source = 1;
	INSERT INTO datasens.oubli (hash_fingerprint) VALUES (datasens_hash('La suite', 'Le second article'))});
my ($err, $out) = adopt('mixed', 'carnet', '-v', 'fuseau=Europe/Paris', '-U', 'proprietaire');
is($err, '', 'mixed: adopted by the owner');
like($out, qr/^source\|7\|5\|2\nflux\|7\|7\|0\ndocument\|9\|7\|2\n/m, 'mixed: but for what is known, or forgotten');
is(sql('mixed', q{SELECT nom FROM datasens.source WHERE id_source IN (SELECT id_source FROM datasens.flux
		JOIN datasens.document USING (id_flux) WHERE titre IN ('a', 'Un avis', 'GDELT FR')) ORDER BY nom}),
	"GDELT GKG\nKaggle CSV\nMonde", 'mixed: each document has its source');
is(sql('mixed', q{SELECT date_publication FROM datasens.document WHERE titre = 'La une'}), '2025-10-31 07:30:00+00', 'mixed: times of Paris');
is(sql('mixed', 'SELECT * FROM datasens_check()'), '', 'mixed: and all is right');

# A source of a type that is nobody's.
($err) = ($node->psql('plain', q{SELECT datasens_enable_source('Baromètre politique')}))[2];
like($err, qr/unknown type of source "inconnu".*HINT:  Valid types are/s, 'an unknown type cannot be collected');
is(sql('plain', q{SELECT datasens_enable_source('Baromètre politique', false);
		SELECT datasens_drop_source('Baromètre politique'), datasens_drop_source('notebook', true);
		SELECT count(*) FROM datasens.source WHERE type_source = 'inconnu'}) =~ s/[|\s]//gr, 0, 'but be dropped');
is(sql('plain', 'SELECT * FROM datasens_check()'), '', 'with all that it had');

# What cannot be.
for my $case ([ 'mixed', 'nulle_part', qr/no table t04_document or document in the schema "nulle_part".*HINT:  Name the schema/s ],
	[ 'mixed', 'datasens', qr/tables in the schema "datasens" are those of the extension itself/ ],
	[ 'postgres', 'public', qr/the extension datasens is not in this database.*HINT:  CREATE EXTENSION/s ])
{
	my ($database, $schema, $expected) = @$case;
	($err, $out) = adopt($database, $schema);
	like($err, $expected, "refused: $schema in $database");
}

done_testing();
