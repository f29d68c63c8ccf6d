package io.hindcast.learn;

final class BehaviourCloningTest extends LearnerContract {
    @Override
    String learner() {
        return "behaviour-cloning";
    }

    @Override
    String settings() {
        return "actor { hidden-layers = [16], learning-rate = 1e-2 }";
    }

    @Override
    boolean learnsFromRewards() {
        return false;
    }

    @Override
    String[] metrics(Kind kind) {
        return new String[] {"policy/loss", "policy/gradient-norm", "policy/entropy", "log-probability/mean"};
    }
}
