package dev.anneal.local;

import dev.anneal.doctor.Finding;
import dev.anneal.doctor.Subject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.output.ValidateResult;

/** Compares the schema of a database with the migrations of this version. */
final class SchemaState {
    private static final String RESTORE =
            "Start the version of Anneal that made this schema, or restore the backup from before its upgrade.";

    private SchemaState() {}

    static Finding examine(Connection connection, DatabaseDetails details) throws SQLException {
        if (!ask(connection, "select coalesce(has_schema_privilege(current_schema(), 'create'), false)")) {
            return Finding.failed(
                    Subject.DATABASE,
                    "The user of the database cannot create tables in its schema.",
                    "Run: grant create on schema public to this user, or make it the owner of the database.");
        }
        Flyway flyway = Flyway.configure()
                .dataSource(details.url(), details.user(), details.password())
                .load();
        MigrationInfo[] all = flyway.info().all();
        if (flyway.info().current() == null) {
            return ask(connection, "select exists (select 1 from pg_tables where schemaname = current_schema())")
                    ? Finding.failed(
                            Subject.DATABASE,
                            "The database has tables that are not Anneal's.",
                            "Give Anneal a separate, empty database in ANNEAL_DATABASE_URL.")
                    : Finding.ok(Subject.DATABASE, "The database is empty. The first start creates the tables.");
        }
        String newer = versions(all, MigrationState.FUTURE_SUCCESS);
        if (!newer.isEmpty()) {
            return Finding.failed(
                    Subject.DATABASE,
                    "A newer version of Anneal has changed the schema. This version lacks the migrations: " + newer
                            + ".",
                    RESTORE);
        }
        ValidateResult validation = flyway.validateWithResult();
        String invalid = validation.invalidMigrations.stream()
                .filter(migration -> !isPending(all, migration.version))
                .map(migration -> "V" + migration.version)
                .distinct()
                .collect(Collectors.joining(", "));
        if (!invalid.isEmpty()) {
            return Finding.failed(
                    Subject.DATABASE,
                    "Migrations of the schema failed, or are not those of this version: " + invalid + ".",
                    RESTORE);
        }
        String pending = versions(all, MigrationState.PENDING);
        return Finding.ok(
                Subject.DATABASE,
                pending.isEmpty()
                        ? "The schema is that of this version."
                        : "The next start applies the migrations " + pending + ". Back up first.");
    }

    private static String versions(MigrationInfo[] all, MigrationState state) {
        return Arrays.stream(all)
                .filter(migration -> migration.getState() == state)
                .map(migration -> "V" + migration.getVersion())
                .collect(Collectors.joining(", "));
    }

    private static boolean isPending(MigrationInfo[] all, String version) {
        return Arrays.stream(all)
                .anyMatch(migration -> migration.getState() == MigrationState.PENDING
                        && String.valueOf(migration.getVersion()).equals(version));
    }

    private static boolean ask(Connection connection, String question) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(question)) {
            return result.next() && result.getBoolean(1);
        }
    }
}
