package dev.anneal.outbound;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where outgoing calls may go besides the public internet: names of hosts ({@code hub.corp.example},
 * {@code *.corp.example}), addresses and blocks of them ({@code 10.1.0.0/16}).
 */
@ConfigurationProperties("anneal.outbound")
public record OutboundSettings(@DefaultValue({}) List<String> allow) {
    public OutboundSettings {
        allow = allow.stream()
                .map(String::strip)
                .filter(entry -> !entry.isEmpty())
                .toList();
        allow.stream().filter(OutboundSettings::isBlock).forEach(Network::parse);
    }

    static boolean isBlock(String entry) {
        return entry.contains("/") || Network.isLiteral(entry);
    }
}
