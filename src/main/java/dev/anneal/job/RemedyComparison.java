package dev.anneal.job;

import dev.anneal.json.Json;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Compares a job that has remedies against forgetting with the newest one that differs from it in nothing else. */
@Component
class RemedyComparison {
    private static final String WITHOUT =
            "%s.spec - 'replay' - 'retain_dataset' #- '{hyperparameters,l2_to_base}' #- '{hyperparameters,unfreeze_rank_ratio}'";
    private static final String HAS_NONE = """
            (%1$s.spec -> 'replay' is null and coalesce((%1$s.spec #>> '{hyperparameters,l2_to_base}')::float8, 0) = 0
             and coalesce((%1$s.spec #>> '{hyperparameters,unfreeze_rank_ratio}')::float8, 1) = 1)""";

    private final JdbcClient jdbc;

    RemedyComparison(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The figures of the other job, on the wire. */
    record WithoutRemedies(
            String job,
            @Nullable Double loss,
            double change,
            @Nullable Double agreement,
            String message) {}

    private record Other(String id, String name, String report) {}

    /** Returns null if the job has no remedy, or if there is no other job or none with these figures. */
    @Nullable
    WithoutRemedies of(Job job, JsonNode report) {
        Other other = jdbc.sql("""
                        select other.id, other.name, other.report
                        from jobs as own join jobs as other on other.project = own.project and other.id <> own.id
                        where own.id = :id and other.kind = 'training' and other.status = 'succeeded'
                            and other.report is not null and not\040""" + HAS_NONE.formatted("own") + " and "
                        + HAS_NONE.formatted("other") + " and " + WITHOUT.formatted("own") + " = "
                        + WITHOUT.formatted("other") + " order by other.id desc limit 1")
                .param("id", job.getId())
                .query(Other.class)
                .optional()
                .orElse(null);
        if (other == null) {
            return null;
        }
        JsonNode without = Json.MAPPER.readTree(other.report());
        JsonNode own = report.path("forgetting").path("probe");
        JsonNode of = without.path("forgetting").path("probe");
        if (!own.path("change").isNumber() || !of.path("change").isNumber()) {
            return null;
        }
        return new WithoutRemedies(
                other.id(),
                number(without, "loss"),
                of.path("change").asDouble(),
                number(of, "agreement"),
                message(
                        other,
                        own.path("change").asDouble(),
                        of.path("change").asDouble(),
                        number(report, "loss"),
                        number(without, "loss")));
    }

    private static @Nullable Double number(JsonNode node, String field) {
        return node.path(field).isNumber() ? node.path(field).asDouble() : null;
    }

    private static String message(
            Other other, double change, double otherChange, @Nullable Double loss, @Nullable Double otherLoss) {
        String message = String.format(
                Locale.ROOT,
                "Without the remedies, in the job '%s', the change on general text is %.3f, and with them it is %.3f%s.",
                other.name(),
                otherChange,
                change,
                otherChange > 0 ? String.format(Locale.ROOT, ", %+.0f %%", 100 * (change / otherChange - 1)) : "");
        return loss == null || otherLoss == null || otherLoss == 0
                ? message
                : message
                        + String.format(
                                Locale.ROOT,
                                " The loss of this report is %.3f without them and %.3f with them, %+.1f %%.",
                                otherLoss,
                                loss,
                                100 * (loss / otherLoss - 1));
    }
}
