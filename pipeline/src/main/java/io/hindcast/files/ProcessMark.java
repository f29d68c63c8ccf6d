package io.hindcast.files;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Names for files and directories that are being written. A name says which process writes, so that another process on
 * the same machine can recognise what a killed process left behind.
 *
 * @param prefix what all of them begin with
 * @param host the machine
 * @param pid the process
 * @param start when the process started, milliseconds since 1970: numbers of processes are used again
 */
public record ProcessMark(String prefix, String host, long pid, long start) {
    private static final Duration STALE = Duration.ofDays(1);
    private static final Pattern NAME = Pattern.compile("([0-9a-zA-Z_.]+)-([0-9]+)-([0-9]+)-[0-9a-f]{32}");

    /** Names of this process. */
    public static ProcessMark ofThisProcess(String prefix) {
        var process = ProcessHandle.current();
        return new ProcessMark(prefix, hostName(), process.pid(), start(process));
    }

    /** A new name; no two are alike. */
    public String name() {
        return prefix + host + "-" + pid + "-" + start + "-"
                + UUID.randomUUID().toString().replace("-", "");
    }

    /** Whether a process of this machine made {@code name} and is no more. */
    public boolean isOrphan(String name) {
        if (!name.startsWith(prefix)) {
            return false;
        }
        var matcher = NAME.matcher(name.substring(prefix.length()));
        if (!matcher.matches() || !matcher.group(1).equals(host)) {
            return false;
        }
        var process = ProcessHandle.of(Long.parseLong(matcher.group(2)));
        return process.isEmpty() || start(process.get()) != Long.parseLong(matcher.group(3));
    }

    /**
     * Whether nobody goes on writing {@code name}: its process is no more, or, where that cannot be told, it is a day old.
     *
     * @param modified when it was last written, milliseconds since 1970
     */
    public boolean isLeft(String name, long modified) {
        return name.startsWith(prefix)
                && (isOfThisMachine(name) ? isOrphan(name) : modified < System.currentTimeMillis() - STALE.toMillis());
    }

    /** Whether a process of this machine made {@code name}. */
    boolean isOfThisMachine(String name) {
        var matcher = NAME.matcher(name.substring(prefix.length()));
        return matcher.matches() && matcher.group(1).equals(host);
    }

    /** The process that made {@code name}, in words. */
    String owner(String name) {
        var matcher = NAME.matcher(name.substring(prefix.length()));
        return matcher.matches() ? "process " + matcher.group(2) + " on " + matcher.group(1) : "another process";
    }

    private static long start(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName().replaceAll("[^0-9a-zA-Z_.]", "_");
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }
}
