"""Prints what a TensorBoard that runs shows of hyperparameters: the columns, the metrics, and a line a run.

python read-hparams.py http://127.0.0.1:6006
"""

import json
import sys
import time
import urllib.error
import urllib.request

server = sys.argv[1]


def ask(path, body):
    request = urllib.request.Request(
        f"{server}/data/plugin/hparams/{path}",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)


statuses = ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"]
everything = {"experimentName": "", "allowedStatuses": statuses, "startIndex": 0, "sliceSize": 100}
end = time.time() + 120
while True:
    try:
        experiment = ask("experiment", {"experimentName": ""})
        columns = [{"metric": metric["name"]} for metric in experiment["metricInfos"]]
        groups = ask("session_groups", {**everything, "colParams": columns})["sessionGroups"]
        if len(groups) == 2 and any("metricValues" in group for group in groups):
            break
    except (OSError, KeyError) as reason:
        if time.time() > end:
            raise
    if time.time() > end:
        raise SystemExit(f"it does not show the runs: {experiment} {groups}")
    time.sleep(0.5)
for info in experiment["hparamInfos"]:
    print("column", info["name"], info["type"], json.dumps(info["domainDiscrete"]))
for info in experiment["metricInfos"]:
    print("metric", info["name"]["tag"], info["datasetType"])
for group in sorted(groups, key=lambda group: group["hparams"]["seed"]):
    for session in group["sessions"]:
        print("run", session["name"], session.get("status"), json.dumps(group["hparams"], sort_keys=True))
        for metric in session.get("metricValues", []):
            print("value", metric["name"]["tag"], metric["trainingStep"], metric["value"])
