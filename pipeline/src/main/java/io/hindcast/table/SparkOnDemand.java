package io.hindcast.table;

import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext$;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * Spark, which starts when somebody first asks for its session, since that takes longer than most of what small tables need. The
 * file systems are there without it. Where executors are other processes it starts at once: a cluster waits for it.
 */
public final class SparkOnDemand implements AutoCloseable {
    private final SparkConf conf;
    private final Configuration hadoop;
    private final Supplier<SparkSession> start;
    private final boolean isOwn;
    private @Nullable SparkSession session;

    private SparkOnDemand(
            SparkConf conf, Configuration hadoop, Supplier<SparkSession> start, @Nullable SparkSession session) {
        this.conf = conf;
        this.hadoop = hadoop;
        this.start = start;
        this.session = session;
        isOwn = session == null;
    }

    /** One that {@code start} starts, with the same settings. */
    public static SparkOnDemand of(SparkConf conf, Supplier<SparkSession> start) {
        var spark = new SparkOnDemand(conf, SparkHadoopUtil.get().newConfiguration(conf), start, null);
        if (!spark.isLocal()) {
            spark.session();
        }
        return spark;
    }

    /** One that runs already, and goes on when this is closed. */
    public static SparkOnDemand of(SparkSession session) {
        var context = session.sparkContext();
        return new SparkOnDemand(context.getConf(), context.hadoopConfiguration(), () -> session, session);
    }

    /** The session; the first call waits until it has started. */
    public synchronized SparkSession session() {
        if (session == null) {
            session = start.get();
        }
        return session;
    }

    /** Whether anybody has asked for the session. */
    public synchronized boolean isStarted() {
        return session != null;
    }

    /** How file systems are reached. */
    public Configuration hadoop() {
        return hadoop;
    }

    /** Where it runs, as {@code --master} names it. */
    public String master() {
        return conf.get("spark.master");
    }

    /** Whether this process does all the work: such a master knows no resources of tasks but {@code spark.task.cpus}. */
    public boolean isLocal() {
        return master().equals("local") || master().startsWith("local[");
    }

    /** How many tasks of one core run side by side. */
    public int parallelism() {
        return isLocal()
                ? conf.getInt("spark.default.parallelism", SparkContext$.MODULE$.numDriverCores(master()))
                : session().sparkContext().defaultParallelism();
    }

    /** Stops it, if it was started here. */
    @Override
    public synchronized void close() {
        if (isOwn && session != null) {
            session.stop();
        }
    }
}
