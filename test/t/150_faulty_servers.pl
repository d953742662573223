# Servers that misbehave in every way: what becomes of their sources, by DESIGN.md, section 7.
#
# The table below is the expectation, to be read beside that section: for each fault what is
# told of it, and whether it is retried.  All its sources are collected by one collector in one
# round, side by side with sources of a good server, which must not be disturbed; the
# collector's memory must stay bounded.  Every name is at a public address (FakeNetwork), so
# that private networks are forbidden, as they are for users.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use FakeNetwork;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

# What a response may take, decompressed, and what the collector may grow by in the round.
my $max_response = 4;
my $max_growth = 120;
my $n_good = 20;

my $network = FakeNetwork->new;

# ---- certificates: an authority that the server trusts, and what it did or did not sign ----

my $tls = PostgreSQL::Test::Utils::tempdir();
my $ca = "$tls/ca.crt";

sub openssl
{
	my ($out, $err);

	run_log([ 'openssl', @_ ], '>', \$out, '2>', \$err) or die "openssl @_: $err";
	return;
}

# A certificate that is valid, and one that was: newer versions of openssl want a beginning before
# the end, older ones cannot be given one.
my @valid = ('-days', 2);
my @expired =
  qx(openssl x509 -help 2>&1) =~ /-not_after/
  ? qw(-not_before 20200101000000Z -not_after 20200102000000Z)
  : ('-days', -1);

# The file HOST.pem for that name.
sub certify
{
	my ($host, $name, $key, $issuer, @period) = @_;

	append_to_file("$tls/$host.ext", "subjectAltName=DNS:$name\n");
	openssl('req', '-new', '-key', $key, '-subj', "/CN=$name", '-out', "$tls/$host.csr");
	openssl('x509', '-req', '-in', "$tls/$host.csr", '-CA', $issuer, '-CAkey', $key, @period,
		'-extfile', "$tls/$host.ext", '-set_serial', length($host), '-out', "$tls/$host.crt");
	append_to_file("$tls/$host.pem", slurp_file("$tls/$host.crt") . slurp_file($key));
	return;
}

my $key = "$tls/ca.key";
openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', 2, '-subj', '/CN=authority', '-keyout',
	$key, '-out', $ca);
openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', 2, '-subj', '/CN=self.test', '-addext',
	'subjectAltName=DNS:self.test', '-keyout', "$tls/self.key", '-out', "$tls/self.crt");
append_to_file("$tls/self.test.pem", slurp_file("$tls/self.crt") . slurp_file("$tls/self.key"));
certify('valid.test', 'valid.test', $key, $ca, @valid);
certify('expired.test', 'expired.test', $key, $ca, @expired);
certify('other.test', 'another.test', $key, $ca, @valid);

# ---- the servers ----

my $files = PostgreSQL::Test::Utils::tempdir();
my $web = DatasensWeb->new(root => $files, cert => "$tls/valid.test.crt", key => $key, sni => $tls);
my $good = DatasensWeb->new;
my $port = $web->port;
my $tls_port = $web->{tls_port};
my $node = DatasensNode::start('main', 'datasens.allow_private_networks' => 'off',
	'datasens.rss_schedule' => '0 0 1 1 *', 'datasens.linger' => '60s', 'datasens.ca_file' => $ca,
	'datasens.connect_timeout' => '2s', 'datasens.request_timeout' => '3s',
	'datasens.max_response_size' => "${max_response}MB", 'datasens.retry_delay' => '1h');
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

# A body as it is, bytes and all.
sub file
{
	my ($name, $body, @headers) = @_;

	append_to_file("$files/$name", $body);
	append_to_file("$files/$name.headers", join "\n", 'Content-Type: application/rss+xml', @headers);
	return "/files/$name";
}

sub rss
{
	my ($item, $prolog) = @_;
	return ($prolog || '') . "<rss version=\"2.0\"><channel><title>t</title><item>$item</item></channel></rss>";
}

sub hex_of
{
	return unpack 'H*', $_[0];
}

