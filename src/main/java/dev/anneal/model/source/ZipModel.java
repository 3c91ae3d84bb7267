package dev.anneal.model.source;

import dev.anneal.files.ArrivingFile;
import dev.anneal.files.DiskRoom;
import dev.anneal.files.NoRoomException;
import dev.anneal.text.Visible;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.archivers.zip.ZipMethod;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A zip of a Hugging Face directory. It is judged by its list of entries before a byte is unpacked, and each entry must match
 * what the list says about it; only files that a model needs are unpacked, so no name of an entry ever becomes a path.
 */
public final class ZipModel {
    private static final Logger log = LoggerFactory.getLogger(ZipModel.class);
    private static final int MAX_ENTRIES = 1_000;
    private static final int MAX_RATIO = 100;
    /** Smaller entries may have any compression ratio: a text of one repeated word has a high one. */
    private static final long HARMLESS_BYTES = 10L << 20;
    /** The row of a model stays small, whatever else a zip holds. */
    private static final int MAX_NAMES = 100;

    private static final List<String> ARCHIVES =
            List.of(".zip", ".jar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst");
    private static final int FILE_TYPE = 0170000;
    private static final int REGULAR = 0100000;
    private static final int DIRECTORY = 0040000;
    private static final int SYMLINK = 0120000;

    private final long maxBytes;

