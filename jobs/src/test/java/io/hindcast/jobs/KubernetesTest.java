package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a whole Spark's {@code spark-submit} asks of Kubernetes for {@code conf/kubernetes/train.yaml}, told in Spark's own settings. A
 * mock of the API keeps it; no pod runs.
 */
@Tag("faults")
@Tag("jar")
class KubernetesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path directory;

    private static WholeSpark spark;
    private static KubernetesApi api;
    private static JsonNode manifest;

    @BeforeAll
    static void startApi() throws Exception {
        spark = WholeSpark.ofTheBuild();
        manifest = yaml(Path.of("../conf/kubernetes/train.yaml")).get("spec");
        api = new KubernetesApi();
    }

    @AfterAll
    static void stopApi() {
        if (api != null) {
            api.close();
        }
    }

    @Test
    void theDriversPodIsAsTheManifestSays() throws Exception {
        try (var submit = submit("cluster", List.of("spark.kubernetes.submission.waitAppCompletion=false"))) {
            assertThat(submit.exitCode())
                    .as("%s\n%s", String.join("\n", submit.lines()), api.requests())
                    .isZero();
        }
        var pod = only(pods("driver"));
        var container = only(pod.at("/spec/containers"));
        assertThat(pod.at("/spec/serviceAccountName").asText()).isEqualTo("spark");
        assertThat(pod.at("/spec/restartPolicy").asText()).isEqualTo("Never");
        assertThat(pod.at("/spec/terminationGracePeriodSeconds").asInt()).isEqualTo(90);
        assertThat(container.get("image").asText()).isEqualTo("registry.example.com/hindcast:0.2.0");
        assertThat(texts(container.get("args")))
                .containsExactly(
                        "driver",
                        "--properties-file",
                        "/opt/spark/conf/spark.properties",
                        "--class",
                        "io.hindcast.jobs.PipelineJob",
                        "local:///opt/hindcast/hindcast.jar",
                        "--conf",
                        "/etc/hindcast/my.conf",
                        "--out",
                        "s3a://bucket/hindcast/out");
        assertThat(container.at("/resources/requests/cpu").asText()).isEqualTo("1");
        assertThat(container.at("/resources/limits/memory").asText())
                .as("2 GB, and 384 MB beside the heap")
                .isEqualTo("2432Mi");
        assertThat(named(pod.at("/spec/volumes"), "hindcast-conf")
                        .at("/configMap/name")
                        .asText())
                .isEqualTo("hindcast-conf");
        assertThat(named(container.get("volumeMounts"), "hindcast-conf")
                        .get("mountPath")
                        .asText())
                .isEqualTo("/etc/hindcast");
        assertHasKeysOfTheBucket(container);

        assertThat(properties(pod))
                .containsEntry("spark.executor.instances", "4")
                .containsEntry("spark.executor.cores", "2")
                .containsEntry("spark.executor.memory", "4g")
                .containsEntry("spark.executor.memoryOverhead", "1g")
                .containsEntry("spark.executorEnv.OMP_NUM_THREADS", "1")
                .containsEntry("spark.task.cpus", "1")
                .containsEntry("spark.task.maxFailures", "4");
    }

    /** The driver runs here, as it would in its pod; the executors' pods wait for a node. */
    @Test
    void theExecutorsPodsAreAsTheManifestSays() throws Exception {
        try (var driver = submit("client", List.of("spark.driver.host=127.0.0.1"))) {
            driver.await(() -> pods("executor").size() == 4);
        }
        for (var pod : pods("executor")) {
            var container = only(pod.at("/spec/containers"));
            assertThat(container.get("image").asText()).isEqualTo("registry.example.com/hindcast:0.2.0");
            assertThat(texts(container.get("args"))).containsExactly("executor");
            assertThat(container.at("/resources/requests/cpu").asText()).isEqualTo("2");
            assertThat(container.at("/resources/limits/memory").asText())
                    .as("4 GB, and 1 GB beside the heap")
                    .isEqualTo("5120Mi");
            assertThat(variable(container, "OMP_NUM_THREADS")).containsExactly("1");
            assertHasKeysOfTheBucket(container);
            assertThat(named(pod.at("/spec/volumes"), "spark-local-dir-data")
                            .at("/emptyDir/sizeLimit")
                            .asText())
                    .isEqualTo("50Gi");
            assertThat(named(container.get("volumeMounts"), "spark-local-dir-data")
                            .get("mountPath")
                            .asText())
                    .isEqualTo("/data");
            assertThat(variable(container, "SPARK_LOCAL_DIRS")).containsExactly("/data");
            assertThat(container.get("env").findValuesAsText("value"))
                    .as("native code knows where its container ends")
                    .contains("-Dorg.bytedeco.javacpp.maxphysicalbytes=" + (5L << 30));
        }
    }

    private static HindcastProcess submit(String mode, List<String> settings) throws IOException {
        var command = new ArrayList<>(List.of(
                spark.submit(),
                "--master",
                "k8s://" + api.address(),
                "--deploy-mode",
                mode,
                "--name",
                "hindcast-train",
                "--class",
                manifest.get("mainClass").asText()));
        Stream.concat(told().stream(), settings.stream())
                .forEach(setting -> command.addAll(List.of("--conf", setting)));
        if (mode.equals("cluster")) {
            command.add(manifest.get("mainApplicationFile").asText());
            command.addAll(texts(manifest.get("arguments")));
        } else {
            command.add(WholeSpark.jar().toString());
            command.addAll(List.of(
                    "--conf",
                    "../conf/quickstart.conf",
                    "--out",
                    directory.resolve("out").toString()));
        }
        return HindcastProcess.program(spark.environment(), command.toArray(String[]::new));
    }

    /** The manifest in Spark's settings. What Spark has none for stands in the driver's template, where the operator adds it to the pod. */
    private static List<String> told() throws IOException {
        var driver = manifest.get("driver");
        var executor = manifest.get("executor");
        var template = Map.of(
                "spec",
                Map.of(
                        "terminationGracePeriodSeconds",
                        driver.get("terminationGracePeriodSeconds"),
                        "volumes",
                        List.of(named(manifest.get("volumes"), "hindcast-conf")),
                        "containers",
                        List.of(Map.of(
                                "name", "spark-kubernetes-driver", "volumeMounts", driver.get("volumeMounts")))));
        var file = directory.resolve("driver.yaml");
        JSON.writeValue(file.toFile(), template); // JSON is YAML
        var local = named(executor.get("volumeMounts"), "spark-local-dir-data");
        var volume = "spark.kubernetes.executor.volumes.emptyDir."
                + local.get("name").asText();
        var settings = new ArrayList<>(List.of(
                "spark.kubernetes.namespace=default",
                "spark.kubernetes.container.image=" + manifest.get("image").asText(),
                "spark.kubernetes.authenticate.driver.serviceAccountName="
                        + driver.get("serviceAccount").asText(),
                "spark.kubernetes.driver.podTemplateFile=" + file,
                "spark.driver.cores=" + driver.get("cores"),
                "spark.driver.memory=" + driver.get("memory").asText(),
                "spark.executor.instances=" + executor.get("instances"),
                "spark.executor.cores=" + executor.get("cores"),
                "spark.executor.memory=" + executor.get("memory").asText(),
                "spark.executor.memoryOverhead="
                        + executor.get("memoryOverhead").asText(),
                volume + ".mount.path=" + local.get("mountPath").asText(),
                volume + ".options.sizeLimit="
                        + named(manifest.get("volumes"), local.get("name").asText())
                                .at("/emptyDir/sizeLimit")
                                .asText()));
        manifest.get("sparkConf").properties().forEach(setting -> {
            if (!setting.getKey().equals("spark.local.dir")) { // the volume's name says so already
                settings.add(setting.getKey() + "=" + setting.getValue().asText());
            }
        });
        for (var role : List.of("driver", "executor")) {
            manifest.get(role).get("env").forEach(variable -> settings.add(told(role, variable)));
        }
        return settings;
    }

    private static String told(String role, JsonNode variable) {
        var name = variable.get("name").asText();
        var secret = variable.at("/valueFrom/secretKeyRef");
        return secret.isMissingNode()
                ? "spark.executorEnv." + name + "=" + variable.get("value").asText()
                : "spark.kubernetes." + role + ".secretKeyRef." + name + "="
                        + secret.get("name").asText() + ":" + secret.get("key").asText();
    }

    private static void assertHasKeysOfTheBucket(JsonNode container) {
        for (var name : List.of("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")) {
            var secret = named(container.get("env"), name).at("/valueFrom/secretKeyRef");
            assertThat(secret.path("name").asText()).as(name).isEqualTo("hindcast-s3");
            assertThat(secret.path("key").asText()).isEqualTo(name);
        }
    }

    private static List<JsonNode> pods(String role) {
        return api.all("pods", "spark-role", role);
    }

    /** The settings that are mounted into a driver's pod. */
    private static Properties properties(JsonNode pod) throws IOException {
        var volume = named(pod.at("/spec/volumes"), "spark-conf-volume-driver");
        var map = api.object("configmaps", volume.at("/configMap/name").asText());
        var properties = new Properties();
        properties.load(new StringReader(map.at("/data/spark.properties").asText()));
        return properties;
    }

    private static JsonNode yaml(Path file) throws Exception {
        try (var python = HindcastProcess.program(
                Map.of(),
                PinnedPython.of("store").program("python"),
                "-c",
                "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))",
                file.toString())) {
            assertThat(python.exitCode()).as("%s", python.lines()).isZero();
            return JSON.readTree(python.lines().get(0));
        }
    }

    private static List<String> variable(JsonNode container, String name) {
        return list(container.get("env")).stream()
                .filter(variable -> variable.get("name").asText().equals(name))
                .map(variable -> variable.path("value").asText())
                .toList();
    }

    private static JsonNode named(JsonNode all, String name) {
        return only(list(all).stream()
                .filter(one -> one.get("name").asText().equals(name))
                .toList());
    }

    private static JsonNode only(Iterable<JsonNode> all) {
        assertThat(all).hasSize(1);
        return all.iterator().next();
    }

    private static List<JsonNode> list(Iterable<JsonNode> all) {
        return StreamSupport.stream(all.spliterator(), false).toList();
    }

    private static List<String> texts(JsonNode all) {
        return list(all).stream().map(JsonNode::asText).toList();
    }
}
