package dev.anneal.outbound;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import org.springframework.security.util.matcher.InetAddressMatcher;
import org.springframework.security.util.matcher.InetAddressMatchers;

/**
 * Decides whether an address belongs to the public internet. Private, loopback, link-local, shared, documentation, multicast
 * and reserved addresses do not (RFC 6890 and its registries), nor do the addresses of cloud metadata services. It is stricter
 * than {@link InetAddressMatchers#matchExternal}, which accepts 100.64.0.1, 168.63.129.16 and 224.0.0.1, among others.
 */
final class PublicAddress {
    private static final List<InetAddressMatcher> NOT_PUBLIC_4 = blocks(
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10", // carrier-grade NAT
            "127.0.0.0/8",
            "169.254.0.0/16", // link-local, and the metadata of most clouds
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "168.63.129.16/32"); // a service of Azure that only its machines reach

    /** The only block of IPv6 with public addresses. The blocks in NOT_PUBLIC_6 are its exceptions: Teredo, documentation, 6to4. */
    private static final InetAddressMatcher GLOBAL_6 = InetAddressMatchers.fromIpAddress("2000::/3");

    private static final List<InetAddressMatcher> NOT_PUBLIC_6 =
            blocks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    /** The block by which a network without IPv4 reaches an IPv4 address, which is in the last four bytes. */
    private static final InetAddressMatcher NAT64 = InetAddressMatchers.fromIpAddress("64:ff9b::/96");

    private PublicAddress() {}

    static boolean test(InetAddress address) {
        if (address instanceof Inet4Address) {
            return NOT_PUBLIC_4.stream().noneMatch(block -> block.matches(address));
        }
        if (NAT64.matches(address)) {
            return test(ipv4(Arrays.copyOfRange(address.getAddress(), 12, 16)));
        }
        return address instanceof Inet6Address
                && GLOBAL_6.matches(address)
                && NOT_PUBLIC_6.stream().noneMatch(block -> block.matches(address));
    }

    private static InetAddress ipv4(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }

    private static List<InetAddressMatcher> blocks(String... blocks) {
        return Arrays.stream(blocks).map(InetAddressMatchers::fromIpAddress).toList();
    }
}
