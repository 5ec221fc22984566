"""Runs the benchmarks, prints a table of the figures beside their goals, and writes it to RESULTS.md.

Usage: run.py --plumb PATH --micro PATH [--quick] [--only PART] [--work DIR]

Builds nothing: `make bench` does. A process is measured by what the kernel says of it when it ends (wait4): wall time,
processor time of its own and in the kernel, most memory. `--quick` leaves the million resources out.
"""

import argparse
import datetime
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# What Prowler 5.46 takes for an account of that size and those services in moto; a tenth of it is the goal.
PROWLER_S = 126
MOTO_REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")
# What a region of AWS near by takes for a small answer.
DELAY_MS = 20
# What the goals of incremental scans are stated for.
ESTATE = 15432
MEMORY_BOUND_MIB = 512
DISK_FOR_A_MILLION = 10 << 30
# `plumb scan` exits with 3 where it finds violations, and the synthetic resources have many.
SCANNED = (0, 3)
# Also a scan that could not be done: then that is the figure.
ENDED = (0, 1, 3, 4)
SUMMARY = "import json, sys; print(json.dumps(json.load(sys.stdin)['summary']))"


class Run:
    """A process that has ended."""

    def __init__(self, arguments, expected=(0,), environment=None):
        started = time.perf_counter()
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
        words = process.stderr.read().decode(errors="replace")
        process.stderr.close()
        _, status, usage = os.wait4(process.pid, 0)
        self.wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in expected:
            sys.exit(f"{' '.join(map(str, arguments))} exited with {process.returncode}:\n{words}")
        self.processor = usage.ru_utime + usage.ru_stime
        self.mib = usage.ru_maxrss / 1024


