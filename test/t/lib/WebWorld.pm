# WebWorld: the web that the READMEs' recipes name, as far as they ask for it, behind a proxy
# (test/web/proxy.py) that stands in for it.
#
#	my $world = WebWorld->new;
#	... 'datasens.proxy' => $world->url, 'datasens.ca_file' => $world->certificate
#
# What each host answers has the shape of what it answers really.
package WebWorld;

use strict;
use warnings;

use Cwd qw(abs_path);
use DatasensWeb;
use Encode qw(encode);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use IO::Compress::Zip qw(zip $ZipError);
use IPC::Run ();
use JSON::PP;
use POSIX qw(strftime);
use PostgreSQL::Test::Utils;

my $test = abs_path(dirname(__FILE__) . '/../..');
my $gdelt = 'data.gdeltproject.org/gdeltv2';

sub new
{
	my ($class) = @_;
	my $directory = PostgreSQL::Test::Utils::tempdir;
	my $self = bless { root => "$directory/world", cert => "$directory/cert.pem" }, $class;

	$self->_feeds;
	$self->_pages;
	$self->_apis;
	$self->_tables;
	$self->_gdelt;
	my $names = join ',', map { "DNS:$_" } sort keys %{ $self->{hosts} };
	system_or_bail('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
		'-subj', '/CN=world', '-addext', "subjectAltName=$names",
		'-keyout', "$directory/key.pem", '-out', $self->{cert});
	$self->{proxy} = DatasensWeb->new(script => 'proxy.py', root => $self->{root},
		arguments => [ '--cert', $self->{cert}, '--key', "$directory/key.pem" ]);
	return $self;
}

# The proxy's URL.
sub url
{
	return $_[0]->{proxy}->url('');
}

# The file of the certificate that it shows for every host.
sub certificate
{
	return $_[0]->{cert};
}

# A feed list as readers export it.
sub opml
{
	return <<'OPML';
<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Subscriptions</title></head><body>
	<outline text="Bases de données">
		<outline type="rss" text="Planet PostgreSQL" xmlUrl="https://planet.postgresql.org/rss20.xml"/>
	</outline>
	<outline type="rss" text="Le Monde, planète" xmlUrl="https://www.lemonde.fr/planete/rss_full.xml"/>
</body></opml>
OPML
}

# A file of the world: HOST/PATH, with what is asked for behind a "?".
sub _file
{
	my ($self, $name, $bytes) = @_;
	my ($host) = split m{/}, $name;

	$self->{hosts}{$host} = 1;
	make_path(dirname("$self->{root}/$name"));
	append_to_file("$self->{root}/$name", $bytes);
	return;
}

sub _rss
{
	my ($self, $name, $n, $link) = @_;
	my $items = join '', map {
		"<item><title>$name, article $_</title><link>" . sprintf($link, $_) . "</link>"
		  . "<pubDate>" . strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime(1.7e9 + 3600 * $_)) . "</pubDate>"
		  . "<description>Le texte de l'article $_ de $name.</description></item>\n"
	} 1 .. $n;

	$self->_file($name, qq(<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>)
		  . "<title>$name</title><link>https://$name</link>\n$items</channel></rss>\n");
	return;
}

sub _feeds
{
	my ($self) = @_;

	$self->_rss('www.postgresql.org/news.rss', 10, 'https://www.postgresql.org/about/news/%d/');
	$self->_rss('www.lemonde.fr/rss/une.xml', 18, 'https://www.lemonde.fr/article/%d.html');
	$self->_rss('www.lemonde.fr/planete/rss_full.xml', 7, 'https://www.lemonde.fr/planete/%d.html');
	$self->_rss('www.francetvinfo.fr/titres.rss', 20, 'https://www.francetvinfo.fr/%d.html');
	$self->_rss('www.20minutes.fr/feeds/rss-une.xml', 15, 'https://www.20minutes.fr/%d');
	$self->_rss('planet.postgresql.org/rss20.xml', 4, 'https://planet.postgresql.org/entry/%d.html');
	return;
}

