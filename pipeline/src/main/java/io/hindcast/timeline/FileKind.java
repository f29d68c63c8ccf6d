package io.hindcast.timeline;

import java.io.Serializable;

/** The kind of the files that rows come from, as far as it decides which rows are an episode and what that is called. */
public interface FileKind extends Serializable {
    /** A file's name without the kind's ending: {@code bts-men.csv.gz} is {@code bts-men}. */
    String stem(String name);

    /** Whether its rows lie in an order that means something. */
    boolean ordersRows();
}
