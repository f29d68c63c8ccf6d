package io.hindcast.timeline;

import java.io.Serializable;

/** The kind of file that rows come from, as far as it decides which rows form an episode and the episode's name. */
public interface FileKind extends Serializable {
    /** A file's name without the kind's ending: {@code bts-men.csv.gz} is {@code bts-men}. */
    String stem(String name);

    /** Whether its rows lie in an order that means something. */
    boolean ordersRows();
}
