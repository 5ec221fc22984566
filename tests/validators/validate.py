#!/usr/bin/env python3
"""Validates a report with programs and schemas that others wrote: validate.py FORMAT FILE.

Exit code 0 and silence, or 1 and what is wrong. setup.sh installs what this calls; run it with the Python of that
environment.
"""

import base64
import csv
import hashlib
import html.parser
import json
import re
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).resolve().parent
SCHEMA = HERE.parent.parent / "host" / "report" / "schema" / "scan.schema.json"
INSTALLED = Path(sys.prefix).parent
MODULES = INSTALLED / "node_modules"


class Invalid(Exception):
    """What is wrong with a report."""


def need(condition, message):
    if not condition:
        raise Invalid(message)


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


def check_table(path):
    text = read(path)
    allowed = "\n\u200c\u200d"
    hidden = [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c not in allowed]
    need(not hidden, f"characters that cannot be seen: {hidden[:5]!r}")
    need(text.endswith("\n"), "no line break at the end")


def check_json(path):
    checker = INSTALLED / "venv" / "bin" / "check-jsonschema"
    for arguments in (["--check-metaschema", SCHEMA], ["--schemafile", SCHEMA, path]):
        code, output = run(checker, *arguments)
        need(code == 0, output)


def check_csv(path):
    raw = Path(path).read_bytes().decode("utf-8")
    need("\n" not in raw.replace("\r\n", ""), "a line ends without CR LF, or a cell has a line break")
    rows = list(csv.reader(raw.splitlines(), strict=True))
    need(len(rows) > 1, "no rows")
    for number, row in enumerate(rows):
        need(len(row) == len(rows[0]), f"row {number} has {len(row)} cells, the header {len(rows[0])}")
        for cell in row:
            need(not cell or cell[0] not in "=+-@\t\r\n", f"row {number} has a formula: {cell!r}")
    quoted = all(line.startswith('"') and line.endswith('"') for line in raw.splitlines())
    need(quoted, "a cell is not quoted")


LOADING = ("src", "srcset", "data", "poster", "action", "formaction", "style")


class Parts(html.parser.HTMLParser):
    """What a page loads, links to and runs."""

    def __init__(self):
        super().__init__()
        self.policy, self.inline, self.open, self.wrong = None, {"script": [], "style": []}, None, []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"]
        if tag in self.inline:
            self.open = tag
            self.inline[tag].append("")
        for name, value in attrs:
            target = value or ""
            loads = name in LOADING or name.startswith("on")
            links = name in ("href", "xlink:href") and not re.match(r"https?://|#", target)
            if loads or links or tag in ("link", "base", "iframe", "object", "embed"):
                self.wrong.append(f"<{tag} {name}={target!r}>")

    def handle_endtag(self, tag):
        if tag == self.open:
            self.open = None

    def handle_data(self, data):
        if self.open:
            self.inline[self.open][-1] += data


def check_html(path):
    program = MODULES / "html-validate" / "bin" / "html-validate.mjs"
    code, output = run("node", program, "--config", HERE / "htmlvalidate.json", path)
    need(code == 0, output)
    page = Parts()
    page.feed(read(path))
    need(not page.wrong, f"loads, links or runs something: {page.wrong[:5]}")
    need(page.policy and page.policy.startswith("default-src 'none';"), "no strict content security policy")
    for tag, texts in page.inline.items():
        need(len(texts) == 1, f"{len(texts)} inline {tag} parts")
        digest = base64.b64encode(hashlib.sha256(texts[0].encode()).digest()).decode()
        need(f"{tag}-src 'sha256-{digest}';" in page.policy, f"the policy does not allow the page's own {tag}")


def check_markdown(path):
    from markdown_it import MarkdownIt

    text = read(path)
    parser = MarkdownIt("commonmark", {"linkify": True, "html": True}).enable(["table", "strikethrough", "linkify"])
    tokens = parser.parse(text)
    inline = [child for token in tokens for child in token.children or []]
    for token in tokens + inline:
        need(token.type not in ("html_block", "html_inline", "image"), f"{token.type}: {token.content!r}")
    for token, shown in zip(inline, inline[1:]):
        # A bare domain in running text is no link on the sites that comments go to; `linkify` goes further than they do.
        bare = token.markup == "linkify" and not re.match(r"(https?:|ftp:|mailto:|www\.)|[^ ]+@", shown.content, re.I)
        need(token.type != "link_open" or bare, f"a link: {shown.content!r}")
    for token in inline:
        mention = re.search(r"@\w|(?<!\w)#\d", token.content) if token.type == "text" else None
        need(not mention, f"names a person or an issue: {token.content!r}")
    widths = []
    for token in tokens:
        if token.type == "tr_open":
            widths.append(0)
        elif token.type in ("th_open", "td_open"):
            widths[-1] += 1
    rows = [line for line in text.splitlines() if line.startswith("|")]
    rules = [line for line in rows if re.fullmatch(r"[|\s:-]+", line) and "-" in line]
    need(len(widths) == len(rows) - len(rules), "a row that is in no table")
    for line in rows:
        cells = len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) - 1
        need(cells in widths, f"a row of {cells} cells: {line}")
    need(len(text) < 65_536, f"{len(text)} characters: too long for a comment")


