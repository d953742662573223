# FullDisk: places where a server finds no room (test/modules/full_disk).
#
#	my $disk = FullDisk->new;				# before the server is started
#	$disk->fill($node->data_dir . '/base');	# nothing below it grows any more; fill() ends that
package FullDisk;

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use PostgreSQL::Test::Utils;

my $library = abs_path(dirname(__FILE__) . '/../../modules/full_disk') . '/full_disk.so';

sub new
{
	my ($class) = @_;
	my $self = bless { file => PostgreSQL::Test::Utils::tempdir() . '/full' }, $class;

	die "$library is missing: make -C test/modules/full_disk\n" unless -f $library;
	$ENV{LD_PRELOAD} = $library;
	$ENV{FULL_DISK} = $self->{file};
	return $self;
}

# Says which places are full from now on; takes back what was said before.
sub fill
{
	my ($self, @places) = @_;

	open my $handle, '>', "$self->{file}.new" or die "$self->{file}.new: $!";
	print $handle map { "$_\n" } @places;
	close $handle or die "$self->{file}.new: $!";
	rename "$self->{file}.new", $self->{file} or die "$self->{file}: $!";
	return;
}

1;
