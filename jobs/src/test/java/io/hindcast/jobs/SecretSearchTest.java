package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.SoftAssertions.assertSoftly;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.hindcast.config.Address;
import io.hindcast.config.Bound;
import io.hindcast.config.Guarded;
import io.hindcast.config.Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Puts a marked secret wherever one may be given, in good and in bad form, and looks for it in all that is printed and written. */
class SecretSearchTest {
    private static final String MARK = "S3CRETmark9";

    /** Addresses with a password, as they are and as they are not meant to be. */
    private static final List<String> ADDRESSES = List.of(
            "ftp://bob:" + MARK + "@127.0.0.1:1/x",
            "http://" + MARK + "@127.0.0.1:1/x",
            "http://u:" + MARK + " x^@host_under:5",
            "http://u:a/b@c" + MARK + "@h:5/x",
            "http://127.0.0.1:1/x?token=" + MARK,
            "jdbc:derby://127.0.0.1:1/x;password=" + MARK);

    /** Settings that are names and words; they hold no secret but one within an address. */
    private static final List<String> WORDS = List.of(
            "bench-data.d4rl",
            "bench-data.python",
            "bench-judge.python",
            "bench-predict.python",
            "bench-predict.workloads",
            "bench-scaling.learner",
            "bench-scaling.masters",
            "bench.against",
            "bench.learners",
            "bench.workloads",
            "collect.behaviour",
            "collect.policy.run",
            "curate.subsets.from",
            "curate.subsets.group-column",
            "curate.subsets.steps.behaviour-bonus.run",
            "curate.subsets.steps.group.keep",
            "curate.subsets.steps.mixture.others.subset",
            "curate.subsets.steps.top-percent.group-column",
            "environment",
            "gymnasium.kwargs",
            "gymnasium.python",
            "ingest.action-space.*",
            "ingest.columns.*",
            "ingest.dataset",
            "ingest.exclude",
            "ingest.filter",
            "ingest.spark.format",
            "ingest.spark.table",
            "ingest.spark.version",
            "ingest.watermark",
            "judge.audit",
            "judge.by",
            "judge.clones",
            "judge.cloning.settings",
            "judge.models.settings",
            "judge.policies.*",
            "judge.require",
            "judge.subset",
            "mlflow.experiment",
            "predict.columns.*",
            "predict.exclude",
            "predict.key",
            "predict.names.*",
            "predict.onnx",
            "predict.policy",
            "predict.policy-version",
            "predict.run",
            "predict.spark.format",
            "predict.spark.table",
            "predict.spark.version",
            "promote.asked-by",
            "promote.candidates",
            "publish.estimates.table",
            "publish.predictions.table",
            "publish.transitions.table",
            "registry.name",
            "report.environment",
            "report.published.*",
            "report.title",
            "stages",
            "train.runs.judges.run",
            "train.runs.learner",
            "train.runs.preset",
            "train.runs.settings",
            "train.runs.subset",
            "train.runs.sweep");

    @TempDir
    Path directory;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    /** A setting of text, with what stands around its value in a configuration. */
    private record Text(Type type, String before, String after) {
        String conf(String value) {
            return before + value + after;
        }

        boolean isGuarded() {
            return type.getTypeName().contains("io.hindcast.config.Secret");
        }
    }

    @BeforeAll
    static void keepSparkSmall() {
        System.setProperty("spark.master", "local[2]");
        System.setProperty("spark.ui.enabled", "false");
    }

    @Test
    void everySettingOfTextIsAnAddressASecretOrKnownToBeAWord() {
        var unknown = new TreeSet<String>();
        texts().forEach((key, text) -> {
            var isWord = WORDS.stream()
                    .anyMatch(word -> word.endsWith("*") ? key.startsWith(word.replace("*", "")) : word.equals(key));
            if (isWord == text.type().getTypeName().contains(Guarded.class.getPackageName() + ".")) {
                unknown.add(key);
            }
        });
        assertThat(unknown)
                .as(
                        "settings of text that are neither an Address nor a Secret; if no secret can be in one, add it to WORDS")
                .isEmpty();
    }

