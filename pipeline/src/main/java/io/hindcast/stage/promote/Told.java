package io.hindcast.stage.promote;

import io.hindcast.promote.Candidate;
import io.hindcast.promote.PolicyVersion;
import java.util.List;
import java.util.Optional;

/** What a table says of candidates. */
interface Told {
    /**
     * Those that must agree.
     *
     * @throws io.hindcast.config.UserException if there are too few
     */
    List<String> estimators();

    /** Why nobody may be promoted by it, in words; empty if somebody may. */
    Optional<String> objection(Optional<PolicyVersion> champion);

    /**
     * All policies that may become champion but the one that is.
     *
     * @throws io.hindcast.config.UserException if one that is named is not there
     */
    List<Candidate> candidates(Optional<PolicyVersion> champion, Origins origins);

    /** With what candidates are compared, in words. */
    String reference(Optional<PolicyVersion> champion);
}
