# MixedLoad: sources of every kind on a web server, and what is stored when all of them have
# been collected, whatever happened meanwhile.
#
#	my $load = MixedLoad->new;
#	$load->install($node, 'base');			# the extension and the sources; nothing is due yet
#	$load->ask($node, 'base');				# now everything is
#	$load->wait_for_end($node, 'base', 'what is waited for');
#	is($load->contents($node, 'base'), $undisturbed, ...);
#	is($load->faults($node, 'base'), '', ...);
#
# Servers ask again when they are asked again: nothing of a source depends on the time.
package MixedLoad;

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use JSON::PP;
use PostgreSQL::Test::Utils;

use DatasensNode;
use DatasensWeb;

my $generator = abs_path(dirname(__FILE__) . '/../../web/gdelt.py');
my $json = JSON::PP->new->canonical;

# How much there is of each kind.
my $n_feeds = 12;
my $n_services = 3;
my $n_places = 6;
my $n_pages = 10;
my $n_slices = 6;
my $n_rows = 6000;

# Settings that the load wants, for a cluster that DatasensNode starts; a caller's come after them.
sub settings
{
	return (
		(map { ("datasens.${_}_schedule" => '0 0 1 1 *') } qw(rss json owm scraping gdelt kaggle)),
		'datasens.retry_delay' => '1s',
		'datasens.workers' => 2,
		'datasens.max_connections_per_host' => 16,
		'datasens.host_delay' => '0',
		'datasens.linger' => '1s',
		'restart_after_crash' => 'on');
}

sub new
{
	my ($class) = @_;
	my $root = PostgreSQL::Test::Utils::tempdir;
	my $self = bless { root => $root, web => DatasensWeb->new(root => $root), sources => [] }, $class;

	$self->_rss;
	$self->_json;
	$self->_owm;
	$self->_scraping;
	$self->_gdelt;
	$self->_kaggle;
	return $self;
}

sub web
{
	return $_[0]->{web};
}

# ---- the sources: kind, name, URL (undef: none), options; before install(), a test may add its own ----

sub add
{
	my ($self, $kind, $nom, $url, $options) = @_;
	push @{ $self->{sources} }, [ $kind, $nom, $url, $json->encode($options || {}) ];
	return;
}

# Every feed is collected by two sources: half of what is read are duplicates.
sub _rss
{
	my ($self) = @_;
	$self->add('rss', "fil $_", $self->{web}->url('/feed/' . int($_ / 2))) for 2 .. 2 * $n_feeds + 1;
	return;
}

sub _json
{
	my ($self) = @_;
	my $web = $self->{web};

	for my $i (1 .. $n_services)
	{
		for my $page (1, 2)
		{
			my @rows = map { { id => "$i-$page-$_", title => "Jeu $i $page $_", description => "Texte $i $page $_" } } 1 .. 20;
			$web->control('set', path => "/service/$i" . ($page > 1 ? "?page=$page" : ''), type => 'application/json',
				body => $json->encode({ data => \@rows, next_page => $page < 2 ? $web->url("/service/$i?page=2") : undef }));
		}
		$self->add('json', "service $i", $web->url("/service/$i"),
			{ liste => 'data', pages => { lien => 'next_page' }, champs => { texte => 'description' } });
	}
	return;
}

sub _owm
{
	my ($self) = @_;

	for my $i (1 .. $n_places)
	{
		$self->{web}->control('set', path => "/data/weather?q=Ville$i&units=metric&lang=fr&appid=cle", type => 'application/json',
			body => $json->encode({ coord => { lon => $i, lat => 40 + $i }, weather => [ { id => 800, main => 'Clear', description => 'ciel' } ],
				main => { temp => 10 + $i, feels_like => 9, pressure => 1015, humidity => 50 }, wind => { speed => 2, deg => 180 },
				dt => 1_700_000_000 + $i, sys => { country => 'FR' }, id => $i, name => "Ville$i", cod => 200 }));
	}
	$self->add('owm', 'meteo', undef, { api => $self->{web}->url('/data'), appels_par_minute => 60000,
		villes => [ map { "Ville$_" } 1 .. $n_places ], documents => JSON::PP::true });
	return;
}

sub _scraping
{
	my ($self) = @_;
	my @urls;

	for my $i (1 .. $n_pages)
	{
		my $text = "Le texte de la page $i, assez long pour en être un, avec des mots et sa ponctuation.";
		append_to_file("$self->{root}/$i.html", "<html><head><title>Page $i</title></head><body><article><h1>Page $i</h1>"
			  . "<p>$text</p>" x 5 . '</article></body></html>');
		push @urls, $self->{web}->url("/files/$i.html");
	}
	$self->add('scraping', 'pages', undef, { pages => \@urls });
	return;
}

sub _gdelt
{
	my ($self) = @_;
	my @command = ('python3', $generator, '--rows', 60, $self->{root},
		map { sprintf '20240101%02d%02d00', int($_ / 4), 15 * ($_ % 4) } 0 .. $n_slices - 1);
	open my $in, '-|', @command or die "no generator: $!";
	my @lines = readline($in);
	close $in or die 'the generator failed';
	append_to_file("$self->{root}/masterfilelist.txt", join '', @lines);
	append_to_file("$self->{root}/lastupdate.txt", join '', @lines[ -3 .. -1 ]);
	$self->add('gdelt', 'monde', $self->{web}->url('/files/'), { flux => [qw(export mentions gkg)] });
	return;
}

