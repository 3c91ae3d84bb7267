package dev.anneal.dataset.workbook;

import dev.anneal.dataset.spool.SharedStrings;
import dev.anneal.dataset.unpack.ReaderLimits;
import dev.anneal.dataset.unpack.ZipStream;
import dev.anneal.web.Problem;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.stream.XMLStreamConstants;
import org.jspecify.annotations.Nullable;

/**
 * The parts of an Excel workbook that are needed to read a sheet.
 *
 * @param sheets the names of the sheets that are not hidden
 * @param path the name of the first of them in the zip
 */
public record Workbook(List<String> sheets, String path, SharedStrings strings) implements Closeable {
    private static final Pattern ESCAPED = Pattern.compile("_x([0-9A-Fa-f]{4})_");
    private static final int MAX_SHEETS = 1_000;

    private record Sheet(String name, String relation) {}

    public static Workbook open(Path file, ReaderLimits limits) throws IOException {
        SharedStrings strings = new SharedStrings(limits.directory());
        try {
            return read(file, limits, strings);
        } catch (SafeXml.Invalid e) {
            strings.close();
            throw malformed(e.getMessage());
        } catch (IOException | RuntimeException e) {
            strings.close();
            throw e;
        }
    }

    private static Workbook read(Path file, ReaderLimits limits, SharedStrings strings) throws IOException {
        List<Sheet> sheets = new ArrayList<>();
        Map<String, String> targets = new HashMap<>();
        try (ZipStream zip = new ZipStream(file, limits.unpack())) {
            for (String name = zip.next(); name != null; name = zip.next()) {
                switch (name.toLowerCase()) {
                    case "xl/workbook.xml" -> readSheets(new SafeXml(zip.content()), sheets);
                    case "xl/_rels/workbook.xml.rels" -> readTargets(new SafeXml(zip.content()), targets);
                    case "xl/sharedstrings.xml" -> readStrings(new SafeXml(zip.content()), strings, limits.maxRow());
                    default -> {}
                }
            }
        }
        String target = sheets.isEmpty() ? null : targets.get(sheets.get(0).relation());
        if (target == null) {
            throw malformed("it has no sheet");
        }
        return new Workbook(
                sheets.stream().map(Sheet::name).toList(),
                target.startsWith("/") ? target.substring(1) : "xl/" + target,
                strings);
    }

    public static Problem malformed(@Nullable String why) {
        return Problem.unprocessable(
                "malformed_workbook", "The Excel file cannot be read: " + why + ". Save it again as .xlsx, or as CSV.");
    }

    private static void readSheets(SafeXml xml, List<Sheet> sheets) throws IOException {
        for (int event = xml.next(); event != XMLStreamConstants.END_DOCUMENT; event = xml.next()) {
            if (event == XMLStreamConstants.START_ELEMENT
                    && xml.name().equals("sheet")
                    && sheets.size() < MAX_SHEETS
                    && !String.valueOf(xml.attribute("state")).toLowerCase().contains("hidden")) {
                String name = xml.attribute("name");
                String relation = xml.attribute("id");
                sheets.add(new Sheet(name == null ? "" : name, relation == null ? "" : relation));
            }
        }
    }

    private static void readTargets(SafeXml xml, Map<String, String> targets) throws IOException {
        for (int event = xml.next(); event != XMLStreamConstants.END_DOCUMENT; event = xml.next()) {
            if (event == XMLStreamConstants.START_ELEMENT
                    && xml.name().equals("Relationship")
                    && targets.size() < 10 * MAX_SHEETS) {
                String id = xml.attribute("Id");
                String target = xml.attribute("Target");
                if (id != null && target != null) {
                    targets.put(id, target);
                }
            }
        }
    }

    private static void readStrings(SafeXml xml, SharedStrings strings, long max) throws IOException {
        RichText text = new RichText(max);
        for (int event = xml.next(); event != XMLStreamConstants.END_DOCUMENT; event = xml.next()) {
            boolean isItem =
                    event == XMLStreamConstants.END_ELEMENT && xml.name().equals("si");
            text.add(event, xml);
            if (isItem) {
                strings.add(text.take());
            }
        }
    }

    /** Decodes characters that Excel writes as _x000D_. */
    public static String unescape(String text) {
        if (!text.contains("_x")) {
            return text;
        }
        Matcher matcher = ESCAPED.matcher(text);
        return matcher.replaceAll(
                found -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(found.group(1), 16))));
    }

    /** The text of a string or a cell, which may consist of parts with different fonts. Its pronunciation is left out. */
    public static final class RichText {
        private final long max;
        private final StringBuilder text = new StringBuilder();
        private boolean inText;
        private int inPhonetic;

        public RichText(long max) {
            this.max = max;
        }

        public void add(int event, SafeXml xml) throws IOException {
            if (event == XMLStreamConstants.START_ELEMENT) {
                inText = xml.name().equals("t") || xml.name().equals("v");
                inPhonetic += xml.name().equals("rPh") ? 1 : 0;
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                inText = false;
                inPhonetic -= xml.name().equals("rPh") ? 1 : 0;
            } else if (inText && inPhonetic == 0 && isText(event) && xml.appendTo(text) > max) {
                throw new SafeXml.Invalid("a text has more than %,d characters".formatted(max));
            }
        }

        private static boolean isText(int event) {
            return event == XMLStreamConstants.CHARACTERS
                    || event == XMLStreamConstants.CDATA
                    || event == XMLStreamConstants.SPACE;
        }

        public String take() {
            String taken = text.toString();
            text.setLength(0);
            return taken;
        }
    }

    @Override
    public void close() throws IOException {
        strings.close();
    }
}
