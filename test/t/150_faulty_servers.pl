# Servers that misbehave in every way: what becomes of their sources, by DESIGN.md, section 7.
#
# The table below is the expectation, to be read beside that section: for each fault the status
# of its run, whether it is retried, how much memory it may take and what is told of it.  All
# its sources are collected by one collector in one round, side by side with sources of a good
# server, which must not be disturbed; and by sessions, which show what each takes.
# Every name is at a public address (FakeNetwork), so that private networks are forbidden,
# as they are for users.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use FakeNetwork;
use IO::Socket::INET;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

# What a response may take, decompressed, and what the collector may grow by in the round; a good
# part of it are the 64 MB that an expression of XPath may take.
my $max_response = 4;
my $max_growth = 140;

# MB beside what the table says: what libcurl, OpenSSL, libarchive and malloc keep differs between
# their releases.
my $libraries = 2;
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

# The file HOST.pem for that name; with the issuer's, where that is none that anybody knows.
sub certify
{
	my ($host, $name, $key, $issuer, @period) = @_;
	my $chain = $issuer eq $ca ? '' : slurp_file($issuer);
	my $own = -f "$tls/$host.key" ? "$tls/$host.key" : $key;

	append_to_file("$tls/$host.ext", "subjectAltName=DNS:$name\n");
	openssl('req', '-new', '-key', $own, '-subj', "/CN=$name", '-out', "$tls/$host.csr");
	openssl('x509', '-req', '-in', "$tls/$host.csr", '-CA', $issuer, '-CAkey', $key, @period,
		'-extfile', "$tls/$host.ext", '-set_serial', length($host), '-out', "$tls/$host.crt");
	append_to_file("$tls/$host.pem", slurp_file("$tls/$host.crt") . $chain . slurp_file($own));
	return;
}

# One of times to come, which only this command of openssl can be given in all versions.
sub certify_for_later
{
	my ($host, $key, $issuer) = @_;

	append_to_file("$tls/ca.cnf", join "\n", '[ca]', 'default_ca = a', '[a]', "database = $tls/index.txt", "new_certs_dir = $tls",
		'rand_serial = yes', 'default_md = sha256', 'policy = p', '[p]', 'commonName = supplied', '');
	append_to_file("$tls/index.txt", '');
	append_to_file("$tls/$host.ext", "subjectAltName=DNS:$host\n");
	openssl('req', '-new', '-key', $key, '-subj', "/CN=$host", '-out', "$tls/$host.csr");
	openssl('ca', '-batch', '-config', "$tls/ca.cnf", '-in', "$tls/$host.csr", '-cert', $issuer, '-keyfile', $key,
		'-startdate', '20990101000000Z', '-enddate', '20990102000000Z', '-extfile', "$tls/$host.ext", '-notext', '-out', "$tls/$host.crt");
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
certify('under.test', 'under.test', $key, "$tls/valid.test.crt", @valid);
certify('sha1.test', 'sha1.test', $key, $ca, @valid, '-sha1');
openssl('genrsa', '-out', "$tls/weak.test.key", 1024);
certify('weak.test', 'weak.test', $key, $ca, @valid);
certify_for_later('later.test', $key, $ca);

# ---- the servers ----

my $files = PostgreSQL::Test::Utils::tempdir();
my $web = DatasensWeb->new(root => $files, cert => "$tls/valid.test.crt", key => $key, sni => $tls);
my $good = DatasensWeb->new;
my $port = $web->port;
my $tls_port = $web->{tls_port};
# Only who hangs is to be too slow: all are asked at once.
my $node = DatasensNode::start('main', 'datasens.allow_private_networks' => 'off',
	'max_connections' => 30, 'datasens.linger' => '60s', 'datasens.ca_file' => $ca,
	'datasens.connect_timeout' => DatasensNode::patience(2) . 's', 'datasens.request_timeout' => DatasensNode::patience(5) . 's',
	'datasens.max_response_size' => "${max_response}MB", 'datasens.retry_delay' => '1h',
	'datasens.host_delay' => '0', map { ("datasens.${_}_schedule" => '0 0 1 1 *') } qw(rss json scraping kaggle));
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

# Where nobody answers: one listens, but has let in as many as it may and lets in nobody.
my $full = IO::Socket::INET->new(Listen => 0, LocalAddr => '127.0.0.1') or die $!;
my @waiting = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $full->sockport, Blocking => 0) } 1 .. 4;
# Where a connection is let in, and that is all.
my $deaf = IO::Socket::INET->new(Listen => 64, LocalAddr => '127.0.0.1') or die $!;

# ---- the faults ----

