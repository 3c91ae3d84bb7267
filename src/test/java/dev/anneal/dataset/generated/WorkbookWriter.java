package dev.anneal.dataset.generated;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.anneal.dataset.generated.PlantedRows.Row;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes rows as an Excel workbook: texts in their cells, everything else as shared strings. */
final class WorkbookWriter {
    private WorkbookWriter() {}

    /** Returns a workbook of planted rows, and tells each row its place. */
    static byte[] write(PlantedRows rows) throws IOException {
        Map<String, Integer> shared = new LinkedHashMap<>();
        StringBuilder sheet = new StringBuilder("<row r=\"1\">").append(inline("A1", "text"));
        sheet.append(string("B1", "label", shared)).append(string("C1", "split", shared));
        sheet.append(string("D1", "code", shared)).append("</row>");
        for (Row row : rows.all()) {
            int number = row.index + 2 + row.index / 1_000; // some rows are blank, and are left out
            row.place = String.valueOf(number);
            sheet.append(row.raw.apply("<row r=\"" + number + "\">" + inline("A" + number, row.text)
                    + string("B" + number, row.label, shared) + string("C" + number, row.split, shared)
                    + string("D" + number, row.code(), shared) + "</row>"));
        }
        return write(sheet, shared);
    }

    /** Returns a workbook of texts and labels. */
    static byte[] write(List<String> texts, List<String> labels) throws IOException {
        Map<String, Integer> shared = new LinkedHashMap<>();
        StringBuilder sheet = new StringBuilder("<row>").append(inline("A1", "text"));
        sheet.append(string("B1", "label", shared)).append("</row>");
        for (int i = 0; i < texts.size(); i++) {
            sheet.append("<row>").append(inline("A" + (i + 2), texts.get(i)));
            sheet.append(string("B" + (i + 2), labels.get(i), shared)).append("</row>");
        }
        return write(sheet, shared);
    }

    private static byte[] write(StringBuilder rows, Map<String, Integer> shared) throws IOException {
        StringBuilder strings = new StringBuilder("<sst>");
        shared.keySet()
                .forEach(text -> strings.append("<si><t xml:space=\"preserve\">")
                        .append(escape(text))
                        .append("</t></si>"));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setLevel(Deflater.BEST_SPEED);
            entry(
                    zip,
                    "xl/workbook.xml",
                    "<workbook><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\" xmlns:r=\"urn:r\"/></sheets></workbook>");
            entry(
                    zip,
                    "xl/_rels/workbook.xml.rels",
                    "<Relationships><Relationship Id=\"r1\" Target=\"worksheets/sheet1.xml\"/></Relationships>");
            entry(zip, "xl/sharedStrings.xml", strings.append("</sst>").toString());
            entry(zip, "xl/worksheets/sheet1.xml", "<worksheet><sheetData>" + rows + "</sheetData></worksheet>");
        }
        return bytes.toByteArray();
    }

    private static void entry(ZipOutputStream zip, String name, String text) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(text.getBytes(UTF_8));
        zip.closeEntry();
    }

    static String inline(String cell, String text) {
        return "<c r=\"" + cell + "\" t=\"inlineStr\"><is><t xml:space=\"preserve\">" + escape(text) + "</t></is></c>";
    }

    private static String string(String cell, String text, Map<String, Integer> shared) {
        return "<c r=\"" + cell + "\" t=\"s\"><v>" + shared.computeIfAbsent(text, key -> shared.size()) + "</v></c>";
    }

    /** Escapes a text as Excel does: what XML cannot contain is written as _x0007_. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean isPair = Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (isPair) {
                escaped.append(c).append(text.charAt(++i));
            } else if (c == '<' || c == '>' || c == '&') {
                escaped.append(c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;");
            } else if (c < ' ' && c != '\n' && c != '\t' || Character.isSurrogate(c) || c >= '\ufffe') {
                escaped.append("_x%04X_".formatted((int) c));
            } else if (c == '_' && text.startsWith("_x", i)) {
                escaped.append("_x005F_"); // or Excel would read a code that the text itself has
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
