# Months on a clock that the test sets: five sources, weekly to quarter-hourly, a feed that
# falls silent, a web server that is down for two days, sources that die and recover, daily
# backups, reports and sweeping.  What came of it is held against what is reckoned here, from
# the schedules, the calendar and the faults alone.
#
#	DAYS=92				how many, from 8 on; 3 without, in which all is shorter and GDELT hourly
#	START=2027-03-26	when they begin, at midnight in Paris: a change of clocks comes soon
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use FakeClock;
use IPC::Open2;
use JSON::PP;
use List::Util qw(first max min sum0);
use POSIX qw(mktime strftime tzset);
use PostgreSQL::Test::Utils;
use Test::More;

use constant { MINUTE => 60, HOUR => 3600, DAY => 86400, WEEK => 604800, SLOT => 900 };

my $days = $ENV{DAYS} || 3;
my $short = $days < 8;
my $date = $ENV{START} || '2027-03-26';

# A step is done within so many seconds, in which the clock goes on.
my $slack = 30;

# ---- the calendar: when schedules are due, as Debian's cron(8) has it ----

my (@minutes, %minute_of, $start, $end);
{
	local $ENV{TZ} = 'Europe/Paris';
	tzset();
	my ($year, $month, $day) = split /-/, $date;
	$start = mktime(0, 0, 0, $day, $month - 1, $year - 1900, 0, 0, -1);
	$end = mktime(0, 10, 12, $day + $days, $month - 1, $year - 1900, 0, 0, -1);
	for (my $t = $start - HOUR; $t < $end + 8 * DAY; $t += MINUTE)
	{
		my @local = localtime $t;
		my $name = strftime('%Y-%m-%d %H:%M', @local);
		push @minutes, [ $t, $name, $local[6], $local[1] ];
		$minute_of{$name} //= $t;	# of a time that comes twice the first
	}
}
tzset();

# Of jobs that follow the clock: every so many minutes.
sub every
{
	my ($n) = @_;
	return [ map { $_->[0] } grep { $_->[3] % $n == 0 } @minutes ];
}

# Of jobs with a time, "HH:MM", on each day or one of the week: right after a change of clocks
# that skips it.
sub daily
{
	my ($times, $weekday) = @_;
	my %days;
	my @due;

	push @{ $days{ substr($_->[1], 0, 10) } }, $_ for @minutes;
	for my $day (sort keys %days)
	{
		next if defined $weekday && $days{$day}[0][2] != $weekday;
		push @due, map {
			my $name = "$day $_";
			$minute_of{$name} // (first { $_->[1] gt $name } @{ $days{$day} })->[0];
		} grep { "$day $_" ge $days{$day}[0][1] && "$day $_" le $days{$day}[-1][1] } @$times;
	}
	return \@due;
}

my %due = (
	fil => every(60),
	ville => daily([ '00:00', '06:00', '12:00', '18:00' ]),
	page => daily(['02:00']),
	monde => every($short ? 60 : 15),
	table => daily(['03:00'], 0),
	veille => $short ? daily([ '00:05', '06:05', '12:05', '18:05' ]) : [ map { $_ + 5 * MINUTE } @{ every(60) } ],
	sauvegarde => daily(['02:30']),
	menage => daily(['04:00']),
	rapport => daily(['07:00']));
my @sources = qw(fil ville page monde table);

sub next_due
{
	my ($what, $after) = @_;
	my $list = $due{$what};
	my ($low, $high) = (0, scalar @$list);

	while ($low < $high)
	{
		my $middle = int(($low + $high) / 2);
		if ($list->[$middle] > $after) { $high = $middle }
		else { $low = $middle + 1 }
	}
	return $list->[$low];
}

# ---- what goes wrong ----

# Hours after the first midnight (UTC) of all, or after that which so much of the time is before.
sub at
{
	my ($part, @hours) = @_;
	my $midnight = (int(($start + $part * $days * DAY - 1) / DAY) + 1) * DAY;
	my @at = map { $midnight + sprintf('%.0f', $_ * HOUR) } @hours;
	return wantarray ? @at : $at[0];
}

