package dev.anneal.dataset.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.dataset.source.SourceFetcher.File;
import dev.anneal.files.DiskRoom;
import dev.anneal.files.NoRoomException;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.SourceServer;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** Fetches files of datasets from a server on loopback, which the settings allow as 127.0.0.1 alone. */
@ServerTest
@TestPropertySource(
        properties = {
            "anneal.roles=api,inference",
            "anneal.outbound.allow=127.0.0.1",
            "anneal.hub.allow=acme/*",
            "anneal.import.backoff=5ms",
            "anneal.import.retries=2",
            "anneal.source.backoff=5ms",
            "anneal.source.retries=2",
            "anneal.source.max-time=2s",
            "anneal.upload.max-size=1MB"
        })
class SourceFetcherTest {
    private static final SourceServer SERVER = new SourceServer();
    private static final byte[] ROWS = "text,label\na,x\nb,x\nc,y\nd,y\n".getBytes(UTF_8);

    @Autowired
    SourceFetcher fetcher;

    @TempDir
    Path directory;

    @DynamicPropertySource
    static void hub(DynamicPropertyRegistry registry) {
        registry.add("anneal.hub.endpoint", () -> SERVER.url(""));
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private SourceFetcher.Fetched fetch(String source, String... fields) throws IOException {
        Map<String, String> request = new HashMap<>(Map.of("source", source));
        for (int i = 0; i < fields.length; i += 2) {
            request.put(fields[i], fields[i + 1]);
        }
        return fetcher.fetch(fetcher.source(request, "default"), directory, fetcher.state());
    }

    private File file(String source) throws IOException {
        return fetch(source).files().get(0);
    }

    private String refusal(String source, String... fields) {
        try {
            fetch(source, fields);
            return "fetched";
        } catch (Problem problem) {
            return problem.code();
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void aFileIsFetchedThroughRedirectsUnderTheNameOfItsUrl() throws IOException {
        SERVER.redirect("/a/reviews.csv", "/b");
        SERVER.redirect("/b", SERVER.url("/c?signature=1"));
        SERVER.serve("/c", ROWS);

        SourceFetcher.Fetched fetched = fetch(SERVER.url("/a/reviews.csv?token=secret"));
        File file = fetched.files().get(0);

        assertThat(fetched.source()).isEqualTo(SERVER.url("/a/reviews.csv"));
        assertThat(file.name()).isEqualTo("reviews.csv");
        assertThat(file.path()).hasBinaryContent(ROWS);
    }

    @Test
    void theServerCanNameTheFile() throws IOException {
        SERVER.on("/download", exchange -> {
            exchange.getResponseHeaders().set("Content-Disposition", "attachment; filename=\"../x/survey.tsv\"");
            exchange.sendResponseHeaders(200, ROWS.length);
            exchange.getResponseBody().write(ROWS);
        });

        assertThat(file(SERVER.url("/download")).name()).isEqualTo("survey.tsv");
    }

    @Test
    void aDroppedConnectionIsTriedAgain() throws IOException {
        SERVER.on("/drops.csv", exchange -> {
            exchange.sendResponseHeaders(200, ROWS.length);
            boolean isLast = SERVER.count("/drops.csv") > 2;
            exchange.getResponseBody().write(ROWS, 0, isLast ? ROWS.length : 5);
        });
        SERVER.on("/fails.csv", exchange -> exchange.sendResponseHeaders(503, -1));

        assertThat(file(SERVER.url("/drops.csv")).path()).hasBinaryContent(ROWS);
        assertThat(refusal(SERVER.url("/fails.csv"))).isEqualTo("source_unreachable");
        assertThat(SERVER.count("/fails.csv")).isEqualTo(3);
    }

    @Test
    void anAddressInsideIsRefusedAtOnceAndAfterARedirect() {
        SERVER.redirect("/inward.csv", "http://127.0.0.2:" + SERVER.url("").replaceAll(".*:", "") + "/secret");
        SERVER.redirect("/metadata.csv", "https://169.254.169.254/latest/meta-data");
        SERVER.redirect("/file.csv", "file:///etc/passwd");
        SERVER.redirect("/loop.csv", "/loop.csv");
        SERVER.serve("/secret", ROWS);

        assertThat(refusal("https://10.0.0.1/rows.csv")).isEqualTo("address_refused");
        assertThat(refusal("https://127.0.0.2/rows.csv")).isEqualTo("address_refused");
        assertThat(refusal("https://[::1]/rows.csv")).isEqualTo("address_refused");
        assertThat(refusal(SERVER.url("/inward.csv"))).isEqualTo("address_refused");
        assertThat(refusal(SERVER.url("/metadata.csv"))).isEqualTo("address_refused");
        assertThat(refusal(SERVER.url("/file.csv"))).isEqualTo("address_refused");
        assertThat(refusal(SERVER.url("/loop.csv"))).isEqualTo("source_redirects");
        assertThat(SERVER.count("/secret")).isZero();
    }

    @Test
    void aFileThatIsTooLargeOrNeverEndsIsRefused() {
        SERVER.on("/large.csv", exchange -> exchange.sendResponseHeaders(200, 5 << 20));
        SERVER.on("/endless.csv", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            for (int i = 0; i < 4_000; i++) {
                out.write(new byte[1_024]);
            }
        });
        SERVER.on("/slow.csv", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            for (int i = 0; i < 600; i++) {
                exchange.getResponseBody().write('a');
                exchange.getResponseBody().flush();
                java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
            }
        });

        assertThat(refusal(SERVER.url("/large.csv"))).isEqualTo("source_too_large");
        assertThat(refusal(SERVER.url("/endless.csv"))).isEqualTo("source_too_large");
        assertThat(refusal(SERVER.url("/slow.csv"))).isEqualTo("source_too_slow");
    }

    @Test
    void aPageAndAMissingFileAreNamed() {
        SERVER.on("/page", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
            exchange.sendResponseHeaders(200, -1);
        });

        assertThat(refusal(SERVER.url("/page"))).isEqualTo("source_is_page");
        assertThat(refusal(SERVER.url("/missing"))).isEqualTo("source_refused");
    }