# ---- the faults ----

# What, where (a path, or a URL), what becomes of it: 'echec', and whether it is retried; or
# what is stored; and what is told.
my $retried = 'echec, reessaye';
my $permanent = 'echec';
my @faults = (
	# Transient: timeouts, names, resets, broken answers
	[ 'nobody listens', 'http://refuse.test:1/', $retried, qr/^connect: .*refuse\.test/ ],
	[ 'no such name', 'http://absent.invalid/', $retried, qr/^resolve: .*absent\.invalid/ ],
	[ 'closes without an answer', '/silent', $retried, qr/^connect: Empty reply/ ],
	[ 'resets before an answer', '/reset', $retried, qr/^connect: / ],
	[ 'closes in the header', '/cut-head', $retried, qr/^truncated: header without an end/ ],
	[ 'resets in the header', '/reset-head', $retried, qr/^connect: / ],
	[ 'closes in the body', '/truncated', $retried, qr/^truncated: / ],
	[ 'resets in the body', '/reset-body', $retried, qr/^truncated: / ],
	[ 'closes in a chunk', '/chunked-cut', $retried, qr/^truncated: / ],
	[ 'hangs before the header', '/hang', $retried, qr/^timeout: / ],
	[ 'hangs in the header', '/hang-head', $retried, qr/^timeout: / ],
	[ 'hangs in the body', '/stall', $retried, qr/^timeout: / ],
	[ 'a byte of the body a second', '/drip?interval=1', $retried, qr/^timeout: / ],
	[ 'a byte of the header a second', '/drip-head?interval=1', $retried, qr/^timeout: / ],
	[ 'a shorter body than announced', '/length?is=100000', $retried, qr/^truncated: / ],
	[ 'a chunk without a size', '/chunk-size?is=zz', $retried, qr/^truncated: .*(hexadecimal|hex digit)/ ],
	[ 'a chunk of 16 EB', '/chunk-size?is=ffffffffffffffff', $retried, qr/^(protocol|truncated): / ],
	[ 'a chunk of a number without end', '/chunk-size?is=' . '1' x 100, $retried, qr/^truncated: (Too long|.*longer than)/ ],
	[ 'a chunk of less than nothing', '/chunk-size?is=-5', $retried, qr/^truncated: .*(hexadecimal|hex digit)/ ],
	[ 'a shorter chunk than it says', '/chunk-size?is=5', $retried, qr/^truncated: Malformed/ ],
	[ 'something that is not HTTP', '/garbage', $retried, qr/^protocol: / ],
	[ 'HTTP/0.9', '/http09', $retried, qr/^protocol: / ],
	[ 'HTTP/9.9', '/version?is=HTTP/9.9+200+OK', $retried, qr/^protocol: / ],
	[ 'a status of four digits', '/version?is=HTTP/1.1+2000+OK', $retried, qr/^protocol: / ],
	[ 'TLS where there is none', "https://clair.test:$port/feed/1", $retried, qr/^protocol: / ],
	[ 'gzip that is none', '/badgzip', $retried, qr/^protocol: / ],
	[ 'deflate that is none', '/badgzip?coding=deflate', $retried, qr/^protocol: / ],
	(map { [ "$_, which was not asked for", "/badgzip?coding=$_", $retried, qr/^protocol: .*not asked for/ ] }
		qw(br zstd compress)),
	[ 'gzip that was cut', '/coding/cut', $retried, qr/^truncated: body that ends before its encoding/ ],
	[ 'gzip that was cut by its last byte', '/coding/cut-end', $retried, qr/^truncated: body that ends before/ ],
	[ 'gzip that was cut before its sum', '/coding/cut-sum', $retried, qr/^truncated: body that ends before/ ],
	[ 'gzip with a wrong sum', '/coding/sum', $retried, qr/^protocol: / ],
	[ 'twenty encodings', '/coding/many', $retried, qr/^protocol: / ],
	[ 'an encoding that nobody knows', '/coding/unknown', $retried, qr/^protocol: / ],
	[ 'two lengths', '/length?is=5&is=9999', $retried, qr/^[a-z]+: / ],
	[ 'a length of less than nothing', '/length?is=-5', $retried, qr/^[a-z]+: / ],
	[ 'a length that is none', '/length?is=abc', $retried, qr/^[a-z]+: / ],
	[ 'NUL in a header', '/raw-header?is=' . hex_of("ETag: \"a\0b\""), $retried, qr/^protocol: / ],
	[ 'a header line without a colon', '/raw-header?is=' . hex_of('nothing'), $retried, qr/^protocol: / ],
	(map { [ "$_", "/status/$_", $retried, qr/^http: HTTP status $_: / ] }
		408, 425, 429, 500, 502, 503, 504, 599),

	# Permanent: other statuses, redirects to nowhere, what is refused
	(map { [ "$_", "/status/$_", $permanent, qr/^http: HTTP status $_: / ] }
		400, 401, 403, 404, 407, 418, 451, 300, 305, 399, 499),
	[ '304 to who did not ask', '/status/304', $permanent, qr/^http: HTTP status 304/ ],
	(map { [ "a challenge: $_", "http://defi.test:$port/challenge?is=$_", $permanent, qr/^http: HTTP status 401: / ] }
		'Basic+realm=%22x%22', 'Digest+realm=%22x%22,nonce=%22y%22', 'NTLM', 'Negotiate', 'Bearer'),
	[ 'a proxy\'s challenge', "http://defi.test:$port/challenge?status=407&is=Basic", $permanent, qr/^http: HTTP status 407/ ],
	[ 'a hundred redirects', '/chain/100', $permanent, qr/^refused: more redirects/ ],
	[ 'a redirect to itself', '/loop', $permanent, qr/^refused: more redirects/ ],
	[ 'a redirect to a file', '/redirect?to=file:///etc/passwd', $permanent, qr/^refused: .*"file"/ ],
	[ 'a redirect to gopher', '/redirect?to=gopher://x/', $permanent, qr/^refused: .*"gopher"/ ],
	[ 'a redirect to javascript', '/redirect?to=javascript:alert(1)', $permanent, qr/^(refused|http|url): / ],
	[ 'a redirect to nothing', '/redirect?to=', $permanent, qr/^http: HTTP status 302/ ],
	[ 'a redirect to a URL that is none', '/redirect?to=http://a:b:c/', $permanent, qr/^http: redirect/ ],
	[ 'a redirect to 9,000 bytes', '/far', $permanent, qr/^http: HTTP status 302/ ],
	(map { [ "a redirect to $_", "/redirect?to=http://$_:$port/feed/1", $permanent,
			qr/^refused: .* is not a public address/ ] }
		'127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433', '127.1',
		'10.0.0.1', '169.254.169.254', '[fe80::1]', '[64:ff9b::7f00:1]', '0.0.0.0', 'inside.test',
		'metadata.test', 'six.test', 'mapped.test'),
	[ 'a name of a private address', 'http://inside.test/', $permanent, qr/^refused: 10\.0\.0\.1 is not/ ],
	[ 'digits in circles', "http://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1:$port/feed/1", $permanent,
		qr/^refused: 127\.0\.0\.1 is not a public address/ ],
	[ 'localhost in a circle', "http://\xe2\x93\x9bocalhost:$port/feed/1", $permanent,
		qr/^refused: (127\.0\.0\.1|::1) is not a public address/ ],
	[ 'a link-local address', 'http://169.254.169.254/latest/meta-data/', $permanent, qr/^refused: / ],
	[ 'a certificate nobody signed', "https://self.test:$tls_port/feed/1", $permanent, qr/^certificate: / ],
	[ 'a certificate of yesterday', "https://expired.test:$tls_port/feed/1", $permanent, qr/^certificate: / ],
	[ 'another\'s certificate', "https://other.test:$tls_port/feed/1", $permanent, qr/^certificate: / ],

	# Larger than limits allow
	[ 'an endless body', '/huge?mb=0', $permanent, qr/^too large: body of more than/ ],
	[ 'a body of 8 EB', '/announce?bytes=9223372036854775807', $permanent, qr/^too large: / ],
	[ 'a length beyond all numbers', '/length?is=99999999999999999999', $permanent, qr/^too large: / ],
	[ 'endless header lines', '/headers?n=0', $permanent, qr/^too large: header/ ],
	[ 'an endless header line', '/header-line?size=0', $permanent, qr/^too large: header/ ],
	[ 'an ETag of 1 MB', '/etag', $permanent, qr/^too large: header/ ],
	[ 'a storm of 1xx', '/interim?n=0', $permanent, qr/^too large: header/ ],
	[ 'a storm of 100', '/interim?n=0&status=100', $permanent, qr/^too large: header/ ],
	[ 'endless trailers', '/trailers?n=0', $permanent, qr/^too large: header/ ],
	[ 'a million of entries', file('million', '<rss><channel>' . '<item/>' x 500000), $permanent, qr/^too large: / ],
	[ 'a title beyond the limit', file('title', rss('<title>' . 'x' x 5_000_000 . '</title>')), $permanent,
		qr/^too large: / ],
	[ 'a bomb in gzip', '/bomb', $permanent, qr/^too large: body/ ],
	[ 'a bomb in deflate', '/bomb?coding=deflate', $permanent, qr/^too large: body/ ],
	[ 'a bomb in a bomb', '/bomb?coding=gzip,+gzip&mb=16', $permanent, qr/^too large: body/ ],
	(map { [ "a bomb in $_", "/bomb?coding=$_", $retried, qr/^protocol: .*not asked for/ ] } qw(br zstd)),

	# Not a feed
	[ 'nothing', file('empty', ''), $permanent, qr/^parse: the document is empty/ ],
	[ 'no content', '/status/204', $permanent, qr/^parse: the document is empty/ ],
	[ 'a page', file('page', '<!DOCTYPE html><html><body>x'), $permanent, qr/^parse: .*HTML page/ ],
	[ 'NUL and nothing else', file('nul', "\0" x 100000), $permanent, qr/^parse: / ],
	[ 'bytes of no meaning', file('random', join '', map { chr(($_ * 7919) % 251 + 5) } 1 .. 50000),
		$permanent, qr/^parse: / ],
	[ 'JSON in JSON in JSON', file('json', '{"version":"https://jsonfeed.org/version/1","items":' . '[' x 100000),
		$permanent, qr/^parse: / ],
	[ 'a longer body than announced', '/length?is=2', $permanent, qr/^parse: / ],

	# Survived
	[ 'trailers', '/trailers', 'succes 2', qr/^$/ ],
	[ '1xx before the answer', '/interim', 'succes 2', qr/^$/ ],
	[ 'cookies', '/cookie', 'succes 2', qr/^$/ ],
	[ 'an ETag of 2 kB', '/etag?size=2000', 'succes 2', qr/^$/ ],
	[ 'an ETag that is not ASCII', '/badheader', 'succes 2', qr/^$/ ],
	[ 'a type that is not ASCII', '/badheader?name=Content-Type', 'succes 2', qr/^$/ ],
	[ 'escapes in a header', '/raw-header?is=' . hex_of("ETag: \"\e[2J\x07\""), 'succes 2', qr/^$/ ],
	[ 'HTTP/1.0', '/version?is=HTTP/1.0+200+OK', 'succes 2', qr/^$/ ],
	[ 'a status without words', '/version?is=HTTP/1.1+200', 'succes 2', qr/^$/ ],
	[ 'more after the end of gzip', '/coding/tail', 'succes 2', qr/^$/ ],
	[ 'gzip in two members', '/coding/members', 'succes 2', qr/^$/ ],
	[ 'gzip in gzip', '/coding/twice', 'succes 2', qr/^$/ ],
	[ 'deflate without its header', '/coding/raw', 'succes 2', qr/^$/ ],
	[ 'the encoding identity', '/coding/identity', 'succes 2', qr/^$/ ],
	[ 'elements without end', file('deep', '<rss><channel>' . '<a>' x 300000), 'succes 0', qr/^$/ ],
	[ 'an address of version 6', "http://[2606:2800::1]:$port/feed/1?items=2", 'succes 2', qr/^$/ ],
	[ 'a private address beside a public one', "http://both.test:$port/feed/1?items=2", 'succes 2', qr/^$/ ],
	[ 'a name beyond ASCII', "http://\xc3\xa9t\xc3\xa9.test:$port/feed/1?items=2", 'succes 2', qr/^$/ ],
	[ 'a certificate that is right', "https://valid.test:$tls_port/feed/1?items=2", 'succes 2', qr/^$/ ],
	[ 'eight redirects', '/chain/8', 'succes 40', qr/^$/ ],
	[ 'NUL in a feed', file('nuls', rss("<title>a\0b</title><link>http://h/\0x</link><guid>\0</guid>")),
		'succes 1', qr/^$/ ],
	[ 'invalid UTF-8 in a feed',
		file('invalid', rss("<title>\xff\xfe\xc3(\xed\xa0\x80</title><link>http://h/\x80</link><author>\xf5</author>"),
			"Content-Type: application/rss+xml; charset=utf-8"), 'succes 1', qr/^$/ ],
	[ 'another charset than it says', file('charset', rss("<title>\xe9t\xe9</title>",
				"<?xml version='1.0' encoding='utf-16'?>")), 'succes 1', qr/^$/ ],
	[ 'a charset that nobody knows', file('unknown', rss("<title>\xe9t\xe9</title>",
				"<?xml version='1.0' encoding='x-none'?>"), 'Content-Type: text/xml; charset=x-nobody'),
		'succes 1', qr/^$/ ],
	[ 'entities of entities', file('laughs', rss('<title>&c;</title>',
				"<!DOCTYPE rss [<!ENTITY a 'ha'><!ENTITY b '" . '&a;' x 1000 . "'><!ENTITY c '" . '&b;' x 1000 . "'>]>")),
		'succes 1', qr/^$/ ],
	[ 'a file as an entity', file('xxe', rss('<title>x&f;</title>',
				"<!DOCTYPE rss [<!ENTITY f SYSTEM 'file://$tls/secret'>]>")), 'succes 1', qr/^$/ ],
	[ 'links within the server', file('relative', rss('<title>relative</title><link>une?a=b</link>')), 'succes 1', qr/^$/ ],
);

