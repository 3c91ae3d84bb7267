package dev.anneal.hosting;

import dev.anneal.child.ProcessMemory;
import dev.anneal.settings.InvalidSettingException;
import dev.anneal.settings.SettingChecks;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Model hosts and what may wait for them.
 *
 * @param maxModels hosts at once
 * @param spareHosts processes that are started ahead, so that a model answers sooner after its start; 0 for none
 * @param maxMemory of all hosts together; 0 for half of the machine's memory
 * @param device {@code cpu} or {@code cuda:N}
 * @param heap the Java heap of a host; weights and tensors are outside of it
 * @param tokenBudget padded tokens per batch; 0 for 512 on a CPU and 16,384 on a GPU
 * @param maxGenerations texts that one model generates at once
 * @param maxGenerationsPerKey the same for one key, whose texts may take a share of {@code cacheTokens} in this proportion; 0 for
 *     half of {@code maxGenerations}
 * @param cacheTokens tokens of prompts and answers for which one model has room while it generates
 * @param precision {@code fp32}, {@code bf16}, or {@code auto}: bf16 if the device computes it faster and its results are close
 * @param maxWaiting texts to predict that wait for one model
 * @param maxWaitingPerKey texts to predict, or to generate, that wait for one key
 * @param maxWaitingGenerations requests that wait for one model to generate
 * @param loadTimeout longest time to load a model
 * @param stallTimeout longest time of one step, such as a batch; a host that takes longer is ended
 */
@ConfigurationProperties("anneal.inference")
public record HostSettings(
        @DefaultValue("4") int maxModels,
        @DefaultValue("1") int spareHosts,
        @DefaultValue("0") DataSize maxMemory,
        @DefaultValue("cpu") String device,
        @DefaultValue("512m") String heap,
        @DefaultValue("0") int tokenBudget,
        @DefaultValue("16") int maxGenerations,
        @DefaultValue("0") int maxGenerationsPerKey,
        @DefaultValue("32768") int cacheTokens,
        @DefaultValue("auto") String precision,
        @DefaultValue("10000") int maxWaiting,
        @DefaultValue("5000") int maxWaitingPerKey,
        @DefaultValue("32") int maxWaitingGenerations,
        @DefaultValue("5m") Duration loadTimeout,
        @DefaultValue("60s") Duration stallTimeout) {
    private static final List<String> PRECISIONS = List.of("auto", "fp32", "bf16");

    public HostSettings {
        SettingChecks.positive("anneal.inference.max-models", maxModels);
        SettingChecks.notNegative("anneal.inference.spare-hosts", spareHosts);
        SettingChecks.notNegative("anneal.inference.token-budget", tokenBudget);
        SettingChecks.positive("anneal.inference.max-generations", maxGenerations);
        SettingChecks.notNegative("anneal.inference.max-generations-per-key", maxGenerationsPerKey);
        SettingChecks.positive("anneal.inference.cache-tokens", cacheTokens);
        if (!PRECISIONS.contains(precision)) {
            throw new InvalidSettingException("anneal.inference.precision", precision, String.join(", ", PRECISIONS));
        }
        SettingChecks.positive("anneal.inference.max-waiting", maxWaiting);
        SettingChecks.positive("anneal.inference.max-waiting-per-key", maxWaitingPerKey);
        SettingChecks.notNegative("anneal.inference.max-waiting-generations", maxWaitingGenerations);
        SettingChecks.positive("anneal.inference.load-timeout", loadTimeout);
        SettingChecks.positive("anneal.inference.stall-timeout", stallTimeout);
        if (!heap.matches("\\d+[kKmMgG]?")) {
            throw new InvalidSettingException("anneal.inference.heap", heap, "a size such as 512m or 2g");
        }
    }

    /** Returns how many texts of one key a model generates at once. */
    int generationsPerKey() {
        return maxGenerationsPerKey > 0
                ? Math.min(maxGenerationsPerKey, maxGenerations)
                : Math.max(1, maxGenerations / 2);
    }

    /** Returns the bound of the memory of all hosts in bytes. */
    long memoryBytes() {
        return maxMemory.toBytes() > 0 ? maxMemory.toBytes() : ProcessMemory.ofMachine() / 2;
    }

    /**
     * Returns the bound of the memory of one host, which may exceed that of all if its weights need more. An eighth of the machine
     * is always left.
     */
    long memoryLimit(long expectedBytes) {
        long machine = ProcessMemory.ofMachine();
        return Math.max(memoryBytes(), Math.min(2 * expectedBytes, machine - machine / 8));
    }
}
