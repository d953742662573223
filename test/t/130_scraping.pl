# Crawls of a site on many hosts: exactly what may be asked is asked, at each host's pace.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;

my $delay = 0.05;
my $hosts = 9;
my $web = DatasensWeb->new(script => 'crawl_site.py', arguments => [ '--hosts', $hosts, '--articles', 12 ]);
my $node = DatasensNode::start('main', 'datasens.host_delay' => $delay * 1000 . 'ms',
	'datasens.scraping_schedule' => '', 'datasens.retry_delay' => '1h',
	'datasens.contact' => 'https://exemple.fr/robot');
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');
$node->safe_psql('postgres', 'CREATE DATABASE autre');
$node->safe_psql('autre', 'CREATE EXTENSION datasens');

sub add
{
	my ($database, $nom, $url, %options) = @_;
	my $json = encode_json(\%options);
	$url = $url ? "'$url'" : 'NULL';
	$node->safe_psql($database,
		"SELECT datasens_add_source('scraping', '$nom', $url, options => '$json')");
	return;
}

sub collect
{
	my ($nom) = @_;
	return $node->safe_psql('postgres',
		"SELECT statut, nb_lus, nb_inseres, nb_doublons FROM datasens_collect('$nom')");
}

# How often each page was asked for: {"host target" => n}.
sub asked
{
	my %asked;
	$asked{"$_->{host} $_->{target}"}++ for @{ $web->log };
	return \%asked;
}

# The smallest time between two requests at a host.
sub smallest_gap
{
	my ($host) = @_;
	my @times = sort { $a <=> $b } map { $_->{time} } grep { $_->{host} eq $host } @{ $web->log };
	my @gaps = sort { $a <=> $b } map { $times[$_] - $times[ $_ - 1 ] } 1 .. $#times;
	return $gaps[0];
}

# ---- the whole site, by a collector ----

my @fronts = map { $web->url('/', "127.0.0.$_") } 1 .. $hosts;
add('postgres', 'site', undef, pages => \@fronts, profondeur => 30);
$node->safe_psql('postgres', "SELECT datasens_collect_async('site')");
DatasensNode::wait_for($node, 'postgres', 'SELECT count(*) = 1 FROM datasens.flux', 'a crawl ends');
my $asked = asked();
my $expected = $web->control('expected');
is_deeply([ sort keys %$asked ], $expected, 'what may be asked was asked, and nothing else');
# The busy host turned one page away, which was then asked again.
is_deeply([ grep { $asked->{$_} > 1 && !/^127.0.0.4 / } sort keys %$asked ], [], 'no page twice');
is(scalar(grep { $asked->{$_} > 1 } keys %$asked), 1, 'but the one that was turned away');
for my $i (1 .. 7)
{
	my $least = $i == 2 ? 0.15 : $delay;
	cmp_ok(smallest_gap("127.0.0.$i"), '>=', $least, "the pace of 127.0.0.$i");
}
my %last;
$last{ $_->{host} } = $_->{time} for @{ $web->log };
cmp_ok($last{'127.0.0.1'}, '<', $last{'127.0.0.3'} - 1, 'a slow host is slow by itself');
like($web->log->[0]{agent}, qr{^datasens/[\d.]+ \(\+https://exemple\.fr/robot\)$}, 'it says who it is');
my ($statut, $erreur) = split /\|/,
  $node->safe_psql('postgres', 'SELECT statut, erreur FROM datasens.flux');
is($statut, 'partiel', 'pages that cannot be had make it partial');
like($erreur, qr/robots: the robots\.txt of http:\S+9:\d+ forbids/, 'a start that is forbidden is told');
like($erreur, qr/http: nothing of http:\S+8:\d+ is asked now, as its robots\.txt cannot be: HTTP status 503/,
	'so is a host whose robots.txt is not to be had');
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT url) FROM datasens.document'),
	'254|254', 'each page is a document once');
is($node->safe_psql('postgres', "SELECT count(*) FROM datasens.document WHERE url ~ 'noindex|zid=2|imprimer'"),
	0, 'not those that are not to be kept, nor copies');
like($node->safe_psql('postgres', 'SELECT datasens_version_log()'),
	qr/`ROBOTS_REFUS` \| site: robots\.txt forbids \d+ pages: http/, 'the journal says what was forbidden');
like($node->safe_psql('postgres', 'SELECT datasens_version_log()'),
	qr/`PAGES_ECARTEES` \| site: \d+ addresses look endless: http/, 'and what looked endless');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT e.value ->> 1, ' ') ~ '/erreur/500'
	FROM datasens.etat_source, jsonb_array_elements(curseur -> 'plus_tard') AS e}), 't',
	'the retry asks for what may pass');