    public ZipModel(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Unpacks the files of the model into an empty directory.
     *
     * @return the names of files that the model does not need, at most {@value #MAX_NAMES}; they were not unpacked
     */
    public List<String> unpack(Path file, Path directory) throws IOException {
        try (DiskRoom room = DiskRoom.reserve(directory, 0);
                ZipDirectoryLimit channel = new ZipDirectoryLimit(file);
                ZipFile zip = ZipFile.builder().setSeekableByteChannel(channel).get()) {
            channel.opened();
            List<ZipArchiveEntry> entries = Collections.list(zip.getEntries());
            check(entries, Files.size(file));
            Map<String, ZipArchiveEntry> files = model(entries);
            Set<ZipArchiveEntry> needed = new HashSet<>();
            List<String> settings = ModelFileFilter.settings(files.keySet());
            room.add(sizes(files, settings));
            for (String name : settings) {
                ZipArchiveEntry entry = Objects.requireNonNull(files.get(name));
                extract(zip, entry, directory.resolve(name), room, ModelFileFilter.maxBytes(name));
                needed.add(entry);
            }
            ModelFileFilter.refuseCode(directory);
            List<String> weights = ModelFileFilter.weights(files.keySet(), directory);
            room.add(sizes(files, weights));
            for (String name : weights) {
                ZipArchiveEntry entry = Objects.requireNonNull(files.get(name));
                extract(zip, entry, directory.resolve(name), room, maxBytes);
                needed.add(entry);
            }
            return files(entries).stream()
                    .filter(entry -> !needed.contains(entry))
                    .limit(MAX_NAMES)
                    .map(entry -> Problem.quote(entry.getName()))
                    .toList();
        } catch (ZipException broken) {
            throw broken(broken);
        } catch (NoRoomException full) {
            throw ImportFailure.diskFull();
        } catch (IOException | IllegalArgumentException e) {
            throw broken(e); // the zip is a local file: if it cannot be read, it is corrupt
        }
    }

    private static long sizes(Map<String, ZipArchiveEntry> files, List<String> names) {
        return names.stream()
                .mapToLong(name -> Objects.requireNonNull(files.get(name)).getSize())
                .sum();
    }

    /** Leaves the library's message out: it names classes, and offsets that help nobody. */
    private static ImportFailure broken(Exception e) {
        log.info("a zip cannot be read: {}", Visible.of(String.valueOf(e.getMessage()), 200));
        return new ImportFailure(
                "invalid_zip", "The file is not a zip, or it is incomplete. Zip the files of the model again.");
    }

    private void check(List<ZipArchiveEntry> entries, long fileSize) {
        if (entries.size() > MAX_ENTRIES) {
            throw new ImportFailure(
                    "zip_too_many_entries",
                    "The zip has %,d entries. At most %,d are allowed.".formatted(entries.size(), MAX_ENTRIES));
        }
        Set<String> names = new HashSet<>();
        long total = 0;
        long packed = 0;
        for (ZipArchiveEntry entry : entries) {
            checkPath(entry);
            checkKind(entry);
            // Some file systems ignore case.
            if (!names.add(entry.getName().toLowerCase())) {
                throw refused("zip_duplicate_entry", entry, "occurs twice in the zip");
            }
            checkRatio(entry, entry.getSize(), entry.getCompressedSize());
            total += Math.max(0, entry.getSize());
            packed += Math.max(0, entry.getCompressedSize());
            if (total > maxBytes) {
                throw new ImportFailure(
                        "model_too_large",
                        "The zip unpacks to more than the %,d bytes that are allowed (anneal.import.max-bytes)."
                                .formatted(maxBytes));
            }
        }
        if (packed > fileSize || total > HARMLESS_BYTES && total / MAX_RATIO > fileSize) {
            throw new ImportFailure(
                    "zip_bomb",
                    "The zip has %,d bytes and unpacks to %,d. No model compresses that well, so the zip is refused."
                            .formatted(fileSize, total));
        }
    }

    private static void checkPath(ZipArchiveEntry entry) {
        String name = entry.getName();
        if (name.startsWith("/") || name.startsWith("\\") || name.matches("[A-Za-z]:.*")) {
            throw refused("zip_unsafe_path", entry, "has an absolute path");
        }
        if (name.indexOf('\\') >= 0 || name.indexOf('\0') >= 0) {
            throw refused("zip_unsafe_path", entry, "has a path with a backslash or a null character");
        }
        if (List.of(name.split("/", -1)).contains("..")) {
            throw refused("zip_unsafe_path", entry, "has a path with '..'");
        }
    }

    private static void checkKind(ZipArchiveEntry entry) {
        int type = entry.getUnixMode() & FILE_TYPE;
        if (type == SYMLINK) {
            throw refused("zip_symlink", entry, "is a symbolic link");
        }
        if (type != 0 && type != REGULAR && type != DIRECTORY) {
            throw refused("zip_special_file", entry, "is neither a file nor a directory");
        }
        if (entry.getGeneralPurposeBit().usesEncryption()) {
            throw refused("zip_encrypted", entry, "is encrypted");
        }
        if (entry.getMethod() != ZipMethod.STORED.getCode() && entry.getMethod() != ZipMethod.DEFLATED.getCode()) {
            throw refused("zip_unknown_method", entry, "uses an unsupported compression method; use deflate");
        }
        String name = entry.getName().toLowerCase();
        if (ARCHIVES.stream().anyMatch(name::endsWith)) {
            throw refused("zip_nested_archive", entry, "is an archive inside the zip; remove it or unpack it");
        }
    }

    private static void checkRatio(ZipArchiveEntry entry, long size, long packed) {
        if (size > HARMLESS_BYTES && size / MAX_RATIO > Math.max(1, packed)) {
            throw refused("zip_bomb", entry, "unpacks to more than " + MAX_RATIO + " times its size");
        }
    }

    /** Returns the files at the top of the zip, or those in its only directory. */
    private static Map<String, ZipArchiveEntry> model(List<ZipArchiveEntry> entries) {
        List<ZipArchiveEntry> files = files(entries);
        Set<String> tops = files.stream()
                .map(ZipArchiveEntry::getName)
                .map(name -> name.substring(0, name.indexOf('/') + 1))
                .collect(Collectors.toSet());
        boolean atTop = files.stream().anyMatch(entry -> entry.getName().equals(HuggingFaceFiles.CONFIG));
        if (!atTop && tops.size() != 1) {
            throw new ImportFailure(
                    "invalid_model",
                    "The zip has no config.json. Put the files of one model at the top of the zip or in one directory.");
        }
        String root = atTop ? "" : tops.iterator().next();
        Map<String, ZipArchiveEntry> model = new LinkedHashMap<>();
        for (ZipArchiveEntry entry : files) {
            String name = entry.getName().startsWith(root) ? entry.getName().substring(root.length()) : "/";
            if (ModelFileFilter.isPlain(name)) {
                model.put(name, entry);
            }
        }
        return model;
    }

    private static List<ZipArchiveEntry> files(List<ZipArchiveEntry> entries) {
        return entries.stream()
                .filter(entry ->
                        !entry.isDirectory() && !entry.getName().startsWith("__MACOSX/")) // added by the macOS Finder
                .toList();
    }

    private static void extract(ZipFile zip, ZipArchiveEntry entry, Path target, DiskRoom room, long max)
            throws IOException {
        if (entry.getSize() > max) {
            throw refused("model_too_large", entry, "has more than the %,d bytes that are allowed".formatted(max));
        }
        CRC32 crc = new CRC32();
        long size = 0;
        try (InputStream in = zip.getInputStream(entry);
                ArrivingFile out = new ArrivingFile(target, 0, room)) {
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (size == 0 && isZip(buffer, read)) {
                    throw refused("zip_nested_archive", entry, "is a zip inside the zip; remove it or unpack it");
                }
                size += read;
                if (size > entry.getSize()) {
                    throw refused("zip_bomb", entry, "unpacks to more than the size that the zip states");
                }
                crc.update(buffer, 0, read);
                out.write(buffer, read);
            }
        }
        if (size != entry.getSize() || crc.getValue() != entry.getCrc()) {
            throw refused("invalid_zip", entry, "is incomplete: its size or checksum differs from what the zip states");
        }
    }

    private static boolean isZip(byte[] start, int length) {
        return length >= 4 && start[0] == 'P' && start[1] == 'K' && start[2] == 3 && start[3] == 4;
    }

    private static ImportFailure refused(String code, ZipArchiveEntry entry, String why) {
        return new ImportFailure(code, "'" + Problem.quote(entry.getName()) + "' " + why + ".");
    }
}
