//! Where this program goes, and where it does not, whoever asks.
//!
//! A source is an address that somebody typed and that this server visits: it must not become a way to what only the
//! machine itself can reach. Addresses that hold no company's data (link-local ones, under which clouds hand out the
//! machine's own credentials, among them) are refused after names were resolved, and the connection goes to the very
//! address that was looked at. Files are read inside of one folder that whoever runs the server has named.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Component, Path, PathBuf};

use crate::failure::{Failure, FailureKind};
use crate::trust::Authorities;

/// Which files may be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Folders {
    /// None.
    None,
    /// Those inside of a folder; paths are told from there.
    Inside(PathBuf),
    /// Any: for whoever has the machine.
    Any,
}

/// Where a source may lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Files, and databases that are files.
    pub folders: Folders,
    /// Whose certificates are believed beside those that the system believes.
    pub authorities: Authorities,
}

impl Reach {
    /// A file or folder, if it may be read: links are followed and then looked at.
    ///
    /// # Errors
    /// It lies outside, or there is none.
    pub(crate) fn path(&self, told: &str) -> Result<PathBuf, Failure> {
        let none = || {
            Failure::source(format!("没有文件或文件夹“{told}”"), format!("there is no file or folder `{told}`"))
                .hint("请核对路径", "look at the path again")
        };
        let out = || {
            Failure::new(
                FailureKind::OutOfReach,
                format!("“{told}”不在允许读取的文件夹内"),
                format!("`{told}` lies outside of the folder that sources may read"),
            )
            .hint(
                "请把文件放进 --source-dir 指定的文件夹，并写出其中的相对路径",
                "put the file into the folder that --source-dir names, and give its path from there",
            )
        };
        match &self.folders {
            Folders::Any => Path::new(told).canonicalize().map_err(|_| none()),
            Folders::None => Err(Failure::new(
                FailureKind::OutOfReach,
                "本服务器没有指定可读取的文件夹",
                "this server names no folder that sources may read",
            )
            .hint("请用 --source-dir 或 LOUDOU_SOURCE_DIR 指定一个", "name one by --source-dir or LOUDOU_SOURCE_DIR")),
            Folders::Inside(root) => {
                let path = Path::new(told);
                if path.components().any(|part| matches!(part, Component::ParentDir)) {
                    return Err(out());
                }
                let root = root.canonicalize().map_err(|_| none())?;
                // A path that begins at the root of the machine replaces the folder, and is looked at like any other.
                let found = root.join(path).canonicalize().map_err(|_| none())?;
                if found.starts_with(&root) { Ok(found) } else { Err(out()) }
            }
        }
    }

    /// The addresses of a server, all of them looked at.
    ///
    /// # Errors
    /// The name is unknown, or leads where no source is.
    pub(crate) async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
        let bare = bare(host);
        let found: Vec<SocketAddr> = match bare.parse::<IpAddr>() {
            Ok(ip) => vec![SocketAddr::new(ip, port)],
            Err(_) => tokio::net::lookup_host((bare, port))
                .await
                .map_err(|error| unreachable(host, &error.to_string()))?
                .collect(),
        };
        if found.is_empty() {
            return Err(unreachable(host, "the name has no address"));
        }
        if let Some(bad) = found.iter().find(|address| is_forbidden(address.ip())) {
            let ip = bad.ip();
            return Err(Failure::new(
                FailureKind::OutOfReach,
                format!("“{host}”指向 {ip}：那里不是数据来源"),
                format!("`{host}` leads to {ip}, where no source of data is"),
            )
            .hint(
                "本机链路、云元数据、组播等地址一律不访问：请写数据库或接口本身的地址",
                "link-local, metadata and multicast addresses are never visited: give the address of the database or the API itself",
            ));
        }
        Ok(found)
    }
}

/// A host without the brackets of an IPv6 address.
pub(crate) fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

pub(crate) fn unreachable(host: &str, why: &str) -> Failure {
    Failure::source(format!("无法连接“{host}”：{why}"), format!("`{host}` cannot be reached: {why}"))
        .hint("请核对地址和端口，以及防火墙", "look at the address, the port and the firewall")
}

/// Whether nobody's data lies at an address: link-local, metadata services of clouds, unspecified, multicast, reserved.
/// Addresses of the own network and machine are fine: that is where companies keep their databases.
#[must_use]
pub fn is_forbidden(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_forbidden_v4(ip),
        IpAddr::V6(ip) => {
            embedded(ip).map_or_else(|| is_forbidden_v6(ip), is_forbidden_v4)
                || locally_translated(ip).into_iter().any(is_the_machines_own)
        }
    }
}

fn is_forbidden_v4(ip: Ipv4Addr) -> bool {
    let first = ip.octets()[0];
    is_the_machines_own(ip) || ip.is_multicast() || first == 0 || first >= 240
}