# An article, or, with links, a page that leads to some.
sub _page
{
	my ($self, $name, @links) = @_;
	my $body = join '', map { qq(<li><a href="$_">À lire : $_</a></li>\n) } @links;

	$body = "<ul>$body</ul>" if @links;
	$body = "<article><h1>La page $name</h1>\n" . ("<p>Un paragraphe de la page $name, assez long pour "
		  . "qu'on voie que c'est du texte, avec une virgule ou deux.</p>\n") x 4 . "</article>" unless @links;
	$self->_file($name, qq(<!DOCTYPE html>\n<html lang="fr"><head><meta charset="utf-8"><title>La page $name</title>)
		  . "</head><body>$body</body></html>\n");
	return;
}

sub _pages
{
	my ($self) = @_;
	my $site = 'www.vie-publique.fr';
	my @articles = map { "fiches/29653$_-un-titre" } 1 .. 3;

	$self->_page("$site/economie", map { "/$_" } @articles, 'mentions-legales');
	$self->_page("$site/$_") for @articles, 'mentions-legales', map { "en-bref/$_" } 1 .. 3;
	$self->_rss("$site/rss", 3, "https://$site/en-bref/%d");
	$self->_file("$site/robots.txt", "User-agent: *\nDisallow: /admin/\n");

	my @docs = map { "www.postgresql.org/docs/current/$_.html" } qw(tutorial sql-select bgworker);
	$self->_page($_) for @docs, map { "planet.postgresql.org/entry/$_.html" } 1 .. 4;
	$self->_file('www.postgresql.org/sitemap.xml', qq(<?xml version="1.0" encoding="UTF-8"?>\n)
		  . qq(<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">)
		  . join('', map { "<url><loc>https://$_</loc></url>" } @docs) . "</urlset>\n");
	return;
}

sub _json
{
	my ($self, $name, $value) = @_;
	$self->_file($name, JSON::PP->new->canonical->encode($value));
	return;
}

sub _apis
{
	my ($self) = @_;
	my $gouv = 'www.data.gouv.fr/api/1/datasets/index';
	my $news = 'newsapi.org/v2/everything';
	my $reddit = 'www.reddit.com/r/france/new.json';

	for my $page (1, 2)
	{
		$self->_json($gouv . ($page > 1 ? "?q=transport&page=$page" : ''), {
				data => [ map { { id => "$page-$_", title => "Arrêts de bus $page-$_", description => "Les *arrêts* $_.",
						page => "https://www.data.gouv.fr/datasets/arrets-$page-$_/", created_at => '2026-01-02T03:04:05',
						organization => { name => 'Métropole' } } } 1 .. 3 ],
				next_page => $page < 2 ? "https://www.data.gouv.fr/api/1/datasets/?q=transport&page=2" : undef,
				page => $page, page_size => 3, total => 6 });
	}
	$self->_json($reddit, { kind => 'Listing', data => { after => undef,
				children => [ map { { kind => 't3', data => { title => "Sujet $_", selftext => $_ > 1 ? "Texte $_" : '',
						url => "https://i.redd.it/$_.jpg", permalink => "/r/france/comments/$_/",
						created_utc => 1767323045.0, author => 'moi' } } } 1 .. 3 ] } });
	$self->_json($news, { status => 'ok', totalResults => 2, articles => [ map { {
					source => { id => undef, name => 'Le Monde' }, author => 'A. B.', title => "Intelligence $_",
					description => "En bref $_", url => "https://www.lemonde.fr/i/$_", urlToImage => undef,
					publishedAt => '2026-01-02T03:04:05Z', content => "En long $_ [+100 chars]" } } 1, 2 ] });
	$self->_json("$news?q=intelligence&language=fr&page=$_", { status => 'ok', totalResults => 2, articles => [] })
	  for 2, 3;
	my ($weather) = grep { $_->{body} =~ /"name":\s*"Paris"/ }
	  map { decode_json($_) } split /\n/, slurp_file("$test/corpus/owm/responses.jsonl");
	$self->_file('api.openweathermap.org/data/2.5/weather', encode('UTF-8', $weather->{body}));
	return;
}

# Data sets of Kaggle's, which lie packed in a storage elsewhere; a table at an address.
sub _tables
{
	my ($self) = @_;
	my %tables = (
		'snap/amazon-fine-food-reviews' => [ 'Reviews.csv',
			'Id,ProductId,UserId,ProfileName,HelpfulnessNumerator,HelpfulnessDenominator,Score,Time,Summary,Text',
			'1,B001E4KFG0,A3SGXH7AUHU8GW,delmartian,1,1,5,1303862400,Good Quality,"Good, and fresh"',
			'2,B00813GRG4,A1D87F6ZCVE5NK,dll pa,0,0,1,1346976000,Not as Advertised,"Small, unsalted"' ],
		'djilax/allocine-french-movie-reviews' => [ 'test.csv', ',film-url,review,polarity',
			'0,http://www.allocine.fr/film/fichefilm-25385/critiques/spectateurs,"Magnifique épopée, une belle histoire",1',
			'1,http://www.allocine.fr/film/fichefilm-1954/critiques/spectateurs,Je n\'ai pas aimé,0' ],
		'crowdflower/twitter-airline-sentiment' => [ 'Tweets.csv',
			'tweet_id,airline_sentiment,airline,name,text,tweet_created',
			'570306133677760513,neutral,Virgin America,cairdin,@VirginAmerica What was said.,2015-02-24 11:35:52 -0800',
			'570301130888122368,positive,Virgin America,jnardino,@VirginAmerica plus you,2015-02-24 11:15:59 -0800' ]);

	for my $set (sort keys %tables)
	{
		my ($name, @lines) = @{ $tables{$set} };
		my ($text, $packed) = (join('', map { "$_\n" } @lines), '');

		zip(\$text => \$packed, Name => $name) or die "no zip: $ZipError";
		$self->_json("www.kaggle.com/api/v1/datasets/view/$set", { id => 1, ref => $set, currentVersionNumber => 2 });
		$self->_file("www.kaggle.com/api/v1/datasets/download/$set$_.location",
			"https://storage.googleapis.com/kaggle-data-sets/$set/archive.zip\n")
		  for '', "/$name";
		$self->_file("storage.googleapis.com/kaggle-data-sets/$set/archive.zip", $packed);
	}
	my $communes = 'dbe8a621-a9c4-4bc3-9cae-be1699c5ff25';
	$self->_file("www.data.gouv.fr/fr/datasets/r/$communes.location", 'https://static.data.gouv.fr/communes.csv');
	$self->_file('static.data.gouv.fr/communes.csv', "code_commune_INSEE,nom_commune_postal,code_postal,nom_commune_complet\n"
		  . "01001,L ABERGEMENT CLEMENCIAT,1400,L'Abergement-Clémenciat\n01004,AMBERIEU EN BUGEY,1500,Ambérieu-en-Bugey\n");
	return;
}

# The newest slice of GDELT, and the lists that name it.
sub _gdelt
{
	my ($self) = @_;
	my $stamp = strftime('%Y%m%d%H%M%S', gmtime(900 * int(time / 900 - 1)));

	$self->_file("$gdelt/index", '');
	for my $translated (0, 1)
	{
		my $suffix = $translated ? '-translation' : '';
		my ($lines, $err) = ('', '');
		IPC::Run::run([ 'python3', "$test/web/gdelt.py", $translated ? '--translated' : (), "$self->{root}/$gdelt", $stamp ],
			'>', \$lines, '2>', \$err) or die "no slices: $err";
		$self->_file("$gdelt/lastupdate$suffix.txt", $lines);
		$self->_file("$gdelt/masterfilelist$suffix.txt", $lines);
	}
	return;
}

1;
