package dev.anneal.job.plan;

import dev.anneal.settings.InvalidSettingException;
import dev.anneal.settings.SettingChecks;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Defaults of trainers.
 *
 * @param checkpointSeconds time between checkpoints of a job that does not set it
 * @param heap the trainer's Java heap; tensors are outside of it
 */
@ConfigurationProperties("anneal.trainer")
public record TrainerSettings(
        @DefaultValue("60") double checkpointSeconds,
        @DefaultValue("1g") String heap) {
    public TrainerSettings {
        SettingChecks.positive("anneal.trainer.checkpoint-seconds", checkpointSeconds);
        if (!heap.matches("\\d+[kKmMgG]?")) {
            throw new InvalidSettingException("anneal.trainer.heap", heap, "a size such as 512m or 2g");
        }
    }
}