# What, where (a path, or a URL); the status, with the records that were read; whether it is
# retried; the MB that it may take at most; what is told.  Then a kind that is not rss, its
# options, and those that are written into the table past all checks.
my @faults = (
	# Transient: timeouts, names, resets, broken answers.  Retried.
	[ 'nobody listens', 'http://refuse.test:1/', 'echec', 'retry', 4, qr/^connect: .*refuse\.test/ ],
	[ 'no such name', 'http://absent.invalid/', 'echec', 'retry', 4, qr/^resolve: .*absent\.invalid/ ],
	[ 'a host that is silent', "http://silence.test:@{[$full->sockport]}/", 'echec', 'retry', 4, qr/^timeout: / ],
	[ 'hangs when it is connected', "http://sourd.test:@{[$deaf->sockport]}/", 'echec', 'retry', 4, qr/^timeout: / ],
	[ 'hangs in the handshake', "https://sourd.test:@{[$deaf->sockport]}/", 'echec', 'retry', 4, qr/^timeout: / ],
	[ 'closes in the handshake', "https://ferme.test:$tls_port/", 'echec', 'retry', 4, qr/^protocol: / ],
	[ 'closes without an answer', '/silent', 'echec', 'retry', 4, qr/^connect: Empty reply/ ],
	[ 'resets before an answer', '/reset', 'echec', 'retry', 4, qr/^connect: / ],
	[ 'closes in the header', '/cut-head', 'echec', 'retry', 4, qr/^truncated: header without an end/ ],
	[ 'resets in the header', '/reset-head', 'echec', 'retry', 4, qr/^connect: / ],
	[ 'closes in the body', '/truncated', 'echec', 'retry', 4, qr/^truncated: / ],
	[ 'resets in the body', '/reset-body', 'echec', 'retry', 4, qr/^truncated: / ],
	[ 'resets in a chunk', '/reset-chunk', 'echec', 'retry', 4, qr/^truncated: / ],
	[ 'closes in a chunk', '/chunked-cut', 'echec', 'retry', 4, qr/^truncated: / ],
	[ 'hangs before the header', '/hang', 'echec', 'retry', 4, qr/^timeout: / ],
	[ 'hangs in the header', '/hang-head', 'echec', 'retry', 4, qr/^timeout: / ],
	[ 'hangs in the body', '/stall', 'echec', 'retry', 4, qr/^timeout: / ],
	[ 'a byte of the body a second', '/drip?interval=1', 'echec', 'retry', 4, qr/^timeout: / ],
	[ 'a byte a second of a body without a length', '/drip?interval=1&length=0', 'echec', 'retry', 4, qr/^timeout: / ],
	[ 'a table at a hundred bytes a second', '/drip?interval=0.01&bytes=100000', 'echec', 'retry', 4, qr/^timeout: /, 'kaggle' ],
	[ 'a byte of the header a second', '/drip-head?interval=1', 'echec', 'retry', 4, qr/^timeout: / ],
	[ 'a shorter body than announced', '/length?is=100000', 'echec', 'retry', 4, qr/^truncated: / ],
	[ 'a chunk without a size', '/chunk-size?is=zz', 'echec', 'retry', 4, qr/^truncated: .*(hexadecimal|hex digit)/ ],
	[ 'a chunk of 16 EB', '/chunk-size?is=ffffffffffffffff', 'echec', 'retry', 4, qr/^(protocol|truncated): / ],
	[ 'a chunk of a number without end', '/chunk-size?is=' . '1' x 100, 'echec', 'retry', 4, qr/^truncated: (Too long|.*longer than)/ ],
	[ 'a chunk of less than nothing', '/chunk-size?is=-5', 'echec', 'retry', 4, qr/^truncated: .*(hexadecimal|hex digit)/ ],
	[ 'a shorter chunk than it says', '/chunk-size?is=5', 'echec', 'retry', 4, qr/^truncated: Malformed/ ],
	[ 'something that is not HTTP', '/garbage', 'echec', 'retry', 4, qr/^protocol: / ],
	[ 'HTTP/0.9', '/http09', 'echec', 'retry', 4, qr/^protocol: / ],
	[ 'HTTP/9.9', '/version?is=HTTP/9.9+200+OK', 'echec', 'retry', 4, qr/^protocol: / ],
	[ 'a status of four digits', '/version?is=HTTP/1.1+2000+OK', 'echec', 'retry', 4, qr/^protocol: / ],
	[ 'TLS where there is none', "https://clair.test:$port/feed/1", 'echec', 'retry', 4, qr/^protocol: / ],
	[ 'gzip that is none', '/badgzip', 'echec', 'retry', 4, qr/^protocol: / ],
	[ 'deflate that is none', '/badgzip?coding=deflate', 'echec', 'retry', 4, qr/^protocol: / ],
	(map { [ "$_, which was not asked for", "/badgzip?coding=$_", 'echec', 'retry', 4, qr/^protocol: .*not asked for/ ] }
		qw(br zstd compress)),
	[ 'gzip that was cut', '/coding/cut', 'echec', 'retry', 4, qr/^truncated: body that ends before its encoding/ ],
	[ 'gzip that was cut by its last byte', '/coding/cut-end', 'echec', 'retry', 4, qr/^truncated: body that ends before/ ],
	[ 'gzip that was cut before its sum', '/coding/cut-sum', 'echec', 'retry', 4, qr/^truncated: body that ends before/ ],
	[ 'an archive that was cut', '/archive/cut', 'echec', 'retry', 4, qr/^truncated: the zip file has no end/, 'kaggle' ],
	[ 'gzip with a wrong sum', '/coding/sum', 'echec', 'retry', 4, qr/^protocol: / ],
	[ 'twenty encodings', '/coding/many', 'echec', 'retry', 4, qr/^protocol: / ],
	[ 'an encoding that nobody knows', '/coding/unknown', 'echec', 'retry', 4, qr/^protocol: / ],
	[ 'two lengths', '/length?is=5&is=9999', 'echec', 'retry', 4, qr/^[a-z]+: / ],
	[ 'a length of less than nothing', '/length?is=-5', 'echec', 'retry', 4, qr/^[a-z]+: / ],
	[ 'a length that is none', '/length?is=abc', 'echec', 'retry', 4, qr/^[a-z]+: / ],
	[ 'NUL in a header', '/raw-header?is=' . hex_of("ETag: \"a\0b\""), 'echec', 'retry', 4, qr/^protocol: / ],
	[ 'a header line without a colon', '/raw-header?is=' . hex_of('nothing'), 'echec', 'retry', 4, qr/^protocol: / ],
	[ 'NUL in a redirect', '/raw-header?status=302&is=' . hex_of("Location: /feed\0/1"), 'echec', 'retry', 4, qr/^protocol: / ],
	(map { [ "$_", "/status/$_", 'echec', 'retry', 4, qr/^http: HTTP status $_: / ] }
		408, 425, 429, 500, 502, 503, 504, 599),

	# Permanent: other statuses, redirects to nowhere, what is refused.  Not retried.
	(map { [ "$_", "/status/$_", 'echec', 'no retry', 4, qr/^http: HTTP status $_: / ] }
		400, 401, 403, 404, 407, 418, 451, 300, 305, 399, 499),
	[ '410', '/status/410', 'echec', 'disabled', 4, qr/^gone: HTTP status 410: / ],
	[ '304 to who did not ask', '/status/304', 'echec', 'no retry', 4, qr/^http: HTTP status 304/ ],
	(map { [ "a challenge: $_", "http://defi.test:$port/challenge?is=$_", 'echec', 'no retry', 4, qr/^http: HTTP status 401: / ] }
		'Basic+realm=%22x%22', 'Digest+realm=%22x%22,nonce=%22y%22', 'NTLM', 'Negotiate', 'Bearer'),
	[ 'a proxy\'s challenge', "http://defi.test:$port/challenge?status=407&is=Basic", 'echec', 'no retry', 4, qr/^http: HTTP status 407/ ],
	[ 'a hundred redirects', '/chain/100', 'echec', 'no retry', 4, qr/^refused: more redirects/ ],
	[ 'a redirect to itself', '/loop', 'echec', 'no retry', 4, qr/^refused: more redirects/ ],
	[ 'redirects in a circle', '/cercle/a', 'echec', 'no retry', 4, qr/^refused: more redirects/ ],
	[ 'a redirect to a file', '/redirect?to=file:///etc/passwd', 'echec', 'no retry', 4, qr/^refused: .*"file"/ ],
	[ 'a redirect to gopher', '/redirect?to=gopher://x/', 'echec', 'no retry', 4, qr/^refused: .*"gopher"/ ],
	[ 'a redirect to javascript', '/redirect?to=javascript:alert(1)', 'echec', 'no retry', 4, qr/^(refused|http|url): / ],
	[ 'a redirect to nothing', '/redirect?to=', 'echec', 'no retry', 4, qr/^http: HTTP status 302/ ],
	[ 'a redirect to a URL that is none', '/redirect?to=http://a:b:c/', 'echec', 'no retry', 4, qr/^http: redirect/ ],
	[ 'a redirect that brings a password', '/vers-auth', 'echec', 'no retry', 4, qr/^http: HTTP status 401/ ],
	[ 'a redirect that is not UTF-8', '/raw-header?status=302&is=' . hex_of("Location: /status/404?\xff\xfe"), 'echec', 'no retry', 4,
		qr/^http: HTTP status 404: .*%ff%fe/i ],
	[ 'a redirect to 9,000 bytes', '/far', 'echec', 'no retry', 4, qr/^http: HTTP status 302/ ],
	(map { [ "a redirect to $_", "/redirect?to=http://$_:$port/feed/1", 'echec', 'no retry', 4,
			qr/^refused: .* is not a public address/ ] }
		'127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433', '127.1',
		'10.0.0.1', '169.254.169.254', '[fe80::1]', '[64:ff9b::7f00:1]', '0.0.0.0', 'inside.test',
		'metadata.test', 'six.test', 'mapped.test'),
	[ 'a redirect to an address with a zone', "/redirect?to=http://[fe80::1%25lo]:$port/feed/1", 'echec', 'no retry', 4, qr/^url: / ],
	[ 'a name of a private address', 'http://inside.test/', 'echec', 'no retry', 4, qr/^refused: 10\.0\.0\.1 is not/ ],
	[ 'digits in circles', "http://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1:$port/feed/1", 'echec', 'no retry', 4,
		qr/^refused: 127\.0\.0\.1 is not a public address/ ],
	[ 'localhost in a circle', "http://\xe2\x93\x9bocalhost:$port/feed/1", 'echec', 'no retry', 4,
		qr/^refused: (127\.0\.0\.1|::1) is not a public address/ ],
	[ 'a link-local address', 'http://169.254.169.254/latest/meta-data/', 'echec', 'no retry', 4, qr/^refused: / ],
	[ 'an address with a zone', 'http://[fe80::1%25lo]/', 'echec', 'no retry', 4, qr/^url: / ],
	[ 'a name that is none', "http://\xef\xbf\xbd.test/", 'echec', 'no retry', 4, qr/^url: / ],
	[ 'a label of 70 characters', 'http://' . 'x' x 70 . '.invalid/', 'echec', 'retry', 4, qr/^resolve: / ],
	[ 'a certificate nobody signed', "https://self.test:$tls_port/feed/1", 'echec', 'no retry', 4, qr/^certificate: / ],
	[ 'a certificate of yesterday', "https://expired.test:$tls_port/feed/1", 'echec', 'no retry', 4, qr/^certificate: / ],
	[ 'a certificate of the next century', "https://later.test:$tls_port/feed/1", 'echec', 'no retry', 4, qr/^certificate: .*not yet valid/ ],
	[ 'a certificate with a weak key', "https://weak.test:$tls_port/feed/1", 'echec', 'no retry', 4, qr/^certificate: .*key too weak/ ],
	[ 'a certificate with a weak signature', "https://sha1.test:$tls_port/feed/1", 'echec', 'no retry', 4, qr/^certificate: .*too weak/ ],
	[ 'a certificate by who may sign none', "https://under.test:$tls_port/feed/1", 'echec', 'no retry', 4, qr/^certificate: / ],
	[ 'another\'s certificate', "https://other.test:$tls_port/feed/1", 'echec', 'no retry', 4, qr/^certificate: / ],

	# Larger than limits allow: permanent, and never more memory than the limits are.
	[ 'an endless body', '/huge?mb=0', 'echec', 'no retry', 12, qr/^too large: body of more than/ ],
	[ 'a body of 8 EB', '/announce?bytes=9223372036854775807', 'echec', 'no retry', 4, qr/^too large: / ],
	[ 'a length beyond all numbers', '/length?is=99999999999999999999', 'echec', 'no retry', 4, qr/^too large: / ],
	[ 'endless header lines', '/headers?n=0', 'echec', 'no retry', 4, qr/^too large: header/ ],
	[ 'an endless header line', '/header-line?size=0', 'echec', 'no retry', 4, qr/^too large: header/ ],
	[ 'an ETag of 1 MB', '/etag', 'echec', 'no retry', 4, qr/^too large: header/ ],
	[ 'a storm of 1xx', '/interim?n=0', 'echec', 'no retry', 4, qr/^too large: header/ ],
	[ 'a storm of 100', '/interim?n=0&status=100', 'echec', 'no retry', 4, qr/^too large: header/ ],
	[ 'endless trailers', '/trailers?n=0', 'echec', 'no retry', 4, qr/^too large: header/ ],
	[ 'a million of entries', file('million', '<rss><channel>' . '<item/>' x 500000), 'echec', 'no retry', 40, qr/^too large: / ],
	[ 'a title of 100 MB', '/title', 'echec', 'no retry', 12, qr/^too large: body/ ],
	[ 'a bomb in gzip', '/bomb', 'echec', 'no retry', 12, qr/^too large: body/ ],
	[ 'a bomb in deflate', '/bomb?coding=deflate', 'echec', 'no retry', 12, qr/^too large: body/ ],
	[ 'a bomb in a bomb', '/bomb?coding=gzip,+gzip&mb=16', 'echec', 'no retry', 12, qr/^too large: body/ ],
	(map { [ "a bomb in $_", "/bomb?coding=$_", 'echec', 'retry', 4, qr/^protocol: .*not asked for/ ] } qw(br zstd)),
	(map { [ "an archive: $_->[0]", "/archive/$_->[0]", 'echec', 'no retry', 12, $_->[1], 'kaggle' ] }
		[ 'bomb', qr/^too large: / ], [ 'lies', qr/^too large: |larger than the declared entry size/ ], [ 'gz', qr/^too large: / ], [ 'members', qr/^too large: / ],
		[ 'nested', qr/^parse: .*itself a file of the kind zip/ ], [ 'overlap', qr/^parse: .*overlap/ ]),
	[ 'a bomb in gzip that is to be a table', '/bomb', 'echec', 'no retry', 4, qr/^too large: body/, 'kaggle' ],
	[ 'a bomb in gzip that is to be a page', '/bomb', 'echec', 'no retry', 12, qr/too large: body/, 'scraping' ],
	[ 'a bomb in gzip that is to be JSON', '/bomb', 'echec', 'no retry', 12, qr/^too large: body/, 'json' ],
	[ 'a bomb in gzip that is to be a sitemap', undef, 'echec', 'no retry', 4, qr/too large: body/, 'scraping', { sitemap => '/bomb' } ],

	# Not what it should be: permanent.
	[ 'nothing', file('empty', ''), 'echec', 'no retry', 4, qr/^parse: the document is empty/ ],
	[ 'no content', '/status/204', 'echec', 'no retry', 4, qr/^parse: the document is empty/ ],
	[ 'a page', file('page', '<!DOCTYPE html><html><body>x'), 'echec', 'no retry', 4, qr/^parse: .*HTML page/ ],
	[ 'NUL and nothing else', file('nul', "\0" x 100000), 'echec', 'no retry', 4, qr/^parse: / ],
	[ 'bytes of no meaning', file('random', join '', map { chr(($_ * 7919) % 251 + 5) } 1 .. 50000),
		'echec', 'no retry', 4, qr/^parse: / ],
	[ 'JSON in JSON in JSON', file('json', '{"version":"https://jsonfeed.org/version/1","items":' . '[' x 100000),
		'echec', 'no retry', 4, qr/^parse: / ],
	[ 'a longer body than announced', '/length?is=2', 'echec', 'no retry', 4, qr/^parse: / ],
	[ 'NUL that is to be JSON', file('nul.json', "\0" x 100000), 'echec', 'no retry', 4, qr/^parse: /, 'json' ],
	[ 'NUL that is to be a table', file('nul.csv', "\0" x 100000), 'echec', 'no retry', 4, qr/^parse: /, 'kaggle' ],
	[ 'lists 100,000 deep', file('deep.json', '{"data":' . '[' x 100000), 'echec', 'no retry', 4, qr/^parse: not JSON/, 'json', { liste => 'data' } ],

	# Survived.
	[ 'trailers', '/trailers', 'succes 2', 'no retry', 4, qr/^$/ ],
	[ '1xx before the answer', '/interim', 'succes 2', 'no retry', 4, qr/^$/ ],
	[ 'cookies', '/cookie', 'succes 2', 'no retry', 4, qr/^$/ ],
	[ 'an ETag of 2 kB', '/etag?size=2000', 'succes 2', 'no retry', 4, qr/^$/ ],
	[ 'an ETag that is not ASCII', '/badheader', 'succes 2', 'no retry', 4, qr/^$/ ],
	[ 'a type that is not ASCII', '/badheader?name=Content-Type', 'succes 2', 'no retry', 4, qr/^$/ ],
	[ 'escapes in a header', '/raw-header?is=' . hex_of("ETag: \"\e[2J\x07\""), 'succes 2', 'no retry', 4, qr/^$/ ],
	[ 'HTTP/1.0', '/version?is=HTTP/1.0+200+OK', 'succes 2', 'no retry', 4, qr/^$/ ],
	[ 'a status without words', '/version?is=HTTP/1.1+200', 'succes 2', 'no retry', 4, qr/^$/ ],
	[ 'more after the end of gzip', '/coding/tail', 'succes 2', 'no retry', 4, qr/^$/ ],
	[ 'gzip in two members', '/coding/members', 'succes 2', 'no retry', 4, qr/^$/ ],
	[ 'gzip in gzip', '/coding/twice', 'succes 2', 'no retry', 4, qr/^$/ ],
	[ 'deflate without its header', '/coding/raw', 'succes 2', 'no retry', 4, qr/^$/ ],
	[ 'the encoding identity', '/coding/identity', 'succes 2', 'no retry', 4, qr/^$/ ],
	[ 'elements without end', file('deep', '<rss><channel>' . '<a>' x 300000), 'succes 0', 'no retry', 12, qr/^$/ ],
	[ 'an address of version 6', "http://[2606:2800::1]:$port/feed/1?items=2", 'succes 2', 'no retry', 4, qr/^$/ ],
	[ 'a private address beside a public one', "http://both.test:$port/feed/1?items=2", 'succes 2', 'no retry', 4, qr/^$/ ],
	[ 'a name beyond ASCII', "http://\xc3\xa9t\xc3\xa9.test:$port/feed/1?items=2", 'succes 2', 'no retry', 4, qr/^$/ ],
	[ 'a certificate that is right', "https://valid.test:$tls_port/feed/1?items=2", 'succes 2', 'no retry', 4, qr/^$/ ],
	[ 'a line end in a password', "http://user:hush%0d%0aX:y\@fin.test:$port/auth?user=user&password=hush%0d%0aX:y", 'succes 40', 'no retry', 4, qr/^$/ ],
	[ 'eight redirects', '/chain/8', 'succes 40', 'no retry', 4, qr/^$/ ],
	[ 'NUL in a feed', file('nuls', rss("<title>a\0b</title><link>http://h/\0x</link><guid>\0</guid>")),
		'succes 1', 'no retry', 4, qr/^$/ ],
	[ 'invalid UTF-8 in a feed',
		file('invalid', rss("<title>\xff\xfe\xc3(\xed\xa0\x80</title><link>http://h/\x80</link><author>\xf5</author>"),
			"Content-Type: application/rss+xml; charset=utf-8"), 'succes 1', 'no retry', 4, qr/^$/ ],
	[ 'another charset than it says', file('charset', rss("<title>\xe9t\xe9</title>",
				"<?xml version='1.0' encoding='utf-16'?>")), 'succes 1', 'no retry', 4, qr/^$/ ],
	[ 'a charset that nobody knows', file('unknown', rss("<title>\xe9t\xe9</title>",
				"<?xml version='1.0' encoding='x-none'?>"), 'Content-Type: text/xml; charset=x-nobody'),
		'succes 1', 'no retry', 4, qr/^$/ ],
	[ 'entities of entities', file('laughs', rss('<title>&c;</title>',
				"<!DOCTYPE rss [<!ENTITY a 'ha'><!ENTITY b '" . '&a;' x 1000 . "'><!ENTITY c '" . '&b;' x 1000 . "'>]>")),
		'succes 1', 'no retry', 4, qr/^$/ ],
	[ 'a file as an entity', file('xxe', rss('<title>x&f;</title>',
				"<!DOCTYPE rss [<!ENTITY f SYSTEM 'file://$tls/secret'>]>")), 'succes 1', 'no retry', 4, qr/^$/ ],
	[ 'links within the server', file('relative', rss('<title>relative</title><link>une?a=b</link>')), 'succes 1', 'no retry', 4, qr/^$/ ],

	# Bombs in content: what can be read is, the rest is told, and neither takes long.
	[ 'entities ten deep', file('billion', rss('<title>&j;</title>', '<!DOCTYPE rss [<!ENTITY a "ha">'
				. join('', map { my $below = chr(ord($_) - 1); "<!ENTITY $_ \"" . "&$below;" x 10 . '">' } 'b' .. 'j') . ']>')),
		'succes 1', 'no retry', 4, qr/^$/ ],
	[ 'a long entity many times', file('quadratic', rss('<title>' . '&a;' x 100000 . '</title>', "<!DOCTYPE rss [<!ENTITY a '" . 'x' x 100000 . "'>]>")),
		'succes 1', 'no retry', 20, qr/^$/ ],
	[ 'parameter entities of each other', file('parameter', rss('<title>x</title>', '<!DOCTYPE rss [<!ENTITY % a "<!ENTITY b \'x\'>">'
				. '<!ENTITY % c "%a;%a;%a;%a;"><!ENTITY % d "%c;%c;%c;%c;"> %d; %d;]>')), 'succes 1', 'no retry', 4, qr/^$/ ],
	[ 'a server as an entity', file('ssrf', rss('<title>x&f;</title>', '<!DOCTYPE rss SYSTEM "http://inside.test/dtd" ['
				. '<!ENTITY f SYSTEM "http://inside.test/f"><!ENTITY % p SYSTEM "http://inside.test/p"> %p;]>')), 'succes 1', 'no retry', 4, qr/^$/ ],
	[ 'an attribute of 3 MB', file('attribute', rss('<title>x</title><enclosure url="' . 'y' x 3_000_000 . '"/>')), 'succes 1', 'no retry', 20, qr/^$/ ],
	[ 'a title of 3 MB', file('title', rss('<title>' . 'x' x 3_000_000 . '</title>')), 'succes 1', 'no retry', 20, qr/^$/ ],
	[ 'bases that lead back', file('bases', rss('<title>x</title>' . '<a xml:base="../../files/bases">' x 50000)), 'succes 1', 'no retry', 20, qr/^$/ ],
	(map { [ "a page of 1 MB of $_->[0]", file($_->[1], '<html><body>' . $_->[2] x (1_000_000 / length $_->[2]), 'Content-Type: text/html'),
			$_->[3], 'no retry', 40, $_->[4], 'scraping' ] }
		[ 'open tags', 'open', '<b><i>', 'inchange 0', qr/^$/ ], [ 'elements in each other', 'div', '<div>', 'inchange 0', qr/^$/ ],
		[ 'tables in tables', 'table', '<table><tr><td colspan=999999999 rowspan=999999999>', 'inchange 0', qr/^$/ ]),
	[ 'a quote without an end', '/quote', 'succes 2', 'no retry', 20, qr/^$/, 'kaggle' ],
	[ 'a regular expression that explodes', file('lien', '<html><body><a href="/' . 'a' x 3000 . 'b">x</a>', 'Content-Type: text/html'),
		'echec', 'no retry', 4, qr/back reference/, 'scraping', {}, { suivre => '^(/a*)*\\1$' } ],
	[ 'one that takes all memory', '/files/lien', 'echec', 'no retry', 4, qr/too much to match/, 'scraping', {}, { suivre => '(x?y?z?){255}b' } ],
	[ 'an expression that looks at everything over and over', file('large', '<html><body>' . '<p>' x 1000, 'Content-Type: text/html'),
		'echec', 'no retry', 80, qr/^too large: XPath expression takes too long/, 'scraping', { titre => '//*[count(//*[count(//*) > 0]) > 0]' } ],
	[ 'NUL and invalid UTF-8 in a page',
		file('page-nul', "<html><head><title>a\0b\xff</title></head><body><p>" . "Une phrase\0 assez longue\xe9, avec des mots. " x 20,
			'Content-Type: text/html; charset=utf-8'), 'succes 1', 'no retry', 4, qr/^$/, 'scraping' ],
	[ 'NUL and invalid UTF-8 in a table', file('nul-table.csv', "titre,texte\nA,b\xff\nC,\0d\n\xff\xfe,e\n"), 'succes 3', 'no retry', 4, qr/^$/, 'kaggle' ],
	[ 'NUL and half a character in JSON', file('nul-json', "{\"data\": [{\"title\": \"a\\u0000\\ud800 \\u001b\"}]}"), 'succes 1', 'no retry', 4, qr/^$/, 'json',
		{ liste => 'data' } ],
	[ 'bytes in JSON that are not UTF-8', file('invalid-json', "{\"data\": [{\"title\": \"a\xff\"}]}"), 'succes 1', 'no retry', 4, qr/^$/, 'json',
		{ liste => 'data' } ],
	[ 'an archive', '/archive/zip', 'succes 1', 'no retry', 4, qr/^$/, 'kaggle' ],
	[ 'an archive with a name that leads elsewhere', '/archive/outside', 'succes 1', 'no retry', 4, qr/^$/, 'kaggle' ],
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
	[ 'Retry-After in the year 9999', '/status/503?retry_after=Fri,+31+Dec+9999+23:59:59+GMT', 86400 ],
	[ 'Retry-After with room around it', '/status/503?retry_after=%09+7200+', 7200 ],
	[ 'Retry-After twice', '/status/503?retry_after=17&retry_after=7200', 7200 ],
	(map { [ "Retry-After: $_", "/status/503?retry_after=$_", 'none' ] }
		'soon', '', '-5', '0', '17,+7200', '17+seconds', 'Thu,+01+Jan+1970+00:00:00+GMT', '1.5', '0x10', '1e3', '%2B5', 'Thu,+99+Foo+2026', '9' x 5000));

