package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.config.Secrets;
import java.io.StringWriter;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.WriterAppender;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LogsWithoutSecretsTest {
    @Test
    void messagesAndTracesOfAnyLibraryAreWrittenWithoutSecrets() {
        var written = new StringWriter();
        var layout =
                PatternLayout.newBuilder().withPattern("%-5p %c{1}: %m%n%ex").build();
        var appender = WriterAppender.createAppender(layout, null, written, "written-by-a-test", false, true);
        appender.start();
        var context = (LoggerContext) LogManager.getContext(false);
        var root = context.getConfiguration().getRootLogger();
        root.addAppender(appender, null, null);
        var secrets = new Secrets();
        secrets.learn("S3CRETmark");
        try {
            LogsWithoutSecrets.install(secrets);
            LogsWithoutSecrets.install(secrets);
            var log = LoggerFactory.getLogger("some.Library");
            log.error("lost {}", "ftp://bob:other@h/x", new IllegalStateException("it was S3CRETmark"));
            log.error("plain", new IllegalStateException("nothing"));
        } finally {
            root.removeAppender("without-secrets-written-by-a-test");
            context.updateLoggers();
        }
        assertThat(written.toString())
                .startsWith("ERROR Library: lost ftp://bob:***@h/x")
                .contains("java.lang.IllegalStateException: it was ***", "\tat ", "ERROR Library: plain", ": nothing")
                .doesNotContain("S3CRETmark", "other");
        assertThat(written.toString().split("ERROR", -1)).hasSize(3);
    }
}
