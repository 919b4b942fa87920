//! Addresses of networks, such as `10.0.0.0/8`.

use std::net::IpAddr;
use std::str::FromStr;

/// An address, or all that share its first bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Net {
    address: IpAddr,
    bits: u32,
}

impl Net {
    /// Whether an address is one of the network. An IPv4 address that arrives as IPv6 is what it was.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                own.to_bits().checked_shr(32 - self.bits) == other.to_bits().checked_shr(32 - self.bits)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                own.to_bits().checked_shr(128 - self.bits) == other.to_bits().checked_shr(128 - self.bits)
            }
            _ => false,
        }
    }
}

impl FromStr for Net {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("{text:?} is not an address or network such as 127.0.0.1 or 10.0.0.0/8");
        let (address, bits) = text.split_once('/').map_or((text, None), |(head, tail)| (head, Some(tail)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| wrong()))?;
        if bits > most { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_the_addresses_that_share_its_bits() {
        for (net, inside, outside) in [
            ("10.0.0.0/8", "10.255.1.2", "11.0.0.1"),
            ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
            ("127.0.0.1", "::ffff:127.0.0.1", "::1"),
            ("fd00::/8", "fd12::1", "fe80::1"),
        ] {
            let net: Net = net.parse().unwrap();
            assert!(net.contains(inside.parse().unwrap()), "{net:?} {inside}");
            assert!(!net.contains(outside.parse().unwrap()), "{net:?} {outside}");
        }
        let all: Net = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("1.2.3.4".parse().unwrap()));
        for wrong in ["proxy", "10.0.0.0/33", "10.0.0.0/", "/8", ""] {
            assert!(wrong.parse::<Net>().is_err(), "{wrong}");
        }
    }
}