append_to_file("$tls/secret", 'the text of the file');
$web->control('set', path => '/far', status => 302, header => 'Location: /' . 'x' x 9000);
$web->control('set', path => '/vers-auth', status => 302, header => 'Location: http://user:hush@auth.test:' . $port . '/auth?user=user&password=hush');
$web->control('set', path => "/cercle/$_->[0]", status => 302, header => "Location: /cercle/$_->[1]") for [ 'a', 'b' ], [ 'b', 'a' ];

$network->hosts(
	'inside.test' => '10.0.0.1',
	'metadata.test' => '169.254.169.254',
	'six.test' => 'fd00::1',
	'mapped.test' => '::ffff:10.0.0.1',
	'both.test' => '10.0.0.1 93.184.215.14');

# ---- the sources ----

# The URLs have credentials, where the fault does not say how they look.
sub url_of
{
	my ($n, $where) = @_;
	return $where =~ m{^/} ? "http://user:hush$n\@fault$n.test:$port$where" : $where;
}

# Options, in which a path is one of a server of its own, too.
sub options_of
{
	my ($n, $options) = @_;
	my %options = map { ref $options->{$_} || $options->{$_} !~ m{^/\w} ? ($_ => $options->{$_}) : ($_ => url_of($n, $options->{$_})) } keys %{ $options || {} };
	return JSON::PP->new->utf8->encode(\%options);
}

