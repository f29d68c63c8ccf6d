package io.hindcast.stage;

import io.hindcast.config.Secrets;
import io.hindcast.track.MlflowConfig;
import io.hindcast.track.MlflowPages;

/** Shows pages of an output directory in MLflow, where a server is named. */
public final class TrackedPages {
    private TrackedPages() {}

    /**
     * Sends a folder, if the server does not have it. That it does not take it is said, and changes nothing.
     *
     * @param job whose page it is
     * @param folder in the output directory
     * @param page the file there that people open
     */
    public static void show(StageContext context, MlflowConfig mlflow, String job, String folder, String page) {
        if (mlflow.trackingUri() == null) {
            return;
        }
        var warehouse = context.warehouse();
        new MlflowPages(mlflow.trackingUri().reveal(), mlflow.experiment(), warehouse.hadoop())
                .show(warehouse.root(), Secrets.hideUser(warehouse.location()), folder, page)
                .ifPresent(why -> context.progress().say("[" + job + "] " + why));
    }
}
