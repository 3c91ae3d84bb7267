package dev.anneal.model.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A file by the hub: its size in bytes and its hash, which is SHA-256 (64 digits) for large files and that of a
 * git blob (40 digits) for small ones. Null if the hub does not say it.
 */
record HubFile(String name, @Nullable Long size, @Nullable String hash) {
    static HubFile of(String name, JsonNode sibling) {
        JsonNode lfs = sibling.path("lfs");
        JsonNode size = lfs.has("size") ? lfs.get("size") : sibling.path("size");
        String hash = lfs.isObject()
                ? lfs.path("sha256").asString("")
                : sibling.path("blobId").asString("");
        return new HubFile(name, size.canConvertToLong() && size.asLong() >= 0 ? size.asLong() : null, known(hash));
    }

    /** Returns the file with what a download's headers add; throws if they contradict the list of files. */
    HubFile with(Hub.Answer answer) {
        Long said = answer.header("X-Linked-Size")
                .filter(text -> text.matches("\\d{1,18}"))
                .map(Long::parseLong)
                .orElse(null);
        if (said != null && size != null && !said.equals(size)) {
            throw sizeDiffers(said);
        }
        String etag = answer.first()
                .first("X-Linked-ETag")
                .or(() -> Optional.ofNullable(hash))
                .or(() -> answer.header("ETag"))
                .map(HubFile::known)
                .orElse(null);
        if (etag != null && hash != null && etag.length() == hash.length() && !etag.equals(hash)) {
            throw hashDiffers(etag);
        }
        return new HubFile(name, size == null ? said : size, hash == null ? etag : hash);
    }

    private static @Nullable String known(String hash) {
        String plain = hash.replaceFirst("^W/", "").replace("\"", "").toLowerCase();
        return plain.matches("[0-9a-f]{40}|[0-9a-f]{64}") ? plain : null;
    }

    /** Returns the size of a file whose download has started. */
    long knownSize() {
        return Objects.requireNonNull(size, name);
    }

    ImportFailure sizeDiffers(long actual) {
        return new ImportFailure(
                "hub_size_mismatch",
                "The hub gives two sizes for '%s': %d bytes, then %d. The file was deleted. Try again."
                        .formatted(name, size, actual));
    }

    ImportFailure hashDiffers(String actual) {
        return new ImportFailure(
                "hub_hash_mismatch",
                "The hub gives the hash %2$s for '%1$s', but the file has the hash %3$s. It was deleted. Try again."
                        .formatted(name, hash, actual));
    }

    /** Returns the actual hash of a file, of the same kind as the expected one. */
    static String hashOf(String expected, Path file, DownloadState transfer) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance(expected.length() == 64 ? "SHA-256" : "SHA-1");
            if (expected.length() == 40) {
                digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.UTF_8));
            }
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
                transfer.check();
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
