package dev.anneal.dataset.generated;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.luben.zstd.Zstd;
import dev.anneal.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import tools.jackson.databind.node.ObjectNode;

/** A file of a format and an encoding with random rows, and the rows that must be stored. */
record RandomFile(String name, byte[] bytes, Map<String, String> form, List<ObjectNode> rows) {
    private static final int ROWS = 40;
    /** The formats that are text in an encoding, and those that are not. */
    static final List<String> TEXTS =
            List.of("csv", "tsv", "jsonl", "json", "conll", "txt", "lines", "first-space", "chat", "prompts", "tokens");

    static final List<String> OTHERS = List.of("parquet", "xlsx", "zip");

    /** Returns a file of a format in an encoding, such as utf-8, utf-16le with a byte order mark, or windows-1252. */
    static RandomFile of(String format, String encoding, long seed) throws IOException {
        Random random = new Random(seed);
        boolean hasMark = encoding.endsWith("+bom");
        String title = encoding.replace("+bom", "");
        Charset charset = Charset.forName(title);
        RandomTexts texts = new RandomTexts(random, charset);
        Map<String, String> form = new LinkedHashMap<>();
        if (!hasMark && charset != UTF_8) {
            form.put("encoding", title);
        }
        List<ObjectNode> rows = new ArrayList<>();
        byte[] bytes = OTHERS.contains(format)
                ? binary(format, texts, rows)
                : encode(text(format, texts, form, rows), hasMark, charset);
        return new RandomFile(name(format), compressed(bytes, random), form, rows);
    }

    private static String name(String format) {
        return switch (format) {
            case "chat", "prompts", "tokens" -> "random.jsonl";
            case "lines", "first-space" -> "random.txt";
            default -> "random." + format;
        };
    }

    /** Encodes a text. One that begins with a byte order mark has another one before it. */
    private static byte[] encode(String text, boolean hasMark, Charset charset) {
        return ((hasMark || text.startsWith("\ufeff") ? "\ufeff" : "") + text).getBytes(charset);
    }

