package dev.anneal.dataset.generated;

import dev.anneal.dataset.file.UploadedFile;
import dev.anneal.dataset.generated.PlantedRows.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Tables of texts and labels: CSV, TSV, Parquet, Excel. */
enum PlantedTables implements PlantedFile {
    CSV {
        @Override
        public void plant(PlantedRows rows) {
            rows.lastError("unreadable_row", row -> row.raw = written -> "\"this mark is never closed");
            PlantedFile.plantTable(rows);
            rows.plantLabels("Cedar", "CEDAR", "\uff43edar");
            rows.error("invalid_utf8", row -> row.text = rows.insert(row.text, "caf" + PlantedRows.BAD_BYTE));
            rows.error("wrong_field_count", row -> row.raw = written -> written + ",more");
            rows.warning("repeated_header", "train", 3, row -> row.raw = written -> "text,label,split,code");
        }

        @Override
        public List<UploadedFile> write(PlantedRows rows) {
            StringBuilder out = new StringBuilder("text,label,split,code\n");
            PlantedFile.lines(
                    out,
                    "",
                    rows.all(),
                    row -> "\"" + row.text + "\"," + row.label + "," + row.split + "," + row.code());
            return List.of(PlantedFile.file("planted.csv", PlantedFile.bytes(out)));
        }
    },
    /** Its labels are numbers with names. */
    TSV {
        @Override
        public void plant(PlantedRows rows) {
            PlantedFile.plantTable(rows);
            rows.error("invalid_utf8", row -> row.text = rows.insert(row.text, "caf" + PlantedRows.BAD_BYTE));
            rows.error(
                    "wrong_field_count", row -> row.raw = written -> written.substring(0, written.lastIndexOf('\t')));
            rows.error("unknown_label", row -> row.label = "7");
            rows.warning("repeated_header", "train", 3, row -> row.raw = written -> "text\tlabel\tsplit\tcode");
        }

        @Override
        public List<UploadedFile> write(PlantedRows rows) {
            StringBuilder out = new StringBuilder("text\tlabel\tsplit\tcode\n");
            PlantedFile.lines(out, "", rows.all(), row -> {
                int number = PlantedRows.LABELS.indexOf(row.label);
                return String.join(
                        "\t", row.line(), number < 0 ? row.label : String.valueOf(number), row.split, row.code());
            });
            return List.of(PlantedFile.file("planted.tsv", PlantedFile.bytes(out)));
        }

        @Override
        public Map<String, String> form() {
            return Map.of("label_names", "[\"amber\",\"birch\",\"cedar\",\"dahlia\"]");
        }
    },
    /** The place of a row is its number. */
    PARQUET {
        @Override
        public void plant(PlantedRows rows) {
            PlantedFile.plantTable(rows);
            rows.plantLabels("Cedar", "CEDAR", "\uff43edar");
            rows.error("empty_text", row -> row.text = null);
            rows.error("empty_label", row -> row.label = null);
            rows.error("invalid_utf8", row -> row.text = rows.insert(row.text, "caf" + PlantedRows.BAD_BYTE));
        }

        @Override
        public List<UploadedFile> write(PlantedRows rows) throws IOException {
            List<byte[][]> cells = new ArrayList<>();
            for (Row row : rows.all()) {
                row.place = String.valueOf(row.index + 1);
                cells.add(new byte[][] {cell(row.text), cell(row.label), cell(row.split), cell(row.code())});
            }
            return List.of(PlantedFile.file(
                    "planted.parquet", ParquetWriter.write(List.of("text", "label", "split", "code"), cells)));
        }

        private byte[] cell(String text) {
            return text == null ? null : PlantedFile.bytes(text);
        }
    },
    XLSX {
        @Override
        public void plant(PlantedRows rows) {
            rows.lastError("unreadable_row", row -> row.raw = written -> written.replace("</row>", "<c></row>"));
            PlantedFile.plantTable(rows);
            rows.plantLabels("Cedar", "CEDAR", "\uff43edar");
            rows.error("invalid_unicode", row -> row.text = rows.insert(row.text, "\ud800"));
            rows.error(
                    "cell_error",
                    row -> row.raw = written ->
                            written.replaceFirst("<c r=\"(D\\d+)\".*?</c>", "<c r=\"$1\" t=\"e\"><v>#N/A</v></c>"));
            rows.error(
                    "wrong_field_count",
                    row -> row.raw = written -> written.replace("</row>", "<c r=\"F1\"><v>1</v></c></row>"));
            rows.warning(
                    "repeated_header",
                    "train",
                    3,
                    row -> row.raw = written -> written.substring(0, written.indexOf('>') + 1)
                            + WorkbookWriter.inline("A1", "text")
                            + WorkbookWriter.inline("B1", "label")
                            + WorkbookWriter.inline("C1", "split")
                            + WorkbookWriter.inline("D1", "code")
                            + "</row>");
        }

        @Override
        public List<UploadedFile> write(PlantedRows rows) throws IOException {
            return List.of(PlantedFile.file("planted.xlsx", WorkbookWriter.write(rows)));
        }
    }
}
