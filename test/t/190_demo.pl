# make demo: what a newcomer sees first.
use strict;
use warnings;

use IPC::Run qw(run);
use Test::More;

# The server that the tests have built is the demo's, too: all but that is as for everyone.
$ENV{SERVER_BINDIR} = $ENV{BINDIR};

sub demo
{
	my ($command) = @_;
	my $output = '';
	my $ended_well = run([ 'demo/demo', $command ], '<', '/dev/null', '>&', \$output);

	ok($ended_well, "make demo: $command") or diag($output);
	return $output;
}

my $output = demo('start');
like($output, qr/^sources +6 feeds/m, 'adds its sources');
like($output, qr/^collected +14 documents, by the scheduled collector/m, 'which the collector collects');
like($output, qr/ boulangerie\.rss +\| ok /, 'health is shown');
like($output, qr/Une comète à l'œil nu/, 'and the newest documents');
like($output, qr/the second round added nothing: 14 documents before, 14 after/, 'nothing twice');
my ($socket) = $output =~ /^look around +psql -h (\S+) -p 5432 -U postgres datasens$/m;
ok(defined $socket && -d $socket, 'and it says how to look around');
like(demo('stop'), qr/^stopped +and removed$/m, 'it can be ended');
ok(!-e $socket, 'and leaves nothing behind');
done_testing();
