package io.hindcast.jobs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.service.Service;
import org.apache.hadoop.yarn.conf.YarnConfiguration;

/**
 * A resource manager and a node manager of YARN, on this machine, until the process is killed: the arguments are a folder for all they
 * write, and one for the {@code yarn-site.xml} by which they are found.
 */
final class YarnCluster {
    static final String LISTENS = "YARN listens at .*";

    private YarnCluster() {}

    public static void main(String[] arguments) throws Exception {
        var work = Path.of(arguments[0]);
        var conf = Path.of(arguments[1]);
        // It writes below target/ of the directory that it runs in, unless told where.
        System.setProperty("test.build.data", work.toString());
        var configuration = new YarnConfiguration();
        configuration.set("yarn.resourcemanager.hostname", "127.0.0.1");
        configuration.set("yarn.nodemanager.hostname", "127.0.0.1");
        configuration.set("yarn.nodemanager.resource.cpu-vcores", "8");
        configuration.set("yarn.nodemanager.resource.memory-mb", "8192");
        configuration.set("yarn.scheduler.minimum-allocation-mb", "128");
        configuration.set("yarn.nodemanager.vmem-check-enabled", "false");
        configuration.set("yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage", "100");
        // The jar of the small cluster has no capacity-scheduler.xml.
        var queue = "yarn.scheduler.capacity.root.default.";
        configuration.set("yarn.scheduler.capacity.root.queues", "default");
        configuration.set(queue + "capacity", "100");
        configuration.set(queue + "maximum-capacity", "100");
        configuration.set(queue + "state", "RUNNING");
        configuration.set(queue + "acl_submit_applications", "*");
        configuration.set("yarn.scheduler.capacity.maximum-am-resource-percent", "1");
        configuration.set("yarn.scheduler.capacity.node-locality-delay", "-1");
        // By cores too, not only by memory.
        configuration.set(
                "yarn.scheduler.capacity.resource-calculator",
                "org.apache.hadoop.yarn.util.resource.DominantResourceCalculator");
        // Only the profile faults has the class.
        var cluster = (Service) Class.forName("org.apache.hadoop.yarn.server.MiniYARNCluster")
                .getConstructor(String.class, int.class, int.class, int.class)
                .newInstance("hindcast", 1, 1, 1);
        try {
            cluster.init(configuration);
            cluster.start();
        } catch (RuntimeException | Error e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1); // threads of it would go on
        }
        var made = cluster.getConfig();
        while (made.get(YarnConfiguration.RM_ADDRESS).endsWith(":0")) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        Files.createDirectories(conf);
        try (var file = Files.newOutputStream(conf.resolve("yarn-site.xml"))) {
            made.writeXml(file);
        }
        System.out.println("YARN listens at " + made.get(YarnConfiguration.RM_ADDRESS));
        TimeUnit.DAYS.sleep(1);
    }
}