sub literal
{
	my ($text) = @_;
	return defined $text ? "'" . $text =~ s/'/''/gr . "'" : 'NULL';
}

my ($adds, $forged) = ('', '');
for my $n (0 .. $#faults)
{
	my (undef, $where, undef, undef, undef, undef, $kind, $options, $forgery) = @{ $faults[$n] };

	$adds .= sprintf "SELECT datasens_add_source('%s', 'fault %d', %s, options => %s);\n", $kind || 'rss', $n,
	  literal(defined $where ? url_of($n, $where) : undef), literal(options_of($n, $options));
	$forged .= sprintf "UPDATE datasens.source SET options = %s WHERE nom = 'fault %d';\n", literal(options_of($n, $forgery)), $n if $forgery;
}
$node->safe_psql('postgres', $adds . $forged);
$node->safe_psql('postgres', "SELECT datasens_add_source('rss', 'attente $_',
	'http://attente$_.test:$port$waits[$_][1]')") for 0 .. $#waits;
$node->safe_psql('postgres', "SELECT count(datasens_add_source('rss', 'bon ' || i,
	'http://bon' || i % 4 || '.test:@{[$good->port]}/feed/' || i)) FROM generate_series(1, $n_good) AS i");

# ---- what each takes by itself, in a session, which takes it back ----

