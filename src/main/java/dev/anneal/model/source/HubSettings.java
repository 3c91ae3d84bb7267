package dev.anneal.model.source;

import dev.anneal.outbound.OutboundGuard;
import dev.anneal.settings.InvalidSettingException;
import java.net.URI;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** The hub that models are imported from, its token, and the patterns of allowed models, such as {@code org/*}. */
@ConfigurationProperties("anneal.hub")
public record HubSettings(
        @DefaultValue("https://huggingface.co") URI endpoint,
        String token,
        @DefaultValue("*") List<String> allow) {
    public HubSettings {
        if (!OutboundGuard.isWeb(endpoint)) {
            throw new InvalidSettingException(
                    "anneal.hub.endpoint", endpoint, "an http or https URL without a user name");
        }
    }

    public boolean allows(String repository) {
        return allow.stream().anyMatch(pattern -> matches(pattern.strip(), repository));
    }

    private static boolean matches(String pattern, String repository) {
        StringBuilder regex = new StringBuilder();
        for (String literal : pattern.split("\\*", -1)) {
            regex.append(regex.isEmpty() ? "" : ".*")
                    .append("\\Q")
                    .append(literal)
                    .append("\\E");
        }
        return repository.matches("(?i)" + regex);
    }

    /** Never with the token: settings end up in logs. */
    @Override
    public String toString() {
        return "HubSettings[endpoint=" + endpoint + ", allow=" + allow + "]";
    }
}
