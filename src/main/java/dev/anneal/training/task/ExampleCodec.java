package dev.anneal.training.task;

import dev.anneal.transformer.tokenizer.Encoded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Examples as arrays of ints. The first int is the length of the example and the parts that it has; an example with one text,
 * nothing left out and one window, which is the rule, has few others besides its tokens.
 */
final class ExampleCodec {
    /** A change of the form of an array makes the files of before useless, and so must change this. */
    static final int VERSION = 1;

    private static final int LENGTH_BITS = 28;
    private static final int SEVERAL = 1;
    private static final int CUT = 2;
    private static final int WINDOW = 4;

    private static final int FORM_BITS = 3;
    private static final int TYPES = 1;
    private static final int SEGMENTS = 2;
    /** The target of each token is the token. */
    private static final int ITSELF = 4;

    private int[] ints = new int[64];
    private int at;

    private ExampleCodec() {}

    static int[] encode(Example example) {
        return new ExampleCodec().write(example);
    }

    /** Returns the length of the longest text from the first int of an array. */
    static int length(int first) {
        return first & (1 << LENGTH_BITS) - 1;
    }

    static Example decode(int[] ints) {
        ExampleCodec codec = new ExampleCodec();
        codec.ints = ints;
        return codec.read();
    }

    private int[] write(Example example) {
        List<Example.Sequence> sequences = example.sequences();
        boolean several = sequences.size() != 1;
        boolean cut = !example.cut().equals(Example.Cut.NONE);
        boolean window = example.window() != Example.Window.ONLY;
        int parts = (several ? SEVERAL : 0) | (cut ? CUT : 0) | (window ? WINDOW : 0);
        put(parts << LENGTH_BITS | example.length());
        if (several) {
            put(sequences.size());
        }
        if (cut) {
            put(example.cut().tokens());
            put(example.cut().targets());
        }
        if (window) {
            put(example.window().number());
            put(example.window().tags().length);
            put(example.window().firstTokens());
            put(example.window().tags());
        }
        for (Example.Sequence sequence : sequences) {
            if (several) {
                put(sequence.text().length());
            }
            write(sequence.text(), sequence.target());
        }
        return Arrays.copyOf(ints, at);
    }

    private void write(Encoded text, float[] target) {
        byte[] types = text.types();
        int[] segments = text.segments();
        boolean itself = isItself(text.ids(), target);
        int form = (types == null ? 0 : TYPES) | (segments == null ? 0 : SEGMENTS) | (itself ? ITSELF : 0);
        put((itself ? 0 : target.length) << FORM_BITS | form);
        put(text.ids());
        if (types != null) {
            for (int i = 0; i < types.length; i += Integer.BYTES) {
                int packed = 0;
                for (int k = 0; k < Integer.BYTES && i + k < types.length; k++) {
                    packed |= (types[i + k] & 0xff) << 8 * k;
                }
                put(packed);
            }
        }
        if (segments != null) {
            put(segments);
        }
        if (!itself) {
            for (float number : target) {
                put(Float.floatToRawIntBits(number));
            }
        }
    }

    private static boolean isItself(int[] ids, float[] target) {
        if (ids.length != target.length || ids.length == 0) {
            return false;
        }
        for (int i = 0; i < ids.length; i++) {
            if (target[i] != ids[i]) {
                return false;
            }
        }
        return true;
    }

    private void put(int number) {
        if (at == ints.length) {
            ints = Arrays.copyOf(ints, 2 * at);
        }
        ints[at++] = number;
    }

    private void put(int[] numbers) {
        if (at + numbers.length > ints.length) {
            ints = Arrays.copyOf(ints, 2 * (at + numbers.length));
        }
        System.arraycopy(numbers, 0, ints, at, numbers.length);
        at += numbers.length;
    }

    private Example read() {
        int first = ints[at++];
        int parts = first >>> LENGTH_BITS;
        int count = (parts & SEVERAL) == 0 ? 1 : ints[at++];
        Example.Cut cut = (parts & CUT) == 0 ? Example.Cut.NONE : new Example.Cut(ints[at++], ints[at++]);
        Example.Window window = Example.Window.ONLY;
        if ((parts & WINDOW) != 0) {
            int number = ints[at++];
            int words = ints[at++];
            window = new Example.Window(number, take(words), take(words));
        }
        if ((parts & SEVERAL) == 0) {
            return new Example(List.of(sequence(length(first))), cut, window);
        }
        List<Example.Sequence> sequences = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            sequences.add(sequence(ints[at++]));
        }
        return new Example(List.copyOf(sequences), cut, window);
    }

    private Example.Sequence sequence(int length) {
        int head = ints[at++];
        int[] ids = take(length);
        byte @Nullable [] types = (head & TYPES) == 0 ? null : types(length);
        int @Nullable [] segments = (head & SEGMENTS) == 0 ? null : take(length);
        float[] target = new float[(head & ITSELF) == 0 ? head >>> FORM_BITS : length];
        for (int i = 0; i < target.length; i++) {
            target[i] = (head & ITSELF) == 0 ? Float.intBitsToFloat(ints[at++]) : ids[i];
        }
        return new Example.Sequence(new Encoded(ids, types, segments), target);
    }

    private byte[] types(int length) {
        byte[] types = new byte[length];
        for (int i = 0; i < length; i++) {
            types[i] = (byte) (ints[at + i / Integer.BYTES] >> 8 * (i % Integer.BYTES));
        }
        at += (length + Integer.BYTES - 1) / Integer.BYTES;
        return types;
    }

    private int[] take(int count) {
        int[] taken = Arrays.copyOfRange(ints, at, at + count);
        at += count;
        return taken;
    }
}
