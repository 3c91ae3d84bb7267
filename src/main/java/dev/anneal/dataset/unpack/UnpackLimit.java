package dev.anneal.dataset.unpack;

import dev.anneal.web.Problem;

/**
 * The limits on what a compressed file unpacks to.
 *
 * @param maxBytes of the unpacked file
 * @param maxRatio of the unpacked to the packed size, beyond the first 16 MB
 */
public record UnpackLimit(long maxBytes, int maxRatio) {
    /** A small file may have any ratio: rows that repeat have a high one. */
    private static final long HARMLESS_BYTES = 16L << 20;

    public void check(long unpacked, long packed) {
        if (unpacked > maxBytes) {
            throw Problem.limit(
                    "unpacks_to_too_much",
                    "The file unpacks to more bytes than the server accepts. Split it",
                    "anneal.upload.max-unpacked-size",
                    maxBytes);
        }
        if (unpacked > HARMLESS_BYTES && unpacked / maxRatio > packed) {
            throw Problem.limit(
                    "compression_ratio",
                    "The file unpacks to many times its size, as no dataset does. Send it uncompressed",
                    "anneal.upload.max-compression-ratio",
                    maxRatio);
        }
    }
}
