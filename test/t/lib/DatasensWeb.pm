# DatasensWeb: the web server of the tests (test/web/server.py), from Perl.
#
#	my $web = DatasensWeb->new(bind => ['127.0.0.2'], root => $directory);
#	my $url = $web->url('/feed/1');               # at 127.0.0.1
#	my $log = $web->log;                          # what was asked: see server.py
#	$web->control('set', path => '/x', status => 503);
#
# The server ends with the object, or with the test, whichever is first: its
# standard input is a pipe that only the test holds open.
package DatasensWeb;

use strict;
use warnings;

use Carp;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use HTTP::Tiny;
use IPC::Open2;
use JSON::PP;

my $directory = abs_path(dirname(__FILE__) . '/../../web');

# Options: bind (addresses beside 127.0.0.1), root, cert and key (files), sni (a directory);
# or script, another program that prints its port and ends with its input, arguments for it, and
# its interpreter where that is another one.
sub new
{
	my ($class, %options) = @_;
	my @command = ($options{interpreter} || $ENV{PYTHON} || 'python3', "$directory/" . ($options{script} || 'server.py'),
		@{ $options{arguments} || [] });
	my $self = bless {}, $class;

	push @command, '--bind', @{ $options{bind} } if $options{bind};
	for my $name (qw(root cert key sni))
	{
		push @command, "--$name", $options{$name} if $options{$name};
	}
	$self->{pid} = open2($self->{out}, $self->{in}, @command);
	$self->{port} = $self->_read_port('port');
	$self->{tls_port} = $self->_read_port('tls_port') if $options{cert};
	# The environment's proxies are none of ours.
	$self->{http} = HTTP::Tiny->new(
		timeout => 60,
		proxy => undef,
		http_proxy => undef,
		https_proxy => undef);
	return $self;
}

sub _read_port
{
	my ($self, $word) = @_;
	my $line = readline($self->{out});

	croak "the web server did not start" unless defined $line;
	my ($port) = $line =~ /^$word (\d+)$/ or croak "unexpected: $line";
	return $port;
}

sub port
{
	return $_[0]->{port};
}

# The URL of a path, at 127.0.0.1 or another address or name.
sub url
{
	my ($self, $path, $host) = @_;

	return sprintf 'http://%s:%d%s', $host || '127.0.0.1', $self->{port}, $path;
}

sub tls_url
{
	my ($self, $path, $host) = @_;

	return sprintf 'https://%s:%d%s', $host || '127.0.0.1', $self->{tls_port}, $path;
}

# Gives a command to the server and returns its answer, decoded.
sub control
{
	my ($self, $command, %parameters) = @_;
	my $query = $self->{http}->www_form_urlencode(\%parameters);
	my $answer = $self->{http}->get($self->url("/control/$command?$query"));

	croak "control/$command: $answer->{status} $answer->{content}" unless $answer->{success};
	return decode_json($answer->{content});
}

# Gives a line to a script that takes commands so, and waits until it has said it back.
sub command
{
	my ($self, $line) = @_;

	syswrite $self->{in}, "$line\n";
	my $answer = readline($self->{out});
	croak "$line: no answer" unless defined $answer && $answer eq "$line\n";
	return;
}

sub log
{
	return $_[0]->control('log');
}

sub reset
{
	return $_[0]->control('reset');
}

# Waits until so many requests are held at /held/NAME; false after a minute.
sub wait_held
{
	my ($self, $name, $count) = @_;

	for (1 .. 600)
	{
		return 1 if ($self->control('waiting')->{$name} || 0) >= $count;
		select undef, undef, undef, 0.1;
	}
	return 0;
}

sub stop
{
	my ($self) = @_;

	return unless $self->{pid};
	local $?;
	close $self->{in};
	waitpid delete $self->{pid}, 0;
	return;
}

sub DESTROY
{
	$_[0]->stop;
	return;
}

1;
