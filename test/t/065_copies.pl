# Copies made in the middle of a load of all kinds: a standby that is promoted when its primary
# dies, two clusters out of one base backup, a dump that is restored.  Each goes on by itself from
# where the copy was made, and in the end has exactly what an undisturbed run has; copies share
# nothing.  Alerts that were pending when the copy was made are each copy's to deliver.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use MixedLoad;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $load = MixedLoad->new;
my $primary = DatasensNode::start('primary', $load->settings, 'log_statement' => 'none');

sub create
{
	my ($base) = @_;

	$primary->safe_psql('postgres', "CREATE DATABASE $base");
	$load->install($primary, $base);
	return;
}

# Has everything asked for in the database, slowly, and returns when some of it is stored.
sub begin_slowly
{
	my ($base) = @_;

	$load->web->control('latency', ms => 250);
	$load->ask($primary, $base);
	ok($primary->poll_query_until($base, 'SELECT count(*) BETWEEN 1 AND 30 FROM datasens.flux'), "$base: the load is under way");
	return;
}

sub ends_well
{
	my ($node, $base, $undisturbed, $what) = @_;

	$load->web->control('latency', ms => 0);
	$load->ask($node, $base);
	$load->wait_for_end($node, $base, "$what: goes on to the end");
	is($load->contents($node, $base), $undisturbed, "$what: with what an undisturbed run has");
	is($load->faults($node, $base), '', "$what: and nothing wrong");
	return;
}

create('temoin');
$load->ask($primary, 'temoin');
$load->wait_for_end($primary, 'temoin', 'an undisturbed run');
my $undisturbed = $load->contents($primary, 'temoin');
$primary->safe_psql('postgres', 'DROP DATABASE temoin');

# ---- a dump ----

create('origine');
begin_slowly('origine');
my $dump = PostgreSQL::Test::Utils::tempdir . '/origine.dump';
$primary->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $primary->connstr('origine') ], 'a dump in the middle');
$primary->safe_psql('postgres', 'CREATE DATABASE copie');
$primary->command_ok([ 'pg_restore', '--exit-on-error', '-d', $primary->connstr('copie'), $dump ], 'is restored');
$primary->safe_psql('copie', "SELECT datasens_set_secret('owm_api_key', 'cle')");
ends_well($primary, 'copie', $undisturbed, 'the restored dump');
ends_well($primary, 'origine', $undisturbed, 'its original');
$primary->safe_psql('postgres', 'DROP DATABASE origine; DROP DATABASE copie');

# ---- a base backup, of which two clusters are made, and a standby ----

create('base');
begin_slowly('base');
$primary->safe_psql('base', q{INSERT INTO datasens.alerte (objet, nom, etat, message, canaux, prochaine_tentative)
	VALUES ('source', 'essai', 'echec', 'x', '{webhook}', now() + interval '1 hour')});
$primary->backup('milieu');
my @copies = map { PostgreSQL::Test::Cluster->new($_) } qw(premiere seconde);
for my $copy (@copies)
{
	$copy->init_from_backup($primary, 'milieu');
	$load->web->control('set', path => '/crochet/' . $copy->name);
	$copy->append_conf('postgresql.conf', "datasens.alert_webhook = '@{[$load->web->url('/crochet/' . $copy->name)]}'");
}
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'milieu', has_streaming => 1);
$_->start for @copies, $standby;
ends_well($_, 'base', $undisturbed, $_->name) for @copies;
for my $copy (@copies)
{
	my $name = $copy->name;

	$copy->safe_psql('base', 'UPDATE datasens.alerte SET prochaine_tentative = now()');
	$load->ask($copy, 'base');
	ok($copy->poll_query_until('base', "SELECT date_livraison IS NOT NULL FROM datasens.alerte WHERE nom = 'essai'"),
		"$name: delivers the alert that was pending");
	my @posts = map { $_->{body} } grep { $_->{path} eq "/crochet/$name" } @{ $load->web->log->{requests} };
	is(scalar(grep { /"nom" : "essai"/ } @posts), 1, "$name: once");
	$copy->stop;
}

# ---- the standby takes over ----

$primary->safe_psql('base', "SELECT datasens_drop_source(nom, true) FROM datasens.source; DELETE FROM datasens.historique");
$load->install($primary, 'base');
begin_slowly('base');
$primary->wait_for_catchup($standby, 'flush');
$primary->stop('immediate');
$standby->promote;
ends_well($standby, 'base', $undisturbed, 'the promoted standby');

$standby->stop;
done_testing();
