package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.files.FileLocks;
import dev.anneal.json.Json;
import dev.anneal.local.TestPostgres;
import dev.anneal.testing.TestServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Plants faults on this machine, and reads what {@code anneal doctor} says about each. */
class DoctorTest {
    private static final String AWS_ID = "aws.accessKeyId";
    private static final String AWS_SECRET = "aws.secretAccessKey";
    private static final String CACHE = "DJL_CACHE_DIR";

    private final Path data = TestServer.newDirectory().toAbsolutePath();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void remove() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        System.clearProperty(AWS_ID);
        System.clearProperty(AWS_SECRET);
        System.clearProperty(CACHE);
    }

    private Run doctor(String... words) {
        List<String> all = new ArrayList<>(List.of("doctor"));
        if (Stream.of(words).noneMatch("--data"::equals)) {
            all.addAll(List.of("--data", data.toString()));
        }
        all.addAll(List.of(words));
        return Run.with(Map.of("ANNEAL_PORT", "0"), "", false, all.toArray(String[]::new));
    }

    /** Plants a fault, and returns the options with which the server would be started. */
    private interface Fault {
        List<String> plant(DoctorTest test) throws Exception;
    }

    private static Arguments fault(String name, String check, String found, Fault fault) {
        return Arguments.of(name, check, found, fault);
    }

    private static Fault option(String option) {
        return test -> List.of(option);
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault("a port in use", "port", "another program is there", test -> {
                    ServerSocket other = new ServerSocket(0, 0, java.net.InetAddress.getLoopbackAddress());
                    test.open.add(other);
                    Thread closing = new Thread(() -> closeEach(other));
                    closing.start();
                    return List.of("--port", "" + other.getLocalPort());
                }),
                fault("a data directory that is a file", "data", "cannot be written", test -> {
                    Path file = Files.createFile(test.data.resolve("file"));
                    return List.of("--data", file.toString());
                }),
                fault("a data directory that a server holds", "lock", "holds the data directory", test -> {
                    test.open.add(
                            FileLocks.take(test.data.resolve("server.lock")).orElseThrow());
                    return List.of();
                }),
                fault("a key file that cannot be read", "key", "cannot be read", test -> {
                    Files.createDirectory(test.data.resolve("admin.key"));
                    return List.of();
                }),
                fault("a disk that is nearly full", "disk", "min-disk", option("--anneal.doctor.min-disk=900TB")),
                fault(
                        "too little memory for jobs",
                        "memory",
                        "anneal.worker.memory lets jobs on the processor take 4398.0 GB at once",
                        option("--anneal.worker.memory=4TB")),
                fault(
                        "too little memory for hosts",
                        "memory",
                        "anneal.inference.max-memory lets model hosts take 9895.6 GB",
                        option("--anneal.inference.max-memory=9TB")),
                fault(
                        "a value that is not valid",
                        "settings",
                        "anneal.worker.lease is 'soon'. It must be a duration",
                        option("--anneal.worker.lease=soon")),
                fault(
                        "a duration without a unit",
                        "settings",
                        "anneal.worker.lease is '5'. It must be a duration",
                        option("--anneal.worker.lease=5")),
                fault(
                        "a setting that does not exist",
                        "settings",
                        "There is no setting 'anneal.worker.devises'. Did you mean 'anneal.worker.devices'?",
                        option("--anneal.worker.devises=cpu")),
                fault(
                        "a GPU without its libraries",
                        "devices",
                        "anneal.worker.devices is 'cuda:0'. It must be cpu",
                        option("--anneal.worker.devices=cuda:0")),
                fault("a Postgres that does not run", "database", "There is no connection to jdbc:postgresql", test -> {
                    try (ServerSocket closed = new ServerSocket(0)) {
                        return List.of("--spring.datasource.url=jdbc:postgresql://127.0.0.1:" + closed.getLocalPort()
                                + "/anneal?password=hidden");
                    }
                }),
                fault(
                        "a password in the address of Postgres",
                        "database",
                        "jdbc:postgresql://***@127.0.0.1:1/anneal'. It must be of the form",
                        option("--spring.datasource.url=jdbc:postgresql://anneal:hidden@127.0.0.1:1/anneal")),
                fault(
                        "an address that is not of Postgres",
                        "database",
                        "No suitable driver found for jdbc:postgres://127.0.0.1:1/anneal?user=anneal&password=***",
                        option(
                                "--spring.datasource.url=jdbc:postgres://127.0.0.1:1/anneal?user=anneal&password=hidden")),
                fault(
                        "a password in the address of MLflow",
                        "settings",
                        "anneal.mlflow.uri is 'http://***@127.0.0.1'. It must be an http or https URL without a user name.",
                        option("--anneal.mlflow.uri=http://anneal:hidden@127.0.0.1")),
                fault("a wrong password", "database", "password authentication failed", test -> {
                    TestPostgres.Database database = TestPostgres.newDatabase();
                    return options(new TestPostgres.Database(database.url(), database.user(), "wrong"));
                }),
                fault("a database of another program", "database", "tables that are not Anneal's", test -> {
                    TestPostgres.Database database = TestPostgres.newEmptyDatabase();
                    execute(database, "create table invoices (id int)");
                    return options(database);
                }),
                fault("the schema of a newer version", "database", "This version lacks the migrations: V999", test -> {
                    TestPostgres.Database database = TestPostgres.newDatabase();
                    execute(database, """
                            insert into flyway_schema_history
                                (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
                            values (999, '999', 'later', 'SQL', 'V999__later.sql', 1, 'test', 1, true)""");
                    return options(database);
                }),
                fault("a migration that failed", "database", "failed, or are not those of this version: V3", test -> {
                    TestPostgres.Database database = TestPostgres.newDatabase();
                    execute(database, "update flyway_schema_history set checksum = 1 where version = '3'");
                    return options(database);
                }),
                fault("a clock that is an hour behind", "clock", "1 h 00 min behind that of this machine", test -> {
                    TestPostgres.Database database = TestPostgres.newDatabase();
                    execute(
                            database,
                            "create function public.clock_timestamp() returns timestamptz language sql"
                                    + " as 'select pg_catalog.clock_timestamp() - interval ''1 hour'''");
                    execute(database, """
                            do $$ begin
                                execute format('alter database %I set search_path = public, pg_catalog', current_database());
                            end $$""");
                    return options(database);
                }),
                fault("a bucket that does not answer", "store", "The bucket s3://anneal/x is unavailable", test -> {
                    System.setProperty(AWS_ID, "test");
                    System.setProperty(AWS_SECRET, "test");
                    try (ServerSocket closed = new ServerSocket(0)) {
                        return List.of(
                                "--anneal.artifacts=s3://anneal/x",
                                "--anneal.s3.path-style=true",
                                "--anneal.s3.endpoint=http://127.0.0.1:" + closed.getLocalPort());
                    }
                }),
                fault("a directory of artifacts that is a file", "store", "cannot be written", test -> {
                    Path file = Files.createFile(test.data.resolve("mount"));
                    return List.of("--anneal.artifacts=" + file);
                }),
                fault("a damaged libtorch", "engine", "libtorch cannot be loaded", test -> {
                    Path damaged = damagedEngine(test.data.resolve("engine"));
                    System.setProperty(CACHE, damaged.toString());
                    return List.of();
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void aFaultIsFoundAndItsCheckSaysWhatToDo(String name, String check, String found, Fault fault) throws Exception {
        List<String> words = new ArrayList<>(List.of("--json", "--only", check));
        words.addAll(fault.plant(this));

        Run run = doctor(words.toArray(String[]::new));

        JsonNode answer = Json.MAPPER.readTree(run.out());
        List<JsonNode> failed = answer.path("checks")
                .valueStream()
                .filter(each -> each.path("status").asString().equals("failed"))
                .toList();
        assertThat(failed).as(run.out()).singleElement().satisfies(each -> {
            assertThat(each.path("check").asString()).isEqualTo(check);
            assertThat(each.path("message").asString()).contains(found).doesNotContain("hidden");
            assertThat(each.path("fix").asString()).isNotBlank();
        });
        assertThat(answer.path("ok").asBoolean()).isFalse();
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEmpty();
    }

    @Test
    void nothingIsWrongWithAGoodMachine() {
        TestPostgres.Database database = TestPostgres.newDatabase();
        List<String> words = new ArrayList<>(options(database));
        words.addAll(List.of("--anneal.doctor.min-disk=1MB", "--anneal.doctor.min-memory=1MB"));

        Run run = doctor(words.toArray(String[]::new));

        assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
        assertThat(run.out())
                .contains(
                        "ok      java      Java ",
                        "ok      settings  All settings exist and have valid values.",
                        "ok      database  The schema is that of this version.",
                        "ok      engine    libtorch in ",
                        "\nNothing is wrong.\n")
                .doesNotContain("failed");
        assertThat(data.toFile().list()).containsExactly("artifacts");
        assertThat(data.resolve("artifacts")).isEmptyDirectory();
    }

    @Test
    void aCheckThatDoesNotExistAndOptionsOfClientsAreRefused() {
        Run unknown = doctor("--only", "dics");
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.err()).contains("--only cannot be dics. Choose from java, ", "Did you mean 'disk'?");
        assertThat(doctor("--project", "x").err()).contains("doctor calls no server: --url");
        assertThat(doctor("--prot", "1").err()).contains("doctor has no option --prot. Did you mean '--port'?");
    }

    private static List<String> options(TestPostgres.Database database) {
        return List.of(
                "--spring.datasource.url=" + database.url(),
                "--spring.datasource.username=" + database.user(),
                "--spring.datasource.password=" + database.password());
    }

    private static void execute(TestPostgres.Database database, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.url(), database.user(), database.password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Answers no request, as a program does that does not speak HTTP. */
    private static void closeEach(ServerSocket server) {
        try {
            while (true) {
                server.accept().close();
            }
        } catch (IOException closed) {
            // the test has ended
        }
    }

    /** Copies the native libraries as links, but for the largest one, which is cut short. */
    private static Path damagedEngine(Path target) throws IOException {
        Path source = Path.of(System.getenv(CACHE)).toAbsolutePath();
        Run.with(Map.of("ANNEAL_PORT", "0"), "", false, "doctor", "--only", "engine", "--data", target + "-data");
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.toList()) {
                Path copy = target.resolve(source.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else if (file.getFileName().toString().startsWith("libtorch_cpu.")) {
                    Files.write(copy, new byte[] {1, 2, 3});
                } else {
                    Files.createSymbolicLink(copy, file);
                }
            }
        }
        return target;
    }
}
