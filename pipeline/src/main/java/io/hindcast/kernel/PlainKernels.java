package io.hindcast.kernel;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Plain loops over heap arrays: the definition of every kernel, and the oracle the fast ones are tested against. */
public final class PlainKernels implements Kernels {
    private final Map<List<Integer>, Matrix> scratch = new HashMap<>();
    private final Precision precision;

    /** Products of the numbers as they are. */
    public PlainKernels() {
        this(Precision.FLOAT32);
    }

    /** Products of that precision. */
    public PlainKernels(Precision precision) {
        this.precision = precision;
    }

    @Override
    public Matrix matrix(int rows, int columns) {
        return new Heap(new float[Math.multiplyExact(rows, columns)], 0, rows, columns, false);
    }

    @Override
    public Matrix scratch(int rows, int columns, int slot) {
        return scratch.computeIfAbsent(List.of(rows, columns, slot), shape -> matrix(rows, columns));
    }

    @Override
    public void forward(Matrix weight, Matrix bias, Matrix input, Activation activation, Matrix output) {
        var w = (Heap) weight;
        var c = (Heap) bias;
        var x = (Heap) input;
        var y = (Heap) output;
        var rounding = precision.rounding(w);
        for (var sample = 0; sample < x.columns; sample++) {
            for (var j = 0; j < w.columns; j++) {
                var sum = 0.0;
                for (var i = 0; i < w.rows; i++) {
                    sum += (double) rounding.of(w.at(i, j)) * rounding.of(x.at(i, sample));
                }
                y.put(j, sample, activate((float) sum + c.at(j, 0), activation));
            }
        }
    }

    @Override
    public void inputGradient(Matrix weight, int firstInput, Matrix outputGradient, Matrix inputGradient) {
        var w = (Heap) weight;
        var dy = (Heap) outputGradient;
        var dx = (Heap) inputGradient;
        var rounding = precision.rounding(w);
        for (var sample = 0; sample < dy.columns; sample++) {
            for (var i = 0; i < dx.rows; i++) {
                var sum = 0.0;
                for (var j = 0; j < w.columns; j++) {
                    sum += (double) rounding.of(w.at(firstInput + i, j)) * rounding.of(dy.at(j, sample));
                }
                dx.put(i, sample, (float) sum);
            }
        }
    }

    @Override
    public void weightGradient(Matrix input, Matrix outputGradient, Matrix weightGradient) {
        var x = (Heap) input;
        var dy = (Heap) outputGradient;
        var dw = (Heap) weightGradient;
        var rounding = precision.rounding(dw);
        for (var j = 0; j < dw.columns; j++) {
            for (var i = 0; i < dw.rows; i++) {
                var sum = 0.0;
                for (var sample = 0; sample < x.columns; sample++) {
                    sum += (double) rounding.of(x.at(i, sample)) * rounding.of(dy.at(j, sample));
                }
                dw.put(i, j, (float) sum);
            }
        }
    }

    @Override
    public void biasGradient(Matrix outputGradient, Matrix biasGradient) {
        var dy = (Heap) outputGradient;
        for (var j = 0; j < dy.rows; j++) {
            var sum = 0.0;
            for (var sample = 0; sample < dy.columns; sample++) {
                sum += dy.at(j, sample);
            }
            ((Heap) biasGradient).put(j, 0, (float) sum);
        }
    }

    @Override
    public void activate(Matrix values, Activation activation, Matrix activated) {
        for (var sample = 0; sample < values.columns(); sample++) {
            for (var j = 0; j < values.rows(); j++) {
                ((Heap) activated).put(j, sample, activate(((Heap) values).at(j, sample), activation));
            }
        }
    }

    @Override
    public void activationGradient(Matrix gradient, Matrix telling, Activation activation) {
        var g = (Heap) gradient;
        var h = (Heap) telling;
        for (var sample = 0; sample < g.columns; sample++) {
            for (var j = 0; j < g.rows; j++) {
                float slope = switch (activation) {
                    case IDENTITY -> 1;
                    case RELU -> h.at(j, sample) > 0 ? 1 : 0;
                    case TANH -> 1 - h.at(j, sample) * h.at(j, sample);
                    case GELU -> geluSlope(h.at(j, sample));
                };
                g.put(j, sample, g.at(j, sample) * slope);
            }
        }
    }

