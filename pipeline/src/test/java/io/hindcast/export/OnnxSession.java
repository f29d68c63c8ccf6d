package io.hindcast.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** A model in ONNX Runtime, on one thread. */
final class OnnxSession implements AutoCloseable {
    private final OrtSession session;

    OnnxSession(byte[] model) {
        try (var options = new SessionOptions()) {
            options.setIntraOpNumThreads(1);
            // Else it warns of every input that has a value of its own.
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            session = OrtEnvironment.getEnvironment().createSession(model, options);
        } catch (OrtException e) {
            throw new AssertionError(e);
        }
    }

    /** What an output is for observations, by its name: {@code float[][]} or {@code long[]}. */
    Object run(String output, float[] observations, int rows) {
        return run(output, observations, rows, observations.length / rows);
    }

    /** The same of observations of {@code size} numbers. */
    Object run(String output, float[] observations, int rows, int size) {
        var shape = new long[] {rows, size};
        try (var input = OnnxTensor.createTensor(
                        OrtEnvironment.getEnvironment(), FloatBuffer.wrap(observations), shape);
                var result = session.run(Map.of("observation", input))) {
            return result.get(output).orElseThrow().getValue();
        } catch (OrtException e) {
            throw new AssertionError(e);
        }
    }

    /** The same for what is possible in each row. */
    Object run(String output, float[] observations, boolean[][] possible) {
        var shape = new long[] {possible.length, observations.length / possible.length};
        var environment = OrtEnvironment.getEnvironment();
        try (var input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(observations), shape);
                var mask = OnnxTensor.createTensor(environment, possible);
                var result = session.run(Map.of("observation", input, "action_mask", mask))) {
            return result.get(output).orElseThrow().getValue();
        } catch (OrtException e) {
            throw new AssertionError(e);
        }
    }

    /** How likely given actions are, {@code [rows]}. */
    double[] logProbs(float[] observations, float[] actions, int rows) {
        var environment = OrtEnvironment.getEnvironment();
        var inputs = new HashMap<String, OnnxTensor>();
        try {
            for (var port : session.getInputInfo().entrySet()) {
                var numbers = port.getKey().equals("action") ? actions : observations;
                var width = ((TensorInfo) port.getValue().getInfo()).getShape()[1];
                inputs.put(
                        port.getKey(),
                        OnnxTensor.createTensor(environment, FloatBuffer.wrap(numbers), new long[] {rows, width}));
            }
            try (var result = session.run(inputs)) {
                return (double[]) result.get("log_prob").orElseThrow().getValue();
            }
        } catch (OrtException e) {
            throw new AssertionError(e);
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    /** The output's rows one behind the other. */
    float[] numbers(String output, float[] observations, int rows) {
        var values = (float[][]) run(output, observations, rows);
        var flat = new float[rows * values[0].length];
        for (var row = 0; row < rows; row++) {
            System.arraycopy(values[row], 0, flat, row * values[0].length, values[0].length);
        }
        return flat;
    }

    /** Inputs and outputs in words, {@code observation FLOAT [-1, 4]}; -1 is a dimension of any size. */
    String ports() {
        var ports = new TreeMap<String, String>();
        try {
            session.getInputInfo().forEach((name, info) -> ports.put("in " + name, text((TensorInfo) info.getInfo())));
            session.getOutputInfo()
                    .forEach((name, info) -> ports.put("out " + name, text((TensorInfo) info.getInfo())));
        } catch (OrtException e) {
            throw new AssertionError(e);
        }
        return ports.toString();
    }

    Map<String, String> properties() {
        try {
            return session.getMetadata().getCustomMetadata();
        } catch (OrtException e) {
            throw new AssertionError(e);
        }
    }

    private static String text(TensorInfo info) {
        return info.type + " " + Arrays.toString(info.getShape());
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new AssertionError(e);
        }
    }
}
