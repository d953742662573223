# ScarceMemory: a process of a server that does not get all the memory it asks for
# (test/modules/scarce_memory).
#
#	my $memory = ScarceMemory->new;		# before the server is started
#	$memory->deny($pid, 10);			# its tenth malloc from now on fails
#	$memory->deny($pid, 1, 100);		# its first one of a hundred bytes
#	$memory->denied;					# whether it did by now
#	my $denied = $memory->end;			# whether it did; no other will
package ScarceMemory;

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use PostgreSQL::Test::Utils;

my $library = abs_path(dirname(__FILE__) . '/../../modules/scarce_memory') . '/scarce_memory.so';

sub new
{
	my ($class) = @_;
	my $file = PostgreSQL::Test::Utils::tempdir() . '/memory';

	die "$library is missing: make -C test/modules/scarce_memory\n" unless -f $library;
	PostgreSQL::Test::Utils::append_to_file($file, pack 'q4', 0, 0, 0, 0);
	open my $handle, '+<:raw', $file or die "$file: $!";
	$ENV{LD_PRELOAD} = $library;
	$ENV{SCARCE_MEMORY} = $file;
	return bless { handle => $handle }, $class;
}

# Writes the numbers from the nth on.
sub _write
{
	my ($self, $n, @numbers) = @_;
	my $bytes = pack 'q*', @numbers;

	sysseek $self->{handle}, 8 * $n, 0 or die "seek: $!";
	syswrite($self->{handle}, $bytes) == length $bytes or die "write: $!";
	return;
}

sub deny
{
	my ($self, $pid, $n, $size) = @_;

	$self->_write(1, $n, 0, $size // 0);
	$self->_write(0, $pid);
	return;
}

sub denied
{
	my ($self) = @_;
	my $bytes;

	sysseek $self->{handle}, 8, 0 or die "seek: $!";
	sysread($self->{handle}, $bytes, 8) == 8 or die "read: $!";
	return unpack('q', $bytes) == 0;
}

sub end
{
	my ($self) = @_;

	$self->_write(0, 0);
	return $self->denied;
}

1;