# What servers ask for, on the way to the second attempt; seconds, or 'none': they did not ask
# for all of the host.
my @waits = (
	[ 'Retry-After of 503', '/status/503?retry_after=17', 17 ],
	[ 'Retry-After of 429', '/status/429?retry_after=7200', 7200 ],
	[ 'Retry-After of 500', '/status/500?retry_after=17', 'none' ],
	(map { [ "Retry-After as $_", "/retry-date/503?seconds=7200&form=$_", 7200 ] } qw(imf rfc850 asctime)),
	[ 'Retry-After in the past', '/retry-date/503?seconds=-500', 'none' ],
	[ 'Retry-After in 30 years', '/retry-date/503?seconds=946080000', 86400 ],
	[ 'Retry-After without end', '/status/503?retry_after=' . '9' x 60, 86400 ],
	[ 'Retry-After twice', '/status/503?retry_after=17&retry_after=7200', 7200 ],
	(map { [ "Retry-After: $_", "/status/503?retry_after=$_", 'none' ] }
		'soon', '', '-5', '0', '1.5', '0x10', '1e3', '%2B5', 'Thu,+99+Foo+2026', '9' x 5000));

append_to_file("$tls/secret", 'the text of the file');
$web->control('set', path => '/far', status => 302, header => 'Location: /' . 'x' x 9000);

