package io.hindcast.jobs;

import io.hindcast.config.UserException;
import io.hindcast.stage.ExecutorMemory;
import org.apache.spark.SparkConf;

/** The Spark settings that keep tasks within their cores and their memory. */
final class SessionLimits {
    private static final String TASK_CPUS = "spark.task.cpus";
    private static final String THREADS = "spark.executorEnv.OMP_NUM_THREADS";
    /** How deep Spark looks into what a task threw for an error for which it ends the process. */
    private static final String FATAL_ERRORS = "spark.executor.killOnFatalError.depth";

    private static final String JAVA_OPTIONS = "spark.executor.extraJavaOptions";
    /** Executors in containers have the locale C, in which Java knows no other letters than ASCII's in names of files. */
    private static final String FILE_NAMES = "-Dsun.jnu.encoding";

    private static final String NATIVE_LIMIT = "-Dorg.bytedeco.javacpp.maxphysicalbytes";

    private SessionLimits() {}

    /**
     * Lets native code use as many threads as a task has cores, and no more memory than the executor's container. Where tasks run
     * in this process, one that runs out of memory fails and does not end the process, with an exit code that says nothing.
     *
     * @throws UserException if the user set threads that are not the cores of a task
     */
    static void set(SparkConf conf) {
        var cpus = conf.getInt(TASK_CPUS, 1);
        if (conf.contains(THREADS) && conf.getInt(THREADS, cpus) != cpus) {
            throw new UserException("Cannot run tasks with " + TASK_CPUS + " = " + cpus + " and OMP_NUM_THREADS = "
                    + conf.get(THREADS) + ": each would use other cores than it has; set OMP_NUM_THREADS=" + cpus
                    + ", or " + TASK_CPUS + "=" + conf.get(THREADS));
        }
        conf.set(THREADS, Integer.toString(cpus));
        if (conf.get("spark.master", "").startsWith("local")) {
            conf.setIfMissing(FATAL_ERRORS, "0");
        }
        var options = conf.get(JAVA_OPTIONS, "");
        if (!options.contains(NATIVE_LIMIT)) {
            var memory = ExecutorMemory.of(conf);
            conf.set(JAVA_OPTIONS, (options + " " + NATIVE_LIMIT + "=" + (memory.heap() + memory.overhead())).strip());
        }
    }

    /**
     * Has executors write names of files as this process does.
     *
     * @param encoding this process's {@code sun.jnu.encoding}
     */
    static void setFileNames(SparkConf conf, String encoding) {
        var options = conf.get(JAVA_OPTIONS, "");
        if (encoding.equalsIgnoreCase("UTF-8") && !options.contains(FILE_NAMES)) {
            conf.set(JAVA_OPTIONS, (options + " " + FILE_NAMES + "=UTF-8 -Dfile.encoding=UTF-8").strip());
        }
    }
}
