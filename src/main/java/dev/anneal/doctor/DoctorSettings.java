package dev.anneal.doctor;

import dev.anneal.settings.SettingChecks;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The limits of what {@code anneal doctor} accepts.
 *
 * @param minDisk free space below which a disk is nearly full
 * @param minMemory memory of the machine below which it is too small
 * @param maxSkew difference between the clocks of this machine and of the database
 */
@ConfigurationProperties("anneal.doctor")
public record DoctorSettings(
        @DefaultValue("5GB") DataSize minDisk,
        @DefaultValue("2GB") DataSize minMemory,
        @DefaultValue("10s") Duration maxSkew) {
    public DoctorSettings {
        SettingChecks.notNegative("anneal.doctor.min-disk", minDisk);
        SettingChecks.notNegative("anneal.doctor.min-memory", minMemory);
        SettingChecks.positive("anneal.doctor.max-skew", maxSkew);
    }
}