$network->hosts(
	'inside.test' => '10.0.0.1',
	'metadata.test' => '169.254.169.254',
	'six.test' => 'fd00::1',
	'mapped.test' => '::ffff:10.0.0.1',
	'both.test' => '10.0.0.1 93.184.215.14',
	'tourne.test' => '93.184.215.14');

# ---- one round of all ----

# The URLs have credentials, where the fault does not say how they look.
sub url_of
{
	my ($n, $where) = @_;
	return $where =~ m{^/} ? "http://user:hush$n\@fault$n.test:$port$where" : $where;
}

my $sources = join ",\n", map { my $n = $_; $_ = url_of($n, $faults[$n][1]); s/'/''/g; "('fault $n', '$_')" } 0 .. $#faults;
$node->safe_psql('postgres', "SELECT count(datasens_add_source('rss', nom, url)) FROM (VALUES $sources) v (nom, url)");
$node->safe_psql('postgres', "SELECT datasens_add_source('rss', 'attente $_',
	'http://attente$_.test:$port$waits[$_][1]')") for 0 .. $#waits;
$node->safe_psql('postgres', "SELECT count(datasens_add_source('rss', 'bon ' || i,
	'http://bon' || i % 4 || '.test:@{[$good->port]}/feed/' || i)) FROM generate_series(1, $n_good) AS i");

