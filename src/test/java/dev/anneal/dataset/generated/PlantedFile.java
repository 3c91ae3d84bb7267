package dev.anneal.dataset.generated;

import dev.anneal.dataset.file.UploadedFile;
import dev.anneal.dataset.generated.PlantedRows.Row;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A format of files with planted problems: plants those that it can express, and writes the rows. */
interface PlantedFile {
    /** Plants problems, among them some that only this format has. */
    void plant(PlantedRows rows);

    /** Writes the files of an upload, and tells each row its place. */
    List<UploadedFile> write(PlantedRows rows) throws IOException;

    /** Returns the fields of the form. */
    default Map<String, String> form() {
        return Map.of();
    }

    static UploadedFile file(String name, byte[] bytes) {
        return file(name, null, bytes);
    }

    static UploadedFile file(String name, String split, byte[] bytes) {
        return new UploadedFile(name, split, () -> new ByteArrayInputStream(bytes));
    }

    /** Writes rows one after another. Each begins in a new line, and may have several. Some lines between are blank. */
    static void lines(StringBuilder out, String file, Iterable<Row> rows, Function<Row, String> text) {
        long line = 1 + out.chars().filter(c -> c == '\n').count();
        for (Row row : rows) {
            String written = row.raw.apply(text.apply(row));
            row.place = file + (line + row.offset);
            out.append(written).append('\n');
            line += 1 + written.chars().filter(c -> c == '\n').count();
            if (row.index % 1_000 == 500) {
                out.append('\n');
                line++;
            }
        }
    }

    /** Returns the text in UTF-8, with a byte that is not UTF-8 for each {@link PlantedRows#BAD_BYTE}. */
    static byte[] bytes(CharSequence text) {
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
        int from = 0;
        for (int i = 0; i + 2 < bytes.length; i++) {
            if (bytes[i] == (byte) 0xEE && bytes[i + 1] == (byte) 0x80 && bytes[i + 2] == (byte) 0x80) {
                out.write(bytes, from, i - from);
                out.write(0xE9);
                from = i + 3;
            }
        }
        out.write(bytes, from, bytes.length - from);
        return out.toByteArray();
    }

    /** Plants the errors of texts that each format can have whose rows are text in an encoding. */
    static void plantBytes(PlantedRows rows) {
        rows.error("null_byte", row -> row.text = rows.insert(row.text, "\0"));
        rows.error("invalid_utf8", row -> row.text = rows.insert(row.text, "caf" + PlantedRows.BAD_BYTE));
    }

    /** Plants what a table of texts and labels can have. */
    static void plantTable(PlantedRows rows) {
        rows.plantRepetitions();
        rows.plantTexts(true);
        rows.plantConflicts();
        rows.error("null_byte", row -> row.text = rows.insert(row.text, "\0"));
        rows.error("text_too_long", 1, row -> row.text = "ab ".repeat(400_000));
        rows.error("empty_text", row -> row.text = " ");
        rows.error("empty_label", row -> row.label = "");
        rows.error("label_too_long", row -> row.label = "l".repeat(201));
        rows.error("unknown_split", row -> row.split = "trian");
        rows.whole("column_reveals_label");
    }
}
