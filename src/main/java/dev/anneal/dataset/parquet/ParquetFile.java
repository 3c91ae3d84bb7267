package dev.anneal.dataset.parquet;

import dev.anneal.dataset.parquet.Node.Kind;
import dev.anneal.dataset.parquet.Thrift.Struct;
import dev.anneal.json.Json;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A Parquet file that is read row by row, in the order of its row groups. */
public final class ParquetFile implements Closeable {
    private static final String MAGIC = "PAR1";
    private static final int MAX_FOOTER = 16 << 20;

    private final FileChannel file;
    private final PageMemory memory;
    private final Node schema;
    private final List<Struct> groups;
    private final Map<String, Map<String, String>> labelNames;
    private ColumnCursor[] cursors = {};
    private int group;
    private long leftInGroup;

    private ParquetFile(FileChannel file, PageMemory memory) throws IOException {
        this.file = file;
        this.memory = memory;
        Struct footer = footer();
        this.schema = Node.schema(footer.structs(2));
        this.groups = footer.structs(4);
        checkCount(footer);
        this.labelNames = labelNames(footer);
    }

    /**
     * Opens a file and reads its footer.
     *
     * @param maxPages how many bytes the pages of all columns may have in memory
     * @param maxRow how many characters a row may have
     * @param unpacked receives the number of bytes that all values so far have, and throws if they are too many
     */
    public static ParquetFile open(Path path, long maxPages, long maxRow, LongConsumer unpacked) throws IOException {
        FileChannel file = FileChannel.open(path);
        try {
            return new ParquetFile(file, new PageMemory(maxPages, maxRow, unpacked));
        } catch (IndexOutOfBoundsException | NegativeArraySizeException | IllegalArgumentException e) {
            file.close();
            throw damaged();
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static ParquetException damaged() {
        return new ParquetException("it is damaged");
    }

    private Struct footer() throws IOException {
        long size = file.size();
        byte[] end = read(size - 8, 8);
        int length = ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN).getInt();
        String magic = new String(end, 4, 4, StandardCharsets.ISO_8859_1);
        if (magic.equals("PARE")) {
            throw new ParquetException("it is encrypted");
        }
        if (!magic.equals(MAGIC)) {
            throw new ParquetException("it does not end as a Parquet file does, so it is not complete");
        }
        if (length < 0 || length > size - 12) {
            throw new ParquetException("its footer is longer than the file");
        }
        if (length > MAX_FOOTER) {
            throw new ParquetException("its footer has more than %,d MB".formatted(MAX_FOOTER >> 20));
        }
        return new Thrift(new ByteArrayInputStream(read(size - 8 - length, length)), length).read();
    }

    /** Refuses a file whose row groups have other rows than it says: some of them may have been lost. */
    private void checkCount(Struct footer) throws ParquetException {
        long rows = 0;
        for (Struct each : groups) {
            rows += each.whole(3, 0);
        }
        if (footer.whole(3, rows) != rows) {
            throw new ParquetException(
                    "it says that it has %,d rows, but its row groups have %,d".formatted(footer.whole(3, rows), rows));
        }
    }

    private byte[] read(long from, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count);
        while (from >= 0 && buffer.hasRemaining() && file.read(buffer, from + buffer.position()) > 0) {
            // until all of it is there
        }
        if (buffer.hasRemaining()) {
            throw new ParquetException("it is not complete");
        }
        return buffer.array();
    }

    public List<String> columns() {
        return schema.children().stream().map(Node::name).toList();
    }

    /** Returns the names of integer labels by column, which Hugging Face's datasets write as ClassLabel. */
    public Map<String, Map<String, String>> labelNames() {
        return labelNames;
    }

    /** Returns the values of the next row that are not null, or null at the end. */
    public @Nullable Map<String, JsonNode> next() throws IOException {
        try {
            while (leftInGroup == 0) {
                if (group == groups.size()) {
                    return null;
                }
                startGroup(groups.get(group++));
            }
            leftInGroup--;
            memory.startRow();
            Map<String, JsonNode> values = new HashMap<>();
            for (Node column : schema.children()) {
                JsonNode value = child(column);
                if (value != null && !value.isNull()) {
                    values.put(column.name(), value);
                }
            }
            for (ColumnCursor cursor : cursors) {
                if (cursor.repetition() > 0) {
                    throw new ParquetException("the columns of a row have different numbers of values");
                }
                if (leftInGroup == 0 && cursor.repetition() >= 0) {
                    throw new ParquetException("a column has more values than there are rows");
                }
            }
            return values;
        } catch (IndexOutOfBoundsException
                | NegativeArraySizeException
                | IllegalArgumentException
                | BufferUnderflowException
                | ArithmeticException
                | DateTimeException
                | EOFException e) {
            throw damaged();
        }
    }

