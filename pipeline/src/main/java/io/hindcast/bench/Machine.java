package io.hindcast.bench;

import io.hindcast.kernel.Nd4jKernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What measurements are made on, in words. */
public final class Machine {
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    private static final String MODEL = "model name";

    private Machine() {}

    /** The library of matrix products, what it multiplies bfloat16 with, the Java virtual machine, and the processor with the cores that may be used. */
    public static List<String> lines() {
        try (var kernels = new Nd4jKernels()) {
            return List.of(
                    "products: " + kernels.description(),
                    "bfloat16: "
                            + kernels.roundsBy()
                                    .map(instructions -> "multiplied by " + instructions)
                                    .orElse("not multiplied here"),
                    "java: " + System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                    "processor: " + processor() + ", " + Runtime.getRuntime().availableProcessors()
                            + " cores for this program");
        }
    }

    /** The model if the operating system tells it, else the architecture. */
    static String processor() {
        if (Files.isReadable(PROCESSORS)) {
            try (var lines = Files.lines(PROCESSORS)) {
                var model = lines.filter(line -> line.startsWith(MODEL))
                        .map(line -> line.substring(line.indexOf(':') + 1).strip())
                        .findFirst();
                if (model.isPresent()) {
                    return model.get();
                }
            } catch (IOException e) {
                return System.getProperty("os.arch");
            }
        }
        return System.getProperty("os.arch");
    }
}
