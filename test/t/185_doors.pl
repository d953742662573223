# Every door through which an address comes in, held against every way to write an address of
# the server's own network: none is connected to, whatever brought it.
#
# A door is a source (or a setting) whose first address is a good public server's, which then
# names another: a redirect, a sitemap, a link, a page of an API, a list of files.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use FakeNetwork;
use JSON::PP;
use Test::More;

my $network = FakeNetwork->new;
my $web = DatasensWeb->new;
my $port = $web->port;
my $json = JSON::PP->new->canonical;

# ---- ways to write 127.0.0.1, and other addresses that are nobody's business ----

my @inside = (
	'127.0.0.1', '127.1', '127.0.1', '2130706433', '0x7f000001', '0x7f.0.0.1', '017700000001', '0177.0.0.1', '0',
	'127.255.255.254', '[::1]', '[::]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]',
	'[64:ff9b::127.0.0.1]', '[64:ff9b::7f00:1]', '[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[2001:0:0:0:0:0:80ff:fffe]', '[fe80::1]',
	'[fd00::1]', '[fec0::1]', '[ff02::1]', '10.0.0.1', '172.16.0.1', '192.168.1.1', '100.64.0.1', '169.254.169.254',
	'224.0.0.1', '255.255.255.255', 'localhost', 'LOCALHOST.', 'inside.test', 'mapped.test', 'nat64.test', 'link.test',
	"127\x{3002}0\x{3002}0\x{3002}1", "127\x{ff0e}0\x{ff0e}0\x{ff0e}1", "\x{2460}\x{2461}\x{2466}.0.0.1", "\x{24db}ocalhost",
	'user@127.0.0.1', '127.0.0.1%2f.test', 'public.test%00@127.0.0.1');
$network->hosts(
	'inside.test' => '10.0.0.1',
	'mapped.test' => '::ffff:127.0.0.1',
	'nat64.test' => '64:ff9b::a00:1',
	'link.test' => '169.254.169.254 fe80::1');

my $node = DatasensNode::start('main', 'datasens.allow_private_networks' => 'off', 'datasens.max_retries' => 0,
	'datasens.host_delay' => '0', 'datasens.max_connections_per_host' => 16, 'datasens.connect_timeout' => '3s',
	'log_statement' => 'none', map { ("datasens.${_}_schedule" => '0 0 1 1 *') } qw(rss json owm scraping gdelt kaggle));
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

sub utf8
{
	my ($text) = @_;
	utf8::encode($text);
	return $text;
}

sub sql
{
	my ($query) = @_;
	return $node->safe_psql('postgres', utf8($query));
}

sub good
{
	my ($path) = @_;
	return "http://good.test:$port$path";
}

# Has the good server answer at a path, and returns the address.
sub serve
{
	my ($path, %answer) = @_;
	$web->control('set', path => $path, %answer);
	return good($path);
}

# Adds a source, when all are.
my @adds;

sub add
{
	my ($kind, $nom, $url, $options) = @_;
	my $text = $json->encode($options || {}) =~ s/'/''/gr;
	my $address = defined $url ? "'$url'" : 'NULL';

	push @adds, utf8("SELECT datasens_add_source('$kind', '$nom', $address, options => '$text');\n");
	return;
}

