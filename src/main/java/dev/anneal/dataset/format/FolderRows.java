package dev.anneal.dataset.format;

import dev.anneal.dataset.unpack.Encoding;
import dev.anneal.dataset.unpack.ReaderLimits;
import dev.anneal.dataset.unpack.ZipStream;
import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The texts in a zip: each file with the suffix .txt is a row, whose label is the folder that it is in. A folder above it may
 * name the split. Other files are skipped with a warning. The line of a row is the number of its file.
 */
public final class FolderRows implements RowReader {
    private final ZipStream files;
    private final boolean hasSplits;
    private final @Nullable String encoding;
    private final int maxBytes;
    private long number;

    /**
     * @param hasSplits whether folders name splits
     * @param encoding as the request names it, or null if it is to be found
     */
    public FolderRows(Path zip, boolean hasSplits, @Nullable String encoding, ReaderLimits limits) throws IOException {
        this.files = new ZipStream(zip, limits.unpack());
        this.hasSplits = hasSplits;
        this.encoding = encoding;
        this.maxBytes = (int) Math.min(Integer.MAX_VALUE - 16, limits.maxRow());
    }

    @Override
    public List<String> columns() {
        return hasSplits ? List.of("text", "label", "split") : List.of("text", "label");
    }

    @Override
    public @Nullable RawRow next() throws IOException {
        for (String name = files.next(); name != null; name = files.next()) {
            if (!ZipContents.isHidden(name)) {
                number++;
                return row(name).in(name);
            }
        }
        return null;
    }

    private RawRow row(String name) throws IOException {
        if (!ZipContents.isText(name)) {
            return RawRow.skipped(number, number, "unread_file", "The file is not a text (.txt), so it is not read.");
        }
        String label = ZipContents.folder(name);
        String split = ZipContents.splitFolder(name);
        if (label == null || hasSplits && split == null) {
            return RawRow.skipped(
                    number,
                    number,
                    "no_folder",
                    label == null
                            ? "The text is not in a folder of a label, so it is not read."
                            : "The text is not in a folder of a split, unlike others, so it is not read.");
        }
        byte[] bytes = files.content().readNBytes(maxBytes);
        if (bytes.length == maxBytes) {
            return RawRow.bad(number, number, "text_too_long", "The text has more than %,d bytes.".formatted(maxBytes));
        }
        Encoding found = Encoding.of(encoding, bytes);
        try {
            String text =
                    found.charset().newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            Map<String, JsonNode> values = new HashMap<>();
            values.put("text", string(text.startsWith("\uFEFF") ? text.substring(1) : text));
            values.put("label", string(label));
            if (split != null) {
                values.put("split", string(split));
            }
            return RawRow.of(number, number, values);
        } catch (CharacterCodingException e) {
            return RawRow.of(number, number, Map.of()).withFault(DecodedRows.fault(found));
        }
    }

    private static JsonNode string(String text) {
        return Json.MAPPER.getNodeFactory().stringNode(text);
    }

    @Override
    public void close() throws IOException {
        files.close();
    }
}