# ---- again ----

$web->reset;
add('postgres', 'articles', $web->url('/rubrique/0'), suivre => '/article/\d+$', garder => '/article/');
is(collect('articles'), 'succes|10|0|10', 'links that match are followed, pages that match are kept');
is_deeply([ sort keys %{ asked() } ],
	[ sort map { "127.0.0.1 $_" } '/rubrique/0', map { "/article/$_" } 0 .. 9 ],
	'and no robots.txt is asked for twice a day');
$web->reset;
is(collect('articles'), 'inchange|0|0|0', 'the same pages are known by their bodies');
is(scalar keys %{ asked() }, 11, 'which have to be asked for');
add('postgres', 'peu', $web->url('/'), pages_max => 5, profondeur => 5);
$web->reset;
collect('peu');
is(scalar keys %{ asked() }, 5, 'no more pages than allowed');
for my $way ([ 'sitemap', '/plans.xml' ], [ 'fil', '/fil.xml' ])
{
	my ($option, $path) = @$way;
	$web->reset;
	add('postgres', $option, undef, $option => $web->url($path, '127.0.0.7'));
	is(collect($option), 'succes|5|0|5', "the pages of a $option");
	my @pages = grep { m{/article/} } sort keys %{ asked() };
	is_deeply(\@pages, [ map { "127.0.0.7 /article/$_" } 0 .. 4 ], 'are asked for');
}
add('postgres', 'voisins', $web->url('/article/1'), hotes => ['127.0.0.250'], profondeur => 3,
	suivre => '250', delai => 1);
is(collect('voisins'), 'succes|1|0|1', 'a host that is not there is not one of the site');

# ---- by XPath ----

$web->reset;
add('postgres', 'choisi', $web->url('/rubrique/1', '127.0.0.6'), suivre_xpath => '//li[position() > 1 and position() < 4]',
	titre => 'concat("Le titre : ", //h1)', texte => '//article/p[2]', auteur => '//h1', date => '//time');
is(collect('choisi'), 'succes|3|3|0', 'expressions choose links and texts');
is(join(' ', sort keys %{ asked() }), '127.0.0.6 /article/10 127.0.0.6 /article/11 127.0.0.6 /rubrique/1',
	'the links that were meant');
is($node->safe_psql('postgres', q{SELECT titre, texte ~ '^La ville de \S+ a vu[^\n]*$', auteur, date_publication IS NULL
	FROM datasens.document ORDER BY id_doc DESC LIMIT 1}) =~ s/1[01]/N/gr, 'Le titre : article N de 5|t|article N de 5|t',
	'and the texts');

# ---- two databases at one host ----

