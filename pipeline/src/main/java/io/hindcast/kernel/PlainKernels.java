package io.hindcast.kernel;

/** Plain loops over heap arrays: the definition of every kernel, and the oracle the fast ones are tested against. */
public final class PlainKernels implements Kernels {
    @Override
    public Matrix matrix(int rows, int columns) {
        return new Heap(rows, columns, new float[Math.multiplyExact(rows, columns)]);
    }

    @Override
    public void forward(Matrix weight, Matrix input, Matrix output) {
        var w = values(weight);
        var x = values(input);
        var y = values(output);
        var in = weight.rows();
        var out = weight.columns();
        for (var sample = 0; sample < input.columns(); sample++) {
            for (var j = 0; j < out; j++) {
                var sum = 0.0;
                for (var i = 0; i < in; i++) {
                    sum += (double) w[j * in + i] * x[sample * in + i];
                }
                y[sample * out + j] = (float) sum;
            }
        }
    }

    @Override
    public void inputGradient(Matrix weight, Matrix outputGradient, Matrix inputGradient) {
        var w = values(weight);
        var dy = values(outputGradient);
        var dx = values(inputGradient);
        var in = weight.rows();
        var out = weight.columns();
        for (var sample = 0; sample < outputGradient.columns(); sample++) {
            for (var i = 0; i < in; i++) {
                var sum = 0.0;
                for (var j = 0; j < out; j++) {
                    sum += (double) w[j * in + i] * dy[sample * out + j];
                }
                dx[sample * in + i] = (float) sum;
            }
        }
    }

    @Override
    public void weightGradient(Matrix input, Matrix outputGradient, Matrix weightGradient) {
        var x = values(input);
        var dy = values(outputGradient);
        var dw = values(weightGradient);
        var in = weightGradient.rows();
        var out = weightGradient.columns();
        for (var j = 0; j < out; j++) {
            for (var i = 0; i < in; i++) {
                var sum = 0.0;
                for (var sample = 0; sample < input.columns(); sample++) {
                    sum += (double) x[sample * in + i] * dy[sample * out + j];
                }
                dw[j * in + i] = (float) sum;
            }
        }
    }

    @Override
    public void addBiasAndActivate(Matrix values, float[] bias, int from, Activation activation) {
        var v = values(values);
        for (var k = 0; k < v.length; k++) {
            var z = v[k] + bias[from + k % values.rows()];
            v[k] = switch (activation) {
                case RELU -> Math.max(0, z);
                case TANH -> (float) Math.tanh(z);
            };
        }
    }

    @Override
    public void addBias(Matrix values, float[] bias, int from) {
        var v = values(values);
        for (var k = 0; k < v.length; k++) {
            v[k] += bias[from + k % values.rows()];
        }
    }

    @Override
    public void activationGradient(
            Matrix gradient, Matrix activated, Activation activation, float[] biasGradient, int from) {
        var g = values(gradient);
        var h = values(activated);
        for (var k = 0; k < g.length; k++) {
            g[k] *= switch (activation) {
                case RELU -> h[k] > 0 ? 1 : 0;
                case TANH -> 1 - h[k] * h[k];
            };
        }
        biasGradient(gradient, biasGradient, from);
    }

    @Override
    public void biasGradient(Matrix gradient, float[] biasGradient, int from) {
        var g = values(gradient);
        for (var row = 0; row < gradient.rows(); row++) {
            var sum = 0.0;
            for (var column = 0; column < gradient.columns(); column++) {
                sum += g[column * gradient.rows() + row];
            }
            biasGradient[from + row] = (float) sum;
        }
    }

    @Override
    public void close() {}

    private static float[] values(Matrix matrix) {
        return ((Heap) matrix).values;
    }

    @SuppressWarnings("ArrayRecordComponent") // a handle, never compared
    private record Heap(int rows, int columns, float[] values) implements Matrix {
        @Override
        public void write(float[] source, int from) {
            System.arraycopy(source, from, values, 0, values.length);
        }

        @Override
        public void read(float[] target, int from) {
            System.arraycopy(values, 0, target, from, values.length);
        }
    }
}
