# The kind owm: places and their readings; what the service says instead of one; its key,
# from wherever it comes, seen nowhere; calls spread.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use Encode qw(decode encode);
use IPC::Run ();
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $web = DatasensWeb->new(bind => ['127.0.0.2']);
my $directory = PostgreSQL::Test::Utils::tempdir;
my $key = 'c1e-muette/0+';
my $coded = 'c1e-muette%2F0%2B';
my $node = DatasensNode::start('main', 'datasens.owm_schedule' => '0 0 1 1 *',
	'datasens.retry_delay' => '1s', 'datasens.max_retries' => 1, 'log_min_duration_statement' => 0);
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

# The bodies that the service really gave.
my %bodies;
for my $line (split /\n/, slurp_file("$FindBin::RealBin/../corpus/owm/responses.jsonl"))
{
	my $case = decode_json($line);
	$bodies{ $case->{id} } = $case->{body};
}

sub sql
{
	return $node->safe_psql('postgres', @_);
}

# Has the service answer so where it is asked for the place.
sub service
{
	my ($place, $status, $body, %more) = @_;
	my $suffix = delete $more{suffix} // 'units=metric&lang=fr';
	$web->control('set', path => "/data/weather?$place&$suffix&appid=" . (delete $more{key} // $coded),
		status => $status, body => decode('UTF-8', $body), type => 'application/json', %more);
	return;
}

my $number = 0;
my $nom;

sub add
{
	my ($options) = @_;
	my $json = encode_json({ api => $web->url('/data'), appels_par_minute => 60000, %$options });
	$nom = 'meteo ' . ++$number;
	$json =~ s/'/''/g;
	sql("SELECT datasens_add_source('owm', '$nom', options => '$json')");
	return;
}

sub collect
{
	return sql("SELECT statut, nb_lus, nb_inseres, nb_doublons, nb_rejetes FROM datasens_collect('$nom')");
}

sub last_error
{
	return sql('SELECT erreur FROM datasens.flux ORDER BY id_flux DESC LIMIT 1');
}

sub asked
{
	return map { $_->{target} } @{ $web->log->{requests} };
}

# ---- without a key, and with a wrong one ----

add({ villes => ['Paris,FR'] });
is(collect(), 'echec|0|0|0|0', 'without a key');
like(last_error(), qr/^secret: the secret "owm_api_key" is missing; set it by SELECT datasens_set_secret\('owm_api_key'/,
	'it is said which and how to set it');
is(scalar asked(), 0, 'and nothing is asked');
sql("SELECT datasens_set_secret('owm_api_key', 'fausse-cle')");
add({ villes => [ map { "Ville$_" } 1 .. 50 ] });
service("q=Ville$_", 401, $bodies{19}, key => 'fausse-cle') for 1 .. 50;
is(collect(), 'echec|0|0|0|0', 'with a wrong key');
like(last_error(), qr/^50 of 50 URLs failed; secret: the service refuses the key \(HTTP status 401.*datasens_set_secret\('owm_api_key'/,
	'the same');
cmp_ok(scalar asked(), '<', 15, 'it is not tried for every place');
is(sql("SELECT tentative, echecs_consecutifs FROM datasens.etat_source JOIN datasens.source USING (id_source)
		WHERE nom = '$nom'"), '0|1', 'nor again');

# ---- places ----

sql("SELECT datasens_set_secret('owm_api_key', '$key')");
service('q=Paris%2CFR', 200, $bodies{9});
service('lat=49.2497&lon=-123.1193', 200, $bodies{15});
service('id=5128581', 200, $bodies{12}, suffix => 'units=metric&lang=fr');
add({ villes => [ ' Paris,FR ', { lat => 49.2497, lon => -123.1193 }, { id => 5128581 } ], documents => JSON::PP::true });
is(collect(), 'succes|6|6|0|0', 'a name, a point, a number; a row and a document each');
is(sql("SELECT ville, pays, lat, lon, date_obs AT TIME ZONE 'UTC', temperature, ressenti, humidite, vent_kmh,
		pression, type_meteo, description FROM datasens.meteo ORDER BY ville"),
	"New York|US|40.73|-73.99|2019-12-01 19:56:23|272.94||86|33.48|1007|Rain|moderate rain, mist\n"
	  . "Paris|FR|48.8534|2.3488|2022-02-19 11:42:17|8.72|5.23|62|25.92|1020|Clouds|peu nuageux\n"
	  . "Vancouver|CA|49.2497|-123.1193|2021-02-13 20:24:50|-0.85|-5.25|93|11.12|1011|Snow|snow", 'the readings');
is(sql("SELECT meta ->> 'lever', meta ->> 'decalage', meta ->> 'nuages', meta -> 'brut' ->> 'base'
		FROM datasens.meteo WHERE ville = 'Paris'"), '2022-02-19T07:52:12+01:00|3600|20|stations', 'and the rest in meta');
is(sql("SELECT titre, texte, url, langue, date_publication AT TIME ZONE 'UTC' FROM datasens.document
		WHERE titre ~ 'Paris'"), encode('UTF-8', "M\x{e9}t\x{e9}o Paris|Paris, le 19/02/2022 \x{e0} 12:42 (heure locale) : peu nuageux. "
		  . "Temp\x{e9}rature : 8.72 \x{b0}C. Ressenti : 5.23 \x{b0}C. Humidit\x{e9} : 62 %. Pression : 1020 hPa. Vent : 25.92 km/h."
		  . '|https://openweathermap.org/city/2988507|fr|2022-02-19 11:42:17'), 'a document');
is(collect(), 'inchange|0|0|0|0', 'the same answers');
is(sql("SELECT count(*) FROM datasens.cache_http WHERE url ~ ('appid|mu' || 'ette') OR url !~ '/data/weather\\?(q|lat|id)='"), 0,
	'are known by addresses without the key');
service('q=Paris%2CFR', 200, $bodies{9} =~ s/"cod":200/"cod":200,"vu":1/r);
is(collect(), 'succes|2|0|2|0', 'the same reading in another answer');
service('q=Paris%2CFR', 200, $bodies{9} =~ s/1645270937/1645274537/r);
is(collect(), 'succes|2|2|0|0', 'the next reading');
add({ villes => [ { id => 2988507 }, 'Paris,FR' ] });
service('id=2988507', 200, $bodies{9});
is(collect(), 'succes|2|0|2|0', 'the same place by another name, by another source');

# A reading that a user's constraint refuses is told, and takes no other along.
sql("ALTER TABLE datasens.meteo ADD CONSTRAINT essai CHECK (ville <> 'London')");
service('q=Londres', 200, $bodies{2});
service('q=Paris%2CFR', 200, $bodies{9} =~ s/1645270937/1645278137/r);
add({ villes => [ 'Londres', 'Paris,FR' ] });
is(collect(), 'succes|2|1|0|1', 'a row that a constraint refuses');
is(sql("SELECT motif, split_part(brut, E'\\n', 1) FROM datasens.rejet ORDER BY id_rejet DESC LIMIT 1"),
	'new row for relation "meteo" violates check constraint "essai" (SQLSTATE 23514)|ville=London', 'is kept for a look');
sql('ALTER TABLE datasens.meteo DROP CONSTRAINT essai');

# Units, language.
service('q=Zocca', 200, $bodies{16}, suffix => 'units=standard&lang=en');
add({ villes => ['Zocca'], unites => 'standard', langue => 'en', documents => JSON::PP::true });
is(collect(), 'succes|2|2|0|0', 'kelvins');
is(sql("SELECT temperature, ressenti, vent_kmh, meta ->> 'rafale_kmh', meta ->> 'pluie_1h', meta -> 'brut' -> 'main' ->> 'grnd_level'
		FROM datasens.meteo WHERE ville = 'Zocca'"), '25.33|25.59|2.23|4.25|3.16|933', 'are degrees Celsius in the table, the wind is in km/h');
is(sql("SELECT titre, langue, substr(texte, 1, 53) FROM datasens.document WHERE titre ~ 'Zocca'"),
	'Weather Zocca|en|Zocca, 2022-08-30 16:43 (local time): moderate rain. ', 'the document is in English');
my $ville = "Saint-\x{c9}tienne";
service('q=Saint-%C3%89tienne', 200, $bodies{2} =~ s/London/$ville/r =~ s/4.63/"10"/r, suffix => 'units=imperial&lang=pt_br');
add({ villes => [$ville], unites => 'imperial', langue => 'pt_br' });
is(collect(), 'succes|1|1|0|0', 'miles, an accent, a number as a string');
is(sql("SELECT vent_kmh, temperature FROM datasens.meteo WHERE ville ~ 'tienne'"), '16.09|139.83', 'are converted');

# ---- what else may come ----

# Retries are made by hand here: a collector's own, a second after a failure, would come in between.
DatasensNode::reload($node, 'datasens.enabled', 'off');
my %trouble = (
	'q=Nullepart' => [ 404, $bodies{17} ],
	'q=HTML' => [ 200, '<html><body>Connexion au portail</body></html>' ],
	'q=Coupe' => [ 200, substr($bodies{16}, 0, 200) ],
	'q=Dedans' => [ 200, $bodies{17} ],
	'q=Vide' => [ 200, '{}' ]);
service($_, @{ $trouble{$_} }) for keys %trouble;
add({ villes => [ 'Paris,FR', map { s/^q=//r } sort keys %trouble ] });
is(collect(), 'partiel|1|0|1|0', 'a place that is none, a web page, half an answer: the others are kept');
is(sql("SELECT echecs_consecutifs, curseur FROM datasens.etat_source JOIN datasens.source USING (id_source) WHERE nom = '$nom'"),
	'0|{"reste": ["' . $web->url('/data/weather?q=Coupe&units=metric&lang=fr') . '"]}', 'what was cut is asked again');
for my $case (
	[ 'q=Nullepart' => qr/^http: Nullepart: the service knows no such place \(HTTP status 404\)$/ ],
	[ 'q=HTML' => qr/^parse: HTML: a web page instead of JSON$/ ],
	[ 'q=Coupe' => qr/^truncated: Coupe: the JSON ends in its middle, after 200 bytes$/ ],
	[ 'q=Dedans' => qr/^http: Dedans: the service says 404: city not found$/ ],
	[ 'q=Vide' => qr/^parse: Vide: the answer has no reading \(main, weather\)$/ ])
{
	add({ villes => [ $case->[0] =~ s/^q=//r ] });
	is(collect(), 'echec|0|0|0|0', "$case->[0] alone");
	like(last_error(), $case->[1], 'is told apart');
}
$web->reset;
service('q=Coupe', 200, $bodies{15});
$nom = 'meteo ' . ($number - 5);
is(collect(), 'succes|1|0|1|0', 'the retry');
is(join(' ', asked()), "/data/weather?q=Coupe&units=metric&lang=fr&appid=$coded", 'asks only for what was cut');

# ---- too many calls ----

service('q=Trop', 429, $bodies{21});
add({ villes => [ 'Paris,FR', 'Trop' ], api => $web->url('/data', '127.0.0.2') });
service('q=Paris%2CFR', 200, $bodies{9});
is(collect(), 'partiel|1|0|1|0', 'more calls than allowed');
like(last_error(), qr/^1 of 2 URLs failed; http: Trop: more calls than the account allows \(HTTP status 429\): see option appels_par_minute$/,
	'is said so');
is(sql("SELECT hote, reessayer_apres BETWEEN date_collecte + interval '59 s' AND date_collecte + duree + interval '61 s'
		FROM datasens.hote, (SELECT * FROM datasens.flux ORDER BY id_flux DESC LIMIT 1) AS dernier"),
	$web->url('', '127.0.0.2') . '|t', 'and the service is left alone for a minute');
sql('DELETE FROM datasens.hote');
service('q=Trop', 429, $bodies{21}, header => 'Retry-After: 700');
is(collect(), 'echec|0|0|0|0', 'or for as long as it says');
is(sql("SELECT reessayer_apres > now() + interval '690 s' FROM datasens.hote"), 't', 'which is remembered');
sql('DELETE FROM datasens.hote');

# ---- calls are spread ----

service("q=Ville$_", 200, $bodies{7} =~ s/1620587554/16205875$_/r) for 60 .. 65;
add({ villes => [ map { "Ville$_" } 60 .. 65 ], appels_par_minute => 600 });
my $asked_before = asked();
is(collect(), 'succes|6|6|0|0', 'six places, ten calls a second at most');
my @times = map { $_->{time} } @{ $web->log->{requests} }[ $asked_before .. $asked_before + 5 ];
cmp_ok($times[5] - $times[0], '>=', 0.45, 'are not asked at once');
add({ villes => [ map { "Ville$_" } 60 .. 65 ], appels_par_minute => 1 });
my ($code, $out, $err) = (0, '', '');
my $waiting = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', "SELECT datasens_collect('$nom')" ],
	'>', \$out, '2>', \$err, IPC::Run::timeout(60));
while (asked() == $asked_before + 6)
{
	$waiting->pump_nb;
	select undef, undef, undef, 0.05;
}
sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT datasens_collect%'");
$waiting->finish;
like($err, qr/canceling statement due to user request/, 'who waits for a slow pace can cancel');
is(asked() - $asked_before - 6, 1, 'one was asked meanwhile');

# ---- the key: from where, and where it is not ----

add({ villes => ['Cle'] });
service('q=Cle', 200, $bodies{0}, key => 'nouvelle-cle');
sql("SELECT datasens_set_secret('owm_api_key', 'nouvelle-cle')");
is(collect(), 'succes|1|1|0|0', 'a changed key holds for the next run');
sql("SELECT datasens_set_secret('owm_api_key', NULL)");
append_to_file("$directory/cle", "  cle-du-fichier \n");
DatasensNode::reload($node, 'datasens.owm_api_key_file' => "$directory/cle");
service('q=Cle', 200, $bodies{0} =~ s/1498490280/1498490281/r, key => 'cle-du-fichier');
is(collect(), 'succes|1|1|0|0', 'then the file');
for my $case ([ "$directory/absent" => qr/could not read file "[^"]*absent", which datasens.owm_api_key_file names: No such file/ ],
	[ $directory => qr/could not read file/ ], [ "$directory/vide" => qr/file "[^"]*vide", which datasens.owm_api_key_file names, is empty/ ])
{
	append_to_file("$directory/vide", "\n");
	DatasensNode::reload($node, 'datasens.owm_api_key_file' => $case->[0]);
	is(collect(), 'echec|0|0|0|0', "with $case->[0]");
	like(last_error(), qr/^secret: $case->[1]/, 'it is said why');
}
$node->safe_psql('postgres', 'ALTER SYSTEM RESET datasens.owm_api_key_file');
{
	local $ENV{OWM_API_KEY} = 'cle-du-serveur';
	$node->restart;
}
service('q=Cle', 200, $bodies{0} =~ s/1498490280/1498490282/r, key => 'cle-du-serveur');
is(collect(), 'succes|1|1|0|0', 'then the environment');
DatasensNode::reload($node, 'datasens.enabled', 'on');
sql("SELECT datasens_collect_async('$nom')");
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = 1 FROM datasens.flux JOIN datasens.source USING (id_source)
	WHERE nom = '$nom' AND statut = 'inchange'", 'a collector has it, too');

# The service moves, and has the key in the address that it tells.
service('q=Bouge', 301, '', key => 'cle-du-serveur',
	header => 'Location: ' . $web->url('/ailleurs?appid=cle-du-serveur', '127.0.0.2'));
$web->control('set', path => '/ailleurs', status => 200, body => $bodies{7}, type => 'application/json');
add({ villes => ['Bouge'] });
is(collect(), 'succes|1|1|0|0', 'a redirect that repeats the key');
$web->control('set', path => '/ailleurs', status => 410, body => '');
is(collect(), 'echec|0|0|0|0', 'and leads nowhere');
my $all = sql("SELECT string_agg(query_to_xml(format('SELECT t::text FROM datasens.%I AS t', relname), true, false, '')::text, '')
	FROM pg_class WHERE relnamespace = 'datasens'::regnamespace AND relkind IN ('r', 'v') AND relname <> 'secret'");
unlike($all, qr/muette|fausse-cle|nouvelle-cle|cle-du-fichier|cle-du-serveur/, 'no table has a key');
like($all, qr/appid=\*\*\*/, 'but its mask');
unlike(slurp_file($node->logfile), qr/muette|fausse-cle|nouvelle-cle|cle-du-fichier|cle-du-serveur/, 'nor has the log');

# ---- options ----

for my $case (
	[ '{}', qr/option "villes" is not a list of places.*HINT:  It is written as/s ],
	[ '{"villes": "Paris"}', qr/option "villes" is not a list/ ],
	[ '{"villes": ["Paris", 3]}', qr/element 2 of option "villes" is not a place.*HINT:  A place is written/s ],
	[ '{"villes": [{"lat": 1}]}', qr/element 1/ ],
	[ '{"villes": [{"lat": 91, "lon": 0}]}', qr/element 1/ ],
	[ '{"villes": [{"lat": "1", "lon": 0}]}', qr/element 1/ ],
	[ '{"villes": [{"id": 0}]}', qr/element 1/ ],
	[ '{"villes": [{"id": 1, "lat": 1}]}', qr/element 1/ ],
	[ '{"villes": [" "]}', qr/element 1/ ],
	[ '{"villes": ["Paris"], "unites": "kelvin"}', qr/option "unites" is "kelvin".*metric, standard, imperial/s ],
	[ '{"villes": ["Paris"], "langue": "fr&appid=x"}', qr/option "langue" is not a word/ ],
	[ '{"villes": ["Paris"], "appels_par_minute": 0}', qr/option "appels_par_minute" is not a number from 1/ ],
	[ '{"villes": ["Paris"], "documents": "oui"}', qr/option "documents" is neither true nor false/ ],
	[ '{"villes": ["Paris"], "api": "ftp://x"}', qr/URL "ftp:\/\/x" cannot be collected/ ],
	[ '{"villes": ["Paris"], "cle": "x"}', qr/unknown option "cle".*villes, unites/s ])
{
	my ($code, $out, $err) = $node->psql('postgres', "SELECT datasens_add_source('owm', 'faux', options => '$case->[0]')");
	like($err, $case->[1], "refused: $case->[0]");
}
($code, $out, $err) = $node->psql('postgres',
	"SELECT datasens_add_source('owm', 'faux', 'http://x.test/', options => '{\"villes\": [\"Paris\"]}')");
like($err, qr/source "faux" of type owm has a URL.*HINT:  Give the places/s, 'refused: a URL');

# ---- what was collected is kept ----

($code, $out, $err) = $node->psql('postgres', 'TRUNCATE datasens.document; DROP EXTENSION datasens');
like($err, qr/holds collected documents.*datasens\.meteo/s, 'readings are not dropped by accident');
($code, $out, $err) = $node->psql('postgres', "DELETE FROM datasens.flux WHERE id_flux = (SELECT min(id_flux) FROM datasens.meteo)");
like($err, qr/cannot delete flux/, 'nor is their flux');
is(sql("SELECT datasens_drop_source('meteo 3', true); SELECT count(*) FROM datasens.meteo WHERE ville = 'New York'"), "\n0",
	'a source goes with them');
ok(!$node->log_contains('PANIC|segfault|terminated by signal'), 'nobody was hurt');
$node->stop;
done_testing();
