package dev.anneal.transformer.program;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.ScriptMethod;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * A loaded TorchScript program. Arguments are arrays, maps and collections of arrays, integers, doubles, booleans, or
 * {@link #value values} made once and used often.
 */
public final class Program implements AutoCloseable {
    private final PtSymbolBlock module;

    private Program(PtSymbolBlock module) {
        this.module = module;
    }

    /**
     * Loads a program and what it imports.
     *
     * @param program name of its file, and, with a capital letter, of the class in it
     * @param settings the attributes of the class: integers, doubles, booleans and strings
     * @param head name of the file that {@code import head} means, or null where the program does not say that
     */
    public static Program load(PtNDManager manager, String program, Map<String, Object> settings, String head) {
        byte[] archive = ProgramArchive.of(program, settings, ProgramText.withImports(program, head));
        try {
            return new Program(JniUtils.loadModule(manager, new ByteArrayInputStream(archive), true, false));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The result of a method, in inference mode; it belongs to the manager. */
    public NDArray infer(PtNDManager manager, String method, Object... arguments) {
        try (IValue result = call(method, false, arguments)) {
            return result.toTensor(manager);
        }
    }

    /** The list that results from a method which may compute gradients; it belongs to the manager. */
    public NDArray[] train(PtNDManager manager, String method, Object... arguments) {
        try (IValue result = call(method, true, arguments)) {
            return result.toTensorArray(manager);
        }
    }

    private IValue call(String method, boolean train, Object... arguments) {
        List<IValue> made = new ArrayList<>();
        IValue[] values = new IValue[arguments.length];
        try {
            for (int i = 0; i < values.length; i++) {
                if (arguments[i] instanceof IValue value) {
                    values[i] = value;
                } else {
                    made.add(values[i] = value(arguments[i]));
                }
            }
            return ScriptMethod.call(module, method, train, values);
        } finally {
            made.forEach(IValue::close);
        }
    }

    /** An argument for many calls; whoever made it closes it. */
    @SuppressWarnings("unchecked")
    public static IValue value(Object argument) {
        if (argument instanceof NDArray array) {
            return IValue.from((PtNDArray) array);
        } else if (argument instanceof Map<?, ?> arrays) {
            return IValue.stringMapFrom((Map<String, PtNDArray>) arrays);
        } else if (argument instanceof Collection<?> arrays) {
            return IValue.listFrom(arrays.toArray(PtNDArray[]::new));
        } else if (argument instanceof Boolean truth) {
            return IValue.from(truth);
        } else if (argument instanceof Integer || argument instanceof Long) {
            return IValue.from(((Number) argument).longValue());
        } else if (argument instanceof Double number) {
            return IValue.from(number);
        }
        throw new IllegalArgumentException("a program takes no " + argument.getClass());
    }

    @Override
    public void close() {
        module.close();
    }
}
