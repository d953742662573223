# Alerts: once when something turns bad, once when it is well again, in the transaction that
# found out; delivered to a webhook that fails at first.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DatasensNode;
use DatasensWeb;
use IPC::Open2;
use JSON::PP;
use MIME::Base64;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $web = DatasensWeb->new;
my $node = DatasensNode::start('main', 'datasens.rss_schedule' => '0 0 1 1 *',
	'datasens.retry_delay' => '1h', 'datasens.max_retries' => 1, 'datasens.alert_schedule' => '',
	'datasens.alert_webhook' => $web->url('/flaky/1/crochet'));
$node->safe_psql('postgres', 'CREATE EXTENSION datasens');

sub sql
{
	return $node->safe_psql('postgres', $_[0]);
}

sub alerts
{
	return sql("SELECT string_agg(objet || ' ' || nom || ' ' || etat, '/' ORDER BY id_alerte) FROM datasens.alerte");
}

sub serve
{
	my ($path, $status, $title) = @_;

	$web->control('set', path => $path, status => $status, type => 'application/rss+xml',
		body => "<rss version=\"2.0\"><channel><item><title>$title</title></item></channel></rss>");
	return;
}

sub wait_for
{
	my ($query, $what) = @_;
	return DatasensNode::wait_for($node, 'postgres', $query, $what);
}

# What the webhook was sent with success, in its order.
sub delivered
{
	return map { JSON::PP->new->decode($_->{body}) }
	  grep { $_->{path} =~ m{^/flaky/1/crochet} && $_->{status} == 200 } @{ $web->log->{requests} };
}

