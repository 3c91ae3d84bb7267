package dev.anneal.local;

import dev.anneal.doctor.Check;
import dev.anneal.doctor.DoctorSettings;
import dev.anneal.doctor.Finding;
import dev.anneal.doctor.Subject;
import dev.anneal.text.Durations;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.context.ConfigurableApplicationContext;

/** Compares the clock of the database, which decides about leases, with that of this machine. */
class ClockCheck implements Check {
    @Override
    public Subject subject() {
        return Subject.CLOCK;
    }

    @Override
    public List<Finding> run(ConfigurableApplicationContext settings) throws IOException {
        Optional<DatabaseDetails> details = DatabaseDetails.of(settings);
        if (details.isEmpty()) {
            return List.of(Finding.ok(subject(), "The embedded Postgres has the clock of this machine."));
        }
        try (Connection connection = details.get().connect()) {
            return List.of(
                    compare(connection, settings.getBean(DoctorSettings.class).maxSkew()));
        } catch (SQLException unavailable) {
            return List.of(Finding.warning(
                    subject(),
                    "The clock of the database is unknown, because the database does not answer.",
                    "See the check of the database."));
        }
    }

    private Finding compare(Connection connection, Duration most) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            long before = System.currentTimeMillis();
            ResultSet result = statement.executeQuery("select extract(epoch from clock_timestamp())");
            result.next();
            long after = System.currentTimeMillis();
            double skew = result.getDouble(1) - (before + after) / 2000.0;
            String text = "The clock of the database is %s %s that of this machine"
                    .formatted(Durations.seconds(Math.abs(skew)), skew < 0 ? "behind" : "ahead of");
            return Math.abs(skew) * 1000 <= most.toMillis()
                    ? Finding.ok(subject(), text + ".")
                    : Finding.failed(
                            subject(),
                            text
                                    + ", more than %s (anneal.doctor.max-skew)."
                                            .formatted(Durations.seconds(most.toMillis() / 1000.0)),
                            "Set both clocks by NTP. Signatures of S3 and of tokens depend on them.");
        }
    }
}