/// Link-local, or the metadata service of a cloud.
fn is_the_machines_own(ip: Ipv4Addr) -> bool {
    const METADATA: [Ipv4Addr; 3] =
        [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(168, 63, 129, 16), Ipv4Addr::new(192, 0, 0, 192)];
    ip.is_link_local() || METADATA.contains(&ip)
}

fn is_forbidden_v6(ip: Ipv6Addr) -> bool {
    let metadata = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    ip.is_unspecified() || ip.is_multicast() || ip.segments()[0] & 0xffc0 == 0xfe80 || ip == metadata
}

fn v4(high: u16, low: u16) -> Ipv4Addr {
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Ipv4Addr::new(a, b, c, d)
}

/// The IPv4 addresses that one of the prefix for local translation (64:ff9b:1::/48) may stand for: RFC 6052 puts them
/// in different places, by the length of the prefix.
fn locally_translated(ip: Ipv6Addr) -> Vec<Ipv4Addr> {
    if ip.segments()[..3] != [0x64, 0xff9b, 1] {
        return Vec::new();
    }
    let o = ip.octets();
    // The eighth octet is left out.
    [[6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12], [12, 13, 14, 15]].map(|at| Ipv4Addr::from(at.map(|i| o[i]))).into()
}

/// The IPv4 address that an IPv6 one stands for: mapped, compatible, translated (SIIT, NAT64), or 6to4.
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    match ip.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(v4(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => Some(v4(high, low)),
        [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(folders: Folders) -> Reach {
        Reach { folders, authorities: Authorities::default() }
    }

    #[test]
    fn addresses_of_machines_are_fine_and_those_of_metadata_are_not() {
        for (text, forbidden) in [
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("192.168.1.5", false),
            ("100.64.0.1", false),
            ("8.8.8.8", false),
            ("::1", false),
            ("fd12:3456::1", false),
            ("2001:db8::1", false),
            ("169.254.169.254", true),
            ("169.254.0.1", true),
            ("100.100.100.200", true),
            ("168.63.129.16", true),
            ("0.0.0.0", true),
            ("224.0.0.1", true),
            ("255.255.255.255", true),
            ("::", true),
            ("fe80::1", true),
            ("febf::1", true),
            ("ff02::1", true),
            ("fd00:ec2::254", true),
            ("::ffff:169.254.169.254", true),
            ("::ffff:10.0.0.1", false),
            ("64:ff9b::a9fe:a9fe", true),
            ("2002:a9fe:a9fe::1", true),
            ("::a9fe:a9fe", true),
            ("::ffff:0:169.254.169.254", true),
            ("::ffff:0:10.0.0.1", false),
            ("64:ff9b:1::a9fe:a9fe", true),
            ("64:ff9b:1:a9fe:a9:fe00::", true),
            ("64:ff9b:1:ffa9:fe:a9fe::", true),
            ("64:ff9b:1:ffff:a9:fea9:fe01:1", true),
            ("64:ff9b:1::10.0.0.1", false),
        ] {
            assert_eq!(is_forbidden(text.parse().expect("an address")), forbidden, "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_to_metadata_is_refused_after_it_was_resolved() {
        let reach = within(Folders::None);
        for host in ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "0.0.0.0"] {
            let error = reach.addresses(host, 80).await.expect_err("it is refused");
            assert_eq!(error.kind, FailureKind::OutOfReach, "{host}");
        }
        assert!(reach.addresses("localhost", 80).await.is_ok_and(|found| found[0].ip().is_loopback()));
    }

    #[cfg(unix)]
    #[test]
    fn nothing_outside_of_the_folder_is_read() {
        let dir = tempfile::tempdir().expect("a folder");
        let (inside, outside) = (dir.path().join("in"), dir.path().join("out"));
        for folder in [&inside, &outside] {
            std::fs::create_dir(folder).expect("a folder");
            std::fs::write(folder.join("a.csv"), "x").expect("a file");
        }
        std::os::unix::fs::symlink(outside.join("a.csv"), inside.join("link.csv")).expect("a link");
        std::os::unix::fs::symlink(inside.join("a.csv"), inside.join("own.csv")).expect("a link");
        let reach = within(Folders::Inside(inside.clone()));
        let outside_file = outside.join("a.csv").display().to_string();
        let kind = |told: &str| reach.path(told).map_err(|error| error.kind);
        assert!(kind("a.csv").is_ok() && kind("own.csv").is_ok());
        assert!(kind(&inside.join("a.csv").display().to_string()).is_ok());
        for told in ["../out/a.csv", "link.csv", &outside_file, "/etc/passwd", ".."] {
            assert_eq!(kind(told).err(), Some(FailureKind::OutOfReach), "{told}");
        }
        assert_eq!(kind("none.csv").err(), Some(FailureKind::Source));
        assert_eq!(within(Folders::None).path("a.csv").map_err(|e| e.kind), Err(FailureKind::OutOfReach));
        assert!(within(Folders::Any).path(&outside_file).is_ok());
    }
}
