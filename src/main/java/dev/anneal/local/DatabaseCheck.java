package dev.anneal.local;

import dev.anneal.doctor.Check;
import dev.anneal.doctor.Doctor;
import dev.anneal.doctor.Finding;
import dev.anneal.doctor.Subject;
import dev.anneal.settings.InvalidSettingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.context.ConfigurableApplicationContext;

/** Examines whether Postgres answers and has our schema. */
class DatabaseCheck implements Check {
    private static final String VARIABLES = "ANNEAL_DATABASE_USER and ANNEAL_DATABASE_PASSWORD";

    /** The states of SQL that Postgres and its driver report if there is no connection, and what to do. */
    private static final Map<String, String> FIXES = Map.of(
            "28P01", "Correct " + VARIABLES + ".",
            "28000", "Correct " + VARIABLES + ", or allow this user and host in pg_hba.conf.",
            "3D000", "Correct ANNEAL_DATABASE_URL, or create the database.",
            "53300", "Raise max_connections of Postgres, or run fewer processes.",
            "57P03", "Postgres is starting or stopping. Wait, then run this again.");

    @Override
    public Subject subject() {
        return Subject.DATABASE;
    }

    @Override
    public List<Finding> run(ConfigurableApplicationContext settings) throws IOException {
        Optional<DatabaseDetails> details;
        try {
            details = DatabaseDetails.of(settings);
        } catch (InvalidSettingException invalid) {
            return List.of(Finding.failed(
                    subject(),
                    String.valueOf(invalid.getMessage()),
                    "Correct ANNEAL_DATABASE_URL, and set " + VARIABLES + "."));
        }
        if (details.isEmpty()) {
            return List.of(stopped(settings.getBean(DataSettings.class).data().resolve("postgres")));
        }
        String place = details.get().place();
        try (Connection connection = details.get().connect()) {
            return List.of(
                    Finding.ok(subject(), "Postgres answers at " + place + "."),
                    SchemaState.examine(connection, details.get()));
        } catch (SQLException e) {
            return List.of(
                    Finding.failed(
                            subject(),
                            "There is no connection to " + place + ": " + Doctor.reason(e),
                            FIXES.getOrDefault(
                                    String.valueOf(e.getSQLState()),
                                    "Start Postgres, or correct ANNEAL_DATABASE_URL. It has the form jdbc:postgresql://host/db.")));
        }
    }

    /** Examines the files of an embedded Postgres that does not run. */
    private Finding stopped(Path postgres) {
        Path cluster = postgres.resolve("cluster");
        if (!Files.exists(cluster)) {
            return Finding.ok(subject(), "There is no embedded Postgres yet. The first start creates it.");
        }
        return Files.exists(cluster.resolve("PG_VERSION")) && Files.isReadable(postgres.resolve("password"))
                ? Finding.ok(subject(), "The embedded Postgres in " + cluster + " starts with the server.")
                : Finding.failed(
                        subject(),
                        "The embedded Postgres in " + postgres + " is incomplete.",
                        "Restore the data directory from a backup, or choose an empty one with --data.");
    }
}
