# Faults on purpose (faults.c), each in a session of its own.  That the server goes on after them is
# what can be seen from here; that they are reported is for test/instrument to see, which runs this.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../t/lib";

use DatasensNode;
use Test::More;

my $node = DatasensNode::start('main', 'restart_after_crash' => 'on');

$node->safe_psql('postgres', join ';', map
	{
		"CREATE FUNCTION $_(int) RETURNS int LANGUAGE c STRICT AS 'datasens', 'datasens_$_'"
	} qw(fault_overflow fault_heap));
is($node->safe_psql('postgres', 'SELECT fault_overflow(41), fault_heap(7)'), '42|120', 'no fault');
$node->psql('postgres', "SELECT fault_overflow($_)") for 2**31 - 1;
$node->psql('postgres', 'SELECT fault_heap(8)');
ok($node->poll_query_until('postgres', 'SELECT fault_overflow(1) = 2'), 'the server goes on');

done_testing();
