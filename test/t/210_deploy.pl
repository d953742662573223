# What deploy/ gives those who drive or watch datasens from outside: the commands in it are run as
# they stand there, the workflow's with nothing but psql; the exporter that Debian packages shows
# what datasens_metrics() says, and the dashboard asks for nothing else.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Cwd qw(abs_path);
use DatasensNode;
use DatasensWeb;
use HTTP::Tiny;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

my $deploy = abs_path("$FindBin::RealBin/../../deploy");
my $python = '/usr/bin/python3';
my $web = DatasensWeb->new;
my $node = DatasensNode::start('main', 'datasens.retry_delay' => '1h');
my $work = PostgreSQL::Test::Utils::tempdir;

# Nothing is in the way of a name there but psql.
my $only_psql = PostgreSQL::Test::Utils::tempdir;
my ($psql) = grep { -x } map { "$_/psql" } split /:/, $ENV{PATH};
symlink $psql, "$only_psql/psql" or die "$only_psql: $!";

sub sql
{
	return $node->safe_psql('datasens', $_[0]);
}

# The image begins with it.
sub new_database
{
	$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS datasens WITH (FORCE)');
	$node->safe_psql('postgres', 'CREATE DATABASE datasens');
	sql('CREATE EXTENSION datasens');
	return;
}

sub yaml
{
	my ($path) = @_;
	my ($out, $err);

	IPC::Run::run([ $python, '-c', 'import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)',
			$path ], '>', \$out, '2>', \$err) or die "$path: $err";
	return decode_json($out);
}

# ---- the workflow ----

my $workflow = yaml("$deploy/github/collecte.yml");
my $job = $workflow->{jobs}{collecte};
my %steps = map { ($_->{name} => $_) } grep { $_->{run} } @{ $job->{steps} };