class Bench:
    def __init__(self, plumb, micro, work):
        self.plumb, self.micro, self.work = plumb, micro, work
        self.rows = []

    def row(self, figure, measured, goal="", met=None):
        verdict = "" if met is None else ("met" if met else "**missed**")
        self.rows.append((figure, measured, goal, verdict))
        print(f"{figure}: {measured}" + (f" (goal: {goal}: {verdict})" if goal else ""), file=sys.stderr, flush=True)

    def state(self, name, count, changed=None):
        path = self.work / name
        arguments = [sys.executable, str(HERE / "synthetic.py"), str(count)]
        if changed is not None:
            arguments += ["--changed", str(changed)]
        with open(path, "wb") as out:
            subprocess.run(arguments, stdout=out, check=True)
        return path

    def scan(self, state, data):
        """A scan and what the ledger says of it."""
        run = Run([self.plumb, "scan", "terraform", state, "--data", data, "--no-progress"], SCANNED)
        newest = self.newest(data)
        if newest["status"] != "completed":
            sys.exit(f"the scan of {state} ended as {newest['status']}")
        # The report is large, and a child's most memory begins with that of its parent: so it is parsed elsewhere.
        report = subprocess.Popen([self.plumb, "history", newest["id"], "-o", "json", "--data", data],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        summary = subprocess.run([sys.executable, "-c", SUMMARY], stdin=report.stdout, stdout=subprocess.PIPE, check=True)
        report.stdout.close()
        report.wait()
        return run, json.loads(summary.stdout)

    def newest(self, data):
        return self.ask("history", "--limit", "1", "--json", "--data", data)["scans"][0]

    def ask(self, *arguments):
        answer = subprocess.run([self.plumb, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return json.loads(answer.stdout)

    def data(self, name):
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.work))

    def start_up(self):
        runs = [Run([self.plumb, "--version"]) for _ in range(21)]
        wall = statistics.median(run.wall for run in runs) * 1000
        self.row("`plumb --version`, median of 21", f"{wall:.0f} ms", "≤ 50 ms", wall <= 50)
        demo = ROOT / "tests/fixtures/demo/production.tfstate"
        runs = [Run([self.plumb, "scan", "terraform", demo, "--data", self.data("demo")], SCANNED) for _ in range(12)]
        # The first one may have to compile the plugins.
        wall = statistics.median(run.wall for run in runs[1:]) * 1000
        self.row("warm scan of one file (demo), median of 11", f"{wall:.0f} ms", "≤ 300 ms", wall <= 300)

    def incremental(self):
        state = self.state("estate.tfstate", ESTATE)
        changed = self.state("changed.tfstate", ESTATE, 1)
        # A target is its path, so the changed state takes the place of the first one.
        place = self.work / "main.tfstate"
        firsts, agains, deltas = [], [], []
        for _ in range(3):
            data = self.data("incremental")
            shutil.copyfile(state, place)
            firsts.append(self.scan(place, data))
            agains.append(self.scan(place, data))
            shutil.copyfile(changed, place)
            deltas.append(self.scan(place, data))
            shutil.rmtree(data)
        self.first = middle(firsts)
        run, summary = self.first
        self.row(f"{ESTATE:,} resources, all checks and frameworks, file to recorded scan", timing(run, summary))
        for name, scans in (("the same again, unchanged", agains), ("again, one resource in a hundred changed", deltas)):
            again, known = middle(scans)
            share = known["evaluated_now"] / max(1, summary["evaluated_now"])
            self.row(name, timing(again, known))
            self.row(f"{name}: evaluated", f"{share:.2%} of the first scan's {summary['evaluated_now']:,}", "≤ 5 %", share <= 0.05)
            wall, processor = again.wall / run.wall, again.processor / run.processor
            self.row(f"{name}: whole time", f"{wall:.0%} (processor {processor:.0%})", "≤ 50 %", wall <= 0.5)

    def large(self, count):
        state = self.state("large.tfstate", count)
        data = self.data("large")
        run = Run([self.plumb, "scan", "terraform", state, "--data", data, "--no-progress"], ENDED)
        newest = self.newest(data)
        size = sum(path.stat().st_size for path in data.iterdir()) / (1 << 20)
        shutil.rmtree(data)
        state.unlink()
        if newest["status"] != "completed":
            self.row(f"{count:,} resources in one state", f"not scanned: {newest['status_reason']}", "scanned", False)
            return
        first, _ = self.first
        self.row(f"{count:,} resources", timing(run, {}) + f", ledger {size:.0f} MiB")
        met = run.mib < MEMORY_BOUND_MIB
        self.row(f"{count:,} resources: most memory", f"{run.mib:.0f} MiB", f"< {MEMORY_BOUND_MIB} MiB", met)
        # Per resource, against the estate; a fifth more is what a deeper tree and a fuller cache may cost.
        growth = (run.processor / count) / (first.processor / ESTATE)
        self.row(f"{count:,} resources: processor time of each", f"{growth:.2f} × that at {ESTATE:,}", "≤ 1.2 ×", growth <= 1.2)

    def estate(self, quick):
        self.incremental()
        self.large(100_000)
        free = shutil.disk_usage(self.work).free
        if quick:
            self.row("1,000,000 resources", "left out (`--quick`)")
        elif free < DISK_FOR_A_MILLION:
            self.row("1,000,000 resources", f"left out: {free >> 30} GiB of disk are free, 10 are needed")
        else:
            self.large(1_000_000)

    def sandbox(self):
        state = self.state("micro.tfstate", 3584)
        lines = subprocess.run([self.micro, "sandbox", state], stdout=subprocess.PIPE, check=True).stdout.splitlines()
        goals = {
            "sandbox-to-native": ("all fitting checks in the sandbox / same Rust native", "≤ 1.4", lambda ratio: ratio <= 1.4),
            "sandbox-to-structs": ("ten checks in the sandbox / serde into structs, native", "< 1", lambda ratio: ratio < 1),
            "empty-call": ("fresh instance and empty call / bare pooled instance", "≤ 10", lambda ratio: ratio <= 10),
        }
        for line in map(json.loads, lines):
            name, goal, is_met = goals[line["figure"]]
            measured = f"{line['ratio']:.2f} ({line['ours_us']:.2f} / {line['theirs_us']:.2f} {line['about'].split(':')[0]})"
            self.row(name, measured, goal, is_met(line["ratio"]))

    def drift(self):
        names = {"drift": "15,000 resources against their baseline / the same JSON read and compared natively",
                 "drift-from-ledger": "the same, with reading both from the ledger"}
        for line in self.lines("drift"):
            measured = f"{line['ratio']:.2f} ({line['ours_ms']:.0f} / {line['theirs_ms']:.0f} ms)"
            self.row(names[line["figure"]], measured, "≤ 2", line["ratio"] <= 2)

    def service(self):
        for line in self.lines("service"):
            if line["figure"] == "reads":
                measured = f"{line['ratio']:.2f} ({line['ours']:,.0f} / {line['theirs']:,.0f} a second)"
                self.row("list of 20 out of 10,000 scans / a bare server of the same bytes", measured, "≥ 0.5", line["ratio"] >= 0.5)
            elif line["figure"] == "page":
                measured = f"median {line['median_ms']:.1f} ms, p99 {line['p99_ms']:.1f} ms"
                self.row(f"10,000 scans: {line['name']}", measured, "p99 < 10 ms", line["p99_ms"] < 10)
            elif line["figure"] == "dashboard":
                measured = f"median {line['median_ms']:.1f} ms, p99 {line['p99_ms']:.1f} ms"
                self.row(f"10,000 scans, dashboard: {line['name']}", measured, "p99 < 50 ms", line["p99_ms"] < 50)
            elif line["figure"] == "streams":
                measured = f"{line['kib_each']:.0f} KiB each, {line['reads_beside']:,.0f} lists a second beside them"
                self.row(f"{line['count']:,} idle streams", measured)
            else:
                before, after = line["kib_before"] / 1024, line["kib_after"] / 1024
                self.row(f"memory after {line['requests']:,.0f} more requests", f"{after:.0f} MiB, {before:.0f} before", "≤ 1.1 ×", after <= 1.1 * before)

    def environment(self, url):
        """Neither this machine's credentials nor its settings."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return environment | {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
                              "AWS_EC2_METADATA_DISABLED": "true"}

    def moto(self):
        """An account in an emulator, which is one Python process: so the emulator's own processor time is told too."""
        programs = ROOT / "target/cloud/venv/bin"
        if not programs.exists():
            self.row("AWS, an account in moto", "left out: `make cloud` installs moto")
            return
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        emulator = subprocess.Popen([programs / "moto_server", "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL, env=os.environ | {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"})
        try:
            url = f"http://127.0.0.1:{port}"
            listens(port)
            subprocess.run([programs / "python", ROOT / "tests/cloud/wide.py", url], check=True)
            arguments = [self.plumb, "scan", "aws", "--no-progress"]
            for region in MOTO_REGIONS:
                arguments += ["--region", region]
            runs = []
            for _ in range(4):
                before = processor(emulator.pid)
                run = Run([*arguments, "--data", self.data("moto")], ENDED, self.environment(url))
                runs.append((run.wall, run, processor(emulator.pid) - before))
        finally:
            emulator.kill()
            emulator.wait()
        # The first one may have to compile the plugins, and moto loads what it needs then.
        wall, run, theirs = sorted(runs[1:], key=lambda run: run[0])[1]
        self.row("AWS, some 360 resources of 27 services in three regions of moto, all checks",
                 f"{timing(run, {})}; moto's own processor time {theirs:.2f} s", f"≤ {PROWLER_S / 10:.1f} s", wall <= PROWLER_S / 10)

    def live(self, quick):
        self.moto()
        for count in (300, 15_000) if quick else (300, 15_000, 150_000):
            for delay in (0, DELAY_MS):
                self.aws(count, delay)
        # Each of them takes twelve requests.
        self.aws(15_000, DELAY_MS, "GET /")

    def aws(self, count, delay, only=None):
        """A scan of a generated account whose cloud takes so many milliseconds for each answer, and a client that asks the same."""
        arguments = [self.micro, "aws-server", str(count), str(delay)] + ([only] if only else [])
        server = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        try:
            url = server.stdout.readline().strip()
            data = self.data("aws")
            run = Run([self.plumb, "scan", "aws", "--data", data, "--no-progress"], ENDED, self.environment(url))
            asked = subprocess.run([self.micro, "aws-client", url], stdout=subprocess.PIPE, check=True).stdout
        finally:
            server.kill()
            server.wait()
        shutil.rmtree(data)
        asked = json.loads(asked)
        name = f"AWS, {asked['resources']:,} {'buckets' if only else 'resources'}, {delay} ms an answer"
        tenths = " ".join(f"{mean:.0f}" for mean in asked["tenths"])
        self.row(name, f"{timing(run, {})}; {asked['requests']:,} requests")
        if delay:
            self.row(f"{name}: requests on their way", f"{asked['mean']:.0f} in the mean, {asked['most']} at most; tenths of the time: {tenths}")
        ratio = run.wall / asked["bare_seconds"]
        self.row(f"{name}: scan / bare client of the same requests, as many at once as the scan had at most",
                 f"{ratio:.2f} ({run.wall:.2f} / {asked['bare_seconds']:.2f} s)", "≤ 1.2", ratio <= 1.2)
        dependent = asked["dependent_seconds"]
        self.row(f"{name}: scan / the same client where it asks for nothing before an answer has named it",
                 f"{run.wall / dependent:.2f} ({run.wall:.2f} / {dependent:.2f} s)", "")
        self.row(f"{name}: most memory", f"{run.mib:.0f} MiB", f"< {MEMORY_BOUND_MIB} MiB", run.mib < MEMORY_BOUND_MIB)

    def lines(self, what):
        lines = subprocess.run([self.micro, what], stdout=subprocess.PIPE, check=True).stdout.splitlines()
        return [json.loads(line) for line in lines]


def listens(port):
    """Waits until a server takes connections, for a minute at most."""
    ends = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)


