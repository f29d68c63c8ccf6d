package io.hindcast.kernel;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasColMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.nd4j.linalg.factory.Nd4j;

/** The BLAS that ND4J runs on: OpenBLAS, or MKL if that is on the class path and {@code org.bytedeco.openblas.load} names it. */
final class OpenBlas implements Blas {
    static {
        openblas_nolapack.blas_set_num_threads(1);
    }

    @Override
    public void product(
            Op opA,
            Op opB,
            int m,
            int n,
            int k,
            FloatPointer a,
            int strideA,
            FloatPointer b,
            int strideB,
            FloatPointer c,
            int strideC) {
        cblas_sgemm(CblasColMajor, code(opA), code(opB), m, n, k, 1, a, strideA, b, strideB, 0, c, strideC);
    }

    @Override
    public String description() {
        Nd4jNative.load();
        return "ND4J's " + Nd4j.factory().blas().getBlasVendor();
    }

    private static int code(Op op) {
        return op == Op.TRANSPOSED ? CblasTrans : CblasNoTrans;
    }
}
