package dev.anneal.dataset.staged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.dataset.file.Row;
import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class StagedRowsTest {
    @TempDir
    Path directory;

    private static Row row(int number, String split, ObjectNode content) {
        String label = content.path("label").asString(null);
        return new Row(number, null, number, split, label, content, Map.of("text", content.path("text")));
    }

    private static ObjectNode labelled(String text, String label) {
        return Json.MAPPER.createObjectNode().put("text", text).put("label", label);
    }

    private static List<String> stored(StagedRows rows) throws IOException {
        List<String> stored = new ArrayList<>();
        rows.forEach((number, split, origin, bytes, from, length) -> stored.add(
                number + " " + split + " " + Json.MAPPER.readTree(Arrays.copyOfRange(bytes, from, from + length))));
        return stored;
    }

    @Test
    void rowsOfAnySizeComeOutAsTheyWentIn() throws IOException {
        Random random = new Random(3);
        List<String> expected = new ArrayList<>();
        try (StagedRows rows = new StagedRows(directory, 1_000)) {
            int number = 0;
            for (int i = 0; i < 3_000; i++) {
                number += 1 + random.nextInt(3);
                int length = i % 500 == 7 ? 70_000 + random.nextInt(200_000) : random.nextInt(3_000);
                ObjectNode content = labelled("\"ü\\\n\t\u0001😀" + "x".repeat(length), i % 2 == 0 ? "a" : "b");
                content.put("score", i / 4.0)
                        .putNull("none")
                        .putArray("labels")
                        .add("a")
                        .add("ü");
                String split = List.of("train", "validation", "test").get(i % 3);
                rows.add(row(number, split, content));
                expected.add(number + " " + split + " " + content);
            }

            assertThat(stored(rows)).isEqualTo(expected);
            assertThat(rows.count()).isEqualTo(3_000);
            assertThat(rows.scoresDiffer()).isTrue();
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void labelsAreCountedBySplitAndTheirRowsCanBeRemoved() throws IOException {
        try (StagedRows rows = new StagedRows(directory, 1_000)) {
            String[] labels = {"b", "\ud83d\ude00", "a", "\uff21", "a", "b"};
            for (int i = 0; i < labels.length; i++) {
                rows.add(row(i + 1, i < 3 ? "train" : "test", labelled("t" + i, labels[i])));
            }

            assertThat(rows.summary().labels())
                    .containsExactly(
                            new StagedRows.Count("a", 1, 0, 1),
                            new StagedRows.Count("b", 1, 0, 1),
                            new StagedRows.Count("\uff21", 0, 0, 1), // as Postgres orders by bytes
                            new StagedRows.Count("\ud83d\ude00", 1, 0, 0));
            assertThat(rows.named(List.of("b", "a"), true, 10))
                    .containsExactly(new StagedRows.NamedRow(5, "a"), new StagedRows.NamedRow(6, "b"));
            assertThat(rows.named(List.of("b", "a"), false, 2))
                    .containsExactly(new StagedRows.NamedRow(1, "b"), new StagedRows.NamedRow(3, "a"));
            assertThat(rows.remove(List.of("b"), true, number -> {})).isEqualTo(1);
            assertThat(rows.remove(List.of("b", "\uff21"), false, number -> {})).isEqualTo(2);
            assertThat(rows.summary())
                    .isEqualTo(new StagedRows.Summary(
                            List.of(new StagedRows.Count("a", 1, 0, 1), new StagedRows.Count("\ud83d\ude00", 1, 0, 0)),
                            2,
                            0,
                            1));
            assertThat(stored(rows)).hasSize(3).first().asString().startsWith("2 train");
        }
    }

    @Test
    void moreLabelsThanAFileMayHaveTakeNoMemory() throws IOException {
        try (StagedRows rows = new StagedRows(directory, 10)) {
            for (int i = 1; i <= 100; i++) {
                rows.add(row(i, "train", labelled("t", "label " + i)));
            }

            assertThat(rows.summary().labels()).hasSize(11);
        }
    }

    @Test
    void jsonIsThatOfJackson() throws IOException {
        Random random = new Random(5);
        for (int i = 0; i < 2_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(20); n > 0; n--) {
                int c = random.nextInt(random.nextBoolean() ? 0x100 : 0x110000);
                text.appendCodePoint(Character.isSurrogate((char) c) && c < 0x10000 ? 'x' : c);
            }
            JsonNode node = Json.MAPPER
                    .createArrayNode()
                    .add(text.toString())
                    .add(i)
                    .add(-0.5)
                    .add(true);
            Bytes bytes = new Bytes();
            bytes.json(node);

            assertThat(Json.MAPPER.readTree(Arrays.copyOf(bytes.bytes(), bytes.size())))
                    .isEqualTo(node);
        }
    }

    @Test
    void aPipeHandsAllRowsOnInOrder() throws IOException {
        List<Long> seen = new ArrayList<>();
        RowPipe pipe = new RowPipe(row -> seen.add(row.number()));
        for (int i = 1; i <= 10_000; i++) {
            pipe.add(row(i, "train", labelled(i % 1_000 == 0 ? "x".repeat(3_000_000) : "t", "a")));
        }
        pipe.finish();

        assertThat(seen).hasSize(10_000).isSorted();
    }

    @Test
    void whatTheSinkThrowsReachesTheReader() {
        for (int count : List.of(1, 100_000)) {
            RowPipe pipe = new RowPipe(row -> {
                throw new IllegalStateException("row " + row.number());
            });
            assertThatThrownBy(() -> {
                        try {
                            for (int i = 1; i <= count; i++) {
                                pipe.add(row(i, "train", labelled("t", "a")));
                            }
                        } finally {
                            pipe.finish();
                        }
                    })
                    .hasMessage("row 1");
        }
    }

    /** Which of two problems a user sees must not depend on the speed of two threads. */
    @Test
    void theSinkComesFirstIfTheReaderFailsAfterIt() {
        for (boolean fails : List.of(true, false)) {
            RowPipe pipe = new RowPipe(row -> {
                if (fails) {
                    throw new IllegalStateException("the disk is full");
                }
            });
            assertThatThrownBy(() -> {
                        try {
                            pipe.add(row(1, "train", labelled("t", "a")));
                            throw new IOException("the file broke off");
                        } finally {
                            pipe.finish();
                        }
                    })
                    .hasMessage(fails ? "the disk is full" : "the file broke off");
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("row-checks"));
    }
}