    private void startGroup(Struct rowGroup) throws IOException {
        List<Struct> columns = rowGroup.structs(1);
        leftInGroup = rowGroup.whole(3, 0);
        if (columns.size() != schema.leaves() || leftInGroup < 0) {
            throw new ParquetException("a row group has other columns than its schema");
        }
        memory.startGroup();
        if (leftInGroup == 0) {
            return;
        }
        cursors = new ColumnCursor[columns.size()];
        for (Node column : schema.children()) {
            open(column, columns);
        }
    }

    private void open(Node node, List<Struct> columns) throws IOException {
        if (node.isLeaf()) {
            cursors[node.column()] =
                    new ColumnCursor(node, columns.get(node.column()).struct(3), file, memory);
        }
        for (Node child : node.children()) {
            open(child, columns);
        }
    }

    private @Nullable JsonNode child(Node node) throws IOException {
        return node.isRepeated() ? list(node, node) : value(node);
    }

    /** Returns a single value of a node, or null if it is not there. */
    private @Nullable JsonNode value(Node node) throws IOException {
        if (node.isLeaf()) {
            return cursors[node.column()].take();
        }
        if (cursors[node.column()].definition() < node.definition()) {
            skip(node);
            return null;
        }
        Node only = node.children().get(0);
        boolean holdsItems = node.children().size() == 1 && only.isRepeated();
        if (holdsItems && node.kind() == Kind.list) {
            return list(only, isItem(only, node) ? only : only.children().get(0));
        }
        if (holdsItems && node.kind() == Kind.map && only.children().size() == 2) {
            return map(list(only, only), only);
        }
        ObjectNode object = Json.MAPPER.createObjectNode();
        for (Node child : node.children()) {
            JsonNode value = child(child);
            if (value != null) {
                object.set(child.name(), value);
            }
        }
        return object;
    }

    /** Returns whether the repeated node of a list is its item, as old writers have it, and not a group around the item. */
    private static boolean isItem(Node repeated, Node list) {
        return repeated.isLeaf()
                || repeated.children().size() != 1
                || repeated.name().equals("array")
                || repeated.name().equals(list.name() + "_tuple");
    }

    /** Returns the items of a repeated node. An item is the node itself, or the only node in it. */
    private ArrayNode list(Node repeated, Node item) throws IOException {
        ArrayNode items = Json.MAPPER.createArrayNode();
        ColumnCursor first = cursors[repeated.column()];
        if (first.definition() < repeated.definition()) {
            skip(repeated);
            return items;
        }
        do {
            JsonNode value = item == repeated ? value(repeated) : child(item);
            items.add(value == null ? Json.MAPPER.getNodeFactory().nullNode() : value);
        } while (first.repetition() == repeated.repetition());
        return items;
    }

    private static ObjectNode map(ArrayNode entries, Node entry) {
        ObjectNode object = Json.MAPPER.createObjectNode();
        String key = entry.children().get(0).name();
        String value = entry.children().get(1).name();
        for (JsonNode one : entries) {
            object.set(one.path(key).asString(""), one.path(value));
        }
        return object;
    }

    /** Moves all columns below a node that is not there: each has one entry for it. */
    private void skip(Node node) throws IOException {
        for (int i = node.column(); i < node.column() + node.leaves(); i++) {
            cursors[i].take();
        }
    }

    private static Map<String, Map<String, String>> labelNames(Struct footer) {
        Map<String, Map<String, String>> names = new LinkedHashMap<>();
        for (Struct entry : footer.structs(5)) {
            if (entry.text(1).equals("huggingface")) {
                try {
                    JsonNode features =
                            Json.MAPPER.readTree(entry.text(2)).path("info").path("features");
                    features.properties().forEach(feature -> addNames(feature.getKey(), feature.getValue(), names));
                } catch (JacksonException notJson) {
                    // without names, labels stay numbers
                }
            }
        }
        return names;
    }

    /** Adds the names of a ClassLabel, or of the ClassLabel that the items of a list are. */
    private static void addNames(String column, JsonNode feature, Map<String, Map<String, String>> names) {
        JsonNode one = feature;
        for (int depth = 0; depth < 3 && !one.has("names"); depth++) {
            one = one.isArray() ? one.path(0) : one.path("feature");
        }
        if (one.path("names").isArray() && one.path("_type").asString("").equals("ClassLabel")) {
            Map<String, String> byNumber = new LinkedHashMap<>();
            for (JsonNode name : one.path("names")) {
                byNumber.put(String.valueOf(byNumber.size()), name.asString(""));
            }
            names.put(column, byNumber);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
