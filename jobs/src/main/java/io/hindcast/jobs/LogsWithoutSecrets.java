package io.hindcast.jobs;

import io.hindcast.config.Secrets;
import java.util.List;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.rewrite.RewriteAppender;
import org.apache.logging.log4j.core.appender.rewrite.RewritePolicy;
import org.apache.logging.log4j.core.config.AppenderRef;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.message.SimpleMessage;

/** Hides secrets in what this process logs, wherever its logging is configured to write that. */
final class LogsWithoutSecrets {
    private static final String NAME = "without-secrets-";

    private static volatile Secrets secrets = new Secrets();

    private LogsWithoutSecrets() {}

    /** From now on {@code secrets} are hidden; a later call replaces them. */
    static void install(Secrets secrets) {
        LogsWithoutSecrets.secrets = secrets;
        if (!(LogManager.getContext(false) instanceof LoggerContext context)) {
            return; // another library logs
        }
        var configuration = context.getConfiguration();
        for (var logger : configuration.getLoggers().values()) {
            for (var appender : List.copyOf(logger.getAppenders().values())) {
                var name = appender.getName();
                if (name.startsWith(NAME)) {
                    continue;
                }
                var reference = logger.getAppenderRefs().stream()
                        .filter(one -> one.getRef().equals(name))
                        .findFirst()
                        .orElseGet(() -> AppenderRef.createAppenderRef(name, null, null));
                configuration.addAppender(appender);
                var hiding = RewriteAppender.createAppender(
                        NAME + name,
                        null,
                        new AppenderRef[] {reference},
                        configuration,
                        (RewritePolicy) LogsWithoutSecrets::hide,
                        null);
                hiding.start();
                logger.removeAppender(name);
                logger.addAppender(hiding, null, null);
            }
        }
        context.updateLoggers();
    }

    /** What is hidden. */
    static Secrets secrets() {
        return secrets;
    }

    private static LogEvent hide(LogEvent event) {
        var text = event.getMessage().getFormattedMessage();
        var thrown = event.getThrown();
        var trace = thrown == null ? "" : System.lineSeparator() + ExceptionUtils.getStackTrace(thrown);
        var hidden = secrets.hide(text + trace);
        return hidden.equals(text + trace)
                ? event
                : new Log4jLogEvent.Builder(event)
                        .setMessage(new SimpleMessage(hidden))
                        .setThrown(null)
                        .build();
    }
}
