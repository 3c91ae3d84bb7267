package dev.anneal.transformer.program;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A module that libtorch has loaded. It has no weights and does not change, so all users of the same program with the same settings
 * share it, on any thread. The last ones that nobody uses stay: a trainer opens its base model and its trained model several
 * times, one after the other, and to load a module takes longer than to compute with a small one.
 */
final class SharedModule {
    static final int MOST_UNUSED = 8;

    /** A program, its settings and the files for its roles, on a device. */
    record Key(Device device, String program, Map<String, Object> settings, Map<String, String> roles) {
        Key {
            settings = Map.copyOf(settings);
            roles = Map.copyOf(roles);
        }
    }

    /** The one whose use ended last is the last one. */
    private static final Map<Key, SharedModule> LOADED = new LinkedHashMap<>();

    private final Key key;
    private final NDManager manager;
    private final PtSymbolBlock module;
    private int users;

    private SharedModule(Key key) {
        this.key = key;
        byte[] archive =
                ProgramArchive.of(key.program(), key.settings(), ProgramText.withImports(key.program(), key.roles()));
        manager = NDManager.newBaseManager(key.device(), Torch.ENGINE);
        try {
            module = JniUtils.loadModule((PtNDManager) manager, new ByteArrayInputStream(archive), true, false);
        } catch (IOException e) {
            manager.close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Returns the module, which is loaded if it is not. Who takes it gives it back. */
    static SharedModule take(Key key) {
        synchronized (LOADED) {
            SharedModule taken = LOADED.computeIfAbsent(key, SharedModule::new);
            taken.users++;
            return taken;
        }
    }

    void giveBack() {
        synchronized (LOADED) {
            users--;
            LOADED.remove(key);
            LOADED.put(key, this);
            long unused =
                    LOADED.values().stream().filter(shared -> shared.users == 0).count();
            for (Iterator<SharedModule> all = LOADED.values().iterator(); unused > MOST_UNUSED; ) {
                SharedModule first = all.next();
                if (first.users == 0) {
                    all.remove();
                    first.module.close();
                    first.manager.close();
                    unused--;
                }
            }
        }
    }

    PtSymbolBlock module() {
        return module;
    }
}
