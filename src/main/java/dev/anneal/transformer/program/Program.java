package dev.anneal.transformer.program;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.ScriptMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A loaded TorchScript program. Its methods accept all that {@link Argument#of} converts, and arguments that were
 * converted before.
 */
public final class Program implements AutoCloseable {
    private final NDManager manager;
    private final SharedModule shared;
    private final String id = UUID.randomUUID().toString();
    private final AtomicBoolean isClosed = new AtomicBoolean();

    private Program(NDManager manager, SharedModule shared) {
        this.manager = manager;
        this.shared = shared;
        try {
            manager.attachInternal(id, this);
        } catch (RuntimeException closed) {
            shared.giveBack();
            throw closed;
        }
    }

    /**
     * Loads a program and the files that it imports. It is closed with the manager, if not before.
     *
     * @param program name of its file; as {@code gpt2_step} of the class {@code Gpt2Step} in it
     * @param settings the attributes of the class: integers, doubles, booleans and strings
     * @param roles the files that stand for imports that have no file: {@code head} and {@code objective}
     */
    public static Program load(
            NDManager manager, String program, Map<String, Object> settings, Map<String, String> roles) {
        return new Program(
                manager, SharedModule.take(new SharedModule.Key(manager.getDevice(), program, settings, roles)));
    }

    /** Returns the result of a method in inference mode; it belongs to the manager. */
    public NDArray infer(NDManager manager, String method, Object... arguments) {
        try (IValue result = call(method, false, arguments)) {
            return result.toTensor((PtNDManager) manager);
        }
    }

    /** Returns the list that a method returns in inference mode; its arrays belong to the manager. */
    public NDArray[] inferAll(NDManager manager, String method, Object... arguments) {
        try (IValue result = call(method, false, arguments)) {
            return result.toTensorArray((PtNDManager) manager);
        }
    }

    /** Returns the result of a method in inference mode as an argument of other methods. The caller closes it. */
    public Argument prepare(String method, Object... arguments) {
        return new Argument(call(method, false, arguments));
    }

    /** Returns the list that a method returns, which may compute gradients; it belongs to the manager. */
    public NDArray[] train(NDManager manager, String method, Object... arguments) {
        try (IValue result = call(method, true, arguments)) {
            return result.toTensorArray((PtNDManager) manager);
        }
    }

    private IValue call(String method, boolean train, Object... arguments) {
        List<Argument> converted = new ArrayList<>();
        IValue[] values = new IValue[arguments.length];
        try {
            for (int i = 0; i < values.length; i++) {
                if (arguments[i] instanceof Argument ready) {
                    values[i] = ready.value();
                } else {
                    Argument argument = Argument.of(arguments[i]);
                    converted.add(argument);
                    values[i] = argument.value();
                }
            }
            return ScriptMethod.call(shared.module(), method, train, values);
        } finally {
            converted.forEach(Argument::close);
        }
    }

    @Override
    public void close() {
        if (isClosed.compareAndSet(false, true)) {
            manager.detachInternal(id);
            shared.giveBack();
        }
    }
}
