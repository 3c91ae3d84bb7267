package dev.anneal.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.anneal.dataset.rows.TrainingRows;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** The cost of large datasets for the server: its memory and its threads are bounded. */
@ServerTest
@Timeout(120)
@TestPropertySource(properties = {"anneal.roles=api", "server.tomcat.threads.max=20"})
class LargeDatasetsTest {
    @Autowired
    Api api;

    @Autowired
    DataSource dataSource;

    @Autowired
    TrainingRows rows;

    @Test
    void aPageOfRowsEndsBeforeItHasTooManyBytes() {
        int rows = 8;
        StringBuilder file = new StringBuilder();
        for (int i = 0; i < rows; i++) {
            file.append("{\"text\":\"%s %d\",\"label\":\"%s\"}\n"
                    .formatted("y".repeat(900_000), i, i % 2 == 0 ? "a" : "b"));
        }
        String path = "/api/v1/datasets/" + upload("large.jsonl", file.toString()) + "/rows?limit=1000&after=";

        List<Long> numbers = new ArrayList<>();
        long after = 0;
        int pages = 0;
        boolean more = true;
        while (more) {
            Answer page = api.get(path + after);
            assertThat(page.status()).isEqualTo(200);
            assertThat(page.bytes().length).isLessThan((2 << 20) + 1_000_000);
            for (JsonNode row : page.json().path("data")) {
                after = row.path("number").asLong();
                numbers.add(after);
            }
            more = page.json().path("has_more").asBoolean();
            pages++;
        }

        assertThat(pages).isGreaterThan(2);
        assertThat(numbers).hasSize(rows).doesNotHaveDuplicates().isSorted();
    }

    @Test
    void smallRowsFillAPageAndSayWhetherMoreFollow() {
        String path = "/api/v1/datasets/" + upload("small.csv", small(250)) + "/rows?limit=";

        assertPage(api.get(path + 249), 249, true);
        assertPage(api.get(path + 250), 250, false);
        assertPage(api.get(path + 1000), 250, false);
        assertPage(api.get(path + 100), 100, true);
        assertPage(api.get(path + 100 + "&after=150"), 100, false);
        assertPage(api.get(path + 100 + "&after=250"), 0, false);
    }

    private static void assertPage(Answer page, int rows, boolean more) {
        assertThat(page.json().path("data")).hasSize(rows);
        assertThat(page.json().path("has_more").asBoolean()).isEqualTo(more);
    }

    @Test
    void aPageOfDatasetsEndsBeforeItHasTooManyBytes() {
        StringBuilder csv = new StringBuilder("text,label\n");
        for (int i = 0; i < 1000; i++) {
            String label = "%03d".formatted(i) + "l".repeat(197);
            csv.append("one,").append(label).append("\ntwo,").append(label).append('\n');
        }
        api.post("/api/v1/projects", "{\"id\":\"labels\"}");
        Client project = api.in("labels");
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            Answer created = project.upload("labels.csv", csv.toString());
            assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
            ids.add(0, created.text("id"));
        }

        List<String> found = new ArrayList<>();
        String after = "";
        boolean more = true;
        while (more) {
            Answer page = project.get("/api/v1/datasets?limit=1000" + after);
            assertThat(page.bytes().length).isLessThan((2 << 20) + 300_000);
            page.json()
                    .path("data")
                    .forEach(dataset -> found.add(dataset.path("id").asString()));
            after = "&after=" + found.get(found.size() - 1);
            more = page.json().path("has_more").asBoolean();
        }
        assertThat(found).isEqualTo(ids);
        Answer exact = project.get("/api/v1/datasets?limit=12");
        assertThat(exact.json().path("has_more").asBoolean()).isTrue();
    }

    @Test
    void aDatasetForEvaluationMayNotHaveTooManyLabelsEither() {
        StringBuilder csv = new StringBuilder("text,label,split\n");
        for (int i = 0; i < 1001; i++) {
            csv.append("one,").append(i).append(",test\n");
        }
        assertThat(api.upload("labels.csv", csv.toString()).code()).isEqualTo("too_many_labels");
    }

    @Test
    void otherRequestsAreAnsweredWhileManyWaitForStatistics() throws Exception {
        String path = "/api/v1/datasets/" + upload("small.csv", small(10)) + "/statistics";
        ExecutorService threads = Executors.newCachedThreadPool();
        List<CompletableFuture<Answer>> waiting = new ArrayList<>();
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("lock table dataset_rows in access exclusive mode"); // as if they were very many
            }
            for (int i = 0; i < 40; i++) { // there are 20 threads
                waiting.add(CompletableFuture.supplyAsync(() -> api.get(path), threads));
            }
            TimeUnit.SECONDS.sleep(1); // all of them have arrived
            Answer other = CompletableFuture.supplyAsync(() -> api.get("/api/v1/jobs"), threads)
                    .get(2, TimeUnit.SECONDS);
            assertThat(other.status()).isEqualTo(200);
            connection.rollback();
        }
        for (CompletableFuture<Answer> answer : waiting) {
            assertThat(answer.get(30, TimeUnit.SECONDS).status()).isEqualTo(200);
        }
        threads.shutdown();
    }

    @Test
    void rowsForATrainerAreReadAFewMegabytesAtATime() {
        String id = upload("wide.csv", small(60));
        new JdbcTemplate(dataSource)
                .update(
                        "update dataset_rows set content = content || jsonb_build_object('text', repeat('y', 2000000))"
                                + " where dataset_id = ?",
                        id);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        List<Long> allocated = new ArrayList<>(); // before each row
        Writer out = new Writer() {
            @Override
            public void write(char[] text, int from, int length) {
                if (length > 1) {
                    allocated.add(threads.getCurrentThreadAllocatedBytes() - before);
                }
            }

            @Override
            public void write(String text) {
                allocated.add(threads.getCurrentThreadAllocatedBytes() - before);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };

        long written = rows.write(id, null, 1, out);

        assertThat(written).isEqualTo(allocated.size()).isGreaterThan(40);
        assertThat(allocated.get(0)).isLessThan(40_000_000);
    }

    private String upload(String name, String content) {
        Answer created = api.upload(name, content.getBytes(StandardCharsets.UTF_8), Map.of());
        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        return created.text("id");
    }

    private static String small(int rows) {
        StringBuilder csv = new StringBuilder("text,label\n");
        for (int i = 0; i < rows; i++) {
            csv.append("text ").append(i).append(i % 2 == 0 ? ",a\n" : ",b\n");
        }
        return csv.toString();
    }
}
