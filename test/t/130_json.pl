# The kind json: services' answers as documents, in the shapes of data.gouv.fr, NewsAPI and
# Reddit; pages; keys in headers and queries, sent to nobody else; what is refused.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use Encode qw(encode);
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $web = DatasensWeb->new(bind => ['127.0.0.2']);
my $node = DatasensNode::start('main', 'datasens.json_schedule' => '0 0 1 1 *', 'datasens.retry_delay' => '1h');
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

sub sql
{
	return $node->safe_psql('postgres', @_);
}

# Has the server answer with JSON.
sub service
{
	my ($path, $data, %more) = @_;
	$web->control('set', path => $path, body => ref $data ? JSON::PP->new->canonical->encode($data) : $data,
		type => 'application/json', %more);
	return;
}

my $number = 0;
my $nom;

sub add
{
	my ($url, $options) = @_;
	my $json = encode_json($options) =~ s/'/''/gr;
	$nom = 'service ' . ++$number;
	sql("SELECT datasens_add_source('json', '$nom', '$url', options => '$json')");
	return;
}

sub collect
{
	return sql("SELECT statut, nb_lus, nb_inseres, nb_doublons, nb_rejetes FROM datasens_collect('$nom')");
}

# Of the source that was added last: others may be collected again meanwhile.
sub documents
{
	my ($columns) = @_;
	return sql("SELECT $columns FROM datasens.document WHERE id_flux = (SELECT max(id_flux) FROM datasens.flux
		JOIN datasens.source USING (id_source) WHERE nom = '$nom') ORDER BY titre");
}

