package dev.anneal.outbound;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** A block of addresses in CIDR notation; an address alone is a block of one. */
record Network(InetAddress address, int bits) {
    /** Null-free; throws where the text is no block of literal addresses, without asking a name server. */
    static Network parse(String text) {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        if (!isLiteral(host)) {
            throw new IllegalArgumentException("'" + text + "' is no address or block of addresses");
        }
        try {
            InetAddress address = InetAddress.getByName(host);
            int all = address.getAddress().length * 8;
            int bits = slash < 0 ? all : Integer.parseInt(text.substring(slash + 1));
            if (bits < 0 || bits > all) {
                throw new IllegalArgumentException("'" + text + "' has more bits than an address of its kind");
            }
            return new Network(address, bits);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("'" + text + "' is no address or block of addresses", e);
        }
    }

    static boolean isLiteral(String host) {
        return host.matches("\\d{1,3}(\\.\\d{1,3}){3}") || host.matches("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    }

    static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    boolean contains(InetAddress other) {
        byte[] ours = address.getAddress();
        byte[] theirs = other.getAddress();
        if (ours.length != theirs.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> (bit % 8);
            if ((ours[bit / 8] & mask) != (theirs[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }
}
