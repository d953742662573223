# Files of CSV, whole: the real ones against Python's csv, every encoding and delimiter, found
# and told, tables of several files, a row without an end.
use strict;
use warnings;

use Cwd qw(abs_path);
use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use Encode qw(decode encode);
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = PostgreSQL::Test::Utils::tempdir;
my $node = DatasensNode::start('main', 'datasens.kaggle_schedule' => '0 0 1 1 *');
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');
chmod 0755, $root;

sub file
{
	my ($name, $bytes) = @_;
	open my $out, '>:raw', "$root/$name" or die "$name: $!";
	print $out $bytes;
	close $out;
	return "$root/$name";
}

my $number = 0;

# Collects a file of the server into an empty table; what came of it.
sub collect
{
	my ($path, $options) = @_;
	my $json = encode_json($options // {}) =~ s/'/''/gr;
	my $nom = 'table ' . ++$number;
	return $node->safe_psql('postgres', "DELETE FROM datasens.document;
		SELECT datasens_add_source('kaggle', '$nom', '$path', options => '$json')") =~ /^\d+$/
	  ? $node->safe_psql('postgres', "SELECT statut, nb_lus, nb_inseres, nb_doublons, nb_rejetes FROM datasens_collect('$nom')")
	  : die 'no source';
}

sub last_error
{
	return $node->safe_psql('postgres', 'SELECT erreur FROM datasens.flux ORDER BY id_flux DESC LIMIT 1');
}

sub documents
{
	my ($columns) = @_;
	return decode('UTF-8', $node->safe_psql('postgres', "SELECT $columns FROM datasens.document ORDER BY titre"));
}

# ---- real files ----

# What Python's csv reads: how many rows, and of each different one what it is and its fingerprint.
my $reader = file('reader.py', <<'PYTHON');
import csv, datetime, hashlib, io, json, sys, zipfile
path, member, encoding, delimiter, header, title, text, language, date, form = sys.argv[1:]
csv.field_size_limit(1 << 30)
data = zipfile.ZipFile(path).read(member).decode(encoding)
rows = list(csv.reader(io.StringIO(data, newline=""), delimiter=delimiter))
names = rows.pop(0) if header == "1" else [str(i + 1) for i in range(len(rows[0]))]
different = {}
for row in rows:
    field = dict(zip(names, row))
    said = field.pop(title).strip(), field.pop(text).strip()
    when = datetime.datetime.strptime(field.pop(date), form) if date else None
    others = [field.pop(language) if language else None, when and int(when.timestamp())]
    rest = {name: value for name, value in field.items() if value}
    different.setdefault(hashlib.sha256(" ".join(said).encode()).hexdigest(),
                         [*(value or None for value in said), *others, rest])
for line in [str(len(rows))] + [json.dumps([key, *of], sort_keys=True) for key, of in sorted(different.items())]:
    print(line)
PYTHON

# Columns for title and text, which they all have, and for language and date, with its form.
my %columns = (
	'catalogue-culture-deps.zip' => [ 'title.dataset', 'description.dataset', '', 'created_at.dataset', '%Y-%m-%dT%H:%M:%S.%f%z' ],
	'couverture-communes.zip' => [ 'NOMCOM', 'NOMDEP', '', '', '' ],
	'avis-amazon-de.zip' => [ '2', '1', '', '', '' ],
	'avis-amazon-fr.zip' => [ '2', '1', '', '', '' ],
	'surplus-kansas.zip' => [ 'item_name', 'county', '', '', '' ],
	'tweets-brangelina.zip' => [ 'id_str', 'text', 'lang', 'created_at', '%a %b %d %H:%M:%S %z %Y' ]);
my $corpora = $ENV{DATASENS_CORPORA} // abs_path("$FindBin::RealBin/../../../shared/corpora/dev") // '';
for my $directory (abs_path("$FindBin::RealBin/../corpus/csv"), -d "$corpora/kaggle" ? "$corpora/kaggle" : ())
{
	for my $archive (@{ decode_json(slurp_file("$directory/expected.json")) })
	{
		my ($titre, $texte, @more) = @{ $columns{ $archive->{archive} } };
		my ($member) = @{ $archive->{membres} };
		open my $in, '-|', 'python3', $reader, "$directory/$archive->{archive}", $member->{nom},
		  $member->{encodage} . ($member->{bom} ? '-sig' : ''), $member->{separateur}, $member->{entete} ? 1 : 0, $titre, $texte, @more
		  or die 'no reader';
		my ($n, @expected) = map { s/\n//r } readline($in);
		close $in or die 'the reader failed';
		my $copy = file($archive->{archive}, slurp_file("$directory/$archive->{archive}"));
		is(collect($copy, { colonnes => { titre => $titre, texte => $texte } }),
			join('|', 'succes', $n, scalar @expected, $n - @expected, 0), "$archive->{archive}: as many as Python's csv reads");
		my $json = JSON::PP->new->utf8->canonical;
		my @got = map { $json->encode($json->decode($_)) } split /\n/, $node->safe_psql('postgres',
			'SELECT jsonb_build_array(hash_fingerprint, titre, texte, langue, floor(extract(epoch FROM date_publication))::int,
				coalesce(meta, $${}$$)) FROM datasens.document ORDER BY hash_fingerprint');
		is_deeply(\@got, [ map { $json->encode($json->decode($_)) } @expected ], 'and the same, field by field');
	}
}

# ---- encodings and delimiters, found and told ----

my $words = "titre;texte;prix\n" . join '', map { "Été $_;À Nîmes, l’hôtel n° $_ coûte cher;3$_ €\n" } 1 .. 9;
for my $form ([ 'UTF-8', 'utf-8' ], [ 'UTF-16LE', 'utf-16le' ], [ 'UTF-16BE', 'utf-16be' ], [ 'cp1252', 'windows-1252' ])
{
	my ($name, $told) = @$form;
	my $path = file("$told.csv", encode($name, decode('UTF-8', $words)));
	for my $options ({}, { encodage => $told })
	{
		is(collect($path, $options), 'succes|9|9|0|0', "$told " . (%$options ? 'as told' : 'found'));
		is((split /\n/, documents('titre, texte, meta'))[0],
			decode('UTF-8', 'Été 1|À Nîmes, l’hôtel n° 1 coûte cher|{"prix": "31 €"}'), 'read right');
	}
}
my $latin = file('latin.csv', encode('latin1', decode('UTF-8', "titre,texte\n" . "Été,à la mer\n")));
is(collect($latin), 'succes|1|1|0|0', 'Latin-1 found');
is(documents('titre, texte'), decode('UTF-8', 'Été|à la mer'), 'read right');
is(collect($latin, { encodage => 'latin1' }), 'succes|1|1|0|0', 'and told');
is(documents('titre, texte'), decode('UTF-8', 'Été|à la mer'), 'read right');
is(collect(file('utf8.csv', "titre,texte\nÃ©tÃ©,x\n"), { encodage => 'utf-8' }), 'succes|1|1|0|0', 'what was told is not doubted');
my ($code, $out, $err) = $node->psql('postgres', "SELECT datasens_add_source('kaggle', 'x', '/x.csv', options => '{\"encodage\": \"klingon\"}')");
like($err, qr/option "encodage" cannot have "klingon".*windows-1252/s, 'an encoding that is none');
for my $delimiter (',', ';', "\t", '|')
{
	my $table = join '', map { join($delimiter, @$_) . "\r\n" } [qw(titre texte auteur)], map { [ "T$_", "texte $_", 'moi' ] } 1 .. 5;
	my $path = file('delimiter.csv', $table);
	is(collect($path), 'succes|5|5|0|0', "'$delimiter' between fields, found") and is(documents('titre, texte, auteur') =~ s/\n.*//sr, 'T1|texte 1|moi', 'read right');
	is(collect($path, { separateur => $delimiter }), 'succes|5|5|0|0', 'and told');
}
is(collect(file('odd.csv', "titre~texte\nA, b;c~d\n"), { separateur => '~' }), 'succes|1|1|0|0', 'any other where it is told');
is(documents('titre, texte'), 'A, b;c|d', 'read right');
is(collect(file('old.csv', "titre,texte\rA,\"b\rc\"\r")), 'succes|1|1|0|0', 'lines that end in CR');
is(documents('titre, texte'), "A|b\rc", 'and a field of two of them');

# ---- several files ----

file("partie-$_.csv", "titre,texte\nA,b\nP$_,texte $_\n,\n") for 1 .. 3;
file('autre.csv', "alpha,beta\n1,2\n");
system('python3', '-m', 'zipfile', '-c', "$root/parties.zip", map { "$root/$_" } 'autre.csv', map { "partie-$_.csv" } 1 .. 3) == 0
  or die 'no zip';
is(collect("$root/parties.zip", { fichier => 'partie-[12].csv' }), 'succes|6|3|1|2', 'those of a pattern, duplicates across them');
is($node->safe_psql('postgres', 'SELECT position, motif FROM datasens.rejet ORDER BY motif'),
	join("\n", map { qq(4|"partie-$_.csv": the row has neither a title nor a text) } 1, 2), 'a reject says which file its line is of');
is(collect("$root/parties.zip"), 'echec|0|0|0|0', 'all of them');
like(last_error(), qr/^parse: "autre\.csv": .*alpha, beta/, 'one has no text: which, and its columns');

# ---- a row without an end: memory ----

my $session = $node->background_psql('postgres');
my $pid = $session->query_safe('SELECT pg_backend_pid()');

# The most memory of its own that a backend had since that was asked last, in kB.
sub peak
{
	my ($peak) = slurp_file("/proc/$pid/status") =~ /^VmHWM:\s+(\d+) kB/m;
	open my $reset, '>', "/proc/$pid/clear_refs" or die "clear_refs: $!";
	print $reset '5';
	close $reset;
	return $peak;
}

my $long = 100_000_000;
file('long.csv', "titre,texte\nA,avant\nB," . 'x' x $long . "\nC,après\n");
file('quoted.csv', "titre,texte\nA,avant\nB,\"" . ('x' x ($long / 100) . "\n") x 100 . "\"\nC,après\n");
for my $name ('long.csv', 'quoted.csv')
{
	$node->safe_psql('postgres', "DELETE FROM datasens.document; SELECT datasens_add_source('kaggle', '$name', '$root/$name')");
	$session->query_safe('SELECT 1');
	my $before = peak();
	like($session->query_safe("SELECT statut, nb_inseres, nb_rejetes FROM datasens_collect('$name')"), qr/^succes\|\d+\|[1-9]/,
		"$name: a row of 100 MB is rejected");
	DatasensNode::takes_at_most(peak() - $before, 64 * 1024, 'in 64 MB at most');
	is($node->safe_psql('postgres', "SELECT count(*) FROM datasens.document WHERE texte IN ('avant', 'après')"), 2,
		'and what is before and behind it is there');
	unlink "$root/$name";
}
$session->quit;

is($node->safe_psql('postgres', "SELECT count(*) FROM datasens.flux
	WHERE nb_lus <> nb_inseres + nb_doublons + nb_rejetes OR nb_doublons < 0"), 0, 'nothing that was read got lost');
ok(!$node->log_contains('PANIC|signal 11|signal 6'), 'nobody was hurt');
$node->stop;
done_testing();
