package dev.anneal.mlflow;

import dev.anneal.outbound.OutboundGuard;
import dev.anneal.settings.InvalidSettingException;
import dev.anneal.settings.SettingChecks;
import java.net.URI;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The MLflow tracking server that jobs are reported to.
 *
 * @param uri of the server; empty for none
 * @param experiment the name of a project's experiment begins with it
 * @param token sent as a bearer token, if it is not empty
 * @param username sent with {@code password}, if it is not empty
 * @param timeout of a call
 * @param poll how often the events of a running job are sent
 * @param backoff wait after the first failed call; it triples up to {@code maxBackoff}
 * @param giveUpAfter a run is given up if no call succeeds for this long
 * @param lease after this time another process may continue the work of one that died
 */
@ConfigurationProperties("anneal.mlflow")
record MlflowSettings(
        @DefaultValue("") String uri,
        @DefaultValue("anneal") String experiment,
        @DefaultValue("") String token,
        @DefaultValue("") String username,
        @DefaultValue("") String password,
        @DefaultValue("10s") Duration timeout,
        @DefaultValue("5s") Duration poll,
        @DefaultValue("5s") Duration backoff,
        @DefaultValue("10m") Duration maxBackoff,
        @DefaultValue("7d") Duration giveUpAfter,
        @DefaultValue("5m") Duration lease) {
    MlflowSettings {
        if (!uri.isBlank() && !isWeb(uri)) {
            throw new InvalidSettingException("anneal.mlflow.uri", uri, "an http or https URL without a user name");
        }
        if (experiment.isBlank()) {
            throw new InvalidSettingException("anneal.mlflow.experiment", experiment, "a name");
        }
        SettingChecks.positive("anneal.mlflow.timeout", timeout);
        SettingChecks.positive("anneal.mlflow.poll", poll);
        SettingChecks.positive("anneal.mlflow.backoff", backoff);
        SettingChecks.positive("anneal.mlflow.max-backoff", maxBackoff);
        SettingChecks.notNegative("anneal.mlflow.give-up-after", giveUpAfter);
        SettingChecks.positive("anneal.mlflow.lease", lease);
    }

    private static boolean isWeb(String uri) {
        try {
            return OutboundGuard.isWeb(URI.create(uri));
        } catch (IllegalArgumentException invalid) {
            return false;
        }
    }

    boolean isEnabled() {
        return !uri.isBlank();
    }

    /** Returns the address of a path such as {@code api/2.0/mlflow/runs/create}. */
    URI resolve(String path) {
        return URI.create(uri.strip().replaceAll("/+$", "") + "/" + path);
    }

    /** Returns the wait after a number of failures. */
    Duration wait(int failures) {
        double seconds = backoff.toMillis() / 1000.0 * Math.pow(3, Math.min(failures, 20) - 1);
        return Duration.ofMillis((long) (1000 * Math.min(seconds, maxBackoff.toMillis() / 1000.0)));
    }
}