# Two files, of which the second repeats a half of the first.
sub _kaggle
{
	my ($self) = @_;

	for my $file (0, 1)
	{
		my $first = $file * $n_rows / 2;
		append_to_file("$self->{root}/$file.csv", "titre,texte\n"
			  . join '', map { "Avis $_," . 'des mots ' x 10 . "$_\n" } $first .. $first + $n_rows - 1);
		$self->add('kaggle', "fichier $file", $self->{web}->url("/files/$file.csv"));
	}
	return;
}

# ---- in a database ----

sub install
{
	my ($self, $node, $base) = @_;
	my $adds = join ', ', map
	{
		my ($kind, $nom, $url, $options) = map { defined $_ ? s/'/''/gr : undef } @$_;
		"datasens_add_source('$kind', '$nom', " . (defined $url ? "'$url'" : 'NULL') . ", options => '$options')"
	} @{ $self->{sources} };

	$node->safe_psql($base, "CREATE EXTENSION IF NOT EXISTS datasens; SELECT datasens_set_secret('owm_api_key', 'cle'); SELECT $adds");
	return;
}

# Makes everything due; the past of GDELT, too, the first time.
sub ask
{
	my ($self, $node, $base) = @_;
	my @past = map { sprintf '2024-01-01 %02d:%02d', int($_ / 4), 15 * ($_ % 4) } 0, $n_slices;
	$node->safe_psql($base, "SELECT datasens_collect_async('all');
		SELECT datasens_backfill('monde', '$past[0]', '$past[1]') WHERE NOT EXISTS (SELECT FROM datasens.historique)");
	return;
}

# Whether all has been collected, and nothing is being done; a query of one boolean.
sub ended
{
	my ($self) = @_;
	my $n = @{ $self->{sources} };
	return "SELECT (SELECT count(*) = $n FROM datasens.etat_source WHERE dernier_succes IS NOT NULL AND tentative = 0
				AND echecs_consecutifs = 0 AND prochaine_collecte > now() AND declencheur = 'planifie')
		AND (SELECT count(*) = 1 FROM datasens.historique WHERE statut = 'termine')
		AND (SELECT count(*) = 0 FROM datasens.tranche WHERE statut = 'attendue')
		AND (SELECT count(*) = 0 FROM datasens_progress WHERE id_source IS NOT NULL)";
}

sub wait_for_end
{
	my ($self, $node, $base, $what) = @_;
	return DatasensNode::wait_for($node, $base, $self->ended, $what);
}

# All that is stored, but for numbers that runs give and times that pass, as one line.
sub contents
{
	my ($self, $node, $base) = @_;
	my $digest = sub {
		my ($table, $columns) = @_;
		return "(SELECT count(*) || ' ' || coalesce(md5(string_agg(r, E'\\n' ORDER BY r COLLATE \"C\")), '')
			FROM (SELECT concat_ws('|', $columns) FROM datasens.$table) AS rows (r))";
	};

	return $node->safe_psql($base, 'SELECT ' . join ', ',
		$digest->('document', 'titre, texte, url, auteur, langue, date_publication, hash_fingerprint::text, meta::text'),
		$digest->('meteo', 'ville, pays, lat, lon, date_obs, temperature, ressenti, humidite, vent_kmh, pression, type_meteo, description, meta::text'),
		$digest->('evenement AS e', "to_jsonb(e) - 'id_flux'"),
		$digest->('document_evenement AS e', "to_jsonb(e) - 'id_flux'"),
		"(SELECT string_agg(format('%s %s %s', flux, statut, p), ', ' ORDER BY flux, statut)
			FROM (SELECT flux, statut, range_agg(periode) FROM datasens.tranche GROUP BY flux, statut) AS t (flux, statut, p))",
		"(SELECT string_agg(type_source || ' ' || n, ', ' ORDER BY type_source) FROM (SELECT type_source, sum(total_docs)
			FROM datasens.etat_source JOIN datasens.source USING (id_source) GROUP BY 1) AS t (type_source, n))",
		'(SELECT count(*) FROM datasens.rejet)');
}

# What is wrong with what is stored, once nobody is at work: '' when nothing is.
sub faults
{
	my ($self, $node, $base) = @_;
	return $node->safe_psql($base, "SELECT c::text FROM datasens_check() AS c
		UNION ALL SELECT 'a lock is held: ' || l::text FROM pg_locks l JOIN pg_database d ON d.oid = l.database
			WHERE locktype = 'advisory' AND datname = current_database() AND pid NOT IN
				(SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens operator')
		UNION ALL SELECT 'twice: ' || manifest_uri FROM datasens.flux WHERE manifest_uri IS NOT NULL AND statut = 'succes'
			AND nb_inseres > 0 GROUP BY manifest_uri HAVING count(*) > 1");
}

1;
