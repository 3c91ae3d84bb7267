package dev.anneal.training.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.training.task.Example.Cut;
import dev.anneal.training.task.Example.Sequence;
import dev.anneal.training.task.Example.Window;
import dev.anneal.transformer.tokenizer.Encoded;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExampleCodecTest {
    static List<Example> examples() {
        Encoded text = new Encoded(new int[] {101, 7, 102}, null);
        Encoded pair = new Encoded(new int[] {101, 7, 102, 8, 102}, new byte[] {0, 0, 0, 1, 1});
        Encoded packed = new Encoded(new int[] {1, 2, 3, 4}, null, new int[] {1, 1, 2, 2});
        return List.of(
                new Example(text, new float[] {3}),
                new Example(text, new float[] {0, 1, 0, 0, 1}),
                new Example(text, new float[] {-0.1f}),
                new Example(text, new float[] {101, 7, 102}),
                new Example(text, new float[] {-100, 7, 102}),
                new Example(text, new float[0]),
                new Example(text, new float[] {1}, new Cut(1000, 20)),
                new Example(text, new float[] {1}, Cut.NONE, Window.of(2)),
                new Example(
                        text, new float[] {-100, 4, -100}, Cut.NONE, new Window(1, new int[] {1, -1}, new int[] {4, 5
                        })),
                new Example(pair, new float[] {1}),
                new Example(packed, new float[] {1, 2, 3, 4}),
                new Example(new Encoded(new int[0], null), new float[0]),
                new Example(List.of(new Sequence(text, new float[] {1}), new Sequence(pair, new float[0]))),
                new Example(List.of()));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void anExampleComesBackAsItWasWritten(Example example) {
        int[] ints = ExampleCodec.encode(example);

        assertThat(ExampleCodec.length(ints[0])).isEqualTo(example.length());
        assertThat(ExampleCodec.decode(ints)).usingRecursiveComparison().isEqualTo(example);
    }
}
