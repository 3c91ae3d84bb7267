package dev.anneal.dataset.generated;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.anneal.dataset.file.UploadedFile;
import dev.anneal.dataset.generated.PlantedRows.Row;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Files of texts only. Their split, and their label if they have one, are those of the file or of its folder. */
enum PlantedTexts implements PlantedFile {
    CONLL {
        @Override
        public void plant(PlantedRows rows) {
            rows.plantRepetitions();
            rows.plantTexts(false);
            rows.plantConflicts();
            PlantedFile.plantBytes(rows);
            rows.error("wrong_field_count", row -> change(row, 2, "alone"));
            rows.error("unknown_tag", row -> change(row, 3, "Lee\tX-PER"));
            rows.error("token_too_long", row -> row.text = "t".repeat(1_001) + " " + row.text);
            rows.error("tag_too_long", row -> row.label = "l".repeat(201));
            rows.error("empty_token", row -> row.text = "\u3000 " + row.text);
            rows.error("too_many_tokens", 2, row -> row.text = "ab ".repeat(10_001));
            rows.warning("invalid_tag_sequence", "test", row -> row.raw = written -> written.replaceFirst("B-", "I-"));
        }

        /** Puts another line in place of one of the lines of a row. */
        private void change(Row row, int number, String line) {
            row.offset = number;
            row.raw = written -> {
                String[] lines = written.split("\n");
                lines[number] = line;
                return String.join("\n", lines) + "\n";
            };
        }

        @Override
        public List<UploadedFile> write(PlantedRows rows) {
            List<UploadedFile> files = new ArrayList<>();
            for (String split : SPLITS) {
                StringBuilder out = new StringBuilder("-DOCSTART- -X- O\n\n# a comment\n");
                String name = split + ".conll";
                PlantedFile.lines(out, name + ":", rows.of(split), PlantedTexts::tagged);
                files.add(PlantedFile.file(name, split, PlantedFile.bytes(out)));
            }
            return files;
        }
    },
    /** Blank lines separate the rows. */
    TEXT {
        @Override
        public void plant(PlantedRows rows) {
            rows.plantRepetitions();
            rows.plantTexts(true);
            PlantedFile.plantBytes(rows);
        }

        @Override
        public List<UploadedFile> write(PlantedRows rows) {
            List<UploadedFile> files = new ArrayList<>();
            for (String split : SPLITS) {
                StringBuilder out = new StringBuilder();
                String name = split + ".txt";
                PlantedFile.lines(out, name + ":", rows.of(split), row -> row.text + "\n");
                files.add(PlantedFile.file(name, split, PlantedFile.bytes(out)));
            }
            return files;
        }

        @Override
        public Map<String, String> form() {
            return Map.of("task", "causal-lm");
        }
    },
    /** A file for each label and split, in which each line is a row. */
    LINES {
        @Override
        public void plant(PlantedRows rows) {
            rows.plantRepetitions();
            rows.plantTexts(true);
            rows.plantConflicts();
            rows.plantLabels("Cedar");
            PlantedFile.plantBytes(rows);
            rows.error("text_too_long", 1, row -> row.text = "ab ".repeat(400_000));
        }

        @Override
        public List<UploadedFile> write(PlantedRows rows) {
            List<UploadedFile> files = new ArrayList<>();
            for (String split : SPLITS) {
                for (String label : FILES) {
                    String name = label + "." + split + ".txt";
                    List<Row> own = rows.of(split).stream()
                            .filter(row -> row.label.equals(label))
                            .toList();
                    StringBuilder out = new StringBuilder();
                    PlantedFile.lines(out, name + ":", own, Row::line);
                    if (!own.isEmpty()) {
                        files.add(PlantedFile.file(name, split, PlantedFile.bytes(out)));
                    }
                }
            }
            return files;
        }

        @Override
        public Map<String, String> form() {
            List<String> labels = new ArrayList<>();
            for (String split : SPLITS) {
                FILES.subList(0, split.equals("train") ? FILES.size() : PlantedRows.LABELS.size())
                        .forEach(label -> labels.add("\"%s.%s.txt\":\"%s\"".formatted(label, split, label)));
            }
            return Map.of("file_labels", "{" + String.join(",", labels) + "}");
        }
    },
    /** A zip with a folder for each split and label. The line of a row is the number of its file. */
    FOLDERS {
        @Override
        public void plant(PlantedRows rows) {
            rows.plantRepetitions();
            rows.plantTexts(true);
            rows.plantConflicts();
            rows.plantLabels("Cedar", "CEDAR", "\uff43edar");
            PlantedFile.plantBytes(rows);
            rows.error("empty_text", row -> row.text = " ");
            rows.error("text_too_long", 1, row -> row.text = "ab ".repeat(400_000));
            rows.error("label_too_long", row -> row.label = "l".repeat(201));
            rows.warning("no_folder", "train", row -> row.label = "");
        }

        @Override
        public List<UploadedFile> write(PlantedRows rows) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ZipOutputStream zip = new ZipOutputStream(bytes, UTF_8)) {
                zip.setLevel(Deflater.BEST_SPEED);
                for (Row row : rows.all()) {
                    String folder = row.label.isEmpty() ? row.split : row.split + "/" + row.label;
                    String name = folder + "/" + row.index + ".txt";
                    row.place = name + ":" + (row.index + 1);
                    zip.putNextEntry(new ZipEntry(name));
                    zip.write(PlantedFile.bytes(row.text));
                    zip.closeEntry();
                }
            }
            return List.of(PlantedFile.file("planted.zip", bytes.toByteArray()));
        }
    };

    private static final List<String> SPLITS = List.of("train", "validation", "test");
    private static final List<String> FILES = List.of("amber", "birch", "cedar", "dahlia", "Cedar", "elder");

    /** Returns the words of a text as tokens, of which two are an entity. */
    private static String tagged(Row row) {
        Map<Integer, String> tags = new LinkedHashMap<>();
        tags.put(0, "B-" + row.label);
        tags.put(1, "I-" + row.label);
        StringBuilder lines = new StringBuilder();
        String[] tokens = row.text.split("[ \n]");
        for (int i = 0; i < tokens.length; i++) {
            lines.append(tokens[i])
                    .append('\t')
                    .append(tags.getOrDefault(i, "O"))
                    .append('\n');
        }
        return lines.toString();
    }
}