def check_sarif(path):
    program = next(MODULES.glob("@microsoft/sarif-multitool-*/Sarif.Multitool"), None)
    need(program, "the SARIF multitool is not installed for this system")
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.sarif"
        # The tool looks at files named .sarif only.
        copy = Path(folder) / "report.sarif"
        copy.write_bytes(Path(path).read_bytes())
        rules = ("--rule-kind", "Sarif;Ghas", "--level", "Error;Warning")
        _, output = run(program, "validate", copy, "--output", found, *rules)
        need(found.exists(), output)
        log = json.loads(found.read_text(encoding="utf-8-sig"))
    problems = []
    for one in log["runs"]:
        invocation = one.get("invocations", [{}])[0]
        problems += [note["message"]["text"] for note in invocation.get("toolExecutionNotifications", [])]
        for result in one.get("results", []):
            problems.append(f"{result['ruleId']}: {output_line(result)}")
    # The tool falls silent over a file it cannot read, so the one remark it has about every report of ours shows that it
    # did read it.
    need(any(SARIF_REMARK in problem for problem in problems), f"the SARIF multitool could not read the file: {output}")
    problems = [problem for problem in problems if SARIF_REMARK not in problem]
    need(not problems, "\n".join(problems[:20]))
    for one in json.loads(read(path))["runs"]:
        need(len(one["results"]) <= 25_000, "GitHub takes 25,000 results in a run")
        for rule in one["tool"]["driver"]["rules"]:
            need(0 <= float(rule["properties"]["security-severity"]) <= 10, f"security-severity of {rule['id']}")


# The program has no page of its own to point at.
SARIF_REMARK = "SARIF2005: Warning_ProvideToolnformationUri"


def output_line(result):
    message = result["message"]
    return message.get("text") or f"{message.get('id')} {message.get('arguments')}"


def check_ocsf(path):
    from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
    from py_ocsf_models.objects.cloud import Cloud

    events = json.loads(read(path))
    need(isinstance(events, list) and events, "no events")
    for number, event in enumerate(events):
        where = f"event {number}"
        known = ComplianceFinding.model_validate(event).model_dump(exclude_unset=True)
        if "cloud" in event:
            cloud = event["cloud"]
            # The class asks for the name or the uid of an account, the package's model for the name.
            account = {"name": "", **cloud["account"]} if "account" in cloud else None
            known["cloud"] = Cloud.model_validate({**cloud, "account": account}).model_dump(exclude_unset=True)
        lost = sorted(set(keys(event)) - set(keys(known)) - OCSF_LATER)
        need(not lost, f"{where} has attributes the class does not know: {lost}")
        need(event["type_uid"] == event["class_uid"] * 100 + event["activity_id"], f"{where}: type_uid")
        need(event["time"] > 1_000_000_000_000, f"{where}: time is not in milliseconds")


# Attributes of the class in OCSF 1.8.0 that the package's models leave out.
OCSF_LATER = {"compliance.status", "compliance.status_details"}


def keys(value, path=""):
    """Every attribute path, list positions left out; what is unmapped is free."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{path}{name}"
            if name != "unmapped":
                yield from keys(inner, f"{path}{name}.")
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner, path)


def check_junit(path):
    import junitparser

    root = ElementTree.parse(path).getroot()
    need(root.tag == "testsuites", f"the root is {root.tag}")
    suites = junitparser.JUnitXml.fromfile(path)
    need(isinstance(suites, junitparser.JUnitXml), "not a list of suites")
    for suite in suites:
        said = (suite.tests, suite.failures, suite.errors, suite.skipped)
        suite.update_statistics()
        counted = (suite.tests, suite.failures, suite.errors, suite.skipped)
        need(said == counted, f"tests, failures, errors, skipped: said {said}, counted {counted}")
        for case in suite:
            need(case.name and case.classname, "a case without name or class")
            need(len(case.result) <= 1, f"{case.name!r} has several results")


def read(path):
    return Path(path).read_text(encoding="utf-8", errors="strict")


CHECKS = {
    "table": check_table,
    "json": check_json,
    "csv": check_csv,
    "html": check_html,
    "markdown": check_markdown,
    "sarif": check_sarif,
    "ocsf": check_ocsf,
    "junit": check_junit,
}


def main(arguments):
    if len(arguments) != 2 or arguments[0] not in CHECKS:
        print(f"use: validate.py {'|'.join(CHECKS)} FILE", file=sys.stderr)
        return 2
    try:
        CHECKS[arguments[0]](arguments[1])
    except Exception as error:  # Whatever a validator raises says what is wrong.
        print(f"{arguments[1]} is not valid {arguments[0]}: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
