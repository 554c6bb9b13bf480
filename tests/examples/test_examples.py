"""The example files for cron, systemd and logrotate do what they say: each is run, with paths of this test."""

from __future__ import annotations

import configparser
import csv
import datetime as dt
import email
import email.policy
import gzip
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.commands.test_summary import mail

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
TODAY = dt.datetime.now().astimezone().date()
YESTERDAY = TODAY - dt.timedelta(days=1)
STUBS = {
    # A local mail server's program: keeps what it is given.
    "sendmail": '#!/bin/sh\n[ "$1" = -t ] || exit 64\ncat >"$SPOOL/$$.eml"\n',
    # A Postfix that writes its log itself.
    "postconf": "#!/bin/sh\necho /var/log/mail.log\n",
    "postfix": '#!/bin/sh\necho "$@" >>"$SPOOL/postfix"\n',
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A machine's directories: logs of yesterday, a place to write, and a mail server's program."""
    for name in ("log", "lib", "run", "sbin", "spool"):
        (tmp_path / name).mkdir()
    good = "".join(mail(10, hour, hour) for hour in range(1, 20))
    bad = "".join(
        mail(10, 20, 100 + n, "bounced", "550 5.1.1 <u@example>: no such user here", "5.1.1") for n in range(10)
    )
    before = YESTERDAY - dt.timedelta(days=1)
    day = f"{YESTERDAY}T"
    (tmp_path / "log" / "mail.log").write_text((good + bad).replace("2026-05-10T", day))
    with gzip.open(tmp_path / "log" / "mail.log.1.gz", "wt") as older:
        older.write("".join(mail(10, hour, 500 + hour) for hour in range(20)).replace("2026-05-10T", f"{before}T"))
    for name, text in STUBS.items():
        stub = tmp_path / "sbin" / name
        stub.write_text(text)
        stub.chmod(0o755)
    return tmp_path


def run(command: str, place: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs a shell command of an example in this place."""
    for name, ours in (
        ("/var/log/", f"{place}/log/"),
        ("/var/lib/mailaudit", f"{place}/lib"),
        ("/usr/sbin/sendmail", f"{place}/sbin/sendmail"),
        ("/usr/local/sbin/mailaudit-history", str(EXAMPLES / "mailaudit-history")),
    ):
        command = command.replace(name, ours)
    paths = os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"])
    environment = {
        "PATH": paths, "HOME": str(place), "SPOOL": str(place / "spool"), "RUNTIME_DIRECTORY": str(place / "run"),
        "HISTORY": f"{place}/lib/history", "LOGS": f"{place}/log/mail.log*", "TZ": "UTC", **more,
    }  # fmt: skip
    return subprocess.run(["/bin/sh", "-c", command], env=environment, capture_output=True, text=True, check=False)


def cron_jobs() -> list[str]:
    """The commands of the crontab, as cron hands them to the shell."""
    lines = [line for line in (EXAMPLES / "mailaudit.cron").read_text().splitlines() if re.match(r"[\d*]", line)]
    jobs = []
    for line in lines:
        fields = line.split(maxsplit=6)
        assert all(re.fullmatch(r"[\d*/,-]+", field) for field in fields[:5])
        assert fields[5] == "root"
        assert not re.search(r"(?<!\\)%", fields[6]), "cron makes a new line of it"
        jobs.append(fields[6].replace(r"\%", "%"))
    return jobs


@pytest.mark.parametrize("job", cron_jobs())
def test_cron_jobs_run(job: str, place: Path) -> None:
    """Each ends well, and says nothing but what is to be mailed."""
    done = run(job, place)

    said = [line for line in done.stderr.splitlines() if "the range holds no mail" not in line]  # of last month
    assert (done.returncode, said) == (0, [])
    assert bool(done.stdout) is ("--only-if" in job)


def test_the_mail_of_the_crontab_is_whole(place: Path) -> None:
    """What sendmail is given has recipients and both alternatives."""
    job = next(job for job in cron_jobs() if "sendmail" in job)

    run(job, place)

    (given,) = (place / "spool").iterdir()
    message = email.message_from_bytes(given.read_bytes(), policy=email.policy.default)
    assert message["To"] == "postmaster@example.com"
    assert [part.get_content_type() for part in message.walk()][1:] == ["text/plain", "text/html"]


def test_history_is_kept_by_date(place: Path) -> None:
    """One file a day with each of its messages; a second run makes the same file."""
    script = str(EXAMPLES / "mailaudit-history")
    done = run(script, place)
    kept = place / "lib" / "history" / f"{YESTERDAY:%Y}" / f"{YESTERDAY}.csv.gz"
    first = kept.read_bytes()
    again = run(script, place)

    assert (done.returncode, again.returncode, done.stderr) == (0, 0, "")
    rows = list(csv.DictReader(gzip.decompress(first).decode().splitlines()))
    assert len(rows) == 29
    assert {row["submitted_at"][:10] for row in rows} == {str(YESTERDAY)}
    assert [row["outcome"] for row in rows].count("bounced") == 10
    assert kept.read_bytes() == first
    assert [file.name for file in kept.parent.iterdir()] == [kept.name]


def test_history_of_another_day_and_for_some_days_only(place: Path) -> None:
    """DAY fills a gap; KEEP takes old files away."""
    script = str(EXAMPLES / "mailaudit-history")
    before = YESTERDAY - dt.timedelta(days=1)
    old = place / "lib" / "history" / "2020" / "2020-01-01.csv.gz"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"")
    os.utime(old, (0, 0))

    done = run(script, place, DAY=str(before), KEEP="30")

    assert done.returncode == 0
    assert (place / "lib" / "history" / f"{before:%Y}" / f"{before}.csv.gz").exists()
    assert not old.exists()