# The web server is down from seven past to three to, so that no retry of anybody's falls on
# the ends; the page is gone once, and switched on again after another due time.
my @mute = $short ? at(0, 5, 30) : at(0.1, 6, 36);
my @down = map { $_ + 7 * MINUTE } $short ? at(0, 31, 37 + 5 / 6) : at(0.4, 0, 48 + 5 / 6);
my @gone = $short ? at(0, 40, 60) : at(0.7, 12, 36);
my $enabled = $short ? at(0, 72.5) : at(0.7, 57.5);
my @failing = $short ? at(0, 44, 69) : at(0.8, 2, 32);
my %absent = map { ($_ / SLOT, 1) } $short ? at(0, 6, 6.25, 35) : at(0.4, -60, -59.75, 20);
my %late = $short ? (at(0, 4) / SLOT, at(0, 9) + MINUTE) : (at(0.3, 2.5) / SLOT, at(0.3, 5) + MINUTE);
my $kept = ($short ? 1 : int($days / 4)) * DAY + 3 * MINUTE;

sub fault_of
{
	my ($source, $at) = @_;
	return 'fails' if $at >= $down[0] && $at < $down[1];
	return 'gone' if $source eq 'page' && $at >= $gone[0] && $at < $gone[1];
	return 'fails' if $source eq 'ville' && $at >= $failing[0] && $at < $failing[1];
	return '';
}

# ---- what is to come of it ----

my %seen;

# How many of these, by name, are new.
sub news
{
	my ($source, @names) = @_;
	return scalar grep { !$seen{"$source $_"}++ } @names;
}

my $newest;
my %slots;	# what is to become of each

