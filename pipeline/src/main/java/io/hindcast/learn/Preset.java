package io.hindcast.learn;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The settings behind a published table or a course's assignment, complete: no setting is left to a default, so a
 * preset stays the same when defaults change. A training run names one and may change it key by key.
 *
 * <p>What the numbers are from, by the beginning of the name:
 *
 * <ul>
 *   <li>{@code cs224r-hw3}: Stanford's CS224R, Spring 2026, homework 3, as in rishic3/cs224r-hw3.
 *   <li>{@code cs224r-hw2}: the same course's homework 2, as in yj8907/cs224r-rl, hw2/cfgs/off_policy_config.yaml.
 *   <li>{@code cs285-hw5}: Berkeley's CS285, Fall 2023, homework 5, berkeleydeeprlcourse/homework_fall2023 at f401a13: each
 *       file of hw5/experiments with its defaults of hw5/cs285/env_configs. Those of {@code exploration} are left out: random
 *       acting and random network distillation collect data, which {@code train} does not.
 *   <li>{@code iql-paper}: Kostrikov, Nair and Levine 2022, ikostrikov/implicit_q_learning at 09d7002.
 *   <li>{@code corl-antmaze}: tinkoff-ai/CORL, configs/offline/LEARNER/antmaze and algorithms/offline, which are one for all
 *       its AntMaze data sets unless the name says one.
 *   <li>{@code fujimoto-bcq}: sfujim/BCQ at 4876f7e, discrete_BCQ/main.py and discrete_BCQ.py.
 *   <li>{@code rlox-awr}: riserally/rlox, python/rlox/algorithms/awr.py at 258fc35 and docs/algorithms/awr.md. It learns while it acts.
 * </ul>
 *
 * @param name as conf files and {@code --preset} say it
 * @param source where the numbers are from
 * @param learner the learner's name, see {@link LearnerConfig#LEARNERS}
 * @param updates how many updates
 * @param batchSize rows of a batch
 * @param nStep steps whose rewards a target sums up before it bootstraps
 * @param settings every setting of the learner
 * @param differs what the source does and these settings cannot say, in a sentence fragment
 */
