#!/usr/bin/env bash
# ONNX Runtime 1.23.2: an input that has a default can be given from Python, and cannot from Java.
#
# ONNX lets an input of a graph be an initialiser too: a default, which a caller may leave out or override (since IR version 4). For an
# exported policy that is the natural way to make an action mask optional. A good engineer expects it of every language of one runtime,
# of one version. Python's run() takes the input. Java's counts the inputs before it looks at their names, and knows only those without
# a default: whoever gives one more is refused. So a policy that works in the notebook cannot be masked in the service.
#
# The model is y = x * mask, mask = [1, 1] unless it is given. Seen with onnxruntime 1.23.2 from PyPI and from Maven Central, onnx 1.19.1,
# numpy 2.3.4, Python 3.11, JDK 17:
#   Python, x = [3, 4]:                 [3.0, 4.0]
#   Python, x = [3, 4], mask = [1, 0]:  [3.0, 0.0]
#   Java, x = [3, 4]:                   [3.0, 4.0]
#   Java, x = [3, 4], mask = [1, 0]:    Unexpected number of inputs, expected [1,1) found 2
# The script fails if Java takes the mask, or Python does not. It needs a JDK from 17 on and Maven.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.3.4 onnx==1.19.1 onnxruntime==1.23.2
mvn --batch-mode --quiet dependency:copy -Dartifact=com.microsoft.onnxruntime:onnxruntime:1.23.2 -DoutputDirectory="$work"

"$work/venv/bin/python" - "$work/model.onnx" <<'PROGRAM'
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

graph = helper.make_graph(
    [helper.make_node("Mul", ["x", "mask"], ["y"])],
    "masked",
    [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, [2]),
        helper.make_tensor_value_info("mask", TensorProto.FLOAT, [2]),
    ],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])],
    [helper.make_tensor("mask", TensorProto.FLOAT, [2], [1.0, 1.0])],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)
onnx.save(model, sys.argv[1])

options = onnxruntime.SessionOptions()
options.log_severity_level = 3
session = onnxruntime.InferenceSession(sys.argv[1], options)
x, mask = np.array([3, 4], np.float32), np.array([1, 0], np.float32)
alone = session.run(["y"], {"x": x})[0].tolist()
masked = session.run(["y"], {"x": x, "mask": mask})[0].tolist()
print("Python, x = [3, 4]:                ", alone)
print("Python, x = [3, 4], mask = [1, 0]: ", masked)
assert alone == [3.0, 4.0] and masked == [3.0, 0.0]
PROGRAM

cat >"$work/Mask.java" <<'PROGRAM'
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.util.Arrays;
import java.util.Map;

public class Mask {
    public static void main(String[] args) throws OrtException {
        var environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "mask");
        var session = environment.createSession(args[0], new SessionOptions());
        var x = OnnxTensor.createTensor(environment, new float[] {3, 4});
        var mask = OnnxTensor.createTensor(environment, new float[] {1, 0});
        var alone = (float[]) session.run(Map.of("x", x)).get(0).getValue();
        System.out.println("Java, x = [3, 4]:                   " + Arrays.toString(alone));
        try {
            var masked = (float[]) session.run(Map.of("x", x, "mask", mask)).get(0).getValue();
            System.out.println("Java, x = [3, 4], mask = [1, 0]:    " + Arrays.toString(masked));
            System.exit(1);
        } catch (OrtException e) {
            System.out.println("Java, x = [3, 4], mask = [1, 0]:    " + e.getMessage());
            System.exit(e.getMessage().contains("Unexpected number of inputs") ? 0 : 1);
        }
    }
}
PROGRAM
java -cp "$work/onnxruntime-1.23.2.jar" "$work/Mask.java" "$work/model.onnx" || {
    echo "Java no longer refuses an input that has a default" >&2
    exit 1
}
