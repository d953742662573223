# The fetcher (src/net) against a web server that misbehaves in every way it can.
#
# It is driven through test/modules/fetch_probe, which must have been built
# beforehand: make -C test/modules/fetch_probe.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/lib';

use Digest::SHA qw(sha256_hex);
use List::Util qw(max min);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use DatasensWeb;

my $probe = abs_path(dirname(__FILE__) . '/../modules/fetch_probe') . '/fetch_probe';
die "$probe.so is missing: make -C test/modules/fetch_probe\n" unless -f "$probe.so";

# A certificate for 127.0.0.1 that only the test trusts.
my $cert = PostgreSQL::Test::Utils::tempdir() . '/cert.pem';
my $key = PostgreSQL::Test::Utils::tempdir() . '/key.pem';
system_or_bail('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj',
	'/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', $key, '-out', $cert);

my @hosts = map { "127.0.0.$_" } 1 .. 9;
my $web = DatasensWeb->new(bind => [ @hosts[ 1 .. 8 ] ], cert => $cert, key => $key);
my $port = $web->port;

# A proxy in the server's environment must be of no effect: nobody listens there.
$ENV{$_} = 'http://127.0.0.1:1' for qw(http_proxy https_proxy HTTPS_PROXY ALL_PROXY all_proxy);

my $node = PostgreSQL::Test::Cluster->new('fetch');
$node->init;
$node->start;
$node->safe_psql('postgres', <<"SQL");
CREATE FUNCTION fetch_probe(urls text[], etag text DEFAULT NULL, last_modified text DEFAULT NULL,
		max_size bigint DEFAULT NULL, abandon int DEFAULT NULL, headers text[] DEFAULT NULL,
		secret_query text DEFAULT NULL,
		spacing int DEFAULT NULL,
		alone bool DEFAULT false, stay bool DEFAULT false,
		OUT n int, OUT url text, OUT final_url text, OUT moved_url text, OUT status int,
		OUT failure text, OUT detail text, OUT transient bool, OUT retry_after int,
		OUT host_wide bool, OUT type text, OUT new_etag text, OUT modified text, OUT bytes bigint,
		OUT octets bigint, OUT sha256 bytea, OUT duration float8, OUT robots_tag text, OUT location text)
	RETURNS SETOF record LANGUAGE c AS '$probe';
CREATE FUNCTION fetch_probe_progress(url text) RETURNS bigint[] STRICT LANGUAGE c AS '$probe';
CREATE FUNCTION fetch_probe_descriptors() RETURNS int LANGUAGE c AS '$probe';
CREATE FUNCTION fetch_probe_memory() RETURNS bigint LANGUAGE c AS '$probe';
SQL

# The settings as "name = value" pairs, the query, and its output.
sub query
{
	my ($settings, $sql) = @_;
	my $set = join '', map { "SET fetch_probe.$_ = '$settings->{$_}';\n" } sort keys %$settings;

	return $node->safe_psql('postgres', $set . $sql);
}

sub array_of
{
	return 'ARRAY[' . join(', ', map { "'$_'" } @_) . ']::text[]';
}

# Fetches one URL and compares some columns of the response.
sub fetches
{
	my ($url, $columns, $expected, $name, %settings) = @_;
	my $arguments = delete $settings{arguments} || '';
	my $row = query(\%settings,
		"SELECT concat_ws('|', $columns) FROM fetch_probe(" . array_of($url) . "$arguments)");

	is($row, $expected, $name);
	return;
}

# Fetches one URL, which must fail so, with a detail that matches.
sub fails
{
	my ($url, $failure, $detail, $name, %settings) = @_;
	my $row = query(\%settings,
		"SELECT failure || '|' || bytes || '|' || detail FROM fetch_probe("
		  . array_of($url) . ')');

	like($row, qr/^\Q$failure\E\|0\|.*$detail/, $name);
	return;
}

# Answers

my $feed = $web->{http}->get($web->url('/feed/7'))->{content};
fetches($web->url('/feed/7'), "status, failure, bytes, encode(sha256, 'hex'), type",
	join('|', 200, '', length $feed, sha256_hex($feed), 'application/rss+xml; charset=utf-8'),
	'a feed arrives as it is');