    @Test
    void theParquetFilesOfARepositoryAreFetchedBySplit() throws IOException {
        SERVER.dataset(
                "acme/news",
                "main",
                Map.of(
                        "README.md", ROWS,
                        "data/train-00000-of-00001.parquet", "train".getBytes(UTF_8),
                        "data/test-00000-of-00001.parquet", "test".getBytes(UTF_8)));
        SERVER.dataset("acme/csv", "main", Map.of("reviews.csv", ROWS));
        SERVER.dataset(
                "acme/csv", "refs/convert/parquet", Map.of("default/validation/0000.parquet", "v".getBytes(UTF_8)));

        SourceFetcher.Fetched fetched = fetch("hf:acme/news");
        List<File> files = fetched.files();

        assertThat(fetched.source()).isEqualTo("hf:acme/news");
        assertThat(fetched.revision()).isEqualTo(SourceServer.COMMIT);
        assertThat(files.stream().map(file -> file.name() + " " + file.split()))
                .containsExactly("data/test-00000-of-00001.parquet test", "data/train-00000-of-00001.parquet train");
        assertThat(files.get(1).path()).hasContent("train");
        assertThat(file("hf:acme/csv").split()).isEqualTo("validation");
        try (Stream<Path> here = Files.list(directory)) {
            assertThat(here).containsExactly(directory.resolve("0")); // what an earlier fetch left is deleted
        }
        assertThat(refusal("hf:acme/csv", "revision", "main")).isEqualTo("no_parquet");
        assertThat(refusal("hf:acme/gone")).isEqualTo("hub_not_found");
        assertThat(refusal("hf:acme/news", "config", "other")).isEqualTo("unknown_config");
    }

    @Test
    void declaredFilesThatAreNotParquetAreFetchedAsTheHubConvertsThem() throws IOException {
        String readme = "---\nconfigs:\n- config_name: en\n  data_files: train.csv\n- config_name: de\n"
                + "  data_files: other.parquet\n---\n";
        Map<String, byte[]> own = Map.of(
                "README.md", readme.getBytes(UTF_8), "train.csv", ROWS, "other.parquet", "other".getBytes(UTF_8));
        SERVER.dataset("acme/both", "main", own);
        SERVER.dataset(
                "acme/both", "refs/convert/parquet", Map.of("en/train/0000.parquet", "converted".getBytes(UTF_8)));
        SERVER.dataset("acme/alone", "main", own);

        assertThat(file("hf:acme/both/en").path()).hasContent("converted");
        assertThat(file("hf:acme/both/de").path()).hasContent("other");
        assertThat(refusal("hf:acme/alone/en")).isEqualTo("no_parquet");
        assertThat(refusal("hf:acme/both/en", "revision", "main")).isEqualTo("no_parquet");
    }

