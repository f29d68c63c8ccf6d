package io.hindcast.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** A model in ONNX Runtime, on one thread. */
final class OnnxSession implements AutoCloseable {
    private final OrtSession session;

    OnnxSession(byte[] model) {
        try (var options = new SessionOptions()) {
            options.setIntraOpNumThreads(1);
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
