//! Encrypted sources whose certificates come from an authority of the company's own.

mod common;

use std::net::SocketAddr;

use common::encrypted::{Authority, serve};
use common::pull_of;
use connect::{Failure, Folders, Mark, Reach};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

async fn read_until(stream: &mut (impl AsyncRead + Unpin), end: &[u8]) -> std::io::Result<()> {
    let mut read = Vec::new();
    while !read.ends_with(end) {
        read.push(stream.read_u8().await?);
    }
    Ok(())
}

async fn say(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> std::io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

async fn pull(text: &str, reach: &Reach) -> Result<Vec<String>, Failure> {
    Ok(pull_of(text, &Mark::default(), Some("t0ken"), reach, None).await?.keys())
}

fn trusts_nobody() -> Reach {
    common::reach(Folders::None)
}

#[tokio::test]
async fn an_api_with_a_certificate_of_the_companys_own_is_believed_once_its_authority_is_named() {
    let authority = Authority::new();
    let acceptor = authority.acceptor("localhost");
    let address = serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await?;
            read_until(&mut stream, b"\r\n\r\n").await?;
            let body = "[{\"id\":1},{\"id\":2}]";
            say(&mut stream, format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).as_bytes())
                .await
        }
    })
    .await;
    let url = |host: &str| format!("[http]\nurl = \"https://{host}:{}/deals\"\n", address.port());
    assert_eq!(pull(&url("localhost"), &authority.reach()).await, Ok(vec!["1".to_owned(), "2".to_owned()]));
    let (nobody, other) = (trusts_nobody(), Authority::new().reach());
    for (host, reach) in [("localhost", &nobody), ("localhost", &other), ("127.0.0.1", &authority.reach())] {
        let refused = pull(&url(host), reach).await.expect_err("the certificate proves nothing");
        assert!(refused.en.contains("cannot be spoken to encrypted"), "{host}: {}", refused.en);
        assert!(
            refused.hint.is_some_and(|(zh, en)| zh.contains("LOUDOU_SOURCE_CA") && en.contains("LOUDOU_SOURCE_CA"))
        );
    }
}

/// What a database says of any query: with it, everything before it went well.
const SAID: &str = "nobody comes in here";

fn definition(engine: &str, host: &str, address: SocketAddr, tls: &str) -> String {
    format!(
        "[sql]\nengine = \"{engine}\"\nhost = \"{host}\"\nport = {}\ndatabase = \"crm\"\nuser = \"reader\"\ntls = \"{tls}\"\nquery = \"select 1\"\n",
        address.port()
    )
}

async fn is_believed_when_it_should(engine: &str, authority: &Authority, address: SocketAddr) {
    let nobody = trusts_nobody();
    let (own, other) = (authority.reach(), Authority::new().reach());
    for (host, tls, reach) in [("localhost", "verify", &own), ("127.0.0.1", "require", &nobody)] {
        let refused = pull(&definition(engine, host, address, tls), reach).await.expect_err("it lets nobody in");
        assert!(refused.en.contains(SAID), "{engine} {host} {tls}: {}", refused.en);
    }
    for (host, reach) in [("localhost", &nobody), ("localhost", &other), ("127.0.0.1", &own)] {
        let refused = pull(&definition(engine, host, address, "verify"), reach).await.expect_err("it proves nothing");
        assert!(refused.en.contains("certificate"), "{engine} {host}: {}", refused.en);
        assert!(refused.hint.is_some_and(|(_, en)| en.contains("LOUDOU_SOURCE_CA")), "{engine} {host}");
    }
}

#[tokio::test]
async fn postgresql_proves_its_name_by_the_companys_own_authority() {
    let authority = Authority::new();
    let acceptor = authority.acceptor("localhost");
    let address = serve(move |mut stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut asks_for_encryption = [0; 8];
            stream.read_exact(&mut asks_for_encryption).await?;
            say(&mut stream, b"S").await?;
            let mut stream = acceptor.accept(stream).await?;
            let mut startup = vec![0; stream.read_u32().await? as usize - 4];
            stream.read_exact(&mut startup).await?;
            let error = format!("SFATAL\0VFATAL\0C28000\0M{SAID}\0\0");
            let length = u32::try_from(error.len() + 4).expect("short").to_be_bytes();
            say(&mut stream, &[b"E", &length[..], error.as_bytes()].concat()).await
        }
    })
    .await;
    is_believed_when_it_should("postgres", &authority, address).await;
}

#[tokio::test]
async fn mysql_proves_its_name_by_the_companys_own_authority() {
    /// A packet of the protocol: its length, its number, what it holds.
    fn packet(number: u8, inner: &[u8]) -> Vec<u8> {
        let length = u32::try_from(inner.len()).expect("short").to_le_bytes();
        [&length[..3], &[number], inner].concat()
    }
    let authority = Authority::new();
    let acceptor = authority.acceptor("localhost");
    let address = serve(move |mut stream| {
        let acceptor = acceptor.clone();
        async move {
            // The newer protocol, encryption, and the database's name at the beginning.
            let can = 0x0008_0000_u32 | 0x8000 | 0x0800 | 0x0200 | 0x0008;
            let [a, b, c, d] = can.to_le_bytes();
            let greeting = [
                b"\x0a8.0.0\0\x01\0\0\0saltsalt\0".as_slice(),
                &[a, b, 0x21, 2, 0, c, d, 21],
                b"\0\0\0\0\0\0\0\0\0\0saltsaltsalt\0mysql_native_password\0",
            ]
            .concat();
            say(&mut stream, &packet(0, &greeting)).await?;
            let mut asks_for_encryption = [0; 36];
            stream.read_exact(&mut asks_for_encryption).await?;
            let mut stream = acceptor.accept(stream).await?;
            let mut head = [0; 4];
            stream.read_exact(&mut head).await?;
            let mut answer = vec![0; usize::from(head[0]) | usize::from(head[1]) << 8];
            stream.read_exact(&mut answer).await?;
            let error = [b"\xff\x15\x04#28000".as_slice(), SAID.as_bytes()].concat();
            say(&mut stream, &packet(3, &error)).await
        }
    })
    .await;
    is_believed_when_it_should("mysql", &authority, address).await;
}
