package dev.anneal.dataset.format;

import dev.anneal.dataset.unpack.ReaderLimits;
import dev.anneal.dataset.unpack.ZipStream;
import dev.anneal.dataset.workbook.SafeXml;
import dev.anneal.dataset.workbook.Workbook;
import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.stream.XMLStreamConstants;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The rows of the first sheet of an Excel workbook. The first row that is not empty is the header, unless there is none. Numbers
 * are as Excel stores them: a date is a number of days. The line of a row is its number in the sheet.
 */
final class WorkbookRows implements RowReader {
    private static final int MAX_COLUMNS = 1_000;
    /** Excel has 1,048,576 rows, and LibreOffice can have so many. */
    private static final int MAX_ROW_NUMBER = 1 << 24;

    /** A row of a sheet: its number, its cells by column, and the first error of a formula in it. */
    private record SheetRow(
            long number,
            TreeMap<Integer, String> cells,
            @Nullable String error) {}

    private final Workbook workbook;
    private final ZipStream zip;
    private final SafeXml sheet;
    private final long maxRow;
    private final Map<Integer, String> columns;
    private Map<Integer, String> named = Map.of(); // the columns that have a name in the header
    private final boolean hasHeader;
    private @Nullable SheetRow first;
    private boolean saidSheets;
    private boolean inRow;
    private long number;

    private WorkbookRows(Workbook workbook, ZipStream zip, Layout layout, long maxRow) throws IOException {
        this.workbook = workbook;
        this.zip = zip;
        this.maxRow = maxRow;
        this.hasHeader = layout.header();
        for (String name = zip.next(); !workbook.path().equals(name); name = zip.next()) {
            if (name == null) {
                throw Workbook.malformed("its first sheet is missing");
            }
        }
        this.sheet = new SafeXml(zip.content());
        this.columns = header();
    }

    static RowReader open(Path file, Layout layout, ReaderLimits limits) throws IOException {
        Workbook workbook = Workbook.open(file, limits);
        ZipStream zip = new ZipStream(file, limits.unpack());
        try {
            return new WorkbookRows(workbook, zip, layout, limits.maxRow());
        } catch (SafeXml.Invalid e) {
            zip.close();
            workbook.close();
            throw Workbook.malformed(e.getMessage());
        } catch (IOException | RuntimeException e) {
            zip.close();
            workbook.close();
            throw e;
        }
    }

    private Map<Integer, String> header() throws IOException {
        SheetRow row = read();
        if (row == null) {
            throw Problem.unprocessable("empty_file", "The first sheet is empty.");
        }
        if (row.cells().size() > MAX_COLUMNS) {
            throw Problem.unprocessable(
                    "too_many_columns",
                    "The header has %,d columns, which is more than %,d. Remove columns that are not needed."
                            .formatted(row.cells().size(), MAX_COLUMNS));
        }
        Map<Integer, String> names = new TreeMap<>();
        if (!hasHeader) {
            first = row;
            row.cells().keySet().forEach(column -> names.put(column, "column_" + column));
            return names;
        }
        row.cells().forEach((column, name) -> {
            if (names.containsValue(name.strip())) {
                throw Problem.unprocessable(
                        "duplicate_column",
                        "The header contains the column '" + Problem.quote(name.strip())
                                + "' twice. Rename or remove one.");
            }
            names.put(column, name.strip());
        });
        named = Map.copyOf(names);
        int last = row.cells().isEmpty() ? 0 : row.cells().lastKey();
        for (int column = 1;
                column < last && last <= MAX_COLUMNS;
                column++) { // such as that of the row numbers of pandas
            String name = "column_" + column;
            if (!names.containsKey(column) && !names.containsValue(name)) {
                names.put(column, name);
            }
        }
        return names;
    }

    @Override
    public List<String> columns() {
        return List.copyOf(columns.values());
    }

    @Override
    public @Nullable RawRow next() throws IOException {
        if (!saidSheets && workbook.sheets().size() > 1) {
            saidSheets = true;
            return RawRow.skipped(
                    1,
                    1,
                    "other_sheets",
                    "The workbook has %d sheets. Only the first, '%s', is read."
                            .formatted(
                                    workbook.sheets().size(),
                                    Problem.quote(workbook.sheets().get(0))));
        }
        SheetRow row;
        try {
            row = first == null ? read() : first;
        } catch (SafeXml.Invalid e) {
            throw new UnreadableRow(
                    inRow ? number : number + 1, "The Excel file cannot be read from here: " + e.getMessage() + ".");
        }
        first = null;
        return row == null ? null : raw(row);
    }

