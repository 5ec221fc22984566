"""An account with good and bad resources of many services in three regions: account.py ENDPOINT [KIND...].

Prints what is to be found in it as JSON: [{"service", "region", "kind", "good", "bad", "checks"}], where good and bad are the names
of two resources of one kind, and each check fails for the bad one and passes for the good one. What the emulator keeps no
account of has no line among the checks: function URLs, dead-letter targets, snapshots of Redshift, Macie, analyzers, GuardDuty's
plans, network isolation of models.
"""

import json
import sys

from twins import TWINS, compute, data, edge, identity, integration, network, settings, storage

assert all([compute, data, edge, identity, integration, network, settings, storage])
wanted = sys.argv[2:]
made = [twins.make() for twins in TWINS if not wanted or twins.kind in wanted]
json.dump(made, sys.stdout, indent=1)