def processor(pid):
    """Seconds of processor time that a process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def middle(scans):
    return sorted(scans, key=lambda scan: scan[0].wall)[len(scans) // 2]


def timing(run, summary):
    rate = f"{run.wall:.2f} s, {run.processor:.2f} s processor, {run.mib:.0f} MiB"
    now = summary.get("evaluated_now")
    return rate if now is None else f"{rate}; {now:,} evaluated, {summary['reused']:,} known"


def machine():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB memory, {platform.system()} {platform.release()}"


def report(bench, quick):
    command = "make bench QUICK=1" if quick else "make bench"
    head = [
        "# Results of the benchmarks", "",
        f"Made by `{command}` on {datetime.date.today().isoformat()}: {machine()}.", "",
        "The Makefile builds in the profile `dev` with `profile.toml`: everything is compiled optimised and without debug assertions, as in a",
        "release, but without link-time optimisation. A ratio is the median of repetitions that took turns within one run.", "",
        "| figure | measured | goal | |", "|---|---|---|---|",
    ]
    return "\n".join(head + [f"| {' | '.join(row)} |" for row in bench.rows]) + "\n"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--plumb", type=Path, required=True)
    arguments.add_argument("--micro", type=Path, required=True)
    arguments.add_argument("--work", type=Path, default=ROOT / "target")
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--only", choices=["start", "sandbox", "drift", "service", "aws", "estate"],
                           help="one part; the table is printed and not kept")
    given = arguments.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=given.work) as work:
        bench = Bench(given.plumb.resolve(), given.micro.resolve(), Path(work))
        parts = {"start": bench.start_up, "sandbox": bench.sandbox, "drift": bench.drift, "service": bench.service,
                 "aws": lambda: bench.live(given.quick), "estate": lambda: bench.estate(given.quick)}
        for name, part in parts.items():
            if given.only in (None, name):
                part()
        text = report(bench, given.quick)
    if given.only is None:
        (HERE / "RESULTS.md").write_text(text)
    print(text, end="")


if __name__ == "__main__":
    main()
