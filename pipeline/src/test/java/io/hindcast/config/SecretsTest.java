package io.hindcast.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    private static final Set<String> GUARDED = Set.of("options", "secret-kwargs");

    private final Secrets secrets = new Secrets();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ftp://bob:pw@h/x | ftp://bob:***@h/x",
                "Cannot read ftp://bob:p@w@h/x: no | Cannot read ftp://bob:***@h/x: no",
                "ftp://bob:p%40w@h:21/x | ftp://bob:***@h:21/x",
                "ftp://bob:p/w@h/x | ftp://bob:***@h/x",
                "s3a://KEY:a/b+c@bucket/x | s3a://KEY:***@bucket/x",
                "http://pw@h/x | http://***@h/x",
                "pkg @ git+https://pw@h/x.git | pkg @ git+https://***@h/x.git",
                "http://:pw@h | http://:***@h",
                "http://u:p^w@h_h:5 | http://u:***@h_h:5",
                "a ftp://a:b@h/x,ftp://c:d@h/y | a ftp://a:***@h/x,ftp://c:***@h/y",
                "//u:pw@h/x | //u:***@h/x",
                "http://h/x?token=pw&a=1 | http://h/x?token=***&a=1",
                "http://h/x?a=1&sig=p%20w | http://h/x?a=1&sig=***",
                "http://h/x#access_token=pw | http://h/x#access_token=***",
                "http://h/x?key=pw | http://h/x?key=***",
                "jdbc:derby://h/x;password=pw;create=true | jdbc:derby://h/x;password=***;create=true",
                "jdbc:sqlserver://h;password={p;w};x=1 | jdbc:sqlserver://h;password=***;x=1",
                "jdbc:postgresql://h/db?user=u&password=pw | jdbc:postgresql://h/db?user=u&password=***",
                "jdbc:oracle:thin:scott/pw@h:1521:x | jdbc:oracle:thin:scott/***@h:1521:x",
                "fs.s3a.secret.key=pw | fs.s3a.secret.key=***",
                "{user=sa, password=pw, ssl=true} | {user=sa, password=***, ssl=true}",
                "password=\"p w\" x | password=*** x",
            })
    void aSecretIsKnownByItsForm(String text, String hidden) {
        assertThat(Secrets.hideByForm(text)).isEqualTo(hidden);
        assertThat(Secrets.hideByForm(hidden)).isEqualTo(hidden);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hdfs://name:8020/user/me@here/x",
                "abfss://container@account.dfs.core.windows.net/x",
                "hdfs://me@name/x",
                "file:///a//b@c/x",
                "/data//me:you@there",
                "http://[::1]:80/x@y",
                "http://localhost:5000/#/experiments/1",
                "12:30:05 mail me@example.org // or you@example.org",
                "Cannot use key 'tokens': a token is = what it is; key = value",
                "/logs/?.csv",
                "a=b&c=d",
                "s3a://bucket/x=1/day=2026-11-29"
            })
    void whatHoldsNoSecretStaysAsItIs(String text) {
        assertThat(Secrets.hideByForm(text)).isEqualTo(text);
        assertThat(new Address(text)).hasToString(text);
        secrets.learnWithin(text);
        assertThat(secrets.hide(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "http://u:S3CRET ML@h:5, http://u:***@h:5",
        "http://u:S3/CR@ET/x@h:5/y, http://u:***@h:5/y",
        "ftp://bob:1/2@h/x, ftp://bob:1/2@h/x", // a port, as far as anybody can tell
        "ftp://bob:S3CRET\"'<>@h/x, ftp://bob:***@h/x"
    })
    void anAddressHidesAPasswordOfAnyCharacters(String address, String hidden) {
        assertThat(new Address(address)).hasToString(hidden);
        assertThat(new Address(address).reveal()).isEqualTo(address);
    }

    @Test
    void aSecretIsHiddenHoweverItIsQuoted() {
        secrets.learn("S3\"C@R/E T\nsecond line");
        assertThat(secrets.hide("it was S3\"C@R/E T")).isEqualTo("it was ***");
        assertThat(secrets.hide("it was S3\"C@R/E T second line.")).isEqualTo("it was ***.");
        assertThat(secrets.hide("S3%22C%40R%2FE+T")).isEqualTo("***");
        assertThat(secrets.hide("S3%22C%40R%2FE%20T")).isEqualTo("***");
        assertThat(secrets.hide("\"S3\\\"C@R/E T\"")).isEqualTo("\"***\"");
        assertThat(secrets.hide("<b>S3&quot;C@R/E T</b>")).isEqualTo("<b>***</b>");
        assertThat(secrets.hide("and second line")).isEqualTo("and ***");
    }

    @Test
    void aSecretIsHiddenAsPythonAndJsonEscapeIt() {
        secrets.learn("S3'C\"R\\Eä");
        // repr(), json.dumps() and what an exception makes of two arguments
        assertThat(secrets.hide("no 'S3\\'C\"R\\\\Eä' here")).isEqualTo("no '***' here");
        assertThat(secrets.hide("{\"t\": \"S3'C\\\"R\\\\E\\u00e4\"}")).isEqualTo("{\"t\": \"***\"}");
        assertThat(secrets.hide("no S3'C\"R\\\\Eä")).isEqualTo("no ***");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "u:", "me:", "bob:", "user1:"})
    void aSecretIsHiddenInTheHeaderThatCarriesIt(String user) {
        secrets.learn("S3CRETPW?>9");
        var plain = (user + "S3CRETPW?>9").getBytes(StandardCharsets.UTF_8);
        for (var encoder : List.of(
                Base64.getEncoder(), Base64.getUrlEncoder(), Base64.getEncoder().withoutPadding())) {
            var hidden = secrets.hide("Authorization: Basic " + encoder.encodeToString(plain));
            assertThat(hidden)
                    .startsWith("Authorization: Basic ")
                    .contains("***")
                    .hasSizeLessThan(40);
        }
        assertThat(secrets.hide(
                        "Basic " + Base64.getEncoder().encodeToString("bob:another".getBytes(StandardCharsets.UTF_8))))
                .doesNotContain("***");
    }

    @Test
    void shortSecretsAndOrdinaryWordsAreNotLookedFor() {
        List.of("a", "abc", "true", "null", "  ").forEach(secrets::learn);
        assertThat(secrets.hide("abc a true null")).isEqualTo("abc a true null");
        secrets.learn("test");
        assertThat(secrets.hide("the latest test, test1 of test")).isEqualTo("the latest ***, test1 of ***");
        secrets.learn("testtest");
        assertThat(secrets.hide("xtesttestx")).isEqualTo("x***x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--set|ingest.spark.options.password=S3CRETPW",
                "--set=ingest.spark.options.password=S3CRETPW",
                "--sett=ingest.spark.options.password=S3CRETPW",
                "--set|password S3CRETPW",
                "--set|password:S3CRETPW",
                "--set|password|S3CRETPW",
                "--set|password=|S3CRETPW",
                "--set|password|=|S3CRETPW",
                "--set|spark.options.user=S3CRETPW",
                "--set|password={ x = [ S3CRETPW",
                "--set|gymnasium.secret-kwargs={ x = S3CRETPW",
                "--spark|spark.hadoop.fs.s3a.secret.key S3CRETPW",
                "ingest|--set|key=S3CRETPW",
                "predict|--set|spark.options.key=S3CRETPW",
                "--out|ftp://bob:S3CRETPW@h/x",
                "--set|input=[\"ftp://bob:S3CRETPW@h/x\"]",
                "--set|mlflow.tracking-uri=http://h?token=S3CRETPW"
            })
    void argumentsAreLearnedInGoodAndInBadForm(String arguments) {
        secrets.learnArguments(List.of(arguments.split("\\|")), GUARDED);
        assertThat(secrets.hide("it says S3CRETPW and --set --out ingest spark"))
                .isEqualTo("it says *** and --set --out ingest spark");
    }

    @Test
    void argumentsThatNameNoSecretAreNotLearned() {
        secrets.learnArguments(
                List.of(
                        "ingest",
                        "--conf",
                        "my-secret.conf",
                        "--out",
                        "/data/token",
                        "--set",
                        "title=How the token works"),
                GUARDED);
        assertThat(secrets.hide("ingest --conf my-secret.conf --out /data/token works"))
                .isEqualTo("ingest --conf my-secret.conf --out /data/token works");
    }

    @ParameterizedTest
    @ValueSource(strings = {"predict|--set|key=visitor", "predict|--set=columns.missing-key=visitor"})
    void whatNamesAColumnIsNoSecretAlsoWithoutTheNameOfItsJob(String arguments) {
        secrets.learnArguments(List.of(arguments.split("\\|")), GUARDED);
        assertThat(secrets.hide("there is no column visitor")).isEqualTo("there is no column visitor");
    }

    @Test
    void aConfigurationIsLearnedByTheNamesOfItsKeys() {
        var config = ConfigFactory.parseString("""
                ingest.spark.options { password = 00771234, dbtable = transitions, x = S3CRETX1, driver = org.postgresql.Driver
                  url = "jdbc:derby://h/x;password=S3CRETURL", header = true }
                gymnasium.kwargs { api_token = S3CRETKW, list = [{ pwd = S3CRETIN }] }
                report.title = title
                input = ["ftp://bob:S3CRETFTP@h/x"]
                """);
        secrets.learnConfiguration(config.root(), GUARDED);
        assertThat(secrets.hide("00771234 S3CRETX1 S3CRETURL S3CRETKW S3CRETIN S3CRETFTP"))
                .isEqualTo("*** *** *** *** *** ***");
        assertThat(secrets.hide("transitions org.postgresql.Driver true title"))
                .isEqualTo("transitions org.postgresql.Driver true title");
    }

    @Test
    void columnsThatAreKeysOfRowsAreNoSecrets() {
        var config = ConfigFactory.parseString(
                "predict { key = [visitor_number] }, ingest.spark.options.key = hidden_number");
        secrets.learnConfiguration(config.root(), GUARDED);
        assertThat(secrets.hide("no column visitor_number, hidden_number")).isEqualTo("no column visitor_number, ***");
    }

    @Test
    void aVariableIsLearnedByItsName() {
        Map.of(
                        "MLFLOW_TRACKING_PASSWORD", "S3CRETML",
                        "AWS_SECRET_ACCESS_KEY", "S3CRETAWS",
                        "TOKENIZERS_PARALLELISM", "whatever1",
                        "SECRETS_DIR", "somewhere",
                        "DB_PASSWORD", "short",
                        "TOKEN", "/run/secrets/token",
                        "HTTPS_PROXY", "http://me:S3CRETPROXY@proxy:3128")
                .forEach(secrets::learnVariable);
        assertThat(secrets.hide("S3CRETML S3CRETAWS S3CRETPROXY")).isEqualTo("*** *** ***");
        assertThat(secrets.hide("whatever1 somewhere short /run/secrets/token"))
                .isEqualTo("whatever1 somewhere short /run/secrets/token");
    }

    @Test
    void aLongLineIsReadInOneGo() {
        secrets.learn("S3CRETPW");
        for (var part : List.of("a", "//a:", "password", "key=", "//", "jdbc:oracle:a:", "@", "'", "{")) {
            assertThat(secrets.hide(part.repeat(50_000) + " S3CRETPW")).endsWith(" ***");
        }
    }

    @Test
    void onlyTheUserOfAPathIsHidden() {
        assertThat(Secrets.hideUser("file:/logs/token=a/part-0.csv")).isEqualTo("file:/logs/token=a/part-0.csv");
        assertThat(Secrets.hideUser("ftp://me:S3CRET@host/logs/token=a")).isEqualTo("ftp://me:***@host/logs/token=a");
    }
}
