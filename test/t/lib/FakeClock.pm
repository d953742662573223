# FakeClock: a clock that the test sets (test/modules/fake_clock), for all that is started
# after new(): servers, web servers, what they start.
#
#	my $clock = FakeClock->new(1806793200);		# before the server is started
#	$clock->set(1806796800, $launcher);			# later; wakes that process of the server's
#
#	$clock->step(-3600, $launcher);				# somebody sets it back
#
# Between the test's steps it goes on as any clock; set() only ever sets it forward.
package FakeClock;

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use PostgreSQL::Test::Utils;
use Time::HiRes qw(time);

my $library = abs_path(dirname(__FILE__) . '/../../modules/fake_clock') . '/fake_clock.so';

sub new
{
	my ($class, $at) = @_;
	my $self = bless { file => PostgreSQL::Test::Utils::tempdir() . '/clock', moved => 0 }, $class;

	die "$library is missing: make -C test/modules/fake_clock\n" unless -f $library;
	open $self->{handle}, '+>', $self->{file} or die "$self->{file}: $!";
	$self->_move($at - time);
	$ENV{LD_PRELOAD} = $library;
	$ENV{FAKE_CLOCK} = $self->{file};
	return $self;
}

# The time that it shows.
sub now
{
	my ($self) = @_;
	return time + $self->{moved};
}

# Sets it to a time (seconds since 1970), unless that has passed, and makes those processes
# of a server look at it that wait for a time.
sub set
{
	my ($self, $at, @waiting) = @_;

	return if $at <= $self->now;
	$self->_move($at - time, @waiting);
	return;
}

# Sets it forward or back by so many seconds.
sub step
{
	my ($self, $seconds, @waiting) = @_;
	$self->_move($self->{moved} + $seconds, @waiting);
	return;
}

sub _move
{
	my ($self, $moved, @waiting) = @_;

	$self->{moved} = $moved;
	sysseek $self->{handle}, 0, 0 or die "$self->{file}: $!";
	syswrite($self->{handle}, pack('q', int($self->{moved} * 1_000_000))) == 8 or die "$self->{file}: $!";
	# Sets the latch of a process that is connected to shared memory, and does nothing else.
	kill 'USR1', @waiting;
	return;
}

1;