# A session that collects one source after the other, after a good one, whose peak of memory is
# what the others' are counted from: a peak is for ever.
sub session
{
	my ($end, @noms) = @_;
	my $sql = join '', map { "BEGIN;
		SELECT concat_ws(E'\t', nom, CASE WHEN statut = 'echec' THEN statut ELSE statut || ' ' || nb_lus END,
			substring(pg_read_file('/proc/self/status') from 'VmHWM:\\s+(\\d+)'), translate(coalesce(erreur, ''), E'\t\n', '  '))
		FROM datasens_collect('$_'); $end;\n" } 'bon 1', @noms;
	my ($out, $err) = ('', '');

	return { out => \$out, err => \$err, harness => IPC::Run::start([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres') ],
			'<', \$sql, '>', \$out, '2>', \$err) };
}

# By name: the status, with the records that were read, the MB that were taken and what is told.
sub outcomes
{
	my ($session) = @_;

	IPC::Run::finish($session->{harness});
	is(${ $session->{err} }, '', 'a session collects');
	my ($good, @rows) = map { [ split /\t/, $_, -1 ] } split /\n/, ${ $session->{out} };
	return map { $_->[0] => { status => $_->[1], memory => ($_->[2] - $good->[2]) / 1024, told => $_->[3] } } @rows;
}

# What needs little shares a session; what may need more has one of its own.
my $n_sessions = 14;
my $little = 4;
my @small = grep { $faults[$_][4] <= $little } 0 .. $#faults;
my $began = time;
my @sessions = map { my $i = $_; session('ROLLBACK', map { "fault $_" } @small[ grep { $_ % $n_sessions == $i } 0 .. $#small ]) } 0 .. $n_sessions - 1;
my %taken = map { outcomes(session('ROLLBACK', "fault $_")) } grep { $faults[$_][4] > $little } 0 .. $#faults;
%taken = (%taken, map { outcomes($_) } @sessions);
note(sprintf 'in sessions: %.1f s', time - $began);

# ---- one round of all, by a collector ----

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
$began = time;
$node->safe_psql('postgres', "SELECT datasens_collect_async(nom) FROM datasens.source WHERE nom <> 'veille'");
my $n = @faults + @waits + $n_good;
ok($node->poll_query_until('postgres', "SELECT count(DISTINCT id_source) = $n FROM datasens.flux
		JOIN datasens.source USING (id_source) WHERE nom <> 'veille'"), 'every source has been asked');
note(sprintf '%d sources in %.1f s', $n, time - $began);

# By name, of the last run: the status, with the records that were read; whether it will be
# retried; and what is told.
sub states
{
	return map { my @row = split /\t/, $_, -1; $row[0] => { status => $row[1], retry => $row[2], told => $row[3] } } split /\n/,
	  $node->safe_psql('postgres', q{
		SELECT DISTINCT ON (id_source) concat_ws(E'\t', nom, CASE WHEN statut = 'echec' THEN statut ELSE statut || ' ' || nb_lus END,
			CASE WHEN NOT actif THEN 'disabled'
				WHEN e.tentative = 1 AND e.declencheur = 'reprise' AND e.echecs_consecutifs = 0 AND e.prochaine_collecte > now() THEN 'retry'
				WHEN e.tentative = 0 AND e.echecs_consecutifs = (statut = 'echec')::int AND e.prochaine_collecte > now() THEN 'no retry'
				ELSE 'in no state' END,
			translate(coalesce(erreur, ''), E'\t\n', '  '))
		FROM datasens.flux JOIN datasens.source USING (id_source) JOIN datasens.etat_source e USING (id_source)
		ORDER BY id_source, id_flux DESC});
}

my %state = states();
for my $i (0 .. $#faults)
{
	my ($what, undef, $status, $retry, $memory, $message) = @{ $faults[$i] };
	my ($state, $taken) = ($state{"fault $i"}, $taken{"fault $i"});

	is("$state->{status}, $state->{retry}", "$status, $retry", "$what: $status, $retry");
	like($state->{told}, $message, "$what: it is told");
	is($taken->{status}, $status, "$what: in a session the same");
	like($taken->{told}, $message, "$what: and the same is told");
	DatasensNode::takes_at_most($taken->{memory}, $memory + $libraries, "$what: it takes $memory MB at most");
}

# ---- nobody else was disturbed ----

is($node->safe_psql('postgres', "SELECT string_agg(DISTINCT statut || ' ' || nb_lus || ' ' || tentative, ',')
		FROM datasens.flux JOIN datasens.source USING (id_source) WHERE nom LIKE 'bon%'"),
	'succes 40 1', 'the good sources are collected at the first attempt');
is(collector(), $pid, 'the collector is the same');
my $growth = peak_of_memory($pid) - $before;
DatasensNode::takes_at_most($growth, $max_growth, "and has grown by $max_growth MB at most");
note("$growth MB more than $before MB");
is($node->safe_psql('postgres', "SELECT count(*) FROM datasens.document
		WHERE texte ~ 'text of the file' OR titre ~ 'text of the file'"), 0, 'no entity has brought a file');
is($node->safe_psql('postgres', "SELECT string_agg(left(titre, 10) || ' ' || length(titre), ', ' ORDER BY length(titre) DESC) FROM datasens.document
		WHERE length(titre) > 1000"), 'xxxxxxxxxx 3000000, &a;&a;&a;& 300000',
	'nor grown: what is long was as long as that');

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

# What, the URL of a server that is good at first, what happens to it then; and the columns of
# the faults.  Nothing is remembered but what is stored: each time is another session.
my @turns = (
	[ 'a redirect inwards', "http://detour.test:$port/turn/1?to=http://127.0.0.1:$port/feed/1", sub { }, 'echec', 'no retry', 4,
		qr/^refused: 127\.0\.0\.1 is not a public address/ ],
	[ 'a name that leads inwards', "http://tourne.test:$port/turn/2?to=/feed/2", sub { $network->hosts('tourne.test' => '127.0.0.1') },
		'echec', 'no retry', 4, qr/^refused: 127\.0\.0\.1 is not a public address/ ],
	[ 'a name that is no more', "http://perdu.test:$port/noval/feed?items=2", sub { $network->hosts('perdu.test' => '') }, 'echec', 'retry', 4,
		qr/^resolve: .*perdu\.test/ ],
	[ '304 to who has nothing to compare', "http://nu.test:$port/nu", sub { $web->control('set', path => '/nu', status => 304) }, 'echec',
		'no retry', 4, qr/^http: HTTP status 304/ ],
	[ 'gone', "http://parti.test:$port/parti", sub { $web->control('set', path => '/parti', status => 410) }, 'echec', 'disabled', 4,
		qr/^gone: HTTP status 410/ ],
	[ 'its cookies, which it does not get back', "http://gateau.test:$port/cookie", sub { }, 'inchange 0', 'no retry', 4, qr/^$/ ]);

$web->control('set', path => $_, body => rss('<title>x</title>')) for '/nu', '/parti';
$network->hosts;
$node->safe_psql('postgres', join '', map { "SELECT datasens_add_source('rss', 'tour $_', '$turns[$_][1]');\n" } 0 .. $#turns);
%taken = outcomes(session('COMMIT', map { "tour $_" } 0 .. $#turns));
for my $i (0 .. $#turns)
{
	my ($what, undef, $turn, $status, $retry, $memory, $message) = @{ $turns[$i] };

	like($taken{"tour $i"}{status}, qr/^succes /, "$what: at first a good server");
	$turn->();
	my $then = { outcomes(session('COMMIT', "tour $i")) }->{"tour $i"};
	my $state = { states() }->{"tour $i"};
	is("$state->{status}, $state->{retry}", "$status, $retry", "$what: $status, $retry");
	like($state->{told}, $message, "$what: it is told");
	DatasensNode::takes_at_most($then->{memory}, $memory + $libraries, "$what: it takes $memory MB at most");
}

# ---- nothing has left, nothing has leaked ----

my %connects = $network->connects;
is(join(' ', sort keys %connects), '2606:2800::1 93.184.215.14', 'only public addresses were connected to');
# A source's URL is where it is, so it is in the tables that have it for a key; what they know of it is for nobody else.
for my $what ('datasens.flux', 'datasens.document', 'datasens.rejet', 'datasens.journal', 'datasens.hote', 'datasens.alerte',
	'datasens.historique', 'datasens.volumetrie', 'datasens.tache', 'datasens.archive', 'datasens_health()', 'datasens_version_log()',
	'datasens_schedule()', 'datasens_stats()', 'datasens_summary()', 'datasens_check()', 'datasens_metrics()', 'datasens_progress',
	'datasens_backfills', (map { "datasens_report('$_')" } qw(text markdown json html)),
	'(SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid())',
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