    private void declare(String repository, String configs, String... converted) {
        String readme = "---\nconfigs:\n" + configs + "---\n";
        SERVER.dataset(
                repository,
                "main",
                Map.of("README.md", readme.getBytes(UTF_8), "a.csv", ROWS, "b.csv", ROWS, "other.parquet", ROWS));
        Map<String, byte[]> files = new HashMap<>();
        for (String name : converted) {
            files.put(name, name.getBytes(UTF_8));
        }
        SERVER.dataset(repository, "refs/convert/parquet", files);
    }

    private String splits(String source) throws IOException {
        return fetch(source).files().stream()
                .map(file -> file.name() + "=" + file.split())
                .toList()
                .toString();
    }

    @Test
    void theSplitsThatAReadmeDeclaresAreThoseOfTheConvertedFiles() throws IOException {
        String splits = "- config_name: a\n  data_files:\n  - split: train_sft\n    path: a.csv\n"
                + "  - split: test_sft\n    path: b.csv\n";
        String[] converted = {"a/train_sft/0000.parquet", "a/train_sft/0001.parquet", "a/test_sft/0000.parquet"};
        String expected =
                "[a/train_sft/0000.parquet=train, a/train_sft/0001.parquet=train, a/test_sft/0000.parquet=test]";

        declare("acme/one", splits, converted);
        assertThat(splits("hf:acme/one")).isEqualTo(expected);

        declare(
                "acme/sft",
                splits + "- config_name: b\n  data_files: a.csv\n- config_name: de\n  data_dir: x\n",
                Stream.concat(
                                Stream.of(converted),
                                Stream.of("b/train/0000.parquet", "de/test/0000.parquet", "de/train/0000.parquet"))
                        .toArray(String[]::new));
        assertThat(refusal("hf:acme/sft")).isEqualTo("config_required");
        assertThat(splits("hf:acme/sft/a")).isEqualTo(expected);
        assertThat(splits("hf:acme/sft/b")).isEqualTo("[b/train/0000.parquet=null]");
        assertThat(splits("hf:acme/sft/de")).isEqualTo("[de/test/0000.parquet=test, de/train/0000.parquet=train]");

        declare("acme/gap", splits + "  - split: raw\n    path: b.csv\n", converted);
        assertThat(refusal("hf:acme/gap")).isEqualTo("no_parquet"); // the split raw is missing
    }

    @Test
    void aConfigurationThatTheHubHasNotConvertedIsNamed() {
        declare(
                "acme/part",
                "- config_name: en\n  default: true\n  data_files: a.csv\n- config_name: de\n  data_files: b.csv\n",
                "de/train/0000.parquet");

        assertThatThrownBy(() -> fetch("hf:acme/part"))
                .hasMessage(
                        "The hub has not converted the configuration 'en' to Parquet. Download its files, and upload"
                                + " them here.");
    }

    @Test
    void filesOfWhichTheHubHasConvertedOnlyTheFirstRowsAreRefusedUnlessTheRequestNamesTheirBranch() throws IOException {
        SERVER.dataset("acme/huge", "main", Map.of("rows.csv", ROWS));
        SERVER.dataset("acme/huge", "refs/convert/parquet", Map.of("default/partial-train/0000.parquet", ROWS));
        declare(
                "acme/declared",
                "- config_name: a\n  data_files:\n  - split: train\n    path: a.csv\n",
                "a/partial-train/0000.parquet");

        assertThat(refusal("hf:acme/declared")).isEqualTo("partial_conversion");
        assertThatThrownBy(() -> fetch("hf:acme/huge"))
                .hasMessageContaining("'default/partial-train/0000.parquet'")
                .hasMessageEndingWith("To use only the first rows, set 'revision' to refs/convert/parquet.");
        assertThat(fetch("hf:acme/huge", "revision", "refs/convert/parquet").files())
                .hasSize(1);
    }

    @Test
    void aHubThatDoesNotListTheConvertedFilesIsNotARepositoryWithoutThem() {
        SERVER.dataset("acme/busy", "main", Map.of("rows.csv", ROWS));
        SERVER.on(
                "/api/datasets/acme/busy/revision/refs%2Fconvert%2Fparquet",
                exchange -> exchange.sendResponseHeaders(503, -1));
        SERVER.dataset("acme/closed", "main", Map.of("rows.csv", ROWS));
        SERVER.on(
                "/api/datasets/acme/closed/revision/refs%2Fconvert%2Fparquet",
                exchange -> exchange.sendResponseHeaders(403, -1));

        assertThat(refusal("hf:acme/busy")).isEqualTo("hub_unreachable");
        assertThat(refusal("hf:acme/closed")).isEqualTo("hub_unauthorized");
    }

