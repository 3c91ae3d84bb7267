package dev.anneal.outbound;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.security.util.matcher.InetAddressMatcher;
import org.springframework.stereotype.Component;

/**
 * Resolves the hosts of outgoing calls, and refuses those with an address that is neither public nor allowed. The client
 * connects to the addresses that were checked, so a name that changes its address after the check has no effect.
 */
@Component
public class OutboundGuard implements DnsResolver {
    private final DnsResolver names;
    private final List<String> hosts;
    private final List<InetAddressMatcher> blocks;

    @Autowired
    OutboundGuard(OutboundSettings settings) {
        this(settings, SystemDefaultDnsResolver.INSTANCE);
    }

    OutboundGuard(OutboundSettings settings, DnsResolver names) {
        this.names = names;
        this.hosts = settings.hosts().stream()
                .map(host -> host.toLowerCase(Locale.ROOT))
                .toList();
        this.blocks = settings.blocks();
    }

    /** Returns whether the URI may be called at all: http or https, with a host, without a user name. */
    public static boolean isWeb(URI uri) {
        return ("http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme()))
                && uri.getHost() != null
                && uri.getRawUserInfo() == null;
    }

    /** Throws {@link AddressRefused}, or another {@link UnknownHostException} if the host does not exist. */
    public void check(URI uri) throws UnknownHostException {
        resolve(uri.getHost().replaceAll("^\\[|]$", ""));
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        InetAddress[] addresses = names.resolve(host);
        if (addresses == null || addresses.length == 0) {
            throw new UnknownHostException(host);
        }
        if (!isAllowed(host)) {
            for (InetAddress address : addresses) {
                if (!PublicAddress.test(address) && blocks.stream().noneMatch(block -> block.matches(address))) {
                    throw new AddressRefused(host);
                }
            }
        }
        return addresses;
    }

    private boolean isAllowed(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return hosts.stream()
                .anyMatch(allowed ->
                        allowed.startsWith("*.") ? name.endsWith(allowed.substring(1)) : name.equals(allowed));
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }
}
