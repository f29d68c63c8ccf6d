package io.hindcast.collect;

import io.hindcast.data.Transition;
import io.hindcast.env.Fault;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An episode is left out because the environment gave an invalid answer. The next one can be asked for. */
public final class BrokenEpisode extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String id;
    private final String source;
    private final transient List<Transition> sound;
    private final transient @Nullable Transition broken;
    private final Fault fault;

    /**
     * @param id the episode's identifier
     * @param source where it was collected
     * @param sound its transitions before, in order
     * @param broken the one that is none, as the environment told it; null if the first observation was none
     */
    BrokenEpisode(String id, String source, List<Transition> sound, @Nullable Transition broken, Fault fault) {
        super("Cannot go on with episode " + id + ": in step " + sound.size() + " " + fault.detail());
        this.id = id;
        this.source = source;
        this.sound = List.copyOf(sound);
        this.broken = broken;
        this.fault = fault;
    }

    /** The episode's identifier. */
    public String id() {
        return id;
    }

    /** Where it was collected. */
    public String source() {
        return source;
    }

    /** Its transitions before, in order. */
    public List<Transition> sound() {
        return sound;
    }

    /** The one that is none, as the environment told it; null if the first observation was none. */
    public @Nullable Transition broken() {
        return broken;
    }

    /** What the environment said. */
    public Fault fault() {
        return fault;
    }
}