    @Test
    void noSettingShowsASecretInGoodOrInBadForm() throws IOException {
        var failures = new ArrayList<String>();
        for (var entry : texts().entrySet()) {
            var job = entry.getKey().replaceFirst("\\..*", "");
            var command = Jobs.ALL.stream().anyMatch(known -> known.name().equals(job)) ? job : "train";
            var values = new ArrayList<>(entry.getValue().isGuarded() ? List.of(MARK) : ADDRESSES.subList(0, 3));
            if (entry.getValue().type() == Address.class
                    || entry.getValue().type().getTypeName().contains(Address.class.getName())) {
                values.addAll(ADDRESSES);
            }
            for (var value : values) {
                for (var form :
                        List.of("\"%s\"", "[\"%s\"]", "{ x = \"%s\" }", "{ password = { x = \"%s\" } }", "\"%s\" }")) {
                    var conf = entry.getValue().conf(form.formatted(value));
                    run(command, "--conf", file(conf), "--dry-run", "--debug");
                    if (printed().contains(MARK)) {
                        failures.add(conf + " printed " + printed());
                    }
                }
            }
        }
        assertThat(failures).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ingest|--set|spark.options.password=MARK",
                "ingest|--set|spark.options.password={ x = MARK }",
                "ingest|--set|spark.options.password={MARK",
                "ingest|--set|spark.options.password=[MARK",
                "ingest|--set|spark.options.user=\"MARK",
                "ingest|--set|spark.options=MARK",
                "ingest|--set|spark=MARK",
                "ingest|--set|spark.options.password MARK",
                "ingest|--set|spark.options.password|MARK",
                "ingest|--set|spark.options.password=|MARK",
                "ingest|--set|spark.options.passwort=MARK",
                "ingest|--set|optoins.password=MARK",
                "ingest|--sett=spark.options.password=MARK",
                "ingest|--set|spark.options.password:MARK",
                "ingest|--spark|spark.hadoop.fs.s3a.secret.key=MARK",
                "ingest|--spark|spark.hadoop.fs.s3a.secret.key MARK",
                "ingest|--set|input=ftp://bob:MARK@h/x",
                "ingest|--set|input=[\"ftp://bob:MARK@h/x\"",
                "ingest|--out|ftp://bob:MARK@h/x",
                "ingest|ftp://bob:MARK@h/x",
                "ftp://bob:MARK@h/x",
                "ingest|--conf|ftp://bob:MARK@h/x",
                "train|--set|mlflow.tracking-uri=http://u:MARK ML@h:5",
                "train|--set|mlflow.tracking-uri=http://u:x^MARK@h:5",
                "train|--set|mlflow.tracking-uri=http://u_x:MARK@host_under:5",
                "train|--set|mlflow.tracking-uri=http://h:5/?token=MARK",
                "train|--set|mlflow.tracking-uri=u:MARK@h",
                "collect|--set|gymnasium.secret-kwargs.api_token=MARK",
                "collect|--set|gymnasium.secret-kwargs=MARK",
                "collect|--set|gymnasium.secret-kwargs.x={ y = MARK",
                "collect|--set|gymnasium.kwargs.api_token=MARK",
                "collect|--set|gymnasium.requirements=[\"p @ git+https://MARK@h/p.git\"]",
                "stats|--set|drift-against=ftp://bob:MARK@h/x"
            })
    void noCommandLineShowsASecretInGoodOrInBadForm(String line) {
        var args = new ArrayList<>(List.of(line.replace("MARK", MARK).split("\\|")));
        args.add("--dry-run");
        args.add("--debug");
        run(args.toArray(String[]::new));
        assertThat(printed()).isNotEmpty().doesNotContain(MARK);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ingest { spark { options { password = \"MARK\"\n",
                "ingest { spark { options { password = MARK } } x\n",
                "ingest { password = ${MARK",
                "ingest.spark.options { x = 'MARK' : }",
                "password = \"a\" MARK\" \n{{",
                "x = ftp://bob:MARK@h/x"
            })
    void aConfigurationThatCannotBeReadIsNotQuoted(String conf) throws IOException {
        assertThat(run("ingest", "--conf", file(conf.replace("MARK", MARK)), "--dry-run", "--debug"))
                .isEqualTo(2);
        assertThat(printed()).doesNotContain(MARK);
    }

    @Test
    void whatFailsInOtherLibrariesShowsNoSecret() throws IOException {
        var source = """
                ingest {
                  format = spark, dataset = d
                  spark { format = jdbc, options { password = "%s", dbtable = log, url = "jdbc:nothing://127.0.0.1:1/x;password=%s" } }
                  columns { observation = [a], action-index = b, episode-id = c, step = d, reward = 0 }
                  action-space { type = discrete, count = 2 }
                }
                """.formatted(MARK, MARK);
        var out = directory.resolve("out").toString();
        run("ingest", "--conf", file(source), "--out", out, "--debug");
        assertThat(printed()).contains("Cannot read jdbc").doesNotContain(MARK);

        for (var address : List.of(
                "ftp://bob:" + MARK + "@127.0.0.1:1/x",
                "nothing://bob:" + MARK + "@h/x",
                "ftp://bob:" + MARK + "^ @h/x")) {
            run("stats", "--out", address, "--debug");
            assertThat(printed()).isNotEmpty().doesNotContain(MARK);
            run(
                    "ingest",
                    "--out",
                    out,
                    "--debug",
                    "--set",
                    "format=csv",
                    "--set",
                    "dataset=d",
                    "--set",
                    "input=" + address,
                    "--set",
                    "columns { observation = [a] }".replace(" {", "={"),
                    "--set",
                    "action-space={type = discrete, count = 2}");
            assertThat(printed()).isNotEmpty().doesNotContain(MARK);
        }
        assertNothingWritten();
    }

    @Test
    void whatIsWrittenHoldsNoSecret() throws IOException {
        var log =
                Files.writeString(directory.resolve("log.csv"), "e,s,a,o,r\n1,0,0,0.5,1\n1,1,1,0.25,2\n1,2,0,0.75,3\n");
        var conf = """
                stages = [ingest, stats, report]
                gymnasium { secret-kwargs { api_token = "%1$s" } }
                environment = "gymnasium:CartPole-v1"
                ingest {
                  format = spark, dataset = d, input = ["%2$s"]
                  spark { format = csv, options { header = true, inferSchema = true, password = "%1$s", url = "http://u:%1$s@h" } }
                  columns { observation = [o], action-index = a, episode-id = e, step = s, reward = r }
                  action-space { type = discrete, count = 2 }
                }
                """.formatted(MARK, log);
        assertThat(run(
                        "pipeline",
                        "--conf",
                        file(conf),
                        "--out",
                        directory.resolve("out").toString(),
                        "--debug"))
                .as(printed())
                .isZero();
        assertThat(printed()).doesNotContain(MARK);
        Files.delete(directory.resolve("test.conf"));
        assertNothingWritten();

        // Another password is no other request.
        assertThat(run(
                        "ingest",
                        "--conf",
                        file(conf.replace(MARK, "an0therPassword")),
                        "--out",
                        directory.resolve("out").toString()))
                .isZero();
        assertThat(printed()).contains("is there already").doesNotContain("an0therPassword");
    }

    private void assertNothingWritten() throws IOException {
        try (var files = Files.walk(directory)) {
            var written = files.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().equals("test.conf"))
                    .toList();
            assertSoftly(softly -> {
                for (var file : written) {
                    softly.assertThat(text(file)).as(file.toString()).doesNotContain(MARK);
                }
            });
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Every setting that may be text, by its path without names. */
    private static Map<String, Text> texts() {
        var texts = new TreeMap<String, Text>();
        addTexts(RootConfig.class, "", "", "", texts);
        for (var job : Jobs.ALL) {
            addTexts(job.type(), job.name(), "\"" + job.name() + "\" { ", " }", texts);
        }
        return texts;
    }

    private static void addTexts(Class<?> type, String path, String before, String after, Map<String, Text> texts) {
        for (var component : type.getRecordComponents()) {
            var key = Settings.kebab(component.getName());
            addText(
                    component.getGenericType(),
                    path.isEmpty() ? key : path + "." + key,
                    before + key + " = ",
                    after,
                    texts);
        }
    }

    private static void addText(Type type, String path, String before, String after, Map<String, Text> texts) {
        if (type instanceof ParameterizedType generic) {
            var arguments = generic.getActualTypeArguments();
            var item = arguments[arguments.length - 1];
            var isMap = generic.getRawType() == Map.class;
            if (item instanceof Class<?> plain && isText(plain)) {
                texts.put(
                        path, new Text(generic, before + (isMap ? "{ password = " : ""), (isMap ? " }" : "") + after));
            } else {
                addSection(item, path, before + (isMap ? "{ n { " : "[{ "), (isMap ? " } }" : " }]") + after, texts);
            }
        } else {
            addSection(type, path, before + "{ ", " }" + after, texts);
            if (type instanceof Class<?> plain && isText(plain)) {
                texts.put(path, new Text(plain, before, after));
            }
        }
    }

    private static void addSection(Type type, String path, String before, String after, Map<String, Text> texts) {
        if (type instanceof Class<?> plain && plain.isRecord() && !isText(plain) && plain != Bound.class) {
            addTexts(plain, path, before, after, texts);
        } else if (type instanceof Class<?> plain && plain.isSealed() && !isText(plain)) {
            for (var permitted : plain.getPermittedSubclasses()) {
                var isCase = permitted.isRecord();
                var name = isCase ? Settings.caseName(permitted.asSubclass(Record.class)) : "";
                addSection(
                        permitted,
                        isCase ? path + "." + name : path,
                        isCase ? before + name + " { " : before,
                        isCase ? " }" + after : after,
                        texts);
            }
        }
    }

    private static boolean isText(Class<?> type) {
        return type == String.class
                || type == ConfigObject.class
                || type == ConfigValue.class
                || Guarded.class.isAssignableFrom(type);
    }

    private int run(String... args) {
        printed.reset();
        var stream = new PrintStream(printed, true, StandardCharsets.UTF_8);
        return Hindcast.run(Jobs.ALL, stream, stream, args);
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private String file(String hocon) throws IOException {
        return Files.writeString(directory.resolve("test.conf"), hocon).toString();
    }
}