$web->reset;
my @pages = map { $web->url("/article/$_") } 0 .. 11;
for my $database ('postgres', 'autre')
{
	add($database, 'ensemble', undef, pages => \@pages);
	$node->safe_psql($database, "SELECT datasens_collect_async('ensemble')");
}
for my $database ('postgres', 'autre')
{
	DatasensNode::wait_for($node, $database, "SELECT count(*) = 1 FROM datasens.flux JOIN datasens.source
		USING (id_source) WHERE nom = 'ensemble' AND statut IN ('succes', 'inchange')", "$database has its pages");
}
cmp_ok(smallest_gap('127.0.0.1'), '>=', $delay, 'they keep its pace together');
is(scalar @{ $web->log }, 25, 'each has asked for each page once');

# ---- pages with validators ----

my $root = PostgreSQL::Test::Utils::tempdir;
my $files = DatasensWeb->new(root => $root);
sub page
{
	my ($name, $text) = @_;
	unlink "$root/$name";
	append_to_file("$root/$name", "<html><head><title>$name</title></head><body><article><h1>$name</h1>"
		  . "<p>$text</p>" x 5 . '</article></body></html>');
	return $files->url("/files/$name");
}
my @named = map { page("$_.html", "Le texte de la page $_, assez long pour en être un, avec sa ponctuation.") } 1 .. 3;
add('postgres', 'valides', undef, pages => [ @named, $files->url('/files/absente.html') ]);
is(collect('valides'), 'partiel|3|3|0', 'a page that is not there does not keep the others away');
page('2.html', 'Et voici un paragraphe de plus, qui change la page et sa date, et donc son document.');
$files->reset;
is(collect('valides'), 'partiel|1|1|0', 'the one that changed is read');
my %statuses = map { $_->{path} => $_->{status} } @{ $files->log->{requests} };
is_deeply(\%statuses, { '/files/1.html' => 304, '/files/2.html' => 200, '/files/3.html' => 304, '/files/absente.html' => 404 },
	'the others are not sent again');

# ---- regular expressions that take long, for each of many links ----

my $far = $files->url('/') . 'abcde' x 380;
append_to_file("$root/liens.html", "<title>Des liens</title><base href='$far/'><p>Une phrase, et des liens, ceux-ci :</p>"
	  . join '', map { "<a href=$_>x</a>" } 1 .. 4000);
append_to_file("$root/liens.html.headers", 'Content-Type: text/html');
add('postgres', 'lent', $files->url('/files/liens.html'), profondeur => 1, pages_max => 5,
	suivre => '(?=[a-e]*a[a-e]{100}[a-e/]*e.f$)');
like($node->safe_psql('postgres', "SELECT statut, erreur FROM datasens_collect('lent')"),
	qr/^echec\|parse: option "suivre" takes too long to match the page's links/, 'are given a second');

# ---- more pages than a commit takes ----

my $large = DatasensWeb->new(script => 'crawl_site.py', arguments => [ '--hosts', 1, '--articles', 1100 ]);
DatasensNode::reload($node, 'datasens.host_delay', '0');
add('postgres', 'grand', $large->url('/'), profondeur => 2, suivre => '/(article|rubrique)/', pages_max => 5000);
$node->safe_psql('postgres', "SELECT datasens_collect_async('grand')");
DatasensNode::wait_for($node, 'postgres', q{SELECT coalesce(sum(nb_lus), 0) = 1211 AND count(*) = 2
	FROM datasens.flux JOIN datasens.source USING (id_source) WHERE nom = 'grand' AND statut = 'succes'},
	'a large crawl is committed as it goes');
my %times;
$times{ $_->{target} }++ for @{ $large->log };
is(scalar keys %times, 1212, 'all pages');
is(scalar(grep { $_ > 1 } values %times), 0, 'and none twice');
is($node->safe_psql('postgres', q{SELECT curseur IS NULL, prochaine_collecte FROM datasens.etat_source
	JOIN datasens.source USING (id_source) WHERE nom = 'grand'}), 't|infinity', 'then it has ended');

is($node->safe_psql('postgres', "SELECT count(*), bool_and(statut = 'inchange') FROM datasens_collect('grand')"),
	'2|t', 'by hand it goes on to its end, too');

# ---- what is no source ----

for my $case (
	[ 'NULL', '{}', qr/needs one place to begin at.*"sitemap"/s ],
	[ "'http://x/'", '{"fil": "http://x/"}', qr/needs one place to begin at/ ],
	[ "'ftp://x/'", '{}', qr/cannot be collected/ ],
	[ 'NULL', '{"sitemap": "x"}', qr/URL "x" cannot be collected/ ],
	[ "'http://x/'", '{"suivre": "("}', qr/invalid regular expression.*option "suivre"/s ],
	[ "'http://x/'", '{"suivre": "^(a*)*\\\\1$"}', qr/option "suivre" has a back reference.*HINT:  Write what/s ],
	[ "'http://x/'", '{"garder": "(?=.*a(?!.*b(?=c)))"}', qr/option "garder" has a look-around within a look-around/ ],
	[ "'http://x/'", '{"suivre": "(x?y?z?){255}b"}', qr/option "suivre" has too much to match.*more than 1000 parts/s ],
	[ "'http://x/'", '{"suivre": "(?x)a # b"}', qr/option "suivre" has an option that changes its syntax/ ],
	[ "'http://x/'", '{"titre": "//["}', qr/option "titre" is not an XPath expression/ ],
	[ "'http://x/'", '{"profondeur": 101}', qr/option "profondeur" is not a number from 0 to 100/ ],
	[ "'http://x/'", '{"pages_max": 0}', qr/option "pages_max" is not a number/ ],
	[ "'http://x/'", '{"hotes": "x"}', qr/option "hotes" is not a list of strings/ ],
	[ "'http://x/'", '{"follow": "x"}', qr/unknown option "follow".*profondeur/s ])
{
	my ($url, $options, $error) = @$case;
	my ($code, $out, $err) = $node->psql('postgres',
		"SELECT datasens_add_source('scraping', 'faux', $url, options => '$options')");
	like($err, $error, "refused: $url $options");
}
ok(!$node->log_contains('PANIC|segfault|terminated by signal'), 'nobody was hurt');
$node->stop;
done_testing();