# YAML takes the key "on" for a truth.
is($workflow->{true}{schedule}[0]{cron}, '0 2 * * *', 'the workflow runs at 2h UTC');
ok(exists $workflow->{true}{workflow_dispatch}, 'and by hand');
is_deeply([ map { "$_->{with}{'retention-days'} $_->{if}" } grep { ($_->{uses} // '') =~ /upload-artifact/ } @{ $job->{steps} } ],
	['30 always()'], 'what it leaves is kept for 30 days, whatever came of it');
is_deeply([ map { $_->{name} } grep { ($_->{if} // '') eq 'failure()' } @{ $job->{steps} } ], ['Notify of a failure'],
	'a failure is told');
is(join('', map { $_->{run} =~ /\$\{\{/ ? $_->{name} : () } values %steps), '', 'nothing is pasted into a command');

my %environment = (%{ $job->{env} }, PGHOST => $node->host, PGPORT => $node->port, PATH => $only_psql, NOTE => "l'essai",
	SERVER_DIRECTORY => "$work/serveur", GITHUB_STEP_SUMMARY => "$work/resume.md");
delete @environment{qw(PGUSER PGPASSWORD)};

# Runs a step as GitHub does: its status, and all that it printed.
sub step
{
	my ($name) = @_;
	my $out = '';
	my $step = $steps{$name} or die "no step $name";

	append_to_file("$work/step.sh", '');
	open my $file, '>', "$work/step.sh" or die $!;
	print $file $step->{run};
	close $file or die $!;
	local %ENV = (%environment, LANG => 'C.UTF-8');
	IPC::Run::run([ '/bin/bash', '-e', "$work/step.sh" ], '>', \$out, '2>&1', init => sub { chdir $work or die $! });
	return ($? >> 8, $out);
}

sub step_ok
{
	my ($name) = @_;
	my ($status, $out) = step($name);

	is($status, 0, "step $name") or diag($out);
	return $out;
}

my $sources = 'SELECT datasens_add_source($$rss$$, $$l\'une "vraie" \\ a$$, $$%s$$), datasens_add_source($$rss$$, $$morte$$, $$%s$$);';
append_to_file("$work/sources.sql", sprintf $sources, $web->url('/feed/1?items=3'), $web->url('/status/404'));
new_database();
step_ok('Settings');
like(step_ok('Restore it'), qr/first run/, 'which is no fault');
step_ok('Sources');
step_ok('Collect');
step_ok('Report');
step_ok('Dump');
like(slurp_file("$work/rapport.html"), qr/^<!DOCTYPE html>.*vraie/si, 'the report is there');
like(slurp_file("$work/resume.md"), qr/^# .*vraie/s, 'and in the summary');
is(slurp_file("$work/datasens.dump"), slurp_file(glob "$work/serveur/datasens_*.dump"), 'the dump is the backup');
is(sql("SELECT details FROM datasens.journal WHERE action = 'COLLECTE_JOURNALIERE_INIT'"), "0 documents : l'essai", 'the note is in the journal');
my ($status, $out) = step('Sources that failed');
is($status, 3, 'a source that failed makes the run fail');
like($out, qr{^::error::morte: http: HTTP status 404: http://\S+/status/404\nERROR:  sources have failed}, 'as an error that names it');
like(step_ok('Notify of a failure'), qr/^::error::/, 'of which somebody is told');

# The next day's, on a new server.
new_database();
sql("SELECT datasens_add_source('rss', 'autre', 'http://localhost:1/')");
step_ok('Restore it');
is(sql('SELECT count(*) FROM datasens.document'), 3, 'the next run has what was collected');
is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_largeobject_metadata'), 0, 'and nothing else is left of the dump');
is($node->safe_psql('datasens', 'SELECT count(*) FROM pg_largeobject_metadata'), 0, 'nor of the one before');
step_ok('Sources');
is(sql("SELECT string_agg(nom, ', ' ORDER BY id_source) FROM datasens.source"), 'l\'une "vraie" \\ a, morte', 'its sources are the old ones');
step_ok('Collect');
is(sql("SELECT details FROM datasens.journal WHERE action = 'COLLECTE_JOURNALIERE_FIN' ORDER BY id_journal DESC LIMIT 1"),
	'+0 documents (3), 2 sources, 1 en echec', 'it goes on from there');

# The example of sources is one.
$node->safe_psql('postgres', 'CREATE DATABASE exemple');
$node->safe_psql('exemple', 'CREATE EXTENSION datasens');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('exemple'), '-f', "$deploy/github/sources.sql" ],
	'the example of sources');
is($node->safe_psql('exemple', 'SELECT count(*) FROM datasens.source'), 3, 'of three kinds');

# ---- what calls the round ----

sub rounds
{
	my ($note) = @_;
	return sql("SELECT count(*) FROM datasens.journal WHERE action = 'COLLECTE_JOURNALIERE_INIT' AND details LIKE '% : $note'");
}

my %for_psql = (PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'datasens');
{
	my $unit = slurp_file("$deploy/systemd/datasens-cycle.service");
	my ($command) = $unit =~ m{^ExecStart=/usr/bin/(psql .*)$}m;
	my ($database) = $unit =~ /^Environment=PGDATABASE=(\w+)$/m;
	local %ENV = (%ENV, %for_psql, PGDATABASE => $database);
	is(system("$command > $work/systemd.out 2>&1"), 0, 'the service') or diag(slurp_file("$work/systemd.out"));
	is(rounds('systemd'), 1, 'has made a round');
  SKIP:
	{
		skip 'no systemd-analyze here', 1 if system('command -v systemd-analyze > /dev/null') != 0;
		my $said = `systemd-analyze verify $deploy/systemd/datasens-cycle.service $deploy/systemd/datasens-cycle.timer 2>&1`;
		is($said, '', 'systemd finds no fault with it');
	}
}

# Airflow and Prefect as their files see them: what is asked for is printed, or done.
my $stubs = "$work/stubs";
my %stubs = (
	'airflow/__init__.py' => "class DAG:\n    def __init__(self, name, schedule, start_date, catchup, max_active_runs):\n"
	  . "        print(name, schedule, catchup)\n    def __enter__(self):\n        return self\n    def __exit__(self, *_):\n        pass\n",
	'airflow/providers/common/sql/operators/sql.py' =>
	  "def SQLExecuteQueryOperator(task_id, conn_id, sql, autocommit, **_):\n    print(conn_id, autocommit, sql)\n",
	'prefect/__init__.py' => "def flow(**_):\n    def decorate(function):\n        def serve(name, cron):\n"
	  . "            print(name, cron)\n            function()\n        function.serve = serve\n        return function\n    return decorate\n");
for my $path (keys %stubs)
{
	system_or_bail('mkdir', '-p', "$stubs/$path" =~ s{/[^/]*$}{}r);
	append_to_file("$stubs/$path", $stubs{$path});
}

sub python_file
{
	my ($path) = @_;
	my ($out, $err) = ('', '');

	local %ENV = (%ENV, %for_psql, PYTHONPATH => $stubs, PYTHONDONTWRITEBYTECODE => 1);
	ok(IPC::Run::run([ $python, "$deploy/$path" ], '>', \$out, '2>', \$err), $path) or diag($err);
	return $out;
}
my ($dag, $task) = split /\n/, python_file('airflow/datasens_cycle.py');
is($dag, 'datasens_cycle 0 2 * * * False', 'the DAG runs at 2h UTC');
my ($connection, $autocommit, $statement) = split / /, $task, 3;
is("$connection $autocommit", 'datasens True', 'outside of a transaction');
sql($statement);
is(rounds('airflow'), 1, 'and has made a round');
like(python_file('prefect/datasens_cycle.py'), qr/^quotidien 0 2 \* \* \*\n\+0 documents \(3\), 2 sources, 1 en echec$/m, 'the flow is served at 2h UTC');
is(rounds('prefect'), 1, 'and has made a round');

# ---- the exporter ----

# Samples of the exposition: {name => {labels => value}}, without those that are no number, and
# without the label of the exporter's own.
sub samples
{
	my ($text) = @_;
	my %samples;

	for (split /\n/, $text)
	{
		my ($name, $labels, $value) = /^(datasens_\w+)(?:\{(.*)\})? (\S+)$/ or next;
		my $key = join ',', sort grep { !/^server=/ } ($labels // '') =~ /(\w+="(?:[^"\\]|\\.)*")/g;
		$samples{$name}{$key} = sprintf '%.6f', $value unless $value eq 'NaN';
	}
	return \%samples;
}

sql(q{CREATE ROLE prometheus LOGIN; GRANT pg_monitor TO prometheus;
	INSERT INTO datasens.tache (nom, prochaine_execution, derniere_execution, dernier_succes, echecs_consecutifs)
		VALUES ('sauvegarde', now() + interval '1 day', now() - interval '1 hour', now() - interval '1 day', 2),
			('rapport', 'infinity', NULL, NULL, 0)});
my ($exporter_port, $exporter) = (PostgreSQL::Test::Cluster::get_free_port());
my $defaults = slurp_file("$deploy/prometheus/prometheus-postgres-exporter");
my ($name) = $defaults =~ /^DATA_SOURCE_NAME='(.*)'$/m;
my ($arguments) = $defaults =~ /^ARGS="(.*)"$/m;
$name =~ s{host=\S+}{"host=@{[$node->host]} port=@{[$node->port]} sslmode=disable"}e;
ok($arguments =~ s{/etc/prometheus-postgres-exporter/}{$deploy/prometheus/}, 'the exporter is told of our queries');
{
	local $ENV{DATA_SOURCE_NAME} = $name;
	$exporter = IPC::Run::start([ 'prometheus-postgres-exporter', split(' ', $arguments),
			"--web.listen-address=127.0.0.1:$exporter_port" ], '<', '/dev/null', '>', "$work/exporter.log", '2>&1');
}
my $http = HTTP::Tiny->new(timeout => 10, proxy => undef, http_proxy => undef);
my $answer;
my $until = time + 20;
while (time < $until)
{
	$answer = $http->get("http://127.0.0.1:$exporter_port/metrics");
	last if $answer->{success};
	usleep(20_000);
}
my $exported = samples($answer->{content});
$exporter->kill_kill;
my $told = samples(sql('SELECT datasens_metrics()'));
is_deeply($exported, $told, 'the exporter shows what datasens_metrics() says')
  or diag(slurp_file("$work/exporter.log"));
is(scalar(keys %$told), 15, 'all of it');
ok((grep { /vraie/ } keys %{ $told->{datasens_source_documents} }), 'under hard names, too');

# ---- the dashboard ----

my $dashboard = decode_json(slurp_file("$deploy/grafana/datasens.json"));
my @queries = ((map { my $title = $_->{title}; map { [ $title, $_->{expr} ] } @{ $_->{targets} } } @{ $dashboard->{panels} }),
	(map { [ $_->{name}, $_->{query}{query} ] } grep { $_->{type} eq 'query' } @{ $dashboard->{templating}{list} }));
my %asked;
for (@queries)
{
	my ($title, $query) = @$_;
	my @names = $query =~ /\b(datasens_\w+)/g;

	ok(@names > 0, "$title asks for a metric");
	is(join(' ', grep { !$exported->{$_} } @names), '', "$title: which there is");
	@asked{@names} = ();
}
is(join(' ', grep { !exists $asked{$_} } sort keys %$told), 'datasens_task_last_run_timestamp_seconds datasens_task_next_run_timestamp_seconds',
	'nearly all metrics are shown');

$node->stop;
done_testing();