    @Test
    void whatAnInterruptedFetchOfConvertedFilesLeftIsNotFetchedAgain() throws IOException {
        declare(
                "acme/again",
                "- config_name: a\n  data_files:\n    train: a.csv\n    test: b.csv\n",
                "a/train/0000.parquet",
                "a/test/0000.parquet");
        Path work = Files.createDirectories(directory.resolve(SourceServer.CONVERTED));
        Files.writeString(work.resolve("a%2Ftest%2F0000.parquet"), "a/test/0000.parquet");

        assertThat(fetch("hf:acme/again").files()).hasSize(2);

        String resolve = "/datasets/acme/again/resolve/" + SourceServer.CONVERTED + "/a/";
        assertThat(SERVER.count(resolve + "test/0000.parquet")).isZero();
        assertThat(SERVER.count(resolve + "train/0000.parquet")).isEqualTo(1);
        try (Stream<Path> here = Files.list(directory)) {
            assertThat(here).containsExactlyInAnyOrder(directory.resolve("0"), directory.resolve("1"));
        }
    }

    @Test
    void whatAnInterruptedFetchOfTheCommitLeftIsNotFetchedAgain() throws IOException {
        SERVER.dataset(
                "acme/rest",
                "main",
                Map.of("train.parquet", "train".getBytes(UTF_8), "test.parquet", "test".getBytes(UTF_8)));
        Path work = Files.createDirectories(directory.resolve(SourceServer.COMMIT));
        Files.writeString(work.resolve("test.parquet"), "test");
        Path other = Files.createDirectories(directory.resolve("0123456789"));
        Files.writeString(other.resolve("train.parquet"), "of another commit");

        List<File> files = fetch("hf:acme/rest").files();

        assertThat(files.get(0).path()).hasContent("test");
        assertThat(files.get(1).path()).hasContent("train");
        String resolve = "/datasets/acme/rest/resolve/" + SourceServer.COMMIT;
        assertThat(SERVER.count(resolve + "/test.parquet")).isZero();
        assertThat(SERVER.count(resolve + "/train.parquet")).isEqualTo(1);
        try (Stream<Path> here = Files.list(directory)) {
            assertThat(here).containsExactlyInAnyOrder(directory.resolve("0"), directory.resolve("1"));
        }
    }

    @Test
    void filesOfARepositoryThatAreTooLargeAreNotFetched() {
        SERVER.dataset(
                "acme/large", "main", Map.of("train.parquet", new byte[700_000], "test.parquet", new byte[700_000]));

        assertThat(refusal("hf:acme/large")).isEqualTo("source_too_large");
        assertThat(SERVER.count("/datasets/acme/large/resolve/" + SourceServer.COMMIT + "/test.parquet"))
                .isZero();
    }

    @Test
    void aFullDiskIsNotAFaultOfTheSource() throws IOException {
        SERVER.serve("/full.csv", ROWS);
        SERVER.dataset("acme/full", "main", Map.of("train.parquet", new byte[100]));

        try (DiskRoom others = DiskRoom.reserve(directory, 0)) {
            others.putBack(1L << 60);
            assertThatThrownBy(() -> fetch(SERVER.url("/full.csv"))).isInstanceOf(NoRoomException.class);
            assertThatThrownBy(() -> fetch("hf:acme/full")).isInstanceOf(NoRoomException.class);
        }
    }

    @Test
    void aRepositoryThatTheSettingsDoNotAllowIsRefused() {
        assertThatThrownBy(() -> fetch("hf:other/news"))
                .isInstanceOf(Problem.class)
                .hasMessageContaining("anneal.hub.allow");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ftp://example.org/x.csv                | invalid_source
            https://user:password@example.org/x    | invalid_source
            rows.csv                               | invalid_source
            hf:                                    | invalid_source
            hf:a/b/                                | invalid_source
            hf:../x                                | invalid_source
            https://a b/c                          | invalid_source
            http://1.1.1.1/x.csv                   | invalid_source
            """)
    void whatIsNoSourceIsRefused(String source, String code) {
        assertThat(refusal(source)).isEqualTo(code);
    }

    @Test
    void revisionAndConfigAreForRepositoriesOnly() {
        assertThat(refusal(SERVER.url("/x.csv"), "revision", "main")).isEqualTo("conflicting_fields");
        assertThat(refusal("hf:acme/news", "revision", "../x")).isEqualTo("invalid_revision");
    }
}
