# GDELT: slices of a stream each collected once, over outages, absences, wrong files and
# collectors that are killed; backfills by two collectors.
use strict;
use warnings;

use Cwd qw(abs_path);
use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = PostgreSQL::Test::Utils::tempdir;
my $web = DatasensWeb->new(root => $root);
my $node = DatasensNode::start('main', 'datasens.retry_delay' => '1s',
	'datasens.gdelt_schedule' => '0 0 1 1 *', 'datasens.gdelt_max_catchup' => 2,
	'restart_after_crash' => 'on');
my $generator = abs_path("$FindBin::RealBin/../web/gdelt.py");
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

sub slurp
{
	my ($path) = @_;
	open my $in, '<:raw', "$root/$path" or return '';
	local $/ = undef;
	my $bytes = readline($in);
	close $in;
	return $bytes;
}

sub spew
{
	my ($path, $bytes) = @_;
	open my $out, '>:raw', "$root/$path" or die "$path: $!";
	print $out $bytes;
	close $out;
	return;
}

# The name of the slice that begins n quarters of an hour after 2024-01-01.
sub stamp
{
	my ($n) = @_;
	return sprintf('202401%02d%02d%02d00', 1 + int($n / 96), int($n / 4) % 24, 15 * ($n % 4));
}

# Makes the files of slices and returns their lines.
sub make
{
	my ($options, @slices) = @_;
	my @command = ('python3', $generator, @$options, $root, map { stamp($_) } @slices);
	open my $in, '-|', @command or die "no generator: $!";
	my @lines = readline($in);
	close $in or die 'the generator failed';
	return @lines;
}

# Publishes lines: in the list of all files, and the last of each stream as the newest.
sub publish
{
	my ($suffix, @lines) = @_;
	my %newest;
	spew("masterfilelist$suffix.txt", slurp("masterfilelist$suffix.txt") . join('', @lines));
	for my $line (@lines)
	{
		my ($stream) = $line =~ /\.(\w+)\.csv\.zip$/i;
		$newest{$stream} = $line;
	}
	spew("lastupdate$suffix.txt", join('', map { $newest{$_} } sort keys %newest));
	return;
}

sub add
{
	my ($nom, $options) = @_;
	return $node->safe_psql('postgres', "SELECT datasens_add_source('gdelt', '$nom',
		'@{[$web->url('/files/')]}', options => '$options')");
}

# Collects and returns what came of the slices: status, stream and slice, in order.
sub collect
{
	my ($nom) = @_;
	my $before = $node->safe_psql('postgres', 'SELECT coalesce(max(id_flux), 0) FROM datasens.flux');
	$node->safe_psql('postgres', "SELECT datasens_collect('$nom')");
	return $node->safe_psql('postgres', "SELECT string_agg(format('%s %s %s', statut,
			substring(manifest_uri FROM '/\\d{8}(\\d{4})00'), format), ', '
			ORDER BY substring(manifest_uri FROM '/\\d{8}(\\d{4})00') DESC, format DESC)
		FROM datasens.flux WHERE id_flux > $before AND manifest_uri IS NOT NULL");
}

