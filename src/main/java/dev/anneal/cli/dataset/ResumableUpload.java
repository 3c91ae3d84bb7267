package dev.anneal.cli.dataset;

import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.http.FileRange;
import dev.anneal.cli.http.Multipart;
import dev.anneal.cli.http.Problem;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Interrupts;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.terminal.TransferProgress;
import dev.anneal.cli.terminal.Units;
import dev.anneal.text.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/**
 * Sends a large file in parts. The same command, given again after an interruption, finds the upload by a fingerprint that the server
 * keeps: the name, the size, the time of the last change and the first megabyte of the file.
 */
final class ResumableUpload {
    /** Files of this size and more are sent in parts. */
    static final long FROM_BYTES = 64L << 20;

    private static final long PART = 32L << 20;
    private static final int FIRST = 1 << 20;
    private static final String RESUME = "Give the same command again to resume the upload.";

    /** After so many waits without progress, the command ends. */
    private static final int PATIENCE = 300;

    private static final long WAIT_MILLIS = 1_000;
    private static final Set<String> PASSING = Set.of(
            "upload_locked",
            "wrong_offset",
            "upload_interrupted",
            "body_too_slow",
            "too_many_requests",
            "too_many_uploads",
            "idempotency_key_in_use");
    /** Faults of the server that a repetition would only make worse: the whole file is checked each time. */
    private static final Set<String> LASTING = Set.of("internal_error", "disk_full");

    private final Api api;
    private final Path file;
    private final long size;
    private final Terminal terminal;

    ResumableUpload(Api api, Path file, Terminal terminal) throws IOException {
        this.api = api;
        this.file = file;
        this.size = Files.size(file);
        this.terminal = terminal;
    }

    /** Sends what the server does not have yet. Returns the id of the upload. */
    String send() throws IOException, InterruptedException {
        JsonNode upload = findOrCreate();
        String id = Fields.text(upload, "id");
        TransferProgress progress = new TransferProgress("uploading", size, "uploaded", terminal);
        try (Interrupts interrupts = Interrupts.call(() -> {
            terminal.close();
            terminal.error("The upload is not complete. " + RESUME);
        })) {
            long offset = Fields.whole(upload, "offset_bytes");
            for (int failures = 0; offset < size; ) {
                long length = Math.min(PART, size - offset);
                try {
                    api.send(Call.uploadPart(id, new FileRange(file, offset, length)), progress);
                    offset += length;
                    failures = 0;
                } catch (IOException | Failure interrupted) {
                    checkPasses(interrupted, ++failures);
                    long before = offset;
                    offset = offset(id, offset);
                    failures = offset > before ? 0 : failures;
                }
            }
        }
        return id;
    }

    /**
     * Makes a dataset of the upload. The call is repeated with the same key if the connection is lost, and a command that was interrupted
     * meanwhile gets the same dataset when it is given again. If that dataset was deleted since, it makes another one.
     */
    JsonNode makeDataset(String id, Map<String, String> form) throws InterruptedException {
        Call call = Call.upload("/datasets", Multipart.of(List.of(), form));
        String key = id + "-" + Sha256.of(form.toString()).substring(0, 16);
        for (int failures = 0; ; ) {
            try {
                return api.send(call.withKey(key));
            } catch (IOException | Failure interrupted) {
                if (interrupted instanceof Problem problem && problem.code().equals("idempotent_result_deleted")) {
                    key = id + "-" + UUID.randomUUID();
                } else {
                    checkPasses(interrupted, ++failures);
                }
            }
        }
    }

    private void checkPasses(Exception interrupted, int failures) throws InterruptedException {
        if (interrupted instanceof Problem problem && !passes(problem)) {
            throw problem;
        }
        if (failures > PATIENCE && interrupted instanceof Problem problem) {
            throw problem;
        }
        if (failures > PATIENCE) {
            throw new Failure("Connection lost. " + RESUME);
        }
        if (failures == 1) {
            terminal.status(
                    interrupted instanceof Problem refused && !refused.mayPass()
                            ? "waiting for the server"
                            : "connection lost, resuming");
        }
        Thread.sleep(WAIT_MILLIS);
    }

    private static boolean passes(Problem problem) {
        return PASSING.contains(problem.code()) || problem.mayPass() && !LASTING.contains(problem.code());
    }

    /** Asks the server how much it has. Returns the last known offset if it does not answer. */
    private long offset(String id, long known) throws InterruptedException {
        try {
            return Fields.whole(api.get("/uploads/" + Call.segment(id)), "offset_bytes");
        } catch (Problem problem) {
            if (passes(problem)) {
                return known;
            }
            throw problem;
        } catch (IOException | Failure unreachable) {
            return known;
        }
    }

    private JsonNode findOrCreate() throws IOException, InterruptedException {
        String fingerprint = fingerprint();
        for (JsonNode upload : api.get("/uploads?limit=1000").path("data")) {
            boolean isHere = upload.hasNonNull("offset_bytes");
            if (isHere
                    && upload.path("metadata").path("fingerprint").asString("").equals(fingerprint)) {
                long offset = Fields.whole(upload, "offset_bytes");
                if (offset > 0) {
                    terminal.line("Resuming at " + Units.bytes(offset) + " of " + Units.bytes(size) + ".");
                }
                return upload;
            }
        }
        String metadata = "filename " + base64(file.getFileName().toString()) + ",fingerprint " + base64(fingerprint);
        return api.send(Call.createUpload(size, metadata));
    }

    private String fingerprint() throws IOException {
        MessageDigest digest = Sha256.digest();
        String facts = file.getFileName() + "\n" + size + "\n"
                + Files.getLastModifiedTime(file).toMillis() + "\n";
        digest.update(facts.getBytes(StandardCharsets.UTF_8));
        try (InputStream in = Files.newInputStream(file)) {
            digest.update(in.readNBytes(FIRST));
        }
        return Sha256.hex(digest);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Checks that the server has stored the bytes that the file has. */
    static void verify(Path file, JsonNode dataset) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        if (!Sha256.hex(digest).equals(Fields.text(dataset, "sha256"))) {
            throw new Failure("The dataset " + Fields.text(dataset, "id")
                    + " has other bytes than the file, which has changed during the upload. Delete the dataset, and upload the file"
                    + " again.");
        }
    }
}
