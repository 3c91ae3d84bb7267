package dev.anneal.training;

import dev.anneal.spec.JobSpec;
import dev.anneal.training.process.WorkOrder;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import java.nio.file.Path;

/** Prints the estimated megabytes of a work directory's job without and with gradient checkpointing, for bench/compare. */
public final class EstimateOf {
    public static void main(String[] arguments) {
        WorkOrder order = WorkOrder.read(Path.of(arguments[0]));
        JobSpec spec = order.spec();
        ModelConfig config = ModelConfig.read(Path.of(order.placement().baseModel()));
        Head head =
                Architecture.of(config).head(spec.task(), config, spec.labels().size());
        MemoryEstimate estimate =
                MemoryEstimate.of(config, head, spec, order.placement().precision());
        System.out.println(estimate.bytes(false) / 1_000_000 + " " + estimate.bytes(true) / 1_000_000);
    }
}