fetches($web->url('/gzip/feed/7'), "bytes, encode(sha256, 'hex'), octets < 5000",
	join('|', length $feed, sha256_hex($feed), 't'), 'a compressed one is unpacked');
fetches($web->url('/noval/feed'), 'new_etag, modified, status', '200', 'no validators');
fetches($web->url('/interim'), 'status, failure, new_etag', '200|',
	'interim answers leave nothing behind');
fetches($web->url('/badheader'), 'status, failure, new_etag', '200|',
	'a validator that is not ASCII is left out');

my ($etag, $modified) = split /\|/,
  query({}, 'SELECT new_etag, modified FROM fetch_probe(' . array_of($web->url('/feed/7')) . ')');
fetches($web->url('/feed/7'), 'status, failure, bytes', '304||0', 'unchanged, by ETag',
	arguments => ", '$etag'");
fetches($web->url('/feed/7'), 'status, failure, bytes', '304||0', 'unchanged, by date',
	arguments => ", NULL, '$modified'");
fetches($web->url('/feed/7'), 'status, failure', '200|', 'a validator that would inject is left out',
	arguments => ", E'\"x\"\\r\\nIf-None-Match: $etag'");
fetches($web->url('/status/304'), 'status, failure', '304|http', 'a 304 that nobody asked for');
fetches($web->url('/status/204'), 'status, failure, bytes', '204||0', 'nothing is an answer');

# Statuses

for my $status (408, 425, 429, 500, 502, 503, 504)
{
	fetches($web->url("/status/$status"), 'failure, transient, retry_after, host_wide',
		'http|t|-1|f', "$status may pass");
}
for my $status (400, 401, 403, 404, 418, 451, 300, 305)
{
	fetches($web->url("/status/$status"), 'failure, transient', 'http|f', "$status will not pass");
}
fetches($web->url('/gone'), 'failure, transient, detail',
	'gone|f|HTTP status 410: ' . $web->url('/gone'), '410 is gone');
fetches($web->url('/status/503?retry_after=17'), 'retry_after, host_wide', '17|t',
	'Retry-After in seconds');
fetches($web->url('/status/500?retry_after=17'), 'retry_after, host_wide', '17|f',
	'which is the whole host\'s only for 429 and 503');
fetches($web->url('/retry-date/429?seconds=120'), 'retry_after BETWEEN 60 AND 120, host_wide',
	't|t', 'Retry-After as a date');
fetches($web->url('/retry-date/429?seconds=-500'), 'retry_after', '0', 'which may have passed');
fetches($web->url('/status/503?retry_after=99999999999999999999'), 'retry_after', '86400',
	'a day at most');
fetches($web->url('/status/503?retry_after=soon'), 'retry_after', '-1', 'nonsense is not said');

# Redirects

fetches($web->url('/moved-permanently?to=/feed/2'), 'status, moved_url, final_url',
	join('|', 200, ($web->url('/feed/2')) x 2), '301 moves');
fetches($web->url('/chain/3?code=308'), 'moved_url', $web->url('/feed/1'), 'so do several 308');
fetches($web->url('/chain/3?code=307'), 'final_url, moved_url', $web->url('/feed/1'),
	'307 does not');
fetches($web->url('/redirect?code=301&to=/chain/1'), 'final_url, moved_url', $web->url('/feed/1'),
	'nor does 301 to 302');
fetches($web->url('/redirect?code=301&to=/gone'), 'failure, moved_url', 'gone',
	'nor does one that leads nowhere');
fetches($web->url('/redirect?to=../feed/3?items=2%23x'), 'status, final_url',
	'200|' . $web->url('/feed/3?items=2#x'), 'a relative target');
fetches($web->url('/redirect?to=?to=/feed/4'), 'final_url', $web->url('/feed/4'),
	'one that is only a query');
fetches($web->url("/redirect?to=//127.0.0.2:$port/feed/5"), 'final_url',
	$web->url('/feed/5', '127.0.0.2'), 'one without a scheme');
