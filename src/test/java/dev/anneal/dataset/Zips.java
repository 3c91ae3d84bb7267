package dev.anneal.dataset;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Makes zips of small files. */
final class Zips {
    private Zips() {}

    /** Returns a zip of texts: each name is followed by its content. */
    static byte[] of(String... namesAndTexts) {
        return in(StandardCharsets.UTF_8, namesAndTexts);
    }

    /** Returns a zip of texts in an encoding. */
    static byte[] in(Charset charset, String... namesAndTexts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < namesAndTexts.length; i += 2) {
                zip.putNextEntry(new ZipEntry(namesAndTexts[i]));
                zip.write(namesAndTexts[i + 1].getBytes(charset));
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Returns a workbook whose first sheet has this content, after a line that may be a DOCTYPE. */
    static byte[] workbook(String doctype, String rows, String... more) {
        String[] parts = {
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\" xmlns:r=\"urn:r\"/></sheets></workbook>",
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"r1\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
            "xl/worksheets/sheet1.xml",
            doctype + "<worksheet><sheetData>" + rows + "</sheetData></worksheet>"
        };
        String[] all = java.util.Arrays.copyOf(parts, parts.length + more.length);
        System.arraycopy(more, 0, all, parts.length, more.length);
        return of(all);
    }
}