    @Override
    public void normalise(
            Matrix values,
            Matrix gain,
            Matrix bias,
            double epsilon,
            Activation activation,
            Matrix normalised,
            float[] inverseDeviation,
            Matrix output) {
        var z = (Heap) values;
        var units = z.rows;
        for (var sample = 0; sample < z.columns; sample++) {
            var mean = 0.0;
            for (var j = 0; j < units; j++) {
                mean += z.at(j, sample) / (double) units;
            }
            var variance = 0.0;
            for (var j = 0; j < units; j++) {
                variance += (z.at(j, sample) - mean) * (z.at(j, sample) - mean) / units;
            }
            var inverse = 1 / Math.sqrt(variance + epsilon);
            inverseDeviation[sample] = (float) inverse;
            for (var j = 0; j < units; j++) {
                var unit = (float) ((z.at(j, sample) - mean) * inverse);
                ((Heap) normalised).put(j, sample, unit);
                ((Heap) output)
                        .put(j, sample, activate(((Heap) gain).at(j, 0) * unit + ((Heap) bias).at(j, 0), activation));
            }
        }
    }

    @Override
    public void normaliseGradient(
            Matrix gradient, Matrix gain, Matrix normalised, float[] inverseDeviation, Matrix gainGradient) {
        var g = (Heap) gradient;
        var unit = (Heap) normalised;
        var units = g.rows;
        for (var j = 0; j < units; j++) {
            var sum = 0.0;
            for (var sample = 0; sample < g.columns; sample++) {
                sum += (double) g.at(j, sample) * unit.at(j, sample);
            }
            ((Heap) gainGradient).put(j, 0, (float) sum);
        }
        for (var sample = 0; sample < g.columns; sample++) {
            var mean = 0.0;
            var along = 0.0;
            for (var j = 0; j < units; j++) {
                var scaled = (double) g.at(j, sample) * ((Heap) gain).at(j, 0);
                mean += scaled / units;
                along += scaled * unit.at(j, sample) / units;
            }
            for (var j = 0; j < units; j++) {
                var scaled = (double) g.at(j, sample) * ((Heap) gain).at(j, 0);
                g.put(j, sample, (float) (inverseDeviation[sample] * (scaled - mean - unit.at(j, sample) * along)));
            }
        }
    }

    @Override
    public void multiply(Matrix values, Matrix factors, Matrix product) {
        for (var sample = 0; sample < values.columns(); sample++) {
            for (var j = 0; j < values.rows(); j++) {
                ((Heap) product).put(j, sample, ((Heap) values).at(j, sample) * ((Heap) factors).at(j, sample));
            }
        }
    }

    @Override
    public String description() {
        return "plain loops";
    }

    @Override
    public void close() {}

    private static float activate(float z, Activation activation) {
        return switch (activation) {
            case IDENTITY -> z;
            case RELU -> Math.max(0, z);
            case TANH -> (float) Math.tanh(z);
            case GELU -> (float) (z / 2.0 * (1 + Math.tanh(geluInner(z))));
        };
    }

    private static float geluSlope(float z) {
        var tanh = Math.tanh(geluInner(z));
        var inner = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * z * z);
        return (float) ((1 + tanh) / 2 + z / 2.0 * (1 - tanh * tanh) * inner);
    }

    private static double geluInner(double z) {
        return Math.sqrt(2 / Math.PI) * (z + 0.044715 * z * z * z);
    }

    @SuppressWarnings("ArrayRecordComponent") // a handle, never compared
    private record Heap(float[] values, int from, int rows, int columns, boolean isEntry) implements Matrix {
        float at(int row, int column) {
            return values[from + column * rows + row];
        }

        void put(int row, int column, float value) {
            values[from + column * rows + row] = value;
        }

        @Override
        public void write(float[] source, int sourceFrom) {
            System.arraycopy(source, sourceFrom, values, from, rows * columns);
        }

        @Override
        public void read(float[] target, int targetFrom) {
            System.arraycopy(values, from, target, targetFrom, rows * columns);
        }

        @Override
        public Matrix view(int viewFrom, int viewRows, int viewColumns) {
            return new Heap(values, from + viewFrom, viewRows, viewColumns, isEntry);
        }

        @Override
        public Matrix entry() {
            return new Heap(values, from, rows, columns, true);
        }
    }
}