# The ledger: stream, status and slots from 2024-01-01 on, [first, last].
sub ledger
{
	my ($nom, $where) = @_;
	$where //= 'true';
	return $node->safe_psql('postgres', "SELECT flux, statut,
			extract(epoch FROM lower(periode) - '2024-01-01')::int / 900,
			extract(epoch FROM upper(periode) - '2024-01-01')::int / 900 - 1
		FROM datasens.tranche JOIN datasens.source USING (id_source)
		WHERE nom = '$nom' AND $where ORDER BY flux, lower(periode)") =~ s/\|/ /gr;
}

# What there is of a table.
sub count
{
	my ($table) = @_;
	return $node->safe_psql('postgres', "SELECT count(*) FROM datasens.$table");
}

# What was told of a source.
sub alerts
{
	my ($nom) = @_;
	return $node->safe_psql('postgres', "SELECT string_agg(etat || ' ' || coalesce(message, ''), ', ' ORDER BY id_alerte)
		FROM datasens.alerte WHERE nom = '$nom'");
}

sub error_of
{
	my ($sql) = @_;
	my ($code, $out, $err) = $node->psql('postgres', $sql);
	return $err;
}

sub real_rows
{
	my ($name) = @_;
	my $zip = abs_path("$FindBin::RealBin/../corpus/gdelt/20150218230000.$name.zip");
	my $text = `python3 -c "import zipfile; z = zipfile.ZipFile('$zip'); print(z.read(z.namelist()[0]).decode(), end='')"`;
	return map { [ split /\t/, $_, -1 ] } split /\n/, $text;
}

$ENV{PGTZ} = 'UTC';
$ENV{PGOPTIONS} = '-c timezone=UTC';

# ---- the newest slice, an outage, one that never came ----

my %lines;
$lines{$_} = [ make([ '--rows', 5, '--streams', 'export,gkg' ], $_) ] for (0 .. 8);
publish('', @{ $lines{0} });
add('monde', '{}');
is(collect('monde'), 'succes 0000 gdelt-gkg, succes 0000 gdelt-export', 'the first time, only the newest slice');
is(ledger('monde'), "export collectee 0 0\ngkg collectee 0 0", 'the ledger has it');
is(collect('monde'), '', 'and it is not collected again');
is($node->safe_psql('postgres', 'SELECT statut FROM datasens.flux ORDER BY id_flux DESC LIMIT 1'), 'inchange',
	'nothing new is no news');
is(count('evenement') . ' ' . count('document'), '5 5', 'events and documents');

# What is to be forgotten does not come back with another source's slice.
$node->safe_psql('postgres', 'CREATE DATABASE oubli');
$node->safe_psql('oubli', "CREATE EXTENSION datasens; SELECT datasens_add_source('gdelt', nom, '@{[$web->url('/files/')]}',
	options => '{\"flux\": [\"gkg\"]}') FROM unnest(ARRAY['une', 'autre']) AS nom; SELECT datasens_collect('une')");
my $forgotten = $node->safe_psql('oubli', 'SELECT url FROM datasens.document WHERE url IS NOT NULL ORDER BY id_doc LIMIT 1');
is($node->safe_psql('oubli', "SELECT datasens_forget('$forgotten')"), 1, 'a document is forgotten');
$node->safe_psql('oubli', "SELECT datasens_collect('autre')");
is($node->safe_psql('oubli', 'SELECT nb_lus, nb_inseres, nb_doublons FROM datasens.flux ORDER BY id_flux DESC LIMIT 1'), '5|0|5',
	'read again, it is not stored');
is($node->safe_psql('oubli', 'SELECT count(*) FROM datasens.document'), 4, 'the others are there');
$node->safe_psql('postgres', 'DROP DATABASE oubli');

publish('', map { @{ $lines{$_} } } (1, 2, 4, 5, 6));
is(collect('monde'),
	'succes 0130 gdelt-gkg, succes 0130 gdelt-export, succes 0115 gdelt-gkg, '
	  . 'succes 0115 gdelt-export, succes 0100 gdelt-gkg, succes 0100 gdelt-export',
	'after an outage: the newest, and as many as a round makes up for, the newest first');
is(ledger('monde', "flux = 'gkg'"), "gkg collectee 0 0\ngkg attendue 1 3\ngkg collectee 4 6", 'the rest is expected');
collect('monde');
is(ledger('monde', "flux = 'gkg'"),
	"gkg collectee 0 0\ngkg attendue 1 1\ngkg collectee 2 2\ngkg absente 3 3\ngkg collectee 4 6",
	'in the next round: more, and one that was never published');
collect('monde');
is(ledger('monde', "flux = 'export'"), "export collectee 0 2\nexport absente 3 3\nexport collectee 4 6",
	'until it is all there');
publish('', @{ $lines{3} }, @{ $lines{6} });
collect('monde');
is(ledger('monde', "flux = 'export'"), 'export collectee 0 6', 'what comes late is collected, too');
is(count('evenement') . ' ' . count('document'), '35 35', 'each slice once');
is(scalar(grep { $_->{path} =~ /masterfilelist/ && ($_->{headers}{range} // '') !~ /^bytes=-/ } @{ $web->log->{requests} }),
	0, 'of the list of all files only the end is asked for');
is($node->safe_psql('postgres', 'SELECT count(*) FROM datasens.cache_http'), 0, 'files are not remembered by address');

# ---- a file that is another than was listed ----

my $name = stamp(7) . '.export.CSV.zip';
my $right = slurp($name);
spew($name, slurp(stamp(6) . '.export.CSV.zip'));
publish('', @{ $lines{7} });
is(collect('monde'), 'succes 0145 gdelt-gkg, echec 0145 gdelt-export', 'a file of another MD5');
like($node->safe_psql('postgres', "SELECT erreur FROM datasens.flux WHERE statut = 'echec'"),
	qr/^truncated: the file has/, 'is told');
is(ledger('monde', "flux = 'export'"), "export collectee 0 6\nexport attendue 7 7", 'and is not taken for collected');
is(count('evenement'), 35, 'nothing of it is stored');
spew($name, $right);
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = 1 FROM datasens.tranche
	WHERE flux = 'export' AND statut = 'collectee' AND upper(periode) = '2024-01-01 02:00'",
	'the right one is collected by itself');
is(count('evenement'), 40, 'once');
my $late = stamp(9) . '.gkg.csv.zip';
$lines{9} = [ make([ '--rows', 5, '--streams', 'export,gkg' ], 9) ];
$right = slurp($late);
unlink "$root/$late";
$node->safe_psql('postgres', "SELECT datasens_add_source('gdelt', 'nulle part', '@{[$web->url('/files/rien')]}')");
is($node->safe_psql('postgres', "SELECT statut, erreur FROM datasens_collect('nulle part')"), 'echec|http: HTTP status 404: ' . $web->url('/files/rien/lastupdate.txt'),
	'a mirror without lists is none');
is($node->safe_psql('postgres', "SELECT tentative FROM datasens.etat_source JOIN datasens.source USING (id_source) WHERE nom = 'nulle part'"), 0,
	'for good');
add('tard', '{}');
publish('', @{ $lines{9} });
is(collect('tard'), 'echec 0215 gdelt-gkg, succes 0215 gdelt-export', 'a file that is listed and not there');
like($node->safe_psql('postgres', "SELECT erreur FROM datasens.flux WHERE statut = 'echec' ORDER BY id_flux DESC LIMIT 1"),
	qr/^http: the file is listed but not there: HTTP status 404/, 'is told so');
spew($late, $right);
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = 1 FROM datasens.tranche WHERE flux = 'gkg' AND statut = 'collectee'
	AND periode @> timestamptz '2024-01-01 02:15'", 'is collected when it is');
$node->safe_psql('postgres', "SELECT datasens_drop_source('tard', true)");
spew("masterfilelist.txt", slurp('masterfilelist.txt') =~ s/^.*20240101021500.*\n//mgr);
spew(stamp(8) . '.gkg.csv.zip', 'x' x length(slurp(stamp(8) . '.gkg.csv.zip')));
$node->append_conf('postgresql.conf', 'datasens.max_retries = 0');
$node->reload;
publish('', @{ $lines{8} });
collect('monde');
is(ledger('monde', "flux = 'gkg'"), "gkg collectee 0 7\ngkg echec 8 8", 'what never is right has failed in the end');
like(alerts('monde'), qr/^lacune slices that were given up: 1, the latest gkg 2024-01-01 02:00:00\+00: truncated: the file has the MD5 \w+, listed is \w+$/,
	'which is told, unlike the one that was right at last');
$node->append_conf('postgresql.conf', 'datasens.max_retries = 3');
$node->reload;
publish('', make([ '--rows', 6, '--streams', 'export,gkg' ], 8));
is(collect('monde'), 'succes 0200 gdelt-gkg', 'unless the list has another file for it');
is(ledger('monde', "flux = 'gkg'"), 'gkg collectee 0 8', 'which is collected');
like(alerts('monde'), qr/^lacune .*, retabli $/, 'and that there is no gap any more is told, too');

# ---- an outage of the files, but not of the lists: one alert, however many slices ----

$node->append_conf('postgresql.conf', $_) for 'datasens.max_retries = 0', 'datasens.gdelt_max_catchup = 1000', 'datasens.workers = 2';
$node->reload;
my @outage = make([ '--rows', 1 ], 300 .. 350);
publish('', @outage[ 0 .. 2 ]);
add('panne', '{"flux": ["export", "mentions", "gkg"]}');
collect('panne');
my %hidden = map { $_ => slurp($_) } map { (stamp($_) . '.export.CSV.zip', stamp($_) . '.gkg.csv.zip') } 301 .. 350;
/export/ ? spew($_, 'cut') : unlink("$root/$_") for keys %hidden;
publish('', @outage[ 3 .. $#outage ]);
$node->safe_psql('postgres', "SELECT datasens_collect_async('panne')");
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = 100 FROM datasens.tranche WHERE statut = 'echec'",
	'a hundred slices are given up');
like($node->safe_psql('postgres', "SELECT min(erreur), max(erreur), min(flux) FROM datasens.tranche WHERE statut = 'echec' AND flux = 'export'"),
	qr/^truncated: the file has 3 bytes, listed are \d+\|truncated: the file has 3 bytes, listed are \d+\|export$/, 'files of another size');
like(alerts('panne'), qr/^lacune slices that were given up: \d+, the latest (export|gkg) (?!.*, (lacune|retabli) )/,
	'that is one alert');
collect('panne');
unlike(alerts('panne'), qr/, (lacune|retabli) /, 'which the source itself, running well, neither repeats nor ends');
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = 1 FROM datasens.tranche JOIN datasens.source USING (id_source)
	WHERE nom = 'panne' AND flux = 'mentions'", 'what can be had is there');
spew($_, $hidden{$_}) for keys %hidden;
$node->safe_psql('postgres', "UPDATE datasens.tranche SET date_maj = now() - interval '7 hours' WHERE statut = 'echec'");
collect('panne'); # which expects them anew
collect('panne');
is(ledger('panne'), join("\n", map { "$_ collectee 300 350" } qw(export gkg mentions)), 'hours later they are tried again');
like(alerts('panne'), qr/^lacune (?!.*, lacune ).*, the latest .*, retabli $/, 'and when the last of them is there it is well');
@outage = make([ '--rows', 1 ], 351, 351 + 8 * 96);
unlink "$root/" . stamp(351) . '.gkg.csv.zip';
publish('', @outage[ 0 .. 2 ]);
collect('panne');
like(alerts('panne'), qr/, lacune slices that were given up: 1, the latest gkg 2024-01-04 15:45:00\+00: http: [^,]*$/,
	'another gap is another alert');
publish('', @outage[ 3 .. 5 ]);
collect('panne');
like(alerts('panne'), qr/, retabli slices that stay missing: 1$/, 'of what is not tried any more that is said');
$node->append_conf('postgresql.conf', $_) for 'datasens.max_retries = 3', 'datasens.gdelt_max_catchup = 2', 'datasens.workers = 1';
$node->reload;

# ---- lines that cannot be stored, options ----

sub zip_lines
{
	my ($n, $stream, @rows) = @_;
	my $member = stamp($n) . ".translation.$stream";
	spew($member, join("\n", @rows) . "\n");
	system('python3', '-m', 'zipfile', '-c', "$root/$member.zip", "$root/$member") == 0 or die 'no zip';
	require Digest::MD5;
	my $bytes = slurp("$member.zip");
	return length($bytes) . ' ' . Digest::MD5::md5_hex($bytes) . " http://data.gdeltproject.org/gdeltv2/$member.zip\n";
}

my $lines = `python3 -c "import zipfile; print(zipfile.ZipFile('@{[abs_path("$FindBin::RealBin/../corpus/gdelt")]}/20150218224500.translation.mentions.CSV.zip').open('20150218224500.translation.mentions.CSV').read().decode(), end='')"`;
my @rows = split /\n/, $lines;
publish('-translation', zip_lines(0, 'mentions.CSV', $rows[0], "a\tb", $rows[1], $rows[0], 'x' . $rows[2], '', join(' ', 1 .. 700_000)),
	make([ '--translated', '--streams', 'gkg' ], 0));
add('traduit', '{"flux": ["mentions"], "langues": ["translation"]}');
is(collect('traduit'), 'succes 0000 gdelt-mentions', 'a translated stream');
is($node->safe_psql('postgres', 'SELECT nb_lus, nb_inseres, nb_doublons, nb_rejetes FROM datasens.flux ORDER BY id_flux DESC LIMIT 1'),
	'6|2|1|3', 'of which lines are rejected');
is($node->safe_psql('postgres', 'SELECT position, motif FROM datasens.rejet ORDER BY position'),
	"2|2 columns instead of 16\n5|GLOBALEVENTID is not a whole number: \"x" . (split /\t/, $rows[2])[0] . "\"\n7|the line is longer than 4 MB",
	'with their reasons');
is($node->safe_psql('postgres', "SELECT count(*) FROM datasens.document_evenement
		WHERE langue <> 'en' AND url LIKE 'http%' AND confiance BETWEEN 0 AND 100 AND date_mention IS NOT NULL"),
	2, 'the others are stored');
add('filtre', '{"flux": ["gkg"], "langues": ["fr", "es"], "themes": ["TAX_FNCACT*"]}');
collect('filtre');
is($node->safe_psql('postgres', "SELECT bool_and(langue IN ('fr', 'es')) AND bool_and(meta->>'themes' ~ 'TAX_FNCACT')
		AND count(*) BETWEEN 1 AND 49 FROM datasens.document
		WHERE id_flux = (SELECT max(id_flux) FROM datasens.flux)"), 't', 'options choose what is kept');

# The translated streams have lists of their own, by which an outage of theirs is made up for.
publish('-translation', make([ '--translated', '--rows', 2, '--streams', 'gkg' ], 60));
add('jumeau', '{"flux": ["gkg"], "langues": ["translation"]}');
is(collect('jumeau'), 'succes 1500 gdelt-gkg', 'the newest of the translated stream');
publish('-translation', make([ '--translated', '--rows', 2, '--streams', 'gkg' ], 61, 63));
is(collect('jumeau'), 'succes 1545 gdelt-gkg, succes 1515 gdelt-gkg', 'and after an outage what was missed');
is(ledger('jumeau'), join("\n", 'translation.gkg collectee 60 61', 'translation.gkg absente 62 62', 'translation.gkg collectee 63 63'),
	'but for what their list has not');

# What each option keeps of the real rows is what they say, counted here.
my %real = map { my $stream = $_; ($stream => [ real_rows("$stream." . ($stream eq 'gkg' ? 'csv' : 'CSV')) ]) } qw(export mentions gkg);
my %kept = (
	'"pays": ["us", "UK"]' => {
		export => sub { $_[0][53] =~ /^(US|UK)$/ },
		gkg => sub { grep { /^([^#]*#){3}(US|UK)|^([^#]*#){2}(US|UK)##/ } split /;/, $_[0][9] } },
	'"themes": ["PROTEST", "TAX_FNCACT_P*"]' => {
		gkg => sub { grep { /^(PROTEST|TAX_FNCACT_P\w*)$/ } map { s/,\d+$//r } split(/;/, $_[0][7]), split(/;/, $_[0][8]) } },
	'"domaine": ["com"]' => {
		export => sub { $_[0][60] =~ m{^https?://[^/]*\.com(?=[:/]|$)} },
		mentions => sub { $_[0][5] =~ m{^https?://[^/]*\.com(?=[:/]|$)} || $_[0][4] =~ /\.com$/ },
		gkg => sub { $_[0][4] =~ m{^https?://[^/]*\.com(?=[:/]|$)} || $_[0][3] =~ /\.com$/ } },
	'"langues": ["en"], "pays": ["XX"]' => { export => sub { 0 }, gkg => sub { 0 } });
publish('', make([ '--rows', 50 ], 40));
for my $filter (sort keys %kept)
{
	my $name = "filtre $filter";
	$node->safe_psql('postgres', 'TRUNCATE datasens.evenement, datasens.document_evenement; DELETE FROM datasens.document');
	add($name, qq({"flux": ["export", "mentions", "gkg"], $filter}));
	collect($name);
	my %want = map { my $keep = $kept{$filter}{$_} // sub { 1 }; ($_ => scalar grep { $keep->($_) } @{ $real{$_} }) } keys %real;
	is(join(' ', map { count($_) } qw(evenement document_evenement document)), join(' ', @want{qw(export mentions gkg)}),
		"only what the options want: $filter");
}

like(error_of("SELECT datasens_add_source('gdelt', 'x', options => '$_->[0]')"), $_->[1], "refused: $_->[0]")
  for ([ '{"flux": ["events"]}', qr/option "flux" cannot have "events".*Streams are: export, mentions, gkg/s ],
	[ '{"langues": ["francais"]}', qr/cannot have "francais"/ ],
	[ '{"pays": ["FRA"]}', qr/"pays" cannot have "FRA".*FIPS/s ],
	[ '{"theme": ["X"]}', qr/unknown option "theme".*flux, langues, pays, themes, domaine/s ]);
like(error_of("SELECT datasens_add_source('gdelt', 'x', 'ftp://x/')"), qr/cannot be collected.*mirror/s, 'refused: ftp');

# ---- the columns, held to the real files ----

# What a query gives, and rows of the file, as comparable lines.
sub same_rows
{
	my ($sql, $rows, $what) = @_;
	my $number = qr/^-?\d+\.?\d*$/;
	my $line = sub { join("\t", map { /$number/ ? 0 + $_ : $_ } @_) };
	my @got = sort map { $line->(split /\t/, $_, -1) } split /\n/, $node->safe_psql('postgres',
		"SET timezone = 'UTC'; SET datestyle = 'ISO'; $sql", extra_params => [ '-F', "\t" ]);
	my @expected = sort map { $line->(@$_) } @$rows;
	is_deeply(\@got, \@expected, $what);
	return;
}

sub time_of
{
	my ($digits) = @_;
	return $digits =~ s/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/$1-$2-$3 $4:$5:$6+00/r;
}

publish('', make([ '--rows', 50 ], 50));
add('colonnes', '{"flux": ["export", "mentions", "gkg"]}');
collect('colonnes');
my $mark = stamp(50);
my $i = 0;
same_rows("SELECT replace(to_char(date_event, 'YYYYMMDD'), '-', ''), acteur1, code_acteur1, code_acteur2, code_event,
		classe, racine::int, goldstein, nb_mentions, nb_sources, nb_articles, avg_tone, lieu, pays, lat, lon
	FROM datasens.evenement WHERE date_ajout = '2024-01-01 12:30'",
	[ map { [ $_->[1], $_->[6] || $_->[5], @$_[ 5, 15, 26, 29, 25, 30 .. 34, 52, 53, 56, 57 ] ] } real_rows('export.CSV') ],
	'events');
same_rows("SELECT date_event, type_mention, site, phrase, confiance, longueur, tone FROM datasens.document_evenement
	WHERE date_mention = '2024-01-01 12:30'",
	[ map { [ time_of($_->[1]), @$_[ 3, 4, 6, 11, 12, 13 ] ] } real_rows('mentions.CSV') ], 'mentions');
same_rows("SELECT coalesce(url, meta->>'citation'), langue, meta->>'source', meta->'tone'->>'tone', (meta->'tone'->>'words')::numeric,
		coalesce(jsonb_array_length(meta->'persons'), 0)
	FROM datasens.document WHERE meta->>'guid' LIKE '$mark-%'",
	[
		map {
			my %persons = map { s/,\d+$//r => 1 } split /;/, $_->[12];
			my @tone = split /,/, $_->[15];
			[ "$_->[4]#s=$mark-" . $i++, 'en', $_->[3], $tone[0], $tone[6], scalar keys %persons ]
		} real_rows('gkg.csv')
	],
	'documents');

# ---- a backfill by two collectors, killed in between ----

my $first = 96;
my @past = ($first .. $first + 23);
my @missing = ($first + 5, $first + 11);
my %absent = map { $_ => 1 } @missing;
publish('', make([ '--rows', 5, '--streams', 'export,gkg' ], grep { !$absent{$_} } @past));
$node->append_conf('postgresql.conf', 'datasens.workers = 2');
$node->reload;
$node->safe_psql('postgres', 'DELETE FROM datasens.document; DELETE FROM datasens.evenement');
$web->control('latency', ms => 300); # so slow that there is time to kill, however slow we are
add('passe', '{}');
$node->safe_psql('postgres', "SELECT datasens_backfill('passe', '2024-01-02', '2024-01-02 06:00')");
my $kills = 0;
for my $done (4, 16, 28)
{
	$node->poll_query_until('postgres', "SELECT count(*) >= $done FROM datasens.flux JOIN datasens.source USING (id_source)
		WHERE nom = 'passe' AND manifest_uri IS NOT NULL AND flux.statut = 'succes'") or last;
	my $pid = $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens collector' LIMIT 1")
	  or next;
	DatasensNode::kill_and_await($node, $pid);
	$kills++;
}
$web->control('latency', ms => 30);
cmp_ok($kills, '>=', 1, 'collectors were killed');
DatasensNode::wait_for($node, 'postgres', "SELECT statut = 'termine' FROM datasens.historique", 'the backfill ends');
is(ledger('passe', "flux = 'gkg'"),
	join("\n", "gkg collectee 96 100", 'gkg absente 101 101', 'gkg collectee 102 106', 'gkg absente 107 107',
		'gkg collectee 108 119'),
	'the ledger is complete') or diag($node->safe_psql('postgres', 'SELECT * FROM datasens.tranche'));
my $expected = (@past - @missing) * 5;
is(count('evenement') . ' ' . count('document'), "$expected $expected", 'every record once');
is($node->safe_psql('postgres', "SELECT count(*), count(DISTINCT manifest_uri), sum(nb_inseres), sum(nb_doublons)
		FROM datasens.flux JOIN datasens.source USING (id_source)
		WHERE nom = 'passe' AND manifest_uri IS NOT NULL AND flux.statut = 'succes'"),
	join('|', (2 * (@past - @missing)) x 2, 2 * $expected, 0), 'every slice collected once, by one of them');
is($node->safe_psql('postgres', 'SELECT prevues, collectees, absentes, echecs, attendues FROM datasens_backfills'),
	'48|44|4|0|0', 'its figures');
is($node->safe_psql('postgres', 'SELECT string_agg(c::text, $$,$$) FROM datasens_check() AS c'), '',
	'and every count is right, after what was truncated and killed');

# ---- what comes goes first; paused, gone on with, cancelled ----

$web->control('latency', ms => 300);
publish('', make([ '--rows', 1, '--streams', 'export' ], 200 .. 519)); # so many that there is time
add('pause', '{"flux": ["export"]}');
my $backfill = $node->safe_psql('postgres', "SELECT datasens_backfill('pause', '2024-01-03 02:00', '2024-01-06 09:00')");
DatasensNode::wait_for($node, 'postgres', "SELECT collectees > 0 FROM datasens_backfills WHERE id_historique = $backfill",
	'a backfill is under way');
publish('', make([ '--rows', 1, '--streams', 'export' ], 520));
$node->safe_psql('postgres', "SELECT datasens_collect_async('pause')");
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = 1 FROM datasens.flux WHERE manifest_uri LIKE '%/20240106100000.%'",
	'a slice that comes meanwhile is collected');
cmp_ok($node->safe_psql('postgres', "SELECT count(*) FROM datasens.flux f, datasens.flux l WHERE f.manifest_uri IS NOT NULL
		AND l.manifest_uri LIKE '%/20240106100000.%' AND f.id_flux < l.id_flux AND f.id_flux > (SELECT max(id_flux)
		FROM datasens.flux WHERE format = 'gdelt-list' AND id_flux < l.id_flux)"),
	'<=', 12, 'after those that were under way then, four a collector, or being claimed, and before all others');
$node->safe_psql('postgres', "SELECT datasens_backfill_pause($backfill)");
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = 0 FROM datasens_progress WHERE phase <> 'historique'",
	'paused: what was under way ends');
my $so_far = $node->safe_psql('postgres', "SELECT collectees FROM datasens_backfills WHERE id_historique = $backfill");
cmp_ok($so_far, '<', 316, 'before the rest');
is($node->safe_psql('postgres', "SELECT tranches, tranches_prevues FROM datasens_progress WHERE nom = 'pause'"),
	"$so_far|316", 'the progress shows how far it is');
publish('', make([ '--rows', 1, '--streams', 'export' ], 521));
$node->safe_psql('postgres', "SELECT datasens_collect_async('pause')");
DatasensNode::wait_for($node, 'postgres', "SELECT count(*) = 1 FROM datasens.flux WHERE manifest_uri LIKE '%/20240106101500.%'",
	'meanwhile what comes is collected');
is($node->safe_psql('postgres', "SELECT collectees FROM datasens_backfills WHERE id_historique = $backfill"), $so_far,
	'and nothing else');
$web->control('latency', ms => 0);
$node->safe_psql('postgres', "SELECT datasens_backfill_resume($backfill)");
DatasensNode::wait_for($node, 'postgres', "SELECT statut = 'termine' AND collectees = 316 FROM datasens_backfills
	WHERE id_historique = $backfill", 'gone on with, it ends');
$web->control('latency', ms => 200);
$backfill = $node->safe_psql('postgres', "SELECT datasens_backfill('pause', '2024-01-06 09:00', '2024-01-06 09:45')");
is($node->safe_psql('postgres', "SELECT datasens_backfill_cancel($backfill)"), 3, 'cancelled');
is($node->safe_psql('postgres', "SELECT count(*) FROM datasens.tranche WHERE id_historique = $backfill"), 0,
	'it expects nothing any more');
$node->safe_psql('postgres', "SELECT datasens_drop_source('passe', true)");
is(count('historique') . ' ' . count("tranche WHERE periode <@ tstzrange('2024-01-02', '2024-01-03')"), '2 0',
	'a source goes with its ledger');
is(count("evenement WHERE date_ajout >= '2024-01-02' AND date_ajout < '2024-01-03'"), 0, 'and its events');

is($node->safe_psql('postgres', 'SELECT count(*) FROM datasens_check()'), 0, 'all counts agree');
ok(!$node->log_contains('PANIC|segfault|deadlock'), 'nobody was hurt');
my ($code, $out, $err) = $node->psql('postgres', 'DELETE FROM datasens.document; DROP EXTENSION datasens');
like($err, qr/holds collected documents.*datasens\.(document_)?evenement/s, 'events are not dropped by accident');
$node->stop;
done_testing();