# The slots that a run finds: those of its time the first time, later all since the last.
sub slots_found
{
	my ($at) = @_;
	my $now = int($at / SLOT);
	my $there = first { !$absent{$_} && ($late{$_} // 0) <= $at } reverse $now - 9 .. $now;
	my @found;

	$slots{$_} = 'absente' for ($newest // $there - 1) + 1 .. $there;
	$newest = $there;
	@found = grep { $slots{$_} eq 'absente' && !$absent{$_} && ($late{$_} // 0) <= $at } keys %slots;
	$slots{$_} = 'collectee' for @found;
	return scalar @found;
}

# New records of a run; slices have runs of their own.
my %brings = (
	fil => sub { my $h = int($_[0] / HOUR); news('fil', grep { $_ < int($mute[0] / HOUR) || $_ >= int($mute[1] / HOUR) } $h - 23 .. $h) },
	ville => sub { news('ville', int($_[0] / (6 * HOUR))) },
	page => sub { news('page', int($_[0] / DAY)) },
	table => sub { my $w = int($_[0] / WEEK); news('table', $w - 3 .. $w) },
	monde => sub { 0 });

my (%runs, %plans, @alerts, @slices);

# A run that is to begin in [from, to]; what follows from it is planned in the result.
sub reckon_run
{
	my ($source, $state) = @_;
	my ($from, $to) = @{ $state->{due} };
	my $fault = fault_of($source, $from);
	my $attempt = $state->{attempt};
	my %run = (from => $from, to => $to, attempt => $attempt,
		trigger => $attempt > 1 ? 'reprise' : $state->{missed} ? 'rattrapage' : 'planifie',
		status => $fault ? 'echec' : 'bon', new => 0);
	my $next;

	die 'badly chosen times' if $fault ne fault_of($source, $to + $slack);
	if (!$fault)
	{
		$run{new} = $brings{$source}->($from);
		push @slices, [ $from, slots_found($from) ] if $source eq 'monde';
		push @alerts, [ $from, $from, $source, 'retabli' ] if $state->{bad} && ($state->{bad} ne 'silence' || $run{new});
		$state->{bad} = '' if $state->{bad} ne 'silence' || $run{new};
		$state->{news} = $from if $run{new};
	}
	if ($fault eq 'fails' && $attempt <= 3)
	{
		my $delay = 5 * MINUTE * 2**($attempt - 1);
		$next = [ $from + 0.875 * $delay - 1, $to + $slack + 1.125 * $delay ];
		$state->{attempt}++;
	}
	else
	{
		push @alerts, [ $from, $to, $source, 'echec' ] if $fault && !$state->{bad};
		$state->{bad} ||= 'echec' if $fault;
		# What comes due while a source is off is made up for when it is switched on.
		$next = [ ($fault eq 'gone' ? $enabled : next_due($source, $to + $slack)) x 2 ];
		die 'badly chosen times' if $fault eq 'gone' ? next_due($source, $to) > $enabled : next_due($source, $from) != $next->[0];
		$state->{attempt} = 1;
		$state->{missed} = $fault eq 'gone';
	}
	$state->{due} = $next;
	push @{ $runs{$source} }, \%run;
	push @{ $plans{$source} }, [ $from, $to + $slack, @$next ];
	return;
}

for my $source (@sources)
{
	my %state = (due => [ (next_due($source, $start - 10 * MINUTE)) x 2 ], attempt => 1, bad => '', news => 0);

	while ($state{due}[1] < $end)
	{
		# The watch finds the feed that has brought nothing for a day; silences before were shorter.
		my $watch = next_due('veille', $state{news} + DAY);
		if ($source eq 'fil' && !$state{bad} && $state{news} && $state{due}[0] > $watch)
		{
			push @alerts, [ $watch, $watch, $source, 'silence' ];
			$state{bad} = 'silence';
		}
		reckon_run($source, \%state);
	}
}

# ---- the real thing ----

my $clock = FakeClock->new($start - 10 * MINUTE);
my $web = DatasensWeb->new(script => 'calendar_site.py', arguments => [ encode_json({
	faults => [ { path => '/une', status => 410, from => $gone[0], to => $gone[1] },
		{ path => '/meteo/weather', status => 500, from => $failing[0], to => $failing[1] } ],
	absent => [ map { strftime('%Y%m%d%H%M%S', gmtime $_ * SLOT) } keys %absent ],
	late => { map { strftime('%Y%m%d%H%M%S', gmtime $_ * SLOT) => $late{$_} } keys %late },
	mute => \@mute }) ]);
my $kept_files = PostgreSQL::Test::Utils::tempdir;
my $node = DatasensNode::start('main', 'datasens.timezone' => 'Europe/Paris', 'timezone' => 'UTC',
	'datasens.workers' => 1, 'datasens.host_delay' => 0, 'datasens.gdelt_max_catchup' => 400,
	# In the long run each round is a process that the launcher starts.
	'datasens.linger' => $days < 30 ? '1h' : 0,
	'datasens.gdelt_schedule' => $short ? '0 * * * *' : '*/15 * * * *',
	'datasens.alert_schedule' => $short ? '5 */6 * * *' : '5 * * * *', 'datasens.alert_webhook' => $web->url('/crochet'),
	'datasens.backup_directory' => "$kept_files/sauvegardes", 'datasens.report_directory' => "$kept_files/rapports",
	'log_statement' => 'none', map({ ("datasens.${_}_retention" => int($kept / MINUTE) . 'min') } qw(backup flux journal)));
my $open = open2(my $out, my $in, 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'));

# A query that gives one row of one column; in the one session that all have.
sub sql
{
	my ($query) = @_;
	syswrite $in, "$query;\n";
	my $line = readline($out) // die "no answer: $query";
	chomp $line;
	return $line;
}

$node->safe_psql('postgres', q{
	CREATE EXTENSION datasens;
	-- what is removed is seen all the same
	CREATE TABLE tous_flux AS SELECT * FROM datasens.flux;
	CREATE TABLE tout_journal AS SELECT * FROM datasens.journal WHERE false;
	CREATE TABLE toutes_alertes AS SELECT * FROM datasens.alerte;
	GRANT INSERT ON tous_flux, tout_journal, toutes_alertes TO PUBLIC;
	CREATE FUNCTION copie() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		EXECUTE format('INSERT INTO public.%I SELECT ($1).*', TG_ARGV[0]) USING NEW;
		RETURN NULL;
	END $$;
	CREATE TRIGGER copie AFTER INSERT ON datasens.flux FOR EACH ROW EXECUTE FUNCTION copie('tous_flux');
	CREATE TRIGGER copie AFTER INSERT ON datasens.alerte FOR EACH ROW EXECUTE FUNCTION copie('toutes_alertes');
	-- what is due: the earliest of all
	CREATE VIEW prochain AS SELECT least(
		(SELECT min(prochaine_collecte) FROM datasens.etat_source JOIN datasens.source USING (id_source) WHERE actif),
		(SELECT min(prochaine_execution) FROM datasens.tache), (SELECT min(prochaine_tentative) FROM datasens.alerte),
		(SELECT min(coalesce(pas_avant, '-infinity')) FROM datasens.tranche WHERE statut = 'attendue')) AS quand;
	-- waits until nothing is, and nobody is at work; then: when something will be, the plans, and whom to wake
	CREATE FUNCTION attendre() RETURNS json LANGUAGE plpgsql AS $$
	BEGIN
		FOR i IN 1 .. 60000 LOOP
			PERFORM pg_stat_clear_snapshot();
			EXIT WHEN (SELECT quand > clock_timestamp() FROM prochain)
				AND NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory')
				AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'datasens operator'
					OR (backend_type = 'datasens collector' AND current_setting('datasens.linger') = '0'));
			PERFORM pg_sleep(0.002);
			IF i = 60000 THEN RAISE 'it does not come to rest'; END IF;
		END LOOP;
		RETURN (SELECT json_build_object('quand', extract(epoch FROM quand),
			'processus', (SELECT json_agg(pid) FROM pg_stat_activity WHERE backend_type LIKE 'datasens%'), 'plans',
			(SELECT json_object_agg(nom, extract(epoch FROM prochaine_collecte)) FROM datasens.etat_source
				JOIN datasens.source USING (id_source) WHERE actif AND isfinite(prochaine_collecte))) FROM prochain);
	END $$});
my @add = (
	[ 'rss', 'fil', $web->url('/fil'), '{}' ],
	[ 'owm', 'ville', '', encode_json({ villes => ['Paris'], appels_par_minute => 60000, api => $web->url('/meteo') }) ],
	[ 'scraping', 'page', $web->url('/une'), '{"profondeur": 0}' ],
	[ 'gdelt', 'monde', $web->url('/gdelt'), '{}' ],
	[ 'kaggle', 'table', $web->url('/semaines.csv'), '{}' ]);
sql(q{SELECT datasens_set_secret('owm_api_key', 'cle') IS NULL});
sql("SELECT datasens_add_source('$_->[0]', '$_->[1]', '$_->[2]', options => '$_->[3]')") for @add;
$node->safe_psql('postgres', q{CREATE TRIGGER copie AFTER INSERT ON datasens.journal FOR EACH ROW EXECUTE FUNCTION copie('tout_journal')});

my @events = sort { $a->[0] <=> $b->[0] } (
	[ $down[0], sub { $web->command('down') } ], [ $down[1], sub { $web->command('up') } ],
	[ $enabled, sub { sql("SELECT datasens_enable_source('page') IS NULL") } ]);
my $now = $start - 10 * MINUTE;
my $rest = decode_json(sql('SELECT attendre()'));
my @wrong_plans;
my $steps = 0;

# What is planned after the step, where it is not in the middle of a run.
sub compare_plans
{
	my ($at, $plans) = @_;

	for my $source (@sources)
	{
		my $list = $plans{$source} || next;
		shift @$list while @$list > 1 && $list->[1][1] <= $at;
		next if $list->[0][1] > $at || (@$list > 1 && $list->[1][0] <= $at);
		next if fault_of($source, $list->[0][0]) eq 'gone' && $at < $enabled + MINUTE;
		my $found = $plans->{$source} // 0;
		push @wrong_plans, "$source at $at: $found, not $list->[0][2] to $list->[0][3]"
		  if $found < $list->[0][2] - 0.001 || $found > $list->[0][3] + 0.001;
	}
	return;
}

while ($now < $end)
{
	$now = min($end, (int($now / SLOT) + 1) * SLOT, max($rest->{quand}, $clock->now),
		@events ? $events[0][0] : $end);
	$now = max($now, $clock->now);
	$clock->set($now, @{ $rest->{processus} });
	(shift @events)->[1]->() while @events && $events[0][0] <= $now;
	$rest = decode_json(sql('SELECT attendre()'));
	compare_plans($clock->now, $rest->{plans});
	$steps++;
}
is("@wrong_plans[0 .. min(9, $#wrong_plans)]", '', "$days days: the next times are right after each of $steps steps");

# ---- the comparison ----

# Rows of times (seconds) and words.
sub rows
{
	my ($query) = @_;
	return map { [ split /\|/ ] } split /\n/, $node->safe_psql('postgres', $query);
}

# That what happened is what was to happen, in its order, each at its time.
sub happened
{
	my ($got, $expected, $what) = @_;
	my @off = grep { $got->[$_][0] < $expected->[$_][0] - 1 || $got->[$_][0] > $expected->[$_][1] + $slack }
	  0 .. min($#$got, $#$expected);

	is_deeply([ map { join ' ', @$_[1 .. $#$_] } @$got ], [ map { join ' ', @$_[2 .. $#$_] } @$expected ], $what);
	is("@off", '', "$what, in time");
	return;
}

for my $source (@sources)
{
	my @got = rows("SELECT extract(epoch FROM date_collecte), CASE statut WHEN 'inchange' THEN 'bon' WHEN 'succes' THEN 'bon'
			ELSE statut END, declencheur, tentative, nb_inseres FROM tous_flux JOIN datasens.source USING (id_source)
		WHERE nom = '$source' AND manifest_uri IS NULL ORDER BY date_collecte");
	happened(\@got, [ map { [ @$_{qw(from to status trigger attempt new)} ] } @{ $runs{$source} } ], "the runs of $source");
}

# Slices: each once, at the first round that could know of it; the ledger.
is(join(' ', map { "$_->[0]:$_->[1]" } rows("SELECT floor(extract(epoch FROM date_collecte) / 900) * 900, count(*) FROM tous_flux
		WHERE manifest_uri IS NOT NULL AND statut = 'succes' AND nb_inseres = 1 GROUP BY 1 ORDER BY 1")),
	join(' ', map { "$_->[0]:" . 2 * $_->[1] } grep { $_->[1] } @slices), 'slices of both streams');
is(sql('SELECT count(*) FROM tous_flux WHERE manifest_uri IS NOT NULL'),
	2 * sum0(map { $_->[1] } @slices), 'each at its first attempt');
my @ledger;
for my $slot (sort { $a <=> $b } keys %slots)
{
	if (@ledger && $ledger[-1][2] eq $slots{$slot}) { $ledger[-1][1] = $slot }
	else { push @ledger, [ $slot, $slot, $slots{$slot} ] }
}
my $ledger = join ' ', map { join '-', @$_ } @ledger;
is(sql("SELECT string_agg(DISTINCT livre, ' / ') FROM (SELECT flux, string_agg(extract(epoch FROM lower(periode))::bigint / 900 || '-'
		|| extract(epoch FROM upper(periode))::bigint / 900 - 1 || '-' || statut, ' ' ORDER BY periode) AS livre
		FROM datasens.tranche GROUP BY flux) AS livres"), $ledger, 'the ledger of both streams');

# Alerts: in the table, and at the webhook.
my @expected_alerts = map { $_->[4] } sort { $a->[0] <=> $b->[0] || $a->[1] cmp $b->[1] }
  map { [ $_->[0], $_->[2], undef, undef, $_ ] } @alerts;
my @got_alerts = sort { int($a->[0] / 60) <=> int($b->[0] / 60) || $a->[1] cmp $b->[1] }
  rows('SELECT extract(epoch FROM date_alerte), nom, etat FROM toutes_alertes');
is(join(', ', map { "$_->[1] $_->[2]" } sort { $a->[1] cmp $b->[1] || $a->[0] <=> $b->[0] } @got_alerts),
	join(', ', map { "$_->[2] $_->[3]" } sort { $a->[2] cmp $b->[2] || $a->[0] <=> $b->[0] } @expected_alerts), 'alerts, each once');
for my $source (@sources)
{
	happened([ grep { $_->[1] eq $source } @got_alerts ],
		[ sort { $a->[0] <=> $b->[0] } grep { $_->[2] eq $source } @expected_alerts ], "alerts of $source");
}
is(join(' ', sort { $a <=> $b } map { $_->{id_alerte} } @{ $web->control('posted') }),
	join(' ', map { $_->[0] } rows('SELECT id_alerte FROM toutes_alertes ORDER BY 1')), 'each was delivered once');

# The journal: what came in at each quarter, and what happened.
my %brought;
$brought{ int($_->{from} / SLOT) } += $_->{new} for map { @{ $runs{$_} } } @sources;
$brought{ int($_->[0] / SLOT) } += 2 * $_->[1] for @slices;
is(join(' ', map { join ':', @$_ } rows(q{SELECT floor(extract(epoch FROM horodatage) / 900), sum(substring(details FROM '^\+(\d+) documents')::int)
		FROM tout_journal WHERE action = 'COLLECTE_TERMINEE' GROUP BY 1 ORDER BY 1})),
	join(' ', map { "$_:$brought{$_}" } sort { $a <=> $b } grep { $brought{$_} } keys %brought), 'the journal has what came in, round by round');
my ($dead) = grep { fault_of('page', $_->{from}) eq 'gone' } @{ $runs{page} };
my @backups = grep { $_ > $start - 10 * MINUTE && $_ < $end } @{ $due{sauvegarde} };
my @lines = ([ $dead->{from}, $dead->{to}, 'SOURCE_DESACTIVEE' ], [ $enabled, $enabled, 'SOURCE_ACTIVEE' ],
	[ $enabled, $enabled, 'RATTRAPAGE' ], map { [ $_, $_, 'PG_SNAPSHOT' ] } @backups);

# Sweeping: runs without records that are old enough, but for each source's last.
my @sweeps = grep { $_ > $start - 10 * MINUTE && $_ < $end } @{ $due{menage} };
my @idle;
for my $source (@sources)
{
	my $list = $runs{$source};
	push @idle, map { [ $list->[$_]{to}, $_ < $#$list ? $list->[ $_ + 1 ]{from} : $end ] } grep { !$list->[$_]{new} } 0 .. $#$list;
}
my $last_sweep = 0;
my @swept;
for my $sweep (@sweeps)
{
	my @stay = grep { $_->[0] >= $sweep - $kept - DAY || $_->[1] >= $sweep } @idle;
	push @swept, @idle - @stay if @idle > @stay;
	@idle = @stay;
	$last_sweep = $sweep;
}
is(join(' ', map { $_->[0] } rows(q{SELECT substring(details FROM '-(\d+) flux') FROM tout_journal WHERE action = 'MENAGE'
		AND details ~ ' flux' ORDER BY id_journal})), "@swept", 'each day as many runs without documents are removed');
is(sql('SELECT count(*) FROM datasens.flux WHERE nb_inseres = 0'), scalar @idle, 'the others are there');
is(sql('SELECT count(*) FROM datasens.flux WHERE nb_inseres > 0'),
	sum0(map { 2 * $_->[1] } @slices) + grep({ $_->{new} } map { @{ $runs{$_} } } @sources), 'and all that brought some');
my @others = rows(q{SELECT extract(epoch FROM horodatage), action FROM tout_journal WHERE action NOT IN ('COLLECTE_TERMINEE', 'MENAGE')
	ORDER BY floor(extract(epoch FROM horodatage) / 900), action COLLATE "C"});
happened(\@others, [ sort { int($a->[0] / SLOT) <=> int($b->[0] / SLOT) || $a->[2] cmp $b->[2] } @lines ], 'the rest of the journal');
my $horizon = sql("SELECT to_timestamp($last_sweep - $kept)");
for my $pair ([ 'journal', 'tout_journal', 'horodatage' ], [ 'alerte', 'toutes_alertes', 'date_alerte' ])
{
	my ($table, $all, $column) = @$pair;
	is(sql("SELECT count(*) FROM (SELECT id_$table FROM datasens.$table WHERE $column >= '$horizon'
			OR id_$table IN (SELECT id_$table FROM $all)) AS a FULL JOIN (SELECT id_$table FROM $all WHERE $column >= '$horizon') AS b
			USING (id_$table) WHERE a.id_$table IS NULL OR b.id_$table IS NULL"), 0, "$table: what is old is gone, and nothing else");
}

# Files.
sub stamps
{
	my ($pattern) = @_;
	return join ' ', map { /_(\d{8}T\d{4})\d\dZ/ } sort glob "$kept_files/$pattern";
}
my @reports = grep { $_ > $start - 10 * MINUTE && $_ < $end } @{ $due{rapport} };
is(stamps('sauvegardes/*'), join(' ', map { strftime('%Y%m%dT%H%M', gmtime $_) } grep { $_ >= $backups[-1] - $kept } @backups),
	'backups, of as many days as they are kept');
is(stamps('rapports/*'), join(' ', map { strftime('%Y%m%dT%H%M', gmtime $_) } grep { $_ >= $reports[-1] - $kept } @reports),
	'reports likewise');
is(join(' ', map { join ':', @$_ } rows('SELECT nom, extract(epoch FROM prochaine_execution)::bigint FROM datasens.tache ORDER BY nom')),
	join(' ', map { "$_:" . next_due($_, $end) } qw(menage rapport sauvegarde veille)), 'the next times of the tasks');
is(sql("SELECT string_agg(nom || ' ' || statut, ', ' ORDER BY nom) FROM datasens_health()"),
	join(', ', map { "$_ " . ($runs{$_}[-1]{status} eq 'echec' ? 'echec' : 'ok') } sort @sources), 'health');
is(sql('SELECT count(*) FROM datasens_check()'), 0, 'and what is stored is right');
close $in;
waitpid $open, 0;
$node->stop;
done_testing();
