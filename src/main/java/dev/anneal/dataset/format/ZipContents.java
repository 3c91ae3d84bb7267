package dev.anneal.dataset.format;

import dev.anneal.dataset.unpack.Compression;
import dev.anneal.dataset.unpack.UnpackLimit;
import dev.anneal.dataset.unpack.ZipStream;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files in a zip, by their names.
 *
 * @param isWorkbook whether the zip is an Excel workbook
 * @param hasTexts whether there are texts in folders
 * @param hasSplits whether such a folder is in a folder of a split
 * @param files the names of the first files that have the suffix of a format
 * @param others the names of the first other files
 * @param count of the files that have the suffix of a format
 * @param otherCount of the other files
 */
public record ZipContents(
        boolean isWorkbook,
        boolean hasTexts,
        boolean hasSplits,
        List<String> files,
        List<String> others,
        long count,
        long otherCount) {
    /** The names of splits, and those that other tools use for them. */
    public static final Map<String, String> SPLITS = Map.of(
            "train", "train",
            "training", "train",
            "validation", "validation",
            "valid", "validation",
            "val", "validation",
            "dev", "validation",
            "test", "test");

    private static final int MAX_NAMES = 100;

    /** Reads the names of all files in a zip. */
    public static ZipContents of(Path zip, UnpackLimit limit) throws IOException {
        boolean isWorkbook = false;
        boolean hasTexts = false;
        boolean hasSplits = false;
        long count = 0;
        long otherCount = 0;
        List<String> files = new ArrayList<>();
        List<String> others = new ArrayList<>();
        try (ZipStream entries = new ZipStream(zip, limit)) {
            for (String name = entries.next(); name != null; name = entries.next()) {
                isWorkbook |= name.equalsIgnoreCase("xl/workbook.xml");
                if (isHidden(name)) {
                    continue;
                }
                String last = Compression.uncompressed(name);
                String suffix = last.substring(last.lastIndexOf('.') + 1).toLowerCase();
                boolean isFile = FileFormat.SUFFIXES.contains(suffix);
                if (isText(name) && folder(name) != null) {
                    hasTexts = true;
                    hasSplits |= splitFolder(name) != null;
                }
                count += isFile ? 1 : 0;
                otherCount += isFile ? 0 : 1;
                List<String> names = isFile ? files : others;
                if (isFile && names.contains(name)) {
                    throw Problem.unprocessable(
                            "unsupported_zip",
                            "The zip has two files called '%s', so it is not clear which of them is meant. Zip the files again."
                                    .formatted(Problem.quote(name)));
                }
                if (names.size() < MAX_NAMES) {
                    names.add(name);
                }
            }
        }
        return new ZipContents(isWorkbook, hasTexts, hasSplits, files, others, count, otherCount);
    }

    /** Returns whether a file was added by an operating system, and not by a person. */
    static boolean isHidden(String name) {
        for (String part : name.split("/")) {
            boolean isDotFile = part.startsWith(".") && !part.equals(".") && !part.equals("..");
            if (isDotFile || part.equals("__MACOSX")) {
                return true;
            }
        }
        return name.endsWith("Thumbs.db");
    }

    static boolean isText(String name) {
        return name.toLowerCase().endsWith(".txt");
    }

    /** Returns the name of the folder that a file is directly in, or null if that is none or is a split. */
    static @Nullable String folder(String name) {
        String[] parts = name.split("/");
        String folder = parts.length < 2 ? "" : parts[parts.length - 2].strip();
        return folder.isEmpty() || SPLITS.containsKey(folder.toLowerCase()) ? null : folder;
    }

    /** Returns the split that a folder above the file, or the file without its suffixes, is named after; null if there is none. */
    public static @Nullable String split(String name) {
        String folder = splitFolder(name);
        if (folder != null) {
            return folder;
        }
        String last = name.substring(name.lastIndexOf('/') + 1).toLowerCase();
        return SPLITS.get(last.contains(".") ? last.substring(0, last.indexOf('.')) : last);
    }

    /** Returns the split that a folder above the file is named after, or null if there is none. */
    static @Nullable String splitFolder(String name) {
        String[] parts = name.toLowerCase().split("/");
        for (int i = 0; i < parts.length - 1; i++) {
            if (SPLITS.containsKey(parts[i])) {
                return SPLITS.get(parts[i]);
            }
        }
        return null;
    }
}
