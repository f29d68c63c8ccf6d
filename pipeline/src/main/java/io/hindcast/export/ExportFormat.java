package io.hindcast.export;

import java.util.Locale;

/** A format in which policies are exported. */
public enum ExportFormat {
    /** A MultiLayerNetwork as Deeplearning4j's ModelSerializer reads it, or a ComputationGraph, see {@link Dl4jModel}. */
    DL4J("policy-dl4j.zip"),
    /** An ONNX model of opset {@value OnnxModel#OPSET}. */
    ONNX("policy.onnx");

    private final String file;

    ExportFormat(String file) {
        this.file = file;
    }

    /** The name of its file. */
    public String file() {
        return file;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