# The host of an address, as crawls name those that they may ask.
sub host_of
{
	my ($url) = @_;
	return $url =~ m{^http://([^/]*?)(:\d+)?/} ? $1 : die "no host: $url";
}

# ---- the doors: each is given a name of its own and an address of the server's network ----

my $article = '<p>Une phrase assez longue, avec des mots, et encore quelques mots de plus pour la lire.</p>' x 5;
my %doors = (
	'url' => sub { my ($nom, $url) = @_; add('rss', $nom, $url) },
	'redirection' => sub {
		my ($nom, $url, $i) = @_;
		add('rss', $nom, serve("/redirection/$i", status => 302, header => "Location: $url"));
	},
	'demenagement' => sub {
		my ($nom, $url, $i) = @_;
		add('rss', $nom, serve("/demenagement/$i", status => 301, header => "Location: $url"));
	},
	'flux' => sub { my ($nom, $url) = @_; add('rss', $nom, undef, { flux => [ good('/feed/1?items=1'), $url ] }) },
	'opml' => sub {
		my ($nom, $url) = @_;
		push @adds, utf8("SELECT count(*) FROM datasens_import_opml('<opml><body><outline text=\"$nom\" xmlUrl=\"$url\"/></body></opml>');\n");
	},
	'page' => sub { my ($nom, $url) = @_; add('scraping', $nom, undef, { pages => [ $url ] }) },
	'sitemap' => sub {
		my ($nom, $url, $i) = @_;
		add('scraping', $nom, undef, { sitemap => serve("/plan/$i.xml", type => 'application/xml', body =>
			  "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>$url</loc></url></urlset>"), hotes => [ host_of($url) ] });
	},
	'sitemap de sitemaps' => sub {
		my ($nom, $url, $i) = @_;
		add('scraping', $nom, undef, { sitemap => serve("/plans/$i.xml", type => 'application/xml', body =>
			  "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc>$url</loc></sitemap></sitemapindex>"), hotes => [ host_of($url) ] });
	},
	'fil' => sub {
		my ($nom, $url, $i) = @_;
		add('scraping', $nom, undef, { fil => serve("/fil/$i",
			  body => "<rss version='2.0'><channel><item><title>t</title><link>$url</link></item></channel></rss>"), hotes => [ host_of($url) ] });
	},
	'robots' => sub {
		my ($nom, $url, $i) = @_;
		$web->control('set', host => "robots$i.test:$port", path => '/robots.txt', status => 302, header => "Location: $url");
		add('scraping', $nom, "http://robots$i.test:$port/page");
	},
	'lien' => sub {
		my ($nom, $url, $i) = @_;
		add('scraping', $nom, serve("/lien/$i", type => 'text/html',
			  body => "<html><head><base href='$url'><title>t</title></head><body><a href='$url'>ici</a><a href='x'>la</a>$article</body></html>"),
			{ profondeur => 2, hotes => [ host_of($url) ] });
	},
	'page suivante' => sub {
		my ($nom, $url, $i) = @_;
		add('json', $nom, serve("/service/$i", type => 'application/json',
			  body => $json->encode({ data => [ { title => "t $i", text => 'x' } ], next => $url })),
			{ liste => 'data', pages => { lien => 'next' } });
	},
	'api' => sub { my ($nom, $url) = @_; add('owm', $nom, undef, { api => $url, villes => [ 'Paris' ] }) },
	'fichiers' => sub {
		my ($nom, $url, $i) = @_;
		my $line = '1000 0123456789abcdef0123456789abcdef ' . $url . "20240101000000.export.CSV.zip\n";
		serve("/gdelt/$i/lastupdate.txt", type => 'text/plain', body => $line);
		serve("/gdelt/$i/masterfilelist.txt", type => 'text/plain', body => $line);
		add('gdelt', $nom, good("/gdelt/$i/"), { flux => ['export'] });
	},
	'telechargement' => sub {
		my ($nom, $url, $i) = @_;
		add('kaggle', $nom, serve("/telechargement/$i", status => 302, header => "Location: $url"));
	});

# The last one is no such place: by it each door shows that it is one.
my $public = 'public.test';
sql("SELECT datasens_set_secret('owm_api_key', 'cle')");
for my $door (sort keys %doors)
{
	my $i = 0;
	$doors{$door}->("$door $i", "http://$_:$port/porte/" . $door =~ s/ /-/gr . '/', $i++) for @inside, $public;
}
note(scalar @adds, ' sources');
my ($code, $out, $err) = $node->psql('postgres', join('', @adds), on_error_stop => 0);
is(join("\n", grep { /ERROR/ && !/cannot be collected/ } split /\n/, $err), '', 'what is refused at once is told why');
note(scalar(() = $err =~ /ERROR/g), ' of them');
sql("SELECT datasens_collect_async('all')");
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = 0 FROM datasens.etat_source WHERE derniere_collecte IS NULL
	OR declencheur = 'manuel'", 'every source has been collected');

my %connects = $network->connects;
is(join(' ', sort keys %connects), '93.184.215.14', 'nothing but the public server was connected to');
my @asked = grep { $_->{path} ne '/robots.txt' } @{ $web->log->{requests} };
is(join(' ', sort grep { !/^(good|public|robots\d+)\.test:/ } map { $_->{host} } @asked), '', 'nor asked by another name');
my %opened = map { $_->{host} eq "$public:$port" && $_->{path} =~ m{^/porte/([^/]+)/} ? ($1 => 1) : () } @asked;
is(join(' ', sort keys %opened), join(' ', sort map { s/ /-/gr } grep { $_ ne 'fichiers' } keys %doors),
	'every door leads somewhere, but lists of files: those are asked of who has the list');
for my $door ('url', 'redirection', 'demenagement', 'page suivante', 'telechargement')
{
	is(sql("SELECT string_agg(nom || ' ' || statut || ' ' || coalesce(erreur, ''), E'\\n') FROM datasens.flux JOIN datasens.source USING (id_source)
			WHERE nom ~ '^$door [0-9]+\$' AND nom <> '$door @{[scalar @inside]}' AND erreur !~ '(refused|url|resolve|http): '"), '', "$door: it is said why");
}
is(sql("SELECT count(*) FROM datasens.source WHERE url ~ '/porte/' AND url !~ '$public' AND nom LIKE 'demenagement%'"), 0, 'no source has moved there');

# ---- the webhook ----

my @hooks = @inside[ 0, 4, 10, 13, 17, 29, 34 ];
for my $host (@hooks)
{
	my $before = sql('SELECT count(*) FROM datasens.alerte WHERE tentatives > 0');
	DatasensNode::reload($node, 'datasens.alert_webhook', "http://$host:$port/crochet");
	sql("INSERT INTO datasens.alerte (objet, nom, etat, message, canaux, prochaine_tentative)
		VALUES ('source', 'essai', 'echec', 'x', '{webhook}', now())");
	sql("SELECT datasens_collect_async('url 0')");
	DatasensNode::wait_for($node, 'postgres', "SELECT count(*) > $before FROM datasens.alerte WHERE tentatives > 0", "webhook $host: is tried");
}
is(sql("SELECT string_agg(DISTINCT derniere_erreur, E'\\n') FROM datasens.alerte WHERE tentatives > 0 AND derniere_erreur !~ 'refused'"), '',
	'and refused');
%connects = $network->connects;
is(join(' ', sort keys %connects), '93.184.215.14', 'still nothing else was connected to');

# ---- the archive ----

sql(q{SELECT datasens_set_secret('s3_access_key', 'cle'), datasens_set_secret('s3_secret_key', 'secret')});
DatasensNode::reload($node, 'datasens.backup_directory' => 'sauvegardes', 'datasens.backup_command' => 'echo x > %p',
	'datasens.backup_schedule' => '', 'datasens.archive_url' => 's3://seau/x');
for my $host (@hooks)
{
	my $warning = '';
	my $endpoint = "http://$host:$port";

	DatasensNode::reload($node, 'datasens.s3_endpoint', $endpoint);
	$node->poll_query_until('postgres', "SELECT current_setting('datasens.s3_endpoint') = '$endpoint'") or die $endpoint;
	$node->psql('postgres', 'SELECT datasens_backup()', stderr => \$warning);
	like($warning, qr/backup could not be archived: .* is not a public address/, "archive $host: is refused");
}
%connects = $network->connects;
is(join(' ', sort keys %connects), '93.184.215.14', 'still nothing else was connected to');

# ---- the proxy, which connects by itself: names are its own affair, addresses are not ----

my %names = map { $_ => 1 } qw(good.test public.test), grep { /^[a-z]\w*\.test$/ } @inside;
my $before = @{ $web->log->{requests} };
DatasensNode::reload($node, 'datasens.archive_url' => '', 'datasens.proxy' => $web->url(''));
$node->poll_query_until('postgres', "SELECT current_setting('datasens.proxy') <> ''") or die 'no proxy';
is(sql("SELECT string_agg(nom || ' ' || coalesce(f.erreur, f.statut), E'\\n') FROM datasens.source AS s,
		LATERAL (SELECT statut, erreur FROM datasens_collect(s.nom)) AS f WHERE nom ~ '^(url|redirection) [0-9]+\$'
		AND f.erreur ~ '(refused|url|resolve|connect): ' AND f.erreur !~ '(is not a public address|^url: )'"), '', 'the proxy: addresses are refused');
my %through = map { my ($host) = $_->{target} =~ m{^http://([^/:]+)}; defined $host ? ($host => 1) : () }
  @{ $web->log->{requests} }[ $before .. $#{ $web->log->{requests} } ];
is(join(' ', sort keys %through), join(' ', sort keys %names), 'it is asked for names only');

$node->stop;
$web->stop;
done_testing();
