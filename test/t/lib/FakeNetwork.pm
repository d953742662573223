# FakeNetwork: a server that finds the web server of the tests at public addresses, so that
# it can be tested with datasens.allow_private_networks off (test/modules/fake_network).
#
#	my $network = FakeNetwork->new;			# before the server is started
#	$network->hosts('inside.test' => '10.0.0.1', 'both.test' => '10.0.0.1 93.184.215.14');
#	my %addresses = $network->connects;		# how often which was connected to
#
# Every other name under .test is at 93.184.215.14; that network, and 2606:2800::/32, lead to
# the loopback interface.  What is started after new() gets the library, the web server too.
package FakeNetwork;

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use PostgreSQL::Test::Utils;

my $library = abs_path(dirname(__FILE__) . '/../../modules/fake_network') . '/fake_network.so';

sub new
{
	my ($class) = @_;
	my $self = bless { directory => PostgreSQL::Test::Utils::tempdir() }, $class;

	die "$library is missing: make -C test/modules/fake_network\n" unless -f $library;
	$ENV{LD_PRELOAD} = $library;
	$ENV{FAKE_NETWORK} = $self->{directory};
	return $self;
}

# Says where names are from now on; takes back what was said before.
sub hosts
{
	my ($self, %hosts) = @_;
	my $file = "$self->{directory}/hosts";

	# In one step, as a lookup may come at any moment.
	open my $handle, '>', "$file.new" or die "$file.new: $!";
	print $handle map { "$_ $hosts{$_}\n" } sort keys %hosts;
	close $handle or die "$file.new: $!";
	rename "$file.new", $file or die "$file: $!";
	return;
}

sub connects
{
	my ($self) = @_;
	my $file = "$self->{directory}/connects";
	my %count;

	return unless -e $file;
	open my $handle, '<', $file or die "$file: $!";
	while (my $line = <$handle>)
	{
		chomp $line;
		$count{$line}++;
	}
	return %count;
}

1;
