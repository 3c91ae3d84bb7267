package dev.anneal.transformer.program;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.Collection;
import java.util.Map;

/**
 * An argument of a program in native form. Converting hundreds of arrays takes longer than a short call, so an argument
 * of many calls is converted once. The caller of {@link #of} closes it.
 */
public final class Argument implements AutoCloseable {
    private final IValue value;

    Argument(IValue value) {
        this.value = value;
    }

    /** Converts an array, a map or collection of arrays, a list of integers, an integer, a double or a boolean. */
    public static Argument of(Object argument) {
        return new Argument(convert(argument));
    }

    @SuppressWarnings("unchecked")
    private static IValue convert(Object argument) {
        if (argument instanceof NDArray array) {
            return IValue.from((PtNDArray) array);
        } else if (argument instanceof Map<?, ?> arrays) {
            return IValue.stringMapFrom((Map<String, PtNDArray>) arrays);
        } else if (argument instanceof Collection<?> arrays) {
            return IValue.listFrom(arrays.toArray(PtNDArray[]::new));
        } else if (argument instanceof long[] numbers) {
            return IValue.listFrom(numbers);
        } else if (argument instanceof Boolean truth) {
            return IValue.from(truth);
        } else if (argument instanceof Integer || argument instanceof Long) {
            return IValue.from(((Number) argument).longValue());
        } else if (argument instanceof Double number) {
            return IValue.from(number);
        }
        throw new IllegalArgumentException("A program accepts no argument of " + argument.getClass());
    }

    IValue value() {
        return value;
    }

    @Override
    public void close() {
        value.close();
    }
}