sub collector
{
	return $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens collector'");
}

sub peak_of_memory
{
	my ($pid) = @_;
	return slurp_file("/proc/$pid/status") =~ /^VmHWM:\s+(\d+) kB/m ? int($1 / 1024) : die "no VmHWM of $pid";
}

# A source that is due again soon keeps the collector; its first run shows what that needs itself.
$node->safe_psql('postgres', "SELECT datasens_add_source('rss', 'veille',
	'http://veille.test:@{[$good->port]}/feed/1', '20 seconds'), datasens_collect_async('veille')");
DatasensNode::wait_for($node, 'postgres', 'SELECT count(*) = 1 FROM datasens.flux', 'a collector is there');
my $pid = collector();
my $before = peak_of_memory($pid);
my $began = time;
$node->safe_psql('postgres', "SELECT datasens_collect_async(nom) FROM datasens.source WHERE nom <> 'veille'");
my $n = @faults + @waits + $n_good;
ok($node->poll_query_until('postgres', "SELECT count(DISTINCT id_source) = $n FROM datasens.flux
		JOIN datasens.source USING (id_source) WHERE nom <> 'veille'"), 'every source has been asked');
note(sprintf '%d sources in %.1f s', $n, time - $began);

my %outcome = map { my @row = split /\t/, $_, -1; shift(@row) => \@row } split /\n/,
  $node->safe_psql('postgres', q{
	SELECT concat_ws(E'\t', nom, CASE WHEN statut <> 'echec' THEN statut || ' ' || nb_lus
			WHEN e.tentative = 1 AND e.declencheur = 'reprise' AND e.echecs_consecutifs = 0 THEN 'echec, reessaye'
			WHEN e.tentative = 0 AND e.echecs_consecutifs = 1 AND e.prochaine_collecte > now() THEN 'echec'
			ELSE 'in no state' END,
		coalesce(translate(erreur, E'\t\n', '  '), ''))
	FROM datasens.flux JOIN datasens.source USING (id_source) JOIN datasens.etat_source e USING (id_source)
	WHERE nom LIKE 'fault%'});
for my $i (0 .. $#faults)
{
	my ($what, undef, $expected, $message) = @{ $faults[$i] };
	my ($state, $told) = @{ $outcome{"fault $i"} || [ 'nothing', '' ] };

	ok($state eq $expected && $told =~ $message, "$what: $expected")
	  or diag("$state: $told\nexpected: $expected: $message");
}


# ---- nobody else was disturbed ----

is($node->safe_psql('postgres', "SELECT string_agg(DISTINCT statut || ' ' || nb_lus || ' ' || tentative, ',')
		FROM datasens.flux JOIN datasens.source USING (id_source) WHERE nom LIKE 'bon%'"),
	'succes 40 1', 'the good sources are collected at the first attempt');
is(collector(), $pid, 'the collector is the same');
my $growth = peak_of_memory($pid) - $before;
cmp_ok($growth, '<', $max_growth, "and has grown by less than $max_growth MB");
note("$growth MB more than $before MB");
is($node->safe_psql('postgres', "SELECT count(*) FROM datasens.document
		WHERE texte ~ 'text of the file' OR titre ~ 'text of the file' OR length(titre) > 1000"), 0,
	'no entity has brought a file, or grown');

# ---- how long they are left alone ----

for my $i (0 .. $#waits)
{
	my ($what, undef, $seconds) = @{ $waits[$i] };
	my ($host, $source) = split /\|/, $node->safe_psql('postgres', "
		SELECT coalesce(round(extract(epoch FROM h.reessayer_apres - f.date_collecte - f.duree))::text, 'none'),
			round(extract(epoch FROM e.prochaine_collecte - f.date_collecte - f.duree))
		FROM datasens.source s JOIN datasens.flux f USING (id_source) JOIN datasens.etat_source e USING (id_source)
			LEFT JOIN datasens.hote h ON h.hote = 'http://attente$i.test:$port' WHERE nom = 'attente $i'");

	# From whole seconds, by two clocks.
	ok($seconds eq 'none' ? $host eq 'none' : $host ne 'none' && abs($host - $seconds) <= 3,
		"$what: $seconds") or diag("$host");
	cmp_ok($source + 3, '>=', $seconds eq 'none' ? 3150 : $seconds, "$what: the source waits");
	cmp_ok($source, '<=', $seconds eq 'none' || $seconds < 4050 ? 4050 : $seconds + 3, "$what: no longer");
}

# ---- what is otherwise at the second time ----

# A new session each, so that nothing is remembered but what is stored.
sub collect
{
	my ($nom) = @_;
	return $node->safe_psql('postgres', "SELECT statut, erreur FROM datasens_collect('$nom')");
}

$node->safe_psql('postgres', "SELECT datasens_add_source('rss', nom, url) FROM (VALUES
	('detour', 'http://detour.test:$port/turn/1?to=http://127.0.0.1:$port/feed/1'),
	('tourne', 'http://tourne.test:$port/turn/2?to=/feed/2'),
	('gateau', 'http://gateau.test:$port/cookie')) v (nom, url)");
like(collect($_), qr/^succes\|$/, "$_: at first a good server") for qw(detour tourne gateau);
$network->hosts('tourne.test' => '127.0.0.1');
like(collect('detour'), qr/^echec\|refused: 127\.0\.0\.1 is not a public address/, 'a later redirect inwards');
like(collect('tourne'), qr/^echec\|refused: 127\.0\.0\.1 is not a public address/, 'a name that leads inwards later');
like(collect('gateau'), qr/^inchange\|$/, 'no cookie is brought back');

# ---- nothing has left, nothing has leaked ----

my %connects = $network->connects;
is(join(' ', sort keys %connects), '2606:2800::1 93.184.215.14', 'only public addresses were connected to');
for my $what ('datasens.flux', 'datasens.document', 'datasens.rejet', 'datasens.journal', 'datasens.hote',
	'datasens_health()', 'datasens_version_log()', 'datasens_schedule()',
	'(SELECT derniere_erreur FROM datasens.etat_source)')
{
	is($node->safe_psql('postgres', "SELECT count(*) FROM $what AS t WHERE t::text ~ 'hush'"), 0,
		"no password in $what");
}
is($node->safe_psql('postgres', "SELECT url FROM datasens.document WHERE titre = 'relative'") =~ s/\d+/N/gr,
	'http://faultN.test:N/files/une?a=b', 'nor in a link that begins at its own URL');
# The statements of this test are in the log as well.
is(scalar(grep { /hush/ && !/^\s*\('fault \d+', '/ && !/LOG:  statement: / } split /\n/,
		slurp_file($node->logfile)), 0, 'nor in the log');

$node->stop;
$web->stop;
$good->stop;
done_testing();
