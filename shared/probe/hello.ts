/**
 * What to say first to a program that waits to be spoken to, by port.
 * Why by port: SSH, mail and databases speak first, the web and RDP do not. On any other port nothing is sent: bytes
 * that a service does not expect can do harm (port 9100 prints them).
 * Must not: log in, ask for content, or send anything that changes something at the other end.
 */
import { isIP } from "node:net";

/** HTTPS, its usual seconds, Proxmox, Kubernetes, WinRM, DNS, LDAP and mail over TLS. */
const TLS_PORTS: ReadonlySet<number> = new Set([
  443, 465, 636, 853, 993, 995, 5986, 6443, 8006, 8007, 8443, 9443, 10443,
]);
const HTTP_PORTS: ReadonlySet<number> = new Set([80, 3000, 8000, 8008, 8080, 8081, 8088, 8888]);
const RDP_PORT = 3389;
const SSH_PORTS: ReadonlySet<number> = new Set([22, 2222]);

/** SSH speaks first, and is the best proof there is: worth a longer wait than an unknown port. */
export function isSshPort(port: number): boolean {
  return SSH_PORTS.has(port);
}

/**
 * The bytes to send after the connection stands; null: say nothing, it speaks first or not at all. `name`: the host as
 * people call it, for programs that serve several.
 */
export function helloOf(port: number, name: string): Buffer | null {
  if (TLS_PORTS.has(port)) return tlsHello(name);
  if (HTTP_PORTS.has(port))
    return Buffer.from(
      `HEAD / HTTP/1.1\r\nHost: ${isIP(name) === 6 ? `[${name.split("%")[0] ?? ""}]` : name}\r\nUser-Agent: detak\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
    );
  return port === RDP_PORT ? RDP_HELLO : null;
}

/** TPKT and X.224 connection request, asking for TLS or CredSSP, as MS-RDPBCGR 2.2.1.1 writes it. */
const RDP_HELLO = Buffer.from("030000130ee000000000000100080003000000", "hex");

/** Exactly the 32 bytes that TLS wants as random: nothing secret is agreed, so chance would serve nobody. */
const TLS_RANDOM = "Detak asks whether you are there";
/** TLS 1.3's three, then the usual ones of 1.2 down to what old devices have. */
const TLS_CIPHERS = "130113021303c02bc02fc02cc030cca9cca8c013c014009c009d002f0035";
/** x25519, secp256r1, secp384r1. */
const TLS_GROUPS = "001d00170018";
/** ECDSA, RSA-PSS and RSA with SHA-256 to SHA-512, Ed25519, RSA with SHA-1. */
const TLS_SIGNATURES = "040305030603080408050806040105010601" + "08070201";
/** 1.3, 1.2, 1.1, 1.0. */
const TLS_VERSIONS = "0304030303020301";

/**
 * A ClientHello written by hand: whoever speaks TLS answers it with a hello or an alert, and either proves a program.
 * By hand and not by node:tls, because nothing is to be trusted, agreed or verified: the first bytes are all we want.
 */
function tlsHello(name: string): Buffer {
  const isName = isIP(name) === 0;
  const extensions = Buffer.concat([
    ...(isName
      ? [extension(0, counted(2, Buffer.concat([bytes("00"), counted(2, Buffer.from(name))])))]
      : []),
    extension(10, counted(2, bytes(TLS_GROUPS))),
    extension(11, counted(1, bytes("00"))),
    extension(13, counted(2, bytes(TLS_SIGNATURES))),
    extension(43, counted(1, bytes(TLS_VERSIONS))),
    // No key share yet: a server of 1.3 asks for one, and that is its answer.
    extension(51, counted(2, Buffer.alloc(0))),
  ]);
  const hello = Buffer.concat([
    bytes("0303"),
    Buffer.from(TLS_RANDOM),
    counted(1, Buffer.alloc(0)),
    counted(2, bytes(TLS_CIPHERS)),
    counted(1, bytes("00")),
    counted(2, extensions),
  ]);
  const handshake = Buffer.concat([bytes("01"), counted(3, hello)]);
  return Buffer.concat([bytes("160301"), counted(2, handshake)]);
}

const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");

/** `content` behind its own length, written in so many bytes. */
function counted(lengthBytes: number, content: Buffer): Buffer {
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(content.length, 0, lengthBytes);
  return Buffer.concat([length, content]);
}

function extension(type: number, content: Buffer): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(type);
  return Buffer.concat([head, counted(2, content)]);
}
