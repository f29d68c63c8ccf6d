package io.hindcast.export;

/** A format in which policies are exported. */
public enum ExportFormat {
    /** A MultiLayerNetwork as Deeplearning4j's ModelSerializer reads it, or a ComputationGraph, see {@link Dl4jModel}. */
    DL4J("policy-dl4j.zip", "dl4j"),
    /** An ONNX model of opset {@value OnnxWriter#OPSET}. */
    ONNX("policy.onnx", "onnx"),
    /** Another one, of policies that draw vectors: how likely a given action is, see {@link LogProbModel}. */
    LOG_PROB("log_prob.onnx", "onnx");

    private final String file;
    private final String format;

    ExportFormat(String file, String format) {
        this.file = file;
        this.format = format;
    }

    /** The name of its file. */
    public String file() {
        return file;
    }

    @Override
    public String toString() {
        return format;
    }
}