serve('/tombe', 503, 'Un');
serve('/va', 200, 'Deux');
sql("SELECT datasens_add_source('rss', 'l''été \"x\"', '@{[$web->url('/tombe')]}'),
	datasens_add_source('rss', 'va', '@{[$web->url('/va')]}')");

my $listener = $node->background_psql('postgres');
$listener->query_safe('LISTEN datasens');

# Whether the listener hears something of that form within ten seconds; a session is told what
# came in when it asks for something.
sub hears
{
	my ($form, $what) = @_;
	my $heard = '';

	for (1 .. 100)
	{
		$heard .= $listener->query('SELECT 1');
		last if $heard =~ $form;
		usleep(100_000);
	}
	like($heard, $form, $what);
	return;
}

# ---- a source ----

sql("SELECT datasens_collect_async()");
wait_for("SELECT tentative = 1 FROM datasens.etat_source WHERE id_source = 1", 'a failure with a retry to come');
is(alerts(), '', 'is no alert');
DatasensNode::reload($node, 'datasens.retry_delay', '1s');
sql('UPDATE datasens.etat_source SET prochaine_collecte = now() WHERE id_source = 1; UPDATE datasens.source SET actif = actif');
wait_for("SELECT echecs_consecutifs = 1 FROM datasens.etat_source WHERE id_source = 1", 'when the retries are spent');
is(alerts(), q{source l'été "x" echec}, 'it is one');
is(sql('SELECT alerte FROM datasens.etat_source ORDER BY id_source LIMIT 1'), 'echec', 'and is remembered');
sql("SELECT datasens_collect()") for 1 .. 2;
is(alerts(), q{source l'été "x" echec}, 'failing on is no other');
hears(qr/Asynchronous notification "datasens" with payload "\{"id_alerte" : 1, "date" : "[^"]*", "objet" : "source", "nom" : "l'été \\"x\\"", "etat" : "echec", "message" : "http: HTTP status 503/,
	'whoever listens hears of it');
wait_for('SELECT date_livraison IS NOT NULL FROM datasens.alerte', 'the webhook gets it, though it failed at first');
is(sql('SELECT tentatives, prochaine_tentative IS NULL, derniere_erreur IS NULL FROM datasens.alerte'), '2|t|t',
	'at the second attempt');
serve('/tombe', 200, 'Un');
is(sql("SELECT statut FROM datasens_collect('l''été \"x\"')"), 'succes', 'it recovers');
is(alerts(), q{source l'été "x" echec/source l'été "x" retabli}, 'which is told once');
sql("SELECT datasens_collect()");
wait_for('SELECT count(*) = 2 FROM datasens.alerte WHERE date_livraison IS NOT NULL', 'and delivered');
my @got = delivered();
is(scalar @got, 2, 'each once');
is($got[0]{text} =~ s/503.*/503/r, "datasens (postgres) : l'\x{e9}t\x{e9} \"x\" : en \x{e9}chec : http: HTTP status 503",
	'in words that chat programs show');
is(join('|', map { $got[1]{$_} // 'null' } qw(objet nom etat base message)), "source|l'\x{e9}t\x{e9} \"x\"|retabli|postgres|null",
	'and in parts for programs');
my ($request) = grep { $_->{path} =~ /crochet/ } @{ $web->log->{requests} };
is("$request->{method} $request->{headers}{'content-type'}", 'POST application/json', 'as JSON that is posted');

# What rolls back was never told.
serve('/va', 404, '');
sql("BEGIN; SELECT datasens_collect('va'); ROLLBACK");
is(sql("SELECT count(*) FROM datasens.alerte WHERE nom = 'va'"), 0, 'a rollback takes the alert back');

# ---- documents, for those who do not want to poll ----

$listener->query_safe('LISTEN datasens_documents');
serve('/parle', 200, 'Nouvelles');
sql("SELECT datasens_add_source('rss', 'parle', '@{[$web->url('/parle')]}', options => '{\"notifier\": true}')");
sql("SELECT datasens_collect_async('parle')");
wait_for("SELECT count(*) = 1 FROM datasens.document WHERE titre = 'Nouvelles'", 'a source that notifies');
my ($flux, $doc) = split /\|/, sql("SELECT id_flux, id_doc FROM datasens.document WHERE titre = 'Nouvelles'");
hears(qr/"datasens_documents" with payload "\{"id_flux" : $flux, "nom" : "parle", "nb_inseres" : 1, "premier" : $doc, "dernier" : $doc\}"/,
	'tells of what it brought');
sql("SELECT datasens_collect('parle')");
unlike($listener->query('SELECT 1'), qr/datasens_documents/, 'and of nothing, where nothing is new');
my $err = '';
$node->psql('postgres', "SELECT datasens_alter_source('parle', options => '{\"notifier\": 1}')", stderr => \$err);
like($err, qr/option "notifier" is neither true nor false/, 'it is true or false');
sql("UPDATE datasens.source SET actif = false WHERE nom = 'parle'");

# ---- silence ----

sql(q{
	SELECT datasens_add_source('rss', 'muette', 'http://muette.test/', '0 0 1 1 *'),
		datasens_add_source('rss', 'lente', 'http://lente.test/'), datasens_add_source('rss', 'vieille', 'http://v.test/', '1 hour');
	UPDATE datasens.source SET actif = false WHERE nom IN ('l''été "x"', 'va');
	INSERT INTO datasens.flux (id_source, statut, date_collecte, nb_lus, nb_inseres)
	SELECT id_source, 'succes', now() - interval '3 days' - i * interval '2 hours', 1, 1
	FROM datasens.source, generate_series(1, 10) AS i WHERE nom = 'muette'
	UNION ALL SELECT id_source, 'succes', now() - interval '3 days' - i * interval '2 days', 1, 1
	FROM datasens.source, generate_series(0, 9) AS i WHERE nom = 'lente';
	UPDATE datasens.etat_source SET dernier_succes = now() - CASE (SELECT nom FROM datasens.source s WHERE s.id_source = etat_source.id_source)
		WHEN 'vieille' THEN interval '2 days' ELSE interval '1 minute' END, prochaine_collecte = 'infinity';
	UPDATE datasens.etat_source SET alerte = NULL});
DatasensNode::reload($node, 'datasens.alert_schedule', '1 second');
wait_for("SELECT count(*) = 2 FROM datasens.alerte WHERE etat IN ('silence', 'obsolete')", 'a watch finds those that are quiet');
is(sql("SELECT string_agg(nom || ' ' || etat, '/' ORDER BY nom) FROM datasens.alerte WHERE etat IN ('silence', 'obsolete')"),
	'muette silence/vieille obsolete', 'beyond their own rhythm, or what health allows; not the slow one');
like(sql("SELECT message FROM datasens.alerte WHERE etat = 'silence'"), qr/^nothing new since 20/, 'since when');
my $seen = sql("SELECT dernier_succes FROM datasens.tache WHERE nom = 'veille'");
wait_for("SELECT dernier_succes > '$seen' FROM datasens.tache WHERE nom = 'veille'", 'looking again');
is(sql("SELECT count(*) FROM datasens.alerte WHERE etat IN ('silence', 'obsolete')"), 2, 'tells nothing twice');
DatasensNode::reload($node, 'datasens.alert_schedule', '');
serve('/muette', 200, 'Deux');
sql("SELECT datasens_alter_source('muette', url => '@{[$web->url('/muette')]}')");
is(sql("SELECT statut, nb_inseres FROM datasens_collect('muette')"), 'succes|0', 'success without news');
is(sql("SELECT count(*) FROM datasens.alerte WHERE nom = 'muette'"), 1, 'does not end a silence');
serve('/muette', 200, 'Trois');
sql("SELECT datasens_collect('muette')");
is(sql("SELECT string_agg(etat, ' ' ORDER BY id_alerte) FROM datasens.alerte WHERE nom = 'muette'"), 'silence retabli',
	'news does');

# ---- a task ----

my $directory = PostgreSQL::Test::Utils::tempdir;
DatasensNode::reload($node, 'datasens.max_retries', 0, 'datasens.backup_directory', '/proc/nulle/part',
	'datasens.backup_schedule', '1 second');
wait_for("SELECT echecs_consecutifs > 1 FROM datasens.tache WHERE nom = 'sauvegarde'", 'backups fail');
is(sql("SELECT string_agg(etat || ' ' || left(message, 33), '/' ORDER BY id_alerte) FROM datasens.alerte WHERE objet = 'tache'"),
	'echec backup failed: could not create d', 'which is told once');
DatasensNode::reload($node, 'datasens.backup_directory', $directory);
wait_for("SELECT count(*) = 2 FROM datasens.alerte WHERE nom = 'sauvegarde' AND date_livraison IS NOT NULL",
	'and once when they work again');
DatasensNode::reload($node, 'datasens.backup_schedule', '');
is(sql("SELECT count(*), count(DISTINCT (nom, etat)), count(*) FILTER (WHERE prochaine_tentative IS NOT NULL) FROM datasens.alerte"),
	'7|7|0', 'nothing was told twice, everything was delivered');
$listener->quit;

# ---- by mail ----

my $box = PostgreSQL::Test::Utils::tempdir . '/courrier';
my @pipes;

# A mail server; its port.  It ends with the test, which holds its input.
sub smtp
{
	my (@options) = @_;
	my $pid = open2(my $out, my $in, '/usr/bin/python3', "$FindBin::RealBin/../web/smtp.py", $box, @options);
	my ($port) = readline($out) =~ /^port (\d+)$/ or die 'the mail server did not start';

	push @pipes, [ $in, $pid ];
	return $port;
}

sub mails
{
	return -e $box ? map { JSON::PP->new->decode($_) } split /\n/, slurp_file($box) : ();
}

# The text of a mail: its subject, whose words are decoded, and its body.
sub text_of
{
	my ($mail) = @_;
	my ($head, $body) = split /\r\n\r\n/, $mail->{content}, 2;
	my ($subject) = $head =~ /^Subject: ([^\r\n]*(?:\r\n [^\r\n]*)*)/m;
	my @words = map { decode_base64($_) } $subject =~ /=\?utf-8\?B\?([^?]*)\?=/g;

	return join('', @words) . "\n" . decode_base64($body);
}

my $long = 'très ' x 40 . 'longue';
serve('/longue', 404, '');
DatasensNode::reload($node, 'datasens.alert_webhook', '', 'datasens.alert_email', 'astreinte@x.test, chef@x.test',
	'datasens.alert_email_from', 'datasens@y.test', 'datasens.smtp_url', 'smtp://127.0.0.1:' . smtp('--refuse', 1),
	'datasens.backup_directory', '');
sql("SELECT datasens_add_source('rss', '$long', '@{[$web->url('/longue')]}')");
sql("SELECT datasens_collect_async('$long')");
my $mine = "FROM datasens.alerte WHERE nom = '$long'";
wait_for("SELECT count(*) = 1 $mine AND date_livraison IS NOT NULL", 'a mail is sent, though it was refused at first');
is(sql("SELECT tentatives, canaux, prochaine_tentative IS NULL $mine"), '2|{}|t', 'at the second attempt');
my ($mail) = mails();
is(join(' ', $mail->{from}, @{ $mail->{to} }), 'datasens@y.test astreinte@x.test chef@x.test', 'to all who are to have it');
my $said = "datasens (postgres) : $long : en échec : http: HTTP status 404";
like(text_of($mail), qr/^\Q$said\E[^\n]*\n\Q$said\E/, 'its subject and its text say it');
like($mail->{content}, qr/^From: datasens\@y\.test\r$/m, 'from whom');
like($mail->{content}, qr/^Message-ID: <datasens-alerte-\d+-datasens\@y\.test>\r$/m, 'with the alert\'s id');
is(scalar(grep { length > 78 } split /\r\n/, $mail->{content}), 0, 'no line is too long');

# Only over TLS where there is a password.
my $tls = PostgreSQL::Test::Utils::tempdir;
system_or_bail('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', 2, '-subj', '/CN=127.0.0.1',
	'-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', "$tls/key.pem", '-out', "$tls/cert.pem");
DatasensNode::reload($node, 'datasens.smtp_url', 'smtp://facteur@127.0.0.1:'
	  . smtp('--cert', "$tls/cert.pem", '--key', "$tls/key.pem", '--user', 'facteur', '--password', 'très secret'));
serve('/longue', 200, 'Long');
sql("SELECT datasens_collect_async('$long')");
wait_for("SELECT derniere_erreur LIKE '%password of the mail server is missing%datasens_set_secret%' $mine AND etat = 'retabli'",
	'a password that is missing is told');
sql("SELECT datasens_set_secret('smtp_password', 'très secret')");
wait_for("SELECT derniere_erreur LIKE 'the mail could not be sent: %certificate%' $mine AND etat = 'retabli'",
	'it goes to nobody without a certificate');
DatasensNode::reload($node, 'datasens.ca_file', "$tls/cert.pem");
wait_for("SELECT date_livraison IS NOT NULL $mine AND etat = 'retabli'", 'with one it does');
my @mails = mails();
is(scalar @mails, 2, 'once');
is(join(' ', map { $mails[1]{$_} } qw(tls user)), '1 facteur', 'over TLS, with the login');
like(text_of($mails[1]), qr/: rétabli\n/, 'and well again');
for my $setting ('alert_email', 'alert_email_from')
{
	my $error = '';
	$node->psql('postgres', "ALTER SYSTEM SET datasens.$setting = E'a\@b.test\\r\\nBcc: x\@y.test'", stderr => \$error);
	like($error, qr/invalid value for parameter "datasens.$setting"/, "$setting is addresses and nothing else");
}

# The owner of the database writes alerts as he likes: a line end in one is no line of the mail.
sql(q{INSERT INTO datasens.alerte (objet, nom, etat, message, canaux, prochaine_tentative)
	VALUES ('source', E'x\r\nBcc: intrus@x.test', 'echec', E'y\r\n.\r\nMAIL FROM:<intrus@x.test>\r\nX: z', '{email}', now())});
sql("SELECT datasens_collect_async('va')");
wait_for("SELECT count(*) = 1 FROM datasens.alerte WHERE nom ~ 'intrus' AND date_livraison IS NOT NULL", 'an alert of several lines');
@mails = mails();
is(scalar @mails, 3, 'is one mail');
is(join(' ', @{ $mails[2]{to} }), 'astreinte@x.test chef@x.test', 'to nobody else');
unlike($mails[2]{content}, qr/intrus|^X:|^\.\r?$/m, 'and no line of it is another\'s');
like(text_of($mails[2]), qr/Bcc: intrus\@x\.test.*MAIL FROM:<intrus\@x\.test>/s, 'its text is there all the same');

# ---- half-way ----

# The server goes down while the webhook has the alert and has not answered yet.
DatasensNode::reload($node, 'datasens.alert_email', '', 'datasens.retry_delay', '1s', 'datasens.alert_webhook', $web->url('/held/crochet'));
$node->poll_query_until('postgres', "SELECT current_setting('datasens.alert_webhook') LIKE '%held%'") or die 'no webhook';
sql("INSERT INTO datasens.alerte (objet, nom, etat, message, canaux, prochaine_tentative)
	VALUES ('source', 'à mi-chemin', 'echec', 'x', '{webhook}', now())");
sql("SELECT datasens_collect_async('va')");
for (1 .. 600)
{
	last if $web->control('waiting')->{crochet};
	usleep(50_000);
}
ok($web->control('waiting')->{crochet}, 'the webhook holds a delivery');
is(sql("SELECT tentatives, date_livraison IS NULL FROM datasens.alerte WHERE nom = 'à mi-chemin'"), '1|t', 'that was counted beforehand');
$node->stop('immediate');
$web->control('release');
$node->start;
wait_for("SELECT tentatives > 1 AND date_livraison IS NOT NULL FROM datasens.alerte WHERE nom = 'à mi-chemin'",
	'broken off half-way, it is delivered after all');
for my $pipe (@pipes)
{
	close $pipe->[0];
	waitpid $pipe->[1], 0;
}
$node->stop;
done_testing();
