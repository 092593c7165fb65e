"""The work behind deploy/try.sh. Exit code 0 when every step went well and nothing was found that must not be there."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import walks  # noqa: E402
from tests.support import canary  # noqa: E402
from tools.installation import free_port  # noqa: E402
from tools.throwaway_postgres import Cluster  # noqa: E402
from tools.walker import Page, Walker  # noqa: E402

HOST = "lapor.example.id"
VISITOR = "127.0.0.7"  # Linux answers on all of 127/8: an address that nothing else uses
FORGED = "203.0.113.77"  # what a visitor claims in a header
AGENT = canary.new_word("agent")
STORY = canary.new_word("story")
REPLY = canary.new_word("reply")
QUERY = canary.new_word("query")
PASSPHRASE = "empat kata acak untuk mencoba"


def step(text: str) -> None:
    print(f"-- {text}", flush=True)


class Line(http.client.HTTPSConnection):
    """A TLS connection from the visitor's address that sends what browsers send."""

    def __init__(self, port: int, authority: Path) -> None:
        super().__init__(HOST, port, timeout=60, context=ssl.create_default_context(cafile=str(authority)))

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.port), 60, (VISITOR, 0))
        self.sock = self._context.wrap_socket(plain, server_hostname=HOST)  # type: ignore[attr-defined]

    def request(self, method: str, url: str, body: Any = None, headers: Any = None, **more: Any) -> None:  # type: ignore[override]
        more_headers = {
            "User-Agent": AGENT,
            "Origin": f"https://{HOST}:{self.port}",
            "Referer": f"https://{HOST}:{self.port}/",
            "X-Forwarded-For": FORGED,
            "X-Real-IP": FORGED,
        }
        super().request(method, url, body, {**(headers or {}), **more_headers}, **more)


class Visitor(Walker):
    """Walks over TLS, through the proxy."""

    authority: Path

    def _once(self, method: str, path: str, data: list[tuple[str, str]] | None) -> tuple[Page, str | None]:
        if self._connection is None:
            self._connection = Line(self.port, self.authority)
        return super()._once(method, path, data)


