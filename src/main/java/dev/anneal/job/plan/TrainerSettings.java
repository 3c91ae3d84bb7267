package dev.anneal.job.plan;

import dev.anneal.settings.InvalidSettingException;
import dev.anneal.settings.SettingChecks;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Defaults of trainers.
 *
 * @param checkpointSeconds time between checkpoints of a job that does not set it
 * @param heap the trainer's Java heap; tensors and tokenized rows are outside of it
 * @param tokenizedSize the most disk space for tokenized rows, which the jobs of a machine share; 0 shares none
 */
@ConfigurationProperties("anneal.trainer")
public record TrainerSettings(
        @DefaultValue("60") double checkpointSeconds,
        @DefaultValue("1g") String heap,
        @DefaultValue("10GB") DataSize tokenizedSize) {
    public TrainerSettings {
        SettingChecks.positive("anneal.trainer.checkpoint-seconds", checkpointSeconds);
        SettingChecks.notNegative("anneal.trainer.tokenized-size", tokenizedSize);
        if (!heap.matches("\\d+[kKmMgG]?")) {
            throw new InvalidSettingException("anneal.trainer.heap", heap, "a size such as 512m or 2g");
        }
    }
}
