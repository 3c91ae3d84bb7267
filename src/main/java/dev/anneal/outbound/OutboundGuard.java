package dev.anneal.outbound;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Resolves the hosts of outgoing calls, and refuses those with an address that is not public or allowed. The connection is
 * made to the addresses that were looked at, so a name that changes its mind gains nothing.
 */
@Component
public class OutboundGuard implements DnsResolver {
    private final DnsResolver names;
    private final List<String> hosts;
    private final List<Network> networks;

    @Autowired
    OutboundGuard(OutboundSettings settings) {
        this(settings, SystemDefaultDnsResolver.INSTANCE);
    }

    OutboundGuard(OutboundSettings settings, DnsResolver names) {
        this.names = names;
        this.hosts = settings.allow().stream()
                .filter(entry -> !OutboundSettings.isBlock(entry))
                .map(entry -> entry.toLowerCase(Locale.ROOT))
                .toList();
        this.networks = settings.allow().stream()
                .filter(OutboundSettings::isBlock)
                .map(Network::parse)
                .toList();
    }

    /** What every outgoing call must be, whoever asks for it: http or https, to a host, without a user's name. */
    public static boolean isWeb(URI uri) {
        return ("http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme()))
                && uri.getHost() != null
                && uri.getRawUserInfo() == null;
    }

    /** Throws {@link AddressRefused}, or another {@link UnknownHostException} where there is no such host. */
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
                if (!PublicAddress.test(address) && networks.stream().noneMatch(network -> network.contains(address))) {
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
