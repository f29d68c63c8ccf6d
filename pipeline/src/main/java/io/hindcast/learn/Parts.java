package io.hindcast.learn;

import io.hindcast.net.Adam;
import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.Critics;
import io.hindcast.net.Mlp;
import io.hindcast.net.Network;
import io.hindcast.net.Policy;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a learner is made of: networks, and what trains them, by the names that checkpoints have. */
public final class Parts {
    private final Map<String, Network> networks = new LinkedHashMap<>();
    private final Map<String, Adam> optimisers = new LinkedHashMap<>();
    private @Nullable Policy policy;
    private @Nullable CriticEnsemble critics;
    private @Nullable Mlp value;

    /** Critics with their targets and their optimiser. */
    Parts critics(Critics all) {
        all.nameIn(networks, optimisers);
        critics = all.online();
        return this;
    }

    /** The policy, a network of its own. */
    Parts actor(Policy network, Adam optimiser) {
        return policy(network).add("actor", network, optimiser);
    }

    /** The policy, made of networks that are parts already. */
    Parts policy(Policy made) {
        policy = made;
        return this;
    }

    /** What states are worth. */
    Parts value(Mlp network, Adam optimiser) {
        value = network;
        return add("value", network, optimiser);
    }

    Parts add(String name, Network network, Adam optimiser) {
        return add(name, network).trained(name, optimiser);
    }

    Parts add(String name, Network network) {
        networks.put(name, network);
        return this;
    }

    Parts trained(String name, Adam optimiser) {
        optimisers.put(name, optimiser);
        return this;
    }

    /** One step of every optimiser. */
    void step() {
        optimisers.values().forEach(Adam::step);
    }

    /** See {@link Learner#networks}. */
    Map<String, Network> networks() {
        return Collections.unmodifiableMap(networks);
    }

    /** See {@link Learner#optimisers}. */
    Map<String, Adam> optimisers() {
        return Collections.unmodifiableMap(optimisers);
    }

    Policy policy() {
        return Objects.requireNonNull(policy);
    }

    CriticEnsemble critics() {
        return Objects.requireNonNull(critics);
    }

    Optional<Mlp> value() {
        return Optional.ofNullable(value);
    }
}