sub last_error
{
	return sql("SELECT erreur FROM datasens.flux JOIN datasens.source USING (id_source) WHERE nom = '$nom'
		ORDER BY id_flux DESC LIMIT 1");
}

sub asked
{
	return map { $_->{target} } @{ $web->log->{requests} };
}

sub sent
{
	my ($header) = @_;
	return $web->log->{requests}[-1]{headers}{$header};
}

# ---- data.gouv.fr: pages by a link ----

sub data_set
{
	my ($i) = @_;
	return { id => "id$i", title => "Jeu $i", description => "**Description** du jeu $i", slug => "jeu-$i",
		page => "https://www.data.gouv.fr/fr/datasets/jeu-$i/", created_at => "2024-05-0${i}T10:00:00.123000+00:00",
		organization => { name => 'INSEE', badges => [] }, tags => [ 'statistiques', 'population' ] };
}
service('/api/1/datasets/', { data => [ map { data_set($_) } 1, 2 ], next_page => $web->url('/api/1/datasets/?page=2'), total => 3 });
service('/api/1/datasets/?page=2', { data => [ data_set(3) ], next_page => undef, total => 3 });
my $gouv = { liste => 'data', pages => { lien => 'next_page' }, langue => 'fr',
	champs => { texte => 'description', url => 'page', auteur => 'organization.name', date => 'created_at' } };
add($web->url('/api/1/datasets/'), $gouv);
is(collect(), 'succes|3|3|0|0', 'data.gouv.fr: two pages');
is(documents("titre, texte, url, auteur, langue, date_publication AT TIME ZONE 'UTC'") =~ s/\n.*//sr,
	'Jeu 1|**Description** du jeu 1|https://www.data.gouv.fr/fr/datasets/jeu-1/|INSEE|fr|2024-05-01 10:00:00.123',
	'titles, texts, addresses, authors, dates');
is(documents("meta ->> 'id', meta -> 'tags', meta -> 'organization' ->> 'name', meta ? 'title'") =~ s/\n.*//sr,
	'id1|["statistiques", "population"]|INSEE|f', 'the rest in meta');
is(join(' ', asked()), '/api/1/datasets/ /api/1/datasets/?page=2', 'each page once');
my $seen = asked();
is(collect(), 'inchange|0|0|0|0', 'the same pages are no news');
is(join(' ', (asked())[ $seen .. asked() - 1 ]), '/api/1/datasets/ /api/1/datasets/?page=2', 'but each is looked at');
service('/api/1/datasets/?page=2', { data => [ data_set(3), data_set(9) ], next_page => undef, total => 4 });
is(collect(), 'succes|2|1|1|0', 'a new one at the end, behind a page that is the same');
$gouv->{pages}{recents_d_abord} = JSON::PP::true;
add($web->url('/api/1/datasets/'), $gouv);
is(collect(), 'succes|4|0|4|0', 'where the newest come first');
$seen = asked();
is(collect(), 'inchange|0|0|0|0', 'the same first page is no news');
is(join(' ', (asked())[ $seen .. asked() - 1 ]), '/api/1/datasets/', 'and those behind it are not asked for');
delete $gouv->{pages}{recents_d_abord};
$nom = 'service 1';
service('/api/1/datasets/', { data => [ data_set(4), data_set(1) ], next_page => $web->url('/api/1/datasets/?page=2'), total => 4 });
is(collect(), 'succes|2|1|1|0', 'a new one');
$gouv->{pages}{max} = 1;
add($web->url('/api/1/datasets/'), $gouv);
is(collect(), 'succes|2|0|2|0', 'no more pages than wanted');

# A page that fails is asked again, alone.
service('/api/1/datasets/', { data => [ data_set(5) ], next_page => $web->url('/api/1/datasets/?page=7') });
service('/api/1/datasets/?page=7', '', status => 503);
$nom = 'service 1';
is(collect(), 'partiel|1|1|0|0', 'a page that cannot be had');
is(sql("SELECT curseur FROM datasens.etat_source JOIN datasens.source USING (id_source) WHERE nom = '$nom'"),
	'{"reste": ["' . $web->url('/api/1/datasets/?page=7') . '"]}', 'is still to be asked');
service('/api/1/datasets/?page=7', { data => [ data_set(6) ], next_page => $web->url('/api/1/datasets/?page=2') });
is(collect(), 'succes|1|1|0|0', 'which it is');

# ---- NewsAPI: a key in a header, a counter ----

sub article
{
	my ($i) = @_;
	return { source => { id => undef, name => 'Le Journal' }, author => "Auteur $i", title => "Article $i",
		description => $i % 2 ? "Le <b>r\x{e9}sum\x{e9}</b> &amp; la suite $i" : undef, url => "https://journal.test/$i", urlToImage => undef,
		publishedAt => '2024-06-01T08:00:00Z', content => undef };
}
my $news = { liste => 'articles', champs => { texte => [ 'content', 'description' ] }, pages => { compteur => 'page', max => 5 },
	headers => { 'X-Api-Key' => 'secret:newsapi_key', 'X-Version' => '2' } };
add($web->url('/v2/everything?q=data'), $news);
is(collect(), 'echec|0|0|0|0', 'NewsAPI: without its key');
like(last_error(), qr/^secret: the secret "newsapi_key" is missing; set it by SELECT datasens_set_secret\('newsapi_key', '\.\.\.'\)$/,
	'it is said how to set it');
sql("SELECT datasens_set_secret('newsapi_key', 'cle-muette')");
service('/v2/everything?q=data', { status => 'ok', totalResults => 5, articles => [ map { article($_) } 1, 2 ] });
service('/v2/everything?q=data&page=2', { status => 'ok', totalResults => 5, articles => [ map { article($_) } 3, 4 ] });
service('/v2/everything?q=data&page=3', { status => 'ok', totalResults => 5, articles => [] });
is(collect(), 'succes|4|4|0|0', 'with it');
is(documents('titre, texte, auteur'), encode('UTF-8', "Article 1|Le r\x{e9}sum\x{e9} & la suite 1|Auteur 1\nArticle 2||Auteur 2\n"
		. "Article 3|Le r\x{e9}sum\x{e9} & la suite 3|Auteur 3\nArticle 4||Auteur 4"), 'documents, clean');
is(sent('x-api-key') . ' ' . sent('x-version'), 'cle-muette 2', 'the key was sent');
is((asked())[-1], '/v2/everything?q=data&page=3', 'until a page is empty');
service('/v2/everything?q=data', { status => 'error', code => 'apiKeyInvalid', message => 'cle-muette is invalid' }, status => 401);
is(collect(), 'echec|0|0|0|0', 'a refused key');
like(last_error(), qr/^secret: the service wants a key, or refuses the one it got \(see options headers and parametre_secret\): HTTP status 401/, 'is said so');
service('/v2/everything?q=data', { status => 'error', code => 'maximumResultsReached', message => 'cle-muette' });
is(collect(), 'echec|0|0|0|0', 'an answer that is none');
like(last_error(), qr/^parse: option "liste" leads nowhere in the answer, which has (code|message|status), /, 'is told by its members');
service('/v2/everything?q=data', { articles => [ { title => undef, description => '', note => 'cle-muette' } ] });
is(collect(), 'succes|1|0|0|1', 'a document without a text is a reject');
is(sql('SELECT motif, brut FROM datasens.rejet ORDER BY id_rejet DESC LIMIT 1'),
	'the document has neither a title nor a text: see option champs|{"description": "", "note": "***", "title": null}', 'which is kept, without the key');

# Its key in the query, and pages that repeat it.
service('/v2/top?a=1&apiKey=cle-muette', { articles => [ article(11) ], next => '/v2/top?apiKey=cle-muette&page=2' });
service('/v2/top?page=2&apiKey=cle-muette', { articles => [ article(13) ] });
add($web->url('/v2/top?a=1'), { liste => 'articles', parametre_secret => { apiKey => 'secret:newsapi_key' }, pages => { lien => 'next' } });
is(collect(), 'succes|2|2|0|0', 'a key in the query');
is(sql("SELECT count(*) FROM datasens.cache_http WHERE url LIKE '%piKey%' OR url LIKE '%muette%'"), 0, 'is not kept');

# ---- Reddit: a token, HTML within, relative addresses ----

sub posting
{
	my ($i) = @_;
	return { kind => 't3', data => { title => "Sujet $i", selftext => $i == 2 ? '' : "Texte $i", author => "u$i", score => $i,
			permalink => "/r/france/comments/$i/", created_utc => 1700000000.0 + $i, over_18 => JSON::PP::false } };
}
service('/r/france/new.json?limit=2', { kind => 'Listing', data => { children => [ posting(1), posting(2) ], after => 't3_b', before => undef } });
service('/r/france/new.json?limit=2&after=t3_b', { kind => 'Listing', data => { children => [ posting(3) ], after => undef } });
add($web->url('/r/france/new.json?limit=2'), { liste => 'data.children[*].data', langue => 'fr',
		champs => { texte => 'selftext', url => 'permalink', auteur => 'author', date => 'created_utc' },
		pages => { jeton => 'data.after', parametre => 'after', max => 3 },
		headers => { 'User-Agent' => 'datasens-essai/1', Authorization => 'Bearer secret:reddit_token' } });
sql("SELECT datasens_set_secret('reddit_token', 'jeton-muet')");
is(collect(), 'succes|3|3|0|0', 'Reddit: a token leads to the next page');
is(documents("titre, texte, url, date_publication AT TIME ZONE 'UTC'") =~ s/\n.*//sr,
	'Sujet 1|Texte 1|' . $web->url('/r/france/comments/1/') . '|2023-11-14 22:13:21', 'addresses are absolute, dates of numbers');
is(sent('authorization') . ' ' . sent('user-agent'), 'Bearer jeton-muet datasens-essai/1', 'headers of its own');

# ---- calls are spread ----

service('/lent?page=' . $_, { data => [ { title => "Page lente $_" } ] }) for 1 .. 4;
service('/lent?page=5', { data => [] });
add($web->url('/lent?page=1'), { liste => 'data', pages => { compteur => 'page' }, appels_par_minute => 600 });
my $started = scalar asked();
is(collect(), 'succes|4|4|0|0', 'five pages, ten calls a second at most');
my @times = map { $_->{time} } @{ $web->log->{requests} }[ $started .. $started + 4 ];
cmp_ok($times[4] - $times[0], '>=', 0.35, 'are not asked at once');

# ---- secrets stay with the source's own server ----

service('/mene', { data => [ { title => 'Ici' } ], next => $web->url('/ailleurs', '127.0.0.2') });
service('/ailleurs', { data => [ { title => "L\x{e0}" } ] });
add($web->url('/mene'), { liste => 'data', pages => { lien => 'next' }, headers => { 'X-Cle' => 'secret:newsapi_key' },
		parametre_secret => { k => 'secret:newsapi_key' } });
is(collect(), 'succes|2|2|0|0', 'a next page elsewhere');
is((asked())[-1] . ' ' . (sent('x-cle') // 'rien'), '/ailleurs rien', 'gets no secret');
service('/parti', '', status => 302, header => 'Location: ' . $web->url('/ailleurs', '127.0.0.2'));
add($web->url('/parti'), { liste => 'data', headers => { 'X-Cle' => 'secret:newsapi_key' } });
is(collect(), 'succes|1|0|1|0', 'a redirect elsewhere');
is(sent('x-cle'), undef, 'neither');

# ---- what an answer may be ----

my $deep = '[' x 3000 . ']' x 3000;
for my $case (
	[ '<html>' => qr/^parse: a web page instead of JSON$/ ],
	[ '{"data": [{"title": "a"}, {"ti' => qr/^truncated: the JSON ends in its middle, after 30 bytes$/ ],
	[ '' => qr/^parse: an empty body instead of JSON$/ ],
	[ "{\"data\": $deep}" => qr/^parse: not JSON: line 1, column \d+$/ ])
{
	service("/cas/$number", $case->[0]);
	add($web->url("/cas/$number"), { liste => 'data' });
	is(collect(), 'echec|0|0|0|0', 'no answer');
	like(last_error(), $case->[1], 'is told apart');
}
service('/nul', '{"data": [{"title": "a\u0000b", "x\\"": "\u0000", "grand": 123456789012345678901234567890}]}');
add($web->url('/nul'), { liste => 'data' });
is(collect(), 'succes|1|1|0|0', 'what jsonb has no place for');
is(documents('titre, meta'), 'ab|{"x\"": "", "grand": 123456789012345680000000000000}', 'is left out');

# ---- options ----

for my $case (
	[ '{"liste": "a..b"}', qr/option "liste": character 3 of the path: a name is missing/ ],
	[ '{"champs": {"title": "a"}}', qr/unknown member "title" of option "champs".*HINT:  Valid ones are: titre, texte/s ],
	[ '{"pages": {}}', qr/option "pages" does not say how to go on.*HINT:  It is \{"lien": path\}/s ],
	[ '{"headers": ["a"]}', qr/option "headers" is not an object.*HINT:  It is written as/s ],
	[ '{"headers": {"Host": "x"}}', qr/header "Host" cannot be set/ ],
	[ '{"headers": {"X Y": "x"}}', qr/header "X Y" has a character that cannot be sent/ ],
	[ '{"headers": {"X": "a\nb"}}', qr/header "X" has a character that cannot be sent/ ],
	[ '{"headers": {"X": 1}}', qr/header "X" has no value that is a string/ ],
	[ '{"headers": {"X": "secret:"}}', qr/"secret:" does not name a secret.*HINT:  It is written/s ],
	[ '{"headers": {"X": "secret:a b"}}', qr/"secret:a b" does not name a secret/ ],
	[ '{"parametre_secret": {"k": "muet"}}', qr/option "parametre_secret" is not one parameter with a secret/ ],
	[ '{"parametre_secret": {"k&": "secret:a"}}', qr/"k&" is not the name of a parameter/ ],
	[ '{"appels_par_minute": 0}', qr/option "appels_par_minute" is not a number/ ],
	[ '{"list": "a"}', qr/unknown option "list".*HINT:  Valid options are: liste, champs/s ])
{
	my ($code, $out, $err) = $node->psql('postgres',
		"SELECT datasens_add_source('json', 'faux', 'http://x.test/', options => E'" . ($case->[0] =~ s/\\/\\\\/gr) . "')");
	like($err, $case->[1], "refused: $case->[0]");
}
my ($code, $out, $err) = $node->psql('postgres', "SELECT datasens_add_source('json', 'faux')");
like($err, qr/source "faux" needs a URL/, 'refused: no URL');

my $all = sql("SELECT string_agg(query_to_xml(format('SELECT t::text FROM datasens.%I AS t', relname), true, false, '')::text, '')
	FROM pg_class WHERE relnamespace = 'datasens'::regnamespace AND relkind IN ('r', 'v') AND relname <> 'secret'");
unlike($all, qr/cle-muette|jeton-muet/, 'no table has a key');
unlike(slurp_file($node->logfile), qr/cle-muette|jeton-muet/, 'nor has the log');
ok(!$node->log_contains('PANIC|segfault|terminated by signal'), 'nobody was hurt');
$node->stop;
done_testing();
