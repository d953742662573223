# README.md and README.fr.md as a reader uses them: every block is pasted as it stands, in its order,
# into psql, and ends without an error; what a block is said to print is printed.
#
# Fences: psql, a session (statements behind the prompt, and what they print); sql, statements,
# of which a text block that follows is the output; ini, lines of postgresql.conf; console,
# what wants root, the packages of a distribution, Docker or a checkout: not run here (make demo
# is, by 190_demo.pl; debian/ and docker/ have their own ways).  The world of the readers is
# WebWorld's: the proxy that the server is told of answers for the hosts that the pages name.
use strict;
use warnings;

use Cwd qw(abs_path getcwd);
use Encode qw(decode);
use FindBin;
use IPC::Run ();
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use WebWorld;

my $root = abs_path("$FindBin::RealBin/../..");
my @pages = ('README.md', 'README.fr.md');

# The blocks of a page: [fence, line, text].
sub blocks
{
	my ($page) = @_;
	my (@blocks, $open);

	open my $in, '<', "$root/$page" or die "$page: $!";
	while (my $line = <$in>)
	{
		if ($line =~ /^```(\S*)$/)
		{
			$open = $open ? undef : [ $1, $., '' ];
			push @blocks, $open if $open;
		}
		elsif ($open)
		{
			$open->[2] .= $line;
		}
	}
	close $in;
	return @blocks;
}

# Links to the page's own headings and to files of ours lead somewhere.
sub check_links
{
	my ($page) = @_;
	my $text = decode('UTF-8', slurp_file("$root/$page"));

	$text =~ s/^```.*?^```$//msg;
	my %heading = map { lc(s/[^\w\- ]//gr =~ tr/ /-/r) => 1 } $text =~ /^#+ (.*)$/mg;
	my @lost = grep { my ($file, $heading) = split /#/; $file ne '' ? !-e "$root/$file" : !$heading{$heading} }
	  grep { !/^https?:/ } $text =~ /\]\(([^)]*)\)/g;
	is_deeply(\@lost, [], "$page: links lead somewhere");
	return;
}

# What psql shows, but for what nobody sees: spaces at the ends of lines, empty lines around it.
sub shown
{
	my ($text) = @_;
	$text =~ s/[ \t]+$//mg;
	$text =~ s/\A\n+|\n+\z//g;
	return $text;
}

# The statements of a session, each with the line it begins at and what it prints.
sub session
{
	my ($block) = @_;
	my ($fence, $number, $text) = @$block;
	my @statements;

	for my $line (split /\n/, $text)
	{
		$number++;
		if ($line =~ /^\w+=# (.*)/)
		{
			push @statements, [ $number, "$1\n", '' ];
		}
		elsif ($line =~ /^\w+[-('"]# (.*)/)
		{
			$statements[-1][1] .= "$1\n";
		}
		else
		{
			$statements[-1][2] .= "$line\n";
		}
	}
	return @statements;
}

# What is pasted, in order: [line, statements, output or undef].
sub pasted
{
	my @pasted;

	for my $block (@_)
	{
		my ($fence, $number, $text) = @$block;

		push @pasted, session($block) if $fence eq 'psql';
		push @pasted, [ $number, $text, undef ] if $fence eq 'sql';
		$pasted[-1][2] = $text if $fence eq 'text';
	}
	return @pasted;
}

my $world = WebWorld->new;
my $backups = PostgreSQL::Test::Utils::tempdir;
my $node = DatasensNode::start('readme',
	'datasens.proxy' => $world->url,
	'datasens.ca_file' => $world->certificate,
	'datasens.host_delay' => '0',
	'datasens.backup_directory' => $backups,	# a reader has made the one that the page names
	'datasens.enabled' => 'off',		# what a block collects, nobody collects before it
	'datasens.allow_private_networks' => 'off');
$ENV{PGTZ} = 'UTC';
$ENV{OWM_API_KEY} = 'clef';

# A reader's directory: psql reads and writes files where it is.
my $directory = PostgreSQL::Test::Utils::tempdir;
my $home = getcwd();
append_to_file("$directory/feeds.opml", $world->opml);

# What a notebook has left in the database.
my $notebook = <<'SQL';
CREATE SCHEMA notebook;
SET search_path = notebook;
CREATE TABLE source (id_source serial PRIMARY KEY, nom varchar(100) NOT NULL, url text);
CREATE TABLE flux (id_flux serial PRIMARY KEY, id_source int NOT NULL, date_collecte timestamp NOT NULL DEFAULT now(),
	format varchar(20), manifest_uri text);
CREATE TABLE document (id_doc serial PRIMARY KEY, id_flux int, titre text, texte text, langue varchar(10),
	date_publication timestamp, hash_fingerprint varchar(64) UNIQUE);
INSERT INTO source (id_source, nom, url) VALUES (71, 'Flux RSS Multi-Sources', 'https://www.francetvinfo.fr/titres.rss'),
	(72, 'Kaggle CSV', 'https://www.kaggle.com'), (73, 'Baromètre politique', '');
INSERT INTO flux (id_flux, id_source, format) VALUES (1, 71, 'rss'), (2, 72, 'csv');
INSERT INTO document (id_flux, titre, texte, hash_fingerprint) SELECT 1 + n % 2, 'Titre ' || n, 'texte', encode(sha256(n::text::bytea), 'hex')
FROM generate_series(1, 3) AS n;
SQL

# Runs what is pasted in one psql that stops at the first error.
sub paste
{
	my ($page, @pasted) = @_;
	my $script = "\\set ON_ERROR_STOP 1\n"
	  . join('', map { "\\echo \@$_->[0]\n$_->[1]" } @pasted) . "\\echo \@end\n";

	$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS datasens WITH (FORCE)');
	$node->safe_psql('postgres', 'CREATE DATABASE datasens');
	$node->safe_psql('datasens', 'CREATE EXTENSION datasens');
	$node->safe_psql('datasens', $notebook);
	chdir $directory;
	my ($out, $err) = ('', '');
	IPC::Run::run([ 'psql', '-qX', '-h', $node->host, '-p', $node->port, '-d', 'datasens' ],
		'<', \$script, '>', \$out, '2>', \$err);
	chdir $home;

	my %out = $out =~ /^\@(\w+)\n(.*?)(?=^\@|\z)/msg;
	for my $i (0 .. $#pasted)
	{
		my ($number, undef, $expected) = @{ $pasted[$i] };
		my $next = $i < $#pasted ? $pasted[ $i + 1 ][0] : 'end';

		ok(exists $out{$next}, "$page:$number") or diag($err);
		is(shown($out{$number} // ''), shown($expected), "$page:$number: what it prints") if defined $expected;
	}
	return;
}

# The sources that a page has added.
sub sources
{
	return $node->safe_psql('datasens', q{SELECT nom, type_source, url, planification, actif, options FROM datasens.source ORDER BY nom});
}

# Every source that the page has added is collected, and brings something.
sub collect_all
{
	my ($page) = @_;

	is($node->safe_psql('datasens', q{
			SELECT nom, statut, erreur FROM datasens_collect('all') WHERE statut NOT IN ('succes', 'inchange')}),
		'', "$page: all its sources can be collected");
	is($node->safe_psql('datasens', q{
			SELECT nom FROM datasens.source WHERE actif AND id_source NOT IN
				(SELECT id_source FROM datasens.flux WHERE nb_lus > 0) ORDER BY nom}),
		'', "$page: and each has brought something");
	is($node->safe_psql('datasens', 'SELECT count(*) FROM datasens_check()'), 0, "$page: nothing is wrong with it");
	return;
}

# Lines of postgresql.conf are those that the server takes.
sub configure
{
	my ($page, $block) = @_;
	my ($fence, $number, $text) = @$block;
	my $file = $node->data_dir . '/postgresql.conf';
	my $before = slurp_file($file);

	append_to_file($file, $text);
	is($node->safe_psql('postgres', q{SELECT name, setting, error FROM pg_file_settings
			WHERE error IS NOT NULL AND name <> 'shared_preload_libraries'}),
		'', "$page:$number: settings");
	truncate $file, 0;
	append_to_file($file, $before);
	return;
}

my $expected;
for my $page (@pages)
{
	my @blocks = blocks($page);
	my %count;

	$count{ $_->[0] }++ for @blocks;
	is_deeply([ grep { !/^(?:psql|sql|text|ini|console)$/ } sort keys %count ], [],
		"$page: every block says what it is");
	check_links($page);
	paste($page, pasted(@blocks));
	configure($page, $_) for grep { $_->[0] eq 'ini' } @blocks;
	# The pages say the same in two languages: what comes of their sources is to be seen once.
	$expected //= sources();
	is(sources(), $expected, "$page: the sources of its recipes");
	collect_all($page) if $page eq $pages[0];
	note("$page: not run are $count{console} blocks for the shell");
}

done_testing();
