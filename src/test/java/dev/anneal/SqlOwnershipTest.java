package dev.anneal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each table belongs to one package, and no other writes to it or reads it by SQL; docs/adr/0018 says why. */
class SqlOwnershipTest {
    private static final Map<String, List<String>> TABLES = Map.of(
            "dataset", List.of("datasets", "dataset_rows", "dataset_problems", "uploads"),
            "job", List.of("jobs", "job_metrics", "job_events", "job_checkpoints", "job_files", "job_validations"),
            "mlflow", List.of("mlflow_runs"),
            "model", List.of("models", "model_events"),
            "page", List.of("page_sessions"),
            "project", List.of("projects"),
            "security", List.of("api_keys", "audit_log"),
            "web", List.of("idempotency_keys"),
            "webhook", List.of("webhooks", "webhook_deliveries"),
            "worker", List.of("workers"));

    /** Tables of other packages that a package reads because it must be one statement. It never writes to them. */
    private static final Map<String, String> READ_BY_OTHERS = Map.of(
            "job reads projects", "a claim is one statement, which needs the limits and weights of projects",
            "job reads workers", "a claim skips draining workers, and a forecast joins slots and jobs",
            "job reads models",
                    "the sweep finds in one statement the artifacts that neither model nor checkpoint names",
            "project reads jobs", "one statement counts what a project uses, while its row is locked",
            "project reads datasets", "as for jobs",
            "project reads models", "as for jobs",
            "security reads projects", "a key names its project, and the package project is above security",
            "worker reads jobs", "a page of workers with the jobs of their slots is one statement");

    private static final Path SOURCES = Path.of("src/main/java/dev/anneal");
    private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/|//[^\\n]*", Pattern.DOTALL);
    private static final Pattern TABLE =
            Pattern.compile("\\b(from|join|insert into|update|delete from|truncate)\\s+([a-z_]+)\\b");

    @Test
    void eachTableOfTheSchemaHasOneOwner() throws IOException {
        Set<String> schema = new HashSet<>();
        try (Stream<Path> migrations = Files.list(Path.of("db/migration"))) {
            for (Path migration : migrations.toList()) {
                Matcher created = Pattern.compile("create table (\\w+)").matcher(Files.readString(migration));
                while (created.find()) {
                    schema.add(created.group(1));
                }
            }
        }

        List<String> owned = TABLES.values().stream().flatMap(List::stream).toList();
        assertThat(owned).containsExactlyInAnyOrderElementsOf(schema);
    }

    @Test
    void onlyItsOwnerNamesATableInSqlUnlessAReasonIsGiven() throws IOException {
        Map<String, String> owners = TABLES.entrySet().stream()
                .flatMap(owner -> owner.getValue().stream().map(table -> Map.entry(table, owner.getKey())))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        Set<String> foreign = new TreeSet<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String source = SOURCES.relativize(file).getName(0).toString();
                Matcher named =
                        TABLE.matcher(COMMENT.matcher(Files.readString(file)).replaceAll(""));
                while (named.find()) {
                    String table = named.group(2);
                    boolean reads =
                            named.group(1).equals("from") || named.group(1).equals("join");
                    if (owners.containsKey(table) && !owners.get(table).equals(source)) {
                        foreign.add(source + (reads ? " reads " : " writes to ") + table);
                    }
                }
            }
        }

        assertThat(foreign).containsExactlyInAnyOrderElementsOf(READ_BY_OTHERS.keySet());
    }
}
