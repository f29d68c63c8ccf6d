package io.hindcast.stage.ingest;

import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** Names in Java's form, converted only when one is not that of the row before. */
final class TextCache {
    private @Nullable String text;
    private @Nullable UTF8String bytes;
    /** The object that was given last: of a whole batch of rows there may be one. */
    private @Nullable UTF8String given;

    @SuppressWarnings("ReferenceEquality") // the quick way first
    String text(UTF8String name) {
        if (text != null && name == given) {
            return text;
        }
        given = name;
        if (text == null || !name.equals(bytes)) {
            text = name.toString();
            bytes = UTF8String.fromString(text);
        }
        return text;
    }
}
