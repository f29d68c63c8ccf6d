package io.hindcast.stage.promote;

import io.hindcast.promote.PolicyVersion;
import io.hindcast.promote.Promotion;
import io.hindcast.stage.StageContext;
import io.hindcast.table.Registry;
import io.hindcast.track.MlflowConfig;
import io.hindcast.track.RegistryMirror;
import io.hindcast.track.RegistryMirror.Model;
import io.hindcast.track.RegistryMirror.Version;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/** Shows a registry in MLflow, where one is named: its versions with their files, and which of them is the champion. */
final class Mirrored {
    /** What of an output directory goes with the version that it brought, if it is there. */
    private static final List<String> PAGES =
            List.of("promote/decision.html", "judge/judge.html", "report/report.html");

    /** The newest version, if an older one acts. */
    private static final String CHALLENGER = "challenger";

    private final StageContext context;
    private final MlflowConfig mlflow;
    private final Registry registry;

    Mirrored(StageContext context, MlflowConfig mlflow, Registry registry) {
        this.context = context;
        this.mlflow = mlflow;
        this.registry = registry;
    }

    /**
     * Tells MLflow what it does not know yet. What it cannot be told is said, and changes nothing.
     *
     * @param last the newest promotion
     */
    void show(Registry.State state, Promotion last) {
        if (mlflow.trackingUri() == null) {
            return;
        }
        var hadoop = context.warehouse().hadoop();
        var uri = mlflow.trackingUri().reveal();
        var versions =
                state.versions().stream().map(version -> version(version, last)).toList();
        var aliases = new LinkedHashMap<String, Integer>();
        state.champion().map(PolicyVersion::number).ifPresent(champion -> {
            aliases.put(Promotion.CHAMPION, champion);
            // After somebody went back by hand.
            if (versions.size() > champion) {
                aliases.put(CHALLENGER, versions.size());
            }
        });
        new RegistryMirror(uri, mlflow.experiment(), hadoop)
                .mirror(new Model(registry.name(), registry.location(), versions, aliases))
                .ifPresent(why -> context.progress().say("[promote] " + why));
    }

    private Version version(PolicyVersion version, Promotion last) {
        var files = new LinkedHashMap<String, String>();
        version.files().keySet().stream()
                .filter(place -> place.startsWith(Registry.POLICIES + "/"))
                .forEach(place -> files.put(new Path(place).getName(), registry.location() + "/" + place));
        if (Objects.equals(version.number(), last.to()) && !Objects.equals(last.from(), last.to())) {
            PAGES.forEach(page -> place(page).ifPresent(place -> files.put(new Path(page).getName(), place)));
        }
        var tags = new LinkedHashMap<String, String>();
        tags.put("hindcast.run", version.run());
        tags.put("hindcast.name", version.name() + "-" + version.seed());
        tags.put("hindcast.step", Long.toString(version.step()));
        tags.put("hindcast.learner", version.learner());
        tags.put("hindcast.sha256", version.sha256());
        tags.put("hindcast.out", version.out());
        tags.put("hindcast.subset", version.subset());
        tags.put("hindcast.dataset", String.valueOf(version.dataset()));
        tags.put("hindcast.dataset-fingerprint", String.valueOf(version.datasetFingerprint()));
        return new Version(version.number(), files, tags);
    }

    private Optional<String> place(String page) {
        var path = new Path(context.warehouse().location(), page);
        try {
            return path.getFileSystem(context.warehouse().hadoop()).exists(path)
                    ? Optional.of(path.toString())
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // a page less, no more
        }
    }
}
