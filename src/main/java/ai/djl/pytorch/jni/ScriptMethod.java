package ai.djl.pytorch.jni;

import ai.djl.pytorch.engine.PtSymbolBlock;

/**
 * Calls a method of a TorchScript module with any arguments, gradients allowed or in inference mode. It lives in DJL's
 * package because what DJL makes public always runs in inference mode.
 */
public final class ScriptMethod {
    private ScriptMethod() {}

    public static IValue call(PtSymbolBlock module, String method, boolean train, IValue... arguments) {
        long[] handles = new long[arguments.length];
        for (int i = 0; i < handles.length; i++) {
            handles[i] = arguments[i].getHandle();
        }
        return new IValue(PyTorchLibrary.LIB.moduleRunMethod(module.getHandle(), method, handles, train, false));
    }
}