fetches($web->url('/chain/5'), 'status, failure', '200|', 'as many as allowed');
fails($web->url('/chain/6'), 'refused', 'max_redirects', 'but not one more');
fails($web->url('/loop'), 'refused', 'max_redirects', 'nor a loop');
fails($web->url('/chain/1'), 'refused', 'max_redirects', 'nor any', max_redirects => 0);
fails($web->url('/redirect?to=file:///etc/passwd'), 'refused', 'scheme "file"', 'not to a file');
fails($web->url('/redirect?to=gopher://x/'), 'refused', 'scheme "gopher"', 'nor to a gopher');
fails($web->url('/redirect?to='), 'http', '302', 'nor to nothing');
fails($web->url('/status/301'), 'http', '301', 'nor without a target');

# Credentials go where they are meant to and nowhere else.

my $auth = '/auth?user=u&password=p%40ss';
(my $known = $web->url($auth)) =~ s{//}{//u:p%40ss\@};
fetches($known, 'status', '200', 'credentials in the URL');
fails($web->url($auth), 'http', '401', 'which are needed');
$web->control('set', path => '/same', status => 302, header => "Location: $auth");
$web->control('set', path => '/other', status => 302,
	header => 'Location: ' . $web->url($auth, '127.0.0.2'));
fetches(($known =~ s{/auth.*}{/same}r), 'status', '200', 'they are kept at the same origin');
fetches(($known =~ s{/auth.*}{/other}r), 'status', '401', 'and dropped at another');
my $row = query({}, 'SELECT detail FROM fetch_probe('
	  . array_of(($known =~ s{/auth}{/gone}r), $web->url('/gone?api_key=hush')) . ')');
unlike($row, qr/p%40ss|hush/, 'no secret is in a message');
like($row, qr/\*\*\*/, 'but the place where it was');

# So do headers and the secret part of a query.

# The headers of the last request, those that begin with x- and some more, and its target.
sub sent
{
	my $request = $web->log->{requests}[-1];
	my $sent = $request->{headers};
	return join ' ', $request->{target},
	  map { "$_=$sent->{$_}" } grep { /^(x-|authorization|cookie|accept$)/ } sort keys %$sent;
}
my $headers = q{, headers => ARRAY['X-Plain: a b', 'Authorization: Bearer hush', '!X-Mine: quiet',
	'Cookie: c=1', 'x-api-key: k', 'accept: text/plain']};
fetches($web->url('/feed/1?x=y#z'), 'status, url, final_url', join('|', 200, ($web->url('/feed/1?x=y#z')) x 2),
	'headers of its own, and a secret in the query', arguments => "$headers, secret_query => 'appid=s%20t'");
is(sent(), '/feed/1?x=y&appid=s%20t accept=text/plain authorization=Bearer hush cookie=c=1 '
	  . 'x-api-key=k x-mine=quiet x-plain=a b', 'all of it is sent');
$web->control('set', path => '/here', status => 302, header => 'Location: /feed/2');
fetches($web->url('/here'), 'status', '200', 'at the same origin',
	arguments => "$headers, secret_query => 'appid=st'");
is(sent(), '/feed/2 accept=text/plain authorization=Bearer hush cookie=c=1 x-api-key=k x-mine=quiet x-plain=a b',
	'headers stay, the query is the target\'s');
for my $back ('', '/redirect?to=' . $web->url('/feed/2'))
{
	$web->control('set', path => '/there', status => 302,
		header => 'Location: ' . $web->url($back || '/feed/2', '127.0.0.2'));
	fetches($web->url('/there'), 'status', '200', 'another origin', arguments => "$headers, secret_query => 'appid=st'");
	is(sent(), '/feed/2 accept=text/plain x-plain=a b', $back ? 'nor back again' : 'gets no credentials');
}
for my $header ("X: a\\r\\nY: b", "X\\r\\n: a", 'X Y: a', ': a', "X: \\x7f")
{
	my $before = @{ $web->log->{requests} };
	fetches($web->url('/feed/1'), 'failure, transient, detail', 'refused|f|header 2 has a character that '
		  . 'cannot be sent: ' . $web->url('/feed/1'), 'a header that would inject is refused',
		arguments => ", headers => ARRAY['A: b', E'$header']");
	is(scalar @{ $web->log->{requests} }, $before, 'and nothing is asked');
}
fetches($web->url('/gone'), 'detail', 'HTTP status 410: ' . $web->url('/gone'), 'no secret is in a failure',
	arguments => "$headers, secret_query => 'appid=st'");

# A redirect can be the answer.
fetches($web->url('/redirect?to=../feed/3'), 'status, failure, location',
	'302||' . $web->url('/feed/3'), 'a redirect that is not followed',
	arguments => ', stay => true');
fetches($web->url('/redirect?to='), 'status, failure', '302|http', 'but it must lead somewhere',
	arguments => ', stay => true');
$web->control('set', path => '/tags', header => 'X-Robots-Tag: noindex');
fetches($web->url('/tags'), 'robots_tag', 'noindex', 'X-Robots-Tag');

# Limits

fails($web->url('/huge?mb=0'), 'too large', '1048576', 'an endless body is ended',
	max_response_size => 1024);
fetches($web->url('/huge?mb=0'), 'octets < 2000000', 't', 'soon after the limit',
	max_response_size => 1024);
fetches($web->url('/huge?mb=1'), 'failure, bytes', '|1048576', 'a body of just the limit',
	max_response_size => 1024);
fetches($web->url('/huge?mb=1'), 'failure', 'too large', 'or of a limit of its own',
	arguments => ', NULL, NULL, 1048575');
fails($web->url('/announce?bytes=100000000'), 'too large', '', 'one that is only announced');
fails($web->url('/bomb'), 'too large', '200 times', 'a bomb does not go off',
	max_response_size => 1000000);
fails($web->url('/bomb'), 'too large', '', 'nor within the limit of size');
fails($web->url('/headers'), 'too large', '200 lines', 'a flood of header lines');
fails($web->url('/headers?n=100&size=1000'), 'too large', '64 kB', 'or of header bytes');
fails($web->url('/header-line'), 'too large', 'header', 'or of one header line');
fails($web->url('/interim?n=1000'), 'too large', 'header', 'or of interim answers');

# Trouble on the way

fails($web->url('/reset'), 'connect', '', 'reset before the answer');
fails($web->url('/silent'), 'connect', '', 'no answer');
fails('http://127.0.0.1:1/', 'connect', '', 'nobody listens');
fails('http://no-such-host.invalid/', 'resolve', 'no-such-host', 'no such host');
fails($web->url('/truncated'), 'truncated', '', 'half a body');
fails($web->url('/chunked-cut'), 'truncated', '', 'half of the chunks');
fails($web->url('/reset-body'), 'truncated', '', 'reset in the body');
fails($web->url('/garbage'), 'protocol', '', 'not HTTP');
fails($web->url('/badgzip'), 'protocol', '', 'not gzip');
fails($web->url('/slow?seconds=30'), 'timeout', '', 'too slow', request_timeout => 300);
fails($web->url('/drip'), 'timeout', '', 'too slow in its body', request_timeout => 500);
fails($web->url('/stall?bytes=10'), 'timeout', '16 bytes/sec', 'stalled, before the time is over',
	request_timeout => 3000);
fails('http://example.org/a b', 'url', 'space', 'not a URL');
fails('ftp://example.org/', 'refused', 'ftp', 'not our scheme');
fails('http://[::1/', 'url', '', 'not a host');
fails('http://a:b:c@/x', 'url', '', 'no host');

# TLS

my $tls = $web->tls_url('/feed/7');
fails($tls, 'certificate', '', 'an unknown certificate');
fetches($tls, "status, encode(sha256, 'hex')", '200|' . sha256_hex($feed), 'a known one',
	ca_file => $cert);
fails($web->tls_url('/feed/7', '127.0.0.2'), 'certificate', '', 'a known one of another host',
	ca_file => $cert);
fails($web->url("/redirect?to=$tls"), 'certificate', '', 'met behind a redirect');

# The guard: nothing listens at the name's public face, and nobody is to be asked.

$web->reset;
for my $host ('127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433')
{
	fails($web->url('/feed/1', $host), 'refused', 'datasens.allow_private_networks',
		"$host is not reached", allow_private_networks => 'off');
}
is(scalar @{ $web->log->{requests} }, 0, 'no request has left');

fails('http://10.0.0.1/', 'refused', '10\.0\.0\.1', 'nor is a private network',
	allow_private_networks => 'off');

# The first address plays the public network, from which a redirect leads inwards.
my %outside = (allow_private_networks => 'off', public_address => '127.0.0.1');
fetches($web->url('/chain/2'), 'status', '200', 'outside, redirects are followed', %outside);
for my $host ('127.0.0.2', '[::1]')
{
	fails($web->url("/redirect?to=http://$host:$port/feed/1"),
		'refused', 'datasens.allow_private_networks', "but not to $host", %outside);
}
is(scalar(grep { $_->{address} ne '127.0.0.1' } @{ $web->log->{requests} }),
	0, 'nobody inside was asked');

# Proxies: the administrator's, and no other (see the environment above).

fetches('http://somewhere.invalid/feed/7', "status, encode(sha256, 'hex')",
	'200|' . sha256_hex($feed), 'the proxy is asked', proxy => "http://127.0.0.1:$port",
	allow_private_networks => 'off');
is($web->log->{requests}[-1]{target}, 'http://somewhere.invalid/feed/7', 'as proxies are');

# What a name leads to is the proxy's affair, but an address is an address, however it is written.
my %proxied = (proxy => "http://127.0.0.1:$port", allow_private_networks => 'off');
$web->reset;
for my $host ('127.0.0.1', '127.1', '0x7f.0.0.1', '2130706433', '10.0.0.1', '169.254.169.254', '[::1]', '[::ffff:10.0.0.1]',
	'[fe80::1%25eth0]', 'localhost', 'a.LOCALHOST.', 'user@127.0.0.1', '%31%32%37.0.0.1', "\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1")
{
	fails("http://$host/feed/1", 'refused', 'is not a public address', "a proxy is not asked for $host", %proxied);
}
is(scalar @{ $web->log->{requests} }, 0, 'nothing was asked');
fails('http://somewhere.invalid/redirect?to=http://127.1/feed/1', 'refused', '127\.0\.0\.1 is not a public address',
	'nor behind a redirect', %proxied);
fetches("http://$_/feed/7", 'status', '200', "but it is for $_", %proxied) for '93.184.215.14', '[2606:2800::1]', 'localhost.invalid';
fetches('http://127.0.0.1/feed/7', 'status', '200', 'or for all, where that is allowed', proxy => $proxied{proxy});

# What is sent

$web->reset;
fetches($web->url('/feed/1'), 'status', '200', 'a request');
my $request_headers = $web->log->{requests}[0]{headers};
like($request_headers->{'user-agent'}, qr{^datasens/[\d.]+ \(PostgreSQL \d+\)$}, 'says who asks');
is($request_headers->{accept}, 'application/rss+xml, */*;q=0.5', 'what is wanted');
like($request_headers->{'accept-encoding'}, qr/gzip/, 'compressed, too');
is($request_headers->{cookie}, undef, 'and no more');
fetches($web->url('/feed/1'), 'status', '200', 'another', user_agent => 'lecteur/2');
is($web->log->{requests}[-1]{headers}{'user-agent'}, 'lecteur/2', 'says what it was told');

# Many: places by host, and nobody waits for another's slowness.

$web->reset;
$web->control('latency', ms => 30);
my $many = 'SELECT count(*) FILTER (WHERE status = 200) FROM fetch_probe(ARRAY(SELECT format('
  . "'http://127.0.0.%s:$port/feed/%s', 1 + i %% 3, i / 3) FROM generate_series(0, 59) i))";
$many =~ s/%%/%/;
is(query({ max_connections_per_host => 3 }, $many), '60', 'sixty requests to three hosts');
my $log = $web->log;
is($log->{max_active}{"127.0.0.$_:$port"}, 3, "three at a time at 127.0.0.$_") for 1 .. 3;
$web->reset;
$web->control('latency', ms => 30);
is(query({ max_connections => 2 }, $many), '60', 'the same, two at a time');
my $together = 0;
$together += $_ for values %{ $web->log->{max_active} };
cmp_ok($together, '<=', 6, 'no host has more than two');
$web->reset;

my $order = query({ max_connections_per_host => 1, request_timeout => 1500 },
		'SELECT string_agg(n::text || failure, \' \' ORDER BY ordinality) FROM (SELECT *, '
	  . 'row_number() OVER () AS ordinality FROM fetch_probe('
	  . array_of($web->url('/held/never'), $web->url('/feed/1'),
		map { $web->url("/feed/$_", '127.0.0.2') } 1 .. 3)
	  . ')) r');
like($order, qr/^3 4 5 1timeout 2$/, 'a host that hangs holds up only its own');
$web->control('release');
$web->reset;

# Redirects wait for their place, too.
$web->control('latency', ms => 20);
is( query(
		{ max_connections_per_host => 2 },
		'SELECT count(*) FILTER (WHERE status = 200) FROM fetch_probe(ARRAY(SELECT '
		  . "'http://127.0.0.' || 2 + i % 8 || ':$port/redirect?to=http://127.0.0.1:$port/feed/' || i"
		  . ' FROM generate_series(1, 24) i))'),
	'24',
	'many redirects to one host');
is($web->log->{max_active}{"127.0.0.1:$port"}, 2, 'two at a time there');
$web->reset;

# Requests with a spacing keep it at each host, and hosts do not wait for each other.
sub spaced
{
	my ($spacing, $more, @urls) = @_;

	return query({}, 'SELECT string_agg(status::text, \' \' ORDER BY n) FROM fetch_probe('
		  . array_of(@urls) . ", spacing => $spacing, alone => $more)");
}

# When a host was asked, as the web server's log has it.
sub request_times
{
	my ($host) = @_;
	return map { $_->{time} } grep { $_->{host} eq "$host:$port" } @{ $web->log->{requests} };
}

# The smallest time between two requests at a host.
sub smallest_gap
{
	my @times = request_times(@_);
	my @gaps = sort { $a <=> $b } map { $times[$_] - $times[ $_ - 1 ] } 1 .. $#times;

	return $gaps[0];
}

my @pages = map { my $i = $_; map { $web->url("/feed/$i", $_) } @hosts[ 0 .. 2 ] } 1 .. 4;
is(spaced(200, 'true', @pages), join(' ', (200) x 12), 'spaced requests to three hosts');
my @gaps = map { smallest_gap($_) } @hosts[ 0 .. 2 ];
cmp_ok($gaps[$_], '>=', 0.2, "keep their spacing at $hosts[$_]") for 0 .. 2;
cmp_ok(max(map { (request_times($_))[0] } @hosts[ 0 .. 2 ]), '<', min(map { (request_times($_))[-1] } @hosts[ 0 .. 2 ]),
	'the hosts take turns');
cmp_ok(min(@gaps), '<', 0.6, 'and do not wait for each other');
$web->reset;
spaced(100, 'true', $web->url('/slow?seconds=0.4'), $web->url('/feed/1'),
	map { $web->url("/feed/$_", '127.0.0.2') } 1 .. 3);
cmp_ok(smallest_gap('127.0.0.1'), '>=', 0.5, 'alone: spaced from the end of the one before');
is($web->log->{max_active}{"127.0.0.1:$port"}, 1, 'one at a time');
$web->reset;
my $began = time;
spaced(100, 'false', map { $web->url("/slow?seconds=0.3&n=$_") } 1 .. 4);
cmp_ok(time - $began, '>=', 0.6, 'else from its start, spaced, too');
cmp_ok($web->log->{max_active}{"127.0.0.1:$port"}, '>', 1, 'and no one waits for another\'s end');
$web->reset;
is(spaced(10, 'true', $web->url('/status/429?retry_after=1'), $web->url('/feed/1')), '429 200', 'a host that has had enough');
cmp_ok(smallest_gap('127.0.0.1'), '>=', 1, 'is left alone');
$web->reset;
like( query({}, 'SELECT string_agg(status || failure || retry_after, \' \' ORDER BY n) FROM fetch_probe('
		  . array_of($web->url('/status/503?retry_after=300', '127.0.0.9'),
			$web->url('/feed/1', '127.0.0.9'), $web->url('/feed/1', '127.0.0.2'))
		  . ', spacing => 10, alone => true)'),
	qr/^503http300 0http30[01] 200-1$/, 'for too long to wait for it');
is(scalar(grep { $_->{host} eq "127.0.0.9:$port" } @{ $web->log->{requests} }), 1, 'so it is not asked');
$web->reset;

# Cancel

my $started = time;
my ($result, $out, $err) = $node->psql('postgres',
	"SET statement_timeout = 300; SELECT * FROM fetch_probe("
	  . array_of($web->url('/held/a'), $web->url('/stall'), 'http://no-such-host.invalid/') . ')');
like($err, qr/statement timeout/, 'a statement can be cancelled');
cmp_ok(time - $started, '<', 2, 'at once');
$web->control('release');
$web->reset;

my $wait = $web->url('/held/abandoned');
is( query(
		{ max_connections => 4 },
		'SELECT string_agg(n::text, \',\' ORDER BY n) FROM fetch_probe('
		  . array_of($web->url('/feed/1'), $wait, $web->url('/feed/3'), $wait,
			$web->url('/feed/5'), map { $wait, $web->url("/feed/$_") } 1 .. 5)
		  . ', abandon => 2)'),
	'1,3,5,7,9,11,13,15',
	'requests can be abandoned, waiting or in flight');
$web->control('release');
$web->reset;

like(query({}, "SELECT fetch_probe_progress('" . $web->url('/stall') . "')"),
	qr/^\{1000,2000\}$/, 'progress is seen while a body arrives');

# Nothing is left behind: descriptors and memory after 2,000 requests of every kind, given up
# or not, are those after the first 1,000, by when libcurl and libssl have what they keep.

my $round = sub {
	my ($count) = @_;
	my @paths = qw(feed/1 gzip/feed/2 gone truncated reset chain/2 loop headers badgzip silent);

	return join '', map {
		my $path = $paths[ $_ % @paths ];
		"SELECT count(*) FROM fetch_probe(ARRAY(SELECT format('http://127.0.0.%s:$port/$path', "
		  . "1 + i % 9) FROM generate_series(1, 20) i), abandon => $_ % 4);\n"
	} 1 .. $count;
};
$out = query({}, $round->(50)
	  . "SELECT 'first', fetch_probe_descriptors(), fetch_probe_memory();\n"
	  . $round->(50)
	  . "SELECT 'last', fetch_probe_descriptors(), fetch_probe_memory();\n");
my ($descriptors, $memory) = $out =~ /^first\|(\d+)\|(\d+)$/m;
my ($descriptors_last, $memory_last) = $out =~ /^last\|(\d+)\|(\d+)$/m;
is($descriptors_last, $descriptors, 'no descriptor is left behind');
cmp_ok($memory_last - $memory, '<', 100_000, 'no memory either');

# What an error interrupts is given up with the memory of its transaction.
my $urls = array_of($web->url('/feed/1'), map { $web->url('/stall') } 1 .. 8);
($result, $out, $err) = $node->psql('postgres', <<"SQL", on_error_stop => 0);
SELECT count(*) FROM fetch_probe(ARRAY['@{[$web->url('/feed/1')]}']);
SELECT fetch_probe_descriptors();
@{["SELECT * FROM fetch_probe($urls, abandon => -1);\n" x 10]}
SELECT fetch_probe_descriptors();
SQL
my (undef, $before, $after) = split /\n/, $out;
is(scalar(() = $err =~ /ERROR:  abandoned/g), 10, 'errors while requests are in flight');
is($after, $before, 'leave nothing behind');

# Ten thousand at once
my $ten_thousand = 'SELECT count(*) FILTER (WHERE status = 200), '
  . 'count(*) FILTER (WHERE status <> 200) FROM fetch_probe(ARRAY(SELECT format('
  . "'http://127.0.0.%s:$port/feed/%s?items=1', 1 + i % 9, i % 50) FROM generate_series(1, 10000) i))";
is(query({}, $ten_thousand), '10000|0', 'ten thousand requests');

$node->stop;
$web->stop;
done_testing();