    private static byte[] compressed(byte[] bytes, Random random) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        switch (random.nextInt(4)) {
            case 0 -> out.writeBytes(Zstd.compress(bytes));
            case 1 -> {
                try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
                    gzip.write(bytes);
                }
            }
            default -> out.writeBytes(bytes);
        }
        return out.toByteArray();
    }

    private static ObjectNode object() {
        return Json.MAPPER.createObjectNode();
    }

    /** Returns a text and one of a few labels. */
    private static ObjectNode labelled(String text, List<String> labels, int row) {
        return object().put("text", text).put("label", labels.get(row % labels.size()));
    }

    private static List<String> labels(RandomTexts texts, boolean isPlain) {
        return isPlain
                ? List.of("one", "two")
                : List.of(
                        texts.line().strip() + "1",
                        "2" + texts.line().strip(),
                        texts.line().strip() + "3");
    }

    private static String text(String format, RandomTexts texts, Map<String, String> form, List<ObjectNode> rows) {
        Random random = texts.random();
        String end = List.of("\n", "\r\n", "\r").get(random.nextInt(3));
        boolean isPlain = List.of("lines", "first-space").contains(format);
        List<String> labels = labels(texts, isPlain);
        StringBuilder out = new StringBuilder();
        String delimiter = List.of(",", ";", "|", "\t").get(random.nextInt(4));
        switch (format) {
            case "csv" -> out.append("label").append(delimiter).append("text").append(end);
            case "tsv" -> out.append("label\ttext").append(end);
            case "json" -> out.append('[');
            case "txt" -> form.put("task", "causal-lm");
            case "lines" -> form.put("file_labels", "{\"random.txt\":\"one\"}");
            case "first-space" -> {
                form.put("delimiter", "first-space");
                form.put("header", "false");
                form.put("columns", "{\"label\":\"column_1\",\"text\":\"column_2\"}");
            }
            default -> {}
        }
        if (format.equals("lines")) {
            form.put("task", "text-classification");
        }
        for (int i = 0; i < ROWS; i++) {
            switch (format) {
                case "csv" -> {
                    ObjectNode row = labelled(texts.text(), labels, i);
                    out.append(cell(row, "label", delimiter, random)).append(delimiter);
                    out.append(cell(row, "text", delimiter, random)).append(end);
                    rows.add(row);
                }
                case "tsv" -> {
                    ObjectNode row =
                            labelled(texts.text(c -> c != '\t' && c != '\n' && c != '\r', 12), tabless(labels), i);
                    out.append(row.get("label").asString())
                            .append('\t')
                            .append(row.get("text").asString())
                            .append(end);
                    rows.add(row);
                }
                case "json" -> {
                    ObjectNode row = labelled(texts.text(), labels, i);
                    out.append(i == 0 ? "" : "," + end).append(row);
                    rows.add(row);
                }
                case "jsonl" -> {
                    ObjectNode row = labelled(texts.text(), labels, i);
                    out.append(row).append(end);
                    rows.add(row);
                }
                case "chat", "prompts", "tokens" -> {
                    ObjectNode row = switch (format) {
                        case "chat" -> chat(texts);
                        case "prompts" -> object().put("prompt", texts.text()).put("completion", texts.text());
                        default -> tagged(texts);
                    };
                    out.append(row).append(end);
                    rows.add(row);
                }
                case "conll" -> {
                    ObjectNode row = tagged(texts);
                    for (int j = 0; j < row.get("tokens").size(); j++) {
                        out.append(row.get("tokens").get(j).asString()).append(random.nextBoolean() ? "\t" : "\tNN\t");
                        out.append(row.get("tags").get(j).asString()).append(end);
                    }
                    out.append(end);
                    rows.add(row);
                }
                case "txt" -> {
                    List<String> lines = new ArrayList<>();
                    for (int n = 1 + random.nextInt(3); n > 0; n--) {
                        lines.add((i == 0 ? "a" : "") + texts.line());
                    }
                    lines.forEach(line -> out.append(line).append(end));
                    out.append(end);
                    rows.add(object().put("text", String.join("\n", lines).stripTrailing()));
                }
                case "lines" -> {
                    String line = (i == 0 ? "a" : "") + texts.line();
                    out.append(line).append(end);
                    rows.add(object().put("text", line).put("label", "one"));
                }
                default -> {
                    ObjectNode row = labelled(texts.line(), labels, i);
                    out.append(row.get("label").asString())
                            .append(' ')
                            .append(row.get("text").asString())
                            .append(end);
                    rows.add(row);
                }
            }
        }
        return out.append(format.equals("json") ? "]" : "").toString();
    }

    private static List<String> tabless(List<String> labels) {
        return labels.stream().map(label -> label.replace('\t', '-')).toList();
    }

    private static String cell(ObjectNode row, String column, String delimiter, Random random) {
        String value = row.get(column).asString();
        boolean isPlain =
                !value.contains(delimiter) && value.chars().noneMatch(c -> c == '"' || c == '\n' || c == '\r');
        return isPlain && random.nextBoolean() ? value : '"' + value.replace("\"", "\"\"") + '"';
    }

    private static ObjectNode chat(RandomTexts texts) {
        ObjectNode row = object();
        var messages = row.putArray("messages");
        messages.addObject().put("role", "user").put("content", texts.text());
        messages.addObject().put("role", "assistant").put("content", texts.text());
        return row;
    }

    private static ObjectNode tagged(RandomTexts texts) {
        ObjectNode row = object();
        var tokens = row.putArray("tokens");
        var tags = row.putArray("tags");
        for (int n = 1 + texts.random().nextInt(5); n > 0; n--) {
            String token = texts.token();
            tokens.add(token);
            tags.add(n == 1 ? "B-X" : "O");
        }
        return row;
    }

    private static byte[] binary(String format, RandomTexts texts, List<ObjectNode> rows) throws IOException {
        List<String> labels = labels(texts, format.equals("zip"));
        for (int i = 0; i < ROWS; i++) {
            rows.add(labelled(texts.text(), labels, i));
        }
        Function<String, List<String>> column =
                name -> rows.stream().map(row -> row.get(name).asString()).collect(Collectors.toList());
        return switch (format) {
            case "parquet" ->
                ParquetWriter.write(
                        List.of("text", "label"),
                        rows.stream()
                                .map(row -> new byte[][] {
                                    row.get("text").asString().getBytes(UTF_8),
                                    row.get("label").asString().getBytes(UTF_8)
                                })
                                .toList());
            case "xlsx" -> WorkbookWriter.write(column.apply("text"), column.apply("label"));
            default -> zip(rows);
        };
    }

    /** Returns a zip with a folder for each label. */
    private static byte[] zip(List<ObjectNode> rows) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < rows.size(); i++) {
                String text = rows.get(i).get("text").asString();
                zip.putNextEntry(new ZipEntry(rows.get(i).get("label").asString() + "/" + i + ".txt"));
                zip.write(encode(text, false, UTF_8));
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }
}