public record Preset(
        String name,
        String source,
        String learner,
        long updates,
        int batchSize,
        int nStep,
        ConfigObject settings,
        String differs) {

    /**
     * What all these sources leave as PyTorch (or Optax) has it: weights and biases from U(±1/sqrt(inputs)), Adam's constants,
     * a constant learning rate, gradients of any size; no layer normalisation, no dropout and no weight decay.
     */
    private static final String AS_PYTORCH = """
            layer-norm = false, layer-norm-epsilon = 1e-5, dropout = 0, initialisation = uniform, schedule = constant
            max-gradient-norm = null, adam-beta1 = 0.9, adam-beta2 = 0.999, adam-epsilon = 1e-8
            layer-norm-place = before, hidden-bias = null, last-layer-bound = null, weight-decay = 0
            """;

    /** Implicit Q-learning's policy as in its paper; coefficient and standard deviation have no effect. */
    private static final String AWR = "extraction = awr, bc-coefficient = 1, std = 1";

    // CS224R, homework 3: run_algo.py, utils.py, MLP_policy.py, iql_critic.py.
    // The clip of 10 is over both critics together.
    private static final String HW3_ACTOR = network("hidden-layers = [512, 512, 512, 512], activation = tanh,"
            + " learning-rate = 1e-4, schedule = cosine, max-gradient-norm = 10");
    private static final String HW3_ANTMAZE_CRITIC =
            network("hidden-layers = [256, 256], activation = relu, learning-rate = 3e-4, max-gradient-norm = 10");
    private static final String HW3_POINTMASS_CRITIC =
            network("hidden-layers = [64, 64], activation = relu, learning-rate = 1e-3, max-gradient-norm = 10");
    private static final String HW3_LOG_STD = "log-std-min = -5, log-std-max = 2\n";
    private static final String HW3_WEIGHTED = """
            temperature = 0.1, max-weight = 50, critics = 2, target-rate = 0.005, target-period = 1
            """ + HW3_LOG_STD + "actor = " + HW3_ACTOR;
    private static final String HW3_ANTMAZE = HW3_WEIGHTED + "\ndiscount = 0.99, critic = " + HW3_ANTMAZE_CRITIC;
    private static final String HW3_POINTMASS = HW3_WEIGHTED + "\ndiscount = 0.95, critic = " + HW3_POINTMASS_CRITIC;
    private static final String HW3_CLONING = HW3_LOG_STD + "actor = " + HW3_ACTOR;
    private static final String HW3_ROWS = "no row stands in a batch twice";
    private static final String HW3_ANTMAZE_DATA =
            HW3_ROWS + "; learns from rewards less 1 and actions clipped to ±(1 - 1e-5), which the data must have";
    private static final String HW3_POINTMASS_DATA =
            HW3_ROWS + "; its data marks time-outs as terminal, for which set truncation-is-terminal = true";
    private static final String HW3_FILTER =
            "; its best tenth of the episodes is a subset: curate.subsets.NAME.top-percent = 10";

    /** Advantage-weighted actor-critic on AntMaze, umaze and medium-diverse. */
    public static final Preset CS224R_HW3_ANTMAZE_AWAC = new Preset(
            "cs224r-hw3-antmaze-awac",
            "CS224R Spring 2026, homework 3, AntMaze",
            "awac",
            300_000,
            256,
            1,
            parse(HW3_ANTMAZE),
            HW3_ANTMAZE_DATA);

    /** Implicit Q-learning on AntMaze, umaze and medium-diverse; the course also asks for expectile 0.2. */
    public static final Preset CS224R_HW3_ANTMAZE_IQL = new Preset(
            "cs224r-hw3-antmaze-iql",
            "CS224R Spring 2026, homework 3, AntMaze",
            "iql",
            300_000,
            256,
            1,
            parse(HW3_ANTMAZE + "\nexpectile = 0.9, order = sequential, " + AWR + ", value = " + HW3_ANTMAZE_CRITIC),
            HW3_ANTMAZE_DATA);

    /** Behaviour cloning on AntMaze; filtered behaviour cloning if its subset is of the best episodes. */
    public static final Preset CS224R_HW3_ANTMAZE_BC = new Preset(
            "cs224r-hw3-antmaze-bc",
            "CS224R Spring 2026, homework 3, AntMaze",
            "behaviour-cloning",
            300_000,
            256,
            1,
            parse(HW3_CLONING),
            HW3_ANTMAZE_DATA + HW3_FILTER);

    /** Advantage-weighted actor-critic on the PointMass mazes. */
    public static final Preset CS224R_HW3_POINTMASS_AWAC = new Preset(
            "cs224r-hw3-pointmass-awac",
            "CS224R Spring 2026, homework 3, PointMass",
            "awac",
            50_000,
            256,
            1,
            parse(HW3_POINTMASS),
            HW3_POINTMASS_DATA + "; takes both expectations over the policy of one sample");

    /** Implicit Q-learning on the PointMass mazes: the course's stitching task. */
    public static final Preset CS224R_HW3_POINTMASS_IQL = new Preset(
            "cs224r-hw3-pointmass-iql",
            "CS224R Spring 2026, homework 3, PointMass",
            "iql",
            50_000,
            256,
            1,
            parse(HW3_POINTMASS + "\nexpectile = 0.9, order = sequential, " + AWR + ", value = "
                    + HW3_POINTMASS_CRITIC),
            HW3_POINTMASS_DATA);

    /** Behaviour cloning on the PointMass mazes; filtered behaviour cloning if its subset is of the best episodes. */
    public static final Preset CS224R_HW3_POINTMASS_BC = new Preset(
            "cs224r-hw3-pointmass-bc",
            "CS224R Spring 2026, homework 3, PointMass",
            "behaviour-cloning",
            50_000,
            256,
            1,
            parse(HW3_CLONING),
            HW3_ROWS + HW3_FILTER);

    // CS224R, homework 2: 300,000 frames are 150,000 steps of the policy (action-repeat 2), each one of the actor and
    // several of the critics, with cloning in every second; 2,000 steps of cloning come first. Our periods count critic
    // steps.
    private static final String HW2 = """
            target-critics = 2, std = 0.1, noise-clip = 0.3, cloning-updates = 2000, discount = 0.99, target-rate = 0.005
            actor = \
            """
            + network(
                    "hidden-layers = [256, 256], activation = relu, learning-rate = 1e-4, initialisation = orthogonal")
            + ", critic = "
            + network(
                    "hidden-layers = [256, 256], activation = relu, learning-rate = 1e-4, initialisation = orthogonal,"
                            + " layer-norm = true");
    private static final String HW2_DIFFERS = "learns while it acts: for that set updates = 2000 and online, as"
            + " conf/paper/hammer-actor-critic.conf does; acts without noise in its first 1,000 steps; draws an"
            + " episode first and then a"
            + " row in it";

    /** The off-policy actor-critic on Meta-World's hammer: 2 critics, 1 critic step for one of the actor. */
    public static final Preset CS224R_HW2_ACTOR_CRITIC = new Preset(
            "cs224r-hw2-actor-critic",
            "CS224R Spring 2026, homework 2, part 3",
            "actor-critic",
            2_000 + 150_000,
            256,
            3,
            parse("critics = 2, update-to-data = 1, actor-delay = 1000, cloning-period = 2, " + HW2),
            HW2_DIFFERS);

    /** The same with 10 critics and 5 critic steps for each step of the actor. */
    public static final Preset CS224R_HW2_ACTOR_CRITIC_ENSEMBLE = new Preset(
            "cs224r-hw2-actor-critic-ensemble",
            "CS224R Spring 2026, homework 2, part 3, ablation",
            "actor-critic",
            2_000 + 5 * 150_000,
            256,
            3,
            parse("critics = 10, update-to-data = 5, actor-delay = 5000, cloning-period = 10, " + HW2),
            HW2_DIFFERS);

    // CS285, homework 5: basic_dqn_config.py and the files on top of it. Its actions are discrete; the bounds of a
    // standard
    // deviation have no effect.
    private static final int HW5_BATCH = 128;
    private static final String HW5_TARGETS = "discount = 0.95, target-rate = 1, target-period = 300\n";
    private static final String HW5_Q = HW5_TARGETS + "double-q = true, critic = "
            + network("hidden-layers = [64, 64], activation = tanh, learning-rate = 1e-3");
    private static final String HW5_ACTOR = "\nlog-std-min = -5, log-std-max = 2, actor = "
            + network("hidden-layers = [128, 128], activation = tanh, learning-rate = 3e-4");
    private static final String HW5_AWAC = HW5_TARGETS + "critics = 1, critic = "
            + network("hidden-layers = [64, 64], activation = tanh, learning-rate = 1e-3") + HW5_ACTOR;
    private static final String HW5_IQL_VALUES =
            network("hidden-layers = [64, 64], activation = tanh, learning-rate = 3e-4");
    private static final String HW5_IQL = HW5_TARGETS + "expectile = 0.99, order = sequential, critics = 1, " + AWR
            + ", critic = " + HW5_IQL_VALUES + ", value = " + HW5_IQL_VALUES + HW5_ACTOR;
    /** The yaml's, and out of reach of any weight: the course has no clamp. */
    private static final String HW5_TEN = "temperature = 10, max-weight = 1e30, ";
    /** The yaml's read as its inverse. A weight may overflow then, so it is clamped, where Kostrikov et al. clamp theirs. */
    private static final String HW5_TENTH = "temperature = 0.1, max-weight = 100, ";

    private static final String HW5_DATA =
            "its data marks time-outs as terminal, for which set truncation-is-terminal = true; copies"
                    + " to targets after updates 1, 301 and so on";
    private static final String HW5_PLAYS = "; plays the critic's best action where evaluate plays the policy";
    private static final String HW5_PLAYS_INVERSE =
            "; plays the critic's best action where evaluate plays the policy; temperature 10, of which this is the"
                    + " inverse, since a policy divided by it is nearly a copy of the data; clamps no weight";
    private static final String HW5_ORDER = "; critics go first; the value function has a target, too";

    /** Double deep Q-learning on the small maze. */
    public static final Preset CS285_HW5_POINTMASS_EASY_DQN = dqn("easy", 100_000);

    /** Conservative Q-learning on the small maze. */
    public static final Preset CS285_HW5_POINTMASS_EASY_CQL =
            cql("easy", "offline/pointmass_easy_cql", "", 100_000, 0.1);

    /** Double deep Q-learning on the medium maze. */
    public static final Preset CS285_HW5_POINTMASS_MEDIUM_DQN = dqn("medium", 100_000);

    /** Conservative Q-learning on the medium maze; the course sweeps alpha from 0 to 10. */
    public static final Preset CS285_HW5_POINTMASS_MEDIUM_CQL =
            cql("medium", "offline/pointmass_medium_cql", "", 100_000, 0.1);

    /** Implicit Q-learning on the medium maze. */
    public static final Preset CS285_HW5_POINTMASS_MEDIUM_IQL =
            hw5("medium-iql", "offline/pointmass_medium_iql", "iql", 200_000, HW5_TEN + HW5_IQL, HW5_PLAYS + HW5_ORDER);

    /** The same at a temperature at which the policy learns something. */
    public static final Preset CS285_HW5_POINTMASS_MEDIUM_IQL_INVERSE_TEMPERATURE = hw5(
            "medium-iql-inverse-temperature",
            "offline/pointmass_medium_iql",
            "iql",
            200_000,
            HW5_TENTH + HW5_IQL,
            HW5_PLAYS_INVERSE + HW5_ORDER);

    /** Double deep Q-learning on the hard maze. */
    public static final Preset CS285_HW5_POINTMASS_HARD_DQN = dqn("hard", 200_000);

    /** Conservative Q-learning on the hard maze. */
    public static final Preset CS285_HW5_POINTMASS_HARD_CQL =
            cql("hard", "offline/pointmass_hard_cql", "", 200_000, 0.1);

    /** Advantage-weighted actor-critic on the hard maze. */
    public static final Preset CS285_HW5_POINTMASS_HARD_AWAC =
            hw5("hard-awac", "offline/pointmass_hard_awac", "awac", 200_000, HW5_TEN + HW5_AWAC, HW5_PLAYS);

    /** The same at a temperature at which the policy learns something. */
    public static final Preset CS285_HW5_POINTMASS_HARD_AWAC_INVERSE_TEMPERATURE = hw5(
            "hard-awac-inverse-temperature",
            "offline/pointmass_hard_awac",
            "awac",
            200_000,
            HW5_TENTH + HW5_AWAC,
            HW5_PLAYS_INVERSE);

    /** Implicit Q-learning on the hard maze. */
    public static final Preset CS285_HW5_POINTMASS_HARD_IQL =
            hw5("hard-iql", "offline/pointmass_hard_iql", "iql", 200_000, HW5_TEN + HW5_IQL, HW5_PLAYS + HW5_ORDER);

    /** The same at a temperature at which the policy learns something. */
    public static final Preset CS285_HW5_POINTMASS_HARD_IQL_INVERSE_TEMPERATURE = hw5(
            "hard-iql-inverse-temperature",
            "offline/pointmass_hard_iql",
            "iql",
            200_000,
            HW5_TENTH + HW5_IQL,
            HW5_PLAYS_INVERSE + HW5_ORDER);

    /** The offline half of fine-tuning on the hard maze; the course goes on with 100,000 steps of acting. */
    public static final Preset CS285_HW5_POINTMASS_HARD_CQL_FINETUNE =
            cql("hard", "finetuning/pointmass_hard_cql_finetune, offline half", "-finetune", 100_000, 1);

    // The IQL paper: configs/*_config.py, learner.py, policy.py, common.py, actor.py.
    // Its temperatures multiply: 10 and 3.
    private static final String PAPER = """
            max-weight = 100, discount = 0.99, order = sequential, critics = 2, target-rate = 0.005, target-period = 1
            log-std-min = -5, log-std-max = 2, extraction = awr, bc-coefficient = 1, std = 1, actor = \
            """
            + network(
                    "hidden-layers = [256, 256], activation = relu, learning-rate = 3e-4, initialisation = orthogonal,"
                            + " schedule = cosine")
            + ", critic = " + paperValues() + ", value = " + paperValues();
    private static final String PAPER_DIFFERS =
            "takes the advantage from the target critics; first weights are sqrt(2) times ours; learns from ";

    /** Implicit Q-learning on AntMaze. */
    public static final Preset IQL_PAPER_ANTMAZE = new Preset(
            "iql-paper-antmaze",
            "Kostrikov, Nair and Levine 2022, AntMaze",
            "iql",
            1_000_000,
            256,
            1,
            parse("expectile = 0.9, temperature = 0.1, " + PAPER),
            PAPER_DIFFERS + "rewards less 1 and actions clipped to ±(1 - 1e-5), which the data must have");

    /** Implicit Q-learning on HalfCheetah, Hopper and Walker2d. */
    public static final Preset IQL_PAPER_LOCOMOTION = new Preset(
            "iql-paper-locomotion",
            "Kostrikov, Nair and Levine 2022, locomotion",
            "iql",
            1_000_000,
            256,
            1,
            parse("expectile = 0.7, temperature = " + 1.0 / 3 + ", " + PAPER),
            PAPER_DIFFERS
                    + "rewards times 1000 / (greatest - least return) and actions clipped to ±(1 - 1e-5), which the"
                    + " data must have");

    // CORL: umaze_v2.yaml or umaze_diverse_v2.yaml of each learner, and awac.py, td3_bc.py, and cql.py at 1254f0b.
    private static final String CORL_DATA =
            "learns from rewards less 1 and standardised observations (epsilon 1e-3), which the data must have";

    /** Advantage-weighted actor-critic on AntMaze. */
    public static final Preset CORL_ANTMAZE_AWAC = new Preset(
            "corl-antmaze-awac",
            "CORL, awac/antmaze",
            "awac",
            1_000_000,
            256,
            1,
            parse("""
                    temperature = 0.1, max-weight = 100, discount = 0.99, critics = 2, target-rate = 0.005
                    target-period = 1, log-std-min = -20, log-std-max = 2, actor = \
                    """
                    + network("hidden-layers = [256, 256, 256], activation = relu, learning-rate = 3e-4")
                    + ", critic = "
                    + network("hidden-layers = [256, 256, 256], activation = relu, learning-rate = 3e-4")),
            "the policy's mean is not squashed; actions drawn from it are clipped to the range; " + CORL_DATA);

    /** Conservative Q-learning on AntMaze. Its entropy coefficient is where the source's tuning starts. */
    public static final Preset CORL_ANTMAZE_CQL = new Preset(
            "corl-antmaze-cql",
            "CORL, cql/antmaze",
            "cql-continuous",
            1_000_000,
            256,
            1,
            parse("""
                    alpha = 5, num-actions = 10, entropy-coefficient = 1, discount = 0.99, critics = 2, target-rate = 0.005
                    target-period = 1, log-std-min = -20, log-std-max = 2, actor = \
                    """
                    + network("hidden-layers = [256, 256, 256], activation = relu, learning-rate = 1e-4")
                    + ", critic = "
                    + network("hidden-layers = [256, 256, 256, 256, 256], activation = relu, learning-rate = 3e-4,"
                            + " initialisation = orthogonal")),
            "tunes alpha by a Lagrange multiplier (gap 0.8) and the entropy coefficient to an entropy of minus the"
                    + " dimension; backs up the best of 10 next actions; clips the conservative difference at -200;"
                    + " scales and"
                    + " shifts the log standard deviation, learned; the policy steps first; last layers begin near"
                    + " 0, the"
                    + " critics' others are sqrt(2) times ours; its second critic has 3 hidden layers; learns from"
                    + " 10 reward -"
                    + " 5, which the data must have");

    /** Calibrated conservative Q-learning on AntMaze: the half of fine-tuning that comes before acting. */
    public static final Preset CORL_ANTMAZE_CAL_QL = new Preset(
            "corl-antmaze-cal-ql",
            "CORL, finetune/cal_ql/antmaze",
            "cal-ql",
            1_000_000,
            256,
            1,
            parse("""
                    alpha = 5, num-actions = 10, cut-return = continued, lagrange = true, target-action-gap = 0.8
                    logsumexp-temperature = 1, difference-min = -200, target-entropy = null, discount = 0.99, critics = 2
                    target-rate = 0.005, log-std-min = -20, log-std-max = 2, calibrate-online = false
                    entropy-coefficient { initial = 1, learning-rate = 1e-4, max-gradient-norm = null, adam-beta1 = 0.9
                        adam-beta2 = 0.999, adam-epsilon = 1e-8 }
                    multiplier { initial = 2.718281828459045, learning-rate = 3e-4, max-gradient-norm = null
                        adam-beta1 = 0.9, adam-beta2 = 0.999, adam-epsilon = 1e-8 }
                    actor = \
                    """
                    + network("hidden-layers = [256, 256, 256], activation = relu, learning-rate = 1e-4,"
                            + " initialisation = orthogonal")
                    + ", critic = "
                    + network("hidden-layers = [256, 256, 256, 256, 256], activation = relu, learning-rate = 3e-4,"
                            + " initialisation = orthogonal")),
            "scales and shifts the log standard deviation, learned; first weights are sqrt(2) times ours; learns from"
                    + " 10 reward - 5, which the data must have; then acts, with half of each batch from the dataset: for"
                    + " that set online { dataset-share = 0.5 }");

    /** ReBRAC on AntMaze, medium-diverse. */
    public static final Preset CORL_ANTMAZE_MEDIUM_DIVERSE_REBRAC =
            rebrac("medium-diverse", "medium_diverse", 0.001, 0);

    /** ReBRAC on AntMaze, umaze. */
    public static final Preset CORL_ANTMAZE_UMAZE_REBRAC = rebrac("umaze", "umaze", 0.003, 0.002);

    /** TD3+BC on AntMaze. */
    public static final Preset CORL_ANTMAZE_TD3_BC = new Preset(
            "corl-antmaze-td3-bc",
            "CORL, td3_bc/antmaze",
            "td3-bc",
            1_000_000,
            256,
            1,
            parse("""
                    alpha = 2.5, policy-noise = 0.2, noise-clip = 0.5, policy-delay = 2, discount = 0.99, critics = 2
                    target-rate = 0.005, actor = \
                    """
                    + network("hidden-layers = [256, 256], activation = relu, learning-rate = 3e-4") + ", critic = "
                    + network("hidden-layers = [256, 256], activation = relu, learning-rate = 3e-4")),
            CORL_DATA);

    /** Batch-constrained deep Q-learning as its authors run it where observations are vectors. */
    public static final Preset FUJIMOTO_BCQ = new Preset(
            "fujimoto-bcq",
            "sfujim/BCQ, discrete_BCQ, settings for vectors",
            "bcq-discrete",
            1_000_000,
            64,
            1,
            parse(
                    "threshold = 0.3, logit-penalty = 1e-2, discount = 0.99, target-rate = 0.005, target-period = 1, critic = "
                            + network("hidden-layers = [256, 256], activation = relu, learning-rate = 3e-4")
                            + ", imitation = "
                            + network("hidden-layers = [256, 256], activation = relu, learning-rate = 3e-4")),
            "one Adam for both networks, which comes to the same; its imitation has a target copy that nothing uses");

    // rlox: one update for each step of acting but the first 1,000. The standard deviation is 1 to the last digit of a
    // float.
    private static final String RLOX = """
            max-weight = 20, discount = 0.99, log-std-min = -1e-9, log-std-max = 1e-9, actor = \
            """
            + network("hidden-layers = [256, 256], activation = relu, learning-rate = 3e-4") + ", value = "
            + network("hidden-layers = [256, 256], activation = relu, learning-rate = 3e-4");
    private static final String RLOX_DIFFERS =
            "learns while it acts: for that set subset = none and online, as conf/paper/cartpole-awr.conf does;"
                    + " takes the"
                    + " advantage after the value function's step; the mean of continuous actions is not squashed";

    /** Advantage-weighted regression with rlox's defaults, for either kind of actions; updates as in its CartPole example. */
    public static final Preset RLOX_AWR = new Preset(
            "rlox-awr",
            "rlox, AWR, defaults and CartPole example",
            "awr",
            49_000,
            256,
            1,
            parse("temperature = 1, " + RLOX),
            RLOX_DIFFERS);

    /** Advantage-weighted regression as in rlox's example of continuous actions. */
    public static final Preset RLOX_AWR_PENDULUM = new Preset(
            "rlox-awr-pendulum",
            "rlox, AWR, Pendulum example",
            "awr",
            99_000,
            256,
            1,
            parse("temperature = 0.5, " + RLOX),
            RLOX_DIFFERS);

    /** Every preset by its name, sources together. */
    public static final Map<String, Preset> ALL = byName(
            CS224R_HW2_ACTOR_CRITIC,
            CS224R_HW2_ACTOR_CRITIC_ENSEMBLE,
            CS224R_HW3_ANTMAZE_AWAC,
            CS224R_HW3_ANTMAZE_BC,
            CS224R_HW3_ANTMAZE_IQL,
            CS224R_HW3_POINTMASS_AWAC,
            CS224R_HW3_POINTMASS_BC,
            CS224R_HW3_POINTMASS_IQL,
            CS285_HW5_POINTMASS_EASY_CQL,
            CS285_HW5_POINTMASS_EASY_DQN,
            CS285_HW5_POINTMASS_MEDIUM_CQL,
            CS285_HW5_POINTMASS_MEDIUM_DQN,
            CS285_HW5_POINTMASS_MEDIUM_IQL,
            CS285_HW5_POINTMASS_MEDIUM_IQL_INVERSE_TEMPERATURE,
            CS285_HW5_POINTMASS_HARD_AWAC,
            CS285_HW5_POINTMASS_HARD_AWAC_INVERSE_TEMPERATURE,
            CS285_HW5_POINTMASS_HARD_CQL,
            CS285_HW5_POINTMASS_HARD_CQL_FINETUNE,
            CS285_HW5_POINTMASS_HARD_DQN,
            CS285_HW5_POINTMASS_HARD_IQL,
            CS285_HW5_POINTMASS_HARD_IQL_INVERSE_TEMPERATURE,
            IQL_PAPER_ANTMAZE,
            IQL_PAPER_LOCOMOTION,
            CORL_ANTMAZE_AWAC,
            CORL_ANTMAZE_CQL,
            CORL_ANTMAZE_CAL_QL,
            CORL_ANTMAZE_MEDIUM_DIVERSE_REBRAC,
            CORL_ANTMAZE_UMAZE_REBRAC,
            CORL_ANTMAZE_TD3_BC,
            FUJIMOTO_BCQ,
            RLOX_AWR,
            RLOX_AWR_PENDULUM);

    /**
     * The preset called {@code name}.
     *
     * @throws UserException if there is none
     */
    public static Preset named(String name) {
        var preset = ALL.get(name);
        if (preset == null) {
            throw Settings.unknown("preset", name, ALL.keySet(), "");
        }
        return preset;
    }

    private static Preset dqn(String maze, long updates) {
        return hw5(maze + "-dqn", "offline/pointmass_" + maze + "_dqn", "dqn", updates, HW5_Q, "");
    }

    private static Preset cql(String maze, String file, String suffix, long updates, double alpha) {
        return hw5(maze + "-cql" + suffix, file, "cql-discrete", updates, "alpha = " + alpha + ", " + HW5_Q, "");
    }

    private static Preset hw5(String name, String file, String learner, long updates, String settings, String differs) {
        return new Preset(
                "cs285-hw5-pointmass-" + name,
                "CS285 Fall 2023, homework 5, " + file,
                learner,
                updates,
                HW5_BATCH,
                1,
                parse(settings),
                HW5_DATA + differs);
    }

    private static Preset rebrac(String maze, String file, double imitation, double penalty) {
        var network = "hidden-layers = [256, 256, 256], activation = relu, hidden-bias = 0.1, ";
        return new Preset(
                "corl-antmaze-" + maze + "-rebrac",
                "CORL, rebrac/antmaze/" + file + "_v2",
                "rebrac",
                1_000_000,
                256,
                1,
                parse("actor-bc-coefficient = " + imitation + ", critic-bc-coefficient = " + penalty + """
                        , policy-noise = 0.2, noise-clip = 0.5, policy-delay = 2, actor-target = before, discount = 0.999
                        critics = 2, target-rate = 0.005, actor = \
                        """
                        + network(network + "learning-rate = 3e-4, last-layer-bound = 1e-3")
                        + ", critic = "
                        + network(network + "learning-rate = 5e-5, last-layer-bound = 3e-3, layer-norm = true,"
                                + " layer-norm-place = after, layer-norm-epsilon = 1e-6")),
                "learns from rewards (1 at the goal, else 0) times 100, which the data must have");
    }

    private static String paperValues() {
        return network(
                "hidden-layers = [256, 256], activation = relu, learning-rate = 3e-4, initialisation = orthogonal");
    }

    /** A network's settings: {@code own}, and the rest {@link #AS_PYTORCH}. */
    private static String network(String own) {
        return "{ " + AS_PYTORCH + own + " }";
    }

    private static ConfigObject parse(String settings) {
        return ConfigFactory.parseString(settings).root();
    }

    private static Map<String, Preset> byName(Preset... presets) {
        var byName = new LinkedHashMap<String, Preset>();
        List.of(presets).forEach(preset -> byName.put(preset.name, preset));
        return Collections.unmodifiableMap(byName);
    }
}
