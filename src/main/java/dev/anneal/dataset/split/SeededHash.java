package dev.anneal.dataset.split;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** A hash that depends on a seed. It is the same in every release, so that a seed keeps its meaning. */
final class SeededHash {
    private final MessageDigest digest;
    private final String start;

    SeededHash(long seed) {
        try {
            this.digest = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        this.start = seed + ":";
    }

    /** Returns the first bits of the MD5 hash of the seed, a colon and a text. */
    long of(Object text, int bits) {
        byte[] hash = digest.digest((start + text).getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.wrap(hash).getLong() >>> (Long.SIZE - bits);
    }
}