def test_history_leaves_nothing_half_done(place: Path) -> None:
    """Without logs there is an error and no file."""
    done = run(str(EXAMPLES / "mailaudit-history"), place, LOGS=f"{place}/none")

    assert done.returncode != 0
    assert [path for path in (place / "lib").rglob("*") if path.is_file()] == []


def unit(name: str) -> configparser.ConfigParser:
    """A unit file."""
    found = configparser.ConfigParser(strict=False, interpolation=None)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read(EXAMPLES / name)
    return found


def started(name: str) -> str:
    """What a service starts, as the shell gets it: systemd takes two dollar signs for one."""
    command = unit(name)["Service"]["ExecStart"]
    script = re.fullmatch(r"/bin/sh -c '(.*)'", command)
    return script[1].replace("$$", "$") if script else command


@pytest.mark.parametrize("name", ["mailaudit-summary", "mailaudit-history"])
def test_services_run(name: str, place: Path) -> None:
    """What systemd would start ends well; the mail is handed on."""
    done = run(started(f"{name}.service"), place)

    assert (done.returncode, done.stderr) == (0, "")
    assert len(list((place / "spool").iterdir())) == (name == "mailaudit-summary")


def test_no_mail_while_all_is_well(place: Path) -> None:
    """sendmail is not called with nothing, which it would complain of."""
    log = place / "log" / "mail.log"
    log.write_text("".join(mail(10, hour, hour) for hour in range(24)).replace("2026-05-10T", f"{YESTERDAY}T"))

    done = run(started("mailaudit-summary.service"), place)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list((place / "spool").iterdir()) == []


@pytest.mark.parametrize("name", ["mailaudit-summary", "mailaudit-history"])
def test_a_service_that_could_not_work_has_failed(name: str, place: Path) -> None:
    """Nothing to send is told from nothing that could be read, which is no success (3 is one)."""
    for log in (place / "log").iterdir():
        log.unlink()

    done = run(started(f"{name}.service"), place)

    assert done.returncode == 1
    assert list((place / "spool").iterdir()) == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("name", ["mailaudit-summary.timer", "mailaudit-history.timer"])
def test_timers_name_times_that_systemd_knows(name: str) -> None:
    """And start the service of their own name."""
    when = unit(name)["Timer"]["OnCalendar"]

    done = subprocess.run(["systemd-analyze", "calendar", when], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert (EXAMPLES / name.replace(".timer", ".service")).exists()


@pytest.mark.skipif(shutil.which("logrotate", path="/usr/sbin:/usr/bin") is None, reason="logrotate is not installed")
def test_logrotate_rotates_and_makes_the_page(place: Path) -> None:
    """The page is made from the log before it is taken away; afterwards both are there."""
    program = shutil.which("logrotate", path="/usr/sbin:/usr/bin")
    assert program is not None
    text = (EXAMPLES / "mailaudit.logrotate").read_text()
    text = text.replace("/var/log/", f"{place}/log/").replace("/var/lib/mailaudit", f"{place}/lib")
    (place / "rotate.conf").write_text(text)
    (place / "rotate.conf").chmod(0o644)
    place.joinpath("log").chmod(0o755)
    command = [program, "--force", "--state", str(place / "state"), str(place / "rotate.conf")]
    paths = os.pathsep.join([str(place / "sbin"), str(Path(sys.executable).parent), "/usr/sbin", "/usr/bin", "/bin"])
    environment = {"PATH": paths, "HOME": str(place), "TZ": "UTC", "SPOOL": str(place / "spool")}

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    (page,) = (place / "lib").glob("report-*.html")
    assert page.read_text().rstrip().endswith("</html>")
    assert (place / "spool" / "postfix").read_text() == "reload\n"
    assert re.fullmatch(r"mail\.log-\d{8}", next(path.name for path in (place / "log").iterdir() if "-" in path.name))


def test_example_files_are_in_the_guide() -> None:
    """Each is named by the guide, so that it is found."""
    guide = (EXAMPLES.parent / "how-to" / "run-by-itself.md").read_text()

    assert [path.name for path in EXAMPLES.iterdir() if path.name not in guide] == []
