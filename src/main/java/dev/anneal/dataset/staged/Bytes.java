package dev.anneal.dataset.staged;

import java.util.Arrays;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Bytes that are written one after another. JSON of short texts is written faster than by a generator of Jackson. */
final class Bytes {
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    private byte[] bytes = new byte[1 << 10];
    private int size;

    byte[] bytes() {
        return bytes;
    }

    int size() {
        return size;
    }

    void clear() {
        size = 0;
    }

    private void reserve(int more) {
        if (more > bytes.length - size) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
        }
    }

    void octet(int value) {
        reserve(1);
        bytes[size++] = (byte) value;
    }

    /** Writes a number that is not negative, in as many bytes as it needs. */
    void varint(int number) {
        int rest = number;
        while (rest >= 0x80) {
            octet(rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        octet(rest);
    }

    void integer(int number) {
        reserve(Integer.BYTES);
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes[size++] = (byte) (number >>> shift);
        }
    }

    void append(byte[] other, int from, int length) {
        reserve(length);
        System.arraycopy(other, from, bytes, size, length);
        size += length;
    }

    void json(JsonNode node) {
        if (node.isString()) {
            string(node.stringValue());
        } else if (node.isObject()) {
            object(node);
        } else if (node.isArray()) {
            octet('[');
            boolean isFirst = true;
            for (JsonNode item : node) {
                if (!isFirst) {
                    octet(',');
                }
                isFirst = false;
                json(item);
            }
            octet(']');
        } else {
            characters(node.toString(), false);
        }
    }

    private void object(JsonNode node) {
        octet('{');
        boolean isFirst = true;
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (!isFirst) {
                octet(',');
            }
            isFirst = false;
            string(field.getKey());
            octet(':');
            json(field.getValue());
        }
        octet('}');
    }

    private void string(String text) {
        octet('"');
        characters(text, true);
        octet('"');
    }

    /** Writes a text in UTF-8. Half of a surrogate pair is written as a question mark. */
    private void characters(String text, boolean escaped) {
        int length = text.length();
        reserve(6 * length); // an escaped character has so many bytes
        byte[] out = bytes;
        int at = size;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                if (escaped && (c < ' ' || c == '"' || c == '\\')) {
                    at = escape(c, out, at);
                } else {
                    out[at++] = (byte) c;
                }
            } else if (c < 0x800) {
                out[at++] = (byte) (0xC0 | c >> 6);
                out[at++] = (byte) (0x80 | c & 0x3F);
            } else if (!Character.isSurrogate(c)) {
                out[at++] = (byte) (0xE0 | c >> 12);
                out[at++] = (byte) (0x80 | c >> 6 & 0x3F);
                out[at++] = (byte) (0x80 | c & 0x3F);
            } else if (Character.isHighSurrogate(c) && i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1))) {
                int point = Character.toCodePoint(c, text.charAt(++i));
                out[at++] = (byte) (0xF0 | point >> 18);
                out[at++] = (byte) (0x80 | point >> 12 & 0x3F);
                out[at++] = (byte) (0x80 | point >> 6 & 0x3F);
                out[at++] = (byte) (0x80 | point & 0x3F);
            } else {
                out[at++] = '?';
            }
        }
        size = at;
    }

    private static int escape(char c, byte[] out, int from) {
        int at = from;
        out[at++] = '\\';
        if (c >= ' ') {
            out[at++] = (byte) c;
        } else {
            out[at++] = 'u';
            out[at++] = '0';
            out[at++] = '0';
            out[at++] = HEX[c >> 4];
            out[at++] = HEX[c & 15];
        }
        return at;
    }
}
