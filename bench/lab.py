"""The laboratory of the measurements: feeds, web server, latency and a private cluster.

    with Lab(feeds=1000) as lab:
        urls = lab.urls()                   # from nginx
        slow = lab.urls(latency=100)        # the same, each request 100 ms later
        with lab.database("name", extension=True) as connection: ...

Everything lives in a scratch directory that only its owner can enter, on ports
that were free, and is gone at the end.  Run by root, the servers run as an
unprivileged user.  The cluster has the server's defaults (fsync and
synchronous_commit are on) and listens on a socket in the scratch directory
only.  No system service, cluster or configuration file is touched.
"""
import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import string
import subprocess
import sys
import tempfile
import time

import psycopg2
from psycopg2.extensions import quote_ident

import generate

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(os.path.dirname(HERE), "build", "bench")
# The feeds are spread over as many hosts as have loopback addresses from 127.0.0.1 on, so
# that limits per host play the part that they play outside.
HOSTS = 100
# What the cluster is told besides where its socket is and the server's defaults.
EXTENSION_SETTINGS = {"shared_preload_libraries": "datasens", "datasens.workers": "1",
                      "datasens.allow_private_networks": "on"}


class Failed(SystemExit):
    """What was to be measured did not work: ends the program with that message."""


def wait_until(condition, seconds, what, pause=0.05):
    """Waits until condition() is true and returns its value; raises Failed after that time."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise Failed(f"{what}: not after {seconds} seconds")
        time.sleep(pause)
    return result


def tell(bench, rows):
    """Prints what was measured beside its bars; returns whether all of these are met.

    rows: (what, measured, bar, whether more is better); a bar of None: told for comparison.
    Appended to the file that BENCH_ROWS names, too, for the table of all (all.py)."""
    print(f"\n{'':52}{'measured':>10}{'bar':>12}")
    good = True
    for what, measured, bar, more in rows:
        line = f"{what:52}{measured:>10.2f}"
        if bar is not None:
            met = measured >= bar if more else measured <= bar
            good = good and met
            line += f"{'>=' if more else '<=':>5}{bar:>7.2f}  {'met' if met else 'MISSED'}"
        print(line)
    if path := os.environ.get("BENCH_ROWS"):
        with open(path, "a", encoding="utf-8") as out:
            out.writelines(json.dumps([bench, *row]) + "\n" for row in rows)
    return good


def pg_config(option):
    return subprocess.check_output(["pg_config", option], text=True).strip()


def extension_installed():
    return os.path.exists(os.path.join(pg_config("--sharedir"), "extension", "datasens.control"))


def identity():
    """Popen's arguments for whom the servers run as: who calls, or for root somebody else."""
    if os.geteuid() != 0:
        return {}
    users = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = users.get("postgres") or users["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def free_port():
    with socket.socket() as probe:
        probe.bind(("", 0))
        return probe.getsockname()[1]


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Lab(contextlib.ExitStack):

    def __init__(self, feeds=1000, settings=None):
        super().__init__()
        self.feeds = feeds
        self.settings = settings or {}
        self.extension = extension_installed()
        self.identity = identity()
        self.ports = {}  # latency in milliseconds -> port

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        try:
            self.scratch = tempfile.mkdtemp(prefix="datasens-bench.")
            self.callback(shutil.rmtree, self.scratch, ignore_errors=True)
            generate.main(self.scratch, self.feeds)
            os.mkdir(os.path.join(self.scratch, "nginx.tmp"))
            if self.identity:
                owner = f"{self.identity['user']}:{self.identity['group']}"
                subprocess.check_call(["chown", "-R", owner, self.scratch])
            self.start_web()
            self.start_cluster()
        except BaseException:
            self.close()
            raise
        return self

    def start(self, command, log, stop=signal.SIGTERM):
        """Starts a server; at the end it gets the signal stop and is waited for."""
        with open(os.path.join(self.scratch, log), "ab") as output:
            server = subprocess.Popen(command, cwd=self.scratch, stdin=subprocess.DEVNULL,
                                      stdout=output, stderr=subprocess.STDOUT,
                                      start_new_session=True, **self.identity)
        self.callback(server.wait)
        self.callback(server.send_signal, stop)
        return server

    def await_server(self, server, log, ready):
        """Waits until the server is ready; raises with its log when it ended instead."""
        def state():
            if server.poll() is not None:
                with open(os.path.join(self.scratch, log), encoding="utf-8") as text:
                    raise Failed(f"{server.args[0]} did not start:\n{text.read()}")
            return ready()
        wait_until(state, 60, server.args[0])

    def start_web(self):
        port = self.ports[0] = free_port()
        with open(os.path.join(HERE, "nginx.conf.in"), encoding="utf-8") as template:
            text = string.Template(template.read()).substitute(listen="\n".join(
                f"\t\tlisten 127.0.0.{host}:{port};" for host in range(1, HOSTS + 1)))
        with open(os.path.join(self.scratch, "nginx.conf"), "w", encoding="utf-8") as out:
            out.write(text)
        nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        if nginx is None:
            raise Failed("nginx is not installed (Debian: nginx-light)")
        server = self.start([nginx, "-e", "nginx.log", "-p", self.scratch, "-c", "nginx.conf"],
                            "nginx.out")
        self.await_server(server, "nginx.out", lambda: answers(port))

    def start_relay(self, latency):
        port = self.ports[latency] = free_port()
        server = self.start([os.path.join(BUILD, "delay"), str(latency), str(HOSTS), str(port),
                             str(self.ports[0])], f"delay.{latency}.out")
        self.await_server(server, f"delay.{latency}.out", lambda: answers(port))

    def start_cluster(self):
        subprocess.run([os.path.join(pg_config("--bindir"), "initdb"), "-D", "data", "-U", "bench",
                        "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"], cwd=self.scratch,
                       stdout=subprocess.DEVNULL, check=True, **self.identity)
        settings = {"listen_addresses": "", "unix_socket_directories": self.scratch,
                    **(EXTENSION_SETTINGS if self.extension else {}), **self.settings}
        with open(os.path.join(self.scratch, "data", "postgresql.conf"), "a",
                  encoding="utf-8") as conf:
            conf.writelines(f"{name} = '{setting}'\n" for name, setting in settings.items())
        os.environ.update(PGHOST=self.scratch, PGPORT="5432", PGUSER="bench",
                          PGDATABASE="postgres")
        self.run_cluster()

    def run_cluster(self):
        self.cluster = self.start([os.path.join(pg_config("--bindir"), "postgres"), "-D", "data"],
                                  "postgres.log", signal.SIGINT)
        self.await_server(self.cluster, "postgres.log", self.accepts)

    def stop_cluster(self):
        """Until run_cluster() is called."""
        self.cluster.send_signal(signal.SIGINT)
        self.cluster.wait()

    def kill_cluster(self):
        """Kills the postmaster as a loss of power would, and what it leaves behind; starts anew."""
        self.cluster.send_signal(signal.SIGSTOP)
        with open(f"/proc/{self.cluster.pid}/task/{self.cluster.pid}/children",
                  encoding="ascii") as children:
            left = [f"/proc/{pid}" for pid in children.read().split()]
        self.cluster.kill()
        self.cluster.wait()
        wait_until(lambda: not any(map(os.path.exists, left)), 60, "the server's processes end")
        self.run_cluster()

    @staticmethod
    def accepts():
        with contextlib.suppress(psycopg2.OperationalError):
            psycopg2.connect("").close()
            return True
        return False

    def urls(self, latency=0, feeds=None):
        """The feeds' URLs, neighbours on different hosts."""
        if latency not in self.ports:
            self.start_relay(latency)
        names = sorted(os.listdir(os.path.join(self.scratch, "web")))[:feeds]
        return [f"http://127.0.0.{i % HOSTS + 1}:{self.ports[latency]}/{name}"
                for i, name in enumerate(names)]

    def url(self, name):
        """The URL of a file in the web directory."""
        return f"http://127.0.0.1:{self.ports[0]}/{name}"

    def url_file(self, latency=0, feeds=None):
        path = os.path.join(self.scratch, f"urls.{latency}.{feeds}")
        with open(path, "w", encoding="utf-8") as out:
            out.writelines(url + "\n" for url in self.urls(latency, feeds))
        return path

    @contextlib.contextmanager
    def database(self, name, extension=False):
        """A new database, dropped at the end; the connection commits by itself."""
        with contextlib.closing(psycopg2.connect("")) as admin:
            admin.autocommit = True
            admin.cursor().execute("CREATE DATABASE " + quote_ident(name, admin))
            try:
                with contextlib.closing(psycopg2.connect(dbname=name)) as connection:
                    connection.autocommit = True
                    if extension:
                        connection.cursor().execute("CREATE EXTENSION datasens")
                        connection.cursor().execute("SET search_path = datasens, public")
                    yield connection
            finally:
                admin.cursor().execute(f"DROP DATABASE {quote_ident(name, admin)} WITH (FORCE)")


def query(connection, sql, parameters=None):
    """The rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def value(connection, sql, parameters=None):
    """The one value of a query."""
    return query(connection, sql, parameters)[0][0]
