package dev.anneal.outbound;

import dev.anneal.settings.InvalidSettingException;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.security.util.matcher.InetAddressMatcher;
import org.springframework.security.util.matcher.InetAddressMatchers;

/**
 * Private hosts that calls to addresses of users may reach: names ({@code hub.corp.example}, {@code *.corp.example}), addresses, and
 * blocks of addresses ({@code 10.1.0.0/16}).
 */
@ConfigurationProperties("anneal.outbound")
public record OutboundSettings(@DefaultValue({}) List<String> allow) {
    public OutboundSettings {
        allow = allow.stream()
                .map(String::strip)
                .filter(entry -> !entry.isEmpty())
                .toList();
        allow.stream().filter(OutboundSettings::isBlock).forEach(OutboundSettings::block);
    }

    /** Returns the allowed names of hosts. */
    List<String> hosts() {
        return allow.stream().filter(entry -> !isBlock(entry)).toList();
    }

    /** Returns the allowed addresses and blocks of addresses. */
    List<InetAddressMatcher> blocks() {
        return allow.stream()
                .filter(OutboundSettings::isBlock)
                .map(OutboundSettings::block)
                .toList();
    }

    private static boolean isBlock(String entry) {
        return entry.contains("/") || isLiteral(entry);
    }

    /** Checks for a literal address first, because the library would resolve a name. */
    private static InetAddressMatcher block(String entry) {
        String[] parts = entry.split("/", 2);
        try {
            if (isLiteral(parts[0]) && (parts.length == 1 || parts[1].matches("\\d{1,3}"))) {
                return InetAddressMatchers.fromIpAddress(entry);
            }
        } catch (IllegalArgumentException invalid) {
            // reported below
        }
        throw new InvalidSettingException(
                "anneal.outbound.allow", entry, "a host name, an address or a block such as 10.1.0.0/16");
    }

    /** Returns whether a host is an address, and not a name. */
    static boolean isLiteral(String host) {
        return host.matches("\\d{1,3}(\\.\\d{1,3}){3}") || host.matches("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    }
}