class Place:
    """Folders, settings and processes of the try-out."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self.folder, self.cluster = folder, cluster
        self.port, self.plain_port = free_port(), free_port()
        self.run_folder = folder / "run"
        for name in ("run/drafts", "state", "backups", "logs", "nginx", "www", "tls"):
            (folder / name).mkdir(parents=True)
        self.secrets = folder / "credentials"
        recipe = dict(
            line.split("=", 1)
            for line in (ROOT / "deploy" / "environment").read_text().splitlines()
            if "=" in line and not line.startswith("#")
        )
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("LINDUNG_")},
            **recipe,
            "LINDUNG_DATABASE": f"postgresql://postgres@/lindung?host={cluster.root}&port={cluster.port}",
            "LINDUNG_DATA_DIR": str(folder / "state"),
            "LINDUNG_SECRETS_DIR": str(self.secrets),
            "LINDUNG_DRAFTS_PATH": str(self.run_folder / "drafts" / "drafts.sqlite3"),
            "LINDUNG_TOMBSTONES": str(folder / "state" / "tombstones"),
        }
        self.application: subprocess.Popen[bytes] | None = None

    def lindung(self, *arguments: str, stdin: str = "", database: str = "", **env: str) -> str:
        environment = {**self.env, **env}
        if database:
            environment["LINDUNG_DATABASE"] = self.env["LINDUNG_DATABASE"].replace("/lindung?", f"/{database}?")
        command = [sys.executable, "-m", "lindung.cli", *arguments]
        done = subprocess.run(
            command, env=environment, cwd=ROOT, input=stdin, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"lindung {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def start(self) -> None:
        with (self.folder / "logs" / "application.log").open("ab") as log:
            command = [sys.executable, "-m", "lindung.cli", "serve", "--socket", str(self.run_folder / "http.sock")]
            self.application = subprocess.Popen(
                command, env=self.env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with socket.socket(socket.AF_UNIX) as probe:
                try:
                    probe.connect(str(self.run_folder / "http.sock"))
                    return
                except OSError:
                    time.sleep(0.1)
        raise SystemExit("the application did not start; see the log in " + str(self.folder))

    def stop(self) -> None:
        if self.application is not None:
            os.killpg(self.application.pid, signal.SIGTERM)
            self.application.wait(timeout=30)
            self.application = None

    def get(self, path: str) -> Page:
        visitor = Visitor(HOST, self.port)
        try:
            return visitor.get(path)
        finally:
            visitor.close()


@contextmanager
def proxy(place: Place) -> Iterator[None]:
    """Run nginx with the recipe's own file; only paths and ports are replaced."""
    conf = (ROOT / "deploy" / "nginx" / "nginx.conf").read_text()
    replaced = [
        ("user www-data;", "user root;" if os.geteuid() == 0 else ""),
        ("/run/nginx.pid", f"{place.folder}/nginx/nginx.pid"),
        ("/var/log/nginx/error.log", f"{place.folder}/logs/nginx-error.log"),
        ("/run/lindung/http.sock", f"{place.run_folder}/http.sock"),
        ("/etc/lindung/tls", f"{place.folder}/tls"),
        ("/etc/lindung/www", f"{place.folder}/www"),
        ("listen [::]:80 default_server;", ""),
        ("listen [::]:443 ssl http2 default_server;", ""),
        ("listen 80 ", f"listen 127.0.0.1:{place.plain_port} "),
        ("listen 443 ", f"listen 127.0.0.1:{place.port} "),
        ("http {", "http {\n" + "".join(
            f"    {kind}_temp_path {place.folder}/nginx/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )),
    ]  # fmt: skip
    for old, new in replaced:
        if old not in conf:
            raise SystemExit(f"deploy/nginx/nginx.conf has no {old!r} any more: bring deploy/tryout.py up to date")
        conf = conf.replace(old, new)
    path = place.folder / "nginx" / "nginx.conf"
    path.write_text(conf)
    shutil.copy(ROOT / "deploy" / "nginx" / "sebentar.html", place.folder / "www")
    subprocess.run(["nginx", "-q", "-t", "-c", path, "-p", place.folder], check=True)
    process = subprocess.Popen(["nginx", "-c", path, "-p", place.folder, "-g", "daemon off;"])
    try:
        time.sleep(0.5)
        yield
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(timeout=20)


def certificate(place: Place) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}",
         "-addext", f"subjectAltName=DNS:{HOST}", "-keyout", place.folder / "tls/privkey.pem",
         "-out", place.folder / "tls/fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    Visitor.authority = place.folder / "tls" / "fullchain.pem"


def set_up(place: Place) -> str:
    """Do what deploy/README.md says; return the printed recovery key."""
    place.lindung("secrets", "create")
    place.lindung("migrate")
    printed = place.lindung("organisation", "add", "Jaringan Percobaan", "--kind", "network")
    recovery = re.search(r"\n    (\S.{60,})\n", printed)
    if recovery is None:
        raise SystemExit("no recovery key was printed")
    for name, kind, order in (("Penerima", "intake", "1"), ("Pemeriksa", "independent", "2")):
        place.lindung("team", "add", name, "--organisation", "Jaringan Percobaan", "--kind", kind, "--order", order)
        place.lindung(
            "user", "add", f"orang-{kind}", "--organisation", "Jaringan Percobaan", "--team", name, "--role", "analyst",
            "--name", "Orang Percobaan", "--own-passphrase", stdin=f"{PASSPHRASE}\n{PASSPHRASE}\n",
        )  # fmt: skip
    place.lindung(
        "user", "add", "admin", "--organisation", "Jaringan Percobaan", "--role", "administrator", "--name", "Admin",
        stdin=f"{PASSPHRASE} lain\n{PASSPHRASE} lain\n",
    )  # fmt: skip
    print(place.lindung("check"), end="")
    return recovery.group(1).strip()


def walk(place: Place) -> str:
    """Tell a story, send it, open the mailbox, write a message. Returns the receipt."""
    walks.Walker = Visitor  # type: ignore[misc]
    words = walks.words
    walks.words = lambda rng, length=6: f"{STORY} {words(rng, length)}"
    sent = walks.open_walk(HOST, place.port, seed=20261122)
    time.sleep(walks.SECONDS_BEFORE_SENDING)
    walks.send(sent)
    if not sent.acknowledged or sent.code is None:
        raise SystemExit(f"the report was not acknowledged: {sent.problem}")
    visitor = Visitor(HOST, place.port)
    visitor.get("/kotak/")
    door = next(form for form in visitor.forms() if form.texts)
    page = visitor.submit({name: sent.code for name in door.texts}, door)
    if page.status != 200:
        raise SystemExit(f"the mailbox answered {page.status}")
    form = next(form for form in visitor.forms() if form.action.endswith("/tulis/"))
    page = visitor.submit({name: REPLY for name in form.texts}, form, form.buttons[0])
    if page.status != 200 or REPLY not in page.body:
        raise SystemExit(f"the message was not shown: {page.status}")
    visitor.close()
    return sent.code


def trouble(place: Place) -> None:
    """Everything that makes proxies, servers and databases write to their logs."""
    seen = {"unknown page": place.get(f"/tidak-ada/{QUERY}/?q={QUERY}").status}
    visitor = Visitor(HOST, place.port)
    seen["no token"] = visitor.request("POST", "/kotak/", [("code", STORY)]).status
    seen["too large"] = visitor.request("POST", "/kotak/", [("code", STORY + "x" * 1_200_000)]).status
    visitor.close()
    line = Line(place.port, Visitor.authority)
    line.request(
        "POST",
        "/kotak/",
        b"code=%ff%fe" + STORY.encode(),
        {"Host": HOST, "Content-Type": "application/x-www-form-urlencoded"},
    )
    seen["broken bytes"] = line.getresponse().status
    line.close()
    for greeting in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01 nonsense " + STORY.encode(), b"\r\n" * 9):
        with socket.create_connection(("127.0.0.1", place.port), 10, (VISITOR, 0)) as raw:
            raw.sendall(greeting)
            raw.settimeout(5)
            with suppress(OSError):
                raw.recv(4096)
    place.cluster.kill()
    page = place.get("/kotak/")
    seen["database down, page"] = page.status
    seen["database down, health"] = place.get("/healthz").status
    place.cluster.start()
    place.stop()
    page = place.get("/")
    seen["application down"] = page.status
    if "129" not in page.body:
        raise SystemExit("no telephone number is shown while the application is down")
    place.start()
    seen["again"] = place.get("/").status
    print("   " + ", ".join(f"{name}: {status}" for name, status in seen.items()))
    if seen["database down, health"] != 503 or seen["application down"] != 502 or seen["again"] != 200:
        raise SystemExit("trouble was answered in another way than expected")


def back_up(place: Place, recovery: str, code: str) -> None:
    """Back up, restore into an empty database and another folder, and open the receipt there."""
    place.lindung("backup", "create", str(place.folder / "backups"))
    archive = next((place.folder / "backups").glob("*.tar"))
    with_socket = ["-h", str(place.cluster.root), "-p", str(place.cluster.port), "-U", "postgres"]
    subprocess.run([place.cluster.binaries / "createdb", *with_socket, "restored"], check=True)
    elsewhere = {
        "LINDUNG_DATA_DIR": str(place.folder / "restored"),
        "LINDUNG_SECRETS_DIR": str(place.folder / "restored-credentials"),
        "LINDUNG_TOMBSTONES": str(place.folder / "restored" / "tombstones"),
        "LINDUNG_DRAFTS_PATH": str(place.folder / "restored" / "drafts.sqlite3"),
    }
    place.lindung(
        "backup",
        "restore",
        str(archive),
        "--without-tombstones",
        stdin=recovery + "\n",
        database="restored",
        **elsewhere,
    )
    opener = ROOT / "lindung" / "cli" / "tests" / "senders.py"
    url = place.env["LINDUNG_DATABASE"].replace("/lindung?", "/restored?")
    done = subprocess.run(
        [sys.executable, opener, "show"], input=code, capture_output=True, text=True, check=False, cwd=ROOT,
        env={**place.env, **elsewhere, "LINDUNG_DATABASE": url, "DJANGO_SETTINGS_MODULE": "lindung.config.settings"},
    )  # fmt: skip
    if STORY not in done.stdout:
        raise SystemExit(f"the restored receipt does not open: {done.stderr}")


def search(place: Place, code: str) -> None:
    """Look for what must not be anywhere, and for a planted word that must be found."""
    planted = canary.new_word("control")
    (place.folder / "logs" / "control.log").write_text(f"control {planted}\n")
    grouped = " ".join(code[i : i + 4] for i in range(0, 20, 4))
    words = [VISITOR, FORGED, AGENT, STORY, REPLY, QUERY, code, grouped, PASSPHRASE]
    roots = [place.folder, place.cluster.root]
    hits = canary.search(roots, [*words, planted])
    if not any(hit.word == planted for hit in hits):
        raise SystemExit("the search does not find what was planted: it proves nothing")
    bad = [hit for hit in hits if hit.word != planted]
    for hit in bad:
        print(f"   FOUND {hit.word[:12]} ({hit.how}) in {hit.path}")
    files = sum(1 for root in roots for path in root.rglob("*") if path.is_file())
    print(f"   {files} files, {len(words)} words in every encoding: {len(bad)} found; the planted word was found")
    if bad:
        raise SystemExit(1)


def main() -> None:
    with Cluster() as cluster, tempfile.TemporaryDirectory(prefix="lindung-try-") as name:
        cluster.stop()
        own = (ROOT / "deploy" / "postgresql" / "lindung.conf").read_text().replace("listen_addresses = ''", "")
        with (cluster.folder / "postgresql.conf").open("a") as conf:
            conf.write(own)
        cluster.start()
        place = Place(Path(name), cluster)
        step("secrets, tables, organisation, teams, people, check")
        certificate(place)
        recovery = set_up(place)
        step("nginx with TLS in front of the application on a UNIX socket")
        place.start()
        try:
            with proxy(place):
                step("one report from the landing page to the mailbox (waits 20 s before sending, as everybody does)")
                code = walk(place)
                step("trouble of every kind")
                trouble(place)
                step("backup, and restoring it elsewhere")
                back_up(place, recovery, code)
        finally:
            place.stop()
        step("what was written down")
        for log in sorted((place.folder / "logs").iterdir()):
            print(f"   {log.name}: {log.stat().st_size} bytes")
            for line in log.read_text(errors="replace").splitlines():
                print(f"      {line[:150]}")
        print(f"   PostgreSQL's log: {cluster.log.stat().st_size} bytes")
        search(place, code)
    print("All well.")


if __name__ == "__main__":
    main()
