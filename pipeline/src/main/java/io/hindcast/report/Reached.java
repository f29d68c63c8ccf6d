package io.hindcast.report;

/** Whether a target was reached, by the mean over seeds. */
enum Reached {
    FINAL("final", "reached"),
    BEST("best", "reached at best"),
    NEVER("never", "not reached");

    private final String key;
    private final String words;

    Reached(String key, String words) {
        this.key = key;
        this.words = words;
    }

    /** Its name in results.json. */
    String key() {
        return key;
    }

    String words() {
        return words;
    }

    /** How {@code result} fares against the target of {@code published}, which has one; what was not measured reaches none. */
    static Reached of(Published published, Result result) {
        var target = published.reach();
        var summary = result.summary(published.figure());
        if (target == null || summary.isEmpty()) {
            return NEVER;
        }
        if (summary.get().finals().mean() >= target) {
            return FINAL;
        }
        return summary.get().bests().mean() >= target ? BEST : NEVER;
    }
}
