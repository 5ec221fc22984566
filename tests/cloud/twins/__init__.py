"""What makes two resources of one kind, a good and a bad one, in an emulator whose URL is the first argument."""

import json
import sys
from dataclasses import dataclass
from typing import Callable

import boto3
from botocore.config import Config

DUBLIN, VIRGINIA, SINGAPORE = "eu-west-1", "us-east-1", "ap-southeast-1"
ACCOUNT = "123456789012"
# Anybody.
OPEN = {"Effect": "Allow", "Principal": "*", "Resource": "*"}

TWINS = []


def client(service, region=DUBLIN):
    config = Config(retries={"max_attempts": 1}, inject_host_prefix=False)
    return boto3.client(service, region_name=region, endpoint_url=sys.argv[1], aws_access_key_id="maker",
                        aws_secret_access_key="maker", config=config)


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def named(name):
    return [{"Key": "Name", "Value": name}]


@dataclass
class Twins:
    service: str
    region: str
    checks: tuple
    # (client of the service, name, whether it is to be good); gives the name it is found under where that is another one.
    resource: Callable

    @property
    def kind(self):
        return self.resource.__name__.replace("_", "-")

    def make(self):
        kind, names = self.kind, {}
        for way in ["good", "bad"]:
            name = f"{kind}-{way}"
            try:
                names[way] = self.resource(client(self.service, self.region), name, way == "good") or name
            except Exception as error:
                raise SystemExit(f"{self.service} {name}: {error}") from error
        return {"service": self.service, "region": self.region, "kind": kind, "checks": self.checks, **names}


def twins(service, region, *checks):
    def note(resource):
        TWINS.append(Twins(service, region, checks, resource))
        return resource
    return note
