"""Records what a real MLflow server answers to the requests of MlflowTracker, for MlflowFake of the fast tests.

python mlflow-recorded.py http://127.0.0.1:5000 ../resources/track/mlflow-recorded.json
"""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request

server, file = sys.argv[1:]
recorded = []


def ask(method, path, body, file=None):
    url = f"{server}/api/2.0/{path}" if file else f"{server}/api/2.0/mlflow/{path}"
    if method == "GET":
        url += "?" + urllib.parse.urlencode(body)
    request = urllib.request.Request(
        url,
        method=method,
        data=None if method == "GET" else file or json.dumps(body).encode(),
        headers={"Content-Type": "application/octet-stream" if file else "application/json"},
    )
    try:
        with urllib.request.urlopen(request) as reply:
            status, answer = reply.status, reply.read()
    except urllib.error.HTTPError as error:
        status, answer = error.code, error.read()
    answer = json.loads(answer or b"{}")
    path = path[: path.index("/1/")] if file else path
    shown = {**body, "metrics": body["metrics"][:3]} if "metrics" in body else body
    recorded.append({"method": method, "path": path, "body": shown, "status": status, "reply": answer})
    return answer


name = {"experiment_name": "recorded"}
ask("GET", "experiments/get-by-name", name)
experiment = ask("POST", "experiments/create", {"name": "recorded"})["experiment_id"]
ask("GET", "experiments/get-by-name", name)
search = {
    "experiment_ids": [experiment],
    "filter": "tags.`hindcast.run-id` = 'iql-all-s1'",
    "run_view_type": "ACTIVE_ONLY",
    "max_results": 1000,
}
ask("POST", "runs/search", search)
tags = [{"key": "hindcast.run-id", "value": "iql-all-s1"}, {"key": "hindcast.out", "value": "file:/out"}]
create = {"experiment_id": experiment, "run_name": "iql-s1", "start_time": 1700000000000, "tags": tags}
run = ask("POST", "runs/create", create)["run"]["info"]["run_id"]
metric = {"key": "critic/loss", "value": 0.5, "timestamp": 1700000000000, "step": 500}
ask("POST", "runs/log-batch", {"run_id": run, "metrics": [metric]})
values = [dict(metric, step=step, value=value) for step, value in enumerate(["NaN", "Infinity", "-Infinity"], 1000)]
ask("POST", "runs/log-batch", {"run_id": run, "metrics": values})
ask("POST", "runs/log-batch", {"run_id": run, "params": [{"key": "expectile", "value": "0.9"}]})
ask("POST", "runs/log-batch", {"run_id": run, "params": [{"key": "expectile", "value": "0.9"}]})
ask("POST", "runs/log-batch", {"run_id": run, "params": [{"key": "expectile", "value": "0.8"}]})
dataset = {"name": "best", "digest": "abc123", "source_type": "local", "source": '{"uri":"file:/out/transitions/v3"}'}
context = [{"key": "mlflow.data.context", "value": "training"}]
ask("POST", "runs/log-inputs", {"run_id": run, "datasets": [{"dataset": dataset, "tags": context}]})
ask("PUT", f"mlflow-artifacts/artifacts/1/{run}/artifacts/policy/policy.onnx", {}, b"a policy")
ask("DELETE", f"mlflow-artifacts/artifacts/1/{run}/artifacts/policy", {}, b" ")
ask("POST", "runs/log-batch", {"run_id": run, "metrics": [metric] * 1001})
ask("POST", "runs/log-batch", {"run_id": "0" * 32, "metrics": [metric]})
ask("POST", "runs/update", {"run_id": run, "status": "FINISHED", "end_time": 1700000001000})
ask("POST", "runs/search", search)
ask("GET", "metrics/get-history", {"run_id": run, "metric_key": "critic/loss"})
with open(file, "w", encoding="utf-8") as out:
    json.dump(recorded, out, indent=1)
    out.write("\n")