    private RawRow raw(SheetRow row) {
        if (row.error() != null) {
            return RawRow.bad(
                    row.number(),
                    row.number(),
                    "cell_error",
                    "A formula of the row has the result %s. Correct it.".formatted(Problem.quote(row.error())));
        }
        Map<String, JsonNode> values = new HashMap<>();
        for (Map.Entry<Integer, String> cell : row.cells().entrySet()) {
            String column = columns.get(cell.getKey());
            if (column == null) {
                return RawRow.bad(
                        row.number(),
                        row.number(),
                        "wrong_field_count",
                        "The row has a value in column %s, but the %s has none there."
                                .formatted(letters(cell.getKey()), hasHeader ? "header" : "first row"));
            }
            values.put(column, Json.MAPPER.getNodeFactory().stringNode(cell.getValue()));
        }
        boolean isHeader = hasHeader && named.size() > 1 && row.cells().equals(named);
        return isHeader
                ? RawRow.skipped(
                        row.number(),
                        row.number(),
                        "repeated_header",
                        "The line repeats the header. It is not read as a row.")
                : RawRow.of(row.number(), row.number(), values);
    }

    /** Returns the next row with a cell that is not blank, or null at the end. */
    private @Nullable SheetRow read() throws IOException {
        for (int event = sheet.next(); event != XMLStreamConstants.END_DOCUMENT; event = sheet.next()) {
            if (event == XMLStreamConstants.START_ELEMENT && sheet.name().equals("row")) {
                SheetRow row = cells();
                if (!row.cells().isEmpty() || row.error() != null) {
                    return row;
                }
            }
        }
        return null;
    }

    private SheetRow cells() throws IOException {
        long given = whole(sheet.attribute("r"));
        if (given > MAX_ROW_NUMBER) {
            throw new SafeXml.Invalid("a row has the number %,d, which no sheet has".formatted(given));
        }
        number = Math.max(number + 1, given);
        inRow = true;
        TreeMap<Integer, String> cells = new TreeMap<>();
        Workbook.RichText text = new Workbook.RichText(maxRow);
        String error = null;
        String type = "n";
        int column = 0;
        long size = 0;
        while (true) {
            int event = sheet.next();
            if (event == XMLStreamConstants.END_DOCUMENT) {
                throw new SafeXml.Invalid("a row is not complete");
            }
            if (event == XMLStreamConstants.END_ELEMENT && sheet.name().equals("row")) {
                inRow = false;
                return new SheetRow(number, cells, error);
            }
            if (event == XMLStreamConstants.START_ELEMENT && sheet.name().equals("c")) {
                String reference = sheet.attribute("r");
                column = reference == null ? column + 1 : Math.max(column + 1, column(reference));
                type = String.valueOf(sheet.attribute("t"));
                text.take();
            }
            text.add(event, sheet);
            if (event == XMLStreamConstants.END_ELEMENT && sheet.name().equals("c")) {
                String value = value(type, text.take());
                size += value.length();
                if (size > maxRow || cells.size() > 16 * MAX_COLUMNS) {
                    throw new SafeXml.Invalid(
                            "a row has more than %,d characters or %,d cells".formatted(maxRow, 16 * MAX_COLUMNS));
                }
                error = type.equals("e") && error == null ? value : error;
                if (!value.isBlank() && !type.equals("e")) {
                    cells.put(column, value);
                }
            }
        }
    }

    private String value(String type, String text) throws IOException {
        return switch (type) {
            case "s" -> {
                String shared = workbook.strings().get((int) Math.min(Integer.MAX_VALUE, whole(text.strip())));
                if (shared == null) {
                    throw new SafeXml.Invalid("a cell names a text that the file does not have");
                }
                yield Workbook.unescape(shared);
            }
            case "b" -> text.strip().equals("1") ? "true" : "false";
            case "inlineStr", "str" -> Workbook.unescape(text);
            default -> text.strip();
        };
    }

    /** Returns a whole number, or -1 if the text is none. */
    private static long whole(@Nullable String text) {
        return text != null && text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
    }

    /** Returns the number of a column from 1 by a reference such as AB12. */
    private static int column(String reference) {
        int column = 0;
        for (int i = 0; i < Math.min(4, reference.length()); i++) {
            char c = Character.toUpperCase(reference.charAt(i));
            if (c < 'A' || c > 'Z') {
                break;
            }
            column = column * 26 + c - 'A' + 1;
        }
        return column;
    }

    private static String letters(int column) {
        StringBuilder letters = new StringBuilder();
        for (int rest = column; rest > 0; rest = (rest - 1) / 26) {
            letters.insert(0, (char) ('A' + (rest - 1) % 26));
        }
        return letters.toString();
    }

    @Override
    public void close() throws IOException {
        zip.close();
        workbook.close();
    }
}
