"""The twin's three checks in Python: same verdicts, same words."""

import json

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports import checks as wire
from wit_world.imports import types

KIND = "aws_s3_bucket"
FLAGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


class Unread(Exception):
    """An attribute that could not be read."""

    def __init__(self, path, reason):
        super().__init__(f"{path} could not be read: {reason}")


def within(path, outer):
    return not outer or path == outer or path.startswith(outer + ".")


class Node:
    """An attribute, present or absent, that knows where it stands and what could not be read."""

    def __init__(self, value, path, gaps):
        self.value, self.path, self.gaps = value, path, gaps

    def get(self, path):
        whole = f"{self.path}.{path}" if self.path else path
        for gap in self.gaps:
            if within(whole, gap.get("path", "")):
                raise Unread(whole, gap.get("reason", ""))
        value = self.value
        for step in path.split("."):
            if isinstance(value, list):
                value = value[0] if value else None
            value = value.get(step) if isinstance(value, dict) else None
        return Node(value, whole, self.gaps)

    def complete(self):
        for gap in self.gaps:
            if within(gap.get("path", ""), self.path):
                raise Unread(gap.get("path", ""), gap.get("reason", ""))
        return self

    def is_empty(self):
        return self.value is None or self.value in ("", [], {})

    def flag(self, path):
        return self.get(path).value in (True, "true")

    def elements(self):
        values = self.value if isinstance(self.value, list) else [] if self.value is None else [self.value]
        return [Node(value, self.path, self.gaps) for value in values]

    def texts(self, path):
        return [node.value for node in self.get(path).elements() if node.value]


def versioning(bucket):
    return wire.Verdict_Pass() if bucket.flag("versioning.enabled") else wire.Verdict_Fail("versioning is not enabled")


def public_access(bucket):
    block = bucket.get("public_access_block")
    if block.is_empty():
        return wire.Verdict_Fail("no public access block is configured")
    off = [flag for flag in FLAGS if not block.flag(flag)]
    return wire.Verdict_Fail(f"the public access block leaves out {', '.join(off)}") if off else wire.Verdict_Pass()


def is_everybody(principal):
    if isinstance(principal.value, dict):
        return "*" in principal.texts("AWS")
    return principal.value == "*"


def policy(bucket):
    document = bucket.get("policy").complete()
    if document.is_empty():
        return wire.Verdict_NotApplicable("the bucket has no policy")
    conditional = None
    for number, statement in enumerate(document.get("Statement").elements(), 1):
        if statement.get("Effect").value != "Allow" or not is_everybody(statement.get("Principal")):
            continue
        if statement.get("Condition").is_empty():
            return wire.Verdict_Fail(f"statement {number} allows everybody {', '.join(statement.texts('Action'))}")
        conditional = conditional or number
    if conditional:
        return wire.Verdict_Manual(f"statement {conditional} allows everybody under a condition")
    return wire.Verdict_Pass()


CHECKS = {
    "twin_bucket_versioning":
        ("Buckets keep old versions", types.Severity.MEDIUM, "versioning.enabled", versioning),
    "twin_bucket_public_access":
        ("Buckets block public access", types.Severity.HIGH, "public_access_block", public_access),
    "twin_bucket_policy":
        ("Bucket policies do not let everybody in", types.Severity.CRITICAL, "policy", policy),
}


def decide(rule, resource):
    try:
        return rule(Node(resource.get("config", {}), "", resource.get("gaps", [])))
    except Unread as unread:
        return wire.Verdict_NotEvaluated(str(unread))
    except Exception as error:  # One resource must not fail the batch.
        return wire.Verdict_Error(f"{type(error).__name__}: {error}")


class Checks(exports.Checks):
    def describe(self):
        return [
            wire.Check(id, title, "", "", severity, wire.Scope.RESOURCE, [KIND], [], [reads], False, [], [],
                       wire.Remediation("", "", "", "", 0))
            for id, (title, severity, reads, _) in CHECKS.items()
        ]

    def evaluate(self, context, checks, resources):
        for id in checks:
            if id not in CHECKS:
                raise Err(types.Error_Invalid(f"this plugin has no check '{id}'"))
        if not isinstance(resources, types.Document_Json):
            raise Err(types.Error_Invalid("the manifest asks for JSON"))
        return [
            wire.Outcome(number, position, decide(CHECKS[id][3], resource))
            for position, resource in enumerate(json.loads(resources.value))
            if resource["kind"] == KIND
            for number, id in enumerate(checks)
        ]

    def evaluate_account(self, context, checks):
        return []
